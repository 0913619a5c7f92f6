"""Pain beside distress on the screen: what was asked, what was found, and what n can carry."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
from rich.console import Console

from analysis.lines import heading, line, paragraph, print_table, table
from analysis.overlap import EFFECTS, POWERS, Overlap
from analysis.overlap_texts import (
    CAUTIONS,
    HURT,
    QUESTIONS,
    SMALLEST_CLAIM,
    WIDEST,
    cannot_carry,
    level_name,
    score_name,
)
from analysis.slopes import COMMON, INTERACTION
from analysis.wording import bayes, f_value, number, p_equals, p_value, sentence, t_value, with_interval

PAIR = ["x_measure", "x_subscale", "x_stage", "y_measure", "y_subscale", "y_stage"]
CLAIM_POWER = 0.80


def show(found: Overlap, console: Console, path: Path, *, simulated: bool) -> None:
    """Print an overlap analysis."""
    line(console, f"Overlap of social and physical pain in {path}", style="bold")
    if simulated:
        line(
            console, "SIMULATED: these participants are answers of a model, not people.", style="bold yellow"
        )
    for kind, question in QUESTIONS.items():
        own = found.correlations[found.correlations["kind"] == kind]
        if own.empty:
            continue
        heading(console, question.title)
        paragraph(console, question.prediction)
        for _, rows in own.groupby(PAIR, sort=False):
            _pair(rows, kind, found, console)
    _differences(found, console)
    _models(found, console)
    _comparisons(found, console)
    _needed(found, console)
    heading(console, "How to read this")
    for text in (*found.notes, *warnings(found), *CAUTIONS, *([HURT] if has_hurt(found) else [])):
        paragraph(console, text, "- ")


def claim_size(found: Overlap) -> int:
    """Return how many participants a correlation of `SMALLEST_CLAIM` takes, as the table has it."""
    rows = found.needed
    own = rows[(rows["r"] == SMALLEST_CLAIM) & (rows["power"] == CLAIM_POWER) & (rows["adjusted"] == 0)]
    return int(own["n"].iloc[0])


def has_hurt(found: Overlap) -> bool:
    """Return whether hurt feelings are among the variables."""
    return any(variable.role == "hurt" for pair in found.pairs for variable in (pair.x, pair.y))


def called(row: pd.Series, end: str) -> str:
    """Return how a variable of a pair is called."""
    measure, score = (
        str(row[f"{end}_measure"]),
        score_name(str(row[f"{end}_measure"]), row[f"{end}_subscale"]),
    )
    return f"{measure}{' ' if score else ''}{score} ({row[f'{end}_stage']})".replace("_", " ")


def text_of(row: pd.Series, column: str) -> str:
    """Return a text; empty where there is none."""
    return "" if pd.isna(row[column]) else str(row[column])


def named(row: pd.Series) -> str:
    """Return how the level of a row is called."""
    return level_name(str(row["over"]), text_of(row, "condition"), text_of(row, "adjusted_for"))


def verdict(row: pd.Series, sign: int) -> str:
    """Say which way a correlation goes where its interval leaves zero out, whatever was expected."""
    low, high = float(row["ci_low"]), float(row["ci_high"])
    if math.isnan(low):
        return "too few participants, or no variance, for a correlation"
    if low <= 0 <= high:
        return "no clear correlation either way"
    way = "higher with higher" if row["r"] > 0 else "lower with higher"
    if not sign:
        return way
    same = sign * float(row["r"]) > 0
    return f"{way}, {'the direction that' if same else 'the opposite of what'} overlap predicts"


def said(row: pd.Series, sign: int) -> str:
    """Return a correlation in a sentence, with what its n would have found."""
    start = f"{called(row, 'y')} and {called(row, 'x')}, {named(row)}: {verdict(row, sign)}"
    if math.isnan(row["ci_low"]):
        return f"{start} (n = {int(row['n'])})."
    r = with_interval(row["r"], row["ci_low"], row["ci_high"])
    test = f"{t_value(row['t'], row['df'])}, {p_equals(row['p'])}, {bayes(row['log10_bf10'])}"
    return (
        f"{start}; r = {r}, {test}, n = {int(row['n'])}. This n finds a correlation of "
        f"{number(row['detectable'])} with a power of .80; smaller ones mostly escape it."
    )


def principal(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of a pair that answer its question: together where there is that, else by condition."""
    together = rows[rows["over"].isin(["adjusted", "between_persons", "within_person"])]
    return together if len(together) else rows[rows["over"] == "condition"]


def warnings(found: Overlap) -> Iterator[str]:
    """Yield where n cannot carry a claim: each level with the fewest participants of any pair there."""
    needed = claim_size(found)
    weak: dict[str, int] = {}
    rows = found.correlations
    for _, row in rows[rows["kind"].isin(["sensitivity", "pain"]) & (rows["over"] != "partial")].iterrows():
        size = float(row["n"]) if math.isnan(row["df"]) else float(row["df"]) + 2
        if cannot_carry(size, float(row["half_width"]), needed):
            weak[named(row)] = min(int(row["n"]), weak.get(named(row), int(row["n"])))
    if weak:
        listed = "; ".join(f"{level} (n = {n})" for level, n in weak.items())
        yield (
            f"WARNING: {listed}: fewer participants than the {needed} that a correlation of "
            f"{SMALLEST_CLAIM:g} takes, or an interval wider than {WIDEST:.2f} to either side. That carries "
            "no claim of overlap, and none of its absence."
        )


def _pair(rows: pd.DataFrame, kind: str, found: Overlap, console: Console) -> None:
    console.print()
    for _, row in principal(rows).iterrows():
        paragraph(console, said(row, QUESTIONS[kind].sign))
    lines = [
        [
            named(row),
            str(int(row["n"])),
            with_interval(row["r"], row["ci_low"], row["ci_high"]),
            p_value(row["p"]),
            bayes(row["log10_bf10"]).removeprefix("BF10 ").removeprefix("= "),
            with_interval(row["rho"], row["rho_low"], row["rho_high"]),
            f"{int(row['n_missing'])} / {int(row['n_censored'])}",
        ]
        for _, row in rows.iterrows()
    ]
    columns = [("", False), ("n", True), ("r [95 % CI]", True), ("p", True), ("BF10", True)]
    columns += [("rho [95 % CI]", True), ("missing / censored", True)]
    print_table(console, table(columns, lines))
    own = found.slopes
    for name in ["kind", *PAIR]:
        own = own[own[name] == rows.iloc[0][name]]
    for _, row in own[own["term"] == INTERACTION].iterrows():
        if not math.isnan(row["f"]):
            told = own[~own["term"].isin([INTERACTION, COMMON]) & ~own["term"].str.contains(" - ")]
            each = [
                f"{slope['term']} {with_interval(slope['slope'], slope['ci_low'], slope['ci_high'])}"
                for _, slope in told.iterrows()
            ]
            common = own[own["term"] == COMMON].iloc[0]
            clear = "depends on" if row["p"] < 0.05 else "does not clearly depend on"
            paragraph(
                console,
                f"The slope {clear} the condition, {f_value(row)} (HC3): {'; '.join(each)}; the same for "
                f"all {with_interval(common['slope'], common['ci_low'], common['ci_high'])}, "
                f"{t_value(common['t'], common['df'])}, {p_equals(common['p'])}.",
            )


def _differences(found: Overlap, console: Console) -> None:
    if found.differences.empty:
        return
    heading(console, "Does distress go with pain more than with the control rating?")
    paragraph(
        console,
        "Overlap predicts a positive difference of the two correlations; a way of answering predicts none.",
    )
    columns = [("", False), ("n", True), ("r pain", True), ("r control", True)]
    columns += [("difference [95 % CI]", True), ("Williams", True), ("p", True)]
    for _, own in found.differences.groupby(PAIR, sort=False, dropna=False):
        first = own.iloc[0]
        console.print()
        paragraph(console, f"{called(first, 'x')} with {called(first, 'y')}, and with the control rating")
        rows = [
            [
                named(row), str(int(row["n"])), number(row["r_pain"]), number(row["r_control"]),
                with_interval(row["difference"], row["ci_low"], row["ci_high"]), t_value(row["t"], row["df"]),
                p_value(row["p"]),
            ]
            for _, row in own.iterrows()
        ]  # fmt: skip
        print_table(console, table(columns, rows))


def _models(found: Overlap, console: Console) -> None:
    rows = found.terms[found.terms["term"].astype(str).str.startswith("distress")]
    if rows.empty:
        return
    heading(
        console, "Ratings of single stimuli", "multilevel model: distress, condition, number of the stimulus"
    )
    lines = [
        [
            str(row["outcome"]), called(row, "x"), str(row["term"]),
            with_interval(row["estimate"], row["ci_low"], row["ci_high"], 3), t_value(row["t"], row["df"]),
            p_value(row["p"]),
        ]
        for _, row in rows.iterrows()
    ]  # fmt: skip
    columns = [("rating", False), ("distress", False), ("term", False), ("per unit [95 % CI]", True)]
    print_table(console, table([*columns, ("t", True), ("p", True)], lines))
    for note in dict.fromkeys(found.models["note"].dropna()):
        paragraph(console, f"A model that is not there: {note}.")


def _comparisons(found: Overlap, console: Console) -> None:
    if found.comparisons.empty:
        return
    heading(
        console,
        "Does the condition change pain?",
        "two-sided; exclusion has been seen to heighten and to numb it",
    )
    for _, row in found.comparisons.iterrows():
        what = f"{row['measure']} ({row['stage']})".replace("_", " ")
        paragraph(console, sentence(row, what, 0.0, 10.0))


def _needed(found: Overlap, console: Console) -> None:
    heading(console, "How many participants a correlation takes", "Fisher's z, two-sided .05")
    adjusted = sorted(set(found.needed["adjusted"]))
    asked = [(k, power) for k in adjusted for power in POWERS]
    columns = [("r", True)]
    columns += [(f"power {power:.2f}" + (f", adjusted for {k}" if k else ""), True) for k, power in asked]
    counts = found.needed.set_index(["r", "adjusted", "power"])["n"]
    rows = [[f"{r:.1f}", *(f"{counts[r, k, power]}" for k, power in asked)] for r in EFFECTS]
    print_table(console, table(columns, rows))
