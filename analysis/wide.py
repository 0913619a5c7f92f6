"""One row per participant and one column per score: the table for SPSS, JASP and R.

A column is named ``measure_subscale_stage``, such as ``needs_belonging_reflexive``; within participants the
condition follows: ``needs_belonging_reflexive_exclusion``. `analysis.naming` says what makes a name,
`analysis.codebook` what each column means, `analysis.programs` which program reads which file.
"""

from __future__ import annotations

import pandas as pd

from analysis.factors import levels_in
from analysis.frames import SCORE, among, one_per_participant, require
from analysis.naming import name, unique

PERSON = ("age", "gender", "handedness", "simulated")
OF_SESSION = ("protocol", "cell", "stratum", "belief", "outcome")
KEYS = [*SCORE, "condition", "session"]
TAKEN = ("participant_id", *PERSON, "n_sessions", *OF_SESSION, "condition", "order")


def variables(people: pd.DataFrame, scores: pd.DataFrame | None = None) -> pd.DataFrame:
    """Name the columns of the scores.

    Parameters
    ----------
    people : DataFrame
        participant_id, measure, stage, subscale, condition, score: one value per participant and condition
        (`analysis.frames.one_per_participant`); their order is that of the columns.
    scores : DataFrame, optional
        The scores below these values, with their session. Where a participant has one under the same
        condition in several sessions, each session has a column too, beside that of the mean.

    Returns
    -------
    DataFrame
        variable, measure, stage, subscale, condition (missing between participants) and session (missing for
        the value over all sessions).
    """
    require(people, [*SCORE, "condition", "participant_id"], "scores by participant")
    of_all = people[[*SCORE, "condition"]].drop_duplicates().assign(session=None)
    found = _keyed(of_all, people)
    if scores is not None and _several_sessions(scores):
        own = _keyed(scores, people)
        sessions = own.groupby([*KEYS[:-1], "participant_id"], dropna=False)["session"].transform("nunique")
        again = among(own, own[sessions > 1], KEYS[:-1])
        found = pd.concat([found, own[again].sort_values("session", kind="stable")], ignore_index=True)
    found = found[KEYS].drop_duplicates().reset_index(drop=True)
    parts = found[["measure", "subscale", "stage", "condition", "session"]].to_numpy(object)
    plain = [name(*(str(part) for part in row if part is not None)) for row in parts]
    found.insert(0, "variable", unique(plain, TAKEN))
    return found


def _several_sessions(scores: pd.DataFrame) -> bool:
    """Return whether anybody has scores from more than one session."""
    pairs = scores[["participant_id", "session"]].drop_duplicates()
    return bool(pairs["participant_id"].duplicated().any())


def _keyed(rows: pd.DataFrame, people: pd.DataFrame) -> pd.DataFrame:
    """Return rows whose condition stands only where a participant has the score under several; None else."""
    counts = people.groupby([*SCORE, "participant_id"])["condition"].nunique(dropna=False)
    within = among(rows, counts[counts > 1].reset_index(), SCORE)
    made = rows.astype(dict.fromkeys(KEYS, object))
    made["condition"] = made["condition"].where(within)
    return made.assign(**{key: made[key].where(made[key].notna(), None) for key in KEYS})


def wide(
    people: pd.DataFrame,
    sessions: pd.DataFrame,
    participants: pd.DataFrame,
    scores: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Return one row per participant: who they are, what they went through, and every score.

    Parameters
    ----------
    people, scores
        As `variables` takes them. The numbers are those of the other tables: where a participant has several
        runs or sessions under a condition, their mean.
    sessions : DataFrame
        participant_id, session, conditions, factors and the columns of `OF_SESSION`; a row per session.
    participants : DataFrame
        participant_id and the columns of `PERSON`.

    Returns
    -------
    DataFrame
        participant_id, age, gender, handedness, simulated (1 or 0), n_sessions, then of the session protocol,
        cell, stratum, belief, outcome, condition (missing where there were several), order (conditions as
        they were to be played, joined by ``>``) and a column ``factor_<name>`` for each factor, then the
        scores. Where somebody has several sessions, the columns of the session end in its label, such as
        ``cell_ses_01``. Sorted by participant_id.
    """
    require(sessions, ["participant_id", "session", "conditions", "factors", *OF_SESSION], "sessions")
    require(participants, ["participant_id", *PERSON], "participants")
    everyone = sorted({*people["participant_id"], *sessions["participant_id"]})
    index = pd.Index(everyone, name="participant_id", dtype="str")
    person = participants.drop_duplicates("participant_id").set_index("participant_id")[list(PERSON)]
    person = person.assign(simulated=person["simulated"].astype("boolean").astype("Int64"))
    n_sessions = sessions.groupby("participant_id")["session"].nunique()
    parts = [
        person.reindex(index),
        n_sessions.reindex(index, fill_value=0).rename("n_sessions").to_frame(),
        _of_sessions(sessions).reindex(index),
        _of_scores(people, scores).reindex(index),
    ]
    return pd.concat(parts, axis=1).rename_axis("participant_id").reset_index()


def _of_sessions(sessions: pd.DataFrame) -> pd.DataFrame:
    """Return what each participant went through; columns end in the session where somebody has several."""
    plans = [text.split(",") if isinstance(text, str) else [] for text in sessions["conditions"]]
    told = [levels_in(text) if isinstance(text, str) else {} for text in sessions["factors"]]
    known = dict.fromkeys(factor for levels in told for factor in levels)
    made = {
        **{column: sessions[column].tolist() for column in ("participant_id", "session", *OF_SESSION)},
        "condition": [plan[0] if len(set(plan)) == 1 else None for plan in plans],
        "order": [">".join(plan) or None for plan in plans],
        **{name("factor", factor): [levels.get(factor) for levels in told] for factor in known},
    }
    table = pd.DataFrame(made, dtype="str")
    if not table["participant_id"].duplicated().any():
        return table.drop(columns="session").set_index("participant_id")
    parts = []
    for label, own in table.groupby("session", sort=True):
        one = own.drop(columns="session").set_index("participant_id")
        parts.append(one.set_axis([name(column, str(label)) for column in one.columns], axis=1))
    return pd.concat(parts, axis=1)


def _of_scores(people: pd.DataFrame, scores: pd.DataFrame | None) -> pd.DataFrame:
    """Return a column for each of the `variables`, a row for each participant."""
    columns = variables(people, scores)
    parts = [_keyed(people.assign(session=None), people)]
    if columns["session"].notna().any() and scores is not None:
        for label, own in scores.groupby("session", sort=True):
            parts.append(_keyed(one_per_participant(own).assign(session=label), people))
    kept = ["participant_id", *KEYS, "score"]
    values = pd.concat([part[kept] for part in parts], ignore_index=True).merge(columns, on=KEYS)
    # Unlike pivot_table, pivot refuses to put two values into one place.
    grid = values.pivot(index="participant_id", columns="variable", values="score")  # noqa: PD010
    return grid.reindex(columns=pd.Index(columns["variable"], dtype="str")).rename_axis(columns=None)
