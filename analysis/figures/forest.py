"""Forests: the effect size of every comparison with its interval, those between and within apart."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from analysis.dataset import Dataset
from analysis.figures import words
from analysis.figures.figured import Figured
from analysis.figures.reference import CITED, MEAN_BEYOND, Doses, doses_of
from analysis.figures.style import (
    HAIRLINE,
    PAGE_MM,
    QUIET,
    SMALL,
    Looks,
    finish,
    in_style,
    sheet,
)
from analysis.results import Summary

COLUMNS, TIERS = 3, 2
"""Pairs of conditions side by side, and one above the other in one figure; more make another figure."""

WIDEST = 4.0
"""Effects beyond this are named at the edge, so that one check does not flatten everything else."""

ROW_MM, LINE_MM = 4.1, 2.9
EFFECTS = {"between": "g", "within": "d_z"}
SAID = {"between": "Hedges' g (between participants)", "within": "d_z (within participants)"}


@dataclass(frozen=True)
class Row:
    """A line of a forest: a score, or the heading of those below it."""

    label: str
    at: float
    key: tuple[str, str, str] | None
    role: str = ""


def forests(summary: Summary, data: Dataset) -> Iterator[Figured]:
    """Draw all comparisons, a figure for each kind of effect size and each six pairs of conditions."""
    compared = summary.comparisons
    if compared.empty:
        return
    doses = doses_of(summary.by_condition, data)
    # What participants received is the treatment itself, no effect of it.
    scales = summary.by_condition.drop_duplicates(["measure", "stage", "subscale"])
    compared = compared.merge(
        scales[["measure", "stage", "subscale", "role", "high_means"]],
        on=["measure", "stage", "subscale"], how="left",
    )  # fmt: skip
    compared = compared[compared["role"] != "game"]
    for design, effect in EFFECTS.items():
        own = compared[compared["design"] == design]
        if own.empty or effect not in own:
            continue
        pairs = list(dict.fromkeys(zip(own["a"], own["b"], strict=True)))
        size = COLUMNS * TIERS
        parts = [pairs[start : start + size] for start in range(0, len(pairs), size)]
        for number, part in enumerate(parts, 1):
            name = f"forest_{design}" + (f"_{number}" if len(parts) > 1 else "")
            yield _figure(summary, own, part, doses, name=name, design=design)


@in_style
def _figure(
    summary: Summary,
    own: pd.DataFrame,
    pairs: Sequence[tuple[str, str]],
    doses: Doses,
    *,
    name: str,
    design: str,
) -> Figured:
    own = own[[pair in pairs for pair in zip(own["a"], own["b"], strict=True)]]
    rows, height = _rows(own)
    columns = min(COLUMNS, len(pairs))
    tiers = [pairs[start : start + columns] for start in range(0, len(pairs), columns)]
    figure = sheet(PAGE_MM if columns > 1 else 130.0, (height + 17) * len(tiers) + 6)
    grid = figure.subplots(len(tiers), columns, squeeze=False, sharex=True)
    effect = EFFECTS[design]
    reach = _reach(own, effect)
    looks, banded = Looks(summary.conditions), False
    for tier, part in enumerate(tiers):
        for column in range(columns):
            axes = grid[tier, column]
            if column >= len(part):
                axes.set_axis_off()
                continue
            a, b = part[column]
            of_pair = own[(own["a"] == a) & (own["b"] == b)]
            banded |= _band(axes, rows, doses.sign(a, b) if design == "between" else 0, reach)
            _panel(axes, rows, of_pair, effect=effect, reach=reach, look=(looks.colour(a), looks.marker(a)))
            _furnish(axes, rows, height, reach, labelled=column == 0)
            axes.set_title(
                f"{words.wrapped(words.named(a), 24)}\n\N{MINUS SIGN} {words.wrapped(words.named(b), 24)}",
                size=SMALL + 0.5,
            )
            axes.set_xlabel(f"{'g' if design == 'between' else '$d_z$'} (a \N{MINUS SIGN} b)")
    finish(figure, simulated=summary.simulated)
    title = f"Effect sizes: {SAID[design]}"
    return Figured(name, title, _caption(summary, design, own, banded=banded), figure)


def _rows(own: pd.DataFrame) -> tuple[list[Row], float]:
    """Return the lines from top to bottom (mm), and the height that they take."""
    rows: list[Row] = []
    at = 0.0
    for (measure, stage), block in own.groupby(["measure", "stage"], sort=False):
        scores = block.drop_duplicates("subscale")
        head = f"{words.capital(words.readable(measure))}, {words.readable(stage)}"
        # An index of needs means what each need means: the heading says it for all.
        shared = len(set(scores["high_means"].astype(str).str.replace("needs ", "need "))) == 1
        means = f" (high = {scores['high_means'].iloc[0]})"
        at += 1.2 if rows else 0.0
        if len(scores) > 1:
            at = _place(rows, at, head + means if shared else head, None, "")
        for _, score in scores.iterrows():
            label = words.readable(score["subscale"])
            if len(scores) == 1:
                label = head if score["subscale"] == "index" else f"{head}: {label}"
            if len(scores) == 1 or not shared:
                label += f" (high = {score['high_means']})"
            key = (str(measure), str(stage), str(score["subscale"]))
            at = _place(rows, at, label, key, str(score["role"]))
    return rows, at + ROW_MM


def _place(rows: list[Row], at: float, label: str, key: tuple[str, str, str] | None, role: str) -> float:
    """Add a line below the others; return where its middle and what hangs below it come to lie."""
    label = words.wrapped(label, 44)
    lines = label.count("\n")
    at += ROW_MM + LINE_MM * lines / 2
    rows.append(Row(label, at, key, role))
    return at + LINE_MM * lines / 2


def _reach(own: pd.DataFrame, effect: str) -> float:
    ends = np.abs(own[[f"{effect}_low", f"{effect}_high", effect]].to_numpy(float))
    largest = float(np.nanmax(ends)) if not np.isnan(ends).all() else 0.0
    return float(np.clip(np.ceil(largest * 2) / 2, 2.0, WIDEST))


def _band(axes: Axes, rows: Sequence[Row], sign: int, reach: float) -> bool:
    """Shade what is published of need satisfaction straight after the game; return whether it speaks here."""
    needs = [row for row in rows if row.role == "need_satisfaction" and row.key and row.key[1] == "reflexive"]
    if not sign or not needs:
        return False
    top, bottom = needs[0].at - ROW_MM / 2, needs[-1].at + ROW_MM / 2
    inner, outer = sign * MEAN_BEYOND, sign * (reach + 0.3)
    axes.fill_betweenx([top, bottom], inner, outer, facecolor="#f3e3c3", linewidth=0, zorder=0)
    axes.plot([sign * MEAN_BEYOND] * 2, [top, bottom], color="#8a4b08", linewidth=0.8, zorder=0.5)
    axes.text(
        sign * (reach + 0.3), top - 0.4, "published mean lies here", size=SMALL, color="#8a4b08", va="bottom",
        ha="left" if sign < 0 else "right",
    )  # fmt: skip
    return True


def _panel(
    axes: Axes,
    rows: Sequence[Row],
    of_pair: pd.DataFrame,
    *,
    effect: str,
    reach: float,
    look: tuple[str, str],
) -> None:
    colour, marker = look
    found = {
        (str(row["measure"]), str(row["stage"]), str(row["subscale"])): row for _, row in of_pair.iterrows()
    }
    axes.axvline(0, color=QUIET, linewidth=0.6, zorder=1)
    for line in rows:
        row = found.get(line.key) if line.key else None
        if line.key is None:
            continue
        value, low, high = (
            (np.nan,) * 3 if row is None else [float(row[f"{effect}{end}"]) for end in ("", "_low", "_high")]
        )
        if np.isnan(value):
            axes.text(0, line.at, " n/a", size=SMALL, color=QUIET, va="center")
            continue
        if abs(value) > reach:
            edge = float(np.copysign(reach, value))
            axes.plot(edge, line.at, ">" if value > 0 else "<", color=colour, markersize=4, clip_on=False)
            axes.text(
                edge - np.sign(edge) * 0.05 * reach, line.at, _told(value, low, high),
                size=SMALL, va="center", ha="right" if value > 0 else "left",
            )  # fmt: skip
            continue
        axes.plot(np.clip([low, high], -reach - 0.3, reach + 0.3), [line.at] * 2, color=colour, linewidth=1.2)
        axes.plot(
            value, line.at, marker, color=colour, markersize=4, markeredgecolor="white", markeredgewidth=0.4
        )


def _told(value: float, low: float, high: float) -> str:
    """Return an effect beyond the axis with its interval, where it has one."""
    limits = "" if np.isnan(low) else f" [{low:.1f}, {high:.1f}]"
    return f"{value:.1f}{limits}".replace("-", "\N{MINUS SIGN}")


def _furnish(axes: Axes, rows: Sequence[Row], height: float, reach: float, *, labelled: bool) -> None:
    axes.set_ylim(height, 0)
    axes.set_xlim(-reach - 0.3, reach + 0.3)
    step = 1 if reach <= 3 else 2
    axes.set_xticks([place for place in range(-4, 5, step) if abs(place) <= reach])
    axes.set_yticks([row.at for row in rows], [row.label for row in rows] if labelled else [""] * len(rows))
    axes.tick_params(axis="y", length=0)
    axes.tick_params(axis="x", labelbottom=True)
    axes.spines["left"].set_visible(False)
    for text, row in zip(axes.get_yticklabels(), rows, strict=True):
        if row.key is None:
            text.set_fontweight("bold")
    axes.grid(axis="x", color=HAIRLINE)


def _caption(summary: Summary, design: str, own: pd.DataFrame, *, banded: bool) -> str:
    if design == "between":
        smallest, largest = int(own[["n_a", "n_b"]].min().min()), int(own[["n_a", "n_b"]].max().max())
        n = f"n = {smallest} to {largest} participants in a condition" if smallest < largest else (
            f"n = {smallest} participants in each condition"
        )  # fmt: skip
    else:
        smallest, largest = int(own["n"].min()), int(own["n"].max())
        n = f"n = {smallest}{f' to {largest}' if smallest < largest else ''} complete pairs"
    parts = [
        f"{SAID[design]} with 95 % confidence intervals, a minus b, {n}. Each score keeps its own direction, "
        "named beside it: right of 0 it is higher under the condition named first."
    ]
    if (own[EFFECTS[design]].abs() > _reach(own, EFFECTS[design])).any():
        parts.append("An effect beyond the axis is an arrow with its number and interval.")
    if banded:
        parts.append(
            f"Shaded, for need satisfaction straight after exclusion against inclusion alone: effects larger "
            f"than the bound of {MEAN_BEYOND} in size beyond which the mean of 120 Cyberball studies lies, "
            f"{CITED}; the band is open outwards, since that bound is published without an interval."
        )
    return " ".join(parts) + words.simulated(summary)
