"""All tables of a dataset, from its files or from the cache of an earlier reading."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields

from analysis.files import Skipped, Warned
from analysis.flaws import looked_over
from analysis.layout import EVENT_LABELS, RATING_LABELS, Layout
from analysis.tables import Kind, Tables, read_tables
from experiment.columns import EVENTS, PARTICIPANTS, RATINGS, SESSIONS

ADDED = frozenset({"onset_planned", "frame_longest", "clock_drift", "incomplete"})
"""Columns that tables of an earlier version lack; what they would tell is missing there, and said to be."""

KINDS = {
    "participants": Kind(PARTICIPANTS, least=("participant_id",)),
    "sessions": Kind(SESSIONS, ("participant_id",), ADDED, least=("session_id",)),
    "events": Kind(EVENTS, EVENT_LABELS, ADDED, least=("onset", "duration")),
    "ratings": Kind(RATINGS, RATING_LABELS, least=("measure", "item", "value")),
}

Progress = Callable[[int, int], object]


@dataclass(frozen=True, slots=True)
class Reading:
    """The tables of a dataset as its files have them; its definitions have no say in them."""

    participants: Tables
    sessions: Tables
    events: Tables
    ratings: Tables

    def tables(self) -> dict[str, Tables]:
        """Return the tables by their kind."""
        return {each.name: getattr(self, each.name) for each in fields(self)}

    def skipped(self) -> list[Skipped]:
        """Return the files left out."""
        return [each for tables in self.tables().values() for each in tables.skipped]

    def warned(self) -> list[Warned]:
        """Return what is strange about files."""
        return [each for tables in self.tables().values() for each in tables.warned]


def read(layout: Layout, progress: Progress | None = None) -> Reading:
    """Read the files of a layout."""
    advance = _counter(len(layout.files()), progress)
    files = dict(zip(KINDS, (layout.participants, layout.sessions, layout.events, layout.beh), strict=True))
    found = {name: read_tables(files[name], kind, advance, own=layout.own) for name, kind in KINDS.items()}
    found["events"] = looked_over(found["events"])
    return Reading(**found)


def _counter(total: int, progress: Progress | None) -> Callable[[], object]:
    if progress is None:
        return lambda: None
    done = 0

    def advance() -> None:
        nonlocal done
        done += 1
        progress(done, total)

    return advance
