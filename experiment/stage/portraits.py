"""Photographs of players: cut round from the middle of a file, loaded once, drawn with a rim."""

from __future__ import annotations

from PIL import Image, ImageDraw, ImageOps

from experiment.stage import palette
from experiment.stage.atlas import Region
from experiment.stage.canvas import Canvas
from experiment.stage.palette import packed

OVERSAMPLING = 4
BEHIND = (255, 255, 255, 255)
"""What shows through where a photograph is transparent."""


def portrait(file: str, diameter: int) -> Image.Image | None:
    """Return the middle of a picture as a disc, None where the file cannot be read.

    Definitions refuse such a file before a session begins. One that goes bad later costs the participant
    nothing but the photograph.
    """
    try:
        with Image.open(file) as picture:
            picture.draft("RGB", (2 * diameter, 2 * diameter))
            upright = ImageOps.exif_transpose(picture)
            middle = ImageOps.fit(_plain(upright), (diameter, diameter), Image.Resampling.LANCZOS)
    except Exception:  # noqa: BLE001 - decoders raise whatever they stumble over; nothing here may reach the screen
        return None
    side = diameter * OVERSAMPLING
    disc = Image.new("L", (side, side), 0)
    ImageDraw.Draw(disc).ellipse((0, 0, side - 1, side - 1), fill=255)
    middle.putalpha(disc.resize((diameter, diameter), Image.Resampling.BOX))
    return middle


def _plain(picture: Image.Image) -> Image.Image:
    """Return a picture of any mode as RGB, on white where it is transparent."""
    if picture.mode.startswith("I"):
        picture = picture.point(lambda value: value / 256).convert("L")
    if not picture.has_transparency_data:
        return picture.convert("RGB")
    ground = Image.new("RGBA", picture.size, BEHIND)
    ground.alpha_composite(picture.convert("RGBA"))
    return ground.convert("RGB")


def rim(diameter: int) -> int:
    """Return the width (px) of a portrait's rim."""
    return max(2, round(0.05 * diameter))


def find_portrait(canvas: Canvas, file: str, diameter: int) -> Region | None:
    """Return the picture of a portrait of this size, rim included; None where there is nothing to show."""
    inner = diameter - 2 * rim(diameter)
    return canvas.atlas.picture((file, inner), lambda: portrait(file, inner)) if file else None


def draw_portrait(canvas: Canvas, region: Region, x: float, y: float, colour: str) -> None:
    """Draw a portrait about (`x`, `y`) with a thin rim of `colour`."""
    inner = region.width
    left, top = round(x - inner / 2), round(y - inner / 2)
    middle_x, middle_y, radius = left + inner / 2, top + inner / 2, inner / 2
    edge = rim(inner)
    canvas.glow(middle_x, middle_y + edge, 1.3 * radius, 1.3 * radius, packed(palette.SHADOW, 0.3))
    canvas.disc(middle_x, middle_y, radius + edge, packed(colour))
    canvas.picture(region, left, top)
