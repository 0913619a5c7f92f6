"""Tests of equivalence: whether a difference is smaller than a stated bound, in either direction."""

from __future__ import annotations

import math
import warnings

import numpy as np
from scipy import stats

from analysis.frames import Floats

ALPHA = 0.05
COLUMNS = ("bound_sd", "bound", "ci90_low", "ci90_high", "tost_p", "equivalent")


def independent(x: Floats, y: Floats, bound_sd: float, sd: float) -> dict[str, float]:
    """Test two groups for equivalence by two one-sided Welch tests.

    The difference is tested against ``-bound`` from above and against ``bound`` from below; p is the larger
    of the two (Schuirmann 1987, J Pharmacokinet Biopharm 15:657; Lakens 2017, Soc Psychol Personal Sci
    8:355). At p < .05 the 90 % interval lies within the bounds, which is the verdict.

    Parameters
    ----------
    x, y
        The scores, none missing.
    bound_sd
        The bound in standard deviations.
    sd
        The pooled standard deviation. That it comes from the same sample makes ``bound = bound_sd * sd`` in
        units of the score an estimate; the test takes it as stated.

    Returns
    -------
    dict
        bound_sd, bound, ci90_low, ci90_high, tost_p, equivalent (1, 0). NaN where there is no test.
    """
    bound = bound_sd * sd if sd > 0 else np.nan
    if math.isnan(bound) or min(x.size, y.size) < 2:
        return _row(bound_sd, bound)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # one group of equal scores
        above = stats.ttest_ind(x + bound, y, equal_var=False, alternative="greater")
        below = stats.ttest_ind(x - bound, y, equal_var=False, alternative="less")
        inner = stats.ttest_ind(x, y, equal_var=False).confidence_interval(1 - 2 * ALPHA)
    return _row(bound_sd, bound, inner.low, inner.high, max(above.pvalue, below.pvalue))


def paired(x: Floats, y: Floats, bound_sd: float, sd: float) -> dict[str, float]:
    """Test complete pairs for equivalence by two one-sided paired t tests; `sd` is that of differences."""
    bound = bound_sd * sd if sd > 0 else np.nan
    if math.isnan(bound) or x.size < 2:
        return _row(bound_sd, bound)
    above = stats.ttest_rel(x + bound, y, alternative="greater")
    below = stats.ttest_rel(x - bound, y, alternative="less")
    inner = stats.ttest_rel(x, y).confidence_interval(1 - 2 * ALPHA)
    return _row(bound_sd, bound, inner.low, inner.high, max(above.pvalue, below.pvalue))


def _row(
    bound_sd: float, bound: float, low: float = np.nan, high: float = np.nan, p: float = np.nan
) -> dict[str, float]:
    verdict = np.nan if math.isnan(p) else float(p < ALPHA)
    values = (bound_sd, bound, low, high, p, verdict)
    return dict(zip(COLUMNS, map(float, values), strict=True))
