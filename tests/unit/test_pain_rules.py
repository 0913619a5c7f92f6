"""Thresholds reckoned by hand: which level comes next, what the answers make, what a stop changes."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from experiment.definitions.pain import Limits, Staircase
from experiment.pain.rules import Answered, Estimate, Planned, estimate, following, reversals


def series(**changes: object) -> Limits:
    """Return two series from 44 by 1 to 47."""
    return Limits.model_validate(
        {
            "kind": "limits", "start": 44.0, "step": 1.0, "last": 47.0, "series": 2, "duration_s": 1.0,
            **changes,
        }
    )  # fmt: skip


def stairs(**changes: object) -> Staircase:
    """Return a staircase from 44, by 2 and then by 1, from 40 to 48, to four reversals."""
    return Staircase.model_validate(
        {
            "kind": "staircase", "start": 44.0, "steps": (2.0, 1.0), "lowest": 40.0, "highest": 48.0,
            "reversals": 4, "mean_of_last": 2, "most": 12, "duration_s": 1.0, **changes,
        }
    )  # fmt: skip


def answered(task: Limits | Staircase, marks: str) -> tuple[list[float], list[Answered]]:
    """Answer what comes: ``+`` strong enough, ``-`` not, ``x`` stopped. Return the levels and the answers."""
    answers: list[Answered] = []
    for mark in marks:
        planned = following(task, answers)
        assert planned is not None, "it has come to its end before"
        answers.append(Answered(planned.series, planned.level, mark != "-", mark == "x"))
    return [answer.level for answer in answers], answers


def test_the_mean_of_two_series() -> None:
    """46 and 45 are strong enough first, which makes 45.5."""
    levels, answers = answered(series(), "--+-+")
    assert levels == [44, 45, 46, 44, 45]
    assert following(series(), answers) is None
    assert estimate(series(), answers) == Estimate(45.5)


def test_the_median_of_three_series() -> None:
    """44, 47 and 45 are strong enough first: 45 in the middle, where the mean were 45.333."""
    median = series(series=3, estimate="median")
    answers = answered(median, "+---+-+")[1]
    assert estimate(median, answers) == Estimate(45.0)
    assert estimate(series(series=3), answers) == Estimate(45.333)


def test_a_series_without_an_end_is_censored() -> None:
    """It counts with its last level, and the flag says that the threshold lies above."""
    levels, answers = answered(series(), "----+")
    assert levels == [44, 45, 46, 47, 44]
    assert estimate(series(), answers) == Estimate(45.5, censored=True)


def test_a_series_that_is_broken_off_in_the_middle_does_not_count() -> None:
    """As where the laboratory's number is reached: the whole series before it is the estimate."""
    answers = answered(series(), "--+-")[1]
    assert estimate(series(), answers) == Estimate(46.0)
    assert estimate(series(), answers[:2]) == Estimate(None)
    assert estimate(series(), []) == Estimate(None)


def test_a_stop_in_a_series_keeps_the_next_below_it() -> None:
    """Stopped at 46, the second series ends at 45, and what came without is censored."""
    levels, answers = answered(series(), "--x--")
    assert levels == [44, 45, 46, 44, 45]
    assert following(series(), answers) is None
    assert estimate(series(), answers) == Estimate(45.5, censored=True)


def test_a_stop_at_the_first_level_ends_all_of_it() -> None:
    """Nothing lower is in the file."""
    answers = answered(series(), "x")[1]
    assert following(series(), answers) is None
    assert estimate(series(), answers) == Estimate(44.0)


def test_the_last_level_is_one_of_the_steps() -> None:
    """44, 44.7, 45.4, 46.1, 46.8: the next would be above 47."""
    assert series(step=0.7).levels() == (44.0, 44.7, 45.4, 46.1, 46.8)
    assert series(step=0.7).most_stimuli() == 10
    assert series(step=0.1, last=44.3).levels() == (44.0, 44.1, 44.2, 44.3)


def test_a_staircase_by_hand() -> None:
    """Up by 2 until the first reversal, then by 1; it turns at 46, 45, 47 and 46."""
    levels, answers = answered(stairs(), "-+--+-")
    assert levels == [44, 46, 45, 46, 47, 46]
    assert reversals(answers) == [46, 45, 47, 46]
    assert following(stairs(), answers) is None
    assert estimate(stairs(), answers) == Estimate(46.5)


@pytest.mark.parametrize(
    ("marks", "levels", "found"),
    [
        ("----", [44, 46, 48, 48], Estimate(48.0, censored=True)),
        ("++++", [44, 42, 40, 40], Estimate(40.0)),
    ],
)
def test_a_staircase_ends_where_it_can_go_no_further(
    marks: str, levels: Sequence[float], found: Estimate
) -> None:
    """Twice at the top without is censored; twice at the bottom is the bottom, and no more are given."""
    given, answers = answered(stairs(), marks)
    assert given == levels
    assert following(stairs(), answers) is None
    assert estimate(stairs(), answers) == found


def test_a_staircase_that_was_stopped_comes_close_and_no_closer() -> None:
    """Stopped at 46: then 45 without, and 45 once more where 46 would be next."""
    levels, answers = answered(stairs(), "-x--")
    assert levels == [44, 46, 45, 45]
    assert following(stairs(), answers) is None
    assert estimate(stairs(), answers) == Estimate(45.0, censored=True)


def test_a_staircase_that_is_stopped_at_its_bottom_ends() -> None:
    """There is no lower level."""
    answers = answered(stairs(start=40.0), "x")[1]
    assert following(stairs(start=40.0), answers) is None
    assert estimate(stairs(start=40.0), answers) == Estimate(None)


def test_too_few_reversals_make_no_estimate() -> None:
    """One, where the mean of two was asked for; with the second there is one."""
    answers = answered(stairs(), "-+-")[1]
    assert estimate(stairs(), answers[:2]) == Estimate(None)
    assert estimate(stairs(), answers) == Estimate(45.5)


def test_a_level_by_hand_counts_as_it_is_and_leads_on_as_planned() -> None:
    """44.5 was set for 44, 44.5 again for 45: the estimate has what was set, the next is what comes after."""
    answers = [
        Answered(1, 44.5, reached=False, planned=44.0),
        Answered(1, 44.5, reached=False, planned=45.0),
    ]
    assert following(series(), answers) == Planned(1, 46.0)
    answers.append(Answered(1, 45.8, reached=True, planned=46.0))
    assert estimate(series(series=1), answers) == Estimate(45.8)
