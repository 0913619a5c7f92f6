"""The policy `order`, which imported schedules of Cyberball 5 need: receivers one after the other."""

from __future__ import annotations

import pytest

from experiment.definitions.errors import DefinitionError
from experiment.definitions.game import Game
from experiment.definitions.reading import parse
from tests.importing.playing import PARTICIPANT, play

GAME = """
title = "Order"
source = "made for this test"
players = 4
throws = {throws}
starts = 1
coplayers = [{{ name = "Alex" }}, {{ name = "Sam"{leaves} }}, {{ name = "Kim" }}]
pause = {{ kind = "fixed", value_s = 9.0 }}
flight = {{ kind = "fixed", value_s = 1.0 }}
[[phases]]
name = "whole"
throws = {throws}
order = {order}
"""


def game(order: str, throws: int = 6, leaves: str = "") -> Game:
    """Return a game with this order."""
    return parse(GAME.format(order=order, throws=throws, leaves=leaves), Game, None)


def test_receivers_follow_one_another_whoever_throws() -> None:
    """Without the participant the list is played as it stands, with its pauses."""
    run = play(game("{ receivers = [3, 4, 1, 4, 3, 1], pauses_s = [1, 2, 3, 4, 5, 6] }"), 1)
    assert [receiver for _, receiver in run.throws] == [3, 4, 1, 4, 3, 1]
    assert run.pauses_s == [1, 2, 3, 4, 5, 6]


def test_without_pauses_of_its_own_the_games_pause_holds() -> None:
    """`pauses_s` may be left out."""
    assert play(game("{ receivers = [3, 4, 1, 4, 3, 1] }"), 1).pauses_s == [9.0] * 6


def test_who_has_left_is_passed_over() -> None:
    """Player 3 leaves after the second throw; the entries that name them give their pauses, not the ball."""
    order = "{ receivers = [3, 4, 3, 1, 4, 3, 1], pauses_s = [1, 2, 3, 4, 5, 6, 7] }"
    run = play(game(order, 5, ", leaves = { after_throws = 2 }"), 1)
    assert [receiver for _, receiver in run.throws] == [3, 4, 1, 4, 1]
    assert run.pauses_s == [1, 2, 3, 5, 6]


def test_a_list_that_is_used_up_leaves_everybody_as_likely() -> None:
    """After the last entry all others receive, the participant among them, after the last pause."""
    file = game("{ receivers = [3], pauses_s = [2] }", 30)
    runs = [play(file, seed) for seed in range(40)]
    assert {receiver for run in runs for who, receiver in run.throws if who == 1} == {PARTICIPANT, 3, 4}
    assert {pause for run in runs for pause in run.pauses_s} == {2, None}


@pytest.mark.parametrize(
    ("order", "problem"),
    [
        ("{ receivers = [3, 5] }", "order.receivers[2] = 5 is no player; allowed: 1, 2, 3, 4"),
        ("{ receivers = [3, 4], pauses_s = [1] }", "1 pauses_s for 2 receivers; one each"),
    ],
)
def test_an_order_that_does_not_fit_is_refused(order: str, problem: str) -> None:
    """Receivers are players of the game, pauses as many as receivers."""
    with pytest.raises(DefinitionError) as refused:
        game(order)
    assert problem in str(refused.value)
