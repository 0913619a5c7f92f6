"""What one laboratory has agreed to for stimuli that hurt: ceilings without a default, and its device.

The file `conditions/laboratory.toml` belongs to the laboratory. It is never shipped and never shared.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self, get_args

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from experiment.definitions.command import as_bytes, check_template, command, shown
from experiment.definitions.errors import DefinitionError
from experiment.definitions.library import CONDITIONS
from experiment.definitions.reading import Definition, Line, checked, read

LABORATORY = "laboratory.toml"
"""The name of the file, in `conditions/`."""

Modality = Literal["heat", "cold", "pressure", "electrical"]

WARMEST = 40.0
"""A bath that is warmer is not cold (°C)."""

MOST_NEWTON = 200.0
"""The most that a ceiling in N may say; up to 2000 kPa on the usual probe of 1 cm² are as much."""

PLACEHOLDER = "replace this line"
"""Stands in the example of the documents, so that nobody takes its numbers for agreed."""


def _filled_in(agreed: str) -> str:
    """Refuse what was copied from the example."""
    if PLACEHOLDER in agreed:
        raise ValueError("is still the example's; write where these numbers were agreed to")
    return agreed


Command = Annotated[str, StringConstraints(min_length=1, max_length=200)]


class Ceiling(Definition):
    """What no stimulus of one modality goes beyond.

    The bounds of `level`, `duration_s` and `number` only catch slips of typing. They are our choice, and no
    advice: far less may be too much.
    """

    level: float
    unit: str
    duration_s: Annotated[float, Field(gt=0, le=600)]
    number: Annotated[int, Field(ge=1, le=1000)]
    agreed: Annotated[Line, AfterValidator(_filled_in)]

    def beyond(self, level: float) -> str:
        """Say in words that a level is beyond what is allowed; an empty string where it is within."""
        if level > self.level:
            return f"above the ceiling of {self.level:g} {self.unit}"
        return f"below 0 {self.unit}" if level < 0 else ""

    def range(self) -> tuple[float, float]:
        """Return the lowest and the highest level that is within it."""
        return 0.0, self.level


class HeatCeiling(Ceiling):
    """The highest temperature of a heat stimulus."""

    level: Annotated[float, Field(ge=0, le=60)]
    unit: Literal["°C"]


class ColdCeiling(Ceiling):
    """The lowest temperature of a cold stimulus or bath: the ceiling is a floor."""

    level: Annotated[float, Field(ge=0, le=40)]
    unit: Literal["°C"]

    def beyond(self, level: float) -> str:
        """Say in words that a temperature is below the lowest, or not cold at all."""
        low, high = self.range()
        if level < low:
            return f"below the lowest temperature of {low:g} {self.unit}"
        return f"above {high:g} {self.unit}, which is not cold" if level > high else ""

    def range(self) -> tuple[float, float]:
        """Return the lowest and the highest temperature that is within it."""
        return self.level, WARMEST


class PressureCeiling(Ceiling):
    """The highest pressure or force."""

    level: Annotated[float, Field(gt=0, le=2000)]
    unit: Literal["kPa", "N"]

    @model_validator(mode="after")
    def _plausible(self) -> Self:
        if self.unit == "N" and self.level > MOST_NEWTON:
            raise ValueError(f"level = {self.level:g}: must be at most {MOST_NEWTON:g} in N")
        return self


class ElectricalCeiling(Ceiling):
    """The highest current."""

    level: Annotated[float, Field(gt=0, le=100)]
    unit: Literal["mA"]


class Ceilings(Definition):
    """A ceiling for each modality that the laboratory uses."""

    heat: HeatCeiling | None = None
    cold: ColdCeiling | None = None
    pressure: PressureCeiling | None = None
    electrical: ElectricalCeiling | None = None


class SimulatedDevice(Definition):
    """No device: stimuli are only noted down. For rehearsals."""

    kind: Literal["simulated"]
    modality: Modality


class SerialDevice(Definition):
    """A device on a serial line (8 data bits, no parity, 1 stop bit) that takes commands."""

    kind: Literal["serial"]
    modality: Modality
    port: Annotated[Line, StringConstraints(max_length=200)]
    baud: Annotated[int, Field(ge=1200, le=1_000_000)]
    start: Command
    stop: Command
    answer: Annotated[Line, StringConstraints(max_length=200)] | None = None
    answer_s: Annotated[float, Field(gt=0, le=10)] | None = None

    @model_validator(mode="after")
    def _told_clearly(self) -> Self:
        for key, check in (("start", check_template), ("stop", as_bytes), ("answer", as_bytes)):
            words = getattr(self, key)
            try:
                if words is not None:
                    check(words)
            except ValueError as error:
                raise ValueError(f"{key} = {shown(words)}: {error}") from error
        if self.answer is not None and self.answer_s is None:
            raise ValueError(f"answer = {shown(self.answer)}: needs answer_s, within which it comes (s)")
        if self.answer is None and self.answer_s is not None:
            raise ValueError(f"answer_s = {self.answer_s:g}: is of no use without answer")
        return self


class Laboratory(Definition):
    """Ceilings by modality, and the stimulator, if there is one."""

    ceilings: Ceilings
    stimulator: Annotated[SimulatedDevice | SerialDevice, Field(discriminator="kind")] | None = None

    @model_validator(mode="after")
    def _fitting(self) -> Self:
        if not any(self.ceiling(modality) for modality in get_args(Modality)):
            raise ValueError(f"ceilings are empty; one or more of {', '.join(get_args(Modality))} are needed")
        device = self.stimulator
        if device is None:
            return self
        ceiling = self.ceiling(device.modality)
        if ceiling is None:
            raise ValueError(
                f'stimulator.modality = "{device.modality}": there is no [ceilings.{device.modality}]'
            )
        if isinstance(device, SerialDevice):
            try:
                command(device.start, ceiling.level, ceiling.duration_s)
            except ValueError as error:
                raise ValueError(
                    f"stimulator.start = {shown(device.start)}: at the ceiling, {error}"
                ) from error
        return self

    def ceiling(self, modality: str) -> Ceiling | None:
        """Return what no stimulus of a modality goes beyond, or None where nothing was agreed."""
        found: Ceiling | None = (
            getattr(self.ceilings, modality) if modality in Ceilings.model_fields else None
        )
        return found

    def as_record(self) -> dict[str, Any]:
        """Return all of it as plain values, for the journal."""
        return self.model_dump(exclude_none=True)

    @classmethod
    def of_record(cls, record: Mapping[str, Any]) -> Self:
        """Return the laboratory that `as_record` gave, checked again."""
        return checked(record, cls)


def laboratory_beside(root: Path) -> Path:
    """Return the folder whose laboratory's file counts: a study's own conditions where they have one.

    Otherwise that of the project, since it is the same laboratory.
    """
    own = root / LABORATORY
    return root if own.exists() or own.is_symlink() else CONDITIONS


def read_laboratory(root: Path = CONDITIONS) -> Laboratory | None:
    """Return what the laboratory has written, or None where there is no file.

    Raises
    ------
    DefinitionError
        With one line that says file, key, value and what is allowed.
    """
    file = root / LABORATORY
    try:
        return read(file, Laboratory)
    except DefinitionError as error:
        if isinstance(error.__cause__, FileNotFoundError) and not file.is_symlink():
            return None
        raise
