"""A copy of a dataset that may be shared: only what was permitted, and of that only what tells of nobody.

The copy is made in a hidden folder beside its place, read again and compared with the dataset value by value,
put before the BIDS validator where that is installed, and only then given its name.
"""

from __future__ import annotations

import secrets
import shutil
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from analysis.dataset import Dataset, load
from analysis.errors import AnalysisError
from experiment.allocation.claims import withdrawn_codes
from experiment.columns import MISSING
from experiment.copying import ASKED, Copy
from experiment.files import create_exclusively
from experiment.recheck import compare, look_for_traces, validate
from experiment.shareable import WITHHELD, Table
from experiment.study import Study, StudyError

OLD_AGE = 90
"""From this age on people are few: HIPAA (45 CFR 164.514) counts it among what identifies them."""


@dataclass(frozen=True, slots=True)
class Shared:
    """What was copied and checked, in lines for a person; `skipped` are sessions and files left out."""

    lines: tuple[str, ...]
    skipped: tuple[str, ...]


def share(study: Study, out: Path, *, renumber: bool = False) -> Shared:
    """Write a copy of what may be shared.

    Raises
    ------
    StudyError
        When the place of the copy is taken or within the dataset, or there is nothing to share.
    SharingError
        When the copy does not stand the checks; nothing is left of it.
    """
    place = _free_place(study, out)
    data = _loaded(study)
    copy = Copy(study, data, _codes(study, data, renumber=renumber))
    with _unfinished(place) as folder:
        copy.write(folder)
        compare(data, folder, copy.codes, copy.tables)
        look_for_traces(folder, study, _labels(study, data) - set(copy.codes.values()))
        checked = validate(folder)
        kept = _keep_codes(study, place, copy.codes) if renumber else None
        try:
            folder.rename(place)
        except OSError:
            if kept is not None:
                kept.unlink(missing_ok=True)
            raise
    return Shared(tuple(_told(copy, out, checked, kept)), tuple(copy.skipped))


def _free_place(study: Study, out: Path) -> Path:
    place = out.absolute()
    if place.exists() or place.is_symlink():
        raise StudyError(f"{out}: exists already; give a copy a folder of its own")
    for taken in (study.dataset, study.data / "private"):
        if place.resolve().is_relative_to(taken.resolve()):
            raise StudyError(f"{out}: lies within {taken}; a copy is kept apart from what it is of")
    return place


def _loaded(study: Study) -> Dataset:
    try:
        return load(study.dataset)
    except AnalysisError as error:
        raise StudyError(str(error)) from error


@contextmanager
def _unfinished(out: Path) -> Iterator[Path]:
    """Make a hidden folder beside the copy's place; whatever is left of it in the end is removed."""
    folder = out.with_name(f".{out.name}.unfinished")
    if folder.exists():  # a program died over it
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _codes(study: Study, data: Dataset, *, renumber: bool) -> dict[str, str]:
    """Return the label in the copy of everybody with a session that may be shared.

    A new code begins with a letter with which none of the old ones does, so that it is never anybody's.
    """
    granted = data.sessions[data.sessions["permission"] == "granted"]
    labels = sorted(set(granted["participant_id"]) - {f"sub-{code}" for code in withdrawn_codes(study)})
    if not labels:
        raise StudyError(f"{study.dataset}: nobody has given permission; there is nothing to share")
    if not renumber:
        return {label: label for label in labels}
    begun = {label[4:5].casefold() for label in _labels(study, data)}
    letter = next((each for each in "PQRSTUVWXYZABCDEFGHIJKLMNO" if each.casefold() not in begun), None)
    if letter is None:
        raise StudyError(f"{study.dataset}: its codes begin with every letter; new ones would be like them")
    secrets.SystemRandom().shuffle(labels)
    width = max(3, len(str(len(labels))))
    return {label: f"sub-{letter}{number:0{width}d}" for number, label in enumerate(labels, start=1)}


def _labels(study: Study, data: Dataset) -> set[str]:
    """Return the label of everybody of whom a dataset has anything."""
    found = {*data.sessions["participant_id"], *data.participants["participant_id"]}
    folders = (study.dataset, study.dataset / "sourcedata")
    found |= {each.name for folder in folders for each in folder.glob("sub-*") if each.is_dir()}
    return found | {f"sub-{code}" for code in withdrawn_codes(study)}


def _keep_codes(study: Study, out: Path, codes: dict[str, str]) -> Path:
    """Keep with the private files which code is whose, in a file of its own."""
    rows = "".join(f"{old}\t{new}\n" for old, new in sorted(codes.items()))
    number = 1
    while True:
        again = f"-{number}" if number > 1 else ""
        file = study.private / f"shared-codes_{out.name}{again}.tsv"
        if create_exclusively(file, f"participant_id\tshared_id\n{rows}"):
            return file
        number += 1


def _told(copy: Copy, out: Path, checked: str, kept: Path | None) -> Iterator[str]:
    """Yield what was copied, what was not, and how it was checked."""
    answers = Counter(copy.data.sessions["permission"])
    without = [f"{answers[each]} {each}" for each in ("refused", "unanswered") if answers[each]]
    withheld = [name for table in WITHHELD.values() for name in table]
    yield (
        f"{len(copy.codes)} participants, {len(copy.sessions)} sessions, {copy.tables} tables copied to {out}"
    )
    yield f"sessions without permission, left out: {', '.join(without) or 'none'}"
    yield f"withheld: {', '.join(withheld)}; free texts, records, allocation, computers"
    yield f"checked: read again, every value is the dataset's; {checked}"
    if copy.unknown:
        yield f"not copied, as no table of this program has them: {', '.join(sorted(copy.unknown)[:5])}"
    if kept is not None:
        yield f"which code is whose: {kept} (keep it to yourself)"
    yield from _recognisable(copy.people)


def _recognisable(people: Table) -> Iterator[str]:
    """Count those whom their answers about themselves set apart."""
    alike = Counter(tuple(row[name] for name in ASKED) for row in people)
    alone = sum(count == 1 for count in alike.values())
    if alone:
        yield (
            f"{alone} of {len(people)} participants are alone in their age, gender and handedness: "
            "consider whether somebody could know them"
        )
    old = sum(row["age"] != MISSING and float(row["age"]) >= OLD_AGE for row in people)
    if old:
        yield f"{old} of {len(people)} participants are {OLD_AGE} or older; ages are copied as answered"
