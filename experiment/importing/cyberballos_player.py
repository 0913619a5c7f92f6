"""Players of CyberballOS settings: their values, pauses and preferences."""

from __future__ import annotations

from experiment.importing.cyberball3 import shown
from experiment.importing.found import Report, Table, numbers_of, seconds
from experiment.importing.json_lines import Node

STEPS = 40
LONGEST_MS = 600_000
LEAVING = {
    f"leave{what}{part}"
    for what in ("Turn", "Time", "Ignored", "TimeIgnored", "OtherLeaver")
    for part in ("", "Variance", "Chance")
}
LOOKS = {"name", "tint", "portrait", "portraitBuff"}
COPLAYER_KEYS = LOOKS | LEAVING | {"leaveTrigger", "targetPreference"} | {
    f"{what}Delay{part}" for what in ("throw", "catch") for part in ("", "Variance")
}  # fmt: skip
PARTICIPANT_KEYS = LOOKS | LEAVING | {"leaveTrigger"}


class Player:
    """One player's settings, with what is wrong told to the report."""

    def __init__(self, node: Node, known: set[str], who: str, report: Report) -> None:
        self.node, self.who, self.report = node, who, report
        self.table: dict[str, Node] = node.value if isinstance(node.value, dict) else {}
        if not isinstance(node.value, dict):
            report.refuse(node.line, f"{who} is no table of settings")
        for key, value in self.table.items():
            if key in ("type", "isHuman", "human") and value.value not in ("cpu", "computer", False):
                report.refuse(
                    value.line, f"{who}: {key} = {told(value)}: other people who play have no counterpart"
                )
            elif key not in known and key not in ("type", "isHuman", "human"):
                report.refuse(
                    value.line,
                    f"{who}: '{shown(key)}' is not known from CyberballOS; take it out if it does not "
                    "change the game",
                )

    def line(self, key: str) -> int:
        """Return the line of a setting."""
        return self.table.get(key, self.node).line

    def number(self, key: str, low: float, high: float, *, default: float | None = None) -> float:
        """Return a number, or refuse what is none or out of bounds."""
        node = self.table.get(key)
        if node is None:
            if default is None:
                self.report.refuse(self.node.line, f"{self.who} has no {key}")
            return low if default is None else default
        if isinstance(node.value, bool) or not isinstance(node.value, int | float):
            self.report.refuse(node.line, f"{self.who}: {key} = {told(node)} is no number")
        elif not low <= node.value <= high:
            self.report.refuse(
                node.line, f"{self.who}: {key} = {told(node)} is not allowed: {low:g} to {high:g}"
            )
        else:
            return float(node.value)
        return low

    def words(self, key: str) -> str:
        """Return words, or an empty string where there are none."""
        node = self.table.get(key)
        if node is None or node.value is None:
            return ""
        if not isinstance(node.value, str):
            self.report.refuse(node.line, f"{self.who}: {key} = {told(node)} is not in words")
            return ""
        return node.value

    def note_portrait(self) -> None:
        """Tell of a portrait, which a game file names by its file in photos/."""
        key = next((k for k in ("portrait", "portraitBuff") if self.words(k)), "")
        if key:
            self.report.note(
                self.line(key),
                f"{self.who}: {key} = {shown(self.words(key))} has no counterpart (copy the picture into "
                "photos/ and name it in photo)",
            )


def told(node: Node) -> str:
    """Return a value as it stands in a message."""
    if isinstance(node.value, dict | list):
        return "a table" if isinstance(node.value, dict) else "a list"
    value = {True: "true", False: "false"}.get(node.value) if isinstance(node.value, bool) else node.value
    return shown(str("null" if value is None else value))


def pause(player: Player) -> Table:
    """Return the pause before a throw: catchDelay and throwDelay, each within its variance, added.

    Two uniform parts add up to a trapezium, which is given as values with weights.
    """
    parts = []
    for what in ("catch", "throw"):
        delay = player.number(f"{what}Delay", 0, LONGEST_MS / 2)
        spread = player.number(f"{what}DelayVariance", 0, LONGEST_MS / 2, default=0.0)
        if spread > delay:
            player.report.refuse(
                player.line(f"{what}DelayVariance"),
                f"{player.who}: {what}DelayVariance = {spread:g} is more than {what}Delay = {delay:g}: "
                "some pauses would be less than nothing",
            )
            spread = 0.0
        parts.append((delay, spread))
    mean = sum(delay for delay, _ in parts)
    long, short = max(s for _, s in parts), min(s for _, s in parts)
    if not long:
        return {"kind": "fixed", "value_s": seconds(mean / 1000)}
    if not short:
        return {
            "kind": "uniform",
            "low_s": seconds((mean - long) / 1000),
            "high_s": seconds((mean + long) / 1000),
        }
    return _trapezium(mean, long, short)


def _trapezium(mean: float, long: float, short: float) -> Table:
    """Return the sum of two uniform durations around their means, as values each at its density."""
    half, flat = long + short, long - short
    places = [half * ((2 * i + 1) / STEPS - 1) for i in range(STEPS)]
    weights = [min(1.0, (half - abs(place)) / (half - flat)) for place in places]
    return {
        "kind": "weighted",
        "values_s": [seconds((mean + place) / 1000) for place in places],
        "weights": [round(weight, 4) for weight in weights],
    }


def preference(player: Player, index: int, players: int) -> dict[int, float]:
    """Return how likely each receiver is; `index` is the co-player's place from 0."""
    node = player.table.get("targetPreference")
    numbers = numbers_of(players)
    if node is None or not isinstance(node.value, list):
        player.report.refuse(player.line("targetPreference"), f"{player.who} has no list targetPreference")
        return {}
    values = [_weight(value, player) for value in node.value]
    others = [n for n in numbers if n != numbers[index]]
    if len(values) == players:
        weights = dict(zip((2, *numbers), values, strict=True))
        if weights.pop(numbers[index]):
            player.report.refuse(
                node.line,
                f"{player.who}: targetPreference has a chance for the player's own place; nobody throws to "
                "themselves",
            )
    elif len(values) == players - 1:
        weights = dict(zip((2, *others), values, strict=True))
        if len(set(values)) > 1:
            player.report.note(
                node.line,
                f"{player.who}: targetPreference has {len(values)} places and is read as in the first "
                "version of CyberballOS: "
                "the participant, then the other co-players from the left",
            )
    else:
        player.report.refuse(
            node.line,
            f"{player.who}: targetPreference has {len(values)} places; {players} are needed, one for each "
            "player",
        )
        return {}
    if sum(weights.values()) <= 0:
        player.report.refuse(
            node.line, f"{player.who}: targetPreference adds up to 0; CyberballOS stands still there"
        )
    return weights


def _weight(node: Node, player: Player) -> float:
    if (
        isinstance(node.value, bool)
        or not isinstance(node.value, int | float)
        or not 0 <= node.value <= 1_000_000
    ):
        player.report.refuse(
            node.line, f"{player.who}: targetPreference has {told(node)}, which is no chance"
        )
        return 0.0
    return float(node.value)
