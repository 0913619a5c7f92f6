"""The figures of an analysis: vector and PNG, for a paper and for the report.

    from analysis.figures import all_figures, as_svg, write

    for figured in all_figures(summary(data), data):
        write(figured, data.path / "derivatives" / "spot" / "figures")

All are drawn from the frames of a `Summary`; only what a summary has no frame for (the throws one by one, the
levels of sessions) comes from the dataset, and then only of participants who permit the use of their data.
Importing this package loads matplotlib, so it is imported where figures are asked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from analysis.dataset import Dataset
from analysis.figures import writing
from analysis.figures.doses import doses
from analysis.figures.figured import Figured
from analysis.figures.flow import exclusion_flows, flows
from analysis.figures.forest import forests
from analysis.figures.overlaps import overlaps
from analysis.figures.paired import paired
from analysis.figures.rainclouds import by_level, rainclouds
from analysis.figures.stages import stages
from analysis.figures.timing import timings
from analysis.figures.writing import as_svg
from analysis.flow import permitted
from analysis.results import Summary

__all__ = ["Figured", "all_figures", "as_svg", "write"]


def all_figures(summary: Summary, data: Dataset) -> Iterator[Figured]:
    """Draw every figure that the numbers allow, one after the other.

    Parameters
    ----------
    summary
        The numbers.
    data
        The dataset that they were made from.
    """
    used = permitted(data)
    yield from flows(summary)
    yield from exclusion_flows(summary)
    yield from doses(summary, used)
    yield from stages(summary)
    yield from rainclouds(summary)
    yield from by_level(summary, used)
    yield from paired(summary)
    yield from forests(summary, used)
    yield from overlaps(summary.overlap, summary.conditions, simulated=summary.simulated)
    yield from timings(summary)


def write(figured: Figured | Iterable[Figured], folder: Path) -> list[Path]:
    """Write a figure, or several, as SVG, PDF and PNG (300 dpi) into `folder`; return the files.

    Each file appears whole or not at all, and the same figure gives the same bytes.

    Raises
    ------
    AnalysisError
        Where a file cannot be written.
    """
    several = [figured] if isinstance(figured, Figured) else figured
    return [file for each in several for file in writing.write(each, folder)]
