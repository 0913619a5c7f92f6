"""No answer looks chosen because the pointer rests on it, or a key is still down, from the item before."""

from __future__ import annotations

from dataclasses import replace

import pytest

from experiment.scenes import ChoiceScale, Court, Flying, Held, LikertScale, Scale
from experiment.stage import palette
from experiment.stage.director import Director
from experiment.stage.gallery import form
from experiment.stage.gallery_games import BALL, players
from experiment.stage.hovering import Hovering, subject
from experiment.stage.view import View

NONE: frozenset[str] = frozenset()
FIRST = form("First?", LikertScale(1, 5, ("no", "yes")))
SECOND = replace(FIRST, item="second", position=8)
SPOT = (400.0, 300.0)


def test_a_resting_pointer_lights_nothing_on_the_next_item() -> None:
    """It has to move by more than a hand's tremor, counted from where it lay."""
    hovering = Hovering()
    hovering.follow(FIRST, (10.0, 10.0), NONE)
    assert hovering.follow(FIRST, SPOT, NONE)[0]
    assert hovering.follow(replace(FIRST, value=3), SPOT, NONE)[0]
    assert not hovering.follow(SECOND, SPOT, NONE)[0]
    assert not hovering.follow(SECOND, (401.0, 302.0), NONE)[0]
    assert hovering.follow(SECOND, (404.0, 304.0), NONE)[0]
    assert hovering.follow(SECOND, SPOT, NONE)[0]


def test_a_pointer_that_comes_in_later_has_to_move_too() -> None:
    """Where it was first seen counts; outside the window it lights nothing."""
    hovering = Hovering()
    assert not hovering.follow(FIRST, None, NONE)[0]
    assert not hovering.follow(FIRST, SPOT, NONE)[0]
    assert hovering.follow(FIRST, (420.0, 300.0), NONE)[0]
    assert not hovering.follow(FIRST, None, NONE)[0]


def test_a_key_still_down_from_the_item_before_is_not_shown() -> None:
    """Only when it has come up and goes down again."""
    hovering = Hovering()
    four = frozenset({"4"})
    assert hovering.follow(FIRST, None, NONE)[1] == NONE
    assert hovering.follow(FIRST, None, four)[1] == four
    assert hovering.follow(SECOND, None, four)[1] == NONE
    assert hovering.follow(SECOND, None, frozenset({"4", "a"}))[1] == {"a"}
    assert hovering.follow(SECOND, None, NONE)[1] == NONE
    assert hovering.follow(SECOND, None, four)[1] == four


def test_every_turn_of_the_game_begins_unlit() -> None:
    """Within a turn time goes on; a new turn, and the flight between, are another thing."""
    turn = Court(players(2), Held(2, 4.0, came_from=1), BALL, 5.0, turn=True)
    assert subject(turn) == subject(replace(turn, time_s=6.0))
    assert subject(turn) != subject(replace(turn, ball=Held(2, 9.0, came_from=3), time_s=9.1))
    assert subject(turn) != subject(replace(turn, ball=Flying(2, 1, 6.0, 0.9), turn=False))


@pytest.mark.parametrize(
    "scale", [LikertScale(1, 5, ("no", "yes")), ChoiceScale((("3", "three"), ("4", "four")))]
)
def test_an_answer_under_the_pointer_is_outlined_and_never_filled(scale: Scale) -> None:
    """What is filled, and the ink on it, changes only with the choice."""
    director = Director(1280, 720)
    item = form("Which?", scale)
    filled = {palette.packed(colour) for colour in (palette.TINT, palette.WHITE, palette.INK)}

    def grounds(value: int | str | None, hover: str) -> list[int]:
        director.compose(replace(item, value=value), View(1280, 720, hover))
        return [colour for colour in director.canvas.colours[::4] if colour in filled]

    plain = grounds(None, "")
    chosen = grounds(3 if isinstance(scale, LikertScale) else "3", "")
    assert grounds(None, "option:3") == plain
    assert chosen != plain


def test_an_option_without_a_digit_shows_none() -> None:
    """Beyond nine there is no key to name."""
    director = Director(1280, 720)
    many = ChoiceScale(tuple((f"o{i}", f"word {i}") for i in range(12)))
    director.compose(form("Which?", many), View(1280, 720))
    written = {name[0] for name in director.atlas._texts if isinstance(name, tuple)}
    assert {"1", "9"} <= written
    assert not {"0", "10", "11", "12"} & written
