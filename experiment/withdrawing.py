"""A participant withdraws: all of theirs is erased, and a tombstone keeps it from coming back.

The tombstone, a file of the allocation with the code and no data, is written first. From then on nothing of
the participant is copied, derived or begun, on any computer; what is there is erased by this or, where it
was broken off and on every other computer, by the next `recover`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from analysis import cache
from experiment.allocation.audit import write_audit
from experiment.allocation.claims import claim_file, folder_of, tombstone, withdrawn, withdrawn_codes
from experiment.erasing import (
    Erased,
    count,
    elsewhere_here,
    erase,
    erase_derived,
    erase_rows,
    history_of,
    lock_files,
    mentions,
    own_places,
    unlink,
)
from experiment.files import create_exclusively
from experiment.publish import writing
from experiment.running import alone, is_running
from experiment.signing import signature
from experiment.study import Study, StudyError, Who, check_code

SHARED_CODES = "shared-codes_*.tsv"
"""What keeps, with the private files, under which code a participant stands in a copy that was shared."""


def known_files(study: Study, code: str) -> int:
    """Return how many files there are of a participant that can be withdrawn, or was.

    Raises
    ------
    StudyError
        When nothing here or in the dataset is theirs.
    """
    check_code(code)
    found = count(own_places(study, code))
    if not (found or _sessions(study, code) or withdrawn(study, code) or _listed(study, code)):
        raise StudyError(f"participant '{code}' is not known in {study.dataset}")
    return found


def _listed(study: Study, code: str) -> bool:
    table = study.dataset / "participants.tsv"
    return table.is_file() and f"\nsub-{code}\t" in table.read_text(encoding="utf-8", errors="replace")


def _sessions(study: Study, code: str) -> list[Who]:
    """Return the sessions of a participant that were claimed or recorded, by the names of files alone."""
    claims = folder_of(study).glob(f"{claim_file(study, Who(code, '*')).name}")
    found = {file.stem.partition("_ses-")[2] for file in claims}
    for folder in (study.dataset / f"sub-{code}", study.dataset / "sourcedata" / f"sub-{code}"):
        found |= {each.name.removeprefix("ses-") for each in folder.glob("ses-*")}
    for spool in (study.spool, study.second_spool):
        found |= {file.name.split("_")[1].removeprefix("ses-") for file in spool.glob(f"sub-{code}_ses-*_*")}
    return [Who(code, session) for session in sorted(found)]


def withdraw(study: Study, code: str, by: str = "", reason: str = "") -> Erased:
    """Erase all that there is of a participant here and in the dataset, and leave a tombstone.

    Whatever stopped it half-way, doing it again brings it to its end.

    Raises
    ------
    StudyError
        When the participant is not known, or a session of theirs is running on this computer.
    Busy
        When another program writes tables all the time; the tombstone stands by then.
    """
    known_files(study, code)
    done = Erased()
    with _held(study, code):
        bury(study, code, by, reason)
        with writing(study):
            _erase_all(study, code, done, derived_anyway=True)
            write_audit(study)
    _say_what_is_left(study, code, done)
    return done


def bury(study: Study, code: str, by: str = "", reason: str = "") -> None:
    """Write the tombstone; one that stands already stays as it is."""
    who = {"experimenter": by or None} if study.simulated else signature(by)
    create_exclusively(
        tombstone(study, code), json.dumps({"code": code, **who, "reason": reason or None}) + "\n"
    )


@contextmanager
def _held(study: Study, code: str) -> Iterator[None]:
    """Hold every session of a participant, so that none goes on here; the locks go with the rest."""
    try:
        with ExitStack() as stack:
            for who in _sessions(study, code):
                stack.enter_context(alone(study, who))
            yield
    finally:
        for lock in lock_files(study, code) if withdrawn(study, code) else ():
            with suppress(OSError):  # another program asks just now whether a session runs
                unlink(lock)
        with suppress(OSError):  # others' records are in it
            study.spool.rmdir()


def erase_withdrawn(study: Study) -> Erased:
    """Erase what this computer or the dataset has of those who have withdrawn; told is whose it was.

    A session that runs on this computer is left to its end.
    """
    done = Erased()
    codes = withdrawn_codes(study)
    if not codes:
        return done
    with writing(study):
        for code in codes:
            if any(is_running(study, who.stem) for who in _sessions(study, code)):
                done.leave(
                    f"'{code}' was withdrawn, and a session of theirs is running here; recover after it"
                )
                continue
            before = done.files
            _erase_all(study, code, done, derived_anyway=False)
            for lock in lock_files(study, code):
                with suppress(OSError):
                    unlink(lock)
            files = done.files - before
            if files:
                done.lines.append(f"'{code}' was withdrawn: {files} file{'' if files == 1 else 's'} erased")
    return done


def _erase_all(study: Study, code: str, done: Erased, *, derived_anyway: bool) -> None:
    """Erase what is there of a participant; called while nobody else writes tables."""
    for place in own_places(study, code):
        erase(place, done)
    tables = [study.dataset / "participants.tsv", *sorted(study.private.glob(SHARED_CODES))]
    for table in tables:
        try:
            rows = erase_rows(table, code)
        except OSError as error:
            done.refuse(table, error)
            continue
        if table.parent == study.private:
            for row in rows:
                done.leave(_said_of_copy(table, row))
    for broken_off in study.dataset.glob(".participants.tsv.*.tmp"):
        erase(broken_off, done)
    derived = study.dataset / "derivatives" / "spot"
    if erase_derived(derived, code, done, whether_named=not derived_anyway):
        done.lines.append(
            f"{derived}: erased, as it was made with their data; 'spot summarize' makes it anew"
        )
    _clear_sidecars(study, done)
    cache.forget(study.dataset)


def shared_as(study: Study, code: str) -> list[str]:
    """Say under which code a participant stands in copies that were renumbered."""
    return [
        _said_of_copy(table, row)
        for table in sorted(study.private.glob(SHARED_CODES))
        for row in table.read_text(encoding="utf-8").splitlines()
        if row.split("\t")[0] == f"sub-{code}"
    ]


def _said_of_copy(table: Path, row: str) -> str:
    copy = table.stem.removeprefix("shared-codes_")
    return f"in the shared copy '{copy}' they are {row.partition(chr(9))[2]}; it cannot be erased from here"


def _clear_sidecars(study: Study, done: Erased) -> None:
    """Erase descriptions of tables of which none is left: BIDS calls them a mistake."""
    for sidecar in sorted(study.dataset.glob("task-*_*.json")):
        task, _, suffix = sidecar.stem.rpartition("_")
        described = study.dataset.glob(f"sub-*/**/sub-*_{task}_*{suffix}.*")
        if suffix in ("events", "beh") and next(described, None) is None:
            erase(sidecar, done)


def _say_what_is_left(study: Study, code: str, done: Erased) -> None:
    """Name what names the participant and is nobody's of this program to erase."""
    for file in mentions(study.dataset, code):
        done.leave(f"{file}: names sub-{code}; look whether it may stay")
    for file in elsewhere_here(study, code):
        done.leave(f"{file}: is of another dataset of this name, or of this one before it was moved")
    for place in history_of(study):
        done.leave(f"{place}: keeps earlier versions of files; what was committed is still in it")
