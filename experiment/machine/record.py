"""The file of a check: written whole, kept for this computer, and copied into each dataset it is used for."""

from __future__ import annotations

import getpass
import json
import platform
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from experiment.columns import VERSION
from experiment.earlier import machine_mark
from experiment.files import write_whole
from experiment.machine.bounds import BOUNDS
from experiment.machine.finding import PACING, Finding, Overall
from experiment.study import spool_root

FORMAT = 1
STAMP = "%Y%m%dT%H%M%S"
OLD_AFTER = timedelta(days=30)
HOW = "'spot check --machine' does it in a minute"
TOLD = "'spot check --machine' says what to do"

Record = dict[str, Any]


def kept_file() -> Path:
    """Return where this computer keeps its latest check."""
    return spool_root() / "machine.json"


def folder_in(dataset: Path) -> Path:
    """Return where a dataset keeps the checks of the computers that were used for it."""
    return dataset / "sourcedata" / "machines"


def file_in(dataset: Path, record: Mapping[str, Any]) -> Path:
    """Return the file of a check in a dataset."""
    moment = datetime.fromisoformat(record["checked"])
    return folder_in(dataset) / f"{record['machine']}_{moment.strftime(STAMP)}.json"


def recorded(
    findings: Sequence[Finding], verdict: Overall, screen: Mapping[str, object], more: Mapping[str, object]
) -> Record:
    """Return what the file of a check holds; names of computer and user are taken out of what was found."""
    paced = next((found.value for found in findings if found.name == PACING), None)
    return {
        "format": FORMAT,
        "software": VERSION,
        "machine": machine_mark(),
        "checked": datetime.now().astimezone().isoformat(timespec="seconds"),
        "verdict": verdict.words,
        "ready": verdict.ready,
        "usable": verdict.verdict != "bad",
        "pacing": paced,
        "emulated": paced == "emulated",
        **more,
        "system": platform.platform(),
        "screen": dict(screen),
        "findings": [_unnamed(asdict(found)) for found in findings],
        "bounds": [
            {"name": b.name, "unit": b.unit, "good": b.good, "fair": b.fair if b.fair < 1e300 else None,
             "more_is_better": b.least} for b in BOUNDS
        ],
    }  # fmt: skip


def _unnamed(value: Any) -> Any:
    """Return the same without the names of this computer, its user and their folder, wherever they stand."""
    if isinstance(value, Mapping):
        return {key: _unnamed(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_unnamed(each) for each in value]
    if not isinstance(value, str):
        return value
    said = value.replace(str(Path.home()), "~")
    for name in names_here():
        said = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", "(name)", said)
    return said


def names_here() -> list[str]:
    """Return what must not stand in a file: the names of computer and user."""
    try:
        user = getpass.getuser()
    except (OSError, KeyError, ImportError):  # nobody known to the system
        user = ""
    return [name for name in (platform.node(), user) if name]


def as_text(record: Mapping[str, Any]) -> str:
    """Return the text of a check's file."""
    return json.dumps(record, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def latest(dataset: Path | None = None) -> Record | None:
    """Return the latest check of this computer: its own, or one that the dataset has."""
    mark = machine_mark()
    files = [kept_file(), *(sorted(folder_in(dataset).glob(f"{mark}_*.json")) if dataset else ())]
    found = [record for file in files if (record := _read(file)) is not None and record["machine"] == mark]
    return max(found, key=lambda record: datetime.fromisoformat(record["checked"]), default=None)


def _read(file: Path) -> Record | None:
    """Return a check's file; None where there is none, or none that can be read."""
    try:
        record = json.loads(file.read_text(encoding="utf-8"))
        datetime.fromisoformat(record["checked"]).astimezone()
        screen = record["screen"]
        if record["format"] != FORMAT or not isinstance(screen, dict):
            return None
        str(record["machine"]), str(record["verdict"]), bool(record["usable"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return dict(record)


def bring(dataset: Path, screen: Mapping[str, object], tell: Callable[[str], None]) -> None:
    """Put the latest check of this computer into a dataset, and say where there is none that fits.

    Nothing here stops a session: what cannot be written is told.
    """
    try:
        record = latest(dataset)
        if record is not None and not file_in(dataset, record).is_file():
            write_whole(file_in(dataset, record), as_text(record))
    except OSError as error:
        tell(f"the check of this computer could not be put into the dataset ({error.strerror})")
        return
    doubt = doubtful(record, screen, datetime.now().astimezone())
    if doubt:
        tell(doubt)


def doubtful(record: Mapping[str, Any] | None, screen: Mapping[str, object], now: datetime) -> str:
    """Return what speaks against relying on the latest check of this computer; nothing where it fits."""
    if record is None:
        return f"this computer was never checked; {HOW}"
    moment = datetime.fromisoformat(record["checked"]).astimezone()
    last = f"the last check of this computer ({moment:%Y-%m-%d})"
    if not record["usable"]:
        return f"{last} said: {record['verdict']} {TOLD}"
    then, today = _screen_in_words(record["screen"]), _screen_in_words(screen)
    if then != today:
        return f"{last} was of {then}, this session has {today}; {HOW}"
    if now - moment > OLD_AFTER:
        return f"{last} is more than {OLD_AFTER.days} days old; {HOW}"
    return ""


def _screen_in_words(screen: Mapping[str, object]) -> str:
    size = screen.get("size_px")
    sides = "x".join(str(side) for side in size) if isinstance(size, list | tuple) else "unknown size"
    return f"screen {screen.get('screen', 0)} at {sides} px"
