"""Who stands where on the court, and which key or click throws to whom."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from experiment import definitions
from experiment.definitions.players import Place
from experiment.game import Player
from experiment.scenes import PARTICIPANT, CourtPlayer

COLOURS = ("#2f8090", "#ce8e3a", "#7a6ba8", "#5b8f4e", "#b8605f", "#3f6fb0", "#8a7a3c", "#a35c93")
"""Shirts of co-players to whom the game file gives no colour, from left to right."""

ARROWS = {2: ("left", "right"), 3: ("left", "up", "right")}


def players_of(
    game: definitions.Game, you: str, photos: Mapping[str, Path] | None = None
) -> tuple[CourtPlayer, ...]:
    """Return everybody on the court as the participant sees them, co-players from left to right."""
    numbers = game.coplayer_numbers()
    keys = ARROWS.get(len(numbers), tuple(str(i) for i in range(1, len(numbers) + 1)))
    others = tuple(
        CourtPlayer(
            number,
            coplayer.name,
            coplayer.colour or COLOURS[i],
            keys[i],
            photo=str((photos or {}).get(coplayer.photo or "", "")),
            place=_place(coplayer.place),
        )
        for i, (number, coplayer) in enumerate(zip(numbers, game.coplayers, strict=True))
    )
    own = game.participant
    return (*others, CourtPlayer(PARTICIPANT, you, own.colour, place=_place(own.place)))


def _place(place: Place | None) -> tuple[float, float] | None:
    return None if place is None else (place.x, place.y)


def receivers_of(players: tuple[CourtPlayer, ...]) -> dict[str, Player]:
    """Return to whom a click on a figure, the key beside a name and the digit of a place throw."""
    coplayers = [player for player in players if player.number != PARTICIPANT]
    return {
        means: player.number
        for place, player in enumerate(coplayers, start=1)
        for means in (f"player:{player.number}", player.key, str(place))
    }
