"""Whole sessions gone through again, segment by segment."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial

from experiment import definitions
from experiment.allocation import Allocated
from experiment.booth import Booth
from experiment.definitions.laboratory import Laboratory
from experiment.journal import Event, Recorded
from experiment.limits import Limited
from experiment.past import Past
from experiment.retracing.forms import AnsweredForm
from experiment.retracing.ports import RetracedClock, RetracedInterruptions, RetracedKeys, RetracedScreen
from experiment.retracing.script import Difference, RecordEnds, RetracedJournal, Script, unheard
from experiment.session import Session

NO_DECISION = frozenset({"watchdog"})
"""Events of real time of which nothing follows: a device that was stopped since the screen hung."""


def segments(recorded: Recorded) -> Iterator[tuple[Event, Recorded, Script]]:
    """Yield the line with which each segment begins, what came before it, and its events."""
    starts = [i for i, event in enumerate(recorded.events) if event["event"] == "segment"]
    stops = [*starts, len(recorded.events)][1:]  # none where it broke off after its first line
    for start, stop in zip(starts, stops, strict=True):
        before = replace(recorded, events=recorded.events[:start])
        yield (
            recorded.events[start], before,
            Script(
                [e for e in recorded.events[start + 1 : stop] if e["event"] not in NO_DECISION],
                last_line=recorded.events[start]["n"],
            ),
        )  # fmt: skip


def drawn_again(
    recorded: Recorded, before: Recorded, script: Script, resolved: definitions.Resolved, stratum: str
) -> Allocated:
    """Return the cell that is on record: chance outside the session drew it."""
    event = script.due()
    if event["event"] != "cell":
        raise Difference(script.line, f"has '{event['event']}' where the cell is drawn")
    named = {cell.name: cell for cell in resolved.protocol.design.cells()}
    if event["cell"] not in named:
        raise Difference(script.line, f"cell: '{event['cell']}' is no cell of the design")
    first = before.last("cell") is None and int(recorded.header["session"]) == 1
    return Allocated(
        named[event["cell"]], event["slot"], event["block"], stratum if first else event["stratum"]
    )


def _limited_again(
    recorded: Recorded, resolved: definitions.Resolved, script: Script, past: Past
) -> Limited | None:
    """Return the ceilings that are on record, with nothing that could be driven."""
    if not resolved.pain:
        return None
    event = script.next
    if event is None or event["event"] != "laboratory":
        raise Difference(script.line, "has no ceilings, and the session has pain tasks")
    script.place += 1
    script.last_line = int(event["n"])
    laboratory = None if event["laboratory"] is None else Laboratory.of_record(event["laboratory"])
    return Limited(laboratory, given=past.given, simulated=bool(recorded.header["simulated"]))


def _keep_nothing(_text: str) -> str:
    raise AssertionError("a form that was answered keeps no text")


def retraced(
    recorded: Recorded,
    resolved: definitions.Resolved,
    before: Recorded,
    script: Script,
    booth: Booth,
    *,
    form: Callable[..., AnsweredForm] = AnsweredForm,
    passed: Callable[[Event], None] = unheard,
) -> Session:
    """Return the session of one segment, ready to be gone through again in a booth.

    `form` makes what asks a measure; `passed` is told of each event as it is gone through.
    """
    past = Past.of(before) if any(before.all("segment")) else Past()
    return Session(
        booth,
        RetracedJournal(recorded.path, script, passed),
        resolved,
        int(recorded.header["seed"]),
        partial(drawn_again, recorded, before, script, resolved),
        _keep_nothing,
        lambda _message: None,
        past,
        form=partial(form, script=script),
        limited=_limited_again(recorded, resolved, script, past),
    )


def retrace(recorded: Recorded, resolved: definitions.Resolved) -> None:
    """Go through a recorded session again.

    Raises
    ------
    Difference
        At the first thing that is not as it was.
    """
    for start, before, script in segments(recorded):
        screen = RetracedScreen(script, float(start["screen"]["period_s"]))
        booth = Booth(
            screen, RetracedKeys(script, screen), RetracedClock(script), RetracedInterruptions(script)
        )
        run_again(retraced(recorded, resolved, before, script, booth), script)


def run_again(session: Session, script: Script) -> None:
    """Run a session through its script.

    Raises
    ------
    Difference
        When it does not come out as it did.
    """
    try:
        session.run()
    except RecordEnds:
        return
    if script.next is not None:
        raise Difference(script.line, f"has '{script.next['event']}' after the session's end")
