"""What the checks of a definition found, in one line for a person: key, value, what is allowed."""

from __future__ import annotations

import difflib
import json
import math
import re
import types
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

NAME = r"^[a-z][a-z0-9_]*$"
LINE = r"^[a-z][0-9a-z_]*$"
COLOUR = r"^#[0-9a-fA-F]{6}$"
SHARE = r"^\d{1,3}/\d{1,3}$|^0$"
STUDY = r"^[a-z0-9][a-z0-9_-]{0,63}$"
LANGUAGE = r"^[a-z]{2,3}(-[A-Za-z0-9]+)?$"
PLAYER = r"^[1-9]$"
PHOTO = r"^[A-Za-z0-9_-]+\.(png|jpg|jpeg)$"
PATTERNS = {
    NAME: "a name of lower case letters, digits and _, beginning with a letter",
    LINE: 'the name of one of the [lines] of the texts, such as "hello" (the words stand there)',
    COLOUR: 'a colour such as "#e2543c"',
    SHARE: 'a share such as "1/3", or "0"',
    STUDY: "a name of lower case letters, digits, - and _, at most 64",
    LANGUAGE: 'the code of a language such as "en" or "pt-BR"',
    PLAYER: "a player's number, 1 to 9",
    PHOTO: 'the name of a picture in photos/, such as "alex.png"',
}
LONGEST_VALUE = 60
MOST_PROBLEMS = 200
"""How many problems of a file are looked at; a file that has more is no definition at all."""


def in_words(error: ValidationError, model: type[BaseModel], table: Any) -> str:
    """Say the first problem that `error` found in `table`, and how many more there are.

    A misspelt key comes first, since it explains what is missing.
    """
    found = [
        _Problem(details, _follow(details["loc"], model, table))
        for details in error.errors(include_url=False)[:MOST_PROBLEMS]
    ]
    problems = [problem for problem in found if problem.place.consistent] or found
    paths = {problem.place.path for problem in problems}
    problems = [
        p
        for p in problems
        if p.kind != "too_short" or not any(path.startswith(f"{p.place.path}[") for path in paths)
    ]
    meant = {
        p.place.parent(p.suggestion()) for p in problems if p.kind == "extra_forbidden" and p.suggestion()
    }
    problems = [p for p in problems if p.kind != "missing" or p.place.path not in meant]
    problems.sort(key=_rank)
    more = len({problem.place.path for problem in problems}) - 1
    if len(found) == MOST_PROBLEMS:
        return f"{problems[0].words()} (and many more)"
    return problems[0].words() + (f" (and {more} more)" if more > 0 else "")


def _rank(problem: _Problem) -> int:
    if problem.kind == "extra_forbidden":
        return 0 if problem.suggestion() else 1
    return 3 if problem.kind == "missing" else 2


def nearest(wrong: str, allowed: Sequence[str]) -> str:
    """Return the one of `allowed` that was probably meant, or an empty string."""
    by_case = {name.casefold(): name for name in reversed(allowed)}
    near = difflib.get_close_matches(wrong[:100].casefold(), by_case, n=1, cutoff=0.6)
    return by_case[near[0]] if near else ""


def instead(wrong: str, allowed: Sequence[str]) -> str:
    """Return ``did you mean 'x'?`` where one of `allowed` is near, else all that is allowed."""
    near = nearest(wrong, allowed)
    return f"did you mean '{near}'?" if near else f"allowed: {', '.join(allowed) or 'none'}"


def value_in_words(value: Any) -> str:
    """Write a value much as it stands in the file, cut where it is long."""
    if isinstance(value, Mapping):
        return "{ … }" if value else "{ }"
    if isinstance(value, int) and value.bit_length() > 200:
        return "a very large number"
    if isinstance(value, list | tuple):
        first = ", ".join(value_in_words(inner) for inner in value[:20])
        text = f"[{first}]"
    elif isinstance(value, float) and not math.isfinite(value):
        text = str(value)
    elif isinstance(value, bool | int | float | str):
        text = json.dumps(value, ensure_ascii=False)
    else:
        text = str(value)
    return text if len(text) <= LONGEST_VALUE else text[: LONGEST_VALUE - 1] + "…"


@dataclass(slots=True)
class _Place:
    """A place in a file: how a researcher would write it, and what the models allow there."""

    path: str = ""
    key: str = ""
    expected: Any = None
    key_type: Any = str
    limits: dict[str, Any] = field(default_factory=dict)
    siblings: tuple[str, ...] = ()
    top: tuple[str, ...] = ()
    consistent: bool = True

    def instead(self) -> str:
        """Say what may stand here in place of this key, or where in the file it belongs."""
        table = self.path.removesuffix(f".{self.key}")
        if self.key in self.top and table != self.path and not nearest(self.key, self.siblings):
            return f"'{self.key}' stands above the first [ ] of the file, not in {table}"
        return instead(self.key, self.siblings)

    def parent(self, key: str) -> str:
        """Return the path of another key beside this one."""
        stem = self.path[: len(self.path) - len(_key(self.key))]
        return stem + key


@dataclass(frozen=True, slots=True)
class _Problem:
    """One thing that pydantic found, and its place."""

    details: ErrorDetails
    place: _Place

    @property
    def kind(self) -> str:
        return self.details["type"]

    def suggestion(self) -> str:
        return nearest(self.place.key, self.place.siblings)

    def words(self) -> str:  # noqa: PLR0911 - one return for each kind of problem
        path, value = self.place.path, value_in_words(self.details.get("input"))
        match self.kind:
            case "extra_forbidden":
                return f"unknown key '{path}'; {self.place.instead()}"
            case "missing":
                return f"{path} is missing; it is {allowed(self.place.expected, self.place.limits)}"
            case "value_error":
                message = self.details["msg"].removeprefix("Value error, ")
                joint = "." if re.match(r"[a-z_0-9]+(\[\d+\])?(\.[a-z_0-9]+)* =", message) else ": "
                return f"{path}{joint}{message}" if path else message
            case "union_tag_not_found":
                return f"{path}.kind is missing; allowed: {', '.join(_kinds(self.place.expected))}"
            case "union_tag_invalid":
                tag = self.details["input"]["kind"]
                return (
                    f"{path}.kind = {value_in_words(tag)}: {instead(str(tag), _kinds(self.place.expected))}"
                )
            case "literal_error":
                wrong = self.details.get("input")
                choices = [c for member, _ in members_of(self.place.expected, {}) for c in get_args(member)]
                return f"{path} = {value}: {instead(str(wrong), choices)}"
            case "string_too_short":
                return f"{path} = {value}: must not be empty"
            case "string_too_long":
                return f"{path} = {value}: must have at most {self.details['ctx']['max_length']} characters"
            case "string_pattern_mismatch" if self.details["loc"][-1] == "[key]":
                return f"key '{path}': must be {allowed(self.place.expected, self.place.limits)}"
            case _:
                return f"{path} = {value}: must be {allowed(self.place.expected, self.place.limits)}"


def allowed(expected: Any, limits: Mapping[str, Any]) -> str:  # noqa: PLR0911 - one for each type
    """Say what may stand at a place of this type within these limits."""
    members = list(members_of(expected, limits))
    if len(members) > 1:
        kinds = _kinds(expected)
        if kinds:
            return f"a table {{ kind = … }} with kind {_either(kinds)}"
        return _either([allowed(*member) for member in members])
    expected, limits = members[0]
    origin = get_origin(expected)
    if origin is Literal:
        return _either([f'"{choice}"' for choice in get_args(expected)])
    if origin is tuple:
        return "a list [ … ]" + _size(limits)
    if expected is str:
        if limits.get("pattern"):
            return PATTERNS.get(limits["pattern"], f"text of the form {limits['pattern']}")
        return "text in quotes"
    plain = {bool: "true or false", int: "a whole number", float: "a number"}
    return plain[expected] + _range(limits) if expected in plain else "a table"


def _range(limits: Mapping[str, Any]) -> str:
    low, over, high = limits.get("ge"), limits.get("gt"), limits.get("le")
    if low is not None and high is not None:
        return f", {_plain(low)} to {_plain(high)}"
    if over is not None and high is not None:
        return f", more than {_plain(over)}, at most {_plain(high)}"
    return f", at least {_plain(low)}" if low is not None else ""


def _plain(number: float) -> str:
    return str(int(number)) if number == int(number) else str(number)


def _size(limits: Mapping[str, Any]) -> str:
    least, most = limits.get("min_length"), limits.get("max_length")
    if most is not None:
        return f" of {least or 0} to {most}"
    return "" if least is None else f" of at least {least}"


def _either(words: Sequence[str]) -> str:
    return " or ".join(part for part in (", ".join(words[:-1]), words[-1]) if part)


def _follow(loc: tuple[int | str, ...], model: type[BaseModel], table: Any) -> _Place:
    """Walk models and values along a place as pydantic names it, in which members of unions are no keys."""
    place, value = _Place(expected=model, top=tuple(model.model_fields)), table
    for part in loc:
        members = list(members_of(place.expected, place.limits))
        if len(members) > 1:
            tagged = [m for m in members if part in _tags(m[0])]
            if tagged:
                place.expected, place.limits = tagged[0]
                continue
            if isinstance(part, str) and not any(get_origin(m[0]) is dict for m in members):
                is_list = part.startswith("tuple[")
                lists = any(get_origin(m[0]) is tuple for m in members)
                place.consistent &= not lists or is_list == isinstance(value, tuple)
                if is_list or lists:
                    place.expected, place.limits = next(
                        m for m in members if (get_origin(m[0]) is tuple) == is_list
                    )
                continue
        if part == "[key]":
            place.expected, place.limits = next(members_of(place.key_type, {}))
            continue
        _step(place, part, members[0][0])
        value = _inside(value, part)
    return place


def _step(place: _Place, part: int | str, expected: Any) -> None:
    """Go one key or index further."""
    place.key = str(part)
    place.path += f"[{part + 1}]" if isinstance(part, int) else ("." if place.path else "") + _key(part)
    place.expected, place.limits, place.siblings = None, {}, ()
    if isinstance(expected, type) and issubclass(expected, BaseModel):
        place.siblings = tuple(expected.model_fields)
        info = expected.model_fields.get(str(part))
        if info is not None:
            place.expected, place.limits = info.annotation, limits_of(info.metadata)
    elif get_origin(expected) is tuple:
        place.expected = get_args(expected)[0]
    elif get_origin(expected) is dict:
        place.key_type, place.expected = get_args(expected)


def _inside(value: Any, part: int | str) -> Any:
    try:
        return value[part]
    except (KeyError, IndexError, TypeError):
        return None


def _key(key: str) -> str:
    return (
        key if re.fullmatch(r"[A-Za-z0-9_-]+", key) else json.dumps(key[:LONGEST_VALUE], ensure_ascii=False)
    )


def members_of(expected: Any, limits: Mapping[str, Any]) -> Iterator[tuple[Any, dict[str, Any]]]:
    """Yield the types that a type consists of, without None, each with its own limits."""
    if get_origin(expected) is Annotated:
        inner, *metadata = get_args(expected)
        yield from members_of(inner, {**limits, **limits_of(metadata)})
    elif get_origin(expected) in (Union, types.UnionType):
        for member in get_args(expected):
            if member is not types.NoneType:
                yield from members_of(member, limits)
    else:
        yield expected, dict(limits)


def limits_of(metadata: Sequence[Any]) -> dict[str, Any]:
    """Gather bounds, lengths and pattern from whatever form pydantic keeps them in."""
    found: dict[str, Any] = {}
    for entry in metadata:
        if isinstance(entry, FieldInfo):
            found |= limits_of(entry.metadata)
        for name in ("ge", "gt", "le", "lt", "min_length", "max_length", "pattern"):
            value = getattr(entry, name, None)
            if value is not None:
                found[name] = value
    return found


def _tags(expected: Any) -> tuple[Any, ...]:
    kind = (
        expected.model_fields.get("kind")
        if isinstance(expected, type) and issubclass(expected, BaseModel)
        else None
    )
    return get_args(kind.annotation) if kind else ()


def _kinds(expected: Any) -> list[str]:
    return [tag for member, _ in members_of(expected, {}) for tag in _tags(member)]
