"""How often the tests of pain beside distress find what is there, and what is not.

Studies are drawn with a known overlap and a condition that changes distress and pain, and analysed as any
dataset is. With no overlap every test should come out significant in 5 % of them; with some, 95 % of the
intervals should hold what is true. The correlation over pooled conditions, which the analysis does not offer,
is shown beside it.

``python lab.py bench overlap [--studies N] [--n N]``
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from math import sqrt

import numpy as np
import pandas as pd
from scipy import stats

from analysis.overlap import Overlap, overlap
from tests.overlapping import Made, Truth, between, within

STUDIES = 200
PEOPLE = 40
STRENGTH, CONTROL = 0.4, 0.1


def analysed(made: Made) -> Overlap:
    """Return the overlap analysis of a made study."""
    return overlap(made.scores, made.sessions, made.participants, made.conditions)


def pooled_p(found: Overlap) -> float:
    """Return p of distress with pain over all conditions, which is no result."""
    frame = next(pair.frame for pair in found.pairs if pair.kind == "pain")
    return float(stats.pearsonr(frame["x"], frame["y"]).pvalue)


def tests(found: Overlap) -> Iterator[tuple[str, float, float, float]]:
    """Yield name, p and limits of every test of a study; NaN for limits that there are not."""
    for _, row in found.correlations.iterrows():
        name = f"{row['kind']}: {row['condition'] if row['over'] == 'condition' else row['over']}"
        yield f"{name}, r", row["p"], row["ci_low"], row["ci_high"]
        if row["over"] != "within_person":
            yield f"{name}, rho", row["rho_p"], np.nan, np.nan
    for _, row in found.slopes.iterrows():
        yield f"{row['kind']}: slope, {row['term']}", row["p"], row["ci_low"], row["ci_high"]
    for _, row in found.differences.iterrows():
        name = row["condition"] if row["over"] == "condition" else row["over"]
        yield f"pain - control: {name}", row["p"], row["ci_low"], row["ci_high"]
    for _, row in found.terms.iterrows():
        if str(row["term"]).startswith("distress"):
            yield f"{row['outcome']}: {row['term']}, model", row["p"], row["ci_low"], row["ci_high"]


def of_study(truth: Truth, n: int, seed: int, *, repeated: bool) -> list[tuple[str, float, float, float]]:
    """Draw a study and return its tests, the pooled correlation first."""
    found = analysed((within if repeated else between)(truth, n, seed, light=True))
    return [("pooled conditions (not offered)", pooled_p(found), np.nan, np.nan), *tests(found)]


def rates(truth: Truth, n: int, studies: int, seed: int, *, repeated: bool, jobs: int = 1) -> pd.DataFrame:
    """Return for each test the share of studies in which it is significant, and how often its interval holds.

    Parameters
    ----------
    truth
        What is true.
    n
        People under each condition; where `repeated`, people who go through both.
    studies, seed
        How many studies; the same seed draws the same.
    repeated
        Whether people go through both conditions.
    jobs
        Processes; the numbers do not depend on it.

    Returns
    -------
    DataFrame
        Indexed by test: significant, covered (NaN where what is true is not known), studies.
    """
    one = partial(of_study, truth, n, repeated=repeated)
    seeds = range(seed * 1_000_000, seed * 1_000_000 + studies)
    if jobs > 1:
        with ProcessPoolExecutor(jobs) as pool:
            found = list(pool.map(one, seeds, chunksize=10))
    else:
        found = list(map(one, seeds))
    rows = [row for study in found for row in study]
    frame = pd.DataFrame(rows, columns=["test", "p", "low", "high"])
    true = frame["test"].map(truths(truth, repeated=repeated))
    frame["significant"] = (frame["p"] < 0.05).astype(float)
    held = (frame["low"] <= true) & (true <= frame["high"])
    frame["covered"] = held.astype(float).where(true.notna())
    table = frame.groupby("test", sort=False)[["significant", "covered"]].mean()
    return table.assign(studies=frame.groupby("test", sort=False).size())


def truths(truth: Truth, *, repeated: bool) -> dict[str, float]:
    """Return what is true of what the tests estimate."""
    r, control = truth.overlap, truth.control
    one = {"": (truth.r(r), truth.r(control))}
    if repeated:
        # Of two games the means hold what stays and half of what changes, the differences the other half.
        parts = {"between_persons": (1 + truth.stays) / 2, "within_person": (1 - truth.stays) / 2}
        one |= {
            name: (truth.r(r, part, _runs(name)), truth.r(control, part, _runs(name)))
            for name, part in parts.items()
        }
    true = {"pain_unpleasantness: distress, model": r, "brightness: distress, model": control}
    for where in ("between persons", "within person"):
        true |= {f"{of}: distress, {where}, model": size for of, size in (
            ("pain_unpleasantness", r), ("brightness", control))}  # fmt: skip
    for name in ("inclusion", "exclusion", "adjusted", "between_persons", "within_person"):
        pain, other = one.get(name, one[""])
        true |= {
            f"pain: {name}, r": pain,
            f"control: {name}, r": other,
            f"pain - control: {name}": pain - other,
        }
    before = -r * (sqrt(truth.stays) if repeated else 1.0)
    true |= {f"sensitivity: {name}, r": before for name in ("inclusion", "exclusion")}
    true["sensitivity: adjusted, r"] = before
    true["sensitivity: between_persons, r"] = before / sqrt((1 + truth.stays) / 2)
    for name in ("inclusion", "exclusion"):
        true |= {f"pain: slope, {name}": r, f"control: slope, {name}": control}
        true[f"sensitivity: slope, {name}"] = before * 10 / 1.5
    if not repeated:
        true |= {"pain: slope, common": r, "control: slope, common": control}
        true["sensitivity: slope, common"] = before * 10 / 1.5
    true |= {f"{kind}: slope, exclusion - inclusion": 0.0 for kind in ("pain", "control", "sensitivity")}
    return true


def _runs(name: str) -> int:
    """Return of how many games' noise a part holds the mean; the deviation of one of two has half of it."""
    return 2 if name in ("between_persons", "within_person") else 1


def main() -> int:
    """Print the rates, between and within participants, without and with overlap."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--studies", type=int, default=STUDIES)
    asked.add_argument("--n", type=int, default=PEOPLE)
    asked.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    given = asked.parse_args()
    for repeated in (False, True):
        for truth in (Truth(), Truth(overlap=STRENGTH, control=CONTROL)):
            began = time.perf_counter()
            table = rates(truth, given.n, given.studies, 1, repeated=repeated, jobs=given.jobs)
            people = (
                f"{given.n} people through both conditions" if repeated else f"{given.n} people a condition"
            )
            print(
                f"\nOverlap {truth.overlap:g}, control {truth.control:g}, {people}, {given.studies} studies"
            )
            shown = table[["significant", "covered"]].map(lambda share: f"{100 * share:.1f} %")
            print(shown.replace("nan %", "").to_string())
            print(f"({time.perf_counter() - began:.0f} s)")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
