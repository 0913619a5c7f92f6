"""A summary as files: a BIDS derivative of TSV tables with sidecars, and one JSON file with all of it."""

from __future__ import annotations

import json
import math
import os
from importlib import metadata
from pathlib import Path
from typing import Any

import pandas as pd

from analysis.bounds import BOUNDS
from analysis.errors import AnalysisError
from analysis.results import Summary
from analysis.timing_columns import SESSIONS as TIMING
from experiment.columns import MISSING

DIGITS = 12
"""Significant digits of every number written; TSV and JSON hold the same."""

IN_JSON = (
    "flow",
    "by_condition",
    "comparisons",
    "omnibus",
    "by_level",
    "comparisons_by_level",
    "level_differences",
    "reliability",
    "timing",
    "timing_by_pacing",
    "left_out",
)


def write(summary: Summary, folder: Path) -> None:
    """Write a summary into `folder`; each file appears whole or not at all.

    Raises
    ------
    AnalysisError
        Where a file cannot be written.
    """
    tables = {
        "scores": summary.scores,
        "by_participant": summary.by_participant,
        "by_condition": summary.by_condition,
        "comparisons": summary.comparisons,
        "omnibus": summary.omnibus,
        "by_level": summary.by_level,
        "comparisons_by_level": summary.comparisons_by_level,
        "level_differences": summary.level_differences,
        "reliability": summary.reliability,
        "flow": summary.flow,
        "timing": summary.timing,
        "timing_by_pacing": summary.timing_by_pacing,
        "left_out": pd.DataFrame([(s.place, s.reason) for s in summary.skipped], columns=["place", "reason"]),
    }
    records = {name: _records(table) for name, table in tables.items()}
    files = {"dataset_description.json": _json(_description(summary)), ".bidsignore": _ignored(list(tables))}
    for name, table in tables.items():
        columns = list(table.columns)
        files[f"{name}.tsv"] = _tsv(columns, records[name])
        files[f"{name}.json"] = _json(_timing_sidecar() if name == "timing" else _sidecar(columns))
    files["summary.json"] = _json(_whole(summary, records))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in files.items():
            _write_whole(folder / name, text)
    except OSError as error:
        raise AnalysisError(
            f"{error.filename or folder}: cannot be written ({error.strerror or error})"
        ) from error


def _write_whole(file: Path, text: str) -> None:
    temporary = file.with_name(f".{file.name}.{os.getpid()}.tmp")
    try:
        temporary.write_bytes(text.encode())
        temporary.replace(file)
    finally:
        temporary.unlink(missing_ok=True)


def _whole(summary: Summary, records: dict[str, list[dict[str, Any]]]) -> dict[str, Any]:
    return {
        "simulated": summary.simulated,
        "conditions": list(summary.conditions),
        "factors": {name: list(levels) for name, levels in summary.factors.items()},
        "beliefs": summary.beliefs,
        "measures": summary.titles,
        "notes": list(summary.notes),
        **{name: records[name] for name in IN_JSON},
    }


def _ignored(tables: list[str]) -> str:
    """Name the files that BIDS has no names for, so that the derivative validates too."""
    return (
        "\n".join([*(f"{name}.{kind}" for name in tables for kind in ("tsv", "json")), "summary.json"]) + "\n"
    )


def _description(summary: Summary) -> dict[str, Any]:
    name = "Scores by condition (simulated participants)" if summary.simulated else "Scores by condition"
    return {
        "Name": name,
        "BIDSVersion": "1.10.0",
        "DatasetType": "derivative",
        "GeneratedBy": [{"Name": "spot summarize", "Version": _version()}],
        "SourceDatasets": [{"URL": "../.."}],
    }


def _version() -> str:
    try:
        return metadata.version("social-pain-overlap")
    except metadata.PackageNotFoundError:
        return "unknown"


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    columns = [str(name) for name in table.columns]
    values = zip(*(table[name].astype(object).tolist() for name in table.columns), strict=True)
    return [dict(zip(columns, map(_canonical, row), strict=True)) for row in values]


def _canonical(value: Any) -> Any:
    """Return a value as it is written: numbers with `DIGITS` significant digits, missing as None."""
    if value is None or value is pd.NA:
        return None
    if isinstance(value, float):
        return float(f"{value:.{DIGITS}g}") if math.isfinite(value) else None
    return value if isinstance(value, str | bool) else int(value)


def _tsv(columns: list[str], records: list[dict[str, Any]]) -> str:
    lines = ["\t".join(columns)]
    lines += ["\t".join(_cell(record[name]) for name in columns) for record in records]
    return "\n".join(lines) + "\n"


def _cell(value: Any) -> str:
    if value is None or value == "":
        return MISSING
    return repr(value) if isinstance(value, float) else str(value).replace("\t", " ").replace("\n", " ")


def _json(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


MEANINGS = {
    "participant_id": "Code of the participant, with the prefix sub-",
    "session": "Session, with the prefix ses-",
    "run": "Run of the game that the form followed; n/a before any",
    "condition": "Condition that the participant was allocated to, or went through; n/a for none, or all",
    "factor": "Factor that the design crosses with the conditions",
    "factors": "Levels of the participant, as factor=level, joined by commas",
    "level": "Level of the factor to which the rows below the numbers belong",
    "level_a": "Level from which level_b is taken: (a - b at level_a) minus (a - b at level_b)",
    "level_b": "Level that is taken from level_a",
    "n_level_a": "Participants at level_a (within participants: complete pairs)",
    "n_level_b": "Participants at level_b (within participants: complete pairs)",
    "n_runs": "Runs (or forms) of which the values are made: each participant's value is the mean of theirs",
    "runs_min": "Fewest runs (or forms) of one participant below a value",
    "runs_max": "Most runs (or forms) of one participant below a value",
    "stage": "When the measure was asked; game for what was counted during the game",
    "measure": "Name of the measure; distress is a composite of this project's own",
    "subscale": "Name of the score within the measure",
    "score": "Score on its scale, from low to high; by participant, the mean over their runs",
    "n_items": "Items (or throws) below the score",
    "n_missing": "How many of the items, or of the participants, have no value",
    "low": "Least score possible",
    "high": "Greatest score possible",
    "high_means": "What a high score means",
    "role": "What the measure is for",
    "n": "Participants (within participants: complete pairs; reliability: complete forms)",
    "mean": "Mean",
    "sd": "Standard deviation (n - 1)",
    "se": "Standard error of the mean",
    "ci_low": "Lower limit of the 95 % confidence interval of the estimate before it",
    "ci_high": "Upper limit of the 95 % confidence interval",
    "q1": "First quartile (linear interpolation)",
    "q3": "Third quartile (linear interpolation)",
    "a": "Condition from which b is taken: every difference is a minus b",
    "b": "Condition that is taken from a",
    "design": "between or within participants",
    "difference": "Mean under a minus mean under b; of levels, the difference between two such differences",
    "t": "Welch's t between, paired t within participants; of levels, t of the contrast",
    "df": "Degrees of freedom of t",
    "p": "Two-sided p value",
    "p_holm": "p corrected by Holm over the four needs of one measure and stage; n/a for other scores",
    "student_t": "Student's t (equal variances)",
    "d": "Cohen's d: difference divided by the pooled standard deviation",
    "d_low": "Lower limit of the 95 % interval of the standardised difference (noncentral t)",
    "d_high": "Upper limit of that interval",
    "g": "Hedges' g: d times the exact correction",
    "g_low": "d_low times the same correction",
    "g_high": "d_high times the same correction",
    "u": "Mann-Whitney's U of a",
    "u_p": "Two-sided p of Mann-Whitney's test",
    "rank_biserial": "2 U / (n_a n_b) - 1",
    "d_z": "Mean divided by standard deviation of the paired differences",
    "d_av": "Difference divided by the root mean square of the two standard deviations",
    "w": "Wilcoxon's smaller sum of ranks",
    "w_p": "Two-sided p of Wilcoxon's test",
    "n_left_out": "Without a complete pair (comparisons) or a complete form (reliability)",
    "f": "F of Welch's analysis of variance",
    "k": "Number of conditions",
    "alpha": "Cronbach's alpha, each participant once; within participants for each condition",
    "cell": "Cell of the design; n/a where none was drawn; all is the sum",
    "broken_off": "Runs of the game that were broken off",
    "in_tables": "Sessions whose participant lets the data be used",
    "pacing": "What kept the rhythm of the frames: display, emulated (a timer), simulated; n/a: not known",
    "n_sessions": "Sessions",
    "n_flagged": "Sessions that exceed a bound of timing; timing.tsv names them",
    "n_unknown": "Sessions of an earlier version, without planned onsets, longest frames and a second clock",
    "refresh_low": "Lowest refresh rate of the screens (Hz)",
    "refresh_high": "Highest refresh rate (Hz)",
    "frames": "Frames shown in the runs of the game",
    "frames_late": "Of these, later than one and a half frame periods after the one before",
    "share_late": "frames_late divided by frames",
    "frame_longest_ms": "Longest time from one frame to the next (ms)",
    "onset_p99_ms": "99 % of throws were seen this near to the time for which their frame was drawn (ms)",
    "pause_p99_ms": "99 % of the co-players' pauses were this near to their plan (ms)",
    "flight_p99_ms": "99 % of the flights were this near to their plan (ms)",
    "clock_drift_ms": "Largest disagreement of the sessions' clocks with a second one over a run (ms)",
    "n_responses": "Throws of participants by a press of their own",
    "share_mouse": "Share of these by mouse, whose times are less certain",
    "place": "File or session within the dataset",
    "reason": "Why it was left out",
}


def _sidecar(columns: list[str]) -> dict[str, Any]:
    return {column: {"Description": _meaning(column)} for column in columns}


def _timing_sidecar() -> dict[str, Any]:
    """Describe the timing's columns, and beside its flags the bounds."""
    described: dict[str, Any] = {
        column.name: {"Description": column.meaning} | ({"Units": column.unit} if column.unit else {})
        for column in TIMING
    }
    described["flags"]["Levels"] = {bound.name: bound.stated for bound in BOUNDS}
    return described


def _meaning(column: str) -> str:
    return MEANINGS.get(column, column.replace("_", " ").capitalize())
