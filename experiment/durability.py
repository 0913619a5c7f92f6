"""Threads beside the frame loop: one makes the journal durable, another copies it to the dataset.

What touches a folder that may hang (a share whose server is gone answers neither yes nor no) is done in a
thread of its own, and waited for so long and no longer. Such a thread ends with the program.
"""

from __future__ import annotations

import errno
import os
import threading
from collections.abc import Callable
from io import RawIOBase
from pathlib import Path
from typing import BinaryIO, TypeVar

SYNC_EVERY_S = 0.25

Answer = TypeVar("Answer")


def in_time(work: Callable[[], Answer], limit_s: float, folder: Path) -> Answer:
    """Do what depends on a folder that may hang, and return what comes of it.

    Raises
    ------
    TimeoutError
        When nothing has come of it for `limit_s`; the work is left to itself. What the work raises, else.
    """
    answers: list[Answer] = []
    faults: list[BaseException] = []

    def do() -> None:
        try:
            answers.append(work())
        except BaseException as fault:  # noqa: BLE001 - raised again where it is waited for
            faults.append(fault)

    thread = threading.Thread(target=do, name="in-time", daemon=True)
    thread.start()
    thread.join(limit_s)
    if faults:
        raise faults[0]
    if not answers:
        raise TimeoutError(errno.ETIMEDOUT, f"has not answered for {limit_s:g} s", str(folder))
    return answers[0]


class Working(threading.Thread):
    """A thread that does its work soon after it is noticed, and at most every `every_s`.

    `settles` says whether a success makes good what failed before it.
    """

    settles = True

    def __init__(self, name: str, every_s: float) -> None:
        super().__init__(name=name, daemon=True)
        self.problem = ""
        self._every_s = every_s
        self._asked = 0
        self._done = 0
        self._stopping = False
        self._changed = threading.Condition()
        self.start()

    def work(self) -> None:
        """Do the work; what the system refuses is kept in `problem` and tried again."""
        raise NotImplementedError

    @property
    def done(self) -> bool:
        """Return whether all that was asked for has been worked on without a problem."""
        with self._changed:
            return self._done >= self._asked and not self.problem

    def notice(self) -> None:
        """Ask for work, without waiting."""
        with self._changed:
            self._asked += 1
            self._changed.notify_all()

    def wait(self, timeout_s: float | None = None) -> bool:
        """Wait until all that was asked for so far has been worked on."""
        with self._changed:
            target = self._asked
            return self._changed.wait_for(lambda: self._done >= target or not self.is_alive(), timeout_s)

    def stop(self) -> None:
        """End the thread once its work is done."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()

    def run(self) -> None:
        """Work until stopped."""
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._asked > self._done or self._stopping)
                if self._stopping and self._asked <= self._done:
                    return
                target = self._asked
            try:
                self.work()
                self.problem = "" if self.settles else self.problem
            except Exception as error:  # noqa: BLE001 - a thread that died of it would copy nothing, and nobody would know
                self.problem = str(error) or type(error).__name__
            with self._changed:
                self._done = target
                self._changed.notify_all()
                if not self._stopping:
                    self._changed.wait(self._every_s if self.problem else 0)


class Syncing(Working):
    """Makes the journal durable beside the frame loop.

    After a failed sync the system may have dropped what it could not write, and call the next one a success:
    the problem stays told.
    """

    settles = False

    def __init__(self, file: RawIOBase) -> None:
        self._descriptor = file.fileno()
        super().__init__("journal-sync", SYNC_EVERY_S)

    def work(self) -> None:
        """Wait for the disk."""
        os.fsync(self._descriptor)


class Mirroring(Working):
    """Copies the journal to the dataset as it grows; a share that fails is tried again with each event.

    `content` returns the journal as it is now. A copy with other lines is another record, of a
    computer on which the session went on: it is never written over. Once the file `barred` is there, nothing
    is copied any more.
    """

    def __init__(
        self, content: Callable[[], bytes], target: Path, within: Path | None, barred: Path | None = None
    ) -> None:
        self._content = content
        self._mirror = target
        self._within = within
        self._barred = barred
        super().__init__("journal-copy", SYNC_EVERY_S)

    def work(self) -> None:
        """Append what the copy lacks, or write it anew where it holds no whole line."""
        if self._within is not None:
            self._within.stat()  # a dataset that has gone away is not begun anew
        if self._barred is not None and self._barred.is_file():
            raise OSError("the participant has withdrawn: nothing is copied any more")
        self._mirror.parent.mkdir(parents=True, exist_ok=True)
        whole = self._content()
        try:
            size = self._mirror.stat().st_size
        except FileNotFoundError:
            size = 0
        with self._mirror.open("r+b" if size else "wb") as copy:
            start = _start(copy, whole, size) if size else 0
            copy.seek(start)
            copy.write(whole[start:])
            copy.truncate()
            copy.flush()
            os.fsync(copy.fileno())

    def finish(self, timeout_s: float) -> None:
        """Try once more, wait at most `timeout_s`, and let go: `recover` finds what was not copied."""
        self.notice()
        self.wait(timeout_s)
        self.stop()


def _start(copy: BinaryIO, whole: bytes, size: int) -> int:
    """Return where to go on in a copy of which the journal has the beginning."""
    tail = min(size, 1024)
    copy.seek(size - tail)
    if copy.read(tail) == whole[size - tail : size]:
        return size
    copy.seek(0)
    content = copy.read()
    lines = content[: content.rfind(b"\n") + 1]
    if not whole.startswith(lines):
        raise OSError(errno.EEXIST, "holds another record of this session; neither is touched", copy.name)
    return len(lines)
