"""Writes ratings collected elsewhere as a dataset, to be scored, tested and reported like any other."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from experiment import bids
from experiment.columns import PARTICIPANTS, RATINGS, SESSIONS, SOFTWARE, VERSION
from experiment.definitions import library
from experiment.definitions.measure import Measure
from experiment.definitions.reading import read, text_of
from experiment.files import write_whole
from experiment.ratings.answers import Reader
from experiment.ratings.errors import RatingsError
from experiment.ratings.mapping import Mapping
from experiment.ratings.persons import Filled, Found, Person
from experiment.ratings.table import Table, read_table
from experiment.study import Study, Who

DIGEST = 16
"""Hexadecimal digits of the name of the definitions' folder, as for sessions."""


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import has made."""

    dataset: Path
    participants: int
    forms: int
    permitted: int
    key: Path | None
    notes: tuple[str, ...]


def import_ratings(table: Path, mapping_file: Path, data: Path) -> Imported:
    """Make a dataset of a table.

    Only the columns that the mapping names are read; neither the table nor any free text is copied. The
    dataset appears whole or not at all.

    Raises
    ------
    RatingsError, DefinitionError
        In one line each: what cannot be used, where, and what is allowed.
    """
    mapping = read(mapping_file, Mapping)
    study = Study(data, mapping.study)
    for folder in (study.dataset, study.private):
        if folder.exists() and any(folder.iterdir()):
            raise RatingsError(f"{folder}: exists already; give the mapping another study, or another --data")
    files = {
        form.measure: library.find("measures", form.measure, _root(mapping_file)) for form in mapping.forms
    }
    measures = {name: read(file, Measure) for name, file in files.items()}
    read_in = read_table(table, mapping)
    found = Reader(read_in, mapping, measures).read()
    texts = {f"measures/{name}.toml": text_of(file) for name, file in sorted(files.items())}
    texts["mapping.toml"] = text_of(mapping_file)
    digest = hashlib.sha256(json.dumps(texts, sort_keys=True).encode()).hexdigest()[:DIGEST]
    everything = dict(_files(found, measures, digest))
    everything |= {f"sourcedata/definitions/{digest}/{place}": text for place, text in texts.items()}
    everything |= _descriptions(mapping, read_in)
    _write(study.dataset, everything)
    key = _write_key(study, found) if found.renumbered else None
    return Imported(
        study.dataset,
        len(found.persons),
        sum(len(person.forms) for person in found.persons),
        sum(person.permission == "granted" for person in found.persons),
        key,
        (f"read as {read_in.read_as}", *found.notes),
    )


def _root(mapping_file: Path) -> Path:
    """Return where measures are: beside the mapping where it lies among definitions, else the lab's."""
    beside = mapping_file.resolve().parent.parent
    return beside if (beside / "measures").is_dir() else library.CONDITIONS


def _files(found: Found, measures: dict[str, Measure], digest: str) -> Iterator[tuple[str, str]]:
    """Yield place and text of every table and sidecar."""
    people = []
    for person in found.persons:
        who = Who(person.code, "01")
        for form in person.forms:
            yield _place(who, person, form), bids.tsv(RATINGS, _rows(form, measures[form.measure]))
        own = f"sub-{person.code}/sub-{person.code}_sessions"
        yield f"{own}.tsv", bids.tsv(SESSIONS, [_session(person, who, digest)])
        yield f"{own}.json", bids.sidecar(SESSIONS)
        people.append({"participant_id": f"sub-{person.code}", "simulated": False, **person.people})
    yield "participants.tsv", bids.merged(PARTICIPANTS, "", people)
    yield from bids.STUDY_SIDECARS.items()
    for name, measure in measures.items():
        task = bids.task_label(name)
        tool = bids.tool(measure.model_dump())
        described = bids.sidecar(RATINGS, TaskName=task, MeasurementToolMetadata=tool)
        yield f"task-{task}_beh.json", described


def _run(person: Person, form: Filled) -> int | None:
    """Return the number of the run that a form followed: conditions count in their order."""
    return None if form.condition is None else person.conditions.index(form.condition) + 1


def _place(who: Who, person: Person, form: Filled) -> str:
    run = _run(person, form)
    entities = f"task-{bids.task_label(form.measure)}_acq-{bids.task_label(form.stage)}"
    entities += "" if run is None else f"_run-{run:02d}"
    return (who.folder / "beh" / f"{who.stem}_{entities}_beh.tsv").as_posix()


def _rows(form: Filled, measure: Measure) -> Iterator[bids.Row]:
    for item in measure.items:
        if item.id in form.values:
            value = form.values[item.id]
            if isinstance(value, float) and value.is_integer():
                value = int(value)
            yield {
                "measure": form.measure, "stage": form.stage, "condition": form.condition, "item": item.id,
                "subscale": item.subscale, "value": value,
            }  # fmt: skip


def _session(person: Person, who: Who, digest: str) -> bids.Row:
    conditions = person.conditions
    return {
        "session_id": f"ses-{who.session}",
        "cell": "-".join(conditions) or None,
        "conditions": ",".join(conditions) or None,
        "permission": person.permission,
        "definitions": digest,
        "simulated": False,
    }


def _descriptions(mapping: Mapping, table: Table) -> dict[str, str]:
    content = hashlib.sha256(table.file.read_bytes()).hexdigest()
    description = {
        "Name": mapping.title,
        "BIDSVersion": "1.10.0",
        "DatasetType": "raw",
        "Simulated": False,
        "GeneratedBy": [
            {
                "Name": SOFTWARE,
                "Version": VERSION,
                "Description": f"Imported by 'spot import-ratings' from a table (SHA-256 {content[:16]})",
            }
        ],
    }
    readme = (
        f"# {mapping.title}\n\nRatings that were collected elsewhere and imported from a table.\n\n"
        "Only what the mapping under `sourcedata/definitions/` names was taken over. There is no record of\n"
        "the sessions, so nothing is known of games, times or how sessions ended.\n"
    )
    return {
        "dataset_description.json": json.dumps(description, indent=2, ensure_ascii=False) + "\n",
        "README.md": readme,
    }


def _write(dataset: Path, files: dict[str, str]) -> None:
    """Write a dataset beside its place, then move it there."""
    try:
        dataset.parent.mkdir(parents=True, exist_ok=True)
        building = Path(tempfile.mkdtemp(prefix=f".{dataset.name}.", dir=dataset.parent))
        try:
            whole = building / dataset.name
            for place, text in files.items():
                write_whole(whole / place, text, durable=False)
            if dataset.is_dir():
                dataset.rmdir()
            whole.rename(dataset)
        finally:
            shutil.rmtree(building, ignore_errors=True)
    except OSError as error:
        raise RatingsError(
            f"{error.filename or dataset}: cannot be written ({error.strerror or error})"
        ) from error


def _write_key(study: Study, found: Found) -> Path:
    """Write which code belongs to whom of the table, with the private files."""
    lines = ["participant_id\tin_table"]
    lines += [f"sub-{person.code}\t{person.label}" for person in found.persons]
    file = study.private / "codes.tsv"
    try:
        write_whole(file, "\n".join(lines) + "\n")
    except OSError as error:
        raise RatingsError(f"{file}: cannot be written ({error.strerror or error})") from error
    return file
