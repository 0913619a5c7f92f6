"""Tables into the dataset, under a lock, each written whole."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import filelock

from experiment import bids, journal
from experiment.allocation.audit import write_audit
from experiment.allocation.claims import log_outside, withdrawn
from experiment.columns import PARTICIPANTS, SESSIONS, Column
from experiment.files import write_whole
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
    with writing(study):
        write_shared(study, [write_own(study, recorded) for recorded in recordings])


@contextmanager
def writing(study: Study) -> Iterator[None]:
    """Hold the tables of a dataset that is there; one that has gone away is not begun anew."""
    (study.dataset / "dataset_description.json").stat()
    lock = filelock.FileLock(study.dataset / ".tables.lock", timeout=LOCK_WAIT_S)
    try:
        lock.acquire()
    except filelock.Timeout as error:
        raise Busy(f"{study.dataset}: another program has been writing tables for {LOCK_WAIT_S} s") from error
    try:
        yield
    finally:
        lock.release()


def write_own(study: Study, recorded: journal.Recorded) -> bids.Tables:
    """Write the tables of one session, and tell the audit of a cell that was drawn out of reach.

    Raises
    ------
    OSError
        When the participant has withdrawn meanwhile: `recover` erases what is left of them here.
    """
    gone = withdrawn(study, str(recorded.header["participant"]))
    if gone:
        raise OSError(gone)
    tables = write_session(study, recorded)
    drawn, segment = recorded.last("cell"), next(recorded.all("segment"), {})
    if drawn is not None and drawn["slot"] == 0:  # no slot speaks of it, so that the audit hears of it here
        facts = {name: segment.get(name) for name in ("wall", "machine", "experimenter")}
        log_outside(study, tables.who, {**facts, "stratum": drawn["stratum"]})
    return tables


def write_session(study: Study, recorded: journal.Recorded) -> bids.Tables:
    """Write the tables that belong to this session alone."""
    tables = bids.derive(recorded)
    writes = [
        partial(write_whole, study.dataset / place, text, durable=not study.simulated)
        for place, text in tables.files.items()
    ]
    _do_all(writes)
    return tables


def publish_shared(study: Study, derived: list[bids.Tables]) -> None:
    """Write the tables of the study for sessions whose own tables are written already."""
    with writing(study):
        write_shared(study, derived)


def publish_audit(study: Study) -> None:
    """Write the audit of the allocation.

    Raises
    ------
    Busy, OSError
        When it cannot be written now; the next session, or `recover`, will write it.
    """
    with writing(study):
        write_audit(study)


def write_shared(study: Study, derived: list[bids.Tables]) -> None:
    """Write the study's own tables, each that can be; what the system refused is raised after that."""
    durable = not study.simulated
    shared = {place: text for tables in derived for place, text in tables.shared.items()}
    texts = {**bids.STUDY_SIDECARS, **shared}
    writes = [partial(_bring_up_to_date, study.dataset / place, text) for place, text in texts.items()]
    by_code: dict[str, list[bids.Tables]] = {}
    for tables in derived:
        by_code.setdefault(tables.who.code, []).append(tables)
    for code, sessions in by_code.items():
        file = study.dataset / f"sub-{code}" / f"sub-{code}_sessions.tsv"
        rows = [tables.session for tables in sessions]
        writes.append(partial(_merge, file, SESSIONS, rows, durable=durable))
        writes.append(
            partial(write_whole, file.with_suffix(".json"), bids.sidecar(SESSIONS), durable=durable)
        )
    people = [tables.participant for tables in derived]
    writes.append(partial(_merge, study.dataset / "participants.tsv", PARTICIPANTS, people, fill=True))
    _do_all([*writes, partial(write_audit, study)])


def _do_all(writes: Iterable[Callable[[], None]]) -> None:
    """Write all that can be written, then raise what the system refused first."""
    refused: list[OSError] = []
    for write in writes:
        try:
            write()
        except OSError as error:
            refused.append(error)
    if refused:
        raise refused[0]


def _bring_up_to_date(file: Path, text: str) -> None:
    if not file.is_file() or file.read_text(encoding="utf-8") != text:
        write_whole(file, text)


def _merge(
    file: Path, columns: tuple[Column, ...], rows: list[bids.Row], *, fill: bool = False, durable: bool = True
) -> None:
    before = file.read_text(encoding="utf-8") if file.is_file() else ""
    write_whole(file, bids.merged(columns, before, rows, fill=fill), durable=durable)
