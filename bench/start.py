"""From the start of the program to the first page, and its peak memory. ``python -m bench.start``."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
from typing import TYPE_CHECKING

import psutil

if TYPE_CHECKING:
    from experiment.stage.window import Stage

ROUNDS = 5
STEPS = ("imports", "definitions", "window", "first flip")


def child() -> int:
    """Do what `spot run` does up to the first flip; print when each step was done (s) and the memory (MB)."""
    import time  # noqa: PLC0415

    import experiment.cli  # noqa: F401, PLC0415 - it is what is measured

    began = psutil.Process().create_time()
    marks = [time.time() - began]
    from experiment import definitions  # noqa: PLC0415
    from experiment.booth import Interruptions  # noqa: PLC0415
    from experiment.scenes import Page  # noqa: PLC0415
    from experiment.stage import StageSettings, open_stage  # noqa: PLC0415

    resolved = definitions.resolve("classic")
    marks.append(time.time() - began)
    with open_stage(StageSettings(size_px=(1280, 720)), Interruptions()) as stage:
        marks.append(time.time() - began)
        words = resolved.texts.pages["consent"]
        page = Page(words.title, words.body)
        stage.screen.prepare([page])
        stage.screen.show(page)
        marks.append(time.time() - began)
        play(stage)
    print(json.dumps({"marks": marks, "memory_mb": peak_mb()}))
    return 0


def play(stage: Stage) -> None:
    """Show some seconds of the game, so that its drawings are in memory too."""
    from bench.court import FRAME_S, game  # noqa: PLC0415 - after what is timed

    scenes = [game(2, frame * FRAME_S) for frame in range(300)]
    stage.screen.prepare(scenes[::20])
    for scene in scenes:
        stage.screen.show(scene)


def peak_mb() -> float:
    """Return the most memory that this process has held (MB)."""
    if sys.platform == "win32":
        return float(psutil.Process().memory_info().peak_wset) / 1e6
    import resource  # noqa: PLC0415 - not on Windows

    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6


def main() -> int:
    """Measure several starts and print medians."""
    rounds = []
    for _ in range(ROUNDS):
        command = [sys.executable, "-m", "bench.start", "child"]
        out = subprocess.run(command, capture_output=True, text=True, check=True)
        rounds.append(json.loads(out.stdout.strip().splitlines()[-1]))
    print(f"from the start of Python, s, median of {ROUNDS} warm starts (the first is left out)")
    for place, step in enumerate(STEPS):
        print(f"{step:<14}{statistics.median(r['marks'][place] for r in rounds[1:]):6.2f}")
    print(f"peak memory, some seconds of the game included: {max(r['memory_mb'] for r in rounds):.0f} MB")
    return 0


if __name__ == "__main__":
    raise SystemExit(child() if sys.argv[1:] == ["child"] else main())
