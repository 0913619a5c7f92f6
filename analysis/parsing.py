"""Parses the joined bytes of many tables with the same header, and finds those that cannot be parsed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.csv as pacsv  # type: ignore[import-untyped]

from analysis.files import Skipped, TableFile, Warned
from analysis.texts import UnreadableError, not_utf_8
from experiment.columns import MISSING, Column

TYPES = {"number": pa.float64(), "count": pa.int64(), "text": pa.string(), "flag": pa.bool_()}
FLAGS = {"true": True, "false": False}
EXACT = 2.0**53
"""Whole numbers up to this are exact as floats."""


@dataclass(frozen=True, slots=True)
class Read:
    """A file read: its names of columns, its rows as bytes, and how many they are."""

    file: TableFile
    names: tuple[str, ...]
    body: bytes
    rows: int


@dataclass(frozen=True, slots=True)
class Parsed:
    """Tables, the files that they are made of in their order, and what is said of files."""

    tables: list[pa.Table] = field(default_factory=list)
    reads: list[Read] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    warned: list[Warned] = field(default_factory=list)


def problem_with(header: bytes, needed: Sequence[str]) -> str:
    """Return what is wrong with a header; nothing where it is right."""
    try:
        names = header.decode().split("\t")
    except UnicodeDecodeError:
        return "is not UTF-8 text"
    if names == [""]:
        return "is empty"
    absent = [name for name in needed if name not in names]
    if absent:
        more = f" (and {len(absent) - 1} more)" if len(absent) > 1 else ""
        return f"wrong header: has no column '{absent[0]}'{more}"
    twice = [name for name in names if names.count(name) > 1]
    return f"wrong header: has column '{twice[0]}' twice" if twice else ""


def parsed(names: tuple[str, ...], reads: list[Read], columns: Sequence[Column], *, own: bool) -> Parsed:
    """Parse files with the same header at once or, where that fails, the halves of them."""
    done = Parsed()
    types = dict.fromkeys(names, pa.string())
    types |= {column.name: TYPES[column.kind] for column in columns if column.name in types}
    waiting = [reads]
    while waiting:
        some = waiting.pop()
        try:
            done.tables.append(_labelled(_parse(some, names, types), some))
        except (pa.ArrowInvalid, UnreadableError):
            if len(some) > 1:
                waiting += [some[len(some) // 2 :], some[: len(some) // 2]]
                continue
            try:
                table, told = _column_by_column(some[0], names, types, own=own)
            except UnreadableError as error:
                done.skipped.append(Skipped(some[0].file.place, str(error)))
                continue
            done.tables.append(_labelled(table, some))
            done.warned.extend(Warned(some[0].file.place, each) for each in told)
        done.reads.extend(some)
    return done


def _parse(reads: list[Read], names: tuple[str, ...], types: dict[str, pa.DataType]) -> pa.Table:
    body = b"".join(read.body for read in reads)
    if not body:
        return pa.table({name: pa.array([], kind) for name, kind in types.items()})
    table = pacsv.read_csv(
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
    if table.num_rows != sum(read.rows for read in reads):
        raise UnreadableError("has an empty line")
    return table


def _labelled(table: pa.Table, reads: list[Read]) -> pa.Table:
    """Put the labels of each file before its rows, in place of columns of the same name."""
    labels = [label for label, _ in reads[0].file.labels]
    table = table.drop_columns([label for label in labels if label in table.column_names])
    rows = pa.array(np.repeat(np.arange(len(reads)), [read.rows for read in reads]))
    for place, label in enumerate(labels):
        values = pa.array([read.file.labels[place][1] for read in reads], pa.string())
        table = table.add_column(place, label, values.take(rows))
    return table


def _column_by_column(
    read: Read, names: tuple[str, ...], types: dict[str, pa.DataType], *, own: bool
) -> tuple[pa.Table, list[str]]:
    """Parse one file whose values are not all of their kind; say what was made of them.

    A whole number written as 3.0 and a flag written as TRUE (as other programs save them) are what they are.
    Anything else that is not of its column's kind leaves out the file or, where it is from elsewhere, is
    missing.
    """
    try:
        table = _parse([read], names, dict.fromkeys(names, pa.string()))
    except (pa.ArrowInvalid, UnreadableError) as error:
        raise UnreadableError(_reason(read, names, str(error))) from error
    told = []
    for place, name in enumerate(names):
        if types[name] == pa.string():
            continue
        texts = table.column(name).to_pandas()
        values = _converted(texts, types[name])
        wrong = texts[texts.notna() & values.isna()]
        if len(wrong) and own:
            raise UnreadableError(f"column '{name}' has {wrong.iloc[0]!r}, which is not of its kind")
        if len(wrong):
            others = f" (and {len(wrong) - 1} more)" if len(wrong) > 1 else ""
            told.append(f"column '{name}' has {wrong.iloc[0]!r}{others}, not of its kind: taken as missing")
        table = table.set_column(place, name, pa.array(values, types[name], from_pandas=True))
    return table, told


def _converted(texts: pd.Series, kind: pa.DataType) -> pd.Series:
    """Return texts as values of a kind, missing where they are none."""
    if kind == pa.bool_():
        return texts.str.lower().map(FLAGS).astype("boolean")
    numbers = pd.to_numeric(texts, errors="coerce").astype(float)
    if kind == pa.int64():
        return numbers.where((numbers % 1 == 0) & (numbers.abs() <= EXACT)).astype("Int64")
    return numbers


def _reason(read: Read, names: tuple[str, ...], error: str) -> str:
    """Say what is wrong with a file, by line where that can be told."""
    wrong = not_utf_8(read.body)
    if wrong is not None:
        return f"is not UTF-8 text: line {wrong}"
    for number, line in enumerate(read.body.split(b"\n")[:-1], start=2):
        found = line.count(b"\t") + 1
        if found != len(names):
            return f"line {number} has {found} columns instead of {len(names)}"
    return f"cannot be parsed ({re.sub(r'[^ -~]', '?', error.splitlines()[0])[:100]})"
