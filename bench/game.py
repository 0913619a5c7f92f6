"""Late frames of real runs beside an empty window, and the answer to a throw: ``python -m bench.game``.

A game plays itself with quick pauses: the real run, journal and keys, a simulated participant. It is played
in blocks; after each, an empty window is shown for as long. At 60 Hz five blocks of 30 throws, at 120 and
144 Hz two of 15. "Late" is a frame that came more than one and a half periods after the one before.

The answer is `release.t - press.seen`: from the flip after which the press was looked at to the flip that
shows the ball on its way, in frames of this rate.
"""

from __future__ import annotations

import argparse

from bench.measuring import machine, percentiles
from bench.playing import Contest
from experiment.booth import Interruptions
from experiment.stage import StageSettings, open_stage

SIZE = (1280, 720)
PLANS = {60.0: (5, 30), 120.0: (2, 15), 144.0: (2, 15)}
"""Blocks, and throws in each, for every rate (Hz)."""


def bench(rate_hz: float, blocks: int, throws: int) -> None:
    """Play at one rate, and print what came late and how soon the ball answered."""
    contest = Contest()
    settings = StageSettings(size_px=SIZE, emulate_hz=rate_hz, require_keyboard=False)
    with open_stage(settings, Interruptions()) as stage:
        for block in range(blocks):
            contest.round(stage, throws, seed=block)
    print(f"\n{rate_hz:g} Hz, {blocks} blocks of {throws} throws; {machine()}")
    print(f"{'late frames':<16}{'':>6}    {'':<7}{'share':>10}{'longest':>13}")
    print(contest.empties.row("empty window"))
    print(contest.runs.row("game"))
    answers = contest.answers_s()
    middle, slow, slowest = (rate_hz * answer for answer in percentiles(answers))
    print(
        f"from a press to the ball on its way, {len(answers)} throws, in frames: "
        f"median {middle:.2f}, p99 {slow:.2f}, longest {slowest:.2f}"
    )


def main() -> int:
    """Play at the rates asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hz", type=float, choices=sorted(PLANS), nargs="*", default=sorted(PLANS))
    for rate_hz in parser.parse_args().hz:
        bench(rate_hz, *PLANS[rate_hz])
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
