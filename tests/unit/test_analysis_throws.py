"""The throws by hand: what came, how fast it went back, to whom, and how long the waits were."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from analysis import play, throws
from analysis.choices import choices, reciprocity
from analysis.dataset import load
from analysis.flow import permitted
from analysis.responses import left_out, responses
from analysis.runs import played

EXAMPLE = Path(__file__).parents[2] / "data" / "example"
P, A, B, C = "participant", "coplayer1", "coplayer3", "coplayer4"
NO_EVENTS = pd.DataFrame(
    columns=["participant_id", "session", "run", "condition", "trial_type", "throw", "thrower"]
)


def game(balls: list[tuple[str, str]], person: str = "sub-1", run: int = 1, **columns: Any) -> pd.DataFrame:
    """Return a run of throws, one every 2 s that flies 1 s after a pause of 1 s; `columns` replace some."""
    n = len(balls)
    made = pd.DataFrame(balls, columns=["thrower", "receiver"])
    own = made["thrower"] == P
    told: dict[str, Any] = {
        "participant_id": person,
        "session": "ses-01",
        "run": pd.array([run] * n, dtype="Int64"),
        "condition": "exclusion",
        "task": "cyberball",
        "throw": pd.array(range(1, n + 1), dtype="Int64"),
        "chosen": made["receiver"].where(own),
        "onset": np.arange(n) * 2.0 + 1.0,
        "duration": 1.0,
        "pause": np.where(own, np.nan, 1.0),
        "response_time": np.where(own, 0.5, np.nan),
        "response_source": pd.Series(np.where(own, "keyboard", ""), dtype="str").where(own),
        "anticipations": pd.array([0] * n, dtype="Int64"),
        "taken_over": pd.array([False] * n, dtype="boolean"),
        "interrupted": 0.0,
    }
    return made.assign(**(told | columns))


def runs(*rows: tuple[int, int, int | None, bool]) -> pd.DataFrame:
    """Return runs: number, throws, place in the design, whether complete."""
    made = pd.DataFrame(rows, columns=["run", "throws", "place", "complete"])
    return made.assign(
        participant_id="sub-1",
        session="ses-01",
        condition="exclusion",
        receptions=1,
        percent=50.0,
        run=made["run"].astype("Int64"),
        place=made["place"].astype("Int64"),
    )


def test_of_runs_begun_again_only_the_last_counts_and_practice_never() -> None:
    """All are listed with what became of them; a run beside the design is none of the design's."""
    told = pd.concat([game([(A, P), (P, A)], run=number) for number in (1, 2, 3)])
    practice = game([(A, P)], run=2, task="practice")
    listed = runs((1, 2, 1, False), (2, 2, 1, True), (3, 2, None, True))
    kept = throws.in_game(pd.concat([told, practice]), listed)
    assert kept["run"].tolist() == [2, 2]
    made = throws.receptions(pd.concat([told, practice]), listed)
    assert made["counted"].tolist() == [False, True, False]
    assert made["own_throws"].tolist() == [1, 1, 1]
    assert made["last_received"].tolist() == [1, 1, 1]
    assert made["throws_after"].tolist() == [1, 1, 1]


def test_dose_in_bins_of_throws() -> None:
    """2 of the first five, none of the next two; a second run of 3 / 5 makes the mean 1/2."""
    balls = [(A, P), (P, B), (B, P), (P, A), (A, B), (B, A), (A, B)]
    again = [(A, P), (P, B), (B, P), (P, A), (A, P)]
    made = throws.dose(pd.concat([game(balls), game(again, run=2)]))
    assert made[["throw_first", "throw_last"]].to_numpy().tolist() == [[1, 5], [6, 10]]
    assert made["share"].tolist() == pytest.approx([(2 / 5 + 3 / 5) / 2, 0])
    assert made["n_runs"].tolist() == [2, 1]


def test_waits_by_hand() -> None:
    """Onsets 1, 3, 5 ...: from 0 to 2 s, from 3 s to 8 s, and from 9 s to the last catch at 12 s."""
    told = game([(A, P), (P, B), (B, A), (A, P), (P, A), (A, B)])
    row = throws.waits(told).iloc[0]
    assert (row["n_waits"], row["n_waits_open"], row["n_waits_interrupted"]) == (2, 1, 0)
    assert row["wait_median_s"] == pytest.approx((2 + 5) / 2)
    assert row["wait_longest_s"] == pytest.approx(5)
    assert row["wait_throws"] == 1
    assert (row["n_pauses"], row["pause_mean_s"]) == (4, 1.0)


def test_what_was_interrupted_is_counted_and_in_no_time() -> None:
    """The wait of throws 2 to 4 and the pause of throw 3 are left out, and said to be."""
    told = game([(A, P), (P, B), (B, A), (A, P), (P, A)], interrupted=[0, 0, 60.0, 0, 0])
    row = throws.waits(told).iloc[0]
    assert (row["n_pauses"], row["n_pauses_interrupted"]) == (2, 1)
    assert (row["n_waits"], row["n_waits_open"], row["n_waits_interrupted"]) == (1, 1, 1)
    assert row["wait_longest_s"] == pytest.approx(2)


def test_response_times_against_scipy() -> None:
    """Median, MAD, trimmed mean and geometric mean of ten times, one of them far out."""
    times = [0.5, 0.61, 0.42, 0.55, 0.48, 0.7, 0.53, 0.58, 9.0, 0.45]
    balls = [(A, P), (P, A)] * 10
    told = game(balls, response_time=[value for time in times for value in (np.nan, time)])
    row = responses(told).iloc[0]
    assert (row["n_throws"], row["n_timed"], row["n_outliers"], row["n_quick"]) == (10, 10, 1, 0)
    assert row["median_s"] == pytest.approx(np.median(times))
    assert row["mad_s"] == pytest.approx(stats.median_abs_deviation(times, scale="normal"))
    assert row["trimmed_mean_s"] == pytest.approx(stats.trim_mean(times, 0.2))
    assert row["geometric_mean_s"] == pytest.approx(stats.gmean(times))
    assert (row["mean_s"], row["sd_s"]) == pytest.approx((np.mean(times), np.std(times, ddof=1)))
    assert row["share_mouse"] == 0


def test_no_throw_is_left_out_without_being_counted_and_named() -> None:
    """One taken over, one interrupted, one without a time; a quick one and early presses stay in."""
    balls = [(A, P), (P, A)] * 5
    told = game(
        balls,
        response_time=[np.nan, 0.05, np.nan, np.nan, np.nan, 3.0, np.nan, np.nan, np.nan, 0.8],
        taken_over=[False, False, False, True, *[False] * 6],
        interrupted=[0, 0, 0, 0, 0, 20.0, 0, 0, 0, 0],
        anticipations=[2, 0, 1, 0, 0, 0, 0, 0, 0, 0],
    )
    row = responses(told).iloc[0]
    counts = ["n_throws", "n_timed", "n_taken_over", "n_interrupted", "n_no_time", "n_quick"]
    assert row[counts].tolist() == [5, 2, 1, 1, 1, 1]
    assert row["n_anticipations"] == 3
    assert row["median_s"] == pytest.approx((0.05 + 0.8) / 2)
    named = left_out(told)
    assert named["throw"].tolist() == [4, 6, 8]
    assert named["reason"].tolist() == ["taken_over", "interrupted", "no_time"]


def test_who_never_threw_has_a_row() -> None:
    """Zeros and missing times, not an absent participant."""
    row = responses(game([(A, B), (B, A)])).iloc[0]
    assert (row["n_throws"], row["n_timed"]) == (0, 0)
    assert np.isnan([row["median_s"], row["trimmed_mean_s"], row["log_mean"], row["share_mouse"]]).all()


def test_reciprocity_against_chance() -> None:
    """Back to A, not back to B, back to A: 2/3, by chance 1/2."""
    told = game([(A, P), (P, A), (A, B), (B, P), (P, A), (A, P), (P, A)])
    row = reciprocity(told, NO_EVENTS).iloc[0]
    assert (row["n_choices"], row["n_after_reception"]) == (3, 3)
    assert row["reciprocity"] == pytest.approx(2 / 3)
    assert row["reciprocity_chance"] == 0.5
    assert row["reciprocity_excess"] == pytest.approx(1 / 6)
    by = choices(told, NO_EVENTS).set_index("coplayer")
    assert by[["n_chosen", "n_choices", "thrown_by", "to_participant"]].to_numpy().tolist()[0] == [3, 3, 3, 2]
    assert (by.loc[A, "favour"], by.loc[B, "favour"]) == (0.5, -0.5)


def test_the_choice_counts_and_not_where_the_game_sent_the_ball() -> None:
    """An overruled choice is as chosen; a ball taken over, or thrown first, answers nobody."""
    told = game(
        [(P, A), (A, P), (P, B), (B, P), (P, A)],
        chosen=[A, None, A, None, None],
        taken_over=[False, False, False, False, True],
    )
    row = reciprocity(told, NO_EVENTS).iloc[0]
    assert (row["n_choices"], row["n_overruled"], row["n_taken_over"]) == (2, 1, 1)
    assert (row["n_after_reception"], row["reciprocity"]) == (1, 1.0)


def test_chance_is_among_those_who_are_still_there() -> None:
    """Of three co-players C leaves after throw 3: chance 1/3 before, 1/2 after; no ball goes back to C."""
    told = game([(A, P), (P, C), (C, P), (P, A), (A, P), (P, A)])
    gone = told.iloc[[2]].assign(trial_type="coplayer_left", thrower=C, throw=3)
    told = pd.concat([told, game([(A, B)], person="sub-2")])
    row = reciprocity(told, gone).iloc[0]
    assert row["n_after_reception"] == 2
    assert row["reciprocity"] == 0.5
    assert row["reciprocity_chance"] == pytest.approx((1 / 3 + 1 / 2) / 2)
    by = choices(told, gone)
    assert by[by["participant_id"] == "sub-1"].set_index("coplayer")["n_choices"].to_dict() == {
        A: 3,
        B: 3,
        C: 1,
    }


def divided(to: list[str]) -> pd.DataFrame:
    """Return a run in which B stops throwing to the participant after throw 10; `to` are choices after it."""
    opening = [(A, P), (P, B), (B, P), (P, A), (A, B), (B, A), (A, B), (B, A), (A, B), (B, A)]
    late: list[tuple[str, str]] = []
    for chosen in to:
        late += [(A, P), (P, chosen)] if chosen == A else [(A, P), (P, B), (B, A)]
    late += [(A, B), (B, A)] * 5
    return game([*opening, *late])


def test_favour_to_who_leaves_the_participant_out() -> None:
    """Three of four balls go to B, who never throws back: .75 where chance is .5."""
    told = divided([B, A, B, B])
    row = reciprocity(told, NO_EVENTS).iloc[0]
    assert (row["n_to_tell"], row["to_excluders"], row["to_excluders_chance"]) == (4, 0.75, 0.5)
    assert row["favour_excluders"] == 0.25
    assert choices(told, NO_EVENTS).set_index("coplayer")["n_runs_excluder"].to_dict() == {A: 0, B: 1}


def test_no_favour_where_nobody_or_everybody_excludes() -> None:
    """With too few throws to tell, or where both leave the participant out, there is nothing to choose."""
    fair = game([(A, P), (P, B)] * 10)
    assert np.isnan(reciprocity(fair, NO_EVENTS)["favour_excluders"].iloc[0])
    both = game([*[(A, P), (P, A)] * 5, *[(A, B), (B, A)] * 8])
    assert np.isnan(reciprocity(both, NO_EVENTS)["favour_excluders"].iloc[0])
    assert choices(both, NO_EVENTS)["n_runs_excluder"].tolist() == [1, 1]


def test_the_example_s_tables() -> None:
    """Received throws are what the design gives; with no throws at all every table is empty, and there."""
    data = permitted(load(EXAMPLE))
    listed = played(data.throws, data.phases, data.sessions, data.protocols)
    made = play.tables(data, listed)
    by = made["throws_by_run"].groupby("condition")["percent"].mean()
    assert by["inclusion"] == pytest.approx(100 / 3)
    assert by["exclusion"] == pytest.approx(100 * 2 / 30)
    dose = made["dose"].set_index(["condition", "throw_first"])["mean"]
    assert (dose["exclusion", 1], dose["exclusion", 11]) == (pytest.approx(0.4), 0)
    assert set(made["responses"]["participant_id"]) == set(data.sessions["participant_id"])
    empty = play.tables(data, listed.iloc[:0])
    assert {name: len(table) for name, table in empty.items()} == dict.fromkeys(made, 0)
    assert all(empty[name].columns.tolist() == made[name].columns.tolist() for name in made)
