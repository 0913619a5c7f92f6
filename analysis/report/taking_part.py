"""Who took part, what became of them, and whether they got what was meant."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from markupsafe import Markup

from analysis.report import numbers, scores
from analysis.report.parts import (
    Block,
    Column,
    Heading,
    Html,
    Paragraph,
    Section,
    counted,
    table,
    text,
)
from analysis.report.pictures import Pictures
from analysis.report.plain import plain
from analysis.report.rows import Row, Tables, in_words
from experiment.columns import OUTCOMES


def section(tables: Tables, pictures: Pictures) -> Section:
    """Return the section on participants and their flow."""
    blocks: list[Block] = [*_flow(tables), *pictures.take("flow"), *_people(tables), *_attrition(tables)]
    return Section("participants", "Participants and flow", blocks)


def ended_known(tables: Tables) -> bool:
    """Return whether it is on record how any session ended; of ratings from elsewhere it is not."""
    whole = tables.rows("flow")[-1]
    return any(whole.value(name) > 0 for name in OUTCOMES)


def _flow(tables: Tables) -> Iterable[Block]:
    rows = tables.rows("flow")
    whole = rows[-1]
    known = ended_known(tables)
    begun = Markup("{} sessions were begun and {} completed." if known else "There are {} sessions.").format(
        *(numbers.count(whole, name) for name in ("sessions", "completed")[: 1 + known])
    )
    said = Markup(
        "{} Permission to use the data was given in {}, refused in {} and not answered in {}; only sessions "
        "with permission, {}, are in any table, test or figure."
    ).format(
        begun,
        *(numbers.count(whole, name) for name in ("granted", "refused", "unanswered", "in_tables")),
    )
    yield Paragraph(said, "result")
    ended = [name for name in OUTCOMES if whole.value(name) > 0 and name != "completed"]
    columns = [
        Column("Cell", lambda row: in_words(row.text("cell")) or "none drawn", numeric=False),
        counted("begun" if known else "sessions", "sessions"),
        *([counted("completed", "completed")] if known else []),
        *(counted(in_words(name), name) for name in ended),
        counted("granted", "granted"),
        counted("refused", "refused"),
        counted("unanswered", "unanswered"),
        counted("in the tables", "in_tables"),
    ]
    yield table("Sessions by cell of the design", columns, rows)


def _people(tables: Tables) -> Iterable[Block]:
    rows = tables.rows("demographics")
    age = next((row for row in rows if row.text("variable") == "age"), None)
    parts = []
    if age is not None and age.value("n") > 1:
        parts.append(
            Markup("Age was {} years on average (<i>SD</i> = {}, range {}–{}, <i>n</i> = {}).").format(
                numbers.number(age, "mean", 1),
                numbers.number(age, "sd", 1),
                numbers.number(age, "min", 0),
                numbers.number(age, "max", 0),
                numbers.count(age, "n"),
            )
        )
    for variable, name in (("gender", "Gender"), ("handedness", "Handedness")):
        own = [row for row in rows if row.text("variable") == variable]
        if own:
            told = [Markup("{} {}").format(in_words(r.text("value")), numbers.count(r, "n")) for r in own]
            parts.append(Markup("{}: {}.").format(name, Markup(", ").join(told)))
    if parts:
        yield Paragraph(Markup(" ").join(parts), "result")


def _attrition(tables: Tables) -> Iterable[Block]:
    rows = tables.rows("attrition")
    known = ended_known(tables)
    lost = any(row.value(name) > 0 for row in rows for name in ("n_not_completed", "n_not_permitted"))
    if not rows or not (known or lost):
        return
    yield Heading("Attrition by condition" if known else "Permission by condition")
    if not lost:
        yield Paragraph("Nobody who was allocated was lost, and nobody withheld permission.", "note")
        return
    yield plain(
        rows,
        "Allocated participants who did not come to the end, or whose data may not be used"
        if known
        else "Allocated participants, and those whose data may not be used",
        ("condition", "n_allocated", *(["n_not_completed"] if known else []), "n_not_permitted"),
        headings={"n_allocated": "allocated", "n_not_completed": "not completed",
                  "n_not_permitted": "without permission"},
    )  # fmt: skip
    tests = [row for row in tables.rows("attrition_tests") if row.has("p")]
    if tests:
        yield plain(
            tests,
            f"{'Attrition' if known else 'Permission'} compared between conditions",
            ("what", "a", "b", "test", "n", "events_a", "events_b", "statistic", "p", "risk_difference",
             "ci_low", "ci_high"),
        )  # fmt: skip


def received(tables: Tables, pictures: Pictures) -> Section:
    """Return the section on whether the manipulation was received."""
    blocks: list[Block] = []
    for measure, stage in tables.asked("game", "manipulation_check"):
        blocks += scores.blocks(tables, measure, stage)
        blocks += pictures.take(measure, stage)
    blocks += pictures.take("dose")
    blocks += _suspicion(tables)
    blocks += attention(tables)
    return Section("manipulation", "Was the manipulation received?", blocks)


def _suspicion(tables: Tables) -> Iterable[Block]:
    for measure, stage in tables.asked("suspicion"):
        yield Heading(f"{tables.short(measure)}, {scores.at(stage)}")
        yield Paragraph(
            "Asked before the debriefing, described and not tested. Free texts are kept apart from the "
            "dataset and are not here. Nobody is left out for an answer.",
            "note",
        )
        yield scores.described(tables, measure, stage)
    yield from choices(tables, [row for row in tables.rows("answers") if tables.role(row) == "suspicion"])


def choices(tables: Tables, rows: list[Row]) -> Iterable[Block]:
    """Yield how often each option of a question was chosen, with a column for each condition."""
    if not rows:
        return
    found = {(row.text("item"), row.text("answer"), row.text("condition")): row for row in rows}
    listed = [*tables.summary.conditions, ""]
    conditions = [name for name in listed if any(key[2] == name for key in found)]

    def chosen(condition: str) -> Callable[[Row], Html]:
        def show(row: Row) -> Html:
            own = found.get((row.text("item"), row.text("answer"), condition))
            if own is None:
                return numbers.NONE
            return Markup("{} ({}%)").format(numbers.count(own, "n"), numbers.percent(own, "share"))

        return show

    columns = [text("Question", "item"), Column("Answer", _answer, numeric=False)]
    columns += [Column(in_words(name) or "all", chosen(name)) for name in conditions]
    firsts = {(row.text("item"), row.text("answer")): row for row in reversed(rows)}
    ordered = [firsts[key] for key in dict.fromkeys((row.text("item"), row.text("answer")) for row in rows)]
    title = tables.short(rows[0].text("measure"))
    yield table(f"{title}: how many chose each option, and the share of those who answered", columns, ordered)


def _answer(row: Row) -> str:
    return in_words(row.text("answer")) + (" (asked for)" if row.text("expected") == "yes" else "")


def attention(tables: Tables) -> Iterable[Block]:
    """Yield how often attention checks were answered as asked."""
    yield from choices(tables, [row for row in tables.rows("answers") if tables.role(row) == "attention"])
