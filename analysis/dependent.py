"""Whether two correlations that share a variable differ, in the same participants."""

from __future__ import annotations

import math

from scipy import special

from analysis.correlations import NOISE, fisher_interval

NO_DIFFERENCE = dict.fromkeys(("difference", "ci_low", "ci_high", "t", "df", "p"), math.nan)


def williams(r_a: float, r_b: float, r_ab: float, n: float) -> tuple[float, float, float]:
    r"""Return Williams' t of two overlapping correlations, its df and two-sided p.

    .. math::
        t = (r_a - r_b) \sqrt{\frac{(n - 1)(1 + r_{ab})}
        {2 \frac{n - 1}{n - 3} |R| + \bar r^2 (1 - r_{ab})^3}}, \quad df = n - 3

    with :math:`|R| = 1 - r_a^2 - r_b^2 - r_{ab}^2 + 2 r_a r_b r_{ab}` and the mean :math:`\bar r` of both
    (Williams 1959; recommended by Steiger 1980, Psychol Bull 87:245, equation 7).

    Parameters
    ----------
    r_a, r_b
        Correlations of two variables with the shared one.
    r_ab
        Correlation of these two with each other.
    n
        Participants; of residuals, the size that counts (`analysis.correlations.residuals`).
    """
    if not (n > 3 and max(abs(r_a), abs(r_b), abs(r_ab)) < 1 - NOISE):
        return math.nan, math.nan, math.nan
    determinant = 1 - r_a**2 - r_b**2 - r_ab**2 + 2 * r_a * r_b * r_ab
    mean = (r_a + r_b) / 2
    below = 2 * (n - 1) / (n - 3) * max(determinant, 0.0) + mean**2 * (1 - r_ab) ** 3
    if not below > 0:
        return math.nan, math.nan, math.nan
    t = (r_a - r_b) * math.sqrt((n - 1) * (1 + r_ab) / below)
    return t, n - 3, float(2 * special.stdtr(n - 3, -abs(t)))


def zou_interval(r_a: float, r_b: float, r_ab: float, n: float) -> tuple[float, float]:
    r"""Return the 95 % interval of the difference of two overlapping correlations, r_a - r_b.

    .. math::
        L = r_a - r_b - \sqrt{(r_a - l_a)^2 + (u_b - r_b)^2 - 2 c (r_a - l_a)(u_b - r_b)}

    and U likewise, where l and u are the limits of each by Fisher's z and

    .. math::
        c = \frac{(r_{ab} - r_a r_b / 2)(1 - r_a^2 - r_b^2 - r_{ab}^2) + r_{ab}^3}{(1 - r_a^2)(1 - r_b^2)}

    is the correlation of the two correlations (Zou 2007, Psychol Methods 12:399).
    """
    (low_a, high_a), (low_b, high_b) = fisher_interval(r_a, n), fisher_interval(r_b, n)
    if math.isnan(low_a) or math.isnan(low_b) or math.isnan(r_ab):
        return math.nan, math.nan
    c = (r_ab - r_a * r_b / 2) * (1 - r_a**2 - r_b**2 - r_ab**2) + r_ab**3
    c /= (1 - r_a**2) * (1 - r_b**2)

    def reach(one: float, other: float) -> float:
        return math.sqrt(max(one**2 + other**2 - 2 * c * one * other, 0.0))

    difference = r_a - r_b
    return difference - reach(r_a - low_a, high_b - r_b), difference + reach(high_a - r_a, r_b - low_b)


def difference(r_a: float, r_b: float, r_ab: float, n: float) -> dict[str, float]:
    """Return difference, ci_low, ci_high (Zou), t, df, p (Williams); NaN where there is none."""
    if math.isnan(r_a) or math.isnan(r_b) or math.isnan(r_ab):
        return dict(NO_DIFFERENCE)
    low, high = zou_interval(r_a, r_b, r_ab, n)
    t, df, p = williams(r_a, r_b, r_ab, n)
    return {"difference": r_a - r_b, "ci_low": low, "ci_high": high, "t": t, "df": df, "p": p}
