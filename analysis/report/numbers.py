"""Numbers as the report shows them. Every number on the page that comes from data is made here.

Each is a ``data`` element that holds the value as the table has it, and where: ``<data value="33.8839285714"
data-at="comparisons 0 difference">33.9</data>``. What is shown is that value rounded, with a true minus; a
test reads the page and holds each one against the files.
"""

from __future__ import annotations

import math

from markupsafe import Markup

from analysis.export import DIGITS
from analysis.report.rows import Row
from analysis.wording import bayes as ascii_bayes
from analysis.wording import number as ascii_number
from analysis.wording import p_value

NONE = Markup("–")
"""What is shown where there is no number."""

MINUS = "−"
P = Markup("<i>p</i>")
BOUNDED = ("p", "alpha", "omega", "r", "share", "w")
"""What cannot exceed 1 has no zero before its point (APA 7, 6.36)."""


def shown(row: Row, column: str, text: str, times: int = 1) -> Markup:
    """Return `text` with the value that it shows; `times` where it was multiplied, as a share to percent."""
    scaled = Markup(' data-times="{}"').format(times) if times != 1 else Markup("")
    return Markup('<data value="{}" data-at="{}"{}>{}</data>').format(
        f"{row.value(column):.{DIGITS}g}",
        f"{row.table} {row.number} {column}",
        scaled,
        text.replace("-", MINUS),
    )


def number(row: Row, column: str, digits: int = 2, times: int = 1) -> Markup:
    """Return a number, `times` itself, with `digits` decimals."""
    return _where_finite(row, column, ascii_number(times * row.value(column), digits), times)


def scaled(row: Row, column: str, times: int = 1) -> Markup:
    """Return a number, `times` itself, with the decimals of the row's score."""
    return number(row, column, row.digits, times)


def count(row: Row, column: str) -> Markup:
    """Return a whole number, with a comma from a thousand on."""
    value = row.value(column)
    return NONE if math.isnan(value) else shown(row, column, f"{value:,.0f}")


def percent(row: Row, column: str, digits: int = 0) -> Markup:
    """Return a share as percent, without the sign."""
    value = 100 * row.value(column)
    return NONE if math.isnan(value) else shown(row, column, f"{value:.{digits}f}", 100)


def proportion(row: Row, column: str, digits: int = 2) -> Markup:
    """Return a number that cannot exceed 1, without the zero before its point."""
    text = ascii_number(row.value(column), digits)
    text = text.replace("0.", ".", 1) if text.startswith(("0.", "-0.")) else text
    return _where_finite(row, column, text)


def p(row: Row, column: str = "p") -> Markup:
    """Return a p value as a table has it: ``.020``, ``< .001`` or ``> .999``."""
    return _where_finite(row, column, _p_text(row.value(column)))


def _p_text(value: float) -> str:
    text = p_value(value)
    return "> .999" if text == "1.000" else text.replace(" ", "\u00a0")


def p_in_words(row: Row, column: str = "p", name: Markup = P) -> Markup:
    """Return ``p = .020`` or ``p < .001``."""
    text = _p_text(row.value(column))
    sign = "" if text.startswith(("<", ">")) else "=\u00a0"
    return Markup("{}\u00a0{}{}").format(name, sign, p(row, column))


def interval(row: Row, low: str, high: str, digits: int | None = None, times: int = 1) -> Markup:
    """Return ``[low, high]``, `times` themselves; a dash where there is none."""
    if not row.has(low, high):
        return NONE
    digits = row.digits if digits is None else digits
    return Markup("[{},\u00a0{}]").format(number(row, low, digits, times), number(row, high, digits, times))


def bounded(row: Row, low: str, high: str) -> Markup:
    """Return the interval of what cannot exceed 1."""
    if not row.has(low, high):
        return NONE
    return Markup("[{},\u00a0{}]").format(proportion(row, low), proportion(row, high))


def df(row: Row, column: str = "df") -> Markup:
    """Return degrees of freedom, whole where they are, or from 100 on."""
    value = row.value(column)
    return number(row, column, 0 if value.is_integer() or value >= 100 else 1)


def t_test(row: Row) -> Markup:
    """Return ``t(57.8) = -9.21``."""
    return Markup("<i>t</i>({})\u00a0=\u00a0{}").format(df(row), number(row, "t"))


def bayes(row: Row, column: str = "bf10") -> Markup:
    """Return a Bayes factor as the screen has it: three figures, beyond a thousand either way only that."""
    value = row.value(column)
    if math.isnan(value):
        return NONE
    return shown(row, column, _bayes_text(value).replace(" ", "\u00a0"))


def _bayes_text(value: float) -> str:
    sign, _, figures = ascii_bayes(math.log10(value) if value > 0 else -math.inf)[5:].partition(" ")
    return figures if sign == "=" else f"{sign} {figures}"


def bayes_in_words(row: Row, column: str = "bf10") -> Markup:
    """Return ``BF10 = 5.98`` or ``BF10 > 1000``."""
    sign = "" if _bayes_text(row.value(column)).startswith(("<", ">")) else "=\u00a0"
    return Markup("BF<sub>10</sub>\u00a0{}{}").format(sign, bayes(row, column))


def _where_finite(row: Row, column: str, text: str, times: int = 1) -> Markup:
    return shown(row, column, text, times) if math.isfinite(row.value(column)) else NONE
