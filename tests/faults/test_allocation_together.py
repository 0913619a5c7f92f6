"""Eight programs on one folder at once: no code and no slot is taken twice, and the cells stay balanced.

The programs are separate processes that a barrier lets go at one moment, before anything of the study is
there. What they took is compared with what one program alone would have been given.
"""

from __future__ import annotations

import multiprocessing
import traceback
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import NamedTuple

import pytest

from experiment import definitions
from experiment.allocation import Allocation, Sequence, claims
from experiment.allocation.allocating import Allocation as Allocating
from experiment.definitions.design import Design
from experiment.study import Study, StudyError, Who
from tests.scripted import tiny

pytestmark = pytest.mark.slow

PROGRAMS = 8
OWN = 12
"""Codes that each program takes for itself."""

CONTESTED = 12
"""Codes that every program wants."""

PEOPLE = PROGRAMS * OWN + CONTESTED
STRATA = ("woman", "man", "other")


class Taken(NamedTuple):
    """What a program was given."""

    program: int
    code: str
    stratum: str
    slot: int
    cell: str
    block: int


@dataclass(frozen=True)
class Way:
    """How the programs are set up: with strata, and on a share that knows locks."""

    strata: bool
    locks: bool


def protocol(way: Way) -> definitions.Protocol:
    """Return a protocol with four cells, and strata where they are wanted."""
    design = {"between": ("a", "b", "c", "d"), "block_repeats": (1, 2, 3)}
    within = {"strata": ({"measure": "facts", "item": "gender"},)} if way.strata else {}
    return tiny().protocol.model_copy(update={"design": Design.model_validate({**design, **within})})


def stratum_of(code: str, way: Way) -> str:
    """Return the stratum of a code: the same whoever asks."""
    return STRATA[sum(map(ord, code)) % len(STRATA)] if way.strata else ""


@contextmanager
def no_lock(_allocation: object) -> Iterator[None]:
    """Hold nothing, as on a share that knows no locks."""
    yield


def program(number: int, folder: Path, way: Way, go: Barrier, told: Queue[list[Taken] | str]) -> None:
    """Take codes and slots as fast as it goes; tell what was given."""
    try:
        if not way.locks:
            Allocating._one_at_a_time = no_lock  # type: ignore[method-assign, assignment]
        of = protocol(way)
        own = [f"p{number}x{each}" for each in range(OWN)]
        shared = [f"c{each}" for each in range(CONTESTED)]
        wanted = [code for pair in zip(shared, own, strict=True) for code in pair]
        taken = []
        go.wait(timeout=120)
        mine = Allocation(Study(folder, "tiny"), of)
        for code in wanted:
            try:
                mine.claim_code(Who(code, "01"))
            except StudyError:
                continue
            drawn = mine.draw(code, stratum_of(code, way))
            taken.append(Taken(number, code, drawn.stratum, drawn.slot, drawn.cell.name, drawn.block))
        told.put(taken)
    except BaseException:
        told.put(traceback.format_exc())
        raise


@pytest.fixture(
    scope="module",
    params=[Way(strata=False, locks=True), Way(strata=True, locks=True), Way(strata=True, locks=False)],
    ids=["plain", "strata", "strata, no locks"],
)
def together(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Way, Path, list[Taken]]:
    """Let eight programs go at once, and return what they were given."""
    way: Way = request.param
    folder = tmp_path_factory.mktemp("together")
    spawn = multiprocessing.get_context("spawn")
    go, told = spawn.Barrier(PROGRAMS), spawn.Queue()
    programs = [spawn.Process(target=program, args=(n, folder, way, go, told)) for n in range(PROGRAMS)]
    for each in programs:
        each.start()
    answers = [told.get(timeout=240) for _ in programs]
    for each in programs:
        each.join(timeout=60)
    assert not [answer for answer in answers if isinstance(answer, str)]
    return way, folder, [taken for answer in answers for taken in answer]


Together = tuple[Way, Path, list[Taken]]


def test_no_code_is_taken_twice_and_none_is_lost(together: Together) -> None:
    """Of the codes that all wanted, each went to one program; every program took all of its own."""
    _, _, taken = together
    assert len({each.code for each in taken}) == len(taken) == PEOPLE
    own = Counter(each.program for each in taken if each.code.startswith("p"))
    assert own == dict.fromkeys(range(PROGRAMS), OWN)


def test_the_programs_were_at_it_at_once(together: Together) -> None:
    """Several of them won codes that all wanted, or nothing was contested."""
    _, _, taken = together
    assert len({each.program for each in taken if each.code.startswith("c")}) > 1


def test_no_slot_is_taken_twice_and_none_is_left_out(together: Together) -> None:
    """In each stratum the slots go from 1 to the number of its people."""
    way, _, taken = together
    strata = STRATA if way.strata else ("",)
    for stratum in strata:
        slots = [each.slot for each in taken if each.stratum == stratum]
        assert sorted(slots) == list(range(1, len(slots) + 1))
    assert {each.stratum for each in taken} == set(strata)


def test_everybody_has_the_cell_that_one_program_alone_would_have_given(together: Together) -> None:
    """The sequence is the study's, made once, whichever program came first."""
    way, folder, taken = together
    sequence = Sequence.read(folder / "tiny" / "sourcedata" / "allocation" / "sequence.json")
    assert sequence.fits(Sequence.of(protocol(way).design, 0))
    for stratum in {each.stratum for each in taken}:
        own = sorted((each for each in taken if each.stratum == stratum), key=lambda each: each.slot)
        assert [(each.cell, each.block) for each in own] == sequence.first(len(own), stratum)
    alone = Allocation(Study(folder.with_name(f"{folder.name}_alone"), "tiny"), protocol(way), sequence.seed)
    for each in sorted(taken, key=lambda each: (each.stratum, each.slot)):
        drawn = alone.draw(each.code, each.stratum)
        assert (drawn.slot, drawn.cell.name, drawn.block) == (each.slot, each.cell, each.block)


def test_cells_are_balanced_to_within_a_block(together: Together) -> None:
    """Every block that is full holds each cell equally often; the last one adds at most its repeats."""
    way, _, taken = together
    repeats, cells = protocol(way).design.block_repeats, {"a", "b", "c", "d"}
    for stratum in {each.stratum for each in taken}:
        own = [each for each in taken if each.stratum == stratum]
        last = max(each.block for each in own)
        for block in range(1, last):
            counts = Counter(each.cell for each in own if each.block == block)
            assert set(counts) == cells
            assert len(set(counts.values())) == 1
            assert set(counts.values()) <= set(repeats)
        counts = Counter(dict.fromkeys(cells, 0))
        counts.update(each.cell for each in own)
        assert max(counts.values()) - min(counts.values()) <= max(repeats)


def test_the_files_say_the_same_and_nothing_is_left_beside_them(together: Together) -> None:
    """One claim for each code, one slot for each person; no temporary file."""
    way, folder, taken = together
    found = claims.claims_of(Study(folder, "tiny"))
    assert sorted(claim.code for claim in found if claim.kind == "code") == sorted(
        each.code for each in taken
    )
    slots = {(claim.code, claim.place) for claim in found if claim.kind == "slot"}
    assert slots == {(each.code, claims.Place(each.slot, 0, each.stratum)) for each in taken}
    assert not list((folder / "tiny" / "sourcedata" / "allocation").glob(".*"))
    fresh = Allocation(Study(folder, "tiny"), protocol(way))
    assert fresh.draw("next", "man" if way.strata else "").slot == 1 + sum(
        each.stratum == ("man" if way.strata else "") for each in taken
    )


def come_late(number: int, folder: Path, way: Way) -> list[tuple[str, int, str]]:
    """Draw for two newcomers; return code, slot and cell."""
    mine = Allocation(Study(folder, "tiny"), protocol(way))
    drawn = [(f"n{number}x{each}", mine.draw(f"n{number}x{each}", "woman")) for each in range(2)]
    return [(code, found.slot, found.cell.name) for code, found in drawn]


def test_slots_of_dropouts_are_given_once_each(tmp_path: Path) -> None:
    """Five were freed; of sixteen newcomers at eight programs, five take them over, with their cells."""
    way = Way(strata=True, locks=True)
    study = Study(tmp_path, "tiny")
    first = Allocation(study, protocol(way))
    before = {code: first.draw(code, "woman") for code in (f"p{number}" for number in range(10))}
    freed = {claims.replace_holder(study, f"p{number}", {}).slot for number in range(0, 10, 2)}
    with multiprocessing.get_context("spawn").Pool(PROGRAMS) as pool:
        drawn = [
            each for some in pool.starmap(come_late, [(n, tmp_path, way) for n in range(8)]) for each in some
        ]
    slots = sorted(slot for _, slot, _ in drawn)
    assert slots == sorted([*freed, *range(11, 11 + 2 * PROGRAMS - len(freed))])
    cells = {found.slot: found.cell.name for found in before.values()}
    assert all(cells[slot] == cell for _, slot, cell in drawn if slot in freed)
    assert all(first.draw(code, "woman") == found for code, found in before.items())
