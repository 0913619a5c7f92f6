"""A journal written anew with other events and a good chain of hashes: what only a recomputation finds."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from experiment import journal
from experiment.journal import Journal


def rechain(file: Path, change: Callable[[list[dict[str, Any]]], Iterable[Mapping[str, Any]] | None]) -> None:
    """Change the events of a journal; the result has no broken line."""
    events = [dict(event) for event in journal.read(file).events]
    changed = change(events)
    file.unlink()
    with Journal(file, durable=False) as record:
        for event in events if changed is None else changed:
            body = json.loads(json.dumps(event))
            kind, t = body.pop("event"), body.pop("t")
            record.write(kind, t, **{key: value for key, value in body.items() if key not in ("n", "hash")})
