"""Forms with answers that their measure does not know: left out whole, each named."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.files import Skipped
from experiment.definitions.measure import Measure


def unfit(ratings: pd.DataFrame, measures: Mapping[str, Measure]) -> pd.Series:
    """Return what is wrong with answers: an item that the measure lacks, a value outside its scale.

    Parameters
    ----------
    ratings : DataFrame
        measure, item, answer, value, as in `analysis.dataset.Dataset`.
    measures : mapping
        Measures by name; answers to others are let through, as they are not scored.

    Returns
    -------
    Series of str
        For each row that is wrong, by its place, what is wrong with it.
    """
    measure, names = pd.factorize(ratings["measure"])
    item, items = pd.factorize(ratings["item"])
    known = np.full((len(names) + 1, len(items) + 1), fill_value=True)
    low, high = np.full(known.shape, -np.inf), np.full(known.shape, np.inf)
    whole, numeric = np.zeros(known.shape, bool), np.zeros(known.shape, bool)
    for i, name in enumerate(names):
        form = measures.get(str(name))
        if form is None or not form.scores:
            continue
        known[i] = False
        places = {str(each): j for j, each in enumerate(items)}
        for each in form.items:
            if each.id in places:
                known[i, places[each.id]] = True
        for each in form.keyed_items("all"):
            if each.id in places:
                j = places[each.id]
                low[i, j], high[i, j] = form.bounds(each)
                numeric[i, j] = True
                whole[i, j] = form.whole(each)
    at = (measure, item)
    value = ratings["value"].to_numpy(float)
    none = np.isnan(value)
    outside = (value < low[at]) | (value > high[at]) | (whole[at] & ~none & (value != np.round(value)))
    outside |= numeric[at] & none & ratings["answer"].notna().to_numpy(bool)
    return _told(ratings, ~known[at], outside, low[at], high[at])


def _told(
    ratings: pd.DataFrame,
    stray: npt.NDArray[np.bool_],
    outside: npt.NDArray[np.bool_],
    low: npt.NDArray[np.float64],
    high: npt.NDArray[np.float64],
) -> pd.Series:
    rows = np.flatnonzero(stray | outside)
    wrong = ratings.iloc[rows]
    texts = [
        f"measure '{measure}' has no item '{item}'"
        if stray[row]
        else f"item '{item}' = {answer!r} (allowed: {low[row]:g} to {high[row]:g})"
        for row, measure, item, answer in zip(
            rows, wrong["measure"], wrong["item"], wrong["answer"], strict=True
        )
    ]
    return pd.Series(texts, index=rows, dtype="str")


def without_unfit(
    ratings: pd.DataFrame, files: npt.NDArray[np.int64], places: list[str], measures: Mapping[str, Measure]
) -> tuple[pd.DataFrame, list[Skipped]]:
    """Leave out every file with an answer that cannot be, or with an item that is answered twice.

    Parameters
    ----------
    ratings : DataFrame
        As in `analysis.dataset.Dataset`.
    files, places
        Number of the file of each row; the files.
    measures : mapping
        Measures by name.
    """
    reasons: dict[int, str] = {}
    for row, text in unfit(ratings, measures).items():
        reasons.setdefault(int(files[int(str(row))]), text)
    item, items = pd.factorize(ratings["item"])
    cells = files * (len(items) + 1) + item
    scored = ratings["measure"].isin(list(measures)).to_numpy(bool)
    for row in np.flatnonzero(scored & pd.Series(cells).duplicated().to_numpy(bool)):
        reasons.setdefault(int(files[row]), f"item '{items[item[row]]}' is answered twice")
    if not reasons:
        return ratings, []
    kept = ratings[~np.isin(files, list(reasons))].reset_index(drop=True)
    return kept, [Skipped(places[file], text) for file, text in sorted(reasons.items())]
