"""Who shows a frame in parts knows when the whole has to be shown."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from experiment.stage.handover import Handover

ONE, OTHER = (0, 0, 32, 32), (64, 32, 32, 64)


@dataclass
class Display:
    """Writes down what it is handed."""

    told: list[object] = field(default_factory=list)
    handover: Handover = field(init=False)

    def __post_init__(self) -> None:
        self.handover = Handover(self.told.append, lambda: self.told.append("all"))


@pytest.fixture
def display() -> Display:
    """Return a display that has been handed nothing."""
    return Display()


def test_what_was_taken_is_shown_once(display: Display) -> None:
    """Parts of several drawings are shown by the next flip, and by no later one."""
    display.handover.take([ONE])
    display.handover.take([OTHER])
    display.handover.flip()
    display.handover.take([])
    display.handover.flip()
    assert display.told == [ONE, OTHER]
    assert display.handover.holds


def test_whoever_else_flips_shows_all_and_leaves_an_unknown_back_buffer(display: Display) -> None:
    """PsychoPy's own stimuli are shown as if nothing had taken the place of the flip."""
    display.handover.take([ONE])
    display.handover.flip()
    display.handover.flip()
    assert display.told == [ONE, "all"]
    assert not display.handover.holds


def test_a_display_that_lost_the_window_gets_all(display: Display) -> None:
    """It may have lost more than what changed."""
    display.handover.take([ONE])
    display.handover.on_expose()
    display.handover.flip()
    assert display.told == ["all"]
    display.handover.take([OTHER])
    display.handover.flip()
    assert display.told == ["all", OTHER]
