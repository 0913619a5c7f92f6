"""One picture of each kind of scene: ``python -m experiment.stage.gallery OUTDIR [--size WxH]``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from experiment.booth import Interruptions
from experiment.scenes import (
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
    Scene,
    TextScale,
    Value,
)
from experiment.stage import StageError, StageSettings, open_stage

NAMES = ("Lena", "Marco", "Aylin", "Jonas", "Nora", "Felix", "Mila", "Tomasz")
COLOURS = ("#2f8090", "#d0893a", "#7a6aa8", "#5d8f52", "#c0617a", "#4f77b3", "#a8763e", "#5a8a86")
OWN_COLOUR = "#8a5f86"
BALL = BallLook("#e0563f", 1.0)
NEXT = Button("button:next", "Continue", "return", main=True)
BACK = Button("button:back", "Back")
STOP = "Stop taking part"
CONSENT = (
    "You are invited to take part in a study on how people picture things while they play a simple "
    "ball game with others.",
    "What happens: you play a short game of catch with other players, and answer questions about how "
    "it was for you. "
    "All in all it takes about twenty minutes.",
    "- Taking part is voluntary. You can stop at any time, without giving a reason and without any "
    "disadvantage, "
    "with the button in the top right corner.",
    "- Your answers are stored under a code, never with your name.",
    "- After the game we explain what the study was about, and ask once more whether your data may be used.",
    "- Some people find parts of a game unpleasant. If you feel uneasy, tell us or stop.",
    "If you have questions, ask the person who runs the session before you go on.",
)


GUESS = (
    "I think that it was about how people imagine others while they play together, and whether it matters "
    "how often one gets the ball."
)


def players(others: int) -> tuple[CourtPlayer, ...]:
    """Return the participant among `others` co-players."""
    keys = ("left", "right") if others == 2 else tuple(str(i + 1) for i in range(others))
    numbers = [1, *range(3, others + 2)]
    co = [CourtPlayer(n, NAMES[i], COLOURS[i], keys[i]) for i, n in enumerate(numbers)]
    return (co[0], CourtPlayer(2, "You", OWN_COLOUR), *co[1:])


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


def form(
    words: str,
    scale: Scale,
    *,
    value: Value | None = None,
    typed: str = "",
    message: str = "",
    hint: str = "",
) -> Form:
    """Return an item with the usual surroundings."""
    return Form(
        "needs",
        "reflexive",
        "item",
        "Please say how you felt during the game.",
        "During the game …",
        words,
        scale,
        (BACK, NEXT),
        7,
        20,
        value,
        typed,
        hint,
        message,
        STOP,
    )


def forms() -> dict[str, Scene]:
    """Return every kind of item."""
    agree = ("not at all", "slightly", "moderately", "quite a bit", "extremely")
    moods = ("good", "bad", "friendly", "unfriendly", "angry", "pleasant", "happy", "sad", "calm", "tense")
    return {
        "form_likert_labels": form("I felt I belonged to the group.", LikertScale(1, 5, agree), value=4),
        "form_likert_ends": form(
            "I felt rejected.",
            LikertScale(0, 10, ("not at all", "very much")),
            message="Please choose an answer before you go on.",
        ),
        "form_line_empty": form(
            "How unpleasant was it?", LineScale("not unpleasant at all", "the most unpleasant I can imagine")
        ),
        "form_line_set": form(
            "How unpleasant was it?",
            LineScale("not unpleasant at all", "the most unpleasant I can imagine"),
            value=63.0,
        ),
        "form_number": form("How old are you?", NumberScale(18, 99, "years"), typed="34"),
        "form_choice": form(
            "Which hand do you write with?",
            ChoiceScale((("l", "Left"), ("r", "Right"), ("b", "Both alike"))),
            value="r",
        ),
        "form_choice_many": form(
            "Which word fits best?", ChoiceScale(tuple((m, m) for m in moods)), value="calm"
        ),
        "form_text": form("What do you think this study was about?", TextScale(500), typed=GUESS),
    }


def pages() -> dict[str, Scene]:
    """Return pages of text and the joining screen."""
    joiners = (
        Joiner("Lena", COLOURS[0], "joined"),
        Joiner("You", OWN_COLOUR, "joined"),
        Joiner("Marco", COLOURS[1], "waiting"),
    )
    rules = (
        "Throw the ball to whomever you like: click a player, or press the key below the name.",
        "Picture the others, the place, the weather, as vividly as you can.",
    )
    choices = (Button("button:no", "I do not agree", "n"), Button("button:yes", "I agree", "y", main=True))
    return {
        "page_consent": Page("Welcome", CONSENT, choices, note="You will get a copy of this page."),
        "page_consent_long": Page("Information for participants", CONSENT * 4, choices),
        "page_rules": Page("How the game works", rules, (NEXT,), stop_label=STOP),
        "page_rest": Page(
            "A short break", ("The next part begins by itself.",), progress=0.4, stop_label=STOP
        ),
        "joining": Joining(
            "Looking for the other players",
            joiners,
            "is here",
            "on the way",
            "This usually takes less than a minute.",
            1.3,
            STOP,
        ),
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Render every scene into a folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("outdir", type=Path)
    parser.add_argument("--size", default="1280x720", help="width x height in pixels (default %(default)s)")
    parser.add_argument("--only", default="", help="only scenes whose name begins so")
    chosen = parser.parse_args(arguments)
    width, height = (int(side) for side in chosen.size.split("x"))
    chosen.outdir.mkdir(parents=True, exist_ok=True)
    settings = StageSettings(size_px=(width, height), require_keyboard=False)
    try:
        with open_stage(settings, Interruptions()) as stage:
            for name, scene in {**courts(), **forms(), **pages()}.items():
                if name.startswith(chosen.only):
                    stage.screen.show(scene)
                    stage.screenshot(chosen.outdir / f"{name}.png")
    except StageError as fault:
        sys.stderr.write(f"gallery: {fault}\n")
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
