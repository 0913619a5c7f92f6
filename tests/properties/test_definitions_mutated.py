"""Whatever happens to a definition file, it is read, or refused in one line; nothing else ever comes out."""

from __future__ import annotations

import tomllib
from copy import deepcopy
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from experiment.definitions import CONDITIONS, DefinitionError
from experiment.definitions.game import Game
from experiment.definitions.library import KINDS
from experiment.definitions.reading import Definition, checked, parse
from experiment.definitions.variant import Variant

FILES = sorted(file for kind in KINDS for file in (CONDITIONS / kind).glob("*.toml"))


def _model(file: Path, text: str) -> type[Definition]:
    return Variant if "extends" in tomllib.loads(text) else KINDS[file.parent.name]


SOURCES = [(_model(file, text), text) for file in FILES for text in [file.read_text(encoding="utf-8")]]
ODD = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from(
        [0, -1, 2**200, 1e308, float("inf"), float("nan"), "", " ", "\x1b[31m", "a\nb", "1/3", "9" * 5000]
    )
    | st.floats()
    | st.text(max_size=20)
    | st.dates(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=8,
)


def refused_in_one_line(table_or_text: Any, model: type[Definition]) -> bool:
    """Read what is given; return whether it was refused, which must be in one printable line."""
    try:
        if isinstance(table_or_text, str):
            parse(table_or_text, model, None)
        else:
            checked(table_or_text, model)
    except DefinitionError as error:
        line = str(error)
        assert line
        assert line.isprintable()
        assert len(line) <= 700
        return True
    return False


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return every place in a table."""
    found = [path] if path else []
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return found + [place for key, below in inner for place in places(below, (*path, key))]


@settings(max_examples=400)
@given(data=st.data())
def test_a_value_exchanged_dropped_or_misnamed_ends_as_a_definition_or_one_line(data: st.DataObject) -> None:
    """Three mutations of any shipped file, at any depth."""
    model, text = data.draw(st.sampled_from(SOURCES))
    table = tomllib.loads(text)
    for _ in range(data.draw(st.integers(1, 3))):
        *above, key = data.draw(st.sampled_from(places(table)))
        holder: Any = table
        for part in above:
            holder = holder[part]
        what = data.draw(st.sampled_from(["exchange", "drop", "copy", "misname"]))
        if what == "exchange":
            holder[key] = data.draw(ODD)
        elif what == "drop":
            del holder[key]
        elif isinstance(holder, list):
            holder.append(deepcopy(holder[key]))
        elif what == "misname":
            holder[data.draw(st.text(max_size=8)) + str(key)] = holder.pop(key)
        else:
            holder[f"{key}2"] = deepcopy(holder[key])
        if not places(table):
            break
    refused_in_one_line(table, model)


@settings(max_examples=300)
@given(data=st.data())
def test_a_text_cut_or_overwritten_ends_as_a_definition_or_one_line(data: st.DataObject) -> None:
    """As a slip of the keyboard would leave it."""
    model, text = data.draw(st.sampled_from(SOURCES))
    start = data.draw(st.integers(0, len(text)))
    end = min(len(text), start + data.draw(st.integers(0, 200)))
    new = data.draw(st.text(alphabet=st.characters(codec="utf-8"), max_size=10))
    refused_in_one_line(text[:start] + new + text[end:], model)


@settings(max_examples=200)
@given(
    table=st.dictionaries(st.sampled_from([*Game.model_fields, "zebra"]), ODD),
    kind=st.sampled_from(sorted(KINDS)),
)
def test_a_table_of_anything_is_refused_in_one_line(table: dict[str, Any], kind: str) -> None:
    """No definition is so short that chance would write one."""
    assert refused_in_one_line(table, KINDS[kind])
