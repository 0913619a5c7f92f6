"""Canvas to graphics card: pages become textures, quads become draw calls.

PsychoPy runs pyglet's compatibility context, so the fixed pipeline with client arrays serves on every
system. All state is put back, so that PsychoPy's own stimuli still draw beside it.
"""

from __future__ import annotations

import ctypes
from dataclasses import dataclass, field

import numpy as np
from pyglet import gl

from experiment.stage import palette
from experiment.stage.atlas import Atlas, Page
from experiment.stage.canvas import MESH, OPAQUE, PLAIN, Canvas

BYTES_PER_PLACE = 16
BYTES_PER_NUMBER = 4
UNTEXTURED = (PLAIN, OPAQUE, MESH)
SAVED = (
    gl.GL_ENABLE_BIT | gl.GL_COLOR_BUFFER_BIT | gl.GL_TEXTURE_BIT | gl.GL_CURRENT_BIT | gl.GL_TRANSFORM_BIT
    | gl.GL_VIEWPORT_BIT | gl.GL_SCISSOR_BIT
)  # fmt: skip


@dataclass(slots=True)
class Painter:
    """Draws canvases into the window that is current."""

    atlas: Atlas
    _textures: list[int] = field(default_factory=list)

    def upload(self) -> None:
        """Bring the textures up to date with the atlas."""
        gl.glPushAttrib(gl.GL_TEXTURE_BIT)
        for number, page in enumerate(self.atlas.pages):
            if number == len(self._textures):
                self._textures.append(self._texture(page))
            if page.dirty is not None:
                self._send(self._textures[number], page)
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
        """Clear the back buffer to the canvas's ground and draw its quads."""
        self.upload()
        gl.glPushAttrib(SAVED)
        gl.glPushClientAttrib(gl.GL_CLIENT_VERTEX_ARRAY_BIT)
        _pixel_space(canvas.width, canvas.height)
        red, green, blue = (part / 255 for part in palette.channels(canvas.clear))
        gl.glClearColor(red, green, blue, 1.0)
        gl.glClear(gl.GL_COLOR_BUFFER_BIT)
        if canvas.vertices:
            self._quads(canvas)
        _restore_space()
        gl.glPopClientAttrib()
        gl.glPopAttrib()

    def _quads(self, canvas: Canvas) -> None:
        places, _ = canvas.places.buffer_info()
        colours, _ = canvas.colours.buffer_info()
        gl.glDisable(gl.GL_DEPTH_TEST)
        gl.glTexEnvi(gl.GL_TEXTURE_ENV, gl.GL_TEXTURE_ENV_MODE, gl.GL_MODULATE)
        gl.glEnable(gl.GL_BLEND)
        gl.glBlendFunc(gl.GL_SRC_ALPHA, gl.GL_ONE_MINUS_SRC_ALPHA)
        gl.glEnableClientState(gl.GL_VERTEX_ARRAY)
        gl.glEnableClientState(gl.GL_TEXTURE_COORD_ARRAY)
        gl.glEnableClientState(gl.GL_COLOR_ARRAY)
        gl.glVertexPointer(2, gl.GL_FLOAT, BYTES_PER_PLACE, ctypes.c_void_p(places))
        gl.glTexCoordPointer(2, gl.GL_FLOAT, BYTES_PER_PLACE, ctypes.c_void_p(places + 8))
        gl.glColorPointer(4, gl.GL_UNSIGNED_BYTE, 0, ctypes.c_void_p(colours))
        listed, _ = canvas.corners.buffer_info()
        ends = [
            *((start, entry) for _, start, entry in canvas.runs[1:]),
            (canvas.vertices, len(canvas.corners)),
        ]
        for (page, start, entry), (end, last) in zip(canvas.runs, ends, strict=True):
            if page in UNTEXTURED:
                gl.glDisable(gl.GL_TEXTURE_2D)
            else:
                gl.glEnable(gl.GL_TEXTURE_2D)
                gl.glBindTexture(gl.GL_TEXTURE_2D, self._textures[page])
            if page == MESH:
                corners = ctypes.c_void_p(listed + BYTES_PER_NUMBER * entry)
                gl.glDrawElements(gl.GL_TRIANGLES, last - entry, gl.GL_UNSIGNED_INT, corners)
                continue
            if page == OPAQUE:
                gl.glDisable(gl.GL_BLEND)
            gl.glDrawArrays(gl.GL_QUADS, start, end - start)
            if page == OPAQUE:
                gl.glEnable(gl.GL_BLEND)

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


def _pixel_space(width: int, height: int) -> None:
    """Make one unit one framebuffer pixel, counted from the top left corner."""
    gl.glUseProgram(0)
    gl.glDisable(gl.GL_SCISSOR_TEST)
    gl.glViewport(0, 0, width, height)
    gl.glMatrixMode(gl.GL_PROJECTION)
    gl.glPushMatrix()
    gl.glLoadIdentity()
    gl.glOrtho(0, width, height, 0, -1, 1)
    gl.glMatrixMode(gl.GL_MODELVIEW)
    gl.glPushMatrix()
    gl.glLoadIdentity()


def _restore_space() -> None:
    gl.glMatrixMode(gl.GL_MODELVIEW)
    gl.glPopMatrix()
    gl.glMatrixMode(gl.GL_PROJECTION)
    gl.glPopMatrix()
