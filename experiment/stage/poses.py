"""How everybody stands at one instant of the game: pure functions of the scene.

Points of a figure are in units of a hundredth of its height, from the ground between its feet, x to the
right of the screen and y down. Poses follow from `scene.ball` and `scene.time_s` alone, so the same scene
always looks the same, and they meet where one state of the ball goes over into the next: the ball leaves
from where the thrower's hand has brought it and ends where the receiver's hands are.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from experiment.scenes import PARTICIPANT, Ball, Court, Flying, Held
from experiment.stage.easing import blend, resting, span
from experiment.stage.own_hands import OwnHands, own_hands
from experiment.stage.places import Floor, Point

WIND_UP_S = 0.35
FOLLOW_S = 0.3
GATHER_S = 0.35
TURN_S = 0.3
GLANCE_S = 1.7
SHOULDER: Point = (11.7, -64.7)
GRIP: Point = (8.0, 1.2)
"""From the middle of a held ball to a hand at its side."""
BACK = -0.6
"""How far a figure turns to somebody who stands behind it; 1 is to somebody before it."""
EYES = -70.0
"""Height (units) of what one looks at in somebody else: between face and hands, where the ball will be."""
OWN_WIND_UP_S = 0.22
"""How long the participant's figure swings the ball up once they have chosen, at most: nobody knew before."""
AHEAD: Point = (0.0, 0.35)
"""Where the participant's figure looks while they choose: at nobody."""
LOOK_STEPS = 100
"""The head of somebody who only watches the ball turns in steps of a tenth of a pixel."""


@dataclass(frozen=True, slots=True)
class Pose:
    """A co-player at one instant.

    ``left`` and ``right`` are the hands on that side of the screen; ``open_left`` and ``open_right`` say how
    far their fingers are spread (0-1); ``look`` is where the head is turned, -1 to 1 across and 0 to 1 down
    towards the participant; ``lean`` shifts the shoulders (units); ``breath`` lifts the chest (units);
    ``blink`` is how far the eyes are closed (0-1).
    """

    left: Point
    right: Point
    open_left: float
    open_right: float
    look: Point
    lean: float
    breath: float
    blink: float


@dataclass(frozen=True, slots=True)
class BallPose:
    """The ball: middle, radius and middle of its shadow (px), turn (radians), height over ground (0-1)."""

    place: Point
    radius: float
    ground: Point
    turn: float
    height: float
    holder: int | None


@dataclass(frozen=True, slots=True)
class Poses:
    """Everybody and the ball."""

    players: dict[int, Pose]
    own: OwnHands
    ball: BallPose


@dataclass(frozen=True, slots=True)
class Arms:
    """Both hands and, where the player has it, the ball."""

    left: Point
    right: Point
    open_left: float
    open_right: float
    lean: float = 0.0
    ball: Point | None = None


def _round_ball(ball: Point, fingers: float = 0.0, lean: float = 0.0) -> Arms:
    """Return two hands at the sides of a ball."""
    left, right = (ball[0] - GRIP[0], ball[1] + GRIP[1]), (ball[0] + GRIP[0], ball[1] + GRIP[1])
    return Arms(left, right, fingers, fingers, lean, ball)


def _mixed(one: Arms, other: Arms, share: float) -> Arms:
    return Arms(
        blend(one.left, other.left, share),
        blend(one.right, other.right, share),
        one.open_left + (other.open_left - one.open_left) * share,
        one.open_right + (other.open_right - one.open_right) * share,
        one.lean + (other.lean - one.lean) * share,
        blend(one.ball, other.ball, share) if one.ball and other.ball else None,
    )


def direction(floor: Floor, number: int, other: int) -> Point:
    """Return where `other` is as seen by co-player `number`: -1 to 1 across, 0 to 1 towards the viewer."""
    seat, target = floor.seat(number), floor.find(other)
    if target is None:
        return max(-0.75, min(0.75, (floor.hold[0] - seat.x) / (0.42 * floor.height))), 1.0
    across = target.x - seat.x
    aside = math.copysign(min(1.0, 0.55 + 0.45 * abs(across) / (0.4 * floor.height)), across)
    if not floor.deep:
        return aside, 0.0
    depth = (target.y - seat.y) / (0.3 * floor.height)
    return aside * min(1.0, abs(across) / (0.12 * floor.height)), max(BACK, min(1.0, depth))


def gaze(floor: Floor, number: int, other: int) -> Point:
    """Return where the head of co-player `number` turns to look at `other`."""
    if floor.deep:
        target = floor.find(other)
        return _towards_place(floor, number, target.at((0.0, EYES)) if target else floor.hold)
    across, near = direction(floor, number, other)
    return across * (1 - 0.4 * near), near


def breath(number: int, time_s: float) -> float:
    """Return the lift of a player's chest; everyone breathes at a pace and phase of their own."""
    time_s = resting(number, time_s)
    return 0.55 * math.sin(math.tau * time_s / (3.6 + 0.23 * number) + 1.9 * number)


def blink(number: int, time_s: float) -> float:
    """Return how far the eyes are closed: a short blink every few seconds."""
    every = 3.9 + 0.61 * number
    into = (time_s + 1.37 * number) % every
    return max(0.0, 1 - abs(into - 0.09) / 0.09) if into < 0.18 else 0.0


def idle(number: int, time_s: float) -> Arms:
    """Return hands that hang loosely, a little ready."""
    sway = 0.5 * math.sin(math.tau * resting(number, time_s) / (5.1 + 0.37 * number) + number)
    lift = 0.6 * breath(number, time_s)
    return Arms((-15.6 + 0.4 * sway, -37.0 - lift), (15.6 + 0.4 * sway, -37.0 - lift), 0.15, 0.15, sway)


def chest(number: int, time_s: float) -> Arms:
    """Return the ball held before the chest."""
    return _round_ball((0.0, -50.0 - breath(number, time_s)))


def catch_point(towards: Point) -> Point:
    """Return where a ball coming from `towards` is caught (middle of the ball)."""
    return towards[0] * (8.5 - 2.5 * towards[1]), -59.5 + 2.5 * towards[1]


def throwing_side(towards: Point) -> float:
    """Return which arm throws: 1 for the one on the right of the screen."""
    return -1.0 if towards[0] < 0 else 1.0


def release_point(towards: Point) -> Point:
    """Return where the ball leaves a hand that throws towards `towards` (middle of the ball)."""
    side = throwing_side(towards)
    return side * SHOULDER[0] + towards[0] * (19 - 9 * towards[1]), -86.0 + 3 * towards[1]


def _one_handed(ball: Point, side: float, lean: float, free: Point) -> Arms:
    """Return one hand under a raised ball and the other free."""
    hand = (ball[0] + 1.5 * side, ball[1] + 5.2)
    if side > 0:
        return Arms(free, hand, 0.2, 0.9, lean, ball)
    return Arms(hand, free, 0.9, 0.2, lean, ball)


def winding_up(rest: Arms, towards: Point, share: float) -> Arms:
    """Return the arms at `share` (0-1) of a wind-up that begins at `rest` and ends as the ball is let go."""
    side = throwing_side(towards)
    cocked = _one_handed((side * 17.5, -91.0), side, -2.2 * side, (-side * 21.0, -49.0))
    final = _one_handed(release_point(towards), side, 3.2 * towards[0], (-side * 20.0, -45.0))
    if share < 0.62:
        raised = _mixed(rest, cocked, span(share, 0.0, 0.62))
        return _lifted(raised, 5 * side * math.sin(math.pi * share / 0.62))
    return _mixed(cocked, final, ((share - 0.62) / 0.38) ** 2)


def _lifted(arms: Arms, aside: float) -> Arms:
    """Return arms that carry the ball a little to the side, round the head."""
    if arms.ball is None:
        return arms
    move = (aside, 0.0)
    ball = (arms.ball[0] + move[0], arms.ball[1])
    if aside < 0:
        return Arms(
            (arms.left[0] + aside, arms.left[1]), arms.right, arms.open_left, arms.open_right, arms.lean, ball
        )
    return Arms(
        arms.left, (arms.right[0] + aside, arms.right[1]), arms.open_left, arms.open_right, arms.lean, ball
    )


def loose(floor: Floor, ball: Flying) -> Flying:
    """Return the part of a flight in which the ball is in nobody's hands.

    A co-player has wound up before the ball is let go. The participant's figure can do so only after the
    choice, in the first part of the flight.
    """
    if ball.thrower != PARTICIPANT or not floor.own_figure:
        return ball
    swing = min(OWN_WIND_UP_S, 0.3 * ball.duration)
    return replace(ball, start=ball.start + swing, duration=ball.duration - swing)


def throwing(floor: Floor, number: int, ball: Flying, time_s: float) -> Arms:
    """Return the arms of somebody whose throw is under way."""
    towards, free = direction(floor, number, ball.receiver), loose(floor, ball)
    if time_s < free.start:
        share = (time_s - ball.start) / (free.start - ball.start)
        return winding_up(chest(number, time_s), towards, max(0.0, share))
    return following_through(number, towards, free, time_s)


def following_through(number: int, towards: Point, ball: Flying, time_s: float) -> Arms:
    """Return the arms of a thrower while the ball is in the air."""
    side = throwing_side(towards)
    let_go = _one_handed(release_point(towards), side, 3.2 * towards[0], (-side * 20.0, -45.0))
    sweep = (side * SHOULDER[0] + towards[0] * 13, -56.0)
    end = _one_handed((sweep[0] - 1.5 * side, sweep[1] - 5.2), side, 2.0 * towards[0], (-side * 17.0, -43.0))
    into = time_s - ball.start
    swing = min(FOLLOW_S, 0.5 * ball.duration)
    forward = 1 - (1 - min(1.0, into / swing)) ** 2
    return _mixed(
        _mixed(let_go, end, forward),
        idle(number, time_s),
        span(into, 0.6 * swing, min(ball.duration, swing + 0.4)),
    )


def reaching(number: int, towards: Point, ball: Flying, time_s: float) -> Arms:
    """Return the arms of a receiver while the ball comes to them."""
    point = catch_point(towards)
    wide = Arms(
        (point[0] - 10.5, point[1] - 1.0), (point[0] + 10.5, point[1] - 1.0), 1.0, 1.0, 1.4 * towards[0]
    )
    into = (time_s - ball.start) / ball.duration
    ready = _mixed(idle(number, time_s), wide, span(into, 0.08, min(0.62, 0.08 + 0.4 / ball.duration)))
    return _mixed(ready, _round_ball(point, 0.7, 1.4 * towards[0]), span(into, 0.8, 1.0))


def holding(floor: Floor, number: int, ball: Held, time_s: float) -> Arms:
    """Return the arms of a co-player who has the ball."""
    rest = chest(number, time_s)
    if ball.came_from is not None:
        towards = direction(floor, number, ball.came_from)
        caught = _round_ball(catch_point(towards), 0.7, 1.4 * towards[0])
        rest = _mixed(caught, rest, span(time_s - ball.since, 0.0, GATHER_S))
    if ball.release is None or ball.receiver is None:
        return rest
    begin = max(ball.since, ball.release - WIND_UP_S)
    if time_s <= begin and ball.release > begin:
        return rest
    share = min(1.0, (time_s - begin) / (ball.release - begin)) if ball.release > begin else 1.0
    return winding_up(rest, direction(floor, number, ball.receiver), share)


def _glance(scene: Court, floor: Floor, number: int, ball: Held) -> Point:
    """Return whom a holder looks at: everyone in turn, then the receiver shortly before the throw."""
    time_s, gone = scene.time_s, {player.number for player in scene.players if player.left_at is not None}
    others = [seat.number for seat in floor.seats if seat.number not in {number, PARTICIPANT, *gone}]
    everyone = [PARTICIPANT, *others]
    into = max(0.0, time_s - ball.since)
    came = ball.came_from if ball.came_from is not None else everyone[number % len(everyone)]
    order = [came] + [everyone[(number + i) % len(everyone)] for i in range(len(everyone))]

    def at(step: int) -> Point:
        return gaze(floor, number, order[0] if step == 0 else order[1 + (step - 1) % len(everyone)])

    step = int(into / GLANCE_S)
    seen = blend(at(step), at(step + 1), span(into - step * GLANCE_S, GLANCE_S - TURN_S, GLANCE_S))
    if ball.release is None or ball.receiver is None:
        return seen
    begin = max(ball.since, ball.release - WIND_UP_S - TURN_S - 0.1)
    length = min(TURN_S, ball.release - begin)
    turned = span(time_s, begin, begin + length) if length > 0 else 1.0
    return blend(seen, gaze(floor, number, ball.receiver), turned)


def _towards_place(floor: Floor, number: int, place: Point) -> Point:
    """Return where a watcher's head turns to see a place on the screen."""
    seat = floor.seat(number)
    across = (place[0] - seat.x) / (0.4 * floor.height)
    if floor.deep:
        down = max(BACK, min(1.0, (place[1] - seat.at((0.0, -50.0))[1]) / (0.45 * floor.height)))
    else:
        down = max(0.0, min(1.0, (place[1] - seat.y) / (floor.hold[1] - seat.y)))
    return math.tanh(1.4 * across) * (1 - 0.4 * max(0.0, down)), down


def _own_look(floor: Floor, ball: Ball, time_s: float) -> Point:
    """Return where the participant's figure looks while they have the ball, and as they throw."""
    match ball:
        case Held(came_from=came) if came is not None:
            return blend(gaze(floor, PARTICIPANT, came), AHEAD, span(time_s - ball.since, 0.2, 0.2 + TURN_S))
        case Flying():
            turned = span(time_s, ball.start, loose(floor, ball).start)
            return blend(AHEAD, gaze(floor, PARTICIPANT, ball.receiver), turned)
        case _:
            return AHEAD


def _pose(scene: Court, floor: Floor, number: int, ball_at: Point) -> Pose:
    ball, time_s = scene.ball, scene.time_s
    across, down = _towards_place(floor, number, ball_at)
    look = round(across * LOOK_STEPS) / LOOK_STEPS, round(down * LOOK_STEPS) / LOOK_STEPS
    arms = idle(number, time_s)
    match ball:
        case Held(player=player) if player == number:
            arms = holding(floor, number, ball, time_s)
            own = number == PARTICIPANT
            look = _own_look(floor, ball, time_s) if own else _glance(scene, floor, number, ball)
        case Flying(thrower=thrower, receiver=receiver) if thrower == number:
            look = _own_look(floor, ball, time_s) if number == PARTICIPANT else gaze(floor, number, receiver)
            arms = throwing(floor, number, ball, time_s)
        case Flying(thrower=thrower, receiver=receiver) if receiver == number:
            look = gaze(floor, number, thrower)
            arms = reaching(number, direction(floor, number, thrower), ball, time_s)
        case _:
            pass
    return Pose(
        arms.left, arms.right, arms.open_left, arms.open_right, look, arms.lean,
        breath(number, time_s), blink(number, time_s),
    )  # fmt: skip


def _end_of_flight(floor: Floor, number: int, other: int, *, throws: bool) -> tuple[Point, Point, float]:
    """Return ball place, ground below it and ball radius (px) where a flight begins or ends."""
    seat = floor.find(number)
    if seat is None:
        return floor.hold, (floor.hold[0], floor.own_ground), floor.own_ball_px
    towards = direction(floor, number, other)
    point = release_point(towards) if throws else catch_point(towards)
    return seat.at(point), seat.at((point[0], 0.0)), floor.ball_units * seat.unit


def flight(floor: Floor, ball: Flying, time_s: float, size: float) -> BallPose:
    """Return the ball in the air; `size` is relative to the usual ball."""
    start, start_ground, start_px = _end_of_flight(floor, ball.thrower, ball.receiver, throws=True)
    end, end_ground, end_px = _end_of_flight(floor, ball.receiver, ball.thrower, throws=False)
    u = max(0.0, min(1.0, (time_s - ball.start) / ball.duration)) if ball.duration > 0 else 1.0
    x, y = blend(start, end, u)
    way = math.hypot(end[0] - start[0], end[1] - start[1])
    rise = min(0.03 * floor.height + 0.13 * way, max(0.0, (start[1] + end[1]) / 2 - 1.5 * size * start_px))
    arc = rise * 4 * u * (1 - u)
    turns = math.copysign(max(1, round(way / (0.3 * floor.height))), end[0] - start[0])
    ground = blend(start_ground, end_ground, u)
    height = min(1.0, (ground[1] - y + arc) / (0.5 * floor.height))
    radius = size * (start_px + (end_px - start_px) * u)
    return BallPose((x, y - arc), radius, ground, math.tau * turns * u, height, None)


def _ball(scene: Court, floor: Floor) -> BallPose:
    ball, time_s, size = scene.ball, scene.time_s, scene.look.size
    if isinstance(ball, Flying):
        free = loose(floor, ball)
        if time_s >= free.start:
            return flight(floor, free, time_s, size)
        return _carried(floor, ball.thrower, throwing(floor, ball.thrower, ball, time_s), size)
    if ball.player == PARTICIPANT and not floor.own_figure:
        own = own_hands(ball, time_s, floor)
        radius = size * floor.own_ball_px
        return BallPose(own.ball, radius, (own.ball[0], floor.own_ground), 0.0, 0.2, PARTICIPANT)
    return _carried(floor, ball.player, holding(floor, ball.player, ball, time_s), size)


def _carried(floor: Floor, number: int, arms: Arms, size: float) -> BallPose:
    """Return the ball in a figure's hands."""
    seat, point = floor.seat(number), arms.ball or (0.0, -50.0)
    radius = size * floor.ball_units * seat.unit
    return BallPose(seat.at(point), radius, seat.at((point[0], 0.0)), 0.0, 0.25, number)


def poses(scene: Court, floor: Floor) -> Poses:
    """Return how everybody stands and where the ball is, for a floor with the scene's players."""
    ball = _ball(scene, floor)
    players = {seat.number: _pose(scene, floor, seat.number, ball.place) for seat in floor.seats}
    return Poses(players, own_hands(scene.ball, scene.time_s, floor), ball)
