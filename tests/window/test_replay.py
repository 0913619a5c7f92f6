"""A recorded session shown again in a real window: seen on the screen, led by real keys."""

from __future__ import annotations

import math
import os
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image

from experiment import journal
from experiment.exits import DONE, STOPPED
from experiment.scenes import Court, Held
from experiment.seating import players_of
from experiment.simulate import Simulation, simulate
from experiment.stage.court import court_floor
from experiment.stage.gallery_games import BALL
from experiment.stage.palette import WARM_TINT, channels
from experiment.stage.poses import poses
from experiment.stage.view import View
from experiment.study import Who
from tests.scripted import TINY, tiny

if TYPE_CHECKING:
    from tests.window.conftest import Desk

pytestmark = pytest.mark.window

SIZE = (1280, 720)
WHO = Who("001", "01")
AWAY_PX = 230.0
"""A ball so far from where anybody holds it before a throw is in the air, not only swung back."""

PATIENCE_S = 60.0


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the journal of a short simulated session."""
    return simulate(Simulation(str(TINY), 1, 2, tmp_path_factory.mktemp("made"))).journal(WHO)


def start(desk: Desk, record: Path, *more: str) -> subprocess.Popen[str]:
    """Start a replay."""
    return desk.start("-m", "experiment", "replay", record, "--size", f"{SIZE[0]}x{SIZE[1]}", *more)


def ended(program: subprocess.Popen[str]) -> tuple[int, str]:
    """Wait for the end of a replay; return its exit code and what it said."""
    said, _ = program.communicate(timeout=PATIENCE_S)
    return program.returncode, said


def titles(desk: Desk) -> str:
    """Return the titles of all windows that are replays."""
    command = ["xdotool", "search", "--name", "Replay of", "getwindowname", "%@"]
    return subprocess.run(command, env=desk.env, check=False, capture_output=True, text=True).stdout


def keep(picture: Image.Image, name: str) -> None:
    """Keep a picture where `SPOT_SHOTS` says."""
    folder = os.environ.get("SPOT_SHOTS")
    if folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
        picture.save(Path(folder) / f"{name}.png")


def ball_in(picture: Image.Image) -> tuple[float, float] | None:
    """Return where the red ball is (px), or None."""
    red, green, blue = np.moveaxis(np.asarray(picture), 2, 0)
    down, across = np.nonzero((red > 170) & (green < 100) & (blue < 100))
    return None if len(down) < 200 else (float(across.mean()), float(down.mean()))


def hands() -> list[tuple[float, float]]:
    """Return where the ball is when somebody holds it (px)."""
    resolved = tiny()
    players = players_of(resolved.games["fair"], resolved.texts.ui.you)
    courts = [Court(players, Held(player.number, 0.0), BALL, 9.0) for player in players]
    return [poses(court, court_floor(court, View(*SIZE))).ball.place for court in courts]


def test_a_session_is_shown_to_its_end(desk: Desk, record: Path) -> None:
    """Twenty times as fast, marked in the title; every step is told, never the condition."""
    began = time.monotonic()
    program = start(desk, record, "--speed", "20")
    desk.wait_for(lambda: "Replay of sub-001 ses-01 · 00:" in titles(desk), "a title with the time")
    code, said = ended(program)
    assert code == DONE, said
    steps = [event["id"] for event in journal.read(record).all("step")]
    assert [line.split("step ")[1] for line in said.splitlines() if "step " in line] == steps
    assert said.splitlines()[-1] == "the record ends here: completed"
    assert "fair" not in said
    assert time.monotonic() - began < PATIENCE_S


def test_the_ball_is_in_the_air_and_can_be_held_there(desk: Desk, record: Path) -> None:
    """Begun with a run, slowly; space holds the picture, which is labelled; Escape ends it."""
    program = start(desk, record, "--run", "1", "--speed", "0.25")
    places = hands()

    def flying() -> Image.Image | None:
        picture = desk.picture()
        ball = ball_in(picture)
        return picture if ball and min(math.dist(ball, place) for place in places) > AWAY_PX else None

    desk.wait_for(flying, "a ball in the air")
    desk.tap("space")
    desk.wait_for(lambda: "held" in titles(desk), "a title that says so")
    one = desk.wait_for(flying, "a ball held in the air")
    other = desk.picture()
    keep(one, "replay_flight")
    assert one.tobytes() == other.tobytes()
    label = np.asarray(one.crop((8, 8, 300, 32)), dtype=float) - channels(WARM_TINT)
    assert (np.linalg.norm(label, axis=2) < 12).sum() > 2000
    desk.tap("space")
    desk.tap("plus")
    desk.wait_for(lambda: "0.5×" in titles(desk), "twice the speed")
    desk.tap("Escape")
    code, said = ended(program)
    assert (code, said.splitlines()[0].split("  ")[1]) == (STOPPED, "run 1 of the game")


def test_the_arrow_and_the_close_button(desk: Desk, record: Path) -> None:
    """The next step comes at once; a closed window is an end on purpose."""
    program = start(desk, record)
    desk.wait_for(lambda: "00:0" in titles(desk), "the first page")
    desk.tap("Right", "Right")
    desk.wait_for(lambda: any(f"· 00:1{n}" in titles(desk) for n in range(10)), "the third step")
    desk.close_window("Replay of")
    code, said = ended(program)
    assert code == STOPPED
    assert [line.split("  ")[1] for line in said.splitlines()][:3] == [
        "step 01-consent", "step 02-measure", "step 03-page",
    ]  # fmt: skip
