"""One session of the tiny protocol, kept to the byte: a change of rules, draws, rows or columns shows here.

Where the change is meant, ``python -m tests.golden.regenerate`` writes the files anew; and where journals
that exist would now give other tables, `journal.RULES` goes up.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from experiment import bids, definitions, journal
from experiment.firstlines import header
from experiment.study import Study, Who
from tests.golden.regenerate import EXPECTED, PROTOCOL, golden_files

JOURNAL = next(EXPECTED.glob("*/sourcedata/sub-*/ses-*/*_journal.jsonl"))
PLACES = sorted(f.relative_to(EXPECTED).as_posix() for f in EXPECTED.rglob("*") if f.is_file())


@pytest.fixture(scope="module")
def made() -> dict[str, bytes]:
    """The session as the program makes it today."""
    return golden_files()


@pytest.mark.parametrize("place", PLACES)
def test_the_session_is_the_same_to_the_byte(place: str, made: dict[str, bytes]) -> None:
    """Each file."""
    assert made[place] == (EXPECTED / place).read_bytes()


def test_no_file_has_come_or_gone(made: dict[str, bytes]) -> None:
    """Neither a journal nor a table."""
    assert sorted(made) == PLACES


def test_a_kept_journal_is_read_and_gives_its_tables() -> None:
    """Without playing anything."""
    recorded = journal.read(JOURNAL)
    assert recorded.problem == ""
    tables = bids.derive(recorded)
    dataset = EXPECTED / "tiny_simulated"
    for place, text in tables.files.items():
        assert text.encode() == (dataset / place).read_bytes()


def test_the_definitions_resolve_as_the_journal_has_them(tmp_path: Path) -> None:
    """Every value of protocol, games and measures, and the digest over the files."""
    found = journal.read(JOURNAL).header
    resolved = definitions.resolve(PROTOCOL)
    expected = header(resolved, Study(tmp_path, "tiny", simulated=True), Who("001", "01"), found["seed"])
    assert {key: found[key] for key in expected} == journal_values(expected, tmp_path)


def journal_values(values: dict[str, object], folder: Path) -> journal.Event:
    """Return values as a journal has them."""
    with journal.Journal(folder / "values.jsonl", durable=False) as record:
        record.write("session", None, **values)
    written = journal.read(folder / "values.jsonl").header
    return {key: written[key] for key in values}
