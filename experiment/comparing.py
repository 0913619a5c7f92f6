"""The tables of a session beside what its journal gives, byte for byte: the first place that differs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import zip_longest
from pathlib import Path

from experiment import bids, journal
from experiment.columns import MISSING, PARTICIPANTS, SESSIONS, Column, cell
from experiment.journal import Recorded
from experiment.study import Study


def differing_tables(study: Study, recorded: Recorded) -> Iterator[str]:
    """Yield what differs between the tables of a session and what its journal gives."""
    tables = bids.derive(recorded)
    for place, text in {**tables.files, **tables.shared, **bids.STUDY_SIDECARS}.items():
        yield from _file(study.dataset / place, place, text)
    own = study.dataset / tables.who.folder / "beh"
    for file in sorted(own.glob("[!.]*")) if own.is_dir() else ():
        place = file.relative_to(study.dataset).as_posix()
        if place not in tables.files:
            yield f"{place}: comes from no event of the record"
    code = tables.who.code
    place = f"sub-{code}/sub-{code}_sessions"
    yield from _file(study.dataset / f"{place}.json", f"{place}.json", bids.sidecar(SESSIONS))
    yield from _row(study.dataset, f"{place}.tsv", SESSIONS, tables.session)
    others = _told_elsewhere(study, recorded)
    yield from _row(study.dataset, "participants.tsv", PARTICIPANTS, tables.participant, others)


def _told_elsewhere(study: Study, recorded: Recorded) -> list[bids.Row]:
    """Return what the participant's other sessions say of them: one row is made of all."""
    folder = study.dataset / "sourcedata" / f"sub-{recorded.header['participant']}"
    files = [file for file in folder.glob("ses-*/sub-*_journal.jsonl") if file.name != recorded.path.name]
    return [bids.derive(other).participant for other in journal.load_all(files, lambda _problem: None)]


def _file(file: Path, place: str, expected: str) -> Iterator[str]:
    """Yield how a file differs from what it should be."""
    try:
        found = file.read_bytes().decode()
    except FileNotFoundError:
        yield f"{place}: is missing; 'spot recover' writes it"
        return
    except (OSError, UnicodeDecodeError) as error:
        yield f"{place}: cannot be read ({error})"
        return
    if found == expected:
        return
    lines = zip_longest(found.split("\n"), expected.split("\n"))
    number, (here, there) = next((n, pair) for n, pair in enumerate(lines, start=1) if pair[0] != pair[1])
    yield f"{place}: line {number} {_how(here, there, expected if place.endswith('.tsv') else '')}"


def _how(here: str | None, there: str | None, table: str) -> str:
    """Say how a line differs, by column where it is a row of a table with as many cells."""
    if here is None or there is None:
        return "is missing" if here is None else "should not be there"
    head = table.split("\n", 1)[0].split("\t")
    cells = here.split("\t"), there.split("\t")
    if table and len(cells[0]) == len(cells[1]) == len(head):
        for name, one, other in zip(head, *cells, strict=True):
            if one != other:
                return f"has {name} = {one}, recomputed {other}"
    return f"reads {here.strip()[:80]!r}, recomputed {there.strip()[:80]!r}"


def _row(
    dataset: Path, place: str, columns: tuple[Column, ...], row: bids.Row, others: Iterable[bids.Row] = ()
) -> Iterator[str]:
    """Yield how a row of a table of the study differs.

    `others` have gone into the same row: who is asked their age again may have another by then, and the
    session whose tables were written last is the one that stands. Nothing said by any of them is missing.
    """
    try:
        head, *lines = (dataset / place).read_bytes().decode().split("\n")
    except FileNotFoundError:
        yield f"{place}: is missing; 'spot recover' writes it"
        return
    except (OSError, UnicodeDecodeError) as error:
        yield f"{place}: cannot be read ({error})"
        return
    names = [column.name for column in columns]
    if head.split("\t") != names:
        yield f"{place}: line 1 reads {head[:80]!r}, its columns are {', '.join(names)}"
        return
    expected = [cell(row.get(name)) for name in names]
    number, found = next(
        ((n, line.split("\t")) for n, line in enumerate(lines, 2) if line.split("\t")[0] == expected[0]),
        (0, []),
    )
    if len(found) != len(names):
        yield f"{place}: has no whole line for {expected[0]}; 'spot recover' writes it"
        return
    for name, here, there in zip(names, found, expected, strict=True):
        said = {there, *(cell(other.get(name)) for other in others)}
        allowed = said - {MISSING} or said
        if here not in allowed:
            yield f"{place}: line {number} has {name} = {here}, recomputed {' or '.join(sorted(allowed))}"
