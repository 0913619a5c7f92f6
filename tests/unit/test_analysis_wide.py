"""One row per participant: names, values, codebook, and the files for other programs."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis import naming, programs
from analysis.codebook import codebook
from analysis.dataset import load
from analysis.export import write
from analysis.frames import one_per_participant
from analysis.results import summary
from analysis.wide import variables, wide

EXAMPLE = Path(__file__).parents[2] / "data" / "example"
SPSS = re.compile(r"[A-Za-z][A-Za-z0-9_]*[A-Za-z0-9]")


def scores(*rows: tuple[str, str, str, str | None, float]) -> pd.DataFrame:
    """Return scores of belonging: participant, session, stage, condition, score."""
    made = pd.DataFrame(rows, columns=["participant_id", "session", "stage", "condition", "score"])
    return made.assign(
        measure="needs", subscale="belonging", low=1.0, high=5.0, high_means="need satisfied", role="x"
    )


def sessions(*rows: tuple[str, str, str]) -> pd.DataFrame:
    """Return sessions: participant, session, conditions."""
    made = pd.DataFrame(rows, columns=["participant_id", "session", "conditions"])
    made = made.assign(cell=made["conditions"], protocol="study", factors="dose=high")
    return made.assign(stratum=None, belief="human", outcome="completed")


def participants(*people: str) -> pd.DataFrame:
    """Return participants, all alike."""
    return pd.DataFrame({"participant_id": people}).assign(
        age=20.0, gender="woman", handedness="left", simulated=True
    )


BETWEEN = scores(
    ("sub-2", "ses-01", "reflexive", "inclusion", 4.0),
    ("sub-1", "ses-01", "reflexive", "exclusion", 2.0),
    ("sub-1", "ses-01", "baseline", "exclusion", 3.5),
)


def test_between_participants_a_score_is_one_column() -> None:
    """The condition is a column; who has no value is missing."""
    people = one_per_participant(BETWEEN)
    made = wide(
        people,
        sessions(("sub-1", "ses-01", "exclusion"), ("sub-2", "ses-01", "inclusion")),
        participants("sub-1", "sub-2"),
    )
    assert made["participant_id"].tolist() == ["sub-1", "sub-2"]
    assert made["condition"].tolist() == ["exclusion", "inclusion"]
    assert made["factor_dose"].tolist() == ["high", "high"]
    assert made["simulated"].tolist() == [1, 1]
    assert made["needs_belonging_reflexive"].tolist() == [2.0, 4.0]
    assert made["needs_belonging_baseline"].iloc[0] == 3.5
    assert np.isnan(made["needs_belonging_baseline"].iloc[1])


def test_within_participants_a_score_is_a_column_for_each_condition() -> None:
    """Baseline, asked once and of no condition, keeps its plain name; the order of conditions stays."""
    told = scores(
        ("sub-1", "ses-01", "reflexive", "exclusion", 2.0),
        ("sub-1", "ses-01", "reflexive", "inclusion", 4.0),
        ("sub-1", "ses-01", "baseline", None, 3.0),
        ("sub-2", "ses-01", "reflexive", "inclusion", 5.0),
    )
    people = one_per_participant(told)
    cells = sessions(("sub-1", "ses-01", "inclusion,exclusion"), ("sub-2", "ses-01", "exclusion,inclusion"))
    made = wide(people, cells, participants("sub-1", "sub-2")).set_index("participant_id")
    assert made["order"].tolist() == ["inclusion>exclusion", "exclusion>inclusion"]
    assert made["condition"].isna().all()
    assert made.loc["sub-1", "needs_belonging_reflexive_exclusion"] == 2.0
    assert made.loc["sub-1", "needs_belonging_reflexive_inclusion"] == 4.0
    assert made["needs_belonging_reflexive_exclusion"].isna().tolist() == [False, True]
    assert made.loc["sub-1", "needs_belonging_baseline"] == 3.0


def test_several_sessions_do_not_collide() -> None:
    """The mean, as in the other tables, and beside it each session; so with what a session was."""
    told = scores(
        ("sub-1", "ses-01", "reflexive", "exclusion", 2.0),
        ("sub-1", "ses-02", "reflexive", "exclusion", 3.0),
        ("sub-2", "ses-01", "reflexive", "inclusion", 5.0),
    )
    cells = sessions(
        ("sub-1", "ses-01", "exclusion"), ("sub-1", "ses-02", "exclusion"), ("sub-2", "ses-01", "inclusion")
    )
    made = wide(one_per_participant(told), cells, participants("sub-1", "sub-2"), told)
    assert made["needs_belonging_reflexive"].tolist() == [2.5, 5.0]
    assert made["needs_belonging_reflexive_ses_01"].tolist() == [2.0, 5.0]
    assert made["needs_belonging_reflexive_ses_02"].iloc[0] == 3.0
    assert made["n_sessions"].tolist() == [2, 1]
    assert made["condition_ses_02"].iloc[0] == "exclusion"
    assert pd.isna(made["condition_ses_02"].iloc[1])


def test_two_values_for_one_place_are_refused() -> None:
    """A participant twice under one condition is no frame with one value each."""
    doubled = pd.concat([BETWEEN, BETWEEN])
    with pytest.raises(ValueError, match="duplicate"):
        wide(doubled, sessions(("sub-1", "ses-01", "exclusion")), participants("sub-1"))


def test_a_baseline_of_no_condition_beside_one_of_a_condition() -> None:
    """Both values of the same participant have a place."""
    told = scores(
        ("sub-1", "ses-01", "reflexive", "exclusion", 2.0), ("sub-1", "ses-01", "reflexive", None, 4.0)
    )
    named = variables(one_per_participant(told))
    assert set(named["variable"]) == {"needs_belonging_reflexive", "needs_belonging_reflexive_exclusion"}


@pytest.mark.parametrize(
    ("parts", "name"),
    [
        (("needs", "belonging", "reflexive"), "needs_belonging_reflexive"),
        (("mood", "index", "ses-02"), "mood_index_ses_02"),
        (("1st", "x"), "v_1st_x"),
        (("not",), "v_not"),
    ],
)
def test_names(parts: tuple[str, ...], name: str) -> None:
    """Letters, digits, underscores, a letter first, no word of SPSS's own."""
    assert naming.name(*parts) == name


def test_names_too_long_or_alike_stay_apart() -> None:
    """At most 64 characters; names that differ at the end or in their case alone are two."""
    long = [naming.name("m" * 60, "subscale", stage) for stage in ("reflexive", "reflective")]
    assert len(set(long)) == 2
    assert max(map(len, long)) <= naming.LONGEST
    assert naming.unique(["Mood", "mood", "age"], taken=["age"]) == ["Mood", "mood_2", "age_2"]
    assert naming.unique(["m" * 64, "m" * 64])[1] == "m" * 62 + "_2"


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder with the example's files."""
    folder = tmp_path_factory.mktemp("derivatives")
    write(summary(load(EXAMPLE)), folder)
    return folder


def test_the_codebook_has_a_row_for_every_column(written: Path) -> None:
    """In their order, with the scale's ends; every name is one for SPSS, and none twice."""
    book = pd.read_csv(written / "codebook.tsv", sep="\t", na_values="n/a", keep_default_na=False)
    table = pd.read_csv(written / "wide.tsv", sep="\t", na_values="n/a", keep_default_na=False)
    assert book["variable"].tolist() == table.columns.tolist()
    assert all(SPSS.fullmatch(name) and len(name) <= 64 for name in table.columns)
    assert len({name.lower() for name in table.columns}) == len(table.columns)
    row = book.set_index("variable").loc["needs_belonging_reflexive"]
    assert (row["measure"], row["subscale"], row["stage"]) == ("needs", "belonging", "reflexive")
    assert (row["low"], row["high"], row["high_means"]) == (1, 5, "need satisfied")
    assert (row["n"], row["n_missing"]) == (18, 0)
    assert book.set_index("variable").loc["condition", "values"] == "inclusion; exclusion; gradual_exclusion"


def test_both_tables_hold_the_same_numbers(written: Path) -> None:
    """As the table by participant has them; missing is n/a in one and empty in the other."""
    tsv = pd.read_csv(written / "wide.tsv", sep="\t", na_values="n/a", keep_default_na=False)
    with_commas = pd.read_csv(written / "wide.csv", na_values="", keep_default_na=False)
    pd.testing.assert_frame_equal(tsv, with_commas, check_dtype=False)
    assert "n/a" not in (written / "wide.csv").read_text(encoding="utf-8")
    long = pd.read_csv(written / "by_participant.tsv", sep="\t", na_values="n/a")
    own = long[(long["subscale"] == "belonging") & (long["stage"] == "reflexive")]
    found = tsv.set_index("participant_id")["needs_belonging_reflexive"]
    assert found.to_dict() == own.set_index("participant_id")["score"].to_dict()


def test_the_scripts_read_every_column_in_order(written: Path) -> None:
    """SPSS takes columns by their place: the script must name all of them, in the order of the file."""
    header = next(csv.reader(io.StringIO((written / "wide.csv").read_text(encoding="utf-8"))))
    syntax = (written / "read_spss.sps").read_text(encoding="utf-8")
    read = syntax.split("/VARIABLES=\n")[1].split(".\n\nVARIABLE LABELS")[0]
    assert [line.split()[0] for line in read.splitlines()] == header
    assert max(len(line.encode()) for line in syntax.splitlines()) <= 256
    assert syntax.isascii()
    assert "  ('inclusion'=1)\n  ('exclusion'=2)\n  ('gradual_exclusion'=3)\n  INTO condition_code." in syntax
    r = (written / "read_r.R").read_text(encoding="utf-8")
    assert 'na.strings = "n/a"' in r
    numbers = re.search(r"numbers <- c\(\n(.*?)\n\)", r, re.DOTALL)
    assert numbers is not None
    texts = {"participant_id", "gender", "handedness", "protocol", "cell", "stratum", "belief", "outcome"}
    texts |= {"condition", "order"}
    assert set(re.findall(r'"(\w+)"', numbers[1])) == set(header) - texts
    ignored = (written / ".bidsignore").read_text(encoding="utf-8").split()
    assert {"wide.csv", "wide.tsv", "codebook.tsv", "read_spss.sps", "read_r.R"} <= set(ignored)


def test_quotes_and_commas_survive() -> None:
    """A text with a comma is quoted in the table, one with a quote doubled in SPSS and escaped in R."""
    people = one_per_participant(BETWEEN)
    texts = pd.Series(['it\'s, "so"', pd.NA], dtype="str")
    own = participants("sub-1", "sub-2").assign(gender=texts)
    cells = sessions(("sub-1", "ses-01", "exclusion"), ("sub-2", "ses-01", "inclusion"))
    table = wide(people, cells, own)
    book = codebook(table, people, BETWEEN, {"needs": "Children's needs"})
    made = programs.files(table, book)
    rows = list(csv.reader(io.StringIO(made["wide.csv"])))
    assert rows[1][2] == 'it\'s, "so"'
    assert rows[2][2] == ""
    assert "'Children''s needs: belonging, reflexive (high = need satisfied)'" in made["read_spss.sps"]
