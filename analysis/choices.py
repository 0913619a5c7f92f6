"""Whom the participants throw to: each co-player, back to who threw to them, and to who leaves them out.

A choice is a throw of the participant by a press of their own; it is to whom they meant it (``chosen``), also
where the game sent the ball elsewhere. A ball that was taken over is none. Only throws of the runs that count
are taken (`analysis.throws`).

Chance is 1 / the number of co-players who could be thrown to: those who throw or receive in any run of that
condition, less those who have left the run.

- **Reciprocity** is the share of choices that go back to the co-player from whom the ball came, among the
  choices right after a ball received from somebody who is still there; its chance is the mean of theirs.
- An **excluder** is a co-player who, after the first `choosing.OPENING` throws of a run, has thrown at least
  `choosing.ENOUGH` times, and never to the participant. This is told from throws alone: among fair co-players
  of three in all (chance 1/2) one in 32 is taken for an excluder at five throws, among four (1/3) one in
  eight; with more throws fewer.
- **Favour to the excluders** is, over the choices after these first throws, the share that goes to excluders
  minus the share that chance would send there. It is missing where nobody or everybody excludes, as in most
  games of exclusion: then there is nothing to choose.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.choosing import OPENING, Choosing, choosing
from analysis.throws import PERSON

BY_COPLAYER = [
    "n_chosen",
    "n_choices",
    "share_chosen",
    "chance",
    "favour",
    "thrown_by",
    "to_participant",
    "n_runs",
]
BY_COPLAYER += ["n_runs_excluder"]
OF_CHOICES = ["n_choices", "n_overruled", "n_taken_over", "n_after_reception", "reciprocity"]
OF_CHOICES += ["reciprocity_chance", "reciprocity_excess", "n_to_tell", "to_excluders", "to_excluders_chance"]
OF_CHOICES += ["favour_excluders"]


def choices(game: pd.DataFrame, others: pd.DataFrame, opening: int = OPENING) -> pd.DataFrame:
    """Count whom each participant chose, co-player by co-player.

    Parameters
    ----------
    game, others, opening
        As `analysis.choosing.choosing` takes them.

    Returns
    -------
    DataFrame
        participant_id, condition, coplayer, n_chosen, n_choices (for which this co-player was there),
        share_chosen (n_chosen / n_choices), chance (mean), favour (their difference), thrown_by (balls that
        this co-player threw), to_participant (how many of them to the participant), n_runs, n_runs_excluder
        (runs in which they are an excluder).
    """
    return choices_of(choosing(game, others, opening))


def choices_of(told: Choosing) -> pd.DataFrame:
    """Count what `choices` returns, given who was chosen."""
    keys = ["person", "coplayer"]
    seats = told.seats.groupby(keys, dropna=False, as_index=False).agg(
        thrown_by=("thrown_by", "sum"),
        to_participant=("to_participant", "sum"),
        n_runs=("run", "size"),
        n_runs_excluder=("excluder", "sum"),
    )
    chosen = told.pairs.groupby(keys, dropna=False, as_index=False).agg(
        n_chosen=("hit", "sum"), n_choices=("hit", "size"), chance=("chance", "mean")
    )
    made = seats.merge(chosen, on=keys, how="left")
    share = made["n_chosen"] / made["n_choices"]
    made = made.assign(share_chosen=share, favour=share - made["chance"])
    made = made.assign(**{name: told.people[name].take(made["person"].to_numpy()).array for name in PERSON})
    return _counted(made)[[*PERSON, "coplayer", *BY_COPLAYER]]


def reciprocity(game: pd.DataFrame, others: pd.DataFrame, opening: int = OPENING) -> pd.DataFrame:
    """Say how often each participant throws back, and whether they favour who leaves them out.

    Parameters
    ----------
    game, others, opening
        As `analysis.choosing.choosing` takes them.

    Returns
    -------
    DataFrame
        participant_id, condition, n_choices, n_overruled (of these, sent elsewhere by the game), n_taken_over
        (no choices), n_after_reception (choices of which reciprocity is told), reciprocity,
        reciprocity_chance, reciprocity_excess (their difference), n_to_tell (choices of which favour is
        told), to_excluders (share of them), to_excluders_chance, favour_excluders (their difference).
    """
    return reciprocity_of(choosing(game, others, opening), opening)


def reciprocity_of(told: Choosing, opening: int = OPENING) -> pd.DataFrame:
    """Tell what `reciprocity` returns, given who was chosen."""
    n = len(told.people)
    overruled = (told.made["receiver"] != told.made["chosen"]).to_numpy(bool)
    chose = told.made["person"].to_numpy()
    made = told.people.assign(
        n_choices=np.bincount(chose, minlength=n),
        n_overruled=np.bincount(chose[overruled], minlength=n),
        n_taken_over=told.taken,
    )
    back = told.made[told.made["back"].notna()].rename(columns={"back": "hit"})
    parts = [
        _means(back, n).set_axis(["n_after_reception", "reciprocity", "reciprocity_chance"], axis=1),
        _means(_to_excluders(told, opening), n).set_axis(
            ["n_to_tell", "to_excluders", "to_excluders_chance"], axis=1
        ),
    ]
    made = pd.concat([made, *parts], axis=1)
    made = made.assign(
        reciprocity_excess=made["reciprocity"] - made["reciprocity_chance"],
        favour_excluders=made["to_excluders"] - made["to_excluders_chance"],
    )
    return _counted(made)[[*PERSON, *OF_CHOICES]]


def _to_excluders(told: Choosing, opening: int) -> pd.DataFrame:
    """Return the choices after the opening where some exclude and some do not: hit, and its chance."""
    late = told.pairs[(told.pairs["throw"] > opening).to_numpy(bool)]
    choice, excluder = late["choice"].to_numpy(), late["excluder"].to_numpy(bool)
    there, excluding = (np.bincount(of, minlength=len(told.made)) for of in (choice, choice[excluder]))
    sums = {
        name: np.bincount(choice, late[name].to_numpy(float) * excluder, len(told.made))
        for name in ("hit", "chance")
    }
    kept: pd.DataFrame = told.made[["person"]].assign(**sums)[(excluding > 0) & (excluding < there)]
    return kept


def _means(rows: pd.DataFrame, n: int) -> pd.DataFrame:
    """Return, for each of `n` people, how many rows are theirs, and the means of hit and chance."""
    by = rows.astype({"hit": float, "chance": float}).groupby("person")
    made: pd.DataFrame = by.agg(n=("hit", "size"), hit=("hit", "mean"), chance=("chance", "mean"))
    return made.reindex(pd.RangeIndex(n))


def _counted(made: pd.DataFrame) -> pd.DataFrame:
    """Give counts the type of counts, 0 where there is none."""
    counts = [
        name for name in made.columns if name.startswith("n_") or name in ("thrown_by", "to_participant")
    ]
    return made.assign(**{name: made[name].fillna(0).astype("Int64") for name in counts})
