"""Cyberball 3 and 4: a settings file, and the schedule file that it names.

Both are rows of cells between commas. What rows mean is in docs/imports.md, with sources and assumptions.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from experiment.importing.found import (
    ImportedCoplayer,
    ImportedGame,
    Report,
    Source,
    Table,
    most_throws,
    numbers_of,
)

PLAYERS = (3, 4)
MOST_THROWS = 2000
LONGEST_S = 600
KEYS = ("players", "total throws", "schedule", "game speed", "name1", "name2", "name3", "name4")


def schedule_named(text: str) -> tuple[str, int] | None:
    """Return the schedule file that settings name, with its line, or None."""
    for line, cells in _rows(text):
        if cells[0].casefold() == "schedule" and len(cells) > 1 and cells[1]:
            return cells[1], line
    return None


def read(settings: Source, schedule: Source, report: Report) -> ImportedGame:
    """Return the game of a settings file and its schedule.

    Raises
    ------
    ImportingError
        With a line for each problem.
    """
    found = _settings(settings.text, report)
    players = _whole(found, "players", PLAYERS[0], PLAYERS[1], report)
    throws = _whole(found, "total throws", 1, MOST_THROWS, report)
    pause = _pause(found, report)
    coplayers = _coplayers(found, players, report)
    rows = _schedule(schedule, players, throws, report)
    report.stop()
    return ImportedGame(
        title=f"Imported from {settings.name}",
        source=f"Cyberball 3 or 4: {settings.name} with schedule {schedule.name}",
        players=players,
        players_said=report.at(found["players"][0]),
        coplayers=coplayers,
        starts=1,
        starts_said="player 1 begins in Cyberball 3 and 4",
        pause=pause,
        pause_said=f"{report.at(found['game speed'][0])}, read as a base and a random part",
        flight={"kind": "fixed", "value_s": 1.0},
        flight_said="not in the source: 1 s, as in Cyberball 5 (our choice)",
        policy="sequence",
        rows=tuple(rows),
        throws=throws,
        ends_said=report.at(found["total throws"][0]),
    )


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    for line, row in enumerate(text.lstrip("\ufeff").splitlines(), start=1):
        if row.strip().strip(","):
            yield line, [cell.strip() for cell in row.split(",")]


def _settings(text: str, report: Report) -> dict[str, tuple[int, list[str]]]:
    """Return line and values by key; refuse what is unknown, missing or given twice."""
    found: dict[str, tuple[int, list[str]]] = {}
    for line, cells in _rows(text):
        key = cells[0].casefold()
        if key not in KEYS:
            report.refuse(
                line,
                f"'{shown(cells[0])}' is no setting of Cyberball 3 or 4 that is known here; take the line "
                "out if "
                f"it does not change the game (known: {', '.join(KEYS)})",
            )
        elif key in found:
            report.refuse(line, f"{key} is given twice; it stands in line {found[key][0]} already")
        else:
            found[key] = (line, [cell for cell in cells[1:] if cell])
    for key in ("players", "total throws", "schedule", "game speed"):
        if key not in found:
            report.refuse(1, f"{key} is missing; a settings file has a row such as {_example(key)}")
            found[key] = (0, [])
    return found


def _example(key: str) -> str:
    return {
        "players": "players,3",
        "total throws": "total throws,30",
        "schedule": "schedule,my schedule.txt",
        "game speed": "game speed,2,3",
    }[key]


def shown(text: str, most: int = 40) -> str:
    """Return words of a source as they stand in a message: in one line, not long."""
    words = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return words if len(words) <= most else f"{words[: most - 1]}…"


def _whole(found: dict[str, tuple[int, list[str]]], key: str, low: int, high: int, report: Report) -> int:
    line, values = found[key]
    if not line:
        return low
    if len(values) != 1 or not re.fullmatch(r"[0-9]{1,6}", values[0], re.ASCII):
        report.refuse(line, f"{key} = {shown(','.join(values))} is no whole number")
    elif not low <= int(values[0]) <= high:
        report.refuse(line, f"{key} = {values[0]} is not allowed: {low} to {high}")
    else:
        return int(values[0])
    return low


def _pause(found: dict[str, tuple[int, list[str]]], report: Report) -> Table:
    line, values = found["game speed"]
    if not line:
        return {}
    decimals = [v for v in values if re.fullmatch(r"[0-9]{1,4}(\.[0-9]{1,6})?", v, re.ASCII)]
    if len(decimals) != 2 or len(values) != 2:
        report.refuse(
            line, f"game speed = {shown(','.join(values))} has not two numbers of seconds, such as 2,3"
        )
        return {}
    base, extra = (float(value) for value in decimals)
    if base + extra > LONGEST_S:
        report.refuse(
            line, f"game speed = {base:g},{extra:g}: pauses of more than {LONGEST_S} s are not allowed"
        )
        return {}
    report.note(
        line,
        f"game speed = {base:g},{extra:g} is read as {base:g} s + a random 0 to {extra:g} s (as Williams & "
        "Jarvis, 2006, describe pauses; no public text defines the row): change pause if you know better",
    )
    if not extra:
        return {"kind": "fixed", "value_s": base}
    return {"kind": "uniform", "low_s": base, "high_s": base + extra}


def _coplayers(
    found: dict[str, tuple[int, list[str]]], players: int, report: Report
) -> tuple[ImportedCoplayer, ...]:
    coplayers = []
    for number in (1, 2, 3, 4):
        line, values = found.get(f"name{number}", (0, []))
        name = ",".join(values)
        given = bool(name) and name.casefold() != "none"
        if number == 2:
            if given:
                report.note(
                    line, f"name2 = {shown(name)} has no counterpart (the court calls the participant 'you')"
                )
        elif number > players:
            if given:
                report.note(line, f"name{number} = {shown(name)} is not used: the game has {players} players")
        elif given:
            coplayers.append(ImportedCoplayer(name, report.at(line)))
        else:
            coplayers.append(ImportedCoplayer(f"Player {number}", "no name in the source"))
    return tuple(coplayers)


def _schedule(schedule: Source, players: int, throws: int, report: Report) -> list[tuple[str, str]]:
    """Return the rows of a schedule; its lines are told under its own name."""
    own = Report(schedule.name)
    numbers = numbers_of(players)
    rows: dict[int, tuple[str, str]] = {}
    for line, cells in _rows(schedule.text):
        bags = [cell for cell in cells[1:] if cell]
        if (
            not re.fullmatch(r"[1-9]", cells[0])
            or not bags
            or not all(re.fullmatch(r"[1-9]+", b) for b in bags)
        ):
            own.refuse(
                line, f"'{shown(','.join(cells))}' is no row such as 1,23,3 (whose row, then bags of players)"
            )
            continue
        owner, told = int(cells[0]), ",".join(cells)
        wrong = next((d for bag in bags for d in bag if int(d) == owner or int(d) > players), None)
        if owner not in numbers:
            own.refuse(line, f"the row of player {owner}: co-players here are {', '.join(map(str, numbers))}")
        elif wrong is not None:
            own.refuse(line, f"'{shown(told)}': player {owner} cannot throw to {wrong}")
        elif owner in rows:
            own.refuse(line, f"player {owner} has a row already")
        else:
            rows[owner] = (",".join([cells[0], *bags]), own.at(line))
            note_short(own, line, owner, sum(map(len, bags)), most_throws(owner == 1, throws))
    missing = [n for n in numbers if n not in rows]
    if missing and not own.problems:
        own.refuse(1, f"has no row for player {missing[0]}; one for each of {', '.join(map(str, numbers))}")
    report.notes.extend(own.notes)
    report.problems.extend(own.problems)
    return [rows[number] for number in numbers if number in rows]


def note_short(report: Report, line: int, owner: int, has: int, may: int) -> None:
    """Note a row that may be used up: the programs then stand still, a game file goes on."""
    if has < may:
        report.note(
            line,
            f"player {owner}'s row has {has} receivers for up to {may} throws; where it is used up, public "
            "versions of Cyberball find no receiver and stand still; here it goes on with its last bag",
        )
