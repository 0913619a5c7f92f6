"""A session in virtual time through the program's own `run_session`, slowed where it is to be killed.

Run as a program, this file says on standard output what it has shown and what it has recorded, each after the
fact: whatever it said before it was killed must be in the journal.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from experiment import definitions, journal
from experiment.booth import Clock, Interruptions, Keys
from experiment.respondent import Respondent, identity
from experiment.runner import Finished, Request, run_session
from experiment.scenes import Scene
from experiment.simulated import VirtualClock, VirtualKeys, VirtualScreen, World
from experiment.study import Study, Who
from tests.faults.screens import words_of

SESSION_SEED = 3

OnEvent = Callable[[str, dict[str, Any]], None]
OnScene = Callable[[Scene], None]


@dataclass(slots=True)
class PacedScreen(VirtualScreen):
    """A virtual screen that tells of every new scene after it was shown.

    `speed` is how many virtual seconds pass in a second; 0 is as fast as it goes.
    """

    speed: float = 0.0
    told: OnScene = lambda _scene: None
    _last: tuple[object, ...] = ()

    def show(self, scene: Scene, *, idle_until: float | None = None) -> float:
        """Show a scene; take as long as `speed` says."""
        before = self.world.now
        flip = VirtualScreen.show(self, scene, idle_until=idle_until)
        if self.speed:
            time.sleep((flip - before) / self.speed)
        if identity(scene) != self._last:
            self._last = identity(scene)
            self.told(scene)
        return flip


@dataclass(slots=True)
class VirtualStage:
    """What `run_session` opens in place of a window."""

    screen: PacedScreen
    keys: Keys
    clock: Clock

    def close(self) -> None:
        """Have nothing to close."""


@dataclass(frozen=True, slots=True)
class Lab:
    """A researcher's folder, with its definitions and data."""

    folder: Path
    protocol: Path

    @property
    def study(self) -> Study:
        """Return the study."""
        return Study(self.folder / "data", definitions.resolve(self.protocol).protocol.study)

    @property
    def resolved(self) -> definitions.Resolved:
        """Return the protocol with all that it names."""
        return definitions.resolve(self.protocol)


@contextmanager
def listening(told: OnEvent) -> Iterator[None]:
    """Tell of every event once the journal has it."""
    plain = journal.Journal.write

    def write(self: journal.Journal, event: str, t: float | None = None, **data: object) -> None:
        plain(self, event, t, **data)
        if self.path.name.endswith("_journal.jsonl"):
            told(event, {"n": self.count, **data})

    journal.Journal.write = write  # type: ignore[method-assign]
    try:
        yield
    finally:
        journal.Journal.write = plain  # type: ignore[method-assign]


def once(kind: str, strike: Callable[[], None], /, **wanted: object) -> OnEvent:
    """Return a listener that strikes once, at the first event of a kind with what is wanted."""
    struck: list[str] = []

    def told(event: str, data: dict[str, Any]) -> None:
        if event == kind and not struck and wanted.items() <= data.items():
            struck.append(event)
            strike()

    return told


@dataclass(slots=True)
class Sitter:
    """Runs sessions of one study in this process."""

    lab: Lab
    speed: float = 0.0
    on_event: OnEvent = lambda _event, _data: None
    on_scene: OnScene = lambda _scene: None
    told: list[str] = field(default_factory=list)
    take_over: bool = False

    def sit(self, code: str, *, resume: bool = False) -> Finished:
        """Run one session to its end."""
        respondent = Respondent(int(code), self.lab.resolved.measures)

        def open_stage(_interruptions: Interruptions) -> VirtualStage:
            world = World()
            screen = PacedScreen(world, speed=self.speed, told=self.on_scene)
            return VirtualStage(screen, VirtualKeys(world, respondent), VirtualClock(world))

        data = self.lab.folder / "data"
        request = Request(
            str(self.lab.protocol), Who(code, "01"), data, None, SESSION_SEED, resume, self.take_over
        )
        with listening(self.on_event):
            return run_session(request, open_stage, self.told.append)


def main(folder: str, protocol: str, code: str, speed: str) -> None:
    """Run one session slowly, saying what has been shown and recorded."""
    recorded = 0

    def say(**fact: object) -> None:
        os.write(1, (json.dumps(fact) + "\n").encode())

    def event(kind: str, data: dict[str, Any]) -> None:
        nonlocal recorded
        recorded = data["n"]
        say(event=kind, n=recorded)

    def scene(shown: Scene) -> None:
        say(shown=type(shown).__name__, words=sorted(words_of(shown)), n=recorded)

    Sitter(Lab(Path(folder), Path(protocol)), float(speed), event, scene).sit(code)


if __name__ == "__main__":
    main(*sys.argv[1:])
