"""A display that gets only what changed shows the whole picture.

Run as a program, this file shows a game and compares the display with the picture after each frame.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import ImageGrab
from Xlib import X, display  # type: ignore[import-untyped]

from experiment.booth import Interruptions
from experiment.stage import StageSettings, open_stage

if TYPE_CHECKING:
    from experiment.stage.window import Stage
    from tests.window.conftest import Desk

pytestmark = pytest.mark.window

SIZE = (1280, 720)
ENOUGH_S = 120.0
FRAMES = 60
COVERED_AT, OTHER_DRAWS_AT = 20, 40


def cover_and_uncover(name: str) -> None:
    """Hold another window over the middle of the display for a moment."""
    server = display.Display(name)
    root = server.screen().root
    other = root.create_window(400, 200, 400, 300, 0, X.CopyFromParent, override_redirect=True)
    other.map()
    server.sync()
    other.destroy()
    server.sync()
    server.close()


def shown(stage: Stage, name: str) -> np.ndarray:
    """Return what the display shows of the window."""
    x, y = stage.screen.window.winHandle.get_location()
    box = x, y, x + SIZE[0], y + SIZE[1]
    return np.asarray(ImageGrab.grab(box, xdisplay=name).convert("RGB"))


def kept(stage: Stage) -> np.ndarray:
    """Return the picture that is kept apart from the window, its top row first."""
    from pyglet import gl  # noqa: PLC0415 - wants a display

    pixels = (gl.GLubyte * (3 * SIZE[0] * SIZE[1]))()
    with stage.screen.painter.kept.above.target():
        gl.glReadPixels(0, 0, *SIZE, gl.GL_RGB, gl.GL_UNSIGNED_BYTE, pixels)
    return np.frombuffer(pixels, np.uint8).reshape(SIZE[1], SIZE[0], 3)


def application(log: Path) -> None:
    """Show a game that others disturb; write down which frames the display showed otherwise."""
    from bench.court import game  # noqa: PLC0415 - a game of the benchmarks

    name, wrong, parts = os.environ["DISPLAY"], [], []
    with open_stage(StageSettings(size_px=SIZE, require_keyboard=False), Interruptions()) as stage:
        screen, handover = stage.screen, stage.screen.painter.handover
        copy = handover.copy

        def told(box: tuple[int, int, int, int]) -> None:
            parts.append(box[2] * box[3])
            copy(box)

        handover.copy = told
        for frame in range(FRAMES):
            if frame == COVERED_AT:
                cover_and_uncover(name)
            if frame == OTHER_DRAWS_AT:
                screen.window.flip()
                screen.window.flip()  # shows the empty back buffer that the first left
            screen.draw(game(2, 1.0 + frame / 25))
            screen.flip()
            if not np.array_equal(shown(stage, name), kept(stage)):
                wrong.append(frame)
    log.write_text(json.dumps({"wrong": wrong, "parts": parts}), encoding="utf-8")


def test_a_display_that_gets_what_changed_shows_all(desk: Desk, tmp_path: Path) -> None:
    """Also after another window covered it, and after somebody else drew and flipped."""
    log = tmp_path / "shown.json"
    program = desk.start(__file__, log)
    said, _ = program.communicate(timeout=ENOUGH_S)
    assert program.returncode == 0, said
    told = json.loads(log.read_text(encoding="utf-8"))
    assert told["wrong"] == []
    assert np.median(told["parts"]) < SIZE[0] * SIZE[1] / 4


if __name__ == "__main__":
    sys.path.insert(0, os.fspath(Path(__file__).parents[2]))
    application(Path(sys.argv[1]))
