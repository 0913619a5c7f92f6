"""Whether a language has the words that a measure needs, and which of them a stage takes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from experiment.definitions import CONDITIONS, DefinitionError, Measure, Texts
from experiment.definitions.reading import checked, read
from experiment.definitions.steps import Ask
from experiment.definitions.texts import MeasureText, at_stage
from experiment.definitions.words import check_interface, check_words

ENGLISH = read(CONDITIONS / "texts" / "en.toml", Texts)


def measure(**scale: object) -> Measure:
    """Return a measure of one item."""
    table = {"title": "T", "citation": "c", "role": "other", "items": [{"id": "level", "scale": scale}]}
    return checked(table, Measure)


def texts(instruction: Mapping[str, str] | None = None, **ui: str) -> Texts:
    """Return English with words for the measure above, and other words of the program."""
    words = MeasureText.model_validate({"instruction": dict(instruction or {}), "items": {"level": "Level?"}})
    changed = {"measures": {"own": words}, "ui": ENGLISH.ui.model_copy(update=ui)}
    return ENGLISH.model_copy(update=changed)


def refusal(of: Measure, stage: str, language: Texts) -> str:
    """Return the line with which asking at a stage is refused, or an empty string."""
    ask = checked({"kind": "measure", "measure": "own", "stage": stage}, Ask)
    try:
        check_words(of, ask, "steps[1]", language, Path("en.toml"))
    except DefinitionError as error:
        return str(error)
    return ""


WHOLE = measure(kind="number", low=0, high=9)


@pytest.mark.parametrize(
    ("stage", "words"),
    [
        ("probe_2", "second"), ("probe_1", "probe"), ("probe_12", "probe"), ("probe", "probe"),
        ("during_1", "any"), ("probes", "any"), ("probe_x", "any"),
    ],
)  # fmt: skip
def test_a_numbered_stage_takes_its_own_words_then_those_of_its_base_then_any(stage: str, words: str) -> None:
    """In this order, and only a number at the end counts."""
    by_stage = {"probe_2": "second", "probe": "probe", "any": "any"}
    assert at_stage(by_stage, stage) == words
    text = MeasureText(instruction=by_stage, stem=by_stage, items={})
    assert (text.instruction_at(stage), text.stem_at(stage)) == (words, words)


def test_without_words_that_fit_a_stage_has_none() -> None:
    """An instruction is then left away."""
    assert at_stage({"baseline": "b"}, "probe_1") is None
    assert MeasureText(items={}).instruction_at("probe_1") == ""


@pytest.mark.parametrize(
    ("by_stage", "stage"),
    [
        ({"probe": "p"}, "probe_1"), ({"probe_1": "p", "any": "a"}, "probe_2"), ({"any": "a"}, "during_3"),
        ({"probe_1": "p", "probe": "q"}, "probe_2"), ({}, "probe_2"),
    ],
)  # fmt: skip
def test_words_for_a_stage_without_its_number_are_enough(by_stage: dict[str, str], stage: str) -> None:
    """Words for another number are no misspelling."""
    assert refusal(WHOLE, stage, texts(by_stage)) == ""


@pytest.mark.parametrize(
    ("by_stage", "stage", "said"),
    [
        ({"probe_1": "p"}, "probe_2", "has nothing for stage 'probe_2'; add it, or 'any'"),
        ({"probes": "p", "any": "a"}, "probe_2", "has nothing for stage 'probe_2'; is 'probes' meant?"),
        ({"baseline": "b"}, "during_1", "has nothing for stage 'during_1'; add it, or 'any'"),
    ],
)
def test_a_numbered_stage_without_words_is_refused(by_stage: dict[str, str], stage: str, said: str) -> None:
    """And a base that is misspelt is recognised."""
    assert refusal(WHOLE, stage, texts(by_stage)).endswith(f"measures.own.instruction {said}")


@pytest.mark.parametrize("key", ["decimal_hint", "decimal_needed"])
def test_a_number_with_decimals_needs_its_words(key: str) -> None:
    """A whole number does without."""
    without = texts().model_copy(update={"ui": ENGLISH.ui.model_copy(update={key: ""})})
    with_decimals = measure(kind="number", low=0, high=9, decimals=1)
    assert refusal(with_decimals, "end", texts()) == ""
    assert refusal(WHOLE, "end", without) == ""
    line = f"en.toml: ui.{key} is missing (the protocol's steps[1] uses it)"
    assert refusal(with_decimals, "end", without) == line


def test_the_first_missing_word_of_the_program_is_named() -> None:
    """Whatever uses it says where."""
    check_interface(("pain_now", "pain_stop"), "steps[3]", ENGLISH, Path("en.toml"))
    with pytest.raises(DefinitionError, match=r"^en.toml: ui.pain_stop is missing \(the .* steps\[3\]"):
        check_interface(("pain_now", "pain_stop"), "steps[3]", texts(pain_stop=""), Path("en.toml"))


def test_english_has_every_word_of_the_program() -> None:
    """Also those that only some protocols need."""
    assert all(getattr(ENGLISH.ui, key) for key in type(ENGLISH.ui).model_fields)
