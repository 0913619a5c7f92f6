"""Whether a stimulus is within what the laboratory has agreed to, whenever it is given."""

from __future__ import annotations

import math

from experiment.definitions.command import command
from experiment.definitions.laboratory import LABORATORY, Ceiling, Laboratory, SerialDevice
from experiment.stimulator import Stimulus


class OverCeiling(Exception):
    """A stimulus that is not allowed; nothing of it has reached the device."""


def permit(stimulus: Stimulus, laboratory: Laboratory | None, given: int, *, simulated: bool) -> None:
    """Refuse what goes beyond a ceiling, or has none and is not simulated.

    Parameters
    ----------
    stimulus
        What is asked for.
    laboratory
        The ceilings, or None where the laboratory has written none.
    given
        How many stimuli of this modality the session has had.
    simulated
        Whether nobody is there.

    Raises
    ------
    OverCeiling
        Naming what is over which ceiling.
    """
    what = stimulus.modality
    for name in ("level", "duration_s", "rest_s"):
        if not is_number(getattr(stimulus, name)):
            raise OverCeiling(f"{what}: {name} = {getattr(stimulus, name)} is no number")
    if stimulus.duration_s <= 0:
        raise OverCeiling(f"{what}: duration_s = {stimulus.duration_s:g} is not more than 0")
    if stimulus.rest_s < 0:
        raise OverCeiling(f"{what}: rest_s = {stimulus.rest_s:g} is less than 0")
    ceiling = laboratory.ceiling(what) if laboratory is not None else None
    if ceiling is None and not simulated:
        raise OverCeiling(f"{what} has no ceiling: conditions/{LABORATORY} has no [ceilings.{what}]")
    if laboratory is not None and ceiling is not None:
        _compare(stimulus, ceiling, given)
        _tell(stimulus, laboratory)


def _compare(stimulus: Stimulus, ceiling: Ceiling, given: int) -> None:
    """Refuse what goes beyond the ceiling of its modality."""
    what = f"{stimulus.modality} of {stimulus.level:.9g} {stimulus.unit}"
    if stimulus.unit != ceiling.unit:
        raise OverCeiling(f"{what}: the ceiling is in {ceiling.unit}")
    beyond = ceiling.beyond(stimulus.level)
    if beyond:
        raise OverCeiling(f"{what} is {beyond}")
    if stimulus.duration_s > ceiling.duration_s:
        lasts = f"{what} for {stimulus.duration_s:.9g} s"
        raise OverCeiling(f"{lasts} is longer than the ceiling of {ceiling.duration_s:g} s")
    if given >= ceiling.number:
        raise OverCeiling(f"{what} would be one more than the {ceiling.number} of a session")


def _tell(stimulus: Stimulus, laboratory: Laboratory) -> None:
    """Refuse what the device could only be told rounded: it would give another level than the record has."""
    device = laboratory.stimulator
    if isinstance(device, SerialDevice) and device.modality == stimulus.modality:
        try:
            command(device.start, stimulus.level, stimulus.duration_s)
        except ValueError as error:
            what = f"{stimulus.modality} of {stimulus.level:.9g} {stimulus.unit}"
            raise OverCeiling(f"{what} cannot be told to the device: {error}") from error


def is_number(value: float) -> bool:
    """Return whether a value is a number, and neither infinite nor NaN."""
    try:
        return math.isfinite(value)
    except (TypeError, OverflowError):
        return False
