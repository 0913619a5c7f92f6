"""An answer to how many participants it takes: on the screen, as a table, as a figure."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
from rich.console import Console

from analysis.lines import heading, paragraph, print_table, table
from analysis.output import write_files
from analysis.power import UNIT, Question, needed, power, reached
from analysis.wording import number, with_interval
from experiment.columns import MISSING

if TYPE_CHECKING:
    from analysis.figures.figured import Figured

EFFECTS = {"between": "d", "within": "d_z", "correlation": "r"}
TESTS = {
    "between": "Welch's t between two conditions",
    "within": "the paired t within participants",
    "correlation": "Pearson's correlation",
}
COLUMNS = {
    "n": "Participants (between: per condition)",
    "power_formula": "Power by formula",
    "power_simulated": "Share of simulated studies whose test is significant",
    "ci_low": "Lower limit of Wilson's 95 % interval of that share",
    "ci_high": "Upper limit of that interval",
    "n_studies": "Simulated studies of this size",
}


@dataclass(frozen=True)
class Answer:
    """What was asked, for which powers, and the curve; in words what was simulated."""

    question: Question
    of: str
    wanted: tuple[float, ...]
    conditions: int
    table: pd.DataFrame
    simulated: str

    @property
    def title(self) -> str:
        """Return the question in a line."""
        asked = self.question
        adjusted = f", adjusted for {asked.adjusted}" if asked.adjusted else ""
        return (
            f"{self.of}: {TESTS[asked.test]}, {EFFECTS[asked.test]} = {number(asked.effect)}{adjusted}, "
            f"alpha = {asked.alpha:g}, two-sided"
        )


def _in_all(answer: Answer, n: float) -> str:
    """Return how many participants are needed in all."""
    return str(math.ceil(n) * (answer.conditions if answer.question.test == "between" else 1))


def show(answer: Answer, console: Console) -> None:
    """Print the sizes needed and the curve."""
    heading(console, "Power", answer.title)
    unit = UNIT[answer.question.test]
    rows = []
    for wanted in answer.wanted:
        n = needed(answer.question, wanted)
        rows.append([f"{100 * wanted:g} %", "formula", str(n), _in_all(answer, n)])
        by_simulation = reached(answer.table, wanted)
        if not math.isnan(by_simulation):
            rows.append(["", "simulation", f"{math.ceil(by_simulation)}", _in_all(answer, by_simulation)])
    print_table(console, table([("power", True), ("by", False), (unit, True), ("in all", True)], rows))
    console.print()
    curve = [_line(row) for row in answer.table.itertuples(index=False, name=None)]
    columns = [(unit, True), ("formula", True)]
    columns += [("simulation [95 % CI]", True)] if answer.simulated else []
    print_table(console, table(columns, curve))
    for text in notes(answer):
        paragraph(console, text)


def _line(point: tuple[int, float, float, float, float, int]) -> list[str]:
    """Return a point of the curve as it is shown."""
    n, formula, simulated, low, high, studies = point
    shown = [str(n), number(formula, 3)]
    return [*shown, with_interval(simulated, low, high, 3)] if studies else shown


def notes(answer: Answer) -> list[str]:
    """Return what has to be known to read the numbers."""
    found = [answer.simulated] if answer.simulated else []
    found.append("Nobody is lost in these numbers: add those whom you expect to lose.")
    if answer.question.test == "between" and answer.conditions > 2:
        found.append(
            f"For one pair of the {answer.conditions} conditions; in all counts every condition alike."
        )
    return found


def figure(answer: Answer) -> Figured:
    """Draw the curve."""
    from analysis.figures.figured import Figured  # noqa: PLC0415 - loads matplotlib
    from analysis.figures.style import COLOURS, COLUMN_MM, QUIET, SMALL, finish, sheet, styled  # noqa: PLC0415

    shown = answer.table
    with styled():
        drawn = sheet(COLUMN_MM * 1.25, 68)
        axes = drawn.subplots()
        counts = range(int(shown["n"].min()), int(shown["n"].max()) + 1)
        step = max(1, len(counts) // 200)
        xs = [*counts[::step], counts[-1]]
        axes.plot(xs, [power(answer.question, n) for n in xs], color=COLOURS[0], label="formula")
        rows = shown[shown["n_studies"] > 0]
        if len(rows):
            share = rows["power_simulated"]
            spread = [share - rows["ci_low"], rows["ci_high"] - share]
            axes.errorbar(
                rows["n"], share, spread, fmt="s", ms=3, color=COLOURS[1], elinewidth=0.8, label="simulation"
            )
            axes.legend(loc="lower right")
        for wanted in answer.wanted:
            axes.axhline(wanted, color=QUIET, lw=0.6, ls=(0, (4, 3)), zorder=0)
            axes.annotate(
                f"{100 * wanted:g} %: {needed(answer.question, wanted)}", (xs[0], wanted), xytext=(1, 2),
                textcoords="offset points", size=SMALL, color=QUIET,
            )  # fmt: skip
        axes.set_ylim(0, 1.02)
        axes.set_xlabel(f"n {UNIT[answer.question.test]}".replace("n participants", "participants"))
        axes.set_ylabel("power")
        finish(drawn, simulated=False)
    caption = " ".join([f"Power by sample size. {answer.title}.", *notes(answer)])
    return Figured("power", "Power by sample size", caption, drawn)


def write(answer: Answer, folder: Path) -> list[Path]:
    """Write the curve as ``power.tsv`` with a sidecar, and its figure; return the files.

    Raises
    ------
    AnalysisError
        Where a file cannot be written.
    """
    from analysis.figures.writing import write as write_figure  # noqa: PLC0415 - loads matplotlib

    lines = ["\t".join(COLUMNS)]
    lines += ["\t".join(map(_cell, row)) for row in answer.table.itertuples(index=False)]
    sidecar: dict[str, object] = {"Description": answer.title, "Notes": notes(answer)}
    sidecar |= {name: {"Description": said} for name, said in COLUMNS.items()}
    texts = {
        "power.tsv": "\n".join(lines) + "\n",
        "power.json": json.dumps(sidecar, indent=2, ensure_ascii=False) + "\n",
    }
    return [*write_files(folder, texts), *write_figure(figure(answer), folder)]


def _cell(value: float) -> str:
    return MISSING if math.isnan(value) else f"{value:.6g}"
