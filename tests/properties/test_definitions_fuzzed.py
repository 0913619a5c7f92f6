"""Files of every kind, damaged some thousands of times: each is read, or refused in one clear line.

Every case has a number, from which alone it follows what is done to which file. Nothing here is timed; the
bound on each case finds what hangs.
"""

from __future__ import annotations

import datetime
import json
import math
import random
import re
import shutil
import sys
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from time import perf_counter
from typing import Any

import pytest

from experiment import checking, cli
from experiment.definitions import CONDITIONS, DefinitionError, Game, check_file, resolve
from experiment.definitions.library import KINDS, read_protocol
from experiment.definitions.reading import MAX_BYTES, Definition, checked, read
from experiment.definitions.texts import MoreTexts
from experiment.dose import simulated
from experiment.leaving import Leavers
from experiment.scenes import PARTICIPANT
from experiment.schedule import Schedule

LONGEST_CASE_S = 10.0
MOST_THROWS = 2500
KINDS_OF_FILES = ("games", "measures", "protocols", "texts")
FILES = {kind: sorted((CONDITIONS / kind).rglob("*.toml")) for kind in KINDS_OF_FILES}

JARGON = re.compile(
    r"Traceback|pydantic|Input should|validation error|NoneType|\bNone\b(?! of)|[Tt]uple|\bdict\b"
)

Bytes = Callable[[random.Random, bytes], bytes]


def cut_anywhere(rng: random.Random, data: bytes) -> bytes:
    """As a full disk leaves it."""
    return data[: rng.randrange(len(data) + 1)]


def bytes_changed(rng: random.Random, data: bytes) -> bytes:
    """As a bad disk leaves it."""
    changed = bytearray(data)
    for _ in range(rng.randint(1, 6)):
        changed[rng.randrange(len(changed))] = rng.randrange(256)
    return bytes(changed)


def bytes_put_in(rng: random.Random, data: bytes) -> bytes:
    """NUL, invalid UTF-8, control characters, line ends of their own, marks of other systems."""
    odd = rng.choice(
        [b"\0", b"\xff\xfe", b"\xc3\x28", b"\x1b[31m", b"\r", b"\x0b", "\u202e".encode(), "\u2028".encode(),
         b"\xed\xa0\x80", b'"', b"[", b"}", b"#", b"'''", b"\\", b"=", b"\xef\xbb\xbf", "é".encode("latin-1")]
    )  # fmt: skip
    at = rng.randrange(len(data) + 1)
    return data[:at] + odd * rng.choice([1, 1, 1, 3]) + data[at:]


def encoded(rng: random.Random, data: bytes) -> bytes:
    """Saved by an editor that is set otherwise."""
    text = data.decode()
    how = rng.choice(["utf-16", "utf-16-le", "utf-32", "utf-8-sig", "latin-1", "cp1252", "utf-7", "cp037"])
    return text.encode(how, errors="replace")


def other_line_ends(rng: random.Random, data: bytes) -> bytes:
    """From another system, whole or in part."""
    return data.replace(
        b"\n", rng.choice([b"\r\n", b"\r", b"\n\r", b"\r\r\n", b"\x0c\n"]), rng.choice([-1, 3])
    )


def lines_moved(rng: random.Random, data: bytes) -> bytes:
    """Swapped, left out, doubled."""
    lines = data.split(b"\n")
    i, j = rng.randrange(len(lines)), rng.randrange(len(lines))
    match rng.choice(["swap", "drop", "double", "reverse", "move"]):
        case "swap":
            lines[i], lines[j] = lines[j], lines[i]
        case "drop":
            del lines[i]
        case "double":
            lines.insert(j, lines[i])
        case "reverse":
            lines[min(i, j) : max(i, j)] = reversed(lines[min(i, j) : max(i, j)])
        case _:
            lines.insert(j, lines.pop(i))
    return b"\n".join(lines)


def two_files(rng: random.Random, data: bytes) -> bytes:
    """A piece of another file comes in, whatever its kind."""
    other = rng.choice(FILES[rng.choice(KINDS_OF_FILES)]).read_bytes()
    at, start = rng.randrange(len(data) + 1), rng.randrange(len(other))
    return data[:at] + other[start : start + rng.randrange(400)] + data[at:]


BYTES: tuple[Bytes, ...] = (
    cut_anywhere, bytes_changed, bytes_put_in, encoded, other_line_ends, lines_moved, two_files,
)  # fmt: skip


def huge() -> Iterator[tuple[str, bytes]]:
    """Yield what no editor makes: files of a size or shape at which a reader could hang."""
    yield "empty", b""
    yield "a byte order mark alone", b"\xef\xbb\xbf"
    yield "a megabyte of one key", b"a" * (MAX_BYTES - 4) + b" = 1"
    yield "a megabyte of text", b'title = "' + b"x" * (MAX_BYTES - 20) + b'"'
    yield "a text without its end", b'title = "' + b"x" * (MAX_BYTES - 20)
    yield "over a megabyte", b"#" * (MAX_BYTES + 1)
    yield "a key of thousands of parts", b"a" + b".a" * 200_000 + b" = 1"
    yield "a header of thousands of parts", b"[" + b"a." * 200_000 + b"a]"
    yield "deep lists", b"phases = " + b"[" * 300_000
    yield "deep lists that close", b"phases = " + b"[" * 400 + b"]" * 400
    yield "deep tables", b"pause = " + b"{a=" * 150_000
    yield "100 000 items", b"phases = [" + b"{}," * 100_000 + b"]"
    yield "100 000 numbers", b"items = [" + b"1," * 100_000 + b"]"
    yield "20 000 unknown keys", b"".join(b"k%d = 1\n" % i for i in range(20_000))
    yield "20 000 tables", b"[[phases]]\n" * 20_000
    yield "20 000 headers", b"".join(b"[k%d]\n" % i for i in range(20_000))
    yield "20 000 pages", b"[pages]\n" + b"".join(b"k%d = 1\n" % i for i in range(20_000))
    yield "a number of a million digits", b"throws = " + b"9" * (MAX_BYTES - 20)
    yield "a fraction of a million digits", b"throws = 0." + b"9" * (MAX_BYTES - 20)
    yield "underscores", b"throws = " + b"1_" * 400_000 + b"1"
    yield "quotes", b"title = " + b'"' * 900_000
    yield "backslashes", b'title = "' + b"\\" * 900_000 + b'"'


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return every place in a table."""
    found = [path] if path else []
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return found + [place for key, below in inner for place in places(below, (*path, key))]


def inside(table: Any, path: tuple[Any, ...]) -> Any:
    """Return what stands at a place."""
    for part in path:
        table = table[part]
    return table


def odd(rng: random.Random, value: Any) -> Any:
    """Return something else in place of a value: near it, or of another kind."""
    near: list[Any] = []
    if isinstance(value, bool):
        near = [not value, int(value), str(value)]
    elif isinstance(value, int | float) and abs(value) < 1e12:
        near = [
            -value,
            value + 1,
            value - 1,
            value * 2,
            value / 3,
            float(value),
            value * 1000,
            0,
            1,
            str(value),
        ]
        near = [number for number in near if isinstance(number, str) or math.isfinite(number)]
    elif isinstance(value, str):
        near = [
            value.upper(), value + " ", value[:-1], value + value[-1:], "", " ", f"../{value}", value * 200,
            "{contact}", "{", value + "\x1b", "1/3", "2/3", "0/0", "1/0", "human", "coplayer",
        ]  # fmt: skip
    elif isinstance(value, list):
        near = [
            value[:-1],
            value + value[:1],
            value * 30,
            value[::-1],
            [value],
            dict.fromkeys("ab", value),
            [],
        ]
    elif isinstance(value, dict):
        near = [list(value), [value], list(value.values()), {}, {**value, "kind": "fixed"}, {"": value}]
    far = [
        0, -1, 1, 2, 3, 9, 2**31, 2**63, 10**400, -0.0, 0.5, 1e-9, 1e300, math.nan, math.inf, -math.inf, True,
        "", "a" * 5000, "a\nb", "\u202e", [], [[]], {}, [1, "a", {}], {"a": {"b": {}}},
        datetime.date(2000, 1, 1),
        datetime.time(1, 2), datetime.datetime(2000, 1, 1, tzinfo=datetime.UTC),
    ]  # fmt: skip
    return rng.choice(near if near and rng.random() < 0.6 else far)


def values_changed(rng: random.Random, table: dict[str, Any], others: list[Any]) -> None:
    """Change a table in one place: drop, misname, double, exchange, or bring a value from another file."""
    known = places(table)
    if not known:
        return
    *above, key = rng.choice(known)
    holder = inside(table, tuple(above))
    match rng.choice(["drop", "misname", "odd", "odd", "odd", "swap", "foreign", "double", "more"]):
        case "drop":
            del holder[key]
        case "misname" if isinstance(holder, dict):
            wrong = [f"{key}s", key[:-1], key.upper(), f"x_{key}", "", f"{key} ", "é", "kind", "1", "2"]
            holder[rng.choice(wrong)] = holder.pop(key)
        case "swap":
            *there, other = rng.choice(known)
            second = inside(table, tuple(there))
            holder[key], second[other] = second[other], holder[key]
        case "foreign":
            other_table = rng.choice(others)
            holder[key] = inside(other_table, rng.choice(places(other_table)))
        case "double" if isinstance(holder, list):
            holder.insert(rng.randrange(len(holder) + 1), holder[key])
        case "more" if isinstance(holder, dict):
            other_table = rng.choice(others)
            name = rng.choice([p[-1] for p in places(other_table) if isinstance(p[-1], str)])
            holder[name] = rng.choice([1, 0.5, "fixed", True, {}, [], 3, "fair"])
        case _:
            holder[key] = odd(rng, holder[key])


def toml(value: Any) -> str:
    """Write a value as TOML, tables in one line."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(str(k))} = {toml(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(toml(inner) for inner in value) + "]"
    if isinstance(value, str):
        return json.dumps(value).replace("\x7f", "\\u007f")
    if isinstance(value, float):
        return repr(value)
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def written(table: dict[str, Any]) -> bytes:
    """Write a table as a file."""
    lines = [f"{json.dumps(str(key))} = {toml(value)}" for key, value in table.items()]
    return ("\n".join(lines) + "\n").encode()


TABLES = {kind: [tomllib.loads(file.read_text(encoding="utf-8")) for file in FILES[kind]] for kind in FILES}
EVERY_TABLE = [table for tables in TABLES.values() for table in tables if places(table)]


def damaged(rng: random.Random, file: Path) -> bytes:
    """Return what becomes of a file."""
    data = file.read_bytes()
    if rng.random() < 0.4:
        return rng.choice(BYTES)(rng, data)
    table = tomllib.loads(data.decode())
    for _ in range(rng.choice([1, 1, 1, 2, 3])):
        values_changed(rng, table, EVERY_TABLE)
        table = tomllib.loads(written(table).decode())  # nothing in it is in two places
    return written(table)


def one_line(error: DefinitionError) -> None:
    """Check that a refusal is a line for a person."""
    line = str(error)
    assert line
    assert line.isprintable()
    assert len(line) <= 900
    assert not JARGON.search(line), line


def value_of(file: Path) -> Definition | None:
    """Return what a file holds, or None where it is refused, which must be in one line, and soon."""
    began = perf_counter()
    value: Definition | None = None
    try:
        value = read_protocol(file) if kind_of(file) == "protocols" else read(file, model_of(file))
    except DefinitionError as error:
        one_line(error)
    assert perf_counter() - began < LONGEST_CASE_S
    return value


def kind_of(file: Path) -> str:
    """Return the kind of a file by its folder."""
    return "texts" if file.parent.parent.name == "texts" else file.parent.name


def model_of(file: Path) -> type[Definition]:
    """Return the model of a file by its folder."""
    return MoreTexts if file.parent.parent.name == "texts" else KINDS[kind_of(file)]


def same_again(value: Definition, file: Path) -> None:
    """Check that reading a file again, or what it held, gives the same."""
    assert (read_protocol(file) if kind_of(file) == "protocols" else read(file, model_of(file))) == value
    table = tomllib.loads(written(value.model_dump(exclude_none=True)).decode())
    assert checked(table, type(value)) == value


def play(game: Game, rng: random.Random) -> None:
    """Play a whole run in virtual time, or its first throws where it is very long; count exact doses."""
    schedule, leavers = Schedule(game, 1, "fuzz"), Leavers(game, 1, "fuzz")
    run, now, ended = schedule.start(), 0.0, ""
    received = [0] * len(game.phases)
    leavers.caught(run, now)
    for _ in range(MOST_THROWS):
        schedule.enter(run, now)
        if run.holder == PARTICIPANT:
            pause_s = rng.choice([0.3, 1.0, 4.0])
            schedule.answered(pause_s)
            own = schedule.own_throw(run, rng.choice(run.coplayers))
            receiver, flight_s = own.receiver, own.flight_s
        else:
            plan = schedule.coplayer_throw(run)
            receiver, pause_s, flight_s = plan.receiver, plan.pause_s, plan.flight_s
        assert 0 <= pause_s <= 600
        assert 0 <= flight_s <= 600
        if schedule.until_s is not None and now + pause_s >= schedule.until_s:
            now = schedule.until_s
        else:
            received[schedule.number - 1] += receiver == PARTICIPANT
            run, now = run.throw(receiver), now + pause_s + flight_s
            leavers.caught(run, now)
            for player in leavers.due(run, now):
                run = run.leave(player)
        ended = schedule.over(run, now)
        if ended:
            break
    if ended == "throws" and game.throws is not None:
        assert len(run.throws) == game.throws
        exact = [phase.exact_count() for phase in game.phases]
        assert [n if e is not None else None for n, e in zip(received, exact, strict=True)] == exact
    assert ended or (game.throws is None and len(run.throws) >= MOST_THROWS - len(game.phases))


@pytest.fixture
def lab(tmp_path: Path) -> Path:
    """A copy of what is shipped, to be damaged."""
    shutil.copytree(CONDITIONS, tmp_path / "conditions")
    return tmp_path / "conditions"


@pytest.mark.parametrize(
    ("kind", "cases"), [("games", 2200), ("measures", 1000), ("protocols", 1200), ("texts", 120)]
)
def test_a_damaged_file_is_read_or_refused_in_one_line(lab: Path, kind: str, cases: int) -> None:
    """What is read is the same when it is read again; a game that is read can be played to its end."""
    read_well = 0
    for number in range(cases):
        rng = random.Random(f"{kind}/{number}")
        source = rng.choice(FILES[kind])
        file = lab / source.relative_to(CONDITIONS)
        file.write_bytes(damaged(rng, source))
        try:
            value = value_of(file)
            if value is not None:
                read_well += 1
                same_again(value, file)
                if isinstance(value, Game):
                    play(value, rng)
        except Exception as error:
            error.add_note(f"case {kind}/{number}: {source.name}")
            raise
        file.write_bytes(source.read_bytes())
    assert cases / 20 < read_well < cases * 19 / 20, (
        "or the damage is too great or too small to tell anything"
    )


@pytest.mark.parametrize("kind", KINDS_OF_FILES)
def test_a_file_of_any_size_or_shape_is_refused_in_one_line(lab: Path, kind: str) -> None:
    """At once, whatever stands in it."""
    file = lab / kind / "huge.toml"
    for name, data in huge():
        file.write_bytes(data)
        assert value_of(file) is None, name


def test_a_session_of_damaged_files_is_resolved_whole_or_refused_in_one_line(lab: Path) -> None:
    """Whichever of its files is damaged; nothing of a session that is refused is left behind."""
    protocols = [file.stem for file in FILES["protocols"]]
    resolved = 0
    for number in range(150):
        rng = random.Random(f"session/{number}")
        name = rng.choice(protocols)
        used = [place for place in resolve(name, root=lab).files if place.endswith(".toml")]
        source = CONDITIONS / rng.choice(used)
        file = lab / source.relative_to(CONDITIONS)
        file.write_bytes(damaged(rng, source))
        began = perf_counter()
        try:
            found = resolve(name, root=lab)
        except DefinitionError as error:
            one_line(error)
        except Exception as error:
            error.add_note(f"case session/{number}: {name} with {source.name}")
            raise
        else:
            resolved += 1
            assert found == resolve(name, root=lab)
            for cell in found.protocol.design.cells():
                assert list(found.protocol.planned(cell))
        assert perf_counter() - began < LONGEST_CASE_S
        file.write_bytes(source.read_bytes())
    assert 10 < resolved < 140


def test_the_command_that_checks_files_ends_in_words(
    lab: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exit code 0, or 2 with one line; never a traceback."""
    monkeypatch.setattr(checking, "simulated", lambda game, runs=1: simulated(game, min(runs, 1)))
    for number in range(60):
        rng = random.Random(f"command/{number}")
        kind = rng.choice(KINDS_OF_FILES)
        source = rng.choice(FILES[kind])
        file = lab / source.relative_to(CONDITIONS)
        file.write_bytes(damaged(rng, source))
        monkeypatch.setattr(sys, "argv", ["spot", "check", str(file)])
        with pytest.raises(SystemExit) as left:
            cli.main()
        code, told = left.value.code, capsys.readouterr()
        assert code in (0, 2), f"case command/{number}: {source.name}: {told.err}"
        assert "Traceback" not in told.out + told.err
        if code == 2:
            assert told.err.startswith("spot: ")
            assert len(told.err.splitlines()) == 1
        else:
            assert not told.err
            assert check_file(file) == kind
        file.write_bytes(source.read_bytes())
