"""Distress and every other score by condition: on the screen, and as TSV and JSON files.

``python -m analysis.summarize DATASET [--out DIR] [--equivalence D] [--covariate NAME]``
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from rich.console import Console
from rich.progress import Progress

from analysis.dataset import Dataset, load
from analysis.errors import AnalysisError, WrongRequestError
from analysis.export import write
from analysis.plan import Plan, add_options, plan_from
from analysis.printing import console_for_summary, show, show_brief
from analysis.reading import Look
from analysis.remembered import Opened
from analysis.results import DEFAULT, Summary, summary


def summarize(
    path: str | Path,
    out: str | Path | None = None,
    console: Console | None = None,
    *,
    plan: Plan = DEFAULT,
    brief: bool = False,
) -> Summary:
    """Summarise a dataset: print it and write its files.

    Parameters
    ----------
    path
        Folder of the dataset.
    out
        Folder for the files; ``derivatives/spot`` of the dataset by default.
    console
        Where to print; standard output by default.
    plan
        What the analyst has chosen.
    brief
        Print only distress, needs and throws received; the files are the same.

    Raises
    ------
    AnalysisError
        Where there is no dataset, nothing in it, answers that cannot be, or no place to write.
    """
    _, found = analysed(path, out, plan=plan)
    (show_brief if brief else show)(found, console or console_for_summary())
    return found


def analysed(
    path: str | Path, out: str | Path | None = None, *, plan: Plan = DEFAULT, read: bool = False
) -> tuple[Opened, Summary]:
    """Summarise a dataset and write the files; parameters and errors as in `summarize`.

    With `read`, the tables are read first, and the summary is of the same state of them.
    """
    folder = folder_for(Path(path), out)
    opened = Opened(Path(path), load_watched, _summary)
    if read:
        opened.data()
    found = opened.summary(plan)
    write(found, folder)
    return opened, replace(found, written=folder)


def folder_for(path: Path, out: str | Path | None) -> Path:
    """Return where files go, which is never among the data: there they would take the place of its own."""
    derivatives = path / "derivatives"
    if out is None:
        return derivatives / "spot"
    among = Path(out).resolve().is_relative_to(path.resolve())
    if among and derivatives.resolve() not in Path(out).resolve().parents:
        raise WrongRequestError(
            f"--out {out}: lies among the data; allowed: below {derivatives}, or elsewhere"
        )
    if not among and (Path(out) / "participants.tsv").exists():
        raise WrongRequestError(f"--out {out}: is a dataset, whose description would be written over")
    return Path(out)


def load_watched(path: Path, seen: Look | None = None) -> Dataset:
    """Load a dataset, with a progress bar where somebody watches."""
    console = Console(stderr=True)
    if not console.is_terminal:
        return load(path, seen=seen)
    with Progress(console=console, transient=True) as progress:
        task = progress.add_task("Reading", total=None)
        return load(path, lambda done, total: progress.update(task, completed=done, total=total), seen)


def _summary(data: Dataset, plan: Plan) -> Summary:
    """Summarise a dataset, saying so where somebody watches: how long it takes depends on the design."""
    console = Console(stderr=True)
    if not console.is_terminal:
        return summary(data, plan)
    with console.status("Scoring and comparing"):
        return summary(data, plan)


def main(argv: Sequence[str] | None = None) -> int:
    """Run as a program; return 0, 1 (could not be done), 2 (wrong request) or 4 (some files were skipped)."""
    parser = argparse.ArgumentParser(prog="python -m analysis.summarize", description=__doc__)
    parser.add_argument("dataset", help="folder of a dataset")
    parser.add_argument("--out", help="folder for the tables (default: derivatives/spot in the dataset)")
    add_options(parser)
    given = parser.parse_args(argv)
    try:
        return summarize(given.dataset, given.out, plan=plan_from(given)).exit_code
    except AnalysisError as error:
        sys.stderr.write(f"spot: {error}\n")
        return error.exit_code


if __name__ == "__main__":
    sys.exit(main())
