"""A dataset summarised once: while neither it, the plan nor the program changes, the numbers are kept.

    from analysis.remembered import summary_of

    found = summary_of("data/mystudy")

The result is that of ``summary(load("data/mystudy"))``. Of a big dataset it comes from the cache
(`analysis.cache`) where it lies there.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any

import pandas as pd

from analysis import cache, dataset
from analysis.dataset import Dataset
from analysis.errors import AnalysisError
from analysis.files import Skipped, Warned
from analysis.overlap import Overlap, Pair
from analysis.overlap_variables import Variable
from analysis.plan import Plan
from analysis.reading import Look, look
from analysis.results import DEFAULT, Summary, summary

GIVEN = ("path", "plan", "written")
"""What belongs to one run of the analysis, and is no part of an entry."""

SAID = ("simulated", "conditions", "factors", "beliefs", "titles", "notes")
PLACES = ("skipped", "warnings")
OVERLAP = tuple(each.name for each in fields(Overlap) if each.name not in ("pairs", "notes"))
VARIABLE = tuple(each.name for each in fields(Variable) if each.name != "frame")

Load = Callable[[Path, Look], Dataset]


class Opened:
    """A dataset that was looked at; its tables are read only where something needs them.

    Parameters
    ----------
    path
        Folder of the dataset.
    load
        Reads it.
    compute
        Summarises it.

    Raises
    ------
    NoDatasetError
        Where there is none.
    """

    def __init__(
        self,
        path: Path,
        load: Load = lambda path, seen: dataset.load(path, seen=seen),
        compute: Callable[[Dataset, Plan], Summary] = summary,
    ) -> None:
        self.path = path
        self._load = load
        self._compute = compute
        self._seen = look(path)
        self._data: Dataset | None = None

    def data(self) -> Dataset:
        """Return the dataset; errors as in `analysis.dataset.load`."""
        if self._data is None:
            self._data = self._load(self.path, self._seen)
        return self._data

    def summary(self, plan: Plan = DEFAULT) -> Summary:
        """Return the summary of the dataset.

        Raises
        ------
        AnalysisError
            Where the dataset cannot be read, has no session, or cannot be analysed as planned.
        """
        state = self._seen.state
        kept = cache.fetch(self.path, state, as_text(plan)) if state and self._is_as_read() else None
        if kept is not None:
            return from_entry(kept, self.path, plan)
        data = self.data()
        if data.sessions.empty:
            more = f"; {data.skipped[0].place}: {data.skipped[0].reason}" if data.skipped else ""
            raise AnalysisError(f"{self.path}: has no session to summarise{more}")
        found = self._compute(data, plan)
        if state is not None:
            cache.keep(self.path, state, as_entry(found), as_text(plan))
        return found

    def _is_as_read(self) -> bool:
        """Return whether tables that were read already are those of the state: files change meanwhile."""
        return self._data is None or look(self.path).state == self._seen.state


def summary_of(path: str | Path, plan: Plan = DEFAULT) -> Summary:
    """Return the summary of the dataset at `path`; errors as in `Opened.summary`."""
    return Opened(Path(path)).summary(plan)


def as_text(plan: Plan) -> str:
    """Return a plan as a text, the same only for the same choices: files of rules by what is in them."""
    rules = [[each.name, each.definition.model_dump_json()] for each in plan.exclusions]
    return json.dumps([repr(plan.equivalence), plan.covariates, rules])


def as_entry(found: Summary) -> cache.Entry:
    """Return what is kept of a summary: all but the fields in `GIVEN`."""
    values = {each.name: getattr(found, each.name) for each in fields(Summary)}
    frames = {name: value for name, value in values.items() if isinstance(value, pd.DataFrame)}
    said: dict[str, Any] = {name: values[name] for name in SAID}
    said |= {name: [[each.place, each.reason] for each in values[name]] for name in PLACES}
    said |= {"overlap_notes": found.overlap.notes, "variables": [], "pairs": []}
    frames |= {f"overlap.{name}": getattr(found.overlap, name) for name in OVERLAP}
    numbers: dict[int, int] = {}
    for pair in found.overlap.pairs:
        for each in (pair.x, pair.y):
            if id(each) not in numbers:
                number = numbers[id(each)] = len(numbers)
                frames[f"variable.{number}"] = each.frame
                said["variables"].append({name: getattr(each, name) for name in VARIABLE})
        frames[f"pair.{len(said['pairs'])}"] = pair.frame
        said["pairs"].append([pair.kind, numbers[id(pair.x)], numbers[id(pair.y)]])
    return cache.Entry(frames, said)


def from_entry(kept: cache.Entry, path: Path, plan: Plan) -> Summary:
    """Return the summary that an entry was made of."""
    said = kept.said
    frames: dict[str, Any] = {each.name: kept.frames.get(each.name) for each in fields(Summary)}
    return Summary(
        path=path,
        plan=plan,
        simulated=said["simulated"],
        conditions=tuple(said["conditions"]),
        factors={name: tuple(levels) for name, levels in said["factors"].items()},
        beliefs=said["beliefs"],
        titles=said["titles"],
        **{name: frame for name, frame in frames.items() if frame is not None},
        skipped=tuple(Skipped(*each) for each in said["skipped"]),
        warnings=tuple(Warned(*each) for each in said["warnings"]),
        notes=tuple(said["notes"]),
        overlap=_overlap(kept),
    )


def _overlap(kept: cache.Entry) -> Overlap:
    frames, said = kept.frames, kept.said
    variables = [
        Variable(**each, frame=frames[f"variable.{number}"]) for number, each in enumerate(said["variables"])
    ]
    pairs = tuple(
        Pair(kind, variables[x], variables[y], frames[f"pair.{number}"])
        for number, (kind, x, y) in enumerate(said["pairs"])
    )
    notes = tuple(said["overlap_notes"])
    return Overlap(**{name: frames[f"overlap.{name}"] for name in OVERLAP}, pairs=pairs, notes=notes)
