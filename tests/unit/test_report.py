"""The report: one page, and on it the numbers of the tables and no others."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from decimal import Decimal
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from analysis import dataset, results
from analysis.errors import AnalysisError
from analysis.export import write as write_tables
from analysis.files import Skipped, Warned
from analysis.report import command, put
from analysis.report.page import page
from analysis.report.pictures import Pictures
from analysis.results import Summary
from experiment.columns import MISSING, OUTCOMES
from experiment.simulate import Simulation, simulate

EXAMPLE = Path(__file__).parents[2] / "data" / "example"
DESIGNS = ("classic", "within_gradual", "belief")


class Page(HTMLParser):
    """What a reader finds: every number with its place, texts of results, tables, headings, addresses."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[tuple[str, dict[str, str]]] = []
        self.numbers: list[tuple[dict[str, str], str]] = []
        self.outside: list[str] = []
        self.headings: list[int] = []
        self.ids: list[str] = []
        self.addresses: list[str] = []
        self.tables: list[dict[str, Any]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what begins."""
        given = {name: value or "" for name, value in attrs}
        self.addresses += [given[name] for name in ("src", "href", "xlink:href") if name in given]
        self.ids += [given["id"]] if "id" in given else []
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if tag == "table":
            self.tables.append({"caption": False, "heads": 0})
        if tag == "caption":
            self.tables[-1]["caption"] = True
        if tag == "th":
            assert given.get("scope") in ("col", "row", "rowgroup"), "a heading says of what"
            self.tables[-1]["heads"] += given["scope"] == "col"
        if tag == "data":
            self.numbers.append((given, ""))
        if tag == "sup" and self._within("data"):
            self._add("^")
        if tag not in ("meta", "link", "br", "path", "use", "rect", "image"):
            self.open.append((tag, given))

    def handle_endtag(self, tag: str) -> None:
        """Note what ends."""
        for place in range(len(self.open) - 1, -1, -1):
            if self.open[place][0] == tag:
                del self.open[place:]
                return

    def handle_data(self, data: str) -> None:
        """Note a text, apart where a number of a table stands."""
        if self._within("data"):
            self._add(data)
        elif any(given.get("class") == "result" for _, given in self.open):
            self.outside.append(data)

    def _within(self, tag: str) -> bool:
        return any(name == tag for name, _ in self.open)

    def _add(self, text: str) -> None:
        given, before = self.numbers[-1]
        self.numbers[-1] = (given, before + text)


def rounded(shown: str, exact: float) -> bool:
    """Return whether what is shown is the exact number to the digits that are shown."""
    text = shown.replace("\N{MINUS SIGN}", "-").replace("\xa0", "").replace(",", "").replace(" ", "")
    if text.startswith("<"):
        return exact < float(text[1:])
    if text.startswith(">"):
        return exact >= float(text[1:])
    if text == "∞":
        return exact > 1e300
    number = Decimal(text.replace("×10^", "e"))
    half = Decimal(5).scaleb(int(number.as_tuple().exponent) - 1)
    return abs(number - Decimal(repr(exact))) <= half * Decimal("1.000001")


@dataclass(frozen=True)
class Study:
    """The page of a small simulated study, and the folder of its tables."""

    text: str
    tables: Path


@pytest.fixture(scope="module", params=DESIGNS)
def study(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Study:
    """A study of each design."""
    folder = tmp_path_factory.mktemp(request.param)
    data = dataset.load(simulate(Simulation(request.param, 16, 5, folder), jobs=1).dataset)
    summary = results.summary(data)
    write_tables(summary, folder / "tables")
    return Study(html(data, summary), folder / "tables")


def html(data: dataset.Dataset, summary: Summary) -> str:
    """Return the page without figures, which have tests of their own."""
    return page(data, summary, Pictures([]))


@pytest.mark.slow
def test_every_number_is_that_of_a_table(study: Study) -> None:
    """In prose and in tables: the value is in the file, row and column that it names, and shown rounded."""
    numbers = Page(study.text).numbers
    tables: dict[str, list[dict[str, str]]] = {}
    assert len(numbers) > 500
    for given, shown in numbers:
        name, row, column = given["data-at"].split(" ")
        if name not in tables:
            lines = (study.tables / f"{name}.tsv").read_text(encoding="utf-8").splitlines()
            keys = lines[0].split("\t")
            tables[name] = [dict(zip(keys, line.split("\t"), strict=True)) for line in lines[1:]]
        written = tables[name][int(row)][column]
        assert written != MISSING, given
        exact = float({"True": "1", "False": "0"}.get(written, written))
        assert float(given["value"]) == exact, given
        assert rounded(shown, exact * int(given.get("data-times", "1"))), (given, shown)


@pytest.mark.slow
def test_prose_has_no_number_of_its_own(study: Study) -> None:
    """Whatever a sentence of the results counts or computes is marked with its table."""
    text = "".join(Page(study.text).outside)
    for known in ("95%", "BF10"):
        text = text.replace(known, "")
    assert re.findall(r"\d", text) == []


@pytest.mark.slow
def test_the_page_is_sound_for_those_who_cannot_see_it(
    study: Study,
) -> None:
    """Headings skip no level, tables have captions and headings, ids are unique, links lead somewhere."""
    found = Page(study.text)
    assert '<html lang="en">' in study.text
    assert found.headings.count(1) == 1
    below = found.headings[found.headings.index(1) :]
    assert all(after <= before + 1 for before, after in pairwise(below))
    assert all(table["caption"] and table["heads"] for table in found.tables)
    assert len(set(found.ids)) == len(found.ids)
    assert all(address.removeprefix("#") in found.ids for address in found.addresses if address != "data:,")


@pytest.mark.slow
def test_distress_comes_first_among_the_results_and_says_what_it_is(
    study: Study,
) -> None:
    """It is the project's own composite, and hurt feelings stay apart."""
    sections = re.findall(r'<section id="(\w+)">', study.text)
    results_of = [name for name in sections if name in ("distress", "needs", "mood", "hurt", "others")]
    assert results_of[0] == "distress"
    of_distress = study.text.partition('<section id="distress">')[2].partition("</section>")[0]
    assert "composite of this project" in of_distress
    assert "Hurt feelings stay apart" in of_distress


@pytest.fixture(scope="module")
def example() -> tuple[dataset.Dataset, Summary]:
    """The shipped example and its numbers."""
    data = dataset.load(EXAMPLE)
    return data, results.summary(data)


def test_simulated_participants_are_called_so_before_anything(
    example: tuple[dataset.Dataset, Summary],
) -> None:
    """The banner stands above the title; people have none."""
    data, summary = example
    text = html(data, summary)
    assert text.index('class="banner"') < text.index("<h1>")
    assert 'class="banner"' not in html(data, replace(summary, simulated=False))


def test_the_same_data_give_the_same_bytes_and_no_date_of_today(
    example: tuple[dataset.Dataset, Summary],
) -> None:
    """The page can be kept under version control; its date is that of the newest session."""
    data, summary = example
    assert html(data, summary) == html(data, summary)
    times = pd.Series(["2026-03-01T10:00:00", "2026-03-04T09:00:00"] * 9)
    dated = replace(data, sessions=data.sessions.assign(acq_time=times))
    assert "newest session 2026-03-04" in html(dated, summary)


def test_few_participants_are_warned_of_at_the_top(example: tuple[dataset.Dataset, Summary]) -> None:
    """Six under a condition are few."""
    top = html(*example).partition("</header>")[0]
    assert "Few participants" in top
    assert "n = 6" in top


def test_files_left_out_or_strange_are_named_and_the_rest_counted(
    example: tuple[dataset.Dataset, Summary],
) -> None:
    """Ten of each stand on the page."""
    data, summary = example
    bad = tuple(Skipped(f"sub-{n:03d}/a.tsv", "is empty") for n in range(25))
    odd = (Warned("sub-001/b.tsv", "rows are out of order"),)
    top = html(data, replace(summary, skipped=bad, warnings=odd)).partition("</header>")[0]
    assert "Left out because it cannot be read: sub-009/a.tsv (is empty)." in top
    assert "sub-010/a.tsv" not in top
    assert "Left out because it cannot be read: 15 more, named in left_out.tsv." in top
    assert "Read, although something is strange: sub-001/b.tsv (rows are out of order)." in top


def test_nothing_from_data_can_write_into_the_page(example: tuple[dataset.Dataset, Summary]) -> None:
    """A title with a tag in it is text."""
    data, summary = example
    titles = {name: f"<script>{title}</script>" for name, title in summary.titles.items()}
    text = html(data, replace(summary, titles=titles))
    assert "<script" not in text
    assert "&lt;script&gt;" in text


def test_no_participant_and_no_free_text_is_in_the_page(example: tuple[dataset.Dataset, Summary]) -> None:
    """Only flagged sessions are named, and the example has none."""
    text = html(*example)
    assert not [code for code in example[0].participants["participant_id"] if code in text]
    assert "text-00" not in text


def test_a_figure_stands_where_what_it_shows_is_told(example: tuple[dataset.Dataset, Summary]) -> None:
    """By the words of its name; what belongs nowhere is not lost; each is numbered as it comes."""
    names = ("flow", "raincloud_distress_reflexive", "raincloud_needs_reflexive", "something_else")
    text = page(*example, Pictures((name, f"About {name}.", f"<svg><!--{name}--></svg>") for name in names))
    sections = dict(re.findall(r'<section id="(\w+)">(.*?)</section>', text, re.DOTALL))
    assert "About flow" in sections["participants"]
    assert "About raincloud_distress_reflexive" in sections["distress"]
    assert "About raincloud_needs_reflexive" in sections["needs"]
    assert "About something_else" in sections["figures"]
    assert re.findall(r"Figure (\d)\.</b>", text) == ["1", "2", "3", "4"]


def test_what_is_not_on_record_is_not_mentioned(example: tuple[dataset.Dataset, Summary]) -> None:
    """Ratings from elsewhere have no ends of sessions, no protocol, no game and no timing."""
    data, summary = example
    no_end = dict.fromkeys(OUTCOMES, 0)
    untimed = summary.timing_by_pacing.assign(pacing=None, frames=None, n_flagged=0)
    summary = replace(
        summary,
        flow=summary.flow.assign(**no_end),
        attrition=summary.attrition.assign(**no_end, n_not_completed=0, n_not_permitted=0),
        timing_by_pacing=untimed,
        timing=summary.timing.assign(flags=None),
    )
    data = replace(
        data, sessions=data.sessions.assign(protocol=None), throws=data.throws.iloc[:0], protocols={}
    )
    text = html(data, summary)
    for said in ("completed", "Attrition", 'id="timing"', ">nan<", "Cyberball: A program", "without a date"):
        assert said not in text


def test_nobody_lost_is_said_in_a_sentence(example: tuple[dataset.Dataset, Summary]) -> None:
    """There is no table of zeros."""
    text = html(*example)
    assert "Nobody who was allocated was lost, and nobody withheld permission." in text
    assert "not completed" not in text


def test_numbers_are_said_as_the_screen_says_them(example: tuple[dataset.Dataset, Summary]) -> None:
    """Trends per ten percent of the throws, Bayes factors in three figures, intervals as their means."""
    text = re.sub("<[^>]+>", "", html(*example)).replace("\xa0", " ")
    assert "Distress fell with the share of throws received: −13.2 for each further ten percent" in text
    assert "BF10 = 613." in text
    assert "BF10 = 613.41" not in text
    assert "[22.9, 49.7]" in text
    assert not re.search(r"feelings[^.:;]{0,30} was ", text)


def test_the_main_result_is_told_once(example: tuple[dataset.Dataset, Summary]) -> None:
    """The section on distress refers to the head of the page, and tells only what is new."""
    text = html(*example)
    of_distress = text.partition('<section id="distress">')[2].partition("</section>")[0]
    assert "at the head of this report" in of_distress
    said = re.findall(r'<p class="result">.*?</p>', text.partition("</header>")[0])
    assert said
    assert not [each for each in said if each in of_distress]


def test_models_of_single_needs_stand_in_the_appendix(example: tuple[dataset.Dataset, Summary]) -> None:
    """It is the last section, and the index keeps its place in the text."""
    sections = re.findall(r'<section id="(\w+)">(.*?)</section>', html(*example), re.DOTALL)
    name, appendix = sections[-1]
    assert name == "appendix"
    assert "belonging: terms of the mixed model" in appendix
    of_needs = dict(sections)["needs"]
    assert "index: terms of the mixed model" in of_needs
    assert "belonging: terms of the mixed model" not in of_needs


def test_a_dataset_that_cannot_be_read_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """No page is left behind that looks like a result."""
    assert command.main([str(tmp_path / "none"), "--out", str(tmp_path / "report.html")]) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert re.fullmatch(r"spot: .*none.*\n", shown.err)
    assert not (tmp_path / "report.html").exists()


def test_a_page_appears_whole_or_not_at_all(tmp_path: Path) -> None:
    """A place that cannot be written is told, and no part of a file stays."""
    (tmp_path / "file").write_text("")
    with pytest.raises(AnalysisError, match="cannot be written"):
        put("text", tmp_path / "file" / "report.html")
    assert [each.name for each in tmp_path.iterdir()] == ["file"]
