"""What `spot recover` does: brings what only this computer has, and derives every table again.

One damaged record, and one file that cannot be written now, keep nobody else's tables from being written.
"""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from experiment import bids, journal
from experiment.allocation.claims import withdrawn_codes
from experiment.earlier import machine_mark
from experiment.files import write_whole
from experiment.publish import write_own, write_shared, writing
from experiment.running import is_running
from experiment.study import Study
from experiment.withdrawing import erase_withdrawn

_RECORD = re.compile(r"(sub-[A-Za-z0-9]+)_(ses-\d\d)_(journal|private)\.jsonl")


@dataclass(slots=True)
class Recovery:
    """What `recover` found and did, in lines for a person.

    Counted are the sessions with a record that can be read, those without one, those whose record is damaged
    or there in two versions, what the system refused to write, and what is left of those who have withdrawn.
    """

    sessions: int = 0
    unreadable: int = 0
    damaged: int = 0
    refused: int = 0
    left: int = 0
    lines: list[str] = field(default_factory=list)

    @property
    def partly(self) -> bool:
        """Return whether something is left that a person must look at."""
        return bool(self.unreadable or self.damaged or self.refused or self.left)


def recover(study: Study) -> Recovery:
    """Copy what only this computer has, then derive every table again from the journals.

    Nothing of a participant is overwritten but tables, which can be derived at any time. What is left of
    those who have withdrawn is erased first, and never brought.

    Raises
    ------
    Busy, OSError
        When another program writes tables all the time, or the dataset is not there.
    """
    erased = erase_withdrawn(study)
    done = Recovery(left=erased.left, lines=erased.lines)
    gone = tuple(f"sub-{code}_" for code in withdrawn_codes(study))
    _bring_spooled(study, done, gone)
    journals = [path for path in study.journals() if not path.name.startswith(gone)]
    read = [recorded for path in journals if (recorded := _read(study, path, done))]
    with writing(study):
        _clear_broken_off(study)
        derived = [tables for recorded in read if (tables := _derived(study, recorded, done))]
        try:
            write_shared(study, derived)
        except OSError as error:
            _refuse(done, error, study.dataset)
    done.sessions = len(read)
    return done


def _refuse(done: Recovery, error: OSError, place: Path) -> None:
    done.refused += 1
    reason = error.strerror or type(error).__name__
    done.lines.append(f"{error.filename2 or error.filename or place}: {reason}; run 'spot recover' again")


def _read(study: Study, path: Path, done: Recovery) -> journal.Recorded | None:
    """Return the record of which a session's tables are made, and say what is the matter with it."""
    here = _whole_here(study, path)
    try:
        recorded = journal.read(path)
    except journal.JournalError as error:
        if here is None:
            done.unreadable += 1
            done.lines.append(str(error))
            return None
        recorded, problem = here, str(error)
    else:
        problem = f"{path}: {recorded.problem}" if recorded.problem else ""
        if recorded.problem and not recorded.torn and here is not None:
            recorded = here
    if recorded is here:
        done.damaged += 1
        done.lines.append(f"{problem}; the tables are made of the whole record in {here.path}")
    elif problem:
        done.damaged += not recorded.torn
        done.lines.append(f"{problem}; {len(recorded.events)} events before it are kept")
    if not recorded.has_ended and (recorded.torn or not recorded.problem):
        done.lines.append(f"{path.name}: {_unended(study, recorded)}")
    return recorded


def _whole_here(study: Study, path: Path) -> journal.Recorded | None:
    """Return this computer's record of the same session, where it is whole.

    The same it is where a line is in both: a line's hash is of all lines before it. A session of this name in
    a dataset that was deleted has none.
    """
    here = _whole(study.spool / path.name)
    if here is None or not path.is_file():
        return None
    with suppress(OSError):
        lines = set(path.read_bytes().splitlines())
        return here if lines.intersection(here.path.read_bytes().splitlines()) else None
    return None


def _whole(path: Path) -> journal.Recorded | None:
    """Return a record that is there and whole, or None."""
    with suppress(journal.JournalError):
        recorded = journal.read(path)
        return None if recorded.problem else recorded
    return None


def _derived(study: Study, recorded: journal.Recorded, done: Recovery) -> bids.Tables | None:
    """Write the tables of one session; None where there is nothing to say of it in the study's own tables.

    Tables that were made before their record was damaged say more than what is left of it: they stay.
    """
    name = recorded.path.name
    beh = study.dataset / Path(*name.split("_")[:2]) / "beh"
    if recorded.problem and not recorded.torn and any(beh.glob("*.tsv")):
        done.lines.append(f"{name}: its tables are left as they were before it was damaged")
        return None
    try:
        return write_own(study, recorded)
    except OSError as error:
        _refuse(done, error, beh)
        return bids.derive(recorded)
    except Exception as fault:  # noqa: BLE001 - one record that makes no sense keeps nobody else's tables back
        done.damaged += 1
        done.lines.append(f"{recorded.path}: no tables can be made of it ({type(fault).__name__}: {fault})")
        return None


def _unended(study: Study, recorded: journal.Recorded) -> str:
    """Say why a journal has no end."""
    kept = f"{len(recorded.events)} events are kept"
    if is_running(study, recorded.path.name.removesuffix("_journal.jsonl")):
        return f"is running now; {kept}, and its tables are finished when it ends"
    segment = recorded.last("segment")
    here = segment is None or segment["machine"] in (None, machine_mark())
    return f"was cut off; {kept}" if here else f"was cut off, or runs on another computer; {kept}"


def _bring_spooled(study: Study, done: Recovery, gone: tuple[str, ...]) -> None:
    """Bring records that the dataset lacks, or has only a beginning of, from this computer.

    Those whose names begin as `gone` says stay: their participants have withdrawn.

    A session that runs now is still writing to both of its places here: they are read, and left as they are.
    """
    for name in {file.name for file in study.second_spool.glob("*.jsonl")}:
        if name.startswith(gone) or is_running(study, name.rpartition("_")[0]):
            continue
        with suppress(OSError, journal.JournalError):  # no room yet: it is brought from where it is
            journal.bring_second(study.spool / name, study.second_spool)
    for source in [*sorted(study.spool.glob("*.jsonl")), *sorted(study.second_spool.glob("*.jsonl"))]:
        if source.name.startswith(gone):
            continue
        try:
            _bring(study, source, done)
        except OSError as error:
            _refuse(done, error, source)


def _bring(study: Study, source: Path, done: Recovery) -> None:
    found = _RECORD.fullmatch(source.name)
    if found is None:
        done.lines.append(f"{source}: is no record of a session; it was left where it is")
        return
    private = found[3] == "private"
    folder = study.private if private else study.dataset / "sourcedata" / found[1] / found[2]
    target = folder / source.name
    local = source.read_bytes()
    shared = target.read_bytes() if target.exists() else b""
    if shared.startswith(journal.whole_lines(local)):
        return
    if not local.startswith(journal.whole_lines(shared)):
        done.damaged += 1
        whole = [str(path) for path in (source, target) if _whole(path)]
        is_whole = f"{whole[0]} is whole" if len(whole) == 1 else "compare them by hand"
        done.lines.append(f"{target}: differs from {source}; neither was touched, {is_whole}")
        return
    write_whole(target, local)
    done.lines.append(f"{target.name}: copied from this computer")


def _clear_broken_off(study: Study) -> None:
    """Remove what programs left that died while they wrote tables; called while nobody else writes any."""
    for pattern in ("sub-*/**/.*.tmp", ".participants.tsv.*.tmp"):
        for file in list(study.dataset.glob(pattern)):
            with suppress(OSError):
                file.unlink()
