"""Scores by hand: every shipped measure, the composite, alpha, and what is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pingouin
import pytest

from analysis import composites, reliability
from analysis.errors import AnalysisError
from analysis.scores import score
from experiment.definitions.library import CONDITIONS
from experiment.definitions.measure import Measure
from experiment.definitions.reading import read

MEASURES = {file.stem: read(file, Measure) for file in sorted((CONDITIONS / "measures").glob("*.toml"))}
Answer = Any
"""A number, or None."""


def form(
    measure: str, person: str = "sub-1", condition: str = "exclusion", **answers: Answer
) -> pd.DataFrame:
    """Return the ratings of one filled-in form."""
    return pd.DataFrame(
        [
            {
                "participant_id": person,
                "session": "ses-01",
                "run": 1,
                "measure": measure,
                "stage": "reflexive",
                "condition": condition,
                "item": item,
                "value": np.nan if value is None else float(value),
            }
            for item, value in answers.items()
        ]
    )


def scored(ratings: pd.DataFrame) -> dict[str, float]:
    """Return the scores of one form by name."""
    made = score(ratings, MEASURES)
    return dict(zip(made["subscale"], made["score"], strict=True))


NEEDS: dict[str, Answer] = {
    # belonging: 6-4, 6-5, 6-3 and 2, 1 -> 2, 1, 3, 2, 1
    **{"disconnected": 4, "rejected": 5, "outsider": 3, "belonged": 2, "interaction": 1},
    # self-esteem: 3, 2, 3, 6-2, 4 -> 3, 2, 3, 4, 4
    **{"good_about_myself": 3, "high_self_esteem": 2, "liked": 3, "insecure": 2, "satisfied": 4},
    # meaningful existence: 6-5, 6-5, 6-4, 1, 2 -> 1, 1, 2, 1, 2
    **{"invisible": 5, "meaningless": 5, "nonexistent": 4, "important": 1, "useful": 2},
    # control: 1, 2, 1, 6-5, 6-4 -> 1, 2, 1, 1, 2
    **{
        "powerful": 1,
        "control_over_course": 2,
        "able_to_alter": 1,
        "unable_to_influence": 5,
        "others_decided": 4,
    },
}
MOOD: dict[str, Answer] = {
    **{"good": 2, "friendly": 3, "pleasant": 2, "happy": 1},
    **{"bad": 4, "unfriendly": 2, "angry": 3, "sad": 5},  # 2, 4, 3, 1
}
BY_HAND = [
    (
        "needs",
        NEEDS,
        {"belonging": 1.8, "self_esteem": 3.2, "meaningful_existence": 1.4, "control": 1.4, "index": 1.95},
    ),
    (
        "needs_12",
        {
            **{"disconnected": 5, "rejected": 4, "outsider": 3},  # 1, 2, 3
            **{"good_about_myself": 3, "high_self_esteem": 3, "liked": 4},
            **{"invisible": 2, "meaningless": 1, "nonexistent": 1},  # 4, 5, 5
            **{"powerful": 1, "control_over_course": 1, "superior": 3},
        },
        {
            **{"belonging": 2, "self_esteem": 10 / 3, "meaningful_existence": 14 / 3, "control": 5 / 3},
            "index": (2 + 10 / 3 + 14 / 3 + 5 / 3) / 4,
        },
    ),
    (
        "needs_4",
        {"accepted": 2, "valued": 4, "powerful": 1, "recognised": 3},
        {"belonging": 2, "self_esteem": 4, "control": 1, "meaningful_existence": 3, "index": 2.5},
    ),
    ("mood", MOOD, {"index": (2 + 3 + 2 + 1 + 2 + 4 + 3 + 1) / 8}),
    ("mood_1", {"mood": 4}, {"index": 4}),
    ("mood_4", {"good": 7, "happy": 6, "relaxed": 5, "friendly": 4}, {"index": 5.5}),
    ("hurt", {"hurt": 4, "wounded": 3, "rejected": 5}, {"index": 4}),
    ("hurt_vas", {"hurt": 61.5}, {"index": 61.5}),
    (
        "manipulation_check",
        {"ignored": 5, "excluded": 4, "throws_percent": 7},
        {"excluded_ignored": 4.5, "throws_percent": 7},
    ),
    ("pain_intensity", {"intensity": 12.25}, {"index": 12.25}),
    ("pain_unpleasantness", {"unpleasantness": 100}, {"index": 100}),
    ("suspicion", {"odd": None, "real": 33, "computer_controlled": None}, {"real": 33}),
    ("distress_vas", {"distress": 40.5}, {"index": 40.5}),
    ("threshold_unpleasantness", {"unpleasantness": 50}, {"index": 50}),
    ("pain_nrs", {"intensity": 7}, {"index": 7}),
    ("control_rating", {"warmth": 30}, {"index": 30}),
    (
        "need_to_belong",
        {
            **{"bothered": 2, "avoid": 3, "care": 1, "turn_to": 4, "accept": 5},  # 4, 3, 5, 4, 5
            **{"alone": 2, "apart": 5, "need": 4, "plans": 3, "feelings": 5},  # 2, 1, 4, 3, 5
        },
        {"index": 3.6},
    ),
    (
        "rejection_sensitivity",
        {
            **{"lend_concern": 1, "lend_acceptance": 6, "share_home_concern": 6, "share_home_acceptance": 1},
            **{"table_concern": 2, "table_acceptance": 5, "talk_concern": 3, "talk_acceptance": 4},
            **{"weekend_concern": 4, "weekend_acceptance": 3, "advice_concern": 5, "advice_acceptance": 2},
            **{"help_concern": 6, "help_acceptance": 6, "visit_concern": 1, "visit_acceptance": 1},
        },
        {"concern": 3.5, "expectation": 3.5, "index": (1 + 36 + 4 + 9 + 16 + 25 + 6 + 6) / 8},
    ),
]


@pytest.mark.parametrize(("measure", "answers", "expected"), BY_HAND, ids=[case[0] for case in BY_HAND])
def test_shipped_measures_by_hand(
    measure: str, answers: dict[str, Answer], expected: dict[str, float]
) -> None:
    """Reversed as keyed, mean of items, index as mean of the four needs."""
    assert scored(form(measure, **answers)) == pytest.approx(expected)


def test_every_shipped_measure_with_scores_has_a_case_by_hand() -> None:
    """A measure added to the project is scored by hand here before it is scored by anybody."""
    assert {name for name, measure in MEASURES.items() if measure.scores} == {case[0] for case in BY_HAND}


@pytest.mark.parametrize("name", [name for name, m in MEASURES.items() if m.role == "need_satisfaction"])
def test_best_and_worst_answers_reach_the_ends(name: str) -> None:
    """Whoever chooses the satisfied end of every item has the greatest score, and the other way round."""
    measure = MEASURES[name]
    for best in (True, False):
        answers: dict[str, Answer] = {
            item.id: measure.bounds(item)[int(best != item.reverse)] for item in measure.items
        }
        made = score(form(name, **answers), MEASURES)
        assert (made["score"] == made["high" if best else "low"]).all()


def test_distress_by_hand() -> None:
    """Threat: index 1.95 on 1-5 is 23.75 % satisfied, so 76.25; mood 2.25 is 31.25 %, so 68.75; mean 72.5."""
    made = composites.distress(score(pd.concat([form("needs", **NEEDS), form("mood", **MOOD)]), MEASURES))
    assert made["score"].tolist() == pytest.approx([72.5])
    assert list(made.loc[0, ["measure", "subscale", "low", "high"]]) == ["distress", "index", 0.0, 100.0]


def test_distress_needs_both_parts() -> None:
    """One missing item of either part leaves the composite missing; hurt feelings have no say."""
    lacking = MOOD | {"sad": None}
    ratings = [
        form("needs", **NEEDS),
        form("mood", **lacking),
        form("needs", "sub-2", **NEEDS),
        form("mood", "sub-3", **MOOD),
        form("hurt", "sub-1", hurt=5, wounded=5, rejected=5),
    ]
    made = composites.distress(score(pd.concat(ratings), MEASURES)).set_index("participant_id")
    assert made["score"].isna().all()
    assert made["n_missing"].to_dict() == {"sub-1": 1, "sub-2": 1, "sub-3": 1}


def test_two_need_measures_at_one_stage_must_be_chosen_from() -> None:
    """The composite never guesses which one is meant."""
    four: dict[str, Answer] = {"accepted": 2, "valued": 4, "powerful": 1, "recognised": 3}
    ratings = pd.concat([form("needs", **NEEDS), form("needs_4", **four), form("mood", **MOOD)])
    made = score(ratings, MEASURES)
    with pytest.raises(
        AnalysisError, match=r"several measures .* \(needs, needs_4\); choose one with needs="
    ):
        composites.distress(made)
    chosen = composites.distress(made, needs="needs_4")
    assert chosen["score"].tolist() == pytest.approx([(100 - 100 * 1.5 / 8 + 68.75) / 2])


def test_threat_is_the_other_direction_once() -> None:
    """Threat is min + max - satisfaction, named so; converting again finds nothing to convert."""
    made = composites.threat(score(form("needs", **NEEDS), MEASURES))
    found = dict(zip(made["subscale"], made["score"], strict=True))
    assert found["index_threat"] == pytest.approx(6 - 1.95)
    assert composites.threat(made).empty


def test_pomp_by_hand() -> None:
    """2.25 on 1-5 is 31.25 % of the maximum possible."""
    assert composites.pomp(score(form("mood", **MOOD), MEASURES))["score"].tolist() == pytest.approx([31.25])


def test_a_missing_item_is_missing_whether_its_row_is_there_or_not() -> None:
    """No row and a row without a value count the same, and the need and the index are missing."""
    with_row = score(form("needs", **(NEEDS | {"useful": None})), MEASURES)
    without = form("needs", **NEEDS)
    without = without[without["item"] != "useful"]
    pd.testing.assert_frame_equal(with_row, score(without, MEASURES))
    found = with_row.set_index("subscale")
    assert found.loc[["meaningful_existence", "index"], "score"].isna().all()
    assert (found.loc["index", "n_items"], found.loc["index", "n_missing"]) == (20, 1)
    assert found.loc["belonging", "score"] == pytest.approx(1.8)


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ({"hurt": 6.0}, "'hurt' = 6.0 \\(allowed: 1 to 5\\)"),
        ({"hurt": -99.0}, "'hurt' = -99.0"),
        ({"wounded": 2.5}, "'wounded' = 2.5"),
        ({"wonded": 2.0}, "has no item 'wonded'; it has: hurt, rejected, wounded"),
    ],
)
def test_answers_that_cannot_be_are_named(answers: dict[str, Answer], said: str) -> None:
    """Outside the scale, between its steps, or of an item that there is not."""
    with pytest.raises(AnalysisError, match=said):
        score(form("hurt", **answers), MEASURES)


def test_an_answer_that_is_no_number_is_named() -> None:
    """A typed '4,' is neither 4 nor missing."""
    ratings = form("hurt", hurt=4, wounded=None, rejected=1).assign(answer=["4", "4,", "1"])
    with pytest.raises(AnalysisError, match="'wounded' = 4, "):
        score(ratings, MEASURES)


def test_twice_answered_and_unknown_measures_are_named() -> None:
    """Neither the first nor the last of two answers is taken."""
    with pytest.raises(AnalysisError, match="item 'hurt' of measure 'hurt' is answered twice"):
        score(pd.concat([form("hurt", hurt=1), form("hurt", hurt=2)]), MEASURES)
    with pytest.raises(AnalysisError, match="no measure 'hrut'"):
        score(form("hrut", hurt=1), MEASURES)


def test_frames_from_elsewhere_need_no_session_and_no_run() -> None:
    """Any frame with the stated columns is scored."""
    made = score(form("hurt", hurt=1, wounded=2, rejected=3).drop(columns=["session", "run"]), MEASURES)
    assert made["score"].tolist() == [2.0]


def test_alpha_is_that_of_pingouin() -> None:
    """With Feldt's interval; reversed items count reversed; an incomplete form is left out and counted."""
    rng = np.random.default_rng(3)
    people = []
    for _ in range(30):
        level = rng.normal(3, 0.8)
        raw: dict[str, Answer] = {
            item.id: float(np.clip(round(level + rng.normal(0, 0.7)), 1, 5))
            for item in MEASURES["mood"].items
        }
        people.append(raw)
    ratings = pd.concat(
        form(
            "mood",
            f"sub-{i}",
            **{k: 6 - v if MEASURES["mood"].item(k).reverse else v for k, v in raw.items()},
        )
        for i, raw in enumerate(people)
    )
    ratings = pd.concat([ratings, form("mood", "sub-x", **(MOOD | {"sad": None}))])
    row = reliability.alpha(ratings, MEASURES).iloc[0]
    found, limits = pingouin.cronbach_alpha(pd.DataFrame(people))
    assert row["alpha"] == pytest.approx(found)
    assert (row["ci_low"], row["ci_high"]) == pytest.approx(tuple(limits), abs=5e-4)
    assert (row["n"], row["n_left_out"], row["n_items"]) == (30, 1, 8)


def test_received_throws_are_counted_per_run_without_practice() -> None:
    """Two of five throws reach the participant; each run has a score of its own."""
    receivers = ["coplayer1", "participant", "coplayer3", "participant", "coplayer1"]
    throws = pd.DataFrame({"receiver": receivers}).assign(
        participant_id="sub-1", session="ses-01", run=1, condition="exclusion", task="cyberball"
    )
    again = throws.iloc[:3].assign(run=2)
    runs = composites.received(pd.concat([throws, again, throws.assign(task="practice")]))
    assert runs[["run", "throws", "receptions"]].to_numpy().tolist() == [[1, 5, 2], [2, 3, 1]]
    assert runs["percent"].tolist() == pytest.approx([40, 100 / 3])
    assert composites.received_scores(runs)["score"].tolist() == pytest.approx([40, 100 / 3])


def test_of_a_run_begun_again_only_the_last_counts() -> None:
    """2 of 5 after the power cut, not 3 of 8; broken off for good, what there is; none beside the design."""
    runs = pd.DataFrame(
        {
            "participant_id": "sub-1",
            "session": "ses-01",
            "run": pd.array([1, 2, 3, 4, 5], dtype="Int64"),
            "condition": ["exclusion", "exclusion", "exclusion", "exclusion", "inclusion"],
            "throws": [3, 5, 4, 0, 10],
            "receptions": [1, 2, 1, 0, 5],
            "place": pd.array([1, 1, 2, 2, None], dtype="Int64"),
        }
    )
    made = composites.received_scores(runs.sample(frac=1, random_state=1))
    assert made["score"].tolist() == pytest.approx([40, 25])
    assert (made["run"].tolist(), made["n_items"].tolist()) == ([2, 3], [5, 4])
    assert made["condition"].tolist() == ["exclusion", "exclusion"]


def test_alpha_takes_each_participant_once_and_conditions_apart() -> None:
    """By hand: the items' means over two complete forms; the third, incomplete, is left out of them."""
    answers: dict[str, list[dict[str, Answer]]] = {
        "sub-1": [{"hurt": 1, "wounded": 1, "rejected": 2}, {"hurt": 3, "wounded": 3, "rejected": 2}],
        "sub-2": [{"hurt": 4, "wounded": 5, "rejected": 4}, {"hurt": 4, "wounded": 3, "rejected": 4}],
        "sub-3": [{"hurt": 5, "wounded": 4, "rejected": 5}, {"hurt": 1, "wounded": None, "rejected": 1}],
        "sub-4": [{"hurt": None, "wounded": 1, "rejected": 1}],
    }
    parts = [
        form("hurt", who, **raw).assign(run=run, condition="a")
        for who, forms in answers.items()
        for run, raw in enumerate(forms, start=1)
    ]
    row = reliability.alpha(pd.concat(parts), MEASURES).iloc[0]
    # Means of items: (2, 2, 2), (4, 4, 4), (5, 4, 5); variances 7/3, 4/3, 7/3; sums 6, 12, 14, variance 52/3.
    assert row["alpha"] == pytest.approx(3 / 2 * (1 - 6 / (52 / 3)))
    assert (row["n"], row["n_left_out"], row["n_runs"]) == (3, 1, 5)
    assert pd.isna(row["condition"])
    both = pd.concat([*parts, *(part.assign(run=9, condition="b") for part in parts[::2])])
    assert reliability.alpha(both, MEASURES)["condition"].tolist() == ["a", "b"]


def test_measures_come_from_files(tmp_path: Path) -> None:
    """A measure may allow missing items: the mean is over those that are there."""
    text = (CONDITIONS / "measures" / "hurt.toml").read_text(encoding="utf-8")
    file = tmp_path / "hurt.toml"
    file.write_text(
        text.replace('mean_of_items = "all"', 'mean_of_items = "all"\nmax_missing = 1'), encoding="utf-8"
    )
    lenient = {"hurt": read(file, Measure)}
    assert score(form("hurt", hurt=4, wounded=1), lenient)["score"].tolist() == [2.5]
    assert score(form("hurt", hurt=4), lenient)["score"].isna().all()


def test_a_mean_of_subscales_is_no_mean_of_items() -> None:
    """Of one and three items: 5 and (1 + 2 + 3) / 3 make 3.5, the four items 2.75; some may miss."""
    scale = {"kind": "likert", "low": 1, "high": 5}
    ids = {"a": "short", "b": "long", "c": "long", "d": "long"}
    more = {"high_means": "more"}
    measure = Measure.model_validate(
        {
            "title": "Made up",
            "citation": "none",
            "role": "other",
            "scale": scale,
            "items": tuple({"id": item, "subscale": subscale} for item, subscale in ids.items()),
            "scores": (
                {"name": "short", "mean_of_items": "short", **more},
                {"name": "long", "mean_of_items": "long", "max_missing": 1, **more},
                {"name": "of_scores", "mean_of_scores": ("short", "long"), **more},
                {"name": "lenient", "mean_of_scores": ("short", "long"), "max_missing": 1, **more},
                {"name": "of_items", "mean_of_items": "all", **more},
            ),
        }
    )
    whole = score(form("made_up", a=5, b=1, c=2, d=3), {"made_up": measure}).set_index("subscale")
    assert whole["score"].to_dict() == {
        "short": 5,
        "long": 2,
        "of_scores": 3.5,
        "lenient": 3.5,
        "of_items": 2.75,
    }
    part = score(form("made_up", a=None, b=1, c=None, d=3), {"made_up": measure}).set_index("subscale")
    assert part["score"].fillna(-1).to_dict() == {
        "short": -1,
        "long": 2,
        "of_scores": -1,
        "lenient": 2,
        "of_items": -1,
    }
    assert part["n_missing"].to_dict() == {"short": 1, "long": 1, "of_scores": 2, "lenient": 2, "of_items": 2}


def test_a_mean_of_products_multiplies_pairs_after_reversal() -> None:
    """Concern times 7 - acceptance, as Downey and Feldman (1996) score it: 2 x (7 - 6) and 5 x (7 - 3)."""
    acceptance = {"subscale": "acceptance", "reverse": True}
    measure = Measure.model_validate(
        {
            "title": "Made up",
            "citation": "none",
            "role": "trait",
            "scale": {"kind": "likert", "low": 1, "high": 6},
            "items": ({"id": "a"}, {"id": "b", **acceptance}, {"id": "c"}, {"id": "d", **acceptance}),
            "scores": (
                {"name": "index", "mean_of_products": (("a", "b"), ("c", "d")), "high_means": "more"},
                {
                    "name": "lenient", "mean_of_products": (("a", "b"), ("c", "d")), "max_missing": 1,
                    "high_means": "more",
                },
                {"name": "of_scores", "mean_of_scores": ("index", "lenient"), "high_means": "more"},
            ),
        }
    )  # fmt: skip
    whole = score(form("made_up", a=2, b=6, c=5, d=3), {"made_up": measure}).set_index("subscale")
    assert whole["score"].to_dict() == {"index": 11, "lenient": 11, "of_scores": 11}
    assert set(zip(whole["low"], whole["high"], strict=True)) == {(1, 36)}
    assert whole["n_items"].to_dict() == {"index": 4, "lenient": 4, "of_scores": 8}
    part = score(form("made_up", a=2, b=None, c=5, d=3), {"made_up": measure}).set_index("subscale")
    assert part["score"].fillna(-1).to_dict() == {"index": -1, "lenient": 20, "of_scores": -1}
    assert part["n_missing"]["index"] == 1
    assert measure.range_of("of_scores") == (1, 36)
