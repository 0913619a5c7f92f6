"""All that a summary says, as frames."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from functools import partial
from pathlib import Path

import pandas as pd
from threadpoolctl import threadpool_limits

from analysis import (
    compare,
    composites,
    describe,
    exclusions,
    factors,
    items,
    models,
    notes,
    play,
    posthoc,
    reliability,
    scores,
    trend,
)
from analysis.assignment import assigned, with_absent
from analysis.assumptions import assumptions
from analysis.attrition import attrition, attrition_tests
from analysis.codebook import codebook
from analysis.covariates import covariates
from analysis.dataset import Dataset
from analysis.errors import AnalysisError
from analysis.files import Skipped, Warned
from analysis.flow import exclusion_flow, flow, permitted
from analysis.frames import one_per_participant
from analysis.interactions import differences_between_levels
from analysis.order import Order
from analysis.overlap import Overlap, overlap
from analysis.people import answers, demographics
from analysis.plan import Plan
from analysis.rule_values import seen
from analysis.runs import played
from analysis.timing import by_pacing, by_session
from analysis.wide import wide

DEFAULT = Plan()


@dataclass(frozen=True)
class Summary:
    """The numbers of a summary; every frame in the order in which it is printed.

    ``scores`` has a row for every run or form, ``by_participant`` one value for each participant and
    condition; everything else is made of the latter. ``by_level``, ``comparisons_by_level`` and
    ``level_differences`` take each factor of the design by itself. ``beliefs`` counts the sessions by what
    participants were told of the co-players. ``wide`` has a row for every participant, as other programs want
    it, and ``codebook`` says what its columns mean; the tables from ``throws_by_condition`` to ``waits`` are
    of the throws (`analysis.play`). ``models`` has a row for every mixed model,
    ``model_effects`` and ``model_terms`` its tests and coefficients. ``timing`` has a row for every session
    whose data may be used, with its flags, and ``timing_by_pacing`` puts them together; no score depends on
    either. ``excluded``,
    ``exclusion_flow`` and ``sensitivity`` follow the plan's files of rules; ``attrition`` counts everyone who
    was allocated, whatever they permit. ``overlap`` lays pain
    beside distress (`analysis.overlap`). ``written`` is the folder of the files, None where there are none;
    ``exit_code`` is 4 where files of the dataset were skipped, else 0.
    """

    path: Path
    plan: Plan
    simulated: bool
    conditions: tuple[str, ...]
    factors: dict[str, tuple[str, ...]]
    beliefs: dict[str, int]
    titles: dict[str, str]
    flow: pd.DataFrame
    attrition: pd.DataFrame
    attrition_tests: pd.DataFrame
    excluded: pd.DataFrame
    exclusion_flow: pd.DataFrame
    sensitivity: pd.DataFrame
    demographics: pd.DataFrame
    answers: pd.DataFrame
    scores: pd.DataFrame
    by_participant: pd.DataFrame
    by_condition: pd.DataFrame
    comparisons: pd.DataFrame
    omnibus: pd.DataFrame
    posthoc: pd.DataFrame
    trend: pd.DataFrame
    models: pd.DataFrame
    model_effects: pd.DataFrame
    model_terms: pd.DataFrame
    assumptions: pd.DataFrame
    by_level: pd.DataFrame
    comparisons_by_level: pd.DataFrame
    level_differences: pd.DataFrame
    reliability: pd.DataFrame
    items: pd.DataFrame
    wide: pd.DataFrame
    codebook: pd.DataFrame
    throws_by_condition: pd.DataFrame
    throws_by_run: pd.DataFrame
    dose: pd.DataFrame
    responses: pd.DataFrame
    choices: pd.DataFrame
    reciprocity: pd.DataFrame
    waits: pd.DataFrame
    timing: pd.DataFrame
    timing_by_pacing: pd.DataFrame
    skipped: tuple[Skipped, ...]
    warnings: tuple[Warned, ...]
    notes: tuple[str, ...]
    overlap: Overlap = field(default_factory=Overlap)
    written: Path | None = None

    def tables(self) -> dict[str, pd.DataFrame]:
        """Return every frame by its name, in the order of the fields: each becomes a file.

        Those of the overlap come last, and only where pain was asked beside distress.
        """
        named = ((each.name, getattr(self, each.name)) for each in fields(self))
        found = {name: value for name, value in named if isinstance(value, pd.DataFrame)}
        return found | self.overlap.tables()

    @property
    def exit_code(self) -> int:
        """Return 4 where files were skipped, else 0."""
        return 4 if self.skipped else 0


def summary(data: Dataset, plan: Plan = DEFAULT) -> Summary:
    """Score, describe and compare a dataset: everyone who permits the use of their data, as allocated."""
    # Its matrices are small: threads would wait for each other longer than they compute, a hundred times as
    # long where a model is searched for, and longest on a busy machine.
    with threadpool_limits(limits=1, user_api="blas"):
        return _summary(data, plan)


def _summary(data: Dataset, plan: Plan) -> Summary:
    used = permitted(data)
    runs = played(used.throws, used.phases, used.sessions, used.protocols)
    ratings = used.ratings[used.ratings["measure"].isin(list(used.measures))]
    made, problems = all_scores(used, ratings, runs)
    titles = {name: measure.title for name, measure in used.measures.items()}
    found = factors.levels(used.sessions)
    crossed = factors.listed(used.factors, found)
    order = Order(used, made, crossed)
    described = order.sort(describe.by_condition(made))
    tested = made[(made["stage"] != "baseline") & ~made["role"].isin(["suspicion"])]
    pairs = partial(compare.comparisons, order=used.conditions, equivalence=plan.equivalence)
    placed = assigned(ratings, used.sessions, runs)
    people, ordered = order.sort(one_per_participant(made)), order.sort(made)
    broad = wide(people, used.sessions, used.participants, ordered)
    thrown = play.tables(used, runs)
    by_level = order.sort(factors.by_level(made, found, crossed, describe.by_condition))
    conditions = compare.in_order(tested, used.conditions)
    timed = by_session(used)
    left = exclusions.leave_out(plan.exclusions, partial(seen, used, made, runs, timed))
    compared = pairs(tested)
    asked = made[~made["role"].isin(["suspicion"])]
    adjusted = covariates(used, plan.covariates)
    modelled = models.models(asked, used.conditions, adjusted, plan.covariates)
    lost = attrition(data.sessions, data.conditions)
    return Summary(
        path=data.path,
        plan=plan,
        simulated=data.simulated,
        conditions=tuple(order.conditions),
        factors=crossed,
        beliefs={str(name): int(n) for name, n in data.sessions["belief"].value_counts().items()},
        titles=titles,
        flow=flow(data),
        attrition=lost,
        attrition_tests=attrition_tests(lost),
        excluded=left.excluded,
        exclusion_flow=exclusion_flow(data.sessions, tested, left, data.conditions),
        sensitivity=order.sort(exclusions.sensitivity(tested, compared, left, pairs)),
        demographics=demographics(used.participants),
        answers=answers(placed, used.measures),
        scores=ordered,
        by_participant=_with_factors(people, used.sessions),
        by_condition=_with_scale(described, made),
        comparisons=order.sort(compared),
        omnibus=order.sort(compare.omnibus(tested)),
        posthoc=order.sort(posthoc.posthoc(compared)),
        trend=order.sort(trend.trend(tested)),
        models=order.sort(modelled.fits),
        model_effects=order.sort(modelled.effects),
        model_terms=order.sort(modelled.terms),
        assumptions=order.sort(assumptions(tested, order.conditions)),
        by_level=_with_scale(by_level, made),
        comparisons_by_level=order.sort(factors.by_level(tested, found, crossed, pairs)),
        level_differences=order.sort(differences_between_levels(tested, found, crossed, conditions)),
        reliability=order.sort(reliability.alpha(placed, used.measures)),
        items=order.sort(items.table(placed, used.measures)),
        wide=broad,
        codebook=codebook(broad, people, ordered, titles, order.conditions),
        throws_by_condition=thrown["throws_by_condition"],
        throws_by_run=thrown["throws_by_run"],
        dose=thrown["dose"],
        responses=thrown["responses"],
        choices=thrown["choices"],
        reciprocity=thrown["reciprocity"],
        waits=thrown["waits"],
        timing=timed,
        timing_by_pacing=by_pacing(used, timed),
        skipped=used.skipped,
        warnings=used.warnings,
        notes=(
            *problems,
            *left.notes,
            *notes.notes(made, described, by_level, titles, notes.Played(runs, used.others)),
        ),
        overlap=overlap(
            made,
            used.sessions,
            used.participants,
            used.conditions,
            further=adjusted,
            equivalence=plan.equivalence,
        ),
    )


def all_scores(data: Dataset, ratings: pd.DataFrame, runs: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """Return every score under its condition, distress and throws received among them."""
    problems = []
    items = scores.score(ratings, data.measures)
    parts = [items]
    try:
        parts.append(composites.distress(items))
    except AnalysisError as error:
        problems.append(f"No distress composite: {error}")
    parts.append(composites.received_scores(runs))
    parts = [part for part in parts if len(part)]
    made = pd.concat(parts, ignore_index=True) if parts else items
    return with_absent(assigned(made, data.sessions, runs), data.sessions), problems


def _with_factors(people: pd.DataFrame, sessions: pd.DataFrame) -> pd.DataFrame:
    """Add the levels of each participant, as the sessions have them; those of several sessions are joined."""
    told = sessions[sessions["factors"].notna()]
    texts = told.groupby("participant_id")["factors"].agg(lambda own: "; ".join(dict.fromkeys(own)))
    return people.assign(factors=people["participant_id"].map(texts))


def _with_scale(described: pd.DataFrame, made: pd.DataFrame) -> pd.DataFrame:
    """Add to each row the bounds of its score, what a high one means, and the mean as percent of maximum."""
    keys = ["measure", "subscale"]
    scales = made[[*keys, "low", "high", "high_means", "role"]].drop_duplicates(keys)
    found = described.merge(scales, on=keys, how="left")
    return found.assign(mean_percent=composites.percent(found["mean"], found["low"], found["high"]))
