"""What of a picture has changed since the last one, and the few rectangles that hold it.

Where a program fills the pixels, filling is nearly all that a frame costs, and from frame to frame most of
the picture stays. Everything here works on the canvas alone, without any graphics library.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from experiment.stage.canvas import MESH, Canvas

TILE_PX = 32
"""Llvmpipe fills pictures in parts of 64: half of that divides them evenly, and a third less is filled."""
RECTANGLES_MAX = 6
AS_TRIANGLES = np.array([0, 1, 2, 0, 2, 3], np.uint32)
"""As Mesa divides quads: what is drawn in part is then what is drawn whole, also where quads are crooked."""
WORTH_TILES = 8
"""Filling so many tiles for nothing costs less than drawing one rectangle more."""

Box = tuple[int, int, int, int]
"""Left, top, width and height (px)."""
Boxes = NDArray[np.float32]
"""``(4, n)``: left, top, right and bottom (px) of n things."""


@dataclass(frozen=True, slots=True)
class Patches:
    """The pieces of a canvas in the order in which they are painted, each with four corners.

    Attributes
    ----------
    corners
        ``(4, n)``: the numbers of the corners of quads and of pairs of triangles.
    triangles
        ``(n, 6)``: the corners of the two triangles of each.
    pages
        ``(n,)``: where their coverage comes from.
    runs
        Page, and numbers of the first piece and of the one after the last, of neighbours with one page.
    """

    corners: NDArray[np.intp]
    triangles: NDArray[np.uint32]
    pages: NDArray[np.intp]
    runs: tuple[tuple[int, int, int], ...]

    @property
    def count(self) -> int:
        """Return how many there are."""
        return len(self.pages)


def patches(canvas: Canvas) -> Patches:
    """Return the pieces of a canvas: quads split as graphics drivers do, meshes as they are."""
    listed = np.array(canvas.corners, np.uint32).reshape(-1, 6)
    found, runs, number = [np.empty((0, 6), np.uint32)], [], 0
    for page, quads, entries in canvas.stretches():
        if page == MESH:
            pieces = listed[entries[0] // 6 : entries[1] // 6]
        else:
            pieces = np.arange(*quads, 4, dtype=np.uint32)[:, None] + AS_TRIANGLES
        found.append(pieces)
        runs.append((page, number, number + len(pieces)))
        number += len(pieces)
    triangles = np.concatenate(found)
    pages = np.repeat([page for page, _, _ in runs], [last - first for _, first, last in runs])
    return Patches(
        triangles[:, (0, 1, 2, 5)].T.astype(np.intp), triangles, pages.astype(np.intp), tuple(runs)
    )


@dataclass(frozen=True, slots=True)
class Picture:
    """A canvas as it was drawn: its pieces, places and colours of their corners, and their boxes."""

    under: tuple[str, Canvas | None]
    """The colour of the ground and what lies on it."""
    structure: tuple[object, ...]
    pieces: Patches
    places: NDArray[np.uint64]
    colours: NDArray[np.uint32]
    boxes: Boxes

    @classmethod
    def of(cls, canvas: Canvas, before: Picture | None = None) -> Picture:
        """Keep what a canvas holds; `before` may have the same pieces."""
        structure = tuple(canvas.runs), canvas.vertices, canvas.corners.tobytes()
        pieces = before.pieces if before and before.structure == structure else patches(canvas)
        places = np.array(canvas.places, np.float32).reshape(-1, 4)
        x, y = places[:, 0].take(pieces.corners), places[:, 1].take(pieces.corners)
        boxes = np.stack((x.min(0), y.min(0), x.max(0), y.max(0)))
        colours = np.array(canvas.colours, np.uint32)
        return cls((canvas.clear, canvas.ground), structure, pieces, places.view(np.uint64), colours, boxes)


def changed(old: Picture, new: Picture) -> Boxes | None:
    """Return where pieces that changed were and are; None if the ground changed, and with it everything."""
    if old.under[0] != new.under[0] or old.under[1] is not new.under[1]:
        return None
    if old.pieces is new.pieces:
        places = old.places != new.places
        corners = places[:, 0] | places[:, 1] | (old.colours != new.colours)
        moved = corners.take(new.pieces.corners).any(0)
        return np.concatenate((old.boxes[:, moved], new.boxes[:, moved]), axis=1)
    alike = _alike(old, new, 0)
    tail = min(_alike(old, new, 1), old.pieces.count - alike, new.pieces.count - alike)
    return np.concatenate(
        [picture.boxes[:, alike : picture.pieces.count - tail] for picture in (old, new)], axis=1
    )


def _alike(old: Picture, new: Picture, end: int) -> int:
    """Return how many pieces are the same in both from the beginning on, or (`end` 1) from the end back."""
    shorter = min(old.pieces.count, new.pieces.count)
    cut = slice(-1, -1 - shorter, -1) if end else slice(0, shorter)
    one, other = old.pieces, new.pieces
    of, to = one.corners[:, cut], other.corners[:, cut]
    same = one.pages[cut] == other.pages[cut]
    same &= (old.places[of] == new.places[to]).all((0, 2))
    same &= (old.colours[of] == new.colours[to]).all(0)
    return shorter if same.all() else int(same.argmin())


def touching(picture: Picture, box: Box) -> tuple[NDArray[np.uint32], list[tuple[int, int, int]]]:
    """Return the triangles of the pieces that touch a rectangle, and their runs; see `Patches`."""
    x, y, wide, tall = box
    left, top, right, bottom = picture.boxes
    touch = np.flatnonzero((left < x + wide) & (right > x) & (top < y + tall) & (bottom > y))
    ends = touch.searchsorted([last for _, _, last in picture.pieces.runs]).tolist()
    runs = [
        (page, begin, end)
        for (page, _, _), begin, end in zip(picture.pieces.runs, [0, *ends], ends, strict=False)
        if begin < end
    ]
    return picture.pieces.triangles.take(touch, axis=0), runs


def rectangles(boxes: Boxes, width: int, height: int) -> tuple[Box, ...]:
    """Return a few rectangles (px), none over another, that hold all of `boxes` that is on the screen."""
    across, down = -(-width // TILE_PX), -(-height // TILE_PX)
    tiles = np.floor(boxes / TILE_PX).astype(np.intp)
    tiles[2:] += 1
    # What lies beside the screen becomes empty at its edge.
    tiles = np.minimum(np.maximum(tiles, 0), np.array([[across], [down], [across], [down]]))
    covered = []
    for first, above, end, below in _cover(_marked(tiles, across, down)):
        x, y = first * TILE_PX, above * TILE_PX
        covered.append((x, y, min(end * TILE_PX, width) - x, min(below * TILE_PX, height) - y))
    return tuple(covered)


Tiles = tuple[int, int, int, int]
"""Left, top, right and bottom (tiles)."""


def _marked(tiles: NDArray[np.intp], across: int, down: int) -> list[Tiles]:
    """Return the tiles that lie in boxes (in tiles): in each row, from the top, those side by side as one."""
    # A column more before the first, which no box covers, keeps rows apart.
    wide, places = across + 1, (across + 1) * (down + 1) + 1
    left, top, right, bottom = tiles
    top, bottom = top * wide + 1, bottom * wide + 1
    # A box adds one from its corner on, rightwards and down, and takes it back where it ends.
    steps = np.bincount(np.concatenate((top + left, bottom + right)), minlength=places)
    steps -= np.bincount(np.concatenate((top + right, bottom + left)), minlength=places)
    covered = steps[:-1].reshape(-1, wide).cumsum(axis=0).ravel().cumsum() > 0
    edges = (covered[1:] != covered[:-1]).nonzero()[0].tolist()
    return [
        (begin % wide, begin // wide, begin % wide + end - begin, begin // wide + 1)
        for begin, end in zip(edges[::2], edges[1::2], strict=True)
    ]


def _area(tiles: Tiles) -> int:
    return (tiles[2] - tiles[0]) * (tiles[3] - tiles[1])


def _cover(rows: Sequence[Tiles]) -> list[Tiles]:
    """Cover parts of rows: what touches or lies near is joined to one rectangle."""
    found: list[Tiles] = []
    for row in rows:
        _join(found, row)
    while len(found) > RECTANGLES_MAX:
        _, one, other = min((_wasted(one, other), one, other) for one, other in combinations(found, 2))
        found.remove(one)
        found.remove(other)
        _join(found, _both(one, other))
    return found


def _join(found: list[Tiles], part: Tiles) -> None:
    """Add a rectangle, as one with all that it lies over and all that it costs little to join."""
    number = 0
    while number < len(found):
        if _wasted(part, found[number]) > WORTH_TILES and _apart(part, found[number]):
            number += 1
        else:
            part = _both(part, found.pop(number))
            number = 0
    found.append(part)


def _both(one: Tiles, other: Tiles) -> Tiles:
    """Return the rectangle that holds two."""
    return (
        min(one[0], other[0]), min(one[1], other[1]), max(one[2], other[2]), max(one[3], other[3])
    )  # fmt: skip


def _wasted(one: Tiles, other: Tiles) -> int:
    """Return how many tiles the rectangle that holds two has beside them."""
    return _area(_both(one, other)) - _area(one) - _area(other)


def _apart(one: Tiles, other: Tiles) -> bool:
    """Return whether no tile belongs to both."""
    return one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]
