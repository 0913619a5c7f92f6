"""A protocol that says only in what it differs from another: other pages, steps left out, another ending."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field

from experiment.definitions.design import Design
from experiment.definitions.protocol import InterruptedGame, Protocol
from experiment.definitions.reading import Definition, Line, Name
from experiment.definitions.wording import LANGUAGE, STUDY, instead

KEPT = ("language", "contact", "note", "belief", "ending", "interrupted_game", "design")
"""Keys that stay as they are in the protocol that is extended, unless the variant gives them."""


class Variant(Definition):
    """Another protocol, changed.

    `pages` gives old and new names of pages; `without` the steps that are left out, by kind, page or measure.
    """

    extends: Name
    title: Line
    study: Annotated[str, Field(pattern=STUDY)]
    contact: Line | None = None
    language: Annotated[str, Field(pattern=LANGUAGE)] | None = None
    note: Line | None = None
    belief: Literal["human", "computer", "scripted"] | None = None
    ending: Name | None = None
    interrupted_game: InterruptedGame | None = None
    design: Design | None = None
    pages: dict[Name, Name] = Field(default_factory=dict)
    without: tuple[Name, ...] = ()

    def applied_to(self, base: Protocol) -> dict[str, Any]:
        """Return the protocol that this makes of `base`, as a table that is still to be checked.

        Raises
        ------
        ValueError
            For a page or step that `base` does not have.
        """
        table: dict[str, Any] = base.model_dump(exclude_none=True)
        table |= {"title": self.title, "study": self.study}
        for key in KEPT:
            given = getattr(self, key)
            if given is not None:
                table[key] = given.model_dump(exclude_none=True) if isinstance(given, Definition) else given
        wanted, found = set(self.without), set[str]()
        table["steps"] = tuple(self._changed(table["steps"], found))
        pages = sorted({page for step in _flat(base.model_dump()["steps"]) if (page := step.get("page"))})
        for page in self.pages:
            if page not in pages:
                raise ValueError(
                    f"pages.{page}: '{self.extends}' shows no page of that name; {instead(page, pages)}"
                )
        if wanted - found:
            missing = sorted(wanted - found)[0]
            known = {name for step in _flat(base.model_dump()["steps"]) for name in _names(step)}
            hint = instead(missing, sorted(known))
            raise ValueError(
                f"without = '{missing}': no step of '{self.extends}' has that kind, page or measure; {hint}"
            )
        return table

    def _changed(self, steps: tuple[Mapping[str, Any], ...], found: set[str]) -> list[dict[str, Any]]:
        kept = []
        for step in steps:
            names = _names(step) & set(self.without)
            found |= names
            if names:
                continue
            changed = dict(step)
            if changed.get("page") in self.pages:
                changed["page"] = self.pages[changed["page"]]
            if "steps" in changed:
                changed["steps"] = tuple(self._changed(changed["steps"], found))
            kept.append(changed)
        return kept


def _names(step: Mapping[str, Any]) -> set[str]:
    """Return all by which `without` may name a step."""
    return {str(step[key]) for key in ("kind", "page", "measure") if step.get(key) is not None}


def _flat(steps: tuple[Mapping[str, Any], ...]) -> list[Mapping[str, Any]]:
    return [inner for step in steps for inner in (step, *_flat(step.get("steps", ())))]
