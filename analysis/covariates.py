"""What the mixed models may be adjusted for: answers, levels of factors, and the score at baseline."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from analysis.dataset import Dataset
from analysis.errors import AnalysisError, WrongRequestError
from analysis.factors import levels_in

BASELINE = "baseline"
NOT_OFFERED = frozenset({"participant_id", "simulated"})


def covariates(data: Dataset, names: Sequence[str]) -> pd.DataFrame:
    """Return what the participants gave for each name; `BASELINE` is left to the models.

    Offered are the columns of participants.tsv, the factors of the design, and the items of measures whose
    role is ``demographics``: of several answers of a participant the first one counts.

    Parameters
    ----------
    data
        The dataset whose participants are used.
    names
        What the analyst asks for.

    Returns
    -------
    DataFrame
        participant_id, and a column for each name: numbers where all that is there are numbers, else texts.

    Raises
    ------
    AnalysisError
        For a name that no table has.
    """
    found = pd.DataFrame({"participant_id": sorted(set(data.sessions["participant_id"]))})
    if not names:
        return found
    offered = _offered(data)
    for name in names:
        if name == BASELINE:
            if not (data.ratings["stage"] == BASELINE).any():
                raise AnalysisError(
                    f"covariate '{name}': no measure was asked at baseline; {_allowed(offered)}"
                )
            continue
        if name not in offered:
            raise WrongRequestError(f"covariate '{name}' is in no table; {_allowed([*offered, BASELINE])}")
        values = found["participant_id"].map(offered[name])
        numbers = pd.to_numeric(values, errors="coerce")
        is_number = bool((numbers.notna() == values.notna()).all())
        found[name] = numbers.astype(float) if is_number else values.astype("str")
    return found


def _allowed(names: Sequence[str] | dict[str, pd.Series]) -> str:
    return f"there are: {', '.join(names) or 'none'}"


def _offered(data: Dataset) -> dict[str, pd.Series]:
    """Return for each name the values by participant."""
    plain = [name for name, measure in data.measures.items() if measure.role == "demographics"]
    items = data.ratings[data.ratings["measure"].isin(plain) & data.ratings["text_ref"].isna()]
    by_name = {str(name): _first(rows, "answer") for name, rows in items.groupby("item", sort=False)}
    given = data.sessions[data.sessions["factors"].notna()]
    for factor in dict.fromkeys(name for text in given["factors"] for name in levels_in(text)):
        own = given["factors"].map(lambda text, name=factor: levels_in(text).get(name))
        levels = given.assign(level=own)
        by_name[factor] = _first(levels, "level")
    for column in data.participants.columns:
        if column not in NOT_OFFERED:
            by_name[str(column)] = _first(data.participants, str(column))
    return {name: values for name, values in by_name.items() if len(values)}


def _first(rows: pd.DataFrame, column: str) -> pd.Series:
    known = rows[rows[column].notna()].drop_duplicates("participant_id")
    return known.set_index("participant_id")[column]
