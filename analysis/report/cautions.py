"""What a reader must know before believing a number: few people, uneven spread, ends of a scale."""

from __future__ import annotations

from collections.abc import Iterable

from markupsafe import Markup

from analysis.compare import NEEDS
from analysis.report import numbers
from analysis.report.parts import Html
from analysis.report.rows import Row, Tables, in_words

UNEVEN = 2.0
"""A standard deviation this many times the other is told (our choice)."""

END = 0.15
"""A share of participants at one end of a scale that is told (McHorney & Tarlov 1995: 15 %)."""

SKEWED = 1.0
"""Skewness beyond this is told (our choice) ..."""

FAR = 0.01
"""... with a p of Shapiro and Wilk's test below this (our choice)."""

LOW_ALPHA = 0.70
"""Alpha below this is told (our choice, after common usage)."""

LISTED = 10
"""So many files are named on the page; the others stand in their table."""

PRIMARY = ("distress", "need_satisfaction", "mood", "hurt")
WARNING = "WARNING: "


def cautions(tables: Tables) -> list[Html]:
    """Return every warning, each in a sentence."""
    found: list[Html] = [
        _capital(note, tables.summary.conditions) for note in tables.summary.notes if note.startswith(WARNING)
    ]
    skipped = [f"{entry.place} ({entry.reason})" for entry in tables.summary.skipped]
    warned = [f"{entry.place} ({entry.reason})" for entry in tables.summary.warnings]
    found += _listed("Left out because it cannot be read", skipped, "left_out.tsv")
    found += _listed("Read, although something is strange", warned, "warnings.tsv")
    found += _uneven(tables)
    found += _ends(tables)
    found += _skewed(tables)
    found += _alphas(tables)
    if tables.asked("need_satisfaction"):
        found.append(
            "Single needs want caution: the four-factor structure has failed in published analyses "
            "(Gerber et al. 2017; Brook et al. 2025). The index is what to read."
        )
    return found


def _listed(what: str, entries: list[str], table: str) -> list[Html]:
    """Return the first of these, each in a sentence, and how many more a table names."""
    told: list[Html] = [f"{what}: {entry}." for entry in entries[:LISTED]]
    more = len(entries) - LISTED
    return told if more <= 0 else [*told, f"{what}: {more} more, named in {table}."]


def _capital(note: str, conditions: tuple[str, ...]) -> str:
    """Return a warning among the notes of the summary as a sentence of its own."""
    said = note.removeprefix(WARNING)
    for name in conditions:
        said = said.replace(name, in_words(name))
    return f"{said[:1].upper()}{said[1:]}"


def of_measure(tables: Tables, measure: str, stage: str) -> list[Html]:
    """Return the warnings that belong beside one measure at one stage."""
    return [
        *_uneven(tables, measure, stage),
        *_ends(tables, measure, stage),
        *_skewed(tables, measure, stage),
    ]


def _wanted(tables: Tables, row: Row, measure: str, stage: str) -> bool:
    """Return whether a row is of the measure or, without one, of what the study is about; never of a need."""
    if row.text("subscale") in NEEDS:
        return False
    if measure:
        return (row.text("measure"), row.text("stage")) == (measure, stage)
    return tables.role(row) in PRIMARY


def _where(tables: Tables, row: Row) -> str:
    return f"{tables.short(row.text('measure'))} ({in_words(row.text('stage'))})"


def _uneven(tables: Tables, measure: str = "", stage: str = "") -> Iterable[Html]:
    told = [
        Markup("{} (<i>SD</i>\u00a0=\u00a0{} under {}, {} under {})").format(
            _where(tables, row),
            numbers.scaled(row, "sd_a"),
            in_words(row.text("a")),
            numbers.scaled(row, "sd_b"),
            in_words(row.text("b")),
        )
        for row in tables.rows("comparisons", design="between")
        if _wanted(tables, row, measure, stage)
        and max(row.value("sd_a"), row.value("sd_b")) > UNEVEN * min(row.value("sd_a"), row.value("sd_b"))
    ]
    said = (
        "Unequal spread: {}. Welch’s test allows for that; a size in pooled SD describes neither group well."
    )
    if told:
        yield Markup(said).format(Markup("; ").join(told))


def _ends(tables: Tables, measure: str = "", stage: str = "") -> Iterable[Html]:
    told = [
        Markup("{}, {}: {}% at the {} score").format(
            _where(tables, row), in_words(row.text("condition")), numbers.percent(row, column), end
        )
        for row in tables.rows("assumptions")
        for column, end in (("share_floor", "lowest"), ("share_ceiling", "highest"))
        if _wanted(tables, row, measure, stage) and row.value(column) >= END
    ]
    if told:
        yield Markup(
            "Answers pile up at an end of the scale, so that means say less than they seem to: {}."
        ).format(Markup("; ").join(told))


def _skewed(tables: Tables, measure: str = "", stage: str = "") -> Iterable[Html]:
    pairs = tables.rows("comparisons", design="within")
    within = {(row.text("measure"), row.text("stage")) for row in pairs}
    told = []
    for row in tables.rows("assumptions"):
        paired = (row.text("measure"), row.text("stage")) in within
        if not _wanted(tables, row, measure, stage) or paired == row.has("condition"):
            continue
        if abs(row.value("skewness")) > SKEWED and row.value("shapiro_p") < FAR:
            of = (
                f"{in_words(row.text('a'))} minus {in_words(row.text('b'))}"
                if paired
                else in_words(row.text("condition"))
            )
            told.append(
                Markup("{}, {} (skewness {}, Shapiro–Wilk {})").format(
                    _where(tables, row),
                    of,
                    numbers.number(row, "skewness"),
                    numbers.p_in_words(row, "shapiro_p"),
                )
            )
    if told:
        yield Markup(
            "Far from normal: {}. The rank tests in comparisons.tsv stand beside the t tests."
        ).format(Markup("; ").join(told))


def _score(row: Row) -> tuple[str, str, str]:
    return row.text("measure"), row.text("stage"), row.text("subscale")


def _alphas(tables: Tables) -> Iterable[Html]:
    rows = tables.rows("reliability")
    whole = {_score(row) for row in rows if not row.has("condition")}
    told = [
        Markup("{}, {}{} (α\u00a0=\u00a0{})").format(
            _where(tables, row),
            in_words(row.text("subscale")),
            f", {in_words(row.text('condition'))}" if row.has("condition") else "",
            numbers.proportion(row, "alpha"),
        )
        for row in rows
        if row.value("alpha") < LOW_ALPHA
        and not (
            row.has("condition") and (row.text("measure"), row.text("stage"), row.text("subscale")) in whole
        )
    ]
    if told:
        yield Markup("Low reliability: {}.").format(Markup("; ").join(told))
