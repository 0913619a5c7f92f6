"""A hand in cold water: when it goes in, when it first hurts, when it comes out; a rating every so often.

Threshold is the first pain after the hand went in, tolerance when it came out, at most the cap.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from experiment.answering import Answering
from experiment.booth import Press
from experiment.definitions.pain import DECIMALS, ColdPressor
from experiment.definitions.texts import MeasureText
from experiment.limits import Limited
from experiment.pain.giving import HIDDEN, Giving, began, ended_by
from experiment.pain.rules import Estimate
from experiment.pressing import note_press
from experiment.scenes import Button, Form, LikertScale, Page, Value
from experiment.stimulator import Stimulus

IN, HURTS, OUT, CAPPED = "button:in", "button:hurts", "button:out", "button:capped"
KEYS = {"space": (IN, HURTS), "return": (OUT,)}
"""The space bar says that the hand goes in, then that it hurts; return that it comes out."""


@dataclass(frozen=True, slots=True)
class Rated:
    """What is asked in the water: a measure, its item and its scale."""

    measure: str
    stage: str
    item: str
    words: MeasureText
    scale: LikertScale


@dataclass(slots=True)
class Immersion:
    """One hand in the water; can be gone through once."""

    giving: Giving
    task: ColdPressor
    rated: Rated | None
    _in: float = 0.0
    _hurt: float | None = None
    _out: float | None = None
    _capped: bool = False
    _stopped: bool = False
    _ratings: int = 0
    _limited: Limited = field(init=False)

    def __post_init__(self) -> None:
        """Take what keeps to the ceilings."""
        self._limited = self.giving.limited

    def test(self) -> dict[str, Estimate]:
        """Go through it and return threshold and tolerance (s).

        Who never says that it hurts has a threshold above their tolerance; who keeps their hand in up to the
        cap a tolerance above it: both are censored. A hand that is taken out because somebody stopped counts
        as out then.
        """
        giving, pages = self.giving, self.giving.pages
        if self._limited.left(giving.task.modality) == 0:
            giving.tell("the ceiling for the number of immersions is reached: there is none")
            return {"threshold": Estimate(None), "tolerance": Estimate(None)}
        giving.rest()
        giving.number += 1
        temperature = giving.typed_level(self.task.temperature)
        try:
            self._go_in(temperature)
            while self._out is None and not self._up():
                self._until(self._next_rating())
            self._stopped = self._out is None and self._limited.on is None
            self._come_out()
        except Exception as reason:  # of whatever kind: nothing that hurts may stay on
            if self._limited.on is not None or self._in:
                self._note_end(broken_off=ended_by(reason))
            raise
        self._note_end(broken_off=None)
        out = (self._limited.ended or 0.0) if self._stopped else (self._out or 0.0)
        tolerance = min(out - self._in, self.task.cap_s)
        hurt = tolerance if self._hurt is None else min(self._hurt - self._in, tolerance)
        pages.journal.write(
            "immersed", pages.booth.clock.now(), of=giving.of, number=giving.number, capped=self._capped
        )
        return {
            "threshold": Estimate(round(hurt, DECIMALS), censored=self._hurt is None),
            "tolerance": Estimate(round(tolerance, DECIMALS), censored=self._capped),
        }

    def _go_in(self, temperature: float) -> None:
        """Wait until the hand goes into the water; from that press on everything is counted."""
        giving, pages, ui = self.giving, self.giving.pages, self.giving.pages.texts.ui
        stimulus = Stimulus("cold", temperature, giving.task.unit, self.task.cap_s, giving.task.rest_s)
        self._limited.permit(stimulus)
        page = Page(ui.cold_in, (), (Button(IN, ui.hand_in, "space", main=True),), stop_label=ui.stop)
        _, _, at = pages.choose("cold_in", page)
        with began(self._limited, stimulus, at) as rested:
            self._in = at
            pages.journal.write(
                "immersion", at, of=giving.of, number=giving.number, level_planned=self.task.temperature,
                level=temperature, unit=stimulus.unit, modality="cold", lasts=self.task.cap_s,
                rested=rested, given=giving.task.given,
            )  # fmt: skip

    def _up(self) -> bool:
        """Return whether the time in the water is up: the cap, or somebody has stopped."""
        return self._limited.on is None or self._capped

    def _next_rating(self) -> float | None:
        """Return when the next rating is due (s, session clock), or None where none comes before the cap."""
        if self.rated is None or self.task.every_s is None:
            return None
        due = self._in + (self._ratings + 1) * self.task.every_s
        return due if due < self._in + self.task.cap_s else None

    def _until(self, due: float | None) -> None:
        """Show the water until the hand comes out, the next rating is due or the cap is reached."""
        end = self._in + self.task.cap_s
        self._watch(self._water, end if due is None else due)
        if self._out is not None or self._up():
            return
        if due is None:
            self._capped = True
        else:
            self._rate(min(due + (self.task.every_s or 0.0), end))

    def _rate(self, until: float) -> None:
        """Ask how strong it is; the hand may come out, and it may begin to hurt, while it is asked."""
        rated = self.rated
        if rated is None:
            return
        self._ratings += 1
        answering = Answering(rated.scale)
        answering.begin(self.giving.pages.texts.ui, back=False)
        given: list[Press] = []

        def take(press: Press) -> bool:
            if answering.take(press) == "chosen":
                given.append(press)
            return bool(given)

        self._watch(lambda: self._form(rated, answering.value), until, take)
        pages = self.giving.pages
        if given:
            pages.journal.write(
                "immersion_rating", given[0].at, of=self.giving.of, number=self.giving.number,
                measure=rated.measure, item=rated.item, value=answering.value, order=self._ratings,
                response_source=given[0].source,
            )  # fmt: skip
        if until >= self._in + self.task.cap_s and not given and self._out is None:
            self._capped = True

    def _watch(
        self, scene: Callable[[], Page | Form], until: float, take: Callable[[Press], bool] | None = None
    ) -> None:
        """Show something until a time, the end of the immersion, or until `take` takes a press."""
        pages, booth = self.giving.pages, self.giving.pages.booth
        first = scene()
        booth.screen.prepare([first])
        flip = booth.screen.show(first)
        name = "cold_water" if isinstance(first, Page) else "cold_rating"
        pages.journal.write("shown", flip, page=name)
        if until <= flip:
            return

        def decide(press: Press, onset: float) -> Press | None:
            del onset
            meant = self._meant(press)
            done = meant in (OUT, HURTS)
            note = done or (take is not None and not press.drag and take(press))
            note_press(pages.journal, press, "answer" if note else "ignored")
            if meant == OUT:
                self._out = press.at
                self._limited.stop(press.at)
                pages.journal.write(
                    "hand_out", press.at, of=self.giving.of, number=self.giving.number, source=press.source
                )
            elif meant == HURTS:
                self._hurt = press.at
                pages.journal.write(
                    "first_pain", press.at, of=self.giving.of, number=self.giving.number, source=press.source
                )
                return None
            return press if note else None

        def shown(_flip: float, _aim: float) -> None:
            self._limited.check()

        booth.watch(
            lambda _aim, _onset: scene(), decide, lasts_s=until - flip, onset=flip, shown=shown,
            over=lambda: self._limited.on is None,
        )  # fmt: skip
        pages.journal.write(HIDDEN, flip, page=name)

    def _meant(self, press: Press) -> str:
        """Return what a press says of the hand: that it hurts for the first time, or comes out."""
        meant = (press.target,) if press.target else KEYS.get(press.key, ())
        if OUT in meant and not press.drag:
            return OUT
        return HURTS if HURTS in meant and self._hurt is None and not press.drag else ""

    def _buttons(self) -> tuple[Button, ...]:
        ui = self.giving.pages.texts.ui
        hurts = () if self._hurt is not None else (Button(HURTS, ui.hurts_now, "space"),)
        return (*hurts, Button(OUT, ui.hand_out, "return", main=True))

    def _water(self) -> Page:
        ui = self.giving.pages.texts.ui
        words = (ui.cold_out,) if self._hurt is not None else (ui.cold_first, ui.cold_out)
        return Page(words[0], words[1:], self._buttons(), stop_label=ui.stop)

    def _form(self, rated: Rated, value: Value | None) -> Form:
        ui, words = self.giving.pages.texts.ui, rated.words
        return Form(
            rated.measure, rated.stage, rated.item, words.instruction_at(rated.stage),
            words.stem_at(rated.stage), words.items[rated.item].words, rated.scale, self._buttons(), 1, 1,
            value, hint=ui.likert_hint, stop_label=ui.stop,
        )  # fmt: skip

    def _come_out(self) -> None:
        """Ask for the hand where the time was up, and wait until it is out."""
        if self._out is not None:
            return
        pages, ui = self.giving.pages, self.giving.pages.texts.ui
        out = Button(CAPPED, ui.hand_out, "return", main=True)
        _, _, at = pages.choose("cold_cap", Page(ui.cold_cap, (), (out,), stop_label=ui.stop))
        self._out = at
        pages.journal.write("hand_out", at, of=self.giving.of, number=self.giving.number, source=None)

    def _note_end(self, *, broken_off: str | None) -> None:
        giving = self.giving
        at = giving.pages.booth.clock.now()
        self._limited.end(at)
        giving.pages.journal.write(
            "stimulus_end", at, of=giving.of, number=giving.number,
            stopped=self._stopped or broken_off is not None, ended=self._limited.ended,
            response_time=None, response_source=None, broken_off=broken_off,
        )  # fmt: skip
