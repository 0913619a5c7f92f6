"""What was chosen last time, offered again the next time."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import platformdirs

from experiment.asking.answers import Answers
from experiment.files import write_whole

REMEMBERED = ("protocol", "screen")


def memory_file() -> Path:
    """Return where the last choices are remembered: with this user's files, never with the data."""
    return Path(platformdirs.user_state_path("social-pain-overlap")) / "last_start.json"


def remembered() -> dict[str, str]:
    """Return what was chosen last time; nothing where that cannot be read."""
    try:
        found = json.loads(memory_file().read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return {
        name: found[name]
        for name in REMEMBERED
        if isinstance(found, dict) and isinstance(found.get(name), str)
    }


def remember(answers: Answers) -> None:
    """Keep the choices that the next session most likely shares; nothing is lost where that fails."""
    chosen = {name: text for name, text in asdict(answers).items() if name in REMEMBERED}
    try:
        write_whole(memory_file(), json.dumps(chosen) + "\n")
    except OSError:
        return
