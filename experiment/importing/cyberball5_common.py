"""What the conditions of a `.cbe` file share: players, names, colours, throws."""

from __future__ import annotations

import re
from dataclasses import dataclass

from experiment.importing.cyberball3 import shown
from experiment.importing.found import ImportedCoplayer, Report
from experiment.importing.xml_tree import Element

MOST_THROWS = 2000


@dataclass(frozen=True, slots=True)
class Common:
    """What the conditions of a file share."""

    players: int
    players_said: str
    throws: int
    throws_said: str
    coplayers: tuple[ImportedCoplayer, ...]


def no_counterpart(element: Element, why: str) -> str:
    """Return the words for a setting without a counterpart: its value, and why, or what to do."""
    told = f" = {shown(element.words)}" if element.words else ""
    return f"{element.name}{told} has no counterpart ({why})"


def _one(parent: Element, name: str, report: Report) -> Element | None:
    found = parent.all(name)
    if not found:
        report.refuse(parent.line, f"<{parent.name}> has no <{name}>")
        return None
    return found[0]


def common_of(root: Element, report: Report) -> Common:
    """Return what the conditions share; what is wrong goes into the report."""
    players, said = 3, ""
    mode = _one(root, "GameMode", report)
    if mode is not None:
        match = re.fullmatch(r"([3-9]) Player", mode.words)
        said = report.at(mode.line)
        if match:
            players = int(match[1])
        else:
            report.refuse(mode.line, f"GameMode = {shown(mode.words)} is not allowed: 3 Player to 9 Player")
    throws, throws_said = 1, ""
    count = _one(root, "ThrowCount", report)
    if count is not None:
        throws = _whole(count, 1, MOST_THROWS, report)
        throws_said = report.at(count.line)
    return Common(players, said, throws, throws_said, _coplayers(root, players, report))


def _whole(element: Element, low: int, high: int, report: Report) -> int:
    if not re.fullmatch(r"-?[0-9]{1,9}", element.words, re.ASCII):
        report.refuse(
            element.line, f"{element.name} = {shown(element.words) or 'nothing'} is no whole number"
        )
    elif not low <= int(element.words) <= high:
        report.refuse(element.line, f"{element.name} = {element.words} is not allowed: {low} to {high}")
    else:
        return int(element.words)
    return low


PLAYER_NOTED = {
    "PlayerPic": ("", "copy the picture into photos/ and name it in photo"),
    "PlayerNameColor": ("#ffffff", "names have the colours of the court"),
}
PLAYER_SILENT = {f"Player{of}Color{part}" for of in ("", "Name") for part in ("Red", "Green", "Blue")}


def _coplayers(root: Element, players: int, report: Report) -> tuple[ImportedCoplayer, ...]:
    holder = _one(root, "PlayerDetails", report)
    if holder is None:
        return ()
    told = holder.all("PlayerNamesColors")
    if len(told) < players:
        report.refuse(holder.line, f"PlayerDetails has {len(told)} players; the game has {players}")
    if len(told) > players:
        spare = (
            f"players {players + 1} to {len(told)} are"
            if len(told) > players + 1
            else f"player {players + 1} is"
        )
        report.note(told[players].line, f"{spare} not used: the game has {players} players")
    return tuple(
        coplayer
        for number, element in enumerate(told[:players], start=1)
        if (coplayer := _player(number, element, report)) is not None
    )


def _player(number: int, element: Element, report: Report) -> ImportedCoplayer | None:
    """Return a co-player; of the participant (player 2) only what has no counterpart is told."""
    name, colour = f"Player {number}", None
    for inner in element.inner:
        if inner.name == "PlayerNum":
            if inner.words != name:
                told = shown(inner.words)
                report.refuse(inner.line, f"PlayerNum = {told} is not allowed: Player {number} at this place")
        elif inner.name == "PlayerColor":
            colour = _colour(inner, number, report)
        elif inner.name in PLAYER_NOTED:
            usual, why = PLAYER_NOTED[inner.name]
            if inner.words.casefold() not in ("", usual):
                report.note(inner.line, no_counterpart(inner, why))
        elif inner.name not in {"PlayerName", *PLAYER_SILENT}:
            report.refuse(inner.line, f"<{shown(inner.name)}> of a player is not known from Cyberball 5.4")
    named = next((inner for inner in element.all("PlayerName") if inner.words), None)
    if number != 2:
        return ImportedCoplayer(named.words if named else name, report.at(element.line), colour)
    if named is not None and named.words != name:
        report.note(named.line, no_counterpart(named, "the court calls the participant 'you'"))
    return None


def _colour(element: Element, number: int, report: Report) -> str | None:
    words = element.words.casefold()
    if words in ("", "#ffffff"):
        return None  # white: the figure as it is
    if not re.fullmatch(r"#[0-9a-f]{6}", words):
        report.refuse(element.line, f"PlayerColor = {shown(element.words)} is no colour such as #e2543c")
        return None
    if number == 2:
        report.note(element.line, no_counterpart(element, "the participant is seen as a pair of hands"))
        return None
    return words
