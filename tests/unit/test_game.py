"""The rules as a value: who may throw to whom, and what an illegal throw changes (nothing)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiment.game import Game, IllegalThrow, Throw
from experiment.scenes import PARTICIPANT


def begun(players: int = 3) -> Game:
    """Return a game that player 1 begins."""
    return Game(tuple(n for n in range(1, players + 1) if n != PARTICIPANT), 1)


def test_a_throw_gives_a_new_game_and_leaves_the_old_one() -> None:
    """No caller holds a stale game by surprise."""
    before = begun()
    after = before.throw(PARTICIPANT)
    assert (before.holder, before.throws) == (1, ())
    assert after.holder == PARTICIPANT
    assert after.throws == (Throw(1, 1, PARTICIPANT),)
    assert after.receptions == 1


@pytest.mark.parametrize(("receiver", "reason"), [(1, "themselves"), (4, "no player 4"), (0, "no player 0")])
def test_an_illegal_throw_is_refused(receiver: int, reason: str) -> None:
    """Neither to oneself nor to somebody who does not play."""
    game = begun()
    with pytest.raises(IllegalThrow, match=reason):
        game.throw(receiver)
    assert game == begun()


@given(players=st.integers(3, 9), choices=st.lists(st.integers(0, 100), max_size=60))
def test_any_play_keeps_the_chain_of_throws(players: int, choices: list[int]) -> None:
    """Whoever receives throws next, throws count from 1, and receptions are those of the participant."""
    game = begun(players)
    for choice in choices:
        receivers = game.receivers()
        assert game.holder not in receivers
        assert len(receivers) == players - 1
        game = game.throw(receivers[choice % len(receivers)])
    assert [throw.number for throw in game.throws] == list(range(1, len(choices) + 1))
    holder = 1
    for throw in game.throws:
        assert throw.thrower == holder != throw.receiver
        holder = throw.receiver
    assert game.receptions == [throw.receiver for throw in game.throws].count(PARTICIPANT)


def test_who_leaves_is_gone_and_the_rest_play_on() -> None:
    """The throws so far stay; down to one co-player, who can throw to the participant alone."""
    before = begun(4).throw(3)
    after = before.leave(1)
    assert before.coplayers == (1, 3, 4)
    assert (after.coplayers, after.holder, after.throws) == ((3, 4), 3, before.throws)
    assert after.receivers() == (PARTICIPANT, 4)
    assert after.leave(4).receivers() == (PARTICIPANT,)


@pytest.mark.parametrize(("player", "reason"), [(1, "holds the ball"), (PARTICIPANT, "no co-player 2")])
def test_an_illegal_leave_is_refused(player: int, reason: str) -> None:
    """Nobody leaves with the ball, and the participant's leaving ends the run instead."""
    with pytest.raises(IllegalThrow, match=reason):
        begun().leave(player)
