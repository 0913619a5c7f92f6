"""What the tests take for granted, looked at: spread, shape, and answers at the ends of a scale.

Nothing here decides which test is made: Welch's test needs no equal variances, and a preliminary test of
normality would change the error rate of what follows it (Rochon, Gondan & Kieser 2012, BMC Med Res Methodol
12:81). The numbers are for the reader, who is warned where they are far out.
"""

from __future__ import annotations

import warnings
from itertools import combinations

import numpy as np
import pandas as pd

from analysis.compare import in_order
from analysis.describe import moments
from analysis.frames import SCORE, Floats, groups, one_per_participant, require

COLUMNS = [*SCORE, "condition", "a", "b", "n", "sd", "skewness", "shapiro_w", "shapiro_p"]
COLUMNS += ["share_floor", "share_ceiling"]
SHAPIRO_N = (3, 5000)
"""Numbers of values for which the p of Shapiro and Wilk's W is known."""


def assumptions(scores: pd.DataFrame, order: list[str] | tuple[str, ...] = ()) -> pd.DataFrame:
    """Describe the shape of what is compared.

    Parameters
    ----------
    scores : DataFrame
        participant_id, measure, stage, subscale, condition, score, low, high (bounds of the score). Several
        scores of a participant under one condition are averaged first.
    order
        The conditions, the reference first.

    Returns
    -------
    DataFrame
        measure, stage, subscale; condition, or, where participants went through several, also a row for the
        differences of each pair (a minus b, condition missing); n; sd; skewness (adjusted Fisher-Pearson, G1,
        Joanes & Gill 1998); shapiro_w, shapiro_p (Shapiro & Wilk 1965; NaN for fewer than 3 or more than 5000
        values, or no variance); share_floor and share_ceiling (values at the least and at the greatest score
        possible; NaN for differences).
    """
    require(scores, ["low", "high"], "scores")
    people = one_per_participant(scores)
    people = people[people["condition"].notna() & people["score"].notna()]
    keys = scores[SCORE].astype(object).itertuples(index=False, name=None)
    bounds = dict(zip(keys, zip(scores["low"], scores["high"], strict=True), strict=True))
    listed = in_order(people, order)
    rows: list[list[object]] = []
    for key, part in groups(people, SCORE):
        low, high = bounds[key]
        by_condition = {
            name: part.loc[part["condition"] == name].set_index("participant_id")["score"] for name in listed
        }
        for name, values in by_condition.items():
            x = values.to_numpy(float)
            if x.size:
                ends = [float(np.mean(x <= low)), float(np.mean(x >= high))]
                rows.append([*key, name, None, None, *_shape(x), *ends])
        for b, a in combinations(listed, 2):
            pairs = (by_condition[a] - by_condition[b]).dropna().to_numpy(float)
            if pairs.size:
                rows.append([*key, None, a, b, *_shape(pairs), np.nan, np.nan])
    return pd.DataFrame(rows, columns=COLUMNS)


def _shape(x: Floats) -> list[float]:
    """Return n, SD, skewness, W and p of values."""
    from scipy import stats  # noqa: PLC0415 - half a second, which only an analysis is to wait for

    sd = moments(x)[1]
    varied = sd > 0  # False for NaN
    skewness = float(stats.skew(x, bias=False)) if varied and x.size > 2 else np.nan
    if not varied or not SHAPIRO_N[0] <= x.size <= SHAPIRO_N[1]:
        return [x.size, sd, skewness, np.nan, np.nan]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of a range near zero, which is said by the SD
        w, p = stats.shapiro(x)
    return [x.size, sd, skewness, float(w), float(p)]
