"""Who did not finish and who is left out, as a summary on the screen says it."""

from __future__ import annotations

import pandas as pd
from rich.console import Console

from analysis.attrition import SEVERAL
from analysis.lines import heading, paragraph, print_table, table
from analysis.results import Summary
from analysis.wording import digits_for, effect, interval, number, p_equals, with_interval
from experiment.columns import OUTCOMES

STEPS = {
    "allocated": "allocated",
    "permitted": "permit the use of their data",
    "analysed": "primary analysis",
}
"""The steps that are shown before the rules, in words."""

MOST_CONDITIONS = 6
"""With more columns than this only the one of all is shown; exclusion_flow.tsv has every one."""


def attrition_line(counts: pd.DataFrame, tests: pd.DataFrame) -> str:
    """Say in one line how many of those allocated did not finish, by condition, and the test of it.

    Parameters
    ----------
    counts, tests : DataFrame
        As `analysis.attrition.attrition` and `attrition_tests` return them.
    """
    whole = counts.iloc[-1]
    if not whole["n_allocated"]:
        return "Attrition: nobody was allocated."
    if set(OUTCOMES) <= set(whole.index) and not whole[list(OUTCOMES)].any():
        return (
            f"Attrition: not known; how sessions ended is not on record. Permission refused or unanswered: "
            f"{whole['n_not_permitted']}."
        )
    said = f"Attrition: of {whole['n_allocated']} allocated, {whole['n_not_completed']} did not finish"
    by = [
        f"{row.condition} {row.n_not_completed} of {row.n_allocated}"
        for row in counts.iloc[:-1].itertuples()
        if whole["n_not_completed"] and len(counts) > 2
    ]
    said += f" ({', '.join(by)})" if by else ""
    tested = tests[(tests["what"] == "not_completed") & tests["p"].notna()]
    if len(tested):
        row = tested.iloc[0]  # over all conditions where there are more than two, else of the one pair
        names = {"fisher": "Fisher's exact test", "chi_square": "chi-square"}
        said += f"; {names.get(row['test'], 'chi-square, simulated')} {p_equals(row['p'])}"
    refused = whole["n_not_permitted"]
    return f"{said}. Permission refused or unanswered: {refused}."


def left_out(summary: Summary, console: Console) -> None:
    """Print for each file of rules whom it leaves out by condition, and distress with and without them."""
    if summary.exclusion_flow.empty:
        return
    heading(console, "Who is left out", "sensitivity analyses; everything else here is of everyone")
    for file in summary.plan.exclusions:
        console.print()
        paragraph(console, f"{file.name}: {file.definition.title}")
        _flow(summary.exclusion_flow[summary.exclusion_flow["file"] == file.name], console)
    paragraph(console, "any: who meets the rule, counted under an earlier one or not.")
    _distress(summary, console)


def _flow(flow: pd.DataFrame, console: Console) -> None:
    conditions = list(dict.fromkeys(flow["condition"]))
    if len(conditions) > MOST_CONDITIONS or SEVERAL in conditions[:1]:
        conditions = conditions[-1:]
    shown = flow[flow["step"].isin([*STEPS, "excluded", "left"])]
    rows = []
    for _, own in shown.groupby([shown["step"].map(_rank), shown["rule"].fillna(0)], sort=True):
        first = own.iloc[0]
        by = own.set_index("condition")["n"]
        reason = str(first["reason"]) if first["step"] == "excluded" else STEPS.get(first["step"], "left")
        rows.append([reason, *(str(by[name]) for name in conditions), _any(own)])
    print_table(console, table([("", False), *((name, True) for name in conditions), ("any", True)], rows))


def _rank(step: str) -> int:
    return [*STEPS, "excluded", "left"].index(step)


def _any(own: pd.DataFrame) -> str:
    total = own.iloc[-1]["n_any"]
    return "" if pd.isna(total) else str(total)


def _distress(summary: Summary, console: Console) -> None:
    """Print distress of every pair of conditions, with everybody and under each file."""
    rows = summary.sensitivity
    rows = rows[(rows["measure"] == "distress") & (rows["stage"] == "reflexive")]
    if rows.empty:
        return
    console.print()
    paragraph(console, "Distress (reflexive, 0-100), a minus b, with everyone and under each file of rules:")
    digits = digits_for(0, 100)
    told = []
    for _, row in rows.iterrows():
        numbers = ["difference", "ci_low", "ci_high"]
        difference, low, high = (float(row[name]) for name in numbers)
        _, size, size_low, size_high = effect(row)
        n = [row["n"]] if row["design"] == "within" else [row["n_a"], row["n_b"]]
        told.append(
            [
                f"{row['a']} - {row['b']}",
                str(row["file"]),
                ", ".join("-" if pd.isna(count) else str(count) for count in n),
                number(difference, digits),
                interval(low, high, digits),
                with_interval(size, size_low, size_high),
            ]
        )
    within = set(rows["design"]) == {"within"}
    sizes = {"within": "d_z", "between": "g"}
    named = " or ".join(sizes[design] for design in dict.fromkeys(rows["design"]))
    columns = [
        ("a - b", False),
        ("file", False),
        ("pairs" if within else "n a, b", True),
        ("difference", True),
    ]
    print_table(console, table([*columns, ("95 % CI", True), (f"{named} [95 % CI]", True)], told))
    paragraph(console, "Other scores: sensitivity.tsv. Who it was: excluded.tsv.")
