"""Our court and line form beside a plain PsychoPy script: ``python -m bench.yardstick``.

The script is written the usual way: stimuli built once, only what moves is set in a frame, `event.getKeys`,
rows in a list, a CSV at the end. It shows what our court shows at the same moments, more simply: the figures
are drawn from shapes, or are one picture each. Its rating is a `Slider`. Both run in the same window, in
turns; ours reads the driver's keys in each frame, and theirs `event.getKeys`.
"""

from __future__ import annotations

import argparse
import csv
import gc
from collections.abc import Callable
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from bench.court import FRAME_S, FRAMES, drawing, game, nothing
from bench.measuring import Cost, Draw, machine, table, taking_turns
from experiment.booth import Interruptions
from experiment.scenes import Flying, LineScale, Scene
from experiment.stage import StageSettings, open_stage
from experiment.stage.gallery import form
from experiment.stage.window import Stage

SIZE = (1280, 720)
PLACES = {1: (-300.0, 40.0), 2: (0.0, -230.0), 3: (300.0, 40.0)}
NAMES = {1: "Lena", 2: "You", 3: "Marco"}
SHIRTS = {1: "#2f8090", 2: "#8a5f86", 3: "#d0893a"}
QUESTION, ENDS = "How unpleasant was it?", ("not unpleasant at all", "the most unpleasant I can imagine")


def shapes(window: Any, player: int) -> list[Any]:
    """Return a figure made of shapes: head, trunk, arms and legs."""
    from psychopy import visual  # noqa: PLC0415 - only where there is a display

    x, y = PLACES[player]
    make = {"win": window, "units": "pix", "lineColor": None}
    return [
        visual.Circle(radius=28, pos=(x, y + 130), fillColor="#e2c1a4", **make),
        visual.Polygon(edges=4, radius=62, ori=45, pos=(x, y + 55), fillColor=SHIRTS[player], **make),
        visual.Rect(width=16, height=80, ori=12, pos=(x - 48, y + 55), fillColor=SHIRTS[player], **make),
        visual.Rect(width=16, height=80, ori=-12, pos=(x + 48, y + 55), fillColor=SHIRTS[player], **make),
        visual.Rect(width=26, height=85, pos=(x - 18, y - 30), fillColor="#4b576a", **make),
        visual.Rect(width=26, height=85, pos=(x + 18, y - 30), fillColor="#4b576a", **make),
    ]


def picture(window: Any, player: int) -> list[Any]:
    """Return a figure that is one picture."""
    from psychopy import visual  # noqa: PLC0415 - only where there is a display

    pixels = np.random.default_rng(player).uniform(-1, 1, (256, 128, 4))
    pixels[..., 3] = 1
    x, y = PLACES[player]
    return [visual.ImageStim(window, image=pixels, size=(125, 250), pos=(x, y + 40), units="pix")]


class PlainGame:
    """The game of a plain script."""

    def __init__(self, window: Any, figure: Callable[[Any, int], list[Any]]) -> None:
        from psychopy import event, visual  # noqa: PLC0415 - only where there is a display

        text = partial(visual.TextStim, window, units="pix", color="#2b3640")
        self.still: list[Any] = [
            visual.Rect(window, width=1280, height=460, pos=(0, -130), fillColor="#e8e6da", units="pix"),
            visual.Circle(window, radius=250, pos=(0, -60), lineColor="#f8f6ef", fillColor=None, units="pix"),
            text(text="Stop taking part", height=14, pos=(550, 330)),
        ]
        for player, (x, y) in PLACES.items():
            self.still += figure(window, player)
            self.still.append(text(text=NAMES[player], height=18, pos=(x, y - 100)))
        self.keys = [text(text=sign, height=18, pos=(x, -100)) for sign, x in (("←", -300), ("→", 300))]
        self.ball = visual.Circle(window, radius=18, fillColor="#e0563f", lineColor=None, units="pix")
        self.get_keys = event.getKeys
        self.rows: list[dict[str, object]] = []

    def draw(self, frame: int) -> None:
        """Draw a frame, and look at the keys."""
        court = game(2, frame * FRAME_S)
        if isinstance(court.ball, Flying):
            (x, y), (to_x, to_y) = PLACES[court.ball.thrower], PLACES[court.ball.receiver]
            share = (court.time_s - court.ball.start) / court.ball.duration
            at = x + (to_x - x) * share, y + (to_y - y) * share + 200 * share * (1 - share)
        else:
            at = PLACES[court.ball.player]
        self.ball.pos = at
        for stimulus in self.still:
            stimulus.draw()
        if court.turn:
            for stimulus in self.keys:
                stimulus.draw()
        self.ball.draw()
        for key in self.get_keys(keyList=["left", "right", "escape"]):
            self.rows.append({"frame": frame, "key": key})

    def save(self, path: Path) -> None:
        """Save all rows, once the game is over."""
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, ["frame", "key"])
            writer.writeheader()
            writer.writerows(self.rows)


class PlainRating:
    """A rating on a line as a plain script has it."""

    def __init__(self, window: Any, *, moving: bool) -> None:
        from psychopy import visual  # noqa: PLC0415 - only where there is a display

        self.question = visual.TextStim(
            window, text=QUESTION, height=28, pos=(0, 120), units="pix", color="#2b3640"
        )
        self.slider = visual.Slider(
            window, ticks=(0, 100), labels=ENDS, granularity=0, size=(700, 30), pos=(0, -20), units="pix",
            labelColor="#2b3640", lineColor="#2b3640", markerColor="#1f6f7d", labelHeight=18,
        )  # fmt: skip
        self.slider.markerPos = 50
        self.moving = moving

    def draw(self, frame: int) -> None:
        """Draw a frame; where it moves, the marker follows the pointer."""
        if self.moving:
            self.slider.markerPos = frame % 100
        self.question.draw()
        self.slider.draw()
        self.slider.getRating()


def ours(stage: Stage, scenes: list[Scene]) -> tuple[Draw, Callable[[], object]]:
    """Return what draws our scenes and looks at the keys, and what flips."""
    draw, flip = drawing(stage, scenes)

    def both(frame: int) -> None:
        draw(frame)
        stage.keys.presses(scenes[frame % len(scenes)], 0.0)

    return both, flip


def versus(costs: dict[str, Cost], mine: str, others: list[str]) -> None:
    """Print how our cost relates to that of the script."""
    for other in others:
        draw, frame = costs[mine].draw / costs[other].draw, costs[mine].frame / costs[other].frame
        print(f"{mine} / {other}: draw {draw:.2f}, with the flip {frame:.2f}")


def main() -> int:
    """Measure both in one window."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    with open_stage(StageSettings(size_px=SIZE, require_keyboard=False), Interruptions()) as stage:
        window = stage.screen.window
        flip = window.flip
        plain = {
            "plain game, shapes": PlainGame(window, shapes),
            "plain game, pictures": PlainGame(window, picture),
        }
        ratings = {
            "plain Slider": PlainRating(window, moving=False),
            "plain Slider, moving": PlainRating(window, moving=True),
        }
        line = LineScale(*ENDS)
        costs = taking_turns(
            {
                "empty window": nothing(stage),
                "our court": ours(stage, [game(2, frame * FRAME_S) for frame in range(FRAMES)]),
                **{name: (script.draw, flip) for name, script in plain.items()},
                "our line form": ours(stage, [form(QUESTION, line, value=50.0)]),
                "our line form, moving": ours(
                    stage, [form(QUESTION, line, value=float(value)) for value in range(100)]
                ),
                **{name: (script.draw, flip) for name, script in ratings.items()},
            },
            FRAMES,
            gc.collect,
        )  # fmt: skip
        with TemporaryDirectory() as folder:
            plain["plain game, shapes"].save(Path(folder) / "plain.csv")
    print(f"{machine()}, {FRAMES} frames each, in turns")
    print(table("ms", costs))
    versus(costs, "our court", list(plain))
    versus(costs, "our line form", ["plain Slider"])
    versus(costs, "our line form, moving", ["plain Slider, moving"])
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
