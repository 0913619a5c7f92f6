"""The file of a computer's check: what it holds and never holds, how it gets into a dataset; the command."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from experiment import definitions
from experiment.booth import Booth, Interruptions
from experiment.earlier import machine_mark
from experiment.machine import record
from experiment.machine.checkup import Wanted, Window, check_machine, ticking
from experiment.machine.finding import PACING, Finding, overall
from experiment.respondent import Respondent
from experiment.runner import Request, run_session
from experiment.simulated import virtual_booth
from experiment.study import Study, Who
from tests.scripted import TINY, Scripted
from tests.unit.test_cli import one_line, spot
from tests.validating import validate

SCREEN = {"screen": 0, "size_px": [1920, 1080], "pacing": "display", "refresh_hz": 60.0}
GOOD = Finding(PACING, "display", "", "good", "It keeps time.", needed=True)


@pytest.fixture(autouse=True)
def spool(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A spool that nothing else uses."""
    monkeypatch.setenv("SPOT_SPOOL", str(tmp_path / "spool"))
    return tmp_path / "spool"


def checked(
    *findings: Finding, screen: Mapping[str, object] = SCREEN, ago: timedelta = timedelta()
) -> record.Record:
    """Keep a check of this computer, made some time ago, and return it."""
    all_found = findings or (GOOD,)
    whole = record.recorded(all_found, overall(all_found), screen, {"auto": False, "seconds": 20})
    moment = datetime.now().astimezone() - ago
    whole["checked"] = moment.isoformat(timespec="seconds")
    record.kept_file().parent.mkdir(parents=True, exist_ok=True)
    record.kept_file().write_text(record.as_text(whole), encoding="utf-8")
    return whole


def brought(dataset: Path, screen: Mapping[str, object] = SCREEN) -> list[str]:
    """Bring the latest check into a dataset, and return what the experimenter is told."""
    told: list[str] = []
    record.bring(dataset, screen, told.append)
    return told


# The file


def test_a_check_is_read_back_as_it_was_written() -> None:
    """Value for value."""
    whole = checked(
        GOOD, Finding("mouse", None, "", "not known", "Not tried.", needed=True, details={"a": [1, 2.5]})
    )
    assert record.latest() == json.loads(json.dumps(whole))
    assert whole["findings"][1]["details"] == {"a": [1, 2.5]}
    assert (whole["ready"], whole["usable"], whole["emulated"]) == (False, True, False)


def test_a_file_says_that_frames_were_emulated_and_never_that_it_is_ready() -> None:
    """Also where all the rest is good."""
    paced = Finding(PACING, "emulated", "", "fair", "The program paces.", needed=True)
    whole = checked(paced, Finding("keys", "3 of 3", "", "good", "They came.", needed=True))
    assert (whole["pacing"], whole["emulated"], whole["ready"]) == ("emulated", True, False)
    assert whole["verdict"].startswith("Usable; but not for timing")


def test_no_file_names_the_computer_its_user_or_their_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the system wrote into its messages."""
    monkeypatch.setattr("platform.node", lambda: "LAB-PC-7")
    monkeypatch.setattr("getpass.getuser", lambda: "jdoe")
    monkeypatch.setattr(Path, "home", lambda: Path("/home/jdoe"))
    words = f"cannot open {Path('/home/jdoe')}/x of jdoe on LAB-PC-7, not of ajdoes"
    text = record.as_text(checked(Finding("window", words, "", "bad", words, details={"all": [words]})))
    assert "LAB-PC-7" not in text
    assert text.count("jdoe") == text.count("ajdoes") == 3
    assert machine_mark() in text


# Into a dataset


def test_the_latest_check_is_put_into_a_dataset_once(tmp_path: Path) -> None:
    """Under the mark of the computer and the moment; a check that fits needs no word."""
    whole = checked()
    assert brought(tmp_path / "ds") == []
    (file,) = (tmp_path / "ds" / "sourcedata" / "machines").iterdir()
    moment = datetime.fromisoformat(whole["checked"])
    assert file.name == f"{machine_mark()}_{moment:%Y%m%dT%H%M%S}.json"
    assert file.read_text(encoding="utf-8") == record.kept_file().read_text(encoding="utf-8")
    before = file.stat().st_mtime_ns
    assert brought(tmp_path / "ds") == []
    assert file.stat().st_mtime_ns == before


def test_a_check_that_only_the_dataset_has_counts_too(tmp_path: Path) -> None:
    """Another user of this computer made it; that of another computer does not count."""
    checked()
    brought(tmp_path)
    record.kept_file().unlink()
    assert brought(tmp_path) == []
    (file,) = record.folder_in(tmp_path).iterdir()
    other = json.loads(file.read_text(encoding="utf-8")) | {"machine": "00000000"}
    file.unlink()
    file.with_name("00000000_20260101T000000.json").write_text(json.dumps(other), encoding="utf-8")
    assert brought(tmp_path) == [
        "this computer was never checked; 'spot check --machine' does it in a minute"
    ]


@pytest.mark.parametrize(
    ("today", "ago", "words"),
    [
        (SCREEN, timedelta(days=29), ""),
        (SCREEN, timedelta(days=31), "is more than 30 days old"),
        ({**SCREEN, "screen": 1}, timedelta(), "was of screen 0 at 1920x1080 px, this session has screen 1"),
        ({**SCREEN, "size_px": [1280, 720]}, timedelta(), "this session has screen 0 at 1280x720 px"),
    ],
)
def test_a_check_that_does_not_fit_the_session_is_told_in_one_line(
    tmp_path: Path, today: Mapping[str, object], ago: timedelta, words: str
) -> None:
    """And it is kept in the dataset all the same."""
    checked(ago=ago)
    told = brought(tmp_path, today)
    assert len(told) == (1 if words else 0)
    assert words in "".join(told)
    assert len(list(record.folder_in(tmp_path).iterdir())) == 1


def test_a_computer_that_is_not_to_be_used_is_told_at_every_session(tmp_path: Path) -> None:
    """With what was bad."""
    checked(GOOD, Finding("clocks", 9999.0, "ppm", "bad", "Set them.", needed=True))
    (line,) = brought(tmp_path)
    assert "Not to be used: clocks." in line


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"format": 1, "checked": "no"}', '{"format": 99}', "\ud800"]
)
def test_a_file_that_is_no_check_is_as_none(tmp_path: Path, text: str) -> None:
    """It stops no session."""
    record.kept_file().parent.mkdir(parents=True)
    record.kept_file().write_bytes(text.encode("utf-8", "surrogatepass"))
    assert [line[:31] for line in brought(tmp_path)] == ["this computer was never checked"]


def test_a_dataset_that_refuses_the_file_is_told(tmp_path: Path) -> None:
    """The session goes on."""
    checked()
    (tmp_path / "sourcedata").write_text("in the way", encoding="utf-8")
    (line,) = brought(tmp_path)
    assert line.startswith("the check of this computer could not be put into the dataset")


def test_a_session_brings_the_check_into_its_dataset_which_stays_valid(tmp_path: Path) -> None:
    """Before the participant sees anything, and the experimenter is told of what does not fit."""
    checked()
    resolved = definitions.resolve(str(TINY))
    study, told = Study(tmp_path / "data", resolved.protocol.study), list[str]()

    class Stage:
        """A stage without a window."""

        def __init__(self, booth: Booth) -> None:
            self.screen, self.keys, self.clock = booth.screen, booth.keys, booth.clock

        def close(self) -> None:
            """Have nothing to close."""

    def opened(_interruptions: Interruptions) -> Stage:
        return Stage(virtual_booth(Respondent(1, resolved.measures)))

    run_session(Request(str(TINY), Who("P01", "01"), study.data, seed=5), opened, told.append)
    (file,) = record.folder_in(study.dataset).iterdir()
    assert file.name.startswith(machine_mark())
    assert any(line.startswith("the last check of this computer") for line in told)
    validate(study.dataset)


# The command


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--machine", "inclusion"], "takes neither FILE"),
        (["--machine", "--plot", "x.png"], "takes neither FILE"),
        (["--auto"], "--auto says how to check this computer"),
        (["--data", "x"], "it needs --machine"),
        (["--screen", "0"], "it needs --machine"),
        (["--seconds", "5", "inclusion"], "it needs --machine"),
        (["--machine", "--seconds", "0"], "--seconds"),
        (["--machine", "--size", "big"], "--size big is not allowed"),
        (["--machine", "--data", __file__], "is not a folder"),
    ],
)
def test_a_wrong_request_is_refused_in_one_line(
    words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Before anything is looked at."""
    assert spot("check", *words) == 2
    out, err = capsys.readouterr()
    one_line(err, said)
    assert out == ""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="elsewhere there is always a display")
def test_no_display_is_a_finding_and_all_else_is_looked_at(
    tmp_path: Path, spool: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 1, no traceback, and the file says it."""
    monkeypatch.delenv("DISPLAY", raising=False)
    assert spot("check", "--machine", "--auto", "--data", tmp_path / "new") == 1
    out, err = capsys.readouterr()
    assert err == ""
    assert (
        "bad        window and keyboard         cannot be used\n           No display: DISPLAY is not set"
        in out
    )
    assert "\nNot to be used: window and keyboard" in out
    (file,) = record.folder_in(tmp_path / "new").iterdir()
    whole = json.loads(file.read_text(encoding="utf-8"))
    assert (whole["usable"], whole["ready"], whole["pacing"]) == (False, False, None)
    names = [each["name"] for each in whole["findings"]]
    assert {"session disk", "data disk", "power", "memory", "other programs"} <= set(names)
    assert record.latest() == whole
    assert sorted(path.name for path in spool.iterdir()) == ["machine.json"]


class Refusing:
    """A stage that is closed by the experimenter in the first frame."""

    def __init__(self, interruptions: Interruptions) -> None:
        interruptions.raise_flag("window_closed")
        scripted = Scripted()
        self.screen = self.keys = self.clock = Described(scripted)
        self.closed = False

    def close(self) -> None:
        """Note it."""
        self.closed = True


class Described:
    """The ports of a booth, with a screen's description."""

    def __init__(self, scripted: Scripted) -> None:
        self.period_s = scripted.period_s
        for name in ("next_flip", "show", "prepare", "account", "presses", "held", "discard", "now", "pair"):
            setattr(self, name, getattr(scripted, name))

    def describe(self) -> dict[str, object]:
        """Return what a screen says of itself."""
        return {**SCREEN, "fullscreen": True}

    def close(self) -> None:
        """Have nothing to close."""


def test_a_check_whose_window_is_closed_keeps_nothing(spool: Path) -> None:
    """Half a check is none; the window is given back."""
    stages: list[Refusing] = []

    def open_(interruptions: Interruptions) -> Refusing:
        stages.append(Refusing(interruptions))
        return stages[-1]

    class Told:
        screens, refresh_hz = 1, 60.0

    said: list[str] = []
    window = Window(open_, Told, RuntimeError)  # type: ignore[arg-type]
    assert check_machine(window, Wanted(1.0), said.append) == 3
    assert "nothing of it is kept" in said[-1]
    assert stages[0].closed
    assert not record.kept_file().exists()


def test_progress_is_shown_on_a_terminal_once_a_second_and_never_in_a_pipe(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """And it is wiped at the end."""
    ticking(3.0)(1.0)
    assert capsys.readouterr().err == ""
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    tick = ticking(2.6, width=3)
    for passed in (0.0, 0.5, 1.0, 1.2, 2.1, 2.6):
        tick(passed)
    shown = capsys.readouterr().err.split("\r")
    assert shown[1:4] == [
        f"watching frames [{bar}] {n} of 3 s" for n, bar in enumerate(("   ", "#  ", "## "))
    ]
    assert shown[4:] == [" " * len(shown[3]) + " ", ""]
