"""Whole sessions with pain: what is given, in what order, when, and what of it nobody is to see."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from experiment import definitions
from experiment.bids import derive
from experiment.booth import Press
from experiment.definitions.laboratory import Laboratory
from experiment.definitions.pain import Pain
from experiment.definitions.places import places
from experiment.definitions.reading import read
from experiment.journal import Event
from experiment.retracing import retrace
from experiment.scenes import Court, Form, Page, Scene
from experiment.stimulator import Stimulus
from tests.scripted import HURTING, CollectingScreen, Instead, Sitting, click, game, key, typed
from tests.unit.test_pain_stops import (
    CEILINGS,
    LABORATORY,
    UI,
    Watched,
    device_of,
    protocol,
    rested,
    sitting,
)

CELLS = [("hurting", 0), ("hurting", 1), ("tasks", 0), ("tasks", 1), *(("ordered", n) for n in range(4))]


def changed(name: str, **changes: object) -> definitions.Resolved:
    """Return a protocol of the tests with other pain tasks: ``task__key = value``."""
    resolved = protocol(name)
    pain = dict(resolved.pain)
    for place, value in changes.items():
        task, _, entry = place.partition("__")
        table: dict[str, Any] = pain[task].model_dump(exclude_none=True)
        (table["task"] if entry in table["task"] else table)[entry] = value
        pain[task] = Pain.model_validate(table)
    return replace(resolved, pain=pain)


def started(made: Sitting) -> list[Event]:
    """Return the starts of all stimuli and immersions."""
    return made.events("stimulus", "immersion")


@pytest.mark.parametrize(("name", "cell"), CELLS)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_session_keeps_every_rest_and_every_ceiling(
    name: str, cell: int, seed: int, tmp_path: Path
) -> None:
    """In every cell; the device was told what the record says, and the tables follow from it."""
    made = sitting(tmp_path, name, cell=cell, seed=seed, overlap=0.5)
    assert made.run() == "completed"
    if name != "ordered":
        rested(made)
    for event in started(made):
        ceiling = CEILINGS[event["modality"]]
        assert event["unit"] == ceiling["unit"]
        assert event["lasts"] <= ceiling["duration_s"]
        within = event["level"] >= ceiling["level"]
        assert within if event["modality"] == "cold" else event["level"] <= ceiling["level"]
    for modality, ceiling in CEILINGS.items():
        assert sum(e["modality"] == modality for e in started(made)) <= ceiling["number"]
    told = [s for s in device_of(made).told if isinstance(s, Stimulus)]
    heat = [e for e in started(made) if e["modality"] == "heat"]
    assert [(s.level, s.duration_s) for s in told] == [(e["level"], e["lasts"]) for e in heat]
    derive(made.recorded)


class Early(CollectingScreen):
    """Flips come now a little earlier than was promised, now late, as under load."""

    def next_flip(self) -> float:
        """Promise a flip that comes up to 12 ms earlier."""
        return CollectingScreen.next_flip(self) + random.Random(self.world.frame).random() * 0.012

    def show(self, scene: Scene, *, idle_until: float | None = None) -> float:
        """Show a scene, now and then some frames late."""
        if random.Random(-self.world.frame).random() < 0.1:
            self.world.frame += 3
        return CollectingScreen.show(self, scene, idle_until=idle_until)


@pytest.mark.parametrize(("name", "cell"), CELLS)
@pytest.mark.parametrize("seed", [4, 5, 6, 7])
def test_flips_that_are_not_as_promised_are_gone_through_again(
    name: str, cell: int, seed: int, tmp_path: Path
) -> None:
    """What ends by itself is told by the record, not by a promise that nobody has written down."""
    made = sitting(tmp_path, name, cell=cell, seed=seed, screen_kind=Early, every_frame=True)
    assert made.run() == "completed"


def without_pain(resolved: definitions.Resolved) -> definitions.Resolved:
    """Return a protocol whose game has neither stimuli nor ratings."""
    steps = tuple(
        step.model_copy(update={"probe": None, "ratings": ()}) if step.kind == "game" else step
        for step in resolved.protocol.steps
    )
    return replace(resolved, protocol=resolved.protocol.model_copy(update={"steps": steps}))


def throws(made: Sitting) -> list[tuple[object, ...]]:
    """Return what co-players planned, and how long flights and pauses took, to the microsecond."""
    plans = [(e["throw"], e["receiver"], e["pause"], e["flight"]) for e in made.events("plan")]
    catches = {e["throw"]: e for e in made.events("catch")}
    took: list[tuple[object, ...]] = []
    for release in made.events("release"):
        flight = catches[release["throw"]]["t"] - release["t"]
        pause = None
        if release["pause_planned"] is not None:
            pause = round(release["t"] - release["ready"] - release["paused"], 4)
        took.append((release["throw"], release["receiver"], pause, round(flight, 4)))
    return [*plans, *took]


@pytest.mark.parametrize("cell", [0, 1])
@pytest.mark.parametrize("seed", range(4))
def test_a_run_is_the_same_with_and_without_pain(cell: int, seed: int, tmp_path: Path) -> None:
    """Receivers, pauses and flights, where the participant answers in the same way."""

    def to_the_first(scene: Scene, flip: float) -> list[Press] | None:
        return [click(flip + 0.6, "player:1")] if isinstance(scene, Court) and scene.turn else None

    found = []
    for name, resolved in (("with", protocol("hurting")), ("without", without_pain(protocol("hurting")))):
        made = Sitting(tmp_path / name, resolved, seed=seed, cell=cell, instead=to_the_first)
        made.laboratory, made.device = LABORATORY, Watched()
        assert made.run() == "completed"
        found.append(throws(made))
        assert bool(made.events("interlude")) == (name == "with")
    assert found[0] == found[1]


@pytest.mark.parametrize("name", ["hurting", "tasks"])
@pytest.mark.parametrize("seed", range(3))
def test_nothing_is_asked_while_a_stimulus_is_on(name: str, seed: int, tmp_path: Path) -> None:
    """But how strong it is in the water; every stimulus of the game is asked about before the next."""
    made = sitting(tmp_path, name, seed=seed)
    made.run()
    on = False
    waiting = None
    for event in made.events("stimulus", "stimulus_over", "stimulus_end", "item", "interlude"):
        match event["event"]:
            case "stimulus":
                assert waiting is None
                on, waiting = True, event["number"] if "run" in event else None
            case "stimulus_over" | "stimulus_end":
                on = False
            case _:
                assert not on
                stage = event.get("step", "").rpartition("/")[2]
                if stage == f"probe_{waiting}":
                    waiting = None
    assert waiting is None


@pytest.mark.parametrize("seed", range(6))
def test_stimuli_come_at_their_places(seed: int, tmp_path: Path) -> None:
    """With the catch of their throw, or once the one before was asked about and its rest is over."""
    made = sitting(tmp_path, "hurting", seed=seed)
    made.run()
    plan = places(made.resolved.pain["bursts"], made.resolved.games["fair"])
    catches = {e["throw"]: e["t"] for e in made.events("catch")}
    found = [e for e in made.events("stimulus") if "run" in e]
    assert [e["number"] for e in found] == [p.number for p in plan]
    assert found[0]["throw"] == plan[0].after_throw
    assert found[0]["t"] == catches[plan[0].after_throw]
    assert found[1]["t"] >= catches[plan[1].after_throw]


def timed() -> definitions.Resolved:
    """Return the tasks with a game by time alone."""
    resolved = protocol("tasks")
    file = HURTING.parent / "games" / "timed.toml"
    return replace(resolved, games={**resolved.games, "fair": read(file, definitions.Game)})


@pytest.mark.parametrize("seed", range(4))
def test_in_a_timed_game_they_come_by_the_time_played(seed: int, tmp_path: Path) -> None:
    """At 22 and 26 s of 30 or once the one before was asked about; questions take none of that time."""
    made = Sitting(tmp_path, timed(), seed=seed, laboratory=LABORATORY, device=Watched())
    assert made.run() == "completed"
    run = made.events("run")[-1]
    stimuli = [e for e in made.events("stimulus") if e.get("run") == run["run"]]

    def played(at: float) -> float:
        asked = zip(made.events("interlude"), made.events("interlude_over"), strict=True)
        spent = sum(over["t"] - began["t"] for began, over in asked if over["t"] <= at)
        return float(at - run["t"] - spent)

    first, second = (played(e["t"]) for e in stimuli)
    assert first == pytest.approx(22.0, abs=0.04)
    assert second >= 26.0 - 0.04
    if second > 26.0 + 0.04:  # the first was asked about later, since the participant had the ball
        asked = next(e for e in made.events("interlude_over") if e["t"] > stimuli[0]["t"])
        assert stimuli[1]["t"] == pytest.approx(asked["t"], abs=0.04)
    assert played(made.events("run_end")[-1]["t"]) == pytest.approx(30.0, abs=0.6)


def test_a_run_whose_last_ball_is_with_the_participant_comes_to_its_end(tmp_path: Path) -> None:
    """A stimulus after the last but one throw ends, and is asked about, before anything else comes."""
    resolved = changed("hurting", bursts__after_throws=(8,))
    often = game([{"throws": 9, "probability": 0.9}])
    resolved = replace(resolved, games={**resolved.games, "fair": often})
    last = set()
    for seed in range(12):
        folder = tmp_path / str(seed)
        made = Sitting(folder, resolved, seed=seed, laboratory=LABORATORY, device=Watched())
        assert made.run() == "completed"
        last.add(made.events("release")[-1]["receiver"])
        (stimulus,) = (e for e in made.events("stimulus") if "run" in e)
        asked = [e for e in made.events("answer") if e["stage"] == "probe_1"]
        assert [e["measure"] for e in asked] == ["unpleasant", "warm"]
        assert made.events("run_end")[-1]["n"] > asked[-1]["n"] > stimulus["n"]
    assert 2 in last


# By hand


def hands(levels: list[str]) -> Instead:
    """Return an experimenter who types these in turn into the form of a level, with return after each."""
    left = list(levels)

    def instead(scene: Scene, flip: float) -> list[Press] | None:
        if not isinstance(scene, Form) or scene.measure != "stimulus_level" or not left:
            return None
        presses: list[Press] = []
        at = flip + 0.5
        while left:
            presses += [typed(at, left.pop(0)), key(at + 0.5, "return")]
            presses += [typed(at + 1.0, "\b" * 8)]
            at += 2.0
        return presses

    return instead


def test_a_level_above_the_ceiling_cannot_be_left(tmp_path: Path) -> None:
    """Neither 600.1 nor 900 is taken; 599.9 is, and it alone is on record."""
    made = sitting(tmp_path, "tasks", instead=hands(["600.1", "900", "599.9"]))
    assert made.run() == "completed"
    of_task = [e for e in made.events("stimulus") if e.get("of", "").startswith("pain-by_hand")]
    assert of_task[0]["level"] == 599.9
    assert of_task[0]["level_planned"] == 200
    taken = [e["value"] for e in made.events("answer") if e["measure"] == "stimulus_level"]
    assert taken[0] == 599.9
    shown = [s for _, s in made.shown if isinstance(s, Form) and s.measure == "stimulus_level"]
    assert any(s.message for s in shown)


def test_no_level_as_strong_as_one_that_was_stopped_is_typed_again(tmp_path: Path) -> None:
    """Stopped at 400.0, neither that nor more can be typed for what comes next."""
    resolved = changed("tasks", by_hand__series=2)
    made = Sitting(tmp_path, resolved, laboratory=LABORATORY, device=Watched())
    entries = {1: ["400"], 2: ["450", "400", "399.9"]}
    asked: list[int] = []

    def instead(scene: Scene, flip: float) -> list[Press] | None:
        if isinstance(scene, Form) and scene.measure == "stimulus_level" and len(asked) < 2:
            asked.append(1)
            return hands(entries[len(asked)])(scene, flip)
        by_hand = [e for e in made.events("pain") if e["task"] == "by_hand"]
        if isinstance(scene, Page) and scene.title == UI.pain_now and by_hand and len(asked) == 1:
            return [click(flip + 0.2, "button:end")]
        return None

    made.instead = instead
    assert made.run() == "completed"
    of_task = [e for e in made.events("stimulus") if e.get("of", "").startswith("pain-by_hand")]
    assert [e["level"] for e in of_task[:2]] == [400.0, 399.9]


@pytest.mark.parametrize("name", ["hurting", "tasks"])
def test_no_scene_has_a_level_and_what_is_typed_is_hidden(name: str, tmp_path: Path) -> None:
    """Cues with the level are told on the experimenter's side alone."""
    made = sitting(tmp_path, name)
    made.run()
    levels = {f"{e['level']:g}" for e in started(made)} | {f"{e['level_planned']:g}" for e in started(made)}
    for _, scene in made.shown:
        if isinstance(scene, Page):
            words = " ".join((scene.title, *scene.body, scene.note, *(b.label for b in scene.buttons)))
            assert not levels & set(words.replace("°C", " ").replace(".", " ").split())
        if isinstance(scene, Form) and scene.measure == "stimulus_level":
            assert getattr(scene.scale, "hidden", False)
    if name == "tasks":
        assert any("set the device to 200 kPa" in line for line in made.told)
        assert any("give it NOW (300 kPa)" in line for line in made.told)
        assert sum("take it away" in line for line in made.told) >= 3


@pytest.mark.parametrize(("name", "cell"), CELLS)
def test_no_scene_before_the_debriefing_has_a_masked_word(name: str, cell: int, tmp_path: Path) -> None:
    """Whatever is shown or asked around pain; the debriefing alone says it."""
    made = sitting(tmp_path, name, cell=cell)
    made.run()
    said = []
    for _, scene in made.shown:
        words: tuple[str, ...] = ()
        if isinstance(scene, Page):
            words = (scene.title, *scene.body, *(b.label for b in scene.buttons))
        elif isinstance(scene, Form):
            words = (scene.instruction, scene.stem, scene.words)
        if any("ignor" in text.lower() for text in words):
            said.append(words[0])
    assert set(said) == {"What it was about"}


def test_a_simulated_session_says_so_wherever_it_says_anything(tmp_path: Path) -> None:
    """In the first line, of the device, and in every table."""
    made = sitting(tmp_path)
    made.run()
    assert made.recorded.header["simulated"] is True
    assert made.events("laboratory")[0]["device"] == {"kind": "simulated", "simulated": True}
    assert made.study.dataset.name.endswith("_simulated")


# Ceilings that are reached on the way


def test_a_ceiling_for_the_number_ends_a_task_and_leaves_a_game_without(tmp_path: Path) -> None:
    """Four of heat: the threshold is what so few give, the game goes on, nothing fails."""
    few = Laboratory.of_record(
        {
            "ceilings": {**CEILINGS, "heat": {**CEILINGS["heat"], "number": 4}},
            "stimulator": {"kind": "simulated", "modality": "heat"},
        }
    )
    made = sitting(tmp_path)
    made.laboratory = few
    assert made.run() == "completed"
    assert len(device_of(made).told) >= 4
    assert sum(isinstance(each, Stimulus) for each in device_of(made).told) == 4
    assert not made.events("fault")
    assert len(made.events("run_end")) == 1
    assert any("the game goes on without" in line for line in made.told)


def test_a_level_in_the_game_is_one_that_the_device_can_be_told(tmp_path: Path) -> None:
    """The mean of two series is a quarter of a degree; the device is told tenths, rounded down."""
    serial = {
        "kind": "serial", "modality": "heat", "port": "COM3", "baud": 9600, "stop": "STOP",
        "start": "START {level:.1f}",
    }  # fmt: skip
    laboratory = Laboratory.of_record({"ceilings": CEILINGS, "stimulator": serial})
    for seed in range(30):
        made = sitting(tmp_path / str(seed), seed=seed)
        made.laboratory = laboratory
        assert made.run() == "completed"
        threshold = made.events("estimate")[0]["estimates"]["threshold"]["value"]
        level = next(e["level"] for e in made.events("stimulus") if "run" in e)
        assert 0 <= min(threshold + 0.5, 48.0) - level < 0.1
        if threshold * 10 % 1:
            return
    pytest.fail("no threshold of these was between two tenths")


def test_no_stimulus_of_a_game_is_above_one_that_was_stopped(tmp_path: Path) -> None:
    """Stopped at 44 °C in the threshold: the game has 44 °C, not the half degree more of its file."""
    made = sitting(
        tmp_path,
        instead=lambda scene, flip: (
            [click(flip + 0.2, "button:end")]
            if isinstance(scene, Page) and scene.title == UI.pain_now
            else None
        ),
    )
    assert made.run() == "completed"
    assert [e["level"] for e in made.events("stimulus")] == [44.0, 44.0, 44.0]


# Tables


def test_the_tables_of_a_small_session_to_the_row(tmp_path: Path) -> None:
    """One series of three levels, rated 10, 40 and 60; units, times and estimates by hand."""
    resolved = changed("hurting", ramp__series=1)
    made = Sitting(tmp_path, resolved, laboratory=LABORATORY, device=Watched())
    rated = iter([0.1, 0.4, 0.6])

    def instead(scene: Scene, flip: float) -> list[Press] | None:
        if isinstance(scene, Form) and (scene.measure, scene.stage) == ("unpleasant", "baseline"):
            return [click(flip + 1.0, "line", next(rated)), click(flip + 1.5, "button:next")]
        return None

    made.instead = instead
    assert made.run() == "completed"
    files = derive(made.recorded).files
    (name,) = (f for f in files if "task-ramp_acq-baseline_run-01_events.tsv" in f)
    head, *lines = files[name].splitlines()
    rows = [dict(zip(head.split("\t"), line.split("\t"), strict=True)) for line in lines]
    assert [r["trial_type"] for r in rows] == [*(["stimulus", "rating"] * 3), "threshold"]
    assert [r["level"] for r in rows if r["trial_type"] == "stimulus"] == ["44.0", "44.5", "45.0"]
    assert {r["level_unit"] for r in rows if r["trial_type"] == "stimulus"} == {"°C"}
    assert [r["reached"] for r in rows if r["trial_type"] == "stimulus"] == ["false", "false", "true"]
    assert [float(r["value"]) for r in rows if r["trial_type"] == "rating"] == [10.0, 40.0, 60.0]
    assert (rows[-1]["value"], rows[-1]["unit"], rows[-1]["censored"]) == ("45.0", "°C", "false")
    onsets = [float(r["onset"]) for r in rows]
    assert onsets == sorted(onsets)
    for row, event in zip((r for r in rows if r["trial_type"] == "stimulus"), started(made), strict=False):
        assert float(row["onset_session"]) == pytest.approx(event["t"], abs=1e-6)
        assert float(row["duration"]) == pytest.approx(1.0, abs=0.05)
    (name,) = (f for f in files if "task-ramp_acq-baseline_beh.tsv" in f)
    assert "threshold\tthreshold\t45.0" in files[name] or "45.0" in files[name]
    (name,) = (f for f in files if "task-cyberball_run-01_events.tsv" in f)
    head, *lines = files[name].splitlines()
    rows = [dict(zip(head.split("\t"), line.split("\t"), strict=True)) for line in lines]
    onsets = [float(r["onset"]) for r in rows]
    assert onsets == sorted(onsets)
    stimuli = [r for r in rows if r["trial_type"] == "pain_stimulus"]
    assert [(r["stimulus"], r["level"], r["level_unit"]) for r in stimuli] == [
        ("1", "45.5", "°C"),
        ("2", "45.5", "°C"),
    ]
    ratings = [(r["measure"], r["stimulus"]) for r in rows if r["trial_type"] == "rating"]
    assert sorted(ratings) == sorted(
        [
            ("unpleasant", "1"),
            ("warm", "1"),
            ("unpleasant", "2"),
            ("warm", "2"),
            ("upset", "n/a"),
            ("upset", "n/a"),
        ]
    )
    retrace(made.recorded, resolved)
