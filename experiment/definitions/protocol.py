"""A protocol file: a session, step by step, and the design that allocates people to cells."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import permutations
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from experiment.definitions.reading import Definition, Line, Name
from experiment.definitions.wording import LANGUAGE, STUDY

Stage = Name
MAX_CELLS = 24


class Consent(Definition):
    """A page with agree and disagree; who disagrees goes no further."""

    kind: Literal["consent"]
    page: Name


class ShowPage(Definition):
    """A page that is read."""

    kind: Literal["page"]
    page: Name


class Ask(Definition):
    """A measure at a stage: `baseline`, `reflexive`, `reflective` or a name of the researcher's own."""

    kind: Literal["measure"]
    measure: Name
    stage: Stage


class Connecting(Definition):
    """The screen on which the other players arrive, one by one, within `longest_s`."""

    kind: Literal["connecting"]
    page: Name
    longest_s: Annotated[float, Field(ge=2, le=120)] = 12.0


class Practice(Definition):
    """A short run that is not analysed; its throws are marked as practice."""

    kind: Literal["practice"]
    game: Name
    page: Name | None = None


class Play(Definition):
    """The game. Without `game`, the game of the participant's condition."""

    kind: Literal["game"]
    game: Name | None = None


class Rest(Definition):
    """A page that stays for a time, then lets the participant go on."""

    kind: Literal["rest"]
    page: Name
    duration_s: Annotated[float, Field(gt=0, le=3600)]


class Debriefing(Definition):
    """The page that tells what the study was about. Reached in every case but refusal."""

    kind: Literal["debriefing"]
    page: Name


class Permission(Definition):
    """The question, after the debriefing, whether the data may be used."""

    kind: Literal["permission"]
    page: Name


InnerStep = Annotated[
    ShowPage | Ask | Connecting | Practice | Play | Rest,
    Field(discriminator="kind"),
]


class EachCondition(Definition):
    """Steps that are gone through once for each condition of a within-subjects design, in its order."""

    kind: Literal["each_condition"]
    steps: Annotated[tuple[InnerStep, ...], Field(min_length=1, max_length=100)]


Step = Annotated[
    Consent | ShowPage | Ask | Connecting | Practice | Play | Rest | Debriefing | Permission | EachCondition,
    Field(discriminator="kind"),
]
FlatStep = Consent | ShowPage | Ask | Connecting | Practice | Play | Rest | Debriefing | Permission


class Design(Definition):
    """How people come to conditions. A condition is the name of a game.

    `between`: each person plays one of the games. `within`: each plays all of them, in an order that is
    counterbalanced (every order equally often) or fixed. Cells are drawn in permuted blocks that hold each
    cell as often as a number drawn from `block_repeats` says.
    """

    between: Annotated[tuple[Name, ...], Field(min_length=2, max_length=MAX_CELLS)] | None = None
    within: Annotated[tuple[Name, ...], Field(min_length=2, max_length=4)] | None = None
    order: Literal["counterbalanced", "fixed"] | None = None
    block_repeats: Annotated[tuple[Annotated[int, Field(ge=1, le=20)], ...], Field(min_length=1)] = (1, 2)

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        if (self.between is None) == (self.within is None):
            found = "none" if self.between is None else "both"
            raise ValueError(f"exactly one of between, within is needed, found {found}")
        if self.within is not None and self.order is None:
            raise ValueError('order is missing; within needs "counterbalanced" or "fixed"')
        if self.within is None and self.order is not None:
            raise ValueError(f'order = "{self.order}" goes with within, not with between')
        for name in self.conditions:
            if self.conditions.count(name) > 1:
                raise ValueError(f"{'between' if self.between else 'within'} names '{name}' twice")
        return self

    @property
    def conditions(self) -> tuple[str, ...]:
        """Return the conditions, as listed."""
        return self.between or self.within or ()

    def cells(self) -> tuple[Cell, ...]:
        """Return every cell: a name, and the conditions that its people go through, in order."""
        if self.between is not None:
            return tuple(Cell(name, (name,)) for name in self.between)
        within = self.within or ()
        orders = permutations(within) if self.order == "counterbalanced" else [within]
        return tuple(Cell("-".join(order), tuple(order)) for order in orders)


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of the design: the conditions that its people go through, in order."""

    name: str
    conditions: tuple[str, ...]


class Alert(Definition):
    """An answer at or over a bound opens the experimenter's pause."""

    measure: Name
    item: Name
    at_least: Annotated[float, Field(ge=-1_000_000, le=1_000_000)]


@dataclass(frozen=True, slots=True)
class PlannedStep:
    """A step in its place in the session. `id` is stable; `condition` is set once the cell matters."""

    id: str
    step: FlatStep
    condition: str | None


class Protocol(Definition):
    """A session: design, alerts and steps."""

    title: Line
    study: Annotated[str, Field(pattern=STUDY)]
    contact: Line
    language: Annotated[str, Field(pattern=LANGUAGE)] = "en"
    note: Line | None = None
    design: Design
    alerts: tuple[Alert, ...] = ()
    steps: Annotated[tuple[Step, ...], Field(min_length=1, max_length=200)]

    @model_validator(mode="after")
    def _order_of_steps(self) -> Self:
        kinds = [step.kind for step in self.steps]
        for once in ("consent", "debriefing", "permission"):
            if kinds.count(once) != 1:
                raise ValueError(f"steps: exactly one '{once}' is needed, found {kinds.count(once)}")
        if kinds[0] != "consent":
            raise ValueError(f"steps[1].kind = '{kinds[0]}': consent comes before anything")
        debriefing, permission = kinds.index("debriefing"), kinds.index("permission")
        if permission < debriefing:
            raise ValueError(
                f"steps[{permission + 1}].kind = 'permission': "
                f"is asked after the debriefing (steps[{debriefing + 1}])"
            )
        rounds = kinds.count("each_condition")
        if self.design.within is not None and rounds != 1:
            raise ValueError(
                f"steps: a within design needs exactly one 'each_condition' step, found {rounds}"
            )
        if self.design.between is not None and rounds:
            number = kinds.index("each_condition") + 1
            raise ValueError(f"steps[{number}].kind = 'each_condition': belongs to a within design")
        self._check_condition_is_played()
        if self.first_that_differs() > debriefing:
            raise ValueError(
                f"steps[{debriefing + 1}].kind = 'debriefing': comes after the condition's game, never before"
            )
        return self

    def _check_condition_is_played(self) -> None:
        plays = [where for where, step in self.placed_steps() if isinstance(step, Play) and step.game is None]
        if len(plays) != 1:
            found = " and ".join(plays) or "none"
            raise ValueError(
                f"steps: exactly one 'game' without a game key plays the condition, found {found}"
            )
        if self.design.within is not None and ".steps" not in plays[0]:
            raise ValueError(f"{plays[0]}: a 'game' without a game key belongs inside 'each_condition'")

    def planned(self, cell: Cell) -> Iterator[PlannedStep]:
        """Yield the steps of a session in `cell`, in order, each with an id that no other has.

        Steps before the first that differs between cells are the same for every cell.
        """
        for number, step in enumerate(self.steps, start=1):
            if isinstance(step, EachCondition):
                for round_number, condition in enumerate(cell.conditions, start=1):
                    for inner_number, inner in enumerate(step.steps, start=1):
                        yield PlannedStep(
                            f"{number:02d}.{round_number}.{inner_number:02d}-{inner.kind}", inner, condition
                        )
            else:
                own = isinstance(step, Play) and step.game is None
                yield PlannedStep(f"{number:02d}-{step.kind}", step, cell.conditions[0] if own else None)

    def placed_steps(self, rounds: int = 1) -> Iterator[tuple[str, FlatStep]]:
        """Yield every step and its place in the file; those inside `each_condition` `rounds` times over."""
        for number, step in enumerate(self.steps, start=1):
            if isinstance(step, EachCondition):
                for _ in range(rounds):
                    for inner_number, inner in enumerate(step.steps, start=1):
                        yield f"steps[{number}].steps[{inner_number}]", inner
            else:
                yield f"steps[{number}]", step

    def first_that_differs(self) -> int:
        """Return the index in `steps` of the first step that depends on the cell."""
        for index, step in enumerate(self.steps):
            if isinstance(step, EachCondition) or (isinstance(step, Play) and step.game is None):
                return index
        raise ValueError("no step depends on the cell")

    def measures(self) -> Iterator[Ask]:
        """Yield every measure step, those inside `each_condition` once."""
        for step in self.steps:
            for inner in step.steps if isinstance(step, EachCondition) else (step,):
                if isinstance(inner, Ask):
                    yield inner
