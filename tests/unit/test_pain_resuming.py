"""Sessions with pain that were cut off: they go on, count what was given, and their records verify."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from experiment import journal
from experiment.bids import derive
from experiment.definitions.laboratory import Laboratory
from experiment.journal import Event
from experiment.past import Past
from experiment.recovering import recover
from experiment.retracing import Difference, retrace
from experiment.simulate import Simulation, simulate
from experiment.stimulator import Stimulus
from experiment.study import study_at
from tests.rechained import rechain
from tests.scripted import HURTING, Sitting
from tests.unit.test_pain_stops import CEILINGS, LABORATORY, Watched, device_of, protocol, sitting
from tests.validating import validate


def again(made: Sitting) -> str:
    """Resume a session with a new device; it comes to its end in order."""
    made.device = Watched()
    outcome = made.run(resume=True)
    assert made.recorded.has_ended
    derive(made.recorded)
    return outcome


def cut(made: Sitting, line: int) -> None:
    """Leave of a record what was there after a line."""
    lines = made.path.read_bytes().splitlines(keepends=True)
    made.path.write_bytes(b"".join(lines[:line]))
    made.shown.clear()
    made.told.clear()


def given(events: list[Event], modality: str) -> int:
    """Count the stimuli of a modality on record."""
    return sum(e["modality"] == modality for e in events)


def lines_to_cut(name: str, folder: Path) -> list[int]:
    """Return every fourth line of a whole session's record, from the first step on."""
    made = sitting(folder, name)
    made.run()
    return list(range(4, len(made.recorded.events), 4))


@pytest.mark.parametrize("part", range(3))
@pytest.mark.parametrize("name", ["hurting", "tasks"])
def test_a_session_goes_on_from_any_line(name: str, part: int, tmp_path: Path) -> None:
    """It is completed; what the second device was told is what its segment of the record says."""
    lines = lines_to_cut(name, tmp_path / "whole")
    whole = Sitting(tmp_path / "whole", protocol(name)).path
    for line in lines[part::3]:
        made = sitting(tmp_path / str(line), name)
        made.path.parent.mkdir(parents=True)
        shutil.copyfile(whole, made.path)
        cut(made, line)
        before = made.events("stimulus", "immersion")
        assert again(made) == "completed", line
        after = made.events("stimulus", "immersion")[len(before) :]
        told = [s for s in device_of(made).told if isinstance(s, Stimulus)]
        assert [s.level for s in told] == [e["level"] for e in after if e["modality"] == "heat"]
        assert made.events("end")[-1]["outcome"] == "completed"
        both = {e["of"] for e in made.events("pain")}
        tables = derive(made.recorded).files
        assert len([f for f in tables if "_acq-baseline_run-" in f and f.endswith("events.tsv")]) == len(both)


def test_a_task_that_was_cut_off_begins_again_and_both_attempts_are_tabled(tmp_path: Path) -> None:
    """Under the next number; the estimate is that of the whole one."""
    made = sitting(tmp_path)
    made.run()
    third = made.events("stimulus_end")[2]["n"]
    cut(made, third)
    assert again(made) == "completed"
    assert [e["of"] for e in made.events("pain")] == ["pain-ramp-baseline-01", "pain-ramp-baseline-02"]
    files = derive(made.recorded).files
    rows = {
        number: next(text for f, text in files.items() if f"task-ramp_acq-baseline_run-0{number}_events" in f)
        for number in (1, 2)
    }
    assert rows[1].count("\tstimulus\t") + rows[1].count("stimulus\t") >= 3
    assert "threshold" not in rows[1].split("\n", 1)[1]
    assert "threshold" in rows[2].split("\n", 1)[1]


def test_a_ceiling_counts_what_was_given_before_the_cut(tmp_path: Path) -> None:
    """With nine in all and six before, three are left: for the task, and none for the game."""
    nine = Laboratory.of_record(
        {
            "ceilings": {**CEILINGS, "heat": {**CEILINGS["heat"], "number": 9}},
            "stimulator": {"kind": "simulated", "modality": "heat"},
        }
    )
    made = sitting(tmp_path)
    made.run()
    sixth = made.events("stimulus_end")[5]["n"]
    cut(made, sixth)
    made.laboratory = nine
    assert Past.of(made.recorded).given == {"heat": 6}
    assert again(made) == "completed"
    assert given(made.events("stimulus"), "heat") == 9
    assert not made.events("fault")


def test_a_segment_rests_before_its_first_stimulus(tmp_path: Path) -> None:
    """Nobody knows how long ago the one before was; the rest is counted from the segment's beginning."""
    made = sitting(tmp_path)
    made.run()
    cut(made, made.events("stimulus")[1]["n"])
    assert again(made) == "completed"
    segment = made.events("segment")[-1]
    first = next(e for e in made.events("stimulus") if e["n"] > segment["n"])
    assert first["t"] >= made.resolved.pain["ramp"].rest_s
    assert first["rested"] == pytest.approx(first["t"])


def test_a_threshold_from_before_the_cut_gives_the_level_of_the_game(tmp_path: Path) -> None:
    """And so does a level that was stopped before it."""
    made = sitting(tmp_path)
    made.run()
    threshold = made.events("estimate")[0]["estimates"]["threshold"]["value"]
    cut(made, next(e["n"] for e in made.events("step") if e["kind"] == "game"))
    assert again(made) == "completed"
    assert {e["level"] for e in made.events("stimulus") if "run" in e} == {min(threshold + 0.5, 48.0)}
    assert len(made.events("pain")) == 1


def other_ceiling(event: Event, **changes: object) -> dict[str, Any]:
    """Return a laboratory whose ceiling for heat is another."""
    laboratory = event["laboratory"]
    ceilings = {**laboratory["ceilings"], "heat": {**laboratory["ceilings"]["heat"], **changes}}
    return {"laboratory": {**laboratory, "ceilings": ceilings}}


FORGED: dict[str, tuple[str, str, Any]] = {
    "a level": ("hurting", "stimulus", lambda e: {"level": e["level"] - 0.5}),
    "a planned level": ("tasks", "stimulus", lambda e: {"level_planned": e["level_planned"] + 1}),
    "a rest": ("hurting", "stimulus", lambda e: {"rested": (e["rested"] or 0) + 1}),
    "how long it was to last": ("hurting", "stimulus", lambda e: {"lasts": e["lasts"] + 1}),
    "that it was stopped": ("hurting", "stimulus_end", lambda e: {"stopped": True}),
    "when it ended": ("hurting", "stimulus_end", lambda e: {"ended": e["ended"] - 0.1}),
    "that it was strong enough": ("hurting", "reached", lambda e: {"reached": not e["reached"]}),
    "a rating": ("hurting", "reached", lambda e: {"value": e["value"] + 1}),
    "an estimate": (
        "hurting", "estimate", lambda e: {"estimates": {"threshold": {"value": 40.0, "censored": False}}},
    ),
    "that it was censored": (
        "hurting", "estimate",
        lambda e: {"estimates": {"threshold": {**e["estimates"]["threshold"], "censored": True}}},
    ),
    "which attempt": ("hurting", "pain", lambda e: {"number": 2}),
    "an answer": (
        "hurting", "answer", lambda e: {"value": 99.5} if e["measure"] == "unpleasant" else {},
    ),
    "a typed level": (
        "tasks", "answer", lambda e: {"value": 123.4} if e["measure"] == "stimulus_level" else {},
    ),
    "a ceiling": ("hurting", "laboratory", lambda e: other_ceiling(e, level=43.0)),
    "a ceiling of the number": ("hurting", "laboratory", lambda e: other_ceiling(e, number=3)),
    "when the hand came out": ("tasks", "hand_out", lambda e: {"t": e["t"] - 1}),
    "when it hurt first": ("tasks", "first_pain", lambda e: {"t": e["t"] - 1}),
    "that the cap was reached": ("tasks", "immersed", lambda e: {"capped": not e["capped"]}),
    "after which throw it came": ("hurting", "stimulus", lambda e: {"throw": 1} if "run" in e else {}),
}  # fmt: skip


@pytest.mark.parametrize("what", FORGED)
def test_what_was_forged_is_found_though_its_chain_is_good(what: str, tmp_path: Path) -> None:
    """By going through the session again."""
    name, kind, change = FORGED[what]
    made = sitting(tmp_path, name)
    made.run()
    retrace(made.recorded, made.resolved)
    forged = 0

    def forge(events: list[dict[str, Any]]) -> None:
        nonlocal forged
        for event in events:
            if event["event"] == kind and not forged and (changed := change(event)):
                event.update(changed)
                forged += 1

    rechain(made.path, forge)
    assert forged
    assert journal.read(made.path).problem == ""
    with pytest.raises((Difference, Exception)) as found:
        retrace(made.recorded, made.resolved)
    assert isinstance(found.value, Difference), found.value


def test_the_laboratory_of_the_tests_is_read_again_from_a_record() -> None:
    """As it was written."""
    assert Laboratory.of_record(LABORATORY.as_record()) == LABORATORY


@pytest.mark.parametrize("name", ["hurting", "tasks"])
def test_simulated_studies_validate_also_after_a_cut_and_recovery(name: str, tmp_path: Path) -> None:
    """By the official validator, with every row and every HED string; and by our own going through again."""
    dataset = simulate(Simulation(str(HURTING / f"{name}.toml"), 2, 3, tmp_path, overlap=0.5)).dataset
    validate(dataset)
    file = sorted(dataset.glob("sourcedata/sub-001/ses-01/*_journal.jsonl"))[0]
    ends = [e["n"] for e in journal.read(file).all("stimulus_end", "stimulus_over")]

    def first_part(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return events[: ends[-1] - 1]

    rechain(file, first_part)
    shutil.rmtree(dataset / "sub-001")
    (dataset / "participants.tsv").unlink()
    recover(study_at(dataset))
    validate(dataset)
