"""Response times of the participants' throws, in numbers that a few odd ones do not move.

What counts
-----------
A response time is the press minus the flip that showed the ball in the participant's hands, of every throw of
theirs in the runs that count (`analysis.throws`). These throws are in ``n_throws`` and have no time here:

- **taken over** (``n_taken_over``): kept too long, so that a co-player took the ball (a timeout); there are
  none where a game sets no such limit;
- **interrupted** (``n_interrupted``): the session was paused during the throw;
- **no time** (``n_no_time``): none was recorded for another reason.

Everything else is in, however quick or slow. Counted beside it, and in: throws quicker than `QUICK_S`
(``n_quick``), which is before anybody can have reacted, and outliers (``n_outliers``), farther than
`OUTLYING` deviations (``mad_s``) from the participant's own median (Leys et al. 2013, J Exp Soc Psychol
49:764). **Anticipations** (``n_anticipations``) are presses before the ball was there: none of them throws,
so none has a time. `left_out` names each throw without a time.

Times of clicks are less certain than those of keys; ``share_mouse`` says how many there are.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.frames import Codes, Floats, require, units
from analysis.throws import PERSON, RUN

QUICK_S = 0.1
OUTLYING = 3.0
TRIMMED = 0.2
"""Share that the trimmed mean leaves out at either end (Wilcox 2012, Introduction to robust estimation)."""

CONSISTENT = 1.482602218505602
"""The median absolute deviation times this is the standard deviation of a normal distribution."""

NEEDED = [*RUN, "throw", "thrower", "response_time", "response_source", "anticipations", "taken_over"]
NEEDED += ["interrupted"]


def responses(game: pd.DataFrame) -> pd.DataFrame:
    """Describe the response times of each participant under each condition; the throws of all runs together.

    Parameters
    ----------
    game : DataFrame
        As `analysis.throws.in_game` returns it.

    Returns
    -------
    DataFrame
        participant_id, condition, n_throws (of the participant's own), n_timed, n_taken_over,
        n_interrupted, n_no_time, n_anticipations, n_quick, n_outliers, share_mouse (of those with a time, 1),
        median_s, mad_s (median absolute deviation from the median, times 1.4826), trimmed_mean_s (without
        the quickest and the slowest fifth, each rounded down), mean_s, sd_s, log_mean (mean of the natural
        logarithms of the seconds) and geometric_mean_s (its exponential). A participant who never threw has a
        row of zeros and missing times.
    """
    require(game, NEEDED, "throws")
    own = (game["thrower"] == "participant").to_numpy(bool)
    reasons = _reasons(game, own)
    codes, people = units(game, PERSON)
    early = game["anticipations"].to_numpy(dtype=float, na_value=0.0)
    made = people.assign(n_throws=np.bincount(codes[own], minlength=len(people)), n_timed=0)
    for number, reason in enumerate(REASONS, start=1):
        made[f"n_{reason}"] = np.bincount(codes[reasons == number], minlength=len(people))
    made["n_anticipations"] = np.bincount(codes, weights=early, minlength=len(people)).astype(int)
    timed = own & (reasons == 0)
    times = game["response_time"].to_numpy(dtype=float, na_value=np.nan)[timed]
    mouse = (game["response_source"] == "mouse").to_numpy(bool)[timed]
    return _described(made, codes[timed], times, mouse)


REASONS = ("taken_over", "interrupted", "no_time")


def _reasons(game: pd.DataFrame, own: npt.NDArray[np.bool_]) -> Codes:
    """Return why each of the participant's `own` throws has no time: its number in `REASONS`, 0 for none."""
    taken = game["taken_over"].astype("boolean").fillna(False).to_numpy(bool)
    paused = game["interrupted"].to_numpy(dtype=float, na_value=np.nan) > 0
    untimed = game["response_time"].isna().to_numpy(bool)
    return np.select([~own, taken, paused, untimed], [0, 1, 2, 3], 0)


def left_out(game: pd.DataFrame) -> pd.DataFrame:
    """Return the participants' throws that have no response time here, and why.

    Returns
    -------
    DataFrame
        participant_id, session, run, condition, throw, response_time (s), reason (one of `REASONS`).
    """
    require(game, NEEDED, "throws")
    reasons = _reasons(game, (game["thrower"] == "participant").to_numpy(bool))
    left = game.loc[reasons > 0, [*RUN, "throw", "response_time"]].reset_index(drop=True)
    return left.assign(reason=pd.Series(np.array(["", *REASONS])[reasons[reasons > 0]], dtype="str"))


def _described(made: pd.DataFrame, codes: Codes, times: Floats, mouse: npt.NDArray[np.bool_]) -> pd.DataFrame:
    """Add what describes the times; `codes` says to which row of `made` each belongs."""
    n = np.bincount(codes, minlength=len(made))
    by = pd.Series(times).groupby(codes)
    rows = pd.RangeIndex(len(made))
    median = by.median().reindex(rows).to_numpy()
    away = np.abs(times - median[codes])
    mad = CONSISTENT * pd.Series(away).groupby(codes).median().reindex(rows).to_numpy()
    with np.errstate(divide="ignore", invalid="ignore"):
        logs = pd.Series(np.log(times)).groupby(codes).mean().reindex(rows).to_numpy()
    return made.assign(
        n_timed=n,
        n_quick=np.bincount(codes[times < QUICK_S], minlength=len(made)),
        n_outliers=np.bincount(codes[away > OUTLYING * mad[codes]], minlength=len(made)),
        share_mouse=pd.Series(mouse.astype(float)).groupby(codes).mean().reindex(rows).to_numpy(),
        median_s=median,
        mad_s=mad,
        trimmed_mean_s=_trimmed(codes, times, n),
        mean_s=by.mean().reindex(rows).to_numpy(),
        sd_s=by.std().reindex(rows).to_numpy(),
        log_mean=np.where(np.isfinite(logs), logs, np.nan),
        geometric_mean_s=np.where(np.isfinite(logs), np.exp(logs), np.nan),
    )


def _trimmed(codes: Codes, times: Floats, n: Codes) -> Floats:
    """Return the mean of each row's times without the quickest and the slowest share `TRIMMED`."""
    order = np.lexsort((times, codes))
    sorted_codes = codes[order]
    rank = np.arange(len(order)) - (np.cumsum(n) - n)[sorted_codes]
    cut = np.floor(TRIMMED * n + 1e-9).astype(int)[sorted_codes]
    kept = (rank >= cut) & (rank < n[sorted_codes] - cut)
    sums = np.bincount(sorted_codes[kept], weights=times[order][kept], minlength=len(n))
    counts = np.bincount(sorted_codes[kept], minlength=len(n))
    means = np.full(len(n), np.nan)
    np.divide(sums, counts, out=means, where=counts > 0)
    return means
