"""Scores under the condition that participants were allocated to, absent ones included."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.frames import among, require, units

KEYS = ["participant_id", "session"]
FORM = ["measure", "stage"]
RUN = [*KEYS, "run"]


def assigned(scores: pd.DataFrame, sessions: pd.DataFrame, runs: pd.DataFrame | None = None) -> pd.DataFrame:
    """Return the scores with the condition that the design gave, in place of that of the last run.

    The ratings carry the condition of the run that came last, which is none at baseline and another one
    after a game that everybody plays beside the design. Between participants each score belongs to the one
    condition of the cell; only where a form is filled in after the condition's game and also before it or
    after another one, the latter belongs to none. Within participants it belongs to the run; a form filled in
    once for the whole session, or after a game beside the design, belongs to none.

    Parameters
    ----------
    scores : DataFrame
        participant_id, session, condition, measure, stage and others, as `analysis.scores.score` returns, or
        ratings.
    sessions : DataFrame
        participant_id, session, conditions (those of the participant in their order, joined by commas; one
        may come several times).
    runs : DataFrame, optional
        participant_id, session, run, place, as `analysis.runs.played` returns; without it every run is taken
        for one of the design.
    """
    require(scores, [*KEYS, "condition", "measure", "stage"], "scores")
    require(sessions, [*KEYS, "conditions"], "sessions")
    codes, people = units(scores, KEYS)
    cells = people.merge(sessions[[*KEYS, "conditions"]], on=KEYS, how="left")["conditions"]
    texts = cells.fillna("").astype(object).to_numpy()
    single = np.array([text != "" and "," not in text for text in texts], dtype=bool)[codes]
    several = np.array(["," in text for text in texts], dtype=bool)[codes]
    given = texts[codes]
    beside = _beside(scores, runs)
    of_condition = among(scores, scores[single & ~beside], FORM)
    none = beside & (several | (single & of_condition))
    own = scores["condition"].astype(object).where(~none, None).to_numpy()
    condition = pd.Series(np.where(single & ~none, given, own), index=scores.index, dtype="str")
    placed = scores.assign(condition=condition)
    once = ~single & among(placed, _asked_once(placed[~single]), FORM)
    return placed.assign(condition=condition.where(~once))


def _beside(scores: pd.DataFrame, runs: pd.DataFrame | None) -> npt.NDArray[np.bool_]:
    """Return which scores follow no run at all, or one beside the design.

    A run whose table is lost is taken for one of the design.
    """
    if runs is None or "run" not in scores.columns:
        return np.zeros(len(scores), dtype=bool)
    others = among(scores, runs[runs["place"].isna()], RUN)
    return np.asarray(others | scores["run"].isna().to_numpy(bool), dtype=bool)


def _asked_once(scores: pd.DataFrame) -> pd.DataFrame:
    """Return the forms that those who went through several conditions filled in under one of them only."""
    conditions = scores.groupby(KEYS)["condition"].transform("nunique")
    counts = scores[conditions > 1].groupby([*KEYS, *FORM])["condition"].nunique().reset_index()
    often = counts.loc[counts["condition"] > 1, FORM]
    return counts.loc[~among(counts, often, FORM), FORM]


def with_absent(scores: pd.DataFrame, sessions: pd.DataFrame) -> pd.DataFrame:
    """Add a missing score wherever a participant was allocated and did not come to a form.

    What is expected of a participant is what somebody of the same protocol and the same conditions, in
    whatever order and at whatever levels of other factors, answered: every measure, stage, subscale and
    condition that occurs there. So those who stopped early are counted as missing. Whoever went through a
    condition less often than others is not: their value is the mean of the runs that there are.

    Parameters
    ----------
    scores : DataFrame
        As `assigned` returns them.
    sessions : DataFrame
        participant_id, session, protocol, cell, conditions; a row per session that may be used.

    Returns
    -------
    DataFrame
        `scores` and the rows that were absent, their score NaN, n_missing = n_items, run missing.
    """
    require(sessions, [*KEYS, "protocol", "cell", "conditions"], "sessions")
    drawn = sessions[sessions["cell"].notna()]
    played = [",".join(sorted(set(str(text).split(",")))) for text in drawn["conditions"]]
    alike = [f"{name}: {games}" for name, games in zip(drawn["protocol"], played, strict=True)]
    allocated = drawn[KEYS].assign(alike=pd.Series(alike, index=drawn.index, dtype="str"))
    form = ["measure", "stage", "subscale", "condition"]
    constant = ["n_items", "low", "high", "high_means", "role"]
    of_those = scores.merge(allocated, on=KEYS)
    expected = of_those.drop_duplicates(["alike", *form])[["alike", *form, *constant]]
    wanted = allocated.merge(expected, on="alike").drop(columns="alike")
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
