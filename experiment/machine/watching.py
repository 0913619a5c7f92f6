"""Frames and clocks: an empty window, then a real run that plays itself, and what came late of either."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from experiment.booth import Booth, Frames, Screen
from experiment.definitions import Game, Texts
from experiment.definitions.library import find
from experiment.definitions.reading import read
from experiment.journal import Journal
from experiment.machine.bounds import bound, judge
from experiment.machine.finding import PACING, Finding
from experiment.recording import RunOf
from experiment.respondent import Respondent
from experiment.run import Run
from experiment.scenes import Page, Scene
from experiment.simulated import SelfPlaying

SEED = 20
GAME = {
    "title": "A game that plays itself",
    "source": "made for the check of a computer: every state of the ball comes often",
    "players": 3,
    "coplayers": ({"name": "Alex"}, {"name": "Sam"}),
    "pause": {"kind": "uniform", "low_s": 0.6, "high_s": 1.2},
    "flight": {"kind": "uniform", "low_s": 1.05, "high_s": 1.35},
    "phases": ({"name": "play", "probability": 0.5},),
}
EMPTY = Page("")
TOLD = 3
"""How many late frames are told of; the file has all."""


@dataclass(slots=True)
class Counted:
    """A screen that adds up the accounts of its frames, whoever asks for them, and tells of each flip."""

    real: Screen
    tick: Callable[[float], None] = lambda _flip: None
    shown: int = 0
    late: list[tuple[float, float]] = field(default_factory=list)
    longest_s: float = 0.0
    began: float | None = None

    @property
    def period_s(self) -> float:
        """Return the duration of a frame (s)."""
        return self.real.period_s

    def next_flip(self) -> float:
        """Return when the frame that is drawn now will be seen."""
        return self.real.next_flip()

    def show(self, scene: Scene, *, idle_until: float | None = None) -> float:
        """Show a scene."""
        flip = self.real.show(scene, idle_until=idle_until)
        if self.began is None:
            self.began = flip
        self.tick(flip - self.began)
        return flip

    def prepare(self, scenes: Sequence[Scene]) -> None:
        """Draw scenes once."""
        self.real.prepare(scenes)

    def account(self) -> Frames | None:
        """Return the frames since the last call, and add them up."""
        frames = self.real.account()
        if frames is not None:
            self.shown += frames.shown
            self.late += frames.late
            self.longest_s = max(self.longest_s, frames.longest_s)
        return frames

    def describe(self) -> Mapping[str, object]:
        """Describe the real screen."""
        return self.real.describe()

    def close(self) -> None:
        """Leave the closing to whoever opened it."""


@dataclass(frozen=True, slots=True)
class Seen:
    """Frames of one stretch: how many, those that were late, the longest; times from its beginning."""

    shown: int
    late: tuple[tuple[float, float], ...]
    longest_s: float

    @property
    def share_percent(self) -> float:
        """Return the share of late frames (%)."""
        return 100 * len(self.late) / max(self.shown, 1)


def watched(booth: Booth, play: Callable[[Booth], None], tick: Callable[[float], None]) -> Seen:
    """Let something be shown, and return what became of its frames."""
    booth.screen.account()
    counted = Counted(booth.screen, tick)
    play(Booth(counted, booth.keys, booth.clock, booth.interruptions))
    counted.account()
    zero = counted.began or 0.0
    late = tuple((round(flip - zero, 6), interval) for flip, interval in counted.late)
    return Seen(counted.shown, late, counted.longest_s)


def empty(lasts_s: float) -> Callable[[Booth], None]:
    """Return what shows nothing for a while, and looks at the keys as a session does."""

    def play(booth: Booth) -> None:
        zero = booth.screen.show(EMPTY)
        booth.watch(lambda _aim, _onset: EMPTY, lambda _press, _onset: None, lasts_s=lasts_s, onset=zero)

    return play


def playing(lasts_s: float, spool: Path) -> Callable[[Booth], None]:
    """Return what plays a run for a while, with the journal that a session keeps.

    Raises
    ------
    DefinitionError
        When the texts in `conditions/` cannot be used: before anything is shown.
    """
    game = Game.model_validate({**GAME, "duration_s": lasts_s})
    texts = read(find("texts", "en"), Texts)

    def play(booth: Booth) -> None:
        respondent = Respondent(SEED, {})
        keys = SelfPlaying(respondent, booth.clock, booth.keys)
        spool.mkdir(parents=True, exist_ok=True)
        with (
            TemporaryDirectory(prefix="machine-", dir=spool) as folder,
            Journal(Path(folder) / "run.jsonl") as journal,
        ):
            itself = Booth(booth.screen, keys, booth.clock, booth.interruptions)
            run = Run(itself, journal, game, texts, RunOf(1, "game", "machine", "machine"), SEED)
            itself.screen.prepare(run.scenes())
            run.play()

    return play


def display(facts: Mapping[str, object], screens: int) -> Finding:
    """Return which display it is, and whether the window fills it."""
    size = facts["size_px"]
    sides = "x".join(str(side) for side in size) if isinstance(size, list | tuple) else "unknown size"
    which = f"screen {facts['screen']} ({screens} connected), {sides} px"
    if not facts["fullscreen"]:
        words = "Not the full screen: check as you will run sessions; without --size it fills the screen."
        return Finding("display", f"{which}, a window", "", "fair", words)
    words = "Sessions must use this screen at this size; check again when either changes."
    return Finding("display", which, "", "good", words)


def pacing(facts: Mapping[str, object]) -> Finding:
    """Return whether frames follow the display."""
    found = str(facts["pacing"])
    if found == "display":
        words = "Each frame waits for the display, so the time of a flip is the time of the picture."
        return Finding(PACING, found, "", "good", words, needed=True)
    words = (
        "The program paces the frames, no display does: good for trying out and teaching, never for timing. "
        "Use a real screen and the graphics driver of its maker, with vertical sync on."
    )
    return Finding(PACING, found, "", "fair", words, needed=True, details={"emulated": True})


def refresh(facts: Mapping[str, object], system_hz: float | None) -> Finding:
    """Return the refresh rate, measured against what the system says."""
    name, measured = "refresh rate", float(str(facts["refresh_hz"]))
    details = {"system_hz": system_hz}
    if facts["pacing"] != "display":
        words = "Set by the program, not measured: no display paces the frames."
        return Finding(name, measured, "Hz", "not known", words, needed=True, details=details)
    verdict = judge(name, measured)
    if system_hz is None:
        words = "Measured; the system's own number is not readable here."
    else:
        against = bound("refresh rate against the system")
        agreed = against.judge(abs(measured - system_hz))
        words = f"The system says {system_hz:.4g} Hz, and the frames agree."
        if agreed != "good":
            verdict = max(verdict, agreed, key=("good", "fair", "bad").index)
            words = (
                f"The system says {system_hz:.4g} Hz: set one rate for all screens, with vertical sync on."
            )
    if verdict == "bad" and judge(name, measured) == "bad":
        words += " Choose 60 Hz or more in the system's display settings."
    return Finding(name, measured, "Hz", verdict, words, needed=True, details=details)


def frames_in_words(seen: Seen) -> str:
    """Return how many frames were late, of how many, and the longest."""
    share = f"{len(seen.late):,} of {seen.shown:,} ({seen.share_percent:.2f} %)"
    return f"{share}, longest {1e3 * seen.longest_s:.1f} ms"


def late_frames(of: str, seen: Seen, beside: Seen | None = None, *, emulated: bool = False) -> Finding:
    """Return the finding on late frames; for the game, `beside` is what the empty window gave."""
    verdicts = judge("late frames", seen.share_percent), judge("longest frame", 1e3 * seen.longest_s)
    verdict = max(verdicts, key=("good", "fair", "bad").index)
    when = ", ".join(f"{at:.1f} s ({1e3 * interval:.0f} ms)" for at, interval in seen.late[:TOLD])
    when = f" Late at {when}{' and more' if len(seen.late) > TOLD else ''}." if when else ""
    if verdict == "good":
        words = (
            "Drawn in time; whether it was seen so, only a display can tell."
            if emulated
            else "Movement is smooth."
        )
    elif beside is not None and beside.share_percent >= seen.share_percent / 2 and beside.late:
        words = "The empty window was late as well: something else on this computer takes its time; close it."
    elif beside is not None:
        words = (
            "Drawing the game is what takes long: use a smaller screen or a better graphics card or driver."
        )
    else:
        words = "Late without any game: close other programs, and update the graphics driver."
    details = {
        "shown": seen.shown, "late": [[at, round(1e3 * s, 3)] for at, s in seen.late],
        "longest_ms": round(1e3 * seen.longest_s, 3), "share_percent": round(seen.share_percent, 4),
    }  # fmt: skip
    needed = beside is not None
    return Finding(
        f"late frames, {of}", frames_in_words(seen), "", verdict, words + when, needed=needed, details=details
    )


def drift(pairs: Sequence[tuple[float, float]]) -> Finding:
    """Return how the two clocks went apart between the first and the last of these pairs (s)."""
    own, other = pairs[-1][0] - pairs[0][0], pairs[-1][1] - pairs[0][1]
    ppm = 1e6 * (other - own) / own
    verdict = judge("clocks", abs(ppm))
    words = f"The two clocks of this computer agree to {1e3 * abs(other - own):.3f} ms over {own:.0f} s."
    if verdict != "good":
        words += " Check again; if it stays, let the system finish setting its clock (network time)."
    return Finding("clocks", ppm, "ppm drift", verdict, words, needed=True, details={"pairs": list(pairs)})
