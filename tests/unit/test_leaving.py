"""Who leaves a run and when: thresholds, what counts as ignored, chains, and nobody with the ball."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiment import definitions
from experiment.definitions.players import Leaving
from experiment.game import Game, IllegalThrow
from experiment.leaving import Leavers, Thresholds
from experiment.randomness import stream
from experiment.scenes import PARTICIPANT
from tests.scheduled import Played
from tests.scripted import game

SEEDS = st.integers(0, 2**32 - 1)
Rule = Mapping[str, object]


def court(rules: Mapping[int, Rule], own: Rule | None = None, throws: int = 60) -> definitions.Game:
    """Return a game of five; co-players leave by `rules`, the participant by `own`."""
    coplayers = [
        {"name": f"Player {n}", **({"leaves": dict(rules[n])} if n in rules else {})} for n in (1, 3, 4, 5)
    ]
    participant = {} if own is None else {"may_leave": dict(own)}
    return game(
        [{"throws": throws, "probability": 0.3}], players=5, coplayers=coplayers, participant=participant
    )


def thrown(leavers: Leavers, begun: Game, receivers: list[int], each_s: float = 1.0) -> Game:
    """Throw to these one after the other, the ball half of the time in the air; nobody leaves."""
    leavers.caught(begun, 0.0)
    now = 0.0
    for receiver in receivers:
        begun = begun.throw(receiver)
        leavers.threw(begun, now + each_s / 2)
        now += each_s
        leavers.caught(begun, now)
    return begun


@given(seed=SEEDS, value=st.integers(5, 50), spread=st.integers(0, 4), spread_s=st.floats(0, 4))
def test_a_threshold_lies_within_its_spread(seed: int, value: int, spread: int, spread_s: float) -> None:
    """And is another for another run or player."""
    rule = Leaving(
        after_throws=value, after_throws_ignored=value, after_s=60.0, after_s_ignored=30.0, after_leavers=2,
        spread_throws=spread, spread_s=spread_s,
    )  # fmt: skip
    drawn = Thresholds.drawn(rule, stream(seed, "x"))
    assert drawn.throws is not None
    assert drawn.seconds is not None
    assert abs(drawn.throws - value) <= spread
    assert drawn.throws_ignored == drawn.throws
    assert abs(drawn.seconds - 60) <= spread_s
    assert drawn.seconds_ignored == pytest.approx(drawn.seconds - 30)
    assert drawn.leavers == 2


def test_all_of_a_spread_comes_about() -> None:
    """From the value less the spread to the value and the spread."""
    rule = Leaving(after_throws=10, spread_throws=2)
    assert {Thresholds.drawn(rule, stream(seed, "x")).throws for seed in range(80)} == {8, 9, 10, 11, 12}


@given(seed=SEEDS, choices=st.lists(st.integers(0, 7), min_size=1, max_size=20))
def test_nobody_leaves_before_their_time_nor_with_the_ball(seed: int, choices: list[int]) -> None:
    """Each leaves at the first catch at which they may and do not hold the ball."""
    played = Played(court({1: {"after_throws": 9}, 4: {"after_s": 30.0}}), seed, choices)
    throws = played.game.throws
    expected = next(t.number for t in throws if t.number >= 9 and t.receiver != 1)
    assert played.left[1] == expected
    late = [t.number for t in throws if played.caught_s[t.number - 1] >= 30.0 and t.receiver != 4]
    assert played.left.get(4) == (late[0] if late else None)


def test_ignored_throws_count_from_the_last_ball_that_was_had() -> None:
    """A player's own throw ignores nobody: only throws of others to others do."""
    file = court({4: {"after_throws_ignored": 3}})
    begun = Game((1, 3, 4, 5), 4)
    for receivers, leaves in (
        ([1, 3, 5], ()),
        ([1, 3, 5, 1], (4,)),
        ([1, 3, 5, 4], ()),
        ([1, 3, 4, 5, 1, 3], ()),
        ([1, 3, 4, 5, 1, 3, 1], (4,)),
    ):
        leavers = Leavers(file, 1, "x")
        now = thrown(leavers, begun, receivers)
        assert leavers.due(now, 99.0) == leaves, receivers


def test_ignored_throws_count_from_the_start_for_who_never_had_the_ball() -> None:
    """Every throw that goes past them."""
    leavers = Leavers(court({4: {"after_throws_ignored": 3}}), 1, "x")
    assert leavers.due(thrown(leavers, Game((1, 3, 4, 5), 1), [3, 1]), 99.0) == ()
    leavers = Leavers(court({4: {"after_throws_ignored": 3}}), 1, "x")
    assert leavers.due(thrown(leavers, Game((1, 3, 4, 5), 1), [3, 1, 5]), 99.0) == (4,)


def test_ignored_seconds_count_from_the_throw_with_which_the_ball_was_given_away() -> None:
    """However long they had held it."""
    leavers = Leavers(court({4: {"after_s_ignored": 10.0}}), 1, "x")
    now = thrown(leavers, Game((1, 3, 4, 5), 4), [1], each_s=60.0)
    assert leavers.due(now, 39.9) == ()
    assert leavers.due(now, 40.0) == (4,)


def test_who_leaves_may_move_others_to_leave_at_once() -> None:
    """A chain goes on until nobody else is moved, whatever the order of the players."""
    chain = {1: {"after_leavers": 2}, 3: {"after_leavers": 1}, 5: {"after_throws": 1}}
    leavers = Leavers(court(chain), 1, "x")
    assert leavers.due(thrown(leavers, Game((1, 3, 4, 5), 1), [4]), 1.0) == (1, 3, 5)
    leavers = Leavers(court(chain), 1, "x")
    assert leavers.due(thrown(leavers, Game((1, 3, 4, 5), 1), [3]), 1.0) == (5,), "player 3 has the ball"


def test_the_last_co_player_to_leave_ends_the_run() -> None:
    """The participant is alone then."""
    rules: dict[int, Rule] = {n: {"after_throws": 4} for n in (1, 3, 4, 5)}
    played = Played(court(rules), 3, [0, 1, 2])
    assert played.ended == "alone"
    assert set(played.left) == {1, 3, 4, 5}
    assert played.game.holder == PARTICIPANT
    assert sorted(played.left.values())[0] == 4


@pytest.mark.parametrize(
    ("rule", "receivers", "from_s"),
    [
        ({"after_throws": 3}, [3, 1], None),
        ({"after_throws": 3}, [3, 1, 4], 0.0),
        ({"after_s": 20.0}, [3], 20.0),
        ({"after_throws_ignored": 3}, [3, 1, 3], 0.0),
        ({"after_throws_ignored": 3}, [3, 1, PARTICIPANT], None),
        ({"after_throws_ignored": 3}, [PARTICIPANT, 1, 3, 4], None),
        ({"after_throws_ignored": 3}, [PARTICIPANT, 1, 3, 4, 1], 0.0),
        ({"after_s_ignored": 5.0}, [3, 1], 5.0),
        ({"after_s_ignored": 5.0}, [3, PARTICIPANT, 1], 7.5),
        ({"after_s_ignored": 5.0}, [3, PARTICIPANT], None),
        ({"after_s": 20.0, "after_s_ignored": 5.0}, [3, PARTICIPANT], 20.0),
        ({"after_leavers": 1}, [3, 1], None),
    ],
)
def test_the_participant_may_leave_from_when_the_file_says(
    rule: Rule, receivers: list[int], from_s: float | None
) -> None:
    """Throws, time, throws and time ignored; never for being ignored while the ball is theirs."""
    leavers = Leavers(court({1: {"after_throws": 50}}, own=rule), 1, "x")
    assert leavers.participant_from_s(thrown(leavers, Game((1, 3, 4, 5), 1), receivers)) == from_s


def test_a_ball_on_its_way_to_the_participant_ignores_them_no_more() -> None:
    """The button does not come up with the very throw that reaches them."""
    leavers = Leavers(court({}, own={"after_throws_ignored": 2}), 1, "x")
    begun = thrown(leavers, Game((1, 3, 4, 5), 1), [3]).throw(PARTICIPANT)
    leavers.threw(begun, 2.0)
    assert leavers.participant_from_s(begun) is None


def test_the_participant_may_leave_once_others_have() -> None:
    """As many as the file says."""
    leavers = Leavers(court({1: {"after_throws": 1}}, own={"after_leavers": 1}), 1, "x")
    now = thrown(leavers, Game((1, 3, 4, 5), 1), [3])
    assert leavers.participant_from_s(now) is None
    for player in leavers.due(now, 1.0):
        now = now.leave(player)
    assert leavers.participant_from_s(now) == 0.0


def test_who_may_not_leave_never_does() -> None:
    """Neither co-player nor participant."""
    leavers = Leavers(court({}), 1, "x")
    now = thrown(leavers, Game((1, 3, 4, 5), 1), [3, 1] * 40)
    assert leavers.due(now, 9999.0) == ()
    assert leavers.participant_from_s(now) is None


def test_only_a_co_player_without_the_ball_can_leave_a_game() -> None:
    """The rules refuse anything else."""
    begun = Game((1, 3, 4), 1)
    assert begun.leave(3) == Game((1, 4), 1)
    for player, reason in ((1, "holds the ball"), (PARTICIPANT, "no co-player"), (7, "no co-player")):
        with pytest.raises(IllegalThrow, match=reason):
            begun.leave(player)
    with pytest.raises(IllegalThrow, match="no player 3"):
        begun.leave(3).throw(3)
