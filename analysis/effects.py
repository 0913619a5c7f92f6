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
    """Return the noncentrality under which a t of at most `t` >= 0 has `probability`.

    `scipy.special.nctdtrinc` stops searching at five to seven digits: it gives 448.317 for t = 200 and 1 df,
    where 448.286 is right.
    """

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


def d_av_interval(d_av: float, sd_a: float, sd_b: float, r: float, n: float) -> tuple[float, float]:
    r"""Return the 95 % interval of d_av, whose standardiser is the root mean square of both SDs.

    .. math::
        d \mp z_{.975} \sqrt{\frac{d^2 (s_a^4 + s_b^4 + 2 r^2 s_a^2 s_b^2)}{8 (n - 1) s^4}
        + \frac{s_a^2 + s_b^2 - 2 r s_a s_b}{(n - 1) s^2}}, \quad s^2 = (s_a^2 + s_b^2) / 2

    Bonett (2008), Psychol Methods 13:99, for dependent means; equal variances are not assumed. ``r`` is the
    correlation of the pairs; where one column is constant there is none, and none is needed.
    """
    mean_square = (sd_a**2 + sd_b**2) / 2
    if not (n > 1 and mean_square > 0):
        return np.nan, np.nan
    covariance = r * sd_a * sd_b if sd_a > 0 and sd_b > 0 else 0.0
    of_sds = d_av**2 * (sd_a**4 + sd_b**4 + 2 * covariance**2) / (8 * (n - 1) * mean_square**2)
    of_means = (sd_a**2 + sd_b**2 - 2 * covariance) / ((n - 1) * mean_square)
    half = float(special.ndtri(0.5 + INTERVAL / 2) * np.sqrt(of_sds + max(of_means, 0.0)))
    return d_av - half, d_av + half


def holm(p: Floats) -> Floats:
    """Return p values corrected by Holm (1979); those that are NaN are no part of the family.

    statsmodels has it too, but collects all rubbish of the program at each call, which takes
    a tenth of a second.
    """
    corrected = np.full(p.size, np.nan)
    known = np.flatnonzero(~np.isnan(p))
    ordered = known[np.argsort(p[known], kind="stable")]
    steps = p[ordered] * np.arange(ordered.size, 0, -1)
    corrected[ordered] = np.minimum(np.maximum.accumulate(steps), 1.0)
    return corrected
