"""One random stream per purpose, so that what one part draws never shifts another."""

from __future__ import annotations

import zlib

import numpy as np


def stream(seed: int, purpose: str) -> np.random.Generator:
    """Return the stream for `purpose`, a path such as ``"run-02/opening/schedule"``.

    The same seed and purpose give the same stream, whatever else is drawn.
    """
    return np.random.default_rng([seed, zlib.crc32(purpose.encode())])
