"""Studies with pain around the session: who may take part, ceilings; simulated, read, shared."""

from __future__ import annotations

from pathlib import Path

import pytest

from analysis import dataset, results
from experiment import definitions
from experiment.booth import Press
from experiment.definitions import DefinitionError
from experiment.definitions.laboratory import Laboratory
from experiment.earlier import ENDED
from experiment.pain.preflight import check_ceilings, most_stimuli
from experiment.scenes import Form, Scene
from experiment.sharing import share
from experiment.simulate import Simulation, simulate
from experiment.study import Study, StudyError
from tests.scripted import HURTING, Sitting, click


def ill(scene: Scene, flip: float) -> list[Press] | None:
    """Answer no to the question whether one is well."""
    if isinstance(scene, Form) and scene.measure == "may_take_part":
        return [click(flip + 1, "option:no")]
    return None


def test_who_may_not_be_given_pain_is_debriefed_and_given_none(tmp_path: Path) -> None:
    """A page says so; no cell is drawn, and nothing is left to resume."""
    sitting = Sitting(tmp_path, definitions.resolve(HURTING / "hurting.toml"), instead=ill)
    assert sitting.run() == "not_eligible"
    assert not sitting.events("stimulus", "pain", "run", "cell")
    assert [event["page"] for event in sitting.events("page")] == ["not_eligible", "debriefing"]
    assert sitting.events("permission")
    assert "not_eligible" in ENDED


def agreed(
    number: int = 33, level: float = 48.0, duration_s: float = 8.0, *, device: bool = True
) -> Laboratory:
    """Return ceilings for heat, and a device that gives it."""
    heat = {"level": level, "unit": "°C", "duration_s": duration_s, "number": number, "agreed": "the tests"}
    simulated = {"stimulator": {"kind": "simulated", "modality": "heat"}} if device else {}
    return Laboratory.of_record({"ceilings": {"heat": heat}, **simulated})


REFUSED = {
    "no file": (None, "is missing; protocol 'pain_sensitivity' gives pain"),
    "number": (
        agreed(32),
        "ceilings.heat.number = 32: protocol 'pain_sensitivity' may take up to 33",
    ),
    "level": (agreed(level=46.5), "ceilings.heat.level: pain/heat_threshold.toml plans 47 °C, above the"),
    "duration": (agreed(duration_s=3.9), "ceilings.heat.duration_s = 3.9: pain/heat_threshold.toml plans"),
    "device": (agreed(device=False), "[stimulator]: there is none, but pain/heat_threshold.toml has given ="),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_plan_beyond_what_was_agreed_is_refused_before_anybody_sits_down(case: str) -> None:
    """In one line that names the file of the laboratory, its key and the task."""
    laboratory, problem = REFUSED[case]
    resolved = definitions.resolve("pain_sensitivity")
    with pytest.raises(DefinitionError, match=r"laboratory\.toml") as refused:
        check_ceilings(resolved, laboratory)
    assert problem in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_plan_within_what_was_agreed_is_taken_and_one_without_pain_asks_for_nothing() -> None:
    """Thirty stimuli of the threshold at most, and three of the game."""
    check_ceilings(definitions.resolve("pain_sensitivity"), agreed())
    check_ceilings(definitions.resolve("classic"), None)


def test_stimuli_that_only_some_have_are_counted_once() -> None:
    """Each cell comes to the water once, before the game or after it."""
    assert most_stimuli(definitions.resolve("exclusion_cold_pressor")) == {"cold": 1}
    assert most_stimuli(definitions.resolve("pain_sensitivity")) == {"heat": 33}


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    """Return a simulated study with thresholds, stimuli in the game and a strong overlap."""
    folder = tmp_path_factory.mktemp("study")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SPOT_SPOOL", str(folder / "spool"))
        return simulate(Simulation("pain_sensitivity", 36, 7, folder / "data", overlap=0.9))


def test_a_dataset_with_pain_is_read_whole(study: Study) -> None:
    """Stimuli outside the game, those within it, and the estimates as scores; no file is left out."""
    data = dataset.load(study.dataset)
    assert data.skipped == ()
    assert data.warnings == ()
    assert set(data.pain["trial_type"]) == {"stimulus", "rating", "threshold"}
    assert set(data.others["trial_type"]) >= {"pain_stimulus", "rating"}
    assert (data.others["trial_type"] == "pain_stimulus").sum() == 3 * 36
    told = data.pain[data.pain["trial_type"] == "threshold"]
    scores = results.summary(data).by_participant
    scored = scores[(scores["measure"] == "heat_threshold") & (scores["subscale"] == "threshold")]
    by_person = dict(zip(scored["participant_id"], scored["score"], strict=True))
    values = told["value"].astype(float)
    assert dict(zip(told["participant_id"], values, strict=True)) == by_person


def test_the_overlap_that_was_simulated_is_found(study: Study) -> None:
    """Who is sensitive to heat before the game is more distressed after it, with condition taken out."""
    data = dataset.load(study.dataset)
    found = results.summary(data).overlap
    pairs = found.correlations
    own = pairs[(pairs["x_measure"] == "heat_threshold") & (pairs["y_measure"] == "distress")]
    (row,) = own[own["over"] == "adjusted"].to_dict("records")
    assert row["r"] < 0
    assert row["p"] < 0.05


def test_an_overlap_without_pain_is_refused(tmp_path: Path) -> None:
    """An option that would do nothing is none."""
    with pytest.raises(StudyError, match="'demo' has no pain tasks"):
        simulate(Simulation("demo", 1, 1, tmp_path, overlap=0.5))


def test_a_shared_copy_has_the_pain_and_gives_the_same_numbers(study: Study, tmp_path: Path) -> None:
    """Every table of a pain task, checked column by column and by the validator."""
    share(study, tmp_path / "copy")
    copy, data = dataset.load(tmp_path / "copy"), dataset.load(study.dataset)
    assert copy.skipped == ()
    assert len(copy.pain) == len(data.pain) > 0
    assert list(copy.pain["level"].dropna()) == list(data.pain["level"].dropna())
    assert len(copy.others) == len(data.others)
