"""One file of another program into game files: their names and texts, and what has no counterpart."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from experiment.definitions.errors import DefinitionError
from experiment.definitions.game import Game
from experiment.definitions.reading import parse
from experiment.definitions.texts import MoreTexts
from experiment.importing import cyberball3, cyberball5, cyberballos
from experiment.importing.decoding import decoded, kind_of, settings_text
from experiment.importing.found import ImportedGame, ImportingError, Report, Source
from experiment.importing.toml_text import game_text, lines_text

LONGEST_NAME = 60
LONGEST_PLAYER = 24


@dataclass(frozen=True, slots=True)
class Converted:
    """A game file that can be written: its name and text, and the texts of what is said in it."""

    name: str
    game: str
    lines: str


@dataclass(frozen=True, slots=True)
class Conversion:
    """All games of a file, and what has no counterpart, by line."""

    games: tuple[Converted, ...]
    notes: tuple[str, ...]


def convert(
    content: bytes, file: str, schedule: tuple[bytes, str] | None = None, name: str | None = None
) -> Conversion:
    """Return the game files that a file of another program becomes.

    Parameters
    ----------
    content, file
        The bytes of the file, and its name as told in messages.
    schedule
        Bytes and name of the schedule file that goes with settings of Cyberball 3 or 4.
    name
        Name of the game file; made of the file's name where none is given.

    Raises
    ------
    ImportingError
        With one line for each problem; nothing is converted then.
    """
    text, note = decoded(content, file)
    report = Report(file)
    report.notes += [note] if note else []
    named = _games(text, file, schedule, report)
    report.stop()
    base = name or name_of(Path(file).stem)
    names = _names(base, [told for told, _ in named])
    converted = tuple(_checked(game, own) for own, (_, game) in zip(names, named, strict=True))
    return Conversion(converted, tuple(sorted(dict.fromkeys(report.notes), key=partial(_place, file))))


def _place(file: str, note: str) -> tuple[bool, int]:
    """Return where a note stands among others: by line, those of the schedule last."""
    line = re.search(r":(\d+): ", note)
    return not note.startswith(f"{file}:"), int(line[1]) if line else 0


def _games(
    text: str, file: str, schedule: tuple[bytes, str] | None, report: Report
) -> list[tuple[str, ImportedGame]]:
    kind = kind_of(text)
    if kind != "cyberball3" and schedule is not None:
        raise ImportingError(f"{file}: --schedule goes with settings of Cyberball 3 or 4 alone")
    if kind == "cyberball3":
        return [("", _cyberball3(text, file, schedule, report))]
    if kind == "cyberball5":
        games = cyberball5.read(Source(file, text), report)
        return [(game.title.partition(", imported from ")[0], game) for game in games]
    if kind == "cyberballos":
        return cyberballos.read(Source(file, settings_text(text, file)), report)
    if kind == "schedule":
        raise ImportingError(
            f"{file}:1: is a schedule alone; import the settings file that names it, with --schedule {file}"
        )
    raise ImportingError(
        f"{file}:1: is none of what is read: settings of Cyberball 3 or 4 (rows such as total throws,30), "
        "a .cbe "
        "file of Cyberball 5, settings or a link of CyberballOS"
    )


def _cyberball3(text: str, file: str, schedule: tuple[bytes, str] | None, report: Report) -> ImportedGame:
    if schedule is None:
        named = cyberball3.schedule_named(text)
        line, told = (1, "") if named is None else (named[1], named[0])
        raise ImportingError(
            f"{file}:{line}: schedule = {cyberball3.shown(told) or 'nothing'}: no such file is beside it; "
            "give it with --schedule FILE"
        )
    rows, note = decoded(*schedule)
    report.notes += [note] if note else []
    return cyberball3.read(Source(file, text), Source(schedule[1], rows), report)


def name_of(words: str) -> str:
    """Return a name for a file from any words: lower case letters, digits and underscores."""
    plain = unicodedata.normalize("NFKD", words).encode("ascii", "ignore").decode().lower()
    name = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[:LONGEST_NAME].strip("_")
    return name if name[:1].isalpha() else f"game_{name}".rstrip("_")


def _names(base: str, told: list[str]) -> list[str]:
    if len(told) == 1:
        return [base]
    names = [
        f"{base}_{name_of(words) if words else i}"[:LONGEST_NAME] for i, words in enumerate(told, start=1)
    ]
    if len(set(names)) < len(names):
        names = [f"{base[: LONGEST_NAME - 4]}_{i}" for i in range(1, len(told) + 1)]
    return names


def _check_names(game: ImportedGame) -> None:
    """Refuse names that a game file cannot have, with the lines where they stand."""
    problems, seen = [], set[str]()
    for coplayer in game.coplayers:
        told = cyberball3.shown(coplayer.name)
        if len(coplayer.name) > LONGEST_PLAYER:
            problems.append(
                f"{coplayer.said}: the name {told} is too long: at most {LONGEST_PLAYER} characters"
            )
        elif coplayer.name.casefold() in seen:
            problems.append(f"{coplayer.said}: two co-players are called {told}; give them different names")
        seen.add(coplayer.name.casefold())
    if problems:
        raise ImportingError(*problems)


def _checked(game: ImportedGame, name: str) -> Converted:
    """Return the files of a game, read back as the program will read them."""
    _check_names(game)
    converted = Converted(name, game_text(game, name), lines_text(game, name))
    for text, model in ((converted.game, Game), (converted.lines, MoreTexts)):
        try:
            parse(text, model, None)
        except DefinitionError as error:
            raise ImportingError(f"{game.source}: as a game file, {error.problem}") from error
    return converted
