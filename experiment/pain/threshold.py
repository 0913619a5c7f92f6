"""A threshold: stimuli by the rules of its method until they give an estimate."""

from __future__ import annotations

from experiment.definitions.pain import Limits, Staircase
from experiment.pain.giving import Giving
from experiment.pain.rules import Answered, Estimate, estimate, following


def find_threshold(giving: Giving, task: Limits | Staircase) -> Estimate:
    """Give stimuli until the method has come to its end, and return the threshold.

    Where the laboratory's ceiling for their number is reached before, the estimate is what the answers so far
    give. A stimulus that somebody stopped counts as strong enough, and no later one is as strong.
    """
    answers: list[Answered] = []
    while (planned := following(task, answers)) is not None:
        if giving.limited.left(giving.task.modality) == 0:
            giving.tell("the ceiling for the number of stimuli is reached: the task ends here")
            break
        given = giving.give(planned, task.duration_s, by_key=task.rating is None)
        answers.append(_answered(giving, task, planned.series, given.level, given.pressed, given.stopped))
    return estimate(task, answers)


def _answered(
    giving: Giving, task: Limits | Staircase, series: int, level: float, pressed: float | None, stopped: bool
) -> Answered:
    """Return whether a stimulus was strong enough, by key or by rating."""
    reached, value = pressed is not None or stopped, None
    if task.rating is not None and task.target is not None:
        rated = next(iter(giving.ask(giving.next_id, task.rating, None).values()))
        value = float(rated) if isinstance(rated, int | float) else None
        reached = stopped or (value is not None and value >= task.target)
    pages = giving.pages
    pages.journal.write(
        "reached", pages.booth.clock.now(), of=giving.of, number=giving.number, reached=reached, value=value
    )
    return Answered(series, level, reached, stopped)
