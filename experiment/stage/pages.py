"""Pages of text and the screen on which players arrive."""

# ruff: noqa: PLR0917 - likewise canvas, view, then place and size
from __future__ import annotations

import math

from experiment.scenes import Joiner, Joining, Page
from experiment.stage import palette, typography, widgets
from experiment.stage.canvas import Canvas
from experiment.stage.figure import contact_shadow, draw_silhouette
from experiment.stage.palette import packed
from experiment.stage.places import Seat
from experiment.stage.poses import Pose, blink, breath, idle
from experiment.stage.prose import draw_prose, fit, heading
from experiment.stage.troupe import draw_figure
from experiment.stage.typography import REGULAR
from experiment.stage.view import Target, View
from experiment.stage.wardrobe import find_wardrobe

FIXATION = "+"
"""Title of a page that, with no text, is a fixation cross."""
MARGIN_PX = 64
CARD_PAD_PX = 44


def _draw_foot(canvas: Canvas, view: View, scene: Page) -> tuple[float, list[Target]]:
    """Draw buttons, note and progress from the bottom up; return the height left above and the targets."""
    bottom = view.height - view.px(44)
    targets = []
    placed = widgets.lay_buttons(view, scene.buttons, bottom) if scene.buttons else []
    for button, rect in placed:
        widgets.draw_button(canvas, view, button, rect)
        targets.append(Target(button.target, rect))
    top = min((rect[1] for _, rect in placed), default=bottom) - view.px(20)
    if scene.note:
        note = heading(scene.note, view.px(16), view.width - view.px(200), REGULAR)
        top -= note.height
        note.draw(canvas, view.width / 2, top, palette.QUIET)
        top -= view.px(12)
    if scene.progress is not None:
        top -= view.px(8)
        _draw_progress(canvas, view, top, scene.progress)
        top -= view.px(22)
    return top, targets


def _draw_progress(canvas: Canvas, view: View, y: float, share: float) -> None:
    w, h = view.px(360), view.px(8)
    x = (view.width - w) / 2
    canvas.rounded(x, y, w, h, h / 2, packed(palette.HAIRLINE))
    filled = max(0.0, min(1.0, share)) * w
    if filled >= h:
        canvas.rounded_free(x, y, filled, h, packed(palette.ACCENT))


def draw_page(canvas: Canvas, scene: Page, view: View) -> list[Target]:
    """Draw a page of text on a card; return what can be clicked."""
    canvas.begin(palette.PAPER)
    stop = widgets.draw_stop(canvas, view, scene.stop_label)
    if is_fixation(scene):
        return _draw_fixation(canvas, scene, view) + stop
    foot, targets = _draw_foot(canvas, view, scene)
    ceiling, pad = view.px(62 if scene.stop_label else 40), view.px(CARD_PAD_PX)
    inner = view.width - 2 * view.px(MARGIN_PX) - 2 * pad
    title = heading(scene.title, view.px(30), inner)
    gap = view.px(20) if scene.title and scene.body else 0
    room = foot - ceiling - 2 * pad - title.height - gap
    prose = fit(view, scene.body, (inner, room))
    tall = title.height + gap + prose.height + 2 * pad
    titled = max((typography.width(line, title.size, title.face) for line in title.lines), default=0.0)
    wide = min(max(prose.width, titled, view.px(480)), inner) + 2 * pad
    x, y = (view.width - wide) / 2, ceiling + max(0.0, (foot - ceiling - tall) * 0.42)
    if scene.title or scene.body:
        _draw_card(canvas, view, x, y, wide, tall)
    title.draw(canvas, view.width / 2, y + pad, palette.INK)
    draw_prose(canvas, prose, (view.width - prose.width) / 2, y + pad + title.height + gap)
    return targets + stop


def is_fixation(scene: Page) -> bool:
    """Return whether a page is nothing but a cross to look at."""
    return scene.title.strip() == FIXATION and not scene.body


def _draw_fixation(canvas: Canvas, scene: Page, view: View) -> list[Target]:
    """Draw a thin cross in the middle of the screen, and the buttons where there are any."""
    arm, thick = view.px(34), 2 * view.px(1.5)
    x, y = view.width // 2, view.height // 2
    canvas.box(x - arm, y - thick / 2, 2 * arm, thick, packed(palette.INK))
    canvas.box(x - thick / 2, y - arm, thick, 2 * arm, packed(palette.INK))
    targets = []
    for button, rect in widgets.lay_buttons(view, scene.buttons, view.height - view.px(44)):
        widgets.draw_button(canvas, view, button, rect)
        targets.append(Target(button.target, rect))
    return targets


def _draw_card(canvas: Canvas, view: View, x: float, y: float, w: float, h: float) -> None:
    radius = view.px(22)
    canvas.shadow(x, y + view.px(6), w, h, radius, view.px(14), packed(palette.SHADOW, 0.10))
    canvas.rounded(x, y, w, h, radius, packed("#fffdf9"))


def _pose(number: int, time_s: float) -> Pose:
    hands = idle(number, time_s)
    return Pose(
        hands.left,
        hands.right,
        0.15,
        0.15,
        (0.0, 0.35),
        hands.lean,
        breath(number, time_s),
        blink(number, time_s),
    )


def _draw_dots(canvas: Canvas, view: View, x: float, y: float, time_s: float) -> None:
    """Draw three quiet dots that swell one after the other."""
    for i in range(3):
        swell = max(0.0, math.sin(math.tau * (time_s / 1.6 - i / 5)))
        canvas.disc(
            x + (i - 1) * view.px(15),
            y,
            view.px(3.6) + view.px(1.6) * swell,
            packed(palette.QUIET, 0.45 + 0.5 * swell),
        )


def _draw_arrivals(canvas: Canvas, view: View, scene: Joining, ground: float) -> None:
    count = len(scene.joiners)
    spacing = min(view.px(250), (view.width - view.px(80)) / max(1, count))
    unit = min(0.36 * view.height, 1.5 * spacing) / 100
    wardrobe = find_wardrobe(canvas, unit)
    for i, joiner in enumerate(scene.joiners):
        seat = Seat(i + 1, view.width / 2 + (i - (count - 1) / 2) * spacing, ground, unit)
        pose = _pose(i + 1, scene.time_s)
        contact_shadow(canvas, seat)
        if joiner.state == "joined":
            draw_figure(wardrobe, seat, pose, joiner.colour)
        else:
            draw_silhouette(wardrobe, seat, pose)
        _draw_arrival_words(canvas, view, scene, joiner, seat, spacing)


def _draw_arrival_words(
    canvas: Canvas, view: View, scene: Joining, joiner: Joiner, seat: Seat, spacing: float
) -> None:
    joined = joiner.state == "joined"
    lower = any(other.photo for other in scene.joiners)
    name_y, limit = seat.y + view.px(44 if lower else 36), spacing - view.px(8)
    if joined:
        widgets.draw_tag(canvas, view, seat.x, name_y, joiner.name, joiner.colour, limit, photo=joiner.photo)
    else:
        _draw_dots(canvas, view, seat.x, name_y, scene.time_s)
    label = scene.joined_label if joined else scene.waiting_label
    text, size = typography.fitting(label, view.px(15), view.px(10), limit)
    colour = palette.ACCENT if joined else palette.QUIET
    canvas.text(seat.x, name_y + view.px(54 if lower else 42), text, size, packed(colour), REGULAR, 0.5)


def draw_joining(canvas: Canvas, scene: Joining, view: View) -> list[Target]:
    """Draw the players who have arrived in colour and those who have not as pale shapes."""
    canvas.begin(palette.PAPER)
    title = heading(scene.title, view.px(30), view.width - view.px(160))
    title.draw(canvas, view.width / 2, view.px(84), palette.INK)
    _draw_arrivals(canvas, view, scene, 0.66 * view.height)
    note = heading(scene.note, view.px(17), view.width - view.px(240), REGULAR)
    note.draw(canvas, view.width / 2, view.height - view.px(48) - note.height, palette.QUIET)
    return widgets.draw_stop(canvas, view, scene.stop_label)
