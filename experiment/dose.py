"""What a participant gets from a game file, whatever they do: receptions by phase, waits and duration.

Where a phase gives an exact count, the table says so. Where chance decides, runs are simulated with the real
schedule and with participants of different habits, since the habit can change the dose: who favours one
co-player receives what that co-player gives.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from experiment import definitions
from experiment.game import Game, Player
from experiment.randomness import stream
from experiment.scenes import PARTICIPANT
from experiment.schedule import Schedule

Habit = Literal["favours one", "alternates", "random", "never answers"]

RESPONSE_S = 1.0
"""How long a simulated participant takes to throw (our choice); who never answers waits for the take-over."""


@dataclass(frozen=True, slots=True)
class Spread:
    """Mean, 95 % range and extremes of a quantity over simulated runs."""

    mean: float
    low: float
    high: float
    least: float
    most: float


@dataclass(frozen=True, slots=True)
class PhaseDose:
    """Receptions in one phase; `exact` is None where chance decides, and `receptions` then says how."""

    name: str
    throws: int
    exact: int | None
    receptions: Spread

    @property
    def share(self) -> float:
        """Return the mean share of the phase's throws that reach the participant (0-1)."""
        return self.receptions.mean / self.throws


@dataclass(frozen=True, slots=True)
class HabitDose:
    """Receptions over the whole run for participants of one habit."""

    habit: Habit
    receptions: Spread


@dataclass(frozen=True, slots=True)
class DoseTable:
    """The dose of one game file.

    Attributes
    ----------
    title
        The game's title.
    phases
        Every phase, in order.
    whole
        The whole run.
    habits
        One row a habit; a single row where all phases are exact, since no habit can change the dose then.
    longest_wait
        Longest run of throws between co-players in a run (throws).
    longest_wait_s
        Longest time from the participant's release, or the start, to their next catch, or the end (s).
    duration_s
        Duration of a run (s), of participants who answer.
    waits_for_ever
        Whether the game waits for a participant who never throws.
    """

    title: str
    phases: tuple[PhaseDose, ...]
    whole: PhaseDose
    habits: tuple[HabitDose, ...]
    longest_wait: Spread
    longest_wait_s: Spread
    duration_s: Spread
    waits_for_ever: bool


@dataclass(frozen=True, slots=True)
class _Played:
    """One simulated run."""

    receptions: tuple[int, ...]
    longest_wait: int
    longest_wait_s: float
    duration_s: float


def dose(game: definitions.Game, runs: int = 200, seed: int = 0) -> DoseTable:
    """Return what a participant will get from `game`, whatever they do.

    Parameters
    ----------
    game
        The game file.
    runs
        How many runs are simulated for each habit.
    seed
        The same seed gives the same table.
    """
    if runs < 1:
        raise ValueError(f"runs = {runs}: at least 1 is needed")
    exact = [phase.exact_count() for phase in game.phases]
    total = None if None in exact else sum(count for count in exact if count is not None)
    can_wait = game.participant.take_over_after_s is None
    habits: list[Habit] = ["random"]
    if total is None:
        habits = ["favours one", "alternates", "random", *(() if can_wait else ("never answers",))]
    played = {habit: [_play(game, habit, seed, number) for number in range(runs)] for habit in habits}
    every = [run for found in played.values() for run in found]
    phases = tuple(
        PhaseDose(phase.name, phase.throws, exact[i], _spread([run.receptions[i] for run in every]))
        for i, phase in enumerate(game.phases)
    )
    answering = [run for habit, found in played.items() if habit != "never answers" for run in found]
    return DoseTable(
        title=game.title,
        phases=phases,
        whole=PhaseDose("whole run", game.throws, total, _spread([sum(run.receptions) for run in every])),
        habits=tuple(
            HabitDose(habit, _spread([sum(run.receptions) for run in found]))
            for habit, found in played.items()
        ),
        longest_wait=_spread([run.longest_wait for run in every]),
        longest_wait_s=_spread([run.longest_wait_s for run in answering]),
        duration_s=_spread([run.duration_s for run in answering]),
        waits_for_ever=can_wait,
    )


def render(table: DoseTable) -> list[str]:
    """Return `table` as plain lines for a terminal."""
    wide = max(len(phase.name) for phase in (*table.phases, table.whole))
    lines = [f"{table.title}: what a participant gets"]
    rows = table.phases if len(table.phases) == 1 else (*table.phases, table.whole)
    lines += [
        f"  {phase.name:<{wide}}  {phase.throws:>4} throws  {_receptions(phase)}  ({100 * phase.share:.1f} %)"
        for phase in rows
    ]
    if len(table.habits) > 1:
        lines.append("  by what the participant does with the ball, over the whole run:")
        lines += [f"    {row.habit:<13}  {_range(row.receptions)}" for row in table.habits]
    wait, wait_s, lasts = table.longest_wait, table.longest_wait_s, table.duration_s
    lines.append(
        f"  longest run of throws between co-players: {wait.mean:.0f} on average, {wait.most:.0f} at most"
    )
    lines.append(f"  longest time without the ball: {_time(wait_s.low)} to {_time(wait_s.high)}")
    lines.append(
        f"  lasts {_time(lasts.low)} to {_time(lasts.high)}, if every own throw takes {RESPONSE_S:g} s"
    )
    if table.waits_for_ever:
        lines.append("  waits as long as it takes for a participant who keeps the ball")
    return lines


def _receptions(phase: PhaseDose) -> str:
    if phase.exact is not None:
        return f"{phase.exact} received, exactly"
    return f"{_range(phase.receptions)} received"


def _range(spread: Spread) -> str:
    return f"{spread.mean:.1f} on average, 95 % between {spread.low:.0f} and {spread.high:.0f}"


def _time(seconds: float) -> str:
    whole = round(seconds)
    return f"{whole} s" if whole < 60 else f"{whole // 60} min {whole % 60} s"


def _spread(values: Sequence[float]) -> Spread:
    low, high = np.percentile(values, [2.5, 97.5])
    return Spread(float(np.mean(values)), float(low), float(high), float(min(values)), float(max(values)))


def _play(file: definitions.Game, habit: Habit, seed: int, number: int) -> _Played:
    """Play one run by the schedule of the file, with a participant of one habit."""
    purpose = f"dose/{habit}/{number}"
    schedule = Schedule(file, seed, purpose)
    game = schedule.start()
    choose = _chooser(habit, schedule, stream(seed, f"{purpose}/participant"))
    receptions = [0] * len(file.phases)
    now = waiting_since = longest_s = 0.0
    passing = longest = 0
    while len(game.throws) < file.throws:
        schedule.enter(game)
        index, _, _ = schedule.phase_of(len(game.throws) + 1)
        if game.holder == PARTICIPANT:
            receiver, held_s = choose(game), _held_s(file, habit)
            flight_s = schedule.participant_flight()
            waiting_since, passing = now + held_s, 0
        else:
            plan = schedule.coplayer_throw(game)
            receiver, held_s, flight_s = plan.receiver, plan.pause_s, plan.flight_s
            passing = 0 if receiver == PARTICIPANT else passing + 1
        now += held_s + flight_s
        game = game.throw(receiver)
        receptions[index - 1] += receiver == PARTICIPANT
        longest = max(longest, passing)
        longest_s = max(longest_s, now - waiting_since)
    return _Played(tuple(receptions), longest, longest_s, now)


def _held_s(file: definitions.Game, habit: Habit) -> float:
    limit = file.participant.take_over_after_s
    if limit is None:
        return RESPONSE_S
    return limit if habit == "never answers" else min(RESPONSE_S, limit)


def _chooser(habit: Habit, schedule: Schedule, rng: np.random.Generator) -> Callable[[Game], Player]:
    """Return how a participant of this habit chooses whom to throw to."""

    def chosen(game: Game) -> Player:
        own = sum(throw.thrower == PARTICIPANT for throw in game.throws)
        match habit:
            case "favours one":
                return game.coplayers[0]
            case "alternates":
                return game.coplayers[own % len(game.coplayers)]
            case "random":
                return game.coplayers[int(rng.integers(len(game.coplayers)))]
            case "never answers":
                return schedule.take_over(game)

    return chosen
