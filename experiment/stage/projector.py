"""A window in which a recorded session is seen again, marked so that nobody takes it for a session."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from experiment.booth import Interruptions, Press
from experiment.playback import Wish
from experiment.scenes import Scene
from experiment.stage import StageSettings, open_stage, palette, typography
from experiment.stage.canvas import Canvas
from experiment.stage.hovering import Hovering
from experiment.stage.palette import packed
from experiment.stage.places import Point
from experiment.stage.view import View
from experiment.stage.window import Stage

KEYS: dict[str, Wish] = {"space": "hold", "right": "jump", "escape": "end"}
LETTERS: dict[str, Wish] = {"+": "faster", "-": "slower"}
"""Taken from typed characters, which lie on other keys on other keyboards."""

TITLE_EVERY_S = 0.25
"""A desktop that is told a new title more often may not follow."""

LABEL_PX = 13


class Unlit(Hovering):
    """Lights nothing: the pointer and the keys of whoever watches are not the participant's."""

    def follow(
        self,
        scene: Scene,  # noqa: ARG002 - the form of what it stands for
        pointer: Point | None,  # noqa: ARG002
        held: frozenset[str],  # noqa: ARG002
    ) -> tuple[bool, frozenset[str]]:
        """Return that nothing lights."""
        return False, frozenset()


@dataclass(slots=True)
class LabelPainter:
    """Draws what the painter of the stage draws, and a label in the top left corner over it."""

    inner: Any
    words: str = ""

    def draw(self, canvas: Canvas) -> None:
        """Draw a canvas with the label; the canvas itself stays as it is."""
        ends = len(canvas.places), len(canvas.colours), len(canvas.corners), len(canvas.runs)
        draw_label(canvas, View(canvas.width, canvas.height), self.words)
        self.inner.draw(canvas)
        del canvas.places[ends[0] :]
        del canvas.colours[ends[1] :]
        del canvas.corners[ends[2] :]
        del canvas.runs[ends[3] :]

    def present(self) -> None:
        """Bring what was drawn into the back buffer."""
        self.inner.present()

    def grab(self, width: int, height: int) -> bytes:
        """Return the back buffer as the painter does."""
        return bytes(self.inner.grab(width, height))


def draw_label(canvas: Canvas, view: View, words: str) -> None:
    """Write a label in the top left corner, letter by letter: its numbers change all the time."""
    size, pad = view.px(LABEL_PX), view.px(8)
    advance = [
        typography.width("0" if letter.isdecimal() else letter, size, typography.STRONG) for letter in words
    ]
    height = view.px(LABEL_PX + 11)
    canvas.rounded(pad, pad, sum(advance) + 2 * pad, height, height / 2, packed(palette.WARM_TINT, 0.92))
    pen = 2.0 * pad
    for letter, wide in zip(words, advance, strict=True):
        baseline = pad + height / 2 + 0.36 * size
        canvas.text(pen, baseline, letter, size, packed(palette.WARM), typography.STRONG)
        pen += wide


@dataclass(slots=True)
class WindowProjector:
    """`experiment.playback.Projector`: an open stage, and the hands of whoever watches."""

    stage: Stage
    label: LabelPainter
    _pressed: Sequence[Press] = ()
    _title: str = ""
    _titled_at: float = -TITLE_EVERY_S

    def next_flip(self) -> float:
        """Return when the frame that is drawn now will be seen."""
        return self.stage.screen.next_flip()

    def show(self, scene: Scene, caption: str) -> float:
        """Show a frame with a caption in its corner and in the title; return when it was seen."""
        self.label.words = caption
        flip = self.stage.screen.show(scene)
        self._pressed = [*self._pressed, *self.stage.keys.presses(scene, flip)]
        if caption != self._title and flip - self._titled_at >= TITLE_EVERY_S:
            self._title, self._titled_at = caption, flip
            self.stage.screen.window.winHandle.set_caption(caption)
        return flip

    def wishes(self) -> Sequence[Wish]:
        """Return what whoever watches has asked for since the last call."""
        pressed, self._pressed = self._pressed, ()
        wishes = [wish for press in pressed for wish in _meant(press)]
        return ["end"] if self.stage.interruptions.reason else wishes


def _meant(press: Press) -> list[Wish]:
    """Return what a press asks for, as a list of one, or none."""
    if press.stray:
        return []
    if press.source == "text":
        return [LETTERS[letter] for letter in press.text if letter in LETTERS]
    return [KEYS[press.key]] if press.key in KEYS else []


@contextmanager
def open_projector(screen: int, size_px: tuple[int, int] | None, title: str) -> Iterator[WindowProjector]:
    """Open a window for a replay, and close it in the end.

    Raises
    ------
    StageError
        If there is no display, no such monitor or no usable graphics.
    """
    settings = StageSettings(screen=screen, size_px=size_px, title=title, require_keyboard=False)
    with open_stage(settings, Interruptions()) as stage:
        stage.screen.hovering = Unlit()
        stage.screen.painter = label = LabelPainter(stage.screen.painter)
        yield WindowProjector(stage, label)
