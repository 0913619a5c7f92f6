"""`spot check`: every definition read, and for each game what a participant will get whatever they do."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from experiment.definitions import CONDITIONS, DefinitionError, Game, check_file
from experiment.definitions.library import KINDS, read_protocol
from experiment.definitions.reading import read
from experiment.dose import dose, render
from experiment.placeholder import placeholder

Say = Callable[[str], None]


def check_all(files: list[Path], say: Say, complain: Say) -> int:
    """Check files, or all of `conditions/`; return 0, or 2 when one of them cannot be used.

    Every file is looked at, so that one run tells of every mistake.
    """
    wrong = 0
    for file in files or sorted(f for kind in KINDS for f in (CONDITIONS / kind).glob("*.toml")):
        try:
            kind = _kind(file)
        except DefinitionError as error:
            complain(f"spot: {error}")
            wrong += 1
            continue
        say(f"{file.parent.name}/{file.name}: good")
        if kind == "games":
            for line in render(dose(read(file, Game))):
                say(f"  {line}")
        elif kind == "protocols" and (unfinished := placeholder(read_protocol(file))):
            say(f"  {unfinished}")
    return 2 if wrong else 0


def _kind(file: Path) -> str:
    if not file.is_file():
        raise DefinitionError(file, "there is no such file")
    return check_file(file)
