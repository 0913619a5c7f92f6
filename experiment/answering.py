"""The state of one answer: presses in, the value marked so far out. No screen, no clock."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from experiment.booth import Keys, Press
from experiment.definitions.texts import Interface
from experiment.scenes import ChoiceScale, LikertScale, LineScale, NumberScale, Scale, TextScale, Value

Command = Literal["next", "back", "chosen"]
"""``chosen``: an answer that needs no confirmation; ``next``: confirmed or skipped."""

HOLD_AFTER_S = 0.35
HOLD_PER_S = 30.0
"""An arrow that is held moves the mark on the line by this many of its 100 parts a second."""

DECIMAL_MARKS = ".,"
"""Either is taken for the decimal mark: which one people type depends on where they learnt to count."""

LINE_STEPS = {"left": -1.0, "right": 1.0, "down": -10.0, "up": 10.0}


@dataclass(slots=True)
class Answering:
    """One item being answered.

    Attributes
    ----------
    value
        The answer marked so far; None before any.
    typed
        What stands in the field of a number or a text.
    message
        Kindly says what is missing, once the participant has tried to go on without it.
    first_press
        The first press that gave an answer; the response time is taken from it.
    last_used
        Whether the press taken last meant anything here.
    """

    scale: Scale
    value: Value | None = None
    required: bool = True
    confirm: bool = False
    typed: str = ""
    message: str = ""
    first_press: Press | None = None
    last_used: bool = False
    _ui: Interface | None = field(default=None, repr=False)
    _back: bool = False
    _moved: float | None = None

    def begin(self, ui: Interface, *, back: bool) -> None:
        """Take the words for messages, and whether going back is allowed."""
        self._ui, self._back = ui, back
        if isinstance(self.scale, NumberScale | TextScale) and self.value is not None:
            self.typed = str(self.value)

    def take(self, press: Press) -> Command | None:
        """Take one press; return a command when it ends the item."""
        self.last_used = True
        if press.target == "button:skip" and not self.required:
            self.value, self.typed, self.first_press = None, "", press
            return "next"
        if press.target == "button:back" and self._back:
            return "back"
        if press.target == "button:next" or press.key == "return":
            return self._go_on()
        before = self.value
        command = self._answer(press)
        self.last_used = command is not None or self.value != before or press.source == "text"
        return command

    def hold(self, keys: Keys, now: float) -> None:
        """Move the mark on a line on while an arrow is held down; `now` is when the frame will be seen."""
        if not isinstance(self.scale, LineScale) or self.value is None:
            return
        for key in ("left", "right"):
            since = keys.held(key)
            if since is not None and now - since > HOLD_AFTER_S:
                elapsed = 0.0 if self._moved is None else now - self._moved
                self._moved = now
                self._mark(float(self.value) + (1 if key == "right" else -1) * HOLD_PER_S * elapsed)
                return
        self._moved = None

    def _go_on(self) -> Command | None:
        if isinstance(self.scale, NumberScale):
            self._read_number(self.scale)
        elif isinstance(self.scale, TextScale):
            self.value = self.typed.strip() or None
        if self.value is not None:
            return "next"
        if not self.required and not self.typed.strip():
            return "next"
        if self._ui is not None:
            self.message = _needed(self._ui, self.scale)
        return None

    def _answer(self, press: Press) -> Command | None:
        if press.drag and press.target != "line":
            return None
        match self.scale:
            case LikertScale(low=low, high=high):
                return self._pick(press, [str(step) for step in range(low, high + 1)], numeric=True)
            case ChoiceScale(options=options):
                return self._pick(press, [option for option, _ in options], numeric=False)
            case LineScale():
                self._on_line(press)
            case NumberScale() | TextScale():
                self._type(press)
        return None

    def _pick(self, press: Press, ids: list[str], *, numeric: bool) -> Command | None:
        """Choose a step or an option by click, digit or arrows; arrows mark without going on."""
        step = {"left": -1, "up": -1, "right": 1, "down": 1}.get(press.key)
        if step is not None:
            self._step(press, ids, step, numeric=numeric)
            return None
        chosen = (
            press.target.removeprefix("option:")
            if press.target
            else self._by_key(press.key, ids, numeric=numeric)
        )
        if chosen not in ids:
            return None
        self._set(int(chosen) if numeric else chosen, press)
        return None if self.confirm else "chosen"

    @staticmethod
    def _by_key(key: str, ids: list[str], *, numeric: bool) -> str:
        """Return what a digit means: the step of that number, or the option at that place."""
        if numeric:
            return key
        return ids[int(key) - 1] if key.isdecimal() and 1 <= int(key) <= len(ids) else ""

    def _step(self, press: Press, ids: list[str], step: int, *, numeric: bool) -> None:
        if self.value is None:
            place = 0 if step > 0 else len(ids) - 1
        else:
            place = min(max(ids.index(str(self.value)) + step, 0), len(ids) - 1)
        self._set(int(ids[place]) if numeric else ids[place], press)

    def _on_line(self, press: Press) -> None:
        if press.target == "line" and press.fraction is not None:
            self._mark(100 * press.fraction, press)
        elif press.key in LINE_STEPS:
            step = LINE_STEPS[press.key]
            start = (0.0 if step > 0 else 100.0) if self.value is None else float(self.value) + step
            self._mark(start, press)

    def _mark(self, place: float, press: Press | None = None) -> None:
        place = round(min(max(place, 0.0), 100.0), 1)
        if press is not None:
            self._set(place, press)
        else:
            self.value = place

    def _type(self, press: Press) -> None:
        for character in press.text:
            if character == "\b":
                self.typed = self.typed[:-1]
            elif _may_follow(self.typed, character, self.scale):
                self.typed += character
                self.first_press = self.first_press or press
        if press.text:
            self.message = ""

    def _read_number(self, scale: NumberScale) -> None:
        typed = self.typed.translate(dict.fromkeys(map(ord, DECIMAL_MARKS), "."))
        number: int | float | None = None
        if typed.replace(".", "", 1).isdecimal():
            number = float(typed) if scale.decimals else int(typed)
        self.value = number if number is not None and scale.low <= number <= scale.high else None

    def _set(self, value: Value, press: Press) -> None:
        self.value, self.message = value, ""
        self.first_press = self.first_press or press


def _may_follow(typed: str, character: str, scale: Scale) -> bool:
    """Return whether a character may be typed behind what stands in the field."""
    if isinstance(scale, TextScale):
        return len(typed) < scale.max_chars and character.isprintable()
    if not isinstance(scale, NumberScale):
        return False
    mark = next((place for place, known in enumerate(typed) if known in DECIMAL_MARKS), None)
    if character in DECIMAL_MARKS:
        return scale.decimals > 0 and mark is None
    if not character.isdecimal():
        return False
    if mark is None:
        return len(typed) < len(str(int(scale.high)))
    return len(typed) - mark - 1 < scale.decimals


def _needed(ui: Interface, scale: Scale) -> str:
    """Say kindly what is missing; for a number with its bounds."""
    if not isinstance(scale, NumberScale):
        return ui.answer_needed
    words = ui.decimal_needed if scale.decimals else ui.number_needed
    return words.format(low=scale.low, high=scale.high)
