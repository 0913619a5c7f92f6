"""What has changed in a picture lies in the rectangles that are drawn anew."""

from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.court import game
from experiment.stage.canvas import Canvas
from experiment.stage.damage import (
    RECTANGLES_MAX,
    TILE_PX,
    Box,
    Picture,
    changed,
    patches,
    rectangles,
    touching,
)
from experiment.stage.director import Director
from experiment.stage.palette import PAPER, packed
from experiment.stage.view import View

W, H = 1280, 720
PLACE = st.floats(-300, 1600, width=32)
THING = st.tuples(PLACE, PLACE, st.floats(0, 400, width=32), st.floats(0, 300, width=32))


def inside(boxes: tuple[Box, ...], width: int, height: int) -> np.ndarray[tuple[int, int], np.dtype[np.int_]]:
    """Return over each pixel how many boxes lie."""
    count = np.zeros((height, width), int)
    for x, y, wide, tall in boxes:
        assert 0 <= x < x + wide <= width
        assert 0 <= y < y + tall <= height
        count[y : y + tall, x : x + wide] += 1
    return count


@given(things=st.lists(THING, max_size=12), size=st.sampled_from([(1280, 720), (700, 333), (64, 64)]))
def test_every_pixel_that_changes_lies_in_one_rectangle(
    things: list[tuple[float, float, float, float]], size: tuple[int, int]
) -> None:
    """On the screen nothing of a box is left out, no rectangle lies over another, and there are few."""
    width, height = size
    boxes = np.array([(x, y, x + w, y + h) for x, y, w, h in things], np.float32).reshape(-1, 4).T
    found = rectangles(boxes, width, height)
    assert len(found) <= RECTANGLES_MAX
    count = inside(found, width, height)
    assert count.max(initial=0) <= 1
    for left, top, right, bottom in boxes.T.tolist():
        across = slice(max(0, int(np.floor(left))), max(0, int(np.ceil(right))))
        down = slice(max(0, int(np.floor(top))), max(0, int(np.ceil(bottom))))
        assert count[down, across].all()


def test_nothing_has_to_be_drawn_where_nothing_changed() -> None:
    """No boxes, or only such as lie beside the screen, give no rectangle."""
    assert rectangles(np.empty((4, 0), np.float32), W, H) == ()
    assert rectangles(np.array([[-90], [10], [-20], [50]], np.float32), W, H) == ()


def test_things_far_apart_are_drawn_apart() -> None:
    """Two small things in opposite corners cost two small rectangles."""
    corners = np.array([(3, 3, 20, 20), (1200, 650, 1210, 660)], np.float32).T
    found = rectangles(corners, W, H)
    assert sum(wide * tall for _, _, wide, tall in found) <= 2 * TILE_PX**2


def drawn(canvas: Canvas, things: list[tuple[int, int, int, int, int]]) -> Picture:
    """Return a picture of plain rectangles."""
    canvas.begin(PAPER)
    for x, y, w, h, shade in things:
        canvas.box(x, y, w, h, packed(f"#{shade:06x}"))
    return Picture.of(canvas)


def painted(things: list[tuple[int, int, int, int, int]]) -> np.ndarray[tuple[int, int], np.dtype[np.int_]]:
    """Return what these rectangles look like."""
    pixels = np.zeros((H, W), int)
    for x, y, w, h, shade in things:
        pixels[y : y + h, x : x + w] = shade
    return pixels


@pytest.mark.parametrize("seed", range(30))
def test_whatever_is_added_moved_or_taken_away_is_found(seed: int) -> None:
    """Between any two pictures, a pixel that differs lies where something is said to have changed."""
    chance = random.Random(seed)

    def thing() -> tuple[int, int, int, int, int]:
        return (
            chance.randrange(1000), chance.randrange(600), chance.randrange(1, 250), chance.randrange(1, 110),
            chance.randrange(1, 1 << 24),
        )  # fmt: skip

    canvas = Director(W, H).canvas
    before = [thing() for _ in range(8)]
    after = list(before)
    for _ in range(chance.randrange(4)):
        at = chance.randrange(len(after))
        match chance.randrange(3):
            case 0:
                after[at] = thing()
            case 1:
                after.insert(at, thing())
            case _:
                del after[at]
    old, new = drawn(canvas, before), drawn(canvas, after)
    boxes = changed(old, new)
    assert boxes is not None
    differs = painted(before) != painted(after)
    assert inside(rectangles(boxes, W, H), W, H)[differs].all()
    if before == after:
        assert boxes.size == 0


def test_another_ground_changes_everything() -> None:
    """Where the colour below all has changed, or what lies on it, there are no boxes to tell."""
    canvas = Director(W, H).canvas
    old = drawn(canvas, [])
    canvas.begin("#123456")
    assert changed(old, Picture.of(canvas)) is None
    canvas.begin(PAPER, Canvas(canvas.atlas, W, H))
    laid = Picture.of(canvas)
    assert changed(old, laid) is None
    canvas.begin(PAPER, Canvas(canvas.atlas, W, H))
    assert changed(laid, Picture.of(canvas)) is None


def test_a_court_lies_on_the_same_ground_as_long_as_it_goes_on() -> None:
    """The ground is composed once, or it would be drawn anew in every frame."""
    director, grounds = Director(W, H), []
    for at in (0.1, 1.5, 3.9):
        director.compose(game(2, at), View(W, H))
        grounds.append(director.canvas.ground)
    assert grounds[0] is not None
    assert all(ground is grounds[0] for ground in grounds)


def test_a_rectangle_more_is_drawn_only_where_it_spares_filling() -> None:
    """What lies a few pixels apart is one rectangle, and a column beside a row are two."""
    near = np.array([(3, 3, 20, 20), (70, 3, 90, 20)], np.float32).T
    assert len(rectangles(near, W, H)) == 1
    corner = np.array([(0, 0, 1000, 20), (0, 0, 20, 700)], np.float32).T
    found = rectangles(corner, W, H)
    assert len(found) == 2
    assert sum(wide * tall for _, _, wide, tall in found) < 60_000


def test_pieces_are_all_triangles_in_the_order_of_the_canvas() -> None:
    """What touches the whole screen is every piece; runs hold them all, one after the other."""
    director = Director(W, H)
    director.compose(game(2, 1.5), View(W, H))
    picture, pieces = Picture.of(director.canvas), patches(director.canvas)
    assert [page for page, _, _ in pieces.runs] == [page for page, _, _ in director.canvas.runs]
    assert pieces.runs[0][1] == 0
    assert pieces.runs[-1][2] == pieces.count
    assert pieces.triangles.max() == director.canvas.vertices - 1
    triangles, runs = touching(picture, (-4000, -4000, 9000, 9000))
    assert np.array_equal(triangles, pieces.triangles)
    assert tuple(runs) == pieces.runs


def test_in_a_game_a_small_part_of_the_screen_changes() -> None:
    """Over seconds of a game, less than a third of the screen is drawn anew in the mean."""
    director, view, last, filled = Director(W, H), View(W, H), None, []
    for frame in range(240):
        director.compose(game(2, frame / 60), view)
        picture = Picture.of(director.canvas, last)
        if last is not None:
            boxes = changed(last, picture)
            assert boxes is not None
            filled.append(sum(wide * tall for _, _, wide, tall in rectangles(boxes, W, H)))
        last = picture
    assert np.mean(filled) < W * H / 3
