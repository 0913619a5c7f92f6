"""What a participant was shown, held against all that the definitions and the program's own texts can say."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import fields, is_dataclass
from typing import Any

from experiment import definitions
from experiment.scenes import Scene

FAULTS = re.compile(
    r"error|exception|traceback|errno|fault|refus|denied|read-only|no space|disk|journal|recover|spool"
    r"|has not answered|out of reach|\.jsonl|\.tsv|/|\\\\",
    re.IGNORECASE,
)
"""What no screen may say, whatever went wrong."""


def words_of(value: object) -> set[str]:
    """Return every text in a scene."""
    return set(_texts(value))


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif is_dataclass(value):
        for each in fields(value):
            yield from _texts(getattr(value, each.name))
    elif isinstance(value, dict):
        for key, each in value.items():
            yield from (*_texts(key), *_texts(each))
    elif isinstance(value, list | tuple | set | frozenset):
        for each in value:
            yield from _texts(each)


def known_to(resolved: definitions.Resolved, reference: Iterable[Scene]) -> set[str]:
    """Return what may be shown: the texts, and the words of sessions that nothing disturbed."""
    told: dict[str, Any] = resolved.texts.model_dump(mode="json")
    texts = {text.replace("{contact}", resolved.protocol.contact) for text in _texts(told)}
    return texts.union(*(words_of(scene) for scene in reference))


def check_screens(words: Iterable[str], known: set[str]) -> None:
    """Assert that nothing was shown but what may be, and nothing of a fault."""
    shown = {text for text in words if text}
    assert shown
    assert shown <= known, shown - known
    own = {text for text in known if FAULTS.search(text)}
    assert not {text for text in shown - own if FAULTS.search(text)}
