"""Whether a score changes with the share of throws that participants received."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from scipy import stats

from analysis.composites import RECEIVED
from analysis.describe import moments
from analysis.errors import AnalysisError
from analysis.frames import SCORE, Floats, groups, one_per_participant
from analysis.samples import NO_TEST, Row, t_test

COLUMNS = [
    *SCORE,
    "design",
    "k",
    "doses",
    "n",
    "n_left_out",
    "slope",
    "se",
    "ci_low",
    "ci_high",
    "t",
    "df",
    "p",
]
COLUMNS += ["r", "d_z"]


def doses(scores: pd.DataFrame) -> dict[str, float]:
    """Return the mean percent of throws that participants received under each condition."""
    counted = one_per_participant(scores[scores["measure"] == RECEIVED])
    means = counted[counted["condition"].notna()].groupby("condition")["score"].mean().dropna()
    return {str(name): float(mean) for name, mean in means.items()}


def trend(scores: pd.DataFrame, dose: Mapping[str, float] | None = None) -> pd.DataFrame:
    """Test the linear trend of every score over the dose of its conditions.

    Between participants: the regression of the score on the dose of the participant's condition, with
    standard errors that allow each condition its own variance (HC3; MacKinnon & White 1985, J Econom 29:305)
    and t on n - 2 df. Within participants: each participant's own regression slope, and the t test of these
    (Lorch & Myers 1990, J Exp Psychol Learn Mem Cogn 16:149), which assumes nothing of how the scores of one
    participant go together; a mixed model would, and its slope takes participants' slopes to be equal unless
    it has a random one, which three conditions hardly tell.

    Parameters
    ----------
    scores : DataFrame
        participant_id, measure, stage, subscale, condition, score. Several scores of one participant under
        one condition are averaged first.
    dose : mapping, optional
        The dose of each condition; by default `doses`, in percent of throws received. Conditions that it
        does not name are left out.

    Returns
    -------
    DataFrame
        A row per score with three different doses or more: design, k (conditions), doses (in order), n
        (within: participants with a score under every condition), n_left_out, slope (change of the score per
        unit of dose; per percent of throws received by default) with se, ci_low, ci_high (95 %), t, df, p;
        r (between: correlation of score and dose), d_z (within: mean slope / SD of the slopes). Throws
        received are the dose and no score. NaN where it cannot be told.

    Raises
    ------
    AnalysisError
        For a dose that is no number.
    """
    given = dict(doses(scores) if dose is None else dose)
    wrong = [name for name, value in given.items() if not np.isfinite(value)]
    if wrong:
        raise AnalysisError(f"the dose of condition '{wrong[0]}' is no number")
    people = one_per_participant(scores)
    people = people[people["condition"].isin(list(given)) & (people["measure"] != RECEIVED)]
    people = people.assign(dose=people["condition"].map(given).astype(float))
    rows = []
    for key, of_score in groups(people, SCORE):
        used = of_score.groupby("condition")["dose"].first().sort_values()
        if used.nunique() < 3:
            continue
        within = bool(of_score["participant_id"].duplicated().any())
        found = _within(of_score) if within else _between(of_score)
        named = ", ".join(f"{name} {value:.4g}" for name, value in used.items())
        design = {"design": "within" if within else "between", "k": len(used), "doses": named}
        rows.append(dict(zip(SCORE, key, strict=True)) | design | found)
    return pd.DataFrame(rows, columns=COLUMNS).astype({"n": int, "n_left_out": int})


def _row(
    slope: float, se: float, test: Row, counts: tuple[int, int], *, r: float = np.nan, d_z: float = np.nan
) -> Row:
    n, left_out = counts
    return {"n": n, "n_left_out": left_out, "slope": slope, "se": se} | test | {"r": r, "d_z": d_z}


def _between(people: pd.DataFrame) -> Row:
    seen = people[people["score"].notna()]
    y, dose = seen["score"].to_numpy(float), seen["dose"].to_numpy(float)
    counts = (len(seen), len(people) - len(seen))
    if len(set(dose)) < 3 or len(y) < 4 or moments(y)[1] == 0:
        return _row(np.nan, np.nan, dict(NO_TEST), counts)
    from statsmodels.regression.linear_model import OLS  # noqa: PLC0415 - slow to import

    fitted = OLS(y, np.column_stack([np.ones_like(dose), dose])).fit(cov_type="HC3", use_t=True)
    slope, se = float(fitted.params[1]), float(fitted.bse[1])
    r = float(np.corrcoef(dose, y)[0, 1])
    exact = float(np.abs(fitted.resid).max()) <= 1e-12 * max(float(np.abs(y).max()), 1.0)
    test = dict(NO_TEST) if exact else t_test(slope, se, len(y) - 2)
    return _row(slope, np.nan if exact else se, test, counts, r=r)


def _within(people: pd.DataFrame) -> Row:
    wide = people.pivot_table(index="participant_id", columns="condition", values="score", dropna=False)
    dose = people.groupby("condition")["dose"].first().reindex(wide.columns).to_numpy(float)
    complete: Floats = wide.dropna().to_numpy(float)
    counts = (len(complete), len(wide) - len(complete))
    weights = (dose - dose.mean()) / ((dose - dose.mean()) ** 2).sum()
    slopes = complete @ weights
    mean, sd = moments(slopes)
    # Slopes that are the same but for rounding have no test, as differences have none.
    if not (len(slopes) > 1 and sd > 1e-12 * max(float(np.abs(complete).max()), 1.0)):
        return _row(mean, np.nan, dict(NO_TEST), counts)
    found = stats.ttest_1samp(slopes, 0.0)
    se = sd / np.sqrt(len(slopes))
    return _row(mean, se, t_test(mean, se, float(found.df)), counts, d_z=mean / sd)
