"""The built-in schedules of Cyberball 5, as rows of bags.

Facts taken from the public source of version 5.4.0.2 (docs/imports.md). Rows of three and four players are
given; those of five to nine only where they follow a rule.
"""

from __future__ import annotations

Rows = dict[int, tuple[str, ...]]

TYPES = (
    "IncludeAll",
    "OstracizeSubject0",
    "OstracizeSubject1",
    "OstracizeSubject2",
    "OstracizeOther0",
    "OstracizeOther1",
    "OstracizeOther2",
)

IRREGULAR: dict[tuple[str, int], dict[int, tuple[tuple[int, str], ...]]] = {
    ("OstracizeSubject1", 3): {1: ((2, "23"),)},
    ("OstracizeSubject1", 4): {4: ((1, "123"),)},
    ("OstracizeSubject2", 3): {1: ((2, "32"),), 3: ((3, "12"),)},
    ("OstracizeSubject2", 4): {3: ((1, "124"),), 4: ((1, "123"),)},
    ("OstracizeOther2", 3): {1: ((1, "23"), (2, "23"))},
    ("OstracizeOther2", 4): {1: ((1, "34"),), 3: ((1, "14"),)},
}
"""Which bags (by place, from 1) differ from those of the same schedule with no ball for who is left out."""


def built_in(schedule: str, players: int) -> Rows | None:
    """Return the rows of a built-in schedule by co-player, or None where they are not known here."""
    everybody = "".join(str(n) for n in range(1, players + 1))
    coplayers = [n for n in range(1, players + 1) if n != 2]
    if schedule == "IncludeAll":
        count = 8 if players == 3 else 5
        return {n: (everybody.replace(str(n), ""),) * count for n in coplayers}
    if schedule.startswith("OstracizeSubject"):
        rows: Rows = {n: (everybody.replace(str(n), "").replace("2", ""),) * 14 for n in coplayers}
    else:
        last = str(players)  # who is left out
        rows = {n: (everybody.replace(str(n), "").replace(last, ""),) * 15 for n in coplayers}
    if schedule == "OstracizeOther1":
        rows[1] = (everybody.replace("1", ""), *rows[1][1:])
        return rows
    if schedule.endswith("0"):
        return rows
    if (schedule, players) not in IRREGULAR:
        return None
    for owner, bags in IRREGULAR[schedule, players].items():
        changed = list(rows[owner])
        for place, bag in bags:
            changed[place - 1] = bag
        rows[owner] = tuple(changed)
    return rows
