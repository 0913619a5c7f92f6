"""Paired lines: each participant under the conditions they went through, and beside them the differences.

An estimation plot (Ho et al. 2019, Nature Methods 16:565): the mean difference with its interval stands on an
axis of its own, next to the values that it is made of.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from math import ceil

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection

from analysis.figures import words
from analysis.figures.figured import Figured
from analysis.figures.style import INK, PAGE_MM, QUIET, SMALL, Looks, finish, in_style, sheet, show_scale
from analysis.frames import SCORE, same
from analysis.results import Summary

MOST = 200
"""Of more participants than this every so manyth is drawn; means and differences are of all."""

Panel = tuple[str, pd.DataFrame, pd.DataFrame, pd.DataFrame]


def paired(summary: Summary) -> Iterator[Figured]:
    """Draw a figure for every measure and stage that was compared within participants."""
    if "design" not in summary.comparisons or not (summary.comparisons["design"] == "within").any():
        return
    within = summary.comparisons[summary.comparisons["design"] == "within"]
    people, described = summary.by_participant, summary.by_condition
    for (measure, stage), rows in within.groupby(["measure", "stage"], sort=False):
        panels: list[Panel] = []
        for name, compared in rows.groupby("subscale", sort=False):
            conditions = {*compared["a"], *compared["b"]}
            own = partial(_of_score, score=(measure, stage, name), conditions=conditions)
            panels.append((words.readable(name), compared, own(people), own(described)))
        yield _figure(summary, str(measure), str(stage), panels)


def _of_score(frame: pd.DataFrame, score: tuple[object, ...], conditions: set[str]) -> pd.DataFrame:
    """Return the rows of a score under these conditions."""
    kept = frame["condition"].isin(conditions)
    for column, value in zip(SCORE, score, strict=True):
        kept &= same(frame[column], value)
    return frame[kept]


@in_style
def _figure(summary: Summary, measure: str, stage: str, panels: Sequence[Panel]) -> Figured:
    compared = pd.concat([panel[1] for panel in panels], ignore_index=True)
    conditions = [name for name in summary.conditions if name in {*compared["a"], *compared["b"]}]
    pairs = len(compared[["a", "b"]].drop_duplicates())
    columns = min(len(panels), 2 if len(conditions) + pairs <= 6 else 1)
    deep = ceil(len(panels) / columns)
    figure = sheet(PAGE_MM if columns > 1 or len(conditions) + pairs > 4 else 110.0, 54.0 * deep + 4)
    ratios = [1.6 * len(conditions) + 0.6, 1.0 * pairs + 0.6] * columns
    grid = figure.subplots(deep, 2 * columns, squeeze=False, width_ratios=ratios)
    for place in range(deep * columns):
        left, right = grid[place // columns, 2 * (place % columns) :][:2]
        if place >= len(panels):
            left.set_axis_off()
            right.set_axis_off()
            continue
        head, own, people, described = panels[place]
        _lines(left, people, described, conditions, Looks(summary.conditions))
        alike = [panel[1] for panel in panels if _scale(panel[3]) == _scale(described)]
        _differences(right, own, pd.concat(alike), Looks(summary.conditions))
        if len(panels) > 1:
            left.set_title(words.capital(head))
    finish(figure, simulated=summary.simulated)
    title = words.title_of(summary, measure)
    return Figured(
        words.file_name("paired", measure, stage), f"{title} ({stage}): within participants",
        _caption(summary, f"{title}, {words.at_stage(stage)}", compared), figure,
    )  # fmt: skip


def _lines(
    axes: Axes,
    people: pd.DataFrame,
    described: pd.DataFrame,
    conditions: Sequence[str],
    looks: Looks,
) -> None:
    wide = people.pivot_table(index="participant_id", columns="condition", values="score", dropna=False)
    values = wide.reindex(columns=list(conditions)).to_numpy(float)
    values = values[:: ceil(len(values) / MOST) or 1]
    alpha = float(np.clip(18 / max(len(values), 1), 0.12, 0.55))
    segments = [
        np.column_stack([np.flatnonzero(seen), row[seen]])
        for row in values
        if (seen := ~np.isnan(row)).sum() > 1
    ]
    axes.add_collection(LineCollection(segments, colors=QUIET, linewidths=0.6, alpha=alpha), autolim=False)
    for place, condition in enumerate(conditions):
        found = values[~np.isnan(values[:, place]), place]
        colour = looks.colour(condition)
        axes.scatter(
            np.full(found.size, place), found, s=7, marker=looks.marker(condition), color=colour,
            alpha=max(alpha, 0.3), linewidth=0,
        )  # fmt: skip
        for _, row in described[described["condition"] == condition].iterrows():
            aside = place + (-0.2 if place == 0 else 0.2)
            axes.plot(
                [aside] * 2, [row["ci_low"], row["ci_high"]], color=looks.colour(condition), linewidth=1.6
            )
            axes.plot(
                aside, row["mean"], marker=looks.marker(condition), markersize=5, color=colour,
                markeredgecolor="white", markeredgewidth=0.5,
            )  # fmt: skip
    low, high = float(described["low"].iloc[0]), float(described["high"].iloc[0])
    if not np.isnan(low):
        show_scale(axes, low, high, along="y")
    axes.set_xlim(-0.5, len(conditions) - 0.5)
    axes.set_xticks(range(len(conditions)), [words.wrapped(words.named(name), 11) for name in conditions])
    axes.set_ylabel(words.wrapped(words.direction(described), 30))
    axes.grid(axis="y")


def _scale(described: pd.DataFrame) -> tuple[str, str]:
    """Return the ends of a score's scale; differences on one scale are drawn to one measure."""
    return str(described["low"].iloc[0]), str(described["high"].iloc[0])


def _differences(axes: Axes, compared: pd.DataFrame, alike: pd.DataFrame, looks: Looks) -> None:
    axes.axhline(0, color=INK, linewidth=0.6)
    for place, (_, row) in enumerate(compared.iterrows()):
        colour = looks.colour(row["a"])
        axes.plot([place] * 2, [row["ci_low"], row["ci_high"]], color=colour, linewidth=1.6)
        axes.plot(
            place, row["difference"], marker=looks.marker(row["a"]), markersize=5, color=colour,
            markeredgecolor="white", markeredgewidth=0.5,
        )  # fmt: skip
    names = [
        f"{words.wrapped(words.named(a), 11)}\n\N{MINUS SIGN} {words.wrapped(words.named(b), 11)}"
        for a, b in zip(compared["a"], compared["b"], strict=True)
    ]
    ends = alike[["ci_low", "ci_high", "difference"]].to_numpy(float)
    reach = np.nanmax(np.abs(ends)) if not np.isnan(ends).all() else 1.0
    low, high = min(0.0, float(np.nanmin(ends, initial=0.0))), max(0.0, float(np.nanmax(ends, initial=0.0)))
    axes.set_ylim(low - 0.12 * (reach or 1.0), high + 0.12 * (reach or 1.0))
    axes.set_xlim(-0.6, len(compared) - 0.4)
    axes.set_xticks(range(len(compared)), names, size=SMALL)
    axes.set_ylabel("mean difference")
    axes.grid(axis="y")


def _caption(summary: Summary, of: str, compared: pd.DataFrame) -> str:
    smallest, largest = int(compared["n"].min()), int(compared["n"].max())
    n = f"{largest}" if smallest == largest else f"{smallest} to {largest}"
    parts = [
        f"{of}: n = {n} participants with both scores of a pair. Each thin line is a participant, over the "
        "conditions they went through; the marks beside them are means with 95 % confidence intervals.",
        "To the right, on their own axis, mean differences within participants (a minus b) with their 95 % "
        "confidence intervals (paired t); above 0, the score is higher under the condition named first.",
    ]
    if largest > MOST:
        parts.append(f"Lines are those of {ceil(largest / ceil(largest / MOST))} of them, evenly taken.")
    return " ".join(parts) + words.simulated(summary)
