"""A booth without a window: virtual time, and a simulated participant at the keys."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from experiment.booth import Booth, Clock, Frames, Keys, Press, stamped
from experiment.respondent import Respondent, identity
from experiment.scenes import Scene

PERIOD_S = 1 / 60
PATIENCE_FRAMES = 60_000
"""Frames (a thousand virtual seconds) after which a screen that nobody answers is taken for a fault."""


class NobodyAnswers(RuntimeError):
    """The simulated participant has no answer to what is on the screen."""


@dataclass(slots=True)
class World:
    """Virtual time, in frames, the presses that are still to come, and what the participant has looked at."""

    frame: int = 0
    idle: int = 0
    looked_at: tuple[object, ...] = ()
    pending: list[Press] = field(default_factory=list)

    @property
    def now(self) -> float:
        """Return the virtual time (s)."""
        return stamped(self.frame * PERIOD_S)


@dataclass(slots=True)
class VirtualScreen:
    """Shows nothing; passes over frames in which nothing happens."""

    world: World

    @property
    def period_s(self) -> float:
        """Return the duration of a frame (s)."""
        return PERIOD_S

    def next_flip(self) -> float:
        """Return the time of the next frame (s)."""
        return stamped((self.world.frame + 1) * PERIOD_S)

    def show(self, scene: Scene, *, idle_until: float | None = None) -> float:
        """Go to the next frame in which something may happen, and return its time (s)."""
        self.world.frame += 1
        if identity(scene) != self.world.looked_at:
            return self.world.now
        targets = [press.at for press in self.world.pending[:1]]
        targets += [] if idle_until is None else [idle_until - PERIOD_S]
        if targets:
            self.world.idle = 0
            self.world.frame = max(self.world.frame, round(min(targets) / PERIOD_S))
        else:
            self.world.idle += 1
            if self.world.idle > PATIENCE_FRAMES:
                raise NobodyAnswers(f"nobody answers {type(scene).__name__}")
        return self.world.now

    def prepare(self, scenes: Sequence[Scene]) -> None:
        """Have nothing to draw."""

    def account(self) -> Frames | None:
        """Return None: no frame is really shown."""

    def describe(self) -> Mapping[str, object]:
        """Say that nothing was shown."""
        return {"pacing": "simulated", "refresh_hz": 60.0, "size_px": None}

    def close(self) -> None:
        """Have nothing to close."""


@dataclass(slots=True)
class VirtualKeys:
    """The presses of a simulated participant, in virtual time."""

    world: World
    respondent: Respondent

    def presses(self, scene: Scene, flip: float) -> Sequence[Press]:
        """Let the participant see the scene, and return what they have pressed by now."""
        self.world.looked_at = identity(scene)
        planned = self.respondent.see(scene, flip)
        if planned:
            known = [replace(press, at=stamped(press.at)) for press in planned]
            self.world.pending = sorted([*self.world.pending, *known], key=lambda press: press.at)
        due = [press for press in self.world.pending if press.at <= flip]
        self.world.pending = self.world.pending[len(due) :]
        return due

    def held(self, key: str) -> float | None:
        """Return None: nothing is held down."""
        del key
        return None

    def discard(self) -> None:
        """Forget presses meant for a screen that has gone."""
        self.world.pending = []

    def describe(self) -> Mapping[str, object]:
        """Say that a simulated participant pressed."""
        return {"backend": "simulated", "devices": 0}


@dataclass(slots=True)
class VirtualClock:
    """Virtual time; the second clock is the first."""

    world: World

    def now(self) -> float:
        """Return the virtual time (s)."""
        return self.world.now

    def pair(self) -> tuple[float, float]:
        """Return the virtual time twice: there is no other."""
        return self.world.now, self.world.now


def virtual_booth(respondent: Respondent) -> Booth:
    """Return a booth in virtual time with `respondent` in it."""
    world = World()
    return Booth(VirtualScreen(world), VirtualKeys(world, respondent), VirtualClock(world))


@dataclass(slots=True)
class SelfPlaying:
    """Keys of a real stage at which a simulated participant plays in real time; the real keys work too."""

    respondent: Respondent
    clock: Clock
    real: Keys
    _pending: list[Press] = field(default_factory=list)

    def presses(self, scene: Scene, flip: float) -> Sequence[Press]:
        """Return what has been pressed by now, by either."""
        planned = self.respondent.see(scene, flip)
        known = [replace(press, at=stamped(press.at)) for press in planned]
        self._pending = sorted([*self._pending, *known], key=lambda press: press.at)
        now = self.clock.now()
        due = [press for press in self._pending if press.at <= now]
        self._pending = self._pending[len(due) :]
        return sorted([*due, *self.real.presses(scene, flip)], key=lambda press: press.at)

    def held(self, key: str) -> float | None:
        """Return since when a real key has been down."""
        return self.real.held(key)

    def discard(self) -> None:
        """Forget what nobody has asked for."""
        self._pending = []
        self.real.discard()

    def describe(self) -> Mapping[str, object]:
        """Say that a simulated participant played."""
        return {**self.real.describe(), "backend": "simulated"}
