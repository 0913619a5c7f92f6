"""What is strange about rows of events that can be read: said, and put right only where nothing is lost."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.files import Warned
from analysis.frames import Codes
from analysis.tables import Tables

THROWS = ("coplayer_to_participant", "coplayer_to_coplayer", "participant_throw")
"""The kinds of event that are throws."""

ROUNDING_S = 1e-5
"""Times are written to the microsecond; two that touch may overlap by its rounding."""


def is_throw(events: pd.DataFrame) -> npt.NDArray[np.bool_]:
    """Return which events are throws: of their kind, and with somebody who throws and who receives."""
    whole = events["thrower"].notna() & events["receiver"].notna()
    return np.asarray(events["trial_type"].isin(THROWS) & whole, dtype=bool)


def looked_over(tables: Tables) -> Tables:
    """Return tables of events with their rows in order of time, and a warning for all that is strange.

    Rows out of order are sorted by onset, those without one last. Everything else stays as it is: rows
    without an onset, durations below 0, throws in the air at once, rows that come twice, throws that do not
    say who throws to whom (which are none of `Dataset.throws` then). Throws without a number are counted.
    """
    at = _Rows(tables.frame, tables.file_of_row())
    warned = list(tables.warned)
    late = at.before(at.onset)
    if late.any():
        order = np.lexsort((np.where(np.isfinite(at.onset), at.onset, np.inf), at.file))
        warned += _said(tables, at.file[1:][late], "{n} out of order: sorted by onset")
        at = _Rows(tables.frame.iloc[order].reset_index(drop=True), at.file[order])
    for wrong, what in (
        (~np.isfinite(at.onset), "{n} without an onset: last in their run"),
        (at.duration < 0, "{n} with a duration below 0"),
        (at.overlapping(), "{n} of a throw that begins while another ball flies"),
        (at.twice(), "{n} that stood there already: counted as often as they are there"),
        (at.nameless(), "{n} of a throw without a thrower or receiver: not counted as throws"),
    ):
        warned += _said(tables, at.file[wrong], what)
    unnumbered = at.unnumbered()
    warned += _said(tables, at.file[unnumbered], "{n} of a throw without its number: counted in their order")
    return replace(tables, frame=at.numbered(unnumbered), warned=[*warned, *_without_throws(tables, at)])


@dataclass(frozen=True, slots=True)
class _Rows:
    """Events, and the number of the file of each row."""

    frame: pd.DataFrame
    file: Codes

    @property
    def onset(self) -> npt.NDArray[np.float64]:
        return self.frame["onset"].to_numpy(float)

    @property
    def duration(self) -> npt.NDArray[np.float64]:
        return self.frame["duration"].to_numpy(float)

    def before(self, onset: npt.NDArray[np.float64]) -> npt.NDArray[np.bool_]:
        """Return for each row but the first whether it is earlier than the row before it in its file."""
        earlier = (onset[1:] < onset[:-1]) | (np.isnan(onset[:-1]) & ~np.isnan(onset[1:]))
        return np.asarray(earlier & (self.file[1:] == self.file[:-1]), dtype=bool)

    def overlapping(self) -> npt.NDArray[np.bool_]:
        thrown = np.flatnonzero(self.frame["trial_type"].isin(THROWS).to_numpy(bool))
        onset, file = self.onset[thrown], self.file[thrown]
        ends = onset + self.duration[thrown]
        found = np.zeros(len(self.file), dtype=bool)
        found[thrown[1:]] = (onset[1:] < ends[:-1] - ROUNDING_S) & (file[1:] == file[:-1])
        return found

    def twice(self) -> npt.NDArray[np.bool_]:
        """Return which rows are the same as an earlier one of their file at the same onset."""
        same = np.zeros(len(self.file), dtype=bool)
        onset = self.onset
        same[1:] = (onset[1:] == onset[:-1]) & (self.file[1:] == self.file[:-1])
        same[:-1] |= same[1:]
        near = np.flatnonzero(same)
        found = np.zeros(len(self.file), dtype=bool)
        found[near] = self.frame.iloc[near].assign(file=self.file[near]).duplicated().to_numpy(bool)
        return found

    def nameless(self) -> npt.NDArray[np.bool_]:
        of_kind = self.frame["trial_type"].isin(THROWS).to_numpy(bool)
        return np.asarray(of_kind & ~is_throw(self.frame), dtype=bool)

    def unnumbered(self) -> npt.NDArray[np.bool_]:
        return np.asarray(is_throw(self.frame) & self.frame["throw"].isna().to_numpy(bool), dtype=bool)

    def numbered(self, rows: npt.NDArray[np.bool_]) -> pd.DataFrame:
        """Give throws without a number that of their place among the throws of their file."""
        if not rows.any():
            return self.frame
        place = pd.Series(is_throw(self.frame)).groupby(self.file).cumsum()
        numbers = self.frame["throw"].where(~rows, place.astype("Int64"))
        return self.frame.assign(throw=numbers)


def _said(tables: Tables, files: Codes, what: str) -> list[Warned]:
    """Return a warning for each of `files`, which come once for each row concerned."""
    numbers, counts = np.unique(files, return_counts=True)
    return [
        Warned(tables.places[number], what.format(n=f"{count} row{'s' if count > 1 else ''}"))
        for number, count in zip(numbers, counts, strict=True)
    ]


def _without_throws(tables: Tables, at: _Rows) -> list[Warned]:
    """Say where no event at all is a throw as this analysis knows them."""
    if at.frame.empty or at.frame["trial_type"].isin([*THROWS, "phase"]).any():
        return []
    kinds = [str(kind) for kind in at.frame["trial_type"].dropna().unique()]
    listed = ", ".join(kinds[:5]) + (" ..." if len(kinds) > 5 else "") if kinds else "none"
    more = f" and {len(tables.places) - 1} more" if len(tables.places) > 1 else ""
    what = f"no event is a throw ({', '.join(THROWS)}; found: {listed}): nothing is said of throws"
    return [Warned(f"{tables.places[0]}{more}", what)]
