"""Opening the device that the laboratory's file names, before the participant sits down."""

from __future__ import annotations

import errno
from functools import partial
from pathlib import Path
from typing import assert_never

import serial
from serial.tools import list_ports

from experiment.definitions.errors import DefinitionError
from experiment.definitions.laboratory import LABORATORY, Laboratory, SerialDevice, SimulatedDevice
from experiment.definitions.library import CONDITIONS
from experiment.devices.serial_line import SerialLine
from experiment.devices.simulated import Simulated
from experiment.durability import in_time
from experiment.stimulator import Stimulator

OPEN_S = 10.0
"""How long a port may take to open (s); one without a device behind it may take for ever."""

WRITE_S = 0.25
"""How long a command may take to be handed to the line (s)."""

READ_S = 0.1
"""How long the reader waits before it looks whether the line is to be closed (s)."""


def open_stimulator(
    laboratory: Laboratory | None, *, simulated: bool, file: Path = CONDITIONS / LABORATORY
) -> Stimulator | None:
    """Return the laboratory's device, told to stop, or None where stimuli are given by hand.

    Parameters
    ----------
    laboratory
        What `file` says; None where there is no file.
    simulated
        Whether nobody is there: then no device is opened, and what it would do is only remembered.
    file
        Where the laboratory was read, for errors.

    Raises
    ------
    DefinitionError
        Where there is no such port, or it does not open.
    """
    device = laboratory.stimulator if laboratory is not None else None
    match device:
        case None:
            return None
        case SimulatedDevice():
            return Simulated()
        case SerialDevice():
            return Simulated() if simulated else SerialLine(device, _open_port(device, file))
        case _:
            assert_never(device)


def _open_port(device: SerialDevice, file: Path) -> serial.Serial:
    """Return the open port of a device."""
    place = f'stimulator.port = "{device.port}"'
    opening = partial(
        serial.Serial, device.port, device.baud, timeout=READ_S, write_timeout=WRITE_S, exclusive=True
    )
    try:
        return in_time(opening, OPEN_S, Path(device.port))
    except TimeoutError as error:
        raise DefinitionError(file, f"{place}: has not opened for {OPEN_S:g} s") from error
    except (OSError, ValueError) as error:
        if not _is_missing(error):
            raise DefinitionError(file, f"{place}: cannot be opened ({_reason(error)})") from error
        there = _listed(sorted(port.device for port in list_ports.comports()))
        raise DefinitionError(file, f"{place}: there is no such port; there {there}") from error


def _is_missing(error: Exception) -> bool:
    """Return whether a port does not exist; on Windows only the words of the error say so."""
    return getattr(error, "errno", None) == errno.ENOENT or "FileNotFoundError" in str(error)


def _reason(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__


def _listed(ports: list[str]) -> str:
    if not ports:
        return "is none at all"
    return f"{'is' if len(ports) == 1 else 'are'} {', '.join(ports)}"
