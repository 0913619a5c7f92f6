"""What `spot check` promises of a dose is what a run gives."""

from __future__ import annotations

import pytest

from experiment.definitions import CONDITIONS, Game, names
from experiment.definitions.reading import checked, read
from experiment.dose import dose, render


def game(**changes: object) -> Game:
    """Return a small game with the given keys changed."""
    phase = {"name": "all", "throws": 9, "probability": 0.5}
    table = {
        "title": "A game",
        "source": "the tests",
        "players": 3,
        "throws": 9,
        "coplayers": [{"name": "Alex"}, {"name": "Sam"}],
        "pause": {"kind": "fixed", "value_s": 2.0},
        "flight": {"kind": "fixed", "value_s": 1.0},
        "phases": [phase],
    }
    return checked(table | changes, Game)


@pytest.mark.parametrize("name", names("games"))
def test_an_exact_dose_is_exact_in_every_simulated_run(name: str) -> None:
    """The schedule gives what the file says, phase by phase, in every run."""
    table = dose(read(CONDITIONS / "games" / f"{name}.toml", Game), runs=20)
    for phase in (*table.phases, table.whole):
        assert phase.exact is not None
        assert (phase.receptions.least, phase.receptions.most) == (phase.exact, phase.exact)


def test_inclusion_never_waits_longer_than_max_wait() -> None:
    """Four throws between the co-players at most, in every run."""
    table = dose(read(CONDITIONS / "games" / "inclusion.toml", Game), runs=100)
    assert table.longest_wait.most == 4
    assert table.whole.share == pytest.approx(1 / 3)


def test_a_chance_gives_the_share_that_theory_says() -> None:
    """9 throws, q = 1/2, started by a co-player: 34.6 % (SCIENCE 2); by the participant: 30.9 %."""
    assert dose(game(), runs=700).whole.share == pytest.approx(0.346, abs=0.01)
    assert dose(game(starts="participant"), runs=700).whole.share == pytest.approx(0.309, abs=0.01)


def test_a_third_as_chance_gives_a_quarter() -> None:
    """The commonest error in public code is seen at once."""
    long = game(throws=200, phases=[{"name": "all", "throws": 200, "probability": 0.33}])
    assert dose(long, runs=30).whole.share == pytest.approx(0.25, abs=0.015)


def test_with_unequal_coplayers_the_habit_changes_the_dose() -> None:
    """Who favours the co-player that gives nothing gets less, and the table says so."""
    unequal = game(throws=60, phases=[{"name": "all", "throws": 60, "probability": [0.0, 0.9]}])
    table = dose(unequal, runs=100)
    by_habit = {row.habit: row.receptions.mean for row in table.habits}
    assert by_habit["favours one"] < by_habit["random"] - 1
    assert table.whole.exact is None
    assert table.whole.receptions.low < table.whole.receptions.mean < table.whole.receptions.high
    assert any("favours one" in line for line in render(table))


def test_rows_of_a_sequence_are_counted_too() -> None:
    """Player 1 throws to the participant first and then to 3; 3 only to 1."""
    rows = game(phases=[{"name": "all", "throws": 9, "sequence": ["1,2,3", "3,1"]}])
    table = dose(rows, runs=50)
    assert table.whole.exact is None
    assert table.whole.receptions.most == 1


def test_a_participant_who_never_answers_is_reckoned_with_where_the_ball_is_taken() -> None:
    """Where it is not, the table says that the game waits."""
    assert dose(game(), runs=5).waits_for_ever
    table = dose(game(participant={"take_over_after_s": 5.0}), runs=5)
    assert not table.waits_for_ever
    assert "never answers" in {row.habit for row in table.habits}


def test_duration_is_pauses_flights_and_answers() -> None:
    """6 throws by co-players of 3 s and 3 of the participant's of 2 s."""
    fixed = game(phases=[{"name": "all", "throws": 9, "receptions": 3}])
    table = dose(fixed, runs=10)
    assert table.duration_s.least == pytest.approx(24.0)
    assert table.duration_s.most == pytest.approx(24.0)


def test_a_wait_is_counted_from_the_release_to_the_next_catch_or_the_end() -> None:
    """One reception at most leaves at least four throws in a row to the others."""
    fixed = game(phases=[{"name": "all", "throws": 9, "receptions": 0}])
    table = dose(fixed, runs=3)
    assert table.longest_wait.least == 9
    assert table.longest_wait_s.least == pytest.approx(27.0)


def test_the_same_seed_gives_the_same_table() -> None:
    """And another seed another one, where chance decides."""
    assert dose(game(), runs=30) == dose(game(), runs=30)
    assert dose(game(), runs=30) != dose(game(), runs=30, seed=1)


def test_the_table_reads_as_plain_lines() -> None:
    """One phase a line, and what a researcher asks next."""
    lines = render(dose(read(CONDITIONS / "games" / "gradual_exclusion.toml", Game), runs=10))
    assert lines[0] == "Gradual exclusion: what a participant gets"
    assert lines[1].split() == ["phase_1", "29", "throws", "9", "received,", "exactly", "(31.0", "%)"]
    assert lines[7].split() == ["whole", "run", "140", "throws", "21", "received,", "exactly", "(15.0", "%)"]
    assert all(line.isprintable() for line in lines)
