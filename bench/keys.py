"""How far a press is stamped from when it was made: ``python -m bench.keys [-n N]``.

Keys and clicks are made by the X server's own test extension, from another process, which notes the time
around each. Beside each error (ms) stands that of the old way in the same run: for keys the time at which
PsychoPy's `event.getKeys` hands them out, for clicks the time at which the window tells of them. It needs an
X display; ``python -m bench keys`` brings a virtual one where there is none.
"""

from __future__ import annotations

import argparse
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from experiment.booth import Interruptions
from experiment.scenes import Page
from experiment.stage import StageSettings, open_stage
from experiment.stage.window import Stage

N = 200
KEY, KEYSYM = "a", 0x61
HOLD_S = 0.02
GAP_S = 0.06, 0.12
STALL_S = 0.25
AFTER_S = 0.6
SCENE = Page("Keys", ("The program presses them by itself.",))


def inject(kind: str, count: int) -> None:
    """Press a key or a button `count` times; print when (s, performance counter)."""
    from Xlib import X, display  # type: ignore[import-untyped]  # noqa: PLC0415 - X alone, in a process of its own
    from Xlib.ext import xtest  # type: ignore[import-untyped]  # noqa: PLC0415

    server = display.Display()
    width, height = server.screen().width_in_pixels, server.screen().height_in_pixels
    xtest.fake_input(server, X.MotionNotify, x=min(640, width // 2), y=min(360, height // 2))
    server.sync()
    down, up, code = {
        "keys": (X.KeyPress, X.KeyRelease, server.keysym_to_keycode(KEYSYM)),
        "clicks": (X.ButtonPress, X.ButtonRelease, 1),
    }[kind]
    gaps = random.Random(7)
    for _ in range(count):
        time.sleep(gaps.uniform(*GAP_S))
        before = time.perf_counter()
        xtest.fake_input(server, down, code)
        server.flush()
        after = time.perf_counter()
        time.sleep(HOLD_S)
        xtest.fake_input(server, up, code)
        server.flush()
        print((before + after) / 2, flush=True)


@dataclass(slots=True, weakref_slot=True)
class OldWay:
    """When the window tells of keys and clicks (s, session clock)."""

    stage: Stage
    keys: list[float] = field(default_factory=list)
    clicks: list[float] = field(default_factory=list)

    def on_key_press(self, symbol: int, modifiers: int) -> bool:
        """Hand a key to PsychoPy's list of old, and to the stage."""
        from psychopy import event  # noqa: PLC0415 - loaded with the window

        event._onPygletKey(symbol, modifiers)
        return False

    def on_mouse_press(self, *_: float) -> bool:
        """Note a click, and leave it to the stage."""
        self.clicks.append(self.stage.clock.now())
        return False

    def poll(self) -> None:
        """Ask for keys, as a script does once a frame."""
        from psychopy import event  # noqa: PLC0415

        pressed: list[Any] = event.getKeys() or []
        self.keys += [self.stage.clock.now()] * len(pressed)


@dataclass(frozen=True, slots=True)
class Measured:
    """Errors (ms) of the session's stamps and of the old way's; the uncertainty that the record states."""

    injected: int
    errors: list[float]
    old: list[float]
    stated: float


def measure(stage: Stage, kind: str, count: int, stall_s: float) -> Measured:
    """Press, and compare what the session was told with when it was done."""
    old = OldWay(stage)
    stage.screen.window.winHandle.push_handlers(old)
    stage.keys.discard()
    injector = subprocess.Popen(
        [sys.executable, "-m", "bench.keys", "--inject", kind, "-n", str(count)],
        stdout=subprocess.PIPE,
        text=True,
    )
    presses = []
    over: float | None = None
    while over is None or time.perf_counter() < over:
        flip = stage.screen.show(SCENE)
        time.sleep(stall_s)
        old.poll()
        presses += [p for p in stage.keys.presses(SCENE, flip) if p.source in {"keyboard", "mouse"}]
        if over is None and injector.poll() is not None:
            over = time.perf_counter() + AFTER_S
    stage.screen.window.winHandle.remove_handlers(old)
    said = injector.stdout.read() if injector.stdout else ""
    made = [float(line) - stage.clock.zero for line in said.splitlines()]
    source = "keyboard" if kind == "keys" else "mouse"
    ours = [press for press in presses if press.source == source and not press.drag]
    stated = max((press.uncertainty_s for press in ours), default=0.0)
    return Measured(
        len(made),
        errors([press.at for press in ours], made),
        errors(old.keys if kind == "keys" else old.clicks, made),
        1e3 * stated,
    )


def errors(told: list[float], made: list[float]) -> list[float]:
    """Return by how much each press was told late (ms); nothing where their numbers differ."""
    if len(told) != len(made):
        return []
    return [1e3 * (at - true) for at, true in zip(told, made, strict=True)]


def rows(name: str, measured: Measured) -> Iterator[str]:
    """Yield the lines of the table for one measurement."""
    for way, found, stated in (
        ("the session", measured.errors, f"{measured.stated:.1f}"),
        ("the old way", measured.old, ""),
    ):
        numbers = (
            "".join(f"{x:>9.2f}" for x in (np.median(found), np.std(found), *np.percentile(found, [99, 100])))
            if found
            else "   some were lost or told twice"
        )
        yield f"{name:<24}{way:<14}{measured.injected:>5}{numbers}{stated:>9}"


def main() -> int:
    """Measure keys and clicks, with and without stalls."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-n", type=int, default=N, help="presses of each kind")
    parser.add_argument("--inject", choices=("keys", "clicks"), help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.inject:
        inject(given.inject, given.n)
        return 0
    if not sys.platform.startswith("linux"):
        print("keys: presses are made by an X server, which this system does not have; nothing was measured")
        return 0
    with open_stage(StageSettings(size_px=(1280, 720)), Interruptions()) as stage:
        stage.screen.prepare([SCENE])
        print(f"error of the stamps, ms ({stage.keys.describe()['mouse']} for clicks)")
        print(f"{'':<38}{'n':>5}{'median':>9}{'SD':>9}{'p99':>9}{'max':>9}{'stated':>9}")
        for kind in ("keys", "clicks"):
            for stall_s in (0.0, STALL_S):
                name = f"{kind}, frames + {1e3 * stall_s:.0f} ms" if stall_s else kind
                for line in rows(name, measure(stage, kind, given.n, stall_s)):
                    print(line, flush=True)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
