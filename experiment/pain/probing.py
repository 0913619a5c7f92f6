"""Stimuli within a run: when they are due, what is on, and what is still to be asked about them.

The game goes on while a stimulus is on, so that no pause and no flight of it changes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from experiment.definitions.pain import Pain
from experiment.definitions.places import Place
from experiment.limits import Limited
from experiment.pain.giving import began, tell_of_cut
from experiment.stimulator import Stimulus

SAME_S = 1e-6
"""Times are kept to the microsecond; what floating point adds to a sum of them is less."""

Write = Callable[..., None]
"""Writes an event of the run: its name, its time, what it holds."""


@dataclass(frozen=True, slots=True)
class Question:
    """A measure that is due between throws, and the stage that it is asked at."""

    measure: str
    stage: str


@dataclass(slots=True)
class Probing:
    """The stimuli of one run, all at one level."""

    task: Pain
    level: float
    plan: tuple[Place, ...]
    limited: Limited
    tell: Callable[[str], None]
    _next: int = 0
    _on: Stimulus | None = None
    _since: float = 0.0
    _unrated: int | None = None

    def frame(self, flip: float, aim: float, throw: int, played_s: float, write: Write) -> None:
        """Begin what is due and end what is over, with the flip that shows it.

        Parameters
        ----------
        flip, aim
            The flip (s, session clock), and when it was to be seen.
        throw
            Throws caught so far.
        played_s
            Time played at the flip (s).
        write
            Writes an event of the run.
        """
        self.limited.check()
        if self._on is not None:
            stopped = self.limited.on is None
            if stopped or flip >= self._since + self._on.duration_s:
                self._end(flip, aim, write, stopped=stopped)
        elif self._due(throw, played_s) and flip >= self.limited.ready_at(self.task.rest_s):
            self._begin(flip, aim, throw, write)

    def _due(self, throw: int, played_s: float) -> bool:
        """Return whether the next stimulus is due, and the one before has been asked about."""
        if self._next >= len(self.plan) or self._unrated is not None:
            return False
        if self.limited.left(self.task.modality) == 0:
            self.tell("the ceiling for the number of stimuli is reached: the game goes on without")
            self.plan = self.plan[: self._next]
            return False
        place = self.plan[self._next]
        if place.after_throw is not None:
            return throw >= place.after_throw
        return place.at_s is not None and played_s >= place.at_s - SAME_S

    def _begin(self, flip: float, aim: float, throw: int, write: Write) -> None:
        place = self.plan[self._next]
        stimulus = Stimulus(
            self.task.modality, self.level, self.task.unit, self.task.longest_s(), self.task.rest_s
        )
        with began(self.limited, stimulus, flip) as rested:
            self._next, self._on, self._since = self._next + 1, stimulus, flip
            write(
                "stimulus", flip, aim=aim, number=place.number, throw=throw, level_planned=self.level,
                level=self.level, unit=stimulus.unit, modality=stimulus.modality, lasts=stimulus.duration_s,
                rested=rested, given=self.task.given,
            )  # fmt: skip
        if self.task.given == "hand":
            self.tell(f"stimulus {place.number}: give it NOW ({self.level:g} {stimulus.unit})\a")

    def _end(self, flip: float, aim: float, write: Write, *, stopped: bool) -> None:
        self.limited.end(flip)
        tell_of_cut(self.limited, self.tell, write)
        self._unrated = self.plan[self._next - 1].number
        self._on = None
        write("stimulus_over", flip, aim=aim, number=self._unrated, stopped=stopped, ended=self.limited.ended)
        if self.task.given == "hand" and not stopped:
            self.tell(f"stimulus {self._unrated}: take it away\a")

    def break_off(self, at: float, reason: str, write: Write) -> None:
        """End what is on when the run is broken off."""
        if self._on is not None:
            self.limited.end(at)
            self._on = None
            write(
                "stimulus_end", at, number=self.plan[self._next - 1].number, stopped=True,
                ended=self.limited.ended, broken_off=reason,
            )  # fmt: skip

    def next_change(self, clock: Callable[[float], float]) -> Iterator[float]:
        """Yield when a stimulus begins or ends by itself (s, session clock).

        `clock` says when so much is played.
        """
        if self._on is not None:
            yield self._since + self._on.duration_s
        elif self._next < len(self.plan) and self._unrated is None:
            at_s = self.plan[self._next].at_s
            ready = self.limited.ready_at(self.task.rest_s)
            yield ready if at_s is None else max(clock(at_s), ready)

    def questions(self) -> list[Question]:
        """Return what is to be asked about the stimulus that is over, once."""
        if self._unrated is None:
            return []
        number, self._unrated = self._unrated, None
        return [Question(measure, f"probe_{number}") for measure in self.task.ratings()]

    @property
    def on(self) -> bool:
        """Return whether a stimulus is on."""
        return self._on is not None

    @property
    def rateable(self) -> bool:
        """Return whether a stimulus is over and nothing was asked about it yet."""
        return self._unrated is not None

    @property
    def unfinished(self) -> bool:
        """Return whether a stimulus is on, to be asked about, or still to come."""
        return self._on is not None or self.rateable or self._next < len(self.plan)

    def finish(self) -> None:
        """Let every stimulus that is still to come be due at once: the run is over."""
        late = self.plan[self._next :]
        self.plan = (*self.plan[: self._next], *(Place(p.number, 0, None, 0.0) for p in late))
