"""Somebody's table as text: CSV with any separator, TSV, or a sheet of a workbook."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from experiment.ratings.errors import RatingsError
from experiment.ratings.mapping import Mapping

SEPARATORS = ("\t", ";", ",", "|")
WORKBOOKS = (".xlsx", ".xlsm")
TEXTS = (".csv", ".tsv", ".txt", ".tab", ".dat")
FALLBACK = "cp1252"
"""What Western systems mean by "ANSI" or latin-1; read where a text is no UTF-8, and said to be."""

MAX_BYTES = 500_000_000


@dataclass(frozen=True, slots=True)
class Table:
    """A table: its columns, its rows with the line (or row of the sheet) of each, and how it was read."""

    file: Path
    columns: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]
    read_as: str

    def place(self, column: str) -> int:
        """Return where a column stands.

        Raises
        ------
        RatingsError
            Where there is none of this name, or two.
        """
        count = self.columns.count(column)
        if count == 1:
            return self.columns.index(column)
        if count:
            raise RatingsError(f"{self.file}: has column '{column}' {count} times; rename all but one")
        from difflib import get_close_matches  # noqa: PLC0415 - only to say what is wrong

        alike = {name.casefold(): name for name in self.columns}
        near = [alike[name] for name in get_close_matches(column.casefold(), alike, 1)]
        said = f"did you mean '{near[0]}'?" if near else f"it has: {_listed(self.columns)}"
        raise RatingsError(f"{self.file}: has no column '{column}'; {said}")


def _listed(names: Sequence[str], at_most: int = 8) -> str:
    more = f" and {len(names) - at_most} more" if len(names) > at_most else ""
    return ", ".join(names[:at_most]) + more


def read_table(file: Path, mapping: Mapping) -> Table:
    """Read a table.

    Raises
    ------
    RatingsError
        Where it cannot be read, in one line.
    """
    kind = file.suffix.lower()
    try:
        if file.stat().st_size > MAX_BYTES:
            raise RatingsError(f"{file}: is larger than {MAX_BYTES // 1_000_000} MB")
        if kind in WORKBOOKS:
            rows, read_as = _workbook(file, mapping.sheet)
        elif kind in TEXTS:
            rows, read_as = _text(file, mapping)
        else:
            allowed = ", ".join((*TEXTS, *WORKBOOKS))
            raise RatingsError(f"{file}: tables of this kind are not read; save it as one of {allowed}")
    except OSError as error:
        raise RatingsError(f"{file}: cannot be read ({error.strerror or error})") from error
    return _made(file, rows, read_as, mapping.skip_lines)


def _made(file: Path, rows: Iterator[tuple[int, list[str]]], read_as: str, skipped: tuple[int, ...]) -> Table:
    """Put header and rows together; every row has as many cells as the header."""
    kept = [(line, row) for line, row in rows if line not in skipped and any(row)]
    if not kept:
        raise RatingsError(f"{file}: is empty")
    (_, header), *body = kept
    width = len(header)
    made = []
    for line, row in body:
        if len(row) < width or any(row[width:]):
            raise RatingsError(
                f"{file}: line {line} has {len(row)} cells, the first line has {width}; is the separator "
                "right, and are texts that hold separators or line breaks in quotes?"
            )
        made.append((line, tuple(row[:width])))
    return Table(file, tuple(header), tuple(made), read_as)


def _text(file: Path, mapping: Mapping) -> tuple[Iterator[tuple[int, list[str]]], str]:
    content = file.read_bytes()
    text, encoding = _decoded(file, content, mapping.encoding)
    if "\x00" in text:
        raise RatingsError(f"{file}: has zero bytes, so it is no text; save it as CSV (UTF-8)")
    separator = mapping.separator or _separator(text)
    name = {"\t": "tabs"}.get(separator, f"'{separator}'")
    return _lines(file, text, separator), f"{encoding}, separated by {name}"


def _decoded(file: Path, content: bytes, wanted: str | None) -> tuple[str, str]:
    marks = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
    marked = next((name for mark, name in marks.items() if content.startswith(mark)), None)
    for encoding in [wanted] if wanted else [marked] if marked else ["utf-8", FALLBACK]:
        try:
            return content.decode(encoding), encoding.removesuffix("-sig")
        except LookupError as error:
            raise RatingsError(f"encoding = '{wanted}' is not known; such as utf-8 or cp1252") from error
        except UnicodeDecodeError:
            continue
    raise RatingsError(f"{file}: is not text in {wanted or marked or FALLBACK}; save it as UTF-8")


def _separator(text: str) -> str:
    """Return the separator that the first line has most of, outside of quotes."""
    outside = "".join(text.lstrip("\r\n").split("\n", 1)[0].split('"')[::2])
    return max(SEPARATORS, key=outside.count)


def _lines(file: Path, text: str, separator: str) -> Iterator[tuple[int, list[str]]]:
    """Yield each row with the line on which it begins."""
    csv.field_size_limit(10_000_000)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    begins = 1
    try:
        for row in reader:
            yield begins, [cell.strip() for cell in row]
            begins = reader.line_num + 1
    except csv.Error as error:
        raise RatingsError(f"{file}: line {begins} is not readable ({error})") from error


def _workbook(file: Path, sheet: str | None) -> tuple[Iterator[tuple[int, list[str]]], str]:
    from zipfile import BadZipFile  # noqa: PLC0415 - only for workbooks

    from openpyxl import load_workbook  # type: ignore[import-untyped]  # noqa: PLC0415 - slow to import

    try:
        book = load_workbook(file, read_only=True, data_only=True)
    except (BadZipFile, KeyError, ValueError, TypeError) as error:
        raise RatingsError(f"{file}: is no readable workbook ({error}); save it anew or as CSV") from error
    if sheet is not None and sheet not in book.sheetnames:
        raise RatingsError(f"{file}: has no sheet '{sheet}'; it has: {_listed(book.sheetnames)}")
    if sheet is None and len(book.sheetnames) > 1:
        raise RatingsError(
            f"{file}: has several sheets ({_listed(book.sheetnames)}); name one with sheet = ..."
        )
    chosen = book[sheet or book.sheetnames[0]]
    rows = ((line, [_shown(value) for value in row]) for line, row in enumerate(chosen.values, start=1))
    return rows, f"sheet '{chosen.title}'"


def _shown(value: object) -> str:
    """Return what a cell of a sheet holds as text: whole numbers without a point."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case float() if value.is_integer():
            return str(int(value))
        case _:
            return str(value).strip()
