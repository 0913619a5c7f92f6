"""The participant's own hands at the bottom of the court: where they are at one instant."""

from __future__ import annotations

import math
from dataclasses import dataclass

from experiment.scenes import PARTICIPANT, Ball, Flying, Held
from experiment.stage.easing import blend, resting, span
from experiment.stage.places import Floor, Point

CLOSE_S = 0.12
RECOIL_S = 0.28
PUSH_S = 0.11
RETURN_S = 0.5


@dataclass(frozen=True, slots=True)
class OwnHands:
    """Both hands, mirrored about `middle` (px).

    ``apart`` is half the distance of the palms (px), ``grip`` how far the fingers are closed (0-1), ``ball``
    where a ball between them would be (px), ``tilt`` how far the fingers point inwards (0-1).
    """

    middle: Point
    apart: float
    grip: float
    tilt: float
    ball: Point


@dataclass(frozen=True, slots=True)
class _Stance:
    drop: float
    apart: float
    grip: float
    tilt: float
    aside: float = 0.0


REST = _Stance(drop=74, apart=104, grip=0.25, tilt=0.25)
READY = _Stance(drop=18, apart=62, grip=0.0, tilt=0.0)
AROUND = _Stance(drop=17, apart=41, grip=0.35, tilt=0.4)
CLOSED = _Stance(drop=17, apart=40, grip=1.0, tilt=0.55)


def _between(one: _Stance, other: _Stance, share: float) -> _Stance:
    drop, apart = blend((one.drop, one.apart), (other.drop, other.apart), share)
    grip, tilt = blend((one.grip, one.tilt), (other.grip, other.tilt), share)
    return _Stance(drop, apart, grip, tilt, one.aside + (other.aside - one.aside) * share)


def _rest(time_s: float) -> _Stance:
    sway = 2.2 * math.sin(math.tau * resting(0, time_s) / 4.3)
    return _Stance(REST.drop + sway, REST.apart, REST.grip, REST.tilt)


def _throwing(ball: Flying, time_s: float, floor: Floor) -> _Stance:
    into = time_s - ball.start
    across = (floor.seat(ball.receiver).x - floor.hold[0]) / (0.3 * floor.width)
    pushed = _Stance(drop=-46, apart=50, grip=0.0, tilt=0.1, aside=22 * max(-1.0, min(1.0, across)))
    push = min(PUSH_S, 0.3 * ball.duration)
    forward = _between(CLOSED, pushed, 1 - (1 - max(0.0, min(1.0, into / push))) ** 2)
    return _between(forward, _rest(time_s), span(into, push, min(ball.duration, RETURN_S)))


def _stance(ball: Ball, time_s: float, floor: Floor) -> _Stance:
    match ball:
        case Held(player=player, since=since) if player == PARTICIPANT:
            start = AROUND if ball.came_from is not None else CLOSED
            return _between(start, CLOSED, span(time_s - since, 0.0, CLOSE_S))
        case Flying(thrower=thrower) if thrower == PARTICIPANT:
            return _throwing(ball, time_s, floor)
        case Flying(receiver=receiver) if receiver == PARTICIPANT:
            into = (time_s - ball.start) / ball.duration
            open_ = _between(_rest(time_s), READY, span(into, 0.05, min(0.6, 0.05 + 0.4 / ball.duration)))
            return _between(open_, AROUND, span(into, 0.84, 1.0))
        case _:
            return _rest(time_s)


def _recoil(ball: Ball, time_s: float) -> float:
    """Return how far (at scale 1) a ball just caught pushes the hands down."""
    if not isinstance(ball, Held) or ball.player != PARTICIPANT or ball.came_from is None:
        return 0.0
    into = (time_s - ball.since) / RECOIL_S
    return 9 * math.sin(math.pi * into) * (1 - into) if 0 < into < 1 else 0.0


def own_hands(ball: Ball, time_s: float, floor: Floor) -> OwnHands:
    """Return how the participant's hands are, for the state of the ball at `time_s`."""
    stance, scale = _stance(ball, time_s, floor), floor.scale
    recoil = _recoil(ball, time_s) * scale
    x, y = floor.hold
    return OwnHands(
        middle=(x + stance.aside * scale, y + stance.drop * scale + recoil),
        apart=stance.apart * scale,
        grip=stance.grip,
        tilt=stance.tilt,
        ball=(x, y + recoil),
    )
