"""The definitions that a dataset was run with, read from the dataset itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from analysis.errors import AnalysisError
from analysis.files import Skipped
from experiment.definitions.errors import DefinitionError
from experiment.definitions.library import read_protocol
from experiment.definitions.measure import Measure
from experiment.definitions.pain import Pain
from experiment.definitions.protocol import Protocol
from experiment.definitions.reading import read
from experiment.ratings.mapping import Mapping

FOLDER = "sourcedata/definitions"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What a dataset was run with.

    Attributes
    ----------
    measures : dict
        The measures by name.
    protocols : dict
        The protocols that its sessions name, by digest of the definitions and name of the protocol. One that
        extends another is there as the whole that it makes.
    listed : list of str
        Conditions of ratings that were collected elsewhere, in the order of the mapping they came by.
    skipped : list of Skipped
        What could not be read, and why.
    """

    measures: dict[str, Measure] = field(default_factory=dict)
    protocols: dict[tuple[str, str], Protocol] = field(default_factory=dict)
    listed: list[str] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)

    def conditions(self) -> tuple[str, ...]:
        """Return the conditions in the order of the designs; a game played beside a design is none."""
        designed = [name for p in self.protocols.values() for name in p.design.conditions]
        return tuple(dict.fromkeys([*designed, *self.listed]))

    def cells(self) -> tuple[str, ...]:
        """Return the names of the cells in the order of the designs."""
        return tuple(dict.fromkeys(c.name for p in self.protocols.values() for c in p.design.cells()))

    def factors(self) -> dict[str, tuple[str, ...]]:
        """Return the factors of the designs and their levels, both in the order of the designs."""
        found: dict[str, dict[str, None]] = {}
        for protocol in self.protocols.values():
            for factor in protocol.design.factors:
                found.setdefault(factor.name, {}).update(dict.fromkeys(factor.levels))
        return {name: tuple(levels) for name, levels in found.items()}


def snapshot(root: Path, sessions: pd.DataFrame) -> Snapshot:
    """Return the definitions that the sessions of a dataset name.

    Of the protocols in a folder of definitions only those are read that a session was run with: beside a
    variant lies the protocol that it extends, and that one's design is not the session's.

    Parameters
    ----------
    root
        Folder of the dataset.
    sessions : DataFrame
        definitions (the digest), protocol.

    Raises
    ------
    AnalysisError
        Where two digests give a measure of one name in two forms: their scores do not belong together.
    """
    found = Snapshot()
    named = sessions.loc[sessions["definitions"].notna(), ["definitions", "protocol"]].drop_duplicates()
    for digest, rows in named.groupby("definitions", sort=True):
        folder = root / FOLDER / str(digest)
        if not folder.is_dir():
            found.skipped.append(
                Skipped(f"{FOLDER}/{digest}", "is missing, and with it what its sessions asked")
            )
            continue
        asked = _measures(root, folder, found.skipped)
        for name, measure in (*asked, *_estimated(root, folder, found.skipped)):
            if found.measures.setdefault(name, measure) != measure:
                raise AnalysisError(
                    f"{root / FOLDER}: measure '{name}' has two forms in this dataset; "
                    "sessions run with different forms cannot be scored together"
                )
        found.listed.extend(_listed(root, folder / "mapping.toml", found.skipped))
        for name in sorted(rows["protocol"].dropna()):
            protocol = _protocol(root, folder / "protocols" / f"{name}.toml", found.skipped)
            if protocol is not None:
                found.protocols[str(digest), name] = protocol
    return found


def _measures(root: Path, folder: Path, skipped: list[Skipped]) -> Iterator[tuple[str, Measure]]:
    for file in _visible(folder / "measures"):
        try:
            yield file.stem, read(file, Measure)
        except DefinitionError as error:
            skipped.append(Skipped(file.relative_to(root).as_posix(), error.problem))


def _estimated(root: Path, folder: Path, skipped: list[Skipped]) -> Iterator[tuple[str, Measure]]:
    """Yield what pain tasks estimate, as measures."""
    for file in _visible(folder / "pain"):
        try:
            measure = read(file, Pain).measure()
        except DefinitionError as error:
            skipped.append(Skipped(file.relative_to(root).as_posix(), error.problem))
            continue
        if measure is not None:
            yield file.stem, measure


def _listed(root: Path, file: Path, skipped: list[Skipped]) -> tuple[str, ...]:
    """Return the conditions of the mapping by which ratings were imported, where there is one."""
    if not file.is_file():
        return ()
    try:
        return read(file, Mapping).order
    except DefinitionError as error:
        skipped.append(Skipped(file.relative_to(root).as_posix(), error.problem))
        return ()


def _protocol(root: Path, file: Path, skipped: list[Skipped]) -> Protocol | None:
    """Return a protocol, put together where it extends another; None where it cannot be read."""
    place = file.relative_to(root).as_posix()
    if not file.is_file():
        skipped.append(Skipped(place, "is missing, and with it the order of the conditions and the factors"))
        return None
    try:
        return read_protocol(file)
    except DefinitionError as error:
        skipped.append(Skipped(place, error.problem))
        return None


def _visible(folder: Path) -> Iterable[Path]:
    return (file for file in sorted(folder.glob("*.toml")) if not file.name.startswith("."))
