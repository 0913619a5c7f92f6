"""How well sessions kept their times: late frames, the longest frame, and errors of what was shown."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from analysis.bounds import BOUNDS
from analysis.figures import words
from analysis.figures.figured import Figured
from analysis.figures.style import (
    COLOURS,
    LINES,
    PAGE_MM,
    QUIET,
    SMALL,
    explain,
    finish,
    in_style,
    nothing,
    sheet,
)
from analysis.results import Summary

PANELS = {
    "share_late": ("Late frames", "frames later than 1.5 periods (%)", 100.0),
    "frame_longest_ms": ("Longest frame", "longest time between frames (ms)", 1.0),
    "onset_p99_ms": ("Onset errors", "99th percentile of the error (ms)", 1.0),
}
"""Column, title, label and factor of each panel."""

PACINGS = ("display", "emulated")


def timings(summary: Summary) -> Iterator[Figured]:
    """Draw the timing of the sessions that showed something; simulated ones did not."""
    shown = summary.timing[summary.timing["pacing"] != "simulated"]
    if len(shown) and shown[list(PANELS)].notna().any(axis=None):
        yield _figure(summary, shown)


@in_style
def _figure(summary: Summary, shown: pd.DataFrame) -> Figured:
    figure = sheet(PAGE_MM, 66.0)
    grid = figure.subplots(1, len(PANELS))
    pacing = shown["pacing"].fillna("not known")
    shown = shown.assign(pacing=pacing)
    order = [name for name in PACINGS if (pacing == name).any()] + sorted(set(pacing) - set(PACINGS))
    for place, (axes, (column, said)) in enumerate(zip(grid, PANELS.items(), strict=True)):
        _panel(axes, shown, column, said, order)
        if place == 0:
            axes.set_ylabel("sessions at or below (%)")
        else:
            axes.tick_params(axis="y", labelleft=False)
    explain(figure, 4)
    finish(figure, simulated=summary.simulated)
    n = words.listed(f"{(pacing == name).sum()} ({name})" for name in order)
    flagged = int(shown["flags"].notna().sum())
    return Figured(
        "timing", "Timing of the sessions",
        f"Timing by what paced the frames, n = {n} sessions: for each value, the percent of sessions that "
        "have it or less. Onset errors are distances of the flip that showed a throw from the time for "
        "which its frame was drawn. Dotted lines are the bounds beyond which a session is flagged (of onsets "
        f"that bound is 1.5 frames, drawn for the slowest screen); {flagged} exceed a bound of any kind, and "
        f"none is left out for it.{words.simulated(summary)}",
        figure,
    )  # fmt: skip


def _panel(
    axes: Axes, shown: pd.DataFrame, column: str, said: tuple[str, str, float], order: list[str]
) -> None:
    import seaborn as sns  # noqa: PLC0415 - a second to import, for this figure alone

    title, label, factor = said
    limit = _limit(shown, column)
    largest = limit or 0.0
    for place, name in enumerate(order):
        values = (factor * shown.loc[shown["pacing"] == name, column]).dropna().to_numpy(float)
        axes.plot([], [], color=COLOURS[place], linestyle=LINES[place], label=f"{name} (n = {values.size})")
        if values.size:
            sns.ecdfplot(
                x=values, stat="percent", ax=axes, color=COLOURS[place], linestyle=LINES[place], linewidth=1.3
            )
            largest = max(largest, float(values.max()))
    if limit is not None:
        axes.axvline(limit, color=QUIET, linewidth=0.9, linestyle=(0, (1, 1.5)), label="bound")
    if shown[column].isna().all():
        nothing(axes, "not recorded")
    axes.set_xlim(0, 1.06 * largest if largest > 0 else 1.0)
    axes.set_ylim(0, 103)
    axes.set_yticks(range(0, 101, 25))
    axes.set_xlabel(label)
    axes.set_ylabel("")
    axes.set_title(title)
    axes.grid(axis="y")
    axes.tick_params(labelsize=SMALL)


def _limit(shown: pd.DataFrame, column: str) -> float | None:
    """Return the bound of a column in the unit of its panel."""
    if column == "onset_p99_ms":
        slowest = float(shown["refresh_rate"].astype(float).min())
        limit = next(bound.limit for bound in BOUNDS if bound.column == "onset_p99_frames")
        return None if np.isnan(slowest) or isinstance(limit, tuple) else 1000.0 * limit / slowest
    limit = next(bound.limit for bound in BOUNDS if bound.column == column)
    return None if isinstance(limit, tuple) else PANELS[column][2] * limit
