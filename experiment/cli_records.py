"""The commands of `spot` about sessions on record: recover, verify, replay."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from experiment.exits import FAILED, PARTLY

Debug = Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")]


def register(app: typer.Typer) -> None:
    """Add these commands to the command line."""
    app.command()(recover)
    app.command(short_help="Recompute sessions and compare: schedule, journal and tables.")(verify)


def recover(
    dataset: Annotated[Path, typer.Argument(metavar="DATASET", help="Folder of a dataset.")],
    *,
    debug: Debug = False,
) -> None:
    """Finish the tables of sessions that were cut off."""
    del debug
    from experiment.publish import recover as recover_study
    from experiment.study import study_at

    found = recover_study(study_at(dataset))
    for line in found.lines:
        typer.echo(line)
    typer.echo(f"{found.sessions} sessions; tables written in {dataset}")
    if found.unreadable:
        raise typer.Exit(PARTLY)


def verify(
    journals: Annotated[
        list[Path], typer.Argument(metavar="JOURNAL...", help="Journals, or a dataset for all of its own.")
    ],
    *,
    debug: Debug = False,
) -> None:
    """Recompute sessions from definitions, seed and inputs, and tell the first difference of each.

    Looked at are the journal's chain of hashes, the definitions kept with the dataset, every plan, throw,
    page and item, the allocation, and all tables byte for byte. A journal of another rules version is refused
    by name.
    """
    del debug
    from experiment.progress import bar
    from experiment.verifying import journals_in
    from experiment.verifying import verify as verify_journals

    files = journals_in(journals)
    with bar("verifying", len(files)) as advance:
        found = verify_journals(files, typer.echo if len(files) == 1 else _silent, advance)
    for line in [*found.differences, *found.refused]:
        typer.echo(f"spot: {line}", err=True)
    rest = [
        (len(found.differences), "differs", "differ"),
        (len(found.refused), "was refused", "were refused"),
    ]
    words = [f"{many} {one if many == 1 else more}" for many, one, more in rest if many]
    are = "is" if found.same == 1 else "are"
    typer.echo("; ".join([f"{found.same} of {len(files)} sessions {are} as recomputed", *words]))
    if found.differences or not found.same:
        raise typer.Exit(FAILED)
    if found.refused:
        raise typer.Exit(PARTLY)


def _silent(_line: str) -> None:
    """Say nothing: among many, only those that differ are named."""
