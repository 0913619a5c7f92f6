"""What the frame functions ask of a frame, and how rows come together."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.errors import AnalysisError

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.signedinteger]

SCORE = ["measure", "stage", "subscale"]
"""The columns that name a score."""


def require(frame: pd.DataFrame, columns: Iterable[str], what: str) -> None:
    """Raise unless `frame` has `columns`; `what` says which frame that is."""
    absent = [name for name in columns if name not in frame.columns]
    if absent:
        has = ", ".join(map(str, frame.columns))
        raise AnalysisError(f"the {what} frame has no column '{absent[0]}'; it has: {has}")


def units(frame: pd.DataFrame, keys: Sequence[str]) -> tuple[Codes, pd.DataFrame]:
    """Give rows of `frame` with the same values in `keys` the same number; missing is a value like any other.

    Returns
    -------
    codes : ndarray of int
        For each row the number of its unit.
    firsts : DataFrame
        `keys` of each unit, in order of the numbers, which is the order of the sorted keys.
    """
    codes = np.asarray(frame.groupby(list(keys), dropna=False, sort=True).ngroup(), dtype=np.int64)
    first_rows = np.empty(codes.max(initial=-1) + 1, dtype=np.int64)
    first_rows[codes[::-1]] = np.arange(len(codes))[::-1]  # of several rows the first is written last
    return codes, frame[list(keys)].iloc[first_rows].reset_index(drop=True)


def among(frame: pd.DataFrame, others: pd.DataFrame, keys: Sequence[str]) -> npt.NDArray[np.bool_]:
    """Return which rows of `frame` have the values in `keys` of some row of `others`; missing equals missing.

    Only one row of each unit is looked up, since values of several columns are slow to look up.
    """
    codes, firsts = units(frame, keys)
    wanted = others[list(keys)].drop_duplicates()
    found = _tuples(firsts).isin(_tuples(wanted))
    return np.asarray(found, dtype=bool)[codes]


def _tuples(frame: pd.DataFrame) -> pd.MultiIndex:
    return pd.MultiIndex.from_frame(frame.astype(object))


def one_per_participant(scores: pd.DataFrame) -> pd.DataFrame:
    """Return one row per participant, condition and score.

    The unit of analysis is the participant. Where one has several runs or sessions under one condition, the
    value is the mean of the scores that are there:

    ``value = sum of the scores / n_runs``

    Each run counts alike, however many throws or items it had. Runs of one person are no independent
    observations: counted one by one they would give standard errors that are too small and too many
    significant tests. How many runs a value is made of differs only where somebody stopped early.

    Parameters
    ----------
    scores : DataFrame
        Columns participant_id, measure, stage, subscale, condition, score.

    Returns
    -------
    DataFrame
        The same columns, sorted by them, and n_runs: how many scores the value is the mean of, 0 where it is
        missing.
    """
    keys = [*SCORE, "condition", "participant_id"]
    require(scores, [*keys, "score"], "scores")
    codes, firsts = units(scores, keys)
    values = scores["score"].to_numpy(dtype=float)
    seen = ~np.isnan(values)
    counts = np.bincount(codes[seen], minlength=len(firsts))
    sums = np.bincount(codes[seen], weights=values[seen], minlength=len(firsts))
    # A single value is kept as it is, to the last bit.
    means = np.full(len(firsts), np.nan)
    np.divide(sums, counts, out=means, where=counts > 0)
    return firsts.assign(score=means, n_runs=counts)


def distinct(column: pd.Series) -> set[Any]:
    """Return the values in a column, without missing ones; a column is slow to go through row by row."""
    return set(column.dropna().unique())


def named(column: pd.Series) -> set[str]:
    """Return the names in a column; ``n/a`` where one is missing."""
    return {"n/a" if pd.isna(name) else str(name) for name in column.unique()}


def groups(frame: pd.DataFrame, keys: Sequence[str]) -> Iterable[tuple[tuple[Hashable, ...], pd.DataFrame]]:
    """Yield the values of `keys` and the rows that have them, sorted, missing values last."""
    for key, rows in frame.groupby(list(keys), dropna=False, sort=True):
        yield tuple(key), rows


def same(column: pd.Series, value: object) -> pd.Series:
    """Return where `column` is `value`; a missing value is the same as a missing value."""
    return column.isna() if pd.isna(value) else column == value  # type: ignore[call-overload]


def without_noise(numbers: Floats, *scale: Floats) -> Floats:
    """Round to ten digits of the greatest number in `scale` (`numbers` themselves by default).

    A mean of means may come out as 2.95 for one participant and as 2.9500000000000002 for another: whatever
    ranks scores, or holds them against a bound, must take these for the same.
    """
    largest = max((float(np.nanmax(np.abs(x), initial=0.0)) for x in scale or (numbers,)), default=0.0)
    if not (0 < largest < np.inf):
        return numbers
    return np.round(numbers, 9 - int(np.floor(np.log10(largest))))
