"""Whether a difference between conditions is another one at another level of a factor."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import pandas as pd

from analysis.factors import Factors, each_level
from analysis.frames import SCORE, Floats, groups, one_per_participant
from analysis.samples import Row, contrast

COLUMNS = [
    *SCORE,
    "factor",
    "level_a",
    "level_b",
    "a",
    "b",
    "design",
    "n_level_a",
    "n_level_b",
    "difference",
    "ci_low",
    "ci_high",
    "t",
    "df",
    "p",
]


def differences_between_levels(
    scores: pd.DataFrame, found: pd.DataFrame, factors: Factors, conditions: Sequence[str]
) -> pd.DataFrame:
    """Compare the difference between two conditions at one level of a factor with that at another.

    ``(a - b at level_a) - (a - b at level_b)``, which is the interaction. That a test is significant at one
    level and not at the other says nothing of it (Gelman & Stern 2006, Am Stat 60:328).

    Parameters
    ----------
    scores : DataFrame
        participant_id, session, measure, stage, subscale, condition, score. Several scores of one participant
        under one condition are averaged first.
    found : DataFrame
        As `analysis.factors.levels` returns it.
    factors : mapping
        Factors and their levels; in each pair the later level is `level_a`, the earlier one `level_b`.
    conditions
        The conditions in order; in each pair the later one is `a`, the earlier one `b`.

    Returns
    -------
    DataFrame
        A row per score, factor, pair of levels and pair of conditions: design (between: the contrast of four
        independent means; within: the participants' own differences a - b, compared between levels),
        n_level_a and n_level_b (participants: with a score under a or b; within, with both), difference with
        ci_low, ci_high (95 %), t, df (Satterthwaite), p (two-sided). NaN where it cannot be told. A score of
        which somebody has values at both levels is left out: levels are between people.
    """
    people = {
        (factor, level): one_per_participant(rows[rows["condition"].notna()])
        for factor, level, rows in each_level(scores, found, factors)
    }
    rows = []
    for factor, levels in factors.items():
        for level_b, level_a in combinations([name for name in levels if (factor, name) in people], 2):
            by_score = {key: part for key, part in groups(people[factor, level_b], SCORE)}  # noqa: C416
            for key, at_a in groups(people[factor, level_a], SCORE):
                at_b = by_score.get(key)
                if at_b is None or set(at_a["participant_id"]) & set(at_b["participant_id"]):
                    continue
                for b, a in combinations(conditions, 2):
                    tested = _between_levels(at_a, at_b, a, b)
                    if tested is not None:
                        design, row = tested
                        names = (factor, level_a, level_b, a, b, design)
                        rows.append(dict(zip(COLUMNS, (*key, *names), strict=False)) | row)
    return pd.DataFrame(rows, columns=COLUMNS).astype({"n_level_a": int, "n_level_b": int})


def _between_levels(at_a: pd.DataFrame, at_b: pd.DataFrame, a: str, b: str) -> tuple[str, Row] | None:
    """Compare one pair of conditions between two levels; None where one of the four is not there."""
    levels = []
    for people in (at_a, at_b):
        wide = people.pivot_table(
            index="participant_id", columns="condition", values="score", dropna=False
        ).reindex(columns=[a, b])
        if wide[a].isna().all() or wide[b].isna().all():
            return None
        levels.append(wide)
    within = any(wide.notna().all(axis=1).any() for wide in levels)
    if within:
        own: list[Floats] = [(wide[a] - wide[b]).dropna().to_numpy(float) for wide in levels]
        counts = [float(x.size) for x in own]
        row = contrast(own, (1, -1))
    else:
        samples = [wide[name].dropna().to_numpy(float) for wide in levels for name in (a, b)]
        counts = [float(wide.notna().any(axis=1).sum()) for wide in levels]
        row = contrast(samples, (1, -1, -1, 1))
    sizes: Row = {"n_level_a": counts[0], "n_level_b": counts[1]}
    return ("within" if within else "between"), sizes | row
