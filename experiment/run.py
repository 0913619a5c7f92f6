"""One run of the game: rules, schedule, booth and journal brought together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from experiment import definitions
from experiment.booth import Booth, Frames, Press
from experiment.definitions.players import Place
from experiment.game import Game, Player
from experiment.journal import Journal
from experiment.leaving import Leavers
from experiment.scenes import PARTICIPANT, Ball, BallLook, Court, CourtPlayer, Flying, Held
from experiment.schedule import Schedule
from experiment.speaking import Speaking

COLOURS = ("#2f8090", "#ce8e3a", "#7a6ba8", "#5b8f4e", "#b8605f", "#3f6fb0", "#8a7a3c", "#a35c93")
"""Shirts of co-players to whom the game file gives no colour, from left to right."""

ARROWS = {2: ("left", "right"), 3: ("left", "up", "right")}

LEAVE, LEAVE_KEY = "button:leave", "l"
"""What the participant clicks or presses to leave a game that lets them."""


@dataclass(frozen=True, slots=True)
class RunOf:
    """Which run this is: its number among its kind (``game`` or ``practice``), game file and condition."""

    number: int
    kind: str
    game: str
    condition: str

    @property
    def id(self) -> str:
        """Return what no other run of the session is called; its random streams begin with it."""
        return f"{self.kind}-{self.number:02d}"


@dataclass(frozen=True, slots=True)
class Ended:
    """A run that was played to its end.

    `at` is the flip that showed its last ball caught; None where that was in an earlier segment, whose times
    are not compared with those of this one.
    """

    number: int
    condition: str
    at: float | None


@dataclass(frozen=True, slots=True)
class _Hold:
    """Somebody has the ball since `ready`; `paused_s` of it was spent in pauses of the session."""

    ready: float
    came_from: Player | None
    paused_s: float = 0.0

    @property
    def began(self) -> float:
        """Return when it would have begun, had there been no pause."""
        return self.ready + self.paused_s


@dataclass(frozen=True, slots=True)
class _Release:
    """What led to a throw, and the hold before it."""

    hold: _Hold
    receiver: Player
    flight_s: float
    pause_s: float | None = None
    response_s: float | None = None
    press: Press | None = None
    chosen: Player | None = None
    overruled: bool = False
    taken_over: bool = False


@dataclass(frozen=True, slots=True)
class _Left:
    """The participant has left the game."""

    at: float


_Taken = tuple[Player | None, Press]
"""What a press means in the game: to whom it throws, or, with None, that the participant leaves."""


def players_of(
    game: definitions.Game, you: str, photos: Mapping[str, Path] | None = None
) -> tuple[CourtPlayer, ...]:
    """Return everybody on the court as the participant sees them, co-players from left to right."""
    numbers = game.coplayer_numbers()
    keys = ARROWS.get(len(numbers), tuple(str(i) for i in range(1, len(numbers) + 1)))
    others = tuple(
        CourtPlayer(
            number,
            coplayer.name,
            coplayer.colour or COLOURS[i],
            keys[i],
            photo=str((photos or {}).get(coplayer.photo or "", "")),
            place=_place(coplayer.place),
        )
        for i, (number, coplayer) in enumerate(zip(numbers, game.coplayers, strict=True))
    )
    own = game.participant
    return (*others, CourtPlayer(PARTICIPANT, you, own.colour, place=_place(own.place)))


def _place(place: Place | None) -> tuple[float, float] | None:
    return None if place is None else (place.x, place.y)


@dataclass(slots=True)
class Run:
    """A run that can be played once."""

    booth: Booth
    journal: Journal
    file: definitions.Game
    texts: definitions.Texts
    of: RunOf
    seed: int
    photos: Mapping[str, Path] = field(default_factory=dict)
    _players: tuple[CourtPlayer, ...] = field(init=False)
    _receivers: dict[str, Player] = field(init=False)
    _schedule: Schedule = field(init=False)
    _leavers: Leavers = field(init=False)
    _speaking: Speaking = field(init=False)
    _game: Game = field(init=False)
    _zero: float = field(init=False, default=0.0)
    _paused_s: float = field(init=False, default=0.0)
    _flight_paused_s: float = field(init=False, default=0.0)
    _anticipations: int = field(init=False, default=0)

    def __post_init__(self) -> None:
        """Work out who stands where, which key or click throws to whom, and who has the ball at first."""
        self._players = players_of(self.file, self.texts.ui.you, self.photos)
        self._receivers = {}
        for place, player in enumerate((p for p in self._players if p.number != PARTICIPANT), start=1):
            for means in (f"player:{player.number}", player.key, str(place)):
                self._receivers[means] = player.number
        self._schedule = Schedule(self.file, self.seed, self.of.id)
        self._leavers = Leavers(self.file, self.seed, self.of.id)
        self._speaking = Speaking(self.file, self.texts.lines)
        self._game = self._schedule.start()

    def scenes(self) -> tuple[Court, ...]:
        """Return one court of each sort, and one for each line that is said, for the screen to prepare."""
        ball = Held(PARTICIPANT, 0.0)
        turn, flying = self._plain(ball, 0.0, turn=True), self._plain(Flying(1, PARTICIPANT, 0.0, 1.0), 0.5)
        leave = self.texts.ui.leave if self.file.participant.may_leave else ""
        spoken = [
            replace(flying, said=said, message=message, leave_label=leave)
            for said, message in self._speaking.everything()
        ]
        leaves = [replace(flying, message=self._has_left(p)) for p in self._players if self._may_go(p.number)]
        return (turn, flying, *spoken, *leaves)

    def play(self) -> Ended:
        """Play every throw and return how the run ended.

        Raises
        ------
        Interrupted, SessionStopped
            When the run is broken off; the journal then has no ``run_end``.
        """
        hold, now, ended = self._begin(), self._zero, ""
        while not ended:
            hold = self._enter_phase(hold, now)
            frames = self.booth.screen.frames()
            self._anticipations = 0
            done = self._participant(hold) if self._game.holder == PARTICIPANT else self._coplayer(hold)
            if isinstance(done, _Release):
                done = self._fly(done)
                if isinstance(done, _Hold):
                    self._write_catch(done, frames)
                    now = done.ready
            elif isinstance(done, _Hold):  # the time of the phase was up before the throw
                now = self._deadline()
            if isinstance(done, _Left):
                ended, now = "left", done.at
            else:
                hold, ended = done, self._schedule.over(self._game, self._played(now))
        self.journal.write(
            "run_end", now, run=self.of.id, throws=len(self._game.throws),
            receptions=self._game.receptions, ended=ended, second_clock=self.booth.clock.second(),
        )  # fmt: skip
        return Ended(self.of.number, self.of.condition, now)

    def _begin(self) -> _Hold:
        """Show the court for the first time."""
        self.booth.discard()
        ball = Held(self._game.holder, self.booth.screen.next_flip())
        self._speaking.caught(0, ball.since)
        self._zero = self.booth.screen.show(self._plain(ball, ball.since))
        self.journal.write(
            "run", self._zero, run=self.of.id, number=self.of.number, kind=self.of.kind,
            game=self.of.game, condition=self.of.condition,
            first_holder=self._game.holder, second_clock=self.booth.clock.second(),
        )  # fmt: skip
        self._leavers.caught(self._game, 0.0)
        return _Hold(self._zero, None)

    def _played(self, at: float) -> float:
        """Return the time played at `at`: since the zero, without pauses of the session."""
        return at - self._zero - self._paused_s

    def _deadline(self) -> float:
        """Return when the running phase ends by time (s, session clock)."""
        return self._zero + self._paused_s + (self._schedule.until_s or 0.0)

    def _enter_phase(self, hold: _Hold, at: float) -> _Hold:
        """Begin the next phase if it is due; a co-player who has the ball then begins to wait anew."""
        started = self._schedule.enter(self._game, self._played(at))
        if started is None:
            return hold
        self.journal.write(
            "phase", at, run=self.of.id, phase=started.name, number=started.number,
            first_throw=started.first_throw, throws=started.throws, places=started.places,
            second_clock=self.booth.clock.second(),
        )  # fmt: skip
        return hold if self._game.holder == PARTICIPANT else _Hold(at, hold.came_from)

    def _coplayer(self, hold: _Hold) -> _Release | _Hold | _Left:
        """Let a co-player hold the ball; return the throw, or the hold where the phase ends before it."""
        plan = self._schedule.coplayer_throw(self._game)
        self.journal.write(
            "plan", hold.ready, run=self.of.id, throw=len(self._game.throws) + 1, thrower=self._game.holder,
            receiver=plan.receiver, pause=plan.pause_s, drawn=plan.drawn_s, flight=plan.flight_s,
        )  # fmt: skip
        release = hold.began + plan.pause_s
        ball = Held(self._game.holder, hold.began, release, plan.receiver, hold.came_from)
        after, taken, cut = self._wait(hold, ball, plan.pause_s)
        if taken is not None:
            return _Left(taken[1].at)
        return after if cut else _Release(after, plan.receiver, plan.flight_s, pause_s=plan.pause_s)

    def _participant(self, hold: _Hold) -> _Release | _Hold | _Left:
        """Let the participant throw; return the throw, or the hold where the phase ends before it."""
        longest_s = self.file.participant.take_over_after_s
        ball = Held(PARTICIPANT, hold.began, came_from=hold.came_from)
        after, taken, cut = self._wait(hold, ball, longest_s)
        if taken is None:
            if cut:
                return after
            self._schedule.answered(longest_s or 0.0)
            own = self._schedule.own_throw(self._game, self._schedule.take_over(self._game))
            return _Release(after, own.receiver, own.flight_s, taken_over=True)
        chosen, press = taken
        if chosen is None:
            return _Left(press.at)
        self._schedule.answered(press.at - after.began)
        own = self._schedule.own_throw(self._game, chosen)
        response_s = press.at - hold.ready
        return _Release(
            after, own.receiver, own.flight_s, None, response_s, press, chosen, overruled=own.overruled
        )

    def _wait(self, hold: _Hold, ball: Held, longest_s: float | None) -> tuple[_Hold, _Taken | None, bool]:
        """Wait while the ball is held: the hold with its pauses, the press taken, whether the phase ended."""
        cut = False
        if self._schedule.until_s is not None:
            left_s = self._deadline() - hold.began
            cut = longest_s is None or longest_s >= left_s
            longest_s = left_s if cut else longest_s
        turn = ball.player == PARTICIPANT

        def scene(aim: float, _onset: float | None) -> Court:
            return self._court(ball, aim, turn=turn)

        watched = self.booth.watch(
            scene, self._own_throw if turn else self._early, lasts_s=longest_s, onset=hold.began,
            changes=self._next_change,
        )  # fmt: skip
        self._paused_s += watched.paused_s
        return replace(hold, paused_s=hold.paused_s + watched.paused_s), watched.taken, cut

    def _fly(self, release: _Release) -> _Hold | _Left:
        """Show the flight and the catch; who has had enough leaves with it."""
        self._game = self._game.throw(release.receiver)
        throw = self._game.throws[-1]
        start = self.booth.screen.next_flip()
        ball = Flying(throw.thrower, throw.receiver, start, release.flight_s)
        start = self.booth.screen.show(self._court(ball, start))
        ball = replace(ball, start=start)
        self._write_release(release, start)
        watched = self.booth.watch(
            lambda aim, _onset: self._court(ball, aim), self._early, lasts_s=release.flight_s, onset=start,
            changes=self._next_change,
        )  # fmt: skip
        self._paused_s += watched.paused_s
        if watched.taken is not None:
            return _Left(watched.taken[1].at)
        since = self.booth.screen.next_flip()
        self._leavers.caught(self._game, self._played(since))
        gone = self._let_leave(since)
        self._speaking.caught(throw.number, since)
        turn = throw.receiver == PARTICIPANT and not self._schedule.over(self._game, self._played(since))
        held = Held(throw.receiver, since, came_from=throw.thrower)
        flip = self.booth.screen.show(self._court(held, since, turn=turn))
        for player in gone:
            self.journal.write("left", flip, run=self.of.id, player=player, throw=throw.number)
        self._flight_paused_s = watched.paused_s
        return _Hold(flip, throw.thrower)

    def _let_leave(self, at: float) -> tuple[Player, ...]:
        """Take the co-players off the court who leave now, and say so."""
        gone = self._leavers.due(self._game, self._played(at))
        for number in gone:
            self._game = self._game.leave(number)
            self._players = tuple(replace(p, left_at=at) if p.number == number else p for p in self._players)
            self._speaking.announce(self._has_left(next(p for p in self._players if p.number == number)), at)
        return gone

    def _may_go(self, number: Player) -> bool:
        return number != PARTICIPANT and self.file.coplayer(number).leaves is not None

    def _has_left(self, player: CourtPlayer) -> str:
        return self.texts.ui.has_left.replace("{name}", player.name)

    def _write_release(self, release: _Release, onset: float) -> None:
        throw, press = self._game.throws[-1], release.press
        self.journal.write(
            "release", onset, run=self.of.id, throw=throw.number,
            thrower=throw.thrower, receiver=throw.receiver,
            ready=release.hold.ready, pause_planned=release.pause_s, flight_planned=release.flight_s,
            response_time=release.response_s, response_source=press.source if press else None,
            uncertainty=press.uncertainty_s if press else None,
            chosen=release.chosen, overruled=release.overruled, taken_over=release.taken_over,
            paused=release.hold.paused_s, receptions=self._game.receptions,
        )  # fmt: skip

    def _write_catch(self, hold: _Hold, frames: Frames | None) -> None:
        after = self.booth.screen.frames()
        self.journal.write(
            "catch", hold.ready, run=self.of.id, throw=len(self._game.throws),
            anticipations=self._anticipations, paused=self._flight_paused_s,
            frames=after.shown - frames.shown if after and frames else None,
            frames_late=after.late - frames.late if after and frames else None,
        )  # fmt: skip

    def _early(self, press: Press, onset: float) -> _Taken | None:
        """Record a press while the ball is elsewhere; it never counts as a throw, but may leave the game."""
        if self._leaves(press, onset):
            return None, press
        self._note(press, "anticipatory" if self._meant(press) is not None else "ignored")
        return None

    def _own_throw(self, press: Press, onset: float) -> _Taken | None:
        if self._leaves(press, onset):
            return None, press
        receiver = self._meant(press)
        if receiver is not None and press.at < onset:
            self._note(press, "anticipatory")
            return None
        self._note(press, "ignored" if receiver is None else "throw")
        return None if receiver is None else (receiver, press)

    def _leaves(self, press: Press, onset: float) -> bool:
        """Return whether a press leaves the game, and write it down if so."""
        meant = press.target == LEAVE or (press.key == LEAVE_KEY and not press.target)
        if not meant or press.drag or press.at < onset or not self._may_leave(press.at):
            return False
        self._note(press, "leave")
        self.journal.write("left", press.at, run=self.of.id, player=PARTICIPANT, throw=len(self._game.throws))
        return True

    def _may_leave(self, at: float) -> bool:
        from_s = self._leavers.participant_from_s(self._game)
        return from_s is not None and self._played(at) >= from_s

    def _meant(self, press: Press) -> Player | None:
        receiver = None if press.drag else self._receivers.get(press.target or press.key)
        return receiver if receiver in self._game.coplayers else None

    def _note(self, press: Press, use: str) -> None:
        self._anticipations += use == "anticipatory"
        note_press(self.journal, press, use)

    def _next_change(self, at: float) -> float | None:
        """Return when the court next changes by itself: a line comes or goes, or leaving opens."""
        from_s = self._leavers.participant_from_s(self._game)
        opens = None if from_s is None else self._zero + self._paused_s + from_s
        times = [t for t in (self._speaking.next_change(at), opens) if t is not None and t > at]
        return min(times, default=None)

    def _message(self, ball: Ball, at: float, *, turn: bool) -> str:
        """Return what the court says: a reminder to throw, a message, or how to throw."""
        prompt_after = self.file.participant.prompt_after_s
        waited_s = at - ball.since if turn and isinstance(ball, Held) else 0.0
        if prompt_after is not None and waited_s >= prompt_after:
            return self.texts.ui.throw_prompt
        hint = self.texts.ui.throw_hint if turn and self.of.kind == "practice" else ""
        return self._speaking.message(at) or hint

    def _court(self, ball: Ball, at: float, *, turn: bool = False) -> Court:
        """Return the court as it will be seen at `at`, and write down which lines come up with it."""
        for line in self._speaking.begun(at):
            self.journal.write(
                "line", at, run=self.of.id, player=line.player, text=line.name, lasts=line.lasts_s,
                throw=len(self._game.throws),
            )  # fmt: skip
        return self._plain(ball, at, turn=turn)

    def _plain(self, ball: Ball, at: float, *, turn: bool = False) -> Court:
        look = BallLook(self.file.ball.colour, self.file.ball.size)
        return Court(
            self._players, ball, look, at, turn, self._message(ball, at, turn=turn), self.texts.ui.stop,
            self._speaking.said(at, self._game.coplayers),
            self.texts.ui.leave if self._may_leave(at) else "",
        )  # fmt: skip


def note_press(journal: Journal, press: Press, use: str) -> None:
    """Write a press and what was made of it; typed characters and drags are not kept."""
    if press.drag or press.source == "text":
        return
    journal.write(
        "press", press.at, source=press.source, key=press.key or None, target=press.target or None, use=use,
        uncertainty=press.uncertainty_s,
    )  # fmt: skip
