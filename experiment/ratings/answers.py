"""From a table and a mapping to forms: whose, under which condition, and what was answered."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from collections.abc import Mapping as Measures

from experiment.definitions.measure import Choice, Item, Measure, Text
from experiment.ratings.errors import RatingsError
from experiment.ratings.mapping import PEOPLE, FormColumns, Mapping
from experiment.ratings.persons import Filled, Found, Person, give_codes
from experiment.ratings.table import Table

PROBLEMS_TOLD = 5
NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")


class Reader:
    """Reads the rows of one table by one mapping; what is wrong is collected, and named at the end."""

    def __init__(self, table: Table, mapping: Mapping, measures: Measures[str, Measure]) -> None:
        self.table, self.mapping, self.measures = table, mapping, measures
        self.missing = {"", *(cell.strip() for cell in mapping.missing)}
        self.problems: list[str] = []
        self.notes: list[str] = []
        self.columns = [self._columns_of(form, number) for number, form in enumerate(mapping.forms, 1)]
        self.participant = table.place(mapping.participant)
        self.condition = None if mapping.condition is None else table.place(mapping.condition)
        self.people = {
            name: table.place(column)
            for name in PEOPLE
            if (column := getattr(mapping.people, name)) is not None
        }
        self.conditions = {cell.strip(): name for cell, name in mapping.conditions.items()}

    def read(self) -> Found:
        """Read every row.

        Raises
        ------
        RatingsError
            Where anything cannot be used: the first problems, by line and column, and how many there are.
        """
        persons: dict[str, Person] = {}
        for line, row in self._rows():
            person = self._person(persons, line, row)
            under = self._condition(line, row)
            for form, places in zip(self.mapping.forms, self.columns, strict=True):
                self._fill(person, form, places, under, (line, row))
            person.lines.append(line)
        self._complain()
        found = list(persons.values())
        if not found:
            raise RatingsError(f"{self.table.file}: has no row with a participant")
        return Found(found, give_codes(found), self.notes)

    def _columns_of(self, form: FormColumns, number: int) -> list[tuple[Item, int]]:
        """Return the items of a form and where the table has them."""
        measure = self.measures[form.measure]
        items = {item.id: (place, item) for place, item in enumerate(measure.items, start=1)}
        turned = form.already_reversed if isinstance(form.already_reversed, tuple) else ()
        for name in (*form.items, *turned):
            if name not in items:
                raise RatingsError(
                    f"forms[{number}]: measure '{form.measure}' has no item '{name}'; "
                    f"it has: {', '.join(items)}"
                )
        found = []
        for name, (place, item) in items.items():
            if isinstance(measure.scale_of(item), Text):
                if name in form.items:
                    raise RatingsError(
                        f"forms[{number}].items names '{name}': free text is not imported, as it may say who "
                        "somebody is"
                    )
                continue
            column = form.items.get(name)
            if column is None and form.columns is not None:
                column = form.columns.replace("{item}", name).replace("{number}", str(place))
            if column is not None:
                found.append((item, self.table.place(column)))
        absent = [name for name in items if name not in {item.id for item, _ in found}]
        if absent:
            self.notes.append(f"{form.measure} ({form.stage}): not in the table: {', '.join(absent)}")
        return found

    def _rows(self) -> Iterator[tuple[int, tuple[str, ...]]]:
        """Yield the rows that count: one for each participant and, where rows have one, condition."""
        kept: dict[tuple[str, str], tuple[int, tuple[str, ...]]] = {}
        for line, row in self.table.rows:
            who = row[self.participant]
            if who in self.missing:
                self.problems.append(
                    f"line {line}: has no participant in column '{self.mapping.participant}'"
                )
                continue
            key = who.casefold(), "" if self.condition is None else row[self.condition]
            if key not in kept:
                kept[key] = line, row
                continue
            twice = f"line {line}: participant '{who}' is there already, in line {kept[key][0]}"
            if self.mapping.twice == "refuse":
                self.problems.append(f'{twice}; say twice = "first" or "last", or remove one')
            else:
                self.notes.append(f"{twice}: the {self.mapping.twice} counts")
                if self.mapping.twice == "last":
                    del kept[key]
                    kept[key] = line, row
        yield from kept.values()

    def _person(self, persons: dict[str, Person], line: int, row: tuple[str, ...]) -> Person:
        label = row[self.participant]
        told = {name: self._of_person(name, place, line, row) for name, place in self.people.items()}
        permission = self._permission(row)
        person = persons.setdefault(label.casefold(), Person(label, permission, people=told))
        for name, value in told.items():
            if value is not None and person.people.get(name) not in (None, value):
                self.problems.append(f"line {line}: {name} of '{label}' is another one than in line "
                                     f"{person.lines[0]}")  # fmt: skip
        if person.permission != permission:
            self.problems.append(f"line {line}: permission of '{label}' is another one than before")
        return person

    def _of_person(self, name: str, place: int, line: int, row: tuple[str, ...]) -> str | float | None:
        cell = row[place]
        if cell in self.missing:
            return None
        if name != "age":
            return cell.casefold().replace(" ", "_")
        number = self._number(cell)
        if number is None or not 0 <= number <= 130:
            self._wrong(line, place, cell, "age in years, 0 to 130")
        return number

    def _permission(self, row: tuple[str, ...]) -> str:
        rule = self.mapping.permission
        if isinstance(rule, str):
            return rule
        cell = row[self.table.place(rule.column)]
        if cell in self.missing:
            return "unanswered"
        return "granted" if cell in {text.strip() for text in rule.granted} else "refused"

    def _condition(self, line: int, row: tuple[str, ...]) -> str | None:
        if self.condition is None:
            return None
        cell = row[self.condition]
        if cell in self.missing:
            self.notes.append(f"line {line}: has no condition, so it is in no comparison")
            return None
        if cell not in self.conditions:
            allowed = ", ".join(f"'{known}'" for known in self.conditions)
            self._wrong(line, self.condition, cell, f"conditions has {allowed}")
            return None
        return self.conditions[cell]

    def _fill(
        self,
        person: Person,
        form: FormColumns,
        places: list[tuple[Item, int]],
        under: str | None,
        at: tuple[int, tuple[str, ...]],
    ) -> None:
        """Add a form to a participant's, unless nobody filled it in."""
        measure = self.measures[form.measure]
        turned = form.already_reversed
        values = {}
        for item, place in places:
            back = (turned == "all" and item.reverse) or item.id in turned
            values[item.id] = self._answer(measure, item, form, place, at, back=back)
        if all(value is None for value in values.values()):
            return
        condition = None if form.stage == "baseline" else form.condition or under
        same = [
            f
            for f in person.forms
            if (f.measure, f.stage, f.condition) == (form.measure, form.stage, condition)
        ]
        if not same:
            person.forms.append(Filled(form.measure, form.stage, condition, values))
        elif same[0].values != values:
            self.problems.append(
                f"line {at[0]}: '{person.label}' has other answers to {form.measure} ({form.stage}) than in "
                f"line {person.lines[0]}"
            )

    def _answer(
        self,
        measure: Measure,
        item: Item,
        form: FormColumns,
        place: int,
        at: tuple[int, tuple[str, ...]],
        *,
        back: bool,
    ) -> float | str | None:
        """Return an answer as it was given; what the table had reversed is turned back."""
        line, row = at
        cell = row[place]
        if cell in self.missing:
            return None
        meant = form.values.get(cell, cell)
        scale = measure.scale_of(item)
        if isinstance(scale, Choice):
            if meant not in scale.options:
                self._wrong(line, place, cell, f"{', '.join(scale.options)}; values can say what it means")
                return None
            return str(meant)
        number = meant if isinstance(meant, int | float) else self._number(meant)
        low, high = measure.bounds(item)
        whole = measure.whole(item)
        if number is None or not low <= number <= high or (whole and number != int(number)):
            kind = "a whole number " if whole else ""
            self._wrong(
                line, place, cell, f"{kind}{low:g} to {high:g}; missing or values can say what it means"
            )
            return None
        return low + high - number if back else float(number)

    def _number(self, cell: str) -> float | None:
        text = cell.replace(",", ".") if self.mapping.decimal == "," else cell
        if not NUMBER.fullmatch(text):
            return None
        number = float(text)
        return number if math.isfinite(number) else None

    def _wrong(self, line: int, place: int, cell: str, allowed: str) -> None:
        shown = cell if len(cell) <= 40 else f"{cell[:40]}..."
        self.problems.append(
            f"line {line}, column '{self.table.columns[place]}': '{shown}' is not allowed: {allowed}"
        )

    def _complain(self) -> None:
        if not self.problems:
            return
        more = len(self.problems) - PROBLEMS_TOLD
        told = "\n".join(self.problems[:PROBLEMS_TOLD])
        rest = f"\nand {more} more like these" if more > 0 else ""
        raise RatingsError(f"{self.table.file}: nothing was imported\n{told}{rest}")
