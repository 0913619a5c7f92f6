"""Figures that are moved as a whole are where their parts would be, drawn one by one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from experiment.scenes import Court, Flying, Held
from experiment.stage.atlas import Atlas
from experiment.stage.canvas import Canvas
from experiment.stage.figure import BODY, bearing, draw_melting
from experiment.stage.gallery_games import BALL, players
from experiment.stage.places import floor
from experiment.stage.poses import poses
from experiment.stage.troupe import draw_figure, find_troupe
from experiment.stage.wardrobe import find_wardrobe

FLOOR = floor((1, 2, 3, 4, 5, 6), 1280, 720)
MOMENTS = (Held(1, 0.0, 1.0, 3), Flying(1, 3, 0.0, 0.9), Flying(3, 1, 0.0, 0.9), Held(2, 0.0, came_from=1))
DRESSED = tuple((seat, "#2f8090") for seat in FLOOR.seats)


def corners(canvas: Canvas) -> np.ndarray:
    """Return the corners of what was drawn."""
    return np.array(canvas.places).reshape(-1, 4)


@pytest.mark.parametrize("ball", MOMENTS)
@pytest.mark.parametrize("time_s", [0.1, 0.7, 2.9, 3.05])
def test_a_body_moved_by_its_bearing_is_the_body_drawn_in_that_bearing(
    ball: Held | Flying, time_s: float
) -> None:
    """Every corner moves evenly with each number of a bearing, so nothing of a pose is lost."""
    state = poses(Court(players(5), ball, BALL, time_s), FLOOR).players
    one_by_one, moved = Canvas(Atlas(), 1280, 720), Canvas(Atlas(), 1280, 720)
    wardrobe = find_wardrobe(one_by_one, 2.0)
    for draw in BODY:
        for seat, shirt in DRESSED:
            draw(wardrobe, seat, bearing(state[seat.number]), shirt)
    find_troupe(find_wardrobe(moved, 2.0), DRESSED).draw_bodies(moved, state)
    assert np.allclose(corners(moved), corners(one_by_one), atol=1e-3)
    assert moved.colours == one_by_one.colours
    assert moved.runs == one_by_one.runs


def test_a_troupe_is_made_once_and_follows_each_pose() -> None:
    """The same figures come back, and stand otherwise when the pose is another."""
    canvas = Canvas(Atlas(), 1280, 720)
    wardrobe = find_wardrobe(canvas, 2.0)
    troupe = find_troupe(wardrobe, DRESSED)
    assert find_troupe(wardrobe, DRESSED) is troupe
    state = poses(Court(players(5), MOMENTS[0], BALL, 0.1), FLOOR).players
    troupe.draw_arms(canvas, state)
    before = corners(canvas)
    canvas.begin("#ffffff")
    raised = {number: replace(pose, left=(-20.0, -80.0)) for number, pose in state.items()}
    troupe.draw_arms(canvas, raised)
    assert len(corners(canvas)) == len(before)
    assert np.abs(corners(canvas) - before).max() > 10


def test_a_figure_that_melts_has_all_colours_in_its_corners() -> None:
    """Melted all the way, it has the colours of the ground: a picture of it would still show."""
    canvas = Canvas(Atlas(), 1280, 720)
    state = poses(Court(players(5), MOMENTS[0], BALL, 0.1), FLOOR).players
    (seat, shirt), *_ = DRESSED
    draw_figure(find_wardrobe(canvas, 2.0), seat, state[seat.number], shirt)
    pages = {page for page, *_ in canvas.runs if page >= 0}
    assert any(canvas.atlas.pages[page].pixels.ndim == 3 for page in pages)
    canvas.begin("#ffffff")
    draw_melting(find_wardrobe(canvas, 2.0), seat, state[seat.number], shirt)
    pages = {page for page, *_ in canvas.runs if page >= 0}
    assert all(canvas.atlas.pages[page].pixels.ndim == 2 for page in pages)
