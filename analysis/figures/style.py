"""How all figures look: colours, marks, sizes, and the axes of a score.

Figures are built without pyplot: nothing opens a window, and nothing is kept once a figure is let go.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import wraps
from typing import ParamSpec, TypeVar

import matplotlib as mpl
import matplotlib.style
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine

from analysis.figures.words import readable

INK, QUIET, HAIRLINE = "#2b3640", "#5b6670", "#d8d3c8"
"""As on the stage (`experiment.stage.palette`, which the analysis does not import)."""

MM = 1 / 25.4
COLUMN_MM, PAGE_MM = 85.0, 176.0
"""Widths of one column and of a page in print: as wide as the report prints, to keep type its size."""

SMALL, NORMAL, LARGE = 7.0, 7.5, 8.5
"""Sizes of type (pt); nothing is smaller than the first."""

COLOURS = (
    "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00", "#2b3640", "#8c510a",
)  # fmt: skip
"""Colours of conditions, in their order: six of Okabe & Ito (2008), ink in place of their black, and a brown
in place of their yellow, which is lost on white."""

MARKERS = ("o", "s", "D", "^", "v", "P", "X", "p", "h")
LINES: tuple[str | tuple[int, tuple[float, ...]], ...] = (
    "solid", (0, (4, 1.5)), (0, (1, 1)), (0, (5, 1.5, 1, 1.5)), (0, (2.5, 1)),
)  # fmt: skip
"""With the marks these tell conditions apart in grey; their numbers share no factor with each other."""

NOBODY = QUIET
"""Colour of what belongs to no condition."""

SETTINGS: dict[str, object] = {
    "font.family": ["DejaVu Sans"],
    "font.size": NORMAL,
    "axes.titlesize": LARGE,
    "axes.titlelocation": "left",
    "axes.titlepad": 4.0,
    "axes.labelsize": NORMAL,
    "axes.labelcolor": INK,
    "axes.edgecolor": QUIET,
    "axes.linewidth": 0.6,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "xtick.labelsize": SMALL,
    "ytick.labelsize": SMALL,
    "xtick.color": QUIET,
    "ytick.color": QUIET,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "xtick.major.size": 2.5,
    "ytick.major.size": 2.5,
    "grid.color": HAIRLINE,
    "grid.linewidth": 0.4,
    "legend.fontsize": SMALL,
    "legend.frameon": False,
    "lines.linewidth": 1.2,
    "text.color": INK,
    "svg.fonttype": "none",
    "pdf.fonttype": 42,
}

Arguments = ParamSpec("Arguments")
Made = TypeVar("Made")


@contextmanager
def styled() -> Iterator[None]:
    """Draw with these settings, whatever the machine's own are, and leave the latter as they were."""
    with mpl.style.context(["default", SETTINGS]):
        yield


def in_style(draw: Callable[Arguments, Made]) -> Callable[Arguments, Made]:
    """Make a function draw in style."""

    @wraps(draw)
    def drawn(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Made:
        with styled():
            return draw(*args, **kwargs)

    return drawn


def sheet(width_mm: float, height_mm: float) -> Figure:
    """Return an empty figure of this size."""
    layout = ConstrainedLayoutEngine(w_pad=1.2 * MM, h_pad=1.2 * MM, wspace=0.02, hspace=0.03)
    return Figure(figsize=(width_mm * MM, height_mm * MM), layout=layout)


def explain(figure: Figure, across: int) -> None:
    """Put one legend below all axes of a figure: each label once."""
    found = [axes.get_legend_handles_labels() for axes in figure.axes]
    handles = {label: handle for own, labels in found for handle, label in zip(own, labels, strict=True)}
    if handles:
        figure.legend(
            list(handles.values()), list(handles), loc="outside lower center",
            ncols=min(across, len(handles)), handlelength=3.0,
        )  # fmt: skip


def finish(figure: Figure, *, simulated: bool) -> Figure:
    """Say in the drawing that its data are simulated, and fix the layout for good."""
    engine = figure.get_layout_engine()
    if simulated:
        room = 4.0 * MM / figure.get_size_inches()[1]
        if engine is not None:
            engine.set(rect=(0, 0, 1, 1 - room))  # type: ignore[call-arg]
        figure.text(
            0.995, 0.995, "simulated participants", ha="right", va="top", size=SMALL, style="italic",
            color=QUIET, in_layout=False,
        )  # fmt: skip
    if engine is not None:
        figure.draw_without_rendering()
        figure.set_layout_engine("none")
    return figure


class Looks:
    """Colour, mark and line of each condition, by its place in the design."""

    def __init__(self, conditions: Sequence[str]) -> None:
        self._places = {name: place for place, name in enumerate(conditions)}

    def colour(self, condition: object) -> str:
        """Return the colour of a condition; grey for what belongs to none."""
        place = self._places.get(str(condition))
        return NOBODY if place is None else COLOURS[place % len(COLOURS)]

    def marker(self, condition: object) -> str:
        """Return the mark of a condition."""
        return MARKERS[self._places.get(str(condition), 0) % len(MARKERS)]

    def line(self, condition: object) -> str | tuple[int, tuple[float, ...]]:
        """Return the dashes of a condition."""
        return LINES[self._places.get(str(condition), 0) % len(LINES)]


def ticks(low: float, high: float) -> list[float]:
    """Return the places at which a scale is marked: its ends always, whole numbers where they are few."""
    steps = round(high - low)
    if float(low).is_integer() and float(high).is_integer() and 1 < steps <= 10:
        by = next(step for step in range(1, steps + 1) if steps % step == 0 and steps // step <= 6)
        return [low + step for step in range(0, steps + 1, by)]
    return [float(place) for place in np.linspace(low, high, 5)]


def show_scale(axes: Axes, low: float, high: float, *, along: str = "x") -> None:
    """Give an axis the whole scale of a score, a little beyond it, and marks within it alone."""
    margin = 0.03 * (high - low)
    if along == "x":
        axes.set_xlim(low - margin, high + margin)
        axes.set_xticks(ticks(low, high))
        axes.spines["bottom"].set_bounds(low, high)
    else:
        axes.set_ylim(low - margin, high + margin)
        axes.set_yticks(ticks(low, high))
        axes.spines["left"].set_bounds(low, high)


def nothing(axes: Axes, what: str) -> None:
    """Say in place of a drawing why there is none."""
    axes.text(
        0.5, 0.5, readable(what), transform=axes.transAxes, ha="center", va="center", size=SMALL, color=QUIET
    )
