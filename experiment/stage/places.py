"""Where everything on the court stands, for any size of screen and three to nine players."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from experiment.scenes import PARTICIPANT

FIGURE_UNITS = 100.0
REACH_UNITS = 34.0
"""How far from its middle a figure reaches to either side, arms stretched."""

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Seat:
    """A co-player's place: feet at (`x`, `y`), a hundred `unit` px tall."""

    number: int
    x: float
    y: float
    unit: float

    def at(self, point: Point) -> Point:
        """Return the place on the screen (px) of a point of the figure (units, y down from the feet)."""
        return self.x + point[0] * self.unit, self.y + point[1] * self.unit


@dataclass(frozen=True, slots=True)
class Floor:
    """The court on one screen. ``scale`` is 1 at 1280x720; ``hold`` is where the own hands hold the ball."""

    width: int
    height: int
    scale: float
    seats: tuple[Seat, ...]
    spacing: float
    horizon: float
    hold: Point
    own_ground: float
    own_ball_px: float
    ball_units: float

    def seat(self, number: int) -> Seat:
        """Return a co-player's place."""
        return next(seat for seat in self.seats if seat.number == number)


def ui_scale(width: int, height: int) -> float:
    """Return the size of type and buttons relative to 1280x720."""
    return min(width / 1280, height / 720)


@lru_cache(maxsize=64)
def floor(numbers: tuple[int, ...], width: int, height: int) -> Floor:
    """Place the players `numbers` (the participant among them) on a screen."""
    others = [number for number in numbers if number != PARTICIPANT]
    scale = ui_scale(width, height)
    span = min(width, 2.1 * height)
    half = {1: 0.0, 2: 0.235, 3: 0.315, 4: 0.355, 5: 0.375}.get(len(others), 0.405) * span
    gaps = max(1, len(others) - 1)
    spacing = 2 * half / gaps if len(others) > 1 else span / 2
    tall = min(0.415 * min(height, 0.8 * width), 1.42 * spacing)
    seats = []
    for i, number in enumerate(others):
        aside = 2 * i / gaps - 1 if len(others) > 1 else 0.0
        far = 1 - aside**2 if len(others) > 2 else 0.0
        unit = tall * (1 - 0.1 * far) / FIGURE_UNITS
        seats.append(Seat(number, width / 2 + aside * half, height * (0.605 - 0.05 * far), unit))
    return Floor(
        width=width,
        height=height,
        scale=scale,
        seats=tuple(seats),
        spacing=spacing,
        horizon=height * 0.355,
        hold=(width / 2, height - 138 * scale),
        own_ground=height - 36 * scale,
        own_ball_px=33 * scale,
        ball_units=5.6,
    )
