"""What was planned: the design, the games and their doses, what was told, and what was asked."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from markupsafe import Markup

from analysis.dataset import Dataset
from analysis.definitions import FOLDER
from analysis.report.parts import Block, Html, Paragraph, Section, Table
from analysis.report.rows import in_words
from analysis.report.scores import at
from experiment.columns import SESSIONS
from experiment.definitions.design import Design
from experiment.definitions.errors import DefinitionError
from experiment.definitions.game import Game
from experiment.definitions.protocol import Protocol
from experiment.definitions.reach import may_receive
from experiment.definitions.reading import read
from experiment.definitions.steps import Ask, EachCondition

TOLD = next(column.levels for column in SESSIONS if column.name == "belief")
ORDERS = {
    "counterbalanced": "in counterbalanced order (every order equally often)",
    "latin_square": "in the orders of a balanced Latin square",
    "random": "in an order drawn for each participant",
    "fixed": "in one fixed order",
}


def section(data: Dataset, beliefs: dict[str, int]) -> Section:
    """Return the section on the design."""
    blocks: list[Block] = [Paragraph(said) for said in _designs(data)]
    blocks += [Paragraph(_told(beliefs))] if beliefs else []
    blocks += _games(data)
    blocks += _measures(data)
    return Section("design", "Design", blocks)


def _designs(data: Dataset) -> Iterable[Html]:
    """Say each design that sessions were run with, once."""
    seen: list[Design] = []
    for (_, name), protocol in data.protocols.items():
        if protocol.design in seen:
            continue
        seen.append(protocol.design)
        yield Markup("Protocol <b>{}</b> (“{}”). {}").format(name, protocol.title, _design(protocol.design))


def _design(design: Design) -> str:
    listed = ", ".join(map(in_words, design.conditions))
    if design.between is not None:
        said = f"Between participants, each in one of {len(design.conditions)} conditions: {listed}."
    else:
        times = f", each {design.repeats} times" if design.repeats > 1 else ""
        order = ORDERS[design.order or "fixed"]
        said = f"Within participants: everybody went through {listed}{times}, {order}."
    for factor in design.factors:
        said += f" Crossed with {in_words(factor.name)} ({', '.join(map(in_words, factor.levels))})."
    said += f" Cells ({len(design.cells())}) were drawn in permuted blocks"
    strata = [f"{in_words(s.item)} ({in_words(s.measure)})" for s in design.strata]
    return said + (f", apart for each stratum of {', '.join(strata)}." if strata else ".")


def _told(beliefs: dict[str, int]) -> str:
    said = [
        f"{TOLD.get(name, '').partition(':')[0][:1].lower()}{TOLD.get(name, '').partition(':')[0][1:]}"
        f" ({in_words(name)}, {count} {'session' if count == 1 else 'sessions'})"
        for name in [*TOLD, *sorted(set(beliefs) - set(TOLD))]
        if (count := beliefs.get(name))
    ]
    return f"What participants were told of the co-players: {'; '.join(said)}."


@dataclass(frozen=True, slots=True)
class Dose:
    """What a game plans: throws and receptions of a run, None where time or chance decides."""

    game: Game
    throws: int | None
    receptions: int | None


def doses(data: Dataset) -> dict[str, list[Dose]]:
    """Return the game of each condition, and what it plans; several where a study changed one."""
    found: dict[str, list[Dose]] = {}
    for digest, name in data.protocols:
        for condition in data.protocols[digest, name].design.conditions:
            file = data.path / FOLDER / digest / "games" / f"{condition}.toml"
            try:
                game = read(file, Game)
            except DefinitionError:
                continue  # data.skipped says of the folder what cannot be read
            known = found.setdefault(condition, [])
            if game not in [dose.game for dose in known]:
                known.append(_dose(game))
    return found


def _dose(game: Game) -> Dose:
    pairs = zip(game.phases, may_receive(game), strict=True)
    counts = [phase.exact_count() if can else 0 for phase, can in pairs]
    known = [count for count in counts if count is not None]
    return Dose(game, game.exact_throws(), sum(known) if len(known) == len(counts) else None)


def _games(data: Dataset) -> Iterable[Block]:
    planned = doses(data)
    lines: list[list[Html]] = []
    for condition in data.conditions:
        for dose in planned.get(condition, []):
            exact = dose.throws is not None and dose.receptions is not None
            share = f"{100 * dose.receptions / dose.throws:.1f}" if exact else "by chance"  # type: ignore[operator]
            lines.append(
                [
                    in_words(condition),
                    dose.game.title,
                    str(dose.game.players),
                    "by time" if dose.throws is None else str(dose.throws),
                    "by chance" if dose.receptions is None else str(dose.receptions),
                    share,
                    dose.game.source,
                ]
            )
    if lines:
        headings: list[tuple[Html, bool]] = [
            ("Condition", False), ("Game", False), ("Players", True), ("Throws", True),
            ("To the participant", True), ("%", True), ("Source", False),
        ]  # fmt: skip
        note = "As the game files plan a run. Exact counts hold whatever the participant does."
        yield Table("The games: planned throws in a run", headings, lines, note)


def _measures(data: Dataset) -> Iterable[Block]:
    stages: dict[str, dict[str, None]] = {}
    for protocol in data.protocols.values():
        for ask in _asked(protocol):
            stages.setdefault(ask.measure, {})[ask.stage] = None
    lines: list[list[Html]] = []
    for name, found in stages.items():
        measure = data.measures.get(name)
        if measure is None:
            continue
        note = "adapted wording, not validated" if "adapted from" in measure.title else ""
        when = ", ".join(in_words(stage) for stage in found)
        lines.append([measure.title, when, str(len(measure.items)), measure.citation, note])
    if lines:
        headings: list[tuple[Html, bool]] = [
            ("Measure", False), ("Asked", False), ("Items", True), ("Source", False), ("Note", False),
        ]  # fmt: skip
        when = "; ".join(f"{name}: {at(name)}" for name in ("baseline", "reflexive", "reflective"))
        yield Table("What was asked, and when", headings, lines, f"{when[0].upper()}{when[1:]}.")


def _asked(protocol: Protocol) -> Iterable[Ask]:
    for step in protocol.steps:
        for inner in step.steps if isinstance(step, EachCondition) else (step,):
            if isinstance(inner, Ask):
                yield inner
