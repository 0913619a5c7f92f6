"""One list of columns behind writer, sidecars and dictionary."""

from __future__ import annotations

import json

import pytest

from experiment.bids import sidecar
from experiment.columns import EVENTS, OUTCOMES, PERMISSIONS, SESSIONS, TABLES, TRIAL_TYPES, label
from experiment.earlier import ENDED
from tests.scripted import tiny


def test_bids_wants_onset_and_duration_first() -> None:
    """And the keys of the tables of a study."""
    assert [column.name for column in EVENTS[:2]] == ["onset", "duration"]
    assert TABLES["participants"][0].name == "participant_id"
    assert TABLES["sessions"][0].name == "session_id"


@pytest.mark.parametrize("table", sorted(TABLES))
def test_a_sidecar_holds_every_column_and_no_other(table: str) -> None:
    """In the same order, with the unit and the levels of the list."""
    described = json.loads(sidecar(TABLES[table]))
    assert list(described) == [column.name for column in TABLES[table]]
    for column in TABLES[table]:
        assert described[column.name].get("Units", "") == column.unit
        assert described[column.name].get("Levels", {}) == dict(column.levels)


def test_levels_are_the_words_that_are_written() -> None:
    """Outcomes, permissions and kinds of rows."""
    levels = {column.name: column.levels for column in (*SESSIONS, *EVENTS)}
    assert levels["outcome"] is OUTCOMES
    assert levels["permission"] is PERMISSIONS
    assert levels["trial_type"] is TRIAL_TYPES
    assert set(OUTCOMES) > ENDED


def test_players_are_called_by_who_they_are() -> None:
    """The participant is player 2, as published."""
    numbers = tiny().games["fair"].coplayer_numbers()
    assert [label(number) for number in (*numbers, 2)] == ["coplayer1", "coplayer3", "participant"]
