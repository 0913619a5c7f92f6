"""Sessions are ended by three signals at 190 moments drawn from a seed, also within a write.

Whatever the moment: all that a session had said to have shown or recorded is in its journal, `recover` says
what it found, the tables are those of the journal, the dataset validates, and the session goes on to its end.
"""

from __future__ import annotations

import os
import random
import signal
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from experiment import bids, journal
from experiment.recovering import Recovery, recover
from experiment.scenes import Scene
from experiment.study import Study, Who
from tests.faults.nest import Kind, Moment, Outcome, ask, nests
from tests.faults.screens import check_screens, known_to
from tests.faults.sitter import Lab, Sitter
from tests.faults.small_study import write_conditions
from tests.validating import validate

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not hasattr(os, "fork"), reason="a warm process makes others by fork, which is not here"
    ),
]

KILLS = {"whole": 80, "short": 55, "twice": 55}
SIGNALS = ("SIGKILL", "SIGTERM", "SIGHUP")
RESUMED_OF = 3
"""Of so many sessions that were cut off, one is resumed to its end."""

REFERENCE = "900"


@dataclass(slots=True)
class Grown:
    """All that was killed of one protocol, and what `recover` said of it."""

    lab: Lab
    outcomes: list[Outcome]
    left: dict[str, bytes]
    recovery: Recovery
    known: set[str]
    records: dict[str, journal.Recorded] = field(default_factory=dict)

    @property
    def study(self) -> Study:
        """Return the study."""
        return self.lab.study

    def journals(self) -> Iterator[tuple[Outcome, journal.Recorded]]:
        """Yield each session that has a record, and that record as `recover` left it in the dataset."""
        for outcome in self.outcomes:
            code = outcome.moment.code
            file = self.study.journal(Who(code, "01"))
            if code not in self.records and file.is_file():
                self.records[code] = journal.read(file)
            if code in self.records:
                yield outcome, self.records[code]


def moments(lab: Lab, count: int, events: int, seconds: float, files: int) -> list[Moment]:
    """Draw moments: half by what was said, and the rest by time, within lines, and within whole files."""
    rng = random.Random(f"{lab.protocol.stem} 7")
    drawn = []
    for number in range(count):
        kind: Kind = ("event", "time", "event", "line", "event", "file")[number % 6]
        last = {"event": events, "line": events, "file": files}.get(kind, 0)
        at = rng.uniform(0.0, 1.2 * seconds) if kind == "time" else float(rng.randint(1, last))
        which = SIGNALS[number // 6 % 3] if kind in ("line", "file") else rng.choice(SIGNALS)
        drawn.append(Moment(str(lab.folder), str(lab.protocol), f"{number + 1:03d}", which, kind, at))
    return drawn


def undisturbed(lab: Lab) -> tuple[set[str], int, float, int]:
    """Run sessions that nobody ends; return what they showed, their events, seconds and whole files."""
    shown: list[Scene] = []
    written: list[Path] = []
    with pytest.MonkeyPatch.context() as patch:
        from experiment import files  # noqa: PLC0415 - to be listened to

        plain = files._write

        def write(file: Path, text: str | bytes, **how: object) -> None:
            written.append(file)
            plain(file, text, **how)  # type: ignore[arg-type]

        patch.setattr(files, "_write", write)
        began = time.monotonic()
        Sitter(lab, on_scene=shown.append).sit(REFERENCE)
        took = time.monotonic() - began
    count = len(journal.read(lab.study.journal(Who(REFERENCE, "01"))).events)
    known = known_to(lab.resolved, shown)
    return known, count, took, len(written)


@pytest.fixture(scope="module")
def spool(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Yield a spool that nothing else uses."""
    folder = tmp_path_factory.mktemp("spool")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SPOT_SPOOL", str(folder))
        yield folder


@pytest.fixture(scope="module")
def fields(spool: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Grown]:
    """Kill everything, then recover each study once."""
    labs = []
    for name, count in KILLS.items():
        folder = tmp_path_factory.mktemp(name)
        lab = Lab(folder, write_conditions(folder) / f"{name}.toml")
        known, *lengths = undisturbed(lab)
        labs.append((lab, moments(lab, count, *lengths), known))  # type: ignore[arg-type]
    fields = []
    with nests(2, {**os.environ, "SPOT_SPOOL": str(spool)}) as warm, ThreadPoolExecutor(2) as pool:
        for lab, drawn, known in labs:
            halves = list(pool.map(ask, warm, [drawn[::2], drawn[1::2]]))
            outcomes = [outcome for half in halves for outcome in half]
            left = {file.name: file.read_bytes() for file in lab.study.spool.glob("*.jsonl")}
            fields.append(Grown(lab, outcomes, left, recover(lab.study), known))
    return fields


def test_the_moments_were_worth_it(fields: list[Grown]) -> None:
    """Sessions died before their first event, within runs, within a line, while tables were made."""
    found: Counter[str] = Counter()
    for grown in fields:
        recorded = {o.moment.code: r for o, r in grown.journals()}
        for outcome in grown.outcomes:
            record = recorded.get(outcome.moment.code)
            events = [e["event"] for e in record.events] if record else []
            found["killed"] += outcome.status == -signal.SIGKILL
            found["never begun"] += not events
            found["in a run"] += events.count("run") > events.count("run_end")
            found["ended by a signal in order"] += bool(record and record.has_ended) and not outcome.status
            found["while tables were made"] += bool(record and record.has_ended) and outcome.status < 0
            found["torn"] += bool(
                grown.left.get(f"sub-{outcome.moment.code}_ses-01_journal.jsonl", b"\n")[-1:] != b"\n"
            )
    assert sum(len(grown.outcomes) for grown in fields) == sum(KILLS.values()) == 190
    for what in (
        "killed",
        "in a run",
        "ended by a signal in order",
        "while tables were made",
        "torn",
        "never begun",
    ):
        assert found[what] >= 3, found


def test_no_session_hung_or_failed(fields: list[Grown]) -> None:
    """Each was ended by its signal, or came to an end of its own."""
    for grown in fields:
        for outcome in grown.outcomes:
            number = int(getattr(signal, outcome.moment.signal))
            assert outcome.status in (0, -number), outcome


def test_all_that_was_said_is_in_the_journal(fields: list[Grown]) -> None:
    """Every event that a session had spoken of, and every event before a scene that it had shown."""
    for grown in fields:
        records = {outcome.moment.code: recorded for outcome, recorded in grown.journals()}
        for outcome in grown.outcomes:
            if not outcome.said:
                continue
            kinds = [event["event"] for event in records[outcome.moment.code].events]
            assert outcome.said[-1]["n"] <= len(kinds)
            assert all(kinds[fact["n"] - 1] == fact["event"] for fact in outcome.said if "event" in fact)


def test_no_screen_told_of_it(fields: list[Grown]) -> None:
    """A session that is told to end shows the calm page; none shows a fault."""
    for grown in fields:
        said = [fact for outcome in grown.outcomes for fact in outcome.said]
        check_screens((word for fact in said for word in fact.get("words", ())), grown.known)


def test_recover_says_what_it_found(fields: list[Grown]) -> None:
    """A line for each record that was cut off, none for one that ended; nothing is unreadable."""
    for grown in fields:
        said = "\n".join(grown.recovery.lines)
        count = 1
        for outcome, recorded in grown.journals():
            name = f"sub-{outcome.moment.code}_ses-01_journal.jsonl"
            line = f"{name}: was cut off; {len(recorded.events)} events are kept"
            assert (line in said) is not recorded.has_ended
            copy = grown.study.journal(Who(outcome.moment.code, "01")).read_bytes()
            assert copy.startswith(journal.whole_lines(grown.left[name]))
            count += 1
        assert grown.recovery.sessions == count
        assert not grown.recovery.partly, grown.recovery.lines
        assert not list(grown.study.dataset.glob("sub-*/**/.*.tmp"))


def test_the_tables_are_those_of_the_journal(fields: list[Grown]) -> None:
    """Byte for byte, whatever stood there when the session died."""
    for grown in fields:
        for _, recorded in grown.journals():
            for place, text in bids.derive(recorded).files.items():
                assert (grown.study.dataset / place).read_text(encoding="utf-8") == text
        validate(grown.study.dataset)


def test_many_are_resumed_to_their_end(fields: list[Grown]) -> None:
    """Cut off, told to end or never begun: each goes on, and its record begins as it was."""
    for grown in fields:
        begun = {outcome.moment.code: recorded for outcome, recorded in grown.journals()}
        ended = {code for code, r in begun.items() if r.has_ended and r.last("end")["outcome"] == "completed"}  # type: ignore[index]
        open_ones = [o.moment.code for o in grown.outcomes if o.moment.code not in ended]
        for code in open_ones[::RESUMED_OF]:
            claimed = (
                grown.study.dataset / "sourcedata" / "allocation" / f"code-{code}_ses-01.json"
            ).is_file()
            before = grown.study.local_journal(Who(code, "01"))
            kept = journal.whole_lines(before.read_bytes()) if before.is_file() else b""
            resume = claimed or before.is_file()
            finished = Sitter(grown.lab).sit(code, resume=resume)
            assert (finished.outcome, finished.problems) == ("completed", ())
            assert finished.journal.read_bytes().startswith(kept)
        validate(grown.study.dataset)
