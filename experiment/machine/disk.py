"""The folder of the running session and the folder of the data: how fast, how full, and of what kind."""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median, quantiles

import psutil  # type: ignore[import-untyped]

from experiment.cloud import synced_by
from experiment.machine.bounds import judge
from experiment.machine.finding import Finding

EVENTS = 100
EVENT = b"x" * 299 + b"\n"
"""About as long as a line of the journal."""

NETWORK = frozenset(
    {"nfs", "nfs4", "cifs", "smb2", "smb3", "smbfs", "afpfs", "webdav", "davfs", "9p", "ncpfs", "afs"}
    | {"fuse.sshfs", "fuse.rclone", "fuse.davfs2", "fuse.gvfsd-fuse", "fuse.curlftpfs", "macfuse_sshfs"}
)
IN_MEMORY = frozenset({"tmpfs", "ramfs"})


def existing(folder: Path) -> Path:
    """Return the folder, or the nearest one above it that is there."""
    return next(place for place in (folder.resolve(), *folder.resolve().parents) if place.is_dir())


@contextmanager
def _trial_file(folder: Path) -> Iterator[Path]:
    file = folder / f".spot-{secrets.token_hex(4)}.tmp"
    try:
        yield file
    finally:
        file.unlink(missing_ok=True)


def latencies(folder: Path, events: int = EVENTS) -> list[float]:
    """Return how long each of some events took to be written and made durable (ms)."""
    taken = []
    with _trial_file(folder) as file, file.open("xb", buffering=0) as out:
        for _ in range(events):
            begin = time.perf_counter()
            out.write(EVENT)
            os.fsync(out.fileno())
            taken.append(1e3 * (time.perf_counter() - begin))
    return taken


def durable(name: str, folder: Path) -> Finding:
    """Return how fast events become durable in a folder; one that cannot be written is bad."""
    try:
        taken = latencies(existing(folder))
    except OSError as error:
        return unwritable(name, error)
    return judged(name, taken)


def unwritable(name: str, error: OSError) -> Finding:
    """Return that a folder cannot be written, without its path."""
    advice = "Choose a folder that you may write to (--data DIR), or ask for the right to."
    return Finding(name, f"not to be written ({error.strerror})", "", "bad", advice, needed=True)


def judged(name: str, taken: Sequence[float]) -> Finding:
    """Return the finding that these times (ms) lead to."""
    p99 = quantiles(taken, n=100, method="inclusive")[98]
    verdict = judge(name, p99)
    meaning = (
        f"99 of 100 events are safe within this; median {median(taken):.1f} ms, longest {max(taken):.1f} ms."
    )
    if verdict != "good":
        meaning += " Use a local disk, and keep scanners and backups from it during sessions."
    details = {"median_ms": median(taken), "p99_ms": p99, "max_ms": max(taken), "events": len(taken)}
    return Finding(name, p99, "ms", verdict, meaning, needed=True, details=details)


def kind_of(folder: Path) -> str:
    """Return ``network``, ``memory`` or ``local``; nothing where the system does not tell."""
    real = existing(folder)
    if str(real).startswith("\\\\"):
        return "network"
    try:
        mounts = [p for p in psutil.disk_partitions(all=True) if real.is_relative_to(p.mountpoint)]
    except (OSError, RuntimeError):
        return ""
    if not mounts:
        return ""
    mount = max(mounts, key=lambda p: len(p.mountpoint))
    if mount.fstype.lower() in NETWORK or "remote" in mount.opts.split(","):
        return "network"
    return "memory" if mount.fstype.lower() in IN_MEMORY else "local"


def folder_of_session(folder: Path) -> Finding:
    """Return whether the folder of the running session is on a disk of this computer."""
    name, service, kind = "session folder", synced_by(folder), kind_of(folder)
    if service or kind in ("network", "memory"):
        where = (
            f"kept by {service}" if service else "on the network" if kind == "network" else "in memory only"
        )
        advice = "Set SPOT_SPOOL to a folder on a disk of this computer, so that nothing is lost or held up."
        return Finding(name, where, "", "fair", advice, needed=True)
    if not kind:
        return Finding(name, None, "", "not known", "The system does not tell; make sure that it is local.")
    return Finding(
        name,
        "on this computer",
        "",
        "good",
        "A running session is written here first; a network that hangs cannot hold it up.",
    )


def folder_of_data(folder: Path) -> Finding:
    """Return whether the folder of the data is one on which two computers could take the same slot."""
    name, service, kind = "data folder", synced_by(folder), kind_of(folder)
    if service:
        advice = (
            "Two computers could take the same slot there; use a local folder or a network share (--data)."
        )
        return Finding(name, f"kept by {service}", "", "bad", advice)
    if kind == "network":
        return Finding(name, "on the network", "", "good", "Several computers can share it safely.")
    if kind == "memory":
        advice = "It is gone when the computer is switched off; choose another folder (--data)."
        return Finding(name, "in memory only", "", "bad", advice)
    if not kind:
        return Finding(name, None, "", "not known", "The system does not tell of what kind the folder is.")
    return Finding(
        name, "on this computer", "", "good", "See that it is backed up; nothing else holds a copy."
    )


def free_space(*folders: Path) -> Finding:
    """Return the room on the fuller of the disks of these folders."""
    name = "free space"
    try:
        free = min(psutil.disk_usage(str(existing(folder))).free for folder in folders) / 1e9
    except OSError:
        return Finding(name, None, "GB", "not known", "The system does not tell; look for yourself.")
    verdict = judge(name, free)
    words = "Enough for hundreds of sessions." if verdict == "good" else "Make room before the next session."
    return Finding(name, free, "GB", verdict, words)
