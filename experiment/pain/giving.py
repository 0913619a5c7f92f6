"""One stimulus outside a game: a rest, a warning, the stimulus, and what was made of it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from experiment.booth import Interrupted, Press
from experiment.definitions.mentions import level_of
from experiment.definitions.pain import DECIMALS, Pain
from experiment.guarding import SessionStopped
from experiment.limits import GRACE_S, Limited
from experiment.paging import Pages
from experiment.pain.rules import Planned
from experiment.pressing import note_press
from experiment.scenes import Button, Page, Value
from experiment.stimulator import Stimulus

WARNING_S = 2.0
"""How long the participant is told that a stimulus is about to begin (our choice)."""

FAULT = "fault"
"""What the record calls it where a stimulus was ended since something has failed."""

HIDDEN = "hidden"
"""Says that a page has gone by itself: what comes next says when it was seen, not when it was to be."""

REST_SHOWN_S = 1.0
"""How long a rest is shown at least, also where the last stimulus was long ago: no page only flashes up."""

REACHED_KEY, END = "space", "button:end"

Ask = Callable[[str, str, tuple[float, float] | None], Mapping[str, Value | None]]
"""Asks a measure, under an id of its own, with other bounds where some are given; returns the answers."""


@dataclass(frozen=True, slots=True)
class Given:
    """A stimulus as it was: its number in the task, its level, and how it ended.

    `pressed` is when the participant pressed that it was strong enough (s after its onset), None where they
    did not; `stopped` is true where somebody ended it.
    """

    number: int
    level: float
    pressed: float | None
    stopped: bool


@dataclass(slots=True)
class Giving:
    """Gives the stimuli of one attempt at a task; `of` is what the record calls that attempt.

    `stopped` is the lowest level that somebody has stopped.
    """

    pages: Pages
    limited: Limited
    task: Pain
    of: str
    ask: Ask
    tell: Callable[[str], None]
    number: int = 0
    stopped: float = math.inf

    @property
    def next_id(self) -> str:
        """Return what the record calls the stimulus that was given last, for what is asked about it."""
        return f"{self.of}/{self.number:02d}"

    def give(self, planned: Planned, duration_s: float, *, by_key: bool) -> Given:
        """Give one stimulus: rest, level, warning, stimulus.

        Raises
        ------
        OverCeiling
            Where the laboratory's ceilings do not allow it; nothing was given then.
        Interrupted, SessionStopped
            When the session is broken off; the stimulus has ended by then.
        """
        self.rest()
        self.number += 1
        by_hand = self.task.given == "hand"
        level = self.typed_level(planned.level) if by_hand else planned.level
        stimulus = Stimulus(self.task.modality, level, self.task.unit, duration_s, self.task.rest_s)
        self.limited.permit(stimulus)  # before anybody is told to give it
        if by_hand:
            self._wait_for_hand()
        else:
            self._warn()
        return self._on(stimulus, planned, by_key=by_key)

    def rest(self) -> None:
        """Show that a rest goes on, until the next stimulus may begin; nothing shortens it.

        Before the first stimulus of a session there is none.
        """
        if self.limited.ended is None and self.limited.ready_at(self.task.rest_s) < 0:
            return
        pages, booth = self.pages, self.pages.booth
        ui, ready, rest_s = pages.texts.ui, self.limited.ready_at(self.task.rest_s), self.task.rest_s

        def scene(aim: float, _onset: float | None) -> Page:
            passed = min(max(1 - (ready - aim) / rest_s, 0.0), 1.0)
            return Page(ui.pain_rest, progress=passed, stop_label=ui.stop)

        flip = booth.screen.show(scene(booth.screen.next_flip(), None))
        pages.journal.write("shown", flip, page="pain_rest")
        lasts_s = ready - flip + booth.screen.period_s  # a watch ends with the frame nearest to its time
        booth.watch(scene, pages.ignore, lasts_s=max(lasts_s, REST_SHOWN_S), onset=flip)
        pages.journal.write(HIDDEN, flip, page="pain_rest")

    def typed_level(self, planned: float) -> float:
        """Let the experimenter set the device and type the level as it is, within the ceiling.

        Once a stimulus was stopped, no level is taken that is as strong.
        """
        level = f"{planned:g} {self.task.unit}"
        self.tell(f"stimulus {self.number}: set the device to {level}, type the level as it is, return")
        low, high = self.limited.bounds(self.task.modality)
        high = min(high, self.stopped - 10**-DECIMALS)
        answers = self.ask(f"{self.of}/{self.number:02d}", level_of(self.task), (low, high))
        return typed_level(answers)

    def _wait_for_hand(self) -> None:
        """Wait until the experimenter gives the stimulus and says so with return."""
        ui = self.pages.texts.ui
        give = Button("button:given", ui.go_on, "return", main=True)
        page = Page(ui.operator_title, (ui.operator_give,), (give,), stop_label=ui.stop)
        self.tell(f"stimulus {self.number}: give it, and press return at the same moment\a")
        self.pages.choose("operator_give", page)

    def _warn(self) -> None:
        ui = self.pages.texts.ui
        page = Page(ui.pain_ready, stop_label=ui.stop)
        self.pages.booth.watch(
            lambda _aim, _onset: page, self.pages.ignore, lasts_s=WARNING_S,
            shown=self.pages.note_shown("pain_ready"),
        )  # fmt: skip

    def _on(self, stimulus: Stimulus, planned: Planned, *, by_key: bool) -> Given:
        """Show that the stimulus is on, from its first flip to its end."""
        pages, booth, ui = self.pages, self.pages.booth, self.pages.texts.ui
        words = (ui.pain_press_target,) if by_key else ()
        page = Page(ui.pain_now, words, (Button(END, ui.pain_stop, main=True),), stop_label=ui.stop)
        begun = False

        def shown(flip: float, aim: float) -> None:
            nonlocal begun
            self.limited.check()
            if begun:
                return
            with began(self.limited, stimulus, flip) as rested:
                begun = True
                pages.journal.write(
                    "stimulus", flip, aim=aim, of=self.of, number=self.number, series=planned.series,
                    level_planned=planned.level, level=stimulus.level, unit=stimulus.unit,
                    modality=stimulus.modality, lasts=stimulus.duration_s, rested=rested,
                    given=self.task.given,
                )  # fmt: skip

        def decide(press: Press, onset: float) -> Press | None:
            meant = press.target == END or (by_key and press.key == REACHED_KEY and not press.target)
            use = "ignored" if not meant or press.drag else "anticipatory" if press.at < onset else "answer"
            if use == "answer":
                self.limited.stop(press.at)
            note_press(pages.journal, press, use)
            return press if use == "answer" else None

        booth.screen.prepare([page])
        try:  # nothing is forgotten before it: what asks to stop must not get lost
            watched = booth.watch(
                lambda _aim, _onset: page, decide, shown=shown,
                lasts_s=stimulus.duration_s + booth.screen.period_s,  # its end is the frame that is due then
                over=lambda: begun and self.limited.on is None,
            )  # fmt: skip
        except Exception as reason:  # of whatever kind: nothing that hurts may stay on
            if begun:
                self._note_end(broken_off=reason)
            raise
        press = watched.taken if watched.taken is not None and watched.taken.target != END else None
        stopped = self.limited.on is None and press is None
        self._note_end(press, watched.onset, stopped=stopped)
        if stopped:
            self.stopped = min(self.stopped, stimulus.level)
        elif self.task.given == "hand":
            self.tell(f"stimulus {self.number}: take it away\a")
        return Given(
            self.number, stimulus.level, None if press is None else press.at - watched.onset, stopped
        )

    def _note_end(
        self, press: Press | None = None, onset: float = 0.0, *, stopped: bool = True,
        broken_off: Exception | None = None,
    ) -> None:  # fmt: skip
        """End what is still on and write how it ended; ``ended` is when that was, not when it was seen."""
        at = self.pages.booth.clock.now()
        self.limited.end(at)
        tell_of_cut(self.limited, self.tell, self.pages.journal.write)
        self.pages.journal.write(
            "stimulus_end", at, of=self.of, number=self.number, stopped=stopped,
            ended=self.limited.ended, response_time=None if press is None else press.at - onset,
            response_source=None if press is None else press.source, broken_off=ended_by(broken_off),
        )  # fmt: skip


def tell_of_cut(limited: Limited, tell: Callable[[str], None], write: Callable[..., None]) -> None:
    """Tell the experimenter of a device that was stopped since the screen hung, and write it down."""
    if limited.cut() is not None:
        tell(f"the screen hung: the device was stopped {GRACE_S:g} s after a stimulus was to end")
        write("watchdog", None, after=GRACE_S)


@contextmanager
def began(limited: Limited, stimulus: Stimulus, flip: float) -> Iterator[float | None]:
    """Let a stimulus be written down, then begin it: what a crash or a fault followed is counted too.

    Yields how long ago the last stimulus had ended (s).

    Raises
    ------
    OverCeiling
        Where it is not allowed; nothing is to be written down then.
    StimulatorFault
        Where the device has failed, once it is written down.
    """
    limited.allow(stimulus, flip)
    yield limited.rested(flip)
    limited.start(stimulus, flip)


def typed_level(answers: Mapping[str, Value | None]) -> float:
    """Return the level that the experimenter has typed."""
    typed = next(iter(answers.values()))
    if not isinstance(typed, int | float):
        raise TypeError(f"a level was answered with {typed!r}, which is none")
    return float(typed)


def ended_by(reason: Exception | None) -> str | None:
    """Return what the record calls the reason for which a session was broken off."""
    match reason:
        case None:
            return None
        case SessionStopped():
            return reason.outcome
        case Interrupted():
            return reason.reason
        case _:
            return FAULT
