"""Handing over to the display only what changed in a picture, where the display system can do that.

A flip hands over the whole back buffer, and what that holds afterwards is not defined. A copy of a part of
it to the display (``GLX_MESA_copy_sub_buffer``) costs less, and leaves the back buffer as it was.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from experiment.stage.damage import Box

EXTENSION = "GLX_MESA_copy_sub_buffer"


@dataclass(slots=True, weakref_slot=True)
class Handover:
    """Takes the place of a window's own flip, which it still does for whoever else draws and flips.

    Attributes
    ----------
    copy
        Copies a rectangle of the back buffer to the display.
    swap
        The window's own flip.
    holds
        Whether the back buffer holds the last picture.
    """

    copy: Callable[[Box], object]
    swap: Callable[[], object]
    holds: bool = False
    _due: list[Box] = field(default_factory=list)
    _ours: bool = False
    _spoilt: bool = False

    def take(self, boxes: Iterable[Box]) -> None:
        """Note that these rectangles of the back buffer, which now holds the picture, are to be shown."""
        self._due.extend(boxes)
        self._ours = self.holds = True

    def flip(self) -> None:
        """Show what is due, or all of the back buffer where that is not known or the display lost it."""
        if self._ours and not self._spoilt:
            for box in self._due:
                self.copy(box)
        else:
            self.swap()
            self.holds = False
        self._due.clear()
        self._ours = self._spoilt = False

    def on_expose(self) -> None:
        """Note that the display has lost what the window showed."""
        self._spoilt = True


def hand_over_parts(handle: Any, height: int) -> Handover | None:
    """Return what flips a window of pyglet from now on; None where its display system copies no parts."""
    if not sys.platform.startswith("linux"):
        return None
    from pyglet.gl import glx_info, glxext_arb  # noqa: PLC0415 - wants a display

    if not glx_info.have_extension(EXTENSION):
        return None
    context = handle.context

    def copy(box: Box) -> None:
        x, y, wide, tall = box
        glxext_arb.glXCopySubBufferMESA(
            context.x_display, context.glx_window, x, height - y - tall, wide, tall
        )

    handover = Handover(copy, handle.flip)
    handle.flip = handover.flip
    handle.push_handlers(handover)
    return handover
