"""Frames on a grid, the next flip, and what counts as late."""

from __future__ import annotations

from itertools import accumulate

import pytest

from experiment.stage.pacing import FrameCount, Grid, display_period, is_virtual

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
    frames = count.account()
    assert frames.shown == 5
    assert [interval for _, interval in frames.late] == pytest.approx([2.6 * PERIOD], abs=2e-6)
    assert frames.longest_s == pytest.approx(2.6 * PERIOD, abs=2e-6)


@pytest.mark.parametrize(("now", "expected"), [(0.0, 1.0), (0.4, 1.0), (0.99, 1.0), (1.01, 2.0), (7.5, 8.0)])
def test_the_next_flip_is_on_the_grid_and_never_past(now: float, expected: float) -> None:
    """Counted in periods since the last flip."""
    count = FrameCount(PERIOD)
    count.add(10.0)
    assert count.next_flip(10.0 + now * PERIOD) == pytest.approx(10.0 + expected * PERIOD)


def flips(*intervals: float) -> list[float]:
    """Return the moments of flips that are these intervals apart."""
    return list(accumulate(intervals, initial=3.0))


@pytest.mark.parametrize("hz", [24, 50, 59.94, 60, 75, 144, 240, 360])
def test_a_display_is_known_by_its_regular_flips(hz: float) -> None:
    """Small jitter and a few lost frames do not hide the refresh."""
    jittered = [(1 + 0.02 * (-1) ** i) / hz for i in range(36)]
    assert display_period(flips(*jittered, 2 / hz, 2 / hz, 3 / hz)) == pytest.approx(1 / hz, rel=0.03)


@pytest.mark.parametrize(
    "intervals",
    [
        [0.001] * 40,
        [0.08] * 40,
        [0.0034, 0.0021, 0.0052, 0.0033, 0.0041, 0.0029, 0.0034, 0.0061] * 5,
        [1 / 60] * 28 + [0.005, 0.03] * 6,
        [1 / 60] * 5,
        [],
    ],
    ids=["does not wait", "too slow", "slow but irregular", "too often irregular", "too few", "none"],
)
def test_what_is_not_clearly_a_display_is_none(intervals: list[float]) -> None:
    """A busy machine that flips slowly never passes as a display."""
    assert display_period(flips(*intervals)) is None


@pytest.mark.parametrize(
    ("renderer", "can_wait", "virtual"),
    [
        ("llvmpipe (LLVM 15.0.6, 256 bits)", True, True),
        ("Gallium 0.4 on softpipe", True, True),
        ("GDI Generic", True, True),
        ("Apple Software Renderer", True, True),
        ("SVGA3D; build: RELEASE;  LLVM;", True, True),
        ("NVIDIA GeForce RTX 3060/PCIe/SSE2", False, True),
        ("NVIDIA GeForce RTX 3060/PCIe/SSE2", True, False),
        ("Mesa Intel(R) UHD Graphics 620 (KBL GT2)", True, False),
        ("AMD Radeon RX 6600 (navi23, LLVM 15.0.7, DRM 3.49)", True, False),
        ("Apple M1", True, False),
    ],
)
def test_no_refresh_is_sought_behind_a_picture_made_by_a_program(
    renderer: str, can_wait: bool, virtual: bool
) -> None:
    """However regular its flips: a software renderer, or a server that cannot wait, is no display."""
    assert is_virtual(renderer, can_wait=can_wait) is virtual
