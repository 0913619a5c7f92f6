"""Files written whole: a reader sees the old one or the new one, never half of either."""

from __future__ import annotations

import errno
import os
import secrets
import stat
from contextlib import suppress
from pathlib import Path
from typing import Literal


def write_whole(file: Path, text: str | bytes, *, durable: bool = True) -> None:
    """Write `text` (UTF-8, LF), or bytes, to a hidden file beside `file`, make it durable, then rename it.

    What can be made again at any time need not wait for the disk.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    temporary = file.with_name(f".{file.name}.{os.getpid()}.tmp")
    try:
        _write(temporary, text, mode="wb", durable=durable)
        temporary.replace(file)
    finally:
        temporary.unlink(missing_ok=True)


def own_folder(folder: Path) -> None:
    """Make a folder that nobody else can look into, or refuse one that is another's.

    Raises
    ------
    OSError
        When it cannot be made, or belongs to another user of this computer.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = folder.lstat()
    if hasattr(os, "getuid") and (found.st_uid != os.getuid() or stat.S_IMODE(found.st_mode) & 0o077):
        raise PermissionError(errno.EPERM, "can be looked into by others", str(folder))


def create_exclusively(file: Path, text: str) -> bool:
    """Create `file` with `text`, or return False where it exists already, whoever made it.

    Where the file system has links, nobody ever sees the file without its text.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    temporary = file.with_name(f".{file.name}.{secrets.token_hex(4)}.tmp")
    try:
        _write(temporary, text, mode="xb")
        try:
            os.link(temporary, file)
        except FileExistsError:
            return False
        except OSError:  # no links here, as on exFAT
            return _create_in_place(file, text)
        return True
    finally:
        with suppress(OSError):  # a scanner may hold it open; what was created stays created
            temporary.unlink(missing_ok=True)


def _create_in_place(file: Path, text: str) -> bool:
    try:
        _write(file, text, mode="xb")
    except FileExistsError:
        return False
    return True


def _write(file: Path, text: str | bytes, *, mode: Literal["wb", "xb"], durable: bool = True) -> None:
    with file.open(mode) as out:
        out.write(text.encode() if isinstance(text, str) else text)
        out.flush()
        if durable:
            os.fsync(out.fileno())
