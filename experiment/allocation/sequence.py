"""The order in which the cells come: permuted blocks from the study's seed, in each stratum its own."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any, Self

from experiment.definitions.design import Design
from experiment.randomness import stream
from experiment.study import StudyError


@dataclass(frozen=True, slots=True)
class Sequence:
    """All that decides which cell a slot has: it stands in ``sequence.json`` and must never change.

    Parameters
    ----------
    seed
        The study's seed.
    cells
        The names of the cells, in the order of the design.
    block_repeats
        How often a block may hold each cell.
    strata
        What the strata are made of, as in the protocol file.
    """

    seed: int
    cells: tuple[str, ...]
    block_repeats: tuple[int, ...]
    strata: tuple[dict[str, Any], ...] = ()

    @classmethod
    def of(cls, design: Design, seed: int) -> Self:
        """Return the sequence of a design."""
        strata = tuple(stratum.model_dump(mode="json", exclude_none=True) for stratum in design.strata)
        return cls(seed, tuple(cell.name for cell in design.cells()), design.block_repeats, strata)

    @classmethod
    def read(cls, file: Path) -> Self:
        """Read ``sequence.json``.

        Raises
        ------
        StudyError
            When it is not readable: no new one is drawn in its place.
        """
        try:
            found = json.loads(file.read_text(encoding="utf-8"))
            cells, repeats = tuple(found["cells"]), tuple(found["block_repeats"])
            return cls(int(found["seed"]), cells, repeats, tuple(found.get("strata", ())))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise StudyError(f"{file}: is not readable; restore it from a copy of the dataset") from error

    def text(self) -> str:
        """Return what stands in ``sequence.json``."""
        stored = {"seed": self.seed, "cells": self.cells, "block_repeats": self.block_repeats}
        return json.dumps({**stored, **({"strata": self.strata} if self.strata else {})}) + "\n"

    @property
    def fingerprint(self) -> str:
        """Return the beginning of a SHA-256 over it, by which a later change of it is seen."""
        return hashlib.sha256(self.text().encode()).hexdigest()[:16]

    def fits(self, other: Sequence) -> bool:
        """Return whether a slot would mean the same in both, but for the seed."""
        return replace(self, seed=other.seed).text() == other.text()

    def described(self) -> str:
        """Return the cells, and the strata within which they are balanced, in words."""
        within = ", ".join(f"{stratum['measure']}/{stratum['item']}" for stratum in self.strata)
        return ", ".join(self.cells) + (f" within strata of {within}" if within else "")

    def slots(self, stratum: str = "") -> Iterator[tuple[str, int]]:
        """Yield cell and block of slot 1, 2, 3 ... of a stratum; the size of each block is drawn."""
        within = f"{stratum}/" if stratum else ""
        block = 0
        while True:
            block += 1
            rng = stream(self.seed, f"allocation/{within}block-{block}")
            often = self.block_repeats[int(rng.integers(len(self.block_repeats)))]
            members = [cell for cell in self.cells for _ in range(often)]
            for place in rng.permutation(len(members)):
                yield members[int(place)], block

    def first(self, count: int, stratum: str = "") -> list[tuple[str, int]]:
        """Return cell and block of the first slots of a stratum."""
        return list(islice(self.slots(stratum), count))
