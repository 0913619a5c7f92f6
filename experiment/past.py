"""What a session that is resumed has behind it, read from its journal, and where it goes on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from experiment.definitions.design import Cell
from experiment.definitions.protocol import InterruptedGame, PlannedStep, Protocol
from experiment.definitions.steps import Practice
from experiment.journal import Recorded
from experiment.run import Ended
from experiment.scenes import Value


@dataclass(frozen=True, slots=True)
class Attempt:
    """The run that was begun last at a step.

    `number` counts the runs that were begun at the step. `over` is true once the run was played to its end or
    skipped by the protocol: the step is then done with, even where the record broke off before it says so.
    """

    run: str
    ended: Ended
    number: int = 1
    over: bool = False


@dataclass(frozen=True, slots=True)
class Past:
    """What a session that is resumed has behind it.

    `attempts` has a run for each step at which one was begun. `pain_attempts` counts those at each pain task
    and stage, `thresholds` has what they gave, `given` counts the stimuli by modality, `stopped_levels` has
    the lowest that somebody stopped. `unpaused` has measure, item and answer of what was answered since the
    experimenter's pause was last brought to its end.
    """

    done: frozenset[str] = frozenset()
    answers: Mapping[str, Mapping[str, Value | None]] = field(default_factory=dict)
    runs: Mapping[str, int] = field(default_factory=dict)
    ended: Ended | None = None
    stopped: str = ""
    cell: Cell | None = None
    attempts: Mapping[str, Attempt] = field(default_factory=dict)
    unpaused: tuple[tuple[str, str, Value | None], ...] = ()
    pain_attempts: Mapping[tuple[str, str], int] = field(default_factory=dict)
    thresholds: Mapping[str, float | None] = field(default_factory=dict)
    given: Mapping[str, int] = field(default_factory=dict)
    stopped_levels: Mapping[str, float] = field(default_factory=dict)

    @classmethod
    def of(cls, recorded: Recorded) -> Past:
        """Return the past that a journal tells of; the delay of a later form cannot span two segments."""
        answers: dict[str, dict[str, Value | None]] = {}
        unpaused: list[tuple[str, str, Value | None]] = []
        for event in recorded.all("answer", "pause"):
            if event["event"] == "pause":
                unpaused = []
                continue
            answers.setdefault(event["step"], {})[event["item"]] = event["value"]
            unpaused.append((event["measure"], event["item"], event["value"]))
        attempts, last = _attempts(recorded)
        runs = {e["kind"]: e["number"] for e in recorded.all("run")}
        stopped = recorded.last("stopped")
        done = frozenset(e["id"] for e in recorded.all("step_end"))
        drawn = recorded.last("cell")
        cell = None
        if drawn:
            cell = Cell(drawn["cell"], tuple(drawn["conditions"]), tuple(drawn["levels"].items()))
        outcome = stopped["outcome"] if stopped else ""
        return cls(
            done, answers, runs, last, outcome, cell, attempts, tuple(unpaused),
            {(e["task"], e["stage"]): e["number"] for e in recorded.all("pain")},
            {e["task"]: e["estimates"]["threshold"]["value"] for e in recorded.all("estimate")},
            Counter(e["modality"] for e in recorded.all("stimulus", "immersion")),
            _stopped_levels(recorded),
        )  # fmt: skip

    def next_step(self, protocol: Protocol) -> PlannedStep | None:
        """Return the first step that is not done, or None; until the cell is drawn it is the same for all."""
        planned = protocol.planned(self.cell or protocol.design.cells()[0])
        return next((step for step in planned if step.id not in self.done), None)

    def broken_off(self, step_id: str) -> Attempt | None:
        """Return the run that was broken off at a step, or None."""
        attempt = self.attempts.get(step_id)
        return None if attempt is None or attempt.over else attempt

    def told(self, protocol: Protocol) -> str:
        """Say for the experimenter where the session goes on; never its condition."""
        if self.stopped:
            return f"for its last pages alone ({self.stopped.replace('_', ' ')})"
        step = self.next_step(protocol)
        if step is None:
            return "after its last step"
        state = self._state(step, protocol.interrupted_game)
        return f"at step {step.id} ({state})" if state else f"at step {step.id}"

    def _state(self, step: PlannedStep, interrupted_game: InterruptedGame) -> str:
        """Say how far a step had come, and what becomes of a run that was broken off."""
        attempt = self.attempts.get(step.id)
        if attempt is None:
            return "its first unanswered item" if self.answers.get(step.id) else ""
        what, becomes = "game", interrupted_game
        if isinstance(step.step, Practice):
            what, becomes = "practice", "repeat"
        if attempt.over:
            return f"the {what} is over"
        match becomes:
            case "repeat":
                return f"attempt {attempt.number + 1}; the interrupted {what} is repeated"
            case "skip":
                return f"the interrupted {what} is skipped"
            case "end":
                return f"the interrupted {what} ends the session with the debriefing"


def _stopped_levels(recorded: Recorded) -> dict[str, float]:
    """Return the lowest level of each modality that somebody stopped, not only the session's end."""
    found: dict[str, float] = {}
    on = None
    for event in recorded.all("stimulus", "stimulus_over", "stimulus_end"):
        if event["event"] == "stimulus":
            on = event
        elif on is not None and event["stopped"] and event.get("broken_off") is None:
            found[on["modality"]] = min(on["level"], found.get(on["modality"], on["level"]))
            on = None
    return found


def _attempts(recorded: Recorded) -> tuple[dict[str, Attempt], Ended | None]:
    """Return the run begun last at each step, and the game that came last: over, or skipped."""
    attempts: dict[str, Attempt] = {}
    steps: dict[str, str] = {}
    games: set[str] = set()
    step, last = "", None
    for event in recorded.all("step", "run", "run_end", "skipped"):
        match event["event"]:
            case "step":
                step = event["id"]
            case "run":
                number = 1 + (attempts[step].number if step in attempts else 0)
                ended = Ended(event["number"], event["condition"], None)
                attempts[step] = Attempt(event["run"], ended, number)
                steps[event["run"]] = step
                if event["kind"] == "game":
                    games.add(event["run"])
            case _:
                own = steps[event["run"]]
                attempts[own] = replace(attempts[own], over=True)
                last = attempts[own].ended if event["run"] in games else last
    return attempts, last
