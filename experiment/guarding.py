"""What may break into any screen of a session, and the calm page on which it ends."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from experiment.booth import Press
from experiment.paging import Pages
from experiment.pressing import note_press
from experiment.scenes import Button, Page

CALM = "calm"
"""What the record calls the page on which a session ends early."""


class SessionStopped(Exception):
    """The participant or the experimenter has ended the session on purpose."""

    def __init__(self, outcome: str) -> None:
        super().__init__(outcome)
        self.outcome = outcome


@dataclass(slots=True)
class Guarding:
    """The participant's stop and the experimenter's pause.

    `tell` says something to the experimenter. `stoppable` is false once the debriefing has begun: there is
    nothing left to stop.
    """

    pages: Pages
    tell: Callable[[str], None]
    stoppable: bool = True

    def stop(self, press: Press) -> float:
        """Ask the participant whether they mean to stop; return the time this took (s)."""
        note_press(self.pages.journal, press, "stop" if self.stoppable else "ignored")
        if not self.stoppable:
            return 0.0
        ui = self.pages.texts.ui
        page = Page(
            ui.stop_title,
            ui.stop_body,
            (Button("button:cancel", ui.stop_cancel, main=True), Button("button:stop", ui.stop_confirm)),
        )
        return self._aside("stop", page, "button:stop", "stopped_by_participant")

    def pause(self) -> float:
        """Open the experimenter's pause; return the time it took (s)."""
        ui = self.pages.texts.ui
        page = Page(
            ui.paused_title,
            ui.paused_body,
            (
                Button("button:stop", ui.pause_stop, "s"),
                Button("button:go_on", ui.pause_go_on, "c", main=True),
            ),
        )
        self.tell("paused: C goes on, S stops the session and shows the debriefing")
        return self._aside("pause", page, "button:stop", "stopped_by_experimenter")

    def _aside(self, event: str, page: Page, ends: str, outcome: str) -> float:
        booth, journal = self.pages.booth, self.pages.journal
        began = booth.clock.now()
        booth.halt(began)  # also where a key is held down since before anything was on
        journal.write("aside", began, kind=event)
        guard, booth.guard = booth.guard, None
        try:
            target, onset, at = self.pages.choose(event, page)
        finally:
            booth.guard = guard
        over = booth.clock.now()
        journal.write(event, onset, answer=target.removeprefix("button:"), until=at, over=over)
        if target == ends:
            raise SessionStopped(outcome)
        return over - began

    def calm(self, lasts_s: float) -> None:
        """Show the calm page for a while; nothing can break into it."""
        ui = self.pages.texts.ui
        self.pages.booth.guard, self.pages.booth.closing = None, True
        page = Page(ui.calm_title, ui.calm_body)
        self.pages.booth.watch(
            lambda _aim, _onset: page,
            lambda press, _onset: press if press.key == "return" else None,
            lasts_s=lasts_s,
            shown=self.pages.note_shown(CALM),
        )
