"""How files are found and read, and what a protocol makes of its steps."""

from __future__ import annotations

import shutil
from fractions import Fraction
from pathlib import Path

import pytest

from experiment.definitions import CONDITIONS, DefinitionError, Game, Protocol, check_file, names, resolve
from experiment.definitions.errors import shown
from experiment.definitions.library import find
from experiment.definitions.phases import (
    ExactRamp,
    ExactReceptions,
    Grows,
    InOrder,
    Policy,
    Probabilities,
    Rows,
    Weights,
    parse_rows,
)
from experiment.definitions.reading import checked, parse, read

GAME = (CONDITIONS / "games" / "inclusion.toml").read_text(encoding="utf-8")


@pytest.fixture
def lab(tmp_path: Path) -> Path:
    """A copy of what is shipped, to be changed."""
    shutil.copytree(CONDITIONS, tmp_path / "lab")
    return tmp_path / "lab"


@pytest.mark.parametrize("content", [GAME.encode("utf-8-sig"), GAME.replace("\n", "\r\n").encode()])
def test_files_saved_by_windows_are_read(tmp_path: Path, content: bytes) -> None:
    """With a byte order mark or with other line ends."""
    file = tmp_path / "inclusion.toml"
    file.write_bytes(content)
    assert read(file, Game) == parse(GAME, Game, None)


def test_line_ends_do_not_change_the_digest(lab: Path) -> None:
    """The same definitions checked out on another system are the same definitions."""
    before = resolve("demo", root=lab).digest
    for file in lab.rglob("*.toml"):
        file.write_bytes(file.read_bytes().replace(b"\n", b"\r\n"))
    assert resolve("demo", root=lab).digest == before


def test_a_changed_word_changes_the_digest(lab: Path) -> None:
    """However small."""
    before = resolve("demo", root=lab).digest
    file = lab / "texts" / "en.toml"
    file.write_text(file.read_text(encoding="utf-8").replace("Welcome", "Welcome!", 1), encoding="utf-8")
    assert resolve("demo", root=lab).digest != before


def test_files_that_systems_hide_are_no_definitions(lab: Path) -> None:
    """A Mac leaves ``._en.toml`` beside en.toml on a shared disk."""
    (lab / "texts" / "._en.toml").write_bytes(b"\x00\x05\x16\x07")
    assert names("texts", lab) == ["en"]


def test_a_name_is_found_as_it_is_spelt() -> None:
    """Also where the disk does not tell capitals apart, and never outside its folder."""
    assert find("games", "inclusion").name == "inclusion.toml"
    for wrong in ("Inclusion", "../games/inclusion", "inclusoin"):
        with pytest.raises(DefinitionError, match="has no"):
            find("games", wrong)


def test_the_nearest_protocol_is_suggested() -> None:
    """Where the name on the command line is misspelt."""
    with pytest.raises(DefinitionError, match=r"has no 'clasic'; did you mean 'classic'\?"):
        resolve("clasic")


def test_a_protocol_elsewhere_uses_what_lies_beside_it(lab: Path) -> None:
    """A study that is kept in a folder of its own needs nothing of the project's."""
    game = lab / "games" / "demo_inclusion.toml"
    game.write_text(game.read_text(encoding="utf-8").replace("Alex", "Robin"), encoding="utf-8")
    found = resolve(str(lab / "protocols" / "demo.toml"))
    assert found.games["demo_inclusion"].coplayers[0].name == "Robin"


def test_a_protocol_alone_uses_what_is_shipped(tmp_path: Path) -> None:
    """A single changed file is enough for a changed session."""
    alone = tmp_path / "protocols" / "my_demo.toml"
    alone.parent.mkdir()
    shutil.copy(CONDITIONS / "protocols" / "demo.toml", alone)
    assert resolve(alone).name == "my_demo"
    assert check_file(alone) == "protocols"


def test_a_file_below_the_working_folder_is_named_from_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And another by its whole path."""
    monkeypatch.chdir(tmp_path)
    assert shown(tmp_path / "a" / "b.toml") == "a/b.toml"
    assert shown(CONDITIONS) == str(CONDITIONS)


@pytest.mark.parametrize("name", names("protocols"))
def test_steps_have_names_of_their_own_and_share_them_up_to_the_first_that_differs(name: str) -> None:
    """So that a session can be resumed, and the cell be drawn late."""
    protocol = resolve(name).protocol
    plans = [[(step.id, step.step) for step in protocol.planned(cell)] for cell in protocol.design.cells()]
    for plan in plans:
        assert len({step_id for step_id, _ in plan}) == len(plan)
    common = protocol.first_that_differs()
    assert all(plan[:common] == plans[0][:common] for plan in plans)


def test_a_within_design_plays_every_condition_once_in_every_order() -> None:
    """Counterbalanced, each order is a cell; fixed, there is one."""
    protocol = resolve("within_gradual").protocol
    assert {cell.conditions for cell in protocol.design.cells()} == {
        ("inclusion", "gradual_exclusion"),
        ("gradual_exclusion", "inclusion"),
    }
    for cell in protocol.design.cells():
        played = [step.condition for step in protocol.planned(cell) if step.step.kind == "game"]
        assert tuple(played) == cell.conditions
    design = protocol.design.model_copy(update={"order": "fixed"})
    assert [cell.conditions for cell in design.cells()] == [("inclusion", "gradual_exclusion")]


def test_what_was_read_cannot_be_changed() -> None:
    """A definition is the same at the end of a session as at its start."""
    game = parse(GAME, Game, None)
    with pytest.raises(ValueError, match="frozen"):
        game.throws = 31
    assert isinstance(game.phases, tuple)
    assert isinstance(resolve("demo").protocol, Protocol)


def phase(**keys: object) -> Game:
    """Return a game of four with one phase."""
    table = {
        "title": "A game", "source": "the tests", "players": 4, "throws": 12,
        "coplayers": [{"name": name} for name in ("Alex", "Sam", "Kim")],
        "pause": {"kind": "fixed", "value_s": 2.0}, "flight": {"kind": "fixed", "value_s": 1.0},
        "phases": [{"name": "all", "throws": 12, **keys}],
    }  # fmt: skip
    return checked(table, Game)


def test_policies_are_spelt_out_for_every_coplayer() -> None:
    """Co-players are 1, 3 and 4; a single chance is everybody's."""
    cases: list[tuple[dict[str, object], Policy]] = [
        ({"receptions": 3}, ExactReceptions(3, None)),
        ({"share": "1/4", "max_wait": 5}, ExactReceptions(3, 5)),
        ({"share": "0"}, ExactReceptions(0, None)),
        ({"probability": 0.25}, Probabilities({1: 0.25, 3: 0.25, 4: 0.25})),
        ({"probability": [0.1, 0.2, 0.3]}, Probabilities({1: 0.1, 3: 0.2, 4: 0.3})),
        ({"ramp": {"start": "1/2", "end": "0"}}, ExactRamp(3, Fraction(1, 2), Fraction(0))),
        ({"growing": {"step": 0.1}}, Grows(0.0, 0.1, 1.0)),
        ({"order": {"receivers": [1, 2]}}, InOrder((1, 2), None)),
        (
            {"weights": {"1": {"2": 1}, "3": {"4": 2, "2": 0}, "4": {"1": 0.5}}},
            Weights({1: {2: 1.0}, 3: {4: 2.0, 2: 0.0}, 4: {1: 0.5}}),
        ),
        ({"sequence": ["1,2,34", "3,2", "4,13"]}, Rows({1: ((2,), (3, 4)), 3: ((2,),), 4: ((1, 3),)})),
    ]
    for keys, policy in cases:
        game = phase(**keys)
        assert game.phases[0].policy(game.coplayer_numbers()) == policy


def test_bags_are_read_as_the_reference_program_writes_them() -> None:
    """``1,234,34,34``: 2, 3, 4 in random order, then 3 and 4, twice (Williams & Jarvis 2006)."""
    assert parse_rows(("1,234,34,34", "3,1", "4, 1"), (1, 3, 4))[1] == ((2, 3, 4), (3, 4), (3, 4))


def test_a_dose_must_fit_whoever_has_the_ball_when_its_phase_begins() -> None:
    """After a phase of chance, both with and without the participant's throw first."""
    chance = {"name": "chance", "throws": 6, "probability": 0.5}
    for throws, max_wait in ((6, 5), (7, 6)):
        exact = {"name": "exact", "throws": throws, "receptions": 0, "max_wait": max_wait}
        table = phase(receptions=1).model_dump(exclude_none=True) | {
            "throws": 6 + throws,
            "phases": [chance, exact],
        }
        with pytest.raises(DefinitionError, match=r"phases\[2\] \(exact\): max_wait"):
            checked(table, Game)
