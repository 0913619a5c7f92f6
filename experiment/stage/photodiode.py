"""A patch in a corner of the screen for a photodiode: it changes in the frame that shows an onset."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from experiment.scenes import Court, Form, Held, Joining, Page, Scene
from experiment.stage.view import Rect, Target, View

Corner = Literal["top-left", "top-right", "bottom-left", "bottom-right"]
CORNERS: tuple[Corner, ...] = get_args(Corner)
SIDE_PX = 40
"""Side of the patch at 1280x720."""

BLACK, WHITE = 0.0, 1.0


def onset(scene: Scene) -> tuple[object, ...]:
    """Return what a scene shows: the same while only time passes or an answer grows."""
    match scene:
        case Court(ball=ball):
            if isinstance(ball, Held):
                return "held", ball.player, ball.came_from
            return "flying", ball.thrower, ball.receiver
        case Form():
            return "form", scene.measure, scene.stage, scene.item, scene.position
        case Page():
            return "page", scene.title, scene.body, scene.buttons
        case Joining():
            return "joining", scene.title


@dataclass(slots=True)
class Patch:
    """The patch: black at first, then white and black by turns. Places are framebuffer pixels."""

    corner: Corner
    rect: Rect
    white: bool = False
    _shown: tuple[object, ...] | None = None

    @classmethod
    def at(cls, corner: Corner, view: View) -> Patch:
        """Return the patch for a corner of a screen."""
        side = view.px(SIDE_PX)
        left = 0 if corner.endswith("left") else view.width - side
        top = 0 if corner.startswith("top") else view.height - side
        return cls(corner, (left, top, side, side))

    def follow(self, scene: Scene) -> None:
        """Change with the onset that a scene shows, if it shows one."""
        now = onset(scene)
        if now != self._shown:
            self._shown, self.white = now, not self.white

    @property
    def grey(self) -> float:
        """Return how bright the patch is, 0 to 1."""
        return WHITE if self.white else BLACK

    def cover(self) -> Target:
        """Return what keeps clicks from reaching anything below the patch."""
        return Target("", self.rect)

    def describe(self) -> dict[str, object]:
        """Return corner and side for the record."""
        return {"corner": self.corner, "side_px": int(self.rect[2])}


def fill(rect: Rect, grey: float, height: int) -> None:
    """Fill a rectangle of the back buffer of the current window, `height` px high, with a grey."""
    from pyglet import gl  # noqa: PLC0415 - wants a display

    left, top, width, tall = (int(side) for side in rect)
    gl.glPushAttrib(gl.GL_SCISSOR_BIT | gl.GL_COLOR_BUFFER_BIT | gl.GL_ENABLE_BIT)
    gl.glEnable(gl.GL_SCISSOR_TEST)
    gl.glScissor(left, height - top - tall, width, tall)
    gl.glClearColor(grey, grey, grey, 1.0)
    gl.glClear(gl.GL_COLOR_BUFFER_BIT)
    gl.glPopAttrib()
