"""Repeated scores by a linear mixed model: conditions, stages and what participants are adjusted for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis import reml
from analysis.compare import in_order
from analysis.composites import RECEIVED
from analysis.covariates import BASELINE
from analysis.describe import moments
from analysis.frames import Floats, groups, one_per_participant
from analysis.model_terms import Design
from analysis.samples import t_test

FITS = ["measure", "subscale", "stages", "conditions", "design", "formula", "n", "n_scores", "n_left_out"]
FITS += ["sd_participant", "sd_participant_condition", "sd_residual", "converged", "singular", "note"]
TERMS = ["measure", "subscale", "term", "estimate", "se", "ci_low", "ci_high", "t", "df", "p"]
EFFECTS = ["measure", "subscale", "effect", "f", "df1", "df2", "p"]
STAGES = ("game", "reflexive", "reflective")
PARTS = ("participant", "participant_condition")


@dataclass(frozen=True)
class Models:
    """A row per model (``fits``), per coefficient (``terms``) and per effect (``effects``)."""

    fits: pd.DataFrame
    terms: pd.DataFrame
    effects: pd.DataFrame


def models(
    scores: pd.DataFrame,
    order: Sequence[str] | None = None,
    people: pd.DataFrame | None = None,
    covariates: Sequence[str] = (),
) -> Models:
    r"""Model every score that participants gave more than once after a game.

    .. math:: score \sim condition \times stage + covariates + (1 | participant) + (1 | participant:condition)

    by restricted maximum likelihood. The last part is there where the condition is within participants and
    several stages follow each: scores of one run go together, and without it too much is significant (16 %
    where 5 % should be, in simulation). Between participants, or with one stage, it is no part of the model;
    a single score each, which is modelled only to adjust it for covariates, leaves an ordinary regression.
    Tests have Satterthwaite's degrees of freedom (`analysis.reml`). Every participant with a score is in,
    complete or not.

    Parameters
    ----------
    scores : DataFrame
        participant_id, measure, stage, subscale, condition, score. Several scores of one participant under
        one condition are averaged first; rows without a condition and those of the stage ``baseline`` are no
        outcome. Stages that were not asked under every condition are left out.
    order
        The conditions, the reference first.
    people : DataFrame, optional
        participant_id and a column for each covariate (`analysis.covariates.covariates`).
    covariates
        Names of columns of `people`, and ``baseline``: the participant's own score of the same measure then,
        their mean over conditions. Numbers are centred at the mean of the participants in the model; other
        covariates have a coefficient for each value but the first, sorted.

    Returns
    -------
    Models
        ``fits``: stages, conditions, design, formula, n (participants), n_scores, n_left_out (participants
        without a score, or without a covariate), standard deviations of the random parts, converged, singular
        (one of them is 0), note (what was left out of the model, or why there is none). ``terms``: estimate,
        se, ci_low, ci_high, t, df, p; a term such as ``exclusion - inclusion, reflexive`` says what is taken
        from what. ``effects``: F tests of condition and stage, each over equal weights of the other, of
        their interaction, and of each covariate.
    """
    own = one_per_participant(scores)
    outcomes = own[own["condition"].notna() & (own["stage"] != BASELINE) & (own["measure"] != RECEIVED)]
    fits, terms, effects = [], [], []
    for (measure, subscale), rows in groups(outcomes, ["measure", "subscale"]):
        conditions = in_order(rows, order)
        stages = _stages(rows, conditions)
        within = rows.groupby("participant_id")["condition"].nunique().max() > 1
        if len(conditions) < 2 or not stages or not (within or len(stages) > 1 or covariates):
            continue
        frame = _people(own, measure, subscale, people, covariates)
        fitted = _Fitted(rows[rows["stage"].isin(stages)], Design(conditions, stages, frame), within=within)
        names = {"measure": measure, "subscale": subscale}
        fits.append(names | fitted.described(set(rows["stage"]) - set(stages)))
        terms += [names | row for row in fitted.terms()]
        effects += [names | row for row in fitted.effects()]
    return Models(
        pd.DataFrame(fits, columns=FITS).astype({"converged": bool, "singular": bool}),
        pd.DataFrame(terms, columns=TERMS),
        pd.DataFrame(effects, columns=EFFECTS),
    )


def _stages(rows: pd.DataFrame, conditions: Sequence[str]) -> list[str]:
    """Return the stages at which every condition has a score, in their order."""
    seen = rows[rows["score"].notna()].groupby("stage")["condition"].nunique()
    full = set(seen.index[seen == len(conditions)])
    return [name for name in STAGES if name in full] + sorted(full - set(STAGES))


def _people(
    own: pd.DataFrame, measure: object, subscale: object, people: pd.DataFrame | None, names: Sequence[str]
) -> pd.DataFrame:
    """Return the covariates by participant; a baseline that was not asked is all missing."""
    index = pd.Index(sorted(set(own["participant_id"])), name="participant_id")
    given = pd.DataFrame(index=index)
    for name in names:
        if name == BASELINE:
            mine = (own["measure"] == measure) & (own["subscale"] == subscale) & (own["stage"] == BASELINE)
            given[name] = own[mine].groupby("participant_id")["score"].mean().reindex(index)
        elif people is not None:
            given[name] = people.drop_duplicates("participant_id").set_index("participant_id")[name]
    return given


class _Fitted:
    """One score's model, fitted; nothing but its description where it cannot be."""

    def __init__(self, rows: pd.DataFrame, design: Design, *, within: bool) -> None:
        self._design = design
        self._within = within
        everyone = rows["participant_id"].nunique()
        seen = rows[rows["score"].notna() & rows["participant_id"].isin(design.complete)]
        self._n, self._n_scores = int(seen["participant_id"].nunique()), len(seen)
        self._n_left_out = everyone - self._n
        design.centre(sorted(set(seen["participant_id"])))
        self._parts: list[str] = []
        self._why = ""
        self._shift, self._scale = 0.0, 1.0
        self._fit = self._made(seen)

    def _made(self, seen: pd.DataFrame) -> reml.Fit | None:
        design = self._design
        x = design.matrix(seen["participant_id"], seen["condition"], seen["stage"])
        if len(seen) <= x.shape[1] or np.linalg.matrix_rank(x) < x.shape[1]:
            self._why = "too few scores for this model"
            return None
        y = seen["score"].to_numpy(float)
        self._shift, self._scale = moments(y)
        if not self._scale > 0:
            self._why = "every score is the same"
            return None
        data, self._parts = _alike(seen, x, (y - self._shift) / self._scale, several=self._within)
        found = reml.fit(data, len(self._parts))
        if found.variances[0] < 1e-12:
            self._why = "nothing is left over that the model could not tell"
            return None
        return found

    def described(self, unasked: set[str]) -> dict[str, object]:
        """Return the row of ``fits``."""
        design, fit = self._design, self._fit
        notes = [f"stage {name} left out: not under every condition" for name in sorted(unasked)]
        notes += [f"{name} is not in the model: it has one value, or none" for name in design.constant]
        notes += [self._why] if self._why else []
        residual, sds = np.nan, dict.fromkeys(PARTS, np.nan)
        if fit is not None:
            found = (self._scale * np.sqrt(fit.variances)).tolist()
            residual, sds = found[0], sds | dict(zip(self._parts, found[1:], strict=True))
        return {
            "stages": ", ".join(design.stages),
            "conditions": ", ".join(design.conditions),
            "design": "within" if self._within else "between",
            "formula": design.formula([part.replace("_", ":") for part in self._parts]),
            "n": self._n,
            "n_scores": self._n_scores,
            "n_left_out": self._n_left_out,
            **{f"sd_{name}": sd for name, sd in sds.items()},
            "sd_residual": residual,
            "converged": fit is not None and fit.converged,
            "singular": fit is not None and bool((fit.variances == 0).any()),
            "note": "; ".join(notes) or None,
        }

    def terms(self) -> list[dict[str, object]]:
        """Return the rows of ``terms``, in units of the score."""
        if self._fit is None:
            return []
        made: list[dict[str, object]] = []
        for place, term in enumerate(self._design.terms()):
            estimate, se, df = self._fit.contrast(term.contrasts[0])
            estimate = self._scale * estimate + (0.0 if place else self._shift)
            test = t_test(estimate, self._scale * se, df)
            made.append({"term": term.name, "estimate": estimate, "se": self._scale * se} | test)
        return made

    def effects(self) -> list[dict[str, object]]:
        """Return the rows of ``effects``."""
        if self._fit is None:
            return []
        tested = [(effect.name, *self._fit.f(effect.contrasts)) for effect in self._design.effects()]
        return [dict(zip(EFFECTS[2:], row, strict=True)) for row in tested]


def _alike(seen: pd.DataFrame, x: Floats, y: Floats, *, several: bool) -> tuple[list[reml.Alike], list[str]]:
    """Put participants together whose scores lie in the same cells; name the random parts there can be."""
    places = seen.groupby("participant_id", sort=True).indices
    cells = list(zip(seen["condition"], seen["stage"], strict=True))
    together: dict[tuple[tuple[str, str], ...], list[list[int]]] = {}
    for rows in places.values():
        own = sorted(rows, key=lambda row: cells[row])
        together.setdefault(tuple(cells[row] for row in own), []).append(own)
    repeated = any(len(key) > 1 for key in together)
    of_run = [key for key in together if len({condition for condition, _ in key}) < len(key)]
    apart = [key for key in together if len({condition for condition, _ in key}) > 1]
    parts = ["participant"] if repeated else []
    parts += ["participant_condition"] if several and of_run and apart else []
    made = []
    for key, members in together.items():
        relations = [np.ones((len(key), len(key)))] if repeated else []
        same_run = np.array([[one == other for other, _ in key] for one, _ in key], dtype=float)
        relations += [same_run] if len(parts) > 1 else []
        index = np.array(members)
        made.append(reml.Alike.of(x[index], y[index], relations))
    return made, parts
