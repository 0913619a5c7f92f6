"""What a frame of the court costs, beside an empty window in the same run: ``python -m bench.court``.

Prints median and 99th percentile (ms) of the draw calls alone and of draw and flip together, unpaced, for
each size; and, at the first size, how many frames come late when they are paced as in a session. It needs a
display; ``python -m bench court`` brings a virtual one where there is none.
"""

from __future__ import annotations

import argparse
import gc
import os
import platform
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from experiment.booth import Interruptions
from experiment.scenes import Court, Flying, Held, Said
from experiment.stage import StageSettings, open_stage
from experiment.stage.gallery_games import BALL, players, sample_photos
from experiment.stage.pacing import FrameCount
from experiment.stage.window import Stage

SIZES = ((1280, 720), (1920, 1080))
FRAMES = 600
PACED_S = 10.0
PACED_SIZE = SIZES[0]
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


def measure(stage: Stage, draw: Callable[[int], object]) -> tuple[list[float], list[float]]:
    """Return the time (ms) of drawing, and of drawing and flipping, for every frame."""
    drawn, flipped = [], []
    for frame in range(FRAMES):
        begin = time.perf_counter()
        draw(frame)
        middle = time.perf_counter()
        stage.screen.window.flip()
        end = time.perf_counter()
        drawn.append(1e3 * (middle - begin))
        flipped.append(1e3 * (end - begin))
    return drawn, flipped


def row(name: str, drawn: Sequence[float], flipped: Sequence[float]) -> str:
    """Return a line of the table."""
    numbers = [np.median(drawn), np.percentile(drawn, 99), np.median(flipped), np.percentile(flipped, 99)]
    return f"{name:<28}" + "".join(f"{number:>10.2f}" for number in numbers)


def paced(stage: Stage, name: str, show: Callable[[], float]) -> str:
    """Return a line on frames that come as in a session: how many were late, and the intervals (ms)."""
    count = FrameCount(stage.screen.period_s)
    flips = []
    while not flips or flips[-1] - flips[0] < PACED_S:
        flips.append(show())
        count.add(flips[-1])
    gaps = 1e3 * np.diff(flips)
    frames = count.frames()
    numbers = [np.median(gaps), np.percentile(gaps, 99), 1e3 * frames.longest_s]
    return f"{name:<28}{f'{frames.late} / {frames.shown}':>12}" + "".join(f"{x:>10.2f}" for x in numbers)


def bench_paced(stage: Stage) -> None:
    """Show an empty window and the game at the rate of a session, and print what came late."""
    screen = stage.screen

    def empty() -> float:
        if screen.grid is not None:
            screen.grid.wait()
        return float(screen.window.flip())

    def court() -> float:
        return screen.show(game(2, screen.next_flip()))

    facts = screen.describe()
    print(f"\npaced, {facts['refresh_hz']} Hz ({facts['pacing']}), {PACED_S:g} s each, load {load()}")
    print(f"{'ms':<28}{'late':>12}{'interval':>10}{'p99':>10}{'longest':>10}")
    screen.prepare([game(2, frame * FRAME_S) for frame in range(0, FRAMES, 20)])
    gc.freeze()
    print(paced(stage, "empty window", empty))
    print(paced(stage, "court, 2 co-players", court))
    print(paced(stage, "empty window again", empty))
    gc.unfreeze()


def load() -> str:
    """Return the machine's load of the last minute, where it has such a thing."""
    return f"{os.getloadavg()[0]:.2f}" if hasattr(os, "getloadavg") else "unknown"


def bench(size: tuple[int, int]) -> None:
    """Measure one size and print its table."""
    with open_stage(StageSettings(size_px=size, require_keyboard=False), Interruptions()) as stage:
        print(f"\n{size[0]}x{size[1]}  {stage.screen.describe()['renderer']}")
        print(f"{'ms':<28}{'draw':>10}{'p99':>10}{'+ flip':>10}{'p99':>10}")
        print(row("empty window", *measure(stage, lambda _: None)))
        for others in (2, 8):
            scenes = [game(others, frame * FRAME_S) for frame in range(FRAMES)]
            stage.screen.prepare(scenes[::20])
            print(
                row(
                    f"court, {others} co-players",
                    *measure(stage, lambda frame, s=scenes: stage.screen.draw(s[frame])),
                )
            )  # type: ignore[misc]
        with TemporaryDirectory() as folder:
            photos = sample_photos(Path(folder))
            for others in (2, 8):
                scenes = [lively(others, frame * FRAME_S, photos) for frame in range(FRAMES)]
                stage.screen.prepare(scenes[::20])
                name = f"{others} co-players, talk, photos"
                print(row(name, *measure(stage, lambda frame, s=scenes: stage.screen.draw(s[frame]))))
        print(row("empty window again", *measure(stage, lambda _: None)))
        if size == PACED_SIZE:
            bench_paced(stage)


def main() -> int:
    """Measure every size."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    print(f"{platform.platform()}, {os.cpu_count()} cores, {FRAMES} frames each")
    for size in SIZES:
        bench(size)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
