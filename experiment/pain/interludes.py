"""What comes into a run beside the throws: stimuli, and questions between throws.

A question comes while a co-player has the ball; the time that it takes is taken out of the game, as a pause
is, so that every pause and flight is as long as it would have been.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from experiment.booth import Booth
from experiment.definitions.steps import Within
from experiment.journal import Journal
from experiment.pain.giving import ended_by
from experiment.pain.probing import Probing, Question
from experiment.recording import counted_frames


@dataclass(slots=True)
class Interludes:
    """The interludes of one run, of which many have none.

    Parameters
    ----------
    booth, journal
        Where the run takes place and where it is recorded.
    run
        What the record calls it.
    probing
        Its stimuli.
    ratings
        What is asked after which throws.
    ask
        Asks a measure at a stage.
    """

    booth: Booth
    journal: Journal
    run: str
    probing: Probing | None = None
    ratings: tuple[Within, ...] = ()
    ask: Callable[[str, str], object] = lambda _measure, _stage: None
    _asked: set[tuple[str, int]] = field(default_factory=set)

    def frame(self, flip: float, aim: float, throw: int, played_s: float) -> None:
        """Take note of a flip: begin and end what is due with it."""
        if self.probing is not None:
            self.probing.frame(flip, aim, throw, played_s, self._write)

    def next_change(self, clock: Callable[[float], float]) -> Iterator[float]:
        """Yield when a stimulus begins or ends by itself (s, session clock)."""
        if self.probing is not None:
            yield from self.probing.next_change(clock)

    def ask_due(self, throw: int) -> float:
        """Ask what is due now that so many throws were caught; return the time it took (s).

        Nothing is asked while a stimulus is on, so that nobody looks elsewhere when it is to end.
        """
        questions = self._due(throw)
        if not questions:
            return 0.0
        began = self.booth.clock.now()
        self._write("interlude", began, throw=throw)
        for question in questions:
            self.ask(question.measure, question.stage)
        over = self.booth.clock.now()
        self._write("interlude_over", over, throw=throw, **counted_frames(self.booth.screen))
        return over - began

    def _due(self, throw: int) -> list[Question]:
        """Return what is due, each once."""
        if self.probing is not None and self.probing.on:
            return []
        found = [] if self.probing is None else self.probing.questions()
        for within in self.ratings:
            for number, after in enumerate(within.after_throws, start=1):
                if after <= throw and (within.measure, number) not in self._asked:
                    self._asked.add((within.measure, number))
                    found.append(Question(within.measure, f"during_{number}"))
        return found

    def finish(self, throw: int, show: Callable[[Callable[[], bool]], object]) -> None:
        """Let stimuli come to their end after the last throw, and ask about them.

        `show` shows the court until what it is given says that it is enough.
        """
        self.ask_due(throw)
        probing = self.probing
        if probing is None:
            return
        probing.finish()
        while probing.unfinished:
            show(lambda: probing.rateable)
            self.ask_due(throw)

    def break_off(self, reason: Exception | None) -> None:
        """End a stimulus that is on: the session is broken off, has failed, or they have left the game."""
        if self.probing is not None and self.probing.on:
            self.probing.break_off(self.booth.clock.now(), ended_by(reason) or "left", self._write)

    def _write(self, event: str, t: float | None, **data: object) -> None:
        self.journal.write(event, t, run=self.run, **data)
