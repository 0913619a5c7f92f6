"""The ball: a disc with seams that turn with it, light from the upper left that does not, and its shadow."""

from __future__ import annotations

from math import ceil

import numpy as np
from PIL import Image, ImageDraw

from experiment.stage import palette
from experiment.stage.canvas import Canvas
from experiment.stage.palette import packed
from experiment.stage.poses import BallPose

OVERSAMPLING = 4


def _seams(radius: int) -> Image.Image:
    """Return the seams of a ball of `radius` px: two arcs that curve away from each other, and a band."""
    side = 2 * radius
    fine = side * OVERSAMPLING
    image = Image.new("L", (fine, fine), 0)
    pen = ImageDraw.Draw(image)
    width = max(1, round(0.105 * radius * OVERSAMPLING))
    for middle in (-0.42, 2.42):
        x, r = middle * fine / 2, 0.92 * fine / 2
        pen.ellipse((x - r, fine / 2 - r, x + r, fine / 2 + r), outline=255, width=width)
    disc = Image.new("L", (fine, fine), 0)
    inset = 0.02 * fine
    ImageDraw.Draw(disc).ellipse((inset, inset, fine - inset, fine - inset), fill=255)
    clipped = Image.fromarray(np.minimum(np.asarray(image), np.asarray(disc)))
    return clipped.resize((side, side), Image.Resampling.BOX)


def _shade(radius: int) -> Image.Image:
    """Return how much darker a lit ball is at each place, none towards the upper left."""
    axis = (np.arange(2 * radius) + 0.5) / radius - 1
    x, y = axis[None, :], axis[:, None]
    far = np.clip((np.hypot(x + 0.32, y + 0.38) - 0.55) / 0.9, 0, 1) ** 1.3
    inside = np.clip((1 - np.hypot(x, y)) * radius + 0.5, 0, 1)
    return Image.fromarray((255 * far * inside).astype(np.uint8))


def draw_ball_shadow(canvas: Canvas, ball: BallPose) -> None:
    """Draw the shadow on the ground: wider and fainter the higher the ball."""
    wide = ball.radius * (1.15 + 0.7 * ball.height)
    strength = 0.34 - 0.18 * ball.height
    canvas.glow(*ball.ground, 1.5 * wide, 0.46 * wide, packed(palette.SHADOW, strength))


def draw_ball(canvas: Canvas, ball: BallPose, colour: str, largest_px: float) -> None:
    """Draw the ball in its colour; `largest_px` is the greatest radius it will have on this screen."""
    size = max(4, ceil(largest_px))
    x, y, r = *ball.place, ball.radius
    canvas.disc(x, y, r, packed(colour))
    seams = canvas.atlas.shape(("seams", size), lambda: _seams(size))
    canvas.turned(
        seams, x, y, (r, r), (2 * r, 2 * r), ball.turn + 0.5, packed(palette.mix(colour, palette.WHITE, 0.72))
    )
    shade = canvas.atlas.shape(("ball shade", size), lambda: _shade(size))
    canvas.sprite(shade, x - r, y - r, 2 * r, 2 * r, packed(palette.mix(colour, "#20101c", 0.62), 0.62))
    canvas.glow(x - 0.36 * r, y - 0.42 * r, 0.42 * r, 0.34 * r, packed(palette.WHITE, 0.75))
