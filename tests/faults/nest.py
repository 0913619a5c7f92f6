"""Sessions that are killed, each in a process of its own that a warm one makes: a kill takes half a second.

Run as a program, this file reads one `Moment` a line and answers each with what became of it. A session is
killed from outside, once it has said something or some time has passed; or it kills itself in the middle of a
write, where nobody outside could aim at.
"""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from io import RawIOBase
from pathlib import Path
from typing import IO, Any, Literal

from experiment import files, journal, spilling
from tests.faults.sitter import main

LONGEST_S = 60.0

Kind = Literal["event", "time", "line", "file"]


@dataclass(frozen=True, slots=True)
class Moment:
    """When a session is killed and by which signal.

    `at` is the number of an event (``event``: once it was said; ``line``: half of it written), seconds from
    the start (``time``), or the number of a file that is written whole (``file``: half of it written), which
    at the start are the definitions and claims, and at the end the tables.
    """

    folder: str
    protocol: str
    code: str
    signal: str
    kind: Kind
    at: float


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a session had said, and how its process ended: an exit code, or minus the signal's number."""

    moment: Moment
    said: list[dict[str, Any]]
    status: int


@contextmanager
def dying(moment: Moment) -> Iterator[None]:
    """Die in the middle of a write, where the moment says so."""
    number = getattr(signal, moment.signal)
    plain_hand, plain_write = spilling.given, files._write
    written = 0

    def hand(file: RawIOBase, content: bytes) -> tuple[bytes, str]:
        name = str(getattr(file, "name", ""))
        if content.startswith(f'{{"n": {int(moment.at)}, '.encode()) and name.endswith("_journal.jsonl"):
            file.write(content[: len(content) // 2])
            os.kill(os.getpid(), number)
            content = content[len(content) // 2 :]
        return plain_hand(file, content)

    def write(file: Path, text: str | bytes, **how: Any) -> None:
        nonlocal written
        written += 1
        if written == int(moment.at):
            content = text.encode() if isinstance(text, str) else text
            file.write_bytes(content[: len(content) // 2])
            os.kill(os.getpid(), number)
            file.unlink()
        plain_write(file, text, **how)

    if moment.kind == "line":
        journal.given = hand  # type: ignore[attr-defined]
    elif moment.kind == "file":
        files._write = write
    yield


def sit(moment: Moment, out: int) -> None:
    """Be the session: say on `out` what is shown and recorded, and end as a program would."""
    os.dup2(out, 1)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    code = 1
    try:
        with dying(moment):
            main(moment.folder, moment.protocol, moment.code, "0")
        code = 0
    finally:
        os._exit(code)


def kill(moment: Moment) -> dict[str, Any]:
    """Let one session live until its moment; return what it had said and how it ended."""
    reading, writing = os.pipe()
    began = time.monotonic()
    child = os.fork()
    if not child:
        os.close(reading)
        sit(moment, writing)
    os.close(writing)
    heard, sent = b"", False
    while True:
        due = began + (moment.at if moment.kind == "time" and not sent else LONGEST_S) - time.monotonic()
        ready = select.select([reading], [], [], max(0.0, due))[0]
        if ready:
            more = os.read(reading, 1 << 16)
            if not more:
                break
            heard += more
        elif moment.kind != "time" or sent:
            os.kill(child, signal.SIGKILL)  # it hangs: the status tells
            break
        reached = moment.kind == "event" and b'"n": %d}' % int(moment.at) in heard
        if not sent and (reached or (moment.kind == "time" and not ready)):
            sent = True
            os.kill(child, getattr(signal, moment.signal))
    os.close(reading)
    _, status = os.waitpid(child, 0)
    said = heard[: heard.rfind(b"\n") + 1].decode().splitlines()
    return {"said": said, "status": os.waitstatus_to_exitcode(status)}


@contextmanager
def nests(count: int, env: dict[str, str]) -> Iterator[list[subprocess.Popen[str]]]:
    """Have some warm processes."""
    command = [sys.executable, "-m", "tests.faults.nest"]
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    root = Path(__file__).parents[2]
    warm = [subprocess.Popen(command, env=env, cwd=root, **pipes) for _ in range(count)]
    try:
        yield warm
    finally:
        for each in warm:
            with suppress(OSError):
                each.stdin.close()  # type: ignore[union-attr]
            each.wait(10)
            each.stdout.close()  # type: ignore[union-attr]


def ask(nest: subprocess.Popen[str], moments: Sequence[Moment]) -> list[Outcome]:
    """Let one warm process make and kill sessions, one after the other."""
    stdin: IO[str] = nest.stdin  # type: ignore[assignment]
    stdout: IO[str] = nest.stdout  # type: ignore[assignment]
    outcomes = []
    for moment in moments:
        stdin.write(json.dumps(asdict(moment)) + "\n")
        stdin.flush()
        answer = json.loads(stdout.readline())
        said = [json.loads(line) for line in answer["said"]]
        outcomes.append(Outcome(moment, said, answer["status"]))
    return outcomes


def serve() -> None:
    """Answer one moment after the other."""
    for line in sys.stdin:
        answer = kill(Moment(**json.loads(line)))
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    serve()
