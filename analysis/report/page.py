"""The page: sections in their order, numbered tables and figures, one HTML text."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import cache

from jinja2 import Environment, StrictUndefined, Template
from markupsafe import Markup

from analysis.dataset import Dataset
from analysis.report import cautions, design, methods, opening, outcomes, overlaps, taking_part
from analysis.report.packaged import packaged
from analysis.report.parts import Block, Picture, Section, Table
from analysis.report.pictures import Pictures
from analysis.report.rows import Tables
from analysis.results import Summary
from experiment.columns import SOFTWARE, VERSION


def page(data: Dataset, summary: Summary, pictures: Pictures) -> str:
    """Return the report as one HTML text that needs nothing else.

    Parameters
    ----------
    data
        The dataset, for its definitions and dates.
    summary
        Its numbers: the only ones from data that the page shows.
    pictures
        The figures; each is put in once.
    """
    tables = Tables(summary, {name: measure.role for name, measure in data.measures.items()})
    sections = numbered(section for section in _sections(data, tables, pictures) if section.blocks)
    return _template().render(
        generator=f"{SOFTWARE} {VERSION}",
        style=Markup(packaged("style.css")),
        title=opening.title(data),
        simulated=summary.simulated,
        byline=_byline(data),
        abstract=list(opening.abstract(tables)),
        cautions=cautions.cautions(tables),
        sections=sections,
    )


def _sections(data: Dataset, tables: Tables, pictures: Pictures) -> Iterable[Section]:
    overlap = overlaps.section(tables, pictures)  # before a section on distress takes its figures
    yield design.section(data, tables.summary.beliefs)
    yield taking_part.section(tables, pictures)
    yield taking_part.received(tables, pictures)
    yield outcomes.reliability(tables)
    yield from outcomes.sections(tables, pictures)
    yield overlap
    yield outcomes.sensitivity(tables)
    yield outcomes.behaviour(tables, pictures)
    yield outcomes.timing(tables, pictures)
    yield outcomes.remaining(pictures)
    yield methods.section(data, tables)
    yield outcomes.appendix(tables)


def _byline(data: Dataset) -> str:
    date = opening.newest(data)
    name = data.path.resolve().name
    return f"{name} · newest session {date}" if date else name


def numbered(sections: Iterable[Section]) -> list[Section]:
    """Return the sections with a number for each table and each figure, from 1, as they come."""
    counts = {Table: 0, Picture: 0}

    def with_number(block: Block) -> Block:
        if not isinstance(block, Table | Picture):
            return block
        counts[type(block)] += 1
        return replace(block, number=counts[type(block)])

    return [replace(section, blocks=[*map(with_number, section.blocks)]) for section in sections]


@cache
def _template() -> Template:
    environment = Environment(autoescape=True, undefined=StrictUndefined, keep_trailing_newline=True)
    return environment.from_string(packaged("page.html.j2"))
