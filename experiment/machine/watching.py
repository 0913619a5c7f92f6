"""An empty window, then a real run that plays itself, and how many frames of either came late."""

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
from experiment.machine.bounds import judge
from experiment.machine.finding import WORSE, Verdict
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

    @property
    def verdict(self) -> Verdict:
        """Return the worse of share and longest; a single late frame is chance, and has no share."""
        share = self.share_percent if len(self.late) > 1 else 0.0
        verdicts = judge("late frames", share), judge("longest frame", 1e3 * self.longest_s)
        return max(verdicts, key=WORSE.index)


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
