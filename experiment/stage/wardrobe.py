"""What figures are dressed from: their parts, drawn for the size of the largest and shrunk for the others."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from experiment.stage import outlines, palette
from experiment.stage.atlas import Region
from experiment.stage.canvas import Canvas
from experiment.stage.dyed import dyed
from experiment.stage.places import Point, Seat


@dataclass(frozen=True, slots=True)
class Cut:
    """A part's mask, or a picture of several; corner and size in units."""

    region: Region
    left: float
    top: float
    width: float
    height: float


Layers = tuple[tuple[str, int], ...]
"""Names of parts that always move together, and their packed colours; the lowest first."""


@dataclass(slots=True)
class Wardrobe:
    """Draws parts at the size of the largest figure on the court; keeps what `troupe` makes of them.

    What moves together is drawn as one picture, or, to be `melting` into the ground, mask by mask: a picture
    has its colours in the atlas, masks have them in their corners.
    """

    canvas: Canvas
    unit: float
    melting: bool = False
    troupes: dict[object, Any] = field(default_factory=dict)
    _cut: dict[object, Cut] = field(default_factory=dict)

    def cut(self, name: str) -> Cut:
        """Return a part's mask and where its corner lies."""
        found = self._cut.get(name)
        if found is None:
            image, left, top = getattr(outlines, name).mask(self.unit)
            region = self.canvas.atlas.shape((name, self.unit), lambda: image)
            found = self._cut[name] = self._placed(region, left, top)
        return found

    def together(self, layers: Layers) -> Cut:
        """Return a picture of parts and where its corner lies."""
        found = self._cut.get(layers)
        if found is None:
            image, left, top = dyed([(getattr(outlines, name), tone) for name, tone in layers], self.unit)
            region = self.canvas.atlas.dyed((layers, self.unit), lambda: image)
            found = self._cut[layers] = self._placed(region, left, top)
        return found

    def _placed(self, region: Region, left: float, top: float) -> Cut:
        return Cut(region, left, top, region.width / self.unit, region.height / self.unit)

    def part(self, name: str, seat: Seat, at: Point, colour: int) -> None:
        """Draw a part whose origin lies at `at` (units from the ground)."""
        self._draw(self.cut(name), seat, at, colour)

    def parts(self, layers: Layers, seat: Seat, at: Point, *, shear: float = 0.0) -> None:
        """Draw parts whose origin lies at `at` (units from the ground); `shear` slants them (units)."""
        if self.melting:
            for name, colour in layers:
                self._draw(self.cut(name), seat, at, colour, shear)
        else:
            self._draw(self.together(layers), seat, at, palette.packed(palette.WHITE), shear)

    def _draw(self, cut: Cut, seat: Seat, at: Point, colour: int, shear: float = 0.0) -> None:
        u = seat.unit
        x, y = seat.x + (at[0] + cut.left) * u, seat.y + (at[1] + cut.top) * u
        if not shear:
            self.canvas.sprite(cut.region, x, y, cut.width * u, cut.height * u, colour)
            return
        slant, foot = (
            shear * u * cut.height / 32.0,
            shear * u * (outlines.WAIST - cut.top - cut.height) / 32.0,
        )
        self.canvas.slanted(cut.region, x, y, cut.width * u, cut.height * u, slant, foot, colour)


def find_wardrobe(canvas: Canvas, unit: float) -> Wardrobe:
    """Return the wardrobe for figures of this size on a canvas that is used again and again."""
    found = canvas.wardrobes.get(unit)
    if found is None:
        found = canvas.wardrobes[unit] = Wardrobe(canvas, unit)
    return found
