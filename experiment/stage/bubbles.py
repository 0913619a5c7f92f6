"""Speech bubbles: how words break, where a bubble finds room beside its speaker, and how it is drawn.

A bubble stays where it came up, so places are found once and kept by whoever draws the game. The ball always
flies over bubbles; they keep clear of faces and, where there is room, of the ways of the ball.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from experiment.scenes import PARTICIPANT, Flying, Said
from experiment.stage import palette, typography
from experiment.stage.canvas import Canvas
from experiment.stage.easing import span
from experiment.stage.palette import packed
from experiment.stage.places import Floor, Point, Seat
from experiment.stage.poses import flight
from experiment.stage.typography import REGULAR
from experiment.stage.view import Rect, View

FADE_S = 0.15
LINES_MAX = 3
TYPE_PX = 18
SMALLEST_TYPE_PX = 12
"""On any screen; smaller words cannot be read at the usual distance."""
SHRINK = (1.0, 0.85, 0.75)
WIDTHS_PX = (130, 170, 220, 280, 350, 440, 560)
WEDGE = (32, 48)
"""Width and height (px) of the mask of a tail."""
FACE: Rect = (-12.0, -101.0, 24.0, 29.0)
"""Left, top, width and height of a head (units)."""
BODY: Rect = (-20.0, -72.0, 40.0, 74.0)
ASIDE_MAX = 10.0
"""How bad a free place can at most be for being far or in the way of the ball."""
MESSAGE_MAY_COME = 4.0
"""How much it matters to leave the usual place of a message free when there is none."""
SHIFTS = (0.0, 0.2, 0.36)
"""How far aside of the head the middle of a bubble above it is, as shares of its width."""


@dataclass(frozen=True, slots=True)
class Wording:
    """Words broken into lines: type size, and the size of the bubble round them (px)."""

    lines: tuple[str, ...]
    size: int
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Bubble:
    """A bubble on the screen; its tail points to ``tip``."""

    words: Wording
    rect: Rect
    tip: Point


def _pads(view: View) -> tuple[float, float]:
    return view.px(15), view.px(9)


def _worded(view: View, lines: tuple[str, ...], size: int) -> Wording:
    across, down = _pads(view)
    wide = max(typography.width(line, size) for line in lines)
    return Wording(lines, size, round(wide + 2 * across), round(1.3 * size * len(lines) + 2 * down))


@lru_cache(maxsize=512)
def wordings(words: str, width: int, height: int) -> tuple[Wording, ...]:
    """Return the ways in which `words` fit into a bubble of at most three lines, narrow ones first.

    Words for which no bubble is large enough, even in small type, are cut short with an ellipsis.
    """
    view = View(width, height)
    widest = 0.55 * width
    for shrink in SHRINK:
        size = max(SMALLEST_TYPE_PX, view.px(TYPE_PX * shrink))
        found: dict[tuple[str, ...], Wording] = {}
        for limit in WIDTHS_PX:
            lines = typography.wrapped(words, size, min(widest, limit * size / TYPE_PX))
            if len(lines) <= LINES_MAX:
                found.setdefault(lines, _worded(view, lines, size))
        if found:
            return tuple(found.values())
    lines = typography.wrapped(words, size, widest)
    last, _ = typography.fitting(f"{lines[LINES_MAX - 1]} {lines[LINES_MAX]}", size, size, widest)
    last = last if last.endswith("…") else f"{last}…"
    return (_worded(view, (*lines[: LINES_MAX - 1], last), size),)


def box(seat: Seat, part: Rect) -> Rect:
    """Return a part of a figure, given in units, on the screen."""
    left, top = seat.at((part[0], part[1]))
    return left, top, part[2] * seat.unit, part[3] * seat.unit


def shared(one: Rect, other: Rect) -> float:
    """Return the area (px²) that two rectangles share."""
    wide = min(one[0] + one[2], other[0] + other[2]) - max(one[0], other[0])
    tall = min(one[1] + one[3], other[1] + other[3]) - max(one[1], other[1])
    return max(0.0, wide) * max(0.0, tall)


def _wider(rect: Rect, by: float) -> Rect:
    return rect[0] - by, rect[1] - by, rect[2] + 2 * by, rect[3] + 2 * by


@lru_cache(maxsize=8)
def flights(floor: Floor) -> NDArray[np.float64]:
    """Return places (px) along all ways that the ball can take: ``(n, 2)``."""
    everyone = {PARTICIPANT, *(seat.number for seat in floor.seats)}
    ways = [Flying(a, b, 0.0, 1.0) for a, b in itertools.permutations(everyone, 2)]
    times = np.linspace(0.08, 0.92, 8).tolist()
    return np.array([flight(floor, way, time, 1.0).place for way in ways for time in times])


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a bubble should keep clear of: each place with how much it matters to leave it free.

    Of places in ``kept_free`` not even a corner may be covered where there is room elsewhere.
    """

    floor: Floor
    speaker: Seat
    weights: tuple[tuple[Rect, float], ...]
    kept_free: tuple[Rect, ...]
    width: int
    height: int
    margin: float

    def covered(self, rect: Rect) -> float:
        """Return how much that should be free a bubble would cover: shares, weighed."""
        cost = sum(40.0 * (shared(rect, other) > 0) for other in self.kept_free)
        return cost + sum(
            weight * shared(rect, other) / min(other[2] * other[3], rect[2] * rect[3])
            for other, weight in self.weights
        )

    def aside(self, rect: Rect) -> float:
        """Return how far a place is from the speaker's head, and how much of the ball's ways it takes."""
        x, y, w, h = rect
        ways = flights(self.floor)
        inside = (ways[:, 0] > x) & (ways[:, 0] < x + w) & (ways[:, 1] > y) & (ways[:, 1] < y + h)
        head = box(self.speaker, FACE)
        across = (x + w / 2 - head[0] - head[2] / 2) / self.width
        down = (y + h / 2 - head[1]) / self.height
        return 6 * float(inside.mean()) + 2 * abs(across) + 2 * abs(down)

    def kept_in(self, rect: Rect) -> Rect:
        """Return a rectangle moved onto the screen."""
        x, y, w, h = rect
        x = max(self.margin, min(self.width - self.margin - w, x))
        return round(x), round(max(self.margin, min(self.height - self.margin - h, y))), w, h


def surroundings(
    floor: Floor, view: View, speaker: Seat, taken: Sequence[Rect], others: Sequence[Rect]
) -> Surroundings:
    """Return what is round a speaker: ``taken`` must stay legible, ``others`` are bubbles already up."""
    free = tuple(_wider(rect, view.px(8)) for rect in (*taken, *others))
    weights = [(rect, 60.0) for rect in free]
    weights.append(((0.32 * view.width, view.px(40), 0.36 * view.width, view.px(44)), MESSAGE_MAY_COME))
    for seat in floor.seats:
        own = seat.number == speaker.number
        weights += [(box(seat, FACE), 400.0 if own else 60.0), (box(seat, BODY), 8.0)]
        half = min(seat.room, view.px(150)) / 2
        weights.append(((seat.x - half, seat.y + view.px(12), 2 * half, view.px(86)), 25.0))
    if not floor.own_figure:
        reach, (x, y) = view.px(130), floor.hold
        weights.append(((x - reach, y - view.px(50), 2 * reach, view.height - y + view.px(50)), 25.0))
    return Surroundings(floor, speaker, tuple(weights), free, view.width, view.height, view.px(10))


def _around(words: Wording, head: Rect, gap: float) -> Iterator[Rect]:
    """Propose places: above the head, then beside it."""
    x, y, w, h = head
    middle = x + w / 2
    for shift in sorted({sign * share for share in SHIFTS for sign in (-1, 1)}, key=abs):
        yield middle - words.width * (0.5 + shift), y - gap - words.height, words.width, words.height
    for lift in (0.5, 0.85, 0.15):
        top = y + 0.55 * h - lift * words.height
        yield x - gap - words.width, top, words.width, words.height
        yield x + w + gap, top, words.width, words.height


def _tip(rect: Rect, head: Rect, gap: float) -> Point:
    """Return where a tail ends: just beside the head, on the side of the bubble."""
    x, y, w, h = head
    if rect[1] + rect[3] <= y:
        return x + w / 2, y - 0.25 * gap
    if rect[1] >= y + h:
        return x + w / 2, y + h
    left = rect[0] + rect[2] / 2 < x + w / 2
    return (x - 0.1 * gap if left else x + w + 0.1 * gap), y + 0.62 * h


def place(words: str, around: Surroundings, view: View) -> Bubble:
    """Return the bubble in which a player's words disturb least."""
    head, gap = box(around.speaker, FACE), view.px(16)
    options = [
        (0.25 * len(wording.lines) + around.covered(rect), wording, rect)
        for wording in wordings(words, view.width, view.height)
        for rect in map(around.kept_in, _around(wording, head, gap))
    ]
    least = min(cost for cost, _, _ in options)
    close = [option for option in options if option[0] <= least + ASIDE_MAX]
    _, chosen, rect = min(close, key=lambda option: option[0] + around.aside(option[2]))
    return Bubble(chosen, rect, _tip(rect, head, gap))


def opacity(said: Said, time_s: float) -> float:
    """Return how far (0-1) a bubble has come up."""
    return span(time_s - said.since, -0.02, FADE_S)


def draw_bubbles(canvas: Canvas, view: View, bubbles: Sequence[tuple[Bubble, str]]) -> None:
    """Draw bubbles, each rimmed in its speaker's colour."""
    for bubble, colour in bubbles:
        _draw_bubble(canvas, view, bubble, colour)


def _draw_bubble(canvas: Canvas, view: View, bubble: Bubble, colour: str) -> None:
    x, y, w, h = bubble.rect
    radius, rim = view.px(16), max(1.5, 1.6 * view.scale)
    canvas.shadow(x, y + view.px(3), w, h, radius, view.px(6), packed(palette.SHADOW, 0.16))
    edge, inner = packed(palette.mix(colour, palette.WHITE, 0.3)), packed(palette.WHITE)
    outer = round(2 * rim) / 2
    canvas.rounded(x - outer, y - outer, w + 2 * outer, h + 2 * outer, radius + outer, edge)
    root, wide = _root(bubble, view)
    _draw_tail(canvas, root, bubble.tip, (wide + 2.4 * rim, 0.0), edge)
    canvas.rounded(x, y, w, h, radius, inner)
    _draw_tail(canvas, root, bubble.tip, (wide, 2.6 * rim), inner)
    size, leading = bubble.words.size, 1.3 * bubble.words.size
    first = y + _pads(view)[1] + leading / 2 + 0.36 * size
    for i, words in enumerate(bubble.words.lines):
        canvas.text(x + w / 2, first + i * leading, words, size, packed(palette.INK), REGULAR, 0.5)


def _root(bubble: Bubble, view: View) -> tuple[Point, float]:
    """Return where within a bubble its tail begins (px), and how wide it is there."""
    (x, y, w, h), tip, wide = bubble.rect, bubble.tip, float(view.px(15))
    inset = min(w, h) / 2 if min(w, h) < 4 * wide else 1.4 * wide
    if y < tip[1] < y + h:
        across = x + w - 0.3 * wide if tip[0] > x else x + 0.3 * wide
        return (across, max(y + inset, min(y + h - inset, tip[1]))), wide
    down = y + h - 0.3 * wide if tip[1] >= y + h else y + 0.3 * wide
    return (max(x + inset, min(x + w - inset, tip[0])), down), wide


def _wedge() -> Image.Image:
    """Return a pointed mask, its tip at the bottom."""
    wide, tall = WEDGE
    image = Image.new("L", (4 * wide, 4 * tall), 0)
    ImageDraw.Draw(image).polygon(((4, 0), (4 * wide - 4, 0), (2 * wide, 4 * tall - 4)), fill=255)
    return image.resize((wide, tall), Image.Resampling.BOX)


def _draw_tail(canvas: Canvas, root: Point, tip: Point, shape: tuple[float, float], colour: int) -> None:
    """Draw a tail from `root` to `tip`; `shape` is its width at the root and by how much it is short (px)."""
    wide, short = shape
    across, down = tip[0] - root[0], tip[1] - root[1]
    length = math.hypot(across, down) - short
    if length > 0:
        turn = math.atan2(down, across) - math.pi / 2
        mask = canvas.atlas.shape("wedge", _wedge)
        canvas.turned(mask, *root, (wide / 2, 0.0), (wide, length), turn, colour)
