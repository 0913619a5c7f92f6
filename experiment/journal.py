"""The append-only record of a session: one event a line, each flushed before the next begins.

A line is a JSON object with `n` (from 1), `event`, `t` (s, session clock; null where there is none), the
event's own keys, and `hash`: the beginning of a SHA-256 over the hash before it and the line itself. A
changed character anywhere breaks the chain from there on.

The journal lies on a local disk. A thread makes each line durable within `SYNC_EVERY_S`; another copies
it to the dataset, which may be a network share that hangs without stopping anything here. While the local
disk takes nothing, the journal is written whole to a second place as well.
"""

from __future__ import annotations

import hashlib
import json
import os
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from io import RawIOBase
from pathlib import Path
from typing import Any

from experiment.durability import Mirroring, Syncing
from experiment.spilling import Second, given

FORMAT = 1
RULES = 3
"""Version of the rules by which a journal's tables are made; a journal of another is refused."""

SYNC_WAIT_S = 5.0
"""How long a session waits for a disk that neither confirms nor refuses; once, until it answers again."""

_NO_HASH = "0" * 16

Event = Mapping[str, Any]


class JournalError(Exception):
    """A journal that cannot be read or written; the message names the file."""


class Journal:
    """Writes events. Used as a context manager; `close` waits until all is durable.

    Parameters
    ----------
    path
        The file. A new journal must not exist yet; one that is continued must be whole but for a torn end.
    mirror
        Where the dataset keeps its copy, or None for no copy.
    within
        A folder that must be there for the copy to be written: one that has gone away is not begun anew.
    durable
        Whether to wait for the disk. Simulated sessions, which can be made again, do not.
    second
        Where the journal is written too while its own disk takes nothing, or None.
    barred
        A file that, once it is there, forbids the copy: the tombstone of a participant who has withdrawn.
    tell
        Says once to the experimenter that the disk or the copy fails.
    """

    def __init__(
        self,
        path: Path,
        mirror: Path | None = None,
        *,
        within: Path | None = None,
        resume: bool = False,
        durable: bool = True,
        second: Path | None = None,
        barred: Path | None = None,
        tell: Callable[[str], None] | None = None,
    ) -> None:
        self.path = path
        self._tell = tell
        self._told: set[str] = set()
        self._count = 0
        self._hash = _NO_HASH
        path.parent.mkdir(parents=True, exist_ok=True)
        if resume:
            found = read(path)
            if found.problem and not found.torn:
                raise JournalError(f"{path}: {found.problem}; going on would lose what follows")
            self._count, self._hash = len(found.events), found.last_hash
            self._file: RawIOBase = path.open("r+b", buffering=0)
            self._file.truncate(found.good_bytes)
            self._file.seek(0, os.SEEK_END)
        else:
            self._file = path.open("xb", buffering=0)
        self._unwritten = b""
        self._refused = ""
        self._slow = False
        self._second_place = second
        self._second: Second | None = None
        self._lock = threading.Lock()
        self._threads = [Syncing(self._file)] if durable else []
        self._mirror = Mirroring(self._content, mirror, within, barred) if mirror is not None else None

    def write(self, event: str, t: float | None = None, **data: object) -> None:
        """Append one event and hand it to the operating system before returning."""
        with self._lock:
            body: dict[str, object] = {"n": self._count + 1, "event": event, "t": t, **data}
            line = _line({key: tidied(value) for key, value in body.items()})
            link = _link(self._hash, line)
            written = f'{line[:-1]}, "hash": "{link}"}}\n'.encode()
            # Only now: an event of which no line can be made must not break the chain.
            self._count, self._hash = self._count + 1, link
            self._unwritten += written
            self._hand_over()
            self._write_second(written)
        for thread in self._threads:
            thread.notice()
        if self._mirror is not None:
            self._mirror.notice()
        if self._tell is not None:
            self._tell_once(self._tell)

    def _hand_over(self) -> None:
        """Give the system what it has not taken yet; a full disk keeps it here until there is room again."""
        self._unwritten, self._refused = given(self._file, self._unwritten)

    def _write_second(self, written: bytes) -> None:
        """Go on in the second place, or begin there with all that there is once the disk takes nothing."""
        if self._second is not None:
            self._second.give(written)
        elif self._refused and self._second_place is not None:
            try:
                self._second = Second(self._second_place)
                self._second.give(self.path.read_bytes() + self._unwritten)
            except OSError:  # no second place either: all waits in memory
                self._second = None

    def _content(self) -> bytes:
        """Return the whole journal, with what its own disk has not taken."""
        if not self._unwritten:
            return self.path.read_bytes()
        with self._lock:
            return self.path.read_bytes() + self._unwritten

    def _tell_once(self, tell: Callable[[str], None]) -> None:
        """Tell of each kind of trouble when it is first there, without waiting for anything."""
        for kind, problem in (("own", self._own_problem), ("copy", self._copy_problem)):
            if problem and kind not in self._told:
                self._told.add(kind)
                tell(f"{problem}; the session goes on")

    def sync(self) -> None:
        """Wait until every event written so far is on the disk; a disk that refuses is told by `problem`."""
        for thread in self._threads:
            self._slow = not thread.wait(0.1 if self._slow else SYNC_WAIT_S)

    @property
    def count(self) -> int:
        """Return how many events the journal has."""
        return self._count

    @property
    def problem(self) -> str:
        """Return what the disk or the copy complained of last, or an empty string."""
        return self._own_problem or self._copy_problem

    @property
    def _own_problem(self) -> str:
        if self._refused:
            waiting = self._unwritten.count(b"\n")
            where = f"{waiting} events wait in memory"
            if self._second is not None and not self._second.refused:
                where = f"it is in {self._second.path}"
            return f"this computer's disk refuses the record ({self._refused}); {where}"
        failed = next((thread.problem for thread in self._threads if thread.problem), "")
        if failed:
            return f"this computer's disk failed while it made the record durable ({failed})"
        return f"this computer's disk has not answered for {SYNC_WAIT_S:g} s" if self._slow else ""

    @property
    def _copy_problem(self) -> str:
        failed = self._mirror.problem if self._mirror is not None else ""
        return f"the dataset's copy of the record waits ({failed})" if failed else ""

    @property
    def refused(self) -> bool:
        """Return whether the disk has not taken all that was written."""
        return bool(self._unwritten)

    @property
    def copied(self) -> bool:
        """Return whether the dataset's copy holds every event written so far."""
        return self._mirror is None or self._mirror.done

    def close(self, wait_copy_s: float = 10.0) -> None:
        """Make all durable, wait a while for the copy, and close the file; safe to call twice."""
        if self._file.closed:
            return
        with self._lock:
            self._hand_over()
        for thread in self._threads:
            thread.notice()
        self.sync()
        for thread in self._threads:
            thread.stop()
        if self._mirror is not None:
            self._mirror.finish(wait_copy_s)
        if self._second is not None:
            self._second.close(wanted=self.refused)
        self._file.close()

    def __enter__(self) -> Journal:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def tidied(value: object) -> object:
    """Return a value as it is written: times and other numbers to the sixth decimal."""
    if isinstance(value, list | tuple):
        return [tidied(each) for each in value]
    return round(value, 6) if isinstance(value, float) else value


def _line(body: Mapping[str, object]) -> str:
    """Return an event as JSON; half a character, as in the name of a file that is no text, stays escaped."""
    line = json.dumps(body, ensure_ascii=False)
    try:
        line.encode()
    except UnicodeEncodeError:
        return json.dumps(body)
    return line


def _link(previous: str, line: str) -> str:
    return hashlib.sha256(f"{previous}{line}".encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Recorded:
    """A journal that was read.

    ``events`` are the whole, unbroken lines from the beginning; ``problem`` says in words what follows them,
    and is empty when nothing does. ``good_bytes`` is the length of the unbroken part; ``torn`` is true where
    all that follows it is one line without an end, as a power cut leaves it.
    """

    path: Path
    events: tuple[Event, ...]
    last_hash: str
    good_bytes: int
    problem: str
    torn: bool = False

    @property
    def has_ended(self) -> bool:
        """Return whether the last segment was brought to an end."""
        end, segment = self.last("end"), self.last("segment")
        return end is not None and (segment is None or segment["n"] < end["n"])

    @property
    def header(self) -> Event:
        """Return the first line: who, what and with which definitions."""
        return self.events[0]

    def all(self, *kinds: str) -> Iterator[Event]:
        """Yield the events of some kinds, in order."""
        return (event for event in self.events if event["event"] in kinds)

    def last(self, kind: str) -> Event | None:
        """Return the last event of a kind, or None."""
        return next((event for event in reversed(self.events) if event["event"] == kind), None)


def read(path: Path) -> Recorded:
    """Read a journal as far as it is whole.

    Raises
    ------
    JournalError
        When the file cannot be opened, has no whole first line, or was written by another version.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise JournalError(f"{path}: cannot be read ({error.strerror or error})") from error
    recorded = _unbroken(path, content)
    if not recorded.events:
        raise JournalError(f"{path}: is no journal of a session ({recorded.problem or 'it is empty'})")
    header = recorded.header
    if header.get("event") != "session" or header.get("format") != FORMAT or header.get("rules") != RULES:
        found = f"format {header.get('format')}, rules {header.get('rules')}"
        raise JournalError(
            f"{path}: was written by another version ({found}; this one reads {FORMAT}, {RULES})"
        )
    return recorded


def _unbroken(path: Path, content: bytes) -> Recorded:
    events: list[Event] = []
    last, good, problem, torn = _NO_HASH, 0, "", False
    for raw in content.splitlines(keepends=True):
        event = _event(raw, last, len(events) + 1)
        if isinstance(event, str):
            torn = not raw.endswith(b"\n") and good + len(raw) == len(content)
            problem = f"line {len(events) + 1} was cut off" if torn else f"line {len(events) + 1} {event}"
            break
        events.append(event)
        last, good = event["hash"], good + len(raw)
    return Recorded(path, tuple(events), last, good, problem, torn)


def _event(raw: bytes, previous: str, number: int) -> dict[str, Any] | str:
    """Return the event on a line, or what is wrong with it."""
    changed = _changed_by_others(raw)
    if changed:
        return changed
    try:
        text = raw.decode()
        event = json.loads(text)
    except (ValueError, RecursionError):
        return "is not readable"
    body, mark, _ = text.rpartition(', "hash": "')
    if not isinstance(event, dict) or not mark or not raw.endswith(b"\n"):
        return "is not an event"
    if text != f'{body}{mark}{_link(previous, body + "}")}"}}\n':
        return "does not follow from the line before it (changed, lost or doubled)"
    return event if event.get("n") == number else f"has number {event.get('n')}"


def _changed_by_others(raw: bytes) -> str:
    """Say what programs and file systems are known to do to a line, or nothing."""
    if raw.startswith(b"\xef\xbb\xbf"):
        return "begins with a byte order mark: another program has saved the file"
    if raw.endswith(b"\r\n"):
        return "ends as Windows ends lines: another program has saved the file"
    return "holds NUL bytes, as a file system may leave them after a power cut" if b"\0" in raw else ""


def bring_here(local: Path, shared: Path) -> None:
    """Bring the local journal up to the dataset's copy where that has more: it was continued elsewhere.

    Raises
    ------
    JournalError
        When neither is a beginning of the other; both are left alone.
    """
    here = local.read_bytes() if local.is_file() else b""
    there = shared.read_bytes() if shared.is_file() else b""
    if here.startswith(whole_lines(there)):
        return
    if not there.startswith(whole_lines(here)):
        raise JournalError(f"{shared}: differs from {local}; neither was touched, compare them by hand")
    local.parent.mkdir(parents=True, exist_ok=True)
    local.write_bytes(there)  # broken off, it is a beginning, which is brought up to date the next time


def bring_second(local: Path, folder: Path) -> None:
    """Bring the local journal up to what was written of it in the second place, which is then cleared.

    Raises
    ------
    JournalError
        When neither is a beginning of the other; both are left alone.
    """
    second = folder / local.name
    if second.is_file():
        bring_here(local, second)
        second.unlink()


def longest(places: Iterable[Path]) -> Path | None:
    """Return the file with the most whole lines, the first of equals; None where there is none."""
    files = [place for place in places if place.is_file()]
    return max(files, key=lambda file: len(whole_lines(file.read_bytes())), default=None)


def whole_lines(content: bytes) -> bytes:
    """Return `content` without a last line that has no end."""
    return content[: content.rfind(b"\n") + 1]


def load_all(paths: Iterable[Path], on_problem: Callable[[str], None]) -> Iterator[Recorded]:
    """Yield every journal that can be read; tell of the others and of those that are broken off."""
    for path in paths:
        try:
            recorded = read(path)
        except JournalError as error:
            on_problem(str(error))
            continue
        if recorded.problem:
            on_problem(f"{path}: {recorded.problem}; {len(recorded.events)} events before it are kept")
        yield recorded
