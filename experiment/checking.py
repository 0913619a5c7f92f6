"""`spot check`: every definition read; what a participant will get from a game, how a protocol is made."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from experiment.definitions import CONDITIONS, DefinitionError, Game, Resolved, check_file, names, resolve
from experiment.definitions.design import BELIEF
from experiment.definitions.exclusions import Exclusions
from experiment.definitions.laboratory import LABORATORY, read_laboratory
from experiment.definitions.library import KINDS, find, read_protocol
from experiment.definitions.pain import Pain
from experiment.definitions.photos import check_photo
from experiment.definitions.reading import read
from experiment.definitions.wording import instead
from experiment.dose import dose, simulated, tabulated
from experiment.doseplot import check_picture, plot
from experiment.dosetable import DoseTable, render, total_line
from experiment.doubts import doubts
from experiment.pain.telling import told_of_protocol, told_of_task
from experiment.placeholder import placeholder
from experiment.ruling import told_of_rules

Say = Callable[[str], None]

NAMED = ("games", "protocols", "measures", "exclusions", "pain")
"""The kinds of definitions that are known by a name."""

INTERRUPTED = {
    "repeat": "an interrupted game is repeated: who was cut off receives more in all than is counted here",
    "skip": "an interrupted game is skipped: who was cut off receives less than is counted here",
    "end": "an interrupted game ends the session with the debriefing",
}
"""What is said of what becomes of a game that was broken off."""


def check_all(given: list[str], say: Say, complain: Say, picture: Path | None = None) -> int:
    """Check definitions, by file or name, or all of `conditions/`; return 0, or 2 when one cannot be used.

    Every file is looked at, so that one run tells of every mistake. With `picture`, the dose of the one game
    that is given is drawn there.

    Raises
    ------
    DefinitionError
        When a picture is asked for and what is given is not one game.
    """
    if picture is not None:
        _check_plot(given, picture)
    everything = sorted(f for kind in KINDS for f in _shipped(kind))
    everything += [file for file in [CONDITIONS / LABORATORY] if file.is_file()]
    counted: dict[str, DoseTable] = {}
    wrong = 0
    for what in given or everything:
        try:
            file = what if isinstance(what, Path) else located(what)
            if file.name == LABORATORY:
                read_laboratory(file.resolve().parent)
                say(f"{file.name}: good")
                continue
            kind = check_file(file)
            if kind == "games":
                _check_photos(file)
            say(f"{file.parent.name}/{file.name}: good")
            for line in _told(file, kind, counted):
                say(f"  {line}")
        except DefinitionError as error:
            complain(f"spot: {error}")
            wrong += 1
    if picture is not None and not wrong:
        plot(simulated(read(located(given[0]), Game)), picture)
        say(f"  drawn in {picture}")
    return 2 if wrong else 0


def _shipped(kind: str) -> Iterator[Path]:
    folder = CONDITIONS / kind
    yield from (folder / f"{name}.toml" for name in names(kind))
    if kind == "texts":
        yield from sorted(file for file in folder.glob("*/*.toml") if not file.name.startswith("."))


def located(what: str) -> Path:
    """Return the file that is meant by a file or by the name of a definition.

    Raises
    ------
    DefinitionError
        When there is none, or when several have the name.
    """
    if what.endswith(".toml") or Path(what).is_file():
        if not Path(what).is_file():
            raise DefinitionError(Path(what), "there is no such file")
        return Path(what)
    kinds = [kind for kind in NAMED if what in names(kind)]
    if len(kinds) == 1:
        return find(kinds[0], what)
    if kinds:
        files = " or ".join(f"conditions/{kind}/{what}.toml" for kind in kinds)
        raise DefinitionError(None, f"'{what}' is the name of several; give the file: {files}")
    every = sorted(name for kind in NAMED for name in names(kind))
    raise DefinitionError(
        None, f"'{what}' is no file, game, protocol, measure, pain task or rules; {instead(what, every)}"
    )


def _check_plot(given: list[str], picture: Path) -> None:
    check_picture(picture)
    if len(given) != 1:
        raise DefinitionError(None, f"--plot {picture}: draws one game; {len(given)} files are given")
    file = located(given[0])
    if file.resolve().parent.name != "games":
        raise DefinitionError(None, f"--plot {picture}: draws a game; {given[0]} is none")


def _check_photos(file: Path) -> None:
    """Refuse a game whose photographs are not in the `photos/` beside its folder."""
    for i, coplayer in enumerate(read(file, Game).coplayers, start=1):
        if coplayer.photo is not None:
            photo = file.resolve().parents[1] / "photos" / coplayer.photo
            check_photo(photo, file, f"coplayers[{i}].photo")


def _told(file: Path, kind: str, counted: dict[str, DoseTable]) -> Iterator[str]:
    """Yield what is to be said of a good definition."""
    if kind == "games":
        game = read(file, Game)
        runs = simulated(game)
        table = counted[game.model_dump_json()] = tabulated(runs)
        yield from render(table)
        yield from (f"warning: {doubt}" for doubt in doubts(runs))
    elif kind == "protocols":
        yield from _design(resolve(file), counted)
        if unfinished := placeholder(read_protocol(file)):
            yield unfinished
    elif kind == "exclusions":
        yield from told_of_rules(file, read(file, Exclusions))
    elif kind == "pain":
        yield from told_of_task(read(file, Pain))


def _design(resolved: Resolved, counted: dict[str, DoseTable]) -> Iterator[str]:
    """Yield the cells and what belongs to them, and one line for each game that is played."""
    protocol = resolved.protocol
    design = protocol.design
    cells = design.cells()
    kind = "between" if design.between else f"within, order {design.order}"
    named = ", ".join(cell.name for cell in cells)
    yield f"{len(cells)} {'cell' if len(cells) == 1 else 'cells'} ({kind}): {named}"
    if design.strata:
        parts = [
            stratum.item if stratum.bounds is None else _bounded(stratum.item, stratum.bounds)
            for stratum in design.strata
        ]
        yield f"balanced within strata of {', '.join(parts)}"
    belief = protocol.belief_of(None)
    told = belief or f"{' or '.join(protocol.levels(BELIEF))}, by cell"
    yield f"co-players are believed to be: {told}"
    yield f"ends on the game {protocol.ending}" if protocol.ending else "ends without another game"
    yield INTERRUPTED[protocol.interrupted_game]
    companies: dict[str, list[str]] = {}
    for name, game in resolved.games.items():
        companies.setdefault(", ".join(coplayer.name for coplayer in game.coplayers), []).append(name)
    if len(companies) > 1:
        told = "; ".join(f"{company} in {', '.join(games)}" for company, games in companies.items())
        yield f"warning: the co-players are not the same in every game: {told}"
    for name, game in resolved.games.items():
        same = game.model_dump_json()
        if same not in counted:
            counted[same] = dose(game)
        yield f"game {name}: {total_line(counted[same])}"
    yield from told_of_protocol(resolved)


def _bounded(item: str, bounds: tuple[float, ...]) -> str:
    return f"{item} ({' | '.join(f'{bound:g}' for bound in bounds)})"
