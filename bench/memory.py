"""Whether memory grows over a long game: ``python -m bench.memory``.

A game of 500 throws plays itself in haste, with the journal of a session. The memory that the process holds
(RSS) is looked at after every tenth throw from the 50th on; the slope is that of a line through all of these.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass, field

import numpy as np
import psutil

from bench.measuring import machine
from bench.playing import playing
from experiment.booth import Booth, Interruptions
from experiment.machine.watching import Counted
from experiment.scenes import Court, Flying, Scene
from experiment.stage import StageSettings, open_stage

SIZE = (1280, 720)
THROWS = 500
FIRST, EVERY = 50, 10
HASTY = {"pause": (0.03, 0.06), "flight": (0.1, 0.14), "answer": (0.02, 0.05)}


@dataclass(slots=True)
class Weighed(Counted):
    """A screen that looks at the memory of the process as throws go by."""

    throws: int = 0
    weights: list[tuple[int, float]] = field(default_factory=list)
    _flying: bool = False

    def show(self, scene: Scene, *, idle_until: float | None = None) -> float:
        """Show a scene; a ball that has just left a hand is one more throw."""
        flip = self.real.show(scene, idle_until=idle_until)
        ball = scene.ball if isinstance(scene, Court) else None
        flying = isinstance(ball, Flying)
        if flying and not self._flying:
            self.throws += 1
            if self.throws >= FIRST and self.throws % EVERY == 0:
                self.weights.append((self.throws, psutil.Process().memory_info().rss / 1e6))
        self._flying = flying
        return flip


def main() -> int:
    """Play the game and print the memory."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    settings = StageSettings(size_px=SIZE, require_keyboard=False)
    with open_stage(settings, Interruptions()) as stage:
        screen = Weighed(stage.screen)
        booth = Booth(screen, stage.keys, stage.clock)
        playing(THROWS, HASTY, [])(booth)
    throws, weights = np.array(screen.weights).T
    slope = 100 * float(np.polyfit(throws, weights, 1)[0])
    late = 100 * float(np.polyfit(throws[len(throws) // 2 :], weights[len(throws) // 2 :], 1)[0])
    (first, light), (last, heavy) = screen.weights[0], screen.weights[-1]
    print(f"{machine()}\nmemory after {first} throws {light:.1f} MB, after {last} {heavy:.1f} MB")
    print(f"slope per 100 throws: {slope:+.2f} MB, in the second half {late:+.2f} MB")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
