"""How well a session kept its times: every throw against its plan, every session against stated bounds.

What is measured
----------------
A throw has three errors (s): **onset**, the flip that showed it minus the time for which that frame was
drawn; **pause**, a co-player's pause as it was minus as it was planned; **flight**, likewise. A pause ends at
the frame nearest to its plan, so half a frame of error is in the method: 8.3 ms at 60 Hz. A throw during
which the session was paused has no error of pause or flight. Practice is left out throughout.

Of a session come the sizes of these errors (median, 95th and 99th percentile, greatest; linear interpolation)
in ms and in frames of its screen, its late frames, the longest time between two frames, by how much its clock
and a second one came to differ, what kept the rhythm of the frames, what stamped the keys, and how many
answers came by mouse.

What is done about it
---------------------
A session that exceeds one of `analysis.bounds.BOUNDS` is flagged, with the bound's name. Nothing is dropped
for it, and no other number of the analysis changes. Errors of a simulated session are of virtual frames:
nothing was shown, so they are not flagged. What tables of an earlier version lack is missing, not flagged.

    d = load("data/study")
    t = by_session(d)
    t[t["flags"].notna()]
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from analysis.bounds import flags
from analysis.dataset import Dataset
from analysis.frames import Codes, Floats, groups, require, units
from analysis.timing_columns import BY_PACING, ERRORS, SESSIONS, SPREAD

SESSION = ["participant_id", "session"]
RUN = [*SESSION, "run", "condition"]
QUANTILES = (0.5, 0.95, 0.99, 1.0)
NUMBERS = ("onset", "onset_planned", "pause", "pause_planned", "duration", "flight_planned", "interrupted")


def with_errors(throws: pd.DataFrame) -> pd.DataFrame:
    """Return throws with their errors.

    Parameters
    ----------
    throws : DataFrame
        As `analysis.dataset.Dataset.throws`: onset, onset_planned, pause, pause_planned, duration,
        flight_planned and interrupted, all in s.

    Returns
    -------
    DataFrame
        The same rows and columns, and onset_error (onset - onset_planned), pause_error (pause -
        pause_planned, missing for the participant's own throws) and flight_error (duration -
        flight_planned), all in s; the latter two missing where the throw was interrupted.
    """
    require(throws, NUMBERS, "throws")
    own = {name: throws[name].to_numpy(dtype=float, na_value=np.nan) for name in NUMBERS}
    whole = ~(own["interrupted"] > 0)
    return throws.assign(
        onset_error=own["onset"] - own["onset_planned"],
        pause_error=np.where(whole, own["pause"] - own["pause_planned"], np.nan),
        flight_error=np.where(whole, own["duration"] - own["flight_planned"], np.nan),
    )


def by_run(data: Dataset) -> pd.DataFrame:
    """Describe the timing of each run of the game in which somebody threw.

    Returns
    -------
    DataFrame
        participant_id, session, run, condition, complete (bool); n_throws, n_responses, share_mouse (1),
        interrupted_s; the errors of onset, pause and flight as in `analysis.timing_columns.SESSIONS`;
        frames, frames_late, share_late (1), frame_longest_ms, up to the last catch; clock_drift_ms, up to
        the start of the last phase.
    """
    game = _of_game(data)
    made = _described(game, RUN)
    rates = data.sessions[[*SESSION, "refresh_rate"]]
    made = _in_frames(made.merge(rates, on=SESSION, how="left")).drop(columns="refresh_rate")
    counted = game.groupby(RUN, dropna=False, as_index=False).agg(
        complete=("complete", "all"), frames=("frames", _sum), frames_late=("frames_late", _sum),
        longest=("frame_longest", "max"),
    )  # fmt: skip
    drifts = data.phases.loc[data.phases["task"] != "practice", [*RUN, "clock_drift"]]
    drifts = drifts.sort_values("clock_drift", key=lambda drift: drift.abs()).drop_duplicates(
        RUN, keep="last"
    )
    made = made.merge(counted, on=RUN).merge(drifts, on=RUN, how="left")
    late = made["frames_late"] / made["frames"].where(made["frames"] > 0)
    return made.assign(
        share_late=late.astype(float), frame_longest_ms=1000 * made["longest"],
        clock_drift_ms=1000 * made["clock_drift"],
    ).drop(columns=["longest", "clock_drift"])  # fmt: skip


def by_session(data: Dataset) -> pd.DataFrame:
    """Describe the timing of each session, and flag those that exceed a bound.

    Returns
    -------
    DataFrame
        A row for every row of `data.sessions`, in its order; the columns are those of
        `analysis.timing_columns.SESSIONS`. A number is missing where nothing was thrown, shown or noted.
    """
    sessions = data.sessions
    frames = sessions["frames"].where(sessions["frames"] > 0)
    made = sessions[[*SESSION, "pacing", "refresh_rate", "keyboard", "frames", "frames_late"]].assign(
        share_late=(sessions["frames_late"] / frames).astype(float),
        frame_longest_ms=1000 * sessions["frame_longest"],
        clock_drift_ms=1000 * sessions["clock_drift"],
    )
    made = made.merge(_described(_of_game(data), SESSION), on=SESSION, how="left")
    counts = ["n_throws", "n_responses"]
    made[counts] = made[counts].fillna(0).astype("Int64")
    broken = _broken_off(data)
    told = [broken.get(key, []) for key in zip(made["participant_id"], made["session"], strict=True)]
    made = _in_frames(made).assign(
        n_incomplete=pd.array([len(runs) for runs in told], dtype="Int64"),
        incomplete=pd.Series([",".join(runs) or None for runs in told], index=made.index, dtype="str"),
    )
    return made.assign(flags=flags(made))[[column.name for column in SESSIONS]]


def by_pacing(data: Dataset, sessions: pd.DataFrame) -> pd.DataFrame:
    """Put the sessions together by what kept the rhythm of their frames; times of two kinds are never pooled.

    Parameters
    ----------
    data
        The dataset.
    sessions : DataFrame
        What `by_session` made of it.

    Returns
    -------
    DataFrame
        pacing (missing where none is on record), n_sessions, n_flagged, n_unknown (sessions with throws but
        without planned onsets and a second clock: recorded by an earlier version), refresh_low and
        refresh_high (Hz), frames, frames_late, share_late (1), frame_longest_ms, onset_p99_ms, pause_p99_ms
        and flight_p99_ms (over all throws of these sessions), clock_drift_ms (largest size), n_responses,
        share_mouse (1).
    """
    game = _of_game(data).merge(sessions[[*SESSION, "pacing"]], on=SESSION)
    thrown = dict(groups(game, ["pacing"]))
    rows = []
    for (pacing,), own in groups(sessions, ["pacing"]):
        throws = thrown.get((pacing,), game.iloc[:0])
        old = (own["n_throws"] > 0) & own["onset_median_ms"].isna() & own["clock_drift_ms"].isna()
        frames, late = float(own["frames"].sum()), float(own["frames_late"].sum())
        answers = int(own["n_responses"].sum())
        rows.append(
            {
                "pacing": pacing,
                "n_sessions": len(own),
                "n_flagged": int(own["flags"].notna().sum()),
                "n_unknown": int(old.sum()),
                "refresh_low": own["refresh_rate"].min(),
                "refresh_high": own["refresh_rate"].max(),
                "frames": frames or np.nan,
                "frames_late": late if frames else np.nan,
                "share_late": late / frames if frames else np.nan,
                "frame_longest_ms": own["frame_longest_ms"].max(),
                **{f"{error}_p99_ms": _spread(throws, error)[2] for error in ERRORS},
                "clock_drift_ms": own["clock_drift_ms"].abs().max(),
                "n_responses": answers,
                "share_mouse": (throws["response_source"] == "mouse").sum() / answers if answers else np.nan,
            }
        )
    made = pd.DataFrame(rows, columns=list(BY_PACING))
    return made.astype({"frames": "Int64", "frames_late": "Int64"})


def _of_game(data: Dataset) -> pd.DataFrame:
    return with_errors(data.throws[data.throws["task"] != "practice"])


def _described(throws: pd.DataFrame, keys: Sequence[str]) -> pd.DataFrame:
    """Return, for each value of `keys`, how many throws and answers there are, and their errors in ms."""
    codes, made = units(throws, keys)
    n = len(made)

    def count(rows: pd.Series) -> Floats:
        return np.bincount(codes[rows.to_numpy(bool, na_value=False)], minlength=n).astype(float)

    answers = count(throws["response_source"].notna())
    interrupted = throws["interrupted"].fillna(0.0).to_numpy(float)
    made = made.assign(
        n_throws=np.bincount(codes, minlength=n),
        n_responses=answers.astype(int),
        share_mouse=np.divide(
            count(throws["response_source"] == "mouse"), answers, out=np.full(n, np.nan), where=answers > 0
        ),
        interrupted_s=np.bincount(codes, weights=interrupted, minlength=n),
    )
    for error in ERRORS:
        sizes = np.abs(1000 * throws[f"{error}_error"].to_numpy(dtype=float))
        spread = _spread_of_each(sizes, codes, n)
        made = made.assign(**{f"{error}_{name}_ms": spread[:, i] for i, name in enumerate(SPREAD)})
    return made


def _spread_of_each(sizes: Floats, codes: Codes, n: int) -> Floats:
    """Return the numbers of `_spread` for each of `n` groups at once, given the group of each size."""
    seen = ~np.isnan(sizes)
    sizes, codes = sizes[seen], codes[seen]
    ordered = sizes[np.lexsort((sizes, codes))]
    counts = np.bincount(codes, minlength=n)
    some = counts > 0
    first = (np.cumsum(counts) - counts)[some]
    spread = np.full((n, len(QUANTILES)), np.nan)
    for i, quantile in enumerate(QUANTILES):
        place = (counts[some] - 1) * quantile
        below = np.floor(place).astype(int)
        low = ordered[first + below]
        high = ordered[first + np.minimum(below + 1, counts[some] - 1)]
        spread[some, i] = low + (high - low) * (place - below)
    return spread


def _spread(throws: pd.DataFrame, error: str) -> Floats:
    """Return median, 95th and 99th percentile and maximum of the sizes of an error (ms)."""
    sizes = np.abs(1000 * throws[f"{error}_error"].to_numpy(dtype=float))
    sizes = sizes[~np.isnan(sizes)]
    return np.quantile(sizes, QUANTILES) if sizes.size else np.full(len(QUANTILES), np.nan)


def _in_frames(made: pd.DataFrame) -> pd.DataFrame:
    """Add the errors in frames of the session's screen."""
    return made.assign(
        **{
            f"{error}_{name}_frames": made[f"{error}_{name}_ms"] * made["refresh_rate"] / 1000
            for error in ERRORS
            for name in SPREAD
        }
    )


def _broken_off(data: Dataset) -> dict[tuple[str, str], list[str]]:
    """Return the numbers of the runs of each session that were broken off, after its line or its tables."""
    found: dict[tuple[str, str], set[str]] = {}
    listed = data.sessions[data.sessions["incomplete"].notna()]
    for person, session, runs in listed[[*SESSION, "incomplete"]].itertuples(index=False):
        found.setdefault((person, session), set()).update(str(runs).split(","))
    phases = data.phases[(data.phases["task"] != "practice") & ~data.phases["complete"]]
    for person, session, run in phases[[*SESSION, "run"]].itertuples(index=False):
        found.setdefault((person, session), set()).add(f"{run:02d}")
    return {key: sorted(runs) for key, runs in found.items()}


def _sum(counts: pd.Series) -> object:
    """Return the sum of the counts that are there, missing where none is."""
    return counts.sum(min_count=1)
