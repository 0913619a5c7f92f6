"""Files of a participant found and erased; what cannot be erased is told by name, and the rest is erased.

Whose a file is, its name says: ``sub-017`` alone, or followed by what is neither letter nor digit.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from experiment.allocation.claims import folder_of
from experiment.files import write_whole
from experiment.study import Study, spool_root

OTHERS = re.compile(r"sub-[A-Za-z0-9]+")
"""Folders of one participant; none but the one who is looked for is looked into."""

HISTORY = (".git", ".datalad")
"""What keeps earlier versions of files; it cannot be cleaned by deleting a file."""

LARGEST_BYTES = 64 * 2**20
"""Larger files are no tables or texts, and are not read to see whose code they name."""


@dataclass(slots=True)
class Erased:
    """What was erased, in files; lines for a person, and how many of these speak of something left."""

    files: int = 0
    left: int = 0
    lines: list[str] = field(default_factory=list)

    def leave(self, line: str) -> None:
        """Say what is left of a participant."""
        self.left += 1
        self.lines.append(line)

    def refuse(self, place: Path, error: OSError) -> None:
        """Say what the system did not let be erased."""
        reason = error.strerror or str(error)
        self.leave(f"{place}: could not be erased ({reason}); close what holds it, then withdraw again")


def named_after(code: str) -> re.Pattern[str]:
    """Return what the names of a participant's files begin with, those that systems and programs hide too."""
    return re.compile(rf"\.?_?sub-{code}(?![A-Za-z0-9])")


def mention_of(code: str) -> re.Pattern[bytes]:
    """Return how a table names a participant."""
    return re.compile(rf"(?<![A-Za-z0-9])sub-{code}(?![A-Za-z0-9])".encode())


def own_places(study: Study, code: str) -> list[Path]:
    """Return a participant's files and folders: on this computer, with the private files, in the dataset.

    Locks are left out: they are held while this is used. Claims of the allocation stay, but for the one that
    tells of a cell drawn out of reach, on which no slot depends.
    """
    named = named_after(code)
    flat = [study.spool, study.second_spool, study.private]
    found = [file for folder in flat for file in _listed(folder) if named.match(file.name)]
    found += _in_dataset(study.dataset, named)
    found += sorted(folder_of(study).glob(f"outside-{code}_ses-*.json"))
    return [place for place in found if place.suffix != ".lock"]


def lock_files(study: Study, code: str) -> list[Path]:
    """Return the locks of a participant's sessions on this computer."""
    return sorted(study.spool.glob(f".sub-{code}_*.lock"))


def elsewhere_here(study: Study, code: str) -> list[Path]:
    """Return records of this code that other datasets of the same name have on this computer."""
    own = {study.spool.name}
    folders = [
        f for f in _listed(spool_root()) if re.fullmatch(rf"{study.dataset.name}-[0-9a-f]{{8}}", f.name)
    ]
    named = named_after(code)
    return [f for folder in folders if folder.name not in own for f in _listed(folder) if named.match(f.name)]


def _listed(folder: Path) -> list[Path]:
    return sorted(folder.iterdir()) if folder.is_dir() else []


def _in_dataset(root: Path, named: re.Pattern[str]) -> Iterator[Path]:
    """Yield the topmost files and folders of a dataset that are named after a participant."""
    for folder, folders, files in os.walk(root):
        for name in sorted([*folders, *files]):
            if named.match(name):
                yield Path(folder, name)
        folders[:] = [
            f for f in folders if not named.match(f) and not OTHERS.fullmatch(f) and f not in HISTORY
        ]


def count(places: list[Path]) -> int:
    """Return how many files there are at and below some places."""
    folders = [place for place in places if _is_folder(place)]
    below = sum(len(files) for place in folders for _, _, files in os.walk(place))
    return below + len(places) - len(folders)


def _is_folder(place: Path) -> bool:
    """Return whether a place is a folder itself, and no link to one (on Windows also a junction)."""
    if not place.is_dir() or place.is_symlink():
        return False
    tag = getattr(place.lstat(), "st_reparse_tag", 0)
    return not tag or tag != getattr(stat, "IO_REPARSE_TAG_MOUNT_POINT", None)


def erase(place: Path, done: Erased) -> None:
    """Erase a file, or a folder with all below it; a link is erased and not followed."""
    try:
        if _is_folder(place):
            before = done.left
            for each in sorted(place.iterdir()):
                erase(each, done)
            if done.left == before:
                place.rmdir()
        else:
            unlink(place)
            done.files += 1
    except FileNotFoundError:
        return
    except OSError as error:
        done.refuse(place, error)


def unlink(file: Path) -> None:
    """Remove a file, also one that Windows calls read-only."""
    try:
        file.unlink()
    except PermissionError:
        if file.is_symlink():
            raise
        file.chmod(stat.S_IREAD | stat.S_IWRITE)
        file.unlink()


def erase_rows(table: Path, code: str) -> list[str]:
    """Take a participant's rows out of a table, and return them; all else stays as it is, byte for byte."""
    if not table.is_file():
        return []
    lines = table.read_bytes().splitlines(keepends=True)
    own = [line for line in lines if line.split(b"\t")[0].strip() == f"sub-{code}".encode()]
    if own:
        write_whole(table, b"".join(line for line in lines if line not in own))
    return [line.decode(errors="replace").rstrip("\r\n") for line in own]


def erase_derived(folder: Path, code: str, done: Erased, *, whether_named: bool) -> bool:
    """Erase the analysis of a dataset; return whether there was one to erase.

    Files that name the participant go last: where this is broken off, what is left still says whose it is.
    With `whether_named`, nothing is done where no file names them: it was made after they had withdrawn.
    """
    if not folder.is_dir():
        return False
    naming = set(mentions(folder, code))
    if whether_named and not naming:
        return False
    for file in sorted((f for f in folder.rglob("*") if not _is_folder(f)), key=lambda f: (f in naming, f)):
        erase(file, done)
    erase(folder, done)
    return True


def mentions(root: Path, code: str) -> Iterator[Path]:
    """Yield files that name a participant, other than in folders of participants and of the allocation."""
    said = mention_of(code)
    allocation = root / "sourcedata" / "allocation"
    for folder, folders, files in os.walk(root):
        for name in sorted(files):
            file = Path(folder, name)
            try:
                if file.stat().st_size <= LARGEST_BYTES and said.search(file.read_bytes()):
                    yield file
            except OSError:  # a broken link, or a lock: neither holds a table
                continue
        folders[:] = [
            f
            for f in folders
            if not OTHERS.fullmatch(f) and f not in HISTORY and Path(folder, f) != allocation
        ]


def history_of(study: Study) -> list[Path]:
    """Return what may still hold earlier versions of the dataset's files."""
    places = [folder / name for folder in (study.dataset, study.data) for name in HISTORY]
    return [place for place in places if place.exists()]
