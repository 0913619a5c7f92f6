"""How many participants it takes: against published tables, and the simulation against the formula."""

from __future__ import annotations

import math
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis import power
from analysis.errors import WrongRequestError
from analysis.frames import Floats
from analysis.power import (
    NO_POOL,
    Question,
    curve,
    needed,
    pool_of,
    reached,
    significant,
    sizes,
    standardised,
)
from experiment import cli


@pytest.mark.parametrize(
    ("d", "at_80", "at_90"),
    [(0.2, 394, 527), (0.5, 64, 86), (0.8, 26, 34), (1.4, 10, 12)],
)
def test_two_groups_take_as_many_as_the_tables_say(d: float, at_80: int, at_90: int) -> None:
    """Per group, two-sided .05: Cohen (1988), table 2.4.1 for .20, .50 and .80 (393 there, before rounding
    up); G*Power 3.1 for all four.
    """
    assert (needed(Question("between", d), 0.8), needed(Question("between", -d), 0.9)) == (at_80, at_90)


@pytest.mark.parametrize(("d_z", "at_80", "at_90"), [(0.2, 199, 265), (0.5, 34, 44), (0.52, 32, 41)])
def test_pairs_take_as_many_as_the_tables_say(d_z: float, at_80: int, at_90: int) -> None:
    """Difference between two dependent means, G*Power 3.1."""
    assert (needed(Question("within", d_z), 0.8), needed(Question("within", d_z), 0.9)) == (at_80, at_90)


@pytest.mark.parametrize(("r", "at_80", "at_90"), [(0.2, 194, 259), (0.3, 85, 113), (0.5, 30, 38)])
def test_correlations_take_as_many_as_the_formula_of_fisher_says(r: float, at_80: int, at_90: int) -> None:
    """((1.96 + 0.8416) / atanh .3)^2 + 3 = 84.9, by hand; likewise the others."""
    assert (needed(Question("correlation", r), 0.8), needed(Question("correlation", r), 0.9)) == (
        at_80,
        at_90,
    )


def test_what_a_correlation_is_adjusted_for_costs_as_many_participants() -> None:
    """Each a degree of freedom."""
    plain, adjusted = Question("correlation", 0.3), Question("correlation", 0.3, adjusted=4)
    assert needed(adjusted, 0.8) == needed(plain, 0.8) + 4


def test_without_an_effect_one_test_in_twenty_is_significant() -> None:
    """Two groups, pairs, drawn from one population: the level of the test comes out."""
    scores = np.random.default_rng(3).normal(50, 10, 400)
    same = np.stack([scores, scores])
    count = significant(Question("between", 0.5), same, 30, 20_000, seed=1)
    assert count / 20_000 == pytest.approx(0.05, abs=0.006)
    swapped = np.stack([np.concatenate([scores, scores[::-1]]), np.concatenate([scores[::-1], scores])])
    count = significant(Question("within", 0.5), swapped, 30, 20_000, seed=1)
    assert count / 20_000 == pytest.approx(0.05, abs=0.006)


def normal(n: int, mean: float) -> Floats:
    """Return a sample whose mean and standard deviation are exact."""
    drawn = np.random.default_rng(7).normal(size=n)
    sample: Floats = mean + (drawn - drawn.mean()) / drawn.std(ddof=1)
    return sample


def test_the_simulation_agrees_with_the_formula_where_its_assumptions_hold() -> None:
    """Normal scores with the same spread: within three standard errors, for each of the tests."""
    between = np.stack([normal(4000, 0.5), normal(4000, 0.0)])
    assert standardised("between", between) == pytest.approx(0.5)
    other = np.random.default_rng(1).normal(size=4000)
    within = np.stack([normal(4000, 0.5) + other, other])
    assert standardised("within", within) == pytest.approx(0.5)
    asked = [
        (Question("between", 0.5), between, 64),
        (Question("within", 0.5), within, 34),
        (Question("correlation", 0.3), NO_POOL, 85),
        (Question("correlation", 0.3, adjusted=5), NO_POOL, 90),
    ]
    for question, pool, n in asked:
        share = significant(question, pool, n, 20_000, seed=5) / 20_000
        assert share == pytest.approx(power.power(question, n), abs=0.012), question


def test_the_same_seed_draws_the_same_studies() -> None:
    """Another one draws others."""
    pool = np.stack([normal(100, 0.5), normal(100, 0.0)])
    question = Question("between", 0.5)
    first = significant(question, pool, 20, 5_000, seed=1)
    assert first == significant(question, pool, 20, 5_000, seed=1)
    assert first != significant(question, pool, 20, 5_000, seed=2)


def test_scores_that_are_missing_are_not_drawn() -> None:
    """Between each condition has its own participants; within only whole pairs count."""
    pool = np.array([[5.0, 6.0, 7.0, np.nan, np.nan, np.nan], [np.nan, np.nan, np.nan, 1.0, 2.0, 3.0]])
    assert significant(Question("between", 1.0), pool, 20, 500, seed=1) == 500
    pairs = np.array([[5.0, 6.5, 7.0, np.nan], [1.0, 2.0, 3.0, 99.0]])
    assert significant(Question("within", 1.0), pairs, 20, 500, seed=1) == 500


def test_a_curve_holds_the_sizes_that_are_asked_about() -> None:
    """It grows, by formula, from about .3 to beyond the largest power; nothing is made up where none ran."""
    question = Question("between", 0.5)
    counts = sizes(question, (0.8, 0.9))
    table = curve(question, counts, None, 0)
    assert {64, 86} <= set(counts)
    assert table["power_formula"].is_monotonic_increasing
    assert table["power_formula"].iloc[0] == pytest.approx(0.3, abs=0.02)
    assert table["power_formula"].iloc[-1] > 0.95
    assert table["power_simulated"].isna().all()
    assert math.isnan(reached(table, 0.8))


def test_where_a_simulated_curve_crosses_is_read_between_its_points() -> None:
    """By hand: .6 to .9 over 20 participants, so .8 lies at 33.3; a dip is levelled first."""
    table = curve(Question("between", 0.5), [10, 20, 40], [300, 600, 900], 1000)
    assert reached(table, 0.8) == pytest.approx(20 + 20 * 2 / 3)
    assert reached(table, 0.6) == pytest.approx(20)
    assert math.isnan(reached(table, 0.95))
    dipped = curve(Question("between", 0.5), [10, 20, 30, 40], [500, 700, 500, 900], 1000)
    assert reached(dipped, 0.75) == pytest.approx(35)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: Question("between", 0.0), "d = 0: between 0 and 10 is allowed"),
        (lambda: Question("correlation", 1.0), "r = 1: between 0 and 1 is allowed"),
        (lambda: Question("within", 0.5, alpha=0.7), "alpha = 0.7: between 0 and 0.5 is allowed"),
        (lambda: needed(Question("within", 0.5), 1.0), r"power 1: between alpha \(0.05\) and 1 is allowed"),
        (lambda: needed(Question("between", 0.001), 0.9), "takes more than a million participants"),
    ],
)
def test_what_cannot_be_asked_is_refused_in_a_line(make: object, said: str) -> None:
    """Nothing is clamped."""
    with pytest.raises(WrongRequestError, match=said):
        make()  # type: ignore[operator]


def test_a_score_that_nobody_has_is_named_with_those_that_there_are() -> None:
    """And a condition likewise."""
    rows = [(f"sub-{i}", "mood", "index", "reflexive", "ab"[i % 2], float(i)) for i in range(8)]
    columns = ["participant_id", "measure", "subscale", "stage", "condition", "score"]
    scores = pd.DataFrame(rows, columns=columns)
    with pytest.raises(WrongRequestError, match=r"no score hurt:index:reflexive .* mood:index:reflexive"):
        pool_of(scores, ("hurt", "index", "reflexive"), ("a", "b"))
    with pytest.raises(WrongRequestError, match="no condition 'c' for this score; there are: a, b"):
        pool_of(scores, ("mood", "index", "reflexive"), ("a", "c"))
    pool = pool_of(scores, ("mood", "index", "reflexive"), ("b", "a"))
    assert standardised("between", pool) == pytest.approx(1 / np.std([0, 2, 4, 6], ddof=1))


def spot(words: list[str], monkeypatch: pytest.MonkeyPatch) -> int:
    """Run the command line and return its exit code."""
    monkeypatch.setattr(sys, "argv", ["spot", *words])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    return int(ended.value.code or 0)


def test_a_protocol_is_simulated_until_it_shows_the_effect(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The answer stands on the screen and in files; the size by simulation lies near that by formula."""
    words = ["power", "demo", "--effect", "1.5", "--pool", "20", "--studies", "500", "--jobs", "1"]
    assert spot([*words, "--out", str(tmp_path)], monkeypatch) == 0
    shown = capsys.readouterr()
    assert "distress (index, reflexive)" in shown.out
    assert "d = 1.50" in shown.out
    table = pd.read_csv(tmp_path / "power.tsv", sep="\t")
    assert (table["n_studies"] == 500).all()
    assert (table["power_simulated"] - table["power_formula"]).abs().max() < 0.12
    assert sorted(file.name for file in tmp_path.iterdir()) == [
        f"power.{kind}" for kind in ("json", "pdf", "png", "svg", "tsv")
    ]


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["power"], 2, "give PROTOCOL and --effect D, or --correlation R alone"),
        (
            ["power", "demo", "--correlation", "0.3"],
            2,
            "give PROTOCOL and --effect D, or --correlation R alone",
        ),
        (["power", "--effect", "0.5"], 2, "PROTOCOL is missing; see 'spot power --help'"),
        (["power", "demo", "--effect", "0.5", "--adjusted", "2"], 2, "--adjusted goes with --correlation"),
        (["power", "demo", "--effect", "0.5", "--on", "mood"], 2, "--on mood: measure:score:stage is needed"),
        (["power", "demo", "--effect", "0.5", "--a", "x"], 2, "--a x: no such condition; there are: "),
        (["power", "demo", "--effect", "-9", "--formula", "-n", "1"], 2, "-n: 2 or more is allowed"),
        (["power", "demo", "--effect", "11"], 2, "d = 11: between 0 and 10 is allowed"),
    ],
)
def test_a_mistake_is_one_plain_line(
    words: list[str],
    code: int,
    said: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """With what is allowed, on the stream for that."""
    assert spot(words, monkeypatch) == code
    shown = capsys.readouterr()
    assert shown.err.startswith(f"spot: {said}")
    assert shown.err.count("\n") == 1
