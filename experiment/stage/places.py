"""Where everything on the court stands, for any size of screen and three to nine players."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from experiment.scenes import PARTICIPANT

FIGURE_UNITS = 100.0
REACH_UNITS = 34.0
"""How far from its middle a figure reaches to either side, arms stretched."""

FEET_LOW, FEET_HIGH, FEET_USUAL = 0.855, 0.5, 0.605
"""Where on the screen's height the feet are of figures placed lowest and highest, and of those not placed."""
GROWTH = 0.8
"""How much larger a figure is per screen height that it stands lower: nearer."""
NAME_AND_KEY_PX = 84
"""How tall (px at 1280x720) a name with its key is: further apart, names cannot meet."""
ACROSS = 0.4
"""How far from the middle the outermost places are, as a share of the court's width."""

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Seat:
    """A figure's place: feet at (`x`, `y`), a hundred `unit` px tall; name and light have `room` px."""

    number: int
    x: float
    y: float
    unit: float
    room: float = math.inf

    def at(self, point: Point) -> Point:
        """Return the place on the screen (px) of a point of the figure (units, y down from the feet)."""
        return self.x + point[0] * self.unit, self.y + point[1] * self.unit

    def touches(self, other: Seat) -> bool:
        """Return whether two figures may cover one another."""
        beside = abs(self.x - other.x) >= REACH_UNITS * (self.unit + other.unit)
        head, other_head = self.y - FIGURE_UNITS * self.unit, other.y - FIGURE_UNITS * other.unit
        return not (beside or self.y < other_head or other.y < head)


@dataclass(frozen=True, slots=True)
class Floor:
    """The court on one screen. ``scale`` is 1 at 1280x720; ``hold`` is where the own hands hold the ball.

    ``seats`` are those of the co-players from left to right, then the participant's where they are seen as a
    figure. ``layers`` are the same from far to near: nobody covers anybody within one. ``deep`` says whether
    somebody has a place of their own, so that depth tells more than left and right.
    """

    width: int
    height: int
    scale: float
    seats: tuple[Seat, ...]
    layers: tuple[tuple[Seat, ...], ...]
    deep: bool
    spacing: float
    horizon: float
    hold: Point
    own_ground: float
    own_ball_px: float
    ball_units: float

    def find(self, number: int) -> Seat | None:
        """Return a player's place, None for a participant who is seen as a pair of hands."""
        return next((seat for seat in self.seats if seat.number == number), None)

    def seat(self, number: int) -> Seat:
        """Return a figure's place."""
        return next(seat for seat in self.seats if seat.number == number)

    @property
    def own_figure(self) -> bool:
        """Whether the participant is seen as a figure."""
        return self.find(PARTICIPANT) is not None


def ui_scale(width: int, height: int) -> float:
    """Return the size of type and buttons relative to 1280x720."""
    return min(width / 1280, height / 720)


Placed = tuple[tuple[int, Point], ...]
"""Players with a place of their own: number, and place from -1 to 1 across and from low to high."""


@lru_cache(maxsize=64)
def floor(numbers: tuple[int, ...], width: int, height: int, placed: Placed = ()) -> Floor:
    """Place the players `numbers` (the participant among them) on a screen."""
    others = [number for number in numbers if number != PARTICIPANT]
    scale = ui_scale(width, height)
    span = min(width, 2.1 * height)
    half = {1: 0.0, 2: 0.235, 3: 0.315, 4: 0.355, 5: 0.375}.get(len(others), 0.405) * span
    gaps = max(1, len(others) - 1)
    spacing = 2 * half / gaps if len(others) > 1 else span / 2
    tall = min(0.415 * min(height, 0.8 * width), 1.42 * spacing)
    own_places = dict(placed)
    seats = []
    for i, number in enumerate(others):
        aside = 2 * i / gaps - 1 if len(others) > 1 else 0.0
        far = 1 - aside**2 if len(others) > 2 else 0.0
        unit = tall * (1 - 0.1 * far) / FIGURE_UNITS
        seats.append(Seat(number, width / 2 + aside * half, height * (0.605 - 0.05 * far), unit, spacing))
    seats = [
        _placed(seat.number, own_places[seat.number], (width, height), tall)
        if seat.number in own_places
        else seat
        for seat in seats
    ]
    if PARTICIPANT in own_places:
        seats.append(_placed(PARTICIPANT, own_places[PARTICIPANT], (width, height), tall))
    if placed:
        seats = [replace(seat, room=_room(seat, seats, width, scale)) for seat in seats]
    return Floor(
        width=width,
        height=height,
        scale=scale,
        seats=tuple(seats),
        layers=_layers(seats),
        deep=bool(placed),
        spacing=spacing,
        horizon=height * 0.355,
        hold=(width / 2, height - 138 * scale),
        own_ground=height - 36 * scale,
        own_ball_px=33 * scale,
        ball_units=5.6,
    )


def _placed(number: int, place: Point, size: tuple[int, int], tall: float) -> Seat:
    """Return a seat from a place in -1 to 1: what is low is near, and so larger."""
    width, height = size
    feet = FEET_LOW + (FEET_HIGH - FEET_LOW) * (place[1] + 1) / 2
    x = width / 2 + place[0] * ACROSS * min(width, 2.1 * height)
    return Seat(number, x, feet * height, tall * (1 + GROWTH * (feet - FEET_USUAL)) / FIGURE_UNITS)


def _room(seat: Seat, seats: Sequence[Seat], width: int, scale: float) -> float:
    """Return how wide (px) a figure's name may be: to the middle between neighbours, and to the edge."""
    beside = [
        abs(seat.x - other.x)
        for other in seats
        if other is not seat and abs(seat.y - other.y) < NAME_AND_KEY_PX * scale
    ]
    return max(120 * scale, min([2 * min(seat.x, width - seat.x), 300 * scale, *beside]))


def _layers(seats: Sequence[Seat]) -> tuple[tuple[Seat, ...], ...]:
    """Return seats from far to near in as few layers as keep everybody apart within one."""
    layers: list[list[Seat]] = []
    for seat in sorted(seats, key=lambda seat: seat.y):
        behind = [i for i, layer in enumerate(layers) if any(seat.touches(other) for other in layer)]
        at = max(behind, default=-1) + 1
        if at == len(layers):
            layers.append([])
        layers[at].append(seat)
    return tuple(tuple(layer) for layer in layers)
