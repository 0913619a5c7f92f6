"""All benchmarks, or those that are named: ``python lab.py bench [NAME ...]``; ``-h`` lists them.

Options after a single name go to that benchmark.
"""

from __future__ import annotations

import subprocess
import sys

from bench.display import a_display

ALL = {
    "court": "what a frame of the court costs",
    "yardstick": "the same, and the rating on a line, beside a plain PsychoPy script",
    "game": "late frames of real runs at 60, 120 and 144 Hz, and the answer to a throw",
    "memory": "whether memory grows over 500 throws",
    "keys": "how far a press is stamped from when it was made",
    "start": "from the start of the program to the first page",
    "sessions": "simulated sessions a second",
    "overlap": "how often the tests of pain beside distress find what is there, and what is not",
    "analysis": "10,000 sessions read, scored and summarised; --sessions N for fewer",
}


def main() -> int:
    """Run the benchmarks that are named, or all, each in a process of its own."""
    if sys.argv[1:] in (["-h"], ["--help"]):
        print("\n".join([__doc__ or "", *(f"  {name:<10} {what}" for name, what in ALL.items())]))
        return 0
    words = sys.argv[1:]
    first = next((i for i, word in enumerate(words) if word.startswith("-")), len(words))
    wanted, options = words[:first] or list(ALL), words[first:]
    if options and len(wanted) != 1:
        print("bench: options belong to one benchmark; name it before them", file=sys.stderr)
        return 2
    unknown = [name for name in wanted if name not in ALL]
    if unknown:
        print(f"bench: '{unknown[0]}' is not known; there are: {', '.join(ALL)}", file=sys.stderr)
        return 2
    with a_display():
        for name in wanted:
            print(f"\n== {name}: {ALL[name]}", flush=True)
            done = subprocess.run([sys.executable, "-m", f"bench.{name}", *options], check=False)
            if done.returncode:
                return done.returncode
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
