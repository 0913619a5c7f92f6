"""Memory, and what other programs do with the processors just now."""

from __future__ import annotations

import time
from collections.abc import Sequence

import psutil  # type: ignore[import-untyped]

from experiment.machine.bounds import judge
from experiment.machine.finding import Finding

LOOKED_FOR_S = 1.0
NAMED = 3
MUCH_PERCENT = 10.0
"""Of one processor: what is named."""


def memory() -> Finding:
    """Return the memory that is free for programs."""
    found = psutil.virtual_memory()
    free = found.available / 1e9
    verdict = judge("memory", free)
    words = "Enough." if verdict == "good" else "Close other programs before a session."
    details = {"total_gb": found.total / 1e9}
    return Finding("memory", free, "GB free", verdict, words, details=details)


def others(looked_for_s: float = LOOKED_FOR_S) -> Finding:
    """Return how much of the processors other programs use while nothing of ours runs."""
    processes = [p for p in psutil.process_iter(["name"]) if p.pid != psutil.Process().pid]
    for process in processes:
        _percent(process)
    time.sleep(looked_for_s)
    used = [(_percent(process), str(process.info["name"])) for process in processes]
    return judged(used, psutil.cpu_count() or 1)


def _percent(process: psutil.Process) -> float:
    try:
        return float(process.cpu_percent())
    except psutil.Error:  # it has ended, or is not ours to ask
        return 0.0


def judged(used: Sequence[tuple[float, str]], processors: int) -> Finding:
    """Return the finding from each program's share (% of one processor) and name."""
    share = sum(percent for percent, _ in used) / processors
    verdict = judge("other programs", share)
    busy = [(name, percent) for percent, name in sorted(used, reverse=True) if percent >= MUCH_PERCENT][
        :NAMED
    ]
    named = ", ".join(f"{name} {percent:.0f} %" for name, percent in busy)
    words = "The processors are free." if verdict == "good" else "Close what is not needed before a session."
    if named:
        words += f" Busiest (of one processor): {named}."
    details = {"processors": processors, "busiest": [{"name": n, "percent": p} for n, p in busy]}
    return Finding("other programs", share, "% of all processors", verdict, words, details=details)
