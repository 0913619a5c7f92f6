"""What a participant gets from a game file, whatever they do: receptions by phase, waits and duration.

Where a phase gives an exact count, the table says so. Where chance decides, runs are simulated with the real
schedule and with participants of different habits, since the habit can change the dose: who favours one
co-player receives what that co-player gives.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from experiment import definitions
from experiment.definitions.reach import may_receive
from experiment.dosetable import DoseTable, HabitDose, LeavingDose, PhaseDose, Spread, render
from experiment.game import Player
from experiment.playing import WAITS, Habit, Played, play

__all__ = ["DoseTable", "Simulated", "dose", "render", "simulated", "tabulated"]


@dataclass(frozen=True, slots=True)
class Simulated:
    """The simulated runs of one game file.

    Attributes
    ----------
    game
        The game file.
    answering
        Runs of participants who throw the ball, by habit.
    silent
        Runs of participants who never do.
    """

    game: definitions.Game
    answering: dict[str, list[Played]]
    silent: list[Played]

    @property
    def waits_for_ever(self) -> bool:
        """Return whether a run waits for a participant who never throws."""
        return any(run.ended == WAITS for run in self.silent)

    @property
    def answered(self) -> list[Played]:
        """Return the runs of all participants who throw the ball."""
        return [run for runs in self.answering.values() for run in runs]

    def by_habit(self) -> dict[str, list[Played]]:
        """Return all runs that came to an end, by habit."""
        silent: dict[str, list[Played]] = {} if self.waits_for_ever else {"never answers": self.silent}
        return {**self.answering, **silent}


def dose(game: definitions.Game, runs: int = 200, seed: int = 0) -> DoseTable:
    """Return what a participant will get from `game`, whatever they do.

    Parameters
    ----------
    game
        The game file.
    runs
        How many runs are simulated for each habit.
    seed
        The same seed gives the same table.
    """
    return tabulated(simulated(game, runs, seed))


def simulated(game: definitions.Game, runs: int = 200, seed: int = 0) -> Simulated:
    """Play `runs` runs of `game` for each habit that can change the dose."""
    if runs < 1:
        raise ValueError(f"runs = {runs}: at least 1 is needed")

    def played(habit: Habit, favourite: Player | None = None) -> list[Played]:
        return [play(game, habit, seed, number, favourite) for number in range(runs)]

    answering: dict[str, list[Played]] = {}
    if exact_total(game) is None:
        answering = _favouring(game, {n: played("favours one", n) for n in favourites(game)})
        answering["alternates"] = played("alternates")
    answering["random"] = played("random")
    return Simulated(game, answering, played("never answers"))


def exact_total(game: definitions.Game) -> int | None:
    """Return the exact receptions of a run, or None where chance has a part in them."""
    counts = exact_counts(game)
    known = [count for count in counts if count is not None]
    return sum(known) if len(known) == len(counts) else None


def exact_counts(game: definitions.Game) -> tuple[int | None, ...]:
    """Return the exact receptions of each phase: as the file gives them, or 0 where none can come about."""
    return tuple(
        phase.exact_count() if can else 0 for phase, can in zip(game.phases, may_receive(game), strict=True)
    )


def favourites(game: definitions.Game) -> tuple[Player, ...]:
    """Return the co-players whom it can make a difference to favour; one where they all give alike."""
    numbers = game.coplayer_numbers()
    differ = any(
        phase.sequence or phase.weights or phase.order
        or (isinstance(phase.probability, tuple) and len(set(phase.probability)) > 1)
        for phase in game.phases
    )  # fmt: skip
    timed = any(phase.throws is None for phase in game.phases)
    paced = timed and any(coplayer.pause is not None for coplayer in game.coplayers)
    leave = any(coplayer.leaves is not None for coplayer in game.coplayers)
    return numbers if differ or paced or leave else numbers[:1]


def _favouring(game: definitions.Game, runs: dict[Player, list[Played]]) -> dict[str, list[Played]]:
    """Return the runs that favour who gives least and who gives most."""
    means = {player: float(np.mean([run.receptions for run in found])) for player, found in runs.items()}
    least, most = min(means, key=means.__getitem__), max(means, key=means.__getitem__)
    if least == most:
        return {"favours one": runs[least]}
    return {
        f"favours {game.coplayer(least).name}, who gives least": runs[least],
        f"favours {game.coplayer(most).name}, who gives most": runs[most],
    }


def tabulated(runs: Simulated) -> DoseTable:
    """Return the dose that simulated runs show."""
    game, answered, total = runs.game, runs.answered, exact_total(runs.game)
    found = runs.by_habit()
    every = [run for played in found.values() for run in played]
    habits = (HabitDose(habit, _receptions(played)) for habit, played in found.items())
    played = Spread.of([run.throws for run in answered])
    throws = game.throws if played.least == game.throws else None
    whole = PhaseDose("whole run", throws, total, played, _receptions(answered))
    return DoseTable(
        title=game.title,
        phases=tuple(_phase(game, i, answered) for i in range(len(game.phases))),
        whole=whole,
        habits=() if total is not None else tuple(habits),
        leavings=tuple(_leaving(game, n, answered) for n in game.coplayer_numbers() if _may_leave(game, n)),
        alone=sum(run.ended == "alone" for run in answered) / len(answered),
        may_leave=game.participant.may_leave is not None,
        longest_wait=Spread.of([run.longest_wait for run in every]),
        longest_wait_s=Spread.of([run.longest_wait_s for run in answered]),
        duration_s=Spread.of([run.duration_s for run in answered]),
        waits_for_ever=runs.waits_for_ever,
        runs=len(every),
    )


def _receptions(runs: list[Played]) -> Spread:
    return Spread.of([run.receptions for run in runs])


def _phase(game: definitions.Game, index: int, runs: list[Played]) -> PhaseDose:
    phase = game.phases[index]
    began = [run.phases[index] for run in runs if index < len(run.phases)]
    missing = [0] * (len(runs) - len(began))
    played = Spread.of([*(part.throws for part in began), *missing])
    return PhaseDose(
        name=phase.name,
        throws=phase.throws if played.least == phase.throws else None,
        exact=exact_counts(game)[index],
        played=played,
        receptions=Spread.of([*(part.receptions for part in began), *missing]),
        began=len(began) / len(runs),
    )


def _may_leave(game: definitions.Game, player: Player) -> bool:
    return game.coplayer(player).leaves is not None


def _leaving(game: definitions.Game, player: Player, runs: list[Played]) -> LeavingDose:
    throws = [run.left[player] for run in runs if player in run.left]
    name = game.coplayer(player).name
    return LeavingDose(name, len(throws) / len(runs), Spread.of(throws) if throws else None)
