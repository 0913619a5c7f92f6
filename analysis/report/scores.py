"""One measure at one stage: in words, its scores by condition, its comparisons, its figures."""

from __future__ import annotations

from collections.abc import Iterable

from markupsafe import Markup

from analysis.compare import NEEDS
from analysis.report import numbers, sentences
from analysis.report.parts import (
    Block,
    Column,
    Heading,
    Html,
    Paragraph,
    counted,
    limits,
    p_column,
    stat,
    table,
    text,
)
from analysis.report.rows import Row, Tables, in_words

STAGES = {
    "baseline": "before the game",
    "game": "during the game",
    "reflexive": "straight after the game",
    "reflective": "after a delay",
}
PAIRS_IN_WORDS = 3
"""Up to so many pairs of conditions are all said in words; of more, those with the first condition."""


def at(stage: str) -> str:
    """Return when a measure was asked, in words."""
    return STAGES.get(stage, f"at stage ‘{in_words(stage)}’")


def blocks(tables: Tables, measure: str, stage: str) -> Iterable[Block]:
    """Yield what the report says of a measure at a stage, below its heading."""
    of = {"measure": measure, "stage": stage}
    title = tables.short(measure)
    yield Heading(f"{title}, {at(stage)}", 3)
    yield Paragraph(_scales(tables.rows("by_condition", **of)), "note")
    yield from words(tables, measure, stage)
    yield described(tables, measure, stage)
    rows = tables.rows("comparisons", **of)
    for design in ("between", "within"):
        own = [row for row in rows if row.text("design") == design]
        if any(row.has("t") for row in own):
            yield compared_table(
                own, Markup("{}, {}: comparisons, <i>a</i> minus <i>b</i>").format(title, at(stage))
            )


def words(tables: Tables, measure: str, stage: str) -> Iterable[Paragraph]:
    """Yield the tests of a measure in words: of all conditions, of pairs, of single needs."""
    of = {"measure": measure, "stage": stage}
    names = {row.text("subscale") for row in tables.rows("by_condition", **of)}
    for row in tables.rows("omnibus", **of):
        if row.has("p") and row.text("subscale") not in NEEDS:
            yield Paragraph(sentences.omnibus(row, what(tables, row, len(names))), "result")
    rows = _worth_words(tables, tables.rows("comparisons", **of))
    tested = any(row.has("t") for row in rows)
    if rows and not tested:
        yield Paragraph(
            sentences.untested(tables.rows("by_condition", **of), tables.short(measure)), "result"
        )
    for row in rows:
        if tested and row.text("subscale") not in NEEDS:
            yield Paragraph(sentences.compared(row, what(tables, row, len(names))), "result")
    for row in tables.rows("trend", **of):
        if row.has("p") and row.text("subscale") not in NEEDS:
            yield Paragraph(sentences.trend(row, what(tables, row, len(names))), "result")
    yield from _single_needs(rows)


def _single_needs(rows: list[Row]) -> Iterable[Paragraph]:
    for pair in dict.fromkeys((row.text("a"), row.text("b")) for row in rows):
        needs = [row for row in rows if (row.text("a"), row.text("b")) == pair and row.has("p_holm")]
        if needs:
            yield Paragraph(sentences.single_needs(needs), "result")


def what(tables: Tables, row: Row, n_scores: int) -> str:
    """Return how a score is called at the beginning of a sentence."""
    measure, score = row.text("measure"), row.text("subscale")
    short = tables.short(measure)
    return short if score == "index" or n_scores == 1 else f"{short} ({in_words(score)})"


def _worth_words(tables: Tables, rows: list[Row]) -> list[Row]:
    """Return the rows of all pairs or, where these are many, of those with the reference condition."""
    pairs = dict.fromkeys((row.text("a"), row.text("b")) for row in rows)
    if len(pairs) <= PAIRS_IN_WORDS:
        return rows
    return [row for row in rows if row.text("b") == tables.summary.conditions[0]]


def _scales(described: list[Row]) -> str:
    """Say what each score runs from and to, and what a high one means; once where all say the same."""
    meanings: dict[str, dict[str, None]] = {}
    for row in described:
        said = f"{row.value('low'):g} to {row.value('high'):g}; high means {row.text('high_means')}"
        meanings.setdefault(said, {})[in_words(row.text("subscale"))] = None
    if len(meanings) == 1:
        return f"Scale: {next(iter(meanings))}."
    return "Scales: " + ". ".join(f"{', '.join(names)}: {said}" for said, names in meanings.items()) + "."


def condition_column() -> Column:
    """Return the column of conditions."""
    return Column("Condition", lambda row: in_words(row.text("condition")) or "all", numeric=False)


def described(tables: Tables, measure: str, stage: str) -> Block:
    """Return the table of the scores of a measure by condition."""
    rows = tables.rows("by_condition", measure=measure, stage=stage)
    return described_rows(rows, f"{tables.short(measure)}, {at(stage)}, by condition")


def described_rows(
    rows: list[Row], caption: str, leading: Column | None = None, score: Column | None = None
) -> Block:
    """Return a table of rows that describe scores by condition."""
    repeated = any(row.value("runs_max") > 1 for row in rows)
    many = len({row.text("subscale") for row in rows}) > 1
    columns = [
        *([leading] if leading else []),
        *([score or text("Score", "subscale")] if many else []),
        condition_column(),
        counted(Markup("<i>n</i>"), "n"),
        counted("missing", "n_missing"),
        *([counted("runs", "n_runs")] if repeated else []),
        stat("M", "mean"),
        stat("SD", "sd"),
        limits("ci_low", "ci_high"),
        stat("Mdn", "median"),
        Column("quartiles", lambda row: numbers.interval(row, "q1", "q3")),
        Column("range", lambda row: numbers.interval(row, "min", "max")),
    ]
    note = (
        "runs: how many the values are made of; a participant’s value is the mean of theirs."
        if repeated
        else ""
    )
    return table(caption, columns, rows, note)


def compared_table(rows: list[Row], caption: Html, leading: list[Column] | None = None) -> Block:
    """Return a table of comparisons of one design."""
    within = rows[0].text("design") == "within"
    name, low, high = ("d_z", "d_z_low", "d_z_high") if within else ("g", "g_low", "g_high")
    size = Markup("<i>d</i><sub>z</sub>") if within else Markup("<i>g</i>")

    def some(column: str, shown: Column) -> list[Column]:
        return [shown] if any(row.has(column) for row in rows) else []

    many = len({row.text("subscale") for row in rows}) > 1
    grouped = many and not leading
    columns = [
        *(leading or []),
        *([text("Score", "subscale")] if many else []),
        *([] if grouped else [Column(Markup("<i>a</i> − <i>b</i>"), _pair, numeric=False)]),
        stat(Markup("<i>M</i><sub>diff</sub>"), "difference"),
        limits("ci_low", "ci_high"),
        stat("t", "t", 2),
        Column(Markup("<i>df</i>"), numbers.df),
        p_column(),
        *some("p_holm", p_column("p_holm", "Holm")),
        Column(size, lambda row: numbers.number(row, name)),
        limits(low, high, 2),
        *some("bf10", Column(Markup("BF<sub>10</sub>"), numbers.bayes)),
        *some("tost_p", p_column("tost_p", "TOST")),
    ]
    return table(caption, columns, rows, group=_pair if grouped else None)


def _pair(row: Row) -> str:
    return f"{in_words(row.text('a'))} − {in_words(row.text('b'))}"


def by_level(tables: Tables, measure: str, stage: str) -> Iterable[Block]:
    """Yield a measure at each level of each factor, and whether levels differ in it."""
    of = {"measure": measure, "stage": stage}
    names = {row.text("subscale") for row in tables.rows("by_condition", **of)}
    title = f"{tables.short(measure)}, {at(stage)}"
    for factor in tables.summary.factors:
        rows = tables.rows("by_level", factor=factor, **of)
        if not rows:
            continue
        yield Heading(f"{title}: by {in_words(factor)}", 4)
        for row in tables.rows("level_differences", factor=factor, **of):
            if row.has("p") and row.text("subscale") not in NEEDS:
                score = what(tables, row, len(names)).lower()
                yield Paragraph(sentences.level_difference(row, score), "result")
        index = [row for row in rows if row.text("subscale") not in NEEDS]
        yield described_rows(index, f"{title}, by {in_words(factor)} and condition", text("Level", "level"))
        compared = tables.rows("comparisons_by_level", factor=factor, **of)
        for design in ("between", "within"):
            own = [r for r in compared if r.text("design") == design and r.text("subscale") not in NEEDS]
            if own:
                yield compared_table(own, f"{title}: comparisons at each level", [text("Level", "level")])
