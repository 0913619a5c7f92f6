"""The factors that a design crosses with its conditions: scores by condition within each level."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

import pandas as pd

from analysis.frames import SCORE, require

KEYS = ["participant_id", "session"]
Factors = Mapping[str, Sequence[str]]


def levels_in(text: str) -> dict[str, str]:
    """Return the levels in a text such as ``belief=computer,dose=a``."""
    pairs = (part.partition("=") for part in text.split(",") if part)
    return {factor: level for factor, _, level in pairs}


def levels(sessions: pd.DataFrame) -> pd.DataFrame:
    """Return the level of every session on every factor.

    Parameters
    ----------
    sessions : DataFrame
        participant_id, session, factors (``belief=computer,dose=a``, missing where there are none).

    Returns
    -------
    DataFrame
        participant_id, session, factor, level: a row for each session and factor.
    """
    require(sessions, [*KEYS, "factors"], "sessions")
    rows = [
        (person, session, factor, level)
        for person, session, text in sessions[[*KEYS, "factors"]].itertuples(index=False)
        if isinstance(text, str)
        for factor, level in levels_in(text).items()
    ]
    return pd.DataFrame(rows, columns=[*KEYS, "factor", "level"])


def listed(design: Factors, found: pd.DataFrame) -> dict[str, tuple[str, ...]]:
    """Return the factors and levels of the design, and after them, sorted, those that only sessions name."""
    names = list(dict.fromkeys([*design, *sorted(set(found["factor"]))]))
    return {
        name: tuple(
            dict.fromkeys([*design.get(name, ()), *sorted(set(found.loc[found["factor"] == name, "level"]))])
        )
        for name in names
    }


def each_level(
    scores: pd.DataFrame, found: pd.DataFrame, factors: Factors
) -> Iterator[tuple[str, str, pd.DataFrame]]:
    """Yield factor, level and the scores of the sessions at that level; levels without scores are left out.

    Parameters
    ----------
    scores : DataFrame
        participant_id, session and others.
    found : DataFrame
        As `levels` returns it.
    factors : mapping
        Factors and their levels, in order.
    """
    sessions = pd.MultiIndex.from_frame(scores[KEYS])
    for factor, names in factors.items():
        for level in names:
            at = found[(found["factor"] == factor) & (found["level"] == level)]
            rows = scores[sessions.isin(pd.MultiIndex.from_frame(at[KEYS]))]
            if len(rows):
                yield factor, level, rows


def by_level(
    scores: pd.DataFrame,
    found: pd.DataFrame,
    factors: Factors,
    make: Callable[[pd.DataFrame], pd.DataFrame],
) -> pd.DataFrame:
    """Do with the scores of each level what `make` does with all of them.

    Each factor is taken by itself, over all levels of the others.

    Returns
    -------
    DataFrame
        The rows that `make` returns for each level, with columns factor and level after those of the score.
    """
    parts = []
    for factor, level, rows in each_level(scores, found, factors):
        table = make(rows)
        table.insert(len(SCORE), "factor", factor)
        table.insert(len(SCORE) + 1, "level", level)
        parts.append(table)
    parts = [part for part in parts if len(part)]
    if parts:
        return pd.concat(parts, ignore_index=True)
    empty = make(scores.iloc[:0])
    empty.insert(len(SCORE), "factor", pd.Series(dtype="str"))
    empty.insert(len(SCORE) + 1, "level", pd.Series(dtype="str"))
    return empty
