"""What a frame of the court costs, beside an empty window in the same run: ``python -m bench.court``.

Median, 10th and 99th percentile (ms) of the draw calls alone, and of draw and flip together, unpaced, for
each size; the 10th is about what a machine takes that has nothing else to do. It needs a display;
``python -m bench court`` brings a virtual one where there is none.
"""

from __future__ import annotations

import argparse
import gc
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.measuring import Draw, machine, table, taking_turns
from experiment.booth import Interruptions
from experiment.scenes import Court, Flying, Held, Said, Scene
from experiment.stage import StageSettings, open_stage
from experiment.stage.gallery_games import BALL, players, sample_photos
from experiment.stage.window import Stage

SIZES = ((1280, 720), (1920, 1080))
FRAMES = 480
CYCLE_S = 4.0
FRAME_S = 1 / 60


def game(others: int, at: float) -> Court:
    """Return the court `at` seconds into a game in which every state of the ball comes."""
    into = at % CYCLE_S
    start = at - into
    if into < 1.2:
        ball: Held | Flying = Held(1, start, start + 1.2, 3, came_from=2)
    elif into < 2.0:
        ball = Flying(1, 3, start + 1.2, 0.8)
    elif into < 2.4:
        ball = Held(3, start + 2.0, start + 2.4, 2, came_from=1)
    elif into < 3.2:
        ball = Flying(3, 2, start + 2.4, 0.8)
    else:
        ball = Held(2, start + 3.2, came_from=3)
    return Court(players(others), ball, BALL, at, turn=into >= 3.2, stop_label="Stop taking part")


def lively(others: int, at: float, photos: Sequence[str]) -> Court:
    """Return the same with photographs, two or three who talk, a message and a way to leave."""
    plain = game(others, at)
    everyone = tuple(
        replace(player, photo=photos[i % len(photos)]) if player.key else player
        for i, player in enumerate(plain.players)
    )
    speakers = [player.number for player in everyone if player.key][::3] if others > 3 else [1, 3][:others]
    said = tuple(Said(number, "Nice throw, that one went really high", -1.0) for number in speakers)
    return replace(
        plain, players=everyone, said=said, message="Throw the ball.", leave_label="Leave the game"
    )


def drawing(stage: Stage, scenes: Sequence[Scene]) -> tuple[Draw, Callable[[], object]]:
    """Return what draws these scenes as a session does, and what flips."""
    stage.screen.prepare(scenes[::20])
    return lambda frame: stage.screen.draw(scenes[frame % len(scenes)]), stage.screen.flip


def nothing(stage: Stage) -> tuple[Draw, Callable[[], object]]:
    """Return what shows an empty window, as PsychoPy does by itself."""
    return lambda _: None, stage.screen.window.flip


def bench(size: tuple[int, int]) -> None:
    """Measure one size and print its table."""
    with (
        open_stage(StageSettings(size_px=size, require_keyboard=False), Interruptions()) as stage,
        TemporaryDirectory() as folder,
    ):
        photos = sample_photos(Path(folder))
        times = [frame * FRAME_S for frame in range(FRAMES)]
        draws = {"empty window": nothing(stage)}
        for others in (2, 8):
            draws[f"court, {others} co-players"] = drawing(stage, [game(others, at) for at in times])
        for others in (2, 8):
            scenes = [lively(others, at, photos) for at in times]
            draws[f"{others} co-players, talk, photographs"] = drawing(stage, scenes)
        costs = taking_turns(draws, FRAMES, gc.collect)
        facts = stage.screen.describe()
        print(f"\n{size[0]}x{size[1]}  {facts['renderer']}, drawing {facts['drawing']}")
        print(table("ms", costs))


def main() -> int:
    """Measure every size."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    print(f"{machine()}, {FRAMES} frames each, in turns")
    for size in SIZES:
        bench(size)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
