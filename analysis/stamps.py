"""The state of a dataset's files and of the program that reads them, the same only while nothing changes.

A file is the one that was seen where its path, size, times of change (of content and of attributes) and
number on the disk are. Times have grains: a file that changes twice within one looks unchanged. So a state
counts as settled only where no file changed less than `SETTLED_S` before it was looked at, and none is from
the future; whatever changes after that gets another time. (Git takes the same care, and calls such files
racily clean.) The clock of a file server may go ahead of this computer's by any time, and behind it by less
than `SETTLED_S`.
"""

from __future__ import annotations

import hashlib
import os
import platform
import sys
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from pathlib import Path

import psutil  # type: ignore[import-untyped]

from analysis.definitions import FOLDER
from analysis.layout import DESCRIPTION, Layout
from experiment.definitions.library import CONDITIONS

SETTLED_S = 10.0

HERE = Path(__file__).resolve().parent
SOURCES = (HERE, HERE.with_name("experiment"), CONDITIONS / "protocols")
"""What the numbers come from beside a dataset's own files. Protocols may extend one of the project's where a
dataset's own is a link to elsewhere."""

KINDS = ("*.py", "*.toml")

LIBRARIES = ("numpy", "pandas", "pyarrow", "pydantic", "scipy", "statsmodels", "threadpoolctl")
DEPTH = 3
"""Folders that definitions have below `FOLDER`: the digest, the kind; one more does not hurt."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """A state, and whether it can be told from one that follows it at once."""

    digest: str
    settled: bool


def stamp(root: Path, layout: Layout) -> Stamp:
    """Look at the files of a dataset without opening any."""
    now = time.time_ns()
    program, changed = _program()
    lines = [program, *_said(layout)]
    tables = ((file.place, file.path) for file in layout.files())
    newest = max(_look(tables, lines), _look(_others(root.resolve()), lines))
    digest = hashlib.blake2b("\n".join(lines).encode(errors="surrogateescape")).hexdigest()
    return Stamp(digest, newest < now - SETTLED_S * 1e9 and changed < _began())


def _said(layout: Layout) -> Iterator[str]:
    """Yield what a layout says beyond its tables: what lacks, and what is left out."""
    yield str(layout.own)
    yield repr(layout.recorded)
    yield repr(layout.unsessioned)
    yield repr(layout.bare)
    yield repr([(each.place, each.reason) for each in layout.skipped])


def _look(files: Iterable[tuple[str, str]], lines: list[str]) -> int:
    """Add a line for each file, given by name and path; return when the newest changed (ns)."""
    newest = 0
    for name, path in files:
        try:
            seen = os.stat(path)  # noqa: PTH116 - tens of thousands of them
        except OSError as error:
            lines.append(f"{name}\t{error.errno}")
            continue
        changed, attributed = seen.st_mtime_ns, seen.st_ctime_ns
        newest = max(newest, changed, attributed)
        lines.append(f"{name}\t{seen.st_size}\t{changed}\t{attributed}\t{seen.st_ino}")
    return newest


def _others(root: Path) -> Iterator[tuple[str, str]]:
    """Yield what decides about the numbers and is no table: description and definitions."""
    yield DESCRIPTION, str(root / DESCRIPTION)
    yield FOLDER, str(root / FOLDER)
    for path in _below(root / FOLDER, DEPTH):
        yield str(path), str(path)


def _below(folder: Path, depth: int) -> Iterator[Path]:
    """Yield what lies in a folder and below; of a link to a file also what lies beside the file."""
    try:
        found = sorted(folder.iterdir())
    except OSError:  # its own line tells
        return
    for each in found:
        yield each
        if depth and each.is_dir():
            yield from _below(each, depth - 1)
        elif each.is_symlink():
            yield from sorted(Path(os.path.realpath(each)).parent.glob("*.toml"))


@cache
def _program() -> tuple[str, int]:
    """Return what tells this program from another that might give other numbers, and when it changed (ns)."""
    found = hashlib.blake2b(f"{sys.version} {platform.machine()}".encode())
    for name in LIBRARIES:
        found.update(f" {name} {metadata.version(name)}".encode())
    newest = 0
    for folder in SOURCES:
        for file in sorted(each for kind in KINDS for each in folder.rglob(kind)):
            seen = file.stat()
            newest = max(newest, seen.st_mtime_ns, seen.st_ctime_ns)
            content = file.read_bytes()
            found.update(f" {file.relative_to(folder).as_posix()} {len(content)} ".encode() + content)
    return found.hexdigest(), newest


@cache
def _began() -> int:
    """Return when this process began (ns).

    Where the program was changed since, the files no longer say which of the two has run.
    """
    return int(psutil.Process().create_time() * 1e9)
