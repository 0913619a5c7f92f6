"""Draws from the distributions of a game file: players, weights and durations."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from functools import lru_cache
from statistics import NormalDist
from typing import assert_never

import numpy as np

from experiment.definitions.durations import Duration, Fixed, TruncatedNormal, Uniform, Weighted
from experiment.game import Player


def one_of(players: list[Player], rng: np.random.Generator) -> Player:
    """Draw one of some players, each as likely."""
    return players[int(rng.integers(len(players)))] if len(players) > 1 else players[0]


def weighted(weights: tuple[float, ...], rng: np.random.Generator) -> int:
    """Draw an index by weights, as `Generator.choice` does, but without preparing the same weights again."""
    return bisect_right(_cumulative(weights), rng.random())


@lru_cache(maxsize=256)
def _cumulative(weights: tuple[float, ...]) -> list[float]:
    chances = np.asarray(weights, dtype=float)
    sums = (chances / chances.sum()).cumsum()
    whole: list[float] = (sums / sums[-1]).tolist()
    return whole


def drawing(distribution: Duration, rng: np.random.Generator) -> Callable[[], float]:
    """Return what draws durations (s) from a distribution, one after the other."""
    match distribution:
        case Fixed(value_s=value):
            return lambda: value
        case Uniform(low_s=low, high_s=high):
            random, span = rng.random, high - low
            return lambda: low + span * random()  # what `Generator.uniform` reckons, in a third of its time
        case Weighted(values_s=values, weights=weights):
            return lambda: float(values[weighted(weights, rng)])
        case TruncatedNormal(mean_s=mean, sd_s=sd, low_s=low, high_s=high):
            return lambda: _truncated_normal(mean, sd, low, high, rng)
        case _:
            assert_never(distribution)


def _truncated_normal(mean: float, sd: float, low: float, high: float, rng: np.random.Generator) -> float:
    """Draw until a value falls between the bounds, or, where few would, use the inverse CDF."""
    for _ in range(100):
        value = float(rng.normal(mean, sd))
        if low <= value <= high:
            return value
    normal = NormalDist(mean, sd)
    place = normal.inv_cdf(float(rng.uniform(normal.cdf(low), normal.cdf(high))))
    return min(max(place, low), high)
