"""Studies: where things lie, what is refused, and that people and simulated participants never mix."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest

from experiment import definitions
from experiment.study import SIMULATED_SUFFIX, Study, StudyError, Who, check_code, session_label, study_at
from tests.scripted import tiny

WHO = Who("A1", "02")


def changed(place: str) -> definitions.Resolved:
    """Return the tiny protocol with one of its files changed under the same name."""
    resolved = tiny()
    files = {**resolved.files, place: resolved.files[place] + "\n# changed\n"}
    return dataclasses.replace(resolved, files=files)


def test_a_snapshot_of_the_definitions_is_kept(tmp_path: Path) -> None:
    """Every file, to the byte, under its digest; once."""
    study, resolved = Study(tmp_path, "tiny"), tiny()
    study.prepare(resolved)
    folder = study.dataset / "sourcedata" / "definitions" / resolved.digest
    kept = {f.relative_to(folder).as_posix(): f.read_text(encoding="utf-8") for f in folder.rglob("*.toml")}
    assert kept == resolved.files
    assert study.known_digests() == {resolved.digest: folder}
    before = {f: f.stat().st_mtime_ns for f in study.dataset.rglob("*") if f.is_file()}
    study.prepare(resolved)
    assert {f: f.stat().st_mtime_ns for f in study.dataset.rglob("*") if f.is_file()} == before


def test_a_snapshot_resolves_to_the_same_definitions(tmp_path: Path) -> None:
    """So that scores can be computed by what the study was run with."""
    study, resolved = Study(tmp_path, "tiny"), tiny()
    study.prepare(resolved)
    folder = study.known_digests()[resolved.digest]
    again = definitions.resolve(folder / "protocols" / "tiny.toml")
    assert again.digest == resolved.digest
    assert (again.protocol, again.games, again.measures) == (
        resolved.protocol,
        resolved.games,
        resolved.measures,
    )


@pytest.mark.parametrize("place", sorted(tiny().files))
def test_a_definition_that_changed_under_its_name_is_refused(place: str, tmp_path: Path) -> None:
    """Whichever file it is, by name and with the way out."""
    study = Study(tmp_path, "tiny")
    study.prepare(tiny())
    with pytest.raises(StudyError, match=f"conditions/{place}: has changed .* another name"):
        study.prepare(changed(place))
    assert list(study.known_digests()) == [tiny().digest]


def test_a_new_definition_may_join_a_study(tmp_path: Path) -> None:
    """What was there has not changed."""
    study, resolved = Study(tmp_path, "tiny"), tiny()
    study.prepare(resolved)
    more = dataclasses.replace(resolved, files={**resolved.files, "games/new.toml": "x"})
    study.prepare(more)
    assert set(study.known_digests()) == {resolved.digest, more.digest}


def test_people_and_simulated_participants_never_mix(tmp_path: Path) -> None:
    """They have datasets of their own, and a marker that is believed before the name."""
    people, simulated = Study(tmp_path, "tiny"), Study(tmp_path, "tiny", simulated=True)
    assert people.dataset != simulated.dataset
    assert simulated.dataset.name.endswith(SIMULATED_SUFFIX)
    assert people.private != simulated.private
    simulated.prepare(tiny())
    simulated.dataset.rename(people.dataset)
    with pytest.raises(StudyError, match=r"holds simulated participants; .* never mixed"):
        people.prepare(tiny())


def test_simulated_participants_do_not_go_among_people(tmp_path: Path) -> None:
    """The other way round."""
    people, simulated = Study(tmp_path, "tiny"), Study(tmp_path, "tiny", simulated=True)
    people.prepare(tiny())
    people.dataset.rename(simulated.dataset)
    with pytest.raises(StudyError, match="holds people"):
        simulated.prepare(tiny())


@pytest.mark.parametrize("simulated", [False, True])
def test_a_dataset_says_what_it_is(simulated: bool, tmp_path: Path) -> None:
    """And its folder is found again as the same study."""
    study = Study(tmp_path, "tiny", simulated=simulated)
    study.prepare(tiny())
    description = json.loads((study.dataset / "dataset_description.json").read_text(encoding="utf-8"))
    assert description["Simulated"] is simulated
    assert ("simulated" in description["Name"]) is simulated
    readme = (study.dataset / "README.md").read_text(encoding="utf-8")
    assert readme.count("Simulated participants") == int(simulated)
    found = study_at(study.dataset)
    assert (found.dataset, found.name, found.simulated) == (study.dataset.resolve(), "tiny", simulated)
    assert (found.private, found.spool) == (study.private.resolve(), study.spool)


def test_what_is_no_dataset_is_refused(tmp_path: Path) -> None:
    """A folder without a description, none at all, one with an unreadable description."""
    with pytest.raises(StudyError, match="is no dataset"):
        study_at(tmp_path)
    with pytest.raises(StudyError, match="is no dataset"):
        study_at(tmp_path / "nowhere")
    for damaged in (b"{", b"[]", b"\xff\xfe{}"):
        (tmp_path / "dataset_description.json").write_bytes(damaged)
        with pytest.raises(StudyError, match="is no dataset"):
            study_at(tmp_path)


@pytest.mark.parametrize("damaged", [b"{", b"[]", b"\xff\xfe{}"])
def test_a_damaged_description_is_refused_by_name(damaged: bytes, tmp_path: Path) -> None:
    """Nobody can tell any more whether the dataset holds people."""
    study = Study(tmp_path, "tiny")
    study.prepare(tiny())
    (study.dataset / "dataset_description.json").write_bytes(damaged)
    with pytest.raises(StudyError, match=r"dataset_description\.json: is not readable"):
        study.check(tiny())


def test_a_dataset_may_be_called_anything(tmp_path: Path) -> None:
    """A copy under another name is still what its description says."""
    study = Study(tmp_path, "tiny", simulated=True)
    study.prepare(tiny())
    study.dataset.rename(tmp_path / "example")
    found = study_at(tmp_path / "example")
    assert found.dataset == (tmp_path / "example").resolve()
    assert found.simulated


@pytest.mark.parametrize("code", ["1", "001", "Ab9", "a" * 16])
def test_codes_of_letters_and_digits_are_taken(code: str) -> None:
    """As they are."""
    assert check_code(code) == code


@pytest.mark.parametrize(
    "code", ["", "a" * 17, "a b", "a-b", "a_b", "ö1", "../x", "a\n", "١", "sub/1", "a.b"]
)
def test_other_codes_are_refused(code: str) -> None:
    """A code names files on every system."""
    with pytest.raises(StudyError, match="1 to 16 letters"):
        check_code(code)


def test_sessions_are_labelled_with_two_digits() -> None:
    """From 1 to 99."""
    assert [session_label(n) for n in (1, 9, 99)] == ["01", "09", "99"]
    for number in (0, 100, -1):
        with pytest.raises(StudyError, match="1 to 99"):
            session_label(number)


def test_real_journals_begin_on_this_computer_and_simulated_ones_in_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A share that hangs stops no session; a simulation needs no second copy."""
    monkeypatch.setenv("SPOT_SPOOL", str(tmp_path / "spool"))
    real, simulated = Study(tmp_path / "data", "tiny"), Study(tmp_path / "data", "tiny", simulated=True)
    assert real.local_journal(WHO).parent.parent == tmp_path / "spool"
    assert real.journal(WHO) == tmp_path / "data/tiny/sourcedata/sub-A1/ses-02/sub-A1_ses-02_journal.jsonl"
    assert real.local_private(WHO).parent == real.spool
    assert real.private_journal(WHO) == tmp_path / "data/private/tiny/sub-A1_ses-02_private.jsonl"
    assert simulated.local_journal(WHO) == simulated.journal(WHO)
    assert real.dataset not in real.private_journal(WHO).parents


def test_two_datasets_of_one_name_have_two_spools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Codes of two studies never meet in one folder."""
    monkeypatch.setenv("SPOT_SPOOL", str(tmp_path / "spool"))
    assert Study(tmp_path / "a", "tiny").spool != Study(tmp_path / "b", "tiny").spool
