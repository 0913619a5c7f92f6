"""Events of a journal to rows of its tables: throws and phases, answers, the session and the participant."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from experiment.columns import label
from experiment.journal import Event, Recorded
from experiment.pain_rows import estimated, is_of_a_task, within_run
from experiment.study import Who

Row = Mapping[str, object]

GAME = "cyberball"
"""Task label of the game's tables."""

RUN_EVENTS = ("phase", "plan", "release", "catch", "line", "offer", "left", "run_end")


def runs(recorded: Recorded) -> Iterator[tuple[str, int, list[Row]]]:
    """Yield task, number and rows of each run, one that was broken off included."""
    for start in recorded.all("run"):
        own = [e for e in recorded.all(*RUN_EVENTS) if e["run"] == start["run"]]
        rows = [*_phase_rows(start, own), *_throw_rows(start, own), *within_run(start, recorded)]
        rows.sort(key=lambda row: (float(str(row["onset"])), row["trial_type"] != "phase"))
        yield ("practice" if start["kind"] == "practice" else GAME), start["number"], rows


def _phase_rows(start: Event, events: list[Event]) -> Iterator[Row]:
    phases = [e for e in events if e["event"] == "phase"]
    over = next((e["t"] for e in events if e["event"] == "run_end"), None)
    for number, phase in enumerate(phases, start=1):
        end = phases[number]["t"] if number < len(phases) else over
        yield {
            "onset": phase["t"] - start["t"],
            "duration": None if end is None else end - phase["t"],
            "trial_type": "phase",
            "phase": phase["phase"],
            "condition": start["condition"],
            "clock_drift": _drift(start, phase),
        }


def _drift(start: Event, later: Event) -> float:
    """Return by how much the first clock has gained on the second since a run began (s)."""
    (first_0, second_0), (first, second) = start["clocks"], later["clocks"]
    return float((first - first_0) - (second - second_0))


def _throw_rows(start: Event, events: list[Event]) -> Iterator[Row]:
    catches = {e["throw"]: e for e in events if e["event"] == "catch"}
    drawn: dict[int, float] = {}
    # A line may come up with the first flip, and is then written before the phase that begins with it.
    phase = next((e["phase"] for e in events if e["event"] == "phase"), None)
    for event in events:
        match event["event"]:
            case "phase":
                phase = event["phase"]
            case "plan":
                drawn[event["throw"]] = event["drawn"]
            case "release":
                row = _throw_row(start, phase, event, catches.get(event["throw"], {}))
                yield {**row, "pause_drawn": drawn.get(event["throw"])}
            case "line" | "left" | "offer":
                yield _other_row(start, phase, event)


def _other_row(start: Event, phase: str | None, event: Event) -> Row:
    """Return the row of something that is said, or of somebody who leaves or is let leave."""
    player = event.get("player")
    if event["event"] == "line":
        kind = "message" if player is None else "chat"
    elif event["event"] == "offer":
        kind = "leave_offered"
    else:
        kind = "participant_left" if player == 2 else "coplayer_left"
    return {
        "onset": event["t"] - start["t"],
        "onset_planned": event["aim"] - start["t"] if "aim" in event else None,
        "duration": event.get("lasts"),
        "trial_type": kind,
        "throw": event["throw"] or None,
        "phase": phase,
        "condition": start["condition"],
        "thrower": None if player is None else label(player),
        "text": event.get("text"),
    }


def _throw_row(start: Event, phase: str | None, release: Event, catch: Event) -> Row:
    by_participant = release["thrower"] == 2
    kind = "coplayer_to_participant" if release["receiver"] == 2 else "coplayer_to_coplayer"
    return {
        "onset": release["t"] - start["t"],
        "duration": catch["t"] - release["t"] if catch else None,
        "onset_planned": release["aim"] - start["t"],
        "trial_type": "participant_throw" if by_participant else kind,
        "throw": release["throw"],
        "phase": phase,
        "condition": start["condition"],
        "thrower": label(release["thrower"]),
        "receiver": label(release["receiver"]),
        "chosen": None if release["chosen"] is None else label(release["chosen"]),
        "overruled": release["overruled"],
        "response_time": release["response_time"],
        "response_source": release["response_source"],
        "pause_planned": release["pause_planned"],
        "pause": None if by_participant else release["t"] - release["ready"],
        "flight_planned": release["flight_planned"],
        "receptions": release["receptions"],
        "dose": release["receptions"] / release["throw"],
        "anticipations": catch.get("anticipations"),
        "taken_over": release["taken_over"],
        "interrupted": release["paused"] + catch.get("paused", 0.0),
        "frames": catch.get("frames"),
        "frames_late": _late(catch),
        "frame_longest": catch.get("frame_longest"),
    }


def _late(account: Event) -> int | None:
    """Return how many frames of an account were late."""
    late = account.get("frames_late")
    return None if late is None else len(late)


def forms(recorded: Recorded) -> dict[tuple[str, str, int | None], list[Row]]:
    """Return the rows of each form; an item answered again counts as answered last, where it first stood."""
    measures = recorded.header["resolved"]["measures"]
    forms: dict[tuple[str, str, int | None], dict[str, Row]] = {}
    for answer in recorded.all("answer"):
        if is_of_a_task(answer):
            continue
        key = (answer["measure"], answer["stage"], answer["run"])
        item = next(i for i in measures[answer["measure"]]["items"] if i["id"] == answer["item"])
        forms.setdefault(key, {})[answer["item"]] = {
            **{
                name: answer[name]
                for name in ("measure", "stage", "condition", "item", "value", "response_time")
            },
            **{name: answer[name] for name in ("order", "delay", "response_source", "text_ref")},
            "interrupted": answer["paused"],
            "subscale": item.get("subscale"),
        }
    found = {key: sorted(rows.values(), key=_order) for key, rows in forms.items()}
    return found | dict(estimated(recorded))


def _order(row: Row) -> int:
    return int(str(row["order"]))


def participant_row(recorded: Recorded) -> Row:
    """Return what a session tells of its participant."""
    given = {(a["measure"], a["item"]): a["value"] for a in recorded.all("answer")}
    roles = {name: m["role"] for name, m in recorded.header["resolved"]["measures"].items()}
    own = {item: value for (measure, item), value in given.items() if roles[measure] == "demographics"}
    return {
        "participant_id": f"sub-{recorded.header['participant']}",
        **{name: own.get(name) for name in ("age", "gender", "handedness")},
        "simulated": recorded.header["simulated"],
    }


def session_row(recorded: Recorded, who: Who) -> Row:
    """Return how a session went, with the proof of its timing."""
    header = recorded.header
    segment = next(recorded.all("segment"), {})
    drawn, end, permission = recorded.last("cell"), recorded.last("end"), recorded.last("permission")
    games = {e["run"] for e in recorded.all("run") if e["kind"] == "game"}
    accounts = [e for e in recorded.all("catch", "run_end") if e["run"] in games]
    screen: Mapping[str, Any] = segment.get("screen", {})
    return {
        "session_id": f"ses-{who.session}",
        "protocol": header["protocol"],
        "cell": drawn["cell"] if drawn else None,
        "conditions": ",".join(drawn["conditions"]) if drawn else None,
        "factors": ",".join(f"{k}={v}" for k, v in drawn["levels"].items()) or None if drawn else None,
        "belief": drawn["belief"] if drawn else None,
        "stratum": drawn["stratum"] or None if drawn else None,
        "outcome": end["outcome"] if end and recorded.has_ended else "cut_off",
        "permission": permission["answer"] if permission else "unanswered",
        "acq_time": segment.get("wall"),
        "duration": _duration(recorded),
        "language": header["language"],
        "definitions": header["definitions"],
        "seed": str(header["seed"]),
        "segments": sum(1 for _ in recorded.all("segment")),
        "refresh_rate": screen.get("refresh_hz"),
        "pacing": _pacing(recorded),
        "keyboard": segment.get("keys", {}).get("backend"),
        "frames": _total(account["frames"] for account in accounts),
        "frames_late": _total(_late(account) for account in accounts),
        "frame_longest": max(
            (e["frame_longest"] for e in accounts if e["frame_longest"] is not None), default=None
        ),
        "clock_drift": _largest_drift(recorded),
        "incomplete": ",".join(f"{number:02d}" for number in _incomplete(recorded)) or None,
        "simulated": header["simulated"],
    }


def _pacing(recorded: Recorded) -> str | None:
    """Return how frames were paced; a session that was emulated in part never passes for a display."""
    paced = [segment.get("screen", {}).get("pacing") for segment in recorded.all("segment")]
    return "emulated" if "emulated" in paced else next(iter(paced), None)


def _largest_drift(recorded: Recorded) -> float | None:
    """Return the largest disagreement of the two clocks over any run of the game, or None without one."""
    drifts = [
        _drift(start, later)
        for start in recorded.all("run")
        for later in recorded.all("phase", "run_end")
        if start["kind"] == "game" and later["run"] == start["run"]
    ]
    return max(drifts, key=abs, default=None)


def _incomplete(recorded: Recorded) -> list[int]:
    """Return the numbers of the runs of the game that were broken off."""
    ended = {e["run"] for e in recorded.all("run_end")}
    return [e["number"] for e in recorded.all("run") if e["kind"] == "game" and e["run"] not in ended]


def _total(counts: Iterable[int | None]) -> int | None:
    known = [count for count in counts if count is not None]
    return sum(known) if known else None


def _duration(recorded: Recorded) -> float | None:
    """Return the time covered by the segments together; times of two segments are never compared."""
    total, first, last = 0.0, None, None
    for event in recorded.events:
        if event["event"] == "segment":
            total += 0.0 if first is None or last is None else last - first
            first = last = None
        elif event["t"] is not None:
            first = event["t"] if first is None else first
            last = event["t"] if last is None else max(last, event["t"])
    return total + (0.0 if first is None or last is None else last - first)
