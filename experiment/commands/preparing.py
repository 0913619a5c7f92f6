"""Before a study: check definitions and this computer, simulate, import, see it all once."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from experiment.commands.options import Data, Debug, Language, complain, parse_size
from experiment.exits import WRONG


def check(
    files: Annotated[
        list[str] | None,
        typer.Argument(metavar="FILE", help="Definition files, or names (default: all in conditions/)."),
    ] = None,
    *,
    plot: Annotated[
        Path | None,
        typer.Option("--plot", metavar="FILE", help="Draw what the one game given gives (.png, .svg, .pdf)."),
    ] = None,
    machine: Annotated[
        bool, typer.Option("--machine", help="Check this computer instead: frames, keys, clocks, disks.")
    ] = False,
    auto: Annotated[
        bool, typer.Option("--auto", help="With --machine: ask nobody to press anything.")
    ] = False,
    data: Annotated[
        Path | None,
        typer.Option("--data", metavar="DATASET", help="With --machine: keep the result in this dataset."),
    ] = None,
    screen: Annotated[
        int | None, typer.Option(metavar="N", min=0, help="With --machine: which monitor (default: 0).")
    ] = None,
    size: Annotated[
        str | None, typer.Option(metavar="WxH", help="With --machine: size of the window (default: full).")
    ] = None,
    seconds: Annotated[
        int | None,
        typer.Option(metavar="S", min=1, max=600, help="With --machine: how long to watch (default: 20)."),
    ] = None,
    debug: Debug = False,
) -> None:
    """Check definitions, and say for each game what a participant will get whatever they do.

    With --machine, check this computer before it is used in a study: docs/machine.md says what is looked at.
    """
    del debug
    how = {"--auto": auto or None, "--data": data, "--screen": screen, "--size": size, "--seconds": seconds}
    if machine:
        if files or plot:
            raise typer.TyperException("--machine checks this computer, and takes neither FILE nor --plot")
        raise typer.Exit(_check_machine(screen or 0, size, seconds or 20, data, auto=auto))
    for name, given in how.items():
        if given is not None:
            raise typer.TyperException(f"{name} says how to check this computer: it needs --machine")
    from experiment.checking import check_all

    raise typer.Exit(check_all(files or [], typer.echo, lambda line: typer.echo(line, err=True), plot))


def _check_machine(screen: int, size: str | None, seconds: int, dataset: Path | None, *, auto: bool) -> int:
    from experiment.machine.checkup import Wanted, Window, check_machine
    from experiment.stage import StageError, StageSettings, open_stage
    from experiment.stage.trying import told_by_system

    size_px = parse_size(size) if size else None
    settings = StageSettings(screen, size_px, title="Check of this computer", require_keyboard=False)
    window = Window(
        lambda interruptions: open_stage(settings, interruptions), lambda: told_by_system(screen), StageError
    )
    return check_machine(window, Wanted(seconds, auto, dataset), typer.echo)


def simulate(
    protocol: Annotated[str, typer.Argument(metavar="PROTOCOL", help="Name of a protocol, or its file.")],
    *,
    participants: Annotated[int, typer.Option("-n", metavar="N", min=1, max=100_000, help="How many.")],
    seed: Annotated[int, typer.Option(metavar="S", min=0, help="Seed; the same gives the same bytes.")] = 1,
    data: Data = None,
    jobs: Annotated[
        int,
        typer.Option(metavar="J", min=1, help="Processes (default: one for each core).", show_default=False),
    ] = os.cpu_count() or 1,
    language: Language = None,
    effect: Annotated[
        float,
        typer.Option(
            metavar="K", min=0, max=3, help="How strongly exclusion works on them; 1: as published."
        ),
    ] = 1.0,
    overlap: Annotated[
        float,
        typer.Option(
            metavar="O", min=0, max=1, help="How far who suffers from exclusion is sensitive to pain too."
        ),
    ] = 0.0,
    debug: Debug = False,
) -> None:
    """Simulate participants through the same session code, marked as simulated in every file."""
    del debug
    from experiment.progress import bar
    from experiment.simulate import Simulation
    from experiment.simulate import simulate as simulate_study
    from experiment.study import DATA

    simulation = Simulation(protocol, participants, seed, data or DATA, language, effect, overlap)
    with bar("simulating", participants) as advance:
        study = simulate_study(simulation, jobs=jobs, progress=advance)
    typer.echo(study.dataset)


def import_(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="Settings (.txt), an experiment (.cbe), or a link (.txt).")
    ],
    *,
    schedule: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Schedule file of Cyberball 3 or 4 (default: found beside FILE)."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Folder of the game files (default: conditions/games).")
    ] = None,
    name: Annotated[
        str | None, typer.Option(metavar="NAME", help="Name of the game file (default: FILE's name).")
    ] = None,
    language: Annotated[str, typer.Option(metavar="L", help="Language of what is said in the game.")] = "en",
    debug: Debug = False,
) -> None:
    """Turn a file of another program into game files that play the same.

    What has no counterpart is told line by line. Where anything would play differently, or cannot be read,
    nothing is written. docs/imports.md says what is read, and how.
    """
    del debug
    from experiment.definitions.library import CONDITIONS
    from experiment.importing import ImportingError
    from experiment.importing.writing import Target, import_file

    try:
        import_file(file, schedule, Target(out or CONDITIONS / "games", name, language), typer.echo)
    except ImportingError as error:
        for line in error.lines:
            complain(line)
        raise typer.Exit(WRONG) from error


def import_ratings(
    table: Annotated[
        Path, typer.Argument(metavar="TABLE", help="Answers collected elsewhere: CSV, TSV or XLSX.")
    ],
    *,
    mapping: Annotated[
        Path, typer.Option("--map", metavar="FILE", help="Which column holds what (docs/ratings.md).")
    ],
    data: Data = None,
    debug: Debug = False,
) -> None:
    """Turn a table of answers into a dataset, which is then scored, tested and reported like any other.

    Only the columns that the mapping file names are read. Where anything in them cannot be used, nothing is
    written, and it is named by line and column.
    """
    del debug
    from experiment.ratings.errors import RatingsError
    from experiment.ratings.importing import import_ratings as import_table
    from experiment.study import DATA

    try:
        done = import_table(table, mapping, data or DATA)
    except RatingsError as error:
        for line in str(error).splitlines():
            complain(line)
        raise typer.Exit(WRONG) from error
    for note in done.notes:
        typer.echo(f"note: {note}")
    if done.key is not None:
        typer.echo(f"codes: participants are numbered anew; which is whose stands in {done.key}")
    typer.echo(
        f"{done.participants} participants, {done.forms} forms; {done.permitted} let their data be used"
    )
    typer.echo(done.dataset)


def demo(
    *,
    data: Annotated[
        Path | None, typer.Option("--data", metavar="DIR", help="Where (default: out/demo).")
    ] = None,
    size: Annotated[str, typer.Option(metavar="WxH", help="Size of the window.")] = "1280x720",
    participants: Annotated[int, typer.Option("-n", metavar="N", min=4, help="Simulated participants.")] = 60,
    debug: Debug = False,
) -> None:
    """Play a short session by itself in a real window, simulate a small study, and summarise it."""
    del debug
    from experiment.demo import show

    raise typer.Exit(show(data, parse_size(size), participants, typer.echo))
