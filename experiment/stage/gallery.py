"""One picture of each kind of scene: ``python -m experiment.stage.gallery OUTDIR [--size WxH]``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from experiment.booth import Interruptions
from experiment.scenes import (
    Button,
    ChoiceScale,
    Form,
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
from experiment.stage.gallery_games import (
    COLOURS,
    OWN_COLOUR,
    STOP,
    courts,
    leavings_and_places,
    sample_photos,
    talks,
)
from experiment.stage.gallery_pain import tasks

NEXT = Button("button:next", "Continue", "return", main=True)
BACK = Button("button:back", "Back")
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


TIMED = "Please mark your answer now; it goes on by itself."
GUESS = (
    "I think that it was about how people imagine others while they play together, and whether it matters "
    "how often one gets the ball."
)


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
        "form_number_decimals": form(
            "How warm is the water?", NumberScale(0, 20, "°C", decimals=1), typed="2,4"
        ),
        "form_number_hidden": form(
            "Which level is set?", NumberScale(0, 1000, "", decimals=1, hidden=True), typed="46.5"
        ),
        "form_choice": form(
            "Which hand do you write with?",
            ChoiceScale((("l", "Left"), ("r", "Right"), ("b", "Both alike"))),
            value="r",
        ),
        "form_choice_many": form(
            "Which word fits best?", ChoiceScale(tuple((m, m) for m in moods)), value="calm"
        ),
        "form_timed": replace(
            form("How pleasant is it now?", LikertScale(1, 7, ("not at all", "very")), hint=TIMED), buttons=()
        ),
        "form_timed_line": replace(
            form("How unpleasant is it now?", LineScale("not at all", "extremely"), hint=TIMED), buttons=()
        ),
        "form_text": form("What do you think this study was about?", TextScale(500), typed=GUESS),
    }


def pages(photos: Sequence[str] = ("",)) -> dict[str, Scene]:
    """Return pages of text and the joining screen."""
    joiners = (
        Joiner("Lena", COLOURS[0], "joined", photos[0]),
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
        "page_fixation": Page("+", stop_label=STOP),
        "page_rest_plain": Page("A short break", ("The next part begins by itself.",), stop_label=STOP),
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


def everything(photos: Sequence[str]) -> dict[str, Scene]:
    """Return every scene of the gallery."""
    return {**courts(), **talks(photos), **leavings_and_places(), **forms(), **pages(photos), **tasks()}


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
            for name, scene in everything(sample_photos(chosen.outdir / "photos")).items():
                if name.startswith(chosen.only):
                    stage.screen.show(scene)
                    stage.screenshot(chosen.outdir / f"{name}.png")
    except StageError as fault:
        sys.stderr.write(f"gallery: {fault}\n")
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
