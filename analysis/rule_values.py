"""What exclusion rules look at: a value for each participant, session and condition, or a missing one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import assert_never

import numpy as np
import pandas as pd

from analysis.assignment import KEYS, assigned, with_absent
from analysis.dataset import Dataset
from analysis.errors import WrongRequestError
from analysis.frames import require
from experiment.definitions.exclusions import (
    COMPOSITES,
    AnyRule,
    AttentionRule,
    ItemRule,
    ScoreRule,
    SessionsRule,
    ThrowsRule,
    TimingRule,
    absent,
    misfit,
)
from experiment.definitions.measure import Measure

FOUND = [*KEYS, "condition", "value"]
"""The columns of what a rule looks at."""


class AppliesToNobody(Exception):
    """What a rule looks at is not in the dataset; the message says what."""


@dataclass(frozen=True)
class Seen:
    """What rules look at: everyone allocated who permits the use of their data.

    Attributes
    ----------
    sessions : DataFrame
        participant_id, session, cell, conditions, belief, outcome.
    scores : DataFrame
        Every score under its condition, missing ones included.
    answers : DataFrame
        participant_id, session, condition, measure, stage, item, value, answer; a row with a missing answer
        wherever somebody did not come to a form.
    throws : DataFrame
        The participants' own throws in the games of the design.
    timing : DataFrame
        A row per session, as `analysis.timing.by_session` returns them.
    measures
        The dataset's measures by name.
    """

    sessions: pd.DataFrame
    scores: pd.DataFrame
    answers: pd.DataFrame
    throws: pd.DataFrame
    timing: pd.DataFrame
    measures: Mapping[str, Measure]

    @property
    def conditions(self) -> set[str]:
        """Return the conditions that somebody was under."""
        told = self.sessions["conditions"].dropna()
        return {name for text in told for name in str(text).split(",")}


def seen(used: Dataset, scores: pd.DataFrame, runs: pd.DataFrame, timing: pd.DataFrame) -> Seen:
    """Return what rules look at.

    Parameters
    ----------
    used
        The dataset, of those who permit the use of their data (`analysis.flow.permitted`).
    scores : DataFrame
        All scores under their conditions.
    runs : DataFrame
        As `analysis.runs.played` returns them.
    timing : DataFrame
        As `analysis.timing.by_session` returns it.
    """
    sessions = used.sessions[used.sessions["cell"].notna()].reset_index(drop=True)
    own = used.throws[used.throws["trial_type"] == "participant_throw"]
    of_design = runs.loc[runs["place"].notna(), [*KEYS, "run", "condition"]]
    return Seen(
        sessions=sessions,
        scores=_of(scores, sessions),
        answers=_of(_answers(used, runs), sessions),
        throws=_of(own[own["task"] != "practice"].merge(of_design, on=[*KEYS, "run", "condition"]), sessions),
        timing=_of(timing, sessions),
        measures=used.measures,
    )


def _of(frame: pd.DataFrame, sessions: pd.DataFrame) -> pd.DataFrame:
    """Return the rows that belong to `sessions`, in the order of the sessions."""
    order = sessions[KEYS].assign(place=range(len(sessions)))
    return (
        frame.merge(order, on=KEYS).sort_values("place", kind="stable").drop(columns="place")
    ).reset_index(drop=True)


def _answers(used: Dataset, runs: pd.DataFrame) -> pd.DataFrame:
    """Return every answer under its condition, and a missing one wherever somebody did not come to a form."""
    ratings = used.ratings[used.ratings["measure"].isin(list(used.measures))].reset_index(drop=True)
    # An answer goes through the assignment as its place, which a form that was never reached does not have.
    places = ratings[[*KEYS, "run", "condition", "measure", "stage"]].assign(
        subscale=ratings["item"], score=np.arange(len(ratings), dtype=float), n_items=1, n_missing=0,
        low=np.nan, high=np.nan, high_means="", role="",
    )  # fmt: skip
    placed = with_absent(assigned(places, used.sessions, runs), used.sessions)
    at = placed["score"].fillna(-1).astype(int).to_numpy()
    here = at >= 0
    number = np.where(here, ratings["value"].to_numpy(float)[at] if len(ratings) else np.nan, np.nan)
    written = ratings["answer"].astype(object).to_numpy()
    answer = [written[i] if i >= 0 else None for i in at]
    return placed[[*KEYS, "condition", "measure", "stage"]].assign(
        item=placed["subscale"], value=number, answer=pd.Series(answer, index=placed.index, dtype="str")
    )


def values(rule: AnyRule, seen: Seen) -> pd.DataFrame:
    """Return what a rule looks at in those to whom it applies.

    Returns
    -------
    DataFrame
        participant_id, session, condition (missing where a value belongs to none, or to several), value (a
        number, a word, or True for a flag; missing where there is none).

    Raises
    ------
    AppliesToNobody
        Where the dataset does not have what the rule looks at.
    WrongRequestError
        Where the rule holds an answer against something that it can never be.
    """
    require(seen.sessions, [*KEYS, "conditions", "belief", "outcome"], "sessions")
    match rule:
        case ScoreRule():
            found = _of_measure(rule, seen, seen.scores, ("subscale", "score"))
        case ItemRule():
            numeric = _is_number(seen.measures.get(rule.measure), rule.item)
            found = _of_measure(rule, seen, seen.answers, ("item", "value" if numeric else "answer"))
        case AttentionRule():
            found = _wrong(rule, seen)
        case SessionsRule():
            found = _by_session(seen.sessions, seen.sessions.set_index(KEYS)["outcome"])
        case TimingRule():
            found = _by_session(seen.sessions, _timing(rule, seen.timing))
        case ThrowsRule():
            found = _of_throws(rule, seen)
        case _:
            assert_never(rule)
    return _for_whom(rule, found, seen)


def _is_number(measure: Measure | None, item: str) -> bool:
    if measure is None:
        return True
    return item in {keyed.id for keyed in measure.keyed_items("all")}


def _check(rule: ScoreRule | ItemRule | AttentionRule, seen: Seen) -> None:
    """Refuse a rule whose measure, score or item is not there, or can never be what it says."""
    known = {**dict.fromkeys(seen.measures), **dict.fromkeys(COMPOSITES)}
    if rule.measure not in known:
        raise AppliesToNobody(f"the dataset has no measure '{rule.measure}' (it has {', '.join(known)})")
    measure = seen.measures.get(rule.measure)
    lacking = absent(rule, measure)
    if lacking:
        raise AppliesToNobody(lacking)
    problem = misfit(rule, measure)
    if problem:
        raise WrongRequestError(problem)


def _at_stage(frame: pd.DataFrame, rule: ScoreRule | ItemRule | AttentionRule) -> pd.DataFrame:
    """Return the rows of a rule's measure and stage; there must be some."""
    mine = frame[frame["measure"] == rule.measure]
    stages = sorted(set(mine["stage"].dropna()))
    if rule.stage is not None:
        mine = mine[mine["stage"] == rule.stage]
    if mine.empty:
        asked = f"at the stage '{rule.stage}' (only {', '.join(stages)})" if stages else "in this dataset"
        raise AppliesToNobody(f"measure '{rule.measure}' was not asked {asked}")
    return mine


def _of_measure(
    rule: ScoreRule | ItemRule, seen: Seen, frame: pd.DataFrame, columns: tuple[str, str]
) -> pd.DataFrame:
    """Return the score or item of a rule, given the columns of its name and of its value."""
    _check(rule, seen)
    mine = _at_stage(frame, rule)
    name, value = columns
    part = rule.score if isinstance(rule, ScoreRule) else rule.item
    mine = mine[mine[name] == part]
    return mine[[*KEYS, "condition"]].assign(value=mine[value])


def _wrong(rule: AttentionRule, seen: Seen) -> pd.DataFrame:
    """Count wrong answers by form; missing where every item that expects one went unanswered."""
    _check(rule, seen)
    expected = {
        item.id: str(item.expect) for item in seen.measures[rule.measure].items if item.expect is not None
    }
    mine = _at_stage(seen.answers, rule)
    mine = mine[mine["item"].isin(list(expected))]
    # A number may be written with decimals; the words of a choice are held against as they are.
    given = [f"{v:g}" if not np.isnan(v) else a for v, a in zip(mine["value"], mine["answer"], strict=True)]
    right = mine["item"].map(expected)
    answered = mine["answer"].notna()
    wrong = (pd.Series(given, index=mine.index) != right).astype(float).where(answered)
    forms = mine.assign(value=wrong).groupby([*KEYS, "condition", "stage"], dropna=False, sort=False)
    return forms["value"].sum(min_count=1).reset_index()[FOUND]


def _timing(rule: TimingRule, timing: pd.DataFrame) -> pd.Series:
    by = timing.set_index(KEYS)
    if rule.flag is not None:
        flags = by["flags"].fillna("").astype(str)
        return pd.Series([rule.flag in own.split(",") for own in flags], index=by.index, dtype=bool)
    number = by[str(rule.number)].astype("Float64").astype(float)
    return number.abs() if rule.number == "clock_drift_ms" else number


def _by_session(sessions: pd.DataFrame, value: pd.Series) -> pd.DataFrame:
    """Return a value for each session, under its condition where it has a single one."""
    keyed = pd.MultiIndex.from_frame(sessions[KEYS])
    conditions = sessions["conditions"]
    single = conditions.where(~conditions.astype("str").str.contains(",", na=False))
    return sessions[KEYS].assign(condition=single, value=value.reindex(keyed).to_numpy())


def _of_throws(rule: ThrowsRule, seen: Seen) -> pd.DataFrame:
    """Return what a rule looks at in the throws under each condition; missing where there was none."""
    by = [*KEYS, "condition"]
    own = seen.throws
    taken = own["taken_over"].fillna(False).to_numpy(bool)
    if rule.number == "share_anticipated":
        times = own["response_time"].to_numpy(dtype=float, na_value=np.nan)
        meets = np.where(np.isnan(times) | taken, np.nan, times < (rule.faster_than_s or 0.0))
    elif rule.number == "share_taken_over":
        meets = taken.astype(float)
    else:
        meets = own["anticipations"].to_numpy(dtype=float, na_value=np.nan)
    grouped = own[by].assign(value=meets).groupby(by, sort=False)["value"]
    made = grouped.sum(min_count=1) if rule.number == "early_presses" else grouped.mean()
    due = seen.sessions[[*KEYS, "conditions"]].rename(columns={"conditions": "condition"})
    due = due.assign(condition=due["condition"].str.split(",")).explode("condition").drop_duplicates()
    return due.merge(made.reset_index(), on=by, how="left")[FOUND]


def _for_whom(rule: AnyRule, found: pd.DataFrame, seen: Seen) -> pd.DataFrame:
    """Return the rows of the conditions and beliefs for which a rule is meant; there must be some."""
    wanted = rule.conditions
    if wanted is not None:
        if not seen.conditions & set(wanted):
            has = ", ".join(sorted(seen.conditions)) or "none"
            raise AppliesToNobody(f"nobody was under {' or '.join(wanted)} (conditions: {has})")
        found = found[found["condition"].isin(wanted)]
        if found.empty:
            raise AppliesToNobody(
                "what it looks at belongs to no single condition here; leave 'conditions' away"
            )
    if rule.belief is not None:
        told = found[KEYS].merge(seen.sessions[[*KEYS, "belief"]], on=KEYS, how="left")["belief"]
        found = found[told.isin(rule.belief).to_numpy(bool)]
        if found.empty:
            has = ", ".join(sorted(set(seen.sessions["belief"].dropna())))
            raise AppliesToNobody(f"nobody was told belief = {' or '.join(rule.belief)} (there is: {has})")
    return found.reset_index(drop=True)
