"""Real runs that play themselves, with the journal of a session, and an empty window that takes turns."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from experiment import journal
from experiment.booth import Booth, Press
from experiment.definitions import Game, Texts
from experiment.definitions.library import find
from experiment.definitions.reading import read
from experiment.machine.watching import Seen, empty, watched
from experiment.randomness import stream
from experiment.recording import RunOf
from experiment.respondent import Respondent
from experiment.run import Run
from experiment.scenes import PARTICIPANT, Court
from experiment.simulated import SelfPlaying
from experiment.stage.window import Stage

SEED = 20
QUICK = {"pause": (0.12, 0.25), "flight": (0.3, 0.45), "answer": (0.1, 0.3)}
"""How long (s) co-players wait, the ball flies, and the participant takes to throw."""


@dataclass(slots=True)
class QuickThrower(Respondent):
    """A participant who throws soon, to one co-player and the other in turn."""

    answer_s: tuple[float, float] = QUICK["answer"]
    _flips: int = 0

    def _court(self, court: Court, flip: float, *, fresh: bool) -> list[Press]:
        del fresh
        if not court.turn:
            return []
        self._flips += 1
        others = [player.number for player in court.players if player.number != PARTICIPANT]
        wait = float(stream(self.seed, f"answer/{self._flips}").uniform(*self.answer_s))
        return [Press(flip + wait, "simulated", target=f"player:{others[self._flips % len(others)]}")]


def game_file(throws: int, pace: Mapping[str, tuple[float, float]]) -> Game:
    """Return a game of so many throws, half of those of co-players to the participant."""
    spans: dict[str, Any] = {
        name: {"kind": "uniform", "low_s": pace[name][0], "high_s": pace[name][1]}
        for name in ("pause", "flight")
    }
    return Game.model_validate({
        "title": "A game that plays itself",
        "source": "made for the benchmarks: every state of the ball comes often",
        "players": 3,
        "throws": throws,
        "coplayers": ({"name": "Alex"}, {"name": "Sam"}),
        "phases": ({"name": "play", "throws": throws, "probability": 0.5},),
        **spans,
    })  # fmt: skip


def playing(
    throws: int, pace: Mapping[str, tuple[float, float]], into: list[journal.Event], seed: int = SEED
) -> Callable[[Booth], None]:
    """Return what plays a run as a session does, and adds its journal to `into`."""
    file, texts = game_file(throws, pace), read(find("texts", "en"), Texts)

    def play(booth: Booth) -> None:
        keys = SelfPlaying(QuickThrower(seed, {}, answer_s=pace["answer"]), booth.clock, booth.keys)
        with TemporaryDirectory() as folder:
            path = Path(folder) / "run.jsonl"
            with journal.Journal(path) as record:
                itself = Booth(booth.screen, keys, booth.clock, booth.interruptions)
                run = Run(itself, record, file, texts, RunOf(1, "game", "bench", "bench"), seed)
                itself.screen.prepare(run.scenes())
                run.play()
            into.extend(json.loads(line) for line in path.read_text(encoding="utf-8").splitlines())

    return play


@dataclass(slots=True)
class Stretches:
    """What became of the frames of one thing, over all the blocks in which it was shown."""

    shown: int = 0
    late: list[tuple[float, float]] = field(default_factory=list)
    longest_s: float = 0.0

    def add(self, seen: Seen) -> None:
        """Add a block."""
        self.shown += seen.shown
        self.late += seen.late
        self.longest_s = max(self.longest_s, seen.longest_s)

    def row(self, name: str) -> str:
        """Return a line of a table."""
        share = 100 * len(self.late) / max(self.shown, 1)
        return (
            f"{name:<16}{len(self.late):>6} of {self.shown:<7}{share:8.2f} %{1e3 * self.longest_s:10.1f} ms"
        )


@dataclass(slots=True)
class Contest:
    """Runs and an empty window in turns: their frames, and the journal of all runs."""

    runs: Stretches = field(default_factory=Stretches)
    empties: Stretches = field(default_factory=Stretches)
    events: list[journal.Event] = field(default_factory=list)

    def round(self, stage: Stage, throws: int, seed: int) -> None:
        """Play one run, then show an empty window for as long."""
        booth = Booth(stage.screen, stage.keys, stage.clock)
        began = stage.clock.now()
        self.runs.add(watched(booth, playing(throws, QUICK, self.events, seed), lambda _flip: None))
        lasted = stage.clock.now() - began
        self.empties.add(watched(booth, empty(lasted), lambda _flip: None))

    def answers_s(self) -> list[float]:
        """Return the time from looking at a press to the ball leaving, for each of their throws."""
        answers, seen = [], 0.0
        for event in self.events:
            if event["event"] == "press":
                seen = event["seen"]
            elif event["event"] == "release" and event["thrower"] == PARTICIPANT:
                answers.append(event["t"] - seen)
        return answers
