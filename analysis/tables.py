"""Reads many TSV files of one kind as one frame.

All files with the same header are joined as bytes and parsed once, which costs a tenth of parsing them one by
one. Only where that fails is each file parsed alone, to name the one that is broken and keep the rest.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.csv as pacsv  # type: ignore[import-untyped]

from experiment.columns import MISSING, Column

TYPES = {"number": pa.float64(), "count": pa.int64(), "text": pa.string(), "flag": pa.bool_()}
EXTENSION: dict[pa.DataType, pd.api.extensions.ExtensionDtype] = {
    pa.int64(): pd.Int64Dtype(),
    pa.bool_(): pd.BooleanDtype(),
}
COLUMN_NUMBER = re.compile(r"In CSV column #(\d+)")
EMPTY_LINES = re.compile(rb"\n{2,}")
INVALID_VALUE = re.compile(r"invalid value '(.*)'")


@dataclass(frozen=True, slots=True)
class TableFile:
    """A file of a dataset: where it lies, and what its name says.

    ``place`` is the path within the dataset, ``labels`` become columns of every row of the file.
    """

    path: str
    place: str
    labels: tuple[tuple[str, str | None], ...]


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file that was left out, and why."""

    place: str
    reason: str


@dataclass(frozen=True, slots=True)
class _Read:
    """A file read: its names of columns, its rows as bytes, and how many they are."""

    file: TableFile
    names: tuple[str, ...]
    body: bytes
    rows: int


def read_tables(
    files: Iterable[TableFile],
    columns: Sequence[Column],
    labels: Sequence[str],
    advance: Callable[[], object] = lambda: None,
    *,
    added: Collection[str] = (),
) -> tuple[pd.DataFrame, list[Skipped]]:
    """Return the rows of all `files` as one frame, and the files that could not be read.

    Parameters
    ----------
    files
        What to read; they keep their order.
    columns
        The columns that each file must have, but for those `added` later. Others are kept, as text.
    labels
        The names of the files' labels, in order.
    advance
        Called once for each file read.
    added
        Names of `columns` that a file written by an earlier version lacks; they are missing in its rows.

    Returns
    -------
    frame : DataFrame
        The labels of the files, then `columns`, then others: numbers float64, counts Int64, flags boolean,
        text str; ``n/a`` is missing.
    skipped : list of Skipped
        The files left out: unreadable, a column missing, a row cut short, a value of the wrong kind.
    """
    by_names: dict[tuple[str, ...], list[_Read]] = {}
    skipped: list[Skipped] = []
    for file in files:
        advance()
        read = _read(file, [column for column in columns if column.name not in added])
        if isinstance(read, Skipped):
            skipped.append(read)
        else:
            by_names.setdefault(read.names, []).append(read)
    parsed: list[pa.Table] = []
    for names, reads in by_names.items():
        tables, broken = _parse_group(names, reads, columns)
        parsed += tables
        skipped += broken
    if not parsed:
        parsed = [_no_rows(dict.fromkeys(labels, pa.string()) | {c.name: TYPES[c.kind] for c in columns})]
    whole = pa.concat_tables([_with_all(table, columns) for table in parsed], promote_options="default")
    known = dict.fromkeys([*labels, *(column.name for column in columns)])
    ordered = whole.select([*known, *(name for name in whole.column_names if name not in known)])
    return ordered.to_pandas(types_mapper=EXTENSION.get), skipped


def _with_all(table: pa.Table, columns: Sequence[Column]) -> pa.Table:
    """Return a table with every one of `columns`, missing in all rows where the file had none."""
    for column in columns:
        if column.name not in table.column_names:
            table = table.append_column(column.name, pa.nulls(table.num_rows, TYPES[column.kind]))
    return table


def _read(file: TableFile, columns: Sequence[Column]) -> _Read | Skipped:
    try:
        with Path(file.path).open("rb", buffering=0) as stream:
            content = stream.read()
    except OSError as error:
        return Skipped(file.place, f"cannot be read ({error.strerror or error})")
    content = content.removeprefix(b"\xef\xbb\xbf")
    if b"\r" in content:
        content = content.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    header, _, body = content.partition(b"\n")
    try:
        names = tuple(header.decode("utf-8").split("\t"))
    except UnicodeDecodeError:
        return Skipped(file.place, "is not UTF-8 text")
    problem = _header_problem(names, columns)
    if problem:
        return Skipped(file.place, problem)
    body = EMPTY_LINES.sub(b"\n", b"\n" + body + b"\n")[1:]
    return _Read(file, names, body, body.count(b"\n"))


def _header_problem(names: tuple[str, ...], columns: Sequence[Column]) -> str:
    if names == ("",):
        return "is empty"
    absent = [column.name for column in columns if column.name not in names]
    if absent:
        more = f" (and {len(absent) - 1} more)" if len(absent) > 1 else ""
        return f"wrong header: has no column '{absent[0]}'{more}"
    twice = [name for name in names if names.count(name) > 1]
    return f"wrong header: has column '{twice[0]}' twice" if twice else ""


def _parse_group(
    names: tuple[str, ...], reads: list[_Read], columns: Sequence[Column]
) -> tuple[list[pa.Table], list[Skipped]]:
    """Parse files with the same header at once or, where that fails, one by one."""
    try:
        return [_parse(names, reads, columns)], []
    except (pa.ArrowInvalid, _WrongRowsError):
        pass
    tables: list[pa.Table] = []
    skipped: list[Skipped] = []
    for read in reads:
        try:
            tables.append(_parse(names, [read], columns))
        except (pa.ArrowInvalid, _WrongRowsError) as error:
            skipped.append(Skipped(read.file.place, _reason(read, names, str(error))))
    return tables, skipped


class _WrongRowsError(Exception):
    """The parser saw another number of rows than there are lines."""


def _parse(names: tuple[str, ...], reads: list[_Read], columns: Sequence[Column]) -> pa.Table:
    types = dict.fromkeys(names, pa.string()) | {column.name: TYPES[column.kind] for column in columns}
    body = b"".join(read.body for read in reads)
    table = _parse_bytes(body, names, types) if body else _no_rows(types)
    if table.num_rows != sum(read.rows for read in reads):
        raise _WrongRowsError("has an empty line")
    labels = [label for label, _ in reads[0].file.labels]
    table = table.drop_columns([label for label in labels if label in names])
    for place, label in enumerate(labels):
        table = table.add_column(place, label, _repeated(reads, place))
    return table


def _parse_bytes(body: bytes, names: tuple[str, ...], types: dict[str, pa.DataType]) -> pa.Table:
    return pacsv.read_csv(
        pa.BufferReader(body),
        read_options=pacsv.ReadOptions(column_names=list(names), block_size=1 << 24),
        parse_options=pacsv.ParseOptions(delimiter="\t", quote_char=False, ignore_empty_lines=False),
        convert_options=pacsv.ConvertOptions(
            column_types=types,
            null_values=[MISSING, ""],
            true_values=["true"],
            false_values=["false"],
            strings_can_be_null=True,
        ),
    )


def _no_rows(types: dict[str, pa.DataType]) -> pa.Table:
    return pa.table({name: pa.array([], kind) for name, kind in types.items()})


def _repeated(reads: list[_Read], place: int) -> pa.Array:
    """Return a label of each file, once for each of its rows."""
    values = pa.array([read.file.labels[place][1] for read in reads], pa.string())
    return values.take(pa.array(np.repeat(np.arange(len(reads)), [read.rows for read in reads])))


def _reason(read: _Read, names: tuple[str, ...], error: str) -> str:
    """Say what is wrong with a file, by line and column where that can be told."""
    for number, line in enumerate(read.body.split(b"\n")[:-1], start=2):
        found = line.count(b"\t") + 1
        if found != len(names):
            return f"line {number} has {found} columns instead of {len(names)}"
    column, value = COLUMN_NUMBER.search(error), INVALID_VALUE.search(error)
    if column and value:
        return f"column '{names[int(column[1])]}' has {value[1]!r}, which is not of its kind"
    return f"cannot be parsed ({error.splitlines()[0][:100]})"
