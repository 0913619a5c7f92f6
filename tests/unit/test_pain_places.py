"""Where stimuli fall in a game, and what of a protocol with pain is refused, in which words."""

from __future__ import annotations

import dataclasses
import re
import shutil
import tomllib
from pathlib import Path

import pytest

from experiment import definitions
from experiment.definitions import DefinitionError, Game
from experiment.definitions.command import below, command
from experiment.definitions.laboratory import Laboratory
from experiment.definitions.pain import Pain
from experiment.definitions.places import places
from experiment.pain.preflight import check_ceilings
from tests.scripted import HURTING, game
from tests.unit.test_pain_stops import CEILINGS, protocol

SOURCE = HURTING.parent


def probe(**task: object) -> Pain:
    """Return stimuli of 1.5 s with a rest of 1 s."""
    table: dict[str, object] = {
        "kind": "probe", "duration_s": 1.5, "level": 300.0, "ratings": ("unpleasant",), **task,
    }  # fmt: skip
    return Pain.model_validate(
        {
            "title": "Probe", "source": "none", "modality": "pressure", "unit": "kPa", "given": "hand",
            "rest_s": 1.0, "task": table,
        }
    )  # fmt: skip


def by_throws(throws: int = 20) -> Game:
    """Return a game whose throws take 1 s each, half of it the flight."""
    return game([{"throws": throws, "receptions": 2}])


def test_after_throws_are_where_the_file_says() -> None:
    """With about the time that is left after each."""
    found = places(probe(after_throws=(5, 12)), by_throws())
    assert [(p.number, p.after_throw, p.at_s, p.before_end_s) for p in found] == [
        (1, 5, None, 15.0),
        (2, 12, None, 8.0),
    ]


def test_in_the_last_seconds_of_throws_they_are_spread_in_equal_steps() -> None:
    """Three in the last 9 s: 9, 6 and 3 s before the end, that is after throws 11, 14 and 17."""
    found = places(probe(number=3, in_last_s=9.0), by_throws())
    assert [p.after_throw for p in found] == [11, 14, 17]
    assert [p.before_end_s for p in found] == [9.0, 6.0, 3.0]


def test_a_throw_that_does_not_fit_exactly_is_the_one_before() -> None:
    """9.5 s before the end lies within throw 11: after throw 10 the last is 10 s from the end."""
    assert [p.after_throw for p in places(probe(number=2, in_last_s=9.5), by_throws())] == [10, 15]


def test_in_the_last_seconds_of_a_timed_game_they_come_by_the_clock() -> None:
    """Two in the last 8 s of 30: at 22 s and 26 s, whatever is thrown."""
    timed = game([{"probability": 0.3}], duration_s=30.0)
    found = places(probe(number=2, in_last_s=8.0), timed)
    assert [(p.after_throw, p.at_s, p.before_end_s) for p in found] == [(None, 22.0, 8.0), (None, 26.0, 4.0)]


def test_the_pauses_of_each_phase_count() -> None:
    """With a pause of 1.5 s in the second phase, throws there take 2 s."""
    two = game(
        [
            {"throws": 10, "receptions": 2},
            {"throws": 5, "receptions": 0, "pause": {"kind": "fixed", "value_s": 1.5}},
        ]
    )
    assert [p.before_end_s for p in places(probe(after_throws=(8, 12)), two)] == [12.0, 6.0]


@pytest.mark.parametrize(
    ("task", "of", "says"),
    [
        (
            {"after_throws": (5, 20)}, by_throws(),
            "after_throws names throw 20: the run has 20 throws; at most 19",
        ),
        (
            {"after_throws": (5, 7)}, by_throws(),
            "stimulus 2 would be due about 2.0 s after stimulus 1, but stimulus and rest take 2.5 s "
            "(duration_s and rest_s)",
        ),
        (
            {"after_throws": (5,)}, game([{"probability": 0.3}], duration_s=30.0),
            "after_throws needs a game that ends by throws, with nobody who may leave; give in_last_s",
        ),
        (
            {"number": 2, "in_last_s": 20.0}, by_throws(),
            "in_last_s = 20: the whole run takes about 20 s",
        ),
        (
            {"number": 9, "in_last_s": 6.0}, by_throws(),
            "in_last_s = 6 holds fewer than 9 throws after which a stimulus could begin",
        ),
        (
            {"number": 2, "in_last_s": 30.0}, game([{"probability": 0.3}], duration_s=30.0),
            "in_last_s = 30: the whole run takes 30 s",
        ),
        (
            {"number": 3, "in_last_s": 6.0}, game([{"probability": 0.3}], duration_s=30.0),
            "stimulus 2 would be due about 2.0 s after stimulus 1, but stimulus and rest take 2.5 s "
            "(duration_s and rest_s)",
        ),
        (
            {"number": 2, "in_last_s": 8.0},
            game(
                [{"throws": 5, "receptions": 1}, {"duration_s": 9.0, "probability": 0.2}],
            ),
            "in_last_s needs a game whose end is known: by throws, or all of it by time, with nobody who may "
            "leave",
        ),
    ],
)  # fmt: skip
def test_what_does_not_fit_into_a_game_is_refused(task: dict[str, object], of: Game, says: str) -> None:
    """With the reason, to the letter."""
    with pytest.raises(ValueError, match=f"^{re.escape(says)}$"):
        places(probe(**task), of)


REFUSED = {
    case["what"]: case
    for case in tomllib.loads((SOURCE.parent / "refused.toml").read_text(encoding="utf-8"))["refused"]
}


@pytest.mark.parametrize("what", REFUSED)
def test_a_protocol_whose_pain_does_not_fit_is_refused(
    what: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """File, place, value, way out."""
    monkeypatch.chdir(tmp_path)
    case = REFUSED[what]
    folder = tmp_path / "conditions"
    shutil.copytree(SOURCE, folder)
    for change in case["changes"]:
        file = folder / change["file"]
        text = file.read_text(encoding="utf-8")
        assert text.count(change["old"]) == 1, change
        file.write_text(text.replace(change["old"], change["new"]), encoding="utf-8")
    with pytest.raises(DefinitionError) as refused:
        definitions.resolve(folder / "protocols" / f"{case['protocol']}.toml")
    assert refused.value.problem == case["says"]
    assert refused.value.problem.isprintable()


def laboratory(**changes: object) -> Laboratory:
    """Return a laboratory with a device on a line that is told tenths of a degree."""
    serial: dict[str, object] = {
        "kind": "serial", "modality": "heat", "port": "COM3", "baud": 9600,
        "start": "START {level:.1f} {duration_ms:d}", "stop": "STOP", **changes,
    }  # fmt: skip
    return Laboratory.of_record({"ceilings": CEILINGS, "stimulator": serial})


def test_levels_that_a_device_could_only_be_told_rounded_are_refused_beforehand() -> None:
    """A quarter of a degree, where its command has tenths; by name of file and level."""
    resolved = protocol("hurting")
    check_ceilings(resolved, laboratory())
    ramp = resolved.pain["ramp"].model_dump(exclude_none=True)
    ramp["task"]["step"] = 0.25
    resolved = dataclasses.replace(resolved, pain={**resolved.pain, "ramp": Pain.model_validate(ramp)})
    with pytest.raises(DefinitionError) as refused:
        check_ceilings(resolved, laboratory())
    assert refused.value.problem == (
        'stimulator.start = "START {level:.1f} {duration_ms:d}": pain/ramp.toml needs 44.25 °C; '
        "{level:.1f} would write 44.2 for 44.25"
    )


@pytest.mark.parametrize(
    ("start", "level", "told"),
    [
        ("{level:.1f}", 45.75, 45.7),
        ("{level:.1f}", 45.7, 45.7),
        ("{level:.1f}", 0.1 + 0.2, 0.3),
        ("{level:.0f}", 45.75, 45.0),
        ("{level:05.2f}", 45.757, 45.75),
        ("{level}", 45.757, 45.757),
    ],
)
def test_a_level_that_follows_from_a_threshold_is_rounded_down_to_what_can_be_told(
    start: str, level: float, told: float
) -> None:
    """Never up; a device can then be told exactly that."""
    assert below(start, level) == pytest.approx(told, abs=1e-9)
    assert command(start, below(start, level), 1.0)


def test_whatever_a_protocol_may_give_is_counted_against_the_ceiling() -> None:
    """Two series of nine levels and two probes are twenty stimuli of heat; nineteen are too few."""
    resolved = protocol("hurting")
    for number, good in ((20, True), (19, False)):
        of_record = Laboratory.of_record(
            {
                "ceilings": {**CEILINGS, "heat": {**CEILINGS["heat"], "number": number}},
                "stimulator": {"kind": "simulated", "modality": "heat"},
            }
        )
        if good:
            check_ceilings(resolved, of_record)
            continue
        with pytest.raises(DefinitionError, match="may take up to 20 stimuli of heat in a session"):
            check_ceilings(resolved, of_record)
