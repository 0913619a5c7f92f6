"""What lights up under the pointer and under a key: only what was meant for the item now on the screen.

A pointer that rests where it clicked lies on an answer of the next item too, and a key may still be down.
Lit, that answer would look as if it were chosen beforehand. So light waits for the pointer to move, and for
keys to come up.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from experiment.scenes import PARTICIPANT, Court, Form, Held, Joining, Page, Scene
from experiment.stage.places import Point

MOVED_PX = 4.0
"""A hand that rests on the mouse moves it less than this."""


def subject(scene: Scene) -> tuple[object, ...]:
    """Return what a scene is about: the same while it is answered, another for each item, page and turn."""
    match scene:
        case Form():
            return "form", scene.measure, scene.stage, scene.item, scene.position
        case Page():
            return "page", scene.title, scene.body, scene.buttons
        case Joining():
            return "joining", scene.title
        case Court(ball=Held(player=player, since=since)) if player == PARTICIPANT:
            return "turn", since
        case Court():
            return ("game",)


@dataclass(slots=True)
class Hovering:
    """Whether the pointer has moved, and which keys went down, since what is on the screen came up."""

    subject: tuple[object, ...] | None = None
    moved: bool = False
    rested: Point | None = None
    old: frozenset[str] = frozenset()

    def follow(
        self, scene: Scene, pointer: Point | None, held: frozenset[str]
    ) -> tuple[bool, frozenset[str]]:
        """Take pointer (px) and keys that are down; return whether it lights, and which keys do."""
        about = subject(scene)
        if about != self.subject:
            self.subject, self.moved, self.rested, self.old = about, False, pointer, held
        self.old &= held
        if pointer is not None:
            self.rested = self.rested or pointer
            self.moved = self.moved or math.dist(pointer, self.rested) >= MOVED_PX
        return self.moved and pointer is not None, held - self.old
