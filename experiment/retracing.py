"""A recorded session gone through again: the same session code, with the journal in place of the world.

Screen, keys and clock give back the times and presses that the journal has; what the session then writes is
compared with what it wrote. Definitions, seed and inputs make everything else, so that one changed character
of a schedule shows. `experiment.verifying` looks for such differences, `experiment.replaying` shows the
session again.

Answers are inputs: which presses led to a mark on a line is not recomputed, but which item was asked when, in
what order, that its answer can be one, and every time that follows from it.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

from experiment import definitions
from experiment.allocation import Allocated
from experiment.answering import Answering, Command
from experiment.booth import Booth, Frames, Interrupted, Interruptions, Press, Watched
from experiment.definitions.measure import Choice, Item, Likert, Number, Text, Vas
from experiment.guarding import CALM
from experiment.journal import Event, Journal, Recorded, tidied
from experiment.past import Past
from experiment.pressing import note_press
from experiment.questionnaire import Questionnaire
from experiment.scenes import Form, Scene, Value
from experiment.session import Session

FLIPS = frozenset({"shown", "item", "run", "release", "catch", "line", "offer"})
"""Events whose time is a flip that showed something new."""

BROKEN_OFF = frozenset({"window_closed", "interrupted", "terminated"})

NOT_RECOMPUTED = frozenset({"n", "hash"})
"""Keys of a line that the journal itself makes; the chain of hashes vouches for them."""


class Difference(BaseException):
    """What was recomputed is not what was recorded: in which line, and how.

    No `Exception`, which the session would take for a fault of its own and write down.
    """

    def __init__(self, line: int, problem: str) -> None:
        super().__init__(f"line {line}: {problem}")
        self.line = line
        self.problem = problem


class RecordEnds(BaseException):
    """The record ends here, as a kill leaves it: no error, so that the session lets it pass."""


class RecordedFault(Exception):
    """A fault that the journal tells of happens again, so that what followed it does too."""


@dataclass(slots=True)
class Script:
    """The events of one segment, and how far the session has come through them again."""

    events: Sequence[Event]
    place: int = 0
    last_line: int = 0

    @property
    def next(self) -> Event | None:
        """Return the event that is to be written next, or None at the end."""
        return self.events[self.place] if self.place < len(self.events) else None

    def due(self) -> Event:
        """Return the event that is to be written next; what ended the record ends the session here too."""
        event = self.next
        if event is None:
            raise RecordEnds
        if event["event"] == "fault":
            raise RecordedFault(event["message"])
        return event

    @property
    def line(self) -> int:
        """Return the number of the line that is due."""
        event = self.next
        return self.last_line + 1 if event is None else int(event["n"])


def _unheard(_event: Event) -> None:
    """Let nobody hear of an event."""


class RetracedJournal(Journal):
    """Compares what is written with what was; `passed` is told of each event that is the same."""

    def __init__(self, path: Path, script: Script, passed: Callable[[Event], None] = _unheard) -> None:
        self.path = path
        self._script = script
        self._passed = passed

    def write(self, event: str, t: float | None = None, **data: object) -> None:
        """Compare an event with the one that is due, and go on to the next.

        Raises
        ------
        Difference
            When they are not the same.
        """
        script = self._script
        recorded = script.next if event == "fault" else script.due()
        if recorded is None:
            raise RecordEnds
        self._compare(recorded, {"event": event, "t": t, **data})
        script.place += 1
        script.last_line = int(recorded["n"])
        self._passed(recorded)

    def _compare(self, recorded: Event, written: Mapping[str, object]) -> None:
        line, kind = int(recorded["n"]), written["event"]
        if recorded["event"] != kind == "fault":
            why = f"{written['kind']}: {written['message']}"
            raise Difference(line, f"has '{recorded['event']}' where going through it again fails ({why})")
        if recorded["event"] != kind:
            raise Difference(line, f"has '{recorded['event']}' where '{kind}' is recomputed")
        if kind == "fault":
            return
        again: dict[str, Any] = json.loads(json.dumps({key: tidied(value) for key, value in written.items()}))
        for key in [*again, *(key for key in recorded if key not in NOT_RECOMPUTED)]:
            if key not in recorded or key not in again:
                where = "the record" if key in again else "what is recomputed"
                raise Difference(line, f"{kind}: '{key}' is missing from {where}")
            if again[key] != recorded[key]:
                raise Difference(line, f"{kind}: {key} is {recorded[key]!r}, recomputed {again[key]!r}")

    def sync(self) -> None:
        """Have nothing to wait for."""

    @property
    def count(self) -> int:
        """Return how many events were compared."""
        return self._script.place

    @property
    def problem(self) -> str:
        """Return nothing: nothing is written."""
        return ""

    def close(self, wait_copy_s: float = 0.0) -> None:
        """Have nothing to close."""


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
        if event["event"] in FLIPS:
            return float(event.get("aim", event["t"]))
        return self._aim if _breaks_in(event) else math.inf

    def show(self, scene: Scene, *, idle_until: float | None = None) -> float:
        """Return when this frame was seen."""
        del idle_until
        event = self.script.due()
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
        end = next((e["outcome"] for e in self._script.events if e["event"] == "end"), "")
        if event["event"] == "fault":  # in the page on which it was broken off, if it was
            return end if end in BROKEN_OFF else ""
        if event["event"] != "shown" or event["page"] != CALM:
            return ""
        return end if end in BROKEN_OFF else "terminated"

    def raise_flag(self, reason: str) -> None:
        """Have nothing to remember."""


UNTOLD = "…"
"""Stands for a free text, which is private."""


@dataclass(slots=True)
class AnsweredForm(Questionnaire):
    """A form whose answers are known: asks as the questionnaire does, and takes what was answered."""

    script: Script = field(default_factory=lambda: Script(()))

    def _one(
        self, items: list[Item], index: int, given: Mapping[str, Value | None]
    ) -> tuple[Command, Value | None]:
        """Show one item with the presses that it met, and write the answer that was given."""
        item, before = items[index], given.get(items[index].id)
        answering = Answering(
            self._scale(item), value=before, required=item.required, confirm=self._confirm(item)
        )
        answering.begin(self.texts.ui, back=self.measure.back and index > 0)

        def decide(press: Press, _onset: float) -> Command | None:
            recorded = self.script.due()
            note_press(self.journal, press, recorded["use"])
            self.follow(answering, press, recorded["use"])
            return self._way_on(index) if self.lasts_s is None else None

        def scene(_aim: float, _onset: float | None) -> Form:
            return self._form(items, index, answering)

        watched: Watched[Command] = self.booth.watch(
            scene, decide, lasts_s=self.lasts_s, shown=self.note_shown(item, index)
        )
        if watched.taken == "back":
            return "back", None
        recorded = self.script.due()
        if recorded["event"] != "answer" or recorded["item"] != item.id:
            return "next", before
        self._take(recorded, item, answering)
        self._write(item, index, answering, watched)
        reason = self.booth.interruptions.reason
        if reason:  # while the answer was seen to be marked
            raise Interrupted(reason)
        return "next", answering.value

    def follow(self, answering: Answering, press: Press, use: str) -> None:
        """Let what is seen of an answer follow a press; where nobody looks, nothing does."""

    def _way_on(self, index: int) -> Command | None:
        """Return where a press has led, told from what the record has next."""
        event = self.script.next
        if event is None or event["event"] not in ("answer", "item", "step_end"):
            return None
        return "back" if event["event"] == "item" and event["order"] == index else "next"

    def _take(self, recorded: Event, item: Item, answering: Answering) -> None:
        """Give the answer that is on record, if it can be one."""
        value = recorded["value"]
        if value is not None and not _allowed(value, item, self.measure):
            raise Difference(self.script.line, f"answer: {value!r} is no answer to '{item.id}'")
        answering.value = UNTOLD if recorded["text_ref"] else value
        answering.first_press = None
        if recorded["response_time"] is not None:
            answering.first_press = Press(
                recorded["t"], recorded["response_source"], uncertainty_s=recorded["uncertainty"]
            )
        self.keep_text = lambda _text: str(recorded["text_ref"])


def _allowed(value: Value, item: Item, measure: definitions.Measure) -> bool:
    """Return whether a value is an answer to an item."""
    match measure.scale_of(item):
        case Likert(low=low, high=high) | Number(low=low, high=high):
            return isinstance(value, int) and low <= value <= high
        case Vas():
            return isinstance(value, int | float) and 0 <= value <= 100
        case Choice(options=options):
            return value in options
        case Text():
            return False


def segments(recorded: Recorded) -> Iterator[tuple[Event, Recorded, Script]]:
    """Yield the line with which each segment begins, what came before it, and its events."""
    starts = [i for i, event in enumerate(recorded.events) if event["event"] == "segment"]
    stops = [*starts, len(recorded.events)][1:]  # none where it broke off after its first line
    for start, stop in zip(starts, stops, strict=True):
        before = replace(recorded, events=recorded.events[:start])
        yield (
            recorded.events[start], before,
            Script(recorded.events[start + 1 : stop], last_line=recorded.events[start]["n"]),
        )  # fmt: skip


def drawn_again(
    recorded: Recorded, before: Recorded, script: Script, resolved: definitions.Resolved, stratum: str
) -> Allocated:
    """Return the cell that is on record: chance outside the session drew it."""
    event = script.due()
    if event["event"] != "cell":
        raise Difference(script.line, f"has '{event['event']}' where the cell is drawn")
    named = {cell.name: cell for cell in resolved.protocol.design.cells()}
    if event["cell"] not in named:
        raise Difference(script.line, f"cell: '{event['cell']}' is no cell of the design")
    first = before.last("cell") is None and int(recorded.header["session"]) == 1
    return Allocated(
        named[event["cell"]], event["slot"], event["block"], stratum if first else event["stratum"]
    )


def _keep_nothing(_text: str) -> str:
    raise AssertionError("a form that was answered keeps no text")


def retraced(
    recorded: Recorded,
    resolved: definitions.Resolved,
    before: Recorded,
    script: Script,
    booth: Booth,
    *,
    form: Callable[..., AnsweredForm] = AnsweredForm,
    passed: Callable[[Event], None] = _unheard,
) -> Session:
    """Return the session of one segment, ready to be gone through again in a booth.

    `form` makes what asks a measure; `passed` is told of each event as it is gone through.
    """
    return Session(
        booth,
        RetracedJournal(recorded.path, script, passed),
        resolved,
        int(recorded.header["seed"]),
        partial(drawn_again, recorded, before, script, resolved),
        _keep_nothing,
        lambda _message: None,
        Past.of(before) if any(before.all("segment")) else Past(),
        form=partial(form, script=script),
    )


def retrace(recorded: Recorded, resolved: definitions.Resolved) -> None:
    """Go through a recorded session again.

    Raises
    ------
    Difference
        At the first thing that is not as it was.
    """
    for start, before, script in segments(recorded):
        screen = RetracedScreen(script, float(start["screen"]["period_s"]))
        booth = Booth(
            screen, RetracedKeys(script, screen), RetracedClock(script), RetracedInterruptions(script)
        )
        run_again(retraced(recorded, resolved, before, script, booth), script)


def run_again(session: Session, script: Script) -> None:
    """Run a session through its script.

    Raises
    ------
    Difference
        When it does not come out as it did.
    """
    try:
        session.run()
    except RecordEnds:
        return
    if script.next is not None:
        raise Difference(script.line, f"has '{script.next['event']}' after the session's end")
