"""Soft transitions by time."""

from __future__ import annotations

import math

Point = tuple[float, float]

REST_HZ = 10.0
STAGGER = 0.37


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


def resting(number: int, time_s: float) -> float:
    """Return the time (s) that a resting player shows: it goes on in steps.

    Breathing moves by less than a third of a pixel from step to step; between steps nothing of a figure
    at rest has to be drawn anew. The steps of different players come at different moments.
    """
    lag = STAGGER * number
    return (math.floor(time_s * REST_HZ + lag) - lag) / REST_HZ
