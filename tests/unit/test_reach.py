"""A game file that asks for what no run can give is refused; what may come about is not."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from experiment.definitions import DefinitionError, Game
from experiment.definitions.reach import may_receive
from experiment.definitions.reading import checked

NAMES = ("Alex", "Sam", "Robin", "Kim")
FIXED = {"kind": "fixed", "value_s": 1.0}


def game(
    *phases: Mapping[str, object], leaves: tuple[Mapping[str, object] | None, ...] = (), **changes: object
) -> Game:
    """Return a game of four with these phases, each of 10 throws where it says nothing else."""
    named: list[dict[str, object]] = [
        {"name": f"phase_{i}", **phase} for i, phase in enumerate(phases, start=1)
    ]
    for phase in named:
        if "duration_s" not in phase:
            phase.setdefault("throws", 10)
    rules = [*leaves, *([None] * (3 - len(leaves)))]
    coplayers = [
        {"name": name} | ({} if rule is None else {"leaves": rule})
        for name, rule in zip(NAMES, rules, strict=False)
    ]
    table: dict[str, object] = {
        "title": "A game", "source": "the tests", "players": 4, "coplayers": coplayers,
        "pause": FIXED, "flight": FIXED, "phases": named,
    }  # fmt: skip
    if all("throws" in phase for phase in named):
        table["throws"] = sum(int(str(phase["throws"])) for phase in named)
    return checked(table | changes, Game)


OUT_OF_REACH = {"usual_response_s": 1.0, "low_s": 2.0, "high_s": 3.0}
UNREACHED = {"1": {"3": 1.0}, "3": {"1": 1.0}, "4": {"2": 1.0}}


@pytest.mark.parametrize(
    ("build", "words"),
    [
        (lambda: game({"probability": [0.0, 0.0, 0.9], "left_out": [4]}), "phases[1].probability"),
        (lambda: game({"weights": UNREACHED}, starts=1), "phases[1].weights"),
        (lambda: game({"sequence": ["1,3", "3,1", "4,2"]}, starts=1), "phases[1].sequence"),
        (lambda: game({"growing": {"step": 0.1, "most": 0.0}}), "phases[1].growing"),
        (lambda: game({"growing": {"step": 0.1}, "throws": 1}), "phases[1].growing"),
        (
            lambda: game({"probability": 0.5}, compensation=OUT_OF_REACH),
            "compensation",
        ),
        (
            lambda: game({"probability": 0.5}, leaves=({"after_leavers": 1}, {"after_leavers": 1})),
            "coplayers[1].leaves.after_leavers = 1",
        ),
        (
            lambda: game({"probability": 0.5}, {"probability": 0.5}, leaves=({"after_throws": 4},) * 3),
            "phases[2] (phase_2) never begins",
        ),
        (
            lambda: game(
                {"probability": 0.5}, leaves=({"after_throws": 4},),
                chat=[{"player": 1, "text": "hello", "after_throw": 5}],
            ),
            "chat[1].after_throw = 5",
        ),
    ],
)  # fmt: skip
def test_what_can_never_come_about_is_refused_by_its_key(build: Callable[[], Game], words: str) -> None:
    """In one line."""
    with pytest.raises(DefinitionError) as refused:
        build()
    assert words in str(refused.value)
    assert "\n" not in str(refused.value)


def test_what_may_come_about_is_let_be() -> None:
    """The same designs with one way open."""
    game({"probability": [0.0, 0.0, 0.9], "left_out": [4]}, starts=4)
    game({"weights": UNREACHED}, starts=4)
    game({"growing": {"step": 0.1}, "throws": 2})
    game({"probability": 0.5}, leaves=({"after_leavers": 1}, {"after_throws": 3}))
    game({"probability": 0.5}, {"probability": 0.5}, leaves=({"after_throws": 4}, {"after_throws": 4}))
    game(
        {"probability": 0.5},
        leaves=({"after_throws": 4},),
        chat=[{"player": 1, "text": "a", "after_throw": 4}],
    )


def test_a_later_phase_may_begin_with_whoever_had_the_ball_before() -> None:
    """Player 4 is left out, but may have it from the phase before, in which the participant had throws."""
    later = {"probability": [0.0, 0.0, 0.9], "left_out": [4]}
    assert may_receive(game({"receptions": 2}, later)) == (True, True)
    assert may_receive(game({"probability": 0.0}, {"probability": 0.0})) == (False, False)


def test_who_is_left_alone_with_the_participant_throws_to_them() -> None:
    """So a chance of nothing is no certainty where co-players leave."""
    file = game({"probability": 0.0}, leaves=({"after_throws": 2}, {"after_throws": 2}))
    assert may_receive(file) == (True,)
