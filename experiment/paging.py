"""Pages of text: shown, read, answered, and written in the journal."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from experiment import definitions
from experiment.booth import Booth, Press, Watched, first_time
from experiment.journal import Journal
from experiment.pressing import note_press
from experiment.scenes import Button, Page

RESUME = "resume"
"""What the record calls the page that comes before a resumed session goes on."""


@dataclass(slots=True)
class Pages:
    """The pages of one session; `contact` is whom the participant can turn to."""

    booth: Booth
    journal: Journal
    texts: definitions.Texts
    contact: str

    def page(self, name: str, buttons: tuple[Button, ...], *, stop: bool = True) -> Page:
        """Return a page of the texts with these buttons."""
        words = self.texts.pages[name]
        body = tuple(paragraph.replace("{contact}", self.contact) for paragraph in words.body)
        return Page(words.title, body, buttons, stop_label=self.texts.ui.stop if stop else "")

    def choose(self, name: str, page: Page) -> tuple[str, float, float]:
        """Show a page until one of its buttons is used; return its target, the onset and when it was used."""
        keys = {button.key: button.target for button in page.buttons if button.key}
        targets = {button.target for button in page.buttons}
        self.booth.screen.prepare([page])
        self.booth.discard()

        def decide(press: Press, onset: float) -> Press | None:
            meant = press.target or keys.get(press.key, "")
            use = "ignored" if meant not in targets else "anticipatory" if press.at < onset else "answer"
            note_press(self.journal, press, use)
            return press if use == "answer" else None

        watched = self.booth.watch(lambda _aim, _onset: page, decide, shown=self.note_shown(name))
        press = watched.taken
        if press is None:
            raise AssertionError("a page without a time limit ends with a press")
        return press.target or keys[press.key], watched.onset, press.at

    def note_shown(self, name: str) -> Callable[[float, float], None]:
        """Return what writes down the first flip of a page."""
        return first_time(lambda flip: self.journal.write("shown", flip, page=name))

    def read(self, name: str, *, stop: bool = True) -> None:
        """Show a page until the participant goes on."""
        ui, words = self.texts.ui, self.texts.pages[name]
        go_on = Button("button:next", words.button or ui.go_on, "return", main=True)
        self._read(name, self.page(name, (go_on,), stop=stop))

    def resume(self) -> None:
        """Show that the session goes on, until the participant does; the words name no reason."""
        ui = self.texts.ui
        go_on = Button("button:next", ui.go_on, "return", main=True)
        self._read(RESUME, Page(ui.resume_title, ui.resume_body, (go_on,), stop_label=ui.stop))

    def _read(self, name: str, page: Page) -> None:
        _, onset, left = self.choose(name, page)
        self.journal.write("page", onset, page=name, left=left)

    def question(self, event: str, name: str, buttons: tuple[Button, ...]) -> str:
        """Ask something that only buttons answer, write it as `event`, and return the button's target."""
        target, onset, at = self.choose(name, self.page(name, buttons, stop=False))
        self.journal.write(event, at, page=name, onset=onset, answer=target.removeprefix("button:"))
        return target

    def consent(self, name: str) -> bool:
        """Ask whether the participant wants to take part."""
        ui = self.texts.ui
        buttons = (Button("button:disagree", ui.disagree), Button("button:agree", ui.agree, main=True))
        return self.question("consent", name, buttons) == "button:agree"

    def permission(self, name: str) -> None:
        """Ask whether the data may be used."""
        ui = self.texts.ui
        buttons = (Button("button:refused", ui.no), Button("button:granted", ui.yes))
        self.question("permission", name, buttons)

    def rest(self, name: str, duration_s: float, *, goes_on: bool = False) -> None:
        """Show a page that stays for a time, then the same page with a way on, unless the session goes on."""
        page = self.page(name, ())

        def scene(aim: float, onset: float | None) -> Page:
            if goes_on:
                return page
            passed = 0.0 if onset is None else min((aim - onset) / duration_s, 1.0)
            return Page(page.title, page.body, (), self.texts.ui.rest_left, passed, page.stop_label)

        self.booth.screen.prepare([scene(0.0, None)])
        watched: Watched[Press] = self.booth.watch(
            scene, self.ignore, lasts_s=duration_s, shown=self.note_shown(name)
        )
        self.journal.write("rest", watched.onset, page=name, duration=duration_s, paused=watched.paused_s)
        if not goes_on:
            self.read(name)

    def ignore(self, press: Press, onset: float) -> None:
        """Record a press on a screen that takes none."""
        del onset
        note_press(self.journal, press, "ignored")
