"""Datasets and files that this program did not write, or that something damaged: read as far as they go."""

from __future__ import annotations

import gzip
import io
import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from rich.console import Console

from analysis.dataset import Dataset, load
from analysis.summarize import main, summarize
from experiment.definitions.library import CONDITIONS

EXAMPLE = CONDITIONS.parent / "data" / "example"
GAME = "sub-001/ses-01/beh/sub-001_ses-01_task-cyberball_run-01_events.tsv"
FORM = "sub-001/ses-01/beh/sub-001_ses-01_task-mood_acq-reflexive_run-01_beh.tsv"


def put(file: Path, text: str) -> Path:
    """Write a file and the folders above it."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(text.encode())
    return file


def elsewhere(root: Path, *, sessions: bool = False) -> Path:
    """Write a dataset as fMRI laboratories share them: func folders, no sessions, E-Prime's names."""
    put(root / "dataset_description.json", '{"Name": "Catch", "BIDSVersion": "1.6.0"}')
    put(root / "task-cyberball_bold.json", '{"RepetitionTime": 2.0}')
    for code, block in (("01003", "inclusion"), ("01004", "exclusion")):
        rows = ["onset\tduration\ttrial_type\tthrower\treceiver\tcondition\treaction_time\tblock"]
        for i in range(8):
            to = "participant" if i % (2 if block == "inclusion" else 8) == 0 else "coplayer3"
            kind = f"coplayer_to_{'participant' if to == 'participant' else 'coplayer'}"
            rows.append(f"{2 + 3 * i}\t1.5\t{kind}\tcoplayer1\t{to}\t{block}\tNA\t1")
        rows.append(f"40\t10\tRest\tn/a\tn/a\t{block}\tNA\t1")
        put(root / f"sub-{code}/func/sub-{code}_task-cyberball_run-1_events.tsv", "\n".join(rows) + "\n")
        put(root / f"sub-{code}/func/sub-{code}_task-cyberball_run-1_bold.nii.gz", "no image")
        if sessions:
            line = f"session_id\tconditions\tpermission\nses-01\t{block}\tgranted\n"
            put(root / f"sub-{code}/sub-{code}_sessions.tsv", line)
    return root


def of_example(tmp_path: Path) -> Path:
    """Return a copy of the example without its records, two participants of it."""
    root = tmp_path / "example"
    for name in ("dataset_description.json", "sourcedata/definitions", "sub-001", "sub-002"):
        at = EXAMPLE / name
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (shutil.copytree if at.is_dir() else shutil.copy)(at, root / name)
    for sidecar in EXAMPLE.glob("task-*.json"):
        shutil.copy(sidecar, root)
    return root


def told(data: Dataset) -> dict[str, str]:
    """Return every warning by its place."""
    return {each.place: each.reason for each in data.warnings}


def test_what_this_program_wrote_gives_no_warning() -> None:
    """The example is in order: nothing is left out and nothing strange."""
    data = load(EXAMPLE)
    assert (data.skipped, data.warnings) == ((), ())


def test_a_dataset_from_elsewhere_is_read(tmp_path: Path) -> None:
    """Its throws are throws, what it lacks is missing, what is special about it is said."""
    data = load(elsewhere(tmp_path))
    assert len(data.throws) == 16
    assert len(data.others) == 2
    assert set(data.throws["session"]) == {"ses-01"}
    assert set(data.throws["run"]) == {1}
    assert data.throws["response_time"].isna().all()
    assert data.throws["block"].tolist() == ["1"] * 16
    assert data.throws["throw"].tolist() == [*range(1, 9)] * 2
    assert not data.simulated
    said = told(data)
    assert "session folders" in said["sub-01003 and 1 more"]
    assert any("no column onset_planned, throw, phase" in what for what in (w.reason for w in data.warnings))
    assert any("no sidecar" in each.reason for each in data.warnings)


def test_why_a_dataset_from_elsewhere_cannot_be_summarised_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nobody has said that the data may be used: no number comes out, and what is needed is named."""
    assert main([str(elsewhere(tmp_path))]) == 1
    err = capsys.readouterr().err
    assert err.count("\n") == 1
    assert "sub-01003 and 1 more: no sessions.tsv" in err
    assert "session_id, conditions and permission (granted)" in err


def test_with_permission_and_conditions_throws_of_elsewhere_are_summarised(tmp_path: Path) -> None:
    """A line in sessions.tsv is enough for the throws received; warnings do not change the exit code."""
    root = elsewhere(tmp_path, sessions=True)
    found = summarize(root, console=Console(file=(out := io.StringIO())))
    means = found.by_condition.set_index(["measure", "condition"])["mean"]
    assert means["throws_received", "inclusion"] == pytest.approx(50)
    assert means["throws_received", "exclusion"] == pytest.approx(12.5)
    assert found.exit_code == 0
    assert "Warnings" in out.getvalue()
    written = pd.read_csv(root / "derivatives" / "spot" / "warnings.tsv", sep="\t")
    assert len(written) == len(found.warnings) > 0


def test_events_of_a_block_design_are_no_throws(tmp_path: Path) -> None:
    """Onset, duration and the names of blocks alone: read, and that no throw is known is said."""
    put(tmp_path / "dataset_description.json", "{}")
    text = "onset\tduration\ttrial_type\n0\t30\tInclusion\n35\t30\tExclusion\n"
    place = "sub-EESS001/func/sub-EESS001_task-Cyberball_events.tsv"
    put(tmp_path / place, text)
    data = load(tmp_path)
    assert (len(data.throws), len(data.others)) == (0, 2)
    assert any("no event is a throw" in each.reason for each in data.warnings)


def replaced(root: Path, place: str, change: Callable[[list[str]], list[str]]) -> Dataset:
    """Change the lines of a file and load the dataset."""
    file = root / place
    file.write_text("\n".join(change(file.read_text(encoding="utf-8").splitlines())) + "\n", encoding="utf-8")
    return load(root)


def test_rows_out_of_order_are_sorted_and_said(tmp_path: Path) -> None:
    """Events in any order are the same events; the file is named."""
    root = of_example(tmp_path)
    before = load(root)
    data = replaced(root, GAME, lambda lines: [lines[0], *lines[:0:-1]])
    assert "out of order: sorted by onset" in told(data)[GAME]
    pd.testing.assert_frame_equal(data.throws, before.throws)
    assert data.skipped == ()


def cells(line: str, **values: str) -> str:
    """Return a row of events with some of its cells changed."""
    names = (EXAMPLE / GAME).read_text(encoding="utf-8").partition("\n")[0].split("\t")
    row = dict(zip(names, line.split("\t"), strict=True)) | values
    return "\t".join(row.values())


@pytest.mark.parametrize(
    ("change", "what", "throws"),
    [
        (lambda x: [*x[:3], cells(x[3], duration="90"), *x[4:]], "begins while another ball flies", 0),
        (lambda x: [*x[:3], cells(x[3], duration="-1"), *x[4:]], "1 row with a duration below 0", 0),
        (lambda x: [*x[:3], x[2], *x[3:]], "1 row that stood there already", 1),
        (lambda x: [*x[:3], cells(x[3], onset="n/a"), *x[4:]], "1 row without an onset", 0),
        (lambda x: [*x[:3], cells(x[3], receiver="n/a"), *x[4:]], "without a thrower or receiver", -1),
    ],
)
def test_strange_rows_are_said_and_stay(
    tmp_path: Path, change: Callable[[list[str]], list[str]], what: str, throws: int
) -> None:
    """Nothing is dropped or put right in silence; only a throw to nobody is no throw."""
    root = of_example(tmp_path)
    before = len(load(root).throws)
    data = replaced(root, GAME, change)
    assert any(each.place == GAME and what in each.reason for each in data.warnings)
    assert len(data.throws) == before + throws
    assert data.skipped == ()


@pytest.mark.parametrize(
    "save",
    [
        lambda text: text.replace("\n", "\r\n").encode(),
        lambda text: text.encode("utf-8-sig"),
        lambda text: text.encode("utf-16"),
        lambda text: b"\xfe\xff" + text.encode("utf-16-be"),
        lambda text: gzip.compress(text.encode()),
        lambda text: text.replace("true", "TRUE").replace("false", "FALSE").encode(),
        lambda text: text.replace("\t1\t", "\t1.0\t").encode(),
        lambda text: text.rstrip("\n").encode(),
    ],
    ids=["crlf", "bom", "utf-16", "utf-16-be", "gzip", "R's flags", "pandas' counts", "no last line end"],
)
def test_how_a_table_was_saved_changes_no_number(tmp_path: Path, save: Callable[[str], bytes]) -> None:
    """Another program saved it in its own way that leaves no doubt: the same frames."""
    root = of_example(tmp_path)
    before = load(root)
    (root / GAME).write_bytes(save((root / GAME).read_text(encoding="utf-8")))
    data = load(root)
    assert data.skipped == ()
    order = ["participant_id", "task", "onset"]
    for name in ("throws", "phases"):
        now, then = (getattr(each, name).sort_values(order, ignore_index=True) for each in (data, before))
        pd.testing.assert_frame_equal(now, then)


UNREADABLE: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "latin-1": (lambda text: text.replace(b"fair_play", b"f\xe4ir", 1), "is not UTF-8 text: line 2"),
    "NUL": (lambda text: text.replace(b"fair_play", b"fair\0play", 1), "line 2 has a NUL byte"),
    "UTF-16 without mark": (lambda text: text.decode().encode("utf-16-le"), "UTF-16 without a byte order"),
    "half a gzip": (lambda text: gzip.compress(text)[:-40], "cut short or damaged"),
    "empty": (lambda _: b"", "is empty"),
    "a picture": (lambda _: b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "is not UTF-8 text"),
    "a web page": (lambda _: b"<!DOCTYPE html>\n<p>Sign in</p>\n", "wrong header"),
    "one long line": (lambda _: b"x" * 1_000_000, "wrong header"),
    "a long row": (lambda text: text + b"9" * 1_000_000 + b"\n", "has 1 columns instead of"),
}


@pytest.mark.parametrize("kind", UNREADABLE)
def test_a_file_that_cannot_be_read_is_one_line(tmp_path: Path, kind: str) -> None:
    """It is named with the reason, the rest is analysed, the exit code is 4."""
    root = of_example(tmp_path)
    before = load(root)
    change, reason = UNREADABLE[kind]
    (root / GAME).write_bytes(change((root / GAME).read_bytes()))
    data = load(root)
    assert [each.place for each in data.skipped] == [GAME]
    assert reason in data.skipped[0].reason
    assert len(data.skipped[0].reason) < 150
    of_file = (before.throws["participant_id"] == "sub-001") & (before.throws["task"] == "cyberball")
    assert len(data.throws) == len(before.throws) - of_file.sum()


def test_a_header_alone_is_a_table_without_rows(tmp_path: Path) -> None:
    """A run in which nothing came to happen."""
    root = of_example(tmp_path)
    data = replaced(root, GAME, lambda lines: lines[:1])
    assert data.skipped == ()
    assert set(data.throws.loc[data.throws["participant_id"] == "sub-001", "task"]) == {"practice"}


def test_a_million_rows_are_read(tmp_path: Path) -> None:
    """A file far longer than any session."""
    put(tmp_path / "dataset_description.json", "{}")
    rows = "".join(f"{i}\t0.5\tbeat\n" for i in range(1_000_000))
    put(tmp_path / "sub-01" / "beh" / "sub-01_task-tap_events.tsv", f"onset\tduration\ttrial_type\n{rows}")
    data = load(tmp_path)
    assert len(data.others) == 1_000_000


def test_what_is_no_file_is_named(tmp_path: Path) -> None:
    """A folder named like a table, a table twice in two folders, and a folder beside session folders."""
    root = of_example(tmp_path)
    (root / GAME).unlink()
    (root / GAME).mkdir()
    second = root / "sub-001/ses-01/func/sub-001_ses-01_task-practice_run-1_events.tsv"
    second.parent.mkdir()
    shutil.copy(root / GAME.replace("cyberball", "practice"), second)
    (root / "sub-002" / "beh").mkdir()
    said = {each.place: each.reason for each in load(root).skipped}
    assert said.pop(GAME) == "is a folder"
    assert "a second table of the same run" in said.pop(second.relative_to(root).as_posix())
    assert "session is not known" in said.pop("sub-002/beh")
    assert said == {}


@pytest.mark.skipif(sys.platform == "win32", reason="links and pipes need rights there")
def test_links_and_pipes_end(tmp_path: Path) -> None:
    """A link to itself or into the void, a loop of folders, a pipe: named, and never waited for."""
    root = of_example(tmp_path)
    folder = (root / GAME).parent
    for name in ("itself", "nowhere", "pipe"):
        at = folder / f"sub-001_ses-01_task-{name}_events.tsv"
        if name == "pipe":
            os.mkfifo(at)
        else:
            at.symlink_to(at.name if name == "itself" else ".git/annex/objects/none.tsv")
    (root / "sub-001" / "ses-02").symlink_to(root / "sub-001")
    said = {each.place.rpartition("task-")[2]: each.reason for each in load(root).skipped}
    assert "cannot be read" in said["itself_events.tsv"]
    assert "datalad get" in said["nowhere_events.tsv"]
    assert said["pipe_events.tsv"] == "is no file"
    assert len(said) == 3


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="everything may be read")
def test_what_may_not_be_read_is_named(tmp_path: Path) -> None:
    """A file and a folder without permission."""
    root = of_example(tmp_path)
    (root / GAME).chmod(0)
    (root / "sub-002").chmod(0)
    try:
        said = {each.place: each.reason for each in load(root).skipped}
    finally:
        (root / "sub-002").chmod(0o700)
    assert "cannot be read" in said[GAME]
    assert "cannot be read" in said["sub-002"]


def test_a_form_with_an_answer_that_cannot_be_is_left_out(tmp_path: Path) -> None:
    """One impossible number costs one form, not the analysis; so does an answer that is there twice."""
    root = of_example(tmp_path)
    data = replaced(root, FORM, lambda lines: [lines[0], lines[1], lines[1], *lines[2:]])
    assert [(each.place, "answered twice" in each.reason) for each in data.skipped] == [(FORM, True)]
    shutil.copy(EXAMPLE / FORM, root / FORM)
    names = (root / FORM).read_text(encoding="utf-8").split("\n")[0].split("\t")

    def spoil(lines: list[str]) -> list[str]:
        row = lines[1].split("\t")
        row[names.index("value")] = "99"
        return [lines[0], "\t".join(row), *lines[2:]]

    data = replaced(root, FORM, spoil)
    assert [each.place for each in data.skipped] == [FORM]
    assert "= '99' (allowed:" in data.skipped[0].reason


def test_a_session_that_is_listed_twice_counts_once(tmp_path: Path) -> None:
    """The first line is used, and the second named."""
    root = of_example(tmp_path)
    data = replaced(root, "sub-001/sub-001_sessions.tsv", lambda lines: [*lines, lines[1]])
    assert len(data.sessions) == 2
    assert "a further line for ses-01" in data.skipped[0].reason


@cache
def pristine() -> Dataset:
    """Return the two participants of the example as they are."""
    with tempfile.TemporaryDirectory() as folder:
        return load(of_example(Path(folder)))


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    pick=st.integers(0, 10**6),
    at=st.floats(0, 1),
    junk=st.binary(min_size=1, max_size=40),
    how=st.sampled_from(["over", "into", "cut"]),
)
@example(pick=0, at=0.0, junk=b"\xff", how="cut")
def test_damage_anywhere_in_a_file_stops_nothing(
    tmp_path_factory: pytest.TempPathFactory, pick: int, at: float, junk: bytes, how: str
) -> None:
    """Bytes written over, put in or cut off: never an error; what no table has is named; others stay."""
    root = of_example(tmp_path_factory.mktemp("damaged"))
    tables = sorted(root.glob("sub-*/**/*.tsv"))
    file = tables[pick % len(tables)]
    content = file.read_bytes()
    where = int(at * len(content))
    rest = {"over": content[where + len(junk) :], "into": content[where:], "cut": b""}[how]
    file.write_bytes(content[:where] + (b"" if how == "cut" else junk) + rest)
    data = load(root)
    place = file.relative_to(root).as_posix()
    said = {each.place for each in data.skipped} | {each.place for each in data.warnings}
    whole = file.read_bytes()
    if b"\0" in whole and not whole.startswith((b"\xff\xfe", b"\xfe\xff")):
        assert place in said
    hurt = file.relative_to(root).parts[0]
    for name in ("throws", "phases", "ratings"):
        now, then = (getattr(each, name) for each in (data, pristine()))
        now, then = (each[each["participant_id"] != hurt].reset_index(drop=True) for each in (now, then))
        pd.testing.assert_frame_equal(now[then.columns], then, check_dtype=False)
