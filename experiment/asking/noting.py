"""The experimenter's notes after a session, kept with the private files.

They are asked for where the session was asked for: in the dialog or in the terminal. A session that was given
whole on the command line asks for them only where a person sits at a terminal (stdin and stderr), so that a
script is never kept waiting.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from experiment import journal
from experiment.asking.terminal import Console, Terminal, has_terminal
from experiment.durability import in_time
from experiment.private import Private
from experiment.runner import Finished, Request, to_terminal
from experiment.stage.qt import why_no_dialog
from experiment.study import Study, Who

KEPT_S = 30.0
"""How long a note may take to be kept, where its folder may hang; then it is shown."""


def notes(request: Request, finished: Finished, asked_in: str = "") -> None:
    """Ask for notes on deviations where the session was asked for (``dialog``, ``terminal``); keep them."""
    outcome = finished.outcome.replace("_", " ")
    heading = f"Participant {request.who.code}, session {int(request.who.session)}: {outcome}"
    if finished.outcome == "terminated":
        return  # the system wants this program to end: nobody is there to answer
    if asked_in == "dialog" and not why_no_dialog():
        from experiment.stage.end_dialogs import ask_notes  # noqa: PLC0415 - Qt is loaded already

        text = ask_notes(heading, finished.problems)
    elif has_terminal():
        text = notes_in_terminal(heading, Terminal())
    else:
        return
    if text:
        keep_note(request, finished, text, to_terminal)


def notes_in_terminal(heading: str, console: Console) -> str:
    """Ask for lines until an empty one."""
    console.say(heading)
    console.say("Anything that went otherwise than planned? Kept apart from the data; an empty line ends.")
    lines: list[str] = []
    try:
        while line := console.ask("> "):
            lines.append(line)
    except (EOFError, KeyboardInterrupt):
        console.say("")
    return "\n".join(lines)


def keep_note(request: Request, finished: Finished, text: str, tell: Callable[[str], None]) -> None:
    """Write a note to the session's private record; one that cannot be written is shown instead."""
    study = Study(request.data, finished.dataset.name)
    try:
        in_time(partial(_write, study, request.who, text), KEPT_S, study.private)
    except (OSError, journal.JournalError) as error:
        tell(f"the note could not be kept ({error}); it read: {text}")


def _write(study: Study, who: Who, text: str) -> None:
    private = Private(study, who)
    try:
        private.note("deviations", text)
    finally:
        private.close()
