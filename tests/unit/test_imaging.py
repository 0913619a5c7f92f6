"""What an imaging package makes of our events: the document's own code, run on a simulated session."""

from __future__ import annotations

import re
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from experiment import bids, definitions
from tests.scripted import Sitting

DOCUMENT = (Path(__file__).resolve().parents[2] / "docs" / "overlap.md").read_text(encoding="utf-8")
SECTION = DOCUMENT[DOCUMENT.index("## For imaging") :]


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the events of a game with stimuli whose participant was excluded."""
    folder = tmp_path_factory.mktemp("scan")
    sitting = Sitting(folder, definitions.resolve("pain_sensitivity"), cell=2)
    assert sitting.run() == "completed"
    tables = bids.derive(sitting.recorded).files
    (text,) = (text for place, text in tables.items() if "task-cyberball" in place)
    file = folder / "events.tsv"
    file.write_text(text, encoding="utf-8")
    return file


@pytest.fixture(scope="module")
def design_matrix() -> Callable[[Path], pd.DataFrame]:
    """Return the function that the document shows."""
    (code,) = re.findall(r"```python\n(.*?)```", SECTION, re.DOTALL)
    names: dict[str, Any] = {}
    exec(compile(code, "docs/overlap.md", "exec"), names)
    made: Callable[[Path], pd.DataFrame] = names["design_matrix"]
    return made


def test_the_columns_are_those_that_the_document_shows(
    file: Path, design_matrix: Callable[[Path], pd.DataFrame]
) -> None:
    """The conditions of the game, the stimuli and the ratings, each a column of its own."""
    matrix = design_matrix(file)
    (listed,) = re.findall(r"```text\n(.*?)\n```", SECTION, re.DOTALL)
    shown = listed.split()
    own = [name for name in matrix.columns if not name.startswith("drift_")]
    assert own == [name for name in shown if not name.startswith("drift_")]
    assert np.isfinite(matrix.to_numpy()).all()


def test_stimuli_act_on_the_matrix_after_they_were_given_and_not_before(
    file: Path, design_matrix: Callable[[Path], pd.DataFrame]
) -> None:
    """Pain and exclusion are on one clock: the response rises with the first stimulus, within the phase."""
    matrix, events = design_matrix(file), pd.read_csv(file, sep="\t", na_values="n/a")
    onsets = events.loc[events["trial_type"] == "pain_stimulus", "onset"]
    column = matrix["pain_stimulus"].to_numpy()
    times = matrix.index.to_numpy()
    assert abs(column[times <= onsets.min()]).max() < 1e-3 * column.max()
    assert times[column.argmax()] > onsets.min() + 3
    left_out = events[(events["trial_type"] == "phase") & (events["phase"] == "left_out")].iloc[0]
    assert left_out["onset"] < onsets.min() < left_out["onset"] + left_out["duration"]


def test_the_clock_of_the_session_is_that_of_the_run_moved_by_its_start(file: Path) -> None:
    """`onset_session` of stimuli and ratings is `onset` and one constant."""
    events = pd.read_csv(StringIO(file.read_text(encoding="utf-8")), sep="\t", na_values="n/a")
    both = events.dropna(subset=["onset_session"])
    assert len(both) == 12, "three stimuli, three ratings of each"
    shift = both["onset_session"] - both["onset"]
    assert shift.max() - shift.min() < 1e-5
    assert list(events["onset"]) == sorted(events["onset"])
