"""A real window is killed in the game and in a form: the session goes on in another, where it was."""

from __future__ import annotations

from pathlib import Path

import pytest

from experiment import journal
from experiment.study import Who
from tests.faults.small_study import THROWS, write_conditions
from tests.window.driving import Lab, Sitting, open_desk, table

pytestmark = [pytest.mark.window, pytest.mark.unhurried]

WHO = Who("001", "01")


def kill(sitting: Sitting) -> bytes:
    """Kill the program as it stands; return what its journal then holds."""
    sitting.program.kill()
    assert sitting.program.wait(10) == -9
    return sitting.lab.local(WHO).read_bytes()


def recovered(lab: Lab) -> dict[str, str]:
    """Recover the study; return the session's row."""
    done = lab.spot("recover", str(lab.study.dataset))
    assert done.returncode == 0, done.stderr
    assert f"{WHO.stem}_journal.jsonl: was cut off" in done.stdout
    return table(lab.study.dataset / f"sub-{WHO.code}" / f"sub-{WHO.code}_sessions.tsv")[0]


def play_to_the_end(sitting: Sitting) -> None:
    """Throw to the left whenever it is the participant's turn."""
    receiver = None
    for event in sitting.stream():
        if event["event"] == "run_end":
            return
        if event["event"] == "release":
            receiver = event["receiver"]
        if event["event"] == "catch" and receiver == 2 and event["throw"] < THROWS:
            sitting.tap("Left", "throw")


def go_on(sitting: Sitting) -> None:
    """Leave the page on which a resumed session waits."""
    sitting.wait("shown", page="resume")
    sitting.tap("Return")
    sitting.wait("page", page="resume")


def test_a_window_killed_twice_loses_nothing(tmp_path: Path) -> None:
    """Killed with the ball in the air and between two answers, then gone through: three segments."""
    lab = Lab(tmp_path, write_conditions(tmp_path) / "short.toml")
    with open_desk() as desk:
        sitting = Sitting.start(desk, lab, WHO.code)
        sitting.agree()
        shown = sitting.wait("release", receiver=2)
        first = kill(sitting)
        assert journal.read(lab.local(WHO)).events[-1]["n"] >= shown["n"]
        row = recovered(lab)
        assert (row["outcome"], row["segments"]) == ("cut_off", "1")

        sitting = Sitting.start(desk, lab, WHO.code, "--resume")
        assert sitting.wait("segment")["number"] == 2
        go_on(sitting)
        assert sitting.wait("step")["kind"] == "game"
        assert sitting.wait("run")["number"] == 2
        play_to_the_end(sitting)
        sitting.tap("4")
        sitting.wait("answer", item="belonged")
        second = kill(sitting)
        assert second.startswith(journal.whole_lines(first))
        row = recovered(lab)
        assert (row["outcome"], row["segments"]) == ("cut_off", "2")

        sitting = Sitting.start(desk, lab, WHO.code, "--resume")
        go_on(sitting)
        assert sitting.wait("step")["kind"] == "measure"
        sitting.tap("5")
        assert sitting.wait("answer")["item"] == "apart"
        sitting.tap("6")
        sitting.wait("answer", item="seen")
        sitting.permit()
        sitting.wait("end", outcome="completed")
        assert sitting.finish() == 0
    check_all_is_there(lab, second)


def check_all_is_there(lab: Lab, before: bytes) -> None:
    """Both runs, one form of three answers, one journal of three segments."""
    recorded = journal.read(lab.study.journal(WHO))
    assert recorded.path.read_bytes().startswith(journal.whole_lines(before))
    beh = lab.study.dataset / WHO.folder / "beh"
    throws = [
        sum(
            row["trial_type"] != "phase"
            for row in table(beh / f"{WHO.stem}_task-cyberball_run-{run}_events.tsv")
        )
        for run in ("01", "02")
    ]
    assert throws[0] >= 1
    assert throws[1] == THROWS
    form = table(beh / f"{WHO.stem}_task-smallneeds_acq-reflexive_run-02_beh.tsv")
    assert {row["item"]: row["value"] for row in form} == {"belonged": "4", "apart": "5", "seen": "6"}
    assert [row["delay"] != "n/a" for row in form] == [True, False, False]
    row = table(lab.study.dataset / f"sub-{WHO.code}" / f"sub-{WHO.code}_sessions.tsv")[0]
    assert (row["outcome"], row["segments"], row["permission"]) == ("completed", "3", "granted")
