"""The answers of an item: steps, line, choices, number, text. Each is a block of known height."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from experiment.scenes import ChoiceScale, Form, LikertScale, LineScale, NumberScale, TextScale
from experiment.stage import palette, typography
from experiment.stage.canvas import Canvas
from experiment.stage.palette import packed
from experiment.stage.typography import REGULAR, STRONG
from experiment.stage.view import Rect, Target, View

OPTION = "option:"
LINE = "line"
KEYS_MAX = 9
ONE_COLUMN_MAX = 6
HIDDEN = "•"
"""Stands for each character of a number that nobody beside may read."""

HOVER_RING = 0.16
"""Strength of the soft ring round an answer under the pointer."""


@dataclass(frozen=True, slots=True)
class Block:
    """How high an answer is (px), and what draws it from a given height down."""

    height: float
    draw: Callable[[Canvas, float], list[Target]]


def _draw_ring(canvas: Canvas, x: float, y: float, radius: float, edge: float, *, hover: bool) -> None:
    """Draw an empty step; under the pointer its outline lights up, it is never filled."""
    canvas.disc(x, y, radius, packed(palette.ACCENT if hover else palette.FIELD))
    canvas.disc(x, y, radius - edge, packed(palette.WHITE))


def _labels(
    scale: LikertScale, spacing: float, view: View, size: int
) -> list[tuple[int, tuple[str, ...], int]]:
    """Return step, lines and type size of each label; the ends of a scale have more room."""
    count = scale.high - scale.low + 1
    ends_only = len(scale.labels) == 2 and count > 2
    places = (0, count - 1) if ends_only else tuple(range(count))
    limit = min(2.4 * spacing, view.px(230)) if ends_only else spacing - view.px(10)
    smallest = max(1, round(0.62 * size))
    labels = []
    for step, label in zip(places, scale.labels, strict=False):
        fits = size
        longest = max(label.split(" "), key=len)
        while fits > smallest and typography.width(longest, fits) > limit:
            fits -= 1
        labels.append((step, typography.wrapped(label, fits, limit), fits))
    return labels


def likert(scene: Form, scale: LikertScale, view: View, shrink: float) -> Block:
    """Lay out steps as a row of large round buttons with their labels below."""
    count = scale.high - scale.low + 1
    spacing = min(view.px(140), (view.width - view.px(150)) / count)
    radius = min(view.px(27), 0.42 * spacing)
    labels = _labels(scale, spacing, view, view.px(18 * shrink))
    words = max((len(lines) * 1.3 * size for _, lines, size in labels), default=0.0)
    gap = view.px(16 * shrink)

    def draw(canvas: Canvas, top: float) -> list[Target]:
        first, y, edge = view.width / 2 - (count - 1) * spacing / 2, top + radius, view.px(2)
        canvas.box(first, y - edge / 2, (count - 1) * spacing, edge, packed(palette.HAIRLINE))
        targets = []
        for step in range(count):
            value, x = scale.low + step, first + step * spacing
            name = f"{OPTION}{value}"
            chosen, hover = scene.value == value, view.hover == name or str(value) in view.held
            if chosen:
                canvas.disc(x, y, radius + view.px(6), packed(palette.ACCENT, 0.22))
                canvas.disc(x, y, radius + 1, packed(palette.ACCENT))
            else:
                if hover:
                    canvas.disc(x, y, radius + view.px(5), packed(palette.ACCENT, HOVER_RING))
                _draw_ring(canvas, x, y, radius, edge, hover=hover)
            size = view.px(19)
            ink = palette.WHITE if chosen else palette.INK
            canvas.text(x, y + 0.36 * size, f"{value}".replace("-", "−"), size, packed(ink), STRONG, 0.5)
            half = spacing / 2 - 1
            targets.append(
                Target(name, (x - half, y - radius - view.px(12), 2 * half, 2 * radius + view.px(24) + words))
            )
        for step, lines, size in labels:
            for i, line in enumerate(lines):
                baseline = y + radius + gap + (i + 0.5) * 1.3 * size + 0.36 * size
                canvas.text(first + step * spacing, baseline, line, size, packed(palette.INK), REGULAR, 0.5)
        return targets

    return Block(2 * radius + gap + words, draw)


def line(scene: Form, scale: LineScale, view: View, shrink: float) -> Block:
    """Lay out a line between two labels; a mark stands on it once there is one."""
    size, length, lift = view.px(19 * shrink), round(0.6 * view.width), view.px(30)
    labels = [(0.0, scale.low_label), (1.0, scale.high_label)]
    labels += [(0.5, scale.middle_label)] if scale.middle_label else []
    room = min((0.3 if scale.middle_label else 0.42) * length, view.px(300))
    places = [(share, typography.wrapped(label, size, room)) for share, label in labels]
    words = max(len(lines) for _, lines in places) * 1.3 * size

    def draw(canvas: Canvas, top: float) -> list[Target]:
        left, y, thick = (view.width - length) / 2, top + lift, view.px(4)
        right = left + length
        tone = packed(palette.ACCENT if view.hover == LINE else palette.FIELD)
        canvas.rounded(left, y - thick / 2, length, thick, thick / 2, tone)
        for share, lines in places:
            x = left + share * length
            canvas.rounded(x - thick / 2, y - view.px(13), thick, view.px(26), thick / 2, tone)
            for i, words_ in enumerate(lines):
                baseline = y + view.px(28) + (i + 0.5) * 1.3 * size + 0.36 * size
                canvas.text(x, baseline, words_, size, packed(palette.INK), REGULAR, 0.5)
        if isinstance(scene.value, int | float):
            x, radius = left + length * max(0.0, min(1.0, scene.value / 100)), view.px(15)
            canvas.glow(x, y + view.px(3), 1.5 * radius, 1.5 * radius, packed(palette.SHADOW, 0.35))
            canvas.disc(x, y, radius, packed(palette.WHITE))
            canvas.disc(x, y, radius - view.px(3), packed(palette.ACCENT))
        grip = view.px(24)
        rect: Rect = (left - grip, y - view.px(44), length + 2 * grip, view.px(88))
        return [Target(LINE, rect, line=(left, right))]

    return Block(lift + view.px(28) + words, draw)


def choice(scene: Form, scale: ChoiceScale, view: View, shrink: float) -> Block:
    """Lay out options in one column, or two where there are many."""
    count = len(scale.options)
    columns = 1 if count <= ONE_COLUMN_MAX else 2
    rows = -(-count // columns)
    size, gap = view.px(19 * shrink), view.px(10 * shrink)
    wide = min(view.px(560 if columns == 1 else 470), (view.width - view.px(140)) / columns)
    words_at, pad = view.px(58), view.px(18)
    lines = [typography.wrapped(label, size, wide - words_at - pad) for _, label in scale.options]
    tall = max(len(part) for part in lines) * 1.3 * size + view.px(20 * shrink)

    def draw(canvas: Canvas, top: float) -> list[Target]:
        start = (view.width - columns * wide - (columns - 1) * 2 * gap) / 2
        targets = []
        for i, (option, _) in enumerate(scale.options):
            x, y = start + (i // rows) * (wide + 2 * gap), top + (i % rows) * (tall + gap)
            rect = (round(x), round(y), round(wide), round(tall))
            name = f"{OPTION}{option}"
            digit = str(i + 1) if i < KEYS_MAX else ""
            hover = view.hover == name or (bool(digit) and digit in view.held)
            _draw_option(canvas, view, rect, digit, chosen=scene.value == option, hover=hover)
            for j, line_ in enumerate(lines[i]):
                offset = (j - (len(lines[i]) - 1) / 2) * 1.3 * size
                canvas.text(
                    x + words_at, y + tall / 2 + offset + 0.36 * size, line_, size, packed(palette.INK)
                )
            targets.append(Target(name, rect))
        return targets

    return Block(rows * tall + (rows - 1) * gap, draw)


def _draw_option(canvas: Canvas, view: View, rect: Rect, digit: str, *, chosen: bool, hover: bool) -> None:
    x, y, w, h = rect
    edge, radius = view.px(2) if chosen else max(1, view.px(1)), min(h / 2, view.px(22))
    rim = palette.ACCENT if chosen or hover else palette.mix(palette.FIELD, palette.WHITE, 0.35)
    if hover and not chosen:
        ring = view.px(3)
        glow = packed(palette.ACCENT, HOVER_RING)
        canvas.rounded(x - ring, y - ring, w + 2 * ring, h + 2 * ring, radius + ring, glow)
    canvas.rounded(x, y, w, h, radius, packed(rim))
    ground = palette.TINT if chosen else palette.WHITE
    canvas.rounded(x + edge, y + edge, w - 2 * edge, h - 2 * edge, radius - edge, packed(ground))
    dot, middle, size = view.px(13), (x + view.px(30), y + h / 2), view.px(14)
    if chosen:
        canvas.disc(*middle, dot, packed(palette.ACCENT))
    else:
        _draw_ring(canvas, *middle, dot, max(1, view.px(1.5)), hover=False)
    canvas.text(
        middle[0],
        middle[1] + 0.36 * size,
        digit,
        size,
        packed(palette.WHITE if chosen else palette.INK),
        STRONG,
        0.5,
    )


def _draw_field(canvas: Canvas, view: View, rect: Rect) -> None:
    x, y, w, h = rect
    edge, radius = view.px(2), view.px(14)
    canvas.rounded(x, y, w, h, radius, packed(palette.ACCENT))
    canvas.rounded(x + edge, y + edge, w - 2 * edge, h - 2 * edge, radius - edge, packed(palette.WHITE))


def _draw_caret(canvas: Canvas, view: View, x: float, middle: float, size: int) -> None:
    canvas.box(
        round(x) + view.px(2),
        round(middle - 0.62 * size),
        max(1, view.px(2)),
        round(1.24 * size),
        packed(palette.ACCENT),
    )


def number(scene: Form, scale: NumberScale, view: View, shrink: float) -> Block:
    """Lay out a field for a number with its unit beside it."""
    size, tall = view.px(28 * shrink), view.px(64 * shrink)
    digits = max(len(str(int(scale.high))), 3) + (scale.decimals + 1 if scale.decimals else 0)
    wide = max(view.px(150 * shrink), typography.width("0" * (digits + 1), size, STRONG) + view.px(48))

    def draw(canvas: Canvas, top: float) -> list[Target]:
        x, y = view.width / 2 - wide / 2, top
        _draw_field(canvas, view, (round(x), round(y), round(wide), round(tall)))
        typed = HIDDEN * len(scene.typed) if scale.hidden else scene.typed
        words, fits = typography.fitting(typed, size, max(1, size // 2), wide - view.px(36), STRONG)
        span = typography.width(words, fits, STRONG) if words != "…" else 0.0
        canvas.text(
            view.width / 2 - span / 2, y + tall / 2 + 0.36 * fits, words, fits, packed(palette.INK), STRONG
        )
        _draw_caret(canvas, view, view.width / 2 + span / 2, y + tall / 2, fits)
        unit = view.px(20 * shrink)
        canvas.text(
            x + wide + view.px(14), y + tall / 2 + 0.36 * unit, scale.unit, unit, packed(palette.QUIET)
        )
        return []

    return Block(tall, draw)


def text(scene: Form, scale: TextScale, view: View, shrink: float) -> Block:
    """Lay out a field for free text; when it is full, the last lines are shown."""
    size, pad = view.px(20 * shrink), view.px(18)
    leading = typography.line_height(size)
    wide = min(view.px(820), view.width - view.px(160))
    rows = 5 if scale.max_chars > 120 else 2
    tall = rows * leading + 2 * pad
    count = view.px(14)

    def draw(canvas: Canvas, top: float) -> list[Target]:
        x = (view.width - wide) / 2
        _draw_field(canvas, view, (round(x), round(top), round(wide), round(tall)))
        lines = typography.wrapped(scene.typed, size, wide - 2 * pad - view.px(6))[-rows:]
        for i, line_ in enumerate(lines):
            middle = top + pad + (i + 0.5) * leading
            canvas.text(x + pad, middle + 0.36 * size, line_, size, packed(palette.INK))
            if i == len(lines) - 1:
                _draw_caret(canvas, view, x + pad + typography.width(line_, size), middle, size)
        left = f"{len(scene.typed)} / {scale.max_chars}"
        canvas.text(x + wide, top + tall + 1.7 * count, left, count, packed(palette.QUIET), REGULAR, 1.0)
        return []

    return Block(tall + 2.2 * count, draw)
