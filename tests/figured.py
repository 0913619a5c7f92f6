"""Small summaries to draw figures of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.describe import by_condition
from analysis.figures.figured import Figured
from analysis.figures.rainclouds import rainclouds
from analysis.results import Summary

EXAMPLE = Path(__file__).parents[1] / "data" / "example"
Floats = npt.NDArray[np.float64]


def with_scores(made: Summary, values: Mapping[str, Sequence[float]]) -> Summary:
    """Return a summary whose only scores are these needs, by condition."""
    rows = [
        (f"sub-{condition}-{n:05}", condition, score)
        for condition, scores in values.items()
        for n, score in enumerate(scores or [np.nan])
    ]
    people = pd.DataFrame(rows, columns=["participant_id", "condition", "score"])
    people = people.assign(measure="needs", stage="reflexive", subscale="index", n_runs=1, factors=None)
    described = by_condition(people).assign(
        low=1.0, high=5.0, high_means="needs satisfied", role="need_satisfaction"
    )
    described["condition"] = pd.Categorical(described["condition"], list(values))
    described = described.sort_values("condition").astype({"condition": "str"})
    return replace(made, conditions=tuple(values), by_participant=people, by_condition=described)


def raincloud_of(made: Summary, values: Mapping[str, Sequence[float]]) -> Figured:
    """Return the raincloud of such scores."""
    return next(rainclouds(with_scores(made, values)))
