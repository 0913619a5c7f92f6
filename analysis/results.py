"""All that a summary says, as frames."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from analysis import compare, composites, describe, reliability, scores
from analysis.assignment import assigned, with_absent
from analysis.dataset import Dataset
from analysis.errors import AnalysisError
from analysis.flow import flow, permitted
from analysis.tables import Skipped

STAGES = ("baseline", "game", "reflexive", "reflective")
ROLES = (
    "distress",
    "need_satisfaction",
    "mood",
    "hurt",
    "manipulation_check",
    "game",
    "pain",
    "suspicion",
)
FEW = 20
"""Fewer participants than this under a condition are called few (our choice)."""


@dataclass(frozen=True)
class Summary:
    """The numbers of a summary; every frame in the order in which it is printed.

    ``written`` is the folder of the files, None where none were written; ``exit_code`` is 4 where files of
    the dataset were skipped, else 0.
    """

    path: Path
    simulated: bool
    conditions: tuple[str, ...]
    titles: dict[str, str]
    flow: pd.DataFrame
    scores: pd.DataFrame
    by_condition: pd.DataFrame
    comparisons: pd.DataFrame
    omnibus: pd.DataFrame
    reliability: pd.DataFrame
    skipped: tuple[Skipped, ...]
    notes: tuple[str, ...]
    written: Path | None = None

    @property
    def exit_code(self) -> int:
        """Return 4 where files were skipped, else 0."""
        return 4 if self.skipped else 0


def summary(data: Dataset) -> Summary:
    """Score, describe and compare a dataset: everyone who permits the use of their data, as allocated."""
    used = permitted(data)
    ratings = used.ratings[used.ratings["measure"].isin(list(used.measures))]
    made, notes = _all_scores(used, ratings)
    titles = {name: measure.title for name, measure in used.measures.items()}
    order = _Order(used)
    described = order.sort(describe.by_condition(made), made)
    tested = made[(made["stage"] != "baseline") & ~made["role"].isin(["suspicion"])]
    compared = order.sort(compare.comparisons(tested, used.conditions), made)
    return Summary(
        path=data.path,
        simulated=data.simulated,
        conditions=tuple(order.conditions),
        titles=titles,
        flow=flow(data),
        scores=order.sort(made, made),
        by_condition=_with_scale(described, made),
        comparisons=compared,
        omnibus=order.sort(compare.omnibus(tested), made),
        reliability=order.sort(reliability.alpha(ratings, used.measures), made),
        skipped=data.skipped,
        notes=(*notes, *_notes(made, described, titles)),
    )


def _all_scores(data: Dataset, ratings: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """Return every score under its condition, distress and throws received among them."""
    notes = []
    items = scores.score(ratings, data.measures)
    parts = [items]
    try:
        parts.append(composites.distress(items))
    except AnalysisError as error:
        notes.append(f"No distress composite: {error}")
    runs = composites.received_scores(composites.received(data.throws))
    listed = data.sessions[["participant_id", "session", "conditions"]]
    designed = runs.merge(listed, on=["participant_id", "session"], how="left")["conditions"].fillna("")
    own = [condition in text.split(",") for condition, text in zip(runs["condition"], designed, strict=True)]
    parts.append(runs[own])
    parts = [part for part in parts if len(part)]
    made = pd.concat(parts, ignore_index=True) if parts else items
    return with_absent(assigned(made, data.sessions), data.sessions), notes


class _Order:
    """The order in which a reader expects rows: distress first, the index first, conditions as designed."""

    def __init__(self, data: Dataset) -> None:
        self.conditions = list(data.conditions)
        self.measures = list(data.measures)
        self.subscales = {
            (name, entry.name): place
            for name, measure in data.measures.items()
            for place, entry in enumerate(measure.scores)
        }

    def sort(self, frame: pd.DataFrame, made: pd.DataFrame) -> pd.DataFrame:
        roles = dict(zip(made["measure"], made["role"], strict=True))

        def place(column: pd.Series) -> pd.Series:
            return pd.Series([self._place(str(column.name), value) for value in column], index=column.index)

        ranks = frame[["measure"]].assign(
            role=frame["measure"].map(roles),
            subscale=[
                -1 if name == "index" else self.subscales.get((measure, name), 0)
                for measure, name in zip(frame["measure"], frame["subscale"], strict=True)
            ],
        )
        for name in ("stage", "condition", "b", "a"):
            if name in frame.columns:
                ranks[name] = place(frame[name])
        ranks["role"] = place(ranks["role"])
        ranks["measure"] = place(ranks["measure"])
        by = [n for n in ("role", "measure", "stage", "b", "a", "subscale", "condition") if n in ranks]
        return frame.loc[ranks.sort_values(by, kind="stable").index].reset_index(drop=True)

    def _place(self, column: str, value: object) -> int:
        known = {
            "role": list(ROLES),
            "measure": self.measures,
            "stage": list(STAGES),
        }.get(column, self.conditions)
        return known.index(str(value)) if str(value) in known else len(known)


def _with_scale(described: pd.DataFrame, made: pd.DataFrame) -> pd.DataFrame:
    """Add to each row the bounds of its score and what a high one means."""
    keys = ["measure", "subscale"]
    scales = made[[*keys, "low", "high", "high_means", "role"]].drop_duplicates(keys)
    return described.merge(scales, on=keys, how="left")


ADAPTED = "Wording marked 'adapted from' is our own after the published descriptors, and is not validated."
NEEDS = (
    "Needs are scored as satisfaction: high = satisfied. Their four-factor structure has failed in published "
    "analyses (Gerber et al. 2017; Brook et al. 2025); read single needs with care."
)
DISTRESS = (
    "Distress is a composite of this project's own: the mean of need threat and reversed mood, each first as "
    "percent of its maximum, both required. Hurt feelings stay apart."
)
ALWAYS = (
    "Every difference is a minus b, every test two-sided. Holm's correction is over the four needs of one "
    "measure and stage, nothing wider. Baseline is described, not tested.",
    "Student's t, Mann-Whitney, Wilcoxon, d and d_av stand beside these numbers in comparisons.tsv.",
    "Everyone allocated who permits the use of their data is in; nobody is left out for a check or for "
    "suspicion.",
)


def _notes(made: pd.DataFrame, described: pd.DataFrame, titles: dict[str, str]) -> list[str]:
    """Return what a reader must know, warnings first."""
    notes = []
    if described.empty:
        notes.append("WARNING: No scores: nobody who permits the use of their data has ratings or throws.")
    in_condition = described[described["condition"].notna()]
    few = in_condition[in_condition["n"] < FEW].groupby("condition", sort=False)["n"].min()
    if len(few):
        told = ", ".join(f"{name} (n = {n})" for name, n in few.items())
        notes.append(f"WARNING: few participants, so estimates are imprecise: {told}.")
    roles = set(made["role"])
    notes += [DISTRESS] if "distress" in roles else []
    notes += [ADAPTED] if any("adapted from" in titles.get(name, "") for name in set(made["measure"])) else []
    notes += [NEEDS] if "need_satisfaction" in roles else []
    return [*notes, *ALWAYS]
