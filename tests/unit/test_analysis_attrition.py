"""Who did not finish: counted from allocation on, and tested against published and exact numbers."""

from __future__ import annotations

from collections.abc import Sequence
from math import comb

import pandas as pd
import pytest

from analysis.attrition import allocated, attrition, attrition_tests
from analysis.exclusion_words import attrition_line


def sessions(rows: Sequence[tuple[str, str | None, str | None, str | None, str]]) -> pd.DataFrame:
    """Return sessions of participant, cell, conditions, outcome and permission."""
    names = ["participant_id", "cell", "conditions", "outcome", "permission"]
    return pd.DataFrame(rows, columns=names, dtype="str")


def counts(events: dict[str, tuple[int, int]]) -> pd.DataFrame:
    """Return counts of those who did not finish, by condition; all of them permit."""
    rows = [(name, size, gone, 0) for name, (gone, size) in events.items()]
    columns = ["condition", "n_allocated", "n_not_completed", "n_not_permitted"]
    left, n = (sum(pair[i] for pair in events.values()) for i in (0, 1))
    whole = ("all", n, left, 0)
    return pd.DataFrame([*rows, whole], columns=columns)


def test_those_without_a_cell_were_not_allocated() -> None:
    """Who declined before the draw is no loss of a condition."""
    found = attrition(
        sessions(
            [
                ("sub-1", "in", "in", "completed", "granted"),
                ("sub-2", "in", "in", "stopped_by_participant", "refused"),
                ("sub-3", "out", "out", "cut_off", "unanswered"),
                ("sub-4", None, None, "declined", "unanswered"),
            ]
        ),
        ("out", "in"),
    )
    assert found["condition"].tolist() == ["out", "in", "all"]
    assert found["n_allocated"].tolist() == [1, 2, 3]
    assert found["n_not_completed"].tolist() == [1, 1, 2]
    assert found["n_not_permitted"].tolist() == [1, 1, 2]
    assert found["stopped_by_participant"].tolist() == [0, 1, 1]
    assert found["declined"].tolist() == [0, 0, 0]


def test_an_end_that_is_not_on_record_is_no_loss() -> None:
    """Ratings from elsewhere do not say how sessions ended: nobody is counted as lost, and that is said."""
    made = attrition(
        sessions([("sub-1", "in", "in", None, "granted"), ("sub-2", "out", "out", None, "granted")])
    )
    assert made["n_not_completed"].tolist() == [0, 0, 0]
    assert attrition_line(made, attrition_tests(made)) == (
        "Attrition: not known; how sessions ended is not on record. Permission refused or unanswered: 0."
    )


def test_a_participant_of_two_sessions_counts_once() -> None:
    """Unfinished where one session is, permitting where one is, of several conditions where they differ."""
    found = allocated(
        sessions(
            [
                ("sub-1", "in", "in", "completed", "granted"),
                ("sub-1", "out", "out", "fault", "unanswered"),
                ("sub-2", "in-out", "in,out", "completed", "unanswered"),
                ("sub-2", "in-out", "in,out", "completed", "refused"),
            ]
        )
    )
    assert found["participant_id"].tolist() == ["sub-1", "sub-2"]
    assert found["condition"].tolist() == ["several", "several"]
    assert found["outcome"].tolist() == ["fault", "completed"]
    assert found["permission"].tolist() == ["granted", "refused"]


@pytest.mark.parametrize(
    ("a", "b", "difference", "low", "high"),
    [
        ((56, 70), (48, 80), 0.2, 0.0524, 0.3339),
        ((9, 10), (3, 10), 0.6, 0.1705, 0.8090),
        ((10, 10), (0, 20), 1.0, 0.6791, 1.0),
    ],
)
def test_the_risk_difference_has_newcombes_interval(
    a: tuple[int, int], b: tuple[int, int], difference: float, low: float, high: float
) -> None:
    """Newcombe 1998, Stat Med 17:873, table II, examples (a), (b) and (h), method 10; `a` minus `b`."""
    row = attrition_tests(counts({"b": b, "a": a})).iloc[0]
    assert (row["a"], row["b"]) == ("a", "b")
    assert row["risk_difference"] == pytest.approx(difference)
    assert row["ci_low"] == pytest.approx(low, abs=5e-5)
    assert row["ci_high"] == pytest.approx(high, abs=5e-5)


def test_two_conditions_are_held_against_each_other_exactly() -> None:
    """Fisher's tea: 3 of 4 against 1 of 4 gives 34/70 on both sides, as by counting the tables."""
    row = attrition_tests(counts({"b": (1, 4), "a": (3, 4)})).iloc[0]
    assert row["test"] == "fisher"
    assert row["p"] == pytest.approx(34 / comb(8, 4))
    assert row["statistic"] == pytest.approx(9.0)


def test_three_conditions_have_one_test_over_all_and_one_for_each_pair() -> None:
    """Chi-square of 10, 20 and 30 of 50, by hand: 16.667 with 2 df, whose upper tail is exp(-chi/2)."""
    found = attrition_tests(counts({"c": (10, 50), "b": (20, 50), "a": (30, 50)}))
    mine = found[found["what"] == "not_completed"]
    assert mine["test"].tolist() == ["chi_square", "fisher", "fisher", "fisher"]
    # expected 20 left and 30 stayed in each: (100 + 0 + 100) / 20 + (100 + 0 + 100) / 30
    assert mine.iloc[0]["statistic"] == pytest.approx(10 + 20 / 3)
    assert mine.iloc[0]["p"] == pytest.approx(2.718281828459045 ** -(5 + 10 / 3))
    assert mine.iloc[0]["chi_square_df"] == 2
    assert mine.iloc[1:][["a", "b"]].to_numpy().tolist() == [["b", "c"], ["a", "c"], ["a", "b"]]


def test_small_cells_are_tested_by_drawing_tables() -> None:
    """0, 0 and 4 of 6: of the C(18, 4) ways only those with all four in one condition are as extreme."""
    row = attrition_tests(counts({"c": (0, 6), "b": (0, 6), "a": (4, 6)})).iloc[0]
    assert row["test"] == "chi_square_simulated"
    exact = 3 * comb(6, 4) / comb(18, 4)
    assert row["p"] == pytest.approx(exact, abs=0.004)
    again = attrition_tests(counts({"c": (0, 6), "b": (0, 6), "a": (4, 6)})).iloc[0]
    assert again["p"] == row["p"]


def test_where_nobody_left_there_is_nothing_to_test() -> None:
    """The difference is 0 with an interval; p is missing, not 1."""
    found = attrition_tests(counts({"c": (0, 6), "b": (0, 6), "a": (0, 6)}))
    assert found["p"].isna().all()
    assert (found["risk_difference"].dropna() == 0).all()
    assert found["ci_low"].notna().sum() == 6


def test_one_condition_or_nobody_gives_no_tests() -> None:
    """And no crash."""
    none = sessions([])
    assert attrition(none)["n_allocated"].tolist() == [0]
    assert attrition_tests(attrition(none)).empty
    assert attrition_tests(counts({"a": (1, 5)})).empty
    assert attrition_line(attrition(none), attrition_tests(attrition(none))) == (
        "Attrition: nobody was allocated."
    )


def test_the_line_on_the_screen_says_who_where_and_how_sure() -> None:
    """By condition, with the test over all of them."""
    made = counts({"b": (1, 4), "a": (3, 4)})
    assert attrition_line(made, attrition_tests(made)) == (
        "Attrition: of 8 allocated, 4 did not finish (b 1 of 4, a 3 of 4); Fisher's exact test p = .486. "
        "Permission refused or unanswered: 0."
    )
