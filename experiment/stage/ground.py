"""The ground drawn: sky, hills, trees, the lines of the court."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from experiment.stage import palette
from experiment.stage.canvas import Canvas
from experiment.stage.palette import packed
from experiment.stage.places import Floor, Seat

TREES = (
    (0.055, 1.0),
    (0.085, 0.74),
    (0.385, 0.62),
    (0.41, 0.8),
    (0.635, 0.66),
    (0.9, 0.8),
    (0.935, 1.06),
    (0.965, 0.7),
)
"""Place across the screen and size of each far tree."""


def draw_ground(canvas: Canvas, ground: Floor) -> None:
    """Draw sky, far hills, trees and the court's lines; like things together, for they cost one call."""
    w, h, horizon, s = ground.width, ground.height, ground.horizon, ground.scale
    canvas.shaded(0, 0, w, horizon, palette.SKY_FAR, palette.SKY_NEAR)
    canvas.shaded(0, horizon, w, 0.2 * h, palette.FLOOR_FAR, palette.FLOOR)
    x = np.linspace(0, w, 33)
    turn = x / w * np.pi * 2
    far = horizon - s * (46 + 20 * np.sin(turn * 0.9 + 0.6) + 11 * np.sin(turn * 2.3 + 2.0))
    near = horizon - s * (17 + 10 * np.sin(turn * 1.2 + 3.6) + 6 * np.sin(turn * 2.9 + 0.3))
    canvas.under(np.stack((x, far), axis=1), horizon, packed(palette.HILL_FAR))
    _draw_trees(canvas, ground)
    canvas.under(np.stack((x, near), axis=1), horizon, packed(palette.HILL_NEAR))
    _draw_lines(canvas, ground)


def _draw_trees(canvas: Canvas, ground: Floor) -> None:
    leaf = packed(palette.mix(palette.HILL_NEAR, palette.HILL_FAR, 0.35))
    foot = ground.horizon - 14 * ground.scale
    share, size = np.array(TREES).T
    s = size * ground.scale
    x = share * ground.width
    trunks = np.stack((np.stack((x, foot - 26 * s), axis=1), np.stack((x, foot + 8 * s), axis=1)), axis=1)
    canvas.ribbons(trunks, np.tile(4.4 * s[:, None], (1, 2)), np.full(len(TREES), leaf, np.uint32))
    for across, tall in zip(x.tolist(), s.tolist(), strict=True):
        canvas.ellipse(across, foot - 40 * tall, 23 * tall, 28 * tall, leaf)


def _draw_lines(canvas: Canvas, ground: Floor) -> None:
    """Draw the rounded court as lines on the floor, thinner where it is far."""
    w, h, s = ground.width, ground.height, ground.scale
    rx, ry, middle = min(0.46 * w, 0.86 * h), 0.345 * h, 0.80 * h
    hidden = np.arcsin(min(1.0, (h - middle) / ry + 0.03))
    arc = np.linspace(np.pi - hidden, 2 * np.pi + hidden, 57)
    turn = np.linspace(0, 2 * np.pi, 57)
    rim = np.stack((w / 2 + rx * np.cos(arc), middle + ry * np.sin(arc)), axis=1)
    inner = np.stack((w / 2 + 0.2 * rx * np.cos(turn), 0.665 * h + 0.062 * h * np.sin(turn)), axis=1)
    depth = (rim[:, 1] - ground.horizon) / (h - ground.horizon)
    widths = s * np.stack((2.0 + 5.5 * depth, np.full_like(depth, 3.0)))
    canvas.ribbons(
        np.stack((rim, inner)),
        widths,
        np.array([packed(palette.LINE, 0.95), packed(palette.LINE, 0.7)], np.uint32),
    )


def tones(ground: Floor) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return about which colour the ground has at which height: heights (px) and ``(n, 3)`` colours."""
    h = ground.height
    stops = {
        0.0: palette.SKY_FAR,
        0.72 * ground.horizon: palette.SKY_NEAR,
        0.8 * ground.horizon: palette.HILL_FAR,
        0.98 * ground.horizon: palette.HILL_NEAR,
        1.02 * ground.horizon: palette.FLOOR_FAR,
        ground.horizon + 0.2 * h: palette.FLOOR,
    }
    return np.array(list(stops)), np.array([palette.channels(tone) for tone in stops.values()], float)


def draw_ring(canvas: Canvas, seat: Seat, colour: str) -> None:
    """Draw a ring on the floor round the participant's figure, whose turn it is."""
    u, turn = seat.unit, np.linspace(0, 2 * np.pi, 49)
    canvas.glow(seat.x, seat.y, 40 * u, 13 * u, packed(palette.WHITE))
    rim = np.stack((seat.x + 27 * u * np.cos(turn), seat.y + 8 * u * np.sin(turn)), axis=1)
    widths = np.full((1, len(turn)), 1.5 * u)
    canvas.ribbons(rim[None], widths, np.array([packed(colour)], np.uint32))
