"""Rainclouds: of each score under each condition the density, the mean, the quartiles and every participant.

Allen et al. (2021), Raincloud plots: a multi-platform tool for robust data visualization, Wellcome Open Res
4:63.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import ceil

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from analysis.dataset import Dataset
from analysis.factors import each_level, levels
from analysis.figures import words
from analysis.figures.density import density, jitter
from analysis.figures.figured import Figured
from analysis.figures.style import (
    INK,
    PAGE_MM,
    Looks,
    finish,
    in_style,
    nothing,
    sheet,
    show_scale,
)
from analysis.frames import Floats, one_per_participant, same
from analysis.results import Summary

FEW = 5
"""Fewer participants than this are shown as points alone: they have no shape to be drawn."""

MANY = 1500
"""From so many points on, those of a figure stand as an image in its vector files."""

CLOUD, BOX, RAIN = 0.44, 0.11, (0.20, 0.42)
"""Height of a cloud above its line, middle of the box and ends of the rain below it, in rows."""


def rainclouds(summary: Summary) -> Iterator[Figured]:
    """Draw a figure for every measure and stage, its scores side by side."""
    described = summary.by_condition
    for (measure, stage), rows in described.groupby(["measure", "stage"], sort=False, dropna=False):
        people = summary.by_participant
        people = people[same(people["measure"], measure) & same(people["stage"], stage)]
        panels = [
            (words.readable(name), of_score, people[same(people["subscale"], name)])
            for name, of_score in rows.groupby("subscale", sort=False, dropna=False)
        ]
        title = words.title_of(summary, measure)
        several = f", {len(panels)} scores" if len(panels) > 1 else ""
        of = f"{title}, {words.at_stage(stage)}{several}"
        yield _figure(summary, words.file_name("raincloud", measure, stage), f"{title} ({stage})", of, panels)


def by_level(summary: Summary, data: Dataset) -> Iterator[Figured]:
    """Draw the first score (distress where there is any) by condition at each level of a factor."""
    described = summary.by_level
    if described.empty:
        return
    first = described.iloc[0]
    scores, found = summary.scores, levels(data.sessions)
    scores = scores[(scores["measure"] == first["measure"]) & (scores["subscale"] == first["subscale"])]
    described = described[
        (described["measure"] == first["measure"]) & (described["subscale"] == first["subscale"])
    ]
    people = {
        (factor, level): one_per_participant(rows)
        for factor, level, rows in each_level(scores, found, summary.factors)
    }
    for (factor, stage), rows in described.groupby(["factor", "stage"], sort=False):
        panels = []
        for level, of_level in rows.groupby("level", sort=False):
            own = people[str(factor), str(level)]
            panels.append(
                (f"{words.readable(factor)}: {words.readable(level)}", of_level, own[own["stage"] == stage])
            )
        title = words.title_of(summary, first["measure"])
        of = f"{title}, {words.at_stage(stage)}, at each level of {words.readable(factor)}"
        name = words.file_name("raincloud", first["measure"], stage, "by", factor)
        yield _figure(summary, name, f"{title} ({stage}) by {words.readable(factor)}", of, panels)


Panel = tuple[str, pd.DataFrame, pd.DataFrame]


@in_style
def _figure(summary: Summary, name: str, title: str, of: str, panels: Sequence[Panel]) -> Figured:
    rows = pd.concat([described for _, described, _ in panels], ignore_index=True)
    conditions = list(dict.fromkeys(rows["condition"]))
    columns = min(3, len(panels)) if len(panels) != 4 else 2
    deep = ceil(len(panels) / columns)
    height = deep * (12.5 + max(11.0, 44.0 / (1 + len(conditions))) * len(conditions)) + 4
    figure = sheet(PAGE_MM, height)
    grid = figure.subplots(deep, columns, squeeze=False)
    image = sum(len(people) for _, _, people in panels) > MANY
    for place, axes in enumerate(grid.flat):
        if place >= len(panels):
            axes.set_axis_off()
            continue
        head, described, people = panels[place]
        _panel(axes, described, people, conditions, Looks(summary.conditions), image=image)
        if len(panels) > 1:
            axes.set_title(words.capital(head))
        if place % columns:
            axes.tick_params(axis="y", labelleft=False)
    finish(figure, simulated=summary.simulated)
    return Figured(name, title, _caption(summary, of, rows, image=image), figure)


def _panel(
    axes: Axes,
    described: pd.DataFrame,
    people: pd.DataFrame,
    conditions: Sequence[object],
    looks: Looks,
    *,
    image: bool,
) -> None:
    values = {
        place: people.loc[same(people["condition"], condition), "score"].dropna().to_numpy(float)
        for place, condition in enumerate(conditions)
    }
    low, high = _ends(described, list(values.values()))
    show_scale(axes, low, high)
    axes.set_xlabel(words.wrapped(words.direction(described), 44))
    axes.set_ylim(len(conditions) - 0.5, -0.55)
    axes.set_yticks(range(len(conditions)), [words.wrapped(words.named(name), 13) for name in conditions])
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    axes.grid(axis="x")
    told = axes.secondary_yaxis("right")
    told.set_yticks(range(len(conditions)), [f"n = {values[place].size}" for place in values])
    told.tick_params(length=0, pad=1)
    told.spines["right"].set_visible(False)
    if not any(found.size for found in values.values()):
        nothing(axes, "nobody has a score")
    for place, condition in enumerate(conditions):
        row = described[same(described["condition"], condition)]
        if values[place].size:
            colour = looks.colour(condition)
            _rain(axes, values[place], place, colour, looks.marker(condition), image=image)
            if values[place].size >= FEW and len(row) and np.ptp(values[place]) > 0:
                _cloud(axes, values[place], place, colour, (low, high))
                _middle(axes, row.iloc[0], place, colour)


def _ends(described: pd.DataFrame, values: Sequence[Floats]) -> tuple[float, float]:
    """Return the ends of the score's scale; where it has none, those of its values."""
    low, high = float(described["low"].iloc[0]), float(described["high"].iloc[0])
    found = np.concatenate([*values, [0.0]]) if not any(v.size for v in values) else np.concatenate(values)
    low = float(found.min()) if np.isnan(low) else low
    high = float(found.max()) if np.isnan(high) else high
    return (low, high) if high > low else (low - 0.5, low + 0.5)


def _cloud(axes: Axes, values: Floats, place: int, colour: str, ends: tuple[float, float]) -> None:
    found = density(values, *ends)
    if found is None:
        return
    grid, height = found
    edge = place - 0.04 - CLOUD * height / height.max()
    axes.fill_between(grid, place - 0.04, edge, facecolor=colour, alpha=0.30, linewidth=0)
    axes.plot(grid, edge, color=colour, linewidth=0.8)


def _middle(axes: Axes, row: pd.Series, place: int, colour: str) -> None:
    """Draw the box from quartile to quartile, and above it the mean with its interval."""
    at = place + BOX
    axes.barh(
        at, row["q3"] - row["q1"], left=row["q1"], height=0.10, facecolor="white", edgecolor=colour,
        linewidth=0.8, zorder=2,
    )  # fmt: skip
    axes.plot([row["median"]] * 2, [at - 0.05, at + 0.05], color=colour, linewidth=1.6, zorder=2.1)
    axes.plot([row["ci_low"], row["ci_high"]], [place - 0.04] * 2, color=INK, linewidth=1.4, zorder=3)
    axes.plot(
        row["mean"], place - 0.04, "o", markersize=3.6, color=INK, markeredgecolor="white",
        markeredgewidth=0.5, zorder=3.1,
    )  # fmt: skip


def _rain(axes: Axes, values: Floats, place: int, colour: str, marker: str, *, image: bool) -> None:
    if np.ptp(values) == 0:
        # Points that lie on each other make a blob that says nothing: one mark stands for all.
        axes.scatter(values[:1], [place], s=14.0, marker=marker, color=colour, linewidth=0, zorder=1.5)
        return
    few = values.size < FEW
    top, bottom = (0.0, 0.0) if few else RAIN
    at = place + (top + bottom) / 2 + (bottom - top) * jitter(values.size)
    size = 14.0 if few else float(np.clip(900 / values.size, 0.4, 9.0))
    alpha = float(np.clip(60 / values.size, 0.06, 0.75))
    axes.scatter(
        values,
        at,
        s=size,
        marker=marker,
        color=colour,
        alpha=alpha,
        linewidth=0,
        rasterized=image,
        zorder=1.5,
    )


def _caption(summary: Summary, of: str, rows: pd.DataFrame, *, image: bool) -> str:
    parts = [f"{of}; {words.counts(rows)}."]
    if (rows["n"] >= FEW).any():
        parts.append(
            "Each cloud is the density on the scale, all drawn to one height; the dot on its line is the "
            "mean with its 95 % confidence interval, the box runs from the first to the third quartile "
            "with the median in it, and every point is a participant."
        )
    if ((rows["n"] < FEW) & (rows["n"] > 0)).any():
        parts.append(f"Fewer than {FEW} participants are shown as points alone.")
    if ((rows["sd"] == 0) & (rows["n"] > 1)).any():
        parts.append("Where all have the same value, one mark stands for them.")
    if (rows["n_runs"] > rows["n"]).any():
        parts.append("Where somebody went through a condition several times, the value is their mean.")
    if image:
        parts.append("Points are so many that they stand as an image in the vector files.")
    if (rows["n_missing"] > 0).any():
        lacking = rows.groupby("condition", dropna=False)["n_missing"].max().max()
        parts.append(f"Participants without the score are left out (at most {lacking} under a condition).")
    return " ".join(parts) + words.simulated(summary)
