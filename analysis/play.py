"""All that is told of the throws of a dataset, and the same by condition."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from analysis.choices import choices_of, reciprocity_of
from analysis.choosing import choosing
from analysis.dataset import Dataset
from analysis.describe import by_condition
from analysis.responses import responses
from analysis.throws import dose, in_game, receptions, waits

DESCRIBED = {
    "responses": ("median_s", "trimmed_mean_s", "log_mean", "n_timed", "n_anticipations", "n_taken_over"),
    "choices": ("reciprocity", "reciprocity_chance", "reciprocity_excess", "favour_excluders"),
    "waits": ("pause_median_s", "wait_median_s", "wait_longest_s", "wait_throws"),
}
"""What is described by condition: table, and its columns."""

STAGE = "game"


def tables(data: Dataset, runs: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Return the tables of the throws.

    Parameters
    ----------
    data
        A dataset whose participants let their data be used.
    runs : DataFrame
        As `analysis.runs.played` returns them for it.

    Returns
    -------
    dict of DataFrame
        ``throws_by_run``, ``responses``, ``choices``, ``reciprocity`` and ``waits``, with a row for every
        run or participant; ``dose``: condition, throw_first, throw_last and the description of the share of
        throws that participants received in that bin; ``throws_by_condition``: measure, stage, subscale,
        condition and the description of what the others say of each participant.
    """
    game = in_game(data.throws, runs)
    chosen = choosing(game, data.others)
    told = {
        "responses": responses(game),
        "choices": choices_of(chosen),
        "reciprocity": reciprocity_of(chosen),
        "waits": waits(game),
    }
    sources = {"responses": told["responses"], "choices": told["reciprocity"], "waits": told["waits"]}
    long = [
        sources[name][["participant_id", "condition"]].assign(
            measure=name, stage=STAGE, subscale=column, score=sources[name][column].astype(float)
        )
        for name, columns in DESCRIBED.items()
        for column in columns
    ]
    return {
        "throws_by_run": receptions(data.throws, runs),
        "dose": _ordered(_dose_by_condition(dose(game)), ["condition", "throw_first"], data.conditions),
        **told,
        "throws_by_condition": _ordered(
            by_condition(pd.concat(long, ignore_index=True)),
            ["measure", "subscale", "condition"],
            data.conditions,
        ),
    }


def _ordered(made: pd.DataFrame, columns: list[str], conditions: Sequence[str]) -> pd.DataFrame:
    """Sort rows: conditions as the design has them, the rest as `DESCRIBED` has it."""
    names = [name for columns in DESCRIBED.values() for name in columns]
    places = {value: place for place, value in enumerate([*conditions, *DESCRIBED, *names])}
    ranks = made[columns].map(
        lambda value: places.get(value, value if isinstance(value, int) else len(places))
    )
    return made.loc[ranks.sort_values(columns, kind="stable").index].reset_index(drop=True)


def _dose_by_condition(shares: pd.DataFrame) -> pd.DataFrame:
    """Describe the share of each bin under each condition, each participant once."""
    bins = shares["throw_first"].map("{:09d}".format)
    scores = shares.assign(measure="dose", stage=STAGE, subscale=bins, score=shares["share"])
    made = by_condition(scores).drop(columns=["measure", "stage", "n_runs", "runs_min", "runs_max"])
    ends = shares.drop_duplicates("throw_first").set_index("throw_first")["throw_last"]
    first = made["subscale"].astype(int)
    made = made.drop(columns="subscale")
    made.insert(1, "throw_first", first)
    made.insert(2, "throw_last", first.map(ends).astype("Int64"))
    return made
