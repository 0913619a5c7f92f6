"""Canvas to graphics card: pages become textures, quads become draw calls.

PsychoPy runs pyglet's compatibility context, so the fixed pipeline with client arrays serves on every
system. All state is put back, so that PsychoPy's own stimuli still draw beside it.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import numpy as np
from pyglet import gl

from experiment.stage import palette
from experiment.stage.atlas import Atlas, Page
from experiment.stage.canvas import MESH, OPAQUE, PLAIN, Canvas
from experiment.stage.handover import Handover
from experiment.stage.kept import Fresh, KeptPicture

BYTES_PER_PLACE = 16
BYTES_PER_NUMBER = 4
CORNERS_PER_PIECE = 6
PIECES_UNSPLIT = 64
"""So many quads have no more corners than Mesa takes at once. It draws the two triangles of a quad that it
has to part a little differently, and where it parts them depends on what else is drawn."""
BYTES_PER_PIECE = CORNERS_PER_PIECE * BYTES_PER_NUMBER
UNTEXTURED = (PLAIN, OPAQUE, MESH)
SAVED = (
    gl.GL_ENABLE_BIT | gl.GL_COLOR_BUFFER_BIT | gl.GL_TEXTURE_BIT | gl.GL_CURRENT_BIT | gl.GL_TRANSFORM_BIT
    | gl.GL_VIEWPORT_BIT | gl.GL_SCISSOR_BIT
)  # fmt: skip


@dataclass(slots=True)
class Painter:
    """Draws canvases into the window that is current."""

    atlas: Atlas
    kept: KeptPicture | None = None
    """The picture to be drawn anew only where it changes; without one all is drawn in every frame."""
    handover: Handover | None = None
    """What shows a frame in parts; without one a flip shows the whole back buffer."""
    textures: list[int] = field(default_factory=list)

    def upload(self) -> None:
        """Bring the textures up to date with the atlas."""
        if len(self.textures) == len(self.atlas.pages) and all(p.dirty is None for p in self.atlas.pages):
            return
        gl.glPushAttrib(gl.GL_TEXTURE_BIT)
        for number, page in enumerate(self.atlas.pages):
            if number == len(self.textures):
                self.textures.append(self._texture(page))
            if page.dirty is not None:
                self._send(self.textures[number], page)
        gl.glPopAttrib()

    def _texture(self, page: Page) -> int:
        name = gl.GLuint()
        gl.glGenTextures(1, ctypes.byref(name))
        gl.glBindTexture(gl.GL_TEXTURE_2D, name)
        for setting, value in (
            (gl.GL_TEXTURE_MIN_FILTER, gl.GL_LINEAR), (gl.GL_TEXTURE_MAG_FILTER, gl.GL_LINEAR),
            (gl.GL_TEXTURE_WRAP_S, gl.GL_CLAMP_TO_EDGE), (gl.GL_TEXTURE_WRAP_T, gl.GL_CLAMP_TO_EDGE),
        ):  # fmt: skip
            gl.glTexParameteri(gl.GL_TEXTURE_2D, setting, value)
        stored, given = _formats(page)
        gl.glTexImage2D(
            gl.GL_TEXTURE_2D, 0, stored, page.side, page.side, 0, given, gl.GL_UNSIGNED_BYTE, None
        )
        return int(name.value)

    def _send(self, texture: int, page: Page) -> None:
        first, last = page.dirty or (0, 0)
        rows = np.ascontiguousarray(page.pixels[first:last])
        gl.glBindTexture(gl.GL_TEXTURE_2D, texture)
        gl.glPixelStorei(gl.GL_UNPACK_ALIGNMENT, 1)
        gl.glTexSubImage2D(
            gl.GL_TEXTURE_2D, 0, 0, first, page.side, last - first, _formats(page)[1], gl.GL_UNSIGNED_BYTE,
            rows.ctypes.data_as(ctypes.c_void_p),
        )  # fmt: skip
        gl.glPixelStorei(gl.GL_UNPACK_ALIGNMENT, 4)
        page.dirty = None

    def draw(self, canvas: Canvas) -> None:
        """Draw a canvas: its ground, and on it its quads; `present` brings it into the back buffer."""
        self.upload()
        kept = self.kept
        if kept is None:
            with pixel_space(canvas.width, canvas.height):
                clear(canvas.clear)
                for layer in (canvas.ground, canvas):
                    if layer is not None and layer.vertices:
                        self._quads(layer)
            return
        fresh = kept.renewed(canvas, self.atlas.generation)
        if not fresh:
            return
        with pixel_space(canvas.width, canvas.height, upside_down=True):
            ground = canvas.ground
            if ground is not None and kept.lacks(ground):
                with kept.below.target():
                    self._pieces(ground, kept.all_of(ground), canvas.clear)
            with kept.above.target():
                if ground is None:
                    self._pieces(canvas, fresh, canvas.clear)
                else:
                    kept.lay([box for box, _, _ in fresh])
                    self._pieces(canvas, fresh)

    def present(self) -> None:
        """Bring what was drawn into the back buffer."""
        if self.kept is None:
            return
        if self.handover is None:
            self.kept.copy()
        else:
            self.handover.take(self.kept.copy(whole=not self.handover.holds))

    def _quads(self, canvas: Canvas) -> None:
        """Draw all quads and meshes."""
        point_to(canvas)
        listed, _ = canvas.corners.buffer_info()
        for page, (first, last), (entry, end) in canvas.stretches():
            self._take_from(page)
            if page == MESH:
                corners = ctypes.c_void_p(listed + BYTES_PER_NUMBER * entry)
                gl.glDrawElements(gl.GL_TRIANGLES, end - entry, gl.GL_UNSIGNED_INT, corners)
            else:
                gl.glDrawArrays(gl.GL_QUADS, first, last - first)

    def _pieces(self, canvas: Canvas, fresh: Sequence[Fresh], colour: str | None = None) -> None:
        """Draw the pieces that touch each of some rectangles there, on a colour or on what is there."""
        if canvas.vertices:
            point_to(canvas)
        gl.glEnable(gl.GL_SCISSOR_TEST)
        for box, triangles, runs in fresh:
            gl.glScissor(*box)
            if colour is not None:
                clear(colour)
            at = triangles.ctypes.data
            for page, first, last in runs:
                self._take_from(page)
                step = PIECES_UNSPLIT if page != MESH else last - first
                for part in range(first, last, step):
                    corners = ctypes.c_void_p(at + BYTES_PER_PIECE * part)
                    count = CORNERS_PER_PIECE * (min(part + step, last) - part)
                    gl.glDrawElements(gl.GL_TRIANGLES, count, gl.GL_UNSIGNED_INT, corners)

    def _take_from(self, page: int) -> None:
        """Take the coverage of what is drawn next from a page."""
        if page in UNTEXTURED:
            gl.glDisable(gl.GL_TEXTURE_2D)
        else:
            gl.glEnable(gl.GL_TEXTURE_2D)
            gl.glBindTexture(gl.GL_TEXTURE_2D, self.textures[page])
        (gl.glDisable if page == OPAQUE else gl.glEnable)(gl.GL_BLEND)

    def grab(self, width: int, height: int) -> bytes:
        """Return the back buffer as rows of red, green, blue from the bottom up."""
        pixels = (gl.GLubyte * (3 * width * height))()
        gl.glPixelStorei(gl.GL_PACK_ALIGNMENT, 1)
        gl.glReadBuffer(gl.GL_BACK)
        gl.glReadPixels(0, 0, width, height, gl.GL_RGB, gl.GL_UNSIGNED_BYTE, pixels)
        gl.glPixelStorei(gl.GL_PACK_ALIGNMENT, 4)
        return bytes(pixels)


def _formats(page: Page) -> tuple[int, int]:
    """Return how a page is stored on the card and how it is handed over."""
    return (gl.GL_RGBA8, gl.GL_RGBA) if page.pixels.ndim == 3 else (gl.GL_ALPHA8, gl.GL_ALPHA)


def clear(colour: str) -> None:
    """Fill what is drawn into with a colour."""
    red, green, blue = (part / 255 for part in palette.channels(colour))
    gl.glClearColor(red, green, blue, 1.0)
    gl.glClear(gl.GL_COLOR_BUFFER_BIT)


def point_to(canvas: Canvas) -> None:
    """Let the driver take corners from a canvas, which must not change until all is drawn."""
    places, _ = canvas.places.buffer_info()
    colours, _ = canvas.colours.buffer_info()
    gl.glDisable(gl.GL_DEPTH_TEST)
    gl.glTexEnvi(gl.GL_TEXTURE_ENV, gl.GL_TEXTURE_ENV_MODE, gl.GL_MODULATE)
    gl.glBlendFunc(gl.GL_SRC_ALPHA, gl.GL_ONE_MINUS_SRC_ALPHA)
    gl.glEnableClientState(gl.GL_VERTEX_ARRAY)
    gl.glEnableClientState(gl.GL_TEXTURE_COORD_ARRAY)
    gl.glEnableClientState(gl.GL_COLOR_ARRAY)
    gl.glVertexPointer(2, gl.GL_FLOAT, BYTES_PER_PLACE, ctypes.c_void_p(places))
    gl.glTexCoordPointer(2, gl.GL_FLOAT, BYTES_PER_PLACE, ctypes.c_void_p(places + 8))
    gl.glColorPointer(4, gl.GL_UNSIGNED_BYTE, 0, ctypes.c_void_p(colours))


@contextmanager
def pixel_space(width: int, height: int, *, upside_down: bool = False) -> Iterator[None]:
    """Make one unit one pixel, counted from the top left corner; put all state back afterwards.

    Where that is asked for, the top row is the first in memory, as windows of a program that draws have it.
    """
    gl.glPushAttrib(SAVED)
    gl.glPushClientAttrib(gl.GL_CLIENT_VERTEX_ARRAY_BIT)
    gl.glUseProgram(0)
    gl.glDisable(gl.GL_SCISSOR_TEST)
    gl.glViewport(0, 0, width, height)
    gl.glMatrixMode(gl.GL_PROJECTION)
    gl.glPushMatrix()
    gl.glLoadIdentity()
    gl.glOrtho(0, width, *((0, height) if upside_down else (height, 0)), -1, 1)
    gl.glMatrixMode(gl.GL_MODELVIEW)
    gl.glPushMatrix()
    gl.glLoadIdentity()
    try:
        yield
    finally:
        gl.glMatrixMode(gl.GL_MODELVIEW)
        gl.glPopMatrix()
        gl.glMatrixMode(gl.GL_PROJECTION)
        gl.glPopMatrix()
        gl.glPopClientAttrib()
        gl.glPopAttrib()
