"""Journal to files of the dataset: which tables there are, where they lie, and their text."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from experiment.columns import (
    EVENTS,
    MISSING,
    PAIN,
    PARTICIPANTS,
    PROBED,
    RATINGS,
    SESSIONS,
    Column,
    cell,
)
from experiment.journal import Recorded
from experiment.pain_rows import has_interludes, measures_of, tasks
from experiment.rows import GAME, Row, forms, participant_row, runs, session_row
from experiment.study import Who

HED = {
    "phase": "Experiment-structure, Time-block, Label/Phase",
    "coplayer_to_participant": "Sensory-event, Visual-presentation, Experimental-stimulus, "
    "(Avatar-agent, Label/Co-player), Label/Toss-to-participant",
    "coplayer_to_coplayer": "Sensory-event, Visual-presentation, Experimental-stimulus, "
    "(Avatar-agent, Label/Co-player), Label/Toss-to-co-player",
    "participant_throw": "Agent-action, Participant-response, "
    "(Experiment-participant, (Press, Push-button)), Label/Toss-by-participant",
    "chat": "Sensory-event, Visual-presentation, (Avatar-agent, Label/Co-player), Label/Chat",
    "message": "Sensory-event, Visual-presentation, Instructional, Label/Message",
    "leave_offered": "Sensory-event, Visual-presentation, Instructional, Label/Leave-offered",
    "coplayer_left": "Sensory-event, Visual-presentation, (Avatar-agent, Label/Co-player), Label/Leave",
    "participant_left": "Agent-action, Participant-response, "
    "(Experiment-participant, (Press, Push-button)), Label/Leave-by-participant",
    "pain_stimulus": "Sensory-event, Experimental-stimulus, Somatic-presentation, Label/Pain-stimulus",
    "stimulus": "Sensory-event, Experimental-stimulus, Somatic-presentation, Label/Pain-stimulus",
    "immersion": "Sensory-event, Experimental-stimulus, Somatic-presentation, Label/Cold-water",
    "first_pain": "Agent-action, Participant-response, "
    "(Experiment-participant, (Press, Push-button)), Label/First-pain",
    "rating": "Sensory-event, Visual-presentation, Instructional, Label/Rating-prompt",
    "threshold": "(Data-feature, Computed-feature, Label/Pain-threshold)",
    "tolerance": "(Data-feature, Computed-feature, Label/Pain-tolerance)",
}


def task_label(name: str) -> str:
    """Return the BIDS label of a measure: its name without underscores."""
    return name.replace("_", "")


def tsv(columns: tuple[Column, ...], rows: Iterable[Row]) -> str:
    """Write rows as a table; a column that a row lacks is missing in it."""
    lines = ["\t".join(column.name for column in columns)]
    lines += ["\t".join(cell(row.get(column.name)) for column in columns) for row in rows]
    return "\n".join(lines) + "\n"


def sidecar(columns: tuple[Column, ...], **more: object) -> str:
    """Write the description of a table's columns."""
    described: dict[str, object] = dict(more)
    for column in columns:
        entry: dict[str, object] = {"Description": column.meaning}
        if column.unit:
            entry["Units"] = column.unit
        if column.levels:
            entry["Levels"] = dict(column.levels)
        if column.name == "trial_type":
            entry["HED"] = {level: HED[level] for level in column.levels}
        described[column.name] = entry
    return json.dumps(described, indent=2, ensure_ascii=False) + "\n"


@dataclass(frozen=True, slots=True)
class Tables:
    """All that one journal gives: files of its session, and its rows in the tables of the study.

    ``files`` maps a path within the dataset to its text; ``shared`` holds sidecars, the same for every
    session with these definitions.
    """

    who: Who
    files: Mapping[str, str]
    shared: Mapping[str, str]
    participant: Row
    session: Row


def derive(recorded: Recorded) -> Tables:
    """Derive every table from a journal. The same journal always gives the same bytes."""
    header = recorded.header
    who = Who(header["participant"], header["session"])
    files: dict[str, str] = {}
    shared: dict[str, str] = {}
    for task, number, rows in runs(recorded):
        columns = (*EVENTS, *PROBED) if task == GAME and has_interludes(recorded) else EVENTS
        files[_place(who, f"task-{task}_run-{number:02d}_events")] = tsv(columns, rows)
        shared[f"task-{task}_events.json"] = sidecar(columns, TaskName=task)
    for name, stage, number, rows in tasks(recorded):
        task = task_label(name)
        entities = f"task-{task}_acq-{task_label(stage)}_run-{number:02d}"
        files[_place(who, f"{entities}_events")] = tsv(PAIN, rows)
        shared[f"task-{task}_events.json"] = sidecar(PAIN, TaskName=task)
    measures = measures_of(header["resolved"])
    for (measure, stage, run), rows in forms(recorded).items():
        task = task_label(measure)
        entities = f"task-{task}_acq-{task_label(stage)}" + ("" if run is None else f"_run-{run:02d}")
        files[_place(who, f"{entities}_beh")] = tsv(RATINGS, rows)
        shared[f"task-{task}_beh.json"] = _measure_sidecar(measure, measures[measure])
    return Tables(who, files, shared, participant_row(recorded), session_row(recorded, who))


def _place(who: Who, entities: str) -> str:
    return (who.folder / "beh" / f"{who.stem}_{entities}.tsv").as_posix()


def _measure_sidecar(name: str, measure: Mapping[str, Any]) -> str:
    return sidecar(RATINGS, TaskName=task_label(name), MeasurementToolMetadata=tool(measure))


def tool(measure: Mapping[str, Any]) -> dict[str, str]:
    """Describe a measure as a sidecar does."""
    described = {"Description": measure["title"], "Citation": measure["citation"]}
    return described | ({"Note": measure["note"]} if measure.get("note") else {})


def _with_these(columns: tuple[Column, ...], text: str) -> list[str]:
    """Return the rows of a table with these columns, also where it was written when there were others."""
    head, *rows = [line.split("\t") for line in text.splitlines() if line] or [[]]
    names = [column.name for column in columns]
    whole = [dict(zip(head, row, strict=True)) for row in rows if len(row) == len(head)]
    return ["\t".join(row.get(name, MISSING) for name in names) for row in whole]


STUDY_SIDECARS = {
    "participants.json": sidecar(PARTICIPANTS),
}


def merged(columns: tuple[Column, ...], text: str, rows: Iterable[Row], *, fill: bool = False) -> str:
    """Return a table of the study with `rows` put in the place of those with the same first column.

    With `fill`, what a row leaves missing stays as it was: a second session need not ask for the age again.
    """
    key = columns[0].name
    kept = {line.split("\t")[0]: line for line in _with_these(columns, text)}
    for row in rows:
        cells = [cell(row.get(column.name)) for column in columns]
        before = kept.get(cell(row[key]), "").split("\t")
        if fill and len(before) == len(cells):
            cells = [old if new == MISSING else new for old, new in zip(before, cells, strict=True)]
        kept[cell(row[key])] = "\t".join(cells)
    head = "\t".join(column.name for column in columns)
    return "\n".join([head, *(kept[name] for name in sorted(kept))]) + "\n"


__all__ = [
    "MISSING",
    "SESSIONS",
    "STUDY_SIDECARS",
    "Row",
    "Tables",
    "derive",
    "merged",
    "sidecar",
    "task_label",
    "tool",
    "tsv",
]
