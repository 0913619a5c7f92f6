"""What was found in a file of another program: one game as an intermediate value, and what was noted."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


class ImportingError(ValueError):
    """A file that cannot be imported; `lines` has one line for each problem."""

    def __init__(self, *lines: str) -> None:
        super().__init__("\n".join(lines))
        self.lines = lines


@dataclass(frozen=True, slots=True)
class Source:
    """A file that is imported: its name as told to the researcher, and its text."""

    name: str
    text: str


class Report:
    """Notes and problems by line of a source."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.notes: list[str] = []
        self.problems: list[str] = []

    def at(self, line: int) -> str:
        """Return a place in the source, as it stands in messages and comments."""
        return f"{self.file}:{line}"

    def note(self, line: int, text: str) -> None:
        """Note what has no counterpart and does not change how the game plays."""
        self.notes.append(f"{self.at(line)}: {text}")

    def refuse(self, line: int, text: str) -> None:
        """Note what would make the game play differently, or cannot be read."""
        self.problems.append(f"{self.at(line)}: {text}")

    def stop(self) -> None:
        """Raise what was refused, if anything was."""
        if self.problems:
            raise ImportingError(*dict.fromkeys(self.problems))


Table = dict[str, Any]
"""An inline table of a game file, such as ``{"kind": "fixed", "value_s": 1.0}``."""


@dataclass(frozen=True, slots=True)
class ImportedCoplayer:
    """A co-player; `said` names the line of the source, a comment of the file that is written."""

    name: str
    said: str
    colour: str | None = None
    pause: Table | None = None
    pause_said: str = ""
    leaves: Table | None = None
    leaves_said: str = ""


@dataclass(frozen=True, slots=True)
class ImportedLine:
    """Something said: by a co-player, or by nobody (`player` is None)."""

    player: int | None
    words: str
    after_throw: int
    after_s: float
    lasts_s: float
    said: str


@dataclass(frozen=True, slots=True)
class ImportedGame:
    """One game of another program in our terms: one phase, one policy.

    `policy` is the key of the phase; `rows` its values with the place each came from: rows of a
    ``sequence``, ``(co-player, weights)`` for ``weights``, ``(receiver, pause)`` for ``order``.
    """

    title: str
    source: str
    players: int
    players_said: str
    coplayers: tuple[ImportedCoplayer, ...]
    starts: str | int
    starts_said: str
    pause: Table
    pause_said: str
    flight: Table
    flight_said: str
    policy: str
    rows: tuple[tuple[Any, str], ...]
    throws: int | None = None
    duration_s: float | None = None
    ends_said: str = ""
    may_leave: Table | None = None
    may_leave_said: str = ""
    lines: tuple[ImportedLine, ...] = field(default=())


def numbers_of(players: int) -> tuple[int, ...]:
    """Return the co-players' numbers in a game of so many players: 1, 3, 4 ..."""
    return tuple(n for n in range(1, players + 1) if n != 2)


def most_throws(thrower_starts: bool, throws: int) -> int:
    """Return how often one player can have to throw in a run of so many throws."""
    return -(-throws // 2) if thrower_starts else throws // 2


def seconds(value: float) -> float:
    """Return seconds without the noise of a division."""
    return round(value, 6)
