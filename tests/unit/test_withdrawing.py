"""Who withdraws leaves no trace but the code, on any computer, whenever the erasing is broken off."""

from __future__ import annotations

import io
import json
import shutil
from collections.abc import Callable, Generator
from pathlib import Path

import pytest

from analysis import cache, stamps
from analysis import dataset as datasets
from analysis.plan import Plan
from analysis.remembered import summary_of
from analysis.summarize import summarize
from experiment import definitions, erasing, files, journal
from experiment.allocation import Allocation
from experiment.allocation.claims import folder_of, tombstone
from experiment.publish import publish
from experiment.recovering import recover
from experiment.running import alone
from experiment.study import Study, StudyError, Who
from experiment.withdrawing import bury, withdraw
from tests.scripted import CONDITIONS
from tests.unit.test_cli import spot
from tests.unit.test_roster import ELSEWHERE, Lab
from tests.validating import validate

GONE = "17"
NEAR = "170"
"""A code that begins like the other."""
TEXT = "My name is nobody else's business"


@pytest.fixture
def lab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lab:
    """Return a lab with three participants, analysed, of whom two have said something of their own."""
    monkeypatch.setenv("SPOT_SPOOL", str(tmp_path / "spool"))
    shutil.copytree(CONDITIONS, tmp_path / "conditions")
    lab = Lab(tmp_path, tmp_path / "conditions" / "protocols" / "tiny.toml")
    for code in ("16", GONE, NEAR):
        lab.run(code)
    return lab


def say(study: Study, code: str) -> None:
    """Keep a private text here and with the dataset, as a session does."""
    who = Who(code, "01")
    for file in (study.local_private(who), study.private_journal(who)):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"{TEXT} {code}\n", encoding="utf-8")


def analyse(study: Study) -> None:
    """Leave what an analysis leaves: a table that names participants, and files that do not."""
    derived = study.dataset / "derivatives" / "spot"
    (derived / "figures").mkdir(parents=True)
    (derived / "by_participant.tsv").write_text(f"participant_id\tscore\nsub-{GONE}\t3\nsub-16\t1\n")
    (derived / "by_condition.tsv").write_text("condition\tmean\ninclusion\t2\n")
    (derived / "figures" / "scores.svg").write_text("<svg/>")


def tree(*roots: Path) -> dict[Path, bytes]:
    """Return all files below some folders, hidden ones too, without the locks of the dataset."""
    found = (path for root in roots for path in root.rglob("*") if path.is_file())
    return {
        path: path.read_bytes() for path in found if path.name not in (".tables.lock", ".allocation.lock")
    }


def traces(lab: Lab, code: str = GONE) -> list[Path]:
    """Return the files that are named after a participant, name them or hold what they said."""
    allocation = folder_of(lab.study)
    named, said = erasing.named_after(code), erasing.mention_of(code)
    return [
        path
        for path, content in tree(lab.folder / "data", *lab.folder.glob("spool*")).items()
        if allocation not in path.parents
        and (
            any(named.match(part) for part in path.parts)
            or said.search(content)
            or f"{TEXT} {code}\n".encode() in content
        )
    ]


def test_nothing_is_left_of_who_withdraws_and_others_keep_all(lab: Lab) -> None:
    """Every file is looked at; what nobody else's is stays byte for byte."""
    say(lab.study, GONE)
    say(lab.study, NEAR)
    analyse(lab.study)
    assert len(traces(lab)) > 10
    before = tree(lab.folder / "data", lab.folder / "spool")
    derived = lab.study.dataset / "derivatives" / "spot"
    own = [path for path in traces(lab) if derived not in path.parents]
    done = withdraw(lab.study, GONE, "E1", "asked by letter")
    assert traces(lab) == []
    assert (done.left, derived.exists()) == (0, False)
    after = tree(lab.folder / "data", lab.folder / "spool")
    changed = {path for path in before if after.get(path) != before[path]} - set(own)
    allowed = {folder_of(lab.study) / "audit.tsv", lab.study.dataset / "participants.tsv"}
    assert {path for path in changed if derived not in path.parents} <= allowed
    assert set(after) - set(before) == {tombstone(lab.study, GONE)}


def test_what_was_kept_for_reading_quickly_is_forgotten(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    """An entry of the dataset that the analysis kept on this computer holds everybody's answers."""
    monkeypatch.setenv("SPOT_CACHE", str(lab.folder / "cache"))
    monkeypatch.setattr(cache, "WORTH_IT", 1)
    monkeypatch.setattr(stamps, "SETTLED_S", -10.0)
    monkeypatch.setattr(stamps, "_began", lambda: 2**63)
    summary_of(lab.study.dataset)
    summary_of(lab.study.dataset, Plan(equivalence=0.3))
    kept = [path for path in (lab.folder / "cache").rglob("*") if path.is_file()]
    assert len(kept) == 3
    withdraw(lab.study, GONE)
    assert not any(path.exists() for path in kept)


def test_the_tombstone_has_no_data(lab: Lab) -> None:
    """The code, when, on which computer, by whom and why: as any decision of the allocation."""
    withdraw(lab.study, GONE, "E1", "asked by letter")
    told = json.loads(tombstone(lab.study, GONE).read_text(encoding="utf-8"))
    assert set(told) == {"code", "wall", "machine", "experimenter", "reason"}
    assert (told["code"], told["experimenter"], told["reason"]) == (GONE, "E1", "asked by letter")
    row = lab.audit()[-1]
    assert (row["what"], row["code"], row["experimenter"]) == ("participant_withdrawn", GONE, "E1")


def test_another_computer_erases_its_copy_and_brings_nothing_back(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two spools on one dataset: the journal that only the other one still has is never written again."""
    say(lab.study, GONE)
    shutil.copytree(lab.folder / "spool", lab.folder / "spool-2")
    withdraw(lab.study, GONE)
    assert all("spool-2" in str(path) for path in traces(lab))
    assert traces(lab)
    monkeypatch.setenv("SPOT_SPOOL", str(lab.folder / "spool-2"))
    found = recover(lab.study)
    assert found.lines == [f"'{GONE}' was withdrawn: 2 files erased"]
    assert (found.sessions, found.partly) == (2, False)
    assert traces(lab) == []
    assert recover(lab.study).lines == []


def test_the_code_is_never_used_again(lab: Lab) -> None:
    """Neither for the same session, nor resumed, nor for another one; the roster offers the next."""
    withdraw(lab.study, NEAR)
    for session in ("01", "02"):
        with pytest.raises(
            StudyError, match=f"participant '{NEAR}' was withdrawn; the code is not used again"
        ):
            lab.run(NEAR, session)
    protocol = definitions.resolve(lab.protocol).protocol
    with pytest.raises(StudyError, match="was withdrawn"):
        Allocation(lab.study, protocol).claim_code(Who(NEAR, "02"))
    recover(lab.study)  # a run that is refused leaves its lock
    assert traces(lab, NEAR) == []
    assert lab.states() == {"16": "done", GONE: "done", NEAR: "withdrawn"}
    assert any("1 withdrawn" in line for line in lab.said)
    assert f"next: {int(NEAR) + 1}" in lab.said


def test_the_slot_stays_taken_until_it_is_decided_otherwise(lab: Lab) -> None:
    """Others keep their cells, the next one the next slot; `--replace` gives it away, as for a dropout."""
    withdraw(lab.study, GONE)
    lab.run("171")
    slots = {row["code"]: row["slot"] for row in lab.audit() if row["what"] == "slot_drawn"}
    assert slots == {"16": "1", GONE: "2", NEAR: "3", "171": "4"}
    assert lab.roster(replace=GONE, by="E1", reason="withdrew")
    lab.run("172")
    refilled = [(row["code"], row["slot"]) for row in lab.audit() if row["what"] == "slot_refilled"]
    assert refilled == [("172", "2")]
    assert lab.roster(unblind=True, by="E1")


def test_what_is_left_is_a_whole_dataset(lab: Lab) -> None:
    """The validator, our verification and the analysis have nothing to say."""
    withdraw(lab.study, GONE)
    validate(lab.study.dataset)
    summarize(lab.study.dataset)
    data = datasets.load(lab.study.dataset)
    assert data.skipped == ()
    assert (
        set(data.sessions["participant_id"])
        == {"sub-16", f"sub-{NEAR}"}
        == set(data.participants["participant_id"])
    )
    assert traces(lab) == []


def test_descriptions_of_tables_that_nobody_has_go_too(lab: Lab) -> None:
    """BIDS calls a description without a table a mistake."""
    for code in ("16", NEAR, GONE):
        withdraw(lab.study, code)
    assert list(lab.study.dataset.glob("task-*.json")) == []
    assert (lab.study.dataset / "participants.json").is_file()


def test_a_running_session_is_not_taken_away(lab: Lab) -> None:
    """Nothing is erased and no tombstone stands; another one's session is no hindrance."""
    before = tree(lab.folder / "data")
    with alone(lab.study, Who(GONE, "01")), pytest.raises(StudyError, match="is running in another program"):
        withdraw(lab.study, GONE)
    assert tree(lab.folder / "data") == before
    with alone(lab.study, Who("16", "01")):
        withdraw(lab.study, GONE)
    assert traces(lab) == []


def test_a_session_on_another_computer_writes_nothing_any_more(lab: Lab) -> None:
    """It goes on there; neither its copy nor its tables come into the dataset."""
    who = Who(GONE, "01")
    local, shared = lab.study.local_journal(who), lab.study.journal(who)
    recorded = journal.read(local)
    bury(lab.study, GONE)
    shared.unlink()
    with journal.Journal(
        local, shared, within=lab.study.dataset, resume=True, barred=tombstone(lab.study, GONE)
    ) as record:
        record.write("note", None)
        record.sync()
    assert "has withdrawn" in record.problem
    assert not shared.exists()
    with pytest.raises(OSError, match="was withdrawn"):
        publish(lab.study, recorded)


def test_recovering_leaves_a_session_that_runs_here_to_its_end(lab: Lab) -> None:
    """It is told, and erased by the next recovery."""
    bury(lab.study, GONE)
    with alone(lab.study, Who(GONE, "01")):
        found = recover(lab.study)
        assert (found.partly, found.sessions) == (True, 2)
        assert "is running here" in found.lines[0]
        assert lab.study.local_journal(Who(GONE, "01")).is_file()
    assert not recover(lab.study).partly
    assert traces(lab) == []


class Killed(BaseException):
    """The program ends here."""


def dying(monkeypatch: pytest.MonkeyPatch, after: int) -> Generator[None, None, None]:
    """Let the program die before the nth change to a file; undone when the generator goes on."""
    done = 0

    def counted(plain: Callable[..., object]) -> Callable[..., object]:
        def change(*given: object, **named: object) -> object:
            nonlocal done
            done += 1
            if done == after:
                raise Killed
            return plain(*given, **named)

        return change

    with monkeypatch.context() as patch:
        for owner, name in ((Path, "unlink"), (Path, "rmdir"), (Path, "replace"), (files, "_write")):
            patch.setattr(owner, name, counted(getattr(owner, name)))
        yield


@pytest.mark.parametrize("how", ["recovered", "again", "elsewhere"])
def test_broken_off_anywhere_it_comes_to_its_end(lab: Lab, monkeypatch: pytest.MonkeyPatch, how: str) -> None:
    """At every change to a file: the next withdrawal or recovery, here or elsewhere, erases the rest."""
    say(lab.study, GONE)
    analyse(lab.study)
    kept = lab.folder / "kept"
    for name in ("data", "spool"):
        shutil.copytree(lab.folder / name, kept / name)
    steps = 0
    while True:
        steps += 1
        for name in ("data", "spool"):
            shutil.rmtree(lab.folder / name)
            shutil.copytree(kept / name, lab.folder / name)
        broken = False
        death = dying(monkeypatch, steps)
        next(death)
        try:
            withdraw(lab.study, GONE)
        except Killed:
            broken = True
        death.close()
        if not broken:
            break
        buried = tombstone(lab.study, GONE).is_file()
        if how == "again" or not buried:
            withdraw(lab.study, GONE)
        elif how == "recovered":
            recover(lab.study)
        else:
            monkeypatch.setenv("SPOT_SPOOL", str(lab.folder / "spool-2"))
            recover(lab.study)
            assert all("spool" in str(path) for path in traces(lab))
            monkeypatch.setenv("SPOT_SPOOL", str(lab.folder / "spool"))
            recover(lab.study)
        assert traces(lab) == [], steps
        assert (lab.study.dataset / "sub-16").is_dir()
    assert steps > 30


def test_a_file_held_open_is_named_and_the_rest_is_erased(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    """As Windows holds what another program reads; afterwards the same command finishes."""
    held = next((lab.study.dataset / f"sub-{GONE}").rglob("*_beh.tsv"))
    plain = erasing.unlink

    def unlink(file: Path) -> None:
        if file == held:
            raise PermissionError(13, "Permission denied", str(file))
        plain(file)

    with monkeypatch.context() as patch:
        patch.setattr(erasing, "unlink", unlink)
        done = withdraw(lab.study, GONE)
    assert done.left == 1
    assert done.lines[0].startswith(f"{held}: could not be erased (Permission denied)")
    assert traces(lab) == [held]
    assert withdraw(lab.study, GONE).left == 0
    assert traces(lab) == []


def test_a_link_is_erased_and_not_followed(lab: Lab) -> None:
    """What lies elsewhere under another name is not the dataset's."""
    elsewhere = lab.folder / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "kept.txt").write_text("kept")
    try:
        (lab.study.dataset / f"sub-{GONE}" / "more").symlink_to(elsewhere, target_is_directory=True)
    except OSError:
        pytest.skip("this system lets nobody make links")
    withdraw(lab.study, GONE)
    assert (elsewhere / "kept.txt").read_text() == "kept"
    assert traces(lab) == []


def test_other_programs_files_go_by_their_name_or_are_named(lab: Lab) -> None:
    """A derivative's folder of the participant is erased; a table that names them is told, and a history."""
    other = lab.study.dataset / "derivatives" / "other"
    (other / f"sub-{GONE}" / "eeg").mkdir(parents=True)
    (other / f"sub-{GONE}" / "eeg" / "raw.txt").write_text("x")
    (other / f"sub-{NEAR}").mkdir()
    (other / f"sub-{NEAR}" / "raw.txt").write_text("x")
    (other / "group.tsv").write_text(f"participant_id\nsub-{GONE}\n")
    (lab.study.dataset / ".git").mkdir()
    moved = lab.folder / "spool" / "tiny-01234567"
    moved.mkdir()
    (moved / f"sub-{GONE}_ses-01_journal.jsonl").write_text("x")
    done = withdraw(lab.study, GONE)
    assert not (other / f"sub-{GONE}").exists()
    assert (other / f"sub-{NEAR}" / "raw.txt").is_file()
    assert done.left == 3
    assert [line.split(":")[0].split("/")[-1] for line in done.lines] == [
        "group.tsv", f"sub-{GONE}_ses-01_journal.jsonl", ".git"
    ]  # fmt: skip


def test_who_has_only_a_claim_or_a_line_can_withdraw(lab: Lab) -> None:
    """And who is not known is refused in words."""
    lab.claim("18")
    withdraw(lab.study, "18")
    assert lab.states()["18"] == "withdrawn"
    with pytest.raises(StudyError, match="participant '99' is not known in"):
        withdraw(lab.study, "99")
    assert not tombstone(lab.study, "99").exists()


def test_a_session_cut_off_elsewhere_is_erased_here(lab: Lab) -> None:
    """A right to withdraw does not wait for a computer that may be broken."""
    lab.leave(GONE, "cell", machine=ELSEWHERE)
    withdraw(lab.study, GONE)
    assert traces(lab) == []


def test_the_command_asks_for_the_code(
    lab: Lab, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Another word, or nobody there to ask, erases nothing (exit code 3); the code erases."""
    for typed, code, begins in (("18\n", 3, True), ("", 3, True), (f"{GONE}\n", 0, False)):
        monkeypatch.setattr("sys.stdin", io.StringIO(typed))
        assert spot("withdraw", GONE, lab.study.dataset) == code
        assert bool(traces(lab)) is begins
    assert f"of '{GONE}' erased in" in capsys.readouterr().out
    assert spot("withdraw", "16", lab.study.dataset, "--yes", "--by", "Dr Who") == 2
    assert spot("withdraw", "16", lab.study.dataset, "--yes", "--by", "E1") == 0
    assert spot("recover", lab.study.dataset) == 0
    assert spot("verify", lab.study.dataset) == 0
    assert spot("roster", lab.study.dataset) == 0
