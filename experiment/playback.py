"""How a recorded session is played back: at what speed, what is passed over, and who may hold it.

`Projector` is where it is seen; `experiment.stage.projector` is one with a window.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, Protocol

from experiment.journal import Event
from experiment.scenes import Court, Flying, Joining, Page, Scene

SPEEDS = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0)
"""What + and - lead to; a speed asked for may lie between them."""

BEHIND_S = 0.1
"""A projector that is further behind than this (s, its own time) goes on from where it is: nothing that is to
be seen is passed over to catch up."""

PROBE_S = 0.1
"""How closely a wait that is to be shortened is looked through for changes (s)."""

Wish = Literal["hold", "jump", "faster", "slower", "end"]


class ReplayEnded(BaseException):
    """Whoever watches has seen enough: no error, so that the session lets it pass."""


class Projector(Protocol):
    """Where a session is seen again. Its times (s) are those of whoever watches."""

    def next_flip(self) -> float:
        """Return when the frame that is drawn now will be seen."""

    def show(self, scene: Scene, caption: str) -> float:
        """Show a frame, marked as a replay by `caption`; return when it was seen."""

    def wishes(self) -> Sequence[Wish]:
        """Return what whoever watches has asked for since the last call."""


@dataclass(slots=True)
class Pace:
    """Which moment of the session is due: it was at `session_s` at the projector's `real_s`."""

    speed: float
    session_s: float = 0.0
    real_s: float = 0.0
    held: bool = False

    def anchor(self, session_s: float, real_s: float) -> None:
        """Go on from here."""
        self.session_s, self.real_s = session_s, real_s

    def at(self, real_s: float) -> float:
        """Return the moment that is due (s, session clock)."""
        return self.session_s + (0.0 if self.held else (real_s - self.real_s) * self.speed)


def _silent(_line: str) -> None:
    """Say nothing."""


@dataclass(slots=True)
class Playback:
    """One playing back of a session.

    Attributes
    ----------
    projector
        Where it is seen.
    name
        Whose session it is, for the caption.
    pace
        How fast.
    skip_s
        A wait in which nothing changes is cut to this (s), in its middle; None leaves all as it was.
    from_run
        The run of the game before which nothing is shown, None to begin at the beginning.
    unblind
        Whether conditions are told.
    tell
        Is told what comes, line by line.
    position_s
        Up to where the session has been gone through (s, session clock).
    """

    projector: Projector
    name: str
    pace: Pace
    skip_s: float | None = None
    from_run: int | None = None
    unblind: bool = False
    tell: Callable[[str], None] = _silent
    position_s: float = 0.0
    _unseen: Literal["", "run", "step"] = field(init=False)
    _anchored: bool = False

    def __post_init__(self) -> None:
        """Show nothing before the run that is asked for."""
        self._unseen = "" if self.from_run is None else "run"

    def begin(self) -> None:
        """Begin a segment, whose clock begins anew."""
        self.position_s, self._anchored = 0.0, False

    # What the session comes to

    def coming(self, event: Event) -> None:
        """Take note of what the next frame shows."""
        begins = event["event"] == "run" and event["kind"] == "game" and event["number"] == self.from_run
        if self._unseen == "run" and begins:
            self._see(event["t"])

    def passed(self, event: Event) -> None:
        """Take note of what the session has written."""
        kind = event["event"]
        if kind == "step" and self._unseen == "step":
            self._see(event["t"])
        if self._unseen:
            return
        if kind == "step":
            self._tell_at(event["t"], f"step {event['id']}")
        elif kind == "run":
            blinded = "" if not self.unblind else f", condition {event['condition']}"
            self._tell_at(event["t"], f"run {event['number']} of the {event['kind']}{blinded}")

    def _see(self, time_s: float) -> None:
        self._unseen, self._anchored, self.position_s = "", False, time_s

    def _tell_at(self, time_s: float, words: str) -> None:
        self.tell(f"{clock(time_s)}  {words}")

    # Frames

    def between(self, scene_at: Callable[[float], Scene], until_s: float) -> None:
        """Show what was to be seen from the last frame up to, not including, `until_s`."""
        if self._anchored and not self._unseen:
            self._fill(scene_at, until_s)
        self.position_s = until_s

    def _fill(self, scene_at: Callable[[float], Scene], until_s: float) -> None:
        still, since = unchanging(scene_at(self.position_s)), self.position_s
        while True:
            self._obey()
            real = self.projector.next_flip()
            due = max(self.pace.at(real), self.position_s)
            if self._unseen or due >= until_s:
                return
            self.position_s = due
            scene = scene_at(due)
            if unchanging(scene) != still:
                still, since = unchanging(scene), due
            elif self.skip_s is not None and not self.pace.held and due - since >= self.skip_s / 2:
                later = _changes(scene_at, still, due, until_s) - self.skip_s / 2
                if later > due:
                    self.pace.anchor(later, real)
                    continue
            self.projector.show(scene, self.caption())

    def frame(self, scene: Scene, time_s: float) -> None:
        """Show a frame that is on record at its time, which has come."""
        self.position_s = time_s
        if self._unseen:
            return
        real = self.projector.show(scene, self.caption())
        late = self.pace.at(real) - time_s > BEHIND_S * self.pace.speed
        if late or not self._anchored:
            self.pace.anchor(time_s, real)
        self._anchored = True

    def caption(self) -> str:
        """Return what marks a frame as a replay: whose, when in the session, how fast."""
        held = ", held" if self.pace.held else ""
        return f"Replay of {self.name} · {clock(self.position_s)} · {self.pace.speed:g}×{held}"

    def _obey(self) -> None:
        """Do what whoever watches asks for."""
        for wish in self.projector.wishes():
            self.pace.anchor(self.position_s, self.projector.next_flip())
            match wish:
                case "end":
                    raise ReplayEnded
                case "hold":
                    self.pace.held = not self.pace.held
                case "jump":
                    self._unseen, self.pace.held = "step", False
                case "faster":
                    self.pace.speed = next((s for s in SPEEDS if s > self.pace.speed), self.pace.speed)
                case "slower":
                    lower = [s for s in SPEEDS if s < self.pace.speed]
                    self.pace.speed = lower[-1] if lower else self.pace.speed


def clock(time_s: float) -> str:
    """Return a time of the session as minutes and seconds."""
    minutes, seconds = divmod(int(time_s), 60)
    return f"{minutes:02d}:{seconds:02d}"


def unchanging(scene: Scene) -> Scene:
    """Return a scene without what only time moves; a ball in the air is no such thing."""
    match scene:
        case Court(ball=Flying()):
            return scene
        case Court() | Joining():
            return replace(scene, time_s=0.0)
        case Page():
            return replace(scene, progress=None)
        case _:
            return scene


def _changes(scene_at: Callable[[float], Scene], still: Scene, from_s: float, until_s: float) -> float:
    """Return when a scene next changes, `until_s` at the latest."""
    time_s = from_s
    while (time_s := time_s + PROBE_S) < until_s:
        if unchanging(scene_at(time_s)) != still:
            return time_s
    return until_s
