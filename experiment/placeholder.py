"""What a researcher has to fill in before people take part, and a shipped protocol leaves open."""

from __future__ import annotations

from experiment.definitions import Protocol

MARK = "replace this line"
"""Stands in the `contact` of every protocol that comes with the program."""


def placeholder(protocol: Protocol) -> str:
    """Say, where it is so, that participants would read a placeholder instead of whom they can turn to."""
    if MARK not in protocol.contact:
        return ""
    return "contact is still a placeholder that participants read; replace it"
