"""The window stands in for a keyboard's driver that has fallen silent, and never tells of a press twice."""

from __future__ import annotations

from experiment.booth import Press
from experiment.stage.strokes import Mark
from experiment.stage.witness import PATIENCE_S, Witness

LATER = PATIENCE_S + 0.01


def key(name: str, at: float) -> Press:
    """Return a key that the driver stamped."""
    return Press(at, "keyboard", key=name)


def mark(name: str, at: float, *, again: bool = False) -> Mark:
    """Return a key that the window told of."""
    return Mark(name, at, 0.017, again)


def test_a_key_of_which_the_driver_is_silent_is_taken_from_the_window() -> None:
    """After a while, once, with the window's time and uncertainty."""
    witness = Witness()
    assert witness.hold([], [mark("left", 5.0)], 5.0) == ([], [])
    assert witness.hold([], [], 5.0 + PATIENCE_S / 2) == ([], [])
    fresh, taken = witness.hold([], [], 5.0 + LATER)
    assert fresh == []
    assert taken == [Press(5.0, "keyboard", key="left", uncertainty_s=0.017)]
    assert witness.hold([], [], 6.0) == ([], [])


def test_a_driver_that_tells_too_late_is_not_heard_twice() -> None:
    """The press was taken from the window; the next of the same key is a press of its own."""
    witness = Witness()
    witness.hold([], [mark("left", 5.0)], 5.0)
    witness.hold([], [], 5.0 + LATER)
    assert witness.hold([key("left", 4.99)], [], 5.4) == ([], [])
    assert witness.hold([key("left", 5.6)], [mark("left", 5.61)], 5.61) == ([key("left", 5.6)], [])


def test_a_live_driver_is_never_doubled_on_any_layout() -> None:
    """Driver and window may call a letter differently, and either may tell first."""
    witness = Witness()
    now = 1.0
    pairs = [("y", "z"), ("1", "ampersand"), ("semicolon", "odiaeresis"), ("left", "left"), ("4", "num_left")]
    for driver, window in pairs * 3:
        now += 0.3
        pressed, told = [key(driver, now - 0.01)], [mark(window, now)]
        first, second = (
            (pressed, []) if driver == "1" else ([], told),
            (([], told) if driver == "1" else (pressed, [])),
        )
        got = witness.hold(*first, now)[0] + witness.hold(*second, now + 0.02)[0]
        assert got == pressed
        assert witness.hold([], [], now + 0.29) == ([], [])


def test_a_keypad_without_num_lock_is_one_key() -> None:
    """Windows calls its digits arrows then; a digit and an arrow for one press would be two answers."""
    witness = Witness()
    assert witness.hold([key("4", 5.0)], [mark("left", 5.01)], 5.01)[0] == [key("4", 5.0)]
    assert witness.hold([], [], 5.01 + LATER) == ([], [])
    witness.hold([key("4", 8.0)], [mark("right", 8.01)], 8.01)
    assert [press.key for press in witness.hold([], [], 8.01 + LATER)[1]] == ["right"]


def test_a_window_that_tells_long_after_the_driver_tells_of_the_same_press() -> None:
    """An input method may hold keys back; the next press is one of its own again."""
    witness = Witness()
    assert witness.hold([key("left", 5.0)], [], 5.0)[0] == [key("left", 5.0)]
    assert witness.hold([], [mark("left", 5.8)], 5.8) == ([], [])
    assert witness.hold([], [], 5.8 + LATER) == ([], [])
    witness.hold([], [mark("left", 9.0)], 9.0)
    assert [press.at for press in witness.hold([], [], 9.0 + LATER)[1]] == [9.0]


def test_a_letter_taken_from_the_window_has_the_name_that_the_driver_gave_it() -> None:
    """As far as it was seen while the driver lived."""
    witness = Witness()
    witness.hold([key("1", 1.0)], [mark("ampersand", 1.01)], 1.01)
    witness.hold([], [mark("ampersand", 5.0)], 5.0)
    assert [press.key for press in witness.hold([], [], 5.0 + LATER)[1]] == ["1"]
    witness.hold([], [mark("l", 8.0)], 8.0)
    assert [press.key for press in witness.hold([], [], 8.0 + LATER)[1]] == ["l"]


def test_repeats_of_a_key_that_is_held_are_no_presses() -> None:
    """The window may tell of them one by one; the driver tells of one press."""
    witness = Witness()
    assert witness.hold([key("a", 1.0)], [mark("a", 1.01)], 1.01)[0] == [key("a", 1.0)]
    for repeat in range(20):
        now = 1.7 + 0.04 * repeat
        assert witness.hold([], [mark("a", now, again=True)], now) == ([], [])


def test_what_was_discarded_is_not_taken_from_the_window() -> None:
    """Neither later from the window nor later from the driver."""
    witness = Witness()
    witness.hold([], [mark("return", 2.0)], 2.0)
    witness.forget()
    assert witness.hold([], [], 2.0 + LATER) == ([], [])
    assert witness.hold([key("return", 1.99)], [], 2.3) == ([], [])


def test_a_key_taken_from_the_window_is_held_until_the_window_sees_it_come_up() -> None:
    """So the experimenter's pause opens with a dead driver too."""
    witness = Witness()
    witness.hold([], [mark("escape", 3.0)], 3.0)
    witness.hold([], [], 3.0 + LATER)
    assert witness.held({"escape"}) == {"escape": 3.0}
    assert witness.held(set()) == {}
