"""Reads many TSV files of one kind as one frame.

All files with the same header are joined as bytes and parsed once, which costs a tenth of parsing them one by
one. Where that fails, halves are tried, so that the one that is broken is found and named, and the rest
kept.

The tables of this program are held to their columns: a header or a value that is not as written is damage,
and the file is left out. Of a dataset from elsewhere is taken what is there: columns that it lacks are
missing in every row, values of another kind are missing too, and both are said.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa  # type: ignore[import-untyped]

from analysis.files import Skipped, TableFile, Warned, and_more
from analysis.parsing import TYPES, Read, parsed, problem_with
from analysis.texts import UnreadableError, text_of
from experiment.columns import Column

EXTENSION: dict[pa.DataType, pd.api.extensions.ExtensionDtype] = {
    pa.int64(): pd.Int64Dtype(),
    pa.bool_(): pd.BooleanDtype(),
}


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of table.

    Attributes
    ----------
    columns
        The columns that each file must have, but for those `added` later. Others are kept, as text.
    labels
        The names of the files' labels, in order.
    added
        Names of `columns` that a file written by an earlier version lacks; they are missing in its rows.
    least
        Names of the `columns` without which a file from elsewhere tells nothing.
    """

    columns: tuple[Column, ...]
    labels: tuple[str, ...] = ()
    added: frozenset[str] = frozenset()
    least: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Tables:
    """Files of one kind, read.

    Attributes
    ----------
    frame : DataFrame
        The labels of the files, then the columns of the kind, then others: numbers float64, counts Int64,
        flags boolean, text str; ``n/a`` is missing.
    places, rows
        The files in the order of the frame, and how many of its rows each gave.
    skipped, warned
        The files left out; the files that were read although something is strange about them.
    """

    frame: pd.DataFrame
    places: list[str]
    rows: npt.NDArray[np.int64]
    skipped: list[Skipped] = field(default_factory=list)
    warned: list[Warned] = field(default_factory=list)

    def file_of_row(self) -> npt.NDArray[np.int64]:
        """Return for each row of the frame the number of its file."""
        return np.repeat(np.arange(len(self.rows)), self.rows)


def read_tables(
    files: Sequence[TableFile], kind: Kind, advance: Callable[[], object] = lambda: None, *, own: bool = True
) -> Tables:
    """Return the rows of all `files` as one frame.

    Parameters
    ----------
    files
        What to read.
    kind
        What they are.
    advance
        Called once for each file read.
    own
        Whether this program wrote them.
    """
    needed = tuple(
        column.name
        for column in kind.columns
        if column.name not in kind.added and (own or column.name in kind.least)
    )
    by_names: dict[tuple[str, ...], list[Read]] = {}
    skipped: list[Skipped] = []
    warned: list[Warned] = []
    for file in files:
        advance()
        try:
            content, told = text_of(file.path)
            read = _read(file, content, needed)
        except UnreadableError as error:
            skipped.append(Skipped(file.place, str(error)))
            continue
        if told:
            warned.append(Warned(file.place, told))
        by_names.setdefault(read.names, []).append(read)
    tables: list[pa.Table] = []
    order: list[Read] = []
    for names, reads in by_names.items():
        done = parsed(names, reads, kind.columns, own=own)
        tables += done.tables
        order += done.reads
        skipped += done.skipped
        warned += done.warned
        if not own and done.reads:
            warned += _lacking(names, done.reads, kind)
    frame = _frame(tables, kind)
    counts = np.array([read.rows for read in order], dtype=np.int64)
    return Tables(frame, [read.file.place for read in order], counts, skipped, warned)


def _frame(tables: list[pa.Table], kind: Kind) -> pd.DataFrame:
    """Join tables; every column of the kind is there, missing in all rows of a table that had none."""
    types = {column.name: TYPES[column.kind] for column in kind.columns}
    if not tables:
        empty = dict.fromkeys(kind.labels, pa.string()) | types
        tables = [pa.table({name: pa.array([], of) for name, of in empty.items()})]
    whole = pa.concat_tables([_with_all(table, types) for table in tables], promote_options="default")
    known = dict.fromkeys([*kind.labels, *types])
    ordered = whole.select([*known, *(name for name in whole.column_names if name not in known)])
    frame: pd.DataFrame = ordered.to_pandas(types_mapper=EXTENSION.get)
    return frame


def _with_all(table: pa.Table, types: dict[str, pa.DataType]) -> pa.Table:
    for name in types.keys() - set(table.column_names):
        table = table.append_column(name, pa.nulls(table.num_rows, types[name]))
    return table


def _read(file: TableFile, content: bytes, needed: tuple[str, ...]) -> Read:
    header, _, body = content.partition(b"\n")
    names = _names(header, needed)
    if b"\n\n" in body or body.startswith(b"\n"):
        body = b"\n".join(line for line in body.split(b"\n") if line)
    if body and not body.endswith(b"\n"):
        body += b"\n"
    return Read(file, names, body, body.count(b"\n"))


@lru_cache(maxsize=1000)
def _names(header: bytes, needed: tuple[str, ...]) -> tuple[str, ...]:
    """Return the names of columns in a header; thousands of files have the same one."""
    problem = problem_with(header, needed)
    if problem:
        raise UnreadableError(problem)
    return tuple(header.decode().split("\t"))


def _lacking(names: tuple[str, ...], reads: list[Read], kind: Kind) -> list[Warned]:
    """Say which columns are missing in files from elsewhere."""
    absent = [column.name for column in kind.columns if column.name not in names]
    if not absent:
        return []
    listed = ", ".join(absent[:5]) + (f" and {len(absent) - 5} more" if len(absent) > 5 else "")
    return [Warned(and_more([read.file.place for read in reads]), f"no column {listed}: missing in its rows")]
