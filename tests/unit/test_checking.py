"""`spot check`: what is good, what is wrong, and what a researcher learns of a game and a protocol."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from experiment.checking import check_all, located
from experiment.definitions import CONDITIONS, DefinitionError

GAMES = CONDITIONS / "games"


def checked(*given: str | Path, picture: Path | None = None) -> tuple[int, list[str], list[str]]:
    """Return the exit code, what was said and what was complained of."""
    said: list[str] = []
    complained: list[str] = []
    code = check_all([str(what) for what in given], said.append, complained.append, picture)
    return code, said, complained


def test_a_game_is_told_by_phase_and_in_all() -> None:
    """By name or by file."""
    code, said, complained = checked("exclusion")
    assert (code, complained) == (0, [])
    assert said == checked(GAMES / "exclusion.toml")[1]
    assert said[0] == "games/exclusion.toml: good"
    assert any("whole run" in line and "2 received, exactly" in line for line in said)


def test_a_protocol_tells_cells_belief_ending_games_and_what_is_open() -> None:
    """One line for each game."""
    code, said, _ = checked("classic")
    assert code == 0
    text = "\n".join(said)
    assert "3 cells (between): inclusion, exclusion, gradual_exclusion" in text
    assert "co-players are believed to be: human" in text
    assert "ends " in text
    assert "game gradual_exclusion: 140 throws, exactly 21 received: 15.0 %" in text
    assert "contact is still a placeholder" in text


def test_strata_and_an_ending_are_told(tmp_path: Path) -> None:
    """Also of a protocol that extends the one that has them."""
    shutil.copytree(CONDITIONS, tmp_path / "lab")
    folder = tmp_path / "lab" / "protocols"
    text = (folder / "classic.toml").read_text(encoding="utf-8")
    strata = '[[design.strata]]\nmeasure = "demographics"\nitem = "age"\nbounds = [30, 50]\n'
    asked = '[[steps]]\nkind = "measure"\nmeasure = "demographics"\nstage = "baseline"\n'
    text = text.replace("[[alerts]]", f"{strata}\n[[alerts]]", 1)
    text = text.replace('page = "questions"\n', f'page = "questions"\n\n{asked}', 1)
    (folder / "strata.toml").write_text(text, encoding="utf-8")
    (folder / "again.toml").write_text(
        'extends = "strata"\ntitle = "Again"\nstudy = "again"\nending = "reinclusion"\n', encoding="utf-8"
    )
    code, said, complained = checked(folder / "again.toml")
    assert (code, complained) == (0, [])
    assert any("ends on the game reinclusion" in line for line in said)
    assert any("balanced within strata of age (30 | 50)" in line for line in said)
    assert any("contact is still a placeholder" in line for line in said)


def test_every_mistake_is_told_and_the_rest_is_checked(tmp_path: Path) -> None:
    """One line each, exit code 2."""
    folder = tmp_path / "games"
    folder.mkdir()
    good = (GAMES / "exclusion.toml").read_text(encoding="utf-8")
    (folder / "bad.toml").write_text(good.replace("throws = 30", "throws = 31"), encoding="utf-8")
    (folder / "good.toml").write_text(good, encoding="utf-8")
    code, said, complained = checked(
        folder / "bad.toml", folder / "none.toml", "exclusoin", folder / "good.toml"
    )
    assert code == 2
    assert [line.startswith("spot: ") for line in complained] == [True, True, True]
    assert "throws = 31" in complained[0]
    assert "there is no such file" in complained[1]
    assert "'exclusion'" in complained[2]
    assert "games/good.toml: good" in said


def test_what_runs_never_show_is_a_warning(tmp_path: Path) -> None:
    """The file is good all the same."""
    folder = tmp_path / "games"
    folder.mkdir()
    good = (GAMES / "exclusion.toml").read_text(encoding="utf-8")
    line = '[[messages]]\ntext = "hello"\nafter_throw = 29\nafter_s = 60.0\n'
    (folder / "late.toml").write_text(f"{good}\n{line}", encoding="utf-8")
    code, said, _ = checked(folder / "late.toml")
    assert code == 0
    assert any("warning: messages[1] ('hello') comes up in none" in line for line in said)


def test_a_picture_is_drawn_of_one_game(tmp_path: Path) -> None:
    """And said to be."""
    picture = tmp_path / "dose.svg"
    code, said, _ = checked("practice", picture=picture)
    assert code == 0
    assert picture.stat().st_size > 1000
    assert str(picture) in said[-1]


@pytest.mark.parametrize("given", [(), ("practice", "exclusion"), ("needs",), ("classic",), ("practise",)])
def test_a_picture_of_anything_else_is_refused(given: tuple[str, ...], tmp_path: Path) -> None:
    """Before anything is checked."""
    with pytest.raises(DefinitionError):
        checked(*given, picture=tmp_path / "dose.png")
    assert not (tmp_path / "dose.png").exists()


def test_a_bad_game_is_not_drawn(tmp_path: Path) -> None:
    """Its mistake is told."""
    folder = tmp_path / "games"
    folder.mkdir()
    (folder / "bad.toml").write_text("title = 1", encoding="utf-8")
    assert checked(folder / "bad.toml", picture=tmp_path / "dose.png")[0] == 2
    assert not (tmp_path / "dose.png").exists()


def test_names_find_games_protocols_and_measures() -> None:
    """Whichever kind has the name."""
    assert located("inclusion") == GAMES / "inclusion.toml"
    assert located("classic").parent.name == "protocols"
    assert located("needs").parent.name == "measures"
    with pytest.raises(DefinitionError, match="did you mean 'inclusion'"):
        located("inclusoin")


def own_study(folder: Path) -> Path:
    """Return a copy of the definitions, as the folder of a study of one's own."""
    return Path(shutil.copytree(CONDITIONS, folder / "study"))


def test_a_photograph_in_the_wrong_folder_is_told_by_the_game_alone(tmp_path: Path) -> None:
    """Before any protocol names the game, and without calling it good first."""
    game = own_study(tmp_path) / "games" / "inclusion.toml"
    text = game.read_text(encoding="utf-8")
    game.write_text(text.replace('name = "Alex"', 'name = "Alex", photo = "alex.png"'), encoding="utf-8")
    (game.parent / "alex.png").write_bytes(b"beside the game")
    code, said, complained = checked(game)
    assert (code, said) == (2, [])
    assert "coplayers[1].photo = 'alex.png'" in complained[0]
    assert "photos/alex.png is not there" in complained[0]


def test_a_session_whose_games_have_other_co_players_is_a_warning(tmp_path: Path) -> None:
    """A practice among three before a game among four shows another company."""
    study = own_study(tmp_path)
    file = study / "protocols" / "classic.toml"
    text = file.read_text(encoding="utf-8")
    assert not any("warning" in line for line in checked(file)[1])
    file.write_text(text.replace('game = "practice"', 'game = "practice_4"'), encoding="utf-8")
    warnings = [line for line in checked(file)[1] if "warning" in line]
    assert len(warnings) == 1
    assert "Alex, Sam, Robin in practice_4" in warnings[0]


@pytest.mark.parametrize(
    ("place", "line"),
    [
        ("games/fading out.toml", "'fading out', which names it, must be a name of lower case letters"),
        ("games/inclusion.toml.txt", "the name of a definition ends in .toml"),
        ("protocols/inclusion.toml", "lies in protocols/, but is written like the files in games/"),
    ],
)
def test_a_game_that_no_protocol_could_find_is_refused(place: str, line: str, tmp_path: Path) -> None:
    """By its name, or by the folder in which it lies."""
    file = own_study(tmp_path) / place
    shutil.copy(GAMES / "inclusion.toml", file)
    code, said, complained = checked(file)
    assert (code, said) == (2, [])
    assert line in complained[0]


def test_texts_of_a_lab_are_checked_where_they_lie_and_beside_the_language(tmp_path: Path) -> None:
    """What is there already is told by the file alone; a file beside the language is sent to its folder."""
    texts = own_study(tmp_path) / "texts"
    (texts / "en").mkdir(exist_ok=True)
    own, astray = texts / "en" / "our_lab.toml", texts / "our_lab.toml"
    own.write_text('[pages.practice]\ntitle = "Practice"\nbody = ["Go."]\n', encoding="utf-8")
    assert "pages.practice is there already" in checked(own)[2][0]
    shutil.move(own, astray)
    assert "texts of your own lie in texts/en/" in checked(astray)[2][0]


def test_a_word_that_tells_is_found_in_the_file_that_has_it(tmp_path: Path) -> None:
    """In a lab's own texts, not in those that are shipped."""
    study = own_study(tmp_path)
    (study / "texts" / "en").mkdir(exist_ok=True)
    own = study / "texts" / "en" / "our_lab.toml"
    own.write_text('[pages.ours]\ntitle = "Ours"\nbody = ["You are ignored."]\n', encoding="utf-8")
    file = study / "protocols" / "classic.toml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace('page = "practice"', 'page = "ours"'), encoding="utf-8")
    assert "en/our_lab.toml: pages.ours.body[1] has 'ignor'" in checked(file)[2][0]
