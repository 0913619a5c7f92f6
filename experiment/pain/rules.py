"""The rules of a threshold: which level comes next, and what the answers so far make. No clock, no screen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import fmean, median
from typing import assert_never

from experiment.definitions.pain import DECIMALS, Limits, Staircase


@dataclass(frozen=True, slots=True)
class Planned:
    """The next stimulus: its series (from 1) and its level, in the task's unit."""

    series: int
    level: float


@dataclass(frozen=True, slots=True)
class Answered:
    """A stimulus that was given, at `level`; `reached` where it was strong enough.

    A stimulus that was stopped counts as strong enough, and no later one is as strong. `planned` is the level
    that it was to have, where one that is given by hand had another; the method goes on from there.
    """

    series: int
    level: float
    reached: bool
    stopped: bool = False
    planned: float | None = None

    @property
    def aimed(self) -> float:
        """Return the level that it was to have."""
        return self.level if self.planned is None else self.planned


@dataclass(frozen=True, slots=True)
class Estimate:
    """A threshold (in the task's unit), None where the answers give none.

    `censored` is true where the highest level that was allowed came without being strong enough: the
    threshold lies above the value.
    """

    value: float | None
    censored: bool = False


def following(task: Limits | Staircase, answers: Sequence[Answered]) -> Planned | None:
    """Return the next stimulus, or None at the end.

    Both methods keep below the lowest level that was ever stopped.
    """
    match task:
        case Limits():
            return _in_series(task, answers)
        case Staircase():
            return _on_staircase(task, answers)
        case _:
            assert_never(task)


def estimate(task: Limits | Staircase, answers: Sequence[Answered]) -> Estimate:
    """Return the threshold that the answers give.

    Method of limits: the mean (or median) over the series of the first level that was strong enough; a series
    that came to its last level without is counted with that level, and the estimate is censored. Staircase:
    the mean of the levels at the last `mean_of_last` reversals; the highest level, censored, where two
    in a row were not strong enough there; the lowest where two in a row were, as a first level that is strong
    enough counts in a series (Levitt 1971, J Acoust Soc Am 49:467: one up,
    one down tends to the level that is strong enough half of the time; recalled, not verified).
    """
    match task:
        case Limits():
            return _of_series(task, answers)
        case Staircase():
            turned = reversals(answers)
            if at_the_top(answers):
                return Estimate(answers[-1].level, censored=True)
            if at_the_bottom(answers):
                return Estimate(answers[-1].level)
            if len(turned) < task.mean_of_last:
                return Estimate(None)
            return Estimate(round(fmean(turned[-task.mean_of_last :]), DECIMALS))
        case _:
            assert_never(task)


def reversals(answers: Sequence[Answered]) -> list[float]:
    """Return the levels at which the staircase turned: the answer was another than the one before."""
    pairs = pairwise(answers)
    return [later.level for earlier, later in pairs if later.reached != earlier.reached]


def at_the_top(answers: Sequence[Answered]) -> bool:
    """Return whether the last two were alike and not strong enough: the staircase may go no higher."""
    return _twice_alike(answers) and not any(a.reached for a in answers[-2:])


def at_the_bottom(answers: Sequence[Answered]) -> bool:
    """Return whether the last two were alike and strong enough: the staircase may go no lower."""
    return _twice_alike(answers) and all(a.reached for a in answers[-2:])


def _twice_alike(answers: Sequence[Answered]) -> bool:
    return len(answers) > 1 and answers[-1].aimed == answers[-2].aimed


def below_stopped(answers: Sequence[Answered], level: float) -> bool:
    """Return whether a level is lower than every one that was stopped."""
    return all(level < a.level for a in answers if a.stopped)


def _in_series(task: Limits, answers: Sequence[Answered]) -> Planned | None:
    levels = [level for level in task.levels() if below_stopped(answers, level)]
    if not levels:
        return None
    series = 1
    if answers:
        last = answers[-1]
        above = [level for level in levels if level > max(last.level, last.aimed)]
        if not last.reached and above:
            return Planned(last.series, above[0])
        series = last.series + 1
    return Planned(series, levels[0]) if series <= task.series else None


def _of_series(task: Limits, answers: Sequence[Answered]) -> Estimate:
    ends = [[a for a in answers if a.series == series][-1] for series in sorted({a.series for a in answers})]
    following_one = _in_series(task, answers)
    if following_one is not None and ends and following_one.series == ends[-1].series:
        ends = ends[:-1]  # broken off in the middle: it has no end
    if not ends:
        return Estimate(None)
    levels = [end.level for end in ends]
    value = fmean(levels) if task.estimate == "mean" else median(levels)
    return Estimate(round(value, DECIMALS), censored=not all(end.reached for end in ends))


def _on_staircase(task: Staircase, answers: Sequence[Answered]) -> Planned | None:
    if not answers:
        return Planned(1, task.start)
    turned = len(reversals(answers))
    if turned >= task.reversals or len(answers) >= task.most:
        return None
    if at_the_top(answers) or at_the_bottom(answers):
        return None
    last = answers[-1]
    step = task.steps[min(turned, len(task.steps) - 1)]
    level = last.level - step if last.reached else last.level + step
    level = round(min(max(level, task.lowest), task.highest), DECIMALS)
    if not below_stopped(answers, level):
        level = last.level  # not above what was stopped: once more where it is
    return Planned(1, level) if below_stopped(answers, level) else None
