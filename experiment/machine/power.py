"""Where the power comes from, and whether the system saves it at the cost of speed."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import psutil  # type: ignore[import-untyped]

from experiment.machine.finding import Finding

GOVERNORS = Path("/sys/devices/system/cpu")
SCALES_BY_ITSELF = ("intel_pstate", "amd-pstate", "amd-pstate-epp", "amd_pstate", "amd_pstate_epp")
"""Drivers under which the governor `powersave` is the usual one and follows what is asked of it."""

SAVING_GUID = "a1841308-3541-4fab-bc81-f71556f20b4a"
"""The power saver that every Windows has, whatever its language calls it."""

ANSWERS_WITHIN_S = 10
NAME = "power plan"
SAVES = "The processor is kept slow: choose balanced or high performance in the system's power settings."
FOLLOWS = "The processor runs as fast as is asked of it."

Ask = Callable[[Sequence[str]], str]


def answer(command: Sequence[str]) -> str:
    """Return what a command of the system prints; nothing where it fails."""
    try:
        done = subprocess.run(command, capture_output=True, check=False, timeout=ANSWERS_WITHIN_S)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.decode(errors="replace")


def power(read: Callable[[], object] | None = None) -> Finding:
    """Return whether the computer runs on mains."""
    name = "power"
    try:
        battery = (read or psutil.sensors_battery)()
    except (AttributeError, OSError, RuntimeError, ValueError):
        return Finding(name, None, "", "not known", "The system does not tell; plug the computer in.")
    if battery is None:
        return Finding(name, "mains, no battery", "", "good", "Nothing to do.")
    percent, plugged = getattr(battery, "percent", None), getattr(battery, "power_plugged", None)
    details = {"percent": percent}
    if plugged is None:
        return Finding(name, None, "", "not known", "The system does not tell; plug the computer in.")
    if plugged:
        return Finding(name, "mains", "", "good", "Nothing to do.", details=details)
    advice = "Plug the computer in: on battery it may slow down, dim the screen or go to sleep."
    return Finding(name, f"battery, {percent:.0f} %", "", "fair", advice, details=details)


def plan(system: str = sys.platform, ask: Ask = answer, governors: Path = GOVERNORS) -> Finding:
    """Return the system's power plan, as far as it can be read."""
    if system.startswith("linux"):
        return _governor(governors)
    return _windows_plan(ask) if system == "win32" else _mac_mode(ask)


def _unreadable() -> Finding:
    return Finding(NAME, None, "", "not known", "Not readable here; see in the system's power settings.")


def _governor(folder: Path) -> Finding:
    try:
        files = sorted(folder.glob("cpu[0-9]*/cpufreq/scaling_governor"))
        found = sorted({file.read_text(encoding="utf-8").strip() for file in files})
        drivers = {(file.parent / "scaling_driver").read_text(encoding="utf-8").strip() for file in files}
    except OSError:
        return _unreadable()
    if not found:
        return _unreadable()
    slow = "powersave" in found and not drivers <= set(SCALES_BY_ITSELF)
    details = {"governors": found, "drivers": sorted(drivers)}
    words = SAVES if slow else FOLLOWS
    return Finding(
        NAME, f"governor {', '.join(found)}", "", "fair" if slow else "good", words, details=details
    )


def _windows_plan(ask: Ask) -> Finding:
    said = ask(["powercfg", "/getactivescheme"])
    guid = re.search(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", said.lower())
    if guid is None:
        return _unreadable()
    name = re.search(r"\(([^()]+)\)\s*$", said.strip())
    slow = guid[0] == SAVING_GUID
    return Finding(
        NAME, name[1] if name else guid[0], "", "fair" if slow else "good", SAVES if slow else FOLLOWS
    )


def _mac_mode(ask: Ask) -> Finding:
    said = ask(["pmset", "-g"])
    mode = re.search(r"^\s*(?:lowpowermode|powermode)\s+(\d)", said, re.MULTILINE)
    if mode is None:
        return _unreadable()
    slow = mode[1] == "1"
    words = "low power mode" if slow else "low power mode off"
    return Finding(NAME, words, "", "fair" if slow else "good", SAVES if slow else FOLLOWS)
