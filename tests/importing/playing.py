"""Plays imported games with the schedule of the program, for the tests beside."""

from __future__ import annotations

import random
from dataclasses import dataclass
from pathlib import Path

from experiment.definitions.game import Game
from experiment.definitions.reading import parse
from experiment.importing.converting import Converted, convert
from experiment.leaving import Leavers
from experiment.schedule import Schedule

SAMPLES = Path(__file__).parent / "samples"
PARTICIPANT = 2


@dataclass(frozen=True)
class Played:
    """One run: who threw to whom, the pause before (None: the participant's), who left after which throw."""

    first: int
    throws: list[tuple[int, int]]
    pauses_s: list[float | None]
    left: dict[int, int]
    ended: str


def converted(name: str) -> tuple[Converted, ...]:
    """Return the game files that a sample becomes; a schedule beside it goes with it."""
    schedule = SAMPLES / f"{Path(name).stem}.schedule"
    rows = (schedule.read_bytes(), schedule.name) if schedule.exists() else None
    return convert((SAMPLES / name).read_bytes(), name, rows).games


def game_of(name: str, number: int = 0) -> Game:
    """Return one game of a sample, read as the program reads it."""
    return parse(converted(name)[number].game, Game, None)


def play(file: Game, seed: int) -> Played:
    """Play a game to its end; the participant chooses at random and takes a second."""
    chooser = random.Random(seed)
    schedule, leavers = Schedule(file, seed, "run-01"), Leavers(file, seed, "run-01")
    game, at_s = schedule.start(), 0.0
    first, pauses, left = game.holder, list[float | None](), dict[int, int]()
    leavers.caught(game, at_s)
    ended = ""
    while not ended:
        schedule.enter(game, at_s)
        if game.holder == PARTICIPANT:
            own = schedule.own_throw(game, chooser.choice(game.coplayers))
            receiver, pause, flight = own.receiver, None, own.flight_s
        else:
            plan = schedule.coplayer_throw(game)
            receiver, pause, flight = plan.receiver, plan.pause_s, plan.flight_s
        game = game.throw(receiver)
        at_s += (1.0 if pause is None else pause) + flight
        pauses.append(pause)
        leavers.caught(game, at_s)
        for gone in leavers.due(game, at_s):
            game = game.leave(gone)
            left[gone] = len(game.throws)
        ended = schedule.over(game, at_s)
    return Played(first, [(t.thrower, t.receiver) for t in game.throws], pauses, left, ended)
