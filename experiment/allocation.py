"""Cells to people: permuted blocks from a study seed, one file per code and per slot, claimed once.

Claiming creates a file that must not exist, so that two computers on one folder never take the same code or
the same slot. Slot k has the same cell whoever takes it; nobody needs to know the cells to allocate.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from experiment.definitions import Cell, Protocol
from experiment.files import create_exclusively
from experiment.randomness import stream
from experiment.study import Study, StudyError, Who


@dataclass(frozen=True, slots=True)
class Allocated:
    """A cell that was drawn: its slot in the sequence of its stratum and its block, both from 1."""

    cell: Cell
    slot: int
    block: int
    stratum: str = ""


def sequence(protocol: Protocol, seed: int) -> Iterator[tuple[Cell, int]]:
    """Yield cell and block of slot 1, 2, 3 ...: permuted blocks whose size is drawn for each block."""
    cells = protocol.design.cells()
    repeats = protocol.design.block_repeats
    block = 0
    while True:
        block += 1
        rng = stream(seed, f"allocation/block-{block}")
        often = repeats[int(rng.integers(len(repeats)))]
        members = [cell for cell in cells for _ in range(often)]
        for place in rng.permutation(len(members)):
            yield members[int(place)], block


def claim_file(study: Study, who: Who) -> Path:
    """Return the file that stands for a code taken for a session."""
    folder = study.dataset / "sourcedata" / "allocation"
    return folder / f"code-{who.code}_ses-{who.session}.json"


class Allocation:
    """The allocation of one study.

    Parameters
    ----------
    study, protocol
        Whose slots are taken.
    seed
        Study seed, used when this is the study's first session; else the stored one holds.
    """

    def __init__(self, study: Study, protocol: Protocol, seed: int | None = None) -> None:
        self._study = study
        self._folder = study.dataset / "sourcedata" / "allocation"
        self._protocol = protocol
        chosen = secrets.randbits(32) if seed is None else seed
        cells = [cell.name for cell in protocol.design.cells()]
        stored = {"seed": chosen, "cells": cells, "block_repeats": protocol.design.block_repeats}
        create_exclusively(self._folder / "sequence.json", json.dumps(stored) + "\n")
        self.seed = int(self._stored(cells))

    def _stored(self, cells: list[str]) -> int:
        file = self._folder / "sequence.json"
        try:
            found = json.loads(file.read_text(encoding="utf-8"))
        except json.JSONDecodeError as error:
            raise StudyError(f"{file}: is not readable; restore it from a copy of the dataset") from error
        if found["cells"] != cells or tuple(found["block_repeats"]) != self._protocol.design.block_repeats:
            raise StudyError(
                f"{file}: this study allocates to {', '.join(found['cells'])}; this protocol does not; "
                "give the protocol another 'study'"
            )
        return int(found["seed"])

    def claim_code(self, who: Who, machine: str | None = None) -> None:
        """Take a participant's code for a session; `machine` marks the computer that takes it.

        Raises
        ------
        StudyError
            When the session exists already, or another code differs from this one only in case.
        """
        person = self._folder / f"person-{who.code.casefold()}.json"
        create_exclusively(person, json.dumps({"code": who.code}) + "\n")
        other = json.loads(person.read_text(encoding="utf-8"))["code"]
        if other != who.code:
            raise StudyError(f"code '{who.code}' differs from '{other}' only in case; choose another")
        claim = {"code": who.code, "session": who.session, **({"machine": machine} if machine else {})}
        if not create_exclusively(claim_file(self._study, who), json.dumps(claim) + "\n"):
            raise StudyError(
                f"participant '{who.code}' has a session {int(who.session)} already; "
                f"--session {int(who.session) + 1} begins another, --resume goes on with one that was cut off"
            )

    def cell_of(self, code: str) -> Allocated | None:
        """Return the cell that a participant has, or None while they have none."""
        for file in sorted(self._folder.glob("slot-*.json")):
            try:
                if json.loads(file.read_text(encoding="utf-8"))["code"] == code:
                    return self._slot(int(file.stem.removeprefix("slot-")))
            except (json.JSONDecodeError, KeyError):
                continue  # being written just now, by somebody else
        return None

    def draw(self, code: str) -> Allocated:
        """Return the participant's cell: the one they have, or the next free slot."""
        found = self.cell_of(code)
        slot = 1 + sum(1 for _ in self._folder.glob("slot-*.json"))
        while found is None:
            if self._claim_slot(slot, code):
                found = self._slot(slot)
            slot += 1
        return found

    def draw_all(self, codes: list[str]) -> dict[str, Allocated]:
        """Draw for many new participants at once, in their order."""
        first = 1 + sum(1 for _ in self._folder.glob("slot-*.json"))
        cells = self._slots(first + len(codes) - 1)
        for slot, code in enumerate(codes, start=first):
            if not self._claim_slot(slot, code):
                raise StudyError(
                    f"slot {slot} was taken by another program while participants were simulated"
                )
        return {code: cells[slot - 1] for slot, code in enumerate(codes, start=first)}

    def _claim_slot(self, slot: int, code: str) -> bool:
        return create_exclusively(self._slot_file(slot), json.dumps({"code": code}) + "\n")

    def _slot_file(self, slot: int) -> Path:
        return self._folder / f"slot-{slot:05d}.json"

    def _slot(self, slot: int) -> Allocated:
        return self._slots(slot)[-1]

    def _slots(self, count: int) -> list[Allocated]:
        drawn = sequence(self._protocol, self.seed)
        return [
            Allocated(cell, slot, block)
            for slot, (cell, block) in zip(range(1, count + 1), drawn, strict=False)
        ]
