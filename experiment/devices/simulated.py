"""A device that gives nothing and remembers what it was told: for rehearsals and tests."""

from __future__ import annotations

from collections.abc import Mapping

from experiment.stimulator import Stimulus


class Simulated:
    """What a stimulator would have done.

    Attributes
    ----------
    told
        What it was told, in order: a `Stimulus` to begin, or ``"stop"``.
    on
        The stimulus that would be on.
    closed
        Whether it was given back.
    """

    def __init__(self) -> None:
        self.told: list[Stimulus | str] = []
        self.on: Stimulus | None = None
        self.closed = False

    def start(self, stimulus: Stimulus) -> None:
        """Remember that a stimulus would begin."""
        self.told.append(stimulus)
        self.on = stimulus

    def stop(self) -> None:
        """Remember that whatever is on would end."""
        self.told.append("stop")
        self.on = None

    def check(self) -> None:
        """Nothing goes wrong with it."""

    def describe(self) -> Mapping[str, object]:
        """Return that it is none."""
        return {"kind": "simulated", "simulated": True}

    def close(self) -> None:
        """Stop; there is nothing to give back."""
        self.stop()
        self.closed = True
