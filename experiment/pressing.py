"""What a press means during a run: a throw, a leave, or nothing; every one is written down."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from experiment.booth import Press
from experiment.game import Game, Player
from experiment.journal import Journal
from experiment.scenes import Court

LEAVE, LEAVE_KEY = "button:leave", "l"
"""What the participant clicks or presses to leave a game that lets them."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A press that was taken: to whom it throws, or None where the participant leaves with it."""

    press: Press
    receiver: Player | None


@dataclass(slots=True)
class Pressing:
    """The presses of one run. `anticipations` counts those that came before the ball."""

    journal: Journal
    receivers: Mapping[str, Player]
    anticipations: int = 0
    _leave_since: float | None = None

    def seen(self, court: Court, flip: float) -> bool:
        """Note since when the button to leave has been on the screen; an earlier press does not mean it.

        Returns whether this flip was the first with it.
        """
        offered = bool(court.leave_label) and self._leave_since is None
        if not court.leave_label:
            self._leave_since = None
        elif offered:
            self._leave_since = flip
        return offered

    def elsewhere(self, press: Press, game: Game) -> Taken | None:
        """Record a press while the ball is elsewhere; it never counts as a throw, but may leave the game."""
        if self._leaves(press):
            return Taken(press, None)
        self._note(press, "ignored" if self._meant(press, game) is None else "anticipatory")
        return None

    def own_turn(self, press: Press, onset: float, game: Game) -> Taken | None:
        """Take a press as the participant's throw, unless it is from before `onset` or means no player."""
        if self._leaves(press):
            return Taken(press, None)
        receiver = self._meant(press, game)
        if receiver is not None and press.at < onset:
            self._note(press, "anticipatory")
            return None
        self._note(press, "ignored" if receiver is None else "throw")
        return None if receiver is None else Taken(press, receiver)

    def _leaves(self, press: Press) -> bool:
        """Return whether a press leaves the game, and write it down if so."""
        meant = press.target == LEAVE or (press.key == LEAVE_KEY and not press.target)
        if not meant or press.drag or self._leave_since is None or press.at < self._leave_since:
            return False
        self._note(press, "leave")
        return True

    def _meant(self, press: Press, game: Game) -> Player | None:
        """Return the co-player whom a press means; who has left is nobody any more."""
        receiver = None if press.drag else self.receivers.get(press.target or press.key)
        return receiver if receiver in game.coplayers else None

    def _note(self, press: Press, use: str) -> None:
        self.anticipations += use == "anticipatory"
        note_press(self.journal, press, use)


def note_press(journal: Journal, press: Press, use: str) -> None:
    """Write a press and what was made of it; typed characters and drags are not kept.

    `use` is ``throw``, ``leave``, ``answer``, ``stop``, ``anticipatory`` (made before what it would have
    meant), ``unfocused`` (meant for another window) or ``ignored``.
    """
    if press.drag or press.source == "text":
        return
    journal.write(
        "press", press.at, source=press.source, key=press.key or None, target=press.target or None, use=use,
        uncertainty=press.uncertainty_s, seen=press.seen,
    )  # fmt: skip
