"""The demonstration: a session that plays itself in a real window, a small simulated study, its report."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from analysis import report
from analysis.dataset import load
from analysis.summarize import summarize
from experiment import definitions, journal
from experiment.allocation import Allocation
from experiment.booth import Booth, Interruptions, Keys, Press
from experiment.firstlines import header, machine
from experiment.private import Private
from experiment.publish import publish
from experiment.respondent import Respondent
from experiment.scenes import Court, Flying, Scene
from experiment.session import Session
from experiment.simulate import Simulation, simulate
from experiment.simulated import SelfPlaying
from experiment.stage import StageSettings, open_stage
from experiment.study import Study, Who
from experiment.verifying import journals_in, verify

OUT = Path(__file__).resolve().parents[1] / "out" / "demo"
SEED = 20
FLOWN_S = 0.5
"""How long the ball has flown when the screenshot is taken."""

HASTE = 0.3
"""A demonstration answers in less time than a person needs; the game keeps its pace."""


class Photographed:
    """Keys that also take a picture of the court the first time a ball is well in the air."""

    def __init__(self, keys: Keys, take: Callable[[], None]) -> None:
        self._keys = keys
        self._take = take
        self._taken = False
        self.held, self.discard, self.describe = keys.held, keys.discard, keys.describe

    def _take_once(self) -> None:
        if not self._taken:
            self._taken = True
            self._take()

    def presses(self, scene: Scene, flip: float) -> list[Press]:
        """Return the presses, and take the picture when it is time."""
        ball = scene.ball if isinstance(scene, Court) else None
        if isinstance(scene, Court) and isinstance(ball, Flying) and scene.time_s - ball.start > FLOWN_S:
            self._take_once()
        return list(self._keys.presses(scene, flip))


def show(data: Path | None, size_px: tuple[int, int], participants: int, say: Callable[[str], None]) -> int:
    """Run the demonstration and return the exit code of its summary."""
    folder = data or OUT
    for old in ("demo_simulated", "classic_simulated", "private/demo_simulated", "private/classic_simulated"):
        shutil.rmtree(folder / old, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    say("A session plays itself in a real window (about three minutes) ...")
    picture = folder / "court.png"
    played = play(folder, size_px, picture)
    say(f"\nA study with {participants} simulated participants ...")
    study = simulate(Simulation("classic", participants, SEED, folder), jobs=2)
    found = summarize(study.dataset, brief=True)
    page = study.dataset / "derivatives" / "spot" / "report.html"
    report.write(load(study.dataset), found, page)
    code = found.exit_code
    say(f"\nscreenshot   {picture}")
    say(f"report       {page}")
    for dataset in (played, study.dataset):
        fault = bids_fault(dataset) or verify_fault(dataset)
        say(f"dataset      {dataset}  ({fault or 'valid BIDS, every session recomputed'})")
        code = code or (1 if fault else 0)
    say(f"everything   python lab.py summarize {study.dataset}")
    return code


def bids_fault(dataset: Path) -> str:
    """Return what the official validator says against a dataset; nothing where it is valid."""
    name = "bids-validator-deno"
    validator = shutil.which(name, path=str(Path(sys.executable).parent)) or shutil.which(name)
    if validator is None:
        return "not checked: the BIDS validator is not installed"
    command = [validator, "--ignoreWarnings", "--max-rows", "-1", str(dataset)]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)
    return "" if done.returncode == 0 else f"not valid BIDS:\n{done.stdout}"


def verify_fault(dataset: Path) -> str:
    """Return what is not as its definitions, seed and inputs make it; nothing where all is."""
    found = verify(journals_in([dataset]), lambda _line: None, lambda: None)
    return "; ".join([*found.differences, *found.refused])


def play(folder: Path, size_px: tuple[int, int], picture: Path) -> Path:
    """Play the demo protocol in a window with a simulated participant; return the dataset."""
    resolved = definitions.resolve("demo")
    study = Study(folder, resolved.protocol.study, simulated=True)
    study.prepare(resolved)
    allocation = Allocation(study, resolved.protocol, SEED)
    who = Who("001", "01")
    allocation.claim_code(who)
    interruptions = Interruptions()
    stage = open_stage(StageSettings(size_px=size_px, require_keyboard=False), interruptions)
    private = Private(study, who)
    try:
        playing = SelfPlaying(Respondent(SEED, resolved.measures, waits=HASTE), stage.clock, stage.keys)
        keys = Photographed(playing, lambda: stage.screenshot(picture))
        booth = Booth(stage.screen, keys, stage.clock, interruptions)
        with journal.Journal(study.local_journal(who)) as record:
            record.write("session", None, **header(resolved, study, who, SEED))
            record.write("segment", stage.clock.now(), number=1, **machine(booth, ""))
            session = Session(
                booth,
                record,
                resolved,
                SEED,
                lambda stratum: allocation.draw(who.code, stratum),
                private.keep,
                lambda _message: None,
            )
            outcome = session.run()
    finally:
        private.close()
        stage.close()
    if outcome != "completed":
        raise RuntimeError(f"the demonstration ended early: {outcome}; see {study.local_journal(who)}")
    publish(study, journal.read(study.local_journal(who)))
    return study.dataset
