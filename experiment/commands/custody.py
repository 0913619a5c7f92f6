"""What may leave the laboratory, and what must no longer be there."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from experiment.commands.options import Dataset, Debug, complain
from experiment.exits import PARTLY, STOPPED


def share(
    dataset: Dataset,
    *,
    out: Annotated[Path, typer.Option(metavar="DIR", help="Folder of the copy, which must not exist yet.")],
    renumber: Annotated[
        bool,
        typer.Option(
            "--renumber",
            help="Give new codes in random order; which is whose is kept with the private files.",
        ),
    ] = False,
    debug: Debug = False,
) -> None:
    """Write a copy of a dataset that may be shared, and check it.

    It holds the tables of sessions whose participants gave permission, with what scores them; no free text,
    date, time of day, seed, record, allocation or private file. It appears whole or not at all.
    """
    del debug
    from experiment.sharing import share as share_study
    from experiment.study import study_at

    shared = share_study(study_at(dataset), out, renumber=renumber)
    for line in shared.lines:
        typer.echo(line)
    for line in shared.skipped:
        complain(line)
    if shared.skipped:
        raise typer.Exit(PARTLY)


def withdraw(
    code: Annotated[str, typer.Argument(metavar="CODE", help="Code of the participant.")],
    dataset: Dataset,
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask for the code again.")] = False,
    reason: Annotated[str, typer.Option(metavar="TEXT", help="Why, for the audit; no names.")] = "",
    by: Annotated[str, typer.Option(metavar="EXPERIMENTER", help="Experimenter's code, for the audit.")] = "",
    debug: Debug = False,
) -> None:
    """Erase a participant: tables, record, free texts, and what this computer has of them.

    What stays is the code, so that nobody is given it again, and its place in the allocation. On every other
    computer of the study 'spot recover' erases what that one has.
    """
    del debug
    from analysis.cache import forget
    from experiment.study import check_code, study_at
    from experiment.withdrawing import known_files, shared_as
    from experiment.withdrawing import withdraw as withdraw_participant

    if by:
        check_code(by, "experimenter code")
    study = study_at(dataset)
    files = known_files(study, code)
    if not yes:  # else it is told once, by what is left
        for line in shared_as(study, code):
            typer.echo(line)
    if not yes and not _confirmed(code, files, dataset):
        complain("nothing was erased")
        raise typer.Exit(STOPPED)
    done = withdraw_participant(study, code, by, reason.strip())
    forget(study.dataset)  # what an analysis on this computer kept of the dataset
    for line in done.lines:
        typer.echo(line)
    typer.echo(f"{done.files} file{'' if done.files == 1 else 's'} of '{code}' erased in {dataset} and here")
    typer.echo(f"run 'spot recover {dataset}' on every other computer that ran their sessions")
    if done.left:
        raise typer.Exit(PARTLY)


def _confirmed(code: str, files: int, dataset: Path) -> bool:
    """Return whether somebody types the code of whom they are about to erase."""
    typer.echo(f"{files} file{'' if files == 1 else 's'} of '{code}' in {dataset} and on this computer")
    try:
        typed: str = typer.prompt(
            "This cannot be undone. To erase them, type the code", default="", show_default=False
        )
    except typer.Abort:  # nobody is there to ask
        return False
    return typed.strip() == code
