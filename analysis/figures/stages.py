"""Distress and other indices from stage to stage: before the game, straight after it, later."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import ceil

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from analysis.figures import words
from analysis.figures.figured import Figured
from analysis.figures.style import (
    COLUMN_MM,
    NOBODY,
    PAGE_MM,
    Looks,
    explain,
    finish,
    in_style,
    sheet,
    show_scale,
)
from analysis.frames import same
from analysis.order import STAGES
from analysis.results import Summary

ROLES = ("distress", "need_satisfaction", "mood", "hurt", "pain")
"""What a participant feels; checks and counts have no course."""

FEW = 15
"""Up to so many participants under a condition, each has a line."""


def stages(summary: Summary) -> Iterator[Figured]:
    """Draw the index of every measure that was asked at two stages or more."""
    described = summary.by_condition[summary.by_condition["role"].isin(ROLES)]
    panels = []
    for measure, rows in described.groupby("measure", sort=False):
        own = rows[same(rows["subscale"], rows["subscale"].iloc[0])]
        asked = [stage for stage in STAGES if (own["stage"] == stage).any()]
        asked += sorted(set(own["stage"].dropna()) - set(asked))
        if len(asked) > 1:
            people = summary.by_participant
            people = people[
                (people["measure"] == measure) & same(people["subscale"], own["subscale"].iloc[0])
            ]
            panels.append((str(measure), asked, own, people))
    if panels:
        yield _figure(summary, panels)


Panel = tuple[str, list[str], pd.DataFrame, pd.DataFrame]


@in_style
def _figure(summary: Summary, panels: Sequence[Panel]) -> Figured:
    columns = min(len(panels), 3)
    deep = ceil(len(panels) / columns)
    figure = sheet(COLUMN_MM if columns == 1 else PAGE_MM, 62.0 * deep + 6)
    grid = figure.subplots(deep, columns, squeeze=False)
    looks = Looks(summary.conditions)
    for place, axes in enumerate(grid.flat):
        if place >= len(panels):
            axes.set_axis_off()
            continue
        measure, asked, described, people = panels[place]
        _panel(axes, asked, described, people, looks)
        axes.set_title(words.capital(words.readable(measure)))
    explain(figure, 4)
    finish(figure, simulated=summary.simulated)
    return Figured("trajectory_stages", "Feelings from stage to stage", _caption(summary, panels), figure)


def _panel(
    axes: Axes, asked: Sequence[str], described: pd.DataFrame, people: pd.DataFrame, looks: Looks
) -> None:
    present = list(dict.fromkeys(described["condition"]))
    low, high = float(described["low"].iloc[0]), float(described["high"].iloc[0])
    if not np.isnan(low):
        show_scale(axes, low, high, along="y")
    for number, condition in enumerate(present):
        aside = 0.16 * ((number + 0.5) / len(present) - 0.5) * 2
        rows = described[same(described["condition"], condition)].set_index("stage").reindex(list(asked))
        x = np.arange(len(asked)) + aside
        colour = NOBODY if pd.isna(condition) else looks.colour(condition)
        own = people[same(people["condition"], condition)]
        wide = own.pivot_table(index="participant_id", columns="stage", values="score", dropna=False)
        if 1 < len(wide) <= FEW:
            for values in wide.reindex(columns=list(asked)).to_numpy(float):
                axes.plot(x, values, color=colour, linewidth=0.4, alpha=0.35, zorder=1)
        middle = rows["mean"].to_numpy(float)
        ends = np.abs(rows[["ci_low", "ci_high"]].to_numpy(float).T - middle)
        axes.errorbar(
            x, middle, yerr=np.nan_to_num(ends), color=colour, marker=looks.marker(condition), markersize=4.2,
            markeredgecolor="white", markeredgewidth=0.4, linestyle=looks.line(condition), linewidth=1.1,
            elinewidth=1.2, label=words.named(condition), zorder=3,
        )  # fmt: skip
    axes.set_xlim(-0.4, len(asked) - 0.6)
    axes.set_xticks(range(len(asked)), [words.readable(name) for name in asked])
    axes.set_ylabel(words.wrapped(words.direction(described), 30))
    axes.grid(axis="y")


def _caption(summary: Summary, panels: Sequence[Panel]) -> str:
    described = pd.concat([panel[2] for panel in panels], ignore_index=True)
    few = described["n"].between(2, FEW).any()
    largest = described.sort_values("n", ascending=False, kind="stable")
    order = list(dict.fromkeys(described["condition"]))
    told = [largest[same(largest["condition"], name)].iloc[0] for name in order]
    n = words.listed(f"{row['n']} ({words.named(row['condition'])})" for row in told)
    parts = [
        f"Means with 95 % confidence intervals at each stage at which an index was asked; n = {n} at most."
    ]
    if few:
        parts.append(f"Thin lines are participants, where there are {FEW} or fewer under a condition.")
    if described["condition"].isna().any():
        parts.append("What was asked before the conditions began belongs to none of them and stands in grey.")
    parts.append("Each axis has the whole scale; marks lie side by side only so that none hides another.")
    return " ".join(parts) + words.simulated(summary)
