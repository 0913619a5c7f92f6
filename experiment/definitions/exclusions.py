"""A file of exclusion rules: whom a sensitivity analysis leaves out, and why."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from experiment.definitions.measure import Choice, Measure, Text
from experiment.definitions.reading import Definition, Line, Name, readable
from experiment.definitions.wording import instead

COMPOSITES = {"distress": ("index", (0.0, 100.0)), "throws_received": ("percent", (0.0, 100.0))}
"""Measures that no file defines: what the analysis makes itself, its score and the score's bounds."""

Outcome = Literal[
    "completed",
    "declined",
    "stopped_by_participant",
    "stopped_by_experimenter",
    "ended_after_cut",
    "not_eligible",
    "window_closed",
    "interrupted",
    "terminated",
    "fault",
    "cut_off",
]
TimingNumber = Literal[
    "share_late",
    "frames_late",
    "frame_longest_ms",
    "onset_p99_ms",
    "onset_p99_frames",
    "pause_p99_ms",
    "pause_p99_frames",
    "flight_p99_ms",
    "flight_p99_frames",
    "clock_drift_ms",
    "share_mouse",
    "interrupted_s",
    "n_incomplete",
]
Flag = Literal[
    "late_frames",
    "long_frame",
    "onset",
    "pause",
    "flight",
    "clocks",
    "emulated",
    "keyboard",
    "incomplete",
]
Amount = Annotated[float, Field(ge=-1_000_000, le=1_000_000)]


def one_line(text: str) -> str:
    """Return `text`, or refuse words that would break the line of a table."""
    if "\n" in text:
        raise ValueError("has several lines; one is needed")
    return text


Reason = Annotated[
    str,
    StringConstraints(min_length=1, max_length=100),
    AfterValidator(readable),
    AfterValidator(one_line),
]
Names = Annotated[tuple[Name, ...], Field(min_length=1, max_length=24)]


class Rule(Definition):
    """What all rules say: why, and to whom they apply."""

    reason: Reason
    conditions: Names | None = None
    belief: (
        Annotated[tuple[Literal["human", "computer", "scripted"], ...], Field(min_length=1, max_length=3)]
        | None
    ) = None

    def tests(self) -> dict[str, object]:
        """Return the tests that the rule makes of a value: ``{"at_most": 15.0}``; meeting it excludes."""
        found = {name: getattr(self, name, None) for name in TESTS}
        return {name: value for name, value in found.items() if value is not None}

    def _one_test(self) -> None:
        allowed = [name for name in TESTS if name in type(self).model_fields]
        given = list(self.tests())
        if len(given) != 1:
            found = "none is given" if not given else f"{' and '.join(given)} are given"
            raise ValueError(f"exactly one of {', '.join(allowed)} is needed; {found}")


TESTS = ("at_least", "at_most", "below", "above", "equals", "other_than", "any_of")
"""The tests of a value. Whoever's value meets one is left out."""


class Bounded(Rule):
    """A rule that holds a number against a bound."""

    at_least: Amount | None = None
    at_most: Amount | None = None
    below: Amount | None = None
    above: Amount | None = None
    missing: Literal["keep", "exclude"] = "keep"


class ScoreRule(Bounded):
    """Looks at a score of a measure, or at one that the analysis makes: distress, throws_received."""

    kind: Literal["score"]
    measure: Name
    score: Name
    stage: Name | None = None

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        self._one_test()
        return self


class ItemRule(Bounded):
    """Looks at the answer to one item, as it was given."""

    kind: Literal["item"]
    measure: Name
    item: Name
    stage: Name | None = None
    equals: Amount | Name | None = None
    other_than: Amount | Name | None = None
    any_of: Names | None = None

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        self._one_test()
        return self


class AttentionRule(Rule):
    """Counts the items of a form whose answer is not the expected one."""

    kind: Literal["attention"]
    measure: Name
    stage: Name | None = None
    at_least: Annotated[float, Field(ge=1, le=200)]
    missing: Literal["keep", "exclude"] = "keep"


class SessionsRule(Rule):
    """Looks at how a session ended."""

    kind: Literal["sessions"]
    other_than: Outcome | None = None
    any_of: Annotated[tuple[Outcome, ...], Field(min_length=1, max_length=10)] | None = None

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        self._one_test()
        return self


class TimingRule(Bounded):
    """Looks at the timing of a session: a number, or a flag that it has."""

    kind: Literal["timing"]
    number: TimingNumber | None = None
    flag: Flag | None = None

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if (self.number is None) == (self.flag is None):
            raise ValueError("exactly one of number, flag is needed")
        if self.number is not None:
            self._one_test()
        elif self.tests():
            raise ValueError(f"{next(iter(self.tests()))} belongs to a number, and a flag has none")
        elif self.missing == "exclude":
            raise ValueError('missing = "exclude" belongs to a number: a session has a flag or not')
        return self


class ThrowsRule(Bounded):
    """Looks at the participant's own throws under a condition."""

    kind: Literal["throws"]
    number: Literal["share_anticipated", "share_taken_over", "early_presses"]
    faster_than_s: Annotated[float, Field(gt=0, le=600)] | None = None

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        self._one_test()
        needed = self.number == "share_anticipated"
        if needed and self.faster_than_s is None:
            raise ValueError('faster_than_s is missing: number = "share_anticipated" needs it')
        if not needed and self.faster_than_s is not None:
            raise ValueError(f'faster_than_s belongs to number = "share_anticipated", not to "{self.number}"')
        return self


AnyRule = Annotated[
    ScoreRule | ItemRule | AttentionRule | SessionsRule | TimingRule | ThrowsRule,
    Field(discriminator="kind"),
]


class Exclusions(Definition):
    """Rules that are applied together, in their order."""

    title: Line
    source: Line
    note: Line | None = None
    rules: Annotated[tuple[AnyRule, ...], Field(min_length=1, max_length=50)]

    @model_validator(mode="after")
    def _told_apart(self) -> Self:
        reasons = [rule.reason for rule in self.rules]
        for i, reason in enumerate(reasons):
            if reason in reasons[:i]:
                first = reasons.index(reason) + 1
                raise ValueError(
                    f"rules[{i + 1}].reason = '{reason}' is that of rules[{first}]; tell them apart"
                )
        return self


def absent(rule: ScoreRule | ItemRule | AttentionRule, measure: Measure | None) -> str:
    """Say what a rule looks at and `measure` does not have, or nothing."""
    match rule:
        case ScoreRule(measure=name, score=score):
            known = [entry.name for entry in measure.scores] if measure else [COMPOSITES[name][0]]
            return (
                "" if score in known else f"measure '{name}' has no score '{score}'; {instead(score, known)}"
            )
        case ItemRule(measure=name, item=item) if measure:
            known = [entry.id for entry in measure.items]
            return "" if item in known else f"measure '{name}' has no item '{item}'; {instead(item, known)}"
        case AttentionRule(measure=name) if measure:
            expecting = any(entry.expect is not None for entry in measure.items)
            return "" if expecting else f"measure '{name}' has no item with an answer that is expected"
        case _:
            return f"measure '{rule.measure}' has no items"


def misfit(rule: ScoreRule | ItemRule | AttentionRule, measure: Measure | None) -> str:
    """Say why no answer could ever be held against what a rule says, or nothing; the rule is not `absent`."""
    if isinstance(rule, AttentionRule):
        return ""
    ((test, value),) = rule.tests().items()
    if isinstance(rule, ItemRule) and measure:
        scale = measure.scale_of(measure.item(rule.item))
        if isinstance(scale, Text):
            return f"item '{rule.item}' is answered with free text, which is kept apart"
        if isinstance(scale, Choice):
            words = value if isinstance(value, tuple) else (value,)
            wrong = [word for word in words if word not in scale.options]
            allowed = f"one of {', '.join(scale.options)}"
            return (
                f"{test} = {_said(wrong[0])}: item '{rule.item}' is answered with {allowed}" if wrong else ""
            )
        low, high = measure.bounds(measure.item(rule.item))
        named = f"item '{rule.item}'"
    else:
        assert isinstance(rule, ScoreRule)
        low, high = measure.range_of(rule.score) if measure else COMPOSITES[rule.measure][1]
        named = f"score '{rule.score}'"
    if isinstance(value, int | float) and low <= value <= high:
        return ""
    return f"{test} = {_said(value)}: {named} is a number, {low:g} to {high:g}"


def _said(value: object) -> str:
    return f"{value:g}" if isinstance(value, int | float) else str(value)


def looks_at(rule: AnyRule) -> str:
    """Say what a rule looks at: ``manipulation_check throws_percent at reflexive``."""
    match rule:
        case (
            ScoreRule(measure=measure, score=part, stage=stage)
            | ItemRule(measure=measure, item=part, stage=stage)
        ):
            return f"{measure} {part}" + (f" at {stage}" if stage else "")
        case AttentionRule(measure=measure, stage=stage):
            return f"{measure} wrong answers" + (f" at {stage}" if stage else "")
        case SessionsRule():
            return "outcome"
        case TimingRule(number=number, flag=flag):
            return f"timing {number or flag}"
        case ThrowsRule(number=number, faster_than_s=faster):
            return f"throws {number}" + (f" within {faster:g} s" if faster else "")


def bound(rule: AnyRule) -> str:
    """Say what meets a rule: ``at most 15``."""
    if isinstance(rule, TimingRule) and rule.flag:
        return "flagged"
    ((test, value),) = rule.tests().items()
    said = " or ".join(value) if isinstance(value, tuple) else _said(value)
    return f"{test.replace('_', ' ')} {said}"


def in_words(rule: AnyRule) -> str:
    """Say in a few words what a rule looks at, what meets it, and for whom."""
    words = f"{looks_at(rule)} {bound(rule)}"
    words += f", under {' or '.join(rule.conditions)}" if rule.conditions else ""
    words += f", told {' or '.join(rule.belief)}" if rule.belief else ""
    return words + ("; missing: left out" if getattr(rule, "missing", "keep") == "exclude" else "")
