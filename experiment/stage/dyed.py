"""Parts of a figure that always move together, laid over each other in their colours once and for all.

Where a program fills the pixels, such a picture costs no more than each of the masks that it is made of.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import product

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from experiment.stage.outlines import Box, Part

Floats = NDArray[np.float32]
MARGIN_PX = 1
FAINTEST = 1 / 255


def dyed(layers: Sequence[tuple[Part, int]], unit: float) -> tuple[Image.Image, float, float]:
    """Return a picture of parts in packed colours, the lowest first, and its corner (units).

    Parameters
    ----------
    layers
        Parts with the same origin, each with its colour.
    unit
        Pixels per unit.
    """
    lefts, tops, rights, bottoms = zip(*(part.box for part, _ in layers), strict=True)
    box = min(lefts), min(tops), max(rights), max(bottoms)
    mixed = _mixed(layers, box, unit)
    rows, columns = (np.flatnonzero((mixed[..., 3] >= FAINTEST).any(axis)) for axis in (1, 0))
    top, left = max(0, int(rows[0]) - MARGIN_PX), max(0, int(columns[0]) - MARGIN_PX)
    pixels = _unmixed(mixed)[top : rows[-1] + 1 + MARGIN_PX, left : columns[-1] + 1 + MARGIN_PX]
    return Image.fromarray(pixels), box[0] + left / unit, box[1] + top / unit


def _mixed(layers: Sequence[tuple[Part, int]], box: Box, unit: float) -> Floats:
    """Return coverage (0-1) and, before it, red, green and blue (0-1) times coverage: ``(h, w, 4)``."""
    wide, tall = (int(np.ceil((box[i + 2] - box[i]) * unit)) + MARGIN_PX for i in range(2))
    mixed = np.zeros((tall, wide, 4), np.float32)
    for part, colour in layers:
        mask, left, top = replace(part, box=box).mask(unit)
        whole = Image.new("L", (wide, tall))
        whole.paste(mask, (round((left - box[0]) * unit), round((top - box[1]) * unit)))
        red, green, blue, alpha = np.array([colour], np.uint32).view(np.uint8) / np.float32(255)
        cover = np.asarray(whole, np.float32)[..., None] / 255 * alpha
        mixed = mixed * (1 - cover) + cover * np.array([red, green, blue, 1], np.float32)
    return mixed


def _unmixed(mixed: Floats) -> NDArray[np.uint8]:
    """Return red, green, blue and coverage (0-255).

    What is not covered takes the colour of what lies beside it: between two pixels of a picture a driver
    mixes colours whatever their coverage, and edges would get dark rims.
    """
    near = np.sum([np.roll(mixed, step, (0, 1)) for step in product((-1, 0, 1), repeat=2)], axis=0)
    source = np.where(mixed[..., 3:] >= FAINTEST, mixed, near)
    colours = source[..., :3] / np.maximum(source[..., 3:], FAINTEST)
    picture = np.concatenate((np.minimum(colours, 1), mixed[..., 3:]), axis=2)
    return np.asarray(np.rint(255 * picture), np.uint8)
