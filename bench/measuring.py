"""How the benchmarks measure: what is compared takes turns in short blocks; a busy moment then hits all."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

BLOCK = 30
LEAD = 3
"""Frames at the head of a block that are not counted: they pay for what the block before has left."""

Draw = Callable[[int], object]


@dataclass(slots=True)
class Cost:
    """Time (ms) of each frame: of drawing it, and of drawing and flipping it."""

    drawn: list[float] = field(default_factory=list)
    flipped: list[float] = field(default_factory=list)

    @property
    def draw(self) -> float:
        """Return the median of drawing (ms)."""
        return float(np.median(self.drawn))

    @property
    def frame(self) -> float:
        """Return the median of drawing and flipping (ms)."""
        return float(np.median(self.flipped))


def taking_turns(
    draws: Mapping[str, tuple[Draw, Callable[[], object]]], frames: int, between: Callable[[], object] = int
) -> dict[str, Cost]:
    """Return what frames cost of each thing, given how one is drawn and how it is flipped."""
    costs = {name: Cost() for name in draws}
    for first in range(0, frames, BLOCK):
        for name, (draw, flip) in draws.items():
            between()
            for frame in range(first - LEAD, first + BLOCK):
                begin = time.perf_counter()
                draw(frame % frames)
                middle = time.perf_counter()
                flip()
                end = time.perf_counter()
                if frame >= first:
                    costs[name].drawn.append(1e3 * (middle - begin))
                    costs[name].flipped.append(1e3 * (end - begin))
    return costs


def head(title: str) -> str:
    """Return the head of a table of costs."""
    return f"{title:<36}{'draw':>8}{'p10':>8}{'p99':>8}{'+ flip':>9}{'p99':>8}{'/ empty':>9}"


def row(name: str, cost: Cost, empty: Cost) -> str:
    """Return a line of such a table; the last number is draw and flip relative to the empty window's."""
    numbers = (
        f"{cost.draw:8.2f}{np.percentile(cost.drawn, 10):8.2f}{np.percentile(cost.drawn, 99):8.2f}"
        f"{cost.frame:9.2f}{np.percentile(cost.flipped, 99):8.2f}"
    )
    return f"{name:<36}{numbers}{cost.frame / empty.frame:9.1f}"


def table(title: str, costs: Mapping[str, Cost]) -> str:
    """Return a table of costs, of which the first is an empty window's."""
    empty = next(iter(costs.values()))
    return "\n".join([head(title), *(row(name, cost, empty) for name, cost in costs.items())])


def load() -> str:
    """Return the machine's load of the last minute, where it has such a thing."""
    return f"{os.getloadavg()[0]:.2f}" if hasattr(os, "getloadavg") else "unknown"


def machine() -> str:
    """Return a line on the machine and how busy it is now."""
    return f"{platform.platform()}, {os.cpu_count()} cores, load {load()}"


def percentiles(values: Sequence[float]) -> tuple[float, float, float]:
    """Return median, 99th percentile and greatest."""
    return float(np.median(values)), float(np.percentile(values, 99)), max(values)
