"""Tables into the dataset, under a lock, each written whole; `recover` does the same for what was cut off."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import filelock

from experiment import bids, journal
from experiment.allocation.audit import write_audit
from experiment.allocation.claims import log_outside
from experiment.columns import PARTICIPANTS, SESSIONS, Column
from experiment.earlier import machine_mark
from experiment.files import write_whole
from experiment.running import is_running
from experiment.study import Study

LOCK_WAIT_S = 20


class Busy(Exception):
    """Another program is writing the tables of this dataset."""


def publish(study: Study, recorded: journal.Recorded) -> None:
    """Write the tables of one journal and its rows in the tables of the study.

    Raises
    ------
    Busy, OSError
        When a table cannot be written now; `recover` will write it later.
    """
    publish_all(study, [recorded])


def publish_all(study: Study, recordings: Iterable[journal.Recorded]) -> None:
    """Write the tables of several journals, and those of the study once."""
    (study.dataset / "dataset_description.json").stat()  # a dataset that has gone away is not begun anew
    hidden = study.dataset / ".tables.lock"
    try:
        with filelock.FileLock(hidden, timeout=LOCK_WAIT_S):
            _write(study, [_written(study, recorded) for recorded in recordings])
    except filelock.Timeout as error:
        raise Busy(f"{study.dataset}: another program has been writing tables for {LOCK_WAIT_S} s") from error


def _written(study: Study, recorded: journal.Recorded) -> bids.Tables:
    tables = write_session(study, recorded)
    drawn, segment = recorded.last("cell"), next(recorded.all("segment"), {})
    if drawn is not None and drawn["slot"] == 0:  # no slot speaks of it, so that the audit hears of it here
        facts = {name: segment.get(name) for name in ("wall", "machine", "experimenter")}
        log_outside(study, tables.who, {**facts, "stratum": drawn["stratum"]})
    return tables


def write_session(study: Study, recorded: journal.Recorded) -> bids.Tables:
    """Write the tables that belong to this session alone."""
    tables = bids.derive(recorded)
    for place, text in tables.files.items():
        write_whole(study.dataset / place, text, durable=not study.simulated)
    return tables


def publish_shared(study: Study, derived: list[bids.Tables]) -> None:
    """Write the tables of the study for sessions whose own tables are written already."""
    with filelock.FileLock(study.dataset / ".tables.lock", timeout=LOCK_WAIT_S):
        _write(study, derived)


def publish_audit(study: Study) -> None:
    """Write the audit of the allocation.

    Raises
    ------
    Busy, OSError
        When it cannot be written now; the next session, or `recover`, will write it.
    """
    try:
        with filelock.FileLock(study.dataset / ".tables.lock", timeout=LOCK_WAIT_S):
            write_audit(study)
    except filelock.Timeout as error:
        raise Busy(f"{study.dataset}: another program has been writing tables for {LOCK_WAIT_S} s") from error


def _write(study: Study, derived: list[bids.Tables]) -> None:
    shared = {place: text for tables in derived for place, text in tables.shared.items()}
    for place, text in {**bids.STUDY_SIDECARS, **shared}.items():
        file = study.dataset / place
        if not file.is_file() or file.read_text(encoding="utf-8") != text:
            write_whole(file, text)
    by_code: dict[str, list[bids.Tables]] = {}
    for tables in derived:
        by_code.setdefault(tables.who.code, []).append(tables)
    for code, sessions in by_code.items():
        folder = study.dataset / f"sub-{code}"
        rows = [tables.session for tables in sessions]
        _merge(folder / f"sub-{code}_sessions.tsv", SESSIONS, rows, durable=not study.simulated)
        write_whole(folder / f"sub-{code}_sessions.json", bids.sidecar(SESSIONS), durable=not study.simulated)
    people = [tables.participant for tables in derived]
    _merge(study.dataset / "participants.tsv", PARTICIPANTS, people, fill=True)
    write_audit(study)


def _merge(
    file: Path, columns: tuple[Column, ...], rows: list[bids.Row], *, fill: bool = False, durable: bool = True
) -> None:
    before = file.read_text(encoding="utf-8") if file.is_file() else ""
    write_whole(file, bids.merged(columns, before, rows, fill=fill), durable=durable)


@dataclass(slots=True)
class Recovery:
    """What `recover` found and did, in lines for a person."""

    sessions: int = 0
    unreadable: int = 0
    lines: list[str] = field(default_factory=list)


def recover(study: Study) -> Recovery:
    """Copy what only this computer has, then derive every table again from the journals.

    Nothing of a participant is overwritten but tables, which can be derived at any time.
    """
    done = Recovery()
    _copy_spooled(study, done)
    recordings = []
    for recorded in journal.load_all(study.journals(), done.lines.append):
        recordings.append(recorded)
        if not recorded.has_ended:
            done.lines.append(f"{recorded.path.name}: {_unended(study, recorded)}")
    publish_all(study, recordings)
    done.sessions = len(recordings)
    done.unreadable = len(study.journals()) - len(recordings)
    return done


def _unended(study: Study, recorded: journal.Recorded) -> str:
    """Say why a journal has no end."""
    kept = f"{len(recorded.events)} events are kept"
    if is_running(study, recorded.path.name.removesuffix("_journal.jsonl")):
        return f"is running now; {kept}, and its tables are finished when it ends"
    segment = recorded.last("segment")
    here = segment is None or segment["machine"] in (None, machine_mark())
    return f"was cut off; {kept}" if here else f"was cut off, or runs on another computer; {kept}"


def _copy_spooled(study: Study, done: Recovery) -> None:
    """Bring journals that the dataset lacks, or has only a beginning of, from this computer's spool."""
    for source in sorted(study.spool.glob("*.jsonl")):
        target = _target(study, source)
        local = source.read_bytes()
        shared = target.read_bytes() if target.is_file() else b""
        if shared.startswith(journal.whole_lines(local)):
            continue
        if not local.startswith(journal.whole_lines(shared)):
            done.lines.append(f"{target}: differs from {source}; neither was touched, compare them by hand")
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        temporary = target.with_name(f".{target.name}.tmp")
        shutil.copyfile(source, temporary)
        temporary.replace(target)
        done.lines.append(f"{target.name}: copied from this computer")


def _target(study: Study, source: Path) -> Path:
    if source.name.endswith("_private.jsonl"):
        return study.private / source.name
    subject, session, _ = source.name.split("_", 2)
    return study.dataset / "sourcedata" / subject / session / source.name
