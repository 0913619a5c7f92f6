"""Correlations on plain numbers: held against other programs, published examples and closed forms."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pingouin as pg
import pytest
from numpy.testing import assert_allclose
from scipy import stats
from statsmodels.regression.linear_model import OLS

from analysis import power
from analysis.correlations import (
    cells_of,
    detectable,
    fisher_interval,
    log10_bayes_factor,
    pearson,
    ranks,
    residuals,
    spearman,
)
from analysis.dependent import difference, williams, zou_interval
from analysis.frames import Floats
from analysis.power import Question
from analysis.robust import regress

RNG = np.random.default_rng(20261201)
X = RNG.standard_normal(23)
Y = 0.4 * X + RNG.standard_normal(23)
Z = RNG.standard_normal((23, 2))


def left(*columns: Floats, design: Floats | None = None) -> tuple[Floats, float]:
    """Return residuals of columns over a design, the mean alone by default."""
    values = np.column_stack(columns)
    return residuals(values, np.ones((len(values), 1)) if design is None else design)


def linear(values: Floats, n: float) -> dict[str, float]:
    """Return Pearson's correlation of two columns of residuals."""
    return pearson(values[:, 0], values[:, 1], n)


def ranked(values: Floats, n: float) -> dict[str, float]:
    """Return Spearman's correlation of two columns of residuals of ranks."""
    return spearman(values[:, 0], values[:, 1], n)


def test_a_plain_correlation_is_that_of_scipy_and_pingouin() -> None:
    """Correlation, interval by Fisher's z, t, p; Bayes factor to the three digits that pingouin gives."""
    values, n = left(X, Y)
    found = linear(values, n)
    theirs = stats.pearsonr(X, Y)
    limits = theirs.confidence_interval()
    assert n == 23
    assert_allclose(
        [found["r"], found["p"], found["ci_low"], found["ci_high"], found["df"]],
        [theirs.statistic, theirs.pvalue, limits.low, limits.high, 21],
    )
    bf = float(pg.bayesfactor_pearson(found["r"], 23, alternative="two-sided", method="ly"))
    assert_allclose(found["bf10"], bf, rtol=2e-3)


@pytest.mark.parametrize(("r", "n"), [(0.0, 5), (0.3, 4), (-0.6, 20), (0.2, 194), (0.5, 120), (0.9, 60)])
def test_the_bayes_factor_is_the_integral_that_it_stands_for(r: float, n: int) -> None:
    """Exact likelihood of r (Hotelling) over a uniform prior, by quadrature; ours is its closed form."""
    from scipy import integrate, special  # noqa: PLC0415 - in this test alone

    def likelihood(rho: float) -> float:
        a = (n - 1) / 2
        even = special.hyp2f1(a, a, 0.5, (r * rho) ** 2)
        return float((1 - rho**2) ** ((n - 1) / 2) * even)

    numeric, _ = integrate.quad(lambda rho: likelihood(rho) / 2, -1, 1, limit=400)
    assert_allclose(10 ** log10_bayes_factor(r, n), numeric / likelihood(0.0), rtol=1e-5)


def test_no_sample_is_too_large_for_a_bayes_factor() -> None:
    """Its logarithm is finite where no number holds it."""
    x: Floats = np.arange(20_000).astype(np.float64)
    found = linear(*left(x, RNG.normal(x, 500.0)))
    assert math.isnan(found["bf10"])
    assert 1e3 < found["log10_bf10"] < 1e5


def test_a_rank_correlation_has_the_interval_of_bonett_and_wright() -> None:
    """The example of `ci.spear` in statpsych (R): 0.8699639 [0.5840951, 0.9638297]."""
    y = np.array([21, 4, 9, 12, 35, 18, 10, 22, 24, 1, 6, 8, 13, 16, 19], dtype=float)
    x = np.array([67, 28, 30, 28, 52, 40, 25, 37, 44, 10, 14, 20, 28, 40, 51], dtype=float)
    one = np.ones((15, 1))
    values, n = residuals(ranks(np.column_stack([x, y]), one), one)
    found = ranked(values, n)
    assert_allclose(
        [found["rho"], found["rho_low"], found["rho_high"]], [0.8699639, 0.5840951, 0.9638297], atol=5e-8
    )
    assert_allclose(found["rho_p"], stats.spearmanr(x, y).pvalue)


def test_a_partial_correlation_is_that_of_pingouin() -> None:
    """Size, r, interval and p, with two covariates."""
    values, n = left(X, Y, design=np.column_stack([np.ones(23), Z]))
    found = linear(values, n)
    frame = pd.DataFrame({"x": X, "y": Y, "a": Z[:, 0], "b": Z[:, 1]})
    theirs = pg.partial_corr(frame, x="x", y="y", covar=["a", "b"]).iloc[0]
    column = next(name for name in theirs.index if str(name).startswith("CI95"))
    p = next(name for name in theirs.index if str(name).startswith("p"))
    assert n == 21
    assert_allclose([found["r"], found["p"]], [theirs["r"], theirs[p]])
    assert_allclose([found["ci_low"], found["ci_high"]], theirs[column], atol=0.0051)


def test_adjusting_for_condition_is_a_partial_correlation_with_its_columns() -> None:
    """Centring within three cells costs two participants; t is that of the slope in a regression."""
    cells = cells_of(np.repeat(["a", "b", "c"], [7, 7, 9]))
    shift = cells @ np.array([0.0, 3.0, -2.0])
    x, y = X + shift, Y + 2 * shift
    values, n = left(x, y, design=cells)
    found = linear(values, n)
    theirs = OLS(y, np.column_stack([x, cells])).fit()
    assert n == 21
    assert_allclose(
        [found["t"], found["df"], found["p"]], [theirs.tvalues[0], theirs.df_resid, theirs.pvalues[0]]
    )


@pytest.mark.parametrize(
    ("n", "rs", "t"),
    [
        (100, (0.20, 0.45, 0.80), -4.56),  # cor_diff of bruceR, in its documentation: t(97)
        (103, (0.40, 0.50, 0.10), -0.89),  # r.test of psych, Steiger's (1980) case A (recalled, not verified)
    ],
)
def test_williams_t_is_that_of_published_examples(n: int, rs: tuple[float, float, float], t: float) -> None:
    """Two decimals, as they are printed."""
    found = williams(*rs, n)
    assert round(found[0], 2) == t
    assert found[1] == n - 3
    assert_allclose(found[2], 2 * stats.t.sf(abs(found[0]), n - 3))


def test_zous_interval_follows_from_its_formula_by_hand() -> None:
    """Correlations .5 and .3, .4 between, n 52: limits of each are tanh(atanh r -+ 1.96 / 7), c = .332."""
    r_a, r_b, r_ab, n = 0.5, 0.3, 0.4, 52
    low_a, high_a = math.tanh(0.5493061443 - 0.2799948549), math.tanh(0.5493061443 + 0.2799948549)
    low_b, high_b = math.tanh(0.3095196042 - 0.2799948549), math.tanh(0.3095196042 + 0.2799948549)
    c = ((0.4 - 0.075) * (1 - 0.25 - 0.09 - 0.16) + 0.064) / (0.75 * 0.91)
    down, up = (r_a - low_a, high_b - r_b), (high_a - r_a, r_b - low_b)
    by_hand = [
        0.2 - math.sqrt(down[0] ** 2 + down[1] ** 2 - 2 * c * down[0] * down[1]),
        0.2 + math.sqrt(up[0] ** 2 + up[1] ** 2 - 2 * c * up[0] * up[1]),
    ]
    assert_allclose(zou_interval(r_a, r_b, r_ab, n), by_hand, atol=1e-9)
    assert_allclose(c, 0.33187, atol=1e-4)


def test_equal_correlations_differ_by_nothing() -> None:
    """The t is 0 and the interval lies about 0; exchanging the two turns the sign."""
    same = difference(0.3, 0.3, 0.5, 60)
    assert same["t"] == 0.0
    assert_allclose(same["ci_low"], -same["ci_high"], rtol=0.05)
    one, other = difference(0.4, 0.1, 0.2, 60), difference(0.1, 0.4, 0.2, 60)
    assert_allclose([one["t"], one["ci_low"]], [-other["t"], -other["ci_high"]])


def test_slopes_have_the_standard_errors_of_statsmodels() -> None:
    """HC3 with one row a person, and F of two coefficients."""
    design = np.column_stack([np.ones(23), X, Z])
    found = regress(Y, design, np.arange(23))
    theirs = OLS(Y, design).fit(cov_type="HC3", use_t=True)
    assert found is not None
    assert_allclose(found.beta, theirs.params)
    assert_allclose(found.covariance, theirs.cov_params())
    contrasts = np.eye(4)[2:]
    f = theirs.f_test(contrasts)
    assert_allclose(found.wald(contrasts), [f.fvalue, 2, 19, f.pvalue])


def test_of_people_who_come_several_times_each_is_left_out_in_turn() -> None:
    """CR3 is (up to its centre) the jackknife: the coefficients without each person, about those with all."""
    people = np.repeat(np.arange(12), 2)[:23]
    design = np.column_stack([np.ones(23), X])
    found = regress(Y, design, people)
    assert found is not None
    without = [np.linalg.lstsq(design[people != one], Y[people != one], rcond=None)[0] for one in range(12)]
    about = np.array(without) - found.beta
    assert_allclose(found.covariance, about.T @ about)


@pytest.mark.parametrize(("r", "at_80", "at_90"), [(0.2, 194, 259), (0.3, 85, 113), (0.5, 30, 38)])
def test_what_n_finds_is_what_r_needs(r: float, at_80: int, at_90: int) -> None:
    """The needed n finds a little less than r, one less a little more."""
    assert power.needed(Question("correlation", r), 0.8) == at_80
    assert power.needed(Question("correlation", r), 0.9) == at_90
    assert detectable(at_80) <= r < detectable(at_80 - 1)


@pytest.mark.parametrize("n", [0, 1, 2])
def test_two_points_or_fewer_have_no_correlation(n: int) -> None:
    """Two always lie on a line; that says nothing."""
    values, size = left(X[:n], Y[:n])
    found = linear(values, size)
    assert all(math.isnan(found[name]) for name in ("r", "ci_low", "t", "p", "bf10", "half_width"))
    assert math.isnan(ranked(values, size)["rho"])


def test_three_points_have_a_test_and_no_interval() -> None:
    """One degree of freedom; Fisher's z needs a fourth."""
    values, size = left(np.array([1.0, 2.0, 4.0]), np.array([1.0, 5.0, 2.0]))
    found = linear(values, size)
    assert found["df"] == 1
    assert_allclose(found["p"], stats.pearsonr([1, 2, 4], [1, 5, 2]).pvalue)
    assert math.isnan(found["ci_low"])


@pytest.mark.parametrize("constant", [0.0, 7.3, 1e9 + 0.1])
def test_a_column_that_does_not_vary_has_no_correlation(constant: float) -> None:
    """However its mean is rounded; also where it varies between conditions alone."""
    values, size = left(np.full(9, constant), X[:9])
    assert math.isnan(linear(values, size)["r"])
    cells = cells_of(np.repeat(["a", "b"], [4, 5]))
    values, size = left(cells[:, 0] * 3.3 + constant, X[:9], design=cells)
    assert math.isnan(linear(values, size)["r"])


def test_points_on_a_line_have_a_correlation_and_no_test() -> None:
    """Their r is 1; nothing is left over to test it with."""
    values, size = left(X, 3 - 2 * X)
    found = linear(values, size)
    assert found["r"] == pytest.approx(-1)
    assert all(math.isnan(found[name]) for name in ("t", "p", "ci_low", "bf10"))


def test_ranks_within_cells_share_ties_and_weigh_alike() -> None:
    """Ties have their mean rank; a cell of four and one of two both run from above 0 to below 1."""
    cells = cells_of(["a", "a", "a", "a", "b", "b"])
    found = ranks(np.array([[1.0], [2.0], [2.0], [9.0], [5.0], [4.0]]), cells)
    assert_allclose(found[:, 0], [1 / 5, 2.5 / 5, 2.5 / 5, 4 / 5, 2 / 3, 1 / 3])


def test_a_person_who_alone_decides_a_slope_leaves_no_test() -> None:
    """A row that the fit must go through has no residual to judge by."""
    design = np.column_stack([np.ones(6), [0, 0, 0, 0, 0, 1]])
    found = regress(Y[:6], design, np.arange(6))
    assert found is not None
    assert math.isnan(found.estimate(np.array([0.0, 1.0]))[1])
    assert regress(Y[:1], np.ones((1, 2)), np.arange(1)) is None


def drawn(studies: int, n: int, r: float, cells: Floats, seed: int) -> tuple[Floats, Floats]:
    """Draw pairs with a correlation within cells that lie far apart on both."""
    rng = np.random.default_rng(seed)
    x, e = rng.standard_normal((2, studies, n))
    shift = cells @ np.arange(cells.shape[1])
    return x + 1.5 * shift, r * x + math.sqrt(1 - r * r) * e + 0.5 * shift


@pytest.mark.parametrize("r", [0.0, 0.4])
def test_adjusted_intervals_hold_what_is_true_and_pooled_tests_find_what_is_not(r: float) -> None:
    """4000 studies of 2 x 30: 95 % of intervals, 5 % of tests where r = 0; pooled far more.

    Bounds: five standard errors of a share of 4000.
    """
    cells = cells_of(np.repeat(["a", "b"], 30))
    xs, ys = drawn(4000, 60, r, cells, 7)
    held, significant, of_rank, pooled = 0, 0, 0, 0
    for x, y in zip(xs, ys, strict=True):
        values, n = left(x, y, design=cells)
        found = linear(values, n)
        held += found["ci_low"] <= r <= found["ci_high"]
        significant += found["p"] < 0.05
        of_ranks, _ = residuals(ranks(np.column_stack([x, y]), cells), cells)
        of_rank += ranked(of_ranks, n)["rho_p"] < 0.05
    assert abs(held / 4000 - 0.95) < 5 * math.sqrt(0.95 * 0.05 / 4000)
    if not r:
        pooled = sum(stats.pearsonr(xs, ys, axis=1).pvalue < 0.05)
        assert abs(significant / 4000 - 0.05) < 5 * math.sqrt(0.95 * 0.05 / 4000)
        assert abs(of_rank / 4000 - 0.05) < 5 * math.sqrt(0.95 * 0.05 / 4000)
        assert pooled / 4000 > 0.15


def test_fishers_interval_needs_four() -> None:
    """Its denominator is n - 3."""
    assert all(math.isnan(limit) for limit in fisher_interval(0.5, 3))
    assert fisher_interval(0.0, 4)[1] == pytest.approx(math.tanh(1.959964), abs=1e-6)
