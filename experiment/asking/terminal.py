"""The questions in the terminal, one after another, where no dialog can be shown."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Protocol

from experiment.asking.answers import QUESTIONS, Answers, Asked, WayOn
from experiment.asking.form import Form, taken


class Console(Protocol):
    """A terminal with a person at it."""

    def say(self, line: str) -> None:
        """Show a line."""

    def ask(self, prompt: str) -> str:
        """Return what is typed; raises EOFError where nothing can come any more."""


class Terminal:
    """The terminal that the program was started from; stdout belongs to results."""

    def say(self, line: str) -> None:
        """Show a line."""
        print(line, file=sys.stderr, flush=True)  # noqa: T201 - the terminal is the experimenter's screen

    def ask(self, prompt: str) -> str:
        """Return what is typed; raises EOFError where nothing can come any more."""
        print(prompt, end="", file=sys.stderr, flush=True)  # noqa: T201 - likewise
        line = sys.stdin.readline()
        if not line:
            raise EOFError
        return line.strip()


def has_terminal() -> bool:
    """Return whether a person can be asked here: they see what is asked, and what they type arrives."""
    return all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stderr))


def ask_in_terminal(
    form: Form, answers: Answers, given: Mapping[str, object], console: Console, reason: str = ""
) -> Answers | None:
    """Ask question by question; None where the person ends it (Ctrl-C, Ctrl-D)."""
    if reason:
        console.say(f"{reason}; asking here instead")
    console.say("Return alone keeps what stands in [ ]; Ctrl-C stops.")
    try:
        for question in QUESTIONS:
            answers = _ask_one(
                form, answers, question, console, is_given=given.get(question.name) not in (None, "")
            )
    except (EOFError, KeyboardInterrupt):
        console.say("")
        return None
    return answers


def _ask_one(form: Form, answers: Answers, question: Asked, console: Console, *, is_given: bool) -> Answers:
    """Ask one question until its answer holds; not at all where it was given or leaves no choice."""
    choices = form.choices(question.name, answers)
    checked = form.check(answers)
    no_choice = len(choices) == 1 or (question.name == "screen" and not choices)
    if (is_given or no_choice) and question.name not in checked.problems:
        return answers
    tells = is_given
    while True:
        ways_on = checked.ways_on if question.name == "session" and tells else ()
        if tells:
            console.say(f"  {checked.problems[question.name]}")
        for letter, way in zip("abc", ways_on, strict=False):
            console.say(f"  {letter}  {way.label}")
        kept = "" if question.name in checked.problems else getattr(answers, question.name)
        typed = console.ask(_prompt(question, kept, choices))
        way_taken = dict(zip("abc", ways_on, strict=False)).get(typed.lower())
        answers = _answered(form, answers, question.name, typed, way_taken)
        checked = form.check(answers)
        if question.name not in checked.problems:
            return answers
        tells = True


def _answered(form: Form, answers: Answers, name: str, typed: str, way_on: WayOn | None) -> Answers:
    if way_on is not None:
        return taken(form, answers, way_on)
    change: dict[str, Any] = {name: typed}
    return form.settled(answers, replace(answers, **change)) if typed else answers


def _prompt(question: Asked, kept: str, choices: Mapping[str, str]) -> str:
    labelled = any(value != shown for value, shown in choices.items())
    allowed = ("; " if labelled else ", ").join(choices.values()) or question.hint
    return f"{question.label}{f' ({allowed})' if allowed else ''}{f' [{kept}]' if kept else ''}: "
