"""Whether the slope of one variable over another depends on the condition."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import combinations

import numpy as np
import pandas as pd

from analysis.correlations import cells_of
from analysis.frames import Floats
from analysis.overlap_people import People
from analysis.robust import regress
from analysis.samples import t_test

SLOPES = ["term", "n", "slope", "se", "ci_low", "ci_high", "t", "df", "p", "f", "df1", "df2"]
INTERACTION = "condition x slope"
COMMON = "common"


def slopes(frame: pd.DataFrame, conditions: Sequence[str], people: People) -> list[dict[str, object]]:
    """Return the slope of y over x under each condition, a common one, their differences, a test of all.

    One regression with an intercept for each cell (condition and levels of crossed factors) and a slope for
    each condition, and one with the same slope for all; standard errors after HC3, where people come under
    several conditions in its form for clusters (`analysis.robust`). Degrees of freedom: of the slope of a
    condition the participants there less its cells and 1; else the participants less all columns.

    Parameters
    ----------
    frame : DataFrame
        participant_id, condition, x, y, censored.
    conditions
        In order, the reference first.
    people
        For the levels of crossed factors.

    Returns
    -------
    list of dict
        term (a condition, ``common``, ``a - b``, or ``condition x slope``), n, slope (units of y per unit of
        x), se, ci_low, ci_high, t, df, p; f, df1, df2, p of the last. NaN where there is no test.
    """
    used = frame[frame[["x", "y"]].notna().all(axis=1) & ~frame["censored"].astype(bool)]
    listed = [name for name in conditions if _spread(used[used["condition"] == name])]
    used = used[used["condition"].isin(listed)]
    if not listed:
        return []
    cells = used["condition"].astype(str) + "\t" + people.strata.reindex(used["participant_id"]).to_numpy()
    indicator = cells_of(cells.astype(str))
    under: Floats = np.array([[name == own for name in listed] for own in used["condition"]], dtype=float)
    x, y = used["x"].to_numpy(float), used["y"].to_numpy(float)
    x = (x - x.mean()) / (unit := float(x.std()))
    codes = pd.factorize(used["participant_id"])[0]
    fitted = regress(y, np.hstack([under * x[:, None], indicator]), np.asarray(codes))
    if fitted is None:
        return []
    counts, unity = under.sum(axis=0), np.eye(len(fitted.beta))
    of_condition = [
        float(n - (indicator[under[:, k] > 0].sum(axis=0) > 0).sum() - 1) for k, n in enumerate(counts)
    ]
    rows = [
        _row(name, int(counts[k]), fitted.estimate(unity[k]), of_condition[k], unit)
        for k, name in enumerate(listed)
    ]
    same = regress(y, np.column_stack([x, indicator]), np.asarray(codes)) if len(listed) > 1 else None
    if same is not None:
        first = np.eye(len(same.beta))[0]
        df = float(same.n_people - same.rank)
        rows.append(_row(COMMON, same.n_people, same.estimate(first), df, unit))
    together = float(fitted.n_people - fitted.rank)
    for b, a in combinations(range(len(listed)), 2):
        between = fitted.estimate(unity[a] - unity[b])
        n = used.loc[used["condition"].isin([listed[a], listed[b]]), "participant_id"].nunique()
        rows.append(_row(f"{listed[a]} - {listed[b]}", n, between, together, unit))
    if len(listed) > 1:
        f, df1, df2, p = fitted.wald(unity[1 : len(listed)] - unity[0])
        rows.append({"term": INTERACTION, "n": fitted.n_people, "f": f, "df1": df1, "df2": df2, "p": p})
    return rows


def _spread(rows: pd.DataFrame) -> bool:
    """Return whether both variables vary among three participants or more."""
    return len(rows) > 2 and len(set(rows["x"])) > 1 and len(set(rows["y"])) > 1


def _row(term: str, n: int, found: tuple[float, float], df: float, unit: float) -> dict[str, object]:
    estimate, se = (value / unit for value in found)
    if df < 1 or math.isnan(se):
        return {"term": term, "n": n, "slope": estimate}
    return {"term": term, "n": n, "slope": estimate, "se": se} | t_test(estimate, se, df)
