"""Timing: errors by hand, sessions against the bounds, what is said and written; and runs broken off."""

from __future__ import annotations

import io
import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from rich.console import Console

from analysis.bounds import BOUNDS, flags, reasons
from analysis.dataset import Dataset, load
from analysis.flow import flow
from analysis.reading import ADDED
from analysis.results import Summary, summary
from analysis.summarize import summarize
from analysis.timing import by_pacing, by_run, by_session, with_errors
from analysis.timing_columns import SESSIONS
from analysis.timing_words import milliseconds, mixed, of_flagged
from experiment.simulate import Simulation, simulate
from tests.scripted import TINY

N = 6
SCORES = ("scores", "by_participant", "by_condition", "comparisons", "omnibus", "reliability", "flow")
Cells = dict[str, str]


@pytest.fixture(scope="module")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small simulated study."""
    root = tmp_path_factory.mktemp("timing")
    return simulate(Simulation(str(TINY), N, 5, root / "data")).dataset


def change(file: Path, edit: Callable[[Cells], Cells | None], without: frozenset[str] = frozenset()) -> None:
    """Rewrite a table row by row; `without` these columns."""
    head, *lines = [line.split("\t") for line in file.read_text(encoding="utf-8").splitlines()]
    rows = [edit(dict(zip(head, line, strict=True))) for line in lines]
    kept = [name for name in head if name not in without]
    text = ["\t".join(kept), *("\t".join(row[name] for name in kept) for row in rows if row is not None)]
    file.write_text("\n".join(text) + "\n", encoding="utf-8", newline="\n")


def shown(row: Cells, **more: str) -> Cells:
    """Return a line of sessions.tsv as if the session had been run on a good display."""
    return row | {
        "pacing": "display",
        "keyboard": "ptb",
        "frames": "5000",
        "frames_late": "1",
        "frame_longest": "0.033",
        "clock_drift": "-0.0003",
        **more,
    }


@pytest.fixture
def study(simulated: Path, tmp_path: Path) -> Path:
    """The same study as if it had been run on a display."""
    root = tmp_path / "study"
    shutil.copytree(simulated, root)
    for file in root.glob("sub-*/*_sessions.tsv"):
        change(file, shown)
    return root


def spoil(root: Path, person: str = "sub-003", **cells: str) -> None:
    """Change what a person's line in sessions.tsv says."""
    change(root / person / f"{person}_sessions.tsv", lambda row: row | cells)


def events_of(root: Path, person: str) -> Path:
    """Return the table of the first run of the game."""
    return next((root / person).glob("ses-01/beh/*_task-cyberball_run-01_events.tsv"))


def told(root: Path, *, brief: bool = False) -> tuple[Summary, str]:
    """Summarise; return the summary and what was printed, in one line."""
    out = io.StringIO()
    found = summarize(root, console=Console(file=out, width=100), brief=brief)
    return found, " ".join(out.getvalue().split())


def test_errors_of_throws_by_hand() -> None:
    """Late by 20 ms, 5 ms early, 10 ms long; an interruption takes pause and flight out, not the onset."""
    row = {
        "onset": 2.02, "onset_planned": 2.0, "pause": 0.995, "pause_planned": 1.0, "duration": 1.21,
        "flight_planned": 1.2, "interrupted": 0.0,
    }  # fmt: skip
    own = row | {"pause": np.nan, "pause_planned": np.nan}
    found = with_errors(pd.DataFrame([row, row | {"interrupted": 3.0}, own]))
    np.testing.assert_allclose(found["onset_error"], [0.02] * 3)
    np.testing.assert_allclose(found["pause_error"], [-0.005, np.nan, np.nan])
    np.testing.assert_allclose(found["flight_error"], [0.01, np.nan, 0.01])


def test_a_simulated_study_is_told_as_one_and_never_flagged(simulated: Path) -> None:
    """Virtual frames: every pause at the frame nearest to its plan, every onset at its own."""
    data = load(simulated)
    found = by_session(data)
    assert list(found.columns) == [column.name for column in SESSIONS]
    assert set(found["pacing"]) == {"simulated"}
    assert found["flags"].isna().all()
    assert found["frames"].isna().all()
    for name in ("pause_max_frames", "flight_max_frames"):
        assert found[name].between(0, 0.5 + 1e-4).all(), name
    np.testing.assert_allclose(found["onset_max_ms"], 0, atol=2e-3)
    np.testing.assert_allclose(found["clock_drift_ms"], 0)
    assert (
        found["n_throws"]
        == data.throws[data.throws["task"] != "practice"].groupby("participant_id").size().to_numpy()
    ).all()
    assert (found["share_mouse"] == 0).all()
    _, out = told(simulated)
    assert f"Timing: {N} simulated sessions, with nothing shown, in virtual frames at 60 Hz;" in out
    assert "flagged" not in out


def test_simulated_sessions_are_not_flagged_for_virtual_times(simulated: Path) -> None:
    """Whatever their numbers; but a run that was broken off is one in any session."""
    data = load(simulated)
    data.sessions["clock_drift"] = 0.5
    data.sessions.loc[0, "incomplete"] = "01"
    assert by_session(data)["flags"].fillna("").tolist() == ["incomplete"] + [""] * (N - 1)


def test_one_line_when_all_is_well(study: Path) -> None:
    """Frames added up, the longest of all, in words; in the short form too, and there alone."""
    for brief in (False, True):
        found, out = told(study, brief=brief)
        assert found.timing["flags"].isna().all()
        assert (
            f"Timing: {N} sessions on a display at 60 Hz; 0.02 % of {5000 * N:,} frames late, longest 33 ms; "
            "pauses within "
        ) in out
        assert "clocks agree within 0.3 ms." in out
        assert "flagged" not in out


def test_a_late_session_is_flagged_and_changes_nothing_else(study: Path) -> None:
    """The scores are those of the study without the fault, and nobody else is flagged."""
    before, _ = told(study)
    spoil(study, frames_late="120", frame_longest="0.25", clock_drift="-0.0071")
    found, out = told(study)
    flagged = found.timing.set_index("participant_id")["flags"].dropna()
    assert flagged.to_dict() == {"sub-003": "late_frames,long_frame,clocks"}
    for name in SCORES:
        pd.testing.assert_frame_equal(getattr(found, name), getattr(before, name))
    assert found.exit_code == before.exit_code == 0
    assert "1 flagged (see timing.tsv), none left out" in out
    assert (
        "- sub-003/ses-01: 2.4 % of the frames came late (bound: 1 %); the picture stood still for 250 ms"
        in out
    )
    assert "differ by 7.1 ms within a run (bound: 5 ms)." in out
    _, short = told(study, brief=True)
    assert "1 flagged" in short
    assert "sub-003" not in short


def test_throws_off_their_plan_flag_their_session(study: Path) -> None:
    """Each of the three errors by itself, 40 ms at every throw: more than two frames at 60 Hz."""
    for person, column in (
        ("sub-001", "onset_planned"),
        ("sub-002", "pause_planned"),
        ("sub-004", "flight_planned"),
    ):

        def off(row: Cells, name: str = column) -> Cells:
            return row if row[name] == "n/a" else row | {name: str(float(row[name]) - 0.04)}

        change(events_of(study, person), off)
    found = by_session(load(study)).set_index("participant_id")
    assert found["flags"].dropna().to_dict() == {"sub-001": "onset", "sub-002": "pause", "sub-004": "flight"}
    assert found.loc["sub-001", "onset_max_ms"] == pytest.approx(40, abs=0.01)
    assert found.loc["sub-001", "onset_max_frames"] == pytest.approx(2.4, abs=0.001)
    runs = by_run(load(study)).set_index("participant_id")
    assert runs.loc["sub-001", "onset_median_ms"] == pytest.approx(40, abs=0.01)
    assert runs["complete"].all()


def test_what_is_at_its_bound_passes_and_above_it_not() -> None:
    """A number at the limit is no fault, one above is, whatever its sign; nor is what is not known."""
    fine = {
        bound.column: bound.limit if isinstance(bound.limit, float) else bound.limit[0] for bound in BOUNDS
    }
    for bound in BOUNDS:
        worse = -1.01 * bound.limit - 1e-9 if isinstance(bound.limit, float) else "other"
        frame = pd.DataFrame([fine, fine | {bound.column: worse}, fine | {bound.column: None}])
        found = flags(frame)
        assert found.iloc[1] == bound.name
        assert found.iloc[[0, 2]].isna().all(), bound.name
    assert len({bound.name for bound in BOUNDS}) == len(BOUNDS)


def test_every_bound_is_said_and_stated(study: Path) -> None:
    """A session that exceeds all of them: a reason for each, nothing empty in it; the sidecar has all."""
    frame = by_session(load(study))
    worst = frame.iloc[0].to_dict() | {
        "share_late": 0.5, "frame_longest_ms": 300.0, "clock_drift_ms": -9.0,
        "pacing": "emulated", "keyboard": "none",
        "onset_p99_frames": 3.0, "pause_p99_frames": 3.0, "flight_p99_frames": 3.0, "n_incomplete": 2,
        "incomplete": "01,03", "onset_p99_ms": 50.0, "pause_p99_ms": 50.0, "flight_p99_ms": 50.0,
    }  # fmt: skip
    worst["flags"] = flags(pd.DataFrame([worst])).iloc[0]
    said = reasons(worst)
    assert len(said) == len(BOUNDS)
    assert "50.0 %" in said[0]
    assert "nan" not in " ".join(said)
    assert "(run 01,03)" in said[-1]
    found, _ = told(study)
    assert found.written is not None
    described = json.loads((found.written / "timing.json").read_text(encoding="utf-8"))
    assert list(described) == list(found.timing.columns)
    assert list(described["flags"]["Levels"]) == [bound.name for bound in BOUNDS]
    assert described["pause_p99_ms"]["Units"] == "ms"


def test_the_files_carry_the_timing(study: Path) -> None:
    """A row for every session in timing.tsv; the same in the JSON file."""
    found, _ = told(study)
    assert found.written is not None
    table = pd.read_csv(found.written / "timing.tsv", sep="\t", na_values="n/a", keep_default_na=False)
    assert len(table) == N
    whole = json.loads((found.written / "summary.json").read_text(encoding="utf-8"))
    assert [row["participant_id"] for row in whole["timing"]] == list(table["participant_id"])
    (row,) = whole["timing_by_pacing"]
    assert (row["n_sessions"], row["frames"], row["frames_late"], row["n_flagged"]) == (N, 5000 * N, N, 0)
    ignored = (found.written / ".bidsignore").read_text(encoding="utf-8").split()
    assert {"timing.tsv", "timing.json", "timing_by_pacing.tsv"} <= set(ignored)


def test_sessions_paced_by_a_timer_are_told_apart(study: Path) -> None:
    """Two kinds are two lines and a warning; the same reason is said once for all who have it."""
    for person in ("sub-001", "sub-002"):
        spoil(study, person, pacing="emulated", refresh_rate="75.0")
    found, out = told(study)
    assert found.timing_by_pacing["pacing"].tolist() == ["display", "emulated"]
    assert found.timing_by_pacing["frames"].tolist() == [5000 * (N - 2), 10000]
    assert f"Timing: {N - 2} sessions on a display at 60 Hz;" in out
    assert "Timing: 2 sessions paced by a timer, with no display behind them, at 75 Hz;" in out
    assert "WARNING: sessions of different kinds in one study (display, emulated)" in out
    assert "- sub-001/ses-01, sub-002/ses-01: a timer paced the frames, no display" in out
    assert mixed(found.timing_by_pacing.iloc[:1]) == ""
    periods = found.timing["pause_max_ms"] / found.timing["pause_max_frames"]
    assert periods.tolist() == pytest.approx([1000 / 75] * 2 + [1000 / 60] * (N - 2))


def test_many_with_one_reason_are_counted(study: Path) -> None:
    """Five are named."""
    for file in study.glob("sub-*/*_sessions.tsv"):
        change(file, lambda row: row | {"keyboard": "none"})
    (line,) = of_flagged(by_session(load(study)))
    assert f"sub-005/ses-01 and {N - 5} more: no keyboard driver stamped the keys (backend: none)." in line


def test_answers_by_mouse_are_told(study: Path) -> None:
    """One session of all by mouse: its share is 1, and the line says what that means."""
    change(
        events_of(study, "sub-001"),
        lambda row: row if row["response_source"] == "n/a" else row | {"response_source": "mouse"},
    )
    found, out = told(study)
    assert found.timing.set_index("participant_id")["share_mouse"].to_dict()["sub-001"] == 1
    assert "of throws by mouse, whose times are less certain" in out
    assert found.timing["flags"].isna().all()


def test_tables_of_an_earlier_version_are_read(study: Path) -> None:
    """Without the columns that came later: nothing is left out, no score changes, and the line says so."""
    before = summary(load(study))
    for file in study.glob("sub-00[12]/**/*.tsv"):
        if file.name.endswith(("_sessions.tsv", "_events.tsv")):
            change(file, lambda row: row, without=ADDED)
    data = load(study)
    assert data.skipped == ()
    kinds = {
        "onset_planned": "float64",
        "frame_longest": "float64",
        "clock_drift": "float64",
        "complete": "bool",
    }
    for frame in (data.throws, data.phases, data.others):
        assert {name: str(frame[name].dtype) for name in kinds} == kinds
    assert data.throws["onset_planned"].isna().sum() == (data.throws["participant_id"] <= "sub-002").sum()
    found, out = told(study)
    pd.testing.assert_frame_equal(found.scores, before.scores)
    assert found.timing["flags"].isna().all()
    assert "2 recorded by an earlier version" in out


def test_columns_have_the_same_kinds_when_all_tables_are_old(study: Path) -> None:
    """Where no table has them: numbers missing, text missing, in the order of the tables of today."""
    now = load(study)
    for file in study.glob("sub-*/**/*.tsv"):
        if file.name.endswith(("_sessions.tsv", "_events.tsv")):
            change(file, lambda row: row, without=ADDED)
    old = load(study)
    for name in ("throws", "phases", "others", "sessions"):
        assert list(getattr(old, name).columns) == list(getattr(now, name).columns)
        pd.testing.assert_series_equal(getattr(old, name).dtypes, getattr(now, name).dtypes)
    assert old.sessions["incomplete"].isna().all()


def again(data: Dataset, person: str) -> Dataset:
    """Return the data as if the run had been broken off after two throws and begun again."""
    throws, phases = data.throws, data.phases
    game = (throws["task"] != "practice") & (throws["participant_id"] == person)
    first = throws[game & (throws["throw"] <= 2)].assign(complete=False)
    began = phases[(phases["task"] != "practice") & (phases["participant_id"] == person)]
    later = throws.assign(run=throws["run"].where(~game, 2))
    moved = phases.assign(run=phases["run"].where(~phases.index.isin(began.index), 2))
    ratings = data.ratings.assign(
        run=data.ratings["run"].where(
            (data.ratings["participant_id"] != person) | data.ratings["run"].isna(), 2
        )
    )
    sessions = data.sessions.assign(
        incomplete=data.sessions["incomplete"].where(data.sessions["participant_id"] != person, "01")
    )
    return replace(
        data,
        throws=pd.concat([first, later], ignore_index=True),
        phases=pd.concat([began.assign(duration=np.nan, complete=False), moved], ignore_index=True),
        ratings=ratings,
        sessions=sessions,
    )


def test_a_run_begun_again_counts_once_and_is_said(study: Path) -> None:
    """The throws of the broken run stay in the data and count for nothing; flow, flags and notes say it."""
    data = load(study)
    before, found = summary(data), summary(again(data, "sub-003"))
    pd.testing.assert_frame_equal(found.by_condition, before.by_condition)
    assert found.timing.set_index("participant_id")["flags"].dropna().to_dict() == {"sub-003": "incomplete"}
    extra = found.timing["n_throws"] - before.timing["n_throws"]
    assert extra.tolist() == [0, 0, 2, 0, 0, 0]
    assert found.flow["broken_off"].iloc[-1] == 1
    (note,) = [note for note in found.notes if "broken off" in note]
    assert "broken off: 1 (begun again, so that only the later run counts: 1). All rows stay" in note
    assert not [note for note in before.notes if "broken off" in note]


def test_a_run_broken_off_for_good_counts_with_what_there_is(study: Path) -> None:
    """Its rows are marked in the frames; the note says that it counts."""
    change(
        events_of(study, "sub-002"),
        lambda row: row | {"duration": "n/a"} if row["trial_type"] == "phase" else row,
    )
    data = load(study)
    marked = data.throws[~data.throws["complete"]]
    assert set(marked["participant_id"]) == {"sub-002"}
    assert set(marked["task"]) == {"cyberball"}
    assert data.throws["complete"].dtype == bool
    found = by_session(data)
    assert found.set_index("participant_id")["incomplete"].dropna().to_dict() == {"sub-002": "01"}
    assert any(
        "never begun again, and counted with the throws that there are: 1" in n for n in summary(data).notes
    )
    assert flow(data)["broken_off"].iloc[-1] == 0  # what sessions.tsv says of it


def test_a_session_without_a_throw_has_a_row(study: Path) -> None:
    """Zero throws, no errors, no flag."""
    data = load(study)
    data = replace(
        data, throws=data.throws[data.throws["participant_id"] != "sub-001"].reset_index(drop=True)
    )
    found = by_session(data)
    assert found["n_throws"].iloc[0] == 0
    assert np.isnan(found["pause_max_ms"].iloc[0])
    assert found["flags"].isna().all()
    nothing = by_session(replace(data, throws=data.throws.iloc[:0]))
    assert (nothing["n_throws"] == 0).all()
    assert np.isnan(by_pacing(replace(data, throws=data.throws.iloc[:0]), nothing)["pause_p99_ms"].iloc[0])


def test_milliseconds_are_short() -> None:
    """A decimal only where it tells something."""
    assert [milliseconds(value) for value in (0.001, 0.31, 9.94, 33.3)] == [
        "0.1 ms",
        "0.3 ms",
        "9.9 ms",
        "33 ms",
    ]
