"""What a reader of a summary must know, warnings first."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from analysis.frames import distinct
from analysis.runs import SESSION

FEW = 20
"""Fewer participants than this under a condition are called few (our choice)."""

ADAPTED = "Wording marked 'adapted from' is our own after the published descriptors, and is not validated."
NEEDS = (
    "Needs are scored as satisfaction: high = satisfied. Their four-factor structure has failed in published "
    "analyses (Gerber et al. 2017; Brook et al. 2025); read single needs with care."
)
DISTRESS = (
    "Distress is a composite of this project's own: the mean of need threat and reversed mood, each first as "
    "percent of its maximum, both required. Hurt feelings stay apart."
)
REPEATED = (
    "Conditions were gone through several times: each participant counts once under a condition, with the "
    "mean of their runs (column runs: how many). scores.tsv has every run, by_participant.tsv the means."
)
LEVELS = (
    "By level: each factor by itself, over all levels of the others, with the same tests. A difference at "
    "one level and none at another is no difference between levels; level_differences.tsv tests that, each "
    "score by itself, without a correction."
)
ALWAYS = (
    "Every difference is a minus b, every test two-sided. Holm's correction is over the four needs of one "
    "measure and stage, nothing wider. Baseline is described, not tested.",
    "Student's t, Mann-Whitney, Wilcoxon, d and d_av stand beside these numbers in comparisons.tsv.",
    "Everyone allocated who permits the use of their data is in; nobody is left out for a check or for "
    "suspicion.",
)


@dataclass(frozen=True)
class Played:
    """What was played: the runs, as `analysis.runs.played` lists them, and what is no throw in them."""

    runs: pd.DataFrame
    others: pd.DataFrame


def notes(
    made: pd.DataFrame,
    described: pd.DataFrame,
    by_level: pd.DataFrame,
    titles: dict[str, str],
    games: Played,
) -> list[str]:
    """Return the notes below a summary of the scores `made`, described by condition and by level."""
    found = []
    if described.empty:
        found.append("WARNING: No scores: nobody who permits the use of their data has ratings or throws.")
    found += _few(described, by_level)
    roles = distinct(made["role"])
    adapted = any("adapted from" in titles.get(name, "") for name in distinct(made["measure"]))
    found += [REPEATED] if (described["runs_max"] > 1).any() else []
    found += [LEVELS] if len(by_level) else []
    found += _broken_off(games.runs)
    found += _beside(games)
    found += [DISTRESS] if "distress" in roles else []
    found += [ADAPTED] if adapted else []
    found += [NEEDS] if "need_satisfaction" in roles else []
    return [*found, *ALWAYS]


def _few(described: pd.DataFrame, by_level: pd.DataFrame) -> list[str]:
    """Warn of conditions with few participants or, where there are enough, of levels with few."""
    in_condition = described[described["condition"].notna()]
    few = in_condition[in_condition["n"] < FEW].groupby("condition", sort=False)["n"].min()
    if len(few):
        told = ", ".join(f"{name} (n = {n})" for name, n in few.items())
        return [f"WARNING: few participants, so estimates are imprecise: {told}."]
    levels = by_level[by_level["condition"].notna() & (by_level["n"] < FEW)]
    keys = ["factor", "level", "condition"]
    fewest = levels.groupby(keys, sort=False, as_index=False)["n"].min()
    if fewest.empty:
        return []
    told = ", ".join(f"{r.condition} at {r.factor} = {r.level} (n = {r.n})" for r in fewest.itertuples())
    return [f"WARNING: few participants by level, so those estimates are imprecise: {told}."]


def _broken_off(runs: pd.DataFrame) -> list[str]:
    """Say how many runs were broken off, and what became of each."""
    broken = runs[~runs["complete"].astype(bool)]
    if broken.empty:
        return []
    thrown = runs[runs["place"].notna() & (runs["throws"] > 0)]
    last = thrown.groupby([*SESSION, "place"])["run"].transform("max") == thrown["run"]
    counted = broken.index.isin(thrown.index[last.astype(bool)])
    beside = broken["place"].isna().to_numpy(bool)
    empty = (broken["throws"] == 0).to_numpy(bool)
    kinds = {
        "never begun again, and counted with the throws that there are": counted,
        "begun again, so that only the later run counts": ~counted & ~beside & ~empty,
        "nobody threw": empty & ~beside,
        "beside the design": beside,
    }
    told = "; ".join(f"{kind}: {int(which.sum())}" for kind, which in kinds.items() if which.any())
    return [
        f"WARNING: runs of the game that were broken off: {len(broken)} ({told}). All rows stay in the data."
    ]


def _beside(games: Played) -> list[str]:
    """Name the games that were played beside the design, and how often somebody left one of the design's."""
    found = []
    runs = games.runs[games.runs["place"].isna()]
    if len(runs):
        counts = runs["condition"].value_counts(sort=False).sort_index()
        told = ", ".join(f"{name} ({count} runs)" for name, count in counts.items())
        found.append(f"Played beside the design, and in no table: {told}.")
    keys = [*SESSION, "run"]
    left = games.others[
        (games.others["trial_type"] == "participant_left") & (games.others["task"] != "practice")
    ]
    if len(left):
        counts = (
            left[[*keys, "condition"]].drop_duplicates()["condition"].value_counts(sort=False).sort_index()
        )
        told = ", ".join(f"{name} ({count})" for name, count in counts.items())
        found.append(f"Runs that the participant left before their end, and that are in: {told}.")
    return found
