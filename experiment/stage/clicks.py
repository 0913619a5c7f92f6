"""Clicks: what they hit is decided by where the window saw them, when they were made by the pointer's driver.

The window tells of a button when it is asked, once a frame; the driver stamps it as it goes down. Each click
waits for the driver's stamp until the poll after its own, and does without one where none has come.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from experiment.booth import Press
from experiment.stage.clocks import Moment
from experiment.stage.drivers import LAST_BUTTON, Down, Driver
from experiment.stage.view import Target

DRIVER_UNCERTAINTY_S = 0.005
"""A pointer's driver stamps nearly every button within this (measured; docs/input.md)."""

APART_S = 0.05
"""Window and driver tell of one click with stamps no further apart, beyond the window's uncertainty."""

KEPT_S = 1.0


@dataclass(slots=True, eq=False)
class Click:
    """A button that the window told of, where the pointer was (px), and where it has been drawn to since."""

    seen: Moment
    place: tuple[float, float]
    left: bool
    drawn_to: tuple[float, float] | None = None
    drawn_at: float = 0.0
    waited: bool = False
    moment: Moment | None = None
    target: Target | None = None

    def press(self) -> Press:
        """Return the click as a press."""
        return self._press(self.moment or self.seen, self.place, drag=False)

    def drag(self) -> Press | None:
        """Return the last move along the line that was clicked, once; None where there is none."""
        place, self.drawn_to = self.drawn_to, None
        if place is None or self.target is None or not self.target.line:
            return None
        return self._press(Moment(self.drawn_at, self.seen.uncertainty_s), place, drag=True)

    def _press(self, moment: Moment, place: tuple[float, float], *, drag: bool) -> Press:
        return Press(
            moment.at,
            "mouse",
            target=self.target.name if self.target else "",
            fraction=self.target.fraction(place[0]) if self.target else None,
            drag=drag,
            uncertainty_s=moment.uncertainty_s,
        )


@dataclass(slots=True)
class Clicks:
    """Clicks on their way to the session. `target_at` says what could be hit at a time and place."""

    driver: Driver | None
    target_at: Callable[[float, float, float], Target | None]
    _downs: list[Down] = field(default_factory=list)
    _open: list[Click] = field(default_factory=list)
    _pulling: list[Click] = field(default_factory=list)

    def settle(self, told: list[Click], now: float) -> list[Press]:
        """Take what the window told; return the presses, in order, whose times are known by now."""
        if self.driver is not None:
            self._downs += (down for down in self.driver.drain() if int(down.name) <= LAST_BUTTON)
        self._downs = [down for down in self._downs if now - down.when.at < KEPT_S]
        self._open += told
        presses: list[Press] = []
        while self._open and self._timed(self._open[0]):
            click = self._open.pop(0)
            if click.left and click.moment is not None:
                click.target = self.target_at(click.moment.at, *click.place)
                presses.append(click.press())
                self._pulling = [click]
        return presses + [drag for click in self._pulling if (drag := click.drag())]

    def _timed(self, click: Click) -> bool:
        """Give a click its time, and return whether it has one."""
        earliest = click.seen.at - click.seen.uncertainty_s - APART_S
        found = next((d for d in self._downs if earliest <= d.when.at <= click.seen.at + APART_S), None)
        if found is not None:
            self._downs.remove(found)
            click.moment = Moment(found.when.at, found.when.uncertainty_s + DRIVER_UNCERTAINTY_S)
        elif click.waited or self.driver is None:
            click.moment = click.seen
        click.waited = True
        return click.moment is not None

    def forget(self) -> None:
        """Drop what is on its way."""
        self._open, self._pulling = [], []
