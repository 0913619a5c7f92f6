"""The drawing itself: outlines of the figure's parts, as control points of smooth closed curves.

A unit is a hundredth of a figure's height; y grows downwards. Body parts are drawn from the ground between
the feet, parts of the head from its middle, a hand from the middle of its palm with the fingers down.
All co-players share these outlines: only the colour of the shirt differs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageChops, ImageDraw

Points = Sequence[tuple[float, float]]
Box = tuple[float, float, float, float]
STEPS = 10
WAIST = -37.0
"""Height about which a leaning body slants."""
OVERSAMPLING = 4


def _mirrored(half: Points) -> Points:
    """Complete a right half, listed from the top middle to the bottom middle."""
    return [*half, *((-x, y) for x, y in reversed(half))]


def smoothed(points: Points) -> list[tuple[float, float]]:
    """Return a closed Catmull-Rom curve through `points`."""
    knots = np.asarray(points, dtype=float)
    before, after, beyond = np.roll(knots, 1, 0), np.roll(knots, -1, 0), np.roll(knots, -2, 0)
    t = (np.arange(STEPS) / STEPS)[None, :, None]
    p0, p1, p2, p3 = (part[:, None, :] for part in (before, knots, after, beyond))
    curve = 0.5 * (
        2 * p1 + (p2 - p0) * t + (2 * p0 - 5 * p1 + 4 * p2 - p3) * t**2 + (3 * p1 - p0 - 3 * p2 + p3) * t**3
    )
    return [(float(x), float(y)) for x, y in curve.reshape(-1, 2)]


@dataclass(frozen=True, slots=True)
class Part:
    """A mask: curves that add to it, and curves that it may not leave; `angular` ones are not smoothed."""

    box: Box
    adds: tuple[Points, ...]
    within: tuple[Points, ...] = ()
    angular: bool = False

    def mask(self, unit: float) -> tuple[Image.Image, float, float]:
        """Draw the part at `unit` px per unit; return its trimmed mask and its corner (units)."""
        left, top, right, bottom = self.box
        size = ceil((right - left) * unit), ceil((bottom - top) * unit)
        fine = OVERSAMPLING if max(size) < 600 else 2
        large = (size[0] * fine, size[1] * fine)

        def filled(curves: tuple[Points, ...]) -> Image.Image:
            image = Image.new("L", large, 0)
            pen = ImageDraw.Draw(image)
            for curve in curves:
                line = curve if self.angular else smoothed(curve)
                places = [((x - left) * unit * fine, (y - top) * unit * fine) for x, y in line]
                pen.polygon(places, fill=255)
            return image

        image = filled(self.adds)
        if self.within:
            image = ImageChops.multiply(image, filled(self.within))
        image = image.resize(size, Image.Resampling.BOX)
        box = image.getbbox() or (0, 0, 1, 1)
        margin = max(0, box[0] - 1), max(0, box[1] - 1), min(size[0], box[2] + 1), min(size[1], box[3] + 1)
        return image.crop(margin), left + margin[0] / unit, top + margin[1] / unit


def _oval(x: float, y: float, rx: float, ry: float) -> Points:
    turn = np.arange(16) / 16 * 2 * np.pi
    return [(float(x + rx * np.cos(a)), float(y + ry * np.sin(a))) for a in turn]


def _capsule(a: tuple[float, float], b: tuple[float, float], start: float, end: float) -> Points:
    """Return a finger: from `a` with half width `start` to `b` with half width `end`, round at the tip."""
    along = np.subtract(b, a) / np.hypot(*np.subtract(b, a))
    aside = np.array([-along[1], along[0]])
    p, q = np.asarray(a, float), np.asarray(b, float)
    knots = [
        p + aside * start,
        p + aside * start * 0.98 + along * 0.4,
        (p + q) / 2 + aside * (start + end) / 2 * 1.02,
        q + aside * end,
        q + aside * end * 0.72 + along * end * 0.72,
        q + along * end,
        q - aside * end * 0.72 + along * end * 0.72,
        q - aside * end,
        (p + q) / 2 - aside * (start + end) / 2 * 1.02,
        p - aside * start * 0.98 + along * 0.4,
        p - aside * start,
    ]
    return [(float(x), float(y)) for x, y in knots]


TORSO_OUTLINE = _mirrored(
    [
        (2.0, -72.6),
        (4.6, -72.4),
        (8.2, -70.9),
        (12.6, -69.6),
        (15.4, -67.0),
        (16.0, -63.5),
        (14.6, -58.5),
        (13.2, -52.0),
        (12.7, -46.0),
        (13.2, -40.0),
        (13.0, -37.6),
        (11.8, -36.8),
        (6.0, -36.3),
        (1.0, -36.2),
    ]
)
TORSO = Part((-18, -75, 18, -34), (TORSO_OUTLINE,))
TORSO_SHADE = Part(
    TORSO.box,
    ([(20, -58), (20, -33), (-9, -33), (-3, -38.0), (4.0, -41), (7.6, -47), (9.6, -53), (12.5, -57.5)],),
    within=(TORSO_OUTLINE,),
)
HEM = Part(
    TORSO.box,
    ([(-16, -39.6), (0, -38.9), (16, -39.6), (16, -34), (0, -33.5), (-16, -34)],),
    within=(TORSO_OUTLINE,),
)
COLLAR = Part(TORSO.box, (_oval(0, -73.2, 7.4, 4.9),), within=(TORSO_OUTLINE,))
NECK = Part(
    (-8, -83, 8, -67),
    (_mirrored([(1, -82), (3.9, -81), (3.9, -75), (4.9, -71.8), (2.6, -69.6), (0.4, -69.2)]),),
)
NECK_SHADE = Part(NECK.box, (_oval(0.4, -79.6, 6.4, 5.6),), within=NECK.adds)
LEG = [
    (0.5, -40.5),
    (7.0, -41.0),
    (12.7, -39.6),
    (12.9, -34),
    (12.0, -22),
    (11.2, -8),
    (10.9, -3.4),
    (7.6, -2.9),
    (4.6, -3.4),
    (3.9, -9),
    (2.7, -22),
    (1.3, -31),
    (0.4, -35),
]
LEGS = Part((-15, -43, 15, 0), (LEG, [(-x, y) for x, y in reversed(LEG)], _oval(0, -36.5, 9, 3.4)))
LEGS_SHADE = Part(
    LEGS.box,
    (
        [(9.2, -41), (15, -41), (15, -2), (9.0, -2), (8.6, -12), (8.8, -30)],
        [(-4.6, -36), (0, -38), (2.0, -36), (-0.8, -30), (-2.6, -2), (-5.2, -2), (-5.0, -14)],
    ),
    within=LEGS.adds,
)
SHOE = [
    (3.6, -4.6),
    (7.5, -5.4),
    (10.6, -4.6),
    (12.0, -2.4),
    (13.1, -0.6),
    (12.4, 1.1),
    (7.8, 1.5),
    (3.7, 1.1),
    (3.1, -1.4),
]
SHOES = Part((-15, -7, 15, 4), (SHOE, [(-x, y) for x, y in reversed(SHOE)]))
SOLE_BAND = [(2.0, 0.2), (8, 0.5), (14, 0.1), (14, 3), (8, 3), (2, 3)]
SOLES = Part(SHOES.box, (SOLE_BAND, [(-x, y) for x, y in reversed(SOLE_BAND)]), within=SHOES.adds)

HEAD_OUTLINE = _mirrored(
    [(0.8, -11.6), (5.0, -10.8), (8.6, -7.4), (9.5, -2.0), (9.0, 3.4), (7.0, 7.8), (3.8, 10.7), (0.9, 11.5)]
)
HEAD = Part((-13, -16, 13, 14), (HEAD_OUTLINE,))
HEAD_SHADE = Part(
    HEAD.box,
    ([(5.8, -12), (12, -12), (12, 13), (-4, 13), (1.6, 10.9), (5.4, 7.4), (6.9, 2.0), (6.9, -6)],),
    within=(HEAD_OUTLINE,),
)
EAR = Part((-3, -4, 3, 4), (_oval(0, 0, 1.9, 2.7),))
HAIR = Part(
    HEAD.box,
    (
        [
            (-9.9, 0.6),
            (-10.6, -3.4),
            (-10.1, -8.2),
            (-7.2, -12.4),
            (-2.4, -14.5),
            (3.2, -14.3),
            (7.8, -12.0),
            (10.2, -7.6),
            (10.6, -3.0),
            (9.9, 0.8),
            (9.0, 1.0),
            (8.7, -2.2),
            (8.0, -4.8),
            (6.4, -6.2),
            (2.6, -6.4),
            (-1.4, -7.2),
            (-4.6, -8.9),
            (-6.0, -7.2),
            (-7.9, -4.6),
            (-8.7, -1.8),
            (-9.1, 0.9),
        ],
    ),
)
HAIR_LIGHT = Part(
    HEAD.box,
    (
        [
            (-5.4, -10.2),
            (-3.6, -12.2),
            (0.6, -13.1),
            (5.0, -12.2),
            (8.0, -9.4),
            (7.0, -9.6),
            (3.4, -11.0),
            (-0.6, -11.2),
            (-3.8, -9.9),
        ],
    ),
)
HAIR_SHADE = Part(
    HEAD.box,
    (
        _mirrored(
            [
                (0.5, -6.6),
                (4, -6.6),
                (7.6, -5.6),
                (8.9, -2.2),
                (8.4, -1.4),
                (6.8, -4.0),
                (3.6, -5.0),
                (0.5, -5.2),
            ]
        ),
    ),
    within=(HEAD_OUTLINE,),
)
NOSE = Part((-2, -2, 2, 2), ([(0.1, -1.5), (0.9, 0.5), (0.7, 1.2), (-0.2, 1.4), (-0.9, 1.2), (-0.2, 0.9)],))


def _bar(half: float, thick: float) -> Points:
    """Return a level bar with round ends about the origin: nothing in it rises or falls."""
    x = half - thick
    return [
        (-half, 0),
        (-x, -thick),
        (0, -thick),
        (x, -thick),
        (half, 0),
        (x, thick),
        (0, thick),
        (-x, thick),
    ]


MOUTH = Part((-3, -1, 3, 1), (_bar(2.3, 0.36),))
BROW = Part((-3, -1, 3, 1), (_bar(1.85, 0.38),))

PALM = [(-2.2, -2.9), (0.2, -3.3), (2.3, -2.7), (2.9, 0.2), (2.6, 2.6), (0.2, 3.2), (-2.2, 2.7), (-2.9, 0.4)]
THUMB_IN = _capsule((-1.6, -1.2), (-3.5, 2.3), 1.35, 1.0)
THUMB_OUT = _capsule((-1.6, -1.0), (-4.7, 1.2), 1.35, 1.0)
FINGERS_TOGETHER = (
    _capsule((-1.9, 1.6), (-1.7, 5.0), 1.02, 0.9),
    _capsule((-0.55, 1.8), (-0.45, 5.7), 1.02, 0.92),
    _capsule((0.8, 1.8), (0.75, 5.4), 1.0, 0.9),
    _capsule((2.05, 1.4), (1.9, 4.3), 0.92, 0.82),
)
FINGERS_SPREAD = (
    _capsule((-1.8, 1.6), (-2.9, 5.9), 1.0, 0.85),
    _capsule((-0.6, 1.8), (-0.9, 6.7), 1.02, 0.86),
    _capsule((0.75, 1.8), (1.1, 6.4), 1.0, 0.85),
    _capsule((1.9, 1.3), (2.9, 5.1), 0.92, 0.8),
)
HAND_BOX: Box = (-7, -5, 7, 9)
HAND = Part(HAND_BOX, (PALM, THUMB_IN, *FINGERS_TOGETHER))
HAND_OPEN = Part(HAND_BOX, (PALM, THUMB_OUT, *FINGERS_SPREAD))


def _line(a: tuple[float, float], b: tuple[float, float], half: float) -> Points:
    return _capsule(a, b, half, half * 0.7)


HAND_LINES = Part(
    HAND_BOX,
    (
        _line((-1.1, 2.6), (-1.05, 5.0), 0.22),
        _line((0.2, 2.7), (0.2, 5.2), 0.22),
        _line((1.42, 2.6), (1.35, 4.6), 0.22),
    ),
)
HAND_OPEN_LINES = Part(
    HAND_BOX,
    (
        _line((-1.2, 2.5), (-1.5, 3.6), 0.22),
        _line((0.1, 2.6), (0.12, 3.8), 0.22),
        _line((1.35, 2.4), (1.6, 3.4), 0.22),
    ),
)

ARM_LENGTH = 30.0
"""From the shoulder to the wrist of a stretched arm."""
ARM_STATIONS = np.concatenate(([0.0, 0.12], np.linspace(0.24, 0.78, 7), [0.89, 1.0]))
"""Shares of an arm's length between which it is drawn as straight."""
SLEEVE_WIDTH = np.interp(ARM_STATIONS, [0.0, 0.3, 0.6, 1.0], [9.2, 8.6, 7.6, 6.1])
RIM_WIDTH = SLEEVE_WIDTH + np.interp(ARM_STATIONS, [0.0, 0.2, 0.45, 1.0], [-9.18, -1.24, 1.49, 1.24])
"""Of the darker edge that sets an arm off from the body; none is seen at the shoulder."""
CUFF_WIDTH, CUFF_FROM, CUFF_TO = 1.06 * SLEEVE_WIDTH[-1], 0.9285, 1.0132


def _tube(widths: NDArray[np.float64], stations: NDArray[np.float64]) -> list[tuple[float, float]]:
    """Return both sides of a straight arm, downwards and back."""
    side = [(float(width / 2), float(y)) for width, y in zip(widths, stations * ARM_LENGTH, strict=True)]
    return [*side, *((-x, y) for x, y in reversed(side))]


SLEEVE_BOX: Box = (-7, -6, 7, 32)
SLEEVE_RIM = Part(SLEEVE_BOX, (_tube(RIM_WIDTH, ARM_STATIONS),), angular=True)
SLEEVE = Part(
    SLEEVE_BOX,
    (_tube(SLEEVE_WIDTH, ARM_STATIONS), _oval(0, 0, SLEEVE_WIDTH[0] / 2, SLEEVE_WIDTH[0] / 2)),
    angular=True,
)
CUFF = Part(SLEEVE_BOX, (_tube(np.full(2, CUFF_WIDTH), np.array([CUFF_FROM, CUFF_TO])),), angular=True)
"""The sleeve of an arm that hangs straight down, from the shoulder on, whose round it covers."""
