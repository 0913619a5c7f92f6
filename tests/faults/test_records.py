"""Damaged records, two computers on one session, a clock that jumps: what `recover` finds and leaves."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from experiment import earlier, journal
from experiment.allocation import claim_file
from experiment.recovering import recover
from experiment.simulated import VirtualClock
from experiment.study import StudyError, Who
from tests.faults.sitter import Lab, Sitter
from tests.faults.small_study import write_conditions
from tests.validating import validate

WHO, OTHER = Who("001", "01"), Who("002", "01")

Damage = Callable[[bytes], bytes]


def swapped(content: bytes) -> bytes:
    """Put the tenth line before the ninth."""
    lines = content.splitlines(keepends=True)
    return b"".join([*lines[:8], lines[9], lines[8], *lines[10:]])


def lines_of(content: bytes, *places: slice) -> bytes:
    """Return some lines, in the order asked for."""
    lines = content.splitlines(keepends=True)
    return b"".join(line for place in places for line in lines[place])


MIDDLE: dict[str, tuple[Damage, str]] = {
    "garbage": (lambda c: lines_of(c, slice(9)) + b"\xff~garbage\n" + lines_of(c, slice(9, None)), "line 10"),
    "doubled": (lambda c: lines_of(c, slice(9), slice(8, None)), "line 10"),
    "lost": (lambda c: lines_of(c, slice(9), slice(10, None)), "line 10"),
    "out_of_order": (swapped, "line 9"),
    "nul_block": (lambda c: c[:6000] + bytes(512) + c[6512:], "NUL bytes"),
    "crlf_from_the_middle": (
        lambda c: lines_of(c, slice(9)) + lines_of(c, slice(9, None)).replace(b"\n", b"\r\n"),
        "Windows",
    ),
}
"""Damage within a record, and what is said of it."""

WHOLE: dict[str, tuple[Damage, str]] = {
    "empty": (lambda _c: b"", "is empty"),
    "nothing_but_nul": (lambda c: bytes(len(c)), "no journal"),
    "crlf": (lambda c: c.replace(b"\n", b"\r\n"), "ends as Windows ends lines"),
    "bom": (lambda c: b"\xef\xbb\xbf" + c, "byte order mark"),
    "foreign_rules": (lambda c: rewritten(c, '"rules": 999'), "another version"),
    "foreign_format": (lambda c: rewritten(c, '"rules": 3, "format": 999'), "another version"),
    "a_table": (lambda _c: b"participant_id\tage\nsub-001\t20\n", "no journal"),
}
"""Damage after which nothing of a record can be read here."""


def rewritten(content: bytes, version: str) -> bytes:
    """Return a record of another version, whole in itself."""
    first = content.splitlines()[0].decode()
    body = first[: first.rindex(', "hash"')].replace('"rules": 3', version)
    return f'{body}, "hash": "{journal._link("0" * 16, body + "}")}"}}\n'.encode()


@pytest.fixture
def lab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lab:
    """Return a study of two sessions that are over."""
    monkeypatch.setenv("SPOT_SPOOL", str(tmp_path / "spool"))
    lab = Lab(tmp_path, write_conditions(tmp_path) / "short.toml")
    for who in (WHO, OTHER):
        assert Sitter(lab).sit(who.code).outcome == "completed"
    return lab


def spot(lab: Lab) -> subprocess.CompletedProcess[str]:
    """Run `spot recover` as a person does."""
    command = [sys.executable, "-m", "experiment.cli", "recover", str(lab.study.dataset)]
    return subprocess.run(
        command, check=False, capture_output=True, text=True, timeout=60, env=dict(os.environ)
    )


def tables(lab: Lab, who: Who) -> dict[str, bytes]:
    """Return a session's own tables."""
    return {f.name: f.read_bytes() for f in (lab.study.dataset / who.folder / "beh").glob("*.tsv")}


def forget(lab: Lab, who: Who) -> None:
    """Remove this computer's own record, as on another computer."""
    lab.study.local_journal(who).unlink()


@pytest.mark.parametrize("name", MIDDLE)
def test_damage_in_the_middle_is_named_and_takes_nothing_away(lab: Lab, name: str) -> None:
    """File and line are told; tables that stood stay; where there are none, what is before it makes them."""
    damage, words = MIDDLE[name]
    file = lab.study.journal(WHO)
    damaged = damage(file.read_bytes())
    assert damaged != file.read_bytes()
    file.write_bytes(damaged)
    forget(lab, WHO)
    before = tables(lab, WHO), tables(lab, OTHER)
    found = recover(lab.study)
    assert (found.sessions, found.unreadable, found.damaged) == (2, 0, 1)
    assert any(
        str(file) in line and words in line and "events before it are kept" in line for line in found.lines
    )
    assert (tables(lab, WHO), tables(lab, OTHER)) == before
    assert file.read_bytes() == damaged
    for table in (lab.study.dataset / WHO.folder / "beh").glob("*"):
        table.unlink()
    recover(lab.study)
    assert file.read_bytes() == damaged
    with pytest.raises(journal.JournalError, match="going on would lose what follows"):
        journal.Journal(file, resume=True)


@pytest.mark.parametrize("name", MIDDLE)
def test_a_damaged_copy_does_no_harm_where_this_computer_has_the_record(lab: Lab, name: str) -> None:
    """The tables are made of the whole one; neither file is touched, and the whole one is named."""
    file, local = lab.study.journal(WHO), lab.study.local_journal(WHO)
    file.write_bytes(MIDDLE[name][0](file.read_bytes()))
    left = file.read_bytes(), local.read_bytes()
    before = tables(lab, WHO)
    for table in (lab.study.dataset / WHO.folder / "beh").glob("*.tsv"):
        table.unlink()
    found = recover(lab.study)
    assert any(f"{local} is whole" in line for line in found.lines)
    assert tables(lab, WHO) == before
    assert (file.read_bytes(), local.read_bytes()) == left
    assert found.partly


@pytest.mark.parametrize("name", WHOLE)
def test_a_record_that_cannot_be_read_is_named_and_the_others_go_on(lab: Lab, name: str) -> None:
    """`spot recover` ends with 4; the file is not touched."""
    damage, words = WHOLE[name]
    file = lab.study.journal(WHO)
    file.write_bytes(damage(file.read_bytes()))
    left = file.read_bytes()
    forget(lab, WHO)
    (lab.study.dataset / OTHER.folder / "beh").rename(lab.folder / "removed")
    found = recover(lab.study)
    assert (found.sessions, found.unreadable) == (1, 1)
    assert any(str(file) in line and words in line for line in found.lines), found.lines
    assert tables(lab, OTHER)
    assert file.read_bytes() == left


def test_a_folder_in_place_of_a_record_and_strange_files_stop_nobody(lab: Lab) -> None:
    """From the command line: each is named in a line, and the exit code is 4."""
    file, spool = lab.study.journal(WHO), lab.study.spool
    file.unlink()
    file.mkdir()
    (spool / "sub-009_ses-01_journal (copy).jsonl").write_text("x\n", encoding="utf-8")
    done = spot(lab)
    assert done.returncode == 4, done.stderr
    assert str(file) in done.stdout
    assert "is no record of a session" in done.stdout
    assert "1 session;" in done.stdout
    assert "Traceback" not in done.stderr


@pytest.mark.slow
def test_an_empty_copy_and_a_torn_end_are_made_good(lab: Lab) -> None:
    """By what this computer has; a NUL block at the end is a torn end too. The dataset validates."""
    lab.study.journal(WHO).write_bytes(b"")
    other = lab.study.journal(OTHER)
    other.write_bytes(other.read_bytes()[:-300] + bytes(300))
    found = recover(lab.study)
    assert (found.sessions, found.partly) == (2, False), found.lines
    for who in (WHO, OTHER):
        assert lab.study.journal(who).read_bytes() == lab.study.local_journal(who).read_bytes()
    validate(lab.study.dataset)


def test_a_record_that_makes_no_sense_keeps_nobody_elses_tables_back(lab: Lab) -> None:
    """Whole in its chain, but with an event that no table can be made of."""
    with journal.Journal(lab.study.local_journal(WHO), lab.study.journal(WHO), resume=True) as record:
        record.write("run", 1.0)
    for table in (lab.study.dataset / OTHER.folder / "beh").glob("*.tsv"):
        table.unlink()
    found = recover(lab.study)
    assert any("no tables can be made of it" in line for line in found.lines)
    assert found.partly
    assert tables(lab, OTHER)


# Two programs, two computers, two datasets


def test_recover_in_the_middle_of_a_session_harms_neither(lab: Lab) -> None:
    """It says that the session runs; the session goes on and its tables are whole in the end."""
    said: list[str] = []

    def strike(event: str, _data: object) -> None:
        if event == "run_end":
            said.extend(recover(lab.study).lines)

    finished = Sitter(lab, on_event=strike).sit("003")
    assert (finished.outcome, finished.problems) == ("completed", ())
    assert any("is running now" in line for line in said)
    assert lab.study.journal(Who("003", "01")).read_bytes() == finished.journal.read_bytes()
    assert not recover(lab.study).partly


def test_two_computers_on_one_session_write_over_nothing(
    lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second is refused; taken over all the same, each keeps its own record, and `recover` names both."""
    refused: list[str] = []
    outcomes: list[str] = []

    def sit_elsewhere(event: str, _data: object) -> None:
        if event != "run_end" or refused:
            return
        with monkeypatch.context() as other:
            other.setenv("SPOT_SPOOL", str(tmp_path / "other computer"))
            other.setattr(earlier, "machine_mark", lambda: "anothermark")
            try:
                Sitter(lab).sit("003", resume=True)
            except StudyError as error:
                refused.append(str(error))
            outcomes.append(Sitter(lab, take_over=True).sit("003", resume=True).outcome)

    finished = Sitter(lab, on_event=sit_elsewhere).sit("003")
    assert any("--take-over" in line for line in refused), refused
    assert [finished.outcome, *outcomes] == ["completed", "completed"]
    who = Who("003", "01")
    theirs = next((tmp_path / "other computer").rglob("sub-003_ses-01_journal.jsonl"))
    for record in (lab.study.local_journal(who), theirs):
        assert journal.read(record).has_ended
    assert lab.study.journal(who).read_bytes() == theirs.read_bytes()
    assert any("another record of this session" in problem for problem in finished.problems)
    assert any("differs from" in line for line in recover(lab.study).lines)


def test_a_copy_that_went_on_elsewhere_is_never_written_over(lab: Lab) -> None:
    """The record here is kept, the experimenter told once, and the other one stays as it is."""
    local, shared = lab.study.local_journal(WHO), lab.study.journal(WHO)
    with journal.Journal(shared, resume=True, durable=False) as other:
        other.write("segment", 0.0, number=2, machine="anothermark")
    theirs = shared.read_bytes()
    told: list[str] = []
    with journal.Journal(local, shared, resume=True, durable=False, tell=told.append) as record:
        record.write("segment", 0.0, number=2, machine="mine")
        record.sync()
        record._mirror.wait(5.0)  # type: ignore[union-attr]
        record.write("press", 1.0)
        assert "another record of this session" in record.problem
    assert shared.read_bytes() == theirs
    assert len([line for line in told if "another record" in line]) == 1
    found = recover(lab.study)
    assert any("differs from" in line for line in found.lines)
    assert found.partly
    assert shared.read_bytes() == theirs


def test_a_deleted_dataset_lends_its_cells_to_nobody(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    """Begun anew in the same place, with records of the old one left on this computer."""
    old = earlier.cell_on_record(lab.study, WHO.code)
    assert old is not None
    lab.study.dataset.rename(lab.folder / "deleted")
    lab.study.prepare(lab.resolved)
    assert earlier.cell_on_record(lab.study, WHO.code) is None
    assert not claim_file(lab.study, WHO).is_file()
    assert earlier.cell_here(lab.study, WHO.code) == old


# A clock that jumps


@pytest.mark.slow
@pytest.mark.parametrize("jump_s", [3600.0, -3600.0])
def test_a_second_clock_that_jumps_is_on_record_and_changes_nothing_else(
    lab: Lab, monkeypatch: pytest.MonkeyPatch, jump_s: float
) -> None:
    """The session's own clock runs evenly; that the other one moved against it is in the tables."""
    plain, calls = VirtualClock.pair, [0]

    def pair(self: VirtualClock) -> tuple[float, float]:
        calls[0] += 1
        own, second = plain(self)
        return own, second + (jump_s if calls[0] > 2 else 0.0)

    monkeypatch.setattr(VirtualClock, "pair", pair)
    finished = Sitter(lab).sit("003")
    assert (finished.outcome, finished.problems) == ("completed", ())
    events = journal.read(finished.journal).events
    times = [event["t"] for event in events if event["event"] in ("release", "run", "run_end")]
    assert times == sorted(times)
    (row,) = (lab.study.dataset / "sub-003").glob("*_sessions.tsv")
    head, line = (each.split("\t") for each in row.read_text(encoding="utf-8").splitlines())
    assert abs(float(dict(zip(head, line, strict=True))["clock_drift"])) > 1
    validate(lab.study.dataset)
