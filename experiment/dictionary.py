"""The data dictionary as text, made from the columns: ``python -m experiment.dictionary`` prints it."""

from __future__ import annotations

from experiment.columns import EVENTS, MISSING, TABLES, Column

TITLES = {
    "events": (
        "Throws: `*_task-cyberball_run-NN_events.tsv`",
        "One row a throw, a phase, and whatever else happened in the game.",
    ),
    "beh": ("Ratings: `*_task-<measure>_acq-<stage>_run-NN_beh.tsv`", "One row an item."),
    "events_probed": (
        "Throws of a game with stimuli or ratings in it",
        "The same table, with these columns after those above.",
    ),
    "pain": (
        "Pain tasks: `*_task-<task>_acq-<stage>_run-NN_events.tsv`",
        "One row a stimulus, a rating, what was pressed, and an estimate. A run is an attempt at the task. "
        "The estimates are rows of `*_task-<task>_acq-<stage>_beh.tsv` too, as other ratings are.",
    ),
    "participants": ("Participants: `participants.tsv`", "One row a participant."),
    "sessions": ("Sessions: `sub-*/sub-*_sessions.tsv`", "One row a session."),
    "audit": (
        "Audit of the allocation: `sourcedata/allocation/audit.tsv`",
        "One row a claim or decision, in the order in which they were made. No cell stands in it.",
    ),
}


def dictionary() -> str:
    """Return every column of every table in Markdown."""
    parts = []
    for table, columns in TABLES.items():
        title, rows = TITLES[table]
        parts += [f"### {title}", "", rows, "", "| column | kind | unit | meaning |", "|---|---|---|---|"]
        parts += [_row(column) for column in columns if table != "events_probed" or column not in EVENTS]
        parts.append("")
    return "\n".join(parts)


def _row(column: Column) -> str:
    levels = "; ".join(f"`{level}`: {meaning}" for level, meaning in column.levels.items())
    meaning = f"{column.meaning}. {levels}" if levels else column.meaning
    return f"| `{column.name}` | {column.kind} | {column.unit} | {meaning} |"


if __name__ == "__main__":
    print(f"Missing values are `{MISSING}`.\n\n{dictionary()}")  # noqa: T201 - printing is what it is for
