"""All tests as one command: every part runs, and none is counted out."""

from __future__ import annotations

import io
from collections import Counter

import pytest

from tests.__main__ import ALONE, TOGETHER, _pass_on, main


def test_no_test_is_in_no_part_or_in_two() -> None:
    """The parts are told apart by marks, each the other's opposite, and each looks at every folder."""
    together, alone = TOGETHER[2], ALONE[2]
    assert TOGETHER[:2] == ALONE[:2] == ("tests", "-m")
    for window in (False, True):
        for unhurried in (False, True):
            marks = {"window": window, "unhurried": unhurried}
            assert eval(together, marks) != eval(alone, marks)


def test_what_the_parts_say_is_summed_up(capsys: pytest.CaptureFixture[str]) -> None:
    """By the line that each closes with, and no other."""
    counts: Counter[str] = Counter()
    for closing in ("== 1 failed, 20 passed, 3 skipped, 5 deselected in 3.2s ==", "== 7 passed in 1s =="):
        _pass_on(io.StringIO(f"tests/x.py 9 passed\n{closing}\n\n"), counts)
    assert counts == {"failed": 1, "passed": 27, "skipped": 3}
    assert "tests/x.py 9 passed" in capsys.readouterr().out


def test_what_is_asked_for_is_run_once(capfd: pytest.CaptureFixture[str]) -> None:
    """Words for pytest go to pytest, and its exit code comes back."""
    assert main(["tests/unit/test_columns.py", "--collect-only", "-q"]) == 0
    assert "test_columns.py" in capfd.readouterr().out
    assert main(["tests/unit/no_such_file.py"]) != 0
