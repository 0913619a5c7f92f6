"""In which orders people go through the games: balanced squares, and draws from all allowed orders.

An order of games in which none comes more than `longest` times in a row is drawn row by row (a row is a game
as often as it follows itself), each with the chance that the orders which go on from there give it. They are
counted without being listed: cut the n rounds of each game into pieces, count a piece of a length
1, m + 2, 2m + 3 ... as +1 and one of m + 1, 2m + 2 ... as -1 (m is `longest`; no other length counts), and
shuffle the pieces of all games freely. What a shuffle puts together too often then cancels out (Goulden &
Jackson, 1979, J London Math Soc 20:567).
"""

from __future__ import annotations

from functools import lru_cache
from math import comb

import numpy as np

from experiment.placing import below


def draw_order(
    games: tuple[str, ...], rounds: int, longest: int, first: str | None, rng: np.random.Generator
) -> tuple[str, ...]:
    """Draw an order in which each game comes `rounds` times.

    Parameters
    ----------
    games
        Two or more; no two alike.
    rounds
        How often each comes.
    longest
        How often one may come in a row, at least 1.
    first
        The game that begins, or None for any.
    rng
        The stream of this draw.

    Notes
    -----
    There always is an order: going round and round through the games, from `first` on, repeats none.
    """
    left = dict.fromkeys(games, rounds)
    order: list[str] = []
    while any(left.values()):
        last = order[-1] if order else None
        rows = [
            (game, length, _ways_after(left, game, length, longest))
            for game in games
            if game != last and (order or first in (None, game))
            for length in range(1, min(longest, left[game]) + 1)
        ]
        ticket = below(sum(ways for _, _, ways in rows), rng)
        for game, length, ways in rows:
            ticket -= ways
            if ticket < 0:
                order += [game] * length
                left[game] -= length
                break
    return tuple(order)


def count_orders(rounds: tuple[int, ...], longest: int) -> int:
    """Return how many orders there are of games that come so often, none over `longest` times in a row."""
    mixed = _mixed(tuple(sorted(rounds)), longest)
    return sum(mixed)


def _ways_after(left: dict[str, int], game: str, length: int, longest: int) -> int:
    """Return in how many orders the rest can follow a row of `game` that ends after `length` rounds.

    The rest must not begin with `game`. Those that do are taken off by the same signs.
    """
    others = tuple(sorted(rounds for name, rounds in left.items() if name != game))
    rest = left[game] - length
    ways = 0
    for held in range(rest + 1):
        sign = {0: 1, 1: -1}.get(held % (longest + 1), 0)
        if sign:
            ways += sign * count_orders((*others, rest - held), longest)
    return ways


@lru_cache(maxsize=4096)
def _mixed(rounds: tuple[int, ...], longest: int) -> tuple[int, ...]:
    """Return the signed ways to cut games into pieces and shuffle them, by the number of pieces."""
    if not rounds:
        return (1,)
    before, own = _mixed(rounds[:-1], longest), _pieces(rounds[-1], longest)
    mixed = [0] * (len(before) + len(own) - 1)
    for i, ways in enumerate(before):
        for j, cuts in enumerate(own):
            if ways and cuts:
                mixed[i + j] += ways * cuts * comb(i + j, j)
    return tuple(mixed)


@lru_cache(maxsize=4096)
def _pieces(rounds: int, longest: int) -> tuple[int, ...]:
    """Return the signed ways to cut the rounds of one game into 0, 1, 2 ... pieces."""
    if rounds == 0:
        return (1,)
    ways = [0] * (rounds + 1)
    for length in range(1, rounds + 1):
        sign = {1: 1, 0: -1}.get(length % (longest + 1), 0)
        if sign:
            for pieces, count in enumerate(_pieces(rounds - length, longest), start=1):
                ways[pieces] += sign * count
    return tuple(ways)


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
