"""The definitions that a dataset was run with, read from the dataset itself."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from analysis.errors import AnalysisError
from analysis.tables import Skipped
from experiment.definitions.errors import DefinitionError
from experiment.definitions.measure import Measure
from experiment.definitions.protocol import Protocol
from experiment.definitions.reading import Definition, read

FOLDER = "sourcedata/definitions"

M = TypeVar("M", bound=Definition)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Measures by name, the conditions in the order of the designs, and what could not be read."""

    measures: dict[str, Measure]
    conditions: tuple[str, ...]
    skipped: list[Skipped]


def snapshot(root: Path, digests: Iterable[str]) -> Snapshot:
    """Return the definitions that the sessions of a dataset name by their digests.

    Raises
    ------
    AnalysisError
        Where two digests give a measure of one name in two forms: their scores do not belong together.
    """
    found = Snapshot({}, (), [])
    conditions: dict[str, None] = {}
    for digest in sorted(set(digests)):
        folder = root / FOLDER / digest
        if not folder.is_dir():
            found.skipped.append(
                Skipped(f"{FOLDER}/{digest}", "is missing, and with it what its sessions asked")
            )
            continue
        for name, measure in _all(root, folder / "measures", Measure, found.skipped):
            if found.measures.setdefault(name, measure) != measure:
                raise AnalysisError(
                    f"{root / FOLDER}: measure '{name}' has two forms in this dataset; "
                    "sessions run with different forms cannot be scored together"
                )
        for _, protocol in _all(root, folder / "protocols", Protocol, found.skipped):
            conditions.update(dict.fromkeys(protocol.design.conditions))
    return Snapshot(found.measures, tuple(conditions), found.skipped)


def _all(root: Path, folder: Path, model: type[M], skipped: list[Skipped]) -> Iterable[tuple[str, M]]:
    for file in sorted(folder.glob("*.toml")):
        if file.name.startswith("."):
            continue
        try:
            yield file.stem, read(file, model)
        except DefinitionError as error:
            skipped.append(Skipped(file.relative_to(root).as_posix(), error.problem))
