"""What is asked of pain beside distress, and what every answer has to be read with."""

from __future__ import annotations

from dataclasses import dataclass

SMALLEST_CLAIM = 0.3
"""A correlation that a study ought to be able to find before it speaks of overlap (our choice: physical pain
and hurt go together at about .2 over published data sets, so that .3 is still a hopeful size)."""

WIDEST = 0.20
"""An interval wider than this to either side leaves small, moderate and no correlation open (our choice)."""


@dataclass(frozen=True)
class Question:
    """A question, the sign that overlap predicts (0 for none), and what either answer would mean."""

    title: str
    sign: int
    prediction: str


QUESTIONS = {
    "sensitivity": Question(
        "Does sensitivity to pain before the game foretell distress?",
        -1,
        "Overlap predicts a negative correlation: whoever feels pain early is more distressed. No "
        "correlation, or a positive one, speaks against it as far as the interval reaches.",
    ),
    "pain": Question(
        "Does distress go with pain?",
        1,
        "Overlap predicts a positive correlation within each condition. So does a habit of answering high; "
        "a rating of something that does not hurt is what tells the two apart.",
    ),
    "control": Question(
        "Does distress go with a rating of something that does not hurt?",
        0,
        "Overlap predicts nothing here. A correlation as large as that with pain means that the way of "
        "answering, or plain arousal, is enough to explain both.",
    ),
    "sensitivity_control": Question(
        "Does sensitivity to pain go with a rating of something that does not hurt?",
        0,
        "Overlap predicts nothing here.",
    ),
}

CAUTIONS = (
    "Conditions are never pooled without adjusting for them. Where exclusion moves both ratings, "
    "participants of two conditions correlate without any overlap: in simulation a quarter of pooled tests "
    "came out significant where nothing was there. So the pooled correlation is no result and stands in no "
    "table.",
    "Distress and pain are both self-report on like scales. Whoever answers high answers high on both; the "
    "control rating shows how much of a correlation such a habit can make, and cannot show all of it.",
    "Wording that is adapted from a publication is not validated, and distress is a composite of this "
    "project's own.",
    "A correlation of thresholds or ratings with distress is not evidence of shared neural machinery: a "
    "third thing, such as negative affect or attention, makes it as well. Nor does its absence in a small "
    "sample show that there is none.",
    "Every pair, level and covariate is tested as it is, without correction. The one to quote is the one "
    "that was named before the data were seen.",
)
HURT = (
    "Hurt feelings are asked in words of pain, so that their correlation with pain ratings says in part "
    "that the same words were used. The composite has no such words."
)
OVER = {
    "condition": "within {condition}",
    "adjusted": "adjusted for {adjusted_for}",
    "partial": "partial: {adjusted_for}",
    "between_persons": "between persons, adjusted for {adjusted_for}",
    "within_person": "within persons, adjusted for {adjusted_for}",
}


def score_name(measure: str, subscale: str) -> str:
    """Return the name of a score that the name of its measure does not say already; else nothing."""
    return "" if subscale == "index" or measure.endswith(subscale) else subscale.replace("_", " ")


def level_name(over: str, condition: str, adjusted_for: str) -> str:
    """Return how a level is called: ``within exclusion``, ``adjusted for condition``."""
    return OVER[over].format(condition=condition.replace("_", " "), adjusted_for=adjusted_for)


def cannot_carry(size: float, half_width: float, needed: int) -> bool:
    """Return whether so few participants carry no claim.

    Parameters
    ----------
    size
        Participants, less what they are adjusted for.
    half_width
        Half the width of the interval of r.
    needed
        What r of `SMALLEST_CLAIM` takes at a power of .80.
    """
    return size < needed or half_width > WIDEST
