"""`spot import` writes all files or none, overwrites nothing, and tells by line what has no counterpart."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from experiment.cli import app, expected_errors
from experiment.definitions.game import Game
from experiment.definitions.reading import read
from experiment.definitions.texts import MoreTexts
from experiment.files import create_exclusively
from experiment.importing import ImportingError
from experiment.importing.writing import Target, import_file
from tests.importing.playing import SAMPLES


def run(*words: str | Path) -> tuple[int, str, str]:
    """Return exit code, what was said, and what was said of errors."""
    found = CliRunner().invoke(app, ["import", *map(str, words)])
    return found.exit_code, found.stdout, found.stderr


def test_a_file_becomes_a_game_file(tmp_path: Path) -> None:
    """The path is told first, then the notes; the file can be read."""
    code, said, _ = run(SAMPLES / "cb3_inclusion.txt", "--out", tmp_path / "games", "--name", "fair")
    assert code == 0
    assert said.splitlines()[0] == str(tmp_path / "games" / "fair.toml")
    assert "cb3_inclusion.txt:7: game speed = 2,3 is read as" in said
    assert read(tmp_path / "games" / "fair.toml", Game).throws == 30


def test_what_is_said_goes_into_the_texts(tmp_path: Path) -> None:
    """The words stand in texts/<language>/<name>.toml beside the games, each under the name the game uses."""
    code, said, _ = run(SAMPLES / "cb5_chat.cbe", "--out", tmp_path / "games", "--language", "de")
    assert code == 0
    texts = read(tmp_path / "texts" / "de" / "cb5_chat.toml", MoreTexts)
    game = read(tmp_path / "games" / "cb5_chat.toml", Game)
    assert {line.text for _, _, line in game.lines()} == set(texts.lines)
    assert "IsChatEnabled = true has no counterpart" in said


def test_nothing_is_overwritten_and_nothing_half_written(tmp_path: Path) -> None:
    """Where one of two files is there already, neither is written, and the old one is as it was."""
    there = tmp_path / "cb5_conditions_condition_2.toml"
    there.write_text("mine")
    code, said, error = run(SAMPLES / "cb5_conditions.cbe", "--out", tmp_path)
    assert (code, said) == (2, "")
    assert error == f"spot: {there}: exists already; give another --name or --out\n"
    assert there.read_text() == "mine"
    assert [path.name for path in tmp_path.iterdir()] == [there.name]


def test_a_fault_while_writing_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the second file cannot be written, the first is taken away again."""

    def full_disk(path: Path, text: str) -> bool:
        if path.name.endswith("2.toml"):
            raise OSError(28, "No space left on device", str(path))
        return create_exclusively(path, text)

    monkeypatch.setattr("experiment.importing.writing.create_exclusively", full_disk)
    with pytest.raises(OSError, match="No space left"):
        import_file(SAMPLES / "cb5_conditions.cbe", None, Target(tmp_path, None, "en"), print)
    assert not list(tmp_path.iterdir())


def test_every_problem_has_its_line_and_nothing_is_written(tmp_path: Path) -> None:
    """Exit code 2, one line for each problem, no file."""
    bad = Path(__file__).parent / "bad" / "cb3_several_problems.txt"
    code, said, error = run(bad, "--out", tmp_path / "games")
    assert (code, said) == (2, "")
    assert error.splitlines() == [
        f"spot: {line}" for line in bad.with_suffix(".lines").read_text(encoding="utf-8").splitlines()
    ]
    assert not (tmp_path / "games").exists()


def test_a_schedule_is_found_beside_its_settings_or_given(tmp_path: Path) -> None:
    """In the same folder, in schedules/ beside or above it; a path of another machine counts by its name."""
    settings = tmp_path / "settings"
    settings.mkdir()
    shutil.copy(SAMPLES / "cb3_four.txt", settings)
    code, _, error = run(settings / "cb3_four.txt", "--out", tmp_path / "games")
    assert code == 2
    assert "cb3_four.txt:3: schedule = schedules\\cb3_four.schedule: no such file is beside it" in error
    given = SAMPLES / "cb3_four.schedule"
    assert run(settings / "cb3_four.txt", "--out", tmp_path / "a", "--schedule", given)[0] == 0
    (tmp_path / "schedules").mkdir()
    shutil.copy(given, tmp_path / "schedules")
    assert run(settings / "cb3_four.txt", "--out", tmp_path / "b")[0] == 0
    assert (tmp_path / "a" / "cb3_four.toml").read_text() == (tmp_path / "b" / "cb3_four.toml").read_text()


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["nowhere.txt"], "nowhere.txt: cannot be read"),
        (
            [SAMPLES / "cb5_chat.cbe", "--name", "Left Out"],
            "--name Left Out is not allowed: lower case letters",
        ),
        ([SAMPLES / "cb5_chat.cbe", "--language", "english!"], "--language english! is not allowed"),
        (
            [SAMPLES / "cb5_chat.cbe", "--schedule", SAMPLES / "cb3_four.schedule"],
            "--schedule goes with settings of",
        ),
    ],
)
def test_wrong_options_have_one_line(words: list[str | Path], line: str, tmp_path: Path) -> None:
    """Each is refused in one line that says what is allowed."""
    code, _, error = run(*words, "--out", tmp_path)
    assert code == 2
    assert line in error
    assert error.count("\n") == 1


def test_a_large_file_is_refused_before_it_is_read(tmp_path: Path) -> None:
    """More than a megabyte is no settings file."""
    large = tmp_path / "large.txt"
    large.write_bytes(b"players,3\n" * 200_000)
    assert "has more than 1000000 bytes" in run(large, "--out", tmp_path)[2]


def test_refusals_are_expected_errors() -> None:
    """A refusal that reaches the end of the program is told in one line with exit code 2."""
    assert expected_errors()[ImportingError] == 2
