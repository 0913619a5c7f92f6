"""The rules of the ball game, as an immutable value: who holds the ball and who may throw to whom."""

from __future__ import annotations

from dataclasses import dataclass

from experiment.scenes import PARTICIPANT

Player = int
"""A player's number: 2 is the participant, the others are co-players."""


class IllegalThrow(ValueError):
    """A throw or a leave that the rules do not allow; the game is unchanged."""


@dataclass(frozen=True, slots=True)
class Throw:
    """A throw that was made. `number` counts from 1 within the run."""

    number: int
    thrower: Player
    receiver: Player


@dataclass(frozen=True, slots=True)
class Game:
    """A run in progress. Every throw returns a new ``Game``, so no caller holds a stale one.

    Attributes
    ----------
    coplayers
        Numbers of the co-players who play, from left to right.
    holder
        Who has the ball.
    throws
        The throws so far, the first one first.
    """

    coplayers: tuple[Player, ...]
    holder: Player
    throws: tuple[Throw, ...] = ()

    @property
    def players(self) -> tuple[Player, ...]:
        """Return everybody on the court, by number."""
        return tuple(sorted((*self.coplayers, PARTICIPANT)))

    @property
    def receptions(self) -> int:
        """Return how many balls the participant has received."""
        return sum(throw.receiver == PARTICIPANT for throw in self.throws)

    def receivers(self) -> tuple[Player, ...]:
        """Return to whom the holder may throw."""
        return tuple(player for player in self.players if player != self.holder)

    def throw(self, receiver: Player) -> Game:
        """Return the game after the holder has thrown to `receiver`.

        Raises
        ------
        IllegalThrow
            When `receiver` holds the ball already or does not play.
        """
        number = len(self.throws) + 1
        if receiver == self.holder:
            raise IllegalThrow(f"throw {number}: player {self.holder} cannot throw to themselves")
        if receiver != PARTICIPANT and receiver not in self.coplayers:
            raise IllegalThrow(f"throw {number}: there is no player {receiver}; players are {self.players}")
        return Game(self.coplayers, receiver, (*self.throws, Throw(number, self.holder, receiver)))

    def leave(self, player: Player) -> Game:
        """Return the game after a co-player has left it.

        Raises
        ------
        IllegalThrow
            When `player` holds the ball, which must be thrown first, or is no co-player of this game.
        """
        if player == self.holder:
            raise IllegalThrow(f"player {player} holds the ball and cannot leave with it")
        if player not in self.coplayers:
            raise IllegalThrow(f"there is no co-player {player} to leave; co-players are {self.coplayers}")
        return Game(tuple(n for n in self.coplayers if n != player), self.holder, self.throws)
