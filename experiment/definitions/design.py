"""The design of a protocol: how people come to conditions, factors and orders."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import permutations, product
from typing import Annotated, Literal, Self

import numpy as np
from pydantic import Field, model_validator

from experiment.definitions.orders import draw_order, latin_square
from experiment.definitions.reading import Definition, Name

MAX_CELLS = 48
MAX_COUNTERBALANCED = 4
MAX_PLAYED = 100
BELIEFS = ("human", "computer", "scripted")
BELIEF = "belief"
"""Name of the factor that says what participants believe of the co-players."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of the design: the conditions that its people go through, and their levels of the factors."""

    name: str
    conditions: tuple[str, ...]
    levels: tuple[tuple[str, str], ...] = ()

    def level(self, factor: str) -> str:
        """Return the level of a factor."""
        return dict(self.levels)[factor]


class Factor(Definition):
    """Something else that differs between people: what they are told, a treatment."""

    name: Name
    levels: Annotated[tuple[Name, ...], Field(min_length=2, max_length=8)]

    @model_validator(mode="after")
    def _allowed(self) -> Self:
        twice = next((level for level in self.levels if self.levels.count(level) > 1), None)
        if twice is not None:
            raise ValueError(f"levels of factor '{self.name}' name '{twice}' twice")
        if self.name == "condition":
            raise ValueError('name = "condition" is taken: it means the game that a participant plays')
        wrong = next((level for level in self.levels if level not in BELIEFS), None)
        if self.name == BELIEF and wrong is not None:
            raise ValueError(f"levels of belief are {', '.join(BELIEFS)}; found '{wrong}'")
        return self


class Stratum(Definition):
    """An answer, given before the cell is drawn, within which cells are balanced.

    With `bounds`, a number falls into the stratum below the first bound, between two, or from the last on.
    """

    measure: Name
    item: Name
    bounds: (
        Annotated[
            tuple[Annotated[float, Field(ge=-1_000_000, le=1_000_000)], ...],
            Field(min_length=1, max_length=8),
        ]
        | None
    ) = None

    @model_validator(mode="after")
    def _ascending(self) -> Self:
        if self.bounds is not None and list(self.bounds) != sorted(set(self.bounds)):
            given = ", ".join(f"{bound:g}" for bound in self.bounds)
            raise ValueError(f"bounds = [{given}] must grow from one to the next, such as [30, 50]")
        return self

    def label(self, value: object) -> str:
        """Return the stratum of an answer: an option, ``range1`` (under the first bound), ``unanswered``."""
        if value is None:
            return "unanswered"
        if self.bounds is None:
            return str(value)
        number = float(str(value))
        over = sum(number >= bound for bound in self.bounds)
        return f"range{over + 1}"


class Design(Definition):
    """How people come to conditions. A condition is the name of a game.

    `between`: each person plays one of the games. `within`: each plays all of them, `repeats` times, in an
    order that is counterbalanced (every order equally often), a balanced Latin square (each game equally
    often at each place and after each other), random (drawn for each person) or fixed. Factors are crossed
    with either. Cells are drawn in permuted blocks that hold each cell as often as a number drawn from
    `block_repeats` says, apart for each stratum.
    """

    between: Annotated[tuple[Name, ...], Field(min_length=2, max_length=24)] | None = None
    within: Annotated[tuple[Name, ...], Field(min_length=2, max_length=12)] | None = None
    order: Literal["counterbalanced", "latin_square", "random", "fixed"] | None = None
    repeats: Annotated[int, Field(ge=1, le=50)] = 1
    first: Name | None = None
    max_in_a_row: Annotated[int, Field(ge=1, le=50)] | None = None
    factors: Annotated[tuple[Factor, ...], Field(max_length=4)] = ()
    strata: Annotated[tuple[Stratum, ...], Field(max_length=3)] = ()
    block_repeats: Annotated[tuple[Annotated[int, Field(ge=1, le=20)], ...], Field(min_length=1)] = (1, 2)

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        if (self.between is None) == (self.within is None):
            found = "none" if self.between is None else "both"
            raise ValueError(f"exactly one of between, within is needed, found {found}")
        for name in self.conditions:
            if self.conditions.count(name) > 1:
                raise ValueError(f"{'between' if self.between else 'within'} names '{name}' twice")
        names = [factor.name for factor in self.factors]
        for i, name in enumerate(names, start=1):
            if name in names[: i - 1]:
                raise ValueError(f"factors[{i}].name = '{name}' is used twice")
        self._check_order()
        if self.n_cells() > MAX_CELLS:
            raise ValueError(
                f"the conditions or orders, times the levels of the factors, make {self.n_cells()} cells; "
                f"at most {MAX_CELLS}"
            )
        asked = [(stratum.measure, stratum.item) for stratum in self.strata]
        for i, pair in enumerate(asked, start=1):
            if pair in asked[: i - 1]:
                raise ValueError(f"strata[{i}].item = '{pair[1]}' of {pair[0]} is named a second time")
        return self

    def _check_order(self) -> None:
        if self.within is None:
            given = [key for key in ("order", "first", "max_in_a_row") if getattr(self, key) is not None]
            given += ["repeats"] if self.repeats > 1 else []
            if given:
                raise ValueError(
                    f"{given[0]} = {_shown(getattr(self, given[0]))} goes with within, not with between"
                )
            return
        if self.order is None:
            allowed = '"counterbalanced", "latin_square", "random" or "fixed"'
            raise ValueError(f"order is missing; within needs {allowed}")
        if self.order == "counterbalanced" and len(self.within) > MAX_COUNTERBALANCED:
            raise ValueError(
                f'order = "counterbalanced" of {len(self.within)} games has too many orders; '
                f'at most {MAX_COUNTERBALANCED} games, or "latin_square"'
            )
        if self.order in ("counterbalanced", "latin_square") and self.repeats > 1:
            raise ValueError(f'repeats = {self.repeats} goes with order = "random" or "fixed"')
        played = len(self.within) * self.repeats
        if played > MAX_PLAYED:
            raise ValueError(
                f"repeats = {self.repeats} makes {played} games for each person; at most {MAX_PLAYED}"
            )
        self._check_random(self.within)

    def _check_random(self, within: tuple[str, ...]) -> None:
        """Refuse what is said of a random order where there is none, or where it changes nothing."""
        for key in ("first", "max_in_a_row"):
            value = getattr(self, key)
            if value is not None and self.order != "random":
                raise ValueError(f'{key} = {_shown(value)} goes with order = "random"')
        if self.first is not None and self.first not in within:
            raise ValueError(f'first = "{self.first}" is no game of within: {", ".join(within)}')
        if self.max_in_a_row is not None and self.max_in_a_row >= self.repeats:
            raise ValueError(
                f"max_in_a_row = {self.max_in_a_row} changes nothing, since each game comes "
                f"{_times(self.repeats)}; give it less than repeats, or take it away"
            )

    @property
    def conditions(self) -> tuple[str, ...]:
        """Return the conditions, as listed."""
        return self.between or self.within or ()

    def n_cells(self) -> int:
        """Return how many cells there are."""
        size = len(self._orders())
        for factor in self.factors:
            size *= len(factor.levels)
        return size

    def cells(self) -> tuple[Cell, ...]:
        """Return every cell: a name, the conditions that its people go through in order, their levels."""
        found = []
        for name, conditions in self._orders():
            for levels in product(*(factor.levels for factor in self.factors)):
                pairs = tuple(zip((factor.name for factor in self.factors), levels, strict=True))
                found.append(Cell(".".join((name, *levels)), conditions, pairs))
        return tuple(found)

    def _orders(self) -> list[tuple[str, tuple[str, ...]]]:
        if self.between is not None:
            return [(name, (name,)) for name in self.between]
        within = self.within or ()
        if self.order == "random":
            return [("random", within * self.repeats)]
        if self.order == "fixed":
            return [("-".join(within), within * self.repeats)]
        orders = latin_square(within) if self.order == "latin_square" else tuple(permutations(within))
        return [("-".join(order), order) for order in orders]

    def in_order(self, cell: Cell, rng: np.random.Generator) -> Cell:
        """Return `cell` with its conditions in the order of one person: drawn where the order is random.

        Every order that `first` and `max_in_a_row` allow is equally likely.
        """
        if self.order != "random" or self.within is None:
            return cell
        longest = self.max_in_a_row or self.repeats
        order = draw_order(self.within, self.repeats, longest, self.first, rng)
        return Cell(cell.name, order, cell.levels)


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"


def _shown(value: object) -> str:
    return f'"{value}"' if isinstance(value, str) else str(value)
