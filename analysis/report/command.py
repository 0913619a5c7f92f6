"""The command: tables, figures and report of a dataset, written in one go."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console

from analysis import report
from analysis.dataset import Dataset
from analysis.errors import AnalysisError
from analysis.plan import Plan, add_options, plan_from
from analysis.results import DEFAULT, Summary
from analysis.summarize import analysed

NAME = "report.html"


def write_all(path: str | Path, file: str | Path | None = None, plan: Plan = DEFAULT) -> tuple[Summary, Path]:
    """Write tables, figures and report of a dataset; return the numbers and the file of the report.

    Parameters
    ----------
    path
        Folder of the dataset. Tables go to its ``derivatives/spot``, figures to ``figures`` in there.
    file
        The report; ``report.html`` beside the tables by default.
    plan
        What the analyst has chosen.

    Raises
    ------
    AnalysisError
        Where there is no dataset, nothing in it, answers that cannot be, or no place to write.
    """
    opened, found = analysed(path, plan=plan, read=True)
    folder = found.written or found.path
    target = Path(file) if file is not None else folder / NAME
    with _told("Drawing the figures and writing the report"):
        _write(opened.data(), found, folder / "figures", target)
    return found, target


def _write(data: Dataset, found: Summary, figures: Path, target: Path) -> None:
    from analysis.figures import all_figures, write  # noqa: PLC0415 - matplotlib, a second to import

    drawn = list(all_figures(found, data))
    write(drawn, figures)
    report.put(report.html(data, found, drawn), target)


@contextmanager
def _told(what: str) -> Iterator[None]:
    """Show that something goes on where somebody watches, and nothing in a pipe."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield
        return
    with console.status(f"{what} ..."):
        yield


def main(argv: Sequence[str] | None = None) -> int:
    """Run as a program; return 0, 1 (could not be done), 2 (wrong request) or 4 (some files were skipped)."""
    parser = argparse.ArgumentParser(prog="python -m analysis.report", description=__doc__)
    parser.add_argument("dataset", help="folder of a dataset")
    parser.add_argument("--out", help="file of the report (default: derivatives/spot/report.html)")
    add_options(parser)
    given = parser.parse_args(argv)
    try:
        found, file = write_all(given.dataset, given.out, plan_from(given))
    except AnalysisError as error:
        sys.stderr.write(f"spot: {error}\n")
        return error.exit_code
    sys.stdout.write(f"report   {file}\ntables   {found.written}\n")
    if found.skipped:
        sys.stderr.write(f"spot: {len(found.skipped)} files were left out; left_out.tsv names them\n")
    return found.exit_code
