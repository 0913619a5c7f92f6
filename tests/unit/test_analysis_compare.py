"""Numbers against R, scipy, pingouin and hand-worked examples; R output is quoted with its call."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pingouin
import pytest
from scipy import stats

from analysis import compare, describe
from analysis.effects import hedges_correction, holm, noncentrality
from analysis.errors import AnalysisError

# R: datasets::sleep, hours of extra sleep under two drugs, the same ten people.
SLEEP_1 = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0]
SLEEP_2 = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4]
# R: datasets::mtcars, mpg of cars with automatic and with manual transmission.
AUTOMATIC = [21.4, 18.7, 18.1, 14.3, 24.4, 22.8, 19.2, 17.8, 16.4, 17.3, 15.2, 10.4, 10.4, 14.7, 21.5]
AUTOMATIC += [15.5, 15.2, 13.3, 19.2]
MANUAL = [21.0, 21.0, 22.8, 32.4, 30.4, 33.9, 27.3, 26.0, 30.4, 15.8, 19.7, 15.0, 21.4]
# R: datasets::PlantGrowth.
CTRL = [4.17, 5.58, 5.18, 6.11, 4.50, 4.61, 5.17, 4.53, 5.33, 5.14]
TRT1 = [4.81, 4.17, 4.41, 3.59, 5.87, 3.83, 6.03, 4.89, 4.32, 4.69]
TRT2 = [6.31, 5.12, 5.54, 5.50, 5.37, 5.29, 4.92, 6.15, 5.80, 5.26]


def scores(
    paired: bool = False, subscale: str = "index", measure: str = "needs", **conditions: list[float]
) -> pd.DataFrame:
    """Return a scores frame with these values under these conditions."""
    return pd.DataFrame(
        [
            {
                "participant_id": f"sub-{i}" if paired else f"sub-{condition}{i}",
                "measure": measure,
                "stage": "reflexive",
                "subscale": subscale,
                "condition": condition,
                "score": float(value),
            }
            for condition, values in conditions.items()
            for i, value in enumerate(values)
        ]
    )


def between(x: list[float], y: list[float]) -> pd.Series:
    """Compare two groups on one score."""
    return compare.between(scores(a=x, b=y), "a", "b").iloc[0]


def within(x: list[float], y: list[float]) -> pd.Series:
    """Compare pairs on one score."""
    return compare.within(scores(paired=True, a=x, b=y), "a", "b").iloc[0]


def test_welch_t_is_that_of_r() -> None:
    """t.test(extra ~ group, data = sleep): t = -1.8608, df = 17.776, p-value = 0.07939,
    95 percent confidence interval: -3.3654832 0.2054832.
    """
    row = between(SLEEP_1, SLEEP_2)
    assert row["t"] == pytest.approx(-1.8608, abs=5e-5)
    assert row["df"] == pytest.approx(17.776, abs=5e-4)
    assert row["p"] == pytest.approx(0.07939, abs=5e-6)
    assert (row["ci_low"], row["ci_high"]) == pytest.approx((-3.3654832, 0.2054832), abs=5e-8)


def test_unequal_groups_are_those_of_r() -> None:
    """t.test(mpg ~ am, mtcars): t = -3.7671, df = 18.332, p-value = 0.001374, CI -11.280194 -3.209684."""
    row = between(AUTOMATIC, MANUAL)
    assert row["t"] == pytest.approx(-3.7671, abs=5e-5)
    assert row["df"] == pytest.approx(18.332, abs=5e-4)
    assert row["p"] == pytest.approx(0.001374, abs=5e-7)
    assert (row["ci_low"], row["ci_high"]) == pytest.approx((-11.280194, -3.209684), abs=5e-7)


def test_g_and_d_with_their_intervals_are_those_of_r() -> None:
    """effectsize: cohens_d(mpg ~ am, data = mtcars): -1.48 [-2.27, -0.67]; hedges_g: -1.44 [-2.21, -0.65]."""
    row = between(AUTOMATIC, MANUAL)
    assert tuple(row[["d", "d_low", "d_high"]].astype(float).round(2)) == (-1.48, -2.27, -0.67)
    assert tuple(row[["g", "g_low", "g_high"]].astype(float).round(2)) == (-1.44, -2.21, -0.65)


def test_noncentrality_is_that_of_r() -> None:
    """MBESS: conf.limits.nct(ncp = 2.83, df = 126): Lower.Limit 0.8337502, Upper.Limit 4.815359."""
    assert noncentrality(2.83, 126) == pytest.approx((0.8337502, 4.815359), abs=5e-7)


@pytest.mark.parametrize("t", [-8.0, -1.0, 0.0, 0.3, 4.0, 60.0])
@pytest.mark.parametrize("df", [1, 2, 7.5, 40, 3000])
def test_limits_put_t_at_the_tails_of_their_distributions(t: float, df: float) -> None:
    """Under the lower limit 2.5 % lie above t; under the upper limit 2.5 % lie below."""
    low, high = noncentrality(t, df)
    assert stats.nct.sf(t, df, low) == pytest.approx(0.025, abs=1e-7)
    assert stats.nct.cdf(t, df, high) == pytest.approx(0.025, abs=1e-7)


def test_correction_is_exact() -> None:
    """J(10) = gamma(5) / (sqrt(5) gamma(4.5)) = 24 / (sqrt(5) x 105 sqrt(pi) / 16)."""
    assert hedges_correction(10) == pytest.approx(24 / (np.sqrt(5) * 105 * np.sqrt(np.pi) / 16), rel=1e-14)
    assert np.isnan(hedges_correction(1))


def test_between_agrees_with_scipy_and_pingouin() -> None:
    """Student, Welch, Mann-Whitney and d are what independent programs compute, ties included."""
    x, y = [1.0, 2, 2, 3, 5, 5, 5, 4, 4, 3, 2], [2.0, 3, 5, 5, 5, 4, 4]
    row = between(x, y)
    assert (row["student_t"], row["student_p"]) == pytest.approx(tuple(stats.ttest_ind(x, y)))
    assert (row["t"], row["p"]) == pytest.approx(tuple(stats.ttest_ind(x, y, equal_var=False)))
    assert (row["u"], row["u_p"]) == pytest.approx(tuple(stats.mannwhitneyu(x, y)))
    mwu = pingouin.mwu(x, y).iloc[0]
    assert abs(row["rank_biserial"]) == pytest.approx(abs(mwu["RBC"]), abs=1e-4)
    assert row["d"] == pytest.approx(pingouin.compute_effsize(x, y, eftype="cohen"))
    # pingouin corrects by 1 - 3 / (4 df - 1), which is within 0.1 % of the exact factor here.
    assert row["g"] == pytest.approx(pingouin.compute_effsize(x, y, eftype="hedges"), rel=1e-3)


def test_ranks_do_not_hang_on_the_last_bit() -> None:
    """0.1 + 0.2 is 0.3 to whoever ranks: U and W are those of the decimal numbers."""
    assert 0.1 + 0.2 != 0.3
    row = between([0.1 + 0.2, 0.7, 0.9], [0.3, 0.3, 0.5])
    assert row["u"] == 7.0  # by hand: 0.3 ties with two and beats none (1), 0.7 and 0.9 beat three each (6)
    paired = within([0.1 + 0.2, 1.1, 2.3, 3.4], [0.3, 1.0, 2.2, 3.6])
    assert paired["w"] == 3.0  # by hand: nothing, 0.1, 0.1, -0.2: ranks 1.5 + 1.5 against 3


def test_paired_t_is_that_of_r() -> None:
    """t.test(group 1, group 2, paired = TRUE) of sleep: t = -4.0621, df = 9, p-value = 0.002833,
    95 percent confidence interval: -2.4598858 -0.7001142.
    """
    row = within(SLEEP_1, SLEEP_2)
    assert (row["t"], row["df"]) == pytest.approx((-4.0621, 9), abs=5e-5)
    assert row["p"] == pytest.approx(0.002833, abs=5e-7)
    assert (row["ci_low"], row["ci_high"]) == pytest.approx((-2.4598858, -0.7001142), abs=5e-8)
    assert row["difference"] == pytest.approx(-1.58)


def test_within_agrees_with_scipy_and_pingouin() -> None:
    """d_z, d_av, r and Wilcoxon are what independent programs compute."""
    row = within(SLEEP_1, SLEEP_2)
    x, y = np.array(SLEEP_1), np.array(SLEEP_2)
    assert row["d_z"] == pytest.approx(pingouin.compute_effsize(x, y, paired=True, eftype="cohen_dz"))
    assert row["d_av"] == pytest.approx(pingouin.compute_effsize(x, y, paired=True, eftype="cohen"))
    assert row["r"] == pytest.approx(stats.pearsonr(x, y).statistic)
    moved = (x - y)[x != y]
    assert (row["w"], row["w_p"]) == pytest.approx(tuple(stats.wilcoxon(moved)))
    low, high = noncentrality(row["t"], 9)
    assert (row["d_z_low"], row["d_z_high"]) == pytest.approx((low / np.sqrt(10), high / np.sqrt(10)))


def test_holm_by_hand() -> None:
    """Ordered .01 .02 .03 .04 times 4 3 2 1, never falling, never over 1; NaN is no part of the family."""
    assert holm(np.array([0.01, 0.04, 0.03, 0.02])) == pytest.approx([0.04, 0.06, 0.06, 0.06])
    assert holm(np.array([0.5, np.nan, 0.9])) == pytest.approx([1.0, np.nan, 1.0], nan_ok=True)
    p = np.random.default_rng(1).uniform(0, 0.2, 9)
    assert holm(p) == pytest.approx(pingouin.multicomp(p, method="holm")[1])


def test_holm_is_over_the_four_needs_and_nothing_wider() -> None:
    """The index and other measures have no corrected p; each stage is a family of its own."""
    rng = np.random.default_rng(2)
    names = [*compare.NEEDS, "index"]
    frame = pd.concat(
        scores(subscale=name, a=list(rng.normal(0, 1, 12)), b=list(rng.normal(1, 1, 9))) for name in names
    )
    later = frame.assign(stage="reflective", score=frame["score"] + rng.normal(size=len(frame)))
    hurt = scores(measure="hurt", a=[1, 2, 3], b=[2, 4, 5])
    table = compare.between(pd.concat([frame, later, hurt]), "a", "b")
    needs = table["subscale"].isin(compare.NEEDS)
    assert table.loc[~needs, "p_holm"].isna().all()
    for _, family in table[needs].groupby("stage"):
        assert len(family) == 4
        expected = pingouin.multicomp(family["p"].to_numpy(), method="holm")[1]
        assert family["p_holm"].to_numpy() == pytest.approx(expected)


def test_welch_anova_is_that_of_r() -> None:
    """oneway.test(weight ~ group, PlantGrowth): F = 5.181, num df = 2.000, denom df = 17.128, p = 0.01739."""
    frame = scores(ctrl=CTRL, trt1=TRT1, trt2=TRT2)
    row = compare.omnibus(frame).iloc[0]
    assert row["f"] == pytest.approx(5.181, abs=5e-4)
    assert (row["df1"], row["df2"]) == pytest.approx((2, 17.128), abs=5e-4)
    assert row["p"] == pytest.approx(0.01739, abs=5e-6)
    other = pingouin.welch_anova(dv="score", between="condition", data=frame).iloc[0]
    assert row["f"] == pytest.approx(other["F"], abs=1e-3)


@pytest.mark.parametrize(
    ("x", "y"),
    [
        ([], [1, 2, 3]),
        ([1], [2]),
        ([1], [1, 2, 3]),
        ([2, 2, 2], [2, 2]),
        ([3, 3], [1, 1, 1]),
        ([np.nan], [1.0, 2]),
    ],
)
def test_too_little_to_compare_is_nan_without_warnings(x: list[float], y: list[float]) -> None:
    """None, one or constant scores: no test, no effect size, no interval, and nothing infinite."""
    frame = scores(a=x or [np.nan], b=y)
    row = compare.between(frame, "a", "b").iloc[0]
    assert row[["t", "p", "d", "g", "g_low", "g_high", "ci_low"]].isna().all()
    assert row[["bf10", "tost_p", "equivalent"]].isna().all()
    numbers = row.drop(["measure", "stage", "subscale", "a", "b", "equivalent"]).astype(float)
    assert not np.isinf(numbers).any()
    seen = [v for v in x if not np.isnan(v)]
    assert (row["n_a"], row["n_missing_a"], row["n_b"]) == (len(seen), len(x or [0]) - len(seen), len(y))


def test_one_constant_group_still_has_welch() -> None:
    """Variance in one group is enough: t.test(c(1,2,3,4), c(5,5,5)) in R gives t = -3.873, df = 3."""
    row = between([1, 2, 3, 4], [5, 5, 5])
    assert (row["t"], row["df"]) == pytest.approx((-2.5 / np.sqrt(5 / 3 / 4), 3))


@pytest.mark.parametrize(
    ("x", "y"), [([1], [2]), ([1, 2], [2, 3]), ([4, 4, 4], [4, 4, 4]), ([0.1, 0.2], [0.4, 0.5])]
)
def test_too_few_or_constant_pairs_are_nan_without_warnings(x: list[float], y: list[float]) -> None:
    """Differences that are all the same, up to the rounding of their arithmetic, have no test."""
    row = within(x, y)
    assert row[["t", "p", "d_z", "d_z_low", "ci_low", "bf10", "tost_p", "equivalent"]].isna().all()
    assert row["n"] == len(x)


def test_incomplete_pairs_are_left_out_and_counted() -> None:
    """Means are over the pairs that are compared, not over everybody."""
    row = within([1, 2, 4, np.nan, 9], [2, 4, 5, 3, np.nan])
    assert (row["n"], row["n_left_out"]) == (3, 2)
    assert (row["mean_a"], row["mean_b"]) == pytest.approx((7 / 3, 11 / 3))


def test_comparing_unlike_things_is_refused_in_words() -> None:
    """A condition that is not there, and a repeated participant between groups, name the way out."""
    with pytest.raises(AnalysisError, match="no condition 'c' in the scores; there are: a, b"):
        compare.between(scores(a=[1, 2], b=[3, 4]), "a", "c")
    with pytest.raises(
        AnalysisError, match="2 participants have scores under both 'a' and 'b'; compare these within"
    ):
        compare.between(scores(paired=True, a=[1, 2], b=[3, 4]), "a", "b")
    with pytest.raises(AnalysisError, match="no column 'stage'"):
        compare.within(scores(a=[1], b=[2]).drop(columns="stage"), "a", "b")


def test_design_is_seen_in_the_data_and_the_reference_comes_first() -> None:
    """Pairs of the same people are compared within; the later condition minus the earlier one."""
    apart = scores(inclusion=[3, 4, 5], exclusion=[1, 2, 3], gradual=[2, 2, 4])
    table = compare.comparisons(apart, ["inclusion", "exclusion", "gradual"])
    pairs = [("exclusion", "inclusion"), ("gradual", "inclusion"), ("gradual", "exclusion")]
    assert list(zip(table["a"], table["b"], strict=True)) == pairs
    assert set(table["design"]) == {"between"}
    together = compare.comparisons(scores(paired=True, inclusion=[3, 4, 5], exclusion=[1, 2, 4]))
    assert list(together["design"]) == ["within"]
    assert together.loc[0, "a"] == "inclusion"  # no order given: sorted


def test_repeated_runs_of_a_participant_count_once() -> None:
    """Two runs under one condition are averaged: no participant weighs double."""
    frame = pd.concat([scores(a=[1, 3]), scores(a=[3, 5])])
    row = describe.by_condition(frame).iloc[0]
    assert (row["n"], row["mean"]) == (2, 3.0)


def test_description_by_hand() -> None:
    """2 4 4 4 5 5 7 9, one missing: mean 5, sd sqrt(32/7), se, t interval, R's quartiles 4, 4.5, 5.5."""
    row = describe.by_condition(scores(a=[2, 4, 4, 4, 5, 5, 7, 9, np.nan])).iloc[0]
    assert (row["n"], row["n_missing"], row["mean"]) == (8, 1, 5.0)
    assert row["sd"] == pytest.approx(np.sqrt(32 / 7))
    half = stats.t.ppf(0.975, 7) * np.sqrt(32 / 7 / 8)
    assert (row["ci_low"], row["ci_high"]) == pytest.approx((5 - half, 5 + half))
    assert tuple(row[["q1", "median", "q3", "min", "max"]]) == (4, 4.5, 5.5, 2, 9)


@pytest.mark.parametrize(("values", "n"), [([np.nan], 0), ([3.0], 1)])
def test_description_of_nobody_and_of_one(values: list[float], n: int) -> None:
    """What cannot be told is missing, not zero."""
    row = describe.by_condition(scores(a=values)).iloc[0]
    assert row["n"] == n
    assert row[["sd", "se", "ci_low", "ci_high"]].isna().all()
