"""The lines with which a journal and its segments begin: definitions, machine, what gives stimuli."""

from __future__ import annotations

import platform
from datetime import datetime
from importlib import metadata

from experiment import definitions, journal
from experiment.booth import Booth
from experiment.columns import VERSION
from experiment.definitions.laboratory import Laboratory
from experiment.earlier import machine_mark
from experiment.limits import Limited
from experiment.study import Study, Who

PACKAGES = ("psychopy", "psychtoolbox", "pyglet", "numpy", "pydantic")


def header(resolved: definitions.Resolved, study: Study, who: Who, seed: int) -> dict[str, object]:
    """Return the first line of a journal: who, and with which definitions, whole."""
    return {
        "format": journal.FORMAT,
        "rules": journal.RULES,
        "software": VERSION,
        "study": study.name,
        "participant": who.code,
        "session": who.session,
        "simulated": study.simulated,
        "protocol": resolved.name,
        "language": resolved.language,
        "definitions": resolved.digest,
        "seed": seed,
        "resolved": {
            "protocol": resolved.protocol.model_dump(mode="json", exclude_none=True),
            "games": {
                name: game.model_dump(mode="json", exclude_none=True) for name, game in resolved.games.items()
            },
            "measures": {
                name: m.model_dump(mode="json", exclude_none=True) for name, m in resolved.measures.items()
            },
            **_pain(resolved),
        },
    }


def _pain(resolved: definitions.Resolved) -> dict[str, object]:
    """Return the pain tasks for the first line of a journal, which has none where there are none."""
    tasks = {name: p.model_dump(mode="json", exclude_none=True) for name, p in resolved.pain.items()}
    return {"pain": tasks} if tasks else {}


def note_laboratory(record: journal.Journal, laboratory: Laboratory | None, limited: Limited) -> None:
    """Write the ceilings of this segment, and what gives the stimuli."""
    ceilings = None if laboratory is None else laboratory.as_record()
    record.write("laboratory", None, laboratory=ceilings, device=dict(limited.describe()))


def machine(booth: Booth, experimenter: str) -> dict[str, object]:
    """Describe the machine and the moment; the machine's name is kept as a mark only."""
    return {
        "wall": datetime.now().astimezone().isoformat(timespec="seconds"),
        "machine": machine_mark(),
        "experimenter": experimenter or None,
        "python": platform.python_version(),
        "system": platform.platform(),
        "packages": {name: metadata.version(name) for name in PACKAGES},
        "screen": {**booth.screen.describe(), "period_s": booth.screen.period_s},
        "keys": dict(booth.keys.describe()),
        "clock": "perf_counter",
        "second_clock": "psychtoolbox",
        "clocks": booth.clock.pair(),
    }
