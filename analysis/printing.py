"""A summary on the screen: plain tables that keep their shape in a pipe, in a log and on paper."""

from __future__ import annotations

import io
import sys
import textwrap
from collections.abc import Mapping

import pandas as pd
from rich.console import Console

from analysis.blocks import block
from analysis.exclusion_words import attrition_line, left_out
from analysis.frames import groups, same
from analysis.levels import by_level
from analysis.lines import WIDTH, heading, line, paragraph, print_table, table
from analysis.results import Summary
from analysis.thrown_words import show_throws
from analysis.timing_words import mixed, of_flagged, overall
from analysis.wording import (
    model,
    sentence,
    trend,
    with_interval,
)
from experiment.columns import OUTCOMES, SESSIONS

BLOCK = ["measure", "stage"]
SHOWN_SKIPPED = 20
SHOWN_WARNINGS = 5
CELL_WIDTH = 30
"""Cells named after many conditions are broken at a hyphen, at this width."""


def console_for_summary() -> Console:
    """Return a console for standard output, `WIDTH` wide at most, and that wide in a pipe."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a pipe may know fewer letters than a title has
    console = Console(highlight=False, markup=False)
    console.width = min(console.width, WIDTH) if console.is_terminal else WIDTH
    return console


IN_BRIEF = {"distress": "reflexive", "needs": "reflexive", "throws_received": "game"}
"""What a short summary shows: measures, and the stage of each."""


def show_brief(summary: Summary, console: Console) -> None:
    """Print what matters most: flow, distress, needs, throws received and a line on the timing."""
    _title(summary, console)
    _flow(summary, console)
    _blocks(summary, console, IN_BRIEF)
    _timing(summary, console, brief=True)


def show(summary: Summary, console: Console) -> None:
    """Print a summary."""
    _title(summary, console)
    _flow(summary, console)
    _skipped(summary, console)
    _warnings(summary, console)
    _words(summary, console)
    left_out(summary, console)
    _blocks(summary, console)
    _reliability(summary, console)
    show_throws(summary, console)
    _timing(summary, console)
    heading(console, "Notes")
    for note in summary.notes:
        paragraph(console, note, "- ")
    if summary.written is not None:
        console.print()
        line(console, f"Tables (TSV, JSON): {summary.written}")


def _title(summary: Summary, console: Console) -> None:
    line(console, f"Summary of {summary.path}", style="bold")
    if summary.simulated:
        line(
            console, "SIMULATED: these participants are answers of a model, not people.", style="bold yellow"
        )
    _belief(summary, console)


TOLD = next(column.levels for column in SESSIONS if column.name == "belief")


def _belief(summary: Summary, console: Console) -> None:
    """Say what participants were told of the co-players, where that was not that they are people."""
    if set(summary.beliefs) <= {"human"}:
        return
    counts = summary.beliefs
    for name in [*TOLD, *sorted(set(counts) - set(TOLD))]:
        if name in counts:
            told = TOLD.get(name, "").partition(":")[0].lower() or name
            paragraph(
                console, f"belief = {name} ({counts[name]} sessions): told of the co-players that {told}"
            )


def _blocks(summary: Summary, console: Console, only: Mapping[str, str] | None = None) -> None:
    """Print a block for each measure and stage, or for those in `only`."""
    for (measure, stage), rows in _in_order(summary.by_condition):
        if only is not None and only.get(str(measure)) != stage:
            continue
        chosen = summary.comparisons
        chosen = chosen[same(chosen["measure"], measure) & same(chosen["stage"], stage)]
        block(summary, console, rows, chosen)
        by_level(summary, console, str(measure), stage)


def _in_order(described: pd.DataFrame) -> list[tuple[tuple[object, ...], pd.DataFrame]]:
    found = dict.fromkeys(zip(described["measure"], described["stage"], strict=True))
    by_key = {key: rows for key, rows in groups(described, BLOCK)}  # noqa: C416 - typed anew
    return [(key, by_key[key]) for key in found]


def _flow(summary: Summary, console: Console) -> None:
    heading(console, "Participants", "sessions by cell of the design")
    columns = ["sessions", "granted", "refused", "unanswered", "in_tables"]
    rows = [
        [
            "none drawn" if pd.isna(row["cell"]) else "\n".join(textwrap.wrap(str(row["cell"]), CELL_WIDTH)),
            ", ".join(f"{row[name]} {name.replace('_', ' ')}" for name in OUTCOMES if row[name]),
            *(str(row[name]) for name in columns),
        ]
        for _, row in summary.flow.iterrows()
    ]
    named = [(name.replace("_", " "), True) for name in columns]
    print_table(console, table([("cell", False), ("how they ended", False), *named], rows))
    paragraph(
        console,
        "granted, refused, unanswered: permission to use the data; only granted is in the tables.",
    )
    paragraph(console, attrition_line(summary.attrition, summary.attrition_tests))
    if summary.factors:
        crossed = "; ".join(f"{name} ({', '.join(levels)})" for name, levels in summary.factors.items())
        paragraph(console, f"A cell is named after its conditions, then its levels of: {crossed}.")


def _skipped(summary: Summary, console: Console) -> None:
    if not summary.skipped:
        return
    heading(console, f"Left out: {len(summary.skipped)} files or sessions that could not be read")
    for entry in summary.skipped[:SHOWN_SKIPPED]:
        paragraph(console, f"{entry.place}: {entry.reason}")
    if len(summary.skipped) > SHOWN_SKIPPED:
        line(console, f"  and {len(summary.skipped) - SHOWN_SKIPPED} more, named in left_out.tsv")


def _warnings(summary: Summary, console: Console) -> None:
    if not summary.warnings:
        return
    heading(console, "Warnings", "strange, but read")
    for entry in summary.warnings[:SHOWN_WARNINGS]:
        paragraph(console, f"{entry.place}: {entry.reason}")
    if len(summary.warnings) > SHOWN_WARNINGS:
        line(console, f"  and {len(summary.warnings) - SHOWN_WARNINGS} more, named in warnings.tsv")


def _words(summary: Summary, console: Console) -> None:
    """Say the comparisons of distress in words."""
    rows = summary.comparisons
    rows = rows[rows["measure"] == "distress"]
    if rows.empty:
        return
    heading(console, "In words")
    for _, row in rows.iterrows():
        text = sentence(row, f"Distress ({row['stage']}, 0-100)", 0.0, 100.0)
        paragraph(console, text)
    trends = summary.trend
    for _, row in trends[trends["measure"] == "distress"].iterrows():
        paragraph(console, trend(row, f"Distress ({row['stage']}, 0-100)", 0.0, 100.0))
    effects = summary.model_effects[summary.model_effects["measure"] == "distress"]
    if not effects.empty:
        paragraph(console, model(effects, "Distress (0-100)"))
    at_levels = summary.comparisons_by_level
    for _, row in at_levels[at_levels["measure"] == "distress"].iterrows():
        where = f"Distress ({row['stage']}, 0-100) at {row['factor']} = {row['level']}"
        paragraph(console, sentence(row, where, 0.0, 100.0))


def _timing(summary: Summary, console: Console, *, brief: bool = False) -> None:
    """Print a line on the timing and, unless `brief`, what is wrong with sessions that are flagged."""
    console.print()
    for _, row in summary.timing_by_pacing.iterrows():
        paragraph(console, overall(row))
    told = mixed(summary.timing_by_pacing)
    if told:
        paragraph(console, told)
    if not brief:
        for reason in of_flagged(summary.timing):
            paragraph(console, reason, "- ")


def _reliability(summary: Summary, console: Console) -> None:
    if summary.reliability.empty:
        return
    told = summary.reliability
    # Between participants each condition by itself stands in reliability.tsv.
    score = pd.MultiIndex.from_frame(told[["measure", "stage", "subscale"]])
    told = told[told["condition"].isna() | ~score.isin(score[told["condition"].isna()])]
    apart = bool(told["condition"].notna().any())
    beside = "each participant once" + (
        ", by condition where within" if apart else ", all conditions together"
    )
    heading(console, "Reliability", f"Cronbach's alpha and McDonald's omega, {beside}")
    rows = [
        [
            str(row["measure"]),
            str(row["stage"]),
            str(row["subscale"]),
            *([] if not apart else ["all" if pd.isna(row["condition"]) else str(row["condition"])]),
            str(row["n_items"]),
            str(row["n"]),
            with_interval(row["alpha"], row["ci_low"], row["ci_high"]),
            with_interval(row["omega"], row["omega_low"], row["omega_high"]),
        ]
        for _, row in told.iterrows()
    ]
    columns = [("measure", False), ("stage", False), ("score", False)]
    columns += [("condition", False)] if apart else []
    columns += [("items", True), ("n", True)]
    print_table(console, table([*columns, ("alpha [95 % CI]", True), ("omega [95 % CI]", True)], rows))
