"""Where in a phase the participant's receptions fall: every allowed arrangement is equally likely.

A phase of N throws with k receptions, begun by a co-player, is k + 1 waits (throws between co-players) with
a reception and the participant's throw after each but the last: the waits add up to N - 2k, and each is at
most `max_wait`. Counting the ways to fill the remaining waits gives each wait its exact chance.

On a ramp, the k-th reception falls into the k-th stratum: the throws over which the sum of shares grows from
k - 1 to k. So the count up to any throw is never more than one away from the line.
"""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache

import numpy as np


def impossible(receptions: int, throws: int, max_wait: int | None) -> str:
    """Return why `receptions` cannot be placed among `throws` begun by a co-player, or an empty string."""
    passing = throws - 2 * receptions
    if passing < 0:
        return (
            f"{_receptions(receptions)} cannot fit in {throws} throws "
            f"(each needs the participant's throw after it; at most {throws // 2})"
        )
    if max_wait is not None and (receptions + 1) * max_wait < passing:
        least = -(-(passing) // (receptions + 1))
        return (
            f"max_wait = {max_wait} cannot be kept with {_receptions(receptions)} in {throws} throws; "
            f"{least} is the least that can"
        )
    return ""


def _receptions(count: int) -> str:
    return f"{count} reception" + ("" if count == 1 else "s")


def draw_places(
    receptions: int, throws: int, max_wait: int | None, rng: np.random.Generator
) -> tuple[int, ...]:
    """Draw the throws (counted from 1) at which the participant receives the ball.

    Parameters
    ----------
    receptions, throws
        How many of how many throws; the first throw is a co-player's.
    max_wait
        Longest run of throws between co-players, before, between and after receptions; None for no bound.
    rng
        The stream of this phase.

    Raises
    ------
    ValueError
        When no arrangement exists (`impossible` says why).
    """
    reason = impossible(receptions, throws, max_wait)
    if reason:
        raise ValueError(reason)
    passing = throws - 2 * receptions
    bound = passing if max_wait is None else min(max_wait, passing)
    ways = _ways(receptions + 1, bound, passing)
    places: list[int] = []
    at = 0
    for left in range(receptions, 0, -1):
        wait = _draw_wait(left, passing, bound, ways, rng)
        passing -= wait
        at += wait + 1
        places.append(at)
        at += 1
    return tuple(places)


def _draw_wait(
    left: int, passing: int, bound: int, ways: tuple[tuple[int, ...], ...], rng: np.random.Generator
) -> int:
    """Draw one wait, `left` others following it, in proportion to the ways in which they can."""
    ticket = below(ways[left + 1][passing], rng)
    for wait in range(min(bound, passing) + 1):
        ticket -= ways[left][passing - wait]
        if ticket < 0:
            return wait
    raise AssertionError("a ticket below the sum falls on some option")


@lru_cache(maxsize=64)
def _ways(waits: int, bound: int, most: int) -> tuple[tuple[int, ...], ...]:
    """Return a table: row w, column t is the number of ways to write t as w numbers of 0..bound."""
    table = [(1, *([0] * most))]
    for _ in range(waits):
        running = 0
        row = []
        for total in range(most + 1):
            running += table[-1][total] - (table[-1][total - bound - 1] if total > bound else 0)
            row.append(running)
        table.append(tuple(row))
    return tuple(table)


def below(bound: int, rng: np.random.Generator) -> int:
    """Draw a whole number below `bound`, however large, each equally likely."""
    bits = bound.bit_length()
    size = (bits + 7) // 8
    while True:
        words = -(-size // 4)  # a few are drawn sooner one by one than all at once
        drawn = rng.bytes(size) if words > 3 else b"".join([_word(rng) for _ in range(words)])[:size]
        ticket = int.from_bytes(drawn, "big") >> (-bits % 8)
        if ticket < bound:
            return ticket


def _word(rng: np.random.Generator) -> bytes:
    """Return what ``rng.bytes(4)`` does, in a fifth of its time."""
    return int(rng.integers(2**32)).to_bytes(4, "little")


def impossible_ramp(receptions: int, throws: int, start: Fraction, end: Fraction) -> str:
    """Return why `receptions` cannot be placed on a ramp among `throws`, or an empty string."""
    if receptions and not any(_ramp_ways(receptions, throws, start, end)[0]):
        return (
            f"{_receptions(receptions)} on a ramp from {start} to {end} do not fit in {throws} throws, "
            "each with the participant's throw after it; give a lower share at the end, or more throws"
        )
    return ""


def draw_ramp(
    receptions: int, throws: int, start: Fraction, end: Fraction, rng: np.random.Generator
) -> tuple[int, ...]:
    """Draw the throws (counted from 1) at which the participant receives on a ramp.

    Parameters
    ----------
    receptions, throws
        How many of how many throws; the first throw is a co-player's.
    start, end
        Share of the first and of the last throw; between them it goes in a line.
    rng
        The stream of this phase.

    Raises
    ------
    ValueError
        When no arrangement exists (`impossible_ramp` says why).
    """
    reason = impossible_ramp(receptions, throws, start, end)
    if reason:
        raise ValueError(reason)
    places: list[int] = []
    for ways in _ramp_ways(receptions, throws, start, end) if receptions else ():
        first = places[-1] + 2 if places else 1
        ticket = below(sum(ways[first:]), rng)
        for place in range(first, throws + 1):
            ticket -= ways[place]
            if ticket < 0:
                places.append(place)
                break
    return tuple(places)


@lru_cache(maxsize=64)
def _ramp_ways(receptions: int, throws: int, start: Fraction, end: Fraction) -> tuple[tuple[int, ...], ...]:
    """Return a table: row k, column i is in how many ways receptions k and later fall, k at throw i."""
    shares = [start + (end - start) * Fraction(2 * i - 1, 2 * throws) for i in range(1, throws + 1)]
    whole = sum(shares)
    if not whole:
        return ((0,) * (throws + 1),) * receptions
    sums, total = [Fraction(0)], Fraction(0)
    for share in shares:
        total += share
        sums.append(total * receptions / whole)
    table: list[tuple[int, ...]] = []
    later = [1] * (throws + 3)  # ways from a throw on; after the last reception the participant throws once
    for k in range(receptions, 0, -1):
        row = [0] * (throws + 1)
        for i in range(1, throws):
            if sums[i] > k - 1 and sums[i - 1] < k:
                row[i] = later[i + 2] if k < receptions else 1
        table.append(tuple(row))
        later = [0] * (throws + 3)
        for i in range(throws, 0, -1):
            later[i] = later[i + 1] + row[i]
    return tuple(reversed(table))
