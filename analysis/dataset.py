"""A dataset as tidy frames: throws, ratings, sessions, and the definitions that score them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.definitions import FOLDER, snapshot
from analysis.errors import AnalysisError
from analysis.frames import named
from analysis.layout import EVENT_LABELS, RATING_LABELS, Layout, find_files
from analysis.runs import complete
from analysis.tables import Skipped, read_tables
from experiment.columns import EVENTS, PARTICIPANTS, RATINGS, SESSIONS
from experiment.definitions.measure import Measure
from experiment.definitions.protocol import Protocol

THROWS = ("coplayer_to_participant", "coplayer_to_coplayer", "participant_throw")
"""The kinds of event that are throws."""

ADDED = frozenset({"onset_planned", "frame_longest", "clock_drift", "incomplete"})
"""Columns that tables of an earlier version lack; what they would tell is missing there, and said to be."""

Progress = Callable[[int, int], object]
SESSION_KEYS = ["participant_id", "session"]


@dataclass(frozen=True)
class Dataset:
    """What `load` found.

    Attributes
    ----------
    path : Path
        Folder of the dataset.
    throws : DataFrame
        A row per throw: participant_id, session, run, task (``cyberball`` or ``practice``), the columns of
        `experiment.columns.EVENTS`, times in seconds, and ``complete`` (bool): false in the rows of a run
        that was broken off.
    phases : DataFrame
        A row per phase of a run, with the same columns; a phase may be over before anybody throws.
    others : DataFrame
        A row per event that is neither: something said (``chat``, ``message``), the button to leave
        (``leave_offered``), somebody who leaves (``coplayer_left``, ``participant_left``); with the same
        columns, ``throw`` the last throw before it.
    ratings : DataFrame
        A row per item: participant_id, session, run and the columns of `experiment.columns.RATINGS`, where
        ``answer`` is the answer as written and ``value`` the same as a number, NaN where it is none.
    sessions : DataFrame
        A row per session: participant_id, session and the columns of `experiment.columns.SESSIONS`.
    participants : DataFrame
        A row per participant: the columns of `experiment.columns.PARTICIPANTS`.
    measures : dict
        The measures by name, as the dataset's own definitions have them.
    protocols : dict
        The protocols that sessions were run with, by digest of the definitions and name.
    conditions : tuple of str
        Conditions in the order of the design; the first is the reference.
    cells : tuple of str
        Cells in the order of the design.
    factors : dict
        Factors that the design crosses with the conditions, and their levels.
    simulated : bool
        Whether the participants were simulated.
    skipped : tuple of Skipped
        Files left out, and why.
    """

    path: Path
    throws: pd.DataFrame
    phases: pd.DataFrame
    others: pd.DataFrame
    ratings: pd.DataFrame
    sessions: pd.DataFrame
    participants: pd.DataFrame
    measures: dict[str, Measure]
    protocols: dict[tuple[str, str], Protocol]
    conditions: tuple[str, ...]
    cells: tuple[str, ...]
    factors: dict[str, tuple[str, ...]]
    simulated: bool
    skipped: tuple[Skipped, ...]


def load(path: str | Path, progress: Progress | None = None) -> Dataset:
    """Read a dataset.

    Parameters
    ----------
    path
        Folder of the dataset: the one with ``dataset_description.json``.
    progress
        Called with the number of files read and of all files.

    Raises
    ------
    AnalysisError
        Where there is no dataset, or simulated and real participants are mixed in it.
    """
    root = Path(path)
    layout = find_files(root)
    advance = _counter(len(layout), progress)
    participants, bad_participants = read_tables(layout.participants, PARTICIPANTS, (), advance)
    sessions, bad_sessions = read_tables(layout.sessions, SESSIONS, ("participant_id",), advance, added=ADDED)
    events, bad_events = read_tables(layout.events, EVENTS, EVENT_LABELS, advance, added=ADDED)
    ratings, bad_ratings = read_tables(layout.beh, RATINGS, RATING_LABELS, advance)
    bad = bad_participants + bad_sessions + bad_events + bad_ratings
    sessions.insert(1, "session", sessions["session_id"])
    simulated = _simulated(root, sessions, participants)
    definitions = snapshot(root, sessions)
    events["run"] = events["run"].astype("Int64")
    throw = events["trial_type"].isin(THROWS).to_numpy(dtype=bool)
    phase = (events["trial_type"] == "phase").to_numpy(dtype=bool)
    events = events.assign(complete=complete(events, events[phase]))
    data = Dataset(
        path=root,
        throws=events[throw].reset_index(drop=True),
        phases=events[phase].reset_index(drop=True),
        others=events[~throw & ~phase].reset_index(drop=True),
        ratings=_with_numbers(ratings),
        sessions=sessions,
        participants=participants,
        measures=definitions.measures,
        protocols=definitions.protocols,
        conditions=definitions.conditions(),
        cells=definitions.cells(),
        factors=definitions.factors(),
        simulated=simulated,
        skipped=(*layout.skipped, *bad, *definitions.skipped),
    )
    return replace(data, skipped=(*data.skipped, *_without_session(data, layout), *_without_measure(data)))


def _counter(total: int, progress: Progress | None) -> Callable[[], object]:
    if progress is None:
        return lambda: None
    done = 0

    def advance() -> None:
        nonlocal done
        done += 1
        progress(done, total)

    return advance


def _with_numbers(ratings: pd.DataFrame) -> pd.DataFrame:
    """Keep the answer as written beside its number."""
    numbers = pd.to_numeric(ratings["value"], errors="coerce").to_numpy(dtype=float, na_value=np.nan)
    place = ratings.columns.get_loc("value")
    assert isinstance(place, int)
    ratings = ratings.rename(columns={"value": "answer"})
    ratings.insert(place, "value", np.where(np.isfinite(numbers), numbers, np.nan))
    ratings["run"] = ratings["run"].astype("Int64")
    return ratings


def _simulated(root: Path, sessions: pd.DataFrame, participants: pd.DataFrame) -> bool:
    """Return whether all are simulated; raise where only some are."""
    columns = ["participant_id", "simulated"]
    told = pd.concat([sessions[columns], participants[columns]]).dropna()
    flags = told["simulated"].astype(bool)
    if flags.any() and not flags.all():
        made, people = told.loc[flags, "participant_id"].iloc[0], told.loc[~flags, "participant_id"].iloc[0]
        raise AnalysisError(
            f"{root}: mixes simulated participants ({made}) with people ({people}); keep them in two datasets"
        )
    return bool(flags.any())


def _without_session(data: Dataset, layout: Layout) -> list[Skipped]:
    """Name the sessions that have tables or a record, but no line in a sessions.tsv."""
    listed = set(zip(data.sessions["participant_id"], data.sessions["session"], strict=True))
    found: dict[tuple[str, str], None] = {}
    for frame in (data.throws, data.ratings):
        seen = frame[SESSION_KEYS].drop_duplicates()
        found.update(dict.fromkeys(zip(seen["participant_id"], seen["session"], strict=True)))
    tables = "has tables but no line in a readable sessions.tsv, so its permission is not known"
    record = "was recorded but has no line in a readable sessions.tsv; 'spot recover' writes it"
    return [
        Skipped(f"{person}/{session}", tables if (person, session) in found else record)
        for person, session in dict.fromkeys([*found, *layout.recorded])
        if (person, session) not in listed
    ]


def _without_measure(data: Dataset) -> list[Skipped]:
    unknown = sorted(named(data.ratings["measure"]) - set(data.measures))
    return [
        Skipped(
            f"{FOLDER}: {name}", "no such measure in the dataset's definitions; its ratings are not scored"
        )
        for name in unknown
    ]
