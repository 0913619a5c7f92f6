"""Whatever is pressed in a game, and by whatever it is told of: the dose is exact and the record whole."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from experiment.booth import Press
from experiment.journal import Event
from experiment.scenes import PARTICIPANT, Scene
from tests.scripted import Scripted, click, game, key, played, throwing

FAIR = [{"throws": 9, "receptions": 3}]
KEYS = [
    *"0123456789abclsy",
    "left",
    "right",
    "up",
    "return",
    "space",
    "tab",
    "f4",
    "alt+l",
    "ctrl+c",
    "lshift",
]
TARGETS = ["player:1", "player:2", "player:3", "stop", "button:leave", ""]
ANYTHING = st.lists(st.sampled_from([*KEYS, *TARGETS]), min_size=1, max_size=40)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(mashed=ANYTHING, silent=st.booleans())
def test_keys_and_clicks_mashed_in_every_frame_leave_the_dose_exact(
    mashed: list[str], silent: bool, tmp_path: Path
) -> None:
    """Hundreds of presses: nine throws, three receptions, one press for each of the participant's throws."""
    made: list[Press] = []

    def see(_scene: Scene, flip: float) -> Iterable[Press]:
        names = [mashed[(len(made) + number) % len(mashed)] for number in range(20)]
        presses = [
            (click if name in TARGETS else key)(flip + 0.004 + 0.023 * number, name)
            for number, name in enumerate(names)
        ]
        if silent:  # told of by the window, for the keyboard's driver is silent
            presses = [replace(press, uncertainty_s=0.017) for press in presses]
        made.extend(presses)
        return [*presses, *throwing("right", 1.5)(_scene, flip)]

    events, _ = played(Scripted(see=see), game(FAIR), tmp_path)
    releases = [event for event in events if event["event"] == "release"]
    taken = [event for event in events if event["event"] == "press" and event["use"] == "throw"]
    assert len(releases) == 9
    assert sum(release["receiver"] == PARTICIPANT for release in releases) == 3
    assert len(taken) == sum(release["thrower"] == PARTICIPANT for release in releases)
    assert len(made) > 100


def test_presses_for_another_window_throw_nothing(tmp_path: Path) -> None:
    """They are told of and never used; the participant's own press throws."""
    quiet = Scripted(see=throwing("right"))
    before, _ = played(quiet, game(FAIR), tmp_path)
    stray = [replace(key(0.05 * number, "left"), stray=True) for number in range(1, 600)]
    events, _ = played(Scripted(script=stray, see=throwing("right")), game(FAIR), tmp_path)

    def throws(of: list[Event]) -> list[tuple[object, object]]:
        return [(event["thrower"], event["receiver"]) for event in of if event["event"] == "release"]

    assert throws(events) == throws(before)
    assert not [e for e in events if e["event"] == "press" and e["key"] == "left"]


def test_a_press_taken_from_the_window_says_so_in_the_record(tmp_path: Path) -> None:
    """By its uncertainty, at the press and at the throw."""

    def see(scene: Scene, flip: float) -> Iterable[Press]:
        return [replace(press, uncertainty_s=0.017) for press in throwing("left")(scene, flip)]

    events, _ = played(Scripted(see=see), game(FAIR), tmp_path)
    own = [e for e in events if e["event"] == "release" and e["thrower"] == PARTICIPANT]
    assert {(e["response_source"], e["uncertainty"]) for e in own} == {("keyboard", 0.017)}
    pressed = [e for e in events if e["event"] == "press"]
    assert {e["uncertainty"] for e in pressed} == {0.017}
