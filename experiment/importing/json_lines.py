"""JSON into values that know their lines."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from experiment.importing.found import ImportingError

DEEPEST = 20
NUMBER = re.compile(r"-?(0|[1-9][0-9]{0,15})(\.[0-9]{1,15})?([eE][+-]?[0-9]{1,2})?")
WORDS = re.compile(r'"(?:[^"\\\n]|\\.)*"')
CONSTANTS = {"true": True, "false": False, "null": None}


@dataclass(frozen=True, slots=True)
class Node:
    """A value with its line: a dict or list of nodes, words, a number, true, false or null."""

    value: Any
    line: int


class _Reader:
    def __init__(self, text: str, file: str) -> None:
        self.text = text
        self.file = file
        self.at = 0

    @property
    def line(self) -> int:
        return self.text.count("\n", 0, self.at) + 1

    def problem(self, text: str) -> ImportingError:
        return ImportingError(f"{self.file}:{self.line}: is not valid JSON: {text}")

    def gap(self) -> None:
        while self.at < len(self.text) and self.text[self.at] in " \t\n":
            self.at += 1

    def take(self, sign: str) -> bool:
        self.gap()
        if self.text.startswith(sign, self.at):
            self.at += len(sign)
            return True
        return False

    def value(self, depth: int) -> Node:
        self.gap()
        line = self.line
        if depth > DEEPEST:
            raise self.problem(f"nested more than {DEEPEST} deep")
        if self.take("{"):
            return Node(self.table(depth), line)
        if self.take("["):
            return Node(self.list(depth), line)
        if self.text.startswith('"', self.at):
            return Node(self.words(), line)
        for word, constant in CONSTANTS.items():
            if self.take(word):
                return Node(constant, line)
        match = NUMBER.match(self.text, self.at)
        if not match:
            raise self.problem(f"a value is expected at {self.text[self.at : self.at + 12]!r}")
        self.at = match.end()
        return Node(json.loads(match[0]), line)

    def words(self) -> str:
        self.gap()
        match = WORDS.match(self.text, self.at)
        if not match:
            raise self.problem("words are expected in double quotes")
        try:
            words = str(json.loads(match[0]))
            words.encode("utf-8")
        except ValueError as error:
            raise self.problem(f"{match[0][:20]} has a character that nobody could read") from error
        self.at = match.end()
        return words

    def table(self, depth: int) -> dict[str, Node]:
        table: dict[str, Node] = {}
        while not self.take("}"):
            if table and not self.take(","):
                raise self.problem("a comma or } is expected")
            key = self.words()
            if key in table:
                raise self.problem(f"'{key[:40]}' is given twice")
            if not self.take(":"):
                raise self.problem(f"a colon is expected after '{key[:40]}'")
            table[key] = self.value(depth + 1)
        return table

    def list(self, depth: int) -> list[Node]:
        values: list[Node] = []
        while not self.take("]"):
            if values and not self.take(","):
                raise self.problem("a comma or ] is expected")
            values.append(self.value(depth + 1))
        return values


def nodes(text: str, file: str) -> Node:
    """Return the JSON value of a text.

    Raises
    ------
    ImportingError
        Naming the line.
    """
    reader = _Reader(text, file)
    node = reader.value(0)
    reader.gap()
    if reader.at < len(text):
        raise reader.problem("there is more after the end")
    return node
