"""A protocol file: a session, step by step, and the design that allocates people to cells."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from experiment.definitions.design import BELIEF, Cell, Design
from experiment.definitions.reading import Definition, Line, Name
from experiment.definitions.steps import (
    CONDITION,
    Ask,
    Debriefing,
    EachCondition,
    FlatStep,
    ForSome,
    Play,
    ShowPage,
    Step,
    at_level,
)
from experiment.definitions.wording import LANGUAGE, STUDY, instead

ENDING_PAGE = "ending"
"""The page that is shown before the game with which a session ends, where a protocol has such an ending."""

InterruptedGame = Literal["repeat", "skip", "end"]
"""What becomes of a game that was broken off, once its session is resumed."""


class Alert(Definition):
    """An answer at or over a bound opens the experimenter's pause."""

    measure: Name
    item: Name
    at_least: Annotated[float, Field(ge=-1_000_000, le=1_000_000)]


@dataclass(frozen=True, slots=True)
class PlannedStep:
    """A step in its place in the session. `id` is stable; `condition` is set once the cell matters."""

    id: str
    step: FlatStep
    condition: str | None


class Protocol(Definition):
    """A session: design, alerts and steps.

    `interrupted_game` says what becomes of a game that was broken off: it is played again, its step counts as
    done, or the session goes to its debriefing.
    """

    title: Line
    study: Annotated[str, Field(pattern=STUDY)]
    contact: Line
    language: Annotated[str, Field(pattern=LANGUAGE)] = "en"
    note: Line | None = None
    belief: Literal["human", "computer", "scripted"] = "human"
    ending: Name | None = None
    interrupted_game: InterruptedGame = "repeat"
    design: Design
    alerts: tuple[Alert, ...] = ()
    steps: Annotated[tuple[Step, ...], Field(min_length=1, max_length=200)]

    @model_validator(mode="after")
    def _order_of_steps(self) -> Self:
        kinds = [step.kind for step in self.steps]
        for once in ("consent", "debriefing", "permission"):
            if kinds.count(once) != 1:
                raise ValueError(f"steps: exactly one '{once}' is needed, found {kinds.count(once)}")
        if kinds[0] != "consent":
            raise ValueError(f"steps[1].kind = '{kinds[0]}': consent comes before anything")
        debriefing, permission = kinds.index("debriefing"), kinds.index("permission")
        if permission < debriefing:
            raise ValueError(
                f"steps[{permission + 1}].kind = 'permission': "
                f"is asked after the debriefing (steps[{debriefing + 1}])"
            )
        rounds = kinds.count("each_condition")
        if self.design.within is not None and rounds != 1:
            raise ValueError(
                f"steps: a within design needs exactly one 'each_condition' step, found {rounds}"
            )
        if self.design.between is not None and rounds:
            number = kinds.index("each_condition") + 1
            raise ValueError(f"steps[{number}].kind = 'each_condition': belongs to a within design")
        self._check_condition_is_played()
        if self.first_that_differs() > debriefing:
            raise ValueError(
                f"steps[{debriefing + 1}].kind = 'debriefing': comes after the condition's game, never before"
            )
        self._check_levels()
        return self

    def _check_condition_is_played(self) -> None:
        plays = [where for where, step in self.placed_steps() if isinstance(step, Play) and step.game is None]
        if len(plays) != 1:
            found = " and ".join(plays) or "none"
            way_out = "; give the others a game that everybody plays" if plays else ""
            raise ValueError(
                f"steps: exactly one 'game' without a game key plays the condition, found {found}{way_out}"
            )
        if self.design.within is not None and ".steps" not in plays[0]:
            raise ValueError(f"{plays[0]}: a 'game' without a game key belongs inside 'each_condition'")

    def _check_levels(self) -> None:
        """Refuse a `by` that is no factor, and a belief that is said twice."""
        factors = [factor.name for factor in self.design.factors]
        for where, step in self.placed_steps():
            self._check_only(where, step)
            by = getattr(step, "by", None)
            if by is None:
                continue
            allowed = list(factors)
            if self.design.between is not None or ".steps" in where:
                allowed.append(CONDITION)
            if by not in allowed:
                if by == CONDITION:
                    raise ValueError(
                        f"{where}.by = 'condition': where each person plays every game, only steps inside "
                        "'each_condition' can differ by it"
                    )
                hint = instead(by, allowed) if allowed else "the design has none"
                raise ValueError(f"{where}.by = '{by}' is no factor of the design; {hint}")
        if BELIEF in factors and self.belief != "human":
            raise ValueError(
                f'belief = "{self.belief}" is said twice, since belief is a factor of the design; '
                "take this one away"
            )

    def _check_only(self, where: str, step: FlatStep) -> None:
        """Refuse a step for people whom the design does not have."""
        for name, level in (getattr(step, "only", None) or {}).items():
            factor = next((f for f in self.design.factors if f.name == name), None)
            if factor is None:
                names = [f.name for f in self.design.factors]
                hint = instead(name, names) if names else "the design has none"
                raise ValueError(f"{where}.only names '{name}', no factor of the design; {hint}")
            if level not in factor.levels:
                hint = instead(level, list(factor.levels))
                raise ValueError(f"{where}.only.{name} = '{level}' is no level of that factor; {hint}")

    def planned(self, cell: Cell) -> Iterator[PlannedStep]:
        """Yield the steps of a session in `cell`, in order, each with an id that no other has.

        Steps before the first that differs between cells are the same for every cell.
        """
        for number, step in enumerate(self.steps, start=1):
            if isinstance(step, EachCondition):
                for round_number, condition in enumerate(cell.conditions, start=1):
                    for inner_number, inner in enumerate(step.steps, start=1):
                        if isinstance(inner, ForSome) and not inner.is_for(cell):
                            continue
                        step_id = f"{number:02d}.{round_number}.{inner_number:02d}-{inner.kind}"
                        yield PlannedStep(step_id, at_level(inner, cell, condition), condition)
            else:
                if isinstance(step, Debriefing):
                    yield from self.ending_steps()
                if isinstance(step, ForSome) and not step.is_for(cell):
                    continue
                own = isinstance(step, Play) and step.game is None
                condition = cell.conditions[0]
                placed = at_level(step, cell, condition)
                yield PlannedStep(f"{number:02d}-{step.kind}", placed, condition if own else None)

    def ending_steps(self) -> tuple[PlannedStep, ...]:
        """Return the game with which a session ends before the debriefing, and its page; often none."""
        if self.ending is None:
            return ()
        page, game = ShowPage(kind="page", page=ENDING_PAGE), Play(kind="game", game=self.ending)
        return PlannedStep("ending-page", page, None), PlannedStep("ending-game", game, None)

    def placed_steps(self, rounds: int = 1) -> Iterator[tuple[str, FlatStep]]:
        """Yield every step and its place in the file; those inside `each_condition` `rounds` times over."""
        for number, step in enumerate(self.steps, start=1):
            if isinstance(step, EachCondition):
                for _ in range(rounds):
                    for inner_number, inner in enumerate(step.steps, start=1):
                        yield f"steps[{number}].steps[{inner_number}]", inner
            else:
                if isinstance(step, Debriefing):
                    for planned in self.ending_steps():
                        yield "ending", planned.step
                yield f"steps[{number}]", step

    def levels(self, by: str) -> tuple[str, ...]:
        """Return the levels of a factor, or the conditions."""
        if by == CONDITION:
            return self.design.conditions
        return next(factor.levels for factor in self.design.factors if factor.name == by)

    def belief_of(self, cell: Cell | None) -> str | None:
        """Return what the people of a cell believe of the co-players; None where no cell was drawn yet."""
        if not any(factor.name == BELIEF for factor in self.design.factors):
            return self.belief
        return None if cell is None else cell.level(BELIEF)

    def first_that_differs(self) -> int:
        """Return the index in `steps` of the first step that depends on the cell."""
        for index, step in enumerate(self.steps):
            if isinstance(step, EachCondition) or (isinstance(step, Play) and step.game is None):
                return index
            if getattr(step, "by", None) is not None or getattr(step, "only", None) is not None:
                return index
        raise ValueError("no step depends on the cell")

    def measures(self) -> Iterator[Ask]:
        """Yield every step that asks a measure of its own, those inside `each_condition` once."""
        for step in self.steps:
            for inner in step.steps if isinstance(step, EachCondition) else (step,):
                if isinstance(inner, Ask):
                    yield inner
