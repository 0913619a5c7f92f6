"""Names of variables that SPSS, JASP and R all take.

Letters of ASCII, digits and underscores, at most 64, beginning with a letter and not ending in an underscore,
different whatever their case, and none of the words that SPSS keeps for itself.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable

LONGEST = 64
RESERVED = frozenset({"all", "and", "by", "eq", "ge", "gt", "le", "lt", "ne", "not", "or", "to", "with"})


def name(*parts: str) -> str:
    """Join the parts to a name; one that would be too long is cut and ends in a mark of the whole.

    >>> name("needs", "belonging", "reflexive")
    'needs_belonging_reflexive'
    """
    text = re.sub(r"[^A-Za-z0-9]+", "_", "_".join(parts)).strip("_")
    if not text[:1].isalpha() or text.lower() in RESERVED:
        text = f"v_{text}".rstrip("_")
    if len(text) <= LONGEST:
        return text
    mark = hashlib.sha256("_".join(parts).encode()).hexdigest()[:6]
    return f"{text[: LONGEST - len(mark) - 1].rstrip('_')}_{mark}"


def unique(names: Iterable[str], taken: Iterable[str] = ()) -> list[str]:
    """Tell names apart that are the same whatever their case: the second becomes ``name_2``."""
    used = {each.lower() for each in taken}
    found = []
    for each in names:
        own, number = each, 1
        while own.lower() in used:
            number += 1
            own = f"{each[: LONGEST - len(str(number)) - 1]}_{number}"
        used.add(own.lower())
        found.append(own)
    return found
