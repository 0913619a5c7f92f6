"""Sessions recomputed: the same for every session that was made, and one changed character is found."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from experiment import cli, definitions, journal
from experiment.recovering import recover
from experiment.simulate import Simulation, simulate
from experiment.study import Study, StudyError, Who, study_at
from experiment.verifying import dataset_of, first_difference, journals_in, verify
from tests.rechained import rechain
from tests.scripted import TINY

CHANGES_PER_FILE = 12
PROTOCOLS = definitions.names("protocols")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a dataset with one simulated session of every kind of step."""
    return simulate(Simulation(str(TINY), 1, 2, tmp_path_factory.mktemp("made"))).dataset


@pytest.fixture
def dataset(made: Path, tmp_path: Path) -> Path:
    """Return a copy of it that may be changed."""
    return Path(shutil.copytree(made, tmp_path / made.name))


def the_journal(dataset: Path) -> Path:
    """Return the journal of the one session."""
    return journals_in([dataset])[0]


def difference(dataset: Path) -> str:
    """Return what verifying the one session finds."""
    file = the_journal(dataset)
    return first_difference(dataset_of(file), journal.read(file))


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_every_protocol_is_recomputed_to_the_letter(protocol: str, tmp_path: Path) -> None:
    """Schedules, forms, pages, blocks, leavers, lines: all of a simulated session."""
    study = simulate(Simulation(protocol, 2, 31, tmp_path))
    told: list[str] = []
    found = verify(journals_in([study.dataset]), told.append, lambda: None)
    assert (found.same, found.differences, found.refused) == (2, [], [])
    assert len(told) == 2


def files_of_the_session(dataset: Path) -> list[Path]:
    """Return every file that a session is recomputed from or to."""
    places = ("sourcedata/sub-*/**/*.jsonl", "sourcedata/definitions/**/*.toml", "sub-*/**/*.tsv", "*.tsv")
    found = [file for place in places for file in sorted(dataset.glob(place))]
    return [*found, *sorted(dataset.glob("sub-*/*.json")), *sorted(dataset.glob("task-*.json"))]


def changed(content: bytes, rng: random.Random) -> bytes:
    """Return bytes with one character changed, taken away or put in."""
    place = rng.randrange(len(content))
    how = rng.choice(["change", "change", "drop", "add"])
    new = rng.choice([c for c in b"0123456789abcxyz.,\t -" if c != content[place]])
    if how == "change":
        return content[:place] + bytes([new]) + content[place + 1 :]
    if how == "drop":
        return content[:place] + content[place + 1 :]
    return content[:place] + bytes([new]) + content[place:]


def test_a_single_changed_character_is_found_in_whatever_file(dataset: Path) -> None:
    """In the journal, the kept definitions, every table and its description."""
    rng = random.Random(4)
    files = files_of_the_session(dataset)
    assert {file.suffix for file in files} == {".jsonl", ".toml", ".tsv", ".json"}
    missed = []
    for file in files:
        content = file.read_bytes()
        for _ in range(CHANGES_PER_FILE):
            file.write_bytes(changed(content, rng))
            found = verify([the_journal(dataset)], lambda _line: None, lambda: None)
            if found.same:
                missed.append((file.name, file.read_bytes()))
        file.write_bytes(content)
    assert missed == []
    assert difference(dataset) == ""


Change = Callable[[list[dict[str, Any]]], dict[str, Any]]


def set_in(kind: str, key: str, value: object, nth: int = 0) -> Change:
    """Return what changes a key of an event of some kind, and returns the event."""

    def change(events: list[dict[str, Any]]) -> dict[str, Any]:
        event = [e for e in events if e["event"] == kind][nth]
        assert event[key] != value
        event[key] = value
        return event

    return change


def doubled(kind: str, key: str) -> Change:
    """Return what doubles a number of an event of some kind."""

    def change(events: list[dict[str, Any]]) -> dict[str, Any]:
        event = next(e for e in events if e["event"] == kind and e.get(key))
        event[key] = 2 * event[key]
        return event

    return change


FORGED = {
    "whom a co-player throws to": set_in("plan", "receiver", 9),
    "how long they wait": doubled("plan", "pause"),
    "how long the ball flies": doubled("plan", "flight"),
    "where receptions fall": set_in("phase", "places", [1]),
    "how many balls were received": set_in("release", "receptions", 7, -1),
    "who threw": set_in("release", "thrower", 4),
    "how long an answer took": doubled("release", "response_time"),
    "whom they chose": set_in("release", "chosen", 4, 1),
    "that it was over-ruled": set_in("release", "overruled", True),
    "when it was planned to be seen": doubled("release", "ready"),
    "which throw was caught": set_in("catch", "throw", 3),
    "how many presses came early": set_in("catch", "anticipations", 5),
    "who had the ball first": set_in("run", "first_holder", 3),
    "how the run ended": set_in("run_end", "ended", "left"),
    "what a press was used for": set_in("press", "use", "ignored"),
    "which condition came": set_in("cell", "conditions", ["fair", "unfair"]),
    "which item was asked": set_in("item", "order", 2),
    "an answer that cannot be": set_in("answer", "value", 7777),
    "when an item was asked": doubled("answer", "response_time"),
    "how long after the run": doubled("answer", "delay"),
    "when the others arrived": doubled("joined", "arrivals"),
    "which page was read": set_in("page", "page", "other"),
    "which step it was": set_in("step", "id", "03-other", 2),
    "what was agreed to": set_in("consent", "answer", "disagree"),
    "how it ended": set_in("end", "outcome", "stopped_by_participant"),
}


@pytest.mark.parametrize("what", FORGED)
def test_what_was_forged_with_its_chain_made_good_is_found_where_it_is(what: str, dataset: Path) -> None:
    """Only going through the session again can tell; the line is named."""
    changed_event: dict[str, Any] = {}

    def forge(events: list[dict[str, Any]]) -> None:
        changed_event.update(FORGED[what](events))

    rechain(the_journal(dataset), forge)
    assert journal.read(the_journal(dataset)).problem == ""
    found = difference(dataset)
    assert found.startswith("line ")
    assert abs(int(found.split()[1].rstrip(":")) - int(changed_event["n"])) <= 3, found


def test_an_event_that_was_taken_out_or_put_in_is_found(dataset: Path) -> None:
    """Of every kind, with the chain made good."""
    content = the_journal(dataset).read_bytes()
    kinds = {e["event"] for e in journal.read(the_journal(dataset)).events} - {"session", "segment"}
    for kind in sorted(kinds):
        for times in (0, 2):
            the_journal(dataset).write_bytes(content)

            def again(
                events: list[dict[str, Any]], kind: str = kind, times: int = times
            ) -> Iterator[dict[str, Any]]:
                last = [e for e in events if e["event"] == kind][-1]
                for event in events:
                    yield from [event] * (times if event is last else 1)

            rechain(the_journal(dataset), again)
            if kind == "end" and times == 0:  # then it reads as one that was cut off, and its tables tell
                assert "sessions.tsv" in difference(dataset)
            else:
                assert difference(dataset), (kind, times)


def without_answers(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Take every answer out."""
    return [event for event in events if event["event"] != "answer"]


def one_answer(**facts: object) -> Callable[[list[dict[str, Any]]], None]:
    """Return what changes an answer that had to be given."""

    def change(events: list[dict[str, Any]]) -> None:
        answer = next(e for e in events if e["event"] == "answer" and e["value"] is not None)
        answer.update(facts)
        if facts.get("response_time"):
            answer["t"] = answer["onset"] + answer["response_time"]

    return change


UNANSWERED = {
    "every answer taken out": (without_answers, "there is none to"),
    "an answer that was owed": (one_answer(value=None), "none was given to"),
    "a press from before the item": (one_answer(response_time=-1.0), "from before it was shown"),
    "an answer without a press": (
        one_answer(response_time=None, response_source=None, uncertainty=None),
        "nothing was pressed for",
    ),
}


@pytest.mark.parametrize("what", UNANSWERED)
def test_forms_that_nobody_could_have_passed_so_are_found(what: str, dataset: Path) -> None:
    """Also where the tables were made anew of what was forged."""
    forge, says = UNANSWERED[what]
    rechain(the_journal(dataset), forge)
    shutil.rmtree(dataset / "sub-001")
    (dataset / "participants.tsv").unlink()
    recover(study_at(dataset))
    assert says in difference(dataset)


def answering(**values: object) -> Callable[[list[dict[str, Any]]], None]:
    """Return what gives other answers to items of a form."""

    def change(events: list[dict[str, Any]]) -> None:
        for event in events:
            if event["event"] == "session":
                event["session"] = values["session"]
            elif event["event"] == "answer" and event["item"] in values:
                event["value"] = values[event["item"]]

    return change


def test_a_participant_may_answer_otherwise_in_another_session(tmp_path: Path) -> None:
    """Their row tells what the session said whose tables came last; what none of them said is found."""
    dataset = simulate(Simulation("classic", 1, 2, tmp_path)).dataset
    first = the_journal(dataset)
    again = Path(str(first).replace("ses-01", "ses-02"))
    again.parent.mkdir()
    shutil.copyfile(first, again)
    rechain(first, answering(session="01", age=20, gender="woman"))
    rechain(again, answering(session="02", age=21, gender="man"))
    shutil.rmtree(dataset / "sub-001")
    people = dataset / "participants.tsv"
    people.unlink()
    recover(study_at(dataset))
    for file in (first, again):
        assert first_difference(dataset_of(file), journal.read(file)) == ""
    whole = people.read_text(encoding="utf-8")
    for other in ("22", "n/a"):
        people.write_text(whole.replace("\t21\t", f"\t{other}\t"), encoding="utf-8")
        assert "has age" in first_difference(dataset_of(first), journal.read(first))


def test_a_seed_that_is_another_gives_another_session(dataset: Path) -> None:
    """The first draw that it leads to is named."""

    def reseed(events: list[dict[str, Any]]) -> None:
        events[0]["seed"] += 1

    rechain(the_journal(dataset), reseed)
    assert difference(dataset).startswith("line ")


def test_a_session_that_breaks_off_is_recomputed_as_far_as_it_goes(made: Path, tmp_path: Path) -> None:
    """Cut off after every single event, as a kill may leave it."""
    events = journal.read(the_journal(made)).events
    for count in range(3, len(events), 7):
        dataset = Path(shutil.copytree(made, tmp_path / f"cut{count}_simulated"))
        shutil.rmtree(dataset / "sub-001")
        (dataset / "participants.tsv").unlink()
        rechain(the_journal(dataset), partial(first_of, count))
        recover(study_at(dataset))
        assert difference(dataset) == "", count


def first_of(count: int, events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the first events."""
    return events[:count]


def test_what_cannot_be_verified_is_refused_by_name(dataset: Path, tmp_path: Path) -> None:
    """Another rules version, a file in no dataset, a place that is nothing."""
    file = the_journal(dataset)
    elsewhere = tmp_path / file.name
    shutil.copyfile(file, elsewhere)
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace(f'"rules": {journal.RULES}', '"rules": 1', 1), encoding="utf-8")
    found = verify([file, elsewhere], lambda _line: None, lambda: None)
    assert found.same == 0
    # A changed first line breaks its own hash; both are told as what they are.
    assert "another version" in found.refused[0] or "no journal" in found.refused[0]
    assert "lies in no dataset" in found.refused[1]
    with pytest.raises(StudyError, match="there is no such journal or dataset"):
        journals_in([tmp_path / "nowhere"])


def test_another_rules_version_is_named(dataset: Path) -> None:
    """With its chain made good, it is refused for what it is."""

    def older(events: list[dict[str, Any]]) -> None:
        events[0]["rules"] = 1

    rechain(the_journal(dataset), older)
    found = verify([the_journal(dataset)], lambda _line: None, lambda: None)
    assert f"rules 1; this one reads {journal.FORMAT}, {journal.RULES}" in found.refused[0]


def test_missing_files_are_named(dataset: Path) -> None:
    """A table that is gone, one too many, definitions that are gone."""
    table = sorted(dataset.glob("sub-001/ses-01/beh/*_beh.tsv"))[0]
    text = table.read_text(encoding="utf-8")
    table.unlink()
    assert difference(dataset) == (
        f"{table.relative_to(dataset).as_posix()}: is missing; 'spot recover' writes it"
    )
    table.write_text(text, encoding="utf-8")
    extra = table.with_name(table.name.replace("run-", "run-9"))
    extra = extra if extra != table else table.with_name(f"x{table.name}")
    extra.write_text(text, encoding="utf-8")
    assert "comes from no event of the record" in difference(dataset)
    extra.unlink()
    shutil.rmtree(dataset / "sourcedata" / "definitions")
    assert "definitions were kept there" in difference(dataset)


def test_a_journal_that_is_gone_is_missed(dataset: Path) -> None:
    """Where its tables are still there."""
    file = the_journal(dataset)
    shutil.rmtree(file.parent)
    found = verify(journals_in([dataset]), lambda _line: None, lambda: None)
    assert found.differences == [f"{file.name}: is gone, and the session has tables"]


def test_a_slot_that_another_has_is_found(dataset: Path) -> None:
    """The cell is that of the slot that was claimed for the participant."""
    slot = next((dataset / "sourcedata" / "allocation").glob("slot-00001.json"))
    slot.write_text(slot.read_text(encoding="utf-8").replace('"001"', '"002"'), encoding="utf-8")
    assert "slot 1 is not claimed for the participant" in difference(dataset)


def test_a_row_of_the_study_is_compared_cell_by_cell(dataset: Path) -> None:
    """The column is named, with both values."""
    file = dataset / "sub-001" / "sub-001_sessions.tsv"
    file.write_text(file.read_text(encoding="utf-8").replace("completed", "complete"), encoding="utf-8")
    assert difference(dataset) == (
        "sub-001/sub-001_sessions.tsv: line 2 has outcome = complete, recomputed completed"
    )


def spot(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, *words: str) -> tuple[int, str]:
    """Run the command line; return its exit code and all that it printed."""
    monkeypatch.setattr("sys.argv", ["spot", *words])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    shown = capsys.readouterr()
    return int(ended.value.code or 0), shown.out + shown.err


def test_the_command_says_how_many_are_the_same(
    dataset: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """0 when all are; 1 with the first difference of each; 4 when some were refused."""
    code, said = spot(capsys, monkeypatch, "verify", str(dataset))
    assert (code, said.splitlines()[-1]) == (0, "1 of 1 sessions is as recomputed")
    file = the_journal(dataset)
    elsewhere = dataset.parent / file.name
    shutil.copyfile(file, elsewhere)
    code, said = spot(capsys, monkeypatch, "verify", str(file), str(elsewhere))
    assert code == 4
    assert "1 of 2 sessions is as recomputed; 1 was refused" in said
    file.write_bytes(file.read_bytes().replace(b'"receiver": 1', b'"receiver": 3', 1))
    code, said = spot(capsys, monkeypatch, "verify", str(file))
    assert code == 1
    assert "0 of 1 sessions are as recomputed; 1 differs" in said
    assert "changed, lost or doubled" in said


def test_a_journal_of_people_lies_where_a_simulated_one_does(made: Path) -> None:
    """The dataset is found from the journal's own place."""
    study = dataset_of(the_journal(made))
    assert study.journal(Who("001", "01")) == the_journal(made).resolve()
    assert isinstance(study, Study)
