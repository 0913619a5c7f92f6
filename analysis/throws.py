"""What the participant got in the game: receptions by run, dose over time, and waits.

Which throws count
------------------
Practice is left out throughout. Of the other runs those count which fill a place of the design
(`analysis.runs.played`); of a run that was broken off and begun again only the last, as in every table of
scores, and one that was broken off for good with the throws that there are. `receptions` lists the others
too and says so.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.frames import Floats, among, require, units

RUN = ["participant_id", "session", "run", "condition"]
PERSON = ["participant_id", "condition"]
BIN = 5
"""Throws in one bin of the dose over time (our choice)."""

THROW = [*RUN, "task", "throw", "thrower", "receiver", "onset", "duration", "interrupted"]


def counted(runs: pd.DataFrame) -> npt.NDArray[np.bool_]:
    """Return which of the runs count.

    Parameters
    ----------
    runs : DataFrame
        As `analysis.runs.played` returns them.
    """
    require(runs, [*RUN, "throws", "place"], "runs")
    of_design = runs[runs["place"].notna() & (runs["throws"] > 0)].sort_values("run", kind="stable")
    last = of_design.drop_duplicates(["participant_id", "session", "condition", "place"], keep="last")
    return np.asarray(runs.index.isin(last.index), dtype=bool)


def in_game(throws: pd.DataFrame, runs: pd.DataFrame) -> pd.DataFrame:
    """Return the throws of the runs that count, by run and in their order.

    Parameters
    ----------
    throws : DataFrame
        As `analysis.dataset.Dataset.throws`.
    runs : DataFrame
        As `analysis.runs.played` returns them.
    """
    require(throws, THROW, "throws")
    wanted = among(throws, runs[counted(runs)], RUN)
    chosen = throws[wanted & (throws["task"] != "practice").to_numpy(bool)]
    return chosen.sort_values([*RUN[:3], "throw"], kind="stable").reset_index(drop=True)


def receptions(throws: pd.DataFrame, runs: pd.DataFrame) -> pd.DataFrame:
    """Return every run of the game with what the participant received in it.

    Parameters
    ----------
    throws, runs : DataFrame
        As `in_game` takes them.

    Returns
    -------
    DataFrame
        participant_id, session, run, condition, design_place (missing beside the design), complete and
        counted (bool), throws, receptions, percent (100 receptions / throws), own_throws, last_received
        (number of the throw by which the ball came last, missing where it never came) and throws_after
        (throws after that one; all of them where it never came).
    """
    require(throws, THROW, "throws")
    played = throws[(throws["task"] != "practice").to_numpy(bool)]
    number = played["throw"].astype(float)
    caught = (played["receiver"] == "participant").to_numpy(bool)
    told = played[RUN].assign(
        own=(played["thrower"] == "participant").to_numpy(bool).astype(int),
        last=number.where(caught),
        end=number,
    )
    by_run = told.groupby(RUN, dropna=False, as_index=False).agg(
        own_throws=("own", "sum"), last_received=("last", "max"), end=("end", "max")
    )
    made = runs.assign(counted=counted(runs)).merge(by_run, on=RUN, how="left")
    made = made.rename(columns={"place": "design_place"})
    after = made["end"].fillna(0) - made["last_received"].fillna(0)
    columns = ["design_place", "complete", "counted", "throws", "receptions", "percent", "own_throws"]
    return made.assign(
        own_throws=made["own_throws"].fillna(0).astype("Int64"),
        last_received=made["last_received"].astype("Int64"),
        throws_after=after.astype("Int64"),
    )[[*RUN, *columns, "last_received", "throws_after"]]


def dose(game: pd.DataFrame, size: int = BIN) -> pd.DataFrame:
    """Return the share of throws that reached each participant, over bins of the throws of a run.

    Parameters
    ----------
    game : DataFrame
        As `in_game` returns it.
    size
        Throws in a bin; the last one of a run may have fewer.

    Returns
    -------
    DataFrame
        participant_id, condition, throw_first and throw_last (of the bin), share (receptions / throws within
        the bin; over several runs the mean, each run alike), n_runs.
    """
    require(game, [*RUN, "throw", "receiver"], "throws")
    number = game["throw"].astype(int)
    first = (number - 1) // size * size + 1
    told = game[RUN].assign(
        throw_first=first, share=(game["receiver"] == "participant").to_numpy(bool).astype(float)
    )
    by_run = told.groupby([*RUN, "throw_first"], dropna=False, as_index=False).mean()
    by = by_run.groupby([*PERSON, "throw_first"], dropna=False, as_index=False)
    made: pd.DataFrame = by.agg(share=("share", "mean"), n_runs=("share", "size"))
    made.insert(3, "throw_last", made["throw_first"] + size - 1)
    return made


def waits(game: pd.DataFrame) -> pd.DataFrame:
    """Return how long co-players paused, and how long each participant waited for the ball.

    A pause goes from a catch, or the run's start, to the co-player's throw. A wait goes from the throw with
    which the participant gave the ball away, or the run's start, until a ball was in their hands; the last
    one of a run may be open, until the last catch. Open waits are in ``wait_longest_s`` and ``wait_throws``,
    and not in the median. Pauses and waits during which the session was interrupted are counted and left out
    of all times.

    Parameters
    ----------
    game : DataFrame
        As `in_game` returns it, with pause (s).

    Returns
    -------
    DataFrame
        participant_id, condition, n_pauses, n_pauses_interrupted, pause_median_s, pause_mean_s, pause_sd_s,
        pause_min_s, pause_max_s, n_waits (closed ones), n_waits_open, n_waits_interrupted, wait_median_s,
        wait_longest_s, wait_throws (most throws between others in one wait).
    """
    require(
        game, [*RUN, "throw", "thrower", "receiver", "onset", "duration", "pause", "interrupted"], "throws"
    )
    others = (game["thrower"] != "participant").to_numpy(bool)
    broken = _float(game["interrupted"]) > 0
    paused = np.where(others & ~broken, _float(game["pause"]), np.nan)
    told = game[PERSON].assign(pause=paused, interrupted=(others & broken).astype(int))
    by = told.groupby(PERSON, dropna=False, as_index=False)
    made = by.agg(
        n_pauses=("pause", "count"),
        n_pauses_interrupted=("interrupted", "sum"),
        pause_median_s=("pause", "median"),
        pause_mean_s=("pause", "mean"),
        pause_sd_s=("pause", "std"),
        pause_min_s=("pause", "min"),
        pause_max_s=("pause", "max"),
    )
    waited = _waits(game)
    closed = waited["wait"].where(~waited["open"])
    of_waits = waited.assign(
        closed=closed,
        n_open=(waited["open"] & waited["wait"].notna()).astype(int),
        n_interrupted=waited["wait"].isna().astype(int),
    )
    more = of_waits.groupby(PERSON, dropna=False, as_index=False).agg(
        n_waits=("closed", "count"),
        n_waits_open=("n_open", "sum"),
        n_waits_interrupted=("n_interrupted", "sum"),
        wait_median_s=("closed", "median"),
        wait_longest_s=("wait", "max"),
        wait_throws=("throws", "max"),
    )
    counts = ["n_waits", "n_waits_open", "n_waits_interrupted", "wait_throws"]
    found = made.merge(more, on=PERSON, how="left")
    return found.assign(**{name: found[name].fillna(0).astype("Int64") for name in counts})


def _waits(game: pd.DataFrame) -> pd.DataFrame:
    """Return every wait: participant_id, condition, wait (s), open (bool), throws between others in it."""
    codes, _ = units(game, RUN)
    own = (game["thrower"] == "participant").to_numpy(bool)
    caught = (game["receiver"] == "participant").to_numpy(bool)
    onset = _float(game["onset"])
    length = _float(game["duration"])
    end = onset + np.where(np.isnan(length), 0.0, length)
    # A wait is numbered by the throws that the participant made so far; their own throw begins the next.
    before = pd.Series(own.astype(int)).groupby(codes).cumsum().to_numpy()
    told = game[PERSON].assign(
        code=codes,
        number=before,
        start=np.where(own, onset, 0.0),
        end=end,
        lost=_float(game["interrupted"]),
        got=caught,
        throws=(~own & ~caught).astype(int),
    )
    keys = [*PERSON, "code", "number"]
    made = told.groupby(keys, dropna=False, as_index=False).agg(
        start=("start", "max"),
        end=("end", "max"),
        lost=("lost", "sum"),
        got=("got", "max"),
        throws=("throws", "sum"),
    )
    waited = (made["end"] - made["start"]).where(made["lost"] == 0)
    return made[PERSON].assign(wait=waited, open=~made["got"].astype(bool), throws=made["throws"])


def _float(column: pd.Series) -> Floats:
    return np.asarray(column.to_numpy(dtype=float, na_value=np.nan), dtype=float)
