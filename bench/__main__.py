"""All benchmarks: ``python lab.py bench [court | sessions | start]``."""

from __future__ import annotations

import sys

from bench import court, sessions, start

ALL = {"court": court.main, "sessions": sessions.main, "start": start.main}


def main() -> int:
    """Run the benchmarks that are named, or all."""
    wanted = sys.argv[1:] or list(ALL)
    unknown = [name for name in wanted if name not in ALL]
    if unknown:
        print(f"bench: '{unknown[0]}' is not known; there are: {', '.join(ALL)}", file=sys.stderr)
        return 2
    sys.argv[1:] = []
    for name in wanted:
        print(f"\n== {name}")
        ALL[name]()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
