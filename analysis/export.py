"""A summary as files: a BIDS derivative of TSV tables with sidecars, and one JSON file with all of it."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

import pandas as pd

from analysis import programs
from analysis.files import Skipped, Warned
from analysis.meanings import overlap_sidecar, sidecar, timing_sidecar, wide_sidecar
from analysis.output import write_files
from analysis.results import Summary
from experiment.columns import MISSING

DIGITS = 12
"""Significant digits of every number written; TSV and JSON hold the same."""

NOT_IN_JSON = (
    *("scores", "by_participant", "excluded", "wide"),
    *("throws_by_run", "responses", "choices", "reciprocity", "waits"),
)
"""Tables with a row for every participant stand in their TSV alone."""

BESIDE = ("summary.json", "report.html", "figures/", *programs.NAMES)
"""What stands beside the tables; `analysis.report` writes the last two."""


def write(summary: Summary, folder: Path) -> None:
    """Write a summary into `folder`; each file appears whole or not at all.

    Raises
    ------
    AnalysisError
        Where a file cannot be written.
    """
    said: dict[str, Sequence[Skipped | Warned]] = {"left_out": summary.skipped, "warnings": summary.warnings}
    tables = summary.tables() | {
        name: pd.DataFrame([(each.place, each.reason) for each in entries], columns=["place", "reason"])
        for name, entries in said.items()
    }
    records = {name: _records(table) for name, table in tables.items()}
    files = {
        "dataset_description.json": _json(description(simulated=summary.simulated)),
        ".bidsignore": _ignored(list(tables)),
    }
    for name, table in tables.items():
        columns = list(table.columns)
        files[f"{name}.tsv"] = _tsv(columns, records[name])
        files[f"{name}.json"] = _json(_sidecar(name, columns, summary))
    files["summary.json"] = _json(_whole(summary, records))
    files |= programs.files(summary.wide, summary.codebook)
    write_files(folder, files)


def _sidecar(name: str, columns: list[str], summary: Summary) -> dict[str, Any]:
    """Return the description of a table's columns; some tables have dictionaries of their own."""
    if name == "timing":
        return timing_sidecar()
    if name.startswith("overlap"):
        return overlap_sidecar(columns)
    return wide_sidecar(summary.codebook) if name == "wide" else sidecar(columns)


def _whole(summary: Summary, records: dict[str, list[dict[str, Any]]]) -> dict[str, Any]:
    return {
        "simulated": summary.simulated,
        "conditions": list(summary.conditions),
        "factors": {name: list(levels) for name, levels in summary.factors.items()},
        "beliefs": summary.beliefs,
        "measures": summary.titles,
        "notes": list(summary.notes),
        **{name: rows for name, rows in records.items() if name not in NOT_IN_JSON},
    }


def _ignored(tables: list[str]) -> str:
    """Name the files that BIDS has no names for, so that the derivative validates too."""
    named = [f"{name}.{kind}" for name in tables for kind in ("tsv", "json")]
    return "\n".join([*named, *BESIDE]) + "\n"


def table_files(name: str, table: pd.DataFrame, described: dict[str, Any]) -> dict[str, str]:
    """Return a table and its sidecar as texts, by the names of their files."""
    columns = [str(column) for column in table.columns]
    return {f"{name}.tsv": _tsv(columns, _records(table)), f"{name}.json": _json(described)}


def description(*, simulated: bool) -> dict[str, Any]:
    """Return what the folder's ``dataset_description.json`` says."""
    name = "Scores by condition (simulated participants)" if simulated else "Scores by condition"
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
