"""What all figures of an analysis have in common: files, text, marks, size."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from xml.etree import ElementTree as ET

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from matplotlib.text import Text
from PIL import Image

from analysis.dataset import Dataset, load
from analysis.describe import by_condition
from analysis.errors import AnalysisError
from analysis.figures import Figured, all_figures, as_svg, write
from analysis.figures.density import density, jitter
from analysis.figures.doses import doses
from analysis.figures.flow import flows
from analysis.figures.rainclouds import rainclouds
from analysis.figures.style import COLOURS, HAIRLINE, INK, LINES, MARKERS, PAGE_MM, QUIET, ticks
from analysis.figures.words import file_name
from analysis.results import Summary, summary
from experiment.stage import palette
from tests.figured import EXAMPLE, Floats, raincloud_of

# Machado, Oliveira & Fernandes (2009), IEEE Trans Vis Comput Graph 15:1291, table 1, severity 1.0.
PROTANOPIA = [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
]
DEUTERANOPIA = [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.011820, 0.042940, 0.968881],
]
TO_XYZ = [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
TOLD_APART = 12.0
"""Distance in CIELAB (1976); 2.3 is just noticeable for large patches side by side, marks need some more."""


@pytest.fixture(scope="module")
def study() -> tuple[Summary, Dataset]:
    """The example, summarised."""
    data = load(EXAMPLE)
    return summary(data), data


@pytest.fixture(scope="module")
def figures(study: tuple[Summary, Dataset]) -> list[Figured]:
    """All its figures."""
    return list(all_figures(*study))


@pytest.fixture(scope="module")
def pictures(figures: list[Figured]) -> list[tuple[Figured, str]]:
    """One figure of each kind, as text."""
    kinds = ("flow", "trajectory_dose", "trajectory_stages", "raincloud_needs_reflexive", "forest_between")
    return [(figured, as_svg(figured)) for figured in figures if figured.name in kinds]


def seen_as(colour: str, matrix: list[list[float]]) -> Floats:
    """Return the CIELAB coordinates of a colour as somebody with this deficiency sees it."""
    parts = np.array(palette.channels(colour)) / 255
    linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    seen = np.clip(np.array(matrix) @ linear, 0, 1)
    x, y, z = np.array(TO_XYZ) @ seen / [0.95047, 1.0, 1.08883]
    fx, fy, fz = (np.cbrt(v) if v > 216 / 24389 else (24389 / 27 * v + 16) / 116 for v in (x, y, z))
    return np.array([116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)])


@pytest.mark.parametrize("matrix", [np.eye(3).tolist(), PROTANOPIA, DEUTERANOPIA])
def test_conditions_are_told_apart_by_those_who_see_fewer_colours(matrix: list[list[float]]) -> None:
    """Any two of the eight colours differ for normal sight, without red and without green cones."""
    for one, other in combinations(COLOURS, 2):
        distance = np.linalg.norm(seen_as(one, matrix) - seen_as(other, matrix))
        assert distance > TOLD_APART, (one, other)


def test_conditions_are_told_apart_in_grey() -> None:
    """No two of the eight have the same mark, and no two neighbours the same dashes."""
    assert len(set(MARKERS)) == len(MARKERS) >= len(COLOURS)
    assert len(set(map(str, LINES))) == len(LINES) == 5


def test_the_ink_is_that_of_the_stage() -> None:
    """The figures have the colours of the stage's text and lines."""
    assert (INK, QUIET, HAIRLINE) == (palette.INK, palette.QUIET, palette.HAIRLINE)


def test_a_study_has_its_figures(figures: list[Figured]) -> None:
    """A classic study has flow, dose, stages, a raincloud for each measure and stage, and a forest."""
    names = [figured.name for figured in figures]
    assert len(set(names)) == len(names)
    assert {"flow", "trajectory_dose", "trajectory_stages", "forest_between"} <= set(names)
    assert "raincloud_needs_reflexive" in names
    assert not [name for name in names if name.startswith("paired")]
    assert all(re.fullmatch(r"[a-z0-9]+(_[a-z0-9]+)*", name) for name in names)


def test_every_figure_says_of_how_many_and_that_they_are_simulated(figures: list[Figured]) -> None:
    """Caption and drawing both say that the participants are simulated; the caption gives n in a sentence."""
    for figured in figures:
        assert "n = " in figured.caption, figured.name
        assert figured.caption.endswith("The participants are simulated."), figured.name
        texts = [text.get_text() for text in figured.figure.findobj(Text)]
        assert "simulated participants" in texts, figured.name


def test_people_are_not_called_simulated(study: tuple[Summary, Dataset]) -> None:
    """Neither caption nor drawing of a real study says so."""
    real = replace(study[0], simulated=False)
    for figured in (next(flows(real)), next(rainclouds(real))):
        assert "simulated" not in figured.caption
        assert "simulated" not in " ".join(text.get_text() for text in figured.figure.findobj(Text))


def test_all_text_can_be_read_at_the_width_of_print(figures: list[Figured]) -> None:
    """No text is smaller than 7 pt, and no figure wider than the text of the printed report, 176 mm."""
    for figured in figures:
        shown = [text for text in figured.figure.findobj(Text) if text.get_text() and text.get_visible()]
        assert min(float(text.get_fontsize()) for text in shown) >= 7, figured.name
        assert figured.figure.get_size_inches()[0] * 25.4 <= 176.01


def test_figures_come_out_the_same_to_the_byte(
    study: tuple[Summary, Dataset], figures: list[Figured], tmp_path: Path
) -> None:
    """Drawn anew and written again, every file is the same."""
    chosen = ("flow", "trajectory_dose", "raincloud_distress_reflexive")
    first = write([figured for figured in figures if figured.name in chosen], tmp_path / "a")
    anew = (next(flows(study[0])), next(doses(*study)), next(rainclouds(study[0])))
    again = write(anew, tmp_path / "b")
    assert [file.name for file in first] == [file.name for file in again]
    assert len(first) == 9
    assert all(a.read_bytes() == b.read_bytes() for a, b in zip(first, again, strict=True))
    assert sorted(tmp_path.glob("a/*")) == sorted(first)


def test_the_png_has_300_dots_to_the_inch(figures: list[Figured], tmp_path: Path) -> None:
    """As many pixels across as the page has parts of an inch."""
    flow = next(figured for figured in figures if figured.name == "flow")
    png = next(file for file in write(flow, tmp_path) if file.suffix == ".png")
    with Image.open(png) as image:
        assert abs(image.width - PAGE_MM / 25.4 * 300) <= 1


def test_a_place_that_cannot_be_written_is_said(figures: list[Figured], tmp_path: Path) -> None:
    """A file where the folder should be ends in one line."""
    (tmp_path / "figures").write_text("")
    with pytest.raises(AnalysisError, match="cannot be written"):
        write(figures[0], tmp_path / "figures")


def test_several_figures_stand_in_one_page(pictures: list[tuple[Figured, str]]) -> None:
    """No id occurs twice, every reference is to the own figure, and nothing is fetched from outside."""
    ids: list[str] = []
    for _, text in pictures:
        root = ET.fromstring(text)
        own = [element.get("id", "") for element in root.iter() if element.get("id")]
        ids += own
        asked = re.findall(r'(?:href="#|url\(#)([^")]+)', text)
        assert set(asked) <= set(own)
        assert not re.search(r'href="(?!#|data:)', text)
        assert "<style" not in text
        assert "<!DOCTYPE" not in text
    assert len(set(ids)) == len(ids)


def test_a_figure_speaks_to_those_who_cannot_see_it(pictures: list[tuple[Figured, str]]) -> None:
    """The element is an image with title and description; its text is text, in a font at hand anywhere."""
    for figured, text in pictures:
        root = ET.fromstring(text)
        space = "{http://www.w3.org/2000/svg}"
        assert root.get("role") == "img"
        assert root.findtext(f"{space}title") == figured.title
        assert root.findtext(f"{space}desc") == figured.caption
        fonts = re.findall(r"font(?:-family)?: ([^;\"]*)", text)
        assert fonts
        assert all(font.endswith("sans-serif") for font in fonts)


def test_drawing_leaves_the_settings_as_they_were(study: tuple[Summary, Dataset]) -> None:
    """Whoever draws something else with matplotlib between two figures does so in their own style."""
    before = dict(mpl.rcParams)
    drawing: Iterator[Figured] = all_figures(*study)
    next(drawing)
    next(drawing)
    assert dict(mpl.rcParams) == before


def test_no_density_beyond_the_scale() -> None:
    """However the values crowd at an end, the area between the ends is 1."""
    values = np.array([1.0, 1.0, 1.2, 1.4, 1.0, 2.0, 5.0, 1.6])
    found = density(values, 1.0, 5.0)
    assert found is not None
    grid, height = found
    assert grid.min() == 1.0
    assert grid.max() == 5.0
    assert np.trapezoid(height, grid) == pytest.approx(1, abs=0.01)


def test_a_density_has_the_height_of_the_normal_distribution() -> None:
    """Of very many normal values the density in the middle is nearly 1 / sqrt(2 pi) = 0.3989."""
    values = np.random.default_rng(1).normal(size=20_000)
    found = density(values, -10.0, 10.0)
    assert found is not None
    assert np.interp(0.0, *found) == pytest.approx(0.3989, abs=0.012)


def test_values_all_the_same_have_no_density() -> None:
    """One value has no shape, and many equal ones neither."""
    assert density(np.array([3.0]), 1.0, 5.0) is None
    assert density(np.full(40, 3.0), 1.0, 5.0) is None


def test_points_are_spread_evenly_and_always_alike() -> None:
    """Each tenth of the width has a tenth of the points, give or take one."""
    counts, _ = np.histogram(jitter(100), bins=10, range=(-0.5, 0.5))
    assert set(counts) <= {9, 10, 11}
    assert (jitter(100)[:50] == jitter(50)).all()


@pytest.mark.parametrize(
    ("low", "high", "marks"),
    [
        (1, 5, [1, 2, 3, 4, 5]),
        (1, 7, [1, 2, 3, 4, 5, 6, 7]),
        (1, 9, [1, 3, 5, 7, 9]),
        (0, 100, [0, 25, 50, 75, 100]),
    ],
)
def test_a_scale_is_marked_at_both_ends(low: float, high: float, marks: list[float]) -> None:
    """Whole numbers where they are few, quarters else."""
    assert ticks(low, high) == marks


def test_names_of_files_are_plain() -> None:
    """Lower case, words joined by underscores, whatever a measure is called."""
    assert file_name("raincloud", "Needs-12.b", "reflexive") == "raincloud_needs_12_b_reflexive"


@pytest.mark.parametrize(
    ("values", "clouds", "points"),
    [
        ({"inclusion": []}, 0, 0),
        ({"inclusion": [3.0]}, 0, 1),
        ({"inclusion": [3.0, 2.0, 4.0, 1.0]}, 0, 4),
        ({"inclusion": [3.0] * 30}, 0, 1),
        ({"inclusion": [3.0, 2.0, 4.0, 1.0, np.nan, 5.0], "exclusion": [1.0, 2.0]}, 1, 7),
    ],
    ids=["nobody", "one", "few", "constant", "one missing"],
)
def test_little_data_is_drawn_for_what_it_is(
    study: tuple[Summary, Dataset], values: dict[str, list[float]], clouds: int, points: int
) -> None:
    """Fewer than five are points alone, equal values are one mark, and a missing score has no point."""
    figured = raincloud_of(study[0], values)
    axes = figured.figure.axes[0]
    shapes = [type(each).__name__ for each in axes.collections]
    assert shapes.count("FillBetweenPolyCollection") == clouds
    drawn = [each for each in axes.collections if type(each).__name__ == "PathCollection"]
    assert sum(len(np.asarray(each.get_offsets())) for each in drawn) == points


def test_the_same_value_of_all_is_one_mark(study: tuple[Summary, Dataset]) -> None:
    """Points on top of each other would be a blob, and a box or a cloud has no width."""
    figured = raincloud_of(study[0], {"inclusion": [3.0] * 9, "exclusion": list(np.linspace(1, 5, 9))})
    marks = [len(np.asarray(each.get_offsets())) for each in figured.figure.axes[0].collections
             if type(each).__name__ == "PathCollection"]  # fmt: skip
    assert marks == [1, 9]
    assert "one mark stands for them" in figured.caption


def test_eight_conditions_with_long_names_keep_within_the_figure(study: tuple[Summary, Dataset]) -> None:
    """No name is cut off at the edge, and none lies over its neighbour."""
    values = {f"a_rather_long_name_of_condition_{n}": list(np.linspace(1, 5, 9)) for n in range(8)}
    figure = raincloud_of(study[0], values).figure
    figure.draw_without_rendering()
    boxes = [label.get_window_extent() for label in figure.axes[0].get_yticklabels()]
    assert min(box.x0 for box in boxes) >= 0
    assert not [1 for upper, lower in combinations(boxes, 2) if upper.overlaps(lower)]


def test_ten_thousand_participants_stay_under_a_megabyte(study: tuple[Summary, Dataset]) -> None:
    """All points are there, as an image, and the caption says so."""
    rng = np.random.default_rng(4)
    names = ["inclusion", "exclusion"]
    values = {name: list(np.clip(rng.normal(3, 1, 5000), 1, 5)) for name in names}
    figured = raincloud_of(study[0], values)
    assert len(as_svg(figured)) < 1_000_000
    assert "image in the vector files" in figured.caption
    assert "n = 5000 (inclusion) and 5000 (exclusion)" in figured.caption


def test_the_mean_is_that_of_the_summary(study: tuple[Summary, Dataset]) -> None:
    """The dot and its bar stand where by_condition says, not where somebody reckons them again."""
    values = {"inclusion": [1.0, 2.0, 2.0, 3.0, 5.0, 4.0]}
    axes = raincloud_of(study[0], values).figure.axes[0]
    people = pd.DataFrame({"participant_id": list("abcdef"), "score": values["inclusion"]})
    people = people.assign(condition="inclusion", measure="needs", stage="reflexive", subscale="index")
    expected = by_condition(people).iloc[0]
    drawn = [np.asarray(line.get_xdata(), dtype=float).tolist() for line in axes.lines]
    assert [expected["mean"]] in drawn
    assert [expected["ci_low"], expected["ci_high"]] in drawn


def test_rainclouds_follow_the_order_of_the_summary(study: tuple[Summary, Dataset]) -> None:
    """Distress comes first, as in the tables."""
    names = [figured.name for figured in rainclouds(study[0])]
    assert names[0] == "raincloud_distress_reflexive"
