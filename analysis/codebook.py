"""What every column of the wide table means, how it is keyed and how missing is written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from analysis.frames import distinct
from analysis.wide import KEYS, variables

MISSING_CODES = "n/a in wide.tsv, empty in wide.csv"

ABOUT = {
    "participant_id": "Code of the participant",
    "age": "Age, as answered (years)",
    "gender": "Gender, as answered",
    "handedness": "Hand preferred, as answered",
    "simulated": "Simulated participant (1) or person (0)",
    "n_sessions": "Number of sessions that may be used",
    "protocol": "Protocol",
    "cell": "Cell of the design; missing where none was drawn",
    "stratum": "Stratum within which the cell was drawn",
    "belief": "What the participant was told of the co-players",
    "outcome": "How the session ended",
    "condition": "Condition, where the participant was to go through one only",
    "order": "Conditions in the order in which they were to be played",
}
NUMBERS = ("age", "simulated", "n_sessions")

COLUMNS = ["variable", "label", "kind", "measure", "subscale", "stage", "condition", "session"]
COLUMNS += ["low", "high", "high_means", "values", "n", "n_missing", "missing_code"]


def codebook(
    table: pd.DataFrame,
    people: pd.DataFrame,
    scores: pd.DataFrame,
    titles: Mapping[str, str],
    conditions: Sequence[str] = (),
) -> pd.DataFrame:
    """Describe the columns of a wide table, a row for each, in their order.

    Parameters
    ----------
    table : DataFrame
        As `analysis.wide.wide` returns it for `people` and `scores`.
    people, scores
        As `analysis.wide.wide` takes them; `scores` also with low, high and high_means.
    titles
        The titles of the measures.
    conditions
        The conditions in the order of the design, which is that of the values of ``condition``.

    Returns
    -------
    DataFrame
        variable, label, kind (``number`` or ``text``), measure, subscale, stage, condition and session
        (missing where the variable is no score, or stands for all), low, high, high_means, values (what a
        text may be, in the order of the design where there is one, joined by ``; ``; missing where there are
        more than `MOST_VALUES`), n (participants with a value), n_missing, missing_code.
    """
    scales = scores[["measure", "subscale", "low", "high", "high_means"]]
    scales = scales.drop_duplicates(["measure", "subscale"])
    scored = variables(people, scores).merge(scales, on=["measure", "subscale"], how="left")
    by_name = {str(row["variable"]): row for row in scored.to_dict("records")}
    rows: list[dict[Any, Any]] = []
    for column in map(str, table.columns):
        values = table[column]
        own = by_name.get(column, {})
        number = bool(own) or column in NUMBERS
        rows.append(
            {
                **own,
                "variable": column,
                "label": _score_label(own, titles) if own else _label(column),
                "kind": "number" if number else "text",
                "values": None if number else _values(column, values, conditions),
                "n": int(values.notna().sum()),
                "n_missing": int(values.isna().sum()),
                "missing_code": MISSING_CODES,
            }
        )
    made = pd.DataFrame(rows, columns=COLUMNS)
    texts = [*KEYS, "high_means", "values"]
    return made.astype({"low": float, "high": float}).assign(
        **{column: made[column].astype("str") for column in texts}
    )


MOST_VALUES = 30
"""A text with more values than this has no list of them: a code of its own for each participant, say."""


def _values(column: str, values: pd.Series, conditions: Sequence[str]) -> str | None:
    found = sorted({str(value) for value in distinct(values)})
    if not found or len(found) > MOST_VALUES or column == "participant_id":
        return None
    order = [each for each in conditions if each in found]
    return "; ".join([*order, *(each for each in found if each not in order)])


def _label(column: str) -> str:
    """Return what a column that is no score means; it may end in a session, or be a factor of the design."""
    if column in ABOUT:
        return ABOUT[column]
    stem, _, session = column.partition("_ses_")
    if stem in ABOUT:
        return f"{ABOUT[stem]} (ses-{session})"
    return f"Level of the factor {stem.removeprefix('factor_')}" + (f" (ses-{session})" if session else "")


def _score_label(row: Mapping[object, object], titles: Mapping[str, str]) -> str:
    """Return measure, score, stage and direction in words."""
    measure = str(row["measure"])
    parts = [titles.get(measure, measure), str(row["subscale"]), str(row["stage"])]
    if not pd.isna(row["condition"]):  # type: ignore[call-overload]
        parts.append(str(row["condition"]))
    if not pd.isna(row["session"]):  # type: ignore[call-overload]
        parts.append(str(row["session"]))
    return f"{': '.join(parts[:2])}, {', '.join(parts[2:])} (high = {row['high_means']})"
