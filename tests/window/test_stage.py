"""The stage in a real window, with real keys and a real mouse.

Run as a program, this file is the small application under test: it shows the scenes asked for on its
command line and writes every press to a file.
"""

from __future__ import annotations

import json
import os
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image, ImageChops

from experiment.booth import Interruptions
from experiment.scenes import Button, Court, Held, LineScale, Page, Said, Scene
from experiment.stage import StageError, StageSettings, open_stage
from experiment.stage.bubbles import place, surroundings
from experiment.stage.court import court_floor, court_targets, taken
from experiment.stage.director import Director
from experiment.stage.gallery import form
from experiment.stage.gallery_games import BALL, players
from experiment.stage.palette import channels
from experiment.stage.poses import poses
from experiment.stage.view import View
from experiment.stage.widgets import leave_rect

if TYPE_CHECKING:
    from tests.window.conftest import Desk

pytestmark = pytest.mark.window

SIZE = (1280, 720)
VIEW = View(*SIZE)
LOOK_FOR_S = 40.0
COURT = Court(players(2), Held(2, 0.0, came_from=1), BALL, 1.0, turn=True, stop_label="Stop")
LINE = form("How unpleasant was it?", LineScale("not at all", "extremely"))
PAGE = Page("Welcome", ("A page.",), (Button("button:next", "Continue", "return", main=True),))
TALK, GONE_AT = Said(1, "Nice throw!", 1.0), 1.0
PHOTO_COLOUR = "#ff00ff"
SCENES: dict[str, Scene] = {"court": COURT, "line": LINE, "page": PAGE}


def lively(folder: Path) -> Court:
    """Return a game in which one co-player talks and has a photograph, and another has left."""
    photo = folder / "photo.png"
    if not photo.exists():
        Image.new("RGB", (90, 40), PHOTO_COLOUR).save(photo)
    one, own, two, three = players(3)
    everyone = (replace(one, photo=str(photo)), own, two, replace(three, left_at=GONE_AT))
    return Court(
        everyone, Held(2, 0.0, came_from=1), BALL, 9.0, turn=True, said=(TALK,),
        stop_label="Stop", leave_label="Leave the game",
    )  # fmt: skip


def application(name: str, log: Path, stall_s: float = 0.0) -> None:
    """Show a scene until Escape is pressed or the window is closed; write down all that happens.

    With `stall_s` every frame is late by that much.
    """
    interruptions = Interruptions()
    scene = lively(log.parent) if name == "lively" else SCENES[name]
    with log.open("a", buffering=1, encoding="utf-8") as out:

        def tell(**fact: Any) -> None:
            out.write(json.dumps(fact) + "\n")

        with open_stage(StageSettings(size_px=SIZE, title="stage under test"), interruptions) as stage:
            stage.screen.prepare([scene])
            flip = stage.screen.show(scene)
            stage.keys.discard()
            tell(
                ev="ready",
                at=flip,
                facts=dict(stage.screen.describe()),
                keys=dict(stage.keys.describe()),
                zero=time.time() - stage.clock.now(),
            )
            end = stage.clock.now() + LOOK_FOR_S
            while stage.clock.now() < end and not interruptions.reason:
                predicted = stage.screen.next_flip()
                flip = stage.screen.show(scene)
                time.sleep(stall_s)
                for press in stage.keys.presses(scene, flip):
                    tell(
                        ev="press",
                        at=press.at,
                        source=press.source,
                        key=press.key,
                        target=press.target,
                        fraction=press.fraction,
                        text=press.text,
                        drag=press.drag,
                        stray=press.stray,
                        uncertainty=press.uncertainty_s,
                        flip=flip,
                        predicted=predicted,
                        held=stage.keys.held(press.key),
                    )
                    if press.key == "escape":
                        interruptions.raise_flag("escape")
            stage.screenshot(log.with_suffix(".png"))
            frames = stage.screen.account()
            tell(ev="end", reason=interruptions.reason, shown=frames.shown, late=len(frames.late))
        stage.close()


class Running:
    """The application on a display."""

    def __init__(self, desk: Desk, scene: str, folder: Path, stall_s: float = 0.0) -> None:
        self.desk, self.log = desk, folder / f"{scene}.jsonl"
        self.program = desk.start(__file__, scene, self.log, str(stall_s))
        self.ready = self.row("ready")

    def rows(self, event: str = "press") -> list[dict[str, Any]]:
        """Return what was written so far."""
        return [row for row in self.desk.rows(self.log) if row["ev"] == event]

    def row(self, event: str = "press", **wanted: Any) -> dict[str, Any]:
        """Return the first row with these values, waiting for it."""

        def look() -> dict[str, Any] | None:
            return next((row for row in self.rows(event) if wanted.items() <= row.items()), None)

        return self.desk.wait_for(look, f"{event} {wanted}")

    def end(self) -> dict[str, Any]:
        """Press Escape and return the last row."""
        self.desk.tap("Escape")
        row = self.row("end")
        assert self.program.wait(10) == 0
        return row


def middle(name: str, scene: Court = COURT) -> tuple[float, float]:
    """Return the middle of a target on the court."""
    left, top, width, height = next(t.rect for t in court_targets(scene, VIEW) if t.name == name)
    return left + width / 2, top + height / 2


def near(colour: tuple[int, ...], wanted: str, tolerance: int = 40) -> bool:
    """Return whether a pixel has about this colour."""
    return all(abs(part - other) <= tolerance for part, other in zip(colour, channels(wanted), strict=True))


def test_keys_are_seen_once_each_with_the_time_they_went_down(desk: Desk, tmp_path: Path) -> None:
    """Twenty quick taps are twenty presses, in order, stamped before the frame that follows them."""
    app = Running(desk, "court", tmp_path)
    sent = []
    for key in ["Left", "Right"] * 10:
        sent.append(time.time() - app.ready["zero"])
        desk.xdotool("key", "--delay", 12, key)
    desk.tap("KP_Enter", "KP_Left")
    app.row(key="4")
    app.end()
    keys = [row for row in app.rows() if row["source"] == "keyboard"]
    assert [row["key"] for row in keys] == ["left", "right"] * 10 + ["return", "4", "escape"]
    assert all(0 <= row["at"] - at < 0.2 for row, at in zip(keys, sent, strict=False))
    assert all(row["at"] <= row["flip"] + 0.02 for row in keys)
    assert [row["at"] for row in keys] == sorted(row["at"] for row in keys)


def test_a_key_kept_down_is_one_press_and_known_as_held(desk: Desk, tmp_path: Path) -> None:
    """A key held for a second is reported once, however the system repeats it."""
    app = Running(desk, "court", tmp_path)
    desk.xdotool("keydown", "a")
    time.sleep(1.0)
    desk.xdotool("keyup", "a")
    app.end()
    held = [row for row in app.rows() if row["key"] == "a"]
    assert len(held) == 1
    assert held[0]["held"] == pytest.approx(held[0]["at"])


def test_clicks_carry_what_they_hit(desk: Desk, tmp_path: Path) -> None:
    """Every click is seen, with the co-player, the way out, or nothing."""
    app = Running(desk, "court", tmp_path)
    for name in ["player:1", "player:3"] * 5:
        desk.click(*middle(name))
    desk.click(1240, 33)
    desk.click(640, 300)
    app.desk.wait_for(lambda: len([r for r in app.rows() if r["source"] == "mouse"]) >= 12, "twelve clicks")
    app.end()
    clicks = [row for row in app.rows() if row["source"] == "mouse"]
    assert [row["target"] for row in clicks] == ["player:1", "player:3"] * 5 + ["stop", ""]
    assert not any(row["drag"] for row in clicks)


def test_a_line_is_clicked_and_dragged(desk: Desk, tmp_path: Path) -> None:
    """A click on the line says where along it; a drag goes on even beside it; at most one a frame."""
    app = Running(desk, "line", tmp_path)
    left, right = 256, 1024
    target = app.ready["facts"]["size_px"]
    assert target == [1280, 720]
    y = _line_height()
    desk.click(left + 0.25 * (right - left), y + 20)
    app.row(target="line", drag=False)
    desk.drag((640, y), (right + 200, y + 150))
    app.row(drag=True, fraction=1.0)
    app.end()
    rows = [row for row in app.rows() if row["source"] == "mouse"]
    assert rows[0]["fraction"] == pytest.approx(0.25, abs=0.01)
    assert rows[1]["fraction"] == pytest.approx(0.5, abs=0.01)
    drags = [row for row in rows if row["drag"]]
    assert drags
    assert all(row["target"] == "line" for row in drags)
    assert len({row["flip"] for row in drags}) == len(drags)


def _line_height() -> float:
    targets = Director(*SIZE).compose(LINE, VIEW)
    _, top, _, height = next(t.rect for t in targets if t.name == "line")
    return top + height / 2


def test_typed_characters_and_rubbing_out(desk: Desk, tmp_path: Path) -> None:
    """Letters of any kind come as text, backspace as its own sign, return as a key alone."""
    app = Running(desk, "page", tmp_path)
    desk.point(640, 360)
    desk.write("aB7é ")
    desk.tap("BackSpace", "Return")
    app.row(key="return")
    app.end()
    text = "".join(row["text"] for row in app.rows() if row["source"] == "text")
    assert text == "aB7é \b"
    assert [row["key"] for row in app.rows() if row["key"] in {"return", "backspace"}] == [
        "backspace",
        "return",
    ]


def test_a_late_frame_keeps_words_before_the_return_that_ended_them(desk: Desk, tmp_path: Path) -> None:
    """Fast typing on a machine that stalls: every letter comes before Return, none after it is lost."""
    app = Running(desk, "page", tmp_path, stall_s=0.4)
    desk.point(640, 360)
    for word in ("ab", "cd", "ef"):
        desk.xdotool("type", "--delay", 5, word)
        desk.xdotool("key", "--delay", 5, "Return")
    app.desk.wait_for(lambda: len([r for r in app.rows() if r["key"] == "return"]) >= 3, "three returns")
    app.end()
    rows = [row for row in app.rows() if row["text"] or row["key"] == "return"]
    assert "".join(row["text"] or "/" for row in rows) == "ab/cd/ef/"
    assert [row["at"] for row in rows] == sorted(row["at"] for row in rows)


def test_closing_the_window_is_a_request(desk: Desk, tmp_path: Path) -> None:
    """The close button raises a flag; the program ends in its own order."""
    app = Running(desk, "court", tmp_path)
    desk.close_window("stage under test")
    assert app.row("end")["reason"] == "window_closed"
    assert app.program.wait(10) == 0


def test_the_screen_shows_the_ball_and_the_same_picture_as_the_screenshot(desk: Desk, tmp_path: Path) -> None:
    """The ball's colour is where the pose puts the ball; what is saved is what is seen."""
    app = Running(desk, "court", tmp_path)
    x, y = (round(v) for v in poses(COURT, court_floor(COURT, VIEW)).ball.place)
    spot = (x + 8, y - 12)
    seen = desk.picture()
    assert near(seen.getpixel(spot), BALL.colour), seen.getpixel(spot)  # type: ignore[arg-type]
    app.end()
    with Image.open(app.log.with_suffix(".png")) as saved:
        difference = ImageChops.difference(saved.convert("RGB"), seen)
        assert max(high for _, high in difference.getextrema()) <= 2  # type: ignore[misc]
        assert len(saved.getcolors(1 << 20) or []) > 500


def test_talk_portrait_and_leaving_are_on_the_screen_and_l_is_a_key(desk: Desk, tmp_path: Path) -> None:
    """A white bubble with words, the photograph's colour, nobody where somebody was; L and its button."""
    app = Running(desk, "lively", tmp_path)
    scene = lively(tmp_path)
    seen, ground = desk.picture(), court_floor(scene, VIEW)
    around = surroundings(ground, VIEW, ground.seat(1), taken(scene, VIEW), [])
    x, y, w, h = (round(side) for side in place(TALK.words, around, VIEW).rect)
    inside = [seen.getpixel((x + i, y + j)) for i in range(4, w - 4) for j in range(4, h - 4)]
    assert near(seen.getpixel((x + w // 2, y + 4)), "#ffffff", 2)  # type: ignore[arg-type]
    assert min(sum(colour) for colour in inside) < 300  # type: ignore[arg-type]
    portrait = [colour for _, colour in _colours(seen) if near(colour, PHOTO_COLOUR, 3)]
    assert portrait
    shirt = ground.seat(4).at((0.0, -50.0))
    assert not near(seen.getpixel((round(shirt[0]), round(shirt[1]))), players(3)[3].colour)  # type: ignore[arg-type]
    left, top, width, height = leave_rect(VIEW, "Leave the game")
    desk.click(left + width / 2, top + height / 2)
    desk.click(*ground.seat(4).at((0.0, -50.0)))
    desk.tap("l")
    app.row(key="l")
    app.end()
    clicks = [row["target"] for row in app.rows() if row["source"] == "mouse"]
    assert clicks == ["button:leave", ""]
    assert len([row for row in app.rows() if row["key"] == "l"]) == 1


def _colours(picture: Image.Image) -> list[tuple[int, tuple[int, ...]]]:
    return picture.getcolors(1 << 21) or []  # type: ignore[return-value]


def test_frames_are_paced_and_said_to_be_emulated(desk: Desk, tmp_path: Path) -> None:
    """Without a refresh to wait for, frames come on a grid of 60 Hz, and the record says so."""
    app = Running(desk, "page", tmp_path)
    time.sleep(1.0)
    desk.tap("a")
    press = app.row(key="a")
    end = app.end()
    assert app.ready["facts"]["pacing"] == "emulated"
    assert app.ready["facts"]["refresh_hz"] == 60.0
    assert app.ready["keys"]["backend"] == "ptb"
    assert press["predicted"] == pytest.approx(press["flip"], abs=0.012)
    assert end["shown"] > 50


def test_without_a_display_one_line_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """No display is refused before anything is loaded."""
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.setattr(sys, "platform", "linux")
    with pytest.raises(StageError, match="DISPLAY"):
        open_stage(StageSettings(), Interruptions())


def test_a_screen_that_is_not_there_is_refused(desk: Desk) -> None:
    """The message names the screens there are."""
    code = "from experiment.stage import *; from experiment.booth import Interruptions\n"
    code += "try: open_stage(StageSettings(screen=3), Interruptions())\n"
    code += "except StageError as e: print('REFUSED', e)"
    program = desk.start("-c", code)
    said, _ = program.communicate(timeout=60)
    assert "REFUSED no screen 3" in said


if __name__ == "__main__":
    sys.path.insert(0, os.fspath(Path(__file__).parents[2]))
    application(sys.argv[1], Path(sys.argv[2]), float(sys.argv[3]))
