"""A folder that hangs for good: a file system that never answers, as a share without its server.

Linux offers one to whoever may mount: a connection to `/dev/fuse` of which nothing is ever read. Every access
waits in the system, where no program can reach it. Elsewhere, and without that right, there is none.
"""

from __future__ import annotations

import ctypes
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


def hang(folder: Path) -> int:
    """Lay a file system that never answers over a folder; closing what is returned lets go of all that waits.

    Raises
    ------
    OSError
        When this system, or its rights, do not allow it.
    """
    connection = os.open("/dev/fuse", os.O_RDWR)
    words = f"fd={connection},rootmode=40755,user_id=0,group_id=0".encode()
    system = ctypes.CDLL(None, use_errno=True)
    if system.mount(b"silent", os.fsencode(folder), b"fuse", 0, words):
        number = ctypes.get_errno()
        os.close(connection)
        raise OSError(number, os.strerror(number), str(folder))
    return connection


def let_go(folder: Path, connection: int) -> None:
    """Take it away again: the folder below it is as it was."""
    os.close(connection)
    subprocess.run(["umount", "-l", str(folder)], check=True)


def skip_without_hanging(folder: Path) -> None:
    """Skip a test where no folder can be made to hang."""
    folder.mkdir(parents=True)
    try:
        connection = hang(folder)
    except (OSError, AttributeError) as error:
        pytest.skip(f"a folder that hangs takes Linux, FUSE and the right to mount ({error})")
    let_go(folder, connection)


@contextmanager
def small_disk(folder: Path, size: str) -> Iterator[Path]:
    """Make a folder a small disk of its own; skip where the system does not allow to mount one."""
    folder.mkdir(parents=True, exist_ok=True)
    try:
        subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)],
            check=True,
            capture_output=True,
        )
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("a disk of its own takes Linux and the right to mount one")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)
