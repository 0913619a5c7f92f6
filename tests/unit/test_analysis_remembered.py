"""A summary that was kept: the same to the bit, never stale, and without those who did not permit it."""

from __future__ import annotations

import io
import json
import os
import shutil
from collections.abc import Callable
from dataclasses import fields, replace
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from rich.console import Console

from analysis import cache, packing, reading, report, results, stamps
from analysis.dataset import Dataset, load
from analysis.exclusions import rule_files
from analysis.plan import Plan
from analysis.remembered import GIVEN, PLACES, SAID, Opened, as_entry, as_text, summary_of
from analysis.report.command import write_all
from analysis.results import DEFAULT, Summary, summary
from analysis.summarize import summarize
from experiment.definitions.library import CONDITIONS
from experiment.simulate import Simulation, simulate

EXAMPLE = CONDITIONS.parent / "data" / "example"
FORM = "sub-001/ses-01/beh/sub-001_ses-01_task-hurt_acq-reflexive_run-01_beh.tsv"
SESSIONS = "sub-003/sub-003_sessions.tsv"
RULES = "title = 'Rules'\nsource = 'Our choice'\n[[rules]]\nkind = 'score'\nmeasure = 'distress'\n"
RULES += "score = 'index'\nreason = 'much'\nat_least = {bound}.0\n"


@pytest.fixture(autouse=True)
def _kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything is worth keeping and taken for settled; the cache lies in a folder of its own."""
    monkeypatch.setenv("SPOT_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(cache, "WORTH_IT", 1)
    monkeypatch.setattr(stamps, "SETTLED_S", -1.0)
    monkeypatch.setattr(stamps, "_began", lambda: 2**63)


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    """A copy of the example."""
    root = tmp_path / "example"
    shutil.copytree(EXAMPLE, root)
    return root


@pytest.fixture(scope="module")
def example() -> Summary:
    """The summary of the example."""
    return summary(load(EXAMPLE))


class Counted:
    """Makes a summary in no time, another one each time."""

    def __init__(self, like: Summary) -> None:
        self.like = like
        self.made = 0

    def __call__(self, data: Dataset, plan: Plan) -> Summary:
        """Compute."""
        self.made += 1
        return replace(self.like, path=data.path, plan=plan, notes=(f"number {self.made}",))

    def of(self, root: Path, plan: Plan = DEFAULT) -> str:
        """Return the note of the summary of a dataset."""
        (note,) = Opened(root, compute=self).summary(plan).notes
        return note


@pytest.fixture
def counted(example: Summary) -> Counted:
    """Numbers the summaries that are computed."""
    return Counted(example)


def kept() -> list[Path]:
    """Return what lies in the cache."""
    return sorted(cache.folder().iterdir()) if cache.folder().exists() else []


def kinds(column: pd.Series) -> list[str]:
    """Return the kind of each value."""
    return [f"{type(value)} {value!r}" for value in column]


def assert_same(a: Summary, b: Summary) -> None:
    """Check that two summaries hold the same, to the kind of every column and the last bit."""
    first, second = as_entry(a), as_entry(b)
    assert list(first.frames) == list(second.frames)
    for name, frame in first.frames.items():
        pd.testing.assert_frame_equal(
            frame, second.frames[name], check_exact=True, check_index_type=True, obj=name
        )
        for column in [each for each in frame.columns if frame[each].dtype.kind == "O"]:
            assert kinds(frame[column]) == kinds(second.frames[name][column]), (name, column)
    for each in fields(Summary):
        if each.name not in first.frames and each.name != "overlap":
            assert getattr(a, each.name) == getattr(b, each.name), each.name
    assert json.dumps(first.said) == json.dumps(second.said)
    assert list(a.tables()) == list(b.tables())


@pytest.mark.parametrize(
    ("protocol", "plan"),
    [
        ("example", Plan()),
        ("classic", Plan(0.3, ("age", "baseline"), rule_files(["throws_believed"]))),
        ("within_gradual", Plan(covariates=("age",), exclusions=rule_files(["throws_believed"]))),
        ("dose_response", Plan(exclusions=rule_files(["throws_believed"]))),
        ("exclusion_cold_pressor", Plan()),
    ],
)
def test_a_second_run_gives_the_same_to_the_bit(
    protocol: str, plan: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No table is opened for it and nothing computed: every field of a summary comes from the cache."""
    root = EXAMPLE
    if protocol != "example":
        root = simulate(Simulation(protocol, 6, 3, tmp_path), jobs=1).dataset
    first = summary_of(root, plan)
    assert_same(first, summary(load(root), plan))

    def never(*_given: Any, **_more: Any) -> None:
        raise AssertionError("read or computed again")

    monkeypatch.setattr(reading, "read_tables", never)
    monkeypatch.setattr(results, "_summary", never)
    assert_same(first, summary_of(root, plan))
    assert len(kept()) == 2


def test_every_field_of_a_summary_is_kept(example: Summary) -> None:
    """A field that is added to it has to be added to what is kept."""
    frames = {each.name for each in fields(Summary) if each.type == "pd.DataFrame"}
    assert frames <= as_entry(example).frames.keys()
    assert {each.name for each in fields(Summary)} == {*frames, *GIVEN, *SAID, *PLACES, "overlap"}


def test_tables_report_and_what_is_printed_are_the_same_byte_for_byte(dataset: Path, tmp_path: Path) -> None:
    """From the cache and from the files."""
    plan = Plan(covariates=("age",), exclusions=rule_files(["throws_believed"]))
    found = []
    for name in ("a", "b"):
        out = io.StringIO()
        made = summarize(dataset, tmp_path / name, Console(file=out, width=120), plan=plan)
        page = report.html(load(dataset), made, figures=())
        files = {file.name: file.read_bytes() for file in sorted((tmp_path / name).iterdir())}
        found.append((out.getvalue().replace(str(tmp_path / name), ""), page, files))
    assert found[0] == found[1]
    assert len(found[0][2]) > 80


def move(file: Path) -> None:
    """Change a letter in a file, and neither its size nor its time of change."""
    seen, content = file.stat(), file.read_bytes()
    at = next(i for i, each in enumerate(content) if each in b"abcdefgh")
    file.write_bytes(content[:at] + b"x" + content[at + 1 :])
    os.utime(file, ns=(seen.st_atime_ns, seen.st_mtime_ns))


def measure_of(root: Path) -> Path:
    """Return a definition that the dataset was run with."""
    return next((root / "sourcedata" / "definitions").glob("*/measures/hurt.toml"))


posix = pytest.mark.skipif(os.name == "nt", reason="Windows lets a time be set back")


@pytest.mark.parametrize(
    "alter",
    [
        pytest.param(lambda root: move(root / FORM), marks=posix),
        lambda root: (root / FORM).unlink(),
        lambda root: shutil.copy(root / FORM, root / FORM.replace("reflexive", "reflective")),
        lambda root: (root / FORM).rename(root / FORM.replace("run-01", "run-02")),
        lambda root: (root / SESSIONS).unlink(),
        lambda root: (root / "participants.tsv").write_bytes((root / "participants.tsv").read_bytes()),
        lambda root: (root / FORM).with_name("other.tsv").write_bytes(b""),
        lambda root: next(root.glob("task-hurt*.json")).unlink(),
        lambda root: (root / "sourcedata" / "sub-900" / "ses-01").mkdir(parents=True),
        lambda root: (root / "dataset_description.json").write_text("{}", encoding="utf-8"),
        pytest.param(lambda root: move(measure_of(root)), marks=posix),
        lambda root: measure_of(root).unlink(),
        lambda root: shutil.copy(measure_of(root), measure_of(root).with_name("hurts.toml")),
        lambda root: shutil.rmtree(measure_of(root).parents[1]),
    ],
    ids=[
        *("table", "no table", "further table", "other name", "no session", "written again", "stray table"),
        *("no sidecar", "record", "description"),
        *("definition", "no definition", "further definition", "no definitions"),
    ],
)
def test_whatever_changes_in_the_dataset_is_computed_anew(
    dataset: Path, counted: Counted, alter: Callable[[Path], object]
) -> None:
    """Tables, what lacks beside them, definitions, description: even where size and time are as before."""
    assert [counted.of(dataset), counted.of(dataset)] == ["number 1"] * 2
    other = Plan(equivalence=0.3)
    assert counted.of(dataset, other) == "number 2"
    alter(dataset)
    assert counted.of(dataset) == "number 3"
    assert len(kept()) == 2, "what was made with the other plan is gone too"
    assert counted.of(dataset) == "number 3"
    assert counted.of(dataset, other) == "number 4"


def test_numbers_follow_a_definition_that_changes(dataset: Path) -> None:
    """They are those of the definition as it is."""
    before = summary_of(dataset)
    file = measure_of(dataset)
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace('title = "', 'title = "Other ', 1), encoding="utf-8", newline="\n")
    found = summary_of(dataset)
    assert found.titles["hurt"] == f"Other {before.titles['hurt']}"
    assert_same(found, summary(load(dataset)))


def test_each_plan_has_its_own_entry(dataset: Path, tmp_path: Path, counted: Counted) -> None:
    """A bound, covariates, rules by their content: any other is computed, and none takes another's place."""
    file = tmp_path / "mine.toml"
    file.write_text(RULES.format(bound=50), encoding="utf-8")
    plans = [
        Plan(),
        Plan(0.4),
        Plan(covariates=("age",)),
        Plan(covariates=("age", "baseline")),
        Plan(covariates=("baseline", "age")),
        Plan(exclusions=rule_files([str(file)])),
    ]
    file.write_text(RULES.format(bound=51), encoding="utf-8")
    plans += [Plan(exclusions=rule_files([str(file)]))]
    plans += [Plan(exclusions=rule_files([str(file.rename(file.with_name("other.toml")))]))]
    for _ in range(2):
        notes = [counted.of(dataset, plan) for plan in plans]
        assert notes == [f"number {n}" for n in range(1, len(plans) + 1)]
    assert Opened(dataset, compute=counted).summary(plans[-1]).plan is plans[-1]
    assert len({as_text(plan) for plan in plans}) == len(plans)


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the program's sources, which stands for the program."""
    root = tmp_path / "program"
    copies = []
    for folder in stamps.SOURCES:
        copies.append(root / folder.name)
        shutil.copytree(folder, copies[-1], ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(stamps, "SOURCES", tuple(copies))
    stamps._program.cache_clear()
    return root


@pytest.mark.parametrize(
    "file",
    [
        *(
            "analysis/overlap_words.py",
            "analysis/stamps.py",
            "analysis/report/rows.py",
            "experiment/columns.py",
        ),
        *("experiment/definitions/measure.py", "experiment/ratings/mapping.py", "protocols/classic.toml"),
    ],
)
def test_another_program_computes_anew(
    dataset: Path, counted: Counted, program: Path, request: pytest.FixtureRequest, file: str
) -> None:
    """Any source of it, as long as it does not matter which."""
    request.addfinalizer(stamps._program.cache_clear)
    assert [counted.of(dataset), counted.of(dataset)] == ["number 1"] * 2
    move(program / file)
    stamps._program.cache_clear()
    assert [counted.of(dataset), counted.of(dataset)] == ["number 2"] * 2


@pytest.mark.parametrize("library", stamps.LIBRARIES)
def test_other_libraries_compute_anew(
    dataset: Path,
    counted: Counted,
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
    library: str,
) -> None:
    """Each of those that have a say in the numbers."""
    request.addfinalizer(stamps._program.cache_clear)
    assert counted.of(dataset) == "number 1"
    version = metadata.version
    monkeypatch.setattr(metadata, "version", lambda name: f"{version(name)}{'+1' * (name == library)}")
    stamps._program.cache_clear()
    assert counted.of(dataset) == "number 2"


def test_a_program_that_changed_while_it_ran_keeps_nothing(
    dataset: Path, counted: Counted, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its sources are no longer those that computed the numbers."""
    monkeypatch.setattr(stamps, "_began", lambda: stamps._program()[1])
    assert [counted.of(dataset), counted.of(dataset)] == ["number 1", "number 2"]
    assert kept() == []


@pytest.mark.parametrize("part", [0.02, 0.1, 0.5, 0.99])
def test_a_damaged_entry_is_computed_anew(dataset: Path, counted: Counted, part: float) -> None:
    """Cut short, or with a byte changed: in the head, in a frame, at the end."""
    for number, cut in enumerate((True, False), start=1):
        assert counted.of(dataset) == f"number {number}"
        entry = next(file for file in kept() if "-" in file.name)
        content = entry.read_bytes()
        at = int(len(content) * part)
        entry.write_bytes(content[:at] + (b"" if cut else bytes([content[at] ^ 1]) + content[at + 1 :]))
    assert [counted.of(dataset), counted.of(dataset)] == ["number 3"] * 2


def test_nothing_of_who_did_not_permit_it_is_kept_with_the_numbers(dataset: Path) -> None:
    """Refused: neither the code nor an answer is in any frame or word, though they are counted."""
    table = dataset / SESSIONS
    text = table.read_text(encoding="utf-8")
    assert "\tgranted\t" in text
    table.write_text(text.replace("\tgranted\t", "\trefused\t"), encoding="utf-8", newline="\n")
    form = dataset / FORM.replace("001", "003")
    rows = [line.split("\t") for line in form.read_text(encoding="utf-8").splitlines()]
    rows[1][rows[0].index("value")] = "31337"
    form.write_text("\n".join("\t".join(row) for row in rows) + "\n", encoding="utf-8", newline="\n")
    assert any("31337" in each.reason for each in load(dataset).skipped)
    plan = Plan(covariates=("age",), exclusions=rule_files(["throws_believed"]))
    made = summary_of(dataset, plan)
    assert made.flow["refused"].tolist()[-1] == 1
    state = reading.look(dataset).state
    assert state is not None
    entry = cache.fetch(dataset, state, as_text(plan))
    assert entry is not None
    words = json.dumps(entry.said) + "".join(frame.to_csv() for frame in entry.frames.values())
    assert "sub-003" not in words
    assert "31337" not in words
    assert "sub-004" in words


def test_numbers_are_of_the_tables_that_were_read(dataset: Path, counted: Counted) -> None:
    """A report lays the two side by side; a dataset that changes in between is no reason to mix them."""
    assert counted.of(dataset) == "number 1"
    opened = Opened(dataset, compute=counted)
    (tables,) = (file for file in kept() if "-" not in file.name)
    tables.unlink()
    (dataset / FORM).unlink()
    assert opened.data().ratings.equals(load(dataset).ratings)
    assert opened.summary().notes == ("number 2",)
    assert counted.of(dataset) == "number 3"


def test_a_report_reads_what_its_numbers_are_of(
    dataset: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Written again with everything from the cache, the page and each table are the same."""
    monkeypatch.setattr("analysis.figures.all_figures", lambda *_: iter(()))
    _, page = write_all(dataset)
    first = {file.name: file.read_bytes() for file in page.parent.glob("*.*")}
    monkeypatch.setattr(results, "_summary", lambda *_: pytest.fail("computed again"))
    write_all(dataset)
    assert {file.name: file.read_bytes() for file in page.parent.glob("*.*")} == first


def test_a_small_dataset_is_computed_each_time(
    dataset: Path, counted: Counted, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And what was kept of it when it was larger is gone."""
    counted.of(dataset)
    monkeypatch.setattr(cache, "WORTH_IT", 10_000)
    assert counted.of(dataset) == "number 2"
    assert kept() == []


def test_frames_come_back_as_they_are() -> None:
    """Missing of every kind, minus zero, single bits, numbers of several kinds in one column, categories."""
    odd = [
        None,
        float("nan"),
        pd.NA,
        True,
        np.bool_(False),
        1,
        np.int64(1),
        1.0,
        np.float64(0.1),
        -0.0,
        "1",
        "",
    ]
    n = len(odd)
    frame = pd.DataFrame(
        {
            "odd": pd.Series(odd, dtype=object),
            "number": np.nextafter(np.arange(n, dtype=float), 9.0),
            "count": pd.Series([1, None] * (n // 2), dtype="Int64"),
            "said": pd.Series([True, None] * (n // 2), dtype="boolean"),
            "text": pd.Series(["ä\udc80".encode("utf-8", "replace").decode(), None] * (n // 2), dtype="str"),
            "kind": pd.Categorical(["b", "a"] * (n // 2), ["c", "b", "a"], ordered=True),
            "whole": np.arange(n, dtype="int32"),
        }
    )
    frame.loc[1, "number"] = -0.0
    none = pd.DataFrame(columns=["a", "b"])
    for each in (frame, frame.drop(columns="kind")[:0], frame[["odd"]], pd.DataFrame(), none):
        again = packing.unpack(packing.pack(each))
        pd.testing.assert_frame_equal(again, each, check_exact=True, check_index_type=True)
    again = packing.unpack(packing.pack(frame))
    assert kinds(again["odd"]) == kinds(frame["odd"])
    assert np.signbit(again["number"][1])


@pytest.mark.parametrize(
    "frame",
    [
        pd.DataFrame({"a": [1, 2]}, index=[1, 2]),
        pd.DataFrame([[1, 2]], columns=["a", "a"]),
        pd.DataFrame({1: [1]}),
        pd.DataFrame({"a": [[1]]}),
        pd.DataFrame({"a": [pd.Timestamp(0)]}, dtype=object),
        pd.DataFrame(index=range(3)),
        pd.DataFrame({"a": [1]}, columns=pd.Index(["a"], dtype=object)),
        pd.DataFrame({"a": pd.Categorical([], ["b"])}),
    ],
    ids=[
        "index",
        "same name",
        "number as name",
        "lists",
        "objects",
        "rows",
        "objects as names",
        "categories",
    ],
)
def test_a_frame_that_would_come_back_otherwise_is_refused(
    frame: pd.DataFrame, dataset: Path, example: Summary, counted: Counted
) -> None:
    """Then the summary is not kept, and computed the next time."""
    with pytest.raises(packing.UnfitError):
        packing.pack(frame)
    counted.like = replace(example, waits=frame)
    assert [counted.of(dataset), counted.of(dataset)] == ["number 1", "number 2"]
    assert len(kept()) == 1


def test_words_that_would_come_back_otherwise_are_refused(
    dataset: Path, example: Summary, counted: Counted
) -> None:
    """The summary is there all the same."""
    odd: Any = np.int64(1)
    counted.like = replace(example, beliefs={"human": odd})
    assert [counted.of(dataset), counted.of(dataset)] == ["number 1", "number 2"]
    assert len(kept()) == 1
