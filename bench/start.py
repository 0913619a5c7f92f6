"""From the start of the program to the first page, and its peak memory: ``python -m bench.start``.

Beside it, in turns, stands a plain script that imports the same of PsychoPy, opens a window and a keyboard,
and flips once. All times are medians of warm starts.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from itertools import pairwise
from typing import TYPE_CHECKING

import psutil

from bench.measuring import machine

if TYPE_CHECKING:
    from experiment.stage.window import Stage

ROUNDS = 5
SIZE = (1280, 720)
STEPS = ("imports of the lab", "definitions", "imports of PsychoPy", "window and keyboard", "first page")
PLAIN_STEPS = ("imports of PsychoPy", "window and keyboard", "first flip")


def since_start() -> float:
    """Return the time (s) since this process was started."""
    return time.time() - psutil.Process().create_time()


def import_psychopy() -> None:
    """Import what a window and a keyboard need."""
    import pyglet  # noqa: PLC0415 - it is what is measured

    pyglet.options["debug_gl"] = False
    from psychopy import logging, visual  # noqa: F401, PLC0415
    from psychopy.hardware import keyboard  # noqa: F401, PLC0415


def child() -> int:
    """Do what `spot run` does up to the first flip; print when each step was done (s) and the memory (MB)."""
    import experiment.cli  # noqa: F401, PLC0415 - it is what is measured

    marks = [since_start()]
    from experiment import definitions  # noqa: PLC0415
    from experiment.booth import Interruptions  # noqa: PLC0415
    from experiment.scenes import Page  # noqa: PLC0415
    from experiment.stage import StageSettings, open_stage  # noqa: PLC0415

    resolved = definitions.resolve("classic")
    marks.append(since_start())
    import_psychopy()
    marks.append(since_start())
    with open_stage(StageSettings(size_px=SIZE, require_keyboard=False), Interruptions()) as stage:
        marks.append(since_start())
        words = resolved.texts.pages["consent"]
        page = Page(words.title, words.body)
        stage.screen.prepare([page])
        stage.screen.show(page)
        marks.append(since_start())
        play(stage)
    print(json.dumps({"marks": marks, "memory_mb": peak_mb()}))
    return 0


def plain() -> int:
    """Open a window and a keyboard as a plain script does, and flip once."""
    import_psychopy()
    marks = [since_start()]
    from psychopy import visual  # noqa: PLC0415
    from psychopy.hardware import keyboard  # noqa: PLC0415

    window = visual.Window(SIZE, units="pix", checkTiming=False)
    keyboard.Keyboard(backend="ptb")
    marks.append(since_start())
    window.flip()
    marks.append(since_start())
    window.close()
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


def started(kind: str) -> dict[str, list[float]]:
    """Start a process and return how long each of its steps took (s), and its peak memory (MB)."""
    command = [sys.executable, "-m", "bench.start", kind]
    out = subprocess.run(command, capture_output=True, text=True, check=True)
    told = json.loads(out.stdout.strip().splitlines()[-1])
    marks = [0.0, *told["marks"]]
    steps = [later - earlier for earlier, later in pairwise(marks)]
    return {"steps": steps, "memory_mb": [told["memory_mb"]]}


def main() -> int:
    """Start both in turns and print medians."""
    rounds = [(started("child"), started("plain")) for _ in range(ROUNDS + 1)][1:]
    print(f"{machine()}; s, median of {ROUNDS} warm starts")
    for which, (title, steps) in enumerate((("the lab", STEPS), ("a plain script", PLAIN_STEPS))):
        print(title)
        for place, step in enumerate(steps):
            print(f"  {step:<22}{statistics.median(both[which]['steps'][place] for both in rounds):6.2f}")
    opened = statistics.median(sum(both[0]["steps"][3:]) for both in rounds)
    usual = statistics.median(sum(both[1]["steps"][1:]) for both in rounds)
    print(f"after PsychoPy is imported: the lab's first page {opened:.2f}, a plain window {usual:.2f}")
    peak = max(both[0]["memory_mb"][0] for both in rounds)
    print(f"peak memory, some seconds of the game included: {peak:.0f} MB")
    return 0


if __name__ == "__main__":
    raise SystemExit({"child": child, "plain": plain}.get("".join(sys.argv[1:]), main)())
