"""Scores with a known overlap of pain and distress, as `analysis.results.all_scores` would return them."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

import numpy as np
import pandas as pd

from analysis.frames import Floats

SCALES = {
    "distress": ("index", "distress", "more distress", 0.0, 100.0),
    "hurt_vas": ("index", "hurt", "more hurt", 0.0, 100.0),
    "distress_vas": ("index", "distress_rating", "more upset", 0.0, 100.0),
    "mood": ("index", "mood", "positive mood", 1.0, 5.0),
    "pain_unpleasantness": ("index", "pain", "more unpleasant pain", 0.0, 100.0),
    "pain_intensity": ("index", "pain", "more intense pain", 0.0, 100.0),
    "brightness": ("index", "control_rating", "brighter", 0.0, 100.0),
    "heat_threshold": ("threshold", "pain_sensitivity", "less sensitive", np.nan, np.nan),
}
PARTS = ["subscale", "role", "high_means", "low", "high"]
CONDITIONS = ("inclusion", "exclusion")
PROBES = 3
KEYS = ["participant_id", "run", "condition", "stage", "measure", "score"]


@dataclass(frozen=True)
class Made:
    """Frames of a study: scores, sessions, participants; and its conditions."""

    scores: pd.DataFrame
    sessions: pd.DataFrame
    participants: pd.DataFrame
    conditions: tuple[str, ...] = CONDITIONS


@dataclass(frozen=True)
class Truth:
    """What is true of a made study.

    Attributes
    ----------
    overlap
        Correlation, within a condition, of distress with the level of somebody's pain, and, with a minus,
        with their threshold.
    control
        The same of distress with the level of the control rating.
    style
        Correlation of pain with the control rating.
    effect, pain_effect, control_effect
        What each further condition adds to distress, pain and control, in standard deviations.
    noise
        Standard deviation of a single rating about the person's level, in those of the levels.
    stays
        Where people go through both conditions: share of the variance that they take with them.
    """

    overlap: float = 0.0
    control: float = 0.0
    style: float = 0.3
    effect: float = 1.5
    pain_effect: float = 0.5
    control_effect: float = 0.0
    noise: float = 0.5
    stays: float = 0.5

    def r(self, of: float, shared: float = 1.0, runs: int = 1) -> float:
        """Return a correlation as it shows in the mean of the probes.

        Parameters
        ----------
        of
            The correlation of the levels.
        shared
            Variance of the levels that is looked at (of person means, say, less than 1).
        runs
            Games of which the mean is taken.
        """
        return of * sqrt(shared / (shared + self.noise**2 / PROBES / runs))


def drawn(truth: Truth, n: int, rng: np.random.Generator) -> Floats:
    """Draw n people: distress, pain, control, threshold; mean 0, SD 1."""
    r, c, s = truth.overlap, truth.control, truth.style
    matrix = np.array([[1, r, c, -r], [r, 1, s, -0.3], [c, s, 1, 0.0], [-r, -0.3, 0.0, 1]], dtype=float)
    return np.asarray(rng.standard_normal((n, 4)) @ np.linalg.cholesky(matrix).T)


def between(
    truth: Truth, n: int, seed: int, conditions: tuple[str, ...] = CONDITIONS, *, light: bool = False
) -> Made:
    """Make a study with n people under each condition: a threshold before the game, probes in it.

    A `light` one has a single measure of each kind and no covariates.
    """
    rng = np.random.default_rng(seed)
    parts, people = [], []
    for place, condition in enumerate(conditions):
        codes = [f"sub-{condition}{number:04d}" for number in range(n)]
        people += [(code, condition) for code in codes]
        levels = drawn(truth, n, rng)
        parts.append(_baseline(codes, condition, levels[:, 3], rng, light=light))
        parts.append(_game(codes, place, levels, truth, rng, conditions=conditions, light=light, run=1))
    return _made(parts, people, conditions, rng)


def within(truth: Truth, n: int, seed: int, *, light: bool = False) -> Made:
    """Make a study in which n people went through both conditions, half of them in either order."""
    rng = np.random.default_rng(seed)
    codes = [f"sub-{number:04d}" for number in range(n)]
    stays = drawn(truth, n, rng)
    parts = [_baseline(codes, None, stays[:, 3], rng, light=light)]
    for place in range(len(CONDITIONS)):
        levels = sqrt(truth.stays) * stays + sqrt(1 - truth.stays) * drawn(truth, n, rng)
        parts.append(
            _game(codes, place, levels, truth, rng, conditions=CONDITIONS, light=light, run=place + 1)
        )
    orders = [",".join(CONDITIONS if number % 2 else CONDITIONS[::-1]) for number in range(n)]
    return _made(parts, list(zip(codes, orders, strict=True)), CONDITIONS, rng)


def _baseline(
    codes: list[str], condition: str | None, threshold: Floats, rng: np.random.Generator, *, light: bool
) -> pd.DataFrame:
    asked = {"heat_threshold": 45 + 1.5 * threshold}
    if not light:
        asked["mood"] = np.clip(3.6 + 0.7 * rng.standard_normal(len(codes)), 1, 5)
    return _rows(codes, None, condition, {("baseline", name): values for name, values in asked.items()})


def _game(
    codes: list[str],
    place: int,
    levels: Floats,
    truth: Truth,
    rng: np.random.Generator,
    *,
    conditions: tuple[str, ...],
    light: bool,
    run: int,
) -> pd.DataFrame:
    distress = levels[:, 0] + truth.effect * place
    pain = levels[:, 1] + truth.pain_effect * place
    control = levels[:, 2] + truth.control_effect * place
    asked = {("reflexive", "distress"): 40 + 10 * distress}
    if not light:
        asked["reflexive", "distress_vas"] = 35 + 12 * distress + 8 * rng.standard_normal(len(codes))
        asked["reflexive", "hurt_vas"] = 30 + 9 * distress + 9 * rng.standard_normal(len(codes))
    for probe in range(1, PROBES + 1):
        noise = truth.noise * rng.standard_normal((3, len(codes)))
        stage = f"probe_{probe}"
        asked[stage, "pain_unpleasantness"] = 50 + 10 * (pain + noise[0]) + probe
        asked[stage, "brightness"] = 50 + 10 * (control + noise[1])
        if not light:
            asked[stage, "pain_intensity"] = 55 + 10 * (pain + noise[2]) + probe
    return _rows(codes, run, conditions[place], asked)


def _rows(
    codes: list[str], run: int | None, condition: str | None, asked: dict[tuple[str, str], Floats]
) -> pd.DataFrame:
    n = len(codes)
    parts = []
    for (stage, measure), values in asked.items():
        columns = (codes, [run] * n, [condition] * n, [stage] * n, [measure] * n, values)
        parts.append(pd.DataFrame(dict(zip(KEYS, columns, strict=True))))
    return pd.concat(parts).astype({"run": "Int64", "condition": "str"})


def _made(
    parts: list[pd.DataFrame],
    people: list[tuple[str, str]],
    conditions: tuple[str, ...],
    rng: np.random.Generator,
) -> Made:
    scores = pd.concat(parts, ignore_index=True).assign(session="ses-01", n_items=1, n_missing=0)
    told = {part: {name: scale[k] for name, scale in SCALES.items()} for k, part in enumerate(PARTS)}
    scores = scores.assign(**{part: scores["measure"].map(told[part]) for part in PARTS})
    sessions = pd.DataFrame(people, columns=["participant_id", "conditions"])
    sessions = sessions.assign(session="ses-01", factors=None)
    participants = pd.DataFrame({
        "participant_id": sessions["participant_id"],
        "age": rng.integers(18, 40, len(sessions)).astype(float),
        "gender": rng.choice(["woman", "man"], len(sessions)),
    })  # fmt: skip
    return Made(scores, sessions, participants, conditions)
