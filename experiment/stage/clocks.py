"""The session's clock, which cannot jump, and the time of what the drivers stamp on a clock that can.

Presses are stamped by psychtoolbox, whose clock is the wall clock on Linux: setting the time moves it. Each
poll measures how far the two are apart. A press came between the poll before and this one; where the wall
clock was set meanwhile, that says which of the two distances its stamp is to be taken with.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from experiment.booth import stamped

STEP_S = 0.001
"""A distance that changes by more from poll to poll was changed by setting a clock."""

LAG_S = 0.005
"""A driver may hand a press out this much later than it was made."""

READ_S = 1e-5
"""Two clocks are read together to within this; a stamp of the wall clock is itself rounded to 0.2 µs."""

READINGS = 3


@dataclass(frozen=True, slots=True)
class StageClock:
    """`experiment.booth.Clock`: the monotonic performance counter from the stage's opening on.

    Attributes
    ----------
    zero
        What the counter said when the stage was opened (s).
    read
        The counter.
    second
        The drivers' clock (s).
    """

    zero: float
    read: Callable[[], float]
    second: Callable[[], float]

    def now(self) -> float:
        """Return the time (s) since the stage was opened."""
        return stamped(self.read() - self.zero)

    def pair(self) -> tuple[float, float]:
        """Return the time and that of the drivers' clock (s), read together."""
        now, second = read_together(self.read, self.second)
        return stamped(now - self.zero), stamped(second)


def read_together(one: Callable[[], float], other: Callable[[], float]) -> tuple[float, float]:
    """Return two clocks (s) as of one moment: the closest of a few readings."""
    tries = []
    for _ in range(READINGS):
        before, second, after = one(), other(), one()
        tries.append((after - before, (before + after) / 2, second))
    _, first, second = min(tries)
    return first, second


@dataclass(frozen=True, slots=True)
class Moment:
    """When something happened (s, session clock), and how far from it that may be (s)."""

    at: float
    uncertainty_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Poll:
    """From the poll before to this one (s, session clock), and what to add to a driver's stamp at either."""

    since: float
    until: float
    before_s: float
    after_s: float

    def place(self, stamp: float) -> Moment:
        """Return when something that came between the two polls happened, from its driver's stamp."""
        if abs(self.after_s - self.before_s) <= STEP_S:
            return Moment(stamped(stamp + self.after_s))
        fitting = [
            min(at, self.until)
            for at in (stamp + self.before_s, stamp + self.after_s)
            if self.since - LAG_S <= at <= self.until + READ_S
        ]
        earliest, latest = (min(fitting), max(fitting)) if fitting else (self.since, self.until)
        return Moment(stamped((earliest + latest) / 2), stamped((latest - earliest) / 2))


@dataclass(slots=True)
class DriverTime:
    """The polls of one driver. `now` is the session clock, `driver` the clock of its stamps (both s)."""

    now: Callable[[], float]
    driver: Callable[[], float]
    _since: float = field(init=False)
    _distance: float = field(init=False)

    def __post_init__(self) -> None:
        self._since, self._distance = self._measured()

    def _measured(self) -> tuple[float, float]:
        now, driver = read_together(self.now, self.driver)
        return now, now - driver

    def poll(self) -> Poll:
        """Return the poll that ends now; ask for it after the driver's queue was emptied."""
        until, distance = self._measured()
        poll = Poll(self._since, until, self._distance, distance)
        self._since, self._distance = until, distance
        return poll
