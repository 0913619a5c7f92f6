"""Whether pain tasks fit their protocol: who may be given them, what is rated, where in a game they fall."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from experiment.definitions.errors import DefinitionError
from experiment.definitions.game import Game
from experiment.definitions.measure import Choice, Measure, Text
from experiment.definitions.pain import Limits, Pain, Probe, Staircase
from experiment.definitions.places import places
from experiment.definitions.protocol import Protocol
from experiment.definitions.steps import Ask, FlatStep, PainTest, Play, Within
from experiment.definitions.wording import instead

NOT_ELIGIBLE = "not_eligible"
"""The page for somebody who may not be given any pain."""

WITHIN_ROLES = ("pain", "hurt", "distress_rating", "control_rating", "mood", "other")
"""What may be asked while a game goes on: nothing that names what is done in it."""


@dataclass(frozen=True, slots=True)
class PainFit:
    """What has to fit; `file` is the protocol's, which is named where it does not."""

    protocol: Protocol
    pain: dict[str, Pain]
    games: dict[str, Game]
    measures: dict[str, Measure]
    file: Path

    def check(self) -> None:
        """Refuse a pain task that is not fit for its place.

        Raises
        ------
        DefinitionError
            For the first thing that does not fit.
        """
        for name in self.pain:
            self._check_ratings(name)
        before: list[FlatStep] = []
        for where, step in self.protocol.placed_steps():
            if isinstance(step, PainTest):
                self._check_test(where, step, before)
            elif isinstance(step, Play):
                self._check_game(where, step, before)
            if isinstance(step, PainTest) or (isinstance(step, Play) and step.probe is not None):
                self._check_asked_before(where, before)
            before.append(step)

    def _refuse(self, problem: str) -> DefinitionError:
        return DefinitionError(self.file, problem)

    def _check_kind(self, where: str, name: str, *, probe: bool) -> None:
        kind = self.pain[name].task.kind
        if (kind == "probe") != probe:
            way = "a 'pain' step" if probe else "the key probe of a 'game' step"
            raise self._refuse(f'{where} = "{name}": a task of kind = "{kind}" is given by {way}')

    def _check_test(self, where: str, step: PainTest, before: list[FlatStep]) -> None:
        self._check_kind(f"{where}.task", step.task, probe=False)
        earlier = [(s.task, s.stage) for s in before if isinstance(s, PainTest)]
        if (step.task, step.stage) in earlier:
            raise self._refuse(
                f"{where} gives '{step.task}' at stage '{step.stage}' again; give it another stage"
            )

    def _check_asked_before(self, where: str, before: list[FlatStep]) -> None:
        """Before any pain: whether somebody may be given it, and where it is given."""
        asks = [step for step in before if isinstance(step, Ask) and step.only is None]
        asked = {self.measures[step.measure].role for step in asks}
        needed = {
            "eligibility": "whether the participant may be given it (pain_eligibility)",
            "operator": "hand and site (pain_site)",
        }
        for role, what in needed.items():
            if role not in asked:
                raise self._refuse(
                    f"{where} gives pain, but no measure with role '{role}' comes before it: {what}"
                )

    def _check_ratings(self, name: str) -> None:
        """Refuse ratings that are no single number, and a target that they do not reach."""
        plan = self.pain[name].task
        for rating in self.pain[name].ratings():
            measure = self.measures[rating]
            item = measure.items[0]
            if len(measure.items) != 1 or isinstance(measure.scale_of(item), Choice | Text):
                raise self._refuse(
                    f"pain/{name}.toml: rating '{rating}' must have one item that is answered with a number"
                )
            low, high = measure.bounds(item)
            target = plan.target if isinstance(plan, Limits | Staircase) else None
            if target is not None and not low < target <= high:
                raise self._refuse(
                    f"pain/{name}.toml: task.target = {target:g}: must be over {low:g} and at most {high:g} "
                    f"(the answers of {rating})"
                )

    def _check_game(self, where: str, step: Play, before: list[FlatStep]) -> None:
        played = [step.game] if step.game else list(self.protocol.design.conditions)
        if step.probe is not None:
            self._check_kind(f"{where}.probe", step.probe, probe=True)
            self._check_level(f"{where}.probe", step.probe, before)
            for name in played:
                try:
                    places(self.pain[step.probe], self.games[name])
                except ValueError as error:
                    raise self._refuse(
                        f'{where}.probe = "{step.probe}" does not fit into {name}: {error}'
                    ) from error
        for i, within in enumerate(step.ratings, start=1):
            self._check_within(f"{where}.ratings[{i}]", within, played)

    def _check_within(self, where: str, within: Within, played: list[str]) -> None:
        """Refuse a rating during a game that would tell what the game does, or that would never come."""
        role = self.measures[within.measure].role
        if role not in WITHIN_ROLES:
            raise self._refuse(
                f"{where}.measure = '{within.measure}' has role '{role}'; within a game only "
                f"{', '.join(WITHIN_ROLES)} may be asked"
            )
        for name in played:
            throws = self.games[name].exact_throws()
            if throws is None or within.after_throws[-1] >= throws:
                most = "not known beforehand" if throws is None else f"{throws}; at most {throws - 1}"
                raise self._refuse(
                    f"{where}.after_throws names throw {within.after_throws[-1]}: the throws of {name} are "
                    f"{most}"
                )

    def _check_level(self, where: str, name: str, before: list[FlatStep]) -> None:
        """Refuse a level that follows from a threshold nobody has been tested for."""
        task = self.pain[name]
        level_of = task.task.level_of if isinstance(task.task, Probe) else None
        if level_of is None:
            return
        tested = [step.task for step in before if isinstance(step, PainTest) and step.only is None]
        problem = ""
        if level_of not in tested:
            problem = f"is no pain task before it; {instead(level_of, tested) if tested else 'there is none'}"
        elif not isinstance(self.pain[level_of].task, Limits | Staircase):
            problem = "has no threshold in levels"
        elif (self.pain[level_of].modality, self.pain[level_of].unit) != (task.modality, task.unit):
            problem = "is of another modality or unit"
        if problem:
            raise self._refuse(f"{where} = \"{name}\": its task.level_of = '{level_of}' {problem}")


def asked_within(protocol: Protocol, pain: dict[str, Pain]) -> Iterator[tuple[str, Ask]]:
    """Yield what is asked within pain tasks and games as the steps it would be, and where it stands."""
    for where, step in protocol.placed_steps():
        if isinstance(step, PainTest):
            for rating in pain[step.task].ratings():
                yield f"{where}.task", Ask(kind="measure", measure=rating, stage=step.stage)
        elif isinstance(step, Play):
            for i, within in enumerate(step.ratings, start=1):
                for number, _ in enumerate(within.after_throws, start=1):
                    yield (
                        f"{where}.ratings[{i}]",
                        Ask(kind="measure", measure=within.measure, stage=f"during_{number}"),
                    )
            if step.probe is not None:
                for number in range(1, pain[step.probe].most_stimuli() + 1):
                    for rating in pain[step.probe].ratings():
                        yield f"{where}.probe", Ask(kind="measure", measure=rating, stage=f"probe_{number}")
