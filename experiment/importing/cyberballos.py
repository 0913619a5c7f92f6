"""CyberballOS: its settings, as JSON, as a saved preset, or packed in the link of a game."""

from __future__ import annotations

import re
from typing import Any

from experiment.importing.cyberball3 import shown
from experiment.importing.cyberballos_leaving import coplayer_of, leaving
from experiment.importing.cyberballos_player import (
    COPLAYER_KEYS,
    PARTICIPANT_KEYS,
    Player,
    preference,
    told,
)
from experiment.importing.found import ImportedGame, Report, Source, Table, numbers_of, seconds
from experiment.importing.json_lines import Node, nodes

UNIMPORTANT: dict[str, tuple[Any, str]] = {
    "displayTimeLimit": (False, "the court shows no clock"),
    "gameOverText": ("Game Over", "what follows a run is a page of the protocol"),
    "ballTint": ("#ffffff", "set ball.colour in the game file"),
    "ballSprite": ("ball.png", "the ball has a colour and a size: see ball in the game file"),
    "chatEnabled": (False, "the participant cannot write"),
}
"""Settings that do not change how the game plays: the usual value, and what to do about another."""

SILENT = {
    "timeLimitText", "gameOverOpacity", "baseUrl", "portraitHeight", "portraitPadding", "useCorsProxy",
    "defaultPortraits", "displayBallSettings", "showBallSettings", "displayPlayerCustomizations",
    "displayPlayerLeaveTriggers", "gameOverConditions", "hasPortraits", "schedule",
}  # fmt: skip
USED = {
    "player", "computerPlayers", "throwCount", "timeLimit", "ballSpeed", "useSchedule",
    "scheduleHonorsThrowCount", "scheduleText", "selectedGameOverCondition",
}  # fmt: skip
PRESET = {"name", "description", "video", "settings"}
MOST_THROWS = 2000


def read(source: Source, report: Report) -> list[tuple[str, ImportedGame]]:
    """Return the games of a settings text, each with the name it has there (or an empty one).

    Raises
    ------
    ImportingError
        With a line for each problem.
    """
    top = nodes(source.text, source.name)
    entries = top.value if isinstance(top.value, list) else [top]
    if not entries:
        report.refuse(top.line, "has no game")
    games = []
    for entry in entries:
        name, settings = _settings(entry, report)
        if settings is not None:
            game = _Settings(settings, report).game(source.name, name)
            if game is not None:
                games.append((name, game))
    report.stop()
    return games


def _settings(entry: Node, report: Report) -> tuple[str, Node | None]:
    """Return the name of a preset and its settings; settings alone have no name."""
    if not isinstance(entry.value, dict):
        report.refuse(entry.line, f"{told(entry)} is no table of settings")
        return "", None
    if "settings" not in entry.value:
        return "", entry
    for key in entry.value.keys() - PRESET:
        report.refuse(entry.value[key].line, f"'{shown(key)}' is not known from a preset of CyberballOS")
    name = entry.value.get("name")
    inner: Node = entry.value["settings"]
    return (name.value if name is not None and isinstance(name.value, str) else ""), inner


class _Settings(Player):
    """The settings of one game."""

    def __init__(self, node: Node, report: Report) -> None:
        super().__init__(node, USED | SILENT | set(UNIMPORTANT), "the game", report)

    def game(self, file: str, name: str) -> ImportedGame | None:
        """Return the game, or None where something is refused."""
        before = len(self.report.problems)
        self._note_unimportant()
        listed = self.table.get("computerPlayers")
        if listed is None or not isinstance(listed.value, list):
            self.report.refuse(self.node.line, "the game has no list computerPlayers")
            return None
        players = len(listed.value) + 1
        if not 3 <= players <= 9:
            self.report.refuse(listed.line, f"computerPlayers has {len(listed.value)}; 2 to 8 are allowed")
            return None
        found = [
            Player(node, COPLAYER_KEYS, f"computerPlayers[{i}]", self.report)
            for i, node in enumerate(listed.value, start=1)
        ]
        coplayers = tuple(coplayer_of(player, i) for i, player in enumerate(found))
        leavers = {n for n, c in zip(numbers_of(players), coplayers, strict=True) if c.leaves}
        throws, duration_s, ends = self._end()
        policy, rows = self._policy(found, players, throws, leavers)
        flight, flight_said = self._flight()
        may_leave, may_said = self._participant()
        if len(self.report.problems) > before or coplayers[0].pause is None:
            return None
        return ImportedGame(
            title=f"{shown(name, 60)}, imported from {file}" if name else f"Imported from {file}",
            source=f"CyberballOS: {file}",
            players=players, players_said=f"{self.report.at(listed.line)}: computerPlayers, and one more",
            coplayers=coplayers,
            starts="participant", starts_said="the participant begins in CyberballOS",
            pause=coplayers[0].pause, pause_said=coplayers[0].pause_said,
            flight=flight, flight_said=flight_said,
            policy=policy, rows=rows, throws=throws, duration_s=duration_s, ends_said=ends,
            may_leave=may_leave, may_leave_said=may_said,
        )  # fmt: skip

    def _note_unimportant(self) -> None:
        for key, (usual, why) in UNIMPORTANT.items():
            node = self.table.get(key)
            if node is not None and node.value != usual and node.value not in (None, ""):
                self.report.note(node.line, f"{key} = {told(node)} has no counterpart ({why})")

    def _flag(self, key: str) -> bool:
        node = self.table.get(key)
        if node is None:
            return False
        if not isinstance(node.value, bool):
            self.report.refuse(node.line, f"{key} = {told(node)} is not allowed: true or false")
        return node.value is True

    def _end(self) -> tuple[int | None, float | None, str]:
        """Return throws or seconds after which the run ends, and where that stands."""
        how = self.words("selectedGameOverCondition")
        limit = self.number("timeLimit", 0, 7_200_000, default=0.0)
        if not how and limit:
            self.report.refuse(
                self.line("timeLimit"),
                "selectedGameOverCondition is missing: the first version of CyberballOS then ended by "
                "throwCount or by "
                'timeLimit, whichever came first; add "throwCount" or "timeLimit"',
            )
        elif how == "timeLimit":
            if not limit:
                self.report.refuse(self.line("timeLimit"), "timeLimit = 0 never ends the game")
            return None, seconds(limit / 1000), self.report.at(self.line("timeLimit"))
        elif how not in ("", "throwCount"):
            self.report.refuse(
                self.line("selectedGameOverCondition"),
                f"selectedGameOverCondition = {shown(how)} has no counterpart: throwCount or timeLimit",
            )
        throws = self.number("throwCount", 1, MOST_THROWS)
        if throws != int(throws):
            self.report.refuse(self.line("throwCount"), f"throwCount = {throws:g} is no whole number")
        return int(throws), None, self.report.at(self.line("throwCount"))

    def _flight(self) -> tuple[Table, str]:
        speed = self.number("ballSpeed", 1, 10_000)
        line = self.line("ballSpeed")
        self.report.note(
            line,
            f"ballSpeed = {speed:g} is read as milliseconds of flight, as in the version of 2026 (older "
            "ones: pixels in a second)",
        )
        return {"kind": "fixed", "value_s": seconds(speed / 1000)}, self.report.at(line)

    def _participant(self) -> tuple[Table | None, str]:
        node = self.table.get("player")
        if node is None:
            return None, ""
        player = Player(node, PARTICIPANT_KEYS, "player", self.report)
        player.note_portrait()
        if player.words("name") not in ("", "Player 1", "You"):
            self.report.note(
                player.line("name"),
                f"player: name = {shown(player.words('name'))} has no counterpart (the court calls the "
                "participant 'you')",
            )
        if player.words("tint").casefold() not in ("", "#ffffff"):
            self.report.note(
                player.line("tint"),
                f"player: tint = {shown(player.words('tint'))} has no counterpart (the participant is seen "
                "as a pair of hands)",
            )
        return leaving(player, coplayer=False), self.report.at(player.line("leaveTrigger"))

    def _policy(
        self, found: list[Player], players: int, throws: int | None, leavers: set[int]
    ) -> tuple[str, tuple[tuple[Any, str], ...]]:
        if self._flag("useSchedule"):
            return "sequence", self._schedule(players, throws, leavers)
        rows = []
        for index, player in enumerate(found):
            weights = preference(player, index, players)
            line = player.line("targetPreference")
            if weights and leavers and not any(w for n, w in weights.items() if n not in leavers):
                self.report.refuse(
                    line,
                    f"{player.who}: all whom targetPreference allows may leave; CyberballOS then stands "
                    "still",
                )
            rows.append(((numbers_of(players)[index], weights), self.report.at(line)))
        return "weights", tuple(rows)

    def _schedule(self, players: int, throws: int | None, leavers: set[int]) -> tuple[tuple[str, str], ...]:
        """Return the rows, renumbered: there 1 is the participant, 2 the first co-player."""
        node = self.table.get("scheduleText")
        if throws is None or not self._flag("scheduleHonorsThrowCount"):
            self.report.refuse(
                self.line("useSchedule"),
                "a schedule that ends the game where a row is used up has no counterpart; set "
                "scheduleHonorsThrowCount "
                "to true and selectedGameOverCondition to throwCount, with rows long enough",
            )
        if node is None or not isinstance(node.value, dict | str) or not node.value:
            self.report.refuse(
                self.line("scheduleText"),
                "useSchedule is true, but scheduleText has no rows (the list schedule of the first version "
                "is not read)",
            )
            return ()
        rows = []
        texts = self._texts(node, players)
        for number, (line, text) in zip(numbers_of(players), texts, strict=False):
            bags = [cell.strip() for cell in text.split(",")]
            own = "1" if number == 2 else ("2" if number == 1 else str(number))
            wrong = next(
                (
                    d
                    for bag in bags
                    for d in bag
                    if not d.isdecimal() or not 1 <= int(d) <= players or d == own
                ),
                None,
            )
            if not all(re.fullmatch(r"[0-9]+", bag, re.ASCII) for bag in bags):
                self.report.refuse(line, f"scheduleText: '{shown(text)}' is no row such as 13,3,3")
                continue
            if wrong is not None:
                self.report.refuse(
                    line, f"scheduleText: '{shown(text)}': player {own} cannot throw to {wrong}"
                )
                continue
            renumbered = [bag.translate(str.maketrans("12", "21")) for bag in bags]
            sure = sum(int(d) not in leavers for bag in renumbered for d in bag)
            if throws is not None and sure < throws // 2:
                self.report.refuse(
                    line,
                    f"scheduleText: the row of player {own} has {sure} receivers who stay, for up to "
                    f"{throws // 2} throws; CyberballOS "
                    "ends the game where a row is used up, which has no counterpart: lengthen the row",
                )
            rows.append((",".join([str(number), *renumbered]), self.report.at(line)))
        return tuple(rows)

    def _texts(self, node: Node, players: int) -> list[tuple[int, str]]:
        """Return the rows by co-player from the left, each with its line."""
        if isinstance(node.value, dict):
            texts = [(n.line, n.value if isinstance(n.value, str) else "") for n in node.value.values()]
            named = [re.fullmatch(r"Player ([2-9])", key) for key in node.value]
            if all(named) and [int(m[1]) for m in named if m] != list(range(2, len(named) + 2)):
                self.report.refuse(node.line, "scheduleText has its players out of order; Player 2 first")
        else:
            rows = [row.split(",", 1) for row in node.value.split("\n") if row.strip()]
            texts = [(node.line, row[1] if len(row) > 1 else "") for row in rows]
            if [row[0].strip() for row in rows] != [str(n) for n in range(2, len(rows) + 2)]:
                self.report.refuse(node.line, "scheduleText: rows begin with 2, 3 ... in this order")
        if len(texts) != players - 1:
            self.report.refuse(
                node.line, f"scheduleText has {len(texts)} rows; one for each of {players - 1} co-players"
            )
        return texts
