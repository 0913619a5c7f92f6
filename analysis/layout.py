"""Finds the tables of a BIDS dataset by their names, without opening any."""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass, field
from functools import lru_cache
from operator import attrgetter
from pathlib import Path

from analysis.errors import NoDatasetError
from analysis.files import Skipped, TableFile, Warned, and_more
from experiment.columns import GAME_TASKS, SOFTWARE

DESCRIPTION = "dataset_description.json"
SUBJECT = re.compile(r"sub-[A-Za-z0-9]+")
SESSION = re.compile(r"ses-[A-Za-z0-9]+")
STEM = r"sub-[A-Za-z0-9]+(?:_ses-[A-Za-z0-9]+)?"
AFTER_STEM = (
    r"_task-(?P<task>[A-Za-z0-9]+)"
    r"(?P<more>(?:_(?!run-)[a-z]+-[A-Za-z0-9]+)*)(?:_run-(?P<run>[0-9]{1,9}))?"
    r"(?P<after>(?:_(?!run-)[a-z]+-[A-Za-z0-9]+)*)_(?P<suffix>events|beh)\.tsv(?:\.gz)?"
)
TABLE = re.compile(STEM + AFTER_STEM)
TABLES = ("_events.tsv", "_beh.tsv", "_events.tsv.gz", "_beh.tsv.gz")
NAME = attrgetter("name")
BEHAVIOUR = "beh"
RECORDED = ("func", "eeg", "meg", "ieeg", "nirs", "motion", "pet")
"""Folders of recordings, in which tables of events lie beside files that are nothing to this analysis."""

FOLDERS = (BEHAVIOUR, *RECORDED)

ONLY_SESSION = "ses-01"
"""What the session of a participant without session folders is called."""

RATING_LABELS = ("participant_id", "session", "run")
EVENT_LABELS = (*RATING_LABELS, "task")
UNKNOWN = "is no table that this analysis knows"


@dataclass(slots=True)
class Layout:
    """The files of a dataset by kind.

    Attributes
    ----------
    own
        Whether this program wrote the dataset.
    pain
        Tables of events of the program's own pain tasks; whatever else has events is a game.
    recorded
        The sessions that have a record in sourcedata.
    unsessioned
        Participants without session folders.
    bare
        Tables without a sidecar.
    """

    own: bool = True
    events: list[TableFile] = field(default_factory=list)
    pain: list[TableFile] = field(default_factory=list)
    beh: list[TableFile] = field(default_factory=list)
    sessions: list[TableFile] = field(default_factory=list)
    participants: list[TableFile] = field(default_factory=list)
    recorded: list[tuple[str, str]] = field(default_factory=list)
    unsessioned: list[str] = field(default_factory=list)
    bare: list[str] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)

    def files(self) -> list[TableFile]:
        """Return all files that are to be read."""
        return [*self.participants, *self.sessions, *self.events, *self.beh, *self.pain]

    def tabled(self) -> dict[tuple[str, str], None]:
        """Return the participant and session of every table of events or ratings."""
        labels = (file.labels for file in (*self.events, *self.beh))
        return dict.fromkeys(
            (str(participant), str(session)) for (_, participant), (_, session), *_ in labels
        )

    def warned(self) -> list[Warned]:
        """Return what is strange about the layout."""
        found = []
        if self.unsessioned:
            what = f"no session folders; the session is called {ONLY_SESSION} here"
            found.append(Warned(and_more(self.unsessioned), what))
        if self.bare:
            found.append(Warned(and_more(self.bare), "no sidecar says what its columns mean"))
        return found


def find_files(root: Path) -> Layout:
    """Return the tables of the dataset at `root`, sorted by name.

    Raises
    ------
    NoDatasetError
        Where `root` is no folder, or holds no dataset.
    """
    if not root.is_dir():
        raise NoDatasetError(f"{root}: is no folder; name a dataset (the folder with {DESCRIPTION})")
    if not (root / DESCRIPTION).is_file():
        raise NoDatasetError(f"{root}: is no dataset: it has no {DESCRIPTION}")
    return _Finder(root).layout


class _Finder:
    """Goes through the folders of a dataset once."""

    def __init__(self, root: Path) -> None:
        self.layout = Layout(own=_is_own(root))
        folders, files = self._entries(str(root), "")
        self._sidecars = {name for name in files if name.endswith(".json")}
        if "participants.tsv" in files:
            self.layout.participants.append(TableFile(files["participants.tsv"], "participants.tsv", ()))
        for name in files:
            if name.endswith(("_events.tsv", "_beh.tsv")):
                what = "is one table for all participants; this analysis reads one for each"
                self.layout.skipped.append(Skipped(name, what))
        for name, path in folders.items():
            if SUBJECT.fullmatch(name):
                self._participant(name, path)
        if "sourcedata" in folders:
            self._records(folders["sourcedata"])

    def _entries(self, path: str, place: str) -> tuple[dict[str, str], dict[str, str]]:
        """Return the paths of the folders and of the visible files in `path` by name, sorted."""
        folders: dict[str, str] = {}
        files: dict[str, str] = {}
        try:
            with os.scandir(path) as found:
                entries = sorted(found, key=NAME)
        except OSError as error:
            self.layout.skipped.append(Skipped(place or path, f"cannot be read ({error.strerror or error})"))
            return folders, files
        for entry in entries:
            name = entry.name
            try:
                if name.startswith("."):
                    continue
                if entry.is_dir():
                    folders[name] = entry.path
                elif entry.is_file() or entry.is_symlink():
                    files[name] = entry.path
                elif name.endswith(".tsv"):  # opening a pipe or a device would wait for ever
                    self.layout.skipped.append(Skipped(f"{place}/{name}".lstrip("/"), "is no file"))
            except OSError:  # a link that leads to itself: opening it will say so
                files[name] = entry.path
        return folders, files

    def _participant(self, participant: str, path: str) -> None:
        folders, files = self._entries(path, participant)
        for name, file in files.items():
            if name == f"{participant}_sessions.tsv":
                labels = (("participant_id", participant),)
                self.layout.sessions.append(TableFile(file, f"{participant}/{name}", labels))
            elif name.endswith(".tsv") and not name.endswith("_scans.tsv"):
                self.layout.skipped.append(Skipped(f"{participant}/{name}", UNKNOWN))
        sessions = {name: file for name, file in folders.items() if SESSION.fullmatch(name)}
        for name, folder in folders.items():
            if name.endswith(".tsv"):
                self.layout.skipped.append(Skipped(f"{participant}/{name}", "is a folder"))
            elif name in sessions:
                inside, _ = self._entries(folder, f"{participant}/{name}")
                self._session(participant, name, f"{participant}/{name}", inside)
        alone = {name: at for name, at in folders.items() if name in FOLDERS}
        if alone and sessions:
            what = "lies beside session folders, so its session is not known"
            self.layout.skipped.extend(Skipped(f"{participant}/{name}", what) for name in alone)
        elif alone:
            before = len(self.layout.events) + len(self.layout.beh)
            self._session(participant, None, participant, alone)
            if len(self.layout.events) + len(self.layout.beh) > before:
                self.layout.unsessioned.append(participant)

    def _session(self, participant: str, session: str | None, place: str, folders: dict[str, str]) -> None:
        stem = participant if session is None else f"{participant}_{session}"
        labels = (("participant_id", participant), ("session", session or ONLY_SESSION))
        seen: dict[tuple[str, str, str, int], str] = {}
        for kind in filter(folders.get, FOLDERS):
            inside, files = self._entries(folders[kind], f"{place}/{kind}")
            for name in inside:
                if name.endswith(".tsv"):
                    self.layout.skipped.append(Skipped(f"{place}/{kind}/{name}", "is a folder"))
            for name, path in files.items():
                if name.endswith(TABLES) or (kind == BEHAVIOUR and name.endswith(".tsv")):
                    self._table(stem, labels, TableFile(path, f"{place}/{kind}/{name}", ()), files, seen)

    def _table(
        self,
        stem: str,
        labels: tuple[tuple[str, str | None], ...],
        file: TableFile,
        beside: dict[str, str],
        seen: dict[tuple[str, str, str, int], str],
    ) -> None:
        name = file.place.rpartition("/")[2]
        parts = _after_stem(name[len(stem) :]) if name.startswith(f"{stem}_") else None
        if parts is None:
            known = TABLE.fullmatch(name)
            what = "is named after another participant or session than its folder" if known else UNKNOWN
            self.layout.skipped.append(Skipped(file.place, what))
            return
        pain = self.layout.own and parts.suffix == "events" and parts.task not in GAME_TASKS
        first = seen.setdefault(parts.attempt_of if pain else parts.run_of, file.place)
        if first is not file.place:
            self.layout.skipped.append(Skipped(file.place, f"is a second table of the same run as {first}"))
            return
        labels = (*labels, ("run", parts.run))
        if pain:
            self.layout.pain.append(TableFile(file.path, file.place, labels))
        elif parts.suffix == "events":
            self.layout.events.append(TableFile(file.path, file.place, (*labels, ("task", parts.task))))
        else:
            self.layout.beh.append(TableFile(file.path, file.place, labels))
        if self._sidecars.isdisjoint(parts.sidecars) and f"{name.partition('.')[0]}.json" not in beside:
            self.layout.bare.append(file.place)

    def _records(self, path: str) -> None:
        folders, _ = self._entries(path, "sourcedata")
        for name, folder in folders.items():
            if SUBJECT.fullmatch(name):
                inside, _ = self._entries(folder, f"sourcedata/{name}")
                found = (session for session in inside if SESSION.fullmatch(session))
                self.layout.recorded.extend((name, session) for session in found)


@dataclass(frozen=True, slots=True)
class _Parts:
    """What the name of a table says after participant and session.

    ``run_of`` is the same for the same run, ``attempt_of`` for the same attempt at a pain task; ``sidecars``
    are the files of the whole dataset that explain it.
    """

    task: str
    suffix: str
    run: str | None
    run_of: tuple[str, str, str, int]
    attempt_of: tuple[str, str, str, int]
    sidecars: tuple[str, str]


@lru_cache(maxsize=1000)
def _after_stem(name: str) -> _Parts | None:
    """Read the rest of a name; thousands of files have the same one."""
    parts = re.fullmatch(AFTER_STEM, name)
    if parts is None:
        return None
    task, suffix, run = parts["task"], parts["suffix"], parts["run"]
    form, number = parts["more"] + parts["after"], int(run) if run else -1
    run_of = (suffix, task, "" if suffix == "events" else form, number)
    return _Parts(
        task,
        suffix,
        run,
        run_of,
        (suffix, task, form, number),
        (f"task-{task}_{suffix}.json", f"{suffix}.json"),
    )


def _is_own(root: Path) -> bool:
    """Return whether this program wrote a dataset: its description says so, or its definitions are there."""
    if (root / "sourcedata" / "definitions").is_dir():
        return True
    try:
        told = json.loads((root / DESCRIPTION).read_text(encoding="utf-8-sig"))
        return any(by["Name"] == SOFTWARE for by in told["GeneratedBy"])
    except (OSError, ValueError, LookupError, TypeError):
        return False
