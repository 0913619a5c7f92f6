"""Colours of the stage, and what can be computed with them."""

from __future__ import annotations

from functools import lru_cache

PAPER = "#f6f3ed"
SKY_FAR = "#f7f4ee"
SKY_NEAR = "#eceee6"
HILL_FAR = "#dfe5db"
HILL_NEAR = "#d3dcd0"
FLOOR_FAR = "#d9dccb"
FLOOR = "#e8e6da"
LINE = "#f8f6ef"
WHITE = "#ffffff"
INK = "#2b3640"
QUIET = "#5b6670"
HAIRLINE = "#d8d3c8"
FIELD = "#8b949b"
KEY_EDGE = "#c5c1b7"
ACCENT = "#1f6f7d"
ACCENT_DEEP = "#185762"
TINT = "#e1eef0"
WARM = "#8a4b08"
WARM_TINT = "#fbeed6"
SKIN = "#e2c1a4"
SKIN_SHADE = "#c79f80"
SKIN_LINE = "#a97f62"
PUPIL = "#33302f"
LIPS = "#8a5d4a"
HAIR = "#5d5048"
HAIR_LIGHT = "#75665c"
TROUSERS = "#4b576a"
TROUSERS_SHADE = "#3d4859"
SHOE = "#3a3f49"
SOLE = "#ece7dd"
DEPTH = "#10202c"
"""Mixed into a shirt's colour for its folds and edges."""
SHADOW = "#25301f"
ABSENT = "#dcd8cd"
"""A player who has not arrived."""


@lru_cache(maxsize=1024)
def channels(colour: str) -> tuple[int, int, int]:
    """Return red, green and blue (0-255) of a ``#rrggbb`` colour."""
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


@lru_cache(maxsize=4096)
def mix(colour: str, other: str, share: float) -> str:
    """Return `colour` with `share` (0-1) of `other` mixed in."""
    pairs = zip(channels(colour), channels(other), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


@lru_cache(maxsize=4096)
def packed(colour: str, alpha: float = 1.0) -> int:
    """Return the colour as four bytes (red, green, blue, alpha) in one little-endian number."""
    red, green, blue = channels(colour)
    return red | green << 8 | blue << 16 | round(255 * max(0.0, min(1.0, alpha))) << 24


def luminance(colour: str) -> float:
    """Return the relative luminance (WCAG 2) of a colour."""
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in (channel / 255 for channel in channels(colour))
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(colour: str, other: str) -> float:
    """Return the contrast ratio (1-21) of two colours."""
    light, dark = sorted((luminance(colour), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)
