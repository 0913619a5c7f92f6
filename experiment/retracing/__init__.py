"""A recorded session gone through again: the same session code, with the journal in place of the world.

Screen, keys and clock give back the times and presses that the journal has; what the session then writes is
compared with what it wrote. Definitions, seed and inputs make everything else, so that one changed character
of a schedule shows. `experiment.verifying` looks for such differences, `experiment.replaying` shows the
session again.

Answers are inputs: which presses led to a mark on a line is not recomputed, but which item was asked when, in
what order, that its answer can be one, and every time that follows from it.
"""

from __future__ import annotations

from experiment.retracing.forms import UNTOLD, AnsweredForm
from experiment.retracing.ports import (
    FLIPS,
    RetracedClock,
    RetracedInterruptions,
    RetracedKeys,
    RetracedScreen,
)
from experiment.retracing.script import Difference, RecordEnds, RetracedJournal, Script
from experiment.retracing.sessions import retrace, retraced, run_again, segments

__all__ = [
    "FLIPS",
    "UNTOLD",
    "AnsweredForm",
    "Difference",
    "RecordEnds",
    "RetracedClock",
    "RetracedInterruptions",
    "RetracedJournal",
    "RetracedKeys",
    "RetracedScreen",
    "Script",
    "retrace",
    "retraced",
    "run_again",
    "segments",
]
