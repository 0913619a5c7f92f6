"""The rows of the written tables, as the report takes them: every number knows the file, row and column."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from analysis.frames import same
from analysis.results import Summary
from analysis.wording import digits_for


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a written table.

    Attributes
    ----------
    table, number
        The table, which is written as ``table.tsv``, and the row below its heading, from 0.
    values
        The values by column.
    digits
        Decimals with which values on the scale of the row's score are shown.
    """

    table: str
    number: int
    values: Mapping[str, Any]
    digits: int = 2

    def has(self, *columns: str) -> bool:
        """Return whether all columns are there and have a value."""
        return all(name in self.values and not pd.isna(self.values[name]) for name in columns)

    def value(self, column: str) -> float:
        """Return a number; NaN where there is none."""
        return float(self.values[column]) if self.has(column) else float("nan")

    def text(self, column: str) -> str:
        """Return a text; empty where there is none."""
        return str(self.values[column]) if self.has(column) else ""


class Tables:
    """The tables of a summary, by name.

    Parameters
    ----------
    summary
        Its frames, and the titles of the measures.
    roles
        What each measure is for.
    """

    def __init__(self, summary: Summary, roles: Mapping[str, str]) -> None:
        self.summary = summary
        self._frames = {name: table.reset_index(drop=True) for name, table in summary.tables().items()}
        described = self._frames["by_condition"]
        own = zip(described["measure"], described["role"], strict=True)
        self._roles = {**roles, **{str(measure): str(role) for measure, role in own}}
        self._digits = {
            (row["measure"], row["subscale"]): digits_for(row["low"], row["high"])
            for row in described.drop_duplicates(["measure", "subscale"]).to_dict("records")
        }

    def has(self, name: str) -> bool:
        """Return whether a table is there and has rows."""
        return name in self._frames and not self._frames[name].empty

    def rows(self, name: str, **where: object) -> list[Row]:
        """Return the rows of a table whose columns have these values; none where there is no such table."""
        if not self.has(name):
            return []
        frame = self._frames[name]
        for column, value in where.items():
            if column not in frame.columns:
                return []
            frame = frame[same(frame[column], value)]
        return [
            Row(name, int(str(place)), {str(column): value for column, value in values.items()},
                self._digits.get((values.get("measure"), values.get("subscale")), 2))
            for place, values in zip(frame.index, frame.to_dict("records"), strict=True)
        ]  # fmt: skip

    def asked(self, *roles: str) -> list[tuple[str, str]]:
        """Return measure and stage of every described score whose measure has one of these roles."""
        rows = [row for row in self.rows("by_condition") if self.role(row) in roles]
        found = dict.fromkeys((row.text("measure"), row.text("stage")) for row in rows)
        return sorted(found, key=lambda pair: roles.index(self._roles[pair[0]]))

    def role(self, row: Row) -> str:
        """Return what the measure of a row is for."""
        return self._roles.get(row.text("measure"), "")

    def short(self, measure: str) -> str:
        """Return a title without what follows its first comma, where no other measure has the same."""
        short = self.title(measure).partition(",")[0]
        others = [self.title(name).partition(",")[0] for name in self.summary.titles if name != measure]
        return self.title(measure) if short in others else short

    def title(self, measure: str) -> str:
        """Return how a measure is called."""
        known = {"distress": "Distress", "throws_received": "Throws received"}
        return known.get(measure) or self.summary.titles.get(measure, in_words(measure))


def in_words(name: object) -> str:
    """Return the name of a condition, score or level as it stands in a sentence."""
    return str(name).replace("_", " ")
