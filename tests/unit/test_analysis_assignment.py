"""Under which condition a score counts, and who is missing."""

from __future__ import annotations

import pandas as pd
import pytest

from analysis.assignment import assigned, with_absent


def rows(*found: tuple[str, str, str, str | None, float]) -> pd.DataFrame:
    """Return scores: participant, measure, stage, condition of the run that came last, score."""
    frame = pd.DataFrame(found, columns=["participant_id", "measure", "stage", "condition", "score"])
    frame = frame.assign(session="ses-01", subscale="index", n_items=4, n_missing=0, low=1.0, high=5.0)
    return frame.astype({"score": float}).assign(high_means="more", role="mood")


def sessions(**cells: str) -> pd.DataFrame:
    """Return sessions: participant and the conditions of the cell, joined by commas."""
    return pd.DataFrame(
        [(person, "ses-01", "small", text.replace(",", "-"), text) for person, text in cells.items()],
        columns=["participant_id", "session", "protocol", "cell", "conditions"],
    )


def test_between_participants_the_cell_counts_and_not_the_last_run() -> None:
    """Baseline came before any run, and everybody is included again at the end: still their own condition."""
    made = rows(
        ("p1", "mood", "baseline", None, 4),
        ("p1", "mood", "reflexive", "exclusion", 2),
        ("p1", "mood", "repair", "inclusion", 3),
        ("p2", "mood", "reflexive", "inclusion", 4),
    )
    found = assigned(made, sessions(p1="exclusion", p2="inclusion"))
    assert list(found["condition"]) == ["exclusion", "exclusion", "exclusion", "inclusion"]


def test_within_participants_the_run_counts_and_forms_of_the_whole_session_have_none() -> None:
    """Mood after each game belongs to its game; suspicion, asked once, belongs to neither."""
    made = rows(
        ("p1", "mood", "reflexive", "inclusion", 4),
        ("p1", "mood", "reflexive", "exclusion", 2),
        ("p1", "suspicion", "end", "exclusion", 50),
        ("p2", "mood", "reflexive", "exclusion", 2),
    )
    found = assigned(made, sessions(p1="inclusion,exclusion", p2="exclusion,inclusion"))
    assert list(found["condition"][[0, 1, 3]]) == ["inclusion", "exclusion", "exclusion"]
    assert pd.isna(found["condition"][2])


def test_who_stopped_after_the_first_game_keeps_its_condition() -> None:
    """One form under one condition says nothing of forms asked once, where nobody went further."""
    made = rows(("p1", "mood", "reflexive", "exclusion", 2), ("p2", "mood", "reflexive", "inclusion", 4))
    found = assigned(made, sessions(p1="exclusion,inclusion", p2="inclusion,exclusion"))
    assert list(found["condition"]) == ["exclusion", "inclusion"]


def test_who_never_came_to_a_form_is_missing_from_it() -> None:
    """What somebody of the same conditions answered is expected of everybody, and of nobody else."""
    made = rows(
        ("p1", "mood", "reflexive", "exclusion", 2),
        ("p1", "mood", "reflective", "exclusion", 3),
        ("p2", "mood", "reflexive", "exclusion", 1),
        ("p3", "mood", "reflexive", "inclusion", 5),
    ).assign(run=pd.array([1, 1, 1, 1], dtype="Int64"))
    found = with_absent(made, sessions(p1="exclusion", p2="exclusion", p3="inclusion", p4="exclusion"))
    absent = found[found["score"].isna()]
    told = sorted(zip(absent["participant_id"], absent["stage"], absent["condition"], strict=True))
    assert told == [
        ("p2", "reflective", "exclusion"),
        ("p4", "reflective", "exclusion"),
        ("p4", "reflexive", "exclusion"),
    ]
    assert (absent["n_missing"] == absent["n_items"]).all()
    pd.testing.assert_frame_equal(found[: len(made)], made)


def test_nobody_absent_changes_nothing() -> None:
    """The frame is given back as it was."""
    made = rows(("p1", "mood", "reflexive", "exclusion", 2))
    assert with_absent(made, sessions(p1="exclusion")) is made


@pytest.mark.parametrize("cell", [None, "exclusion"])
def test_data_of_a_session_without_a_cell_keeps_its_own_condition(cell: str | None) -> None:
    """Nothing is known of the design there, so nothing is changed."""
    made = rows(("p1", "mood", "reflexive", "exclusion", 2))
    listed = sessions(p1="exclusion").assign(cell=cell, conditions=cell)
    assert list(assigned(made, listed)["condition"]) == ["exclusion"]


def test_what_is_expected_does_not_hang_on_order_or_level() -> None:
    """Who stopped early in a cell of their own misses what those with the same games came to."""
    made = rows(("p1", "mood", "reflexive", "a", 2), ("p1", "mood", "reflexive", "b", 3))
    listed = sessions(p1="a,b,b,a", p2="b,a,a,b").assign(cell=["a-b.human", "b-a.computer"])
    found = with_absent(made, listed)
    absent = found[found["score"].isna()]
    told = sorted(zip(absent["participant_id"], absent["condition"], strict=True))
    assert told == [("p2", "a"), ("p2", "b")]
    other = listed.assign(protocol=["small", "variant"])
    assert with_absent(made, other) is made


def with_runs(made: pd.DataFrame, *runs: int | None) -> pd.DataFrame:
    """Return scores with the number of the run that each followed."""
    return made.assign(run=pd.array(list(runs), dtype="Int64"))


def placed(*found: tuple[str, int, int | None]) -> pd.DataFrame:
    """Return runs: participant, number, place in the design."""
    frame = pd.DataFrame(found, columns=["participant_id", "run", "place"]).assign(session="ses-01")
    return frame.astype({"run": "Int64", "place": "Int64"})


def test_a_form_after_a_game_beside_the_design_belongs_to_no_condition() -> None:
    """Everybody plays inclusion at the end; rated within, it is no second run of the condition."""
    made = rows(
        ("p1", "mood", "reflexive", "inclusion", 4),
        ("p1", "mood", "reflexive", "exclusion", 2),
        ("p1", "mood", "reflexive", "inclusion", 5),
    )
    runs = placed(("p1", 1, 1), ("p1", 2, 2), ("p1", 3, None))
    found = assigned(with_runs(made, 1, 2, 3), sessions(p1="inclusion,exclusion"), runs)
    assert list(found["condition"].fillna("none")) == ["inclusion", "exclusion", "none"]


def test_between_a_form_asked_after_another_game_too_counts_once() -> None:
    """Mood after a game for all and again after the condition's: only the second is the condition's."""
    made = rows(
        ("p1", "mood", "reflexive", "inclusion", 4),
        ("p1", "mood", "reflexive", "exclusion", 2),
        ("p1", "mood", "repair", "inclusion", 3),
        ("p2", "mood", "reflexive", "inclusion", 4),
    )
    runs = placed(("p1", 1, None), ("p1", 2, 1), ("p1", 3, None), ("p2", 1, None))
    found = assigned(with_runs(made, 1, 2, 3, 1), sessions(p1="exclusion", p2="exclusion"), runs)
    assert list(found["condition"].fillna("none")) == ["none", "exclusion", "exclusion", "none"]


def test_a_lost_events_table_costs_no_rating_its_condition() -> None:
    """A run that nothing is known of is taken for one of the design."""
    made = with_runs(rows(("p1", "mood", "reflexive", "exclusion", 2)), 1)
    assert list(assigned(made, sessions(p1="exclusion"), placed())["condition"]) == ["exclusion"]
