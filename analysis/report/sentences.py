"""Tests in words, as a results section has them (APA 7): direction, means, test, size, certainty."""

from __future__ import annotations

import math

from markupsafe import Markup

from analysis.report import numbers
from analysis.report.rows import Row, in_words

STEP, STEP_IN_WORDS = 10, "ten"
"""Trends are said for so many percent of the throws: for one, slopes have too few figures."""


def compared(row: Row, what: str) -> Markup:
    """Say a comparison of two conditions.

    A direction is named where the 95 % interval of the difference leaves zero out, whatever was expected.
    Its verb has one form for names of any number (``Distress``, ``Hurt feelings``).
    """
    a, b = in_words(row.text("a")), in_words(row.text("b"))
    if math.isnan(row.value("difference")):
        return Markup("{} cannot be compared between {} and {}: too few participants.").format(what, a, b)
    means = _group(row, "a"), _group(row, "b")
    if not row.has("ci_low", "t"):
        said = "{}: {} ({}) and {} ({}); there is no test, for want of participants or of variance."
        return Markup(said).format(what, a, means[0], b, means[1])
    clear = row.value("ci_low") > 0 or row.value("ci_high") < 0
    way = "higher" if row.value("difference") > 0 else "lower"
    said = (
        Markup("{} came out {} under {} ({}) than under {} ({})").format(what, way, a, means[0], b, means[1])
        if clear
        else Markup("{} did not clearly differ between {} ({}) and {} ({})").format(
            what, a, means[0], b, means[1]
        )
    )
    parts = [difference(row), numbers.t_test(row), numbers.p_in_words(row), effect(row)]
    if row.has("bf10"):
        parts.append(numbers.bayes_in_words(row))
    told = Markup("{}: {}.").format(said, Markup(", ").join(parts))
    # Of a clear difference nobody asks whether it is none, unless it is both clear and small.
    return told if clear and not row.value("equivalent") else told + equivalence(row)


def _group(row: Row, side: str) -> Markup:
    """Return mean, SD and, between participants, n of one side."""
    mean, sd = numbers.scaled(row, f"mean_{side}"), numbers.scaled(row, f"sd_{side}")
    said = Markup("<i>M</i>\u00a0=\u00a0{}, <i>SD</i>\u00a0=\u00a0{}").format(mean, sd)
    if row.text("design") == "within":
        return said
    return Markup("{}, <i>n</i>\u00a0=\u00a0{}").format(said, numbers.count(row, f"n_{side}"))


def difference(row: Row) -> Markup:
    """Return the difference of two means with its interval."""
    return Markup("<i>M</i><sub>diff</sub>\u00a0=\u00a0{}, 95%\u00a0CI\u00a0{}").format(
        numbers.scaled(row, "difference"), numbers.interval(row, "ci_low", "ci_high")
    )


def effect(row: Row) -> Markup:
    """Return the effect size with its interval: g between, d_z within (and the number of pairs)."""
    if row.text("design") == "within":
        size = Markup("<i>d</i><sub>z</sub>\u00a0=\u00a0{}, 95%\u00a0CI\u00a0{}").format(
            numbers.number(row, "d_z"), numbers.interval(row, "d_z_low", "d_z_high", 2)
        )
        return Markup("{}, {}\u00a0pairs").format(size, numbers.count(row, "n"))
    return Markup("Hedges’ <i>g</i>\u00a0=\u00a0{}, 95%\u00a0CI\u00a0{}").format(
        numbers.number(row, "g"), numbers.interval(row, "g_low", "g_high", 2)
    )


def equivalence(row: Row) -> Markup:
    """Say whether the difference lies within the bound that the analyst stated; nothing without a test."""
    if not row.has("tost_p", "equivalent"):
        return Markup("")
    return Markup(" {} (bounds ±{}\u00a0<i>SD</i>, {}).").format(
        "The two were equivalent" if row.value("equivalent") else "Nor were they shown to be equivalent",
        numbers.number(row, "bound_sd", 2),
        numbers.p_in_words(row, "tost_p", Markup("<i>p</i><sub>TOST</sub>")),
    )


def omnibus(row: Row, what: str) -> Markup:
    """Say Welch's analysis of variance of three conditions or more."""
    verdict = "differed" if row.value("p") < 0.05 else "did not clearly differ"
    return Markup(
        "{} {} between {} conditions, Welch’s <i>F</i>({}, {})\u00a0=\u00a0{}, {}, <i>N</i>\u00a0=\u00a0{}."
    ).format(
        what,
        verdict,
        numbers.count(row, "k"),
        numbers.df(row, "df1"),
        numbers.df(row, "df2"),
        numbers.number(row, "f"),
        numbers.p_in_words(row),
        numbers.count(row, "n"),
    )


def trend(row: Row, what: str) -> Markup:
    """Say the linear trend over the dose, per 10 percent of the throws."""
    clear = row.value("ci_low") > 0 or row.value("ci_high") < 0
    way = "rose" if row.value("slope") > 0 else "fell"
    return Markup(
        "{} {} with the share of throws received: {} for each further {} percent of the throws, "
        "95%\u00a0CI\u00a0{}, {}, {}."
    ).format(
        what,
        way if clear else "did not clearly change",
        numbers.scaled(row, "slope", STEP),
        STEP_IN_WORDS,
        numbers.interval(row, "ci_low", "ci_high", times=STEP),
        numbers.t_test(row),
        numbers.p_in_words(row),
    )


def level_difference(row: Row, what: str) -> Markup:
    """Say whether a difference between conditions is another one at another level of a factor."""
    clear = row.value("ci_low") > 0 or row.value("ci_high") < 0
    return Markup("The difference in {} between {} and {} {} at {} {} than at {}: {}, {}, {}.").format(
        what,
        in_words(row.text("a")),
        in_words(row.text("b")),
        "was another" if clear else "was not clearly another",
        in_words(row.text("factor")),
        in_words(row.text("level_a")),
        in_words(row.text("level_b")),
        difference(row),
        numbers.t_test(row),
        numbers.p_in_words(row),
    )


def single_needs(rows: list[Row]) -> Markup:
    """List the comparisons of single needs of one pair, corrected by Holm."""
    told = [
        Markup("{} {} {}, {}").format(
            in_words(row.text("subscale")),
            numbers.scaled(row, "difference"),
            numbers.interval(row, "ci_low", "ci_high"),
            numbers.p_in_words(row, "p_holm", Markup("<i>p</i><sub>Holm</sub>")),
        )
        for row in rows
    ]
    return Markup("Single needs, {} minus {}: {}.").format(
        in_words(rows[0].text("a")), in_words(rows[0].text("b")), Markup("; ").join(told)
    )


def untested(rows: list[Row], what: str) -> Markup:
    """Say the means by condition where nothing varies, so that there is nothing to test."""
    told = [
        Markup("<i>M</i>\u00a0=\u00a0{} (<i>SD</i>\u00a0=\u00a0{}) under {}").format(
            numbers.scaled(row, "mean"), numbers.scaled(row, "sd"), in_words(row.text("condition")) or "all"
        )
        for row in rows
    ]
    return Markup("{}: {}. There is no test, for want of participants or of variance.").format(
        what, Markup("; ").join(told)
    )
