"""What is laid beside what: pain sensitivity, distress, pain and control ratings of each participant."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

import pandas as pd

from analysis.frames import groups, require

KEYS = ["participant_id", "condition"]
DISTRESS_ROLES = ("distress", "distress_rating", "hurt")
"""In the order in which they are told: the composite first, hurt feelings last."""

CENSORED = "_censored"
PROBE = re.compile(r"probe_(\d+)")
DURING = re.compile(r"during_(\d+)")
AFTER = ("reflexive", "game", "reflective")
"""Where a rating is looked for that was not asked during the game."""


@dataclass(frozen=True)
class Variable:
    """One number of each participant, or of each participant under each condition.

    Attributes
    ----------
    role, measure, subscale, stage
        What it is; the stage is ``probes`` or ``during`` where it is the mean of several ratings of a game.
    frame : DataFrame
        participant_id, condition (only where `by_condition`), value (NaN where it is missing), censored.
    by_condition
        False for what was measured before any game.
    high_means
        What a high value means; empty where that is not known.
    """

    role: str
    measure: str
    subscale: str
    stage: str
    frame: pd.DataFrame
    by_condition: bool
    high_means: str

    def named(self, prefix: str) -> dict[str, str]:
        """Return the columns that name it in a table."""
        return {f"{prefix}_{part}": getattr(self, part) for part in ("measure", "subscale", "stage")}


@dataclass(frozen=True)
class Variables:
    """All that the scores hold for the overlap, and what was noticed."""

    sensitivity: tuple[Variable, ...]
    later_sensitivity: tuple[Variable, ...]
    distress: tuple[Variable, ...]
    pain: tuple[Variable, ...]
    control: tuple[Variable, ...]
    notes: tuple[str, ...]


def variables(scores: pd.DataFrame) -> Variables:
    """Find what can be laid beside each other.

    Parameters
    ----------
    scores : DataFrame
        participant_id, condition, stage, measure, subscale, score, role, high_means, and where it is known
        run (missing before any game), as `analysis.results.all_scores` returns them.
    """
    require(scores, [*KEYS, "stage", "measure", "subscale", "score", "role"], "scores")
    early, late, notes = _sensitivity(scores[scores["role"] == "pain_sensitivity"])
    distress = [found for role in DISTRESS_ROLES for found in _ratings(scores, role)]
    pain = sorted(_ratings(scores, "pain"), key=lambda each: "unpleasant" not in each.measure)
    control = list(_ratings(scores, "control_rating"))
    for each in (*distress, *pain, *control):
        if each.by_condition and not each.frame["condition"].notna().any():
            notes.append(f"{each.measure} ({each.stage}) belongs to no single condition and is not used.")
    return Variables(
        sensitivity=tuple(early),
        later_sensitivity=tuple(late),
        distress=tuple(map(_placed, distress)),
        pain=tuple(map(_placed, pain)),
        control=tuple(map(_placed, control)),
        notes=tuple(notes),
    )


def _placed(found: Variable) -> Variable:
    """Return a variable with the rows that belong to a condition."""
    kept = found.frame[found.frame["condition"].notna()].reset_index(drop=True)
    return replace(found, frame=kept)


def _before(rows: pd.DataFrame) -> pd.Series:
    """Return which rows precede every game."""
    return rows["run"].isna() if "run" in rows.columns else rows["condition"].isna()


def _sensitivity(rows: pd.DataFrame) -> tuple[list[Variable], list[Variable], list[str]]:
    """Return thresholds and tolerances measured before any game, those measured after one, and notes."""
    early: list[Variable] = []
    late: list[Variable] = []
    notes: list[str] = []
    is_flag = rows["subscale"].astype(str).str.endswith(CENSORED)
    flags, rows = rows[is_flag], rows[~is_flag]
    for (measure, subscale), own in groups(rows, ["measure", "subscale"]):
        marked = own.assign(censored=_censored(own, flags, str(measure), str(subscale)))
        before = _before(marked)
        seen = marked["score"].notna()
        name = f"{measure} ({subscale})"
        if (seen & ~before).any():
            after = marked[(~before & marked["condition"].notna()) | ~seen]
            late.append(_variable(after[after["condition"].notna()], by_condition=True))
        if (seen & before).any():
            early.append(_variable(marked[before], by_condition=False))
            others = set(marked.loc[seen & ~before, "participant_id"]) - set(
                marked.loc[seen & before, "participant_id"]
            )
            if others:
                notes.append(
                    f"{name}: {len(others)} participants have it only from after a game; beside distress it "
                    "counts as missing."
                )
        elif seen.any():
            notes.append(
                f"{name} was never measured before a game: what the game did to it and what it foretells "
                "cannot be told apart, so it is compared between conditions and not laid beside distress."
            )
    return early, late, notes


def _censored(own: pd.DataFrame, flags: pd.DataFrame, measure: str, subscale: str) -> pd.Series:
    """Return for each row whether the highest level or the cap was reached without it."""
    keys = [name for name in ("participant_id", "session", "run", "stage") if name in own.columns]
    marked = flags[
        (flags["measure"] == measure) & (flags["subscale"] == subscale + CENSORED) & (flags["score"] > 0)
    ]
    places = pd.MultiIndex.from_frame(marked[keys].astype(object))
    found = pd.MultiIndex.from_frame(own[keys].astype(object)).isin(places)
    return pd.Series(found, index=own.index, dtype=bool)


def _ratings(scores: pd.DataFrame, role: str) -> Iterable[Variable]:
    """Yield the scores of a role: the mean over probes (or ratings during the game), else after the game."""
    rows = scores[(scores["role"] == role) & (scores["stage"] != "baseline")]
    for _, of_measure in groups(rows, ["measure"]):
        names = set(of_measure["subscale"])
        for subscale in ["index"] if "index" in names else sorted(map(str, names)):
            own = of_measure[of_measure["subscale"] == subscale]
            chosen = _stage(own, role)
            if chosen is not None:
                yield _variable(chosen, by_condition=True)


def _stage(own: pd.DataFrame, role: str) -> pd.DataFrame | None:
    """Return the rows of the stage that counts, named after it."""
    seen = own[own["score"].notna()]
    stages = list(dict.fromkeys(seen["stage"].astype(str)))
    several = {"probes": PROBE, "during": DURING}
    within = {
        name: [stage for stage in stages if pattern.fullmatch(stage)] for name, pattern in several.items()
    }
    after = [stage for stage in AFTER if stage in stages]
    # Distress is asked after the game; pain and its control are felt in it.
    order = [*after[:1], "during", "probes"] if role in DISTRESS_ROLES else ["probes", *after[:1], "during"]
    for name in order:
        if within.get(name):
            return own[own["stage"].isin(within[name])].assign(stage=name)
        if name in after:
            return own[own["stage"] == name]
    return None


def _variable(rows: pd.DataFrame, *, by_condition: bool) -> Variable:
    """Return the mean of the values that are there, of each participant (and condition)."""
    keys = KEYS if by_condition else KEYS[:1]
    marked = rows if "censored" in rows.columns else rows.assign(censored=False)
    seen = marked["score"].notna()
    marked = marked.assign(censored=marked["censored"].astype(bool) & seen)
    made = marked.groupby(keys, dropna=False, sort=True).agg(
        value=("score", "mean"), censored=("censored", "any")
    )
    first = rows.iloc[0]
    stages = sorted(set(rows.loc[rows["score"].notna(), "stage"].astype(str)))
    means = first["high_means"] if "high_means" in rows.columns and pd.notna(first["high_means"]) else ""
    return Variable(
        role=str(first["role"]),
        measure=str(first["measure"]),
        subscale=str(first["subscale"]),
        stage=", ".join(stages),
        frame=made.reset_index(),
        by_condition=by_condition,
        high_means=str(means),
    )
