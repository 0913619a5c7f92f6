"""Every way in which a session ends early, in a real window: calm to see, whole in the record."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from experiment import journal
from experiment.study import Who
from tests.faults.small_study import write_conditions
from tests.validating import validate
from tests.window.driving import Event, Lab, Sitting, open_desk, table

if TYPE_CHECKING:
    from tests.window.conftest import Desk

pytestmark = pytest.mark.window


@pytest.fixture(scope="module")
def display() -> Iterator[Desk]:
    """Yield a display on which the sessions of this file run one after another."""
    with open_desk() as desk:
        yield desk


@pytest.fixture
def shared_desk(display: Desk) -> Iterator[Desk]:
    """Yield the display; a session that a failed test has left behind does not stay on it."""
    yield display
    for program in display.programs:
        if program.poll() is None:
            program.kill()
            program.wait()


@pytest.fixture(scope="module")
def short(tmp_path_factory: pytest.TempPathFactory) -> Lab:
    """Return a study of short sessions."""
    folder = tmp_path_factory.mktemp("short")
    return Lab(folder, write_conditions(folder) / "short.toml")


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Lab:
    """Return a study whose sessions have a form before the game."""
    folder = tmp_path_factory.mktemp("whole")
    return Lab(folder, write_conditions(folder) / "whole.toml")


def session_row(lab: Lab, who: Who) -> dict[str, str]:
    """Return a session's row in the dataset."""
    return table(lab.study.dataset / f"sub-{who.code}" / f"sub-{who.code}_sessions.tsv")[0]


def beh(lab: Lab, who: Who, name: str) -> list[dict[str, str]]:
    """Return a table of a session."""
    return table(lab.study.dataset / who.folder / "beh" / f"{who.stem}_{name}.tsv")


def events(lab: Lab, who: Who, *kinds: str) -> list[Event]:
    """Return events of the dataset's journal, which must be whole and end with an end."""
    recorded = journal.read(lab.study.journal(who))
    assert recorded.problem == ""
    assert recorded.events[-1]["event"] == "end"
    return [dict(event) for event in recorded.all(*kinds)]


def no_traceback(sitting: Sitting) -> None:
    """The experimenter sees lines of our own and nothing else."""
    said = sitting.said.read_text(encoding="utf-8")
    assert all(line.startswith("spot: ") for line in said.splitlines()), said


def test_the_participants_stop_in_the_game_leads_to_the_last_pages(shared_desk: Desk, short: Lab) -> None:
    """Cancelled, the game goes on as it was; confirmed, debriefing and permission follow: exit 3."""
    sitting = Sitting.start(shared_desk, short, "001")
    sitting.agree()
    sitting.wait("release", receiver=2)
    sitting.wait("catch")
    other = short.spot(*short.run_words("001", "--resume"))
    assert (other.returncode, "running in another program" in other.stderr) == (2, True), other.stderr
    sitting.press_stop("button:cancel")
    sitting.wait("stop", answer="cancel")
    sitting.tap("Left", "throw")
    assert sitting.wait("release")["paused"] > 0
    sitting.press_stop("button:stop")
    sitting.wait("stopped", outcome="stopped_by_participant")
    sitting.permit()
    sitting.wait("end", outcome="stopped_by_participant")
    assert sitting.finish() == 3
    no_traceback(sitting)
    row = session_row(short, sitting.who)
    assert (row["outcome"], row["permission"]) == ("stopped_by_participant", "granted")
    throws = [
        r for r in beh(short, sitting.who, "task-cyberball_run-01_events") if r["trial_type"] != "phase"
    ]
    assert throws
    assert sum(float(r["interrupted"]) for r in throws) > 0
    assert not events(short, sitting.who, "run_end")


def test_escape_and_f10_in_a_form(shared_desk: Desk, whole: Lab) -> None:
    """A tap of escape does nothing; held, it pauses: C goes on, S stops. F10 asks, and can be taken back."""
    sitting = Sitting.start(shared_desk, whole, "001")
    sitting.agree()
    sitting.read_on("questions")
    sitting.wait("step", kind="measure")
    sitting.tap("Escape", "ignored")
    sitting.sees()
    assert "paused:" not in sitting.said.read_text(encoding="utf-8")
    sitting.pause()
    sitting.sees()
    sitting.tap("c")
    sitting.wait("pause", answer="go_on")
    sitting.press_stop("button:cancel", by_key=True)
    sitting.wait("stop", answer="cancel")
    sitting.click(sitting.form("lines", "baseline", "calm"), "line", 0.5)
    sitting.tap("Return")
    sitting.wait("answer", item="calm")
    sitting.pause()
    sitting.tap("s")
    sitting.wait("pause", answer="stop")
    sitting.wait("step", kind="debriefing")
    sitting.read_on("debriefing")
    sitting.wait("step", kind="permission")
    sitting.click(sitting.permission_page(), "button:refused")
    sitting.wait("end", outcome="stopped_by_experimenter")
    assert sitting.finish() == 3
    row = session_row(whole, sitting.who)
    assert (row["outcome"], row["permission"], row["cell"]) == ("stopped_by_experimenter", "refused", "n/a")
    (answer,) = beh(whole, sitting.who, "task-lines_acq-baseline_beh")
    assert float(answer["value"]) == pytest.approx(50, abs=0.2)
    assert not list((whole.study.dataset / "sourcedata" / "allocation").glob("slot-*"))


def test_stop_before_consent_ends_without_a_debriefing(shared_desk: Desk, whole: Lab) -> None:
    """Who has not agreed to anything is thanked and let go; nothing is asked of them."""
    sitting = Sitting.start(shared_desk, whole, "002")
    sitting.wait("step", kind="consent")
    sitting.press_stop("button:stop", by_key=True)
    sitting.wait("end", outcome="stopped_by_participant")
    assert sitting.finish() == 3
    assert [e["kind"] for e in events(whole, sitting.who, "step")] == ["consent"]
    assert session_row(whole, sitting.who)["permission"] == "unanswered"


def end_calmly(sitting: Sitting, outcome: str, shot: str) -> None:
    """The experimenter is told, the participant sees a calm page, record and tables have the outcome."""
    sitting.heard(f"ending: {outcome.replace('_', ' ')}")
    sitting.see_calm_page()
    sitting.picture(f"calm_{shot}")
    sitting.wait("end", outcome=outcome)
    assert sitting.finish() == 3
    no_traceback(sitting)
    assert session_row(sitting.lab, sitting.who)["outcome"] == outcome


def test_closing_the_window_in_the_game(shared_desk: Desk, short: Lab) -> None:
    """The close button ends the session in order; the throws so far are in the tables."""
    sitting = Sitting.start(shared_desk, short, "002")
    sitting.agree()
    sitting.wait("catch", throw=2)
    shared_desk.close_window("Ball game")
    end_calmly(sitting, "window_closed", "closed")
    throws = [
        r for r in beh(short, sitting.who, "task-cyberball_run-01_events") if r["trial_type"] != "phase"
    ]
    assert len(throws) >= 2


def test_ctrl_c_in_the_game(shared_desk: Desk, short: Lab) -> None:
    """Ctrl-C of the experimenter ends the session in order."""
    sitting = Sitting.start(shared_desk, short, "003")
    sitting.agree()
    sitting.wait("release")
    sitting.program.send_signal(signal.SIGINT)
    end_calmly(sitting, "interrupted", "interrupted")


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, "004"), (signal.SIGHUP, "005")])
def test_the_system_ends_the_program(
    shared_desk: Desk, short: Lab, number: signal.Signals, code: str
) -> None:
    """A program that is told to end does so in order, also on the consent page."""
    sitting = Sitting.start(shared_desk, short, code)
    sitting.wait("step", kind="consent")
    sitting.program.send_signal(number)
    end_calmly(sitting, "terminated", "terminated")
    assert session_row(short, sitting.who)["cell"] == "n/a"


def test_a_session_that_was_ended_from_outside_can_be_resumed(shared_desk: Desk, short: Lab) -> None:
    """What the system or a closed window ended goes on with the first unfinished step."""
    sitting = Sitting.start(shared_desk, short, "004", "--resume")
    assert sitting.wait("segment")["number"] == 2
    assert sitting.wait("step")["kind"] == "consent"
    ui = short.resolved.texts.ui
    assert ui.disagree
    sitting.click(sitting.consent_page(), "button:disagree")
    sitting.wait("end", outcome="declined")
    assert sitting.finish() == 3
    row = session_row(short, sitting.who)
    assert (row["outcome"], row["segments"]) == ("declined", "2")


def test_all_of_it_left_no_half_file(short: Lab) -> None:
    """No temporary file stays behind, in the dataset or in the spool."""
    assert list(Path(short.folder).rglob("*.tmp")) == []


def test_what_ended_early_validates(short: Lab, whole: Lab) -> None:
    """The official validator accepts datasets of sessions that ended early, too."""
    validate(short.study.dataset)
    validate(whole.study.dataset)
