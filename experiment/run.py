"""One run of the game: rules, schedule, booth and journal brought together."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from experiment import definitions
from experiment.booth import Booth, Press, Watched
from experiment.game import Game
from experiment.journal import Journal
from experiment.leaving import Leavers
from experiment.pain.interludes import Interludes
from experiment.pressing import Pressing, Taken
from experiment.recording import Hold, Recording, Release, RunOf
from experiment.scenes import PARTICIPANT, Ball, Court, Flying, Held
from experiment.schedule import Schedule
from experiment.seating import receivers_of
from experiment.showing import PlayTime, Showing


@dataclass(frozen=True, slots=True)
class Ended:
    """A run that was played to its end.

    `at` is when it ended: the flip that showed its last ball caught, the end of its time, or the press with
    which the participant left. None where that was in an earlier segment, whose times are not compared with
    those of this one.
    """

    number: int
    condition: str
    at: float | None


@dataclass(frozen=True, slots=True)
class _Waited:
    """What came of a hold: the press taken, or None; `cut` where the time of the phase was up before."""

    hold: Hold
    taken: Taken | None
    cut: bool


@dataclass(frozen=True, slots=True)
class _Cut:
    """The time of the phase was up while somebody held the ball."""

    hold: Hold


@dataclass(frozen=True, slots=True)
class _Left:
    """The participant has left the game."""

    at: float


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
    interludes: Interludes | None = None
    _interludes: Interludes = field(init=False)
    _caught: int = field(init=False, default=0)
    _schedule: Schedule = field(init=False)
    _leavers: Leavers = field(init=False)
    _showing: Showing = field(init=False)
    _pressing: Pressing = field(init=False)
    _recording: Recording = field(init=False)
    _time: PlayTime = field(init=False, default_factory=PlayTime)
    _game: Game = field(init=False)
    _court: Court = field(init=False)

    def __post_init__(self) -> None:
        """Work out who stands where, which key or click throws to whom, and who has the ball at first."""
        self._interludes = self.interludes or Interludes(self.booth, self.journal, self.of.id)
        self._schedule = Schedule(self.file, self.seed, self.of.id)
        self._leavers = Leavers(self.file, self.seed, self.of.id)
        self._showing = Showing(
            self.file, self.texts, self.photos, self.of.kind == "practice", self._time, self._leavers
        )
        self._recording = Recording(self.journal, self.of, self.booth.clock, self.booth.screen)
        self._pressing = Pressing(self.journal, receivers_of(self._showing.players))
        self._game = self._schedule.start()

    def scenes(self) -> tuple[Court, ...]:
        """Return courts for the screen to prepare."""
        return self._showing.scenes(self._game)

    def play(self) -> Ended:
        """Play every throw and return how the run ended.

        Raises
        ------
        Interrupted, SessionStopped
            When the run is broken off; the journal then has no ``run_end``.
        """
        try:
            at, ended = self._throws()
            self._finish(ended)
        except Exception as reason:  # of whatever kind: nothing that hurts may stay on
            self._interludes.break_off(reason)
            raise
        self._recording.end(at, self._game, ended)
        return Ended(self.of.number, self.of.condition, at)

    def _throws(self) -> tuple[float, str]:
        """Play every throw; return when the run was over and why."""
        hold = self._begin()
        at, ended = hold.ready, ""
        while not ended:
            hold = self._interlude(self._enter_phase(hold, at))
            done: Release | Hold | _Cut | _Left = self._turn(hold)
            if isinstance(done, Release):
                done = self._fly(done)
            if isinstance(done, _Left):
                at, ended = done.at, "left"
                self._recording.left(at, self._game, PARTICIPANT)
                continue
            if isinstance(done, _Cut):
                hold, at = done.hold, self._deadline()
            else:
                hold, at = done, done.ready
            ended = self._schedule.over(self._game, self._time.played(at))
        return at, ended

    def _interlude(self, hold: Hold) -> Hold:
        """Ask what is due, while a co-player has the ball; the time it takes is none of the game's."""
        if self._game.holder == PARTICIPANT:
            return hold
        spent_s = self._interludes.ask_due(self._caught)
        self._time.paused_s += spent_s
        return replace(hold, paused_s=hold.paused_s + spent_s)

    def _finish(self, ended: str) -> None:
        """Let stimuli come to their end after the last throw; who has left is asked nothing more."""
        if ended == "left":
            self._interludes.break_off(None)
            return

        def show(enough: Callable[[], bool]) -> None:
            ball = Held(self._game.holder, self.booth.screen.next_flip())
            self._watch(
                ball,
                lambda press, _onset: self._pressing.elsewhere(press, self._game),
                None,
                None,
                over=enough,
            )

        self._interludes.finish(self._caught, show)

    def _begin(self) -> Hold:
        """Show the court for the first time."""
        self.booth.discard()
        ball = Held(self._game.holder, self.booth.screen.next_flip())
        self._time.zero = ball.since
        self._showing.speaking.caught(0, 0.0)
        self._leavers.caught(self._game, 0.0)
        self._time.zero = self._show(ball, ball.since, turn=ball.player == PARTICIPANT)
        self._recording.run(self._time.zero, self._court.time_s, self._game)
        self._seen(self._time.zero, self._court.time_s)
        return Hold(self._time.zero, None)

    def _deadline(self) -> float:
        """Return when the running phase ends by time (s, session clock)."""
        return self._time.clock(self._schedule.until_s or 0.0)

    def _enter_phase(self, hold: Hold, at: float) -> Hold:
        """Begin the next phase if it is due; a co-player who has the ball then begins to wait anew."""
        started = self._schedule.enter(self._game, self._time.played(at))
        if started is None:
            return hold
        self._recording.phase(at, started)
        return hold if self._game.holder == PARTICIPANT else Hold(at, hold.came_from)

    def _turn(self, hold: Hold) -> Release | _Cut | _Left:
        """Let the holder keep the ball until they throw it."""
        return self._participant(hold) if self._game.holder == PARTICIPANT else self._coplayer(hold)

    def _coplayer(self, hold: Hold) -> Release | _Cut | _Left:
        """Let a co-player hold the ball as long as the schedule says."""
        plan = self._schedule.coplayer_throw(self._game)
        self._recording.plan(hold.ready, self._game, plan)
        release = hold.began + plan.pause_s
        waited = self._wait(
            hold, Held(self._game.holder, hold.began, release, plan.receiver, hold.came_from), plan.pause_s
        )
        if waited.taken is not None:
            return _Left(waited.taken.press.at)
        if waited.cut:
            return _Cut(waited.hold)
        return Release(waited.hold, plan.receiver, plan.flight_s, pause_s=plan.pause_s)

    def _participant(self, hold: Hold) -> Release | _Cut | _Left:
        """Let the participant hold the ball until they throw it, or a co-player takes it over."""
        ball = Held(PARTICIPANT, hold.began, came_from=hold.came_from)
        waited = self._wait(hold, ball, self.file.participant.take_over_after_s)
        if waited.cut:
            return _Cut(waited.hold)
        if waited.taken is None:
            receiver = self._schedule.take_over(self._game)
            own = self._schedule.own_throw(self._game, receiver, taken_over=True)
            return Release(waited.hold, own.receiver, own.flight_s, taken_over=True)
        chosen, press = waited.taken.receiver, waited.taken.press
        if chosen is None:
            return _Left(press.at)
        own = self._schedule.own_throw(self._game, chosen)
        return Release(
            waited.hold, own.receiver, own.flight_s, response_s=press.at - hold.ready, taken=waited.taken,
            overruled=own.overruled,
        )  # fmt: skip

    def _wait(self, hold: Hold, ball: Held, longest_s: float | None) -> _Waited:
        """Wait while the ball is held, until a press is taken or the time of the hold or phase is up."""
        cut = False
        if self._schedule.until_s is not None:
            left_s = self._deadline() - hold.began
            cut = longest_s is None or longest_s >= left_s
            longest_s = left_s if cut else longest_s
        game, turn = self._game, ball.player == PARTICIPANT

        def decide(press: Press, onset: float) -> Taken | None:
            pressing = self._pressing
            return pressing.own_turn(press, onset, game) if turn else pressing.elsewhere(press, game)

        watched = self._watch(ball, decide, longest_s, hold.began, turn=turn)
        hold = replace(hold, paused_s=hold.paused_s + watched.paused_s)
        return _Waited(hold, watched.taken, cut and watched.taken is None)

    def _fly(self, release: Release) -> Hold | _Left:
        """Show the flight and the catch; who has had enough leaves with it."""
        game = self._game = self._game.throw(release.receiver)
        throw = game.throws[-1]
        ball = Flying(throw.thrower, throw.receiver, self.booth.screen.next_flip(), release.flight_s)
        self._leavers.threw(game, self._time.played(ball.start))
        start = self._show(ball, ball.start)
        self._recording.release(start, self._court.time_s, game, release)
        self._seen(start, self._court.time_s)
        if throw.thrower == PARTICIPANT:
            self._schedule.answered(start - release.hold.began)
        watched = self._watch(
            replace(ball, start=start),
            lambda press, _onset: self._pressing.elsewhere(press, game), release.flight_s, start,
        )  # fmt: skip
        if watched.taken is not None:
            return _Left(watched.taken.press.at)
        return self._catch(watched.paused_s)

    def _catch(self, paused_s: float) -> Hold:
        """Show the ball caught; `paused_s` of its flight was spent in pauses of the session."""
        throw = self._game.throws[-1]
        since = self.booth.screen.next_flip()
        played_s = self._time.played(since)
        self._leavers.caught(self._game, played_s)
        gone = self._leavers.due(self._game, played_s)
        for player in gone:
            self._game = self._game.leave(player)
        self._showing.speaking.caught(throw.number, played_s)
        self._showing.leave(gone, played_s)
        turn = throw.receiver == PARTICIPANT and not self._schedule.over(self._game, played_s)
        flip = self._show(Held(throw.receiver, since, came_from=throw.thrower), since, turn=turn)
        self._recording.catch(flip, self._court.time_s, self._game, self._pressing.anticipations, paused_s)
        self._pressing.anticipations = 0
        self._caught = throw.number
        for player in gone:
            self._recording.left(flip, self._game, player)
        self._seen(flip, self._court.time_s)
        return Hold(flip, throw.thrower)

    def _show(self, ball: Ball, at: float, *, turn: bool = False) -> float:
        """Show one frame of the court, and return its flip; `_seen` follows once the flip is written down."""
        self._court = self._showing.court(self._game, ball, at, turn=turn)
        return self.booth.screen.show(self._court)

    def _watch(
        self,
        ball: Ball,
        decide: Callable[[Press, float], Taken | None],
        lasts_s: float | None,
        onset: float | None,
        *,
        turn: bool = False,
        over: Callable[[], bool] = lambda: False,
    ) -> Watched[Taken]:
        """Show the court until a press is taken or the time is over."""
        game = self._game

        def changes(at: float) -> float | None:
            court = self._showing.next_change(game, ball, at, turn=turn)
            times = [t for t in self._interludes.next_change(self._time.clock) if t > at]
            return min(times if court is None else [*times, court], default=None)

        def scene(aim: float, _onset: float | None) -> Court:
            self._court = self._showing.court(game, ball, aim, turn=turn)
            return self._court

        watched = self.booth.watch(
            scene, decide, lasts_s=lasts_s, onset=onset,
            changes=changes, shown=self._seen, over=over,
        )  # fmt: skip
        self._time.paused_s += watched.paused_s
        return watched

    def _seen(self, flip: float, aim: float) -> None:
        """Take note of what the flip has shown for the first time: lines, and the button to leave.

        The court's own time is `aim` without what was spent in pauses since it was last begun to be shown.
        """
        if self._pressing.seen(self._court, flip):
            self._recording.offer(flip, aim, self._game)
        for line in self._showing.speaking.begun(self._time.played(self._court.time_s)):
            if line.player is None or line.player in self._game.coplayers:
                self._recording.line(flip, aim, self._game, line)
        played_s = self._time.played(self._court.time_s)
        self._interludes.frame(flip, aim, self._caught, played_s)
