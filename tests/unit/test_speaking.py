"""What is said during a run: lines at their times, the latest in front, each told of once."""

from __future__ import annotations

from experiment.scenes import Said
from experiment.speaking import ANNOUNCED_S, Speaking
from tests.scripted import game

LINES = {"hello": "Hello!", "nice": "Nice one.", "rule": "Throw as you like.", "soon": "Soon over."}
CHAT = [
    {"player": 1, "text": "hello", "after_throw": 0, "after_s": 2.0, "lasts_s": 6.0},
    {"player": 1, "text": "nice", "after_throw": 2, "lasts_s": 1.0},
    {"player": 3, "text": "hello", "after_throw": 2, "after_s": 0.5},
]
MESSAGES = [
    {"text": "rule", "after_throw": 0},
    {"text": "soon", "after_throw": 2, "after_s": 1.0, "lasts_s": 3.0},
]


def speaking() -> Speaking:
    """Return the lines of a game, the start and two throws behind it."""
    said = Speaking(game([{"throws": 9, "receptions": 3}], chat=CHAT, messages=MESSAGES), LINES)
    said.caught(0, 0.0)
    said.caught(1, 2.5)
    said.caught(2, 5.0)
    return said


def test_a_line_comes_up_at_its_time_and_lasts() -> None:
    """Not before its throw and its delay, and no longer than it says."""
    said = speaking()
    assert said.said(1.99, (1, 3)) == ()
    assert said.said(2.0, (1, 3)) == (Said(1, "Hello!", 2.0),)
    assert said.said(9.49, (1, 3)) == (Said(3, "Hello!", 5.5),)
    assert said.said(9.5, (1, 3)) == ()


def test_the_latest_line_takes_the_place_of_the_one_before_for_good() -> None:
    """Also where the earlier one would have stayed longer."""
    said = speaking()
    assert said.said(4.9, (1, 3)) == (Said(1, "Hello!", 2.0),)
    assert said.said(5.2, (1, 3)) == (Said(1, "Nice one.", 5.0),)
    assert said.said(6.2, (1, 3)) == (Said(3, "Hello!", 5.5),)


def test_players_speak_side_by_side_and_who_has_left_is_silent() -> None:
    """Each has a line of their own."""
    said = speaking()
    assert [line.player for line in said.said(5.7, (1, 3))] == [1, 3]
    assert [line.player for line in said.said(5.7, (3,))] == [3]


def test_a_message_without_an_end_stays_and_comes_back_after_another() -> None:
    """An announcement goes before it for its time."""
    said = speaking()
    told = [said.message(at) for at in (0.0, 5.9, 6.0, 8.9, 9.0, 5000.0)]
    assert told == [LINES["rule"], LINES["rule"], LINES["soon"], LINES["soon"], LINES["rule"], LINES["rule"]]
    said.announce("Alex has left the game.", 20.0)
    assert said.message(20.0 + ANNOUNCED_S - 0.01) == "Alex has left the game."
    assert said.message(20.0 + ANNOUNCED_S) == LINES["rule"]


def test_each_line_of_the_file_is_told_of_once() -> None:
    """When it has come up; an announcement is not of the file."""
    said = speaking()
    said.announce("Alex has left the game.", 5.2)
    told = [[(line.name, line.lasts_s) for line in said.begun(at)] for at in (0.0, 1.0, 5.0, 5.0, 5.3, 50.0)]
    assert told == [
        [("rule", None)], [], [("hello", 6.0), ("nice", 1.0)], [], [], [("hello", 4.0), ("soon", 3.0)],
    ]  # fmt: skip


def test_the_next_change_is_the_next_start_or_end() -> None:
    """So that a screen that nobody looks at can pass over the rest."""
    said = speaking()
    at, changes = -1.0, []
    while (following := said.next_change(at)) is not None:
        changes.append(following)
        at = following
    assert changes == [0.0, 2.0, 5.0, 5.5, 6.0, 8.0, 9.0, 9.5]


def test_everything_that_may_be_said_can_be_prepared() -> None:
    """Each line and each message of the file, once."""
    everything = speaking().everything()
    assert [said[0].words for said, _ in everything if said] == ["Hello!", "Nice one.", "Hello!"]
    assert [message for _, message in everything if message] == [LINES["rule"], LINES["soon"]]
