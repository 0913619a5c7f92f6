"""Answers `spot power`: by formula, and by studies drawn from a simulated protocol.

What exclusion does to the simulated participants is a number (`--effect` of `spot simulate`), and what comes
of it in a score depends on the protocol: its doses, its items, the ends of their scales. So the protocol is
simulated again and again until the scores show the effect that was asked for.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from analysis import power
from analysis.dataset import load
from analysis.errors import AnalysisError, WrongRequestError
from analysis.flow import permitted
from analysis.frames import Floats, one_per_participant
from analysis.power import Question
from analysis.power_words import Answer
from analysis.results import all_scores
from analysis.runs import played
from experiment import definitions
from experiment.definitions import Resolved
from experiment.progress import bar
from experiment.simulate import Simulation, simulate

ROUNDS = 6
CLOSE = 0.02
"""How near the scores of the simulated participants come to the effect that was asked for."""
LARGEST = 3.0
"""As `spot simulate` allows."""

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Request:
    """What was asked for; the options of the command say what each means."""

    protocol: str | None
    effect: float | None
    adjusted: int
    score: str
    pair: tuple[str | None, str | None]
    powers: tuple[float, ...]
    alpha: float
    sizes: tuple[int, ...]
    simulated: bool
    pool: int
    studies: int
    seed: int
    jobs: int


@dataclass(frozen=True, slots=True)
class Pool:
    """Scores of simulated participants under two conditions; see `analysis.power.significant`.

    ``strength`` is what exclusion had to do to them, as a multiple of what is published, and ``effect`` what
    came of it in the score: d between, d_z within, the first condition minus the second.
    """

    scores: Floats
    sessions: int
    strength: float
    effect: float


@dataclass(frozen=True, slots=True)
class _Asked:
    """Two conditions of a protocol, and a score."""

    protocol: str
    resolved: Resolved
    score: tuple[str, str, str]
    pair: tuple[str, str]

    @property
    def test(self) -> power.Test:
        return "within" if self.resolved.protocol.design.within else "between"

    @property
    def title(self) -> str:
        measure, subscale, stage = self.score
        return f"{self.protocol}, {measure} ({subscale}, {stage}), {self.pair[0]} minus {self.pair[1]}"


def answer(request: Request, tell: Tell) -> Answer:
    """Say how many participants it takes.

    Raises
    ------
    AnalysisError
        For a request that is wrong (exit code 2), or an effect that the simulated participants do not show.
    """
    asked = None if request.protocol is None else _asked(request, request.protocol)
    test: power.Test = "correlation" if asked is None else asked.test
    question = Question(test, request.effect or 0.0, request.alpha, request.adjusted)
    counts = list(request.sizes) or power.sizes(question, request.powers)
    if counts[0] < question.smallest:
        raise WrongRequestError(f"-n {counts[0]}: at least {question.smallest} is needed for this test")
    for wanted in request.powers:
        power.needed(question, wanted)
    said, found = "", None
    if request.simulated:
        scores, origin = _population(request, asked, question, tell)
        found = []
        with bar("drawing studies", len(counts)) as advance:
            for n in counts:
                found.append(power.significant(question, scores, n, request.studies, request.seed))
                advance()
        said = f"Simulation: {request.studies} studies of each size, {origin}; seed {request.seed}."
    conditions = 1 if asked is None else len(asked.resolved.protocol.design.conditions)
    table = power.curve(question, counts, found, request.studies)
    title = "Two ratings of the same people" if asked is None else asked.title
    return Answer(question, title, request.powers, conditions, table, said)


def _asked(request: Request, protocol: str) -> _Asked:
    """Look up protocol, score and conditions."""
    resolved = definitions.resolve(protocol)
    parts = request.score.split(":")
    if len(parts) != 3 or not all(parts):
        raise WrongRequestError(
            f"--on {request.score}: measure:score:stage is needed, such as mood:index:reflexive"
        )
    conditions = resolved.protocol.design.conditions
    a, b = request.pair
    b = b or next(name for name in conditions if name != a)
    a = a or next(name for name in conditions if name != b)
    for option, name in (("--a", a), ("--b", b)):
        if name not in conditions:
            raise WrongRequestError(f"{option} {name}: no such condition; there are: {', '.join(conditions)}")
    if a == b:
        raise WrongRequestError(f"--a and --b are both '{a}'")
    return _Asked(protocol, resolved, (parts[0], parts[1], parts[2]), (a, b))


def _population(request: Request, asked: _Asked | None, question: Question, tell: Tell) -> tuple[Floats, str]:
    """Return what studies are drawn from, and what that is in words."""
    if asked is None:
        return power.NO_POOL, "drawn from a bivariate normal distribution"
    pool = pool_for(request, asked, abs(question.effect), tell)
    return pool.scores, (
        f"drawn from {pool.sessions} simulated sessions of {asked.protocol} in which exclusion works "
        f"{pool.strength:.2f} times as strongly as published, which gives {pool.effect:.2f} in this score"
    )


def pool_for(request: Request, asked: _Asked, target: float, tell: Tell) -> Pool:
    """Simulate until the score shows an effect of the size `target`.

    Raises
    ------
    AnalysisError
        Where the score does not depend on the condition, or not as strongly as asked for.
    """
    strength, tried = 1.0, {0.0: 0.0}
    for _ in range(ROUNDS):
        found = _simulated(request, asked, strength)
        tell(f"exclusion x {strength:.2f} gives {found.effect:.2f} in {found.sessions} simulated sessions")
        if abs(abs(found.effect) - target) <= CLOSE:
            return found
        tried[strength] = abs(found.effect)
        strength = _next(tried, target)
        if strength in tried:
            break
    raise AnalysisError(
        f"{':'.join(asked.score)}: simulated participants come to an effect of "
        f"{max(tried.values()):.2f} between {asked.pair[0]} and {asked.pair[1]}, not to {target:g}; "
        "ask for another score, or use --formula"
    )


def _next(tried: dict[float, float], target: float) -> float:
    """Return the strength to try next: on the line through the two that lie nearest to the target."""
    near = sorted(tried, key=lambda strength: abs(tried[strength] - target))[:2]
    (one, other), (low, high) = near, (tried[near[0]], tried[near[1]])
    if abs(high - low) < 1e-9:
        return LARGEST
    return min(max(one + (target - low) * (other - one) / (high - low), 0.001), LARGEST)


def _simulated(request: Request, asked: _Asked, strength: float) -> Pool:
    """Simulate the protocol once, and return its scores."""
    design = asked.resolved.protocol.design
    people = request.pool * (1 if design.within else len(design.conditions))
    with TemporaryDirectory() as folder, bar("simulating", people) as advance:
        plan = Simulation(asked.protocol, people, request.seed, Path(folder), None, strength)
        study = simulate(plan, jobs=request.jobs, progress=advance)
        data = permitted(load(study.dataset))
    runs = played(data.throws, data.phases, data.sessions, data.protocols)
    made, problems = all_scores(data, data.ratings, runs)
    if problems and asked.score[0] == "distress":
        raise WrongRequestError(problems[0])
    scores = power.pool_of(one_per_participant(made), asked.score, asked.pair)
    return Pool(scores, people, strength, power.standardised(asked.test, scores))
