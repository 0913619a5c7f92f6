"""What is there already of a session: claimed, cut off or ended; whether it can be resumed, and with what."""

from __future__ import annotations

import hashlib
import json
import platform
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from experiment import journal
from experiment.allocation import claim_file, withdrawn
from experiment.definitions import Resolved
from experiment.definitions.errors import shown
from experiment.study import Study, StudyError, Who

ENDED = frozenset(
    {
        "completed",
        "declined",
        "stopped_by_participant",
        "stopped_by_experimenter",
        "ended_after_cut",
        "not_eligible",
    }
)
"""The outcomes after which nothing is left to resume."""


@dataclass(frozen=True, slots=True)
class Earlier:
    """What is there already of a session.

    Attributes
    ----------
    state
        ``claimed`` is a code that was taken and has no record yet, as a crash at the start leaves it.
    detail
        How it ended, or why its record cannot be read.
    recorded
        Its record, where there is one that can be read.
    claimed
        Whether the code is taken for this session.
    elsewhere
        Whether another computer had it last, and may have it still.
    """

    state: Literal["none", "claimed", "cut off", "ended", "unreadable"]
    detail: str = ""
    recorded: journal.Recorded | None = None
    claimed: bool = True
    elsewhere: bool = False


def machine_mark() -> str:
    """Return a mark of this computer that does not tell its name."""
    return hashlib.sha256(platform.node().encode()).hexdigest()[:8]


def find_earlier(study: Study, who: Who) -> Earlier:
    """Return what the claim and the record of a session say, without changing either.

    Where this computer and the dataset each have a record, the longer one is the newer.
    """
    places = (study.local_journal(who), study.journal(who))
    files = [file for file in places if file.is_file()]
    lengths = {file: len(journal.whole_lines(file.read_bytes())) for file in files}
    if not any(lengths.values()):
        return _unrecorded(study, who, torn=bool(files))
    try:
        recorded = journal.read(max(files, key=lambda file: lengths[file]))
    except journal.JournalError as error:
        return Earlier("unreadable", str(error))
    end, segment = recorded.last("end"), recorded.last("segment")
    if recorded.has_ended and end is not None and end["outcome"] in ENDED:
        return Earlier("ended", str(end["outcome"]), recorded)
    elsewhere = not recorded.has_ended and segment is not None and segment["machine"] != machine_mark()
    return Earlier("cut off", recorded=recorded, elsewhere=elsewhere)


def _unrecorded(study: Study, who: Who, *, torn: bool) -> Earlier:
    claim = claim_file(study, who)
    if not claim.is_file():
        return Earlier("claimed" if torn else "none", claimed=False)
    try:
        machine = json.loads(claim.read_text(encoding="utf-8")).get("machine")
    except (OSError, ValueError, AttributeError):
        machine = None  # being written just now, or damaged: nobody knows whose it is
    return Earlier("claimed", elsewhere=machine != machine_mark())


def cell_on_record(study: Study, code: str) -> journal.Event | None:
    """Return how a participant's cell was drawn in any of their sessions, or None.

    It holds for the others too; where it was drawn out of the dataset's reach, no slot speaks of it.
    """
    shared = (study.dataset / "sourcedata" / f"sub-{code}").glob("ses-*/sub-*_journal.jsonl")
    return cell_here(study, code, claimed=True) or _cell_in(sorted(shared))


def cell_here(study: Study, code: str, *, claimed: bool = False) -> journal.Event | None:
    """Return how it was drawn in those that were run on this computer, whether the dataset is there or not.

    Where it is there, a session counts that is claimed in it: another one is of a dataset that was deleted.
    """
    files = sorted(study.spool.glob(f"sub-{code}_ses-*_journal.jsonl"))
    if claimed and (study.dataset / "dataset_description.json").is_file():
        files = [
            file for file in files if claim_file(study, Who(code, file.name.split("_")[1][4:])).is_file()
        ]
    return _cell_in(files)


def _cell_in(files: list[Path]) -> journal.Event | None:
    for file in files:
        with suppress(journal.JournalError):  # another one may say it
            drawn = journal.read(file).last("cell")
            if drawn is not None:
                return drawn
    return None


def take_up(study: Study, who: Who, resolved: Resolved, *, resume: bool, take_over: bool) -> Earlier:
    """Return what is there of a session that can be run as asked: new, begun anew or resumed.

    Raises
    ------
    StudyError
        When it cannot; the message says what can be done instead.
    JournalError
        When its record is damaged.
    """
    gone = withdrawn(study, who.code)
    if gone:
        raise StudyError(gone)
    if resume:
        journal.bring_second(study.local_journal(who), study.second_spool)
        journal.bring_here(study.local_journal(who), study.journal(who))
    found = find_earlier(study, who)
    number = int(who.session)
    if found.state == "none":
        if resume:
            raise StudyError(f"participant '{who.code}' has no session {number} to resume")
        return found
    if not resume:
        raise StudyError(
            f"participant '{who.code}' has a session {number} already; "
            f"--session {number + 1} begins another, --resume goes on with one that was cut off"
        )
    _check_open(found, who)
    if found.recorded is not None:
        problem = begun_otherwise(found.recorded.header, resolved, study)
        if problem:
            raise StudyError(problem)
    if found.elsewhere and not take_over:
        raise StudyError(
            f"session {number} of '{who.code}' was begun on another computer and may be running there; "
            "--take-over confirms that it is not"
        )
    return found


def _check_open(found: Earlier, who: Who) -> None:
    """Refuse to resume what cannot be read or has come to its end."""
    if found.state == "unreadable":
        raise journal.JournalError(found.detail)
    if found.state == "ended":
        session = f"session {int(who.session)} of '{who.code}'"
        raise StudyError(f"{session} has ended ({found.detail}); it cannot be resumed")


def begun_otherwise(header: journal.Event, resolved: Resolved, study: Study) -> str:
    """Say with what a session was begun that is not what it would be resumed with, or nothing."""
    begun = f"session {int(header['session'])} of '{header['participant']}' was begun"
    for word, now in (("protocol", resolved.name), ("language", resolved.language)):
        if header[word] != now:
            return f"{begun} with {word} '{header[word]}', not '{now}'; resume it with '{header[word]}'"
    digest = str(header["definitions"])
    if digest == resolved.digest:
        return ""
    kept = study.dataset / "sourcedata" / "definitions" / digest
    earlier = {
        file.relative_to(kept).as_posix(): file
        for ending in ("toml", "sha256")
        for file in kept.rglob(f"[!.]*.{ending}")
    }
    changed = [
        place
        for place in sorted({*earlier, *resolved.files})
        if place not in earlier or earlier[place].read_text(encoding="utf-8") != resolved.files.get(place)
    ]
    if not earlier:
        way_on = "put the files back as they were to resume it"
    else:
        first = shown(kept / "protocols" / f"{resolved.name}.toml")
        words = ", ".join(place.removesuffix(".sha256") for place in changed)
        way_on = f"{words} changed since; it can be resumed with the files kept then, as {first}"
        way_on += _lacking(kept)
    return f"{begun} with definitions {digest}, not {resolved.digest}; {way_on}"


def _lacking(kept: Path) -> str:
    """Say which photographs the kept files need: a dataset keeps their hashes, never the pictures."""
    pictures = [file.with_suffix("") for file in sorted(kept.glob("photos/[!.]*.sha256"))]
    missing = [picture.name for picture in pictures if not picture.is_file()]
    if not missing:
        return ""
    return f", once {', '.join(missing)} as it was then is put into {shown(kept / 'photos')}"


def set_aside_torn(study: Study, who: Who) -> None:
    """Move local files that break off within their first line, and so hold no event, out of the way."""
    for file in (study.local_journal(who), study.local_private(who)):
        if file.is_file() and not journal.whole_lines(file.read_bytes()):
            file.replace(file.with_name(f".{file.name}.torn"))
