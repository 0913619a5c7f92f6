"""The official BIDS validator, as every test asks it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path


def validate(dataset: Path) -> None:
    """Assert that the official validator has nothing to say, with every row read."""
    validator = Path(sys.executable).with_name("bids-validator-deno")
    command = [str(validator), "--ignoreWarnings", "--max-rows", "-1", str(dataset)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=240)
    assert done.returncode == 0, done.stdout + done.stderr
