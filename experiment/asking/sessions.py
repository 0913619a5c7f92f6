"""Whether a participant's session can be run as asked, and what can be done where it cannot."""

from __future__ import annotations

import json
import re
from contextlib import suppress

from experiment.allocation import withdrawn
from experiment.asking.answers import Answers, WayOn
from experiment.definitions import Resolved
from experiment.earlier import Earlier, begun_otherwise, find_earlier
from experiment.running import is_running
from experiment.study import Study, StudyError, Who, check_code, session_label

LAST_SESSION = 99


def check_participant(answers: Answers, study: Study | None) -> str:
    """Say what is wrong with a participant's code: its form, or that only case tells it from another."""
    code = answers.participant
    if not code:
        return "a code is needed: 1 to 16 letters and digits"
    try:
        check_code(code)
    except StudyError as error:
        return str(error)
    gone = withdrawn(study, code) if study else ""
    if gone:
        return gone
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
    if is_running(study, who.stem):
        return f"session {number} of '{code}' is running in another program", ways_on
    problem, way_on = _check_earlier(answers, find_earlier(study, who), study, resolved)
    return problem, (*way_on, *ways_on) if problem else ()


def _check_earlier(
    answers: Answers, earlier: Earlier, study: Study, resolved: Resolved
) -> tuple[str, tuple[WayOn, ...]]:
    number = int(answers.session)
    exists = f"participant '{answers.participant}' has a session {number} already"
    final = {
        "ended": f"{exists} ({earlier.detail.replace('_', ' ')})",
        "unreadable": f"{exists}; its record cannot be read ({earlier.detail})",
        "none": f"{exists}; its tables are there, its record is not",
    }
    if earlier.state in final:
        return final[earlier.state], ()
    if not answers.resume and earlier.state == "claimed":
        begins = WayOn(f"Begin session {number} anew", {"resume": True})
        return f"{exists}; nothing of it was recorded here", (begins,)
    if not answers.resume:
        return f"{exists}; it was cut off", (WayOn(f"Resume session {number}", {"resume": True}),)
    return _check_resuming(answers, earlier, study, resolved)


def _check_resuming(
    answers: Answers, earlier: Earlier, study: Study, resolved: Resolved
) -> tuple[str, tuple[WayOn, ...]]:
    problem = begun_otherwise(earlier.recorded.header, resolved, study) if earlier.recorded else ""
    if problem or not earlier.elsewhere or answers.take_over:
        return problem, ()
    takes_over = WayOn("It is not running there", {"take_over": True})
    number = int(answers.session)
    return f"session {number} was begun on another computer and may be running there", (takes_over,)


def resuming_remark(answers: Answers, study: Study) -> str:
    """Say what resuming will do."""
    number = int(answers.session)
    earlier = find_earlier(study, Who(answers.participant, session_label(number)))
    if earlier.state == "claimed":
        return f"nothing of session {number} was recorded; it begins anew"
    return f"session {number} goes on where it was cut off"


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
