"""Mixed models against statsmodels, against tests that they equal in balanced designs, and by simulation."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf
from scipy import stats

from analysis.covariates import covariates
from analysis.dataset import load
from analysis.errors import AnalysisError
from analysis.models import Models, models

EXAMPLE = Path(__file__).parents[2] / "data" / "example"
STAGES = ("reflexive", "reflective")


def study(
    seed: int, n: int, *, within: bool, sds: tuple[float, float] = (1.0, 0.7), stages: Sequence[str] = STAGES
) -> pd.DataFrame:
    """Return scores of n participants (of each condition where between) without any effect of a condition."""
    rng = np.random.default_rng(seed)
    rows = []
    for person in range(n if within else 2 * n):
        own = rng.normal(0, sds[0])
        for condition in ("in", "out") if within else (("in", "out")[person % 2],):
            of_run = rng.normal(0, sds[1])
            for stage in stages:
                rows.append((f"sub-{person:03}", stage, condition, 50 + 10 * (own + of_run + rng.normal())))
    made = pd.DataFrame(rows, columns=["participant_id", "stage", "condition", "score"])
    return made.assign(measure="mood", subscale="index")


def wide(frame: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
    """Return a row per participant."""
    return frame.pivot_table(index="participant_id", columns=columns, values="score")


def effect(found: Models, name: str) -> pd.Series:
    """Return the only row of this effect."""
    return found.effects[found.effects["effect"] == name].iloc[0]


def test_within_participants_the_model_is_the_paired_t_of_means() -> None:
    """Balanced: F of the condition is t squared of participants' means, with its n - 1 df; so are stages."""
    frame = study(3, 30, within=True)
    found = models(frame, ["in", "out"])
    means = wide(frame, ["condition"])
    test = stats.ttest_rel(means["out"].to_numpy(), means["in"].to_numpy())
    row = effect(found, "condition")
    assert (row["f"], row["df1"]) == pytest.approx((test.statistic**2, 1))
    assert (row["df2"], row["p"]) == pytest.approx((29, test.pvalue), rel=1e-5)
    cells = wide(frame, ["condition", "stage"])
    change = {name: cells[name, "reflective"] - cells[name, "reflexive"] for name in ("in", "out")}
    term = found.terms.set_index("term").loc["(out - in) x (reflective - reflexive)"]
    assert term["estimate"] == pytest.approx((change["out"] - change["in"]).mean())
    assert (effect(found, "stage")["df2"], term["df"]) == pytest.approx((58, 58), rel=1e-5)


def test_between_participants_the_model_is_students_t_of_means_and_of_changes() -> None:
    """Balanced stages, unequal groups: 2 n - 2 df for both, whatever the groups' sizes."""
    frame = study(4, 15, within=False)
    frame = frame[~frame["participant_id"].isin(["sub-001", "sub-003", "sub-005"])]
    found = models(frame, ["in", "out"])
    people = wide(frame, ["stage"])
    group = frame.drop_duplicates("participant_id").set_index("participant_id")["condition"]
    for name, values in (
        ("condition", people.mean(axis=1)),
        ("condition x stage", people["reflective"] - people["reflexive"]),
    ):
        test = stats.ttest_ind(values[group == "out"].to_numpy(), values[group == "in"].to_numpy())
        row = effect(found, name)
        assert row["f"] == pytest.approx(test.statistic**2, rel=1e-6)
        assert (row["df2"], row["p"]) == pytest.approx((25, test.pvalue), rel=1e-4)
    assert found.fits.loc[0, "formula"] == "score ~ condition * stage + (1 | participant)"


def test_a_single_score_each_with_a_covariate_is_ordinary_regression() -> None:
    """Coefficients, standard errors and p of statsmodels' OLS; texts are compared with the first, sorted."""
    frame = study(6, 20, within=False, stages=["reflexive"])
    rng = np.random.default_rng(1)
    people = pd.DataFrame({"participant_id": sorted(set(frame["participant_id"]))})
    people = people.assign(age=rng.integers(18, 60, 40).astype(float), hand=["left", "right"] * 20)
    people.loc[people.index % 3 == 0, "hand"] = "both"
    assert models(frame, ["in", "out"], people).fits.empty
    found = models(frame, ["in", "out"], people, ["age", "hand"])
    joined = frame.merge(people).assign(age=lambda data: data["age"] - data["age"].mean())
    other = smf.ols("score ~ C(condition) + age + C(hand)", joined).fit()
    terms = found.terms.set_index("term")
    for ours, theirs in {
        "out - in": "C(condition)[T.out]",
        "age": "age",
        "hand: right - both": "C(hand)[T.right]",
    }.items():
        assert terms.loc[ours, "estimate"] == pytest.approx(other.params[theirs])
        assert terms.loc[ours, "se"] == pytest.approx(other.bse[theirs])
        assert terms.loc[ours, "p"] == pytest.approx(other.pvalues[theirs], rel=1e-4)
    hand = effect(found, "hand")
    joint = other.f_test("C(hand)[T.left] = C(hand)[T.right] = 0")
    assert (hand["f"], hand["p"]) == pytest.approx((float(joint.fvalue), float(joint.pvalue)), rel=1e-4)


def test_incomplete_scores_agree_with_statsmodels() -> None:
    """A fifth of the scores missing, two random parts: estimates by restricted likelihood, and their SE."""
    frame = study(9, 60, within=True, sds=(1.0, 1.2))
    frame.loc[frame.sample(frac=0.2, random_state=2).index, "score"] = np.nan
    found = models(frame, ["in", "out"])
    data = frame.dropna().assign(run=lambda rows: rows["participant_id"] + rows["condition"])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        other = smf.mixedlm(
            "score ~ C(condition) * C(stage, Treatment('reflexive'))",
            data,
            groups="participant_id",
            vc_formula={"run": "0 + C(run)"},
            re_formula="1",
        ).fit()
    assert found.terms["estimate"].tolist() == pytest.approx(other.fe_params.tolist(), rel=1e-3)
    assert found.terms["se"].tolist() == pytest.approx(other.bse_fe.tolist(), rel=1e-3)
    fit = found.fits.iloc[0]
    variances = [fit["sd_residual"] ** 2, fit["sd_participant"] ** 2, fit["sd_participant_condition"] ** 2]
    theirs = [other.scale, float(other.cov_re.iloc[0, 0]), float(other.vcomp[0])]
    assert variances == pytest.approx(theirs, rel=5e-3)
    assert (fit["n_scores"], bool(fit["converged"]), bool(fit["singular"])) == (len(data), True, False)


def test_a_condition_without_effect_is_significant_as_often_as_it_should_be() -> None:
    """Where scores of one run go together: 5 % of 120 studies, give or take."""
    rejected = 0
    for seed in range(120):
        frame = study(seed, 16, within=True, sds=(1.0, 1.2))
        rejected += bool(effect(models(frame, ["in", "out"]), "condition")["p"] < 0.05)
    # Binomial: 99.8 % of such counts lie between 0 and 14; an intercept alone gives some 20 or more.
    assert 0 < rejected <= 14


def test_a_singular_fit_is_said() -> None:
    """Participants who are no more alike to themselves than to others: a standard deviation of 0."""
    frame = study(1, 12, within=True, stages=["reflexive"])
    pairs = wide(frame, ["condition"])
    assert np.corrcoef(pairs["in"], -pairs["in"])[0, 1] < 0
    opposite = frame["condition"] == "out"
    frame.loc[opposite, "score"] = 100 - pairs["in"].to_numpy()
    fit = models(frame, ["in", "out"]).fits.iloc[0]
    assert (fit["sd_participant"], bool(fit["singular"]), bool(fit["converged"])) == (0, True, True)


@pytest.mark.parametrize("value", [3.0, np.nan])
def test_what_cannot_be_fitted_says_why(value: float) -> None:
    """The same score everywhere, or none."""
    frame = study(1, 5, within=True)
    same = models(frame.assign(score=3.0), ["in", "out"])
    assert same.fits.loc[0, "note"] == "every score is the same"
    few = models(study(1, 1, within=True), ["in", "out"])
    assert few.fits.loc[0, "note"] == "too few scores for this model"
    assert not few.fits.loc[0, "converged"]
    assert few.terms.empty
    assert models(frame.assign(score=np.nan)).fits.empty
    assert models(frame.iloc[:0]).fits.empty
    alone = frame.assign(score=frame["score"].where(frame["participant_id"] == "sub-000", value))
    assert len(models(alone).fits) == 1


def test_baseline_is_the_participants_own_and_missing_ones_are_counted() -> None:
    """One has no baseline: left out of that model alone; a measure without any says so."""
    frame = study(5, 12, within=False)
    first = frame[frame["stage"] == "reflexive"].assign(stage="baseline")
    first["score"] = first["score"].where(first["participant_id"] != "sub-004") + 1
    calm = frame.assign(measure="calm")
    found = models(pd.concat([frame, first, calm]), ["in", "out"], None, ["baseline"])
    fits = found.fits.set_index("measure")
    assert (fits.loc["mood", "n"], fits.loc["mood", "n_left_out"]) == (23, 1)
    assert fits.loc["mood", "formula"] == "score ~ condition * stage + baseline + (1 | participant)"
    assert fits.loc["calm", "note"] == "baseline is not in the model: it has one value, or none"
    assert fits.loc["calm", "n"] == 24


def test_a_stage_of_one_condition_is_left_out_and_named() -> None:
    """What was asked under one condition alone tells nothing of conditions."""
    frame = study(5, 12, within=False)
    frame = frame[(frame["stage"] == "reflexive") | (frame["condition"] == "in")]
    assert models(frame, ["in", "out"]).fits.empty
    people = pd.DataFrame({"participant_id": frame["participant_id"].unique()})
    people["age"] = np.arange(float(len(people)))
    fit = models(frame, ["in", "out"], people, ["age"]).fits.iloc[0]
    assert (fit["stages"], fit["formula"]) == ("reflexive", "score ~ condition + age")
    assert fit["note"] == "stage reflective left out: not under every condition"


def test_a_covariate_of_no_table_is_refused_with_the_names_there_are() -> None:
    """Numbers stay numbers, answers stay texts."""
    data = load(EXAMPLE)
    found = covariates(data, ["age", "gender", "played_before", "baseline"])
    assert list(found.columns) == ["participant_id", "age", "gender", "played_before"]
    assert pd.api.types.is_float_dtype(found["age"])
    assert set(found["played_before"].dropna()) <= {"yes", "no", "unsure"}
    with pytest.raises(
        AnalysisError, match=r"covariate 'agee' is in no table; there are: age, gender, .*baseline"
    ):
        covariates(data, ["agee"])
