"""What a simulated participant feels of stimuli: thresholds, ratings, how long a hand stays in cold water.

The model. Somebody's sensitivity to pain is ``o r + sqrt(1 - o^2) e``: r is what keeps them from distress
whatever the condition (a standard normal deviate, see `experiment.respondent`), e is their own, and o is the
strength of the overlap, 0 to 1: the correlation of the two sensitivities. A threshold is the mean of its
modality plus so many SDs. A stimulus at the threshold is rated in the middle of a scale ("very unpleasant"),
one above it higher by so much for each unit. All numbers are our choice; none is a norm.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from experiment.booth import Press
from experiment.pain.giving import END
from experiment.pain.immersion import CAPPED, HURTS, IN, OUT
from experiment.scenes import Form, Page
from experiment.stimulator import Stimulus


@dataclass(frozen=True, slots=True)
class Felt:
    """Threshold of a modality, mean and SD in its unit, and percent of a rating scale for each unit."""

    mean: float
    sd: float
    per_unit: float


MODALITIES: Mapping[str, Felt] = {
    "heat": Felt(44.0, 1.2, 12.0),
    "pressure": Felt(350.0, 100.0, 0.15),
    "electrical": Felt(5.0, 1.5, 10.0),
}
MIDDLE = 50.0
"""Percent of the scale at which a stimulus is rated that is just at the threshold."""

NOISE = 6.0
"""SD of a rating of one stimulus (percent of the scale)."""

MORE_INTENSE = 8.0
"""By how much a stimulus is rated more intense than unpleasant (percent of the scale)."""

CONTROL_SD = 18.0
FIRST_PAIN_S, FIRST_PAIN_LOG_SD = 14.0, 0.45
TOLERANCE_S, TOLERANCE_LOG_SD = 60.0, 0.6
"""Cold water: medians (s) and SDs of their logarithms."""


@dataclass(slots=True)
class Sensation:
    """What one simulated participant feels. `normal` gives a deviate for each purpose, always the same."""

    overlap: float
    resilience: float
    normal: Callable[[str], float]
    felt: Stimulus | None = None
    told: float = 0.0
    _in_since: float | None = None
    _rated: int = 0

    def insensitivity(self) -> float:
        """Return how little sensitive to pain they are (SDs from the mean)."""
        own = math.sqrt(1 - self.overlap**2) * self.normal("pain/own")
        return self.overlap * self.resilience + own

    def threshold(self, modality: str) -> float:
        """Return the level that they find very unpleasant, in the unit of the modality."""
        felt = MODALITIES[modality]
        return felt.mean + felt.sd * self.insensitivity()

    def hear(self, message: str) -> None:
        """Keep the level to which the experimenter is told to set a device."""
        found = re.search(r"set the device to (-?[\d.]+)", message)
        if found:
            self.told = float(found[1])

    def percent(self, form: Form, role: str) -> float | None:
        """Return a rating of what was just felt, in percent of the scale; None where nothing was."""
        if role not in ("pain", "control_rating"):
            self.felt = None
            return None
        if self._in_since is not None:
            self._rated += 1
            return min(100.0, 25.0 + 6.0 * self._rated + NOISE * self.normal(f"water/{self._rated}"))
        if self.felt is None:
            return None
        self._rated += 1
        noise = self.normal(f"felt/{form.measure}/{self._rated}")
        if role == "control_rating":
            return _bounded(MIDDLE + CONTROL_SD * self.normal("control") + NOISE * noise)
        felt = MODALITIES[self.felt.modality]
        over = self.felt.level - self.threshold(self.felt.modality)
        shift = MORE_INTENSE if "intensity" in form.measure else 0.0
        return _bounded(MIDDLE + felt.per_unit * over + shift + NOISE * noise)

    def presses(self, page: Page, flip: float, waits: float) -> list[Press] | None:
        """Return the presses that a page of a pain task leads to; None where the page is another."""
        targets = [button.target for button in page.buttons]
        if END in targets:
            return self._during(flip, by_key=bool(page.body))
        if IN in targets:
            self._in_since = flip + 1.5 * waits
            return [Press(self._in_since, "simulated", target=IN)]
        if CAPPED in targets:
            self._in_since = None
            return [Press(flip + 0.8, "simulated", target=CAPPED)]
        if OUT in targets:
            return self._in_water(flip, targets)
        if targets:
            self.felt = None
        return None

    def _during(self, flip: float, *, by_key: bool) -> list[Press]:
        """Press during a stimulus, where a key tells that it is strong enough and it is."""
        stimulus = self.felt
        if not by_key or stimulus is None or stimulus.level < self.threshold(stimulus.modality):
            return []
        return [Press(flip + min(0.8, 0.8 * stimulus.duration_s), "simulated", key="space")]

    def _in_water(self, flip: float, targets: list[str]) -> list[Press]:
        since = flip if self._in_since is None else self._in_since
        hurts, out = self.water_s()
        presses = [Press(max(since + out, flip + 0.2), "simulated", target=OUT)]
        if HURTS in targets and hurts < out:
            presses.insert(0, Press(max(since + hurts, flip + 0.1), "simulated", target=HURTS))
        return presses

    def water_s(self) -> tuple[float, float]:
        """Return when cold water begins to hurt, and when the hand comes out (s after it went in)."""
        away = self.insensitivity()
        hurts = FIRST_PAIN_S * math.exp(FIRST_PAIN_LOG_SD * away)
        return hurts, TOLERANCE_S * math.exp(TOLERANCE_LOG_SD * (0.8 * away + 0.6 * self.normal("tolerance")))


def _bounded(percent: float) -> float:
    return min(max(percent, 0.0), 100.0)
