"""What is on the participant's screen at one instant, as plain data.

A scene says what is meant, never how it is drawn: the stage chooses poses, colours and places, and a
simulated participant reads the same values. Times are in seconds on the session clock.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

PARTICIPANT = 2
"""The participant's number among the players, as in Williams & Jarvis (2006)."""

JoinState = Literal["waiting", "joined"]


@dataclass(frozen=True, slots=True)
class Button:
    """Something that can be clicked or chosen with a key.

    Attributes
    ----------
    target
        What a `Press` carries when this button is clicked, such as ``"button:next"``.
    label
        The words on it, in the participant's language.
    key
        Name of the key that does the same (``"return"``, ``"y"``), or an empty string.
    main
        Whether it is the way on, drawn with more weight.
    """

    target: str
    label: str
    key: str = ""
    main: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """A page of text: consent, instructions, rest, pause, debriefing.

    ``body`` holds paragraphs; a paragraph that starts with ``"- "`` is an item of a list. ``progress`` in
    0-1 draws a quiet bar (a rest that runs out), None draws none.
    """

    title: str
    body: tuple[str, ...] = ()
    buttons: tuple[Button, ...] = ()
    note: str = ""
    progress: float | None = None
    stop_label: str = ""


@dataclass(frozen=True, slots=True)
class Joiner:
    """One line of the joining screen; ``photo`` is the file of a photograph, or an empty string."""

    name: str
    colour: str
    state: JoinState
    photo: str = ""


@dataclass(frozen=True, slots=True)
class Joining:
    """The screen on which players arrive one by one. ``time_s`` moves its quiet waiting sign."""

    title: str
    joiners: tuple[Joiner, ...]
    joined_label: str
    waiting_label: str
    note: str
    time_s: float
    stop_label: str = ""


@dataclass(frozen=True, slots=True)
class CourtPlayer:
    """A player as the participant sees them.

    Attributes
    ----------
    number
        2 for the participant; co-players are 1, 3, 4 ... in their order from left to right.
    name, colour
        Under the figure, and of the shirt.
    key
        The key that throws to them (``"left"``, ``"3"``), empty for the participant.
    photo
        File of a photograph shown with the name, or an empty string.
    place
        Where the figure stands, from -1 to 1 across and from low to high; None for the usual place, which
        for the participant is that of their own hands at the lower edge.
    left_at
        When the player left the game (s, session clock); None while they play. Who has left fades away and
        cannot be thrown to.
    """

    number: int
    name: str
    colour: str
    key: str = ""
    photo: str = ""
    place: tuple[float, float] | None = None
    left_at: float | None = None


@dataclass(frozen=True, slots=True)
class Held:
    """The ball rests in somebody's hands since ``since``.

    ``release`` is when a co-player will let go of it, so that the figure can wind up in time; None while
    the participant decides. ``receiver`` is whom a co-player will throw to, else None.
    """

    player: int
    since: float
    release: float | None = None
    receiver: int | None = None
    came_from: int | None = None


@dataclass(frozen=True, slots=True)
class Flying:
    """The ball is in the air from ``start`` (the flip that showed it leaving) for ``duration`` seconds."""

    thrower: int
    receiver: int
    start: float
    duration: float


Ball = Held | Flying


@dataclass(frozen=True, slots=True)
class BallLook:
    """The ball's colour (``#rrggbb``) and its diameter relative to the usual one."""

    colour: str
    size: float


@dataclass(frozen=True, slots=True)
class Said:
    """What a co-player says at this moment, in a bubble beside the figure; ``since`` is when it came up."""

    player: int
    words: str
    since: float


@dataclass(frozen=True, slots=True)
class Court:
    """The game. ``time_s`` is when this frame will be seen; every position follows from it.

    ``turn`` is true while the participant may throw; ``message`` is a short line on the court (a prompt), or
    an empty string. ``leave_label`` labels the button with which the participant may leave the game (target
    ``"button:leave"``), empty while there is none.
    """

    players: tuple[CourtPlayer, ...]
    ball: Ball
    look: BallLook
    time_s: float
    turn: bool = False
    message: str = ""
    stop_label: str = ""
    said: tuple[Said, ...] = ()
    leave_label: str = ""


@dataclass(frozen=True, slots=True)
class LikertScale:
    """Equal steps from ``low`` to ``high``. ``labels`` names every step, or just the two ends."""

    low: int
    high: int
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LineScale:
    """A visual analogue line from 0 to 100 with a label at either end and no starting mark.

    ``middle_label`` names the middle, where a target stands there; an empty string for none.
    """

    low_label: str
    high_label: str
    middle_label: str = ""


@dataclass(frozen=True, slots=True)
class NumberScale:
    """A number that is typed, with at most ``decimals`` decimals; a ``hidden`` one shows as dots."""

    low: float
    high: float
    unit: str
    decimals: int = 0
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class ChoiceScale:
    """One of several answers; each option is ``(id, label)``."""

    options: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class TextScale:
    """Free text of at most ``max_chars`` characters."""

    max_chars: int


Scale = LikertScale | LineScale | NumberScale | ChoiceScale | TextScale
Value = int | float | str
"""An answer: a step or whole number (int), a place on the line 0-100 or a number with decimals (float), an
option's id or a text (str)."""


@dataclass(frozen=True, slots=True)
class Form:
    """One item of a questionnaire.

    ``value`` is the answer marked so far, None before any. ``typed`` is what stands in the field of a number
    or a text. ``message`` says kindly what is missing. ``measure`` and ``item`` identify the item and are
    not drawn. ``position`` counts from 1 to ``total``.
    """

    measure: str
    stage: str
    item: str
    instruction: str
    stem: str
    words: str
    scale: Scale
    buttons: tuple[Button, ...]
    position: int
    total: int
    value: Value | None = None
    typed: str = ""
    hint: str = ""
    message: str = ""
    stop_label: str = ""


Scene = Page | Joining | Court | Form
