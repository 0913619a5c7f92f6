"""Places of receptions: exact, apart, within max_wait, and every arrangement as likely as any other."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from itertools import combinations, pairwise
from time import perf_counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chisquare

from experiment.placing import draw_places, draw_ramp, impossible, impossible_ramp


def waits(places: tuple[int, ...], throws: int) -> list[int]:
    """Return the runs of throws between co-players: before, between and after receptions."""
    starts = [0, *(place + 1 for place in places)]
    ends = [*(place - 1 for place in places), throws]
    return [end - start for start, end in zip(starts, ends, strict=True)]


def arrangements(receptions: int, throws: int, max_wait: int | None) -> list[tuple[int, ...]]:
    """Return every allowed arrangement, by trying them all."""
    return [
        places
        for places in combinations(range(1, throws), receptions)
        if all(later - earlier > 1 for earlier, later in pairwise(places))
        and (max_wait is None or max(waits(places, throws)) <= max_wait)
    ]


@given(
    throws=st.integers(1, 60),
    receptions=st.integers(0, 30),
    max_wait=st.none() | st.integers(1, 20),
    seed=st.integers(0, 2**32 - 1),
)
def test_places_are_exact_apart_and_within_max_wait(
    throws: int, receptions: int, max_wait: int | None, seed: int
) -> None:
    """Or the request is refused with a reason, and never otherwise."""
    rng = np.random.default_rng(seed)
    reason = impossible(receptions, throws, max_wait)
    if reason:
        with pytest.raises(ValueError, match="reception"):
            draw_places(receptions, throws, max_wait, rng)
        return
    places = draw_places(receptions, throws, max_wait, rng)
    assert len(places) == receptions
    assert all(1 <= place < throws for place in places), (
        "the last throw of a phase never reaches the participant"
    )
    between = waits(places, throws)
    assert min(between) >= 0, "whoever receives throws next"
    assert max_wait is None or max(between) <= max_wait


@given(throws=st.integers(1, 11), receptions=st.integers(0, 6), max_wait=st.none() | st.integers(1, 6))
def test_a_dose_is_refused_exactly_where_no_arrangement_exists(
    throws: int, receptions: int, max_wait: int | None
) -> None:
    """Neither is a possible dose refused nor an impossible one let through."""
    assert bool(impossible(receptions, throws, max_wait)) == (not arrangements(receptions, throws, max_wait))


@pytest.mark.parametrize(
    ("receptions", "throws", "max_wait"), [(3, 12, None), (3, 12, 3), (4, 12, 2), (1, 9, 5)]
)
def test_every_arrangement_is_equally_likely(receptions: int, throws: int, max_wait: int | None) -> None:
    """Over all arrangements of a small phase, drawn counts differ by chance alone."""
    rng = np.random.default_rng(20240229)
    every = arrangements(receptions, throws, max_wait)
    drawn = Counter(draw_places(receptions, throws, max_wait, rng) for _ in range(200 * len(every)))
    assert set(drawn) == set(every)
    assert chisquare([drawn[places] for places in every]).pvalue > 0.001


def test_the_first_wait_is_no_likelier_to_be_long_than_the_last() -> None:
    """Drawing the waits in order favours none of them."""
    rng = np.random.default_rng(1)
    every = np.array([waits(draw_places(10, 30, 4, rng), 30) for _ in range(3000)])
    means = every.mean(axis=0)
    assert np.ptp(means) < 0.15
    assert means.mean() == pytest.approx(10 / 11)


def test_a_seed_gives_the_same_places() -> None:
    """Nothing but the stream decides."""
    once, again = (draw_places(10, 30, 4, np.random.default_rng(7)) for _ in range(2))
    assert once == again


def test_without_receptions_nothing_is_placed() -> None:
    """A phase in which the ball never comes needs no draw."""
    assert draw_places(0, 45, None, np.random.default_rng(0)) == ()


def test_the_longest_phase_is_placed_in_no_time() -> None:
    """The largest phase that a file may hold is no reason to wait between phases."""
    began = perf_counter()
    places = draw_places(667, 2000, 4, np.random.default_rng(0))
    assert len(places) == 667
    assert perf_counter() - began < 2.0


def on_ramp(throws: int, start: Fraction, end: Fraction) -> list[tuple[int, ...]]:
    """Return every arrangement on a ramp, by trying them all: the k-th reception within the k-th stratum."""
    shares = [start + (end - start) * Fraction(2 * i - 1, 2 * throws) for i in range(1, throws + 1)]
    receptions = int(sum(shares))
    found = []
    for places in combinations(range(1, throws), receptions):
        apart = all(later - earlier > 1 for earlier, later in pairwise(places))
        before = [sum(shares[: place - 1]) for place in places]
        after = [sum(shares[:place]) for place in places]
        if apart and all(b < k < a + 1 for k, (b, a) in enumerate(zip(before, after, strict=True), start=1)):
            found.append(places)
    return found


RAMPS = [(12, "1/3", "0"), (12, "0", "1/3"), (12, "1/2", "1/6"), (10, "1/5", "1/5"), (14, "1/2", "1/2")]


@pytest.mark.parametrize(("throws", "start", "end"), RAMPS)
def test_every_arrangement_on_a_ramp_is_equally_likely(throws: int, start: str, end: str) -> None:
    """Drawn counts over all that there are differ by chance alone."""
    rng = np.random.default_rng(20240229)
    every = on_ramp(throws, Fraction(start), Fraction(end))
    count = len(every[0])
    drawn = Counter(
        draw_ramp(count, throws, Fraction(start), Fraction(end), rng) for _ in range(200 * len(every))
    )
    assert set(drawn) == set(every)
    if len(every) > 1:
        assert chisquare([drawn[places] for places in every]).pvalue > 0.001


@given(
    throws=st.integers(1, 60),
    start=st.fractions(0, Fraction(1, 2), max_denominator=8),
    end=st.fractions(0, Fraction(1, 2), max_denominator=8),
    less=st.integers(0, 1),
    seed=st.integers(0, 2**32 - 1),
)
def test_a_ramp_keeps_to_its_line_or_is_refused(
    throws: int, start: Fraction, end: Fraction, less: int, seed: int
) -> None:
    """As many as asked for, apart, less than one away from the line; also with one throw less for them."""
    receptions = int((start + end) / 2 * throws)
    room = throws - less
    if impossible_ramp(receptions, room, start, end):
        with pytest.raises(ValueError, match="ramp"):
            draw_ramp(receptions, room, start, end, np.random.default_rng(seed))
        return
    places = draw_ramp(receptions, room, start, end, np.random.default_rng(seed))
    assert len(places) == receptions
    assert all(later - earlier > 1 for earlier, later in pairwise(places))
    assert all(1 <= place < room for place in places)
    shares = [start + (end - start) * Fraction(2 * i - 1, 2 * room) for i in range(1, room + 1)]
    whole = sum(shares) or Fraction(1)
    for throw in range(1, room + 1):
        line = sum(shares[:throw]) * receptions / whole
        assert abs(sum(place <= throw for place in places) - line) < 1


def test_a_ramp_without_room_is_refused_with_a_way_out() -> None:
    """Half of the throws, beginning with the participant's own, cannot be."""
    assert "do not fit in 13 throws" in impossible_ramp(7, 13, Fraction(1, 2), Fraction(1, 2))
    assert not impossible_ramp(7, 14, Fraction(1, 2), Fraction(1, 2))
    assert not impossible_ramp(0, 5, Fraction(0), Fraction(0))
    assert impossible_ramp(1, 5, Fraction(0), Fraction(0))
