"""Whatever is done to keys and mouse, the window tells of it once and as what it was: docs/input.md.

Run as a program, this file is the small application under test: it shows one scene after another, going on
with each Space, and writes down every press and all that is told to the experimenter.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from Xlib import X  # type: ignore[import-untyped]
from Xlib import display as xlib_display
from Xlib.ext import xtest  # type: ignore[import-untyped]

from experiment.booth import Interruptions
from experiment.scenes import Button, Court, Flying, Held, LikertScale, LineScale, Page, Scene
from experiment.stage import Corner, StageSettings, open_stage
from experiment.stage.court import court_targets
from experiment.stage.gallery import form
from experiment.stage.gallery_games import BALL, players
from experiment.stage.view import View

if TYPE_CHECKING:
    from tests.window.conftest import Desk

pytestmark = pytest.mark.window

SIZE = (1280, 720)
LOOK_FOR_S = 60.0
TITLE = "input under test"
NEVER_MASHED = {"Escape", "space", "F9"}
PAGE = Page(
    "Welcome", ("A page.",), (Button("button:next", "Continue", "return", main=True),), stop_label="Stop"
)
COURT = Court(players(2), Held(2, 0.0, came_from=1), BALL, 1.0, turn=True, stop_label="Stop")
LINE = replace(form("How unpleasant was it?", LineScale("not at all", "extremely")), item="line")
STEPS = form("How was it?", LikertScale(1, 5, ("bad", "good")))
SHOWS: dict[str, list[Scene]] = {
    "court": [COURT],
    "any": [PAGE, COURT, STEPS, LINE],
    "onsets": [
        PAGE,
        replace(PAGE, progress=0.5),
        COURT,
        replace(COURT, time_s=2.0),
        replace(COURT, ball=Flying(2, 1, 3.0, 1.0), time_s=3.5),
        replace(COURT, ball=Held(1, 4.0, 6.0, 3, came_from=2), time_s=4.5),
        STEPS,
        replace(STEPS, value=2),
        LINE,
    ],
}


def application(log: Path, show: str, settings: StageSettings) -> None:
    """Show scenes until Escape; F9 makes the keyboard's driver fall silent."""
    interruptions, scenes, number = Interruptions(), SHOWS[show], 0
    with log.open("a", buffering=1, encoding="utf-8") as out:

        def write(**fact: Any) -> None:
            out.write(json.dumps(fact) + "\n")

        with open_stage(settings, interruptions, lambda said: write(ev="told", said=said)) as stage:
            stage.screen.show(scenes[0])
            stage.keys.discard()
            write(ev="ready", facts=dict(stage.screen.describe()), keys=dict(stage.keys.describe()))
            end = stage.clock.now() + LOOK_FOR_S
            while stage.clock.now() < end and not interruptions.reason:
                scene = scenes[number % len(scenes)]
                flip = stage.screen.show(scene)
                for press in stage.keys.presses(scene, flip):
                    write(
                        ev="press", at=press.at, source=press.source, key=press.key, target=press.target,
                        text=press.text, drag=press.drag, stray=press.stray, uncertainty=press.uncertainty_s,
                    )  # fmt: skip
                    if press.key == "escape" and not press.stray:
                        interruptions.raise_flag("escape")
                    if press.key == "f9" and stage.keys.driver is not None:
                        stage.keys.driver.queues = []
                    if press.key == "space":
                        number += 1
                        write(ev="scene", number=number, at=stage.screen.show(scenes[number % len(scenes)]))
            write(ev="end", reason=interruptions.reason)


class Running:
    """The application on a display."""

    def __init__(
        self, desk: Desk, folder: Path, show: str, photodiode: Corner | None = None, screen: int = 0
    ) -> None:
        self.desk, self.log = desk, folder / "input.jsonl"
        self.program = desk.start(__file__, self.log, show, photodiode or "", str(screen))
        self.ready = self.row("ready")
        desk.point(640, 420)

    def rows(self, event: str = "press") -> list[dict[str, Any]]:
        """Return what was written so far."""
        return [row for row in self.desk.rows(self.log) if row["ev"] == event]

    def row(self, event: str = "press", **wanted: Any) -> dict[str, Any]:
        """Return the first row with these values, waiting for it."""

        def look() -> dict[str, Any] | None:
            return next((row for row in self.rows(event) if wanted.items() <= row.items()), None)

        return self.desk.wait_for(look, f"{event} {wanted}")

    def end(self) -> list[dict[str, Any]]:
        """Press Escape, wait for the end, and return all presses before it."""
        self.desk.tap("Escape")
        assert self.row("end")["reason"] == "escape"
        assert self.program.wait(10) == 0
        return [row for row in self.rows() if row["key"] != "escape"]


def middle(name: str) -> tuple[float, float]:
    """Return the middle of a target on the court."""
    left, top, width, height = next(t.rect for t in court_targets(COURT, View(*SIZE)) if t.name == name)
    return left + width / 2, top + height / 2


def test_keys_mashed_on_every_kind_of_screen_are_told_once_each(desk: Desk, tmp_path: Path) -> None:
    """Each key many times, two at once: every press once, in order, stamped by the driver."""
    app = Running(desk, tmp_path, "any")
    server = xlib_display.Display(desk.name)
    spared = {server.keysym_to_keycode(server_sym(name)) for name in NEVER_MASHED}
    codes = [code for code in range(9, 135) if code not in spared and server.keycode_to_keysym(code, 0)]
    for number in range(1, 5):
        for pair in zip(codes, codes[7:], strict=False):
            for kind in (X.KeyPress, X.KeyRelease):
                for code in pair:
                    xtest.fake_input(server, kind, code)
            server.sync()
        desk.tap("space")
        app.row("scene", number=number)
    server.close()
    presses = [row for row in app.end() if row["source"] == "keyboard"]
    lefts = sum(row["key"] == "left" for row in presses)
    assert len(presses) >= 4 * 2 * (len(codes) - 8)
    assert lefts == 4 * 2
    assert [row["at"] for row in presses] == sorted(row["at"] for row in presses)
    assert {row["uncertainty"] for row in presses} == {0.0}
    assert not app.rows("told")


def server_sym(name: str) -> int:
    """Return the number of a key's sign."""
    from Xlib import XK  # noqa: PLC0415

    return int(XK.string_to_keysym(name))


def test_a_keyboard_whose_driver_falls_silent_is_read_from_the_window(desk: Desk, tmp_path: Path) -> None:
    """Each press once, marked by its uncertainty; the experimenter is told once; Escape still works."""
    app = Running(desk, tmp_path, "court")
    desk.tap("Left", "F9")
    app.row(key="f9")
    desk.tap("Left", "Right")
    app.row(key="right")
    presses = app.end()
    assert [(row["key"], row["uncertainty"] > 0) for row in presses] == [
        ("left", False), ("f9", False), ("left", True), ("right", True),
    ]  # fmt: skip
    assert all(row["uncertainty"] < 0.1 for row in presses)
    assert ["driver" in row["said"] for row in app.rows("told")] == [True]


def test_keys_for_another_window_are_stray_until_the_focus_is_back(desk: Desk, tmp_path: Path) -> None:
    """The driver tells of them whatever has the focus; the experimenter is told when it goes and comes."""
    app = Running(desk, tmp_path, "court")
    desk.tap("Left")
    app.row(key="left", stray=False)
    server = xlib_display.Display(desk.name)
    other = server.screen().root.create_window(0, 0, 60, 60, 0, server.screen().root_depth)
    other.map()
    server.sync()
    other.set_input_focus(X.RevertToPointerRoot, X.CurrentTime)
    server.sync()
    app.row("told")
    desk.tap("Right", "l")
    app.row(key="l", stray=True)
    ours = int(desk.xdotool("search", "--name", TITLE).split()[0])
    desk.xdotool("windowfocus", ours)
    desk.wait_for(lambda: len(app.rows("told")) == 2, "the focus is back")
    desk.tap("Right")
    app.row(key="right", stray=False)
    presses = app.end()
    server.close()
    assert [(row["key"], row["stray"]) for row in presses] == [
        ("left", False), ("right", True), ("l", True), ("right", False),
    ]  # fmt: skip


def test_only_the_left_button_going_down_is_a_press(desk: Desk, tmp_path: Path) -> None:
    """Right, middle, wheel, a drag over the court and out of the window, a button held: nothing beside it."""
    app = Running(desk, tmp_path, "court")
    one, two = middle("player:1"), middle("player:3")
    for button in (3, 2, 4, 5, 3):
        desk.xdotool("mousemove", round(two[0]), round(two[1]), "click", button)
    desk.drag(one, two)
    desk.drag(two, (1279, 719))
    desk.xdotool("mousemove", round(one[0]), round(one[1]), "mousedown", 1)
    time.sleep(0.7)
    desk.xdotool("mouseup", 1)
    desk.wait_for(lambda: len(app.rows()) >= 3, "three clicks")
    clicks = app.end()
    assert [row["target"] for row in clicks] == ["player:1", "player:3", "player:1"]
    assert {row["source"] for row in clicks} == {"mouse"}
    assert not any(row["drag"] for row in clicks)
    assert all(0 < row["uncertainty"] < 0.017 for row in clicks)


def test_keys_and_clicks_in_one_frame_come_in_their_order(desk: Desk, tmp_path: Path) -> None:
    """Within a few milliseconds: two keys at once, and a key with a click; each is told once."""
    app = Running(desk, tmp_path, "court")
    server = xlib_display.Display(desk.name)
    left, right = (server.keysym_to_keycode(server_sym(name)) for name in ("Left", "Right"))
    x, y = middle("player:3")
    desk.point(x, y)
    for _ in range(10):
        for kind, code in (
            (X.KeyPress, left), (X.KeyPress, right), (X.KeyRelease, left), (X.KeyRelease, right),
            (X.KeyPress, left), (X.ButtonPress, 1), (X.KeyRelease, left), (X.ButtonRelease, 1),
        ):  # fmt: skip
            xtest.fake_input(server, kind, code)
            server.sync()
        time.sleep(0.06)
    server.close()
    desk.wait_for(lambda: len(app.rows()) >= 40, "all presses")
    presses = app.end()
    assert len(presses) == 40
    assert [row["at"] for row in presses] == sorted(row["at"] for row in presses)
    assert [row["key"] for row in presses if row["source"] == "keyboard"] == ["left", "right", "left"] * 10
    assert [row["target"] for row in presses if row["source"] == "mouse"] == ["player:3"] * 10


def test_a_letter_with_ctrl_or_alt_is_a_command_and_an_arrow_is_an_arrow(desk: Desk, tmp_path: Path) -> None:
    """Ctrl and L lock a screen or clear a terminal; they leave no game."""
    app = Running(desk, tmp_path, "court")
    desk.tap("ctrl+l", "alt+Left", "super+l", "Shift+l", "l")
    app.row(key="l")
    desk.wait_for(lambda: len([r for r in app.rows() if r["key"] == "l"]) >= 2, "two plain letters")
    keys = [row["key"] for row in app.end() if row["source"] == "keyboard"]
    assert [key for key in keys if key[-2:] in {"l", "+l"}] == ["ctrl+l", "super+l", "l", "l"]
    assert "left" in keys


@pytest.mark.parametrize("corner", ["top-right", "bottom-left"])
def test_the_patch_changes_in_the_picture_with_each_onset(desk: Desk, tmp_path: Path, corner: Corner) -> None:
    """White, black and so on by onsets; black where only time passed; clicks on it hit nothing."""
    app = Running(desk, tmp_path, "onsets", corner)
    assert app.ready["facts"]["photodiode"] == {"corner": corner, "side_px": 40}
    inside, outside = {
        "top-right": ((1242, 38), (1238, 41)),
        "bottom-left": ((38, 682), (41, 678)),
    }[corner]
    seen = []
    for number in range(len(SHOWS["onsets"])):
        if number:
            desk.tap("space")
            app.row("scene", number=number)
        picture = desk.picture()
        seen.append(picture.getpixel(inside))
        assert picture.getpixel(outside) not in {(0, 0, 0)}
    white, black = (255, 255, 255), (0, 0, 0)
    assert seen == [white, white, black, black, white, black, white, white, black]
    desk.click(*inside)
    assert app.row(source="mouse")["target"] == ""
    app.end()


def test_the_window_opens_on_the_screen_that_was_asked_for(tmp_path: Path) -> None:
    """Two monitors side by side: full screen on the second has the second's size."""
    code = (
        "from experiment.stage import *; from experiment.booth import Interruptions\n"
        "with open_stage(StageSettings(screen=1), Interruptions()) as stage:\n"
        "    facts = stage.screen.describe(); print('OPENED', facts['screen'], *facts['size_px'])\n"
    )
    with two_screens() as name:
        said = subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "DISPLAY": name}, check=True, capture_output=True, text=True, timeout=60,
        ).stdout  # fmt: skip
    assert "OPENED 1 1024 768" in said


@contextmanager
def two_screens() -> Iterator[str]:
    """Yield a display with monitors of 800x600 and 1024x768 px."""
    ready, told = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(told), "-screen", "0", "800x600x24", "-screen", "1", "1024x768x24",
         "+xinerama", "-nolisten", "tcp", "-noreset"],
        pass_fds=(told,), stderr=subprocess.DEVNULL,
    )  # fmt: skip
    os.close(told)
    try:
        with os.fdopen(ready) as answer:
            yield f":{answer.readline().strip()}"
    finally:
        server.terminate()
        server.wait(5)


if __name__ == "__main__":
    sys.path.insert(0, os.fspath(Path(__file__).parents[2]))
    application(
        Path(sys.argv[1]),
        sys.argv[2],
        StageSettings(
            size_px=SIZE,
            title=TITLE,
            photodiode=sys.argv[3] or None,  # type: ignore[arg-type]
            screen=int(sys.argv[4]),
        ),
    )
