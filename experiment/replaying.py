"""A recorded session shown again: its own code draws it, at the times that its journal has.

Going through a session again (`experiment.retracing`) passes over frames in which nothing happened. Here they
are filled in: what is on the screen is asked for its scene at each moment between two events.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TypeVar

from experiment import definitions
from experiment.answering import Answering, Command
from experiment.booth import Booth, Press, Watched
from experiment.definitions.measure import Item
from experiment.exits import DONE, FAILED, STOPPED
from experiment.journal import Event, Recorded
from experiment.playback import Playback, ReplayEnded
from experiment.retracing import (
    FLIPS,
    UNTOLD,
    AnsweredForm,
    Difference,
    RetracedClock,
    RetracedInterruptions,
    RetracedKeys,
    RetracedScreen,
    Script,
    retraced,
    run_again,
    segments,
)
from experiment.scenes import ChoiceScale, Form, LikertScale, LineScale, NumberScale, Scene, TextScale, Value
from experiment.study import StudyError

T = TypeVar("T")


@dataclass(slots=True)
class OnScreen:
    """What the session shows for a while; its clock stands still in pauses, `paused_s` so far."""

    scene_at: Callable[[float, float | None], Scene]
    onset: float | None = None
    paused_s: float = 0.0

    def at(self, time_s: float) -> Scene:
        """Return its scene at a time (s, session clock)."""
        return self.scene_at(time_s - self.paused_s, self.onset)


@dataclass(slots=True, kw_only=True)
class ReplayedScreen(RetracedScreen):
    """Shows each frame of the record at its time, and what was to be seen between them.

    `watched` is what the session is waiting on now, `on_screen` what is to be seen: they differ until the
    first frame of something new, and where the session shows single frames of its own.
    """

    playback: Playback
    watched: OnScreen | None = None
    on_screen: OnScreen | None = None

    def next_flip(self) -> float:
        """Show what was to be seen up to the next event, and return what the coming frame was drawn for."""
        event = self.script.due()
        coming = self._coming()
        if coming is not None and self.on_screen is not None:
            drawn_for, seen = coming
            on_screen = self.on_screen
            # A frame that came late left the one before it on the screen as it was.
            self.playback.between(lambda time_s: on_screen.at(min(time_s, drawn_for)), seen)
            if event["event"] == "press" and event["seen"] == seen:
                self.playback.frame(on_screen.at(seen), seen)
        return RetracedScreen.next_flip(self)

    def _coming(self) -> tuple[float, float] | None:
        """Return for what time, and when, something is next known to have happened."""
        for event in self.script.events[self.script.place :]:
            if event["event"] in FLIPS:
                return event.get("aim", event["t"]), event["t"]
            if event["event"] == "press":
                return event["seen"], event["seen"]
            at = event.get("over", event["t"])
            if at is not None and at > self.playback.position_s:
                return at, at
        return None

    def show(self, scene: Scene, *, idle_until: float | None = None) -> float:
        """Show a frame of the record, and return when it was seen."""
        event = self.script.due()
        flip = RetracedScreen.show(self, scene, idle_until=idle_until)
        if event["event"] in FLIPS:
            self.on_screen = self.watched or OnScreen(lambda _time_s, _onset: scene)
            self.playback.coming(event)
            self.playback.frame(scene, flip)
        return flip


@dataclass(slots=True, kw_only=True)
class ReplayBooth(Booth):
    """Remembers for the screen what is being watched."""

    screen: ReplayedScreen

    def watch(
        self,
        scene_at: Callable[[float, float | None], Scene],
        decide: Callable[[Press, float], T | None],
        lasts_s: float | None = None,
        onset: float | None = None,
        *,
        changes: Callable[[float], float | None] = lambda _at: None,
        shown: Callable[[float, float], None] = lambda _flip, _aim: None,
        over: Callable[[], bool] = lambda: False,
    ) -> Watched[T]:
        """Show what was shown until a press was taken or the time was over."""
        screen, outer, own = self.screen, self.screen.watched, OnScreen(scene_at, onset)

        def seen(flip: float, aim: float) -> None:
            own.onset = flip if own.onset is None else own.onset
            shown(flip, aim)

        screen.watched = own
        if onset is not None:
            screen.on_screen = own
        try:
            return Booth.watch(self, scene_at, decide, lasts_s, onset, changes=changes, shown=seen, over=over)
        finally:
            screen.watched = outer

    def _aside(self, handle: Callable[[], float]) -> float:
        """Come back to what was broken into, and leave the time spent out of its clock."""
        spent_s = Booth._aside(self, handle)
        own = self.screen.watched
        if own is not None:
            own.paused_s += spent_s
            self.screen.on_screen = own
        return spent_s


@dataclass(slots=True)
class ReplayedForm(AnsweredForm):
    """A form on which answers appear when they were given.

    Steps and options follow the presses. How a mark on a line or typed characters came about is not on
    record: a mark is shown where it was left, a number as it was in the end, a text as an ellipsis.
    """

    position_s: Callable[[], float] = float
    _ahead: dict[str, Event] = field(default_factory=dict)

    def _one(
        self, items: list[Item], index: int, given: Mapping[str, Value | None]
    ) -> tuple[Command, Value | None]:
        """Look up the answer that the item is going to get, and ask it."""
        self._ahead.pop(items[index].id, None)
        answer = self._answer_to(items[index], index)
        if answer is not None:
            self._ahead[items[index].id] = answer
        return AnsweredForm._one(self, items, index, given)

    def _answer_to(self, item: Item, index: int) -> Event | None:
        """Return the answer that comes before anything else is asked or done."""
        for event in self.script.events[self.script.place :]:
            if event["event"] == "answer" and event["item"] == item.id:
                return event
            if event["event"] == "step_end" or (event["event"] == "item" and event["order"] != index + 1):
                break
        return None

    def follow(self, answering: Answering, press: Press, use: str) -> None:
        """Mark a step or an option with the press that did; say what is missing where it did not lead on."""
        coming = self.script.next
        leads_on = coming is not None and coming["event"] in ("answer", "item", "step_end")
        pressed = isinstance(answering.scale, LikertScale | ChoiceScale)
        way_on = press.target == "button:next" or press.key == "return"
        if use == "answer" and (pressed or (way_on and not leads_on)):
            answering.take(press)

    def _form(self, items: list[Item], index: int, answering: Answering) -> Form:
        """Return an item as it is seen now; what a press has changed is seen in the frame after."""
        answer = self._ahead.get(items[index].id)
        given = answer is not None and answer["response_time"] is not None
        if answer is not None and given and self.position_s() >= answer["t"] + self.booth.screen.period_s:
            answering = _marked(answering, answer)
        return AnsweredForm._form(self, items, index, answering)


def _marked(answering: Answering, answer: Event) -> Answering:
    """Return the state of an item with its answer, where that does not follow from presses."""
    match answering.scale:
        case LikertScale() | ChoiceScale():
            return answering
        case LineScale():
            return replace(answering, value=answer["value"], message="")
        case TextScale():
            return replace(answering, typed=UNTOLD if answer["text_ref"] else "", message="")
        case NumberScale():
            typed = "" if answer["value"] is None else str(answer["value"])
            return replace(answering, typed=typed, message="")


def replay(
    recorded: Recorded,
    resolved: definitions.Resolved,
    playback: Playback,
    complain: Callable[[str], None],
) -> int:
    """Show a session again, segment by segment, and return an exit code.

    Parameters
    ----------
    recorded, resolved
        The journal, and the definitions that its dataset keeps.
    playback
        Where and how it is shown.
    complain
        Is told in one line what differs when the session is gone through again.
    """
    problem = "" if recorded.torn else recorded.problem
    try:
        for number, (start, before, script) in enumerate(segments(recorded)):
            if number > 0:
                playback.tell(_between_segments(before, start))
            _segment(recorded, resolved, playback, (start, before, script))
    except ReplayEnded:
        return STOPPED
    except Difference as found:
        problem = str(found)
    if problem:
        complain(
            f"{recorded.path.name}: shown up to where going through it again differs: {problem}; "
            f"see 'spot verify {recorded.path}'"
        )
        return FAILED
    end = recorded.events[-1]
    if end["event"] == "end":
        playback.tell(f"the record ends here: {end['outcome'].replace('_', ' ')}")
    else:
        playback.tell("the record was cut off here")
    return DONE


def _between_segments(before: Recorded, start: Event) -> str:
    """Say how a segment ended and when the next began."""
    end = before.events[-1]
    how = f"ended here ({end['outcome'].replace('_', ' ')})" if end["event"] == "end" else "was cut off here"
    return f"the record {how}; resumed {start['wall'] or 'later'}"


def _segment(
    recorded: Recorded,
    resolved: definitions.Resolved,
    playback: Playback,
    segment: tuple[Event, Recorded, Script],
) -> None:
    start, before, script = segment
    playback.begin()
    screen = ReplayedScreen(script=script, frame_s=float(start["screen"]["period_s"]), playback=playback)
    booth = ReplayBooth(
        screen=screen,
        keys=RetracedKeys(script, screen),
        clock=RetracedClock(script),
        interruptions=RetracedInterruptions(script),
    )
    form = partial(ReplayedForm, position_s=lambda: playback.position_s)
    run_again(retraced(recorded, resolved, before, script, booth, form=form, passed=playback.passed), script)


def check_run(recorded: Recorded, number: int) -> None:
    """Refuse a run of the game that the record does not have.

    Raises
    ------
    StudyError
        Where it has none of that number.
    """
    games = [event["number"] for event in recorded.all("run") if event["kind"] == "game"]
    if number not in games:
        has = f"its last is {max(games)}" if games else "it has none"
        raise StudyError(f"{recorded.path.name}: has no run {number} of the game; {has}")
