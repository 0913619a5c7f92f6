"""Ratings collected elsewhere: from somebody's table to the same scores."""

from __future__ import annotations

import math
from pathlib import Path

import pandas as pd
import pytest
from openpyxl import Workbook  # type: ignore[import-untyped]

from analysis import scores
from analysis.dataset import load
from analysis.flow import permitted
from analysis.results import summary
from experiment.definitions.errors import DefinitionError
from experiment.ratings.errors import RatingsError
from experiment.ratings.importing import import_ratings
from experiment.roster import show
from experiment.study import StudyError, study_at
from experiment.verifying import journals_in
from tests.validating import validate

EXAMPLE = Path(__file__).parents[2] / "data" / "example"

MAP = """
title = "A survey"
study = "survey"
participant = "id"
permission = "granted"
condition = "cond"
missing = ["-99", "NA"]
{more}
[conditions]
1 = "inclusion"
2 = "exclusion"

[[forms]]
measure = "mood"
stage = "reflexive"
columns = "mood_{{number}}"
{form}
"""
HEAD = ["id", "cond", *(f"mood_{i}" for i in range(1, 9))]
ROWS = [
    ["a1", "1", "5", "4", "5", "4", "1", "2", "1", "2"],
    ["a2", "2", "2", "1", "2", "-99", "4", "5", "4", "5"],
    ["a3", "1", "4", "4", "4", "4", "2", "2", "2", "2"],
]


def mapping(folder: Path, more: str = "", form: str = "") -> Path:
    """Write a mapping file."""
    file = folder / "map.toml"
    file.write_text(MAP.format(more=more, form=form), encoding="utf-8")
    return file


def table(folder: Path, rows: list[list[str]], separator: str = ",", encoding: str = "utf-8") -> Path:
    """Write a table with the usual header."""
    file = folder / "table.csv"
    lines = [separator.join(row) for row in [HEAD, *rows]]
    file.write_text("\r\n".join(lines) + "\r\n", encoding=encoding, newline="")
    return file


def moods(dataset: Path) -> dict[str, float | None]:
    """Return the mood of each participant, None where there is none."""
    data = load(dataset)
    assert data.skipped == ()
    made = scores.score(data.ratings, data.measures)
    found = dict(zip(made["participant_id"], made["score"], strict=True))
    return {str(name): None if math.isnan(mood) else float(mood) for name, mood in found.items()}


def test_answers_become_scores_and_the_dataset_is_bids(tmp_path: Path) -> None:
    """By hand: 6 - x for the four reversed words, the mean of eight; one missing is allowed in none."""
    done = import_ratings(table(tmp_path, ROWS), mapping(tmp_path), tmp_path / "data")
    assert (done.participants, done.forms, done.permitted, done.key) == (3, 3, 3, None)
    found = moods(done.dataset)
    assert found["sub-a1"] == pytest.approx((5 + 4 + 5 + 4 + 5 + 4 + 5 + 4) / 8)
    assert found["sub-a3"] == pytest.approx(4.0)
    data = load(done.dataset)
    assert data.conditions == ("inclusion", "exclusion")
    assert data.ratings.loc[data.ratings["participant_id"] == "sub-a2", "value"].isna().sum() == 1
    validate(done.dataset)


@pytest.mark.parametrize(
    ("separator", "encoding", "said"),
    [
        (";", "cp1252", "utf-8, separated by ';'"),
        ("\t", "utf-8-sig", "utf-8, separated by tabs"),
        (";", "utf-16", "utf-16, separated by ';'"),
    ],
)
def test_any_usual_way_of_writing_a_table_gives_the_same_scores(
    tmp_path: Path, separator: str, encoding: str, said: str
) -> None:
    """Separators and encodings are found, and told."""
    plain = import_ratings(table(tmp_path, ROWS), mapping(tmp_path), tmp_path / "plain")
    other = import_ratings(table(tmp_path, ROWS, separator, encoding), mapping(tmp_path), tmp_path / "other")
    assert moods(other.dataset) == moods(plain.dataset)
    assert other.notes[0] == f"read as {said}"


def test_a_text_that_is_no_utf8_is_read_as_latin1(tmp_path: Path) -> None:
    """A column of another language, as programs in Germany write it."""
    file = table(tmp_path, ROWS, ";")
    text = file.read_text(encoding="utf-8").replace("mood_8", "mood_8;Größe", 1)
    lines = text.splitlines()
    lines[1:] = [line + ";ja" for line in lines[1:]]
    file.write_bytes("\n".join(lines).encode("cp1252"))
    done = import_ratings(file, mapping(tmp_path), tmp_path / "data")
    assert done.notes[0] == "read as cp1252, separated by ';'"
    assert moods(done.dataset)["sub-a3"] == pytest.approx(4.0)


def test_a_workbook_gives_the_same_scores(tmp_path: Path) -> None:
    """Numbers of a sheet are numbers; several sheets need a name."""
    plain = import_ratings(table(tmp_path, ROWS), mapping(tmp_path), tmp_path / "plain")
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "answers"
    for row in [HEAD, *ROWS]:
        sheet.append([int(cell) if cell.lstrip("-").isdigit() else cell for cell in row])
    book.create_sheet("notes")
    file = tmp_path / "table.xlsx"
    book.save(file)
    with pytest.raises(RatingsError, match=r"several sheets \(answers, notes\); name one"):
        import_ratings(file, mapping(tmp_path), tmp_path / "data")
    done = import_ratings(file, mapping(tmp_path, 'sheet = "answers"'), tmp_path / "data")
    assert moods(done.dataset) == moods(plain.dataset)


def test_items_that_the_table_has_reversed_are_turned_back(tmp_path: Path) -> None:
    """Scoring reverses them; twice would be wrong."""
    plain = import_ratings(table(tmp_path, ROWS), mapping(tmp_path), tmp_path / "plain")
    turned = [
        [*row[:6], *("-99" if cell == "-99" else str(6 - int(cell)) for cell in row[6:])] for row in ROWS
    ]
    form = 'already_reversed = "all"'
    done = import_ratings(table(tmp_path, turned), mapping(tmp_path, form=form), tmp_path / "all")
    assert moods(done.dataset) == moods(plain.dataset)
    form = 'already_reversed = ["bad", "unfriendly", "angry", "sad"]'
    done = import_ratings(table(tmp_path, turned), mapping(tmp_path, form=form), tmp_path / "named")
    assert moods(done.dataset) == moods(plain.dataset)


def test_words_become_numbers_by_the_mapping(tmp_path: Path) -> None:
    """As surveys export them; what is not listed is a problem, not a guess."""
    rows = [[*ROWS[0][:2], "extremely", *ROWS[0][3:]]]
    form = 'values = { extremely = 5, "not at all" = 1 }'
    done = import_ratings(table(tmp_path, rows), mapping(tmp_path, form=form), tmp_path / "data")
    assert moods(done.dataset)["sub-a1"] == pytest.approx(4.5)


def test_a_decimal_comma_is_read_where_it_is_said(tmp_path: Path) -> None:
    """Lines of 0-100 have fractions."""
    rows = [["a1", "1", "12,5"], ["a2", "2", "80"]]
    file = tmp_path / "table.csv"
    file.write_text("\n".join(";".join(row) for row in [["id", "cond", "pain"], *rows]), encoding="utf-8")
    text = MAP.format(more='decimal = ","', form="").split("[[forms]]")[0]
    text += '[[forms]]\nmeasure = "pain_intensity"\nstage = "reflexive"\nitems = { pain = "pain" }\n'
    item = next(iter(load(EXAMPLE).measures["pain_intensity"].items)).id
    (tmp_path / "map.toml").write_text(text.replace("{ pain =", f"{{ {item} ="), encoding="utf-8")
    done = import_ratings(file, tmp_path / "map.toml", tmp_path / "data")
    assert load(done.dataset).ratings["value"].tolist() == [12.5, 80.0]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({2: "6"}, "line 3, column 'mood_1': '6' is not allowed: a whole number 1 to 5"),
        ({2: "3.5"}, "line 3, column 'mood_1': '3.5' is not allowed: a whole number 1 to 5"),
        ({2: "about 4"}, "line 3, column 'mood_1': 'about 4' is not allowed"),
        ({2: "-77"}, "line 3, column 'mood_1': '-77' is not allowed"),
        ({1: "3"}, "line 3, column 'cond': '3' is not allowed: conditions has '1', '2'"),
        ({0: ""}, "line 3: has no participant in column 'id'"),
        ({0: "A1", 1: "1"}, "line 3: participant 'A1' is there already, in line 2; say twice"),
    ],
)
def test_what_cannot_be_used_is_named_by_line_and_column(
    tmp_path: Path, change: dict[int, str], said: str
) -> None:
    """And nothing is written, nor left lying about."""
    rows = [list(row) for row in ROWS]
    for place, cell in change.items():
        rows[1][place] = cell
    with pytest.raises(RatingsError) as refused:
        import_ratings(table(tmp_path, rows), mapping(tmp_path), tmp_path / "data")
    assert said in str(refused.value)
    assert not (tmp_path / "data").exists()


def test_the_first_problems_are_told_and_the_rest_counted(tmp_path: Path) -> None:
    """A code for missing answers that was forgotten is in hundreds of cells."""
    rows = [[f"p{i}", "1", *["-66"] * 8] for i in range(10)]
    with pytest.raises(RatingsError, match="and 75 more like these"):
        import_ratings(table(tmp_path, rows), mapping(tmp_path), tmp_path / "data")


def test_a_participant_who_is_there_twice_counts_as_the_mapping_says(tmp_path: Path) -> None:
    """The first or the last; each is noted."""
    again = ["A1", "1", *["3"] * 8]
    for which, mood in (("first", 4.5), ("last", 3.0)):
        more = f'twice = "{which}"'
        done = import_ratings(table(tmp_path, [*ROWS, again]), mapping(tmp_path, more), tmp_path / which)
        assert f"line 5: participant 'A1' is there already, in line 2: the {which} counts" in done.notes
        assert {name.lower(): value for name, value in moods(done.dataset).items()}["sub-a1"] == mood


def test_lines_that_hold_no_answers_are_left_out_where_named(tmp_path: Path) -> None:
    """Some surveys write three lines of names."""
    rows = [["Response ID", "Condition", *["Right now I feel"] * 8], *ROWS]
    done = import_ratings(table(tmp_path, rows), mapping(tmp_path, "skip_lines = [2]"), tmp_path / "data")
    assert done.participants == 3


def test_codes_that_may_be_a_name_are_replaced_and_kept_apart(tmp_path: Path) -> None:
    """An address of a participant enters no file of the dataset."""
    rows = [["ann@lab.test", *ROWS[0][1:]], ["bo@lab.test", *ROWS[1][1:]]]
    done = import_ratings(table(tmp_path, rows), mapping(tmp_path), tmp_path / "data")
    assert done.key == tmp_path / "data" / "private" / "survey" / "codes.tsv"
    assert "sub-001\tann@lab.test" in done.key.read_text(encoding="utf-8")
    for file in done.dataset.rglob("*"):
        assert file.is_dir() or b"lab.test" not in file.read_bytes()


def test_permission_is_taken_from_its_column(tmp_path: Path) -> None:
    """Who said no is counted, and in no table."""
    file = tmp_path / "table.csv"
    lines = [",".join([*HEAD, "ok"])]
    lines += [",".join([*row, ok]) for row, ok in zip(ROWS, ("yes", "no", ""), strict=True)]
    file.write_text("\n".join(lines), encoding="utf-8")
    text = MAP.format(more="", form="").replace(
        'permission = "granted"', 'permission = { column = "ok", granted = ["yes"] }'
    )
    (tmp_path / "map.toml").write_text(text, encoding="utf-8")
    done = import_ratings(file, tmp_path / "map.toml", tmp_path / "data")
    data = load(done.dataset)
    assert dict(zip(data.sessions["participant_id"], data.sessions["permission"], strict=True)) == {
        "sub-a1": "granted",
        "sub-a2": "refused",
        "sub-a3": "unanswered",
    }
    assert set(permitted(data).ratings["participant_id"]) == {"sub-a1"}


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('participant = "id"', 'participant = "ID"', "has no column 'ID'; did you mean 'id'"),
        ("mood_{number}", "mod_{number}", "has no column 'mod_1'; did you mean 'mood_1'"),
        ('measure = "mood"', 'measure = "moood"', "moood"),
        ("columns =", "column =", "column"),
        ("mood_{number}", "mood", "needs {item} or {number} in it"),
        ('condition = "cond"', "", "needs a condition, since no column is named as condition"),
    ],
)
def test_a_mapping_that_cannot_be_is_refused_in_a_line(tmp_path: Path, old: str, new: str, said: str) -> None:
    """With what is allowed, and nothing written."""
    file = mapping(tmp_path)
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises((RatingsError, DefinitionError)) as refused:
        import_ratings(table(tmp_path, ROWS), file, tmp_path / "data")
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)
    assert not (tmp_path / "data").exists()


def test_a_cut_off_row_and_a_file_that_is_no_table_are_named(tmp_path: Path) -> None:
    """Ragged, binary, unknown, missing, empty."""
    ragged = table(tmp_path, [ROWS[0], ROWS[1][:5]])
    with pytest.raises(RatingsError, match="line 3 has 5 cells, the first line has 10"):
        import_ratings(ragged, mapping(tmp_path), tmp_path / "data")
    for name, content, said in (
        ("a.csv", b"id,cond\x00\n", "zero bytes"),
        ("a.sav", b"$FL2", "tables of this kind are not read"),
        ("a.xlsx", b"PK no zip", "no readable workbook"),
        ("b.csv", b"", "is empty"),
    ):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(RatingsError, match=said):
            import_ratings(tmp_path / name, mapping(tmp_path), tmp_path / "data")
    with pytest.raises(RatingsError, match="cannot be read"):
        import_ratings(tmp_path / "nowhere.csv", mapping(tmp_path), tmp_path / "data")


def test_an_existing_study_is_left_as_it_is(tmp_path: Path) -> None:
    """A second import under the same name is refused."""
    done = import_ratings(table(tmp_path, ROWS), mapping(tmp_path), tmp_path / "data")
    before = {file: file.read_bytes() for file in done.dataset.rglob("*") if file.is_file()}
    with pytest.raises(RatingsError, match="exists already"):
        import_ratings(table(tmp_path, ROWS[:1]), mapping(tmp_path), tmp_path / "data")
    assert {file: file.read_bytes() for file in done.dataset.rglob("*") if file.is_file()} == before


def test_rows_and_columns_can_both_hold_the_conditions_of_one_participant(tmp_path: Path) -> None:
    """Within participants: a row for each condition, or a form for each; the scores are the same."""
    columns = [f"mood_{i}" for i in range(1, 9)]
    long = [
        ["a1", "1", *"44442222"],
        ["a1", "2", *"22224444"],
        ["a2", "2", *"11115555"],
        ["a2", "1", *"55551111"],
    ]
    done = import_ratings(table(tmp_path, long), mapping(tmp_path), tmp_path / "long")
    wide = tmp_path / "wide.csv"
    head = ["id", *(f"in_{c}" for c in columns), *(f"ex_{c}" for c in columns)]
    rows = [["a1", *"44442222", *"22224444"], ["a2", *"55551111", *"11115555"]]
    wide.write_text("\n".join(",".join(row) for row in [head, *rows]), encoding="utf-8")
    text = MAP.format(more="", form="").replace('condition = "cond"\n', "").split("[[forms]]")[0]
    for prefix, name in (("in", "inclusion"), ("ex", "exclusion")):
        text += f'[[forms]]\nmeasure = "mood"\nstage = "reflexive"\ncondition = "{name}"\n'
        text += f'columns = "{prefix}_mood_{{number}}"\n'
    (tmp_path / "wide.toml").write_text(text, encoding="utf-8")
    other = import_ratings(wide, tmp_path / "wide.toml", tmp_path / "wide")
    means = [
        scores.score(data.ratings, data.measures).set_index(["participant_id", "condition"])["score"]
        for data in (load(done.dataset), load(other.dataset))
    ]
    pd.testing.assert_series_equal(means[0].sort_index(), means[1].sort_index())
    assert means[0]["sub-a1", "inclusion"] == pytest.approx(4.0)
    found = summary(load(done.dataset)).comparisons
    assert set(found["design"]) == {"within"}


def test_the_example_comes_back_through_a_table_with_the_same_scores(tmp_path: Path) -> None:
    """Needs and mood of every participant, exported wide as surveys do, and imported again."""
    data = load(EXAMPLE)
    part = data.ratings[
        data.ratings["measure"].isin(["needs", "mood"]) & (data.ratings["stage"] == "reflexive")
    ]
    wide = part.assign(name=part["measure"] + "_" + part["item"]).pivot_table(
        index="participant_id", columns="name", values="value"
    )
    cells = data.sessions.set_index("participant_id")["cell"]
    sheet = wide.astype(int).assign(cell=cells).reset_index()
    sheet["participant_id"] = sheet["participant_id"].str.removeprefix("sub-")
    sheet.to_csv(tmp_path / "table.csv", index=False, sep=";")
    names = "\n".join(f'{name} = "{name}"' for name in data.conditions)
    text = 'title = "Again"\nstudy = "again"\nparticipant = "participant_id"\npermission = "granted"\n'
    text += f'condition = "cell"\n[conditions]\n{names}\n'
    for name in ("needs", "mood"):
        text += f'[[forms]]\nmeasure = "{name}"\nstage = "reflexive"\ncolumns = "{name}_{{item}}"\n'
    (tmp_path / "map.toml").write_text(text, encoding="utf-8")
    done = import_ratings(tmp_path / "table.csv", tmp_path / "map.toml", tmp_path / "data")
    keys = ["participant_id", "measure", "subscale"]
    before = scores.score(part, data.measures).set_index(keys)["score"].sort_index()
    again = load(done.dataset)
    after = scores.score(again.ratings, again.measures).set_index(keys)["score"].sort_index()
    pd.testing.assert_series_equal(before, after)
    assert again.conditions == data.conditions


def test_what_needs_a_record_says_that_there_is_none(tmp_path: Path) -> None:
    """No session was run here, so none is missing, done or next."""
    done = import_ratings(table(tmp_path, ROWS), mapping(tmp_path), tmp_path / "data")
    with pytest.raises(StudyError, match="was imported from a table; no session was run here"):
        journals_in([done.dataset])
    with pytest.raises(StudyError, match="was imported from a table; no session was run here"):
        show(study_at(done.dataset), print)
