"""Cyberball 5: a `.cbe` file, whose conditions become one game each."""

from __future__ import annotations

from typing import Any

from experiment.importing.cyberball3 import note_short, shown
from experiment.importing.cyberball5_common import Common, common_of, no_counterpart
from experiment.importing.cyberball5_order import throws_in_order
from experiment.importing.cyberball5_presets import TYPES, built_in
from experiment.importing.found import (
    ImportedGame,
    Report,
    Source,
    Table,
    most_throws,
    numbers_of,
)
from experiment.importing.xml_tree import Element, tree

WHOLE_SECONDS: Table = {"kind": "weighted", "values_s": [2.0, 3.0, 4.0, 5.0], "weights": [1, 1, 1, 1]}
FLIGHT: Table = {"kind": "fixed", "value_s": 1.0}

UNIMPORTANT = {
    "AskIDOnGameEnd": "the participant's code is given when a session starts",
    "ShouldShowStats": "the court shows no counts of throws",
    "ShouldHandleRandomAssignment": "list the games in the design of a protocol, which assigns them",
    "RunMode": "a session is started with 'spot run'",
    "ShouldShowPictures": "a co-player's photo is named in the game file",
    "AskForPlayerName": "the court calls the participant 'you'",
    "SubjectChatDuration": "the participant cannot write",
    "CurrentConditionName": "every condition becomes a game",
}
"""Settings that do not change how the game plays, with what to do where they are used."""

SILENT = {"ID", "LogFilePath", "ConfigFolderPath", "ScheduleFolderPath", "Email"}
"""Where the other program keeps its data."""

USED = {"GameMode", "ThrowCount", "IsChatEnabled", "PlayerDetails", "Conditions"}

CONDITION_UNIMPORTANT = {
    "WelcomeFilePath": "write the instruction as a page of a texts file",
    "WelcomeFileName": "write the instruction as a page of a texts file",
    "WelcomeText": "write the instruction as a page of a texts file",
    "ThankYouFilePath": "write the words as a page of a texts file",
    "ThankYouFileName": "write the words as a page of a texts file",
    "ThankYouText": "write the words as a page of a texts file",
    "BgImagePath": "the court has no picture behind it",
    "BGImageName": "the court has no picture behind it",
    "PostExptURL": "a session ends with its own pages",
    "CustomConnectingMessage": "write it as a page before the game",
    "CustomBallImage": "the ball has a colour and a size: see ball in the game file",
    "CustomBoyImagesFolder": "figures are drawn; they have colours and photos",
}
CONDITION_USED = {"Name", "ScheduleType", "ScheduleName", "CustomSchedule", "ShouldSpectate"}


def read(source: Source, report: Report) -> list[ImportedGame]:
    """Return a game for each condition of a `.cbe` file.

    Raises
    ------
    ImportingError
        With a line for each problem.
    """
    root = tree(source.text, source.name)
    if root.name == "CBSchedule":
        report.refuse(
            root.line, "is a schedule alone (.cbs); import the .cbe file that has it in a condition"
        )
    elif root.name != "CBConfig":
        report.refuse(
            root.line, f"<{shown(root.name)}> is no experiment of Cyberball 5, which begins with <CBConfig>"
        )
    report.stop()
    _check_names(root, report)
    common = common_of(root, report)
    holders = root.all("Conditions")
    conditions = holders[0].all("CBCondition") if holders else []
    for other in (e for holder in holders for e in holder.inner if e.name != "CBCondition"):
        report.refuse(other.line, f"<{shown(other.name)}> is no condition")
    if not conditions:
        report.refuse(root.line, "has no condition")
    games = [_game(condition, common, source, report) for condition in conditions]
    report.stop()
    return [game for game in games if game is not None]


def _check_names(root: Element, report: Report) -> None:
    seen: set[str] = set()
    for element in root.inner:
        if element.name in seen:
            report.refuse(element.line, f"<{element.name}> is given twice")
        seen.add(element.name)
        if element.name in UNIMPORTANT:
            if element.words and element.words.casefold() not in ("false", "standalone"):
                report.note(element.line, no_counterpart(element, UNIMPORTANT[element.name]))
        elif element.name == "IsChatEnabled":
            if element.words.casefold() == "true":
                report.note(
                    element.line,
                    no_counterpart(element, "the participant cannot write; what co-players say is kept"),
                )
        elif element.name not in USED | SILENT:
            report.refuse(
                element.line,
                f"<{shown(element.name)}> is not known from Cyberball 5.4; take it out if it does not "
                "change the game",
            )


def _check_condition(condition: Element, report: Report) -> None:
    for inner in condition.inner:
        if inner.name in CONDITION_UNIMPORTANT:
            if inner.words:
                report.note(inner.line, no_counterpart(inner, CONDITION_UNIMPORTANT[inner.name]))
        elif inner.name not in CONDITION_USED:
            report.refuse(inner.line, f"<{shown(inner.name)}> of a condition is not known from Cyberball 5.4")
    for spectates in condition.all("ShouldSpectate"):
        if spectates.words.casefold() != "false":
            report.refuse(
                spectates.line,
                f"ShouldSpectate = {shown(spectates.words)} has no counterpart: there the program throws for "
                "player 2 (to show a game between others, see conditions/games/observe.toml)",
            )


def _game(condition: Element, common: Common, source: Source, report: Report) -> ImportedGame | None:
    _check_condition(condition, report)
    names = condition.all("Name")
    name = names[0].words if names and names[0].words else "condition"
    own = condition.all("CustomSchedule")
    types = [t for t in condition.all("ScheduleType") if not t.nil]
    title = f"{shown(name, 60)}, imported from {source.name}"
    if own and types:
        report.refuse(types[0].line, "ScheduleType and CustomSchedule are both given; one is allowed")
        return None
    if own:
        found = throws_in_order(own[0], common.players, common.throws, report)
        if found is None:
            return None
        told, policy, lines = "a schedule of its own", "order", found.lines
        rows: tuple[tuple[Any, str], ...] = found.rows
        pause: Table = {"kind": "fixed", "value_s": found.rows[-1][0][1]}
        pause_said = "not used: the order has its own pauses, of which the last goes on"
    else:
        preset = _preset(condition, types, common, report)
        if preset is None:
            return None
        told, policy, rows, lines = f"schedule {types[0].words}", "sequence", preset, ()
        pause, pause_said = WHOLE_SECONDS, "Cyberball 5.4.0.2: 2, 3, 4 or 5 s, each as likely"
    return ImportedGame(
        title=title, source=f"Cyberball 5: {source.name}, {told}",
        players=common.players, players_said=common.players_said, coplayers=common.coplayers,
        starts=1, starts_said="player 1 begins in Cyberball 5",
        pause=pause, pause_said=pause_said,
        flight=FLIGHT, flight_said="Cyberball 5.4.0.2: the ball flies 1 s",
        policy=policy, rows=rows, lines=lines, throws=common.throws, ends_said=common.throws_said,
    )  # fmt: skip


def _preset(
    condition: Element, types: list[Element], common: Common, report: Report
) -> tuple[tuple[str, str], ...] | None:
    line = types[0].line if types else condition.line
    told = types[0].words if types else "nothing"
    if told not in TYPES:
        report.refuse(
            line, f"ScheduleType = {shown(told)} is not allowed: {', '.join(TYPES)}, or a CustomSchedule"
        )
        return None
    found = built_in(told, common.players)
    if found is None:
        report.refuse(
            line,
            f"ScheduleType = {told} for {common.players} players is not read (its table follows no rule); "
            "give "
            "the receivers in a CustomSchedule, or write a game file with receptions",
        )
        return None
    rows = []
    for number in numbers_of(common.players):
        bags = found[number]
        note_short(report, line, number, sum(map(len, bags)), most_throws(number == 1, common.throws))
        rows.append((",".join([str(number), *bags]), f"{report.at(line)}: {told}"))
    return tuple(rows)
