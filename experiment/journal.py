"""The append-only record of a session: one event a line, each flushed before the next begins.

A line is a JSON object with `n` (from 1), `event`, `t` (s, session clock; null where there is none), the
event's own keys, and `hash`: the beginning of a SHA-256 over the hash before it and the line itself. A
changed character anywhere breaks the chain from there on.

The journal lies on a local disk. A thread makes each line durable within `SYNC_EVERY_S`; another copies
it to the dataset, which may be a network share that hangs without stopping anything here.
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

FORMAT = 1
RULES = 3
"""Version of the rules by which a journal's tables are made; a journal of another is refused."""

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
    """

    def __init__(
        self,
        path: Path,
        mirror: Path | None = None,
        *,
        within: Path | None = None,
        resume: bool = False,
        durable: bool = True,
    ) -> None:
        self.path = path
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
        self._lock = threading.Lock()
        self._threads = [Syncing(self._file)] if durable else []
        self._mirror = Mirroring(path, mirror, within) if mirror is not None else None

    def write(self, event: str, t: float | None = None, **data: object) -> None:
        """Append one event and hand it to the operating system before returning."""
        with self._lock:
            self._count += 1
            body: dict[str, object] = {"n": self._count, "event": event, "t": t, **data}
            line = json.dumps({key: tidied(value) for key, value in body.items()}, ensure_ascii=False)
            self._hash = _link(self._hash, line)
            self._unwritten += f'{line[:-1]}, "hash": "{self._hash}"}}\n'.encode()
            self._hand_over()
        for thread in self._threads:
            thread.notice()
        if self._mirror is not None:
            self._mirror.notice()

    def _hand_over(self) -> None:
        """Give the system what it has not taken yet; a full disk keeps it here until there is room again."""
        try:
            while self._unwritten:
                taken = self._file.write(self._unwritten)
                self._unwritten = self._unwritten[taken or 0 :]
            self._refused = ""
        except OSError as error:
            self._refused = str(error)

    def sync(self) -> None:
        """Wait until every event written so far is on the disk; a disk that refuses is told by `problem`."""
        for thread in self._threads:
            thread.wait()

    @property
    def count(self) -> int:
        """Return how many events the journal has."""
        return self._count

    @property
    def problem(self) -> str:
        """Return what the disk or the copy complained of last, or an empty string."""
        own = next((thread.problem for thread in self._threads if thread.problem), "")
        return self._refused or own or (self._mirror.problem if self._mirror is not None else "")

    @property
    def copied(self) -> bool:
        """Return whether the dataset's copy holds every event written so far."""
        return self._mirror is None or self._mirror.done

    def close(self, wait_copy_s: float = 10.0) -> None:
        """Make all durable, wait a while for the copy, and close the file; safe to call twice."""
        if self._file.closed:
            return
        self._hand_over()
        for thread in self._threads:
            thread.wait()
            thread.stop()
        if self._mirror is not None:
            self._mirror.finish(wait_copy_s)
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
    local.write_bytes(there)


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
