"""Effect sizes with their intervals, and Holm's correction: one number in, one number out."""

from __future__ import annotations

import numpy as np
from scipy import optimize, special

from analysis.frames import Floats

INTERVAL = 0.95


def hedges_correction(df: float) -> float:
    r"""Return the exact factor that takes the bias from Cohen's d.

    .. math:: J(\nu) = \Gamma(\nu/2) \,/\, \bigl(\sqrt{\nu/2}\;\Gamma((\nu - 1)/2)\bigr)

    Hedges (1981), J Educ Stat 6:107, equation 6e. NaN below 2 degrees of freedom, where it does not exist.
    """
    if not df >= 2:
        return np.nan
    return float(np.exp(special.gammaln(df / 2) - special.gammaln((df - 1) / 2)) / np.sqrt(df / 2))


def noncentrality(t: float, df: float, level: float = INTERVAL) -> tuple[float, float]:
    """Return the interval of the noncentrality parameter of a t distribution, given an observed t.

    The limits are the parameters under which `t` lies at the upper and the lower ``(1 - level) / 2`` of its
    distribution (Steiger & Fouladi 1997; Cumming & Finch 2001, Educ Psychol Meas 61:532).
    """
    if np.isnan(t) or not df >= 1:
        return np.nan, np.nan
    if t < 0:
        low, high = noncentrality(-t, df, level)
        return -high, -low
    tail = (1 - level) / 2
    return _parameter(t, df, 1 - tail), _parameter(t, df, tail)


def _parameter(t: float, df: float, probability: float) -> float:
    """Return the noncentrality under which a t of at most `t` >= 0 has `probability`."""

    def excess(parameter: float) -> float:
        below = float(special.nctdtr(df, parameter, t))
        # Far in the tails the distribution function gives up; what it would have said there is 1 or 0.
        if np.isnan(below):
            below = 1.0 if parameter < t else 0.0
        return below - probability

    width = 4.0 + t
    while excess(t - width) < 0 or excess(t + width) > 0:
        width *= 2
    return float(optimize.brentq(excess, t - width, t + width, xtol=1e-12, rtol=1e-14))


def holm(p: Floats) -> Floats:
    """Return p values corrected by Holm (1979); those that are NaN are no part of the family."""
    corrected = np.full(p.size, np.nan)
    known = np.flatnonzero(~np.isnan(p))
    ordered = known[np.argsort(p[known], kind="stable")]
    steps = p[ordered] * np.arange(ordered.size, 0, -1)
    corrected[ordered] = np.minimum(np.maximum.accumulate(steps), 1.0)
    return corrected
