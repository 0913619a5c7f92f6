"""What is wrong with a file that a researcher wrote, in one line."""

from __future__ import annotations

from pathlib import Path


class DefinitionError(Exception):
    """A definition that cannot be used.

    Parameters
    ----------
    file
        The file, or None where a value came from elsewhere.
    problem
        What is wrong and what is allowed, naming the key and the value.
    """

    def __init__(self, file: Path | None, problem: str) -> None:
        self.file = file
        self.problem = one_line(problem)
        super().__init__(f"{one_line(shown(file))}: {self.problem}" if file else self.problem)


def one_line(text: str, most: int = 600) -> str:
    """Return `text` without anything that breaks a line or acts on a terminal, cut where it is very long."""
    safe = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
    return safe if len(safe) <= most else safe[: most - 1] + "…"


def shown(file: Path) -> str:
    """Return `file` as a researcher would name it: relative to the working folder where it lies below it."""
    try:
        return file.resolve().relative_to(Path.cwd().resolve()).as_posix()
    except ValueError:
        return str(file)
