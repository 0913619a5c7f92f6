"""What the window tells: pointer, keys, typed characters, focus, closing."""

# ruff: noqa: PLC0415 - pyglet's names of keys want a display

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from experiment.booth import Interruptions, Press, stamped
from experiment.stage.clicks import Click
from experiment.stage.clocks import Moment
from experiment.stage.drivers import key_name
from experiment.stage.strokes import Mark
from experiment.stage.view import Target, find

FRAME_S = 0.017
"""The window is asked once a frame: what it tells has been so since the last time, or since just now."""

REPEAT_S = 0.008
SHOWN_KEPT = 16


def commanded(name: str, commands: Sequence[str]) -> str:
    """Return the name of a key; a letter with Ctrl, Alt or the system's key is a command and no answer."""
    return f"{commands[0]}+{name}" if commands and len(name) == 1 and name.isalpha() else name


def _symbol_name(symbol: int) -> str:
    from pyglet.window import key

    return key_name(key.symbol_string(symbol))


def _commands(modifiers: int) -> list[str]:
    """Return which keys were down that make a command of a letter."""
    from pyglet.window import key

    commands = {
        "ctrl": key.MOD_CTRL,
        "alt": key.MOD_ALT | key.MOD_OPTION,
        "super": key.MOD_WINDOWS | key.MOD_COMMAND,
    }
    return [command for command, bits in commands.items() if modifiers & bits]


def _is_left(buttons: int) -> bool:
    from pyglet.window import mouse

    return bool(buttons & mouse.LEFT)


@dataclass(slots=True, weakref_slot=True)
class WindowEvents:
    """Handlers of the window's events: pointer, keys, typed characters, focus, closing.

    ``told`` is what has happened, in the window's order; keys stand in it as marks, for the driver stamps
    them better. ``focused`` is whether the window has the keyboard; a bare display never says that it has,
    so it is taken to have it until it is told otherwise.
    """

    now: Callable[[], float]
    to_canvas: Callable[[float, float], tuple[float, float]]
    interruptions: Interruptions
    told: list[Press | Mark] = field(default_factory=list)
    clicks: list[Click] = field(default_factory=list)
    pointer: tuple[float, float] | None = None
    focused: bool = True
    down: set[str] = field(default_factory=set)
    _shown: deque[tuple[float, Sequence[Target]]] = field(default_factory=lambda: deque(maxlen=SHOWN_KEPT))
    _grabbed: Click | None = None
    _asked: float | None = None
    _lifted: dict[str, float] = field(default_factory=dict)

    def shown(self, flip: float, targets: Sequence[Target]) -> None:
        """Note what could be clicked from `flip` on."""
        self._shown.append((flip, targets))

    def asked(self) -> None:
        """Note that the window has just told all that it knew."""
        self._asked = self.now()
        up = {name for name, lifted in self._lifted.items() if self._asked - lifted >= REPEAT_S}
        self.down -= up
        self._lifted = {name: lifted for name, lifted in self._lifted.items() if name not in up}

    def hover(self) -> str:
        """Return the target under the pointer in the scene last shown."""
        if self.pointer is None or not self._shown:
            return ""
        target = find(self._shown[-1][1], *self.pointer)
        return target.name if target else ""

    def target_at(self, at: float, x: float, y: float) -> Target | None:
        """Return what a click at a time and place (px) hits."""
        for flip, targets in reversed(self._shown):
            if flip <= at:
                return find(targets, x, y)
        return None

    def _moment(self) -> Moment:
        """Return when what the window tells now happened, as far as it is known."""
        now = self.now()
        since = now - FRAME_S if self._asked is None else self._asked
        return Moment(now, stamped(max(FRAME_S, now - since)))

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
        """Note a button and where the pointer was; only the left one means anything."""
        self.pointer = self.to_canvas(x, y)
        click = Click(self._moment(), self.pointer, left=_is_left(button))
        self.clicks.append(click)
        if click.left:
            self._grabbed = click
        return True

    def on_mouse_drag(
        self, x: float, y: float, _dx: float, _dy: float, buttons: int, _modifiers: int
    ) -> bool:
        """Note where the pointer was drawn with its button down; the last move counts."""
        self.pointer = self.to_canvas(x, y)
        if self._grabbed is not None and _is_left(buttons):
            self._grabbed.drawn_to, self._grabbed.drawn_at = self.pointer, self.now()
        return True

    def on_mouse_release(self, _x: float, _y: float, button: int, _modifiers: int) -> bool:
        """Let go of the line."""
        if _is_left(button):
            self._grabbed = None
        return True

    def on_text(self, text: str) -> bool:
        """Record typed characters."""
        typed = "".join(letter for letter in text if letter.isprintable())
        if typed:
            self._tell_text(typed)
        return True

    def on_text_motion(self, motion: int) -> bool:
        """Record the key that rubs out the last character."""
        from pyglet.window import key

        if motion == key.MOTION_BACKSPACE:
            self._tell_text("\b")
        return True

    def _tell_text(self, typed: str) -> None:
        moment = self._moment()
        self.told.append(Press(moment.at, "text", text=typed, uncertainty_s=moment.uncertainty_s))

    def on_key_press(self, symbol: int, modifiers: int) -> bool:
        """Mark a key, which comes from the driver; and keep the window from closing at Escape."""
        self.focused = True  # whatever the desktop says: only a window with the keyboard gets keys
        name, moment = _symbol_name(symbol), self._moment()
        again = moment.at - self._lifted.pop(name, -math.inf) < REPEAT_S and name in self.down
        self.down.add(name)
        self.told.append(Mark(commanded(name, _commands(modifiers)), moment.at, moment.uncertainty_s, again))
        return True

    def on_key_release(self, symbol: int, _modifiers: int) -> bool:
        """Note that a key is up, unless it goes down again at once, as where X servers repeat a held key."""
        self._lifted[_symbol_name(symbol)] = self.now()
        return True

    def on_activate(self) -> bool:
        """Note that keys are for this window."""
        self.focused = True
        return True

    def on_deactivate(self) -> bool:
        """Note that keys are for another window, where they may come up unseen."""
        self.focused = False
        self.down.clear()
        self._lifted.clear()
        return True

    def on_close(self) -> bool:
        """Turn the close button into a request; the session ends in its own order."""
        self.interruptions.raise_flag("window_closed")
        return True

    def take(self) -> tuple[list[Press | Mark], list[Click]]:
        """Return and forget what has happened: characters and keys, and clicks."""
        told, clicks = self.told, self.clicks
        self.told, self.clicks = [], []
        return told, clicks
