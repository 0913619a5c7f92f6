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
