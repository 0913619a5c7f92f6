"""A co-player drawn from a pose: the same neutral figure for all, in a shirt of their own colour."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from experiment.stage import outlines, palette
from experiment.stage.atlas import Region
from experiment.stage.canvas import Canvas
from experiment.stage.outlines import Part
from experiment.stage.places import Point, Seat
from experiment.stage.poses import SHOULDER, Pose

UPPER_ARM = 16.0
FOREARM = 17.0
HEAD_Y = -86.5
WRIST = 3.0
EYE = (3.7, -0.6)
FORESHORTENED = 0.46
"""Share of an elbow's bend that is seen from the front; the rest comes towards the viewer."""
ARM_STATIONS = np.concatenate(([0.0, 0.12], np.linspace(0.24, 0.78, 10), [0.89, 1.0]))
CURVE_FROM, CURVE_TO = 0.24, 0.78
UPPER = ARM_STATIONS[:2, None] / CURVE_FROM
FORE = (ARM_STATIONS[-2:, None] - CURVE_TO) / (1 - CURVE_TO)
ROUND = (ARM_STATIONS[2:-2, None] - CURVE_FROM) / (CURVE_TO - CURVE_FROM)
CURVE = (1 - ROUND) ** 2, 2 * ROUND * (1 - ROUND), ROUND**2
CUFF = np.linspace(0.35, 1.12, len(ARM_STATIONS))[:, None]
SLEEVE_WIDTH = np.interp(ARM_STATIONS, [0.0, 0.3, 0.6, 1.0], [9.2, 8.6, 7.6, 6.1])
SLEEVE_EDGE = np.interp(ARM_STATIONS, [0.0, 0.2, 0.45, 1.0], [-7.4, -1.0, 1.2, 1.0])
"""How much wider (units) the darker edge is that sets an arm off from the body; none at the shoulder."""


EDGE_WIDTH = SLEEVE_WIDTH + 1.24 * SLEEVE_EDGE
CUFF_WIDTH = 1.06 * SLEEVE_WIDTH[-1]


@dataclass(frozen=True, slots=True)
class Arm:
    """One arm on the screen: its joints (px), angle (radians) and spread of the fingers, side."""

    shoulder: Point
    elbow: Point
    wrist: Point
    hand: Point
    angle: float
    opened: float
    side: float


def elbow(shoulder: Point, hand: Point, side: float) -> Point:
    """Return the elbow (units) of an arm; it bends out and down, and straightens where it passes over."""
    across, down = hand[0] - shoulder[0], hand[1] - shoulder[1]
    distance = math.hypot(across, down) or 1e-6
    reach = max(UPPER_ARM + FOREARM, distance)
    bend = FORESHORTENED * math.sqrt(max(0.0, reach**2 - distance**2)) / 2
    ux, uy = across / distance, down / distance
    outward = math.tanh(3 * (ux - 0.8 * side * uy))
    share = UPPER_ARM / (UPPER_ARM + FOREARM)
    return shoulder[0] + across * share - uy * bend * outward, shoulder[
        1
    ] + down * share + ux * bend * outward


def arm_lines(limbs: Sequence[Arm]) -> NDArray[np.float64]:
    """Return points (px) along arms whose elbows are round: ``(k, n, 2)``."""
    joints = np.array([(arm.shoulder, arm.elbow, arm.wrist) for arm in limbs])
    a, e, b = joints[:, None, 0], joints[:, None, 1], joints[:, None, 2]
    start, stop = a + (e - a) * 0.42, e + (b - e) * 0.58
    curve = CURVE[0] * start + CURVE[1] * e + CURVE[2] * stop
    return np.concatenate((a + (start - a) * UPPER, curve, stop + (b - stop) * FORE), axis=1)


def arms(seat: Seat, pose: Pose) -> tuple[Arm, Arm]:
    """Return both arms of a pose on the screen."""
    pair = []
    for side, hand, opened in ((-1.0, pose.left, pose.open_left), (1.0, pose.right, pose.open_right)):
        shoulder = (side * SHOULDER[0] + pose.lean, SHOULDER[1] - 0.7 * pose.breath)
        joint = elbow(shoulder, hand, side)
        length = math.hypot(hand[0] - joint[0], hand[1] - joint[1]) or 1e-6
        ux, uy = (hand[0] - joint[0]) / length, (hand[1] - joint[1]) / length
        wrist = (hand[0] - ux * WRIST, hand[1] - uy * WRIST)
        angle = math.atan2(uy, ux) - math.pi / 2
        pair.append(
            Arm(seat.at(shoulder), seat.at(joint), seat.at(wrist), seat.at(hand), angle, opened, side)
        )
    return pair[0], pair[1]


@dataclass(frozen=True, slots=True)
class Cut:
    """A part's mask; corner and size in units."""

    region: Region
    left: float
    top: float
    width: float
    height: float


@dataclass(slots=True)
class Wardrobe:
    """Draws parts at the size of the largest figure on the court."""

    canvas: Canvas
    unit: float
    _cut: dict[str, Cut] = field(default_factory=dict)

    def cut(self, name: str) -> Cut:
        """Return a part's mask and where its corner lies."""
        found = self._cut.get(name)
        if found is None:
            part: Part = getattr(outlines, name)
            image, left, top = part.mask(self.unit)
            region = self.canvas.atlas.shape((name, self.unit), lambda: image)
            found = self._cut[name] = Cut(
                region, left, top, region.width / self.unit, region.height / self.unit
            )
        return found

    def part(self, name: str, seat: Seat, at: Point, colour: int, *, shear: float = 0.0) -> None:
        """Draw a part whose origin lies at `at` (units from the ground); `shear` slants it (units)."""
        cut, u = self.cut(name), seat.unit
        x, y = seat.x + (at[0] + cut.left) * u, seat.y + (at[1] + cut.top) * u
        if not shear:
            self.canvas.sprite(cut.region, x, y, cut.width * u, cut.height * u, colour)
            return
        slant, foot = (
            shear * u * cut.height / 32.0,
            shear * u * (outlines.WAIST - cut.top - cut.height) / 32.0,
        )
        self.canvas.slanted(cut.region, x, y, cut.width * u, cut.height * u, slant, foot, colour)


def contact_shadow(canvas: Canvas, seat: Seat) -> None:
    """Draw the shadow under a figure's feet."""
    u = seat.unit
    canvas.glow(seat.x + 3 * u, seat.y + 0.5 * u, 27 * u, 6.4 * u, palette.packed(palette.SHADOW, 0.22))
    canvas.glow(seat.x + 1 * u, seat.y + 0.3 * u, 17 * u, 3.6 * u, palette.packed(palette.SHADOW, 0.34))


def draw_body(wardrobe: Wardrobe, seat: Seat, pose: Pose, shirt: str) -> None:
    """Draw everything but the arms."""
    draw_legs(wardrobe, seat)
    draw_upper_body(wardrobe, seat, pose, shirt)


def draw_legs(wardrobe: Wardrobe, seat: Seat) -> None:
    """Draw shoes and trousers, which stand still."""
    tone = palette.packed
    wardrobe.part("SHOES", seat, (0, 0), tone(palette.SHOE))
    wardrobe.part("SOLES", seat, (0, 0), tone(palette.SOLE))
    wardrobe.part("LEGS", seat, (0, 0), tone(palette.TROUSERS))
    wardrobe.part("LEGS_SHADE", seat, (0, 0), tone(palette.TROUSERS_SHADE))


def draw_upper_body(wardrobe: Wardrobe, seat: Seat, pose: Pose, shirt: str) -> None:
    """Draw neck, shirt and head."""
    tone = palette.packed
    rise, lean = -pose.breath, pose.lean
    wardrobe.part("NECK", seat, (lean, rise), tone(palette.SKIN))
    wardrobe.part("NECK_SHADE", seat, (lean, rise), tone(palette.SKIN_SHADE))
    wardrobe.part("TORSO", seat, (0, 0.5 * rise), tone(shirt), shear=lean)
    wardrobe.part("TORSO_SHADE", seat, (0, 0.5 * rise), tone(palette.DEPTH, 0.13), shear=lean)
    wardrobe.part("COLLAR", seat, (0, 0.5 * rise), tone(palette.DEPTH, 0.16), shear=lean)
    wardrobe.part("HEM", seat, (0, 0.5 * rise), tone(palette.DEPTH, 0.10), shear=lean)
    _draw_head(wardrobe, seat, pose)


def draw_silhouette(wardrobe: Wardrobe, seat: Seat, pose: Pose) -> None:
    """Draw the pale shape of somebody who is not there yet."""
    pale = palette.packed(palette.ABSENT)
    for name in ("SHOES", "LEGS", "NECK", "TORSO"):
        wardrobe.part(name, seat, (0, 0), pale)
    wardrobe.part("HEAD", seat, (0, HEAD_Y), pale)
    wardrobe.part("HAIR", seat, (0, HEAD_Y), pale)
    limbs = arms(seat, pose)
    wardrobe.canvas.ribbons(
        arm_lines(limbs), np.tile(SLEEVE_WIDTH * seat.unit, (2, 1)), np.full(2, pale, np.uint32)
    )
    for arm in limbs:
        wardrobe.canvas.disc(*arm.shoulder, SLEEVE_WIDTH[0] / 2 * seat.unit, pale)
        _draw_hand(wardrobe, seat, arm, pale)


def _draw_head(wardrobe: Wardrobe, seat: Seat, pose: Pose) -> None:
    tone, across, down = palette.packed, pose.look[0], pose.look[1]
    x, y = pose.lean * 1.25 + 0.9 * across, HEAD_Y - pose.breath + 0.5 * down
    skin, near = tone(palette.SKIN), -1.0 if across >= 0 else 1.0
    ear_y = y + 0.8
    wardrobe.part("EAR", seat, (x - near * (9.7 - 2.0 * abs(across)), ear_y), tone(palette.SKIN_SHADE))
    wardrobe.part("HEAD", seat, (x, y), skin)
    wardrobe.part("HEAD_SHADE", seat, (x, y), tone(palette.SKIN_SHADE, 0.45))
    _draw_face(wardrobe, seat, (x + 3.1 * across, y + 1.3 * down), pose)
    wardrobe.part("HAIR_SHADE", seat, (x + 0.9 * across, y + 0.5), tone(palette.SKIN_SHADE, 0.55))
    wardrobe.part("HAIR", seat, (x - 0.4 * across, y + 0.4 * down), tone(palette.HAIR))
    wardrobe.part("HAIR_LIGHT", seat, (x + 0.8 * across, y + 0.4 * down), tone(palette.HAIR_LIGHT))
    ear = x + near * (9.7 - 1.6 * abs(across))
    wardrobe.part("EAR", seat, (ear, ear_y), skin)


def _draw_face(wardrobe: Wardrobe, seat: Seat, at: Point, pose: Pose) -> None:
    """Draw a calm face: eyes and brows level, the mouth a straight line."""
    canvas, tone, u = wardrobe.canvas, palette.packed, seat.unit
    narrow = 1 - 0.18 * abs(pose.look[0])
    for side in (-1, 1):
        ex, ey = seat.at((at[0] + side * EYE[0] * narrow + 0.5 * pose.look[0], at[1] + EYE[1]))
        open_ = max(0.12, 1 - pose.blink)
        canvas.ellipse(ex, ey, 1.12 * u, 1.36 * open_ * u, tone(palette.PUPIL))
        if pose.blink < 0.5:
            canvas.disc(ex - 0.34 * u, ey - 0.45 * u, 0.34 * u, tone(palette.WHITE, 0.9))
        brow = (at[0] + side * (EYE[0] + 0.15) * narrow, at[1] - 4.0)
        wardrobe.part("BROW", seat, brow, tone(palette.HAIR, 0.75))
    wardrobe.part("NOSE", seat, (at[0] + 1.0 * pose.look[0], at[1] + 2.4), tone(palette.SKIN_LINE, 0.6))
    wardrobe.part("MOUTH", seat, (at[0], at[1] + 6.1), tone(palette.LIPS, 0.85))


def draw_arms(wardrobe: Wardrobe, limbs: Sequence[tuple[Seat, Arm, str]]) -> None:
    """Draw arms, each set off by a darker edge, with a cuff and a hand."""
    if not limbs:
        return
    for seat, arm, shirt in limbs:
        _draw_hand(wardrobe, seat, arm)
        wardrobe.canvas.disc(*arm.shoulder, SLEEVE_WIDTH[0] / 2 * seat.unit, palette.packed(shirt))
    lines = arm_lines([arm for _, arm, _ in limbs])
    units = np.array([seat.unit for seat, _, _ in limbs])[:, None]
    colours = np.array([_sleeve_colours(shirt) for _, _, shirt in limbs], np.uint32)
    pairs = np.repeat(lines, 2, axis=0)
    cuffs = lines[:, -2:-1] + (lines[:, -1:] - lines[:, -2:-1]) * CUFF
    widths = np.empty((3 * len(limbs), len(ARM_STATIONS)))
    widths[0 : len(pairs) : 2], widths[1 : len(pairs) : 2] = EDGE_WIDTH * units, SLEEVE_WIDTH * units
    widths[len(pairs) :] = CUFF_WIDTH * units
    shades = np.concatenate((colours[:, :2].ravel(), colours[:, 2]))
    wardrobe.canvas.ribbons(np.concatenate((pairs, cuffs)), widths, shades)


@lru_cache(maxsize=64)
def _sleeve_colours(shirt: str) -> tuple[int, int, int]:
    """Return the colours of a sleeve's edge, the sleeve and its cuff."""
    edge, cuff = palette.mix(shirt, palette.DEPTH, 0.24), palette.mix(shirt, palette.DEPTH, 0.14)
    return palette.packed(edge), palette.packed(shirt), palette.packed(cuff)


def _draw_hand(wardrobe: Wardrobe, seat: Seat, arm: Arm, flat: int | None = None) -> None:
    """Draw four fingers and a thumb that turns inwards; in one colour where `flat` names it."""
    canvas = wardrobe.canvas
    opened = max(0.0, min(1.0, (arm.opened - 0.3) / 0.4))
    layers = (
        ("HAND", palette.SKIN, 1.0),
        ("HAND_OPEN", palette.SKIN, opened),
        ("HAND_LINES", palette.SKIN_LINE, 0.75 * (1 - opened)),
        ("HAND_OPEN_LINES", palette.SKIN_LINE, 0.6 * opened),
    )
    for name, colour, alpha in layers:
        if alpha <= 0.01 or (flat is not None and name != "HAND"):
            continue
        cut, u = wardrobe.cut(name), seat.unit
        anchor, size = (-cut.left * u, -cut.top * u), (cut.width * u, cut.height * u)
        tone = palette.packed(colour, alpha) if flat is None else flat
        canvas.turned(cut.region, *arm.hand, anchor, size, arm.angle, tone, mirrored=arm.side > 0)
