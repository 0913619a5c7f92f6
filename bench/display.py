"""A display for the benchmarks: the one there is, or a virtual one."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from lab import virtual_screen


@contextmanager
def a_display() -> Iterator[None]:
    """Make sure that there is a display while the block runs."""
    if os.environ.get("DISPLAY") or not sys.platform.startswith("linux"):
        yield
        return
    with virtual_screen() as name:
        os.environ["DISPLAY"] = name
        try:
            yield
        finally:
            del os.environ["DISPLAY"]
