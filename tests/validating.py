"""The official BIDS validator and our own verification, as every test asks them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from experiment.journal import JournalError, read
from experiment.study import study_at
from experiment.verifying import verify


def validate(dataset: Path) -> None:
    """Assert that the official validator has nothing to say, with every row read, nor our own recomputation.

    Journals that are damaged, or of another version, are for the tests that made them so.
    """
    validator = Path(sys.executable).with_name("bids-validator-deno")
    command = [str(validator), "--ignoreWarnings", "--max-rows", "-1", str(dataset)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=240)
    assert done.returncode == 0, done.stdout + done.stderr
    journals = study_at(dataset).journals()
    whole = [file for file in journals if not _problem(file)]
    assert verify(whole, lambda _line: None, lambda: None).differences == []


def _problem(file: Path) -> str:
    try:
        return read(file).problem
    except JournalError as error:
        return str(error)
