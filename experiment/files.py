"""Files written whole: a reader sees the old one or the new one, never half of either."""

from __future__ import annotations

import os
from pathlib import Path


def write_whole(file: Path, text: str) -> None:
    """Write `text` (UTF-8, LF) to a hidden file beside `file`, make it durable, then rename it."""
    file.parent.mkdir(parents=True, exist_ok=True)
    temporary = file.with_name(f".{file.name}.{os.getpid()}.tmp")
    try:
        with temporary.open("wb") as out:
            out.write(text.encode())
            out.flush()
            os.fsync(out.fileno())
        temporary.replace(file)
    finally:
        temporary.unlink(missing_ok=True)


def create_exclusively(file: Path, text: str) -> bool:
    """Create `file` with `text`, or return False where it exists already, whoever made it."""
    file.parent.mkdir(parents=True, exist_ok=True)
    try:
        with file.open("xb") as out:
            out.write(text.encode())
            out.flush()
            os.fsync(out.fileno())
    except FileExistsError:
        return False
    return True
