"""Finds the files of a BIDS dataset by their names, without opening any."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from analysis.errors import NoDatasetError
from analysis.tables import Skipped, TableFile

SUBJECT = re.compile(r"sub-[A-Za-z0-9]+")
SESSION = re.compile(r"ses-[A-Za-z0-9]+")
TABLE = re.compile(
    r"(?P<participant_id>sub-[A-Za-z0-9]+)_(?P<session>ses-[A-Za-z0-9]+)_task-(?P<task>[A-Za-z0-9]+)"
    r"(?:_acq-(?P<acq>[A-Za-z0-9]+))?(?:_run-(?P<run>[0-9]+))?_(?P<suffix>events|beh)\.tsv"
)
EVENT_LABELS = ("participant_id", "session", "run", "task")
RATING_LABELS = ("participant_id", "session", "run")


@dataclass(frozen=True, slots=True)
class Layout:
    """The files of a dataset by kind; ``recorded`` are the sessions that have a record in sourcedata."""

    events: list[TableFile] = field(default_factory=list)
    beh: list[TableFile] = field(default_factory=list)
    sessions: list[TableFile] = field(default_factory=list)
    participants: list[TableFile] = field(default_factory=list)
    recorded: list[tuple[str, str]] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)

    def __len__(self) -> int:
        """Return how many files there are to read."""
        return len(self.events) + len(self.beh) + len(self.sessions) + len(self.participants)


def find_files(root: Path) -> Layout:
    """Return the tables of the dataset at `root`, sorted by name.

    Raises
    ------
    NoDatasetError
        Where `root` is no folder, or holds no dataset.
    """
    if not root.is_dir():
        raise NoDatasetError(
            f"{root}: is no folder; name a dataset (the folder with dataset_description.json)"
        )
    if not (root / "dataset_description.json").is_file():
        raise NoDatasetError(f"{root}: is no dataset: it has no dataset_description.json")
    layout = Layout()
    if (root / "participants.tsv").is_file():
        layout.participants.append(TableFile(str(root / "participants.tsv"), "participants.tsv", ()))
    for name, path in _folders(str(root), SUBJECT):
        _participant(layout, name, path)
    for name, path in _folders(str(root / "sourcedata"), SUBJECT):
        layout.recorded.extend((name, session) for session, _ in _folders(path, SESSION))
    return layout


def _folders(path: str, pattern: re.Pattern[str]) -> Iterator[tuple[str, str]]:
    """Yield name and path of the folders in `path` whose whole name matches, sorted."""
    try:
        with os.scandir(path) as entries:
            found = sorted((e.name, e.path) for e in entries if pattern.fullmatch(e.name) and e.is_dir())
    except (FileNotFoundError, NotADirectoryError):
        return
    yield from found


def _files(path: str) -> list[tuple[str, str]]:
    """Return name and path of the visible TSV files in `path`, sorted."""
    try:
        with os.scandir(path) as entries:
            return sorted(
                (e.name, e.path) for e in entries if e.name.endswith(".tsv") and not e.name.startswith(".")
            )
    except (FileNotFoundError, NotADirectoryError):
        return []


def _participant(layout: Layout, participant: str, path: str) -> None:
    for name, file in _files(path):
        if name == f"{participant}_sessions.tsv":
            labels = (("participant_id", participant),)
            layout.sessions.append(TableFile(file, f"{participant}/{name}", labels))
        else:
            layout.skipped.append(Skipped(f"{participant}/{name}", "is no table that this analysis knows"))
    for session, folder in _folders(path, SESSION):
        for name, file in _files(os.path.join(folder, "beh")):  # noqa: PTH118 - tens of thousands of them
            _table(layout, participant, session, name, file)


def _table(layout: Layout, participant: str, session: str, name: str, path: str) -> None:
    place = f"{participant}/{session}/beh/{name}"
    parts = TABLE.fullmatch(name)
    if parts is None:
        layout.skipped.append(Skipped(place, "is no table that this analysis knows"))
    elif (parts["participant_id"], parts["session"]) != (participant, session):
        layout.skipped.append(Skipped(place, "is named after another participant or session than its folder"))
    elif parts["suffix"] == "events":
        labels = tuple((label, parts[label]) for label in EVENT_LABELS)
        layout.events.append(TableFile(path, place, labels))
    else:
        labels = tuple((label, parts[label]) for label in RATING_LABELS)
        layout.beh.append(TableFile(path, place, labels))
