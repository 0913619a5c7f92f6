"""The roster: who is done, running, cut off and next, without a cell; dropouts replaced on record."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from experiment import definitions, journal
from experiment.allocation import Allocation
from experiment.attendance import next_code
from experiment.booth import Interruptions
from experiment.earlier import machine_mark
from experiment.recovering import recover
from experiment.respondent import Respondent
from experiment.roster import Wish, check_wish, roster
from experiment.runner import Request, run_session
from experiment.running import alone
from experiment.signing import signature
from experiment.simulate import Simulation, simulate
from experiment.simulated import virtual_booth
from experiment.study import Study, StudyError, Who
from tests.scripted import CONDITIONS
from tests.stratified import stratified
from tests.unit.test_cli import spot

ELSEWHERE = "deadbeef"


class Stage:
    """A stage without a window, at which a simulated participant sits."""

    def __init__(self, resolved: definitions.Resolved, seed: int) -> None:
        booth = virtual_booth(Respondent(seed, resolved.measures))
        self.screen, self.keys, self.clock = booth.screen, booth.keys, booth.clock

    def close(self) -> None:
        """Have nothing to close."""


@dataclass
class Lab:
    """A study of people, whose sessions can be left as they are after any event."""

    folder: Path
    protocol: Path
    said: list[str] = field(default_factory=list)
    complained: list[str] = field(default_factory=list)

    @property
    def study(self) -> Study:
        """Return the study."""
        return Study(self.folder / "data", "tiny")

    def run(self, code: str, session: str = "01", *, seed: int = 1) -> None:
        """Run a session to its end."""
        resolved = definitions.resolve(self.protocol)

        def opened(_interruptions: Interruptions) -> Stage:
            return Stage(resolved, seed)

        who = Who(code, session)
        request = Request(str(self.protocol), who, self.folder / "data", seed=seed, experimenter="E1")
        assert run_session(request, opened, lambda _line: None).outcome == "completed"

    def leave(self, code: str, after: str, *, machine: str | None = None, end: str = "") -> None:
        """Leave of a session what was there after some event; with another computer's mark, or an end."""
        who = Who(code, "01")
        local, shared = self.study.local_journal(who), self.study.journal(who)
        events = journal.read(local).events
        last = next(i for i, event in enumerate(events, start=1) if event["event"] == after)
        local.unlink()
        with journal.Journal(local, durable=False) as record:
            for event in events[:last]:
                facts = {key: value for key, value in event.items() if key not in ("n", "event", "t", "hash")}
                if machine and event["event"] == "segment":
                    facts["machine"] = machine
                record.write(event["event"], event["t"], **facts)
            if end:
                record.write("end", None, outcome=end)
        shutil.copyfile(local, shared)
        if machine:
            local.unlink()

    def claim(self, code: str) -> None:
        """Take a code and die."""
        protocol = definitions.resolve(self.protocol).protocol
        Allocation(self.study, protocol, sign=signature).claim_code(Who(code, "01"))

    def roster(self, **wish: object) -> bool:
        """Ask for the roster; what is said can be read afterwards."""
        self.said, self.complained = [], []
        return roster(self.study, Wish(**wish), self.said.append, self.complained.append)  # type: ignore[arg-type]

    def states(self) -> dict[str, str]:
        """Return the state of each code as the roster says it."""
        assert self.roster() or self.complained or "unreadable" in " ".join(self.said)
        counts = next(i for i, line in enumerate(self.said) if re.match(r"\n\d+ participant", line))
        head, *lines = self.said[:counts]
        start = head.index("state")
        end = head.index("begun")
        return {line.split()[0]: line[start:end].strip() for line in lines}

    def audit(self) -> list[dict[str, str]]:
        """Return the rows of the audit."""
        file = self.study.dataset / "sourcedata" / "allocation" / "audit.tsv"
        head, *rows = [line.split("\t") for line in file.read_text(encoding="utf-8").splitlines()]
        return [dict(zip(head, row, strict=True)) for row in rows]


@pytest.fixture
def lab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lab:
    """Return a lab with the tiny protocol."""
    monkeypatch.setenv("SPOT_SPOOL", str(tmp_path / "spool"))
    shutil.copytree(CONDITIONS, tmp_path / "conditions")
    return Lab(tmp_path, tmp_path / "conditions" / "protocols" / "tiny.toml")


@pytest.fixture
def full(lab: Lab) -> Lab:
    """Return a lab in which a session stands in each state but running."""
    for code in ("001", "002", "003", "004", "005", "006", "007"):
        lab.run(code)
    lab.leave("002", "cell")
    lab.leave("003", "step", end="declined")
    lab.leave("004", "cell", end="stopped_by_participant")
    lab.leave("005", "cell", end="stopped_by_experimenter")
    lab.leave("006", "cell", machine=ELSEWHERE)
    lab.study.local_journal(Who("007", "01")).write_bytes(b"nothing\n")
    lab.study.journal(Who("007", "01")).unlink()
    lab.claim("008")
    return lab


def test_hidden_files_beside_a_record_are_no_records(lab: Lab) -> None:
    """As macOS leaves one beside each file on a share that cannot hold its attributes."""
    lab.run("001")
    record = lab.study.journal(Who("001", "01"))
    record.with_name(f"._{record.name}").write_bytes(b"\x00\x05\x16\x07\xb0")
    assert lab.states() == {"001": "done"}
    found = recover(lab.study)
    assert (found.sessions, found.unreadable) == (1, 0)


def test_every_state_is_told(full: Lab) -> None:
    """From the journals here and in the dataset, and from the claims."""
    assert full.states() == {
        "001": "done",
        "002": "cut off",
        "003": "declined",
        "004": "stopped by participant",
        "005": "stopped by experimenter",
        "006": "cut off?",
        "007": "unreadable",
        "008": "claimed, no record",
    }
    text = "\n".join(full.said)
    assert "8 participants, 8 sessions: 1 done" in text
    assert "cut off? was begun on another computer, and may be running there" in text
    assert "slots drawn: 7" in text
    assert "next: 009" in text
    assert "unreadable: " in text
    assert "is no journal of a session" in text
    assert not full.roster(), "an unreadable record is no clean roster"


def test_a_session_that_runs_now_is_told(full: Lab) -> None:
    """On this computer: its lock is held."""
    with alone(full.study, Who("002", "01")):
        assert full.states()["002"] == "running"
        assert "running on this computer: 002 (session 1)" in full.said
    assert full.states()["002"] == "cut off"


def test_a_row_tells_when_and_where_a_session_began(lab: Lab) -> None:
    """In local time, with the permission and the computer's mark."""
    lab.run("001")
    lab.roster()
    wall = next(journal.read(lab.study.journal(Who("001", "01"))).all("segment"))["wall"]
    assert lab.said[0].split() == ["code", "session", "state", "begun", "permission", "computer"]
    assert lab.said[1].split() == ["001", "1", "done", wall[:10], wall[11:16], "granted", machine_mark()]
    assert len({line.index("granted") for line in lab.said if "granted" in line}) == 1


def test_the_roster_tells_nothing_from_which_a_cell_follows(lab: Lab) -> None:
    """Two studies that differ only in who has which cell have the same roster, times apart."""
    lab.run("001")
    lab.run("002", seed=2)
    lab.roster()
    before = [line.split()[:3] + line.split()[5:] for line in lab.said]
    for code in ("001", "002"):
        path = lab.study.local_journal(Who(code, "01"))
        events = journal.read(path).events
        path.unlink()
        with journal.Journal(path, durable=False) as record:
            for event in events:
                facts = {key: value for key, value in event.items() if key not in ("n", "event", "t", "hash")}
                if event["event"] == "cell":
                    facts["cell"] = "unfair" if facts["cell"] == "fair" else "fair"
                late = None if event["t"] is None else event["t"] * 3
                record.write(event["event"], late, **facts)
    lab.roster()
    assert [line.split()[:3] + line.split()[5:] for line in lab.said] == before
    words = "\n".join(lab.said)
    for told in ("fair", "minutes", "duration", "block"):
        assert told not in words


@pytest.mark.parametrize(
    ("codes", "following"),
    [
        (["001", "002", "010"], "011"),
        (["7"], "8"),
        (["099"], "100"),
        (["999"], "1000"),
        (["P01", "002"], ""),
        ([], ""),
    ],
)
def test_the_next_code_follows_numbers_alone(codes: list[str], following: str) -> None:
    """Of any other pattern nothing is guessed."""
    assert next_code(codes) == following


# Unblinding


def test_unblinding_tells_cells_and_goes_on_record(lab: Lab) -> None:
    """Everybody's cell, how many each cell has, how long it took; the audit says who looked."""
    for number, code in enumerate(("001", "002", "003"), start=1):
        lab.run(code, seed=number)
    lab.leave("003", "cell")
    assert lab.roster(unblind=True, by="E2", reason="interim report")
    rows = [line.split() for line in lab.said]
    cells = {row[0]: row[-1] for row in rows[1:4]}
    for code, cell in cells.items():
        assert cell == next(journal.read(lab.study.journal(Who(code, "01"))).all("cell"))["cell"]
    assert "minutes" in rows[0]
    done = {name: sum(cells[code] == name for code in ("001", "002")) for name in ("fair", "unfair")}
    drawn = {name: list(cells.values()).count(name) for name in ("fair", "unfair")}
    assert rows[-2:] == [[name, str(drawn[name]), str(done[name])] for name in ("fair", "unfair")]
    last = lab.audit()[-1]
    assert (last["what"], last["experimenter"], last["reason"]) == ("cells_unblinded", "E2", "interim report")
    assert last["computer"] == machine_mark()
    lab.roster(unblind=True, by="E2")
    assert [row["what"] for row in lab.audit()].count("cells_unblinded") == 2


def test_a_look_at_the_roster_alone_is_no_unblinding(lab: Lab) -> None:
    """It leaves no decision in the audit."""
    lab.run("001")
    lab.roster()
    assert {row["what"] for row in lab.audit()} == {"code_claimed", "slot_drawn"}


def test_the_audit_never_tells_a_cell(lab: Lab) -> None:
    """Whatever was done; it says when, where, by whom, and under which sequence."""
    for code in ("001", "002", "003"):
        lab.run(code)
    lab.leave("002", "cell")
    lab.roster(replace="002", by="E2", reason="moved away")
    lab.run("004")
    lab.roster(unblind=True, by="E2")
    rows = lab.audit()
    assert [(row["what"], row["code"]) for row in rows if row["code"] in ("002", "004")] == [
        ("code_claimed", "002"),
        ("slot_drawn", "002"),
        ("dropout_replaced", "002"),
        ("code_claimed", "004"),
        ("slot_refilled", "004"),
    ]
    assert "fair" not in "\n".join(value for row in rows for value in row.values())
    assert len({row["sequence"] for row in rows}) == 1
    assert all(row["time"] != "n/a" and row["computer"] == machine_mark() for row in rows)
    assert {row["experimenter"] for row in rows} == {"E1", "E2"}
    slots = [row for row in rows if row["what"].startswith("slot")]
    assert [row["slot"] for row in slots] == ["1", "2", "3", "2"]
    assert all(row["block"] in ("1", "2") for row in slots)


# Dropouts


def test_a_replaced_dropout_keeps_cell_and_data(lab: Lab) -> None:
    """The next participant has the same slot; both stay in the tables."""
    lab.run("001")
    lab.leave("001", "cell", end="stopped_by_participant")
    assert lab.roster(replace="001", by="E2", reason="stopped")
    assert lab.said == ["slot 1 goes to the next new participant in place of 001"]
    lab.roster()
    assert "replaced: 001; 1 not refilled yet" in lab.said
    lab.run("002", seed=2)
    recover(lab.study)
    drawn = [next(journal.read(lab.study.journal(Who(code, "01"))).all("cell")) for code in ("001", "002")]
    assert [each["slot"] for each in drawn] == [1, 1]
    assert drawn[0]["cell"] == drawn[1]["cell"]
    assert "\tstopped_by_participant\t" in (lab.study.dataset / "sub-001" / "sub-001_sessions.tsv").read_text(
        encoding="utf-8"
    )
    lab.roster()
    assert "replaced: 001; 0 not refilled yet" in lab.said
    assert "slots drawn: 1" in lab.said


def test_only_a_dropout_is_replaced(full: Lab) -> None:
    """Nobody who completed, may still be at it, cannot be judged, has no slot, or is unknown."""
    full.run("010")
    reasons = {
        "010": "'010' has completed",
        "006": "'006' was begun on another computer and may be running there",
        "007": "nobody can tell whether '007' completed",
        "008": "'008' has no slot",
        "099": "'099' is not known",
    }
    before = {file.name for file in (full.study.dataset / "sourcedata" / "allocation").iterdir()}
    for code, words in reasons.items():
        with pytest.raises(StudyError, match=words) as refused:
            full.roster(replace=code, by="E2", reason="gone")
        assert "\n" not in str(refused.value)
    with alone(full.study, Who("002", "01")), pytest.raises(StudyError, match="running in another program"):
        full.roster(replace="002", by="E2", reason="gone")
    assert {file.name for file in (full.study.dataset / "sourcedata" / "allocation").iterdir()} == before
    for code in ("002", "004", "005"):
        assert full.roster(replace=code, by="E2", reason="gone")
    with pytest.raises(StudyError, match="'002' was replaced already"):
        full.roster(replace="002", by="E2", reason="gone")


def test_whoever_did_not_finish_a_later_session_is_a_dropout(lab: Lab) -> None:
    """The last session counts: a first one that was completed does not make a participant complete."""
    lab.run("001")
    lab.run("001", "02")
    with pytest.raises(StudyError, match="has completed"):
        lab.roster(replace="001", by="E2", reason="gone")
    path = lab.study.local_journal(Who("001", "02"))
    cut = b"".join(path.read_bytes().splitlines(keepends=True)[:30])
    for file in (path, lab.study.journal(Who("001", "02"))):
        file.write_bytes(cut)
    assert lab.roster(replace="001", by="E2", reason="gone")


@pytest.mark.parametrize(
    ("wish", "words"),
    [
        (Wish(replace="001"), '--reason "..." and --by'),
        (Wish(replace="001", by="E1"), '--reason "..." and --by'),
        (Wish(replace="001", reason="gone"), '--reason "..." and --by'),
        (Wish(replace="001", by="E1", reason="  "), '--reason "..." and --by'),
        (Wish(unblind=True), "--unblind needs --by"),
        (Wish(unblind=True, replace="001", by="E1", reason="gone"), "one after the other"),
        (Wish(by="E1"), "go with --replace or --unblind"),
        (Wish(reason="gone"), "go with --replace or --unblind"),
        (Wish(unblind=True, by="Anna Smith"), "experimenter code 'Anna Smith' is not allowed"),
    ],
)
def test_what_must_be_on_record_is_asked_for(wish: Wish, words: str) -> None:
    """In one line, before anything is looked at."""
    with pytest.raises(StudyError) as refused:
        check_wish(wish)
    assert words in str(refused.value)
    assert "\n" not in str(refused.value)


# Strata, simulated studies, the command line


def test_strata_are_counted_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Slots by stratum without the cells; cells by stratum with them. Also of a simulated study."""
    monkeypatch.setenv("SPOT_SPOOL", str(tmp_path / "spool"))
    study = simulate(Simulation(str(stratified(tmp_path)), 9, 7, tmp_path / "data"))
    said: list[str] = []
    assert roster(study, Wish(), said.append, said.append)
    (line,) = [line for line in said if line.startswith("slots drawn: 9 (")]
    allocation = study.dataset / "sourcedata" / "allocation"
    strata = [
        json.loads(f.read_text("utf-8")) and f.stem.partition("-")[2] for f in allocation.glob("slot-*")
    ]
    for name in {stratum.partition("_stratum-")[2] for stratum in strata}:
        assert f"{sum(s.endswith(f'_stratum-{name}') for s in strata)} {name}" in line
    said.clear()
    assert roster(study, Wish(unblind=True, by="E1"), said.append, said.append)
    counts = [row.split() for row in said[said.index("") + 2 :]]
    assert sum(int(row[2]) for row in counts) == sum(int(row[3]) for row in counts) == 9
    assert [row[1] for row in counts] == ["fair", "unfair"] * (len(counts) // 2)


def test_the_command_says_how_it_went_by_its_exit_code(full: Lab, capsys: pytest.CaptureFixture[str]) -> None:
    """0 done, 2 a wrong request, 4 where something could not be read."""
    dataset = full.study.dataset
    assert spot("roster", dataset) == 4
    assert "claimed, no record" in capsys.readouterr().out
    assert spot("roster", dataset, "--unblind") == 2
    assert capsys.readouterr().err.startswith("spot: --unblind needs --by")
    assert spot("roster", dataset, "--replace", "002", "--reason", "gone", "--by", "E2") == 0
    assert "slot 2 goes to the next" in capsys.readouterr().out
    assert spot("roster", full.folder) == 2


def test_an_audit_that_cannot_be_written_waits_for_recover(
    full: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The decision stands: its file is there before the audit."""

    def refused(*_: object) -> None:
        raise PermissionError(13, "open in another program")

    with monkeypatch.context() as patch:
        patch.setattr("experiment.roster.publish_audit", refused)
        assert not full.roster(replace="002", by="E2", reason="gone")
    assert "the audit waits for 'spot recover" in full.complained[0]
    assert full.audit()[-1]["what"] != "dropout_replaced"
    recover(full.study)
    assert "dropout_replaced" in {row["what"] for row in full.audit()}
