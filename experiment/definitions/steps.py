"""The steps of a session: pages, questions, games, pain tasks."""

from __future__ import annotations

from operator import not_
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from experiment.definitions.design import Cell
from experiment.definitions.reading import Definition, Name

Stage = Name
CONDITION = "condition"
"""What `by` calls the participant's game."""


class Consent(Definition):
    """A page with agree and disagree; who disagrees goes no further."""

    kind: Literal["consent"]
    page: Name


class ForSome(Definition):
    """A step that only some cells have: those at the levels of the factors that `only` names."""

    only: Annotated[dict[Name, Name], Field(min_length=1, max_length=4)] | None = None

    def is_for(self, cell: Cell) -> bool:
        """Return whether the people of a cell have this step."""
        return all(cell.level(factor) == level for factor, level in (self.only or {}).items())


class ShowPage(ForSome):
    """A page that is read. With `by`, another for each level: `page` and the level, joined by ``_``."""

    kind: Literal["page"]
    page: Name
    by: Name | None = None


class Ask(ForSome):
    """A measure at a stage: `baseline`, `reflexive`, `reflective` or a name of the researcher's own.

    With `lasts_s`, each item stays for exactly that long, answered or not.
    """

    kind: Literal["measure"]
    measure: Name
    stage: Stage
    lasts_s: Annotated[float, Field(gt=0, le=600)] | None = None


class Connecting(Definition):
    """The screen on which the other players arrive, one by one: within `longest_s`, or at `arrivals_s`."""

    kind: Literal["connecting"]
    page: Name
    by: Name | None = None
    longest_s: Annotated[float, Field(ge=2, le=120)] = 12.0
    arrivals_s: (
        Annotated[tuple[Annotated[float, Field(ge=0, le=120)], ...], Field(min_length=1, max_length=8)] | None
    ) = None


class Practice(Definition):
    """A short run that is not analysed; its throws are marked as practice."""

    kind: Literal["practice"]
    game: Name
    page: Name | None = None


class Within(Definition):
    """A measure that is asked during a game, between throws: after each of the throws that are given."""

    measure: Name
    after_throws: Annotated[
        tuple[Annotated[int, Field(ge=1, le=2000)], ...], Field(min_length=1, max_length=50)
    ]

    @model_validator(mode="after")
    def _growing(self) -> Self:
        if list(self.after_throws) != sorted(set(self.after_throws)):
            raise ValueError(f"after_throws = {list(self.after_throws)} must grow from one to the next")
        return self


class Play(Definition):
    """The game. Without `game`, the game of the participant's condition.

    `probe` names a pain task that is given while it is played; `ratings` are asked between throws.
    """

    kind: Literal["game"]
    game: Name | None = None
    probe: Name | None = None
    # Left out where there are none, so that journals from before there were any still agree.
    ratings: Annotated[tuple[Within, ...], Field(max_length=6, exclude_if=not_)] = ()


class PainTest(ForSome):
    """A pain task outside the game: a threshold, or a hand in cold water."""

    kind: Literal["pain"]
    task: Name
    stage: Stage


class Rest(ForSome):
    """A page that stays for a time; then the participant goes on with a press, or the session by itself."""

    kind: Literal["rest"]
    page: Name
    duration_s: Annotated[float, Field(gt=0, le=3600)]
    then: Literal["press", "go_on"] = "press"


class Debriefing(Definition):
    """The page that tells what the study was about. Reached in every case but refusal."""

    kind: Literal["debriefing"]
    page: Name
    by: Name | None = None


class Permission(Definition):
    """The question, after the debriefing, whether the data may be used."""

    kind: Literal["permission"]
    page: Name


InnerStep = Annotated[
    ShowPage | Ask | Connecting | Practice | Play | PainTest | Rest,
    Field(discriminator="kind"),
]


class EachCondition(Definition):
    """Steps that are gone through once for each condition of a within-subjects design, in its order."""

    kind: Literal["each_condition"]
    steps: Annotated[tuple[InnerStep, ...], Field(min_length=1, max_length=100)]


Step = Annotated[
    Consent
    | ShowPage
    | Ask
    | Connecting
    | Practice
    | Play
    | PainTest
    | Rest
    | Debriefing
    | Permission
    | EachCondition,
    Field(discriminator="kind"),
]
FlatStep = Consent | ShowPage | Ask | Connecting | Practice | Play | PainTest | Rest | Debriefing | Permission


def at_level(step: FlatStep, cell: Cell, condition: str) -> FlatStep:
    """Return a step as the people of a cell see it: its page is that of their level."""
    if not isinstance(step, ShowPage | Connecting | Debriefing) or step.by is None:
        return step
    level = condition if step.by == CONDITION else cell.level(step.by)
    return step.model_copy(update={"page": f"{step.page}_{level}", "by": None})
