"""Scores by condition."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import special

from analysis.frames import SCORE, Floats, groups, one_per_participant

COLUMNS = [
    "measure",
    "stage",
    "subscale",
    "condition",
    "n",
    "n_missing",
    "mean",
    "sd",
    "se",
    "ci_low",
    "ci_high",
    "median",
    "q1",
    "q3",
    "min",
    "max",
]


def by_condition(scores: pd.DataFrame) -> pd.DataFrame:
    """Describe every score under every condition.

    Parameters
    ----------
    scores : DataFrame
        Columns participant_id, measure, stage, subscale, condition, score. Several scores of one participant
        under one condition are averaged first.

    Returns
    -------
    DataFrame
        measure, stage, subscale, condition; n (participants with a score), n_missing (without), mean, sd
        (n - 1), se = sd / sqrt(n), ci_low and ci_high (95 %, mean -+ t(.975, n - 1) se), median, q1 and q3
        (linear interpolation, type 7 of R), min, max. NaN where n is too small to tell.
    """
    people = one_per_participant(scores)
    rows = [
        [*key, *_describe(rows["score"].to_numpy(float))]
        for key, rows in groups(people, [*SCORE, "condition"])
    ]
    return pd.DataFrame(rows, columns=COLUMNS)


def _describe(scores: Floats) -> list[float]:
    x = scores[~np.isnan(scores)]
    n = x.size
    counts: list[float] = [n, scores.size - n]
    if n == 0:
        return [*counts, *[np.nan] * 10]
    mean, sd = moments(x)
    se = sd / np.sqrt(n)
    half = special.stdtrit(n - 1, 0.975) * se if n > 1 else np.nan
    q1, median, q3 = np.quantile(x, [0.25, 0.5, 0.75])
    return [*counts, mean, sd, se, mean - half, mean + half, median, q1, q3, x.min(), x.max()]


def moments(x: Floats) -> tuple[float, float]:
    """Return mean and standard deviation (n - 1); exactly 0 where all values are the same.

    Values that differ by no more than the rounding of their arithmetic are the same, so that a constant
    column never gives a test statistic of some millions.
    """
    if x.size == 0:
        return np.nan, np.nan
    mean = float(x.mean())
    if x.size == 1:
        return mean, np.nan
    if np.ptp(x) <= 1e-12 * max(float(np.abs(x).max()), 1.0):
        return mean, 0.0
    return mean, float(x.std(ddof=1))
