"""Who is in the tables: sessions to permission, and participants from allocation to each analysis."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from analysis.attrition import allocated, groups_of
from analysis.dataset import Dataset
from analysis.exclusions import LeftOut
from analysis.frames import distinct, units
from experiment.columns import OUTCOMES, PERMISSIONS
from experiment.definitions.exclusions import bound, looks_at


def permitted(data: Dataset) -> Dataset:
    """Return the dataset with only the sessions whose participant lets the data be used.

    Refused and unanswered alike are left out, as is data without a line in sessions.tsv; `flow` counts them.
    What was said of the files of those who did not permit it goes too, since it may quote an answer.
    """
    sessions = data.sessions[data.sessions["permission"] == "granted"].reset_index(drop=True)
    kept = set(zip(sessions["participant_id"], sessions["session"], strict=True))

    def of_kept(frame: pd.DataFrame) -> pd.DataFrame:
        codes, keys = units(frame, ["participant_id", "session"])
        pairs = zip(keys["participant_id"], keys["session"], strict=True)
        inside = np.fromiter((pair in kept for pair in pairs), bool, len(keys))[codes]
        return frame if inside.all() else frame[inside].reset_index(drop=True)

    known = set(zip(data.sessions["participant_id"], data.sessions["session"], strict=True))
    unsaid = {f"{person}/{session}" for person, session in known - kept}
    people = data.participants["participant_id"].isin(sessions["participant_id"])
    return replace(
        data,
        sessions=sessions,
        throws=of_kept(data.throws),
        phases=of_kept(data.phases),
        others=of_kept(data.others),
        pain=of_kept(data.pain),
        ratings=of_kept(data.ratings),
        participants=data.participants[people].reset_index(drop=True),
        skipped=tuple(each for each in data.skipped if _session_of(each.place) not in unsaid),
        warnings=tuple(each for each in data.warnings if _session_of(each.place) not in unsaid),
    )


def _session_of(place: str) -> str:
    """Return participant and session of a place within a dataset."""
    return "/".join(place.split("/")[:2])


def flow(data: Dataset) -> pd.DataFrame:
    """Count sessions by cell: begun, how they ended, and whether the data may be used.

    Returns
    -------
    DataFrame
        cell (in the order of the design, last a missing one: none was drawn), sessions, a column per outcome,
        a column per answer to the permission question, ``in_tables``: those with permission, and
        ``broken_off``: how many runs of the game were broken off. Below them the row ``all``.
    """
    cells = data.sessions["cell"]
    found = set(cells.dropna())
    order = [name for name in dict.fromkeys((*data.cells, *data.conditions)) if name in found]
    order += sorted(found - set(order))
    rows = [_counts(name, data.sessions[(cells == name).to_numpy(bool)]) for name in order]
    if cells.isna().any():
        rows.append(_counts(None, data.sessions[cells.isna().to_numpy(bool)]))
    return pd.DataFrame([*rows, _counts("all", data.sessions)])


def _counts(cell: str | None, sessions: pd.DataFrame) -> dict[str, str | int | None]:
    return (
        {"cell": cell, "sessions": len(sessions)}
        | {outcome: int((sessions["outcome"] == outcome).sum()) for outcome in OUTCOMES}
        | {answer: int((sessions["permission"] == answer).sum()) for answer in PERMISSIONS}
        | {"in_tables": int((sessions["permission"] == "granted").sum())}
        | {"broken_off": sum(len(str(runs).split(",")) for runs in sessions["incomplete"].dropna())}
    )


FLOW = ("file", "condition", "step", "rule", "reason", "looks_at", "criterion", "n", "n_any")


def exclusion_flow(
    sessions: pd.DataFrame, tested: pd.DataFrame, left: LeftOut, order: Sequence[str] = ()
) -> pd.DataFrame:
    """Count participants by condition from allocation to what each file of rules leaves.

    Parameters
    ----------
    sessions : DataFrame
        All sessions of the dataset: participant_id, cell, conditions, outcome, permission.
    tested : DataFrame
        The scores that are compared: participant_id, condition, score.
    left
        Whom the files leave out.
    order
        The conditions in the order of the design.

    Returns
    -------
    DataFrame
        file, condition (``several`` where participants go through several; last ``all``), step, rule, reason,
        looks_at, criterion, n, n_any. The steps: ``allocated`` (a cell was drawn) - ``no_permission`` =
        ``permitted``; - ``no_score`` (permitted, no score that is compared) = ``analysed``, the primary
        analysis; - a row ``excluded`` for each rule = ``left``. Whoever meets several rules is counted in n
        under the first of them, and in n_any under each. No rows without a file of rules.
    """
    people = allocated(sessions)
    scored = distinct(tested.loc[tested["score"].notna() & tested["condition"].notna(), "participant_id"])
    rows: list[tuple[object, ...]] = []
    for file in left.files:
        met = left.of(file)
        for name, own in groups_of(people, order):
            permitted_ones = own[own["permission"] == "granted"]
            used = set(permitted_ones["participant_id"]) & scored
            mine = met[met["participant_id"].isin(used)]
            steps = {
                "allocated": len(own),
                "no_permission": len(own) - len(permitted_ones),
                "permitted": len(permitted_ones),
                "no_score": len(permitted_ones) - len(used),
                "analysed": len(used),
            }
            rows += [(file.name, name, step, None, None, None, None, n, None) for step, n in steps.items()]
            for number, rule in enumerate(file.definition.rules, start=1):
                by_rule = mine[mine["rule"] == number]
                told = (number, rule.reason, looks_at(rule), bound(rule))
                rows.append((file.name, name, "excluded", *told, int(by_rule["first"].sum()), len(by_rule)))
            gone = mine["participant_id"].nunique()
            rows.append((file.name, name, "left", None, None, None, None, len(used) - gone, None))
    return pd.DataFrame(rows, columns=list(FLOW)).astype({"rule": "Int64", "n": "Int64", "n_any": "Int64"})
