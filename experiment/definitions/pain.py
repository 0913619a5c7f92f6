"""A pain file: a threshold, a cold pressor test, or stimuli during a game.

What is planned stands here. What may be given at all does not: the ceilings are typed in by the laboratory
(`experiment.definitions.laboratory`), and a plan that goes above them is refused.
"""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from experiment.definitions.measure import Item, Measure, Number, Score
from experiment.definitions.reading import Definition, Line, Name

Modality = Literal["heat", "cold", "pressure", "electrical"]
Level = Annotated[float, Field(ge=0, le=10_000)]
Step = Annotated[float, Field(gt=0, le=10_000)]
StimulusSeconds = Annotated[float, Field(gt=0, le=600)]
MOST_LEVELS = 200
DECIMALS = 3
"""Levels and times of estimates are kept to so many places."""

COLD_UNIT = "°C"


class _Answered(Definition):
    """How it is told that a stimulus was strong enough: a rating from `target` on, else a key.

    Attributes are those of the files: `rating` names a measure with one item that is answered with a number.
    Without it the participant presses the space bar, which ends the stimulus.
    """

    rating: Name | None = None
    target: Annotated[float, Field(ge=-1_000_000, le=1_000_000)] | None = None
    duration_s: StimulusSeconds

    @model_validator(mode="after")
    def _both_or_none(self) -> Self:
        if (self.rating is None) != (self.target is None):
            given, missing = ("rating", "target") if self.target is None else ("target", "rating")
            raise ValueError(f"{given} is given without {missing}; a threshold is told by both, or by a key")
        return self


class Limits(_Answered):
    """Ascending series: from `start` by `step` until a stimulus is strong enough, at most to `last`."""

    kind: Literal["limits"]
    start: Level
    step: Step
    last: Level
    series: Annotated[int, Field(ge=1, le=20)]
    estimate: Literal["mean", "median"] = "mean"

    @model_validator(mode="after")
    def _ascending(self) -> Self:
        if self.start >= self.last:
            raise ValueError(f"start = {self.start:g} is not less than last = {self.last:g}")
        if (self.last - self.start) / self.step >= MOST_LEVELS:
            raise ValueError(f"step = {self.step:g} makes more than {MOST_LEVELS} levels up to {self.last:g}")
        if len(self.levels()) < 2:
            raise ValueError(
                f"step = {self.step:g} goes from start = {self.start:g} beyond last = {self.last:g}; "
                "a series has two levels or more"
            )
        return self

    def levels(self) -> tuple[float, ...]:
        """Return the levels of a series, from the first to the last."""
        count = int((self.last - self.start) / self.step + 1e-9) + 1
        return tuple(round(self.start + i * self.step, DECIMALS) for i in range(count))

    def most_stimuli(self) -> int:
        """Return how many stimuli it takes at most."""
        return self.series * len(self.levels())

    def bounds(self) -> tuple[float, float]:
        """Return the lowest and the highest level."""
        return self.start, self.levels()[-1]


class Staircase(_Answered):
    """One up, one down: up after a stimulus that was not strong enough, down after one that was.

    The first of `steps` holds until the first reversal, the next until the second, the last from then on.
    """

    kind: Literal["staircase"]
    start: Level
    steps: Annotated[tuple[Step, ...], Field(min_length=1, max_length=10)]
    lowest: Level
    highest: Level
    reversals: Annotated[int, Field(ge=2, le=30)]
    mean_of_last: Annotated[int, Field(ge=2, le=30)]
    most: Annotated[int, Field(ge=2, le=200)]

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.lowest >= self.highest:
            raise ValueError(f"lowest = {self.lowest:g} is not less than highest = {self.highest:g}")
        if not self.lowest <= self.start <= self.highest:
            raise ValueError(
                f"start = {self.start:g} must lie from lowest = {self.lowest:g} to highest = {self.highest:g}"
            )
        if self.mean_of_last > self.reversals:
            raise ValueError(
                f"mean_of_last = {self.mean_of_last} is more than reversals = {self.reversals}, after which "
                "the staircase ends"
            )
        if self.most <= self.reversals:
            raise ValueError(
                f"most = {self.most} stimuli cannot have {self.reversals} reversals; give more than that"
            )
        return self

    def most_stimuli(self) -> int:
        """Return how many stimuli it takes at most."""
        return self.most

    def bounds(self) -> tuple[float, float]:
        """Return the lowest and the highest level."""
        return self.lowest, self.highest


class ColdPressor(Definition):
    """A hand in cold water: in, first pain, out, at most until the cap; a rating every so often."""

    kind: Literal["cold_pressor"]
    temperature: Level
    cap_s: StimulusSeconds
    rating: Name | None = None
    every_s: Annotated[float, Field(ge=5, le=600)] | None = None

    @model_validator(mode="after")
    def _both_or_none(self) -> Self:
        if (self.rating is None) != (self.every_s is None):
            given, missing = ("rating", "every_s") if self.every_s is None else ("every_s", "rating")
            raise ValueError(f"{given} is given without {missing}; a rating in the water needs both")
        if self.every_s is not None and self.every_s >= self.cap_s:
            raise ValueError(f"every_s = {self.every_s:g}: the hand is out by then (cap_s = {self.cap_s:g})")
        return self


class Probe(Definition):
    """Stimuli during a game: after given throws, or spread over its last seconds; each is rated.

    The level is given, or found from the participant's own threshold: `offset` is added to the estimate of
    the task `level_of`, and at most `highest` is given; who has no threshold is given `without`.
    """

    kind: Literal["probe"]
    duration_s: StimulusSeconds
    level: Level | None = None
    level_of: Name | None = None
    offset: Annotated[float, Field(ge=-1000, le=1000)] | None = None
    highest: Level | None = None
    without: Level | None = None
    after_throws: Annotated[tuple[Annotated[int, Field(ge=1, le=2000)], ...], Field(max_length=50)] = ()
    number: Annotated[int, Field(ge=1, le=50)] | None = None
    in_last_s: Annotated[float, Field(gt=0, le=3600)] | None = None
    ratings: Annotated[tuple[Name, ...], Field(min_length=1, max_length=6)]

    @model_validator(mode="after")
    def _one_level(self) -> Self:
        relative = (self.level_of, self.offset, self.highest, self.without)
        if (self.level is None) == (self.level_of is None):
            found = "none" if self.level is None else "both"
            raise ValueError(f"exactly one of level, level_of is needed, found {found}")
        if self.level is None and None in relative:
            raise ValueError("level_of needs offset, highest and without beside it")
        if self.level is not None and any(value is not None for value in relative):
            raise ValueError("offset, highest and without go with level_of, not with level")
        if self.highest is not None and self.without is not None and self.without > self.highest:
            raise ValueError(f"without = {self.without:g} is more than highest = {self.highest:g}")
        return self

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        if bool(self.after_throws) == (self.in_last_s is not None):
            found = "both" if self.after_throws else "none"
            raise ValueError(f"exactly one of after_throws, in_last_s is needed, found {found}")
        if (self.number is None) != (self.in_last_s is None):
            raise ValueError("number goes with in_last_s: how many stimuli are spread over that time")
        if list(self.after_throws) != sorted(set(self.after_throws)):
            raise ValueError(f"after_throws = {list(self.after_throws)} must grow from one to the next")
        twice = next((name for name in self.ratings if self.ratings.count(name) > 1), None)
        if twice is not None:
            raise ValueError(f"ratings name '{twice}' twice")
        return self

    def count(self) -> int:
        """Return how many stimuli there are."""
        return self.number or len(self.after_throws)

    def strongest(self) -> float:
        """Return the highest level that may be given."""
        return self.level if self.level is not None else self.highest or 0.0


PainTask = Annotated[Limits | Staircase | ColdPressor | Probe, Field(discriminator="kind")]


class Pain(Definition):
    """A pain task: what is given, by what, with how much rest, and how it goes on.

    `rest_s` is the least time from the end of a stimulus to the start of the next; it cannot be shortened.
    """

    title: Line
    source: Line
    note: Line | None = None
    modality: Modality
    unit: Annotated[str, Field(min_length=1, max_length=20)]
    given: Literal["device", "hand"]
    rest_s: Annotated[float, Field(ge=1, le=3600)]
    task: PainTask

    @model_validator(mode="after")
    def _cold(self) -> Self:
        cold = isinstance(self.task, ColdPressor)
        if cold != (self.modality == "cold"):
            raise ValueError(
                f'modality = "{self.modality}" with task.kind = "{self.task.kind}": cold is given by a cold '
                'pressor test (kind = "cold_pressor"), and nothing else is'
            )
        if cold and (self.given, self.unit) != ("hand", COLD_UNIT):
            raise ValueError(f'a cold pressor test needs given = "hand" and unit = "{COLD_UNIT}"')
        return self

    def most_stimuli(self) -> int:
        """Return how many stimuli it takes at most."""
        match self.task:
            case Probe():
                return self.task.count()
            case ColdPressor():
                return 1
            case Limits() | Staircase():
                return self.task.most_stimuli()

    def strongest(self) -> float:
        """Return the strongest level that it may plan: for cold the lowest temperature."""
        match self.task:
            case Probe():
                return self.task.strongest()
            case ColdPressor(temperature=temperature):
                return temperature
            case Limits() | Staircase():
                return self.task.bounds()[1]

    def told(self) -> tuple[float, ...]:
        """Return the levels of which all that it plans are made: where a device can be told them, it can all.

        A level that follows from a threshold is rounded down to what the device can be told.
        """
        match self.task:
            case Limits():
                return self.task.levels()
            case Staircase(start=start, lowest=lowest, highest=highest, steps=steps):
                return (start, lowest, highest, *steps)
            case Probe(level=level, highest=highest, without=without):
                return tuple(each for each in (level, highest, without) if each is not None)
            case ColdPressor(temperature=temperature):
                return (temperature,)

    def longest_s(self) -> float:
        """Return how long a stimulus lasts at most (s)."""
        return self.task.cap_s if isinstance(self.task, ColdPressor) else self.task.duration_s

    def ratings(self) -> tuple[str, ...]:
        """Return the measures that it asks."""
        if isinstance(self.task, Probe):
            return self.task.ratings
        return () if self.task.rating is None else (self.task.rating,)

    def measure(self) -> Measure | None:
        """Return its estimates as a measure, tabled and scored as every other is; None for probes.

        Each estimate has a second item that is 1 where the highest level or the cap was come to without it.
        """
        match self.task:
            case Probe():
                return None
            case ColdPressor(cap_s=cap):
                estimates, bounds, unit = ["threshold", "tolerance"], (0.0, cap), "s"
            case Limits() | Staircase():
                estimates, bounds, unit = ["threshold"], self.task.bounds(), self.unit
        scale = Number(kind="number", low=bounds[0], high=bounds[1], decimals=DECIMALS)
        flag = Number(kind="number", low=0, high=1)
        items: list[Item] = []
        for name in estimates:
            items.append(Item(id=name, subscale=name, scale=scale, required=False))
            items.append(Item(id=f"{name}_censored", subscale=f"{name}_censored", scale=flag, required=False))
        high = dict.fromkeys(estimates, f"less sensitive to pain ({unit})")
        high |= {f"{name}_censored": f"the {name} lies above its value" for name in estimates}
        scores = tuple(Score(name=name, mean_of_items=name, high_means=means) for name, means in high.items())
        return Measure(
            title=self.title, citation=self.source, note=self.note, role="pain_sensitivity",
            items=tuple(items), scores=scores,
        )  # fmt: skip
