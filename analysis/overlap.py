"""Social pain beside physical pain: correlations, slopes, what tells them apart, and what n can carry.

Nothing here assumes that the two overlap, or that they do not: every test has two sides, and each stands
beside the number of participants that it would take.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import product

import numpy as np
import pandas as pd

from analysis import compare
from analysis.correlations import pearson, product_moment, spearman
from analysis.dependent import difference
from analysis.overlap_levels import Level, levels
from analysis.overlap_people import People, people
from analysis.overlap_variables import KEYS, Variable, Variables, variables
from analysis.plan import EQUIVALENCE
from analysis.power import Question, needed
from analysis.probes import probed
from analysis.slopes import SLOPES, slopes

NAMES = [f"{end}_{part}" for end in ("x", "y") for part in ("measure", "subscale", "stage")]
ABOUT = ["over", "condition", "adjusted_for", "n", "n_missing", "n_censored"]
PEARSON = ["r", "ci_low", "ci_high", "t", "df", "p", "bf10", "log10_bf10"]
RANKS = ["rho", "rho_low", "rho_high", "rho_p"]
CORRELATIONS = ["kind", *NAMES, *ABOUT, *PEARSON, *RANKS, "half_width", "detectable"]
DIFFERENCES = [
    *NAMES, "control_measure", "control_subscale", "control_stage", *ABOUT,
    "r_pain", "r_control", "r_between", "difference", "ci_low", "ci_high", "t", "df", "p",
]  # fmt: skip
NEEDED = ["r", "power", "adjusted", "n"]
ROLES = {"pain", "pain_sensitivity"}
"""Without either there is nothing to lay beside distress."""

UNEVEN = 2.0
"""A standard deviation this many times another is told (our choice, as in the report)."""

EFFECTS = (0.1, 0.2, 0.3, 0.4, 0.5)
POWERS = (0.80, 0.90)


@dataclass(frozen=True)
class Pair:
    """Two variables side by side; ``frame`` has participant_id, condition, x, y, censored."""

    kind: str
    x: Variable
    y: Variable
    frame: pd.DataFrame

    @property
    def names(self) -> dict[str, str]:
        """Return the columns that name the pair in a table."""
        return self.x.named("x") | self.y.named("y")


@dataclass(frozen=True)
class Overlap:
    """The numbers of an overlap analysis; see `overlap`. All are empty where there was nothing to pair."""

    correlations: pd.DataFrame = field(default_factory=pd.DataFrame)
    slopes: pd.DataFrame = field(default_factory=pd.DataFrame)
    differences: pd.DataFrame = field(default_factory=pd.DataFrame)
    comparisons: pd.DataFrame = field(default_factory=pd.DataFrame)
    models: pd.DataFrame = field(default_factory=pd.DataFrame)
    terms: pd.DataFrame = field(default_factory=pd.DataFrame)
    needed: pd.DataFrame = field(default_factory=pd.DataFrame)
    pairs: tuple[Pair, ...] = ()
    notes: tuple[str, ...] = ()

    def tables(self) -> dict[str, pd.DataFrame]:
        """Return the frames by the names of their files; none where there is nothing."""
        if self.correlations.empty:
            return {}
        return {
            "overlap": self.correlations,
            "overlap_slopes": self.slopes,
            "overlap_differences": self.differences,
            "overlap_comparisons": self.comparisons,
            "overlap_models": self.models,
            "overlap_terms": self.terms,
            "overlap_needed": self.needed,
        }


def overlap(
    scores: pd.DataFrame,
    sessions: pd.DataFrame,
    participants: pd.DataFrame,
    conditions: Sequence[str],
    *,
    further: pd.DataFrame | None = None,
    equivalence: float = EQUIVALENCE,
) -> Overlap:
    """Lay pain beside distress.

    Pairs (`kind`): ``sensitivity``, a threshold or tolerance measured before any game with distress;
    ``pain``, distress with a pain rating (the mean over the probes of the game, else the rating after it);
    ``control`` and ``sensitivity_control``, the same with a rating of something not painful. Distress is the
    composite at the reflexive stage; a single rating of distress and hurt feelings follow, the latter with
    words of pain in their items.

    Parameters
    ----------
    scores : DataFrame
        As `analysis.results.all_scores` returns them: participant_id, run, condition, stage, measure,
        subscale, score, low, high, high_means, role. A score of role ``pain_sensitivity`` whose neighbour
        ``<subscale>_censored`` is above 0 is a bound that was reached, no value: it is counted and left out.
    sessions : DataFrame
        participant_id, conditions, factors.
    participants : DataFrame
        participant_id; age and gender where they were asked.
    conditions
        In order, the reference first.
    further : DataFrame, optional
        participant_id and covariates that the analyst named.
    equivalence
        Bound of the tests of equivalence between conditions, in standard deviations.

    Returns
    -------
    Overlap
        - ``correlations``: a row for each pair and level. ``over`` is ``condition`` (each by itself),
          ``adjusted`` (values centred within their condition and the levels of crossed factors, together),
          ``partial`` (adjusted for covariates too); where people went through several conditions,
          ``between_persons`` (their means) and ``within_person`` in place of ``adjusted``. n, n_missing,
          n_censored; r with ci_low, ci_high, t, df, p, bf10; rho with its interval and p; half_width of the
          interval of r, and detectable, the r that this n finds with a power of .80.
        - ``slopes``: `analysis.slopes`.
        - ``differences``: r of distress with pain less r of distress with the control, in the same people.
        - ``comparisons``: pain, sensitivity after the game, and control by condition (`analysis.compare`).
        - ``models``, ``terms``: `analysis.probes`.
        - ``needed``: participants for r of .1 to .5, adjusted for what there is.
    """
    if not ROLES & set(scores["role"].astype(str)):
        return Overlap()
    found = variables(scores)
    pairs = tuple(pair for pair in _pairs(found) if len(pair.frame))
    if not {pair.kind for pair in pairs} & {"sensitivity", "pain"}:
        return Overlap(notes=found.notes)
    known = people(scores, sessions, participants, further)
    probes = probed(scores, found, conditions, known)
    return Overlap(
        correlations=_correlations(pairs, conditions, known),
        slopes=_each(pairs, SLOPES, lambda pair: slopes(pair.frame, conditions, known)),
        differences=_differences(found, conditions, known),
        comparisons=_by_condition(found, conditions, equivalence),
        models=probes.fits,
        terms=probes.terms,
        needed=participants_needed(max(0, len(conditions) - 1)),
        pairs=pairs,
        notes=(*found.notes, *known.notes, *_unasked(found), *_uneven(pairs)),
    )


def _unasked(found: Variables) -> Iterator[str]:
    """Yield what a reader must know of ratings that were not asked, or without a stimulus."""
    if not found.control:
        yield (
            "No rating of something not painful was asked, so nothing here tells overlap from a way of "
            "answering."
        )
    for each in found.pain:
        if each.stage != "probes":
            yield (
                f"{each.measure} was rated once ({each.stage}) and not after stimuli of the game: where "
                "none was given it is a rating of whatever hurt."
            )


def _uneven(pairs: Sequence[Pair]) -> Iterator[str]:
    """Yield pairs of which both numbers spread far more under one condition than under another.

    A correlation of centred values is then too liberal: 9 % instead of 5 where both standard deviations
    double (4000 simulated studies of 2 x 40), while ranks within conditions and HC3 keep to 5.
    """
    for pair in pairs:
        spread = pair.frame[~pair.frame["censored"]].groupby("condition")[["x", "y"]].std()
        if len(spread) > 1 and (spread.max() >= UNEVEN * spread.min()).all():
            yield (
                f"{pair.y.measure} and {pair.x.measure} both spread at least {UNEVEN:g} times as far under "
                "one condition as under another: p of the adjusted r is then too small; read rho, or the "
                "common slope."
            )


def _pairs(found: Variables) -> Iterator[Pair]:
    listed = (
        ("sensitivity", found.sensitivity, found.distress),
        ("pain", found.distress, found.pain),
        ("control", found.distress, found.control),
        ("sensitivity_control", found.sensitivity, found.control),
    )
    for kind, firsts, seconds in listed:
        for x, y in product(firsts, seconds):
            yield Pair(kind, x, y, beside({"x": x, "y": y}))


def beside(named: dict[str, Variable]) -> pd.DataFrame:
    """Lay variables side by side: participant_id, condition, one column each, censored.

    What was measured before any game stands beside each condition of its participant.
    """
    frame: pd.DataFrame | None = None
    for name, variable in sorted(named.items(), key=lambda item: not item[1].by_condition):
        keys = KEYS if variable.by_condition else KEYS[:1]
        own = variable.frame[[*keys, "value", "censored"]]
        own = own.rename(columns={"value": name, "censored": f"censored_{name}"})
        frame = (
            own
            if frame is None
            else frame.merge(own, on=keys, how="outer" if variable.by_condition else "left")
        )
    assert frame is not None
    flags = [f"censored_{name}" for name in named]
    censored = frame[flags].astype("boolean").fillna(value=False).any(axis=1)
    kept = frame.drop(columns=flags).assign(censored=censored.astype(bool))
    return kept[[*KEYS, *named, "censored"]].sort_values(KEYS).reset_index(drop=True)


def _each(
    pairs: Sequence[Pair], columns: Sequence[str], make: Callable[[Pair], list[dict[str, object]]]
) -> pd.DataFrame:
    rows = [{"kind": pair.kind} | pair.names | row for pair in pairs for row in make(pair)]
    return pd.DataFrame(rows, columns=["kind", *NAMES, *columns])


def _about(level: Level) -> dict[str, object]:
    return {
        "over": level.over,
        "condition": level.condition or None,
        "adjusted_for": level.adjusted_for or None,
        "n": level.n,
        "n_missing": level.n_missing,
        "n_censored": level.n_censored,
    }


def correlation(level: Level) -> dict[str, object]:
    """Return the numbers of the correlation of the first two variables at a level."""
    x, y = level.left.T[:2] if level.n else (np.empty(0), np.empty(0))
    row: dict[str, object] = _about(level) | pearson(x, y, level.size)
    if level.left_ranks is None or not level.n:
        return row | dict.fromkeys(RANKS, np.nan)
    x, y = level.left_ranks.T[:2]
    return row | spearman(x, y, level.size)


def _correlations(pairs: Sequence[Pair], conditions: Sequence[str], known: People) -> pd.DataFrame:
    def rows(pair: Pair) -> list[dict[str, object]]:
        return [correlation(level) for level in levels(pair.frame, ("x", "y"), conditions, known)]

    return _each(pairs, CORRELATIONS[1 + len(NAMES) :], rows)


def against(level: Level) -> dict[str, object]:
    """Return how the first variable goes with the second, with the third, and whether that differs."""
    x, pain, control = level.left.T if level.n else (np.empty(0),) * 3
    enough = level.size >= 3
    r = [product_moment(*of) if enough else np.nan for of in ((x, pain), (x, control), (pain, control))]
    told = dict(zip(("r_pain", "r_control", "r_between"), r, strict=True))
    return _about(level) | told | difference(r[0], r[1], r[2], level.size)


def _differences(found: Variables, conditions: Sequence[str], known: People) -> pd.DataFrame:
    rows: list[dict[str, object]] = []
    for x, pain, control in product(found.distress, found.pain, found.control):
        frame = beside({"x": x, "y": pain, "control": control})
        names = x.named("x") | pain.named("y") | control.named("control")
        rows += [names | against(level) for level in levels(frame, ("x", "y", "control"), conditions, known)]
    return pd.DataFrame(rows, columns=DIFFERENCES)


def _by_condition(found: Variables, conditions: Sequence[str], equivalence: float) -> pd.DataFrame:
    """Compare pain between conditions, two-sided; sensitivity only where it was measured after a game."""
    parts = [
        each.frame.rename(columns={"value": "score"}).assign(
            measure=each.measure,
            subscale=each.subscale,
            stage=each.stage,
            score=lambda rows: rows["score"].where(~rows["censored"].astype(bool)),
        )
        for each in (*found.pain, *found.later_sensitivity, *found.control)
    ]
    if not parts:
        return compare.comparisons(pd.DataFrame(columns=[*KEYS, "measure", "stage", "subscale", "score"]))
    return compare.comparisons(pd.concat(parts, ignore_index=True), conditions, equivalence)


def participants_needed(adjusted: int) -> pd.DataFrame:
    """Return how many participants correlations of several sizes take (`analysis.power`).

    Parameters
    ----------
    adjusted
        How many numbers an adjusted correlation is adjusted for; each costs one participant.

    Returns
    -------
    DataFrame
        r, power, adjusted (0, and `adjusted` where that is another), n.
    """
    rows = [row for k in dict.fromkeys((0, adjusted)) for row in _needed(k)]
    return pd.DataFrame(rows, columns=NEEDED)


@cache
def _needed(adjusted: int) -> tuple[tuple[float, float, int, int], ...]:
    return tuple(
        (r, power, adjusted, needed(Question("correlation", r, adjusted=adjusted), power))
        for r in EFFECTS
        for power in POWERS
    )
