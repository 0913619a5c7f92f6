"""What is wrong with a command line, in plain words."""

from __future__ import annotations

import re

PLAIN = (
    (r"Input should be a valid integer.*", "a whole number is needed"),
    (r"Input should be a valid number.*", "a number is needed"),
    (r"Input should be greater than or equal to (\S+)", r"\1 or more is allowed"),
    (r"Input should be less than or equal to (\S+)", r"\1 or less is allowed"),
    (r"^Invalid value for '(.+?)': ", r"\1: "),
    (r"^No such option: (\S+) \(Possible options: (\S+)\)$", r"unknown option \1; did you mean \2?"),
    (r"^No such option: (\S+)(?: \(Possible options: (.+)\))?$", r"unknown option \1"),
    (r"^No such command '(.+?)'\. Did you mean (.+)\?$", r"unknown command '\1'; did you mean \2?"),
    (r"^No such command '(.+?)'\.$", r"unknown command '\1'"),
    (r"^Missing (?:argument|option|parameter) '(.+?)'\.$", r"\1 is missing"),
    (r"^Got unexpected extra argument\(?s?\)? \((.+)\)$", r"'\1' was not expected"),
    (r"^Option '(.+?)' requires an argument\.$", r"\1 needs a value"),
    (r"^Option '(.+?)' does not take a value\.$", r"\1 takes no value"),
)
"""What the parser of the command line says, and how we say it."""


def in_words(message: str, command: str) -> str:
    """Return a parser's message in our words, with the `command` whose help says more where that is known."""
    said = message
    for pattern, words in PLAIN:
        said = re.sub(pattern, words, said)
    return f"{said}; see '{command} --help'" if command and "did you mean" not in said else said
