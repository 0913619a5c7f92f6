"""What a pain file comes to, in words for a researcher: stimuli, levels, time, places in a game, ceilings."""

from __future__ import annotations

import math
from collections.abc import Iterator

from experiment.definitions import DefinitionError, Game, Resolved
from experiment.definitions.laboratory import laboratory_beside, read_laboratory
from experiment.definitions.pain import ColdPressor, Limits, Pain, Probe, Staircase
from experiment.definitions.places import Place, places
from experiment.definitions.steps import Play
from experiment.pain.giving import WARNING_S
from experiment.pain.preflight import check_ceilings, most_stimuli


def told_of_task(pain: Pain) -> Iterator[str]:
    """Yield what somebody is given at most, and by which rule the estimate is made."""
    by = "by a device" if pain.given == "device" else "by hand"
    task, unit = pain.task, pain.unit
    match task:
        case ColdPressor():
            yield f"one hand in water of {task.temperature:g} {unit}, at most {task.cap_s:g} s"
            yield "estimates: threshold (first pain) and tolerance (hand out), s; censored at the cap"
            return
        case Probe():
            level = f"{task.level:g}" if task.level is not None else f"at most {task.highest:g}"
            where = (
                f"in the last {task.in_last_s:g} s"
                if task.in_last_s is not None
                else f"after throws {', '.join(map(str, task.after_throws))}"
            )
            yield f"{task.count()} stimuli of {pain.modality} within a game, {where}: {level} {unit}, {by}"
            if task.level_of is not None:
                yield f"level: {task.level_of} {task.offset:+g} {unit}; without one {task.without:g} {unit}"
        case Limits() | Staircase():
            low, high = task.bounds()
            yield (
                f"at most {pain.most_stimuli()} stimuli of {pain.modality}, {low:g} to {high:g} {unit}, "
                f"{by}, in up to {_longest_min(pain, task.duration_s)} min"
            )
            yield f"strong enough: {_strong_enough(task)}; estimate: {_rule(task)}"
    yield f"each {pain.longest_s():g} s, with at least {pain.rest_s:g} s between; asked: {_asked(pain)}"


def _longest_min(pain: Pain, duration_s: float) -> int:
    """Return how long a threshold takes at most (min), where every answer comes within the rest."""
    return math.ceil(pain.most_stimuli() * (pain.rest_s + WARNING_S + duration_s) / 60)


def _strong_enough(task: Limits | Staircase) -> str:
    if task.rating is None:
        return "a key, which ends the stimulus"
    return f"{task.rating} of {task.target:g} or more"


def _rule(task: Limits | Staircase) -> str:
    if isinstance(task, Limits):
        return f"{task.estimate} of {task.series} series"
    return f"mean of the last {task.mean_of_last} of {task.reversals} reversals"


def _asked(pain: Pain) -> str:
    return ", ".join(pain.ratings()) or "nothing"


def told_of_protocol(resolved: Resolved) -> Iterator[str]:
    """Yield the pain of a session: each task, where stimuli fall in each game, the ceilings."""
    if not resolved.pain:
        return
    for name, pain in resolved.pain.items():
        yield f"pain {name}: {next(told_of_task(pain))}"
    for _, step in resolved.protocol.placed_steps():
        if isinstance(step, Play) and step.probe is not None:
            names = [step.game] if step.game else resolved.protocol.design.conditions
            for name in names:
                yield _fall(step.probe, resolved.pain[step.probe], name, resolved.games[name])
    for modality, number in most_stimuli(resolved).items():
        yield f"in a session at most {number} {'stimulus' if number == 1 else 'stimuli'} of {modality}"
    try:
        home = laboratory_beside(resolved.root)
        check_ceilings(resolved, read_laboratory(home), home)
    except DefinitionError as error:
        yield f"warning: {error}"
    else:
        yield "within the ceilings of conditions/laboratory.toml"


def _fall(task: str, pain: Pain, name: str, game: Game) -> str:
    found = places(pain, game)
    return f"{task} in {name}: {', '.join(_place(place) for place in found)}"


def _place(place: Place) -> str:
    if place.after_throw is not None:
        return f"after throw {place.after_throw} (about {place.before_end_s:.0f} s before the end)"
    return f"{place.at_s:g} s into the run"
