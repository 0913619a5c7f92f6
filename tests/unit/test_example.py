"""`data/example`, on which an analyst tries every command: there, marked, valid, and answering."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from analysis import compare, composites, dataset, describe, scores
from analysis.summarize import main as summarize
from experiment.recovering import recover
from experiment.study import study_at
from tests.validating import validate

EXAMPLE = Path(__file__).resolve().parents[2] / "data" / "example"


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """Return a copy of the example that a test may write to."""
    return Path(shutil.copytree(EXAMPLE, tmp_path / "example"))


def tree(folder: Path) -> dict[str, bytes]:
    """Return every file below a folder that is not hidden."""
    files = (path for path in folder.rglob("*") if path.is_file() and not path.name.startswith("."))
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def test_the_example_is_marked_as_simulated() -> None:
    """Nobody can take the example for people."""
    data = dataset.load(EXAMPLE)
    assert data.simulated
    assert data.sessions["simulated"].all()


def test_excluded_participants_of_the_example_are_more_distressed() -> None:
    """Scores, descriptions and comparisons run on the example, and exclusion distresses."""
    data = dataset.load(EXAMPLE)
    made = scores.score(data.ratings, data.measures)
    described = describe.by_condition(made)
    assert {"inclusion", "exclusion", "gradual_exclusion"} <= set(described["condition"].dropna())
    compared = compare.between(composites.distress(made), "exclusion", "inclusion")
    reflexive = compared[compared["stage"] == "reflexive"]
    assert len(reflexive) == 1
    assert (reflexive["difference"] > 0).all()


def test_summarize_runs_on_the_example(copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The command of the README prints a summary, writes its tables, and leaves a valid dataset."""
    assert summarize([str(copy)]) == 0
    assert "SIMULATED" in capsys.readouterr().out
    assert list((copy / "derivatives" / "spot").glob("*.tsv"))
    validate(copy)


def test_tables_of_the_example_follow_from_its_journals(copy: Path) -> None:
    """`spot recover` derives every table of the example again, byte for byte."""
    before = tree(copy)
    found = recover(study_at(copy))
    assert found.sessions > 0
    assert tree(copy) == before
