"""The order in which a reader expects rows: distress first, the index first, conditions as designed."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.dataset import Dataset
from analysis.factors import Factors
from analysis.frames import units
from experiment.definitions.texts import unnumbered

STAGES = ("baseline", "game", "during", "probe", "reflexive", "reflective")
ROLES = (
    "distress",
    "need_satisfaction",
    "mood",
    "hurt",
    "distress_rating",
    "manipulation_check",
    "game",
    "pain_sensitivity",
    "pain",
    "control_rating",
    "other",
    "trait",
    "suspicion",
)
BY = (
    "role",
    "measure",
    "stage",
    "factor",
    "level",
    "level_b",
    "level_a",
    "b",
    "a",
    "subscale",
    "condition",
)


class Order:
    """Sorts the frames of a summary.

    Parameters
    ----------
    data
        The dataset, for the order of its measures and conditions.
    made : DataFrame
        All scores, for the role of each measure.
    factors
        Factors and their levels, in order.
    """

    def __init__(self, data: Dataset, made: pd.DataFrame, factors: Factors) -> None:
        self.conditions = list(data.conditions)
        roles = made[["measure", "role"]].drop_duplicates()
        self._roles = dict(zip(roles["measure"], roles["role"], strict=True))
        self._known: dict[str, list[str]] = {
            "role": list(ROLES),
            "measure": list(data.measures),
            "stage": list(STAGES),
            "factor": list(factors),
            **dict.fromkeys(("condition", "a", "b"), self.conditions),
        }
        self._subscales = {
            (name, entry.name): place
            for name, measure in data.measures.items()
            for place, entry in enumerate(measure.scores)
        }
        self._levels = {
            (name, level): place for name, levels in factors.items() for place, level in enumerate(levels)
        }

    def sort(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return the rows of a frame in order; those that no order names stay as they were, behind."""
        ranks = pd.DataFrame(index=frame.index)
        for name in BY:
            if name == "subscale":
                codes, firsts = units(frame, ["measure", "subscale"])
                named = zip(firsts["measure"], firsts["subscale"], strict=True)
                places = [-1 if s == "index" else self._subscales.get((m, s), 0) for m, s in named]
                ranks[name] = np.array(places, dtype=float)[codes]
            elif name.startswith("level") and name in frame.columns:
                ranks[name] = [self._levels[pair] for pair in zip(frame["factor"], frame[name], strict=True)]
            elif name == "role" or name in frame.columns:
                codes, firsts = units(frame, ["measure" if name == "role" else name])
                values = firsts.iloc[:, 0].astype(object)
                ranked = {value: place for place, value in reversed(list(enumerate(self._known[name])))}
                values = values.map(self._roles) if name == "role" else values
                values = values.map(unnumbered) if name == "stage" else values
                ranks[name] = values.map(ranked).fillna(len(ranked)).to_numpy(float)[codes]
        return frame.loc[ranks.sort_values(list(ranks.columns), kind="stable").index].reset_index(drop=True)
