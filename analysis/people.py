"""Who took part, and what they chose where a question gave options: counts, never a free text."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from analysis.describe import moments
from analysis.frames import groups, require
from experiment.definitions.measure import Choice, Measure

DEMOGRAPHICS = ["variable", "value", "n", "n_missing", "mean", "sd", "median", "min", "max"]
ANSWERS = ["measure", "stage", "item", "condition", "answer", "n", "share", "expected"]


def demographics(participants: pd.DataFrame) -> pd.DataFrame:
    """Describe age, and count genders and hands.

    Parameters
    ----------
    participants : DataFrame
        age (years), gender, handedness; those without an answer are missing.

    Returns
    -------
    DataFrame
        variable; value (the option, missing for age); n, n_missing (of the variable); of age also mean, sd
        (n - 1), median, min, max. Options by how often they were chosen, then by name.
    """
    require(participants, ["age", "gender", "handedness"], "participants")
    ages = participants["age"].dropna().to_numpy(float)
    missing = len(participants) - ages.size
    spread = [np.median(ages), ages.min(), ages.max()] if ages.size else [np.nan] * 3
    rows: list[list[object]] = [["age", None, ages.size, missing, *moments(ages), *spread]]
    for variable in ("gender", "handedness"):
        chosen = participants[variable].dropna().astype(str)
        counts = sorted(chosen.value_counts().items(), key=lambda pair: (-pair[1], str(pair[0])))
        rows += [[variable, value, n, len(participants) - len(chosen), *[np.nan] * 5] for value, n in counts]
    return pd.DataFrame(rows, columns=DEMOGRAPHICS)


def answers(ratings: pd.DataFrame, measures: Mapping[str, Measure]) -> pd.DataFrame:
    """Count the answers to every question that gave options; each participant once under a condition.

    Parameters
    ----------
    ratings : DataFrame
        participant_id, stage, condition, measure, item, answer. Of several answers of one participant under
        a condition the last counts.
    measures : mapping
        The measures by name; they say which items give options, and which answer is expected.

    Returns
    -------
    DataFrame
        measure, stage, item, condition (missing: asked of all alike), answer (every option of the item, in
        its order), n, share (of those who answered; NaN where nobody did), expected (``yes`` for the
        answer that an attention check asks for, ``no`` for its others; missing where none is).
    """
    require(ratings, ["participant_id", "stage", "condition", "measure", "item", "answer"], "ratings")
    rows: list[list[object]] = []
    for name, measure in measures.items():
        of_measure = ratings[ratings["measure"] == name]
        for item in measure.items:
            scale = measure.scale_of(item)
            if not isinstance(scale, Choice):
                continue
            asked = of_measure[of_measure["item"] == item.id]
            for (stage, condition), part in groups(asked, ["stage", "condition"]):
                last = part.drop_duplicates("participant_id", keep="last")["answer"].dropna().astype(str)
                for option in scale.options:
                    n = int((last == option).sum())
                    share = n / len(last) if len(last) else np.nan
                    right = None if item.expect is None else "yes" if option == item.expect else "no"
                    rows.append([name, stage, item.id, condition, option, n, share, right])
    return pd.DataFrame(rows, columns=ANSWERS)
