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
        ratings=of_kept(data.ratings),
        participants=data.participants[people].reset_index(drop=True),
    )


def flow(data: Dataset) -> pd.DataFrame:
    """Count sessions by cell: begun, how they ended, and whether the data may be used.

    Returns
    -------
    DataFrame
        cell (``n/a``: none was drawn), sessions, a column per outcome, a column per answer to the
        permission question, and ``in_tables``: those with permission. Last the row ``all``.
    """
    cells = data.sessions["cell"].astype(object).where(data.sessions["cell"].notna(), "n/a")
    found = set(cells)
    order = [c for c in data.conditions if c in found] + sorted(found - {*data.conditions, "n/a"})
    order += ["n/a"] if "n/a" in found else []
    rows = []
    for cell in [*order, "all"]:
        chosen = data.sessions if cell == "all" else data.sessions[(cells == cell).to_numpy()]
        rows.append(
            {"cell": cell, "sessions": len(chosen)}
            | {outcome: int((chosen["outcome"] == outcome).sum()) for outcome in OUTCOMES}
            | {answer: int((chosen["permission"] == answer).sum()) for answer in PERMISSIONS}
            | {"in_tables": int((chosen["permission"] == "granted").sum())}
        )
    return pd.DataFrame(rows)
