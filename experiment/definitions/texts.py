"""A language file: every sentence that a participant reads."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any, Self

from pydantic import AfterValidator, Field, StringConstraints, field_validator, model_validator

from experiment.definitions.reading import Definition, Line, Name, readable

ANY = "any"
"""Stage key under which words stand that serve at every stage."""

FILLED = {
    "number_needed": ("{low}", "{high}"),
    "decimal_needed": ("{low}", "{high}"),
    "has_left": ("{name}",),
}
"""Words of the program in which something is filled in, and what."""


CourtWords = Annotated[str, StringConstraints(min_length=1, max_length=120), AfterValidator(readable)]
"""Words that fit on the court, in a bubble of at most three lines."""


class Interface(Definition):
    """Words of the program itself: buttons, hints, the court, the calm page.

    The words at the end, which have a default, are needed only where something uses them: a study without
    pain needs no words for it. Whatever uses one refuses a language in which it is blank.
    """

    go_on: Line
    back: Line
    agree: Line
    disagree: Line
    yes: Line
    no: Line
    stop: Line
    stop_title: Line
    stop_body: tuple[Line, ...]
    stop_confirm: Line
    stop_cancel: Line
    you: Line
    throw_prompt: Line
    throw_hint: Line
    leave: Line
    has_left: Line
    joined: Line
    waiting: Line
    answer_needed: Line
    number_needed: Line
    line_hint: Line
    likert_hint: Line
    choice_hint: Line
    number_hint: Line
    text_hint: Line
    skip: Line
    rest_left: Line
    paused_title: Line
    paused_body: tuple[Line, ...]
    pause_go_on: Line
    pause_stop: Line
    resume_title: Line
    resume_body: tuple[Line, ...]
    calm_title: Line
    calm_body: tuple[Line, ...]
    decimal_needed: Line = ""
    decimal_hint: Line = ""
    pain_rest: Line = ""
    pain_ready: Line = ""
    pain_now: Line = ""
    pain_press_target: Line = ""
    pain_stop: Line = ""
    operator_title: Line = ""
    operator_give: Line = ""
    cold_in: Line = ""
    cold_first: Line = ""
    cold_out: Line = ""
    cold_cap: Line = ""
    hurts_now: Line = ""
    hand_in: Line = ""
    hand_out: Line = ""


class PageText(Definition):
    """One page: a title, paragraphs (``"- "`` begins an item of a list), optionally a button's own words."""

    title: Line
    body: tuple[Line, ...]
    button: Line | None = None


class ItemText(Definition):
    """The words of one item. `labels` names the two ends, or every step, of its own scale."""

    words: Line
    labels: tuple[Line, ...] | None = None
    options: dict[Name, Line] = Field(default_factory=dict)
    unit: str = ""


class MeasureText(Definition):
    """The words of one measure; `instruction` and `stem` by stage, or under `any` (see `at_stage`)."""

    instruction: dict[Name, Line] = Field(default_factory=dict)
    stem: dict[Name, Line] = Field(default_factory=dict)
    labels: tuple[Line, ...] | None = None
    items: dict[Name, ItemText]

    @field_validator("instruction", "stem", mode="before")
    @classmethod
    def _every_stage(cls, value: Any) -> Any:
        return {ANY: value} if isinstance(value, str) else value

    @field_validator("items", mode="before")
    @classmethod
    def _words_alone(cls, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        return {key: {"words": inner} if isinstance(inner, str) else inner for key, inner in value.items()}

    def stem_at(self, stage: str) -> str:
        """Return the stem for `stage`, or an empty string where the measure has none."""
        return at_stage(self.stem, stage) or ""

    def instruction_at(self, stage: str) -> str:
        """Return the instruction for `stage`, or an empty string."""
        return at_stage(self.instruction, stage) or ""


def unnumbered(stage: str) -> str:
    """Return a stage without its number: ``probe`` for ``probe_2``; one without a number is itself."""
    return re.sub(r"_[0-9]+$", "", stage)


def at_stage(words: Mapping[str, str], stage: str) -> str | None:
    """Return the words for a stage, else those for it without its number, else those under `any`."""
    return next((words[key] for key in (stage, unnumbered(stage), ANY) if key in words), None)


class Texts(Definition):
    """All texts in one language.

    `masked` lists parts of words that no text may have which is read before the measures after a game;
    `masked_cover` likewise, for people who take the co-players for human.
    """

    language: Line
    masked: tuple[Line, ...] = ()
    masked_cover: tuple[Line, ...] = ()
    ui: Interface
    pages: dict[Name, PageText]
    lines: dict[Name, CourtWords] = Field(default_factory=dict)
    measures: dict[Name, MeasureText]

    @model_validator(mode="after")
    def _placeholders(self) -> Self:
        check_placeholders(self.pages, self.measures, self.lines)
        for name in Interface.model_fields:
            value = getattr(self.ui, name)
            for words in value if isinstance(value, tuple) else (value,):
                _no_braces(f"ui.{name}", words, FILLED.get(name, ()))
        return self


class MoreTexts(Definition):
    """What a lab adds to a language in files of its own, such as ``texts/en/our_lab.toml``."""

    pages: dict[Name, PageText] = Field(default_factory=dict)
    lines: dict[Name, CourtWords] = Field(default_factory=dict)
    measures: dict[Name, MeasureText] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _placeholders(self) -> Self:
        check_placeholders(self.pages, self.measures, self.lines)
        return self


def check_placeholders(
    pages: dict[str, PageText], measures: dict[str, MeasureText], lines: dict[str, str]
) -> None:
    """Refuse a placeholder that nothing will fill: only ``{contact}`` exists, and only on pages."""
    for name, page in pages.items():
        for paragraph in (page.title, *page.body, page.button or ""):
            rest = paragraph.replace("{contact}", "")
            if "{" in rest or "}" in rest:
                raise ValueError(f"pages.{name}: only {{contact}} may stand in braces")
    for name, line in lines.items():
        _no_braces(f"lines.{name}", line)
    for name, measure in measures.items():
        for words in (*measure.instruction.values(), *measure.stem.values()):
            _no_braces(f"measures.{name}", words)
        for item, text in measure.items.items():
            for words in (text.words, text.unit, *(text.labels or ()), *text.options.values()):
                _no_braces(f"measures.{name}.items.{item}", words)


def _no_braces(place: str, words: str, filled: tuple[str, ...] = ()) -> None:
    """Refuse braces, but for the placeholders that are `filled` in here."""
    for placeholder in filled:
        words = words.replace(placeholder, "")
    if "{" in words or "}" in words:
        if filled:
            raise ValueError(f"{place}: only {' and '.join(filled)} may stand in braces")
        raise ValueError(
            f"{place}: has braces, but nothing is filled in here; {{contact}} works on pages alone"
        )
