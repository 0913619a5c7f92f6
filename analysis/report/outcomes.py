"""The results: reliability, distress first, then needs, mood, hurt and all others; behaviour and timing."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from markupsafe import Markup

from analysis.compare import NEEDS
from analysis.notes import DISTRESS
from analysis.report import cautions, numbers, scores
from analysis.report.opening import MAIN
from analysis.report.parts import (
    Block,
    Column,
    Heading,
    Html,
    Listing,
    Paragraph,
    Section,
    counted,
    table,
    text,
)
from analysis.report.pictures import Pictures
from analysis.report.plain import plain
from analysis.report.rows import Row, Tables, in_words
from analysis.timing_words import mixed, of_flagged

SECTIONS = (
    ("distress", "Distress", ("distress",)),
    ("needs", "Need satisfaction", ("need_satisfaction",)),
    ("mood", "Mood", ("mood",)),
    ("hurt", "Hurt feelings", ("hurt",)),
    ("distress_ratings", "Distress on a line", ("distress_rating",)),
    ("others", "Other ratings", ("pain_sensitivity", "pain", "control_rating", "trait", "other")),
)


ELSEWHERE = 'The mixed models of single needs stand in the <a href="#appendix">appendix</a>.'


def reliability(tables: Tables) -> Section:
    """Return the section on reliability: all together where that is meant, alpha by condition beside it."""
    rows = tables.rows("reliability")
    whole = [row for row in rows if not row.has("condition")]
    apart = [row for row in rows if row.has("condition")]
    shown = [row for row in rows if row in whole or not _same_score(row, whole)]
    columns = [
        Column("Measure", lambda row: tables.short(row.text("measure")), numeric=False),
        text("Stage", "stage"),
        text("Score", "subscale"),
        *([scores.condition_column()] if any(row.has("condition") for row in shown) else []),
        counted("items", "n_items"),
        counted(Markup("<i>n</i>"), "n"),
        Column("α", lambda row: numbers.proportion(row, "alpha")),
        Column("95% CI", lambda row: numbers.bounded(row, "ci_low", "ci_high")),
    ]
    if any(row.has("omega") for row in rows):
        columns.append(Column("ω", lambda row: numbers.proportion(row, "omega")))
        columns.append(Column("95% CI", lambda row: numbers.bounded(row, "omega_low", "omega_high")))
    if whole:
        names = [
            name for name in tables.summary.conditions if any(r.text("condition") == name for r in apart)
        ]
        columns += [Column(f"α {in_words(name)}", _alpha_under(name, apart)) for name in names]
    note = "Each participant once. A dash: it could not be computed, as where items do not vary together."
    blocks: list[Block] = [table("Reliability of the scores", columns, shown, note)] if rows else []
    return Section("reliability", "Reliability", blocks)


def _same_score(row: Row, rows: Iterable[Row]) -> list[Row]:
    """Return the rows of the same score."""
    keys = ("measure", "stage", "subscale")
    return [other for other in rows if all(other.text(key) == row.text(key) for key in keys)]


def _alpha_under(condition: str, apart: list[Row]) -> Callable[[Row], Html]:
    def show(row: Row) -> Html:
        own = [other for other in _same_score(row, apart) if other.text("condition") == condition]
        return numbers.proportion(own[0], "alpha") if own else numbers.NONE

    return show


def sections(tables: Tables, pictures: Pictures) -> Iterable[Section]:
    """Yield a section for each kind of outcome."""
    for name, title, roles in SECTIONS:
        section = Section(name, title)
        if name == "distress":
            section.blocks.append(Paragraph(DISTRESS, "note"))
        for measure, stage in tables.asked(*roles):
            section.blocks.extend(_measure(tables, pictures, measure, stage))
        for measure in dict.fromkeys(measure for measure, _ in tables.asked(*roles)):
            section.blocks.extend(_together(tables, measure, needs=False))
            if any(row.text("subscale") in NEEDS for row in tables.rows("models", measure=measure)):
                section.blocks.append(Paragraph(Markup(ELSEWHERE), "note"))
            section.blocks.extend(pictures.take(measure))
        if tables.asked(*roles):
            yield section


def _measure(tables: Tables, pictures: Pictures, measure: str, stage: str) -> Iterable[Block]:
    heading, scale, *others = scores.blocks(tables, measure, stage)
    warnings = cautions.of_measure(tables, measure, stage)
    told = [block for block in others if isinstance(block, Paragraph)]
    if (measure, stage) in tables.asked(MAIN)[:1] and told:
        told = [Paragraph("Its tests stand in words at the head of this report.")]
    tabled = [block for block in others if not isinstance(block, Paragraph)]
    yield from (heading, scale, *told)
    if warnings:
        yield Listing(warnings, "warning")
    first = pictures.take("raincloud", measure, stage) or pictures.take("paired", measure, stage)
    yield from first
    yield from tabled
    yield from _pairs(tables, measure, stage)
    yield from scores.by_level(tables, measure, stage)
    yield from pictures.take(measure, stage)


def _pairs(tables: Tables, measure: str, stage: str) -> Iterable[Block]:
    """Yield what stands beside the comparisons where there are more than two conditions."""
    of = {"measure": measure, "stage": stage}
    title = f"{tables.short(measure)}, {scores.at(stage)}"
    rows = tables.rows("posthoc", **of)
    if rows:
        names = {
            "p_holm_pairs": Markup("<i>p</i><sub>Holm</sub>"),
            "p_games_howell": Markup("<i>p</i><sub>Games–Howell</sub>"),
            "gh_low": "95% CI, Games–Howell",
        }
        many = len({row.text("subscale") for row in rows}) > 1
        yield plain(
            rows,
            f"{title}: every pair, corrected over the pairs of a score",
            (*(["subscale"] if many else []), "a", "b", "difference", "p_holm_pairs", "p_games_howell",
             "gh_low", "gh_high"),
            headings=names,
        )  # fmt: skip


def appendix(tables: Tables) -> Section:
    """Return the last section: what nobody reads first, the mixed models of single needs."""
    measures = dict.fromkeys(row.text("measure") for row in tables.rows("models"))
    blocks = [block for measure in measures for block in _together(tables, measure, needs=True)]
    return Section("appendix", "Appendix", blocks)


def _together(tables: Tables, measure: str, *, needs: bool) -> Iterable[Block]:
    """Yield the mixed models of a measure, which take its stages together: of needs or the rest."""
    title = tables.short(measure)
    for row in tables.rows("models", measure=measure):
        score = row.text("subscale")
        if (score in NEEDS) != needs:
            continue
        of = f" ({in_words(score)})" if needs else ""
        yield Heading(f"{title}{of}, stages together: mixed model")
        yield Paragraph(
            Markup("<code>{}</code>, {} participants with {} scores.{}").format(
                row.text("formula"),
                numbers.count(row, "n"),
                numbers.count(row, "n_scores"),
                f" {row.text('note')}" if row.has("note") else "",
            )
        )
        effects = tables.rows("model_effects", measure=measure, subscale=score)
        if effects:
            columns = ("effect", "f", "df1", "df2", "p")
            yield plain(effects, f"{title}, {in_words(score)}: effects in the mixed model", columns)
        terms = tables.rows("model_terms", measure=measure, subscale=score)
        if terms:
            listed = ("term", "estimate", "se", "ci_low", "ci_high", "t", "df", "p")
            yield plain(terms, f"{title}, {in_words(score)}: terms of the mixed model", listed)


def sensitivity(tables: Tables) -> Section:
    """Return the section on exclusion rules: who would be left out, and what changes."""
    if not tables.summary.plan.exclusions:
        return Section("sensitivity", "Sensitivity to exclusion rules")
    blocks: list[Block] = [Paragraph(
        "The primary analysis leaves nobody out. Rules that are applied after the treatment can bias a "
        "comparison, so what they give stands beside it and never in its place.", "note")]  # fmt: skip
    rows = tables.rows("exclusion_flow")
    if rows:
        blocks.append(plain(rows, "Participants whom each rule leaves out, by condition"))
    rows = tables.rows("sensitivity")
    for measure, stage in dict.fromkeys((row.text("measure"), row.text("stage")) for row in rows):
        own = [row for row in rows if (row.text("measure"), row.text("stage")) == (measure, stage)]
        for design in ("between", "within"):
            of_design = [row for row in own if row.text("design") == design]
            if any(row.has("t") for row in of_design):
                title = (
                    f"{tables.short(measure)}, {scores.at(stage)}: with everyone, and under each set of rules"
                )
                blocks.append(scores.compared_table(of_design, title, [text("Who is in", "file")]))
    return Section("sensitivity", "Sensitivity to exclusion rules", blocks)


BEHAVIOUR = {
    "responses": "Response times of participants",
    "choices": "To whom participants threw",
    "waits": "Pauses of co-players, and waits for the ball",
}
"""How the kinds of behaviour in throws_by_condition.tsv are called."""


def _named(row: Row) -> str:
    """Return what is described, its unit in brackets and a count as one."""
    name = row.text("subscale")
    if name.endswith("_s"):
        return f"{in_words(name[:-2])} (s)"
    return f"{in_words(name[2:])} (count)" if name.startswith("n_") else in_words(name)


def behaviour(tables: Tables, pictures: Pictures) -> Section:
    """Return the section on what participants did in the game."""
    blocks: list[Block] = []
    rows = tables.rows("throws_by_condition")
    for measure in dict.fromkeys(row.text("measure") for row in rows):
        own = [row for row in rows if row.text("measure") == measure]
        title = BEHAVIOUR.get(measure, in_words(measure))
        score = Column("What", _named, numeric=False)
        blocks.append(scores.described_rows(own, f"{title}, by condition", score=score))
    blocks += [*pictures.take("trajectory"), *pictures.take("responses")]
    return Section("behaviour", "Throws and response times", blocks)


def timing(tables: Tables, pictures: Pictures) -> Section:
    """Return the section on how well the sessions kept their times."""
    every = tables.rows("timing_by_pacing")
    # Of ratings from elsewhere there is nothing to tell: no game, no frames.
    rows = [row for row in every if row.has("pacing") or row.has("frames") or row.value("n_flagged") > 0]
    columns = [
        text("Paced by", "pacing"),
        counted("sessions", "n_sessions"),
        counted("flagged", "n_flagged"),
        Column("Hz", lambda row: numbers.interval(row, "refresh_low", "refresh_high", 1)),
        counted("frames", "frames"),
        Column("late (%)", lambda row: numbers.percent(row, "share_late", 2)),
        *(Column(heading, _milliseconds(name)) for heading, name in (
            ("longest frame", "frame_longest_ms"), ("onset", "onset_p99_ms"), ("pause", "pause_p99_ms"),
            ("flight", "flight_p99_ms"), ("clock drift", "clock_drift_ms"))),
        counted("responses", "n_responses"),
        Column("by mouse (%)", lambda row: numbers.percent(row, "share_mouse")),
    ]  # fmt: skip
    blocks: list[Block] = []
    if rows:
        note = (
            "Times in ms. Onset, pause and flight: 99 % of the throws were within this of their plan. "
            "A display waits for its refresh; emulated frames follow a timer; simulated ones are virtual."
        )
        blocks.append(table("How well sessions kept their times", columns, rows, note))
    told = mixed(tables.summary.timing_by_pacing)
    flagged = [*([told.removeprefix(cautions.WARNING)] if told else []), *of_flagged(tables.summary.timing)]
    if flagged:
        blocks.append(Paragraph("Sessions beyond a bound of timing (none is left out):"))
        blocks.append(Listing(flagged))
    elif rows:
        blocks.append(Paragraph("No session exceeded a bound of timing; timing.tsv has the bounds."))
    blocks += pictures.take("timing")
    return Section("timing", "Timing quality", blocks)


def _milliseconds(name: str) -> Callable[[Row], Html]:
    return lambda row: numbers.number(row, name, 1)


def remaining(pictures: Pictures) -> Section:
    """Return the section of the figures that belong to no single part."""
    return Section("figures", "Across measures", list(pictures.rest()))
