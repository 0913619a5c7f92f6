"""Participants of a table: what they filled in, and the codes that they get."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

CODE = re.compile(r"[A-Za-z0-9]{1,16}")


@dataclass(frozen=True, slots=True)
class Filled:
    """A form as it was filled in: values by item, None where there is no answer."""

    measure: str
    stage: str
    condition: str | None
    values: Mapping[str, float | str | None]


@dataclass(slots=True)
class Person:
    """A participant of the table: their forms in the order of the table, and what else is known of them."""

    label: str
    permission: str
    code: str = ""
    forms: list[Filled] = field(default_factory=list)
    people: dict[str, str | float | None] = field(default_factory=dict)
    lines: list[int] = field(default_factory=list)

    @property
    def conditions(self) -> tuple[str, ...]:
        """Return the conditions in the order in which the table has them."""
        return tuple(dict.fromkeys(form.condition for form in self.forms if form.condition is not None))


@dataclass(slots=True)
class Found:
    """All participants of a table, whether their codes are new, and what a researcher should know."""

    persons: list[Person]
    renumbered: bool
    notes: list[str]


def give_codes(persons: list[Person]) -> bool:
    """Give participants their codes: those of the table where all can be one, else numbers; say which."""
    labels = {person.label.casefold() for person in persons}
    if all(CODE.fullmatch(person.label) for person in persons) and len(labels) == len(persons):
        for person in persons:
            person.code = person.label
        return False
    width = max(3, len(str(len(persons))))
    for number, person in enumerate(persons, start=1):
        person.code = f"{number:0{width}d}"
    return True
