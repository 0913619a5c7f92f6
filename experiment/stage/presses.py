"""Keys and pointer: presses from the keyboard's driver and from the window's events, on one clock."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pyglet.window import key as pyglet_key
from pyglet.window import mouse as pyglet_mouse

from experiment.booth import Interruptions, Press, stamped
from experiment.scenes import Scene
from experiment.stage.strokes import Mark, in_order
from experiment.stage.view import Target, find

MOUSE_UNCERTAINTY_S = 0.009
TEXT_UNCERTAINTY_S = 0.017
SHOWN_KEPT = 16
KEY_NAMES = {"num_enter": "return", "enter": "return"} | {f"num_{digit}": str(digit) for digit in range(10)}


def key_name(name: str) -> str:
    """Return the name of a key as the session knows it."""
    name = name.lower().removeprefix("_")
    return KEY_NAMES.get(name, name)


@dataclass(slots=True)
class KeyDrain:
    """Every press once from PsychoPy's keyboard, which must be asked for held and for released keys."""

    keyboard: Any
    _down: dict[str, Any] = field(default_factory=dict)
    _latest: dict[str, float] = field(default_factory=dict)

    def drain(self) -> list[tuple[str, float]]:
        """Return name and time of each key-down since the last call."""
        fresh = []
        pressed = self.keyboard.getKeys(waitRelease=False)
        for press in sorted(
            [*pressed, *self.keyboard.getKeys(waitRelease=True)], key=lambda press: press.tDown
        ):
            name, down = key_name(press.name), float(press.tDown)
            if down <= self._latest.get(name, -math.inf):
                continue  # known: the driver hands a press out again when its key is let go
            self._latest[name] = down
            before = self._down.get(name)
            if before is None or before.duration is not None:
                fresh.append((name, down))
                self._down[name] = press
        return fresh

    def held(self) -> dict[str, float]:
        """Return the keys that are down and since when."""
        return {name: float(press.tDown) for name, press in self._down.items() if press.duration is None}


@dataclass(slots=True, weakref_slot=True)
class WindowEvents:
    """Handlers of the window's events: pointer, typed characters, closing.

    ``told`` is what has happened, in the window's order; keys stand in it as marks only, for the driver
    stamps them better.
    """

    now: Callable[[], float]
    to_canvas: Callable[[float, float], tuple[float, float]]
    interruptions: Interruptions
    told: list[Press | Mark] = field(default_factory=list)
    pointer: tuple[float, float] | None = None
    _shown: deque[tuple[float, Sequence[Target]]] = field(default_factory=lambda: deque(maxlen=SHOWN_KEPT))
    _grabbed: Target | None = None
    _drag: Press | None = None

    def shown(self, flip: float, targets: Sequence[Target]) -> None:
        """Note what could be clicked from `flip` on."""
        self._shown.append((flip, targets))

    def hover(self) -> str:
        """Return the target under the pointer in the scene last shown."""
        if self.pointer is None or not self._shown:
            return ""
        target = find(self._shown[-1][1], *self.pointer)
        return target.name if target else ""

    def _target_at(self, at: float, x: float, y: float) -> Target | None:
        for flip, targets in reversed(self._shown):
            if flip <= at:
                return find(targets, x, y)
        return None

    def on_mouse_motion(self, x: float, y: float, _dx: float, _dy: float) -> bool:
        """Follow the pointer."""
        self.pointer = self.to_canvas(x, y)
        return True

    def on_mouse_enter(self, x: float, y: float) -> bool:
        """Follow the pointer into the window."""
        self.pointer = self.to_canvas(x, y)
        return True

    def on_mouse_leave(self, _x: float, _y: float) -> bool:
        """Forget the pointer."""
        self.pointer = None
        return True

    def on_mouse_press(self, x: float, y: float, button: int, _modifiers: int) -> bool:
        """Record a click and what it hit."""
        at, self.pointer = self.now(), self.to_canvas(x, y)
        if button != pyglet_mouse.LEFT:
            return True
        target = self._target_at(at, *self.pointer)
        self._grabbed = target if target and target.line else None
        self.told.append(self._press(at, target, drag=False))
        return True

    def on_mouse_drag(
        self, x: float, y: float, _dx: float, _dy: float, buttons: int, _modifiers: int
    ) -> bool:
        """Record the pointer moving along a line with its button down; the last move counts."""
        at, self.pointer = self.now(), self.to_canvas(x, y)
        if self._grabbed is not None and buttons & pyglet_mouse.LEFT:
            self._drag = self._press(at, self._grabbed, drag=True)
        return True

    def on_mouse_release(self, *_: float) -> bool:
        """Let go of the line."""
        self._grabbed = None
        return True

    def _press(self, at: float, target: Target | None, *, drag: bool) -> Press:
        name = target.name if target else ""
        fraction = target.fraction(self.pointer[0]) if target and self.pointer else None
        return Press(
            at, "mouse", target=name, fraction=fraction, drag=drag, uncertainty_s=MOUSE_UNCERTAINTY_S
        )

    def on_text(self, text: str) -> bool:
        """Record typed characters."""
        typed = "".join(letter for letter in text if letter.isprintable())
        if typed:
            self.told.append(Press(self.now(), "text", text=typed, uncertainty_s=TEXT_UNCERTAINTY_S))
        return True

    def on_text_motion(self, motion: int) -> bool:
        """Record the key that rubs out the last character."""
        if motion == pyglet_key.MOTION_BACKSPACE:
            self.told.append(Press(self.now(), "text", text="\b", uncertainty_s=TEXT_UNCERTAINTY_S))
        return True

    def on_key_press(self, symbol: int, _modifiers: int) -> bool:
        """Mark a key, which comes from the driver; and keep the window from closing at Escape."""
        self.told.append(Mark(key_name(pyglet_key.symbol_string(symbol))))
        return True

    def on_close(self) -> bool:
        """Turn the close button into a request; the session ends in its own order."""
        self.interruptions.raise_flag("window_closed")
        return True

    def take(self) -> list[Press | Mark]:
        """Return and forget what has happened."""
        taken = self.told + ([self._drag] if self._drag else [])
        self.told, self._drag = [], None
        return taken


@dataclass(slots=True)
class StageKeys:
    """`experiment.booth.Keys` of a real window."""

    events: WindowEvents
    zero: float
    dispatch: Callable[[], None]
    drain: KeyDrain | None
    devices: int
    _waiting: list[Press] = field(default_factory=list)

    def _gather(self) -> None:
        if self.drain is not None:
            for name, down in self.drain.drain():
                self._waiting.append(Press(stamped(down - self.zero), "keyboard", key=name))

    def presses(self, scene: Scene, flip: float) -> Sequence[Press]:  # noqa: ARG002 - the port's form
        """Return what was pressed since the last call, in the order of `Press.at`."""
        self._gather()
        self.dispatch()  # after the driver was asked: a key that it told of is in the window's queue by now
        taken = in_order(self._waiting, self.events.take())
        self._waiting = []
        return taken

    def held(self, key: str) -> float | None:
        """Return since when `key` has been down (s, session clock), or None while it is up."""
        self._gather()
        since = self.drain.held().get(key) if self.drain is not None else None
        return None if since is None else since - self.zero

    def all_held(self) -> frozenset[str]:
        """Return the names of all keys that are down."""
        self._gather()
        return frozenset(self.drain.held()) if self.drain is not None else frozenset()

    def discard(self) -> None:
        """Forget presses that nobody has asked for yet."""
        self.dispatch()
        self._gather()
        self.events.take()
        self._waiting = []

    def describe(self) -> Mapping[str, object]:
        """Return the backend, the number of keyboards, and where clicks come from."""
        return {
            "backend": "ptb" if self.drain is not None else "none",
            "devices": self.devices,
            "mouse": "window events",
            "mouse_uncertainty_s": MOUSE_UNCERTAINTY_S,
        }
