"""The picture of a dose: every policy can be drawn, and the same runs give the same bytes."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from PIL import Image

from experiment.definitions import CONDITIONS, DefinitionError, Game
from experiment.definitions.reading import checked, read
from experiment.dose import simulated
from experiment.doseplot import SUFFIXES, check_picture, plot

POLICIES: dict[str, dict[str, object]] = {
    "receptions": {"receptions": 4},
    "share": {"share": "1/3", "max_wait": 4},
    "ramp": {"ramp": {"start": "1/2", "end": "1/6"}},
    "probability": {"probability": [0.2, 0.8]},
    "sequence": {"sequence": ["1,23,3", "3,1,12"]},
    "weights": {"weights": {"1": {"2": 1.0, "3": 2.0}, "3": {"1": 1.0, "2": 0.1}}},
    "growing": {"growing": {"step": 0.2}},
    "order": {"order": {"receivers": [3, 1, 2, 3, 1]}},
    "never": {"receptions": 0},
}


def game(*phases: Mapping[str, object], **changes: object) -> Game:
    """Return a small game with these phases."""
    table: dict[str, object] = {
        "title": "A game",
        "source": "the tests",
        "players": 3,
        "coplayers": [{"name": "Alex"}, {"name": "Sam"}],
        "pause": {"kind": "fixed", "value_s": 2.0},
        "flight": {"kind": "fixed", "value_s": 1.0},
        "phases": [{"name": f"phase_{i}", **phase} for i, phase in enumerate(phases, start=1)],
    }
    return checked(table | changes, Game)


@pytest.mark.parametrize("policy", POLICIES)
def test_every_policy_is_drawn(policy: str, tmp_path: Path) -> None:
    """As a picture of some size that is not blank."""
    file = tmp_path / "dose.png"
    plot(simulated(game({"throws": 12, **POLICIES[policy]}, throws=12), runs=10), file)
    with Image.open(file) as picture:
        assert picture.width > 1000
        assert len(set(picture.convert("L").resize((200, 120)).tobytes())) > 20


def test_a_timed_run_is_drawn_over_time(tmp_path: Path) -> None:
    """And one by throws over throws; fair share, phases and totals are said in words."""
    timed = game({"duration_s": 20.0, "probability": 0.5}, {"duration_s": 20.0, "probability": 0.0})
    counted = game({"throws": 12, "share": "1/3"}, throws=12)
    texts = {}
    for name, file in (("timed", timed), ("counted", counted)):
        plot(simulated(file, runs=10), tmp_path / f"{name}.svg")
        texts[name] = (tmp_path / f"{name}.svg").read_text(encoding="utf-8")
    assert "<!-- time (s) -->" in texts["timed"]
    assert "<!-- never answers -->" in texts["timed"]
    assert "<!-- phase 2 -->" in texts["timed"]
    assert "<!-- throw -->" in texts["counted"]
    assert "<!-- fair share, 1/3 -->" in texts["counted"]
    assert "<!-- every participant -->" in texts["counted"]
    assert "12 throws, exactly 4 received: 33.3 %" in texts["counted"]


def test_many_phases_are_drawn_without_names_that_overlap(tmp_path: Path) -> None:
    """A name that has no room is left out."""
    phases = [{"throws": 2, "receptions": 1} for _ in range(60)]
    plot(simulated(game(*phases, throws=120), runs=5), tmp_path / "many.svg")
    assert "<!-- phase 7 -->" not in (tmp_path / "many.svg").read_text(encoding="utf-8")


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_the_same_runs_give_the_same_bytes(suffix: str, tmp_path: Path) -> None:
    """No date, no name drawn at random."""
    file = read(CONDITIONS / "games" / "one_excludes.toml", Game)
    pictures = [tmp_path / f"{name}{suffix}" for name in ("one", "two")]
    for picture in pictures:
        plot(simulated(file, runs=10), picture)
    assert pictures[0].read_bytes() == pictures[1].read_bytes()
    assert b"Date" not in pictures[0].read_bytes()


@pytest.mark.parametrize("name", ["dose.gif", "dose", "dose.png.txt", "nowhere/dose.png"])
def test_another_suffix_or_a_folder_that_is_not_there_is_refused(name: str, tmp_path: Path) -> None:
    """Before anything is simulated, in one line."""
    with pytest.raises(DefinitionError, match="--plot") as refused:
        check_picture(tmp_path / name)
    assert "\n" not in str(refused.value)


def test_checking_without_a_picture_loads_no_matplotlib() -> None:
    """It takes a second that nobody needs."""
    program = "import sys, experiment.checking; print('matplotlib' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
