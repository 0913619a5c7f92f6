"""When players leave the game: thresholds drawn once a run, looked at whenever somebody catches the ball."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from experiment import definitions
from experiment.definitions.players import Leaving
from experiment.game import Game, Player
from experiment.randomness import stream
from experiment.scenes import PARTICIPANT


@dataclass(frozen=True, slots=True)
class Thresholds:
    """When one player may leave, as drawn for one run; None where that is no reason."""

    throws: int | None
    seconds: float | None
    throws_ignored: int | None
    seconds_ignored: float | None
    leavers: int | None

    @classmethod
    def drawn(cls, rule: Leaving, rng: np.random.Generator) -> Thresholds:
        """Draw each threshold within its spread."""
        count = int(rng.integers(-rule.spread_throws, rule.spread_throws + 1))
        time = float(rng.uniform(-rule.spread_s, rule.spread_s))
        return cls(
            throws=None if rule.after_throws is None else rule.after_throws + count,
            seconds=None if rule.after_s is None else rule.after_s + time,
            throws_ignored=None if rule.after_throws_ignored is None else rule.after_throws_ignored + count,
            seconds_ignored=None if rule.after_s_ignored is None else rule.after_s_ignored + time,
            leavers=rule.after_leavers,
        )


class Leavers:
    """Who leaves one run, and from when the participant may.

    Times are seconds played: since the run's zero, pauses of the session left out.
    """

    def __init__(self, game: definitions.Game, seed: int, purpose: str) -> None:
        rules = {n: game.coplayer(n).leaves for n in game.coplayer_numbers()}
        rules[PARTICIPANT] = game.participant.may_leave
        self._all = len(game.coplayers)
        self._thresholds = {
            player: Thresholds.drawn(rule, stream(seed, f"{purpose}/leaving/{player}"))
            for player, rule in rules.items()
            if rule is not None
        }
        self._had = dict.fromkeys(rules, (0, 0.0))

    def caught(self, game: Game, at_s: float) -> None:
        """Note that the holder has the ball: nobody ignores them while they keep it."""
        self._had[game.holder] = (len(game.throws), at_s)

    def threw(self, game: Game, at_s: float) -> None:
        """Note that the last thrower has let go of the ball: from now on they can be ignored."""
        self._had[game.throws[-1].thrower] = (len(game.throws), at_s)

    def due(self, game: Game, at_s: float) -> tuple[Player, ...]:
        """Return the co-players who leave now, those included whom the others' leaving moves.

        Who holds the ball throws it first.
        """
        leaving: set[Player] = set()
        while True:
            now = {
                player
                for player in game.coplayers
                if player not in leaving and player != game.holder and self._may(player, game, leaving, at_s)
            }
            if not now:
                return tuple(player for player in game.coplayers if player in leaving)
            leaving |= now

    def _may(self, player: Player, game: Game, leaving: set[Player], at_s: float) -> bool:
        from_s = self._from_s(player, game, len(leaving))
        return from_s is not None and at_s >= from_s

    def participant_from_s(self, game: Game) -> float | None:
        """Return from when the participant may leave, as things stand; None where nothing lets them."""
        return self._from_s(PARTICIPANT, game, 0)

    def _from_s(self, player: Player, game: Game, leaving: int) -> float | None:
        """Return from when a player may leave; 0 where throws or leavers allow it already."""
        limits = self._thresholds.get(player)
        if limits is None:
            return None
        throws, (had_throw, had_s) = len(game.throws), self._had[player]
        gone = self._all - len(game.coplayers) + leaving
        ignored = game.holder != player  # not while the ball is theirs, or on its way to them
        missed = throws - had_throw if ignored else 0
        if (
            (limits.throws is not None and throws >= limits.throws)
            or (limits.throws_ignored is not None and missed >= limits.throws_ignored)
            or (limits.leavers is not None and gone >= limits.leavers)
        ):
            return 0.0
        times = [limits.seconds] if limits.seconds is not None else []
        if limits.seconds_ignored is not None and ignored:
            times.append(had_s + limits.seconds_ignored)
        return min(times, default=None)
