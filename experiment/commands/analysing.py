"""From a dataset to numbers: `analysis` does the work and reads the words, as ``python -m`` does."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from experiment.commands.options import Dataset, Debug

Equivalence = Annotated[
    str | None,
    typer.Option(metavar="D", help="Bound of the tests of equivalence, in standard deviations (0.5)."),
]
Covariates = Annotated[
    list[str] | None,
    typer.Option("--covariate", metavar="NAME", help="Adjust the mixed models for this; may be repeated."),
]

Exclusions = Annotated[
    list[str] | None,
    typer.Option(
        metavar="NAME|FILE", help="Compare again without those whom these rules leave out; repeatable."
    ),
]


def words(dataset: Path, **options: object) -> list[str]:
    """Return a dataset and options as words of a command line; those that were not given are left out."""
    found = [str(dataset)]
    for name, value in options.items():
        for each in value if isinstance(value, list) else [value]:
            found += [] if each is None else [f"--{name}", str(each)]
    return found


def summarize(
    dataset: Dataset,
    *,
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Where tables go (default: derivatives/spot).")
    ] = None,
    equivalence: Equivalence = None,
    covariate: Covariates = None,
    exclusions: Exclusions = None,
    debug: Debug = False,
) -> None:
    """Print distress and every other score by condition, and write the tables."""
    del debug
    from analysis.summarize import main as summarize_main

    options = {"equivalence": equivalence, "covariate": covariate, "exclusions": exclusions}
    raise typer.Exit(summarize_main(words(dataset, out=out, **options)))


def overlap(
    dataset: Dataset,
    *,
    out: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Where tables and figures go (default: derivatives/spot)."),
    ] = None,
    covariate: Annotated[
        list[str] | None,
        typer.Option(
            "--covariate",
            metavar="NAME",
            help="Adjust partial correlations for this too; may be repeated.",
        ),
    ] = None,
    equivalence: Equivalence = None,
    debug: Debug = False,
) -> None:
    """Lay pain beside distress: correlations within conditions, slopes, discriminant tests, needed N.

    A dataset needs distress and a measure of pain: a threshold before the game, ratings of stimuli in it, or
    a rating after it. Every test has two sides; conditions are never pooled without adjusting for them.
    """
    del debug
    from analysis.overlapping import main as overlap_main

    raise typer.Exit(overlap_main(words(dataset, out=out, covariate=covariate, equivalence=equivalence)))


def report(
    dataset: Dataset,
    *,
    out: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="The report (default: derivatives/spot/report.html)."),
    ] = None,
    equivalence: Equivalence = None,
    covariate: Covariates = None,
    exclusions: Exclusions = None,
    debug: Debug = False,
) -> None:
    """Write one self-contained HTML page that reads like a results section, and the tables and figures.

    Design, flow, checks, reliability, distress by condition and all else, in words, tables and figures. The
    page needs no network and prints well. Tables and figures go to derivatives/spot of the dataset.
    """
    del debug
    from analysis.report.command import main as report_main

    options = {"equivalence": equivalence, "covariate": covariate, "exclusions": exclusions}
    raise typer.Exit(report_main(words(dataset, out=out, **options)))
