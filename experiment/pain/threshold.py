"""A threshold: stimuli by the rules of its method until they give an estimate."""

from __future__ import annotations

from experiment.definitions.pain import Limits, Staircase
from experiment.pain.giving import Given, Giving
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
        reached = _reached(giving, task, given)
        answers.append(Answered(planned.series, given.level, reached, given.stopped, planned.level))
    return estimate(task, answers)


def _reached(giving: Giving, task: Limits | Staircase, given: Given) -> bool:
    """Return whether a stimulus was strong enough, by key or by rating."""
    reached, value = given.pressed is not None or given.stopped, None
    if task.rating is not None and task.target is not None:
        rated = next(iter(giving.ask(giving.next_id, task.rating, None).values()))
        value = float(rated) if isinstance(rated, int | float) else None
        reached = given.stopped or (value is not None and value >= task.target)
    pages = giving.pages
    pages.journal.write(
        "reached", pages.booth.clock.now(), of=giving.of, number=giving.number, reached=reached, value=value
    )
    return reached
