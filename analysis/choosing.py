"""The choices of the participants, and who could be chosen; `analysis.choices` says what they mean."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.frames import require, units
from analysis.throws import RUN

OPENING = 10
"""Throws of a run before anybody can be told for an excluder (our choice)."""

ENOUGH = 5
"""Throws after these that a co-player must have made to be told for one (our choice)."""

NEEDED = [*RUN, "throw", "thrower", "receiver", "chosen", "taken_over"]
SEAT = [*RUN, "coplayer"]


@dataclass(frozen=True)
class Choosing:
    """Who was there, and who was chosen.

    ``seats`` has a row for each run and co-player: thrown_by (balls that they threw), to_participant, late
    (thrown after the opening), excluder (bool). ``made`` has a row for each choice: its throw, chance, and
    back (1 where it went to whom the ball came from, 0 elsewhere, missing where there is no saying).
    ``pairs`` has a row for each choice and co-player who was there: hit (1 where chosen), chance, excluder.
    """

    seats: pd.DataFrame
    made: pd.DataFrame
    pairs: pd.DataFrame


def choosing(game: pd.DataFrame, others: pd.DataFrame, opening: int = OPENING) -> Choosing:
    """Return the choices in the throws of a game.

    Parameters
    ----------
    game : DataFrame
        As `analysis.throws.in_game` returns it.
    others : DataFrame
        Events that are no throws (`analysis.dataset.Dataset.others`): those who leave.
    opening
        Throws of a run before anybody can be told for an excluder.
    """
    require(game, NEEDED, "throws")
    require(others, [*RUN, "trial_type", "throw", "thrower"], "others")
    seats = _seats(game, opening)
    made = _made(game)
    pairs = made[["choice", *RUN, "throw", "chosen"]].merge(seats[[*SEAT, "excluder"]], on=RUN)
    pairs = pairs[_there(pairs, others)]
    chance = 1.0 / pairs.groupby("choice")["coplayer"].transform("size")
    pairs = pairs.assign(chance=chance, hit=(pairs["chosen"] == pairs["coplayer"]).astype(int))
    made = made.merge(pairs[["choice", "chance"]].drop_duplicates(), on="choice", how="left")
    known = pd.MultiIndex.from_frame(pairs[["choice", "coplayer"]].astype(object))
    still = pd.MultiIndex.from_frame(made[["choice", "giver"]].astype(object)).isin(known)
    back = (made["chosen"] == made["giver"]).astype(float).where(still)
    return Choosing(seats, made.assign(back=back), pairs.reset_index(drop=True))


def taken_over(game: pd.DataFrame) -> pd.Series:
    """Return which throws a co-player took over from the participant."""
    return game["taken_over"].astype("boolean").fillna(False).astype(bool)


def _seats(game: pd.DataFrame, opening: int) -> pd.DataFrame:
    """Seat everybody who plays under a condition in each run of it."""
    parts = [game[["condition", role]].set_axis(["condition", "coplayer"], axis=1) for role in ROLES]
    names = pd.concat(parts).drop_duplicates()
    names = names[names["coplayer"] != "participant"].sort_values(["condition", "coplayer"])
    mine = (game["receiver"] == "participant").to_numpy(bool)
    late = (game["throw"] > opening).to_numpy(bool, na_value=False)
    told = game[RUN].assign(
        coplayer=game["thrower"],
        thrown_by=1,
        to_participant=mine.astype(int),
        late=late.astype(int),
        late_mine=(late & mine).astype(int),
    )
    counts = told.groupby(SEAT, dropna=False, as_index=False).sum()
    numbers = ["thrown_by", "to_participant", "late", "late_mine"]
    seats = game[RUN].drop_duplicates().merge(names, on="condition").merge(counts, on=SEAT, how="left")
    seats = seats.assign(**{name: seats[name].fillna(0).astype(int) for name in numbers})
    return seats.assign(excluder=(seats["late"] >= ENOUGH) & (seats["late_mine"] == 0))


ROLES = ("thrower", "receiver")


def _made(game: pd.DataFrame) -> pd.DataFrame:
    """Return the throws that are choices, numbered, with whom the ball came from (giver)."""
    codes, _ = units(game, RUN)
    before = game[list(ROLES)].shift()
    follows = (np.diff(codes, prepend=-1) == 0) & (before["receiver"] == "participant").to_numpy(bool)
    own = (game["thrower"] == "participant").to_numpy(bool) & game["chosen"].notna().to_numpy(bool)
    chose = own & ~taken_over(game).to_numpy(bool)
    made: pd.DataFrame = game.assign(giver=before["thrower"].where(follows))[chose]
    return made.reset_index(drop=True).rename_axis("choice").reset_index()


def _there(pairs: pd.DataFrame, others: pd.DataFrame) -> pd.Series:
    """Return which co-players had not left before the throw."""
    gone = others[(others["trial_type"] == "coplayer_left").to_numpy(bool)]
    gone = gone[[*RUN, "thrower", "throw"]].set_axis([*SEAT, "left_after"], axis=1)
    # Who leaves before any throw has no number.
    gone = gone.assign(left_after=gone["left_after"].astype(float).fillna(0.0)).drop_duplicates(SEAT)
    told = pairs[[*SEAT, "throw"]].merge(gone, on=SEAT, how="left").set_index(pairs.index)
    return told["left_after"].isna() | (told["throw"].astype(float) <= told["left_after"])
