"""All tables of a dataset, from its files or from the cache of an earlier reading."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from analysis import cache
from analysis.files import Skipped, Warned
from analysis.flaws import is_throw, looked_over
from analysis.layout import EVENT_LABELS, RATING_LABELS, Layout, find_files
from analysis.runs import complete
from analysis.stamps import Stamp, stamp
from analysis.tables import Kind, Tables, read_tables
from experiment.columns import EVENTS, PAIN, PARTICIPANTS, RATINGS, SESSIONS

ADDED = frozenset({"onset_planned", "frame_longest", "clock_drift", "incomplete"})
"""Columns that tables of an earlier version lack; what they would tell is missing there, and said to be."""

KINDS = {
    "participants": Kind(PARTICIPANTS, least=("participant_id",)),
    "sessions": Kind(SESSIONS, ("participant_id",), ADDED, least=("session_id",)),
    "ratings": Kind(RATINGS, RATING_LABELS, least=("measure", "item", "value")),
    "events": Kind(EVENTS, EVENT_LABELS, ADDED, least=("onset", "duration")),
    "pain": Kind(PAIN, RATING_LABELS),
}

STEP = 50
"""A bar that moves with every file would cost more than reading it."""

Progress = Callable[[int, int], object]


@dataclass(frozen=True, slots=True)
class Reading:
    """The tables of a dataset as its files have them; its definitions have no say in them.

    Attributes
    ----------
    participants, sessions, ratings
        The tables of these kinds; of ratings the ``answer`` as written, and its number as ``value``.
    throws, phases, others, pain : DataFrame
        The events, as `analysis.dataset.Dataset` has them.
    skipped, warned
        The files left out; what is strange about others.
    """

    participants: Tables
    sessions: Tables
    ratings: Tables
    throws: pd.DataFrame
    phases: pd.DataFrame
    others: pd.DataFrame
    pain: pd.DataFrame
    skipped: list[Skipped]
    warned: list[Warned]


@dataclass(frozen=True, slots=True)
class Look:
    """The files that a dataset has, and their state; None where it is too small to be kept."""

    layout: Layout
    state: Stamp | None


def look(root: Path) -> Look:
    """Look at a dataset without opening its tables.

    Raises
    ------
    NoDatasetError
        Where there is none.
    """
    with _uncollected():
        layout = find_files(root)
        if len(layout.files()) >= cache.WORTH_IT:
            return Look(layout, stamp(root, layout))
    cache.forget(root)
    return Look(layout, None)


@contextmanager
def _uncollected() -> Iterator[None]:
    """Look for no rubbish meanwhile: what is found of tens of thousands of files all stays."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def read(root: Path, seen: Look, progress: Progress | None = None) -> Reading:
    """Return the tables of a dataset: from its files, or as an earlier reading of them was kept."""
    if seen.state is None:
        return _from_files(seen.layout, progress)
    kept = cache.fetch(root, seen.state)
    if kept is not None:
        return _from_entry(kept)
    found = _from_files(seen.layout, progress)
    cache.keep(root, seen.state, _as_entry(found))
    return found


def _from_files(layout: Layout, progress: Progress | None) -> Reading:
    advance = _counter(len(layout.files()), progress)
    by_kind = (layout.participants, layout.sessions, layout.beh, layout.events, layout.pain)
    files = dict(zip(KINDS, by_kind, strict=True))
    found = {name: read_tables(files[name], kind, advance, own=layout.own) for name, kind in KINDS.items()}
    found["events"] = looked_over(found["events"])
    found["ratings"] = replace(found["ratings"], frame=_with_numbers(found["ratings"].frame))
    events = found["events"].frame
    events["run"] = events["run"].astype("Int64")
    throw = is_throw(events)
    phase = (events["trial_type"] == "phase").to_numpy(dtype=bool, na_value=False)
    events["complete"] = complete(events, events[phase])
    return Reading(
        participants=found["participants"],
        sessions=found["sessions"],
        ratings=found["ratings"],
        throws=events[throw].reset_index(drop=True),
        phases=events[phase].reset_index(drop=True),
        others=events[~throw & ~phase].reset_index(drop=True),
        pain=found["pain"].frame.astype({"run": "Int64"}),
        skipped=[each for tables in found.values() for each in tables.skipped],
        warned=[each for tables in found.values() for each in tables.warned],
    )


def _with_numbers(ratings: pd.DataFrame) -> pd.DataFrame:
    """Keep the answer as written beside its number."""
    numbers = pd.to_numeric(ratings["value"], errors="coerce").to_numpy(dtype=float, na_value=np.nan)
    place = ratings.columns.get_loc("value")
    assert isinstance(place, int)
    ratings = ratings.rename(columns={"value": "answer"})
    ratings.insert(place, "value", np.where(np.isfinite(numbers), numbers, np.nan))
    return ratings.assign(run=ratings["run"].astype("Int64"))


TABLES = ("participants", "sessions", "ratings")
EVENTS_BY_KIND = ("throws", "phases", "others", "pain")


def _as_entry(found: Reading) -> cache.Entry:
    tables: dict[str, Tables] = {name: getattr(found, name) for name in TABLES}
    files = {
        f"{name}_files": pd.DataFrame({"place": pd.Series(each.places, dtype="str"), "rows": each.rows})
        for name, each in tables.items()
    }
    frames = {name: each.frame for name, each in tables.items()}
    events = {name: getattr(found, name) for name in EVENTS_BY_KIND}
    said = {
        name: [[each.place, each.reason] for each in getattr(found, name)] for name in ("skipped", "warned")
    }
    return cache.Entry(frames | files | events, said)


def _from_entry(kept: cache.Entry) -> Reading:
    participants, sessions, ratings = (
        _tables(kept.frames[name], kept.frames[f"{name}_files"]) for name in TABLES
    )
    return Reading(
        participants,
        sessions,
        ratings,
        throws=kept.frames["throws"],
        phases=kept.frames["phases"],
        others=kept.frames["others"],
        pain=kept.frames["pain"],
        skipped=[Skipped(place, reason) for place, reason in kept.said["skipped"]],
        warned=[Warned(place, reason) for place, reason in kept.said["warned"]],
    )


def _tables(frame: pd.DataFrame, files: pd.DataFrame) -> Tables:
    return Tables(frame, files["place"].tolist(), files["rows"].to_numpy(dtype="int64"))


def _counter(total: int, progress: Progress | None) -> Callable[[], object]:
    if progress is None:
        return lambda: None
    done = 0

    def advance() -> None:
        nonlocal done
        done += 1
        if done % STEP == 0 or done == total:
            progress(done, total)

    return advance
