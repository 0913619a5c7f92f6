"""A game file: players, throws, phases and timing."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from experiment.definitions.reading import Definition, Line, Name, readable
from experiment.definitions.wording import COLOUR, SHARE
from experiment.placing import impossible
from experiment.scenes import PARTICIPANT

Seconds = Annotated[float, Field(ge=0, le=600)]
Positive = Annotated[float, Field(gt=0, le=600)]
Chance = Annotated[float, Field(ge=0, le=1)]
Colour = Annotated[str, StringConstraints(pattern=COLOUR)]
PlayerName = Annotated[str, StringConstraints(min_length=1, max_length=24), AfterValidator(readable)]
Weight = Annotated[float, Field(ge=0, le=1_000_000)]


class Uniform(Definition):
    """Any duration between two bounds, each as likely."""

    kind: Literal["uniform"]
    low_s: Seconds
    high_s: Seconds

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.low_s > self.high_s:
            raise ValueError(f"low_s = {self.low_s} is more than high_s = {self.high_s}")
        return self


class Fixed(Definition):
    """The same duration every time."""

    kind: Literal["fixed"]
    value_s: Seconds


class Weighted(Definition):
    """One of a list of durations, with weights."""

    kind: Literal["weighted"]
    values_s: Annotated[tuple[Seconds, ...], Field(min_length=1, max_length=100)]
    weights: Annotated[tuple[Weight, ...], Field(min_length=1, max_length=100)]

    @model_validator(mode="after")
    def _matching(self) -> Self:
        if len(self.weights) != len(self.values_s):
            raise ValueError(f"{len(self.weights)} weights for {len(self.values_s)} values_s; one each")
        if sum(self.weights) <= 0:
            raise ValueError("weights add up to 0; at least one must be more")
        return self


class TruncatedNormal(Definition):
    """A normal distribution of which only the part between two bounds is used."""

    kind: Literal["truncated_normal"]
    mean_s: Seconds
    sd_s: Positive
    low_s: Seconds
    high_s: Seconds

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.low_s >= self.high_s:
            raise ValueError(f"low_s = {self.low_s} is not less than high_s = {self.high_s}")
        if self.high_s < self.mean_s - 4 * self.sd_s or self.low_s > self.mean_s + 4 * self.sd_s:
            raise ValueError("the bounds lie more than four standard deviations from mean_s")
        return self


Duration = Annotated[Uniform | Fixed | Weighted | TruncatedNormal, Field(discriminator="kind")]


@dataclass(frozen=True, slots=True)
class ExactReceptions:
    """The participant receives the ball exactly `count` times, at random places within `max_wait`."""

    count: int
    max_wait: int | None


@dataclass(frozen=True, slots=True)
class Probabilities:
    """The chance that a co-player throws to the participant, by the co-player's number."""

    to_participant: dict[int, float]


@dataclass(frozen=True, slots=True)
class Rows:
    """For each co-player the bags from which receivers are drawn, one bag after the other."""

    bags: dict[int, tuple[tuple[int, ...], ...]]


Policy = ExactReceptions | Probabilities | Rows


class Coplayer(Definition):
    """A computer-controlled player."""

    name: PlayerName
    colour: Colour | None = None


class BallDefinition(Definition):
    """How the ball looks; `size` is relative to the usual one."""

    colour: Colour = "#e2543c"
    size: Annotated[float, Field(ge=0.5, le=2)] = 1.0


class ParticipantTurn(Definition):
    """What follows when the participant keeps the ball; a key that is absent never happens."""

    prompt_after_s: Positive | None = None
    take_over_after_s: Positive | None = None
    colour: Colour = "#68608f"

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        prompt, take = self.prompt_after_s, self.take_over_after_s
        if prompt is not None and take is not None and prompt >= take:
            raise ValueError(f"prompt_after_s = {prompt} must be less than take_over_after_s = {take}")
        return self


class Phase(Definition):
    """A stretch of throws under one policy: exactly one of receptions, share, probability, sequence."""

    name: Name
    throws: Annotated[int, Field(ge=1, le=2000)]
    receptions: Annotated[int, Field(ge=0, le=1000)] | None = None
    share: Annotated[str, StringConstraints(pattern=SHARE)] | None = None
    max_wait: Annotated[int, Field(ge=1, le=1000)] | None = None
    probability: Chance | Annotated[tuple[Chance, ...], Field(min_length=1, max_length=8)] | None = None
    sequence: Annotated[tuple[str, ...], Field(min_length=1, max_length=8)] | None = None
    pause: Duration | None = None

    @model_validator(mode="after")
    def _one_policy(self) -> Self:
        given = [
            k for k in ("receptions", "share", "probability", "sequence") if getattr(self, k) is not None
        ]
        if len(given) != 1:
            found = " and ".join(given) or "none"
            raise ValueError(
                f"exactly one of receptions, share, probability, sequence is needed; found {found}"
            )
        if self.max_wait is not None and given[0] not in ("receptions", "share"):
            raise ValueError(f"max_wait goes with receptions or share, not with {given[0]}")
        if self.share is not None:
            self._count()
        return self

    def _count(self) -> int:
        """Return the exact number of receptions that this phase asks for."""
        if self.receptions is not None:
            return self.receptions
        share = self.share or "0"
        if share.endswith("/0"):
            raise ValueError(f'share = "{share}" divides by nothing')
        fraction = Fraction(share)
        if fraction > Fraction(1, 2):
            raise ValueError(
                f'share = "{share}" is more than 1/2 '
                "(whoever receives must throw next, so nobody can receive more than half of the throws)"
            )
        count = fraction * self.throws
        if count.denominator != 1:
            raise ValueError(
                f'share = "{share}" of {self.throws} throws is {float(count):g} receptions, no whole number; '
                "change throws, or give receptions"
            )
        return int(count)

    def exact_count(self) -> int | None:
        """Return the exact receptions of the participant, or None where chance decides."""
        return None if self.receptions is None and self.share is None else self._count()

    def policy(self, coplayers: tuple[int, ...]) -> Policy:
        """Return the policy with its numbers spelt out for these co-players."""
        if self.probability is not None:
            chances = (
                self.probability
                if isinstance(self.probability, tuple)
                else (self.probability,) * len(coplayers)
            )
            return Probabilities(dict(zip(coplayers, chances, strict=True)))
        if self.sequence is not None:
            return Rows(parse_rows(self.sequence, coplayers))
        return ExactReceptions(self._count(), self.max_wait)


def parse_rows(rows: tuple[str, ...], coplayers: tuple[int, ...]) -> dict[int, tuple[tuple[int, ...], ...]]:
    """Read rows in the bag notation of Williams & Jarvis (2006), one row for each co-player.

    ``"1,23,3,3"`` is the row of player 1: the first two throws go to 2 and 3 in random order, then two to 3.

    Raises
    ------
    ValueError
        Naming the row and what is allowed.
    """
    players = {*coplayers, PARTICIPANT}
    bags: dict[int, tuple[tuple[int, ...], ...]] = {}
    for row in rows:
        cells = [cell.strip() for cell in row.split(",")]
        if not re.fullmatch(r"[0-9](,[0-9]+)+", ",".join(cells)):
            raise ValueError(
                f'sequence row "{row}" is not of the form "1,23,3,3" (whose row it is, then bags of players)'
            )
        owner = int(cells[0])
        if owner not in coplayers:
            raise ValueError(
                f'sequence row "{row}" begins with {owner}; co-players here are {_listed(coplayers)}'
            )
        if owner in bags:
            raise ValueError(f"sequence has two rows for player {owner}")
        drawn = tuple(tuple(int(digit) for digit in cell) for cell in cells[1:])
        for bag in drawn:
            wrong = [p for p in bag if p not in players or p == owner]
            if wrong:
                allowed = _listed(sorted(players - {owner}))
                raise ValueError(
                    f'sequence row "{row}": player {owner} cannot throw to {wrong[0]}; allowed: {allowed}'
                )
        bags[owner] = drawn
    missing = [p for p in coplayers if p not in bags]
    if missing:
        raise ValueError(
            f"sequence has no row for player {missing[0]}; one row for each of {_listed(coplayers)}"
        )
    return bags


def _listed(players: tuple[int, ...] | list[int]) -> str:
    return ", ".join(str(p) for p in players)


class Game(Definition):
    """One cell of a design: who plays, how many throws, in which phases, how fast."""

    title: Line
    source: Line
    note: Line | None = None
    players: Annotated[int, Field(ge=3, le=9)]
    throws: Annotated[int, Field(ge=1, le=2000)]
    starts: Literal["coplayer", "participant"] = "coplayer"
    coplayers: tuple[Coplayer, ...]
    participant: ParticipantTurn = ParticipantTurn()
    ball: BallDefinition = BallDefinition()
    pause: Duration
    flight: Duration
    phases: Annotated[tuple[Phase, ...], Field(min_length=1, max_length=200)]

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if len(self.coplayers) != self.players - 1:
            raise ValueError(
                f"players = {self.players} needs {self.players - 1} coplayers, found {len(self.coplayers)}"
            )
        names = [c.name.casefold() for c in self.coplayers]
        if len(set(names)) != len(names):
            twice = next(i for i, name in enumerate(names, start=1) if name in names[: i - 1])
            raise ValueError(f'coplayers[{twice}].name = "{self.coplayers[twice - 1].name}" is used twice')
        total = sum(phase.throws for phase in self.phases)
        if total != self.throws:
            raise ValueError(f"throws = {self.throws}, but the phases add up to {total}")
        if len({phase.name for phase in self.phases}) != len(self.phases):
            names = [phase.name for phase in self.phases]
            twice = next(i for i, name in enumerate(names, start=1) if name in names[: i - 1])
            raise ValueError(f'phases[{twice}].name = "{names[twice - 1]}" is used twice')
        self._check_doses()
        return self

    def coplayer_numbers(self) -> tuple[int, ...]:
        """Return the co-players' numbers: 1, 3, 4 ... (2 is the participant)."""
        return tuple(n for n in range(1, self.players + 1) if n != PARTICIPANT)

    def _check_doses(self) -> None:
        """Refuse a phase that cannot give its dose, whoever has the ball when it begins."""
        numbers = self.coplayer_numbers()
        late = {
            int(self.starts == "participant")
        }  # throws of the participant before the first that may reach them
        for i, phase in enumerate(self.phases, start=1):
            if isinstance(phase.probability, tuple) and len(phase.probability) != len(numbers):
                raise ValueError(
                    f"phases[{i}].probability has {len(phase.probability)} values; "
                    f"one for each co-player are {len(numbers)}"
                )
            try:
                policy = phase.policy(numbers)
            except ValueError as error:
                raise ValueError(f"phases[{i}].{error}") from error
            if isinstance(policy, ExactReceptions):
                self._check_places(i, phase, policy, late)
                late = {0}
            else:
                late = {0, 1}

    def _check_places(self, number: int, phase: Phase, policy: ExactReceptions, late: set[int]) -> None:
        for held in sorted(late):
            reason = impossible(policy.count, phase.throws - held, policy.max_wait)
            if reason:
                why = " after the participant's own (they may have the ball when it begins)" if held else ""
                raise ValueError(f"phases[{number}] ({phase.name}): {reason}{why}")
