"""Nothing that is read before the measures after a game may tell what the study varies, in any language.

Two lists of words say what tells. `masked` holds for everybody; `masked_cover` (that the co-players are
computers) only for those who are to take them for human.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path

from experiment.definitions.design import BELIEF
from experiment.definitions.errors import DefinitionError
from experiment.definitions.game import Game
from experiment.definitions.measure import Measure
from experiment.definitions.protocol import Protocol
from experiment.definitions.steps import (
    Ask,
    Connecting,
    Consent,
    Debriefing,
    FlatStep,
    Permission,
    Play,
    Practice,
    Rest,
    ShowPage,
)
from experiment.definitions.texts import MeasureText, PageText, Texts


def check_masking(
    protocol: Protocol,
    games: dict[str, Game],
    measures: dict[str, Measure],
    texts: Texts,
    *,
    file: Path,
    texts_file: Path,
    within: Sequence[Ask] = (),
) -> None:
    """Refuse a text with a masked word that is read too early.

    Looked at are the program's own words, every line said in a game, and every page, instruction, stem and
    item up to the debriefing; the items that are asked after a game may use the words, since they measure
    what they name. What is asked `within` a pain task or a game may not.

    Raises
    ------
    DefinitionError
        Naming the text and the word.
    """
    early = chain(
        read_early(protocol, games, measures, texts),
        ((key, words, False) for ask in within for key, words in _of_form(ask, measures, texts, False)),
    )
    for key, words, covered in early:
        for name in ("masked", *(["masked_cover"] if covered else [])):
            masked = next((w for w in getattr(texts, name) if w.casefold() in words.casefold()), None)
            if masked is not None:
                place, at = (file, "contact") if key == "contact" else (texts_file, key)
                raise DefinitionError(
                    place,
                    f"{at} has '{masked}' (see `{name}`), but is read before the measures after a game",
                )


def read_early(
    protocol: Protocol, games: dict[str, Game], measures: dict[str, Measure], texts: Texts
) -> Iterator[tuple[str, str, bool]]:
    """Yield key and words of every text to which masking applies, and whether the cover story must hold."""
    told = protocol.belief_of(None)
    covered = told == "human" or (told is None and "human" in protocol.levels(BELIEF))
    yield "contact", protocol.contact, covered
    for name in type(texts.ui).model_fields:
        value = getattr(texts.ui, name)
        for words in value if isinstance(value, tuple) else (value,):
            yield f"ui.{name}", words, covered
    for game in games.values():
        for _, _, line in game.lines():
            yield f"lines.{line.text}", texts.lines[line.text], covered
    played = False
    for _, step in protocol.placed_steps():
        if isinstance(step, Debriefing | Permission):
            return
        played = played or isinstance(step, Play)
        for key, words in _of_form(step, measures, texts, played):
            yield key, words, covered
        for page, belief in pages_of(protocol, step):
            for key, words in _of_page(f"pages.{page}", texts.pages[page]):
                yield key, words, belief == "human" or (belief is None and covered)


def pages_of(protocol: Protocol, step: FlatStep) -> Iterator[tuple[str, str | None]]:
    """Yield each page that a step may show, and what those who see it believe of the co-players."""
    told = protocol.belief_of(None)
    match step:
        case ShowPage(by=str(by)) | Connecting(by=str(by)) | Debriefing(by=str(by)):
            for level in protocol.levels(by):
                yield f"{step.page}_{level}", level if by == BELIEF else told
        case ShowPage() | Consent() | Connecting() | Rest() | Debriefing() | Permission():
            yield step.page, told
        case Practice(page=str(page)):
            yield page, told
        case _:
            pass


def _of_form(
    step: FlatStep, measures: dict[str, Measure], texts: Texts, played: bool
) -> Iterator[tuple[str, str]]:
    if not isinstance(step, Ask):
        return
    words = texts.measures[step.measure]
    place = f"measures.{step.measure}"
    yield f"{place}.instruction", words.instruction_at(step.stage)
    yield f"{place}.stem", words.stem_at(step.stage)
    if not played:
        yield from _of_items(place, words, measures[step.measure])


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
