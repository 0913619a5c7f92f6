"""What a protocol names, and where: games, pain tasks, measures."""

from __future__ import annotations

from collections.abc import Iterator

from experiment.definitions.pain import Pain
from experiment.definitions.protocol import Protocol
from experiment.definitions.steps import Ask, PainTest, Play, Practice

LEVEL = "stimulus_level"
"""The measure with which the experimenter types the level of a stimulus that is given by hand."""

BATH = "bath_temperature"
"""The same for water: its temperature just before the hand goes in."""

TYPED = frozenset({LEVEL, BATH})
"""What they type belongs to a stimulus, and is tabled with it."""


def games_named(protocol: Protocol) -> Iterator[tuple[str, str]]:
    """Yield where a game is named, and its name."""
    key = "between" if protocol.design.between else "within"
    for i, condition in enumerate(protocol.design.conditions, start=1):
        yield f"design.{key}[{i}]", condition
    for where, step in protocol.placed_steps():
        if isinstance(step, Practice | Play) and step.game is not None:
            yield where if where == "ending" else f"{where}.game", step.game


def level_of(task: Pain) -> str:
    """Return the measure with which the level of a task that is given by hand is typed."""
    return BATH if task.modality == "cold" else LEVEL


def pain_named(protocol: Protocol) -> Iterator[tuple[str, str]]:
    """Yield where a pain task is named, and its name."""
    for where, step in protocol.placed_steps():
        if isinstance(step, PainTest):
            yield f"{where}.task", step.task
        elif isinstance(step, Play) and step.probe is not None:
            yield f"{where}.probe", step.probe


def measures_named(protocol: Protocol, pain: dict[str, Pain]) -> Iterator[tuple[str, str]]:
    """Yield where a measure is named, and its name: by steps, within games, by pain tasks."""
    for where, step in protocol.placed_steps():
        if isinstance(step, Ask):
            yield f"{where}.measure", step.measure
        elif isinstance(step, Play):
            for i, within in enumerate(step.ratings, start=1):
                yield f"{where}.ratings[{i}].measure", within.measure
    for name, task in pain.items():
        for rating in task.ratings():
            yield f"pain/{name}.toml: rating", rating
        if task.given == "hand":
            yield f"pain/{name}.toml (given by hand): its level", level_of(task)
