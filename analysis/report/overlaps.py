"""Pain beside distress on the page: questions, answers in words, tables, and what they cannot show."""

from __future__ import annotations

import math
from collections.abc import Iterable

from markupsafe import Markup

from analysis.overlap_texts import CAUTIONS, HURT, QUESTIONS, level_name, score_name
from analysis.overlap_words import has_hurt, warnings
from analysis.report import numbers, sentences
from analysis.report.parts import (
    Block,
    Column,
    Heading,
    Html,
    Listing,
    Paragraph,
    Section,
    counted,
    p_column,
    stat,
    table,
    text,
)
from analysis.report.pictures import Pictures
from analysis.report.plain import plain
from analysis.report.rows import Row, Tables, in_words
from analysis.slopes import COMMON, INTERACTION

ENDS = tuple(f"{end}_{part}" for end in ("x", "y") for part in ("measure", "subscale", "stage"))
TOGETHER = ("adjusted", "between_persons", "within_person")
WARNING = "WARNING: "


def section(tables: Tables, pictures: Pictures) -> Section:
    """Return the section on overlap; without blocks where pain was not asked beside distress."""
    found = Section("overlap", "Social and physical pain")
    if not tables.has("overlap"):
        return found
    overlap = tables.summary.overlap
    told = [each.removeprefix(WARNING) for each in warnings(overlap)]
    found.blocks.append(
        Paragraph(
            "Whether the two overlap is asked here, not taken for granted: every test has two sides, and "
            "what a result would have meant is said before it.",
            "note",
        )
    )
    if told:
        found.blocks.append(Listing(told, "warning"))
    for kind in QUESTIONS:
        found.blocks.extend(_question(tables, pictures, kind))
    found.blocks.extend(_differences(tables))
    found.blocks.extend(_models(tables))
    found.blocks.extend(_comparisons(tables))
    found.blocks.extend(_needed(tables))
    found.blocks.append(Heading("What these numbers cannot show"))
    found.blocks.append(Listing([*overlap.notes, *CAUTIONS, *([HURT] if has_hurt(overlap) else [])]))
    return found


def _called(tables: Tables, row: Row, end: str) -> str:
    """Return how a variable is called in a sentence."""
    measure, stage = row.text(f"{end}_measure"), in_words(row.text(f"{end}_stage"))
    score = score_name(measure, row.text(f"{end}_subscale"))
    return f"{tables.short(measure)}{', ' if score else ''}{score} ({stage})"


def _level(row: Row) -> str:
    return level_name(row.text("over"), row.text("condition"), row.text("adjusted_for"))


def _question(tables: Tables, pictures: Pictures, kind: str) -> Iterable[Block]:
    rows = tables.rows("overlap", kind=kind)
    if not rows:
        return
    question = QUESTIONS[kind]
    yield Heading(question.title)
    yield Paragraph(question.prediction, "note")
    groups: dict[tuple[str, ...], list[Row]] = {}
    for row in rows:
        groups.setdefault(tuple(row.text(name) for name in ENDS), []).append(row)
    for own in groups.values():
        principal = [row for row in own if row.text("over") in TOGETHER] or own
        for row in principal:
            yield Paragraph(said(tables, row, question.sign), "result")
        yield from _slope_words(tables, kind, own[0])
    yield from pictures.take("overlap", kind)
    columns = [
        Column(
            "Pair", lambda row: f"{_called(tables, row, 'y')} with {_called(tables, row, 'x')}", numeric=False
        ),
        Column("Taken", _level, numeric=False),
        counted(Markup("<i>n</i>"), "n"),
        counted("missing", "n_missing"),
        counted("censored", "n_censored"),
        Column(Markup("<i>r</i>"), lambda row: numbers.proportion(row, "r")),
        Column("95% CI", lambda row: numbers.bounded(row, "ci_low", "ci_high")),
        p_column(),
        Column(Markup("BF<sub>10</sub>"), numbers.bayes),
        Column("ρ", lambda row: numbers.proportion(row, "rho")),
        Column("95% CI", lambda row: numbers.bounded(row, "rho_low", "rho_high")),
        Column(Markup("finds <i>r</i>"), lambda row: numbers.proportion(row, "detectable")),
    ]
    note = (
        "Finds r: the correlation that so many participants find with a power of .80, two-sided .05. BF: "
        "uniform prior from −1 to 1. Intervals by Fisher’s z, of ρ after Bonett and Wright (2000)."
    )
    yield table(question.title.rstrip("?"), columns, rows, note)
    slopes = tables.rows("overlap_slopes", kind=kind)
    if slopes:
        yield plain(
            slopes, f"{question.title.rstrip('?')}: slopes by condition (HC3)",
            ("x_measure", "y_measure", "term", "n", "slope", "se", "ci_low", "t", "df", "f", "df1", "df2",
             "p"),
            headings={"x_measure": "over", "y_measure": "of"},
        )  # fmt: skip


def said(tables: Tables, row: Row, sign: int) -> Markup:
    """Say a correlation; a direction is named where its interval leaves zero out, whatever was expected."""
    y, x, level = _called(tables, row, "y"), _called(tables, row, "x"), _level(row)
    if not row.has("ci_low", "t"):
        return Markup("{} and {}, {}: too few participants, or no variance, for a correlation.").format(
            y, x, level
        )
    clear = row.value("ci_low") > 0 or row.value("ci_high") < 0
    way = "did not clearly go together"
    if clear:
        way = "went together" if row.value("r") > 0 else "went in opposite directions"
    as_predicted = ""
    if clear and sign:
        as_predicted = (
            ", as overlap predicts" if sign * row.value("r") > 0 else ", which is not what overlap predicts"
        )
    return Markup(
        "{} and {} {}, {}{}: <i>r</i>\u00a0=\u00a0{}, 95%\u00a0CI\u00a0{}, {}, {}, {}, "
        "<i>n</i>\u00a0=\u00a0{}. So many participants find a correlation of {} four times in five; "
        "smaller ones mostly escape them."
    ).format(
        y, x, way, level, as_predicted,
        numbers.proportion(row, "r"), numbers.bounded(row, "ci_low", "ci_high"), numbers.t_test(row),
        numbers.p_in_words(row),
        numbers.bayes_in_words(row) if row.has("bf10") else "no Bayes factor", numbers.count(row, "n"),
        numbers.proportion(row, "detectable"),
    )  # fmt: skip


def _slope_words(tables: Tables, kind: str, first: Row) -> Iterable[Block]:
    of = {name: first.text(name) for name in ENDS}
    for row in tables.rows("overlap_slopes", kind=kind, term=INTERACTION, **of):
        if math.isnan(row.value("f")):
            continue
        verdict = "depended on" if row.value("p") < 0.05 else "did not clearly depend on"
        told = Markup("The slope {} the condition, <i>F</i>({}, {})\u00a0=\u00a0{}, {}.").format(
            verdict, numbers.df(row, "df1"), numbers.df(row, "df2"), numbers.number(row, "f"),
            numbers.p_in_words(row),
        )  # fmt: skip
        for common in tables.rows("overlap_slopes", kind=kind, term=COMMON, **of):
            if common.has("ci_low"):
                told += Markup(
                    " With one slope for all it is {}, 95%\u00a0CI\u00a0{}, {}, {}."
                ).format(
                    numbers.number(common, "slope"), numbers.interval(common, "ci_low", "ci_high", 2),
                    numbers.t_test(common), numbers.p_in_words(common),
                )  # fmt: skip
        yield Paragraph(told, "result")


def _differences(tables: Tables) -> Iterable[Block]:
    rows = tables.rows("overlap_differences")
    if not rows:
        return
    yield Heading("Does distress go with pain more than with the control rating?")
    yield Paragraph(
        "Overlap predicts a positive difference of the two correlations; a way of answering predicts none.",
        "note",
    )
    for row in (each for each in rows if each.text("over") in TOGETHER and each.has("ci_low", "t")):
        clear = row.value("ci_low") > 0 or row.value("ci_high") < 0
        way = "did not clearly go with the one more than with the other"
        if clear:
            way = (
                "went more with pain" if row.value("difference") > 0 else "went more with the control rating"
            )
        yield Paragraph(
            Markup(
                "{}, {}, {} ({} and {}): <i>r</i>\u00a0=\u00a0{} and {}, difference {}, "
                "95%\u00a0CI\u00a0{}, {}, {}."
            ).format(
                _called(tables, row, "x"), _level(row), way, _called(tables, row, "y"),
                _called(tables, row, "control"), numbers.proportion(row, "r_pain"),
                numbers.proportion(row, "r_control"), numbers.number(row, "difference"),
                numbers.interval(row, "ci_low", "ci_high", 2), numbers.t_test(row), numbers.p_in_words(row),
            ),
            "result",
        )  # fmt: skip
    columns: list[Column] = [
        Column("Distress", lambda row: _called(tables, row, "x"), numeric=False),
        Column("Pain", lambda row: _called(tables, row, "y"), numeric=False),
        Column("Taken", _level, numeric=False),
        counted(Markup("<i>n</i>"), "n"),
        Column(Markup("<i>r</i> pain"), lambda row: numbers.proportion(row, "r_pain")),
        Column(Markup("<i>r</i> control"), lambda row: numbers.proportion(row, "r_control")),
        stat("difference", "difference", 2),
        Column("95% CI", lambda row: numbers.interval(row, "ci_low", "ci_high", 2)),
        stat("t", "t", 2),
        p_column(),
    ]
    note = "t after Williams (1959), as Steiger (1980) recommends; interval after Zou (2007)."
    yield table("Correlations of distress with pain and with the control rating", columns, rows, note)


def _models(tables: Tables) -> Iterable[Block]:
    fits = tables.rows("overlap_models")
    if not fits:
        return
    yield Heading("Ratings of single stimuli: multilevel models")
    for row in fits:
        yield Paragraph(
            Markup("<code>{}</code> of {} on {}: {} participants with {} ratings.{}").format(
                row.text("formula"), tables.short(row.text("outcome")), _called(tables, row, "x"),
                numbers.count(row, "n"), numbers.count(row, "n_scores"),
                f" No model: {row.text('note')}." if row.has("note") else "",
            )
        )  # fmt: skip
    terms = tables.rows("overlap_terms")
    if terms:
        columns: list[Column] = [
            Column("Rating", lambda row: tables.short(row.text("outcome")), numeric=False),
            Column("Distress", lambda row: _called(tables, row, "x"), numeric=False),
            text("Term", "term"),
            stat("estimate", "estimate", 3),
            Column("95% CI", lambda row: numbers.interval(row, "ci_low", "ci_high", 3)),
            Column(Markup("<i>t</i>"), lambda row: numbers.number(row, "t")),
            Column(Markup("<i>df</i>"), numbers.df),
            p_column(),
        ]
        yield table("Terms of the multilevel models", columns, terms)


def _comparisons(tables: Tables) -> Iterable[Block]:
    rows = tables.rows("overlap_comparisons")
    if not rows:
        return
    yield Heading("Does the condition change pain?")
    yield Paragraph("Asked both ways: exclusion has been seen to heighten pain and to numb it.", "note")
    for row in rows:
        what: Html = f"{tables.short(row.text('measure'))} ({in_words(row.text('stage'))})"
        yield Paragraph(sentences.compared(row, str(what)), "result")


def _needed(tables: Tables) -> Iterable[Block]:
    yield Heading("How many participants a correlation takes")
    rows = tables.rows("overlap_needed")
    yield plain(
        rows,
        "Participants that a correlation takes, by Fisher’s z, two-sided .05",
        ("r", "power", "adjusted", "n"),
    )
