"""A threshold by either method, whatever is answered: bounds, end, what it finds, what a stop does."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from statistics import fmean

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from experiment.definitions.pain import Limits, Staircase
from experiment.pain.rules import Answered, Estimate, Planned, estimate, following

LEVELS = st.integers(0, 80).map(lambda n: n / 2)
STEPS = st.integers(1, 12).map(lambda n: n / 4)


@st.composite
def limits(draw: st.DrawFn) -> Limits:
    """Draw a method of limits."""
    start, step = draw(LEVELS), draw(STEPS)
    return Limits(
        kind="limits", start=start, step=step, last=start + step * draw(st.integers(1, 9)), duration_s=1.0,
        series=draw(st.integers(1, 4)), estimate=draw(st.sampled_from(["mean", "median"])),
    )  # fmt: skip


@st.composite
def staircases(draw: st.DrawFn) -> Staircase:
    """Draw a staircase, whose bounds its steps need not fit."""
    lowest, span = draw(LEVELS), draw(st.integers(1, 30)) / 2
    reversals = draw(st.integers(2, 8))
    return Staircase(
        kind="staircase", lowest=lowest, highest=lowest + span, duration_s=1.0,
        start=lowest + span * draw(st.integers(0, 4)) / 4,
        steps=tuple(draw(st.lists(STEPS, min_size=1, max_size=4))), reversals=reversals,
        mean_of_last=draw(st.integers(2, reversals)), most=reversals + draw(st.integers(1, 20)),
    )  # fmt: skip


METHODS = limits() | staircases()
ANSWERS = st.lists(st.sampled_from(["yes", "no", "no", "no", "stop"]), min_size=1, max_size=60)


def gone_through(
    task: Limits | Staircase, answer: Callable[[Planned], Answered]
) -> tuple[list[Planned], list[Answered]]:
    """Go through a method to its end; fail where it has none."""
    planned: list[Planned] = []
    answers: list[Answered] = []
    while (new := following(task, answers)) is not None:
        assert len(planned) < task.most_stimuli(), "there are more than the file says at most"
        planned.append(new)
        answers.append(answer(new))
    return planned, answers


def in_turn(words: list[str]) -> Callable[[Planned], Answered]:
    """Return who answers with these words in turn, over and over."""
    said = 0

    def answer(planned: Planned) -> Answered:
        nonlocal said
        word = words[said % len(words)]
        said += 1
        return Answered(planned.series, planned.level, word != "no", word == "stop")

    return answer


@given(METHODS, ANSWERS)
def test_levels_stay_within_the_file_and_their_number_too(task: Limits | Staircase, words: list[str]) -> None:
    """From the lowest to the highest, and it always comes to its end (`gone_through` counts)."""
    planned, _ = gone_through(task, in_turn(words))
    low, high = task.bounds()
    assert all(low <= each.level <= high for each in planned)
    assert planned[0].series == 1


@given(METHODS, ANSWERS)
def test_nothing_is_ever_as_strong_as_what_was_stopped(task: Limits | Staircase, words: list[str]) -> None:
    """Neither the next stimulus nor any after it, in whichever series."""
    planned, answers = gone_through(task, in_turn(words))
    for number, answer in enumerate(answers):
        if answer.stopped:
            assert all(later.level < answer.level for later in planned[number + 1 :])


@given(METHODS, ANSWERS, st.lists(st.integers(-20, 20), min_size=1, max_size=9))
def test_it_ends_whatever_level_was_set_by_hand(
    task: Limits | Staircase, words: list[str], off: list[int]
) -> None:
    """A level lower than was planned, again and again, does not make it go on for ever."""
    turn, drift = in_turn(words), iter(off * 1000)

    def answer(planned: Planned) -> Answered:
        said = turn(planned)
        return Answered(
            said.series, max(planned.level + next(drift) / 4, 0.0), said.reached, said.stopped, planned.level
        )

    planned, _ = gone_through(task, answer)
    low, high = task.bounds()
    assert all(low <= each.level <= high for each in planned)


@given(limits(), ANSWERS)
def test_a_series_ascends_and_ends_with_the_first_that_is_strong_enough(
    task: Limits, words: list[str]
) -> None:
    """By one level after another; the next series begins at the start."""
    planned, answers = gone_through(task, in_turn(words))
    levels = list(task.levels())
    for before, answer, after in zip(planned, answers, planned[1:], strict=False):
        if after.series == before.series:
            assert not answer.reached
            assert levels.index(after.level) == levels.index(before.level) + 1
        else:
            assert (after.series, after.level) == (before.series + 1, task.start)


@given(METHODS, ANSWERS)
def test_an_estimate_lies_within_what_was_given(task: Limits | Staircase, words: list[str]) -> None:
    """And it is censored only where the strongest that came was not enough."""
    _, answers = gone_through(task, in_turn(words))
    found = estimate(task, answers)
    given_levels = [answer.level for answer in answers]
    if found.value is not None:
        assert min(given_levels) <= found.value <= max(given_levels)
    if found.censored:
        assert any(not answer.reached for answer in answers)
        assert found.value is not None


@given(limits(), st.floats(-1, 1.5))
def test_limits_find_a_known_threshold_within_a_step(task: Limits, where: float) -> None:
    """The first level at or above it, unless it lies beyond the last: then that, censored."""
    low, high = task.bounds()
    true = low + where * (high - low)
    _, answers = gone_through(
        task, lambda planned: Answered(planned.series, planned.level, planned.level >= true)
    )
    found = estimate(task, answers)
    if true > high:
        assert found == Estimate(high, censored=True)
        return
    assert found.value is not None
    assert not found.censored
    assert 0 <= found.value - max(true, low) <= task.step + 1e-6


@given(staircases(), st.floats(-0.5, 1.5))
def test_a_staircase_finds_a_known_threshold_within_a_step(task: Staircase, where: float) -> None:
    """Whoever answers without error: between the levels beside it, or at the bound, censored at the top."""
    true = task.lowest + where * (task.highest - task.lowest)
    _, answers = gone_through(
        task, lambda planned: Answered(planned.series, planned.level, planned.level >= true)
    )
    found = estimate(task, answers)
    if len(answers) == task.most and found.value is None:
        return  # it was too far from the start for so few stimuli
    assert found.value is not None
    widest = max(task.steps)
    if true > task.highest:
        assert found == Estimate(task.highest, censored=True)
    elif true <= task.lowest:
        assert found == Estimate(task.lowest)
    else:
        assert not found.censored
        assert abs(found.value - true) <= widest + 1e-3


def psychometric(middle: float, slope: float, chance: random.Random) -> Callable[[Planned], Answered]:
    """Return somebody to whom a level is strong enough with a logistic chance."""

    def answer(planned: Planned) -> Answered:
        p = 1 / (1 + math.exp(-slope * (planned.level - middle)))
        return Answered(planned.series, planned.level, chance.random() < p)

    return answer


@pytest.mark.parametrize("middle", [43.0, 45.2, 46.6])
def test_staircases_come_on_average_to_what_is_strong_enough_half_of_the_time(middle: float) -> None:
    """One up, one down: to the 50 % point of a noisy participant."""
    task = Staircase(
        kind="staircase", start=44.0, steps=(1.0, 0.5), lowest=40.0, highest=50.0, reversals=10,
        mean_of_last=8, most=80, duration_s=1.0,
    )  # fmt: skip
    chance = random.Random(3)
    values = []
    for _ in range(400):
        found = estimate(task, gone_through(task, psychometric(middle, 3.0, chance))[1])
        assert found.value is not None
        values.append(found.value)
    assert fmean(values) == pytest.approx(middle, abs=0.1)


@settings(max_examples=50)
@given(METHODS, ANSWERS, st.integers(0, 40))
def test_what_comes_next_follows_from_the_answers_alone(
    task: Limits | Staircase, words: list[str], count: int
) -> None:
    """So that a session that is gone through again asks for the same levels."""
    planned, answers = gone_through(task, in_turn(words))
    assert following(task, answers[:count]) == (planned[count] if count < len(planned) else None)
