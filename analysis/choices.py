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

import pandas as pd

from analysis.choosing import OPENING, choosing, taken_over
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
    told = choosing(game, others, opening)
    keys = [*PERSON, "coplayer"]
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
    return _counted(made)[[*keys, *BY_COPLAYER]]


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
    told = choosing(game, others, opening)
    own = game[(game["thrower"] == "participant").to_numpy(bool)]
    overruled = (told.made["receiver"] != told.made["chosen"]).astype(int)
    parts = [
        _sums(own[PERSON].assign(n_taken_over=taken_over(own).astype(int))),
        _sums(told.made[PERSON].assign(n_choices=1, n_overruled=overruled)),
        _means(told.made[told.made["back"].notna()].rename(columns={"back": "hit"})).rename(
            columns={"n": "n_after_reception", "hit": "reciprocity", "chance": "reciprocity_chance"}
        ),
        _means(_to_excluders(told.pairs, opening)).rename(
            columns={"n": "n_to_tell", "hit": "to_excluders", "chance": "to_excluders_chance"}
        ),
    ]
    made = game[PERSON].drop_duplicates().sort_values(PERSON, kind="stable").reset_index(drop=True)
    for part in parts:
        made = made.merge(part, on=PERSON, how="left")
    made = made.assign(
        reciprocity_excess=made["reciprocity"] - made["reciprocity_chance"],
        favour_excluders=made["to_excluders"] - made["to_excluders_chance"],
    )
    return _counted(made)[[*PERSON, *OF_CHOICES]]


def _to_excluders(pairs: pd.DataFrame, opening: int) -> pd.DataFrame:
    """Return the choices after the opening where some exclude and some do not: hit, and its chance."""
    late = pairs[(pairs["throw"] > opening).to_numpy(bool)]
    late = late.assign(hit=late["hit"] * late["excluder"], chance=late["chance"] * late["excluder"])
    each: pd.DataFrame = late.groupby(["choice", *PERSON], dropna=False, as_index=False).agg(
        hit=("hit", "sum"), chance=("chance", "sum"), some=("excluder", "max"), every=("excluder", "min")
    )
    kept: pd.DataFrame = each[each["some"].to_numpy(bool) & ~each["every"].to_numpy(bool)]
    return kept


def _sums(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.groupby(PERSON, dropna=False, as_index=False).sum()


def _means(rows: pd.DataFrame) -> pd.DataFrame:
    """Return, for each participant and condition, how many rows, and the means of hit and chance."""
    by = rows.astype({"hit": float, "chance": float}).groupby(PERSON, dropna=False, as_index=False)
    made: pd.DataFrame = by.agg(n=("hit", "size"), hit=("hit", "mean"), chance=("chance", "mean"))
    return made


def _counted(made: pd.DataFrame) -> pd.DataFrame:
    """Give counts the type of counts, 0 where there is none."""
    counts = [
        name for name in made.columns if name.startswith("n_") or name in ("thrown_by", "to_participant")
    ]
    return made.assign(**{name: made[name].fillna(0).astype("Int64") for name in counts})
