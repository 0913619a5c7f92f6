"""Run as a program: ``python -m analysis.report DATASET [--out FILE]`` and the options of `summarize`."""

from __future__ import annotations

import sys

from analysis.report.command import main

if __name__ == "__main__":
    sys.exit(main())
