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
from experiment.definitions.durations import Fixed, Uniform
from experiment.definitions.game import Game
from experiment.definitions.library import KINDS
from experiment.definitions.masking import read_early
from experiment.definitions.measure import Measure
from experiment.definitions.reading import read
from experiment.definitions.steps import Ask, Connecting, Consent, Debriefing, Play, ShowPage
from experiment.definitions.texts import Texts

TELLING = {
    "en": r"exclu|ostrac|reject|ignor|inclus|\bleft out|leave out|lonel|abandon|social pain|cyberball|shunn"
    r"|\bcondition|decei|decept|manipulat",
}
"""For every language what none of its texts may say too early; a new language brings a line of its own."""

COVER = {"en": r"computer.controlled|controlled by|computer's players|\bscript|program|not people|not real"}
"""Likewise what nobody may read too early who is to take the co-players for people."""

STUDIES = [name for name in names("protocols") if not name.startswith("demo")]
OPEN = [name for name in names("protocols") if name.endswith("_open")]

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
    assert set(names("protocols")) >= {
        "classic", "within_gradual", "demo", "dose_response", "dose_response_within", "three_runs",
        "parametric_blocks", "alternating_blocks", "partial_exclusion", "change_of_heart", "belief",
        "classic_stratified",
    }  # fmt: skip
    assert set(DOSES) | set(BY_CHANCE) | {"practice", "practice_4"} == set(names("games"))
    assert set(names("measures")) >= {
        "needs", "needs_12", "needs_4", "mood", "mood_4", "mood_1", "hurt", "hurt_vas", "manipulation_check",
        "suspicion", "demographics", "attention", "filler", "pain_intensity", "pain_unpleasantness",
    }  # fmt: skip


DOSES = {
    "inclusion": [(30, 10)],
    "inclusion_long": [(140, 47)],
    "inclusion_200": [(200, 66)],
    "exclusion": [(6, 2), (24, 0)],
    "exclusion_once": [(6, 1), (24, 0)],
    "exclusion_after_fair_play": [(21, 7), (45, 0)],
    "gradual_exclusion": [(29, 9), (25, 5), (23, 3), (22, 2), (21, 1), (20, 1)],
    "ramp_exclusion": [(60, 10)],
    "partial_exclusion": [(30, 5)],
    "partial_exclusion_16": [(200, 32)],
    "partial_exclusion_26": [(200, 52)],
    "partial_exclusion_stepped": [(100, 33), (200, 32)],
    "over_inclusion": [(30, 15)],
    "over_inclusion_46": [(200, 92)],
    "observe": [(30, 0)],
    "observe_told": [(30, 0)],
    "change_of_heart": [(6, 2), (24, 0), (30, 10)],
    "reinclusion": [(10, 5), (6, 2)],
    "reinclusion_4": [(10, 5), (6, 2)],
    "other_excluded": [(12, 3), (24, 8)],
    "slow_player": [(30, 10)],
    "overruled": [(30, 10), (30, 10)],
    "high_place": [(30, 10)],
    "low_place": [(30, 10)],
    "block_0": [(9, 0)],
    "block_33": [(9, 1)],
    "block_66": [(9, 2)],
    "block_100": [(9, 3)],
    "demo_inclusion": [(15, 5)],
    "demo_exclusion": [(5, 2), (10, 0)],
}
"""Throws and exact receptions of every phase."""

BY_CHANCE: dict[str, list[tuple[int | None, int | None, object]]] = {
    "gradual_recovering": [(30, 10, None), (120, None, (0.0, 0.1, 1.0))],
    "one_excludes": [(8, 2, None), (32, None, (0.5, 0.5, 0.0))],
    "two_exclude": [(8, 2, None), (32, None, (0.5, 0.0, 0.0))],
    "alternating_inclusion": [(None, None, 0.5)],
    "alternating_exclusion": [(None, None, 0.0)],
    "exclusion_timed": [(6, 2, None), (None, None, 0.0)],
    "leaving_players": [(16, None, 0.3333), (34, None, 0.0)],
}
"""Throws, exact receptions and chances of games in which not everything is exact."""


@pytest.mark.parametrize("name", DOSES)
def test_doses_are_those_of_the_sources(name: str) -> None:
    """Throws and exact receptions, phase by phase."""
    assert [(phase.throws, phase.exact_count()) for phase in game(name).phases] == DOSES[name]


@pytest.mark.parametrize("name", BY_CHANCE)
def test_chances_are_those_of_the_sources(name: str) -> None:
    """Where time or chance decides: a chance of 1/2 for a third, the whole run of the chance that grows."""
    found = []
    for phase in game(name).phases:
        grows = phase.growing and (phase.growing.start, phase.growing.step, phase.growing.most)
        found.append((phase.throws, phase.exact_count(), grows or phase.probability))
    assert found == BY_CHANCE[name]


def test_games_that_end_by_time_end_as_published() -> None:
    """Blocks of 30 s (POLEX), and three minutes."""
    timed = {name: game(name).duration_s for name in names("games") if game(name).duration_s}
    assert timed == {"alternating_inclusion": 30.0, "alternating_exclusion": 30.0, "exclusion_timed": 180.0}


def test_the_cells_of_dose_response_take_equally_many_throws() -> None:
    """1/2, 1/3, 1/6 and nothing but the opening, of thirty each: time spent is no explanation."""
    found = resolve("dose_response")
    cells = [found.games[name] for name in found.protocol.design.conditions]
    assert [cell.throws for cell in cells] == [30] * 4
    assert [sum(phase.exact_count() or 0 for phase in cell.phases) for cell in cells] == [15, 10, 5, 2]


def test_cells_for_averages_have_thirty_receptions() -> None:
    """Event-related potentials need at least as many of each kind."""
    long = [name for name in names("games") if (game(name).throws or 0) >= 200]
    assert len(long) == 5
    for name in long:
        assert all((phase.exact_count() or 0) >= 30 for phase in game(name).phases)


MARKED = re.compile("quoted|recalled|our choice", re.IGNORECASE)


@pytest.mark.parametrize("name", names("games"))
def test_every_number_of_a_game_says_where_it_is_from(name: str) -> None:
    """Each stretch of lines with a number in it says quoted, recalled or our choice."""
    text = (CONDITIONS / "games" / f"{name}.toml").read_text(encoding="utf-8")
    for stretch in re.sub(r'(?m)^(title|source|note) = ".*"\n', "", text).split("\n\n"):
        values = [line.split(" # ")[0] for line in stretch.splitlines() if not line.startswith("#")]
        given = [line for line in values if re.search(r"\d", re.sub(r'"[^"/]*"', "", line))]
        assert MARKED.search(stretch) or not given, stretch


REFERENCE = {"kind": "uniform", "low_s": 2.0, "high_s": 5.0}
PUBLIC_SCANNER_CODE = {"kind": "uniform", "low_s": 0.5, "high_s": 3.5}
OTHER_PAUSES = {
    "gradual_recovering": {"kind": "uniform", "low_s": 2.0, "high_s": 3.0},
    **dict.fromkeys(["alternating_inclusion", "alternating_exclusion"], PUBLIC_SCANNER_CODE),
    **dict.fromkeys([n for n in names("games") if (game(n).throws or 0) >= 200], PUBLIC_SCANNER_CODE),
    **{n: {"kind": "uniform", "low_s": 0.5, "high_s": 2.5} for n in names("games") if n.startswith("block_")},
}


def test_pauses_are_those_of_the_reference_program() -> None:
    """2 s + uniform 0-3 s (Williams & Jarvis 2006) wherever something is measured and no source differs."""
    for name in names("games"):
        if not name.startswith(("practice", "demo")):
            assert game(name).pause.model_dump() == OTHER_PAUSES.get(name, REFERENCE), name


@pytest.mark.parametrize("name", ["block_0", "block_33", "block_66", "block_100"])
def test_a_throw_event_of_a_block_takes_what_is_published(name: str) -> None:
    """2.7 s on average, jitter and flight, and as much when the participant answers in the usual time."""
    block = game(name)
    assert isinstance(block.pause, Uniform)
    assert isinstance(block.flight, Fixed)
    assert block.compensation is not None
    jitter = (block.pause.low_s + block.pause.high_s) / 2
    assert jitter + block.flight.value_s == pytest.approx(2.7)
    assert block.compensation.usual_response_s == jitter
    assert (block.compensation.low_s, block.compensation.high_s) == (block.pause.low_s, block.pause.high_s)


def test_the_slow_player_is_slow() -> None:
    """One of them, 16 s each time (CyberballOS preset)."""
    pauses = [coplayer.pause for coplayer in game("slow_player").coplayers]
    assert pauses[0] is None
    assert pauses[1] == Fixed(kind="fixed", value_s=16.0)


def test_no_inclusion_contains_an_exclusion() -> None:
    """Fair play of three never passes the participant by five times in a row."""
    for name in names("games"):
        for phase in game(name).phases:
            if phase.name == "fair_play" and game(name).players == 3 and phase.exact_count() is not None:
                assert (phase.max_wait or 99) <= 4, name


def apart(*games: Game) -> set[str]:
    """Return the keys in which games differ, of those that tell more than who gets the ball how often."""
    tables = [file.model_dump(exclude={"title", "source", "note", "throws", "phases"}) for file in games]
    return {key for table in tables for key, value in table.items() if value != tables[0][key]}


WATCHED = ("three_runs", "three_runs_open", "pain_sensitivity", "pain_sensitivity_open")
BY_NATURE = {name: {"messages"} for name in WATCHED}
"""What else differs between the cells of a protocol: who only watches is told so on the court."""


@pytest.mark.parametrize("protocol", names("protocols"))
def test_cells_differ_in_throws_alone(protocol: str) -> None:
    """Co-players, names, colours, ball, pauses and what follows a slow answer are the same in every cell."""
    found = resolve(protocol)
    cells = [found.games[condition] for condition in found.protocol.design.conditions]
    assert apart(*cells) == BY_NATURE.get(protocol, set())
    assert all(phase.pause is None and not phase.overruled for cell in cells for phase in cell.phases)


@pytest.mark.parametrize(
    ("one", "other", "differs"),
    [
        ("slow_player", "inclusion", {"coplayers"}),
        ("high_place", "low_place", {"participant"}),
        ("observe", "inclusion", {"messages"}),
        ("overruled", "inclusion", set()),
        ("one_excludes", "two_exclude", set()),
        ("over_inclusion_46", "inclusion_200", set()),
        ("partial_exclusion_stepped", "inclusion_200", set()),
        ("exclusion_timed", "inclusion", {"duration_s"}),
        ("change_of_heart", "inclusion", set()),
        ("reinclusion", "inclusion", set()),
        ("reinclusion_4", "other_excluded", set()),
    ],
)
def test_games_made_to_be_compared_differ_in_one_thing(one: str, other: str, differs: set[str]) -> None:
    """A slow player is otherwise a fair game; a high place is otherwise a low one."""
    assert apart(game(one), game(other)) == differs


def test_the_demonstration_is_short() -> None:
    """Equally many throws in both cells, and few enough for three minutes with the forms."""
    cells = [game("demo_inclusion"), game("demo_exclusion")]
    assert len({cell.throws for cell in cells}) == 1
    assert (cells[0].throws or 0) * (2.0 + 1.35) < 60


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
        ("mood_1", "mood", (1, 5)),
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


def test_the_filler_touches_nothing_that_is_measured() -> None:
    """About ten questions of several kinds, none of a person, a feeling or a right answer; no scores."""
    form = measure("filler")
    assert 8 <= len(form.items) <= 12
    assert form.role == "other"
    assert not form.scores
    assert all(item.expect is None for item in form.items)
    words = read(CONDITIONS / "texts" / "en.toml", Texts).measures["filler"].model_dump()
    felt = r"\b(feel(ing|s)?|felt|mood|friends?|people|others?|alone|togeth\w+|yourself|good|bad|control)\b"
    for place, text in all_words(words["items"]):
        assert not re.search(felt, text.replace("envelope feel", ""), re.IGNORECASE), f"{place}: {text}"


ROLES = ("need_satisfaction", "mood", "hurt", "manipulation_check")


@every_session
def test_order_of_the_session(protocol: str, language: str) -> None:
    """Needs, mood, hurt, then the check; suspicion before the debriefing; permission last of all."""
    found = resolve(protocol, language)
    for cell in found.protocol.design.cells():
        steps = [planned.step for planned in found.protocol.planned(cell)]
        kinds = [step.kind for step in steps]
        assert kinds[0] == "consent"
        assert kinds[-2:] == ["debriefing", "permission"]
        played = [i for i, step in enumerate(steps) if isinstance(step, Play)]
        assert "reflexive" in {step.stage for step in steps if isinstance(step, Ask)}
        for start, end in zip(played, [*played[1:], len(steps)], strict=True):
            asked = [step for step in steps[start:end] if isinstance(step, Ask) and step.stage == "reflexive"]
            roles = [role for ask in asked if (role := found.measures[ask.measure].role) in ROLES]
            assert roles == sorted(roles, key=ROLES.index)


def test_a_classic_session_asks_everything() -> None:
    """All four, in this order, in the protocols that are no blocks."""
    for name in ("classic", "within_gradual", "dose_response", "dose_response_within", "partial_exclusion"):
        found = resolve(name)
        asked = [ask for ask in found.protocol.measures() if ask.stage == "reflexive"]
        roles = [found.measures[ask.measure].role for ask in asked]
        assert tuple(role for role in roles if role != "pain") == ROLES


def test_filler_stands_between_reflexive_and_reflective_forms() -> None:
    """Wherever both are asked after a game that is played once."""
    asked = {name: [(a.measure, a.stage) for a in resolve(name).protocol.measures()] for name in STUDIES}
    for name, forms in asked.items():
        stages = [stage for _, stage in forms]
        if "reflective" in stages and not name.startswith("within_gradual"):
            at = forms.index(("filler", "between"))
            assert "reflexive" not in stages[at:], name
            assert "reflective" not in stages[:at], name


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
    assert len(found.texts.masked_cover) >= 5
    early = list(read_early(found.protocol, found.games, found.measures, found.texts))
    assert len(early) > 40
    for place, words, covered in early:
        assert not re.search(TELLING[language], words, re.IGNORECASE), f"{place}: {words}"
        assert not (covered and re.search(COVER[language], words, re.IGNORECASE)), f"{place}: {words}"


@every_session
def test_no_text_before_the_debriefing_names_a_game(protocol: str, language: str) -> None:
    """Neither a cell of this study nor any other game of the house, in any item or page or name."""
    found = resolve(protocol, language)
    telling = {name for name in names("games") if not name.startswith("practice")}
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
    for place, words, _ in read_early(found.protocol, found.games, found.measures, found.texts):
        yield place, words
    for name in found.measures:
        yield from all_words(found.texts.measures[name].model_dump(), f"measures.{name}")
    for file in found.games.values():
        yield from ((f"coplayers.{coplayer.name}", coplayer.name) for coplayer in file.coplayers)


@pytest.mark.parametrize("language", names("texts"))
def test_consent_announces_the_stop_and_debriefing_explains_the_deception(language: str) -> None:
    """What ethics ask for is on the pages in whatever language: the key, and a contact at every turn."""
    texts = read(CONDITIONS / "texts" / f"{language}.toml", Texts)
    pages = {name: " ".join(page.body) for name, page in texts.pages.items()}
    assert {name for name in pages if "consent" in name} >= {"consent", "consent_open", "demo_consent"}
    for name, body in pages.items():
        assert "F10" in body or "consent" not in name, name
        if "consent" in name or "debriefing" in name or name == "permission":
            assert "{contact}" in body, name


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


def debriefings(name: str) -> dict[str, str]:
    """Return the debriefing that people of each cell of a protocol read."""
    found = resolve(name)
    pages = {}
    for cell in found.protocol.design.cells():
        (page,) = [p.step.page for p in found.protocol.planned(cell) if isinstance(p.step, Debriefing)]
        pages[cell.name] = " ".join(found.texts.pages[page].body)
    return pages


@pytest.mark.parametrize("name", STUDIES)
def test_debriefings_are_true_for_what_was_done(name: str) -> None:
    """What people believed, how they came to their games, every kind of dose: in the words of the page."""
    found = resolve(name)
    doses = [found.games[condition] for condition in found.protocol.design.conditions]
    shares = [sum(p.exact_count() or 0 for p in file.phases) / file.throws for file in doses if file.throws]
    for cell in found.protocol.design.cells():
        body = debriefings(name)[cell.name]
        assert "nothing whatever to do with you" in body
        assert ("let you believe" in body) == (found.protocol.belief_of(cell) == "human")
        assert ("not real people" in body) == (found.protocol.belief_of(cell) == "human")
        assert ("misled" in body) == (not name.endswith("_open"))
        assert ("Which schedule you had was decided by chance" in body) == bool(found.protocol.design.between)
        assert ("Everybody goes through" in body) == bool(found.protocol.design.within)
        assert bool(re.search(r"more often than|more than that", body)) == any(s > 0.34 for s in shares)
        ends_in_nothing = any(file.phases[-1].exact_count() == 0 for file in doses)
        says_so = bool(re.search(r"not at all|never again|none at all", body))
        assert says_so or not ends_in_nothing
        assert ("last short round" in body) == (found.protocol.ending is not None)


@pytest.mark.parametrize("name", OPEN)
def test_without_deception_nothing_is_said_that_is_not_so(name: str) -> None:
    """People are told of the computer before the game; nobody joins, nobody is asked for suspicion."""
    found = resolve(name)
    for _, words, covered in read_early(found.protocol, found.games, found.measures, found.texts):
        assert not covered
        assert not re.search(r"real people|people like you|mental visualisation|\blink\b", words), words
    for cell in found.protocol.design.cells():
        steps = [planned.step for planned in found.protocol.planned(cell)]
        assert found.protocol.belief_of(cell) in ("computer", "scripted")
        assert not any(isinstance(step, Connecting) for step in steps)
        assert not any(isinstance(step, Ask) and step.measure == "suspicion" for step in steps)
        first = next(i for i, step in enumerate(steps) if isinstance(step, Play))
        shown = [step.page for step in steps[:first] if isinstance(step, Consent | ShowPage)]
        told = [
            re.findall("controlled by the computer|script", " ".join(found.texts.pages[p].body))
            for p in shown
        ]
        assert told[0] == ["controlled by the computer"], "at consent"
        assert any(told[1:]), "and once more before the game"


def test_every_protocol_has_a_variant_without_deception() -> None:
    """The demonstration too."""
    deceiving = {name for name in names("protocols") if name not in OPEN}
    assert {f"{name}_open" for name in deceiving} == set(OPEN)


def test_beliefs_are_told_as_the_factor_says() -> None:
    """People, a computer, a script: each level reads its own page, and they differ in that alone."""
    found = resolve("belief")
    pages = [found.texts.pages[f"instructions_{level}"] for level in found.protocol.levels("belief")]
    assert len({page.title for page in pages}) == 1
    assert len({page.body[1:] for page in pages}) == 1
    for page, word in zip(pages, ("people like you", "computer", "script"), strict=True):
        assert word in page.body[0]


@pytest.mark.parametrize("name", STUDIES)
def test_studies_watch_over_distress(name: str) -> None:
    """An answer at the end of the scale alerts the experimenter in the protocols that are studies."""
    alerts = {alert.measure for alert in resolve(name).protocol.alerts}
    assert alerts in ({"hurt", "mood"}, {"hurt_vas"}, {"hurt_vas", "distress_vas"})


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
    foreign["ui"]["decimal_needed"] = "¡{low} {high}!"
    foreign["ui"]["has_left"] = "¡{name}!"
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
