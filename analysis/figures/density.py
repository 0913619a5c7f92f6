"""How densely values lie on a scale, and where points go that would hide each other."""

from __future__ import annotations

import numpy as np

from analysis.frames import Floats

PLACES = 110
"""Places at which a density is taken."""

GOLDEN = 0.6180339887498949


def density(values: Floats, low: float, high: float) -> tuple[Floats, Floats] | None:
    """Estimate how densely values lie between the ends of their scale; none lies beyond.

    A Gaussian kernel whose width is 0.9 times the lesser of the standard deviation and the interquartile
    range / 1.34, divided by the fifth root of n (Silverman 1986, Density Estimation, equation 3.31); what it
    would spread beyond an end is folded back at that end, so that the area stays 1 (section 2.10). Means of
    Likert items lie on a grid; the kernel is at least as wide as its mesh, or its teeth would be seen.

    Returns
    -------
    tuple or None
        Places from the least value less three bandwidths to the greatest plus three, within the scale, and
        the density there; None where all values are the same or fewer than two.
    """
    if values.size < 2 or np.ptp(values) <= 1e-9 * max(1.0, float(np.abs(values).max())):
        return None
    q1, q3 = np.quantile(values, [0.25, 0.75])
    spread = float(values.std(ddof=1))
    width = 0.9 * (min(spread, (q3 - q1) / 1.34) if q3 > q1 else spread) * values.size ** (-1 / 5)
    unique, counts = np.unique(values, return_counts=True)
    width = max(width, min(float(np.median(np.diff(unique))), spread / 2))
    grid = np.linspace(
        max(low, float(values.min()) - 3 * width), min(high, float(values.max()) + 3 * width), PLACES
    )
    sources = np.concatenate([unique, 2 * low - unique, 2 * high - unique])
    weights = np.tile(counts, 3) / values.size
    kernels = np.exp(-0.5 * ((grid[:, None] - sources) / width) ** 2) / (width * np.sqrt(2 * np.pi))
    made: Floats = kernels @ weights
    return grid, made


def jitter(count: int) -> Floats:
    """Return `count` places from -0.5 to 0.5, spread evenly and always the same.

    Multiples of the golden ratio: neighbours in the order of the participants come to lie far apart.
    """
    spread: Floats = np.asarray((np.arange(1, count + 1) * GOLDEN) % 1.0 - 0.5, dtype=np.float64)
    return spread
