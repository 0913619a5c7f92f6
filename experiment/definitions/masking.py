"""Nothing that is read before the measures after a game may tell what the study varies, in any language."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from experiment.definitions.errors import DefinitionError
from experiment.definitions.measure import Measure
from experiment.definitions.protocol import (
    Ask,
    Debriefing,
    FlatStep,
    Permission,
    Play,
    Practice,
    Protocol,
)
from experiment.definitions.texts import MeasureText, PageText, Texts


def check_masking(
    protocol: Protocol, measures: dict[str, Measure], texts: Texts, file: Path, texts_file: Path
) -> None:
    """Refuse a text with a word of `texts.masked` that is read too early.

    Looked at are the program's own words, and every page, instruction, stem and item up to the debriefing;
    the items that are asked after a game may use the words, since they measure what they name.

    Raises
    ------
    DefinitionError
        Naming the text and the word.
    """
    for key, words in read_early(protocol, measures, texts):
        masked = next((word for word in texts.masked if word.casefold() in words.casefold()), None)
        if masked is not None:
            place, at = (file, "contact") if key == "contact" else (texts_file, key)
            raise DefinitionError(
                place, f"{at} has '{masked}' (see `masked`), but is read before the measures after a game"
            )


def read_early(protocol: Protocol, measures: dict[str, Measure], texts: Texts) -> Iterator[tuple[str, str]]:
    """Yield key and words of every text to which masking applies."""
    yield "contact", protocol.contact
    for name in type(texts.ui).model_fields:
        value = getattr(texts.ui, name)
        for words in value if isinstance(value, tuple) else (value,):
            yield f"ui.{name}", words
    played = False
    for _, step in protocol.placed_steps():
        if isinstance(step, Debriefing | Permission):
            return
        played = played or isinstance(step, Play)
        yield from _of_step(step, measures, texts, played)


def _of_step(
    step: FlatStep, measures: dict[str, Measure], texts: Texts, played: bool
) -> Iterator[tuple[str, str]]:
    match step:
        case Ask(measure=name, stage=stage):
            words = texts.measures[name]
            place = f"measures.{name}"
            yield f"{place}.instruction", words.instruction_at(stage)
            yield f"{place}.stem", words.stem_at(stage)
            if not played:
                yield from _of_items(place, words, measures[name])
        case Practice(page=None) | Play():
            pass
        case _:
            yield from _of_page(f"pages.{step.page}", texts.pages[str(step.page)])


def _of_page(place: str, page: PageText) -> Iterator[tuple[str, str]]:
    yield f"{place}.title", page.title
    for number, paragraph in enumerate(page.body, start=1):
        yield f"{place}.body[{number}]", paragraph
    if page.button:
        yield f"{place}.button", page.button


def _of_items(place: str, words: MeasureText, measure: Measure) -> Iterator[tuple[str, str]]:
    for label in words.labels or ():
        yield f"{place}.labels", label
    for item in measure.items:
        text = words.items[item.id]
        for inner in (text.words, text.unit, *(text.labels or ()), *text.options.values()):
            yield f"{place}.items.{item.id}", inner
