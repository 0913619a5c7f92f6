"""Rules leave people out of a second analysis, never of the first, and nobody unsaid."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, get_args

import pandas as pd
import pytest

from analysis.bounds import BOUNDS
from analysis.compare import comparisons
from analysis.dataset import Dataset, load
from analysis.errors import WrongRequestError
from analysis.exclusions import RuleFile, leave_out, rule_files, sensitivity
from analysis.flow import exclusion_flow, permitted
from analysis.plan import Plan
from analysis.results import Summary, all_scores, summary
from analysis.rule_values import seen
from analysis.runs import played
from analysis.summarize import main
from analysis.timing import by_session
from analysis.timing_columns import SESSIONS as TIMING
from experiment.columns import OUTCOMES
from experiment.definitions import CONDITIONS
from experiment.definitions.exclusions import Exclusions, Flag, Outcome, TimingNumber
from experiment.definitions.reading import checked
from experiment.simulate import Simulation, simulate

EXAMPLE = Path(__file__).parents[2] / "data" / "example"
CHECK = {"kind": "item", "measure": "manipulation_check", "item": "throws_percent"}


def rules(*given: dict[str, Any], name: str = "mine") -> Plan:
    """Return a plan with one file of these rules."""
    table = {"title": "Rules", "source": "Our choice", "rules": list(given)}
    return Plan(exclusions=(RuleFile(name, checked(table, Exclusions)),))


@pytest.fixture(scope="module")
def example() -> Dataset:
    """Return the example: six participants under each of inclusion, exclusion, gradual_exclusion."""
    return load(EXAMPLE)


@pytest.fixture(scope="module")
def within(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    """Return a study within participants: inclusion and gradual exclusion."""
    root = tmp_path_factory.mktemp("within")
    return load(simulate(Simulation("within_gradual", 4, 3, root)).dataset)


def answered(data: Dataset, person: str, item: str, value: float | str) -> Dataset:
    """Return the dataset with another answer of a participant to an item."""
    ratings = data.ratings.copy()
    mine = (ratings["participant_id"] == person) & (ratings["item"] == item)
    assert mine.any()
    number = value if isinstance(value, float) else math.nan
    ratings.loc[mine, "value"] = number
    ratings.loc[mine, "answer"] = f"{value:g}" if isinstance(value, float) else value
    return replace(data, ratings=ratings)


def changed(data: Dataset, person: str, **columns: str) -> Dataset:
    """Return the dataset with other values in the line of a participant's session."""
    sessions = data.sessions.copy()
    for name, value in columns.items():
        sessions.loc[sessions["participant_id"] == person, name] = value
    return replace(data, sessions=sessions)


def people(data: Dataset, condition: str) -> list[str]:
    """Return who was allocated to a condition."""
    return list(data.sessions.loc[data.sessions["cell"] == condition, "participant_id"])


@dataclass(frozen=True)
class Ruled:
    """What rules make of a dataset: the part of a summary that follows them."""

    excluded: pd.DataFrame
    exclusion_flow: pd.DataFrame
    sensitivity: pd.DataFrame
    notes: tuple[str, ...]


def ruled(data: Dataset, plan: Plan) -> Ruled:
    """Return what the rules of a plan make of a dataset, without the rest of a summary."""
    used = permitted(data)
    runs = played(used.throws, used.phases, used.sessions, used.protocols)
    made, _ = all_scores(used, used.ratings, runs)
    tested = made[made["measure"] == "distress"]  # one of those compared, for the sake of speed
    compare = partial(comparisons, order=used.conditions)
    left = leave_out(plan.exclusions, lambda: seen(used, made, runs, by_session(used)))
    return Ruled(
        left.excluded,
        exclusion_flow(data.sessions, tested, left, data.conditions),
        sensitivity(tested, compare(tested), left, compare),
        left.notes,
    )


def out(found: Ruled | Summary) -> set[str]:
    """Return who is left out under any rule."""
    return set(found.excluded["participant_id"])


def flow(found: Ruled, condition: str) -> dict[str, int]:
    """Return the steps of the flow under a condition; rules under their numbers."""
    rows = found.exclusion_flow[found.exclusion_flow["condition"] == condition]
    return {
        str(row["rule"]) if row["step"] == "excluded" else row["step"]: int(row["n"])
        for _, row in rows.iterrows()
    }


def test_without_rules_the_tables_are_there_and_empty(example: Dataset) -> None:
    """All but the primary comparisons, under their own name."""
    found = ruled(example, Plan())
    assert found.excluded.empty
    assert found.exclusion_flow.empty
    assert set(found.sensitivity["file"]) == {"everyone"}
    assert {"file", "n_a", "difference", "g"} <= set(found.sensitivity.columns)


def test_the_bound_itself_is_met_by_at_most_and_not_by_below(example: Dataset) -> None:
    """15 % is 15 % or less; a rule of another condition touches nobody."""
    a, b = people(example, "inclusion")[:2]
    data = answered(answered(example, a, "throws_percent", 15.0), b, "throws_percent", 16.0)
    data = answered(data, people(example, "exclusion")[0], "throws_percent", 3.0)
    rule = {**CHECK, "reason": "little", "conditions": ["inclusion"]}
    assert out(ruled(data, rules({**rule, "at_most": 15}))) == {a}
    assert out(ruled(data, rules({**rule, "below": 15}))) == set()
    row = ruled(data, rules({**rule, "at_most": 15})).excluded.iloc[0]
    assert (row["condition"], row["criterion"], row["found"]) == ("inclusion", "at most 15", "15")


def test_the_primary_analysis_keeps_everyone(example: Dataset) -> None:
    """Whatever the rules leave out, every other table is the same."""
    plain = summary(example)
    found = summary(example, rules({**CHECK, "reason": "all of them", "at_least": 0}))
    assert len(out(found)) == 18
    for name, table in plain.tables().items():
        if name not in ("excluded", "exclusion_flow", "sensitivity"):
            pd.testing.assert_frame_equal(table, found.tables()[name])


def test_a_second_analysis_is_that_of_a_dataset_without_these_people(example: Dataset) -> None:
    """Its rows are the comparisons of those who are left."""
    gone = people(example, "exclusion")[0]
    data = answered(example, gone, "throws_percent", 77.0)
    rule = {**CHECK, "reason": "much", "conditions": ["exclusion"], "at_least": 70}
    found = ruled(data, rules(rule)).sensitivity
    mine = found[found["file"] == "mine"].drop(columns="file").reset_index(drop=True)
    rest = replace(data, sessions=data.sessions[data.sessions["participant_id"] != gone])
    expected = ruled(rest, Plan()).sensitivity.drop(columns="file").reset_index(drop=True)
    pd.testing.assert_frame_equal(mine, expected)
    distress = found[(found["measure"] == "distress") & (found["stage"] == "reflexive")]
    pair = distress[(distress["a"] == "exclusion") & (distress["b"] == "inclusion")]
    assert pair.set_index("file")["n_a"].to_dict() == {"everyone": 6, "mine": 5}


def test_a_pair_without_anybody_left_keeps_its_row(example: Dataset) -> None:
    """Nothing vanishes: its numbers are missing."""
    rule = {**CHECK, "reason": "all", "conditions": ["exclusion"], "at_least": 0}
    found = ruled(example, rules(rule)).sensitivity
    sizes = found.groupby("file").size()
    assert sizes["mine"] == sizes["everyone"]
    gone = found[(found["file"] == "mine") & (found["a"] == "exclusion")]
    assert gone["difference"].isna().all()
    assert (gone["design"] == "between").all()


def test_the_flow_adds_up_and_counts_nobody_twice(example: Dataset) -> None:
    """Allocated, permission, scores, each reason, left: every line is the one before less what is said."""
    a, b, c = people(example, "inclusion")[:3]
    data = answered(answered(example, a, "throws_percent", 5.0), b, "throws_percent", 6.0)
    data = answered(data, a, "colour", "red")
    data = changed(data, c, permission="refused")
    second = {"kind": "attention", "reason": "inattentive", "measure": "attention", "at_least": 1}
    found = ruled(data, rules({**CHECK, "reason": "little", "at_most": 6}, second))
    steps = flow(found, "inclusion")
    assert steps == {
        "allocated": 6, "no_permission": 1, "permitted": 5, "no_score": 0, "analysed": 5,
        "1": 2, "2": 0, "left": 3,
    }  # fmt: skip
    rows = found.exclusion_flow
    met = rows[(rows["condition"] == "inclusion") & (rows["rule"] == 2)]
    assert met["n_any"].tolist() == [1]
    mine = found.excluded[found.excluded["participant_id"] == a]
    assert mine["first"].tolist() == [True, False]
    everyone = flow(found, "all")
    assert everyone["allocated"] == 18
    assert everyone["analysed"] - everyone["1"] - everyone["2"] == everyone["left"]


def test_no_rule_sees_those_who_do_not_permit(example: Dataset) -> None:
    """Their answers are no data: they are in the count of permissions alone."""
    person = people(example, "inclusion")[0]
    data = changed(answered(example, person, "throws_percent", 5.0), person, permission="unanswered")
    assert person not in out(ruled(data, rules({**CHECK, "reason": "little", "at_most": 5})))


def test_a_missing_value_leaves_nobody_out_unless_the_rule_says_so(example: Dataset) -> None:
    """Also where somebody stopped before the form."""
    person = people(example, "inclusion")[0]
    gone = (example.ratings["participant_id"] == person) & (
        example.ratings["measure"] == "manipulation_check"
    )
    data = replace(example, ratings=example.ratings[~gone])
    rule = {**CHECK, "reason": "little", "conditions": ["inclusion"], "at_most": 0}
    assert person not in out(ruled(data, rules(rule)))
    found = ruled(data, rules({**rule, "missing": "exclude"}))
    row = found.excluded[found.excluded["participant_id"] == person].iloc[0]
    assert pd.isna(row["found"])
    assert row["condition"] == "inclusion"


def test_words_are_held_against_words(example: Dataset) -> None:
    """equals, other_than and any_of of an option."""
    rule = {"kind": "item", "reason": "doubts", "measure": "suspicion", "item": "computer_controlled"}
    answers = example.ratings[example.ratings["item"] == "computer_controlled"]
    given = answers.set_index("participant_id")["answer"]
    yes, unsure = set(given[given == "yes"].index), set(given[given == "unsure"].index)
    assert out(ruled(example, rules({**rule, "equals": "yes"}))) == yes
    assert out(ruled(example, rules({**rule, "any_of": ["yes", "unsure"]}))) == yes | unsure
    assert out(ruled(example, rules({**rule, "other_than": "no"}))) == yes | unsure


def test_a_rule_may_be_for_one_belief(example: Dataset) -> None:
    """Whoever was told the truth is right to say so."""
    rule = {
        "kind": "item", "reason": "doubts", "measure": "suspicion", "item": "computer_controlled",
        "belief": ["human"], "equals": "yes",
    }  # fmt: skip
    person = min(out(ruled(example, rules(rule))))
    assert person not in out(ruled(changed(example, person, belief="computer"), rules(rule)))


def test_an_unfinished_session_is_met_by_its_outcome(example: Dataset) -> None:
    """Permission given, so the primary analysis keeps what there is."""
    person = people(example, "exclusion")[2]
    data = changed(example, person, outcome="stopped_by_participant")
    rule = {"kind": "sessions", "reason": "unfinished", "other_than": "completed"}
    found = ruled(data, rules(rule))
    assert out(found) == {person}
    assert found.excluded["found"].tolist() == ["stopped_by_participant"]


def test_throws_too_fast_or_taken_over_are_shares_of_the_own_throws(example: Dataset) -> None:
    """One of two throws within 0.1 s is a half, and what was taken over has no time."""
    person = people(example, "exclusion")[0]
    throws = example.throws.copy()
    own = throws.index[
        (throws["participant_id"] == person)
        & (throws["trial_type"] == "participant_throw")
        & (throws["task"] != "practice")
    ]
    assert len(own) == 2
    throws.loc[own[0], "response_time"] = 0.099
    fast = {"kind": "throws", "reason": "fast", "number": "share_anticipated", "faster_than_s": 0.1}
    found = ruled(replace(example, throws=throws), rules({**fast, "at_least": 0.5}))
    assert found.excluded[["participant_id", "found"]].to_numpy().tolist() == [[person, "0.5"]]
    assert out(ruled(replace(example, throws=throws), rules({**fast, "above": 0.5}))) == set()
    throws.loc[own[1], "taken_over"] = True
    taken = {"kind": "throws", "reason": "taken", "number": "share_taken_over", "above": 0.4}
    found = ruled(replace(example, throws=throws), rules(taken, {**fast, "at_least": 1}))
    assert found.excluded["rule"].tolist() == [1, 2]


def test_timing_looks_at_the_session(example: Dataset) -> None:
    """A number, or a flag."""
    person = people(example, "exclusion")[0]
    sessions = example.sessions.copy()
    mine = sessions["participant_id"] == person
    sessions.loc[mine, ["frames_late", "clock_drift"]] = [50, -0.009]
    sessions.loc[mine, ["frames"]] = 100
    sessions["pacing"] = "display"
    data = replace(example, sessions=sessions)
    late = {"kind": "timing", "reason": "late", "number": "share_late", "above": 0.4}
    drift = {"kind": "timing", "reason": "clocks", "number": "clock_drift_ms", "above": 8}
    flag = {"kind": "timing", "reason": "flagged", "flag": "late_frames"}
    found = ruled(data, rules(late, drift, flag)).excluded
    assert found[found["participant_id"] == person]["found"].tolist() == ["0.5", "9", "True"]


def test_a_composite_can_be_looked_at(example: Dataset) -> None:
    """Throws really received, and distress, though no file defines them."""
    rule = {"kind": "score", "reason": "much", "measure": "throws_received", "score": "percent", "above": 30}
    assert out(ruled(example, rules(rule))) == set(people(example, "inclusion"))


def test_within_participants_one_condition_leaves_out_the_whole_participant(within: Dataset) -> None:
    """A pair has two halves; the note says so, and the flow has no columns by condition."""
    person = within.sessions["participant_id"].iloc[0]
    ratings = within.ratings.copy()
    mine = (
        (ratings["participant_id"] == person)
        & (ratings["item"] == "throws_percent")
        & (ratings["condition"] == "inclusion")
    )
    ratings.loc[mine, "value"], ratings.loc[mine, "answer"] = 1.0, "1"
    rule = {**CHECK, "reason": "little", "conditions": ["inclusion"], "at_most": 1}
    found = ruled(replace(within, ratings=ratings), rules(rule))
    assert out(found) == {person}
    distress = found.sensitivity[found.sensitivity["measure"] == "distress"].set_index("file")
    assert distress["n"].to_dict() == {"everyone": 4, "mine": 3}
    assert any("left out of that file's analysis as a whole" in note for note in found.notes)
    assert set(found.exclusion_flow["condition"]) == {"several", "all"}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"measure": "shoes"}, "the dataset has no measure 'shoes' (it has "),
        ({"item": "throws_per_cent"}, "has no item 'throws_per_cent'; did you mean 'throws_percent'?"),
        ({"stage": "reflective"}, "was not asked at the stage 'reflective' (only reflexive)"),
        ({"conditions": ["inclusio"]}, "nobody was under inclusio (conditions: exclusion, "),
        ({"belief": ["scripted"]}, "nobody was told belief = scripted (there is: human)"),
    ],
)
def test_what_the_dataset_does_not_have_is_said(
    example: Dataset, change: dict[str, object], said: str
) -> None:
    """The rule applies to nobody, with one warning; the others go on."""
    other = {"kind": "sessions", "reason": "ended well", "any_of": ["completed"]}
    found = ruled(example, rules({**CHECK, "reason": "little", "at_most": 15} | change, other))
    told = [note for note in found.notes if "applies to nobody" in note]
    assert len(told) == 1
    assert told[0].startswith("WARNING: mine, rule 1 ('little') applies to nobody: ")
    assert said in told[0]
    assert set(found.excluded["rule"]) == {2}


def test_one_condition_of_several_that_is_not_there_is_said(example: Dataset) -> None:
    """A misspelt name would go unseen otherwise."""
    rule = {**CHECK, "reason": "little", "conditions": ["inclusion", "inclusoin"], "at_most": 15}
    assert "mine, rule 1 ('little'): nobody was under inclusoin." in ruled(example, rules(rule)).notes


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"at_most": 150}, "at_most = 150: item 'throws_percent' is a number, 0 to 100"),
        ({"equals": "yes"}, "equals = yes: item 'throws_percent' is a number, 0 to 100"),
        (
            {"measure": "suspicion", "item": "computer_controlled", "at_most": 1},
            "at_most = 1: item 'computer_controlled' is answered with one of yes, no, unsure",
        ),
        ({"measure": "suspicion", "item": "odd", "equals": "yes"}, "free text, which is kept apart"),
    ],
)
def test_what_no_answer_can_be_is_refused(example: Dataset, change: dict[str, object], said: str) -> None:
    """A bound outside the scale is a slip, no rule."""
    with pytest.raises(WrongRequestError, match="mine: rules") as refused:
        ruled(example, rules({**CHECK, "reason": "slip"} | change))
    assert said in str(refused.value)


def test_a_wrong_file_is_refused_before_the_data_are_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 2, one line, file and key."""
    file = tmp_path / "mine.toml"
    file.write_text('title = "Rules"\nsource = "x"\nrulse = []\n', encoding="utf-8")
    assert main([str(EXAMPLE), "--out", str(tmp_path / "out"), "--exclusions", str(file)]) == 2
    assert "mine.toml: unknown key 'rulse'; did you mean 'rules'?" in capsys.readouterr().err
    assert main([str(EXAMPLE), "--out", str(tmp_path / "out"), "--exclusions", "suspicion_strickt"]) == 2
    assert "did you mean 'suspicion_strict'?" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_two_files_of_one_name_are_refused(tmp_path: Path) -> None:
    """Their rows could not be told apart; nor may one be called like the primary analysis."""
    source = CONDITIONS / "exclusions" / "timing.toml"
    for name in ("timing", "everyone"):
        (tmp_path / f"{name}.toml").write_bytes(source.read_bytes())
    with pytest.raises(WrongRequestError, match="the name 'timing' is given twice"):
        rule_files(["timing", str(tmp_path / "timing.toml")])
    with pytest.raises(WrongRequestError, match="the name 'everyone' means the primary analysis"):
        rule_files([str(tmp_path / "everyone.toml")])
    assert [file.name for file in rule_files(["timing", "timing"])] == ["timing"]


def test_the_shipped_rules_go_through_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """On the screen a block, in the folder the tables; several files stand beside each other."""
    asked = [word for name in ("throws_believed", "suspicion_strict") for word in ("--exclusions", name)]
    assert main([str(EXAMPLE), "--out", str(tmp_path), *asked]) == 0
    printed = capsys.readouterr().out
    assert "Who is left out" in printed
    assert "suspicion_strict: Suspicion, strictly" in printed
    assert set(pd.read_csv(tmp_path / "sensitivity.tsv", sep="\t")["file"]) == {
        "everyone",
        "throws_believed",
        "suspicion_strict",
    }
    assert len(pd.read_csv(tmp_path / "excluded.tsv", sep="\t")) > 0
    assert "excluded" not in (tmp_path / "summary.json").read_text(encoding="utf-8").split('"notes"')[0]


def test_the_words_of_rules_are_those_of_the_tables() -> None:
    """Outcomes, flags and numbers of timing are said once, elsewhere."""
    assert set(get_args(Outcome)) == set(OUTCOMES)
    assert set(get_args(Flag)) == {bound.name for bound in BOUNDS}
    numbers = {column.name for column in TIMING if column.kind in ("number", "count")}
    assert set(get_args(TimingNumber)) <= numbers
