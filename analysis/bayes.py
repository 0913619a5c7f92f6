"""Bayes factors of t tests."""

from __future__ import annotations

import numpy as np
from scipy import special

SCALE = float(np.sqrt(0.5))
"""Scale r of the Cauchy prior: .707, the default of R's BayesFactor and of JASP."""

LARGEST = 300.0
"""Above 10 to this power a Bayes factor is given by its logarithm alone: no number holds it."""


def log10_bayes_factor(t: float, df: float, n: float, scale: float = SCALE) -> float:
    r"""Return the common logarithm of the Bayes factor of a difference against none, BF10, two-sided.

    .. math::
        BF_{10} = \frac{\int_0^\infty (1 + n g r^2)^{-1/2}
        \left(1 + \frac{t^2}{(1 + n g r^2)\nu}\right)^{-(\nu + 1)/2}
        (2\pi)^{-1/2} g^{-3/2} e^{-1/(2g)} \, dg}{(1 + t^2/\nu)^{-(\nu + 1)/2}}

    Rouder, Speckman, Sun, Morey & Iverson (2009), Psychon Bull Rev 16:225: the effect size has a Cauchy
    prior of scale r. The integral is taken over log g, in logarithms, so that no t is too large; there the
    trapezoid rule is exact to some twelve digits.

    Parameters
    ----------
    t, df
        Student's t (equal variances) or the paired t, with its degrees of freedom.
    n
        Pairs; between groups ``n_a n_b / (n_a + n_b)``.
    """
    if np.isnan(t) or not df >= 1:
        return np.nan
    log_g, step = np.linspace(-8.0, 120.0, 6401, retstep=True)
    g = np.exp(log_g)
    log_widened = np.log1p(n * g * scale**2)
    likelihood = -0.5 * log_widened - (df + 1) / 2 * np.log1p(t**2 / df * np.exp(-log_widened))
    prior = -0.5 * np.log(2 * np.pi) - 0.5 * log_g - 0.5 / g
    log_integral = float(special.logsumexp(likelihood + prior)) + float(np.log(step))
    return (log_integral + (df + 1) / 2 * float(np.log1p(t**2 / df))) / float(np.log(10))


def bayes_factor(t: float, df: float, n: float) -> dict[str, float]:
    """Return ``bf10`` (NaN where no number holds it) and ``log10_bf10``."""
    log10 = log10_bayes_factor(t, df, n)
    return {"bf10": float(10.0**log10) if abs(log10) < LARGEST else np.nan, "log10_bf10": log10}
