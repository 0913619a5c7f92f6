"""The check of this computer from the first line to the file."""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from experiment.booth import Booth, Interrupted, Interruptions
from experiment.exits import DONE, FAILED, STOPPED
from experiment.files import write_whole
from experiment.machine import disk, hands, load, power, record, system, timing, watching
from experiment.machine.finding import Finding, Overall, overall
from experiment.runner import Opened, OpenStage
from experiment.study import DATA, StudyError, spool_root

EMPTY_SHARE = 0.25
"""The empty window is watched for a quarter of the time of the game: 5 s beside 20."""

WIDTH = 100
MARGIN = 11
LEFT_COLUMN = 27

Say = Callable[[str], None]


class Told(Protocol):
    """What the system says of its screens."""

    @property
    def screens(self) -> int:
        """Return how many there are."""

    @property
    def refresh_hz(self) -> float | None:
        """Return the rate of the one in use, where the system tells."""


@dataclass(frozen=True, slots=True)
class Window:
    """How the window is opened, what the system says of the screen, and what is no fault of the program."""

    open: OpenStage
    told: Callable[[], Told]
    fails_with: type[Exception]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be checked, and how."""

    seconds: float = 20.0
    auto: bool = False
    dataset: Path | None = None

    def check(self) -> None:
        """Refuse a dataset that is no folder."""
        if self.dataset is not None and self.dataset.exists() and not self.dataset.is_dir():
            raise StudyError(f"--data {self.dataset} is not a folder")


@dataclass(slots=True)
class Checkup:
    """Looks at one thing after the other, tells each, and keeps all."""

    window: Window
    wanted: Wanted
    say: Say
    findings: list[Finding] = field(default_factory=list)
    screen: dict[str, object] = field(default_factory=dict)

    def tell(self, *found: Finding) -> None:
        """Tell what was found as it is found."""
        for each in found:
            self.findings.append(each)
            self.say(in_lines(each))

    def run(self) -> Overall:
        """Check everything, in order; a fault of the computer is a finding."""
        play = watching.playing(self.wanted.seconds, spool_root())
        self.tell(system.libraries(), *system.versions())
        try:
            self._with_window(play)
        except self.window.fails_with as fault:
            advice = f"{str(fault)[:1].upper()}{str(fault)[1:]}."
            self.tell(Finding("window and keyboard", "cannot be used", "", "bad", advice, needed=True))
        self._without_window()
        return overall(self.findings)

    def _with_window(self, play: Callable[[Booth], None]) -> None:
        interruptions = Interruptions()
        stage = self.window.open(interruptions)
        try:
            booth = Booth(stage.screen, stage.keys, stage.clock, interruptions)
            self._display(stage)
            pairs = [stage.clock.pair()]
            self._frames(booth, play)
            self._hands(booth)
            pairs.append(stage.clock.pair())
            self.tell(timing.drift(pairs))
        finally:
            stage.close()

    def _display(self, stage: Opened) -> None:
        facts = self.screen = dict(stage.screen.describe())
        told = self.window.told()
        self.tell(
            timing.display(facts, told.screens),
            timing.pacing(facts),
            timing.refresh(facts, told.refresh_hz),
        )

    def _frames(self, booth: Booth, play: Callable[[Booth], None]) -> None:
        empty_s = EMPTY_SHARE * self.wanted.seconds
        total = empty_s + self.wanted.seconds
        emulated = self.screen["pacing"] != "display"
        booth.screen.prepare([watching.EMPTY])
        tick = ticking(total)
        nothing = watching.watched(booth, watching.empty(empty_s), tick)
        try:
            game = watching.watched(booth, play, lambda passed: tick(empty_s + passed))
        except OSError as error:  # the journal of the run
            tick(total)
            self.tell(timing.late_frames("empty window", nothing, emulated=emulated))
            self.tell(disk.unwritable("late frames (game)", error))
            return
        tick(total)
        self.tell(
            timing.late_frames("empty window", nothing, emulated=emulated),
            timing.late_frames("game", game, nothing, emulated=emulated),
        )

    def _hands(self, booth: Booth) -> None:
        facts = booth.keys.describe()
        hand = hands.own_hand() if self.wanted.auto else None
        if facts.get("backend") == "none":
            self.tell(hands.keys_found(hands.Asked(len(hands.KEYS)), facts))
        elif self.wanted.auto and hand is None:
            self.tell(hands.not_tried("keys"))
        else:
            self.tell(hands.keys_found(hands.ask_keys(booth, hand), facts, by_itself=hand is not None))
        if self.wanted.auto:
            self.tell(hands.not_tried("mouse"))
        else:
            self.tell(hands.click_found(hands.ask_click(booth), facts))

    def _without_window(self) -> None:
        data, spool = self.wanted.dataset or DATA, spool_root()
        self.tell(
            disk.folder_of_session(spool),
            disk.durable("session disk", spool),
            disk.folder_of_data(data),
            disk.durable("data disk", data),
            disk.free_space(spool, data),
        )
        self.tell(power.power(), power.plan(), load.memory(), load.others())


def check_machine(window: Window, wanted: Wanted, say: Say) -> int:
    """Check this computer, keep the file, and return 0 where it is usable, 1 where not, 3 if stopped.

    Raises
    ------
    StudyError, DefinitionError
        When the request or the texts are wrong: before anything is looked at.
    """
    wanted.check()
    say(f"Checking this computer; about {_takes(wanted)} s.\n")
    checkup = Checkup(window, wanted, say)
    try:
        verdict = checkup.run()
    except Interrupted:
        say("\nThe window was closed: the check is not whole, and nothing of it is kept.")
        return STOPPED
    more = {"auto": wanted.auto, "seconds": wanted.seconds}
    whole = record.recorded(checkup.findings, verdict, checkup.screen, more)
    say(f"\n{verdict.words}")
    for file in _files(wanted, whole):
        try:
            write_whole(file, record.as_text(whole))
            say(f"kept in {file}")
        except OSError as error:
            say(f"{file}: cannot be written ({error.strerror})")
            verdict = Overall("bad", ready=False, words=verdict.words)
    return FAILED if verdict.verdict == "bad" else DONE


def _takes(wanted: Wanted) -> int:
    return round((1 + EMPTY_SHARE) * wanted.seconds + 10)


def _files(wanted: Wanted, whole: record.Record) -> Iterator[Path]:
    yield record.kept_file()
    if wanted.dataset is not None:
        yield record.file_in(wanted.dataset, whole)


def in_lines(found: Finding) -> str:
    """Return a finding as it is told: verdict, name and value; below, what it means and what to do."""
    first = f"{found.verdict:<{MARGIN}}{found.name:<{LEFT_COLUMN}} {found.said}"
    pad = " " * MARGIN
    return f"{first}\n{textwrap.fill(found.meaning, WIDTH, initial_indent=pad, subsequent_indent=pad)}"


def ticking(total_s: float, width: int = 30) -> Callable[[float], None]:
    """Return what shows how much time has passed, once a second, on a terminal; nothing in a pipe.

    A bar that a thread of its own draws would itself make frames late.
    """
    if not sys.stderr.isatty():
        return lambda _passed: None
    before = -1

    def tick(passed_s: float) -> None:
        nonlocal before
        second = int(passed_s)
        if second == before and passed_s < total_s:
            return
        before = second
        filled = round(width * min(passed_s / total_s, 1))
        words = f"\rwatching frames [{'#' * filled}{' ' * (width - filled)}] {second} of {total_s:.0f} s"
        with suppress(OSError):
            sys.stderr.write(words if passed_s < total_s else f"\r{' ' * len(words)}\r")
            sys.stderr.flush()

    return tick
