"""No clock that is set in mid-session moves a press or a frame."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from experiment.stage.clocks import LAG_S, DriverTime, Poll, StageClock
from experiment.stage.drivers import Driver, Signal

HOUR_S = 3600.0
FRAME_S = 1 / 60
ZERO = 500.0


@dataclass(slots=True)
class Machine:
    """True time, a wall clock that somebody sets, and a keyboard whose driver stamps by it."""

    true: float = ZERO
    wall_ahead: float = 1.7e9
    queue: list[Signal] = field(default_factory=list)

    def wall(self) -> float:
        """Return the wall clock."""
        return self.true + self.wall_ahead

    def counter(self) -> float:
        """Return the monotonic counter."""
        return self.true

    def strike(self, code: int) -> None:
        """Press a key and let it go."""
        self.queue += [Signal(code, True, self.wall()), Signal(code, False, self.wall() + 0.01)]

    def read(self) -> list[Signal]:
        """Return what the driver has queued."""
        told, self.queue = self.queue, []
        return told

    def clock(self) -> StageClock:
        """Return a session clock that starts now."""
        return StageClock(self.true, self.counter, self.wall)

    def driver(self) -> Driver:
        """Return the keyboard's driver."""
        return Driver([self], DriverTime(self.clock().now, self.wall), str)


@pytest.mark.parametrize("step", [HOUR_S, -HOUR_S, 0.4, -0.4])
@pytest.mark.parametrize("before", [True, False])
def test_a_wall_clock_that_is_set_moves_no_press(step: float, before: bool) -> None:
    """Presses before, in and after the frame in which it is set are stamped when they were made."""
    machine = Machine()
    driver, made, told = machine.driver(), [], []
    for frame in range(30):
        machine.true += FRAME_S / 2
        if frame == 12 and before:
            machine.wall_ahead += step
        machine.strike(frame % 3)
        made.append(machine.true - ZERO)
        if frame == 12 and not before:
            machine.wall_ahead += step
        machine.true += FRAME_S / 2
        told += driver.drain()
    assert [down.when.at for down in told] == pytest.approx(made, abs=2e-6)
    assert {down.when.uncertainty_s for down in told} == {0.0}
    assert [down.name for down in told] == [str(frame % 3) for frame in range(30)]


@pytest.mark.parametrize("step", [HOUR_S, -HOUR_S])
def test_a_wall_clock_that_is_set_moves_no_frame_and_shows_in_the_drift(step: float) -> None:
    """The session's clock goes on evenly; the second one of the pair tells what happened."""
    machine = Machine()
    clock = machine.clock()
    first = clock.pair()
    flips = []
    for frame in range(20):
        machine.true += FRAME_S
        machine.wall_ahead += step if frame == 10 else 0.0
        flips.append(clock.now())
    assert flips == pytest.approx([FRAME_S * (frame + 1) for frame in range(20)], abs=1e-6)
    last = clock.pair()
    assert (last[1] - first[1]) - (last[0] - first[0]) == pytest.approx(step, abs=1e-5)


def test_a_press_that_fits_neither_side_of_a_step_is_stamped_between_the_polls() -> None:
    """Set twice in one frame: all that is known is the frame, and the uncertainty says so."""
    poll = Poll(since=10.0, until=10.4, before_s=-100.0, after_s=-200.0)
    when = poll.place(150.0)
    assert [when.at, when.uncertainty_s] == pytest.approx([10.2, 0.2])


def test_a_step_too_small_to_tell_apart_leaves_half_of_itself_as_uncertainty() -> None:
    """Both sides fit between the polls, so the press lies between them."""
    poll = Poll(since=10.0, until=10.1, before_s=-100.0, after_s=-100.02)
    when = poll.place(110.06)
    assert [when.at, when.uncertainty_s] == pytest.approx([10.05, 0.01])


@example(since=1.1532107903422002, lasts=0.9511728727273833, part=1.0, step=0.5, after=False)
@given(
    since=st.floats(0, 1e4),
    lasts=st.floats(1e-3, 1),
    part=st.floats(0, 1),
    step=st.floats(-1e5, 1e5),
    after=st.booleans(),
)
def test_whatever_the_step_the_press_is_within_its_uncertainty(
    since: float, lasts: float, part: float, step: float, after: bool
) -> None:
    """One step between two polls, the press on either side of it."""
    true, ahead = since + part * lasts, 1e9
    poll = Poll(since, since + lasts, -ahead, -ahead - step)
    when = poll.place(true + ahead + (step if after else 0.0))
    assert abs(when.at - true) <= when.uncertainty_s + LAG_S + 1e-5


def test_a_key_held_or_repeated_is_one_press_even_when_the_clock_goes_back() -> None:
    """What is down stays down until it comes up, whatever the stamps are."""
    machine = Machine()
    driver = machine.driver()
    for _ in range(3):
        machine.true += FRAME_S
        machine.queue.append(Signal(7, True, machine.wall()))
        machine.wall_ahead -= 60.0
    assert [down.name for down in driver.drain()] == ["7"]
    assert list(driver.held()) == ["7"]
    machine.queue.append(Signal(7, False, machine.wall()))
    assert not driver.drain()
    assert not driver.held()
    machine.queue.append(Signal(7, True, machine.wall()))
    assert [down.name for down in driver.drain()] == ["7"]
