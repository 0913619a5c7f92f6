"""Pain in a real window: a device on a pseudo-terminal, levels by hand, cold water, stimuli in the game."""

from __future__ import annotations

import os
import shutil
import signal
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from experiment import journal
from experiment.study import Who
from tests.validating import validate
from tests.window.driving import Event, Lab, Sitting, open_desk, table

pytestmark = pytest.mark.window

WHO = Who("001", "01")
HURTING = Path(__file__).parents[1] / "hurting" / "conditions"

CEILINGS = """
[ceilings.heat]
level = 48.0
unit = "°C"
duration_s = 2.0
number = 40
agreed = "vote 12 of the tests"

[ceilings.cold]
level = 2.0
unit = "°C"
duration_s = 120.0
number = 2
agreed = "vote 12 of the tests"

[ceilings.pressure]
level = 500.0
unit = "kPa"
duration_s = 2.0
number = 20
agreed = "vote 12 of the tests"
"""

STIMULATOR = """
[stimulator]
modality = "heat"
kind = "serial"
port = "{port}"
baud = 115200
start = "START {{level:.1f}} {{duration_ms:d}}\\n"
stop = "STOP\\n"
"""


@dataclass(slots=True)
class Terminal:
    """A device on a pseudo-terminal that answers nothing and keeps every byte that it got."""

    near: int
    port: str
    got: bytearray = field(default_factory=bytearray)

    def listen(self) -> None:
        """Keep what comes until the other side has gone and this one is closed."""
        while True:
            try:
                data = os.read(self.near, 1024)
            except OSError:
                return
            if not data:
                return
            self.got += data

    @property
    def words(self) -> list[str]:
        """Return the commands that it got."""
        return self.got.decode("ascii").split("\n")[:-1]


@pytest.fixture(scope="module")
def terminal() -> Iterator[Terminal]:
    """Open a pseudo-terminal, whose far side stays open as a cable stays plugged in."""
    near, far = os.openpty()
    made = Terminal(near, os.ttyname(far))
    threading.Thread(target=made.listen, daemon=True).start()
    yield made
    os.close(far)
    os.close(near)


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory, terminal: Terminal) -> Lab:
    """Make a researcher's folder with its own laboratory's file; steps of the session are few and quick."""
    folder = tmp_path_factory.mktemp("pain")
    conditions = folder / "conditions"
    shutil.copytree(HURTING, conditions)
    change(conditions / "pain" / "by_hand.toml", "start = 200.0", "start = 490.0")
    change(conditions / "pain" / "by_hand.toml", "last = 600.0", "last = 500.0")
    change(conditions / "pain" / "by_hand.toml", "step = 100.0", "step = 10.0")
    change(conditions / "pain" / "cold.toml", "every_s = 10.0", "every_s = 5.0")
    change(conditions / "pain" / "stairs.toml", "reversals = 4", "reversals = 2")
    (conditions / "laboratory.toml").write_text(
        CEILINGS + STIMULATOR.format(port=terminal.port), encoding="utf-8"
    )
    return Lab(folder, conditions / "protocols" / "tasks.toml")


def change(file: Path, old: str, new: str) -> None:
    """Replace something that a file says once."""
    text = file.read_text(encoding="utf-8")
    assert text.count(old) == 1
    file.write_text(text.replace(old, new), encoding="utf-8")


@dataclass(slots=True)
class Played:
    """A session that was gone through, and its device."""

    lab: Lab
    sitting: Sitting
    exit_code: int
    terminal: Terminal

    def events(self, *kinds: str) -> list[Event]:
        """Return events of its record."""
        return [dict(e) for e in journal.read(self.lab.study.journal(WHO)).all(*kinds)]

    def rows(self, name: str) -> list[dict[str, str]]:
        """Return a table of the session."""
        return table(self.lab.study.dataset / WHO.folder / "beh" / f"{WHO.stem}_{name}.tsv")


def choose(sitting: Sitting, measure: str, item: str, option: str) -> None:
    """Answer a choice with a click."""
    sitting.wait("step", kind="measure")
    sitting.click(sitting.form(measure, "baseline", item), f"option:{option}")
    sitting.wait("answer", item=item, value=option)


def shot(sitting: Sitting, name: str) -> None:
    """Take a picture of what is on the screen now."""
    sitting.sees()
    sitting.picture(f"pain_{name}")


def threshold_by_key(sitting: Sitting) -> None:
    """Not strong enough once, then stopped with the key of the stop, then strong enough at each."""
    sitting.wait("pain", task="stairs")
    first = sitting.wait("stimulus")
    shot(sitting, "stimulus")
    sitting.wait("stimulus_end", number=first["number"])
    sitting.wait("shown", page="pain_rest")
    shot(sitting, "rest")
    sitting.wait("shown", page="pain_ready")
    shot(sitting, "warning")
    sitting.wait("stimulus", number=2)
    sitting.tap("F10", "stop")
    shot(sitting, "stop_page")
    sitting.click(sitting.stop_page(), "button:cancel")
    sitting.wait("stimulus_end", number=2, stopped=True)
    for event in sitting.stream():
        if event["event"] == "estimate":
            return
        if event["event"] == "stimulus" and event["number"] % 2:
            sitting.tap("space")


def by_hand(sitting: Sitting) -> None:
    """Type a level above the ceiling, which is refused, then one within it; give it; rate it."""
    sitting.wait("pain", task="by_hand")
    sitting.heard("set the device to 490 kPa")
    sitting.wait("item", measure="stimulus_level")
    sitting.write("500.1")
    sitting.tap("Return")
    shot(sitting, "typed_level_refused")
    for _ in range(5):
        sitting.desk.tap("BackSpace")
    sitting.write("499.5")
    shot(sitting, "typed_level")
    sitting.tap("Return")
    sitting.wait("answer", measure="stimulus_level", value=499.5)
    sitting.wait("shown", page="operator_give")
    shot(sitting, "give_by_hand")
    sitting.tap("Return")
    sitting.wait("stimulus_end")
    sitting.heard("stimulus 1: take it away")
    sitting.wait("item", measure="unpleasant")
    sitting.click(sitting.form("unpleasant", "baseline", "unpleasant"), "line", 0.7)
    shot(sitting, "rating")
    sitting.tap("Return")
    sitting.wait("estimate", task="by_hand")


def cold_water(sitting: Sitting) -> None:
    """Put the hand in, rate once, say that it hurts, take it out."""
    sitting.wait("pain", task="cold")
    sitting.wait("item")
    sitting.write("3,5")
    sitting.tap("Return")
    sitting.wait("shown", page="cold_in")
    shot(sitting, "cold_in")
    sitting.tap("space")
    sitting.wait("immersion")
    sitting.wait("shown", page="cold_water")
    shot(sitting, "cold_water")
    sitting.wait("shown", page="cold_rating")
    shot(sitting, "cold_rating")
    sitting.tap("7")
    sitting.wait("immersion_rating")
    sitting.tap("space")
    sitting.wait("first_pain")
    shot(sitting, "cold_water_hurts")
    sitting.tap("Return")
    sitting.wait("hand_out")
    sitting.wait("estimate", task="cold")


def game(sitting: Sitting) -> None:
    """Type the level beforehand, throw whenever it is one's turn, and rate what came."""
    sitting.wait("item", measure="stimulus_level")
    sitting.write("300")
    sitting.tap("Return")
    received = False
    shots = 0
    for event in sitting.stream():
        match event["event"]:
            case "step_end":
                return
            case "release":
                received = event["receiver"] == 2
            case "catch" if received and event["throw"] < 9:
                sitting.tap("Left", "throw")
            case "stimulus" if not shots:
                shots += 1
                sitting.picture("pain_probe_in_court")
            case "item" if event["measure"] == "unpleasant":
                sitting.click(
                    sitting.form("unpleasant", event["step"].rpartition("/")[2], "unpleasant"), "line", 0.4
                )
                if shots == 1:
                    shots += 1
                    shot(sitting, "rating_in_game")
                sitting.tap("Return")
            case _:
                pass


@pytest.fixture(scope="module")
def played(lab: Lab, terminal: Terminal) -> Iterator[Played]:
    """Go through a session with pain once, for all tests of this file."""
    with open_desk() as desk:
        sitting = Sitting.start(desk, lab, WHO.code)
        sitting.agree()
        choose(sitting, "may_take_part", "healthy", "yes")
        choose(sitting, "where", "hand", "left")
        threshold_by_key(sitting)
        by_hand(sitting)
        cold_water(sitting)
        game(sitting)
        sitting.wait("step", kind="measure")
        for _ in range(3):
            sitting.tap("3")
            sitting.wait("answer")
        sitting.permit()
        yield Played(lab, sitting, sitting.finish(), terminal)


def test_the_session_comes_to_its_end(played: Played) -> None:
    """With exit code 0, and a whole record."""
    assert played.exit_code == 0
    assert played.events("end")[0]["outcome"] == "completed"
    assert not played.events("fault")


def test_the_device_got_what_the_record_says_and_a_stop_after_each(played: Played) -> None:
    """Byte for byte; the first thing and the last that it was told is to stop."""
    words = played.terminal.words
    heat = [e for e in played.events("stimulus") if e["modality"] == "heat"]
    starts = [word for word in words if word.startswith("START")]
    assert starts == [f"START {e['level']:.1f} {e['lasts'] * 1000:.0f}" for e in heat]
    assert (words[0], words[-1]) == ("STOP", "STOP")
    assert set(words) - set(starts) == {"STOP"}
    for number, word in enumerate(words):
        if word.startswith("START"):
            assert words[number + 1] == "STOP"


def test_f10_ended_the_stimulus_before_the_question_was_answered(played: Played) -> None:
    """Within a frame or two of the press; the table has how long it lasted."""
    end = next(e for e in played.events("stimulus_end") if e["stopped"])
    (press,) = [e for e in played.events("press") if e["key"] == "f10" and e["use"] == "stop"][:1]
    (stop,) = played.events("stop")[:1]
    assert end["ended"] == press["t"]
    assert end["ended"] < stop["until"]
    row = next(r for r in played.rows("task-stairs_acq-baseline_run-01_events") if r["stopped"] == "true")
    began = next(e for e in played.events("stimulus") if (e["of"], e["number"]) == (end["of"], end["number"]))
    assert float(row["duration"]) == pytest.approx(press["t"] - began["t"], abs=1e-3)


def test_the_typed_level_is_on_record_and_the_one_above_the_ceiling_is_not(played: Played) -> None:
    """499.5 was given; 500.1 was not taken."""
    (row,) = [
        r for r in played.rows("task-byhand_acq-baseline_run-01_events") if r["trial_type"] == "stimulus"
    ]
    assert (row["level"], row["level_planned"]) == ("499.5", "490.0")
    typed = [e["value"] for e in played.events("answer") if e["item"] == "level"]
    assert typed == [499.5, 3.5, 300.0]


def test_the_water_has_its_threshold_and_tolerance(played: Played) -> None:
    """The times of the two presses since the hand went in."""
    (into,), (hurt,), (out,) = (played.events(kind) for kind in ("immersion", "first_pain", "hand_out"))
    rows = {r["item"]: r["value"] for r in played.rows("task-cold_acq-baseline_beh")}
    assert float(rows["threshold"]) == pytest.approx(hurt["t"] - into["t"], abs=2e-3)
    assert float(rows["tolerance"]) == pytest.approx(out["t"] - into["t"], abs=2e-3)
    assert (rows["threshold_censored"], rows["tolerance_censored"]) == ("0", "0")


def test_each_stimulus_in_the_game_was_rated_after_it(played: Played) -> None:
    """Two came, two ratings, none while one was on."""
    rows = played.rows("task-cyberball_run-01_events")
    stimuli = [r for r in rows if r["trial_type"] == "pain_stimulus"]
    ratings = [r for r in rows if r["trial_type"] == "rating"]
    assert [r["stimulus"] for r in stimuli] == [r["stimulus"] for r in ratings] == ["1", "2"]
    for stimulus, rating in zip(stimuli, ratings, strict=True):
        assert float(stimulus["duration"]) == pytest.approx(1.5, abs=0.1)
        assert float(rating["onset"]) > float(stimulus["onset"]) + float(stimulus["duration"])


def test_the_dataset_validates_and_is_recomputed(played: Played) -> None:
    """By the official validator, with every row read, and by our own going through it again."""
    validate(played.lab.study.dataset)


def test_a_program_that_is_told_to_end_stops_the_device_first(
    played: Played, lab: Lab, terminal: Terminal
) -> None:
    """While a stimulus is on: the stop is the next thing that the device gets, the calm page comes after."""
    assert played.exit_code == 0  # the port is free again
    with open_desk() as desk:
        sitting = Sitting.start(desk, lab, "002")
        sitting.agree()
        choose(sitting, "may_take_part", "healthy", "yes")
        choose(sitting, "where", "hand", "right")
        begun = sitting.wait("stimulus")
        before = len(terminal.words)
        sitting.program.send_signal(signal.SIGTERM)
        end = sitting.wait("stimulus_end")
        sitting.heard("ending: terminated")
        sitting.see_calm_page()
        sitting.wait("end", outcome="terminated")
        assert sitting.finish() == 3
    assert (end["broken_off"], end["stopped"]) == ("terminated", True)
    assert end["ended"] - begun["t"] < begun["lasts"]
    # A stimulus is on record before the device is told: its start may come after the line that tells of it.
    after = terminal.words[before:]
    started = bool(after) and after[0].startswith("START")
    assert set(after[started:]) == {"STOP"}


def test_without_a_laboratory_nothing_begins(tmp_path: Path) -> None:
    """One clear line, exit code 2, and not a file is written."""
    shutil.copytree(HURTING, tmp_path / "conditions")
    lab = Lab(tmp_path, tmp_path / "conditions" / "protocols" / "tasks.toml")
    done = lab.spot(*lab.run_words("001"), DISPLAY=None)
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert "laboratory.toml: is missing; protocol 'tasks' gives pain" in line
    assert not lab.data.exists()


def test_a_plan_above_the_ceiling_does_not_begin(tmp_path: Path) -> None:
    """Refused before a window opens or the port does."""
    shutil.copytree(HURTING, tmp_path / "conditions")
    low = CEILINGS.replace("level = 500.0", "level = 250.0") + STIMULATOR.format(port="/dev/nowhere")
    (tmp_path / "conditions" / "laboratory.toml").write_text(low, encoding="utf-8")
    lab = Lab(tmp_path, tmp_path / "conditions" / "protocols" / "tasks.toml")
    done = lab.spot(*lab.run_words("001"), DISPLAY=None)
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert "ceilings.pressure.level: pain/by_hand.toml plans 600 kPa, above the ceiling of 250 kPa" in line
    assert not lab.data.exists()


def test_a_port_that_is_not_there_is_named(tmp_path: Path, terminal: Terminal) -> None:
    """Before anything is claimed."""
    shutil.copytree(HURTING, tmp_path / "conditions")
    change(tmp_path / "conditions" / "pain" / "by_hand.toml", "last = 600.0", "last = 500.0")
    file = tmp_path / "conditions" / "laboratory.toml"
    file.write_text(CEILINGS + STIMULATOR.format(port=f"{terminal.port}9"), encoding="utf-8")
    lab = Lab(tmp_path, tmp_path / "conditions" / "protocols" / "tasks.toml")
    done = lab.spot(*lab.run_words("001"), DISPLAY=None)
    assert done.returncode == 2
    assert "there is no such port" in done.stderr
    assert not (lab.study.dataset / "sourcedata").exists()
