"""Tests and effect sizes on plain samples of numbers; `analysis.compare` brings them to frames."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy import special, stats

from analysis.describe import moments
from analysis.effects import hedges_correction, noncentrality
from analysis.frames import Floats

Row = dict[str, float]


def independent(scores_a: Floats, scores_b: Floats) -> Row:
    """Compare two groups: Welch and Student t, d, g, their intervals, Mann-Whitney; NaN is missing."""
    x, y = scores_a[~np.isnan(scores_a)], scores_b[~np.isnan(scores_b)]
    n_x, n_y = x.size, y.size
    (mean_x, sd_x), (mean_y, sd_y) = moments(x), moments(y)
    row: Row = {
        "n_a": n_x,
        "n_b": n_y,
        "n_missing_a": scores_a.size - n_x,
        "n_missing_b": scores_b.size - n_y,
        "mean_a": mean_x,
        "mean_b": mean_y,
        "sd_a": sd_x,
        "sd_b": sd_y,
        "difference": mean_x - mean_y,
    }
    se, df = _welch(sd_x, n_x, sd_y, n_y)
    row |= _t_test(mean_x - mean_y, se, df)
    pooled_df = n_x + n_y - 2
    pooled = np.sqrt(((n_x - 1) * sd_x**2 + (n_y - 1) * sd_y**2) / pooled_df) if pooled_df > 0 else np.nan
    weight = np.sqrt(n_x * n_y / (n_x + n_y)) if n_x and n_y else np.nan
    student = _t_test(mean_x - mean_y, pooled / weight, pooled_df)
    row |= {"student_t": student["t"], "student_df": student["df"], "student_p": student["p"]}
    d = _ratio(mean_x - mean_y, pooled)
    low, high = (float(limit / weight) for limit in noncentrality(student["t"], pooled_df))
    row |= {"d": d, "d_low": low, "d_high": high}
    j = hedges_correction(pooled_df)
    row |= {"g": j * d, "g_low": j * low, "g_high": j * high}
    return row | _mann_whitney(x, y)


def _welch(sd_x: float, n_x: int, sd_y: float, n_y: int) -> tuple[float, float]:
    """Return the standard error of a difference and its degrees of freedom (Welch-Satterthwaite)."""
    if n_x < 2 or n_y < 2 or sd_x == sd_y == 0:
        return np.nan, np.nan
    v_x, v_y = sd_x**2 / n_x, sd_y**2 / n_y
    return np.sqrt(v_x + v_y), (v_x + v_y) ** 2 / (v_x**2 / (n_x - 1) + v_y**2 / (n_y - 1))


def contrast(samples: Sequence[Floats], weights: Sequence[float]) -> Row:
    """Return the weighted sum of the means of independent samples, and its t test.

    ``se^2 = sum of w^2 s^2 / n``, df after Satterthwaite (Welch 1947, Biometrika 34:28); with two samples and
    weights 1 and -1 this is Welch's t. NaN is missing; without variance or with one score there is no test.
    """
    seen = [x[~np.isnan(x)] for x in samples]
    described = [moments(x) for x in seen]
    found = float(sum(w * mean for w, (mean, _) in zip(weights, described, strict=True)))
    if min(x.size for x in seen) < 2 or all(sd == 0 for _, sd in described):
        return {"difference": found} | _t_test(found, np.nan, np.nan)
    v = np.array([(w * sd) ** 2 / x.size for w, (_, sd), x in zip(weights, described, seen, strict=True)])
    df = v.sum() ** 2 / sum(part**2 / (x.size - 1) for part, x in zip(v, seen, strict=True))
    return {"difference": found} | _t_test(found, float(np.sqrt(v.sum())), float(df))


def _t_test(difference: float, se: float, df: float) -> Row:
    """Return t, df, two-sided p and the 95 % interval; all NaN where there is no standard error."""
    if not se > 0:
        return dict.fromkeys(("ci_low", "ci_high", "t", "df", "p"), np.nan)
    t = difference / se
    half = float(special.stdtrit(df, 0.975)) * se
    return {
        "ci_low": difference - half,
        "ci_high": difference + half,
        "t": t,
        "df": df,
        "p": 2 * float(special.stdtr(df, -abs(t))),
    }


def _ratio(difference: float, sd: float) -> float:
    return difference / sd if sd > 0 else np.nan


def _mann_whitney(x: Floats, y: Floats) -> Row:
    if not x.size or not y.size:
        return dict.fromkeys(("u", "u_p", "rank_biserial"), np.nan)
    if np.ptp(np.concatenate([x, y])) == 0:
        return {"u": x.size * y.size / 2, "u_p": np.nan, "rank_biserial": 0.0}
    result = stats.mannwhitneyu(x, y, alternative="two-sided")
    u = float(result.statistic)
    return {"u": u, "u_p": float(result.pvalue), "rank_biserial": 2 * u / (x.size * y.size) - 1}


def paired(x: Floats, y: Floats) -> Row:
    """Compare complete pairs: paired t, d_z with its interval, d_av, Wilcoxon."""
    n = x.size
    difference = x - y
    (mean_x, sd_x), (mean_y, sd_y), (mean, sd) = moments(x), moments(y), moments(difference)
    row: Row = {"mean_a": mean_x, "mean_b": mean_y, "sd_a": sd_x, "sd_b": sd_y}
    row["r"] = float(np.corrcoef(x, y)[0, 1]) if n > 1 and sd_x > 0 and sd_y > 0 else np.nan
    test = _t_test(mean, sd / np.sqrt(n) if n > 1 else np.nan, n - 1)
    row |= {"difference": mean} | test
    low, high = (float(limit / np.sqrt(max(n, 1))) for limit in noncentrality(test["t"], n - 1))
    row |= {"d_z": _ratio(mean, sd), "d_z_low": low, "d_z_high": high}
    row["d_av"] = _ratio(mean, np.sqrt((sd_x**2 + sd_y**2) / 2))
    moved = difference[np.abs(difference) > 1e-12 * max(float(np.abs(difference).max(initial=0.0)), 1.0)]
    if not moved.size:
        return row | {"w": np.nan, "w_p": np.nan}
    result = stats.wilcoxon(moved)
    return row | {"w": float(result.statistic), "w_p": float(result.pvalue)}


def welch_anova(samples: list[Floats]) -> tuple[float, float, float, float]:
    """Return F, df1, df2 and p of Welch's analysis of variance (1951, Biometrika 38:330, equation 20)."""
    counts = np.array([x.size for x in samples], dtype=float)
    described = np.array([moments(x) for x in samples])
    means, sds = described[:, 0], described[:, 1]
    if not (sds > 0).all():
        return np.nan, np.nan, np.nan, np.nan
    k = len(samples)
    weights = counts / sds**2
    share = weights / weights.sum()
    spread = ((1 - share) ** 2 / (counts - 1)).sum()
    between_groups = (weights * (means - (share * means).sum()) ** 2).sum() / (k - 1)
    f = between_groups / (1 + 2 * (k - 2) / (k**2 - 1) * spread)
    df2 = (k**2 - 1) / (3 * spread)
    return float(f), float(k - 1), float(df2), float(special.fdtrc(k - 1, df2, f))
