"""A game file: players, throws, phases and timing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from experiment.definitions.durations import Compensation, Duration, mean_s
from experiment.definitions.phases import ExactRamp, ExactReceptions, Phase, PlayerNumber, listed
from experiment.definitions.players import (
    BallDefinition,
    ChatLine,
    Coplayer,
    CourtLine,
    Message,
    ParticipantTurn,
)
from experiment.definitions.reach import check_reach
from experiment.definitions.reading import Definition, Line
from experiment.placing import impossible, impossible_ramp
from experiment.scenes import PARTICIPANT

MOST_TIMED_THROWS = 5000
"""About as many throws may fit into a phase that ends by time."""


class Game(Definition):
    """One cell of a design: who plays, how many throws, in which phases, how fast."""

    title: Line
    source: Line
    note: Line | None = None
    players: Annotated[int, Field(ge=3, le=9)]
    throws: Annotated[int, Field(ge=1, le=2000)] | None = None
    duration_s: Annotated[float, Field(gt=0, le=7200)] | None = None
    starts: Literal["coplayer", "participant"] | PlayerNumber = "coplayer"
    coplayers: tuple[Coplayer, ...]
    participant: ParticipantTurn = ParticipantTurn()
    ball: BallDefinition = BallDefinition()
    pause: Duration
    flight: Duration
    compensation: Compensation | None = None
    phases: Annotated[tuple[Phase, ...], Field(min_length=1, max_length=200)]
    chat: Annotated[tuple[ChatLine, ...], Field(max_length=200)] = ()
    messages: Annotated[tuple[Message, ...], Field(max_length=200)] = ()

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if len(self.coplayers) != self.players - 1:
            raise ValueError(
                f"players = {self.players} needs {self.players - 1} coplayers, found {len(self.coplayers)}"
            )
        _no_two_alike(
            [c.name.casefold() for c in self.coplayers], [c.name for c in self.coplayers], "coplayers"
        )
        names = [phase.name for phase in self.phases]
        _no_two_alike(names, names, "phases")
        self._check_ends()
        if isinstance(self.starts, int) and self.starts not in self.coplayer_numbers():
            numbers = listed(self.coplayer_numbers())
            raise ValueError(
                f'starts = {self.starts} is no co-player; allowed: "coplayer", "participant", {numbers}'
            )
        self._check_time()
        self._check_who_receives()
        self._check_doses()
        self._check_leaving()
        self._check_lines()
        check_reach(self)
        return self

    def coplayer_numbers(self) -> tuple[int, ...]:
        """Return the co-players' numbers: 1, 3, 4 ... (2 is the participant)."""
        return tuple(n for n in range(1, self.players + 1) if n != PARTICIPANT)

    def coplayer(self, number: int) -> Coplayer:
        """Return the co-player with this number."""
        return self.coplayers[self.coplayer_numbers().index(number)]

    def starters(self) -> tuple[int, ...]:
        """Return who may have the ball at first."""
        if self.starts == "participant":
            return (PARTICIPANT,)
        if isinstance(self.starts, int):
            return (self.starts,)
        return tuple(n for n in self.coplayer_numbers() if n not in self.phases[0].left_out)

    def exact_throws(self) -> int | None:
        """Return how many throws a run has, or None where time decides or somebody may leave it."""
        return None if self.participant.may_leave or not self._stayers() else self.throws

    def _stayers(self) -> tuple[int, ...]:
        """Return the co-players who never leave."""
        return tuple(n for n in self.coplayer_numbers() if self.coplayer(n).leaves is None)

    def _check_ends(self) -> None:
        """Refuse a run of which it is not said, or said twice, when it ends."""
        for i, phase in enumerate(self.phases, start=1):
            endless = phase.throws is None and phase.duration_s is None
            if endless and (i < len(self.phases) or self.duration_s is None):
                raise ValueError(
                    f"phases[{i}] ({phase.name}) has no end: throws or duration_s is needed "
                    "(only the last phase of a game with duration_s may do without)"
                )
            if self.duration_s is not None and i == len(self.phases) and not endless:
                raise ValueError(
                    f"duration_s = {self.duration_s:g} ends the last phase, but phases[{i}] ({phase.name}) "
                    "has an end of its own; take one of the two away"
                )
        timed_s = sum(phase.duration_s or 0.0 for phase in self.phases)
        if self.duration_s is not None and timed_s >= self.duration_s:
            raise ValueError(
                f"duration_s = {self.duration_s:g} leaves no time for the last phase; those before it take "
                f"{timed_s:g} s"
            )
        counted = [phase.throws for phase in self.phases if phase.throws is not None]
        if len(counted) < len(self.phases):
            if self.throws is not None:
                timed = next(phase.name for phase in self.phases if phase.throws is None)
                raise ValueError(
                    f"throws = {self.throws}: how many there will be is not known beforehand, since phase "
                    f"'{timed}' ends by time; take throws of the game away"
                )
        elif self.throws is None:
            raise ValueError(f"throws is missing; the phases add up to {sum(counted)}")
        elif sum(counted) != self.throws:
            raise ValueError(f"throws = {self.throws}, but the phases add up to {sum(counted)}")

    def _check_time(self) -> None:
        """Refuse time in which throws that take next to none would go on and on."""
        own = [mean_s(c.pause) for c in self.coplayers if c.pause is not None]
        for i, phase in enumerate(self.phases, start=1):
            lasts_s = phase.duration_s or self.duration_s
            if phase.throws is None and lasts_s is not None:
                listed_s = phase.order.pauses_s if phase.order and phase.order.pauses_s else ()
                each_s = mean_s(self.flight) + min(mean_s(phase.pause or self.pause), *own, *listed_s, 600)
                if lasts_s > each_s * MOST_TIMED_THROWS:
                    raise ValueError(
                        f"phases[{i}] ({phase.name}): {lasts_s:g} s of throws that take {each_s:g} s each "
                        f"would be over {MOST_TIMED_THROWS} throws; give longer pauses or flights"
                    )

    def _check_who_receives(self) -> None:
        numbers = self.coplayer_numbers()
        for i, phase in enumerate(self.phases, start=1):
            wrong = [n for n in phase.left_out if n not in numbers]
            if wrong:
                raise ValueError(
                    f"phases[{i}].left_out names player {wrong[0]}; co-players here are {listed(numbers)}"
                )
            if len(set(phase.left_out)) < len(phase.left_out):
                raise ValueError(f"phases[{i}].left_out = {list(phase.left_out)} names a player twice")
            if phase.left_out and len(numbers) - len(phase.left_out) < 2:
                raise ValueError(
                    f"phases[{i}].left_out = {list(phase.left_out)} leaves fewer than two co-players, who "
                    "are needed to throw to each other"
                )
            if phase.exact_count() is not None and len(self._stayers()) < 2:
                raise ValueError(
                    f"phases[{i}] ({phase.name}): exact receptions need two co-players who never leave "
                    "(one who is left alone with the participant can throw to nobody else), found "
                    f"{len(self._stayers())}; give a probability, or take a `leaves` away"
                )
            staying = [n for n in self._stayers() if n not in phase.left_out]
            if phase.exact_count() is not None and phase.left_out and len(staying) < 2:
                raise ValueError(
                    f"phases[{i}].left_out = {list(phase.left_out)}: exact receptions need two co-players "
                    f"who never leave and are not left out, found {len(staying)}"
                )

    def _check_doses(self) -> None:
        """Refuse a phase that cannot give its dose, whoever has the ball when it begins."""
        numbers = self.coplayer_numbers()
        late = {int(self.starts == "participant")}  # own throws before the first that may reach them
        for i, phase in enumerate(self.phases, start=1):
            try:
                policy = phase.policy(numbers)
            except ValueError as error:
                raise ValueError(f"phases[{i}].{error}") from error
            if not isinstance(policy, ExactReceptions | ExactRamp):
                late = {0, 1}
                continue
            for held in sorted(late):
                throws = (phase.throws or 0) - held
                if isinstance(policy, ExactReceptions):
                    reason = impossible(policy.count, throws, policy.max_wait)
                else:
                    reason = impossible_ramp(policy.count, throws, policy.start, policy.end)
                if reason:
                    own = "after the participant's own throw (they may have the ball when it begins), "
                    raise ValueError(f"phases[{i}] ({phase.name}): {own if held else ''}{reason}")
            late = {0}

    def lines(self) -> Iterator[tuple[str, int, CourtLine]]:
        """Yield key, number (from 1) and line of all that is said on the court."""
        for i, line in enumerate(self.chat, start=1):
            yield "chat", i, line
        for i, message in enumerate(self.messages, start=1):
            yield "messages", i, message

    def _check_leaving(self) -> None:
        """Refuse a reason to leave that can never come about."""
        rules = {f"coplayers[{i}].leaves": c.leaves for i, c in enumerate(self.coplayers, start=1)}
        others = sum(rule is not None for rule in rules.values())
        for where, rule in {**rules, "participant.may_leave": self.participant.may_leave}.items():
            if rule is None:
                continue
            may_go = others - (where in rules)
            if rule.after_leavers is not None and rule.after_leavers > may_go:
                raise ValueError(
                    f"{where}.after_leavers = {rule.after_leavers}: {f'only {may_go}' if may_go else 'none'} "
                    "of the other co-players may leave"
                )
            for key, whole in (("throws", self.throws), ("s", self.duration_s)):
                for reason in (f"after_{key}", f"after_{key}_ignored"):
                    after = getattr(rule, reason)
                    if whole is not None and after is not None and after >= whole:
                        length = f"{whole:g} {'throws' if key == 'throws' else 's'}"
                        raise ValueError(f"{where}.{reason} = {after:g}: the run is over by then ({length})")

    def _check_lines(self) -> None:
        for key, i, line in self.lines():
            if self.throws is not None and line.after_throw >= self.throws:
                raise ValueError(
                    f"{key}[{i}].after_throw = {line.after_throw}: the run has {self.throws} throws; "
                    f"at most {self.throws - 1}"
                )
        for i, line in enumerate(self.chat, start=1):
            if line.player not in self.coplayer_numbers():
                numbers = listed(self.coplayer_numbers())
                raise ValueError(f"chat[{i}].player = {line.player} is no co-player; allowed: {numbers}")


def _no_two_alike(compared: list[str], shown: list[str], key: str) -> None:
    for i, name in enumerate(compared, start=1):
        if name in compared[: i - 1]:
            raise ValueError(f'{key}[{i}].name = "{shown[i - 1]}" is used twice')
