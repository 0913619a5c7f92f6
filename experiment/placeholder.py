"""What a researcher has to fill in before people take part, and a shipped protocol leaves open."""

from __future__ import annotations

from experiment.definitions import Protocol, Resolved

MARK = "replace this line"
"""Stands in the `contact` of every protocol that comes with the program."""


def placeholder(resolved: Resolved) -> str:
    """Say, where it is so, that participants would read a placeholder instead of whom they can turn to."""
    return unfinished(resolved.protocol, f"protocols/{resolved.name}.toml")


def unfinished(protocol: Protocol, file: str) -> str:
    """Say so of a protocol in a file."""
    if MARK not in protocol.contact:
        return ""
    return f"{file}: contact is still a placeholder that participants would read; name whom they can turn to"
