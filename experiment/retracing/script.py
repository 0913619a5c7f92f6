"""The events of a segment as a script, and the journal that compares what is written with it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from experiment.journal import Event, Journal, tidied

NOT_RECOMPUTED = frozenset({"n", "hash"})
"""Keys of a line that the journal itself makes; the chain of hashes vouches for them."""


class Difference(BaseException):
    """What was recomputed is not what was recorded: in which line, and how.

    No `Exception`, which the session would take for a fault of its own and write down.
    """

    def __init__(self, line: int, problem: str) -> None:
        super().__init__(f"line {line}: {problem}")
        self.line = line
        self.problem = problem


class RecordEnds(BaseException):
    """The record ends here, as a kill leaves it: no error, so that the session lets it pass."""


class RecordedFault(Exception):
    """A fault that the journal tells of happens again, so that what followed it does too."""


@dataclass(slots=True)
class Script:
    """The events of one segment, and how far the session has come through them again."""

    events: Sequence[Event]
    place: int = 0
    last_line: int = 0

    @property
    def next(self) -> Event | None:
        """Return the event that is to be written next, or None at the end."""
        return self.events[self.place] if self.place < len(self.events) else None

    def due(self) -> Event:
        """Return the event that is to be written next; what ended the record ends the session here too."""
        event = self.next
        if event is None:
            raise RecordEnds
        if event["event"] == "fault":
            raise RecordedFault(event["message"])
        return event

    @property
    def line(self) -> int:
        """Return the number of the line that is due."""
        event = self.next
        return self.last_line + 1 if event is None else int(event["n"])


def unheard(_event: Event) -> None:
    """Let nobody hear of an event."""


def fail_again(due: Event) -> None:
    """Let what failed while a stimulus was on fail again: the record has its end, and then the fault."""
    if due["event"] == "stimulus_end" and due["broken_off"] == "fault":
        raise RecordedFault("a stimulus was ended by it")


class RetracedJournal(Journal):
    """Compares what is written with what was; `passed` is told of each event that is the same."""

    def __init__(self, path: Path, script: Script, passed: Callable[[Event], None] = unheard) -> None:
        self.path = path
        self._script = script
        self._passed = passed

    def write(self, event: str, t: float | None = None, **data: object) -> None:
        """Compare an event with the one that is due, and go on to the next.

        Raises
        ------
        Difference
            When they are not the same.
        """
        script = self._script
        recorded = script.next if event == "fault" else script.due()
        if recorded is None:
            raise RecordEnds
        if event != "stimulus_end":
            fail_again(recorded)
        self._compare(recorded, {"event": event, "t": t, **data})
        script.place += 1
        script.last_line = int(recorded["n"])
        self._passed(recorded)

    def _compare(self, recorded: Event, written: Mapping[str, object]) -> None:
        line, kind = int(recorded["n"]), written["event"]
        if recorded["event"] != kind == "fault":
            why = f"{written['kind']}: {written['message']}"
            raise Difference(line, f"has '{recorded['event']}' where going through it again fails ({why})")
        if recorded["event"] != kind:
            raise Difference(line, f"has '{recorded['event']}' where '{kind}' is recomputed")
        if kind == "fault":
            return
        again: dict[str, Any] = json.loads(json.dumps({key: tidied(value) for key, value in written.items()}))
        for key in [*again, *(key for key in recorded if key not in NOT_RECOMPUTED)]:
            if key not in recorded or key not in again:
                where = "the record" if key in again else "what is recomputed"
                raise Difference(line, f"{kind}: '{key}' is missing from {where}")
            if again[key] != recorded[key]:
                raise Difference(line, f"{kind}: {key} is {recorded[key]!r}, recomputed {again[key]!r}")

    def sync(self) -> None:
        """Have nothing to wait for."""

    @property
    def count(self) -> int:
        """Return how many events were compared."""
        return self._script.place

    @property
    def problem(self) -> str:
        """Return nothing: nothing is written."""
        return ""

    def close(self, wait_copy_s: float = 0.0) -> None:
        """Have nothing to close."""
