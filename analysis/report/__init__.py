"""The report: one HTML page that reads like a results section, and needs nothing but itself.

    from analysis import dataset, report, results

    data = dataset.load("data/mystudy")
    report.write(data, results.summary(data), "report.html")

``python -m analysis.report DATASET [--out FILE]`` does the same, and writes the tables and figures too.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from analysis.dataset import Dataset
from analysis.output import write_files
from analysis.results import Summary

if TYPE_CHECKING:
    from analysis.figures import Figured

__all__ = ["html", "write"]


def html(data: Dataset, summary: Summary, figures: Iterable[Figured] | None = None) -> str:
    """Return the report of a dataset; the same data give the same text.

    Parameters
    ----------
    data
        The dataset.
    summary
        Its numbers, as `analysis.results.summary` made them of it.
    figures
        The figures, where they are drawn already.
    """
    from analysis.figures import all_figures, as_svg  # noqa: PLC0415 - matplotlib, a second to import
    from analysis.report.page import page  # noqa: PLC0415 - and jinja2
    from analysis.report.pictures import Pictures  # noqa: PLC0415

    drawn = all_figures(summary, data) if figures is None else figures
    return page(data, summary, Pictures((each.name, each.caption, as_svg(each)) for each in drawn))


def write(data: Dataset, summary: Summary, file: str | Path) -> None:
    """Write the report of a dataset; the file appears whole or not at all.

    Raises
    ------
    AnalysisError
        Where the file cannot be written.
    """
    put(html(data, summary), Path(file))


def put(text: str, file: Path) -> None:
    """Write a text; the file appears whole or not at all."""
    write_files(file.parent, {file.name: text})
