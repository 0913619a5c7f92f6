"""What a session needs to know before it starts, checked as it is typed; the experimenter's notes after it.

It is asked in a dialog where one can be shown, else in the terminal; both ask the same `Form`. Nothing here
loads PsychoPy or Qt until a dialog is known to work.
"""

from experiment.asking.noting import notes
from experiment.asking.starting import Start, complete, tell_refusal

__all__ = ["Start", "complete", "notes", "tell_refusal"]
