"""One item of a questionnaire: its words, its answers, and how they fit on the screen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from experiment.scenes import ChoiceScale, Form, LikertScale, LineScale, NumberScale, TextScale
from experiment.stage import palette, scales, widgets
from experiment.stage.canvas import Canvas
from experiment.stage.palette import packed
from experiment.stage.prose import Heading, heading
from experiment.stage.scales import Block
from experiment.stage.typography import REGULAR, STRONG
from experiment.stage.view import Target, View

SHRINK = (1.0, 0.94, 0.88, 0.82, 0.76, 0.7, 0.64, 0.58, 0.52, 0.46, 0.4)
TOP_PX = 66


@dataclass(frozen=True, slots=True)
class Layout:
    """All blocks of a form at one size of type."""

    headings: tuple[tuple[Heading, str, float], ...]
    block: Block
    gap: float

    @property
    def height(self) -> float:
        """Height of everything (px)."""
        words = sum(part.height + after for part, _, after in self.headings if part.lines)
        return words + self.gap + self.block.height


def _block(scene: Form, view: View, shrink: float) -> Block:
    match scene.scale:
        case LikertScale():
            return scales.likert(scene, scene.scale, view, shrink)
        case LineScale():
            return scales.line(scene, scene.scale, view, shrink)
        case ChoiceScale():
            return scales.choice(scene, scene.scale, view, shrink)
        case NumberScale():
            return scales.number(scene, scene.scale, view, shrink)
        case TextScale():
            return scales.text(scene, scene.scale, view, shrink)


def _layout(scene: Form, view: View, shrink: float) -> Layout:
    limit = min(view.width - view.px(120), view.px(920))

    def words(text: str, size: float, face: str) -> Heading:
        return heading(text, view.px(size * shrink), limit, face)

    parts = (
        (words(scene.instruction, 19, REGULAR), palette.QUIET, view.px(22 * shrink)),
        (words(scene.stem, 23, REGULAR), palette.INK, view.px(8 * shrink)),
        (words(scene.words, 30, STRONG), palette.INK, view.px(8 * shrink)),
        (words(scene.hint, 17, REGULAR), palette.QUIET, 0.0),
    )
    return Layout(parts, _block(scene, view, shrink), view.px(34 * shrink))


def _fitted(scene: Form, view: View, room: float) -> Layout:
    """Return the layout with the largest type that fits."""
    for shrink in SHRINK:
        layout = _layout(scene, view, shrink)
        if layout.height <= room:
            break
    return layout


def _draw_position(canvas: Canvas, view: View, scene: Form) -> None:
    if scene.total <= 1:
        return
    w, h, y = view.px(220), view.px(6), view.px(30)
    x, size = (view.width - w) / 2, view.px(14)
    canvas.rounded(x, y - h / 2, w, h, h / 2, packed(palette.HAIRLINE))
    done = max(h, w * scene.position / scene.total)
    canvas.rounded(x, y - h / 2, done, h, h / 2, packed(palette.ACCENT))
    canvas.text(
        x + w + view.px(12), y + 0.36 * size, f"{scene.position} / {scene.total}", size, packed(palette.QUIET)
    )


def draw_form(canvas: Canvas, scene: Form, view: View) -> list[Target]:
    """Draw an item with its answers; return what can be clicked."""
    canvas.begin(palette.PAPER)
    _draw_position(canvas, view, scene)
    targets = []
    placed = widgets.lay_buttons(view, scene.buttons, view.height - view.px(40)) if scene.buttons else []
    for button, rect in placed:
        widgets.draw_button(canvas, view, button, rect)
        targets.append(Target(button.target, rect))
    floor = min((rect[1] for _, rect in placed), default=view.height - view.px(40)) - view.px(16)
    floor -= view.px(50)
    widgets.draw_message(canvas, view, scene.message, floor + view.px(26))
    top = view.px(TOP_PX)
    layout = _fitted(scene, view, floor - top)
    y = top + max(0.0, (floor - top - layout.height) * 0.42)
    for part, colour, after in layout.headings:
        if part.lines:
            part.draw(canvas, view.width / 2, y, colour)
            y += part.height + after
    draw: Callable[[Canvas, float], list[Target]] = layout.block.draw
    targets += draw(canvas, y + layout.gap)
    return targets + widgets.draw_stop(canvas, view, scene.stop_label)
