"""A run over a scripted booth: what the rows say is what the flips and presses were."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

from experiment import definitions
from experiment.booth import Booth, Interrupted, Press
from experiment.journal import Event
from experiment.recording import RunOf
from experiment.run import Run
from experiment.scenes import PARTICIPANT, Court, Flying, Held, Scene
from experiment.seating import players_of
from tests.scripted import PERIOD_S, Recorder, Scripted, click, game, key, played, throwing, tiny

FAIR = [{"throws": 9, "receptions": 3}]
EXACT = 1e-6


def of(events: list[Event], kind: str) -> list[Event]:
    """Return the events of one kind."""
    return [event for event in events if event["event"] == kind]


def turns(scripted: Scripted) -> list[float]:
    """Return the flips at which the ball came into the participant's hands with a throw to make."""
    courts = scripted.courts()
    return [flip for (_, before), (flip, now) in pairwise(courts) if now.turn and not before.turn]


def first_flips(scripted: Scripted) -> list[tuple[float, Court]]:
    """Return the first frame of each state of the ball."""
    firsts = [scripted.courts()[0]]
    for flip, court in scripted.courts():
        before = firsts[-1][1].ball
        same = type(court.ball) is type(before)
        if same and isinstance(court.ball, Flying) and isinstance(before, Flying):
            same = (court.ball.thrower, court.ball.receiver) == (before.thrower, before.receiver)
        if not same:
            firsts.append((flip, court))
    return firsts


def test_onset_and_catch_are_the_flips_that_showed_them(tmp_path: Path) -> None:
    """Of every throw, of whoever."""
    scripted = Scripted(see=throwing())
    events, ended = played(scripted, game(FAIR), tmp_path)
    firsts = first_flips(scripted)
    leaving = [flip for flip, court in firsts if isinstance(court.ball, Flying)]
    caught = [flip for flip, court in firsts[1:] if isinstance(court.ball, Held)]
    assert [e["t"] for e in of(events, "release")] == pytest.approx(leaving, abs=EXACT)
    assert [e["t"] for e in of(events, "catch")] == pytest.approx(caught, abs=EXACT)
    assert ended.at == pytest.approx(caught[-1])
    assert of(events, "run")[0]["t"] == pytest.approx(firsts[0][0], abs=EXACT)


def test_pauses_and_flights_last_what_was_planned_to_the_nearest_frame(tmp_path: Path) -> None:
    """A plan of 0.517 s is neither a frame too long nor too short, whatever the frames before."""
    file = game(
        FAIR,
        pause={"kind": "uniform", "low_s": 0.3, "high_s": 1.0},
        flight={"kind": "fixed", "value_s": 0.517},
    )
    scripted = Scripted(see=throwing(), extra_s={40: 0.021, 41: 0.004, 130: 0.2})
    events, _ = played(scripted, file, tmp_path)
    for release, catch in zip(of(events, "release"), of(events, "catch"), strict=True):
        late = any(release["ready"] < flip <= catch["t"] for flip in scripted_late(scripted))
        if late:
            continue
        assert catch["t"] - release["t"] == pytest.approx(release["flight_planned"], abs=PERIOD_S / 2 + EXACT)
        if release["thrower"] != PARTICIPANT:
            pause = release["t"] - release["ready"]
            assert pause == pytest.approx(release["pause_planned"], abs=PERIOD_S / 2 + EXACT)


def scripted_late(scripted: Scripted) -> list[float]:
    """Return the flips that came late."""
    return [scripted.shown[number - 1][0] for number in scripted.extra_s if number <= len(scripted.shown)]


def test_a_late_frame_moves_nothing_but_itself(tmp_path: Path) -> None:
    """The frame after it is where it would have been: position comes from time, and lateness is counted."""
    scripted = Scripted(see=throwing(), extra_s={20: 0.1})
    events, _ = played(scripted, game(FAIR), tmp_path)
    assert sum(len(e["frames_late"]) for e in of(events, "catch")) == 1
    release = of(events, "release")[0]
    assert release["t"] - release["ready"] == pytest.approx(0.5, abs=PERIOD_S / 2 + EXACT)


def test_every_scene_is_drawn_for_the_moment_it_is_seen(tmp_path: Path) -> None:
    """A court's time is its flip's, and no ball lies outside its flight."""
    scripted = Scripted(see=throwing())
    played(scripted, game(FAIR), tmp_path)
    for flip, court in scripted.courts():
        assert court.time_s == pytest.approx(flip)
        if isinstance(court.ball, Flying):
            assert -EXACT <= court.time_s - court.ball.start <= court.ball.duration + EXACT


@pytest.mark.parametrize("how", ["player:1", "left", "1"])
def test_a_click_an_arrow_and_a_digit_all_throw(how: str, tmp_path: Path) -> None:
    """To the same player, with the press minus the catch as response time."""
    scripted = Scripted(see=throwing(how, after_s=0.4321))
    events, _ = played(scripted, game(FAIR), tmp_path)
    own = [e for e in of(events, "release") if e["thrower"] == PARTICIPANT]
    assert {e["receiver"] for e in own} == {1}
    assert [e["response_time"] for e in own] == pytest.approx([0.4321] * len(own), abs=EXACT)
    assert {e["response_source"] for e in own} == {"mouse" if ":" in how else "keyboard"}
    uses = [e["use"] for e in of(events, "press")]
    assert uses == ["throw"] * len(own)


@pytest.mark.parametrize(
    ("players", "keys"), [(3, ["left", "right"]), (4, ["left", "up", "right"]), (9, list("12345678"))]
)
def test_every_co_player_can_be_reached_by_their_key_and_their_place(
    players: int, keys: list[str], tmp_path: Path
) -> None:
    """The key beside the name, and the digit of the place from left to right."""
    file = game([{"throws": 2, "receptions": 0}], players, starts="participant")
    shown = players_of(file, "You")
    assert [p.key for p in shown if p.number != PARTICIPANT] == keys
    for place, (name, number) in enumerate(zip(keys, file.coplayer_numbers(), strict=True), start=1):
        for how in (name, str(place), f"player:{number}"):
            events, _ = played(Scripted(see=throwing(how)), file, tmp_path)
            assert of(events, "release")[0]["receiver"] == number


def test_a_press_before_the_ball_arrives_is_anticipatory_and_never_used(tmp_path: Path) -> None:
    """It is counted on the throw during which it was made, and the participant's throw waits for the next."""
    quiet = Scripted(see=throwing())
    played(quiet, game(FAIR), tmp_path)
    arrival = turns(quiet)[0]
    scripted = Scripted(script=[key(arrival - 0.2, "left"), click(arrival - 0.1, "player:3")], see=throwing())
    events, _ = played(scripted, game(FAIR), tmp_path)
    own = next(e for e in of(events, "release") if e["thrower"] == PARTICIPANT)
    assert own["response_time"] == pytest.approx(0.5, abs=EXACT)
    early = [e for e in of(events, "press") if e["use"] == "anticipatory"]
    assert [e["t"] for e in early] == pytest.approx([arrival - 0.2, arrival - 0.1], abs=EXACT)
    catch = next(e for e in of(events, "catch") if e["t"] == pytest.approx(arrival))
    assert catch["anticipations"] == 2


def test_a_second_press_in_the_frame_of_the_throw_is_written_too(tmp_path: Path) -> None:
    """The first one throws; the other is anticipatory, and nothing that was pressed is lost."""
    quiet = Scripted(see=throwing())
    played(quiet, game(FAIR), tmp_path)
    at = turns(quiet)[0] + 0.3
    scripted = Scripted(script=[key(at, "left"), key(at + 0.0001, "right")], see=throwing(after_s=0.5))
    events, _ = played(scripted, game(FAIR), tmp_path)
    own = next(e for e in of(events, "release") if e["thrower"] == PARTICIPANT)
    assert own["receiver"] == 1
    assert [(e["key"], e["use"]) for e in of(events, "press")[:2]] == [
        ("left", "throw"),
        ("right", "anticipatory"),
    ]


@pytest.mark.parametrize("before_s", [0.0005, 0.010, PERIOD_S])
def test_a_press_stamped_before_the_arrival_but_read_after_it_is_not_an_answer(
    before_s: float, tmp_path: Path
) -> None:
    """The stamp decides, not the frame in which it was found."""
    quiet = Scripted(see=throwing())
    played(quiet, game(FAIR), tmp_path)
    arrival = turns(quiet)[0]
    scripted = Scripted(script=[key(arrival - before_s, "left")], see=throwing("right"))
    events, _ = played(scripted, game(FAIR), tmp_path)
    own = next(e for e in of(events, "release") if e["thrower"] == PARTICIPANT)
    assert (own["receiver"], own["response_time"]) == (3, pytest.approx(0.5, abs=EXACT))
    assert of(events, "press")[0]["use"] == "anticipatory"


def test_a_press_at_the_moment_of_arrival_is_an_answer(tmp_path: Path) -> None:
    """The very flip counts, and gives a response time of nothing."""
    quiet = Scripted(see=throwing())
    played(quiet, game(FAIR), tmp_path)
    arrival = turns(quiet)[0]
    events, _ = played(Scripted(script=[key(arrival, "left")], see=throwing("right")), game(FAIR), tmp_path)
    own = next(e for e in of(events, "release") if e["thrower"] == PARTICIPANT)
    assert (own["receiver"], own["response_time"]) == (1, 0.0)


def test_presses_that_mean_nothing_are_recorded_and_ignored(tmp_path: Path) -> None:
    """A stray key, a click beside everybody, the participant's own figure."""
    stray = [key(1.0, "q"), click(1.1, ""), click(1.2, "player:2"), key(1.3, "9")]
    events, _ = played(Scripted(script=stray, see=throwing()), game(FAIR), tmp_path)
    assert [e["use"] for e in of(events, "press")][:4] == ["ignored"] * 4
    assert sum(e["anticipations"] for e in of(events, "catch")) == 0


def test_the_pointer_moving_with_its_button_down_throws_nothing(tmp_path: Path) -> None:
    """A drag over a player is no click on them."""
    drags = [Press(at / 10, "mouse", target="player:3", drag=True) for at in range(1, 200)]
    events, _ = played(Scripted(script=drags, see=throwing("player:1")), game(FAIR), tmp_path)
    own = [e for e in of(events, "release") if e["thrower"] == PARTICIPANT]
    assert {e["receiver"] for e in own} == {1}


def test_rows_tell_the_whole_run(tmp_path: Path) -> None:
    """Run, phase, plan before each co-player's throw, release, catch, end: in this order, counted right."""
    events, _ = played(Scripted(see=throwing()), game(FAIR), tmp_path)
    kinds = [e["event"] for e in events if e["event"] != "press"]
    assert kinds[:4] == ["session", "run", "phase", "plan"]
    assert kinds[-1] == "run_end"
    assert of(events, "run_end")[0]["throws"] == 9
    assert of(events, "run_end")[0]["receptions"] == 3
    releases = of(events, "release")
    assert [e["throw"] for e in releases] == list(range(1, 10))
    running = 0
    for before, release in pairwise([None, *releases]):
        assert release is not None
        running += release["receiver"] == PARTICIPANT
        assert release["receptions"] == running
        assert before is None or before["receiver"] == release["thrower"]
    plans = {e["throw"]: e for e in of(events, "plan")}
    assert set(plans) == {e["throw"] for e in releases if e["thrower"] != PARTICIPANT}
    for throw, plan in plans.items():
        release = releases[throw - 1]
        assert (plan["receiver"], plan["pause"], plan["flight"]) == (
            release["receiver"], release["pause_planned"], release["flight_planned"],
        )  # fmt: skip


def test_the_last_ball_to_the_participant_asks_for_no_throw(tmp_path: Path) -> None:
    """Where a run ends with the ball in their hands, no turn is announced."""
    file = game([{"throws": 2, "sequence": ["1,2", "3,2"]}, {"throws": 1, "sequence": ["1,2", "3,2"]}])
    scripted = Scripted(see=throwing())
    events, _ = played(scripted, file, tmp_path)
    assert of(events, "release")[-1]["receiver"] == PARTICIPANT
    assert not scripted.courts()[-1][1].turn


def test_a_participant_who_keeps_the_ball_loses_it_after_the_limit(tmp_path: Path) -> None:
    """A co-player takes over, marked so, without a response time; the dose is unmoved."""
    file = game(FAIR, participant={"prompt_after_s": 2.0, "take_over_after_s": 3.0})
    events, _ = played(Scripted(), file, tmp_path)
    own = [e for e in of(events, "release") if e["thrower"] == PARTICIPANT]
    assert len(own) == 3
    for release in own:
        assert release["taken_over"]
        assert release["response_time"] is None
        assert release["t"] - release["ready"] == pytest.approx(3.0, abs=PERIOD_S / 2 + EXACT)
        assert release["receiver"] != PARTICIPANT
    assert of(events, "run_end")[0]["receptions"] == 3


def test_a_prompt_comes_after_its_time_and_goes_with_the_throw(tmp_path: Path) -> None:
    """Not before, on no other court."""
    words = tiny().texts.ui
    file = game(FAIR, participant={"prompt_after_s": 2.0})
    scripted = Scripted(see=throwing(after_s=3.0))
    played(scripted, file, tmp_path)
    began = turns(scripted)[0]
    for flip, court in scripted.courts():
        if flip < began + 3 and abs(flip - began - 2.0) > PERIOD_S / 2:
            late = court.turn and flip - began > 2.0
            assert court.message == (words.throw_prompt if late else "")
        if not court.turn:
            assert court.message == ""


def test_practice_says_how_to_throw(tmp_path: Path) -> None:
    """The hint is there at once, and only in practice."""
    words = tiny().texts.ui
    scripted = Scripted(see=throwing())
    played(scripted, game(FAIR), tmp_path, kind="practice")
    turned = [(before.turn, court) for (_, before), (_, court) in pairwise(scripted.courts()) if court.turn]
    assert {court.message for was, court in turned if was} == {words.throw_hint}


class Waiting:
    """A guard that keeps the session for a while."""

    def __init__(self, scripted: Scripted, lasts_s: float) -> None:
        self.scripted = scripted
        self.lasts_s = lasts_s
        self.asked: list[str] = []

    def stop(self, _press: Press) -> float:
        """Wait, as the participant's stop page does."""
        return self._wait("stop")

    def pause(self) -> float:
        """Wait, as the experimenter's pause does."""
        return self._wait("pause")

    def _wait(self, name: str) -> float:
        self.asked.append(name)
        self.scripted.time_s += self.lasts_s
        return self.lasts_s


@pytest.mark.parametrize("at_s", [0.3, 0.75])
def test_a_pause_in_mid_game_shifts_time_and_is_written(at_s: float, tmp_path: Path) -> None:
    """In a co-player's pause or in a flight: the ball goes on where it was, and the row tells of it."""
    scripted = Scripted(script=[key(at_s, "f10")], see=throwing())
    waiting = Waiting(scripted, 30.0)

    def guard(booth: Booth) -> None:
        booth.guard = waiting

    events, _ = played(scripted, game(FAIR), tmp_path, guard=guard)
    assert waiting.asked == ["stop"]
    courts = [court for _, court in scripted.courts()][:55]
    steps = [b.time_s - a.time_s for a, b in pairwise(courts) if type(a.ball) is type(b.ball)]
    assert max(steps) < 1.5 * PERIOD_S, "scenes never jump"
    first_release, first_catch = of(events, "release")[0], of(events, "catch")[0]
    assert first_release["paused"] + first_catch["paused"] == pytest.approx(30.0)
    assert first_catch["t"] - first_release["ready"] - 30 == pytest.approx(1.0, abs=PERIOD_S + EXACT)
    assert all(e["paused"] == 0 for e in of(events, "release")[1:])


def test_a_pause_takes_nothing_from_the_time_to_throw(tmp_path: Path) -> None:
    """Prompt and take-over wait for as much time of the game itself."""
    file = game(FAIR, participant={"prompt_after_s": 2.0, "take_over_after_s": 3.0})
    quiet = Scripted()
    played(quiet, file, tmp_path)
    began = turns(quiet)[0]
    scripted = Scripted(script=[key(began + 1.0, "f10")])
    waiting = Waiting(scripted, 50.0)
    events, _ = played(scripted, file, tmp_path, guard=lambda booth: setattr(booth, "guard", waiting))
    own = next(e for e in of(events, "release") if e["taken_over"])
    assert own["paused"] == 50.0
    assert own["t"] - own["ready"] == pytest.approx(53.0, abs=PERIOD_S + EXACT)


@pytest.mark.parametrize(("held_s", "opens"), [(0.2, False), (0.95, False), (1.2, True)])
def test_escape_opens_the_pause_only_when_it_is_held(held_s: float, opens: bool, tmp_path: Path) -> None:
    """A tap does nothing; a second does."""
    scripted = Scripted(see=throwing(), holds=[("escape", 0.5, 0.5 + held_s)])
    waiting = Waiting(scripted, 10.0)
    played(scripted, game(FAIR), tmp_path, guard=lambda booth: setattr(booth, "guard", waiting))
    assert waiting.asked == (["pause"] if opens else [])


def test_the_stop_pill_asks_the_guard_and_is_no_throw(tmp_path: Path) -> None:
    """A click on it goes nowhere else."""
    scripted = Scripted(script=[click(0.4, "stop")], see=throwing())
    waiting = Waiting(scripted, 1.0)
    events, _ = played(scripted, game(FAIR), tmp_path, guard=lambda booth: setattr(booth, "guard", waiting))
    assert waiting.asked == ["stop"]
    assert all(e["target"] != "stop" for e in of(events, "press"))


def test_an_interruption_ends_the_run_at_the_next_frame(tmp_path: Path) -> None:
    """The journal then has no end of the run."""
    scripted = Scripted()
    booth = scripted.booth()

    def see(scene: Scene, flip: float) -> list[Press]:
        booth.interruptions.raise_flag("terminated")
        return []

    scripted.see = see
    recorder = Recorder(tmp_path / "journal.jsonl")
    with recorder.begin() as record, pytest.raises(Interrupted) as ended:
        Run(booth, record, game(FAIR), tiny().texts, RunOf(1, "game", "fair", "fair"), 1).play()
    assert ended.value.reason == "terminated"
    assert not recorder.events("run_end")
    assert len(scripted.shown) <= 3


def test_courts_to_prepare_show_nobody_a_turn_they_do_not_have() -> None:
    """What is drawn out of sight is what comes up later: a turn, and a flight."""
    file: definitions.Game = game(FAIR)
    scripted = Scripted()
    run = Run(scripted.booth(), None, file, tiny().texts, RunOf(1, "game", "g", "g"), 1)  # type: ignore[arg-type]
    turn, flight = run.scenes()
    assert isinstance(turn.ball, Held)
    assert turn.turn
    assert isinstance(flight.ball, Flying)
