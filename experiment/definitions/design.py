"""The design of a protocol: how people come to conditions, factors and orders."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import pairwise, permutations, product
from typing import Annotated, Literal, Self

import numpy as np
from pydantic import Field, model_validator

from experiment.definitions.reading import Definition, Name

MAX_CELLS = 48
MAX_COUNTERBALANCED = 4
BELIEFS = ("human", "computer", "scripted")
BELIEF = "belief"
"""Name of the factor that says what participants believe of the co-players."""

ORDERED_TRIES = 10_000


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
            raise ValueError(f"levels names '{twice}' twice")
        if self.name == "condition":
            raise ValueError('name = "condition" is taken: it means the participant\'s game')
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
            raise ValueError("bounds must grow from one to the next")
        return self

    def label(self, value: object) -> str:
        """Return the stratum of an answer: an option, ``below 30``, ``30 to 50`` … or ``unanswered``."""
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
        if len(set(names)) < len(names):
            raise ValueError("factors: two have the same name")
        self._check_order()
        if self.n_cells() > MAX_CELLS:
            raise ValueError(f"the design has {self.n_cells()} cells; at most {MAX_CELLS}")
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
        if self.order != "random":
            for key in ("first", "max_in_a_row"):
                if getattr(self, key) is not None:
                    raise ValueError(f'{key} = {_shown(getattr(self, key))} goes with order = "random"')
        if self.order in ("counterbalanced", "latin_square") and self.repeats > 1:
            raise ValueError(f'repeats = {self.repeats} goes with order = "random" or "fixed"')
        if self.first is not None and self.first not in self.within:
            raise ValueError(f"first = '{self.first}' is none of within: {', '.join(self.within)}")

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

        Raises
        ------
        ValueError
            When there is none, or next to none.
        """
        if self.order != "random" or self.within is None:
            return cell
        whole = list(self.within * self.repeats)
        if self.first is not None:
            whole.remove(self.first)
        begin = [] if self.first is None else [self.first]
        for _ in range(ORDERED_TRIES):
            drawn = (*begin, *(whole[int(i)] for i in rng.permutation(len(whole))))
            if self.max_in_a_row is None or longest_row(drawn) <= self.max_in_a_row:
                return Cell(cell.name, drawn, cell.levels)
        raise ValueError(f"max_in_a_row = {self.max_in_a_row}: hardly any order of these games keeps to it")


def longest_row(names: tuple[str, ...]) -> int:
    """Return how often a name follows itself at most, the first time counted."""
    longest = row = 0
    for before, name in zip(("", *names), names, strict=False):
        row = row + 1 if name == before else 1
        longest = max(longest, row)
    return longest


def latin_square(names: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    """Return the orders of a balanced Latin square (Williams, 1949, Aust J Sci Res A 2:149).

    Each name stands at each place equally often, and each follows each other equally often. An odd number of
    names needs the square and its mirror image.
    """
    n = len(names)
    zigzag = [0]
    for i in range(1, n):
        zigzag.append((i + 1) // 2 if i % 2 else n - i // 2)
    rows = [tuple(names[(place + row) % n] for place in zigzag) for row in range(n)]
    if n % 2:
        rows += [tuple(reversed(row)) for row in rows]
    return tuple(rows)


def balance_of(orders: tuple[tuple[str, ...], ...]) -> Counter[tuple[str, str]]:
    """Return how often each name directly follows each other over `orders`."""
    return Counter(pair for order in orders for pair in pairwise(order))


def _shown(value: object) -> str:
    return f'"{value}"' if isinstance(value, str) else str(value)
