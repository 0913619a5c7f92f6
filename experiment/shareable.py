"""What of each table may leave the laboratory: column by column, value by value.

A column is shared because it is named here; one that is added to a table later is withheld until somebody has
decided. A value is shared because it is of the kind that its column holds: what somebody wrote into a table
by hand is none, and keeps the whole file back.
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from experiment.columns import (
    EVENTS,
    EVENTS_PROBED,
    GAME_TASKS,
    MISSING,
    PAIN,
    PARTICIPANTS,
    RATINGS,
    SESSIONS,
    Column,
)
from experiment.definitions.measure import Choice, Measure, Text

WITHHELD: Mapping[str, Mapping[str, str]] = {
    "events": {},
    "events_probed": {},
    "pain": {},
    "beh": {"text_ref": "names the private text, and with it the code in the laboratory"},
    "participants": {},
    "sessions": {
        "acq_time": "a date and a time of day tell, with a calendar or a camera, who it was",
        "seed": "tells a session apart from all others, and so undoes new codes",
    },
}
"""Columns of which the copy has only missing values, and why. They stay, so that any program that reads the
dataset reads the copy."""

SHARED: Mapping[str, tuple[str, ...]] = {
    # What happened in the game, in seconds from the run's first flip: no clock time is among them.
    "events": (
        "onset", "duration", "trial_type", "onset_planned", "throw", "phase", "condition", "thrower",
        "receiver", "chosen", "overruled", "response_time", "response_source", "pause_planned", "pause_drawn",
        "pause", "flight_planned", "receptions", "dose", "anticipations", "taken_over", "interrupted", "text",
        "frames", "frames_late", "frame_longest", "clock_drift",
    ),
    # Stimuli, and ratings of them, in seconds from the run's, the task's or the session's zero.
    "events_probed": (
        *(column.name for column in EVENTS), "stimulus", "level", "level_unit", "level_planned", "stopped",
        "measure", "item", "value", "onset_session",
    ),
    "pain": (
        "onset", "duration", "trial_type", "task", "stage", "condition", "stimulus", "series", "level",
        "level_unit", "level_planned", "stopped", "rested", "reached", "response_time", "measure", "item",
        "value", "unit", "censored", "given", "onset_session",
    ),
    # Answers on scales and of fixed options; what was typed as text is never in `value`.
    "beh": (
        "measure", "stage", "condition", "item", "subscale", "value", "response_time", "order", "delay",
        "response_source", "interrupted",
    ),
    # In whole years and of fixed options, as answered: a methods section needs them.
    "participants": ("participant_id", "age", "gender", "handedness", "simulated"),
    # Design, end and timing of a session; kinds of screen and keyboard, never which computer it was.
    "sessions": (
        "session_id", "protocol", "cell", "conditions", "factors", "belief", "stratum", "outcome",
        "permission", "duration", "language", "definitions", "segments", "refresh_rate", "pacing", "keyboard",
        "frames", "frames_late", "frame_longest", "clock_drift", "incomplete", "simulated",
    ),
}  # fmt: skip
"""Columns of which the copy has every value."""

COLUMNS: Mapping[str, tuple[Column, ...]] = {
    "events": EVENTS,
    "events_probed": EVENTS_PROBED,
    "pain": PAIN,
    "beh": RATINGS,
    "participants": PARTICIPANTS,
    "sessions": SESSIONS,
}

_WORD = re.compile(r"[A-Za-z0-9_.,:=+°%/-]{1,200}")
"""What a column of text holds: names of the definitions and units, never a sentence."""

_FREE = re.compile(r"cell|stratum|protocol")
"""Columns with names that a researcher gives; they are known from the definitions."""


class SharingError(Exception):
    """A copy that is not what it should be, in one line."""


class Unfit(Exception):
    """A table that holds what no table of this program holds; the message says where."""


@dataclass(frozen=True, slots=True)
class Known:
    """What a value may be, besides a number or a word: names of protocols, cells; the measures."""

    names: Collection[str]
    measures: Mapping[str, Measure]


Table = list[dict[str, str]]


def parsed(text: str) -> Table:
    """Return the rows of a table as texts by column.

    Raises
    ------
    Unfit
        Where a row has not as many cells as there are columns.
    """
    head, *lines = [line.split("\t") for line in text.removeprefix("\ufeff").splitlines() if line] or [[]]
    for number, cells in enumerate(lines, start=2):
        if len(cells) != len(head):
            raise Unfit(f"line {number} has {len(cells)} cells instead of {len(head)}")
    return [dict(zip(head, cells, strict=True)) for cells in lines]


def kind_of(suffix: str, task: str, columns: Collection[str]) -> str:
    """Return of what kind a table of a session is, by the end of its name, its task and its columns."""
    if suffix != "events":
        return suffix
    if task not in GAME_TASKS:
        return "pain"
    return "events_probed" if "stimulus" in columns else "events"


def shareable(kind: str, rows: Iterable[Mapping[str, str]], known: Known) -> Table:
    """Return the rows of a table as they may be shared.

    Columns that no table of this kind has are not in them; those that are withheld are missing throughout.

    Raises
    ------
    Unfit
        Where a value is not of its column's kind.
    """
    made = []
    for number, row in enumerate(rows, start=2):
        cells = {}
        for column in COLUMNS[kind]:
            found = row.get(column.name, MISSING) or MISSING
            cells[column.name] = found if column.name in SHARED[kind] else MISSING
            problem = _problem(column, cells[column.name], known)
            if problem:
                raise Unfit(f"line {number} has {column.name} = '{found[:40]}', which is no {problem}")
        made.append(_answered(cells, number, known) if kind == "beh" else cells)
    return made


def _problem(column: Column, cell: str, known: Known) -> str:
    """Say of what kind a value should be and is not, or nothing."""
    if cell == MISSING:
        return ""
    match column.kind:
        case "number" | "count":
            return "" if _is_number(cell) else "number"
        case "flag":
            return "" if cell in ("true", "false") else "flag"
        case "text" if column.levels:
            return "" if cell in column.levels else "level of this column"
        case "text" if _FREE.fullmatch(column.name) and cell in known.names:
            return ""
        case "text":
            return "" if _WORD.fullmatch(cell) else "name"


def _is_number(cell: str) -> bool:
    try:
        return math.isfinite(float(cell))
    except ValueError:
        return False


def _answered(cells: dict[str, str], number: int, known: Known) -> dict[str, str]:
    """Return a row of answers, without what was typed; an answer that its scale does not have is refused."""
    measure = known.measures.get(cells["measure"])
    item = next((each for each in measure.items if each.id == cells["item"]), None) if measure else None
    if measure is None or item is None:
        raise Unfit(f"line {number} has {cells['measure']}/{cells['item']}, which no definition has")
    scale = measure.scale_of(item)
    if isinstance(scale, Text):
        return {**cells, "value": MISSING}
    fits = cells["value"] in scale.options if isinstance(scale, Choice) else _is_number(cells["value"])
    if cells["value"] != MISSING and not fits:
        raise Unfit(
            f"line {number} has value = '{cells['value'][:40]}', which the scale of '{item.id}' has not"
        )
    return cells


def as_text(kind: str, rows: Iterable[Mapping[str, str]]) -> str:
    """Write rows as a table."""
    names = [column.name for column in COLUMNS[kind]]
    lines = ["\t".join(names), *("\t".join(row[name] for name in names) for row in rows)]
    return "\n".join(lines) + "\n"
