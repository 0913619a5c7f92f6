"""How many participants it takes: by formula, and by studies drawn from simulated sessions.

Formulas: two independent groups and pairs by the noncentral t distribution (Cohen 1988, ch. 2, equal n and
variances), by statsmodels; correlations by Fisher's z, ``n = ((z_alpha + z_power) / atanh r)^2 + 3`` (Cohen
1988, ch. 3). Every test has two sides.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from scipy import stats

from analysis.errors import AnalysisError, WrongRequestError
from analysis.frames import Floats

Test = Literal["between", "within", "correlation"]

ALPHA = 0.05
STUDIES = 10_000
"""How many studies are drawn for each size: the standard error of a power of .80 is then 0.004."""

DRAWN_AT_ONCE = 2_000_000
N_MAX = 1_000_000
UNIT = {"between": "per condition", "within": "participants", "correlation": "participants"}
"""What a sample size counts."""

NO_POOL: Floats = np.empty((2, 0))
"""Correlations are drawn from a distribution, from no participants."""

CURVE = ["n", "power_formula", "power_simulated", "ci_low", "ci_high", "n_studies"]


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked for.

    Attributes
    ----------
    test
        Welch's t between two conditions, the paired t within participants, or Pearson's correlation.
    effect
        d between, d_z within, or r; its sign does not matter.
    alpha
        Level of the test, two-sided.
    adjusted
        Correlations: how many numbers they are adjusted for (conditions less one, covariates); each costs a
        degree of freedom.
    """

    test: Test
    effect: float
    alpha: float = ALPHA
    adjusted: int = 0

    def __post_init__(self) -> None:
        largest = 1.0 if self.test == "correlation" else 10.0
        if not 0 < abs(self.effect) < largest:
            name = {"between": "d", "within": "d_z", "correlation": "r"}[self.test]
            raise WrongRequestError(f"{name} = {self.effect:g}: between 0 and {largest:g} is allowed")
        if not 0 < self.alpha < 0.5:
            raise WrongRequestError(f"alpha = {self.alpha:g}: between 0 and 0.5 is allowed")

    @property
    def smallest(self) -> int:
        """Return the fewest participants (per condition) with which the test can be done."""
        return {"between": 2, "within": 2, "correlation": 4}[self.test] + self.adjusted


def power(question: Question, n: int) -> float:
    """Return the power with `n` participants (between: per condition), by formula."""
    from statsmodels.stats.power import TTestIndPower, TTestPower  # noqa: PLC0415 - slow to import

    if n < question.smallest:
        return math.nan
    effect = abs(question.effect)
    if question.test == "correlation":
        shift = math.atanh(effect) * math.sqrt(n - 3 - question.adjusted)
        limit = float(stats.norm.isf(question.alpha / 2))
        return float(stats.norm.sf(limit - shift) + stats.norm.cdf(-limit - shift))
    solver = TTestIndPower() if question.test == "between" else TTestPower()
    return float(solver.power(effect, n, question.alpha))


def needed(question: Question, wanted: float) -> int:
    """Return the fewest participants (between: per condition) that give a power of `wanted`, by formula.

    Raises
    ------
    WrongRequestError
        For a power that is not between alpha and 1, or that a million participants do not give.
    """
    if not question.alpha < wanted < 1:
        raise WrongRequestError(f"power {wanted:g}: between alpha ({question.alpha:g}) and 1 is allowed")
    low, high = question.smallest, question.smallest
    while not power(question, high) >= wanted:
        low, high = high, 2 * high
        if high > N_MAX:
            raise WrongRequestError(
                f"an effect of {question.effect:g} takes more than a million participants; "
                "a larger effect is needed"
            )
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if power(question, middle) >= wanted else (middle + 1, high)
    return low


def sizes(question: Question, wanted: Sequence[float], points: int = 9) -> list[int]:
    """Return sizes for a curve from a power of about .3 up to one beyond the largest `wanted`."""
    low = needed(question, max(0.3, 1.5 * question.alpha))
    high = needed(question, min(0.995, 1 - (1 - max(wanted)) / 3))
    steps = np.linspace(low, max(high, low + 1), points).round().astype(int).tolist()
    return sorted({*steps, *(needed(question, each) for each in wanted)})


def curve(
    question: Question, counts: Sequence[int], found: Sequence[int] | None, studies: int
) -> pd.DataFrame:
    """Return the power at each size, by formula and, where `found` says how many tests did, by simulation.

    Returns
    -------
    DataFrame
        n, power_formula, power_simulated, ci_low and ci_high (Wilson's 95 % interval of the latter),
        n_studies; NaN where nothing was simulated.
    """
    from statsmodels.stats.proportion import proportion_confint  # noqa: PLC0415 - slow to import

    rows: list[list[float]] = []
    for place, n in enumerate(counts):
        simulated = [math.nan, math.nan, math.nan, 0.0]
        if found is not None:
            low, high = proportion_confint(found[place], studies, method="wilson")
            simulated = [found[place] / studies, float(low), float(high), float(studies)]
        rows.append([n, power(question, n), *simulated])
    return pd.DataFrame(rows, columns=CURVE).astype({"n": int, "n_studies": int})


def significant(question: Question, pool: Floats, n: int, studies: int, seed: int) -> int:
    """Count the significant tests among `studies` drawn with replacement from simulated participants.

    Parameters
    ----------
    question
        What is tested.
    pool : ndarray
        Between: two rows of scores, one for each condition, NaN where it has fewer participants. Within: two
        rows of scores of the same participants. Correlations take none: pairs are drawn from a bivariate
        normal distribution.
    n
        Participants in each study (between: per condition).
    studies, seed
        How many studies; the same seed draws the same.
    """
    rng = np.random.default_rng([seed, n])
    per_study = 2 * n
    done, count = 0, 0
    while done < studies:
        many = min(studies - done, max(1, DRAWN_AT_ONCE // per_study))
        count += int((_p_values(question, pool, (many, n), rng) < question.alpha).sum())
        done += many
    return count


def _p_values(question: Question, pool: Floats, shape: tuple[int, int], rng: np.random.Generator) -> Floats:
    """Draw studies (rows) and return the p value of each; one without variance has none."""
    with np.errstate(invalid="ignore", divide="ignore"):
        if question.test == "correlation":
            return _of_correlations(question, shape, rng)
        if question.test == "within":
            pairs = pool[:, ~np.isnan(pool).any(axis=0)]
            drawn = rng.integers(pairs.shape[1], size=shape)
            p = stats.ttest_rel(pairs[0][drawn], pairs[1][drawn], axis=1).pvalue
        else:
            samples = [scores[~np.isnan(scores)] for scores in pool]
            a, b = (scores[rng.integers(scores.size, size=shape)] for scores in samples)
            p = stats.ttest_ind(a, b, axis=1, equal_var=False).pvalue
    return np.asarray(p, dtype=float)


def _of_correlations(question: Question, shape: tuple[int, int], rng: np.random.Generator) -> Floats:
    """Return p of r in samples of a bivariate normal; what it is adjusted for is unrelated to both."""
    r, adjusted = question.effect, question.adjusted
    x, other = rng.standard_normal(shape), rng.standard_normal(shape)
    y = r * x + math.sqrt(1 - r * r) * other
    # Projecting out k unrelated normal numbers and the mean leaves a sample of n - k rotated values.
    kept = shape[1] - adjusted
    x, y = x[:, :kept], y[:, :kept]
    x, y = x - x.mean(axis=1, keepdims=True), y - y.mean(axis=1, keepdims=True)
    found = (x * y).sum(axis=1) / np.sqrt((x * x).sum(axis=1) * (y * y).sum(axis=1))
    t = found * np.sqrt((kept - 2) / (1 - found * found))
    return np.asarray(2 * stats.t.sf(np.abs(t), kept - 2), dtype=float)


def reached(table: pd.DataFrame, wanted: float) -> float:
    """Return the size at which the simulated curve crosses `wanted`; NaN where it does not.

    Between its points the curve is taken for straight. It is first made to grow (isotonic regression, by
    scipy), since chance makes single points fall.
    """
    from scipy.optimize import isotonic_regression  # noqa: PLC0415 - only where something was simulated

    rows = table[table["n_studies"] > 0]
    if len(rows) < 2:
        return math.nan
    grown = isotonic_regression(rows["power_simulated"].to_numpy(float)).x
    if not grown[0] <= wanted <= grown[-1]:
        return math.nan
    after = int(np.searchsorted(grown, wanted))
    n = rows["n"].to_numpy(float)
    if after == 0 or grown[after] == grown[after - 1]:
        return float(n[after])
    share = (wanted - grown[after - 1]) / (grown[after] - grown[after - 1])
    return float(n[after - 1] + share * (n[after] - n[after - 1]))


def standardised(test: Test, pool: Floats) -> float:
    """Return d (pooled SD) between, or d_z within, of two rows of scores: the first minus the second."""
    if test == "within":
        difference = pool[0] - pool[1]
        difference = difference[~np.isnan(difference)]
        spread = float(difference.std(ddof=1))
        return float(difference.mean()) / spread if spread > 0 else math.nan
    a, b = (scores[~np.isnan(scores)] for scores in pool)
    pooled = ((a.size - 1) * a.var(ddof=1) + (b.size - 1) * b.var(ddof=1)) / (a.size + b.size - 2)
    return float((a.mean() - b.mean()) / math.sqrt(pooled)) if pooled > 0 else math.nan


def pool_of(scores: pd.DataFrame, name: tuple[str, str, str], pair: tuple[str, str]) -> Floats:
    """Return the simulated scores under two conditions as two rows; see `significant`.

    Parameters
    ----------
    scores : DataFrame
        One row per participant, condition and score (`analysis.frames.one_per_participant`).
    name
        Measure, subscale and stage.
    pair
        The conditions: the first minus the second.

    Raises
    ------
    WrongRequestError
        Where there is no such score under one of the conditions; the message names those that there are.
    """
    measure, subscale, stage = name
    rows = scores[
        (scores["measure"] == measure) & (scores["subscale"] == subscale) & (scores["stage"] == stage)
    ]
    rows = rows[rows["condition"].notna()]
    if rows.empty:
        known = scores[scores["condition"].notna()][["measure", "subscale", "stage"]].drop_duplicates()
        told = ", ".join(sorted(":".join(map(str, row)) for row in known.itertuples(index=False)))
        raise WrongRequestError(f"no score {measure}:{subscale}:{stage} by condition; there are: {told}")
    wide = rows.pivot_table(index="participant_id", columns="condition", values="score", dropna=False)
    absent = [condition for condition in pair if condition not in wide.columns]
    if absent:
        raise WrongRequestError(
            f"no condition '{absent[0]}' for this score; there are: {', '.join(sorted(wide.columns))}"
        )
    pool: Floats = wide[list(pair)].to_numpy(float).T
    if (np.sum(~np.isnan(pool), axis=1) < 2).any():
        raise AnalysisError(f"fewer than two simulated participants under {pair[0]} or {pair[1]}")
    return pool
