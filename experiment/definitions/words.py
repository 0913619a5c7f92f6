"""Whether a language has every word that asking a measure needs."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from pathlib import Path

from experiment.definitions.errors import DefinitionError
from experiment.definitions.measure import Choice, Likert, Measure, Number, Text, Vas
from experiment.definitions.steps import Ask
from experiment.definitions.texts import ANY, ItemText, MeasureText, Texts, at_stage, unnumbered
from experiment.definitions.wording import instead


def check_words(measure: Measure, ask: Ask, where: str, texts: Texts, file: Path) -> None:
    """Check that `texts` has every word that asking `measure` at the stage of `ask` needs.

    Raises
    ------
    DefinitionError
        Naming the key of the texts file that is missing or does not fit.
    """
    place = f"measures.{ask.measure}"
    words = texts.measures.get(ask.measure)
    if words is None:
        raise DefinitionError(file, f"{place} is missing (the protocol's {where} asks it)")
    for key, by_stage in (("instruction", words.instruction), ("stem", words.stem)):
        problem = _stage_problem(by_stage, ask.stage)
        if problem:
            raise DefinitionError(file, f"{place}.{key} {problem}")
    known = [item.id for item in measure.items]
    for item_id in words.items:
        if item_id not in known:
            raise DefinitionError(
                file, f"{place}.items.{item_id} is no item of the measure; {instead(item_id, known)}"
            )
    for item in measure.items:
        text = words.items.get(item.id)
        if text is None:
            raise DefinitionError(file, f"{place}.items.{item.id} is missing")
        problem = _answer_problem(measure.scale_of(item), text, words)
        if problem:
            raise DefinitionError(file, f"{place}.items.{item.id}{problem}")
    scales = [measure.scale_of(item) for item in measure.items]
    if any(isinstance(scale, Number) and scale.decimals for scale in scales):
        check_interface(("decimal_hint", "decimal_needed"), where, texts, file)


def check_interface(keys: Iterable[str], where: str, texts: Texts, file: Path) -> None:
    """Check that a language has those words of the program that only some protocols need.

    Raises
    ------
    DefinitionError
        Naming the first of `keys` that is blank, and the step at `where`, which uses it.
    """
    for key in keys:
        if not getattr(texts.ui, key):
            raise DefinitionError(file, f"ui.{key} is missing (the protocol's {where} uses it)")


def _stage_problem(by_stage: dict[str, str], stage: str) -> str:
    base = unnumbered(stage)
    if not by_stage or stage in by_stage or base in by_stage:
        return ""
    others = {unnumbered(s): s for s in by_stage if not _usual(s) and unnumbered(s) != base}
    near = difflib.get_close_matches(base, others, n=1, cutoff=0.8)
    if near:
        return f"has nothing for stage '{stage}'; is '{others[near[0]]}' meant?"
    missing = f"has nothing for stage '{stage}'; add it, or '{ANY}'"
    return "" if at_stage(by_stage, stage) is not None else missing


def _usual(stage: str) -> bool:
    return stage in ("baseline", "reflexive", "reflective", ANY)


def _answer_problem(  # noqa: PLR0911 - one return for each problem
    scale: Likert | Vas | Number | Choice | Text, text: ItemText, words: MeasureText
) -> str:
    """Say what does not fit between an item's words and its scale, beginning with the key."""
    labels = text.labels or words.labels
    if text.options and not isinstance(scale, Choice):
        return ".options belong to a choice, and this item is none"
    if text.labels and not isinstance(scale, Likert | Vas):
        return ".labels belong to a Likert or VAS item, and this item is neither"
    if text.unit and not isinstance(scale, Number):
        return ".unit belongs to a number, and this item is none"
    match scale:
        case Likert(low=low, high=high):
            steps = high - low + 1
            if labels is None or len(labels) not in (2, steps):
                found = "none" if labels is None else str(len(labels))
                return f".labels must name the 2 ends or all {steps} steps; found {found}"
        case Vas():
            if labels is None or len(labels) not in (2, 3):
                found = "none" if labels is None else str(len(labels))
                return f".labels must name the 2 ends of the line, or its middle between them; found {found}"
        case Choice(options=options):
            return _options_problem(options, text.options)
        case _:
            pass
    return ""


def _options_problem(options: tuple[str, ...], words: dict[str, str]) -> str:
    for option in options:
        if option not in words:
            return f".options.{option} is missing"
    for option in words:
        if option not in options:
            return f".options.{option} is no option of the item; {instead(option, options)}"
    if len(set(words.values())) < len(words):
        return ".options: two have the same words"
    return ""
