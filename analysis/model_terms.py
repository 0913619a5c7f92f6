"""The fixed part of a mixed model: its columns, and what its coefficients and effects are called."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
import pandas as pd

from analysis.frames import Floats


@dataclass(frozen=True)
class Term:
    """A coefficient, or an effect made of several: rows of weights of the coefficients."""

    name: str
    contrasts: Floats


class Design:
    """Conditions, stages and covariates as columns: the intercept, then differences from the first of each.

    Parameters
    ----------
    conditions, stages
        In order; the first is the reference.
    people : DataFrame
        Covariates by participant, which is the index. One with a single value, or none, among the
        participants of the model tells nothing and is no part of it (`constant`).
    """

    def __init__(self, conditions: Sequence[str], stages: Sequence[str], people: pd.DataFrame) -> None:
        self.conditions = tuple(conditions)
        self.stages = tuple(stages)
        told = [str(name) for name in people.columns if len(set(people[name].dropna())) > 1]
        self.constant = [str(name) for name in people.columns if name not in told]
        self._people = people[told].dropna()
        self.complete = set(self._people.index)
        self._columns: dict[str, list[tuple[str, pd.Series]]] = {}

    def centre(self, participants: Sequence[str]) -> None:
        """Take the covariates of these participants: numbers less their mean, else a column a value."""
        people = self._people.loc[[name for name in participants if name in self.complete]]
        for column in people.columns:
            name, values = str(column), people[column]
            if len(set(values)) < 2:
                self.constant.append(name)
            elif pd.api.types.is_numeric_dtype(values):
                self._columns[name] = [(name, values - values.mean())]
            else:
                first, *others = sorted(set(values))
                self._columns[name] = [
                    (f"{name}: {other} - {first}", (values == other).astype(float)) for other in others
                ]

    def formula(self, random: Sequence[str]) -> str:
        """Return the model as R's lme4 would have it."""
        fixed = ["condition * stage" if len(self.stages) > 1 else "condition", *self._columns]
        return "score ~ " + " + ".join([*fixed, *(f"(1 | {name})" for name in random)])

    def matrix(self, participants: pd.Series, conditions: pd.Series, stages: pd.Series) -> Floats:
        """Return the columns of the model for these scores."""
        c = np.array([[name == other for other in self.conditions[1:]] for name in conditions], dtype=float)
        s = np.array([[name == other for other in self.stages[1:]] for name in stages], dtype=float)
        c, s = c.reshape(len(conditions), -1), s.reshape(len(conditions), -1)
        both = (c[:, :, None] * s[:, None, :]).reshape(len(conditions), -1)
        added = [
            values.reindex(participants).to_numpy(float)[:, None]
            for columns in self._columns.values()
            for _, values in columns
        ]
        return np.concatenate([np.ones((len(conditions), 1)), c, s, both, *added], axis=1)

    def terms(self) -> list[Term]:
        """Return the coefficients by name: what is taken from what, and where."""
        (first_c, *others_c), (first_s, *others_s) = self.conditions, self.stages
        at, under = (f", {first_s}", f", {first_c}") if others_s else ("", "")
        names = [f"intercept ({first_c}{at})"]
        names += [f"{c} - {first_c}{at}" for c in others_c]
        names += [f"{s} - {first_s}{under}" for s in others_s]
        names += [f"({c} - {first_c}) x ({s} - {first_s})" for c, s in product(others_c, others_s)]
        names += [name for columns in self._columns.values() for name, _ in columns]
        return [Term(name, row[None]) for name, row in zip(names, np.eye(len(names)), strict=True)]

    def effects(self) -> list[Term]:
        """Return the effects: of conditions over stages, stages over conditions, both, and covariates."""
        k, m = len(self.conditions), len(self.stages)
        cells = pd.DataFrame(list(product(self.conditions, self.stages)), columns=["c", "s"])
        added = sum(map(len, self._columns.values()))
        nobody = pd.Series([""] * len(cells))
        x = self.matrix(nobody, cells["c"], cells["s"])[:, : k * m]
        x = np.concatenate([x, np.zeros((len(x), added))], axis=1).reshape(k, m, -1)
        over_stages, over_conditions = x.mean(axis=1), x.mean(axis=0)
        found = [Term("condition", over_stages[1:] - over_stages[0])]
        if m > 1:
            found.append(Term("stage", over_conditions[1:] - over_conditions[0]))
            both = (x[1:, 1:] - x[1:, :1] - x[:1, 1:] + x[:1, :1]).reshape((k - 1) * (m - 1), -1)
            found.append(Term("condition x stage", both))
        place = k * m
        for name, columns in self._columns.items():
            found.append(Term(name, np.eye(k * m + added)[place : place + len(columns)]))
            place += len(columns)
        return found
