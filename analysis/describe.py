"""Scores by condition."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import special

from analysis.frames import SCORE, Codes, Floats, groups, one_per_participant

COLUMNS = [
    "measure",
    "stage",
    "subscale",
    "condition",
    "n",
    "n_missing",
    "n_runs",
    "runs_min",
    "runs_max",
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
        under one condition are averaged first (`analysis.frames.one_per_participant`), so that each
        participant counts once.

    Returns
    -------
    DataFrame
        measure, stage, subscale, condition; n (participants with a score), n_missing (without), n_runs
        (scores below these n values), runs_min and runs_max (fewest and most of one participant), mean, sd
        (n - 1), se = sd / sqrt(n), ci_low and ci_high (95 %, mean -+ t(.975, n - 1) se), median, q1 and q3
        (linear interpolation, type 7 of R), min, max. NaN where n is too small to tell.
    """
    people = one_per_participant(scores)
    rows = [
        [*key, *_describe(rows["score"].to_numpy(float), rows["n_runs"].to_numpy(int))]
        for key, rows in groups(people, [*SCORE, "condition"])
    ]
    table = pd.DataFrame(rows, columns=COLUMNS)
    return table.astype({"runs_min": "Int64", "runs_max": "Int64"})


def _describe(scores: Floats, runs: Codes) -> list[float]:
    seen = ~np.isnan(scores)
    x, runs = scores[seen], runs[seen]
    n = x.size
    each = [int(runs.min()), int(runs.max())] if n else [np.nan, np.nan]
    counts: list[float] = [n, scores.size - n, int(runs.sum()), *each]
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
