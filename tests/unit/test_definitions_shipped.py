"""What the project ships: keying and doses as published, one story for every cell, nothing told too early."""

from __future__ import annotations

import re
import shutil
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from experiment.definitions import CONDITIONS, Resolved, check_file, names, resolve
from experiment.definitions.game import Game
from experiment.definitions.library import KINDS
from experiment.definitions.masking import read_early
from experiment.definitions.measure import Measure
from experiment.definitions.protocol import Ask, Play
from experiment.definitions.reading import read
from experiment.definitions.texts import Texts

TELLING = {
    "en": r"exclu|ostrac|reject|ignor|inclus|\bleft out|leave out|lonel|abandon|social pain|cyberball|shunn"
    r"|\bcondition|computer.controlled|decei|decept|manipulat",
}
"""For every language what none of its texts may say too early; a new language brings a line of its own."""

FILES = sorted(file for kind in KINDS for file in (CONDITIONS / kind).rglob("*.toml"))
EVERY = [(protocol, language) for protocol in names("protocols") for language in names("texts")]

every_session = pytest.mark.parametrize(("protocol", "language"), EVERY)


def game(name: str) -> Game:
    """Return a shipped game."""
    return read(CONDITIONS / "games" / f"{name}.toml", Game)


def measure(name: str) -> Measure:
    """Return a shipped measure."""
    return read(CONDITIONS / "measures" / f"{name}.toml", Measure)


@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.name}-{file.stem}")
def test_every_shipped_file_is_in_order(file: Path) -> None:
    """And is of the kind that its folder says."""
    assert check_file(file) == file.relative_to(CONDITIONS).parts[0]


def test_the_promised_files_are_there() -> None:
    """Names that documents and other parts of the program rely on."""
    assert set(names("protocols")) >= {"classic", "within_gradual", "demo"}
    assert set(names("games")) >= {
        "inclusion", "exclusion", "exclusion_after_fair_play", "gradual_exclusion", "practice",
        "demo_inclusion", "demo_exclusion",
    }  # fmt: skip
    assert set(names("measures")) >= {
        "needs", "needs_12", "needs_4", "mood", "mood_4", "hurt", "manipulation_check", "suspicion",
        "demographics", "attention", "pain_intensity", "pain_unpleasantness",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("name", "throws", "receptions"),
    [
        ("inclusion", [30], [10]),
        ("inclusion_long", [140], [47]),
        ("exclusion", [6, 24], [2, 0]),
        ("exclusion_after_fair_play", [21, 45], [7, 0]),
        ("gradual_exclusion", [29, 25, 23, 22, 21, 20], [9, 5, 3, 2, 1, 1]),
    ],
)
def test_doses_are_those_of_the_sources(name: str, throws: list[int], receptions: list[int]) -> None:
    """Throws and exact receptions, phase by phase."""
    phases = game(name).phases
    assert [phase.throws for phase in phases] == throws
    assert [phase.exact_count() for phase in phases] == receptions


def test_pauses_are_those_of_the_reference_program() -> None:
    """2 s + uniform 0-3 s (Williams & Jarvis 2006) wherever something is measured."""
    for name in names("games"):
        if name != "practice" and not name.startswith("demo"):
            assert game(name).pause.model_dump() == {"kind": "uniform", "low_s": 2.0, "high_s": 5.0}


def test_no_inclusion_contains_an_exclusion() -> None:
    """Fair play of three never passes the participant by five times in a row."""
    for name, phase in [
        ("inclusion", 0), ("inclusion_long", 0), ("exclusion_after_fair_play", 0), ("gradual_exclusion", 0),
        ("demo_inclusion", 0),
    ]:  # fmt: skip
        assert (game(name).phases[phase].max_wait or 99) <= 4


@pytest.mark.parametrize("protocol", names("protocols"))
def test_cells_differ_in_throws_alone(protocol: str) -> None:
    """Co-players, names, colours, ball, pauses and what follows a slow answer are the same in every cell."""
    found = resolve(protocol)
    alike = [
        found.games[condition].model_dump(exclude={"title", "source", "note", "throws", "phases"})
        for condition in found.protocol.design.conditions
    ]
    assert all(cell == alike[0] for cell in alike)
    for condition in found.protocol.design.conditions:
        assert all(phase.pause is None for phase in found.games[condition].phases)


def test_the_demonstration_is_short() -> None:
    """Equally many throws in both cells, and few enough for three minutes with the forms."""
    cells = [game("demo_inclusion"), game("demo_exclusion")]
    assert len({cell.throws for cell in cells}) == 1
    assert cells[0].throws * (2.0 + 1.35) < 60


NEEDS_20 = {
    "belonging": "disconnected- rejected- outsider- belonged interaction",
    "self_esteem": "good_about_myself high_self_esteem liked insecure- satisfied",
    "meaningful_existence": "invisible- meaningless- nonexistent- important useful",
    "control": "powerful control_over_course able_to_alter unable_to_influence- others_decided-",
}
NEEDS_12 = {
    "belonging": "disconnected- rejected- outsider-",
    "self_esteem": "good_about_myself high_self_esteem liked",
    "control": "powerful control_over_course superior",
    "meaningful_existence": "invisible- meaningless- nonexistent-",
}
NEEDS_4 = {
    "belonging": "accepted",
    "self_esteem": "valued",
    "control": "powerful",
    "meaningful_existence": "recognised",
}


@pytest.mark.parametrize(
    ("name", "keying", "low", "high"),
    [("needs", NEEDS_20, 1, 5), ("needs_12", NEEDS_12, 1, 5), ("needs_4", NEEDS_4, 1, 9)],
)
def test_needs_are_keyed_as_published(name: str, keying: dict[str, str], low: int, high: int) -> None:
    """Items, their subscale and their direction; the index is the mean of the four needs."""
    form = measure(name)
    found: dict[str, list[str]] = {}
    for item in form.items:
        found.setdefault(str(item.subscale), []).append(item.id + "-" * item.reverse)
        assert form.bounds(item) == (low, high)
    assert {need: " ".join(items) for need, items in found.items()} == keying
    assert form.role == "need_satisfaction"
    scores = {score.name: score for score in form.scores}
    assert set(scores["index"].mean_of_scores or ()) == set(keying)
    assert {scores[need].mean_of_items for need in keying} == set(keying)
    assert all("satisfied" in score.high_means for score in form.scores)


@pytest.mark.parametrize(
    ("name", "items", "bounds"),
    [
        ("mood", "good friendly pleasant happy bad- unfriendly- angry- sad-", (1, 5)),
        ("mood_4", "good happy relaxed friendly", (1, 7)),
    ],
)
def test_mood_is_keyed_as_published(name: str, items: str, bounds: tuple[int, int]) -> None:
    """High is positive."""
    form = measure(name)
    assert " ".join(item.id + "-" * item.reverse for item in form.items) == items
    assert {form.bounds(item) for item in form.items} == {bounds}
    assert [(score.name, score.high_means) for score in form.scores] == [("index", "positive mood")]


def test_the_suspicion_funnel_goes_from_open_to_closed_and_not_back() -> None:
    """In the order of SCIENCE: odd, fake, purpose, how real, computer, before."""
    funnel = measure("suspicion")
    assert [item.id for item in funnel.items] == [
        "odd",
        "fake",
        "purpose",
        "real",
        "computer_controlled",
        "known_before",
    ]
    assert [funnel.scale_of(item).kind for item in funnel.items] == [
        "text",
        "text",
        "text",
        "vas",
        "choice",
        "choice",
    ]
    assert (funnel.order, funnel.back) == ("fixed", False)


def test_adapted_forms_do_not_carry_a_published_name_alone() -> None:
    """The title says adapted from or our own; every measure cites something."""
    for name in names("measures"):
        form = measure(name)
        assert re.search(r"adapted from|our own", form.title), form.title
        if form.role in ("need_satisfaction", "mood", "hurt", "manipulation_check"):
            assert "not validated" in str(form.note)
            assert "Published wording" in str(form.note)


def test_names_of_measures_are_distinct_labels() -> None:
    """A label of BIDS has letters and digits only."""
    labels = [name.replace("_", "") for name in names("measures")]
    assert len(set(labels)) == len(labels)
    assert "cyberball" not in labels


def test_the_attention_check_is_no_feeling() -> None:
    """Somebody in distress passes it as easily as anybody else."""
    form = measure("attention")
    assert [item.expect for item in form.items] == ["blue"]
    assert {form.scale_of(item).kind for item in form.items} == {"choice"}


@every_session
def test_order_of_the_session(protocol: str, language: str) -> None:
    """Needs, mood, hurt, then the check; suspicion before the debriefing; permission last of all."""
    found = resolve(protocol, language)
    for cell in found.protocol.design.cells():
        steps = [planned.step for planned in found.protocol.planned(cell)]
        kinds = [step.kind for step in steps]
        assert kinds[0] == "consent"
        assert kinds[-2:] == ["debriefing", "permission"]
        for start in [i for i, step in enumerate(steps) if isinstance(step, Play)]:
            roles = []
            for step in steps[start + 1 :]:
                if not isinstance(step, Ask) or step.stage != "reflexive":
                    break
                roles.append(found.measures[step.measure].role)
            asked = [role for role in roles if role != "pain"]
            assert asked == ["need_satisfaction", "mood", "hurt", "manipulation_check"]


def all_words(value: Any, place: str = "") -> Iterator[tuple[str, str]]:
    """Yield every text of a table and its place."""
    if isinstance(value, str):
        yield place, value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from all_words(inner, f"{place}.{key}")
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from all_words(inner, place)


@every_session
def test_nothing_is_told_before_the_measures_that_follow_a_game(protocol: str, language: str) -> None:
    """No page, instruction, stem or button up to the debriefing names what the study varies."""
    assert language in TELLING, f"say in TELLING what must not be read too early in '{language}'"
    found = resolve(protocol, language)
    assert len(found.texts.masked) >= 5, "and list it under `masked`, so that own texts are held to it too"
    early = list(read_early(found.protocol, found.measures, found.texts))
    assert len(early) > 40
    for place, words in early:
        assert not re.search(TELLING[language], words, re.IGNORECASE), f"{place}: {words}"


@every_session
def test_no_text_before_the_debriefing_names_a_game(protocol: str, language: str) -> None:
    """Neither a cell of this study nor any other game of the house, in any item or page or name."""
    found = resolve(protocol, language)
    telling = {name for name in names("games") if name != "practice"}
    telling |= {name.replace("_", " ") for name in telling} | {
        cell.name for cell in found.protocol.design.cells()
    }
    shown = dict(shown_before_debriefing(found))
    assert len(shown) > 40
    for place, words in shown.items():
        for name in telling:
            assert name not in words.casefold(), f"{place}: {words}"


def shown_before_debriefing(found: Resolved) -> Iterator[tuple[str, str]]:
    """Yield everything that a participant may read before the debriefing, items after the game included."""
    yield from read_early(found.protocol, found.measures, found.texts)
    for name in found.measures:
        yield from all_words(found.texts.measures[name].model_dump(), f"measures.{name}")
    for file in found.games.values():
        yield from ((f"coplayers.{coplayer.name}", coplayer.name) for coplayer in file.coplayers)


@pytest.mark.parametrize("language", names("texts"))
def test_consent_announces_the_stop_and_debriefing_explains_the_deception(language: str) -> None:
    """What ethics ask for is on the pages in whatever language: the key, and a contact at every turn."""
    texts = read(CONDITIONS / "texts" / f"{language}.toml", Texts)
    for page in ("consent", "demo_consent"):
        body = " ".join(texts.pages[page].body)
        assert "F10" in body
        assert "{contact}" in body
    assert "{contact}" in " ".join(texts.pages["debriefing"].body)
    assert "{contact}" in " ".join(texts.pages["permission"].body)


def test_the_english_debriefing_tells_the_truth() -> None:
    """Computer-controlled, by design, nothing to do with them, normal feelings, why, and whom to turn to."""
    body = " ".join(read(CONDITIONS / "texts" / "en.toml", Texts).pages["debriefing"].body)
    for fact in (
        "computer-controlled",
        "by design",
        "nothing whatever to do with you",
        "normal",
        "believe that the others were real",
        "sorry",
    ):
        assert fact in body


def test_studies_watch_over_distress() -> None:
    """An answer at the end of the scale alerts the experimenter in the protocols that are studies."""
    for name in ("classic", "within_gradual"):
        assert {alert.measure for alert in resolve(name).protocol.alerts} >= {"hurt", "mood"}


def pseudo(value: Any) -> Any:
    """Return a table in a language that nobody speaks: every text made longer and foreign."""
    if isinstance(value, dict):
        return {key: pseudo(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [pseudo(inner) for inner in value]
    return str(value).translate(str.maketrans("aeo", "äéø")) + " ¡ж漢!"


def as_toml(table: dict[str, Any], above: str = "") -> Iterator[str]:
    """Write a table of texts as TOML."""
    plain = {key: value for key, value in table.items() if not isinstance(value, dict)}
    if above:
        yield f"[{above}]"
    for key, value in plain.items():
        yield f"{key} = {quoted(value)}"
    for key, value in table.items():
        if isinstance(value, dict):
            yield from as_toml(value, f"{above}.{key}" if above else key)


def quoted(value: Any) -> str:
    """Write a text, or a list of them, as TOML."""
    if isinstance(value, list):
        return "[" + ", ".join(quoted(inner) for inner in value) + "]"
    return '"' + str(value).replace("\\", "\\\\").replace('"', '\\"') + '"'


def test_adding_a_language_is_adding_a_file(tmp_path: Path) -> None:
    """A translation of en.toml serves every protocol, with no other file touched."""
    english = tomllib.loads((CONDITIONS / "texts" / "en.toml").read_text(encoding="utf-8"))
    foreign = pseudo(english)
    foreign["ui"]["number_needed"] = "¡{low} {high}!"
    for page in foreign["pages"].values():
        page["body"] = [line.replace("{cøntäct}", "{contact}") for line in page["body"]]
    shutil.copytree(CONDITIONS, tmp_path, dirs_exist_ok=True)
    (tmp_path / "texts" / "xx.toml").write_text("\n".join(as_toml(foreign)), encoding="utf-8")
    for protocol in names("protocols"):
        found = resolve(protocol, "xx", root=tmp_path)
        assert found.language == "xx"
        assert "漢" in found.texts.ui.go_on


def test_a_lab_adds_its_own_words_without_touching_a_shipped_file(tmp_path: Path) -> None:
    """Files in texts/en/ add pages and measures; what is there already is not replaced unseen."""
    shutil.copytree(CONDITIONS, tmp_path, dirs_exist_ok=True)
    (tmp_path / "measures" / "own.toml").write_text(
        'title = "O"\ncitation = "x"\nrole = "other"\nscale = { kind = "vas" }\nitems = [{ id = "calm" }]\n',
        encoding="utf-8",
    )
    demo = tmp_path / "protocols" / "demo.toml"
    text = demo.read_text(encoding="utf-8")
    step = (
        '[[steps]]\nkind = "measure"\nmeasure = "own"\nstage = "reflexive"\n\n[[steps]]\nkind = "debriefing"'
    )
    demo.write_text(text.replace('[[steps]]\nkind = "debriefing"', step), encoding="utf-8")
    own = tmp_path / "texts" / "en" / "our_lab.toml"
    own.parent.mkdir()
    words = '[measures.own]\nitems.calm = { words = "How calm?", labels = ["not", "very"] }\n'
    own.write_text(words, encoding="utf-8")
    found = resolve("demo", root=tmp_path)
    assert found.texts.measures["own"].items["calm"].words == "How calm?"
    assert "texts/en/our_lab.toml" in found.files
    assert check_file(own) == "texts"
    own.write_text('[pages.rest]\ntitle = "Rest"\nbody = []\n', encoding="utf-8")
    with pytest.raises(Exception, match=r"our_lab.toml: pages.rest is there already"):
        resolve("demo", root=tmp_path)


def test_the_digest_follows_every_file_and_nothing_else() -> None:
    """Two sessions with one digest were run with the same definitions."""
    assert resolve("demo").digest == resolve("demo").digest
    assert len({resolve(name).digest for name in names("protocols")}) == len(names("protocols"))
    assert set(resolve("demo").files) == {
        "protocols/demo.toml", "texts/en.toml", "games/demo_inclusion.toml", "games/demo_exclusion.toml",
        "games/practice.toml", "measures/needs_4.toml", "measures/mood_4.toml", "measures/hurt_vas.toml",
        "measures/manipulation_check.toml",
    }  # fmt: skip
