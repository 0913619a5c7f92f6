"""Keys and pointer: presses from the drivers and from the window's events, on one clock."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from experiment.booth import Press
from experiment.scenes import Scene
from experiment.stage.clicks import DRIVER_UNCERTAINTY_S, Click, Clicks
from experiment.stage.drivers import Driver
from experiment.stage.events import FRAME_S, WindowEvents, commanded
from experiment.stage.strokes import Mark, in_order
from experiment.stage.witness import Witness

COMMANDS = {
    "lctrl": "ctrl", "rctrl": "ctrl", "lalt": "alt", "loption": "alt", "roption": "alt",
    "lwindows": "super", "rwindows": "super", "lcommand": "super", "rcommand": "super",
}  # fmt: skip
"""Keys that make a command of a letter; the right Alt writes letters on many layouts and does not."""
UNFOCUSED = "the window has lost the keyboard; keys do nothing in the session until you click on the window"
FOCUSED = "the window has the keyboard again"
KEYBOARD_SILENT = (
    "the keyboard's driver has told nothing of a key that the window got; such keys count, with times taken "
    "from the window; check the keyboard before the next session"
)


@dataclass(slots=True)
class StageKeys:
    """`experiment.booth.Keys` of a real window. `tell` says something to the experimenter."""

    events: WindowEvents
    dispatch: Callable[[], None]
    driver: Driver | None
    pointers: Driver | None
    tell: Callable[[str], None]
    witness: Witness = field(default_factory=Witness)
    _clicks: Clicks = field(init=False)
    _waiting: list[Press] = field(default_factory=list)
    _was_focused: bool = True
    _told_silent: bool = False

    def __post_init__(self) -> None:
        self._clicks = Clicks(self.pointers, self.events.target_at)

    def _gather(self) -> None:
        """Take what the keyboard's driver has told."""
        if self.driver is None:
            return
        for down in self.driver.drain():
            key = commanded(down.name, sorted({COMMANDS[name] for name in down.beside if name in COMMANDS}))
            press = Press(down.when.at, "keyboard", key=key, uncertainty_s=down.when.uncertainty_s)
            self._waiting.append(press)

    def _ask_window(self) -> tuple[list[Press | Mark], list[Click]]:
        """Return what the window has told, and follow its focus."""
        self.dispatch()
        self.events.asked()
        if self.events.focused and not self._was_focused and self.driver is not None:
            self.driver.let_go(frozenset(COMMANDS))
        return self.events.take()

    def presses(self, scene: Scene, flip: float) -> Sequence[Press]:  # noqa: ARG002 - the port's form
        """Return what was pressed since the last call, in the order of `Press.at`."""
        self._gather()
        # Only now, after the driver was asked: a key that it told of is in the window's queue by now.
        told, clicks = self._ask_window()
        now = self.events.now()
        clicked = self._clicks.settle(clicks, now)
        marks = [event for event in told if isinstance(event, Mark)]
        stamped_keys, from_window = self.witness.hold(self._waiting, marks, now)
        self._waiting = []
        if not (self._was_focused and self.events.focused):
            stamped_keys = self.witness.astray(stamped_keys)
        self._report(silent=bool(from_window) and self.driver is not None)
        keys = sorted([*stamped_keys, *from_window], key=lambda press: press.at)
        return in_order(keys, [*told, *clicked])

    def _report(self, *, silent: bool) -> None:
        """Tell the experimenter what they can do something about, when it begins."""
        if self.events.focused != self._was_focused:
            self._was_focused = self.events.focused
            self.tell(FOCUSED if self._was_focused else UNFOCUSED)
        if silent and not self._told_silent:
            self._told_silent = True
            self.tell(KEYBOARD_SILENT)

    def held(self, key: str) -> float | None:
        """Return since when `key` has been down (s, session clock), or None while it is up."""
        self._gather()
        return self._held().get(key)

    def all_held(self) -> frozenset[str]:
        """Return the names of all keys that are down."""
        self._gather()
        return frozenset(self._held())

    def _held(self) -> dict[str, float]:
        """Return the keys that are down for this window: as the driver says, or taken from the window."""
        if not self.events.focused:
            return {}
        taken = self.witness.held(self.events.down)
        return taken | (self.driver.held() if self.driver is not None else {})

    def discard(self) -> None:
        """Forget presses that nobody has asked for yet."""
        told, _ = self._ask_window()
        self._gather()
        marks = [event for event in told if isinstance(event, Mark)]
        self.witness.hold(self._waiting, marks, self.events.now())
        self.witness.forget()
        self._clicks.settle([], self.events.now())
        self._clicks.forget()
        self._waiting = []

    def describe(self) -> Mapping[str, object]:
        """Return the backend, the number of keyboards, and what stamps clicks how exactly."""
        return {
            "backend": "ptb" if self.driver is not None else "none",
            "devices": len(self.driver.queues) if self.driver is not None else 0,
            "mouse": "ptb" if self.pointers is not None else "window events",
            "mouse_uncertainty_s": DRIVER_UNCERTAINTY_S if self.pointers is not None else FRAME_S,
        }
