"""One measure at one stage on the screen: its scores by condition, and its comparisons."""

from __future__ import annotations

import pandas as pd
from rich.console import Console
from rich.padding import Padding

from analysis.compare import NEEDS
from analysis.frames import same
from analysis.lines import heading, line, paragraph, print_table, table
from analysis.results import Summary
from analysis.wording import (
    digits_for,
    effect,
    interval,
    number,
    p_equals,
    p_value,
    t_value,
    with_interval,
)

HEADINGS = {"distress": "Distress", "throws_received": "Throws received"}


def block(summary: Summary, console: Console, rows: pd.DataFrame, compared: pd.DataFrame) -> None:
    """Print one measure at one stage: its scores by condition, then its comparisons."""
    first = rows.iloc[0]
    measure = str(first["measure"])
    title = HEADINGS.get(measure) or summary.titles.get(measure, measure)
    heading(console, title, f"{measure}, {first['stage']}")
    _scales(console, rows)
    print_table(console, described(rows, "subscale", "score"))
    _comparisons(console, rows, compared)
    _overall(summary, console, measure, first["stage"])


def _scales(console: Console, rows: pd.DataFrame) -> None:
    """Say what each score runs from and to, and what a high one means; once where all say the same."""
    meanings: dict[str, list[str]] = {}
    for _, row in rows.drop_duplicates("subscale").iterrows():
        meaning = f"{row['low']:g} to {row['high']:g}, high = {row['high_means']}"
        meanings.setdefault(meaning, []).append(str(row["subscale"]))
    for meaning, names in meanings.items():
        paragraph(console, f"{', '.join(names)}: {meaning}" if len(meanings) > 1 else meaning)


def _comparisons(console: Console, rows: pd.DataFrame, compared: pd.DataFrame) -> None:
    """Print one table of all pairs where there is one score, else a table for each pair."""
    if compared.empty:
        return
    if len(set(rows["subscale"])) == 1 and len(set(compared["design"])) == 1:
        console.print()
        print_table(console, compared_in(compared, rows, "a minus b", compared["a"] + " - " + compared["b"]))
        return
    for (a, b), pair in compared.groupby(["a", "b"], sort=False):
        console.print()
        line(console, f"  {a} minus {b} (negative: lower under {a})", style="italic")
        print_table(console, compared_in(pair, rows, "score", pair["subscale"]))


def described(rows: pd.DataFrame, leading: str, heading: str) -> Padding:
    """Return a table of scores by condition; `leading` is the column that names what its rows are of."""
    repeated = bool((rows["runs_max"] > 1).any())
    columns = [(heading, False), ("condition", False), ("n", True), ("missing", True)]
    columns += [("runs", True)] if repeated else []
    columns += [("M", True), ("SD", True), ("95 % CI", True), ("median", True)]
    lines: list[list[str]] = []
    before = None
    for _, row in rows.iterrows():
        digits = digits_for(row["low"], row["high"])
        condition = "all" if pd.isna(row["condition"]) else str(row["condition"])
        name = str(row[leading])
        lines.append(
            [
                name if name != before else "",
                condition,
                str(row["n"]),
                str(row["n_missing"]),
                *([_runs(row)] if repeated else []),
                number(row["mean"], digits),
                number(row["sd"], digits),
                interval(row["ci_low"], row["ci_high"], digits),
                number(row["median"], digits),
            ]
        )
        before = name
    return table(columns, lines)


def _runs(row: pd.Series) -> str:
    """Return how many runs a participant's value is made of: 4, or 2-4 where they differ."""
    if not row["n"]:
        return "-"
    low, high = row["runs_min"], row["runs_max"]
    return str(low) if low == high else f"{low}-{high}"


def compared_in(pair: pd.DataFrame, rows: pd.DataFrame, naming: str, names: pd.Series) -> Padding:
    """Return a table of comparisons of one design; `names` say what each row is of."""
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
    return table(columns, lines)


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
        line(console, f"  {row['subscale']}, all {row['k']} conditions: Welch's {f}, {p_equals(row['p'])}")
