"""The tables of a dataset into a copy: those of permitted sessions, under other codes where that is asked."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from analysis.dataset import Dataset
from experiment.columns import MISSING
from experiment.describing import definitions, descriptions, sidecar
from experiment.files import write_whole
from experiment.progress import bar
from experiment.shareable import (
    COLUMNS,
    Known,
    SharingError,
    Table,
    Unfit,
    as_text,
    kind_of,
    parsed,
    shareable,
)
from experiment.study import Study, StudyError

ASKED = ("age", "gender", "handedness")
"""Columns of participants.tsv that come from answers."""

_TABLE = re.compile(
    r"(?P<whose>sub-[A-Za-z0-9]+_ses-[A-Za-z0-9]+)"
    r"(?P<rest>_task-(?P<task>[A-Za-z0-9]+)(?:_[a-z]+-[A-Za-z0-9]+)*_(?P<kind>events|beh)\.tsv)"
)
_STRATUM = re.compile(r"[a-z0-9_-]+")


class Copy:
    """A copy in the making.

    Parameters
    ----------
    study, data
        What is copied, and the same as it was read.
    codes
        Label of each participant in the copy, by their label in the dataset; after `write` of those in it.

    Attributes
    ----------
    sessions : list of (str, str)
        Participant and session of all that was copied.
    tables : int
        How many tables of sessions there are.
    skipped : list of str
        What was left out that may be shared, or might.
    unknown : set of str
        Columns that no table of this program has; none is copied.
    people : list of dict
        The rows of participants.tsv, as copied.
    """

    def __init__(self, study: Study, data: Dataset, codes: Mapping[str, str]) -> None:
        self.study, self.data, self.codes = study, data, dict(codes)
        names = {name for _, name in data.protocols} | set(data.cells)
        names |= {str(each) for each in data.sessions["stratum"].dropna() if _STRATUM.fullmatch(each)}
        self.known = Known(names, data.measures)
        self.sessions: list[tuple[str, str]] = []
        self.tables = 0
        self.skipped = [f"{each.place}: {each.reason}; left out" for each in data.skipped]
        self.unknown: set[str] = set()
        self.people: Table = []
        self._bad = {each.place for each in data.skipped}
        self._tasks: set[tuple[str, str, str]] = set()
        self._answers: dict[tuple[str, str], dict[str, str]] = {}

    def write(self, folder: Path) -> None:
        """Write all of the copy into a folder.

        Raises
        ------
        StudyError
            Where no session that may be shared has a table.
        SharingError
            Where a table of the study holds what it cannot.
        """
        self._note_cut_off()
        wanted = list(self._permitted())
        with bar("copying", len(wanted)) as advance:
            for person, session in wanted:
                if self._write_session(folder, person, session):
                    self.sessions.append((person, session))
                advance()
        if not self.sessions:
            raise StudyError(
                f"{self.study.dataset}: no session with permission has a table; nothing to share"
            )
        self.codes = {person: self.codes[person] for person in sorted({who for who, _ in self.sessions})}
        for person in self.codes:
            self._write_sessions(folder, person)
        self._write_participants(folder)
        for name, text in descriptions(self.study, self._tasks, self.data.measures):
            write_whole(folder / name, text, durable=False)
        for place, content in definitions(self.study, self._digests()):
            write_whole(folder / place, content, durable=False)

    def _permitted(self) -> Iterator[tuple[str, str]]:
        sessions = self.data.sessions
        granted = sessions[sessions["permission"] == "granted"]
        for person, session in sorted(zip(granted["participant_id"], granted["session"], strict=True)):
            if person in self.codes:
                yield person, session

    def _note_cut_off(self) -> None:
        cut = self.data.sessions[self.data.sessions["outcome"] == "cut_off"]
        labels = zip(cut["participant_id"], cut["session"], cut["permission"], strict=True)
        for person, session, given in labels:
            how = "what there is is copied" if given == "granted" else "without permission; left out"
            self.skipped.append(f"{person}/{session}: was cut off, {how}")

    def _write_session(self, folder: Path, person: str, session: str) -> bool:
        """Write the tables of a session; return whether there were any."""
        own = self.study.dataset / person / session
        for other in sorted(each for each in own.glob("[!.]*") if each.name != "beh"):
            self.skipped.append(f"{person}/{session}/{other.name}: only tables in beh are copied; left out")
        files = [file for file in sorted((own / "beh").glob("[!.]*")) if self._place(file) not in self._bad]
        written = sum([self._write_table(folder, person, session, file) for file in files])
        if not written:
            self.skipped.append(f"{person}/{session}: has no table to share; left out")
        self.tables += written
        return bool(written)

    def _place(self, file: Path) -> str:
        return file.relative_to(self.study.dataset).as_posix()

    def _write_table(self, folder: Path, person: str, session: str, file: Path) -> bool:
        name = _TABLE.fullmatch(file.name)
        if name is None or name["whose"] != f"{person}_{session}":
            self.skipped.append(f"{self._place(file)}: is no table that this program knows; left out")
            return False
        new = self.codes[person]
        try:
            text = file.read_text(encoding="utf-8")
            kind = kind_of(name["kind"], name["task"], text.partition("\n")[0].split("\t"))
            rows = shareable(kind, self._read(file, kind), self.known)
        except (Unfit, UnicodeDecodeError, OSError) as error:
            self.skipped.append(f"{self._place(file)}: {error}; left out")
            return False
        target = folder / new / session / "beh" / f"{new}_{session}{name['rest']}"
        write_whole(target, as_text(kind, rows), durable=False)
        self._tasks.add((name["task"], name["kind"], kind))
        if kind == "beh":
            self._note_answers(person, session, rows)
        return True

    def _note_answers(self, person: str, session: str, rows: Table) -> None:
        for row in rows:
            about = self.data.measures[row["measure"]].role == "demographics"
            if about and row["value"] != MISSING:
                self._answers.setdefault((person, session), {})[row["item"]] = row["value"]

    def _read(self, file: Path, kind: str) -> Table:
        rows = parsed(file.read_text(encoding="utf-8"))
        own = {column.name for column in COLUMNS[kind]}
        self.unknown |= {f"'{name}' of {file.name}" for row in rows[:1] for name in row if name not in own}
        return rows

    def _own_rows(self, file: Path, kind: str, key: str, kept: set[str]) -> Table:
        """Return the rows of a table of the study that are of those kept, as they may be shared."""
        try:
            rows = [row for row in self._read(file, kind) if row[key] in kept]
            if kind == "participants":
                rows = [self._as_permitted(row) for row in rows]
            return shareable(kind, rows, self.known)
        except (Unfit, UnicodeDecodeError, KeyError) as error:
            raise SharingError(f"{self._place(file)}: {error}; nothing was shared") from error

    def _write_sessions(self, folder: Path, person: str) -> None:
        kept, new = {session for who, session in self.sessions if who == person}, self.codes[person]
        file = self.study.dataset / person / f"{person}_sessions.tsv"
        rows = self._own_rows(file, "sessions", "session_id", kept)
        write_whole(folder / new / f"{new}_sessions.tsv", as_text("sessions", rows), durable=False)
        write_whole(folder / new / f"{new}_sessions.json", sidecar("sessions"), durable=False)

    def _write_participants(self, folder: Path) -> None:
        file = self.study.dataset / "participants.tsv"
        rows = self._own_rows(file, "participants", "participant_id", set(self.codes))
        for row in rows:
            row["participant_id"] = self.codes[row["participant_id"]]
        self.people = sorted(rows, key=lambda row: row["participant_id"])
        write_whole(folder / file.name, as_text("participants", self.people), durable=False)

    def _as_permitted(self, row: dict[str, str]) -> dict[str, str]:
        """Return what a participant said of themselves in sessions that may be shared.

        One row is made of all sessions; where some are not shared, what only these told is missing.
        """
        person = row["participant_id"]
        of_them = self.data.sessions["participant_id"] == person
        shared = [session for who, session in self.sessions if who == person]
        if set(self.data.sessions.loc[of_them, "session"]) == set(shared):
            return row
        said: dict[str, str] = {}
        for session in shared:
            said |= self._answers.get((person, session), {})
        return {**row, **{name: said.get(name, MISSING) for name in ASKED}}

    def _digests(self) -> set[str]:
        chosen, sessions = set(self.sessions), self.data.sessions
        named = zip(sessions["participant_id"], sessions["session"], sessions["definitions"], strict=True)
        return {str(digest) for person, session, digest in named if (person, session) in chosen}
