"""What was read of a big dataset, kept on this computer so that it need not be read again.

An entry is used only where every file of the dataset is the one that was read: the same path, size, times of
change (of content and of attributes) and number on the disk, read by the same program. Times have grains: a
file that changes twice within one looks unchanged. So nothing is kept of a dataset in which a file changed
less than `SETTLED_S` before it was read, nor where a file is from the future; whatever changes after that
gets another time. (Git takes the same care, and calls such files racily clean.) The clock of a file server
may go ahead of this computer's by any time, and behind it by less than `SETTLED_S`.

Entries hold data of participants, so they never lie in a dataset, which may be shared, but in the user's
own folder for caches, or in ``SPOT_CACHE``, readable by that user alone. An entry is removed as soon as its
dataset is found changed or gone, by `forget`, and when it was not used for `KEPT_DAYS`; so what a withdrawn
participant gave does not live on in it. Small datasets are not kept at all.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import time
import zlib
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
import platformdirs
import pyarrow as pa  # type: ignore[import-untyped]

import experiment.columns
from analysis.errors import WrongRequestError
from analysis.layout import Layout

SETTLED_S = 10.0
KEPT_DAYS = 30
LIMIT_BYTES = 2_000_000_000
"""All entries together; the ones used longest ago go first."""

WORTH_IT = 1000
"""Datasets of fewer files are read anew each time: that takes a fraction of a second."""

MAGIC = b"social-pain-overlap cache\n"
READERS = ("cache", "files", "flaws", "layout", "parsing", "reading", "runs", "tables", "texts")
"""The modules that decide what is read of a file."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """The state of a dataset's files, the same only while nothing changes, and whether that can be told."""

    digest: str
    settled: bool


@dataclass(frozen=True, slots=True)
class Entry:
    """Frames, and what else was said of the files (as JSON has it)."""

    frames: Mapping[str, pd.DataFrame]
    said: Mapping[str, Any]


def folder() -> Path:
    """Return where entries lie: ``SPOT_CACHE``, or the user's folder for caches."""
    chosen = os.environ.get("SPOT_CACHE")
    own = Path(chosen) if chosen else Path(platformdirs.user_cache_path("social-pain-overlap"))
    return own / "datasets"


def stamp(layout: Layout) -> Stamp:
    """Look at the files of a dataset without opening any."""
    now = time.time_ns()
    newest = 0
    lines = [_program(), str(layout.own)]
    for file in layout.files():
        try:
            seen = os.stat(file.path)  # noqa: PTH116 - tens of thousands of them
        except OSError as error:
            lines.append(f"{file.place}\t{error.errno}")
            continue
        changed, attributed = seen.st_mtime_ns, seen.st_ctime_ns
        newest = max(newest, changed, attributed)
        lines.append(f"{file.place}\t{seen.st_size}\t{changed}\t{attributed}\t{seen.st_ino}")
    digest = hashlib.blake2b("\n".join(lines).encode(errors="surrogateescape")).hexdigest()
    return Stamp(digest, newest < now - SETTLED_S * 1e9)


@cache
def _program() -> str:
    """Return what tells this program from another that would read the same files otherwise."""
    sources = [Path(__file__).with_name(f"{name}.py") for name in READERS]
    sources.append(Path(str(experiment.columns.__file__)))
    found = hashlib.blake2b(f"{pd.__version__} {pa.__version__}".encode())
    for source in sources:
        found.update(source.read_bytes())
    return found.hexdigest()


def fetch(root: Path, state: Stamp) -> Entry | None:
    """Return what is kept of the dataset at `root` in this state; an entry of another state is removed.

    Raises
    ------
    WrongRequestError
        Where entries would lie within the dataset.
    """
    if folder().resolve().is_relative_to(root.resolve()):
        raise WrongRequestError(f"SPOT_CACHE={folder().parent}: lies within the dataset, which may be shared")
    _tidy()
    entry = _file_of(root)
    try:
        found = _unpacked(entry.read_bytes(), state.digest)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, LookupError, TypeError, pa.ArrowException):
        found = None
    with suppress(OSError):
        if found is None:
            entry.unlink(missing_ok=True)
        else:
            os.utime(entry)
    return found


def keep(root: Path, state: Stamp, entry: Entry) -> None:
    """Keep what was read of the dataset at `root`, unless a file of it changed only just now.

    An entry appears whole or not at all; where it cannot be written, the dataset is read again next time.
    """
    if not state.settled:
        return
    target = _file_of(root)
    temporary = target.with_name(f"{target.stem}.{secrets.token_hex(8)}.tmp")
    try:
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with os.fdopen(os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY | BINARY, 0o600), "wb") as out:
            out.writelines(_packed(root, state, entry))
        temporary.replace(target)
    except OSError:
        pass
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
    _tidy()


BINARY = getattr(os, "O_BINARY", 0)


def forget(root: Path) -> None:
    """Remove what is kept of the dataset at `root`; what cannot be removed is not used either."""
    with suppress(OSError):
        _file_of(root).unlink(missing_ok=True)


def _file_of(root: Path) -> Path:
    name = hashlib.sha256(str(root.resolve()).encode(errors="surrogateescape")).hexdigest()[:32]
    return folder() / f"{name}.frames"


def _packed(root: Path, state: Stamp, entry: Entry) -> list[bytes | memoryview]:
    blobs = {}
    for name, frame in entry.frames.items():
        table = pa.Table.from_pandas(frame, preserve_index=False)
        sink = pa.BufferOutputStream()
        options = pa.ipc.IpcWriteOptions(compression="lz4")
        with pa.ipc.new_stream(sink, table.schema, options=options) as writer:
            writer.write_table(table)
        blobs[name] = memoryview(sink.getvalue())
    head = {
        "root": str(root.resolve()),
        "digest": state.digest,
        "parts": {name: [len(blob), zlib.crc32(blob)] for name, blob in blobs.items()},
        "said": entry.said,
    }
    text = json.dumps(head).encode() + b"\n"
    return [MAGIC, b"%d\n" % zlib.crc32(text), text, *blobs.values()]


def _unpacked(content: bytes, digest: str) -> Entry | None:
    """Return an entry; None where it is of another state, cut short or damaged."""
    magic, check, text = (content[: len(MAGIC)], *content[len(MAGIC) :].split(b"\n", 2)[:2])
    if magic != MAGIC or zlib.crc32(text + b"\n") != int(check):
        return None
    head = json.loads(text)
    if head["digest"] != digest:
        return None
    at = len(MAGIC) + len(check) + 1 + len(text) + 1
    whole = memoryview(content)
    frames = {}
    for name, (length, crc) in head["parts"].items():
        blob = whole[at : at + length]
        at += length
        if len(blob) != length or zlib.crc32(blob) != crc:
            return None
        with pa.ipc.open_stream(pa.py_buffer(blob)) as reader:
            frames[name] = reader.read_all().to_pandas()
    return Entry(frames, head["said"])


def _tidy() -> None:
    """Remove entries whose dataset is gone, that were long not used, or that are too much together."""
    left = LIMIT_BYTES
    for file, seen in _by_last_use():
        age_s = time.time() - seen.st_mtime
        left -= seen.st_size
        orphan = age_s > 3600 if file.suffix == ".tmp" else not _has_dataset(file)
        if orphan or age_s > KEPT_DAYS * 86_400 or left < 0:
            with suppress(OSError):
                file.unlink(missing_ok=True)


def _by_last_use() -> Iterator[tuple[Path, os.stat_result]]:
    found = []
    with suppress(OSError):
        for file in folder().iterdir():
            if file.suffix in (".frames", ".tmp"):
                with suppress(OSError):
                    found.append((file, file.stat()))
    yield from sorted(found, key=lambda each: -each[1].st_mtime)


def _has_dataset(file: Path) -> bool:
    try:
        with file.open("rb") as stream:
            stream.read(len(MAGIC))
            stream.readline()
            return Path(json.loads(stream.readline())["root"]).is_dir()
    except (OSError, ValueError, LookupError, TypeError):
        return False
