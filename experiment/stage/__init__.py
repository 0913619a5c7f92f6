"""The PsychoPy side of the booth: the only code that imports psychopy, and only when a stage is opened."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from experiment.booth import Interruptions
from experiment.stage.photodiode import CORNERS, Corner

if TYPE_CHECKING:
    from experiment.stage.window import Stage

__all__ = ["CORNERS", "Corner", "StageError", "StageSettings", "open_stage"]


class StageError(Exception):
    """The stage cannot be opened; the message is one line that says what is missing and what to do."""


@dataclass(frozen=True, slots=True)
class StageSettings:
    """What the experimenter chooses about the window.

    Attributes
    ----------
    screen
        Number of the monitor, 0 for the first.
    size_px
        Width and height of the window, None for the full screen.
    emulate_hz
        Pace frames by a grid of deadlines at this rate; None trusts the display and falls back to 60 Hz
        where it turns out not to wait for its refresh.
    title
        Title of the window.
    require_keyboard
        Refuse to open without a driver that stamps key presses.
    photodiode
        Corner with a patch that turns from black to white or back with each onset; None for none.
    """

    screen: int = 0
    size_px: tuple[int, int] | None = None
    emulate_hz: float | None = None
    title: str = "Ball game"
    require_keyboard: bool = True
    photodiode: Corner | None = None


def open_stage(
    settings: StageSettings,
    interruptions: Interruptions,
    tell: Callable[[str], None] = lambda _message: None,
) -> Stage:
    """Open the window and the keyboard; `tell` says to the experimenter what they can do something about.

    Raises
    ------
    StageError
        If there is no display, no such monitor, no usable graphics or no keyboard driver.
    """
    from experiment.stage.window import Stage  # noqa: PLC0415 - psychopy is loaded only when a window is wanted

    return Stage(settings, interruptions, tell)
