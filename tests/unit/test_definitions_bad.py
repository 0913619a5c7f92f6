"""Every file in tests/bad is refused with the line beside it, and with no other exception."""

from __future__ import annotations

import shutil
from functools import partial
from pathlib import Path

import pytest

from experiment.definitions import DefinitionError, check_file, resolve
from experiment.definitions.library import KINDS

BAD = Path(__file__).parents[1] / "bad"
CASES = sorted(file for kind in KINDS for file in (BAD / kind).glob("*.toml"))


@pytest.fixture
def lab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small lab that is in order, as the working folder."""
    shutil.copytree(BAD / "base", tmp_path / "lab")
    monkeypatch.chdir(tmp_path / "lab")
    return tmp_path / "lab"


def refusal(case: Path, lab: Path) -> str:
    """Put the bad file into the lab and return the line with which it is refused."""
    kind = case.parent.name
    file = lab / kind / case.name
    shutil.copy(case, file)
    check = partial(resolve, "session", case.stem, root=lab) if kind == "texts" else partial(check_file, file)
    with pytest.raises(DefinitionError) as refused:
        check()
    return str(refused.value)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.parent.name}-{case.stem}")
def test_a_bad_file_is_refused_with_the_line_beside_it(case: Path, lab: Path) -> None:
    """File, key, value, what is allowed: to the letter."""
    assert refusal(case, lab) == case.with_suffix(".txt").read_text(encoding="utf-8").rstrip("\n")


def test_every_bad_file_has_its_line_and_every_line_its_file() -> None:
    """No case is left without what it expects, none expects anything without a case."""
    lines = {file.with_suffix(".toml") for kind in KINDS for file in (BAD / kind).glob("*.txt")}
    assert lines == set(CASES)
    assert len(CASES) >= 250


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.parent.name}-{case.stem}")
def test_a_refusal_speaks_to_a_researcher(case: Path) -> None:
    """One line of moderate length, without the words of the library that checks."""
    line = case.with_suffix(".txt").read_text(encoding="utf-8").rstrip("\n")
    assert line.isprintable()
    assert len(line) < 400
    for jargon in (
        "Input",
        "pydantic",
        "validat",
        "tuple",
        "dict",
        "NoneType",
        "None",
        "str ",
        "constrained",
    ):
        assert jargon not in line


def test_the_lab_of_the_bad_files_is_in_order(lab: Path) -> None:
    """What is refused is refused for the one thing that is wrong with it."""
    assert check_file(lab / "protocols" / "session.toml") == "protocols"
    for kind in ("games", "measures", "texts", "exclusions"):
        for file in (lab / kind).glob("*.toml"):
            assert check_file(file) == kind


def test_the_cover_story_may_be_told_to_those_who_know_better(lab: Path) -> None:
    """A word of `masked_cover` stops a session of people who believe in humans, and no other."""
    session, texts = lab / "protocols" / "session.toml", lab / "texts" / "en.toml"
    shutil.copy(BAD / "texts" / "cover_broken_on_a_page.toml", texts)
    with pytest.raises(DefinitionError, match="masked_cover"):
        check_file(session)
    told = session.read_text(encoding="utf-8")
    session.write_text(told.replace("contact =", 'belief = "computer"\ncontact =', 1), encoding="utf-8")
    assert check_file(session) == "protocols"


def test_a_page_of_one_belief_may_say_what_that_of_another_may_not(lab: Path) -> None:
    """With belief as a factor, each level has its own page, and each page its own words."""
    case = BAD / "protocols" / "cover_broken_at_the_level_that_believes.toml"
    assert "pages.cover_human.body[1] has 'computer'" in refusal(case, lab)
    texts = lab / "texts" / "en.toml"
    words = texts.read_text(encoding="utf-8")
    texts.write_text(words.replace("by a computer", "by two others", 1), encoding="utf-8")
    assert 'title = "A page on the other players"\nbody = ["They are played by a computer."]' in (
        texts.read_text(encoding="utf-8")
    )
    assert check_file(lab / "protocols" / case.name) == "protocols"


def test_a_file_too_large_to_be_a_definition_is_not_read(lab: Path) -> None:
    """A recording that was saved under the wrong name is refused by its size."""
    file = lab / "games" / "huge.toml"
    file.write_bytes(b"# " + b"x" * 2_000_000)
    with pytest.raises(
        DefinitionError, match=r"games/huge.toml: has 2000002 bytes; a definition has at most 1000000"
    ):
        check_file(file)


def test_a_file_that_is_not_there_is_named(lab: Path) -> None:
    """The name of the file stands first, whatever the system says."""
    with pytest.raises(DefinitionError, match=r"^games/nothing.toml: cannot be read"):
        check_file(lab / "games" / "nothing.toml")


def test_a_file_in_a_folder_of_no_kind_is_refused(lab: Path) -> None:
    """The folder says what kind of definition a file is."""
    file = lab / "game.toml"
    file.write_text("title = 1\n", encoding="utf-8")
    with pytest.raises(
        DefinitionError,
        match="lies in folder 'lab'; definitions lie in games, measures, protocols, texts, exclusions",
    ):
        check_file(file)
