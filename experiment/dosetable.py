"""The dose of a game file as a table, and as lines for a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from experiment.playing import RESPONSE_S


@dataclass(frozen=True, slots=True)
class Spread:
    """Mean, 95 % range and extremes of a quantity over simulated runs."""

    mean: float
    low: float
    high: float
    least: float
    most: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Spread:
        """Return how values spread."""
        low, high = np.percentile(values, [2.5, 97.5])
        return cls(float(np.mean(values)), float(low), float(high), float(min(values)), float(max(values)))


@dataclass(frozen=True, slots=True)
class PhaseDose:
    """Receptions in one phase, or in the whole run.

    Attributes
    ----------
    name
        The phase.
    throws
        How many throws it has; None where time, or leaving, decides.
    exact
        The exact receptions; None where chance decides, and `receptions` then says how.
    played, receptions
        Throws and receptions over the runs; 0 in runs in which the phase did not begin.
    began
        In which share of the runs it began (0-1).
    """

    name: str
    throws: int | None
    exact: int | None
    played: Spread
    receptions: Spread
    began: float = 1.0

    @property
    def share(self) -> float:
        """Return the mean share of the phase's throws that reach the participant (0-1)."""
        return self.receptions.mean / self.played.mean if self.played.mean else 0.0


@dataclass(frozen=True, slots=True)
class HabitDose:
    """Receptions over the whole run for participants of one habit, as `render` calls it."""

    habit: str
    receptions: Spread


@dataclass(frozen=True, slots=True)
class LeavingDose:
    """A co-player who may leave: in which share of the runs (0-1), and after which throws."""

    name: str
    share: float
    throws: Spread | None


@dataclass(frozen=True, slots=True)
class DoseTable:
    """The dose of one game file.

    Attributes
    ----------
    title
        The game's title.
    phases
        Every phase, in order, for participants who answer.
    whole
        The whole run.
    habits
        One row a habit where chance decides; none where all is exact, since no habit can change that.
    leavings
        The co-players who may leave.
    alone
        In which share of the runs all co-players left before the end (0-1).
    may_leave
        Whether the participant may leave; the table is that of one who stays.
    longest_wait
        Longest run of throws between co-players in a run (throws).
    longest_wait_s
        Longest time from the participant's release, or the start, to their next catch, or the end (s).
    duration_s
        Duration of a run (s), of participants who answer.
    waits_for_ever
        Whether the game waits for a participant who never throws.
    runs
        How many runs were simulated.
    """

    title: str
    phases: tuple[PhaseDose, ...]
    whole: PhaseDose
    habits: tuple[HabitDose, ...]
    leavings: tuple[LeavingDose, ...]
    alone: float
    may_leave: bool
    longest_wait: Spread
    longest_wait_s: Spread
    duration_s: Spread
    waits_for_ever: bool
    runs: int


def render(table: DoseTable) -> list[str]:
    """Return `table` as plain lines for a terminal."""
    rows = table.phases if len(table.phases) == 1 else (*table.phases, table.whole)
    wide = max(len(phase.name) for phase in rows)
    counts = [_throws(phase) for phase in rows]
    count_wide = max(8, *(len(count) for count in counts))
    lines = [f"{table.title}: what a participant gets"]
    lines += [
        f"  {phase.name:<{wide}}  {count:>{count_wide}} throws  {_received(phase)}"
        for phase, count in zip(rows, counts, strict=True)
    ]
    if table.habits:
        lines.append("  by what the participant does with the ball, over the whole run:")
        wide = max(len(row.habit) for row in table.habits)
        lines += [f"    {row.habit:<{wide}}  {_range(row.receptions)}" for row in table.habits]
    lines += [_left(leaving) for leaving in table.leavings]
    if table.alone:
        lines.append(f"  ends early in {percent(table.alone)} of runs, since all others have left")
    return lines + _times(table)


def total_line(table: DoseTable) -> str:
    """Return the whole run in one line: throws, receptions, duration."""
    whole, lasts = table.whole, table.duration_s
    spread = whole.receptions
    received = f"{spread.mean:.1f} received (95 %: {_between(f'{spread.low:.0f}', f'{spread.high:.0f}')})"
    if whole.exact is not None:
        received = f"exactly {whole.exact} received"
    duration = _between(time(lasts.low), time(lasts.high))
    return f"{_throws(whole)} throws, {received}: {100 * whole.share:.1f} %. Lasts {duration}"


def _times(table: DoseTable) -> list[str]:
    wait, wait_s, lasts = table.longest_wait, table.longest_wait_s, table.duration_s
    lines = [
        f"  longest run of throws between co-players: {wait.mean:.0f} on average, {wait.most:.0f} at most",
        f"  longest time without the ball: {_between(time(wait_s.low), time(wait_s.high))}",
        f"  lasts {_between(time(lasts.low), time(lasts.high))}, if every own throw takes {RESPONSE_S:g} s",
    ]
    if table.waits_for_ever:
        lines.append("  waits as long as it takes for a participant who keeps the ball")
    if table.may_leave:
        lines.append("  the participant may leave; all this is for one who stays")
    return lines


def _throws(phase: PhaseDose) -> str:
    if phase.throws is not None:
        return str(phase.throws)
    return _between(f"{phase.played.low:.0f}", f"{phase.played.high:.0f}")


def _received(phase: PhaseDose) -> str:
    share = f"({100 * phase.share:.1f} %)"
    begins = "" if phase.began == 1 else f"; begins in {percent(phase.began)} of runs"
    if phase.exact is not None:
        return f"{phase.exact} received, exactly  {share}{begins}"
    return f"{_range(phase.receptions)} received  {share}{begins}"


def _range(spread: Spread) -> str:
    return f"{spread.mean:.1f} on average, 95 % between {spread.low:.0f} and {spread.high:.0f}"


def _left(leaving: LeavingDose) -> str:
    if leaving.throws is None:
        return f"  {leaving.name} never leaves in these runs"
    throws = _between(f"{leaving.throws.least:.0f}", f"{leaving.throws.most:.0f}")
    return f"  {leaving.name} leaves in {percent(leaving.share)} of runs, with throw {throws}"


def _between(low: str, high: str) -> str:
    return low if low == high else f"{low} to {high}"


def percent(share: float) -> str:
    """Return a share in per cent; only all is 100 and only none is 0."""
    if share in (0, 1):
        return f"{100 * share:.0f} %"
    return f"{min(max(100 * share, 0.1), 99.9):.1f} %"


def time(seconds: float) -> str:
    """Return a duration as it is said."""
    whole = round(seconds)
    return f"{whole} s" if whole < 60 else f"{whole // 60} min {whole % 60} s"
