"""The columns that say how well sessions kept their times: units and meanings, said once."""

from __future__ import annotations

from experiment.columns import Column

ERRORS = {
    "onset": "of the flip that showed a throw from the time for which its frame was drawn",
    "pause": "of a co-player's pause from its plan; throws with an interruption left out",
    "flight": "of a flight from its plan; throws with an interruption left out",
}
"""The errors of a throw."""

SPREAD = {
    "median": "Median",
    "p95": "95th percentile of the",
    "p99": "99th percentile of the",
    "max": "Greatest",
}
"""What is told of the sizes of an error."""

SESSIONS = (
    Column("participant_id", "text", "Code of the participant, with the prefix sub-"),
    Column("session", "text", "Session, with the prefix ses-"),
    Column("flags", "text", "Bounds exceeded, joined by commas; n/a for none. Nothing is left out for them"),
    Column("pacing", "text", "What kept the rhythm of the frames: display, emulated (a timer) or simulated"),
    Column("refresh_rate", "number", "Refresh rate of the screen", "Hz"),
    Column("keyboard", "text", "Backend that stamped the keys"),
    Column("n_throws", "count", "Throws of the game, those of runs that were broken off included"),
    Column("frames", "count", "Frames shown in the runs of the game"),
    Column("frames_late", "count", "Of these, later than one and a half frame periods after the one before"),
    Column("share_late", "number", "frames_late divided by frames", "1"),
    Column("frame_longest_ms", "number", "Longest time from one of these frames to the next", "ms"),
    *(
        Column(f"{error}_{name}_{unit}", "number", f"{said} distance {of}", unit)
        for error, of in ERRORS.items()
        for unit in ("ms", "frames")
        for name, said in SPREAD.items()
    ),
    Column(
        "clock_drift_ms", "number",
        "Largest disagreement of the session's clock with a second one over any run; positive where the "
        "session's clock gained", "ms",
    ),
    Column("n_responses", "count", "Throws of the participant by a press of their own"),
    Column("share_mouse", "number", "Share of these by mouse, whose times are less certain", "1"),
    Column("interrupted_s", "number", "Time within throws during which the session was paused", "s"),
    Column("n_incomplete", "count", "Runs of the game that were broken off"),
    Column("incomplete", "text", "Numbers of these runs, joined by commas; n/a for none"),
)  # fmt: skip
"""The columns of `analysis.timing.by_session`, and of ``timing.tsv``."""

BY_PACING = (
    "pacing", "n_sessions", "n_flagged", "n_unknown", "refresh_low", "refresh_high", "frames", "frames_late",
    "share_late", "frame_longest_ms", "onset_p99_ms", "pause_p99_ms", "flight_p99_ms", "clock_drift_ms",
    "n_responses", "share_mouse",
)  # fmt: skip
"""The columns of `analysis.timing.by_pacing`."""
