"""What a session that is resumed has behind it, read from its journal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from experiment.definitions.design import Cell
from experiment.journal import Recorded
from experiment.run import Ended
from experiment.scenes import Value


@dataclass(frozen=True, slots=True)
class Past:
    """What a session that is resumed has behind it."""

    done: frozenset[str] = frozenset()
    answers: Mapping[str, Mapping[str, Value | None]] = field(default_factory=dict)
    runs: Mapping[str, int] = field(default_factory=dict)
    ended: Ended | None = None
    stopped: str = ""
    cell: Cell | None = None

    @classmethod
    def of(cls, recorded: Recorded) -> Past:
        """Return the past that a journal tells of; the delay of a later form cannot span two segments."""
        answers: dict[str, dict[str, Value | None]] = {}
        for answer in recorded.all("answer"):
            answers.setdefault(answer["step"], {})[answer["item"]] = answer["value"]
        games = {e["run"]: e for e in recorded.all("run") if e["kind"] == "game"}
        ended = [e for e in recorded.all("run_end") if e["run"] in games]
        last = None
        if ended:
            game = games[ended[-1]["run"]]
            last = Ended(game["number"], game["condition"], None)
        runs = {e["kind"]: e["number"] for e in recorded.all("run")}
        stopped = recorded.last("stopped")
        done = frozenset(e["id"] for e in recorded.all("step_end"))
        drawn = recorded.last("cell")
        cell = None
        if drawn:
            cell = Cell(drawn["cell"], tuple(drawn["conditions"]), tuple(drawn["levels"].items()))
        return cls(done, answers, runs, last, stopped["outcome"] if stopped else "", cell)
