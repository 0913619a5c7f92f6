"""Schedules beyond plain receptions and chances: ramps, growing chances, weights, time, leaving."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from experiment import definitions
from experiment.definitions.library import find
from experiment.definitions.reading import read
from experiment.game import Game, Throw
from experiment.placing import impossible_ramp
from experiment.scenes import PARTICIPANT
from experiment.schedule import Schedule
from tests.scheduled import TAKEN_OVER, Played
from tests.scripted import game

SEEDS = st.integers(0, 2**32 - 1)
CHOICES = st.lists(st.integers(0, TAKEN_OVER), min_size=1, max_size=40)
ANSWERS = st.lists(st.floats(0.2, 6.0), min_size=1, max_size=20)
UNIFORM = {"kind": "uniform", "low_s": 0.5, "high_s": 3.5}


def to_participant(throws: Sequence[Throw]) -> list[int]:
    """Return the numbers of the throws that reach the participant."""
    return [throw.number for throw in throws if throw.receiver == PARTICIPANT]


# Exact doses


@st.composite
def exact_games(draw: st.DrawFn) -> definitions.Game:
    """Return a game with exact doses, players left out, over-ruled, a leaver and any starter."""
    players = draw(st.integers(4, 7))
    coplayers = [n for n in range(1, players + 1) if n != PARTICIPANT]
    phases: list[dict[str, object]] = []
    staying = coplayers[1:]
    for _ in range(draw(st.integers(1, 3))):
        throws = draw(st.integers(6, 40))
        phase: dict[str, object] = {"throws": throws}
        if draw(st.booleans()):
            phase["receptions"] = draw(st.integers(0, (throws - 1) // 2))
        else:
            start, end = draw(st.integers(0, 3)), draw(st.integers(0, 3))
            assume((start + end) * throws % 16 == 0)
            phase["ramp"] = {"start": f"{start}/8", "end": f"{end}/8"}
            count = (start + end) * throws // 16
            bounds = Fraction(start, 8), Fraction(end, 8)
            assume(not impossible_ramp(count, throws - 1, *bounds))
            assume(not impossible_ramp(count, throws, *bounds))
        if len(staying) > 2 and draw(st.booleans()):
            phase["left_out"] = [draw(st.sampled_from(staying))]
        phase["overruled"] = draw(st.sampled_from([0.0, 0.5, 1.0]))
        phases.append(phase)
    total = sum(int(str(phase["throws"])) for phase in phases)
    after = draw(st.integers(1, total - 1))
    names: list[dict[str, object]] = [{"name": f"Player {n}"} for n in coplayers]
    names[0]["leaves"] = {"after_throws": after}
    starts = draw(st.sampled_from(["coplayer", "participant", *staying]))
    return game(phases, players, coplayers=names, starts=starts)


@settings(max_examples=60)
@given(file=exact_games(), seed=SEEDS, choices=CHOICES)
def test_a_dose_is_exact_whoever_leaves_is_left_out_or_is_over_ruled(
    file: definitions.Game, seed: int, choices: list[int]
) -> None:
    """Receptions of each phase are those of the file, and every throw is legal (the game refuses others)."""
    played = Played(file, seed, choices)
    for phase, start in zip(file.phases, played.starts, strict=True):
        assert tuple(played.received(start)) == start.places
        assert len(start.places or ()) == phase.exact_count()
    left = played.left.get(1)
    assert left is not None
    assert all(throw.receiver != 1 for throw in played.game.throws[left:])


@settings(max_examples=60)
@given(file=exact_games(), seed=SEEDS, choices=CHOICES)
def test_receptions_on_a_ramp_follow_its_line(file: definitions.Game, seed: int, choices: list[int]) -> None:
    """After any throw, their number is less than one away from the sum of the shares so far."""
    played = Played(file, seed, choices)
    for phase, start in zip(file.phases, played.starts, strict=True):
        if phase.ramp is None or phase.throws is None:
            continue
        first, last = Fraction(phase.ramp.start), Fraction(phase.ramp.end)
        late = int(played.game.throws[start.first_throw - 1].thrower == PARTICIPANT)
        throws, count = phase.throws - late, phase.exact_count() or 0
        shares = [first + (last - first) * Fraction(2 * i - 1, 2 * throws) for i in range(1, throws + 1)]
        whole = sum(shares) or Fraction(1)
        line, got = Fraction(0), 0
        for i, share in enumerate(shares, start=1):
            line += share * count / whole
            got += i + late in (start.places or ())
            assert abs(got - line) < 1


@given(seed=SEEDS, choices=CHOICES)
def test_who_is_left_out_has_the_ball_only_from_the_participant(seed: int, choices: list[int]) -> None:
    """No co-player throws to them, and they do not begin."""
    file = game([{"throws": 40, "receptions": 8, "left_out": [3]}], players=4)
    played = Played(file, seed, choices)
    assert played.first_holder in (1, 4)
    assert {t.thrower for t in played.game.throws if t.receiver == 3} <= {PARTICIPANT}


# Chance


@given(seed=SEEDS, choices=CHOICES)
def test_a_growing_chance_of_certainty_comes_after_as_many_misses(seed: int, choices: list[int]) -> None:
    """With steps of a half from nothing: never the first throw, at the third at the latest, in each phase."""
    rule = {"growing": {"start": 0.0, "step": 0.5, "most": 1.0}}
    played = Played(game([{"throws": 30, **rule}, {"throws": 30, **rule}]), seed, choices)
    for start in played.starts:
        missed = 0
        for throw in played.game.throws[start.first_throw - 1 : start.first_throw + 29]:
            if throw.thrower == PARTICIPANT:
                continue
            if throw.receiver == PARTICIPANT:
                assert missed in (1, 2), "the chance is 0 at first, and after a reception or a new phase"
                missed = 0
            else:
                missed += 1
                assert missed <= 2


def test_a_growing_chance_is_what_the_file_says() -> None:
    """Start, step and most, by the throws missed: rates over many runs."""
    file = game([{"throws": 400, "growing": {"start": 0.1, "step": 0.2, "most": 0.6}}])
    tries: Counter[int] = Counter()
    hits: Counter[int] = Counter()
    for seed in range(20):
        missed = 0
        for throw in Played(file, seed, [0, 1]).game.throws:
            if throw.thrower == PARTICIPANT:
                continue
            tries[missed] += 1
            hits[missed] += throw.receiver == PARTICIPANT
            missed = 0 if throw.receiver == PARTICIPANT else missed + 1
    for missed, chance in enumerate([0.1, 0.3, 0.5, 0.6, 0.6]):
        assert hits[missed] / tries[missed] == pytest.approx(chance, abs=0.06), missed


def test_weights_give_frequencies() -> None:
    """Each row its own; a weight of nothing never comes."""
    rows = {"1": {"2": 1, "3": 3, "4": 0}, "3": {"1": 1, "2": 1}, "4": {"1": 1}}
    file = game([{"throws": 1500, "weights": rows}], players=4)
    by: dict[int, Counter[int]] = defaultdict(Counter)
    for throw in Played(file, 11, [0, 1, 2]).game.throws:
        by[throw.thrower][throw.receiver] += 1
    assert set(by[1]) == {2, 3}
    assert by[1][3] / by[1].total() == pytest.approx(0.75, abs=0.06)
    assert by[3][2] / by[3].total() == pytest.approx(0.5, abs=0.07)
    assert set(by[4]) == {1}


def test_rows_weights_and_chances_pass_over_who_has_left() -> None:
    """Also a row that names nobody else."""
    leaver = [{"name": "A"}, {"name": "B", "leaves": {"after_throws": 3}}, {"name": "C"}]
    for policy in (
        {"sequence": ["1,3,3", "3,14", "4,3,1"]},
        {"weights": {"1": {"3": 1}, "3": {"1": 1, "4": 1}, "4": {"3": 9, "1": 1}}},
        {"probability": [0.1, 0.9, 0.3]},
        {"growing": {"step": 0.2}},
        {"order": {"receivers": [3, 1, 4, 3, 2, 3, 3, 1]}},
    ):
        file = game([{"throws": 60, **policy}], players=4, coplayers=leaver)
        for seed in range(10):
            played = Played(file, seed, [0, 1, 2])
            assert 3 in played.left
            assert all(throw.receiver != 3 for throw in played.game.throws[played.left[3] :])
            assert len(played.game.throws) == 60


# Time


def test_a_co_player_may_have_a_pause_of_their_own() -> None:
    """It goes before that of the phase, which goes before that of the game."""
    coplayers = [{"name": "A"}, {"name": "B", "pause": {"kind": "fixed", "value_s": 16}}]
    phases: list[dict[str, object]] = [
        {"throws": 6, "receptions": 0},
        {"throws": 6, "receptions": 0, "pause": {"kind": "fixed", "value_s": 2}},
    ]
    played = Played(game(phases, coplayers=coplayers), 1)
    for throw, plan in zip(played.game.throws, played.plans, strict=True):
        expected = 16.0 if throw.thrower == 3 else 0.5 if throw.number <= 6 else 2.0
        assert plan.pause_s == plan.drawn_s == expected


@given(seed=SEEDS, answers=ANSWERS)
def test_phases_that_end_by_time_begin_on_time(seed: int, answers: list[float]) -> None:
    """Where somebody holds the ball then, the next begins at that time; else when the flight has ended."""
    phases: list[dict[str, object]] = [
        {"duration_s": 20, "probability": 0.5}, {"duration_s": 15, "probability": 0}, {"probability": 1.0},
    ]  # fmt: skip
    file = game(phases, pause=UNIFORM, duration_s=60)
    played = Played(file, seed, answers_s=answers)
    assert played.ended == "time"
    due = [0.0, 20.0, played.began_s[1] + 15]
    for start, began, at in zip(played.starts, played.began_s, due, strict=True):
        assert at <= began <= at + 0.5 + 1e-9, "a flight takes half a second"
        assert start.throws is None
    assert 60 <= played.now <= 60.5 + 1e-9


def test_a_last_phase_whose_time_is_up_before_it_is_left_out() -> None:
    """The throws of the phase before come first; then the run is over by time."""
    file = game([{"throws": 30, "receptions": 5}, {"probability": 0.5}], duration_s=20)
    played = Played(file, 1)
    assert (played.ended, len(played.game.throws), len(played.starts)) == ("time", 30, 1)
    longer = game([{"throws": 30, "receptions": 5}, {"probability": 0.5}], duration_s=200)
    assert len(Played(longer, 1).starts) == 2


def test_a_moment_that_sums_of_times_miss_by_a_hair_is_that_moment() -> None:
    """Or a phase whose time is up would never end."""
    file = game([{"duration_s": 20, "probability": 0.5}, {"throws": 3, "receptions": 0}])
    schedule = Schedule(file, 1, "x")
    begun = schedule.start()
    schedule.enter(begun, 0.0)
    assert schedule.until_s == 20.0
    assert schedule.enter(begun, 19.99) is None
    assert schedule.enter(begun, 20.0 - 4e-15) is not None


# Compensation


def compensated(**more: object) -> definitions.Game:
    """Return a block of three players whose pauses make up for answers."""
    return game(
        [{"throws": 18, "receptions": 6}],
        3,
        pause={"kind": "uniform", "low_s": 0.5, "high_s": 2.5},
        compensation={"usual_response_s": 1.0, "low_s": 0.2, "high_s": 4.0},
        **more,
    )


@given(seed=SEEDS, choices=CHOICES, answers=st.lists(st.floats(0.3, 1.9), min_size=6, max_size=6))
def test_pauses_make_up_for_quick_and_slow_answers(
    seed: int, choices: list[int], answers: list[float]
) -> None:
    """The block is as long as with usual answers, but for what there is no pause left to make up for."""
    file = compensated()
    usual, own = (Played(file, seed, choices, answers_s=times) for times in ([1.0], answers))
    assert [p.drawn_s for p in usual.plans] == [p.drawn_s for p in own.plans]
    assert all(plan.pause_s == plan.drawn_s for plan in usual.plans)
    assert all(0.2 <= plan.pause_s <= 4.0 for plan in own.plans)
    owed = sum(1.0 - took for took in answers) - sum(p.pause_s - p.drawn_s for p in own.plans)
    assert usual.now - own.now == pytest.approx(owed, abs=1e-6)
    after_last = len(own.game.throws) - to_participant(own.game.throws)[-1] - 1
    if after_last >= 4:
        assert own.now == pytest.approx(usual.now, abs=1e-6)


def test_a_quick_answer_lengthens_and_a_slow_one_shortens_the_next_pause() -> None:
    """By as much, within the bounds; the rest is carried on to the pause after it."""
    file = game(
        [{"throws": 12, "receptions": 1}],
        pause={"kind": "fixed", "value_s": 1.0},
        compensation={"usual_response_s": 2.0, "low_s": 0.5, "high_s": 1.75},
        starts="participant",
    )
    quick, slow = (Played(file, 1, answers_s=[took]) for took in (1.0, 2.8))
    assert [plan.pause_s for plan in quick.plans][:3] == pytest.approx([1.75, 1.25, 1.0])
    assert [plan.pause_s for plan in slow.plans][:3] == pytest.approx([0.5, 0.7, 1.0])


def test_a_pause_outside_the_bounds_is_nobodys_to_change() -> None:
    """A co-player who is slow on purpose stays slow."""
    coplayers = [{"name": "A"}, {"name": "B", "pause": {"kind": "fixed", "value_s": 16}}]
    played = Played(compensated(coplayers=coplayers), 3, answers_s=[0.3])
    slow = [p for t, p in zip(by_coplayers(played), played.plans, strict=True) if t.thrower == 3]
    assert slow
    assert all(plan.pause_s == 16 for plan in slow)


def by_coplayers(played: Played) -> list[Throw]:
    """Return the throws of co-players."""
    return [throw for throw in played.game.throws if throw.thrower != PARTICIPANT]


# Over-ruling, and one stream per purpose


@given(seed=SEEDS, choices=CHOICES)
def test_an_over_ruled_throw_goes_to_another_than_was_chosen(seed: int, choices: list[int]) -> None:
    """And only such a throw; a ball that was taken over is nobody's choice."""
    file = game([{"throws": 60, "receptions": 20, "overruled": 0.5}], players=5)
    played = Played(file, seed, choices)
    for number, (own, chosen) in enumerate(zip(played.own, played.chosen, strict=True)):
        assert own.overruled == (own.receiver != chosen)
        assert own.receiver != PARTICIPANT
        if choices[number % len(choices)] == TAKEN_OVER:
            assert not own.overruled


def test_so_many_are_over_ruled_as_the_file_says() -> None:
    """To each of the others as often."""
    file = game([{"throws": 300, "receptions": 100, "overruled": 0.3}], players=4)
    own = [o for seed in range(10) for o in Played(file, seed, [0]).own]
    gone = Counter(o.receiver for o in own if o.overruled)
    assert gone.total() / len(own) == pytest.approx(0.3, abs=0.04)
    assert gone[3] / gone.total() == pytest.approx(0.5, abs=0.08)
    assert set(gone) == {3, 4}


def test_over_ruling_slow_answers_and_take_overs_shift_no_other_draw() -> None:
    """Places, pauses, flights, and which of their throws are over-ruled stay the same."""
    timed = {"pause": UNIFORM, "flight": {"kind": "uniform", "low_s": 1.0, "high_s": 1.4}}
    plain = game([{"throws": 60, "receptions": 20}], players=4, **timed)
    ruled = game([{"throws": 60, "receptions": 20, "overruled": 0.4}], players=4, **timed)
    slow, over = [5.0, 0.1], [0, TAKEN_OVER, 2, 2, TAKEN_OVER]
    runs = [Played(plain, 5, [0]), Played(ruled, 5, [0]), Played(ruled, 5, over, answers_s=slow)]
    for one, other in pairwise(runs):
        assert one.starts == other.starts
        assert [(p.drawn_s, p.flight_s) for p in one.plans] == [(p.drawn_s, p.flight_s) for p in other.plans]
        assert [own.flight_s for own in one.own] == [own.flight_s for own in other.own]
    kept = [n for n in range(len(runs[1].own)) if over[n % len(over)] != TAKEN_OVER]
    assert [runs[1].own[n].overruled for n in kept] == [runs[2].own[n].overruled for n in kept]


def test_the_starter_may_be_named() -> None:
    """Always that one."""
    file = game([{"throws": 3, "receptions": 0}], players=5, starts=4)
    assert {Schedule(file, seed, "x").start() for seed in range(50)} == {Game((1, 3, 4, 5), 4)}


KEPT = {"inclusion": "da53c929854cb0fe", "exclusion_after_fair_play": "a68dd19bba1bfe3c"}


@pytest.mark.parametrize("name", sorted(KEPT))
def test_a_game_gives_the_throws_that_it_always_gave(name: str) -> None:
    """Receivers, pauses and flights of a seed, as before there were phases by time, leavers and the rest."""
    played = Played(read(find("games", name), definitions.Game), 77, [1, 0, 0])
    told = [(t.thrower, t.receiver) for t in played.game.throws]
    times = [(round(p.pause_s, 9), round(p.flight_s, 9)) for p in played.plans]
    assert hashlib.sha256(repr((told, times)).encode()).hexdigest()[:16] == KEPT[name]
