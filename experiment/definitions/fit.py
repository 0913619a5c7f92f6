"""Whether the definitions of a session fit one another: words for every screen, nothing told too early."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from experiment.definitions.design import Stratum
from experiment.definitions.errors import DefinitionError
from experiment.definitions.game import Game
from experiment.definitions.masking import check_masking, pages_of
from experiment.definitions.measure import Choice, Measure, Number, Text
from experiment.definitions.pain import Pain
from experiment.definitions.pain_fit import NOT_ELIGIBLE, PainFit, asked_within
from experiment.definitions.protocol import Alert, Protocol
from experiment.definitions.steps import Ask, Connecting, Debriefing, PainTest, Play
from experiment.definitions.texts import Texts
from experiment.definitions.wording import instead
from experiment.definitions.words import check_interface, check_words

RUN_LABEL = "cyberball"
"""Task label of the game's own tables in the dataset."""


@dataclass(frozen=True, slots=True)
class Parts:
    """What has to fit, and the files to name where it does not."""

    protocol: Protocol
    games: dict[str, Game]
    measures: dict[str, Measure]
    texts: Texts
    file: Path
    texts_file: Path
    pain: dict[str, Pain] = field(default_factory=dict)


def check_fit(parts: Parts) -> None:
    """Check protocol, measures and texts against one another.

    Raises
    ------
    DefinitionError
        For the first thing that does not fit, naming the file in which it is to be put right.
    """
    for where, page, level in _pages_shown(parts.protocol):
        if page not in parts.texts.pages:
            hint = f"add it, as for each {level}" if level else instead(page, sorted(parts.texts.pages))
            raise DefinitionError(
                parts.texts_file, f"pages.{page} is missing (the protocol's {where} shows it); {hint}"
            )
    for where, step in parts.protocol.placed_steps():
        if isinstance(step, Ask):
            check_words(parts.measures[step.measure], step, where, parts.texts, parts.texts_file)
            _check_timed(where, step, parts)
        elif isinstance(step, Connecting):
            _check_arrivals(where, step, parts)
    PainFit(parts.protocol, parts.pain, parts.games, parts.measures, parts.file).check()
    _check_pain_words(parts)
    within = list(asked_within(parts.protocol, parts.pain))
    for where, ask in within:
        check_words(parts.measures[ask.measure], ask, where, parts.texts, parts.texts_file)
    _check_lines(parts)
    for i, alert in enumerate(parts.protocol.alerts, start=1):
        _check_alert(f"alerts[{i}]", alert, parts)
    for i, stratum in enumerate(parts.protocol.design.strata, start=1):
        _check_stratum(f"design.strata[{i}]", stratum, parts)
    _check_labels(parts)
    _check_order(parts)
    check_masking(
        parts.protocol,
        parts.games,
        parts.measures,
        parts.texts,
        file=parts.file,
        texts_file=parts.texts_file,
        within=[ask for _, ask in within],
    )


def _pages_shown(protocol: Protocol) -> Iterator[tuple[str, str, str]]:
    """Yield where a page is shown, its name, and the factor at each level of which it is another."""
    for where, step in protocol.placed_steps():
        if isinstance(step, Debriefing):
            yield where, step.page, ""
        for page, _ in pages_of(protocol, step):
            yield where, page, getattr(step, "by", None) or ""
        if isinstance(step, PainTest) or (isinstance(step, Play) and step.probe is not None):
            yield where, NOT_ELIGIBLE, ""


def _check_arrivals(where: str, step: Connecting, parts: Parts) -> None:
    """Refuse a screen of arrivals on which somebody would never come, or that has nothing to say."""
    for page, _ in pages_of(parts.protocol, step):
        if not parts.texts.pages[page].body:
            raise DefinitionError(
                parts.texts_file, f"pages.{page}.body is empty, but {where} shows its first paragraph"
            )
    if step.arrivals_s is None:
        return
    for name in parts.protocol.design.conditions:
        needed = len(parts.games[name].coplayers)
        if len(step.arrivals_s) != needed:
            raise DefinitionError(
                parts.file,
                f"{where}.arrivals_s needs {needed} times, one for each co-player of {name}; found "
                f"{len(step.arrivals_s)}",
            )


def _check_timed(where: str, step: Ask, parts: Parts) -> None:
    """Refuse a time limit for what is typed: nobody could finish a word in it."""
    measure = parts.measures[step.measure]
    typed = [item.id for item in measure.items if isinstance(measure.scale_of(item), Number | Text)]
    if step.lasts_s is not None and typed:
        raise DefinitionError(
            parts.file,
            f"{where}.lasts_s = {step.lasts_s:g}: item '{typed[0]}' of {step.measure} is typed, which takes "
            "its own time; lasts_s goes with answers that are chosen or marked",
        )


def _check_pain_words(parts: Parts) -> None:
    """Refuse a language that lacks the program's own words about stimuli, where there are any."""
    words = ("pain_", "operator_", "cold_", "hand_", "hurts_")
    own = [name for name in type(parts.texts.ui).model_fields if name.startswith(words)]
    for where, step in parts.protocol.placed_steps():
        if isinstance(step, PainTest) or (isinstance(step, Play) and step.probe is not None):
            check_interface(own, where, parts.texts, parts.texts_file)


def _check_lines(parts: Parts) -> None:
    for name, game in parts.games.items():
        for key, i, line in game.lines():
            if line.text not in parts.texts.lines:
                hint = instead(line.text, sorted(parts.texts.lines))
                where = f"games/{name}.toml: {key}[{i}].text"
                raise DefinitionError(parts.texts_file, f"lines.{line.text} is missing ({where}); {hint}")


def _check_stratum(where: str, stratum: Stratum, parts: Parts) -> None:
    """Refuse a stratum that nobody has told when the cell is drawn, or whose answers make no groups."""
    first = parts.protocol.first_that_differs()
    early = [step for step in parts.protocol.steps[:first] if isinstance(step, Ask)]
    if stratum.measure not in [step.measure for step in early]:
        asked = ", ".join(step.measure for step in early) or "none"
        raise DefinitionError(
            parts.file,
            f"{where}.measure = '{stratum.measure}' is not asked before steps[{first + 1}], where the cell "
            f"is drawn; asked before: {asked}",
        )
    if [step.measure for step in early].count(stratum.measure) > 1:
        raise DefinitionError(
            parts.file,
            f"{where}.measure = '{stratum.measure}' is asked twice before steps[{first + 1}], where the cell "
            "is drawn, so that two answers could count; ask it once",
        )
    measure = parts.measures[stratum.measure]
    items = [item.id for item in measure.items]
    if stratum.item not in items:
        hint = instead(stratum.item, items)
        raise DefinitionError(
            parts.file, f"{where}.item = '{stratum.item}' is no item of {stratum.measure}; {hint}"
        )
    scale = measure.scale_of(measure.item(stratum.item))
    if isinstance(scale, Choice) and stratum.bounds is None:
        return
    if isinstance(scale, Number) and stratum.bounds is not None:
        return
    raise DefinitionError(
        parts.file,
        f"{where}.item = '{stratum.item}': strata are made of a choice (without bounds) or of a typed number "
        "(with bounds such as [30, 50])",
    )


def _check_alert(where: str, alert: Alert, parts: Parts) -> None:
    measure = parts.measures.get(alert.measure)
    if measure is None:
        hint = instead(alert.measure, list(parts.measures))
        raise DefinitionError(parts.file, f"{where}.measure = '{alert.measure}' is asked in no step; {hint}")
    items = [item.id for item in measure.items]
    if alert.item not in items:
        hint = instead(alert.item, items)
        raise DefinitionError(
            parts.file, f"{where}.item = '{alert.item}' is no item of {alert.measure}; {hint}"
        )
    try:
        low, high = measure.bounds(measure.item(alert.item))
    except ValueError as error:
        raise DefinitionError(parts.file, f"{where}.item = '{alert.item}': {error}") from error
    if not low < alert.at_least <= high:
        bounds = f"over {low:g} and at most {high:g}"
        raise DefinitionError(
            parts.file, f"{where}.at_least = {alert.at_least:g}: must be {bounds} (the item's answers)"
        )


def _check_labels(parts: Parts) -> None:
    """Refuse names that would be one label in the dataset, whose labels are letters and digits alone."""
    taken = {RUN_LABEL: "the game"}
    for name in (*parts.measures, *parts.pain):
        label = name.replace("_", "")
        kind = "measure" if name in parts.measures else "pain task"
        if label in taken:
            problem = f"{kind} '{name}' and {taken[label]} would have the same label task-{label}"
            raise DefinitionError(parts.file, f"{problem} in the dataset; rename the {kind}")
        taken[label] = f"{kind} '{name}'"
    stages: dict[str, str] = {}
    for where, step in parts.protocol.placed_steps():
        if isinstance(step, Ask | PainTest):
            other = stages.setdefault(step.stage.replace("_", ""), step.stage)
            if other != step.stage:
                problem = (
                    f"{where}.stage = '{step.stage}' and '{other}' would have the same label in the dataset"
                )
                raise DefinitionError(parts.file, f"{problem}; write them alike")


def _check_order(parts: Parts) -> None:
    """Refuse questions of which an early one spoils a later one, or which are asked twice for one run."""
    for run in _by_run(parts.protocol):
        asked: dict[tuple[str, str], str] = {}
        checked: dict[str, str] = {}
        for where, ask in run:
            first = asked.setdefault((ask.measure, ask.stage), where)
            if first != where:
                problem = f"{where} asks '{ask.measure}' at stage '{ask.stage}' again (first: {first})"
                raise DefinitionError(parts.file, f"{problem} with no game between; give it another stage")
            role = parts.measures[ask.measure].role
            if role == "manipulation_check":
                checked.setdefault(ask.stage, where)
            elif role in ("need_satisfaction", "mood", "hurt", "pain") and ask.stage in checked:
                problem = f"{where} asks '{ask.measure}' after the manipulation check ({checked[ask.stage]})"
                raise DefinitionError(
                    parts.file, f"{problem}, whose questions name what was done; ask it before"
                )
    debriefed = ""
    for where, step in parts.protocol.placed_steps():
        if isinstance(step, Debriefing):
            debriefed = where
        elif debriefed and isinstance(step, Ask) and parts.measures[step.measure].role == "suspicion":
            raise DefinitionError(
                parts.file, f"{where}: suspicion is asked before the debriefing ({debriefed}), never after"
            )


def _by_run(protocol: Protocol) -> Iterable[list[tuple[str, Ask]]]:
    """Split a session's questions at its games."""
    runs: list[list[tuple[str, Ask]]] = [[]]
    for where, step in protocol.placed_steps(rounds=2):
        if isinstance(step, Play):
            runs.append([])
        elif isinstance(step, Ask):
            runs[-1].append((where, step))
    return runs
