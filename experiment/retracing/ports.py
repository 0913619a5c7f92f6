"""Screen, keys, clock and interruptions that give back what the record has."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from experiment.booth import Frames, Interruptions, Press
from experiment.guarding import CALM
from experiment.journal import Event
from experiment.retracing.script import Difference, Script, fail_again
from experiment.scenes import Scene

FLIPS = frozenset(
    {"shown", "item", "run", "release", "catch", "line", "offer", "stimulus", "stimulus_over", "cap"}
)
"""Events whose time is a flip that showed something new."""

BROKEN_OFF = frozenset({"window_closed", "interrupted", "terminated"})


@dataclass(slots=True)
class RetracedScreen:
    """Gives each frame the time at which it was seen; frames in which nothing happened are passed over."""

    script: Script
    frame_s: float
    flip: float = 0.0
    _aim: float = 0.0
    _stuck: tuple[int, int] = (-1, 0)

    @property
    def period_s(self) -> float:
        """Return the duration of a frame as it was (s)."""
        return self.frame_s

    def next_flip(self) -> float:
        """Return what the coming frame was drawn for; a time without end where nothing more was shown."""
        event = self.script.due()
        fail_again(event)
        if event["event"] in FLIPS:
            return float(event.get("aim", event["t"]))
        return self._aim if _breaks_in(event) else math.inf

    def show(self, scene: Scene, *, idle_until: float | None = None) -> float:
        """Return when this frame was seen."""
        del idle_until
        event = self.script.due()
        fail_again(event)
        self._refuse_to_turn_in_circles(event, scene)
        if event["event"] in FLIPS:
            self._aim, self.flip = float(event.get("aim", event["t"])), float(event["t"])
        elif event["event"] == "press":
            self.flip = float(event["seen"])
        elif not _breaks_in(event):
            raise Difference(self.script.line, f"has '{event['event']}' while a {_called(scene)} is shown")
        return self.flip

    def _refuse_to_turn_in_circles(self, event: Event, scene: Scene) -> None:
        """Notice that a frame has not led to what the record has."""
        place, times = self._stuck
        self._stuck = (self.script.place, times + 1 if place == self.script.place else 1)
        if self._stuck[1] > 2:
            raise Difference(
                self.script.line, f"has '{event['event']}', which a {_called(scene)} does not lead to"
            )

    def prepare(self, scenes: Sequence[Scene]) -> None:
        """Have nothing to draw."""

    def account(self) -> Frames | None:
        """Return the frames as they were counted for the event that is due."""
        event = self.script.due()
        if event.get("frames") is None:
            return None
        late = tuple((flip, interval) for flip, interval in event["frames_late"])
        return Frames(event["frames"], late, event["frame_longest"])

    def describe(self) -> Mapping[str, object]:
        """Say what this is."""
        return {"pacing": "retraced"}

    def close(self) -> None:
        """Have nothing to close."""


def _called(scene: Scene) -> str:
    return type(scene).__name__.lower()


def _breaks_in(event: Event) -> bool:
    """Return whether an event can happen while something is shown and shows nothing new itself."""
    return event["event"] == "press" or _is_pause(event)


def _is_pause(event: Event) -> bool:
    return event["event"] == "aside" and bool(event["kind"] == "pause")


@dataclass(slots=True)
class RetracedKeys:
    """Gives each press back in the frame in which it was looked at."""

    script: Script
    screen: RetracedScreen

    def presses(self, scene: Scene, flip: float) -> Sequence[Press]:
        """Return the presses that were looked at after this flip."""
        del scene
        found = []
        for event in self.script.events[self.script.place :]:
            if event["event"] != "press" or event["seen"] != flip:
                break
            found.append(
                Press(
                    event["t"], event["source"], event["key"] or "", event["target"] or "",
                    uncertainty_s=event["uncertainty"], stray=event["use"] == "unfocused",
                )
            )  # fmt: skip
        return found

    def held(self, key: str) -> float | None:
        """Return that escape has been held where the record has the experimenter's pause."""
        event = self.script.next
        return -math.inf if key == "escape" and event is not None and _is_pause(event) else None

    def discard(self) -> None:
        """Have nothing to forget: what was forgotten is not in the record."""

    def describe(self) -> Mapping[str, object]:
        """Say what this is."""
        return {"backend": "retraced"}


@dataclass(slots=True)
class RetracedClock:
    """Gives the times that stand in the event that is due."""

    script: Script

    def now(self) -> float:
        """Return the time of the event that is due, or when what it tells of was over."""
        event = self.script.due()
        at = event.get("over", event["t"])
        if at is None:
            raise Difference(self.script.line, f"'{event['event']}' has no time")
        return float(at)

    def pair(self) -> tuple[float, float]:
        """Return both clocks as they were read."""
        event = self.script.due()
        if "clocks" not in event:
            raise Difference(self.script.line, f"'{event['event']}' does not tell both clocks")
        first, second = event["clocks"]
        return first, second


class RetracedInterruptions(Interruptions):
    """Asks the session to end where the record has that it was asked to."""

    def __init__(self, script: Script) -> None:
        self._script = script

    @property
    def reason(self) -> str:  # type: ignore[override]
        """Return why the session ends here, or nothing."""
        event = self._script.next
        if event is None:
            return ""
        if event["event"] == "interrupted":
            return str(event["reason"])
        if event["event"] == "stimulus_end":  # that was on when the session was broken off
            return event["broken_off"] if event["broken_off"] in BROKEN_OFF else ""
        end = next((e["outcome"] for e in self._script.events if e["event"] == "end"), "")
        if event["event"] == "fault":  # in the page on which it was broken off, if it was
            return end if end in BROKEN_OFF else ""
        if event["event"] != "shown" or event["page"] != CALM:
            return ""
        return end if end in BROKEN_OFF else "terminated"

    def raise_flag(self, reason: str) -> None:
        """Have nothing to remember."""
