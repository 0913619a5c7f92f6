"""Any scene to a canvas: chooses who draws it, and keeps what does not change from frame to frame."""

from __future__ import annotations

from dataclasses import dataclass, field

from experiment.scenes import Court, Form, Joining, Page, Scene
from experiment.stage.atlas import Atlas
from experiment.stage.canvas import Canvas
from experiment.stage.court import CourtPicture
from experiment.stage.forms import draw_form
from experiment.stage.pages import draw_joining, draw_page
from experiment.stage.view import Target, View

PAGE_SIDE_PX = 2048
LARGE_PAGE_SIDE_PX = 4096
LARGE_SCREEN_PX = 2200


@dataclass(slots=True)
class Director:
    """Draws scenes for one size of screen."""

    width: int
    height: int
    atlas: Atlas = field(init=False)
    canvas: Canvas = field(init=False)
    _court: CourtPicture = field(init=False)
    _last: tuple[Scene, View] | None = None
    _targets: list[Target] = field(default_factory=list)

    def __post_init__(self) -> None:
        large = max(self.width, self.height) > LARGE_SCREEN_PX
        self.atlas = Atlas(LARGE_PAGE_SIDE_PX if large else PAGE_SIDE_PX)
        self.canvas = Canvas(self.atlas, self.width, self.height)
        self._court = CourtPicture(self.canvas)

    def compose(self, scene: Scene, view: View) -> list[Target]:
        """Fill the canvas with a scene; return what can be clicked, the uppermost last."""
        if self.atlas.tidy():
            self._last = None
            self._court.forget()
        if (scene, view) == self._last:
            return self._targets
        match scene:
            case Court():
                self._targets = self._court.draw(scene, view)
            case Page():
                self._targets = draw_page(self.canvas, scene, view)
            case Joining():
                self._targets = draw_joining(self.canvas, scene, view)
            case Form():
                self._targets = draw_form(self.canvas, scene, view)
        self._last = (scene, view)
        return self._targets
