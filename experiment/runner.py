"""One real session from request to tables: devices first, then claims, then the participant."""

from __future__ import annotations

import secrets
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from threading import Event
from types import FrameType
from typing import Protocol as Shape

from experiment import definitions, journal
from experiment.allocation import Allocated, Allocation, check_allocation
from experiment.allocation.claims import tombstone
from experiment.booth import Booth, Clock, Interruptions, Keys, Screen
from experiment.cloud import refuse_synced
from experiment.definitions.laboratory import LABORATORY, Laboratory, laboratory_beside, read_laboratory
from experiment.devices.opening import open_stimulator
from experiment.durability import in_time
from experiment.earlier import Earlier, cell_here, cell_on_record, set_aside_torn, take_up
from experiment.firstlines import header, machine, note_laboratory
from experiment.limits import Limited
from experiment.machine.record import bring as bring_check
from experiment.pain.preflight import check_ceilings
from experiment.past import Past
from experiment.placeholder import placeholder
from experiment.private import Private
from experiment.publish import Busy, publish
from experiment.randomness import stream
from experiment.running import alone
from experiment.session import Session
from experiment.signing import signature
from experiment.stimulator import Stimulator
from experiment.study import Study, Who

ANSWERS_S = 20.0
"""How long the dataset's folder may take to answer before a session; then it is not begun."""

DRAW_S = 10.0
"""How long it may take within a session, where a participant waits for their cell."""

TABLES_S = 60.0
"""How long the tables may take after a session, then they wait for `spot recover`."""


@dataclass(frozen=True, slots=True)
class Request:
    """What is to be run."""

    protocol: str
    who: Who
    data: Path
    language: str | None = None
    seed: int | None = None
    resume: bool = False
    take_over: bool = False
    experimenter: str = ""


class Opened(Shape):
    """A stage that is open."""

    @property
    def screen(self) -> Screen:
        """Return what the participant looks at."""

    @property
    def keys(self) -> Keys:
        """Return where presses come from."""

    @property
    def clock(self) -> Clock:
        """Return the session's clock."""

    def close(self) -> None:
        """Close the window; safe to call twice."""


OpenStage = Callable[[Interruptions], Opened]


@dataclass(frozen=True, slots=True)
class Finished:
    """How a session went, for the experimenter."""

    outcome: str
    dataset: Path
    journal: Path
    problems: tuple[str, ...]


def run_session(request: Request, open_stage: OpenStage, tell: Callable[[str], None]) -> Finished:
    """Run one session; nothing is claimed or written before the devices are found to work.

    Raises
    ------
    DefinitionError, StudyError, JournalError, StageError
        When the request is wrong or a device is missing: before the participant sees anything.
    """
    resolved = definitions.resolve(request.protocol, request.language)
    home = laboratory_beside(resolved.root)
    laboratory = read_laboratory(home) if resolved.pain else None
    check_ceilings(resolved, laboratory, home)
    study = Study(request.data, resolved.protocol.study)
    in_time(partial(refuse_synced, study.dataset), ANSWERS_S, study.dataset)
    in_time(lambda: study.spool, ANSWERS_S, study.dataset)
    interruptions = Interruptions()
    with ExitStack() as stack:
        stack.enter_context(alone(study, request.who))
        earlier = in_time(partial(_look, request, study, resolved), ANSWERS_S, study.dataset)
        _say_before(earlier, request, resolved, tell)
        stack.enter_context(_signals(interruptions))
        device = open_stimulator(laboratory, simulated=False, file=home / LABORATORY)
        if device is not None:
            stack.callback(device.close)
        stage = open_stage(interruptions)
        stack.callback(stage.close)
        in_time(partial(study.prepare, resolved), ANSWERS_S, study.dataset)
        bringing = partial(bring_check, study.dataset, stage.screen.describe(), tell)
        in_time(bringing, ANSWERS_S, study.dataset)
        allocation = in_time(partial(_claim, request, study, resolved, earlier), ANSWERS_S, study.dataset)
        set_aside_torn(study, request.who)
        booth = Booth(stage.screen, stage.keys, stage.clock, interruptions)
        sitting = _Sitting(request, resolved, study, allocation, laboratory, device)
        outcome, problems = sitting.play(booth, earlier.recorded, tell, stage.close)
    problems += _publish(study, request.who)
    return Finished(outcome, study.dataset, study.journal(request.who), tuple(problems))


def _look(request: Request, study: Study, resolved: definitions.Resolved) -> Earlier:
    """Return what is there of the session, once all that can be refused has been looked at."""
    earlier = take_up(study, request.who, resolved, resume=request.resume, take_over=request.take_over)
    study.check(resolved)
    check_allocation(study, resolved.protocol)
    return earlier


def _claim(request: Request, study: Study, resolved: definitions.Resolved, earlier: Earlier) -> Allocation:
    """Return the allocation of the study, in which the participant's code is taken for this session."""
    allocation = Allocation(study, resolved.protocol, sign=lambda: signature(request.experimenter))
    if not earlier.claimed:
        allocation.claim_code(request.who)
    return allocation


def _say_before(
    earlier: Earlier, request: Request, resolved: definitions.Resolved, tell: Callable[[str], None]
) -> None:
    """Tell the experimenter what they should know before the participant sits down."""
    if earlier.state == "claimed":
        tell(f"session {int(request.who.session)} of '{request.who.code}' had no record yet; it begins anew")
    if earlier.recorded is not None:
        where = Past.of(earlier.recorded).told(resolved.protocol)
        tell(f"resuming session {int(request.who.session)} of '{request.who.code}' {where}")
    unfinished = placeholder(resolved.protocol)
    if unfinished:
        tell(f"protocols/{resolved.name}.toml: {unfinished}")


@dataclass(frozen=True, slots=True)
class _Sitting:
    """All that a session needs before its devices are open."""

    request: Request
    resolved: definitions.Resolved
    study: Study
    allocation: Allocation
    laboratory: Laboratory | None
    device: Stimulator | None

    def play(
        self,
        booth: Booth,
        earlier: journal.Recorded | None,
        tell: Callable[[str], None],
        close: Callable[[], None],
    ) -> tuple[str, list[str]]:
        """Record and play the session and close the window; return its outcome, and what the files lack."""
        who, study = self.request.who, self.study
        known = [answer["text_ref"] for answer in earlier.all("answer")] if earlier else []
        private = in_time(partial(Private, study, who, known), ANSWERS_S, study.dataset)
        local, resume = study.local_journal(who), earlier is not None
        second = study.second_spool / local.name
        record = journal.Journal(
            local,
            study.journal(who),
            within=study.dataset,
            resume=resume,
            second=second,
            barred=tombstone(study, who.code),
            tell=tell,
        )
        try:
            seed = self._begin(record, booth, earlier)
            past = Past() if earlier is None else Past.of(earlier)
            draw = partial(self._draw, earlier, seed, tell)
            limited = self._limited(past, record)
            outcome = Session(
                booth, record, self.resolved, seed, draw, private.keep, tell, past, limited=limited
            ).run()
        finally:
            close()
            record.close()
            private.close()
        return outcome, [problem for problem in (record.problem, private.problem) if problem]

    def _begin(self, record: journal.Journal, booth: Booth, earlier: journal.Recorded | None) -> int:
        """Write what a segment begins with; return the session's seed, which a resumed session keeps."""
        if earlier is None:
            seed = secrets.randbits(32) if self.request.seed is None else self.request.seed
            record.write("session", None, **header(self.resolved, self.study, self.request.who, seed))
            number = 1
        else:
            seed = int(earlier.header["seed"])
            number = 1 + sum(1 for _ in earlier.all("segment"))
        record.write("segment", booth.clock.now(), number=number, **machine(booth, self.request.experimenter))
        if record.refused:
            raise journal.JournalError(f"{record.path}: cannot be written now ({record.problem})")
        return seed

    def _limited(self, past: Past, record: journal.Journal) -> Limited | None:
        """Return what keeps the stimuli of this session within the ceilings, which go on record."""
        if self.laboratory is None:
            return None
        limited = Limited(self.laboratory, self.device, given=past.given)
        note_laboratory(record, self.laboratory, limited)
        return limited

    def _draw(
        self, earlier: journal.Recorded | None, seed: int, tell: Callable[[str], None], stratum: str
    ) -> Allocated:
        """Return the participant's cell: the one on record, or a slot of their stratum.

        While the dataset is out of reach, the cell is drawn by chance and takes no slot (0): somebody who has
        come this far is not sent away, and a slot that cannot be claimed may be another's.
        """
        who, cells = self.request.who, self.resolved.protocol.design.cells()
        drawn = earlier.last("cell") if earlier else None
        given_up = Event()
        try:
            draw = partial(self._slot, drawn, stratum, given_up.is_set)
            return in_time(draw, DRAW_S, self.study.dataset)
        except OSError as error:
            given_up.set()
            known = self._known(cell_here(self.study, who.code))
            if known is not None:
                return known
            reason = error.strerror or type(error).__name__
            tell(f"the dataset is out of reach ({reason}); the cell was drawn by chance, outside the blocks")
            chance = stream(seed, f"allocation/{who.code}")
            return Allocated(cells[int(chance.integers(len(cells)))], 0, 0, stratum)

    def _slot(self, drawn: journal.Event | None, stratum: str, given_up: Callable[[], bool]) -> Allocated:
        """Return the participant's cell while the dataset is within reach."""
        who = self.request.who
        known = self._known(drawn or cell_on_record(self.study, who.code))
        if known is not None:
            return known
        (self.study.dataset / "dataset_description.json").stat()
        return self.allocation.draw(who.code, stratum, who.session, given_up=given_up)

    def _known(self, drawn: journal.Event | None) -> Allocated | None:
        """Return a cell that was drawn before; what it means is for this protocol to say."""
        named = {cell.name: cell for cell in self.resolved.protocol.design.cells()}
        if drawn is None or drawn["cell"] not in named:
            return None
        return Allocated(named[drawn["cell"]], drawn["slot"], drawn["block"], drawn["stratum"])


@contextmanager
def _signals(interruptions: Interruptions) -> Iterator[None]:
    """Turn the signals that ask a program to end into an orderly end of the session."""
    reasons = {
        "SIGINT": "interrupted",
        "SIGTERM": "terminated",
        "SIGHUP": "terminated",
        "SIGBREAK": "interrupted",
    }

    def handler(number: int, _frame: FrameType | None) -> None:
        interruptions.raise_flag(reasons[signal.Signals(number).name])

    before = {}
    for name in reasons:
        if hasattr(signal, name):
            with suppress(ValueError):  # not in the main thread: a test
                before[name] = signal.signal(getattr(signal, name), handler)
    try:
        yield
    finally:
        for name, old in before.items():
            signal.signal(getattr(signal, name), old)


def _publish(study: Study, who: Who) -> list[str]:
    """Derive the tables; what cannot be written now waits for `recover`."""
    local = study.local_journal(who)
    longest = journal.longest([local, study.second_spool / local.name])
    try:
        in_time(lambda: publish(study, journal.read(longest or local)), TABLES_S, study.dataset)
    except (OSError, Busy, journal.JournalError) as error:
        return [f"the tables wait for 'spot recover {study.dataset}' ({error})"]
    except KeyboardInterrupt:  # somebody had enough of a folder that hangs; the session itself is over
        return [f"the tables wait for 'spot recover {study.dataset}' (Ctrl-C)"]
    return []


def to_terminal(message: str) -> None:
    """Say something to the experimenter."""
    print(f"spot: {message}", file=sys.stderr, flush=True)  # noqa: T201 - the terminal is the experimenter's screen
