"""Designs with repeats, factors, an ending and variants: simulated by the session's own code, and by hand."""

from __future__ import annotations

import io
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from rich.console import Console
from scipy import stats

from analysis import describe
from analysis.composites import received_scores
from analysis.dataset import Dataset, load
from analysis.factors import by_level, levels
from analysis.frames import one_per_participant
from analysis.interactions import differences_between_levels
from analysis.results import Summary
from analysis.runs import played
from analysis.samples import contrast
from analysis.summarize import summarize
from experiment.definitions.library import read_protocol
from experiment.simulate import Simulation, simulate
from tests.scripted import CONDITIONS

PEOPLE = 8
PAGES = """
[lines]
hello = "Hello"

[pages.ending]
title = "One more"
body = ["Some words."]

[pages.players_human]
title = "The others"
body = ["They sit next door."]

[pages.players_computer]
title = "The others"
body = ["A program plays them."]
"""
FACTORS = """
[[design.factors]]
name = "belief"
levels = ["human", "computer"]

[[design.factors]]
name = "dose"
levels = ["a", "b"]
"""
ROUND = """
[[steps]]
kind = "each_condition"

  [[steps.steps]]
  kind = "game"

  [[steps.steps]]
  kind = "measure"
  measure = "feelings"
  stage = "reflexive"
"""
ASKED = """
[[steps]]
kind = "game"

[[steps]]
kind = "measure"
measure = "feelings"
stage = "reflexive"
"""
SPOKEN = """
[[phases]]
name = "instant"
duration_s = 0.01
probability = 0.5

[[phases]]
name = "timed"
duration_s = 12.0
probability = 0.5

[[chat]]
player = 1
text = "hello"
after_throw = 1

[[messages]]
text = "hello"
after_throw = 1
"""
BY_PAGE = '[[steps]]\nkind = "page"\npage = "players"\nby = "belief"\n\n[[steps]]\nkind = "connecting"'
BEFORE = '[[steps]]\nkind = "game"\ngame = "unfair"\n'


def change(text: str, *pairs: tuple[str, str]) -> str:
    """Return `text` with each of these replaced once."""
    for old, new in pairs:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return text


@pytest.fixture(scope="module")
def conditions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Definitions with a crossed design, a parametric one, and a variant of it."""
    root = tmp_path_factory.mktemp("designs") / "conditions"
    shutil.copytree(CONDITIONS, root)
    texts = root / "texts" / "en.toml"
    texts.write_text(texts.read_text(encoding="utf-8") + PAGES, encoding="utf-8")
    fair = (root / "games" / "fair.toml").read_text(encoding="utf-8")
    (root / "games" / "reunion.toml").write_text(fair, encoding="utf-8")
    spoken = change(fair.partition("[[phases]]")[0], ("throws = 9\n", "")) + SPOKEN
    (root / "games" / "spoken.toml").write_text(spoken, encoding="utf-8")
    tiny = (root / "protocols" / "tiny.toml").read_text(encoding="utf-8")
    between = 'between = ["fair", "unfair"]\n'
    crossed = change(
        tiny,
        ('study = "tiny"', 'study = "crossed"\nending = "reunion"'),
        (between, between + "block_repeats = [1]\n" + FACTORS),
        ('[[steps]]\nkind = "connecting"', BY_PAGE),
    )
    blocks = change(
        tiny,
        ('study = "tiny"', 'study = "blocks"\nending = "fair"'),
        (between, 'within = ["fair", "spoken"]\norder = "random"\nrepeats = 3\n'),
        (ASKED, BEFORE + ROUND),
    )
    told = 'extends = "blocks"\ntitle = "Told"\nstudy = "told"\nbelief = "scripted"\n'
    for name, text in (("crossed", crossed), ("blocks", blocks), ("told", told)):
        (root / "protocols" / f"{name}.toml").write_text(text, encoding="utf-8")
    return root


def simulated(conditions: Path, name: str) -> Path:
    """Simulate a study of one of these protocols and return its dataset."""
    protocol = conditions / "protocols" / f"{name}.toml"
    return simulate(Simulation(str(protocol), PEOPLE, 5, conditions.parent / name)).dataset


def printed(dataset: Path) -> tuple[Summary, str]:
    """Summarise a dataset and return the summary and what was printed."""
    out = io.StringIO()
    found = summarize(dataset, console=Console(file=out, width=100))
    return found, out.getvalue()


@pytest.fixture(scope="module")
def crossed(conditions: Path) -> tuple[Dataset, Summary, str]:
    """Two games by two beliefs by two doses; everybody plays a last game."""
    dataset = simulated(conditions, "crossed")
    return (load(dataset), *printed(dataset))


@pytest.fixture(scope="module")
def told(conditions: Path) -> tuple[Dataset, Summary, str]:
    """A variant without deception: two games, three times each; one before the design and one after it."""
    dataset = simulated(conditions, "told")
    return (load(dataset), *printed(dataset))


def test_throws_are_throws_alone(told: tuple[Dataset, Summary, str]) -> None:
    """What is said is kept apart; a phase of a moment has a row and no throw."""
    data = told[0]
    assert set(data.throws["trial_type"]) == {
        "coplayer_to_participant",
        "coplayer_to_coplayer",
        "participant_throw",
    }
    assert data.throws["receiver"].notna().all()
    assert set(data.others["trial_type"]) == {"chat", "message"}
    assert set(data.others["text"]) == {"hello"}
    assert len(data.others) == 2 * 3 * PEOPLE
    instant = data.phases[data.phases["phase"] == "instant"]
    assert len(instant) == 3 * PEOPLE
    thrown = data.throws[data.throws["phase"] == "instant"]
    assert thrown.empty
    files = list(data.path.rglob("*_events.tsv"))
    lines = sum(len(file.read_text(encoding="utf-8").splitlines()) - 1 for file in files)
    assert len(data.throws) + len(data.phases) + len(data.others) == lines


def test_a_variant_is_read_as_the_whole_that_it_makes(told: tuple[Dataset, Summary, str]) -> None:
    """Its design is that of the protocol it extends, whose file lies beside it and is no session's."""
    data, found, out = told
    assert data.skipped == ()
    (((_, name), protocol),) = data.protocols.items()
    assert (name, protocol.title, protocol.belief) == ("told", "Told", "scripted")
    assert found.conditions == ("fair", "spoken")
    assert found.beliefs == {"scripted": PEOPLE}
    assert "belief = scripted" in "\n".join(out.splitlines()[:4])


def test_each_participant_counts_once_whatever_they_played(told: tuple[Dataset, Summary, str]) -> None:
    """Three runs of a condition are one value; the game before the design and the last one are none."""
    data, found, out = told
    assert len(data.sessions["conditions"].iloc[0].split(",")) == 6
    runs = played(data.throws, data.phases, data.sessions, data.protocols)
    assert len(runs) == 8 * PEOPLE
    for _, own in runs.groupby("participant_id"):
        assert own["condition"].iloc[0] == "unfair"
        assert list(own["place"].fillna(0)) == [0, 1, 2, 3, 4, 5, 6, 0]
    rows = found.by_condition[found.by_condition["condition"].notna()]
    assert list(zip(rows["measure"], rows["condition"], strict=True)) == [
        (measure, game) for measure in ("feelings", "throws_received") for game in ("fair", "spoken")
    ]
    for name, expected in (("n", PEOPLE), ("n_missing", 0), ("n_runs", 3 * PEOPLE), ("runs_min", 3)):
        assert set(rows[name]) == {expected}
    assert set(found.comparisons["n"]) == {PEOPLE}
    assert set(found.reliability["n"]) == {PEOPLE}
    assert len(found.by_participant) == len(found.by_condition) * PEOPLE
    assert len(found.scores[found.scores["measure"] == "throws_received"]) == 6 * PEOPLE
    assert "Played beside the design, and in no table: fair (8 runs), unfair (8 runs)." in out


def test_means_over_runs_are_those_of_the_ratings(told: tuple[Dataset, Summary, str]) -> None:
    """Worked out from the answers themselves, without the analysis."""
    data, found, _ = told
    asked = data.ratings[(data.ratings["measure"] == "feelings") & (data.ratings["stage"] == "reflexive")]
    value = asked["value"].where(asked["item"] != "bad", 6 - asked["value"])
    keys = ["participant_id", "condition"]
    forms = asked.assign(value=value).groupby([*keys, "run"])["value"].mean()
    expected = forms.groupby(keys).mean().groupby("condition").mean()
    table = found.by_condition
    means = table[table["stage"] == "reflexive"].set_index("condition")["mean"].to_dict()
    assert means == pytest.approx(expected.to_dict())


def test_a_game_for_all_at_the_end_is_no_condition(crossed: tuple[Dataset, Summary, str]) -> None:
    """It has throws and no forms: no condition, no score, a line among the notes."""
    data, found, out = crossed
    assert "reunion" in set(data.throws["condition"])
    assert found.conditions == ("fair", "unfair")
    assert set(found.by_condition["condition"]) == {"fair", "unfair"}
    assert f"in no table: reunion ({PEOPLE} runs)" in out
    cells = [
        f"{game}.{told}.{dose}"
        for game in ("fair", "unfair")
        for told in ("human", "computer")
        for dose in "ab"
    ]
    assert list(found.flow["cell"]) == [*cells, "all"]
    assert list(found.flow["sessions"]) == [1] * 8 + [8]


def test_levels_are_described_and_compared_within(crossed: tuple[Dataset, Summary, str]) -> None:
    """Each factor by itself: half of the participants at each level, condition by level."""
    data, found, out = crossed
    assert found.factors == {"belief": ("human", "computer"), "dose": ("a", "b")}
    rows = found.by_level[found.by_level["stage"] == "reflexive"]
    told = list(zip(rows["factor"], rows["level"], rows["condition"], strict=True))
    assert told == [
        (factor, level, game)
        for factor, names in found.factors.items()
        for level in names
        for game in ("fair", "unfair")
    ]
    assert set(rows["n"]) == {2}
    by_hand = data.sessions[data.sessions["cell"].str.startswith("fair.computer")]["participant_id"]
    own = found.scores[(found.scores["stage"] == "reflexive") & found.scores["participant_id"].isin(by_hand)]
    assert rows.set_index(["level", "condition"]).loc[("computer", "fair"), "mean"] == pytest.approx(
        own["score"].mean()
    )
    pairs = found.comparisons_by_level
    assert set(zip(pairs["a"], pairs["b"], strict=True)) == {("unfair", "fair")}
    assert set(pairs["n_a"]) == {2}
    assert "by level of belief" in out
    assert "computer: unfair - fair" in out
    assert max(len(line) for line in out.splitlines() if str(data.path) not in line) <= 100


def frame(**cells: list[float]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return scores and levels; a cell is named condition_level."""
    rows = [
        (f"sub-{name}{i}", "ses-01", name.split("_")[0], name.split("_")[1], value)
        for name, values in cells.items()
        for i, value in enumerate(values)
    ]
    made = pd.DataFrame(rows, columns=["participant_id", "session", "condition", "level", "score"])
    found = made[["participant_id", "session", "level"]].assign(factor="belief")
    return made.drop(columns="level").assign(measure="m", stage="s", subscale="index"), found


LEVELS = {"belief": ("human", "computer")}
A_HUMAN, B_HUMAN, A_COMPUTER, B_COMPUTER = [1.0, 2, 3], [4.0, 6, 8, 6], [2.0, 4], [3.0, 5, 7]


def test_a_difference_of_differences_by_hand() -> None:
    """(b - a at computer) - (b - a at human) = (5 - 3) - (6 - 2) = -2; s^2 / n add up to 13/3."""
    made, found = frame(a_human=A_HUMAN, b_human=B_HUMAN, a_computer=A_COMPUTER, b_computer=B_COMPUTER)
    (row,) = differences_between_levels(made, found, LEVELS, ["a", "b"]).to_dict("records")
    assert (row["level_a"], row["level_b"], row["a"], row["b"]) == ("computer", "human", "b", "a")
    assert (row["n_level_a"], row["n_level_b"], row["design"]) == (5, 7, "between")
    parts = [1 / 3, (8 / 3) / 4, 2 / 2, 4 / 3]
    df = sum(parts) ** 2 / (parts[0] ** 2 / 2 + parts[1] ** 2 / 3 + parts[2] ** 2 / 1 + parts[3] ** 2 / 2)
    assert row["difference"] == pytest.approx(-2)
    assert row["t"] == pytest.approx(-2 / np.sqrt(sum(parts)))
    assert row["df"] == pytest.approx(df)
    assert row["p"] == pytest.approx(2 * stats.t.sf(2 / np.sqrt(sum(parts)), df))
    table = by_level(made, found, LEVELS, describe.by_condition)
    assert list(zip(table["level"], table["condition"], table["mean"], strict=True)) == [
        ("human", "a", 2), ("human", "b", 6), ("computer", "a", 3), ("computer", "b", 5),
    ]  # fmt: skip


def test_within_participants_own_differences_are_compared_between_levels() -> None:
    """That is Welch's t of the differences, runs averaged first."""
    rng = np.random.default_rng(1)
    rows = [
        (f"sub-{i}", "ses-01", condition, rng.normal())
        for i in range(9)
        for condition in ("a", "b")
        for _ in range(3)
    ]
    made = pd.DataFrame(rows, columns=["participant_id", "session", "condition", "score"])
    made = made.assign(measure="m", stage="s", subscale="index")
    sessions = pd.DataFrame({"participant_id": [f"sub-{i}" for i in range(9)], "session": "ses-01"})
    sessions["factors"] = ["belief=human" if i < 4 else "belief=computer" for i in range(9)]
    (row,) = differences_between_levels(made, levels(sessions), LEVELS, ["a", "b"]).to_dict("records")
    wide = made.pivot_table(index="participant_id", columns="condition", values="score")
    own = (wide["b"] - wide["a"]).to_numpy()
    expected = stats.ttest_ind(own[4:], own[:4], equal_var=False)
    assert (row["design"], row["n_level_a"], row["n_level_b"]) == ("within", 5, 4)
    assert (row["t"], row["p"]) == pytest.approx((expected.statistic, expected.pvalue))


def test_contrast_of_two_is_welch() -> None:
    """And without variance, or with one value, there is no test."""
    x, y = np.array(A_HUMAN), np.array(B_HUMAN)
    expected = stats.ttest_ind(x, y, equal_var=False)
    row = contrast([x, y], (1, -1))
    assert (row["t"], row["df"]) == pytest.approx((expected.statistic, expected.df))
    assert np.isnan(contrast([x, y[:1]], (1, -1))["p"])
    assert np.isnan(contrast([x * 0, x * 0 + 1], (1, -1))["p"])


def test_runs_are_averaged_and_counted() -> None:
    """2 and 4 are 3, whatever is missing beside them; nobody with four runs weighs more than one with one."""
    made = pd.DataFrame(
        [("p1", 2.0), ("p1", 4.0), ("p1", np.nan), ("p2", 6.0), ("p3", np.nan)],
        columns=["participant_id", "score"],
    ).assign(measure="m", stage="s", subscale="index", condition="a")
    people = one_per_participant(made).set_index("participant_id")
    assert people["score"].fillna(-1).to_dict() == {"p1": 3, "p2": 6, "p3": -1}
    assert people["n_runs"].to_dict() == {"p1": 2, "p2": 1, "p3": 0}
    (row,) = describe.by_condition(made).to_dict("records")
    names = ["n", "n_missing", "n_runs", "runs_min", "runs_max", "mean"]
    assert [row[name] for name in names] == [2, 1, 3, 1, 2, 4.5]
    (row,) = describe.by_condition(made[made["participant_id"] == "p3"]).to_dict("records")
    assert row["n_runs"] == 0
    assert pd.isna(row["runs_min"])


def tables(*runs: tuple[str, bool]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return throws and phases of one session's runs: condition, and whether the run came to its end."""
    throws = [
        (i, name, receiver)
        for i, (name, _) in enumerate(runs, 1)
        for receiver in ("participant", "coplayer3")
    ]
    phases = [(i, name, 9.0 if whole else np.nan) for i, (name, whole) in enumerate(runs, 1)]
    return tuple(
        pd.DataFrame(rows, columns=["run", "condition", last]).assign(
            participant_id="sub-1", session="ses-01", task="cyberball"
        )
        for rows, last in ((throws, "receiver"), (phases, "duration"))
    )  # type: ignore[return-value]


@pytest.mark.parametrize(
    ("runs", "places"),
    [
        ([("fair", True), ("unfair", True), ("fair", True)], [1, 2, None]),
        ([("fair", True), ("unfair", False), ("unfair", True), ("fair", True)], [1, 2, 2, None]),
        ([("fair", False), ("fair", False)], [1, 1]),
        ([("fair", True), ("reunion", True)], [1, None]),
        ([("unfair", True), ("fair", True)], [2, None]),
    ],
    ids=["a last game", "begun again", "broken off for good", "another game", "a table is lost"],
)
def test_runs_find_their_places(runs: list[tuple[str, bool]], places: list[int | None]) -> None:
    """Held against the games in their order; without a protocol the conditions are all that is expected."""
    sessions = pd.DataFrame(
        [("sub-1", "ses-01", "d1", "small", "fair-unfair", "fair,unfair", None)],
        columns=["participant_id", "session", "definitions", "protocol", "cell", "conditions", "factors"],
    )
    found = played(*tables(*runs), sessions, {})
    assert [None if pd.isna(place) else int(place) for place in found["place"]] == places
    assert set(found["percent"]) == {50.0}


def test_a_game_before_the_design_with_a_condition_s_name_is_not_its_run(conditions: Path) -> None:
    """Only the protocol can tell: here everybody plays unfair first."""
    protocol = read_protocol(conditions / "protocols" / "blocks.toml")
    sessions = pd.DataFrame(
        [("sub-1", "ses-01", "d1", "blocks", "random", "unfair,fair", None)],
        columns=["participant_id", "session", "definitions", "protocol", "cell", "conditions", "factors"],
    )
    found = played(*tables(("unfair", True), ("unfair", True)), sessions, {("d1", "blocks"): protocol})
    assert [None if pd.isna(place) else int(place) for place in found["place"]] == [None, 1]


@pytest.mark.parametrize(("becomes", "places"), [("repeat", [None, 1, 1]), ("skip", [None, 1, 2])])
def test_a_broken_run_keeps_its_place_where_games_are_skipped(
    conditions: Path, becomes: str, places: list[int | None]
) -> None:
    """Of two blocks of one condition the first is cut off: repeated it fills one place, skipped two."""
    protocol = read_protocol(conditions / "protocols" / "blocks.toml")
    protocol = protocol.model_copy(update={"interrupted_game": becomes})
    sessions = pd.DataFrame(
        [("sub-1", "ses-01", "d1", "blocks", "random", "fair,fair", None)],
        columns=["participant_id", "session", "definitions", "protocol", "cell", "conditions", "factors"],
    )
    runs = tables(("unfair", True), ("fair", False), ("fair", True))
    found = played(*runs, sessions, {("d1", "blocks"): protocol})
    assert [None if pd.isna(place) else int(place) for place in found["place"]] == places
    counted = [3] if becomes == "repeat" else [2, 3]
    assert received_scores(found)["run"].tolist() == counted
