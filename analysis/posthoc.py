"""Every pair of three conditions or more, corrected for how many pairs there are."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import optimize, special

from analysis.effects import INTERVAL, holm
from analysis.frames import SCORE, Floats, groups

COLUMNS = [*SCORE, "a", "b", "design", "k", "difference", "t", "df", "p", "p_holm_pairs"]
COLUMNS += ["p_games_howell", "gh_low", "gh_high"]
NODES, WEIGHTS = np.polynomial.legendre.leggauss(96)


def posthoc(compared: pd.DataFrame) -> pd.DataFrame:
    """Correct the comparisons of each score over all pairs of its conditions.

    Parameters
    ----------
    compared : DataFrame
        As `analysis.compare.comparisons` returns them.

    Returns
    -------
    DataFrame
        A row per pair of every score with three conditions or more: a, b, design, k (conditions), difference
        (a minus b), t, df, p (Welch's between, paired within), p_holm_pairs (Holm over the pairs that have a
        test), and between participants p_games_howell with the simultaneous 95 % interval gh_low, gh_high:
        Welch's standard error and df, ``q = sqrt(2) |t|`` in the studentized range of k means (Games & Howell
        1976, J Educ Stat 1:113). NaN where it cannot be told, or where some pair is within participants.
    """
    if compared.empty:
        return pd.DataFrame(columns=COLUMNS)
    parts = []
    for _, pairs in groups(compared, SCORE):
        k = len(set(pairs["a"]) | set(pairs["b"]))
        if k < 3:
            continue
        names = [name for name in COLUMNS if name in pairs.columns]
        rows = pairs[names].assign(k=k, p_holm_pairs=holm(pairs["p"].to_numpy(float)))
        parts.append(rows.assign(**_games_howell(pairs, k)))
    if not parts:
        return pd.DataFrame(columns=COLUMNS)
    return pd.concat(parts, ignore_index=True)[COLUMNS]


def _games_howell(pairs: pd.DataFrame, k: int) -> dict[str, Floats]:
    difference, t, df = (pairs[name].to_numpy(float) for name in ("difference", "t", "df"))
    p, low, high = (np.full(len(pairs), np.nan) for _ in range(3))
    if (pairs["design"] == "between").all():
        known = ~np.isnan(t)
        half = (pairs["ci_high"] - pairs["ci_low"]).to_numpy(float)[known] / 2
        se = half / special.stdtrit(df[known], 0.5 + INTERVAL / 2)
        p[known] = [
            range_above(np.sqrt(2) * abs(one), k, v) for one, v in zip(t[known], df[known], strict=True)
        ]
        wide = np.array([range_quantile(INTERVAL, k, v) for v in df[known]]) / np.sqrt(2) * se
        low[known], high[known] = difference[known] - wide, difference[known] + wide
    return {"p_games_howell": p, "gh_low": low, "gh_high": high}


def range_above(q: float, k: int, df: float) -> float:
    r"""Return the probability that the studentized range of `k` means exceeds `q`.

    .. math:: 1 - \int_0^\infty f_\nu(s) \; k \int \phi(z) [\Phi(z) - \Phi(z - q s)]^{k - 1} \, dz \, ds

    with s the root of chi-square over df. `scipy.stats.studentized_range` gives the same numbers, at 14 ms
    for a probability and 140 ms for a quantile: too long for every pair of every score. Here both integrals
    are sums over fixed nodes (Gauss & Legendre).
    """
    s, weights = _spread(df)
    z = 9.0 * NODES
    inner = k * 9.0 * WEIGHTS * np.exp(-0.5 * z**2) / np.sqrt(2 * np.pi)
    within = special.ndtr(z)[None, :] - special.ndtr(z[None, :] - q * s[:, None])
    below = float(weights @ (within ** (k - 1) @ inner))
    return min(max(1.0 - below, 0.0), 1.0)


def _spread(df: float) -> tuple[Floats, Floats]:
    """Return nodes of ``sqrt(chi2 / df)`` and the probability that lies at each."""
    low, high = (np.sqrt(special.chdtri(df, tail) / df) for tail in (1 - 1e-16, 1e-17))
    s = (high + low) / 2 + (high - low) / 2 * NODES
    log_density = np.log(2.0) + df / 2 * np.log(df / 2) - special.gammaln(df / 2)
    density = np.exp(log_density + (df - 1) * np.log(s) - df * s**2 / 2)
    return s, (high - low) / 2 * WEIGHTS * density


def range_quantile(probability: float, k: int, df: float) -> float:
    """Return the value below which the studentized range of `k` means has `probability`."""
    return float(optimize.brentq(lambda q: 1 - range_above(q, k, df) - probability, 0.0, 1000.0, xtol=1e-9))
