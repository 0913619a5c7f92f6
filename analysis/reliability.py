"""How far the items of a score go together."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from scipy import special

from analysis.describe import moments
from analysis.frames import Floats, groups, require
from analysis.scores import keyed
from experiment.definitions.measure import Measure

COLUMNS = ["measure", "stage", "subscale", "n_items", "n", "n_left_out", "alpha", "ci_low", "ci_high"]


def alpha(ratings: pd.DataFrame, measures: Mapping[str, Measure]) -> pd.DataFrame:
    """Return Cronbach's alpha of every score that is a mean of two items or more.

    ``k / (k - 1) (1 - sum of the items' variances / variance of their sum)``, over complete forms, all
    conditions pooled; 95 % interval of Feldt (1965), Psychometrika 30:357.

    Parameters
    ----------
    ratings, measures
        As `analysis.scores.score` takes them.

    Returns
    -------
    DataFrame
        measure, stage, subscale, n_items, n (complete forms), n_left_out (the others), alpha, ci_low,
        ci_high.
    """
    require(ratings, ["participant_id", "stage", "measure", "item", "value"], "ratings")
    rows: list[list[object]] = []
    for (name, stage), part in groups(ratings, ["measure", "stage"]):
        measure = measures[str(name)]
        made_of_items = [entry for entry in measure.scores if entry.mean_of_items is not None]
        form = keyed(part, str(name), measure) if made_of_items else None
        for entry in made_of_items:
            items = [item.id for item in measure.keyed_items(entry.mean_of_items or "all")]
            if form is not None and len(items) > 1:
                answers = form.columns(items)
                complete = answers[~np.isnan(answers).any(axis=1)]
                counts = [len(items), len(complete), len(answers) - len(complete)]
                rows.append([name, stage, entry.name, *counts, *_alpha(complete)])
    return pd.DataFrame(rows, columns=COLUMNS)


def _alpha(answers: Floats) -> tuple[float, float, float]:
    n, k = answers.shape
    _, sd_of_sum = moments(answers.sum(axis=1))
    if n < 2 or not sd_of_sum > 0:
        return np.nan, np.nan, np.nan
    found = k / (k - 1) * (1 - answers.var(axis=0, ddof=1).sum() / sd_of_sum**2)
    df1, df2 = n - 1, (n - 1) * (k - 1)
    low = 1 - (1 - found) * special.fdtri(df1, df2, 0.975)
    high = 1 - (1 - found) * special.fdtri(df1, df2, 0.025)
    return float(found), float(low), float(high)
