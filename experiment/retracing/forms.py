"""Forms whose answers are known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from experiment import definitions
from experiment.answering import Answering, Command
from experiment.booth import Interrupted, Press, Watched
from experiment.definitions.measure import Choice, Item, Likert, Number, Text, Vas
from experiment.journal import Event
from experiment.pressing import note_press
from experiment.questionnaire import Questionnaire
from experiment.retracing.script import Difference, Script
from experiment.scenes import Form, Value

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
            if item.id not in given:
                raise Difference(self.script.line, f"answer: there is none to '{item.id}', which was asked")
            return "next", before
        self._take(recorded, item, answering, watched.onset)
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

    def _take(self, recorded: Event, item: Item, answering: Answering, onset: float) -> None:
        """Give the answer that is on record, if it can be one.

        An item that stays for its time may go without an answer; only an answer given before can be given
        another value without a press, by rubbing out.
        """
        value = recorded["value"]
        if value is not None and not _allowed(value, item, self.measure):
            raise Difference(self.script.line, f"answer: {value!r} is no answer to '{item.id}'")
        none = value is None and not recorded["text_ref"]
        if none and item.required and self.lasts_s is None:
            raise Difference(self.script.line, f"answer: none was given to '{item.id}', which asks for one")
        unpressed = recorded["response_time"] is None
        if not none and unpressed and answering.value is None:
            raise Difference(self.script.line, f"answer: nothing was pressed for that to '{item.id}'")
        if not unpressed and recorded["t"] < onset:
            raise Difference(self.script.line, f"answer: that to '{item.id}' is from before it was shown")
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
        case Likert(low=low, high=high) | Number(low=low, high=high, decimals=0):
            return isinstance(value, int) and low <= value <= high
        case Number(low=low, high=high, decimals=decimals):
            return isinstance(value, float) and low <= value <= high and round(value, decimals) == value
        case Vas():
            return isinstance(value, int | float) and 0 <= value <= 100
        case Choice(options=options):
            return value in options
        case Text():
            return False
