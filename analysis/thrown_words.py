"""What is said of the participants' throws on the screen: one block."""

from __future__ import annotations

import pandas as pd
from rich.console import Console

from analysis.lines import heading, print_table, table
from analysis.results import Summary
from analysis.wording import number

SHOWN = {
    "median_s": "response (s)",
    "wait_longest_s": "longest wait (s)",
    "reciprocity": "thrown back",
    "reciprocity_chance": "by chance",
    "favour_excluders": "favour to excluders",
}
"""Columns of the tables of throws, and what they are called here: means over participants."""


def show_throws(summary: Summary, console: Console) -> None:
    """Print one line for each condition: response times, waits, whom the participants throw to."""
    told = summary.throws_by_condition
    # What is told of a few alone, such as a fair co-player taken for an excluder, stays in the file.
    told = told[told["subscale"].isin(list(SHOWN)) & (told["n"] > 0) & (told["n"] >= told["n_missing"])]
    if told.empty:
        return
    means = {(row["condition"], row["subscale"]): float(row["mean"]) for _, row in told.iterrows()}
    columns = [name for name in SHOWN if name in set(told["subscale"])]
    heading(console, "Throws", "of the participants; means over them, response times by median")
    rows = [
        [str(condition), *(number(means.get((condition, name), float("nan"))) for name in columns)]
        for condition in pd.unique(told["condition"])
    ]
    print_table(console, table([("condition", False), *((SHOWN[name], True) for name in columns)], rows))
