"""Whether a recorded session is what its definitions, seed and inputs make: the first thing that is not.

In this order: the journal's chain of hashes, the definitions that the dataset keeps, the session gone through
again (`experiment.retracing`), the allocation, and every table, byte for byte.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from importlib.metadata import version
from itertools import zip_longest
from pathlib import Path

from experiment import bids, definitions, journal
from experiment.allocation.claims import claims_of, folder_of, held_by
from experiment.allocation.sequence import Sequence
from experiment.columns import MISSING, PARTICIPANTS, SESSIONS, Column, cell
from experiment.definitions.errors import DefinitionError
from experiment.definitions.library import resolve_kept
from experiment.journal import JournalError, Recorded
from experiment.retracing import Difference, retrace
from experiment.runner import header
from experiment.study import Study, StudyError, Who, study_at

LEVELS_BELOW = 4
"""A journal lies so far below its dataset: ``sourcedata/sub-001/ses-01/…``."""


@dataclass(slots=True)
class Verification:
    """What `verify` found, in lines for a person."""

    same: int = 0
    differences: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)


def journals_in(places: Iterable[Path]) -> list[Path]:
    """Return the journals that are meant: themselves, or all of a dataset, those included that are gone.

    Raises
    ------
    StudyError
        For a place that is neither.
    """
    found: list[Path] = []
    for place in places:
        if place.is_dir():
            study = study_at(place)
            tabled = [_whose(folder) for folder in sorted(study.dataset.glob("sub-*/ses-*"))]
            own = sorted({*study.journals(), *(study.journal(who) for who in tabled)})
            if not own:
                raise StudyError(f"{place}: has no journals under sourcedata")
            found += own
        elif place.is_file():
            found.append(place)
        else:
            raise StudyError(f"{place}: there is no such journal or dataset")
    return list(dict.fromkeys(found))


def _whose(folder: Path) -> Who:
    """Return whose session has its tables in a folder."""
    return Who(folder.parent.name.removeprefix("sub-"), folder.name.removeprefix("ses-"))


def dataset_of(file: Path) -> Study:
    """Return the study in whose dataset a journal lies.

    Raises
    ------
    StudyError
        Where it lies in none.
    """
    above = file.resolve().parents
    if len(above) < LEVELS_BELOW or above[LEVELS_BELOW - 2].name != "sourcedata":
        raise StudyError(
            f"{file}: lies in no dataset; a journal to be verified or replayed lies under "
            "DATASET/sourcedata/sub-…/ses-…"
        )
    return study_at(above[LEVELS_BELOW - 1])


def kept_definitions(study: Study, recorded: Recorded) -> definitions.Resolved:
    """Return the definitions of a session as its dataset keeps them.

    Raises
    ------
    DefinitionError
        Where they are missing or damaged.
    StudyError
        Where they are not those of the session.
    """
    first = recorded.header
    folder = study.dataset / "sourcedata" / "definitions" / str(first["definitions"])
    if not folder.is_dir():
        raise StudyError(f"{folder}: is missing; the session's definitions were kept there")
    resolved = resolve_kept(folder, first["protocol"], first["language"])
    if resolved.digest != first["definitions"]:
        changed = _changed(resolved, first["resolved"])
        raise StudyError(f"{folder}: {changed} (its files give {resolved.digest})")
    return resolved


def _changed(resolved: definitions.Resolved, recorded: Mapping[str, object]) -> str:
    """Say which of the kept definitions has changed, as far as the journal tells."""
    now = _as_recorded(resolved)["resolved"]
    if isinstance(now, Mapping):
        for kind in ("games", "measures"):
            before, after = recorded.get(kind), now[kind]
            if isinstance(before, Mapping):
                for name in after:
                    if before.get(name) != after[name]:
                        return f"{kind}/{name}.toml was changed after the session"
        if recorded.get("protocol") != now["protocol"]:
            return f"protocols/{resolved.name}.toml was changed after the session"
    return "a file was changed after the session, in its comments, layout or texts"


def _as_recorded(resolved: definitions.Resolved) -> dict[str, object]:
    """Return what the first line of a journal would say of definitions."""
    said = header(resolved, Study(Path(), ""), Who("0", "01"), 0)
    read: dict[str, object] = json.loads(json.dumps(said))
    return read


def verify(files: list[Path], tell: Callable[[str], None], advance: Callable[[], object]) -> Verification:
    """Recompute sessions and compare them with what is on record.

    Parameters
    ----------
    files
        Journals, each in its dataset.
    tell
        Is told one line for each of them.
    advance
        Is called after each.
    """
    done = Verification()
    for file in files:
        if not file.is_file():
            done.differences.append(f"{file.name}: is gone, and the session has tables")
            advance()
            continue
        try:
            recorded, study = journal.read(file), dataset_of(file)
        except (JournalError, StudyError) as error:
            done.refused.append(str(error))
            advance()
            continue
        problem = first_difference(study, recorded)
        if problem:
            done.differences.append(f"{file.name}: {problem}")
        else:
            done.same += 1
            tables = len(bids.derive(recorded).files)
            tell(f"{file.name}: {len(recorded.events)} events and {tables} tables are as recomputed")
        advance()
    return done


def first_difference(study: Study, recorded: Recorded) -> str:
    """Return the first thing about a session that is not as recomputed, in words, or nothing."""
    if recorded.problem:
        return recorded.problem
    try:
        resolved = kept_definitions(study, recorded)
    except (DefinitionError, StudyError) as error:
        return str(error)
    said = _as_recorded(resolved)["resolved"]
    if said != recorded.header["resolved"]:
        return "line 1: the definitions in it are not those that the dataset keeps"
    try:
        retrace(recorded, resolved)
    except Difference as found:
        return f"{found}{_other_numpy(recorded, found.line)}"
    return _allocation(study, recorded) or next(_tables(study, recorded), "")


def _other_numpy(recorded: Recorded, line: int) -> str:
    """Say where a difference may come from another version of numpy, whose draws may differ."""
    segment = next((e for e in reversed(recorded.events[:line]) if e["event"] == "segment"), {})
    then, now = segment.get("packages", {}).get("numpy"), version("numpy")
    return (
        "" if then in (None, now) else f" (recorded with numpy {then}, this is {now}: its draws may differ)"
    )


def _allocation(study: Study, recorded: Recorded) -> str:
    """Say where the cell is not that of the participant's slot, or nothing."""
    drawn = recorded.last("cell")
    stored = folder_of(study) / "sequence.json"
    if drawn is None or not drawn["slot"] or not stored.is_file():
        return ""
    try:
        name, block = Sequence.read(stored).first(drawn["slot"], drawn["stratum"])[-1]
    except StudyError as error:
        return str(error)
    if (drawn["cell"], drawn["block"]) != (name, block):
        return (
            f"line {drawn['n']}: cell is '{drawn['cell']}' (block {drawn['block']}), "
            f"slot {drawn['slot']} of sequence.json has '{name}' (block {block})"
        )
    held = held_by(claims_of(study), recorded.header["participant"])
    if held is None or (held.slot, held.stratum) != (drawn["slot"], drawn["stratum"]):
        return f"line {drawn['n']}: slot {drawn['slot']} is not claimed for the participant"
    return ""


def _tables(study: Study, recorded: Recorded) -> Iterator[str]:
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
