"""Before anybody sits down: whether what a protocol plans is within what the laboratory has agreed to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from experiment.definitions import CONDITIONS, Cell, DefinitionError, Resolved
from experiment.definitions.command import command, shown
from experiment.definitions.laboratory import LABORATORY, Laboratory, SerialDevice
from experiment.definitions.pain import Pain
from experiment.definitions.steps import PainTest, Play


def planned(resolved: Resolved, cell: Cell) -> Iterator[tuple[str, Pain]]:
    """Yield each time the people of a cell are given a pain task, by its name."""
    for planned_step in resolved.protocol.planned(cell):
        step = planned_step.step
        name = step.task if isinstance(step, PainTest) else step.probe if isinstance(step, Play) else None
        if name is not None:
            yield name, resolved.pain[name]


def check_ceilings(resolved: Resolved, laboratory: Laboratory | None, root: Path = CONDITIONS) -> None:
    """Refuse a session that plans more than the laboratory has agreed to, or pain without ceilings.

    Raises
    ------
    DefinitionError
        Naming the ceiling and the task that goes beyond it.
    """
    if not resolved.pain:
        return
    file = root / LABORATORY
    if laboratory is None:
        raise DefinitionError(
            file,
            f"is missing; protocol '{resolved.name}' gives pain, and no session of it begins before your "
            "laboratory has typed in its ceilings (docs/pain.md)",
        )
    for name, pain in resolved.pain.items():
        _check(name, pain, laboratory, file)
    for modality, number in most_stimuli(resolved).items():
        ceiling = laboratory.ceiling(modality)
        if ceiling is not None and number > ceiling.number:
            raise DefinitionError(
                file,
                f"ceilings.{modality}.number = {ceiling.number}: protocol '{resolved.name}' may take up to "
                f"{number} stimuli of {modality} in a session",
            )


def most_stimuli(resolved: Resolved) -> dict[str, int]:
    """Return how many stimuli of each modality a session takes at most, in the cell that has most."""
    most: dict[str, int] = {}
    for cell in resolved.protocol.design.cells():
        own: Counter[str] = Counter()
        for _, pain in planned(resolved, cell):
            own[pain.modality] += pain.most_stimuli()
        most = {modality: max(most.get(modality, 0), own[modality]) for modality in {*most, *own}}
    return most


def _check(name: str, pain: Pain, laboratory: Laboratory, file: Path) -> None:
    where, ceiling = f"ceilings.{pain.modality}", laboratory.ceiling(pain.modality)
    task = f"pain/{name}.toml"
    if ceiling is None:
        raise DefinitionError(file, f"[{where}] is missing; {task} gives {pain.modality}")
    if ceiling.unit != pain.unit:
        raise DefinitionError(file, f'{where}.unit = "{ceiling.unit}": {task} has unit = "{pain.unit}"')
    beyond = ceiling.beyond(pain.strongest())
    if beyond:
        raise DefinitionError(file, f"{where}.level: {task} plans {pain.strongest():g} {pain.unit}, {beyond}")
    if pain.longest_s() > ceiling.duration_s:
        raise DefinitionError(
            file,
            f"{where}.duration_s = {ceiling.duration_s:g}: {task} plans stimuli of {pain.longest_s():g} s",
        )
    device = laboratory.stimulator
    if pain.given == "device" and (device is None or device.modality != pain.modality):
        found = "there is none" if device is None else f"it gives {device.modality}"
        raise DefinitionError(
            file,
            f'[stimulator]: {found}, but {task} has given = "device" and modality = "{pain.modality}" '
            '(or copy that file with given = "hand")',
        )
    if pain.given == "device" and isinstance(device, SerialDevice):
        _check_telling(task, pain, device, file)


def _check_telling(task: str, pain: Pain, device: SerialDevice, file: Path) -> None:
    """Refuse levels and durations that the device could only be told rounded."""
    for level in pain.told():
        try:
            command(device.start, level, pain.longest_s())
        except ValueError as error:
            raise DefinitionError(
                file, f"stimulator.start = {shown(device.start)}: {task} needs {level:g} {pain.unit}; {error}"
            ) from error
