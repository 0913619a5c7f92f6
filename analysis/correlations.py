"""One correlation on plain numbers: interval, test, Bayes factor, and what its n can carry."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np
from scipy import special, stats

from analysis.bayes import LARGEST
from analysis.effects import INTERVAL
from analysis.frames import Floats

Z = float(special.ndtri(0.5 + INTERVAL / 2))
"""1.96: half the width of a 95 % interval in standard errors."""

POWER = 0.80
ALPHA = 0.05

NOISE = 1e-10
"""A spread below this part of the values themselves is rounding, not variance."""

NOTHING = dict.fromkeys(
    ("r", "ci_low", "ci_high", "t", "df", "p", "bf10", "log10_bf10", "half_width", "detectable"), math.nan
)
NO_RANKS = dict.fromkeys(("rho", "rho_low", "rho_high", "rho_p"), math.nan)


def residuals(values: Floats, design: Floats) -> tuple[Floats, float]:
    """Take out of columns what `design` tells of them.

    Parameters
    ----------
    values
        Rows of observations, columns of variables; none missing.
    design
        Columns that are taken out, the intercept (or a column for each group) among them.

    Returns
    -------
    residuals
        What is left of each column; 0 where that is but rounding.
    n
        Size of a simple random sample that would tell as much: rows less rank of the design, plus 1. The
        partial correlation of n observations, k variables taken out, is distributed as a plain one of n - k
        (Fisher 1924, Metron 3:329).
    """
    if not len(values):
        return values.copy(), 0.0
    kept = _basis(design)
    left = values - kept @ (kept.T @ values)
    scale = np.abs(values).max(axis=0, initial=0.0)
    left[:, left.std(axis=0) <= NOISE * np.maximum(scale, 1e-300)] = 0.0
    return left, float(len(values) - kept.shape[1] + 1)


def _basis(design: Floats) -> Floats:
    """Return an orthogonal basis of the columns."""
    u, sizes, _ = np.linalg.svd(design, full_matrices=False)
    return u[:, sizes > max(design.shape) * np.finfo(float).eps * sizes.max(initial=0.0)]


def cells_of(labels: Iterable[str]) -> Floats:
    """Return a column of 0 and 1 for each label that occurs, sorted."""
    given = np.array(list(labels), dtype=str)
    return np.asarray(given[:, None] == np.unique(given)[None, :], dtype=float)


def product_moment(x: Floats, y: Floats) -> float:
    """Return Pearson's r of columns whose mean is 0; NaN where one is constant."""
    size = math.sqrt(float(x @ x)) * math.sqrt(float(y @ y))
    return float(np.clip(float(x @ y) / size, -1.0, 1.0)) if size > 0 else math.nan


def fisher_interval(r: float, n: float, variance: float = 1.0) -> tuple[float, float]:
    """Return the 95 % interval by Fisher's z, ``tanh(atanh r -+ 1.96 sqrt(variance / (n - 3)))``.

    Fisher (1921, Metron 1:3) for Pearson's r, where `variance` is 1. NaN for n of 3 or less, or r of 1.
    """
    if not (n > 3 and abs(r) < 1 - NOISE):
        return math.nan, math.nan
    half = Z * math.sqrt(variance / (n - 3))
    return math.tanh(math.atanh(r) - half), math.tanh(math.atanh(r) + half)


def t_of(r: float, n: float) -> tuple[float, float, float]:
    """Return ``t = r sqrt(df / (1 - r^2))``, df = n - 2, and p of two sides; NaN where there is no test."""
    df = n - 2
    if not (df >= 1 and abs(r) < 1 - NOISE):
        return math.nan, math.nan, math.nan
    t = r * math.sqrt(df / (1 - r * r))
    return t, df, float(2 * special.stdtr(df, -abs(t)))


def log10_bayes_factor(r: float, n: float) -> float:
    r"""Return the common logarithm of the Bayes factor of a correlation against none, two-sided.

    The prior of the correlation is uniform from -1 to 1 (Jeffreys 1961; Ly, Verhagen & Wagenmakers 2016,
    J Math Psychol 72:19, a stretched beta of width 1), and

    .. math::
        BF_{10} = \frac{\sqrt{\pi}}{2} \frac{\Gamma((n + 1) / 2)}{\Gamma((n + 2) / 2)}\;
        {}_2F_1\bigl(\tfrac{n - 1}{2}, \tfrac{n - 1}{2}; \tfrac{n + 2}{2}; r^2\bigr)

    which Euler's transformation turns into :math:`(1 - r^2)^{2 - n/2}\,{}_2F_1(3/2, 3/2; (n + 2)/2; r^2)`,
    so that no n is too large.
    """
    if not (n >= 3 and abs(r) < 1 - NOISE):
        return math.nan
    series = _series((n + 2) / 2, r * r)
    logs = (
        0.5 * math.log(math.pi)
        - math.log(2)
        + float(special.gammaln((n + 1) / 2) - special.gammaln((n + 2) / 2))
        + (2 - n / 2) * math.log1p(-r * r)
        + math.log(series)
    )
    return logs / math.log(10)


def _series(c: float, z: float) -> float:
    """Return 2F1(3/2, 3/2; c; z), z below 1; scipy gives up on large c with z near 1, where few terms do."""
    if c < 50:
        return float(special.hyp2f1(1.5, 1.5, c, z))
    k = np.arange(400)
    return 1.0 + float(np.cumprod((k + 1.5) ** 2 / ((c + k) * (k + 1)) * z).sum())


def detectable(n: float) -> float:
    """Return the correlation that n participants find with a power of .80 (Fisher's z, two-sided .05).

    ``tanh((1.960 + 0.842) / sqrt(n - 3))``: `analysis.power.needed` the other way round.
    """
    if not n > 3:
        return math.nan
    return math.tanh(float(special.ndtri(1 - ALPHA / 2) + special.ndtri(POWER)) / math.sqrt(n - 3))


def pearson(x: Floats, y: Floats, n: float) -> dict[str, float]:
    """Return all that is said of a correlation of residuals, `n` being the size that counts.

    Returns
    -------
    dict
        r, ci_low, ci_high, t, df, p, bf10 (NaN beyond 1e300), log10_bf10, half_width (of the interval),
        detectable. What cannot be told is NaN: everything below 3, the interval below 4, the test where the
        points lie on a line.
    """
    r = product_moment(x, y) if n >= 3 else math.nan
    if math.isnan(r):
        return NOTHING | {"detectable": detectable(n)}
    low, high = fisher_interval(r, n)
    t, df, p = t_of(r, n)
    log10 = log10_bayes_factor(r, n)
    return {
        "r": r,
        "ci_low": low,
        "ci_high": high,
        "t": t,
        "df": df,
        "p": p,
        "bf10": float(10.0**log10) if abs(log10) < LARGEST else math.nan,
        "log10_bf10": log10,
        "half_width": (high - low) / 2,
        "detectable": detectable(n),
    }


def ranks(values: Floats, cells: Floats) -> Floats:
    """Return ranks within each cell (ties share their mean rank), divided by its size plus 1.

    The division lets every participant weigh alike, whatever the size of their cell.
    """
    found = np.empty_like(values, dtype=float)
    for cell in cells.T:
        own = cell > 0
        found[own] = stats.rankdata(values[own], axis=0) / (own.sum() + 1)
    return found


def spearman(x: Floats, y: Floats, n: float) -> dict[str, float]:
    """Return rho of residuals of ranks: interval after Bonett & Wright, p by t with n - 2 df.

    The interval is Fisher's with the variance ``1 + rho^2 / 2`` (Bonett & Wright 2000, Psychometrika 65:23).
    """
    rho = product_moment(x, y) if n >= 3 else math.nan
    if math.isnan(rho):
        return dict(NO_RANKS)
    low, high = fisher_interval(rho, n, 1 + rho * rho / 2)
    return {"rho": rho, "rho_low": low, "rho_high": high, "rho_p": t_of(rho, n)[2]}
