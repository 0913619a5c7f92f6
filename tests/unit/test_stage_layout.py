"""Every scene fits on every screen, and what can be clicked is where it is drawn."""

from __future__ import annotations

import itertools
import subprocess
import sys

import numpy as np
import pytest

from experiment.scenes import (
    BallLook,
    Button,
    ChoiceScale,
    Court,
    CourtPlayer,
    Flying,
    Form,
    Held,
    LikertScale,
    LineScale,
    NumberScale,
    Page,
    Scale,
    Scene,
)
from experiment.stage import palette, typography
from experiment.stage.atlas import Atlas
from experiment.stage.director import Director
from experiment.stage.gallery import form, forms, pages
from experiment.stage.gallery_games import courts, leavings_and_places, players, talks
from experiment.stage.places import floor
from experiment.stage.prose import fit
from experiment.stage.view import Target, View, find

SIZES = ((1280, 720), (1024, 768), (1920, 1080), (1920, 1200), (2560, 1080), (800, 1280))
LONG = "Rindfleischetikettierungsüberwachungsaufgabenübertragungsgesetz"
GALLERY = {**courts(), **talks(), **leavings_and_places(), **forms(), **pages()}
NUMBERS = [(1, 2, *range(3, others + 2)) for others in range(2, 9)]


def overlap(one: Target, other: Target) -> bool:
    """Return whether two targets share a place."""
    (ax, ay, aw, ah), (bx, by, bw, bh) = one.rect, other.rect
    return ax < bx + bw and bx < ax + aw and ay < by + bh and by < ay + ah


def composed(scene: Scene, size: tuple[int, int]) -> tuple[Director, list[Target]]:
    """Return a director that has drawn `scene`, and the targets."""
    director = Director(*size)
    return director, director.compose(scene, View(*size))


def text_places(director: Director) -> np.ndarray:
    """Return the corners (px) of everything written: quads on pages that hold text."""
    canvas = director.canvas
    places = np.frombuffer(canvas.places, np.float32).reshape(-1, 4)
    text = set(director.atlas.text_pages)
    ends = [start for _, start, _ in canvas.runs[1:]] + [canvas.vertices]
    parts = [
        places[start:end, :2] for (page, start, _), end in zip(canvas.runs, ends, strict=True) if page in text
    ]
    return np.concatenate(parts) if parts else np.empty((0, 2))


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("numbers", NUMBERS)
def test_players_stand_apart_from_left_to_right(size: tuple[int, int], numbers: tuple[int, ...]) -> None:
    """Nobody overlaps, nobody leaves the screen, heads stay below the top and names above the own hands."""
    ground = floor(numbers, *size)
    xs = [seat.x for seat in ground.seats]
    assert xs == sorted(xs)
    assert [seat.number for seat in ground.seats] == [n for n in numbers if n != 2]
    for one, other in itertools.pairwise(ground.seats):
        assert other.x - one.x >= 34 * (one.unit + other.unit) / 2
    assert all(20 * seat.unit < seat.x < size[0] - 20 * seat.unit for seat in ground.seats)
    assert all(seat.y - 103 * seat.unit > 0 for seat in ground.seats)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("others", range(2, 9))
def test_hit_areas_on_the_court_do_not_overlap_and_hold_the_figure(
    size: tuple[int, int], others: int
) -> None:
    """A click on head, hands, feet or name is a click on that co-player alone."""
    scene = Court(players(others), Held(2, 0.0), BallLook("#e0563f", 1.0), 1.0, turn=True, stop_label=LONG)
    _, targets = composed(scene, size)
    assert len(targets) == others + 1
    assert not any(overlap(a, b) for a, b in itertools.combinations(targets, 2))
    ground = floor(tuple(p.number for p in scene.players), *size)
    for seat in ground.seats:
        for point in ((0, -86), (0, -50), (16, -37), (-16, -37), (0, 0)):
            found = find(targets, *seat.at(point))
            assert found is not None
            assert found.name == f"player:{seat.number}"


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", [*GALLERY])
def test_no_text_leaves_the_screen(size: tuple[int, int], name: str) -> None:
    """Every letter of every kind of scene is on the screen."""
    director, _ = composed(GALLERY[name], size)
    places = text_places(director)
    assert places.size
    assert places.min() >= 0
    assert places[:, 0].max() <= size[0]
    assert places[:, 1].max() <= size[1]


LONG_SCALES: list[Scale] = [
    LikertScale(1, 11, tuple([LONG] * 11)),
    LikertScale(1, 7, (LONG, LONG)),
    LineScale(f"{LONG} {LONG}", f"{LONG} {LONG}"),
    ChoiceScale(tuple((str(i), f"{LONG} {LONG}") for i in range(12))),
]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("scale", LONG_SCALES)
def test_long_words_break_or_shrink(size: tuple[int, int], scale: Scale) -> None:
    """Words as long as German allows stay on the screen, in labels, names and buttons."""
    words = " ".join([LONG] * 4)
    buttons = (Button("button:back", LONG, "left"), Button("button:next", LONG, "return", main=True))
    scene = Form(
        "m", "s", "i", words, words, words, scale, buttons, 1, 2, hint=words, message=words, stop_label=LONG
    )
    director, targets = composed(scene, size)
    places = text_places(director)
    assert places.min() >= 0
    assert places[:, 0].max() <= size[0]
    assert places[:, 1].max() <= size[1]
    assert not any(overlap(a, b) for a, b in itertools.combinations(targets, 2))


def test_long_names_stay_within_their_pills() -> None:
    """Nine players with very long names: no name reaches a neighbour's."""
    co = [CourtPlayer(n, LONG, "#336699", "1") for n in (1, 3, 4, 5, 6, 7, 8, 9)]
    scene = Court(
        (co[0], CourtPlayer(2, LONG, "#663399"), *co[1:]), Flying(1, 3, 0, 1), BallLook("#e0563f", 1), 0.5
    )
    director, _ = composed(scene, (1280, 720))
    places = text_places(director).reshape(-1, 4, 2)
    names = sorted((quad[:, 0].min(), quad[:, 0].max()) for quad in places if quad[:, 1].max() < 600)
    assert len(names) == 8
    assert all(left[1] < right[0] for left, right in itertools.pairwise(names))


@pytest.mark.parametrize("paragraphs", [1, 5, 20, 60])
def test_a_page_is_never_cut(paragraphs: int) -> None:
    """However long, all words are there and fit: smaller first, then in columns."""
    body = tuple(f"- {i} " + "Some words that say what is to be done here. " * 3 for i in range(paragraphs))
    space = (1100.0, 480.0)
    prose = fit(View(1280, 720), body, space)
    assert prose.height <= space[1]
    assert prose.width <= space[0]
    said = " ".join(line.text for column in prose.columns for line in column).split()
    assert said == " ".join(part.removeprefix("- ") for part in body).split()


@pytest.mark.parametrize("limit", [40, 90, 300])
def test_wrapping_keeps_every_letter_and_the_limit(limit: int) -> None:
    """Lines are no wider than asked; only spaces at their ends go."""
    text = f"A line, {LONG} and öäü.\nΔεύτερη γραμμή, третья строка ←→"
    lines = typography.wrapped(text, 18, limit)
    assert all(typography.width(line, 18) <= limit for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "").replace("\n", "")


@pytest.mark.parametrize("name", [*forms(), *pages()])
@pytest.mark.parametrize("size", SIZES)
def test_targets_of_pages_and_forms_are_apart_and_on_the_screen(size: tuple[int, int], name: str) -> None:
    """The middle of each target hits that target."""
    _, targets = composed({**forms(), **pages()}[name], size)
    for target in targets:
        left, top, width, height = target.rect
        assert left >= 0
        assert left + width <= size[0]
        assert top + height <= size[1]
        assert find(targets, left + width / 2, top + height / 2) is target
    assert not any(overlap(a, b) for a, b in itertools.combinations(targets, 2))


def test_a_line_tells_how_far_along_a_click_is() -> None:
    """The line's ends are 0 and 1; beside it the nearer end counts; the hit area is generous."""
    _, targets = composed(form("How much?", LineScale("low", "high")), (1280, 720))
    line = next(t for t in targets if t.name == "line")
    assert line.line is not None
    left, right = line.line
    assert [line.fraction(x) for x in (left - 50, left, (left + right) / 2, right, right + 9)] == [
        0,
        0,
        0.5,
        1,
        1,
    ]
    assert line.hit((left + right) / 2, line.rect[1] + line.rect[3] / 2 + 30)


def test_hover_and_held_keys_change_the_picture() -> None:
    """The pointer and a key that is down are answered in the very next frame."""
    scene = Page("Title", ("Words.",), (Button("button:next", "Continue", "return", main=True),))
    director = Director(1280, 720)
    pictures = set()
    for view in (
        View(1280, 720),
        View(1280, 720, "button:next"),
        View(1280, 720, held=frozenset({"return"})),
    ):
        director.compose(scene, view)
        pictures.add((bytes(director.canvas.places), bytes(director.canvas.colours)))
    assert len(pictures) == 3


def test_text_is_dark_enough_to_read() -> None:
    """Contrast of text and ground is at least 4.5 to 1 (WCAG 2 AA)."""
    pairs = [
        (palette.INK, palette.PAPER), (palette.INK, palette.FLOOR), (palette.QUIET, palette.PAPER),
        (palette.QUIET, palette.mix(palette.PAPER, palette.WHITE, 0.7)), (palette.WHITE, palette.ACCENT),
        (palette.WHITE, palette.ACCENT_DEEP), (palette.WHITE, palette.mix(palette.ACCENT, palette.INK, 0.35)),
        (palette.WARM, palette.WARM_TINT), (palette.INK, palette.TINT), (palette.ACCENT, palette.PAPER),
    ]  # fmt: skip
    for ink, ground in pairs:
        assert palette.contrast(ink, ground) >= 4.5, (ink, ground)


def test_text_makes_room_when_pages_are_full_and_nothing_is_lost() -> None:
    """A participant may type as long as they like: old lines go, what is drawn next is there again."""
    atlas = Atlas(256)
    for i in range(400):
        atlas.tidy()
        region = atlas.text(f"line {i}", 24, typography.REGULAR)
        page = atlas.pages[region.page].pixels
        left, top = round(region.u0 * 256), round(region.v0 * 256)
        assert page[top : top + region.height, left : left + region.width].max() > 200
    assert len(atlas.pages) <= 4


@pytest.mark.parametrize("hidden", [False, True])
def test_a_hidden_number_looks_the_same_whatever_its_digits(hidden: bool) -> None:
    """Only how many were typed can be seen; in the open the digits differ."""
    pictures = []
    for typed in ("46.5", "12.9"):
        director, _ = composed(
            form("Which level?", NumberScale(0, 99, "", decimals=1, hidden=hidden), typed=typed), SIZES[0]
        )
        letters = b"".join(page.pixels.tobytes() for page in director.atlas.pages)
        pictures.append(director.canvas.places.tobytes() + letters)
    assert (pictures[0] == pictures[1]) is hidden


def test_scenes_and_ports_load_without_psychopy() -> None:
    """The contract, the layout and the stage's settings are plain Python."""
    code = "import sys, experiment.scenes, experiment.booth, experiment.stage, experiment.stage.director\n"
    code += "print([m for m in ('psychopy', 'pyglet') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
