"""Mistakes on the command line: one plain line each, as a researcher meets them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from experiment import cli
from experiment.columns import VERSION


def spot(
    words: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> tuple[int, str, str]:
    """Run the command line; return its exit code, what it printed and what it complained of."""
    monkeypatch.setattr(sys, "argv", ["spot", *words.split()])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    shown = capsys.readouterr()
    return int(ended.value.code or 0), shown.out, shown.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("rnu", "unknown command 'rnu'; did you mean 'run'?"),
        ("weather x", "unknown command 'weather'; see 'spot --help'"),
        ("overlap", "DATASET is missing; see 'spot overlap --help'"),
        ("--bogus", "unknown option --bogus; see 'spot --help'"),
        ("run classic --participnt P1", "unknown option --participnt; did you mean --participant?"),
        ("run classic --participant", "--participant needs a value"),
        ("run classic --resume=3", "--resume takes no value"),
        ("run classic P1", "'P1' was not expected; see 'spot run --help'"),
        ("run classic --session x", "--session: a whole number is needed; see 'spot run --help'"),
        ("run classic --screen -1", "--screen: 0 or more is allowed; see 'spot run --help'"),
        ("run --size 3x4", "--size 3x4 is not allowed: such as 1280x720, at least 640x480 pixels"),
        (
            "run classic --participant P1 --take-over",
            "--take-over is for a session that is resumed; add --resume",
        ),
        ("run clasic --participant P1", "conditions/protocols: has no 'clasic'; did you mean 'classic'?"),
        ("simulate", "PROTOCOL is missing; see 'spot simulate --help'"),
        ("simulate classic", "-n is missing; see 'spot simulate --help'"),
        ("simulate classic -n 2 --effect 9", "--effect: 3 or less is allowed; see 'spot simulate --help'"),
        ("replay x --speed 0", "--speed: 0.1 or more is allowed; see 'spot replay --help'"),
        ("replay x --size 3x4", "--size 3x4 is not allowed: such as 1280x720, at least 640x480 pixels"),
        ("check nowhere.toml", "nowhere.toml: there is no such file"),
    ],
)
def test_each_mistake_is_one_plain_line(
    words: str, said: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is wrong, and the way out; exit code 2, nothing on stdout."""
    monkeypatch.chdir(Path(cli.__file__).parents[1])
    assert spot(words, capsys, monkeypatch) == (2, "", f"spot: {said}\n")


def test_version_is_one_line(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """A bug report begins with it."""
    assert spot("--version", capsys, monkeypatch) == (0, f"spot {VERSION}\n", "")


def test_help_offers_what_is_there(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """No command is named that this version does not have, and none is cut short."""
    code, out, err = spot("--help", capsys, monkeypatch)
    listed = out.partition("Commands:\n")[2].partition("\n\n")[0]
    commands = [line.split()[0] for line in listed.splitlines()]
    assert (code, err) == (0, "")
    assert commands[0] == "run"
    assert "overlap" in commands
    assert "..." not in listed


def test_run_without_a_display_asks_nothing(tmp_path: Path) -> None:
    """A session needs one: one line at once, exit code 1, whatever is missing."""
    if not sys.platform.startswith("linux"):
        pytest.skip("elsewhere there is always a display")
    without = {
        name: value for name, value in os.environ.items() if name not in ("DISPLAY", "WAYLAND_DISPLAY")
    }
    done = subprocess.run(
        [sys.executable, "-m", "experiment", "run", "classic", "--data", tmp_path],
        env=without, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr == (
        "spot: there is no display (DISPLAY is not set), and a session needs one; start this from a desktop\n"
    )
    assert list(tmp_path.iterdir()) == []


def test_unexpected_error_is_one_line() -> None:
    """A fault of the program is told as one; a file that cannot be used is named without error numbers."""
    assert cli.told(ValueError("odd"))[0].startswith("ValueError: odd (a fault of the program")
    assert cli.told(PermissionError(13, "Permission denied", "/x")) == ("/x: Permission denied", 1)
