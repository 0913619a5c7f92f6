"""Every session of a study that was claimed or recorded, and where it stands, without its cell."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from experiment.allocation.claims import Claim, withdrawn_codes
from experiment.earlier import Earlier, find_earlier
from experiment.journal import Recorded
from experiment.running import is_running
from experiment.study import Study, Who

STATES = {
    "completed": "done",
    "declined": "declined",
    "stopped_by_participant": "stopped by participant",
    "stopped_by_experimenter": "stopped by experimenter",
    "ended_after_cut": "ended after a cut",
    "not_eligible": "not eligible",
}
"""What is said of the outcomes after which nothing is left to resume."""

ELSEWHERE = "cut off?"
"""The state of a session without an end that was last on another computer."""

WITHDRAWN = "withdrawn"
"""The state of every session of a participant of whom nothing is left but the code."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A session, and what is known of it; `problem` says why its record cannot be read."""

    who: Who
    state: str
    problem: str
    recorded: Recorded | None
    claim: Claim | None

    @property
    def begun(self) -> str:
        """Return when it began, in the local time of its computer."""
        wall = next(self.recorded.all("segment"), {}).get("wall") if self.recorded else None
        return str(wall or (self.claim.facts.get("wall") if self.claim else None) or "")[:16].replace(
            "T", " "
        )

    @property
    def permission(self) -> str:
        """Return the answer to the question whether the data may be used."""
        given = self.recorded.last("permission") if self.recorded else None
        return str(given["answer"]) if given else ""

    @property
    def computer(self) -> str:
        """Return the mark of the computer that had it last."""
        segment = self.recorded.last("segment") if self.recorded else None
        claimed = self.claim.facts.get("machine") if self.claim else None
        return str((segment or {}).get("machine") or claimed or "")


def entries(study: Study, claims: Sequence[Claim]) -> list[Entry]:
    """Return every session that was claimed or recorded, by code and number."""
    codes = {Who(claim.code, claim.session): claim for claim in claims if claim.kind == "code"}
    gone = set(withdrawn_codes(study))
    return [_entry(study, who, codes.get(who), gone) for who in known_sessions(study, claims)]


def _entry(study: Study, who: Who, claim: Claim | None, gone: set[str]) -> Entry:
    if who.code in gone:
        return Entry(who, WITHDRAWN, "", None, claim)
    had = find_earlier(study, who)
    return Entry(who, _state(study, who, had), _problem(had), had.recorded, claim)


def known_sessions(study: Study, claims: Sequence[Claim]) -> list[Who]:
    """Return who has a session here or in the dataset, claimed or recorded, by code and number."""
    known = {Who(claim.code, claim.session) for claim in claims if claim.kind == "code"}
    known |= {_who(file.name) for file in study.journals()}
    known |= {_who(file.name) for file in study.spool.glob("sub-*_ses-*_journal.jsonl")}
    return sorted(known, key=_in_order)


def _who(file_name: str) -> Who:
    subject, session, _ = file_name.split("_", 2)
    return Who(subject.removeprefix("sub-"), session.removeprefix("ses-"))


def _in_order(who: Who) -> tuple[int, int, str, str]:
    number = int(who.code) if who.code.isdecimal() else 0
    return (0 if who.code.isdecimal() else 1), number, who.code, who.session


def _problem(had: Earlier) -> str:
    return had.detail if had.state == "unreadable" else ""


def _state(study: Study, who: Who, had: Earlier) -> str:
    running = had.state != "ended" and is_running(study, who.stem)
    return "running" if running else standing(study, had)


def standing(study: Study, had: Earlier) -> str:
    """Return the state of a session that does not run on this computer."""
    if had.state == "ended":
        return STATES[had.detail]
    if had.state == "cut off":
        return ELSEWHERE if had.elsewhere and not study.simulated else "cut off"
    return "unreadable" if had.state == "unreadable" else "claimed, no record"


def next_code(codes: Iterable[str]) -> str:
    """Return the code that would follow, where all codes are numbers; else nothing."""
    codes = sorted(codes)
    if not codes or not all(code.isdecimal() for code in codes):
        return ""
    last = max(codes, key=int)
    return str(int(last) + 1).zfill(len(last))
