"""Pain over distress: every participant a point, a panel for each condition, the slope with its band."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from math import ceil

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from scipy import special

from analysis.figures import words
from analysis.figures.figured import Figured
from analysis.figures.style import PAGE_MM, SMALL, Looks, finish, in_style, nothing, sheet
from analysis.frames import Floats
from analysis.overlap import Overlap, Pair
from analysis.overlap_texts import score_name
from analysis.overlap_variables import Variable

ACROSS = 4
"""Panels side by side."""

PANEL_MM = 56.0
DRAWN = ("sensitivity", "pain", "control")
POINTS = 101


def overlaps(found: Overlap, conditions: Sequence[str], *, simulated: bool) -> Iterator[Figured]:
    """Draw each pair with the distress composite; where there is none, with the first kind of distress.

    Parameters
    ----------
    found
        The numbers.
    conditions
        In the order of the design.
    simulated
        Whether the participants were simulated.
    """
    for kind, own in groupby(found.pairs, key=lambda pair: pair.kind):
        pairs = list(own)
        if kind not in DRAWN:
            continue
        composite = [pair for pair in pairs if "distress" in (pair.x.role, pair.y.role)]
        first = _distress(pairs[0]).measure
        for pair in composite or [pair for pair in pairs if _distress(pair).measure == first]:
            yield _figure(found, pair, conditions, simulated=simulated)


def _distress(pair: Pair) -> Variable:
    return pair.y if pair.kind == "sensitivity" else pair.x


@in_style
def _figure(found: Overlap, pair: Pair, conditions: Sequence[str], *, simulated: bool) -> Figured:
    listed = [name for name in conditions if (pair.frame["condition"] == name).any()]
    across = min(ACROSS, len(listed))
    down = ceil(len(listed) / across)
    width = min(PAGE_MM, 22 + PANEL_MM * across)
    figure = sheet(width, 14 + 52 * down)
    grid = figure.subplots(down, across, squeeze=False, sharex=True, sharey=True)
    looks = Looks(conditions)
    usable = pair.frame[~pair.frame["censored"]].dropna(subset=["x", "y"])
    for place, axes in enumerate(grid.flat):
        if place >= len(listed):
            axes.set_axis_off()
            continue
        condition = listed[place]
        _panel(axes, usable[usable["condition"] == condition], looks, condition)
        axes.set_title(
            f"{words.wrapped(words.named(condition), 26)}\n{_told(found, pair, condition)}", size=SMALL + 0.5
        )
    figure.supxlabel(_label(pair.x, 60), size=SMALL + 0.5)
    figure.supylabel(_label(pair.y, 32), size=SMALL + 0.5)
    finish(figure, simulated=simulated)
    title = f"{_short(pair.y)} over {_short(pair.x)}"
    name = words.file_name("overlap", pair.kind, *_named(pair.x), *_named(pair.y))
    return Figured(name, title, _caption(found, pair, simulated=simulated), figure)


def _panel(axes: Axes, rows: pd.DataFrame, looks: Looks, condition: str) -> None:
    """Draw one condition: points, and where there are enough the slope with its 95 % band."""
    x, y = rows["x"].to_numpy(float), rows["y"].to_numpy(float)
    if not x.size:
        nothing(axes, "no complete pair")
        return
    colour = looks.colour(condition)
    axes.plot(
        x,
        y,
        looks.marker(condition),
        color=colour,
        markersize=3.2,
        alpha=0.55,
        markeredgewidth=0,
        linestyle="",
    )
    if x.size > 2 and np.ptp(x) > 0 and np.ptp(y) > 0:
        at = np.linspace(x.min(), x.max(), POINTS)
        line, half = band(x, y, at)
        axes.fill_between(at, line - half, line + half, color=colour, alpha=0.18, linewidth=0)
        axes.plot(at, line, color=colour, linestyle=looks.line(condition), linewidth=1.4)


def band(x: Floats, y: Floats, at: Floats) -> tuple[Floats, Floats]:
    """Return the line of least squares at these places, and half the width of the 95 % band of its mean.

    ``t(.975, n - 2) s sqrt(1 / n + (x - mean)^2 / sum of squares)``, of three points or more.
    """
    centre, spread = x.mean(), float(((x - x.mean()) ** 2).sum())
    slope = float(((x - centre) * (y - y.mean())).sum()) / spread
    left = y - y.mean() - slope * (x - centre)
    s = np.sqrt(float(left @ left) / (x.size - 2))
    half = float(special.stdtrit(x.size - 2, 0.975)) * s * np.sqrt(1 / x.size + (at - centre) ** 2 / spread)
    return np.asarray(y.mean() + slope * (at - centre)), np.asarray(half)


def _row(found: Overlap, pair: Pair, over: str, condition: str | None) -> pd.Series | None:
    rows = found.correlations
    for name, value in {"kind": pair.kind, "over": over, **pair.names}.items():
        rows = rows[rows[name] == value]
    if condition is not None:
        rows = rows[rows["condition"] == condition]
    return rows.iloc[0] if len(rows) else None


def _told(found: Overlap, pair: Pair, condition: str) -> str:
    row = _row(found, pair, "condition", condition)
    if row is None or pd.isna(row["r"]):
        return "no correlation" if row is None else f"n = {int(row['n'])}"
    limits = "" if pd.isna(row["ci_low"]) else f" [{row['ci_low']:.2f}, {row['ci_high']:.2f}]"
    return f"r = {row['r']:.2f}{limits}, n = {int(row['n'])}".replace("-", "\N{MINUS SIGN}")


def _named(variable: Variable) -> list[str]:
    return [variable.measure, *([] if variable.subscale == "index" else [variable.subscale]), variable.stage]


def _short(variable: Variable) -> str:
    score = score_name(variable.measure, variable.subscale)
    return words.capital(words.readable(f"{variable.measure} {score}".strip()))


def _label(variable: Variable, width: int) -> str:
    means = f" (high = {variable.high_means})" if variable.high_means else ""
    return words.wrapped(f"{_short(variable)}, {words.readable(variable.stage)}{means}", width)


def _caption(found: Overlap, pair: Pair, *, simulated: bool) -> str:
    parts = [
        f"{_short(pair.y)} over {_short(pair.x)}, each participant a point, each condition by itself. The "
        "line is that of least squares, the band its 95 % confidence band; r is Pearson's with its 95 % "
        "interval."
    ]
    row = _row(found, pair, "adjusted", None)
    if row is None:
        row = _row(found, pair, "between_persons", None)
    if row is not None and not pd.isna(row["ci_low"]):
        parts.append(
            f"Together, adjusted for {row['adjusted_for']}: r = {row['r']:.2f} [{row['ci_low']:.2f}, "
            f"{row['ci_high']:.2f}], n = {int(row['n'])}."
        )
    if pair.frame["censored"].any():
        count = pair.frame.loc[pair.frame["censored"], "participant_id"].nunique()
        parts.append(f"{count} participants whose threshold or tolerance is but a bound are left out.")
    if simulated:
        parts.append("The participants are simulated.")
    return " ".join(parts)
