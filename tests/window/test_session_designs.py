"""A session of a livelier design, played with real keys in a real window, from consent to debriefing.

Two rounds of a game that ends by time, with a photograph, talk, a co-player who leaves and a button to leave;
a question with a time of its own and a cross after each; then the friendly game at the end.
"""

from __future__ import annotations

import shutil
import time
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from experiment import journal
from experiment.definitions import CONDITIONS
from tests.validating import validate
from tests.window.driving import Event, Lab, Sitting, open_desk, table

if TYPE_CHECKING:
    from tests.window.conftest import Desk

pytestmark = [pytest.mark.window, pytest.mark.slow]

PLAYERS = """
title = "A lively game"
source = "the tests"
players = 4
coplayers = [
    { name = "Alex", photo = "alex.png" },
    { name = "Sam", leaves = { after_throws = 2 } },
    { name = "Robin" },
]
pause = { kind = "uniform", low_s = 0.4, high_s = 0.6 }
flight = { kind = "fixed", value_s = 0.4 }
"""
TIMED = """
duration_s = 9.0
participant = { may_leave = { after_s = 3.0 } }

[[phases]]
name = "block"
probability = 0.5

[[chat]]
player = 1
text = "off_soon"
after_throw = 1

[[messages]]
text = "free_to_leave"
after_throw = 0
lasts_s = 2.0
"""
ENDING = """
throws = 4

[[phases]]
name = "friendly"
throws = 4
probability = 0.5
"""
PROTOCOL = """
title = "Lively rounds"
study = "lively"
contact = "the tests"
ending = "friendly"

[design]
within = ["round_a", "round_b"]
order = "random"

[[steps]]
kind = "consent"
page = "consent_game"

[[steps]]
kind = "connecting"
page = "connecting"
arrivals_s = [0.2, 0.4, 0.6]

[[steps]]
kind = "each_condition"

  [[steps.steps]]
  kind = "game"

  [[steps.steps]]
  kind = "measure"
  measure = "mood_1"
  stage = "reflexive"
  lasts_s = 1.5

  [[steps.steps]]
  kind = "rest"
  page = "fixation"
  duration_s = 1.0
  then = "go_on"

[[steps]]
kind = "debriefing"
page = "debriefing_within"

[[steps]]
kind = "permission"
page = "permission"
"""


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Lab:
    """Return the shipped definitions with a lively design among them."""
    folder = tmp_path_factory.mktemp("lively")
    root = shutil.copytree(CONDITIONS, folder / "conditions")
    for name in ("round_a", "round_b"):
        (root / "games" / f"{name}.toml").write_text(PLAYERS + TIMED, encoding="utf-8")
    still = PLAYERS.replace(", leaves = { after_throws = 2 }", "")
    (root / "games" / "friendly.toml").write_text(still + ENDING, encoding="utf-8")
    (root / "photos").mkdir(exist_ok=True)
    Image.new("RGB", (240, 320), "#3355cc").save(root / "photos" / "alex.png")
    (root / "protocols" / "lively.toml").write_text(PROTOCOL, encoding="utf-8")
    return Lab(folder, root / "protocols" / "lively.toml")


@pytest.fixture(scope="module")
def played(lab: Lab) -> tuple[Sitting, list[Event]]:
    """Play the session once: the first round to its end, the second left with a key."""
    with open_desk() as desk:
        sitting = Sitting.start(desk, lab, "001")
        sitting.wait("step", kind="consent")
        ui = lab.resolved.texts.ui
        consent = sitting.page("consent_game", *sitting.consent_page().buttons, stop=False)
        assert consent.buttons[1].label == ui.agree
        sitting.click(consent, "button:agree")
        sitting.wait("joined")
        play_round(sitting, desk)
        answer_in_time(sitting, desk)
        leave_round(sitting, desk)
        sitting.wait("step", kind="rest")
        see_cross(desk)
        sitting.wait("step", id="ending-page")
        sitting.read_on("ending")
        while_turns(sitting, desk, "game-03")
        sitting.read_on("debriefing_within")
        sitting.wait("step", kind="permission")
        sitting.click(sitting.permission_page(), "button:granted")
        sitting.wait("end")
        assert sitting.finish() == 0, sitting.said.read_text(encoding="utf-8")
    return sitting, [dict(event) for event in journal.read(lab.study.journal(sitting.who)).events]


def see_cross(desk: Desk) -> None:
    """See a cross in the middle of the screen, and nothing left and right of it."""
    ends = time.monotonic() + 1.0
    while time.monotonic() < ends:
        seen = desk.picture()
        grey = seen.convert("L").tobytes()
        middle, left, right = (grey[360 * seen.width + x] for x in (640, 400, 900))
        if middle < left - 100 and left == right:
            return
    pytest.fail("no cross was seen")


def play_round(sitting: Sitting, desk: Desk) -> None:
    """Throw back whatever comes until the round's time is up, with pictures of what is said."""
    sitting.wait("run", run="game-01")
    sitting.picture("message")
    while_turns(sitting, desk, "game-01", {"line": "chat", "left": "leaving"})


def while_turns(sitting: Sitting, desk: Desk, run: str, pictures: dict[str, str] | None = None) -> None:
    """Throw with the key of the first co-player whenever the ball comes, until the run ends."""
    for event in sitting.stream():
        if event["event"] == "run_end" and event["run"] == run:
            return
        if event["event"] == "catch":
            desk.tap("Left")
        shot = (pictures or {}).pop(event["event"], "") if event.get("player") is not None else ""
        if shot:
            sitting.picture(shot)


def answer_in_time(sitting: Sitting, desk: Desk) -> None:
    """Choose twice; the last mark stands when the time is over, and Return goes nowhere."""
    sitting.wait("step", kind="measure")
    for key in ("2", "4", "Return"):
        desk.tap(key)
    sitting.wait("answer", measure="mood_1")


def leave_round(sitting: Sitting, desk: Desk) -> None:
    """Leave the second round with the key, as soon as the button is there."""
    started = sitting.wait("run", run="game-02")
    assert not any(e["event"] == "left" and e["player"] == 2 for e in sitting.events)
    while not any(e["event"] == "run_end" and e["run"] == "game-02" for e in sitting.events):
        desk.tap("l")
        sitting.more()
        if sitting.program.poll() is not None:
            sitting.fail("the program ended in the second round")
    left = next(e for e in sitting.events if e["event"] == "left" and e["player"] == 2)
    assert left["t"] - started["t"] >= 3.0
    sitting.picture("after_leaving")


def test_the_rounds_end_as_they_were_ended(played: tuple[Sitting, list[Event]]) -> None:
    """By time, by the participant's leaving, and by its throws."""
    _, events = played
    ends = {e["run"]: e["ended"] for e in events if e["event"] == "run_end"}
    assert ends == {"game-01": "time", "game-02": "left", "game-03": "throws"}


def test_the_first_round_lasts_its_time(played: tuple[Sitting, list[Event]]) -> None:
    """Nine seconds, and a throw that was in the air then."""
    _, events = played
    start = next(e["t"] for e in events if e["event"] == "run" and e["run"] == "game-01")
    end = next(e["t"] for e in events if e["event"] == "run_end" and e["run"] == "game-01")
    assert 9.0 <= end - start + 0.001 < 9.6
    releases = [e["t"] for e in events if e["event"] == "release" and e["run"] == "game-01"]
    assert max(releases) - start <= 9.0 + 0.05


def test_what_was_said_and_who_left_is_in_the_table(played: tuple[Sitting, list[Event]], lab: Lab) -> None:
    """Who has left is thrown to no more."""
    sitting, _ = played
    rows = {
        n: table(
            lab.study.dataset / sitting.who.folder / "beh"
            / f"{sitting.who.stem}_task-cyberball_run-{n:02d}_events.tsv"
        )
        for n in (1, 2, 3)
    }  # fmt: skip
    kinds = [row["trial_type"] for row in rows[1]]
    assert {"message", "chat", "coplayer_left"} <= set(kinds)
    gone = kinds.index("coplayer_left")
    assert rows[1][gone]["thrower"] == "coplayer3"
    assert all("coplayer3" not in (row["thrower"], row["receiver"]) for row in rows[1][gone + 1 :])
    assert rows[2][-1]["trial_type"] == "participant_left"
    assert {row["condition"] for row in rows[3]} == {"friendly"}


def test_a_timed_question_keeps_its_time_and_its_last_mark(played: tuple[Sitting, list[Event]]) -> None:
    """A second and a half, whatever is pressed; left alone it is missing, and the session goes on."""
    _, events = played
    first, second = [e for e in events if e["event"] == "answer"]
    assert (first["value"], second["value"]) == (4, None)
    after = next(e for e in events if e["event"] == "step" and e["kind"] == "rest")
    assert after["t"] - first["onset"] == pytest.approx(1.5, abs=0.1)


def test_the_dataset_of_a_lively_design_is_valid(played: tuple[Sitting, list[Event]], lab: Lab) -> None:
    """With talk, leaving and repeated rounds in it, and the pictures were taken."""
    sitting, _ = played
    assert sitting.shots == ["message", "chat", "leaving", "after_leaving"]
    validate(lab.study.dataset)
