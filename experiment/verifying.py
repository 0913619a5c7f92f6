"""Whether a recorded session is what its definitions, seed and inputs make: the first thing that is not.

In this order: the journal's chain of hashes, the definitions that the dataset keeps, the session gone through
again (`experiment.retracing`), the allocation, and every table, byte for byte.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path

from experiment import definitions, journal
from experiment.allocation.claims import Claim, claims_of, folder_of, held_by
from experiment.allocation.sequence import Sequence
from experiment.comparing import differing_tables
from experiment.definitions.errors import DefinitionError
from experiment.definitions.library import resolve_kept
from experiment.firstlines import header
from experiment.journal import JournalError, Recorded
from experiment.retracing import Difference, retrace
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
            study.check_run_here()
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
    claims: dict[Path, list[Claim]] = {}  # read once a study: there is a file for each participant
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
        if study.dataset not in claims:
            claims[study.dataset] = claims_of(study)
        problem = first_difference(study, recorded, claims[study.dataset])
        if problem:
            done.differences.append(f"{file.name}: {problem}")
        else:
            done.same += 1
            who = Who(recorded.header["participant"], recorded.header["session"])
            tables = len(list((study.dataset / who.folder / "beh").glob("[!.]*")))  # all are as derived
            tell(f"{file.name}: {len(recorded.events)} events and {tables} tables are as recomputed")
        advance()
    return done


def first_difference(study: Study, recorded: Recorded, claims: Iterable[Claim] | None = None) -> str:
    """Return the first thing about a session that is not as recomputed, in words, or nothing.

    `claims` are those of the study, where they were read already.
    """
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
    return _allocation(study, recorded, claims_of(study) if claims is None else claims) or next(
        differing_tables(study, recorded), ""
    )


def _other_numpy(recorded: Recorded, line: int) -> str:
    """Say where a difference may come from another version of numpy, whose draws may differ."""
    segment = next((e for e in reversed(recorded.events[:line]) if e["event"] == "segment"), {})
    then, now = segment.get("packages", {}).get("numpy"), version("numpy")
    return (
        "" if then in (None, now) else f" (recorded with numpy {then}, this is {now}: its draws may differ)"
    )


def _allocation(study: Study, recorded: Recorded, claims: Iterable[Claim]) -> str:
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
    held = held_by(claims, recorded.header["participant"])
    if held is None or (held.slot, held.stratum) != (drawn["slot"], drawn["stratum"]):
        return f"line {drawn['n']}: slot {drawn['slot']} is not claimed for the participant"
    return ""
