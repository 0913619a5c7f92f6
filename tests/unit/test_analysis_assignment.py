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
        [(person, "ses-01", text.replace(",", "-"), text) for person, text in cells.items()],
        columns=["participant_id", "session", "cell", "conditions"],
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
    """What somebody in the same cell answered is expected of everybody in it, and of nobody else."""
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
