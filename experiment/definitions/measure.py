"""A measure file: items, answer scales, keying and scores. The words themselves live in the texts."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, SerializerFunctionWrapHandler, model_serializer, model_validator

from experiment.definitions.reading import Definition, Line, Name
from experiment.definitions.wording import instead

Role = Literal[
    "need_satisfaction",
    "mood",
    "hurt",
    "distress_rating",
    "manipulation_check",
    "suspicion",
    "demographics",
    "attention",
    "pain",
    "pain_sensitivity",
    "control_rating",
    "trait",
    "eligibility",
    "operator",
    "other",
]


class Likert(Definition):
    """Equal steps from `low` to `high`."""

    kind: Literal["likert"]
    low: Annotated[int, Field(ge=-50, le=50)]
    high: Annotated[int, Field(ge=-50, le=50)]

    @model_validator(mode="after")
    def _steps(self) -> Self:
        if not 2 <= self.high - self.low + 1 <= 11:
            raise ValueError(f"low = {self.low} to high = {self.high} is not 2 to 11 steps")
        return self


class Vas(Definition):
    """A visual analogue line, 0-100, without a starting mark."""

    kind: Literal["vas"]


def _plain(bound: float) -> float:
    """Return a whole bound as an int, so that it is written without a point wherever it is shown."""
    return int(bound) if bound == int(bound) else bound


Bound = Annotated[float, Field(ge=0, le=1_000_000), AfterValidator(_plain)]
"""A bound of a typed number; one that is whole is an int."""


class Number(Definition):
    """A typed number between two bounds: whole, or with as many `decimals` as may be typed.

    What is typed into a `hidden` one shows as dots, for whoever sits beside must not read it.
    """

    kind: Literal["number"]
    low: Bound
    high: Bound
    decimals: Annotated[int, Field(ge=0, le=3)] = 0
    hidden: bool = False

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.low >= self.high:
            raise ValueError(f"low = {self.low} is not less than high = {self.high}")
        for name, bound in (("low", self.low), ("high", self.high)):
            if round(bound, self.decimals) != bound:
                allowed = f"decimals = {self.decimals}"
                raise ValueError(f"{name} = {bound} has more decimals than an answer may have ({allowed})")
        return self

    @model_serializer(mode="wrap")
    def _as_before(self, dump: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Leave out what is as usual, so that journals from before there were decimals still agree."""
        table: dict[str, Any] = dump(self)
        usual = {name for name in ("decimals", "hidden") if not table[name]}
        bounds = {"low": self.low, "high": self.high}
        return {name: bounds.get(name, value) for name, value in table.items() if name not in usual}


class Choice(Definition):
    """One of several options, by their ids."""

    kind: Literal["choice"]
    options: Annotated[tuple[Name, ...], Field(min_length=2, max_length=12)]

    @model_validator(mode="after")
    def _distinct(self) -> Self:
        twice = [option for option in self.options if self.options.count(option) > 1]
        if twice:
            raise ValueError(f"options name '{twice[0]}' twice")
        return self


class Text(Definition):
    """Free text; kept with the private files, never in the dataset."""

    kind: Literal["text"]
    max_chars: Annotated[int, Field(ge=1, le=2000)] = 500


AnswerScale = Annotated[Likert | Vas | Number | Choice | Text, Field(discriminator="kind")]


class Item(Definition):
    """One question. `reverse` is relative to what the scores' `high_means` says."""

    id: Name
    subscale: Name | None = None
    reverse: bool = False
    scale: AnswerScale | None = None
    required: bool = True
    expect: Annotated[int, Field(ge=-1_000_000, le=1_000_000)] | Name | None = None


Pair = Annotated[tuple[Name, ...], Field(min_length=2, max_length=2)]
"""Two items whose answers are multiplied."""


class Score(Definition):
    """A number made from items, from pairs of items, or from other scores of the same measure.

    `mean_of_items` names a subscale, or ``"all"`` for every keyed item; `mean_of_products` names pairs of
    items, whose answers are multiplied after reversal. A score with more than `max_missing` of its parts
    missing is itself missing.
    """

    name: Name
    mean_of_items: Name | None = None
    mean_of_products: Annotated[tuple[Pair, ...], Field(min_length=1, max_length=100)] | None = None
    mean_of_scores: Annotated[tuple[Name, ...], Field(min_length=2)] | None = None
    max_missing: Annotated[int, Field(ge=0)] = 0
    high_means: Line

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        ways = (self.mean_of_items, self.mean_of_products, self.mean_of_scores)
        if sum(way is not None for way in ways) != 1:
            allowed = "mean_of_items, mean_of_products, mean_of_scores"
            raise ValueError(f"score '{self.name}' needs exactly one of {allowed}")
        return self


class Measure(Definition):
    """A questionnaire or rating."""

    title: Line
    citation: Line
    note: Line | None = None
    role: Role
    order: Literal["fixed", "random"] = "fixed"
    back: bool = False
    confirm: bool = False
    scale: AnswerScale | None = None
    items: Annotated[tuple[Item, ...], Field(min_length=1, max_length=200)]
    scores: tuple[Score, ...] = ()

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        ids = [item.id for item in self.items]
        for i, item in enumerate(self.items, start=1):
            if item.id in ids[: i - 1]:
                raise ValueError(f"items[{i}].id = '{item.id}' is used twice")
            if item.scale is None and self.scale is None:
                raise ValueError(f"items[{i}] ('{item.id}') has no scale, and the measure gives none")
            if item.reverse and isinstance(self.scale_of(item), Choice | Text):
                raise ValueError(f"items[{i}] ('{item.id}') cannot be reversed: its answer is no number")
            if item.subscale == "all":
                raise ValueError(f"items[{i}].subscale = 'all' is taken: it means every item")
            self._check_expectation(i, item)
        self._check_unscored()
        self._check_scores()
        return self

    def scale_of(self, item: Item) -> Likert | Vas | Number | Choice | Text:
        """Return the scale on which `item` is answered."""
        scale = item.scale or self.scale
        if scale is None:
            raise ValueError(f"item '{item.id}' has no scale")
        return scale

    def item(self, item_id: str) -> Item:
        """Return the item with this id."""
        return next(item for item in self.items if item.id == item_id)

    def keyed_items(self, subscale: str) -> tuple[Item, ...]:
        """Return the items with a number as answer that belong to `subscale` (``"all"``: every one)."""
        return tuple(
            item
            for item in self.items
            if not isinstance(self.scale_of(item), Choice | Text) and subscale in ("all", item.subscale)
        )

    def bounds(self, item: Item) -> tuple[float, float]:
        """Return the least and the greatest answer of an item that is answered with a number."""
        match self.scale_of(item):
            case Likert(low=low, high=high) | Number(low=low, high=high):
                return (float(low), float(high))
            case Vas():
                return (0.0, 100.0)
            case _:
                raise ValueError(f"item '{item.id}' is not answered with a number")

    def range_of(self, name: str) -> tuple[float, float]:
        """Return the least and the greatest value of a score; all its parts have the same."""
        score = next(entry for entry in self.scores if entry.name == name)
        if score.mean_of_scores is not None:
            return self.range_of(score.mean_of_scores[0])
        if score.mean_of_products is not None:
            return self._product_bounds(name, score.mean_of_products)[0]
        return self.bounds(self.keyed_items(score.mean_of_items or "all")[0])

    def whole(self, item: Item) -> bool:
        """Return whether the answers of an item are whole numbers."""
        scale = self.scale_of(item)
        return isinstance(scale, Likert) or (isinstance(scale, Number) and scale.decimals == 0)

    def _check_expectation(self, i: int, item: Item) -> None:
        if item.expect is None:
            return
        match self.scale_of(item):
            case Choice(options=options):
                allowed = item.expect in options
            case Likert(low=low, high=high) | Number(low=low, high=high):
                allowed = isinstance(item.expect, int) and low <= item.expect <= high
            case _:
                allowed = False
        if not allowed:
            raise ValueError(f"items[{i}].expect = {item.expect!r}: no answer that its scale allows")

    def _check_unscored(self) -> None:
        """Refuse scores of what is no answer about a feeling, and a question of eligibility left open."""
        if self.role in ("eligibility", "operator") and self.scores:
            raise ValueError(f"role = '{self.role}' is never scored; take the scores out")
        for i, item in enumerate(self.items, start=1):
            if self.role == "eligibility" and (item.expect is None or not item.required):
                needed = "expect (the answer that lets somebody take part), and cannot be skipped"
                raise ValueError(f"items[{i}] ('{item.id}') of role 'eligibility' needs {needed}")

    def _check_scores(self) -> None:
        known: dict[str, tuple[float, float]] = {}
        for i, score in enumerate(self.scores, start=1):
            if score.name in known:
                raise ValueError(f"scores[{i}].name = '{score.name}' is used twice")
            if score.mean_of_items is not None:
                parts = self._item_bounds(f"scores[{i}].mean_of_items", score.mean_of_items)
            elif score.mean_of_products is not None:
                parts = self._product_bounds(f"scores[{i}].mean_of_products", score.mean_of_products)
            else:
                parts = _score_bounds(f"scores[{i}].mean_of_scores", score.mean_of_scores or (), known)
            if len(set(parts)) > 1:
                shown = " and ".join(f"{low:g}-{high:g}" for low, high in sorted(set(parts)))
                raise ValueError(f"scores[{i}] ('{score.name}') mixes answers on different scales: {shown}")
            if score.max_missing >= len(parts):
                raise ValueError(
                    f"scores[{i}].max_missing = {score.max_missing}: must be less than its {len(parts)} parts"
                )
            known[score.name] = parts[0]
        if self.role in ("need_satisfaction", "mood") and "index" not in known:
            raise ValueError(
                f"role = '{self.role}' needs a score named 'index', from which the distress composite is made"
            )

    def _item_bounds(self, where: str, subscale: str) -> list[tuple[float, float]]:
        items = self.keyed_items(subscale)
        if not items:
            subscales = sorted({item.subscale for item in self.items if item.subscale})
            hint = instead(subscale, ["all", *subscales])
            raise ValueError(f"{where} = '{subscale}' has no item that is answered with a number; {hint}")
        return [self.bounds(item) for item in items]

    def _product_bounds(self, where: str, pairs: tuple[tuple[str, ...], ...]) -> list[tuple[float, float]]:
        known = {item.id: self.bounds(item) for item in self.keyed_items("all")}
        used: list[str] = []
        parts = []
        for i, pair in enumerate(pairs, start=1):
            for name in pair:
                if name not in known:
                    hint = instead(name, list(known))
                    raise ValueError(f"{where}[{i}] names '{name}', no item answered with a number; {hint}")
                if name in used:
                    raise ValueError(f"{where}[{i}] names '{name}' twice")
                used.append(name)
            products = [a * b for a in known[pair[0]] for b in known[pair[1]]]
            parts.append((min(products), max(products)))
        return parts


def _score_bounds(
    where: str, names: tuple[str, ...], known: dict[str, tuple[float, float]]
) -> list[tuple[float, float]]:
    for name in names:
        if name not in known:
            raise ValueError(f"{where} names '{name}', no score above it; {instead(name, list(known))}")
        if names.count(name) > 1:
            raise ValueError(f"{where} names '{name}' twice")
    return [known[name] for name in names]
