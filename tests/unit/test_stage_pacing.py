"""Frames on a grid, the next flip, and what counts as late."""

from __future__ import annotations

import pytest

from experiment.stage.pacing import FrameCount, Grid, refresh_period

PERIOD = 1 / 60


class Time:
    """A clock that moves when it is slept on, and a little whenever it is read."""

    def __init__(self) -> None:
        self.now_s = 100.0

    def now(self) -> float:
        """Return the time."""
        self.now_s += 1e-5
        return self.now_s

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.now_s += seconds


def test_frames_come_one_period_apart() -> None:
    """Deadlines are absolute: nothing adds up."""
    time = Time()
    grid = Grid(PERIOD, time.now, time.sleep)
    grid.wait()
    first = time.now_s
    for _ in range(60):
        grid.wait()
    assert time.now_s - first == pytest.approx(1.0, abs=1e-3)


def test_a_missed_slot_is_lost_whole() -> None:
    """A frame that is late by a little waits for the next slot, as on a display."""
    time = Time()
    grid = Grid(PERIOD, time.now, time.sleep)
    grid.wait()
    first = time.now_s
    time.sleep(1.2 * PERIOD)
    grid.wait()
    assert time.now_s - first == pytest.approx(2 * PERIOD, abs=1e-3)


def test_late_frames_are_counted_with_the_longest() -> None:
    """More than one and a half periods is late; what was drawn out of sight between is no interval."""
    count = FrameCount(PERIOD)
    for flip in (0.0, PERIOD, 2.4 * PERIOD, 5 * PERIOD):
        count.add(flip)
    count.part()
    count.add(50.0)
    frames = count.frames()
    assert (frames.shown, frames.late) == (5, 1)
    assert frames.longest_s == pytest.approx(2.6 * PERIOD)


@pytest.mark.parametrize(("now", "expected"), [(0.0, 1.0), (0.4, 1.0), (0.99, 1.0), (1.01, 2.0), (7.5, 8.0)])
def test_the_next_flip_is_on_the_grid_and_never_past(now: float, expected: float) -> None:
    """Counted in periods since the last flip."""
    count = FrameCount(PERIOD)
    count.add(10.0)
    assert count.next_flip(10.0 + now * PERIOD) == pytest.approx(10.0 + expected * PERIOD)


def test_the_refresh_period_is_the_median() -> None:
    """One stray frame does not change it."""
    assert refresh_period([0.0, 0.01, 0.02, 0.09, 0.1, 0.11]) == pytest.approx(0.01)
