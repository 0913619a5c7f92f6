"""What was read and computed of a big dataset, kept on this computer so that it need not be done again.

An entry is used only where the dataset and the program are in the state (`analysis.stamps`) in which it was
made, and only where it is whole. There is one with the tables of a dataset, and one for each plan with which
it was summarised.

Entries hold data of participants, so they never lie in a dataset, which may be shared, but in the user's
own folder for caches, or in ``SPOT_CACHE``, readable by that user alone. All entries of a dataset are removed
as soon as it is found changed or gone, by `forget`, and each when it was not used for `KEPT_DAYS`; so what a
withdrawn participant gave does not live on in them. Small datasets are not kept at all.
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
from pathlib import Path
from typing import Any

import pandas as pd
import platformdirs
import pyarrow as pa  # type: ignore[import-untyped]

from analysis.errors import WrongRequestError
from analysis.packing import UnfitError, pack, unpack
from analysis.stamps import Stamp

KEPT_DAYS = 30
LIMIT_BYTES = 2_000_000_000
"""All entries together; the ones used longest ago go first."""

WORTH_IT = 1000
"""Datasets of fewer files are read anew each time: that takes a fraction of a second."""

MAGIC = b"social-pain-overlap cache\n"
BINARY = getattr(os, "O_BINARY", 0)


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


def fetch(root: Path, state: Stamp, plan: str = "") -> Entry | None:
    """Return what is kept of the dataset at `root` in this state; all entries of another state are removed.

    Parameters
    ----------
    root
        Folder of the dataset.
    state
        The state that it is in.
    plan
        What the entry was made with; empty for what was read.

    Raises
    ------
    WrongRequestError
        Where entries would lie within the dataset.
    """
    if folder().resolve().is_relative_to(root.resolve()):
        raise WrongRequestError(f"SPOT_CACHE={folder().parent}: lies within the dataset, which may be shared")
    _tidy()
    _forget_others(root, state)
    entry = _file_of(root, plan)
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


def keep(root: Path, state: Stamp, entry: Entry, plan: str = "") -> None:
    """Keep what was made of the dataset at `root`, unless a file of it changed only just now.

    An entry appears whole or not at all; where it cannot be written, or holds something that would not come
    back as it is, the work is done again next time.
    """
    if not state.settled:
        return
    target = _file_of(root, plan)
    temporary = target.with_name(f"{target.stem}.{secrets.token_hex(8)}.tmp")
    try:
        content = _packed(root, state, entry)
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with os.fdopen(os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY | BINARY, 0o600), "wb") as out:
            out.writelines(content)
        temporary.replace(target)
    except (OSError, UnfitError, TypeError, pa.ArrowException):
        pass
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
    _tidy()


def forget(root: Path) -> None:
    """Remove all that is kept of the dataset at `root`; what cannot be removed is not used either."""
    for file in _of_dataset(root):
        with suppress(OSError):
            file.unlink(missing_ok=True)


def _forget_others(root: Path, state: Stamp) -> None:
    """Remove the entries of a dataset that are of another state: with whatever plan they were made."""
    for file in _of_dataset(root):
        if file.suffix == ".frames" and _head(file).get("digest") != state.digest:
            with suppress(OSError):
                file.unlink(missing_ok=True)


def _of_dataset(root: Path) -> list[Path]:
    """Return the entries of a dataset, also those that are being written."""
    return list(folder().glob(f"{_name(root)}*"))


def _file_of(root: Path, plan: str) -> Path:
    return folder() / (f"{_name(root)}-{_short(plan)}.frames" if plan else f"{_name(root)}.frames")


def _name(root: Path) -> str:
    return _short(str(root.resolve()))


def _short(text: str) -> str:
    return hashlib.sha256(text.encode(errors="surrogateescape")).hexdigest()[:32]


def _packed(root: Path, state: Stamp, entry: Entry) -> list[bytes | memoryview]:
    blobs = {name: pack(frame) for name, frame in entry.frames.items()}
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
        frames[name] = unpack(blob)
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
    root = _head(file).get("root")
    return isinstance(root, str) and Path(root).is_dir()


def _head(file: Path) -> dict[str, Any]:
    """Return what an entry says of itself; nothing where it cannot be read."""
    try:
        with file.open("rb") as stream:
            stream.read(len(MAGIC))
            stream.readline()
            return dict(json.loads(stream.readline()))
    except (OSError, ValueError, TypeError):
        return {}
