"""Where in a game its stimuli fall: after which throws or how far into it, and whether they fit there."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from experiment.definitions.durations import mean_s
from experiment.definitions.game import Game
from experiment.definitions.pain import Pain, Probe


@dataclass(frozen=True, slots=True)
class Place:
    """One stimulus: its number (from 1), and the throw after which or the time played (s) at which it is due.

    `before_end_s` is about how long before the end of the run that is, as throws take on average.
    """

    number: int
    after_throw: int | None
    at_s: float | None
    before_end_s: float


def places(pain: Pain, game: Game) -> tuple[Place, ...]:
    """Return where the stimuli of a game fall.

    Spread over the last seconds, the first is due so long before the end, and the others in equal steps
    after it. Where throws end the run, they are due after the throw that on average comes so long before the
    end (mean pause and mean flight; the participant's own throws are taken to be as long).

    Raises
    ------
    ValueError
        Where they do not fit, saying why.
    """
    task = pain.task
    if not isinstance(task, Probe):
        raise TypeError(f"task.kind = {task.kind!r} is no probe")
    throws, length_s = game.exact_throws(), _timed_s(game)
    if task.in_last_s is None:
        found = _after(task, game, throws)
    elif throws is not None:
        found = _in_last_throws(task.in_last_s, task.count(), game, throws)
    elif length_s is not None:
        found = _in_last_seconds(task.in_last_s, task.count(), length_s)
    else:
        raise ValueError(
            "in_last_s needs a game whose end is known: by throws, or all of it by time, with nobody who may "
            "leave"
        )
    _check_gaps(found, task.duration_s + pain.rest_s)
    return found


def _after(task: Probe, game: Game, throws: int | None) -> tuple[Place, ...]:
    if throws is None:
        raise ValueError(
            "after_throws needs a game that ends by throws, with nobody who may leave; give in_last_s"
        )
    if task.after_throws[-1] >= throws:
        raise ValueError(
            f"after_throws names throw {task.after_throws[-1]}: the run has {throws} throws; at most "
            f"{throws - 1}"
        )
    return tuple(
        Place(i, throw, None, _left_s(game, throws, throw)) for i, throw in enumerate(task.after_throws, 1)
    )


def _in_last_throws(last_s: float, count: int, game: Game, throws: int) -> tuple[Place, ...]:
    whole_s = _left_s(game, throws, 0)
    if whole_s <= last_s:
        raise ValueError(f"in_last_s = {last_s:g}: the whole run takes about {whole_s:.0f} s")
    found = []
    for i, before_s in enumerate(_before_end(last_s, count), start=1):
        throw = max(n for n in range(throws) if _left_s(game, throws, n) >= before_s)
        found.append(Place(i, max(throw, 1), None, _left_s(game, throws, max(throw, 1))))
    if len({place.after_throw for place in found}) < count:
        raise ValueError(
            f"in_last_s = {last_s:g} holds fewer than {count} throws after which a stimulus could begin"
        )
    return tuple(found)


def _in_last_seconds(last_s: float, count: int, length_s: float) -> tuple[Place, ...]:
    if length_s <= last_s:
        raise ValueError(f"in_last_s = {last_s:g}: the whole run takes {length_s:g} s")
    return tuple(
        Place(i, None, length_s - before_s, before_s)
        for i, before_s in enumerate(_before_end(last_s, count), start=1)
    )


def _before_end(last_s: float, count: int) -> list[float]:
    return [last_s * (count - i) / count for i in range(count)]


def _check_gaps(found: tuple[Place, ...], needed_s: float) -> None:
    """Refuse stimuli of which one would be due before the rest after the one before it is over."""
    for earlier, later in pairwise(found):
        gap_s = earlier.before_end_s - later.before_end_s
        if gap_s < needed_s:
            raise ValueError(
                f"stimulus {later.number} would be due about {gap_s:.1f} s after stimulus {earlier.number}, "
                f"but stimulus and rest take {needed_s:g} s (duration_s and rest_s)"
            )
    last = found[-1]
    stimulus_s = last.before_end_s
    if stimulus_s <= 0:
        raise ValueError(f"stimulus {last.number} would be due at the end of the run")


def _timed_s(game: Game) -> float | None:
    """Return how long a run is that ends by time alone (s), or None."""
    leaving = game.participant.may_leave or any(c.leaves is not None for c in game.coplayers)
    if leaving:
        return None
    if game.duration_s is not None:
        return game.duration_s
    timed = [phase.duration_s for phase in game.phases if phase.duration_s is not None]
    return sum(timed) if len(timed) == len(game.phases) else None


def _left_s(game: Game, throws: int, throw: int) -> float:
    """Return about how long a run goes on after a throw (s)."""
    return sum(_throw_s(game, number) for number in range(throw + 1, throws + 1))


def _throw_s(game: Game, number: int) -> float:
    """Return about how long a throw takes, pause and flight (s)."""
    first = 1
    for phase in game.phases:
        if number < first + (phase.throws or 0):
            return mean_s(phase.pause or game.pause) + mean_s(game.flight)
        first += phase.throws or 0
    raise ValueError(f"the run has no throw {number}")
