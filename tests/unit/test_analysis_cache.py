"""What is kept of a big dataset: the same frames, never stale, never damaged, gone with the data."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from analysis import cache, reading, stamps
from analysis.dataset import Dataset, load
from analysis.errors import AnalysisError
from analysis.tables import Tables, read_tables
from experiment.definitions.library import CONDITIONS

EXAMPLE = CONDITIONS.parent / "data" / "example"
FORM = "sub-001/ses-01/beh/sub-001_ses-01_task-hurt_acq-reflexive_run-01_beh.tsv"
FRAMES = ("throws", "phases", "others", "pain", "ratings", "sessions", "participants")


@pytest.fixture
def dataset(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the example that is worth keeping and taken for settled; the cache in a folder of its own."""
    monkeypatch.setenv("SPOT_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(cache, "WORTH_IT", 1)
    monkeypatch.setattr(stamps, "SETTLED_S", -1.0)
    monkeypatch.setattr(stamps, "_began", lambda: 2**63)
    root = tmp_path / "example"
    shutil.copytree(EXAMPLE, root)
    return root


@pytest.fixture
def readings(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Counts how often files were read."""
    made: list[int] = []

    def counted(*given: Any, **more: Any) -> Tables:
        made.append(1)
        return read_tables(*given, **more)

    monkeypatch.setattr(reading, "read_tables", counted)
    return made


def kept(root: Path) -> list[Path]:
    """Return what lies in the cache."""
    folder = cache.folder()
    return sorted(folder.iterdir()) if folder.exists() else []


def assert_same(a: Dataset, b: Dataset) -> None:
    """Check that two datasets hold the same, to the kind of every column."""
    for name in FRAMES:
        pd.testing.assert_frame_equal(getattr(a, name), getattr(b, name))
    for each in fields(Dataset):
        if each.name not in FRAMES:
            assert getattr(a, each.name) == getattr(b, each.name), each.name


def test_the_second_reading_opens_no_table_and_gives_the_same(dataset: Path, readings: list[int]) -> None:
    """Frames, what was skipped and what was warned of."""
    (dataset / FORM).write_bytes(b"\xff")
    game = dataset / FORM.replace("hurt_acq-reflexive_run-01_beh", "cyberball_run-01_events")
    lines = game.read_text(encoding="utf-8").splitlines()
    game.write_text("\n".join([lines[0], *lines[:0:-1]]) + "\n", encoding="utf-8")
    first = load(dataset)
    done = len(readings)
    second = load(dataset)
    assert len(readings) == done > 0
    assert_same(first, second)
    assert len(second.skipped) == len(second.warnings) == 1


def touch_back(file: Path, seen: os.stat_result) -> None:
    """Give a file the time that it had."""
    os.utime(file, ns=(seen.st_atime_ns, seen.st_mtime_ns))


def change(root: Path) -> None:
    """Change an answer, and nothing else that a listing shows."""
    file = root / FORM
    seen = file.stat()
    text = file.read_text(encoding="utf-8")
    rows = [line.split("\t") for line in text.splitlines()]
    at = rows[0].index("value")
    rows[1][at] = "1" if rows[1][at] != "1" else "2"
    file.write_text("\n".join("\t".join(row) for row in rows) + "\n", encoding="utf-8", newline="\n")
    assert file.stat().st_size == seen.st_size
    touch_back(file, seen)


def swap(root: Path) -> None:
    """Put another file of the same size and time in its place."""
    other = root / FORM.replace(".tsv", ".new")
    shutil.copy2(root / FORM, other)
    seen = (root / FORM).stat()
    other.write_bytes((root / FORM).read_bytes().replace(b"\t3\t", b"\t4\t"))
    assert other.read_bytes() != (root / FORM).read_bytes()
    touch_back(other, seen)
    other.replace(root / FORM)


@pytest.mark.parametrize(
    "alter",
    [
        pytest.param(
            change, marks=pytest.mark.skipif(os.name == "nt", reason="Windows lets a time be set back")
        ),
        swap,
        lambda root: (root / FORM).unlink(),
        lambda root: (root / FORM).rename(root / FORM.replace("run-01", "run-02")),
        lambda root: shutil.copy(root / FORM, root / FORM.replace("reflexive", "reflective")),
        lambda root: shutil.rmtree(root / "sub-002"),
    ],
    ids=["content", "file", "gone", "name", "new", "participant"],
)
def test_whatever_changes_is_read_anew(dataset: Path, alter: Callable[[Path], object]) -> None:
    """Even where size and time of change are as before: what is loaded is what a first reading gives."""
    load(dataset)
    alter(dataset)
    found = load(dataset)
    cache.forget(dataset)
    assert_same(found, load(dataset))


def test_what_changed_only_now_is_not_kept(
    dataset: Path, readings: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file may change again within the grain of its time and look the same; so may one from the future."""
    monkeypatch.setattr(stamps, "SETTLED_S", 10.0)
    load(dataset)
    load(dataset)
    assert kept(dataset) == []
    assert len(readings) == 2 * len(reading.KINDS)
    monkeypatch.setattr(stamps, "SETTLED_S", -1.0)
    os.utime(dataset / FORM, (4e9, 4e9))
    load(dataset)
    assert kept(dataset) == []


def test_who_is_gone_from_the_dataset_is_gone_from_the_cache(
    dataset: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At the next load, also where nothing new is kept; no byte of the code is left."""
    load(dataset)
    assert kept(dataset)
    shutil.rmtree(dataset / "sub-003")
    monkeypatch.setattr(stamps, "SETTLED_S", 10.0)
    load(dataset)
    assert kept(dataset) == []


def test_entries_of_datasets_that_are_gone_or_forgotten_are_removed(dataset: Path, tmp_path: Path) -> None:
    """A folder that was deleted takes its entry with it, as soon as any dataset is loaded."""
    other = tmp_path / "other"
    shutil.copytree(dataset, other)
    load(dataset)
    load(other)
    assert len(kept(dataset)) == 2
    shutil.rmtree(other)
    load(dataset)
    assert len(kept(dataset)) == 1
    cache.forget(dataset)
    assert kept(dataset) == []
    cache.forget(dataset)


@pytest.mark.parametrize(
    "damage",
    [
        lambda content: content[: len(content) // 2],
        lambda content: b"",
        lambda content: content[:-100] + b"\0" * 100,
        lambda content: content.replace(b"digest", b"digesd", 1),
        lambda content: content[:3000] + b"\xff" + content[3001:],
        lambda content: b"junk",
    ],
    ids=["half", "empty", "end", "head", "byte", "other"],
)
def test_a_damaged_entry_is_not_used(
    dataset: Path, readings: list[int], damage: Callable[[bytes], bytes]
) -> None:
    """It is made again from the files."""
    first = load(dataset)
    (entry,) = kept(dataset)
    entry.write_bytes(damage(entry.read_bytes()))
    done = len(readings)
    assert_same(load(dataset), first)
    assert len(readings) == done + len(reading.KINDS)
    assert_same(load(dataset), first)
    assert len(readings) == done + len(reading.KINDS)


def test_two_at_once_do_not_harm_each_other(dataset: Path) -> None:
    """Each entry appears whole or not at all."""
    first = load(dataset)

    def again(_: int) -> None:
        for _ in range(3):
            cache.forget(dataset)
            assert_same(load(dataset), first)

    with ThreadPoolExecutor(3) as threads:
        list(threads.map(again, range(3)))
    assert [file.suffix for file in kept(dataset)] == [".frames"]


def test_entries_together_stay_below_a_bound(
    dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The one that was used longest ago goes first; one unused for a month goes anyway."""
    other = tmp_path / "other"
    shutil.copytree(dataset, other)
    load(dataset)
    (old,) = kept(dataset)
    os.utime(old, (old.stat().st_mtime - 100,) * 2)
    monkeypatch.setattr(cache, "LIMIT_BYTES", int(1.5 * old.stat().st_size))
    load(other)
    (new,) = kept(dataset)
    assert new != old
    os.utime(new, (new.stat().st_mtime - 31 * 86_400,) * 2)
    monkeypatch.setattr(cache, "LIMIT_BYTES", 10**9)
    load(dataset)
    assert kept(dataset) == [old]


def test_a_small_dataset_leaves_nothing(dataset: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is read in a moment; its data stays where it is."""
    monkeypatch.setattr(cache, "WORTH_IT", 10_000)
    load(dataset)
    assert kept(dataset) == []


def test_the_cache_never_lies_in_a_dataset(dataset: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It would be shared with it."""
    monkeypatch.setenv("SPOT_CACHE", str(dataset / "derivatives"))
    with pytest.raises(AnalysisError, match="lies within the dataset"):
        load(dataset)


def test_where_nothing_can_be_kept_the_dataset_is_read(
    dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file where the folder should be: no cache, no error."""
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("SPOT_CACHE", str(tmp_path / "file"))
    assert_same(load(dataset), load(dataset))
    monkeypatch.setattr(cache, "WORTH_IT", 10_000)
    assert_same(load(dataset), load(dataset))


@pytest.mark.skipif(os.name == "nt", reason="the user's folders are their own there")
def test_entries_are_readable_by_their_user_alone(dataset: Path) -> None:
    """They hold data of participants."""
    load(dataset)
    (entry,) = kept(dataset)
    assert entry.stat().st_mode & 0o077 == 0
