"""Tests and effect sizes on plain samples of numbers; `analysis.compare` brings them to frames."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy import special, stats

from analysis import equivalence as tests_of_equivalence
from analysis.bayes import bayes_factor
from analysis.describe import moments
from analysis.effects import INTERVAL, d_av_interval, hedges_correction, noncentrality
from analysis.frames import Floats, without_noise
from analysis.plan import EQUIVALENCE

Row = dict[str, float]
NO_TEST: Row = dict.fromkeys(("ci_low", "ci_high", "t", "df", "p"), np.nan)


def independent(scores_a: Floats, scores_b: Floats, equivalence: float = EQUIVALENCE) -> Row:
    """Compare two groups: Welch and Student t, d, g, Bayes factor, Mann-Whitney, equivalence.

    NaN is missing. Where a group has fewer than two scores, or nobody differs, there is no test.
    """
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
    row |= _two_groups(x, y, equal_var=False)
    pooled_df = n_x + n_y - 2
    pooled = np.sqrt(((n_x - 1) * sd_x**2 + (n_y - 1) * sd_y**2) / pooled_df) if min(n_x, n_y) > 1 else np.nan
    n = n_x * n_y / (n_x + n_y) if n_x and n_y else np.nan
    student = _two_groups(x, y, equal_var=True)
    row |= {"student_t": student["t"], "student_df": student["df"], "student_p": student["p"]}
    d = _ratio(mean_x - mean_y, pooled)
    low, high = (float(limit / np.sqrt(n)) for limit in noncentrality(student["t"], pooled_df))
    row |= {"d": d, "d_low": low, "d_high": high}
    j = hedges_correction(pooled_df)
    row |= {"g": j * d, "g_low": j * low, "g_high": j * high}
    row |= bayes_factor(student["t"], pooled_df, n)
    return row | _mann_whitney(x, y) | tests_of_equivalence.independent(x, y, equivalence, pooled)


def _two_groups(x: Floats, y: Floats, *, equal_var: bool) -> Row:
    """Return the t test of two groups that scipy makes; none without variance or with a group of one."""
    if min(x.size, y.size) < 2 or moments(x)[1] == moments(y)[1] == 0:
        return dict(NO_TEST)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # one group of equal scores
        return _as_row(stats.ttest_ind(x, y, equal_var=equal_var))


def _as_row(result: Any) -> Row:
    """Return what scipy found, under our names."""
    interval = result.confidence_interval(INTERVAL)
    return {
        "ci_low": float(interval.low),
        "ci_high": float(interval.high),
        "t": float(result.statistic),
        "df": float(result.df),
        "p": float(result.pvalue),
    }


def contrast(samples: Sequence[Floats], weights: Sequence[float]) -> Row:
    """Return the weighted sum of the means of independent samples, and its t test.

    ``se^2 = sum of w^2 s^2 / n``, df after Satterthwaite (Welch 1947, Biometrika 34:28); with two samples and
    weights 1 and -1 this is Welch's t. NaN is missing; without variance or with one score there is no test.
    """
    seen = [x[~np.isnan(x)] for x in samples]
    described = [moments(x) for x in seen]
    found = float(sum(w * mean for w, (mean, _) in zip(weights, described, strict=True)))
    if min(x.size for x in seen) < 2 or all(sd == 0 for _, sd in described):
        return {"difference": found} | t_test(found, np.nan, np.nan)
    v = np.array([(w * sd) ** 2 / x.size for w, (_, sd), x in zip(weights, described, seen, strict=True)])
    df = v.sum() ** 2 / sum(part**2 / (x.size - 1) for part, x in zip(v, seen, strict=True))
    return {"difference": found} | t_test(found, float(np.sqrt(v.sum())), float(df))


def t_test(difference: float, se: float, df: float) -> Row:
    """Return t, df, two-sided p and the 95 % interval; all NaN where there is no standard error."""
    if not (se > 0 and df > 0):
        return dict(NO_TEST)
    t = difference / se
    half = float(special.stdtrit(df, 0.5 + INTERVAL / 2)) * se
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
    x, y = without_noise(x, x, y), without_noise(y, x, y)
    if np.ptp(np.concatenate([x, y])) == 0:
        return {"u": x.size * y.size / 2, "u_p": np.nan, "rank_biserial": 0.0}
    result = stats.mannwhitneyu(x, y, alternative="two-sided")
    u = float(result.statistic)
    return {"u": u, "u_p": float(result.pvalue), "rank_biserial": 2 * u / (x.size * y.size) - 1}


def paired(x: Floats, y: Floats, equivalence: float = EQUIVALENCE) -> Row:
    """Compare complete pairs: paired t, d_z, d_av, Bayes factor, Wilcoxon, equivalence."""
    n = x.size
    difference = x - y
    (mean_x, sd_x), (mean_y, sd_y), (mean, sd) = moments(x), moments(y), moments(difference)
    row: Row = {"mean_a": mean_x, "mean_b": mean_y, "sd_a": sd_x, "sd_b": sd_y}
    row["r"] = float(np.corrcoef(x, y)[0, 1]) if n > 1 and sd_x > 0 and sd_y > 0 else np.nan
    test = _as_row(stats.ttest_rel(x, y)) if sd > 0 else dict(NO_TEST)
    row |= {"difference": mean} | test
    low, high = (float(limit / np.sqrt(max(n, 1))) for limit in noncentrality(test["t"], n - 1))
    row |= {"d_z": _ratio(mean, sd), "d_z_low": low, "d_z_high": high}
    d_av = _ratio(mean, np.sqrt((sd_x**2 + sd_y**2) / 2))
    low, high = d_av_interval(d_av, sd_x, sd_y, row["r"], n)
    row |= {"d_av": d_av, "d_av_low": low, "d_av_high": high}
    row |= bayes_factor(test["t"], n - 1, n)
    row |= _wilcoxon(without_noise(difference, x, y))
    return row | tests_of_equivalence.paired(x, y, equivalence, sd)


def _wilcoxon(difference: Floats) -> Row:
    moved = difference[difference != 0]
    if not moved.size:
        return {"w": np.nan, "w_p": np.nan}
    result = stats.wilcoxon(moved)
    return {"w": float(result.statistic), "w_p": float(result.pvalue)}


def welch_anova(samples: Sequence[Floats]) -> tuple[float, float, float, float]:
    """Return F, df1, df2 and p of Welch's analysis of variance (1951, Biometrika 38:330, equation 20)."""
    if not all(moments(x)[1] > 0 for x in samples):
        return np.nan, np.nan, np.nan, np.nan
    from statsmodels.stats.oneway import anova_oneway  # noqa: PLC0415 - slow to import

    found = anova_oneway(list(samples), use_var="unequal", welch_correction=True)
    return float(found.statistic), float(found.df[0]), float(found.df[1]), float(found.pvalue)
