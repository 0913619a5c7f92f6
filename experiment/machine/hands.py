"""Keys and mouse: three presses and a click that are asked for, and whether the driver stamped them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from statistics import median

from experiment.booth import Booth, Press, Source
from experiment.machine.bounds import judge
from experiment.machine.finding import WORSE, Finding
from experiment.scenes import Button, Page

KEYS = {"left": "left arrow", "right": "right arrow", "up": "up arrow"}
"""Keys that do no harm in whatever window hears them."""

X_NAMES = {"left": "Left", "right": "Right", "up": "Up"}
PATIENCE_S = 30.0
OWN_PATIENCE_S = 6.0
AGAIN_AFTER_S = 1.5
HELD_MS = 60
CLICK = Button("button:click", "Click here", main=True)
NOT_TRIED = "Nobody was asked, so nothing is known; check without --auto before a study."

Hand = Callable[[str], None]


def own_hand(system: str = sys.platform) -> Hand | None:
    """Return what presses a key by itself, None where that is not possible."""
    program = shutil.which("xdotool")
    if not system.startswith("linux") or not os.environ.get("DISPLAY") or program is None:
        return None

    def press(key: str) -> None:
        with suppress(OSError):  # what does not arrive is found to be missing
            subprocess.Popen(
                [program, "key", "--delay", str(HELD_MS), X_NAMES[key]],
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            )  # fmt: skip

    return press


@dataclass(slots=True)
class Asked:
    """Presses that were asked for, as they came; `strange` is what came instead."""

    wanted: int
    came: list[tuple[Press, float]] = field(default_factory=list)
    strange: list[str] = field(default_factory=list)


def ask_keys(booth: Booth, hand: Hand | None = None) -> Asked:
    """Ask for each key in turn; where there is a `hand`, it presses."""
    asked = Asked(len(KEYS))
    for position, (key, words) in enumerate(KEYS.items(), start=1):
        title = f"Please press the {words} key"
        body = ("This computer is being checked: do its keys arrive, and with the right time?",)
        page = Page(title, body, note=f"Key {position} of {len(KEYS)}")
        pressing = _Pressing(key, hand)

        def decide(press: Press, onset: float, key: str = key) -> Press | None:
            if press.source == "mouse" or press.text or press.at < onset:
                return None
            if press.key != key:
                asked.strange.append(press.key)
                return None
            return press

        _ask(booth, asked, page, decide, pressing)
        if len(asked.came) < position:
            break
    return asked


def ask_click(booth: Booth) -> Asked:
    """Ask for one click on a button."""
    asked = Asked(1)
    page = Page("Please click the button", ("Does the mouse arrive, and with the right time?",), (CLICK,))

    def decide(press: Press, onset: float) -> Press | None:
        return press if press.target == CLICK.target and press.at >= onset else None

    _ask(booth, asked, page, decide, _Pressing("", None))
    return asked


@dataclass(slots=True)
class _Pressing:
    """Presses a key soon after the page is seen, and again where it does not arrive."""

    key: str
    hand: Hand | None
    next_at: float = 0.3

    @property
    def patience_s(self) -> float:
        """Return how long to wait for it (s)."""
        return PATIENCE_S if self.hand is None else OWN_PATIENCE_S

    def go_on(self, passed_s: float) -> None:
        """Press if it is time to."""
        if self.hand is not None and passed_s >= self.next_at:
            self.next_at = passed_s + AGAIN_AFTER_S
            self.hand(self.key)


def _ask(
    booth: Booth,
    asked: Asked,
    page: Page,
    decide: Callable[[Press, float], Press | None],
    pressing: _Pressing,
) -> None:
    """Show a page until what it asks for has come, or patience is over."""
    before = len(asked.strange)

    def scene(aim: float, onset: float | None) -> Page:
        pressing.go_on(0.0 if onset is None else aim - onset)
        other = asked.strange[before:]
        return replace(page, note=f"{page.note}. The last one was another: {other[-1]}") if other else page

    booth.screen.prepare([page])
    booth.discard()
    watched = booth.watch(scene, decide, lasts_s=pressing.patience_s)
    if watched.taken is not None:
        asked.came.append((watched.taken, watched.onset))


def not_tried(name: str) -> Finding:
    """Return that nobody was there to press."""
    return Finding(name, "not tried (--auto)", "", "not known", NOT_TRIED, needed=True)


def keys_found(asked: Asked, facts: Mapping[str, object], *, by_itself: bool = False) -> Finding:
    """Return whether the keys came, stamped by the driver, at a plausible time."""
    who = ", pressed by the program" if by_itself else ""
    details = {"keyboard": dict(facts), "by_itself": by_itself, "strange": asked.strange}
    if len(asked.came) < asked.wanted and by_itself and facts.get("backend") != "none":
        words = (
            "The program pressed, and its presses did not arrive; check without --auto, with your own hands."
        )
        value = f"{len(asked.came)} of {asked.wanted} came{who}"
        return Finding("keys", value, "", "not known", words, needed=True, details=details)
    if len(asked.came) < asked.wanted:
        words = "Is the keyboard plugged in, and was the window in front? " + _driver(facts)
        if asked.strange:
            words += f" Other keys came: {', '.join(asked.strange[:5])}."
        value = f"{len(asked.came)} of {asked.wanted} came{who}"
        return Finding("keys", value, "", "bad", words, needed=True, details=details)
    return _stamped(asked, _KEYS, details, who)


def _driver(facts: Mapping[str, object]) -> str:
    """Say what to do where the keyboard's driver is not there."""
    if facts.get("backend") != "none":
        return "Try again, with another keyboard or socket."
    return (
        "The driver that stamps keys is missing: on Linux install libjack-jackd2-0 and libportaudio2, "
        "on macOS allow Input Monitoring for this program."
    )


def click_found(asked: Asked, facts: Mapping[str, object]) -> Finding:
    """Return whether the click came, at a plausible time."""
    details: dict[str, object] = {"mouse": dict(facts)}
    if not asked.came:
        words = (
            "Is the mouse plugged in? Consent, the way back from the participant's stop and the question "
            "about the data take a click."
        )
        return Finding("mouse", "no click came", "", "bad", words, needed=True, details=details)
    return _stamped(asked, _MOUSE, details)


@dataclass(frozen=True, slots=True)
class _Device:
    """A device: the finding's name, where its presses come from, and the bound of their uncertainty."""

    name: str
    source: Source
    bound: str


_KEYS = _Device("keys", "keyboard", "key presses")
_MOUSE = _Device("mouse", "mouse", "mouse clicks")


def _stamped(asked: Asked, device: _Device, details: Mapping[str, object], who: str = "") -> Finding:
    presses = [press for press, _ in asked.came]
    off_ms = 1e3 * max(press.uncertainty_s for press in presses)
    delays_ms = [1e3 * (press.seen - press.at) for press in presses]
    verdicts = [judge(device.bound, off_ms), judge("time until a press is seen", max(delays_ms))]
    plausible = all(press.source == device.source for press in presses) and min(delays_ms) >= 0
    verdict = max(verdicts, key=WORSE.index) if plausible else "bad"
    known = f"to {off_ms:.0f} ms" if off_ms >= 0.5 else "within a millisecond"
    words = (
        f"Each came with its own time, known {known}; the program saw it {median(delays_ms):.0f} ms later."
    )
    if not plausible:
        words = (
            "Their times cannot be right: they are not the driver's, or come after they were seen. Restart."
        )
    elif verdict != "good":
        words += " Use another device or socket, and close other programs."
    details = {
        **details, "uncertainty_ms": off_ms, "seen_after_ms": [round(d, 3) for d in delays_ms],
        "after_onset_ms": [round(1e3 * (press.at - onset), 3) for press, onset in asked.came],
        "sources": [press.source for press in presses],
    }  # fmt: skip
    value = f"{len(presses)} of {asked.wanted} came{who}"
    return Finding(device.name, value, "", verdict, words, needed=True, details=details)
