"""Simulated participants through the same session code, faster than real time and marked as simulated."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

from experiment import bids, definitions, journal
from experiment.allocation import Allocated, Allocation
from experiment.firstlines import header, note_laboratory
from experiment.limits import Limited
from experiment.private import Private
from experiment.publish import publish_shared, write_session
from experiment.randomness import stream
from experiment.respondent import Respondent
from experiment.session import Session
from experiment.simulated import virtual_booth
from experiment.study import Study, StudyError, Who

CHUNK = 8

Work = TypeVar("Work")
Done = TypeVar("Done")


@dataclass(frozen=True, slots=True)
class Simulation:
    """What is simulated: protocol, number of participants, seed, and what they are like.

    `effect` is how strongly exclusion works on them; `overlap`, 0 to 1, how far what makes them suffer from
    it makes them sensitive to pain too.
    """

    protocol: str
    participants: int
    seed: int
    data: Path
    language: str | None = None
    effect: float = 1.0
    overlap: float = 0.0


def simulate(simulation: Simulation, *, jobs: int = 1, progress: Callable[[], None] = lambda: None) -> Study:
    """Simulate a study and return where it lies. The same seed gives the same bytes, for any `jobs`.

    Raises
    ------
    StudyError
        When the dataset has participants already, or an overlap is asked for where there is no pain.
    """
    resolved = definitions.resolve(simulation.protocol, simulation.language)
    if simulation.overlap and not resolved.pain:
        raise StudyError(
            f"--overlap {simulation.overlap:g}: protocol '{simulation.protocol}' has no pain tasks"
        )
    study = Study(simulation.data, resolved.protocol.study, simulated=True)
    for folder in (study.dataset, study.private):
        if folder.exists() and any(folder.iterdir()):
            raise StudyError(f"{folder}: exists already; remove it or give another --data")
    study.prepare(resolved)
    width = max(3, len(str(simulation.participants)))
    codes = [f"{number:0{width}d}" for number in range(1, simulation.participants + 1)]
    allocation = Allocation(study, resolved.protocol, simulation.seed)
    cells = allocation.draw_all(_strata(simulation, resolved, codes, jobs))
    for code in codes:
        allocation.claim_code(Who(code, "01"))
    one = partial(_simulate_one, simulation, study, resolved)
    derived = []
    for tables in _mapped(one, [(code, cells[code]) for code in codes], jobs):
        derived.append(tables)
        progress()
    publish_shared(study, derived)
    return study


def _strata(
    simulation: Simulation, resolved: definitions.Resolved, codes: list[str], jobs: int
) -> dict[str, str]:
    """Return the stratum of each participant, by code.

    Where a stratum depends on answers, every session is first played up to the draw and forgotten, so that
    slots can be given in the order of the codes whoever is simulated first.
    """
    if not resolved.protocol.design.strata:
        return dict.fromkeys(codes, "")
    return dict(zip(codes, _mapped(partial(_stratum_of, simulation, resolved), codes, jobs), strict=True))


class _Drawn(BaseException):
    """The cell is about to be drawn: no error, so that the session lets it pass."""


def _stratum_of(simulation: Simulation, resolved: definitions.Resolved, code: str) -> str:
    """Play a session up to the draw and return the stratum within which the cell would be drawn."""
    asked: list[str] = []

    def ask(stratum: str) -> Allocated:
        asked.append(stratum)
        raise _Drawn

    respondent = _respondent(simulation, resolved, code)
    booth = virtual_booth(respondent)
    with (
        tempfile.TemporaryDirectory() as folder,
        journal.Journal(Path(folder) / "forgotten.jsonl", durable=False) as record,
        suppress(_Drawn),
    ):
        limited = _limited(resolved, respondent, record)
        Session(
            booth, record, resolved, respondent.seed, ask, lambda _text: "", respondent.hear, limited=limited
        ).run()
    if not asked:
        raise RuntimeError(f"participant '{code}' came to an end before a cell was drawn")
    return asked[0]


def _mapped(one: Callable[[Work], Done], work: list[Work], jobs: int) -> Iterator[Done]:
    if jobs <= 1 or len(work) <= CHUNK:
        yield from map(one, work)
        return
    with ProcessPoolExecutor(jobs) as pool:
        yield from pool.map(one, work, chunksize=CHUNK)


def _simulate_one(
    simulation: Simulation, study: Study, resolved: definitions.Resolved, work: tuple[str, Allocated]
) -> bids.Tables:
    """Simulate one session and write what belongs to it alone."""
    code, allocated = work
    who = Who(code, "01")
    respondent = _respondent(simulation, resolved, code)
    seed, booth = respondent.seed, virtual_booth(respondent)
    private = Private(study, who)
    file = study.local_journal(who)
    with journal.Journal(file, durable=False) as record:
        record.write("session", None, **header(resolved, study, who, seed))
        record.write(
            "segment", 0.0, number=1, wall=None, machine=None, experimenter=None,
            screen={**booth.screen.describe(), "period_s": booth.screen.period_s},
            keys={**booth.keys.describe(), **_stated(simulation, resolved)},
            clock="virtual", second_clock="virtual", clocks=booth.clock.pair(),
        )  # fmt: skip
        draw = partial(_as_before, allocated)
        limited = _limited(resolved, respondent, record)
        outcome = Session(
            booth, record, resolved, seed, draw, private.keep, respondent.hear, limited=limited
        ).run()
    private.close()
    if outcome == "fault":
        fault = journal.read(file).last("fault")
        raise RuntimeError(f"{file}: {fault['kind'] if fault else ''}: {fault['message'] if fault else ''}")
    tables = write_session(study, journal.read(file))
    return bids.Tables(tables.who, {}, tables.shared, tables.participant, tables.session)


def _seed_of(simulation: Simulation, code: str) -> int:
    return int(stream(simulation.seed, f"participant/{code}").integers(2**32))


def _as_before(allocated: Allocated, stratum: str) -> Allocated:
    if stratum != allocated.stratum:
        raise RuntimeError(f"a session came to stratum '{stratum}', the first time to '{allocated.stratum}'")
    return allocated


def _respondent(simulation: Simulation, resolved: definitions.Resolved, code: str) -> Respondent:
    seed = _seed_of(simulation, code)
    return Respondent(seed, resolved.measures, simulation.effect, overlap=simulation.overlap)


def _stated(simulation: Simulation, resolved: definitions.Resolved) -> dict[str, float]:
    """Return what is stated of simulated participants of a session with pain."""
    return {"overlap": simulation.overlap} if resolved.pain else {}


def _limited(
    resolved: definitions.Resolved, respondent: Respondent, record: journal.Journal
) -> Limited | None:
    """Return what gives simulated stimuli; no ceiling is needed, since nobody is there."""
    if not resolved.pain:
        return None
    limited = Limited(None, felt=respondent.feel, simulated=True)
    note_laboratory(record, None, limited)
    return limited
