"""How far the items of a score go together: Cronbach's alpha and McDonald's omega."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import special

from analysis.describe import moments
from analysis.frames import Floats, groups, named, require
from analysis.omega import omega
from analysis.scores import Form, keyed
from experiment.definitions.measure import Measure, Score

COLUMNS = ["measure", "stage", "subscale", "condition", "n_items", "n", "n_left_out", "n_runs", "alpha"]
COLUMNS += ["ci_low", "ci_high", "omega", "omega_low", "omega_high", "omega_note"]

Which = npt.NDArray[np.bool_]


def alpha(ratings: pd.DataFrame, measures: Mapping[str, Measure]) -> pd.DataFrame:
    """Return alpha and omega of every score that is made of two items or more.

    Alpha is ``k / (k - 1) (1 - sum of the items' variances / variance of their sum)``, its 95 % interval that
    of Feldt (1965), Psychometrika 30:357; `analysis.omega.omega` says what omega is. All take every row for
    another person, so each participant is one row: where they filled in the form several times, each item is
    the mean over their complete forms, and alpha is that of the mean which the other tables describe (higher
    than that of a single form).

    A score that is the mean of other scores, such as an index over subscales, is told by all items below it.

    Between participants a row has all conditions together, and below it each condition by itself: what the
    conditions change in all items at once makes the former larger than the latter. Within participants
    there is only each condition by itself.

    Parameters
    ----------
    ratings, measures
        As `analysis.scores.score` takes them; the condition as `analysis.assignment.assigned` gives it.

    Returns
    -------
    DataFrame
        measure, stage, subscale, condition (missing: all together), n_items (of a mean of products:
        how many products), n (participants with a complete form), n_left_out (the others), n_runs (complete
        forms below), alpha, ci_low, ci_high, omega, omega_low, omega_high, omega_note (why there is no
        omega).
    """
    require(ratings, ["participant_id", "stage", "condition", "measure", "item", "value"], "ratings")
    rows: list[list[object]] = []
    for (name, stage), part in groups(ratings, ["measure", "stage"]):
        measure = measures[str(name)]
        form = keyed(part, str(name), measure)
        made = [(entry.name, _parts(entry, measure, form)) for entry in measure.scores]
        for condition, which in apart(form.forms):
            for entry, answers in made:
                n_items = answers.shape[1]
                if n_items > 1:
                    people, counts = _one_each(form, answers, which)
                    told = omega(people)
                    of_omega = (told.value, told.low, told.high, told.note or None)
                    rows.append(
                        [name, stage, entry, condition, n_items, *counts, *alpha_of(people), *of_omega]
                    )
    return pd.DataFrame(rows, columns=COLUMNS)


def items_below(entry: Score, measure: Measure) -> list[str]:
    """Return the items that a score is made of, be it by way of other scores."""
    if entry.mean_of_products is not None:
        return [item for pair in entry.mean_of_products for item in pair]
    if entry.mean_of_scores is None:
        return [item.id for item in measure.keyed_items(entry.mean_of_items or "all")]
    parts = [part for part in measure.scores if part.name in entry.mean_of_scores]
    return list(dict.fromkeys(item for part in parts for item in items_below(part, measure)))


def apart(forms: pd.DataFrame) -> Iterator[tuple[object, Which]]:
    """Yield the conditions for which forms are described, and which forms those are.

    Between participants that is first all of them (None), then each condition where there are several;
    where somebody has forms under several, it is each condition.

    Parameters
    ----------
    forms : DataFrame
        participant_id, condition.
    """
    conditions = forms["condition"]
    within = forms.groupby("participant_id")["condition"].nunique().max() > 1
    if not within:
        yield None, np.ones(len(forms), dtype=bool)
    names = sorted(named(conditions.dropna()))
    if within or len(names) > 1:
        for condition in names:
            yield condition, (conditions == condition).to_numpy(bool)
    if within and conditions.isna().any():
        yield None, conditions.isna().to_numpy(bool)


def _parts(entry: Score, measure: Measure, form: Form) -> Floats:
    """Return what the internal consistency of a score is about: its items, or the products of its pairs."""
    if entry.mean_of_products is not None:
        return form.products(entry.mean_of_products)
    return form.columns(items_below(entry, measure))


def _one_each(form: Form, given: Floats, which: Which) -> tuple[Floats, list[int]]:
    """Return the mean of each participant's complete forms; how many they are, are left out, and forms."""
    answers = given[which]
    complete = ~np.isnan(answers).any(axis=1)
    codes, people = pd.factorize(form.forms.loc[which, "participant_id"])
    forms = np.bincount(codes[complete], minlength=len(people))
    sums = np.column_stack([np.bincount(codes[complete], own[complete], len(people)) for own in answers.T])
    seen = forms > 0
    return sums[seen] / forms[seen, None], [int(seen.sum()), int((~seen).sum()), int(forms.sum())]


def alpha_of(answers: Floats) -> tuple[float, float, float]:
    """Return alpha and its 95 % interval; NaN for fewer than two participants or items, or no variance.

    Parameters
    ----------
    answers : ndarray
        A row per participant and a column per item, reversed where keyed so, nothing missing.
    """
    n, k = answers.shape
    _, sd_of_sum = moments(answers.sum(axis=1))
    if n < 2 or k < 2 or not sd_of_sum > 0:
        return np.nan, np.nan, np.nan
    found = k / (k - 1) * (1 - answers.var(axis=0, ddof=1).sum() / sd_of_sum**2)
    df1, df2 = n - 1, (n - 1) * (k - 1)
    low = 1 - (1 - found) * special.fdtri(df1, df2, 0.975)
    high = 1 - (1 - found) * special.fdtri(df1, df2, 0.025)
    return float(found), float(low), float(high)
