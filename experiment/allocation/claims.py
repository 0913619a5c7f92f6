"""The files of an allocation: one for each code taken, slot given and decision made, never changed.

Their names say what they are, so that nothing has to be read to find a free slot::

    code-017_ses-01.json                    a code taken for a session
    slot-00004.json                         slot 4 was given to somebody
    slot-00004_stratum-woman.json           the same within a stratum
    replaced-00004-1.json                   whoever had slot 4 is to be replaced
    slot-00004-1.json                       slot 4 was given to somebody in their place
    unblinded-00001.json                    somebody looked at the cells
    outside-017_ses-01.json                 a cell was drawn by chance while the dataset was out of reach
    withdrawn-017.json                      whoever had this code has withdrawn: a tombstone, without data
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from experiment.files import create_exclusively
from experiment.study import Study, StudyError, Who

Kind = Literal["code", "slot", "replaced", "unblinded", "outside", "withdrawn"]

_CODE = re.compile(r"(code|outside)-([A-Za-z0-9]+)_ses-(\d+)\.json")
_SLOT = re.compile(r"(slot|replaced)-(\d{5,})(?:-(\d+))?(?:_stratum-([a-z0-9_-]+))?\.json")
_LOOK = re.compile(r"(unblinded)-(\d{5,})\.json")
_TOMBSTONE = re.compile(r"withdrawn-([A-Za-z0-9]+)\.json")


def folder_of(study: Study) -> Path:
    """Return where the files of a study's allocation lie."""
    return study.dataset / "sourcedata" / "allocation"


def claim_file(study: Study, who: Who) -> Path:
    """Return the file that stands for a code taken for a session."""
    return folder_of(study) / f"code-{who.code}_ses-{who.session}.json"


def tombstone(study: Study, code: str) -> Path:
    """Return the file that says, once it is there, that a participant has withdrawn."""
    return folder_of(study) / f"withdrawn-{code}.json"


def withdrawn_codes(study: Study) -> list[str]:
    """Return the codes of all who have withdrawn, sorted; no file is opened."""
    names = (file.name for file in folder_of(study).glob("withdrawn-*.json"))
    return sorted(match[1] for name in names if (match := _TOMBSTONE.fullmatch(name)))


def withdrawn(study: Study, code: str) -> str:
    """Say that a participant has withdrawn, or nothing."""
    if not tombstone(study, code).is_file():
        return ""
    return f"participant '{code}' was withdrawn; the code is not used again"


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A slot of a stratum; `turn` is 0 for its first holder, 1 for whoever came in their place, and so on."""

    slot: int
    turn: int = 0
    stratum: str = ""

    def file_name(self, kind: Literal["slot", "replaced"]) -> str:
        """Return the name of the file by which it is claimed, or by which its holder is to be replaced."""
        again = f"-{self.turn}" if self.turn else ""
        return f"{kind}-{self.slot:05d}{again}{f'_stratum-{self.stratum}' if self.stratum else ''}.json"


@dataclass(frozen=True, slots=True)
class Claim:
    """What one file says; `facts` are empty while it is being written, or where it is damaged."""

    kind: Kind
    code: str = ""
    session: str = ""
    place: Place | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)


def facts_of(file: Path) -> dict[str, Any]:
    """Return what stands in a file; nothing while it is being written, or where it is damaged."""
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def claims_of(study: Study) -> list[Claim]:
    """Return every claim and decision of a study, sorted by the names of the files."""
    return [claim for file in sorted(folder_of(study).glob("*.json")) if (claim := _claim(file))]


def _claim(file: Path) -> Claim | None:
    if match := _CODE.fullmatch(file.name):
        kind: Any = match[1]
        return Claim(kind, match[2], match[3], None, facts_of(file))
    if match := _SLOT.fullmatch(file.name):
        kind, facts = match[1], facts_of(file)
        place = Place(int(match[2]), int(match[3] or 0), match[4] or "")
        return Claim(kind, str(facts.get("code", "")), str(facts.get("session") or ""), place, facts)
    if match := _TOMBSTONE.fullmatch(file.name):
        return Claim("withdrawn", match[1], facts=facts_of(file))
    if _LOOK.fullmatch(file.name):
        return Claim("unblinded", facts=facts_of(file))
    return None


def places_in(names: Iterable[str], kind: Literal["slot", "replaced"], stratum: str) -> list[Place]:
    """Return the places of a stratum that these file names speak of, in order."""
    found = (match for name in names if (match := _SLOT.fullmatch(name)) and match[1] == kind)
    places = (Place(int(match[2]), int(match[3] or 0), match[4] or "") for match in found)
    return sorted(place for place in places if place.stratum == stratum)


def held_by(claims: Iterable[Claim], code: str) -> Place | None:
    """Return the place that a participant has."""
    return next((c.place for c in claims if c.kind == "slot" and c.code == code), None)


def replace_holder(study: Study, code: str, facts: Mapping[str, object]) -> Place:
    """Decide that a participant is replaced: the next new one of their stratum is given their slot.

    Raises
    ------
    StudyError
        When they have no slot, or this was decided before.
    """
    place = held_by(claims_of(study), code)
    if place is None:
        raise StudyError(f"participant '{code}' has no slot; there is nothing to replace")
    freed = Place(place.slot, place.turn + 1, place.stratum)
    text = json.dumps({"code": code, **facts}) + "\n"
    if not create_exclusively(folder_of(study) / freed.file_name("replaced"), text):
        raise StudyError(f"participant '{code}' was replaced already")
    return freed


def log_unblinding(study: Study, facts: Mapping[str, object]) -> None:
    """Record that somebody looks at the cells."""
    number, text = 1, json.dumps(dict(facts)) + "\n"
    while not create_exclusively(folder_of(study) / f"unblinded-{number:05d}.json", text):
        number += 1


def log_outside(study: Study, who: Who, facts: Mapping[str, object]) -> None:
    """Record that a cell was drawn by chance, and took no slot; said once for a session."""
    file = folder_of(study) / f"outside-{who.code}_ses-{who.session}.json"
    if not file.exists():
        create_exclusively(file, json.dumps({"code": who.code, "session": who.session, **facts}) + "\n")
