"""The command line: exit codes, one-line errors, and a traceback only where it is asked for."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

from experiment import cli
from experiment.definitions.library import CONDITIONS
from experiment.simulate import Simulation, simulate
from tests.scripted import CONDITIONS as TINY_LAB
from tests.scripted import TINY


def spot(*arguments: str | Path) -> int:
    """Run the command line and return its exit code."""
    before, sys.argv = sys.argv, ["spot", *map(str, arguments)]
    try:
        cli.main()
    except SystemExit as ended:
        return int(ended.code or 0)
    finally:
        sys.argv = before
    raise AssertionError("the command line always ends by an exit code")


@pytest.fixture(autouse=True)
def spool(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A spool that nothing else uses."""
    monkeypatch.setenv("SPOT_SPOOL", str(tmp_path / "spool"))


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    """A small simulated dataset."""
    return simulate(Simulation(str(TINY), 4, 1, tmp_path / "data")).dataset


@pytest.fixture
def bad(tmp_path: Path) -> Path:
    """A protocol with a misspelt key."""
    shutil.copytree(TINY_LAB, tmp_path / "lab")
    file = tmp_path / "lab" / "protocols" / "tiny.toml"
    file.write_text(file.read_text(encoding="utf-8").replace("contact =", "contcat ="), encoding="utf-8")
    return file


def one_line(text: str, *words: str) -> None:
    """Assert that an error is one line that begins with the program's name and has these words."""
    lines = text.splitlines()
    assert len(lines) == 1, text
    assert lines[0].startswith("spot: ")
    assert "Traceback" not in text
    for word in words:
        assert word in lines[0]


def test_simulate_recover_and_summarize_are_done(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 0, and where the dataset lies."""
    assert spot("simulate", TINY, "-n", "3", "--data", tmp_path, "--jobs", "1") == 0
    out, err = capsys.readouterr()
    assert out.splitlines()[-1] == str(tmp_path / "tiny_simulated")
    assert err == "", "no progress bar in a pipe"
    assert spot("recover", tmp_path / "tiny_simulated") == 0
    assert "3 sessions" in capsys.readouterr().out
    assert spot("summarize", tmp_path / "tiny_simulated") == 0


def test_checking_the_shipped_definitions_is_done() -> None:
    """They are in order."""
    assert spot("check", CONDITIONS / "games" / "exclusion.toml") == 0


@pytest.mark.parametrize(
    "arguments",
    [
        ("fly",),
        ("simulate",),
        ("simulate", "classic"),
        ("simulate", "classic", "-n", "none"),
        ("simulate", "classic", "-n", "0"),
        ("simulate", "classic", "-n", "3", "--seed", "-1"),
        ("simulate", "classic", "-n", "3", "--effect", "9"),
        ("simulate", "classic", "-n", "3", "--colour", "red"),
        ("recover",),
    ],
)
def test_a_wrong_request_is_refused_in_one_line(
    arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    """With exit code 2."""
    assert spot(*arguments) == 2
    one_line(capsys.readouterr().err)


def test_a_misspelt_protocol_is_refused_with_the_nearest_name(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing is begun."""
    assert spot("simulate", "clasic", "-n", "3", "--data", tmp_path / "data") == 2
    one_line(capsys.readouterr().err, "clasic", "classic")
    assert not (tmp_path / "data").exists()


def test_a_bad_definition_is_refused_by_file_and_key(
    bad: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With exit code 2."""
    assert spot("simulate", bad, "-n", "3", "--data", tmp_path / "data") == 2
    one_line(capsys.readouterr().err, "tiny.toml", "contcat", "contact")
    assert not (tmp_path / "data").exists()


def test_an_existing_simulation_is_refused(dataset: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With the way out."""
    assert spot("simulate", TINY, "-n", "3", "--data", dataset.parent) == 2
    one_line(capsys.readouterr().err, "exists already", "--data")


@pytest.mark.parametrize("command", ["recover", "summarize"])
@pytest.mark.parametrize("place", ["nowhere", "empty"])
def test_what_is_no_dataset_is_refused_by_name(
    command: str, place: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With exit code 2."""
    (tmp_path / "empty").mkdir()
    assert spot(command, tmp_path / place) == 2
    one_line(capsys.readouterr().err, place)


def test_a_folder_cannot_be_shown_again(dataset: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 2; the line says which file is meant."""
    assert spot("replay", dataset) == 2
    one_line(capsys.readouterr().err, f"{dataset}: is a folder", "_journal.jsonl")


def test_recover_says_that_some_files_were_skipped(dataset: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 4: the others are done."""
    journal = next((dataset / "sourcedata").glob("sub-002/*/*_journal.jsonl"))
    journal.write_bytes(b"garbage\n")
    assert spot("recover", dataset) == 4
    out = capsys.readouterr().out
    assert "sub-002" in out
    assert "3 sessions" in out


def test_work_that_cannot_be_done_has_exit_code_1(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Here: the folder of data is a file."""
    (tmp_path / "data").write_text("", encoding="utf-8")
    assert spot("simulate", TINY, "-n", "3", "--data", tmp_path / "data") == 1
    one_line(capsys.readouterr().err)


@pytest.mark.parametrize("debug", [False, True])
def test_a_traceback_is_shown_only_where_it_is_asked_for(
    debug: bool, bad: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The exit code is the same."""
    more = ["--debug"] if debug else []
    assert spot("simulate", bad, "-n", "3", "--data", tmp_path / "data", *more) == 2
    err = capsys.readouterr().err
    assert ("Traceback" in err) is debug
    assert err.splitlines()[-1].startswith("spot: ")


def test_a_fault_of_the_program_says_so_in_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """And how to see where."""

    def broken(*_: object, **__: object) -> None:
        raise KeyError("nobody thought of this")

    monkeypatch.setattr("experiment.simulate.simulate", broken)
    assert spot("simulate", TINY, "-n", "3") == 1
    one_line(capsys.readouterr().err, "KeyError", "--debug")


@pytest.mark.parametrize("size", ["big", "10x10", "1280", "x720", "-1280x720"])
def test_an_impossible_window_is_refused(
    size: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Before anything is asked or begun."""
    arguments = ("--participant", "p1", "--session", "1", "--data", tmp_path, f"--size={size}")
    assert spot("run", "demo", *arguments) == 2
    one_line(capsys.readouterr().err, "--size")
    assert not (tmp_path / "demo").exists()


def test_every_command_explains_itself(capsys: pytest.CaptureFixture[str]) -> None:
    """With each of its options."""
    for command in ("run", "simulate", "check", "recover", "roster", "summarize", "demo"):
        assert spot(command, "--help") == 0
        assert "--debug" in capsys.readouterr().out
