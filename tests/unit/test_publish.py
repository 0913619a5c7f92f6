"""Tables into the dataset: whole or not at all, waiting where they cannot be written, recovered later."""

from __future__ import annotations

import json
import shutil
import stat
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import filelock
import pytest

from analysis.summarize import main as summarize
from experiment import bids, journal
from experiment import publish as publishing
from experiment.allocation import Allocation
from experiment.booth import Booth, Interruptions
from experiment.columns import AUDIT
from experiment.publish import Busy, publish
from experiment.recovering import recover
from experiment.respondent import Respondent
from experiment.runner import Finished, Request, run_session
from experiment.running import alone
from experiment.simulate import Simulation, simulate
from experiment.simulated import virtual_booth
from experiment.study import Study, Who
from tests.scripted import TINY, Sitting, tiny
from tests.validating import validate


@pytest.fixture(autouse=True)
def spool(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A spool that nothing else uses."""
    monkeypatch.setenv("SPOT_SPOOL", str(tmp_path / "spool"))
    return tmp_path / "spool"


@pytest.fixture
def study(tmp_path: Path) -> Study:
    """A simulated study of one session, its tables not yet written."""
    sitting = Sitting(tmp_path / "data", tiny())
    sitting.study.prepare(tiny())
    sitting.run()
    return sitting.study


def recorded(study: Study, code: str = "001") -> journal.Recorded:
    """Return the journal of a session."""
    return journal.read(study.journal(Who(code, "01")))


def tree(folder: Path) -> dict[str, bytes]:
    """Return every file of a folder, hidden ones too, but for locks."""
    return {
        f.relative_to(folder).as_posix(): f.read_bytes()
        for f in sorted(folder.rglob("*"))
        if f.is_file() and f.suffix != ".lock"
    }


def test_every_table_and_sidecar_is_written(study: Study) -> None:
    """As derived, and nothing is left beside them."""
    publish(study, recorded(study))
    files = tree(study.dataset)
    tables = bids.derive(recorded(study))
    for place, text in {**tables.files, **tables.shared, **bids.STUDY_SIDECARS}.items():
        assert files[place] == text.encode()
    assert {"participants.tsv", "sub-001/sub-001_sessions.tsv", "sub-001/sub-001_sessions.json"} <= set(files)
    assert not [place for place in files if ".tmp" in place]


def test_publishing_again_changes_nothing(study: Study) -> None:
    """Not a byte."""
    publish(study, recorded(study))
    before = tree(study.dataset)
    publish(study, recorded(study))
    recover(study)
    assert tree(study.dataset) == before


def test_another_participant_joins_the_table(study: Study) -> None:
    """The rows of others stay, sorted by code; a second session of one person keeps what the first told."""
    publish(study, recorded(study))
    for who in (Who("000", "01"), Who("001", "02")):
        other = Sitting(study.data, tiny(), who=who, seed=9)
        other.run()
        publish(study, other.recorded)
    lines = (study.dataset / "participants.tsv").read_text(encoding="utf-8").splitlines()
    assert [line.split("\t")[0] for line in lines] == ["participant_id", "sub-000", "sub-001"]
    sessions = (study.dataset / "sub-001" / "sub-001_sessions.tsv").read_text(encoding="utf-8").splitlines()
    assert [line.split("\t")[0] for line in sessions] == ["session_id", "ses-01", "ses-02"]


def test_a_table_is_the_old_one_or_the_new_one_never_half(
    study: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What fails while it is written leaves what was there."""
    publish(study, recorded(study))
    before = tree(study.dataset)

    def replace(self: Path, target: Path) -> Path:
        raise PermissionError(13, "open in another program", str(target))

    monkeypatch.setattr(Path, "replace", replace)
    with pytest.raises(PermissionError):
        publish(study, recorded(study))
    assert tree(study.dataset) == before


def test_a_dataset_whose_tables_somebody_writes_is_waited_for(
    study: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    """For a while; then it is told."""
    monkeypatch.setattr(publishing, "LOCK_WAIT_S", 0.1)
    with filelock.FileLock(study.dataset / ".tables.lock"), pytest.raises(Busy, match="another program"):
        publish(study, recorded(study))


def test_the_audit_of_the_allocation_is_written_with_the_tables(study: Study) -> None:
    """From its files, whole, whatever stood there; a study that never allocated has none."""
    publish(study, recorded(study))
    place = "sourcedata/allocation/audit.tsv"
    assert place not in tree(study.dataset)
    allocation = Allocation(study, tiny().protocol, 1)
    allocation.claim_code(Who("001", "01"))
    allocation.draw("001")
    publish(study, recorded(study))
    files = tree(study.dataset)
    assert [line.split(b"\t")[1:3] for line in files[place].splitlines()[1:]] == [
        [b"code_claimed", b"001"],
        [b"slot_drawn", b"001"],
    ]
    described = json.loads(files["sourcedata/allocation/audit.json"])
    assert list(described) == [column.name for column in AUDIT]
    (study.dataset / place).write_text("edited\n", encoding="utf-8")
    recover(study)
    assert tree(study.dataset) == files


def test_a_damaged_claim_or_sequence_stops_no_table(study: Study) -> None:
    """The audit says what can be known: the slot by the name of its file, no block."""
    allocation = Allocation(study, tiny().protocol, 1)
    allocation.draw("001")
    for file in (study.dataset / "sourcedata" / "allocation").iterdir():
        file.write_bytes(b"{")
    publish(study, recorded(study))
    row = tree(study.dataset)["sourcedata/allocation/audit.tsv"].splitlines()[1].split(b"\t")
    assert row[1:7] == [b"slot_drawn", b"n/a", b"n/a", b"n/a", b"1", b"n/a"]


# A real session's end


@dataclass
class Opened:
    """A stage without a window."""

    booth: Booth
    closed: int = 0

    def __post_init__(self) -> None:
        """Offer the booth's ports."""
        self.screen, self.keys, self.clock = self.booth.screen, self.booth.keys, self.booth.clock

    def close(self) -> None:
        """Count."""
        self.closed += 1


def run_real(folder: Path, code: str = "p1", *, resume: bool = False) -> Finished:
    """Run a session as `spot run` does, a simulated participant at virtual keys."""
    request = Request(str(TINY), Who(code, "01"), folder / "data", seed=3, resume=resume)

    def open_stage(interruptions: Interruptions) -> Opened:
        return Opened(virtual_booth(Respondent(3, tiny().measures)))

    return run_session(request, open_stage, lambda message: None)


def test_a_real_session_leaves_journal_tables_and_private_files(tmp_path: Path) -> None:
    """The dataset's copy of the journal is the local one; free text is in the private file alone."""
    finished = run_real(tmp_path)
    assert (finished.outcome, finished.problems) == ("completed", ())
    study = Study(tmp_path / "data", "tiny")
    who = Who("p1", "01")
    assert finished.journal.read_bytes() == study.local_journal(who).read_bytes()
    assert "participants.tsv" in tree(study.dataset)
    assert "Simulated answer." in study.private_journal(who).read_text(encoding="utf-8")
    assert not [p for p, content in tree(study.dataset).items() if b"Simulated answer." in content]


def read_only(folder: Path, forbidden: Callable[[Path], bool], monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no file be renamed over those that are forbidden, as when Excel has them open."""
    real = Path.replace

    def replace(self: Path, target: Path) -> Path:
        if forbidden(Path(target)):
            raise PermissionError(13, "The process cannot access the file", str(target))
        return real(self, target)

    monkeypatch.setattr(Path, "replace", replace)


@pytest.mark.parametrize("open_elsewhere", ["participants.tsv", "_events.tsv", "_sessions.tsv", ".json"])
def test_a_table_that_is_open_elsewhere_waits_for_recover(
    open_elsewhere: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The session is over and kept; once the table is closed, everything is as if it had never been open."""
    with monkeypatch.context() as patch:
        read_only(tmp_path, lambda f: f.name.endswith(open_elsewhere) and "description" not in f.name, patch)
        finished = run_real(tmp_path)
    assert finished.outcome == "completed"
    assert len(finished.problems) == 1
    assert "spot recover" in finished.problems[0]
    study = Study(tmp_path / "data", "tiny")
    assert journal.read(finished.journal).has_ended
    done = recover(study)
    assert (done.sessions, done.unreadable) == (1, 0)
    straight = tree(study.dataset)
    publish(study, journal.read(finished.journal))
    assert tree(study.dataset) == straight
    assert {*bids.derive(journal.read(finished.journal)).files, "participants.tsv"} <= set(straight)


def test_what_only_this_computer_has_is_recovered(tmp_path: Path) -> None:
    """The journal and the private file, from the spool."""
    run_real(tmp_path)
    study, who = Study(tmp_path / "data", "tiny"), Who("p1", "01")
    before = tree(study.dataset)
    shutil.rmtree(study.dataset / "sourcedata" / "sub-p1")
    shutil.rmtree(study.dataset / "sub-p1")
    (study.dataset / "participants.tsv").unlink()
    study.private_journal(who).unlink()
    done = recover(study)
    assert tree(study.dataset) == before
    assert sum("copied from this computer" in line for line in done.lines) == 2
    assert study.private_journal(who).read_bytes() == study.local_private(who).read_bytes()


def test_a_copy_that_was_cut_short_is_recovered_and_one_that_differs_is_not_touched(tmp_path: Path) -> None:
    """Nothing of a participant is overwritten."""
    finished = run_real(tmp_path)
    study = Study(tmp_path / "data", "tiny")
    whole = finished.journal.read_bytes()
    finished.journal.write_bytes(whole[: len(whole) // 2])
    recover(study)
    assert finished.journal.read_bytes() == whole
    other = whole.replace(b'"seed": 3', b'"seed": 4') + b"more\n"
    finished.journal.write_bytes(other)
    done = recover(study)
    assert finished.journal.read_bytes() == other
    assert any("differs" in line for line in done.lines)


def test_recover_tells_of_what_was_cut_off_and_of_what_cannot_be_read(study: Study) -> None:
    """And writes the tables of all that can."""
    path = study.journal(Who("001", "01"))
    lines = path.read_bytes().splitlines(keepends=True)
    half = next(i for i, line in enumerate(lines) if b'"release"' in line and b'"game-01"' in line) + 1
    path.write_bytes(b"".join(lines[:half]) + b"{torn")
    bad = study.journal(Who("002", "01"))
    bad.parent.mkdir(parents=True)
    bad.write_bytes(b"nothing\n")
    done = recover(study)
    assert (done.sessions, done.unreadable) == (1, 1)
    assert any("was cut off" in line and "001" in line for line in done.lines)
    assert any("is no journal" in line and "002" in line for line in done.lines)
    sessions = (study.dataset / "sub-001" / "sub-001_sessions.tsv").read_text(encoding="utf-8")
    assert "\tcut_off\t" in sessions
    events = next(text for place, text in tree(study.dataset).items() if "cyberball_run-01_events" in place)
    assert len(events.splitlines()) == 3
    assert bad.read_bytes() == b"nothing\n"


def test_recover_does_not_take_a_session_that_runs_for_one_that_was_cut_off(study: Study) -> None:
    """Who looks in the middle of a session is told that it runs."""
    path = study.journal(Who("001", "01"))
    whole = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(whole[:-1]))
    with alone(study, Who("001", "01")):
        assert "is running now" in recover(study).lines[0]
    assert "was cut off" in recover(study).lines[0]


def test_an_empty_dataset_is_recovered_to_empty_tables(tmp_path: Path) -> None:
    """A study that nobody has taken part in is no fault."""
    study = Study(tmp_path, "tiny")
    study.prepare(tiny())
    assert recover(study).sessions == 0


# The official validator


@pytest.mark.slow
@pytest.mark.parametrize("protocol", ["classic", "within_gradual"])
def test_a_simulated_dataset_is_valid_bids_also_when_a_session_was_cut_off(
    protocol: str, tmp_path: Path
) -> None:
    """Once whole, once with a journal that ends within a game, recovered."""
    study = simulate(Simulation(protocol, 2, 3, tmp_path))
    validate(study.dataset)
    if protocol == "classic":
        path = study.journal(Who("002", "01"))
        lines = path.read_bytes().splitlines(keepends=True)
        half = next(i for i, line in enumerate(lines) if b'"release"' in line and b'"game-01"' in line) + 1
        path.write_bytes(b"".join(lines[:half]))
        shutil.rmtree(study.dataset / "sub-002")
        (study.dataset / "participants.tsv").unlink()  # made when the journal was still whole
        recover(study)
        assert "cut_off" in (study.dataset / "sub-002" / "sub-002_sessions.tsv").read_text(encoding="utf-8")
        validate(study.dataset)


@pytest.mark.slow
def test_a_dataset_with_a_summary_is_valid_bids(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Derivatives included."""
    study = simulate(Simulation("demo", 6, 3, tmp_path))
    assert summarize([str(study.dataset)]) == 0
    assert capsys.readouterr().out
    assert (study.dataset / "derivatives" / "spot").is_dir()
    validate(study.dataset)


@pytest.mark.slow
def test_a_real_dataset_is_valid_bids(tmp_path: Path) -> None:
    """Definitions of one's own, real times and machine included."""
    finished = run_real(tmp_path)
    validate(finished.dataset)
    assert stat.S_ISREG(finished.journal.stat().st_mode)
