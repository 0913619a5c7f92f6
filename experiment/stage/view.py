"""What a scene is drawn with beside its own content: the screen's size, the pointer and held keys."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from experiment.stage.places import ui_scale

Rect = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class View:
    """Framebuffer size (px), target under the pointer, whether the button is down there, and held keys."""

    width: int
    height: int
    hover: str = ""
    held: frozenset[str] = frozenset()

    @property
    def scale(self) -> float:
        """Size of type and buttons relative to 1280x720."""
        return ui_scale(self.width, self.height)

    def px(self, length: float) -> int:
        """Return a length or type size, given at 1280x720, in whole pixels of this screen."""
        return max(1, round(length * self.scale))


@dataclass(frozen=True, slots=True)
class Target:
    """A place that can be clicked: ``rect`` is left, top, width, height (px)."""

    name: str
    rect: Rect
    line: tuple[float, float] | None = None
    """Left and right end of the line (px) where the target is one."""

    def hit(self, x: float, y: float) -> bool:
        """Return whether a place lies on the target."""
        left, top, width, height = self.rect
        return left <= x < left + width and top <= y < top + height

    def fraction(self, x: float) -> float | None:
        """Return how far along the line (0-1) a place is, None where the target is no line."""
        if self.line is None:
            return None
        left, right = self.line
        return max(0.0, min(1.0, (x - left) / (right - left)))


def find(targets: Sequence[Target], x: float, y: float) -> Target | None:
    """Return the target at a place, the uppermost where two share it."""
    return next((target for target in reversed(targets) if target.hit(x, y)), None)
