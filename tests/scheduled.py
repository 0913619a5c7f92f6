"""A run by its schedule alone: choices and answer times are given, no screen, every draw kept."""

from __future__ import annotations

from collections.abc import Sequence

from experiment import definitions
from experiment.game import Game
from experiment.leaving import Leavers
from experiment.scenes import PARTICIPANT
from experiment.schedule import OwnThrow, PhaseStart, Plan, Schedule

TAKEN_OVER = 7
"""The choice that stands for a participant who keeps the ball."""


class Played:
    """A run of `file`; the participant's choices and answer times (s) are gone through again and again."""

    def __init__(
        self,
        file: definitions.Game,
        seed: int,
        choices: Sequence[int] = (0,),
        purpose: str = "game-01",
        answers_s: Sequence[float] = (1.0,),
    ) -> None:
        self.schedule = Schedule(file, seed, purpose)
        self.leavers = Leavers(file, seed, purpose)
        self.plans: list[Plan] = []
        self.starts: list[PhaseStart] = []
        self.began_s: list[float] = []
        self.own: list[OwnThrow] = []
        self.chosen: list[int] = []
        self.left: dict[int, int] = {}
        self.caught_s: list[float] = []
        self.game: Game = self.schedule.start()
        self.first_holder = self.game.holder
        self.now = self.ready = 0.0
        self.ended = ""
        while not self.ended:
            assert len(self.game.throws) < 5000, "the run has no end"
            self._go_on(choices, answers_s)
            self.ended = self.schedule.over(self.game, self.now)

    def _go_on(self, choices: Sequence[int], answers_s: Sequence[float]) -> None:
        """Make the next throw, or go to the end of the phase where that comes first."""
        schedule = self.schedule
        started = schedule.enter(self.game, self.now)
        if started is not None:
            self.starts.append(started)
            self.began_s.append(self.now)
            self.ready = self.ready if self.game.holder == PARTICIPANT else self.now
        if self.game.holder == PARTICIPANT:
            held_s = answers_s[len(self.own) % len(answers_s)]
            if not self._in_time(held_s):
                return
            choice = choices[len(self.own) % len(choices)]
            over = choice == TAKEN_OVER
            chosen = (
                schedule.take_over(self.game)
                if over
                else self.game.coplayers[choice % len(self.game.coplayers)]
            )
            schedule.answered(held_s)
            own = schedule.own_throw(self.game, chosen, taken_over=over)
            self.own.append(own)
            self.chosen.append(chosen)
            self._throw(own.receiver, held_s, own.flight_s)
        else:
            plan = schedule.coplayer_throw(self.game)
            if self._in_time(plan.pause_s):
                self.plans.append(plan)
                self._throw(plan.receiver, plan.pause_s, plan.flight_s)

    def _in_time(self, held_s: float) -> bool:
        until_s = self.schedule.until_s
        if until_s is None or self.ready + held_s < until_s:
            return True
        self.now = until_s
        return False

    def _throw(self, receiver: int, held_s: float, flight_s: float) -> None:
        self.game = self.game.throw(receiver)
        self.leavers.threw(self.game, self.ready + held_s)
        self.now = self.ready = self.ready + held_s + flight_s
        self.caught_s.append(self.now)
        self.leavers.caught(self.game, self.now)
        for player in self.leavers.due(self.game, self.now):
            self.game = self.game.leave(player)
            self.left[player] = len(self.game.throws)

    def received(self, start: PhaseStart) -> list[int]:
        """Return the throws of a phase, from 1, at which the participant received."""
        later = [s.first_throw for s in self.starts if s.number > start.number]
        throws = self.game.throws[start.first_throw - 1 : min(later, default=len(self.game.throws) + 1) - 1]
        return [t.number - start.first_throw + 1 for t in throws if t.receiver == PARTICIPANT]
