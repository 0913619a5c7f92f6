"""Folders that hang, disks full or ill, tables held open: the session goes on and nothing is lost."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from experiment import journal, runner
from experiment.allocation import Allocated, Allocation, claim_file
from experiment.allocation.claims import folder_of
from experiment.durability import in_time
from experiment.recovering import recover
from experiment.running import alone
from experiment.scenes import Scene
from experiment.study import StudyError, Who
from tests.faults import hanging
from tests.faults.screens import check_screens, known_to, words_of
from tests.faults.sitter import Lab, Sitter, once
from tests.faults.small_study import write_conditions
from tests.validating import validate

pytestmark = pytest.mark.slow

WHO = Who("001", "01")
LIMITS_S = {"ANSWERS_S": 1.0, "DRAW_S": 1.0, "TABLES_S": 1.0}


@dataclass(slots=True)
class Watched:
    """A sitter whose participant's screens and experimenter's lines are kept."""

    lab: Lab
    strike: Callable[[str, dict[str, Any]], None]
    shown: list[Scene] = field(default_factory=list)
    told: list[str] = field(default_factory=list)

    def sit(self) -> Any:
        """Run the session; what it shows is what a session shows to which nothing happens."""
        sitter = Sitter(self.lab, on_event=self.strike, on_scene=self.shown.append, told=self.told)
        finished = sitter.sit(WHO.code)
        reference: list[Scene] = []
        with pytest.MonkeyPatch.context() as patch, tempfile.TemporaryDirectory() as folder:
            patch.setenv("SPOT_SPOOL", folder)
            other = Lab(Path(folder), write_conditions(Path(folder)) / self.lab.protocol.name)
            Sitter(other, on_scene=reference.append).sit(WHO.code)
        known = known_to(self.lab.resolved, reference)
        check_screens((word for scene in self.shown for word in words_of(scene)), known)
        return finished


@pytest.fixture
def lab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lab:
    """Return a folder of its own for data, journals and what is temporary."""
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))
    monkeypatch.setenv("SPOT_SPOOL", str(tmp_path / "spool"))
    return Lab(tmp_path, write_conditions(tmp_path) / "whole.toml")


def check_whole(lab: Lab) -> None:
    """Recover, and find the whole session in tables that validate."""
    found = recover(lab.study)
    assert (found.sessions, found.partly) == (1, False), found.lines
    assert lab.study.journal(WHO).read_bytes() == lab.study.local_journal(WHO).read_bytes()
    assert journal.read(lab.study.journal(WHO)).last("end")["outcome"] == "completed"  # type: ignore[index]
    validate(lab.study.dataset)


# A folder that hangs


@pytest.fixture
def silent(lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], None]]:
    """Yield what makes the data folder hang; it answers again once the test is over."""
    hanging.skip_without_hanging(tmp_path / "tried")
    for name, limit in LIMITS_S.items():
        monkeypatch.setattr(runner, name, limit)
    monkeypatch.setattr(journal.Journal.close, "__defaults__", (1.0,))
    held: list[int] = []
    yield lambda: held.append(hanging.hang(lab.folder / "data"))
    for connection in held:
        hanging.let_go(lab.folder / "data", connection)


@pytest.mark.parametrize("when", ["consent", "run", "answer", "end"])
def test_a_folder_that_hangs_stops_no_session(lab: Lab, silent: Callable[[], None], when: str) -> None:
    """Wherever it begins to hang: before the cell is drawn, in the game, in a form, before the tables."""
    began = time.monotonic()
    watched = Watched(lab, once(when, silent))
    finished = watched.sit()
    assert time.monotonic() - began < 20
    assert finished.outcome == "completed"
    assert any("spot recover" in problem for problem in finished.problems)
    assert not lab.study.spool.samefile("/")  # the spool does not depend on what hangs
    assert journal.read(lab.study.local_journal(WHO)).has_ended


def test_what_was_cut_off_from_its_folder_is_recovered(
    lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once the folder answers again, all is brought there."""
    hanging.skip_without_hanging(tmp_path / "tried")
    for name, limit in LIMITS_S.items():
        monkeypatch.setattr(runner, name, limit)
    monkeypatch.setattr(journal.Journal.close, "__defaults__", (1.0,))
    held: list[int] = []
    Watched(lab, once("consent", lambda: held.append(hanging.hang(lab.folder / "data")))).sit()
    hanging.let_go(lab.folder / "data", held[0])
    check_whole(lab)


def test_a_session_is_not_begun_on_a_folder_that_hangs(lab: Lab, silent: Callable[[], None]) -> None:
    """In words, before the participant sees anything, and within the time."""
    (lab.folder / "data").mkdir()
    silent()
    shown: list[Scene] = []
    began = time.monotonic()
    with pytest.raises(TimeoutError, match="has not answered for 1 s"):
        Sitter(lab, on_scene=shown.append).sit(WHO.code)
    assert time.monotonic() - began < 5
    assert not shown


def test_a_program_ends_though_a_thread_of_it_hangs(tmp_path: Path) -> None:
    """The thread that waits in the system keeps nobody."""
    folder = tmp_path / "data"
    hanging.skip_without_hanging(folder)
    lines = (
        "import sys; from pathlib import Path; from experiment.durability import in_time",
        "from tests.faults.hanging import hang; folder = Path(sys.argv[1]); hang(folder)",
        "try: in_time((folder / 'x').stat, 0.3, folder)",
        "except TimeoutError as error: print(error.strerror)",
    )
    try:
        done = subprocess.run(
            [sys.executable, "-c", "\n".join(lines), str(folder)],
            check=False, capture_output=True, text=True, timeout=20, cwd=Path(__file__).parents[2],
        )  # fmt: skip
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)
    assert (done.returncode, done.stdout) == (0, "has not answered for 0.3 s\n"), done.stderr


def test_what_answers_in_time_is_passed_on(tmp_path: Path) -> None:
    """Its answer, and what it raises."""
    assert in_time(lambda: 3, 5.0, tmp_path) == 3
    with pytest.raises(StudyError, match="no"):
        in_time(lambda: (_ for _ in ()).throw(StudyError("no")), 5.0, tmp_path)


# A disk that is full


def fill(folder: Path) -> None:
    """Fill a disk to the last byte."""
    with (folder / "filler").open("wb", buffering=0) as filler, suppress(OSError):
        while filler.write(b"x" * 512):
            pass


def test_a_full_disk_of_the_record_itself_loses_nothing(lab: Lab) -> None:
    """The record goes on in the temporary folder, which nobody else may read; `recover` brings it back."""
    with hanging.small_disk(lab.folder / "spool", "1m") as spool:
        watched = Watched(lab, once("run", lambda: fill(spool), kind="game"))
        finished = watched.sit()
        assert finished.outcome == "completed"
        assert sum("disk refuses the record" in line for line in watched.told) == 1
        assert any("disk refuses the record" in problem for problem in finished.problems)
        second = lab.study.second_spool / lab.study.local_journal(WHO).name
        assert second.parent.stat().st_mode & 0o077 == 0
        assert journal.read(second).has_ended
        assert not journal.read(lab.study.local_journal(WHO)).has_ended
        copy = journal.read(lab.study.journal(WHO))
        assert copy.has_ended
        (spool / "filler").unlink()
        check_whole(lab)
        assert not second.exists()


def test_a_full_disk_and_no_second_place_leave_the_copy(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    """What waits in memory is in the dataset's copy."""
    (lab.folder / "file").touch()
    monkeypatch.setattr(tempfile, "tempdir", str(lab.folder / "file"))
    with hanging.small_disk(lab.folder / "spool", "1m") as spool:
        finished = Sitter(lab, on_event=once("run", lambda: fill(spool), kind="game")).sit(WHO.code)
        assert finished.outcome == "completed"
        assert journal.read(lab.study.journal(WHO)).has_ended


def test_a_session_is_not_begun_on_a_full_disk(lab: Lab) -> None:
    """In words, before the participant sees anything; with room again it can be begun."""
    with hanging.small_disk(lab.folder / "spool", "200k") as spool:
        (spool / lab.study.spool.name).mkdir()
        (spool / lab.study.spool.name / f".{WHO.stem}.lock").touch()
        fill(spool)
        shown: list[Scene] = []
        with pytest.raises((OSError, journal.JournalError), match="No space left"):
            Sitter(lab, on_scene=shown.append).sit(WHO.code)
        assert not shown
        (spool / "filler").unlink()
        assert Sitter(lab).sit(WHO.code, resume=claim_file(lab.study, WHO).is_file()).outcome == "completed"


def test_recover_leaves_the_second_place_of_a_session_that_runs(lab: Lab) -> None:
    """Its program goes on writing there, and to the journal that would be written over."""
    Sitter(lab).sit(WHO.code)
    local = lab.study.local_journal(WHO)
    whole = local.read_bytes()
    beginning = b"".join(whole.splitlines(keepends=True)[:9])
    local.write_bytes(beginning)
    lab.study.second_spool.mkdir(mode=0o700)
    second = lab.study.second_spool / local.name
    second.write_bytes(whole)
    with alone(lab.study, WHO):
        recover(lab.study)
        assert (local.read_bytes(), second.read_bytes()) == (beginning, whole)
    check_whole(lab)
    assert not second.exists()


def test_ctrl_c_while_the_tables_are_waited_for_loses_no_word_of_the_session(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its outcome is told, and that the tables are still to be written."""

    def give_up(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(runner, "publish", give_up)
        finished = Sitter(lab).sit(WHO.code)
    assert finished.outcome == "completed"
    assert any("spot recover" in problem for problem in finished.problems)
    check_whole(lab)


def test_a_slot_is_not_taken_by_a_draw_that_was_given_up(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    """The cell was drawn by chance meanwhile: a slot taken afterwards would speak of another cell."""
    answers, drawn = threading.Event(), threading.Event()
    plain = Allocation.cell_of

    def late(self: Allocation, code: str) -> Allocated | None:
        answers.wait(10)
        return plain(self, code)

    def draw(self: Allocation, *arguments: Any, **named: Any) -> Allocated:
        try:
            return take(self, *arguments, **named)
        finally:
            drawn.set()

    take = Allocation.draw
    monkeypatch.setattr(runner, "DRAW_S", 0.3)
    monkeypatch.setattr(Allocation, "cell_of", late)
    monkeypatch.setattr(Allocation, "draw", draw)
    finished = Sitter(lab, on_event=lambda kind, _data: answers.set() if kind == "cell" else None).sit(
        WHO.code
    )
    assert drawn.wait(10)
    assert finished.outcome == "completed"
    assert journal.read(lab.study.journal(WHO)).last("cell")["slot"] == 0  # type: ignore[index]
    assert not list(folder_of(lab.study).glob("slot-*.json"))


# A disk that is ill, a table held open


def test_a_disk_that_fails_to_sync_is_told_once_and_never_a_success(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    """EIO once, in the game: the session goes on, the end tells of it though later syncs succeed."""
    plain, failing = os.fsync, [False]

    def fsync(descriptor: int) -> None:
        own = lab.study.local_journal(WHO)
        if failing[0] and os.path.samestat(os.fstat(descriptor), own.stat()):
            failing[0] = False
            raise OSError(errno.EIO, "Input/output error")
        plain(descriptor)

    monkeypatch.setattr(os, "fsync", fsync)
    watched = Watched(lab, once("run", lambda: failing.__setitem__(0, True), kind="game"))
    finished = watched.sit()
    assert finished.outcome == "completed"
    assert not failing[0]
    assert sum("Input/output error" in line for line in watched.told) == 1
    assert any("Input/output error" in problem for problem in finished.problems)
    check_whole(lab)


@pytest.mark.parametrize("held", ["participants.tsv", "_events.tsv", "_sessions.tsv", "_beh.json"])
def test_a_table_held_open_waits_and_keeps_no_other_back(
    lab: Lab, monkeypatch: pytest.MonkeyPatch, held: str
) -> None:
    """As by Excel under Windows: all others are written, and `recover` writes the rest."""
    plain = Path.replace

    def replace(self: Path, target: Path) -> Path:
        if Path(target).name.endswith(held):
            raise PermissionError(errno.EACCES, "in use by another program", str(target))
        return plain(self, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", replace)
        finished = Watched(lab, lambda _event, _data: None).sit()
        assert finished.outcome == "completed"
        assert any(held in problem and "spot recover" in problem for problem in finished.problems)
        found = recover(lab.study)
        assert found.refused
        assert any(held in line for line in found.lines)
        written = {file.name for file in lab.study.dataset.rglob("*.tsv")}
        assert any(not name.endswith(held) for name in written)
    check_whole(lab)
