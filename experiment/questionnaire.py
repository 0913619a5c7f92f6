"""Asks a measure, item by item: no answer is preset, every answer is in the journal before the next item."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from experiment import definitions
from experiment.answering import Answering, Command
from experiment.booth import Booth, Press, Watched, first_time
from experiment.definitions.measure import Choice, Item, Likert, Number, Text, Vas
from experiment.definitions.texts import ItemText, MeasureText
from experiment.journal import Journal
from experiment.pressing import note_press
from experiment.randomness import stream
from experiment.run import Ended
from experiment.scenes import (
    Button,
    ChoiceScale,
    Form,
    LikertScale,
    LineScale,
    NumberScale,
    Scale,
    TextScale,
    Value,
)

MARK_SHOWN_S = 0.2
"""How long a chosen step stays marked before the next item comes, where no confirmation is asked for."""

KeepText = Callable[[str], str]
"""Stores a free text with the private files and returns the reference that stands for it."""

OnAnswer = Callable[[str, str, Value | None], None]
"""Is told measure, item and answer once they are in the journal."""


@dataclass(frozen=True, slots=True)
class Asking:
    """Which form this is: the step's id, its measure and stage, and the run that came before it."""

    step_id: str
    measure: str
    stage: str
    after: Ended | None


@dataclass(slots=True)
class Questionnaire:
    """A form that can be gone through once, from where it was left."""

    booth: Booth
    journal: Journal
    measure: definitions.Measure
    texts: definitions.Texts
    of: Asking
    seed: int
    keep_text: KeepText
    on_answer: OnAnswer
    answered: Mapping[str, Value | None] = field(default_factory=dict)
    lasts_s: float | None = None

    def order(self) -> list[Item]:
        """Return the items in the order in which this participant sees them."""
        items = list(self.measure.items)
        if self.measure.order == "random":
            shuffled = stream(self.seed, f"{self.of.step_id}/order").permutation(len(items))
            return [items[int(i)] for i in shuffled]
        return items

    def scenes(self) -> list[Form]:
        """Return the first form, for the screen to prepare."""
        items = self.order()
        return [self._form(items, 0, Answering(self._scale(items[0])))]

    def ask(self) -> None:
        """Ask every item that has no answer yet.

        Raises
        ------
        Interrupted, SessionStopped
            When the form is broken off; the answers so far are in the journal.
        """
        items = self.order()
        self.booth.discard()
        given: dict[str, Value | None] = dict(self.answered)
        index = next((i for i, item in enumerate(items) if item.id not in given), len(items))
        while index < len(items):
            item = items[index]
            command, value = self._one(items, index, given)
            if command == "back":
                index -= 1
                continue
            given[item.id] = value
            index += 1

    def _one(
        self, items: list[Item], index: int, given: Mapping[str, Value | None]
    ) -> tuple[Command, Value | None]:
        """Ask one item; an answer that is passed again as it stands is not written twice."""
        item = items[index]
        before = given.get(item.id)
        answering = Answering(
            self._scale(item), value=before, required=item.required, confirm=self._confirm(item)
        )
        answering.begin(self.texts.ui, back=self.measure.back and index > 0)

        def decide(press: Press, onset: float) -> Command | None:
            early, passed = press.at < onset, self._is_way_on(press)
            command = None if early or passed else answering.take(press)
            if not _spells(press, answering.scale):
                used = "answer" if answering.last_used and not passed else "ignored"
                used = "anticipatory" if early else used
                note_press(self.journal, press, used)
            return command if self.lasts_s is None else None

        def scene(aim: float, _onset: float | None) -> Form:
            answering.hold(self.booth.keys, aim)
            return self._form(items, index, answering)

        watched: Watched[Command] = self.booth.watch(
            scene, decide, lasts_s=self.lasts_s, shown=self.note_shown(item, index)
        )
        if watched.taken is None:
            self.booth.discard()  # what was meant for an item whose time is over is not meant for the next
        if watched.taken == "back":
            return "back", None
        if answering.first_press or answering.value != before or item.id not in given:
            self._write(item, index, answering, watched)
        if watched.taken == "chosen":
            self.booth.linger(lambda aim: scene(aim, None), MARK_SHOWN_S)
        return "next", answering.value

    def note_shown(self, item: Item, index: int) -> Callable[[float, float], None]:
        """Return what writes down the first flip of an item."""
        of = self.of
        return first_time(
            lambda flip: self.journal.write(
                "item", flip, step=of.step_id, measure=of.measure, item=item.id, order=index + 1
            )
        )

    def _is_way_on(self, press: Press) -> bool:
        """Return whether a press would go on from an item that stays for its time."""
        return self.lasts_s is not None and (press.target.startswith("button:") or press.key == "return")

    def _write(self, item: Item, index: int, answering: Answering, watched: Watched[Command]) -> None:
        value: Value | None = answering.value
        onset = watched.onset
        reference = None
        if isinstance(self.measure.scale_of(item), Text) and value is not None:
            reference, value = self.keep_text(str(value)), None
        press, after = answering.first_press, self.of.after
        self.journal.write(
            "answer", press.at if press else onset, step=self.of.step_id,
            measure=self.of.measure, stage=self.of.stage,
            run=after.number if after else None, condition=after.condition if after else None,
            item=item.id, value=value, text_ref=reference, order=index + 1, onset=onset,
            response_time=press.at - onset if press else None,
            response_source=press.source if press else None,
            uncertainty=press.uncertainty_s if press else None,
            delay=None if after is None or after.at is None else onset - after.at,
            paused=watched.paused_s,
        )  # fmt: skip
        self.on_answer(self.of.measure, item.id, value)

    def _confirm(self, item: Item) -> bool:
        timed = self.lasts_s is not None
        return timed or self.measure.confirm or not isinstance(self.measure.scale_of(item), Likert | Choice)

    def _form(self, items: list[Item], index: int, answering: Answering) -> Form:
        item, words = items[index], self._words()
        return Form(
            measure=self.of.measure,
            stage=self.of.stage,
            item=item.id,
            instruction=words.instruction_at(self.of.stage),
            stem=words.stem_at(self.of.stage),
            words=words.items[item.id].words,
            scale=answering.scale,
            buttons=self._buttons(index, item, answering),
            position=index + 1,
            total=len(items),
            value=answering.value,
            typed=answering.typed,
            hint=self._hint(item),
            message=answering.message,
            stop_label=self.texts.ui.stop,
        )

    def _buttons(self, index: int, item: Item, answering: Answering) -> tuple[Button, ...]:
        ui = self.texts.ui
        buttons: list[Button] = []
        if self.lasts_s is not None:
            return ()
        if self.measure.back and index > 0:
            buttons.append(Button("button:back", ui.back))
        if answering.confirm or answering.value is not None:
            buttons.append(Button("button:next", ui.go_on, "return", main=True))
        if not item.required:
            buttons.append(Button("button:skip", ui.skip))
        return tuple(buttons)

    def _hint(self, item: Item) -> str:
        ui = self.texts.ui
        match self.measure.scale_of(item):
            case Likert():
                return ui.likert_hint
            case Vas():
                return ui.line_hint
            case Number(decimals=decimals):
                return ui.decimal_hint if decimals else ui.number_hint
            case Choice():
                return ui.choice_hint
            case Text():
                return ui.text_hint

    def _words(self) -> MeasureText:
        return self.texts.measures[self.of.measure]

    def _scale(self, item: Item) -> Scale:
        words: ItemText = self._words().items[item.id]
        labels = words.labels or self._words().labels or ()
        match self.measure.scale_of(item):
            case Likert(low=low, high=high):
                return LikertScale(low, high, labels)
            case Vas():
                return LineScale(labels[0], labels[-1], labels[1] if len(labels) == 3 else "")
            case Number(low=low, high=high, decimals=decimals, hidden=hidden):
                return NumberScale(low, high, words.unit, decimals, hidden)
            case Choice(options=options):
                return ChoiceScale(tuple((option, words.options[option]) for option in options))
            case Text(max_chars=most):
                return TextScale(most)


def _spells(press: Press, scale: Scale) -> bool:
    """Return whether a key is a letter of what is being typed: the journal must not spell out a free text."""
    typing = isinstance(scale, TextScale | NumberScale)
    return typing and press.source == "keyboard" and press.key != "return"
