"""What co-players say stands beside them, legible, and out of the way."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from experiment.scenes import Court, Flying, Held, Said
from experiment.stage import palette
from experiment.stage.bubbles import FACE, FADE_S, LINES_MAX, Bubble, box, opacity, shared, wordings
from experiment.stage.court import court_floor, court_targets, taken
from experiment.stage.director import Director
from experiment.stage.gallery_games import BALL, LEAVE, STOP, leavings_and_places, players
from experiment.stage.view import View

SIZES = ((640, 480), (1280, 720), (1920, 1080), (800, 1280), (3840, 2160))
LONG = "Rindfleischetikettierungsüberwachungsaufgabenübertragungsgesetz"
SENTENCE = "I once played this at school, with a much heavier ball, and it rained all day long."
WORDS = ("Hi!", SENTENCE, LONG, "いい投げ方ですね、もう一回お願いします", "مرحبا، رمية جميلة حقا")
FLIGHT = Flying(1, 3, 4.0, 0.9)


def talk(others: int, *said: Said, time_s: float = 4.5) -> Court:
    """Return a court on which this is said."""
    return Court(players(others), FLIGHT, BALL, time_s, stop_label=STOP, said=said)


def bubbles(scene: Court, size: tuple[int, int], director: Director | None = None) -> dict[int, Bubble]:
    """Return the bubbles that are drawn, by speaker."""
    director = director or Director(*size)
    director.compose(scene, View(*size))
    return {said.player: bubble for (_, said), bubble in director._court._bubbles.items()}


def numbers(others: int) -> list[int]:
    """Return the co-players' numbers."""
    return [1, *range(3, others + 2)]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("others", [2, 3, 5, 8])
@pytest.mark.parametrize("words", WORDS)
def test_a_bubble_is_on_the_screen_and_beside_the_face_it_belongs_to(
    size: tuple[int, int], others: int, words: str
) -> None:
    """Whole, at most three lines, off the speaker's face, its tail nearest to that face."""
    for number in numbers(others):
        scene = replace(talk(others, Said(number, words, 4.0)), leave_label=LEAVE, message="Throw the ball.")
        bubble = bubbles(scene, size)[number]
        x, y, w, h = bubble.rect
        assert x >= 0
        assert y >= 0
        assert x + w <= size[0]
        assert y + h <= size[1]
        assert 1 <= len(bubble.words.lines) <= LINES_MAX
        ground = court_floor(scene, View(*size))
        faces = {seat.number: box(seat, FACE) for seat in ground.seats}
        assert shared(bubble.rect, faces[number]) == 0
        middles = {n: (face[0] + face[2] / 2, face[1] + face[3] / 2) for n, face in faces.items()}
        assert min(middles, key=lambda n: math.dist(middles[n], bubble.tip)) == number
        assert not any(shared(bubble.rect, rect) for rect in taken(scene, View(*size)))


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("others", [3, 5, 8])
def test_three_who_talk_at_once_leave_each_other_room(size: tuple[int, int], others: int) -> None:
    """No bubble lies on another, none on a face, with ordinary sentences."""
    speakers = [numbers(others)[i] for i in (0, others // 2, others - 1)]
    scene = talk(others, *(Said(n, "Nice throw, that was high!", 2.0 + n) for n in speakers), time_s=20.0)
    found = list(bubbles(scene, size).values())
    faces = [box(seat, FACE) for seat in court_floor(scene, View(*size)).seats]
    assert len(found) == 3
    for i, bubble in enumerate(found):
        assert not any(shared(bubble.rect, other.rect) for other in found[:i])
        assert not any(shared(bubble.rect, face) for face in faces)


@pytest.mark.parametrize("name", ["figure_among_7"])
def test_bubbles_of_placed_figures_stay_on_the_screen_and_off_their_faces(name: str) -> None:
    """Wherever a lab puts figures."""
    scene = leavings_and_places()[name]
    assert isinstance(scene, Court)
    for size in SIZES:
        ground = court_floor(scene, View(*size))
        for number, bubble in bubbles(scene, size).items():
            x, y, w, h = bubble.rect
            assert min(x, y, size[0] - x - w, size[1] - y - h) >= 0
            assert not shared(bubble.rect, box(ground.seat(number), FACE))


@pytest.mark.parametrize("words", WORDS)
@pytest.mark.parametrize("size", SIZES)
def test_every_letter_is_in_the_bubble(words: str, size: tuple[int, int]) -> None:
    """Lines break, words that are too long break within, nothing is lost."""
    for wording in wordings(words, *size):
        assert "".join(wording.lines).replace(" ", "") == words.replace(" ", "")


def test_a_text_that_no_bubble_can_hold_ends_in_an_ellipsis() -> None:
    """It never leaves the screen; that it goes on is seen."""
    (wording,) = wordings("word " * 800, 640, 480)
    assert len(wording.lines) == LINES_MAX
    assert wording.lines[-1].endswith("…")
    assert wording.width < 640


def test_a_bubble_stays_where_it_came_up() -> None:
    """Whoever else begins to talk, or falls silent, or if the court says something."""
    size, director = (1280, 720), Director(1280, 720)
    first, second = Said(4, SENTENCE, 4.0), Said(3, SENTENCE, 5.0)
    both = talk(5, first, second, time_s=6.0)
    alone = bubbles(talk(5, first), size, director)[4]
    together = bubbles(both, size, director)
    assert together[4] == alone
    assert bubbles(replace(both, message="Throw the ball."), size, director) == together
    assert bubbles(talk(5, second, time_s=7.0), size, director)[3] == together[3]


def test_the_ball_flies_over_bubbles_and_message() -> None:
    """What is drawn last is seen: the flight is never hidden by words."""
    director = Director(1280, 720)
    scene = replace(talk(2, Said(1, SENTENCE, 4.0), time_s=4.4), message="Throw the ball.")
    director.compose(scene, View(1280, 720))
    colours = director.canvas.colours.tolist()
    rim = palette.packed(palette.mix(players(2)[0].colour, palette.WHITE, 0.3))
    assert colours.index(palette.packed(BALL.colour)) > len(colours) - 1 - colours[::-1].index(rim)


def test_a_bubble_comes_up_softly() -> None:
    """From nearly nothing to all within 0.15 s."""
    said = Said(1, "Hi!", 4.0)
    shown = [opacity(said, 4.0 + i * FADE_S / 6) for i in range(8)]
    assert shown == sorted(shown)
    assert shown[0] < 0.15
    assert shown[6:] == [1.0, 1.0]
    director = Director(1280, 720)
    edge = palette.mix(players(2)[0].colour, palette.WHITE, 0.3)
    director.compose(talk(2, said, time_s=4.04), View(1280, 720))
    assert palette.packed(edge) not in director.canvas.colours
    director.compose(talk(2, said, time_s=4.2), View(1280, 720))
    assert palette.packed(edge) in director.canvas.colours


def test_words_do_not_take_clicks() -> None:
    """Over a bubble lies nothing that can be clicked; players stay where they can be."""
    turn = replace(talk(2, Said(1, SENTENCE, 4.0)), ball=Held(2, 4.0), turn=True)
    _, view = Director(1280, 720), View(1280, 720)
    assert court_targets(turn, view) == court_targets(replace(turn, said=()), view)
