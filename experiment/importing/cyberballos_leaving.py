"""When players of CyberballOS settings leave; and a whole co-player of these settings."""

from __future__ import annotations

from typing import Any

from experiment.importing.cyberballos_player import Player, pause, told
from experiment.importing.found import ImportedCoplayer, Table, seconds

TRIGGERS = {1: "Turn", 2: "Time", 4: "Ignored", 8: "OtherLeaver", 16: "TimeIgnored"}
"""Bits of leaveTrigger, in the order in which the program looks at them."""


def leaving(player: Player, *, coplayer: bool) -> Table | None:
    """Return when a player leaves (or the participant may), or None."""
    trigger = int(player.number("leaveTrigger", 0, 31, default=0.0))
    if player.table.get("leaveTrigger") is not None and trigger != player.table["leaveTrigger"].value:
        player.report.refuse(
            player.line("leaveTrigger"),
            f"{player.who}: leaveTrigger = {told(player.table['leaveTrigger'])} is no sum of 1, 2, 4, 8, 16",
        )
        return None
    rule: dict[str, Any] = {}
    spreads: dict[str, list[float]] = {"spread_throws": [], "spread_s": []}
    for bit in (1, 2, 4, 8, 16):
        if trigger & bit and not _reason(player, TRIGGERS[bit], rule, spreads, coplayer=coplayer):
            break  # CyberballOS looks at no further reason after one whose chance is 0
    for key, values in spreads.items():
        if any(values) and len(values) > 1:
            player.report.refuse(
                player.line("leaveTrigger"),
                f"{player.who} leaves for two reasons with variances; a game file draws one {key} for both",
            )
        elif any(values):
            rule[key] = values[0]
    return rule or None


def _reason(
    player: Player, what: str, rule: Table, spreads: dict[str, list[float]], *, coplayer: bool
) -> bool:
    """Add one reason to the rule; return whether the program would look at further ones."""
    key = f"leave{what}"
    chance = player.number(f"{key}Chance", 0, 100, default=100.0)
    if 0 < chance < 100:
        player.report.refuse(
            player.line(f"{key}Chance"),
            f"{player.who}: {key}Chance = {chance:g} has no counterpart: a player leaves always (100) or "
            "never (0)",
        )
    if not chance:
        return False
    if what == "OtherLeaver":
        rule["after_leavers"] = int(player.number(key, 1, 8))
    elif what in ("Turn", "Ignored"):
        _throws(player, key, rule, spreads, coplayer=coplayer)
    else:
        _times(player, key, rule, spreads)
    return True


def _throws(
    player: Player, key: str, rule: Table, spreads: dict[str, list[float]], *, coplayer: bool
) -> None:
    value, spread = player.number(key, 1, 1999), player.number(f"{key}Variance", 0, 1000, default=0.0)
    if value != int(value) or spread != int(spread):
        player.report.refuse(player.line(key), f"{player.who}: {key} and {key}Variance must be whole throws")
        return
    if spread >= value:
        player.report.refuse(
            player.line(f"{key}Variance"),
            f"{player.who}: {key}Variance = {spread:g} must be less than {key} = {value:g}",
        )
        return
    if key == "leaveTurn":
        rule["after_throws"] = int(value)
    else:
        rule["after_throws_ignored"] = int(value) + 1  # the program waits for more than this many
        if coplayer:
            player.report.note(
                player.line(key),
                f"{player.who}: {key} = {value:g}: CyberballOS counts one throw more before the player's "
                "first ball, so whoever never has it leaves one throw later here",
            )
    spreads["spread_throws"].append(int(spread))


def _times(player: Player, key: str, rule: Table, spreads: dict[str, list[float]]) -> None:
    value, spread = player.number(key, 1, 7_200_000), player.number(f"{key}Variance", 0, 600_000, default=0.0)
    if value < 1000:
        player.report.refuse(
            player.line(key),
            f"{player.who}: {key} = {value:g} is less than a second (the first version of CyberballOS "
            "counted seconds, later ones milliseconds); give milliseconds",
        )
        return
    if spread >= value:
        player.report.refuse(
            player.line(f"{key}Variance"),
            f"{player.who}: {key}Variance = {spread:g} must be less than {key} = {value:g}",
        )
        return
    rule["after_s" if key == "leaveTime" else "after_s_ignored"] = seconds(value / 1000)
    spreads["spread_s"].append(seconds(spread / 1000))
    when = "at the next catch after that time, not in the middle of a pause"
    if key == "leaveTimeIgnored":
        when += (
            "; the time counts from the player's catch (CyberballOS: from the throw that follows; its "
            "version of "
            "2026 draws it between 0 and twice the value, whatever the variance)"
        )
    player.report.note(player.line(key), f"{player.who}: {key} = {value:g}: leaves {when}")


def coplayer_of(player: Player, index: int) -> ImportedCoplayer:
    """Return the co-player of these settings, with what has no counterpart told."""
    name = player.words("name").strip()
    if not name:
        player.report.refuse(player.node.line, f"{player.who} has no name")
    tint = player.words("tint").casefold()
    player.note_portrait()
    line = player.line("throwDelay")
    return ImportedCoplayer(
        name or f"Player {index + 2}",
        player.report.at(player.node.line),
        colour=None if tint in ("", "#ffffff") else tint,
        pause=pause(player),
        pause_said=f"{player.report.at(line)}: catchDelay + throwDelay, each within its variance",
        leaves=leaving(player, coplayer=True),
        leaves_said=player.report.at(player.line("leaveTrigger")),
    )
