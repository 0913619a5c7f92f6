"""A study as it goes: who is next, and the tables of sessions that were cut off."""

from __future__ import annotations

from typing import Annotated

import typer

from experiment.commands.options import Dataset, Debug, complain
from experiment.exits import PARTLY


def roster(
    dataset: Dataset,
    *,
    unblind: Annotated[
        bool, typer.Option("--unblind", help="Show the cells too; that goes on record (needs --by).")
    ] = False,
    replace: Annotated[
        str,
        typer.Option(
            metavar="CODE",
            help="Give this dropout's slot to the next new participant (needs --reason and --by).",
        ),
    ] = "",
    reason: Annotated[str, typer.Option(metavar="TEXT", help="Why, for the audit; no names.")] = "",
    by: Annotated[str, typer.Option(metavar="EXPERIMENTER", help="Experimenter's code, for the audit.")] = "",
    debug: Debug = False,
) -> None:
    """Show who is done, running, cut off and next, without the cells.

    Whoever is replaced keeps their cell and their data. Every claim, replacement and look at the cells stands
    in sourcedata/allocation/audit.tsv.
    """
    del debug
    from experiment.roster import Wish
    from experiment.roster import roster as show_roster
    from experiment.study import study_at

    wish = Wish(unblind=unblind, replace=replace, by=by, reason=reason)
    if not show_roster(study_at(dataset), wish, typer.echo, complain):
        raise typer.Exit(PARTLY)


def recover(
    dataset: Dataset,
    *,
    debug: Debug = False,
) -> None:
    """Finish the tables of sessions that were cut off."""
    del debug
    from experiment.recovering import recover as recover_study
    from experiment.study import study_at

    found = recover_study(study_at(dataset))
    for line in found.lines:
        typer.echo(line)
    typer.echo(f"{found.sessions} session{'' if found.sessions == 1 else 's'}; tables written in {dataset}")
    if found.partly:
        raise typer.Exit(PARTLY)
