"""The files that belong to the report: template, style, and what is said of the methods."""

from __future__ import annotations

from importlib.resources import files


def packaged(name: str) -> str:
    """Return the text of a file of this package."""
    return files("analysis.report").joinpath(name).read_text(encoding="utf-8")
