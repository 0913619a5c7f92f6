"""Whatever stops a session with pain, in whatever state: the device is told first, the record has it."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import product as every_pair
from pathlib import Path
from typing import Any

import pytest

from experiment import definitions
from experiment.bids import derive
from experiment.booth import Press
from experiment.definitions.laboratory import Laboratory
from experiment.devices.simulated import Simulated
from experiment.journal import Event
from experiment.scenes import Button, Court, Flying, Form, Held, Page, Scene
from experiment.stimulator import StimulatorFault, Stimulus
from tests.scripted import HURTING, PERIOD_S, Sitting, click, key

CEILINGS: dict[str, Any] = {
    "heat": {"level": 48.0, "unit": "°C", "duration_s": 2.0, "number": 60, "agreed": "vote 12"},
    "cold": {"level": 1.0, "unit": "°C", "duration_s": 120.0, "number": 2, "agreed": "vote 12"},
    "pressure": {"level": 600.0, "unit": "kPa", "duration_s": 1.5, "number": 40, "agreed": "vote 12"},
}
LABORATORY = Laboratory.of_record(
    {"ceilings": CEILINGS, "stimulator": {"kind": "simulated", "modality": "heat"}}
)


@lru_cache(maxsize=3)
def protocol(name: str) -> definitions.Resolved:
    """Return a protocol of the tests with pain."""
    return definitions.resolve(HURTING / f"{name}.toml")


@dataclass
class Watched(Simulated):
    """A device that knows what was on the screen when it was told something, and may fail."""

    page: Callable[[], Scene | None] = lambda: None
    fails: str = ""
    seen: list[Scene | None] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    def start(self, stimulus: Stimulus) -> None:
        """Begin, or fail once it may have begun."""
        super().start(stimulus)
        self.seen.append(self.page())
        if self.fails == "start":
            raise StimulatorFault("the device has taken half of it")

    def stop(self) -> None:
        """Stop."""
        super().stop()
        self.seen.append(self.page())

    def check(self) -> None:
        """Fail where it is told to."""
        if self.fails == "check":
            raise StimulatorFault("the device is not there any more")

    def close(self) -> None:
        """Stop; fail where it is told to."""
        super().close()
        if self.fails == "close":
            raise StimulatorFault("could not be told to stop at the end; switch it off")


def sitting(folder: Path, name: str = "hurting", **changes: object) -> Sitting:
    """Return a session with a laboratory and its device that nobody has begun."""
    made = Sitting(folder, protocol(name), laboratory=LABORATORY, **changes)  # type: ignore[arg-type]
    made.device = Watched(page=lambda: made.shown[-1][1] if made.shown else None)
    return made


def device_of(sitting: Sitting) -> Watched:
    """Return its device."""
    assert isinstance(sitting.device, Watched)
    return sitting.device


UI = protocol("hurting").texts.ui


def titled(title: str, *, with_button: str = "") -> Callable[[Scene], bool]:
    """Return whether a scene is the page of this title."""

    def is_it(scene: Scene) -> bool:
        if not isinstance(scene, Page) or scene.title != title:
            return False
        return not with_button or any(button.target == with_button for button in scene.buttons)

    return is_it


def asked(measure: str, stage: str) -> Callable[[Scene], bool]:
    """Return whether a scene asks this."""
    return lambda scene: isinstance(scene, Form) and (scene.measure, scene.stage) == (measure, stage)


CAP = "at the cap"
"""Its time is over then: who stops has stopped nothing before its time."""

STATES: dict[str, tuple[str, Callable[[Scene], bool], bool]] = {
    "rest": ("hurting", titled(UI.pain_rest), False),
    "warning": ("hurting", titled(UI.pain_ready), False),
    "stimulus on": ("hurting", titled(UI.pain_now, with_button="button:end"), True),
    "key stimulus on": ("tasks", titled(UI.pain_now, with_button="button:end"), True),
    "rating": ("hurting", asked("unpleasant", "baseline"), False),
    "typed level": ("tasks", lambda s: isinstance(s, Form) and s.measure == "stimulus_level", False),
    "giving by hand": ("tasks", titled(UI.operator_title), False),
    "before the water": ("tasks", titled(UI.cold_in), False),
    "cold water": ("tasks", titled(UI.cold_first, with_button="button:out"), True),
    "cold water that hurts": ("tasks", titled(UI.cold_out, with_button="button:out"), True),
    CAP: ("tasks", titled(UI.cold_cap), True),
    "rating in water": ("tasks", asked("water", "baseline"), True),
    "stimulus in the game": ("hurting", lambda _scene: False, True),
    "by hand in the game": ("tasks", lambda _scene: False, True),
    "rated in the game": ("hurting", asked("unpleasant", "probe_1"), False),
    "distress in the game": ("hurting", asked("upset", "during_1"), False),
}


def on_now(events: list[Event]) -> bool:
    """Return whether the record has a stimulus without its end."""
    kinds = [e["event"] for e in events]
    ends = sum(kinds.count(kind) for kind in ("stimulus_over", "stimulus_end"))
    return kinds.count("stimulus") + kinds.count("immersion") > ends


FRAMES = 5
"""A state has been there for so many frames before something happens in it."""


@dataclass
class Stopping:
    """Does something once in a state, and answers the page that may follow with `answer`."""

    made: Sitting
    state: str
    press: Callable[[float], Press] | None = None
    reason: str = ""
    fault: Exception | None = None
    device: str = ""
    hold: bool = False
    answer: str = "button:cancel"
    done: float | None = None
    frames: int = 0
    told_before: int = 0
    paused: bool = False

    def __post_init__(self) -> None:
        self.made.instead = self._instead
        self.made.before = self._before
        self.made.down = lambda _scene: self.hold and self.done is not None and not self.paused

    def _pass_over(self, idle: bool) -> None:
        """Let the screen pass over frames in which nothing happens, or show every one."""
        self.made.booth.screen.every_frame = not idle  # type: ignore[attr-defined]

    def _in_state(self, scene: Scene) -> bool:
        _, is_it, _ = STATES[self.state]
        if self.state in ("stimulus in the game", "by hand in the game"):
            return isinstance(scene, Court) and self._probe_on()
        return is_it(scene)

    def _probe_on(self) -> bool:
        limited = self.made.session.limited
        return limited is not None and limited.on is not None

    def _instead(self, scene: Scene, flip: float) -> list[Press] | None:
        targets = {b.target for b in scene.buttons} if isinstance(scene, Page) else set()
        if targets in ({"button:cancel", "button:stop"}, {"button:go_on", "button:stop"}):
            stop = self.answer == "button:stop"
            target = self.answer if stop or self.answer in targets else "button:go_on"
            return [click(flip + 4.0, target)]
        return None

    def _before(self, scene: Scene, now: float) -> None:
        assert now < 3000, f"nobody comes past {scene}"
        self.paused |= isinstance(scene, Page) and scene.title in (UI.paused_title, UI.stop_title)
        if self.done is not None:
            self._pass_over(self.paused or (not self.hold and not self._in_state(scene)))
            return
        self.frames = self.frames + 1 if self._in_state(scene) else 0
        if self.frames:  # nothing is passed over while it is there
            self._pass_over(False)
        if self.frames < FRAMES:
            return
        self.done = now
        self.told_before = len(device_of(self.made).told)
        if self.press is not None:
            self.made.booth._unread.append(self.press(now))
        if self.reason:
            self.made.booth.interruptions.raise_flag(self.reason)
        device_of(self.made).fails = self.device
        if self.fault is not None:
            raise self.fault


def in_state(folder: Path, state: str, **how: object) -> tuple[Stopping, str]:
    """Go through a session in which something happens in a state; every record gives it again."""
    made = sitting(folder, STATES[state][0])
    stopping = Stopping(made, state, **how)  # type: ignore[arg-type]
    outcome = made.run()
    assert stopping.done is not None, f"the session has no '{state}'"
    whole(made)
    return stopping, outcome


def whole(made: Sitting) -> None:
    """Assert that a session ended in order: a whole record, every stimulus with an end, tables from it."""
    recorded = made.recorded
    assert recorded.problem == ""
    assert recorded.events[-1]["event"] == "end"
    assert not on_now(list(recorded.events))
    derive(recorded)
    device = device_of(made)
    assert device.closed
    assert device.told[-1] == "stop"


def driven(made: Sitting) -> list[Stimulus]:
    """Return what the device began."""
    return [each for each in device_of(made).told if isinstance(each, Stimulus)]


def titles(made: Sitting) -> list[str]:
    """Return the titles of the pages that were shown."""
    return list(dict.fromkeys(scene.title for _, scene in made.shown if isinstance(scene, Page)))


def last_end(made: Sitting) -> Event:
    """Return the end of the stimulus that somebody stopped."""
    return next(e for e in made.events("stimulus_end", "stimulus_over") if e["stopped"])


def stopped_at_once(stopping: Stopping) -> None:
    """Assert that the stop was what came next to the device, before a page asked anything."""
    device = device_of(stopping.made)
    assert device.told[stopping.told_before] == "stop"
    page = device.seen[stopping.told_before]
    assert not isinstance(page, Page) or page.title not in (UI.stop_title, UI.paused_title, UI.calm_title)


PRESSES: dict[str, Callable[[float], Press]] = {
    "f10": lambda now: key(now, "f10"),
    "stop button": lambda now: click(now, "stop"),
    "stray f10": lambda now: Press(now, "keyboard", key="f10", stray=True),
}


@pytest.mark.parametrize(("state", "press"), list(every_pair(STATES, ["f10", "stop button"])))
def test_who_stops_and_means_it_is_debriefed(state: str, press: str, tmp_path: Path) -> None:
    """From every state; the device is told before they are asked, and nothing hurts any more after."""
    stopping, outcome = in_state(tmp_path, state, press=PRESSES[press], answer="button:stop")
    made = stopping.made
    assert outcome == "stopped_by_participant"
    stopped_at_once(stopping)
    shown = titles(made)
    assert shown[-3:] == [UI.stop_title, "What it was about", "May we use your data?"]
    (stop,) = made.events("stop")
    assert not [e for e in made.events("stimulus", "immersion") if e["t"] > stop["t"]]
    if STATES[state][2]:
        end = last_end(made)
        assert end["broken_off"] == "stopped_by_participant"
        assert end["ended"] == pytest.approx(stopping.done, abs=2 * PERIOD_S)
        assert end["t"] - end["ended"] > 3


@pytest.mark.parametrize(("state", "press"), list(every_pair(STATES, PRESSES)))
def test_who_stops_and_goes_on_has_had_an_end_of_it(state: str, press: str, tmp_path: Path) -> None:
    """What was on ended with the press, however long the question stayed; the session is completed."""
    stopping, outcome = in_state(tmp_path, state, press=PRESSES[press])
    assert outcome == "completed"
    stopped_at_once(stopping)
    if STATES[state][2] and state != CAP:
        end = last_end(stopping.made)
        assert end["ended"] == pytest.approx(stopping.done, abs=2 * PERIOD_S)
        assert end.get("broken_off") is None
    rested(stopping.made)


def rested(made: Sitting) -> None:
    """Assert that every stimulus came its rest after the one before it, told by the record alone."""
    rests = {name: pain.rest_s for name, pain in made.resolved.pain.items()}
    ended: float | None = None
    task = ""
    for event in made.events("pain", "run", "stimulus", "immersion", "stimulus_end", "stimulus_over"):
        match event["event"]:
            case "pain":
                task = event["task"]
            case "run":
                task = {"hurting": "bursts", "tasks": "presses"}[made.resolved.name]
            case "stimulus" | "immersion":
                assert ended is None or event["t"] - ended >= rests[task] - 1e-6, event
                expected = None if ended is None else pytest.approx(event["t"] - ended, abs=1e-6)
                assert event["rested"] == expected
            case _:
                ended = event["ended"]


@pytest.mark.parametrize("state", STATES)
def test_a_tap_of_escape_ends_what_is_on_and_nothing_else(state: str, tmp_path: Path) -> None:
    """No page comes up; the session goes on."""
    stopping, outcome = in_state(tmp_path, state, press=lambda now: key(now, "escape"))
    assert outcome == "completed"
    stopped_at_once(stopping)
    assert UI.paused_title not in titles(stopping.made)
    if STATES[state][2] and state != CAP:
        assert last_end(stopping.made)["ended"] == pytest.approx(stopping.done, abs=2 * PERIOD_S)


@pytest.mark.parametrize(("state", "answer"), list(every_pair(STATES, ["button:go_on", "button:stop"])))
def test_holding_escape_pauses_with_nothing_on(state: str, answer: str, tmp_path: Path) -> None:
    """Also where the key was pressed before: on the pause's page nothing hurts any more."""
    stopping, outcome = in_state(tmp_path, state, hold=True, answer=answer)
    made = stopping.made
    assert outcome == ("completed" if answer == "button:go_on" else "stopped_by_experimenter")
    assert made.events("pause")
    aside = made.events("aside")[0]
    before = [e for e in made.recorded.events if e["n"] < aside["n"]]
    if on_now(before):
        end = next(e for e in made.events("stimulus_end", "stimulus_over") if e["n"] > aside["n"])
        assert end["ended"] == aside["t"]
        assert end["stopped"]
    if answer == "button:stop":
        assert titles(made)[-2:] == ["What it was about", "May we use your data?"]
    rested(made)


@pytest.mark.parametrize(
    ("state", "reason"), list(every_pair(STATES, ["window_closed", "interrupted", "terminated"]))
)
def test_an_interruption_stops_the_device_before_the_calm_page(
    state: str, reason: str, tmp_path: Path
) -> None:
    """And the record has why the stimulus ended."""
    stopping, outcome = in_state(tmp_path, state, reason=reason)
    made = stopping.made
    assert outcome == reason
    assert titles(made)[-1] == UI.calm_title
    if STATES[state][2]:
        stopped_at_once(stopping)
        assert last_end(made)["broken_off"] == reason
        assert last_end(made)["ended"] == pytest.approx(stopping.done, abs=2 * PERIOD_S)


@pytest.mark.parametrize("state", STATES)
def test_a_screen_that_fails_stops_the_device_before_the_calm_page(state: str, tmp_path: Path) -> None:
    """Nobody waits for the page to go; the participant is shown no fault."""
    stopping, outcome = in_state(tmp_path, state, fault=RuntimeError("the graphics driver is gone"))
    made = stopping.made
    assert outcome == "fault"
    stopped_at_once(stopping)
    no_fault_shown(made)
    if STATES[state][2]:
        assert last_end(made)["broken_off"] == "fault"


def no_fault_shown(made: Sitting) -> None:
    """Assert that the last page is the calm one, and that no page tells of a fault."""
    assert titles(made)[-1] == UI.calm_title
    words = [text for _, s in made.shown if isinstance(s, Page) for text in (s.title, *s.body, s.note)]
    assert not [text for text in words if "fault" in text.lower() or "device is" in text or "driver" in text]


@pytest.mark.parametrize("state", STATES)
def test_a_device_that_fails_ends_the_session_once_it_is_asked_for(state: str, tmp_path: Path) -> None:
    """While it is on, or with the next stimulus; the experimenter is told, the participant is not."""
    made = sitting(tmp_path, STATES[state][0])
    stopping = Stopping(made, state, device="check")
    outcome = made.run()
    assert stopping.done is not None
    whole(made)
    if outcome == "completed":  # no device was needed any more
        assert not [e for e in made.events("stimulus") if e["t"] > stopping.done]
        return
    assert outcome == "fault"
    assert made.events("fault")[0]["message"] == "the device is not there any more"
    no_fault_shown(made)
    assert any("fault (StimulatorFault)" in line for line in made.told)


@pytest.mark.parametrize("name", ["hurting", "tasks"])
def test_a_device_that_fails_as_it_begins_is_stopped_and_the_stimulus_counts(
    name: str, tmp_path: Path
) -> None:
    """It may have been given: the record has it, with its end."""
    made = sitting(tmp_path, name)
    device_of(made).fails = "start"
    assert made.run() == "fault"
    whole(made)
    assert len(driven(made)) == len(made.events("stimulus")) == 1
    (end,) = made.events("stimulus_end")
    assert (end["broken_off"], end["ended"]) == ("fault", made.events("stimulus")[0]["t"])
    no_fault_shown(made)


def test_a_device_that_fails_as_it_begins_within_the_game_counts_too(tmp_path: Path) -> None:
    """The game ends with it."""
    made = sitting(tmp_path)

    def before(scene: Scene, _now: float) -> None:
        if isinstance(scene, Court):
            device_of(made).fails = "start"

    made.before = before
    assert made.run() == "fault"
    whole(made)
    end = made.events("stimulus_end")[-1]
    assert (end["run"], end["number"], end["broken_off"]) == ("game-01", 1, "fault")
    assert len(driven(made)) == len(made.events("stimulus"))


def test_a_device_that_cannot_be_stopped_at_the_end_is_told_of_and_the_record_ends(tmp_path: Path) -> None:
    """The experimenter is to switch it off; the session's outcome is what it was."""
    made = sitting(tmp_path)
    device_of(made).fails = "close"
    assert made.run() == "completed"
    whole(made)
    assert any("SWITCH THE STIMULATOR OFF" in line for line in made.told)
    assert made.events("fault")[0]["kind"] == "StimulatorFault"
    assert made.events("end")[0]["outcome"] == "completed"


def test_its_own_button_stops_a_stimulus_and_asks_nothing(tmp_path: Path) -> None:
    """The task goes on below that level."""
    stopping, outcome = in_state(tmp_path, "stimulus on", press=lambda now: click(now + 0.3, "button:end"))
    made = stopping.made
    assert outcome == "completed"
    stopped_at_once(stopping)
    assert UI.stop_title not in titles(made)
    end = last_end(made)
    stopped = next(e for e in made.events("stimulus") if (e["of"], e["number"]) == (end["of"], end["number"]))
    assert end["ended"] - stopped["t"] == pytest.approx(0.3, abs=0.05)
    later = [e["level"] for e in made.events("stimulus") if e["t"] > stopped["t"]]
    assert later
    assert all(level <= stopped["level"] for level in later)


def caught(made: Sitting) -> bool:
    """Return whether the frame that was shown last is one with a catch."""
    balls = [scene.ball for _, scene in made.shown[-2:] if isinstance(scene, Court)]
    return [type(ball) for ball in balls] == [Flying, Held]


@pytest.mark.parametrize("state", ["stimulus on", "stimulus in the game"])
def test_a_stop_in_the_very_frame_in_which_it_begins_ends_it(state: str, tmp_path: Path) -> None:
    """Its time is before the flip; the stimulus is over at once, and the session does not hang."""
    made = sitting(tmp_path, "hurting")
    presses: list[float] = []

    def before(scene: Scene, now: float) -> None:
        assert now < 3000, f"nobody comes past {scene}"
        in_game = state.endswith("game")
        due = isinstance(scene, Court) if in_game else STATES[state][1](scene)
        begins = in_game and due and caught(made) and len(made.events("catch")) == 3
        if not presses and due and (begins or not in_game):
            presses.append(now)
            made.booth._unread.append(key(now + 0.001, "f10"))

    made.before = before
    made.every_frame = True
    made.instead = lambda scene, flip: (
        [click(flip + 2, "button:cancel")]
        if isinstance(scene, Page) and scene.title == UI.stop_title
        else None
    )
    assert made.run() == "completed"
    whole(made)
    assert presses
    rested(made)


def test_escape_that_is_held_from_before_a_stimulus_stops_it_as_the_pause_opens(tmp_path: Path) -> None:
    """The key was pressed while nothing was on yet."""
    made = sitting(tmp_path)
    held: list[float] = []

    def before(scene: Scene, now: float) -> None:
        if titled(UI.pain_ready)(scene) and not held:
            held.append(now)

    # held from 0.4 s before the warning is over
    made.before = before
    made.every_frame = True
    made.down = lambda scene: bool(held) and held[0] + 1.6 < made.shown[-1][0] < held[0] + 2.8
    made.instead = lambda scene, flip: (
        [key(flip + 5, "c")] if isinstance(scene, Page) and scene.title == UI.paused_title else None
    )
    assert made.run() == "completed"
    whole(made)
    aside = made.events("aside")[0]
    end = next(e for e in made.events("stimulus_end") if e["n"] > aside["n"])
    assert on_now([e for e in made.recorded.events if e["n"] < aside["n"]])
    assert end["stopped"]
    assert end["ended"] == aside["t"]
    told = device_of(made).told
    assert told[told.index(driven(made)[0]) + 1] == "stop"
    page = device_of(made).seen[told.index(driven(made)[0]) + 1]
    assert isinstance(page, Page)
    assert page.title == UI.pain_now


@pytest.mark.parametrize("state", ["stimulus on", "stimulus in the game"])
def test_the_experimenter_is_told_where_the_device_was_stopped_since_the_screen_hung(
    state: str, tmp_path: Path
) -> None:
    """The watchdog goes by real time, which the record has not."""
    made = sitting(tmp_path, STATES[state][0])
    hung: list[float] = []

    def before(scene: Scene, now: float) -> None:
        limited = made.session.limited
        wanted = Court if state.endswith("game") else Page
        if not hung and limited is not None and limited.on is not None and isinstance(scene, wanted):
            hung.append(now)
            limited._overran()

    made.before = before
    assert made.run() == "completed"
    whole(made)
    assert hung
    assert sum("the screen hung" in line for line in made.told) == 1


@pytest.mark.parametrize("seed", range(40))
def test_any_stop_at_any_moment_leaves_a_whole_record(seed: int, tmp_path: Path) -> None:
    """Several stops at chance moments, some taken back: the record is whole and gives it all again."""
    chance = random.Random(seed)
    made = sitting(tmp_path, chance.choice(["hurting", "tasks"]), seed=seed, cell=chance.randrange(2))
    moments = sorted(chance.uniform(2, 200) for _ in range(6))

    def before(scene: Scene, now: float) -> None:
        assert now < 3000, f"nobody comes past {scene}"
        while moments and now >= moments[0]:
            moments.pop(0)
            at = now + chance.uniform(-PERIOD_S, PERIOD_S)
            made.booth._unread.append(
                chance.choice([key(at, "f10"), key(at, "escape"), click(at, "stop"), click(at, "button:end")])
            )

    def instead(scene: Scene, flip: float) -> list[Press] | None:
        buttons: tuple[Button, ...] = scene.buttons if isinstance(scene, Page) else ()
        if {"button:cancel", "button:stop"} == {b.target for b in buttons}:
            go_on = chance.random() < 0.85
            return [click(flip + chance.uniform(0.1, 9), "button:cancel" if go_on else "button:stop")]
        return None

    made.before, made.instead = before, instead
    made.every_frame = chance.random() < 0.3
    assert made.run() in ("completed", "stopped_by_participant")
    whole(made)
    rested(made)
    starts = [e for e in made.events("stimulus") if e["modality"] == "heat"]
    assert [s.level for s in driven(made)] == [e["level"] for e in starts]
    assert [s.duration_s for s in driven(made)] == [e["lasts"] for e in starts]
