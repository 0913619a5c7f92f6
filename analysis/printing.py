"""A summary on the screen: plain tables that keep their shape in a pipe, in a log and on paper."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

import pandas as pd
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from analysis.compare import NEEDS
from analysis.frames import groups, same
from analysis.results import Summary
from analysis.wording import (
    digits_for,
    effect,
    interval,
    number,
    p_equals,
    p_value,
    sentence,
    t_value,
    with_interval,
)
from experiment.columns import OUTCOMES

WIDTH = 100
BLOCK = ["measure", "stage"]
HEADINGS = {"distress": "Distress", "throws_received": "Throws received"}
SHOWN_SKIPPED = 20


def console_for_summary() -> Console:
    """Return a console for standard output, `WIDTH` wide at most, and that wide in a pipe."""
    console = Console(highlight=False, markup=False)
    console.width = min(console.width, WIDTH) if console.is_terminal else WIDTH
    return console


def show(summary: Summary, console: Console) -> None:
    """Print a summary."""
    _line(console, f"Summary of {summary.path}", style="bold")
    if summary.simulated:
        _line(
            console, "SIMULATED: these participants are answers of a model, not people.", style="bold yellow"
        )
    _flow(summary, console)
    _skipped(summary, console)
    _words(summary, console)
    for (measure, stage), rows in _in_order(summary.by_condition):
        chosen = summary.comparisons
        chosen = chosen[same(chosen["measure"], measure) & same(chosen["stage"], stage)]
        _block(summary, console, rows, chosen)
    _reliability(summary, console)
    _heading(console, "Notes")
    for note in summary.notes:
        _paragraph(console, note, "- ")
    if summary.written is not None:
        console.print()
        _line(console, f"Tables (TSV, JSON): {summary.written}")


def _in_order(described: pd.DataFrame) -> list[tuple[tuple[object, ...], pd.DataFrame]]:
    found = dict.fromkeys(zip(described["measure"], described["stage"], strict=True))
    by_key = {key: rows for key, rows in groups(described, BLOCK)}  # noqa: C416 - typed anew
    return [(key, by_key[key]) for key in found]


def _line(console: Console, text: str, style: str = "") -> None:
    console.print(Text(text, style=style), soft_wrap=True)


def _paragraph(console: Console, text: str, bullet: str = "") -> None:
    """Print a paragraph, indented, its further lines a little more."""
    first, more = f"  {bullet}", "    "
    lines = textwrap.wrap(text, console.width, initial_indent=first, subsequent_indent=more)
    _line(console, "\n".join(lines))


def _heading(console: Console, text: str, beside: str = "") -> None:
    console.print()
    console.print(Text(text, style="bold").append(f"   {beside}" if beside else "", style="not bold"))


def _table(columns: Sequence[tuple[str, bool]], rows: Sequence[Sequence[str]]) -> Padding:
    """Return a table without lines; `columns` are names and whether they hold numbers."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for name, numeric in columns:
        # Names may fold where they are long; numbers never do.
        table.add_column(name, justify="right" if numeric else "left", no_wrap=numeric, overflow="fold")
    for row in rows:
        table.add_row(*(Text(text) for text in row))
    return Padding(table, (0, 0, 0, 2), expand=False)


def _print(console: Console, table: Padding) -> None:
    """Print a table without blanks at the ends of its lines."""
    with console.capture() as captured:
        console.print(table)
    for line in Text.from_ansi(captured.get()).split("\n"):
        line.rstrip()
        console.print(line, soft_wrap=True)


def _flow(summary: Summary, console: Console) -> None:
    _heading(console, "Participants", "sessions by cell of the design")
    columns = ["sessions", "granted", "refused", "unanswered", "in_tables"]
    rows = [
        [
            "none drawn" if pd.isna(row["cell"]) else str(row["cell"]),
            ", ".join(f"{row[name]} {name.replace('_', ' ')}" for name in OUTCOMES if row[name]),
            *(str(row[name]) for name in columns),
        ]
        for _, row in summary.flow.iterrows()
    ]
    named = [(name.replace("_", " "), True) for name in columns]
    _print(console, _table([("cell", False), ("how they ended", False), *named], rows))
    _paragraph(
        console,
        "granted, refused, unanswered: permission to use the data; only granted is in the tables.",
    )


def _skipped(summary: Summary, console: Console) -> None:
    if not summary.skipped:
        return
    _heading(console, f"Left out: {len(summary.skipped)} files or sessions that could not be read")
    for entry in summary.skipped[:SHOWN_SKIPPED]:
        _paragraph(console, f"{entry.place}: {entry.reason}")
    if len(summary.skipped) > SHOWN_SKIPPED:
        _line(console, f"  and {len(summary.skipped) - SHOWN_SKIPPED} more, named in left_out.tsv")


def _words(summary: Summary, console: Console) -> None:
    """Say the comparisons of distress in words."""
    rows = summary.comparisons
    rows = rows[rows["measure"] == "distress"]
    if rows.empty:
        return
    _heading(console, "In words")
    for _, row in rows.iterrows():
        text = sentence(row, f"Distress ({row['stage']}, 0-100)", 0.0, 100.0)
        _paragraph(console, text)


def _block(summary: Summary, console: Console, rows: pd.DataFrame, compared: pd.DataFrame) -> None:
    """Print one measure at one stage: its scores by condition, then its comparisons."""
    first = rows.iloc[0]
    measure = str(first["measure"])
    title = HEADINGS.get(measure) or summary.titles.get(measure, measure)
    _heading(console, title, f"{measure}, {first['stage']}")
    _scales(console, rows)
    _print(console, _described(rows))
    _comparisons(console, rows, compared)
    _overall(summary, console, measure, first["stage"])


def _scales(console: Console, rows: pd.DataFrame) -> None:
    """Say what each score runs from and to, and what a high one means; once where all say the same."""
    meanings: dict[str, list[str]] = {}
    for _, row in rows.drop_duplicates("subscale").iterrows():
        meaning = f"{row['low']:g} to {row['high']:g}, high = {row['high_means']}"
        meanings.setdefault(meaning, []).append(str(row["subscale"]))
    for meaning, names in meanings.items():
        _paragraph(console, f"{', '.join(names)}: {meaning}" if len(meanings) > 1 else meaning)


def _comparisons(console: Console, rows: pd.DataFrame, compared: pd.DataFrame) -> None:
    """Print one table of all pairs where there is one score, else a table for each pair."""
    if compared.empty:
        return
    if len(set(rows["subscale"])) == 1 and len(set(compared["design"])) == 1:
        console.print()
        _print(console, _compared(compared, rows, "a minus b", compared["a"] + " - " + compared["b"]))
        return
    for (a, b), pair in compared.groupby(["a", "b"], sort=False):
        console.print()
        _line(console, f"  {a} minus {b} (negative: lower under {a})", style="italic")
        _print(console, _compared(pair, rows, "score", pair["subscale"]))


def _described(rows: pd.DataFrame) -> Padding:
    columns = [("score", False), ("condition", False), ("n", True), ("missing", True)]
    columns += [("M", True), ("SD", True), ("95 % CI", True), ("median", True)]
    lines: list[list[str]] = []
    before = None
    for _, row in rows.iterrows():
        digits = digits_for(row["low"], row["high"])
        condition = "all" if pd.isna(row["condition"]) else str(row["condition"])
        name = str(row["subscale"])
        lines.append(
            [
                name if name != before else "",
                condition,
                str(row["n"]),
                str(row["n_missing"]),
                number(row["mean"], digits),
                number(row["sd"], digits),
                interval(row["ci_low"], row["ci_high"], digits),
                number(row["median"], digits),
            ]
        )
        before = name
    return _table(columns, lines)


def _compared(pair: pd.DataFrame, rows: pd.DataFrame, naming: str, names: pd.Series) -> Padding:
    bounds = {row["subscale"]: digits_for(row["low"], row["high"]) for _, row in rows.iterrows()}
    within = bool((pair["design"] == "within").all())
    size = "d_z" if within else "g"
    corrected = bool(pair["p_holm"].notna().any())
    lines = []
    for (_, row), name in zip(pair.iterrows(), names, strict=True):
        digits = bounds[row["subscale"]]
        _, value, low, high = effect(row)
        line = [
            str(name),
            with_interval(row["difference"], row["ci_low"], row["ci_high"], digits),
            t_value(row["t"], row["df"]),
            p_value(row["p"]),
        ]
        line += [p_value(row["p_holm"])] if corrected else []
        lines.append([*line, with_interval(value, low, high)])
    columns = [
        (naming, False),
        ("difference [95 % CI]", True),
        ("paired t" if within else "Welch t", True),
        ("p", True),
    ]
    columns += [("p Holm", True)] if corrected else []
    columns += [(f"{size} [95 % CI]", True)]
    return _table(columns, lines)


def _overall(summary: Summary, console: Console, measure: str, stage: object) -> None:
    """Print Welch's analysis of variance of three conditions or more; single needs are in the files."""
    rows = summary.omnibus
    rows = rows[same(rows["measure"], measure) & same(rows["stage"], stage) & ~rows["subscale"].isin(NEEDS)]
    rows = rows[rows["p"].notna()]
    if rows.empty:
        return
    console.print()
    for _, row in rows.iterrows():
        f = f"F({row['df1']:.0f}, {row['df2']:.1f}) = {number(row['f'])}"
        _line(console, f"  {row['subscale']}, all {row['k']} conditions: Welch's {f}, {p_equals(row['p'])}")


def _reliability(summary: Summary, console: Console) -> None:
    if summary.reliability.empty:
        return
    _heading(console, "Reliability", "Cronbach's alpha, all conditions together")
    rows = [
        [
            str(row["measure"]),
            str(row["stage"]),
            str(row["subscale"]),
            str(row["n_items"]),
            str(row["n"]),
            with_interval(row["alpha"], row["ci_low"], row["ci_high"]),
        ]
        for _, row in summary.reliability.iterrows()
    ]
    columns = [("measure", False), ("stage", False), ("score", False), ("items", True), ("n", True)]
    _print(console, _table([*columns, ("alpha [95 % CI]", True)], rows))
