"""The small things that all scenes share: pills, key caps, buttons, the quiet stop."""

# ruff: noqa: PLR0917 - a widget takes canvas, view, then its place
from __future__ import annotations

from dataclasses import dataclass

from experiment.scenes import Button
from experiment.stage import palette, typography
from experiment.stage.canvas import Canvas
from experiment.stage.palette import packed
from experiment.stage.portraits import draw_portrait, find_portrait
from experiment.stage.typography import REGULAR, STRONG
from experiment.stage.view import Rect, Target, View

KEY_SIGNS = {
    "left": "←", "right": "→", "up": "↑", "down": "↓", "return": "↵", "space": "␣", "escape": "Esc",
    "backspace": "⌫", "tab": "Tab", "comma": ",", "period": ".", "minus": "-", "slash": "/",
}  # fmt: skip
STOP = "stop"
LEAVE, LEAVE_KEY = "button:leave", "l"
SMALLEST_MESSAGE_PX = 12
SMALLEST_LEAVE_PX = 10


def key_sign(key: str) -> str:
    """Return what stands on the cap of a key."""
    return KEY_SIGNS.get(key) or (key.upper() if len(key) == 1 else key.capitalize())


def cap_width(view: View, key: str, size: float = 30) -> float:
    """Return how wide a key cap is (px)."""
    return max(
        view.px(size), typography.width(key_sign(key), view.px(0.5 * size), STRONG) + view.px(0.55 * size)
    )


def draw_cap(
    canvas: Canvas, view: View, x: float, y: float, key: str, size: float = 30, *, lit: bool = True
) -> None:
    """Draw a key cap about (`x`, `y`); it goes down while the key is held."""
    w, h, edge = cap_width(view, key, size), view.px(size), view.px(3)
    down = edge - 1 if key in view.held else 0
    left, top, radius = x - w / 2, y - h / 2, view.px(0.26 * size)
    canvas.rounded(left - 1, top + edge - 1, w + 2, h + 1, radius, packed(palette.KEY_EDGE))
    face = (
        palette.TINT
        if key in view.held
        else palette.WHITE
        if lit
        else palette.mix(palette.WHITE, palette.FLOOR, 0.35)
    )
    canvas.rounded(left, top + down, w, h - 1, radius, packed(face))
    type_px = view.px(0.5 * size)
    baseline = top + down + h / 2 + 0.36 * type_px - 1
    canvas.text(
        x, baseline, key_sign(key), type_px, packed(palette.INK if lit else palette.QUIET), STRONG, 0.5
    )


def button_size(view: View, button: Button) -> tuple[float, float]:
    """Return width and height of a button (px)."""
    cap = cap_width(view, button.key, 24) + view.px(12) if button.key else 0.0
    return max(
        view.px(132), typography.width(button.label, view.px(19), STRONG) + view.px(52) + cap
    ), view.px(50)


def draw_button(canvas: Canvas, view: View, button: Button, rect: Rect) -> None:
    """Draw a button with its key cap inside; it answers to the pointer and to its key."""
    x, y, w, h = rect
    held, hover = bool(button.key) and button.key in view.held, view.hover == button.target
    radius = h / 2
    sink = view.px(1.5) if held else 0
    canvas.shadow(x, y + view.px(3), w, h, radius, view.px(6), packed(palette.SHADOW, 0.05 if held else 0.16))
    y += sink
    if button.main:
        fill, ink = (palette.ACCENT_DEEP if hover or held else palette.ACCENT), palette.WHITE
        canvas.rounded(x, y, w, h, radius, packed(fill))
    else:
        fill, ink = (palette.TINT if held else palette.WHITE), palette.INK
        canvas.rounded(
            x - 1, y - 1, w + 2, h + 2, radius + 1, packed(palette.ACCENT if hover else palette.FIELD)
        )
        canvas.rounded(x + 1, y + 1, w - 2, h - 2, radius - 1, packed(fill))
    cap = cap_width(view, button.key, 24) if button.key else 0.0
    label, size = typography.fitting(
        button.label, view.px(19), view.px(13), w - cap - view.px(36 if cap else 24), STRONG
    )
    words = typography.width(label, size, STRONG)
    start = x + (w - words - (cap + view.px(12) if cap else 0)) / 2
    canvas.text(start, y + h / 2 + 0.36 * size, label, size, packed(ink), STRONG)
    if cap:
        middle = start + words + view.px(12) + cap / 2
        rim = (
            palette.mix(fill, palette.INK, 0.35)
            if button.main
            else palette.mix(palette.PAPER, palette.INK, 0.06)
        )
        canvas.rounded(middle - cap / 2, y + h / 2 - view.px(12), cap, view.px(24), view.px(7), packed(rim))
        sign = view.px(13)
        canvas.text(
            middle,
            y + h / 2 + 0.36 * sign,
            key_sign(button.key),
            sign,
            packed(palette.WHITE if button.main else palette.INK),
            STRONG,
            0.5,
        )


def lay_buttons(view: View, buttons: tuple[Button, ...], bottom: float) -> list[tuple[Button, Rect]]:
    """Place buttons in a centred row that ends at `bottom`, in more rows where one is too narrow."""
    gap, limit = view.px(16), view.width - view.px(96)
    rows: list[list[tuple[Button, float, float]]] = [[]]
    used = 0.0
    for button in buttons:
        w, h = button_size(view, button)
        w = min(w, limit)
        if rows[-1] and used + gap + w > limit:
            rows.append([])
            used = 0.0
        used += w + (gap if rows[-1] else 0)
        rows[-1].append((button, w, h))
    placed: list[tuple[Button, Rect]] = []
    y = bottom - len(rows) * (view.px(50) + gap) + gap
    for row in rows:
        x = (view.width - sum(w for _, w, _ in row) - gap * (len(row) - 1)) / 2
        for button, w, h in row:
            placed.append((button, (round(x), round(y), round(w), h)))
            x += w + gap
        y += view.px(50) + gap
    return placed


def _stop_words(view: View, label: str) -> tuple[str, int]:
    return typography.fitting(label, view.px(14), view.px(11), 0.3 * view.width)


def stop_rect(view: View, label: str) -> Rect:
    """Return where the way out of the session is drawn."""
    w, h = typography.width(*_stop_words(view, label)) + view.px(28), view.px(30)
    return round(view.width - w - view.px(20)), view.px(18), w, h


def draw_stop(canvas: Canvas, view: View, label: str) -> list[Target]:
    """Draw the quiet way out in the top right corner."""
    if not label:
        return []
    (text, size), (x, y, w, h) = _stop_words(view, label), stop_rect(view, label)
    hover = view.hover == STOP
    canvas.rounded(x, y, w, h, h / 2, packed(palette.WHITE, 1.0 if hover else 0.72))
    canvas.text(
        x + w / 2,
        y + h / 2 + 0.36 * size,
        text,
        size,
        packed(palette.INK if hover else palette.QUIET),
        REGULAR,
        0.5,
    )
    return [Target(STOP, _grown((x, y, w, h), view.px(6)))]


def _leave_words(view: View, label: str) -> tuple[str, int]:
    return typography.fitting(
        label,
        max(SMALLEST_LEAVE_PX, view.px(15)),
        max(SMALLEST_LEAVE_PX, view.px(11)),
        0.26 * view.width,
        STRONG,
    )


def leave_rect(view: View, label: str) -> Rect:
    """Return where the way out of the game is drawn."""
    text, size = _leave_words(view, label)
    w = typography.width(text, size, STRONG) + cap_width(view, LEAVE_KEY, 24) + view.px(34)
    return view.px(20), view.px(16), round(w), view.px(38)


def draw_leave(canvas: Canvas, view: View, label: str) -> list[Target]:
    """Draw the way out of the game, top left: a square button with its key, unlike the one that stops."""
    if not label:
        return []
    (text, size), (x, y, w, h) = _leave_words(view, label), leave_rect(view, label)
    hover, held = view.hover == LEAVE, LEAVE_KEY in view.held
    radius, rim = view.px(9), max(1, view.px(1.5))
    edge = palette.ACCENT if hover or held else palette.mix(palette.FIELD, palette.WHITE, 0.35)
    canvas.rounded(x, y, w, h, radius, packed(edge))
    canvas.rounded(
        x + rim,
        y + rim,
        w - 2 * rim,
        h - 2 * rim,
        radius - rim,
        packed(palette.TINT if held else palette.PAPER),
    )
    cap = cap_width(view, LEAVE_KEY, 24)
    draw_cap(canvas, view, x + view.px(9) + cap / 2, y + h / 2 - view.px(1), LEAVE_KEY, 24)
    start = x + view.px(9) + cap + view.px(11)
    canvas.text(start, y + h / 2 + 0.36 * size, text, size, packed(palette.INK), STRONG)
    return [Target(LEAVE, _grown((x, y, w, h), view.px(6)))]


def _grown(rect: Rect, by: float) -> Rect:
    x, y, w, h = rect
    return x - by, y - by, w + 2 * by, h + 2 * by


def tag_height(view: View, room: float, *, photo: bool) -> int:
    """Return how tall a name is; a portrait beside it takes less where there is little room."""
    return max(view.px(36), round(min(view.px(62), 0.36 * room))) if photo else view.px(32)


def draw_tag(
    canvas: Canvas,
    view: View,
    x: float,
    y: float,
    name: str,
    colour: str,
    limit: float,
    *,
    lit: bool = False,
    photo: str = "",
) -> None:
    """Draw a name on a white pill with a dot of the player's colour; a long name shrinks; `lit` rings it.

    Where there is a photograph, a portrait rimmed in that colour stands in the dot's place.
    """
    dot, pad, h = view.px(5.5), view.px(14), view.px(32)
    size_px = tag_height(view, limit, photo=True)
    portrait = find_portrait(canvas, photo, size_px)
    sign = size_px - pad + view.px(8) if portrait else 3.1 * dot
    space = max(view.px(24), limit - 2 * pad - sign)
    text, size = typography.fitting(name, view.px(18), view.px(11), space, STRONG)
    w = typography.width(text, size, STRONG) + 2 * pad + sign
    left, top = round(x - w / 2), round(y - h / 2)
    canvas.shadow(left, top + view.px(2), w, h, h / 2, view.px(5), packed(palette.SHADOW, 0.16))
    if lit:
        ring = view.px(2)
        canvas.rounded(
            left - ring, top - ring, w + 2 * ring, h + 2 * ring, h / 2 + ring, packed(palette.ACCENT)
        )
    canvas.rounded(left, top, w, h, h / 2, packed(palette.WHITE))
    if portrait:
        draw_portrait(canvas, portrait, left + size_px / 2, top + h / 2, colour)
    else:
        canvas.disc(left + pad + dot, top + h / 2, dot, packed(colour))
    canvas.text(left + pad + sign, top + h / 2 + 0.36 * size, text, size, packed(palette.INK), STRONG)


@dataclass(frozen=True, slots=True)
class Message:
    """A line on the court or under a form, broken where it is long."""

    lines: tuple[str, ...]
    size: int
    rect: Rect


def message(view: View, text: str, y: float) -> Message:
    """Lay out a line about the height `y`."""
    size = max(SMALLEST_MESSAGE_PX, view.px(18))
    lines = typography.wrapped(text, size, 0.72 * view.width)
    w = max(typography.width(line, size) for line in lines) + view.px(44)
    h = typography.line_height(size) * len(lines) + view.px(14)
    return Message(lines, size, (view.width / 2 - w / 2, y - h / 2, w, h))


def draw_message(canvas: Canvas, view: View, text: str, y: float, *, warm: bool = True) -> float:
    """Write a kind line on a soft pill about `y`; return its height (px)."""
    if not text:
        return 0.0
    laid = message(view, text, y)
    x, top, w, h = laid.rect
    ground, ink = (palette.WARM_TINT, palette.WARM) if warm else (palette.WHITE, palette.INK)
    canvas.rounded(x, top, w, h, min(h / 2, view.px(22)), packed(ground))
    leading = typography.line_height(laid.size)
    for i, line in enumerate(laid.lines):
        middle = top + view.px(7) + leading * (i + 0.5)
        canvas.text(view.width / 2, middle + 0.36 * laid.size, line, laid.size, packed(ink), REGULAR, 0.5)
    return h
