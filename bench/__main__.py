"""All benchmarks: ``python lab.py bench [court | sessions | start]``."""

from __future__ import annotations

import subprocess
import sys

from bench.display import a_display

ALL = ("court", "sessions", "start")


def main() -> int:
    """Run the benchmarks that are named, or all, each in a process of its own."""
    wanted = sys.argv[1:] or list(ALL)
    unknown = [name for name in wanted if name not in ALL]
    if unknown:
        print(f"bench: '{unknown[0]}' is not known; there are: {', '.join(ALL)}", file=sys.stderr)
        return 2
    with a_display():
        for name in wanted:
            print(f"\n== {name}", flush=True)
            done = subprocess.run([sys.executable, "-m", f"bench.{name}"], check=False)
            if done.returncode:
                return done.returncode
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
