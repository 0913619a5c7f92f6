"""The patch for a photodiode changes with every onset, and with nothing else."""

from __future__ import annotations

from dataclasses import replace

import pytest

from experiment.scenes import Button, Court, Flying, Held, LikertScale, Page, Said, Scene
from experiment.stage.gallery import form
from experiment.stage.gallery_games import BALL, players
from experiment.stage.photodiode import CORNERS, Corner, Patch
from experiment.stage.view import View, find

VIEW = View(1280, 720)
COURT = Court(players(2), Held(1, 1.0, 2.0, 3), BALL, 1.0)
ITEM = form("First?", LikertScale(1, 5, ("no", "yes")))
PAGE = Page("Welcome", ("Words.",), (Button("button:next", "Continue", "return"),))

ONSETS: list[list[Scene]] = [
    [PAGE, replace(PAGE, progress=0.2), replace(PAGE, note="soon")],
    [replace(PAGE, body=("More words.",))],
    [COURT, replace(COURT, time_s=1.5), replace(COURT, said=(Said(1, "Hi", 1.0),), message="Throw.")],
    [replace(COURT, ball=Flying(1, 2, 2.0, 0.8), time_s=t) for t in (2.0, 2.4, 2.79)],
    [replace(COURT, ball=Held(2, since, came_from=1), turn=True, time_s=3.5) for since in (2.8, 2.9)],
    [replace(COURT, ball=Flying(2, 3, 4.0, 0.8), time_s=4.1)],
    [replace(COURT, ball=Held(3, 4.8, 6.0, 1, came_from=2), time_s=5.0)],
    [replace(COURT, ball=Held(3, 9.0), time_s=9.0)],
    [ITEM, replace(ITEM, value=3), replace(ITEM, message="Please answer.")],
    [replace(ITEM, item="second")],
]


def test_it_is_black_at_first_and_changes_with_each_onset_alone() -> None:
    """Releases, catches, the first frame of a run, pages and items; not time, talk or a growing answer."""
    patch = Patch.at("top-left", VIEW)
    assert not patch.white
    for number, scenes in enumerate(ONSETS):
        for scene in scenes:
            patch.follow(scene)
            assert patch.white is (number % 2 == 0), scene


@pytest.mark.parametrize("corner", CORNERS)
def test_it_lies_in_its_corner_and_takes_the_clicks_there(corner: Corner) -> None:
    """40 px at 720p, more on a larger screen; what is below it is never clicked."""
    patch = Patch.at(corner, VIEW)
    left, top, width, height = patch.rect
    assert (width, height) == (40, 40)
    assert left == (0 if "left" in corner else 1240)
    assert top == (0 if "top" in corner else 680)
    target = find([patch.cover()], left + 20, top + 20)
    assert target is not None
    assert not target.name
    assert Patch.at(corner, View(2560, 1440)).describe() == {"corner": corner, "side_px": 80}
