"""The check of a computer in a real window: by itself, and with somebody's hands at keys and mouse."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from experiment.machine.hands import CLICK
from experiment.scenes import Page
from tests.window.conftest import Desk
from tests.window.driving import place

pytestmark = pytest.mark.window

KEYS = ("Left", "Right", "Up")
ORDER = [
    "system libraries", "Python", "packages", "display", "frame pacing", "refresh rate",
    "late frames (empty window)", "late frames (game)", "keys", "mouse", "clocks",
    "session folder", "session disk", "data folder", "data disk", "free space",
    "power", "power plan", "memory", "other programs",
]  # fmt: skip


def start(desk: Desk, folder: Path, *words: str) -> subprocess.Popen[str]:
    """Start the check."""
    env = {**desk.env, "SPOT_SPOOL": str(folder / "spool"), "PYTHONUNBUFFERED": "1"}
    command = [sys.executable, "-m", "experiment.cli", "check", "--machine", "--seconds", "2", *words]
    with (folder / "said.txt").open("w", encoding="utf-8") as out:
        program = subprocess.Popen(
            [*command, "--data", str(folder / "ds")],
            env=env, text=True, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT,
        )  # fmt: skip
    desk.programs.append(program)
    return program


def found(folder: Path) -> tuple[str, dict[str, Any], dict[str, dict[str, Any]]]:
    """Return what was said, the file, and its findings by name."""
    (file,) = (folder / "ds" / "sourcedata" / "machines").iterdir()
    whole = json.loads(file.read_text(encoding="utf-8"))
    assert file.read_text(encoding="utf-8") == (folder / "spool" / "machine.json").read_text(encoding="utf-8")
    said = (folder / "said.txt").read_text(encoding="utf-8")
    return said, whole, {each["name"]: each for each in whole["findings"]}


def test_a_check_by_itself_tries_all_it_can_and_is_never_ready_on_a_virtual_display(
    desk: Desk, tmp_path: Path
) -> None:
    """Frames are emulated there, and said to be, in words and in the file; what was not tried is no pass."""
    code = start(desk, tmp_path, "--auto").wait(90)
    said, whole, findings = found(tmp_path)
    assert "Traceback" not in said
    assert list(findings) == ORDER
    assert [
        line[11:38].rstrip() for line in said.splitlines() if line[:1] in "gfbn" and line[10:11] == " "
    ] == ORDER
    assert (whole["emulated"], whole["pacing"], whole["ready"]) == (True, "emulated", False)
    assert code == (0 if whole["usable"] else 1)
    assert whole["verdict"] in said
    assert "Ready" not in said
    assert whole["screen"]["size_px"] == [1280, 720]
    game = findings["late frames (game)"]["details"]
    assert 60 <= game["shown"] <= 240
    assert game["longest_ms"] > 0
    keys = findings["keys"]
    assert (keys["value"], keys["details"]["sources"]) == (
        "3 of 3 came, pressed by the program",
        ["keyboard"] * 3,
    )
    assert findings["mouse"]["value"] == "not tried (--auto)"
    assert findings["mouse"]["verdict"] == "not known"
    assert abs(findings["clocks"]["value"]) < 1000


def test_somebody_presses_the_three_keys_and_clicks(desk: Desk, tmp_path: Path) -> None:
    """The driver stamps each press, and the file says when the program saw it."""
    program = start(desk, tmp_path)
    said = tmp_path / "said.txt"
    desk.wait_for(lambda: "late frames (game)" in said.read_text(encoding="utf-8"), "the game", 60)
    calm = desk.wait_for(lambda: _page_seen(desk), "the page of the first key")
    shots = os.environ.get("SPOT_SHOTS")
    if shots:
        calm.save(Path(shots) / "machine_keys.png")
    where = place(Page("Please click the button", ("Does the mouse arrive?",), (CLICK,)), CLICK.target)

    def press_on() -> bool:
        """Press and click until the program has what it asked for."""
        told = said.read_text(encoding="utf-8")
        if "3 of 3 came" not in told:
            desk.tap(*KEYS)
        elif "1 of 1 came" not in told:
            desk.click(*where)
        return "1 of 1 came" in told

    desk.wait_for(press_on, "keys and click", 60)
    code = program.wait(90)
    _, whole, findings = found(tmp_path)
    assert code == (0 if whole["usable"] else 1)
    keys, mouse = findings["keys"], findings["mouse"]
    assert keys["value"] == "3 of 3 came"
    assert keys["details"]["sources"] == ["keyboard"] * 3
    assert not keys["details"]["by_itself"]
    assert keys["details"]["uncertainty_ms"] <= 2
    for each in (keys, mouse):
        assert all(-0.001 <= ms < 500 for ms in each["details"]["seen_after_ms"])
        assert all(ms > 0 for ms in each["details"]["after_onset_ms"])


def _page_seen(desk: Desk) -> Any:
    """Return the picture once it has a page's card on it, and no court."""
    seen = desk.picture()
    colours = {colour: count for count, colour in seen.getcolors(1 << 20) or []}
    return seen if colours.get((255, 253, 249), 0) > 20_000 else None
