"""The allocation's audit as a table: what was claimed and decided, in order, and never a cell.

It is derived from the files of the allocation alone, so it can be made again at any time; each of them was
created once, at the moment it speaks of, and names the sequence that held then by its fingerprint.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress

from experiment import bids
from experiment.allocation.claims import Claim, claims_of, folder_of
from experiment.allocation.sequence import Sequence
from experiment.columns import AUDIT
from experiment.files import write_whole
from experiment.signing import instant
from experiment.study import Study, StudyError

_ORDER = ("code", "outside", "slot", "replaced", "withdrawn", "unblinded")
"""The order of what was done at one moment, or at no moment where it was simulated."""


def audit(claims: Iterable[Claim], sequence: Sequence | None) -> list[bids.Row]:
    """Return the rows of the audit; without a sequence no block is known."""
    claims = sorted(claims, key=_when)
    last: dict[str, int] = {}
    for claim in claims:
        if claim.place:
            last[claim.place.stratum] = max(last.get(claim.place.stratum, 0), claim.place.slot)
    blocks = {
        stratum: [block for _, block in sequence.first(count, stratum)] if sequence else []
        for stratum, count in last.items()
    }
    return [_row(claim, blocks) for claim in claims]


def _when(claim: Claim) -> tuple[object, ...]:
    place = claim.place
    where = (place.stratum, place.slot, place.turn) if place else ("", 0, 0)
    moment = instant(claim.facts.get("wall"))
    if claim.kind == "outside":  # its moment comes from a journal, in whole seconds: after the claim
        moment += 0.999
    return moment, _ORDER.index(claim.kind), where, claim.code, claim.session


def _row(claim: Claim, blocks: dict[str, list[int]]) -> bids.Row:
    place, facts = claim.place, claim.facts
    own = blocks[place.stratum] if place else []
    return {
        "time": facts.get("wall"),
        "what": _what(claim),
        "code": claim.code,
        "session": claim.session,
        "stratum": place.stratum if place else facts.get("stratum"),
        "slot": place.slot if place else None,
        "block": own[place.slot - 1] if place and own else None,
        "computer": facts.get("machine"),
        "experimenter": facts.get("experimenter"),
        "reason": facts.get("reason"),
        "sequence": facts.get("sequence"),
    }


def _what(claim: Claim) -> str:
    match claim.kind:
        case "code":
            return "code_claimed"
        case "slot":
            return "slot_refilled" if claim.place and claim.place.turn else "slot_drawn"
        case "replaced":
            return "dropout_replaced"
        case "outside":
            return "drawn_outside"
        case "withdrawn":
            return "participant_withdrawn"
        case "unblinded":
            return "cells_unblinded"


def write_audit(study: Study) -> None:
    """Write the audit, whole; a study that never allocated has none. Called under the lock of the tables."""
    folder = folder_of(study)
    stored = folder / "sequence.json"
    if not stored.is_file():
        return
    sequence = None
    with suppress(StudyError):  # a damaged one is told of when a slot is needed; no table waits for it
        sequence = Sequence.read(stored)
    rows = audit(claims_of(study), sequence)
    for name, text in (("audit.tsv", bids.tsv(AUDIT, rows)), ("audit.json", bids.sidecar(AUDIT))):
        file = folder / name
        if not file.is_file() or file.read_text(encoding="utf-8") != text:
            write_whole(file, text, durable=not study.simulated)
