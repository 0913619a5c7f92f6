"""Schedules, whatever the participant does: doses, waits, bags, chances, streams."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from experiment import definitions
from experiment.definitions.durations import Duration, Fixed, TruncatedNormal, Uniform, Weighted
from experiment.definitions.library import CONDITIONS, find
from experiment.definitions.reading import read
from experiment.drawing import drawing
from experiment.placing import impossible
from experiment.scenes import PARTICIPANT
from experiment.schedule import Schedule
from tests.scheduled import Played
from tests.scripted import game

SEEDS = st.integers(0, 2**32 - 1)
CHOICES = st.lists(st.integers(0, 7), min_size=1, max_size=40)
SHIPPED = {name: read(find("games", name), definitions.Game) for name in definitions.names("games")}
EXACT = {n: g for n, g in SHIPPED.items() if all(p.exact_count() is not None for p in g.phases)}


def waits(received: list[int], throws: int, late: int) -> list[int]:
    """Return the runs of throws between co-players within a phase."""
    edges = [late, *(place + 1 for place in received)]
    ends = [*(place - 1 for place in received), throws]
    return [end - start for start, end in zip(edges, ends, strict=True)]


@pytest.mark.parametrize("name", sorted(EXACT))
@settings(max_examples=15)
@given(seed=SEEDS, choices=CHOICES)
def test_every_shipped_game_gives_its_dose_whatever_the_participant_does(
    name: str, seed: int, choices: list[int]
) -> None:
    """Receptions of every phase are those of the file, and max_wait is kept."""
    file = EXACT[name]
    played = Played(file, seed, choices)
    for phase, start in zip(file.phases, played.starts, strict=True):
        received = played.received(start)
        assert tuple(received) == start.places
        assert len(received) == phase.exact_count()
        assert phase.throws is not None
        assert phase.throws not in received, "the last throw of a phase never reaches the participant"
        late = int(file.starts == "participant" and start.number == 1)
        if phase.max_wait is not None:
            assert max(waits(received, phase.throws, late)) <= phase.max_wait
    assert all(throw.thrower != throw.receiver for throw in played.game.throws)


@st.composite
def exact_games(draw: st.DrawFn) -> definitions.Game:
    """Return a game of 3 to 9 players, its phases with exact receptions that are possible."""
    players = draw(st.integers(3, 9))
    starts = draw(st.sampled_from(["coplayer", "participant"]))
    phases: list[dict[str, object]] = []
    for number in range(draw(st.integers(1, 4))):
        throws = draw(st.integers(2, 30))
        receptions = draw(st.integers(0, (throws - 1) // 2))
        max_wait = draw(st.none() | st.integers(1, 12))
        late = int(starts == "participant" and number == 0)
        assume(not impossible(receptions, throws - late, max_wait))
        phases.append({"throws": throws, "receptions": receptions})
        phases[-1] |= {} if max_wait is None else {"max_wait": max_wait}
    return game(phases, players, starts=starts)


@given(file=exact_games(), seed=SEEDS, choices=CHOICES)
def test_an_exact_dose_is_exact_for_any_number_of_players(
    file: definitions.Game, seed: int, choices: list[int]
) -> None:
    """Three to nine players, whoever starts, whatever is chosen or taken over."""
    played = Played(file, seed, choices)
    assert (
        played.first_holder == PARTICIPANT
        if file.starts == "participant"
        else played.first_holder != PARTICIPANT
    )
    for phase, start in zip(file.phases, played.starts, strict=True):
        received = played.received(start)
        assert len(received) == phase.receptions
        late = int(played.game.throws[start.first_throw - 1].thrower == PARTICIPANT)
        if phase.max_wait is not None and phase.throws is not None:
            assert max(waits(received, phase.throws, late)) <= phase.max_wait
    assert len(played.game.throws) == file.throws
    assert played.ended == "throws"


@given(file=exact_games(), seed=SEEDS, choices=CHOICES)
def test_the_same_seed_gives_the_same_session(file: definitions.Game, seed: int, choices: list[int]) -> None:
    """Every plan and every phase, throw by throw."""
    once, again = Played(file, seed, choices), Played(file, seed, choices)
    assert (once.plans, once.starts, once.game) == (again.plans, again.starts, again.game)


@given(file=exact_games(), seed=SEEDS, some=CHOICES, others=CHOICES)
def test_the_participants_choices_move_no_dose_and_no_timing(
    file: definitions.Game, seed: int, some: list[int], others: list[int]
) -> None:
    """Places, pauses and flights of the co-players are the same for whoever is chosen, or when nobody is."""
    timed = file.model_copy(
        update={
            "pause": Uniform(kind="uniform", low_s=0.5, high_s=5),
            "flight": Uniform(kind="uniform", low_s=1, high_s=2),
        }
    )
    one, two = Played(timed, seed, some), Played(timed, seed, others)
    assert one.starts == two.starts
    assert [(p.pause_s, p.flight_s) for p in one.plans] == [(p.pause_s, p.flight_s) for p in two.plans]
    assert [own.flight_s for own in one.own] == [own.flight_s for own in two.own]


def test_another_run_of_the_same_game_is_drawn_anew() -> None:
    """A repeated run does not repeat the first one's schedule."""
    first = Played(SHIPPED["inclusion"], 5, [0], "game-01")
    second = Played(SHIPPED["inclusion"], 5, [0], "game-02")
    assert first.starts != second.starts
    assert [p.pause_s for p in first.plans] != [p.pause_s for p in second.plans]


@pytest.mark.parametrize("chance", [0.0, 0.2, 0.5, 0.8, 1.0])
def test_a_chance_of_q_gives_a_share_of_q_over_one_plus_q(chance: float) -> None:
    """The participant always passes the ball on, so q is not their share of throws."""
    file = game([{"throws": 1000, "probability": chance}])
    shares = [Played(file, seed, [0, 1]).game.receptions / 1000 for seed in range(6)]
    assert np.mean(shares) == pytest.approx(chance / (1 + chance), abs=0.016)


def test_each_co_player_keeps_to_their_own_chance() -> None:
    """A list of chances is one for each co-player, from left to right."""
    throws = Played(game([{"throws": 1500, "probability": [0.0, 1.0]}]), 3, [0, 1]).game.throws
    assert {t.receiver for t in throws if t.thrower == 1} == {3}
    assert {t.receiver for t in throws if t.thrower == 3} == {PARTICIPANT}


@given(seed=SEEDS, choices=CHOICES)
def test_rows_are_taken_bag_by_bag_and_go_on_with_the_last(seed: int, choices: list[int]) -> None:
    """``1,23,3,3``: player 1 throws first to 2 and 3 in any order, then to 3, then to 3 for ever."""
    file = game([{"throws": 60, "sequence": ["1,23,3,3", "3,1,12"]}])
    throws = Played(file, seed, choices).game.throws
    first = [t.receiver for t in throws if t.thrower == 1]
    third = [t.receiver for t in throws if t.thrower == 3]
    assert sorted(first[:2]) == [2, 3] or len(first) < 2
    assert set(first[2:]) <= {3}
    assert third[:1] in ([], [1])
    for start in range(1, len(third) - 1, 2):
        assert sorted(third[start : start + 2]) == [1, 2]


@given(seed=SEEDS)
def test_a_phase_begins_its_rows_anew(seed: int) -> None:
    """What is left in a bag does not reach into the next phase."""
    rows = ["1,3,3,2", "3,1"]
    file = game([{"throws": 3, "sequence": rows}, {"throws": 3, "sequence": rows}])
    throws = Played(file, seed, [0]).game.throws
    for phase in (throws[:3], throws[3:]):
        assert [t.receiver for t in phase if t.thrower == 1][:2] in ([3], [3, 3], [])


def test_phases_begin_where_the_file_says() -> None:
    """Numbers, first throws and lengths follow the file."""
    file = SHIPPED["gradual_exclusion"]
    starts = Played(file, 1, [0]).starts
    assert [(s.name, s.throws) for s in starts] == [(p.name, p.throws) for p in file.phases]
    assert [s.number for s in starts] == list(range(1, 7))
    assert starts[0].first_throw == 1
    assert all(b.first_throw == a.first_throw + (a.throws or 0) for a, b in pairwise(starts))


def test_a_pause_of_the_phase_goes_before_that_of_the_game() -> None:
    """Each phase may have its own timing."""
    file = game(
        [
            {"throws": 3, "receptions": 0},
            {"throws": 3, "receptions": 0, "pause": {"kind": "fixed", "value_s": 9}},
        ]
    )
    assert [plan.pause_s for plan in Played(file, 1, [0]).plans] == [0.5] * 3 + [9.0] * 3


def test_the_start_is_drawn_among_all_co_players() -> None:
    """Nobody is always first, and the participant only where the file says so."""
    file = game([{"throws": 2, "receptions": 0}], players=5)
    first = Counter(Schedule(file, seed, "x").start().holder for seed in range(400))
    assert set(first) == {1, 3, 4, 5}
    assert min(first.values()) > 60


DURATIONS: list[tuple[Duration, float, float]] = [
    (Fixed(kind="fixed", value_s=1.5), 1.5, 1.5),
    (Uniform(kind="uniform", low_s=2, high_s=5), 2, 5),
    (Weighted(kind="weighted", values_s=(1.0, 2.0, 3.0), weights=(1, 0, 3)), 1, 3),
    (TruncatedNormal(kind="truncated_normal", mean_s=2, sd_s=0.5, low_s=1, high_s=2.5), 1, 2.5),
    (TruncatedNormal(kind="truncated_normal", mean_s=2, sd_s=0.1, low_s=2.35, high_s=9), 2.35, 9),
]


@pytest.mark.parametrize(("distribution", "low", "high"), DURATIONS)
def test_durations_stay_within_their_bounds(distribution: Duration, low: float, high: float) -> None:
    """Also a normal of which hardly anything is left between the bounds."""
    rng = np.random.default_rng(0)
    draw = drawing(distribution, rng)
    drawn = [draw() for _ in range(400)]
    assert low <= min(drawn) <= max(drawn) <= high


def test_weights_decide_how_often() -> None:
    """A weight of nothing never comes."""
    rng = np.random.default_rng(0)
    draw = drawing(DURATIONS[2][0], rng)
    drawn = Counter(draw() for _ in range(4000))
    assert drawn[2.0] == 0
    assert drawn[3.0] / 4000 == pytest.approx(0.75, abs=0.03)


def test_a_co_player_without_the_ball_plans_nothing() -> None:
    """A mistake of the caller is refused."""
    schedule = Schedule(SHIPPED["practice"], 1, "x")
    with pytest.raises(ValueError, match="needs a phase"):
        schedule.coplayer_throw(schedule.start())


def test_shipped_games_are_found() -> None:
    """The parametrised test above has something to go through."""
    assert {"inclusion", "exclusion", "gradual_exclusion", "practice"} <= set(EXACT)
    assert (CONDITIONS / "games").is_dir()
