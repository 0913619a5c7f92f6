"""What a journal tells of pain, as rows: stimuli and ratings within a run, pain tasks, their estimates."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from experiment.definitions.mentions import TYPED
from experiment.definitions.pain import Pain
from experiment.definitions.reading import checked
from experiment.journal import Event, Recorded

Row = Mapping[str, object]

OVER = ("stimulus_over", "stimulus_end")
"""How the end of a stimulus is told: by a flip, or when it was noticed."""


def has_interludes(recorded: Recorded) -> bool:
    """Return whether something comes into runs of the game besides throws, as the protocol says."""
    steps = recorded.header["resolved"]["protocol"]["steps"]
    flat = [inner for step in steps for inner in (step, *step.get("steps", ()))]
    return any(step["kind"] == "game" and (step.get("probe") or step.get("ratings")) for step in flat)


def within_run(start: Event, recorded: Recorded) -> Iterator[Row]:
    """Yield the stimuli and the ratings of one run."""
    run = start["run"]
    zero = start["t"]
    ends = {e["number"]: e for e in recorded.all(*OVER) if e.get("run") == run}
    phases = [e for e in recorded.all("phase") if e["run"] == run]
    for event in recorded.all("stimulus"):
        if event.get("run") != run:
            continue
        end = ends.get(event["number"])
        yield {
            **_run_event(start, phases, event["t"]), "trial_type": "pain_stimulus",
            "onset_planned": event["aim"] - zero,
            "duration": _lasted_s(event, end),
            "throw": event["throw"] or None, "stimulus": event["number"],
            "level": event["level"], "level_unit": event["unit"], "level_planned": event["level_planned"],
            "stopped": None if end is None else end["stopped"], "onset_session": event["t"],
        }  # fmt: skip
    for answer in recorded.all("answer"):
        if answer["step"].startswith(f"{run}/") and answer["measure"] not in TYPED:
            kind, _, number = answer["stage"].rpartition("_")
            yield {
                **_run_event(start, phases, answer["onset"]), "trial_type": "rating",
                "duration": _answered_s(answer), "response_time": answer["response_time"],
                "response_source": answer["response_source"], "interrupted": answer["paused"],
                "stimulus": int(number) if kind == "probe" else None,
                "measure": answer["measure"], "item": answer["item"], "value": answer["value"],
                "onset_session": answer["onset"],
            }  # fmt: skip


def _run_event(start: Event, phases: list[Event], at: float) -> dict[str, object]:
    """Return what every such event has: when in the run, in which phase, under which condition."""
    phase = next((e["phase"] for e in reversed(phases) if e["t"] <= at), None)
    return {"onset": at - start["t"], "phase": phase, "condition": start["condition"]}


def _lasted_s(start: Event, end: Event | None) -> float | None:
    """Return how long a stimulus was on (s): to when it ended, which may be before that was noticed."""
    if not end:
        return None
    at = end.get("ended")
    return float(end["t"] if at is None else at) - float(start["t"])


def _answered_s(answer: Event) -> float | None:
    return None if answer["response_time"] is None else float(answer["response_time"])


def tasks(recorded: Recorded) -> Iterator[tuple[str, str, int, list[Row]]]:
    """Yield name, stage, number and rows of each attempt at a pain task."""
    plans = recorded.header["resolved"].get("pain", {})
    for start in recorded.all("pain"):
        own = [e for e in recorded.events if e.get("of") == start["of"] and e["event"] != "pain"]
        answers = [
            e
            for e in recorded.all("answer")
            if e["step"].startswith(f"{start['of']}/") and e["measure"] not in TYPED
        ]
        rows = [*_stimuli(own), *_answers(answers), *_in_water(own)]
        rows += _estimates(own, checked(plans[start["task"]], Pain))
        common = {name: start[name] for name in ("task", "stage", "condition")}
        finished: list[Row] = [{**common, **row, **_times(row, start["t"])} for row in rows]
        finished.sort(key=lambda row: float(str(row["onset"])))
        yield start["task"], start["stage"], start["number"], finished


def _times(row: Row, zero: float) -> dict[str, object]:
    at = float(str(row["at"]))
    return {"onset": at - zero, "onset_session": at}


def _stimuli(own: list[Event]) -> Iterator[Row]:
    ends = {e["number"]: e for e in own if e["event"] in OVER}
    outs = {e["number"]: e for e in own if e["event"] == "hand_out"}
    reached = {e["number"]: e["reached"] for e in own if e["event"] == "reached"}
    for event in own:
        if event["event"] not in ("stimulus", "immersion"):
            continue
        end = ends.get(event["number"], {})
        last = outs.get(event["number"], end)
        lasted_s = _lasted_s(event, last)
        yield {
            "at": event["t"], "trial_type": event["event"],
            "duration": lasted_s,
            "stimulus": event["number"], "series": event.get("series"),
            "level": event["level"], "level_unit": event["unit"], "level_planned": event["level_planned"],
            "stopped": end.get("stopped"), "rested": event["rested"], "reached": reached.get(event["number"]),
            "response_time": end.get("response_time"), "given": event["given"],
        }  # fmt: skip


def _answers(answers: list[Event]) -> Iterator[Row]:
    for answer in answers:
        yield {
            "at": answer["onset"], "trial_type": "rating", "duration": _answered_s(answer),
            "stimulus": int(answer["step"].rpartition("/")[2]), "response_time": answer["response_time"],
            "measure": answer["measure"], "item": answer["item"], "value": answer["value"],
        }  # fmt: skip


def _in_water(own: list[Event]) -> Iterator[Row]:
    since = {e["number"]: e["t"] for e in own if e["event"] == "immersion"}
    for event in own:
        if event["event"] in ("first_pain", "immersion_rating"):
            yield {
                "at": event["t"],
                "trial_type": "rating" if event["event"] == "immersion_rating" else "first_pain",
                "stimulus": event["number"], "response_time": event["t"] - since[event["number"]],
                "measure": event.get("measure"), "item": event.get("item"), "value": event.get("value"),
            }  # fmt: skip


def _estimates(own: list[Event], plan: Pain) -> Iterator[Row]:
    unit = "s" if plan.modality == "cold" else plan.unit
    for event in own:
        if event["event"] == "estimate":
            for name, found in event["estimates"].items():
                yield {
                    "at": event["t"], "trial_type": name, "value": found["value"], "unit": unit,
                    "censored": found["censored"],
                }  # fmt: skip


def estimated(recorded: Recorded) -> Iterator[tuple[tuple[str, str, int | None], list[Row]]]:
    """Yield the estimates of pain tasks as ratings: the key of the form and its rows.

    A task that was gone through twice at one stage counts as it was the last time.
    """
    last = {(e["task"], e["stage"], e["run"]): e for e in recorded.all("estimate")}
    for key, event in last.items():
        rows: list[Row] = []
        for name, found in event["estimates"].items():
            censored = None if found["value"] is None else int(found["censored"])
            for item, value in ((name, found["value"]), (f"{name}_censored", censored)):
                rows.append(
                    {
                        "measure": event["task"], "stage": event["stage"], "condition": event["condition"],
                        "item": item, "subscale": item, "value": value,
                        "order": len(rows) + 1,
                    }
                )  # fmt: skip
        yield key, rows


def is_of_a_task(answer: Event) -> bool:
    """Return whether an answer is about one stimulus of a pain task, or a level: no form of its own."""
    return bool(answer["measure"] in TYPED or answer["step"].startswith("pain-"))


def measures_of(resolved: Mapping[str, Any]) -> dict[str, Any]:
    """Return the measures of a session, what pain tasks estimate among them, as the journal has them."""
    found = dict(resolved["measures"])
    for name, plan in resolved.get("pain", {}).items():
        measure = checked(plan, Pain).measure()
        if measure is not None:
            found[name] = measure.model_dump(mode="json", exclude_none=True)
    return found
