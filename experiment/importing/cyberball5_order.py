"""Schedules of one's own in Cyberball 5: throws one after the other, with pauses and messages between."""

from __future__ import annotations

import re
from dataclasses import dataclass

from experiment.importing.cyberball3 import shown
from experiment.importing.found import ImportedLine, Report
from experiment.importing.xml_tree import Element

LONGEST_S = 600.0
KNOWN = {"isChatMessage", "IsInstruction", "ThrowName", "ThrowTo", "Delay", "msg", "InstructionText"}
PARTICIPANT = 2


@dataclass(frozen=True, slots=True)
class InOrder:
    """Receivers with the pause before each (and the line each came from), and what is said."""

    rows: tuple[tuple[tuple[int, float], str], ...]
    lines: tuple[ImportedLine, ...]


class _Walk:
    """Goes through the throws as the program plays them where nothing is passed over."""

    def __init__(self, players: int, report: Report) -> None:
        self.players = players
        self.report = report
        self.holder = 1
        self.made = 0
        self.shown_s = 0.0
        self.rows: list[tuple[tuple[int, float], str]] = []
        self.lines: list[ImportedLine] = []
        self.waiting: list[ImportedLine] = []

    def throw(self, element: Element) -> None:
        """Take a throw; the one after a throw to the participant is the participant's own."""
        told = _words(element, "ThrowTo")
        if self.holder == PARTICIPANT:
            self.made += 1
            self.holder = 0  # whoever the participant chooses
            if told.casefold() not in ("any", ""):
                self.report.note(
                    element.line,
                    f"ThrowTo = {shown(told)} after a throw to player 2 is not used: the participant chooses",
                )
            return
        match = re.fullmatch(r"Player ([1-9])( \(Human\))?", told)
        if not match or int(match[1]) > self.players:
            allowed = ", ".join(f"Player {n}" for n in range(1, self.players + 1))
            self.report.refuse(
                element.line,
                f"ThrowTo = {shown(told) or 'nothing'} is not allowed here: {allowed} (Any only after a "
                "throw to player 2)",
            )
            self.holder = 0
            return
        receiver = int(match[1])
        if receiver == self.holder:
            self.report.refuse(element.line, f"ThrowTo = {told}: player {receiver} has the ball already")
        pause_s = self._delay(element)
        self.rows.append(((receiver, pause_s + self.shown_s), self.report.at(element.line)))
        self.lines.extend(self.waiting)
        self.waiting, self.shown_s = [], 0.0
        self.made, self.holder = self.made + 1, receiver

    def _delay(self, element: Element) -> float:
        told = _words(element, "Delay")
        if not re.fullmatch(r"[0-9]{1,4}", told, re.ASCII) or float(told) > LONGEST_S:
            self.report.refuse(
                element.line,
                f"Delay = {shown(told) or 'nothing'} is not allowed: 0 to {LONGEST_S:g} whole seconds",
            )
            return 0.0
        return float(told)

    def message(self, element: Element) -> None:
        """Take a line that is said when the next co-player's throw is prepared."""
        holders = element.all("msg")
        if not holders:
            self.report.refuse(element.line, "a message has no <msg>")
            return
        msg = holders[0]
        words, sender, lasts = (_words(msg, name) for name in ("message", "sender", "duration"))
        if not re.fullmatch(r"[0-9]", sender) or int(sender) > self.players:
            self.report.refuse(
                msg.line, f"sender = {shown(sender) or 'nothing'} is not allowed: 0 to {self.players}"
            )
        elif sender == str(PARTICIPANT):
            self.report.refuse(msg.line, "sender = 2: nothing can be said for the participant")
        elif (
            not re.fullmatch(r"[0-9]{1,4}(\.[0-9]{1,4})?", lasts, re.ASCII)
            or not 0 < float(lasts) <= LONGEST_S
        ):
            self.report.refuse(
                msg.line,
                f"duration = {shown(lasts) or 'nothing'} is not allowed: more than 0, up to {LONGEST_S:g} s",
            )
        elif not words.strip():
            self.report.refuse(msg.line, "message is empty")
        elif "{" in words or "}" in words:
            self.report.refuse(
                msg.line, "message has braces, which a texts file keeps for itself; take them out"
            )
        else:
            self._say(int(sender), " ".join(words.split()), float(lasts), msg.line)

    def _say(self, sender: int, words: str, lasts_s: float, line: int) -> None:
        player, after_throw = sender or None, self.made + (self.holder == PARTICIPANT)
        if player is None:
            lasts_s = float(int(lasts_s))  # instructions are shown for whole seconds
            if not lasts_s:
                self.report.refuse(
                    line, "an instruction of less than 1 s is not shown by Cyberball 5; take it out"
                )
                return
        said = self.report.at(line)
        self.waiting.append(ImportedLine(player, words, after_throw, self.shown_s, lasts_s, said))
        if player is None:
            self.shown_s += lasts_s


def throws_in_order(schedule: Element, players: int, throws: int, report: Report) -> InOrder | None:
    """Return the throws of a schedule of one's own; what is wrong goes into the report."""
    for inner in schedule.inner:
        if inner.name == "PlayerCount" and inner.words != str(players):
            report.refuse(
                inner.line, f"PlayerCount = {shown(inner.words)}, but GameMode has {players} players"
            )
        elif inner.name not in ("throws", "Name", "PlayerCount"):
            report.refuse(inner.line, f"<{shown(inner.name)}> of a schedule is not known from Cyberball 5.4")
    walk = _Walk(players, report)
    for element in (e for holder in schedule.all("throws") for e in holder.inner):
        unknown = [inner for inner in element.inner if inner.name not in KNOWN]
        if element.name != "CBThrow" or unknown:
            report.refuse(
                element.line,
                f"<{shown(unknown[0].name if unknown else element.name)}> of a throw is not known from "
                "Cyberball 5.4",
            )
        elif _words(element, "isChatMessage").casefold() == "true":
            walk.message(element)
        else:
            walk.throw(element)
    late = [line for line in walk.lines if line.after_throw >= throws]
    for line in (*late, *walk.waiting):
        report.notes.append(f"{line.said}: is left out: it is never said, since the run is over before")
    if not walk.rows:
        report.refuse(schedule.line, "CustomSchedule has no throw of a co-player")
        return None
    lines = tuple(line for line in walk.lines if line.after_throw < throws)
    if lines:
        report.notes.append(
            f"{lines[0].said}: what is said stands after its throw; Cyberball 5 says it one throw sooner "
            "for each "
            "earlier throw that it passes over because the participant threw to that player"
        )
    return InOrder(tuple(walk.rows), lines)


def _words(element: Element, name: str) -> str:
    found = element.all(name)
    return found[0].words if found else ""
