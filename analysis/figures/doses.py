"""The dose over a run: the share of the throws that reached the participant, beside what was planned."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from math import ceil

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from scipy import special

from analysis.dataset import Dataset
from analysis.figures import words
from analysis.figures.figured import Figured
from analysis.figures.planned import planned_shares
from analysis.figures.style import COLUMN_MM, INK, PAGE_MM, QUIET, Looks, explain, finish, in_style, sheet
from analysis.frames import Codes, Floats
from analysis.results import Summary
from analysis.runs import played
from analysis.throws import in_game

PARTS, LEAST = 12, 6
"""A run is cut into about this many parts, each of about so many throws at least. An even number: whoever may
receive every other throw then has one half in each part."""

FEW = 20
"""Up to so many participants under a condition, each has a line."""


@dataclass(frozen=True)
class Course:
    """The course of one condition: shares (percent) by participant and part, and where the parts end."""

    edges: Codes
    shares: Floats
    players: int

    @property
    def middles(self) -> Floats:
        """Return the middle throw of each part."""
        return (self.edges[:-1] + 1 + self.edges[1:]) / 2


def courses(data: Dataset) -> dict[str, Course]:
    """Return the course of the dose under each condition that anybody played.

    The runs that count are those of `analysis.throws.in_game`. A participant with several runs under a
    condition counts once, with their mean.
    """
    runs = played(data.throws, data.phases, data.sessions, data.protocols)
    throws = in_game(data.throws, runs)
    found = {}
    for condition in data.conditions:
        own = throws[throws["condition"] == condition]
        if len(own):
            found[condition] = _course(own)
    return found


def _course(throws: pd.DataFrame) -> Course:
    number = throws["throw"].to_numpy(int)
    edges = _edges(throws)
    part = np.searchsorted(edges, number, side="left") - 1
    caught = (throws["receiver"] == "participant").to_numpy(float)
    frame = throws[["participant_id", "session", "run"]].assign(part=part, caught=caught)
    by_run = frame.groupby(["participant_id", "session", "run", "part"], as_index=False)["caught"].mean()
    wide = by_run.pivot_table(index="participant_id", columns="part", values="caught")
    shares = wide.reindex(columns=range(len(edges) - 1)).to_numpy(float)
    players = len({*throws["thrower"].dropna(), *throws["receiver"].dropna()})
    return Course(edges, 100 * shares, players)


def _edges(throws: pd.DataFrame) -> Codes:
    """Return the last throw of each part, 0 before them: phases are cut, never put together.

    Where phases begin at other throws in other runs, or are too short, the run is cut as a whole.
    """
    last = int(throws["throw"].max())
    ends = throws.groupby(["participant_id", "session", "run", "phase"], sort=False)["throw"].max()
    bounds = np.array([0, *sorted(set(ends.astype(int)))])
    by_phase = ends.groupby("phase")
    alike = (by_phase.min() == by_phase.max()).all()
    if not alike or (np.diff(bounds) < LEAST).any():
        bounds = np.array([0, last])
    width = max(LEAST, ceil(last / PARTS))
    cuts = [
        np.linspace(start, end, max(1, round((end - start) / width)) + 1)
        for start, end in pairwise(bounds.tolist())
    ]
    return np.unique(np.round(np.concatenate(cuts)).astype(np.int64))


def doses(summary: Summary, data: Dataset) -> Iterator[Figured]:
    """Draw the course of the dose, each condition by itself."""
    found = courses(data)
    if found:
        yield _figure(summary, found, planned_shares(data))


@in_style
def _figure(summary: Summary, found: dict[str, Course], planned: dict[str, Floats]) -> Figured:
    columns = min(len(found), 4 if len(found) in (4, 7, 8) else 3)
    deep = ceil(len(found) / columns)
    figure = sheet(COLUMN_MM if columns == 1 else PAGE_MM, 56.0 * deep + 6)
    grid = figure.subplots(deep, columns, squeeze=False)
    looks = Looks(summary.conditions)
    # Within so few throws the share may be above one half, which nobody reaches over a whole run.
    top = max(60.0, *(_highest(course) for course in found.values()))
    for place, axes in enumerate(grid.flat):
        if place >= len(found):
            axes.set_axis_off()
            continue
        condition = list(found)[place]
        _panel(axes, condition, found[condition], planned.get(condition), looks)
        axes.set_ylim(-2, top + 3)
        axes.set_yticks(range(0, int(top) + 1, 20))
        if place % columns:
            axes.tick_params(axis="y", labelleft=False)
        else:
            axes.set_ylabel("throws received (%)")
    explain(figure, 3)
    finish(figure, simulated=summary.simulated)
    n = words.listed(f"{len(course.shares)} ({words.named(name)})" for name, course in found.items())
    return Figured(
        "trajectory_dose", "Throws received over the course of the game",
        _caption(summary, n, found.values(), planned), figure,
    )  # fmt: skip


def _panel(axes: Axes, condition: str, course: Course, planned: Floats | None, looks: Looks) -> None:
    colour, n = looks.colour(condition), len(course.shares)
    last = int(course.edges[-1])
    fair = 100 / course.players
    axes.axhline(fair, color=QUIET, linewidth=0.7, linestyle=(0, (1, 2)), label="fair share", zorder=1)
    if planned is not None:
        edges = np.arange(len(planned) + 1)
        axes.stairs(
            100 * planned, edges + 0.5, baseline=None, color=INK, linewidth=0.9, linestyle=(0, (4, 2)),
            label="planned, over each phase", zorder=2,
        )  # fmt: skip
    if 1 < n <= FEW:
        for shares in course.shares:
            axes.plot(course.middles, shares, color=colour, linewidth=0.5, alpha=0.3, zorder=1.5)
    mean, low, high = _interval(course.shares)
    axes.fill_between(course.middles, low, high, facecolor=colour, alpha=0.25, linewidth=0, zorder=2.5)
    axes.plot(
        course.middles, mean, color=colour, marker=looks.marker(condition), markersize=3.6,
        markeredgecolor="white", markeredgewidth=0.4, zorder=3,
    )  # fmt: skip
    axes.set_xlim(0.5, last + 0.5)
    marks = [mark for mark in axes.get_xticks() if 1 < mark < 0.95 * last]
    axes.set_xticks([1, *marks, last] if len(marks) < 5 else [1, *marks[1::2], last])
    axes.set_xlabel("throw")
    axes.set_title(words.capital(words.wrapped(f"{words.named(condition)} (n = {n})", 34)))
    axes.grid(axis="y")


def _highest(course: Course) -> float:
    """Return the highest share that is drawn."""
    drawn = course.shares if 1 < len(course.shares) <= FEW else np.stack(_interval(course.shares))
    return float(np.nanmax(drawn, initial=0.0))


def _interval(values: Floats) -> tuple[Floats, Floats, Floats]:
    """Return the mean of each column and its 95 % interval (t); missing where a column has none."""
    seen = ~np.isnan(values)
    n = seen.sum(axis=0).astype(float)
    total = np.where(seen, values, 0.0).sum(axis=0)
    mean = np.full(n.size, np.nan)
    np.divide(total, n, out=mean, where=n > 0)
    squares = np.where(seen, (values - mean) ** 2, 0.0).sum(axis=0)
    se = np.full(n.size, np.nan)
    np.divide(np.sqrt(squares), np.sqrt(np.maximum(n - 1, 1) * n), out=se, where=n > 1)
    half = special.stdtrit(np.maximum(n - 1, 1), 0.975) * se
    return mean, mean - half, mean + half


def _caption(summary: Summary, n: str, found: Iterable[Course], planned: dict[str, Floats]) -> str:
    parts = [
        "Share of the throws that reached the participant, the run cut into parts within its phases; "
        f"n = {n}. Marks are means over participants, bands their 95 % confidence intervals."
    ]
    if any(1 < len(course.shares) <= FEW for course in found):
        parts.append(f"Thin lines are participants, where there are {FEW} or fewer.")
    if planned:
        parts.append("The dashed line is what the game file plans over each phase.")
    parts.append("The dotted line is one throw for every player. Nobody can receive more than half of them.")
    return " ".join(parts) + words.simulated(summary)
