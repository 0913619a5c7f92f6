"""A co-player drawn from a pose: the same neutral figure for all, in a shirt of their own colour."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from experiment.stage import palette
from experiment.stage.canvas import Canvas
from experiment.stage.outlines import (
    ARM_STATIONS,
    CUFF_FROM,
    CUFF_TO,
    CUFF_WIDTH,
    RIM_WIDTH,
    SLEEVE_WIDTH,
)
from experiment.stage.places import Point, Seat
from experiment.stage.poses import SHOULDER, Pose
from experiment.stage.wardrobe import Layers, Wardrobe

UPPER_ARM = 16.0
FOREARM = 17.0
HEAD_Y = -86.5
WRIST = 3.0
EYE = (3.7, -0.6)
FORESHORTENED = 0.46
"""Share of an elbow's bend that is seen from the front; the rest comes towards the viewer."""
CURVE_FROM, CURVE_TO = 0.24, 0.78
UPPER = ARM_STATIONS[:2, None] / CURVE_FROM
FORE = (ARM_STATIONS[-2:, None] - CURVE_TO) / (1 - CURVE_TO)
ROUND = (ARM_STATIONS[2:-2, None] - CURVE_FROM) / (CURVE_TO - CURVE_FROM)
START, ELBOW, STOP = np.array([0.58, 0.42, 0.0]), np.array([0.0, 1.0, 0.0]), np.array([0.0, 0.42, 0.58])
"""Where an arm begins and ceases to be round, as shares of shoulder, elbow and wrist."""
LINE = np.concatenate((
    np.array([1.0, 0.0, 0.0]) * (1 - UPPER) + START * UPPER,
    (1 - ROUND) ** 2 * START + 2 * ROUND * (1 - ROUND) * ELBOW + ROUND**2 * STOP,
    STOP * (1 - FORE) + np.array([0.0, 0.0, 1.0]) * FORE,
))  # fmt: skip
"""Points along an arm whose elbow is round, as shares of shoulder, elbow and wrist: ``(n, 3)``."""
CUFF = LINE[-2] + (LINE[-1] - LINE[-2]) * ((np.array([[CUFF_FROM], [CUFF_TO]]) - 0.89) / 0.11)
"""Both ends of a cuff, likewise."""
TROUSERS = (
    ("SHOES", palette.packed(palette.SHOE)),
    ("SOLES", palette.packed(palette.SOLE)),
    ("LEGS", palette.packed(palette.TROUSERS)),
    ("LEGS_SHADE", palette.packed(palette.TROUSERS_SHADE)),
)
NECK = (("NECK", palette.packed(palette.SKIN)), ("NECK_SHADE", palette.packed(palette.SKIN_SHADE)))
HEAD = (("HEAD", palette.packed(palette.SKIN)), ("HEAD_SHADE", palette.packed(palette.SKIN_SHADE, 0.45)))


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


def joints(limbs: Sequence[Arm]) -> NDArray[np.float64]:
    """Return shoulder, elbow and wrist (px) of arms: ``(k, 3, 2)``."""
    return np.array([(arm.shoulder, arm.elbow, arm.wrist) for arm in limbs])


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


def contact_shadow(canvas: Canvas, seat: Seat) -> None:
    """Draw the shadow under a figure's feet."""
    u = seat.unit
    canvas.glow(seat.x + 3 * u, seat.y + 0.5 * u, 27 * u, 6.4 * u, palette.packed(palette.SHADOW, 0.22))
    canvas.glow(seat.x + 1 * u, seat.y + 0.3 * u, 17 * u, 3.6 * u, palette.packed(palette.SHADOW, 0.34))


class Bearing(NamedTuple):
    """What of a pose moves head and trunk.

    Every corner of these moves evenly with each of the numbers, so `experiment.stage.troupe` needs to draw
    them but once. ``rise`` and ``lean`` shift the chest (units), ``across`` and ``down`` are where the head
    is turned, ``turned`` how far to either side; ``near`` (-1 or 1) is the side of the ear that is seen,
    ``lids`` how far the eyes are open, and ``glint`` whether there is light in them.
    """

    rise: float = 0.0
    lean: float = 0.0
    across: float = 0.0
    down: float = 0.0
    turned: float = 0.0
    near: float = 0.0
    lids: float = 0.0
    glint: float = 0.0


def bearing(pose: Pose) -> Bearing:
    """Return how a pose holds head and trunk."""
    across, down = pose.look
    return Bearing(
        rise=-pose.breath,
        lean=pose.lean,
        across=across,
        down=down,
        turned=abs(across),
        near=-1.0 if across >= 0 else 1.0,
        lids=max(0.12, 1 - pose.blink),
        glint=float(pose.blink < 0.5),
    )


def draw_behind_head(wardrobe: Wardrobe, seat: Seat, held: Bearing) -> None:
    """Draw the ear on the far side."""
    # The ears lie 9.7 units aside, less where the head is turned: near times the turn is minus `across`.
    (x, y), tone = _head(held), palette.packed(palette.SKIN_SHADE)
    wardrobe.part("EAR", seat, (x - 9.7 * held.near - 2.0 * held.across, y + 0.8), tone)


@lru_cache(maxsize=64)
def _shirt(colour: str) -> Layers:
    """Return a shirt with its folds."""
    return (
        ("TORSO", palette.packed(colour)),
        ("TORSO_SHADE", palette.packed(palette.DEPTH, 0.13)),
        ("COLLAR", palette.packed(palette.DEPTH, 0.16)),
        ("HEM", palette.packed(palette.DEPTH, 0.10)),
    )


def draw_trunk(wardrobe: Wardrobe, seat: Seat, held: Bearing, shirt: str) -> None:
    """Draw what of a body is large: shoes and trousers, neck, shirt, the round of the head."""
    wardrobe.parts(TROUSERS, seat, (0, 0))
    wardrobe.parts(NECK, seat, (held.lean, held.rise))
    wardrobe.parts(_shirt(shirt), seat, (0, 0.5 * held.rise), shear=held.lean)
    wardrobe.parts(HEAD, seat, _head(held))


def draw_face(wardrobe: Wardrobe, seat: Seat, held: Bearing) -> None:
    """Draw face and hair, and the ear on the near side."""
    tone, across, down = palette.packed, held.across, held.down
    x, y = _head(held)
    _draw_features(wardrobe, seat, (x + 3.1 * across, y + 1.3 * down), held)
    wardrobe.part("HAIR_SHADE", seat, (x + 0.9 * across, y + 0.5), tone(palette.SKIN_SHADE, 0.55))
    wardrobe.part("HAIR", seat, (x - 0.4 * across, y + 0.4 * down), tone(palette.HAIR))
    wardrobe.part("HAIR_LIGHT", seat, (x + 0.8 * across, y + 0.4 * down), tone(palette.HAIR_LIGHT))
    wardrobe.part("EAR", seat, (x + 9.7 * held.near + 1.6 * across, y + 0.8), tone(palette.SKIN))


BODY: tuple[Callable[[Wardrobe, Seat, Bearing, str], None], ...] = (
    lambda into, seat, held, _shirt: draw_behind_head(into, seat, held),
    draw_trunk,
    lambda into, seat, held, _shirt: draw_face(into, seat, held),
)
"""What of bodies is drawn for all of a troupe before the next: pictures and masks lie on different pages."""


@lru_cache(maxsize=64)
def sleeve(shirt: str) -> Layers:
    """Return a sleeve with the darker edge that sets it off below, and its cuff."""
    edge, cuff = palette.mix(shirt, palette.DEPTH, 0.24), palette.mix(shirt, palette.DEPTH, 0.14)
    return (
        ("SLEEVE_RIM", palette.packed(edge)),
        ("SLEEVE", palette.packed(shirt)),
        ("CUFF", palette.packed(cuff)),
    )


def draw_melting(wardrobe: Wardrobe, seat: Seat, pose: Pose, shirt: str) -> None:
    """Draw a figure that will be mixed into the ground: all of it has its colours in its corners."""
    into, canvas, u = replace(wardrobe, melting=True), wardrobe.canvas, seat.unit
    for draw in BODY:
        draw(into, seat, bearing(pose), shirt)
    limbs = arms(seat, pose)
    for arm in limbs:
        for (name, skin, *_), alpha in zip(HAND_LAYERS, hand_alphas(arm.opened), strict=True):
            draw_hand(into, name, u, arm, palette.packed(skin, alpha))
        canvas.disc(*arm.shoulder, SLEEVE_WIDTH[0] / 2 * u, palette.packed(shirt))
    widths = RIM_WIDTH, SLEEVE_WIDTH, np.full(len(CUFF), CUFF_WIDTH)
    for (_, tone), line, wide in zip(sleeve(shirt), (LINE, LINE, CUFF), widths, strict=True):
        canvas.ribbons(line @ joints(limbs), np.tile(wide * u, (2, 1)), np.full(2, tone, np.uint32))


def draw_silhouette(wardrobe: Wardrobe, seat: Seat, pose: Pose) -> None:
    """Draw the pale shape of somebody who is not there yet."""
    pale = palette.packed(palette.ABSENT)
    for name in ("SHOES", "LEGS", "NECK", "TORSO"):
        wardrobe.part(name, seat, (0, 0), pale)
    wardrobe.part("HEAD", seat, (0, HEAD_Y), pale)
    wardrobe.part("HAIR", seat, (0, HEAD_Y), pale)
    limbs = arms(seat, pose)
    wardrobe.canvas.ribbons(
        LINE @ joints(limbs), np.tile(SLEEVE_WIDTH * seat.unit, (2, 1)), np.full(2, pale, np.uint32)
    )
    for arm in limbs:
        wardrobe.canvas.disc(*arm.shoulder, SLEEVE_WIDTH[0] / 2 * seat.unit, pale)
        draw_hand(wardrobe, "HAND", seat.unit, arm, pale)


def _head(held: Bearing) -> Point:
    """Return the middle of the head (units)."""
    return held.lean * 1.25 + 0.9 * held.across, HEAD_Y + held.rise + 0.5 * held.down


def _draw_features(wardrobe: Wardrobe, seat: Seat, at: Point, held: Bearing) -> None:
    """Draw a calm face: eyes and brows level, the mouth a straight line."""
    canvas, tone, u, across = wardrobe.canvas, palette.packed, seat.unit, held.across
    # 18 % narrower where the head is turned to the side, written out to stay even in `turned`.
    for side in (-1, 1):
        aside = side * (EYE[0] - 0.18 * EYE[0] * held.turned)
        ex, ey = seat.at((at[0] + aside + 0.5 * across, at[1] + EYE[1]))
        canvas.ellipse(ex, ey, 1.12 * u, 1.36 * held.lids * u, tone(palette.PUPIL), largest=1.36 * u)
        light = 0.34 * held.glint * u
        canvas.ellipse(ex - 0.34 * u, ey - 0.45 * u, light, light, tone(palette.WHITE, 0.9), largest=0.34 * u)
        brow = side * (EYE[0] + 0.15) * (1 - 0.18 * held.turned)
        wardrobe.part("BROW", seat, (at[0] + brow, at[1] - 4.0), tone(palette.HAIR, 0.75))
    wardrobe.part("NOSE", seat, (at[0] + 1.0 * across, at[1] + 2.4), tone(palette.SKIN_LINE, 0.6))
    wardrobe.part("MOUTH", seat, (at[0], at[1] + 6.1), tone(palette.LIPS, 0.85))


HAND_LAYERS = (
    ("HAND", palette.SKIN, 1.0, 0.0),
    ("HAND_OPEN", palette.SKIN, 0.0, 1.0),
    ("HAND_LINES", palette.SKIN_LINE, 0.75, -0.75),
    ("HAND_OPEN_LINES", palette.SKIN_LINE, 0.0, 0.6),
)
"""Masks and colours of four fingers and a thumb; opacity of the closed hand, and what opening adds to it."""


def hand_alphas(opened: float) -> tuple[float, ...]:
    """Return the opacity of each layer of a hand whose fingers are spread so far (0-1)."""
    share = min(max((opened - 0.3) / 0.4, 0.0), 1.0)
    return tuple(closed + share * opening for *_, closed, opening in HAND_LAYERS)


def draw_hand(wardrobe: Wardrobe, name: str, u: float, arm: Arm, tone: int) -> None:
    """Draw one layer of a hand at scale `u`, in its place and turned as the arm has it."""
    cut = wardrobe.cut(name)
    anchor, size = (-cut.left * u, -cut.top * u), (cut.width * u, cut.height * u)
    wardrobe.canvas.turned(cut.region, *arm.hand, anchor, size, arm.angle, tone, mirrored=arm.side > 0)
