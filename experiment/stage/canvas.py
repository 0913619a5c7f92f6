"""A frame as one list of tinted quads: what is drawn where, without any graphics library.

Places are framebuffer pixels from the top left corner. Every quad takes its coverage from the atlas
and its colour from its corners, so a whole scene is a few draw calls.
"""

# ruff: noqa: PLR0917 - shapes take place, size and colour in the order that every drawing library has them
from __future__ import annotations

import math
from array import array
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

from experiment.stage import palette, typography
from experiment.stage.atlas import Atlas, Region
from experiment.stage.palette import packed

OVERSAMPLING = 4
FEATHER_PX = 1.2
PLAIN = -1
"""Stands for a page in `Canvas.runs`: quads of full coverage, colours blended by their alpha."""
OPAQUE = -2
"""Likewise, colours that cover what is below: cheapest to fill."""
MESH = -3
"""Like `PLAIN`, but triangles that share corners, which are listed by their numbers."""

RAIL_SIDES = np.array([-1.0, -1.0, 1.0, 1.0])
RAIL_SHIFTS = np.array([0.5, -0.5, -0.5, 0.5]) * FEATHER_PX

Vertices = NDArray[np.float32]
Colours = NDArray[np.uint32]
Corners = NDArray[np.uint32]


def _disc(radius: int) -> Image.Image:
    side = 2 * radius + 2
    image = Image.new("L", (side * OVERSAMPLING, side * OVERSAMPLING), 0)
    edge = (side - 1) * OVERSAMPLING
    ImageDraw.Draw(image).ellipse((OVERSAMPLING, OVERSAMPLING, edge - 1, edge - 1), fill=255)
    return image.resize((side, side), Image.Resampling.BOX)


def _glow() -> Image.Image:
    """Return a disc whose coverage falls softly to nothing at its rim."""
    side = 128
    axis = (np.arange(side) + 0.5) / side * 2 - 1
    distance = np.clip(np.hypot(axis[None, :], axis[:, None]), 0, 1)
    return Image.fromarray((255 * (1 - distance**2) ** 2).astype(np.uint8))


def _soft_box(radius: int, blur: int) -> Image.Image:
    side = 2 * (radius + 2 * blur) + 2
    image = Image.new("L", (side, side), 0)
    inset = 2 * blur
    ImageDraw.Draw(image).rounded_rectangle(
        (inset, inset, side - 1 - inset, side - 1 - inset), radius, fill=255
    )
    return image.filter(ImageFilter.GaussianBlur(blur * 0.8))


@dataclass(frozen=True, slots=True)
class Mesh:
    """Triangles without texture: ``(n, 4)`` places (px), ``(n,)`` packed colours, and the corners of each."""

    places: Vertices
    colours: Colours
    corners: Corners


def ribbon_mesh(points: NDArray[np.float64], widths: NDArray[np.float64], colours: Colours) -> Mesh:
    """Return bands along lines, with soft edges.

    Parameters
    ----------
    points
        ``(k, n, 2)``: k lines of n points (px).
    widths
        ``(k, n)``: full width at each point (px).
    colours
        ``(k,)``: packed colour of each line.
    """
    lines, count, _ = points.shape
    along = np.empty_like(points)
    along[:, 1:-1] = points[:, 2:] - points[:, :-2]
    along[:, 0], along[:, -1] = points[:, 1] - points[:, 0], points[:, -1] - points[:, -2]
    along /= np.maximum(np.sqrt((along * along).sum(axis=2, keepdims=True)), 1e-9)
    edges = np.maximum(widths[:, :, None] / 2 + RAIL_SHIFTS, 0) * RAIL_SIDES
    rails = np.empty((lines, count + 2, 4, 2))
    rails[:, 1:-1, :, 0] = points[:, :, None, 0] - along[:, :, None, 1] * edges
    rails[:, 1:-1, :, 1] = points[:, :, None, 1] + along[:, :, None, 0] * edges
    rails[:, 0] = rails[:, 1] - along[:, :1] * FEATHER_PX
    rails[:, -1] = rails[:, -2] + along[:, -1:] * FEATHER_PX
    shades: Colours = np.empty((lines, count + 2, 4), np.uint32)
    shades[:] = (colours & np.uint32(0x00FFFFFF))[:, None, None]
    shades[:, 1:-1, 1:3] = colours[:, None, None]
    return band_mesh(rails, shades)


def band_mesh(rails: NDArray[np.float64], shades: Colours) -> Mesh:
    """Fill between neighbouring rails: ``rails`` is ``(k, n, m, 2)``, ``shades`` ``(k, n, m)``."""
    lines, n, m, _ = rails.shape
    places: Vertices = np.zeros((lines * n * m, 4), np.float32)
    places[:, :2] = rails.reshape(-1, 2)
    return Mesh(places, shades.ravel(), between(lines, n, m))


@lru_cache(maxsize=64)
def between(lines: int, n: int, m: int) -> Corners:
    """Return the corners of the triangles between neighbours in ``(lines, n, m)`` points."""
    number = np.arange(lines * n * m, dtype=np.uint32).reshape(lines, n, m)
    a, b, c, d = number[:, :-1, :-1], number[:, :-1, 1:], number[:, 1:, 1:], number[:, 1:, :-1]
    return np.stack((a, b, c, a, c, d), axis=-1).ravel()


@dataclass(slots=True)
class Canvas:
    """Quads in the order in which they are painted.

    ``runs`` divides them by where their coverage comes from: page, number of the first corner, and of the
    first entry of ``corners``, which lists the triangles of meshes. Pictures go to ``prints`` and text to
    ``ink`` where there are such, to be pasted over all shapes at once. ``ground`` lies under everything and
    is the same canvas as long as it stays as it is, so that it can be kept as a picture.
    """

    atlas: Atlas
    width: int
    height: int
    clear: str = palette.PAPER
    ground: Canvas | None = None
    places: array[float] = field(default_factory=lambda: array("f"))
    colours: array[int] = field(default_factory=lambda: array("I"))
    corners: array[int] = field(default_factory=lambda: array("I"))
    runs: list[tuple[int, int, int]] = field(default_factory=list)
    prints: Canvas | None = None
    ink: Canvas | None = None
    wardrobes: dict[float, Any] = field(default_factory=dict)
    """What figures are dressed from; see `experiment.stage.wardrobe.find_wardrobe`."""

    def begin(self, clear: str, ground: Canvas | None = None) -> None:
        """Start an empty frame on the colour `clear` and what lies on it, if anything does."""
        self.clear, self.ground = clear, ground
        del self.places[:]
        del self.colours[:]
        del self.corners[:]
        self.runs.clear()

    @property
    def vertices(self) -> int:
        """Number of corners so far."""
        return len(self.colours)

    def stretches(self) -> list[tuple[int, tuple[int, int], tuple[int, int]]]:
        """Return page, first corner and the one after the last, and likewise of ``corners``, of each run."""
        ends = [*self.runs[1:], (0, len(self.colours), len(self.corners))]
        return [
            (page, (first, last), (entry, end))
            for (page, first, entry), (_, last, end) in zip(self.runs, ends, strict=False)
        ]

    def _page(self, page: int) -> None:
        """Note that the quads that follow take their coverage from `page`."""
        if not self.runs or self.runs[-1][0] != page:
            self.runs.append((page, len(self.colours), len(self.corners)))

    def paste(self, other: Canvas) -> None:
        """Add all that `other` holds."""
        if not other.colours:
            return
        first, listed = len(self.colours), len(self.corners)
        for page, start, entry in other.runs:
            if not self.runs or self.runs[-1][0] != page:
                self.runs.append((page, first + start, listed + entry))
        if other.corners:
            self._list(np.frombuffer(other.corners, np.uint32), first)
        self.places.extend(other.places)
        self.colours.extend(other.colours)

    def fade(self, first: int, alpha: float) -> None:
        """Make all from corner number `first` on more transparent."""
        colours = np.frombuffer(self.colours, np.uint32)[first:]
        strength = ((colours >> 24) * alpha).astype(np.uint32)
        colours[:] = (colours & 0x00FFFFFF) | (strength << 24)

    def melt(
        self, first: int, share: float, heights: NDArray[np.float64], tones: NDArray[np.float64]
    ) -> None:
        """Mix all from corner number `first` on into a ground, by `share` (0-1).

        The ground has the colours `tones` (``(n, 3)``, 0-255) at `heights` (px). Unlike `fade`, this does not
        let one part of a figure shine through another.
        """
        down = np.frombuffer(self.places, np.float32)[4 * first + 1 :: 4]
        ground = np.stack([np.interp(down, heights, tone) for tone in tones.T], axis=1)
        parts = np.frombuffer(self.colours, np.uint8).reshape(-1, 4)[first:]
        parts[:, :3] = parts[:, :3] * (1 - share) + ground * share

    def _list(self, corners: Corners, first: int) -> None:
        """Note triangles whose corners are numbered from `first` on."""
        self.corners.frombytes((corners + np.uint32(first)).tobytes())

    def sprite(self, region: Region, x: float, y: float, w: float, h: float, colour: int) -> None:
        """Draw a mask upright, its top left corner at (`x`, `y`)."""
        self._page(region.page)
        r, b = x + w, y + h
        u0, v0, u1, v1 = region.u0, region.v0, region.u1, region.v1
        self.places.extend((x, y, u0, v0, r, y, u1, v0, r, b, u1, v1, x, b, u0, v1))
        self.colours.extend((colour, colour, colour, colour))

    def quads(self, page: int, places: Vertices, colour: int) -> None:
        """Draw quads made beforehand: places and places on the page of four corners each, ``(4 n, 4)``."""
        self._page(page)
        self.places.frombytes(places.tobytes())
        self.colours.extend([colour] * len(places))

    def picture(self, region: Region, x: float, y: float) -> None:
        """Draw a picture in its own colours and size, its top left corner at (`x`, `y`)."""
        into = self if self.prints is None else self.prints
        into.sprite(region, x, y, region.width, region.height, packed(palette.WHITE))

    def turned(
        self,
        region: Region,
        x: float,
        y: float,
        anchor: tuple[float, float],
        size: tuple[float, float],
        angle: float,
        colour: int,
        *,
        mirrored: bool = False,
    ) -> None:
        """Draw a mask turned by `angle` (radians, clockwise) about `anchor`, which lies at (`x`, `y`)."""
        self._page(region.page)
        cos, sin = math.cos(angle), math.sin(angle)
        left, top = -anchor[0], -anchor[1]
        right, bottom = left + size[0], top + size[1]
        u0, u1 = region.u0, region.u1
        if mirrored:
            left, right, u0, u1 = -right, -left, u1, u0
        v0, v1 = region.v0, region.v1
        self.places.extend((
            x + left * cos - top * sin, y + left * sin + top * cos, u0, v0,
            x + right * cos - top * sin, y + right * sin + top * cos, u1, v0,
            x + right * cos - bottom * sin, y + right * sin + bottom * cos, u1, v1,
            x + left * cos - bottom * sin, y + left * sin + bottom * cos, u0, v1,
        ))  # fmt: skip
        self.colours.extend((colour, colour, colour, colour))

    def slanted(
        self,
        region: Region,
        x: float,
        y: float,
        w: float,
        h: float,
        slant: float,
        foot: float,
        colour: int,
    ) -> None:
        """Draw a mask with its top edge moved by `slant` + `foot` px and its bottom edge by `foot`."""
        self._page(region.page)
        u0, v0, u1, v1 = region.u0, region.v0, region.u1, region.v1
        top, low, b = x + slant + foot, x + foot, y + h
        self.places.extend((top, y, u0, v0, top + w, y, u1, v0, low + w, b, u1, v1, low, b, u0, v1))
        self.colours.extend((colour, colour, colour, colour))

    def rounded_free(self, x: float, y: float, w: float, h: float, colour: int) -> None:
        """Draw a small pill at any fraction of a pixel, so that it can move smoothly."""
        region = self.atlas.shape(("disc", 32), lambda: _disc(32))
        self._nine(region, x, y, w, h, h / 2, colour)

    def box(self, x: float, y: float, w: float, h: float, colour: int) -> None:
        """Draw a rectangle."""
        self._page(OPAQUE if colour >> 24 == 0xFF else PLAIN)
        r, b = x + w, y + h
        self.places.extend((x, y, 0.0, 0.0, r, y, 0.0, 0.0, r, b, 0.0, 0.0, x, b, 0.0, 0.0))
        self.colours.extend((colour, colour, colour, colour))

    def shaded(self, x: float, y: float, w: float, h: float, upper: str, lower: str) -> None:
        """Draw a rectangle that goes over from one colour to another downwards.

        It is made of bands of one colour each: drivers that blend colours do so a little differently for a
        part of a rectangle than for the whole.
        """
        rows = np.arange(math.floor(y), math.ceil(y + h))
        share = np.clip((rows + 0.5 - y) / h, 0, 1)[:, None]
        first, last = (np.array(palette.channels(tone), float) for tone in (upper, lower))
        tones = np.rint(first + (last - first) * share).astype(int)
        begins = np.flatnonzero(np.diff(tones, axis=0, prepend=-1).any(axis=1)).tolist()
        edges = [y, *(float(rows[begin]) for begin in begins[1:]), y + h]
        for begin, top, bottom in zip(begins, edges[:-1], edges[1:], strict=True):
            red, green, blue = tones[begin].tolist()
            self.box(x, top, w, bottom - top, 0xFF << 24 | blue << 16 | green << 8 | red)

    def ellipse(self, x: float, y: float, rx: float, ry: float, colour: int, *, largest: float = 0.0) -> None:
        """Draw a filled ellipse about (`x`, `y`); `largest` is the greatest radius that it will ever have."""
        radius, fine = 8, largest or max(rx, ry)
        while radius < fine and radius < 256:
            radius *= 2
        region = self.atlas.shape(("disc", radius), lambda: _disc(radius))
        gx, gy = rx * (1 + 1 / radius), ry * (1 + 1 / radius)
        self.sprite(region, x - gx, y - gy, 2 * gx, 2 * gy, colour)

    def disc(self, x: float, y: float, radius: float, colour: int) -> None:
        """Draw a filled circle about (`x`, `y`)."""
        self.ellipse(x, y, radius, radius, colour)

    def glow(self, x: float, y: float, rx: float, ry: float, colour: int) -> None:
        """Draw a soft ellipse: light on the floor or a shadow."""
        self.sprite(self.atlas.shape("glow", _glow), x - rx, y - ry, 2 * rx, 2 * ry, colour)

    def _nine(self, region: Region, x: float, y: float, w: float, h: float, cut: float, colour: int) -> None:
        """Stretch a mask to a rectangle, keeping its corners of `cut` px as they are."""
        self._page(region.page)
        cut = min(cut, w / 2, h / 2)
        um, vm = (region.u0 + region.u1) / 2, (region.v0 + region.v1) / 2
        xs = (x, x + cut, x + w - cut, x + w)
        ys = (y, y + cut, y + h - cut, y + h)
        us, vs = (region.u0, um, um, region.u1), (region.v0, vm, vm, region.v1)
        for j in range(3):
            for i in range(3):
                x0, x1, y0, y1 = xs[i], xs[i + 1], ys[j], ys[j + 1]
                if x1 - x0 > 0 and y1 - y0 > 0:
                    u0, u1, v0, v1 = us[i], us[i + 1], vs[j], vs[j + 1]
                    self.places.extend((x0, y0, u0, v0, x1, y0, u1, v0, x1, y1, u1, v1, x0, y1, u0, v1))
                    self.colours.extend((colour, colour, colour, colour))

    def rounded(self, x: float, y: float, w: float, h: float, radius: float, colour: int) -> None:
        """Draw a rectangle with round corners."""
        corner = max(1, round(min(radius, w / 2, h / 2)))
        region = self.atlas.shape(("disc", corner), lambda: _disc(corner))
        self._nine(region, round(x) - 1, round(y) - 1, round(w) + 2, round(h) + 2, corner + 1, colour)

    def shadow(self, x: float, y: float, w: float, h: float, radius: float, blur: float, colour: int) -> None:
        """Draw the soft shadow of a rectangle with round corners."""
        corner, soft = max(1, round(min(radius, w / 2, h / 2))), max(1, round(blur))
        region = self.atlas.shape(("soft", corner, soft), lambda: _soft_box(corner, soft))
        grow = 2 * soft
        self._nine(region, x - grow, y - grow, w + 2 * grow, h + 2 * grow, corner + grow + 1, colour)

    def text(
        self,
        x: float,
        y: float,
        text: str,
        size: int,
        colour: int,
        face: str = typography.REGULAR,
        align: float = 0.0,
    ) -> None:
        """Write a line with its baseline at `y`; `align` 0 begins at `x`, 0.5 centres on it, 1 ends at it."""
        if not text.strip():
            return
        region = self.atlas.text(text, size, face)
        pen = round(x - align * typography.width(text, size, face))
        into = self if self.ink is None else self.ink
        into.sprite(region, pen + region.left, round(y) + region.top, region.width, region.height, colour)

    def ribbons(self, points: NDArray[np.float64], widths: NDArray[np.float64], colours: Colours) -> None:
        """Draw bands along lines; see `ribbon_mesh`."""
        self.mesh(ribbon_mesh(points, widths, colours))

    def mesh(self, mesh: Mesh, move: tuple[float, float] = (0.0, 0.0)) -> None:
        """Draw triangles made beforehand, moved by `move` px."""
        self._page(MESH)
        self._list(mesh.corners, len(self.colours))
        places = mesh.places + np.array((*move, 0.0, 0.0), np.float32) if any(move) else mesh.places
        self.places.frombytes(places.tobytes())
        self.colours.frombytes(mesh.colours.tobytes())

    def under(self, top: NDArray[np.float64], floor: float, colour: int) -> None:
        """Fill between the line `top` (``(n, 2)``, px) and the height `floor`, with a soft upper edge."""
        lift = np.array([0.0, FEATHER_PX])
        ground = np.stack((top[:, 0], np.full(len(top), floor)), axis=-1)
        rails = np.stack((top - lift, top, ground), axis=1)[None]
        clear = colour & 0x00FFFFFF
        self.mesh(band_mesh(rails, np.tile(np.array([clear, colour, colour], np.uint32), (1, len(top), 1))))
