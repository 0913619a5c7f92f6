"""The participant's own hands drawn: backs of the hands, fingers round the ball, thumbs before it."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from experiment.stage import palette
from experiment.stage.canvas import Canvas
from experiment.stage.own_hands import OwnHands
from experiment.stage.palette import packed
from experiment.stage.places import Floor

FINGERS = (
    # base x, base y, length, width, fan when open, bend when closed (degrees)
    (-17.5, -15.0, 38.0, 15.0, -7.0, -44.0),
    (-6.0, -20.0, 43.0, 15.4, -1.0, -40.0),
    (6.0, -19.0, 40.0, 15.0, 6.0, -34.0),
    (17.0, -13.5, 31.0, 13.2, 14.0, -26.0),
)
BODY = np.array([0.0, 0.16, 0.32, 0.48, 0.64, 0.8])
CAP = np.radians([0.0, 22.0, 42.0, 58.0, 72.0, 83.0, 90.0])
EDGE_PX = 1.7
PALM_WIDTH = np.array([29.0, 30.5, 37.0, 44.0, 48.5, 49.5, 48.0, 44.0, 36.0, 22.0, 4.0])
PALM_Y = np.array([46.0, 36.0, 24.0, 13.0, 3.0, -5.0, -13.0, -19.0, -23.5, -26.5, -28.0])

Floats = NDArray[np.float64]


def _finger(base: Floats, length: float, width: float, start: float, bend: float) -> tuple[Floats, Floats]:
    """Return line and widths of a finger that leaves at angle `start` and curls by `bend` (radians from up)."""
    radius = width * 0.46
    body = BODY * (length - radius) / 0.8
    stations = np.concatenate((body, (length - radius) + radius * np.sin(CAP[1:])))
    widths = np.concatenate((width * (1 - 0.08 * BODY / 0.8), 2 * radius * np.cos(CAP[1:])))
    turn = start + bend * (stations / length) ** 1.2
    steps = np.diff(stations, prepend=0.0)
    line = base + np.cumsum(np.stack((np.sin(turn) * steps, -np.cos(turn) * steps), axis=1), axis=0)
    return line, widths


def _placed(line: Floats, hands: OwnHands, side: float, scale: float) -> Floats:
    """Bring a line of the right hand to its place; side -1 mirrors it."""
    turn = -0.62 * hands.tilt + 0.1
    cos, sin = math.cos(turn), math.sin(turn)
    x, y = line[:, 0] * cos - line[:, 1] * sin, line[:, 0] * sin + line[:, 1] * cos
    return np.stack((hands.middle[0] + side * (hands.apart + x * scale), hands.middle[1] + y * scale), axis=1)


def _draw(canvas: Canvas, lines: list[Floats], widths: list[Floats], colours: list[int]) -> None:
    canvas.ribbons(np.array(lines), np.array(widths), np.array(colours, np.uint32))


def draw_behind_ball(canvas: Canvas, hands: OwnHands, floor: Floor, sleeve: str) -> None:
    """Draw arms, palms and fingers: all that a ball in the hands would hide."""
    scale, skin, edge = floor.scale, packed(palette.SKIN), packed(palette.SKIN_SHADE)
    _draw_sleeves(canvas, hands, floor, sleeve)
    palm = np.stack((np.zeros_like(PALM_Y), PALM_Y), axis=1)
    _draw(
        canvas,
        [_placed(palm, hands, side, scale) for side in (-1.0, 1.0) for _ in range(2)],
        [PALM_WIDTH * scale + extra * scale for _ in range(2) for extra in (2 * EDGE_PX, 0.0)],
        [edge, skin] * 2,
    )
    lines, widths, colours = [], [], []
    for side in (-1.0, 1.0):
        for x, y, length, width, fan, bend in reversed(FINGERS):
            reach = length * (1 - 0.16 * hands.grip)
            curl = math.radians(bend) * hands.grip + math.radians(-8) * (1 - hands.grip)
            line, wide = _finger(np.array([x, y + 8.0]), reach + 8, width, math.radians(fan * (1 - 0.7 * hands.grip)), curl)
            placed = _placed(line, hands, side, scale)
            rim = np.minimum(np.linspace(-0.8, 2.4, len(wide)), 1.0) * 2 * EDGE_PX
            lines += [placed, placed]
            widths += [(wide + rim) * scale, wide * scale]
            colours += [edge, skin]
    _draw(canvas, lines, widths, colours)


def _draw_sleeves(canvas: Canvas, hands: OwnHands, floor: Floor, sleeve: str) -> None:
    scale = floor.scale
    lines, widths, colours = [], [], []
    share = np.linspace(0.0, 1.0, 9)[:, None]
    for side in (-1.0, 1.0):
        wrist = _placed(np.array([[0.0, 44.0], [0.0, 22.0]]), hands, side, scale)
        ground = np.array([hands.middle[0] + side * (hands.apart + 120 * scale), floor.height + 70 * scale])
        lead = wrist[0] + (wrist[0] - wrist[1]) * 2.0
        arm = (1 - share) ** 2 * ground + 2 * share * (1 - share) * lead + share**2 * wrist[0]
        skin = arm[-1] + (wrist[1] - arm[-1]) * share * 0.6
        cuff = arm[-1] + (arm[-2] - arm[-1]) * (share * 1.1 - 0.12)
        lines += [skin, arm, arm, cuff]
        wide = np.linspace(88, 50, 9)
        widths += [np.full(9, 31.0) * scale, (wide + 3) * scale, wide * scale, np.full(9, 50.5) * scale]
        dark = palette.mix(sleeve, "#10202c", 0.2)
        colours += [packed(palette.SKIN), packed(dark), packed(sleeve), packed(palette.mix(sleeve, "#10202c", 0.13))]
    _draw(canvas, lines, widths, colours)


def draw_thumbs(canvas: Canvas, hands: OwnHands, floor: Floor) -> None:
    """Draw the thumbs, which lie on the near side of the ball."""
    scale = floor.scale
    lines, widths, colours = [], [], []
    for side in (-1.0, 1.0):
        start = math.radians(-46 + 4 * hands.grip)
        line, wide = _finger(np.array([-10.0, 20.0]), 45 - 3 * hands.grip, 17.5, start, math.radians(24 + 10 * hands.grip))
        placed = _placed(line, hands, side, scale)
        rim = np.minimum(np.linspace(-1.6, 2.6, len(wide)), 1.0) * 2 * EDGE_PX
        lines += [placed, placed]
        widths += [(wide + rim) * scale, wide * scale]
        colours += [packed(palette.SKIN_SHADE), packed(palette.SKIN)]
    _draw(canvas, lines, widths, colours)
