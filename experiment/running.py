"""Whether a session runs now: a lock that the system lets go of when the program dies, however it dies."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import filelock

from experiment.study import Study, StudyError, Who


def _lock(study: Study, stem: str) -> filelock.BaseFileLock:
    return filelock.FileLock(study.spool / f".{stem}.lock")


@contextmanager
def alone(study: Study, who: Who) -> Iterator[None]:
    """Hold a session for this program.

    Raises
    ------
    StudyError
        When another program on this computer holds it.
    """
    study.spool.mkdir(parents=True, exist_ok=True)
    lock = _lock(study, who.stem)
    try:
        lock.acquire(timeout=0)
    except filelock.Timeout as error:
        raise StudyError(
            f"session {int(who.session)} of '{who.code}' is running in another program"
        ) from error
    try:
        yield
    finally:
        lock.release()


def is_running(study: Study, stem: str) -> bool:
    """Return whether a program on this computer holds the session whose files begin with `stem`."""
    if not study.spool.is_dir():
        return False
    lock = _lock(study, stem)
    try:
        lock.acquire(timeout=0)
    except filelock.Timeout:
        return True
    lock.release()
    return False
