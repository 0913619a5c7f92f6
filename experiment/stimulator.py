"""The port to a device that gives stimuli: the only way to one. `experiment.devices` implements it.

Tasks never get a device itself, but `experiment.limits.Limited`, which lets through what is allowed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Stimulus:
    """One stimulus as it is asked for.

    Attributes
    ----------
    modality
        ``heat``, ``cold``, ``pressure`` or ``electrical``.
    level
        How strong, in `unit`; for cold a temperature, so that less is more.
    unit
        ``°C``, ``kPa``, ``N`` or ``mA``, exactly as the ceiling has it.
    duration_s
        From its start to the stop (s).
    rest_s
        The least time since the end of the stimulus before it, of whatever modality (s).
    """

    modality: str
    level: float
    unit: str
    duration_s: float
    rest_s: float


class StimulatorFault(Exception):
    """A device that did not do what it was told, or cannot tell whether it did. It was told to stop."""


class Stimulator(Protocol):
    """A device that gives stimuli of one modality.

    No method makes a frame wait: what may take long is done in a thread of the device's own, and what goes
    wrong there is told by `check`.
    """

    def start(self, stimulus: Stimulus) -> None:
        """Begin a stimulus; return at once.

        Raises
        ------
        StimulatorFault
            Where the device cannot be told exactly this; nothing has begun then.
        """

    def stop(self) -> None:
        """End whatever is on, at once. Safe at any time, any number of times, from any thread."""

    def check(self) -> None:
        """Raise what has gone wrong since; asked from the frame loop, once a frame.

        Raises
        ------
        StimulatorFault
            With what is wrong in one line, after a stop was tried.
        """

    def describe(self) -> Mapping[str, object]:
        """Return what the device is, in plain values for the journal."""

    def close(self) -> None:
        """Stop, and give the device back."""
