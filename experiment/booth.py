"""Ports between a session and the world outside it: screen, keys, clock, and what may interrupt.

The session talks to these protocols alone. `experiment.stage` implements them with PsychoPy,
`experiment.simulated` with virtual time and a simulated participant.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Generic, Literal, Protocol, TypeVar

from experiment.scenes import Scene

T = TypeVar("T")

Source = Literal["keyboard", "mouse", "text", "simulated"]


@dataclass(frozen=True, slots=True)
class Press:
    """Something that the participant or the experimenter did.

    Attributes
    ----------
    at
        When it happened (s, session clock).
    source
        Device: ``keyboard`` (stamped by the driver), ``mouse``, ``text`` (typed characters) or ``simulated``.
    key
        Name of the key, lower case (``"left"``, ``"return"``, ``"1"``); empty for other sources.
    target
        What a click or drag hit: ``"player:3"``, ``"option:4"``, ``"line"``, ``"button:next"``, ``"stop"``,
        or empty when it hit nothing.
    fraction
        Place along the line, 0-1, where ``target`` is ``"line"``.
    text
        Characters typed, where ``source`` is ``text``.
    drag
        Whether it is the pointer moving with its button down.
    uncertainty_s
        How far ``at`` may be from the true moment (s).
    stray
        Whether it was meant for another window: ours had no focus. It is written down and never used.
    seen
        The flip after which the session looked at it (s, session clock).
    """

    at: float
    source: Source
    key: str = ""
    target: str = ""
    fraction: float | None = None
    text: str = ""
    drag: bool = False
    uncertainty_s: float = 0.0
    stray: bool = False
    seen: float = 0.0


@dataclass(frozen=True, slots=True)
class Frames:
    """Frames shown since the last account.

    `late` holds, for each that came late, its flip (s, session clock) and the time since the flip before (s);
    `longest_s` is the longest such time of all of them, 0 where none is known.
    """

    shown: int
    late: tuple[tuple[float, float], ...]
    longest_s: float


def stamped(time_s: float) -> float:
    """Return a time as the record keeps it: to the microsecond, so that what is recomputed is the same."""
    return round(time_s, 6)


class Clock(Protocol):
    """The one clock of a session."""

    def now(self) -> float:
        """Return the time (s) since the session's zero, as `stamped` gives it."""

    def pair(self) -> tuple[float, float]:
        """Return the time, and that of a second, independent clock (s), read together: their drift tells."""


class Screen(Protocol):
    """What the participant looks at."""

    @property
    def period_s(self) -> float:
        """Duration of one frame (s)."""

    def next_flip(self) -> float:
        """Return when the frame that is drawn now will be seen (s, session clock)."""

    def show(self, scene: Scene, *, idle_until: float | None = None) -> float:
        """Draw `scene`, flip, and return the time of the flip (s, session clock).

        `idle_until` says that nothing but a press will change what is meant before that time; a screen
        that nobody looks at may pass over the frames between.
        """

    def prepare(self, scenes: Sequence[Scene]) -> None:
        """Draw scenes once out of sight, so that no first draw delays a frame later."""

    def account(self) -> Frames | None:
        """Return the frames since the last call; None where nothing is really shown."""

    def describe(self) -> Mapping[str, object]:
        """Return size (px), refresh rate (Hz), whether pacing is emulated, and the graphics driver."""

    def close(self) -> None:
        """Close the window and give the screen back."""


class Keys(Protocol):
    """Presses of keys and buttons."""

    def presses(self, scene: Scene, flip: float) -> Sequence[Press]:
        """Return what was pressed since the last call, in the order of `Press.at`.

        `scene` has been on the screen since `flip`; a real keyboard has no use for them.
        """

    def held(self, key: str) -> float | None:
        """Return since when `key` has been down (s, session clock), or None while it is up."""

    def discard(self) -> None:
        """Forget presses that nobody has asked for yet."""

    def describe(self) -> Mapping[str, object]:
        """Return the backend and the devices found."""


class Interrupted(Exception):
    """Something outside asks the session to end; `reason` is an outcome of the record."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(slots=True)
class Interruptions:
    """Set from a signal handler or when the window is closed; looked at once a frame."""

    reason: str = ""

    def raise_flag(self, reason: str) -> None:
        """Remember the first reason."""
        self.reason = self.reason or reason


class Guard(Protocol):
    """What may break into any screen. Both return the time spent (s), or raise to end the session."""

    def stop(self, press: Press) -> float:
        """Ask the participant, who pressed stop, whether they mean it."""

    def pause(self) -> float:
        """Open the experimenter's pause."""


@dataclass(frozen=True, slots=True)
class Watched(Generic[T]):
    """What came of waiting: the first flip, the answer taken (or None), and time spent in pauses (s)."""

    onset: float
    taken: T | None
    paused_s: float


ESCAPE_HOLD_S = 1.0
"""Escape must be held this long to open the experimenter's pause; a tap does nothing."""

STOP_KEY, PAUSE_KEY = "f10", "escape"


def asks_to_stop(press: Press) -> bool:
    """Return whether a press is the participant's stop, or the key that the experimenter stops with."""
    return not press.drag and (press.target == "stop" or press.key in (STOP_KEY, PAUSE_KEY))


@dataclass(slots=True)
class Booth:
    """A place where a participant sits: the ports together, and the one loop that waits.

    `guard` handles what may break into any screen, None while nothing may; `closing` is set once the session
    has begun to end, so that a second request to end does not cut the end short; `stray` is told of presses
    that were meant for another window. `halt` is told when somebody asks to stop (s, session clock), before
    anything else is made of that and whatever is on the screen: what hurts must end at once.
    """

    screen: Screen
    keys: Keys
    clock: Clock
    interruptions: Interruptions = field(default_factory=Interruptions)
    guard: Guard | None = None
    closing: bool = False
    stray: Callable[[Press], None] = lambda _press: None
    halt: Callable[[float], None] = lambda _at: None
    _unread: list[Press] = field(default_factory=list)

    def watch(
        self,
        scene_at: Callable[[float, float | None], Scene],
        decide: Callable[[Press, float], T | None],
        lasts_s: float | None = None,
        onset: float | None = None,
        *,
        changes: Callable[[float], float | None] = lambda _at: None,
        shown: Callable[[float, float], None] = lambda _flip, _aim: None,
        over: Callable[[], bool] = lambda: False,
    ) -> Watched[T]:
        """Show frames until a press is taken or the time is over.

        Parameters
        ----------
        scene_at
            Gives the scene for a frame from the time at which it will be seen and the onset, the first flip
            of this call (None for the first frame). Time spent in pauses is taken out of both.
        decide
            Gives the answer that a press means, or None to go on. It sees every press, also one from before
            the onset; one from after the press that is taken is left to the next call.
        lasts_s
            The frame nearest to this time after the onset is left to the next scene; None waits for a press.
        onset
            The first flip, where what `scene_at` gives is on the screen already.
        changes
            Gives when the scene will next change by itself after a time, or None.
        shown
            Is told the flip of each scene and when it was to be seen, with pauses, before the presses made
            meanwhile are looked at.
        over
            Is asked before each frame whether this has come to its end otherwise.

        Raises
        ------
        Interrupted
            When the window is closed or the program is told to end.
        """
        paused = 0.0
        change: float | None = None
        while True:
            if self.interruptions.reason and not self.closing:
                raise Interrupted(self.interruptions.reason)
            aim = self.screen.next_flip()
            until = None if onset is None or lasts_s is None else onset + lasts_s + paused
            up = until is not None and aim >= until - self.screen.period_s / 2
            if onset is not None and (up or over()):
                return Watched(onset, None, paused)
            scene = scene_at(aim - paused, onset)
            changed = change is not None and aim - paused >= change
            change = changes(aim - paused)
            # What has just changed by itself is shown in a frame of its own, before any is passed over.
            until_change = aim if changed else None if change is None else change + paused
            idle = min((t for t in (until, until_change) if t is not None), default=None)
            flip = self.screen.show(scene, idle_until=idle)
            onset = flip if onset is None else onset
            shown(flip, aim)
            self._unread += self.keys.presses(scene, flip)
            while self._unread:
                press = replace(self._unread.pop(0), seen=flip)
                if asks_to_stop(press):
                    self.halt(press.at)
                if press.stray:
                    self.stray(press)
                    continue
                spent = self._guarded(press)
                if spent is not None:
                    paused += spent
                    continue
                taken = decide(press, onset)
                if taken is not None:
                    return Watched(onset, taken, paused)
            paused += self._escape_held(flip)

    def linger(self, scene_at: Callable[[float], Scene], lasts_s: float) -> None:
        """Show frames for a time and leave all presses to what comes next."""
        until = None
        while True:
            if self.interruptions.reason and not self.closing:
                raise Interrupted(self.interruptions.reason)
            aim = self.screen.next_flip()
            if until is not None and aim >= until - self.screen.period_s / 2:
                return
            flip = self.screen.show(scene_at(aim), idle_until=until)
            until = flip + lasts_s if until is None else until

    def discard(self) -> None:
        """Forget presses that nobody has asked for yet."""
        self._unread = []
        self.keys.discard()

    def _guarded(self, press: Press) -> float | None:
        """Let the guard handle the participant's stop; None when the press is not one."""
        if self.guard is None or press.key == PAUSE_KEY or not asks_to_stop(press):
            return None
        return self._aside(partial(self.guard.stop, press))

    def _escape_held(self, flip: float) -> float:
        since = self.keys.held(PAUSE_KEY) if self.guard is not None else None
        if since is None or self.guard is None or flip - since < ESCAPE_HOLD_S:
            return 0.0
        return self._aside(self.guard.pause)

    def _aside(self, handle: Callable[[], float]) -> float:
        """Run `handle` with the guard off, so that it cannot be broken into by itself."""
        guard, self.guard = self.guard, None
        try:
            return handle()
        finally:
            self.guard = guard
            self.discard()


def first_time(write: Callable[[float], None]) -> Callable[[float, float], None]:
    """Return what tells `write` of the first of the flips that it is given."""
    written = False

    def shown(flip: float, _aim: float) -> None:
        nonlocal written
        if not written:
            written = True
            write(flip)

    return shown
