"""A dataset written by hand, read as frames and summarised; broken, mixed and unpermitted ones."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pandas as pd
import pytest
from rich.console import Console

from analysis.dataset import load
from analysis.errors import AnalysisError
from analysis.flow import flow, permitted
from analysis.lines import WIDTH
from analysis.summarize import main, summarize
from experiment.columns import EVENTS, PARTICIPANTS, RATINGS, SESSIONS, Column, cell
from experiment.definitions.library import CONDITIONS
from tests.scripted import TINY

DIGEST = "d1"
PEOPLE = {
    # code: (cell, answers to the three hurt items, permission, outcome)
    "01": ("inclusion", (1, 1, 2), "granted", "completed"),
    "02": ("exclusion", (4, 5, 3), "granted", "completed"),
    "03": ("inclusion", (2, 1, 1), "granted", "completed"),
    "04": ("exclusion", (3, 3, None), "granted", "completed"),
    "05": ("exclusion", (5, 5, 5), "refused", "completed"),
    "06": ("inclusion", (5, 5, 5), "unanswered", "cut_off"),
    "07": ("exclusion", (), "granted", "stopped_by_participant"),
    "08": (None, (), "unanswered", "declined"),
}
Row = Mapping[str, object]


def table(columns: tuple[Column, ...], rows: list[Row]) -> str:
    """Return a table as the experiment writes it."""
    lines = ["\t".join(column.name for column in columns)]
    lines += ["\t".join(cell(row.get(column.name)) for column in columns) for row in rows]
    return "\n".join(lines) + "\n"


def put(file: Path, text: str) -> None:
    """Write a file and the folders above it."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8", newline="\n")


def events(condition: str, receivers: str) -> list[Row]:
    """Return a run: a phase, then a throw to each receiver, ``p`` for the participant."""
    rows: list[Row] = [
        {"onset": 0.0, "duration": 9.5, "trial_type": "phase", "phase": "all", "condition": condition}
    ]
    for i, receiver in enumerate(receivers, start=1):
        rows.append(
            {
                "onset": float(i),
                "duration": 1.25,
                "trial_type": "coplayer_to_participant" if receiver == "p" else "coplayer_to_coplayer",
                "throw": i,
                "phase": "all",
                "condition": condition,
                "thrower": "coplayer1",
                "receiver": "participant" if receiver == "p" else "coplayer3",
                "taken_over": False,
            }
        )
    return rows


def write_person(root: Path, code: str, simulated: bool = True) -> None:
    """Write one participant of `PEOPLE`."""
    condition, answers, permission, outcome = PEOPLE[code]
    subject = root / f"sub-{code}"
    session = {
        "session_id": "ses-01",
        "protocol": "small",
        "cell": condition,
        "conditions": condition,
        "outcome": outcome,
        "permission": permission,
        "definitions": DIGEST,
        "segments": 1,
        "simulated": simulated,
    }
    put(subject / f"sub-{code}_sessions.tsv", table(SESSIONS, [session]))
    stem = subject / "ses-01" / "beh" / f"sub-{code}_ses-01"
    if condition:
        put(Path(f"{stem}_task-practice_run-01_events.tsv"), table(EVENTS, events("practice", "pp")))
        throws = "p-p-p-" if condition == "inclusion" else "p-----"
        put(Path(f"{stem}_task-cyberball_run-02_events.tsv"), table(EVENTS, events(condition, throws)))
    rows: list[Row] = [
        {
            "measure": "hurt",
            "stage": "reflexive",
            "condition": condition,
            "item": item,
            "value": answer,
            "order": i,
        }
        for i, (item, answer) in enumerate(
            zip(("hurt", "wounded", "rejected"), answers, strict=False), start=1
        )
    ]
    if rows:
        put(Path(f"{stem}_task-hurt_acq-reflexive_run-02_beh.tsv"), table(RATINGS, rows))


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    """A small study, written by hand."""
    root = tmp_path / "study"
    put(root / "dataset_description.json", "{}")
    for code in PEOPLE:
        write_person(root, code)
    people: list[Row] = [{"participant_id": f"sub-{code}", "simulated": True} for code in PEOPLE]
    put(root / "participants.tsv", table(PARTICIPANTS, people))
    hurt = (CONDITIONS / "measures" / "hurt.toml").read_text(encoding="utf-8")
    put(root / "sourcedata" / "definitions" / DIGEST / "measures" / "hurt.toml", hurt)
    tiny = TINY.read_text(encoding="utf-8").replace('["fair", "unfair"]', '["inclusion", "exclusion"]')
    put(protocol_of(root), tiny)
    return root


def protocol_of(root: Path) -> Path:
    """Return the snapshot of the protocol."""
    return root / "sourcedata" / "definitions" / DIGEST / "protocols" / "small.toml"


def file_of(root: Path, code: str, entities: str) -> Path:
    """Return a table of one participant's first session."""
    return root / f"sub-{code}" / "ses-01" / "beh" / f"sub-{code}_ses-01_{entities}.tsv"


HURT = "task-hurt_acq-reflexive_run-02_beh"
GAME = "task-cyberball_run-02_events"


def test_tables_become_frames(dataset: Path) -> None:
    """Throws apart from phases, names of files as columns, numbers as numbers, n/a as missing."""
    data = load(dataset)
    assert data.skipped == ()
    assert data.simulated
    assert len(data.throws) == 7 * (6 + 2)
    assert len(data.phases) == 7 * 2
    assert set(data.throws["task"]) == {"practice", "cyberball"}
    assert set(data.throws["trial_type"]) == {"coplayer_to_participant", "coplayer_to_coplayer"}
    first = data.ratings.iloc[0]
    assert tuple(first[["participant_id", "session", "run", "measure", "item"]]) == (
        "sub-01",
        "ses-01",
        2,
        "hurt",
        "hurt",
    )
    assert (first["value"], first["answer"]) == (1.0, "1")
    assert data.ratings["value"].isna().sum() == 1
    assert data.ratings["subscale"].isna().all()
    assert str(data.throws["throw"].dtype) == "Int64"
    assert str(data.throws["taken_over"].dtype) == "boolean"
    assert list(data.measures) == ["hurt"]
    assert len(data.sessions) == len(data.participants) == len(PEOPLE)


def test_line_ends_marks_and_order_of_columns_make_no_difference(dataset: Path) -> None:
    """A table saved by a spreadsheet (CRLF, byte order mark, other order, empty lines) reads the same."""
    before = load(dataset).ratings
    file = file_of(dataset, "01", HURT)
    lines = [line.split("\t")[::-1] for line in file.read_text(encoding="utf-8").splitlines()]
    lines = [[*line, "note" if i == 0 else "n/a"] for i, line in enumerate(lines)]
    file.write_bytes(b"\xef\xbb\xbf" + "\r\n\r\n".join("\t".join(line) for line in lines).encode())
    data = load(dataset)
    assert data.skipped == ()
    same = data.ratings.sort_values(["participant_id", "item"])[before.columns].reset_index(drop=True)
    pd.testing.assert_frame_equal(same, before.sort_values(["participant_id", "item"]).reset_index(drop=True))


def truncate(file: Path) -> None:
    """Cut the end off, as a full disk does."""
    file.write_bytes(file.read_bytes()[:-10])


def spoil(old: str, new: str) -> Callable[[Path], None]:
    """Return what replaces `old` by `new` once."""

    def change(file: Path) -> None:
        text = file.read_text(encoding="utf-8")
        assert old in text
        put(file, text.replace(old, new, 1))

    return change


@pytest.mark.parametrize(
    ("entities", "break_it", "reason"),
    [
        (HURT, spoil("item\t", "itm\t"), "wrong header: has no column 'item'"),
        (HURT, spoil("item\t", "item\titem\t"), "wrong header: has column 'item' twice"),
        (HURT, truncate, "line 4 has"),
        (HURT, lambda file: file.write_bytes(b""), "is empty"),
        (HURT, lambda file: file.write_bytes(b"PK\x03\x04\xff\xfe binary"), "is not UTF-8 text"),
        (GAME, spoil("1.25", "1,25"), "column 'duration' has '1,25', which is not of its kind"),
        (GAME, spoil("false", "no"), "column 'taken_over' has 'no', which is not of its kind"),
    ],
)
def test_a_broken_file_is_named_and_the_rest_read(
    dataset: Path, entities: str, break_it: Callable[[Path], None], reason: str
) -> None:
    """One file in the joined bytes is bad: it alone is left out, and the exit code says so."""
    whole = load(dataset)
    file = file_of(dataset, "02", entities)
    break_it(file)
    data = load(dataset)
    assert [entry.place for entry in data.skipped] == [file.relative_to(dataset).as_posix()]
    assert reason in data.skipped[0].reason
    kind = "ratings" if entities == HURT else "throws"
    lost = 3 if entities == HURT else 6
    assert len(getattr(data, kind)) == len(getattr(whole, kind)) - lost
    assert main([str(dataset)]) == 4


def test_strange_names_are_named(dataset: Path) -> None:
    """A table that no rule names, one in another's folder, and one of a session without a line."""
    put(dataset / "sub-01" / "ses-01" / "beh" / "notes.tsv", "a\tb\n")
    rows: list[Row] = [{"measure": "hurt", "stage": "reflexive", "item": "hurt", "value": 1}]
    put(file_of(dataset, "01", HURT).with_name(f"sub-02_ses-01_{HURT}.tsv"), table(RATINGS, rows))
    put(dataset / "sub-09" / "ses-01" / "beh" / f"sub-09_ses-01_{HURT}.tsv", table(RATINGS, rows))
    (dataset / "sourcedata" / "sub-10" / "ses-01").mkdir(parents=True)
    (dataset / "sub-01" / "ses-01" / "beh" / ".sub-01.tsv.tmp.tsv").write_text("half")
    said = {entry.place: entry.reason for entry in load(dataset).skipped}
    assert len(said) == 4
    assert "no table that this analysis knows" in said["sub-01/ses-01/beh/notes.tsv"]
    assert "another participant" in said[f"sub-01/ses-01/beh/sub-02_ses-01_{HURT}.tsv"]
    assert "permission is not known" in said["sub-09/ses-01"]
    assert "spot recover" in said["sub-10/ses-01"]


def test_simulated_and_real_people_never_mix(dataset: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An error that names one of each; nothing is computed."""
    write_person(dataset, "03", simulated=False)
    with pytest.raises(
        AnalysisError, match=r"mixes simulated participants \(sub-01\) with people \(sub-03\)"
    ):
        load(dataset)
    assert main([str(dataset)]) == 1
    assert capsys.readouterr().err.count("\n") == 1


@pytest.mark.parametrize("made", [False, True])
def test_what_is_no_dataset_is_refused_in_one_line(
    tmp_path: Path, made: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    """No folder, or a folder without dataset_description.json: a wrong request."""
    path = tmp_path / "nowhere"
    if made:
        path.mkdir()
    assert main([str(path)]) == 2
    told = capsys.readouterr()
    assert told.err.startswith(f"spot: {path}: is no ")
    assert (told.err.count("\n"), told.out) == (1, "")


def test_only_permitted_data_is_used_and_everybody_counted(dataset: Path) -> None:
    """Refused and unanswered enter no table; the flow counts them."""
    data = load(dataset)
    used = permitted(data)
    assert set(used.ratings["participant_id"]) == {"sub-01", "sub-02", "sub-03", "sub-04"}
    assert set(used.sessions["participant_id"]) == {"sub-01", "sub-02", "sub-03", "sub-04", "sub-07"}
    counts = flow(data).fillna({"cell": "none"}).set_index("cell")
    assert list(counts.index) == ["inclusion", "exclusion", "none", "all"]
    assert list(counts.loc["exclusion", ["sessions", "granted", "refused", "in_tables"]]) == [4, 3, 1, 3]
    assert list(counts.loc["all", ["sessions", "unanswered", "declined", "cut_off"]]) == [8, 2, 1, 1]


def test_what_a_refused_participant_answered_is_not_quoted(dataset: Path) -> None:
    """An answer that cannot be is named, with its value, of those alone who permit the use of their data."""
    for code in ("03", "05"):
        (form,) = (dataset / f"sub-{code}").rglob("*hurt*_beh.tsv")
        lines = form.read_text(encoding="utf-8").splitlines()
        column = lines[0].split("\t").index("value")
        fields = lines[1].split("\t")
        fields[column] = "77"
        put(form, "\n".join([lines[0], "\t".join(fields), *lines[2:], ""]))
    found = summarize(dataset, console=Console(file=io.StringIO()))
    assert [entry.place.split("/")[0] for entry in found.skipped] == ["sub-03"]
    assert "77" in found.skipped[0].reason
    written = dataset / "derivatives" / "spot"
    assert not [file.name for file in written.iterdir() if b"sub-05" in file.read_bytes()]


@pytest.mark.parametrize("out", [".", "sub-01", "derivatives", "../another"])
def test_tables_never_go_among_the_data(dataset: Path, out: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A summary describes itself in dataset_description.json: there it would replace the dataset's own."""
    shutil.copytree(dataset, dataset.parent / "another")
    before = {file: file.read_bytes() for file in dataset.parent.rglob("*") if file.is_file()}
    assert main([str(dataset), "--out", str(dataset / out)]) == 2
    assert capsys.readouterr().err.startswith(f"spot: --out {dataset / out}: ")
    assert {file: file.read_bytes() for file in dataset.parent.rglob("*") if file.is_file()} == before
    assert main([str(dataset), "--out", str(dataset / "derivatives" / "first")]) == 0


def test_scores_by_condition_by_hand(dataset: Path) -> None:
    """Means of those who permit; who stopped before the form, or left an item out, is missing, not gone."""
    found = summarize(dataset, console=Console(file=io.StringIO()))
    table = found.by_condition.set_index(["measure", "condition"])
    assert list(table.loc[("hurt", "inclusion"), ["n", "n_missing", "mean"]]) == [
        2,
        0,
        pytest.approx(4 / 3),
    ]
    assert list(table.loc[("hurt", "exclusion"), ["n", "n_missing", "mean"]]) == [1, 2, 4]
    assert list(table.loc[("throws_received", "exclusion"), ["n", "mean"]]) == [3, pytest.approx(100 / 6)]
    assert list(table.loc[("throws_received", "inclusion"), ["n", "mean"]]) == [2, pytest.approx(50)]
    row = found.comparisons.set_index("measure").loc["hurt"]
    assert (row["n_a"] + row["n_b"], row["n_missing_a"] + row["n_missing_b"]) == (3, 2)
    assert found.exit_code == 0


@pytest.mark.parametrize("nothing", ["refused", "no tables", "no sessions"])
def test_nothing_to_analyse_is_said_not_crashed(
    dataset: Path, nothing: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """All refuse, all tables are gone, or nobody came: counts and a clear line, never a traceback."""
    for code in PEOPLE:
        sessions = dataset / f"sub-{code}" / f"sub-{code}_sessions.tsv"
        if nothing == "refused":
            put(sessions, sessions.read_text(encoding="utf-8").replace("granted", "refused"))
        else:
            shutil.rmtree(dataset / f"sub-{code}" / "ses-01", ignore_errors=True)
        if nothing == "no sessions":
            sessions.unlink()
    expected = 1 if nothing == "no sessions" else 0
    assert main([str(dataset)]) == expected
    told = capsys.readouterr()
    if expected:
        assert told.err == f"spot: {dataset}: has no session to summarise\n"
    else:
        assert "how they ended" in told.out
        assert "No scores" in told.out


def test_order_of_conditions_is_that_of_the_protocol(dataset: Path) -> None:
    """The first condition of the design is the reference; without the protocol they are sorted, aloud."""
    found = summarize(dataset, console=Console(file=io.StringIO()))
    assert found.conditions == ("inclusion", "exclusion")
    assert set(found.comparisons["a"]) == {"exclusion"}
    assert list(found.flow["cell"].fillna("none")) == ["inclusion", "exclusion", "none", "all"]
    protocol_of(dataset).unlink()
    put(protocol_of(dataset).with_name("other.toml"), TINY.read_text(encoding="utf-8"))
    found = summarize(dataset, console=Console(file=io.StringIO()))
    assert found.conditions == ()
    assert set(found.comparisons["a"]) == {"inclusion"}
    assert [entry.place for entry in found.skipped] == [protocol_of(dataset).relative_to(dataset).as_posix()]
    assert "is missing" in found.skipped[0].reason


def test_printed_summary_is_plain_and_narrow(dataset: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """In a pipe: no colour codes, only ASCII, no line over 100; simulated data says so first."""
    assert main([str(dataset)]) == 0
    out = capsys.readouterr().out
    assert "\x1b" not in out
    assert out.replace(str(dataset), "").isascii()
    assert max(len(line) for line in out.splitlines() if str(dataset) not in line) <= WIDTH
    assert "SIMULATED" in out.splitlines()[1]
    assert "WARNING: few participants" in out
    assert all(line == line.rstrip() for line in out.splitlines())


def test_files_hold_the_same_numbers_and_come_whole(dataset: Path, tmp_path: Path) -> None:
    """TSV and JSON agree to the last digit; the same data gives the same bytes; nothing temporary stays."""
    out = tmp_path / "out"
    assert main([str(dataset), "--out", str(out)]) == 0
    first = {file.name: file.read_bytes() for file in out.iterdir()}
    assert main([str(dataset), "--out", str(out)]) == 0
    assert {file.name: file.read_bytes() for file in out.iterdir()} == first
    assert not (dataset / "derivatives").exists()
    whole = json.loads(first["summary.json"])
    for name in ("by_condition", "comparisons", "flow"):
        frame = pd.read_csv(
            out / f"{name}.tsv", sep="\t", na_values="n/a", keep_default_na=False, dtype={"cell": str}
        )
        assert len(frame) == len(whole[name]) > 0
        for record, (_, row) in zip(whole[name], frame.iterrows(), strict=True):
            assert record == {column: None if pd.isna(value) else value for column, value in row.items()}
        assert set(json.loads(first[f"{name}.json"])) == set(frame.columns)
    assert json.loads(first["dataset_description.json"])["DatasetType"] == "derivative"


def test_a_place_that_cannot_be_written_is_one_line(
    dataset: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The reason and the file, no traceback."""
    (tmp_path / "file").write_text("")
    assert main([str(dataset), "--out", str(tmp_path / "file" / "out")]) == 1
    assert "cannot be written" in capsys.readouterr().err


def test_ratings_of_an_unknown_measure_are_named_not_scored(dataset: Path) -> None:
    """The definitions lack a measure: its ratings are left out aloud, throws are still there."""
    (dataset / "sourcedata" / "definitions" / DIGEST / "measures" / "hurt.toml").unlink()
    found = summarize(dataset, console=Console(file=io.StringIO()))
    assert found.exit_code == 4
    assert "hurt" in found.skipped[0].place
    assert set(found.by_condition["measure"]) == {"throws_received"}


def test_two_forms_of_one_measure_are_refused(dataset: Path) -> None:
    """Sessions run with different keying are not scored together."""
    other = dataset / "sourcedata" / "definitions" / "d2"
    text = (CONDITIONS / "measures" / "hurt.toml").read_text(encoding="utf-8")
    put(other / "measures" / "hurt.toml", text.replace("high = 5", "high = 7"))
    spoil(DIGEST, "d2")(dataset / "sub-01" / "sub-01_sessions.tsv")
    with pytest.raises(AnalysisError, match="measure 'hurt' has two forms"):
        load(dataset)


def test_analysis_never_loads_the_experiment_s_window() -> None:
    """Importing every module of the analysis loads neither psychopy nor pyglet nor figures."""
    names = sorted(file.stem for file in (CONDITIONS.parent / "analysis").glob("[a-z]*.py"))
    code = f"import sys\nfor name in {names!r}: __import__('analysis.' + name)\n"
    code += "print(sorted({'psychopy', 'pyglet', 'matplotlib', 'pingouin'} & set(sys.modules)))"
    ran = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=CONDITIONS.parent
    )
    assert ran.stdout.strip() == "[]"
