"""What is said of single files: left out, or read although something is strange about them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple


class TableFile(NamedTuple):
    """A file of a dataset: where it lies, and what its name says.

    ``place`` is the path within the dataset, ``labels`` become columns of every row of the file.
    """

    path: str
    place: str
    labels: tuple[tuple[str, str | None], ...]


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file that was left out, and why."""

    place: str
    reason: str


@dataclass(frozen=True, slots=True)
class Warned:
    """A file that was read although something is strange about it, and what was made of that."""

    place: str
    reason: str


def and_more(places: list[str]) -> str:
    """Return the first of `places`, and how many more there are."""
    return places[0] if len(places) == 1 else f"{places[0]} and {len(places) - 1} more"
