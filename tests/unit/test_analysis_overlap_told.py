"""What the command, the report and the figures say of pain beside distress."""

from __future__ import annotations

import io
import json
import re
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from rich.console import Console
from statsmodels.regression.linear_model import OLS

from analysis import dataset, results
from analysis.export import write as write_tables
from analysis.figures.overlaps import band, overlaps
from analysis.meanings import MEANINGS, overlap_sidecar
from analysis.overlap import Overlap, overlap
from analysis.overlap_columns import OVERLAP
from analysis.overlap_words import show, warnings
from analysis.overlapping import main
from analysis.report.page import page
from analysis.report.pictures import Pictures
from analysis.results import Summary
from experiment import cli
from experiment.columns import MISSING
from experiment.simulate import Simulation, simulate
from tests.overlapping import Truth, between, within
from tests.unit.test_report import Page, rounded

EXAMPLE = Path(__file__).parents[2] / "data" / "example"


def analysed(truth: Truth, n: int, *, repeated: bool = False) -> Overlap:
    """Return the analysis of a made study."""
    made = (within if repeated else between)(truth, n, 11)
    return overlap(made.scores, made.sessions, made.participants, made.conditions)


def printed(found: Overlap, *, simulated: bool = False) -> str:
    """Return what the screen says, without its line breaks."""
    console = Console(file=io.StringIO(), width=100, highlight=False, markup=False)
    show(found, console, Path("study"), simulated=simulated)
    assert isinstance(console.file, io.StringIO)
    return re.sub(r"\s+", " ", console.file.getvalue())


@pytest.fixture(scope="module")
def strong() -> Overlap:
    """Much overlap among many."""
    return analysed(Truth(overlap=0.6, control=0.0), 120)


@pytest.fixture(scope="module")
def example() -> tuple[dataset.Dataset, Summary]:
    """The shipped example and its numbers."""
    data = dataset.load(EXAMPLE)
    return data, results.summary(data)


@pytest.fixture(scope="module", params=["between", "within"])
def told(
    request: pytest.FixtureRequest,
    example: tuple[dataset.Dataset, Summary],
    tmp_path_factory: pytest.TempPathFactory,
) -> tuple[str, Path]:
    """A report whose section on overlap has every kind of pair, and the folder of its tables."""
    data, summary = example
    found = analysed(Truth(overlap=0.5, control=0.1), 40, repeated=request.param == "within")
    summary = replace(summary, overlap=found)
    folder = tmp_path_factory.mktemp(request.param)
    write_tables(summary, folder)
    return page(data, summary, Pictures([])), folder


def of_section(text: str) -> str:
    """Return the section on overlap."""
    return text.partition('<section id="overlap">')[2].partition("</section>")[0]


def test_every_number_of_the_section_is_that_of_a_table(told: tuple[str, Path]) -> None:
    """In the file, row and column that it names, and shown rounded."""
    text, folder = told
    numbers = Page(of_section(text)).numbers
    assert len(numbers) > 500
    for given, shown in numbers:
        name, place, column = given["data-at"].split(" ")
        assert name.startswith("overlap")
        lines = (folder / f"{name}.tsv").read_text(encoding="utf-8").splitlines()
        written = dict(zip(lines[0].split("\t"), lines[int(place) + 1].split("\t"), strict=True))[column]
        assert written != MISSING, given
        exact = float({"True": "1", "False": "0"}.get(written, written))
        assert float(given["value"]) == exact, given
        assert rounded(shown, exact * int(given.get("data-times", "1"))), (given, shown)


def test_its_prose_has_no_number_of_its_own(told: tuple[str, Path]) -> None:
    """Whatever a sentence of the results tells is marked with its table."""
    text = "".join(Page(of_section(told[0])).outside)
    for known in ("95%", "BF10"):
        text = text.replace(known, "")
    assert text
    assert re.findall(r"\d", text) == []


def test_its_tables_have_a_caption_and_its_cautions_stand_below(told: tuple[str, Path]) -> None:
    """Method variance, wording, shared machinery, pooling, and what was asked of many pairs."""
    own = of_section(told[0])
    assert all(table["caption"] and table["heads"] for table in Page(own).tables)
    for said in ("self-report", "not validated", "shared neural machinery", "never pooled", "words of pain"):
        assert said in own


def test_a_dataset_without_pain_has_no_such_section(example: tuple[dataset.Dataset, Summary]) -> None:
    """And no empty table in its place."""
    data, summary = example
    summary = replace(summary, overlap=Overlap())
    assert 'id="overlap"' not in page(data, summary, Pictures([]))
    assert not [name for name in summary.tables() if name.startswith("overlap")]


def test_what_overlap_predicts_is_said_before_what_was_found(strong: Overlap) -> None:
    """Neither is taken for granted; a direction is named and held against the prediction."""
    text = printed(strong)
    predicted = text.index("Overlap predicts a negative correlation")
    assert predicted < text.index(
        "distress (reflexive) and heat threshold (baseline), adjusted for condition"
    )
    assert "lower with higher, the direction that overlap predicts; r = -0." in text
    assert "higher with higher, the direction that overlap predicts; r = 0." in text
    assert "SIMULATED" not in text
    assert "SIMULATED" in printed(strong, simulated=True)


def test_the_opposite_of_overlap_is_said_as_plainly() -> None:
    """A strong negative correlation of distress with pain."""
    text = printed(analysed(Truth(overlap=-0.6, style=0.0), 80))
    assert "lower with higher, the opposite of what overlap predicts" in text
    assert "the direction that" not in text


def test_no_clear_correlation_is_not_called_none(strong: Overlap) -> None:
    """What n would have found stands beside it."""
    text = printed(analysed(Truth(), 40))
    assert "no clear correlation either way; r = " in text
    assert re.search(r"This n finds a correlation of 0\.3\d with a power of \.80", text)
    assert "there is no overlap" not in text + printed(strong)


def test_a_small_study_is_warned_of_and_a_large_one_is_not() -> None:
    """85 are needed for r = .3, less than .20 to either side: 40 under each condition carry no claim."""
    small = list(warnings(analysed(Truth(overlap=0.5), 40)))
    assert len(small) == 1
    assert "within exclusion (n = 40)" in small[0]
    assert "adjusted for condition" in small[0]
    assert "carries no claim of overlap, and none of its absence" in small[0]
    assert list(warnings(analysed(Truth(overlap=0.5), 160))) == []


def test_a_strong_correlation_among_few_is_warned_of_too() -> None:
    """Its interval is narrow enough, but 60 would have missed most correlations of .3."""
    made = between(Truth(overlap=0.75), 60, 11, light=True)
    found = overlap(made.scores, made.sessions, made.participants, made.conditions)
    asked = found.correlations["kind"].isin(["pain", "sensitivity"])
    assert (found.correlations.loc[asked, "half_width"] < 0.2).all()
    told = list(warnings(found))
    assert len(told) == 1
    assert "within inclusion (n = 60); within exclusion (n = 60)" in told[0]
    assert "adjusted" not in told[0]


def test_every_column_of_every_table_is_explained(strong: Overlap) -> None:
    """None by the meaning that it has elsewhere where it means something else here."""
    tables = strong.tables()
    assert len(tables) == 7
    for table in tables.values():
        described = overlap_sidecar(table.columns)
        assert list(described) == list(table.columns)
    assert overlap_sidecar(["t"])["t"]["Description"] == OVERLAP["t"] != MEANINGS["t"]


def test_figures_show_the_composite_with_every_kind_of_rating(strong: Overlap) -> None:
    """One panel for each condition, a point for each participant; names are those of files."""
    drawn = list(overlaps(strong, ("inclusion", "exclusion"), simulated=True))
    assert [each.name for each in drawn] == [
        "overlap_sensitivity_heat_threshold_threshold_baseline_distress_reflexive",
        "overlap_pain_distress_reflexive_pain_unpleasantness_probes",
        "overlap_pain_distress_reflexive_pain_intensity_probes",
        "overlap_control_distress_reflexive_brightness_probes",
    ]
    for each in drawn:
        assert [len(axes.lines[0].get_xdata()) for axes in each.figure.axes] == [120, 120]  # type: ignore[arg-type]
        assert "adjusted for condition: r = " in each.caption
        assert each.caption.endswith("The participants are simulated.")


def test_the_band_of_a_slope_is_that_of_statsmodels() -> None:
    """95 % band of the mean."""
    rng = np.random.default_rng(1)
    x, e = rng.standard_normal((2, 20))
    at = np.linspace(-1, 2, 5)
    line, half = band(x, 2 * x + e, at)
    design = np.column_stack([np.ones(20), x])
    theirs = OLS(2 * x + e, design).fit().get_prediction(np.column_stack([np.ones(5), at])).conf_int()
    assert_allclose(np.column_stack([line - half, line + half]), theirs)


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """A copy of the example that may be written into."""
    return Path(shutil.copytree(EXAMPLE, tmp_path / "study"))


def test_the_command_writes_tables_sidecars_and_figures(
    copied: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """To `derivatives/spot`, which is a derivative in its own right; every row as printed."""
    assert main([str(copied)]) == 0
    shown = capsys.readouterr().out
    assert "Does distress go with pain?" in shown
    assert "SIMULATED" in shown
    folder = copied / "derivatives" / "spot"
    table = pd.read_csv(folder / "overlap.tsv", sep="\t", na_values="n/a")
    assert set(json.loads((folder / "overlap.json").read_text(encoding="utf-8"))) == set(table.columns)
    assert set(table["kind"]) == {"pain"}
    pictures = sorted(path.name for path in (folder / "figures").iterdir())
    assert "overlap_pain_distress_reflexive_pain_unpleasantness_reflexive.svg" in pictures
    assert {Path(name).suffix for name in pictures} == {".svg", ".pdf", ".png"}
    assert json.loads((folder / "dataset_description.json").read_text(encoding="utf-8"))["DatasetType"]
    ignored = (folder / ".bidsignore").read_text(encoding="utf-8").splitlines()
    assert {"overlap.tsv", "overlap_slopes.json", "figures/"} <= set(ignored)


def test_the_tables_are_those_of_the_summary(copied: Path, tmp_path: Path) -> None:
    """`spot summarize` writes the same, to the byte."""
    data = dataset.load(copied)
    write_tables(results.summary(data), tmp_path / "summary")
    assert main([str(copied), "--out", str(tmp_path / "overlap")]) == 0
    names = sorted(path.name for path in (tmp_path / "overlap").glob("overlap*"))
    assert len(names) == 14
    for name in names:
        assert (tmp_path / "overlap" / name).read_bytes() == (tmp_path / "summary" / name).read_bytes()


def test_a_covariate_is_added_and_one_that_is_not_there_refused(
    copied: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Handedness; the names that there are stand in the refusal."""
    assert main([str(copied), "--covariate", "handedness"]) == 0
    table = pd.read_csv(copied / "derivatives" / "spot" / "overlap.tsv", sep="\t", na_values="n/a")
    assert table["adjusted_for"].str.contains("negative affect, handedness").any()
    capsys.readouterr()
    assert main([str(copied), "--covariate", "shoe_size"]) == 2
    assert re.fullmatch(
        r"spot: covariate 'shoe_size' is in no table; there are: .*\n", capsys.readouterr().err
    )
    assert main([str(copied), "--covariate", "baseline"]) == 2
    assert capsys.readouterr().err.count("\n") == 1


@pytest.mark.slow
def test_a_dataset_without_pain_is_one_line_and_exit_code_1(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It says what is needed and what is there; nothing is written."""
    study = simulate(Simulation("belief", 4, 1, tmp_path), jobs=1).dataset
    monkeypatch.setattr("sys.argv", ["spot", "overlap", str(study)])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    shown = capsys.readouterr()
    assert ended.value.code == 1
    assert shown.out == ""
    assert re.fullmatch(r"spot: .*has no pain beside distress.*roles here: .*distress.*\n", shown.err)
    assert not (study / "derivatives").exists()


def test_no_dataset_is_a_wrong_request(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 2, one line."""
    assert main([str(tmp_path / "none")]) == 2
    assert re.fullmatch(r"spot: .*none.*\n", capsys.readouterr().err)
