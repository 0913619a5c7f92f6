"""Who is done, running, cut off or next; without a cell, unless somebody unblinds, which is recorded.

Nothing that is shown lets a cell be told: not how long a session took, nor the blocks.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass

from experiment import bids
from experiment.allocation.claims import (
    Claim,
    Place,
    claims_of,
    folder_of,
    log_unblinding,
    replace_holder,
    withdrawn,
    withdrawn_codes,
)
from experiment.allocation.sequence import Sequence as Cells
from experiment.attendance import ELSEWHERE, WITHDRAWN, Entry, entries, known_sessions, next_code, standing
from experiment.columns import MISSING
from experiment.earlier import find_earlier
from experiment.publish import Busy, publish_audit
from experiment.running import alone
from experiment.signing import signature
from experiment.study import Study, StudyError, Who, check_code

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Wish:
    """What is wanted besides the roster: the cells, or that a dropout is replaced; by whom and why."""

    unblind: bool = False
    replace: str = ""
    by: str = ""
    reason: str = ""


def show(study: Study, say: Say) -> list[Entry]:
    """Say who is done, running, cut off or next; return the sessions."""
    study.check_run_here()
    claims = claims_of(study)
    found = entries(study, claims)
    rows = [(e.who.code, str(int(e.who.session)), e.state, e.begun, e.permission, e.computer) for e in found]
    _say_table(("code", "session", "state", "begun", "permission", "computer"), rows, say)
    _say_counts(found, claims, say)
    _say_next({entry.who.code for entry in found} | set(withdrawn_codes(study)), say)
    return found


def _say_counts(found: list[Entry], claims: list[Claim], say: Say) -> None:
    people = {entry.who.code for entry in found}
    states = Counter(entry.state for entry in found)
    each = ", ".join(f"{count} {state}" for state, count in states.most_common())
    one = "participant" if len(people) == 1 else "participants"
    some = "session" if len(found) == 1 else "sessions"
    say(f"\n{len(people)} {one}, {len(found)} {some}{f': {each}' if each else ''}")
    if ELSEWHERE in states:
        say(f"{ELSEWHERE} was begun on another computer, and may be running there")
    for entry in found:
        if entry.problem:
            say(f"unreadable: {entry.problem}")
    running = [f"{e.who.code} (session {int(e.who.session)})" for e in found if e.state == "running"]
    if running:
        say(f"running on this computer: {', '.join(running)}")
    places = [claim.place for claim in claims if claim.kind == "slot" and claim.place]
    first = Counter(place.stratum for place in places if place.turn == 0)
    strata = ", ".join(f"{count} {stratum}" for stratum, count in sorted(first.items()) if stratum)
    say(f"slots drawn: {first.total()}{f' ({strata})' if strata else ''}")
    replaced = [claim for claim in claims if claim.kind == "replaced"]
    if replaced:
        waiting = sum(claim.place not in places for claim in replaced)
        say(f"replaced: {', '.join(claim.code for claim in replaced)}; {waiting} not refilled yet")


def _say_next(taken: set[str], say: Say) -> None:
    """Say which code follows; that of somebody who has withdrawn is not used again."""
    following = next_code(taken)
    if following:
        say(f"next: {following}")


def unblind(study: Study, by: str, reason: str, say: Say) -> list[Entry]:
    """Record that somebody looks at the cells, then say everybody's cell and how many each cell has."""
    sequence = _sequence(study)
    log_unblinding(study, _signed(study, by, reason))
    claims = claims_of(study)
    found = entries(study, claims)
    cells = _cells(found, claims, sequence)
    rows = []
    for entry in found:
        stratum, cell = cells.get(entry.who.code, ("", ""))
        took = bids.derive(entry.recorded).session["duration"] if entry.recorded else None
        duration = f"{float(str(took)) / 60:.1f}" if took is not None else ""
        number = str(int(entry.who.session))
        rows.append((entry.who.code, number, entry.state, entry.begun, duration, stratum, cell))
    _say_table(("code", "session", "state", "begun", "minutes", "stratum", "cell"), rows, say)
    say("")
    _say_cells(found, cells, sequence, say)
    return found


def _cells(found: list[Entry], claims: list[Claim], sequence: Cells) -> dict[str, tuple[str, str]]:
    """Return stratum and cell of everybody who has one: as recorded, else as their slot has it."""
    cells = {}
    for claim in claims:
        if claim.kind == "slot" and claim.place and claim.code:
            name, _ = sequence.first(claim.place.slot, claim.place.stratum)[-1]
            cells[claim.code] = claim.place.stratum, name
    for entry in found:
        drawn = entry.recorded.last("cell") if entry.recorded else None
        if drawn:
            cells[entry.who.code] = drawn["stratum"], drawn["cell"]
    return cells


def _say_cells(found: list[Entry], cells: dict[str, tuple[str, str]], sequence: Cells, say: Say) -> None:
    """Say how many people each cell was drawn for, and how many of them completed every session on record."""
    unfinished = {entry.who.code for entry in found if entry.state != "done"}
    done = {entry.who.code for entry in found} - unfinished
    drawn_of = Counter(cells.values())
    done_of = Counter(where for code, where in cells.items() if code in done)
    rows = [
        (stratum, name, str(drawn_of[stratum, name]), str(done_of[stratum, name]))
        for stratum in sorted({stratum for stratum, _ in cells.values()})
        for name in sequence.cells
    ]
    _say_table(("stratum", "cell", "drawn", "done"), rows, say)


def replace(study: Study, code: str, by: str, reason: str) -> Place:
    """Decide that a dropout is replaced: the next new participant of their stratum is given their slot.

    Raises
    ------
    StudyError
        When they are no dropout, or may still be at it.
    """
    own = [who for who in known_sessions(study, claims_of(study)) if who.code == code]
    if not own:
        raise StudyError(f"participant '{code}' is not known in {study.dataset}")
    with ExitStack() as stack:
        for who in own:
            stack.enter_context(alone(study, who))  # nobody goes on with it while this is decided
        states = [_settled(study, who) for who in own]
        if states[-1] == "done":
            raise StudyError(f"participant '{code}' has completed; only a dropout is replaced")
        return replace_holder(study, code, _signed(study, by, reason))


def _settled(study: Study, who: Who) -> str:
    """Return the state of a session, or refuse one that nobody can be sure is over."""
    if withdrawn(study, who.code):
        return WITHDRAWN
    had = find_earlier(study, who)
    if had.state == "unreadable":
        raise StudyError(f"{had.detail}; nobody can tell whether '{who.code}' completed")
    if had.elsewhere and not study.simulated:
        raise StudyError(
            f"session {int(who.session)} of '{who.code}' was begun on another computer and may be running "
            "there; decide on that computer, or first take the session over here (--resume --take-over)"
        )
    return standing(study, had)


def check_wish(wish: Wish) -> None:
    """Refuse a wish that lacks what must be on record, or says what nothing asks for.

    Raises
    ------
    StudyError
        In one line.
    """
    if wish.replace and wish.unblind:
        raise StudyError("--replace and --unblind are given together; do one after the other")
    if wish.replace and not (wish.reason.strip() and wish.by):
        raise StudyError('--replace CODE needs --reason "..." and --by EXPERIMENTER: both go on record')
    if wish.unblind and not wish.by:
        raise StudyError("--unblind needs --by EXPERIMENTER: who looks at the cells goes on record")
    if (wish.by or wish.reason) and not (wish.replace or wish.unblind):
        raise StudyError("--by and --reason go with --replace or --unblind")
    if wish.by:
        check_code(wish.by, "experimenter code")


def roster(study: Study, wish: Wish, say: Say, complain: Say) -> bool:
    """Do what is wished; return whether all could be read and written.

    Raises
    ------
    StudyError
        When the wish cannot be met.
    """
    check_wish(wish)
    if wish.replace:
        place = replace(study, wish.replace, wish.by, wish.reason.strip())
        within = f" of stratum {place.stratum}" if place.stratum else ""
        say(f"slot {place.slot}{within} goes to the next new participant in place of {wish.replace}")
        whole = True
    else:
        found = unblind(study, wish.by, wish.reason.strip(), say) if wish.unblind else show(study, say)
        whole = all(entry.state != "unreadable" for entry in found)
    try:
        publish_audit(study)
    except (Busy, OSError) as error:
        complain(f"the audit waits for 'spot recover {study.dataset}' ({error})")
        return False
    return whole


def _signed(study: Study, by: str, reason: str) -> dict[str, object]:
    who = {"experimenter": by} if study.simulated else signature(by)
    return {**who, "reason": reason or None, "sequence": _sequence(study).fingerprint}


def _sequence(study: Study) -> Cells:
    file = folder_of(study) / "sequence.json"
    if not file.is_file():
        raise StudyError(f"{study.dataset}: nobody has been allocated yet")
    return Cells.read(file)


def _say_table(head: Sequence[str], rows: Sequence[Sequence[str]], say: Say) -> None:
    """Say a table, aligned, without the columns that are empty throughout."""
    kept = [i for i in range(len(head)) if not rows or any(row[i] for row in rows)]
    table = [[line[i] or MISSING for i in kept] for line in (head, *rows)]
    widths = [max(len(line[i]) for line in table) for i in range(len(kept))]
    for line in table:
        say("  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip())
