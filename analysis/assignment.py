"""Scores under the condition that participants were allocated to, absent ones included."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.frames import require

KEYS = ["participant_id", "session"]
FORM = ["measure", "stage"]


def assigned(scores: pd.DataFrame, sessions: pd.DataFrame) -> pd.DataFrame:
    """Return the scores with the condition that the design gave, in place of that of the last run.

    The ratings carry the condition of the run that came last, which is none at baseline and another one
    after a game played at the end for everybody. Between participants each score belongs to the one
    condition of the cell. Within participants it belongs to the run; a form filled in once for the whole
    session belongs to none.

    Parameters
    ----------
    scores : DataFrame
        participant_id, session, condition, measure, stage and others, as `analysis.scores.score` returns.
    sessions : DataFrame
        participant_id, session, conditions (those of the cell, joined by commas).
    """
    require(scores, [*KEYS, "condition", "measure", "stage"], "scores")
    require(sessions, [*KEYS, "conditions"], "sessions")
    cells = scores[KEYS].merge(sessions[[*KEYS, "conditions"]], on=KEYS, how="left")["conditions"]
    given = cells.fillna("").astype(object).to_numpy()
    single = np.array([text != "" and "," not in text for text in given], dtype=bool)
    own = scores["condition"].astype(object).to_numpy()
    condition = pd.Series(np.where(single, given, own), index=scores.index, dtype="str")
    placed = scores.assign(condition=condition)
    once = ~single & pd.MultiIndex.from_frame(placed[FORM]).isin(_asked_once(placed[~single]))
    return placed.assign(condition=condition.where(~once))


def _asked_once(scores: pd.DataFrame) -> pd.MultiIndex:
    """Return the forms that those who went through several conditions filled in under one of them only."""
    conditions = scores.groupby(KEYS)["condition"].transform("nunique")
    counts = scores[conditions > 1].groupby([*KEYS, *FORM])["condition"].nunique().reset_index()
    often = counts.loc[counts["condition"] > 1, FORM]
    every = counts[FORM].drop_duplicates()
    return pd.MultiIndex.from_frame(every).difference(pd.MultiIndex.from_frame(often))


def with_absent(scores: pd.DataFrame, sessions: pd.DataFrame) -> pd.DataFrame:
    """Add a missing score wherever a participant was allocated to a cell and did not come to a form.

    What is expected of a participant is what somebody in the same cell answered: every measure, stage,
    subscale and condition that occurs there. So those who stopped early are counted as missing.

    Parameters
    ----------
    scores : DataFrame
        As `assigned` returns them.
    sessions : DataFrame
        participant_id, session, cell; a row per session that was allocated and may be used.

    Returns
    -------
    DataFrame
        `scores` and the rows that were absent, their score NaN, n_missing = n_items, run missing.
    """
    require(sessions, [*KEYS, "cell"], "sessions")
    allocated = sessions.loc[sessions["cell"].notna(), [*KEYS, "cell"]]
    form = ["measure", "stage", "subscale", "condition"]
    constant = ["n_items", "low", "high", "high_means", "role"]
    in_cell = scores.merge(allocated, on=KEYS)
    expected = in_cell.drop_duplicates(["cell", *form])[["cell", *form, *constant]]
    wanted = allocated.merge(expected, on="cell").drop(columns="cell")
    marked = wanted.merge(
        scores[[*KEYS, *form]].drop_duplicates(), on=[*KEYS, *form], how="left", indicator=True
    )
    absent = marked[marked["_merge"] == "left_only"].drop(columns="_merge")
    if absent.empty:
        return scores
    absent = absent.assign(score=np.nan, n_missing=absent["n_items"])
    if "run" in scores.columns:
        absent = absent.assign(run=pd.array([pd.NA] * len(absent), dtype="Int64"))
    return pd.concat([scores, absent[list(scores.columns)]], ignore_index=True)
