"""A session is killed at any moment: nothing that was shown is lost, and it goes on where it was."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from experiment import journal
from experiment.recovering import Recovery, recover
from experiment.study import StudyError, Who
from tests.faults.sitter import Lab, Sitter
from tests.faults.small_study import write_conditions
from tests.validating import validate
from tests.window.driving import table

KILLS = 15
SPEED = 40.0
WHOLE = "900"
"""The participant whose session nobody kills."""


def start(lab: Lab, code: str, speed: float = SPEED) -> subprocess.Popen[str]:
    """Start a session that can be killed."""
    command = [
        sys.executable,
        str(Path(__file__).with_name("sitter.py")),
        str(lab.folder),
        str(lab.protocol),
        code,
        str(speed),
    ]
    root = Path(__file__).parents[2]
    env = {**os.environ, "PYTHONPATH": str(root)}
    return subprocess.Popen(command, env=env, text=True, stdout=subprocess.PIPE)


def said_until(program: subprocess.Popen[str], event: int) -> list[dict[str, Any]]:
    """Read what a session says until an event is recorded."""
    said: list[dict[str, Any]] = []
    assert program.stdout is not None
    for line in program.stdout:
        said.append(json.loads(line))
        if said[-1]["n"] >= event:
            return said
    pytest.fail(f"the session ended before event {event}")


@dataclass(frozen=True, slots=True)
class Killed:
    """A session that was killed: all it had said, its journal then, and its tables once recovered."""

    who: Who
    said: list[dict[str, Any]]
    left: bytes
    recorded: journal.Recorded

    @property
    def unfinished_run(self) -> bool:
        """Return whether it was killed within a run."""
        return sum(1 for _ in self.recorded.all("run")) > sum(1 for _ in self.recorded.all("run_end"))

    @property
    def unfinished_form(self) -> bool:
        """Return whether it was killed within a form that had an answer already."""
        done = {e["id"] for e in self.recorded.all("step_end")}
        return any(e["step"] not in done for e in self.recorded.all("answer"))


def kill_at(lab: Lab, code: str, event: int) -> Killed:
    """Run a session and kill it once an event was recorded."""
    program = start(lab, code)
    try:
        said = said_until(program, event)
    finally:
        program.kill()
        rest, _ = program.communicate()
    said += [json.loads(line) for line in rest.splitlines(keepends=True) if line.endswith("\n")]
    who = Who(code, "01")
    local = lab.study.local_journal(who)
    return Killed(who, said, local.read_bytes(), journal.read(local))


@dataclass(slots=True)
class Aftermath:
    """A study in which many sessions were killed, then recovered, then resumed."""

    lab: Lab
    killed: list[Killed]
    recovery: Recovery
    tables: dict[Path, str]
    outcomes: dict[str, str]

    def beh(self, who: Who) -> dict[Path, str]:
        """Return the session's own tables as they are now."""
        return tables_of(self.lab, who)


def tables_of(lab: Lab, who: Who) -> dict[Path, str]:
    """Return a session's own tables."""
    folder = lab.study.dataset / who.folder / "beh"
    return {path: path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.tsv"))}


def session_rows(lab: Lab) -> dict[str, dict[str, str]]:
    """Return the row of each participant's session."""
    files = lab.study.dataset.glob("sub-*/sub-*_sessions.tsv")
    return {file.parent.name.removeprefix("sub-"): table(file)[0] for file in files}


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """Yield a folder of its own for data and journals."""
    folder = tmp_path_factory.mktemp("killed")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SPOT_SPOOL", str(folder / "spool"))
        yield Lab(folder, write_conditions(folder) / "whole.toml")


@pytest.fixture(scope="module")
def aftermath(lab: Lab) -> Aftermath:
    """Kill sessions at moments drawn from a seed, and recover the study."""
    Sitter(lab).sit(WHOLE)
    total = len(journal.read(lab.study.journal(Who(WHOLE, "01"))).events)
    moments = [*random.Random(20).sample(range(3, total - 1), KILLS - 1), total]
    codes = [f"{number:03d}" for number in range(1, KILLS + 1)]
    with ThreadPoolExecutor(2) as pool:
        killed = list(pool.map(lambda code, moment: kill_at(lab, code, moment), codes, moments))
    recovery = recover(lab.study)
    tables = {path: text for each in killed for path, text in tables_of(lab, each.who).items()}
    outcomes = {code: row["outcome"] for code, row in session_rows(lab).items()}
    validate(lab.study.dataset)
    return Aftermath(lab, killed, recovery, tables, outcomes)


@pytest.fixture(scope="module")
def resumed(aftermath: Aftermath) -> Aftermath:
    """Resume every session that was cut off, to its end."""
    for each in aftermath.killed:
        if not each.recorded.has_ended:
            assert Sitter(aftermath.lab).sit(each.who.code, resume=True).outcome == "completed"
    return aftermath


def test_the_moments_were_worth_it(aftermath: Aftermath) -> None:
    """Some sessions died within a run, some within a form, one at its very end."""
    assert any(each.unfinished_run for each in aftermath.killed)
    assert any(each.unfinished_form for each in aftermath.killed)
    assert any(each.recorded.has_ended for each in aftermath.killed)


def test_all_that_was_shown_before_the_kill_is_in_the_journal(aftermath: Aftermath) -> None:
    """Every event that a killed session had spoken of, and every event before a scene that it had shown."""
    for each in aftermath.killed:
        kinds = [event["event"] for event in each.recorded.events]
        assert each.said[-1]["n"] <= len(kinds)
        assert all(kinds[fact["n"] - 1] == fact["event"] for fact in each.said if "event" in fact)


def test_recover_brings_every_record_whole(aftermath: Aftermath) -> None:
    """The dataset's copies begin with all that the killed programs had written."""
    for each in aftermath.killed:
        copy = aftermath.lab.study.journal(each.who).read_bytes()
        assert copy.startswith(journal.whole_lines(each.left))


def test_recover_says_what_it_found(aftermath: Aftermath) -> None:
    """One line for each session that was cut off, none for one that ended."""
    said = "\n".join(aftermath.recovery.lines)
    for each in aftermath.killed:
        line = f"{each.who.stem}_journal.jsonl: was cut off; {len(each.recorded.events)} events are kept"
        assert (line in said) is not each.recorded.has_ended
    assert f"sub-{WHOLE}" not in said
    assert aftermath.recovery.sessions == KILLS + 1
    assert aftermath.recovery.unreadable == 0


def test_a_session_that_was_cut_off_says_so(aftermath: Aftermath) -> None:
    """The outcome is `cut_off`, and every throw and answer recorded is in a table."""
    for each in aftermath.killed:
        assert aftermath.outcomes[each.who.code] == ("completed" if each.recorded.has_ended else "cut_off")
        own = {path: text for path, text in aftermath.tables.items() if each.who.stem in path.name}
        throws = sum(line.count("coplayer_to") + line.count("participant_throw") for line in own.values())
        assert throws == sum(1 for _ in each.recorded.all("release"))
        answers = {(e["step"], e["item"]) for e in each.recorded.all("answer")}
        rows = sum(text.count("\n") - 1 for path, text in own.items() if path.name.endswith("_beh.tsv"))
        assert rows == len(answers)
    assert aftermath.outcomes[WHOLE] == "completed"


def test_a_resumed_session_appends_and_never_overwrites(resumed: Aftermath) -> None:
    """The first segment stands untouched before the second; its tables keep every row."""
    for each in resumed.killed:
        now = resumed.lab.study.journal(each.who).read_bytes()
        assert now.startswith(journal.whole_lines(each.left))
        tables = resumed.beh(each.who)
        for path, text in resumed.tables.items():
            if each.who.stem not in path.name:
                continue
            if path.name.endswith("_events.tsv"):
                assert tables[path] == text
            else:
                assert set(text.splitlines()) <= set(tables[path].splitlines())


def test_a_resumed_session_begins_with_the_first_unfinished_step(resumed: Aftermath) -> None:
    """No step that was done is done again, and no answer that was given is asked for again."""
    for each in resumed.killed:
        whole = journal.read(resumed.lab.study.journal(each.who))
        done = {e["id"] for e in each.recorded.all("step_end")}
        later = whole.events[len(each.recorded.events) :]
        ids = [e["id"] for e in whole.all("step_end")]
        assert len(ids) == len(set(ids)) == len(resumed.lab.resolved.protocol.steps)
        begun = [e["id"] for e in later if e["event"] == "step"]
        assert not done & set(begun)
        first = [(e["step"], e["item"]) for e in each.recorded.all("answer")]
        second = [(e["step"], e["item"]) for e in later if e["event"] == "answer"]
        assert not set(first) & set(second)


def test_a_run_that_is_repeated_has_the_next_number(resumed: Aftermath) -> None:
    """Attempts are counted: both are in the dataset, under numbers of their own."""
    repeated = 0
    for each in resumed.killed:
        whole = journal.read(resumed.lab.study.journal(each.who))
        for kind, task in (("practice", "practice"), ("game", "cyberball")):
            numbers = [e["number"] for e in whole.all("run") if e["kind"] == kind]
            assert numbers == list(range(1, len(numbers) + 1))
            files = [path for path in resumed.beh(each.who) if f"task-{task}_run-" in path.name]
            assert len(files) == len(numbers)
            repeated += len(numbers) > 1
    assert repeated


def test_the_cell_stays_the_same_after_a_resume(resumed: Aftermath) -> None:
    """A participant has one cell and one slot, however often they were cut off."""
    for each in resumed.killed:
        whole = journal.read(resumed.lab.study.journal(each.who))
        assert len({(e["cell"], e["slot"]) for e in whole.all("cell")}) == 1
    slots = (resumed.lab.study.dataset / "sourcedata" / "allocation").glob("slot-*.json")
    codes = [json.loads(file.read_text(encoding="utf-8"))["code"] for file in slots]
    assert sorted(codes) == sorted({*(each.who.code for each in resumed.killed), WHOLE})


def test_after_a_resume_the_dataset_is_complete(resumed: Aftermath) -> None:
    """Every session has come to its end, in one segment or two; the validator accepts it all."""
    rows = session_rows(resumed.lab)
    for each in resumed.killed:
        row = rows[each.who.code]
        assert row["outcome"] == "completed"
        assert row["segments"] == ("1" if each.recorded.has_ended else "2")
    validate(resumed.lab.study.dataset)


def test_recover_again_changes_nothing(resumed: Aftermath) -> None:
    """What is complete is derived again to the same bytes, and nothing is said."""
    before = {path: path.read_bytes() for path in resumed.lab.study.dataset.rglob("*.tsv")}
    again = recover(resumed.lab.study)
    assert {path: path.read_bytes() for path in resumed.lab.study.dataset.rglob("*.tsv")} == before
    assert again.lines == []


def test_one_program_at_a_time_until_it_is_dead(lab: Lab) -> None:
    """A second program is refused in words while the first lives, be it asleep; once it is killed, it may."""
    program = start(lab, "800")
    try:
        said_until(program, 4)
        program.send_signal(signal.SIGSTOP)
        with pytest.raises(StudyError, match="running in another program"):
            Sitter(lab).sit("800", resume=True)
    finally:
        program.kill()
        program.communicate()
    assert Sitter(lab).sit("800", resume=True).outcome == "completed"


def test_a_last_line_that_was_torn_is_left_behind(lab: Lab) -> None:
    """Half a line, as a power cut leaves it: recover tells of it, a resumed session goes on without it."""
    killed = kill_at(lab, "801", 20)
    local = lab.study.local_journal(killed.who)
    whole = journal.whole_lines(local.read_bytes())
    local.write_bytes(whole + b'{"n": 999, "event": "answer", "t": 12.')
    found = recover(lab.study)
    assert any("801" in line and "was cut off" in line for line in found.lines)
    assert Sitter(lab).sit("801", resume=True).outcome == "completed"
    now = journal.read(lab.study.journal(killed.who))
    assert now.problem == ""
    assert now.path.read_bytes().startswith(whole)
    assert session_rows(lab)["801"]["outcome"] == "completed"
