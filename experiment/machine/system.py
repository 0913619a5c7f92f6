"""System libraries and versions: what PsychoPy needs, and what the lock says."""

from __future__ import annotations

import ctypes
import ctypes.util
import platform
import re
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from importlib import metadata
from pathlib import Path

from experiment.firstlines import PACKAGES
from experiment.machine.finding import Finding, listed
from lab import LOCK, PYTHON_VERSION, SYSTEM_PACKAGES, missing_libraries


def found_library(name: str) -> str | None:
    """Return a library that the system's list has or that can be loaded by its usual name."""
    found = ctypes.util.find_library(name)
    if found:
        return found
    for ending in ("", *(f".{number}" for number in range(7))):  # systems without a list, such as Alpine
        with suppress(OSError):
            ctypes.CDLL(f"lib{name}.so{ending}")
            return f"lib{name}.so{ending}"
    return None


def libraries(
    missing: Callable[[Callable[[str], str | None]], list[str]] = missing_libraries,
    system: str = sys.platform,
) -> Finding:
    """Return whether the libraries are there that PsychoPy's window, keyboard and dialog need."""
    name = "system libraries"
    if not system.startswith("linux"):
        return Finding(name, "part of the packages", "", "good", "Nothing to install on this system.")
    gone = missing(found_library)
    if gone:
        packages = [package for package, library in SYSTEM_PACKAGES.items() if library in gone]
        advice = f"Install {listed(packages)} (the names on Debian): window, keys or dialog may fail without."
        return Finding(name, f"{len(gone)} missing", "", "fair", advice, details={"missing": gone})
    count = sum(1 for library in SYSTEM_PACKAGES.values() if library)
    return Finding(name, f"all {count} found", "", "good", "Window, keyboard and dialog have what they need.")


def versions(lock: Path = LOCK, here: Mapping[str, str] | None = None) -> list[Finding]:
    """Return whether Python and the packages that keep the time are the ones that were tested."""
    python = platform.python_version()
    right = python.startswith(f"{PYTHON_VERSION}.")
    words = "The Python that was tested." if right else f"Start by lab.py, which brings {PYTHON_VERSION}."
    found = dict(here) if here is not None else installed()
    locked = dict(re.findall(r"^([a-z0-9-]+)==(\S+)", lock.read_text(encoding="utf-8"), re.MULTILINE))
    other = [name for name, version in found.items() if locked.get(name) != version]
    told = ", ".join(f"{name} {version}" for name, version in found.items())
    meaning = "The versions that were tested." if not other else (
        f"Run 'python lab.py setup': {listed(other)} {'is' if len(other) == 1 else 'are'} not as tested."
    )  # fmt: skip
    return [
        Finding("Python", python, "", "good" if right else "fair", words),
        Finding("packages", told, "", "fair" if other else "good", meaning, details=found),
    ]


def installed() -> dict[str, str]:
    """Return the versions of the packages that keep the time."""
    found = dict.fromkeys(PACKAGES, "missing")
    for name in PACKAGES:
        with suppress(metadata.PackageNotFoundError):
            found[name] = metadata.version(name)
    return found
