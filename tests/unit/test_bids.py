"""Journal to tables: pure, complete, in the order of the columns, for any journal however it ended."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from experiment import bids, columns, journal
from experiment.columns import EVENTS, MISSING, PARTICIPANTS, RATINGS, SESSIONS, TABLES, Column
from experiment.scenes import Form, Scene
from tests.scripted import Sitting, click, tiny

Rows = list[dict[str, str]]


def rows_of(text: str) -> Rows:
    """Return a table's rows."""
    head, *lines = text.rstrip("\n").split("\n")
    names = head.split("\t")
    return [dict(zip(names, line.split("\t"), strict=True)) for line in lines]


@pytest.fixture(scope="module")
def sitting(tmp_path_factory: pytest.TempPathFactory) -> Sitting:
    """A session of the tiny protocol that was completed."""
    done = Sitting(tmp_path_factory.mktemp("bids"), tiny(), cell=1)
    done.run()
    return done


@pytest.fixture(scope="module")
def tables(sitting: Sitting) -> bids.Tables:
    """Its tables."""
    return bids.derive(sitting.recorded)


def only(tables: bids.Tables, part: str) -> Rows:
    """Return the rows of the one file with this in its name."""
    (text,) = [text for place, text in tables.files.items() if part in place]
    return rows_of(text)


def test_the_same_journal_gives_the_same_bytes(sitting: Sitting, tables: bids.Tables) -> None:
    """From wherever it is read."""
    again = bids.derive(journal.read(sitting.path))
    assert again == tables


def test_each_table_lies_where_bids_wants_it(tables: bids.Tables) -> None:
    """Runs by number, forms by stage, and by the run they follow."""
    assert sorted(tables.files) == [
        "sub-001/ses-01/beh/sub-001_ses-01_task-cyberball_run-01_events.tsv",
        "sub-001/ses-01/beh/sub-001_ses-01_task-facts_acq-end_run-01_beh.tsv",
        "sub-001/ses-01/beh/sub-001_ses-01_task-feelings_acq-baseline_beh.tsv",
        "sub-001/ses-01/beh/sub-001_ses-01_task-feelings_acq-reflexive_run-01_beh.tsv",
        "sub-001/ses-01/beh/sub-001_ses-01_task-practice_run-01_events.tsv",
    ]


def test_columns_stand_in_the_order_of_their_one_list(tables: bids.Tables) -> None:
    """In every table."""
    for place, text in tables.files.items():
        expected = EVENTS if place.endswith("_events.tsv") else RATINGS
        assert text.split("\n")[0].split("\t") == [column.name for column in expected]
        assert text.endswith("\n")
        assert "\r" not in text


def described(text: str) -> dict[str, dict[str, object]]:
    """Return what a sidecar says of each column."""
    found: dict[str, dict[str, object]] = json.loads(text)
    return found


def sidecar_of(place: str, tables: bids.Tables) -> dict[str, dict[str, object]]:
    """Return the sidecar that BIDS takes for a table."""
    task = place.partition("_task-")[2].partition("_")[0]
    suffix = place.rpartition("_")[2].removesuffix(".tsv")
    return described(tables.shared[f"task-{task}_{suffix}.json"])


def test_sidecars_describe_every_column_and_every_level(tables: bids.Tables) -> None:
    """That occurs in a table."""
    for place, text in tables.files.items():
        sidecar = sidecar_of(place, tables)
        for row in rows_of(text):
            for name, value in row.items():
                assert sidecar[name]["Description"]
                levels = sidecar[name].get("Levels")
                assert not isinstance(levels, dict) or value == MISSING or value in levels


@pytest.mark.parametrize("table", sorted(TABLES))
def test_columns_are_named_once_and_explained(table: str) -> None:
    """With a unit where a value is a quantity."""
    names = [column.name for column in TABLES[table]]
    assert len(set(names)) == len(names)
    for column in TABLES[table]:
        assert column.meaning
        assert not column.meaning.endswith(".")
        if column.kind == "number" and column.name not in ("dose", "age"):
            assert column.unit


def test_a_throw_has_a_row(sitting: Sitting, tables: bids.Tables) -> None:
    """With the times of its flips, from the run's first."""
    rows = [row for row in only(tables, "cyberball") if row["trial_type"] != "phase"]
    start = next(e for e in sitting.events("run") if e["kind"] == "game")["t"]
    releases = [e for e in sitting.events("release") if e["run"] == "game-01"]
    catches = [e for e in sitting.events("catch") if e["run"] == "game-01"]
    assert [row["throw"] for row in rows] == [str(n) for n in range(1, 10)]
    for row, release, catch in zip(rows, releases, catches, strict=True):
        assert float(row["onset"]) == pytest.approx(release["t"] - start, abs=2e-6)
        assert float(row["duration"]) == pytest.approx(catch["t"] - release["t"], abs=2e-6)
        assert row["condition"] == "unfair"
        own = release["thrower"] == 2
        assert (row["response_time"] == MISSING) != own
        assert (row["pause"] == MISSING) == own
        assert row["thrower"] == ("participant" if own else f"coplayer{release['thrower']}")
        kind = "coplayer_to_participant" if release["receiver"] == 2 else "coplayer_to_coplayer"
        assert row["trial_type"] == ("participant_throw" if own else kind)
        assert float(row["dose"]) == pytest.approx(release["receptions"] / release["throw"], abs=1e-6)
    assert rows[-1]["receptions"] == "1"


def test_a_phase_has_a_row_that_spans_its_throws(tables: bids.Tables) -> None:
    """And stands before them."""
    rows = only(tables, "cyberball")
    phases = [row for row in rows if row["trial_type"] == "phase"]
    assert [row["phase"] for row in phases] == ["opening", "closing"]
    for phase in phases:
        begin, end = float(phase["onset"]), float(phase["onset"]) + float(phase["duration"])
        own = [row for row in rows if row["phase"] == phase["phase"] and row["trial_type"] != "phase"]
        assert all(begin <= float(row["onset"]) <= end + 1e-5 for row in own)
        assert rows.index(phase) < rows.index(own[0])
    onsets = [float(row["onset"]) for row in rows]
    assert onsets == sorted(onsets)


def test_an_answer_has_a_row(sitting: Sitting, tables: bids.Tables) -> None:
    """In the order of the screen, not reversed, with its subscale."""
    rows = only(tables, "reflexive")
    assert [row["order"] for row in rows] == ["1", "2", "3"]
    assert {row["subscale"] for row in rows} == {"mood"}
    given = {e["item"]: e["value"] for e in sitting.events("answer") if e["stage"] == "reflexive"}
    assert {row["item"]: row["value"] for row in rows} == {item: str(value) for item, value in given.items()}
    assert all(float(row["delay"]) > 0 for row in rows)
    baseline = only(tables, "baseline")
    assert {(row["condition"], row["delay"]) for row in baseline} == {(MISSING, MISSING)}


def test_free_text_is_a_reference_in_its_row(tables: bids.Tables) -> None:
    """And no word of it in any table."""
    remark = next(row for row in only(tables, "facts") if row["item"] == "remark")
    assert (remark["value"], remark["text_ref"]) == (MISSING, "text-001")
    assert "Simulated answer" not in "".join(tables.files.values())


def test_the_last_answer_counts_at_the_items_place(tmp_path: Path) -> None:
    """The first stays in the journal."""
    gone: list[int] = []

    def back_once(scene: Scene, flip: float) -> list[object] | None:
        if isinstance(scene, Form) and scene.item == "remark" and not gone:
            gone.append(1)
            return [click(flip + 1, "button:back")]
        if isinstance(scene, Form) and scene.item == "gender":
            return [click(flip + 1, "option:woman" if not gone else "option:other")]
        return None

    sitting = Sitting(tmp_path, tiny(), instead=back_once)  # type: ignore[arg-type]
    sitting.run()
    rows = only(bids.derive(sitting.recorded), "facts")
    assert [row["item"] for row in rows] == ["age", "gender", "remark", "effort", "likes"]
    assert rows[1]["value"] == "other"
    assert [e["value"] for e in sitting.events("answer") if e["item"] == "gender"] == ["woman", "other"]


def test_the_sessions_row_tells_how_it_went(sitting: Sitting, tables: bids.Tables) -> None:
    """Every column is known, every level one that is explained."""
    row = tables.session
    assert set(row) <= {column.name for column in SESSIONS}
    assert (row["session_id"], row["cell"], row["conditions"]) == ("ses-01", "unfair", "unfair")
    assert (row["outcome"], row["permission"], row["simulated"]) == ("completed", "granted", True)
    assert row["definitions"] == sitting.resolved.digest
    last = max(e["t"] for e in sitting.recorded.events if e["t"] is not None)
    assert row["duration"] == pytest.approx(last, abs=0.1)
    assert set(tables.participant) == {column.name for column in PARTICIPANTS} - {"handedness"} | {
        "handedness"
    }


def prefixes(path: Path) -> Iterator[journal.Recorded]:
    """Yield a journal as it would be, had it been cut off after each of its lines."""
    lines = path.read_bytes().splitlines(keepends=True)
    cut = path.with_name("cut.jsonl")
    for length in range(1, len(lines) + 1):
        cut.write_bytes(b"".join(lines[:length]))
        yield journal.read(cut)


def test_a_journal_that_was_cut_off_anywhere_gives_its_rows(sitting: Sitting) -> None:
    """Each throw that left a hand, each answer that was given; what has no end has no duration."""
    for recorded in prefixes(sitting.path):
        tables = bids.derive(recorded)
        throws = [row for place, text in tables.files.items() if "_events" in place for row in rows_of(text)]
        releases, catches = list(recorded.all("release")), list(recorded.all("catch"))
        flown = [row for row in throws if row["trial_type"] != "phase"]
        assert len(flown) == len(releases)
        assert sum(row["duration"] == MISSING for row in flown) == len(releases) - len(catches)
        answers = [r for place, text in tables.files.items() if "_beh" in place for r in rows_of(text)]
        assert len(answers) == len(list(recorded.all("answer")))
        ended = recorded.last("end")
        assert tables.session["outcome"] == ("completed" if ended else "cut_off")


def test_a_resumed_session_that_was_cut_off_again_counts_as_cut_off(tmp_path: Path) -> None:
    """Its earlier end is no end."""
    path = tmp_path / "j.jsonl"
    resolved: dict[str, object] = {"measures": {}}
    with journal.Journal(path, durable=False) as record:
        record.write(
            "session", None, format=journal.FORMAT, rules=journal.RULES, participant="001", session="01",
            simulated=False, protocol="tiny", language="en", definitions="x", seed=1, resolved=resolved,
        )  # fmt: skip
        record.write("segment", 10.0)
        record.write("end", 15.0, outcome="fault")
        record.write("segment", 3.0)
        record.write("step", 7.0, id="01-consent", kind="consent")
    row = bids.derive(journal.read(path)).session
    assert row["outcome"] == "cut_off"
    assert row["segments"] == 2
    assert row["permission"] == "unanswered"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, MISSING),
        ("", MISSING),
        (True, "true"),
        (False, "false"),
        (3, "3"),
        (2.0, "2.0"),
        (1 / 3, "0.333333"),
        ("a\tb\nc", "a b c"),
    ],
)
def test_values_are_written_in_one_way(value: object, text: str) -> None:
    """Missing is n/a, nowhere else anything."""
    assert columns.cell(value) == text


ID, AGE = Column("id", "text", "x"), Column("age", "number", "x", "year")


def test_a_row_takes_the_place_of_the_one_before_it() -> None:
    """Sorted, the others as they were, written by whomever."""
    text = bids.merged((ID, AGE), "", [{"id": "b", "age": 2}, {"id": "a", "age": 1}])
    assert text == "id\tage\na\t1\nb\t2\n"
    assert bids.merged((ID, AGE), text, [{"id": "b", "age": 3}]) == "id\tage\na\t1\nb\t3\n"
    assert bids.merged((ID, AGE), text, [{"id": "b"}]) == "id\tage\na\t1\nb\tn/a\n"


def test_what_an_earlier_session_told_of_a_person_stays() -> None:
    """Where a later one did not ask."""
    text = "id\tage\nb\t2\n"
    assert bids.merged((ID, AGE), text, [{"id": "b"}], fill=True) == text
    assert bids.merged((ID, AGE), text, [{"id": "b", "age": 3}], fill=True) == "id\tage\nb\t3\n"


def test_a_table_that_was_written_with_other_columns_gets_these() -> None:
    """What stood there keeps its meaning: by name, not by place."""
    text = "id\told\tage\na\tx\t1\n"
    assert bids.merged((ID, AGE), text, [{"id": "b", "age": 2}]) == "id\tage\na\t1\nb\t2\n"
    assert bids.merged((ID, AGE), "id\na\n", [{"id": "b", "age": 2}]) == "id\tage\na\tn/a\nb\t2\n"


def of_two_segments(recorded: journal.Recorded, *paced: str) -> journal.Recorded:
    """Return a journal with one segment for each way of pacing."""
    first, segment, *rest = recorded.events
    segments = [{**segment, "screen": {**segment["screen"], "pacing": how}} for how in paced]
    return replace(recorded, events=(first, *segments, *rest))


def test_a_session_that_was_emulated_in_part_never_passes_for_a_display(sitting: Sitting) -> None:
    """Whichever segment it was."""
    for paced, told in (
        (("display", "emulated"), "emulated"),
        (("emulated", "display"), "emulated"),
        (("display", "display"), "display"),
    ):
        row = bids.derive(of_two_segments(sitting.recorded, *paced)).session
        assert row["pacing"] == told


def timed(recorded: journal.Recorded, **changes: object) -> journal.Recorded:
    """Return a journal whose game had frames, the last phase's clocks apart by a while."""
    events = []
    for event in recorded.events:
        new = dict(event)
        if event["event"] in ("catch", "run_end"):
            new |= {"frames": 10, "frames_late": [[event["t"], 0.05]], "frame_longest": 0.05}
        if event["event"] == "run_end":
            new["clocks"] = [event["clocks"][0] + 0.004, event["clocks"][1]]
        events.append({**new, **(changes if event["event"] == "run_end" else {})})
    return replace(recorded, events=tuple(events))


def test_every_frame_of_the_game_is_accounted_for(sitting: Sitting) -> None:
    """Those after the last catch too, practice left out; the clocks' largest disagreement stands beside."""
    recorded = timed(sitting.recorded, frames=7, frames_late=[], frame_longest=0.2)
    games = {e["run"] for e in recorded.all("run") if e["kind"] == "game"}
    catches = sum(1 for e in recorded.all("catch") if e["run"] in games)
    row = bids.derive(recorded).session
    assert row["frames"] == 10 * catches + 7 * len(games)
    assert row["frames_late"] == catches
    assert row["frame_longest"] == 0.2
    assert row["clock_drift"] == pytest.approx(0.004)
    assert row["incomplete"] is None


def test_a_run_that_was_broken_off_is_named(sitting: Sitting) -> None:
    """By its number among the games."""
    events = sitting.recorded.events
    start = next(i for i, e in enumerate(events) if e["event"] == "run" and e["kind"] == "game")
    assert bids.derive(replace(sitting.recorded, events=events[: start + 4])).session["incomplete"] == "01"
