"""The screen on which the co-players arrive, one by one, each at a time drawn for this session."""

from __future__ import annotations

from experiment.booth import Press, Watched
from experiment.definitions.steps import Connecting
from experiment.paging import Pages
from experiment.randomness import stream
from experiment.scenes import PARTICIPANT, CourtPlayer, Joiner, Joining

GATHERED_S = 1.5
"""How long the joining screen stays once everybody is there."""


def let_arrive(
    pages: Pages, step: Connecting, players: tuple[CourtPlayer, ...], seed: int, step_id: str
) -> None:
    """Show who is there, until everybody is; a session that is resumed shows the same arrivals again."""
    ui, words = pages.texts.ui, pages.texts.pages[step.page]
    others = [player for player in players if player.number != PARTICIPANT]
    rng = stream(seed, f"{step_id}/arrivals")
    arrivals = list(step.arrivals_s or ())[: len(others)] or sorted(
        float(rng.uniform(0.15, 1.0)) * step.longest_s for _ in others
    )
    when = {player.number: arrival for player, arrival in zip(others, arrivals, strict=True)}

    def scene(aim: float, onset: float | None) -> Joining:
        passed = 0.0 if onset is None else aim - onset
        joiners = tuple(
            Joiner(p.name, p.colour, "joined" if passed >= when.get(p.number, 0.0) else "waiting", p.photo)
            for p in players
        )
        return Joining(words.title, joiners, ui.joined, ui.waiting, words.body[0], passed, ui.stop)

    pages.booth.screen.prepare([scene(0.0, None), scene(max(arrivals), 0.0)])
    watched: Watched[Press] = pages.booth.watch(
        scene, pages.ignore, lasts_s=max(arrivals) + GATHERED_S, shown=pages.note_shown(step.page)
    )
    pages.journal.write(
        "joined", watched.onset, arrivals=[round(a, 6) for a in arrivals], paused=watched.paused_s
    )
