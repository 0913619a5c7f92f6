"""Running text: paragraphs and lists fitted into a space, smaller or in columns before anything is cut."""

from __future__ import annotations

from dataclasses import dataclass

from experiment.stage import palette, typography
from experiment.stage.canvas import Canvas
from experiment.stage.palette import packed
from experiment.stage.typography import REGULAR, STRONG
from experiment.stage.view import View

BULLET = "- "
LAYOUTS = (
    *((1, size) for size in (20, 19, 18, 17, 16)),
    *((2, size) for size in (17, 16, 15, 14)),
    *((3, size) for size in (14, 13, 12, 11, 10, 9, 8)),
    *((4, size) for size in (8, 7, 6, 5)),
)
"""Columns and type sizes (px at 1280x720), tried in this order: a long page is still all there, if small."""
COLUMN_PX = 760
GUTTER_PX = 44


@dataclass(frozen=True, slots=True)
class Line:
    """One line: how far below the one before it (px), indent (px), and whether a bullet stands before it."""

    text: str
    advance: float
    indent: float
    bullet: bool


@dataclass(frozen=True, slots=True)
class Prose:
    """Text that has found its size: columns of lines."""

    columns: tuple[tuple[Line, ...], ...]
    size: int
    column_width: float
    gutter: float
    height: float

    @property
    def width(self) -> float:
        """Width of all columns (px)."""
        return self.column_width * len(self.columns) + self.gutter * (len(self.columns) - 1)


def _lines(body: tuple[str, ...], size: int, limit: float) -> list[Line]:
    leading, gap = typography.line_height(size), 0.62 * size
    lines: list[Line] = []
    was_item = False
    for paragraph in body:
        item = paragraph.startswith(BULLET)
        indent = 1.3 * size if item else 0.0
        text = paragraph.removeprefix(BULLET)
        space = (0.25 if item and was_item else 1.0) * gap if lines else 0.0
        for i, words in enumerate(typography.wrapped(text, size, limit - indent)):
            lines.append(Line(words, leading + (space if i == 0 else 0.0), indent, item and i == 0))
        was_item = item
    return lines


def _divided(lines: list[Line], columns: int) -> tuple[tuple[Line, ...], ...]:
    """Spread lines over columns of about the same height."""
    share = sum(line.advance for line in lines) / columns
    parts: list[list[Line]] = [[]]
    used = 0.0
    for line in lines:
        if parts[-1] and used + line.advance / 2 > share and len(parts) < columns:
            parts.append([])
            used = 0.0
        parts[-1].append(line)
        used += line.advance
    return tuple(tuple(part) for part in parts)


def fit(view: View, body: tuple[str, ...], space: tuple[float, float]) -> Prose:
    """Return `body` at the largest size, and in the fewest columns, that fits into `space` (px)."""
    width, height = space
    gutter = view.px(GUTTER_PX)
    for columns, design_px in LAYOUTS:
        size = view.px(design_px)
        limit = min(view.px(COLUMN_PX), (width - gutter * (columns - 1)) / columns)
        divided = _divided(_lines(body, size, limit), columns)
        tall = max((sum(line.advance for line in column) for column in divided), default=0.0)
        if tall <= height:
            break
    if len(divided) == 1:
        limit = max((line.indent + typography.width(line.text, size) for line in divided[0]), default=0.0)
    return Prose(divided, size, limit, gutter, tall)


def draw_prose(canvas: Canvas, prose: Prose, x: float, y: float, colour: str = palette.INK) -> None:
    """Write `prose` with its top left corner at (`x`, `y`)."""
    drop = 0.36 * prose.size
    for i, column in enumerate(prose.columns):
        left, top = x + i * (prose.column_width + prose.gutter), y
        for line in column:
            top += line.advance
            middle = top - typography.line_height(prose.size) / 2
            if line.bullet:
                canvas.disc(
                    left + 0.5 * prose.size,
                    middle + 0.04 * prose.size,
                    0.16 * prose.size,
                    packed(palette.ACCENT),
                )
            canvas.text(left + line.indent, middle + drop, line.text, prose.size, packed(colour), REGULAR)


@dataclass(frozen=True, slots=True)
class Heading:
    """Centred lines in one size."""

    lines: tuple[str, ...]
    size: int
    face: str

    @property
    def height(self) -> float:
        """Height of the lines (px)."""
        return len(self.lines) * 1.3 * self.size if self.lines else 0.0

    def draw(self, canvas: Canvas, middle: float, top: float, colour: str) -> None:
        """Write the lines centred on `middle`, from `top` down."""
        for i, line in enumerate(self.lines):
            baseline = top + (i + 0.5) * 1.3 * self.size + 0.36 * self.size
            canvas.text(middle, baseline, line, self.size, packed(colour), self.face, 0.5)


def heading(text: str, size: int, limit: float, face: str = STRONG) -> Heading:
    """Return `text` broken into centred lines of at most `limit` px."""
    return Heading(typography.wrapped(text, size, limit, face) if text else (), size, face)
