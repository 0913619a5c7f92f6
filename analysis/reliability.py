"""How far the items of a score go together."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from scipy import special

from analysis.describe import moments
from analysis.frames import Floats, groups, require
from analysis.scores import Form, keyed
from experiment.definitions.measure import Measure

COLUMNS = ["measure", "stage", "subscale", "condition", "n_items", "n", "n_left_out", "n_runs", "alpha"]
COLUMNS += ["ci_low", "ci_high"]


def alpha(ratings: pd.DataFrame, measures: Mapping[str, Measure]) -> pd.DataFrame:
    """Return Cronbach's alpha of every score that is a mean of two items or more.

    ``k / (k - 1) (1 - sum of the items' variances / variance of their sum)``; 95 % interval of Feldt (1965),
    Psychometrika 30:357. Both take every row for another person, so each participant is one row: where they
    filled in the form several times, each item is the mean over their complete forms, and alpha is that of
    the mean which the other tables describe (higher than that of a single form). Between participants all
    conditions are pooled; within participants each condition stands by itself.

    Parameters
    ----------
    ratings, measures
        As `analysis.scores.score` takes them; the condition as `analysis.assignment.assigned` gives it.

    Returns
    -------
    DataFrame
        measure, stage, subscale, condition (missing: all together), n_items, n (participants with a complete
        form), n_left_out (the others), n_runs (complete forms below), alpha, ci_low, ci_high.
    """
    require(ratings, ["participant_id", "stage", "condition", "measure", "item", "value"], "ratings")
    rows: list[list[object]] = []
    for (name, stage), part in groups(ratings, ["measure", "stage"]):
        measure = measures[str(name)]
        of_items = [entry for entry in measure.scores if entry.mean_of_items is not None]
        made = [(e.name, [i.id for i in measure.keyed_items(e.mean_of_items or "all")]) for e in of_items]
        scored = [(entry, items) for entry, items in made if len(items) > 1]
        for condition, forms in _apart(part):
            for entry, items in scored:
                people, counts = _one_each(keyed(forms, str(name), measure), items)
                rows.append([name, stage, entry, condition, len(items), *counts, *_alpha(people)])
    return pd.DataFrame(rows, columns=COLUMNS)


def _apart(ratings: pd.DataFrame) -> list[tuple[object, pd.DataFrame]]:
    """Return the ratings by condition where somebody has them under several, else all together."""
    if ratings.groupby("participant_id")["condition"].nunique().max() < 2:
        return [(None, ratings)]
    return [(condition, rows) for (condition,), rows in groups(ratings, ["condition"])]


def _one_each(form: Form, items: list[str]) -> tuple[Floats, list[int]]:
    """Return the mean of each participant's complete forms; how many they are, are left out, and forms."""
    answers = form.columns(items)
    complete = ~np.isnan(answers).any(axis=1)
    codes, people = pd.factorize(form.forms["participant_id"])
    forms = np.bincount(codes[complete], minlength=len(people))
    sums = np.zeros((len(people), len(items)))
    np.add.at(sums, codes[complete], answers[complete])
    seen = forms > 0
    return sums[seen] / forms[seen, None], [int(seen.sum()), int((~seen).sum()), int(forms.sum())]


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
