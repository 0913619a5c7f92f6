"""Bayes factors, tests of equivalence, the interval of d_av, pairs and trends, against published numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from statsmodels.stats.weightstats import ttost_ind, ttost_paired

from analysis import compare
from analysis.bayes import bayes_factor, log10_bayes_factor
from analysis.effects import d_av_interval
from analysis.equivalence import independent, paired
from analysis.errors import AnalysisError
from analysis.frames import SCORE
from analysis.posthoc import posthoc, range_above, range_quantile
from analysis.trend import doses, trend
from tests.unit.test_analysis_compare import AUTOMATIC, CTRL, MANUAL, SLEEP_1, SLEEP_2, TRT1, TRT2, scores

# R: datasets::chickwts, weights of chicks by feed.
HORSEBEAN: list[float] = [179, 160, 136, 227, 217, 168, 108, 124, 143, 140]
LINSEED: list[float] = [309, 229, 181, 141, 260, 203, 148, 169, 213, 257, 244, 271]


def test_bayes_factor_of_pairs_is_that_of_r() -> None:
    """BayesFactor: ttestBF(sleep 1, sleep 2, paired = TRUE): Alt., r=0.707 : 17.25888."""
    table = compare.within(scores(paired=True, a=SLEEP_1, b=SLEEP_2), "a", "b")
    assert table.loc[0, "bf10"] == pytest.approx(17.25888, abs=5e-6)
    assert table.loc[0, "log10_bf10"] == pytest.approx(np.log10(17.25888), abs=1e-6)


def test_bayes_factor_of_groups_is_that_of_r() -> None:
    """BayesFactor: ttestBF(weight ~ feed, chickwts: horsebean, linseed): Alt., r=0.707 : 5.98 (manual)."""
    table = compare.between(scores(a=HORSEBEAN, b=LINSEED), "a", "b")
    assert table["bf10"].tolist() == pytest.approx([5.98], abs=5e-3)


@pytest.mark.parametrize(
    ("t", "df", "n"), [(0.0, 30, 8.0), (1.3, 5, 6.0), (-4.0, 58, 15.0), (3.0, 200, 50.0)]
)
def test_bayes_factor_is_the_mean_likelihood_over_the_cauchy_prior(t: float, df: int, n: float) -> None:
    """Another route: noncentral t densities of t, weighted by the prior of the effect size."""
    delta = np.tan(np.linspace(-np.pi / 2, np.pi / 2, 40003)[1:-1]) * np.sqrt(0.5)  # equally likely effects
    # Where scipy's density gives up, far from t, there is none to speak of.
    likelihood = np.nan_to_num(stats.nct.pdf(t, df, np.clip(delta * np.sqrt(n), -35, 35)))
    likelihood[np.abs(delta * np.sqrt(n)) > 35] = 0.0
    expected = float(likelihood.mean() / stats.t.pdf(t, df))
    assert 10 ** log10_bayes_factor(t, df, n) == pytest.approx(expected, rel=1e-3)


def test_bayes_factor_of_an_enormous_t_is_a_finite_logarithm() -> None:
    """A t of 150 with 20,000 participants is beyond every number a computer holds; its logarithm is not."""
    found = bayes_factor(150.0, 19998.0, 5000.0)
    assert np.isnan(found["bf10"])
    assert 3000 < found["log10_bf10"] < 3500
    assert np.isnan(bayes_factor(np.nan, 10, 5)["log10_bf10"])


def test_interval_of_d_av_is_that_of_statpsych() -> None:
    """R: ci.stdmean.ps(.05, 110.4, 102.1, 15.3, 14.6, .75, 25): 0.5550319, LL 0.2394905, UL 0.8705732."""
    d_av = (110.4 - 102.1) / np.sqrt((15.3**2 + 14.6**2) / 2)
    assert d_av == pytest.approx(0.5550319, abs=5e-8)
    assert d_av_interval(d_av, 15.3, 14.6, 0.75, 25) == pytest.approx((0.2394905, 0.8705732), abs=5e-8)
    assert np.isnan(d_av_interval(np.nan, 0.0, 0.0, np.nan, 9)).all()
    assert np.isnan(d_av_interval(np.nan, np.nan, np.nan, np.nan, 1)).all()


def test_interval_of_d_av_holds_the_true_value_as_often_as_it_says() -> None:
    """Of 2000 samples of 20 pairs (d_av = .5, r = .6) some 95 % of the intervals hold .5."""
    rng = np.random.default_rng(5)
    held = 0
    for _ in range(2000):
        x, y = rng.multivariate_normal([0.5, 0.0], [[1, 0.6], [0.6, 1]], 20).T
        sd_x, sd_y = x.std(ddof=1), y.std(ddof=1)
        d_av = float((x.mean() - y.mean()) / np.sqrt((sd_x**2 + sd_y**2) / 2))
        low, high = d_av_interval(d_av, sd_x, sd_y, float(np.corrcoef(x, y)[0, 1]), 20)
        held += low <= 0.5 <= high
    assert 0.93 <= held / 2000 <= 0.97


def test_equivalence_agrees_with_statsmodels() -> None:
    """Two one-sided tests, Welch's between, with the bound in units of the score; unequal n."""
    x, y = np.array(AUTOMATIC), np.array(MANUAL)
    found = independent(x, y, 0.5, 4.0)
    p, *_ = ttost_ind(x, y, -2.0, 2.0, usevar="unequal")
    assert (found["bound"], found["tost_p"]) == pytest.approx((2.0, p))
    a, b = np.array(SLEEP_1), np.array(SLEEP_2)
    p, *_ = ttost_paired(a, b, -3.0, 3.0)
    assert paired(a, b, 1.5, 2.0)["tost_p"] == pytest.approx(p)


def test_equivalence_is_where_the_90_percent_interval_lies_within_the_bounds() -> None:
    """Whatever the samples: the verdict and the interval say the same."""
    rng = np.random.default_rng(8)
    verdicts = set()
    for n in (5, 30, 200):
        for shift in (0.0, 0.2, 0.6):
            frame = scores(a=list(rng.normal(shift, 1, n)), b=list(rng.normal(0, 1, n + 3)))
            row = compare.between(frame, "a", "b", equivalence=0.5).iloc[0]
            within = -row["bound"] < row["ci90_low"] and row["ci90_high"] < row["bound"]
            assert row["equivalent"] == within == (row["tost_p"] < 0.05)
            assert row["bound"] == pytest.approx(0.5 * abs(row["difference"] / row["d"]))
            verdicts.add(bool(row["equivalent"]))
    assert verdicts == {True, False}


def test_the_stated_bound_stands_where_there_is_no_test() -> None:
    """One score, or nobody who differs: no verdict, and still the bound that was asked for."""
    row = compare.between(scores(a=[1], b=[2, 3]), "a", "b", 0.3).iloc[0]
    assert row["bound_sd"] == 0.3
    assert row[["bound", "tost_p", "equivalent"]].isna().all()


@pytest.mark.parametrize(
    ("k", "df", "table"), [(3, 10, 3.877), (4, 20, 3.958), (3, 2, 8.331), (5, 60, 3.977)]
)
def test_studentized_range_is_that_of_the_tables(k: int, df: float, table: float) -> None:
    """Upper 5 % points as textbooks print them."""
    assert range_quantile(0.95, k, df) == pytest.approx(table, abs=5e-4 + 1e-9)


def test_studentized_range_is_that_of_scipy() -> None:
    """To seven decimals, for few and many df."""
    for k, df, q in [(3, 1.5, 3.0), (3, 17.1, 4.75), (4, 8.0, 0.5), (6, 200.0, 5.5), (9, 20000.0, 3.0)]:
        assert range_above(q, k, df) == pytest.approx(stats.studentized_range.sf(q, k, df), abs=1e-7)


def test_games_howell_agrees_with_scipy_and_holm_is_over_the_pairs() -> None:
    """PlantGrowth: scipy.stats.tukey_hsd(equal_var=False); a minus b; Holm of three Welch tests by hand."""
    compared = compare.comparisons(scores(ctrl=CTRL, trt1=TRT1, trt2=TRT2), ["ctrl", "trt1", "trt2"])
    table = posthoc(compared)
    other: Any = stats.tukey_hsd(CTRL, TRT1, TRT2, equal_var=False)
    places = [(1, 0), (2, 0), (2, 1)]
    assert list(zip(table["a"], table["b"], strict=True)) == [
        ("trt1", "ctrl"),
        ("trt2", "ctrl"),
        ("trt2", "trt1"),
    ]
    assert table["difference"].tolist() == pytest.approx([other.statistic[pair] for pair in places])
    assert table["p_games_howell"].tolist() == pytest.approx(
        [other.pvalue[pair] for pair in places], abs=1e-7
    )
    limits = other.confidence_interval(0.95)
    assert table["gh_low"].tolist() == pytest.approx([limits.low[pair] for pair in places], abs=1e-4)
    p = sorted(table["p"])
    by_hand = [min(3 * p[0], 1), max(3 * p[0], 2 * p[1]), max(3 * p[0], 2 * p[1], p[2])]
    assert sorted(table["p_holm_pairs"]) == pytest.approx(by_hand)


def test_pairs_of_two_conditions_and_of_the_same_people() -> None:
    """Two conditions have nothing to correct; within participants there is Holm alone."""
    assert posthoc(compare.comparisons(scores(a=[1, 2, 4], b=[2, 3, 3]))).empty
    assert posthoc(
        compare.comparisons(
            scores().iloc[:0].reindex(columns=[*SCORE, "participant_id", "condition", "score"])
        )
    ).empty
    table = posthoc(compare.comparisons(scores(paired=True, a=[1, 2, 4, 3], b=[2, 3, 3, 5], c=[4, 4, 1, 2])))
    assert set(table["design"]) == {"within"}
    assert table["p_holm_pairs"].notna().all()
    assert table[["p_games_howell", "gh_low"]].isna().all(axis=None)


def test_a_group_of_one_leaves_its_pairs_without_a_test() -> None:
    """The others are corrected over the pairs that have one."""
    table = posthoc(compare.comparisons(scores(a=[1], b=[2, 3, 3], c=[4, 4, 1, 2])))
    known = table["p"].notna()
    assert known.tolist().count(True) == 1
    assert table.loc[known, "p_holm_pairs"].tolist() == table.loc[known, "p"].tolist()


def test_trend_between_is_the_regression_with_hc3_errors() -> None:
    """Slope of scipy's linregress; HC3 from its definition (MacKinnon & White 1985): e / (1 - h)."""
    frame = scores(low=[1, 2, 4, 3.5], mid=[3, 3, 5], high=[6, 4, 9, 7, 8])
    row = trend(frame, {"low": 0.0, "mid": 20.0, "high": 50.0}).iloc[0]
    x = np.repeat([0.0, 20.0, 50.0], [4, 3, 5])
    y = np.array([1, 2, 4, 3.5, 3, 3, 5, 6, 4, 9, 7, 8])
    line = stats.linregress(x, y)
    deviation = x - x.mean()
    leverage = 1 / x.size + deviation**2 / (deviation**2).sum()
    residual = y - line.intercept - line.slope * x
    se = np.sqrt((deviation**2 * (residual / (1 - leverage)) ** 2).sum()) / (deviation**2).sum()
    assert (row["slope"], row["se"], row["r"]) == pytest.approx((line.slope, se, line.rvalue))
    assert (row["n"], row["df"], row["t"]) == pytest.approx((12, 10, line.slope / se))
    assert row["p"] == pytest.approx(2 * stats.t.sf(abs(row["t"]), 10))


def test_trend_within_is_the_t_test_of_each_participants_slope() -> None:
    """Slopes by numpy's polyfit, tested by scipy; who misses a condition is left out and counted."""
    values: dict[str, Any] = {"low": [1, 2, 4, 3.5, np.nan], "mid": [3, 3, 5, 2, 2], "high": [6, 4, 9, 3, 8]}
    row = trend(scores(paired=True, **values), {"low": 0.0, "mid": 20.0, "high": 50.0}).iloc[0]
    people = np.array(list(values.values()))[:, :4]
    slopes = [np.polyfit([0, 20, 50], own, 1)[0] for own in people.T]
    test = stats.ttest_1samp(slopes, 0)
    assert (row["n"], row["n_left_out"], row["design"]) == (4, 1, "within")
    assert (row["slope"], row["t"], row["p"]) == pytest.approx((np.mean(slopes), test.statistic, test.pvalue))
    limits = test.confidence_interval(0.95)
    assert (row["ci_low"], row["ci_high"]) == pytest.approx((limits.low, limits.high))
    assert row["d_z"] == pytest.approx(np.mean(slopes) / np.std(slopes, ddof=1))


def test_the_dose_is_what_participants_received() -> None:
    """The mean percent by condition; throws received are no score of the trend; two doses make none."""
    conditions: dict[str, Any] = {"low": [1.0, 2, 4], "mid": [3.0, 3, 5], "high": [6.0, 4, 9]}
    received = scores(measure="throws_received", low=[0, 4, 8], mid=[20, 20, 20], high=[50, 50, 47])
    both = pd.concat([scores(**conditions), received])
    assert doses(both) == pytest.approx({"low": 4, "mid": 20, "high": 49})
    table = trend(both)
    assert table["measure"].tolist() == ["needs"]
    assert table.loc[0, "doses"] == "low 4, mid 20, high 49"
    assert trend(both[both["condition"] != "low"]).empty
    assert trend(scores(**conditions)).empty
    with pytest.raises(AnalysisError, match="the dose of condition 'mid' is no number"):
        trend(both, {"low": 0.0, "mid": float("nan"), "high": 50.0})


@pytest.mark.parametrize("values", [[3.0, 3, 3], [np.nan, np.nan, np.nan], [2.0, np.nan, np.nan]])
def test_a_trend_that_cannot_be_told_is_nan_without_warnings(values: list[float]) -> None:
    """Constant, missing, single scores, between and within."""
    dose = {"a": 0.0, "b": 10.0, "c": 30.0}
    for together in (False, True):
        row = trend(scores(paired=together, a=values, b=values, c=values), dose).iloc[0]
        assert row[["se", "t", "p", "ci_low", "d_z", "r"]].isna().all()
