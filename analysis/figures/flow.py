"""The flow of participants, after CONSORT: begun, allocated, how it ended, permission, analysed.

Moher et al. (2010), CONSORT 2010 explanation and elaboration, BMJ 340:c869, figure 1. Sessions are counted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analysis.figures import words
from analysis.figures.figured import Figured
from analysis.figures.style import INK, PAGE_MM, QUIET, SMALL, Looks, finish, in_style, sheet
from analysis.results import Summary
from experiment.columns import OUTCOMES, PERMISSIONS

ACROSS = 4
"""Cells side by side; more stand below."""

LINE_MM, PAD_MM, GAP_MM, LETTER_MM = 3.3, 2.2, 4.6, 1.55
PERMITTED = {"granted": "granted", "refused": "refused", "unanswered": "not answered"}


def flows(summary: Summary) -> Iterator[Figured]:
    """Draw the flow of the sessions."""
    if len(summary.flow):
        yield _figure(summary)


def boxes(row: pd.Series, width: int, *, ended_known: bool = True) -> list[list[str]]:
    """Return the lines of a cell's boxes from top to bottom: allocated, ended, permission, analysed.

    `ended_known` says whether it is on record how sessions ended.
    """
    ended = [f"{words.readable(name)}: {row[name]}" for name in OUTCOMES if row[name] or name == "completed"]
    asked = [f"{PERMITTED[name]}: {row[name]}" for name in PERMISSIONS if row[name] or name == "granted"]
    texts = [
        [words.cell_named(row["cell"]), f"allocated: {row['sessions']}"],
        *([["ended", *ended]] if ended_known else []),
        ["use of the data", *asked],
        [f"analysed: {row['in_tables']}"],
    ]
    return [[line for text in own for line in words.wrapped(text, width).splitlines()] for own in texts]


@in_style
def _figure(summary: Summary) -> Figured:
    flow = summary.flow
    cells = flow[(flow["cell"] != "all") & flow["cell"].notna()]
    total = flow.iloc[-1]
    known = any(total[name] for name in OUTCOMES)
    completed = f", {total['completed']} completed" if known else ""
    figure = drawn(
        _head(flow),
        lambda width: [boxes(row, width, ended_known=known) for _, row in cells.iterrows()],
        [_colour(summary, name) for name in cells["cell"]],
        simulated=summary.simulated,
    )
    return Figured(
        "flow",
        "Flow of participants",
        f"Flow of sessions: {total['sessions']}{' begun' if known else ''}, "
        f"{total['sessions'] - _unallocated(flow)} allocated to {len(cells)} "
        f"cell{'s' if len(cells) != 1 else ''}{completed}; "
        f"n = {total['in_tables']} are analysed, which are all whose participants permit the use of their "
        f"data{', however the session ended' if known else ''}.{words.simulated(summary)}",
        figure,
    )


def exclusion_flows(summary: Summary) -> Iterator[Figured]:
    """Draw for each file of exclusion rules whom it leaves out of the primary analysis."""
    for file, rows in summary.exclusion_flow.groupby("file", sort=False):
        yield _exclusions(summary, str(file), rows)


@in_style
def _exclusions(summary: Summary, file: str, rows: pd.DataFrame) -> Figured:
    several = [own for name, own in rows.groupby("condition", sort=False) if name != "all"]
    every = rows[rows["condition"] == "all"].set_index("step")["n"]
    names = [str(own["condition"].iloc[0]) for own in several]
    looks = Looks(summary.conditions)
    figure = drawn(
        [f"participants allocated: {every['allocated']}"],
        lambda width: [rule_boxes(own, width) for own in several],
        [looks.colour(name) for name in names],
        simulated=summary.simulated,
    )
    return Figured(
        words.file_name("flow_exclusions", file),
        f"Exclusions: {words.readable(file)}",
        f"From allocation to what the rules of '{words.readable(file)}' leave, a sensitivity analysis beside "
        f"the primary one: n = {every['analysed']} participants are analysed, {every['left']} are left. "
        f"Whoever meets several rules is counted under the first of them.{words.simulated(summary)}",
        figure,
    )


def rule_boxes(rows: pd.DataFrame, width: int) -> list[list[str]]:
    """Return the lines of a condition's boxes: allocated, analysed, excluded by rule, left."""
    steps = rows[rows["step"] != "excluded"].set_index("step")["n"]
    rules = rows[rows["step"] == "excluded"]
    gone = [f"{reason}: {n}" for reason, n in zip(rules["reason"], rules["n"], strict=True)]
    texts = [
        [words.named(rows["condition"].iloc[0]), f"allocated: {steps['allocated']}"],
        ["not analysed", f"no permission: {steps['no_permission']}", f"no score: {steps['no_score']}"],
        [f"analysed: {steps['analysed']}"],
        [f"left out by rule: {int(rules['n'].sum())}", *gone],
        [f"left: {steps['left']}"],
    ]
    return [[line for text in own for line in words.wrapped(text, width).splitlines()] for own in texts]


def drawn(
    head: Sequence[str],
    make: Callable[[int], list[list[list[str]]]],
    colours: Sequence[str],
    *,
    simulated: bool,
) -> Figure:
    """Draw a flow: a box on top, and below it a column of boxes for each cell.

    `make` gets the number of letters that fit into a line, and returns for each cell its boxes' lines.
    """
    across = max(1, min(ACROSS, len(colours)))
    width = min(52.0, (PAGE_MM - 4) / across - 4)
    cells = make(int(width / LETTER_MM))
    tiers = [cells[start : start + across] for start in range(0, len(cells), across)]
    heights = [_heights(tier) for tier in tiers]
    height = _box(len(head)) + sum(sum(own) + GAP_MM * (len(own) + 1) for own in heights) + 4
    figure = sheet(PAGE_MM, height + (4 if simulated else 0))
    axes = figure.subplots()
    axes.set_axis_off()
    axes.set_xlim(0, PAGE_MM)
    axes.set_ylim(height, 0)
    y = top = _draw_box(axes, PAGE_MM / 2, 1.0, 70.0, head, bold=1, colour=INK)
    for number, (tier, own) in enumerate(zip(tiers, heights, strict=True)):
        shades = colours[number * across :][: len(tier)]
        y = _draw_tier(axes, tier, own, shades, trunk=top, above=y, width=width)
    return finish(figure, simulated=simulated)


def _colour(summary: Summary, cell: str) -> str:
    """Return the colour of the condition after which a cell is named."""
    looks = Looks(summary.conditions)
    own = [name for name in summary.conditions if cell == name or cell.startswith(f"{name}.")]
    return looks.colour(own[0]) if own else QUIET


def _unallocated(flow: pd.DataFrame) -> int:
    return int(flow.loc[flow["cell"].isna(), "sessions"].sum())


def _head(flow: pd.DataFrame) -> list[str]:
    known = any(flow.iloc[-1][name] for name in OUTCOMES)
    lines = [f"sessions{' begun' if known else ''}: {flow.iloc[-1]['sessions']}"]
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
    *,
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
            _draw_box(
                axes,
                middle,
                y,
                width,
                column[level],
                bold=1,
                colour=colour if level in (0, len(column) - 1) else QUIET,
            )
        y += height
    return y
