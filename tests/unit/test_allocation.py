"""Allocation: balanced blocks, each code and slot claimed once, whoever comes at the same time."""

from __future__ import annotations

import json
import multiprocessing
import os
import threading
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import filelock
import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiment import definitions
from experiment.allocation import Allocated, Allocation, Sequence
from experiment.allocation.claims import Place, replace_holder
from experiment.definitions.design import Design
from experiment.files import create_exclusively
from experiment.study import Study, StudyError, Who
from tests.scripted import tiny


def protocol(**design: object) -> definitions.Protocol:
    """Return the tiny protocol with another design."""
    return tiny().protocol.model_copy(update={"design": Design.model_validate(design)})


TWO = protocol(between=("fair", "unfair"))
FOUR = protocol(between=("a", "b", "c", "d"), block_repeats=(1, 2, 3))
WITHIN = protocol(within=("fair", "unfair"), order="counterbalanced")
GENDER = {"measure": "facts", "item": "gender"}
STRATIFIED = protocol(between=("fair", "unfair"), strata=(GENDER,))
AGED = protocol(
    between=("fair", "unfair"), strata=(GENDER, {"measure": "facts", "item": "age", "bounds": (30.0,)})
)


def sequence(of: definitions.Protocol, seed: int, stratum: str = "") -> Iterator[tuple[str, int]]:
    """Return the sequence of a protocol's cells."""
    return Sequence.of(of.design, seed).slots(stratum)


def allocation(folder: Path, of: definitions.Protocol = TWO, seed: int | None = 1) -> Allocation:
    """Return an allocation in a folder."""
    return Allocation(Study(folder, "tiny"), of, seed)


@given(seed=st.integers(0, 2**32 - 1), of=st.sampled_from([TWO, FOUR, WITHIN]))
def test_every_block_holds_each_cell_equally_often(seed: int, of: definitions.Protocol) -> None:
    """As often as one of block_repeats says."""
    drawn = list(islice(sequence(of, seed), 80))
    names = {cell.name for cell in of.design.cells()}
    last = drawn[-1][1]
    for block in range(1, last):
        counts = Counter(cell for cell, number in drawn if number == block)
        assert set(counts) == names
        assert len(set(counts.values())) == 1
        assert set(counts.values()) <= set(of.design.block_repeats)
    assert [number for _, number in drawn] == sorted(number for _, number in drawn)


@given(seed=st.integers(0, 2**32 - 1))
def test_the_same_seed_gives_the_same_sequence(seed: int) -> None:
    """Whoever asks, however much of it."""
    assert list(islice(sequence(FOUR, seed), 30)) == list(islice(sequence(FOUR, seed), 60))[:30]


def test_other_seeds_give_other_sequences() -> None:
    """And over many seeds each cell is first equally often."""
    first = Counter(next(sequence(FOUR, seed))[0] for seed in range(800))
    assert set(first) == {"a", "b", "c", "d"}
    assert min(first.values()) > 150


def test_a_within_design_counterbalances_orders() -> None:
    """A cell is an order."""
    cells = {cell for cell, _ in islice(sequence(WITHIN, 1), 20)}
    assert cells == {"fair-unfair", "unfair-fair"}


def test_slots_are_given_in_order_and_follow_the_sequence(tmp_path: Path) -> None:
    """Whoever comes next gets the next."""
    drawn = [allocation(tmp_path).draw(f"p{number}") for number in range(12)]
    assert [a.slot for a in drawn] == list(range(1, 13))
    assert [(a.cell.name, a.block) for a in drawn] == list(islice(sequence(TWO, 1), 12))


def test_a_person_keeps_their_cell(tmp_path: Path) -> None:
    """Over sessions and programs, and takes no second slot."""
    first = allocation(tmp_path).draw("p1")
    allocation(tmp_path).draw("p2")
    assert allocation(tmp_path).draw("p1") == first
    assert allocation(tmp_path).cell_of("p1") == first
    assert allocation(tmp_path).cell_of("nobody") is None
    assert len(names(tmp_path)) == 2


def test_the_first_seed_of_a_study_stays(tmp_path: Path) -> None:
    """Whatever a later session asks for."""
    assert allocation(tmp_path, seed=7).seed == 7
    assert allocation(tmp_path, seed=8).seed == 7
    assert allocation(tmp_path, seed=None).seed == 7


def test_without_a_seed_one_is_drawn(tmp_path: Path) -> None:
    """Another for each study."""
    assert allocation(tmp_path / "a", seed=None).seed != allocation(tmp_path / "b", seed=None).seed


@pytest.mark.parametrize(
    "other",
    [
        FOUR,
        WITHIN,
        protocol(between=("unfair", "fair")),
        protocol(between=("fair", "unfair"), block_repeats=(2,)),
    ],
)
def test_another_design_is_refused(other: definitions.Protocol, tmp_path: Path) -> None:
    """A slot would mean another cell."""
    allocation(tmp_path)
    with pytest.raises(StudyError, match="this study allocates to fair, unfair"):
        allocation(tmp_path, other)


def test_an_unreadable_sequence_is_refused_by_name(tmp_path: Path) -> None:
    """No new one is drawn in its place."""
    allocation(tmp_path)
    file = tmp_path / "tiny/sourcedata/allocation/sequence.json"
    file.write_text("{", encoding="utf-8")
    with pytest.raises(StudyError, match=r"sequence\.json: is not readable"):
        allocation(tmp_path)
    assert file.read_text(encoding="utf-8") == "{"


def test_a_session_is_claimed_once(tmp_path: Path) -> None:
    """With the ways on in the refusal."""
    allocation(tmp_path).claim_code(Who("p1", "01"))
    allocation(tmp_path).claim_code(Who("p1", "02"))
    with pytest.raises(StudyError, match=r"'p1' has a session 1 already; --session 2 .*--resume"):
        allocation(tmp_path).claim_code(Who("p1", "01"))


@pytest.mark.parametrize("session", ["01", "02"])
def test_a_code_that_differs_only_in_case_is_refused(session: str, tmp_path: Path) -> None:
    """On any file system."""
    allocation(tmp_path).claim_code(Who("Ab1", "01"))
    with pytest.raises(StudyError, match="'aB1' differs from 'Ab1' only in case"):
        allocation(tmp_path).claim_code(Who("aB1", session))


def test_many_are_drawn_at_once_as_they_would_be_one_by_one(tmp_path: Path) -> None:
    """For a simulation, in the order of their codes."""
    codes = [f"{number:03d}" for number in range(1, 25)]
    together = allocation(tmp_path / "a").draw_all(dict.fromkeys(codes, ""))
    single = allocation(tmp_path / "b")
    assert together == {code: single.draw(code) for code in codes}


# Strata


def test_each_stratum_has_a_sequence_of_its_own(tmp_path: Path) -> None:
    """And its own slots from 1; nobody's slot depends on who comes in another stratum."""
    mine = allocation(tmp_path, STRATIFIED)
    comers = ["woman", "man", "woman", "woman", "man", "other", "woman"]
    drawn = [mine.draw(f"p{number}", stratum) for number, stratum in enumerate(comers)]
    for stratum in set(comers):
        own = [each for each in drawn if each.stratum == stratum]
        assert [each.slot for each in own] == list(range(1, comers.count(stratum) + 1))
        expected = list(islice(sequence(STRATIFIED, 1, stratum), len(own)))
        assert [(each.cell.name, each.block) for each in own] == expected


def test_sequences_of_strata_differ() -> None:
    """Or whoever knows one knew all."""
    drawn = {tuple(islice(sequence(STRATIFIED, 1, f"range{n}"), 40)) for n in range(1, 7)}
    assert len(drawn) == 6


def test_a_person_keeps_their_cell_whatever_stratum_they_say_later(tmp_path: Path) -> None:
    """An age may pass a bound between two sessions."""
    first = allocation(tmp_path, STRATIFIED).draw("p1", "range1")
    assert allocation(tmp_path, STRATIFIED).draw("p1", "range2") == first
    assert allocation(tmp_path, STRATIFIED).cell_of("p1") == first
    assert len(list((tmp_path / "tiny/sourcedata/allocation").glob("slot-*"))) == 1


@pytest.mark.parametrize("stratum", ["", "woman"])
def test_a_copy_of_a_slot_made_by_hand_is_no_slot(stratum: str, tmp_path: Path) -> None:
    """Whatever a file manager calls it, and although it sorts before the slot itself."""
    mine = allocation(tmp_path, STRATIFIED if stratum else TWO)
    for code in ("001", "002", "003"):
        drawn = mine.draw(code, stratum)
    for file in sorted((tmp_path / "tiny" / "sourcedata" / "allocation").glob("slot-*.json")):
        file.with_name(f"{file.stem} - Copy.json").write_bytes(file.read_bytes())
    assert mine.cell_of("003") == drawn
    assert mine.draw("004", stratum).slot == 4


def test_names_without_strata_stay_as_they_are(tmp_path: Path) -> None:
    """A study that was begun goes on."""
    allocation(tmp_path / "plain").draw("p1")
    assert (tmp_path / "plain/tiny/sourcedata/allocation/slot-00001.json").is_file()
    stored = json.loads((tmp_path / "plain/tiny/sourcedata/allocation/sequence.json").read_text("utf-8"))
    assert stored == {"seed": 1, "cells": ["fair", "unfair"], "block_repeats": [1, 2]}
    allocation(tmp_path / "strata", STRATIFIED).draw("p1", "woman-range2")
    assert (tmp_path / "strata/tiny/sourcedata/allocation/slot-00001_stratum-woman-range2.json").is_file()


@pytest.mark.parametrize(
    ("begun", "other"), [("STRATIFIED", "TWO"), ("TWO", "STRATIFIED"), ("STRATIFIED", "AGED")]
)
def test_other_strata_are_refused(begun: str, other: str, tmp_path: Path) -> None:
    """A slot would mean something else; the refusal says what the study balances within."""
    allocation(tmp_path, globals()[begun])
    with pytest.raises(StudyError, match="give the protocol another 'study'") as refused:
        allocation(tmp_path, globals()[other])
    assert ("within strata of facts/gender" in str(refused.value)) == (begun == "STRATIFIED")


# Dropouts


def names(folder: Path) -> set[str]:
    """Return the files of the slots and decisions."""
    place = folder / "tiny/sourcedata/allocation"
    return {file.name for file in place.iterdir() if file.name.startswith(("slot", "replaced"))}


def test_the_slot_of_a_replaced_dropout_goes_to_the_next_of_their_stratum(tmp_path: Path) -> None:
    """With its cell; others go on with the sequence, and the dropout keeps their own."""
    mine, study = allocation(tmp_path, STRATIFIED), Study(tmp_path, "tiny")
    drawn = {code: mine.draw(code, "woman") for code in ("p1", "p2", "p3")}
    assert replace_holder(study, "p2", {"reason": "moved away"}) == Place(2, 1, "woman")
    assert mine.draw("m1", "man").slot == 1
    new = mine.draw("p4", "woman")
    assert (new.slot, new.cell, new.block) == (2, drawn["p2"].cell, drawn["p2"].block)
    assert mine.draw("p2", "woman") == drawn["p2"] == mine.cell_of("p2")
    assert mine.draw("p5", "woman").slot == 4


def test_a_replacement_may_drop_out_too(tmp_path: Path) -> None:
    """And is replaced by a decision of its own; each holder only once."""
    mine, study = allocation(tmp_path), Study(tmp_path, "tiny")
    for code in ("p1", "p2"):
        mine.draw(code)
    replace_holder(study, "p1", {})
    with pytest.raises(StudyError, match="'p1' was replaced already"):
        replace_holder(study, "p1", {})
    assert mine.draw("p3").slot == 1
    with pytest.raises(StudyError, match="'p1' was replaced already"):
        replace_holder(study, "p1", {})
    replace_holder(study, "p3", {})
    assert mine.draw("p4").slot == 1
    assert mine.draw("p5").slot == 3
    assert names(tmp_path) == {
        "slot-00001.json", "slot-00001-1.json", "slot-00001-2.json", "slot-00002.json", "slot-00003.json",
        "replaced-00001-1.json", "replaced-00001-2.json",
    }  # fmt: skip


def test_whoever_has_no_slot_cannot_be_replaced(tmp_path: Path) -> None:
    """There is nothing to give."""
    allocation(tmp_path).claim_code(Who("p1", "01"))
    with pytest.raises(StudyError, match="'p1' has no slot"):
        replace_holder(Study(tmp_path, "tiny"), "p1", {})
    assert names(tmp_path) == set()


# One folder, many programs


def test_a_claim_of_ours_that_a_share_told_twice_is_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A share that lost its first answer says that the file is there already: no second slot is taken."""

    def told_twice(file: Path, text: str) -> bool:
        return create_exclusively(file, text) and not file.name.startswith("slot")

    mine = allocation(tmp_path)
    monkeypatch.setattr("experiment.allocation.allocating.create_exclusively", told_twice)
    assert mine.draw("p1").slot == 1
    assert len(names(tmp_path)) == 1


def test_one_person_drawn_for_twice_at_one_moment_has_one_slot(tmp_path: Path) -> None:
    """Two sessions of one code, on two computers."""
    for number in range(8):
        drawn: list[Allocated] = []

        def draw(code: str = f"p{number}", to: list[Allocated] = drawn) -> None:
            to.append(allocation(tmp_path).draw(code))

        threads = [threading.Thread(target=draw) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(drawn) == 4
        assert len(set(drawn)) == 1
    assert len(names(tmp_path)) == 8


def test_a_share_without_locks_still_gives_slots(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits for what the share does not know."""

    def unknown(*_: object, **__: object) -> None:
        raise NotImplementedError

    monkeypatch.setattr(filelock.FileLock, "acquire", unknown)
    assert [allocation(tmp_path).draw(f"p{number}").slot for number in range(3)] == [1, 2, 3]


def test_a_slot_that_is_being_written_is_nobodys_yet(tmp_path: Path) -> None:
    """And is passed over by the next."""
    mine = allocation(tmp_path)
    (tmp_path / "tiny/sourcedata/allocation/slot-00001.json").write_text("", encoding="utf-8")
    assert mine.cell_of("p1") is None
    assert mine.draw("p1").slot == 2


def take(folder: Path, name: int, count: int) -> list[tuple[str, int, str]]:
    """Take several slots as one program does; return code, slot and cell."""
    mine = Allocation(Study(folder, "tiny"), TWO)
    taken = []
    for number in range(count):
        code = f"p{name}x{number}"
        mine.claim_code(Who(code, "01"))
        drawn: Allocated = mine.draw(code)
        taken.append((code, drawn.slot, drawn.cell.name))
    return taken


def check_taken(taken: list[tuple[str, int, str]], folder: Path, people: int) -> None:
    """Assert that every slot was given to one person, with the cell that the sequence has for it."""
    assert sorted(slot for _, slot, _ in taken) == list(range(1, people + 1))
    seed = allocation(folder).seed
    cells = [cell for cell, _ in islice(sequence(TWO, seed), people)]
    assert all(cells[slot - 1] == name for _, slot, name in taken)


def test_threads_never_share_a_slot(tmp_path: Path) -> None:
    """Six at once, and the study seed is one for all."""
    taken: list[tuple[str, int, str]] = []
    threads = [threading.Thread(target=lambda n=n: taken.extend(take(tmp_path, n, 6))) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    check_taken(taken, tmp_path, 36)


def test_four_programs_never_share_a_slot(tmp_path: Path) -> None:
    """On one folder, from the very first moment of a study."""
    with multiprocessing.get_context("spawn").Pool(4) as pool:
        taken = pool.starmap(take, [(tmp_path, name, 8) for name in range(4)])
    check_taken([one for each in taken for one in each], tmp_path, 32)


def test_one_code_is_claimed_by_one_program_alone(tmp_path: Path) -> None:
    """Also when both ask at the same moment, in whatever case."""
    mine = allocation(tmp_path)
    claimed: list[str] = []

    def claim(code: str) -> None:
        try:
            mine.claim_code(Who(code, "01"))
        except StudyError:
            return
        claimed.append(code)

    for round_number in range(20):
        codes = [f"{letter}{round_number}" for letter in ("p", "P", "p", "P")]
        threads = [threading.Thread(target=claim, args=(code,)) for code in codes]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert Counter(code.lower() for code in claimed) == Counter(f"p{n}" for n in range(20))


@pytest.mark.parametrize("links", [True, False])
def test_a_claimed_file_has_its_text_and_leaves_nothing_beside_it(
    links: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where the file system has no links."""
    if not links:

        def no_link(*_: object) -> None:
            raise OSError(1, "no links here")

        monkeypatch.setattr(os, "link", no_link)
    file = tmp_path / "a" / "claim.json"
    assert create_exclusively(file, json.dumps({"code": "ö"}))
    assert not create_exclusively(file, "other")
    assert json.loads(file.read_text(encoding="utf-8")) == {"code": "ö"}
    assert list(file.parent.iterdir()) == [file]


def test_a_file_that_is_held_open_does_not_undo_a_claim(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A scanner on Windows may keep the hidden file from being removed; the slot is taken all the same."""
    mine = allocation(tmp_path)

    def held(*_: object, **__: object) -> None:
        raise PermissionError(13, "in use")

    monkeypatch.setattr(Path, "unlink", held)
    assert mine.draw("001").slot == 1
    assert mine.draw("002").slot == 2
