"""Omega against published and exact solutions, alpha by condition, and why there is no number."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import pingouin
import pytest

from analysis import reliability
from analysis.dataset import load
from analysis.omega import NoFactorError, fit, omega, one_factor
from experiment.definitions.library import CONDITIONS
from experiment.definitions.measure import Measure
from experiment.definitions.reading import read

HURT = read(CONDITIONS / "measures" / "hurt.toml", Measure)
EXAMPLE = Path(__file__).parents[2] / "data" / "example"
Grid = npt.NDArray[np.float64]

ABILITY = np.array(
    [
        [24.641, 5.991, 33.520, 6.023, 20.755, 29.701],
        [5.991, 6.700, 18.137, 1.782, 4.936, 7.204],
        [33.520, 18.137, 149.831, 19.424, 31.430, 50.753],
        [6.023, 1.782, 19.424, 12.711, 4.757, 9.075],
        [20.755, 4.936, 31.430, 4.757, 52.604, 66.762],
        [29.701, 7.204, 50.753, 9.075, 66.762, 135.292],
    ]
)
"""Covariances of six ability tests (Smith & Whetton 1988), as R's ``ability.cov`` has them."""


def with_covariance(wanted: Grid, n: int, seed: int = 1) -> Grid:
    """Return n answers whose sample covariance is exactly this."""
    z = np.random.default_rng(seed).normal(size=(n, len(wanted)))
    z -= z.mean(axis=0)
    white = z @ np.linalg.inv(np.linalg.cholesky(np.cov(z, rowvar=False))).T
    return np.asarray(white @ np.linalg.cholesky(wanted).T)


def ratings(answers: Grid, conditions: list[str], people: list[str] | None = None) -> pd.DataFrame:
    """Return forms of the three items of hurt feelings."""
    names = people or [f"sub-{i}" for i in range(len(answers))]
    rows = [
        (who, "ses-01", run, "hurt", "reflexive", condition, item.id, value)
        for run, (who, condition, row) in enumerate(zip(names, conditions, answers, strict=True))
        for item, value in zip(HURT.items, row, strict=True)
    ]
    columns = ["participant_id", "session", "run", "measure", "stage", "condition", "item", "value"]
    return pd.DataFrame(rows, columns=columns)


def test_one_factor_is_that_of_r() -> None:
    """``factanal(factors = 1, covmat = ability.cov)`` prints these numbers (R's own example)."""
    sd = np.sqrt(np.diag(ABILITY))
    loadings, unique = fit(ABILITY / np.outer(sd, sd))
    assert np.round(loadings, 3).tolist() == [0.682, 0.384, 0.502, 0.300, 0.877, 0.849]
    assert np.round(unique, 3).tolist() == [0.535, 0.853, 0.748, 0.910, 0.232, 0.280]


def test_omega_of_three_items_in_closed_form() -> None:
    """Three items fit exactly: the square of loading 1 is cov12 cov13 / cov23, and so on."""
    covariance = np.array([[2.0, 0.8, 0.6], [0.8, 1.5, 0.5], [0.6, 0.5, 1.0]])
    loadings = np.sqrt([0.8 * 0.6 / 0.5, 0.8 * 0.5 / 0.6, 0.6 * 0.5 / 0.8])
    unique = np.diag(covariance) - loadings**2
    expected = loadings.sum() ** 2 / (loadings.sum() ** 2 + unique.sum())
    assert omega(with_covariance(covariance, 60)).value == pytest.approx(expected, abs=1e-6)


def test_omega_is_alpha_where_loadings_are_equal_and_more_elsewhere() -> None:
    """Alpha is a lower bound, reached by equal loadings only (McDonald 1999)."""
    equal = with_covariance(np.full((5, 5), 0.4) + np.diag([0.6, 0.8, 0.7, 0.5, 0.9]), 80)
    assert omega(equal).value == pytest.approx(reliability.alpha_of(equal)[0], abs=1e-6)
    loadings = np.array([0.9, 0.8, 0.5, 0.3, 0.2])
    unequal = with_covariance(np.outer(loadings, loadings) + np.diag(1 - loadings**2), 80)
    assert omega(unequal).value > reliability.alpha_of(unequal)[0] + 0.01


def test_omega_s_interval_is_that_of_a_bootstrap() -> None:
    """400 resamples, seed 5: limits within .02, for answers in five steps."""
    rng = np.random.default_rng(5)
    answers = np.clip(np.round(2 + rng.normal(size=(150, 1)) + rng.normal(size=(150, 5))), 1, 5)
    found = omega(answers)
    again = [omega(answers[rng.integers(0, 150, 150)]).value for _ in range(400)]
    assert (found.low, found.high) == pytest.approx(tuple(np.quantile(again, [0.025, 0.975])), abs=0.02)
    assert found.low < found.value < found.high


@pytest.mark.parametrize(
    ("answers", "why"),
    [
        (np.ones((20, 2)), "fewer than 3 items"),
        (np.eye(4), "no more participants than items"),
        (np.column_stack([np.arange(9.0), np.arange(9.0) % 4, np.ones(9)]), "an item does not vary"),
        (
            np.column_stack([np.arange(9.0) % 4, np.arange(9.0), np.arange(9.0)]),
            "items are sums of each other",
        ),
        # cov12 cov13 / cov23 is more than the variance of item 1.
        (with_covariance(np.array([[1.0, 0.8, 0.8], [0.8, 1.0, 0.3], [0.8, 0.3, 1.0]]), 30), "Heywood case"),
    ],
)
def test_why_there_is_no_omega(answers: Grid, why: str) -> None:
    """No number is made up where the model has no proper solution; the reason is told."""
    with pytest.raises(NoFactorError, match=why):
        one_factor(answers)
    found = omega(answers)
    assert found.note == why
    assert np.isnan([found.value, found.low, found.high]).all()


def test_between_all_together_then_each_condition() -> None:
    """The difference between conditions is in the former alone, so that its alpha is larger."""
    rng = np.random.default_rng(2)
    answers = np.clip(np.round(2 + rng.normal(0, 0.7, (60, 3)) + rng.normal(0, 0.4, (60, 1))), 1, 5)
    answers[:30] = np.clip(answers[:30] + 2, 1, 5)
    conditions = ["exclusion"] * 30 + ["inclusion"] * 30
    made = reliability.alpha(ratings(answers, conditions), {"hurt": HURT})
    assert made["condition"].isna().tolist() == [True, False, False]
    assert made["condition"].tolist()[1:] == ["exclusion", "inclusion"]
    assert made["n"].tolist() == [60, 30, 30]
    assert made["alpha"].iloc[0] > made["alpha"].iloc[1:].max()
    assert made["alpha"].iloc[2] == pytest.approx(reliability.alpha_of(answers[30:])[0])


def test_within_each_condition_by_itself() -> None:
    """Somebody has forms under both, so that nothing is pooled."""
    answers = np.array([[1.0, 2, 1], [4, 4, 5], [2, 2, 3], [5, 4, 4]])
    told = ratings(answers, ["a", "b", "a", "b"], ["sub-1", "sub-1", "sub-2", "sub-2"])
    assert reliability.alpha(told, {"hurt": HURT})["condition"].tolist() == ["a", "b"]


def test_an_index_over_subscales_is_told_by_all_of_its_items() -> None:
    """The twenty items of four needs, reversed where keyed so: pingouin's alpha of the same columns."""
    data = load(EXAMPLE)
    needs = data.ratings[(data.ratings["measure"] == "needs") & (data.ratings["stage"] == "reflexive")]
    table = reliability.alpha(needs, data.measures)
    row = table[(table["subscale"] == "index") & table["condition"].isna()].iloc[0]
    wide = needs.pivot_table(index="participant_id", columns="item", values="value")
    reverse = [item.id for item in data.measures["needs"].items if item.reverse]
    wide[reverse] = 6 - wide[reverse]
    assert (row["n_items"], row["n"]) == (20, len(wide))
    assert row["alpha"] == pytest.approx(pingouin.cronbach_alpha(data=wide)[0])


def test_alpha_of_a_mean_of_products_is_that_of_the_products() -> None:
    """As of rejection sensitivity, whose parts are the situations, not the answers they are made of."""
    rng = np.random.default_rng(5)
    pairs = (("a", "b"), ("c", "d"), ("e", "f"))
    measure = Measure.model_validate(
        {
            "title": "Made up", "citation": "none", "role": "trait",
            "scale": {"kind": "likert", "low": 1, "high": 6},
            "items": tuple({"id": item, "reverse": item in "bdf"} for item in "abcdef"),
            "scores": ({"name": "index", "mean_of_products": pairs, "high_means": "more"},),
        }
    )  # fmt: skip
    person = rng.normal(size=(40, 1))
    answers = np.clip(np.round(3.5 + person * [1, -1, 1, -1, 1, -1] + rng.normal(size=(40, 6))), 1, 6)
    rows = [
        (f"sub-{i}", "made_up", "baseline", None, item, value)
        for i, row in enumerate(answers)
        for item, value in zip("abcdef", row, strict=True)
    ]
    columns = ["participant_id", "measure", "stage", "condition", "item", "value"]
    found = reliability.alpha(pd.DataFrame(rows, columns=columns), {"made_up": measure}).iloc[0]
    products = pd.DataFrame(answers[:, [0, 2, 4]] * (7 - answers[:, [1, 3, 5]]))
    assert found["n_items"] == 3
    assert found["alpha"] == pytest.approx(pingouin.cronbach_alpha(products)[0])
