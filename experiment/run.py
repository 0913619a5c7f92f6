"""One run of the game: rules, schedule, booth and journal brought together."""

from __future__ import annotations

from dataclasses import dataclass, field

from experiment import definitions
from experiment.booth import Booth, Press, Watched
from experiment.definitions.texts import Interface
from experiment.game import Game, Player
from experiment.journal import Journal
from experiment.scenes import PARTICIPANT, Ball, BallLook, Court, CourtPlayer, Flying, Held
from experiment.schedule import Schedule

COLOURS = ("#2f8090", "#ce8e3a", "#7a6ba8", "#5b8f4e", "#b8605f", "#3f6fb0", "#8a7a3c", "#a35c93")
"""Shirts of co-players to whom the game file gives no colour, from left to right."""

ARROWS = {2: ("left", "right"), 3: ("left", "up", "right")}


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
class _Release:
    """What led to a throw."""

    receiver: Player
    flight_s: float
    pause_s: float | None = None
    response_s: float | None = None
    press: Press | None = None
    taken_over: bool = False
    paused_s: float = 0.0


def players_of(game: definitions.Game, you: str) -> tuple[CourtPlayer, ...]:
    """Return everybody on the court as the participant sees them, co-players from left to right."""
    numbers = game.coplayer_numbers()
    keys = ARROWS.get(len(numbers), tuple(str(i) for i in range(1, len(numbers) + 1)))
    others = tuple(
        CourtPlayer(number, coplayer.name, coplayer.colour or COLOURS[i], keys[i])
        for i, (number, coplayer) in enumerate(zip(numbers, game.coplayers, strict=True))
    )
    return (*others, CourtPlayer(PARTICIPANT, you, game.participant.colour))


@dataclass(slots=True)
class Run:
    """A run that can be played once."""

    booth: Booth
    journal: Journal
    file: definitions.Game
    words: Interface
    of: RunOf
    seed: int
    _players: tuple[CourtPlayer, ...] = field(init=False)
    _receivers: dict[str, Player] = field(init=False)
    _anticipations: int = field(init=False, default=0)

    def __post_init__(self) -> None:
        """Work out who stands where and which key or click throws to whom."""
        self._players = players_of(self.file, self.words.you)
        self._receivers = {}
        for place, player in enumerate((p for p in self._players if p.number != PARTICIPANT), start=1):
            for means in (f"player:{player.number}", player.key, str(place)):
                self._receivers[means] = player.number

    def scenes(self) -> tuple[Court, ...]:
        """Return one court of each sort, for the screen to prepare."""
        ball = Held(PARTICIPANT, 0.0)
        return (self._court(ball, 0.0, turn=True), self._court(Flying(1, PARTICIPANT, 0.0, 1.0), 0.5))

    def play(self) -> Ended:
        """Play every throw and return how the run ended.

        Raises
        ------
        Interrupted, SessionStopped
            When the run is broken off; the journal then has no ``run_end``.
        """
        schedule = Schedule(self.file, self.seed, self.of.id)
        game = schedule.start()
        self.booth.discard()
        ball = Held(game.holder, self.booth.screen.next_flip())
        ready = zero = self.booth.screen.show(self._court(ball, ball.since))
        self.journal.write(
            "run", zero, run=self.of.id, number=self.of.number, kind=self.of.kind,
            game=self.of.game, condition=self.of.condition,
            first_holder=game.holder, second_clock=self.booth.clock.second(),
        )  # fmt: skip
        came_from: Player | None = None
        while len(game.throws) < self.file.throws:
            self._enter_phase(schedule, game, ready)
            frames = self.booth.screen.frames()
            self._anticipations = 0
            if game.holder == PARTICIPANT:
                release = self._participant(schedule, game, ready, came_from)
            else:
                release = self._coplayer(schedule, game, ready, came_from)
            came_from = game.holder
            game = game.throw(release.receiver)
            ready, paused_s = self._fly(game, release, ready)
            after = self.booth.screen.frames()
            self.journal.write(
                "catch", ready, run=self.of.id, throw=len(game.throws), anticipations=self._anticipations,
                paused=paused_s,
                frames=after.shown - frames.shown if after and frames else None,
                frames_late=after.late - frames.late if after and frames else None,
            )  # fmt: skip
        self.journal.write(
            "run_end", ready, run=self.of.id, throws=len(game.throws), receptions=game.receptions,
            second_clock=self.booth.clock.second(),
        )  # fmt: skip
        return Ended(self.of.number, self.of.condition, ready)

    def _enter_phase(self, schedule: Schedule, game: Game, at: float) -> None:
        started = schedule.enter(game)
        if started is not None:
            self.journal.write(
                "phase", at, run=self.of.id, phase=started.name, number=started.number,
                first_throw=started.first_throw, throws=started.throws, places=started.places,
                second_clock=self.booth.clock.second(),
            )  # fmt: skip

    def _coplayer(self, schedule: Schedule, game: Game, ready: float, came_from: Player | None) -> _Release:
        plan = schedule.coplayer_throw(game)
        number = len(game.throws) + 1
        self.journal.write(
            "plan", ready, run=self.of.id, throw=number, thrower=game.holder, receiver=plan.receiver,
            pause=plan.pause_s, flight=plan.flight_s,
        )  # fmt: skip
        ball = Held(game.holder, ready, ready + plan.pause_s, plan.receiver, came_from)
        watched: Watched[Press] = self.booth.watch(
            lambda aim, _onset: self._court(ball, aim), self._too_early, lasts_s=plan.pause_s, onset=ready
        )
        return _Release(plan.receiver, plan.flight_s, pause_s=plan.pause_s, paused_s=watched.paused_s)

    def _participant(
        self, schedule: Schedule, game: Game, ready: float, came_from: Player | None
    ) -> _Release:
        ball = Held(PARTICIPANT, ready, came_from=came_from)

        def scene(aim: float, _onset: float | None) -> Court:
            return self._court(ball, aim, turn=True, waited_s=aim - ready)

        watched: Watched[tuple[Player, Press]] = self.booth.watch(
            scene, self._own_throw, lasts_s=self.file.participant.take_over_after_s, onset=ready
        )
        flight = schedule.participant_flight()
        if watched.taken is None:
            return _Release(schedule.take_over(game), flight, taken_over=True, paused_s=watched.paused_s)
        receiver, press = watched.taken
        return _Release(receiver, flight, response_s=press.at - ready, press=press, paused_s=watched.paused_s)

    def _fly(self, game: Game, release: _Release, ready: float) -> tuple[float, float]:
        """Show the flight and the catch; return the flip that showed the catch, and time in pauses (s)."""
        throw = game.throws[-1]
        start = self.booth.screen.next_flip()
        ball: Ball = Flying(throw.thrower, throw.receiver, start, release.flight_s)
        start = self.booth.screen.show(self._court(ball, start))
        ball = Flying(throw.thrower, throw.receiver, start, release.flight_s)
        self._write_release(game, release, ready, start)
        watched: Watched[Press] = self.booth.watch(
            lambda aim, _onset: self._court(ball, aim), self._too_early, lasts_s=release.flight_s, onset=start
        )
        since = self.booth.screen.next_flip()
        last = len(game.throws) == self.file.throws
        turn = throw.receiver == PARTICIPANT and not last
        held = Held(throw.receiver, since, came_from=throw.thrower)
        return self.booth.screen.show(self._court(held, since, turn=turn)), watched.paused_s

    def _write_release(self, game: Game, release: _Release, ready: float, onset: float) -> None:
        throw, press = game.throws[-1], release.press
        self.journal.write(
            "release", onset, run=self.of.id, throw=throw.number,
            thrower=throw.thrower, receiver=throw.receiver,
            ready=ready, pause_planned=release.pause_s, flight_planned=release.flight_s,
            response_time=release.response_s, response_source=press.source if press else None,
            uncertainty=press.uncertainty_s if press else None, taken_over=release.taken_over,
            paused=release.paused_s, receptions=game.receptions,
        )  # fmt: skip

    def _too_early(self, press: Press, onset: float) -> None:
        """Record a press while the ball is elsewhere; it never counts as a throw."""
        del onset
        self._note(press, "anticipatory" if self._meant(press) is not None else "ignored")

    def _own_throw(self, press: Press, onset: float) -> tuple[Player, Press] | None:
        receiver = self._meant(press)
        if receiver is not None and press.at < onset:
            self._note(press, "anticipatory")
            return None
        self._note(press, "ignored" if receiver is None else "throw")
        return None if receiver is None else (receiver, press)

    def _meant(self, press: Press) -> Player | None:
        return None if press.drag else self._receivers.get(press.target or press.key)

    def _note(self, press: Press, use: str) -> None:
        self._anticipations += use == "anticipatory"
        note_press(self.journal, press, use)

    def _message(self, waited_s: float) -> str:
        """Return what the court says while it is the participant's turn."""
        prompt_after = self.file.participant.prompt_after_s
        if prompt_after is not None and waited_s >= prompt_after:
            return self.words.throw_prompt
        return self.words.throw_hint if self.of.kind == "practice" else ""

    def _court(self, ball: Ball, time_s: float, *, turn: bool = False, waited_s: float = 0.0) -> Court:
        message = self._message(waited_s) if turn else ""
        look = BallLook(self.file.ball.colour, self.file.ball.size)
        return Court(self._players, ball, look, time_s, turn, message, self.words.stop)


def note_press(journal: Journal, press: Press, use: str) -> None:
    """Write a press and what was made of it; typed characters and drags are not kept."""
    if press.drag or press.source == "text":
        return
    journal.write(
        "press", press.at, source=press.source, key=press.key or None, target=press.target or None, use=use,
        uncertainty=press.uncertainty_s,
    )  # fmt: skip
