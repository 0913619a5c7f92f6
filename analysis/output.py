"""Files that an analysis writes: each appears whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from analysis.errors import AnalysisError


def write_files(folder: Path, files: Mapping[str, str | bytes]) -> list[Path]:
    """Write files (texts as UTF-8) into `folder`, by name; return them.

    Raises
    ------
    AnalysisError
        Where one cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            _write_whole(folder / name, content)
    except OSError as error:
        raise AnalysisError(
            f"{error.filename or folder}: cannot be written ({error.strerror or error})"
        ) from error
    return [folder / name for name in files]


def _write_whole(file: Path, content: str | bytes) -> None:
    temporary = file.with_name(f".{file.name}.{os.getpid()}.tmp")
    try:
        temporary.write_bytes(content.encode() if isinstance(content, str) else content)
        temporary.replace(file)
    finally:
        temporary.unlink(missing_ok=True)
