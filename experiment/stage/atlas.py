"""Coverage masks packed into a few large pages, so that a frame is drawn from one texture.

Portraits and the large parts of figures are pictures in colour; these have pages of their own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from experiment.stage import typography

GAP_PX = 2
TEXT_PAGES_MAX = 3


@dataclass(frozen=True, slots=True)
class Region:
    """Where a mask lies: page, texture coordinates and size (px)."""

    page: int
    u0: float
    v0: float
    u1: float
    v1: float
    width: int
    height: int
    left: int = 0
    top: int = 0


@dataclass(slots=True)
class Page:
    """One texture's worth of coverage, filled in shelves from the top; ``dirty`` rows await their upload.

    ``pixels`` are ``(side, side)``, on a page of pictures ``(side, side, 4)``: red, green, blue, coverage.
    """

    pixels: NDArray[np.uint8]
    x: int = 0
    y: int = 0
    shelf: int = 0
    dirty: tuple[int, int] | None = None

    @property
    def side(self) -> int:
        """Width and height (px)."""
        return int(self.pixels.shape[0])

    def place(self, mask: NDArray[np.uint8]) -> tuple[int, int] | None:
        """Copy `mask` in and return its corner, or None where there is no room."""
        height, width = mask.shape[:2]
        side = self.side
        x, y, shelf = self.x, self.y, self.shelf
        if x + width > side:
            x, y, shelf = 0, y + shelf, 0
        if x + width > side or y + height > side:
            return None
        self.pixels[y : y + height, x : x + width] = mask
        self.x, self.y, self.shelf = x + width + GAP_PX, y, max(shelf, height + GAP_PX)
        first, last = self.dirty or (y, y + height)
        self.dirty = (min(first, y), max(last, y + height))
        return x, y

    def empty(self) -> None:
        """Forget everything on the page."""
        self.pixels[:] = 0
        self.x = self.y = self.shelf = 0
        self.dirty = (0, self.pixels.shape[0])


@dataclass(slots=True)
class Atlas:
    """Masks by name. Shapes stay for good; lines of text make room for others when the pages are full."""

    side: int = 2048
    picture_side: int = 1024
    pages: list[Page] = field(default_factory=list)
    generation: int = 0
    _shapes: dict[object, Region] = field(default_factory=dict)
    _texts: dict[object, Region] = field(default_factory=dict)
    _pictures: dict[object, Region | None] = field(default_factory=dict)
    _dyed: dict[object, Region] = field(default_factory=dict)
    _open: dict[str, list[int]] = field(default_factory=lambda: {"shape": [], "text": [], "picture": []})
    _spent: bool = False

    def shape(self, name: object, draw: Callable[[], Image.Image]) -> Region:
        """Return the mask called `name`, drawn by `draw` the first time."""
        found = self._shapes.get(name)
        if found is None:
            found = self._shapes[name] = self._add(draw(), "shape")
        return found

    def text(self, text: str, size: int, face: str) -> Region:
        """Return the mask of a line of text."""
        key = (text, size, face)
        found = self._texts.get(key)
        if found is None:
            mask = typography.line_mask(text, size, face)
            found = self._texts[key] = self._add(mask.image, "text", mask.left, mask.top)
        return found

    def picture(self, name: object, draw: Callable[[], Image.Image | None]) -> Region | None:
        """Return the picture (RGBA) called `name`, made by `draw` the first time; None if that gave none."""
        if name not in self._pictures:
            image = draw()
            self._pictures[name] = None if image is None else self._add(image, "picture")
        return self._pictures[name]

    def dyed(self, name: object, draw: Callable[[], Image.Image]) -> Region:
        """Return the picture (RGBA) called `name` that surely can be drawn, made by `draw` the first time."""
        found = self._dyed.get(name)
        if found is None:
            found = self._dyed[name] = self._add(draw(), "picture")
        return found

    @property
    def text_pages(self) -> tuple[int, ...]:
        """Numbers of the pages that hold lines of text."""
        return tuple(self._open["text"])

    def tidy(self) -> bool:
        """Between frames: drop all lines of text once their pages are full; say whether that was done."""
        if not self._spent:
            return False
        self._texts.clear()
        for number in self._open["text"]:
            self.pages[number].empty()
        self._spent = False
        self.generation += 1
        return True

    def _add(self, image: Image.Image, kind: str, left: int = 0, top: int = 0) -> Region:
        mask = np.asarray(image, dtype=np.uint8)
        for number in self._open[kind]:
            corner = self.pages[number].place(mask)
            if corner is not None:
                break
        else:
            number, corner = self._new_page(kind, mask)
        texts = self._open["text"]
        self._spent |= kind == "text" and len(texts) >= TEXT_PAGES_MAX and number == texts[-1]
        x, y = corner
        height, width = mask.shape[:2]
        side = float(self.pages[number].side)
        return Region(
            number, x / side, y / side, (x + width) / side, (y + height) / side, width, height, left, top
        )

    def _new_page(self, kind: str, mask: NDArray[np.uint8]) -> tuple[int, tuple[int, int]]:
        side = self.picture_side if kind == "picture" else self.side
        self.pages.append(Page(np.zeros((side, side, 4) if kind == "picture" else (side, side), np.uint8)))
        number = len(self.pages) - 1
        self._open[kind].append(number)
        corner = self.pages[number].place(mask)
        if corner is None:
            raise ValueError(f"a mask of {mask.shape[1]}x{mask.shape[0]} px does not fit a page of {side} px")
        return number, corner
