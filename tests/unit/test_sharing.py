"""A shared copy holds what was permitted, gives the same numbers, and tells of nobody else."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from analysis import compare, composites, describe, scores
from analysis import dataset as datasets
from analysis.flow import permitted
from experiment import journal, recheck, sharing
from experiment.copying import Copy
from experiment.earlier import machine_mark
from experiment.recheck import VALIDATOR
from experiment.shareable import COLUMNS, SHARED, WITHHELD, SharingError
from experiment.sharing import share
from experiment.simulate import Simulation, simulate
from experiment.study import Study, StudyError, Who, study_at
from experiment.withdrawing import withdraw
from tests.scripted import CONDITIONS
from tests.unit.test_cli import spot
from tests.unit.test_roster import Lab

REFUSED, UNANSWERED, GONE = "002", "005", "007"


@pytest.fixture(scope="module")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a study of which two participants give no permission and one has withdrawn."""
    folder = tmp_path_factory.mktemp("simulated")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SPOT_SPOOL", str(folder / "spool"))
        study = simulate(Simulation("classic", 14, 3, folder / "data"))
        change(sessions_of(study, REFUSED), "granted", "refused")
        change(sessions_of(study, UNANSWERED), "granted", "unanswered")
        withdraw(study, GONE)
    return folder / "data"


@pytest.fixture
def study(simulated: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Study:
    """Return a copy of that study, which a test may change."""
    monkeypatch.setenv("SPOT_SPOOL", str(tmp_path / "spool"))
    shutil.copytree(simulated, tmp_path / "data")
    return study_at(tmp_path / "data" / "classic_simulated")


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """Return where a copy goes."""
    return tmp_path / "shared" / "copy"


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave the validator out, which takes a second or two."""
    monkeypatch.setattr(sharing, "validate", lambda _folder: "")


def sessions_of(study: Study, code: str) -> Path:
    """Return the table of a participant's sessions."""
    return study.dataset / f"sub-{code}" / f"sub-{code}_sessions.tsv"


def change(file: Path, old: str, new: str) -> None:
    """Change the first of some words in a file, which must be there."""
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")


def append(file: Path, words: str) -> None:
    """Add words to a file."""
    file.write_text(file.read_text(encoding="utf-8") + words, encoding="utf-8")


def person(table: Path, label: str) -> dict[str, str]:
    """Return what a table says of a participant."""
    head, *rows = [line.split("\t") for line in table.read_text(encoding="utf-8").splitlines()]
    return next(dict(zip(head, row, strict=True)) for row in rows if row[0] == label)


def beh(study: Study, code: str, task: str) -> Path:
    """Return a table of ratings."""
    return next((study.dataset / f"sub-{code}" / "ses-01" / "beh").glob(f"*_task-{task}_*_beh.tsv"))


def content(folder: Path) -> bytes:
    """Return all names and bytes of a copy."""
    found = sorted(path for path in folder.rglob("*"))
    assert found
    return b"\n".join(
        path.relative_to(folder).as_posix().encode() + b"\n" + (path.read_bytes() if path.is_file() else b"")
        for path in found
    )


def private_words(study: Study) -> set[str]:
    """Return every text and note that is kept with the private files."""
    files = sorted(study.private.glob("*_private.jsonl"))
    events = [event for file in files for event in journal._unbroken(file, file.read_bytes()).events]
    return {str(event["text"]) for event in events if "text" in event}


def test_each_column_of_each_table_is_decided() -> None:
    """Shared or withheld, and a withheld one with a reason: a new column is not shared by accident."""
    for kind, columns in COLUMNS.items():
        names = [column.name for column in columns]
        assert sorted([*SHARED[kind], *WITHHELD[kind]]) == sorted(names), kind
        assert all(WITHHELD[kind].values())


def test_no_byte_tells_of_who_did_not_permit_or_of_what_is_private(study: Study, out: Path) -> None:
    """Neither codes, nor texts, references, seeds, the allocation, records, photographs or folders."""
    told = private_words(study)
    assert told
    sessions = pd.concat(
        [pd.read_csv(file, sep="\t", dtype=str) for file in study.dataset.glob("sub-*/*_sessions.tsv")]
    )
    done = share(study, out)
    assert done.skipped == ()
    copied = content(out)
    for code in (REFUSED, UNANSWERED, GONE):
        assert f"sub-{code}".encode() not in copied
        assert f'"{code}"'.encode() not in copied
    for words in (*told, *sessions["seed"], "_text-0", str(study.dataset), str(Path.home())):
        assert words.encode() not in copied, words
    held = {path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file()}
    allowed = re.compile(
        r"README\.md|dataset_description\.json|participants\.(tsv|json)|task-\w+_(events|beh)\.json"
        r"|sub-\d+/sub-\d+_sessions\.(tsv|json)|sub-\d+/ses-01/beh/sub-\d+_ses-01_[\w-]+_(events|beh)\.tsv"
        r"|sourcedata/definitions/[0-9a-f]{16}/(games|measures|protocols|texts)/\w+\.toml"
    )
    assert [name for name in held if not allowed.fullmatch(name)] == []
    assert len(list(out.glob("sub-*"))) == 11


def test_people_leave_no_time_place_or_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, out: Path
) -> None:
    """Of a study of people, whose records have all of these."""
    monkeypatch.setenv("SPOT_SPOOL", str(tmp_path / "spool"))
    shutil.copytree(CONDITIONS, tmp_path / "conditions")
    lab = Lab(tmp_path, tmp_path / "conditions" / "protocols" / "tiny.toml")
    lab.run("001")
    segment = next(journal.read(lab.study.journal(Who("001", "01"))).all("segment"))
    assert segment["wall"][:10].encode() in content(lab.study.dataset)
    share(lab.study, out)
    copied = content(out)
    for words in (segment["wall"][:10], machine_mark(), segment["system"], str(tmp_path)):
        assert words.encode() not in copied, words
    assert datasets.load(out).simulated is False


def scored(data: datasets.Dataset) -> pd.DataFrame:
    """Return scores by condition and the comparison of the conditions."""
    used = permitted(data)
    made = scores.score(used.ratings, used.measures)
    compared = compare.between(composites.distress(made), "exclusion", "inclusion")
    return pd.concat([describe.by_condition(made), compared])


@pytest.mark.parametrize("renumber", [False, True])
@pytest.mark.usefixtures("quick")
def test_the_copy_gives_the_same_numbers(study: Study, out: Path, renumber: bool) -> None:
    """Scores, descriptions and comparisons are those of the dataset's permitted sessions."""
    share(study, out, renumber=renumber)
    copy, data = datasets.load(out), datasets.load(study.dataset)
    assert copy.skipped == ()
    assert copy.simulated
    pd.testing.assert_frame_equal(scored(copy), scored(data), rtol=1e-12)
    assert len(copy.throws) == len(permitted(data).throws) > 0


@pytest.mark.usefixtures("quick")
def test_summarize_writes_the_same_tables(study: Study, out: Path, tmp_path: Path) -> None:
    """The command itself: what it says of scores and conditions is the same byte for byte."""
    share(study, out)
    assert spot("summarize", study.dataset, "--out", tmp_path / "one") == 0
    assert spot("summarize", out, "--out", tmp_path / "two") == 0
    for name in (
        "scores",
        "by_participant",
        "by_condition",
        "comparisons",
        "omnibus",
        "reliability",
        "demographics",
    ):
        assert (tmp_path / "one" / f"{name}.tsv").read_bytes() == (
            tmp_path / "two" / f"{name}.tsv"
        ).read_bytes()


@pytest.mark.usefixtures("quick")
def test_new_codes_are_in_random_order_and_kept_apart(study: Study, out: Path) -> None:
    """No old code is in the copy; which is whose stands with the private files, and withdrawing tells it."""
    share(study, out, renumber=True)
    share(study, out.with_name("other"), renumber=True)
    orders = []
    for name in ("copy", "other"):
        kept = pd.read_csv(study.private / f"shared-codes_{name}.tsv", sep="\t", dtype=str)
        codes = dict(zip(kept["participant_id"], kept["shared_id"], strict=True))
        orders.append(list(codes.values()))
        assert sorted(codes.values()) == [f"sub-P{number:03d}" for number in range(1, 12)]
        copied = content(out.with_name(name))
        assert not re.search(rb"sub-\d", copied)
        people = datasets.load(out.with_name(name)).participants.set_index("participant_id")
        own = datasets.load(study.dataset).participants.set_index("participant_id")
        assert all(people.loc[new, "age"] == own.loc[old, "age"] for old, new in codes.items())
    assert orders[0] != orders[1]
    assert orders[0] != sorted(orders[0])
    done = withdraw(study, "001")
    assert sum(f"'{name}' they are {order[0]}" in line for line in done.lines
               for name, order in zip(("copy", "other"), orders, strict=True)) == 2  # fmt: skip
    assert b"sub-001\t" not in (study.private / "shared-codes_copy.tsv").read_bytes()


def test_the_validator_is_asked_where_it_is(study: Study, out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was done is said; an error that it finds leaves no copy."""
    assert f"{VALIDATOR} finds no error" in "\n".join(share(study, out).lines)
    with monkeypatch.context() as patch:
        patch.setattr(recheck.shutil, "which", lambda *_given, **_named: None)  # type: ignore[attr-defined]
        assert "not installed here" in "\n".join(share(study, out.with_name("other")).lines)
    plain = recheck.compare

    def spoilt(data: datasets.Dataset, folder: Path, *more: object) -> None:
        plain(data, folder, *more)  # type: ignore[arg-type]
        (folder / "dataset_description.json").write_text("{}")

    monkeypatch.setattr(sharing, "compare", spoilt)
    with pytest.raises(SharingError, match=f"{VALIDATOR}: .*nothing was shared"):
        share(study, out.with_name("third"))
    assert sorted(each.name for each in out.parent.iterdir()) == ["copy", "other"]


@pytest.mark.usefixtures("quick")
def test_a_place_that_is_taken_or_within_the_dataset_is_refused(study: Study, out: Path) -> None:
    """In words, and nothing is written."""
    out.mkdir(parents=True)
    before = content(study.dataset)
    for place, words in (
        (out, "exists already"),
        (study.dataset / "shared", "lies within"),
        (out / ".." / ".." / "data" / "classic_simulated" / "derivatives" / "copy", "lies within"),
        (study.private / "copy", "lies within"),
    ):
        with pytest.raises(StudyError, match=words):
            share(study, place)
    assert list(out.iterdir()) == []
    assert content(study.dataset) == before


class Killed(BaseException):
    """The program ends here."""


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("part", ["write", "compare", "look_for_traces"])
def test_a_copy_is_there_whole_or_not_at_all(
    study: Study, out: Path, monkeypatch: pytest.MonkeyPatch, part: str
) -> None:
    """Whatever it dies of; what an earlier program left half made is no hindrance."""

    def die(*_given: object, **_named: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        owner = Copy if part == "write" else sharing
        patch.setattr(owner, part, die)
        with pytest.raises(Killed):
            share(study, out, renumber=True)
    assert list(out.parent.iterdir()) == []
    assert not list(study.private.glob("shared-codes*"))
    half = out.with_name(f".{out.name}.unfinished")
    half.mkdir()
    (half / "sub-002.txt").write_text("left")
    share(study, out)
    assert [each.name for each in out.parent.iterdir()] == ["copy"]
    assert b"sub-002" not in content(out)


Spoil = Callable[[Study], None]


def _typed_as_option(study: Study) -> None:
    file = beh(study, "001", "suspicion")
    file.write_text(re.sub(r"(\treal\tn/a\t)[^\t]+", r"\1Ann_told_me", file.read_text()))


def _sentence_as_phase(study: Study) -> None:
    file = next((study.dataset / "sub-001").rglob("*_task-cyberball_*_events.tsv"))
    change(
        file, "\tinclusion\t" if "\tinclusion\t" in file.read_text() else "exclusion", "\tshe left early\t"
    )


def _short_row(study: Study) -> None:
    file = beh(study, "001", "needs")
    file.write_text(file.read_text().rstrip("\n").rpartition("\t")[0] + "\n")


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("spoil", [_typed_as_option, _sentence_as_phase, _short_row])
def test_a_table_with_what_it_cannot_hold_is_left_out_and_named(
    study: Study, out: Path, spoil: Spoil
) -> None:
    """Exit code 4; all else is copied."""
    spoil(study)
    done = share(study, out)
    assert len(done.skipped) == 1
    assert done.skipped[0].startswith("sub-001/ses-01/beh/")
    copied = content(out)
    assert b"Ann_told_me" not in copied
    assert b"she left" not in copied
    assert spot("share", study.dataset, "--out", out.with_name("again")) == 4


@pytest.mark.usefixtures("quick")
def test_what_somebody_added_by_hand_is_not_copied(study: Study, out: Path) -> None:
    """A column, a note in the README, a text in a table, a folder of another device; the last is named."""
    table = study.dataset / "participants.tsv"
    rows = table.read_text().splitlines()
    table.write_text(
        "\n".join(f"{row}\t{'email' if not n else 'a@b.example'}" for n, row in enumerate(rows)) + "\n"
    )
    (study.dataset / "README.md").write_text("Ask Ann Smith")
    change(study.dataset / "participants.json", "Age, as answered", "Ann Smith")
    typed = beh(study, "001", "suspicion")
    typed.write_text(re.sub(r"(\todd\tn/a\t)n/a", r"\1Ann_Smith", typed.read_text()))
    other = study.dataset / "sub-001" / "ses-01" / "eeg"
    other.mkdir()
    (other / "sub-001_ses-01_task-cyberball_eeg.vhdr").write_text("Ann Smith")
    done = share(study, out)
    assert not re.search(rb"Ann.Smith|a@b", content(out))
    assert "'email' of participants.tsv" in "\n".join(done.lines)
    assert done.skipped == ("sub-001/ses-01/eeg: only tables in beh are copied; left out",)


@pytest.mark.usefixtures("quick")
def test_a_sentence_about_a_participant_stops_the_sharing(study: Study, out: Path) -> None:
    """A row of the study's own table cannot be left out without leaving out the participant."""
    change(study.dataset / "participants.tsv", "sub-001\t", "sub-001\tabout ")
    with pytest.raises((SharingError, StudyError)):
        share(study, out)
    assert not out.exists()


@pytest.mark.usefixtures("quick")
def test_what_only_a_refused_session_told_is_missing(study: Study, out: Path) -> None:
    """One row is made of all sessions: age and hand of one that is not shared are not shared either."""
    first, second = (study.dataset / "sub-001" / f"ses-0{number}" for number in (1, 2))
    shutil.copytree(first, second)
    for file in second.rglob("*.tsv"):
        file.rename(file.with_name(file.name.replace("ses-01", "ses-02")))
    table = sessions_of(study, "001")
    row = table.read_text().splitlines()[1]
    table.write_text(table.read_text() + row.replace("ses-01", "ses-02").replace("granted", "refused") + "\n")
    about = beh(study, "001", "demographics")
    about.write_text(re.sub(r"(\tage\tn/a\t)\d+", r"\1n/a", about.read_text()))
    share(study, out)
    kept, own = (person(path / "participants.tsv", "sub-001") for path in (out, study.dataset))
    assert kept["age"] == "n/a" != own["age"]
    assert kept["handedness"] == own["handedness"] != "n/a"
    assert not (out / "sub-001" / "ses-02").exists()


@pytest.mark.usefixtures("quick")
def test_sessions_cut_off_or_without_tables_are_named(study: Study, out: Path) -> None:
    """The first has no permission; of the second nothing is left to copy, and with it nobody."""
    change(sessions_of(study, UNANSWERED), "completed", "cut_off")
    shutil.rmtree(study.dataset / "sub-001" / "ses-01" / "beh")
    done = share(study, out)
    assert done.skipped == (
        f"sub-{UNANSWERED}/ses-01: was cut off, without permission; left out",
        "sub-001/ses-01: has no table to share; left out",
    )
    assert b"sub-001" not in content(out)
    assert "10 participants, 10 sessions" in done.lines[0]


@pytest.mark.usefixtures("quick")
def test_without_permission_there_is_nothing_to_share(study: Study, out: Path) -> None:
    """In one line; no folder is made."""
    for file in study.dataset.glob("sub-*/*_sessions.tsv"):
        file.write_text(file.read_text().replace("granted", "refused"))
    with pytest.raises(StudyError, match="nobody has given permission"):
        share(study, out)
    assert not out.parent.exists()
    assert spot("share", study.dataset, "--out", out) == 2


@pytest.mark.usefixtures("quick")
def test_a_copy_that_is_not_the_dataset_is_not_given_out(
    study: Study, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One changed value, one lost row or a path of this computer, and nothing is left of it."""
    plain = Copy.write
    spoils: list[Callable[[Path], object]] = [
        lambda folder: change(folder / "sub-001" / "sub-001_sessions.tsv", "completed", "fault"),
        lambda folder: next(folder.rglob("*_task-needs_*_beh.tsv")).write_text("measure\n"),
        lambda folder: append(next(folder.rglob("measures/*.toml")), f"# {study.dataset}\n"),
        lambda folder: append(next(folder.rglob("measures/*.toml")), f"# sub-{REFUSED}\n"),
    ]
    for spoil in spoils:

        def write(copy: Copy, folder: Path, spoil: Callable[[Path], object] = spoil) -> None:
            plain(copy, folder)
            spoil(folder)

        monkeypatch.setattr(Copy, "write", write)
        with pytest.raises(SharingError, match="nothing was shared"):
            share(study, out)
        assert not out.exists()
