"""Whether a copy that is to be shared is the dataset, less what is withheld, and nothing else."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.dataset import Dataset, load
from experiment.shareable import WITHHELD, SharingError
from experiment.study import Study, spool_root

VALIDATOR = "bids-validator-deno"
OBJECTS = 16
"""What the validator tells the shell where a dataset is not valid."""

KEYS = {
    "throws": ("participant_id", "session", "task", "run"),
    "phases": ("participant_id", "session", "task", "run"),
    "others": ("participant_id", "session", "task", "run"),
    "ratings": ("participant_id", "session", "measure", "stage", "run"),
    "sessions": ("participant_id", "session"),
}
"""What tells from which file a row of a frame is."""


def compare(data: Dataset, folder: Path, codes: Mapping[str, str], tables: int) -> None:
    """Read a copy as any analysis would, and compare every value with the dataset's.

    Raises
    ------
    SharingError
        Where a file cannot be read, a row is not the dataset's, or a withheld value is there.
    """
    copy = load(folder)
    if copy.skipped:
        raise SharingError(
            f"the copy's {copy.skipped[0].place}: {copy.skipped[0].reason}; nothing was shared"
        )
    if copy.simulated != data.simulated or set(copy.sessions["permission"]) != {"granted"}:
        raise SharingError("the copy is of other sessions than it should be; nothing was shared")
    back = {new: old for old, new in codes.items()}
    files = 0
    for name, keys in KEYS.items():
        made: pd.DataFrame = getattr(copy, name)
        made = made.assign(
            participant_id=made["participant_id"].map(back).astype(made["participant_id"].dtype)
        )
        kind = {"ratings": "beh", "sessions": "sessions"}.get(name, "events")
        for column in WITHHELD[kind]:
            if made[column].notna().any():
                raise SharingError(f"the copy has values of {column}; nothing was shared")
        same, other = _in_order(made, keys, made), _in_order(getattr(data, name), keys, made)
        shown = [column for column in same.columns if column not in WITHHELD[kind]]
        if not same[shown].equals(_as_free_of_text(other, data, name)[shown]):
            raise SharingError(f"the copy's {name} are not the dataset's; nothing was shared")
        if name in ("phases", "ratings"):
            files += len(same[list(keys)].drop_duplicates())
    if files > tables or set(copy.participants["participant_id"]) != set(codes.values()):
        raise SharingError("the copy has not the files it should have; nothing was shared")


def _in_order(frame: pd.DataFrame, keys: tuple[str, ...], made: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of files of which the copy has one, in an order that codes do not change."""
    wanted = pd.MultiIndex.from_frame(made[list(keys)].astype(str).drop_duplicates())
    own = pd.MultiIndex.from_frame(frame[list(keys)].astype(str))
    kept = frame[own.isin(wanted)]
    order = kept[list(keys)].astype(str).reset_index(drop=True).sort_values(list(keys), kind="stable").index
    return kept.reset_index(drop=True).loc[order].reset_index(drop=True)


def _as_free_of_text(frame: pd.DataFrame, data: Dataset, name: str) -> pd.DataFrame:
    """Return ratings without what was typed, should any stand in the dataset's tables."""
    if name != "ratings":
        return frame
    typed = {
        (measure, item.id)
        for measure, found in data.measures.items()
        for item in found.items
        if found.scale_of(item).kind == "text"
    }
    pairs = zip(frame["measure"], frame["item"], strict=True)
    own = np.fromiter((pair in typed for pair in pairs), bool, len(frame))
    return frame.assign(answer=frame["answer"].mask(own), value=frame["value"].mask(own))


def look_for_traces(folder: Path, study: Study, left_out: Iterable[str]) -> None:
    """Look through all bytes of a copy for whom it must not name and for where it was made.

    Raises
    ------
    SharingError
        Where one is found.
    """
    labels = "|".join(re.escape(label) for label in left_out) or "(?!)"
    named = re.compile(rf"(?<![A-Za-z0-9])(?:{labels})(?![A-Za-z0-9])".encode())
    places = {
        str(place) for place in (study.dataset, study.data, Path.home(), spool_root()) if len(place.parts) > 2
    }
    told = [
        form.encode()
        for place in places
        for form in (place, place.replace("\\", "\\\\"), place.replace("\\", "/"))
    ]
    for file in folder.rglob("*"):
        place = file.relative_to(folder).as_posix()
        if named.search(place.encode()):
            raise SharingError(f"{place}: is of somebody who is left out; nothing was shared")
        if not file.is_file():
            continue
        content = file.read_bytes()
        if named.search(content) or any(path in content for path in told):
            raise SharingError(
                f"{place}: names somebody who is left out, or a folder of this computer; nothing was shared"
            )


def validate(folder: Path) -> str:
    """Put a copy before the BIDS validator where it is installed; return what came of it.

    Raises
    ------
    SharingError
        Where it finds an error.
    """
    beside = Path(sys.executable).parent
    program = shutil.which(VALIDATOR, path=str(beside)) or shutil.which(VALIDATOR)
    if program is None:
        return f"{VALIDATOR} is not installed here and was not asked"
    command = [program, "--ignoreWarnings", "--max-rows", "-1", str(folder)]
    done = subprocess.run(command, capture_output=True, check=False)
    said = re.sub(r"\x1b\[[0-9;]*m", "", (done.stdout + done.stderr).decode("utf-8", errors="replace"))
    if done.returncode == OBJECTS:
        first = next(
            (line.strip() for line in said.splitlines() if "ERROR" in line), "see what it says of the dataset"
        )
        raise SharingError(f"{VALIDATOR}: {first}; nothing was shared")
    if done.returncode:
        return f"{VALIDATOR} could not be run (exit code {done.returncode})"
    return f"{VALIDATOR} finds no error"
