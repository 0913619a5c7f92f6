"""How pairs are taken: within each condition, adjusted for it, adjusted for more, within persons.

Conditions are never pooled without adjusting for them: where exclusion changes both numbers of a pair,
participants of two conditions correlate although nobody's distress goes with anybody's pain (`bench.overlap`:
24 % of pooled tests are significant without any overlap).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.correlations import cells_of, ranks, residuals
from analysis.frames import Floats
from analysis.overlap_people import People


@dataclass(frozen=True)
class _Taken:
    """Complete rows to be taken together, the cells whose means go, and who was left out."""

    rows: pd.DataFrame
    names: Sequence[str]
    cells: pd.Series
    adjusted_for: Sequence[str]
    n_missing: int
    n_censored: int


@dataclass(frozen=True)
class Level:
    """Variables from which all is taken that a correlation is adjusted for.

    Attributes
    ----------
    over
        ``condition``, ``adjusted``, ``partial``, ``between_persons`` or ``within_person``.
    condition
        The condition; empty where several are taken together.
    adjusted_for
        What was taken out, in words; empty for nothing.
    left
        Residuals: a row for each participant (of ``within_person``, for each participant and condition).
    left_ranks
        Residuals of ranks, None where there are no ranks to be had.
    n, size
        Participants, and the size of a simple sample that tells as much.
    n_missing, n_censored
        Participants left out because a value is missing, or censored.
    """

    over: str
    condition: str
    adjusted_for: str
    left: Floats
    left_ranks: Floats | None
    n: int
    size: float
    n_missing: int
    n_censored: int


def levels(
    frame: pd.DataFrame, names: Sequence[str], conditions: Sequence[str], people: People
) -> Iterator[Level]:
    """Take two variables or more together at every level at which that can be done.

    Parameters
    ----------
    frame : DataFrame
        participant_id, condition, a column for each of `names` (NaN where missing), censored (bool); a row
        for each participant and condition.
    names
        The variables.
    conditions
        The conditions, in order.
    people
        Strata and covariates.
    """
    frame = frame.assign(stratum=people.strata.reindex(frame["participant_id"]).fillna("").to_numpy())
    listed = [name for name in conditions if (frame["condition"] == name).any()]
    for condition in listed:
        used, missing, censored = _complete(frame[frame["condition"] == condition], names)
        told = _factors(used, people)
        taken = _Taken(used, names, used["stratum"], told, missing, censored)
        yield _level("condition", taken, condition)
    if frame["participant_id"].duplicated().any():
        yield from _of_repeated(frame, names, listed, people)
        return
    used, missing, censored = _complete(frame, names)
    told = (*(("condition",) if len(listed) > 1 else ()), *_factors(used, people))
    cells = used["condition"].astype(str) + "\t" + used["stratum"].astype(str)
    taken = _Taken(used, names, cells, told, missing, censored)
    if len(listed) > 1:
        yield _level("adjusted", taken)
    yield from _partial(taken, people)


def _factors(used: pd.DataFrame, people: People) -> tuple[str, ...]:
    """Return the crossed factors that these participants differ in."""
    return people.factors if len(set(used["stratum"])) > 1 else ()


def _complete(rows: pd.DataFrame, names: Sequence[str]) -> tuple[pd.DataFrame, int, int]:
    """Return the rows that have everything, and how many lack a value or have a censored one."""
    missing = rows[list(names)].isna().any(axis=1)
    censored = rows["censored"].astype(bool) & ~missing
    return rows[~missing & ~censored], int(missing.sum()), int(censored.sum())


def _level(over: str, taken: _Taken, condition: str = "", covariates: Floats | None = None) -> Level:
    values = taken.rows[list(taken.names)].to_numpy(float)
    groups = cells_of(taken.cells.astype(str)) if len(values) else np.empty((0, 1))
    extra = np.empty((len(values), 0)) if covariates is None else covariates
    left, size = residuals(values, np.hstack([groups, extra]))
    left_ranks, _ = residuals(ranks(values, groups), np.hstack([groups, ranks(extra, groups)]))
    return Level(
        over=over,
        condition=condition,
        adjusted_for=", ".join(name.replace("_", " ") for name in taken.adjusted_for),
        left=left,
        left_ranks=left_ranks,
        n=len(values),
        size=size,
        n_missing=taken.n_missing,
        n_censored=taken.n_censored,
    )


def _partial(taken: _Taken, people: People) -> Iterator[Level]:
    """Yield the level that is adjusted for the covariates too, where there is one."""
    if people.covariates.columns.empty:
        return
    rows = taken.rows
    known = people.covariates.reindex(rows["participant_id"]).notna().all(axis=1).to_numpy(bool)
    kept = rows[known]
    columns, told = people.design(kept["participant_id"])
    if told:
        without = taken.n_missing + int((~known).sum())
        asked = [*taken.adjusted_for, *told]
        own = _Taken(kept, taken.names, taken.cells[known], asked, without, taken.n_censored)
        yield _level("partial", own, covariates=columns)


def _of_repeated(
    frame: pd.DataFrame, names: Sequence[str], listed: Sequence[str], people: People
) -> Iterator[Level]:
    """Take persons who went through every condition: their means, and what they do from one to the next.

    The means are of values from which the mean of their condition (and stratum) is taken, so each person
    counts once. Within persons the mean of the person and of the condition are taken from every value, which
    leaves ``(persons - 1)(conditions - 1) - 1`` degrees of freedom (repeated measures correlation, Bakdash &
    Marusich 2017, Front Psychol 8:456, with the conditions taken out too).
    """
    everyone = frame["participant_id"].nunique()
    fit, _, censored = _complete(frame, names)
    counts = fit.groupby("participant_id")["condition"].nunique()
    whole = fit[fit["participant_id"].isin(counts.index[counts == len(listed)])]
    whole = whole.sort_values(["participant_id", "condition"])
    n, k = whole["participant_id"].nunique(), len(listed)
    n_censored = frame.loc[frame["censored"].astype(bool), "participant_id"].nunique() if censored else 0
    left_out = (everyone - n - n_censored, n_censored)
    if k < 2:
        return
    grid = whole[list(names)].to_numpy(float).reshape(n, k, len(names))
    firsts = whole.drop_duplicates("participant_id")
    centred = grid - grid.mean(axis=0, keepdims=True) if n else grid
    means = firsts.assign(**dict(zip(names, centred.mean(axis=1).T, strict=True)))
    told = ("condition", *_factors(firsts, people))
    taken = _Taken(means, names, firsts["stratum"], told, *left_out)
    yield _level("between_persons", taken)
    yield from _partial(taken, people)
    within = centred - centred.mean(axis=1, keepdims=True) if n else centred
    flat = within.reshape(-1, len(names))
    flat[:, flat.std(axis=0) <= 1e-10 * np.maximum(np.abs(grid).max(axis=(0, 1), initial=0), 1e-300)] = 0.0
    if n and (flat != 0).any(axis=0).all():
        size = float((n - 1) * (k - 1) + 1)
        yield Level("within_person", "", "condition, person", flat, None, n, size, *left_out)
