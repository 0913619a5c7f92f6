"""Who gets which slot. Nobody needs to know the cells to allocate.

Claiming creates a file that must not exist, so that two computers on one folder never take the same code or
the same slot. Slot k of a stratum has the same cell whoever takes it.
"""

from __future__ import annotations

import errno
import json
import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import filelock

from experiment.allocation.claims import Place, claim_file, facts_of, folder_of, places_in, withdrawn
from experiment.allocation.sequence import Sequence
from experiment.definitions import Cell, Protocol
from experiment.files import create_exclusively
from experiment.study import Study, StudyError, Who

Sign = Callable[[], Mapping[str, object]]
"""Says when, on which computer and by whom something is claimed."""

LOCK_WAIT_S = 5.0


def unsigned() -> Mapping[str, object]:
    """Say nothing: what is simulated has no moment and no machine."""
    return {}


def check_allocation(study: Study, protocol: Protocol) -> None:
    """Refuse a protocol that allocates otherwise than its study does so far; nothing is written.

    Raises
    ------
    StudyError
        When its cells, blocks or strata are others.
    """
    file = folder_of(study) / "sequence.json"
    if file.is_file():
        _fitting(Sequence.of(protocol.design, 0), file)


def _fitting(mine: Sequence, file: Path) -> Sequence:
    """Return the stored sequence, which must be `mine` but for the seed."""
    stored = Sequence.read(file)
    if not mine.fits(stored):
        raise StudyError(
            f"{file}: this study allocates to {stored.described()}; this protocol does not, or "
            "in other blocks; give the protocol another 'study'"
        )
    return stored


@dataclass(frozen=True, slots=True)
class Allocated:
    """A cell that was drawn: its slot in the sequence of its stratum and its block, both from 1."""

    cell: Cell
    slot: int
    block: int
    stratum: str = ""


class Allocation:
    """The allocation of one study.

    Parameters
    ----------
    study, protocol
        Whose slots are taken.
    seed
        Study seed, used when this is the study's first session; else the stored one holds.
    sign
        Says when and by whom a claim is made.

    Raises
    ------
    StudyError
        When the study allocates to other cells, in other blocks or within other strata.
    """

    def __init__(
        self, study: Study, protocol: Protocol, seed: int | None = None, sign: Sign = unsigned
    ) -> None:
        self._study = study
        self._folder = folder_of(study)
        self._cells = {cell.name: cell for cell in protocol.design.cells()}
        self._sign = sign
        mine = Sequence.of(protocol.design, secrets.randbits(32) if seed is None else seed)
        file = self._folder / "sequence.json"
        create_exclusively(file, mine.text())
        self._sequence = _fitting(mine, file)

    @property
    def seed(self) -> int:
        """Return the study's seed."""
        return self._sequence.seed

    def claim_code(self, who: Who) -> None:
        """Take a participant's code for a session.

        Raises
        ------
        StudyError
            When the session exists already, whoever had the code has withdrawn, or another code differs from
            this one only in case.
        """
        gone = withdrawn(self._study, who.code)
        if gone:
            raise StudyError(gone)
        person = self._folder / f"person-{who.code.casefold()}.json"
        create_exclusively(person, json.dumps({"code": who.code}) + "\n")
        other = facts_of(person).get("code")
        if other is None:
            raise StudyError(f"{person}: cannot be read; another computer may be taking this code just now")
        if other != who.code:
            raise StudyError(f"code '{who.code}' differs from '{other}' only in case; choose another")
        if not create_exclusively(claim_file(self._study, who), self._text(who.code, who.session)):
            raise StudyError(
                f"participant '{who.code}' has a session {int(who.session)} already; "
                f"--session {int(who.session) + 1} begins another, --resume goes on with one that was cut off"
            )

    def cell_of(self, code: str) -> Allocated | None:
        """Return the cell that a participant has, in whatever stratum, or None while they have none."""
        for file in sorted(self._folder.glob("slot-*.json")):
            places = places_in([file.name], "slot", file.stem.partition("_stratum-")[2])
            if places and facts_of(file).get("code") == code:  # a copy made by hand is no slot
                return self._allocated(places[0])
        return None

    def draw(
        self,
        code: str,
        stratum: str = "",
        session: str = "01",
        *,
        given_up: Callable[[], bool] = lambda: False,
    ) -> Allocated:
        """Return the participant's cell: the one they have, or a slot of their stratum.

        A slot whose holder is to be replaced goes before the next one of the sequence. No slot is taken for
        whoever has `given_up` waiting for it.

        Raises
        ------
        TimeoutError
            Where they have.
        """
        with self._one_at_a_time():
            return self.cell_of(code) or self._allocated(self._take(code, stratum, session, given_up))

    def _take(self, code: str, stratum: str, session: str, given_up: Callable[[], bool]) -> Place:
        names = [file.name for file in self._folder.glob("*.json")]
        taken = set(places_in(names, "slot", stratum))
        if given_up():
            raise TimeoutError(errno.ETIMEDOUT, "has answered too late", str(self._folder))
        for place in places_in(names, "replaced", stratum):
            if place not in taken and self._claim_slot(place, code, session):
                return place
        slot = 1 + sum(place.turn == 0 for place in taken)
        while not self._claim_slot(Place(slot, 0, stratum), code, session):
            slot += 1
        return Place(slot, 0, stratum)

    @contextmanager
    def _one_at_a_time(self) -> Iterator[None]:
        """Let one code that is drawn for twice at the same moment find its slot the second time.

        Slots are safe without this: where a share knows no locks, or somebody holds it long, we go on.
        """
        lock = filelock.FileLock(self._study.dataset / ".allocation.lock", timeout=LOCK_WAIT_S)
        try:
            lock.acquire(poll_interval=0.01)
        except (filelock.Timeout, NotImplementedError, OSError):
            yield
            return
        try:
            yield
        finally:
            lock.release()

    def draw_all(self, strata: Mapping[str, str]) -> dict[str, Allocated]:
        """Draw for all participants of a new study, given by code with their strata, in this order."""
        counts: dict[str, int] = {}
        places = {}
        for code, stratum in strata.items():
            counts[stratum] = counts.get(stratum, 0) + 1
            places[code] = Place(counts[stratum], 0, stratum)
            if not create_exclusively(self._folder / places[code].file_name("slot"), self._text(code, "01")):
                raise StudyError(
                    f"slot {counts[stratum]} was taken by another program while participants were simulated"
                )
        drawn = {stratum: self._sequence.first(count, stratum) for stratum, count in counts.items()}
        return {
            code: Allocated(self._cells[name], place.slot, block, place.stratum)
            for code, place in places.items()
            for name, block in [drawn[place.stratum][place.slot - 1]]
        }

    def _claim_slot(self, place: Place, code: str, session: str) -> bool:
        file = self._folder / place.file_name("slot")
        if create_exclusively(file, self._text(code, session)):
            return True
        return facts_of(file).get("code") == code  # ours: a share lost its first answer and asked again

    def _text(self, code: str, session: str) -> str:
        facts = {"code": code, "session": session, **self._sign(), "sequence": self._sequence.fingerprint}
        return json.dumps(facts) + "\n"

    def _allocated(self, place: Place) -> Allocated:
        name, block = self._sequence.first(place.slot, place.stratum)[-1]
        return Allocated(self._cells[name], place.slot, block, place.stratum)
