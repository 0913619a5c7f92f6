"""The top of the report: what this is, and the main result in words."""

from __future__ import annotations

from collections.abc import Iterable

from markupsafe import Markup

from analysis.dataset import Dataset
from analysis.flow import permitted
from analysis.report import numbers, scores
from analysis.report.parts import Paragraph
from analysis.report.rows import Tables, in_words

MAIN = "distress"


def title(data: Dataset) -> str:
    """Return what the study is called: the titles of its protocols, else the name of its folder."""
    titles = dict.fromkeys(protocol.title for protocol in data.protocols.values())
    return " · ".join(titles) or data.path.resolve().name


def newest(data: Dataset) -> str:
    """Return the date of the newest session whose data may be used; empty where none has a date.

    Never today's date: the same data give the same page.
    """
    times = permitted(data).sessions["acq_time"].dropna()
    return "" if times.empty else str(times.astype(str).max())[:10]


def abstract(tables: Tables) -> Iterable[Paragraph]:
    """Yield who took part and how distress differed, in words."""
    whole = tables.rows("flow")[-1]
    conditions = " and ".join(
        [", ".join(map(in_words, tables.summary.conditions[:-1])), in_words(tables.summary.conditions[-1])]
        if len(tables.summary.conditions) > 1
        else map(in_words, tables.summary.conditions)
    )
    yield Paragraph(
        Markup("{} of {} sessions are analysed here; conditions: {}.").format(
            numbers.count(whole, "in_tables"), numbers.count(whole, "sessions"), conditions or "none"
        ),
        "result",
    )
    asked = tables.asked(MAIN)
    if not asked:
        yield Paragraph(
            "There is no distress composite here: it needs ratings of needs and of mood after the same game."
        )
        return
    measure, stage = asked[0]
    yield Paragraph(
        f"Main outcome: distress {scores.at(stage)}, a composite of this project’s own "
        "(need threat and reversed mood, in percent of the most possible)."
    )
    yield from scores.words(tables, measure, stage)
