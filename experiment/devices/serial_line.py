"""A device on a serial line that takes commands in words, by the templates of the laboratory's file.

One thread writes and one reads, so that no frame waits for the line. A stop goes before everything queued,
and is tried again until the line takes it.
"""

from __future__ import annotations

import re
import threading
from collections import deque
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from experiment.definitions.command import as_bytes, command, shown
from experiment.definitions.laboratory import SerialDevice
from experiment.durability import in_time
from experiment.stimulator import StimulatorFault, Stimulus

HANG_S = 0.5
"""After this long a line counts as hanging that has not taken a command (s)."""

AGAIN_S = 0.1
"""How long after a stop that the line did not take the next one is tried (s)."""

CLOSE_S = 1.0
"""How long each step of closing may take (s)."""

_MOST_HEARD = 1000
"""No answer is longer (bytes); what a device sends without end is not kept."""


class Port(Protocol):
    """What this driver needs of `serial.Serial`."""

    def write(self, data: bytes, /) -> int | None:
        """Hand bytes to the line and return how many; raise where they are not taken in time."""

    def read(self, size: int = 1, /) -> bytes:
        """Return what has come, or nothing after a while."""

    def close(self) -> None:
        """Give the port back."""


class SerialLine:
    """A stimulator behind a port that is open already. The first thing that it is told is to stop.

    Parameters
    ----------
    device
        The templates, and the answer that is asked for.
    port
        The open port.
    """

    def __init__(self, device: SerialDevice, port: Port) -> None:
        self._device = device
        self._port = port
        self._stop = as_bytes(device.stop)
        self._queue: deque[bytes] = deque()
        self._stops_asked = 1
        self._stops_written = 0
        # Whether half a command may be on the line: it would swallow a stop, so two are written.
        self._torn = False
        self._heard = b""
        self._fault = ""
        self._closing = False
        # Held for moments only, and never while the line is used: no frame waits for it.
        self._changed = threading.Condition()
        self._threads = [
            threading.Thread(target=work, name=f"stimulator-{name}", daemon=True)
            for name, work in (("writer", self._write_all), ("reader", self._read_all))
        ]
        for thread in self._threads:
            thread.start()

    def start(self, stimulus: Stimulus) -> None:
        """Queue the start of a stimulus."""
        try:
            words = command(self._device.start, stimulus.level, stimulus.duration_s)
        except ValueError as error:
            raise self._wrong(str(error)) from error
        with self._changed:
            self.check()
            if self._closing:
                raise self._wrong("is closed")
            self._queue.append(words)
            self._changed.notify_all()

    def stop(self) -> None:
        """Drop what is queued, and have the stop written before anything else."""
        with self._changed:
            self._queue.clear()
            self._stops_asked += 1
            self._changed.notify_all()

    def check(self) -> None:
        """Raise what has gone wrong on the line."""
        with self._changed:
            if self._fault:
                raise self._wrong(self._fault)

    def describe(self) -> Mapping[str, object]:
        """Return port, speed and templates."""
        return self._device.model_dump(exclude_none=True)

    def close(self) -> None:
        """Write the stop, end the threads and give the port back.

        Raises
        ------
        StimulatorFault
            Where the stop could not be written, or the port hangs.
        """
        if self._closing:
            return
        self.stop()
        with self._changed:
            stopped = self._changed.wait_for(lambda: not self._stop_is_due, CLOSE_S)
            self._closing = True
            self._changed.notify_all()
        for thread in self._threads:
            thread.join(CLOSE_S)
        try:
            in_time(self._port.close, CLOSE_S, Path(self._device.port))
        except Exception as error:
            raise self._wrong(f"cannot be closed ({_in_words(error)})") from error
        if not stopped:
            raise self._wrong("could not be told to stop at the end; switch it off")

    @property
    def _stop_is_due(self) -> bool:
        return self._stops_written < self._stops_asked

    def _wrong(self, problem: str) -> StimulatorFault:
        return StimulatorFault(f"the stimulator at {self._device.port} {problem}")

    def _write_all(self) -> None:
        """Write what is asked for, stops first, until the line is closed."""
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._stop_is_due or self._queue or self._closing)
                if self._closing:
                    return
                words = b"" if self._stop_is_due else self._queue.popleft()
                self._heard = b""
            if words:
                self._begin(words)
                continue
            problem = self._try_stop()
            if problem:
                self._tell(problem)
                with self._changed:
                    self._changed.wait_for(lambda: self._closing, AGAIN_S)

    def _begin(self, words: bytes) -> None:
        """Write a start and wait for its answer; what goes wrong is told after a stop was tried."""
        problem = self._write(words) or self._unanswered()
        if problem:
            self.stop()
            self._try_stop()
            self._tell(problem)

    def _try_stop(self) -> str:
        """Write the stop; return what is wrong, or an empty string."""
        with self._changed:
            asked = self._stops_asked
        problem = self._write(self._stop * 2 if self._torn else self._stop)
        if not problem:
            with self._changed:
                self._torn = False
                self._stops_written = asked
                self._changed.notify_all()
        return problem

    def _write(self, words: bytes) -> str:
        """Hand words to the line; return what is wrong, or an empty string."""
        hanging = threading.Timer(HANG_S, self._hangs, [words])
        hanging.daemon = True
        with suppress(RuntimeError):  # no more threads: what is written matters more than that it is watched
            hanging.start()
        try:
            taken = self._port.write(words)
        except Exception as error:  # noqa: BLE001 - whatever the port raises is told in the frame loop
            self._torn = True
            return f"has not taken what was written to it ({_in_words(error)})"
        finally:
            hanging.cancel()
        if taken is not None and taken < len(words):
            self._torn = True
            return f"has taken only {taken} of {len(words)} bytes"
        return ""

    def _hangs(self, words: bytes) -> None:
        """Tell of a line that keeps the writer waiting, and try the stop beside it, in this thread."""
        self._tell(f"has not taken what was written to it for {HANG_S:g} s")
        if words != self._stop:
            with suppress(Exception):  # told already; the writer tries again when it comes back
                self._port.write(self._stop * 2)

    def _unanswered(self) -> str:
        """Wait for the answer to a start, where one is asked for; a stop ends the wait."""
        wanted, limit_s = self._device.answer, self._device.answer_s
        if wanted is None or limit_s is None:
            return ""

        def over() -> bool:
            return self._stop_is_due or self._closing or self._heard_line(wanted) is not None

        with self._changed:
            self._changed.wait_for(over, limit_s)
            if self._stop_is_due or self._closing:
                return ""
            heard = self._heard_line(wanted)
            if heard is None:
                return f"has not answered the start within {limit_s:g} s; {shown(wanted)} was to come"
        return (
            ""
            if heard == wanted.strip()
            else f"has answered the start with {shown(heard)}, not {shown(wanted)}"
        )

    def _heard_line(self, wanted: str) -> str | None:
        """Return the first line heard since the last command; None while it may become the one wanted."""
        line, *more = re.split(r"[\r\n]", self._heard.decode("latin-1").lstrip(), maxsplit=1)
        return line.strip() if more or line.strip() == wanted.strip() else None

    def _read_all(self) -> None:
        """Keep what the device sends, until the line is closed or fails."""
        while not self._closing:
            try:
                data = self._port.read(1)
            except Exception as error:  # noqa: BLE001 - whatever the port raises is told in the frame loop
                self.stop()
                with self._changed:
                    self._changed.wait_for(lambda: not self._stop_is_due, HANG_S)
                self._tell(f"is not there any more ({_in_words(error)})")
                return
            if data:
                with self._changed:
                    self._heard = (self._heard + data)[-_MOST_HEARD:]
                    self._changed.notify_all()

    def _tell(self, problem: str) -> None:
        """Keep the first thing that went wrong, for `check`; nothing begins after it."""
        with self._changed:
            self._queue.clear()
            self._fault = self._fault or problem
            self._changed.notify_all()


def _in_words(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__
