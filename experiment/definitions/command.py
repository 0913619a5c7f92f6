"""What is written to a device to begin a stimulus: words with places for its level and its duration."""

from __future__ import annotations

import json
import math
import re
from string import Formatter

_DECIMAL = re.compile(r"(0?\d{1,2})?(\.\d)?f")
_WHOLE = re.compile(r"(0?\d{1,2})?d")
_FIELDS = {"level": _DECIMAL, "duration_s": _DECIMAL, "duration_ms": _WHOLE}
_SAME = 1e-6
"""Up to this much two numbers are the same level or duration (s): what floating point adds."""


def as_bytes(words: str) -> bytes:
    """Return what goes over the line: one byte for each character.

    Raises
    ------
    ValueError
        Where a character is beyond U+00FF, which is no byte.
    """
    try:
        return words.encode("latin-1")
    except UnicodeEncodeError as error:
        wrong = words[error.start]
        raise ValueError(f"has '{wrong}' (U+{ord(wrong):04X}), which is no single byte") from error


def check_template(template: str) -> None:
    """Refuse what could not tell a device the level, or could tell it something else.

    Raises
    ------
    ValueError
        With what is wrong and what is allowed.
    """
    as_bytes(template)
    names = []
    for name, spec, conversion in _fields(template):
        pattern = _FIELDS.get(name)
        if pattern is None or conversion:
            written = name + (f"!{conversion}" if conversion else "")
            raise ValueError(f"has {{{written}}}; allowed in braces: {', '.join(_FIELDS)}")
        if spec and not pattern.fullmatch(spec):
            example = ":.1f" if pattern is _DECIMAL else ":d"
            raise ValueError(f"has {{{name}:{spec}}}; a number is written as in {{{name}{example}}}")
        names.append(name)
    if "level" not in names:
        raise ValueError("does not have {level}; what it does not tell the device is under no ceiling")


def command(template: str, level: float, duration_s: float) -> bytes:
    """Return a template with its places filled, refused where it would tell anything but what is meant.

    Milliseconds are rounded down, so that no stimulus is longer than was asked for.

    Raises
    ------
    ValueError
        Where the template has too few decimals for the level or the duration (s).
    """
    values = {
        "level": level,
        "duration_s": duration_s,
        "duration_ms": math.floor(duration_s * 1000 + _SAME),
    }
    words = ""
    for text, name, spec, _ in Formatter().parse(template):
        words += text
        if name is not None:
            words += _number(name, spec or "", values[name])
    if values["duration_ms"] < 1:
        raise ValueError(f"{duration_s:g} s is less than a millisecond")
    return as_bytes(words)


def below(template: str, level: float) -> float:
    """Return the highest level, up to this one, that a template has the decimals for."""
    for name, spec, _ in _fields(template):
        if name == "level" and spec:
            decimals = int(spec[-2]) if "." in spec else 6
            return math.floor(level * 10.0**decimals + _SAME) / 10.0**decimals
    return level


def _number(name: str, spec: str, value: float) -> str:
    """Return a value as a place of a template writes it, which must be that value and no other."""
    text = format(value, spec)
    if "e" in text or abs(float(text) - value) > _SAME:
        place = f"{{{name}:{spec}}}" if spec else f"{{{name}}}"
        raise ValueError(f"{place} would write {text.strip()} for {value:.9g}")
    return text


def _fields(template: str) -> list[tuple[str, str, str]]:
    """Return name, form and conversion of each place in braces."""
    try:
        parsed = list(Formatter().parse(template))
    except ValueError as error:
        raise ValueError("has a brace alone; one that the device is to get is doubled: {{") from error
    return [(name, spec or "", conversion or "") for _, name, spec, conversion in parsed if name is not None]


def shown(words: str) -> str:
    """Return words of a device as they stand in the file, control characters spelt out."""
    return json.dumps(words, ensure_ascii=False)
