"""What is said of the columns of the written tables."""

from __future__ import annotations

from pathlib import Path

import pytest

from analysis.dataset import load
from analysis.meanings import MEANINGS, sidecar
from analysis.results import summary

EXAMPLE = Path(__file__).parents[2] / "data" / "example"


def test_every_column_of_every_table_has_a_meaning_of_its_own() -> None:
    """None is made up from its name; timing and the wide table have dictionaries of their own."""
    tables = summary(load(EXAMPLE)).tables()
    assert len(tables) > 10
    unknown = {
        f"{name}.{column}"
        for name, table in tables.items()
        for column in table.columns
        if name not in ("timing", "wide") and column not in MEANINGS
    }
    assert unknown == set()


def test_a_column_without_a_meaning_is_not_written() -> None:
    """A new column cannot slip into a table unexplained."""
    with pytest.raises(KeyError, match="shoe_size"):
        sidecar(["shoe_size"])
