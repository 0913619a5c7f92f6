"""The pain side of a session: its tasks one after the other, what comes into its games, and every stop."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import assert_never

from experiment import definitions
from experiment.definitions.measure import Likert, Measure, Number
from experiment.definitions.mentions import LEVEL
from experiment.definitions.pain import ColdPressor, Limits, Pain, Probe, Staircase
from experiment.definitions.places import places
from experiment.definitions.steps import PainTest, Play
from experiment.limits import Limited
from experiment.paging import Pages
from experiment.pain.giving import Ask, Giving, typed_level
from experiment.pain.immersion import Immersion, Rated
from experiment.pain.interludes import Interludes
from experiment.pain.probing import Probing
from experiment.pain.rules import Estimate
from experiment.pain.threshold import find_threshold
from experiment.past import Past
from experiment.questionnaire import Asking
from experiment.recording import RunOf
from experiment.run import Ended
from experiment.scenes import LikertScale, Value

Form = Callable[[Asking, Measure], Mapping[str, Value | None]]

TAKE_AWAY = ("take it away", "the hand comes out")
"""What whoever gives a stimulus by hand is told when it is stopped: any, or cold water."""


def eligible(measure: Measure, answers: Mapping[str, Value | None]) -> bool:
    """Return whether every answer is the one with which somebody may be given pain."""
    return all(item.expect is None or answers.get(item.id) == item.expect for item in measure.items)


@dataclass(slots=True)
class PainSide:
    """All that a session does about pain; `form` asks a measure and returns its answers."""

    pages: Pages
    resolved: definitions.Resolved
    limited: Limited | None
    form: Form
    tell: Callable[[str], None]
    past: Past
    _attempts: dict[tuple[str, str], int] = field(init=False)
    _thresholds: dict[str, float | None] = field(init=False)
    _stopped: dict[str, float] = field(init=False)

    def __post_init__(self) -> None:
        """Take up what a resumed session has behind it."""
        self._attempts = dict(self.past.pain_attempts)
        self._thresholds = dict(self.past.thresholds)
        self._stopped = dict(self.past.stopped_levels)

    def halt(self, at: float) -> None:
        """Stop what is on, whoever asks for it, before anything else is done about that.

        What was asked for in the frame with which a stimulus began ends it as it begins.
        """
        if self.limited is None:
            return
        since = self.limited.since
        was = self.limited.stop(at if since is None else max(at, since))
        if was is None:
            return
        self._keep_below(was.modality, was.level)
        if not self.limited.is_driven(was.modality):
            self.tell(f"STOPPED: {TAKE_AWAY[was.modality == 'cold']} NOW\a")

    def _keep_below(self, modality: str, level: float) -> None:
        self._stopped[modality] = min(level, self._stopped.get(modality, math.inf))

    def abandon(self) -> None:
        """Stop what may be on, where the session has failed and nobody knows what was."""
        if self.limited is not None:
            self.limited.stop(math.nan)

    def close(self) -> None:
        """Stop what may be on and give the device back, however the session ended.

        Raises
        ------
        StimulatorFault
            Where the device could not be told to stop, or has failed and nobody was told.
        """
        if self.limited is not None:
            self.limited.close()

    def _needed(self) -> Limited:
        if self.limited is None:
            raise RuntimeError("the session has pain tasks and nothing that keeps them within the ceilings")
        return self.limited

    def test(self, step_id: str, step: PainTest, after: Ended | None) -> None:
        """Go through a pain task; one that was broken off is begun again, and both attempts are tabled."""
        task, limited = self.resolved.pain[step.task], self._needed()
        number = self._attempts[step.task, step.stage] = self._attempts.get((step.task, step.stage), 0) + 1
        of = f"pain-{step.task}-{step.stage}-{number:02d}"
        journal, clock = self.pages.journal, self.pages.booth.clock
        run, condition = (after.number, after.condition) if after else (None, None)
        journal.write(
            "pain", clock.now(), step=step_id, of=of, task=step.task, stage=step.stage, number=number,
            run=run, condition=condition, clocks=clock.pair(),
        )  # fmt: skip
        giving = Giving(self.pages, limited, task, of, self._asking(step.stage, after), self.tell)
        estimates = self._estimates(giving, step)
        self._keep_below(task.modality, giving.stopped)
        if isinstance(task.task, Limits | Staircase):
            self._thresholds[step.task] = estimates["threshold"].value
        journal.write(
            "estimate", clock.now(), of=of, task=step.task, stage=step.stage, run=run, condition=condition,
            estimates={name: {"value": e.value, "censored": e.censored} for name, e in estimates.items()},
        )  # fmt: skip

    def _estimates(self, giving: Giving, step: PainTest) -> dict[str, Estimate]:
        match giving.task.task:
            case Limits() | Staircase() as task:
                return {"threshold": find_threshold(giving, task)}
            case ColdPressor() as task:
                return Immersion(giving, task, self._rated(task, step.stage)).test()
            case Probe():
                raise TypeError(f"pain/{step.task}.toml is given within a game")
            case _:
                assert_never(giving.task.task)

    def _rated(self, task: ColdPressor, stage: str) -> Rated | None:
        """Return what is asked in the water."""
        if task.rating is None:
            return None
        measure, words = self.resolved.measures[task.rating], self.resolved.texts.measures[task.rating]
        item = measure.items[0]
        scale = measure.scale_of(item)
        if not isinstance(scale, Likert):
            raise TypeError(f"rating '{task.rating}' of a cold pressor test has no steps")
        labels = words.items[item.id].labels or words.labels or ()
        return Rated(task.rating, stage, item.id, words, LikertScale(scale.low, scale.high, labels))

    def _asking(self, stage: str, after: Ended | None) -> Ask:
        """Return what asks a measure within a task."""

        def ask(step_id: str, name: str, bounds: tuple[float, float] | None) -> Mapping[str, Value | None]:
            measure = self.resolved.measures[name]
            if bounds is not None:
                measure = within(measure, bounds)
            return self.form(Asking(step_id, name, stage, after), measure)

        return ask

    def interludes(self, step: Play, of: RunOf) -> Interludes:
        """Return what comes into a run of the game."""
        probing = None
        if step.probe is not None:
            task = self.resolved.pain[step.probe]
            plan = places(task, self.resolved.games[of.game])
            level = self._level(task)
            if task.given == "hand":
                level = self._typed(task, level, of, len(plan))
            probing = Probing(task, level, plan, self._needed(), self.tell)
        after = Ended(of.number, of.condition, None)

        def ask(measure: str, stage: str) -> None:
            self.form(Asking(f"{of.id}/{stage}", measure, stage, after), self.resolved.measures[measure])

        return Interludes(self.pages.booth, self.pages.journal, of.id, probing, step.ratings, ask)

    def _typed(self, task: Pain, level: float, of: RunOf, count: int) -> float:
        """Let the experimenter set the device before the run, and type the level as it is."""
        self.tell(
            f"{count} stimuli in the game, each given when it is told here: set the device to {level:g} "
            f"{task.unit}, type the level as it is, return"
        )
        measure = within(self.resolved.measures[LEVEL], self._needed().bounds(task.modality))
        answers = self.form(Asking(f"{of.id}/level", LEVEL, "game", None), measure)
        return typed_level(answers)

    def _level(self, pain: Pain) -> float:
        """Return the level of the stimuli of a game as its file says, none above what was stopped."""
        task = pain.task
        if not isinstance(task, Probe):
            raise TypeError(f"task.kind = {task.kind!r} is no probe")
        threshold = self._thresholds.get(task.level_of or "")
        if task.level is not None:
            level = task.level
        elif threshold is None:
            level = task.without or 0.0
        else:
            level = min(threshold + (task.offset or 0.0), task.highest or math.inf)
        level = min(level, self._stopped.get(pain.modality, math.inf))
        return max(self._needed().tellable(pain.modality, level), 0.0)


def within(measure: Measure, bounds: tuple[float, float]) -> Measure:
    """Return a measure whose answers may be no lower and no higher than `bounds`."""
    items = []
    for item in measure.items:
        scale = measure.scale_of(item)
        if isinstance(scale, Number):
            low, high = max(scale.low, bounds[0]), min(scale.high, bounds[1])
            scale = scale.model_copy(update={"low": low, "high": high})
        items.append(item.model_copy(update={"scale": scale}))
    return measure.model_copy(update={"items": tuple(items)})
