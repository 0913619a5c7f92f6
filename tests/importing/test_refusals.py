"""Every file in tests/importing/bad is refused with the lines beside it; no file ends in a traceback."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from experiment.definitions.game import Game
from experiment.definitions.reading import parse
from experiment.definitions.texts import MoreTexts
from experiment.importing import ImportingError
from experiment.importing.converting import Conversion, convert
from tests.importing.playing import SAMPLES

BAD = Path(__file__).parent / "bad"
CASES = sorted(file for file in BAD.iterdir() if file.suffix not in (".schedule", ".lines"))
GOOD = sorted(file for file in SAMPLES.iterdir() if file.suffix != ".schedule")


def conversion(file: Path) -> Conversion:
    """Convert a file with the schedule beside it, if there is one."""
    schedule = file.with_suffix(".schedule")
    rows = (schedule.read_bytes(), schedule.name) if schedule.exists() else None
    return convert(file.read_bytes(), file.name, rows)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_bad_file_is_refused_with_its_lines(case: Path) -> None:
    """File, line, key, value, what is allowed: to the letter, one line for each problem."""
    with pytest.raises(ImportingError) as refused:
        conversion(case)
    expected = case.with_suffix(".lines").read_text(encoding="utf-8")
    assert "\n".join(refused.value.lines) + "\n" == expected
    assert all(line.isprintable() and len(line) < 300 for line in refused.value.lines)


def test_every_bad_file_has_its_lines() -> None:
    """No case is left without what it expects, none expects anything without a case."""
    assert {file.stem for file in BAD.glob("*.lines")} == {case.stem for case in CASES}
    assert len(CASES) >= 40


@pytest.mark.parametrize("sample", GOOD, ids=lambda sample: sample.name)
def test_notes_name_file_and_line(sample: Path) -> None:
    """What has no counterpart is told by line, and what is written can be read."""
    found = conversion(sample)
    for note in found.notes:
        assert note.startswith(f"{sample.stem}.")
        assert int(note.split(":", 2)[1]) > 0
    for game in found.games:
        parse(game.game, Game, None)
        parse(game.lines, MoreTexts, None)
        assert f"# {sample.name}:" in game.game


@pytest.mark.parametrize(
    ("encoding", "name"), [("utf-16", "Zoé"), ("utf-8-sig", "Zoé"), ("cp1252", "Zoé"), ("utf-8", "Łucja")]
)
def test_encodings_are_read(encoding: str, name: str) -> None:
    """UTF-16 and UTF-8 with their marks, UTF-8 without, else Windows-1252, which is told."""
    text = (SAMPLES / "cb3_inclusion.txt").read_text(encoding="utf-8").replace("Robin", name)
    rows = ((SAMPLES / "cb3_inclusion.schedule").read_bytes(), "rows.txt")
    found = convert(text.replace("\n", "\r\n").encode(encoding), "settings.txt", rows)
    assert f'name = "{name}"' in found.games[0].game
    assert any("Windows-1252" in note for note in found.notes) == (encoding == "cp1252")


def mutated(content: bytes, chance: random.Random) -> bytes:
    """Return a file with a few bytes changed, lines gone, doubled or cut."""
    out = bytearray(content)
    for _ in range(chance.randint(1, 4)):
        place = chance.randrange(len(out)) if out else 0
        kind = chance.randrange(6)
        if kind == 0:
            out[place : place + 1] = bytes([chance.randrange(256)])
        elif kind == 1:
            del out[place : place + chance.randint(1, 20)]
        elif kind == 2:
            out[place:place] = chance.choice(
                [b"9", b"-", b",", b"\xff", b'"', b"<", b"{", b"\n", b"1e9", b"\xc3\xa9"]
            )
        elif kind == 3:
            del out[place:]
        else:
            rows = bytes(out).split(b"\n")
            row = chance.randrange(len(rows))
            rows[row : row + 1] = [] if kind == 4 else [rows[row], rows[row]]
            out = bytearray(b"\n".join(rows))
    return bytes(out)


@pytest.mark.parametrize("sample", GOOD, ids=lambda sample: sample.name)
def test_a_damaged_file_becomes_a_game_or_lines(sample: Path) -> None:
    """Three hundred damaged files each: a game that can be read, or lines that say why not; no other end."""
    chance = random.Random(sample.name)
    schedule = sample.with_suffix(".schedule")
    refused: list[str] = []
    for turn in range(300):
        content = sample.read_bytes()
        rows = schedule.read_bytes() if schedule.exists() else None
        if rows is not None and turn % 2:
            rows = mutated(rows, chance)
        else:
            content = mutated(content, chance)
        try:
            found = convert(content, sample.name, (rows, schedule.name) if rows is not None else None)
        except ImportingError as problem:
            refused.extend(problem.lines)
            continue
        for game in found.games:
            parse(game.game, Game, None).exact_throws()
    assert len(refused) > 30
    assert all(line and "\n" not in line for line in refused)
