"""A picture of parts looks like the parts laid over each other."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from experiment.stage import outlines, palette
from experiment.stage.dyed import dyed
from experiment.stage.figure import HEAD, NECK, TROUSERS
from experiment.stage.wardrobe import Layers

SHIRT: Layers = (("TORSO", palette.packed("#8a5f86")), ("HEM", palette.packed(palette.DEPTH, 0.1)))
GROUND = (232, 230, 218, 255)
STEPS_APART = 2
EVERY_PICTURE = pytest.mark.parametrize("layers", [TROUSERS[2:], NECK, HEAD, SHIRT])
EVERY_SIZE = pytest.mark.parametrize("unit", [1.3, 2.988, 9.0])


def picture(layers: Layers, unit: float) -> tuple[Image.Image, float, float]:
    """Return a picture of parts by name, and its corner."""
    return dyed([(getattr(outlines, name), tone) for name, tone in layers], unit)


@EVERY_SIZE
@EVERY_PICTURE
def test_a_picture_looks_like_its_parts_laid_over_each_other(layers: Layers, unit: float) -> None:
    """Pillow lays the masks over a ground one by one; those of one box lie on whole pixels."""
    together, left, top = picture(layers, unit)
    seen, expected = (Image.new("RGBA", together.size, GROUND) for _ in range(2))
    seen.alpha_composite(together)
    for name, tone in layers:
        mask, x, y = getattr(outlines, name).mask(unit)
        cover = Image.new("L", together.size)
        cover.paste(mask.point(lambda value, tone=tone: value * (tone >> 24) / 255), (
            round((x - left) * unit), round((y - top) * unit),
        ))  # fmt: skip
        expected.paste((tone & 255, tone >> 8 & 255, tone >> 16 & 255, 255), (0, 0), cover)
    difference = np.asarray(seen, int)[..., :3] - np.asarray(expected, int)[..., :3]
    assert np.abs(difference).max() <= STEPS_APART


@EVERY_SIZE
@EVERY_PICTURE
def test_a_picture_ends_in_a_rim_that_nothing_covers(layers: Layers, unit: float) -> None:
    """Drawn at fractions of a pixel, no edge is cut off."""
    cover = np.asarray(picture(layers, unit)[0])[..., 3]
    assert not np.concatenate((cover[0], cover[-1], cover[:, 0], cover[:, -1])).any()


@EVERY_SIZE
def test_beside_an_edge_a_picture_has_the_colour_of_what_it_shows(unit: float) -> None:
    """The driver mixes neighbours: black beside an edge would darken it."""
    pixels = np.asarray(picture(NECK[:1], unit)[0], int)
    covered = pixels[..., 3] > 0
    near = covered.copy()
    for axis in (0, 1):
        near |= np.roll(near, 1, axis) | np.roll(near, -1, axis)
    assert np.abs(pixels[near][:, :3] - palette.channels(palette.SKIN)).max() <= 1
