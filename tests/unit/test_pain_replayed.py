"""A session with pain shown again: every page and court that was seen, at its moment, nothing driven."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

from experiment.exits import DONE
from experiment.scenes import Court, Form, Page, Scene
from tests.scripted import PERIOD_S, Sitting, click
from tests.unit.test_pain_stops import UI, sitting
from tests.unit.test_replaying import drawn, shown_again

FLIPS = ("shown", "item", "run", "release", "catch", "stimulus", "stimulus_over")


def goes_on(scene: Scene, flip: float) -> list[object] | None:
    """Take every stop back."""
    if isinstance(scene, Page) and scene.title == UI.stop_title:
        return [click(flip + 3, "button:cancel")]
    return None


@pytest.mark.parametrize("stops", [False, True])
@pytest.mark.parametrize("name", ["hurting", "tasks"])
def test_what_was_seen_around_pain_is_seen_again(name: str, stops: bool, tmp_path: Path) -> None:
    """At every flip that is on record, also where somebody stopped a stimulus and went on."""
    made: Sitting = sitting(tmp_path, name, every_frame=True)
    stopped: list[float] = []

    def before(scene: Scene, now: float) -> None:
        seen = made.shown[-5][1] if len(made.shown) > 5 else None
        on = isinstance(scene, Page) and scene.title == UI.pain_now and seen == scene
        if stops and on and not stopped:
            stopped.append(now)
            made.booth._unread.append(click(now, "stop"))

    made.before = before
    made.instead = goes_on  # type: ignore[assignment]
    assert made.run() == "completed"
    assert bool(stopped) == stops
    replayed = shown_again(made.recorded, made.resolved)
    assert (replayed.code, replayed.complaints) == (DONE, [])
    again: dict[float, list[Scene]] = {}
    for moment, scene in replayed.seen:
        again.setdefault(moment, []).append(drawn(scene))
    flips = {event["t"] for event in made.events(*FLIPS)}
    then = [(flip, drawn(scene)) for flip, scene in made.shown if flip in flips]
    missing = [(flip, scene) for flip, scene in then if scene not in again.get(flip, [])]
    assert len(then) > 30
    assert not missing
    moments = [moment for moment, _ in replayed.seen]
    assert all(a <= b for a, b in pairwise(moments))
    assert max(b - a for a, b in pairwise(moments)) < 3 * PERIOD_S
    kinds = {type(scene) for _, scene in replayed.seen}
    assert {Court, Form, Page} <= kinds
