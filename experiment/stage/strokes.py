"""Typed characters in line with the keys: a window tells them later than the driver tells the keys.

A frame that comes late finds both a word and the Return that ended it. Sorted by their stamps alone, Return
would come first and the word be lost. But the window tells its own keys and characters in the true order, so
each of its named keys, found again among the driver's, is a mark that characters before it stay before.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from experiment.booth import Press


@dataclass(frozen=True, slots=True)
class Mark:
    """A key that the window told of.

    Attributes
    ----------
    key
        Its name there, which may not be the driver's.
    at, uncertainty_s
        When it was told (s, session clock), and how late that may be (s).
    again
        Whether it came up and went down at once: struck twice between two looks, or held and repeated.
    """

    key: str
    at: float = 0.0
    uncertainty_s: float = 0.0
    again: bool = False


def in_order(keys: Sequence[Press], told: Sequence[Press | Mark]) -> list[Press]:
    """Return all presses in the order of `Press.at`.

    Parameters
    ----------
    keys
        Presses that the driver stamped, in their order.
    told
        What the window told, in its order: characters, clicks, and marks of keys. A character told before a
        key that is among `keys` was typed before it, so it is stamped no later than that key. Only keys with
        names serve as marks: for letters the window and the driver may know different layouts.
    """
    moved: list[Press] = []
    latest = len(keys)
    limit = float("inf")
    for event in reversed(told):
        if isinstance(event, Mark):
            named = len(event.key) > 1
            found = next((i for i in reversed(range(latest)) if named and keys[i].key == event.key), None)
            if found is not None:
                latest, limit = found, keys[found].at
        elif event.source == "text" and event.at > limit:
            moved.append(replace(event, at=limit))
        else:
            moved.append(event)
    return sorted([*reversed(moved), *keys], key=lambda press: (press.at, press.source == "keyboard"))
