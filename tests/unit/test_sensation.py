"""What simulated participants feel: sensitivity that goes with distress as far as it is told to."""

from __future__ import annotations

import math

import numpy as np
import pytest

from experiment.respondent import Respondent
from experiment.scenes import Button, Form, LineScale, Page
from experiment.sensation import MIDDLE, MODALITIES, NOISE
from experiment.stimulator import Stimulus

PEOPLE = 4000


def people(overlap: float, count: int = PEOPLE) -> list[Respondent]:
    """Return participants who differ in everything but how far their two pains overlap."""
    return [Respondent(seed, {}, overlap=overlap) for seed in range(count)]


def rating(measure: str = "pain_unpleasantness", stage: str = "probe_1") -> Form:
    """Return a rating of what was just felt."""
    line = LineScale("none", "most")
    return Form(measure, stage, "item", "", "", "", line, (), 1, 1)


@pytest.mark.parametrize("overlap", [0.0, 0.5, 1.0])
def test_the_overlap_is_the_correlation_of_the_two_sensitivities(overlap: float) -> None:
    """Within five standard errors of what was told; none where none was."""
    both = np.array([(p.sensation.resilience, p.sensation.threshold("heat")) for p in people(overlap)])
    found = float(np.corrcoef(both.T)[0, 1])
    assert abs(found - overlap) < 5 * (1 - overlap**2) / math.sqrt(PEOPLE) + 1e-9
    felt = MODALITIES["heat"]
    assert abs(both[:, 1].mean() - felt.mean) < 5 * felt.sd / math.sqrt(PEOPLE)
    assert both[:, 1].std(ddof=1) == pytest.approx(felt.sd, rel=5 / math.sqrt(2 * PEOPLE))


@pytest.mark.parametrize("modality", MODALITIES)
def test_a_stimulus_at_the_threshold_is_rated_in_the_middle_and_a_stronger_one_higher(modality: str) -> None:
    """By so much for each unit, with noise about it."""
    felt = MODALITIES[modality]
    at, over = [], []
    for person in people(0.0, 400):
        level = person.sensation.threshold(modality)
        person.feel(Stimulus(modality, level, "", 1.0, 1.0))
        at.append(person.sensation.percent(rating(), "pain"))
        person.feel(Stimulus(modality, level + 10 / felt.per_unit, "", 1.0, 1.0))
        over.append(person.sensation.percent(rating(), "pain"))
    assert np.mean(np.array(at, float)) == pytest.approx(MIDDLE, abs=5 * NOISE / 20)
    assert np.mean(np.array(over, float) - np.array(at, float)) == pytest.approx(10, abs=5 * NOISE / 14)


def test_a_rating_of_something_that_does_not_hurt_knows_nothing_of_the_stimulus() -> None:
    """However strong it was."""
    weak, strong = [], []
    for person in people(1.0, 600):
        person.feel(Stimulus("heat", 30.0, "°C", 1.0, 1.0))
        weak.append(person.sensation.percent(rating("control_rating"), "control_rating"))
        person.feel(Stimulus("heat", 60.0, "°C", 1.0, 1.0))
        strong.append(person.sensation.percent(rating("control_rating"), "control_rating"))
    gap = np.array(strong, float) - np.array(weak, float)
    assert abs(gap.mean()) < 5 * gap.std(ddof=1) / math.sqrt(len(gap))


def test_what_is_no_rating_of_pain_is_left_to_the_rest_of_the_model() -> None:
    """Mood does not follow a stimulus, and later pain ratings are about that moment again."""
    (person,) = people(0.0, 1)
    person.feel(Stimulus("heat", 46.0, "°C", 1.0, 1.0))
    assert person.sensation.percent(rating("mood"), "mood") is None
    assert person.sensation.percent(rating(), "pain") is None


def test_the_simulated_experimenter_sets_what_the_program_tells() -> None:
    """The level stands in what the experimenter's screen says."""
    (person,) = people(0.0, 1)
    person.hear("stimulus 3: set the device to 350.5 kPa, type the level as it is, return")
    assert person.sensation.told == 350.5
    person.hear("stimulus 3: give it, and press return at the same moment")
    assert person.sensation.told == 350.5


def test_who_is_less_sensitive_keeps_the_hand_in_longer() -> None:
    """And first pain comes later."""
    times = np.array([(p.sensation.insensitivity(), *p.sensation.water_s()) for p in people(0.3, 600)])
    assert np.corrcoef(times[:, 0], np.log(times[:, 1]))[0, 1] > 0.99
    assert 0.6 < np.corrcoef(times[:, 0], np.log(times[:, 2]))[0, 1] < 0.95


def test_a_page_without_anything_about_pain_is_left_alone() -> None:
    """The rest of the model reads it."""
    (person,) = people(0.0, 1)
    page = Page("Welcome", ("Hello.",), (Button("button:next", "Continue"),))
    assert person.sensation.presses(page, 1.0, 1.0) is None
