"""TOML files into frozen, checked values; every problem named by file, key, value and what is allowed."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints, ValidationError

from experiment.definitions.errors import DefinitionError
from experiment.definitions.slips import hint
from experiment.definitions.wording import NAME, in_words


def readable(text: str) -> str:
    """Return `text`, or refuse words that nobody could read: blank, or with control characters."""
    if not text.strip():
        raise ValueError("is blank; words are needed")
    control = re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", text)
    if control:
        raise ValueError(f"has a control character (U+{ord(control[0]):04X}) at place {control.start() + 1}")
    return text


Name = Annotated[str, StringConstraints(pattern=NAME, max_length=64)]
"""A name in a file: lower case letters, digits and underscores, beginning with a letter."""

Line = Annotated[str, StringConstraints(min_length=1, max_length=4000), AfterValidator(readable)]
"""Words that somebody will read: not blank."""

MAX_BYTES = 1_000_000
"""No definition is larger; anything that is was put there by mistake."""

_DEEP_KEY = re.compile(r"(?<![^\s=\[\]{},#])(?:[^\s=\[\]{},#.]+[ \t]*\.[ \t]*){100}")
"""A key of more than a hundred parts, ``a.b.c …``."""


class Definition(BaseModel):
    """The base of all that is read from a file: frozen, nothing unknown, nothing converted."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


M = TypeVar("M", bound=Definition)


def read(file: Path, model: type[M]) -> M:
    """Return the value in `file`, checked as a `model`.

    Raises
    ------
    DefinitionError
        With one line that says where and what.
    """
    return parse(text_of(file), model, file)


def text_of(file: Path) -> str:
    """Return the text of a definition file."""
    try:
        content = file.read_bytes()
    except OSError as error:
        raise DefinitionError(file, f"cannot be read ({error.strerror or error})") from error
    if len(content) > MAX_BYTES:
        raise DefinitionError(file, f"has {len(content)} bytes; a definition has at most {MAX_BYTES}")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DefinitionError(file, f"is not UTF-8 text (byte {error.start}); save it as UTF-8") from error


def parse(text: str, model: type[M], file: Path | None) -> M:
    """Return the value in the TOML `text`; `file` is named in errors."""
    return checked(table_of(text, file), model, file)


def table_of(text: str, file: Path | None) -> dict[str, Any]:
    """Return the table that the TOML `text` holds; `file` is named in errors."""
    if _DEEP_KEY.search(text):  # tomllib would take minutes over thousands of them
        raise DefinitionError(file, "is nested too deeply")
    try:
        return tomllib.loads(text.replace("\r\n", "\n"))
    except tomllib.TOMLDecodeError as error:
        raise DefinitionError(file, f"is not valid TOML: {error}{hint(text, str(error))}") from error
    except ValueError as error:
        raise DefinitionError(file, "is not valid TOML: a number has too many digits") from error
    except RecursionError as error:
        raise DefinitionError(file, "is nested too deeply") from error


def checked(table: Mapping[str, Any], model: type[M], file: Path | None = None) -> M:
    """Return `table` as a `model`, or raise its first problem in plain words."""
    try:
        values = _tuples(table)
        try:
            return model.model_validate(values)
        except ValidationError as error:
            raise DefinitionError(file, in_words(error, model, values)) from error
    except RecursionError as error:
        raise DefinitionError(file, "is nested too deeply") from error


def _tuples(value: Any) -> Any:
    """Turn lists into tuples, at every depth, so that nothing read can change."""
    if isinstance(value, Mapping):
        return {key: _tuples(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return tuple(_tuples(inner) for inner in value)
    return value
