"""Every column of every table: its name, kind, unit, levels and meaning, said once.

The writer takes its order from here, the sidecars their descriptions, the data dictionary its lines and the
reader its types.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

SOFTWARE = "Social Pain Overlap"
VERSION = "0.1.0"

GAME_TASKS = ("cyberball", "practice")
"""Task labels of the game's tables; events of any other task are those of a pain task."""

MISSING = "n/a"
"""How a missing value is written, everywhere; a missing number is NaN in a frame."""

Kind = Literal["number", "count", "text", "flag"]
"""``number`` is a float, ``count`` a whole number, ``flag`` is ``true`` or ``false``."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column: what a value means, its unit and, where they are few, its levels."""

    name: str
    kind: Kind
    meaning: str
    unit: str = ""
    levels: Mapping[str, str] = field(default_factory=dict)


def _onset() -> Column:
    return Column(
        "onset",
        "number",
        "Start of the event: the flip that showed it, counted from the first flip of the run",
        "s",
    )


def _onset_session(of: str) -> Column:
    return Column(
        "onset_session",
        "number",
        f"The same on the session's clock, on which all tables of a segment lie; {of}",
        "s",
    )


TRIAL_TYPES = {
    "phase": "A phase of the run, from its first to its last event",
    "coplayer_to_participant": "A co-player throws the ball to the participant",
    "coplayer_to_coplayer": "A co-player throws the ball to another co-player",
    "participant_throw": "The participant throws the ball (or has it taken over, see taken_over)",
    "chat": "A co-player says something (see thrower and text)",
    "message": "The court says something to the participant (see text)",
    "leave_offered": "The button with which the participant may leave the game comes up",
    "coplayer_left": "A co-player (see thrower) leaves the game",
    "participant_left": "The participant leaves the game",
}

PROBED_TYPES = {
    "pain_stimulus": "A stimulus of a pain task, while the game goes on",
    "rating": "Something is rated, while the game stands still: from the flip that showed it to the answer",
}

EVENTS = (
    _onset(),
    Column(
        "duration",
        "number",
        "For a throw the actual flight: to the flip that showed the ball caught; for a phase its length",
        "s",
    ),
    Column("trial_type", "text", "Kind of event", levels=TRIAL_TYPES),
    Column(
        "onset_planned",
        "number",
        "When the frame that showed it was to be seen, as it was drawn; the onset is later where that frame "
        "was late",
        "s",
    ),
    Column("throw", "count", "Number of the throw within the run, from 1"),
    Column("phase", "text", "Name of the phase, as in the game file"),
    Column("condition", "text", "Condition of the run: the name of its game file"),
    Column(
        "thrower",
        "text",
        "Who threw, spoke or left: participant, or coplayer1, coplayer3, coplayer4 ... (the participant is "
        "player 2)",
    ),
    Column("receiver", "text", "Who received, named like the thrower"),
    Column("chosen", "text", "Whom the participant chose, named like the thrower; n/a for other throws"),
    Column(
        "overruled",
        "flag",
        "Whether the ball went to somebody else than the participant chose, as the phase has it",
    ),
    Column(
        "response_time",
        "number",
        "Press of the participant minus the flip that showed the ball in their hands",
        "s",
    ),
    Column(
        "response_source",
        "text",
        "Device of the press; the times of clicks are less certain than those of keys",
        levels={
            "keyboard": "Stamped by the keyboard's driver",
            "mouse": "Stamped by the pointer's driver; by the window, up to 17 ms late, where it has none",
            "simulated": "A simulated participant",
        },
    ),
    Column("pause_planned", "number", "Pause before a co-player's throw, as it was to be", "s"),
    Column(
        "pause_drawn",
        "number",
        "The same as drawn, before it made up for quick or slow answers of the participant",
        "s",
    ),
    Column(
        "pause",
        "number",
        "Pause as it was: from the catch that came before, or the run's start, to the onset",
        "s",
    ),
    Column("flight_planned", "number", "Flight time as drawn", "s"),
    Column(
        "receptions",
        "count",
        "Balls that the participant has received so far in this run, this throw included",
    ),
    Column("dose", "number", "receptions divided by throws so far", "1"),
    Column(
        "anticipations",
        "count",
        "Presses that would have thrown, made before the ball was in the participant's hands",
    ),
    Column(
        "taken_over",
        "flag",
        "Whether a co-player took the ball over because the participant kept it too long",
    ),
    Column("interrupted", "number", "Time within this throw during which the session was paused", "s"),
    Column("text", "text", "What was said: the name of a line of the texts; n/a for other events"),
    Column("frames", "count", "Frames shown from the throw before this one to the end of this one"),
    Column(
        "frames_late",
        "count",
        "How many of them came later than one and a half frame periods after the one before",
    ),
    Column("frame_longest", "number", "Longest time from one of these frames to the next", "s"),
    Column(
        "clock_drift",
        "number",
        "For a phase: by how much the session's clock has gained on a second one since the run began",
        "s",
    ),
)

LEVEL_COLUMNS = (
    Column("level", "number", "Level of the stimulus; in cold water its temperature", "see level_unit"),
    Column("level_unit", "text", "Unit of the level"),
    Column("level_planned", "number", "Level as it was to be", "see level_unit"),
    Column(
        "stopped",
        "flag",
        "Whether somebody ended the stimulus early; false where a key answered it",
    ),
)

RATED_COLUMNS = (
    Column("measure", "text", "Measure that was rated; n/a for other events"),
    Column("item", "text", "Item of that measure"),
    Column("value", "text", "The answer as given; n/a for none and for other events"),
)

EVENTS_PROBED = (
    *(
        replace(column, levels={**TRIAL_TYPES, **PROBED_TYPES}) if column.name == "trial_type" else column
        for column in EVENTS
    ),
    Column(
        "stimulus",
        "count",
        "Number of the stimulus within the run, from 1; for a rating, that of the stimulus it is about",
    ),
    *LEVEL_COLUMNS,
    *RATED_COLUMNS,
    _onset_session("times of two segments are never compared"),
)
"""The events of a run in which stimuli are given or something is rated."""

PAIN_TYPES = {
    "stimulus": "A stimulus",
    "immersion": "A hand in cold water: from the press with which it went in to that with which it came out",
    "first_pain": "It hurts for the first time",
    "rating": "Something is rated: from the flip that showed it to the answer; in cold water, the answer",
    "threshold": "The threshold that the task gave (see value)",
    "tolerance": "The tolerance that the task gave (see value)",
}

PAIN = (
    Column(
        "onset",
        "number",
        "Start of the event, counted from the start of the task; in cold water a press, else a flip",
        "s",
    ),
    Column("duration", "number", "How long it lasted as it was; n/a for what has no length", "s"),
    Column("trial_type", "text", "Kind of event", levels=PAIN_TYPES),
    Column("task", "text", "Name of the pain file"),
    Column("stage", "text", "When the task was given, as the protocol says"),
    Column("condition", "text", "Condition of the run that came last; n/a before any"),
    Column("stimulus", "count", "Number of the stimulus within the task, from 1"),
    Column("series", "count", "Series that the stimulus belongs to, from 1; n/a where there are none"),
    *LEVEL_COLUMNS,
    Column("rested", "number", "Time since the end of the stimulus before; n/a for the first", "s"),
    Column("reached", "flag", "Whether the stimulus was strong enough, as the task has it"),
    Column(
        "response_time",
        "number",
        "Press that told of it minus the flip that showed it, or minus the hand going into the water",
        "s",
    ),
    *RATED_COLUMNS,
    Column("unit", "text", "Unit of the value of an estimate"),
    Column(
        "censored",
        "flag",
        "For an estimate: whether it lies above the value, since the highest level or the cap came first",
    ),
    Column(
        "given", "text", "Who gave the stimulus", levels={"device": "A device", "hand": "The experimenter"}
    ),
    _onset_session("times of two segments are never compared"),
)

RATINGS = (
    Column("measure", "text", "Name of the measure file"),
    Column("stage", "text", "When it was asked: baseline, reflexive, reflective or as the protocol says"),
    Column("condition", "text", "Condition of the run that came last; n/a before any"),
    Column("item", "text", "Item of the measure"),
    Column("subscale", "text", "Subscale that the item belongs to; n/a for none"),
    Column(
        "value",
        "text",
        "The answer as given, not reversed: a number, or the id of the option chosen; n/a for none",
    ),
    Column(
        "response_time", "number", "First press that gave an answer minus the flip that showed the item", "s"
    ),
    Column("order", "count", "Place of the item on the participant's screen within the form, from 1"),
    Column(
        "delay",
        "number",
        "From the end of the run that came last to the flip that showed the item; n/a before any",
        "s",
    ),
    Column("response_source", "text", "Device of that press: keyboard, mouse, text (typed) or simulated"),
    Column("interrupted", "number", "Time on this item during which the session was paused", "s"),
    Column(
        "text_ref",
        "text",
        "Reference to a free text, which is kept with the private files; n/a for other items",
    ),
)

PARTICIPANTS = (
    Column("participant_id", "text", "Code of the participant, with the prefix sub-"),
    Column("age", "number", "Age, as answered", "year"),
    Column("gender", "text", "Gender, as answered: the id of the option chosen"),
    Column("handedness", "text", "Hand preferred, as answered: the id of the option chosen"),
    Column(
        "simulated", "flag", "Whether this is a simulated participant; never true in a dataset with people"
    ),
)

OUTCOMES = {
    "completed": "Reached the end of the protocol",
    "declined": "Did not consent",
    "stopped_by_participant": "The participant used their stop",
    "stopped_by_experimenter": "The experimenter stopped the session",
    "ended_after_cut": "A game was cut off, and the protocol ends the session then",
    "not_eligible": "May not be given pain, as the form before it found",
    "window_closed": "The window was closed",
    "interrupted": "Interrupted from the keyboard of the experimenter (Ctrl-C)",
    "terminated": "The operating system ended the program",
    "fault": "A fault of the program or the machine",
    "cut_off": "The record ends without an end: power cut, crash or kill",
}

PERMISSIONS = {
    "granted": "The participant lets the data be used",
    "refused": "The participant does not",
    "unanswered": "Not asked or not answered",
}

SESSIONS = (
    Column("session_id", "text", "Session, with the prefix ses-"),
    Column("protocol", "text", "Name of the protocol file"),
    Column(
        "cell", "text", "Cell of the design that the participant was allocated to; n/a where none was drawn"
    ),
    Column("conditions", "text", "Conditions in the order in which they were played, joined by commas"),
    Column("factors", "text", "Levels of the design's other factors, as factor=level, joined by commas"),
    Column(
        "belief",
        "text",
        "What the participant was told of the co-players",
        levels={
            "human": "They are people: the cover story",
            "computer": "They are played by a computer",
            "scripted": "They are played by a computer, and every throw is fixed beforehand",
        },
    ),
    Column("stratum", "text", "Stratum within which the cell was drawn; n/a where the design has none"),
    Column("outcome", "text", "How the session ended", levels=OUTCOMES),
    Column("permission", "text", "Answer to the question whether the data may be used", levels=PERMISSIONS),
    Column("acq_time", "text", "When the session began, local time (ISO 8601); n/a when simulated"),
    Column("duration", "number", "From the first to the last event of the journal", "s"),
    Column("language", "text", "Language of the texts"),
    Column("definitions", "text", "Digest of the definitions used: the folder below sourcedata/definitions"),
    Column("seed", "text", "Seed of the session's random streams"),
    Column("segments", "count", "1, and 1 more for each time the session was resumed"),
    Column("refresh_rate", "number", "Refresh rate of the screen", "Hz"),
    Column(
        "pacing",
        "text",
        "display: frames follow the screen; emulated: frames follow a timer; simulated: none were shown",
    ),
    Column("keyboard", "text", "Backend that stamped the keys"),
    Column("frames", "count", "Frames shown in the runs of the game"),
    Column("frames_late", "count", "How many of them were late"),
    Column("frame_longest", "number", "Longest time from one of these frames to the next", "s"),
    Column(
        "clock_drift",
        "number",
        "Largest disagreement of the session's clock with a second one over any run of the game; positive "
        "where the session's clock gained",
        "s",
    ),
    Column(
        "incomplete",
        "text",
        "Runs of the game that were broken off, as numbers joined by commas; n/a for none",
    ),
    Column("simulated", "flag", "Whether the participant was simulated"),
)

WHAT = {
    "code_claimed": "A code was taken for a session",
    "slot_drawn": "A participant was given the next slot of the sequence, and with it a cell",
    "dropout_replaced": "It was decided to replace the participant, who keeps their cell and their data",
    "slot_refilled": "A new participant was given the slot of one who is replaced",
    "drawn_outside": "The dataset was out of reach: the cell was drawn by chance and took no slot",
    "cells_unblinded": "Somebody looked at the cells",
    "participant_withdrawn": "The participant has withdrawn: all data of theirs was erased",
}

AUDIT = (
    Column("time", "text", "When, in local time with its offset (ISO 8601); n/a when simulated"),
    Column("what", "text", "What was done", levels=WHAT),
    Column("code", "text", "Code of the participant; n/a where it concerns all"),
    Column("session", "text", "Session for which the code was taken or the cell drawn"),
    Column("stratum", "text", "Stratum of the slot; n/a where the design has none"),
    Column("slot", "count", "Slot in the sequence of the stratum, from 1"),
    Column("block", "count", "Block that the slot belongs to, from 1"),
    Column("computer", "text", "Mark of the computer, which does not tell its name; n/a when simulated"),
    Column("experimenter", "text", "Code of the experimenter, where it was given"),
    Column("reason", "text", "Reason that was given"),
    Column(
        "sequence",
        "text",
        "Beginning of the SHA-256 of sequence.json (seed, cells, blocks, strata) as it was at that moment: "
        "the same in every row, or the sequence was changed",
    ),
)

TABLES: Mapping[str, tuple[Column, ...]] = {
    "events": EVENTS,
    "events_probed": EVENTS_PROBED,
    "pain": PAIN,
    "beh": RATINGS,
    "participants": PARTICIPANTS,
    "sessions": SESSIONS,
    "audit": AUDIT,
}


def label(player: int) -> str:
    """Return what a player is called in the tables: ``participant`` or ``coplayer<number>``."""
    return "participant" if player == 2 else f"coplayer{player}"


def cell(value: object) -> str:
    """Write one value as it stands in a TSV file; None becomes `MISSING`."""
    match value:
        case None | "":
            return MISSING
        case bool():
            return "true" if value else "false"
        case float():
            return repr(round(value, 6) + 0.0)  # never -0.0
        case _:
            text = str(value)
            return text.replace("\t", " ").replace("\r", " ").replace("\n", " ")
