"""What `spot check` says of a file of exclusion rules, held against the measures and games beside it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from experiment.definitions import CONDITIONS, DefinitionError, Measure, names
from experiment.definitions.exclusions import (
    COMPOSITES,
    AttentionRule,
    Exclusions,
    ItemRule,
    ScoreRule,
    absent,
    in_words,
    misfit,
)
from experiment.definitions.library import find
from experiment.definitions.reading import read
from experiment.definitions.wording import instead


def told_of_rules(file: Path, found: Exclusions) -> Iterator[str]:
    """Yield what is to be said of a good file of rules.

    Raises
    ------
    DefinitionError
        When a rule holds an answer against something that it can never be.
    """
    beside = file.resolve().parents[1]
    root = beside if (beside / "measures").is_dir() and (beside / "games").is_dir() else CONDITIONS
    count = len(found.rules)
    yield f"{count} {'rule' if count == 1 else 'rules'}; they change no primary analysis"
    for i, rule in enumerate(found.rules, start=1):
        yield f"{rule.reason} ({in_words(rule)})"
        games = names("games", root)
        for condition in rule.conditions or ():
            if condition not in games:
                yield f"warning: rules[{i}]: condition '{condition}' is no game; {instead(condition, games)}"
        if isinstance(rule, ScoreRule | ItemRule | AttentionRule):
            doubt = _doubt(rule, root, file, i)
            if doubt:
                yield f"warning: rules[{i}]: {doubt}"


def _doubt(rule: ScoreRule | ItemRule | AttentionRule, root: Path, file: Path, number: int) -> str:
    """Say what a rule looks at and the measures do not have; a dataset may have measures of its own."""
    known = names("measures", root)
    if rule.measure not in known and rule.measure not in COMPOSITES:
        return f"there is no measure '{rule.measure}'; {instead(rule.measure, known)}"
    measure = read(find("measures", rule.measure, root), Measure) if rule.measure in known else None
    lacking = absent(rule, measure)
    if not lacking and (problem := misfit(rule, measure)):
        raise DefinitionError(file, f"rules[{number}].{problem}")
    return lacking
