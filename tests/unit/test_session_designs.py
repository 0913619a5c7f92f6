"""Sessions of other designs: pages by level, strata, orders, an ending, timed items, rests that go on."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from experiment import definitions
from experiment.bids import derive
from experiment.booth import Press
from experiment.definitions.protocol import Protocol
from experiment.definitions.steps import CONDITION
from experiment.definitions.texts import PageText
from experiment.past import Past
from experiment.scenes import Court, Form, Joining, Page, Scene
from tests.scripted import PERIOD_S, Sitting, click, key, tiny

STOP = "Would you like to stop here?"
Change = Callable[[dict[str, Any]], None]


def varied(change: Change, *pages: str) -> definitions.Resolved:
    """Return the tiny protocol, changed, with more pages whose titles are their names."""
    base = tiny()
    table = base.protocol.model_dump(exclude_none=True)
    table["steps"] = list(table["steps"])
    change(table)
    table["steps"] = tuple(table["steps"])
    more = {name: PageText(title=name, body=("Words.",)) for name in pages}
    return dataclasses.replace(
        base,
        protocol=Protocol.model_validate(table),
        texts=base.texts.model_copy(update={"pages": {**base.texts.pages, **more}}),
    )


def step(table: Mapping[str, Any], kind: str, number: int = 1) -> dict[str, Any]:
    """Return a step of the table, the first of its kind or a later one."""
    found = [s for s in table["steps"] if s["kind"] == kind]
    assert len(found) >= number
    chosen: dict[str, Any] = found[number - 1]
    return chosen


def titles(sitting: Sitting) -> list[str]:
    """Return the titles of pages in the order in which they were shown, each once in a row."""
    seen = [scene.title for _, scene in sitting.shown if isinstance(scene, Page)]
    return [t for before, t in zip(["", *seen], seen, strict=False) if t != before]


def stops(when: Callable[[Scene], bool]) -> Callable[[Scene, float], list[Press] | None]:
    """Return a participant who stops once such a scene comes up, and means it."""
    done: list[bool] = []

    def instead(scene: Scene, flip: float) -> list[Press] | None:
        if isinstance(scene, Page) and scene.title == STOP:
            return [click(flip + 1, "button:stop")]
        if not done and when(scene):
            done.append(True)
            return [key(flip + 0.5, "f10")]
        return None

    return instead


class PowerCut(BaseException):
    """Nothing catches it, as nothing catches a power cut."""


def cut_off(sitting: Sitting, when: Callable[[Scene], bool]) -> None:
    """Run a session that ends with the machine when such a scene is to be shown."""

    def before(scene: Scene, now: float) -> None:
        if when(scene):
            raise PowerCut

    sitting.before = before
    with pytest.raises(PowerCut):
        sitting.run()
    sitting.before = lambda scene, now: None
    sitting.shown.clear()


# Pages by level


def by_belief(table: dict[str, Any]) -> None:
    """Tell some people that the others are computers, before and after the game."""
    table["design"]["factors"] = ({"name": "belief", "levels": ("human", "computer")},)
    for kind in ("page", "debriefing"):
        step(table, kind)["by"] = "belief"


BELIEF = varied(by_belief, "text_human", "text_computer", "debriefing_human", "debriefing_computer")


@pytest.mark.parametrize("cell", range(4))
def test_each_level_has_its_pages(cell: int, tmp_path: Path) -> None:
    """And no other; the cell is drawn before the first, and its levels are written."""
    sitting = Sitting(tmp_path, BELIEF, cell=cell)
    assert sitting.run() == "completed"
    level = ("human", "computer")[cell % 2]
    own = {title for title in titles(sitting) if "_" in title}
    assert own == {f"text_{level}", f"debriefing_{level}"}
    (drawn,) = sitting.events("cell")
    assert (drawn["levels"], drawn["belief"]) == ({"belief": level}, level)
    before = [e["id"] for e in sitting.events("step_end") if e["n"] < drawn["n"]]
    assert before == ["01-consent", "02-measure"]
    assert derive(sitting.recorded).session["factors"] == f"belief={level}"


@pytest.mark.parametrize("cell", range(2))
def test_each_condition_may_have_its_pages(cell: int, tmp_path: Path) -> None:
    """Where each person has one condition."""

    def change(table: dict[str, Any]) -> None:
        step(table, "debriefing")["by"] = CONDITION

    resolved = varied(change, "debriefing_fair", "debriefing_unfair")
    sitting = Sitting(tmp_path, resolved, cell=cell)
    assert sitting.run() == "completed"
    assert f"debriefing_{('fair', 'unfair')[cell]}" in titles(sitting)


def test_who_stops_before_the_cell_is_drawn_reads_the_plain_debriefing(tmp_path: Path) -> None:
    """No cell is drawn for it."""
    plain = BELIEF.texts.pages["debriefing"].title
    sitting = Sitting(tmp_path, BELIEF, instead=stops(lambda s: isinstance(s, Form)))
    assert sitting.run() == "stopped_by_participant"
    assert (sitting.drawn, plain in titles(sitting)) == (0, True)


def test_who_stops_after_it_reads_that_of_their_level(tmp_path: Path) -> None:
    """Which says what they were told."""
    sitting = Sitting(tmp_path, BELIEF, cell=1, instead=stops(lambda s: isinstance(s, Joining)))
    assert sitting.run() == "stopped_by_participant"
    assert titles(sitting)[-2] == "debriefing_computer"


def test_who_stopped_and_was_cut_off_reads_that_of_their_level_too(tmp_path: Path) -> None:
    """The journal knows the cell; it is not drawn again."""
    sitting = Sitting(tmp_path, BELIEF, cell=1, instead=stops(lambda s: isinstance(s, Joining)))
    cut_off(sitting, lambda s: isinstance(s, Page) and s.title == "debriefing_computer")
    assert sitting.run(resume=True) == "stopped_by_participant"
    assert titles(sitting)[0] == "debriefing_computer"
    assert sitting.drawn == 1


# Strata


def stratified(table: dict[str, Any]) -> None:
    """Balance cells within gender and age, which are asked at the start, and again at the end."""
    table["design"]["strata"] = (
        {"measure": "facts", "item": "gender"}, {"measure": "facts", "item": "age", "bounds": (30.0, 50.0)},
    )  # fmt: skip
    table["steps"].insert(1, {"kind": "measure", "measure": "facts", "stage": "baseline"})


STRATA = varied(stratified)


def answers(gender: str, age: str, later: str) -> Callable[[Scene, float], list[Press] | None]:
    """Return somebody who tells gender and age, and at the end another gender."""

    def instead(scene: Scene, flip: float) -> list[Press] | None:
        if not isinstance(scene, Form) or scene.item not in ("gender", "age"):
            return None
        if scene.item == "age":
            return [Press(flip + 1, "text", text=age), key(flip + 1.5, "return")]
        return [click(flip + 1, f"option:{gender if scene.stage == 'baseline' else later}")]

    return instead


@pytest.mark.parametrize(
    ("age", "stratum"), [("29", "range1"), ("30", "range2"), ("49", "range2"), ("50", "range3")]
)
def test_the_cell_is_drawn_within_the_stratum_of_the_answers(age: str, stratum: str, tmp_path: Path) -> None:
    """A number falls below, between or over the bounds."""
    sitting = Sitting(tmp_path, STRATA, instead=answers("other", age, "man"))
    assert sitting.run() == "completed"
    assert sitting.strata == [f"other-{stratum}"]
    assert sitting.events("cell")[0]["stratum"] == f"other-{stratum}"


@pytest.mark.parametrize(
    "when",
    [
        pytest.param(lambda s: isinstance(s, Form) and s.item == "effort", id="within the form"),
        pytest.param(lambda s: isinstance(s, Joining), id="before the draw"),
        pytest.param(lambda s: isinstance(s, Court) and s.turn, id="in the game"),
        pytest.param(lambda s: isinstance(s, Page) and s.progress is not None, id="after the second form"),
    ],
)
def test_the_stratum_is_the_same_after_resume(when: Callable[[Scene], bool], tmp_path: Path) -> None:
    """By what was answered before the draw, whatever was answered since."""
    sitting = Sitting(tmp_path, STRATA, instead=answers("woman", "33", "man"))
    cut_off(sitting, when)
    assert sitting.run(resume=True) == "completed"
    assert set(sitting.strata) == {"woman-range2"}


# Orders and the ending


def in_random_order(table: dict[str, Any]) -> None:
    """Let each person play both games three times in an order of their own that begins with the fair one."""
    table["design"] = {
        "within": ("fair", "unfair"), "order": "random", "repeats": 3, "first": "fair", "max_in_a_row": 2,
    }  # fmt: skip
    place = next(i for i, s in enumerate(table["steps"]) if s["kind"] == "game")
    inner = tuple(table["steps"][place : place + 2])
    table["steps"][place : place + 2] = [{"kind": "each_condition", "steps": inner}]


ORDERED = varied(in_random_order)


def test_a_random_order_is_each_persons_own_and_the_same_when_resumed(tmp_path: Path) -> None:
    """As often as the design says, by the seed, in the record."""
    orders = set()
    for seed in range(6):
        sitting = Sitting(tmp_path / str(seed), ORDERED, seed=seed)
        cut_off(sitting, lambda s: isinstance(s, Form) and s.stage == "reflexive")
        assert sitting.run(resume=True) == "completed"
        told = [tuple(e["conditions"]) for e in sitting.events("cell")]
        assert told == [told[0]] * 2
        games = [e["condition"] for e in sitting.events("run") if e["kind"] == "game"]
        assert tuple(games) == told[0]
        assert sorted(told[0]) == ["fair"] * 3 + ["unfair"] * 3
        assert told[0][0] == "fair"
        assert Past.of(sitting.recorded).cell is not None
        orders.add(told[0])
    assert len(orders) > 1


def test_a_session_can_end_with_a_game_before_the_debriefing(tmp_path: Path) -> None:
    """After a page that says so; not for who stops."""

    def change(table: dict[str, Any]) -> None:
        table["ending"] = "warm_up"

    resolved = varied(change, "ending")
    sitting = Sitting(tmp_path / "whole", resolved, cell=1)
    assert sitting.run() == "completed"
    ids = [e["id"] for e in sitting.events("step")]
    assert ids[-4:] == ["ending-page", "ending-game", "10-debriefing", "11-permission"]
    games = [(e["number"], e["game"]) for e in sitting.events("run") if e["kind"] == "game"]
    assert games == [(1, "unfair"), (2, "warm_up")]
    early = Sitting(tmp_path / "early", resolved, instead=stops(lambda s: isinstance(s, Joining)))
    assert early.run() == "stopped_by_participant"
    assert "ending" not in titles(early)


# Timed items, rests, arrivals


def test_timed_items_stay_their_time_within_a_session(tmp_path: Path) -> None:
    """Whoever answers late has a row without an answer, and the session goes on."""

    def change(table: dict[str, Any]) -> None:
        step(table, "measure", 2)["lasts_s"] = 4.5

    def late(scene: Scene, flip: float) -> list[Press] | None:
        slow = isinstance(scene, Form) and scene.stage == "reflexive"
        return [click(flip + 9.0, "option:3")] if slow else None

    sitting = Sitting(tmp_path, varied(change), instead=late)
    assert sitting.run() == "completed"
    rows = [e for e in sitting.events("answer") if e["stage"] == "reflexive"]
    assert [e["value"] for e in rows] == [None] * 3
    onsets = [e["onset"] for e in rows]
    assert [b - a for a, b in itertools.pairwise(onsets)] == pytest.approx([4.5] * 2, abs=PERIOD_S)


def test_a_rest_may_go_on_by_itself(tmp_path: Path) -> None:
    """Without a bar, without a button, for exactly its time."""

    def change(table: dict[str, Any]) -> None:
        step(table, "rest")["then"] = "go_on"

    sitting = Sitting(tmp_path, varied(change))
    assert sitting.run() == "completed"
    (rest,) = sitting.events("rest")
    follows = next(f for f, s in sitting.shown if f > rest["t"] and not _resting(s))
    assert follows - rest["t"] == pytest.approx(3.0, abs=PERIOD_S)
    assert not any(isinstance(s, Page) and s.progress is not None for _, s in sitting.shown)
    assert len([e for e in sitting.events("page") if e["n"] > rest["n"]]) == 1, "the debriefing alone"


def _resting(scene: Scene) -> bool:
    return isinstance(scene, Page) and not scene.buttons


def test_the_others_arrive_when_the_file_says(tmp_path: Path) -> None:
    """From left to right, at its times."""

    def change(table: dict[str, Any]) -> None:
        step(table, "connecting")["arrivals_s"] = (2.0, 1.0)
        step(table, "connecting").pop("longest_s")

    sitting = Sitting(tmp_path, varied(change), every_frame=True)
    assert sitting.run() == "completed"
    (joined,) = sitting.events("joined")
    assert joined["arrivals"] == [2.0, 1.0]
    for flip, scene in sitting.shown:
        if isinstance(scene, Joining) and abs(flip - joined["t"] - 1.0) > PERIOD_S:
            there = [j.state == "joined" for j in scene.joiners]
            passed = flip - joined["t"]
            if abs(passed - 2.0) > PERIOD_S:
                assert there == [passed >= 2.0, passed >= 1.0, True]


def test_a_participant_who_leaves_a_game_goes_on_with_the_session(tmp_path: Path) -> None:
    """Forms follow, the rows say how the run ended, and the session is completed."""
    base = tiny()
    fair = base.games["fair"]
    rule = definitions.Game.model_validate(
        {**fair.model_dump(exclude_none=True), "participant": {"may_leave": {"after_throws": 2}}}
    )
    resolved = dataclasses.replace(base, games={**base.games, "fair": rule})

    def leaves(scene: Scene, flip: float) -> list[Press] | None:
        able = isinstance(scene, Court) and scene.turn and scene.leave_label
        return [click(flip + 0.3, "button:leave")] if able else None

    sitting = Sitting(tmp_path, resolved, instead=leaves)
    assert sitting.run() == "completed"
    end = next(e for e in sitting.events("run_end") if e["run"] == "game-01")
    assert end["ended"] == "left"
    assert end["throws"] < 9
    after = [e for e in sitting.events("answer") if e["stage"] == "reflexive"]
    assert all(e["delay"] is not None and e["delay"] > 0 for e in after)
    events = next(t for f, t in derive(sitting.recorded).files.items() if "cyberball_run-01_events" in f)
    assert events.splitlines()[-1].split("\t")[2] == "participant_left"
