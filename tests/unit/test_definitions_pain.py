"""What is shipped for pain: measures, their words at every stage, and the pages around it."""

from __future__ import annotations

import re

import pytest

from experiment.definitions import CONDITIONS, names
from experiment.definitions.measure import Measure, Number
from experiment.definitions.reading import read
from experiment.definitions.texts import Texts
from tests.unit.test_definitions_shipped import COVER, TELLING

PAIN_PAGES = (
    "consent_pain", "pain_about", "threshold_instructions", "cold_pressor_instructions",
    "probe_instructions", "not_eligible", "instructions_pain_game",
)  # fmt: skip


def measure(name: str) -> Measure:
    """Return a measure that is shipped."""
    return read(CONDITIONS / "measures" / f"{name}.toml", Measure)


def test_pages_on_pain_tell_nothing_too_early() -> None:
    """Neither what is varied nor, where people are to take the others for human, who they are."""
    texts = read(CONDITIONS / "texts" / "en.toml", Texts)
    for name in PAIN_PAGES:
        words = " ".join((texts.pages[name].title, *texts.pages[name].body)).casefold()
        assert not re.findall(f"{TELLING['en']}|{COVER['en']}", words), name
    for name in ("consent_pain_open", "instructions_pain_game_open"):
        words = " ".join(texts.pages[name].body).casefold()
        assert not re.findall(TELLING["en"], words), name
        assert "controlled by the computer" in words


ASKED_BEFORE = ("trait", "eligibility", "pain", "control_rating", "distress_rating", "operator")


@pytest.mark.parametrize("name", [n for n in names("measures") if measure(n).role in ASKED_BEFORE])
def test_what_is_asked_before_the_game_has_no_masked_word(name: str) -> None:
    """Traits above all, which are about what the study varies."""
    texts = read(CONDITIONS / "texts" / "en.toml", Texts)
    form = texts.measures[name]
    words = [*form.instruction.values(), *form.stem.values(), *(form.labels or ())]
    for item in form.items.values():
        words += [item.words, *(item.labels or ()), *item.options.values()]
    assert not re.findall(TELLING["en"], " ".join(words).casefold())


def test_who_may_feel_pain_is_told_how_to_end_it_wherever_it_is_about_to_begin() -> None:
    """The key stands on each of these pages."""
    pages = read(CONDITIONS / "texts" / "en.toml", Texts).pages
    for name in ("consent_pain", "threshold_instructions", "cold_pressor_instructions", "probe_instructions"):
        assert "F10" in " ".join(pages[name].body), name


def test_debriefings_of_pain_tell_the_truth() -> None:
    """As the others do, and what the pain was for; nothing of deception where there was none."""
    pages = read(CONDITIONS / "texts" / "en.toml", Texts).pages
    for name in ("debriefing_pain", "debriefing_treatment", "debriefing_cold"):
        hidden, told = (" ".join(pages[page].body) for page in (name, f"{name}_open"))
        for body in (hidden, told):
            for fact in ("by design", "nothing whatever to do with you", "physical pain", "redness"):
                assert fact in body, (name, fact)
        assert "believe that the others were real" in hidden
        assert "believe" not in told
        assert "As we said, the other players were controlled by the computer" in told


def test_the_trait_forms_are_keyed_as_published() -> None:
    """Need to belong: 1st, 3rd, 7th reversed. Rejection sensitivity: worry x (7 - acceptance), 1 to 36."""
    belong = measure("need_to_belong")
    assert [i for i, item in enumerate(belong.items, start=1) if item.reverse] == [1, 3, 7]
    assert {belong.bounds(item) for item in belong.items} == {(1, 5)}
    form = measure("rejection_sensitivity")
    assert form.range_of("index") == (1, 36)
    (index,) = [score for score in form.scores if score.name == "index"]
    pairs = index.mean_of_products or ()
    assert {item for pair in pairs for item in pair} == {item.id for item in form.items}
    for first, second in pairs:
        assert first.removesuffix("_concern") == second.removesuffix("_acceptance")
        assert (form.item(first).reverse, form.item(second).reverse) == (False, True)


def test_eligibility_expects_one_answer_to_each_question() -> None:
    """Without it nobody would know who may take part; none can be skipped."""
    form = measure("pain_eligibility")
    assert all(item.expect in ("yes", "no") and item.required for item in form.items)
    assert form.scores == ()


@pytest.mark.parametrize("stage", ["baseline", "probe_1", "probe_3", "during_2", "reflexive", "reflective"])
@pytest.mark.parametrize(
    "name", ["distress_vas", "hurt_vas", "pain_intensity", "pain_unpleasantness", "control_rating"]
)
def test_ratings_have_words_for_every_stage(name: str, stage: str) -> None:
    """A probe's are about the stimulus, where the rating is of pain."""
    words = read(CONDITIONS / "texts" / "en.toml", Texts).measures[name]
    assert words.instruction_at(stage)
    about_it = "stimulus" in words.instruction_at(stage)
    assert about_it is (stage.startswith("probe") and measure(name).role == "pain")


def test_lines_of_distress_and_of_pain_stand_on_one_footing() -> None:
    """One item each, on a line of 0-100, with a score named index."""
    for name in ("distress_vas", "hurt_vas", "pain_intensity", "pain_unpleasantness", "control_rating"):
        form = measure(name)
        assert [form.bounds(item) for item in form.items] == [(0, 100)], name
        assert [score.name for score in form.scores] == ["index"], name


def test_what_the_experimenter_types_is_hidden_where_the_participant_must_not_read_it() -> None:
    """The level, but not the temperature of the bath, which the participant feels."""
    for name, hidden in (("stimulus_level", True), ("bath_temperature", False)):
        (item,) = measure(name).items
        scale = measure(name).scale_of(item)
        assert isinstance(scale, Number)
        assert (scale.hidden, scale.decimals) == (hidden, 1)
