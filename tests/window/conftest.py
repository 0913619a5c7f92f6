"""A display of our own, and a person's hands on it: real key taps and clicks through xdotool."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import pytest
from PIL import Image, ImageGrab
from Xlib import display as xlib_display  # type: ignore[import-untyped]
from Xlib.error import DisplayError  # type: ignore[import-untyped]
from Xlib.protocol.event import ClientMessage  # type: ignore[import-untyped]

POLL_S = 0.02
ANSWER_S = 10.0
TAP_MS = 60
Found = TypeVar("Found")


@dataclass(slots=True)
class Desk:
    """A virtual display with keyboard and mouse."""

    name: str
    size_px: tuple[int, int]
    programs: list[subprocess.Popen[str]] = field(default_factory=list)

    @property
    def env(self) -> dict[str, str]:
        """Environment for a program that shall open its window here."""
        return {**os.environ, "DISPLAY": self.name}

    def start(self, *arguments: str | Path) -> subprocess.Popen[str]:
        """Start the Python of this environment with `arguments`; it is ended with the display."""
        command = [sys.executable, *map(str, arguments)]
        program = subprocess.Popen(
            command, env=self.env, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        self.programs.append(program)
        return program

    def xdotool(self, *arguments: str | int) -> str:
        """Run xdotool and return what it prints."""
        command = ["xdotool", *map(str, arguments)]
        return subprocess.run(command, env=self.env, check=True, capture_output=True, text=True).stdout

    def tap(self, *keys: str) -> None:
        """Press and release keys by their X names (``Left``, ``Return``, ``1``)."""
        for key in keys:
            self.xdotool("key", "--delay", TAP_MS, key)

    def wait_for(self, look: Callable[[], Found | None], what: str, timeout_s: float = 30.0) -> Found:
        """Return the first true thing that `look` returns; fail where that takes too long."""
        end = time.monotonic() + timeout_s
        while time.monotonic() < end:
            found = look()
            if found:
                return found
            for program in self.programs:
                if program.poll():
                    said = program.stdout.read() if program.stdout else ""
                    pytest.fail(
                        f"{what} did not happen: the program ended with {program.returncode}: {said[-2000:]}"
                    )
            time.sleep(POLL_S)
        pytest.fail(f"{what} did not happen within {timeout_s:g} s")

    @staticmethod
    def rows(path: Path) -> list[dict[str, Any]]:
        """Return the whole lines of a JSON lines file, none where it is not there yet."""
        if not path.exists():
            return []
        whole = path.read_text(encoding="utf-8").rpartition("\n")[0]
        return [json.loads(line) for line in whole.splitlines()]

    def point(self, x: float, y: float) -> None:
        """Move the pointer (px from the top left corner)."""
        self.xdotool("mousemove", round(x), round(y))

    def click(self, x: float, y: float) -> None:
        """Click with the left button."""
        self.xdotool("mousemove", round(x), round(y), "click", 1)

    def drag(self, start: tuple[float, float], end: tuple[float, float]) -> None:
        """Press the left button at `start`, move in steps to `end`, let go."""
        self.xdotool("mousemove", round(start[0]), round(start[1]), "mousedown", 1)
        for step in range(1, 6):
            time.sleep(POLL_S)
            self.point(*(a + (b - a) * step / 5 for a, b in zip(start, end, strict=True)))
        time.sleep(POLL_S)
        self.xdotool("mouseup", 1)

    def write(self, text: str) -> None:
        """Type characters."""
        self.xdotool("type", "--delay", TAP_MS, text)

    def close_window(self, title: str) -> None:
        """Ask a window to close, as its close button does."""
        number = int(self.xdotool("search", "--name", title).split()[0])
        server = xlib_display.Display(self.name)
        window = server.create_resource_object("window", number)
        kind, wish = server.intern_atom("WM_PROTOCOLS"), server.intern_atom("WM_DELETE_WINDOW")
        window.send_event(ClientMessage(window=window, client_type=kind, data=(32, [wish, 0, 0, 0, 0])))
        server.sync()
        server.close()

    def picture(self) -> Image.Image:
        """Return what the display shows."""
        return ImageGrab.grab(xdisplay=self.name).convert("RGB")


def _open_desk(size_px: tuple[int, int]) -> tuple[subprocess.Popen[bytes], Desk]:
    ready, told = os.pipe()
    size = f"{size_px[0]}x{size_px[1]}x24"
    # Without -noreset the server starts anew whenever its last client goes, and refuses those who come then.
    command: Sequence[str] = [
        *("Xvfb", "-displayfd", str(told), "-screen", "0", size, "-nolisten", "tcp", "-noreset")
    ]
    server = subprocess.Popen(command, pass_fds=(told,), stderr=subprocess.DEVNULL)
    os.close(told)
    with os.fdopen(ready) as answer:
        number = answer.readline().strip()
    if not number or not _answers(f":{number}"):
        _end(server)
        pytest.fail("Xvfb did not start")
    return server, Desk(f":{number}", size_px)


def _answers(name: str) -> bool:
    """Return whether a display lets a program in, trying for a while."""
    end = time.monotonic() + ANSWER_S
    while time.monotonic() < end:
        try:
            xlib_display.Display(name).close()
        except (OSError, DisplayError):
            time.sleep(POLL_S)
        else:
            return True
    return False


def _end(program: subprocess.Popen[Any]) -> None:
    if program.poll() is None:
        program.terminate()
        try:
            program.wait(5)
        except subprocess.TimeoutExpired:
            program.kill()
            program.wait(5)
    if program.stdout is not None:
        program.stdout.close()


@pytest.fixture
def desk() -> Iterator[Desk]:
    """Yield a fresh display of 1280x720 px; programs started on it end with the test."""
    server, desk = _open_desk((1280, 720))
    try:
        yield desk
    finally:
        for program in desk.programs:
            _end(program)
        _end(server)
