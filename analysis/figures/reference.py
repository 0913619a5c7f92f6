"""What the literature leads one to expect of exclusion against inclusion, and to which comparisons it speaks.

Hartgerink, van Beest, Wicherts & Williams (2015), The ordinal effects of ostracism: a meta-analysis of 120
Cyberball studies, PLoS ONE 10(5): e0127002. Its abstract gives, over 120 studies (N = 11,869), a mean effect
of ostracism larger than 1.4 in size (d, between participants), alike for needs and other measures. It gives
no interval for that bound, so neither does this: what lies beyond 1.4 is shaded, open outwards.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from analysis.dataset import Dataset

MEAN_BEYOND = 1.4
CITED = "Hartgerink et al. (2015)"

SPARED, SHUT_OUT = 0.10, 1 / 3
"""Inclusion: within a tenth of the fair share. Exclusion: a third of it at most (our choice)."""


@dataclass(frozen=True)
class Doses:
    """Which conditions are inclusion and which exclusion, by what participants really received."""

    included: frozenset[str]
    excluded: frozenset[str]

    def sign(self, a: str, b: str) -> int:
        """Return the expected sign of need satisfaction, a minus b; 0 where the literature says nothing."""
        if a in self.excluded and b in self.included:
            return -1
        return 1 if a in self.included and b in self.excluded else 0


def doses_of(described: pd.DataFrame, data: Dataset) -> Doses:
    """Sort the conditions by their mean percent of throws received, against the fair share."""
    received = described[described["measure"] == "throws_received"].set_index("condition")["mean"]
    game = data.throws[data.throws["task"] != "practice"]
    included, excluded = set(), set()
    for condition, rows in game.groupby("condition"):
        players = len({*rows["thrower"].dropna(), *rows["receiver"].dropna()})
        share = received.get(condition, float("nan")) * players / 100
        if abs(share - 1) <= SPARED:
            included.add(str(condition))
        elif share <= SHUT_OUT:
            excluded.add(str(condition))
    return Doses(frozenset(included), frozenset(excluded))
