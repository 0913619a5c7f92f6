"""The choices of the participants, and who could be chosen; `analysis.choices` says what they mean."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.frames import Codes, require, units
from analysis.throws import PERSON, RUN

OPENING = 10
"""Throws of a run before anybody can be told for an excluder (our choice)."""

ENOUGH = 5
"""Throws after these that a co-player must have made to be told for one (our choice)."""

NEEDED = [*RUN, "throw", "thrower", "receiver", "chosen", "taken_over"]
SEAT = [*RUN, "coplayer"]


@dataclass(frozen=True)
class Choosing:
    """Who was there, and who was chosen.

    ``people`` has each participant under each condition; their place there is ``person`` in the others.
    ``seats`` has a row for each run and co-player: thrown_by (balls that they threw), to_participant, late
    (thrown after the opening), excluder (bool). ``made`` has a row for each choice: its throw, chance, and
    back (1 where it went to whom the ball came from, 0 elsewhere, missing where there is no saying).
    ``pairs`` has a row for each choice and co-player who was there: hit (1 where chosen), chance, excluder.
    ``taken`` counts the balls of each of ``people`` that a co-player took over.
    """

    people: pd.DataFrame
    seats: pd.DataFrame
    made: pd.DataFrame
    pairs: pd.DataFrame
    taken: Codes


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
    codes, runs = units(game, RUN)
    person, people = units(runs, PERSON)
    runs = runs.assign(code=np.arange(len(runs)), person=person)
    seats = _seats(game, codes, runs, opening)
    made = _made(game.assign(code=codes, person=person[codes]))
    pairs = made[["choice", "code", *RUN, "throw", "chosen", "giver"]].merge(
        seats[["code", "person", "coplayer", "excluder"]], on="code"
    )
    pairs = pairs[_there(pairs, others)].reset_index(drop=True)
    choice = pairs["choice"].to_numpy()
    chance = 1.0 / np.bincount(choice, minlength=len(made))[choice]
    of_choice = np.full(len(made), np.nan)
    of_choice[choice] = chance
    giver_there = np.zeros(len(made), dtype=bool)
    giver_there[choice[(pairs["coplayer"] == pairs["giver"]).to_numpy(bool)]] = True
    back = (made["chosen"] == made["giver"]).astype(float).where(giver_there)
    hit = (pairs["chosen"] == pairs["coplayer"]).astype(int)
    lost = codes[(game["thrower"] == "participant").to_numpy(bool) & taken_over(game).to_numpy(bool)]
    return Choosing(
        people,
        seats,
        made.assign(chance=of_choice, back=back),
        pairs.assign(chance=chance, hit=hit),
        np.bincount(person[lost], minlength=len(people)),
    )


def taken_over(game: pd.DataFrame) -> pd.Series:
    """Return which throws a co-player took over from the participant."""
    return game["taken_over"].astype("boolean").fillna(False).astype(bool)


def _seats(game: pd.DataFrame, codes: Codes, runs: pd.DataFrame, opening: int) -> pd.DataFrame:
    """Seat everybody who plays under a condition in each run of it; `codes`: the run of each throw."""
    parts = [game[["condition", role]].set_axis(["condition", "coplayer"], axis=1) for role in ROLES]
    names = pd.concat([part.drop_duplicates() for part in parts]).drop_duplicates()
    names = names[names["coplayer"] != "participant"].sort_values(["condition", "coplayer"])
    mine = (game["receiver"] == "participant").to_numpy(bool)
    late = (game["throw"] > opening).to_numpy(bool, na_value=False)
    told = pd.DataFrame({"code": codes, "coplayer": game["thrower"].array, "thrown_by": 1})
    told = told.assign(to_participant=mine.astype(int), late=late.astype(int), late_mine=late & mine)
    counts = told.groupby(["code", "coplayer"], dropna=False, as_index=False).sum()
    seats = runs.merge(names, on="condition")
    seats = seats.merge(counts, on=["code", "coplayer"], how="left")
    numbers = ["thrown_by", "to_participant", "late", "late_mine"]
    seats = seats.assign(**{name: seats[name].fillna(0).astype(int) for name in numbers})
    return seats.assign(excluder=(seats["late"] >= ENOUGH) & (seats["late_mine"] == 0))


ROLES = ("thrower", "receiver")


def _made(game: pd.DataFrame) -> pd.DataFrame:
    """Return the throws that are choices, numbered, with whom the ball came from (giver)."""
    before = game[list(ROLES)].shift()
    same_run = np.diff(game["code"].to_numpy(), prepend=-1) == 0
    follows = same_run & (before["receiver"] == "participant").to_numpy(bool)
    own = (game["thrower"] == "participant").to_numpy(bool) & game["chosen"].notna().to_numpy(bool)
    chose = own & ~taken_over(game).to_numpy(bool)
    made: pd.DataFrame = game.assign(giver=before["thrower"].where(follows))[chose]
    return made.reset_index(drop=True).rename_axis("choice").reset_index()


def _there(pairs: pd.DataFrame, others: pd.DataFrame) -> npt.NDArray[np.bool_]:
    """Return which co-players had not left before the throw."""
    gone = others[(others["trial_type"] == "coplayer_left").to_numpy(bool)]
    if gone.empty:
        return np.ones(len(pairs), dtype=bool)
    gone = gone[[*RUN, "thrower", "throw"]].set_axis([*SEAT, "left_after"], axis=1)
    # Who leaves before any throw has no number.
    gone = gone.assign(left_after=gone["left_after"].astype(float).fillna(0.0)).drop_duplicates(SEAT)
    told = pairs[[*SEAT, "throw"]].merge(gone, on=SEAT, how="left")
    present = told["left_after"].isna() | (told["throw"].astype(float) <= told["left_after"])
    return present.to_numpy(bool)
