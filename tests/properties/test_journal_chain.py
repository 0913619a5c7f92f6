"""The chain of a journal: any changed, lost or added byte is found, and nothing before it is lost."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiment.journal import FORMAT, RULES, Journal, JournalError, read

VALUES = (
    st.none() | st.booleans() | st.integers(-(10**9), 10**9) | st.floats(-1e6, 1e6) | st.text(max_size=20)
)


def journal_of(folder: Path, count: int = 6) -> Path:
    """Write a journal and return its file."""
    path = folder / "j.jsonl"
    with Journal(path, durable=False) as record:
        record.write("session", None, format=FORMAT, rules=RULES, participant="001")
        for number in range(2, count + 1):
            record.write("press", number / 7, key=f"k{number}", target='ö, "hash": "x')
    return path


with tempfile.TemporaryDirectory() as _folder:
    WHOLE = journal_of(Path(_folder)).read_bytes()
    EVENTS = read(Path(_folder) / "j.jsonl").events
STARTS = [0, *(i + 1 for i, byte in enumerate(WHOLE) if byte == 10)]


def check(content: bytes, at: int, folder: Path) -> None:
    """Assert that a journal which differs from byte `at` on is found broken there, its beginning whole."""
    path = folder / "changed.jsonl"
    path.write_bytes(content)
    line = max(i for i, start in enumerate(STARTS) if start <= at)
    if line == 0:
        with pytest.raises(JournalError):
            read(path)
        return
    found = read(path)
    assert found.problem.startswith(f"line {line + 1} ")
    assert found.events == EVENTS[:line]
    assert found.good_bytes == STARTS[line]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One folder for all examples."""
    return tmp_path_factory.mktemp("chain")


@given(at=st.integers(0, len(WHOLE) - 1), byte=st.integers(1, 255))
def test_every_changed_byte_is_found(at: int, byte: int, folder: Path) -> None:
    """Wherever it is, whatever it becomes."""
    check(WHOLE[:at] + bytes([WHOLE[at] ^ byte]) + WHOLE[at + 1 :], at, folder)


@given(at=st.integers(0, len(WHOLE) - 2), more=st.binary(min_size=1, max_size=5))
def test_every_added_byte_is_found(at: int, more: bytes, folder: Path) -> None:
    """Blanks included."""
    content = WHOLE[:at] + more + WHOLE[at:]
    first = (
        next(i for i, (a, b) in enumerate(zip(content, WHOLE, strict=False)) if a != b)
        if content != WHOLE
        else at
    )
    check(content, min(first, len(WHOLE) - 1), folder)


@given(at=st.integers(0, len(WHOLE) - 2))
def test_every_lost_byte_is_found(at: int, folder: Path) -> None:
    """Before the end; at the end it is a torn line."""
    content = WHOLE[:at] + WHOLE[at + 1 :]
    first = next((i for i, (a, b) in enumerate(zip(content, WHOLE, strict=False)) if a != b), len(content))
    check(content, first, folder)


@given(length=st.integers(0, len(WHOLE)))
def test_a_journal_that_is_cut_off_anywhere_keeps_its_whole_lines(length: int, folder: Path) -> None:
    """And says so, unless it was cut between two lines."""
    path = folder / "cut.jsonl"
    path.write_bytes(WHOLE[:length])
    lines = WHOLE[:length].count(b"\n")
    if lines == 0:
        with pytest.raises(JournalError):
            read(path)
        return
    found = read(path)
    assert found.events == EVENTS[:lines]
    assert bool(found.problem) == (not WHOLE[:length].endswith(b"\n")) == found.torn


@given(data=st.dictionaries(st.sampled_from(["key", "value", "text", "a b"]), VALUES, max_size=4))
def test_any_data_comes_back(data: dict[str, object], folder: Path) -> None:
    """Numbers to six places, text to the letter."""
    path = folder / "any.jsonl"
    path.unlink(missing_ok=True)
    with Journal(path, durable=False) as record:
        record.write("session", None, format=FORMAT, rules=RULES)
        record.write("x", None, **data)
    found = read(path)
    assert found.problem == ""
    for name, value in data.items():
        expected = round(value, 6) if isinstance(value, float) else value
        assert found.events[1][name] == expected
