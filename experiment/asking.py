"""What a session needs to know before it starts, checked as it is typed; the experimenter's notes after it.

It is asked in a dialog where one can be shown, else in the terminal. Both ask the same `Form`, which knows
nothing of either: it says what is wrong with a set of answers, in words, and what ways on there are.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Literal, Protocol

import filelock
import platformdirs

from experiment import definitions, journal
from experiment.definitions import CONDITIONS, DefinitionError, Resolved
from experiment.definitions.errors import shown
from experiment.files import write_whole
from experiment.private import Private
from experiment.runner import ENDED, Finished, Request, machine_mark, to_terminal
from experiment.stage.qt import Monitor, label, monitors, use_checked_platform, why_no_dialog
from experiment.study import DATA, Study, StudyError, Who, check_code, session_label

REMEMBERED = ("protocol", "screen")
LAST_SESSION = 99


@dataclass(frozen=True, slots=True)
class Start(Request):
    """A request, where its window opens, and where it was asked for."""

    screen: int = 0
    asked_in: Literal["", "dialog", "terminal"] = ""


@dataclass(frozen=True, slots=True)
class Answers:
    """What has been typed and chosen so far, as typed; an empty language is the protocol's own."""

    protocol: str = ""
    participant: str = ""
    session: str = "1"
    language: str = ""
    experimenter: str = ""
    screen: str = "0"
    resume: bool = False
    take_over: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """A question: which answer it fills, how it is called and what is allowed."""

    name: str
    label: str
    hint: str = ""


QUESTIONS = (
    Asked("protocol", "Protocol"),
    Asked("participant", "Participant code", "1 to 16 letters and digits; no names"),
    Asked("session", "Session", "1 for the first"),
    Asked("language", "Language"),
    Asked("experimenter", "Experimenter code", "may stay empty; letters and digits, no names"),
    Asked("screen", "Screen"),
)


@dataclass(frozen=True, slots=True)
class WayOn:
    """What can be done about a session that exists already: how to say it, and which answers it changes."""

    label: str
    changes: Mapping[str, str | bool]


@dataclass(frozen=True, slots=True)
class Checked:
    """What is wrong with a set of answers, by question; what else there is to say; the ways on."""

    problems: Mapping[str, str]
    remarks: Mapping[str, str]
    ways_on: tuple[WayOn, ...] = ()


@dataclass(frozen=True, slots=True)
class Earlier:
    """What is there already of a session."""

    state: Literal["ended", "cut off", "unrecorded", "unreadable"]
    detail: str = ""
    begun_with: tuple[str, str] = ("", "")
    elsewhere: bool = False


@dataclass(slots=True)
class Form:
    """The questions before a session; reads definitions and datasets and changes neither."""

    data: Path
    monitors: tuple[Monitor, ...] = ()
    root: Path = CONDITIONS
    _resolved: dict[tuple[str, str], Resolved | str] = field(default_factory=dict)

    def choices(self, name: str, answers: Answers) -> dict[str, str]:
        """Return what can be chosen, value and label; nothing where the answer is typed."""
        match name:
            case "protocol":
                names = definitions.names("protocols", self.root)
                names += [answers.protocol] if answers.protocol and answers.protocol not in names else []
                return {name: name for name in names}
            case "language":
                codes = definitions.names("texts", self._root_of(answers.protocol))
                codes += [answers.language] if answers.language and answers.language not in codes else []
                return {code: self._language_name(answers.protocol, code) for code in codes}
            case "screen":
                return {str(monitor.number): label(monitor, self.monitors) for monitor in self.monitors}
        return {}

    def settled(self, before: Answers, after: Answers) -> Answers:
        """Return answers after a change, with what follows: the protocol's language, resuming asked anew."""
        if after.protocol != before.protocol and before.language in ("", self._own_language(before.protocol)):
            after = replace(after, language="")
        if not after.language:
            after = replace(after, language=self._own_language(after.protocol))
        if (after.protocol, after.participant, after.session) != (
            before.protocol,
            before.participant,
            before.session,
        ):
            after = replace(after, resume=False, take_over=False)
        return after

    def check(self, answers: Answers) -> Checked:
        """Say all that is wrong with a set of answers."""
        resolved = self._resolve(answers.protocol, answers.language)
        study = Study(self.data, resolved.protocol.study) if isinstance(resolved, Resolved) else None
        remarks: dict[str, str] = {}
        ways_on: tuple[WayOn, ...] = ()
        problems = {
            "protocol": self.check_protocol(answers),
            "language": self.check_language(answers),
            "participant": check_participant(answers, study),
            "session": check_session_number(answers),
            "experimenter": check_experimenter(answers.experimenter),
            "screen": self.check_screen(answers),
        }
        if isinstance(resolved, Resolved) and study is not None:
            remarks["protocol"] = f"recorded in {shown(study.dataset)}"
            if not problems["participant"] and not problems["session"]:
                problems["session"], ways_on = check_session(answers, study, resolved)
            if answers.resume and not problems["session"]:
                remarks["session"] = f"session {int(answers.session)} goes on where it was cut off"
        return Checked({name: problem for name, problem in problems.items() if problem}, remarks, ways_on)

    def check_protocol(self, answers: Answers) -> str:
        """Say what is wrong with the protocol, whatever the language."""
        if not answers.protocol:
            return "choose a protocol"
        resolved = self._resolve(answers.protocol, "")
        return resolved if isinstance(resolved, str) else ""

    def check_language(self, answers: Answers) -> str:
        """Say whether the protocol cannot be run in the language."""
        if self.check_protocol(answers):
            return ""
        resolved = self._resolve(answers.protocol, answers.language)
        return resolved if isinstance(resolved, str) else ""

    def check_screen(self, answers: Answers) -> str:
        """Say whether there is no such monitor; where none is known, the stage will."""
        numbers = [str(monitor.number) for monitor in self.monitors]
        if not numbers or answers.screen in numbers:
            return ""
        return f"there is no screen {answers.screen}; this computer has {', '.join(numbers)}"

    def _language_name(self, protocol: str, code: str) -> str:
        resolved = self._resolve(protocol, code)
        return f"{resolved.texts.language} ({code})" if isinstance(resolved, Resolved) else code

    def _own_language(self, protocol: str) -> str:
        resolved = self._resolve(protocol, "") if protocol else ""
        return resolved.language if isinstance(resolved, Resolved) else ""

    def _root_of(self, protocol: str) -> Path:
        """Return the folder of definitions that a protocol uses, as `definitions.resolve` finds it."""
        beside = Path(protocol).resolve().parent.parent
        own = protocol.endswith(".toml") and (beside / "texts").is_dir() and (beside / "games").is_dir()
        return beside if own else self.root

    def _resolve(self, protocol: str, language: str) -> Resolved | str:
        """Return the protocol in a language (empty: its own), or what is wrong with it in words."""
        key = (protocol, language)
        if key not in self._resolved:
            try:
                self._resolved[key] = definitions.resolve(protocol, language or None, self.root)
            except (DefinitionError, OSError) as error:
                self._resolved[key] = str(error).replace("--language =", "language =")
        return self._resolved[key]


def check_participant(answers: Answers, study: Study | None) -> str:
    """Say what is wrong with a participant's code: its form, or that only case tells it from another."""
    code = answers.participant
    if not code:
        return "a code is needed: 1 to 16 letters and digits"
    try:
        check_code(code)
    except StudyError as error:
        return str(error)
    for other in _codes_like(code, study) if study else ():
        if other != code and other.casefold() == code.casefold():
            return f"code '{code}' differs from '{other}' only in case; choose another, or write '{other}'"
    return ""


def _codes_like(code: str, study: Study) -> list[str]:
    """Return the codes that a study knows of, with the one claimed for this code whatever its case."""
    known = {other for other, _ in sessions_of(study)}
    claimed = study.dataset / "sourcedata" / "allocation" / f"person-{code.casefold()}.json"
    with suppress(OSError, ValueError, KeyError):  # there is none, or it is being written just now
        known.add(str(json.loads(claimed.read_text(encoding="utf-8"))["code"]))
    return sorted(known)


def check_session_number(answers: Answers) -> str:
    """Say whether what was typed is no number of a session."""
    if not answers.session.isascii() or not answers.session.isdecimal():
        return "a number is needed: 1 to 99"
    try:
        session_label(int(answers.session))
    except StudyError as error:
        return str(error)
    return ""


def check_experimenter(code: str) -> str:
    """Say what is wrong with the experimenter's code, which may be empty."""
    if not code or re.fullmatch(r"[A-Za-z0-9]{1,16}", code):
        return ""
    return f"experimenter code '{code}' is not allowed: at most 16 letters and digits, nothing else"


def check_session(answers: Answers, study: Study, resolved: Resolved) -> tuple[str, tuple[WayOn, ...]]:
    """Say why this session cannot be run as asked, and the ways on."""
    code, number = answers.participant, int(answers.session)
    who = Who(code, session_label(number))
    taken_numbers = {n for other, n in sessions_of(study) if other == code}
    if number not in taken_numbers:
        if not answers.resume:
            return "", ()
        begins = WayOn(f"Begin session {number}", {"resume": False})
        return f"participant '{code}' has no session {number} to resume", (begins,)
    following = max(taken_numbers) + 1
    another = WayOn(f"Begin session {following}", {"session": str(following), "resume": False})
    ways_on = (another,) if following <= LAST_SESSION else ()
    earlier = find_earlier(study, who)
    exists = f"participant '{code}' has a session {number} already"
    final = {
        "ended": f"{exists} ({earlier.detail.replace('_', ' ')})",
        "unrecorded": f"{exists}: begun on another computer, or cut off before anything was recorded",
        "unreadable": f"{exists}; its record cannot be read ({earlier.detail})",
    }
    if earlier.state in final:
        return final[earlier.state], ways_on
    if is_running(study, who):
        return f"session {number} of '{code}' is running in another program", ways_on
    if not answers.resume:
        resumes = WayOn(f"Resume session {number}", {"resume": True})
        return f"{exists}; it was cut off", (resumes, *ways_on)
    problem, way_on = _check_resuming(answers, earlier, resolved)
    return problem, (*way_on, *ways_on)


def _check_resuming(answers: Answers, earlier: Earlier, resolved: Resolved) -> tuple[str, tuple[WayOn, ...]]:
    begun = f"session {int(answers.session)} was begun"
    if earlier.begun_with != (resolved.name, resolved.language):
        name, language = earlier.begun_with
        return f"{begun} with protocol '{name}' in language '{language}'; choose these to resume it", ()
    if earlier.elsewhere and not answers.take_over:
        takes_over = WayOn("It is not running there", {"take_over": True})
        return f"{begun} on another computer and may be running there", (takes_over,)
    return "", ()


def sessions_of(study: Study) -> set[tuple[str, int]]:
    """Return every session that a study knows of, claimed or recorded, as code and number."""
    places = (
        (study.dataset / "sourcedata" / "allocation").glob("code-*_ses-*.json"),
        study.spool.glob("sub-*_ses-*_journal.jsonl"),
        (path.parent / f"{path.parent.name}_{path.name}" for path in study.dataset.glob("sub-*/ses-*")),
        (
            path.parent / f"{path.parent.name}_{path.name}"
            for path in study.dataset.glob("sourcedata/sub-*/ses-*")
        ),
    )
    found = (re.match(r"(?:code|sub)-(\w+?)_ses-(\d+)", path.name) for paths in places for path in paths)
    return {(match[1], int(match[2])) for match in found if match}


def find_earlier(study: Study, who: Who) -> Earlier:
    """Return what the record of a session says, judged as a run that resumes it would."""
    file = next((f for f in (study.local_journal(who), study.journal(who)) if f.is_file()), None)
    if file is None:
        return Earlier("unrecorded")
    try:
        recorded = journal.read(file)
    except journal.JournalError as error:
        return Earlier("unreadable", str(error))
    end, segment = recorded.last("end"), recorded.last("segment")
    over = recorded.has_ended
    if over and end is not None and end["outcome"] in ENDED:
        return Earlier("ended", end["outcome"])
    begun_with = (str(recorded.header["protocol"]), str(recorded.header["language"]))
    elsewhere = not over and segment is not None and segment["machine"] != machine_mark()
    return Earlier("cut off", begun_with=begun_with, elsewhere=elsewhere)


def is_running(study: Study, who: Who) -> bool:
    """Return whether a program on this computer holds the session."""
    file = study.spool / f".{who.stem}.lock"
    if not file.is_file():
        return False
    try:
        with filelock.FileLock(file, timeout=0):
            return False
    except filelock.Timeout:
        return True


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


def complete(given: Mapping[str, object]) -> Start | None:
    """Ask for what the command line did not give; None where the experimenter thought better of it.

    With protocol and participant given nothing is asked: the session is 1 and the language the protocol's
    unless they were given too.

    Raises
    ------
    StudyError
        When a code or number given is not allowed, or something is missing and there is nobody to ask.
    """
    data = Path(str(given.get("data") or DATA))
    answers = begin(given)
    if given.get("protocol") and given.get("participant"):
        check_code(answers.participant)
        problem = check_session_number(answers) or check_experimenter(answers.experimenter)
        if problem:
            raise StudyError(problem)
        return _start(answers, given, data, "")
    reason = why_no_dialog()
    if reason and not _has_terminal():
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
    """Fill what was not given with what was chosen last, or with the first that there is."""
    last = remembered()
    protocols, screens = list(form.choices("protocol", Answers())), list(form.choices("screen", answers))
    if not answers.protocol and protocols:
        again = last.get("protocol", "")
        answers = replace(answers, protocol=again if again in protocols else protocols[0])
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


def _has_terminal() -> bool:
    return sys.stdin is not None and sys.stdin.isatty()


def _ask_in_dialog(form: Form, answers: Answers) -> Answers | None:
    use_checked_platform()
    from experiment.stage.dialog import ask_start  # noqa: PLC0415 - loads PsychoPy and Qt, once both are known to work

    return ask_start(form, answers)


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


def taken(form: Form, answers: Answers, way_on: WayOn) -> Answers:
    """Return the answers after a way on was taken."""
    changes: dict[str, Any] = dict(way_on.changes)
    settled = form.settled(answers, replace(answers, **changes))
    return replace(settled, **changes)


def _prompt(question: Asked, kept: str, choices: Mapping[str, str]) -> str:
    labelled = any(value != shown for value, shown in choices.items())
    allowed = ("; " if labelled else ", ").join(choices.values()) or question.hint
    return f"{question.label}{f' ({allowed})' if allowed else ''}{f' [{kept}]' if kept else ''}: "


def notes(request: Request, finished: Finished) -> None:
    """Ask the experimenter for notes on deviations, and keep them with the private files."""
    asked_in = request.asked_in if isinstance(request, Start) else ""
    outcome = finished.outcome.replace("_", " ")
    heading = f"Participant {request.who.code}, session {int(request.who.session)}: {outcome}"
    if finished.outcome == "terminated":
        return  # the system wants this program to end: nobody is there to answer
    if asked_in == "dialog" and not why_no_dialog():
        from experiment.stage.dialog import ask_notes  # noqa: PLC0415 - loaded already, before the session

        text = ask_notes(heading)
    elif _has_terminal():
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
    try:
        private = Private(Study(request.data, finished.dataset.name), request.who)
        try:
            private.note("deviations", text)
        finally:
            private.close()
    except (OSError, journal.JournalError) as error:
        tell(f"the note could not be kept ({error}); it read: {text}")


def memory_file() -> Path:
    """Return where the last choices are remembered: with this user's files, never with the data."""
    return Path(platformdirs.user_state_path("social-pain-overlap")) / "last_start.json"


def remembered() -> dict[str, str]:
    """Return what was chosen last time; nothing where that cannot be read."""
    try:
        found = json.loads(memory_file().read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return {
        name: found[name]
        for name in REMEMBERED
        if isinstance(found, dict) and isinstance(found.get(name), str)
    }


def remember(answers: Answers) -> None:
    """Keep the choices that the next session most likely shares; nothing is lost where that fails."""
    chosen = {name: text for name, text in asdict(answers).items() if name in REMEMBERED}
    try:
        write_whole(memory_file(), json.dumps(chosen) + "\n")
    except OSError:
        return
