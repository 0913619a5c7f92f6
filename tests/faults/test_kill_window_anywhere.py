"""A real window is ended by three signals at ten moments drawn from a seed: nothing shown is lost."""

from __future__ import annotations

import random
import signal
import time
from pathlib import Path

import pytest

from experiment import journal
from experiment.study import Who
from tests.faults.small_study import write_conditions
from tests.window.driving import Lab, Sitting, open_desk, table

pytestmark = [
    pytest.mark.window,
    pytest.mark.unhurried,
    pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="the three signals are not all of this system"),
]

KILLS = 10
SIGNALS = ("SIGKILL", "SIGTERM", "SIGHUP")
LAST_EVENT = 26


def go_on_until(sitting: Sitting, event: int) -> None:
    """Agree, then throw whenever it is the participant's turn, until so many events are recorded."""
    if event <= 3:
        while len(sitting.events) < event and sitting.program.poll() is None:
            sitting.more()
            time.sleep(0.01)
        return
    sitting.agree()
    receiver = None
    for told in sitting.stream():
        if told["n"] >= event:
            return
        if told["event"] == "release":
            receiver = told["receiver"]
        if told["event"] == "catch" and receiver == 2:
            sitting.tap("Left", "throw")


def test_ten_windows_ended_anywhere_lose_nothing(tmp_path: Path) -> None:
    """All that the journal had told is in it, recover finds each, a signal in order ends in order."""
    lab = Lab(tmp_path, write_conditions(tmp_path) / "short.toml")
    rng = random.Random(11)
    told: dict[str, tuple[str, int]] = {}
    with open_desk() as desk:
        for number in range(KILLS):
            code, which = f"{number + 1:03d}", SIGNALS[number % 3]
            sitting = Sitting.start(desk, lab, code)
            go_on_until(sitting, rng.randint(1, LAST_EVENT))
            seen = len(sitting.events)
            sitting.program.send_signal(getattr(signal, which))
            status = sitting.program.wait(30)
            assert status == (-signal.SIGKILL if which == "SIGKILL" else 3), sitting.said.read_text("utf-8")
            assert "Traceback" not in sitting.said.read_text("utf-8")
            told[code] = (which, seen)
    done = lab.spot("recover", str(lab.study.dataset))
    assert done.returncode == 0, done.stderr
    for code, (which, seen) in told.items():
        record = journal.read(lab.study.journal(Who(code, "01")))
        assert len(record.events) >= seen
        (row,) = table(lab.study.dataset / f"sub-{code}" / f"sub-{code}_sessions.tsv")
        assert row["outcome"] == ("cut_off" if which == "SIGKILL" else "terminated")
        assert (f"sub-{code}_ses-01_journal.jsonl: was cut off" in done.stdout) is (which == "SIGKILL")
