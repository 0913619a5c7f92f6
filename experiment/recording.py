"""What a run leaves in the journal: every event of it, with the flip that showed it."""

from __future__ import annotations

from dataclasses import dataclass

from experiment.booth import Clock, Screen
from experiment.game import Game, Player
from experiment.journal import Journal
from experiment.pressing import Taken
from experiment.schedule import PhaseStart, Plan
from experiment.speaking import Spoken


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
class Hold:
    """Somebody has the ball since `ready`; `paused_s` of it was spent in pauses of the session."""

    ready: float
    came_from: Player | None
    paused_s: float = 0.0

    @property
    def began(self) -> float:
        """Return when it would have begun, had there been no pause."""
        return self.ready + self.paused_s


@dataclass(frozen=True, slots=True)
class Release:
    """What led to a throw, and the hold before it."""

    hold: Hold
    receiver: Player
    flight_s: float
    pause_s: float | None = None
    response_s: float | None = None
    taken: Taken | None = None
    overruled: bool = False
    taken_over: bool = False


def counted_frames(screen: Screen) -> dict[str, object]:
    """Return the account of the frames since the last one, for an event."""
    frames = screen.account()
    if frames is None:
        return {"frames": None, "frames_late": None, "frame_longest": None}
    return {"frames": frames.shown, "frames_late": frames.late, "frame_longest": frames.longest_s}


@dataclass(slots=True)
class Recording:
    """Writes the events of one run; frames are accounted for from one catch to the next.

    `aim` is when a frame was to be seen as it was drawn; the event's own time is when it was.
    """

    journal: Journal
    of: RunOf
    clock: Clock
    screen: Screen

    def run(self, at: float, aim: float, game: Game) -> None:
        """Write that the run began."""
        self.screen.account()
        self.journal.write(
            "run", at, aim=aim, run=self.of.id, number=self.of.number, kind=self.of.kind, game=self.of.game,
            condition=self.of.condition, first_holder=game.holder, clocks=self.clock.pair(),
        )  # fmt: skip

    def phase(self, at: float, started: PhaseStart) -> None:
        """Write that a phase began, and what was drawn for it."""
        self.journal.write(
            "phase", at, run=self.of.id, phase=started.name, number=started.number,
            first_throw=started.first_throw, throws=started.throws, places=started.places,
            clocks=self.clock.pair(),
        )  # fmt: skip

    def plan(self, at: float, game: Game, plan: Plan) -> None:
        """Write what the co-player who holds the ball is going to do."""
        self.journal.write(
            "plan", at, run=self.of.id, throw=len(game.throws) + 1, thrower=game.holder,
            receiver=plan.receiver, pause=plan.pause_s, drawn=plan.drawn_s, flight=plan.flight_s,
        )  # fmt: skip

    def release(self, at: float, aim: float, game: Game, release: Release) -> None:
        """Write the throw that was begun, and what led to it."""
        throw, taken = game.throws[-1], release.taken
        press = taken.press if taken else None
        self.journal.write(
            "release", at, aim=aim, run=self.of.id, throw=throw.number,
            thrower=throw.thrower, receiver=throw.receiver,
            ready=release.hold.ready, pause_planned=release.pause_s, flight_planned=release.flight_s,
            response_time=release.response_s, response_source=press.source if press else None,
            uncertainty=press.uncertainty_s if press else None,
            chosen=taken.receiver if taken else None, overruled=release.overruled,
            taken_over=release.taken_over, paused=release.hold.paused_s, receptions=game.receptions,
        )  # fmt: skip

    def catch(self, at: float, aim: float, game: Game, anticipations: int, paused_s: float) -> None:
        """Write the catch; `paused_s` of the flight was spent in pauses of the session."""
        self.journal.write(
            "catch", at, aim=aim, run=self.of.id, throw=len(game.throws), anticipations=anticipations,
            paused=paused_s, **counted_frames(self.screen),
        )  # fmt: skip

    def line(self, at: float, aim: float, game: Game, line: Spoken) -> None:
        """Write that something was said."""
        self.journal.write(
            "line", at, aim=aim, run=self.of.id, player=line.player, text=line.name, lasts=line.lasts_s,
            throw=len(game.throws),
        )  # fmt: skip

    def offer(self, at: float, aim: float, game: Game) -> None:
        """Write that the button with which the participant may leave has come up."""
        self.journal.write("offer", at, aim=aim, run=self.of.id, throw=len(game.throws))

    def left(self, at: float, game: Game, player: Player) -> None:
        """Write that somebody has left the game."""
        self.journal.write("left", at, run=self.of.id, player=player, throw=len(game.throws))

    def end(self, at: float, game: Game, ended: str) -> None:
        """Write how the run ended."""
        self.journal.write(
            "run_end", at, run=self.of.id, throws=len(game.throws), receptions=game.receptions, ended=ended,
            clocks=self.clock.pair(), **counted_frames(self.screen),
        )  # fmt: skip
