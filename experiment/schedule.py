"""Who receives next and after what pause: plans drawn from a game file, one random stream per purpose.

A schedule never looks at a clock and never at how fast the participant answers; only the holder of the ball
and the number of throws so far decide what it draws next.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist
from typing import assert_never

import numpy as np

from experiment import definitions
from experiment.definitions.game import (
    Duration,
    ExactReceptions,
    Fixed,
    Phase,
    Policy,
    Probabilities,
    Rows,
    TruncatedNormal,
    Uniform,
    Weighted,
)
from experiment.game import Game, Player
from experiment.placing import draw_places
from experiment.randomness import stream
from experiment.scenes import PARTICIPANT


@dataclass(frozen=True, slots=True)
class Plan:
    """What a co-player will do: throw to `receiver` after `pause_s`; the ball then flies `flight_s`."""

    receiver: Player
    pause_s: float
    flight_s: float


@dataclass(frozen=True, slots=True)
class PhaseStart:
    """A phase as it was drawn when it began.

    `places` are the throws of the phase (from 1) at which the participant will receive; None where chance
    or rows decide throw by throw.
    """

    name: str
    number: int
    first_throw: int
    throws: int
    places: tuple[int, ...] | None


def _one_of(players: list[Player], rng: np.random.Generator) -> Player:
    return players[int(rng.integers(len(players)))]


def draw_duration(distribution: Duration, rng: np.random.Generator) -> float:
    """Draw a duration (s) from a distribution of a game file."""
    match distribution:
        case Fixed(value_s=value):
            return value
        case Uniform(low_s=low, high_s=high):
            return float(rng.uniform(low, high))
        case Weighted(values_s=values, weights=weights):
            chances = np.asarray(weights, dtype=float)
            return float(rng.choice(np.asarray(values, dtype=float), p=chances / chances.sum()))
        case TruncatedNormal(mean_s=mean, sd_s=sd, low_s=low, high_s=high):
            return _truncated_normal(mean, sd, low, high, rng)
        case _:
            assert_never(distribution)


def _truncated_normal(mean: float, sd: float, low: float, high: float, rng: np.random.Generator) -> float:
    """Draw until a value falls between the bounds, or, where few would, use the inverse CDF."""
    for _ in range(100):
        value = float(rng.normal(mean, sd))
        if low <= value <= high:
            return value
    normal = NormalDist(mean, sd)
    place = normal.inv_cdf(float(rng.uniform(normal.cdf(low), normal.cdf(high))))
    return min(max(place, low), high)


class Schedule:
    """The co-players' side of one run.

    Parameters
    ----------
    game
        The game file.
    seed
        Seed of the session.
    purpose
        Path of this run, such as ``"run-02"``; streams are named below it.
    """

    def __init__(self, game: definitions.Game, seed: int, purpose: str) -> None:
        self._file = game
        self._seed = seed
        self._purpose = purpose
        self._coplayers = game.coplayer_numbers()
        self._timing = stream(seed, f"{purpose}/timing")
        self._passing = stream(seed, f"{purpose}/passing")
        self._taking = stream(seed, f"{purpose}/take-over")
        self._own_flights = stream(seed, f"{purpose}/own-flights")
        self._phase: PhaseStart | None = None
        self._chance = self._timing
        self._bags: dict[Player, list[list[Player]]] = {}

    def start(self) -> Game:
        """Return the game before its first throw."""
        if self._file.starts == "participant":
            return Game(self._coplayers, PARTICIPANT)
        first = stream(self._seed, f"{self._purpose}/start").integers(len(self._coplayers))
        return Game(self._coplayers, self._coplayers[int(first)])

    def phase_of(self, number: int) -> tuple[int, Phase, int]:
        """Return index (from 1), definition and first throw of the phase to which throw `number` belongs."""
        first = 1
        for index, phase in enumerate(self._file.phases, start=1):
            if number < first + phase.throws:
                return index, phase, first
            first += phase.throws
        raise IndexError(f"throw {number}: the run has {self._file.throws}")

    def enter(self, game: Game) -> PhaseStart | None:
        """Begin the phase of the next throw, if it begins with it, and return what was drawn for it."""
        number = len(game.throws) + 1
        index, phase, first = self.phase_of(number)
        if number != first:
            return None
        self._chance = stream(self._seed, f"{self._purpose}/{phase.name}/schedule")
        policy = phase.policy(self._coplayers)
        places = None
        if isinstance(policy, ExactReceptions):
            late = int(game.holder == PARTICIPANT)  # their throw comes first, the dose after it
            drawn = draw_places(policy.count, phase.throws - late, policy.max_wait, self._chance)
            places = tuple(place + late for place in drawn)
        self._bags = {}
        self._phase = PhaseStart(phase.name, index, first, phase.throws, places)
        return self._phase

    def coplayer_throw(self, game: Game) -> Plan:
        """Draw what the co-player who holds the ball will do."""
        if game.holder == PARTICIPANT or self._phase is None:
            raise ValueError("a co-player's throw needs a phase and a co-player with the ball")
        _, phase, _ = self.phase_of(len(game.throws) + 1)
        receiver = self._receiver(game, phase.policy(self._coplayers))
        pause = draw_duration(phase.pause or self._file.pause, self._timing)
        return Plan(receiver, pause, draw_duration(self._file.flight, self._timing))

    def participant_flight(self) -> float:
        """Draw the flight time (s) of a throw by the participant."""
        return draw_duration(self._file.flight, self._own_flights)

    def take_over(self, game: Game) -> Player:
        """Draw who takes the ball from a participant who keeps it."""
        return _one_of([player for player in self._coplayers if player != game.holder], self._taking)

    def _receiver(self, game: Game, policy: Policy) -> Player:
        match policy:
            case ExactReceptions():
                return PARTICIPANT if self._is_place(game) else self._among(game)
            case Probabilities(to_participant=chances):
                return PARTICIPANT if self._chance.random() < chances[game.holder] else self._among(game)
            case Rows(bags=bags):
                return self._from_bag(game.holder, bags[game.holder])
            case _:
                assert_never(policy)

    def _is_place(self, game: Game) -> bool:
        if self._phase is None or self._phase.places is None:
            return False
        return len(game.throws) + 2 - self._phase.first_throw in self._phase.places

    def _among(self, game: Game) -> Player:
        """Draw one of the co-players who do not hold the ball, each as likely."""
        return _one_of([player for player in self._coplayers if player != game.holder], self._passing)

    def _from_bag(self, holder: Player, bags: tuple[tuple[Player, ...], ...]) -> Player:
        """Take the next player from the holder's row; a row that is used up goes on with its last bag."""
        if holder not in self._bags:
            self._bags[holder] = [self._shuffled(bag) for bag in bags]
        row = self._bags[holder]
        while row and not row[0]:
            row.pop(0)
        if not row:
            row.append(self._shuffled(bags[-1]))
        return row[0].pop(0)

    def _shuffled(self, bag: tuple[Player, ...]) -> list[Player]:
        return [bag[int(i)] for i in self._chance.permutation(len(bag))]
