"""What correlations of pain and distress are adjusted for, beside the condition."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.composites import percent
from analysis.factors import levels_in
from analysis.frames import Floats

ORDER, AFFECT = "order", "negative_affect"
USUAL = (ORDER, "age", "gender", AFFECT)
MOST_ORDERS = 6
"""More orders than this, and each has too few participants to tell what it does (our choice)."""


@dataclass(frozen=True)
class People:
    """What is known of the participants.

    Attributes
    ----------
    strata : Series
        By participant, the levels of the factors that the design crosses with the conditions, as a text.
    factors
        Names of these factors.
    covariates : DataFrame
        By participant, a column for each covariate that was asked.
    notes
        What was not asked, or cannot be used.
    """

    strata: pd.Series
    factors: tuple[str, ...]
    covariates: pd.DataFrame
    notes: tuple[str, ...]

    def design(self, participants: pd.Series) -> tuple[Floats, list[str]]:
        """Return the covariates of these participants as columns, and their names; none is missing."""
        columns, names = [], []
        for name in self.covariates.columns:
            values = self.covariates[name].reindex(participants)
            if len(set(values)) < 2:
                continue
            names.append(str(name))
            if pd.api.types.is_numeric_dtype(values):
                columns.append(values.to_numpy(float)[:, None])
            else:
                given = values.astype(str).to_numpy()
                columns.append((given[:, None] == np.unique(given)[None, 1:]).astype(float))
        return (np.hstack(columns) if columns else np.empty((len(participants), 0))), names


def people(
    scores: pd.DataFrame,
    sessions: pd.DataFrame,
    participants: pd.DataFrame,
    further: pd.DataFrame | None = None,
) -> People:
    """Collect order, age, gender, negative affect before the game, and what the analyst named.

    Parameters
    ----------
    scores : DataFrame
        All scores; the index of a mood measure at baseline, reversed and as percent of its maximum, is
        negative affect.
    sessions : DataFrame
        participant_id, conditions (in their order), factors.
    participants : DataFrame
        participant_id and, where they were asked, age and gender.
    further : DataFrame, optional
        participant_id and a column for each covariate that the analyst named.
    """
    everyone = pd.Index(sorted(set(sessions["participant_id"])))
    strata, factors, notes = _strata(sessions, everyone)
    found: dict[str, pd.Series] = {}
    order, said = _order(sessions, factors)
    notes += said
    if order is not None:
        found[ORDER] = order
    for name in ("age", "gender"):
        if name in participants.columns:
            found[name] = participants.drop_duplicates("participant_id").set_index("participant_id")[name]
    affect = _negative_affect(scores)
    if affect is not None:
        found[AFFECT] = affect
    for name in () if further is None else further.columns:
        if name not in found and name != "participant_id":
            assert further is not None
            found[str(name)] = further.set_index("participant_id")[name]
    kept = {name: values.reindex(everyone) for name, values in found.items()}
    kept = {name: values for name, values in kept.items() if len(set(values.dropna())) > 1}
    stratified = {ORDER} if any(ORDER in factor for factor in factors) else set()
    lacking = [name for name in USUAL if name not in kept and name not in stratified]
    if lacking:
        named = ", ".join(name.replace("_", " ") for name in lacking)
        notes.append(f"Not asked, or the same for everybody, so nothing is adjusted for it: {named}.")
    return People(strata, factors, pd.DataFrame(kept, index=everyone), tuple(notes))


def _strata(sessions: pd.DataFrame, everyone: pd.Index) -> tuple[pd.Series, tuple[str, ...], list[str]]:
    """Return the levels of everybody's factors as a text; factors that change within somebody are none."""
    given: dict[str, dict[str, set[str]]] = {}
    for person, text in sessions[["participant_id", "factors"]].itertuples(index=False):
        for factor, level in levels_in(text).items() if isinstance(text, str) else ():
            given.setdefault(factor, {}).setdefault(person, set()).add(level)
    constant = [name for name, own in given.items() if all(len(levels) == 1 for levels in own.values())]
    notes = [
        f"The factor {name} changes within participants; values are their means over its levels."
        for name in given
        if name not in constant
    ]
    texts = {
        person: ", ".join(f"{name} {''.join(given[name].get(person, {'unknown'}))}" for name in constant)
        for person in everyone
    }
    return pd.Series(texts, index=everyone, dtype="str"), tuple(constant), notes


def _order(sessions: pd.DataFrame, factors: tuple[str, ...]) -> tuple[pd.Series | None, list[str]]:
    """Return the order of everybody's conditions, where it varies and no factor says it already."""
    if any(ORDER in factor for factor in factors):
        return None, []
    told = sessions[sessions["conditions"].fillna("").astype(str).str.contains(",")]
    orders = told.drop_duplicates("participant_id").set_index("participant_id")["conditions"].astype(str)
    if orders.nunique() > MOST_ORDERS:
        return None, [f"There are {orders.nunique()} orders of the conditions, too many to adjust for."]
    return (orders if len(set(orders)) > 1 else None), []


def _negative_affect(scores: pd.DataFrame) -> pd.Series | None:
    """Return mood at baseline, reversed, 0-100; None where no measure, or more than one, has it."""
    rows = scores[
        (scores["role"] == "mood") & (scores["stage"] == "baseline") & (scores["subscale"] == "index")
    ]
    if len(set(rows["measure"])) != 1:
        return None
    values = 100.0 - percent(rows["score"], rows["low"], rows["high"])
    return rows.assign(value=values).groupby("participant_id")["value"].mean()
