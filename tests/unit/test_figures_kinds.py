"""What each kind of figure shows, of designs between and within participants, with factors and without."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Text

from analysis.dataset import Dataset, load
from analysis.exclusions import rule_files
from analysis.figures.doses import courses, doses
from analysis.figures.flow import exclusion_flows, flows
from analysis.figures.forest import _told, forests
from analysis.figures.paired import MOST, paired
from analysis.figures.planned import planned_shares
from analysis.figures.rainclouds import by_level
from analysis.figures.reference import Doses, doses_of
from analysis.figures.stages import stages
from analysis.figures.timing import timings
from analysis.figures.words import cell_named
from analysis.flow import permitted
from analysis.plan import Plan
from analysis.results import Summary, summary
from experiment.columns import OUTCOMES
from experiment.simulate import Simulation, simulate
from tests.figured import EXAMPLE

Study = tuple[Summary, Dataset]


def simulated(root: Path, protocol: str, people: int) -> Study:
    """Simulate a study and summarise it."""
    data = load(simulate(Simulation(protocol, people, 7, root)).dataset)
    return summary(data), permitted(data)


@pytest.fixture(scope="module")
def classic() -> Study:
    """The example, summarised."""
    data = load(EXAMPLE)
    return summary(data), permitted(data)


@pytest.fixture(scope="module")
def within(tmp_path_factory: pytest.TempPathFactory) -> Study:
    """A study whose participants went through both conditions."""
    return simulated(tmp_path_factory.mktemp("within"), "within_gradual", 6)


def said(figure: Figure) -> list[str]:
    """Return all text of a figure."""
    return [text.get_text() for text in figure.findobj(Text) if text.get_text()]


def bands(axes: Axes) -> int:
    """Return how many areas are filled."""
    return sum(type(each).__name__ == "FillBetweenPolyCollection" for each in axes.collections)


def test_the_dose_is_what_the_game_file_says(classic: Study) -> None:
    """Exact receptions in every phase: the shares that were planned and those received have one mean."""
    planned, found = planned_shares(classic[1]), courses(classic[1])
    assert set(planned) == set(found) == {"inclusion", "exclusion", "gradual_exclusion"}
    for condition, course in found.items():
        lengths = np.diff(course.edges)
        assert course.edges[-1] == len(planned[condition])
        received = np.average(course.shares, axis=1, weights=lengths)
        assert received == pytest.approx(100 * planned[condition].mean())


def test_no_part_of_a_run_reaches_over_two_phases(classic: Study) -> None:
    """After the opening of the exclusion game nobody receives in any part, as the file plans."""
    course = courses(classic[1])["exclusion"]
    plan = planned_shares(classic[1])["exclusion"]
    for start, end, shares in zip(course.edges, course.edges[1:], course.shares.T, strict=False):
        assert len(set(plan[start:end])) == 1
        assert shares == pytest.approx(100 * plan[start])


def test_a_run_of_a_single_throw_has_a_course(classic: Study) -> None:
    """One throw, one participant: no interval, and no fault."""
    throws = classic[1].throws
    game = throws[(throws["task"] != "practice") & (throws["throw"] == 1)].head(1)
    assert len(game) == 1
    only = replace(classic[1], throws=game)
    figured = next(doses(classic[0], only))
    assert f"n = 1 ({game['condition'].iloc[0].replace('_', ' ')})" in figured.caption


def test_no_throws_no_dose(classic: Study) -> None:
    """Where nobody threw there is no figure of it."""
    assert not list(doses(classic[0], replace(classic[1], throws=classic[1].throws.iloc[:0])))


def test_the_reference_is_for_exclusion_against_inclusion_alone(classic: Study) -> None:
    """Gradual exclusion (15 % of the throws) is neither; the expected sign turns with the comparison."""
    found = doses_of(classic[0].by_condition, classic[1])
    assert found == Doses(frozenset({"inclusion"}), frozenset({"exclusion"}))
    assert found.sign("exclusion", "inclusion") == -1
    assert found.sign("inclusion", "exclusion") == 1
    assert found.sign("gradual_exclusion", "inclusion") == 0
    figure = next(forests(*classic)).figure
    banded = {axes.get_title(loc="left"): bands(axes) for axes in figure.axes if axes.get_title(loc="left")}
    assert len(banded) == 3
    assert [title for title, count in banded.items() if count] == ["exclusion\n\N{MINUS SIGN} inclusion"]


def test_the_band_lies_on_the_side_of_unsatisfied_needs(classic: Study) -> None:
    """Of exclusion minus inclusion it covers what is below -1.4, over the needs straight after the game."""
    figure = next(forests(*classic)).figure
    axes = next(axes for axes in figure.axes if bands(axes))
    band = next(each for each in axes.collections if type(each).__name__ == "FillBetweenPolyCollection")
    box = band.get_datalim(axes.transData)
    assert box.x1 == pytest.approx(-1.4)
    assert box.x0 == pytest.approx(axes.get_xlim()[0])
    labels = [
        label.get_text() for label in axes.get_yticklabels() if box.y0 < label.get_position()[1] < box.y1
    ]
    assert labels == ["index", "belonging", "self esteem", "meaningful existence", "control"]


def test_effects_between_and_within_never_share_an_axis(classic: Study, within: Study) -> None:
    """Each figure has one kind, named on its axis and in its caption; within has no published band."""
    (between,), (paired_effects,) = list(forests(*classic)), list(forests(*within))
    assert between.name == "forest_between"
    assert paired_effects.name == "forest_within"
    assert "Hedges' g" in between.caption
    assert "d_z" in paired_effects.caption
    assert "Hartgerink" in between.caption
    assert "Hartgerink" not in paired_effects.caption
    assert {axes.get_xlabel() for axes in between.figure.axes} == {"g (a \N{MINUS SIGN} b)"}


def test_every_comparison_is_in_the_forest(classic: Study) -> None:
    """As many marks as there are effects that can be told; a missing one is said."""
    compared = classic[0].comparisons
    compared = compared[compared["measure"] != "throws_received"]
    (figured,) = forests(*classic)
    marks = sum(
        len(np.atleast_1d(line.get_xdata())) == 1 and line.get_marker() not in ("None", None)
        for axes in figured.figure.axes
        for line in axes.lines
    )
    assert marks == compared["g"].notna().sum()
    assert said(figured.figure).count(" n/a") == compared["g"].isna().sum()


def test_many_pairs_go_into_several_figures(classic: Study) -> None:
    """Eight conditions make 28 pairs, six to a figure."""
    row = classic[0].comparisons[classic[0].comparisons["measure"] == "distress"].iloc[[0]]
    names = [f"c{n}" for n in range(8)]
    pairs = [row.assign(a=a, b=b) for n, b in enumerate(names) for a in names[n + 1 :]]
    made = replace(classic[0], comparisons=pd.concat(pairs, ignore_index=True), conditions=tuple(names))
    assert [figured.name for figured in forests(made, classic[1])] == [
        f"forest_between_{n}" for n in range(1, 6)
    ]


def test_no_comparison_no_forest(classic: Study) -> None:
    """A study of one condition has nothing to compare."""
    made = replace(classic[0], comparisons=classic[0].comparisons.iloc[:0])
    assert not list(forests(made, classic[1]))
    assert not list(paired(made))


def test_each_participant_is_a_line(within: Study) -> None:
    """Six went through both conditions: six lines of two points, and the difference that the table has."""
    figured = next(each for each in paired(within[0]) if each.name == "paired_distress_reflexive")
    left, right = figured.figure.axes
    lines = next(each for each in left.collections if type(each).__name__ == "LineCollection")
    assert len(lines.get_paths()) == 6
    table = within[0].comparisons
    row = table[(table["measure"] == "distress") & (table["stage"] == "reflexive")].iloc[0]
    drawn = [np.asarray(line.get_ydata(), dtype=float).tolist() for line in right.lines]
    assert [row["difference"]] in drawn
    assert [row["ci_low"], row["ci_high"]] in drawn
    assert right.get_ylim()[0] < 0 < right.get_ylim()[1]


def test_of_very_many_participants_every_so_manyth_is_a_line(within: Study) -> None:
    """Ten thousand lines are a grey surface: at most 200 are drawn, and the caption says so."""
    people = within[0].by_participant
    people = people[(people["measure"] == "distress") & (people["stage"] == "reflexive")]
    ids = people["participant_id"]
    many = pd.concat([people.assign(participant_id=ids + f"-{n}") for n in range(1700)], ignore_index=True)
    table = within[0].comparisons
    table = table[table["measure"] == "distress"].assign(n=10_200)
    (figured,) = paired(replace(within[0], by_participant=many, comparisons=table))
    lines = next(
        each for each in figured.figure.axes[0].collections if type(each).__name__ == "LineCollection"
    )
    assert len(lines.get_paths()) == MOST
    assert f"Lines are those of {MOST} of them" in figured.caption


def test_what_came_before_the_conditions_belongs_to_none(within: Study) -> None:
    """Mood at baseline is one grey mark of everybody; the conditions begin after it."""
    (figured,) = stages(within[0])
    assert "belongs to none of them" in figured.caption
    assert "6 (all participants)" in figured.caption


def test_scores_are_drawn_at_each_level_of_a_factor(tmp_path: Path) -> None:
    """Of a design with beliefs, distress by condition has a panel for each belief."""
    made, used = simulated(tmp_path, "belief", 12)
    drawn = {figured.name: figured for figured in by_level(made, used)}
    assert set(drawn) == {
        "raincloud_distress_reflexive_by_belief",
        "raincloud_distress_reflective_by_belief",
    }
    axes = drawn["raincloud_distress_reflexive_by_belief"].figure.axes
    titles = [each.get_title(loc="left") for each in axes]
    assert [title for title in titles if title] == ["Belief: human", "Belief: computer", "Belief: scripted"]


def test_the_flow_counts_as_the_table_does(classic: Study) -> None:
    """Whoever was not allocated, stopped or refused stands in the drawing with their number."""
    flow = classic[0].flow.copy()
    assert flow.loc[0, "cell"] == "inclusion"
    flow.loc[0, ["sessions", "stopped_by_participant", "refused"]] = [9, 3, 2]
    lost = flow.iloc[[-1]].assign(cell=None, sessions=4, completed=0, declined=4, granted=0, in_tables=0)
    flow = pd.concat([flow.iloc[:-1], lost, flow.iloc[[-1]].assign(sessions=25)], ignore_index=True)
    (figured,) = flows(replace(classic[0], flow=flow))
    texts = said(figured.figure)
    for text in ("sessions begun: 25", "without a cell: 4", "   declined: 4", "allocated: 9", "refused: 2"):
        assert text in texts
    assert "stopped by participant: 3" in texts
    assert "25 begun, 21 allocated to 3 cells" in figured.caption


def test_twelve_cells_keep_apart(classic: Study) -> None:
    """Cells stand four side by side, and no text lies over another or beyond the figure."""
    row = classic[0].flow.iloc[[0]]
    cells = [row.assign(cell=f"gradual_exclusion.level_of_some_length_{n}") for n in range(12)]
    flow = pd.concat([*cells, classic[0].flow.iloc[[-1]]], ignore_index=True)
    figure = next(flows(replace(classic[0], flow=flow))).figure
    figure.draw_without_rendering()
    boxes = [text.get_window_extent() for text in figure.findobj(Text) if text.get_text().strip()]
    assert min(box.x0 for box in boxes) >= 0
    assert max(box.x1 for box in boxes) <= figure.bbox.width
    places = sorted(boxes, key=lambda box: (box.y0, box.x0))
    assert not [1 for one, other in pairwise(places) if one.overlaps(other)]


def test_an_end_that_is_not_on_record_has_no_box(classic: Study) -> None:
    """Of ratings from elsewhere nobody is called completed, not even none of them."""
    flow = classic[0].flow.assign(**dict.fromkeys(OUTCOMES, 0))
    (figured,) = flows(replace(classic[0], flow=flow))
    assert "ended" not in said(figured.figure)
    assert "completed" not in " ".join([figured.caption, *said(figured.figure)])


def test_an_effect_beyond_the_axis_keeps_its_interval() -> None:
    """Beside the arrow stands how sure it is."""
    assert _told(-4.24, -5.76, -2.69) == "\N{MINUS SIGN}4.2 [\N{MINUS SIGN}5.8, \N{MINUS SIGN}2.7]"


def test_rules_that_leave_out_have_a_flow_of_their_own() -> None:
    """Each file of rules has a figure, whose caption counts those analysed and those left."""
    made = summary(load(EXAMPLE), Plan(exclusions=rule_files(["throws_believed"])))
    (figured,) = exclusion_flows(made)
    table = made.exclusion_flow
    every = table[table["condition"] == "all"].set_index("step")["n"]
    assert figured.name == "flow_exclusions_throws_believed"
    assert f"n = {every['analysed']} participants are analysed, {every['left']} are left" in figured.caption


def test_simulated_sessions_have_no_timing(classic: Study) -> None:
    """Nothing was shown, so nothing is drawn."""
    assert not list(timings(classic[0]))


def test_timing_is_drawn_by_what_paced_the_frames(classic: Study) -> None:
    """Display and emulated are told apart; the bound of 1 % late frames stands at 1, in percent."""
    timing = classic[0].timing.head(6).assign(
        pacing=["display"] * 4 + ["emulated"] * 2,
        share_late=[0.0, 0.001, 0.002, 0.03, 0.004, 0.005],
        frame_longest_ms=[17.0, 18, 33, 120, 20, 21],
        onset_p99_ms=[0.1, 0.2, 0.3, 17, 0.5, 0.6],
        flags=pd.Series([None, None, None, "late_frames,long_frame", "emulated", "emulated"], dtype="str"),
    )  # fmt: skip
    (figured,) = timings(replace(classic[0], timing=timing, simulated=False))
    assert "n = 4 (display) and 2 (emulated) sessions" in figured.caption
    assert "3 exceed a bound" in figured.caption
    late = figured.figure.axes[0]
    bound = next(line for line in late.lines if line.get_label() == "bound")
    assert np.asarray(bound.get_xdata(), dtype=float).tolist() == [1.0, 1.0]
    longest = figured.figure.axes[1].lines
    assert max(float(np.nanmax(line.get_xdata(), initial=0)) for line in longest) == 120


def test_cells_are_read_as_words() -> None:
    """Conditions in their order after dashes, levels after commas."""
    assert cell_named("inclusion-gradual_exclusion.human") == (
        "inclusion \N{EN DASH} gradual exclusion, human"
    )
