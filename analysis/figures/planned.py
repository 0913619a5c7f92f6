"""What the game files planned: the participant's share of the throws from phase to phase."""

from __future__ import annotations

import numpy as np

from analysis.dataset import Dataset
from analysis.definitions import FOLDER
from analysis.frames import Floats
from experiment.definitions.errors import DefinitionError
from experiment.definitions.game import Game
from experiment.definitions.phases import Phase, share_of
from experiment.definitions.reading import read


def planned_shares(data: Dataset) -> dict[str, Floats]:
    """Return the share (0-1) that each condition's game file gives the participant at each throw.

    Missing are conditions in which chance, time or somebody's leaving decides it, and those that stand in
    several forms in this dataset.
    """
    found: dict[str, Floats] = {}
    differ: set[str] = set()
    digests = sorted(set(data.sessions["definitions"].dropna()))
    for condition in data.conditions:
        for digest in digests:
            game = _game(data, digest, condition)
            shares = None if game is None else _shares(game)
            if shares is None:
                continue
            if not np.array_equal(found.setdefault(condition, shares), shares):
                differ.add(condition)
    return {name: shares for name, shares in found.items() if name not in differ}


def _game(data: Dataset, digest: str, condition: str) -> Game | None:
    file = data.path / FOLDER / digest / "games" / f"{condition}.toml"
    try:
        return read(file, Game) if file.is_file() else None
    except DefinitionError:
        # A game file that cannot be read here has been named by whoever loaded the dataset's definitions.
        return None


def _shares(game: Game) -> Floats | None:
    if any(coplayer.leaves is not None for coplayer in game.coplayers) or game.participant.may_leave:
        return None
    parts = [_of_phase(phase) for phase in game.phases]
    if any(part is None for part in parts):
        return None
    return np.concatenate([part for part in parts if part is not None])


def _of_phase(phase: Phase) -> Floats | None:
    count = phase.exact_count()
    if count is None or phase.throws is None:
        return None
    if phase.ramp is not None:
        ends = (share_of(phase.ramp.start, "ramp.start"), share_of(phase.ramp.end, "ramp.end"))
        return np.linspace(float(ends[0]), float(ends[1]), phase.throws)
    return np.full(phase.throws, count / phase.throws)
