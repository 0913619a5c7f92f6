"""Pain beside distress: what is paired, at which levels, who is left out; and that it finds what is there."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pingouin as pg
import pytest
from numpy.testing import assert_allclose
from scipy import stats
from statsmodels.regression.linear_model import OLS
from statsmodels.regression.mixed_linear_model import MixedLM

from analysis.overlap import Overlap, overlap
from analysis.slopes import INTERACTION
from bench.overlap import rates
from tests.overlapping import CONDITIONS, Made, Truth, between, within

SHARED = Truth(overlap=0.5, control=0.1)


def found_in(made: Made) -> Overlap:
    """Return the analysis of a made study."""
    return overlap(made.scores, made.sessions, made.participants, made.conditions)


def with_scores(made: Made, scores: pd.DataFrame) -> Made:
    """Return the study with other scores."""
    return replace(made, scores=scores)


@pytest.fixture(scope="module")
def made() -> Made:
    """30 people under each of two conditions, everything asked."""
    return between(SHARED, 30, 3)


@pytest.fixture(scope="module")
def found(made: Made) -> Overlap:
    """Its analysis."""
    return found_in(made)


@pytest.fixture(scope="module")
def repeated() -> tuple[Made, Overlap]:
    """A study of 30 people who went through both conditions, and its analysis."""
    study = within(SHARED, 30, 4)
    return study, found_in(study)


def row(table: pd.DataFrame, **where: object) -> dict[str, Any]:
    """Return the one row with these values; None is a missing one."""
    for name, value in where.items():
        table = table[table[name].isna() if value is None else table[name] == value]
    assert len(table) == 1, table
    return {str(name): value for name, value in table.iloc[0].items()}


def pair(found: Overlap, kind: str, x: str, y: str) -> pd.DataFrame:
    """Return the points of a pair that was measured in full."""
    frames = [
        each.frame for each in found.pairs if (each.kind, each.x.measure, each.y.measure) == (kind, x, y)
    ]
    assert len(frames) == 1
    return frames[0]


PAIN = {"kind": "pain", "x_measure": "distress", "y_measure": "pain_unpleasantness"}
THRESHOLD = {"kind": "sensitivity", "x_measure": "heat_threshold", "y_measure": "distress"}


def test_every_kind_of_pair_is_there_and_the_composite_comes_first(found: Overlap) -> None:
    """Threshold with each kind of distress, each of these with each rating; hurt feelings last."""
    kinds = found.correlations.drop_duplicates(["kind", "x_measure", "y_measure"])
    listed = list(zip(kinds["kind"], kinds["x_measure"], kinds["y_measure"], strict=True))
    assert listed[:3] == [
        ("sensitivity", "heat_threshold", name) for name in ("distress", "distress_vas", "hurt_vas")
    ]
    assert listed[3] == ("pain", "distress", "pain_unpleasantness")
    assert len(listed) == 3 + 6 + 3 + 1
    assert set(kinds["x_stage"]) | set(kinds["y_stage"]) == {"baseline", "reflexive", "probes"}


def test_a_correlation_within_a_condition_is_that_of_its_people_alone(made: Made, found: Overlap) -> None:
    """Distress and the mean of the probes, from the scores by hand; rank correlation by scipy."""
    own = made.scores[made.scores["condition"] == "exclusion"]
    distress = own[own["measure"] == "distress"].groupby("participant_id")["score"].mean()
    pain = own[own["measure"] == "pain_unpleasantness"].groupby("participant_id")["score"].mean()
    told = row(found.correlations, over="condition", condition="exclusion", **PAIN)
    assert_allclose([told["r"], told["p"]], stats.pearsonr(distress, pain))
    assert_allclose([told["rho"], told["rho_p"]], stats.spearmanr(distress, pain))
    assert (told["n"], told["n_missing"], told["n_censored"]) == (30, 0, 0)


def test_adjusted_for_condition_is_pingouins_partial_correlation(found: Overlap) -> None:
    """Of the condition as a number, with two conditions; a degree of freedom goes."""
    frame = pair(found, "pain", "distress", "pain_unpleasantness")
    frame = frame.assign(excluded=(frame["condition"] == "exclusion").astype(float))
    theirs = pg.partial_corr(frame, x="x", y="y", covar="excluded").iloc[0]
    told = row(found.correlations, over="adjusted", **PAIN)
    assert_allclose(told["r"], theirs["r"])
    assert told["df"] == 60 - 3
    assert told["adjusted_for"] == "condition"


def test_a_partial_correlation_takes_out_condition_age_gender_and_mood_before(
    made: Made, found: Overlap
) -> None:
    """As a regression with these columns; the order does not vary here, which is said."""
    frame = pair(found, "pain", "distress", "pain_unpleasantness").set_index("participant_id")
    people = made.participants.set_index("participant_id")
    mood = made.scores[made.scores["measure"] == "mood"].set_index("participant_id")["score"]
    columns = np.column_stack([
        frame["x"], frame["condition"] == "exclusion", people["age"].reindex(frame.index),
        people["gender"].reindex(frame.index) == "man", mood.reindex(frame.index), np.ones(60),
    ]).astype(float)  # fmt: skip
    theirs = OLS(frame["y"].to_numpy(), columns).fit()
    told = row(found.correlations, over="partial", **PAIN)
    assert_allclose([told["t"], told["df"], told["p"]], [theirs.tvalues[0], 54, theirs.pvalues[0]])
    assert told["adjusted_for"] == "condition, age, gender, negative affect"
    assert any("nothing is adjusted for it: order." in note for note in found.notes)


def test_a_covariate_that_the_analyst_names_is_taken_too(made: Made) -> None:
    """Who lacks it is missing from the partial correlation alone."""
    people = made.participants
    further = people[["participant_id"]].assign(played=[np.nan, *range(59)])
    told = overlap(made.scores, made.sessions, people, made.conditions, further=further).correlations
    partial = row(told, over="partial", **PAIN)
    assert partial["adjusted_for"].endswith("negative affect, played")
    assert (partial["n"], partial["n_missing"]) == (59, 1)
    assert row(told, over="adjusted", **PAIN)["n"] == 60


def test_conditions_are_never_pooled(found: Overlap) -> None:
    """Whatever takes them together is adjusted for them."""
    together = found.correlations[found.correlations["over"] != "condition"]
    assert together["adjusted_for"].str.startswith("condition").all()
    differences = found.differences[found.differences["over"] != "condition"]
    assert differences["adjusted_for"].str.startswith("condition").all()


def test_slopes_and_their_difference_are_those_of_statsmodels(found: Overlap) -> None:
    """Each condition by itself, and the interaction in one regression, both with HC3."""
    frame = pair(found, "pain", "distress", "pain_unpleasantness")
    excluded = (frame["condition"] == "exclusion").to_numpy(float)
    x, y = frame["x"].to_numpy(), frame["y"].to_numpy()
    whole = OLS(y, np.column_stack([np.ones(60), excluded, x, x * excluded])).fit(cov_type="HC3", use_t=True)
    told = row(found.slopes, term="exclusion - inclusion", **PAIN)
    assert_allclose(
        [told["slope"], told["se"], told["df"], told["p"]],
        [whole.params[3], whole.bse[3], 56, whole.pvalues[3]],
    )
    together = row(found.slopes, term=INTERACTION, **PAIN)
    assert_allclose([together["f"], together["p"]], [told["t"] ** 2, told["p"]])
    common = OLS(y, np.column_stack([np.ones(60), excluded, x])).fit(cov_type="HC3", use_t=True)
    told = row(found.slopes, term="common", **PAIN)
    assert_allclose([told["slope"], told["p"], told["df"]], [common.params[2], common.pvalues[2], 57])
    own = excluded > 0
    alone = OLS(y[own], np.column_stack([np.ones(30), x[own]])).fit(cov_type="HC3", use_t=True)
    told = row(found.slopes, term="exclusion", **PAIN)
    assert_allclose([told["slope"], told["se"], told["p"]], [alone.params[1], alone.bse[1], alone.pvalues[1]])


def test_the_multilevel_model_is_that_of_statsmodels(made: Made, found: Overlap) -> None:
    """Coefficients and standard errors; degrees of freedom are those of the people, not of the ratings."""
    rows = made.scores[made.scores["measure"] == "pain_unpleasantness"]
    rows = rows.assign(probe=rows["stage"].str[-1].astype(float))
    distress = made.scores[made.scores["measure"] == "distress"].set_index("participant_id")
    centred = distress["score"] - distress.groupby("condition")["score"].transform("mean")
    design = np.column_stack([
        np.ones(len(rows)), centred.reindex(rows["participant_id"]), rows["condition"] == "exclusion",
        rows["probe"] - 2,
    ]).astype(float)  # fmt: skip
    theirs = MixedLM(rows["score"].to_numpy(), design, groups=rows["participant_id"].to_numpy()).fit(
        reml=True
    )
    told = found.terms[
        (found.terms["outcome"] == "pain_unpleasantness") & (found.terms["x_measure"] == "distress")
    ]
    assert list(told["term"]) == ["(Intercept)", "distress", "exclusion - inclusion", "probe"]
    assert_allclose(told["estimate"], theirs.fe_params, rtol=1e-6)
    assert_allclose(told["se"], theirs.bse_fe, rtol=1e-4)
    assert_allclose(told["df"].to_numpy(float)[1], 57, rtol=0.01)


def test_within_people_the_model_keeps_persons_and_games_apart(repeated: tuple[Made, Overlap]) -> None:
    """Two coefficients of distress, each judged by the people; the games have a random part of their own."""
    _, found = repeated
    told = found.terms[found.terms["outcome"] == "pain_unpleasantness"]
    told = told[told["x_measure"] == "distress"].set_index("term")
    names = ["distress, between persons", "distress, within person"]
    assert_allclose(told.loc[names, "df"].to_numpy(float), 28, rtol=0.02)
    fits = row(found.models, outcome="pain_unpleasantness", x_measure="distress")
    assert fits["formula"].endswith("(1 | participant) + (1 | participant:condition)")
    assert fits["sd_participant_condition"] > 0


def test_within_people_of_two_conditions_the_differences_are_correlated(
    repeated: tuple[Made, Overlap],
) -> None:
    """`within_person` is the correlation of what changes; `between_persons` that of the means."""
    _, found = repeated
    frame = pair(found, "pain", "distress", "pain_unpleasantness")
    x, y = (frame.pivot_table(index="participant_id", columns="condition", values=name) for name in "xy")
    change = stats.pearsonr(x["exclusion"] - x["inclusion"], y["exclusion"] - y["inclusion"])
    told = row(found.correlations, over="within_person", **PAIN)
    assert_allclose([told["r"], told["p"], told["df"]], [*change, 28])
    means = stats.pearsonr(x.mean(axis=1), y.mean(axis=1))
    told = row(found.correlations, over="between_persons", **PAIN)
    assert_allclose([told["r"], told["p"], told["n"]], [*means, 30])


def test_within_people_the_order_of_conditions_is_a_covariate(repeated: tuple[Made, Overlap]) -> None:
    """Half began with either."""
    _, found = repeated
    told = row(found.correlations, over="partial", **PAIN)
    assert told["adjusted_for"] == "condition, order, age, gender, negative affect"


def test_what_was_measured_once_before_has_no_level_within_persons(repeated: tuple[Made, Overlap]) -> None:
    """A threshold does not change from game to game."""
    told = repeated[1].correlations
    told = told[told["kind"] == "sensitivity"]
    assert set(told["over"]) == {"condition", "between_persons", "partial"}


def test_whoever_lacks_a_value_or_reached_the_cap_is_counted_and_left_out(made: Made) -> None:
    """Three without a threshold, two whose threshold is only a bound; the flag is no score of its own."""
    codes = sorted(set(made.scores["participant_id"]))[:5]  # of those under exclusion
    scores = made.scores.copy()
    measured = scores["measure"] == "heat_threshold"
    scores.loc[measured & scores["participant_id"].isin(codes[:3]), "score"] = np.nan
    flags = scores[measured].assign(
        subscale="threshold_censored",
        score=scores.loc[measured, "participant_id"].isin(codes[3:]).astype(float),
    )
    found = found_in(with_scores(made, pd.concat([scores, flags], ignore_index=True)))
    told = row(found.correlations, over="condition", condition="exclusion", **THRESHOLD)
    assert (told["n"], told["n_missing"], told["n_censored"]) == (25, 3, 2)
    assert set(found.correlations["x_subscale"]) == {"threshold", "index"}


def test_a_threshold_from_after_the_game_is_compared_and_not_correlated(made: Made) -> None:
    """What the game did to it and what it foretells cannot be told apart; that is said."""
    scores = made.scores.copy()
    later = scores["measure"] == "heat_threshold"
    scores.loc[later, "run"], scores.loc[later, "stage"] = 1, "reflexive"
    found = found_in(with_scores(made, scores))
    assert "sensitivity" not in set(found.correlations["kind"])
    assert "heat_threshold" in set(found.comparisons["measure"])
    assert any("never measured before a game" in note for note in found.notes)


def test_in_counterbalanced_orders_those_measured_after_are_missing_before(made: Made) -> None:
    """Half have their tolerance from before the game: these are paired, the others counted."""
    scores = made.scores.copy()
    half = scores["participant_id"].str[-1].isin(list("02468")) & (scores["measure"] == "heat_threshold")
    scores.loc[half, "run"], scores.loc[half, "stage"] = 1, "reflexive"
    found = found_in(with_scores(made, scores))
    told = row(found.correlations, over="adjusted", **THRESHOLD)
    assert (told["n"], told["n_missing"]) == (30, 30)
    assert any("30 participants have it only from after a game" in note for note in found.notes)
    compared = row(found.comparisons, measure="heat_threshold")
    assert (compared["n_a"], compared["n_b"]) == (15, 15)


def test_pain_by_condition_is_compared_two_sided(made: Made, found: Overlap) -> None:
    """Welch's t of the means over the probes."""
    own = made.scores[made.scores["measure"] == "pain_unpleasantness"]
    means = own.groupby(["condition", "participant_id"])["score"].mean()
    theirs = stats.ttest_ind(means["exclusion"], means["inclusion"], equal_var=False)
    told = row(found.comparisons, measure="pain_unpleasantness")
    assert_allclose([told["t"], told["p"]], [theirs.statistic, theirs.pvalue])
    assert {"g", "g_low", "bf10", "tost_p", "equivalent"} <= set(found.comparisons.columns)


def test_a_treatment_arm_is_adjusted_for_within_each_condition(made: Made) -> None:
    """A drug that lessens both would else pass for overlap: with means far apart, r stays as it is."""
    arms = {code: "drug" if int(code[-2:]) % 2 else "placebo" for code in made.sessions["participant_id"]}
    drugged = made.scores["participant_id"].map(arms) == "drug"
    moved = made.scores["measure"].isin(["distress", "pain_unpleasantness"]) & drugged
    sessions = made.sessions.assign(factors="arm=" + made.sessions["participant_id"].map(arms))
    plain = found_in(replace(made, sessions=sessions))
    scores = made.scores.assign(score=made.scores["score"] - 500.0 * moved)
    shifted = found_in(Made(scores, sessions, made.participants, made.conditions))
    for over in ("adjusted", "partial"):
        told = [row(each.correlations, over=over, **PAIN) for each in (plain, shifted)]
        assert_allclose(told[0]["r"], told[1]["r"])
    told = [
        row(each.correlations, over="condition", condition="exclusion", **PAIN) for each in (plain, shifted)
    ]
    assert_allclose(told[0]["r"], told[1]["r"])
    assert told[0]["adjusted_for"] == "arm"
    assert told[0]["df"] == 27
    one, other = (row(each.slopes, term="exclusion", **PAIN)["slope"] for each in (plain, shifted))
    assert_allclose(one, other)
    terms = [each.terms[each.terms["term"] == "distress"]["estimate"] for each in (plain, shifted)]
    assert_allclose(terms[0].to_numpy(float), terms[1].to_numpy(float), rtol=1e-4)


def test_a_dataset_without_pain_or_without_distress_has_no_overlap(made: Made) -> None:
    """No table, and no error."""
    for roles in (["pain", "pain_sensitivity"], ["distress", "distress_rating", "hurt"]):
        rest = made.scores[~made.scores["role"].isin(roles)].reset_index(drop=True)
        assert found_in(with_scores(made, rest)).tables() == {}
    assert found_in(with_scores(made, made.scores.iloc[:0])).tables() == {}


@pytest.mark.parametrize("n", [1, 2, 3, 4])
def test_very_small_studies_have_counts_and_dashes(n: int) -> None:
    """Nothing fails, and nothing comes from nothing."""
    found = found_in(between(SHARED, n, 5))
    told = row(found.correlations, over="condition", condition="inclusion", **PAIN)
    assert told["n"] == n
    assert math.isnan(told["r"]) == (n < 3)
    assert math.isnan(told["ci_low"]) == (n < 4)
    assert set(found.tables()) >= {"overlap", "overlap_slopes", "overlap_models"}
    assert found_in(within(SHARED, n, 5)).tables()


def test_ratings_that_nobody_varies_leave_no_correlation_and_no_model(made: Made) -> None:
    """Everybody rated 50 each time."""
    flat = made.scores["score"].where(made.scores["role"] != "pain", 50.0)
    found = found_in(with_scores(made, made.scores.assign(score=flat)))
    told = found.correlations[found.correlations["kind"] == "pain"]
    assert told["r"].isna().all()
    assert (told["n"] > 0).all()
    notes = found.models.loc[found.models["outcome"] == "pain_unpleasantness", "note"]
    assert (notes == "every rating is the same").all()


def test_a_single_condition_is_not_adjusted_for(made: Made) -> None:
    """One row of its own, and the partial correlation."""
    one = made.scores[made.scores["condition"] == "exclusion"].reset_index(drop=True)
    sessions = made.sessions[made.sessions["conditions"] == "exclusion"]
    told = overlap(one, sessions, made.participants, ("exclusion",)).correlations
    told = told[(told["kind"] == "pain") & (told["x_measure"] == "distress")]
    assert set(told["over"]) == {"condition", "partial"}
    assert (
        row(told, over="partial", y_measure="pain_intensity")["adjusted_for"]
        == "age, gender, negative affect"
    )


def test_spreads_that_differ_on_both_sides_are_told(made: Made) -> None:
    """Where only one does, the level is kept, and nothing is said."""
    excluded = made.scores["condition"] == "exclusion"
    for measures, said in ((["distress"], False), (["distress", "pain_unpleasantness"], True)):
        wide = excluded & made.scores["measure"].isin(measures)
        scores = made.scores.assign(score=made.scores["score"] * np.where(wide, 4.0, 1.0))
        notes = found_in(with_scores(made, scores)).notes
        assert any("pain_unpleasantness and distress both spread" in note for note in notes) == said


def test_without_a_control_rating_that_is_said(made: Made) -> None:
    """Nothing then tells overlap from a way of answering."""
    rest = made.scores[made.scores["role"] != "control_rating"].reset_index(drop=True)
    found = found_in(with_scores(made, rest))
    assert found.differences.empty
    assert any(note.startswith("No rating of something not painful") for note in found.notes)


def test_hurt_and_distress_on_a_line_are_taken_during_the_game_where_not_after(made: Made) -> None:
    """Mean over the ratings between throws."""
    scores = made.scores.copy()
    line = scores["measure"] == "distress_vas"
    first = scores[line].assign(stage="during_1")
    second = scores[line].assign(stage="during_2", score=scores.loc[line, "score"] + 10)
    scores = pd.concat([scores[~line], first, second], ignore_index=True)
    before, after = found_in(made), found_in(with_scores(made, scores))
    where = {"kind": "pain", "x_measure": "distress_vas", "y_measure": "pain_intensity", "over": "adjusted"}
    assert row(after.correlations, **where)["x_stage"] == "during"
    assert_allclose(row(after.correlations, **where)["r"], row(before.correlations, **where)["r"])


def test_three_conditions_have_three_slopes_and_three_differences() -> None:
    """And one test of all together, with two degrees of freedom."""
    study = between(SHARED, 20, 8, (*CONDITIONS, "partial"), light=True)
    found = found_in(study)
    told = found.slopes[found.slopes["kind"] == "pain"]
    assert list(told["term"]) == [
        "inclusion", "exclusion", "partial", "common", "exclusion - inclusion", "partial - inclusion",
        "partial - exclusion", INTERACTION,
    ]  # fmt: skip
    assert told["df1"].iloc[-1] == 2
    assert row(found.correlations, over="adjusted", **PAIN)["df"] == 60 - 4
    assert set(found.needed["adjusted"]) == {0, 2}


STUDIES = 150
"""A share of 5 % then has a standard error of 1.8 %; the bounds are five of them, and 0."""


@pytest.mark.slow
@pytest.mark.parametrize("repeated", [False, True], ids=["between", "within"])
def test_with_no_overlap_every_test_keeps_its_level_and_pooling_does_not(repeated: bool) -> None:
    """The condition changes both distress and pain; of some sixty tests none exceeds its level."""
    table = rates(Truth(), 30, STUDIES, 2, repeated=repeated)
    pooled = table["significant"].iloc[0]
    assert pooled > 0.15
    others = table["significant"].iloc[1:]
    assert len(others) > 40
    assert others.max() < 0.05 + 5 * math.sqrt(0.05 * 0.95 / STUDIES)
    assert 0.03 < others.mean() < 0.07


@pytest.mark.slow
@pytest.mark.parametrize("repeated", [False, True], ids=["between", "within"])
def test_a_known_overlap_lies_within_its_interval_as_often_as_it_should(repeated: bool) -> None:
    """Correlations, slopes, differences and models hold what is true; overlap is found."""
    table = rates(Truth(overlap=0.4, control=0.1), 30, STUDIES, 3, repeated=repeated)
    covered = table["covered"].dropna()
    assert len(covered) > 20
    assert covered.min() > 0.95 - 5 * math.sqrt(0.05 * 0.95 / STUDIES)
    assert 0.93 < covered.mean() < 0.97
    together = "between_persons" if repeated else "adjusted"
    shares = table["significant"].to_dict()
    assert shares[f"pain: {together}, r"] > 0.5
    assert shares["pain: slope, condition x slope"] < 0.05 + 5 * 0.018
