"""The journal: whole, chained, durable, copied; and what is done when it is not."""

from __future__ import annotations

import errno
import json
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from experiment import durability
from experiment.journal import FORMAT, RULES, Journal, JournalError, bring_here, load_all, read

WAIT_S = 5.0


def begun(path: Path, mirror: Path | None = None, *, durable: bool = False) -> Journal:
    """Return a journal with its first line."""
    record = Journal(path, mirror, durable=durable)
    record.write("session", None, format=FORMAT, rules=RULES)
    return record


def written(path: Path, count: int = 5) -> list[bytes]:
    """Write a journal of `count` events and return its lines."""
    with begun(path) as record:
        for number in range(2, count + 1):
            record.write("press", number / 7, key=f"k{number}", note="ö … “x”")
    return path.read_bytes().splitlines(keepends=True)


def eventually(true: Callable[[], bool]) -> bool:
    """Return whether something becomes true soon."""
    end = time.monotonic() + WAIT_S
    while time.monotonic() < end:
        if true():
            return True
        time.sleep(0.01)
    return False


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    """Numbered, in order, times to the microsecond, any script."""
    with begun(tmp_path / "j.jsonl") as record:
        record.write("answer", 1.23456789, value="日本", nothing=None, flag=True, list=(1, 2))
        assert record.count == 2
        assert record.problem == ""
    found = read(tmp_path / "j.jsonl")
    assert found.problem == ""
    assert found.good_bytes == (tmp_path / "j.jsonl").stat().st_size
    _, answer = found.events
    assert {k: v for k, v in answer.items() if k != "hash"} == {
        "n": 2, "event": "answer", "t": 1.234568, "value": "日本", "nothing": None, "flag": True,
        "list": [1, 2],
    }  # fmt: skip


def test_an_event_is_in_the_file_when_write_returns(tmp_path: Path) -> None:
    """Nothing waits in the program."""
    with begun(tmp_path / "j.jsonl") as record:
        for number in range(20):
            record.write("press", float(number))
            assert len(read(tmp_path / "j.jsonl").events) == number + 2


def test_text_with_line_breaks_stays_on_one_line(tmp_path: Path) -> None:
    """Every kind of line break there is, and the separators of Unicode."""
    words = "a\nb\r\nc\rd\u2028e\u2029f\x85g\x0bh\x0ci"
    with begun(tmp_path / "j.jsonl") as record:
        record.write("text", None, text=words)
    assert read(tmp_path / "j.jsonl").events[1]["text"] == words


def test_an_existing_file_is_never_written_over(tmp_path: Path) -> None:
    """A new journal needs a new name."""
    before = written(tmp_path / "j.jsonl")
    with pytest.raises(FileExistsError):
        Journal(tmp_path / "j.jsonl")
    assert (tmp_path / "j.jsonl").read_bytes() == b"".join(before)


def test_a_torn_last_line_is_named_and_the_rest_kept(tmp_path: Path) -> None:
    """As a power cut leaves it."""
    lines = written(tmp_path / "j.jsonl")
    (tmp_path / "j.jsonl").write_bytes(b"".join(lines[:-1]) + lines[-1][:20])
    found = read(tmp_path / "j.jsonl")
    assert (len(found.events), found.problem, found.torn) == (4, "line 5 was cut off", True)
    assert found.good_bytes == len(b"".join(lines[:-1]))


def test_a_line_that_lacks_only_its_end_is_torn_too(tmp_path: Path) -> None:
    """Its last byte was never written, so nobody knows that it was whole."""
    lines = written(tmp_path / "j.jsonl")
    (tmp_path / "j.jsonl").write_bytes(b"".join(lines)[:-1])
    assert read(tmp_path / "j.jsonl").torn


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda lines: [*lines[:2], b"garbage\n", *lines[2:]], id="garbage"),
        pytest.param(lambda lines: [*lines[:2], b"\x00\xff\xfe\n", *lines[2:]], id="bytes"),
        pytest.param(lambda lines: [*lines[:2], b"[" * 200_000 + b"\n", *lines[2:]], id="deep"),
        pytest.param(lambda lines: [*lines[:2], b"1" * 9000 + b"\n", *lines[2:]], id="number"),
        pytest.param(lambda lines: [*lines[:2], b"\n", *lines[2:]], id="empty-line"),
        pytest.param(lambda lines: [*lines[:2], lines[1], *lines[2:]], id="doubled"),
        pytest.param(lambda lines: [*lines[:2], *lines[3:]], id="lost"),
        pytest.param(lambda lines: [lines[0], lines[2], lines[1], *lines[3:]], id="swapped"),
        pytest.param(
            lambda lines: [*lines[:2], lines[2].replace(b'"k3"', b'"k4"'), *lines[3:]], id="changed"
        ),
        pytest.param(lambda lines: [*lines[:2], lines[2][:-1] + b" \n", *lines[3:]], id="blank-added"),
        pytest.param(
            lambda lines: [*lines[:2], lines[2].replace(b'"}', b'", "x": 1}'), *lines[3:]], id="key-added"
        ),
    ],
)
def test_a_broken_middle_is_found_kept_and_never_continued(
    change: Callable[[list[bytes]], list[bytes]], tmp_path: Path
) -> None:
    """What stands before it is read; nothing is cut off to go on."""
    path = tmp_path / "j.jsonl"
    content = b"".join(change(written(path)))
    path.write_bytes(content)
    found = read(path)
    assert found.problem
    assert not found.torn
    assert 1 <= len(found.events) < 5
    with pytest.raises(JournalError, match=r"j\.jsonl: line"):
        Journal(path, resume=True)
    assert path.read_bytes() == content


def test_going_on_cuts_off_the_torn_line_alone(tmp_path: Path) -> None:
    """And the chain goes on over the cut."""
    path = tmp_path / "j.jsonl"
    lines = written(path)
    path.write_bytes(b"".join(lines[:-1]) + lines[-1][:-9])
    with Journal(path, resume=True, durable=False) as record:
        record.write("segment", 0.0)
    found = read(path)
    assert found.problem == ""
    assert [e["n"] for e in found.events] == [1, 2, 3, 4, 5]
    assert path.read_bytes().startswith(b"".join(lines[:-1]))
    assert found.events[-1]["event"] == "segment"


@pytest.mark.parametrize(
    ("content", "reason"),
    [(b"", "empty"), (b"x", "cut off"), (b"x\n", "not readable"), (b"{}\n", "not an event")],
)
def test_what_is_no_journal_is_refused_by_name(content: bytes, reason: str, tmp_path: Path) -> None:
    """In one line."""
    (tmp_path / "j.jsonl").write_bytes(content)
    with pytest.raises(JournalError, match=rf"j\.jsonl: is no journal of a session \(.*{reason}"):
        read(tmp_path / "j.jsonl")


def test_a_missing_file_is_refused_by_name(tmp_path: Path) -> None:
    """And a folder in its place."""
    for place in (tmp_path / "none.jsonl", tmp_path):
        with pytest.raises(JournalError, match="cannot be read"):
            read(place)


@pytest.mark.parametrize(
    "header", [{"format": FORMAT + 1, "rules": RULES}, {"format": FORMAT, "rules": RULES + 1}, {}]
)
def test_another_version_is_refused_by_name(header: dict[str, int], tmp_path: Path) -> None:
    """Both versions are told."""
    with Journal(tmp_path / "j.jsonl", durable=False) as record:
        record.write("session", None, **header)
    with pytest.raises(JournalError, match=f"another version .*this one reads {FORMAT}, {RULES}"):
        read(tmp_path / "j.jsonl")


def test_reading_many_tells_of_the_bad_and_yields_the_rest(tmp_path: Path) -> None:
    """One broken file hides no other."""
    written(tmp_path / "a.jsonl")
    (tmp_path / "b.jsonl").write_bytes(b"")
    lines = written(tmp_path / "c.jsonl")
    (tmp_path / "c.jsonl").write_bytes(b"".join(lines)[:-4])
    told: list[str] = []
    found = list(load_all(sorted(tmp_path.glob("*.jsonl")), told.append))
    assert [f.path.name for f in found] == ["a.jsonl", "c.jsonl"]
    assert len(told) == 2
    assert "b.jsonl" in told[0]
    assert "line 5 was cut off; 4 events before it are kept" in told[1]


def test_a_session_has_ended_where_its_last_segment_has(tmp_path: Path) -> None:
    """A session that was resumed and cut off again has not."""
    path = tmp_path / "j.jsonl"
    with begun(path) as record:
        record.write("segment", 0.0)
        assert not read(path).has_ended
        record.write("end", 1.0, outcome="fault")
        assert read(path).has_ended
        record.write("segment", 0.0)
        assert not read(path).has_ended


# Durability


def test_sync_waits_for_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every event written before it is on the disk when it returns."""
    synced: list[int] = []
    real = os.fsync

    def fsync(descriptor: int) -> None:
        synced.append(os.fstat(descriptor).st_size)
        real(descriptor)

    monkeypatch.setattr(os, "fsync", fsync)
    with begun(tmp_path / "j.jsonl", durable=True) as record:
        record.write("press", 1.0)
        record.sync()
        assert synced[-1] == (tmp_path / "j.jsonl").stat().st_size


def test_writing_does_not_wait_for_a_slow_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The frame loop goes on while the disk takes its time."""
    monkeypatch.setattr(os, "fsync", lambda descriptor: time.sleep(0.3))
    with begun(tmp_path / "j.jsonl", durable=True) as record:
        began = time.perf_counter()
        for number in range(50):
            record.write("press", float(number))
        assert time.perf_counter() - began < 0.25


def test_a_disk_that_refuses_is_told_and_stops_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The session goes on; the experimenter hears of it."""

    def fsync(descriptor: int) -> None:
        raise OSError(errno.EIO, "the disk is ill")

    monkeypatch.setattr(os, "fsync", fsync)
    record = begun(tmp_path / "j.jsonl", durable=True)
    record.sync()
    assert "the disk is ill" in record.problem
    record.write("press", 1.0)
    record.close()
    assert len(read(tmp_path / "j.jsonl").events) == 2
    assert "the disk is ill" in record.problem


def test_one_refusal_of_the_disk_stays_told_though_the_next_sync_succeeds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the system dropped then, it will not write later."""
    asked: list[int] = []

    def fsync(descriptor: int) -> None:
        asked.append(descriptor)
        if len(asked) == 1:
            raise OSError(errno.EIO, "the disk is ill")

    monkeypatch.setattr(os, "fsync", fsync)
    record = begun(tmp_path / "j.jsonl", durable=True)
    record.sync()
    record.write("press", 1.0)
    record.sync()
    record.close()
    assert len(asked) >= 2
    assert "the disk is ill" in record.problem


class Full:
    """A file on a disk that is full for a while; it takes a few bytes first."""

    def __init__(self, record: Journal) -> None:
        self.real = record._file
        self.full = False
        record._file = self  # type: ignore[assignment]

    def write(self, content: bytes) -> int:
        """Take some, or nothing."""
        if self.full:
            raise OSError(errno.ENOSPC, "no space left")
        taken = self.real.write(content[:7])
        assert taken is not None
        return taken

    def __getattr__(self, name: str) -> object:
        """Leave the rest to the real file."""
        return getattr(self.real, name)


def test_a_full_disk_loses_nothing_once_there_is_room(tmp_path: Path) -> None:
    """Events wait in memory, in order; the chain is whole."""
    record = begun(tmp_path / "j.jsonl")
    disk = Full(record)
    record.write("press", 1.0)
    disk.full = True
    for number in range(3):
        record.write("press", float(number))
    assert "no space left" in record.problem
    disk.full = False
    record.write("press", 9.0)
    assert record.problem == ""
    record.close()
    assert [e["n"] for e in read(tmp_path / "j.jsonl").events] == [1, 2, 3, 4, 5, 6]


def test_closing_twice_is_allowed(tmp_path: Path) -> None:
    """And stops the threads."""
    record = begun(tmp_path / "j.jsonl", tmp_path / "copy" / "j.jsonl", durable=True)
    record.close()
    record.close()
    assert eventually(lambda: not any(t.name.startswith("journal-") for t in threading.enumerate()))


def test_many_threads_write_one_whole_journal(tmp_path: Path) -> None:
    """No line is mixed with another, none lost."""
    with begun(tmp_path / "j.jsonl", tmp_path / "copy.jsonl", durable=True) as record:

        def work(name: int) -> None:
            for number in range(50):
                record.write("press", float(number), by=name)

        threads = [threading.Thread(target=work, args=(name,)) for name in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    found = read(tmp_path / "j.jsonl")
    assert found.problem == ""
    assert len(found.events) == 301
    for name in range(6):
        assert [e["t"] for e in found.events if e.get("by") == name] == list(range(50))


# The copy


def test_the_copy_holds_every_event_in_the_end(tmp_path: Path) -> None:
    """In a folder that did not exist."""
    mirror = tmp_path / "share" / "a" / "j.jsonl"
    with begun(tmp_path / "j.jsonl", mirror) as record:
        for number in range(100):
            record.write("press", float(number))
    assert mirror.read_bytes() == (tmp_path / "j.jsonl").read_bytes()
    assert record.copied


def test_the_copy_follows_while_the_session_runs(tmp_path: Path) -> None:
    """Not only at its end."""
    mirror = tmp_path / "share" / "j.jsonl"
    with begun(tmp_path / "j.jsonl", mirror) as record:
        assert eventually(lambda: mirror.is_file() and record.copied)
        record.write("press", 1.0)
        assert eventually(lambda: mirror.read_bytes() == (tmp_path / "j.jsonl").read_bytes())


def test_a_share_that_goes_away_stops_nothing_and_is_caught_up(tmp_path: Path) -> None:
    """The next event after it is back brings the rest."""
    blocked = tmp_path / "share"
    blocked.write_text("a file where the folder should be", encoding="utf-8")
    with begun(tmp_path / "j.jsonl", blocked / "j.jsonl") as record:
        assert eventually(lambda: record.problem != "")
        assert not record.copied
        began = time.perf_counter()
        for number in range(20):
            record.write("press", float(number))
        assert time.perf_counter() - began < 0.2
        blocked.unlink()
        record.write("press", 20.0)
        assert eventually(lambda: record.copied)
        assert record.problem == ""
    assert (blocked / "j.jsonl").read_bytes() == (tmp_path / "j.jsonl").read_bytes()


def test_a_share_that_hangs_delays_neither_events_nor_for_long_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Closing waits as long as it is told and says that the copy is not whole."""
    release = threading.Event()
    monkeypatch.setattr(durability.Mirroring, "work", lambda self: release.wait(WAIT_S) and None)
    record = begun(tmp_path / "j.jsonl", tmp_path / "share" / "j.jsonl")
    began = time.perf_counter()
    record.write("press", 1.0)
    record.close(wait_copy_s=0.2)
    assert time.perf_counter() - began < 2.0
    assert not record.copied
    release.set()
    assert len(read(tmp_path / "j.jsonl").events) == 2


def test_a_copy_that_was_cut_short_is_completed(tmp_path: Path) -> None:
    """Where it is a beginning, by what it lacks; where its end is torn, from there."""
    path, mirror = tmp_path / "j.jsonl", tmp_path / "copy.jsonl"
    whole = b"".join(written(path))
    for part in (whole[:50], whole[:40] + b"garbage", b"", b"g" * (len(whole) + 5000)):
        mirror.write_bytes(part)
        with Journal(path, mirror, resume=True, durable=False) as record:
            record.write("press", 1.0)
        assert mirror.read_bytes() == path.read_bytes()


def test_a_session_that_went_on_elsewhere_is_brought_here(tmp_path: Path) -> None:
    """Before anything is added; a torn end counts for nothing."""
    local, shared = tmp_path / "here" / "j.jsonl", tmp_path / "there.jsonl"
    lines = written(shared)
    bring_here(local, shared)
    assert local.read_bytes() == shared.read_bytes()
    local.write_bytes(b"".join(lines[:2]) + lines[2][:5])
    bring_here(local, shared)
    assert local.read_bytes() == shared.read_bytes()
    shared.write_bytes(b"".join(lines[:2]) + b"torn")
    bring_here(local, shared)
    assert local.read_bytes() == b"".join(lines)
    shared.unlink()
    bring_here(local, shared)
    assert local.read_bytes() == b"".join(lines)


def test_two_records_that_went_apart_are_both_left_alone(tmp_path: Path) -> None:
    """A person must compare them."""
    local, shared = tmp_path / "local.jsonl", tmp_path / "shared.jsonl"
    for path, extra in ((local, "a"), (shared, "b")):
        with begun(path) as record:
            record.write("press", 1.0, key=extra)
    before = (local.read_bytes(), shared.read_bytes())
    with pytest.raises(JournalError, match=r"shared\.jsonl: differs from .*local\.jsonl"):
        bring_here(local, shared)
    assert (local.read_bytes(), shared.read_bytes()) == before


def test_lines_are_plain_json(tmp_path: Path) -> None:
    """Any program can read them."""
    for line in written(tmp_path / "j.jsonl"):
        assert set(json.loads(line)) >= {"n", "event", "t", "hash"}


def test_an_event_that_cannot_be_written_breaks_no_chain(tmp_path: Path) -> None:
    """What is no JSON is refused, and the next event follows; half a character is kept as it can be."""
    file = tmp_path / "a_journal.jsonl"
    with Journal(file, durable=False) as record:
        record.write("session", None, format=FORMAT, rules=RULES)
        with pytest.raises(TypeError):
            record.write("thing", 1.0, value=object())
        record.write("fault", None, message="no file 'caf\udce9.toml'")
        record.write("end", 2.0, outcome="fault")
    recorded = read(file)
    assert recorded.problem == ""
    assert [event["event"] for event in recorded.events] == ["session", "fault", "end"]
    assert recorded.events[1]["message"] == "no file 'caf\udce9.toml'"
