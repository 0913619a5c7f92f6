"""What must hold of every score and comparison, whatever the numbers."""

from __future__ import annotations

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from analysis import compare, describe
from analysis.bounds import BOUNDS, flags
from analysis.composites import pomp, received_scores, threat
from analysis.frames import SCORE
from analysis.scores import reverse, score
from analysis.timing import NUMBERS, with_errors
from experiment.definitions.measure import Measure
from experiment.definitions.reading import parse

LIKERT = """
title = "Six items"
citation = "none"
role = "need_satisfaction"
scale = { kind = "likert", low = 1, high = 5 }
items = [
  { id = "a" }, { id = "b", reverse = true }, { id = "c" },
  { id = "d", reverse = true }, { id = "e" }, { id = "f" },
]
scores = [{ name = "index", mean_of_items = "all", max_missing = 2, high_means = "more" }]
"""
MEASURE = parse(LIKERT, Measure, None)
ANSWERS = st.lists(
    st.lists(st.one_of(st.integers(1, 5), st.none()), min_size=6, max_size=6), min_size=1, max_size=8
)
SCORES = st.lists(st.one_of(st.floats(1, 5), st.just(3.0), st.just(float("nan"))), min_size=1, max_size=12)


def ratings(answers: list[list[int | None]]) -> pd.DataFrame:
    """Return a ratings frame: a row of six answers per participant."""
    return pd.DataFrame(
        [
            {
                "participant_id": f"sub-{person}",
                "stage": "reflexive",
                "condition": "exclusion" if person % 2 else "inclusion",
                "measure": "six",
                "item": item,
                "value": np.nan if value is None else float(value),
            }
            for person, row in enumerate(answers)
            for item, value in zip("abcdef", row, strict=True)
        ]
    )


def frame(a: list[float], b: list[float]) -> pd.DataFrame:
    """Return a scores frame of two groups."""
    rows = [("a", f"sub-a{i}", value) for i, value in enumerate(a)]
    rows += [("b", f"sub-b{i}", value) for i, value in enumerate(b)]
    made = pd.DataFrame(rows, columns=["condition", "participant_id", "score"])
    return made.assign(measure="m", stage="s", subscale="index")


@given(x=st.floats(-50, 100), low=st.integers(-50, 0), width=st.integers(1, 100))
def test_reversal_undoes_itself(x: float, low: int, width: int) -> None:
    """Reversed twice is where it was; the ends change places."""
    values = np.array([x, low, low + width])
    once = reverse(values, low, low + width)
    np.testing.assert_allclose(reverse(once, low, low + width), values, atol=1e-9)
    assert (once[1], once[2]) == (low + width, low)


@given(answers=ANSWERS)
def test_scores_stay_within_their_bounds(answers: list[list[int | None]]) -> None:
    """Within low and high, 0 and 100, and missing exactly where more items are missing than may be."""
    made = score(ratings(answers), {"six": MEASURE})
    found = made.set_index("participant_id")
    for person, row in enumerate(answers):
        one = found.loc[f"sub-{person}"]
        assert one["n_missing"] == row.count(None)
        assert np.isnan(one["score"]) == (row.count(None) > 2)
    inside = made["score"].dropna()
    assert inside.between(1, 5).all()
    assert pomp(made)["score"].dropna().between(0, 100).all()
    np.testing.assert_allclose(threat(made)["score"], 6 - made["score"])


@given(answers=ANSWERS, seed=st.integers(0, 99))
def test_the_order_of_rows_changes_nothing(answers: list[list[int | None]], seed: int) -> None:
    """Items may come in any order, as the participant saw them."""
    made = ratings(answers)
    shuffled = made.sample(frac=1, random_state=seed)
    pd.testing.assert_frame_equal(score(made, {"six": MEASURE}), score(shuffled, {"six": MEASURE}))


LIMITS = [(f"{name}_low", f"{name}_high") for name in ("ci", "d", "g", "ci90")]


@given(a=SCORES, b=SCORES, seed=st.integers(0, 99))
def test_swapping_the_conditions_turns_the_sign(a: list[float], b: list[float], seed: int) -> None:
    """between(a, b) is -between(b, a), limits changing places; the order of rows is nothing to it."""
    made = frame(a, b)
    one = compare.between(made, "a", "b").iloc[0]
    two = compare.between(made.sample(frac=1, random_state=seed), "b", "a").iloc[0]
    for name in ("difference", "t", "d", "g", "student_t", "rank_biserial"):
        np.testing.assert_allclose(one[name], -two[name], rtol=1e-9, atol=1e-9)
    for low, high in LIMITS:
        np.testing.assert_allclose(one[low], -two[high], rtol=1e-7, atol=1e-9)
    for same in ("p", "df", "student_p", "u_p", "log10_bf10", "bound", "tost_p"):
        np.testing.assert_allclose(one[same], two[same], rtol=1e-9, atol=1e-12)


@given(a=SCORES, seed=st.integers(0, 99))
def test_paired_comparison_turns_with_its_conditions(a: list[float], seed: int) -> None:
    """within(a, b) is -within(b, a)."""
    rng = np.random.default_rng(seed)
    made = frame(a, list(np.array(a) + rng.normal(size=len(a))))
    made["participant_id"] = made["participant_id"].str.replace("sub-[ab]", "sub-", regex=True)
    one, two = (compare.within(made, *pair).iloc[0] for pair in (("a", "b"), ("b", "a")))
    for name in ("difference", "t", "d_z", "d_av"):
        np.testing.assert_allclose(one[name], -two[name], rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(one["d_z_low"], -two["d_z_high"], rtol=1e-7, atol=1e-9)
    np.testing.assert_allclose(one["d_av_low"], -two["d_av_high"], rtol=1e-7, atol=1e-9)
    for same in ("log10_bf10", "tost_p"):
        np.testing.assert_allclose(one[same], two[same], rtol=1e-7, atol=1e-9)
    assert one["n"] + one["n_left_out"] == len(a)


@given(a=SCORES, b=SCORES)
def test_everybody_is_counted(a: list[float], b: list[float]) -> None:
    """Counted and missing add up to the participants; the mean lies within its interval."""
    table = describe.by_condition(frame(a, b)).set_index("condition")
    assert list(table["n"] + table["n_missing"]) == [len(a), len(b)]
    known = table[table["n"] > 1]
    assert (known["ci_low"] <= known["mean"]).all()
    assert (known["mean"] <= known["ci_high"]).all()
    assert list(table.reset_index().columns[:1]) == ["condition"]
    assert set(SCORE) <= set(table.columns)


TIMES = st.one_of(st.floats(0, 1000), st.just(float("nan")))


@given(rows=st.lists(st.tuples(*[TIMES] * len(NUMBERS)), max_size=12), shift=st.floats(-100, 100))
def test_errors_of_throws_keep_every_row(rows: list[tuple[float, ...]], shift: float) -> None:
    """No row goes, no column changes; an error is there where both its times are, and moves with neither."""
    throws = pd.DataFrame(rows, columns=list(NUMBERS), dtype=float)
    found = with_errors(throws)
    pd.testing.assert_frame_equal(found[list(NUMBERS)], throws)
    whole = ~(throws["interrupted"] > 0)
    assert (found["onset_error"].notna() == throws[["onset", "onset_planned"]].notna().all(axis=1)).all()
    assert (
        found["pause_error"].notna() == (throws[["pause", "pause_planned"]].notna().all(axis=1) & whole)
    ).all()
    moved = with_errors(
        throws.assign(onset=throws["onset"] + shift, onset_planned=throws["onset_planned"] + shift)
    )
    np.testing.assert_allclose(moved["onset_error"], found["onset_error"], atol=1e-9)


VALUES = st.fixed_dictionaries(
    {
        bound.column: st.sampled_from([*bound.limit, "other", None])
        if isinstance(bound.limit, tuple)
        else st.one_of(st.floats(-1000, 1000), st.just(float("nan")))
        for bound in BOUNDS
    }
)


@given(sessions=st.lists(VALUES, min_size=1, max_size=6), worse=st.floats(1, 10))
def test_a_session_is_flagged_by_its_own_numbers_alone(
    sessions: list[dict[str, object]], worse: float
) -> None:
    """Others beside it are nothing to it, and larger errors never take a flag away."""
    whole = flags(pd.DataFrame(sessions)).fillna("")
    alone = [flags(pd.DataFrame([session])).fillna("").iloc[0] for session in sessions]
    assert whole.tolist() == alone
    larger = [
        {name: value * worse if isinstance(value, float) else value for name, value in session.items()}
        for session in sessions
    ]
    for before, after in zip(whole, flags(pd.DataFrame(larger)).fillna(""), strict=True):
        assert set(before.split(",")) - {""} <= set(after.split(","))


RUNS = st.lists(st.tuples(st.integers(0, 20), st.integers(1, 3)), min_size=1, max_size=8)


@given(given_runs=RUNS)
def test_every_place_has_one_score_that_of_its_last_run(given_runs: list[tuple[int, int]]) -> None:
    """However often a run was begun again; one in which nobody threw gives none."""
    places = sorted(place for _, place in given_runs)
    runs = pd.DataFrame(
        [
            ("sub-1", "ses-01", i, f"c{place}", throws, min(throws, i), place)
            for i, ((throws, _), place) in enumerate(zip(given_runs, places, strict=True), 1)
        ],
        columns=["participant_id", "session", "run", "condition", "throws", "receptions", "place"],
    )
    made = received_scores(runs).set_index("condition")
    last = {row["condition"]: row for row in runs.to_dict("records") if row["throws"] > 0}
    assert set(made.index) == set(last)
    for name, row in last.items():
        assert made.loc[name, "run"] == row["run"]
        assert made.loc[name, "score"] == 100 * row["receptions"] / row["throws"]
