"""Poses follow from the scene alone, and meet where one state of the ball goes over into the next."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiment.scenes import PARTICIPANT, BallLook, Court, CourtPlayer, Flying, Held
from experiment.stage.places import Floor, floor
from experiment.stage.poses import GRIP, Pose, Poses, poses

LOOK = BallLook("#e0563f", 1.0)
STEP_S = 1e-4


def numbers(others: int) -> tuple[int, ...]:
    """Return the players' numbers, the participant among them."""
    return (1, PARTICIPANT, *range(3, others + 2))


PLACED = (0.1, -1.0), (-0.8, 1.0), (0.0, 0.4), (0.9, -0.2)
"""Places of the participant's figure and of three co-players."""


def placed_at(ball: Held | Flying, time_s: float) -> Poses:
    """Return everybody's pose where all are figures at places of their own."""
    scene = court(ball, time_s)
    spots = tuple(zip((PARTICIPANT, 1, 3, 4), PLACED, strict=True))
    return poses(scene, floor(numbers(3), 1280, 720, spots))


def court(ball: Held | Flying, time_s: float, others: int = 3) -> Court:
    """Return a scene with this ball."""
    return Court(tuple(CourtPlayer(n, str(n), "#336699") for n in numbers(others)), ball, LOOK, time_s)


def at(ball: Held | Flying, time_s: float, others: int = 3) -> Poses:
    """Return everybody's pose on a small screen."""
    return poses(court(ball, time_s, others), floor(numbers(others), 1280, 720))


def ground(others: int = 3) -> Floor:
    """Return the floor that `at` uses."""
    return floor(numbers(others), 1280, 720)


def figures(pose: Pose) -> list[float]:
    """Return a pose as a list of numbers."""
    return [
        *pose.left,
        *pose.right,
        pose.open_left,
        pose.open_right,
        *pose.look,
        pose.lean,
        pose.breath,
        pose.blink,
    ]


def close(one: Poses, other: Poses) -> None:
    """Assert that nothing jumps between two instants."""
    assert math.dist(one.ball.place, other.ball.place) < 2.0
    assert one.ball.radius == pytest.approx(other.ball.radius, abs=0.3)
    assert math.dist(one.ball.ground, other.ball.ground) < 2.0
    for number, pose in one.players.items():
        assert figures(pose) == pytest.approx(figures(other.players[number]), abs=0.25), number
    assert math.dist(one.own.middle, other.own.middle) < 2.0
    assert (one.own.apart, one.own.grip) == pytest.approx((other.own.apart, other.own.grip), abs=0.4)


pairs = st.sampled_from([(a, b) for a in numbers(3) for b in numbers(3) if a != b])


@given(pair=pairs, begin=st.floats(0, 50), pause=st.floats(0.8, 4), duration=st.floats(0.35, 1.5))
def test_nothing_jumps_when_the_ball_is_let_go(
    pair: tuple[int, int], begin: float, pause: float, duration: float
) -> None:
    """The flight begins where the hands have brought the ball, everyone else as they stood."""
    thrower, receiver = pair
    came = next(n for n in numbers(3) if n != thrower)
    release = begin + pause
    planned = thrower != PARTICIPANT
    held = Held(thrower, begin, release if planned else None, receiver if planned else None, came_from=came)
    close(at(held, release - STEP_S), at(Flying(thrower, receiver, release, duration), release))


@given(pair=pairs, start=st.floats(0, 50), duration=st.floats(0.35, 1.5), pause=st.floats(0.4, 3))
def test_nothing_jumps_when_the_ball_is_caught(
    pair: tuple[int, int], start: float, duration: float, pause: float
) -> None:
    """The flight ends in the receiver's hands, everyone else as they stood."""
    thrower, receiver = pair
    caught = start + duration
    other = next(n for n in numbers(3) if n != receiver)
    planned = receiver != PARTICIPANT
    held = Held(
        receiver, caught, caught + pause if planned else None, other if planned else None, came_from=thrower
    )
    close(at(Flying(thrower, receiver, start, duration), caught - STEP_S), at(held, caught))


@given(time_s=st.floats(0, 100), pair=pairs)
def test_the_same_scene_has_the_same_poses(time_s: float, pair: tuple[int, int]) -> None:
    """There is no state: a scene drawn again looks the same."""
    ball = Flying(*pair, start=time_s - 0.3, duration=0.8)
    assert at(ball, time_s) == at(ball, time_s)


@given(pair=pairs, begin=st.floats(0, 20), duration=st.floats(0.4, 1.2))
def test_movement_is_smooth_within_a_throw(pair: tuple[int, int], begin: float, duration: float) -> None:
    """From frame to frame at 60 Hz no hand moves further than a fast hand can."""
    thrower, receiver = pair
    release = begin + 1.5
    planned = thrower != PARTICIPANT
    other = next(n for n in numbers(3) if n != thrower)
    held = Held(thrower, begin, release if planned else None, receiver if planned else None, came_from=other)
    frames = [at(held, begin + i / 60) for i in range(90)]
    frames += [
        at(Flying(thrower, receiver, release, duration), release + i / 60) for i in range(int(duration * 60))
    ]
    for one, two in pairwise(frames):
        for number, pose in one.players.items():
            assert math.dist(pose.left, two.players[number].left) < 9
            assert math.dist(pose.right, two.players[number].right) < 9


def test_the_holder_has_both_hands_at_the_ball() -> None:
    """Who has the ball is seen in the hands."""
    state = at(Held(3, 0.0, 5.0, 4, came_from=None), 2.0)
    x, y = state.ball.place
    seat = ground().seat(3)
    for hand, side in ((state.players[3].left, -1), (state.players[3].right, 1)):
        assert seat.at(hand) == pytest.approx((x + side * GRIP[0] * seat.unit, y + GRIP[1] * seat.unit))
    assert state.ball.holder == 3


@pytest.mark.parametrize("others", range(2, 9))
def test_everyone_looks_towards_the_ball(others: int) -> None:
    """Heads turn to the side of whoever has the ball, and down when it is the participant."""
    state = at(Held(1, 0.0, 9.0, 3), 2.0, others)
    assert all(pose.look[0] < -0.2 for number, pose in state.players.items() if number != 1)
    state = at(Held(PARTICIPANT, 0.0), 2.0, others)
    assert all(pose.look[1] > 0.9 for pose in state.players.values())


def test_the_thrower_turns_to_the_receiver_before_the_release() -> None:
    """Shortly before the throw the holder looks where it will go, not long before."""
    held = Held(1, 0.0, 3.0, 4, came_from=2)
    receiver = at(held, 2.9).players[1].look
    assert receiver[0] > 0.8
    assert receiver[1] == pytest.approx(0.0, abs=0.05)
    assert at(Held(1, 0.0, 3.0, 2, came_from=2), 2.9).players[1].look[1] == pytest.approx(1.0, abs=0.05)


def test_own_hands_open_for_the_ball_and_close_round_it() -> None:
    """Open while it comes, closed once it is there."""
    assert at(Flying(1, PARTICIPANT, 0.0, 1.0), 0.75).own.grip < 0.1
    held = at(Held(PARTICIPANT, 1.0, came_from=1), 1.3).own
    assert held.grip == pytest.approx(1.0)
    assert at(Held(PARTICIPANT, 1.0, came_from=1), 2.0).ball.place == pytest.approx(ground().hold)


def test_the_ball_grows_towards_the_participant_and_flies_an_arc() -> None:
    """Nearer is larger; half way it is above the straight line."""
    flight = Flying(1, PARTICIPANT, 0.0, 1.0)
    sizes = [at(flight, t / 10).ball.radius for t in range(11)]
    assert sizes == sorted(sizes)
    start, mid, end = (at(flight, t).ball.place for t in (0.0, 0.5, 1.0))
    assert mid[1] < (start[1] + end[1]) / 2 - 20


@given(pair=pairs, begin=st.floats(0, 50), pause=st.floats(0.8, 4), duration=st.floats(0.35, 1.5))
def test_nothing_jumps_when_figures_at_places_throw_and_catch(
    pair: tuple[int, int], begin: float, pause: float, duration: float
) -> None:
    """Near or far, the participant's figure too: before and after both ends of a flight all is the same."""
    thrower, receiver = pair
    came = next(n for n in numbers(3) if n != thrower)
    release, planned = begin + pause, thrower != PARTICIPANT
    held = Held(thrower, begin, release if planned else None, receiver if planned else None, came_from=came)
    flight = Flying(thrower, receiver, release, duration)
    close(placed_at(held, release - STEP_S), placed_at(flight, release))
    later = Held(receiver, release + duration, came_from=thrower)
    close(placed_at(flight, release + duration - STEP_S), placed_at(later, release + duration))


@given(receiver=st.sampled_from([1, 3, 4]), duration=st.floats(0.75, 1.5))
def test_the_participants_figure_winds_up_after_the_choice(receiver: int, duration: float) -> None:
    """The ball goes with the hand, then flies; no hand is faster than a hand; it arrives in time."""
    ball = Flying(PARTICIPANT, receiver, 0.0, duration)
    frames = [placed_at(ball, i / 60) for i in range(int(duration * 60))]
    held = [state for state in frames if state.ball.holder == PARTICIPANT]
    assert 0.1 < len(held) / 60 <= 0.25
    assert all(state.ball.holder is None for state in frames[len(held) :])
    for one, two in pairwise(frames):
        for number, pose in one.players.items():
            assert math.dist(pose.left, two.players[number].left) < 9
            assert math.dist(pose.right, two.players[number].right) < 9
        assert math.dist(one.ball.place, two.ball.place) < 45


def test_a_figure_that_chooses_looks_at_nobody() -> None:
    """The participant's figure gives no hint; once they have chosen, it turns to the receiver."""
    looks = {
        placed_at(Held(PARTICIPANT, 0.0, came_from=3), t).players[PARTICIPANT].look for t in (1, 2, 5, 9)
    }
    assert len(looks) == 1
    left = placed_at(Flying(PARTICIPANT, 1, 0.0, 1.0), 0.3).players[PARTICIPANT].look
    right = placed_at(Flying(PARTICIPANT, 4, 0.0, 1.0), 0.3).players[PARTICIPANT].look
    assert left[0] < -0.3 < 0.3 < right[0]
