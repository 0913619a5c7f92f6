"""Figures that are drawn in every frame: their geometry is made once and moved by a few matrix products."""

from __future__ import annotations

import math
from array import array
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from experiment.stage import palette
from experiment.stage.canvas import FEATHER_PX, RAIL_SHIFTS, RAIL_SIDES, Canvas, Mesh, between
from experiment.stage.figure import (
    CUFF,
    CUFF_WIDTH,
    EDGE_WIDTH,
    HAND_LAYERS,
    LINE,
    SLEEVE_WIDTH,
    Arm,
    Bearing,
    arms,
    bearing,
    draw_behind_head,
    draw_face,
    draw_hand,
    draw_trunk,
    joints,
    sleeve_colours,
)
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
LIMB_CORNERS = HAND_CORNERS + CORNERS
CLOSED_ALPHA, OPENING_ALPHA = np.array([(layer[2], layer[3]) for layer in HAND_LAYERS]).T
HAND_TONES = np.array([palette.packed(layer[1], 0.0) for layer in HAND_LAYERS], np.uint32)
ALONG = np.concatenate((LINE[1:2] - LINE[:1], LINE[2:] - LINE[:-2], LINE[-1:] - LINE[-2:-1]))
"""Direction of an arm at each of its points, as shares of shoulder, elbow and wrist."""


def _capped(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the stations of a band with those where its soft ends cease."""
    return np.concatenate((rows[:1], rows, rows[-1:]))


BANDS = (len(LINE) + 2, len(LINE) + 2, len(CUFF) + 2)
"""Stations of what an arm is drawn from: the darker edge that sets it off, the sleeve, the cuff."""
STATIONS = sum(BANDS)
PLACED = np.concatenate((_capped(LINE), _capped(LINE), _capped(CUFF)))
HEADED = np.concatenate((_capped(ALONG), _capped(ALONG), np.tile(ALONG[-1], (BANDS[2], 1))))
"""Where the stations are and where the arm is heading there, as shares of shoulder, elbow and wrist."""
WIDTHS = np.concatenate((_capped(EDGE_WIDTH), _capped(SLEEVE_WIDTH), np.full(BANDS[2], CUFF_WIDTH)))
ENDS = np.concatenate([[-1.0, *np.zeros(stations - 2), 1.0] for stations in BANDS])
"""Which stations lie beyond the beginning (-1) or the end (1) of a band."""


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


BODY: tuple[Callable[[Wardrobe, Seat, Bearing, str], None], ...] = (
    lambda into, seat, held, _shirt: draw_behind_head(into, seat, held),
    draw_trunk,
    lambda into, seat, held, _shirt: draw_face(into, seat, held),
)
"""What of bodies is drawn for all of a troupe before the next: pictures and masks lie on different pages."""


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
    _shoulders: Floats = field(init=False)
    _rails: Floats = field(init=False)
    _bodies_of: list[Bearing] = field(default_factory=list)
    _arms_of: list[tuple[Arm, Arm]] = field(default_factory=list)
    _opened: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Draw everybody once."""
        wardrobe, dressed = self.wardrobe, self.dressed
        self._follow = [_layer(wardrobe, number, dressed) for number in range(len(BODY))]
        self._bodies = _kept(recorded(wardrobe, self._record_bodies))
        limbs = recorded(wardrobe, self._record_limbs)
        parts = _places(limbs).reshape(-1, LIMB_CORNERS, 2)
        self._hands, self._shoulders = parts[:, :HAND_CORNERS], parts[:, HAND_CORNERS:]
        units = np.repeat([seat.unit for seat, _ in dressed], 2)[:, None, None]
        self._rails = np.maximum(WIDTHS[:, None] / 2 * units + RAIL_SHIFTS, 0) * RAIL_SIDES
        self._limbs = _kept(limbs)
        self._limbs.mesh(self._sleeves())

    def _record_bodies(self, into: Wardrobe) -> None:
        for draw in BODY:
            for seat, shirt in self.dressed:
                draw(into, seat, Bearing(), shirt)

    def _record_limbs(self, into: Wardrobe) -> None:
        """Draw hands and the rounds of shoulders about the origin, hands not turned."""
        for seat, shirt in self.dressed:
            for side in SIDES:
                for name, tone, *_ in HAND_LAYERS:
                    draw_hand(into, name, seat.unit, replace(NO_ARM, side=side), palette.packed(tone))
                into.canvas.disc(0.0, 0.0, SLEEVE_WIDTH[0] / 2 * seat.unit, palette.packed(shirt))

    def _sleeves(self) -> Mesh:
        """Return the sleeves, each above a darker edge that sets it off, and the cuffs; not placed yet."""
        colours = np.repeat(
            np.array([sleeve_colours(shirt) for _, shirt in self.dressed], np.uint32), 2, axis=0
        )
        tones = np.repeat(colours, BANDS, axis=1)[..., None]
        solid = (ENDS == 0)[:, None] & np.array([False, True, True, False])
        shades = np.where(solid, tones, tones & np.uint32(0x00FFFFFF))
        firsts = np.cumsum((0, *BANDS[:-1])) * CORNERS
        arm = np.concatenate(
            [between(1, count, CORNERS) + first for count, first in zip(BANDS, firsts, strict=True)]
        )
        corners = (np.arange(len(colours))[:, None] * (STATIONS * CORNERS) + arm).astype(np.uint32)
        return Mesh(np.zeros((shades.size, CORNERS), np.float32), shades.ravel(), corners.ravel())

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
            self._spread_fingers(np.array(opened)[:, None])
        ends = joints(limbs)
        moving, quads = _moving(self._limbs), LIMB_CORNERS * len(limbs)
        self._turn_hands(limbs, ends, moving[:quads].reshape(-1, LIMB_CORNERS, 2))
        self._bend_sleeves(ends, moving[quads:].reshape(len(limbs), STATIONS, CORNERS, 2))

    def _spread_fingers(self, opened: Floats) -> None:
        """Show how far the fingers are spread; what cannot be seen of a hand shrinks to nothing."""
        shares = np.minimum(np.maximum((opened - 0.3) / 0.4, 0), 1)
        alphas = np.rint(255 * (CLOSED_ALPHA + shares * OPENING_ALPHA)).astype(np.uint32)
        colours = np.frombuffer(self._limbs.colours, np.uint32)[: LIMB_CORNERS * len(opened)]
        hands = colours.reshape(len(opened), -1, CORNERS)[:, : len(HAND_LAYERS)]
        hands[:] = (HAND_TONES | alphas << 24)[..., None]
        self._seen = self._hands * np.repeat(alphas > 0, CORNERS, axis=1)[..., None]

    def _turn_hands(self, limbs: Sequence[Arm], ends: Floats, into: NDArray[np.float32]) -> None:
        """Bring hands to their places."""
        turns = [(math.cos(arm.angle), math.sin(arm.angle)) for arm in limbs]
        state = np.array(
            [(cos, sin, -sin, cos, *arm.hand) for arm, (cos, sin) in zip(limbs, turns, strict=True)]
        )
        into[:, :HAND_CORNERS] = self._seen @ state[:, :4].reshape(-1, 2, 2) + state[:, None, 4:]
        into[:, HAND_CORNERS:] = self._shoulders + ends[:, :1]

    def _bend_sleeves(self, ends: Floats, into: NDArray[np.float32]) -> None:
        """Bring sleeves and cuffs to their places; see `experiment.stage.canvas.ribbon_mesh`."""
        along = HEADED @ ends
        along /= np.maximum(np.sqrt((along * along).sum(axis=2, keepdims=True)), 1e-9)
        across = along[:, :, ::-1] * (-1.0, 1.0)
        middle = PLACED @ ends + along * (FEATHER_PX * ENDS[:, None])
        into[:] = middle[:, :, None] + across[:, :, None] * self._rails[..., None]


def find_troupe(wardrobe: Wardrobe, dressed: Dressed, *, melting: bool = False) -> Troupe:
    """Return the troupe of these figures, made when they first come on; `melting` ones can fade."""
    troupes, key = wardrobe.troupes, (dressed, melting)
    found = troupes.get(key)
    if found is None:
        if len(troupes) >= TROUPES_MAX:
            troupes.clear()
        found = troupes[key] = Troupe(replace(wardrobe, melting=melting), dressed)
    return found


def draw_figure(wardrobe: Wardrobe, seat: Seat, pose: Pose, shirt: str, *, melting: bool = False) -> None:
    """Draw one figure, whole; `melting` says that it will be mixed into the ground."""
    alone = find_troupe(wardrobe, ((seat, shirt),), melting=melting)
    alone.draw_bodies(wardrobe.canvas, {seat.number: pose})
    alone.draw_arms(wardrobe.canvas, {seat.number: pose})
