"""Who took part, what they chose, and what the tests take for granted."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from analysis.assumptions import assumptions
from analysis.people import answers, demographics
from experiment.definitions.measure import Measure
from experiment.definitions.reading import checked


def test_ages_are_described_and_options_counted() -> None:
    """18, 20 and 25 have mean 21 and SD sqrt(13); who gave no age is counted as missing."""
    people = pd.DataFrame(
        {
            "age": [18.0, 20.0, 25.0, np.nan],
            "gender": ["woman", "man", "woman", None],
            "handedness": ["right"] * 4,
        }
    )
    table = demographics(people).set_index(["variable", "value"])
    age = table.iloc[0].to_dict()
    assert (age["n"], age["n_missing"], age["mean"], age["median"]) == (3, 1, 21.0, 20.0)
    assert age["sd"] == pytest.approx(math.sqrt(13))
    woman = table.loc[[("gender", "woman")]]
    assert (woman["n"].item(), woman["n_missing"].item()) == (2, 1)
    assert table.loc[("handedness", "right"), "n"] == 4


def test_a_study_without_people_has_no_age() -> None:
    """Nothing is made up, and nothing fails."""
    table = demographics(pd.DataFrame({"age": [], "gender": [], "handedness": []}, dtype=float))
    assert table["n"].tolist() == [0]
    assert table["mean"].isna().all()


def check() -> Measure:
    """Return a measure with a choice, an expected answer and a free text."""
    choice = {"kind": "choice", "options": ["yes", "no"]}
    items = [
        {"id": "real", "scale": choice},
        {"id": "colour", "scale": choice, "expect": "no"},
        {"id": "odd", "scale": {"kind": "text"}},
    ]
    return checked({"title": "Check", "citation": "ours", "role": "suspicion", "items": items}, Measure)


def asked(*rows: tuple[str, str, str | None, str | None]) -> pd.DataFrame:
    """Return answers of the measure: participant, item, condition, answer."""
    frame = pd.DataFrame(rows, columns=["participant_id", "item", "condition", "answer"])
    return frame.assign(measure="check", stage="end")


def test_each_participant_is_counted_once_with_their_last_answer_and_texts_never() -> None:
    """Every option has a row, chosen or not; shares are of those who answered."""
    ratings = asked(
        ("p1", "real", None, "yes"),
        ("p1", "real", None, "no"),
        ("p2", "real", None, "no"),
        ("p3", "real", None, None),
        ("p1", "colour", "a", "no"),
        ("p1", "odd", None, "a secret"),
    )
    table = answers(ratings, {"check": check()})
    rows = table[["item", "answer", "n", "share"]].itertuples(index=False)
    assert [tuple(row) for row in rows] == [
        ("real", "yes", 0, 0.0),
        ("real", "no", 2, 1.0),
        ("colour", "yes", 0, 0.0),
        ("colour", "no", 1, 1.0),
    ]
    assert table["expected"].isna().tolist() == [True, True, False, False]
    assert table["expected"].tolist()[2:] == ["no", "yes"]


def scored(**by_condition: list[float]) -> pd.DataFrame:
    """Return a score from 1 to 5; the same participants under each condition where lengths allow."""
    rows = [
        {"participant_id": f"p{i}", "condition": name, "score": value}
        for name, values in by_condition.items()
        for i, value in enumerate(values)
    ]
    return pd.DataFrame(rows).assign(measure="needs", stage="reflexive", subscale="index", low=1.0, high=5.0)


def test_shares_at_the_ends_of_the_scale_are_counted() -> None:
    """Two of four at 1, one at 5."""
    row = assumptions(scored(a=[1.0, 1.0, 3.0, 5.0])).iloc[0]
    assert (row["share_floor"], row["share_ceiling"], row["n"]) == (0.5, 0.25, 4)


def test_shapiro_and_wilk_s_own_example_is_met() -> None:
    """Weights of 11 men, Shapiro & Wilk (1965), section 4: W = 0.79, below the 1 % point of n = 11."""
    weights = [148.0, 154, 158, 160, 161, 162, 166, 170, 182, 195, 236]
    row = assumptions(scored(a=weights)).iloc[0]
    assert row["shapiro_w"] == pytest.approx(0.79, abs=0.005)
    assert 0.001 < row["shapiro_p"] < 0.01


def test_differences_within_participants_have_a_row_of_their_own() -> None:
    """What a paired test takes for granted is the shape of the differences: 1, 2, 6 have skewness 1.46."""
    table = assumptions(scored(a=[1.0, 1.0, 2.0], b=[2.0, 3.0, 8.0]), ["a", "b"])
    pairs = table[table["condition"].isna()].iloc[0]
    assert (pairs["a"], pairs["b"], pairs["n"]) == ("b", "a", 3)
    # n / ((n - 1) (n - 2)) sum(z^3), z by the SD with n - 1: deviations -2, -1, 3, SD sqrt(7)
    assert pairs["skewness"] == pytest.approx(3 / 2 * (-8 - 1 + 27) / 7**1.5)


def test_values_without_variance_have_no_shape() -> None:
    """Nobody can tell whether a constant is normal; that is no fault."""
    row = assumptions(scored(a=[2.0, 2.0, 2.0])).iloc[0]
    assert row["sd"] == 0
    assert row[["skewness", "shapiro_w", "shapiro_p"]].isna().all()
