"""Moments of the game for the gallery, the benchmark and the tests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw

from experiment.scenes import BallLook, Court, CourtPlayer, Flying, Held, Said, Scene
from experiment.stage.places import Point

NAMES = ("Lena", "Marco", "Aylin", "Jonas", "Nora", "Felix", "Mila", "Tomasz")
COLOURS = ("#2f8090", "#d0893a", "#7a6aa8", "#5d8f52", "#c0617a", "#4f77b3", "#a8763e", "#5a8a86")
OWN_COLOUR = "#8a5f86"
BALL = BallLook("#e0563f", 1.0)
STOP = "Stop taking part"
LEAVE = "Leave the game"
SITTERS = (
    ("#cfdbe4", "#e5bd9a", "#4a3428", (600, 400)),
    ("#dfd6c4", "#b98563", "#1f1a18", (400, 640)),
    ("#c9d8cc", "#f0cfb4", "#b98a4a", (480, 480)),
)
"""Ground, skin, hair and size (px) of the pictures that stand in for photographs."""


def players(others: int) -> tuple[CourtPlayer, ...]:
    """Return the participant among `others` co-players."""
    keys = ("left", "right") if others == 2 else tuple(str(i + 1) for i in range(others))
    numbers = [1, *range(3, others + 2)]
    co = [CourtPlayer(n, NAMES[i], COLOURS[i], keys[i]) for i, n in enumerate(numbers)]
    return (co[0], CourtPlayer(2, "You", OWN_COLOUR), *co[1:])


LINES = (
    "Hi!",
    "Nice throw, that one went really high",
    "I once played this at school, with a much heavier ball and in the rain",
    "Wollen wir schneller werfen?",
    "いい投げ方ですね、もう一回お願いします",
    "مرحبا، رمية جميلة",
    "Haha ok",
    "Who is next?",
)


def chatting(others: int, *numbers: int, photos: Sequence[str] = (), **more: Any) -> Court:
    """Return a court on which these co-players have just said something."""
    everyone = tuple(
        replace(player, photo=photos[i % len(photos)]) if photos and player.key else player
        for i, player in enumerate(players(others))
    )
    order = [player.number for player in everyone if player.key]
    said = tuple(Said(n, LINES[order.index(n)], 2.0 + 0.1 * i) for i, n in enumerate(numbers))
    return Court(everyone, Flying(1, 3, 4.0, 0.9), BALL, 4.5, stop_label=STOP, said=said, **more)


def placed(own: Point, *others: Point | None) -> tuple[CourtPlayer, ...]:
    """Return players of whom the participant is seen as a figure at `own`."""
    at = iter(others)
    return tuple(replace(player, place=next(at) if player.key else own) for player in players(len(others)))


def talks(photos: Sequence[str] = ()) -> dict[str, Scene]:
    """Return the game with talk and photographs."""
    turn = Held(2, 4.0, came_from=1)
    return {
        "chat_2": chatting(2, 1, 3),
        "chat_2_message": chatting(2, 1, 3, message="This is the last part of the game.", leave_label=LEAVE),
        "chat_3_middle": chatting(3, 3, message="Throw the ball to whomever you like."),
        "chat_5": chatting(5, 1, 4, 6, leave_label=LEAVE),
        "chat_5_photos": chatting(5, 3, 5, photos=photos, leave_label=LEAVE),
        "chat_8": chatting(8, 1, 4, 6, 9, message="The next part is the last."),
        "photos_2": replace(chatting(2, 1, photos=photos), ball=turn, time_s=5.0, turn=True),
        "photos_8": replace(chatting(8, photos=photos), ball=turn, time_s=5.0, turn=True),
    }


def leavings_and_places() -> dict[str, Scene]:
    """Return the game with players who leave, a way to leave it, and the participant as a figure."""
    two, below = players(2), placed((0.0, -1.0), None, None)
    above = placed((0.0, 1.0), (-0.7, -1.0), (0.7, -1.0))
    gone = tuple(replace(player, left_at=4.0) if player.number == 3 else player for player in players(3))
    turn, hold = Held(2, 4.0, came_from=1), Held(1, 2.0, 6.0, 3, came_from=3)
    spots = ((-1.0, -1.0), (-0.6, 1.0), (0.0, 1.0), (0.6, 1.0), (1.0, -1.0), (0.2, 0.2), (0.3, -0.4))
    crowd = placed((-0.2, -1.0), *spots)
    moments: dict[str, Scene] = {
        "leaving_1": Court(gone, hold, BALL, 4.25, message="Marco has left the game.", stop_label=STOP),
        "leaving_2": Court(gone, turn, BALL, 5.0, turn=True, stop_label=STOP, leave_label=LEAVE),
    }
    for name, everyone in (("below", below), ("above", above)):
        moments |= {
            f"figure_{name}_turn": Court(everyone, turn, BALL, 5.0, turn=True, stop_label=STOP),
            f"figure_{name}_throws": Court(everyone, Flying(2, 1, 4.0, 0.9), BALL, 4.16, stop_label=STOP),
            f"figure_{name}_catches": Court(everyone, Flying(3, 2, 4.0, 0.9), BALL, 4.75, stop_label=STOP),
        }
    said = (Said(1, LINES[1], 1.0), Said(5, LINES[2], 1.5))
    moments["figure_among_7"] = Court(
        crowd, turn, BALL, 5.0, turn=True, stop_label=STOP, said=said, leave_label=LEAVE
    )
    moments["leave_button"] = Court(two, hold, BALL, 4.0, stop_label=STOP, leave_label=LEAVE)
    return moments


def courts() -> dict[str, Scene]:
    """Return the game at its telling moments."""
    two = players(2)
    moments: dict[str, Scene] = {
        "court_01_idle": Court(two, Held(1, 2.0, 6.0, 3, came_from=3), BALL, 3.45, stop_label=STOP),
        "court_02_wind_up": Court(two, Held(1, 2.0, 4.0, 3, came_from=2), BALL, 3.86, stop_label=STOP),
        "court_03_released": Court(two, Flying(1, 3, 4.0, 0.9), BALL, 4.06, stop_label=STOP),
        "court_04_to_co_player": Court(two, Flying(1, 3, 4.0, 0.9), BALL, 4.5, stop_label=STOP),
        "court_05_to_participant": Court(two, Flying(3, 2, 4.0, 0.9), BALL, 4.55, stop_label=STOP),
        "court_06_caught": Court(two, Held(3, 4.0, 6.0, 2, came_from=2), BALL, 4.04, stop_label=STOP),
        "court_07_participant_throws": Court(two, Flying(2, 1, 4.0, 0.9), BALL, 4.12, stop_label=STOP),
    }
    for others in (2, 3, 5, 8):
        moments[f"court_turn_{others}"] = Court(
            players(others),
            Held(2, 4.0, came_from=1),
            BALL,
            5.0,
            turn=True,
            message="Throw to whomever you like." if others == 3 else "",
            stop_label=STOP,
        )
    moments["court_flight_8"] = Court(players(8), Flying(1, 5, 4.0, 0.9), BALL, 4.4, stop_label=STOP)
    return moments


def sample_photos(folder: Path) -> tuple[str, ...]:
    """Draw a few pictures of heads, of different shapes, in the place of photographs; return their files."""
    folder.mkdir(parents=True, exist_ok=True)
    files = []
    for i, (ground, skin, hair, size) in enumerate(SITTERS):
        picture = Image.new("RGB", size, ground)
        pen, (w, h), r = ImageDraw.Draw(picture), size, 0.24 * min(size)
        x, y = w / 2, h / 2 - 0.05 * min(size)
        pen.ellipse((x - 1.7 * r, y + 1.15 * r, x + 1.7 * r, y + 4.2 * r), fill=COLOURS[-1 - i])
        pen.ellipse((x - 1.12 * r, y - 1.4 * r, x + 1.12 * r, y + 0.6 * r), fill=hair)
        pen.rectangle((x - 0.35 * r, y + 0.7 * r, x + 0.35 * r, y + 1.4 * r), fill=skin)
        pen.ellipse((x - 0.9 * r, y - 0.95 * r, x + 0.9 * r, y + 1.1 * r), fill=skin)
        for side in (-1, 1):
            pen.ellipse((x + side * 0.38 * r - 4, y - 4, x + side * 0.38 * r + 4, y + 4), fill="#2b2522")
        pen.arc((x - 0.4 * r, y + 0.1 * r, x + 0.4 * r, y + 0.7 * r), 30, 150, fill="#7a4434", width=4)
        files.append(str(folder / f"sitter_{i}.png"))
        picture.save(files[-1])
    return tuple(files)
