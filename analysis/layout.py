"""Finds the tables of a BIDS dataset by their names, without opening any."""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass, field
from pathlib import Path

from analysis.errors import NoDatasetError
from analysis.files import Skipped, TableFile, Warned, and_more
from experiment.columns import SOFTWARE

DESCRIPTION = "dataset_description.json"
SUBJECT = re.compile(r"sub-[A-Za-z0-9]+")
SESSION = re.compile(r"ses-[A-Za-z0-9]+")
TABLE = re.compile(
    r"(?P<participant_id>sub-[A-Za-z0-9]+)(?:_(?P<session>ses-[A-Za-z0-9]+))?_task-(?P<task>[A-Za-z0-9]+)"
    r"(?P<more>(?:_(?!run-)[a-z]+-[A-Za-z0-9]+)*)(?:_run-(?P<run>[0-9]{1,9}))?"
    r"(?P<after>(?:_(?!run-)[a-z]+-[A-Za-z0-9]+)*)_(?P<suffix>events|beh)\.tsv(?:\.gz)?"
)
BEHAVIOUR = "beh"
RECORDED = ("func", "eeg", "meg", "ieeg", "nirs", "motion", "pet")
"""Folders of recordings, in which tables of events lie beside files that are nothing to this analysis."""

ONLY_SESSION = "ses-01"
"""What the session of a participant without session folders is called."""

EVENT_LABELS = ("participant_id", "session", "run", "task")
RATING_LABELS = ("participant_id", "session", "run")
UNKNOWN = "is no table that this analysis knows"


@dataclass(slots=True)
class Layout:
    """The files of a dataset by kind.

    Attributes
    ----------
    own
        Whether this program wrote the dataset.
    recorded
        The sessions that have a record in sourcedata.
    unsessioned
        Participants without session folders.
    bare
        Tables without a sidecar.
    """

    own: bool = True
    events: list[TableFile] = field(default_factory=list)
    beh: list[TableFile] = field(default_factory=list)
    sessions: list[TableFile] = field(default_factory=list)
    participants: list[TableFile] = field(default_factory=list)
    recorded: list[tuple[str, str]] = field(default_factory=list)
    unsessioned: list[str] = field(default_factory=list)
    bare: list[str] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)

    def files(self) -> list[TableFile]:
        """Return all files that are to be read."""
        return [*self.participants, *self.sessions, *self.events, *self.beh]

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
        folders: list[tuple[str, str]] = []
        files: list[tuple[str, str]] = []
        try:
            with os.scandir(path) as entries:
                for entry in entries:
                    if not entry.name.startswith("."):
                        self._sort(entry, place, folders, files)
        except OSError as error:
            self.layout.skipped.append(Skipped(place or path, f"cannot be read ({error.strerror or error})"))
        folders.sort()
        files.sort()
        return dict(folders), dict(files)

    def _sort(
        self,
        entry: os.DirEntry[str],
        place: str,
        folders: list[tuple[str, str]],
        files: list[tuple[str, str]],
    ) -> None:
        """Put an entry with the folders or the files; opening a pipe or a device would wait for ever."""
        try:
            if entry.is_dir():
                folders.append((entry.name, entry.path))
            elif entry.is_file() or entry.is_symlink():
                files.append((entry.name, entry.path))
            elif entry.name.endswith(".tsv"):
                self.layout.skipped.append(Skipped(f"{place}/{entry.name}".lstrip("/"), "is no file"))
        except OSError:  # a link that leads to itself: opening it will say so
            files.append((entry.name, entry.path))

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
        alone = {name: at for name, at in folders.items() if name == BEHAVIOUR or name in RECORDED}
        if alone and sessions:
            what = "lies beside session folders, so its session is not known"
            self.layout.skipped.extend(Skipped(f"{participant}/{name}", what) for name in alone)
        elif alone:
            before = len(self.layout.events) + len(self.layout.beh)
            self._session(participant, None, participant, alone)
            if len(self.layout.events) + len(self.layout.beh) > before:
                self.layout.unsessioned.append(participant)

    def _session(self, participant: str, session: str | None, place: str, folders: dict[str, str]) -> None:
        seen: dict[tuple[str, str, str, int | None], str] = {}
        for kind in (BEHAVIOUR, *RECORDED):
            if kind not in folders:
                continue
            inside, files = self._entries(folders[kind], f"{place}/{kind}")
            self.layout.skipped.extend(
                Skipped(f"{place}/{kind}/{name}", "is a folder") for name in inside if name.endswith(".tsv")
            )
            for name, path in files.items():
                at = f"{place}/{kind}/{name}"
                if name.endswith(("_events.tsv", "_beh.tsv", "_events.tsv.gz", "_beh.tsv.gz")) or (
                    kind == BEHAVIOUR and name.endswith(".tsv") and not name.endswith("_scans.tsv")
                ):
                    self._table(participant, session, TableFile(path, at, ()), seen)
                    self._look_for_sidecar(name, at, files)

    def _table(
        self,
        participant: str,
        session: str | None,
        file: TableFile,
        seen: dict[tuple[str, str, str, int | None], str],
    ) -> None:
        parts = TABLE.fullmatch(file.place.rpartition("/")[2])
        if parts is None:
            self.layout.skipped.append(Skipped(file.place, UNKNOWN))
            return
        if (parts["participant_id"], parts["session"]) != (participant, session):
            what = "is named after another participant or session than its folder"
            self.layout.skipped.append(Skipped(file.place, what))
            return
        run = parts["run"]
        form = "" if parts["suffix"] == "events" else parts["more"] + parts["after"]
        first = seen.setdefault((parts["suffix"], parts["task"], form, int(run) if run else None), file.place)
        if first != file.place:
            self.layout.skipped.append(Skipped(file.place, f"is a second table of the same run as {first}"))
            return
        values = {
            "participant_id": participant,
            "session": session or ONLY_SESSION,
            "run": run,
            "task": parts["task"],
        }
        if parts["suffix"] == "events":
            labels = tuple((label, values[label]) for label in EVENT_LABELS)
            self.layout.events.append(TableFile(file.path, file.place, labels))
        else:
            labels = tuple((label, values[label]) for label in RATING_LABELS)
            self.layout.beh.append(TableFile(file.path, file.place, labels))

    def _look_for_sidecar(self, name: str, place: str, beside: dict[str, str]) -> None:
        """Note a table that has no sidecar beside it nor, for its task, at the top of the dataset."""
        if f"{name.partition('.')[0]}.json" in beside:
            return
        parts = TABLE.fullmatch(name)
        if parts is not None:
            suffix = parts["suffix"]
            shared = (f"task-{parts['task']}_{suffix}.json", f"{suffix}.json")
            if self._sidecars.isdisjoint(shared):
                self.layout.bare.append(place)

    def _records(self, path: str) -> None:
        folders, _ = self._entries(path, "sourcedata")
        for name, folder in folders.items():
            if SUBJECT.fullmatch(name):
                inside, _ = self._entries(folder, f"sourcedata/{name}")
                found = (session for session in inside if SESSION.fullmatch(session))
                self.layout.recorded.extend((name, session) for session in found)


def _is_own(root: Path) -> bool:
    """Return whether this program wrote a dataset: its description says so, or its definitions are there."""
    if (root / "sourcedata" / "definitions").is_dir():
        return True
    try:
        told = json.loads((root / DESCRIPTION).read_text(encoding="utf-8-sig"))
        return any(by["Name"] == SOFTWARE for by in told["GeneratedBy"])
    except (OSError, ValueError, LookupError, TypeError):
        return False
