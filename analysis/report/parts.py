"""What a section of the report is made of, as plain data; the template says how each looks."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from markupsafe import Markup

from analysis.report import numbers
from analysis.report.rows import Row, in_words

SHORT = 24
"""A table of more rows may go on on the next sheet; its headings come again there."""

Html = Markup | str
"""Text of the page: a plain string is escaped, `Markup` stands as it is."""


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph. ``result`` has numbers from the tables alone, ``note`` is smaller."""

    text: Html
    kind: str = ""
    block = "paragraph"


@dataclass(frozen=True, slots=True)
class Listing:
    """Items, one below the other."""

    items: Sequence[Html]
    kind: str = ""
    block = "listing"


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading within a section: level 3 or 4."""

    text: Html
    level: int = 3
    block = "heading"


@dataclass(frozen=True, slots=True)
class Table:
    """A table with a caption; ``number`` is given once the page is put together.

    ``groups`` has what stands in a row of its own above the row with that place, for it and those below.
    """

    caption: Html
    headings: Sequence[tuple[Html, bool]]
    rows: Sequence[Sequence[Html]]
    note: Html = ""
    groups: Mapping[int, Html] = field(default_factory=dict)
    number: int = 0
    block = "table"

    @property
    def grouped(self) -> bool:
        """Return whether some rows go on with what the first column says above them."""
        return any(not row[0] for row in self.rows)

    @property
    def short(self) -> bool:
        """Return whether the table is to stand on one sheet of paper."""
        return len(self.rows) <= SHORT


@dataclass(frozen=True, slots=True)
class Picture:
    """A figure: `drawing` is an ``svg`` element, with a title and a description of its own."""

    caption: str
    drawing: Html
    number: int = 0
    block = "picture"


Block = Paragraph | Listing | Heading | Table | Picture


@dataclass(frozen=True, slots=True)
class Section:
    """A section of the page."""

    id: str
    title: str
    blocks: list[Block] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table: its heading, what it shows of a row, and whether that is a number."""

    heading: Html
    show: Callable[[Row], Html]
    numeric: bool = True


def text(heading: str, column: str) -> Column:
    """Return a column of names, in words."""
    return Column(heading, lambda row: in_words(row.text(column)), numeric=False)


def table(
    caption: Html,
    columns: Sequence[Column],
    rows: Sequence[Row],
    note: Html = "",
    *,
    group: Callable[[Row], Html] | None = None,
) -> Table:
    """Return a table of rows; a name in the first column is not said again below itself.

    With `group`, rows of which it says the same stand together under that.
    """
    lines: list[list[Html]] = []
    groups: dict[int, Html] = {}
    name_before: Html | None = None
    group_before: Html | None = None
    for place, row in enumerate(rows):
        line = [column.show(row) for column in columns]
        if group is not None and group(row) != group_before:
            group_before = groups[place] = group(row)
            name_before = None
        name = line[0]
        if not columns[0].numeric and name == name_before:
            line[0] = ""
        name_before = name
        lines.append(line)
    headings = [(column.heading, column.numeric) for column in columns]
    return Table(caption, headings, lines, note, groups)


def stat(letter: Html, column: str, digits: int | None = None) -> Column:
    """Return a column of a statistic, its letter in italics; decimals of the row's score unless given."""
    heading = letter if isinstance(letter, Markup) else Markup("<i>{}</i>").format(letter)
    if digits is None:
        return Column(heading, lambda row: numbers.scaled(row, column))
    return Column(heading, lambda row: numbers.number(row, column, digits))


def counted(heading: Html, column: str) -> Column:
    """Return a column of counts."""
    return Column(heading, lambda row: numbers.count(row, column))


def limits(low: str, high: str, digits: int | None = None) -> Column:
    """Return a column of 95 % intervals."""
    return Column("95% CI", lambda row: numbers.interval(row, low, high, digits))


def p_column(column: str = "p", subscript: str = "") -> Column:
    """Return a column of p values."""
    return Column(
        Markup("<i>p</i>{}").format(Markup("<sub>{}</sub>").format(subscript) if subscript else ""),
        lambda row: numbers.p(row, column),
    )
