"""Players who leave, stand where a lab puts them, have a photograph; and pages with nothing but a cross."""

from __future__ import annotations

import itertools
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from experiment.scenes import (
    PARTICIPANT,
    Button,
    Court,
    CourtPlayer,
    Flying,
    Held,
    Joiner,
    Joining,
    Page,
    Scene,
)
from experiment.stage import palette, portraits
from experiment.stage.canvas import OPAQUE
from experiment.stage.court import GONE_S, court_floor, court_targets, fading
from experiment.stage.director import Director
from experiment.stage.gallery_games import BALL, LEAVE, OWN_COLOUR, STOP, placed, players
from experiment.stage.places import floor
from experiment.stage.poses import gaze, poses
from experiment.stage.view import View, find

SIZES = ((640, 480), (1280, 720), (1920, 1080), (800, 1280), (3840, 2160))
VIEW = View(1280, 720)
TURN = Held(PARTICIPANT, 4.0, came_from=1)
LEFT = tuple(replace(player, left_at=4.0) if player.number == 3 else player for player in players(3))


def court(everyone: tuple[CourtPlayer, ...], time_s: float = 5.0) -> Court:
    """Return the participant's turn."""
    return Court(everyone, TURN, BALL, time_s, turn=True, stop_label=STOP)


def drawn(scene: Scene, size: tuple[int, int] = (1280, 720)) -> Director:
    """Return a director that has drawn `scene`."""
    director = Director(*size)
    director.compose(scene, View(*size))
    return director


def written(director: Director) -> set[str]:
    """Return the lines of text."""
    return {name[0] for name in director.atlas._texts if isinstance(name, tuple)}


def test_who_has_left_cannot_be_clicked_from_that_moment_on() -> None:
    """Others keep their places and their hit areas."""
    before, after = court_targets(court(players(3)), VIEW), court_targets(court(LEFT, 4.0), VIEW)
    assert [target for target in before if target.name != "player:3"] == after
    assert court_floor(court(LEFT), VIEW) == court_floor(court(players(3)), VIEW)


def test_who_has_left_fades_away_and_is_gone() -> None:
    """Less and less within 0.6 s, then neither figure nor name nor key."""
    gone = next(player for player in LEFT if player.number == 3)
    seen = [fading(gone, 4.0 + i * GONE_S / 6) for i in range(8)]
    assert seen[0] == 1
    assert all(a > b for a, b in itertools.pairwise(seen[:7]))
    assert seen[6:] == [0.0, 0.0]
    shirt = palette.packed(gone.colour)
    assert shirt in drawn(court(LEFT, 4.0)).canvas.colours
    assert shirt not in drawn(court(LEFT, 4.3)).canvas.colours
    later = drawn(court(LEFT, 4.0 + GONE_S))
    assert gone.name in written(drawn(court(LEFT, 4.3)))
    assert gone.name not in written(later)
    assert not {gone.key} & written(later)
    assert later.canvas.vertices < drawn(court(LEFT, 4.3)).canvas.vertices


def test_nobody_looks_round_for_somebody_who_has_left() -> None:
    """Whoever holds the ball glances at those who play."""
    everyone = players(8)
    left = tuple(replace(player, left_at=4.0) if player.number == 3 else player for player in everyone)
    ground = court_floor(court(everyone), VIEW)

    def looks(cast: tuple[CourtPlayer, ...]) -> set[float]:
        ball = Held(1, 4.0, 90.0, 9, came_from=2)
        scenes = [Court(cast, ball, BALL, 4.5 + i / 10) for i in range(400)]
        return {round(poses(scene, ground).players[1].look[0], 3) for scene in scenes}

    at_number_3 = round(gaze(ground, 1, 3)[0], 3)
    assert at_number_3 in looks(everyone)
    assert at_number_3 not in looks(left)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("own", [(0.0, -1.0), (0.0, 1.0), (-1.0, 0.3), (1.0, -1.0)])
def test_the_participant_as_a_figure_has_a_seat_on_the_screen(
    size: tuple[int, int], own: tuple[float, float]
) -> None:
    """With a name, no own hands, nothing to click; the ball is in the figure's hands."""
    scene, view = court(placed(own, None, None)), View(*size)
    ground = court_floor(scene, view)
    seat = ground.seat(PARTICIPANT)
    assert 20 * seat.unit <= seat.x <= size[0] - 20 * seat.unit
    assert seat.y - 102 * seat.unit >= 0
    assert seat.y + view.px(110) <= size[1] + view.px(20)
    assert [target.name for target in court_targets(scene, view)] == ["player:1", "player:3"]
    state = poses(scene, ground)
    assert abs(state.ball.place[0] - seat.x) < 5 * seat.unit
    assert seat.y - 60 * seat.unit < state.ball.place[1] < seat.y - 40 * seat.unit
    assert state.ball.holder == PARTICIPANT
    assert "You" in written(drawn(scene, size))


def test_it_is_plain_when_it_is_the_figures_turn() -> None:
    """A ring in the own colour lies on the floor during the turn, and at no other time."""
    everyone = placed((0.0, -1.0), None, None)
    turn, other = court(everyone), Court(everyone, Held(1, 4.0, 6.0, 3, came_from=2), BALL, 5.0)
    own = palette.packed(OWN_COLOUR)
    assert (
        drawn(turn).canvas.colours.tolist().count(own) > drawn(other).canvas.colours.tolist().count(own) + 50
    )


@pytest.mark.parametrize("size", SIZES)
def test_lower_is_nearer_larger_and_drawn_later(size: tuple[int, int]) -> None:
    """Also on one spot, which a lab may choose; there the click goes to one of the two."""
    everyone = placed((0.0, 0.0), (0.0, 1.0), (0.1, 0.2), (0.1, 0.2), (0.0, -1.0))
    scene, view = court(everyone), View(*size)
    ground = court_floor(scene, view)
    seats = sorted(ground.seats, key=lambda seat: seat.y)
    assert [seat.unit for seat in seats] == sorted(seat.unit for seat in seats)
    order = [seat.number for layer in ground.layers for seat in layer]
    assert sorted(order) == sorted(seat.number for seat in ground.seats)
    for one, other in itertools.combinations(ground.seats, 2):
        if one.touches(other) and one.y < other.y:
            assert order.index(one.number) < order.index(other.number)
    drawn(scene, size)
    for seat in ground.seats:
        found = find(court_targets(scene, view), *seat.at((0.0, -2.0)))
        assert found is not None


def test_places_of_a_usual_court_do_not_depend_on_new_things() -> None:
    """Without places there is one layer and no depth."""
    ground = floor((1, 2, 3, 4), 1280, 720)
    assert ground.layers == (ground.seats,) or [set(layer) for layer in ground.layers] == [set(ground.seats)]
    assert not ground.deep
    assert not ground.own_figure


@pytest.fixture
def photo(tmp_path: Path) -> str:
    """Return a wide picture whose middle square is red and whose sides are blue."""
    picture = Image.new("RGB", (900, 300), "#0000ff")
    picture.paste("#ff0000", (300, 0, 600, 300))
    picture.save(tmp_path / "wide.png")
    return str(tmp_path / "wide.png")


def test_a_portrait_is_the_middle_of_the_picture_cut_round(photo: str) -> None:
    """The sides of a wide picture are left out, the corners are clear."""
    cut = portraits.portrait(photo, 60)
    assert cut is not None
    assert cut.size == (60, 60)
    assert cut.getpixel((30, 30)) == (255, 0, 0, 255)
    assert cut.getpixel((2, 30))[0] > 250  # type: ignore[index]
    assert cut.getpixel((1, 1))[3] == 0  # type: ignore[index]


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_pictures_of_any_kind_become_portraits(mode: str, tmp_path: Path) -> None:
    """Grey, with few colours, transparent, sixteen bits deep."""
    Image.new(mode, (40, 130)).save(tmp_path / "any.png")
    cut = portraits.portrait(str(tmp_path / "any.png"), 48)
    assert cut is not None
    assert (cut.mode, cut.size) == ("RGBA", (48, 48))


def test_portraits_are_loaded_once(photo: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many frames are drawn and whatever changes in them."""
    loaded: list[str] = []
    real = portraits.portrait

    def counted(file: str, diameter: int) -> Image.Image | None:
        loaded.append(file)
        return real(file, diameter)

    monkeypatch.setattr(portraits, "portrait", counted)
    everyone = tuple(replace(player, photo=photo if player.key else "") for player in players(2))
    director = Director(1280, 720)
    for i in range(20):
        director.compose(replace(court(everyone, 5.0 + i / 60), turn=i % 2 == 0), VIEW)
        director.compose(replace(court(everyone, 5.0 + i / 60)), View(1280, 720, "player:1"))
    director._court.forget()
    director.compose(court(everyone, 9.0), VIEW)
    assert len(loaded) == 1


@pytest.mark.parametrize("content", [b"", b"no picture", b"\x89PNG\r\n\x1a\n broken"])
def test_a_photograph_that_went_bad_is_left_out(content: bytes, tmp_path: Path) -> None:
    """The participant sees the name with its dot, as if there were none; nothing is raised."""
    bad = tmp_path / "bad.png"
    bad.write_bytes(content)
    for file in (str(bad), str(tmp_path / "gone.png")):
        everyone = tuple(replace(player, photo=file) for player in players(2))
        joining = Joining("Players", (Joiner("Lena", "#2f8090", "joined", file),), "here", "not", "", 1.0)
        assert "Lena" in written(drawn(court(everyone)))
        assert "Lena" in written(drawn(joining))


def test_the_joining_screen_shows_portraits_of_those_who_are_there(photo: str) -> None:
    """Not before they have arrived."""

    def pages(state: str) -> int:
        joiner = Joiner("Lena", "#2f8090", "joined" if state == "joined" else "waiting", photo)
        return sum(
            page.pixels.ndim == 3 for page in drawn(Joining("P", (joiner,), "a", "b", "", 1.0)).atlas.pages
        )

    assert (pages("joined"), pages("waiting")) == (1, 0)


@pytest.mark.parametrize("size", SIZES)
def test_leaving_the_game_and_stopping_lie_apart(size: tuple[int, int]) -> None:
    """Each is hit where it is drawn; without a label there is no way to leave."""
    scene = replace(court(players(5)), leave_label=LEAVE)
    targets = {target.name: target for target in Director(*size).compose(scene, View(*size))}
    leave, stop = targets["button:leave"].rect, targets["stop"].rect
    assert leave[0] + leave[2] < size[0] / 3
    assert stop[0] > 2 * size[0] / 3
    everything = list(targets.values())
    found = find(everything, leave[0] + leave[2] / 2, leave[1] + leave[3] / 2)
    assert found is targets["button:leave"]
    plain = Director(*size).compose(court(players(5)), View(*size))
    assert "button:leave" not in {target.name for target in plain}


def test_leaving_has_a_key_that_is_seen_and_answers() -> None:
    """The cap says L, and goes down with the key."""
    scene = replace(court(players(2)), leave_label=LEAVE)
    director = drawn(scene)
    assert {"L", LEAVE} <= written(director)
    before = bytes(director.canvas.colours)
    director.compose(scene, View(1280, 720, held=frozenset({"l"})))
    assert bytes(director.canvas.colours) != before


def test_a_fixation_page_is_a_cross_in_the_middle_and_nothing_else() -> None:
    """No card, no title, no bar, no note; the way out stays."""
    page = Page("+", note="Left", progress=0.3, stop_label=STOP)
    director = drawn(page)
    assert written(director) == {STOP}
    places = director.canvas.places.tolist()
    boxes = [run for run in director.canvas.runs if run[0] == OPAQUE]
    assert len(boxes) == 1
    first = boxes[0][1]
    xs, ys = places[4 * first :: 4][:8], places[4 * first + 1 :: 4][:8]
    assert (min(xs) + max(xs), min(ys) + max(ys)) == (1280, 720)
    go_on = Button("button:next", "Continue", "return", main=True)
    assert [t.name for t in Director(1280, 720).compose(replace(page, buttons=(go_on,)), VIEW)] == [
        "button:next",
        "stop",
    ]
    assert "Words." in written(drawn(replace(page, body=("Words.",))))


def test_a_rest_that_goes_on_by_itself_shows_no_bar() -> None:
    """Only a page with a share of time draws one."""
    rest = Page("A break", ("Words.",), stop_label=STOP)
    bar = palette.packed(palette.HAIRLINE)
    assert bar not in drawn(rest).canvas.colours
    assert bar in drawn(replace(rest, progress=0.4)).canvas.colours


def test_a_ball_thrown_far_up_the_court_stays_on_the_screen() -> None:
    """The arc between two figures placed high is lower than usual."""
    everyone = placed((0.0, -1.0), (-1.0, 1.0), (1.0, 1.0))
    for i in range(20):
        scene = Court(everyone, Flying(1, 3, 0.0, 1.0), BALL, i / 20)
        ball = poses(scene, court_floor(scene, VIEW)).ball
        assert ball.place[1] - ball.radius >= 0
