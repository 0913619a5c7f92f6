"""What researchers write in `conditions/`, read once into frozen, checked values."""

from experiment.definitions.design import Cell
from experiment.definitions.errors import DefinitionError
from experiment.definitions.game import Game
from experiment.definitions.library import CONDITIONS, Resolved, check_file, names, resolve
from experiment.definitions.measure import Measure
from experiment.definitions.protocol import PlannedStep, Protocol
from experiment.definitions.texts import Texts

__all__ = [
    "CONDITIONS",
    "Cell",
    "DefinitionError",
    "Game",
    "Measure",
    "PlannedStep",
    "Protocol",
    "Resolved",
    "Texts",
    "check_file",
    "names",
    "resolve",
]
