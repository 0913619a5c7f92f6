"""The players of a game file: names and looks, when they leave, what they say."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from experiment.definitions.durations import Duration, Positive, Seconds
from experiment.definitions.phases import PlayerNumber
from experiment.definitions.reading import Definition, readable
from experiment.definitions.wording import COLOUR, LINE, PHOTO

Colour = Annotated[str, StringConstraints(pattern=COLOUR)]
LineName = Annotated[str, StringConstraints(pattern=LINE, max_length=64)]
PlayerName = Annotated[str, StringConstraints(min_length=1, max_length=24), AfterValidator(readable)]
Fraction = Annotated[float, Field(ge=-1, le=1)]
Throws = Annotated[int, Field(ge=1, le=2000)]
Long = Annotated[float, Field(gt=0, le=7200)]


class Place(Definition):
    """Where a figure stands: `x` from the left (-1) to the right (1), `y` from low (-1) to high (1)."""

    x: Fraction
    y: Fraction


class Leaving(Definition):
    """When a player may leave: as soon as one of these has come about.

    "Ignored" counts from the last ball that the player had, or from the start. What was drawn for a run lies
    within the value plus or minus its spread.
    """

    after_throws: Throws | None = None
    after_s: Long | None = None
    after_throws_ignored: Throws | None = None
    after_s_ignored: Long | None = None
    after_leavers: Annotated[int, Field(ge=1, le=8)] | None = None
    spread_throws: Annotated[int, Field(ge=0, le=1000)] = 0
    spread_s: Seconds = 0.0

    @model_validator(mode="after")
    def _some_reason(self) -> Self:
        throws, seconds = (self.after_throws, self.after_throws_ignored), (self.after_s, self.after_s_ignored)
        if not any(value is not None for value in (*throws, *seconds, self.after_leavers)):
            raise ValueError(
                "gives no reason to leave; at least one of after_throws, after_s, after_throws_ignored, "
                "after_s_ignored, after_leavers is needed"
            )
        given = [value for value in throws if value is not None]
        if self.spread_throws and self.spread_throws >= min(given, default=0):
            raise ValueError(
                f"spread_throws = {self.spread_throws}: must be less than the throws that it spreads "
                f"({_least(given)})"
            )
        known = [value for value in seconds if value is not None]
        if self.spread_s and self.spread_s >= min(known, default=0.0):
            raise ValueError(
                f"spread_s = {self.spread_s:g}: must be less than the seconds that it spreads "
                f"({_least(known)})"
            )
        return self


def _least(values: Sequence[float]) -> str:
    return f"{min(values):g}" if values else "none is given"


class Coplayer(Definition):
    """A computer-controlled player."""

    name: PlayerName
    colour: Colour | None = None
    photo: Annotated[str, StringConstraints(pattern=PHOTO, max_length=100)] | None = None
    place: Place | None = None
    pause: Duration | None = None
    leaves: Leaving | None = None


class BallDefinition(Definition):
    """How the ball looks; `size` is relative to the usual one."""

    colour: Colour = "#e2543c"
    size: Annotated[float, Field(ge=0.5, le=2)] = 1.0


class ParticipantTurn(Definition):
    """The participant: what follows when they keep the ball, whether they may leave, how they are seen."""

    prompt_after_s: Positive | None = None
    take_over_after_s: Positive | None = None
    may_leave: Leaving | None = None
    seen_as: Literal["hands", "figure"] = "hands"
    place: Place | None = None
    colour: Colour = "#68608f"

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        prompt, take = self.prompt_after_s, self.take_over_after_s
        if prompt is not None and take is not None and prompt >= take:
            raise ValueError(f"prompt_after_s = {prompt} must be less than take_over_after_s = {take}")
        if self.place is not None and self.seen_as != "figure":
            raise ValueError('place goes with seen_as = "figure"; own hands have no place on the court')
        if self.seen_as == "figure" and self.place is None:
            raise ValueError('seen_as = "figure" needs a place, such as { x = 0.0, y = -1.0 }')
        return self


class CourtLine(Definition):
    """Something that is said after a throw: `text` names a line of the texts."""

    text: LineName
    after_throw: Annotated[int, Field(ge=0, le=2000)]
    after_s: Seconds = 0.0


class ChatLine(CourtLine):
    """A co-player says something."""

    player: PlayerNumber
    lasts_s: Positive = 4.0


class Message(CourtLine):
    """A line on the court, said by nobody. Without `lasts_s` it stays."""

    lasts_s: Positive | None = None
