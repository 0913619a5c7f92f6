"""Scores made from scores: percent of maximum, threat, distress; and the throws really received."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.errors import AnalysisError
from analysis.frames import Floats, require, units
from analysis.scores import COLUMNS, FORM, mean_with_missing, reverse

DISTRESS = "distress"
RECEIVED = "throws_received"


def pomp(scores: pd.DataFrame) -> pd.DataFrame:
    """Return the scores as percent of the maximum possible, 0-100.

    ``100 (score - low) / (high - low)`` (Cohen, Cohen, Aiken & West 1999, Multivariate Behav Res 34:315).

    Parameters
    ----------
    scores : DataFrame
        Columns score, low, high, as `analysis.scores.score` returns them.
    """
    require(scores, ["score", "low", "high"], "scores")
    return scores.assign(score=_percent(scores), low=0.0, high=100.0)


def percent(score: pd.Series, low: pd.Series, high: pd.Series) -> Floats:
    """Return a score, or a mean of scores, as percent of the maximum possible."""
    bottom, top = low.to_numpy(float), high.to_numpy(float)
    found: Floats = 100.0 * (score.to_numpy(float) - bottom) / (top - bottom)
    return found


def _percent(scores: pd.DataFrame) -> Floats:
    return percent(scores["score"], scores["low"], scores["high"])


def threat(scores: pd.DataFrame) -> pd.DataFrame:
    """Return need satisfaction as need threat: ``low + high - score``, high = need threatened.

    Parameters
    ----------
    scores : DataFrame
        As `analysis.scores.score` returns them; only rows whose role is ``need_satisfaction`` are taken.
        Such a measure is keyed so that a high score is a satisfied need.

    Returns
    -------
    DataFrame
        Those rows with role ``need_threat``, the name of the score followed by ``_threat``; a frame of
        threat holds nothing to convert, so that nothing is reversed twice.
    """
    require(scores, ["role", "subscale", "score", "low", "high"], "scores")
    needs = scores[scores["role"] == "need_satisfaction"]
    score, low, high = (needs[name].to_numpy(float) for name in ("score", "low", "high"))
    return needs.assign(
        score=reverse(score, low, high),
        subscale=needs["subscale"] + "_threat",
        high_means="need threatened",
        role="need_threat",
    )


def distress(scores: pd.DataFrame, needs: str | None = None, mood: str | None = None) -> pd.DataFrame:
    """Return the distress composite: mean of need threat and reversed mood, each first 0-100.

    A composite of this project's own, not a published scale. Both parts are required: where one is missing
    the composite is. Hurt feelings stay apart, since their words are words of pain.

    Parameters
    ----------
    scores : DataFrame
        As `analysis.scores.score` returns them. Used are the scores named ``index`` of the measures with
        role ``need_satisfaction`` and ``mood``.
    needs, mood
        Which measure to use where a stage has several of one role.

    Returns
    -------
    DataFrame
        Rows like those of `scores`: measure and role ``distress``, subscale ``index``, 0-100, high = more
        distress; one row for each form of a stage at which both parts were asked of somebody.
    """
    require(scores, [*(name for name in COLUMNS if name not in ("session", "run"))], "scores")
    index = scores[scores["subscale"] == "index"]
    threats = _part(index, "need_satisfaction", needs)
    moods = _part(index, "mood", mood)
    stages = sorted(set(threats["stage"]) & set(moods["stage"]))
    parts = [part[part["stage"].isin(stages)] for part in (threats, moods)]
    both = pd.concat(parts, ignore_index=True)
    keys = [key for key in FORM if key in both.columns]
    codes, forms = units(both, keys)
    grid = np.full((len(forms), 2), np.nan)
    for column, role in enumerate(("need_satisfaction", "mood")):
        mine = (both["role"] == role).to_numpy(bool)
        grid[codes[mine], column] = 100.0 - _percent(both[mine])
    return forms.assign(
        measure=DISTRESS,
        subscale="index",
        score=mean_with_missing(grid, 0),
        n_items=2,
        n_missing=np.isnan(grid).sum(axis=1),
        low=0.0,
        high=100.0,
        high_means="more distress",
        role=DISTRESS,
    )


def _part(index: pd.DataFrame, role: str, chosen: str | None) -> pd.DataFrame:
    part = index[index["role"] == role]
    if chosen is not None:
        part = part[part["measure"] == chosen]
    for stage, rows in part.groupby("stage"):
        names = sorted(set(rows["measure"]))
        if len(names) > 1:
            name = "mood" if role == "mood" else "needs"
            raise AnalysisError(
                f"distress at stage '{stage}': there are several measures with role '{role}' "
                f"({', '.join(names)}); choose one with {name}=..."
            )
    return part


def received(throws: pd.DataFrame) -> pd.DataFrame:
    """Count the throws of each run and how many of them reached the participant.

    Parameters
    ----------
    throws : DataFrame
        A row per throw: participant_id, session, run, condition, receiver; where there is a column task,
        practice is left out.

    Returns
    -------
    DataFrame
        participant_id, session, run, condition, throws, receptions, percent (100 receptions / throws).
    """
    keys = ["participant_id", "session", "run", "condition"]
    require(throws, [*keys, "receiver"], "throws")
    if "task" in throws.columns:
        throws = throws[throws["task"] != "practice"]
    codes, runs = units(throws, keys)
    caught = (throws["receiver"] == "participant").to_numpy(bool)
    total = np.bincount(codes, minlength=len(runs))
    mine = np.bincount(codes[caught], minlength=len(runs))
    return runs.assign(throws=total, receptions=mine, percent=100.0 * mine / total)


def received_scores(runs: pd.DataFrame) -> pd.DataFrame:
    """Return what `received` counted as scores: measure ``throws_received``, subscale ``percent``, 0-100.

    A score stays with its run: ``100 receptions / throws``. Where a run was broken off and begun again, only
    the last one counts: it is the one of which the design speaks, and the one that the forms follow. A run
    that was broken off for good counts with the throws that there are.

    Parameters
    ----------
    runs : DataFrame
        As `received` returns them or, with the place of each run in the design, as `analysis.runs.played`
        does. Where there is a place, runs without one are left out: nobody was allocated to them.
    """
    keys = ["participant_id", "session", "condition"]
    keys += ["place"] if "place" in runs.columns else ["run"]
    of_design = runs[runs[keys[-1]].notna() & (runs["throws"] > 0)].sort_values([*keys, "run"])
    last = of_design.drop_duplicates(keys, keep="last").reset_index(drop=True)
    return last[[*keys[:3], "run"]].assign(
        stage="game",
        measure=RECEIVED,
        subscale="percent",
        score=100.0 * last["receptions"] / last["throws"],
        n_items=last["throws"],
        n_missing=0,
        low=0.0,
        high=100.0,
        high_means="received more of the throws",
        role="game",
    )
