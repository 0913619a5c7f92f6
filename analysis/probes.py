"""The ratings after each pain stimulus of a game by a multilevel model: distress, condition, which probe."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
import pandas as pd

from analysis import reml
from analysis.describe import moments
from analysis.frames import Floats
from analysis.overlap_people import People
from analysis.overlap_variables import PROBE, Variable, Variables
from analysis.samples import t_test

ABOUT = ["outcome", "outcome_subscale", "x_measure", "x_subscale", "x_stage"]
FITS = [*ABOUT, "design", "formula", "n", "n_scores", "n_left_out", "sd_participant"]
FITS += ["sd_participant_condition", "sd_residual", "converged", "singular", "note"]
TERMS = [*ABOUT, "term", "estimate", "se", "ci_low", "ci_high", "t", "df", "p"]
TINY = 1e-12
DISTRESS, BETWEEN, WITHIN = "distress", "distress, between persons", "distress, within person"


@dataclass(frozen=True)
class Probed:
    """A row for each model (``fits``) and for each of its coefficients (``terms``)."""

    fits: pd.DataFrame
    terms: pd.DataFrame


def probed(scores: pd.DataFrame, found: Variables, conditions: Sequence[str], people: People) -> Probed:
    r"""Model every rating that was given after several stimuli of a game, once for each kind of distress.

    .. math:: rating \sim distress + condition + probe + (1 | participant)

    by restricted maximum likelihood, with Satterthwaite's degrees of freedom (`analysis.reml`). Distress is
    centred within its condition (and the levels of crossed factors), so that a difference between conditions
    cannot pass for overlap; the probe is a number, centred. Where people went through several conditions,
    distress comes as two numbers, the mean of the person's centred values and what is left of each (Enders &
    Tofighi 2007, Psychol Methods 12:121; recalled, not verified), and ``(1 | participant:condition)`` is
    added, since ratings of one game go together (decision 014).

    Parameters
    ----------
    scores : DataFrame
        All scores: participant_id, condition, stage (``probe_1`` ...), measure, subscale, score.
    found
        Variables, of which the kinds of distress and the ratings are taken.
    conditions
        In order, the reference first.
    people
        For the levels of crossed factors.

    Returns
    -------
    Probed
        ``fits``: outcome, kind of distress, design, formula, n (participants), n_scores, n_left_out
        (participants without distress or without a rating), standard deviations of the random parts,
        converged, singular, note. ``terms``: estimate (units of the rating; of distress per unit of it), se,
        ci_low, ci_high, t, df, p.
    """
    fits: list[dict[str, object]] = []
    terms: list[dict[str, object]] = []
    for rating, distress in product((*found.pain, *found.control), found.distress):
        rows = _rows(scores, rating)
        if rows["probe"].nunique() < 2:
            continue
        about = {"outcome": rating.measure, "outcome_subscale": rating.subscale} | distress.named("x")
        model = _Model(rows, distress.frame, conditions, people)
        fits.append(about | model.described())
        terms += [about | row for row in model.terms()]
    made = pd.DataFrame(fits, columns=FITS).astype({"converged": bool, "singular": bool})
    return Probed(made, pd.DataFrame(terms, columns=TERMS))


def _rows(scores: pd.DataFrame, rating: Variable) -> pd.DataFrame:
    """Return one rating for each participant, condition and probe; several runs are averaged."""
    own = scores[
        (scores["measure"] == rating.measure)
        & (scores["subscale"] == rating.subscale)
        & scores["condition"].notna()
    ]
    number = own["stage"].astype(str).str.extract(f"^{PROBE.pattern}$")[0]
    own = own.assign(probe=pd.to_numeric(number))
    own = own[own["probe"].notna()]
    return own.groupby(["participant_id", "condition", "probe"])["score"].mean().reset_index()


class _Model:
    """One model, fitted; nothing but its description where it cannot be."""

    def __init__(
        self, rows: pd.DataFrame, distress: pd.DataFrame, conditions: Sequence[str], people: People
    ) -> None:
        keys = ["participant_id", "condition"]
        merged = rows.merge(distress[[*keys, "value"]], on=keys, how="left")
        used = merged[merged["score"].notna() & merged["value"].notna()]
        self._conditions = [name for name in conditions if (used["condition"] == name).any()]
        used = used[used["condition"].isin(self._conditions)].sort_values([*keys, "probe"])
        self._used = used.reset_index(drop=True)
        self._n = int(used["participant_id"].nunique())
        self._n_left_out = int(merged["participant_id"].nunique()) - self._n
        self._within = bool(used.groupby("participant_id")["condition"].nunique().gt(1).any())
        self._parts: list[str] = []
        self._why = ""
        self._names, columns = self._columns(people)
        self._fit = self._fitted(columns)

    def _columns(self, people: People) -> tuple[list[str], Floats]:
        """Return what the coefficients are called, and their columns."""
        used = self._used
        if used.empty:
            return [], np.empty((0, 0))
        strata = np.array(people.strata.reindex(used["participant_id"]).fillna(""), dtype=str)
        distress = self._centred(strata)
        names: list[str] = ["(Intercept)"]
        columns: list[Floats] = [np.ones(len(used))]
        if self._within:
            means = distress.groupby(used["participant_id"]).transform("mean")
            named = {BETWEEN: means, WITHIN: distress - means}
        else:
            named = {DISTRESS: distress}
        for name, values in named.items():
            names.append(name)
            columns.append(values.to_numpy(float))
        first, *others = self._conditions
        for other in others:
            names.append(f"{other} - {first}")
            columns.append(np.asarray(used["condition"] == other, dtype=np.float64))
        probe = used["probe"].to_numpy(float)
        names.append("probe")
        columns.append(probe - float(np.unique(probe).mean()))
        for level in sorted(set(strata))[1:]:
            names.append(f"{level} - {min(strata)}")
            columns.append(np.asarray(strata == level, dtype=np.float64))
        return names, np.column_stack(columns)

    def _centred(self, strata: np.ndarray) -> pd.Series:
        """Return distress less the mean of its condition and stratum, each participant counting once."""
        cell = self._used["condition"].astype(str) + "\t" + strata
        once = self._used.assign(cell=cell).drop_duplicates(["participant_id", "condition"])
        centred: pd.Series = self._used["value"] - cell.map(once.groupby("cell")["value"].mean())
        return centred

    def _fitted(self, columns: Floats) -> reml.Fit | None:
        used = self._used
        self._scales = np.ones(columns.shape[1] if columns.ndim > 1 else 0)
        if len(used) <= columns.shape[1] + 1:
            self._why = "too few ratings for this model"
            return None
        sizes = columns.std(axis=0)
        self._scales = np.where(sizes > 0, sizes, 1.0)
        x = columns / self._scales
        x[:, 0] = 1.0
        if np.linalg.matrix_rank(x, tol=1e-8) < x.shape[1]:
            self._why = "distress, condition or probe does not vary, or they cannot be told apart"
            return None
        y = used["score"].to_numpy(float)
        self._shift, self._scale = moments(y)
        if not self._scale > 0:
            self._why = "every rating is the same"
            return None
        data, self._parts = _alike(used, x, (y - self._shift) / self._scale, within=self._within)
        fit = reml.fit(data, len(self._parts))
        if fit.variances[0] < TINY:
            self._why = "nothing is left over that the model could not tell"
            return None
        return fit

    def described(self) -> dict[str, object]:
        """Return the row of ``fits``."""
        fit = self._fit
        sds = dict.fromkeys(("residual", "participant", "participant_condition"), math.nan)
        if fit is not None:
            sds |= dict(zip(["residual", *self._parts], self._scale * np.sqrt(fit.variances), strict=True))
        fixed = "distress_between + distress_within" if self._within else "distress"
        random = ["(1 | participant)", *(["(1 | participant:condition)"] if self._within else [])]
        terms = [fixed, *(["condition"] if len(self._conditions) > 1 else []), "probe", *random]
        return {
            "design": "within" if self._within else "between",
            "formula": f"rating ~ {' + '.join(terms)}",
            "n": self._n,
            "n_scores": len(self._used),
            "n_left_out": self._n_left_out,
            **{f"sd_{name}": float(sd) for name, sd in sds.items()},
            "converged": fit is not None and fit.converged,
            "singular": fit is not None and bool((fit.variances == 0).any()),
            "note": self._why or None,
        }

    def terms(self) -> list[dict[str, object]]:
        """Return the rows of ``terms``."""
        if self._fit is None:
            return []
        made: list[dict[str, object]] = []
        for place, name in enumerate(self._names):
            estimate, se, df = self._fit.contrast(np.eye(len(self._names))[place])
            unit = self._scale / (self._scales[place] if place else 1.0)
            estimate, se = estimate * unit + (0.0 if place else self._shift), se * unit
            made.append({"term": name, "estimate": estimate, "se": se} | t_test(estimate, se, df))
        return made


def _alike(used: pd.DataFrame, x: Floats, y: Floats, *, within: bool) -> tuple[list[reml.Alike], list[str]]:
    """Put participants together who rated the same probes of the same conditions."""
    cells = list(zip(used["condition"], used["probe"], strict=True))
    together: dict[tuple[tuple[str, float], ...], list[list[int]]] = {}
    for rows in used.groupby("participant_id", sort=True).indices.values():
        own = [int(row) for row in rows]
        together.setdefault(tuple(cells[row] for row in own), []).append(own)
    parts = ["participant"] + (["participant_condition"] if within else [])
    made = []
    for key, members in together.items():
        relations = [np.ones((len(key), len(key)))]
        same = np.array([[one == other for other, _ in key] for one, _ in key], dtype=float)
        relations += [same] if within else []
        index = np.array(members)
        made.append(reml.Alike.of(x[index], y[index], relations))
    return made, parts
