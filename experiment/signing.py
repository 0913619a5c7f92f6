"""When, on which computer and by whom something of the allocation was done."""

from __future__ import annotations

from datetime import datetime

from experiment.earlier import machine_mark


def signature(experimenter: str = "") -> dict[str, object]:
    """Return the moment (local time with its offset), the computer's mark and the experimenter's code."""
    wall = datetime.now().astimezone().isoformat(timespec="milliseconds")
    return {"wall": wall, "machine": machine_mark(), "experimenter": experimenter or None}


def instant(wall: object) -> float:
    """Return a moment as a number (s), wherever it was written down; -1 where there is none."""
    try:
        return datetime.fromisoformat(str(wall)).timestamp()
    except ValueError:
        return -1.0
