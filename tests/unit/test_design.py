"""What a design makes of people: cells, factors, squares, and orders drawn for each person."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise, permutations
from typing import Any

import numpy as np
import pytest

from experiment.definitions import Cell, DefinitionError
from experiment.definitions.design import Design, Stratum
from experiment.definitions.orders import count_orders, draw_order, latin_square
from experiment.definitions.reading import checked
from experiment.randomness import stream

LETTERS = "abcdefghijkl"


def design(**keys: Any) -> Design:
    """Return a design as a file gives it."""
    return checked(keys, Design)


def longest_row(order: tuple[str, ...]) -> int:
    """Return how often a game comes in a row at most."""
    longest = row = 0
    for before, game in zip(("", *order), order, strict=False):
        row = row + 1 if game == before else 1
        longest = max(longest, row)
    return longest


def drawn(of: Design, seed: int) -> tuple[str, ...]:
    """Return the order of the person with this seed."""
    return of.in_order(of.cells()[0], stream(seed, "order")).conditions


def allowed(games: str, rounds: int, longest: int, first: str | None = None) -> set[tuple[str, ...]]:
    """Return every order that is allowed, found by going through all there are."""
    return {
        order
        for order in permutations(games * rounds)
        if longest_row(order) <= longest and first in (None, order[0])
    }


def test_each_condition_between_people_is_a_cell() -> None:
    """It has the name of its game."""
    assert design(between=["fair", "unfair"]).cells() == (
        Cell("fair", ("fair",)),
        Cell("unfair", ("unfair",)),
    )


def test_factors_are_crossed_with_the_conditions_and_with_each_other() -> None:
    """Every combination is a cell, and says its levels."""
    factors = [
        {"name": "belief", "levels": ["human", "computer"]},
        {"name": "pill", "levels": ["p", "v", "o"]},
    ]
    of = design(between=["fair", "unfair"], factors=factors)
    cells = of.cells()
    assert of.n_cells() == len(cells) == 2 * 2 * 3
    assert len({cell.name for cell in cells}) == 12
    assert {(cell.conditions[0], cell.level("belief"), cell.level("pill")) for cell in cells} == {
        (game, belief, pill)
        for game in ("fair", "unfair")
        for belief in ("human", "computer")
        for pill in ("p", "v", "o")
    }
    assert cells[0] == Cell("fair.human.p", ("fair",), (("belief", "human"), ("pill", "p")))


def test_factors_are_crossed_with_orders_too() -> None:
    """Two orders and two levels make four cells."""
    of = design(
        within=["a", "b"], order="counterbalanced", factors=[{"name": "pill", "levels": ["yes", "no"]}]
    )
    assert [cell.name for cell in of.cells()] == ["a-b.yes", "a-b.no", "b-a.yes", "b-a.no"]


@pytest.mark.parametrize("n", range(2, 9))
def test_a_latin_square_has_each_game_at_each_place_and_after_each_other_equally_often(n: int) -> None:
    """Williams, 1949: n orders, or twice as many where n is odd."""
    names = tuple(LETTERS[:n])
    orders = latin_square(names)
    squares = 1 + n % 2
    assert len(orders) == n * squares
    assert all(sorted(order) == sorted(names) for order in orders)
    for place in range(n):
        assert Counter(order[place] for order in orders) == dict.fromkeys(names, squares)
    follows = Counter(pair for order in orders for pair in pairwise(order))
    assert follows == {(a, b): squares for a in names for b in names if a != b}


def test_a_latin_square_makes_a_cell_of_each_order() -> None:
    """Cells are drawn in blocks, so each order comes equally often."""
    of = design(within=["a", "b", "c", "d", "e"], order="latin_square")
    assert [cell.conditions for cell in of.cells()] == list(latin_square(("a", "b", "c", "d", "e")))
    assert of.n_cells() == 10


@pytest.mark.parametrize(
    ("games", "rounds", "longest", "first"),
    [("ab", 3, 2, None), ("ab", 3, 1, None), ("abc", 2, 1, None), ("abc", 2, 2, "b"), ("ab", 4, 2, "b")],
)
def test_every_allowed_order_is_equally_likely(
    games: str, rounds: int, longest: int, first: str | None
) -> None:
    """Chi-square over all of them; fair draws deviate this far once in ten thousand times."""
    orders = allowed(games, rounds, longest, first)
    rng = np.random.default_rng(20)
    often = 60 * len(orders)
    counts = Counter(draw_order(tuple(games), rounds, longest, first, rng) for _ in range(often))
    assert set(counts) == orders
    statistic = sum((counts[order] - 60) ** 2 / 60 for order in orders)
    freedom = max(len(orders) - 1, 1)
    # Wilson & Hilferty: the cube root of chi-square / freedom is nearly normal; above 3.72 lies 1 in 10 000.
    spread = 2 / (9 * freedom)
    assert statistic < freedom * (1 - spread + 3.72 * spread**0.5) ** 3


@pytest.mark.parametrize("games", ["ab", "abc"])
@pytest.mark.parametrize("rounds", [1, 2, 3])
@pytest.mark.parametrize("longest", [1, 2, 3])
def test_orders_are_counted_as_going_through_all_of_them_counts(
    games: str, rounds: int, longest: int
) -> None:
    """So that a chance made of counts is what it should be."""
    if len(games) * rounds > 8:
        games = games[:2]
    assert count_orders((rounds,) * len(games), longest) == len(allowed(games, rounds, longest))


def test_counts_are_right_for_games_that_come_unequally_often() -> None:
    """As they do after the first rounds were drawn; there may be no order at all."""
    assert count_orders((3, 1), 1) == 0
    assert count_orders((2, 1), 1) == 1
    assert count_orders((4, 1, 1), 2) == sum(longest_row(order) <= 2 for order in set(permutations("aaaabc")))


@pytest.mark.parametrize(
    ("games", "rounds", "longest", "first"),
    [(2, 50, 1, "b"), (2, 50, 1, None), (12, 8, 1, "c"), (4, 4, 2, "d"), (5, 20, 19, "a"), (2, 2, 1, "b")],
)
def test_an_order_is_found_however_narrow_the_rules(
    games: int, rounds: int, longest: int, first: str | None
) -> None:
    """Also where a shuffle would almost never keep them: of 100 games of two kinds, two orders alternate."""
    names = list(LETTERS[:games])
    of = design(within=names, order="random", repeats=rounds, max_in_a_row=longest, first=first)
    for seed in range(3):
        order = drawn(of, seed)
        assert Counter(order) == dict.fromkeys(names, rounds)
        assert longest_row(order) <= longest
        assert first in (None, order[0])


def test_the_first_game_is_first_and_the_rest_is_drawn() -> None:
    """Romaniuk et al. (2016): the block of full inclusion comes first."""
    of = design(within=["none", "some", "full"], order="random", repeats=2, first="full")
    orders = {drawn(of, seed) for seed in range(60)}
    assert {order[0] for order in orders} == {"full"}
    assert len(orders) > 10


def test_one_seed_gives_one_order_and_others_give_others() -> None:
    """What a person plays can be worked out again."""
    of = design(within=["a", "b", "c"], order="random", repeats=3)
    assert drawn(of, 7) == drawn(of, 7)
    assert len({drawn(of, seed) for seed in range(30)}) > 20


def test_a_fixed_order_is_that_of_the_list_again_and_again() -> None:
    """Nothing is drawn, for nobody."""
    of = design(within=["a", "b"], order="fixed", repeats=3)
    assert {drawn(of, seed) for seed in range(5)} == {("a", "b") * 3}
    assert [cell.name for cell in of.cells()] == ["a-b"]


def test_a_random_order_keeps_the_levels_of_its_cell() -> None:
    """Only the conditions are put in order."""
    of = design(within=["a", "b"], order="random", factors=[{"name": "pill", "levels": ["yes", "no"]}])
    for cell in of.cells():
        placed = of.in_order(cell, stream(3, "order"))
        assert (placed.name, placed.levels) == (cell.name, cell.levels)


def test_the_widest_design_stays_within_what_a_study_can_fill() -> None:
    """48 cells are read, 50 are refused."""
    six, five = list("abcdef"), list("abcde")
    factors = [{"name": "x", "levels": ["a", "b", "c", "d"]}, {"name": "y", "levels": ["a", "b"]}]
    assert design(between=six, factors=factors).n_cells() == 48
    wide = [{"name": "x", "levels": five}, {"name": "y", "levels": ["a", "b"]}]
    with pytest.raises(DefinitionError, match="make 50 cells; at most 48"):
        design(between=five, factors=wide)


@pytest.mark.parametrize(
    ("answer", "stratum"),
    [(29.0, "range1"), (30, "range2"), (49, "range2"), (50, "range3"), (None, "unanswered")],
)
def test_a_number_falls_into_the_stratum_between_its_bounds(answer: float | None, stratum: str) -> None:
    """A bound belongs to the stratum above it."""
    assert checked({"measure": "m", "item": "age", "bounds": [30, 50]}, Stratum).label(answer) == stratum


def test_a_choice_is_its_own_stratum() -> None:
    """The option as it stands in the file."""
    of = checked({"measure": "m", "item": "sex"}, Stratum)
    assert [of.label("female"), of.label(None)] == ["female", "unanswered"]
