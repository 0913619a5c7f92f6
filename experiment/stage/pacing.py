"""When frames come: the grid where a display does not keep one, the next flip, and late frames."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from statistics import median

from experiment.booth import Frames, stamped

LATE_PERIODS = 1.5
SPIN_S = 0.0015
NAP_S = 0.002
SHORTEST_S, LONGEST_S = 1 / 400, 1 / 20
"""Between these lie the refresh periods of displays."""
JITTER = 0.08
"""Flips of a display come this evenly: 1.3 ms at 60 Hz."""
REGULAR_SHARE = 0.8
INTERVALS_MIN = 10
SOFTWARE_RENDERERS = (
    "llvmpipe", "softpipe", "swrast", "software rasterizer", "lavapipe", "swiftshader", "swr (",
    "gdi generic", "basic render", "software renderer", "virgl", "svga3d", "vmware", "parallels",
)  # fmt: skip


@dataclass(slots=True)
class Grid:
    """Deadlines one period apart; a frame that misses its slot waits for the next, as on a display."""

    period_s: float
    now: Callable[[], float]
    sleep: Callable[[float], None] = time.sleep
    _next: float = -math.inf

    def wait(self) -> None:
        """Return at the next deadline."""
        self._next += self.period_s
        now = self.now()
        if now > self._next:
            behind = now - self._next
            missed = math.floor(behind / self.period_s) + 1 if math.isfinite(behind) else 0
            self._next = self._next + missed * self.period_s if missed else now
        while (left := self._next - self.now()) > 0:
            if left > NAP_S:
                self.sleep(left - SPIN_S)


@dataclass(slots=True)
class FrameCount:
    """Frames shown, and those that came more than one and a half periods after the one before."""

    period_s: float
    shown: int = 0
    late: list[tuple[float, float]] = field(default_factory=list)
    longest_s: float = 0.0
    last: float | None = None
    _joined: bool = False

    def add(self, flip: float) -> None:
        """Count a frame seen at `flip`."""
        if self._joined and self.last is not None:
            interval = flip - self.last
            self.longest_s = max(self.longest_s, interval)
            if interval > LATE_PERIODS * self.period_s:
                self.late.append((flip, stamped(interval)))
        self.shown += 1
        self.last, self._joined = flip, True

    def part(self) -> None:
        """Say that the interval to the next frame is no interval between frames shown back to back."""
        self._joined = False

    def next_flip(self, now: float) -> float:
        """Return when a frame drawn now will be seen: on the grid of the last flip, never before `now`."""
        if self.last is None:
            return stamped(now)
        periods = max(1, math.ceil((now - self.last) / self.period_s))
        return stamped(self.last + periods * self.period_s)

    def account(self) -> Frames:
        """Return the count since the last account, and begin anew."""
        frames = Frames(self.shown, tuple(self.late), stamped(self.longest_s))
        self.shown, self.late, self.longest_s = 0, [], 0.0
        return frames


def is_virtual(renderer: str, *, can_wait: bool) -> bool:
    """Return whether pictures come from a program and no refresh can be behind a flip.

    Parameters
    ----------
    renderer
        What the graphics driver calls itself.
    can_wait
        Whether flips can be made to wait for a refresh at all.
    """
    return not can_wait or is_software(renderer)


def is_software(renderer: str) -> bool:
    """Return whether what a graphics driver calls itself is known for a program that fills the pixels."""
    return any(name in renderer.lower() for name in SOFTWARE_RENDERERS)


def display_period(flips: Sequence[float]) -> float | None:
    """Return the period (s) that a display gave to consecutive flips, or None where it did not clearly.

    A display's refresh is both plausible and regular; a busy machine that merely flips slowly is at most the
    former. Whoever doubts paces frames by the program, which is said in the record.
    """
    intervals = [later - earlier for earlier, later in pairwise(flips)]
    if len(intervals) < INTERVALS_MIN:
        return None
    period = median(intervals)
    regular = sum(abs(interval - period) <= JITTER * period for interval in intervals)
    if not SHORTEST_S <= period <= LONGEST_S or regular < REGULAR_SHARE * len(intervals):
        return None
    return period
