"""A whole session in a real window: every kind of step and form, with real keys and mouse, read back."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from statistics import median

import pytest

from experiment import journal
from experiment.study import Who
from tests.faults.small_study import RECEPTIONS, THROWS, write_conditions
from tests.validating import validate
from tests.window.driving import Event, Lab, Sitting, open_desk, table

pytestmark = pytest.mark.window

WHO = Who("001", "01")
TYPED_ODD = "Ca va, rien d'etrange: é"
"""What is typed into the free text."""


@dataclass(slots=True)
class Played:
    """A session that was gone through, and what the driver remembers of it."""

    lab: Lab
    sitting: Sitting
    exit_code: int
    throws: list[Event] = field(default_factory=list)

    @property
    def recorded(self) -> journal.Recorded:
        """Return its journal."""
        return journal.read(self.lab.study.journal(WHO))

    def rows(self, name: str) -> list[dict[str, str]]:
        """Return a table of the session."""
        return table(self.lab.study.dataset / WHO.folder / "beh" / f"{WHO.stem}_{name}.tsv")

    def answers(self, name: str) -> dict[str, dict[str, str]]:
        """Return a form's rows by item."""
        return {row["item"]: row for row in self.rows(name)}


def play_game(sitting: Sitting, game: str, *, shots: bool = False) -> list[Event]:
    """Throw whenever it is the participant's turn, by key and by click in turn, until the run ends."""
    court, own = sitting.court(game), 0
    throws: list[Event] = []
    hands: list[Callable[[], Event]] = [
        lambda: sitting.tap("Left", "throw"),
        lambda: sitting.click(court, "player:3"),
        lambda: sitting.tap("2", "throw"),
    ]
    received = False
    for event in sitting.stream():
        match event["event"]:
            case "run_end":
                return throws
            case "release":
                received = event["receiver"] == 2
                if shots and event["throw"] == 1:
                    sitting.picture("court_flight")
                if received and shots and own == 0:
                    sitting.desk.tap("Right")  # before the ball is there: it must not throw
            case "catch" if received and event["throw"] < (THROWS if shots else 4):
                if shots and own == 0:
                    sitting.picture("court_turn")
                throws.append(hands[own % 3]())
                own += 1
            case _:
                pass
    raise AssertionError


def likert_with_a_way_back(sitting: Sitting) -> None:
    """Answer by click, go back and answer anew by key, then by key, arrows and click."""
    sitting.wait("step", kind="measure")
    sitting.click(sitting.form("small_needs", "reflexive", "belonged"), "option:5")
    sitting.wait("answer", item="belonged", value=5)
    sitting.click(sitting.form("small_needs", "reflexive", "apart"), "button:back")
    sitting.sees()
    sitting.picture("form_likert")
    sitting.tap("6")
    sitting.wait("answer", item="belonged", value=6)
    sitting.tap("2")
    sitting.wait("answer", item="apart", value=2)
    sitting.tap("Right")
    sitting.tap("Right")
    sitting.tap("Return")
    sitting.wait("answer", item="seen", value=2)


def lines(sitting: Sitting) -> None:
    """Mark one line by click and one by arrow keys."""
    sitting.wait("step", kind="measure")
    sitting.sees()
    sitting.tap("Return")  # nothing is marked yet, so this must not go on
    sitting.picture("form_line")
    sitting.click(sitting.form("lines", "baseline", "calm"), "line", 0.25)
    sitting.tap("Return")
    sitting.wait("answer", item="calm")
    sitting.sees()
    for key in ("Right", "Up", "Up", "Right", "Left"):
        sitting.tap(key)
    sitting.tap("Return")
    sitting.wait("answer", item="awake")


def facts(sitting: Sitting) -> None:
    """Type a number (first one that is not allowed), choose by click and by digit, skip what can be."""
    sitting.wait("step", kind="measure")
    sitting.write("7")
    sitting.tap("Return")
    sitting.sees()
    sitting.picture("form_number")
    sitting.desk.tap("BackSpace")
    sitting.write("34")
    sitting.tap("Return")
    sitting.wait("answer", item="age", value=34)
    sitting.click(sitting.form("about_you", "end", "gender"), "option:other")
    sitting.wait("answer", item="gender", value="other")
    sitting.sees()
    sitting.picture("form_choice")
    sitting.tap("2")
    sitting.wait("answer", item="handedness", value="left")
    sitting.click(sitting.form("about_you", "end", "anything"), "button:skip")
    sitting.wait("answer", item="anything", value=None)


def doubts(sitting: Sitting) -> None:
    """Type a free text with an accent, and rub a character out."""
    sitting.wait("step", kind="measure")
    sitting.write(TYPED_ODD + "x")
    sitting.desk.tap("BackSpace")
    sitting.sees()
    sitting.picture("form_text")
    sitting.tap("Return")
    sitting.wait("answer", item="odd")
    sitting.tap("2")
    sitting.wait("answer", item="sure", value="no")


def go_through(sitting: Sitting) -> list[Event]:
    """Take part from the first page to the last."""
    sitting.wait("step", kind="consent")
    sitting.sees()
    sitting.picture("consent")
    sitting.click(sitting.consent_page(), "button:agree")
    sitting.wait("consent", answer="agree")
    sitting.sees()
    sitting.picture("page")
    sitting.read_on("questions")
    lines(sitting)
    sitting.wait("step", kind="connecting")
    sitting.sees()
    sitting.picture("connecting")
    sitting.wait("joined")
    sitting.wait("step", kind="practice")
    sitting.read_on("practice")
    play_game(sitting, "warm_up")
    sitting.wait("step", kind="page")
    sitting.read_on("game")
    throws = play_game(sitting, "game_a", shots=True)
    likert_with_a_way_back(sitting)
    sitting.wait("step", kind="measure")
    sitting.click(sitting.form("hurting", "reflexive", "hurt"), "line", 0.97)
    sitting.tap("Return")
    sitting.wait("alert", measure="hurting")
    sitting.heard("alert: hurting/hurt was answered with 97")
    sitting.sees()
    sitting.picture("pause")
    sitting.tap("c")
    sitting.wait("pause", answer="go_on")
    sitting.wait("step", kind="rest")
    sitting.sees()
    sitting.picture("rest")
    sitting.wait("rest")
    sitting.read_on("rest")
    facts(sitting)
    doubts(sitting)
    sitting.wait("step", kind="debriefing")
    sitting.sees()
    sitting.picture("debriefing")
    sitting.read_on("debriefing")
    sitting.wait("step", kind="permission")
    sitting.sees()
    sitting.picture("permission")
    sitting.click(sitting.permission_page(), "button:granted")
    sitting.wait("permission", answer="granted")
    return throws


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Played]:
    """Yield a session that was played once for all the tests below."""
    folder = tmp_path_factory.mktemp("session")
    lab = Lab(folder, write_conditions(folder) / "whole.toml")
    with open_desk() as desk:
        sitting = Sitting.start(desk, lab, WHO.code)
        throws = go_through(sitting)
        sitting.wait("end", outcome="completed")
        yield Played(lab, sitting, sitting.finish(), throws)


def test_the_session_ends_well_and_says_so(played: Played) -> None:
    """The exit code is 0; the experimenter is told the outcome and no fault, and never the cell."""
    said = played.sitting.said.read_text(encoding="utf-8")
    assert played.exit_code == 0
    assert "session completed" in said
    assert all(line.startswith("spot: ") for line in said.splitlines()), said
    assert "game_a" not in said
    assert "game_b" not in said


def test_every_kind_of_screen_showed_something(played: Played) -> None:
    """The pictures were checked as they were taken; here, that none was left out."""
    kinds = {
        "consent",
        "page",
        "connecting",
        "court_flight",
        "court_turn",
        "pause",
        "rest",
        "debriefing",
        "permission",
    }
    forms = {"form_line", "form_likert", "form_number", "form_choice", "form_text"}
    assert set(played.sitting.shots) == kinds | forms


def test_the_journal_is_whole_and_the_same_in_both_places(played: Played) -> None:
    """Chain, numbers and end; the dataset's copy is the local record to the byte."""
    recorded = played.recorded
    assert recorded.problem == ""
    assert [event["n"] for event in recorded.events] == list(range(1, len(recorded.events) + 1))
    assert recorded.events[-1]["event"] == "end"
    assert recorded.path.read_bytes() == played.lab.local(WHO).read_bytes()


def test_every_step_was_begun_and_ended_once_in_its_order(played: Played) -> None:
    """Steps never nest and none is left out."""
    kinds = [step.kind for step in played.lab.resolved.protocol.steps]
    steps = [(e["event"], e["id"]) for e in played.recorded.all("step", "step_end")]
    ids = [f"{number:02d}-{kind}" for number, kind in enumerate(kinds, start=1)]
    assert steps == [(event, step) for step in ids for event in ("step", "step_end")]


def test_the_events_table_has_every_throw(played: Played) -> None:
    """Two phases, ten throws, the exact dose; throwers and receivers follow from one another."""
    rows = played.rows("task-cyberball_run-01_events")
    throws = [row for row in rows if row["trial_type"] != "phase"]
    assert [row["phase"] for row in rows if row["trial_type"] == "phase"] == ["opening", "rest_of_it"]
    assert [row["throw"] for row in throws] == [str(number) for number in range(1, THROWS + 1)]
    assert throws[-1]["receptions"] == str(RECEPTIONS)
    assert sum(row["receiver"] == "participant" for row in throws) == RECEPTIONS
    assert all(a["receiver"] == b["thrower"] for a, b in pairwise(throws))
    onsets = [float(row["onset"]) for row in rows]
    assert onsets == sorted(onsets)
    flights = [float(row["duration"]) for row in throws]
    pauses = [float(row["pause"]) for row in throws if row["pause"] != "n/a"]
    # Shorter than planned by half a frame at most; longer where the machine is busy, but not on the median.
    assert min(flights) > 0.58
    assert min(pauses) > 0.28
    assert median(flights) < 0.75
    assert median(pauses) < 0.45
    practice = played.rows("task-practice_run-01_events")
    assert {row["condition"] for row in practice} == {"practice"}


def test_the_participants_throws_carry_device_and_time(played: Played) -> None:
    """Keys and mouse are told apart; each time lies between the ball's arrival and the throw."""
    own = [
        row for row in played.rows("task-cyberball_run-01_events") if row["trial_type"] == "participant_throw"
    ]
    assert [row["response_source"] for row in own] == [press["source"] for press in played.throws]
    assert {row["response_source"] for row in own} == {"keyboard", "mouse"}
    assert [row["receiver"] for row in own][:2] == ["coplayer1", "coplayer3"]
    assert all(0 < float(row["response_time"]) < 6 for row in own)
    assert all(row["taken_over"] == "false" for row in own)


def test_a_press_before_the_balls_arrival_is_recorded_and_not_used(played: Played) -> None:
    """The right arrow was pressed while the ball was in the air; the throw that followed went left."""
    over = next(e["n"] for e in played.recorded.all("run_end") if e["run"] == "game-01")
    presses = [e for e in played.recorded.all("press") if e["n"] < over]
    early = [e for e in presses if e["use"] == "anticipatory" and e["key"] == "right"]
    rows = played.rows("task-cyberball_run-01_events")
    assert len(early) == 1
    assert sum(int(row["anticipations"]) for row in rows if row["anticipations"] != "n/a") == 1
    first = next(row for row in rows if row["trial_type"] == "participant_throw")
    assert first["receiver"] == "coplayer1"


@pytest.mark.parametrize(
    ("form", "item", "value", "source"),
    [
        ("task-smallneeds_acq-reflexive_run-01_beh", "belonged", "6", "keyboard"),
        ("task-smallneeds_acq-reflexive_run-01_beh", "apart", "2", "keyboard"),
        ("task-smallneeds_acq-reflexive_run-01_beh", "seen", "2", "keyboard"),
        ("task-aboutyou_acq-end_run-01_beh", "age", "34", "text"),
        ("task-aboutyou_acq-end_run-01_beh", "gender", "other", "mouse"),
        ("task-aboutyou_acq-end_run-01_beh", "handedness", "left", "keyboard"),
        ("task-aboutyou_acq-end_run-01_beh", "anything", "n/a", "mouse"),
        ("task-doubts_acq-end_run-01_beh", "odd", "n/a", "text"),
        ("task-doubts_acq-end_run-01_beh", "sure", "no", "keyboard"),
    ],
)
def test_each_answer_is_the_one_given(played: Played, form: str, item: str, value: str, source: str) -> None:
    """Value and device, whichever way it was given."""
    row = played.answers(form)[item]
    assert (row["value"], row["response_source"]) == (value, source)
    assert 0 < float(row["response_time"]) < 20
    assert float(row["delay"]) > 0


def test_marks_on_a_line_are_where_they_were_put(played: Played) -> None:
    """A click is exact to a pixel; arrows move by one and by ten, the first to the end they point from."""
    baseline = played.answers("task-lines_acq-baseline_beh")
    assert float(baseline["calm"]["value"]) == pytest.approx(25, abs=0.2)
    assert baseline["calm"]["response_source"] == "mouse"
    assert float(baseline["awake"]["value"]) == 20
    assert baseline["awake"]["response_source"] == "keyboard"
    assert baseline["calm"]["delay"] == baseline["calm"]["condition"] == "n/a"
    hurt = played.answers("task-hurting_acq-reflexive_run-01_beh")["hurt"]
    assert float(hurt["value"]) == pytest.approx(97, abs=0.2)


def test_an_answer_changed_after_going_back_counts_as_changed(played: Played) -> None:
    """Both answers are in the journal; the table has the last, in the first one's place."""
    given = [e["value"] for e in played.recorded.all("answer") if e["item"] == "belonged"]
    row = played.answers("task-smallneeds_acq-reflexive_run-01_beh")["belonged"]
    assert given == [5, 6]
    assert row["order"] == "1"


def test_the_free_text_is_kept_apart(played: Played) -> None:
    """The text stands in the private file, whole; the dataset has its reference and no piece of it."""
    study = played.lab.study
    reference = played.answers("task-doubts_acq-end_run-01_beh")["odd"]["text_ref"]
    private = [
        json.loads(line) for line in study.private_journal(WHO).read_text(encoding="utf-8").splitlines()
    ]
    kept = {event["ref"]: event["text"] for event in private if event["event"] == "text"}
    assert kept == {reference: TYPED_ODD}
    for file in study.dataset.rglob("*"):
        if file.is_file():
            assert "etrange" not in file.read_text(encoding="utf-8"), file


def test_the_keys_of_a_free_text_are_not_in_the_journal(played: Played) -> None:
    """What was typed cannot be read from the keys either."""
    events = iter(played.recorded.events)
    for event in events:
        if event["event"] == "answer" and event["item"] == "anything":
            break
    keys = []
    for event in events:
        if event["event"] == "answer":
            break
        keys += [event["key"]] if event["event"] == "press" else []
    assert {key for key in keys if key} == {"return"}


def test_the_alert_opened_the_experimenters_pause(played: Played) -> None:
    """An answer over the bound is in the journal as an alert, with the pause that followed."""
    kinds = [e["event"] for e in played.recorded.all("answer", "alert", "pause")]
    place = kinds.index("alert")
    assert kinds[place - 1 : place + 2] == ["answer", "alert", "pause"]


def test_the_session_row_tells_how_it_went(played: Played) -> None:
    """Outcome, permission, pacing and keyboard, as they were."""
    (row,) = table(played.lab.study.dataset / f"sub-{WHO.code}" / f"sub-{WHO.code}_sessions.tsv")
    assert (row["outcome"], row["permission"], row["segments"]) == ("completed", "granted", "1")
    assert (row["pacing"], row["keyboard"], row["simulated"]) == ("emulated", "ptb", "false")
    assert row["seed"] == "3"
    (person,) = table(played.lab.study.dataset / "participants.tsv")
    assert (person["participant_id"], person["age"], person["gender"]) == ("sub-001", "34", "other")


def test_the_dataset_validates(played: Played) -> None:
    """The official validator accepts every row."""
    validate(played.lab.study.dataset)


def test_the_dataset_can_be_summarised(played: Played) -> None:
    """One participant is enough for the summary to run."""
    done = played.lab.spot("summarize", str(played.lab.study.dataset))
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    assert (played.lab.study.dataset / "derivatives" / "spot").is_dir()


def test_a_session_that_exists_is_refused_with_the_ways_on(played: Played) -> None:
    """Exit code 2, one line, `--session 2` and `--resume` named; the record stays as it is."""
    before = played.lab.local(WHO).read_bytes()
    done = played.lab.spot(*played.lab.run_words(WHO.code))
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert line.startswith("spot: ")
    assert "--session 2" in line
    assert "--resume" in line
    assert played.lab.local(WHO).read_bytes() == before


def test_a_session_that_has_ended_is_not_resumed(played: Played) -> None:
    """There is nothing to resume, and the line says so."""
    done = played.lab.spot(*played.lab.run_words(WHO.code, "--resume"))
    assert done.returncode == 2
    assert "cannot be resumed" in done.stderr


def test_without_a_display_nothing_is_claimed(tmp_path: Path) -> None:
    """One line says what is missing; no code is taken, no definition kept, no journal begun."""
    lab = Lab(tmp_path, write_conditions(tmp_path) / "whole.toml")
    done = lab.spot(*lab.run_words("001"), DISPLAY=None)
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert line.startswith("spot: ")
    assert "DISPLAY" in line
    assert not lab.data.exists()
    assert not list(tmp_path.rglob("*_journal.jsonl"))
