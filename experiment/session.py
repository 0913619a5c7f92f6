"""A protocol's steps in their order, and an orderly end in every case."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import assert_never

from experiment import definitions
from experiment.allocation import Allocated
from experiment.booth import Booth, Interrupted
from experiment.definitions.design import Cell
from experiment.definitions.pain_fit import NOT_ELIGIBLE
from experiment.definitions.protocol import PlannedStep
from experiment.definitions.steps import (
    Ask,
    Connecting,
    Consent,
    Debriefing,
    PainTest,
    Permission,
    Play,
    Practice,
    Rest,
    ShowPage,
    at_level,
)
from experiment.guarding import Guarding, SessionStopped
from experiment.joining import let_arrive
from experiment.journal import Journal
from experiment.limits import Limited
from experiment.paging import Pages
from experiment.pain.side import PainSide, eligible
from experiment.past import Past
from experiment.pressing import note_press
from experiment.questionnaire import Asking, Questionnaire
from experiment.randomness import stream
from experiment.recording import RunOf
from experiment.run import Ended, Run
from experiment.scenes import Value
from experiment.seating import players_of

CALM_S = 2.0
"""How long the calm page stays when the program is told to end."""

FAULT_S = 15.0
"""How long it stays after a fault, unless somebody presses return."""


@dataclass(slots=True)
class Session:
    """One session of one participant.

    Parameters
    ----------
    booth, journal
        Where it takes place and where it is recorded.
    resolved
        The protocol with all that it names.
    seed
        Seed of the session's streams.
    draw_cell
        Draws the participant's cell within a stratum (an empty string where the design has none); called
        once, at the first step that depends on it.
    keep_text
        Stores a free text privately and returns its reference.
    tell
        Says something to the experimenter, never to the participant.
    past
        What was done before, where the session is resumed.
    form
        Makes what asks a measure.
    limited
        What gives stimuli, within the ceilings; None where the protocol has no pain.
    """

    booth: Booth
    journal: Journal
    resolved: definitions.Resolved
    seed: int
    draw_cell: Callable[[str], Allocated]
    keep_text: Callable[[str], str]
    tell: Callable[[str], None]
    past: Past = field(default_factory=Past)
    form: Callable[..., Questionnaire] = Questionnaire
    limited: Limited | None = None
    _ended: Ended | None = field(init=False, default=None)
    _runs: dict[str, int] = field(init=False, default_factory=dict)
    _consented: bool = field(init=False, default=False)
    _done: set[str] = field(init=False, default_factory=set)
    _cell: Cell | None = field(init=False, default=None)
    _given: dict[tuple[str, str], Value | None] = field(init=False, default_factory=dict)
    _pages: Pages = field(init=False)
    _guard: Guarding = field(init=False)
    _pain: PainSide = field(init=False)

    def __post_init__(self) -> None:
        """Make what shows pages, what may break into them, and what gives pain."""
        self._pages = Pages(self.booth, self.journal, self.resolved.texts, self.resolved.protocol.contact)
        self._guard = Guarding(self._pages, self.tell)
        self._pain = PainSide(self._pages, self.resolved, self.limited, self._form, self.tell, self.past)

    def run(self) -> str:
        """Go through the steps and return the outcome, which is also the last event of the journal."""
        self._ended, self._runs, self._done = self.past.ended, dict(self.past.runs), set(self.past.done)
        self._cell = self.past.cell
        self.booth.guard = self._guard
        self.booth.stray = lambda press: note_press(self.journal, press, "unfocused")
        self.booth.halt = self._pain.halt
        try:
            outcome = self._steps()
        except SessionStopped as stopped:
            outcome = self._last(stopped.outcome, self._debrief)
        except Interrupted as interrupted:
            outcome = self._last(interrupted.reason, self._interrupted)
        except Exception as fault:  # noqa: BLE001 - whatever it is, the participant must not see it
            self._pain.abandon()  # before the page that stays for a while
            self._fault(fault)
            outcome = "fault"
        finally:
            self._give_back()
        self.journal.write("end", self.booth.clock.now(), outcome=outcome)
        self.journal.sync()
        return outcome

    def _give_back(self) -> None:
        """Give the device back; where it cannot be told to stop, the experimenter has to know."""
        try:
            self._pain.close()
            self.booth.clock.now()  # where this is gone through again, the fault that is on record
        except Exception as fault:  # noqa: BLE001 - whatever it is, the record must come to its end
            words = "".join(traceback.format_exception(fault))
            self.journal.write("fault", None, kind=type(fault).__name__, message=str(fault), traceback=words)
            self.tell(f"SWITCH THE STIMULATOR OFF: {fault}\a")

    def _last(self, outcome: str, end: Callable[[str], None]) -> str:
        """Bring the session to its end; a fault on the way is recorded and changes neither."""
        try:
            end(outcome)
        except Exception as fault:  # noqa: BLE001 - whatever it is, the participant must not see it
            self._fault(fault)
        return outcome

    def _steps(self) -> str:
        self._consented = bool(self.past.done)
        if self.past.stopped:
            raise SessionStopped(self.past.stopped)
        if self._consented:
            self._go_on()
        for planned in self._planned():
            if planned.id in self.past.done:
                continue
            if not self._step(planned):
                self._guard.calm(CALM_S)
                return "declined"
        return "completed"

    def _go_on(self) -> None:
        """Before the first unfinished step of a resumed session: let nothing begin at once.

        The debriefing and what follows it are pages that wait by themselves.
        """
        protocol = self.resolved.protocol
        step = self.past.next_step(protocol)
        if step is None:
            return
        for alarming in self.past.unpaused:
            self._heed(*alarming)
        cut = isinstance(step.step, Play) and self.past.broken_off(step.id)
        if cut and protocol.interrupted_game == "end":
            raise SessionStopped("ended_after_cut")
        steps = protocol.planned(self.past.cell or protocol.design.cells()[0])
        debriefed = any(isinstance(s.step, Debriefing) and s.id in self.past.done for s in steps)
        self._guard.stoppable = not debriefed
        if not debriefed and not isinstance(step.step, Debriefing):
            self._pages.resume()

    def _planned(self) -> Iterator[PlannedStep]:
        """Yield the steps, drawing the cell no sooner than it matters."""
        protocol = self.resolved.protocol
        first = protocol.first_that_differs()
        yield from list(protocol.planned(protocol.design.cells()[0]))[:first]
        drawn = self.draw_cell(self._stratum())
        cell = self._cell = protocol.design.in_order(drawn.cell, stream(self.seed, "order"))
        self.journal.write(
            "cell", None, cell=cell.name, conditions=cell.conditions, levels=dict(cell.levels),
            belief=protocol.belief_of(cell), slot=drawn.slot, block=drawn.block, stratum=drawn.stratum,
        )  # fmt: skip
        yield from list(protocol.planned(cell))[first:]

    def _stratum(self) -> str:
        """Return the stratum to which this participant's answers so far belong."""
        protocol = self.resolved.protocol
        given: dict[tuple[str, str], Value | None] = {}
        # A resumed session may have answered the same measure again later; that was after the draw.
        for number, step in enumerate(protocol.steps[: protocol.first_that_differs()], start=1):
            if isinstance(step, Ask):
                for item, value in self.past.answers.get(f"{number:02d}-{step.kind}", {}).items():
                    given[step.measure, item] = value
        given |= self._given
        return "-".join(s.label(given.get((s.measure, s.item))) for s in protocol.design.strata)

    def _step(self, planned: PlannedStep) -> bool:
        """Do one step; False when the participant does not consent: that step is never done with."""
        self.journal.write("step", self.booth.clock.now(), id=planned.id, kind=planned.step.kind)
        agreed = self._do(planned)
        if agreed:
            self._done.add(planned.id)
            self.journal.write("step_end", self.booth.clock.now(), id=planned.id)
        self.journal.sync()
        return agreed

    def _do(self, planned: PlannedStep) -> bool:
        match planned.step:
            case Consent(page=page):
                self._consented = self._pages.consent(page)
                return self._consented
            case Permission(page=page):
                self._pages.permission(page)
            case ShowPage(page=page) | Debriefing(page=page):
                self._guard.stoppable &= isinstance(planned.step, ShowPage)
                self._pages.read(page, stop=self._guard.stoppable)
            case Ask():
                self._ask(planned.id, planned.step)
            case Connecting() as connecting:
                self._connect(planned, connecting)
            case Practice(game=game, page=page):
                self._practise(planned.id, game, page)
            case Play():
                self._ended = self._game(planned.id, planned.step, planned.condition or "")
            case PainTest():
                self._pain.test(planned.id, planned.step, self._ended)
            case Rest(page=page, duration_s=duration, then=then):
                self._pages.rest(page, duration, goes_on=then == "go_on")
            case _:
                assert_never(planned.step)
        return True

    def _ask(self, step_id: str, ask: Ask) -> None:
        """Ask a measure; who may not be given pain goes no further than its answers."""
        measure = self.resolved.measures[ask.measure]
        answers = self._form(Asking(step_id, ask.measure, ask.stage, self._ended), measure, ask.lasts_s)
        if measure.role == "eligibility" and not eligible(measure, answers):
            self._pages.read(NOT_ELIGIBLE)
            raise SessionStopped("not_eligible")

    def _form(
        self, of: Asking, measure: definitions.Measure, lasts_s: float | None = None
    ) -> Mapping[str, Value | None]:
        """Ask what has not been answered yet and return every answer."""
        before = self.past.answers.get(of.step_id, {})
        given = dict(before)

        def answered(name: str, item: str, value: Value | None) -> None:
            given[item] = value
            self._answered(name, item, value)

        form = self.form(
            self.booth, self.journal, measure, self.resolved.texts, of, self.seed, self.keep_text, answered,
            before, lasts_s,
        )  # fmt: skip
        self.booth.screen.prepare(form.scenes())
        form.ask()
        return given

    def _connect(self, planned: PlannedStep, step: Connecting) -> None:
        """Let the co-players arrive."""
        resolved = self.resolved
        game = resolved.games[planned.condition or resolved.protocol.design.conditions[0]]
        players = players_of(game, resolved.texts.ui.you, resolved.photos)
        let_arrive(self._pages, step, players, self.seed, planned.id)

    def _practise(self, step_id: str, game: str, page: str | None) -> None:
        """Play the practice; one that was broken off is always played again."""
        attempt = self.past.attempts.get(step_id)
        if attempt is not None and attempt.over:
            return
        if page is not None:
            self._pages.read(page)
        self._play("practice", game, "practice")

    def _game(self, step_id: str, step: Play, condition: str) -> Ended:
        """Play the game, unless its run is over already or, broken off, is not to be repeated."""
        attempt = self.past.attempts.get(step_id)
        name = step.game or condition
        if attempt is None:
            return self._play("game", name, name, step)
        if not attempt.over:
            if self.resolved.protocol.interrupted_game == "repeat":
                return self._play("game", name, name, step)
            self.journal.write("skipped", self.booth.clock.now(), step=step_id, run=attempt.run)
        return attempt.ended

    def _play(self, kind: str, game: str, condition: str, step: Play | None = None) -> Ended:
        number = self._runs[kind] = self._runs.get(kind, 0) + 1
        of = RunOf(number, kind, game, condition)
        resolved = self.resolved
        run = Run(
            self.booth, self.journal, resolved.games[game], resolved.texts, of, self.seed, resolved.photos,
            None if step is None else self._pain.interludes(step, of),
        )  # fmt: skip
        self.booth.screen.prepare(run.scenes())
        return run.play()

    def _answered(self, measure: str, item: str, value: Value | None) -> None:
        self._given[measure, item] = value
        self._heed(measure, item, value)

    def _heed(self, measure: str, item: str, value: Value | None) -> None:
        """Open the experimenter's pause where an answer is one that the protocol warns of."""
        for alert in self.resolved.protocol.alerts:
            hit = (alert.measure, alert.item) == (measure, item)
            if hit and isinstance(value, int | float) and value >= alert.at_least:
                self.journal.write("alert", self.booth.clock.now(), measure=measure, item=item, value=value)
                self.tell(
                    f"alert: {measure}/{item} was answered with {value:g} (the bound is {alert.at_least:g})"
                )
                self._guard.pause()

    def _debrief(self, outcome: str) -> None:
        """After a stop: the debriefing and the question about the data, whatever else was left out."""
        self.journal.write("stopped", self.booth.clock.now(), outcome=outcome)
        if not self._consented:
            self._guard.calm(CALM_S)
            return
        self.booth.guard = None
        try:
            for number, step in enumerate(self.resolved.protocol.steps, start=1):
                step_id = f"{number:02d}-{step.kind}"
                if isinstance(step, Debriefing | Permission) and step_id not in self._done:
                    cell = self._cell
                    told = step if cell is None else at_level(step, cell, cell.conditions[0])
                    self._step(PlannedStep(step_id, told, None))
        except Interrupted as interrupted:
            self.journal.write("interrupted", self.booth.clock.now(), reason=interrupted.reason)
            self._guard.calm(CALM_S)

    def _interrupted(self, reason: str) -> None:
        self.tell(f"ending: {reason.replace('_', ' ')}; everything so far is kept")
        self._guard.calm(CALM_S)

    def _fault(self, fault: Exception) -> None:
        """Record a fault and leave the participant with a calm page."""
        words = "".join(traceback.format_exception(fault))
        self.journal.write("fault", None, kind=type(fault).__name__, message=str(fault), traceback=words)
        self.tell(
            f"fault ({type(fault).__name__}); everything so far is kept, the record says more "
            "(return on the participant's keyboard closes the window)"
        )
        try:
            self._guard.calm(FAULT_S)
        except Exception as second:  # noqa: BLE001 - the screen itself may be what failed
            self.journal.write("fault", None, kind=type(second).__name__, message=str(second), traceback="")
