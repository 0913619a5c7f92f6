"""What is drawn anew only where it changes is, pixel for pixel, what is drawn whole.

Run as a program, this file draws sequences of scenes both ways in one window, and says where they differ.
"""

from __future__ import annotations

import json
import os
import random
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from experiment.booth import Interruptions
from experiment.scenes import Court, LineScale, Scene, TextScale
from experiment.stage import StageSettings, open_stage
from experiment.stage.gallery import everything, form
from experiment.stage.gallery_games import sample_photos

if TYPE_CHECKING:
    from experiment.stage.window import Stage
    from tests.window.conftest import Desk

pytestmark = pytest.mark.window

SIZE = (1280, 720)
ENOUGH_S = 300.0
APART_MAX = 300
"""Values (three a pixel) in which the two ways of handing quads to the driver may differ: pixels at edges."""
STRIDE = 3
"""Of so many frames one is drawn all anew for comparison; the next ones go on from what was drawn in part."""


def sequences(seed: int, folder: Path) -> dict[str, list[Scene]]:
    """Return scenes in the order in which they are shown: games as they go on, forms, all kinds mixed."""
    from bench.court import game, lively  # noqa: PLC0415 - games of the benchmarks

    chance, photos = random.Random(seed), sample_photos(folder)
    line, answer = LineScale("not at all", "extremely"), TextScale(200)
    begin = chance.uniform(0, 4)
    typed = "Somebody else had the ball all the time."
    mixed = [scene for scene in everything(photos).values() for _ in range(2)]
    chance.shuffle(mixed)
    return {
        "game": [game(2, begin + frame / 60) for frame in range(270)],
        "large": [game(8, begin + frame / 23) for frame in range(60)],
        "lively": [lively(3, begin + frame / 29, photos) for frame in range(90)],
        "line": [form("How was it?", line, value=float(value)) for value in range(0, 100, 3)],
        "typing": [form("How was it?", answer, typed=typed[:end]) for end in range(len(typed))],
        "mixed": mixed,
    }


def coming_and_going(scenes: Sequence[Scene]) -> list[Scene]:
    """Return the courts among some scenes with a player who leaves while they go on."""
    courts = [scene for scene in scenes if isinstance(scene, Court)]
    middle = courts[len(courts) // 2].time_s
    return [
        replace(court, players=(*court.players[:-1], replace(court.players[-1], left_at=middle)))
        for court in courts
    ]


def drawn(stage: Stage, way: Any, scene: Scene) -> Any:
    """Return the pixels of a scene, drawn by one way."""
    stage.screen.painter = way
    stage.screen.draw(scene)
    way.present()
    return np.frombuffer(way.grab(*SIZE), np.uint8).astype(np.int16)


def compared(stage: Stage, scenes: Sequence[Scene], *, label: bool) -> dict[str, int]:
    """Draw scenes in part, then all anew; count frames and those that differ or were drawn in part.

    ``apart`` is how many values differ at most by more than a step from what goes straight into the window.
    """
    from experiment.stage.paint import Painter  # noqa: PLC0415 - wants a display
    from experiment.stage.projector import LabelPainter  # noqa: PLC0415

    painter, screen = stage.screen.painter, stage.screen
    whole = Painter(screen.director.atlas, textures=painter.textures)
    way: Any = LabelPainter(painter) if label else painter
    direct: Any = LabelPainter(whole) if label else whole
    assert screen.patch is not None
    count = {"frames": len(scenes), "differ": 0, "partial": 0, "apart": 0}
    for number, scene in enumerate(scenes):
        if label:
            way.words = direct.words = f"Replay {number / 60:.2f} s"
        screen.patch.follow(scene)
        in_part = drawn(stage, way, scene)
        count["partial"] += painter.kept.filled_px < SIZE[0] * SIZE[1]
        other = drawn(stage, direct, scene)
        count["apart"] = max(count["apart"], int((abs(in_part - other) > 1).sum()))
        if number % STRIDE == STRIDE - 1:
            painter.kept.forget()
            count["differ"] += not np.array_equal(in_part, drawn(stage, way, scene))
    screen.painter = painter
    return count


def application(seed: int, log: Path) -> None:
    """Draw everything both ways; write down how often it differed."""
    found = {}
    settings = StageSettings(size_px=SIZE, require_keyboard=False, photodiode="bottom-left")
    with open_stage(settings, Interruptions()) as stage:
        drawing = stage.screen.describe()["drawing"]
        shown = sequences(seed, log.parent)
        shown["leaving"] = coming_and_going(shown["large"])
        for label in (False, True):
            for name, scenes in shown.items():
                part = scenes[::5] if label else scenes
                found[f"{name}{', labelled' if label else ''}"] = compared(stage, part, label=label)
    log.write_text(json.dumps({"drawing": drawing, "found": found}), encoding="utf-8")


@pytest.mark.parametrize("seed", [1, 2])
def test_what_is_drawn_in_part_is_what_is_drawn_whole(desk: Desk, tmp_path: Path, seed: int) -> None:
    """Games, forms, pages, bubbles, the patch and the label of a replay: not one pixel differs."""
    log = tmp_path / "drawn.json"
    program = desk.start(__file__, str(seed), log)
    said, _ = program.communicate(timeout=ENOUGH_S)
    assert program.returncode == 0, said
    told = json.loads(log.read_text(encoding="utf-8"))
    assert told["drawing"] == "changes"
    for name, count in told["found"].items():
        assert count["differ"] == 0, (name, count)
        assert count["apart"] <= APART_MAX, (name, count)
        if "mixed" not in name:
            assert count["partial"] > count["frames"] / 2, (name, count)


if __name__ == "__main__":
    sys.path.insert(0, os.fspath(Path(__file__).parents[2]))
    application(int(sys.argv[1]), Path(sys.argv[2]))
