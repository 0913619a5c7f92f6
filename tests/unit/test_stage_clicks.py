"""A click is stamped by the pointer's driver and hits what was on the screen then; keys follow the focus."""

from __future__ import annotations

from dataclasses import dataclass, field

from experiment.booth import Interruptions, Press
from experiment.scenes import Page
from experiment.stage.clicks import DRIVER_UNCERTAINTY_S, Click, Clicks
from experiment.stage.clocks import DriverTime, Moment
from experiment.stage.drivers import Driver, Signal
from experiment.stage.events import FRAME_S, WindowEvents
from experiment.stage.presses import StageKeys
from experiment.stage.strokes import Mark
from experiment.stage.view import Target

PAGE = Page("Page")
OLD, NEW = Target("option:1", (0.0, 0.0, 100.0, 100.0)), Target("option:2", (0.0, 0.0, 100.0, 100.0))
LINE = Target("line", (0.0, 0.0, 100.0, 100.0), line=(0.0, 100.0))


@dataclass(slots=True)
class Room:
    """A window, a keyboard and a mouse without a computer, on a clock that is set by hand."""

    now_s: float = 10.0
    keyboard: list[Signal] = field(default_factory=list)
    mouse: list[Signal] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    events: WindowEvents = field(init=False)
    keys: StageKeys = field(init=False)

    def __post_init__(self) -> None:
        names = {1: "1", 2: "left", 3: "lctrl", 4: "c"}
        keyboard = Driver([Told(self.keyboard)], DriverTime(self.now, self.now), names.__getitem__)
        mouse = Driver([Told(self.mouse)], DriverTime(self.now, self.now), str)
        self.events = WindowEvents(self.now, lambda x, y: (x, y), Interruptions())
        self.keys = StageKeys(self.events, lambda: None, keyboard, mouse, self.said.append)

    def now(self) -> float:
        """Return the time."""
        return self.now_s

    def frame(self, seconds: float = 1 / 60) -> list[Press]:
        """Let a frame pass and return what was pressed."""
        self.now_s += seconds
        return list(self.keys.presses(PAGE, self.now_s))


@dataclass(frozen=True, slots=True)
class Told:
    """A queue that a test fills."""

    signals: list[Signal]

    def read(self) -> list[Signal]:
        """Return and forget what is in it."""
        told = list(self.signals)
        self.signals.clear()
        return told


def test_a_click_has_the_drivers_time_and_the_windows_place() -> None:
    """It was made while the screen before was still there, and hits what that one had."""
    room = Room()
    room.events.shown(9.0, [OLD])
    room.events.shown(9.99, [NEW])
    room.mouse.append(Signal(1, True, 9.98))
    room.events.clicks.append(Click(Moment(10.0, FRAME_S), (50.0, 50.0), left=True))
    assert room.frame() == [Press(9.98, "mouse", target="option:1", uncertainty_s=DRIVER_UNCERTAINTY_S)]


def test_a_click_waits_one_frame_for_its_driver_and_then_does_without() -> None:
    """So that no click is lost with a driver that is dead; what it tells too late stamps no other click."""
    room = Room()
    room.events.shown(9.0, [OLD])
    room.events.clicks.append(Click(Moment(10.0, FRAME_S), (50.0, 50.0), left=True))
    assert not room.frame()
    assert room.frame() == [Press(10.0, "mouse", target="option:1", uncertainty_s=FRAME_S)]
    assert not room.frame()


def test_a_right_click_uses_up_its_own_stamp_and_is_no_press() -> None:
    """The left one that follows in the same frame keeps its own."""
    room = Room()
    room.events.shown(9.0, [OLD])
    room.mouse += [Signal(3, True, 9.98), Signal(3, False, 9.985), Signal(1, True, 9.99)]
    seen = Moment(10.0, FRAME_S)
    room.events.clicks += [Click(seen, (50.0, 50.0), left=left) for left in (False, True)]
    assert [press.at for press in room.frame()] == [9.99]


def test_a_line_is_dragged_once_a_frame_and_never_before_its_click() -> None:
    """The drag of a click whose time is not known yet waits with it."""
    clicks = Clicks(None, lambda _at, _x, _y: LINE)
    click = Click(Moment(1.0, FRAME_S), (20.0, 5.0), left=True, drawn_to=(60.0, 5.0), drawn_at=1.01)
    got = clicks.settle([click], 1.02)
    assert [(press.fraction, press.drag) for press in got] == [(0.2, False), (0.6, True)]
    assert not clicks.settle([], 1.04)
    click.drawn_to, click.drawn_at = (90.0, 5.0), 1.05
    assert [press.fraction for press in clicks.settle([], 1.06)] == [0.9]


def test_keys_are_stray_while_another_window_has_them() -> None:
    """Also one pressed in the frame in which the focus goes or comes, unless our window told of it."""
    room = Room()
    room.keyboard.append(Signal(2, True, 10.0))
    room.events.told.append(Mark("left", 10.01, FRAME_S))
    assert [press.stray for press in room.frame()] == [False]
    room.keyboard += [Signal(2, False, 10.02), Signal(1, True, 10.025)]
    room.events.on_deactivate()
    assert [press.stray for press in room.frame()] == [True]
    room.keyboard += [Signal(1, False, 10.04), Signal(2, True, 10.045), Signal(2, False, 10.046)]
    assert [press.stray for press in room.frame()] == [True]
    assert room.keys.held("left") is None
    room.keyboard += [Signal(1, True, 10.06), Signal(1, False, 10.061), Signal(2, True, 10.062)]
    room.events.on_activate()
    room.events.told.append(Mark("left", room.now_s + 0.01, FRAME_S))
    assert [(press.key, press.stray) for press in room.frame()] == [("1", True), ("left", False)]
    assert ["lost" in said for said in room.said] == [True, False]


def test_a_letter_struck_with_ctrl_in_one_frame_is_a_command() -> None:
    """However fast: what was down when the letter went down decides, not what is down when it is read."""
    room = Room()
    for code, down in ((3, True), (4, True), (4, False), (3, False), (4, True)):
        room.keyboard.append(Signal(code, down, 10.0 + 0.001 * len(room.keyboard)))
    assert [press.key for press in room.frame()] == ["lctrl", "ctrl+c", "c"]


def test_what_is_discarded_never_comes() -> None:
    """Neither keys nor clicks, nor their late stamps."""
    room = Room()
    room.events.shown(9.0, [OLD])
    room.keyboard.append(Signal(2, True, 10.0))
    room.events.told.append(Mark("left", 10.01, FRAME_S))
    room.events.clicks.append(Click(Moment(10.0, FRAME_S), (50.0, 50.0), left=True))
    room.keys.discard()
    room.mouse.append(Signal(1, True, 9.99))
    assert not room.frame()
    assert not room.frame(0.3)
