"""Runs without a screen: the real schedule and leavers, a participant of a given habit, times by arithmetic.

What `experiment.run` does with frames and presses happens here with sums: a phase that ends by time cuts a
hold, a co-player leaves with a catch, a throw may be over-ruled. The participant never leaves.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, assert_never

from experiment import definitions
from experiment.game import Game, Player
from experiment.leaving import Leavers
from experiment.randomness import stream
from experiment.scenes import PARTICIPANT
from experiment.schedule import Schedule

Habit = Literal["favours one", "alternates", "random", "never answers"]
HABITS: tuple[Habit, ...] = ("favours one", "alternates", "random", "never answers")

RESPONSE_S = 1.0
"""How long a simulated participant takes to throw (our choice)."""

WAITS = "waits"
"""How a run ends here that would wait for ever for a participant who keeps the ball."""


@dataclass(frozen=True, slots=True)
class PlayedPhase:
    """A phase as it went: its first throw (from 1), when it began (s), and what happened in it."""

    first_throw: int
    began_s: float
    throws: int
    own_throws: int
    receptions: int


@dataclass(frozen=True, slots=True)
class Played:
    """A run as it went; times are seconds since its zero.

    Attributes
    ----------
    phases
        The phases that began, in order.
    first_holder
        Who had the ball at first.
    receivers, caught_s
        Who received each throw, and when.
    left
        For each co-player who left, with the catch of which throw.
    could_leave
        Whether the participant was ever let leave.
    longest_wait
        Longest run of throws between co-players.
    longest_wait_s
        Longest time from the participant's release, or the start, to their next catch, or the end.
    duration_s
        When it ended.
    ended
        What ended it: ``throws``, ``time``, ``alone``, or ``waits`` (it would wait for ever).
    """

    phases: tuple[PlayedPhase, ...]
    first_holder: Player
    receivers: tuple[Player, ...]
    caught_s: tuple[float, ...]
    left: dict[Player, int]
    could_leave: bool
    longest_wait: int
    longest_wait_s: float
    duration_s: float
    ended: str

    @property
    def throws(self) -> int:
        """Return how many throws were made."""
        return len(self.receivers)

    @property
    def receptions(self) -> int:
        """Return how often the participant received."""
        return self.receivers.count(PARTICIPANT)

    def throwers(self, phase: PlayedPhase) -> set[Player]:
        """Return who threw in a phase."""
        holders = (self.first_holder, *self.receivers)
        return set(holders[phase.first_throw - 1 : phase.first_throw - 1 + phase.throws])


def play(
    file: definitions.Game, habit: Habit, seed: int, number: int, favourite: Player | None = None
) -> Played:
    """Play one run with a participant of one habit.

    Parameters
    ----------
    file
        The game file.
    habit
        What the participant does with the ball.
    seed, number
        The same two give the same run.
    favourite
        Whom "favours one" throws to while they play; else, and by default, the first from the left.
    """
    return _Playing(file, habit, seed, f"dose/{habit}/{number}", favourite).played()


class _Playing:
    """One run while it is played."""

    def __init__(
        self, file: definitions.Game, habit: Habit, seed: int, purpose: str, favourite: Player | None
    ) -> None:
        self.limit_s = file.participant.take_over_after_s
        self.answers_s = None if habit == "never answers" else RESPONSE_S
        self.schedule = Schedule(file, seed, purpose)
        self.leavers = Leavers(file, seed, purpose) if some_may_leave(file) else None
        self.choose = _chooser(habit, seed, purpose, favourite)
        self.game = self.schedule.start()
        self.first_holder = self.game.holder
        self.now = self.ready = self.waiting_since = 0.0
        self.receivers: list[Player] = []
        self.caught_s: list[float] = []
        self.began: list[tuple[int, float]] = []
        self.own: list[int] = []
        self.left: dict[Player, int] = {}
        self.could_leave = False
        self.passing = self.longest = 0
        self.longest_s = 0.0

    def played(self) -> Played:
        """Play to the end."""
        ended = ""
        while not ended:
            started = self.schedule.enter(self.game, self.now)
            if started is not None:
                self.began.append((started.first_throw, self.now))
                self.own.append(0)
                if self.game.holder != PARTICIPANT:
                    self.ready = self.now  # a co-player who has the ball begins to wait anew
            going_on = self._participant() if self.game.holder == PARTICIPANT else self._coplayer()
            ended = self.schedule.over(self.game, self.now) if going_on else WAITS
        if self.game.holder != PARTICIPANT:
            self.longest_s = max(self.longest_s, self.now - self.waiting_since)
        if self.leavers is not None:
            self._look_whether_they_may_leave(self.leavers, self.now)
        return Played(
            self._phases(), self.first_holder, tuple(self.receivers), tuple(self.caught_s), self.left,
            self.could_leave, self.longest, self.longest_s, self.now, ended,
        )  # fmt: skip

    def _coplayer(self) -> bool:
        plan = self.schedule.coplayer_throw(self.game)
        if not self._cut(plan.pause_s):
            self.passing = 0 if plan.receiver == PARTICIPANT else self.passing + 1
            self.longest = max(self.longest, self.passing)
            self._throw(plan.receiver, self.ready + plan.pause_s, plan.flight_s)
        return True

    def _participant(self) -> bool:
        """Let the participant throw, and return whether the run goes on: not where they never will."""
        held_s, taken_over = self.answers_s, False
        if self.limit_s is not None and (held_s is None or held_s >= self.limit_s):
            held_s, taken_over = self.limit_s, True
        if self._cut(held_s):
            return True
        if held_s is None:
            return False
        self.schedule.answered(held_s)
        chosen = self.schedule.take_over(self.game) if taken_over else self.choose(self.game)
        own = self.schedule.own_throw(self.game, chosen, taken_over=taken_over)
        self.own[-1] += 1
        self.passing, self.waiting_since = 0, self.ready + held_s
        self._throw(own.receiver, self.waiting_since, own.flight_s)
        return True

    def _cut(self, held_s: float | None) -> bool:
        """Return whether the phase ends before a ball that is held for so long is thrown."""
        until_s = self.schedule.until_s
        if until_s is None or (held_s is not None and held_s < until_s - self.ready):
            return False
        self.now = until_s
        return True

    def _throw(self, receiver: Player, released_s: float, flight_s: float) -> None:
        self.now = self.ready = released_s + flight_s
        if self.leavers is not None:
            self._look_whether_they_may_leave(self.leavers, released_s)
        self.game = self.game.throw(receiver)
        self.receivers.append(receiver)
        self.caught_s.append(self.now)
        if receiver == PARTICIPANT:
            self.longest_s = max(self.longest_s, self.now - self.waiting_since)
        if self.leavers is not None:
            self._let_leave(self.leavers, released_s)

    def _let_leave(self, leavers: Leavers, released_s: float) -> None:
        """Let co-players leave with the catch of the last throw."""
        leavers.threw(self.game, released_s)
        leavers.caught(self.game, self.now)
        for player in leavers.due(self.game, self.now):
            self.game = self.game.leave(player)
            self.left[player] = len(self.receivers)
        self._look_whether_they_may_leave(leavers, self.now)

    def _look_whether_they_may_leave(self, leavers: Leavers, at_s: float) -> None:
        from_s = leavers.participant_from_s(self.game)
        self.could_leave |= from_s is not None and at_s >= from_s

    def _phases(self) -> tuple[PlayedPhase, ...]:
        ends = [first for first, _ in self.began[1:]] + [len(self.receivers) + 1]
        return tuple(
            PlayedPhase(first, at_s, end - first, own, self.receivers[first - 1 : end - 1].count(PARTICIPANT))
            for (first, at_s), end, own in zip(self.began, ends, self.own, strict=True)
        )


def some_may_leave(file: definitions.Game) -> bool:
    """Return whether anybody may leave a run of this game."""
    return file.participant.may_leave is not None or any(c.leaves is not None for c in file.coplayers)


def _chooser(habit: Habit, seed: int, purpose: str, favourite: Player | None) -> Callable[[Game], Player]:
    """Return how a participant of this habit chooses whom to throw to."""
    match habit:
        case "favours one" | "never answers":
            return lambda game: favourite if favourite in game.coplayers else game.coplayers[0]
        case "alternates":
            return _alternating()
        case "random":
            rng = stream(seed, f"{purpose}/participant")
            return lambda game: game.coplayers[int(rng.integers(len(game.coplayers)))]
        case _:
            assert_never(habit)


def _alternating() -> Callable[[Game], Player]:
    own = 0

    def chosen(game: Game) -> Player:
        nonlocal own
        own += 1
        return game.coplayers[(own - 1) % len(game.coplayers)]

    return chosen
