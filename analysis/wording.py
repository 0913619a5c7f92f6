"""Numbers as a reader of the field expects them, in plain ASCII."""

from __future__ import annotations

import math

import pandas as pd


def number(value: float, digits: int = 2) -> str:
    """Return a number with `digits` decimals, never ``-0.00``; a dash where there is none."""
    if math.isnan(value):
        return "-"
    text = f"{value:.{digits}f}"
    return text.removeprefix("-") if float(text) == 0 else text


def interval(low: float, high: float, digits: int = 2) -> str:
    """Return ``[low, high]``; a dash where there is none."""
    return "-" if math.isnan(low) else f"[{number(low, digits)}, {number(high, digits)}]"


def with_interval(value: float, low: float, high: float, digits: int = 2) -> str:
    """Return a number and its interval, the number alone where there is no interval."""
    return (
        number(value, digits) if math.isnan(low) else f"{number(value, digits)} {interval(low, high, digits)}"
    )


def p_value(p: float) -> str:
    """Return p with three decimals and no leading zero, ``< .001`` below that."""
    if math.isnan(p):
        return "-"
    return "< .001" if p < 0.001 else f"{p:.3f}".removeprefix("0")


def p_equals(p: float) -> str:
    """Return ``p = .020`` or ``p < .001``."""
    text = p_value(p)
    return f"p {text}" if text.startswith("<") else f"p = {text}"


def t_value(t: float, df: float) -> str:
    """Return ``t(57.8) = -9.21``; degrees of freedom whole where they are, or from 100 on."""
    if math.isnan(t):
        return "no test"
    whole = float(df).is_integer() or df >= 100
    return f"t({df:.{0 if whole else 1}f}) = {number(t)}"


def digits_for(low: float, high: float) -> int:
    """Return how many decimals a scale is printed with: 1 where it is 50 wide or more, else 2."""
    return 1 if high - low >= 50 else 2


def effect(row: pd.Series) -> tuple[str, float, float, float]:
    """Return name, value and limits of the effect size of a comparison: g between, d_z within."""
    if row["design"] == "within":
        return "d_z", float(row["d_z"]), float(row["d_z_low"]), float(row["d_z_high"])
    return "g", float(row["g"]), float(row["g_low"]), float(row["g_high"])


def sentence(row: pd.Series, what: str, low: float, high: float) -> str:
    """Say a comparison in words that name its direction.

    A direction is named where the 95 % interval of the difference leaves zero out, whatever was expected.
    """
    digits = digits_for(low, high)
    a, b = row["a"], row["b"]
    difference, ci_low, ci_high = (float(row[name]) for name in ("difference", "ci_low", "ci_high"))
    if math.isnan(difference):
        return f"{what}: {a} and {b} cannot be compared (too few participants)."
    if math.isnan(ci_low):
        return f"{what}: {a} minus {b} is {number(difference, digits)}; no test (too few, or no variance)."
    gap = interval(ci_low, ci_high, digits)
    if ci_low <= 0 <= ci_high:
        said = f"no clear difference, {a} minus {b} = {number(difference, digits)} {gap}"
    else:
        way = "higher" if difference > 0 else "lower"
        said = f"{way} under {a} than under {b}, by {number(abs(difference), digits)}; a minus b {gap}"
    name, value, effect_low, effect_high = effect(row)
    test = "paired" if row["design"] == "within" else "Welch"
    size = with_interval(value, effect_low, effect_high)
    n = (
        f"{int(row['n'])} pairs"
        if row["design"] == "within"
        else f"n = {int(row['n_a'])} and {int(row['n_b'])}"
    )
    return (
        f"{what}: {said}; {test} {t_value(row['t'], row['df'])}, {p_equals(row['p'])}, {name} = {size}, "
        f"{bayes(row['log10_bf10'])}, {equivalence(row)}, {n}."
    )


def bayes(log10_bf10: float) -> str:
    """Return ``BF10 = 5.98``; beyond a thousand either way, only that it is."""
    if math.isnan(log10_bf10):
        return "no BF10"
    if abs(log10_bf10) > 3:
        return "BF10 > 1000" if log10_bf10 > 0 else "BF10 < 0.001"
    value = 10.0**log10_bf10
    return f"BF10 = {value:.{max(0, 2 - math.floor(log10_bf10))}f}"


def equivalence(row: pd.Series) -> str:
    """Say whether a difference lies within the stated bound, and p of the two one-sided tests."""
    p, bound = float(row["tost_p"]), f"within {row['bound_sd']:g} SD"
    if math.isnan(p):
        return f"no test of equivalence {bound}"
    verdict = "equivalent" if row["equivalent"] else "not shown equivalent"
    return f"{verdict} {bound} (TOST {p_equals(p)})"


def f_value(row: pd.Series) -> str:
    """Return ``F(2, 21.0) = 10.75, p < .001``."""
    return f"F({row['df1']:.0f}, {row['df2']:.1f}) = {number(row['f'])}, {p_equals(row['p'])}"


def model(effects: pd.DataFrame, what: str) -> str:
    """Say the effects of a mixed model."""
    tests = [f"{row['effect']} {f_value(row)}" for _, row in effects.iterrows()]
    return f"{what}, mixed model: {'; '.join(tests)}."


def trend(row: pd.Series, what: str, low: float, high: float) -> str:
    """Say a linear trend over the share of throws received, per 10 percent of the throws."""
    digits = digits_for(low, high)
    slope, ci_low, ci_high = (10 * float(row[name]) for name in ("slope", "ci_low", "ci_high"))
    if math.isnan(ci_low):
        return f"{what}: no linear trend over the throws received can be tested."
    change = f"{number(slope, digits)} {interval(ci_low, ci_high, digits)}"
    return (
        f"{what}: changes by {change} with each further 10 % of the throws received (linear trend); "
        f"{t_value(row['t'], row['df'])}, {p_equals(row['p'])}."
    )
