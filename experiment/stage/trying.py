"""What the system says of its screens, for the check of a computer: how many, and how often they refresh."""

# ruff: noqa: PLC0415 - pyglet wants a display
from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass

ANSWERS_WITHIN_S = 5


@dataclass(frozen=True, slots=True)
class Told:
    """What the system says: the number of screens, and the rate (Hz) of the one in use, where readable."""

    screens: int
    refresh_hz: float | None


def told_by_system(screen: int, system: str = sys.platform) -> Told:
    """Return what the system says of its screens; a window must have been opened."""
    import pyglet

    screens = pyglet.canvas.get_display().get_screens()
    used = screens[screen]
    if system.startswith("linux"):
        return Told(len(screens), xrandr_rate(asked_xrandr(), used.x, used.y))
    try:
        rate = float(used.get_mode().rate or 0)
    except (AttributeError, TypeError, OSError):
        return Told(len(screens), None)
    return Told(len(screens), rate if rate > 1 else None)  # 0 and 1 stand for "the default of the display"


def asked_xrandr(run: Callable[..., subprocess.CompletedProcess[str]] = subprocess.run) -> str:
    """Return what `xrandr` prints; nothing where it is not installed."""
    try:
        done = run(
            ["xrandr", "--current"], capture_output=True, text=True, check=False, timeout=ANSWERS_WITHIN_S
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout if done.returncode == 0 else ""


def xrandr_rate(said: str, x: int, y: int) -> float | None:
    """Return the rate (Hz) in use of the monitor whose corner is at a place (px), from xrandr's words."""
    here = False
    for line in said.splitlines():
        if not line.startswith(" "):
            corner = re.search(r"\b\d+x\d+\+(\d+)\+(\d+)\b", line)
            here = corner is not None and (int(corner[1]), int(corner[2])) == (x, y)
        elif here and "*" in line:
            rate = re.search(r"(\d+\.\d+)\*", line)
            return float(rate[1]) if rate and float(rate[1]) > 1 else None
    return None
