"""Whole sessions by a simulated participant: order, ends, pauses, faults, masking, resume."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest

from experiment.bids import derive
from experiment.booth import Press
from experiment.definitions.protocol import PlannedStep
from experiment.past import Past
from experiment.scenes import Court, Flying, Form, Held, Joining, Page, Scene, Value
from tests.scripted import PERIOD_S, Sitting, click, key, tiny


@pytest.fixture
def sitting(tmp_path: Path) -> Sitting:
    """A session of the tiny protocol that nobody has begun."""
    return Sitting(tmp_path, tiny())


def once(
    when: Callable[[Scene], bool], presses: Callable[[float], list[Press]]
) -> Callable[[Scene, float], list[Press] | None]:
    """Return what a participant does the first time that a scene is one they wait for."""
    done: list[Scene] = []

    def instead(scene: Scene, flip: float) -> list[Press] | None:
        if not done and when(scene):
            done.append(scene)
            return presses(flip)
        return None

    return instead


def first_of(
    *choices: Callable[[Scene, float], list[Press] | None],
) -> Callable[[Scene, float], list[Press] | None]:
    """Return a participant who does what the first of these says."""

    def instead(scene: Scene, flip: float) -> list[Press] | None:
        return next((presses for choice in choices if (presses := choice(scene, flip)) is not None), None)

    return instead


def on_page(title: str) -> Callable[[Scene], bool]:
    """Return whether a scene is the page of this title."""
    return lambda scene: isinstance(scene, Page) and scene.title == title


def at_turn(scene: Scene) -> bool:
    """Return whether the participant may throw."""
    return isinstance(scene, Court) and scene.turn


def in_game(sitting: Sitting) -> bool:
    """Return whether the game itself, not practice, is being played."""
    return any(e["kind"] == "game" for e in sitting.events("run"))


def titles(sitting: Sitting) -> list[str]:
    """Return the titles of pages in the order in which they were shown, each once in a row."""
    shown = [scene.title for _, scene in sitting.shown if isinstance(scene, Page)]
    return [title for before, title in pairwise(["", *shown]) if title != before]


def whole(sitting: Sitting) -> None:
    """Assert that a session has ended in order: an unbroken record whose last event is its end."""
    recorded = sitting.recorded
    assert recorded.problem == ""
    assert recorded.events[-1]["event"] == "end"
    assert recorded.has_ended
    derive(recorded)


# From start to end


def test_the_cell_is_drawn_after_consent_and_baseline(sitting: Sitting) -> None:
    """Just before the first step that differs, and once."""
    sitting.run()
    events = sitting.recorded.events
    cell = next(e for e in events if e["event"] == "cell")
    before = [e["id"] for e in events if e["event"] == "step_end" and e["n"] < cell["n"]]
    after = next(e for e in events if e["event"] == "step" and e["n"] > cell["n"])
    assert before == ["01-consent", "02-measure", "03-page", "04-connecting", "05-practice"]
    assert after["id"] == "06-game"
    assert sitting.drawn == 1


def test_who_declines_sees_a_calm_page_and_nothing_else(sitting: Sitting) -> None:
    """No cell is drawn, no game shown, no debriefing."""
    sitting.instead = once(on_page("Welcome"), lambda flip: [click(flip + 1, "button:disagree")])
    assert sitting.run() == "declined"
    whole(sitting)
    assert sitting.drawn == 0
    assert titles(sitting) == ["Welcome", "Thank you"]
    assert not sitting.events("cell", "run", "step_end")


def test_no_key_consents(sitting: Sitting) -> None:
    """Consent and permission are given by a click on their words, never by a key pressed in passing."""
    sitting.instead = once(
        on_page("Welcome"), lambda flip: [key(flip + 1, "return"), click(flip + 2, "button:disagree")]
    )
    assert sitting.run() == "declined"


@pytest.mark.parametrize(("button", "answer"), [("button:granted", "granted"), ("button:refused", "refused")])
def test_permission_is_written_as_answered(button: str, answer: str, sitting: Sitting) -> None:
    """After the debriefing."""
    sitting.instead = once(on_page("May we use your data?"), lambda flip: [click(flip + 1, button)])
    assert sitting.run() == "completed"
    assert sitting.events("permission")[0]["answer"] == answer
    assert titles(sitting)[-2:] == ["What it was about", "May we use your data?"]


def test_a_press_from_before_a_page_is_not_its_answer(sitting: Sitting) -> None:
    """The stamp decides here too."""
    sitting.instead = once(
        on_page("A page"), lambda flip: [key(flip - 0.001, "return"), key(flip + 1, "return")]
    )
    sitting.run()
    page = sitting.events("page")[0]
    assert page["left"] - page["t"] == pytest.approx(1.0, abs=1e-3)
    assert [e["use"] for e in sitting.events("press") if e["key"] == "return"] == ["anticipatory", "answer"]


def test_a_rest_lasts_its_time_and_then_waits(sitting: Sitting) -> None:
    """The bar fills, nobody can leave before, and the same page lets them go on."""
    sitting.run()
    rest = sitting.events("rest")[0]
    bars = [(flip, s) for flip, s in sitting.shown if isinstance(s, Page) and s.progress is not None]
    assert all(not page.buttons for _, page in bars)
    assert all(0 <= (page.progress or 0) <= 1 for _, page in bars)
    follows = next(f for f, s in sitting.shown if f > bars[-1][0] and isinstance(s, Page))
    assert follows - rest["t"] == pytest.approx(3.0, abs=PERIOD_S)


def test_the_others_arrive_one_by_one(sitting: Sitting) -> None:
    """The participant is there from the start; nobody leaves again; all are there at the end."""
    sitting.every_frame = True
    sitting.run()
    joinings = [s for _, s in sitting.shown if isinstance(s, Joining)]
    there = [sum(j.state == "joined" for j in scene.joiners) for scene in joinings]
    assert there == sorted(there)
    assert there[0] == 1
    assert there[-1] == 3
    assert len(sitting.events("joined")[0]["arrivals"]) == 2


# Stops and pauses


@pytest.mark.parametrize("how", ["f10", "stop"])
@pytest.mark.parametrize(
    "when", [at_turn, lambda s: isinstance(s, Form), on_page("A page"), lambda s: isinstance(s, Joining)]
)
def test_a_participant_who_stops_is_debriefed_and_asked(
    when: Callable[[Scene], bool], how: str, sitting: Sitting
) -> None:
    """From a game, a form, a page or while joining; by the key or the pill; the rest is left out."""

    def stop(flip: float) -> list[Press]:
        return [key(flip + 1, "f10") if how == "f10" else click(flip + 1, "stop")]

    sitting.instead = first_of(
        once(when, stop),
        lambda s, flip: (
            [click(flip + 1, "button:stop")] if on_page("Would you like to stop here?")(s) else None
        ),
    )
    assert sitting.run() == "stopped_by_participant"
    whole(sitting)
    assert titles(sitting)[-3:] == [
        "Would you like to stop here?",
        "What it was about",
        "May we use your data?",
    ]
    assert [e["answer"] for e in sitting.events("stop")] == ["stop"]
    assert sitting.events("permission")[0]["answer"] == "granted"
    assert sitting.events("stopped")[0]["outcome"] == "stopped_by_participant"


def test_a_participant_who_takes_the_stop_back_goes_on(sitting: Sitting) -> None:
    """With the same ball at the same place, and the session is completed."""
    sitting.instead = once(lambda s: in_game(sitting) and at_turn(s), lambda flip: [key(flip + 0.4, "f10")])
    assert sitting.run() == "completed"
    assert [e["answer"] for e in sitting.events("stop")] == ["cancel"]
    assert sum(e["paused"] for e in sitting.events("release")) > 1
    assert "stopped" not in {e["event"] for e in sitting.recorded.events}


def test_no_scene_jumps_when_a_stop_is_taken_back(sitting: Sitting) -> None:
    """The court goes on from the frame at which it was left, whatever the time on the stop's page."""
    sitting.every_frame = True
    sitting.instead = once(
        lambda s: in_game(sitting) and isinstance(s, Court) and isinstance(s.ball, Flying),
        lambda flip: [key(flip + 0.2, "f10")],
    )
    assert sitting.run() == "completed"
    start = sitting.events("run")[-1]["t"]
    courts = [s.time_s for flip, s in sitting.shown if isinstance(s, Court) and flip > start]
    release = next(e for e in sitting.events("release") if e["run"] == "game-01")
    ahead = [t for t in courts if t < release["t"] + 0.5]
    assert max(b - a for a, b in pairwise(ahead)) == pytest.approx(PERIOD_S, abs=1e-6)
    assert next(e for e in sitting.events("catch") if e["run"] == "game-01")["paused"] > 1


def test_stopping_before_consent_leaves_out_the_debriefing(sitting: Sitting) -> None:
    """Nobody who has agreed to nothing is told what it was about, or asked for data."""
    sitting.instead = first_of(
        once(on_page("Welcome"), lambda flip: [key(flip + 1, "f10")]),
        lambda s, flip: (
            [click(flip + 1, "button:stop")] if on_page("Would you like to stop here?")(s) else None
        ),
    )
    assert sitting.run() == "stopped_by_participant"
    whole(sitting)
    assert titles(sitting) == ["Welcome", "Would you like to stop here?", "Thank you"]


def test_every_screen_before_the_end_offers_the_stop(sitting: Sitting) -> None:
    """But the questions about consent and data; from the debriefing on there is nothing left to stop."""
    sitting.run()
    without = {s.title for _, s in sitting.shown if isinstance(s, Page) and not s.stop_label}
    debriefing = sitting.resolved.texts.pages["debriefing"].title
    assert without == {"Welcome", debriefing, "May we use your data?"}
    assert all(s.stop_label for _, s in sitting.shown if not isinstance(s, Page))


@pytest.mark.parametrize(("press", "outcome"), [("c", "completed"), ("s", "stopped_by_experimenter")])
def test_the_experimenters_pause_goes_on_or_stops(press: str, outcome: str, sitting: Sitting) -> None:
    """Escape held over the rest opens it; C goes on, S ends in the debriefing."""
    sitting.down = lambda scene: (
        isinstance(scene, Page) and scene.progress is not None and not sitting.events("pause")
    )
    sitting.instead = lambda s, flip: [key(flip + 5, press)] if on_page("A short pause")(s) else None
    assert sitting.run() == outcome
    whole(sitting)
    (pause,) = sitting.events("pause")
    assert pause["until"] - pause["t"] == pytest.approx(5.0, abs=2 * PERIOD_S)
    assert any("paused" in line for line in sitting.told)
    if outcome == "completed":
        assert sitting.events("rest")[0]["paused"] >= 5.0
    else:
        assert titles(sitting)[-2:] == ["What it was about", "May we use your data?"]


def test_an_answer_at_its_bound_opens_the_pause_and_tells(sitting: Sitting) -> None:
    """Once it is in the journal; the experimenter is told which and how much, the participant is not."""

    def very_bad(scene: Scene, flip: float) -> list[Press] | None:
        return [click(flip + 1, "option:5")] if isinstance(scene, Form) and scene.item == "bad" else None

    sitting.instead = very_bad
    assert sitting.run() == "completed"
    events = sitting.recorded.events
    alerts = [e for e in events if e["event"] == "alert"]
    assert [(a["measure"], a["item"], a["value"]) for a in alerts] == [("feelings", "bad", 5)] * 2
    assert events[alerts[0]["n"] - 2]["event"] == "answer"
    assert len(sitting.events("pause")) == 2
    assert sum("feelings/bad was answered with 5" in line for line in sitting.told) == 2
    paused = [s for _, s in sitting.shown if on_page("A short pause")(s)]
    assert paused
    assert not any("5" in " ".join((s.title, *s.body)) for s in paused if isinstance(s, Page))


def test_an_answer_below_its_bound_opens_nothing(sitting: Sitting) -> None:
    """Nor does another item at that value."""

    def bad_enough(scene: Scene, flip: float) -> list[Press] | None:
        if isinstance(scene, Form) and scene.measure == "feelings":
            return [click(flip + 1, "option:4" if scene.item == "bad" else "option:5")]
        return None

    sitting.instead = bad_enough
    assert sitting.run() == "completed"
    assert not sitting.events("alert", "pause")


# Interruptions and faults


@pytest.mark.parametrize("reason", ["window_closed", "interrupted", "terminated"])
@pytest.mark.parametrize(
    "when", [at_turn, lambda s: isinstance(s, Form), on_page("Welcome"), on_page("What it was about")]
)
def test_an_interruption_ends_calmly_with_its_reason(
    when: Callable[[Scene], bool], reason: str, sitting: Sitting
) -> None:
    """Wherever the session was; all that was written stays."""

    def before(scene: Scene, now: float) -> None:
        if when(scene):
            sitting.booth.interruptions.raise_flag(reason)

    sitting.before = before
    assert sitting.run() == reason
    whole(sitting)
    assert titles(sitting)[-1] == "Thank you"
    assert sitting.recorded.events[-1]["outcome"] == reason
    assert any(reason.replace("_", " ") in line for line in sitting.told)


def test_a_second_request_to_end_does_not_cut_the_end_short(sitting: Sitting) -> None:
    """The calm page stays its time however often somebody presses Ctrl-C."""
    sitting.before = lambda scene, now: sitting.booth.interruptions.raise_flag("interrupted")
    assert sitting.run() == "interrupted"
    calm = [flip for flip, s in sitting.shown if on_page("Thank you")(s)]
    assert calm[-1] - calm[0] == pytest.approx(2.0, abs=3 * PERIOD_S)


def broken(when: Callable[[Scene], bool], times: int = 1) -> Callable[[Scene, float], None]:
    """Return a screen that fails on certain scenes, so many times."""
    left = [times]

    def before(scene: Scene, now: float) -> None:
        if left[0] and when(scene):
            left[0] -= 1
            raise RuntimeError("the graphics driver is gone")

    return before


@pytest.mark.parametrize(
    "when",
    [
        lambda s: isinstance(s, Court) and isinstance(s.ball, Flying),
        lambda s: isinstance(s, Form),
        on_page("Welcome"),
    ],
)
def test_a_fault_is_recorded_and_never_shown(when: Callable[[Scene], bool], sitting: Sitting) -> None:
    """The participant sees the calm page, the experimenter its kind, the journal everything."""
    sitting.before = broken(when)
    assert sitting.run() == "fault"
    whole(sitting)
    (fault,) = sitting.events("fault")
    assert (fault["kind"], fault["message"]) == ("RuntimeError", "the graphics driver is gone")
    assert "Traceback" in fault["traceback"]
    assert titles(sitting)[-1] == "Thank you"
    assert any("fault (RuntimeError)" in line for line in sitting.told)
    assert not any("driver" in line for line in sitting.told)
    words = [text for _, s in sitting.shown if isinstance(s, Page) for text in (s.title, *s.body, s.note)]
    assert not any("fault" in text.lower() or "driver" in text for text in words)


def test_a_screen_that_stays_broken_ends_the_session_all_the_same(sitting: Sitting) -> None:
    """Both faults are in the journal, and its end."""
    sitting.before = broken(at_turn, times=1)
    inner = sitting.before

    def before(scene: Scene, now: float) -> None:
        inner(scene, now)
        if sitting.events("fault"):
            raise OSError("still gone")

    sitting.before = before
    assert sitting.run() == "fault"
    whole(sitting)
    assert [e["kind"] for e in sitting.events("fault")] == ["RuntimeError", "OSError"]


@pytest.mark.parametrize("page", ["What it was about", "Thank you"])
def test_a_fault_on_the_last_pages_keeps_the_outcome(page: str, sitting: Sitting) -> None:
    """Who stopped has stopped, even when the debriefing cannot be shown; the record ends all the same."""
    stops = page == "What it was about"
    sitting.before = broken(on_page(page), times=9)
    if stops:
        sitting.instead = first_of(
            once(at_turn, lambda flip: [key(flip + 1, "f10")]),
            lambda s, flip: (
                [click(flip + 1, "button:stop")] if on_page("Would you like to stop here?")(s) else None
            ),
        )
    else:
        sitting.before = first_then(sitting, broken(on_page(page), times=9))
    outcome = sitting.run()
    assert outcome == ("stopped_by_participant" if stops else "terminated")
    whole(sitting)
    assert sitting.events("fault")


def first_then(sitting: Sitting, then: Callable[[Scene, float], None]) -> Callable[[Scene, float], None]:
    """Return a screen during which the program is told to end."""

    def before(scene: Scene, now: float) -> None:
        if isinstance(scene, Form):
            sitting.booth.interruptions.raise_flag("terminated")
        then(scene, now)

    return before


# Masking


def test_the_experimenter_is_not_told_the_cell(tmp_path: Path) -> None:
    """Nothing that is said to them differs between cells."""
    told = []
    for cell in range(2):
        sitting = Sitting(tmp_path / str(cell), tiny(), cell=cell)
        sitting.instead = lambda s, flip: (
            [click(flip + 1, "option:5")] if isinstance(s, Form) and s.item == "bad" else None
        )
        sitting.run()
        told.append(sitting.told)
    assert told[0] == told[1]
    assert told[0]


# Resume


def cut_off(sitting: Sitting, when: Callable[[Scene], bool]) -> None:
    """Run a session that the machine's end cuts off: the journal has no end."""

    class PowerCut(BaseException):
        """Nothing catches it, as nothing catches a power cut."""

    def before(scene: Scene, now: float) -> None:
        if when(scene):
            raise PowerCut

    sitting.before = before
    with pytest.raises(PowerCut):
        sitting.run()
    sitting.before = lambda scene, now: None
    sitting.shown.clear()
    assert not sitting.recorded.has_ended


def test_a_session_goes_on_with_its_first_unfinished_step(sitting: Sitting) -> None:
    """Nothing done is asked or shown again; the cell stays."""
    cut_off(sitting, on_page("A page"))
    answered = len(sitting.events("answer"))
    assert sitting.run(resume=True) == "completed"
    whole(sitting)
    assert sitting.recorded.events[0]["seed"] == 1
    assert [e["id"] for e in sitting.events("step")].count("02-measure") == 1
    assert [e["id"] for e in sitting.events("step")].count("03-page") == 2
    assert [e["id"] for e in sitting.events("step_end")] == [p.id for p in planned(sitting)]
    assert len([e for e in sitting.events("answer") if e["step"] == "02-measure"]) == answered


def planned(sitting: Sitting) -> list[PlannedStep]:
    """Return the steps of a session."""
    protocol = sitting.resolved.protocol
    return list(protocol.planned(protocol.design.cells()[sitting.cell]))


def test_a_form_goes_on_at_its_first_unanswered_item_in_the_same_order(sitting: Sitting) -> None:
    """Each item is answered once over both segments."""
    cut_off(sitting, lambda s: isinstance(s, Form) and s.position == 3)
    before = [e["item"] for e in sitting.events("answer")]
    assert sitting.run(resume=True) == "completed"
    baseline = [e for e in sitting.events("answer") if e["step"] == "02-measure"]
    assert [e["item"] for e in baseline][:2] == before
    assert [e["order"] for e in baseline] == [1, 2, 3]
    straight = Sitting(sitting.folder / "other", tiny())
    straight.run()
    assert [e["item"] for e in baseline] == [e["item"] for e in straight.events("answer")][:3]


def test_a_run_that_was_broken_off_is_played_again_under_the_next_number(sitting: Sitting) -> None:
    """From its beginning, on streams of its own; the first's rows stay, and the forms follow the second."""
    cut_off(sitting, lambda s: in_game(sitting) and isinstance(s, Court) and len(sitting.events("catch")) > 6)
    first = [e for e in sitting.events("release") if e["run"] == "game-01"]
    assert first
    assert sitting.run(resume=True) == "completed"
    whole(sitting)
    games = [e for e in sitting.events("run") if e["kind"] == "game"]
    assert [(e["run"], e["number"]) for e in games] == [("game-01", 1), ("game-02", 2)]
    assert [e for e in sitting.events("release") if e["run"] == "game-01"] == first
    assert len([e for e in sitting.events("release") if e["run"] == "game-02"]) == 9
    after = [e for e in sitting.events("answer") if e["stage"] == "reflexive"]
    assert {(e["run"], e["condition"]) for e in after} == {(2, "fair")}
    assert all(e["delay"] is not None for e in after)
    files = derive(sitting.recorded).files
    assert any("task-cyberball_run-01_events" in f for f in files)
    assert any("task-cyberball_run-02_events" in f for f in files)


def test_a_form_after_a_run_of_an_earlier_segment_has_no_delay(sitting: Sitting) -> None:
    """Times of two segments are never compared; run and condition are known all the same."""
    cut_off(sitting, lambda s: isinstance(s, Form) and s.stage == "reflexive" and s.position == 2)
    assert sitting.run(resume=True) == "completed"
    reflexive = [e for e in sitting.events("answer") if e["stage"] == "reflexive"]
    assert [e["delay"] is None for e in reflexive] == [False, True, True]
    assert {(e["run"], e["condition"]) for e in reflexive} == {(1, "fair")}


def test_the_past_knows_what_was_answered_last(sitting: Sitting) -> None:
    """And what was skipped, and how many runs there were."""
    sitting.instead = lambda s, flip: (
        [click(flip + 1, "button:skip")] if isinstance(s, Form) and s.item == "remark" else None
    )
    sitting.run()
    past = Past.of(sitting.recorded)
    facts: dict[str, Value | None] = dict(past.answers["08-measure"])
    assert facts["remark"] is None
    assert set(facts) == {"age", "gender", "remark", "effort", "likes"}
    assert dict(past.runs) == {"practice": 1, "game": 1}
    assert past.ended is not None
    assert (past.ended.number, past.ended.condition, past.ended.at) == (1, "fair", None)


def test_who_stopped_and_was_cut_off_is_debriefed_not_put_back_into_the_game(sitting: Sitting) -> None:
    """Going on with that session shows the last pages and nothing else."""
    sitting.instead = first_of(
        once(at_turn, lambda flip: [key(flip + 1, "f10")]),
        lambda s, flip: (
            [click(flip + 1, "button:stop")] if on_page("Would you like to stop here?")(s) else None
        ),
    )
    cut_off(sitting, on_page("What it was about"))
    assert sitting.run(resume=True) == "stopped_by_participant"
    whole(sitting)
    assert titles(sitting) == ["What it was about", "May we use your data?"]


def test_who_declined_and_was_cut_off_is_asked_again(sitting: Sitting) -> None:
    """A refusal is never taken for consent."""
    sitting.instead = once(on_page("Welcome"), lambda flip: [click(flip + 1, "button:disagree")])
    cut_off(sitting, on_page("Thank you"))
    sitting.instead = once(on_page("Welcome"), lambda flip: [click(flip + 1, "button:disagree")])
    assert sitting.run(resume=True) == "declined"
    assert titles(sitting)[0] == "Welcome"


def test_a_session_can_be_cut_off_and_resumed_many_times(sitting: Sitting) -> None:
    """Every segment goes on where the one before ended."""
    cut_off(sitting, lambda s: isinstance(s, Joining))
    for when in (at_turn, lambda s: isinstance(s, Form) and s.item == "gender", on_page("What it was about")):
        sitting.before = broken(when)
        assert sitting.run(resume=True) == "fault"
        whole(sitting)
    sitting.before = lambda scene, now: None
    assert sitting.run(resume=True) == "completed"
    whole(sitting)
    assert len(sitting.events("segment")) == 5
    assert [e["id"] for e in sitting.events("step_end")] == [p.id for p in planned(sitting)]
    assert isinstance(sitting.shown[0][1], Page | Court | Form | Joining)


def test_the_same_seed_gives_the_same_session(tmp_path: Path) -> None:
    """Every line of the journal."""
    one, two = Sitting(tmp_path / "a", tiny(), seed=5), Sitting(tmp_path / "b", tiny(), seed=5)
    one.run()
    two.run()
    assert one.path.read_bytes() == two.path.read_bytes()
    assert [s for _, s in one.shown] == [s for _, s in two.shown]
    other = Sitting(tmp_path / "c", tiny(), seed=6)
    other.run()
    assert other.path.read_bytes() != one.path.read_bytes()


def test_courts_show_only_players_of_the_game(sitting: Sitting) -> None:
    """Held by, thrown to and caught by somebody who is there."""
    sitting.run()
    for _, scene in sitting.shown:
        if isinstance(scene, Court):
            numbers = {p.number for p in scene.players}
            ball = scene.ball
            assert (
                {ball.player} <= numbers
                if isinstance(ball, Held)
                else {ball.thrower, ball.receiver} <= numbers
            )


def test_the_stop_key_means_nothing_once_the_debriefing_is_read(sitting: Sitting) -> None:
    """The debriefing is shown once, and the session is completed."""
    sitting.instead = once(
        on_page("What it was about"), lambda flip: [key(flip + 1, "f10"), key(flip + 2, "return")]
    )
    assert sitting.run() == "completed"
    assert titles(sitting).count("What it was about") == 1
    assert not sitting.events("stop", "stopped")
