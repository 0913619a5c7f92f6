"""A phase of a game file: how long it lasts, and by which policy its receivers are chosen."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from experiment.definitions.durations import Duration, Seconds, Weight
from experiment.definitions.reading import Definition, Name
from experiment.definitions.wording import PLAYER, SHARE
from experiment.scenes import PARTICIPANT

Chance = Annotated[float, Field(ge=0, le=1)]
Share = Annotated[str, StringConstraints(pattern=SHARE)]
PlayerKey = Annotated[str, StringConstraints(pattern=PLAYER)]
PlayerNumber = Annotated[int, Field(ge=1, le=9)]

POLICIES = ("receptions", "share", "ramp", "probability", "sequence", "weights", "growing", "order")
EXACT = ("receptions", "share", "ramp")


@dataclass(frozen=True, slots=True)
class ExactReceptions:
    """The participant receives the ball exactly `count` times, at random places within `max_wait`."""

    count: int
    max_wait: int | None


@dataclass(frozen=True, slots=True)
class ExactRamp:
    """Exactly `count` receptions, spread so that the share goes in a line from `start` to `end`."""

    count: int
    start: Fraction
    end: Fraction


@dataclass(frozen=True, slots=True)
class Probabilities:
    """The chance that a co-player throws to the participant, by the co-player's number."""

    to_participant: dict[int, float]


@dataclass(frozen=True, slots=True)
class Rows:
    """For each co-player the bags from which receivers are drawn, one bag after the other."""

    bags: dict[int, tuple[tuple[int, ...], ...]]


@dataclass(frozen=True, slots=True)
class Weights:
    """For each co-player how likely each receiver is, relative to the others."""

    rows: dict[int, dict[int, float]]


@dataclass(frozen=True, slots=True)
class Grows:
    """The chance of the ball begins at `start`, grows by `step` with each throw missed, up to `most`."""

    start: float
    step: float
    most: float


@dataclass(frozen=True, slots=True)
class InOrder:
    """Receivers one after the other, whoever throws; a pause (s) for each where they are given."""

    receivers: tuple[int, ...]
    pauses_s: tuple[float, ...] | None


Policy = ExactReceptions | ExactRamp | Probabilities | Rows | Weights | Grows | InOrder


class Ramp(Definition):
    """A share that changes from throw to throw in a line, from `start` to `end`."""

    start: Share
    end: Share


class Growing(Definition):
    """A chance that grows with each throw of a co-player that passes the participant by.

    After a reception it begins again at `start` (Kappen et al., 2023).
    """

    start: Chance = 0.0
    step: Annotated[float, Field(gt=0, le=1)]
    most: Chance = 1.0

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.start > self.most:
            raise ValueError(f"start = {self.start} is more than most = {self.most}")
        return self


class Order(Definition):
    """Who receives the co-players' throws one after the other, whichever co-player throws.

    A receiver who has the ball already (the participant may have thrown it there) or has left is passed over.
    When the list is used up, every other player is as likely. `pauses_s` has one pause for each receiver; a
    throw takes the pause of the first receiver looked at.
    """

    receivers: Annotated[tuple[PlayerNumber, ...], Field(min_length=1, max_length=2000)]
    pauses_s: Annotated[tuple[Seconds, ...], Field(max_length=2000)] | None = None

    @model_validator(mode="after")
    def _matching(self) -> Self:
        if self.pauses_s is not None and len(self.pauses_s) != len(self.receivers):
            raise ValueError(f"{len(self.pauses_s)} pauses_s for {len(self.receivers)} receivers; one each")
        return self


def share_of(text: str, key: str) -> Fraction:
    """Return the share that ``"1/3"`` means.

    Raises
    ------
    ValueError
        When nobody could receive that much.
    """
    if text.endswith("/0"):
        raise ValueError(f'{key} = "{text}" divides by 0')
    fraction = Fraction(text)
    if fraction > Fraction(1, 2):
        raise ValueError(
            f'{key} = "{text}" is more than 1/2 '
            "(whoever receives must throw next, so nobody can receive more than half of the throws)"
        )
    return fraction


class Phase(Definition):
    """A stretch of throws under one policy."""

    name: Name
    throws: Annotated[int, Field(ge=1, le=2000)] | None = None
    duration_s: Annotated[float, Field(gt=0, le=7200)] | None = None
    receptions: Annotated[int, Field(ge=0, le=1000)] | None = None
    share: Share | None = None
    max_wait: Annotated[int, Field(ge=1, le=1000)] | None = None
    ramp: Ramp | None = None
    probability: Chance | Annotated[tuple[Chance, ...], Field(min_length=1, max_length=8)] | None = None
    sequence: Annotated[tuple[str, ...], Field(min_length=1, max_length=8)] | None = None
    weights: dict[PlayerKey, dict[PlayerKey, Weight]] | None = None
    growing: Growing | None = None
    order: Order | None = None
    left_out: Annotated[tuple[PlayerNumber, ...], Field(max_length=8)] = ()
    overruled: Chance = 0.0
    pause: Duration | None = None

    @model_validator(mode="after")
    def _one_policy(self) -> Self:
        given = [key for key in POLICIES if getattr(self, key) is not None]
        if len(given) != 1:
            found = " and ".join(given) or "none"
            raise ValueError(f"exactly one of {', '.join(POLICIES)} is needed; found {found}")
        if self.throws is not None and self.duration_s is not None:
            raise ValueError(
                f"a phase ends by throws or by duration_s; found both ({self.throws} throws, "
                f"{self.duration_s:g} s)"
            )
        if self.max_wait is not None and given[0] not in ("receptions", "share"):
            raise ValueError(f"max_wait = {self.max_wait} goes with receptions or share, not with {given[0]}")
        if self.left_out and given[0] in ("sequence", "weights", "order"):
            raise ValueError(
                f"left_out = {list(self.left_out)} does not go with {given[0]}, which says who receives"
            )
        if self.throws is None and given[0] in EXACT:
            found = "none" if self.duration_s is None else f"duration_s = {self.duration_s:g}"
            raise ValueError(
                f"{given[0]} is exact and needs throws, found {found} (how many throws fit into a time "
                f"depends on the participant); give throws, or a probability in place of {given[0]}"
            )
        self.exact_count()
        return self

    def exact_count(self) -> int | None:
        """Return the exact receptions of the participant, or None where chance decides."""
        if self.throws is None:
            return None
        if self.receptions is not None:
            return self.receptions
        if self.share is not None:
            told = f'share = "{self.share}"'
            return _whole(share_of(self.share, "share"), self.throws, told)
        if self.ramp is not None:
            start, end = share_of(self.ramp.start, "ramp.start"), share_of(self.ramp.end, "ramp.end")
            told = f'ramp from "{self.ramp.start}" to "{self.ramp.end}"'
            return _whole((start + end) / 2, self.throws, told)
        return None

    def policy(self, coplayers: tuple[int, ...]) -> Policy:
        """Return the policy with its numbers spelt out for these co-players.

        Raises
        ------
        ValueError
            Where it does not fit them; the message begins with the key.
        """
        if self.probability is not None:
            return Probabilities(self._chances(self.probability, coplayers))
        spelt_out = self._spelt_out(coplayers)
        if spelt_out is not None:
            return spelt_out
        if self.growing is not None:
            return Grows(self.growing.start, self.growing.step, self.growing.most)
        count = self.exact_count() or 0
        if self.ramp is not None:
            return ExactRamp(count, Fraction(self.ramp.start), Fraction(self.ramp.end))
        return ExactReceptions(count, self.max_wait)

    def _spelt_out(self, coplayers: tuple[int, ...]) -> Rows | Weights | InOrder | None:
        """Return the policy where it names the receivers themselves."""
        if self.sequence is not None:
            return Rows(parse_rows(self.sequence, coplayers))
        if self.weights is not None:
            return Weights(weight_rows(self.weights, coplayers))
        if self.order is not None:
            return InOrder(known_receivers(self.order.receivers, coplayers), self.order.pauses_s)
        return None

    @staticmethod
    def _chances(given: float | tuple[float, ...], coplayers: tuple[int, ...]) -> dict[int, float]:
        chances = given if isinstance(given, tuple) else (given,) * len(coplayers)
        if len(chances) != len(coplayers):
            raise ValueError(
                f"probability has {len(chances)} values; one for each co-player are {len(coplayers)}"
            )
        return dict(zip(coplayers, chances, strict=True))


def known_receivers(receivers: tuple[int, ...], coplayers: tuple[int, ...]) -> tuple[int, ...]:
    """Return the receivers of an order.

    Raises
    ------
    ValueError
        For one who is no player of the game.
    """
    players = sorted((*coplayers, PARTICIPANT))
    for i, receiver in enumerate(receivers, start=1):
        if receiver not in players:
            raise ValueError(f"order.receivers[{i}] = {receiver} is no player; allowed: {listed(players)}")
    return receivers


def weight_rows(
    weights: dict[str, dict[str, float]], coplayers: tuple[int, ...]
) -> dict[int, dict[int, float]]:
    """Return the weights of receivers by player numbers.

    Raises
    ------
    ValueError
        For a row that is missing or too many, a receiver who cannot be thrown to, or a row without weight.
    """
    allowed = {str(n) for n in (*coplayers, PARTICIPANT)}
    for owner, row in weights.items():
        if int(owner) not in coplayers:
            raise ValueError(f"weights.{owner} is no co-player; co-players here are {listed(coplayers)}")
        wrong = next((to for to in row if to not in allowed or to == owner), None)
        if wrong is not None:
            others = listed(sorted(int(n) for n in allowed - {owner}))
            raise ValueError(f"weights.{owner}: player {owner} cannot throw to {wrong}; allowed: {others}")
        if sum(row.values()) <= 0:
            raise ValueError(f"weights.{owner} adds up to 0; somebody must receive")
    missing = [n for n in coplayers if str(n) not in weights]
    if missing:
        raise ValueError(f"weights.{missing[0]} is missing; one row for each of {listed(coplayers)}")
    return {int(owner): {int(to): w for to, w in row.items()} for owner, row in weights.items()}


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
                f'sequence row "{row}" begins with {owner}; co-players here are {listed(coplayers)}'
            )
        if owner in bags:
            raise ValueError(f"sequence has two rows for player {owner}")
        drawn = tuple(tuple(int(digit) for digit in cell) for cell in cells[1:])
        for bag in drawn:
            wrong = [p for p in bag if p not in players or p == owner]
            if wrong:
                allowed = listed(sorted(players - {owner}))
                raise ValueError(
                    f'sequence row "{row}": player {owner} cannot throw to {wrong[0]}; allowed: {allowed}'
                )
        bags[owner] = drawn
    missing = [p for p in coplayers if p not in bags]
    if missing:
        raise ValueError(
            f"sequence has no row for player {missing[0]}; one row for each of {listed(coplayers)}"
        )
    return bags


def listed(players: tuple[int, ...] | list[int]) -> str:
    """Return players' numbers as they stand in a sentence."""
    return ", ".join(str(p) for p in players)


def _whole(share: Fraction, throws: int, told: str) -> int:
    """Return the receptions that a share of the throws comes to, or say which throws would do."""
    count = share * throws
    if count.denominator != 1:
        below = throws // share.denominator * share.denominator
        would_do = " or ".join(str(number) for number in (below, below + share.denominator) if number)
        raise ValueError(
            f"{told} of {throws} throws is {float(count):g} receptions, no whole number; "
            f"{would_do} throws would do, or give receptions"
        )
    return int(count)
