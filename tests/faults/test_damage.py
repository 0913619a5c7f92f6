"""The dataset goes away in the middle of a session: the session goes on, and `recover` brings all of it."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from experiment import journal
from experiment.recovering import recover
from experiment.study import Who, study_at
from tests.faults.sitter import Lab, Sitter, once
from tests.faults.small_study import write_conditions
from tests.validating import validate
from tests.window.driving import table

WHO = Who("001", "01")


@dataclass(slots=True)
class Damage:
    """Something that happens to a dataset, and how it is put right."""

    name: str
    strike: Callable[[Path], None]
    mend: Callable[[Path], None]


def away(dataset: Path) -> Path:
    """Return where a dataset is while it is away."""
    return dataset.with_name("away")


def go_away(dataset: Path) -> None:
    """Take the folder away, as a share that is unplugged."""
    dataset.rename(away(dataset))


def come_back(dataset: Path) -> None:
    """Bring it back; what was written in its place meanwhile is not part of it."""
    if dataset.is_file():
        dataset.unlink()
    elif dataset.exists():
        dataset.rename(dataset.with_name("meanwhile"))
    away(dataset).rename(dataset)


def be_a_file(dataset: Path) -> None:
    """Put a file where the folder was."""
    file = dataset.with_name("file")
    file.write_text("no folder any more", encoding="utf-8")
    go_away(dataset)
    while not dataset.is_file():  # the copying thread may make a folder there in between
        if dataset.is_dir():
            shutil.rmtree(dataset, ignore_errors=True)
        with suppress(OSError):
            file.rename(dataset)


def mount(*words: str | Path) -> None:
    """Change a mount, which takes a system that allows it."""
    subprocess.run(["mount", *map(str, words)], check=True, capture_output=True)


def be_read_only(dataset: Path) -> None:
    """Make the file system of the data read-only."""
    mount("-o", "remount,ro", dataset.parent)


def be_writable(dataset: Path) -> None:
    """Make it writable again."""
    mount("-o", "remount,rw", dataset.parent)


def be_full(dataset: Path) -> None:
    """Fill the disk of the data to the last byte."""
    with (dataset.parent / "filler").open("wb", buffering=0) as filler, suppress(OSError):
        while filler.write(b"x" * 4096):
            pass


def have_room(dataset: Path) -> None:
    """Make room again."""
    (dataset.parent / "filler").unlink()


FOLDERS = (Damage("missing", go_away, come_back), Damage("a_file", be_a_file, come_back))
DISKS = (Damage("read_only", be_read_only, be_writable), Damage("full", be_full, have_room))


@pytest.fixture
def lab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lab:
    """Return a folder of its own for data and journals."""
    monkeypatch.setenv("SPOT_SPOOL", str(tmp_path / "spool"))
    return Lab(tmp_path, write_conditions(tmp_path) / "whole.toml")


@pytest.fixture
def own_disk(tmp_path: Path) -> Iterator[Path]:
    """Yield a data folder that is a small disk of its own, where the system allows to mount one."""
    data = tmp_path / "data"
    data.mkdir()
    try:
        mount("-t", "tmpfs", "-o", "size=2m", "tmpfs", data)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("a disk of its own takes the right to mount one")
    try:
        yield data
    finally:
        subprocess.run(["umount", "-l", str(data)], check=True)


def check_recovered(lab: Lab) -> None:
    """Recover, and find the whole session in tables that validate."""
    found = recover(study_at(lab.study.dataset))
    assert found.sessions == 1
    assert found.unreadable == 0
    dataset = lab.study.dataset
    local, copy = lab.study.local_journal(WHO).read_bytes(), lab.study.journal(WHO).read_bytes()
    assert copy == local
    private = lab.study.local_private(WHO).read_bytes()
    assert lab.study.private_journal(WHO).read_bytes() == private
    (row,) = table(dataset / f"sub-{WHO.code}" / f"sub-{WHO.code}_sessions.tsv")
    assert row["outcome"] == "completed"
    recorded = journal.read(lab.study.journal(WHO))
    events = dataset / WHO.folder / "beh" / f"{WHO.stem}_task-cyberball_run-01_events.tsv"
    throws = [each for each in table(events) if each["trial_type"] != "phase"]
    assert len(throws) == sum(1 for e in recorded.all("release") if e["run"] == "game-01")
    validate(dataset)


def strike_and_recover(lab: Lab, damage: Damage, kind: str, /, **wanted: object) -> None:
    """Run a session during which the dataset is damaged; mend it; recover."""
    dataset = lab.study.dataset
    sitter = Sitter(lab, on_event=once(kind, lambda: damage.strike(dataset), **wanted))
    finished = sitter.sit(WHO.code)
    assert finished.outcome == "completed"
    assert any("spot recover" in problem for problem in finished.problems), finished.problems
    assert journal.read(lab.study.local_journal(WHO)).has_ended
    damage.mend(dataset)
    check_recovered(lab)


@pytest.mark.parametrize("damage", FOLDERS, ids=lambda damage: damage.name)
def test_a_dataset_that_goes_away_in_the_game_stops_nothing(lab: Lab, damage: Damage) -> None:
    """The session is completed, the experimenter is told what to run, and recover brings all."""
    strike_and_recover(lab, damage, "run", kind="game")


@pytest.mark.parametrize("damage", DISKS, ids=lambda damage: damage.name)
def test_a_disk_that_takes_no_more_in_the_game_stops_nothing(
    own_disk: Path, lab: Lab, damage: Damage
) -> None:
    """Read-only or full: the session is completed, the tables wait, and recover brings all."""
    strike_and_recover(lab, damage, "run", kind="game")


@pytest.mark.parametrize("damage", FOLDERS, ids=lambda damage: damage.name)
def test_a_dataset_that_goes_away_before_the_cell_is_drawn_stops_nothing(lab: Lab, damage: Damage) -> None:
    """The participant gets a cell all the same."""
    strike_and_recover(lab, damage, "consent")


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS, errno.EACCES, errno.EIO])
def test_tables_that_cannot_be_written_wait(lab: Lab, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    """Whatever a system answers to a write below the dataset: nothing stops, nothing half is left behind."""
    dataset, plain = lab.study.dataset, os.replace
    refusing = False

    def refuse(self: Path, target: str | os.PathLike[str]) -> Path:
        if refusing and dataset in Path(target).parents:
            raise OSError(number, os.strerror(number), str(target))
        plain(self, target)
        return Path(target)

    def strike() -> None:
        nonlocal refusing
        refusing = True

    monkeypatch.setattr(Path, "replace", refuse)
    finished = Sitter(lab, on_event=once("run", strike, kind="game")).sit(WHO.code)
    assert finished.outcome == "completed"
    assert any("spot recover" in problem for problem in finished.problems)
    assert not list(dataset.rglob("*.tmp"))
    refusing = False
    check_recovered(lab)


def test_recover_from_the_command_line_says_what_it_found(lab: Lab) -> None:
    """One line for each journal that it brings, and how many sessions there are; exit code 0."""
    sitter = Sitter(lab, on_event=once("run", lambda: go_away(lab.study.dataset), kind="game"))
    sitter.sit(WHO.code)
    come_back(lab.study.dataset)
    command = [sys.executable, "-m", "experiment.cli", "recover", str(lab.study.dataset)]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert f"{WHO.stem}_journal.jsonl: copied from this computer" in done.stdout
    assert "1 session;" in done.stdout
    check_recovered(lab)


def test_two_journals_that_differ_are_left_alone(lab: Lab) -> None:
    """Where neither copy begins like the other, recover touches neither and says so."""
    Sitter(lab).sit(WHO.code)
    shared = lab.study.journal(WHO)
    changed = shared.read_bytes().replace(b'"seed": 3', b'"seed": 4', 1)
    assert changed != shared.read_bytes()
    shared.write_bytes(changed)
    local = lab.study.local_journal(WHO).read_bytes()
    found = recover(study_at(lab.study.dataset))
    assert any("differs from" in line for line in found.lines)
    assert shared.read_bytes() == changed
    assert lab.study.local_journal(WHO).read_bytes() == local
