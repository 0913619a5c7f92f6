"""Simulated studies: the same to the byte, marked everywhere, and moved by exclusion as the model says."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from statistics import mean

import pytest

from experiment import definitions, journal
from experiment.allocation import Sequence
from experiment.bids import derive
from experiment.simulate import Simulation, simulate
from experiment.study import Study, StudyError
from tests.scripted import TINY
from tests.stratified import stratified

SHIPPED_PEOPLE = 40


def tree(folder: Path) -> dict[str, bytes]:
    """Return every file below a folder."""
    return {
        f.relative_to(folder).as_posix(): f.read_bytes() for f in sorted(folder.rglob("*")) if f.is_file()
    }


def simulated(folder: Path, *, people: int = 3, seed: int = 7, jobs: int = 1, effect: float = 1.0) -> Study:
    """Simulate the tiny protocol."""
    return simulate(Simulation(str(TINY), people, seed, folder, effect=effect), jobs=jobs)


def test_the_same_seed_gives_the_same_bytes_for_any_number_of_jobs(tmp_path: Path) -> None:
    """In every file, private ones and allocation included."""
    for name, jobs in (("one", 1), ("again", 1), ("two", 2)):
        simulated(tmp_path / name, people=11, jobs=jobs)
    one = tree(tmp_path / "one")
    assert len(one) > 11 * 7
    assert tree(tmp_path / "again") == one
    assert tree(tmp_path / "two") == one


# Strata: known only from answers, drawn for in the order of codes all the same


@pytest.fixture(scope="module")
def within_strata(tmp_path_factory: pytest.TempPathFactory) -> Study:
    """A study with strata, simulated by one process."""
    folder = tmp_path_factory.mktemp("strata")
    return simulate(Simulation(str(stratified(folder)), 14, 7, folder / "data"))


def test_a_study_with_strata_is_the_same_for_any_number_of_jobs(within_strata: Study, tmp_path: Path) -> None:
    """To the byte, in every file."""
    twice = simulate(Simulation(str(stratified(tmp_path)), 14, 7, tmp_path / "data"), jobs=2)
    assert tree(twice.data) == tree(within_strata.data)


def test_slots_within_strata_follow_the_order_of_codes(within_strata: Study) -> None:
    """Each in the stratum that its own answers say, with the cell that the stratum's sequence has."""
    sequence = Sequence.read(within_strata.dataset / "sourcedata" / "allocation" / "sequence.json")
    found: dict[str, list[tuple[str, int]]] = {}
    for path in within_strata.journals():
        recorded = journal.read(path)
        given = {e["item"]: e["value"] for e in recorded.all("answer") if e["stage"] == "baseline"}
        (drawn,) = recorded.all("cell")
        assert drawn["stratum"] == f"{given['gender']}-range{2 if given['age'] >= 27 else 1}"
        own = found.setdefault(drawn["stratum"], [])
        own.append((drawn["cell"], drawn["block"]))
        assert drawn["slot"] == len(own)
        slot = f"slot-{drawn['slot']:05d}_stratum-{drawn['stratum']}.json"
        claimed = within_strata.dataset / "sourcedata" / "allocation" / slot
        assert json.loads(claimed.read_text(encoding="utf-8"))["code"] == recorded.header["participant"]
    assert len(found) > 2
    for stratum, drawn_in in found.items():
        assert drawn_in == sequence.first(len(drawn_in), stratum)


def test_nobody_is_played_twice_without_strata(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The stratum is known: there is none."""

    def played_twice(*_: object) -> str:
        raise AssertionError

    monkeypatch.setattr("experiment.simulate._stratum_of", played_twice)
    simulated(tmp_path)


def test_the_audit_of_a_simulation_tells_no_moment_and_no_cell(within_strata: Study) -> None:
    """A row for each code and each slot, all by one sequence."""
    folder = within_strata.dataset / "sourcedata" / "allocation"
    head, *rows = [line.split("\t") for line in (folder / "audit.tsv").read_text("utf-8").splitlines()]
    assert [row[head.index("what")] for row in rows] == ["code_claimed"] * 14 + ["slot_drawn"] * 14
    assert {row[head.index(name)] for row in rows for name in ("time", "computer")} == {"n/a"}
    (fingerprint,) = {row[head.index("sequence")] for row in rows}
    digest = hashlib.sha256((folder / "sequence.json").read_bytes()).hexdigest()
    assert digest.startswith(fingerprint)
    assert "fair" not in (folder / "audit.tsv").read_text("utf-8")


def test_another_seed_gives_another_study(tmp_path: Path) -> None:
    """Other answers, other throws."""
    simulated(tmp_path / "a", seed=1)
    simulated(tmp_path / "b", seed=2)
    one, two = tree(tmp_path / "a"), tree(tmp_path / "b")
    assert set(one) == set(two)
    journals = [place for place in one if place.endswith("_journal.jsonl")]
    assert len(journals) == 3
    assert all(one[place] != two[place] for place in journals)


def test_no_two_participants_are_alike(tmp_path: Path) -> None:
    """Each has a seed of their own."""
    headers = [journal.read(path).header for path in simulated(tmp_path, people=6).journals()]
    assert len({header["seed"] for header in headers}) == 6
    answers = [
        [e["value"] for e in journal.read(p).all("answer")]
        for p in Study(tmp_path, "tiny", simulated=True).journals()
    ]
    assert len({tuple(given) for given in answers}) == 6


def test_a_longer_study_begins_like_a_shorter_one(tmp_path: Path) -> None:
    """Participants are independent of how many follow."""
    few, many = simulated(tmp_path / "a", people=2), simulated(tmp_path / "b", people=4)
    for path in few.journals():
        assert path.read_bytes() == (many.dataset / path.relative_to(few.dataset)).read_bytes()


def test_simulated_is_marked_simulated_everywhere(tmp_path: Path) -> None:
    """Name, description, README, journals, participants, sessions, presses."""
    study = simulated(tmp_path)
    assert study.dataset.name == "tiny_simulated"
    description = json.loads((study.dataset / "dataset_description.json").read_text(encoding="utf-8"))
    assert description["Simulated"] is True
    for path in study.journals():
        recorded = journal.read(path)
        assert recorded.header["simulated"] is True
        assert {e["source"] for e in recorded.all("press")} == {"simulated"}
    for table in (study.dataset / "participants.tsv", *study.dataset.glob("sub-*/*_sessions.tsv")):
        head, *rows = [line.split("\t") for line in table.read_text(encoding="utf-8").splitlines()]
        assert rows
        assert {row[head.index("simulated")] for row in rows} == {"true"}


def test_nothing_of_this_machine_or_moment_is_in_a_simulation(tmp_path: Path) -> None:
    """So that it can be made again anywhere."""
    for path in simulated(tmp_path).journals():
        (segment,) = journal.read(path).all("segment")
        assert (segment["wall"], segment["machine"]) == (None, None)
        assert str(tmp_path) not in path.read_text(encoding="utf-8")


@pytest.mark.parametrize("left", ["dataset", "private"])
def test_an_existing_study_is_refused(left: str, tmp_path: Path) -> None:
    """By name; also where only its private texts are left, which would change the references."""
    study = simulated(tmp_path)
    gone = study.private if left == "dataset" else study.dataset
    for file in sorted(gone.rglob("*"), reverse=True):
        file.rmdir() if file.is_dir() else file.unlink()
    before = tree(tmp_path)
    with pytest.raises(StudyError, match="exists already; remove it or give another --data"):
        simulated(tmp_path)
    assert tree(tmp_path) == before


def test_cells_are_balanced(tmp_path: Path) -> None:
    """As allocation gives them."""
    cells = [derive(journal.read(path)).session["cell"] for path in simulated(tmp_path, people=12).journals()]
    assert abs(cells.count("fair") - cells.count("unfair")) <= 2


@pytest.fixture(scope="module")
def classic(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, list[float]]]:
    """Need satisfaction (percent of maximum) and change of pain by condition, in the classic protocol."""
    study = simulate(Simulation("classic", SHIPPED_PEOPLE, 11, tmp_path_factory.mktemp("classic")), jobs=2)
    resolved = definitions.resolve("classic")
    found: dict[str, dict[str, list[float]]] = {}
    for path in study.journals():
        recorded = journal.read(path)
        pain = [e for e in recorded.all("answer") if e["measure"] == "pain_intensity"]
        change = pain[1]["value"] - pain[0]["value"]
        found.setdefault("pain", {}).setdefault(pain[1]["condition"], []).append(change)
        for answer in recorded.all("answer"):
            if answer["stage"] != "reflexive" or answer["measure"] != "needs":
                continue
            measure = resolved.measures[answer["measure"]]
            item = measure.item(answer["item"])
            low, high = measure.bounds(item)
            percent = 100 * (answer["value"] - low) / (high - low)
            percent = 100 - percent if item.reverse else percent
            found.setdefault(answer["measure"], {}).setdefault(answer["condition"], []).append(percent)
    return found


def test_exclusion_lowers_needs_by_about_what_the_model_says(
    classic: dict[str, dict[str, list[float]]],
) -> None:
    """Mean of the four needs: 59.5 included, 34.0 ostracised (percent of maximum possible)."""
    needs = {condition: mean(values) for condition, values in classic["needs"].items()}
    assert needs["inclusion"] == pytest.approx(59.5, abs=9)
    assert needs["exclusion"] == pytest.approx(34.0, abs=9)
    assert needs["exclusion"] + 12 < needs["inclusion"]
    assert needs["exclusion"] < needs["gradual_exclusion"] < needs["inclusion"]


def test_pain_does_not_depend_on_the_condition(classic: dict[str, dict[str, list[float]]]) -> None:
    """As in published data sets without a stimulus: after exclusion as before any game."""
    assert set(classic["pain"]) == {"inclusion", "exclusion", "gradual_exclusion"}
    for changes in classic["pain"].values():
        assert abs(mean(changes)) < 9


def test_without_an_effect_exclusion_changes_nothing_that_is_felt(tmp_path: Path) -> None:
    """The null of a rehearsal."""
    study = simulated(tmp_path, people=30, effect=0.0)
    feelings: dict[str, list[float]] = {"fair": [], "unfair": []}
    for path in study.journals():
        for answer in journal.read(path).all("answer"):
            if answer["stage"] == "reflexive":
                value = 6 - answer["value"] if answer["item"] == "bad" else answer["value"]
                feelings[answer["condition"]].append(value)
    assert mean(feelings["fair"]) == pytest.approx(mean(feelings["unfair"]), abs=0.6)
