"""A session on record: recomputed and compared, or shown again."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from experiment.commands.options import Debug, complain, parse_size
from experiment.exits import FAILED, PARTLY

EXAMPLE = "sourcedata/sub-001/ses-01/sub-001_ses-01_journal.jsonl below it"


def verify(
    journals: Annotated[
        list[Path], typer.Argument(metavar="JOURNAL", help="Journals, or a dataset for all of its own.")
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
        complain(line)
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


def replay(
    journal: Annotated[
        Path, typer.Argument(metavar="JOURNAL", help="Journal of a session, in its dataset's sourcedata.")
    ],
    *,
    speed: Annotated[
        float, typer.Option(metavar="X", min=0.1, max=100, help="How many times as fast as it was.")
    ] = 1.0,
    run: Annotated[
        int | None, typer.Option("--run", metavar="N", min=1, help="Begin with this run of the game.")
    ] = None,
    skip: Annotated[
        float | None,
        typer.Option(metavar="S", min=0.5, help="Cut waits in which nothing changes to this (s)."),
    ] = None,
    screen: Annotated[int, typer.Option(metavar="N", min=0, help="Which monitor (0 is the first).")] = 0,
    size: Annotated[
        str | None, typer.Option(metavar="WxH", help="Size of the window in pixels (default: full screen).")
    ] = None,
    unblind: Annotated[
        bool, typer.Option("--unblind", help="Name the condition of each run on the terminal.")
    ] = False,
    debug: Debug = False,
) -> None:
    """Show a recorded session again, frame by frame, for training and for checking how it went.

    Space holds and goes on, the right arrow passes to the next step, + and - change the speed, Escape ends.
    Nothing is written. Photographs are shown where this computer has them; free texts never are.
    """
    del debug
    from experiment.journal import read
    from experiment.playback import Pace, Playback
    from experiment.replaying import check_run
    from experiment.replaying import replay as replay_session
    from experiment.stage.projector import open_projector
    from experiment.study import StudyError
    from experiment.verifying import dataset_of, kept_definitions

    size_px = parse_size(size) if size else None
    if journal.is_dir():
        raise StudyError(f"{journal}: is a folder; name one journal, such as {EXAMPLE}")
    recorded = read(journal)
    if run is not None:
        check_run(recorded, run)
    resolved = kept_definitions(dataset_of(journal), recorded)
    name = f"sub-{recorded.header['participant']} ses-{recorded.header['session']}"
    with open_projector(screen, size_px, f"Replay of {name}") as projector:
        playback = Playback(projector, name, Pace(speed), skip, run, unblind, typer.echo)
        code = replay_session(recorded, resolved, playback, complain)
    raise typer.Exit(code)


def _silent(_line: str) -> None:
    """Say nothing: among many, only those that differ are named."""
