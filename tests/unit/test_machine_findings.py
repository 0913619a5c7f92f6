"""The check of a computer: verdicts, what is told, and what is measured without a window."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from math import inf
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiment.booth import Press
from experiment.machine import disk, hands, load, power, system, timing, watching
from experiment.machine.bounds import BOUNDS, Bound, table
from experiment.machine.checkup import in_lines
from experiment.machine.finding import PACING, Finding, Verdict, number, overall
from experiment.scenes import Flying, Page, Scene
from experiment.stage.trying import xrandr_rate
from tests.scripted import PERIOD_S, Scripted

ROOT = Path(__file__).resolve().parents[2]
REAL = {"pacing": "display", "refresh_hz": 59.95, "size_px": [1920, 1080], "screen": 0, "fullscreen": True}
GOOD_PACING = Finding(PACING, "display", "", "good", "", needed=True)
EMULATED = timing.pacing({**REAL, "pacing": "emulated"})
KEYBOARD = {"backend": "ptb", "devices": 1}


def found(verdict: Verdict, *, needed: bool = False, name: str = "a thing") -> Finding:
    """Return some finding."""
    return Finding(name, 1.0, "", verdict, "It means something.", needed=needed)


# Bounds and verdicts


@pytest.mark.parametrize("each", BOUNDS, ids=lambda bound: bound.name)
def test_the_bounds_themselves_are_within_and_what_lies_beyond_is_not(each: Bound) -> None:
    """Good up to the first bound, fair up to the second, bad after it; a table of them gives reasons."""
    step = -1e-9 if each.least else 1e-9
    assert each.judge(each.good) == "good"
    assert each.judge(each.good + step) == "fair"
    if each.fair != inf:
        assert each.judge(each.fair) == "fair"
        assert each.judge(each.fair + step) == "bad"
    assert each.why


def test_the_document_has_the_bounds_of_the_code() -> None:
    """Word for word."""
    assert table() in (ROOT / "docs" / "machine.md").read_text(encoding="utf-8")


def test_a_computer_is_ready_where_all_that_is_needed_is_good() -> None:
    """What is not known and not needed does not count against it."""
    verdict = overall([GOOD_PACING, found("good", needed=True), found("not known")])
    assert (verdict.ready, verdict.words) == (True, "Ready for timed sessions.")


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (found("fair", name="power"), "Usable; mind: power."),
        (found("not known", needed=True, name="mouse"), "Usable; not tried: mouse."),
        (found("bad", name="clocks"), "Not to be used: clocks."),
    ],
)
def test_what_stands_in_the_way_is_named(more: Finding, words: str) -> None:
    """In the last line."""
    verdict = overall([GOOD_PACING, more])
    assert (verdict.ready, verdict.words) == (False, words)


@given(st.lists(st.builds(found, st.sampled_from(["good", "not known"]), needed=st.booleans())))
def test_frames_that_the_program_paces_are_never_ready(others: list[Finding]) -> None:
    """However good the rest is, and the last line says why; nor is a computer without a display's frames."""
    for findings in ([EMULATED, *others], others):
        verdict = overall(findings)
        assert not verdict.ready
        assert "not for timing" in verdict.words
        assert "Ready" not in verdict.words


def test_a_line_has_verdict_name_value_and_unit_and_below_it_what_to_do() -> None:
    """In columns."""
    lines = in_lines(Finding("memory", 24.31, "GB free", "good", "Enough.")).splitlines()
    assert lines == ["good       memory                      24.3 GB free", "           Enough."]


@pytest.mark.parametrize(
    ("value", "shown"),
    [(0.74, "0.74"), (60.0, "60"), (59.951, "60"), (2.5, "2.5"), (12345.6, "12,346"), (0, "0")],
)
def test_numbers_are_told_with_three_figures(value: float, shown: str) -> None:
    """And without an exponent."""
    assert number(value) == shown


# System


def test_a_missing_library_is_told_as_the_package_that_brings_it() -> None:
    """Derived from the list by which the lab is set up."""
    gone = system.libraries(lambda find: ["jack"], "linux")
    assert gone.verdict == "fair"
    assert "libjack-jackd2-0" in gone.meaning
    assert system.libraries(lambda find: [], "linux").verdict == "good"
    assert system.libraries(lambda find: ["jack"], "win32").verdict == "good"


def test_a_package_of_another_version_than_the_locked_one_is_named(tmp_path: Path) -> None:
    """With what to do."""
    lock = tmp_path / "lock"
    lock.write_text("numpy==2.3.5 \\\n    --hash=sha256:0\npyglet==1.5.27 \\\n", encoding="utf-8")
    same = system.versions(lock, {"numpy": "2.3.5", "pyglet": "1.5.27"})[1]
    other = system.versions(lock, {"numpy": "2.3.4", "pyglet": "1.5.27"})[1]
    assert (same.verdict, other.verdict) == ("good", "fair")
    assert "numpy is not as tested" in other.meaning


# Display and frames


def test_frames_of_a_display_are_told_apart_from_those_of_the_program() -> None:
    """In words, in the verdict, and in what the file keeps."""
    assert timing.pacing(REAL).verdict == "good"
    assert (EMULATED.value, EMULATED.verdict, EMULATED.details) == ("emulated", "fair", {"emulated": True})
    assert "never for timing" in EMULATED.meaning
    assert timing.refresh({**REAL, "pacing": "emulated"}, 60.0).verdict == "not known"


@pytest.mark.parametrize(
    ("measured", "says", "verdict"),
    [
        (59.95, 60, "good"),
        (59.95, 59, "good"),
        (59.95, None, "good"),
        (60.0, 62.5, "fair"),
        (60.0, 120, "bad"),
        (50.0, 50, "fair"),
        (30.0, 30, "bad"),
    ],
)
def test_the_refresh_rate_is_held_against_the_systems(
    measured: float, says: float | None, verdict: str
) -> None:
    """Which may be rounded, or not readable."""
    assert timing.refresh({**REAL, "refresh_hz": measured}, says).verdict == verdict


def test_the_systems_rate_is_that_of_the_monitor_in_use() -> None:
    """Found by the place of its corner in what xrandr prints."""
    said = (
        "Screen 0: minimum 320 x 200, current 4480 x 1440, maximum 16384 x 16384\n"
        "DP-1 connected primary 2560x1440+1920+0 (normal left inverted) 597mm x 336mm\n"
        "   2560x1440    143.97*+ 119.88    59.95  \n   1920x1080     60.00  \n"
        "HDMI-1 connected 1920x1080+0+0 (normal) 527mm x 296mm\n   1920x1080     59.94*+  50.00  \n"
    )
    assert xrandr_rate(said, 1920, 0) == 143.97
    assert xrandr_rate(said, 0, 0) == 59.94
    assert xrandr_rate(said, 5, 5) is None
    assert xrandr_rate("", 0, 0) is None


def test_late_frames_are_counted_from_the_beginning_of_the_stretch() -> None:
    """Those from before it do not count, and the whole is told second by second."""
    scripted = Scripted(extra_s={3: 0.5, 20: 0.05, 30: 0.02})
    booth, passed = scripted.booth(), list[float]()
    for _ in range(5):
        scripted.show(watching.EMPTY)
    seen = watching.watched(booth, watching.empty(1.0), passed.append)
    assert [round(interval, 3) for _, interval in seen.late] == [0.067, 0.037]
    assert [round(at, 3) for at, _ in seen.late] == [
        round(14 * PERIOD_S + 0.05, 3),
        round(24 * PERIOD_S + 0.07, 3),
    ]
    assert seen.longest_s == pytest.approx(PERIOD_S + 0.05, abs=1e-5)
    assert passed[-1] == pytest.approx(1.0, abs=PERIOD_S)
    assert not scripted.courts()


def test_the_game_plays_itself_in_every_state_for_as_long_as_is_asked(tmp_path: Path) -> None:
    """With the journal of a session, of which nothing is left."""
    scripted = Scripted()
    seen = watching.watched(scripted.booth(), watching.playing(20.0, tmp_path), lambda _passed: None)
    courts = [court for _, court in scripted.courts()]
    throwers = {court.ball.thrower for court in courts if isinstance(court.ball, Flying)}
    assert throwers == {1, 2, 3}
    assert any(court.turn for court in courts)
    assert 20 <= seen.shown * PERIOD_S <= 22
    assert list(tmp_path.iterdir()) == []


def seen(shown: int, *late_s: float) -> watching.Seen:
    """Return a stretch with such late frames."""
    late = tuple((float(i), interval) for i, interval in enumerate(late_s))
    return watching.Seen(shown, late, max(late_s, default=0.017))


@pytest.mark.parametrize(
    ("game", "verdict"),
    [
        (seen(1200), "good"),
        (seen(120, 0.034), "good"),
        (seen(1200, 0.034, 0.034), "good"),
        (seen(1200, *[0.034] * 12), "fair"),
        (seen(1200, *[0.034] * 13), "bad"),
        (seen(1200, 0.1), "fair"),
        (seen(1200, 0.3), "bad"),
    ],
)
def test_late_frames_are_judged_by_their_share_and_by_the_longest(game: watching.Seen, verdict: str) -> None:
    """One of them is chance, unless it is long."""
    assert timing.late_frames("game", game, seen(300)).verdict == verdict


def test_what_made_frames_late_is_told_from_the_empty_window() -> None:
    """Other programs, or the drawing; and when the first ones came; a display only is called smooth."""
    game = seen(1200, *[0.034] * 20)
    busy = timing.late_frames("game", game, seen(300, *[0.034] * 9)).meaning
    assert "something else keeps this computer busy" in busy
    assert "Late at 0.0 s (34 ms), 1.0 s (34 ms), 2.0 s (34 ms) and more." in busy
    assert "graphics card" in timing.late_frames("game", game, seen(300)).meaning
    assert "smooth" not in timing.late_frames("game", seen(9), seen(9), emulated=True).meaning


@pytest.mark.parametrize(
    ("apart_s", "verdict"), [(0.0005, "good"), (-0.0005, "good"), (0.005, "fair"), (1.0, "bad")]
)
def test_clocks_that_go_apart_are_told(apart_s: float, verdict: str) -> None:
    """Over the time between the first pair and the last."""
    drift = timing.drift([(0.0, 100.0), (4.0, 104.0), (10.0, 110.0 + apart_s)])
    assert drift.verdict == verdict
    assert drift.value == pytest.approx(1e5 * apart_s)


# Keys and mouse


def pressing(*, after_s: float = 0.4, before: Sequence[str] = (), **how: object) -> Scripted:
    """Return somebody who presses what a page asks for, and `before` that something else."""

    def see(scene: Scene, flip: float) -> Iterable[Press]:
        assert isinstance(scene, Page)
        if scene.buttons:
            return [Press(flip + after_s, "mouse", target=scene.buttons[0].target, uncertainty_s=0.002)]
        key = next(key for key, words in hands.KEYS.items() if f"the {words} key" in scene.title)
        others = [Press(flip + 0.1, "keyboard", key=other) for other in before]
        return [*others, replace(Press(flip + after_s, "keyboard", key=key), **how)]  # type: ignore[arg-type]

    return Scripted(see=see)


def test_three_keys_that_the_driver_stamps_are_good() -> None:
    """And a key that was not asked for is noted, and shown as such."""
    scripted = pressing(before=("a",))
    asked = hands.ask_keys(scripted.booth())
    keys = hands.keys_found(asked, KEYBOARD)
    assert (keys.verdict, keys.value, keys.details["strange"]) == ("good", "3 of 3 came", ["a", "a", "a"])
    notes = {scene.note for _, scene in scripted.shown if isinstance(scene, Page)}
    assert {"Key 1 of 3", "Key 1 of 3. The last one was another: a"} <= notes


@pytest.mark.parametrize(
    ("how", "verdict"),
    [
        ({"uncertainty_s": 0.009}, "fair"),
        ({"uncertainty_s": 0.017}, "bad"),
        ({"source": "text"}, "bad"),
    ],
)
def test_keys_whose_times_are_coarse_or_not_the_drivers_are_told(
    how: dict[str, object], verdict: str
) -> None:
    """They came, and that is not enough."""
    assert hands.keys_found(hands.ask_keys(pressing(**how).booth()), KEYBOARD).verdict == verdict  # type: ignore[arg-type]


def test_a_press_stamped_after_it_was_seen_or_long_before_is_of_another_clock() -> None:
    """Such a stamp cannot be the time of the press."""
    page = Press(5.0, "keyboard", key="left", seen=4.9)
    assert hands.keys_found(hands.Asked(1, [(page, 4.0)]), KEYBOARD).verdict == "bad"
    assert hands.keys_found(hands.Asked(1, [(replace(page, seen=5.5), 4.0)]), KEYBOARD).verdict == "bad"
    assert hands.keys_found(hands.Asked(1, [(replace(page, seen=5.01), 4.0)]), KEYBOARD).verdict == "good"


def test_nobody_at_the_keys_is_bad_and_is_waited_for_half_a_minute_once() -> None:
    """With what to do; a dead driver has advice of its own."""
    scripted = Scripted()
    asked = hands.ask_keys(scripted.booth())
    assert scripted.time_s == pytest.approx(hands.PATIENCE_S, abs=1)
    assert hands.keys_found(asked, KEYBOARD).verdict == "bad"
    assert "libjack-jackd2-0" in hands.keys_found(asked, {"backend": "none"}).meaning


def test_the_program_presses_by_itself_and_again_where_it_does_not_arrive() -> None:
    """What never arrives is not known: it may be no fault of the keyboard."""
    scripted, pressed = Scripted(), list[str]()

    def hand(key: str) -> None:
        pressed.append(key)
        if pressed.count(key) == 2:
            scripted.script.append(Press(scripted.time_s, "keyboard", key=key))

    asked = hands.ask_keys(scripted.booth(), hand)
    assert pressed == ["left", "left", "right", "right", "up", "up"]
    keys = hands.keys_found(asked, KEYBOARD, by_itself=True)
    assert (keys.verdict, keys.value) == ("good", "3 of 3 came, pressed by the program")
    lost = hands.ask_keys(Scripted().booth(), lambda _key: None)
    assert hands.keys_found(lost, KEYBOARD, by_itself=True).verdict == "not known"


def test_only_linux_with_a_display_lets_the_program_press(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else the line says that nothing was tried, and that never counts as good."""
    monkeypatch.setattr("shutil.which", lambda _name: "/usr/bin/xdotool")
    monkeypatch.setenv("DISPLAY", ":9")
    assert hands.own_hand("linux") is not None
    assert hands.own_hand("win32") is None
    monkeypatch.delenv("DISPLAY")
    assert hands.own_hand("linux") is None
    left = hands.not_tried("keys")
    assert (left.value, left.verdict, left.needed) == ("not tried (--auto)", "not known", True)


def test_a_click_on_the_button_is_asked_for() -> None:
    """A computer without a mouse is of no use: consent is given by a click alone."""
    assert hands.click_found(hands.ask_click(pressing().booth()), {}).verdict == "good"
    assert hands.click_found(hands.ask_click(Scripted().booth()), {}).verdict == "bad"


# Disks


def test_a_folder_is_tried_and_left_as_it_was(tmp_path: Path) -> None:
    """Also one that is not there yet: the nearest above it is tried."""
    taken = disk.latencies(tmp_path, 20)
    assert len(taken) == 20
    assert min(taken) > 0
    assert disk.durable("data disk", tmp_path / "not" / "yet").unit == "ms"
    assert list(tmp_path.iterdir()) == []


def test_the_slowest_events_decide_about_a_disk() -> None:
    """Not the median."""
    quick = disk.judged("session disk", [1.0] * 100)
    slow = disk.judged("session disk", [1.0] * 95 + [400.0] * 5)
    stalls = disk.judged("session disk", [1.0] * 95 + [4000.0] * 5)
    assert [each.verdict for each in (quick, slow, stalls)] == ["good", "fair", "bad"]
    assert slow.details["median_ms"] == 1.0


def test_a_folder_that_cannot_be_written_is_bad_and_its_path_is_not_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A finding, not a crash."""

    def refuse(_folder: Path) -> list[float]:
        raise PermissionError(13, "Permission denied", str(tmp_path))

    monkeypatch.setattr(disk, "latencies", refuse)
    found = disk.durable("data disk", tmp_path)
    assert (found.verdict, found.value) == ("bad", "not to be written (Permission denied)")
    assert str(tmp_path) not in found.meaning


def test_a_data_folder_of_a_cloud_service_is_bad(tmp_path: Path) -> None:
    """`run` refuses it, so the check says so first."""
    folder = tmp_path / "Dropbox" / "data"
    folder.mkdir(parents=True)
    assert (disk.folder_of_data(folder).verdict, disk.folder_of_data(folder).value) == (
        "bad",
        "kept by Dropbox",
    )
    assert disk.folder_of_session(folder).verdict == "fair"


@pytest.mark.parametrize(
    ("kind", "data", "session"),
    [
        (("ext4", "rw"), "good", "good"),
        (("nfs4", "rw"), "good", "fair"),
        (("NTFS", "rw,remote"), "good", "fair"),
        (("tmpfs", "rw"), "bad", "fair"),
    ],
)
def test_where_a_folder_lies_is_told_from_its_mount(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: tuple[str, str], data: str, session: str
) -> None:
    """Data may lie on a network share; the running session may not."""
    root = SimpleNamespace(mountpoint=tmp_path.anchor, fstype="ext4", opts="rw")
    mount = SimpleNamespace(mountpoint=str(tmp_path.resolve()), fstype=kind[0], opts=kind[1])
    monkeypatch.setattr("psutil.disk_partitions", lambda all: [mount, root])  # noqa: A006 - psutil's name
    assert disk.folder_of_data(tmp_path / "new").verdict == data
    assert disk.folder_of_session(tmp_path / "new").verdict == session


# Power and load


@pytest.mark.parametrize(
    ("battery", "verdict"),
    [
        (None, "good"),
        (SimpleNamespace(percent=80.0, power_plugged=True), "good"),
        (SimpleNamespace(percent=80.0, power_plugged=False), "fair"),
        (SimpleNamespace(percent=80.0, power_plugged=None), "not known"),
    ],
)
def test_a_computer_on_battery_is_told(battery: object, verdict: str) -> None:
    """One without a battery runs on mains."""
    assert power.power(lambda: battery).verdict == verdict


def governors(folder: Path, governor: str, driver: str) -> Path:
    """Return a folder as Linux has it."""
    for i in range(2):
        place = folder / f"cpu{i}" / "cpufreq"
        place.mkdir(parents=True)
        (place / "scaling_governor").write_text(f"{governor}\n", encoding="utf-8")
        (place / "scaling_driver").write_text(f"{driver}\n", encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    ("governor", "driver", "verdict"),
    [
        ("performance", "acpi-cpufreq", "good"),
        ("schedutil", "acpi-cpufreq", "good"),
        ("powersave", "acpi-cpufreq", "fair"),
        ("powersave", "intel_pstate", "good"),
    ],
)
def test_a_governor_that_keeps_the_processor_slow_is_told(
    tmp_path: Path, governor: str, driver: str, verdict: str
) -> None:
    """Where `powersave` follows what is asked of it, it is the usual one."""
    assert power.plan("linux", governors=governors(tmp_path, governor, driver)).verdict == verdict


WINDOWS = "Power Scheme GUID: {}  ({})\n"


@pytest.mark.parametrize(
    ("platform", "says", "value", "verdict"),
    [
        ("win32", WINDOWS.format("381b4222-f694-41f0-9685-ff5bb260df2e", "Balanced"), "Balanced", "good"),
        ("win32", WINDOWS.format(power.SAVING_GUID, "Energiesparmodus"), "Energiesparmodus", "fair"),
        ("win32", "", None, "not known"),
        ("darwin", " lowpowermode         1\n sleep 1\n", "low power mode", "fair"),
        ("darwin", " lowpowermode         0\n", "low power mode off", "good"),
        ("darwin", " sleep 1\n", None, "not known"),
    ],
)
def test_the_power_plan_is_read_from_what_the_system_prints(
    platform: str, says: str, value: str | None, verdict: str
) -> None:
    """And where it prints nothing of it, nothing is claimed."""
    plan = power.plan(platform, lambda _command: says)
    assert (plan.value, plan.verdict) == (value, verdict)


def test_no_governor_to_be_read_is_not_known(tmp_path: Path) -> None:
    """As on a virtual machine; and a command that is not there says nothing."""
    assert power.plan("linux", governors=tmp_path).verdict == "not known"
    assert power.answer(["no-such-command-anywhere"]) == ""


def test_the_busiest_programs_are_named() -> None:
    """By share of one processor; the verdict is on all processors."""
    busy = load.judged([(90.0, "indexer"), (2.0, "shell"), (15.0, "browser")], 4)
    assert (busy.value, busy.verdict) == (26.75, "fair")
    assert "indexer 90 %, browser 15 %." in busy.meaning
    assert "shell" not in busy.meaning
    assert load.judged([(2.0, "shell")], 4).verdict == "good"
    assert load.memory().details["total_gb"] != 0
