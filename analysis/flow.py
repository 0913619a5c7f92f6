"""Who is in the tables: the count of sessions from beginning to permission."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from analysis.dataset import Dataset
from experiment.columns import OUTCOMES, PERMISSIONS


def permitted(data: Dataset) -> Dataset:
    """Return the dataset with only the sessions whose participant lets the data be used.

    Refused and unanswered alike are left out, as is data without a line in sessions.tsv; `flow` counts them.
    """
    sessions = data.sessions[data.sessions["permission"] == "granted"].reset_index(drop=True)
    kept = set(zip(sessions["participant_id"], sessions["session"], strict=True))

    def of_kept(frame: pd.DataFrame) -> pd.DataFrame:
        keys = list(zip(frame["participant_id"], frame["session"], strict=True))
        return frame[np.fromiter((key in kept for key in keys), bool, len(keys))].reset_index(drop=True)

    people = data.participants["participant_id"].isin(sessions["participant_id"])
    return replace(
        data,
        sessions=sessions,
        throws=of_kept(data.throws),
        phases=of_kept(data.phases),
        others=of_kept(data.others),
        ratings=of_kept(data.ratings),
        participants=data.participants[people].reset_index(drop=True),
    )


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
    order = [name for name in data.cells if name in found]
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
