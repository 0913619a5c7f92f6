"""Every test, in the order that takes least time: ``python -m tests [ARGS]``, as ``python lab.py test`` does.

Tests without a window share the cores in two halves; those with one come last and have the cores to
themselves, for they play in real time. With ARGS that are more than options for reports, pytest runs once.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from typing import IO

PASSED_ON = ("--durations", "-v", "-q", "--tb", "-r")
"""Options that each part can have."""

HALVES = (
    ("tests/unit",),
    ("tests/faults", "tests/golden", "tests/importing", "tests/properties"),
)


def main(arguments: Sequence[str]) -> int:
    """Run the tests and return the exit code of the worst part."""
    if not all(word.startswith(PASSED_ON) for word in arguments):
        return subprocess.call([sys.executable, "-m", "pytest", *arguments])
    began = time.monotonic()
    counts: Counter[str] = Counter()
    codes = [*_halves(arguments, counts), _part(["tests", "-m", "window", *arguments], counts)]
    told = ", ".join(f"{number} {word}" for word, number in sorted(counts.items()))
    _say(f"\nall parts: {told or 'nothing'} in {time.monotonic() - began:.0f} s\n")
    return max(codes)


def _halves(arguments: Sequence[str], counts: Counter[str]) -> list[int]:
    """Run both halves at once, the second's words after the first's."""
    with tempfile.TemporaryFile("w+", encoding="utf-8") as words:
        command = _command([*HALVES[1], "-m", "not window", *arguments])
        beside = subprocess.Popen(command, stdout=words, stderr=subprocess.STDOUT)
        try:
            first = _part([*HALVES[0], "-m", "not window", *arguments], counts)
            second = beside.wait()
        finally:
            beside.kill()
        words.seek(0)
        _pass_on(words, counts)
    return [first, second]


def _part(words: Sequence[str], counts: Counter[str]) -> int:
    """Run pytest once and tell what it says as it comes."""
    with subprocess.Popen(_command(words), stdout=subprocess.PIPE, text=True, encoding="utf-8") as part:
        try:
            if part.stdout is not None:
                _pass_on(part.stdout, counts)
            return part.wait()
        finally:
            part.kill()


def _command(words: Sequence[str]) -> list[str]:
    return [sys.executable, "-m", "pytest", *words]


def _pass_on(lines: IO[str], counts: Counter[str]) -> None:
    """Print lines; count what a closing line sums up."""
    last = ""
    for line in lines:
        _say(line)
        last = line if line.strip() else last
    for number, word in re.findall(r"(\d+) (passed|failed|skipped|xfailed|deselected|errors?)\b", last):
        counts[word] += 0 if word == "deselected" else int(number)
    del counts["deselected"]


def _say(words: str) -> None:
    sys.stdout.write(words)
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
