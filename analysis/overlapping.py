"""Pain beside distress: on the screen, as TSV and JSON files, as figures.

``python -m analysis.overlapping DATASET [--out DIR] [--covariate NAME] [--equivalence D]``
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from analysis.covariates import covariates
from analysis.dataset import Dataset
from analysis.errors import AnalysisError, WrongRequestError
from analysis.export import description, table_files
from analysis.flow import permitted
from analysis.meanings import overlap_sidecar
from analysis.output import write_files
from analysis.overlap import Overlap, overlap
from analysis.overlap_words import show
from analysis.plan import Plan, add_covariate, add_equivalence, plan_from
from analysis.printing import console_for_summary
from analysis.results import DEFAULT, all_scores
from analysis.runs import played
from analysis.summarize import folder_for, load_watched

FIGURES = "figures"


def of_dataset(data: Dataset, plan: Plan = DEFAULT) -> Overlap:
    """Return the overlap analysis of a dataset: of everyone who permits the use of their data.

    Raises
    ------
    AnalysisError
        Where nothing in it is pain and distress; the message says what is there.
    """
    used = permitted(data)
    runs = played(used.throws, used.phases, used.sessions, used.protocols)
    ratings = used.ratings[used.ratings["measure"].isin(list(used.measures))]
    made, problems = all_scores(used, ratings, runs)
    names = tuple(name for name in plan.covariates if name != "baseline")
    if len(names) < len(plan.covariates):
        raise WrongRequestError(
            "--covariate baseline: adjusts the mixed models of scores; mood before the game is taken anyway"
        )
    found = overlap(
        made,
        used.sessions,
        used.participants,
        used.conditions,
        further=covariates(used, names),
        equivalence=plan.equivalence,
    )
    if not found.tables():
        told = "; ".join([*found.notes, *problems])
        roles = ", ".join(sorted(set(made["role"].astype(str)))) or "none"
        raise AnalysisError(
            f"{data.path}: has no pain beside distress to compare: a measure of role pain or "
            "pain_sensitivity, and one of distress, distress_rating or hurt, are needed; roles here: "
            f"{roles}" + (f" ({told})" if told else "")
        )
    return found


def analysed(
    path: str | Path, out: str | Path | None = None, console: Console | None = None, plan: Plan = DEFAULT
) -> tuple[Dataset, Overlap]:
    """Lay pain beside distress in a dataset: print it, and write its tables and figures.

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

    Raises
    ------
    AnalysisError
        Where there is no dataset, no pain or no distress in it, or no place to write.
    """
    folder = folder_for(Path(path), out)
    data = load_watched(Path(path))
    if data.sessions.empty:
        raise AnalysisError(f"{path}: has no session to analyse")
    found = of_dataset(data, plan)
    printed = console or console_for_summary()
    show(found, printed, data.path, simulated=data.simulated)
    _write(found, data, folder)
    printed.print()
    printed.print(f"Tables (TSV, JSON) and figures: {folder}", soft_wrap=True)
    return data, found


def _write(found: Overlap, data: Dataset, folder: Path) -> None:
    """Write tables, sidecars and figures, and what makes the folder a derivative where nothing has yet."""
    from analysis.figures import write as write_figures  # noqa: PLC0415 - matplotlib, a second to import
    from analysis.figures.overlaps import overlaps  # noqa: PLC0415

    files: dict[str, str] = {}
    for name, table in found.tables().items():
        files |= table_files(name, table, overlap_sidecar(table.columns))
    ignored = folder / ".bidsignore"
    lines = ignored.read_text(encoding="utf-8").splitlines() if ignored.exists() else []
    files[".bidsignore"] = "\n".join(dict.fromkeys([*lines, *files, f"{FIGURES}/"])) + "\n"
    if not (folder / "dataset_description.json").exists():
        files["dataset_description.json"] = (
            json.dumps(description(simulated=data.simulated), indent=2, ensure_ascii=False) + "\n"
        )
    write_files(folder, files)
    write_figures(overlaps(found, data.conditions, simulated=data.simulated), folder / FIGURES)


def main(argv: Sequence[str] | None = None) -> int:
    """Run as a program; return 0, 1 (could not be done), 2 (wrong request) or 4 (some files were skipped)."""
    parser = argparse.ArgumentParser(prog="python -m analysis.overlapping", description=__doc__)
    parser.add_argument("dataset", help="folder of a dataset")
    parser.add_argument("--out", help="folder for the tables (default: derivatives/spot in the dataset)")
    add_covariate(parser, "adjust partial correlations for this too (such as handedness)")
    add_equivalence(parser, "for pain by condition")
    parser.set_defaults(exclusions=[])
    given = parser.parse_args(argv)
    try:
        data, _ = analysed(given.dataset, given.out, plan=plan_from(given))
    except AnalysisError as error:
        sys.stderr.write(f"spot: {error}\n")
        return error.exit_code
    if data.skipped:
        sys.stderr.write(f"spot: {len(data.skipped)} files were left out; 'spot summarize' names them\n")
    return 4 if data.skipped else 0


if __name__ == "__main__":
    sys.exit(main())
