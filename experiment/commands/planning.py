"""Before a study: how many participants it takes."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from experiment.commands.options import Debug, complain

OUT = Path(__file__).resolve().parents[2] / "out" / "power"
USUAL = (0.8, 0.9)


def power(
    protocol: Annotated[
        str | None, typer.Argument(metavar="PROTOCOL", help="Name of a protocol, or its file.")
    ] = None,
    *,
    effect: Annotated[
        float | None,
        typer.Option(metavar="D", help="Effect between two conditions: d between, d_z within participants."),
    ] = None,
    correlation: Annotated[
        float | None, typer.Option(metavar="R", help="Instead of two conditions: a correlation of this size.")
    ] = None,
    adjusted: Annotated[
        int,
        typer.Option(
            metavar="K", min=0, help="Numbers that the correlation is adjusted for (conditions - 1)."
        ),
    ] = 0,
    on: Annotated[
        str, typer.Option(metavar="SCORE", help="Which score, as measure:score:stage.")
    ] = "distress:index:reflexive",
    a: Annotated[
        str | None, typer.Option("--a", metavar="NAME", help="Condition (default: the second).")
    ] = None,
    b: Annotated[
        str | None, typer.Option("--b", metavar="NAME", help="Condition taken from it (default: the first).")
    ] = None,
    wanted: Annotated[
        list[float] | None,
        typer.Option("--power", metavar="P", help="Power wanted; may be repeated (.8, .9)."),
    ] = None,
    alpha: Annotated[float, typer.Option(metavar="A", help="Level of the two-sided test.")] = 0.05,
    n: Annotated[
        list[int] | None, typer.Option("-n", metavar="N", min=2, help="Sizes of the curve; may be repeated.")
    ] = None,
    formula: Annotated[
        bool, typer.Option("--formula", help="By formula alone, nothing is simulated.")
    ] = False,
    pool: Annotated[
        int,
        typer.Option(
            metavar="N", min=20, help="Simulated participants per condition, from whom studies come."
        ),
    ] = 100,
    studies: Annotated[
        int, typer.Option(metavar="N", min=100, max=1_000_000, help="Studies of each size.")
    ] = 10_000,
    seed: Annotated[int, typer.Option(metavar="S", min=0, help="The same seed gives the same numbers.")] = 1,
    jobs: Annotated[
        int, typer.Option(metavar="J", min=1, help="Processes (default: all cores).", show_default=False)
    ] = os.cpu_count() or 1,
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Where curve and figure go (default: out/power).")
    ] = None,
    debug: Debug = False,
) -> None:
    """Say how many participants a test takes, by formula and by simulating the protocol.

    The protocol is simulated so that its scores show the effect asked for. Studies of each size are drawn
    from these participants, and the share of significant tests is the power: items, ends of scales, unequal
    spread and all. A correlation needs no protocol.
    """
    del debug
    from analysis.errors import AnalysisError
    from analysis.power_words import show, write
    from analysis.printing import console_for_summary
    from experiment.powering import Request, answer

    if (effect is None) == (correlation is None) or (correlation is not None and protocol is not None):
        raise typer.TyperException("give PROTOCOL and --effect D, or --correlation R alone")
    if effect is not None and protocol is None:
        raise typer.TyperException("PROTOCOL is missing; see 'spot power --help'")
    if adjusted and correlation is None:
        raise typer.TyperException("--adjusted goes with --correlation")
    request = Request(
        protocol=protocol,
        effect=effect if correlation is None else correlation,
        adjusted=adjusted,
        score=on,
        pair=(a, b),
        powers=tuple(sorted(set(wanted or USUAL))),
        alpha=alpha,
        sizes=tuple(sorted(set(n or ()))),
        simulated=not formula,
        pool=pool,
        studies=studies,
        seed=seed,
        jobs=jobs,
    )
    try:
        found = answer(request, _to_stderr)
        show(found, console_for_summary())
        files = write(found, out or OUT)
    except AnalysisError as error:
        complain(str(error))
        raise typer.Exit(error.exit_code) from error
    typer.echo(f"\nCurve and figure: {files[0].parent}")


def _to_stderr(line: str) -> None:
    """Say how it goes, apart from the answer."""
    typer.echo(line, err=True)
