"""`spot import`: reads a file of another program and writes game files, all of them or none."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path, PureWindowsPath

from experiment.definitions.reading import MAX_BYTES
from experiment.definitions.wording import LANGUAGE, NAME
from experiment.files import create_exclusively
from experiment.importing.converting import LONGEST_NAME, Conversion, convert
from experiment.importing.cyberball3 import schedule_named
from experiment.importing.decoding import decoded, kind_of
from experiment.importing.found import ImportingError

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Target:
    """Where game files go: their folder, a name of one's own, and the language of what is said."""

    games: Path
    name: str | None
    language: str

    def __post_init__(self) -> None:
        if self.name is not None and not (re.fullmatch(NAME, self.name) and len(self.name) <= LONGEST_NAME):
            raise ImportingError(
                f"--name {self.name} is not allowed: lower case letters, digits and _, beginning with a "
                "letter, "
                f"at most {LONGEST_NAME}"
            )
        if not re.fullmatch(LANGUAGE, self.language):
            raise ImportingError(
                f'--language {self.language} is not allowed: the code of a language such as "en"'
            )


def import_file(file: Path, schedule: Path | None, target: Target, tell: Tell) -> None:
    """Write the games of `file`, and tell what was written and what has no counterpart.

    What is said in a game goes into ``texts/<language>/<name>.toml`` beside the folder of games.

    Raises
    ------
    ImportingError
        Where anything would play differently, cannot be read, or exists already; nothing is written then.
    """
    content = _bytes_of(file)
    beside = schedule or _schedule_beside(file, content)
    rows = (_bytes_of(beside), beside.name) if beside is not None else None
    conversion = convert(content, file.name, rows, target.name)
    for path in _write(conversion, target):
        tell(f"{path}")
    if conversion.notes:
        tell("without a counterpart, or read with an assumption:")
    for note in conversion.notes:
        tell(note)


def _bytes_of(file: Path) -> bytes:
    try:
        with file.open("rb") as opened:
            return opened.read(MAX_BYTES + 1)
    except OSError as error:
        raise ImportingError(f"{file}: cannot be read ({error.strerror or error})") from error


def _schedule_beside(file: Path, content: bytes) -> Path | None:
    """Return the schedule that settings of Cyberball 3 or 4 name, where it lies beside them."""
    text, _ = decoded(content, file.name)
    named = schedule_named(text) if kind_of(text) == "cyberball3" else None
    if named is None:
        return None
    name = PureWindowsPath(named[0]).name  # the folder is that of another machine
    folders = (file.parent, file.parent / "schedules", file.parent.parent / "schedules")
    return next((folder / name for folder in folders if name and (folder / name).is_file()), None)


def _write(conversion: Conversion, target: Target) -> list[Path]:
    files: dict[Path, str] = {}
    for game in conversion.games:
        files[target.games / f"{game.name}.toml"] = game.game
        if game.lines:
            files[target.games.parent / "texts" / target.language / f"{game.name}.toml"] = game.lines
    _refuse_existing([path for path in files if path.exists()])
    written: list[Path] = []
    try:
        for path, text in files.items():
            _refuse_existing([] if create_exclusively(path, text) else [path])
            written.append(path)
    except BaseException:
        for path in written:
            path.unlink(missing_ok=True)
        raise
    return written


def _refuse_existing(there: list[Path]) -> None:
    if there:
        raise ImportingError(*(f"{path}: exists already; give another --name or --out" for path in there))
