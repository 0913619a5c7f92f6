"""How it was computed, from what, with what, and how to cite it."""

from __future__ import annotations

import platform
import sys
import tomllib
from collections.abc import Iterable
from importlib import metadata

from analysis.dataset import Dataset
from analysis.flow import permitted
from analysis.frames import groups
from analysis.report.cautions import WARNING
from analysis.report.numbers import NONE
from analysis.report.packaged import packaged
from analysis.report.parts import Block, Heading, Html, Listing, Paragraph, Section, Table
from analysis.report.rows import Tables
from analysis.results import Summary
from experiment.columns import SOFTWARE, VERSION

LIBRARIES = ("numpy", "pandas", "scipy", "statsmodels", "matplotlib")

DISTRESS = (
    "Distress: the mean of need threat and reversed mood, each first as percent of its maximum, 100 (score − "
    "low) / (high − low) (Cohen, Cohen, Aiken & West 1999), both required. It is this project’s own "
    "composite; hurt feelings stay apart, since they carry words of pain."
)


def section(data: Dataset, tables: Tables) -> Section:
    """Return the section on methods, definitions, versions and citing."""
    blocks: list[Block] = [Listing(list(_computed(tables)))]
    notes = [note for note in tables.summary.notes if not note.startswith(WARNING)]
    blocks += [Heading("Notes"), Listing(notes)]
    blocks += [Heading("What the analyst chose"), Listing(list(chosen(tables.summary)))]
    blocks += [Heading("Definitions and versions"), _definitions(data), _versions()]
    blocks += [Heading("Sources to cite"), Listing(list(_sources(data)))]
    blocks += [
        Heading("Files"),
        Paragraph(
            "Every number on this page is in a table beside it (TSV, with what each column means in the JSON "
            f"file of the same name): {', '.join(_files(tables))}. summary.json has all of them."
        ),
    ]
    return Section("methods", "How it was computed", blocks)


def _computed(tables: Tables) -> Iterable[Html]:
    """Yield how each table that is there was computed, as ``methods.toml`` says it."""
    for entry in tomllib.loads(packaged("methods.toml"))["said"]:
        rows = tables.rows(entry["table"])
        if any("column" not in entry or row.has(entry["column"]) for row in rows):
            yield entry["text"]
    if tables.asked("distress"):
        yield DISTRESS


def chosen(summary: Summary) -> Iterable[str]:
    """Say each choice of the plan, in the words of the command line."""
    plan = summary.plan
    yield f"bound of equivalence: {plan.equivalence:g} standard deviations"
    yield f"covariates: {', '.join(plan.covariates) or 'none'}"


def _definitions(data: Dataset) -> Table:
    sessions = permitted(data).sessions
    counted = groups(sessions, ["definitions", "protocol"])
    known = bool(sessions["protocol"].notna().any())
    rows: list[list[Html]] = [
        [str(digest), *([protocol if isinstance(protocol, str) else NONE] if known else []), str(len(own))]
        for (digest, protocol), own in counted
    ]
    headings: list[tuple[Html, bool]] = [
        ("Digest", False), *([("Protocol", False)] if known else []), ("Sessions", True),
    ]  # fmt: skip
    note = "The files themselves lie in sourcedata/definitions of the dataset, in a folder by digest."
    title = "Definitions that the sessions were run with" if known else "Definitions of what was asked"
    return Table(title, headings, rows, note)


def _versions() -> Table:
    rows: list[list[Html]] = [[SOFTWARE, VERSION], ["Python", platform.python_version()]]
    rows += [[name, metadata.version(name)] for name in LIBRARIES]
    rows.append(["System", sys.platform])
    return Table("What computed this page", [("Program", False), ("Version", False)], rows)


def _sources(data: Dataset) -> Iterable[Html]:
    played = bool(data.protocols) or not permitted(data).throws.empty
    game = (
        "The game: Williams, K. D., & Jarvis, B. (2006). Cyberball: A program for use in research on "
        "interpersonal ostracism and acceptance. Behavior Research Methods, 38, 174–180."
    )
    if played:
        yield game
    yield from dict.fromkeys(
        measure.citation
        for measure in data.measures.values()
        if not measure.citation.startswith("our choice")
    )
    psychopy = (
        "; PsychoPy: Peirce, J., et al. (2019). PsychoPy2: Experiments in behavior made easy. Behavior "
        "Research Methods, 51, 195–203"
    )
    yield f"{SOFTWARE}, version {VERSION}{psychopy if played else ''}."


def _files(tables: Tables) -> list[str]:
    return [f"{name}.tsv" for name in tables.summary.tables() if tables.has(name)]
