"""Who receives next and after what pause: plans drawn from a game file, one random stream per purpose.

A schedule never looks at a clock. It is told when things happened, and uses that only where the game file
asks for it: phases that end by time, and pauses that make up for quick and slow answers. Times are seconds
played: since the run's zero, pauses of the session left out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import assert_never

import numpy as np

from experiment import definitions
from experiment.definitions.phases import (
    ExactRamp,
    ExactReceptions,
    Grows,
    InOrder,
    Phase,
    Policy,
    Probabilities,
    Rows,
    Weights,
)
from experiment.drawing import drawing, one_of, weighted
from experiment.game import Game, Player
from experiment.placing import draw_places, draw_ramp
from experiment.randomness import stream
from experiment.scenes import PARTICIPANT

AT_ONCE_S = 1e-6
"""What is so near counts as the same moment: times played come from sums and differences of clock times."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a co-player will do: throw to `receiver` after `pause_s`; the ball then flies `flight_s`.

    `drawn_s` is the pause before it made up for the participant's answers.
    """

    receiver: Player
    pause_s: float
    flight_s: float
    drawn_s: float


@dataclass(frozen=True, slots=True)
class OwnThrow:
    """Where the participant's throw goes: to whom they chose, unless it is over-ruled."""

    receiver: Player
    flight_s: float
    overruled: bool


@dataclass(frozen=True, slots=True)
class PhaseStart:
    """A phase as it was drawn when it began.

    `places` are the throws of the phase (from 1) at which the participant will receive; None where chance
    or rows decide throw by throw. `throws` is None where it ends by time.
    """

    name: str
    number: int
    first_throw: int
    throws: int | None
    places: tuple[int, ...] | None


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
        self._numbers = game.coplayer_numbers()
        self._pauses: dict[Player, Callable[[], float]] = {}
        self._index = -1
        self._phase = game.phases[-1]
        self._policy: Policy | None = None
        self._until_s: float | None = None
        self._first_throw = 1
        self._places: frozenset[int] = frozenset()
        self._bags: dict[Player, list[list[Player]]] = {}
        self._ordered = 0
        self._owed_s = 0.0

    def start(self) -> Game:
        """Return the game before its first throw."""
        starters = self._file.starters()
        first = 0
        if len(starters) > 1:
            first = int(stream(self._seed, f"{self._purpose}/start").integers(len(starters)))
        return Game(self._numbers, starters[first])

    @cached_property
    def _timing(self) -> np.random.Generator:
        return stream(self._seed, f"{self._purpose}/timing")

    @cached_property
    def _passing(self) -> np.random.Generator:
        return stream(self._seed, f"{self._purpose}/passing")

    @cached_property
    def _taking(self) -> np.random.Generator:
        return stream(self._seed, f"{self._purpose}/take-over")

    @cached_property
    def _flight(self) -> Callable[[], float]:
        return drawing(self._file.flight, self._timing)

    @cached_property
    def _own_flight(self) -> Callable[[], float]:
        return drawing(self._file.flight, stream(self._seed, f"{self._purpose}/own-flights"))

    @cached_property
    def _overruling(self) -> np.random.Generator:
        return stream(self._seed, f"{self._purpose}/overruling")

    @property
    def phase(self) -> Phase:
        """Return the phase that is running."""
        return self._phase

    @property
    def number(self) -> int:
        """Return the number of the phase that is running, from 1."""
        return self._index + 1

    @property
    def until_s(self) -> float | None:
        """Return when the running phase ends, where it ends by time."""
        return self._until_s

    def over(self, game: Game, at_s: float) -> str:
        """Return what has ended the run: ``throws``, ``time``, ``alone`` (all others left), or nothing."""
        if not game.coplayers:
            return "alone"
        last = len(self._file.phases) - 1
        if not self._done(game, at_s):
            return ""
        if self._index == last:
            return "throws" if self._until_s is None else "time"
        limit = self._file.duration_s
        over = limit is not None and at_s >= limit - AT_ONCE_S
        return "time" if self._index == last - 1 and over else ""

    def _done(self, game: Game, at_s: float) -> bool:
        """Return whether the running phase is over; before the first phase nothing runs."""
        if self._index < 0:
            return False
        if self._until_s is not None:
            return at_s >= self._until_s - AT_ONCE_S
        return len(game.throws) + 1 - self._first_throw >= (self._phase.throws or 0)

    def enter(self, game: Game, at_s: float) -> PhaseStart | None:
        """Begin the next phase, if the running one is over, and return what was drawn for it."""
        if self._index >= 0 and not self._done(game, at_s):
            return None
        self._index += 1
        self._first_throw = len(game.throws) + 1
        phase = self._phase = self._file.phases[self._index]
        policy = self._policy = phase.policy(self._numbers)
        self._pauses = {
            number: drawing(coplayer.pause or phase.pause or self._file.pause, self._timing)
            for number, coplayer in zip(self._numbers, self._file.coplayers, strict=True)
        }
        self._until_s = None
        if phase.throws is None:
            own_s = phase.duration_s
            self._until_s = self._file.duration_s if own_s is None else at_s + own_s
        self._chance = stream(self._seed, f"{self._purpose}/{phase.name}/schedule")
        self._bags, self._ordered = {}, 0
        places = None
        late = int(game.holder == PARTICIPANT)  # their throw comes first, the dose after it
        match policy:
            case ExactReceptions(count=count, max_wait=max_wait):
                places = draw_places(count, (phase.throws or 0) - late, max_wait, self._chance)
            case ExactRamp(count=count, start=start, end=end):
                places = draw_ramp(count, (phase.throws or 0) - late, start, end, self._chance)
            case _:
                pass
        if places is not None:
            places = tuple(place + late for place in places)
        self._places = frozenset(places or ())
        return PhaseStart(phase.name, self.number, self._first_throw, phase.throws, places)

    def coplayer_throw(self, game: Game) -> Plan:
        """Draw what the co-player who holds the ball will do."""
        policy = self._policy
        if game.holder == PARTICIPANT or policy is None:
            raise ValueError("a co-player's throw needs a phase and a co-player with the ball")
        drawn = self._pauses[game.holder]()
        if isinstance(policy, InOrder) and policy.pauses_s is not None:
            drawn = policy.pauses_s[min(self._ordered, len(policy.pauses_s) - 1)]
        receiver = self._receiver(game, policy)
        return Plan(receiver, self._made_up(drawn), self._flight(), drawn)

    def answered(self, took_s: float) -> None:
        """Take note of how long the participant took to throw, from the catch to the release."""
        if self._file.compensation is not None:
            self._owed_s += self._file.compensation.usual_response_s - took_s

    def _made_up(self, drawn_s: float) -> float:
        """Return a pause that pays back what answers took less or more than usual, within its bounds."""
        bounds = self._file.compensation
        if bounds is None or not bounds.low_s <= drawn_s <= bounds.high_s:
            return drawn_s
        pause = min(max(drawn_s + self._owed_s, bounds.low_s), bounds.high_s)
        self._owed_s -= pause - drawn_s
        return pause

    def own_throw(self, game: Game, chosen: Player, *, taken_over: bool = False) -> OwnThrow:
        """Draw where a throw of the participant goes, and how long it flies.

        A ball that was taken over was nobody's choice, so there is nothing to over-rule; it is drawn all the
        same, so that it does not decide about later choices.
        """
        flight = self._own_flight()
        others = [p for p in game.coplayers if p != chosen] if self._phase.overruled else []
        if others:
            drawn = self._overruling.random()
            instead = one_of(others, self._overruling)
            if drawn < self._phase.overruled and not taken_over:
                return OwnThrow(instead, flight, overruled=True)
        return OwnThrow(chosen, flight, overruled=False)

    def take_over(self, game: Game) -> Player:
        """Draw who takes the ball from a participant who keeps it."""
        return one_of(list(game.coplayers), self._taking)

    def _receiver(self, game: Game, policy: Policy) -> Player:
        match policy:
            case ExactReceptions() | ExactRamp():
                place = len(game.throws) + 2 - self._first_throw
                return PARTICIPANT if place in self._places else self._among(game)
            case Probabilities(to_participant=chances):
                return PARTICIPANT if self._chance.random() < chances[game.holder] else self._among(game)
            case Grows(start=start, step=step, most=most):
                chance = min(start + step * self._missed(game), most)
                return PARTICIPANT if self._chance.random() < chance else self._among(game)
            case Weights(rows=rows):
                return self._weighted(game, rows[game.holder])
            case Rows(bags=bags):
                return self._from_bag(game, bags[game.holder])
            case InOrder(receivers=receivers):
                return self._in_order(game, receivers)
            case _:
                assert_never(policy)

    def _missed(self, game: Game) -> int:
        """Return how many throws of co-players have passed the participant by since they last received."""
        missed = 0
        for throw in reversed(game.throws[self._first_throw - 1 :]):
            if throw.receiver == PARTICIPANT:
                break
            missed += throw.thrower != PARTICIPANT
        return missed

    def _among(self, game: Game) -> Player:
        """Draw one of the other co-players who play, each as likely; the participant where there is none."""
        others = [p for p in game.coplayers if p != game.holder and p not in self._phase.left_out]
        return one_of(others, self._passing) if others else PARTICIPANT

    def _weighted(self, game: Game, row: dict[Player, float]) -> Player:
        """Draw a receiver who plays by the holder's weights."""
        playing = [player for player in game.receivers() if row.get(player, 0.0) > 0]
        if not playing:
            return self._among(game)
        return playing[weighted(tuple(row[player] for player in playing), self._chance)]

    def _from_bag(self, game: Game, bags: tuple[tuple[Player, ...], ...]) -> Player:
        """Take the next player from the holder's row; a row that is used up goes on with its last bag.

        Who has left is passed over.
        """
        playing = set(game.receivers())
        row = self._bags.setdefault(game.holder, [self._shuffled(bag) for bag in bags])
        while True:
            while row and not row[0]:
                row.pop(0)
            if not row:
                if not playing & set(bags[-1]):
                    return self._among(game)
                row.append(self._shuffled(bags[-1]))
            receiver = row[0].pop(0)
            if receiver in playing:
                return receiver

    def _in_order(self, game: Game, receivers: tuple[Player, ...]) -> Player:
        """Take the next receiver who can be thrown to; after the last, each of the others is as likely."""
        playing = game.receivers()
        while self._ordered < len(receivers):
            self._ordered += 1
            if receivers[self._ordered - 1] in playing:
                return receivers[self._ordered - 1]
        return one_of(list(playing), self._chance)

    def _shuffled(self, bag: tuple[Player, ...]) -> list[Player]:
        return [bag[int(i)] for i in self._chance.permutation(len(bag))]
