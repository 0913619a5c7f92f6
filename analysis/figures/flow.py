"""The flow of participants, after CONSORT: begun, allocated, how it ended, permission, analysed.

Moher et al. (2010), CONSORT 2010 explanation and elaboration, BMJ 340:c869, figure 1. Sessions are counted.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pandas as pd
from matplotlib.axes import Axes

from analysis.figures import words
from analysis.figures.figured import Figured
from analysis.figures.style import INK, PAGE_MM, QUIET, SMALL, Looks, finish, in_style, sheet
from analysis.results import Summary
from experiment.columns import OUTCOMES, PERMISSIONS

ACROSS = 4
"""Cells side by side; more stand below."""

LINE_MM, PAD_MM, GAP_MM = 3.3, 2.2, 4.6
PERMITTED = {"granted": "granted", "refused": "refused", "unanswered": "not answered"}


def flows(summary: Summary) -> Iterator[Figured]:
    """Draw the flow of the sessions."""
    if len(summary.flow):
        yield _figure(summary)


def boxes(row: pd.Series, width: int) -> list[list[str]]:
    """Return the lines of a cell's boxes from top to bottom: allocated, ended, permission, analysed."""
    ended = [f"{words.readable(name)}: {row[name]}" for name in OUTCOMES if row[name] or name == "completed"]
    asked = [f"{PERMITTED[name]}: {row[name]}" for name in PERMISSIONS if row[name] or name == "granted"]
    texts = [
        [words.cell_named(row["cell"]), f"allocated: {row['sessions']}"],
        ["ended", *ended],
        ["use of the data", *asked],
        [f"analysed: {row['in_tables']}"],
    ]
    return [[line for text in own for line in words.wrapped(text, width).splitlines()] for own in texts]


@in_style
def _figure(summary: Summary) -> Figured:
    flow = summary.flow
    cells = flow[(flow["cell"] != "all") & flow["cell"].notna()]
    total = flow.iloc[-1]
    across = max(1, min(ACROSS, len(cells)))
    width = min(52.0, (PAGE_MM - 4) / across - 4)
    tiers = [
        [boxes(row, int(width / 1.55)) for _, row in cells.iloc[start : start + across].iterrows()]
        for start in range(0, len(cells), across)
    ]
    head = _head(flow)
    heights = [_heights(tier) for tier in tiers]
    height = _box(len(head)) + sum(sum(own) + GAP_MM * (len(own) + 1) for own in heights) + 4
    figure = sheet(PAGE_MM, height + (4 if summary.simulated else 0))
    axes = figure.subplots()
    axes.set_axis_off()
    axes.set_xlim(0, PAGE_MM)
    axes.set_ylim(height, 0)
    y = _draw_box(axes, PAGE_MM / 2, 1.0, 70.0, head, bold=1, colour=INK)
    top = y
    for number, (tier, own) in enumerate(zip(tiers, heights, strict=True)):
        start = number * across
        names = list(cells["cell"].iloc[start : start + across])
        y = _draw_tier(axes, tier, own, [_colour(summary, name) for name in names], top, y, width)
    finish(figure, simulated=summary.simulated)
    return Figured(
        "flow", "Flow of participants",
        f"Flow of sessions: {total['sessions']} begun, {total['sessions'] - _unallocated(flow)} allocated to "
        f"{len(cells)} cell{'s' if len(cells) != 1 else ''}, {total['completed']} completed; "
        f"n = {total['in_tables']} are analysed, which are all whose participants permit the use of their data, "
        f"however the session ended.{words.simulated(summary)}",
        figure,
    )  # fmt: skip


def _colour(summary: Summary, cell: str) -> str:
    """Return the colour of the condition after which a cell is named."""
    looks = Looks(summary.conditions)
    own = [name for name in summary.conditions if cell == name or cell.startswith(f"{name}.")]
    return looks.colour(own[0]) if own else QUIET


def _unallocated(flow: pd.DataFrame) -> int:
    return int(flow.loc[flow["cell"].isna(), "sessions"].sum())


def _head(flow: pd.DataFrame) -> list[str]:
    lines = [f"sessions begun: {flow.iloc[-1]['sessions']}"]
    for _, row in flow[flow["cell"].isna()].iterrows():
        ended = [f"{words.readable(name)}: {row[name]}" for name in OUTCOMES if row[name]]
        lines += [f"without a cell: {row['sessions']}", *(f"   {line}" for line in ended)]
    return lines


def _box(lines: int) -> float:
    return lines * LINE_MM + PAD_MM


def _heights(tier: Sequence[list[list[str]]]) -> list[float]:
    return [_box(max(len(column[level]) for column in tier)) for level in range(len(tier[0]))]


def _draw_box(
    axes: Axes, middle: float, top: float, width: float, lines: Sequence[str], *, bold: int, colour: str
) -> float:
    """Draw a box with its lines; return where it ends."""
    height = _box(len(lines))
    left = middle - width / 2
    axes.fill(
        [left, left + width, left + width, left], [top, top, top + height, top + height],
        facecolor="white", edgecolor=colour, linewidth=0.8,
    )  # fmt: skip
    for number, line in enumerate(lines):
        axes.text(
            left + 2, top + PAD_MM / 2 + (number + 0.5) * LINE_MM, line, va="center", ha="left", size=SMALL,
            fontweight="bold" if number < bold else "normal",
        )  # fmt: skip
    return top + height


def _draw_tier(
    axes: Axes,
    tier: Sequence[list[list[str]]],
    heights: Sequence[float],
    colours: Sequence[str],
    trunk: float,
    above: float,
    width: float,
) -> float:
    """Draw cells side by side below `above`, all hanging from the trunk; return where they end."""
    step = PAGE_MM / len(tier)
    middles = [step * (place + 0.5) for place in range(len(tier))]
    bus = above + GAP_MM
    if above > trunk:
        # A further row of cells hangs from a line that goes round the row above, at the page's left edge.
        axes.plot([PAGE_MM / 2, 0.6, 0.6], [trunk + GAP_MM, trunk + GAP_MM, bus], color=QUIET, linewidth=0.7)
        middles_bus = [0.6, *middles]
    else:
        axes.plot([PAGE_MM / 2] * 2, [above, bus], color=QUIET, linewidth=0.7)
        middles_bus = [*middles, PAGE_MM / 2]
    axes.plot([min(middles_bus), max(middles_bus)], [bus, bus], color=QUIET, linewidth=0.7)
    y = bus
    for level, height in enumerate(heights):
        y += GAP_MM
        for middle, column, colour in zip(middles, tier, colours, strict=True):
            start = bus if level == 0 else y - GAP_MM - heights[level - 1] + _box(len(column[level - 1]))
            axes.annotate(
                "", (middle, y), (middle, start),
                arrowprops={"arrowstyle": "-|>", "color": QUIET, "linewidth": 0.7, "mutation_scale": 6,
                            "shrinkA": 0, "shrinkB": 0},
            )  # fmt: skip
            _draw_box(axes, middle, y, width, column[level], bold=1, colour=colour if level in (0, 3) else QUIET)
        y += height
    return y
