"""The mapping file: which column of somebody's table holds which answer; see `docs/ratings.md`."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from experiment.definitions.reading import Definition, Line, Name

Cell = Annotated[str, StringConstraints(max_length=4000)]
"""What stands in a cell of the table, blanks at its ends left out; an empty one is missing anyway."""

PEOPLE = ("age", "gender", "handedness")


class Permission(Definition):
    """A column that says whether a participant lets the data be used, and what there means yes."""

    column: Line
    granted: Annotated[tuple[Cell, ...], Field(min_length=1)]


class People(Definition):
    """Columns that say something of the participants."""

    age: Line | None = None
    gender: Line | None = None
    handedness: Line | None = None


class FormColumns(Definition):
    """One measure as it was filled in once: where its answers stand, and how they are written.

    `columns` is a pattern for all items, with ``{item}`` (its id) or ``{number}`` (its place in the measure,
    from 1); `items` names a column for single ones, by item. `values` says what a text means; items under
    `already_reversed` were reversed in the table and are turned back, since scoring reverses them.
    """

    measure: Name
    stage: Name
    condition: Name | None = None
    columns: Line | None = None
    items: dict[Name, Line] = Field(default_factory=dict)
    values: dict[Cell, int | float | Name] = Field(default_factory=dict)
    already_reversed: tuple[Name, ...] | Literal["all"] = ()

    @model_validator(mode="after")
    def _has_columns(self) -> Self:
        if self.columns is None and not self.items:
            raise ValueError("columns (a pattern) or items (a column for each) is needed")
        if self.columns is not None and not ({"{item}", "{number}"} & {*_fields(self.columns)}):
            raise ValueError(f"columns = '{self.columns}' needs {{item}} or {{number}} in it")
        return self


def _fields(pattern: str) -> list[str]:
    return [name for name in ("{item}", "{number}") if name in pattern]


class Mapping(Definition):
    """A mapping file."""

    title: Line
    study: Name
    participant: Line
    permission: Literal["granted"] | Permission
    condition: Line | None = None
    conditions: Annotated[dict[Cell, Name], Field(min_length=1)]
    missing: tuple[Cell, ...] = ()
    people: People = People()
    sheet: Line | None = None
    encoding: Line | None = None
    separator: Annotated[str, StringConstraints(min_length=1, max_length=1)] | None = None
    decimal: Literal[".", ","] = "."
    skip_lines: tuple[Annotated[int, Field(ge=1, le=1_000_000)], ...] = ()
    twice: Literal["refuse", "first", "last"] = "refuse"
    forms: Annotated[tuple[FormColumns, ...], Field(min_length=1, max_length=200)]

    @property
    def order(self) -> tuple[str, ...]:
        """Return the conditions, the reference first."""
        return tuple(dict.fromkeys(self.conditions.values()))

    @model_validator(mode="after")
    def _belongs_together(self) -> Self:
        known = set(self.conditions.values())
        for number, form in enumerate(self.forms, start=1):
            if form.condition is not None and form.condition not in known:
                listed = ", ".join(self.order)
                raise ValueError(f"forms[{number}].condition = '{form.condition}' is none of: {listed}")
            if form.condition is None and self.condition is None and form.stage != "baseline":
                raise ValueError(f"forms[{number}] needs a condition, since no column is named as condition")
        named = [(form.measure, form.stage, form.condition) for form in self.forms]
        for number, name in enumerate(named, start=1):
            if name in named[: number - 1]:
                raise ValueError(f"forms[{number}] is measure '{name[0]}' at stage '{name[1]}' a second time")
        if 1 in self.skip_lines:
            raise ValueError("skip_lines names line 1, which holds the names of the columns")
        return self
