"""The dose of a game file as a picture: receptions so far over throws, or over time where time decides."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from experiment.definitions.errors import DefinitionError
from experiment.dose import Simulated, exact_total, tabulated
from experiment.dosetable import total_line
from experiment.playing import Played
from experiment.scenes import PARTICIPANT

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

SUFFIXES = {".png": "Software", ".svg": "Date", ".pdf": "CreationDate"}
"""What a picture can be, and which note about its making is left out, so that equal runs give equal bytes."""

SIZE_IN, DPI = (6.4, 4.2), 200
LETTER_IN = 0.075
"""Width of a letter of a phase's name."""

INK, GREY, BANDS = "#222222", "#6b6b6b", ("#f5f5f5", "#e9e9e9")
STYLES = (
    ("#0072b2", "solid", 2.6),
    ("#d55e00", (0, (6, 2)), 2.0),
    ("#009e73", (0, (3, 1.5)), 1.7),
    ("#cc79a7", (0, (1, 1.2)), 1.7),
    ("#222222", (0, (7, 2, 1, 2)), 1.2),
)
"""Colours of Okabe & Ito (2008); dashes and widths tell lines apart in grey, and where they lie together."""

SETTINGS: dict[Any, object] = {
    "font.family": ["DejaVu Sans"],
    "font.size": 9.0,
    "svg.hashsalt": "spot",
    "text.color": INK,
    "axes.edgecolor": GREY,
    "axes.labelcolor": INK,
    "xtick.color": GREY,
    "ytick.color": GREY,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
}


def check_picture(file: Path) -> None:
    """Refuse a file whose name does not say which kind of picture it is, or whose folder is not there."""
    if file.suffix.lower() not in SUFFIXES:
        found = f"found {file.suffix}" if file.suffix else "found none"
        raise DefinitionError(
            None, f"--plot {file}: the suffix must be one of {', '.join(SUFFIXES)}; {found}"
        )
    if not file.parent.is_dir():
        raise DefinitionError(None, f"--plot {file}: there is no folder {file.parent}")


def plot(runs: Simulated, file: Path) -> None:
    """Draw simulated runs into `file`, a .png, .svg or .pdf; the same runs give the same bytes."""
    import matplotlib as mpl  # noqa: PLC0415 - a second to import, for pictures alone
    from matplotlib.figure import Figure  # noqa: PLC0415

    check_picture(file)
    kind = file.suffix.lower()
    picture = BytesIO()
    with mpl.rc_context(SETTINGS):
        figure = Figure(figsize=SIZE_IN, layout="constrained")
        _draw(figure.subplots(), runs)
        figure.savefig(picture, format=kind[1:], dpi=DPI, metadata={SUFFIXES[kind]: None})
    file.write_bytes(picture.getvalue())


def _draw(axes: Axes, runs: Simulated) -> None:
    timed = any(phase.throws is None for phase in runs.game.phases)
    every = runs.answered
    ends = [run.duration_s if timed else float(run.throws) for run in every]
    last = float(np.percentile(ends, 97.5))
    grid = np.linspace(0, last, 400) if timed else np.arange(round(last) + 1, dtype=float)
    habits = runs.by_habit() if exact_total(runs.game) is None else {"every participant": every}
    top = 0.0
    for (habit, played), (colour, dashes, width) in zip(habits.items(), STYLES, strict=False):
        counts = np.array([_received(run, grid, timed=timed) for run in played])
        low, high = np.percentile(counts, [2.5, 97.5], axis=0)
        axes.fill_between(grid, low, high, facecolor=colour, alpha=0.09, linewidth=0, zorder=2)
        for edge in (low, high):
            axes.plot(grid, edge, color=colour, alpha=0.45, linewidth=0.6, zorder=2)
        axes.plot(
            grid, counts.mean(axis=0), color=colour, linestyle=dashes, linewidth=width, label=habit, zorder=3
        )
        top = max(top, float(high.max()))
    fair = np.mean([_thrown(run, grid, timed=timed) for run in every], axis=0) / runs.game.players
    label = f"fair share, 1/{runs.game.players}"
    axes.plot(grid, fair, color=GREY, linestyle=(0, (4, 3)), linewidth=0.9, label=label, zorder=1)
    axes.fill_between([], [], facecolor=GREY, alpha=0.25, label="95 % of runs")
    top = max(top, float(fair.max()), 1.0)
    axes.set(
        xlim=(0, last), ylim=(0, 1.22 * top),
        xlabel="time (s)" if timed else "throw", ylabel="receptions so far",
    )  # fmt: skip
    _name_phases(axes, runs, last, timed=timed)
    _furnish(axes, runs)


def _furnish(axes: Axes, runs: Simulated) -> None:
    axes.locator_params(axis="y", integer=True)
    axes.spines[["top", "right"]].set_visible(False)
    axes.set_title(f"{runs.game.title}\n", loc="left", fontsize=12, fontweight="bold")
    axes.text(
        0,
        1.025,
        total_line(tabulated(runs)),
        transform=axes.transAxes,
        fontsize=8.5,
        color=GREY,
        in_layout=False,
    )
    figure = axes.get_figure()
    if figure is not None:
        figure.legend(loc="outside lower center", ncols=3, frameon=False, fontsize=8, handlelength=3.2)


def _received(run: Played, grid: Floats, *, timed: bool) -> Floats:
    """Return how often the participant had received at each place of the grid."""
    own = [i for i, receiver in enumerate(run.receivers) if receiver == PARTICIPANT]
    at = [run.caught_s[i] for i in own] if timed else [i + 1 for i in own]
    return np.searchsorted(np.array(at, dtype=float), grid, side="right").astype(float)


def _thrown(run: Played, grid: Floats, *, timed: bool) -> Floats:
    """Return how many throws had been caught at each place of the grid."""
    if not timed:
        return np.minimum(grid, run.throws)
    return np.searchsorted(np.array(run.caught_s), grid, side="right").astype(float)


def _name_phases(axes: Axes, runs: Simulated, last: float, *, timed: bool) -> None:
    """Shade the phases, from where they begin on average, and write their names where there is room."""
    starts = [0.0]
    for i in range(1, len(runs.game.phases)):
        begun = [run.phases[i] for run in runs.answered if i < len(run.phases)]
        if not begun:
            break
        starts.append(float(np.mean([part.began_s if timed else part.first_throw - 1 for part in begun])))
    inch = 0.88 * SIZE_IN[0] / last
    for i, (start, end) in enumerate(zip(starts, [*starts[1:], last], strict=True)):
        axes.axvspan(start, end, color=BANDS[i % 2], linewidth=0, zorder=0)
        name, room = runs.game.phases[i].name.replace("_", " "), (end - start) * inch
        words = name.split()
        if LETTER_IN * max(len(word) for word in words) < room:
            name = name if LETTER_IN * len(name) < room else "\n".join(words)
            turned = 0
        elif room > 0.15:
            turned = 90
        else:
            continue
        axes.text(
            (start + end) / 2, 0.985, name, rotation=turned, ha="center", va="top", fontsize=8, color=GREY,
            transform=axes.get_xaxis_transform(), zorder=4, linespacing=1.0,
        )  # fmt: skip
