"""Booths for tests: virtual time, presses at given moments, every scene that was shown kept.

`Scripted` shows every frame and takes presses from a script; `Directed` is a simulated participant who can be
told to do something else on certain screens, for sessions from start to end.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from experiment import definitions, journal
from experiment.allocation import Allocated
from experiment.booth import Booth, Frames, Press, stamped
from experiment.definitions.laboratory import Laboratory
from experiment.firstlines import header, note_laboratory
from experiment.limits import Limited
from experiment.past import Past
from experiment.recording import RunOf
from experiment.respondent import Respondent, identity
from experiment.retracing import retrace
from experiment.run import Ended, Run
from experiment.scenes import Court, Held, Scene
from experiment.session import Session
from experiment.simulated import VirtualClock, VirtualKeys, VirtualScreen, World
from experiment.stimulator import Stimulator
from experiment.study import Study, Who

PERIOD_S = 1 / 60
CONDITIONS = Path(__file__).parent / "golden" / "conditions"
HURTING = Path(__file__).parent / "hurting" / "conditions" / "protocols"
"""Protocols with pain tasks, for the tests."""

TINY = CONDITIONS / "protocols" / "tiny.toml"

See = Callable[[Scene, float], Iterable[Press]]


def nothing(_scene: Scene, _flip: float) -> Iterable[Press]:
    """Press nothing."""
    return ()


def key(at: float, name: str) -> Press:
    """Return a key press."""
    return Press(at, "keyboard", key=name)


def click(at: float, target: str, fraction: float | None = None) -> Press:
    """Return a click."""
    return Press(at, "mouse", target=target, fraction=fraction)


def typed(at: float, text: str) -> Press:
    """Return typed characters."""
    return Press(at, "text", text=text)


@dataclass(slots=True)
class Scripted:
    """Screen, keys and clock in one, frame by frame.

    `presses` are handed over at the first frame after their time; `see` may add presses when a scene that it
    has not met comes up. `holds` are keys that are down from one time to another. `extra_s` lengthens frames
    by their number. `fails_at` makes the screen raise from that time on.
    """

    script: list[Press] = field(default_factory=list)
    see: See = nothing
    holds: list[tuple[str, float, float]] = field(default_factory=list)
    extra_s: Mapping[int, float] = field(default_factory=dict)
    gives_up_s: float = 600.0
    time_s: float = 0.0
    frame: int = 0
    shown: list[tuple[float, Scene]] = field(default_factory=list)
    prepared: list[Scene] = field(default_factory=list)
    _met: tuple[object, ...] = ()
    _shown: int = 0
    _late: list[tuple[float, float]] = field(default_factory=list)

    @property
    def period_s(self) -> float:
        """Return the duration of a frame (s)."""
        return PERIOD_S

    def next_flip(self) -> float:
        """Return when the next frame is due (s)."""
        return stamped(self.time_s + PERIOD_S)

    def show(self, scene: Scene, *, idle_until: float | None = None) -> float:
        """Keep the scene and go on by a frame."""
        self.frame += 1
        extra_s = self.extra_s.get(self.frame, 0.0)
        self.time_s = stamped(self.time_s + PERIOD_S + extra_s)
        self._shown += 1
        if extra_s:
            self._late.append((self.time_s, PERIOD_S + extra_s))
        self.shown.append((self.time_s, scene))
        assert self.time_s < self.gives_up_s, f"nobody answers {scene}"
        return self.time_s

    def prepare(self, scenes: Sequence[Scene]) -> None:
        """Keep what is prepared."""
        self.prepared += scenes

    def account(self) -> Frames | None:
        """Count every frame, and as late those that were lengthened."""
        longest_s = max((interval for _, interval in self._late), default=PERIOD_S)
        frames = Frames(self._shown, tuple(self._late), longest_s)
        self._shown, self._late = 0, []
        return frames

    def describe(self) -> Mapping[str, object]:
        """Say what this is."""
        return {"pacing": "simulated", "refresh_hz": 60.0, "backend": "simulated"}

    def close(self) -> None:
        """Have nothing to close."""

    def presses(self, scene: Scene, flip: float) -> Sequence[Press]:
        """Return what the script has up to now."""
        if identity(scene) != self._met:
            self._met = identity(scene)
            self.script += self.see(scene, flip)
        due = sorted((press for press in self.script if press.at <= flip), key=lambda press: press.at)
        self.script = [press for press in self.script if press.at > flip]
        return due

    def held(self, key: str) -> float | None:
        """Return since when a key is down by the script."""
        downs = (down for name, down, up in self.holds if name == key and down <= self.time_s < up)
        return next(downs, None)

    def discard(self) -> None:
        """Forget presses of the past; those of the future have not been made yet."""
        self.script = [press for press in self.script if press.at > self.time_s]
        self._met = ()

    def now(self) -> float:
        """Return the virtual time (s)."""
        return self.time_s

    def pair(self) -> tuple[float, float]:
        """Return the time, and the same on a clock that began elsewhere (s)."""
        return self.time_s, self.time_s + 1000.0

    def booth(self) -> Booth:
        """Return a booth with these ports."""
        return Booth(self, self, self)

    def courts(self) -> list[tuple[float, Court]]:
        """Return the courts that were shown, with their flips."""
        return [(flip, scene) for flip, scene in self.shown if isinstance(scene, Court)]


@dataclass(slots=True)
class Recorder:
    """A journal in a temporary folder, and its events as read back."""

    path: Path

    def begin(self) -> journal.Journal:
        """Return a journal with a first line."""
        record = journal.Journal(self.path, durable=False)
        record.write("session", None, format=journal.FORMAT, rules=journal.RULES)
        return record

    def events(self, *kinds: str) -> list[journal.Event]:
        """Return the events of these kinds as they stand in the file now."""
        return list(journal.read(self.path).all(*kinds))


def played(
    scripted: Scripted,
    file: definitions.Game,
    folder: Path,
    *,
    seed: int = 1,
    kind: str = "game",
    guard: Callable[[Booth], None] = lambda booth: None,
    words: definitions.Texts | None = None,
) -> tuple[list[journal.Event], Ended]:
    """Play one run with a script; return its events and how it ended."""
    recorder = Recorder(folder / f"run-{len(list(folder.iterdir()))}.jsonl")
    booth = scripted.booth()
    guard(booth)
    with recorder.begin() as record:
        run = Run(booth, record, file, words or tiny().texts, RunOf(1, kind, "fair", "fair"), seed)
        ended = run.play()
    return list(journal.read(recorder.path).events), ended


def throwing(how: str = "player:1", after_s: float = 0.5) -> See:
    """Return a participant who throws `after_s` after their turn begins, by a key or a target."""

    def see(scene: Scene, flip: float) -> Iterable[Press]:
        if isinstance(scene, Court) and isinstance(scene.ball, Held) and scene.turn:
            at = max(scene.ball.since + after_s, flip)
            return [click(at, how) if ":" in how else key(at, how)]
        return ()

    return see


def game(phases: Sequence[Mapping[str, object]], players: int = 3, **changes: object) -> definitions.Game:
    """Return a game file with these phases and quick, fixed timing."""
    table: dict[str, object] = {
        "title": "A game",
        "source": "the tests",
        "players": players,
        "coplayers": [{"name": f"Player {number}"} for number in range(1, players)],
        "pause": {"kind": "fixed", "value_s": 0.5},
        "flight": {"kind": "fixed", "value_s": 0.5},
        "phases": [{"name": f"phase_{i}", **phase} for i, phase in enumerate(phases, start=1)],
    }
    if all("throws" in phase for phase in phases):
        table["throws"] = sum(int(str(phase["throws"])) for phase in phases)
    return definitions.Game.model_validate(_tupled({**table, **changes}))


def _tupled(value: object) -> object:
    """Turn lists into tuples, as the reader of definitions does."""
    if isinstance(value, dict):
        return {name: _tupled(inner) for name, inner in value.items()}
    return tuple(_tupled(inner) for inner in value) if isinstance(value, list) else value


def tiny() -> definitions.Resolved:
    """Return the tiny protocol of the tests, which no shipped wording touches."""
    return definitions.resolve(TINY)


Instead = Callable[[Scene, float], list[Press] | None]


def as_ever(_scene: Scene, _flip: float) -> list[Press] | None:
    """Leave it to the model."""
    return None


@dataclass(slots=True)
class Directed(Respondent):
    """A simulated participant; `instead` says what they do otherwise on a screen, or None."""

    instead: Instead = as_ever

    def see(self, scene: Scene, flip: float) -> list[Press]:
        """Return the presses that this scene leads to."""
        new = identity(scene) != self._seen
        presses = Respondent.see(self, scene, flip)
        other = self.instead(scene, flip) if new else None
        return presses if other is None else other


@dataclass(slots=True)
class CollectingScreen(VirtualScreen):
    """Keeps every scene; `before` is called before each is shown, and may raise.

    With `every_frame`, it passes over none.
    """

    shown: list[tuple[float, Scene]] = field(default_factory=list)
    before: Callable[[Scene, float], None] = lambda scene, flip: None
    every_frame: bool = False

    def show(self, scene: Scene, *, idle_until: float | None = None) -> float:
        """Keep the scene and its flip."""
        self.before(scene, self.world.now)
        if self.every_frame:
            self.world.frame += 1
            flip = self.world.now
        else:
            flip = VirtualScreen.show(self, scene, idle_until=idle_until)
        self.shown.append((flip, scene))
        return flip


@dataclass(slots=True)
class HoldingKeys(VirtualKeys):
    """Virtual keys; `down` says whether escape is down while a scene is shown."""

    down: Callable[[Scene], bool] = lambda scene: False
    _since: float | None = None
    _scene: Scene | None = None

    def presses(self, scene: Scene, flip: float) -> Sequence[Press]:
        """Note what is on the screen."""
        self._scene = scene
        if not self.down(scene):
            self._since = None
        elif self._since is None:
            self._since = flip
        return VirtualKeys.presses(self, scene, flip)

    def discard(self) -> None:
        """Forget presses, and let the participant look again at what is on the screen."""
        VirtualKeys.discard(self)
        self.respondent._seen = ()

    def held(self, key: str) -> float | None:
        """Return since when escape has been down."""
        return self._since if key == "escape" else None


@dataclass(slots=True)
class Sitting:
    """One whole session with a directed participant, in a folder of its own.

    Every file of it can be looked at afterwards: `recorded`, `shown`, `told`.
    """

    folder: Path
    resolved: definitions.Resolved
    seed: int = 1
    cell: int = 0
    instead: Instead = as_ever
    before: Callable[[Scene, float], None] = lambda scene, flip: None
    down: Callable[[Scene], bool] = lambda scene: False
    every_frame: bool = False
    screen_kind: type[CollectingScreen] = CollectingScreen
    who: Who = field(default_factory=lambda: Who("001", "01"))
    told: list[str] = field(default_factory=list)
    shown: list[tuple[float, Scene]] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    drawn: int = 0
    strata: list[str] = field(default_factory=list)
    overlap: float = 0.0
    laboratory: Laboratory | None = None
    device: Stimulator | None = None
    booth: Booth = field(init=False)
    session: Session = field(init=False)
    participant: Directed = field(init=False)

    def _begin(self) -> None:
        """Begin with a new booth, as a program that is started again does."""
        world = World()
        participant = self.participant = Directed(
            self.seed, self.resolved.measures, overlap=self.overlap, instead=self.instead
        )
        screen = self.screen_kind(world, self.shown, self.before, self.every_frame)
        self.booth = Booth(screen, HoldingKeys(world, participant, self.down), VirtualClock(world))

    @property
    def study(self) -> Study:
        """Return the study, a simulated one."""
        return Study(self.folder, self.resolved.protocol.study, simulated=True)

    @property
    def path(self) -> Path:
        """Return the journal's file."""
        return self.study.journal(self.who)

    @property
    def recorded(self) -> journal.Recorded:
        """Return the journal as it stands in the file."""
        return journal.read(self.path)

    def events(self, *kinds: str) -> list[journal.Event]:
        """Return the events of these kinds."""
        return list(self.recorded.all(*kinds))

    def run(self, *, resume: bool = False) -> str:
        """Go through the session, or on with it, and return the outcome; its record gives it again."""
        outcome = self._run(resume=resume)
        retrace(self.recorded, self.resolved)
        return outcome

    def _run(self, *, resume: bool) -> str:
        self._begin()
        past = Past.of(self.recorded) if resume else Past()
        count = 1 + len(self.events("segment")) if resume else 1
        with journal.Journal(self.path, resume=resume, durable=False) as record:
            if not resume:
                record.write("session", None, **header(self.resolved, self.study, self.who, self.seed))
            screen = {"period_s": PERIOD_S}
            record.write("segment", 0.0, number=count, wall=None, machine=None, screen=screen, keys={})
            session = self.session = Session(
                self.booth, record, self.resolved, self.seed, self._draw, self._keep, self._tell, past,
                limited=self._limited(record, past),
            )  # fmt: skip
            return session.run()

    def _limited(self, record: journal.Journal, past: Past) -> Limited | None:
        if not self.resolved.pain:
            return None
        limited = Limited(
            self.laboratory, self.device, given=past.given, felt=self.participant.feel, simulated=True
        )
        note_laboratory(record, self.laboratory, limited)
        return limited

    def _tell(self, message: str) -> None:
        self.told.append(message)
        self.participant.hear(message)

    def _draw(self, stratum: str) -> Allocated:
        self.drawn += 1
        self.strata.append(stratum)
        return Allocated(self.resolved.protocol.design.cells()[self.cell], 1, 1, stratum)

    def _keep(self, text: str) -> str:
        self.texts.append(text)
        return f"text-{len(self.texts):03d}"
