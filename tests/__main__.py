"""Every test, in the order that takes least time: ``python -m tests [ARGS]``, as ``python lab.py test`` does.

Tests without a window are shared among the cores, file by file, as are those with one in which time does not
matter; the others come last and have the cores to themselves, for they play in real time. With ARGS that are
more than options for reports, pytest runs once.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from typing import IO

PASSED_ON = ("--durations", "-v", "-q", "--tb", "-r")
"""Options that each part can have."""

WORKERS = (os.cpu_count() or 1) + 1
"""One more than there are cores: many tests wait, for a folder that hangs or a window that is killed."""

TOGETHER = ("tests", "-m", "not window or unhurried", "-n", str(WORKERS), "--dist", "loadfile")
ALONE = ("tests", "-m", "window and not unhurried")


def main(arguments: Sequence[str]) -> int:
    """Run the tests and return the exit code of the worst part."""
    if not all(word.startswith(PASSED_ON) for word in arguments):
        return subprocess.call([sys.executable, "-m", "pytest", *arguments])
    began = time.monotonic()
    counts: Counter[str] = Counter()
    codes = [_part([*part, *arguments], counts) for part in (TOGETHER, ALONE)]
    told = ", ".join(f"{number} {word}" for word, number in sorted(counts.items()))
    _say(f"\nall parts: {told or 'nothing'} in {time.monotonic() - began:.0f} s\n")
    return max(codes)


def _part(words: Sequence[str], counts: Counter[str]) -> int:
    """Run pytest once and tell what it says as it comes."""
    command = [sys.executable, "-m", "pytest", *words]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, encoding="utf-8") as part:
        try:
            if part.stdout is not None:
                _pass_on(part.stdout, counts)
            return part.wait()
        finally:
            part.kill()


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
