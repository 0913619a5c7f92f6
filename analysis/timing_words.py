"""The timing of a study in words that a lab assistant understands."""

from __future__ import annotations

import math

import pandas as pd

from analysis.bounds import reasons

NAMED = 5
"""How many sessions with the same flag are named; ``timing.tsv`` has all."""

PACED = {
    "display": ("session on a display", "sessions on a display"),
    "emulated": ("session paced by a timer, with no display behind it,",
                 "sessions paced by a timer, with no display behind them,"),
    "simulated": ("simulated session, with nothing shown, in virtual frames",
                  "simulated sessions, with nothing shown, in virtual frames"),
}  # fmt: skip
UNKNOWN = ("session, not known what paced it,", "sessions, not known what paced them,")


def overall(row: pd.Series) -> str:
    """Say in one line how well sessions of one kind kept their times; `row` is one of `by_pacing`."""
    one, several = PACED.get(str(row["pacing"]), UNKNOWN)
    n = int(row["n_sessions"])
    parts = [f"{n} {one if n == 1 else several}{_rate(row['refresh_low'], row['refresh_high'])}"]
    parts += _frames(row)
    parts += _near(row)
    if not math.isnan(row["clock_drift_ms"]) and row["pacing"] != "simulated":
        parts.append(f"clocks agree within {milliseconds(row['clock_drift_ms'])}")
    if row["share_mouse"] > 0:
        parts.append(f"{100 * row['share_mouse']:.0f} % of throws by mouse, whose times are less certain")
    if row["n_unknown"]:
        parts.append(
            f"{row['n_unknown']} recorded by an earlier version, without planned onsets and second clock"
        )
    if row["n_flagged"]:
        parts.append(f"{row['n_flagged']} flagged (see timing.tsv), none left out")
    if len(parts) == 1 and str(row["pacing"]) not in PACED:
        return f"Timing: nothing is on record of {n} {'session' if n == 1 else 'sessions'}."
    return f"Timing: {'; '.join(parts)}."


def mixed(by_pacing: pd.DataFrame) -> str:
    """Warn where times of different kinds are in one study; nothing where they are of one."""
    kinds = by_pacing["pacing"].dropna()
    if len(kinds) < 2:
        return ""
    return (
        f"WARNING: sessions of different kinds in one study ({', '.join(kinds)}): their times are not told "
        "in one number, and should not be compared without saying so."
    )


def of_flagged(sessions: pd.DataFrame) -> list[str]:
    """Say what each flagged session exceeds, those with the same reasons in one line."""
    found: dict[str, list[str]] = {}
    flagged = sessions[sessions["flags"].notna()]
    for row in flagged.to_dict("records"):
        name = f"{row['participant_id']}/{row['session']}"
        found.setdefault("; ".join(reasons(row)), []).append(name)
    return [f"{_names(names)}: {why}." for why, names in found.items()]


def _names(names: list[str]) -> str:
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return ", ".join(names[:NAMED]) + more


def _rate(low: float, high: float) -> str:
    if math.isnan(low):
        return ""
    return f" at {low:.0f} Hz" if f"{low:.0f}" == f"{high:.0f}" else f" at {low:.0f} to {high:.0f} Hz"


def _frames(row: pd.Series) -> list[str]:
    if pd.isna(row["frames"]):
        return []
    late = f"{100 * row['share_late']:.2f} %" if row["frames_late"] else "none"
    longest = row["frame_longest_ms"]
    told = "" if math.isnan(longest) else f", longest {milliseconds(longest)}"
    return [f"{late} of {row['frames']:,} frames late{told}"]


def _near(row: pd.Series) -> list[str]:
    """Say how near pauses and flights came to their plans."""
    pause, flight = row["pause_p99_ms"], row["flight_p99_ms"]
    if math.isnan(pause) or math.isnan(flight):
        return [
            f"{what} within {milliseconds(value)} of plan (99 %)"
            for what, value in (("pauses", pause), ("flights", flight))
            if not math.isnan(value)
        ]
    return [f"pauses within {milliseconds(pause)} and flights within {milliseconds(flight)} of plan (99 %)"]


def milliseconds(value: float) -> str:
    """Return a time with a decimal below 10 ms, else whole; never less than 0.1, which is within it."""
    return f"{max(value, 0.1):.1f} ms" if value < 10 else f"{value:.0f} ms"
