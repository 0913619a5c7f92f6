"""The picture of the last frame, kept apart from the window so that only what changes is drawn anew.

What a window's back buffer holds after a flip is not defined. So the picture has a framebuffer of its own,
from which it is copied to the back buffer: the whole in every frame, or what changed where frames are shown
in parts (`experiment.stage.handover`). It is plain copying where rows and colours lie as they do in a window
that a program draws (Mesa: the top row first, blue first).
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from pyglet import gl

from experiment.stage.canvas import Canvas
from experiment.stage.damage import Box, Picture, changed, rectangles, touching

Fresh = tuple[Box, NDArray[np.uint32], list[tuple[int, int, int]]]
"""A rectangle, the triangles that touch it, and their runs: page, first piece, the one after the last."""
PROBE = (51, 102, 204)


@dataclass(frozen=True, slots=True)
class Surface:
    """A framebuffer to draw into instead of the window."""

    name: int
    texture: int

    @contextmanager
    def target(self) -> Iterator[None]:
        """Draw into it."""
        gl.glBindFramebuffer(gl.GL_FRAMEBUFFER, self.name)
        try:
            yield
        finally:
            gl.glBindFramebuffer(gl.GL_FRAMEBUFFER, 0)


@dataclass(slots=True)
class KeptPicture:
    """The last frame's picture as large as the window, and below it the ground on which it is drawn."""

    width: int
    height: int
    above: Surface
    below: Surface
    filled_px: int = 0
    """How much of the last frame was drawn anew."""
    _last: Picture | None = None
    _generation: int = 0
    _ground: Canvas | None = None
    _uncopied: list[Box] = field(default_factory=list)

    def renewed(self, canvas: Canvas, generation: int) -> list[Fresh]:
        """Return what has to be drawn so that the picture is that of a canvas, and take it as drawn.

        Where lines of text have moved in the atlas, which its `generation` says, that is everything.
        """
        last = self._last if generation == self._generation else None
        picture = Picture.of(canvas, last)
        boxes = None if last is None else changed(last, picture)
        places = (self._whole,) if boxes is None else rectangles(boxes, self.width, self.height)
        self._last, self._generation = picture, generation
        self.filled_px = sum(wide * tall for _, _, wide, tall in places)
        self._uncopied.extend(places)
        return [(place, *touching(picture, place)) for place in places]

    def forget(self) -> None:
        """Draw the whole picture next time."""
        self._last = self._ground = None

    @property
    def _whole(self) -> Box:
        return 0, 0, self.width, self.height

    def lacks(self, ground: Canvas) -> bool:
        """Return whether a ground has to be drawn below, and take it as drawn."""
        lacked = self._ground is not ground
        self._ground = ground
        return lacked

    def all_of(self, ground: Canvas) -> list[Fresh]:
        """Return all that has to be drawn of a ground."""
        return [(self._whole, *touching(Picture.of(ground), self._whole))]

    def lay(self, boxes: Sequence[Box]) -> None:
        """Copy rectangles of the ground into the picture, which is drawn into."""
        gl.glBindFramebuffer(gl.GL_READ_FRAMEBUFFER, self.below.name)
        for x, y, wide, tall in boxes:
            place = x, y, x + wide, y + tall
            gl.glBlitFramebuffer(*place, *place, gl.GL_COLOR_BUFFER_BIT, gl.GL_NEAREST)

    def copy(self, *, whole: bool = True) -> Sequence[Box]:
        """Copy the picture, or what was drawn anew since the last copy, to the back buffer; return which."""
        boxes, self._uncopied = [self._whole] if whole else self._uncopied, []
        gl.glBindFramebuffer(gl.GL_READ_FRAMEBUFFER, self.above.name)
        for x, y, wide, tall in boxes:
            gl.glBlitFramebuffer(
                x, y, x + wide, y + tall, x, self.height - y, x + wide, self.height - y - tall,
                gl.GL_COLOR_BUFFER_BIT, gl.GL_NEAREST,
            )  # fmt: skip
        gl.glBindFramebuffer(gl.GL_READ_FRAMEBUFFER, 0)
        return boxes


def keep_picture(width: int, height: int) -> KeptPicture | None:
    """Return a picture to keep, or None where the driver cannot keep one or copies it wrongly."""
    if not gl.gl_info.have_version(3, 0):
        return None
    surfaces = [_surface(width, height) for _ in range(2)]
    above, below = surfaces
    if above is not None and below is not None:
        kept = KeptPicture(width, height, above, below)
        if _copies(kept):
            return kept
    for surface in surfaces:
        if surface is not None:
            gl.glDeleteFramebuffers(1, ctypes.byref(gl.GLuint(surface.name)))
            gl.glDeleteTextures(1, ctypes.byref(gl.GLuint(surface.texture)))
    return None


def _surface(width: int, height: int) -> Surface | None:
    """Return a framebuffer of this size, or None where the driver makes none."""
    texture, name = gl.GLuint(), gl.GLuint()
    gl.glPushAttrib(gl.GL_TEXTURE_BIT)
    gl.glGenTextures(1, ctypes.byref(texture))
    gl.glBindTexture(gl.GL_TEXTURE_2D, texture)
    for setting in (gl.GL_TEXTURE_MIN_FILTER, gl.GL_TEXTURE_MAG_FILTER):
        gl.glTexParameteri(gl.GL_TEXTURE_2D, setting, gl.GL_NEAREST)
    gl.glTexImage2D(
        gl.GL_TEXTURE_2D, 0, gl.GL_RGBA, width, height, 0, gl.GL_BGRA, gl.GL_UNSIGNED_INT_8_8_8_8_REV, None
    )
    gl.glPopAttrib()
    gl.glGenFramebuffers(1, ctypes.byref(name))
    surface = Surface(int(name.value), int(texture.value))
    with surface.target():
        gl.glFramebufferTexture2D(
            gl.GL_FRAMEBUFFER, gl.GL_COLOR_ATTACHMENT0, gl.GL_TEXTURE_2D, surface.texture, 0
        )
        whole = gl.glCheckFramebufferStatus(gl.GL_FRAMEBUFFER) == gl.GL_FRAMEBUFFER_COMPLETE
    if whole:
        return surface
    gl.glDeleteFramebuffers(1, ctypes.byref(name))
    gl.glDeleteTextures(1, ctypes.byref(texture))
    return None


def _copies(kept: KeptPicture) -> bool:
    """Return whether the upper left of the ground, laid into the picture, arrives there, and only there."""
    gl.glPushAttrib(gl.GL_SCISSOR_BIT | gl.GL_COLOR_BUFFER_BIT | gl.GL_ENABLE_BIT)
    gl.glDisable(gl.GL_SCISSOR_TEST)
    with kept.below.target():
        gl.glClearColor(*(part / 255 for part in PROBE), 1.0)
        gl.glClear(gl.GL_COLOR_BUFFER_BIT)
    with kept.above.target():
        gl.glClearColor(0.0, 0.0, 0.0, 1.0)
        gl.glClear(gl.GL_COLOR_BUFFER_BIT)
        kept.lay([(0, 0, kept.width // 2, kept.height // 2)])
    kept.copy()
    gl.glPopAttrib()
    right, top = kept.width - 1, kept.height - 1
    seen = [_pixel(0, top), _pixel(right, top), _pixel(0, 0), _pixel(right, 0)]
    return seen == [PROBE, (0, 0, 0), (0, 0, 0), (0, 0, 0)]


def _pixel(x: int, y: int) -> tuple[int, ...]:
    """Return red, green and blue of a pixel of the back buffer, counted from the lower left corner."""
    pixel = (gl.GLubyte * 4)()
    gl.glReadBuffer(gl.GL_BACK)
    gl.glReadPixels(x, y, 1, 1, gl.GL_RGBA, gl.GL_UNSIGNED_BYTE, pixel)
    return tuple(pixel[:3])
