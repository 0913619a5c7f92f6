"""The table of items, by hand and against pingouin."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pingouin
import pytest

from analysis import items
from experiment.definitions.measure import Measure

MEASURE = Measure.model_validate(
    {
        "title": "Two scores, made up",
        "citation": "none",
        "role": "other",
        "scale": {"kind": "likert", "low": 1, "high": 5},
        "items": (
            {"id": "one", "subscale": "first"},
            {"id": "two", "subscale": "first", "reverse": True},
            {"id": "three", "subscale": "first"},
            {"id": "alone", "subscale": "second"},
            {"id": "beside", "scale": {"kind": "vas"}},
            {"id": "which", "scale": {"kind": "choice", "options": ("a", "b")}},
        ),
        "scores": (
            {"name": "first", "mean_of_items": "first", "high_means": "more"},
            {"name": "second", "mean_of_items": "second", "high_means": "more"},
        ),
    }
)
ANSWERS: dict[str, dict[str, Any]] = {
    "sub-1": {"one": 1, "two": 5, "three": 2, "alone": 3, "beside": 12.5},
    "sub-2": {"one": 4, "two": 2, "three": 5, "alone": 3, "beside": 100.0},
    "sub-3": {"one": 5, "two": 1, "three": 4, "alone": 3, "beside": 0.0},
    "sub-4": {"one": 3, "two": None, "three": 1, "alone": 3, "beside": None},
}


def ratings(run: int = 1, condition: str = "a") -> pd.DataFrame:
    """Return a form of each participant."""
    rows = [
        (who, "ses-01", run, condition, "reflexive", "made_up", item, np.nan if value is None else value)
        for who, answers in ANSWERS.items()
        for item, value in answers.items()
    ]
    columns = ["participant_id", "session", "run", "condition", "stage", "measure", "item", "value"]
    return pd.DataFrame(rows, columns=columns)


def table(told: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of all conditions together, by item."""
    made = items.table(told, {"made_up": MEASURE})
    return made[made["condition"].isna()].set_index("item")


def test_answers_are_described_as_given() -> None:
    """Item two: 5, 2, 1 and a missing one; as given, although it is keyed reversed."""
    row = table(ratings()).loc["two"]
    assert bool(row["reverse"])
    assert (row["n"], row["n_missing"], row["low"], row["high"]) == (3, 1, 1, 5)
    assert row["mean"] == pytest.approx(8 / 3)
    assert row["sd"] == pytest.approx(np.sqrt(13 / 3))
    assert (row["median"], row["min"], row["max"]) == (2, 1, 5)
    assert (row["share_low"], row["share_high"]) == pytest.approx((1 / 3, 1 / 3))


def test_with_the_rest_after_reversal() -> None:
    """Complete are three people: one = 1, 4, 5; two reversed 1, 4, 5; three 2, 5, 4."""
    made = table(ratings())
    one, two, three = np.array([1.0, 4, 5]), np.array([1.0, 4, 5]), np.array([2.0, 5, 4])
    expected = np.corrcoef(three, one + two)[0, 1]
    assert made.loc["three", "item_rest"] == pytest.approx(expected)
    assert made.loc["three", "alpha_without"] == pytest.approx(1.0)
    pair = pd.DataFrame({"two": two, "three": three})
    assert made.loc["one", "alpha_without"] == pytest.approx(pingouin.cronbach_alpha(pair)[0])
    assert made.loc["two", "item_rest"] == pytest.approx(np.corrcoef(two, one + three)[0, 1])


def test_an_item_alone_or_of_no_score_has_no_rest() -> None:
    """It is described nevertheless; a choice has no number and no row."""
    made = table(ratings())
    assert made.index.tolist() == ["one", "two", "three", "alone", "beside"]
    assert made["subscale"].fillna("-").tolist() == ["first"] * 3 + ["second", "-"]
    assert made.loc[["alone", "beside"], ["item_rest", "alpha_without"]].isna().all(axis=None)
    assert made.loc["alone", "sd"] == 0
    assert made["n"].to_dict()["beside"] == 3
    assert made["share_high"].to_dict()["beside"] == pytest.approx(1 / 3)


def test_each_participant_counts_once() -> None:
    """The same form twice changes nothing but for the forms below."""
    once, twice = table(ratings()), table(pd.concat([ratings(), ratings(run=2)]))
    pd.testing.assert_frame_equal(once, twice)


def test_within_each_condition_has_its_rows() -> None:
    """Nothing is pooled over what a participant went through."""
    made = items.table(pd.concat([ratings(), ratings(run=2, condition="b")]), {"made_up": MEASURE})
    assert made["condition"].tolist() == ["a"] * 5 + ["b"] * 5


def test_nobody_s_answers_make_an_empty_table() -> None:
    """No form, no row, the same columns."""
    made = items.table(ratings().iloc[:0], {"made_up": MEASURE})
    assert made.empty
    assert made.columns.tolist() == items.COLUMNS
