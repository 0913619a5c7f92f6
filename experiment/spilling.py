"""Bytes that a disk does not take: kept until it does, and meanwhile written to a second place."""

from __future__ import annotations

import os
from io import RawIOBase
from pathlib import Path

from experiment.files import own_folder


class Second:
    """The second place of a journal, for as long as its own disk takes nothing."""

    def __init__(self, path: Path) -> None:
        own_folder(path.parent)
        self.path = path
        self.refused = ""
        self._file: RawIOBase = path.open("wb", buffering=0)
        self._unwritten = b""

    def give(self, content: bytes) -> None:
        """Append `content`, or keep it until there is room."""
        self._unwritten, self.refused = given(self._file, self._unwritten + content)

    def close(self, *, wanted: bool) -> None:
        """Make it durable, or remove it where the journal is whole in its own place."""
        try:
            self.give(b"")
            os.fsync(self._file.fileno())
        except OSError as error:
            self.refused = str(error)
        self._file.close()
        if not wanted:
            self.path.unlink(missing_ok=True)


def given(file: RawIOBase, content: bytes) -> tuple[bytes, str]:
    """Give a file as much as the system takes; return what it did not take, and why."""
    try:
        while content:
            taken = file.write(content)
            if not taken:
                return content, "nothing was taken"
            content = content[taken:]
    except OSError as error:
        return content, str(error)
    return content, ""
