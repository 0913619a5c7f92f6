"""What of a picture has changed since the last one, and the few rectangles that hold it.

Where a program fills the pixels, filling is nearly all that a frame costs, and from frame to frame most of
the picture stays. Everything here works on the canvas alone, without any graphics library.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from experiment.stage.canvas import MESH, Canvas

TILE_PX = 64
"""As large as the parts in which llvmpipe fills a picture: what fills one whole is drawn as ever."""
RECTANGLES_MAX = 6
AS_TRIANGLES = np.array([0, 1, 3, 1, 2, 3], np.uint32)
WORTH_TILES = 3
"""A cut that spares fewer tiles than this costs more, in drawing once more, than it saves in filling."""

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
        triangles[:, (0, 1, 4, 2)].T.astype(np.intp), triangles, pages.astype(np.intp), tuple(runs)
    )


@dataclass(frozen=True, slots=True)
class Picture:
    """A canvas as it was drawn: its pieces, places and colours of their corners, and their boxes."""

    clear: str
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
        return cls(canvas.clear, structure, pieces, places.view(np.uint64), colours, boxes)


def changed(old: Picture, new: Picture) -> Boxes | None:
    """Return where pieces that changed were and are; None if the ground changed, and with it everything."""
    if old.clear != new.clear:
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
    touch = (left < x + wide) & (right > x) & (top < y + tall) & (bottom > y)
    before = np.concatenate(([0], touch.cumsum())).tolist()
    runs = [(page, before[first], before[last]) for page, first, last in picture.pieces.runs]
    return picture.pieces.triangles[touch], [run for run in runs if run[1] < run[2]]


def rectangles(boxes: Boxes, width: int, height: int) -> tuple[Box, ...]:
    """Return a few rectangles (px), none over another, that hold all of `boxes` that is on the screen."""
    across, down = -(-width // TILE_PX), -(-height // TILE_PX)
    left, top = np.floor(boxes[:2] / TILE_PX).astype(np.intp)
    right, bottom = np.floor(boxes[2:] / TILE_PX).astype(np.intp) + 1
    seen = (left < across) & (top < down) & (right > 0) & (bottom > 0)
    left, right = np.clip(left[seen], 0, across), np.clip(right[seen], 0, across)
    top, bottom = np.clip(top[seen], 0, down), np.clip(bottom[seen], 0, down)
    wide = across + 1
    ups = np.concatenate((top * wide + left, bottom * wide + right))
    downs = np.concatenate((top * wide + right, bottom * wide + left))
    size = wide * (down + 1)
    steps = np.bincount(ups, minlength=size) - np.bincount(downs, minlength=size)
    marked = steps.reshape(-1, wide).cumsum(0).cumsum(1)[:down, :across] > 0
    return _rectangles(marked.tobytes(), across, width, height)


@lru_cache(maxsize=512)
def _rectangles(marked: bytes, across: int, width: int, height: int) -> tuple[Box, ...]:
    tiles = np.frombuffer(marked, np.bool_).reshape(-1, across)
    boxes = []
    for left, top, right, bottom in _cover(tiles):
        x, y = left * TILE_PX, top * TILE_PX
        boxes.append((x, y, min(right * TILE_PX, width) - x, min(bottom * TILE_PX, height) - y))
    return tuple(boxes)


Tiles = tuple[int, int, int, int]
"""Left, top, right and bottom (tiles)."""


def _area(tiles: Tiles) -> int:
    return (tiles[2] - tiles[0]) * (tiles[3] - tiles[1])


def _cover(tiles: NDArray[np.bool_]) -> list[Tiles]:
    """Cut the box of all marked tiles in two, again and again, wherever that spares most."""
    if not tiles.any():
        return []
    whole = _shrunk(tiles, (0, 0, tiles.shape[1], tiles.shape[0]))
    kept = [(whole, _best_cut(tiles, whole))]
    while len(kept) < RECTANGLES_MAX:
        spared, at = max((cut[0], number) for number, (_, cut) in enumerate(kept))
        if spared < WORTH_TILES:
            break
        _, (_, one, other) = kept.pop(at)
        kept += [(part, _best_cut(tiles, part)) for part in (one, other)]
    return [part for part, _ in kept]


def _shrunk(tiles: NDArray[np.bool_], part: Tiles) -> Tiles:
    """Return the box of the marked tiles of a part."""
    left, top, right, bottom = part
    inside = tiles[top:bottom, left:right]
    columns, rows = np.flatnonzero(inside.any(0)), np.flatnonzero(inside.any(1))
    return left + int(columns[0]), top + int(rows[0]), left + int(columns[-1]) + 1, top + int(rows[-1]) + 1


def _best_cut(tiles: NDArray[np.bool_], part: Tiles) -> tuple[int, Tiles, Tiles]:
    """Return how many tiles the best cut of a part in two spares, and the boxes of the two."""
    left, top, right, bottom = part
    inside = tiles[top:bottom, left:right]
    best = 0, part, part
    for lines, turned in ((inside, False), (inside.T, True)):
        at, spared = _best_line(lines)
        if spared <= best[0]:
            continue
        first = (left, top, left + at, bottom) if turned else (left, top, right, top + at)
        second = (left + at, top, right, bottom) if turned else (left, top + at, right, bottom)
        best = spared, _shrunk(tiles, first), _shrunk(tiles, second)
    return best


def _best_line(lines: NDArray[np.bool_]) -> tuple[int, int]:
    """Return before which line a cut spares most, and how much; the first and last line are marked."""
    count, long = lines.shape
    if count < 2:
        return 0, 0
    any_mark = lines.any(1)
    first = np.where(any_mark, lines.argmax(1), long)
    last = np.where(any_mark, long - lines[:, ::-1].argmax(1), 0)
    number = np.arange(count)
    ends = np.maximum.accumulate(np.where(any_mark, number + 1, 0))
    begins = np.minimum.accumulate(np.where(any_mark, number, count)[::-1])[::-1]
    upper = ends * (np.maximum.accumulate(last) - np.minimum.accumulate(first))
    lower = (count - begins) * (np.maximum.accumulate(last[::-1]) - np.minimum.accumulate(first[::-1]))[::-1]
    spared = count * long - upper[:-1] - lower[1:]
    at = int(spared.argmax())
    return at + 1, int(spared[at])
