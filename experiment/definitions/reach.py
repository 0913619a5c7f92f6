"""What can come about in a game at all: who may get the ball, who leaves in any case.

Everything here errs to one side: what is refused can certainly never come about. What is merely unlikely is
told by `spot check`, from simulated runs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from experiment.definitions.durations import Duration, Fixed, TruncatedNormal, Uniform, Weighted
from experiment.definitions.phases import (
    ExactRamp,
    ExactReceptions,
    Grows,
    InOrder,
    Phase,
    Policy,
    Probabilities,
    Rows,
    Weights,
)
from experiment.scenes import PARTICIPANT

if TYPE_CHECKING:
    from experiment.definitions.game import Game

Holders = frozenset[int]


def check_reach(game: Game) -> None:
    """Refuse what a game file asks for and what no run can give.

    Raises
    ------
    ValueError
        For the first thing that can never come about; the message begins with the key.
    """
    _check_compensation(game)
    for i, (phase, can) in enumerate(zip(game.phases, may_receive(game), strict=True), start=1):
        if not can and _asks(phase.policy(game.coplayer_numbers())):
            key = next(
                key for key in ("probability", "weights", "sequence", "growing") if getattr(phase, key)
            )
            raise ValueError(
                f"phases[{i}].{key}: no reception can ever come of it, since whoever can have the ball in "
                f"'{phase.name}' never throws to the participant; probability = 0.0 says so where it is meant"
            )
    _check_chain(game)
    _check_gone(game)


def may_receive(game: Game) -> tuple[bool, ...]:
    """Return for each phase whether the participant may receive in it."""
    numbers = game.coplayer_numbers()
    if any(coplayer.leaves is not None for coplayer in game.coplayers):
        return tuple(True for _ in game.phases)  # who is left alone with the participant throws to them
    holders: Holders = frozenset(game.starters())
    found = []
    for phase in game.phases:
        policy = phase.policy(numbers)
        if isinstance(policy, ExactReceptions | ExactRamp):
            found.append(policy.count > 0)
            holders = frozenset(numbers)  # the last throw of such a phase never reaches the participant
        else:
            holders, received = _through(phase, policy, holders, numbers)
            found.append(received)
    return tuple(found)


def _through(
    phase: Phase, policy: Policy, holders: Holders, numbers: tuple[int, ...]
) -> tuple[Holders, bool]:
    """Return who may have the ball after a phase, and whether the participant may receive in it."""
    received = False
    met = holders
    steps = phase.throws if phase.throws is not None else 2 * len(numbers) + 4
    for missed in range(min(steps, 2 * len(numbers) + 4)):
        after: set[int] = set()
        for holder in holders:
            if holder == PARTICIPANT:
                after |= set(numbers)
                continue
            to = _receivers(phase, policy, holder, missed, numbers)
            received = received or PARTICIPANT in to
            after |= to
        holders = frozenset(after)
        met |= holders
    return met, received


def _receivers(phase: Phase, policy: Policy, holder: int, missed: int, numbers: tuple[int, ...]) -> set[int]:
    """Return to whom a co-player may throw, after as many throws of the phase."""
    others = {n for n in numbers if n != holder and n not in phase.left_out}
    own = {PARTICIPANT}
    match policy:
        case Probabilities(to_participant=chances):
            chance = chances[holder]
            return (own if chance > 0 else set()) | (others if chance < 1 else set())
        case Grows(start=start, step=step, most=most):
            return others | (own if min(start + step * missed, most) > 0 else set())
        case Weights(rows=rows):
            return {player for player, weight in rows[holder].items() if weight > 0}
        case Rows(bags=bags):
            return {player for bag in bags[holder] for player in bag}
        case _:
            return others | own


def _asks(policy: Policy) -> bool:
    """Return whether a policy of chance is meant to let the participant receive."""
    match policy:
        case Probabilities(to_participant=chances):
            return any(chance > 0 for chance in chances.values())
        case Weights(rows=rows):
            return any(row.get(PARTICIPANT, 0.0) > 0 for row in rows.values())
        case Rows(bags=bags):
            return any(PARTICIPANT in bag for row in bags.values() for bag in row)
        case Grows():
            return True
        case ExactReceptions() | ExactRamp() | InOrder():
            return False


def _range_s(duration: Duration) -> tuple[float, float]:
    """Return the shortest and the longest that a duration can be."""
    match duration:
        case Fixed(value_s=value):
            return value, value
        case Weighted(values_s=values, weights=weights):
            drawn = [value for value, weight in zip(values, weights, strict=True) if weight > 0]
            return min(drawn), max(drawn)
        case Uniform(low_s=low, high_s=high) | TruncatedNormal(low_s=low, high_s=high):
            return low, high


def _check_compensation(game: Game) -> None:
    """Refuse bounds within which no pause lies: none could make up for an answer."""
    bounds = game.compensation
    if bounds is None:
        return
    pauses = []
    for phase in game.phases:
        if phase.order is not None and phase.order.pauses_s is not None:
            pauses += [(pause, pause) for pause in phase.order.pauses_s]
        else:
            pauses += [_range_s(coplayer.pause or phase.pause or game.pause) for coplayer in game.coplayers]
    if all(low > bounds.high_s or high < bounds.low_s for low, high in pauses):
        raise ValueError(
            f"compensation: no pause lies within low_s = {bounds.low_s:g} and high_s = {bounds.high_s:g}, so "
            "none can make up for an answer"
        )


def _check_chain(game: Game) -> None:
    """Refuse co-players who wait for one another to leave."""
    rules = {f"coplayers[{i}].leaves": c.leaves for i, c in enumerate(game.coplayers, start=1) if c.leaves}
    able = {
        where
        for where, rule in rules.items()
        if any(
            getattr(rule, reason) is not None
            for reason in ("after_throws", "after_s", "after_throws_ignored", "after_s_ignored")
        )
    }
    while more := {
        w for w, rule in rules.items() if w not in able and (rule.after_leavers or 0) <= len(able)
    }:
        able |= more
    for where, rule in rules.items():
        if where not in able:
            raise ValueError(
                f"{where}.after_leavers = {rule.after_leavers}: never comes about, since only {len(able)} "
                "of the other co-players leave without waiting for this one"
            )


def _check_gone(game: Game) -> None:
    """Refuse a phase that begins, or a line that is said, after those whom it needs have left in any case."""
    gone = {
        number: rule.after_throws + rule.spread_throws + 1  # who has the ball then throws it first
        for number, coplayer in zip(game.coplayer_numbers(), game.coplayers, strict=True)
        if (rule := coplayer.leaves) is not None and rule.after_throws is not None
    }
    for i, line in enumerate(game.chat, start=1):
        if line.after_throw >= gone.get(line.player, line.after_throw + 1):
            raise ValueError(
                f"chat[{i}].after_throw = {line.after_throw}: player {line.player} has left by then "
                f"(with throw {gone[line.player]} at the latest)"
            )
    if len(gone) < len(game.coplayers):
        return
    last, played = max(gone.values()), 0
    for i, phase in enumerate(game.phases, start=1):
        if played >= last:
            raise ValueError(
                f"phases[{i}] ({phase.name}) never begins: all co-players have left by throw {last}, "
                f"and {played} are played before it"
            )
        played += phase.throws or 0
