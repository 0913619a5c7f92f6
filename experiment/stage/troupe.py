"""Figures that are drawn in every frame: their geometry is made once and moved by a few matrix products."""

from __future__ import annotations

import math
from array import array
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from experiment.stage import palette
from experiment.stage.canvas import Canvas, between
from experiment.stage.figure import (
    BODY,
    HAND_LAYERS,
    LINE,
    Arm,
    Bearing,
    arms,
    bearing,
    draw_hand,
    hand_alphas,
    joints,
    sleeve,
)
from experiment.stage.outlines import ARM_LENGTH, ARM_STATIONS
from experiment.stage.places import Seat
from experiment.stage.poses import Pose
from experiment.stage.wardrobe import Wardrobe

Floats = NDArray[np.float64]
Dressed = tuple[tuple[Seat, str], ...]
"""Figures with the colours of their shirts, none of whom covers another."""

TROUPES_MAX = 64
SIDES = (-1.0, 1.0)
NO_ARM = Arm((0.0, 0.0), (0.0, 0.0), (0.0, 0.0), (0.0, 0.0), 0.0, 0.0, 0.0)
CORNERS = 4
HAND_CORNERS = CORNERS * len(HAND_LAYERS)
HAND_TONES = np.array([palette.packed(layer[1], 0.0) for layer in HAND_LAYERS], np.uint32)
ALONG = np.concatenate((LINE[1:2] - LINE[:1], LINE[2:] - LINE[:-2], LINE[-1:] - LINE[-2:-1]))
"""Direction of an arm at each of its points, as shares of shoulder, elbow and wrist."""
STATIONS = len(LINE) + 2
"""Where the picture of a sleeve is bent: along the arm, and where it ends before and beyond."""
PLACED, HEADED = (np.concatenate((rows[:1], rows, rows[-1:])) for rows in (LINE, ALONG))
STRIP = between(1, STATIONS, 2).reshape(-1, 6)[:, (0, 1, 2, 5)].ravel()
"""The corners of quads between neighbouring stations, whose left and right ends are numbered by turns."""


def recorded(wardrobe: Wardrobe, draw: Callable[[Wardrobe], None]) -> Canvas:
    """Return what `draw` draws with the parts of a wardrobe, places in full precision."""
    canvas = wardrobe.canvas
    scratch = Canvas(canvas.atlas, canvas.width, canvas.height, places=array("d"))
    draw(replace(wardrobe, canvas=scratch))
    return scratch


def _places(canvas: Canvas) -> Floats:
    """Return the corners (px) of what was recorded: ``(n, 2)``."""
    return np.array(canvas.places).reshape(-1, CORNERS)[:, :2]


def _kept(scratch: Canvas) -> Canvas:
    """Return a recording as a canvas that can be pasted."""
    return replace(scratch, places=array("f", scratch.places))


def _moving(canvas: Canvas) -> NDArray[np.float32]:
    """Return the corners of a canvas that is not drawn on any more, to be moved: ``(n, 2)``."""
    return np.frombuffer(canvas.places, np.float32).reshape(-1, CORNERS)[:, :2]


def _layer(wardrobe: Wardrobe, number: int, dressed: Dressed) -> Floats:
    """Return how the corners of a layer of `BODY` follow from 1 and bearings: ``(k, 2 n, 1 + bearings)``."""

    def places(held: Bearing) -> Floats:
        def draw(into: Wardrobe) -> None:
            for seat, shirt in dressed:
                BODY[number](into, seat, held, shirt)

        return _places(recorded(wardrobe, draw)).reshape(len(dressed), -1)

    still = places(Bearing())
    moved = [places(Bearing()._replace(**{name: 1.0})) - still for name in Bearing._fields]
    return np.stack((still, *moved), axis=2)


@dataclass(slots=True)
class Troupe:
    """Figures none of whom covers another, to be drawn in any pose."""

    wardrobe: Wardrobe
    dressed: Dressed
    _follow: list[Floats] = field(init=False)
    _bodies: Canvas = field(init=False)
    _limbs: Canvas = field(init=False)
    _hands: Floats = field(init=False)
    _seen: Floats = field(init=False)
    _rails: Floats = field(init=False)
    _reach: Floats = field(init=False)
    _bodies_of: list[Bearing] = field(default_factory=list)
    _arms_of: list[tuple[Arm, Arm]] = field(default_factory=list)
    _opened: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Draw everybody once."""
        wardrobe, dressed = self.wardrobe, self.dressed
        self._follow = [_layer(wardrobe, number, dressed) for number in range(len(BODY))]
        self._bodies = _kept(recorded(wardrobe, self._record_bodies))
        hands = recorded(wardrobe, self._record_hands)
        self._hands = _places(hands).reshape(-1, HAND_CORNERS, 2)
        self._limbs = _kept(hands)
        self._add_sleeves()

    def _record_bodies(self, into: Wardrobe) -> None:
        for draw in BODY:
            for seat, shirt in self.dressed:
                draw(into, seat, Bearing(), shirt)

    def _record_hands(self, into: Wardrobe) -> None:
        """Draw hands about the origin, not turned."""
        for seat, _ in self.dressed:
            for side in SIDES:
                for name, tone, *_ in HAND_LAYERS:
                    draw_hand(into, name, seat.unit, replace(NO_ARM, side=side), palette.packed(tone))

    def _add_sleeves(self) -> None:
        """Add the picture of a sleeve for each arm, to be bent along it."""
        rails, reach = [], []
        for seat, shirt in self.dressed:
            cut, u = self.wardrobe.together(sleeve(shirt)), seat.unit
            bottom = cut.top + cut.height
            downs = np.array([cut.top, *(ARM_LENGTH * ARM_STATIONS), bottom])
            shares = (downs - cut.top) / cut.height
            region, places = cut.region, np.zeros((STATIONS, 2, CORNERS), np.float32)
            places[..., 2] = region.u0, region.u1
            places[..., 3] = (region.v0 + shares * (region.v1 - region.v0))[:, None]
            strip = places.reshape(-1, CORNERS)[STRIP]
            for _ in SIDES:
                self._limbs.quads(region.page, strip, palette.packed(palette.WHITE))
                rails.append([[cut.left * u], [(cut.left + cut.width) * u]])
                reach.append([[cut.top * u], *[[0.0]] * len(LINE), [(bottom - ARM_LENGTH) * u]])
        self._rails, self._reach = np.array(rails), np.array(reach)

    def draw_bodies(self, canvas: Canvas, poses: Mapping[int, Pose]) -> None:
        """Draw everything but the arms."""
        bearings = [bearing(poses[seat.number]) for seat, _ in self.dressed]
        if bearings != self._bodies_of:
            self._bodies_of = bearings
            held = np.array([(1.0, *one) for one in bearings])
            corners = [(layer @ held[:, :, None]).reshape(-1, 2) for layer in self._follow]
            np.concatenate(corners, out=_moving(self._bodies), casting="same_kind")
        canvas.paste(self._bodies)

    def draw_arms(self, canvas: Canvas, poses: Mapping[int, Pose]) -> None:
        """Draw arms, each set off by a darker edge, with a cuff and a hand."""
        pairs = [arms(seat, poses[seat.number]) for seat, _ in self.dressed]
        if pairs != self._arms_of:
            self._arms_of = pairs
            self._move_arms([arm for pair in pairs for arm in pair])
        canvas.paste(self._limbs)

    def _move_arms(self, limbs: Sequence[Arm]) -> None:
        opened = [arm.opened for arm in limbs]
        if opened != self._opened:
            self._opened = opened
            self._spread_fingers(opened)
        moving, quads = _moving(self._limbs), HAND_CORNERS * len(limbs)
        self._turn_hands(limbs, moving[:quads].reshape(-1, HAND_CORNERS, 2))
        self._bend_sleeves(joints(limbs), moving[quads:].reshape(-1, len(STRIP), 2))

    def _spread_fingers(self, opened: Sequence[float]) -> None:
        """Show how far the fingers are spread; what cannot be seen of a hand shrinks to nothing."""
        alphas = np.rint(255 * np.array([hand_alphas(share) for share in opened])).astype(np.uint32)
        colours = np.frombuffer(self._limbs.colours, np.uint32)[: HAND_CORNERS * len(opened)]
        colours.reshape(len(opened), -1, CORNERS)[:] = (HAND_TONES | alphas << 24)[..., None]
        self._seen = self._hands * np.repeat(alphas > 0, CORNERS, axis=1)[..., None]

    def _turn_hands(self, limbs: Sequence[Arm], into: NDArray[np.float32]) -> None:
        """Bring hands to their places."""
        turns = [(math.cos(arm.angle), math.sin(arm.angle)) for arm in limbs]
        state = np.array(
            [(cos, sin, -sin, cos, *arm.hand) for arm, (cos, sin) in zip(limbs, turns, strict=True)]
        )
        into[:] = self._seen @ state[:, :4].reshape(-1, 2, 2) + state[:, None, 4:]

    def _bend_sleeves(self, ends: Floats, into: NDArray[np.float32]) -> None:
        """Bend sleeves along their arms, of which shoulder, elbow and wrist are given."""
        along = HEADED @ ends
        along /= np.maximum(np.sqrt((along * along).sum(axis=2, keepdims=True)), 1e-9)
        across = along[:, :, ::-1] * (1.0, -1.0)
        middle = PLACED @ ends + along * self._reach
        sides = middle[:, :, None] + across[:, :, None] * self._rails[:, None]
        into[:] = sides.reshape(len(ends), -1, 2)[:, STRIP]


def find_troupe(wardrobe: Wardrobe, dressed: Dressed) -> Troupe:
    """Return the troupe of these figures, made when they first come on."""
    troupes = wardrobe.troupes
    found = troupes.get(dressed)
    if found is None:
        if len(troupes) >= TROUPES_MAX:
            troupes.clear()
        found = troupes[dressed] = Troupe(wardrobe, dressed)
    return found


def draw_figure(wardrobe: Wardrobe, seat: Seat, pose: Pose, shirt: str) -> None:
    """Draw one figure, whole."""
    alone = find_troupe(wardrobe, ((seat, shirt),))
    alone.draw_bodies(wardrobe.canvas, {seat.number: pose})
    alone.draw_arms(wardrobe.canvas, {seat.number: pose})
