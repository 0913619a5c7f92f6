"""Names as they are read in a figure, and the sentences that several captions share."""

from __future__ import annotations

from collections.abc import Iterable
from textwrap import fill

import pandas as pd

from analysis.results import Summary

OWN = {"distress": "Distress, a composite of this project's own", "throws_received": "Throws received"}
"""Titles of what no measure file has."""

NO_CONDITION = "all participants"


def readable(name: object) -> str:
    """Return a name of a file or column as words."""
    return str(name).replace("_", " ").replace(".", ", ")


def named(condition: object) -> str:
    """Return a condition as words."""
    return NO_CONDITION if pd.isna(condition) else readable(condition)  # type: ignore[call-overload]


def cell_named(cell: object) -> str:
    """Return a cell of the design as words: its levels after commas, its conditions in their order."""
    return " \N{EN DASH} ".join(named(part) for part in str(cell).split("-"))


def at_stage(stage: object) -> str:
    """Return when a score was taken, as a sentence goes on."""
    return "counted in the game" if stage == "game" else f"{readable(stage)} stage"


def wrapped(name: str, width: int) -> str:
    """Break a name into lines of about `width` letters."""
    return fill(name, width, break_long_words=True)


def capital(text: str) -> str:
    """Return a text with a large first letter."""
    return text[:1].upper() + text[1:]


def title_of(summary: Summary, measure: object) -> str:
    """Return the title of a measure."""
    return summary.titles.get(str(measure)) or OWN.get(str(measure)) or capital(readable(measure))


def file_name(*parts: object) -> str:
    """Return a file's stem: lower case, words joined by underscores."""
    text = "_".join(str(part) for part in parts).lower()
    return "_".join("".join(c if c.isascii() and c.isalnum() else " " for c in text).split())


def listed(texts: Iterable[str]) -> str:
    """Return ``a, b and c``."""
    *most, last = list(texts) or ["none"]
    return f"{', '.join(most)} and {last}" if most else last


def direction(rows: pd.DataFrame) -> str:
    """Return what a high score means, as the label of an axis says it: the scale first."""
    row = rows.iloc[0]
    scale = "" if pd.isna(row["low"]) else f"{row['low']:g} to {row['high']:g}; "
    return f"{scale}high = {row['high_means']}"


def counts(rows: pd.DataFrame) -> str:
    """Return how many participants each condition has: ``n = 14 (inclusion) and 12 (exclusion)``."""
    told = rows.drop_duplicates("condition")
    return "n = " + listed(
        f"{n} ({named(condition)})" for condition, n in zip(told["condition"], told["n"], strict=True)
    )


def simulated(summary: Summary) -> str:
    """Return the sentence that says so where the participants were simulated."""
    return " The participants are simulated." if summary.simulated else ""
