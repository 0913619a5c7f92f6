"""A dataset as tidy frames: throws, ratings, sessions, and the definitions that score them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from analysis.answers import without_unfit
from analysis.definitions import FOLDER, snapshot
from analysis.errors import AnalysisError
from analysis.files import Skipped, Warned, and_more
from analysis.flaws import THROWS
from analysis.frames import named
from analysis.layout import Layout
from analysis.reading import Look, Progress, look, read
from analysis.tables import Tables
from experiment.definitions.measure import Measure
from experiment.definitions.protocol import Protocol

__all__ = ["THROWS", "Dataset", "load"]

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
        (``leave_offered``), somebody who leaves (``coplayer_left``, ``participant_left``), a stimulus or a
        rating within the run (``pain_stimulus``, ``rating``: `experiment.columns.EVENTS_PROBED`); with the
        same columns, ``throw`` the last throw before it.
    pain : DataFrame
        A row per event of a pain task outside the game: participant_id, session, run (the attempt) and the
        columns of `experiment.columns.PAIN`; the estimates are ratings too.
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
    warnings : tuple of Warned
        Files that were read although something is strange about them, and what was made of that.
    """

    path: Path
    throws: pd.DataFrame
    phases: pd.DataFrame
    others: pd.DataFrame
    pain: pd.DataFrame
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
    warnings: tuple[Warned, ...] = ()


def load(path: str | Path, progress: Progress | None = None, seen: Look | None = None) -> Dataset:
    """Read a dataset.

    Parameters
    ----------
    path
        Folder of the dataset: the one with ``dataset_description.json``.
    progress
        Called with the number of files read and of all files.
    seen
        Its files, where they were looked at already.

    Raises
    ------
    AnalysisError
        Where there is no dataset, or simulated and real participants are mixed in it.
    """
    root = Path(path)
    seen = look(root) if seen is None else seen
    layout = seen.layout
    found = read(root, seen, progress)
    sessions, repeated = _sessions(found.sessions)
    participants = found.participants.frame
    simulated = _simulated(root, sessions, participants)
    definitions = snapshot(root, sessions)
    ratings, unfit = without_unfit(
        found.ratings.frame,
        found.ratings.file_of_row(),
        found.ratings.places,
        definitions.measures,
    )
    return Dataset(
        path=root,
        throws=found.throws,
        phases=found.phases,
        others=found.others,
        pain=found.pain,
        ratings=ratings,
        sessions=sessions,
        participants=participants,
        measures=definitions.measures,
        protocols=definitions.protocols,
        conditions=definitions.conditions(),
        cells=definitions.cells(),
        factors=definitions.factors(),
        simulated=simulated,
        skipped=(
            *_without_any_session(layout),
            *layout.skipped,
            *found.skipped,
            *unfit,
            *repeated,
            *definitions.skipped,
            *_without_session(sessions, layout),
            *_without_measure(ratings, set(definitions.measures)),
        ),
        warnings=(*layout.warned(), *found.warned),
    )


def _sessions(tables: Tables) -> tuple[pd.DataFrame, list[Skipped]]:
    """Return the sessions, each once; a second line for one is left out."""
    sessions = tables.frame
    sessions.insert(1, "session", sessions["session_id"])
    twice = sessions.duplicated(SESSION_KEYS).to_numpy(bool)
    files = tables.file_of_row()[twice]
    named = zip(files, sessions.loc[twice, "session"], strict=True)
    told = [
        Skipped(tables.places[file], f"a further line for {name}; the first is used") for file, name in named
    ]
    return sessions[~twice].reset_index(drop=True), told


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


def _without_any_session(layout: Layout) -> list[Skipped]:
    """Say once what a dataset from elsewhere lacks as a whole."""
    if layout.own or layout.sessions:
        return []
    people = list(dict.fromkeys(person for person, _ in layout.tabled()))
    if not people:
        return []
    what = (
        "no sessions.tsv, so whether the data may be used is not known and nothing is summarised; it needs "
        "session_id, conditions and permission (granted)"
    )
    return [Skipped(and_more(people), what)]


def _without_session(sessions: pd.DataFrame, layout: Layout) -> list[Skipped]:
    """Name the sessions that have tables or a record, but no line in a sessions.tsv."""
    if not layout.sessions and not layout.own:
        return []
    listed = set(zip(sessions["participant_id"], sessions["session"], strict=True))
    tabled = layout.tabled()
    tables = "has tables but no line in a readable sessions.tsv, so its permission is not known"
    record = "was recorded but has no line in a readable sessions.tsv; 'spot recover' writes it"
    return [
        Skipped(f"{person}/{session}", tables if (person, session) in tabled else record)
        for person, session in dict.fromkeys([*tabled, *layout.recorded])
        if (person, session) not in listed
    ]


def _without_measure(ratings: pd.DataFrame, known: set[str]) -> list[Skipped]:
    what = "no such measure in the dataset's definitions; its ratings are not scored"
    return [Skipped(f"{FOLDER}: {name}", what) for name in sorted(named(ratings["measure"]) - known)]
