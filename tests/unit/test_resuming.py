"""A session that was cut off goes on, never at once, and with an interrupted game as the protocol says."""

from __future__ import annotations

import dataclasses
import random
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from experiment.bids import derive
from experiment.booth import Press
from experiment.columns import OUTCOMES
from experiment.definitions import Resolved
from experiment.definitions.design import Cell
from experiment.definitions.protocol import InterruptedGame
from experiment.earlier import ENDED
from experiment.journal import Event
from experiment.past import Past
from experiment.retracing import retrace
from experiment.scenes import Court, Form, Joining, Page, Scene
from tests.scripted import PERIOD_S, Sitting, click, key, tiny
from tests.unit.test_session_designs import ORDERED, cut_off, step, stops, titles, varied

RULES: tuple[InterruptedGame, ...] = ("repeat", "skip", "end")
ON = "We go on now"
LAST = ["What it was about", "May we use your data?"]


def ruled(rule: InterruptedGame, base: Resolved | None = None) -> Resolved:
    """Return the tiny protocol with this rule for an interrupted game."""
    base = base or tiny()
    return dataclasses.replace(base, protocol=base.protocol.model_copy(update={"interrupted_game": rule}))


def left_at(sitting: Sitting, line: int) -> None:
    """Leave of a session's record what was there after a line."""
    lines = sitting.path.read_bytes().splitlines(keepends=True)
    sitting.path.write_bytes(b"".join(lines[:line]))
    sitting.shown.clear()
    sitting.told.clear()


def after(sitting: Sitting, event: str, **values: object) -> int:
    """Return the line of the first event of a kind with these values."""
    return next(
        int(e["n"]) for e in sitting.events(event) if all(e[name] == value for name, value in values.items())
    )


def again(sitting: Sitting) -> str:
    """Resume a session; what it does follows from its record, and it comes to its end in order."""
    outcome = sitting.run(resume=True)
    assert sitting.recorded.has_ended
    assert outcome in OUTCOMES
    derive(sitting.recorded)
    retrace(sitting.recorded, sitting.resolved)
    return outcome


def cut_in_game(
    folder: Path, rule: InterruptedGame, base: Resolved | None = None, throws: int = 4
) -> Sitting:
    """Return a session whose machine died in the game after some throws."""
    sitting = Sitting(folder, ruled(rule, base))
    cut_off(sitting, lambda s: len([e for e in sitting.events("catch") if e["run"] == "game-01"]) >= throws)
    return sitting


def games(sitting: Sitting) -> list[tuple[int, str]]:
    """Return number and condition of every run of the game that was begun."""
    return [(e["number"], e["condition"]) for e in sitting.events("run") if e["kind"] == "game"]


def pages_of(sitting: Sitting) -> list[str]:
    """Return the pages that were read since the session was resumed last."""
    last = sitting.events("segment")[-1]["n"]
    return [e["page"] for e in sitting.events("page") if e["n"] > last]


# An interrupted game


def test_an_interrupted_game_is_repeated_where_nothing_else_is_said(tmp_path: Path) -> None:
    """Under the next number; forms are about the second, and the first is told as incomplete."""
    sitting = cut_in_game(tmp_path, tiny().protocol.interrupted_game)
    assert again(sitting) == "completed"
    assert games(sitting) == [(1, "fair"), (2, "fair")]
    assert {e["run"] for e in sitting.events("answer") if e["stage"] == "reflexive"} == {2}
    assert derive(sitting.recorded).session["incomplete"] == "01"
    assert not sitting.events("skipped")


def test_an_interrupted_game_can_be_skipped(tmp_path: Path) -> None:
    """The record says so; forms are about what there was of the run, without a delay."""
    sitting = cut_in_game(tmp_path, "skip")
    assert again(sitting) == "completed"
    assert games(sitting) == [(1, "fair")]
    (skipped,) = sitting.events("skipped")
    assert (skipped["step"], skipped["run"]) == ("06-game", "game-01")
    assert isinstance(skipped["t"], float)
    assert next(e["id"] for e in sitting.events("step_end") if e["n"] > skipped["n"]) == "06-game"
    reflexive = [e for e in sitting.events("answer") if e["stage"] == "reflexive"]
    assert {(e["run"], e["condition"], e["delay"]) for e in reflexive} == {(1, "fair", None)}
    assert derive(sitting.recorded).session["incomplete"] == "01"
    assert not any(isinstance(scene, Court) for _, scene in sitting.shown)


def test_an_interrupted_game_can_end_the_session(tmp_path: Path) -> None:
    """With debriefing and permission and nothing before them, under an outcome of its own."""
    sitting = cut_in_game(tmp_path, "end")
    assert again(sitting) == "ended_after_cut"
    assert titles(sitting) == LAST
    assert sitting.events("permission")[0]["answer"] == "granted"
    assert derive(sitting.recorded).session["outcome"] == "ended_after_cut"
    assert "ended_after_cut" in ENDED


def test_a_session_that_a_cut_game_ends_goes_on_at_its_last_pages(tmp_path: Path) -> None:
    """Cut off again in the debriefing, it comes back to it, whatever the outcome was called."""
    sitting = cut_in_game(tmp_path, "end")
    again(sitting)
    left_at(sitting, after(sitting, "stopped"))
    assert Past.of(sitting.recorded).told(sitting.resolved.protocol) == (
        "for its last pages alone (ended after cut)"
    )
    assert again(sitting) == "ended_after_cut"
    assert titles(sitting) == LAST


@pytest.mark.parametrize("rule", RULES)
def test_a_run_whose_end_is_on_record_is_over(rule: InterruptedGame, tmp_path: Path) -> None:
    """Though its step is not: it is neither repeated nor skipped, and ends nothing."""
    sitting = Sitting(tmp_path, ruled(rule))
    sitting.run()
    left_at(sitting, after(sitting, "run_end", run="game-01"))
    assert again(sitting) == "completed"
    assert games(sitting) == [(1, "fair")]
    assert not sitting.events("skipped")
    assert derive(sitting.recorded).session["incomplete"] is None
    assert {e["run"] for e in sitting.events("answer") if e["stage"] == "reflexive"} == {1}


def test_a_skip_that_was_written_is_not_written_again(tmp_path: Path) -> None:
    """A record that breaks off between the skip and the step's end knows that the run is over."""
    sitting = cut_in_game(tmp_path, "skip")
    sitting.run(resume=True)
    left_at(sitting, after(sitting, "skipped"))
    assert again(sitting) == "completed"
    assert len(sitting.events("skipped")) == 1
    reflexive = [e for e in sitting.events("answer") if e["stage"] == "reflexive"]
    assert {(e["run"], e["delay"]) for e in reflexive} == {(1, None)}


def test_a_form_after_a_skipped_run_goes_on_as_about_that_run(tmp_path: Path) -> None:
    """Cut off once more within the form, it is still about the run of which the participant had a part."""
    sitting = cut_in_game(tmp_path, "skip", ORDERED)
    sitting.run(resume=True)
    left_at(sitting, after(sitting, "answer", stage="reflexive", order=2))
    assert again(sitting) == "completed"
    first = [e for e in sitting.events("answer") if e["stage"] == "reflexive"][:3]
    assert [(e["order"], e["run"], e["delay"]) for e in first] == [(1, 1, None), (2, 1, None), (3, 1, None)]


def test_a_game_that_is_cut_off_twice_meets_the_same_rule_twice(tmp_path: Path) -> None:
    """The third attempt has the third number, and its forms are about it."""
    sitting = cut_in_game(tmp_path, "repeat")
    cut_off_again(sitting, lambda s: len([e for e in sitting.events("catch") if e["run"] == "game-02"]) > 2)
    past = Past.of(sitting.recorded)
    told = past.told(sitting.resolved.protocol)
    assert told == "at step 06-game (attempt 3; the interrupted game is repeated)"
    assert again(sitting) == "completed"
    assert games(sitting) == [(1, "fair"), (2, "fair"), (3, "fair")]
    assert derive(sitting.recorded).session["incomplete"] == "01,02"
    assert {e["run"] for e in sitting.events("answer") if e["stage"] == "reflexive"} == {3}


def cut_off_again(sitting: Sitting, when: Callable[[Scene], bool]) -> None:
    """Resume a session and cut it off again."""

    class PowerCut(BaseException):
        """Nothing catches it."""

    def before(scene: Scene, _now: float) -> None:
        if when(scene):
            raise PowerCut

    sitting.before = before
    with pytest.raises(PowerCut):
        sitting.run(resume=True)
    sitting.before = lambda _scene, _now: None
    sitting.shown.clear()


@pytest.mark.parametrize("rule", RULES)
def test_an_interrupted_practice_is_always_repeated(rule: InterruptedGame, tmp_path: Path) -> None:
    """With its page, under the next number; the game that follows is the first."""
    sitting = Sitting(tmp_path, ruled(rule))
    cut_off(sitting, lambda s: isinstance(s, Court) and len(sitting.events("catch")) > 1)
    told = Past.of(sitting.recorded).told(sitting.resolved.protocol)
    assert told == "at step 05-practice (attempt 2; the interrupted practice is repeated)"
    assert again(sitting) == "completed"
    numbers = [(e["kind"], e["number"]) for e in sitting.events("run")]
    assert numbers == [("practice", 1), ("practice", 2), ("game", 1)]
    assert titles(sitting)[:2] == [ON, "A page"]


def test_a_practice_whose_end_is_on_record_is_over(tmp_path: Path) -> None:
    """Nobody practises twice because a line was missing."""
    sitting = Sitting(tmp_path, tiny())
    sitting.run()
    left_at(sitting, after(sitting, "run_end", run="practice-01"))
    assert Past.of(sitting.recorded).told(tiny().protocol) == "at step 05-practice (the practice is over)"
    assert again(sitting) == "completed"
    assert [e["kind"] for e in sitting.events("run")] == ["practice", "game"]


def test_a_block_that_is_skipped_leaves_the_others_as_they_were(tmp_path: Path) -> None:
    """The second of six is cut off; the third to the sixth are those of the order."""
    sitting = Sitting(tmp_path, ruled("skip", ORDERED))
    cut_off(sitting, lambda s: any(e["run"] == "game-02" for e in sitting.events("release")))
    assert again(sitting) == "completed"
    (order, _) = [tuple(e["conditions"]) for e in sitting.events("cell")]
    assert [condition for _, condition in games(sitting)] == list(order)
    asked = [e["run"] for e in sitting.events("answer") if e["stage"] == "reflexive" and e["order"] == 1]
    assert asked == [1, 2, 3, 4, 5, 6]
    delays = {e["run"]: e["delay"] for e in sitting.events("answer") if e["stage"] == "reflexive"}
    assert [run for run, delay in delays.items() if delay is None] == [2]


@pytest.mark.parametrize(
    ("rule", "outcome", "runs"),
    [("repeat", "completed", 3), ("skip", "completed", 2), ("end", "ended_after_cut", 2)],
)
def test_the_rule_holds_for_the_ending_too(
    rule: InterruptedGame, outcome: str, runs: int, tmp_path: Path
) -> None:
    """The game before the debriefing is a game as others are."""

    def change(table: dict[str, Any]) -> None:
        table["ending"] = "warm_up"

    sitting = Sitting(tmp_path, ruled(rule, varied(change, "ending")))
    cut_off(sitting, lambda s: any(e["run"] == "game-02" for e in sitting.events("release")))
    assert "ending-game" in Past.of(sitting.recorded).told(sitting.resolved.protocol)
    assert again(sitting) == outcome
    assert len(games(sitting)) == runs
    assert titles(sitting)[-2:] == LAST


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ("repeat", "at step 06-game (attempt 2; the interrupted game is repeated)"),
        ("skip", "at step 06-game (the interrupted game is skipped)"),
        ("end", "at step 06-game (the interrupted game ends the session with the debriefing)"),
    ],
)
def test_what_the_experimenter_is_told_is_the_same_in_every_cell(
    rule: InterruptedGame, words: str, tmp_path: Path
) -> None:
    """Where it goes on and what becomes of the game; never its condition."""
    for cell in range(2):
        sitting = Sitting(tmp_path / str(cell), ruled(rule), cell=cell)
        cut_off(sitting, lambda s: any(e["run"] == "game-01" for e in sitting.events("release")))  # noqa: B023
        assert Past.of(sitting.recorded).told(sitting.resolved.protocol) == words


# Nothing begins at once


@pytest.mark.parametrize(
    ("cut", "first"),
    [
        pytest.param({"event": "consent"}, "Welcome", id="before consent was done"),
        pytest.param({"event": "step_end", "id": "01-consent"}, ON, id="before the first form"),
        pytest.param({"event": "answer", "order": 2}, ON, id="within a form"),
        pytest.param({"event": "step", "id": "03-page"}, ON, id="on a page"),
        pytest.param({"event": "step_end", "id": "03-page"}, ON, id="before the others arrive"),
        pytest.param({"event": "cell"}, ON, id="once the cell was drawn"),
        pytest.param({"event": "step", "id": "09-rest"}, ON, id="before a rest"),
        pytest.param({"event": "step_end", "id": "09-rest"}, LAST[0], id="before the debriefing"),
        pytest.param({"event": "shown", "page": "debriefing"}, LAST[0], id="in the debriefing"),
        pytest.param({"event": "step_end", "id": "10-debriefing"}, LAST[1], id="before the permission"),
        pytest.param({"event": "permission"}, LAST[1], id="in the permission"),
    ],
)
def test_a_page_comes_before_a_session_goes_on(cut: dict[str, Any], first: str, tmp_path: Path) -> None:
    """Wherever something was done before and something may begin at once; never in a straight session."""
    sitting = Sitting(tmp_path, tiny())
    sitting.run()
    assert ON not in titles(sitting)
    kind = cut.pop("event")
    left_at(sitting, after(sitting, kind, **cut))
    assert again(sitting) == "completed"
    assert titles(sitting)[0] == first
    assert titles(sitting).count(ON) == (first == ON)
    assert pages_of(sitting).count("resume") == (first == ON)
    segment, shown = sitting.events("segment")[-1], sitting.events("shown")
    assert [e["page"] for e in shown if e["n"] > segment["n"]].count("resume") == (first == ON)


def test_the_page_can_be_stopped_like_any_other(tmp_path: Path) -> None:
    """By the pill or the key; debriefing and permission follow, and no slot is used for who stops there."""
    sitting = Sitting(tmp_path, tiny())
    sitting.run()
    left_at(sitting, after(sitting, "step_end", id="05-practice"))
    sitting.drawn = 0
    sitting.instead = stops(lambda s: isinstance(s, Page) and s.title == ON)
    assert again(sitting) == "stopped_by_participant"
    assert titles(sitting)[0] == ON
    assert titles(sitting)[-2:] == LAST
    assert sitting.drawn == 0
    assert not games(sitting)
    assert next(s for _, s in sitting.shown if isinstance(s, Page) and s.title == ON).stop_label


def test_nobody_can_stop_what_comes_after_the_debriefing(tmp_path: Path) -> None:
    """The permission of a resumed session is asked as that of any other."""
    sitting = Sitting(tmp_path, tiny())
    sitting.run()
    left_at(sitting, after(sitting, "step_end", id="10-debriefing"))
    tried: list[bool] = []

    def tries_to_stop(_scene: Scene, flip: float) -> list[Press] | None:
        tried.append(True)
        return [key(flip + 1, "f10") if len(tried) == 1 else click(flip + 1, "button:refused")]

    sitting.instead = tries_to_stop
    assert again(sitting) == "completed"
    assert not sitting.events("stop")
    assert [e["use"] for e in sitting.events("press") if e["key"] == "f10"] == ["ignored"]
    assert sitting.events("permission")[-1]["answer"] == "refused"


# Other steps that were cut off


def test_consent_that_broke_off_is_asked_again(tmp_path: Path) -> None:
    """Also when it was given: nothing else begins without it."""
    sitting = Sitting(tmp_path, tiny())
    sitting.run()
    left_at(sitting, after(sitting, "consent"))
    sitting.instead = lambda s, flip: (
        [click(flip + 1, "button:disagree")] if isinstance(s, Page) and s.title == "Welcome" else None
    )
    assert again(sitting) == "declined"
    assert titles(sitting) == ["Welcome", "Thank you"]


def test_the_last_answer_about_the_data_counts(tmp_path: Path) -> None:
    """Where the record breaks off right after one, the question is asked again."""
    sitting = Sitting(tmp_path, tiny())
    sitting.run()
    left_at(sitting, after(sitting, "permission"))
    sitting.instead = lambda s, flip: [click(flip + 1, "button:refused")] if isinstance(s, Page) else None
    assert again(sitting) == "completed"
    assert [e["answer"] for e in sitting.events("permission")] == ["granted", "refused"]
    assert derive(sitting.recorded).session["permission"] == "refused"


def test_the_others_arrive_again_at_the_same_times(tmp_path: Path) -> None:
    """From the beginning."""
    straight = Sitting(tmp_path / "straight", tiny())
    straight.run()
    sitting = Sitting(tmp_path / "cut", tiny(), every_frame=True)
    cut_off(sitting, lambda s: isinstance(s, Joining) and s.time_s > 1.0)
    assert again(sitting) == "completed"
    assert sitting.events("joined")[0]["arrivals"] == straight.events("joined")[0]["arrivals"]
    first = next(s for _, s in sitting.shown if isinstance(s, Joining))
    assert [j.state for j in first.joiners].count("joined") == 1


def test_a_rest_has_its_whole_time_again(tmp_path: Path) -> None:
    """However much of it had passed."""
    sitting = Sitting(tmp_path, tiny(), every_frame=True)
    cut_off(sitting, lambda s: isinstance(s, Page) and (s.progress or 0.0) > 0.8)
    sitting.every_frame = False
    assert again(sitting) == "completed"
    (rest,) = sitting.events("rest")
    (left,) = [e for e in sitting.events("page") if e["n"] > rest["n"] and e["page"] == "text"]
    assert left["t"] - rest["t"] == pytest.approx(3.0, abs=PERIOD_S)


def test_an_item_with_a_time_of_its_own_has_it_whole_again(tmp_path: Path) -> None:
    """And those whose time was over without an answer are not asked again."""

    def change(table: dict[str, Any]) -> None:
        step(table, "measure", 2)["lasts_s"] = 4.5

    def late(scene: Scene, flip: float) -> list[Press] | None:
        return [] if isinstance(scene, Form) and scene.stage == "reflexive" else None

    sitting = Sitting(tmp_path, varied(change), instead=late)
    sitting.run()
    left_at(sitting, after(sitting, "item", step="07-measure", order=2))
    assert again(sitting) == "completed"
    rows = [e for e in sitting.events("answer") if e["step"] == "07-measure"]
    assert [(e["order"], e["value"]) for e in rows] == [(1, None), (2, None), (3, None)]
    assert rows[2]["onset"] - rows[1]["onset"] == pytest.approx(4.5, abs=PERIOD_S)


def test_what_was_changed_on_the_way_back_stays_changed(tmp_path: Path) -> None:
    """The form goes on after the last item that was ever answered; the last answer to each counts."""
    gone_back: list[bool] = []

    def goes_back(scene: Scene, flip: float) -> list[Press] | None:
        if (
            not isinstance(scene, Form)
            or scene.measure != "facts"
            or scene.item not in ("age", "gender", "remark")
        ):
            return None
        if scene.item == "remark" and len(gone_back) < 2:
            gone_back.append(True)
            return [click(flip + 1, "button:back")]
        if scene.item == "gender":
            return [
                click(flip + 1, "option:woman" if not gone_back else "option:man"),
                click(flip + 2, "button:next"),
            ]
        return None

    sitting = Sitting(tmp_path, tiny(), instead=goes_back)
    cut_off(sitting, lambda s: len([e for e in sitting.events("answer") if e["item"] == "gender"]) > 1)
    sitting.instead = lambda _scene, _flip: None
    assert again(sitting) == "completed"
    genders = [e["value"] for e in sitting.events("answer") if e["item"] == "gender"]
    assert genders == ["woman", "man"]
    assert derive(sitting.recorded).participant["gender"] == "man"
    segment = sitting.events("segment")[-1]
    asked = [e["item"] for e in sitting.events("item") if e["n"] > segment["n"]]
    assert asked[0] == "remark"


def very_bad(scene: Scene, flip: float) -> list[Press] | None:
    """Answer at the bound of the alert."""
    return [click(flip + 1, "option:5")] if isinstance(scene, Form) and scene.item == "bad" else None


@pytest.mark.parametrize("event", ["answer", "alert", "aside"])
def test_a_pause_that_was_cut_off_is_opened_again(event: str, tmp_path: Path) -> None:
    """Nobody who gave an alarming answer goes on without the experimenter, whatever the record had last."""
    sitting = Sitting(tmp_path, tiny(), instead=very_bad)
    sitting.run()
    values = {"item": "bad"} if event == "answer" else {}
    left_at(sitting, after(sitting, event, **values))
    sitting.instead = lambda _scene, _flip: None
    assert again(sitting) == "completed"
    assert titles(sitting)[:2] == ["A short pause", ON]
    assert any("feelings/bad was answered with 5" in line for line in sitting.told)
    assert len(sitting.events("pause")) == 1


def test_a_pause_that_was_over_is_not_opened_again(tmp_path: Path) -> None:
    """The experimenter has decided."""
    sitting = Sitting(tmp_path, tiny(), instead=very_bad)
    sitting.run()
    left_at(sitting, after(sitting, "pause"))
    sitting.instead = lambda _scene, _flip: None
    assert again(sitting) == "completed"
    assert titles(sitting)[0] == ON


def test_the_experimenter_can_stop_in_the_pause_that_is_opened_again(tmp_path: Path) -> None:
    """Debriefing and permission follow."""
    sitting = Sitting(tmp_path, tiny(), instead=very_bad)
    sitting.run()
    left_at(sitting, after(sitting, "aside"))
    sitting.instead = lambda s, flip: (
        [key(flip + 1, "s")] if isinstance(s, Page) and s.title == "A short pause" else None
    )
    assert again(sitting) == "stopped_by_experimenter"
    assert titles(sitting)[-2:] == LAST


# Anywhere


def planned_ids(sitting: Sitting) -> list[str]:
    """Return the ids of the steps of a session."""
    drawn = sitting.events("cell")[-1]
    cell = Cell(drawn["cell"], tuple(drawn["conditions"]), tuple(drawn["levels"].items()))
    return [step.id for step in sitting.resolved.protocol.planned(cell)]


def in_order(sitting: Sitting, outcome: str) -> None:
    """Assert what holds wherever a session was cut off."""
    ended = [e["id"] for e in sitting.events("step_end")]
    assert len(ended) == len(set(ended))
    if outcome == "completed":
        assert ended == planned_ids(sitting)
    for kind in ("practice", "game"):
        numbers = [e["number"] for e in sitting.events("run") if e["kind"] == kind]
        assert numbers == list(range(1, len(numbers) + 1))
    forms: dict[str, list[Event]] = {}
    for answer in sitting.events("answer"):
        forms.setdefault(answer["step"], []).append(answer)
    for answers in forms.values():
        assert all(a["order"] < b["order"] for a, b in pairwise(answers))


@pytest.mark.parametrize("rule", RULES)
def test_a_session_goes_on_from_any_line_of_its_record(rule: InterruptedGame, tmp_path: Path) -> None:
    """In order, to its end, and the whole record is what definitions, seed and inputs make of it."""
    whole = Sitting(tmp_path / "whole", ruled(rule))
    whole.run()
    total = len(whole.recorded.events)
    line = whole.path.read_bytes()
    for place in range(3, total, 4):
        sitting = Sitting(tmp_path / str(place), ruled(rule))
        sitting.path.parent.mkdir(parents=True)
        sitting.path.write_bytes(line)
        left_at(sitting, place)
        past = Past.of(sitting.recorded)
        broken = any(not a.over for s, a in past.attempts.items() if s == "06-game")
        outcome = again(sitting)
        assert outcome == ("ended_after_cut" if rule == "end" and broken else "completed")
        assert len(sitting.events("skipped")) == (rule == "skip" and broken)
        assert len(games(sitting)) == 1 + (rule == "repeat" and broken)
        in_order(sitting, outcome)


@pytest.mark.parametrize("rule", RULES)
def test_a_session_that_is_cut_off_again_and_again_comes_to_its_end(
    rule: InterruptedGame, tmp_path: Path
) -> None:
    """Three times, at lines drawn from a seed."""
    lines = random.Random(11)
    for number in range(8):
        sitting = Sitting(tmp_path / str(number), ruled(rule, ORDERED))
        sitting.run()
        kept = 3
        for _ in range(3):
            kept = lines.randrange(kept, len(sitting.recorded.events))
            left_at(sitting, kept)
            outcome = again(sitting)
        assert outcome == "completed" or (rule, outcome) == ("end", "ended_after_cut")
        in_order(sitting, outcome)
        assert len(sitting.events("segment")) >= 2
