"""Tests between and within conditions. Every difference is `a` minus `b`; every test has two sides."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import combinations

import numpy as np
import pandas as pd

from analysis.effects import holm
from analysis.errors import AnalysisError
from analysis.frames import SCORE, distinct, groups, one_per_participant
from analysis.plan import EQUIVALENCE
from analysis.samples import Row, independent, paired, welch_anova

NEEDS = ("belonging", "self_esteem", "meaningful_existence", "control")
"""The four needs: a family for Holm's correction within one measure and stage, and the only one."""


def between(scores: pd.DataFrame, a: str, b: str, equivalence: float = EQUIVALENCE) -> pd.DataFrame:
    """Compare two groups of participants on every score: `a` minus `b`.

    Parameters
    ----------
    scores : DataFrame
        Columns participant_id, measure, stage, subscale, condition, score. Several scores of one participant
        under one condition are averaged first.
    a, b
        The conditions. Nobody may have scores under both (`within` is for that).
    equivalence
        Bound of the test of equivalence, in pooled standard deviations.

    Returns
    -------
    DataFrame
        A row per measure, stage and subscale:

        - n_a, n_b (participants with a score), n_missing_a, n_missing_b, mean_a, mean_b, sd_a, sd_b;
        - difference (mean_a - mean_b) with ci_low, ci_high (95 %, Welch), Welch's t, df, p, and p_holm over
          the four needs of one measure and stage (NaN for all other scores);
        - student_t, student_df, student_p (equal variances);
        - d = (mean_a - mean_b) / pooled SD, d_low, d_high: 95 % interval of the population's standardised
          difference from the noncentral t distribution, ``lambda / sqrt(n_a n_b / (n_a + n_b))``;
        - g, g_low, g_high: the same three times the exact correction J(n_a + n_b - 2) (Hedges 1981), as
          ``effectsize::hedges_g`` of R does;
        - bf10, log10_bf10: Bayes factor of a difference against none (`analysis.bayes`), from Student's t;
        - u (Mann-Whitney, of `a`), u_p, rank_biserial = 2 u / (n_a n_b) - 1;
        - bound_sd (`equivalence`), bound (the same in units of the score), ci90_low, ci90_high, tost_p,
          equivalent: two one-sided Welch tests (`analysis.equivalence`).

        What cannot be told (too few participants, no variance) is NaN.
    """
    people = _pair(scores, a, b)
    _refuse_both(people, a, b)

    def compare(rows: pd.DataFrame) -> Row:
        x, y = (rows.loc[rows["condition"] == name, "score"].to_numpy(float) for name in (a, b))
        return independent(x, y, equivalence)

    return _table(people, a, b, compare)


def within(scores: pd.DataFrame, a: str, b: str, equivalence: float = EQUIVALENCE) -> pd.DataFrame:
    """Compare two conditions that the same participants went through: `a` minus `b`.

    Parameters
    ----------
    scores : DataFrame
        Columns participant_id, measure, stage, subscale, condition, score. Several scores of one participant
        under one condition are averaged first.
    a, b
        The conditions.
    equivalence
        Bound of the test of equivalence, in standard deviations of the differences.

    Returns
    -------
    DataFrame
        A row per measure, stage and subscale; all numbers are over the complete pairs:

        - n (pairs), n_left_out (participants with only one of the two scores, or none), mean_a, mean_b,
          sd_a, sd_b, r (correlation of the pairs);
        - difference (mean of a - b) with ci_low, ci_high (95 %), paired t, df, p, and p_holm over the four
          needs of one measure and stage (NaN for all other scores);
        - d_z = mean / SD of the differences, d_z_low, d_z_high: 95 %, noncentral t, ``lambda / sqrt(n)``;
        - d_av = difference / sqrt((sd_a^2 + sd_b^2) / 2) (Cumming 2012), d_av_low, d_av_high: 95 % (Bonett
          2008, `analysis.effects.d_av_interval`);
        - bf10, log10_bf10: Bayes factor of a difference against none (`analysis.bayes`);
        - w (Wilcoxon's smaller sum of ranks, pairs without a difference left out), w_p;
        - bound_sd (`equivalence`), bound (the same in units of the score), ci90_low, ci90_high, tost_p,
          equivalent: two one-sided paired t tests (`analysis.equivalence`).

        What cannot be told (too few pairs, no variance) is NaN.
    """
    people = _pair(scores, a, b)

    def compare(rows: pd.DataFrame) -> Row:
        wide = rows.pivot_table(index="participant_id", columns="condition", values="score", dropna=False)
        wide = wide.reindex(columns=[a, b])
        pairs = wide.dropna()
        everyone = rows["participant_id"].nunique()
        row = paired(pairs[a].to_numpy(float), pairs[b].to_numpy(float), equivalence)
        return {"n": float(len(pairs)), "n_left_out": float(everyone - len(pairs))} | row

    return _table(people, a, b, compare)


def _pair(scores: pd.DataFrame, a: str, b: str) -> pd.DataFrame:
    """Return the rows of two conditions, one per participant, condition and score."""
    people = one_per_participant(scores)
    known = sorted(distinct(people["condition"]))
    for name in (a, b):
        if name not in known:
            raise AnalysisError(
                f"no condition '{name}' in the scores; there are: {', '.join(known) or 'none'}"
            )
    if a == b:
        raise AnalysisError(f"condition '{a}' cannot be compared with itself")
    return people[people["condition"].isin([a, b])]


def _refuse_both(people: pd.DataFrame, a: str, b: str) -> None:
    conditions = people.groupby([*SCORE, "participant_id"], dropna=False)["condition"].nunique()
    both = conditions[conditions > 1]
    if len(both):
        count = both.index.get_level_values("participant_id").nunique()
        raise AnalysisError(
            f"{count} participants have scores under both '{a}' and '{b}'; compare these within"
        )


def _table(people: pd.DataFrame, a: str, b: str, compare: Callable[[pd.DataFrame], Row]) -> pd.DataFrame:
    """Compare each score, and correct p over the four needs."""
    rows = [
        dict(zip(SCORE, key, strict=True)) | {"a": a, "b": b} | compare(rows)
        for key, rows in groups(people, SCORE)
    ]
    table = pd.DataFrame(rows)
    counts = [name for name in table.columns if name == "n" or name.startswith("n_")]
    table = table.astype(dict.fromkeys(counts, int)).astype({"equivalent": "boolean"})
    corrected = np.full(len(table), np.nan)
    needs = table["subscale"].isin(NEEDS).to_numpy(bool)
    for _, places in table[needs].groupby(["measure", "stage"], dropna=False).indices.items():
        family = np.flatnonzero(needs)[places]
        corrected[family] = holm(table["p"].to_numpy(float)[family])
    table.insert(list(table.columns).index("p") + 1, "p_holm", corrected)
    return table


def comparisons(
    scores: pd.DataFrame, order: Sequence[str] | None = None, equivalence: float = EQUIVALENCE
) -> pd.DataFrame:
    """Compare every pair of conditions on every score, within participants where they went through both.

    Parameters
    ----------
    scores : DataFrame
        As `between` and `within` take them; rows without a condition are left out.
    order
        The conditions, the reference first: in each pair the later one is `a`, the earlier one `b`. Those not
        named follow, sorted.
    equivalence
        Bound of the tests of equivalence, in standard deviations.

    Returns
    -------
    DataFrame
        The rows of `between` and `within` with a column ``design`` that says which; a column that the other
        design has is NaN. A pair is compared within as soon as one participant has a row under both.
    """
    people = one_per_participant(scores)
    people = people[people["condition"].notna()]
    listed = in_order(people, order)
    parts: list[pd.DataFrame] = []
    for b, a in combinations(listed, 2):
        pair = people[people["condition"].isin([a, b])]
        alike: dict[str, list[pd.DataFrame]] = {"between": [], "within": []}
        for _, rows in groups(pair, SCORE[:2]):
            if distinct(rows["condition"]) == {a, b}:
                shared = rows.groupby("participant_id")["condition"].nunique().max() > 1
                alike["within" if shared else "between"].append(rows)
        for design, found in alike.items():
            if found:  # all at once: what a call costs, it costs for any number of scores
                compare = within if design == "within" else between
                table = compare(pd.concat(found, ignore_index=True), a, b, equivalence)
                parts.append(table.assign(design=design))
    if not parts:
        return pd.DataFrame(columns=[*SCORE, "a", "b", "design"])
    return pd.concat(parts, ignore_index=True)


def in_order(scores: pd.DataFrame, order: Sequence[str] | None = None) -> list[str]:
    """Return the conditions that have scores, those in `order` first, the others sorted."""
    known = distinct(scores["condition"])
    listed = [name for name in order or () if name in known]
    return listed + sorted(known - set(listed))


def omnibus(scores: pd.DataFrame) -> pd.DataFrame:
    """Test whether the means of three or more groups of participants differ: Welch's analysis of variance.

    Parameters
    ----------
    scores : DataFrame
        As `between` takes them.

    Returns
    -------
    DataFrame
        A row per measure, stage and subscale with three conditions or more: k (conditions), n, f, df1, df2, p
        (Welch 1951, Biometrika 38:330). NaN where a group has fewer than two scores or no variance.
    """
    people = one_per_participant(scores)
    people = people[people["condition"].notna()]
    rows = []
    for key, of_score in groups(people, SCORE):
        present = [part["score"].dropna().to_numpy(float) for _, part in of_score.groupby("condition")]
        repeated = of_score["participant_id"].duplicated().any()
        if len(present) > 2 and not repeated:
            rows.append([*key, len(present), sum(map(len, present)), *welch_anova(present)])
    return pd.DataFrame(rows, columns=[*SCORE, "k", "n", "f", "df1", "df2", "p"])
