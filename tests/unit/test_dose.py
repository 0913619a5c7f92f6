"""What `spot check` promises of a dose is what a run gives."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context

import pytest

from experiment.definitions import CONDITIONS, Game, names
from experiment.definitions.reading import checked, read
from experiment.dose import dose, exact_counts, render, simulated
from experiment.doubts import doubts
from experiment.playing import HABITS, play


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


PLAYERS = 250
"""Simulated players of each of the four habits in the count of every game: a thousand play each."""

EXPECTED_SHARE = {
    "alternating_inclusion": (0.31, 0.36),  # q = 1/2
    "gradual_recovering": (0.19, 0.22),  # 10 of 30 throws, then some 21 of 120
    "leaving_players": (0.20, 0.25),  # q = 1/3 for 16 throws, then what who is left alone must give
    "one_excludes": (0.24, 0.28),  # two of three with q = 1/2
    "two_exclude": (0.10, 0.20),  # one of three with q = 1/2
}
"""The share of throws that a game of chance is to give (0-1), over participants of all habits who answer."""


def read_game(name: str) -> Game:
    """Return a game of the project."""
    return read(CONDITIONS / "games" / f"{name}.toml", Game)


def answered(file: Game) -> Game:
    """Return the game with a ball that is taken over, so that its run ends whoever never answers."""
    if file.participant.take_over_after_s is not None:
        return file
    turn = file.participant.model_copy(update={"take_over_after_s": 20.0})
    return file.model_copy(update={"participant": turn})


@dataclass(frozen=True)
class Counted:
    """What all players of all habits got from one game; `wrong` holds what a run gave that it should not."""

    wrong: list[str]
    receptions: int
    throws: int


def count(name: str) -> Counted:
    """Let players of every habit play a game; receptions and throws are those of who answers."""
    file = answered(read_game(name))
    counts = exact_counts(file)
    wrong: list[str] = []
    receptions = throws = 0
    for habit in HABITS:
        for number in range(PLAYERS):
            run = play(file, habit, 1, number)
            found = [phase.receptions for phase in run.phases]
            exact = all(want in (None, got) for want, got in zip(counts, found, strict=False))
            whole = file.exact_throws() in (None, run.throws) and run.ended != "waits"
            if not (exact and whole):
                wrong.append(
                    f"{habit} {number}: {found} of {counts}, {run.throws} throws, ended: {run.ended}"
                )
            if habit != "never answers":
                receptions, throws = receptions + run.receptions, throws + run.throws
    return Counted(wrong, receptions, throws)


@pytest.fixture(scope="module")
def counted() -> dict[str, Counted]:
    """Return the count of every game, made by as many processes as there are cores."""
    longest_first = sorted(names("games"), key=lambda name: -(read_game(name).throws or 0))
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:
        return dict(zip(longest_first, pool.map(count, longest_first), strict=True))


@pytest.mark.slow
@pytest.mark.parametrize("name", names("games"))
def test_every_game_gives_its_dose_to_whoever_plays(name: str, counted: dict[str, Counted]) -> None:
    """Exact phases are exact in every run of every habit; chance gives what is meant."""
    found = counted[name]
    assert found.wrong == []
    if None in exact_counts(answered(read_game(name))):
        low, high = EXPECTED_SHARE[name]
        assert low <= found.receptions / found.throws <= high
    else:
        assert name not in EXPECTED_SHARE


def test_inclusion_never_waits_longer_than_max_wait() -> None:
    """Four throws between the co-players at most, in every run."""
    table = dose(read_game("inclusion"), runs=100)
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
    least, most = by_habit["favours Alex, who gives least"], by_habit["favours Sam, who gives most"]
    assert least < by_habit["random"] - 1 < most
    assert table.whole.exact is None
    assert table.whole.receptions.low < table.whole.receptions.mean < table.whole.receptions.high
    assert any("favours Alex, who gives least" in line for line in render(table))


def test_where_all_is_exact_no_habit_is_told() -> None:
    """None can change the dose."""
    assert dose(read_game("inclusion"), runs=3).habits == ()


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


def timed(**changes: object) -> Game:
    """Return a game of half a minute and ten seconds."""
    phases = [
        {"name": "first", "duration_s": 30.0, "probability": 0.5},
        {"name": "second", "duration_s": 10.0, "probability": 0.0},
    ]
    table = game().model_dump(exclude_none=True) | {"phases": phases}
    del table["throws"]
    return checked(table | changes, Game)


def test_a_timed_phase_cuts_a_hold_and_gives_a_range_of_throws() -> None:
    """The run lasts 40 s and at most two flights: each phase ends with the one that is under way."""
    table = dose(timed(pause={"kind": "uniform", "low_s": 1.0, "high_s": 3.0}), runs=50)
    first, second = table.phases
    assert first.throws is None
    assert first.played.least < first.played.most
    assert (second.exact, second.receptions.most) == (0, 0)
    assert 40.0 <= table.duration_s.least <= table.duration_s.most <= 42.0
    assert " to " in render(table)[1]


def test_who_never_answers_holds_the_ball_to_the_end_of_a_timed_phase_only() -> None:
    """The run goes on with the next phase, so the game does not wait."""
    table = dose(timed(), runs=20)
    assert not table.waits_for_ever
    silent = next(row for row in table.habits if row.habit == "never answers")
    assert silent.receptions.most == 1


def test_a_game_in_which_the_participant_never_has_the_ball_waits_for_nobody() -> None:
    """Watching is not waiting."""
    watching = game(phases=[{"name": "all", "throws": 9, "receptions": 0}])
    assert not dose(watching, runs=3).waits_for_ever


def test_an_over_ruled_throw_goes_to_another_player() -> None:
    """Player 3 alone gives the ball back, and has it only where the choice of player 1 is over-ruled."""
    phase = {"name": "all", "throws": 2, "probability": [0.0, 1.0], "overruled": 1.0}
    file = game(throws=2, phases=[phase], starts="participant")
    assert play(file, "favours one", 0, 0, favourite=1).receivers == (3, 2)


def leaving() -> Game:
    """Return a game that both co-players leave after some throws, with a phase that few runs reach."""
    leaves = {"after_throws": 8, "spread_throws": 4}
    return game(
        throws=20,
        coplayers=[{"name": "Alex", "leaves": leaves}, {"name": "Sam", "leaves": leaves}],
        phases=[
            {"name": "all", "throws": 10, "probability": 0.5},
            {"name": "late", "throws": 10, "probability": 0.5},
        ],
        chat=[{"player": 1, "text": "hello", "after_throw": 11}],
        participant={"may_leave": {"after_throws": 19}},
    )


def test_leaving_is_counted_and_ends_a_run_that_is_left_alone() -> None:
    """The table tells who leaves, how often the run ends early, and how often a phase begins."""
    table = dose(leaving(), runs=100)
    assert [(row.name, row.share) for row in table.leavings] == [("Alex", 1.0), ("Sam", 1.0)]
    assert all(
        row.throws is not None and 4 <= row.throws.least <= row.throws.most <= 13 for row in table.leavings
    )
    assert table.alone == 1.0
    assert 0 < table.phases[1].began < 1
    text = "\n".join(render(table))
    assert "begins in" in text
    assert "for one who stays" in text


def test_what_simulated_runs_never_show_is_doubted() -> None:
    """A late phase, a line of who has left, leaving that never opens."""
    found = doubts(simulated(leaving(), runs=100))
    for word in (
        "phases[2] (late) begins in",
        "chat[1] ('hello') comes up in",
        "participant.may_leave: never",
    ):
        assert any(word in doubt for doubt in found), word


def test_rows_that_never_count_are_doubted() -> None:
    """Nobody throws to player 4 where the participant never has the ball."""
    weights = {"1": {"3": 1.0}, "3": {"1": 1.0}, "4": {"1": 1.0}}
    names_of = [{"name": name} for name in ("Alex", "Sam", "Robin")]
    phase = {"name": "all", "throws": 9, "weights": weights, "overruled": 0.5}
    file = game(players=4, coplayers=names_of, phases=[phase], starts=1)
    found = doubts(simulated(file, runs=20))
    assert any("player 4 never had the ball" in doubt for doubt in found)
    assert any("overruled = 0.5" in doubt for doubt in found)


def test_a_shipped_game_raises_no_doubt() -> None:
    """Or the file says something that its runs never show."""
    assert doubts(simulated(read_game("gradual_exclusion"), runs=20)) == []


def test_the_same_seed_gives_the_same_table() -> None:
    """And another seed another one, where chance decides."""
    assert dose(game(), runs=30) == dose(game(), runs=30)
    assert dose(game(), runs=30) != dose(game(), runs=30, seed=1)


def test_the_table_reads_as_plain_lines() -> None:
    """One phase a line, and what a researcher asks next."""
    lines = render(dose(read_game("gradual_exclusion"), runs=10))
    assert lines[0] == "Gradual exclusion: what a participant gets"
    assert lines[1].split() == ["phase_1", "29", "throws", "9", "received,", "exactly", "(31.0", "%)"]
    assert lines[7].split() == ["whole", "run", "140", "throws", "21", "received,", "exactly", "(15.0", "%)"]
    assert all(line.isprintable() for line in lines)
