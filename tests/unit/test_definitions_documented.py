"""conditions/README.md says of every key what it is, and says it right."""

from __future__ import annotations

import re
import tomllib
from typing import Any

import pytest
from pydantic import BaseModel

from experiment.definitions import CONDITIONS, Game, Measure, Protocol, Texts, names
from experiment.definitions.design import Design, Factor
from experiment.definitions.durations import Compensation
from experiment.definitions.exclusions import Exclusions
from experiment.definitions.laboratory import Laboratory
from experiment.definitions.pain import Pain
from experiment.definitions.phases import Phase
from experiment.definitions.players import ChatLine, Coplayer, Message, ParticipantTurn
from experiment.definitions.reading import Definition, checked
from experiment.definitions.texts import MoreTexts
from experiment.definitions.variant import Variant
from experiment.definitions.wording import limits_of, members_of

README = (CONDITIONS / "README.md").read_text(encoding="utf-8")


def models() -> list[type[BaseModel]]:
    """Return every model that a file can hold, found by walking from the kinds of files."""
    found: list[type[BaseModel]] = []

    def walk(expected: Any) -> None:
        for member, _ in members_of(expected, {}):
            if isinstance(member, type) and issubclass(member, BaseModel):
                if member not in found:
                    found.append(member)
                    for info in member.model_fields.values():
                        walk(info.annotation)
            else:
                for inner in getattr(member, "__args__", ()):
                    if inner is not Ellipsis:
                        walk(inner)

    for kind in (Game, Measure, Protocol, Variant, Texts, MoreTexts, Pain, Laboratory, Exclusions):
        walk(kind)
    return found


def rows(model: type[BaseModel]) -> dict[str, list[str]]:
    """Return the documented keys of a model: key to the cells that follow it."""
    section = README.split(f"<!-- keys of {model.__name__} -->", maxsplit=1)
    assert len(section) == 2, f"conditions/README.md has no table for {model.__name__}"
    found = {}
    for line in section[1].strip().splitlines()[2:]:
        if not line.startswith("|"):
            break
        keys, *cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        found.update(dict.fromkeys(re.findall(r"`(\w+)`", keys), cells))
    return found


@pytest.mark.parametrize("model", models(), ids=lambda model: model.__name__)
def test_every_key_is_documented_and_no_other(model: type[BaseModel]) -> None:
    """A key that comes or goes takes its row with it."""
    assert set(rows(model)) == set(model.model_fields)


@pytest.mark.parametrize("model", models(), ids=lambda model: model.__name__)
def test_ranges_and_defaults_are_those_of_the_program(model: type[BaseModel]) -> None:
    """Bounds, what is required and plain defaults stand in the row of their key."""
    for key, (_, unit, default, *_) in rows(model).items():
        info = model.model_fields[key]
        members = list(members_of(info.annotation, limits_of(info.metadata)))
        for member, limits in members:
            if member in (int, float):
                for bound in ("ge", "gt", "le"):
                    if limits.get(bound):
                        assert f"{limits[bound]:g}".replace("1e+06", "1000000") in unit, f"{key}: {bound}"
        if info.is_required():
            assert default == "required", key
        elif isinstance(info.default, bool | int | float | str):
            assert default.strip('`"') == (str(info.default).lower().removesuffix(".0") or "none"), key
        else:
            assert default != "required", key


EXAMPLES = re.findall(r"```toml\n(.*?)```", README, flags=re.DOTALL)
PARTS: dict[str, type[Definition]] = {
    "phases": Phase,
    "coplayers": Coplayer,
    "chat": ChatLine,
    "messages": Message,
    "participant": ParticipantTurn,
    "compensation": Compensation,
}


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example[:20].strip())
def test_examples_can_be_copied(example: str) -> None:
    """Each is TOML, and each part of a file in it is allowed."""
    table = tomllib.loads(example)
    if "extends" in table:
        checked(table, Variant)
    for key in PARTS.keys() & table.keys():
        for part in table[key] if isinstance(table[key], list) else [table[key]]:
            checked(part, PARTS[key])
    if "rules" in table:
        checked({"title": "Rules", "source": "Our choice", **table}, Exclusions)
    if "within" in table.get("design", {}):
        checked(table["design"], Design)
    for factor in table.get("design", {}).get("factors", []):
        checked(factor, Factor)


def test_there_are_examples_of_what_is_not_plain() -> None:
    """Timed phases, ramps, growing chances, weights, left out, over-ruled, variants, factors."""
    words = "\n".join(EXAMPLES)
    for key in (
        "duration_s", "ramp", "growing", "weights", "left_out", "overruled", "leaves", "may_leave", "photo",
        "place", "chat", "messages", "compensation", "max_in_a_row", "factors", "by", "belief", "extends",
    ):  # fmt: skip
        assert re.search(rf"\b{key}\b", words), key


@pytest.mark.parametrize("kind", ["games", "measures", "protocols", "pain", "exclusions"])
def test_everything_that_is_shipped_is_listed(kind: str) -> None:
    """A researcher finds it without opening the folder."""
    for name in names(kind):
        assert f"`{name}`" in README


def test_templates_are_marked_for_the_ethics_office() -> None:
    """Nobody takes the consent text for an approved one."""
    assert "ethics office" in README
    assert "templates" in README
