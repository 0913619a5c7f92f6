"""One measure at one stage on the screen, at each level of the factors of the design."""

from __future__ import annotations

import pandas as pd
from rich.console import Console

from analysis.blocks import compared_in, described
from analysis.frames import same
from analysis.lines import line, print_table
from analysis.results import Summary
from analysis.wording import digits_for, p_equals, t_value, with_interval


def by_level(summary: Summary, console: Console, measure: str, stage: object) -> None:
    """Print the first score of a measure by condition within each level, and its comparisons there."""
    rows = _of(summary.by_level, measure, stage)
    rows = rows[rows["condition"].notna()]
    if rows.empty:
        return
    first = str(rows["subscale"].iloc[0])
    more = "; the other scores are in by_level.tsv" if (rows["subscale"] != first).any() else ""
    rows = rows[rows["subscale"] == first]
    for factor, at in rows.groupby("factor", sort=False):
        console.print()
        line(console, f"  {first} by level of {factor}{more}", style="italic")
        print_table(console, described(at, "level", str(factor)))
        _comparisons(summary, console, at)


def _comparisons(summary: Summary, console: Console, at: pd.DataFrame) -> None:
    """Print the comparisons within each level of one factor, then those between levels."""
    first = at.iloc[0]
    keys = ("subscale", "factor")
    pairs = _of(summary.comparisons_by_level, first["measure"], first["stage"])
    apart = _of(summary.level_differences, first["measure"], first["stage"])
    for key in keys:
        pairs, apart = pairs[pairs[key] == first[key]], apart[apart[key] == first[key]]
    for _, of_design in pairs.groupby("design", sort=False):
        console.print()
        names = of_design["level"] + ": " + of_design["a"] + " - " + of_design["b"]
        print_table(console, compared_in(of_design, at, "a minus b within", names))
    digits = digits_for(first["low"], first["high"])
    if apart["p"].notna().any():
        console.print()
    for _, row in apart[apart["p"].notna()].iterrows():
        said = with_interval(row["difference"], row["ci_low"], row["ci_high"], digits)
        line(
            console,
            f"  {row['a']} - {row['b']}, {row['level_a']} minus {row['level_b']}: {said}, "
            f"{t_value(row['t'], row['df'])}, {p_equals(row['p'])}",
        )


def _of(frame: pd.DataFrame, measure: object, stage: object) -> pd.DataFrame:
    return frame[same(frame["measure"], measure) & same(frame["stage"], stage)]
