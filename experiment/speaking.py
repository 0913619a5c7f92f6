"""What is said during a run: lines of co-players and messages on the court, at their throws."""

from __future__ import annotations

from dataclasses import dataclass

from experiment import definitions
from experiment.game import Player
from experiment.scenes import Said

ANNOUNCED_S = 4.0
"""How long the court says that somebody has left (our choice)."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """One line: by whom (None for the court), its name in the texts, its words, from and until when.

    Times are seconds played: since the run's zero, pauses of the session left out.
    """

    player: Player | None
    name: str
    words: str
    start: float
    until: float

    @property
    def lasts_s(self) -> float | None:
        """Return how long it stays (s), or None where it stays to the end of the run."""
        return None if self.until == float("inf") else self.until - self.start


class Speaking:
    """The lines of one run.

    Parameters
    ----------
    game
        The game file with its chat and messages.
    lines
        Words by name.
    """

    def __init__(self, game: definitions.Game, lines: dict[str, str]) -> None:
        self._file = game
        self._lines = lines
        self._spoken: list[Spoken] = []
        self._told = 0

    def caught(self, throw: int, at: float) -> None:
        """Plan the lines that follow this throw, caught at this time (s played); 0 is the start."""
        for line in self._file.chat:
            if line.after_throw == throw:
                start = at + line.after_s
                words = self._lines[line.text]
                self._spoken.append(Spoken(line.player, line.text, words, start, start + line.lasts_s))
        for message in self._file.messages:
            if message.after_throw == throw:
                start = at + message.after_s
                lasts = float("inf") if message.lasts_s is None else message.lasts_s
                self._spoken.append(
                    Spoken(None, message.text, self._lines[message.text], start, start + lasts)
                )
        self._spoken.sort(key=lambda spoken: spoken.start)

    def announce(self, words: str, at: float) -> None:
        """Let the court say something from now on for a while."""
        self._spoken.append(Spoken(None, "", words, at, at + ANNOUNCED_S))
        self._spoken.sort(key=lambda spoken: spoken.start)

    def said(self, at: float, playing: tuple[Player, ...]) -> tuple[Said, ...]:
        """Return what the co-players who still play are saying: for each the line that came last.

        It takes the place of the line before it for good.
        """
        latest = {
            line.player: line
            for line in self._spoken
            if line.player is not None and line.player in playing and line.start <= at
        }
        return tuple(
            Said(player, line.words, line.start) for player, line in sorted(latest.items()) if at < line.until
        )

    def message(self, at: float) -> str:
        """Return what the court says: of the messages that are up, the one that came last; or nothing."""
        words = ""
        for line in self._spoken:
            if line.player is None and line.start <= at < line.until:
                words = line.words
        return words

    def everything(self) -> list[tuple[tuple[Said, ...], str]]:
        """Return all that may come up on the court: what a co-player says, or a message."""
        said = [((Said(line.player, self._lines[line.text], 0.0),), "") for line in self._file.chat]
        return [*said, *(((), self._lines[message.text]) for message in self._file.messages)]

    def begun(self, at: float) -> list[Spoken]:
        """Return the lines of the file that have come up since the last call."""
        come = [line for line in self._spoken if line.start <= at]
        new = [line for line in come[self._told :] if line.name]
        self._told = max(self._told, len(come))
        return new

    def next_change(self, at: float) -> float | None:
        """Return when something is next said or falls silent, or None."""
        times = [time for line in self._spoken for time in (line.start, line.until)]
        later = [time for time in times if time > at and time != float("inf")]
        return min(later, default=None)
