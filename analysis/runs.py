"""The runs of the game: how many throws reached the participant, and which place of the design each fills."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.factors import levels_in
from analysis.frames import among, require
from experiment.definitions.design import Cell
from experiment.definitions.protocol import Protocol
from experiment.definitions.steps import Play

SESSION = ["participant_id", "session"]
RUN = [*SESSION, "run", "condition"]
Protocols = Mapping[tuple[str, str], Protocol]
Planned = tuple[tuple[str, bool], ...]


def complete(rows: pd.DataFrame, phases: pd.DataFrame) -> npt.NDArray[np.bool_]:
    """Return for each row whether its run came to its end: only a phase that was broken off has no length.

    Parameters
    ----------
    rows, phases : DataFrame
        participant_id, session, task, run; `phases` also duration.
    """
    keys = [*SESSION, "task", "run"]
    broken = phases[phases["duration"].isna()]
    return np.ones(len(rows), dtype=bool) if broken.empty else ~among(rows, broken, keys)


def played(
    throws: pd.DataFrame, phases: pd.DataFrame, sessions: pd.DataFrame, protocols: Protocols
) -> pd.DataFrame:
    """List the runs of the game, and say which of them the design asked for.

    A protocol may play games beside its design: one for everybody at the end, say, or one before. Such a run
    may even have the name of a condition. So the runs of a session are held against the games that its
    protocol plays, in their order; a run that was broken off leaves its place to the next one, unless the
    protocol says that such a game is skipped. Where the protocol is not known, the conditions of the session
    are all that is expected.

    Parameters
    ----------
    throws, phases : DataFrame
        As in `analysis.dataset.Dataset`; practice is left out.
    sessions : DataFrame
        participant_id, session, definitions, protocol, cell, conditions, factors.
    protocols : mapping
        Protocols by digest of the definitions and name.

    Returns
    -------
    DataFrame
        participant_id, session, run, condition, throws, receptions, percent (NaN where nobody threw),
        complete (whether the run came to its end), place (number of the run among those that the design asked
        the participant for, from 1; missing for a game beside the design). A run that was broken off and the
        one that replaced it have the same place.
    """
    thrown = throws.loc[throws["task"] != "practice", [*RUN, "receiver"]]
    lasted = phases.loc[phases["task"] != "practice", [*RUN, "duration"]]
    caught = (thrown["receiver"] == "participant").to_numpy(bool)
    # Only a phase that was broken off has no length.
    parts = [
        thrown[RUN].assign(throws=1, receptions=caught.astype(int), broken=0),
        lasted[RUN].assign(throws=0, receptions=0, broken=lasted["duration"].isna().astype(int)),
    ]
    rows = pd.concat([part for part in parts if len(part)] or parts[:1], ignore_index=True)
    runs = rows.groupby(RUN, as_index=False, dropna=False).sum()
    percent = 100.0 * runs["receptions"] / runs["throws"].where(runs["throws"] > 0)
    runs = runs.assign(percent=percent.astype(float), complete=runs["broken"] == 0).drop(columns="broken")
    return runs.assign(place=_places(runs, sessions, protocols))


def _places(runs: pd.DataFrame, sessions: pd.DataFrame, protocols: Protocols) -> pd.Series:
    """Return the place of each run in its session's design, missing where it has none."""
    require(sessions, [*SESSION, "definitions", "protocol", "cell", "conditions", "factors"], "sessions")

    @cache
    def games(digest: str, name: str, cell: str, conditions: str, factors: str) -> Planned:
        return _planned(protocols.get((digest, name)), cell, conditions, factors)

    columns = ["definitions", "protocol", "cell", "conditions", "factors"]
    texts = sessions[columns].astype(object).where(sessions[columns].notna(), "")
    keys = zip(sessions["participant_id"], sessions["session"], strict=True)
    planned = {
        key: (games(*values), _repeats(protocols.get((values[0], values[1]))))
        for key, values in zip(keys, texts.itertuples(index=False), strict=True)
    }
    places = np.full(len(runs), np.nan)
    names, complete = runs["condition"].to_numpy(object), runs["complete"].to_numpy(bool)
    for key, rows in runs.groupby(SESSION).indices.items():
        expected, repeats = planned.get(tuple(key), ((), True)) if isinstance(key, tuple) else ((), True)
        places[rows] = _walk(expected, [(names[row], complete[row] or not repeats) for row in rows])
    return pd.Series(places, index=runs.index).astype("Int64")


def _repeats(protocol: Protocol | None) -> bool:
    """Return whether a game that was broken off is begun again once its session is resumed."""
    return protocol is None or protocol.interrupted_game == "repeat"


def _planned(protocol: Protocol | None, cell: str, conditions: str, factors: str) -> Planned:
    """Return the games of a session in their order, and which of them are those of the design."""
    own = tuple(name for name in conditions.split(",") if name)
    levels = levels_in(factors)
    known = protocol is not None and {factor.name for factor in protocol.design.factors} <= set(levels)
    if protocol is None or not known or not own:
        return tuple((name, True) for name in own)
    steps = protocol.planned(Cell(cell, own, tuple(levels.items())))
    return tuple(
        (planned.step.game or str(planned.condition), planned.step.game is None)
        for planned in steps
        if isinstance(planned.step, Play)
    )


def _walk(planned: Planned, runs: list[tuple[str, bool]]) -> list[float]:
    """Return the place of each run, given name of each and whether its place is filled, in their order."""
    found: list[float] = []
    at = 0
    for name, filled in runs:
        step = next((i for i in range(at, len(planned)) if planned[i][0] == name), None)
        if step is None:
            found.append(np.nan)
            continue
        found.append(sum(own for _, own in planned[: step + 1]) if planned[step][1] else np.nan)
        at = step + filled
    return found
