"""The simulated participant: new scenes lead to presses, the same ones to none, all by the seed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from experiment.booth import Press
from experiment.respondent import Respondent, identity
from experiment.scenes import (
    PARTICIPANT,
    Ball,
    BallLook,
    Button,
    ChoiceScale,
    Court,
    CourtPlayer,
    Flying,
    Form,
    Held,
    Joiner,
    Joining,
    LikertScale,
    LineScale,
    NumberScale,
    Page,
    Scale,
    TextScale,
)
from tests.scripted import tiny

PLAYERS = tuple(CourtPlayer(n, f"P{n}", "#000000") for n in (1, 3, PARTICIPANT))
MEASURES = tiny().measures


def court(ball: Ball, *, turn: bool = False) -> Court:
    """Return a court."""
    return Court(PLAYERS, ball, BallLook("#000000", 1.0), 0.0, turn)


def form(item: str, scale: Scale, measure: str = "facts", stage: str = "end") -> Form:
    """Return a form."""
    return Form(measure, stage, item, "", "", "", scale, (), 1, 1)


def respondent(seed: int = 1) -> Respondent:
    """Return somebody."""
    return Respondent(seed, MEASURES)


def test_a_turn_leads_to_one_throw_to_somebody_else() -> None:
    """After a while; the same court again to nothing."""
    who = respondent()
    turn = court(Held(PARTICIPANT, 1.0, came_from=1), turn=True)
    (press,) = who.see(turn, 1.0)
    assert press.target in ("player:1", "player:3")
    assert press.at > 1.2
    assert press.source == "simulated"
    assert who.see(turn, 1.1) == []


def test_nobody_throws_to_who_has_left() -> None:
    """Who has left still fades on the court, but is no choice."""
    gone = tuple(replace(p, left_at=0.5) if p.number == 3 else p for p in PLAYERS)
    for seed in range(20):
        turn = replace(court(Held(PARTICIPANT, 1.0, came_from=1), turn=True), players=gone)
        (press,) = respondent(seed).see(turn, 1.0)
        assert press.target == "player:1"


@pytest.mark.parametrize(
    "scene", [court(Held(1, 0.0)), court(Flying(1, 3, 0.0, 1.0)), court(Held(PARTICIPANT, 0.0))]
)
def test_nothing_is_pressed_while_it_is_not_their_turn(scene: Court) -> None:
    """Not even with the last ball in hand."""
    assert respondent().see(scene, 1.0) == []


def test_the_main_button_of_a_page_is_used_or_else_the_last() -> None:
    """After reading; a page without buttons is looked at."""
    no, yes = Button("button:no", "No"), Button("button:yes", "Yes")
    assert respondent().see(Page("t", ("a b c",), (no, yes)), 1.0)[0].target == "button:yes"
    main = Button("button:main", "Go", main=True)
    assert respondent().see(Page("t", (), (main, yes)), 1.0)[0].target == "button:main"
    assert respondent().see(Page("t"), 1.0) == []
    joining = Joining("t", (Joiner("A", "#000000", "joined"),), "", "", "", 0.0)
    assert respondent().see(joining, 1.0) == []


@pytest.mark.parametrize(
    ("item", "scale"),
    [
        ("likes", LikertScale(0, 6, ())), ("effort", LineScale("", "")), ("age", NumberScale(18, 120, "")),
        ("gender", ChoiceScale((("woman", ""), ("man", "")))), ("remark", TextScale(20)),
    ],
)  # fmt: skip
def test_every_scale_is_answered_then_confirmed(item: str, scale: Scale) -> None:
    """In this order, by presses within the scale."""
    answer, confirm = respondent().see(form(item, scale), 1.0)
    assert 1.0 < answer.at < confirm.at
    assert confirm.target == "button:next"
    if isinstance(scale, NumberScale):
        assert 18 <= int(answer.text) <= 120
    if isinstance(scale, LineScale):
        assert answer.fraction is not None
        assert 0 <= answer.fraction <= 1


def presses(seed: int) -> Iterator[list[Press]]:
    """Yield what somebody does on three screens."""
    who = respondent(seed)
    yield who.see(court(Held(PARTICIPANT, 1.0), turn=True), 1.0)
    yield who.see(form("likes", LikertScale(0, 6, ())), 5.0)
    yield who.see(Page("t", ("a b c",), (Button("button:next", ""),)), 9.0)


def test_the_seed_decides() -> None:
    """Everything: time and answer."""
    assert list(presses(1)) == list(presses(1))
    assert list(presses(1)) != list(presses(2))


def test_exclusion_is_felt_from_what_was_seen() -> None:
    """Nothing at a fair share, 1 where the ball never comes, anew in the next run."""
    who = respondent()
    assert who.exclusion() == 0.0
    for n in range(30):
        who.see(court(Flying(1 if n % 2 else 3, 3 if n % 2 else 1, n, 0.5)), float(n))
    assert who.exclusion() == 1.0
    who.see(Page("t"), 40.0)
    for n in range(30):
        thrower, receiver = ((1, 3), (3, PARTICIPANT), (PARTICIPANT, 1))[n % 3]
        who.see(court(Flying(thrower, receiver, n, 0.5)), 50.0 + n)
    assert who.exclusion() == pytest.approx(0.0)


def test_a_scene_is_new_by_what_it_means() -> None:
    """Not by its time nor by marks that they set themselves."""
    one = form("likes", LikertScale(0, 6, ()))
    marked = Form("facts", "end", "likes", "", "", "", LikertScale(0, 6, ()), (), 1, 1, value=3)
    assert identity(one) == identity(marked)
    assert identity(court(Held(1, 0.0))) == identity(court(Held(1, 5.0)))
    assert identity(court(Held(1, 0.0))) != identity(court(Held(3, 0.0)))
    assert identity(one) != identity(form("effort", LineScale("", "")))
