"""Durations in a game file: fixed, or drawn from a distribution."""

from __future__ import annotations

from typing import Annotated, Literal, Self, assert_never

from pydantic import Field, model_validator

from experiment.definitions.reading import Definition

Seconds = Annotated[float, Field(ge=0, le=600)]
Positive = Annotated[float, Field(gt=0, le=600)]
Weight = Annotated[float, Field(ge=0, le=1_000_000)]


def _check_bounds(low_s: float, high_s: float) -> None:
    """Refuse bounds between which nothing lies."""
    if low_s >= high_s:
        raise ValueError(f"low_s = {low_s} is not less than high_s = {high_s}")


class Uniform(Definition):
    """Any duration between two bounds, each as likely."""

    kind: Literal["uniform"]
    low_s: Seconds
    high_s: Seconds

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.low_s > self.high_s:
            raise ValueError(f"low_s = {self.low_s} is more than high_s = {self.high_s}")
        return self


class Fixed(Definition):
    """The same duration every time."""

    kind: Literal["fixed"]
    value_s: Seconds


class Weighted(Definition):
    """One of a list of durations, with weights."""

    kind: Literal["weighted"]
    values_s: Annotated[tuple[Seconds, ...], Field(min_length=1, max_length=100)]
    weights: Annotated[tuple[Weight, ...], Field(min_length=1, max_length=100)]

    @model_validator(mode="after")
    def _matching(self) -> Self:
        if len(self.weights) != len(self.values_s):
            raise ValueError(f"{len(self.weights)} weights for {len(self.values_s)} values_s; one each")
        if sum(self.weights) <= 0:
            raise ValueError("weights add up to 0; at least one must be more")
        return self


class TruncatedNormal(Definition):
    """A normal distribution of which only the part between two bounds is used."""

    kind: Literal["truncated_normal"]
    mean_s: Seconds
    sd_s: Positive
    low_s: Seconds
    high_s: Seconds

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        _check_bounds(self.low_s, self.high_s)
        if self.high_s < self.mean_s - 4 * self.sd_s or self.low_s > self.mean_s + 4 * self.sd_s:
            raise ValueError("the bounds lie more than four standard deviations from mean_s")
        return self


Duration = Annotated[Uniform | Fixed | Weighted | TruncatedNormal, Field(discriminator="kind")]


def mean_s(duration: Duration) -> float:
    """Return about how long a duration is on average (s)."""
    match duration:
        case Fixed(value_s=value):
            return value
        case Uniform(low_s=low, high_s=high):
            return (low + high) / 2
        case Weighted(values_s=values, weights=weights):
            return sum(v * w for v, w in zip(values, weights, strict=True)) / sum(weights)
        case TruncatedNormal(mean_s=mean, low_s=low, high_s=high):
            return min(max(mean, low), high)
        case _:
            assert_never(duration)


class Compensation(Definition):
    """Pauses make up for quick and slow answers, so that a run keeps its length.

    What an answer took less (or more) than `usual_response_s` is added to (or taken from) the pauses of
    co-players that follow, as far as they stay within `low_s` and `high_s`; the rest is carried on.
    """

    usual_response_s: Positive
    low_s: Seconds
    high_s: Seconds

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        _check_bounds(self.low_s, self.high_s)
        return self
