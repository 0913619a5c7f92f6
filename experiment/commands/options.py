"""Options that several commands share, and what their words mean."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from experiment.stage import Corner

Data = Annotated[
    Path | None, typer.Option("--data", metavar="DIR", help="Folder of all datasets (default: data/).")
]
Dataset = Annotated[Path, typer.Argument(metavar="DATASET", help="Folder of a dataset.")]
Language = Annotated[
    str | None, typer.Option(metavar="L", help="Language of the texts (default: the protocol's).")
]
Debug = Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")]


def parse_size(text: str) -> tuple[int, int]:
    """Return the size in pixels that ``1280x720`` means."""
    width, mark, height = text.lower().partition("x")
    if not (mark and width.isdecimal() and height.isdecimal() and int(width) >= 640 and int(height) >= 480):
        raise typer.TyperException(f"--size {text} is not allowed: such as 1280x720, at least 640x480 pixels")
    return int(width), int(height)


def parse_corner(text: str) -> Corner:
    """Return the corner of the screen that a word such as ``top-left`` means."""
    from experiment.stage import CORNERS

    for corner in CORNERS:
        if text == corner:
            return corner
    raise typer.TyperException(f"--photodiode {text} is not allowed: {', '.join(CORNERS)}")


def complain(line: str) -> None:
    """Say what is wrong, on the stream for that."""
    typer.echo(f"spot: {line}", err=True)
