"""Whatever happens in a session, its record gives it again: mashed keys, late frames, pauses, crashes."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from experiment import definitions, journal
from experiment.booth import Booth, Frames, Press
from experiment.definitions import CONDITIONS
from experiment.definitions.reading import read
from experiment.firstlines import header
from experiment.journal import Journal
from experiment.past import Past
from experiment.retracing import retrace
from experiment.scenes import Court, Form, Held, Page, Scene
from experiment.session import Session
from experiment.simulated import VirtualClock, World
from experiment.study import Study, Who
from tests.scripted import CollectingScreen, Directed, HoldingKeys, Sitting, game

KEYS = ("left", "right", "up", "1", "2", "3", "l", "space", "return", "f10", "escape", "x")
TARGETS = ("player:1", "player:3", "player:2", "button:leave", "button:next", "stop", "option:2", "line", "")
SESSIONS = 60

LIVELY = game(
    [
        {"name": "fair", "throws": 6, "receptions": 2},
        {"name": "timed", "duration_s": 6.0, "probability": 0.4, "overruled": 0.3},
        {"name": "growing", "throws": 8, "growing": {"start": 0.1, "step": 0.2, "most": 0.9}},
    ],
    pause={"kind": "uniform", "low_s": 0.2, "high_s": 1.5},
    participant={"take_over_after_s": 4.0, "prompt_after_s": 2.0, "may_leave": {"after_s_ignored": 3.0}},
    compensation={"usual_response_s": 0.8, "low_s": 0.1, "high_s": 2.0},
)


class Crash(BaseException):
    """The program is killed here."""


class CrashingJournal(Journal):
    """Dies once it has written so many events."""

    dies_at = 10**9

    def __enter__(self) -> CrashingJournal:
        """Return this journal."""
        return self

    def write(self, event: str, t: float | None = None, **data: object) -> None:
        """Write, and die if it is time."""
        Journal.write(self, event, t, **data)
        if self.count >= self.dies_at:
            raise Crash


class JoltyScreen(CollectingScreen):
    """Comes late now and then, and counts its frames as a real one does."""

    chance = random.Random(0)
    counted = 0

    def next_flip(self) -> float:
        """Promise the next frame."""
        return CollectingScreen.next_flip(self)

    def show(self, scene: Scene, *, idle_until: float | None = None) -> float:
        """Show a scene, some frames late where chance has it."""
        self.counted += 1
        if self.chance.random() < 0.05:
            self.world.frame += self.chance.randrange(1, 20)
        return CollectingScreen.show(self, scene, idle_until=idle_until)

    def account(self) -> Frames | None:
        """Return what was counted."""
        frames = Frames(self.counted, ((1.5, 0.1),) if self.counted % 2 else (), 0.1)
        self.counted = 0
        return frames


def restless(chance: random.Random, seed: int, resolved: definitions.Resolved) -> Directed:
    """Return a participant who presses whatever is there, and answers all the same."""

    def mash(flip: float, most_s: float) -> list[Press]:
        presses = []
        for _ in range(chance.randrange(0, 7)):
            at = round(flip + chance.uniform(-0.3, most_s), 6)
            if chance.random() < 0.6:
                key = chance.choice(KEYS)
                presses.append(Press(at, "keyboard", key=key, stray=chance.random() < 0.1))
            else:
                target = chance.choice(TARGETS)
                fraction = 0.4 if target == "line" else None
                drag = chance.random() < 0.2
                presses.append(
                    Press(at, "mouse", target=target, fraction=fraction, drag=drag, uncertainty_s=0.009)
                )
        return presses

    def instead(scene: Scene, flip: float) -> list[Press] | None:
        own = Directed(seed, resolved.measures).see(scene, flip)
        if isinstance(scene, Court):
            turn = isinstance(scene.ball, Held) and scene.turn
            return own + mash(flip, 3.0) if turn or chance.random() < 0.3 else own
        if isinstance(scene, Form):
            return own + (mash(flip, 1.0) if chance.random() < 0.3 else [])
        if isinstance(scene, Page) and {b.target for b in scene.buttons} == {"button:cancel", "button:stop"}:
            answer = "button:stop" if chance.random() < 0.05 else "button:cancel"
            return [Press(flip + 0.7, "mouse", target=answer)]
        if isinstance(scene, Page) and "button:go_on" in {b.target for b in scene.buttons}:
            return [Press(flip + 0.7, "keyboard", key="c")]
        return None

    return Directed(seed, resolved.measures, instead=instead)


def lively(chance: random.Random) -> definitions.Resolved:
    """Return the demo with other games: any that is shipped, or one with all that can happen."""
    resolved = definitions.resolve("demo")
    names = sorted(path.stem for path in (CONDITIONS / "games").glob("*.toml"))
    games: dict[str, Any] = dict(resolved.games)
    for condition in resolved.protocol.design.conditions:
        name = chance.choice([*names, "lively", "lively"])
        file = CONDITIONS / "games" / f"{name}.toml"
        games[condition] = LIVELY if name == "lively" else read(file, definitions.Game)
    return replace(resolved, games=games)


def sit(chance: random.Random, resolved: definitions.Resolved, folder: Path) -> journal.Recorded:
    """Run a session, killed and resumed a few times."""
    sitting = Sitting(folder, resolved, seed=chance.randrange(10**6), cell=chance.randrange(2))
    kills = [chance.randrange(4, 400) for _ in range(chance.randrange(0, 3))]
    while True:
        recorded = sitting.recorded if sitting.path.is_file() else None
        with CrashingJournal(sitting.path, resume=recorded is not None, durable=False) as record:
            if kills:
                record.dies_at = record.count + kills.pop()
            try:
                _segment(chance, resolved, sitting, record, recorded)
            except Crash:
                continue
        return sitting.recorded


def _segment(
    chance: random.Random,
    resolved: definitions.Resolved,
    sitting: Sitting,
    record: Journal,
    before: journal.Recorded | None,
) -> None:
    world = World(frame=chance.randrange(1000))
    screen = JoltyScreen(world, every_frame=False)
    screen.chance = chance
    holding = random.Random(chance.random())
    keys = HoldingKeys(world, restless(chance, sitting.seed, resolved), lambda _s: holding.random() < 0.002)
    booth = Booth(screen, keys, VirtualClock(world))
    if before is None:
        study = Study(sitting.folder, resolved.protocol.study, simulated=True)
        record.write("session", None, **header(resolved, study, Who("001", "01"), sitting.seed))
    facts = {"period_s": screen.period_s}
    record.write("segment", world.now, number=1, wall=None, machine=None, screen=facts, keys={})
    past = Past() if before is None else Past.of(before)
    Session(booth, record, resolved, sitting.seed, sitting._draw, sitting._keep, lambda _m: None, past).run()


@pytest.mark.parametrize("seed", range(SESSIONS))
def test_whatever_happens_the_record_gives_it_again(seed: int, tmp_path: Path) -> None:
    """Every line comes out the same, of every segment."""
    chance = random.Random(seed)
    resolved = lively(chance)
    retrace(sit(chance, resolved, tmp_path), resolved)


def test_the_sessions_were_worth_it(tmp_path: Path) -> None:
    """Among them all: early and stray presses, stops taken back, pauses, segments, ends of all kinds."""
    uses: set[str] = set()
    kinds: set[str] = set()
    ends: set[str] = set()
    segments = 0
    for seed in range(SESSIONS // 3):
        chance = random.Random(seed)
        recorded = sit(chance, lively(chance), tmp_path / str(seed))
        uses |= {event["use"] for event in recorded.all("press")}
        kinds |= {event["event"] for event in recorded.events}
        ends |= {event["outcome"] for event in recorded.all("end")}
        segments = max(segments, sum(1 for _ in recorded.all("segment")))
    assert {"throw", "anticipatory", "unfocused", "ignored", "answer", "stop"} <= uses
    assert {"aside", "stop", "offer", "left", "line"} <= kinds
    assert "completed" in ends
    assert segments == 3
