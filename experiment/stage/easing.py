"""Soft transitions by time."""

from __future__ import annotations

Point = tuple[float, float]


def smooth(share: float) -> float:
    """Return 0-1 eased at both ends; below 0 and above 1 it stays there."""
    share = max(0.0, min(1.0, share))
    return share * share * (3 - 2 * share)


def span(time_s: float, begin: float, end: float) -> float:
    """Return how far (0-1, eased) a transition from `begin` to `end` has come."""
    return smooth((time_s - begin) / (end - begin)) if end > begin else float(time_s >= end)


def blend(one: Point, other: Point, share: float) -> Point:
    """Return the point at `share` of the way from `one` to `other`."""
    return one[0] + (other[0] - one[0]) * share, one[1] + (other[1] - one[1]) * share
