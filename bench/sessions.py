"""Simulated sessions per second, whole: session, journal, tables. ``python -m bench.sessions [N]``."""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from pathlib import Path

from experiment.simulate import Simulation, simulate

ROUNDS = 3


def rate(protocol: str, participants: int, jobs: int) -> float:
    """Return sessions per second of one simulated study, its set-up included."""
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        simulate(Simulation(protocol, participants, 1, Path(folder)), jobs=jobs)
        return participants / (time.perf_counter() - began)


def main() -> int:
    """Measure the shipped protocols with one process and with two."""
    participants = int(sys.argv[1]) if len(sys.argv) > 1 else 60
    print(f"simulated sessions per second, median of {ROUNDS} rounds of {participants}")
    for protocol in ("demo", "classic", "within_gradual"):
        one, two = (
            statistics.median(rate(protocol, participants, jobs) for _ in range(ROUNDS)) for jobs in (1, 2)
        )
        print(f"{protocol:<16} one process {one:7.1f}   two {two:7.1f}   ratio {two / one:4.2f}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
