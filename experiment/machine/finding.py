"""What was found out about one thing, and what all of it comes to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

Verdict = Literal["good", "fair", "bad", "not known"]

PACING = "frame pacing"
"""The finding without which no computer is ready: whether frames follow the display."""

WORSE: tuple[Verdict, ...] = ("good", "fair", "bad")
"""Verdicts on what was measured, from best to worst."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at.

    Attributes
    ----------
    name
        What it is, in words that a lab assistant knows.
    value, unit
        What was found: a number with its unit, or words; None where nothing was.
    verdict
        ``not known`` is what could not be read or was not tried; it never counts as good.
    meaning
        One sentence: what it means, and what to do.
    needed
        Whether a computer is ready for timed sessions only where this is good.
    details
        What the file keeps beside it.
    """

    name: str
    value: float | str | None
    unit: str
    verdict: Verdict
    meaning: str
    needed: bool = False
    details: Mapping[str, object] = field(default_factory=dict)

    @property
    def said(self) -> str:
        """Return the value with its unit, as it is told."""
        if self.value is None:
            return "not known"
        shown = self.value if isinstance(self.value, str) else number(self.value)
        return f"{shown} {self.unit}".rstrip()


def number(value: float) -> str:
    """Return a number with as many places as mean something: three figures, never an exponent."""
    if value == round(value) or abs(value) >= 100:
        return f"{value:,.0f}"
    shown = f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"
    return shown.rstrip("0").rstrip(".")


@dataclass(frozen=True, slots=True)
class Overall:
    """What the findings come to; ``ready`` is true only for timed sessions of a study."""

    verdict: Verdict
    ready: bool
    words: str


def overall(findings: Sequence[Finding]) -> Overall:
    """Return what the findings come to, in words.

    Frames that the program paces are never ready, whatever else was found: they say when a picture was
    handed over and nothing about when it was seen.
    """
    bad = [found.name for found in findings if found.verdict == "bad"]
    if bad:
        return Overall("bad", ready=False, words=f"Not to be used: {listed(bad)}.")
    paced = [found for found in findings if found.name == PACING]
    by_display = bool(paced) and all((f.value, f.verdict) == ("display", "good") for f in paced)
    said = {PACING} if by_display else {PACING, "refresh rate"}
    fair = [found.name for found in findings if found.verdict == "fair" and found.name not in said]
    open_ = [f.name for f in findings if f.verdict == "not known" and f.needed and f.name not in said]
    reasons = [] if by_display else ["but not for timing: no display is known to pace the frames"]
    reasons += [f"mind: {listed(fair)}"] if fair else []
    reasons += [f"not tried: {listed(open_)}"] if open_ else []
    if reasons:
        return Overall("fair", ready=False, words=f"Usable; {'; '.join(reasons)}.")
    return Overall("good", ready=True, words="Ready for timed sessions.")


def listed(names: Sequence[str]) -> str:
    """Return names as they stand in a sentence."""
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
