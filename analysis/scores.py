"""From items to scores, as the measure files key them. Nothing is reversed anywhere else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.errors import AnalysisError, listing
from analysis.frames import Codes, Floats, named, require, units
from experiment.definitions.measure import Measure, Score

FORM = ["participant_id", "session", "run", "condition", "stage"]
"""What names one filled-in form, beside its measure; a frame without `session` or `run` is taken as it is."""

COLUMNS = [
    *FORM,
    "measure",
    "subscale",
    "score",
    "n_items",
    "n_missing",
    "low",
    "high",
    "high_means",
    "role",
]


def reverse(x: Floats, low: Floats | float, high: Floats | float) -> Floats:
    """Return ``low + high - x``: the same distance from the other end of the scale."""
    return low + high - x


def score(ratings: pd.DataFrame, measures: Mapping[str, Measure]) -> pd.DataFrame:
    """Score the items of every form.

    Reversed items become ``low + high - x`` before the mean is taken. The ratings hold answers as given; a
    frame whose columns were reversed already must not come here.

    Parameters
    ----------
    ratings : DataFrame
        A row per item, not reversed: participant_id, stage, condition, measure, item, value (float, NaN where
        there is no answer); where present also session, run, and answer (as written).
    measures : mapping
        Measures by name: the dataset's own (`Dataset.measures`).

    Returns
    -------
    DataFrame
        A row per form and score: participant_id, session, run, condition, stage, measure, subscale (the
        score's name), score (on the scale of the items; NaN where more than ``max_missing`` parts are
        missing), n_items and n_missing (items below the score), low and high (the least and greatest score
        possible), high_means, role.

    Raises
    ------
    AnalysisError
        For a measure or item that is not defined, an item answered twice in a form, an answer that is no
        number, or a value outside its scale; the message names it.
    """
    require(ratings, ["participant_id", "stage", "condition", "measure", "item", "value"], "ratings")
    unknown = sorted(named(ratings["measure"]) - set(measures))
    if unknown:
        raise AnalysisError(f"no measure '{unknown[0]}'; there are: {', '.join(sorted(measures))}")
    parts = [
        _score_measure(rows, str(name), measures[str(name)])
        for name, rows in ratings.groupby("measure", sort=True)
        if measures[str(name)].scores
    ]
    if not parts:
        return pd.DataFrame(columns=COLUMNS)
    return pd.concat(parts, ignore_index=True)


@dataclass(frozen=True)
class Form:
    """The answers of one measure, a row per form and a column per numeric item, reversed where keyed so."""

    forms: pd.DataFrame
    items: tuple[str, ...]
    keyed: Floats

    def columns(self, ids: list[str]) -> Floats:
        """Return the answers to these items."""
        return self.keyed[:, [self.items.index(item) for item in ids]]

    def products(self, pairs: Sequence[Sequence[str]]) -> Floats:
        """Return the answers to the first of each pair times those to the second."""
        return self.columns([pair[0] for pair in pairs]) * self.columns([pair[1] for pair in pairs])


def keyed(ratings: pd.DataFrame, name: str, measure: Measure) -> Form:
    """Return the answers to the numeric items of one measure, checked and reversed where keyed so."""
    items = measure.keyed_items("all")
    ids = tuple(item.id for item in items)
    known = {item.id for item in measure.items}
    stray = sorted(named(ratings["item"]) - known)
    if stray:
        raise AnalysisError(f"measure '{name}' has no item '{stray[0]}'; it has: {', '.join(sorted(known))}")
    keys = [key for key in FORM if key in ratings.columns]
    codes, forms = units(ratings, keys)
    places = pd.Index(ids).get_indexer(pd.Index(ratings["item"]))
    numeric = places >= 0
    _check_answers(ratings[numeric], places[numeric], name, measure)
    grid = _grid(
        codes[numeric], places[numeric], ratings["value"].to_numpy(float)[numeric], len(forms), len(ids)
    )
    if grid is None:
        twice = ratings[ratings.duplicated([*keys, "item"], keep=False)].iloc[0]
        who, item = twice["participant_id"], twice["item"]
        raise AnalysisError(f"{who}: item '{item}' of measure '{name}' is answered twice in one form")
    for column, item in enumerate(items):
        if item.reverse:
            grid[:, column] = reverse(grid[:, column], *measure.bounds(item))
    return Form(forms, ids, grid)


def _grid(rows: Codes, columns: Codes, values: Floats, n_rows: int, n_columns: int) -> Floats | None:
    """Lay the values out in a grid, NaN where there is none; None where two fall on one place."""
    flat = rows * n_columns + columns
    if np.unique(flat).size < flat.size:
        return None
    grid = np.full(n_rows * n_columns, np.nan)
    grid[flat] = values
    return grid.reshape(n_rows, n_columns)


def _check_answers(ratings: pd.DataFrame, places: Codes, name: str, measure: Measure) -> None:
    """Raise for the answers that their scale does not allow; `places` says which numeric item each is."""
    items = measure.keyed_items("all")
    low, high = np.array([measure.bounds(item) for item in items]).reshape(-1, 2)[places].T
    whole = np.array([measure.whole(item) for item in items], dtype=bool)[places]
    value = ratings["value"].to_numpy(float)
    bad = (value < low) | (value > high) | (whole & ~np.isnan(value) & (value != np.round(value)))
    shown = ratings["value"]
    if "answer" in ratings.columns:
        shown = ratings["answer"]
        bad |= np.isnan(value) & shown.notna().to_numpy(bool)
    if bad.any():
        wrong = ratings.assign(shown=shown, low=low, high=high)[bad]
        told = [
            f"{row.participant_id} '{row.item}' = {row.shown} (allowed: {row.low:g} to {row.high:g})"
            for row in wrong.itertuples()
        ]
        raise AnalysisError(f"measure '{name}' has answers outside its scale: {listing(told)}")


@dataclass(frozen=True)
class _Scored:
    """One score of every form, and of how many items, how many of them missing."""

    scores: Floats
    n_items: int
    n_missing: Codes
    low: float
    high: float


def _score_measure(ratings: pd.DataFrame, name: str, measure: Measure) -> pd.DataFrame:
    form = keyed(ratings, name, measure)
    done: dict[str, _Scored] = {}
    parts = []
    for entry in measure.scores:
        one = done[entry.name] = _score_one(entry, measure, form, done)
        table = form.forms.assign(measure=name, subscale=entry.name, score=one.scores)
        parts.append(
            table.assign(
                n_items=one.n_items,
                n_missing=one.n_missing,
                low=one.low,
                high=one.high,
                high_means=entry.high_means,
                role=measure.role,
            )
        )
    return pd.concat(parts, ignore_index=True)


def _score_one(entry: Score, measure: Measure, form: Form, done: dict[str, _Scored]) -> _Scored:
    if entry.mean_of_scores is not None:
        parts = [done[name] for name in entry.mean_of_scores]
        values = np.column_stack([part.scores for part in parts])
        n_items = sum(part.n_items for part in parts)
        n_missing = np.sum([part.n_missing for part in parts], axis=0)
        bounds = {(part.low, part.high) for part in parts}
    elif entry.mean_of_products is not None:
        values = form.products(entry.mean_of_products)
        answers = form.columns([item for pair in entry.mean_of_products for item in pair])
        n_items = answers.shape[1]
        n_missing = np.isnan(answers).sum(axis=1)
        bounds = {measure.range_of(entry.name)}
    else:
        items = measure.keyed_items(entry.mean_of_items or "all")
        values = form.columns([item.id for item in items])
        n_items = len(items)
        n_missing = np.isnan(values).sum(axis=1)
        bounds = {measure.bounds(item) for item in items}
    low, high = bounds.pop() if len(bounds) == 1 else (np.nan, np.nan)
    return _Scored(mean_with_missing(values, entry.max_missing), n_items, n_missing, low, high)


def mean_with_missing(values: Floats, max_missing: int) -> Floats:
    """Return the mean of each row's values that are there; NaN where more than `max_missing` are not."""
    seen = ~np.isnan(values)
    counts = seen.sum(axis=1)
    means = np.full(len(values), np.nan)
    enough = (counts > 0) & (values.shape[1] - counts <= max_missing)
    np.divide(np.where(seen, values, 0.0).sum(axis=1), counts, out=means, where=enough)
    return means
