"""Each item by itself: its answers, and how it goes with the rest of its score."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from analysis.describe import moments
from analysis.frames import Codes, Floats, groups, require
from analysis.reliability import Which, alpha_of, apart
from analysis.scores import Form, keyed, reverse
from experiment.definitions.measure import Item, Measure

COLUMNS = ["measure", "stage", "item", "subscale", "condition", "reverse", "low", "high", "n", "n_missing"]
COLUMNS += ["mean", "sd", "median", "min", "max", "share_low", "share_high", "item_rest", "alpha_without"]


def table(ratings: pd.DataFrame, measures: Mapping[str, Measure]) -> pd.DataFrame:
    """Describe every item that is answered with a number, by measure, stage and condition.

    The answers are described as given, not reversed; ``reverse`` says how the item is keyed. How an item goes
    with the others is told after the reversal, so that a negative number there speaks against the keying or
    the item. Each participant counts once, with the mean of their forms under the condition; conditions are
    together and apart as in `analysis.reliability.alpha`.

    Parameters
    ----------
    ratings, measures
        As `analysis.scores.score` takes them; the condition as `analysis.assignment.assigned` gives it.

    Returns
    -------
    DataFrame
        measure, stage, item, subscale (the score that is a mean of items with this one among them, missing
        for none; an item of several scores has a row in each), condition (missing: all together), reverse
        (bool), low and high (of the item's scale), n (participants with an answer), n_missing (those with
        the form but without an answer), mean, sd, median, min, max, share_low and share_high (share of the
        answers at the ends of the scale, 1), item_rest (Pearson's correlation with the mean of the score's
        other items, over participants with all of them; the corrected item-total correlation) and
        alpha_without (alpha of these others). NaN where it cannot be told.
    """
    require(ratings, ["participant_id", "stage", "condition", "measure", "item", "value"], "ratings")
    rows: list[list[object]] = []
    for (name, stage), part in groups(ratings, ["measure", "stage"]):
        measure = measures[str(name)]
        items = measure.keyed_items("all")
        if not items:
            continue
        form = keyed(part, str(name), measure)
        for condition, which in apart(form.forms):
            grids = _Grids(form, items, measure, which)
            rows += [
                [name, stage, item.id, entry, condition, item.reverse, *grids.answers(item), *beside]
                for item in items
                for entry, beside in grids.in_scores(item)
            ]
    return pd.DataFrame(rows, columns=COLUMNS)


class _Grids:
    """The forms of one condition: a row per participant and a column per item."""

    def __init__(self, form: Form, items: tuple[Item, ...], measure: Measure, which: Which) -> None:
        self._measure = measure
        self._places = {item.id: place for place, item in enumerate(items)}
        codes, people = pd.factorize(form.forms.loc[which, "participant_id"])
        bounds = np.array([measure.bounds(item) for item in items])
        low, high = bounds[:, 0], bounds[:, 1]
        reversed_ = np.array([item.reverse for item in items])
        own = form.keyed[which]
        given = np.where(reversed_, reverse(own, low, high), own)
        self._keyed = _means(own, codes, len(people))
        self._given = _means(given, codes, len(people))
        seen = ~np.isnan(given)
        self._at_low = _means(np.where(seen, given == low, np.nan), codes, len(people))
        self._at_high = _means(np.where(seen, given == high, np.nan), codes, len(people))

    def answers(self, item: Item) -> list[float]:
        """Return the scale of an item and what was answered, as given."""
        place = self._places[item.id]
        given = self._given[:, place]
        x = given[~np.isnan(given)]
        ends = [_mean(grid[:, place]) for grid in (self._at_low, self._at_high)]
        told = [np.nan] * 3 if x.size == 0 else [float(np.median(x)), float(x.min()), float(x.max())]
        return [*self._measure.bounds(item), x.size, given.size - x.size, *moments(x), *told, *ends]

    def in_scores(self, item: Item) -> list[tuple[str | None, tuple[float, float]]]:
        """Return, for each score made with an item, how the item goes with the others of the score."""
        found: list[tuple[str | None, tuple[float, float]]] = []
        for entry in self._measure.scores:
            if entry.mean_of_items is not None:
                ids = [other.id for other in self._measure.keyed_items(entry.mean_of_items)]
                if item.id in ids:
                    found.append((entry.name, self._with_rest(item, ids)))
        return found or [(None, (np.nan, np.nan))]

    def _with_rest(self, item: Item, ids: list[str]) -> tuple[float, float]:
        if len(ids) < 2:
            return np.nan, np.nan
        grid = self._keyed[:, [self._places[name] for name in ids]]
        grid = grid[~np.isnan(grid).any(axis=1)]
        own = grid[:, ids.index(item.id)]
        others = np.delete(grid, ids.index(item.id), axis=1)
        return _correlation(own, others.mean(axis=1)), alpha_of(others)[0]


def _means(values: Floats, codes: Codes, n_people: int) -> Floats:
    """Return the mean of each participant's answers that are there, by item."""
    seen = ~np.isnan(values)
    means = np.full((n_people, values.shape[1]), np.nan)
    for place, (there, given) in enumerate(zip(seen.T, np.where(seen, values, 0.0).T, strict=True)):
        counts = np.bincount(codes[there], minlength=n_people)
        sums = np.bincount(codes, given, n_people)
        np.divide(sums, counts, out=means[:, place], where=counts > 0)
    return means


def _mean(values: Floats) -> float:
    seen = values[~np.isnan(values)]
    return float(seen.mean()) if seen.size else np.nan


def _correlation(x: Floats, y: Floats) -> float:
    """Return Pearson's correlation; NaN for fewer than three participants or without variance."""
    if x.size < 3 or not (moments(x)[1] > 0 and moments(y)[1] > 0):
        return np.nan
    return float(np.corrcoef(x, y)[0, 1])
