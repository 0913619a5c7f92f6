"""The participant's own hands drawn: backs of the hands, fingers round the ball, thumbs before it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from experiment.stage import palette
from experiment.stage.canvas import Canvas, Colours, Mesh, ribbon_mesh
from experiment.stage.own_hands import OwnHands
from experiment.stage.palette import packed
from experiment.stage.places import Floor

Floats = NDArray[np.float64]

# base x, base y, length, width, fan when open, bend when closed (degrees), for the right hand at scale 1
FINGERS = np.array([
    (17.0, -5.5, 39.0, 13.2, 14.0, -26.0),
    (6.0, -11.0, 48.0, 15.0, 6.0, -34.0),
    (-6.0, -12.0, 51.0, 15.4, -1.0, -40.0),
    (-17.5, -7.0, 46.0, 15.0, -7.0, -44.0),
    (-10.0, 20.0, 45.0, 17.5, -46.0, 34.0),
])  # fmt: skip
THUMB = len(FINGERS) - 1
BODY = np.array([0.0, 0.27, 0.54, 0.8])
TIP = np.radians([30.0, 56.0, 76.0, 90.0])
STATIONS = len(BODY) + len(TIP)
FINGER_RIM = np.minimum(np.linspace(-0.8, 2.4, STATIONS), 1.0)
THUMB_RIM = np.minimum(np.linspace(-1.6, 2.6, STATIONS), 1.0)
EDGE = 3.4
PALM_WIDTH = np.array([29.0, 32.0, 40.0, 48.0, 49.0, 44.0, 30.0, 4.0])
PALM_Y = np.array([46.0, 34.0, 18.0, 2.0, -11.0, -19.0, -25.0, -28.0])
SLEEVE_WIDTH = np.linspace(110.0, 50.0, STATIONS)
SHARE = np.linspace(0.0, 1.0, STATIONS)[:, None]


@dataclass(frozen=True, slots=True)
class Bands:
    """Lines about the middle between the hands, with their widths (px); left hand first, then right."""

    lines: Floats
    widths: Floats


def _fingers(grip: float) -> tuple[Floats, Floats]:
    """Return lines and widths of the right hand's fingers and thumb; `grip` 1 is closed."""
    x, y, length, width, fan, bend = FINGERS.T[..., None]
    thumb = np.arange(len(FINGERS))[:, None] == THUMB
    length = length * np.where(thumb, 1 - 0.06 * grip, 1 - 0.16 * grip)
    start = np.radians(fan * np.where(thumb, 1 - 0.09 * grip, 1 - 0.7 * grip))
    curl = np.radians(np.where(thumb, 24 + (bend - 24) * grip, bend * grip - 8 * (1 - grip)))
    radius = width * 0.46
    stations = np.concatenate(
        (BODY * (length - radius) / 0.8, length - radius + radius * np.sin(TIP)), axis=1
    )
    widths = np.concatenate((width * (1 - 0.1 * BODY), 2 * radius * np.cos(TIP)), axis=1)
    turn = start + curl * (stations / length) ** 1.2
    steps = np.diff(stations, prepend=0.0, axis=1)
    along = np.stack((np.sin(turn) * steps, -np.cos(turn) * steps), axis=2)
    return np.stack((x, y), axis=2) + np.cumsum(along, axis=1), widths


def _both(lines: Floats, apart: float, tilt: float, scale: float) -> Floats:
    """Turn the right hand's lines inwards by `tilt` and mirror them for the left hand."""
    turn = -0.62 * tilt + 0.1
    cos, sin = math.cos(turn), math.sin(turn)
    x, y = lines[..., 0] * cos - lines[..., 1] * sin, lines[..., 0] * sin + lines[..., 1] * cos
    right = np.stack((apart + x * scale, y * scale), axis=-1)
    return np.concatenate((right * (-1.0, 1.0), right))


def _sleeves(apart: float, tilt: float, scale: float) -> Bands:
    """Return bare wrist, edge of the sleeve, sleeve and cuff of both arms."""
    wrist = _both(np.array([[[0.0, 44.0], [0.0, 22.0]]]), apart, tilt, scale)
    near, far = wrist[:, :1], wrist[:, 1:]
    ground = np.array([[[-1.0, 1.0]], [[1.0, 1.0]]]) * (apart + 190 * scale, 330 * scale)
    lead = near + (near - far) * 3.4
    arm = (1 - SHARE) ** 2 * ground + 2 * SHARE * (1 - SHARE) * lead + SHARE**2 * near
    skin = near + (far - near) * SHARE * 0.6
    cuff = near + (near - far) / 22.0 * (14.0 * SHARE - 2.0)
    lines = np.stack((skin, arm, arm, cuff), axis=1).reshape(-1, STATIONS, 2)
    even = np.ones(STATIONS)
    widths = np.stack((31.0 * even, SLEEVE_WIDTH + 3.0, SLEEVE_WIDTH, 51.0 * even)) * scale
    return Bands(lines, np.tile(widths, (2, 1)))


def _behind(apart: float, grip: float, tilt: float, scale: float) -> Bands:
    """Return all that a ball in the hands would hide: arms, palms, fingers."""
    fingers, wide = _fingers(grip)
    palm = np.stack((np.zeros_like(PALM_Y), PALM_Y), axis=1)[None]
    hand = np.concatenate((palm, fingers[:THUMB]))
    outer = np.concatenate((PALM_WIDTH[None] + EDGE, wide[:THUMB] + EDGE * FINGER_RIM))
    inner = np.concatenate((PALM_WIDTH[None], wide[:THUMB]))
    widths = np.stack((outer, inner), axis=1).reshape(-1, STATIONS)
    lines = _both(np.repeat(hand, 2, axis=0), apart, tilt, scale)
    sleeves = _sleeves(apart, tilt, scale)
    return Bands(
        np.concatenate((sleeves.lines, lines)),
        np.concatenate((sleeves.widths, np.tile(widths * scale, (2, 1)))),
    )


def _thumbs(apart: float, grip: float, tilt: float, scale: float) -> Bands:
    fingers, wide = _fingers(grip)
    widths = np.stack((wide[THUMB] + EDGE * THUMB_RIM, wide[THUMB])) * scale
    return Bands(_both(np.repeat(fingers[THUMB:], 2, axis=0), apart, tilt, scale), np.tile(widths, (2, 1)))


@lru_cache(maxsize=32)
def _colours_behind(sleeve: str) -> Colours:
    dark, cuff = palette.mix(sleeve, palette.DEPTH, 0.2), palette.mix(sleeve, palette.DEPTH, 0.13)
    arm = [packed(palette.SKIN), packed(dark), packed(sleeve), packed(cuff)]
    hand = [packed(palette.SKIN_SHADE), packed(palette.SKIN)] * (1 + THUMB)
    return np.array([*arm * 2, *hand * 2], np.uint32)


@lru_cache(maxsize=256)
def _mesh_behind(apart: float, grip: float, tilt: float, scale: float, sleeve: str) -> Mesh:
    bands = _behind(apart, grip, tilt, scale)
    return ribbon_mesh(bands.lines, bands.widths, _colours_behind(sleeve))


@lru_cache(maxsize=256)
def _mesh_thumbs(apart: float, grip: float, tilt: float, scale: float) -> Mesh:
    bands = _thumbs(apart, grip, tilt, scale)
    colours = np.array([packed(palette.SKIN_SHADE), packed(palette.SKIN)] * 2, np.uint32)
    return ribbon_mesh(bands.lines, bands.widths, colours)


def draw_behind_ball(canvas: Canvas, hands: OwnHands, floor: Floor, sleeve: str) -> None:
    """Draw arms, palms and fingers: all that a ball in the hands would hide."""
    canvas.mesh(_mesh_behind(hands.apart, hands.grip, hands.tilt, floor.scale, sleeve), hands.middle)


def draw_thumbs(canvas: Canvas, hands: OwnHands, floor: Floor) -> None:
    """Draw the thumbs, which lie on the near side of the ball."""
    canvas.mesh(_mesh_thumbs(hands.apart, hands.grip, hands.tilt, floor.scale), hands.middle)
