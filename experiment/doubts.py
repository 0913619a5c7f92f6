"""What a game file asks for and simulated runs never show: a phase, a reception, a leaving, a line.

The definition refuses what can certainly never come about; here it is told what did not, or not always,
among many runs.
"""

from __future__ import annotations

from collections.abc import Iterator

from experiment import definitions
from experiment.definitions.players import ChatLine, CourtLine
from experiment.dose import Simulated, exact_counts
from experiment.dosetable import percent
from experiment.playing import Played


def doubts(runs: Simulated) -> list[str]:
    """Return in plain words what hardly can be meant, each with the key that it is about."""
    return [*_phases(runs), *_leavings(runs), *_lines(runs)]


def _phases(runs: Simulated) -> Iterator[str]:
    game, answered = runs.game, runs.answered
    counts = exact_counts(game)
    for i, phase in enumerate(game.phases):
        where = f"phases[{i + 1}] ({phase.name})"
        began = [run for run in answered if i < len(run.phases)]
        if len(began) < len(answered):
            yield f"{where} begins in {_of(len(began), answered)}, since the run is over before"
        if not began:
            continue
        if counts[i] is None and not any(run.phases[i].receptions for run in began):
            yield f"{where}: the participant received the ball in none of {len(began)} simulated runs"
        if phase.overruled and not any(run.phases[i].own_throws for run in began):
            yield f"{where}.overruled = {phase.overruled:g}: the participant had no throw in it to over-rule"
        yield from _without_the_ball(game, i, began)


def _without_the_ball(game: definitions.Game, index: int, began: list[Played]) -> Iterator[str]:
    """Tell of co-players whose chances, weights or rows never count, since they never have the ball."""
    phase = game.phases[index]
    if phase.weights is None and phase.sequence is None and not isinstance(phase.probability, tuple):
        return
    threw = set[int]().union(*(run.throwers(run.phases[index]) for run in began))
    key = "weights" if phase.weights else "sequence" if phase.sequence else "probability"
    for number in game.coplayer_numbers():
        if number not in threw:
            yield (
                f"phases[{index + 1}].{key} ({phase.name}): player {number} never had the ball in "
                f"{len(began)} simulated runs, so what they would do with it never counts"
            )


def _leavings(runs: Simulated) -> Iterator[str]:
    game, answered = runs.game, runs.answered
    for i, (number, coplayer) in enumerate(
        zip(game.coplayer_numbers(), game.coplayers, strict=True), start=1
    ):
        if coplayer.leaves is not None and not any(number in run.left for run in answered):
            yield f"coplayers[{i}].leaves: {coplayer.name} left in none of {len(answered)} simulated runs"
    if game.participant.may_leave is not None and not any(run.could_leave for run in answered):
        yield f"participant.may_leave: never opened to them in {len(answered)} simulated runs"


def _lines(runs: Simulated) -> Iterator[str]:
    answered = runs.answered
    for key, i, line in runs.game.lines():
        seen = sum(_comes_up(line, run) for run in answered)
        if seen < len(answered):
            yield f"{key}[{i}] ('{line.text}') comes up in {_of(seen, answered)}"


def _comes_up(line: CourtLine, run: Played) -> bool:
    """Return whether a line is said before the run is over, and by somebody who still plays."""
    if line.after_throw > run.throws:
        return False
    caught_s = run.caught_s[line.after_throw - 1] if line.after_throw else 0.0
    at_s = caught_s + line.after_s
    left = run.left.get(line.player) if isinstance(line, ChatLine) else None
    left_s = run.caught_s[left - 1] if left is not None else run.duration_s
    return at_s < min(left_s, run.duration_s)


def _of(count: int, runs: list[Played]) -> str:
    if not count:
        return f"none of {len(runs)} simulated runs"
    return f"{percent(count / len(runs))} of {len(runs)} simulated runs"
