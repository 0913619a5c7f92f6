"""What a laboratory writes about what hurts: refused in one line, and nothing of it is guessed."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from experiment.definitions import DefinitionError
from experiment.definitions.command import as_bytes, check_template, command
from experiment.definitions.laboratory import (
    LABORATORY,
    Ceilings,
    ColdCeiling,
    ElectricalCeiling,
    HeatCeiling,
    Laboratory,
    PressureCeiling,
    SerialDevice,
    SimulatedDevice,
    read_laboratory,
)
from tests.unit import test_definitions_documented as documented

ROOT = Path(__file__).resolve().parents[2]
BAD = ROOT / "tests" / "bad" / "laboratory"
CASES = sorted(BAD.glob("*.toml"))
MODELS = (
    Laboratory, Ceilings, HeatCeiling, ColdCeiling, PressureCeiling, ElectricalCeiling, SerialDevice,
    SimulatedDevice,
)  # fmt: skip

GOOD = """
[ceilings.heat]
level = 48
unit = "°C"
duration_s = 8
number = 40
agreed = "vote 12/2026"

[ceilings.cold]
level = 2.0
unit = "°C"
duration_s = 180.0
number = 2
agreed = "vote 12/2026"

[stimulator]
modality = "heat"
kind = "serial"
port = "COM3"
baud = 115200
start = "START {level:.1f} {duration_ms:d}\\n"
stop = "STOP\\n"
answer = "OK"
answer_s = 0.5
"""


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder, as the working folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def written(folder: Path, text: str) -> Laboratory:
    """Write the file of a laboratory and return what is read."""
    (folder / LABORATORY).write_text(text, encoding="utf-8")
    read = read_laboratory(folder)
    assert read is not None
    return read


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_a_bad_file_is_refused_with_the_line_beside_it(case: Path, here: Path) -> None:
    """File, key, value, what is allowed: to the letter, and in words for a researcher."""
    shutil.copy(case, here / LABORATORY)
    with pytest.raises(DefinitionError) as refused:
        read_laboratory(here)
    line = str(refused.value)
    assert line == case.with_suffix(".txt").read_text(encoding="utf-8").rstrip("\n")
    assert line.isprintable()
    assert len(line) < 400
    assert not re.search(r"Input|pydantic|validat|tuple|dict|None|constrained", line)


def test_every_bad_file_has_its_line_and_every_line_its_file() -> None:
    """No case is left without what it expects."""
    assert {file.with_suffix(".toml") for file in BAD.glob("*.txt")} == set(CASES)
    assert len(CASES) >= 45


def test_where_there_is_no_file_there_is_no_laboratory(here: Path) -> None:
    """What is there and cannot be read is no such case."""
    assert read_laboratory(here) is None
    (here / LABORATORY).mkdir()
    with pytest.raises(DefinitionError, match=r"^laboratory.toml: cannot be read \("):
        read_laboratory(here)


def test_a_file_is_read_as_it_stands(here: Path) -> None:
    """By modality; what is not there has no ceiling, whatever it is called."""
    lab = written(here, GOOD)
    heat = lab.ceiling("heat")
    assert heat is not None
    assert (heat.level, heat.unit, heat.duration_s, heat.number) == (48.0, "°C", 8.0, 40)
    assert lab.ceiling("cold") is not None
    for other in ("pressure", "laser", "", "model_fields", "__class__", "copy"):
        assert lab.ceiling(other) is None


def test_a_laboratory_goes_through_the_journal_unchanged(here: Path) -> None:
    """As JSON, and checked when it comes back."""
    lab = written(here, GOOD)
    record = json.loads(json.dumps(lab.as_record()))
    assert Laboratory.of_record(record) == lab
    record["ceilings"]["heat"]["level"] = 99.0
    with pytest.raises(DefinitionError, match=r"^ceilings.heat.level = 99.0: must be a number, 0 to 60$"):
        Laboratory.of_record(record)


@pytest.mark.parametrize("model", [HeatCeiling, ColdCeiling, PressureCeiling, ElectricalCeiling])
def test_nothing_that_a_laboratory_must_decide_has_a_default(model: type[BaseModel]) -> None:
    """Every key of a ceiling is required."""
    assert set(model.model_fields) == {"level", "unit", "duration_s", "number", "agreed"}
    assert all(info.is_required() for info in model.model_fields.values())


def test_the_file_of_a_laboratory_is_neither_shipped_nor_taken_into_the_project() -> None:
    """Ceilings of one laboratory are none of another."""
    assert f"/conditions/{LABORATORY}" in (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()
    if (ROOT / ".git").exists():
        listed = ["git", "ls-files", "conditions"]
        files = subprocess.run(listed, capture_output=True, text=True, check=True, cwd=ROOT).stdout
        assert "conditions/README.md" in files
        assert LABORATORY not in files


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_every_key_is_documented_with_its_range(model: type[BaseModel]) -> None:
    """As for every other definition: no key more, none less, the bounds of the program."""
    assert documented.rows(model)
    documented.test_every_key_is_documented_and_no_other(model)
    documented.test_ranges_and_defaults_are_those_of_the_program(model)


def test_the_example_is_refused_until_somebody_has_put_in_what_was_agreed(here: Path) -> None:
    """Nobody takes its numbers for advice; with that line replaced it can be used."""
    (example,) = [text for text in documented.EXAMPLES if "[ceilings." in text]
    with pytest.raises(
        DefinitionError, match="still the example's; write where these numbers were agreed to"
    ):
        written(here, example)
    agreed = re.sub(r'agreed = ".*"', 'agreed = "vote 12/2026"', example)
    assert written(here, agreed).stimulator is not None
    assert tomllib.loads(agreed)["stimulator"]["kind"] == "serial"


@pytest.mark.parametrize(
    ("template", "level", "duration_s", "words"),
    [
        ("START {level:.1f} {duration_ms:d}\n", 46.5, 4.25, b"START 46.5 4250\n"),
        ("T{level:06.2f};D{duration_s:.3f}\r", 7.25, 0.5, b"T007.25;D0.500\r"),
        ("{level};{duration_ms:05d}", 48.0, 1.0, b"48.0;01000"),
        ("{{{level:.0f}}}\x02\xff", 48.0, 1.0, b"{48}\x02\xff"),
        ("{level:.1f} {duration_ms:d}", 44.1 + 0.2, 0.1 + 0.2, b"44.3 300"),
        ("{level:.1f} {duration_ms:d}", 40.0, 1.9999, b"40.0 1999"),
    ],
)
def test_a_template_writes_what_it_says(template: str, level: float, duration_s: float, words: bytes) -> None:
    """Byte for byte; milliseconds are rounded down."""
    check_template(template)
    assert command(template, level, duration_s) == words


@given(
    level=st.floats(0, 100),
    duration_s=st.floats(0.0001, 600),
    form=st.sampled_from(["", ":.0f", ":.1f", ":.3f", ":07.2f"]),
)
def test_what_a_template_writes_is_the_level_and_no_longer_than_was_asked_for(
    level: float, duration_s: float, form: str
) -> None:
    """Or nothing is written at all."""
    template = f"{{level{form}}} {{duration_ms:d}}"
    try:
        words = command(template, level, duration_s)
    except ValueError:
        return
    said, milliseconds = words.split()
    assert abs(float(said) - level) <= 1e-6
    assert 1 <= int(milliseconds) <= duration_s * 1000 + 1e-6


@given(st.text(alphabet="{}level:.1fdurations_m!r[]0 €é", max_size=24))
def test_a_template_of_anything_is_refused_or_writes_a_command(template: str) -> None:
    """A template that passes never fails for a level and a duration that are plain."""
    try:
        check_template(template)
    except ValueError:
        return
    assert b"40" in command(template, 40.0, 4.0)


def test_what_is_no_byte_is_named() -> None:
    """With its number, since it may look like one that is."""
    with pytest.raises(ValueError, match=r"^has '–' \(U\+2013\), which is no single byte$"):
        as_bytes("STOP –")


def test_beyond_is_said_in_words() -> None:
    """Of every modality, each in its direction; at the ceiling itself nothing is said."""
    base: dict[str, Any] = {"duration_s": 1.0, "number": 1, "agreed": "vote"}
    heat, cold = HeatCeiling(level=48.0, unit="°C", **base), ColdCeiling(level=2.0, unit="°C", **base)
    force = PressureCeiling(level=90.0, unit="N", **base)
    assert [heat.beyond(48.0), cold.beyond(2.0), cold.beyond(40.0), force.beyond(0.0)] == [""] * 4
    assert heat.beyond(48.1) == "above the ceiling of 48 °C"
    assert heat.beyond(-0.1) == "below 0 °C"
    assert cold.beyond(1.9) == "below the lowest temperature of 2 °C"
    assert cold.beyond(48.0) == "above 40 °C, which is not cold"
    assert force.beyond(90.5) == "above the ceiling of 90 N"
