"""Runs with a clock: phases that end by time, leaving, lines and over-ruling, frame by frame."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from itertools import pairwise
from pathlib import Path

import pytest

from experiment import definitions, journal
from experiment.booth import Booth, Press
from experiment.journal import Event
from experiment.recording import RunOf
from experiment.respondent import Respondent
from experiment.rows import _throw_rows
from experiment.run import Run
from experiment.scenes import PARTICIPANT, Court, Flying, Held, Scene
from experiment.simulated import virtual_booth
from experiment.speaking import ANNOUNCED_S
from tests.scripted import PERIOD_S, Recorder, Scripted, click, game, key, nothing, played, throwing, tiny

EXACT = 1e-6
FRAME = PERIOD_S + EXACT
WORDS = {"hello": "Hello!", "bye": "Got to go.", "rule": "Throw as you like."}
TEXTS = tiny().texts.model_copy(update={"lines": WORDS})


def of(events: list[Event], kind: str, *, by: int | None = None) -> list[Event]:
    """Return the events of one kind, or those throws of it that a player made."""
    return [e for e in events if e["event"] == kind and (by is None or e["thrower"] == by)]


def play(scripted: Scripted, file: definitions.Game, folder: Path, **more: object) -> list[Event]:
    """Play with lines of its own and return the events."""
    events, ended = played(scripted, file, folder, words=TEXTS, **more)  # type: ignore[arg-type]
    end = of(events, "run_end")[0]
    assert ended.at == pytest.approx(end["t"], abs=EXACT)
    assert end["throws"] == len(of(events, "release"))
    return events


class Pausing:
    """A guard that keeps the session for a while each time it is asked."""

    def __init__(self, scripted: Scripted, lasts_s: float) -> None:
        self.scripted, self.lasts_s = scripted, lasts_s

    def stop(self, _press: Press) -> float:
        """Let time pass."""
        return self.pause()

    def pause(self) -> float:
        """Let time pass."""
        self.scripted.time_s += self.lasts_s
        return self.lasts_s


def pausing(scripted: Scripted, lasts_s: float) -> Callable[[Booth], None]:
    """Return what puts such a guard into a booth; F10 calls it."""
    return lambda booth: setattr(booth, "guard", Pausing(scripted, lasts_s))


# Phases and runs that end by time

TIMED: list[Mapping[str, object]] = [
    {"duration_s": 4.2, "probability": 0.5},
    {"duration_s": 3.3, "probability": 0.5},
]


@pytest.mark.parametrize("seed", range(4))
def test_a_phase_ends_on_time_and_no_throw_begins_after_it(seed: int, tmp_path: Path) -> None:
    """But a flight that has begun is finished; the next phase begins then."""
    events = play(Scripted(see=throwing(after_s=0.4)), game(TIMED), tmp_path, seed=seed)
    zero = of(events, "run")[0]["t"]
    first, second = of(events, "phase")
    end = of(events, "run_end")[0]
    assert end["ended"] == "time"
    for began, over, lasts in ((first["t"], second["t"], 4.2), (second["t"], end["t"], 3.3)):
        assert lasts - EXACT <= over - began <= lasts + 0.5 + FRAME
        late = [e for e in of(events, "release") if began + lasts + FRAME < e["t"] < over]
        assert not late
    assert first["t"] == zero


def only(coplayer: int) -> dict[str, object]:
    """Return a policy by which the ball goes from 1 to 3 and back, or always to the participant."""
    return {"sequence": ["1,2", "3,2"] if coplayer == PARTICIPANT else ["1,3", "3,1"]}


def test_a_co_player_who_has_the_ball_begins_to_wait_anew(tmp_path: Path) -> None:
    """From the beginning of the phase, by its own pause; the throw belongs to it."""
    phases = [
        {"duration_s": 2.0, **only(3), "pause": {"kind": "fixed", "value_s": 60}},
        {"throws": 2, **only(3), "pause": {"kind": "fixed", "value_s": 1.0}},
    ]
    events = play(Scripted(), game(phases), tmp_path)
    second = of(events, "phase")[1]
    release = of(events, "release")[0]
    assert second["t"] - of(events, "run")[0]["t"] == pytest.approx(2.0, abs=EXACT)
    assert second["first_throw"] == 1
    assert release["ready"] == pytest.approx(second["t"], abs=EXACT)
    assert release["t"] - release["ready"] == pytest.approx(1.0, abs=PERIOD_S / 2 + EXACT)
    assert [e["pause"] for e in of(events, "plan")] == [60.0, 1.0, 1.0]


def test_a_participant_who_has_the_ball_keeps_their_turn(tmp_path: Path) -> None:
    """Across phases; the response time counts from when they got it, prompt and frames too."""
    phases = [{"duration_s": 1.5, **only(3)}, {"duration_s": 1.0, **only(3)}, {"throws": 1, **only(3)}]
    file = game(phases, starts="participant", participant={"prompt_after_s": 2.0})
    scripted = Scripted(script=[key(0.6, "q"), key(3.4, "left")])
    events = play(scripted, file, tmp_path)
    release, catch = of(events, "release")[0], of(events, "catch")[0]
    zero = of(events, "run")[0]["t"]
    assert [e["t"] - zero for e in of(events, "phase")] == pytest.approx([0, 1.5, 2.5], abs=EXACT)
    assert release["response_time"] == pytest.approx(3.4 - zero, abs=EXACT)
    assert release["ready"] == pytest.approx(zero, abs=EXACT)
    prompts = [flip for flip, court in scripted.courts() if court.message]
    assert prompts[0] - zero == pytest.approx(2.0, abs=FRAME)
    turned = {court.turn for flip, court in scripted.courts() if flip < 3.4}
    assert turned == {True}
    assert catch["frames"] == len(scripted.courts()) - 1, "every frame since the ball was had is counted"
    assert of(events, "run_end")[0]["ended"] == "throws"


def test_anticipations_of_a_hold_that_a_phase_cuts_are_kept(tmp_path: Path) -> None:
    """They belong to the throw that follows."""
    phases = [
        {"duration_s": 1.0, **only(3), "pause": {"kind": "fixed", "value_s": 60}},
        {"throws": 1, **only(3)},
    ]
    scripted = Scripted(script=[key(0.5, "left"), key(1.2, "right")])
    assert of(play(scripted, game(phases), tmp_path), "catch")[0]["anticipations"] == 2


def test_the_take_over_counts_across_phases(tmp_path: Path) -> None:
    """Who keeps the ball loses it as long after they got it as ever."""
    phases = [{"duration_s": 1.0, **only(3)}, {"throws": 1, **only(3)}]
    file = game(phases, starts="participant", participant={"take_over_after_s": 2.5})
    release = of(play(Scripted(), file, tmp_path), "release")[0]
    assert release["taken_over"]
    assert release["t"] - release["ready"] == pytest.approx(2.5, abs=PERIOD_S / 2 + EXACT)


@pytest.mark.parametrize(("before_s", "phase"), [(0.020, "phase_1"), (0.001, "phase_2"), (-0.001, "phase_2")])
def test_a_press_at_the_end_of_a_phase_throws_once(before_s: float, phase: str, tmp_path: Path) -> None:
    """In the phase whose frames have shown it; none is lost between two."""
    phases = [{"duration_s": 1.5, **only(3)}, {"throws": 2, **only(3)}]
    scripted = Scripted(script=[key(PERIOD_S + 1.5 - before_s, "right")])
    events = play(scripted, game(phases, starts="participant"), tmp_path)
    (own,) = of(events, "release", by=PARTICIPANT)
    assert own["receiver"] == 3
    assert own["response_time"] == pytest.approx(1.5 - before_s, abs=EXACT)
    rows = list(_throw_rows(of(events, "run")[0], events))
    assert rows[0]["phase"] == phase
    assert [e["use"] for e in of(events, "press")] == ["throw"]


@pytest.mark.parametrize("at_s", [0.7, 1.2, 2.45])
def test_the_experimenters_pause_takes_no_time_from_a_phase(at_s: float, tmp_path: Path) -> None:
    """In a hold, in a flight, in a turn: the phase ends as much later, and each pause is written once."""
    file = game([{"duration_s": 6.0, "probability": 0.5}, {"duration_s": 2.0, "probability": 0.0}])
    quiet = play(Scripted(see=throwing(after_s=0.4)), file, tmp_path, seed=2)
    scripted = Scripted(script=[key(at_s, "f10")], see=throwing(after_s=0.4))
    events = play(scripted, file, tmp_path, seed=2, guard=pausing(scripted, 40.0))
    for kind in ("phase", "run_end"):
        shifted = [b["t"] - a["t"] for a, b in zip(of(quiet, kind), of(events, kind), strict=True)]
        later = [40.0] if kind == "run_end" else [0.0, 40.0]
        assert shifted == pytest.approx(later, abs=2 * FRAME)
    assert sum(e["paused"] for e in [*of(events, "release"), *of(events, "catch")]) == 40.0


@pytest.mark.parametrize("zero_frames", [0, 7, 31, 100])
def test_a_phase_cut_at_any_time_of_the_clock_goes_on(zero_frames: int, tmp_path: Path) -> None:
    """Sums of clock times may miss the end by a hair; the next phase begins all the same."""
    phases = [
        {"duration_s": s, **only(3), "pause": {"kind": "fixed", "value_s": 60}} for s in (0.1, 0.7, 1.3)
    ]
    scripted = Scripted(time_s=zero_frames * PERIOD_S * 1.37)
    events = play(scripted, game(phases), tmp_path)
    assert len(of(events, "plan")) == 3
    assert of(events, "run_end")[0]["ended"] == "time"


def test_a_run_by_time_ends_with_the_flight_and_asks_for_no_throw(tmp_path: Path) -> None:
    """A ball caught after the end of its time is nobody's turn."""
    file = game([only(PARTICIPANT)], duration_s=0.9)
    scripted = Scripted(see=throwing())
    events = play(scripted, file, tmp_path)
    assert of(events, "release")[-1]["receiver"] == PARTICIPANT
    assert of(events, "run_end")[0]["ended"] == "time"
    assert of(events, "run_end")[0]["t"] == of(events, "catch")[-1]["t"]
    assert not any(court.turn for _, court in scripted.courts())


def test_a_run_by_time_ends_in_a_hold_too(tmp_path: Path) -> None:
    """On time, whoever holds the ball."""
    events = play(Scripted(), game([only(3)], duration_s=5.0, starts="participant"), tmp_path)
    assert not of(events, "release")
    assert of(events, "run_end")[0]["t"] - of(events, "run")[0]["t"] == pytest.approx(5.0, abs=EXACT)


# Compensation and over-ruling


def test_a_block_keeps_its_length_whatever_the_answers(tmp_path: Path) -> None:
    """To a few frames; the pause that was drawn stands beside the one that was made of it."""
    lengths = []
    for after_s in (0.3, 1.0, 1.7):
        file = game(
            [{"throws": 8, "receptions": 3}, {"throws": 5, "receptions": 0}],
            pause={"kind": "uniform", "low_s": 0.6, "high_s": 1.6},
            compensation={"usual_response_s": 1.0, "low_s": 0.2, "high_s": 3.0},
        )
        events = play(Scripted(see=throwing(after_s=after_s)), file, tmp_path, seed=4)
        plans = of(events, "plan")
        assert all(0.2 <= e["pause"] <= 3.0 for e in plans)
        assert any(e["pause"] != e["drawn"] for e in plans)
        rows = [r for r in _throw_rows(of(events, "run")[0], events) if r["pause_planned"] is not None]
        assert [(r["pause_drawn"], r["pause_planned"]) for r in rows] == [
            (e["drawn"], e["pause"]) for e in plans
        ]
        lengths.append(of(events, "run_end")[0]["t"] - of(events, "run")[0]["t"])
    assert max(lengths) - min(lengths) < 5 * PERIOD_S


def test_an_over_ruled_throw_says_who_was_chosen(tmp_path: Path) -> None:
    """And goes to somebody else; the court shows where it goes."""
    file = game([{"throws": 9, "receptions": 4, "overruled": 1.0}])
    scripted = Scripted(see=throwing("player:1"))
    own = of(play(scripted, file, tmp_path), "release", by=PARTICIPANT)
    assert [(e["chosen"], e["receiver"], e["overruled"]) for e in own] == [(1, 3, True)] * 4
    thrown = {(c.ball.thrower, c.ball.receiver) for _, c in scripted.courts() if isinstance(c.ball, Flying)}
    assert (2, 3) in thrown
    assert (2, 1) not in thrown


def test_a_ball_taken_over_was_nobodys_choice(tmp_path: Path) -> None:
    """Neither chosen nor over-ruled."""
    phases = [{"throws": 9, "receptions": 4, "overruled": 1.0}]
    file = game(phases, participant={"take_over_after_s": 1.0})
    own = of(play(Scripted(), file, tmp_path), "release", by=PARTICIPANT)
    assert [(e["chosen"], e["overruled"], e["taken_over"]) for e in own] == [(None, False, True)] * 4


# Leaving


def leaving(rule: Mapping[str, object], *, throws: int = 12, **more: object) -> definitions.Game:
    """Return a game of four in which player 3 leaves by this rule."""
    coplayers = [{"name": "Alex"}, {"name": "Sam", "leaves": rule}, {"name": "Kim"}]
    return game([{"throws": throws, "probability": 0.3}], players=4, coplayers=coplayers, **more)


def test_the_court_shows_who_has_left_and_says_so(tmp_path: Path) -> None:
    """From the flip of a catch on, as long as an announcement stays; nobody throws there any more."""
    scripted = Scripted(see=throwing())
    events = play(scripted, leaving({"after_throws": 3}), tmp_path, seed=3)
    (left,) = of(events, "left")
    assert (left["player"], left["throw"]) == (
        3,
        len([e for e in of(events, "catch") if e["t"] <= left["t"]]),
    )
    assert left["throw"] >= 3
    assert left["t"] == next(e["t"] for e in of(events, "catch") if e["throw"] == left["throw"])
    for flip, court in scripted.courts():
        gone = {p.number: p.left_at for p in court.players if p.left_at is not None}
        assert (3 in gone) == (flip >= left["t"] - EXACT)
        if gone:
            assert gone[3] == pytest.approx(left["t"], abs=EXACT)
        told = left["t"] - EXACT <= flip < left["t"] + ANNOUNCED_S
        if abs(flip - left["t"] - ANNOUNCED_S) < FRAME:
            continue
        assert court.message == (tiny().texts.ui.has_left.format(name="Sam") if told else "")
    assert not [e for e in of(events, "release") if e["t"] > left["t"] and 3 in (e["receiver"], e["thrower"])]


def test_a_pause_of_the_session_does_not_age_what_is_shown(tmp_path: Path) -> None:
    """Neither a line nor the moment of leaving jumps; a line stays as long as it says, pauses left out."""
    chat = [{"player": 1, "text": "hello", "after_throw": 0, "lasts_s": 5.0}]
    scripted = Scripted(script=[key(2.0, "f10")], see=throwing())
    file = leaving({"after_throws": 1}, chat=chat)
    play(scripted, file, tmp_path, seed=3, guard=pausing(scripted, 30.0))
    spoken = [flip for flip, court in scripted.courts() if court.said]
    assert spoken[-1] - spoken[0] == pytest.approx(35.0, abs=2 * FRAME)
    ages = [c.time_s - p.left_at for _, c in scripted.courts() for p in c.players if p.left_at is not None]
    assert max(b - a for a, b in pairwise(ages)) < 2 * PERIOD_S
    since = [c.time_s - c.said[0].since for _, c in scripted.courts() if c.said]
    assert max(b - a for a, b in pairwise(since)) < 2 * PERIOD_S


def test_a_press_at_who_has_left_is_ignored(tmp_path: Path) -> None:
    """By click and by key, in the participant's turn and out of it."""

    def see(scene: Scene, flip: float) -> Iterable[Press]:
        if isinstance(scene, Court) and any(p.left_at is not None for p in scene.players):
            at = flip + 0.1
            wrong = [click(at, "player:3"), key(at + 0.05, "up"), key(at + 0.1, "2")]
            return [*wrong, key(at + 0.2, "left")] if scene.turn else wrong
        return throwing("right")(scene, flip)

    events = play(Scripted(see=see), leaving({"after_throws": 1}), tmp_path, seed=3)
    left = of(events, "left")[0]
    wrong = [e for e in of(events, "press") if e["t"] > left["t"] and e["target"] in ("player:3",)]
    wrong += [e for e in of(events, "press") if e["t"] > left["t"] and e["key"] in ("up", "2")]
    assert len(wrong) > 9
    assert {e["use"] for e in wrong} == {"ignored"}


def test_a_run_whose_players_have_all_left_ends_alone(tmp_path: Path) -> None:
    """With the ball in the participant's hands, and no turn."""
    coplayers = [{"name": "A", "leaves": {"after_throws": 4}}, {"name": "B", "leaves": {"after_throws": 4}}]
    file = game([{"throws": 60, "probability": 0.2}], coplayers=coplayers)
    scripted = Scripted(see=throwing())
    events = play(scripted, file, tmp_path)
    assert of(events, "run_end")[0]["ended"] == "alone"
    assert {e["player"] for e in of(events, "left")} == {1, 3}
    assert not scripted.courts()[-1][1].turn


OWN_RULES: list[tuple[Mapping[str, object], Callable[[list[Event], float], float]]] = [
    ({"after_throws": 3}, lambda events, zero: of(events, "release")[2]["t"]),
    ({"after_s": 4.0}, lambda events, zero: zero + 4.0),
    ({"after_throws_ignored": 4}, lambda events, zero: of(events, "release")[3]["t"]),
    ({"after_s_ignored": 3.0}, lambda events, zero: zero + 3.0),
]


@pytest.mark.parametrize(("rule", "due"), OWN_RULES)
def test_the_button_to_leave_comes_up_when_it_is_due(
    rule: Mapping[str, object], due: Callable[[list[Event], float], float], tmp_path: Path
) -> None:
    """Not a frame before, and stays; a press on it from before does nothing."""
    file = game([{"throws": 8, "receptions": 0}], participant={"may_leave": rule})
    scripted = Scripted(script=[click(0.2, "button:leave"), key(0.3, "l")])
    events = play(scripted, file, tmp_path)
    expected = due(events, of(events, "run")[0]["t"])
    labels = [(flip, court.leave_label) for flip, court in scripted.courts()]
    first = next(flip for flip, label in labels if label)
    assert -EXACT <= first - expected <= FRAME
    assert all(bool(label) == (flip >= first) for flip, label in labels)
    assert [e["use"] for e in of(events, "press")] == ["ignored", "ignored"]
    assert of(events, "run_end")[0]["ended"] == "throws"


def when_shown(at: Callable[[Court], bool], press: Callable[[float], Press], delay_s: float) -> Scripted:
    """Return a participant who leaves a moment after such a court comes up with the button on it."""
    scripted = Scripted()
    pressed: list[bool] = []

    def see(scene: Scene, flip: float) -> Iterable[Press]:
        if isinstance(scene, Court) and scene.leave_label and at(scene) and not pressed:
            pressed.append(True)
            return [press(flip + delay_s)]
        return throwing()(scene, flip)

    scripted.see = see
    return scripted


@pytest.mark.parametrize("how", ["click", "l"])
@pytest.mark.parametrize(
    "at",
    [
        pytest.param(lambda court: court.turn, id="own turn"),
        pytest.param(lambda court: isinstance(court.ball, Held) and not court.turn, id="another's"),
        pytest.param(lambda court: isinstance(court.ball, Flying), id="flight"),
    ],
)
def test_the_participant_can_leave_at_any_moment(
    at: Callable[[Court], bool], how: str, tmp_path: Path
) -> None:
    """By the button or its key; the run ends with the press, and the rows say so."""
    file = game([{"throws": 60, "receptions": 20}], participant={"may_leave": {"after_throws": 2}})
    press = (lambda t: click(t, "button:leave")) if how == "click" else (lambda t: key(t, "l"))
    events = play(when_shown(at, press, 0.21), file, tmp_path)
    end, left = of(events, "run_end")[0], of(events, "left")[0]
    assert (end["ended"], left["player"]) == ("left", PARTICIPANT)
    assert end["t"] == left["t"] == of(events, "press")[-1]["t"]
    assert of(events, "press")[-1]["use"] == "leave"
    assert events[-1] is end
    last = list(_throw_rows(of(events, "run")[0], events))[-1]
    assert last["trial_type"] == "participant_left"


def test_a_pause_of_the_session_opens_no_leaving(tmp_path: Path) -> None:
    """Time in it is not played: the button comes up as much later."""
    file = game([{"throws": 8, "receptions": 0}], participant={"may_leave": {"after_s": 4.0}})
    scripted = Scripted(script=[key(0.7, "f10"), key(41.0, "l"), key(43.0, "l")])
    events = play(scripted, file, tmp_path, guard=pausing(scripted, 40.0))
    first = next(flip for flip, court in scripted.courts() if court.leave_label)
    assert first - of(events, "run")[0]["t"] == pytest.approx(44.0, abs=FRAME)
    assert not of(events, "left")


def test_a_press_from_before_the_button_was_seen_leaves_nothing(tmp_path: Path) -> None:
    """The stamp decides, though it is read with the frame that shows the button."""
    file = game([{"throws": 8, "receptions": 0}], participant={"may_leave": {"after_s": 4.0}})
    quiet = Scripted()
    play(quiet, file, tmp_path)
    first = next(flip for flip, court in quiet.courts() if court.leave_label)
    early = play(Scripted(script=[key(first - 0.001, "l")]), file, tmp_path)
    assert [e["use"] for e in of(early, "press")] == ["ignored"]
    assert not of(early, "left")
    assert of(play(Scripted(script=[key(first, "l")]), file, tmp_path), "left")


def test_nobody_leaves_a_game_that_lets_nobody(tmp_path: Path) -> None:
    """The key and a click where the button would be mean nothing."""
    scripted = Scripted(script=[key(1.0, "l"), click(1.5, "button:leave")], see=throwing())
    events = play(scripted, game([{"throws": 9, "receptions": 3}]), tmp_path)
    assert [e["use"] for e in of(events, "press")[:2]] == ["ignored", "ignored"]


# Lines

CHAT = [
    {"player": 1, "text": "hello", "after_throw": 0, "after_s": 0.35, "lasts_s": 1.2},
    {"player": 3, "text": "bye", "after_throw": 2, "after_s": 0.1},
]
MESSAGES = [{"text": "rule", "after_throw": 0}]


def spoken(**more: object) -> definitions.Game:
    """Return a game with lines and a message."""
    return game([{"throws": 9, "receptions": 3}], 3, chat=CHAT, messages=MESSAGES, **more)


def test_lines_come_up_at_their_times_and_are_written_once(tmp_path: Path) -> None:
    """With the very flip that showed them first."""
    scripted = Scripted(see=throwing())
    events = play(scripted, spoken(), tmp_path)
    lines = of(events, "line")
    zero, second = of(events, "run")[0]["t"], of(events, "catch")[1]["t"]
    assert [(e["player"], e["text"], e["lasts"], e["throw"]) for e in lines] == [
        (None, "rule", None, 0), (1, "hello", 1.2, 0), (3, "bye", 4.0, 2),
    ]  # fmt: skip
    for event, due in zip(lines, (zero, zero + 0.35, second + 0.1), strict=True):
        assert -EXACT <= event["t"] - due <= FRAME
    for number, event in ((1, lines[1]), (3, lines[2])):
        up = [flip for flip, court in scripted.courts() if number in {said.player for said in court.said}]
        assert up[0] == pytest.approx(event["t"], abs=EXACT)
        assert up[-1] - up[0] == pytest.approx(event["lasts"], abs=2 * FRAME)
    assert {court.message for _, court in scripted.courts()} == {WORDS["rule"]}


def test_a_reminder_goes_before_a_message(tmp_path: Path) -> None:
    """And the message comes back with the throw."""
    file = spoken(participant={"prompt_after_s": 1.0})
    scripted = Scripted(see=throwing(after_s=2.0))
    play(scripted, file, tmp_path)
    prompt = tiny().texts.ui.throw_prompt
    for _, court in scripted.courts():
        waited = court.time_s - court.ball.since if court.turn and isinstance(court.ball, Held) else 0.0
        assert court.message == (prompt if waited >= 1.0 else WORDS["rule"])


def test_who_has_left_says_nothing_and_no_row_says_so(tmp_path: Path) -> None:
    """A line that was planned for later is not said."""
    chat = [{"player": 3, "text": "bye", "after_throw": 0, "after_s": 7.0}]
    scripted = Scripted(see=throwing())
    events = play(scripted, leaving({"after_throws": 3}, chat=chat), tmp_path, seed=3)
    assert not of(events, "line")
    assert not any(court.said for _, court in scripted.courts())


def test_every_line_is_prepared_before_the_run(tmp_path: Path) -> None:
    """So that no first drawing of a sentence delays a frame."""
    del tmp_path
    file = spoken(participant={"may_leave": {"after_throws": 5}})
    run = Run(Scripted().booth(), None, file, TEXTS, RunOf(1, "game", "g", "g"), 1)  # type: ignore[arg-type]
    courts = run.scenes()
    assert {said.words for court in courts for said in court.said} == {WORDS["hello"], WORDS["bye"]}
    assert WORDS["rule"] in {court.message for court in courts}
    assert any(court.leave_label for court in courts)
    assert tiny().texts.ui.has_left.format(name="Sam") in {
        court.message
        for court in Run(
            Scripted().booth(), None, leaving({"after_throws": 3}), TEXTS, RunOf(1, "game", "g", "g"), 1,  # type: ignore[arg-type]
        ).scenes()
    }  # fmt: skip


def test_in_virtual_time_the_same_happens_at_the_same_times(tmp_path: Path) -> None:
    """A screen that passes over frames in which nothing changes misses no line, phase or leaver."""
    coplayers = [{"name": "Alex"}, {"name": "Sam", "leaves": {"after_throws": 9}}, {"name": "Kim"}]
    file = game(
        [{"duration_s": 12.0, "probability": 0.4}, {"duration_s": 8.0, "probability": 0.0}],
        players=4, coplayers=coplayers, chat=CHAT, messages=MESSAGES,
        participant={"may_leave": {"after_s": 300.0}, "prompt_after_s": 0.6},
    )  # fmt: skip
    recorder = Recorder(tmp_path / "virtual.jsonl")
    respondent = Respondent(3, tiny().measures)
    with recorder.begin() as record:
        Run(virtual_booth(respondent), record, file, TEXTS, RunOf(1, "game", "fair", "fair"), 1).play()
    virtual = list(journal.read(recorder.path).events)
    own = iter([e for e in virtual if e["event"] == "press"])

    def see(scene: Scene, flip: float) -> Iterable[Press]:
        if isinstance(scene, Court) and scene.turn:
            return [click(e["t"], e["target"]) for e in [next(own, None)] if e]
        return nothing(scene, flip)

    real = play(Scripted(see=see), file, tmp_path)
    for kind in ("phase", "line", "left", "release", "catch", "run_end"):
        there, here = of(virtual, kind), of(real, kind)
        assert [e["t"] for e in there] == pytest.approx([e["t"] for e in here], abs=2 * FRAME), kind
    assert of(real, "left")
    assert len(of(real, "line")) == 3
