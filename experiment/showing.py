"""What the court shows at a moment of a run, and when that next changes by itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from experiment import definitions
from experiment.game import Game, Player
from experiment.leaving import Leavers
from experiment.scenes import PARTICIPANT, Ball, BallLook, Court, CourtPlayer, Flying, Held
from experiment.seating import players_of
from experiment.speaking import Speaking


@dataclass(slots=True)
class PlayTime:
    """Time played in a run: since its zero, the first flip, with pauses of the session left out."""

    zero: float = 0.0
    paused_s: float = 0.0

    def played(self, at: float) -> float:
        """Return the time played (s) at a time of the session clock."""
        return at - self.zero - self.paused_s

    def clock(self, played_s: float) -> float:
        """Return when so much is played (s, session clock), without further pauses."""
        return self.zero + self.paused_s + played_s


@dataclass(slots=True)
class Showing:
    """The court of one run. With `hint`, it says how to throw, as in practice."""

    file: definitions.Game
    texts: definitions.Texts
    photos: Mapping[str, Path]
    hint: bool
    time: PlayTime
    leavers: Leavers
    speaking: Speaking = field(init=False)
    players: tuple[CourtPlayer, ...] = field(init=False)
    _left: dict[Player, float] = field(init=False, default_factory=dict)
    _look: BallLook = field(init=False)

    def __post_init__(self) -> None:
        """Work out who stands where and what may be said."""
        self.players = players_of(self.file, self.texts.ui.you, self.photos)
        self.speaking = Speaking(self.file, self.texts.lines)
        self._look = BallLook(self.file.ball.colour, self.file.ball.size)

    def scenes(self, game: Game) -> tuple[Court, ...]:
        """Return a court of each sort, and one for each line that may come up, for the screen to prepare."""
        turn = self.court(game, Held(PARTICIPANT, 0.0), 0.0, turn=True)
        flying = self.court(game, Flying(1, PARTICIPANT, 0.0, 1.0), 0.5)
        leave = self.texts.ui.leave if self.file.participant.may_leave else ""
        spoken = [
            replace(flying, said=said, message=message, leave_label=leave)
            for said, message in self.speaking.everything()
        ]
        going = [n for n in self.file.coplayer_numbers() if self.file.coplayer(n).leaves is not None]
        return (turn, flying, *spoken, *(replace(flying, message=self._has_left(n)) for n in going))

    def leave(self, gone: tuple[Player, ...], played_s: float) -> None:
        """Let co-players go from now on, and say so."""
        self._left |= dict.fromkeys(gone, played_s)
        if gone:
            self.speaking.announce(" ".join(self._has_left(number) for number in gone), played_s)

    def _has_left(self, number: Player) -> str:
        return self.texts.ui.has_left.replace("{name}", self.file.coplayer(number).name)

    def court(self, game: Game, ball: Ball, at: float, *, turn: bool = False) -> Court:
        """Return the court as it will be seen at `at` (s, session clock)."""
        played_s = self.time.played(at)
        leave_from_s = self.leavers.participant_from_s(game)
        may_leave = leave_from_s is not None and played_s >= leave_from_s
        return Court(
            self._standing(), ball, self._look, at, turn,
            self._message(ball, at, turn=turn),
            self.texts.ui.stop,
            tuple(
                replace(said, since=self.time.clock(said.since))
                for said in self.speaking.said(played_s, game.coplayers)
            ),
            self.texts.ui.leave if may_leave else "",
        )  # fmt: skip

    def _standing(self) -> tuple[CourtPlayer, ...]:
        """Return the players; who has left since when."""
        if not self._left:
            return self.players
        return tuple(
            replace(p, left_at=self.time.clock(self._left[p.number])) if p.number in self._left else p
            for p in self.players
        )

    def _message(self, ball: Ball, at: float, *, turn: bool) -> str:
        """Return what the court says: a reminder to throw, a message, or how to throw."""
        prompted_from = self._prompted_from(ball, turn=turn)
        if prompted_from is not None and at >= prompted_from:
            return self.texts.ui.throw_prompt
        return self.speaking.message(self.time.played(at)) or (
            self.texts.ui.throw_hint if turn and self.hint else ""
        )

    def _prompted_from(self, ball: Ball, *, turn: bool) -> float | None:
        """Return from when the court reminds the participant to throw (s, session clock), or None."""
        after_s = self.file.participant.prompt_after_s
        return ball.since + after_s if turn and after_s is not None and isinstance(ball, Held) else None

    def next_change(self, game: Game, ball: Ball, at: float, *, turn: bool) -> float | None:
        """Return when the court next changes by itself: a line, a reminder, or the button to leave."""
        played = (self.speaking.next_change(self.time.played(at)), self.leavers.participant_from_s(game))
        times = [self.time.clock(played_s) for played_s in played if played_s is not None]
        prompted_from = self._prompted_from(ball, turn=turn)
        times += [] if prompted_from is None else [prompted_from]
        return min((t for t in times if t > at), default=None)
