"""What the drivers of keyboards and pointing devices tell: each press with its own stamp, once.

The queues of psychtoolbox are read as they are. PsychoPy's keyboard on top of them misses taps between two
polls or keys still held, depending on how it is asked, and tells presses apart by times that a clock set
back would make equal.
"""

# ruff: noqa: PLC0415 - psychopy and psychtoolbox are slow to import and want a display
from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from experiment.stage import StageError
from experiment.stage.clocks import DriverTime, Moment

SLOTS = 10_000
MASTER_POINTERS, POINTERS = 1, 3
"""Classes of devices in psychtoolbox; a master stands for all pointers, also ones plugged in later."""

DESKTOP_PAGE, MOUSE = 1, 2
LAST_BUTTON = 3
"""Left, middle and right; an X server calls the wheel buttons 4 to 7."""

KEY_NAMES = {"num_enter": "return", "enter": "return"} | {f"num_{digit}": str(digit) for digit in range(10)}
SUPER_KEYS = {134: "lwindows", 135: "rwindows"} if sys.platform.startswith("linux") else {}
"""Keys for which PsychoPy has no name."""


def key_name(name: str) -> str:
    """Return the name of a key as the session knows it."""
    name = name.lower().removeprefix("_")
    return KEY_NAMES.get(name, name)


@dataclass(frozen=True, slots=True)
class Signal:
    """A key or button that went down or up: its number, and the driver's stamp (s, the driver's clock)."""

    code: int
    down: bool
    stamp: float


class Queue(Protocol):
    """What one device has told."""

    def read(self) -> list[Signal]:
        """Return what has come since the last call."""


@dataclass(frozen=True, slots=True)
class DeviceQueue:
    """The queue of psychtoolbox for a device; None is all keyboards, where the system tells none apart."""

    device: int | None

    def read(self) -> list[Signal]:
        """Return what has come since the last call."""
        from psychtoolbox import PsychHID

        signals = []
        while PsychHID("KbQueueFlush", self.device, 1):
            event, _ = PsychHID("KbQueueGetEvent", self.device, 0)
            signals.append(Signal(int(event["Keycode"]), bool(event["Pressed"]), float(event["Time"])))
        return signals


@dataclass(frozen=True, slots=True)
class Down:
    """A key or button that went down, and what was down already."""

    name: str
    when: Moment
    beside: frozenset[str] = frozenset()


@dataclass(slots=True)
class Driver:
    """Presses of all devices of a kind, each once however long it is held or often it is repeated."""

    queues: Sequence[Queue]
    time: DriverTime
    name: Callable[[int], str]
    _held: dict[tuple[int, int], Down] = field(default_factory=dict)

    def drain(self) -> list[Down]:
        """Return what went down since the last call, in order."""
        signals = [(number, signal) for number, queue in enumerate(self.queues) for signal in queue.read()]
        poll = self.time.poll()
        fresh = []
        for number, signal in signals:
            place = number, signal.code
            if not signal.down:
                self._held.pop(place, None)
            elif place not in self._held:
                beside = frozenset(held.name for held in self._held.values())
                down = Down(self.name(signal.code), poll.place(signal.stamp), beside)
                if down.name not in beside:
                    fresh.append(down)
                self._held[place] = down
        return sorted(fresh, key=lambda down: down.when.at)

    def held(self) -> dict[str, float]:
        """Return what is down and since when (s, session clock)."""
        return {down.name: down.when.at for down in self._held.values()}

    def let_go(self, names: frozenset[str]) -> None:
        """Take it that these keys are up: nobody told of it while another window had the keyboard."""
        self._held = {place: down for place, down in self._held.items() if down.name not in names}


def open_keyboards(time: DriverTime, *, required: bool) -> Driver | None:
    """Return the driver of all keyboards, or None where it is dead and may be.

    Raises
    ------
    StageError
        Where it is dead and `required`.
    """
    fault = ""
    try:
        from psychopy.hardware import keyboard

        board = keyboard.Keyboard(backend="ptb")
        buffers = getattr(board.device, "_buffers", None)
        if board.getBackend() == "ptb" and buffers:
            board.clearEvents()
            names = keyboard.keyNames | SUPER_KEYS
            queues = [DeviceQueue(buffer.dev.device_number) for buffer in buffers.values()]
            return Driver(queues, time, lambda code: key_name(names.get(code, f"key{code}")))
    except Exception as problem:  # noqa: BLE001 - the driver raises what its system raises
        fault = f" ({problem})"
    if required:
        raise StageError(
            f"no keyboard driver: psychtoolbox finds no keyboard{fault}; on Linux install libjack-jackd2-0 "
            "and libportaudio2, on macOS allow Input Monitoring for this program"
        )
    return None


def open_pointers(time: DriverTime) -> Driver | None:
    """Return the driver of all pointing devices; None where there is none: the window tells of clicks too."""
    try:
        from psychtoolbox import PsychHID

        devices = _pointers()
        for device in devices:
            PsychHID("KbQueueCreate", device, None, 0, SLOTS, 0, None)
            PsychHID("KbQueueStart", device)
    except Exception:  # noqa: BLE001 - the driver raises what its system raises
        return None
    return Driver([DeviceQueue(device) for device in devices], time, str) if devices else None


def _pointers() -> list[int]:
    """Return the numbers of the pointing devices: the master of all where there is one."""
    from psychtoolbox import hid

    classes = (None,) if sys.platform == "darwin" else (MASTER_POINTERS, POINTERS)
    for kind in classes:
        found = [
            int(device["index"])
            for device in hid.devices(kind)
            if (device["usagePageValue"], device["usageValue"]) == (DESKTOP_PAGE, MOUSE)
        ]
        if found:
            return found
    return []
