"""From the command line to a request: what is missing is asked for in a dialog, else in the terminal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from experiment.asking.answers import Answers
from experiment.asking.form import Form
from experiment.asking.memory import remember, remembered
from experiment.asking.sessions import check_experimenter, check_session_number
from experiment.asking.terminal import Terminal, ask_in_terminal, has_terminal
from experiment.runner import Request
from experiment.stage import StageError
from experiment.stage.qt import monitors, use_checked_platform, why_no_dialog, why_no_display
from experiment.study import DATA, StudyError, Who, check_code, session_label

USUAL = "classic"
"""The protocol that is offered where none was chosen before."""


@dataclass(frozen=True, slots=True)
class Start(Request):
    """A request, where its window opens, and where it was asked for."""

    screen: int = 0
    asked_in: Literal["", "dialog", "terminal"] = ""


def complete(given: Mapping[str, object]) -> Start | None:
    """Ask for what the command line did not give; None where the experimenter thought better of it.

    With protocol and participant given nothing is asked: the session is 1 and the language the protocol's
    unless they were given too.

    Raises
    ------
    StudyError
        When a code or number given is not allowed, or something is missing and there is nobody to ask.
    StageError
        When something is missing, and without a display the session could not run whatever the answers.
    """
    data = Path(str(given.get("data") or DATA))
    answers = begin(given)
    if answers.take_over and not answers.resume:
        raise StudyError("--take-over is for a session that is resumed; add --resume")
    if given.get("protocol") and given.get("participant"):
        check_code(answers.participant)
        problem = check_session_number(answers) or check_experimenter(answers.experimenter)
        if problem:
            raise StudyError(problem)
        return _start(answers, given, data, "")
    if why_no_display():
        raise StageError(f"{why_no_display()}, and a session needs one; start this from a desktop")
    reason = why_no_dialog()
    if reason and not has_terminal():
        raise StudyError(_missing(given, reason))
    form = Form(data, monitors())
    answers = _fitting(form, answers, given)
    asked_in: Literal["dialog", "terminal"] = "terminal" if reason else "dialog"
    chosen = (
        ask_in_terminal(form, answers, given, Terminal(), reason) if reason else _ask_in_dialog(form, answers)
    )
    if chosen is None:
        return None
    remember(chosen)
    return _start(chosen, given, data, asked_in)


def begin(given: Mapping[str, object]) -> Answers:
    """Return the answers that the command line gave."""
    texts: dict[str, Any] = {
        name: str(given[name])
        for name in ("protocol", "participant", "session", "language", "experimenter", "screen")
        if given.get(name) not in (None, "")
    }
    return Answers(**texts, resume=bool(given.get("resume")), take_over=bool(given.get("take_over")))


def _fitting(form: Form, answers: Answers, given: Mapping[str, object]) -> Answers:
    """Fill what was not given with what was chosen last, else the usual, else the first there is."""
    last = remembered()
    protocols, screens = list(form.choices("protocol", Answers())), list(form.choices("screen", answers))
    if not answers.protocol and protocols:
        offered = (last.get("protocol", ""), USUAL, protocols[0])
        answers = replace(answers, protocol=next(name for name in offered if name in protocols))
    if given.get("screen") is None and last.get("screen") in screens:
        answers = replace(answers, screen=last["screen"])
    return form.settled(answers, answers)


def _start(answers: Answers, given: Mapping[str, object], data: Path, asked_in: Any) -> Start:
    seed = given.get("seed")
    return Start(
        protocol=answers.protocol,
        who=Who(answers.participant, session_label(int(answers.session))),
        data=data,
        language=answers.language or None,
        seed=seed if isinstance(seed, int) else None,
        resume=answers.resume,
        take_over=answers.take_over,
        experimenter=answers.experimenter,
        screen=int(answers.screen),
        asked_in=asked_in,
    )


def _missing(given: Mapping[str, object], reason: str) -> str:
    options = {"protocol": "PROTOCOL", "participant": "--participant CODE"}
    missing = " and ".join(option for name, option in options.items() if not given.get(name))
    return f"{missing} missing, and nobody can be asked: {reason}, and no terminal"


def _ask_in_dialog(form: Form, answers: Answers) -> Answers | None:
    use_checked_platform()
    from experiment.stage.start_dialog import ask_start  # noqa: PLC0415 - loads PsychoPy and Qt, once both are known to work

    return ask_start(form, answers)


def tell_refusal(start: Start, problem: str) -> None:
    """Say why no session was run to somebody who asked for it in a dialog, and may see no terminal."""
    if start.asked_in != "dialog" or why_no_dialog():
        return
    from experiment.stage.end_dialogs import show_refusal  # noqa: PLC0415 - Qt is loaded already

    show_refusal(problem)
