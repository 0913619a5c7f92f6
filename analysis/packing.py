"""Frames as bytes and back, the same to the kind of every column; whatever would not be is refused.

The bytes are a stream of Arrow. It knows no columns of arbitrary objects: of these it holds numbers, and the
schema holds the values that they stand for.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa  # type: ignore[import-untyped]

OBJECTS = b"objects"

SIMPLE: dict[type, tuple[str, Callable[[Any], Any]]] = {
    type(None): ("none", lambda _: None),
    type(pd.NA): ("na", lambda _: pd.NA),
    bool: ("bool", bool),
    int: ("int", int),
    float: ("float", float),
    str: ("str", str),
    np.bool_: ("np.bool", np.bool_),
    np.int64: ("np.int64", np.int64),
    np.float64: ("np.float64", np.float64),
}
"""The kinds of values that a column of objects may hold: their names, and how one is made again."""

MAKE = dict(SIMPLE.values())


class UnfitError(ValueError):
    """A frame that would not come back as it is."""


def pack(frame: pd.DataFrame) -> memoryview:
    """Return a frame as bytes.

    Raises
    ------
    UnfitError
        Where the frame would come back otherwise: with an index of its own, columns that share a name, or
        values that are neither numbers nor texts.
    """
    if not _is_plain(frame):
        raise UnfitError("has an index, attributes or columns that would not come back")
    coded, values = frame, {}
    for name in frame.columns:
        if frame[name].dtype == object:
            codes, values[name] = _coded(frame[name])
            coded = coded.assign(**{name: codes})
    table = pa.Table.from_pandas(coded, preserve_index=False)
    table = table.replace_schema_metadata({**table.schema.metadata, OBJECTS: json.dumps(values).encode()})
    sink = pa.BufferOutputStream()
    options = pa.ipc.IpcWriteOptions(compression="lz4")
    with pa.ipc.new_stream(sink, table.schema, options=options) as writer:
        writer.write_table(table)
    blob = memoryview(sink.getvalue())
    _check(frame, _framed(table.slice(0, 0)) if len(frame) else unpack(blob))
    return blob


def unpack(blob: memoryview) -> pd.DataFrame:
    """Return the frame that `pack` made bytes of."""
    with pa.ipc.open_stream(pa.py_buffer(blob)) as reader:
        return _framed(reader.read_all())


def _framed(table: pa.Table) -> pd.DataFrame:
    if not table.num_columns:
        return pd.DataFrame()
    frame: pd.DataFrame = table.to_pandas()
    for name, values in json.loads(table.schema.metadata[OBJECTS]).items():
        made = np.empty(len(values), dtype=object)
        made[:] = [MAKE[kind](value) for kind, value in values]
        frame[name] = pd.Series(made[frame[name].to_numpy()], index=frame.index, dtype=object)
    return frame


def _is_plain(frame: pd.DataFrame) -> bool:
    rows = isinstance(frame.index, pd.RangeIndex) and frame.index.equals(pd.RangeIndex(len(frame)))
    named = frame.columns.is_unique and all(isinstance(name, str) for name in frame.columns)
    return rows and named and not frame.attrs and bool(len(frame.columns) or not len(frame))


def _coded(column: pd.Series) -> tuple[pd.Series, list[tuple[str, Any]]]:
    """Return numbers that stand for the values of a column, and the values as JSON can hold them."""
    places: dict[tuple[str, str], int] = {}
    values: list[tuple[str, Any]] = []
    codes = np.empty(len(column), dtype="int32")
    for row, value in enumerate(column):
        if type(value) not in SIMPLE:
            raise UnfitError(f"column '{column.name}' holds {type(value).__name__}")
        kind = SIMPLE[type(value)][0]
        key = (kind, repr(value))  # so that -0.0 stays apart from 0.0, and missing is equal to itself
        if key not in places:
            places[key] = len(values)
            values.append((kind, None if kind in ("none", "na") else _plain(value)))
        codes[row] = places[key]
    return pd.Series(codes, index=column.index), values


def _plain(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value


def _check(frame: pd.DataFrame, again: pd.DataFrame) -> None:
    """Compare what a frame without rows came back as."""
    same = frame.columns.equals(again.columns) and frame.columns.dtype == again.columns.dtype
    if not same or frame.columns.name != again.columns.name or not frame.dtypes.equals(again.dtypes):
        raise UnfitError("has columns of a kind that would not come back")
