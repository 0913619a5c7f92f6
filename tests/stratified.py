"""The tiny protocol of the tests with strata: cells are balanced within gender and two ranges of age."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.scripted import CONDITIONS

STRATA = """block_repeats = [1, 2]

[[design.strata]]
measure = "facts"
item = "gender"

[[design.strata]]
measure = "facts"
item = "age"
bounds = [27]
"""


def stratified(folder: Path) -> Path:
    """Write the definitions below a folder and return the protocol's file."""
    shutil.copytree(CONDITIONS, folder / "conditions")
    file = folder / "conditions" / "protocols" / "tiny.toml"
    text = file.read_text(encoding="utf-8")
    between = 'between = ["fair", "unfair"]\n'
    asked = 'measure = "feelings"\nstage = "baseline"'
    assert text.count(between) == text.count(asked) == 1
    text = text.replace(between, between + STRATA).replace(asked, 'measure = "facts"\nstage = "baseline"')
    file.write_text(text, encoding="utf-8")
    return file
