"""The bounds that a session's timing should keep, and what is said where it does not.

A bound flags; nothing is dropped for it and no number is changed. The limits are our choice, for a game whose
pauses and flights last about a second and whose answers take some tenths of one; a study of briefer things
needs narrower ones.

Sources
-------
Garaizar & Vadillo (2014), PLoS ONE 9(11): e112033: PsychoPy keeps to its frames in standard use, with
occasional errors in very demanding tests. So late frames should be rare; a session with many of them had a
machine that was too slow or too busy.

Bridges, Pitiot, MacAskill & Peirce (2020), The timing mega-study (PeerJ 8: e9414 as recalled): packages of
the laboratory, PsychoPy among them, with a mean precision under 1 ms over pictures, sounds and answers. So an
error of whole frames is the machine's, not the method's.

PsychoPy's manual, "Can PsychoPy deliver millisecond precision?": a keyboard is late by 4 to 25 ms.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.frames import require


@dataclass(frozen=True, slots=True)
class Bound:
    """A bound: what is held against it, and how far that may go.

    Attributes
    ----------
    name
        What the column ``flags`` calls it.
    column
        Column of `analysis.timing.by_session` that is held against it. A missing value is not flagged.
    limit
        The greatest size of a number that passes, or the texts that pass.
    unit
        Unit of the limit.
    why
        Why there.
    said
        What is said of a session that exceeds it; ``{value}`` is the value, other columns go by name.
    scale
        What a value is multiplied by where it is said.
    virtual
        Whether it holds for simulated sessions too, in which nothing was shown.
    """

    name: str
    column: str
    limit: float | tuple[str, ...]
    unit: str
    why: str
    said: str
    scale: float = 1.0
    virtual: bool = False

    @property
    def stated(self) -> str:
        """Return the bound in one line: what is flagged, and why there."""
        if isinstance(self.limit, tuple):
            return f"{self.column} other than {', '.join(self.limit)}: {self.why}"
        unit = f" {self.unit}" if self.unit not in ("", "1") else ""
        return f"{self.column} over {self.limit:g}{unit}: {self.why}"

    def exceeded(self, column: pd.Series) -> npt.NDArray[np.bool_]:
        """Return where a column exceeds the bound."""
        if isinstance(self.limit, tuple):
            return np.asarray((column.notna() & ~column.isin(self.limit)).to_numpy(bool), dtype=bool)
        sizes = np.abs(column.to_numpy(dtype=float, na_value=np.nan))
        return np.asarray(np.nan_to_num(sizes) > self.limit, dtype=bool)


BOUNDS = (
    Bound(
        "late_frames", "share_late", 0.01, "1",
        "one in a hundred is more than chance delays on a machine that keeps up",
        "{value:.1f} % of the frames came late (bound: 1 %)", 100.0,
    ),
    Bound(
        "long_frame", "frame_longest_ms", 100.0, "ms",
        "a stop of the picture of a tenth of a second is seen, and may be taken for a co-player's doing",
        "the picture stood still for {value:.0f} ms (bound: 100 ms)",
    ),
    Bound(
        "onset", "onset_p99_frames", 1.5, "frames",
        "a frame that is lost now and then is chance; more than one at a throw in a hundred is not",
        "1 throw in 100 was seen {value:.1f} frames ({onset_p99_ms:.0f} ms) or more off its time "
        "(bound: 1.5)",
    ),
    Bound(
        "pause", "pause_p99_frames", 1.5, "frames",
        "the nearest frame is at most half a frame off; beyond that by a whole frame, frames were lost",
        "1 pause in 100 was {value:.1f} frames ({pause_p99_ms:.0f} ms) or more off its plan "
        "(bound: 1.5)",
    ),
    Bound(
        "flight", "flight_p99_frames", 1.5, "frames",
        "as for pauses",
        "1 flight in 100 was {value:.1f} frames ({flight_p99_ms:.0f} ms) or more off its plan "
        "(bound: 1.5)",
    ),
    Bound(
        "clocks", "clock_drift_ms", 5.0, "ms",
        "within a run two clocks of one computer stay closer, so one of them was set; 5 ms is about the "
        "least delay of a keyboard",
        "the computer's two clocks came to differ by {value:.1f} ms within a run (bound: 5 ms)",
    ),
    Bound(
        "emulated", "pacing", ("display", "simulated"), "",
        "without a display's rhythm the time of a frame is not that of a picture",
        "a timer paced the frames, no display: times are not those of pictures on a screen",
    ),
    Bound(
        "keyboard", "keyboard", ("ptb", "iohub", "simulated"), "",
        "a key that no driver stamped is known from the frame at which it was looked for",
        "no keyboard driver stamped the keys (backend: {keyboard})",
    ),
    Bound(
        "incomplete", "n_incomplete", 0.0, "runs",
        "a run that was broken off gave less than the file says",
        "a run of the game was broken off (run {incomplete})", virtual=True,
    ),
)  # fmt: skip
"""Every bound, in the order in which it is named."""


def flags(sessions: pd.DataFrame) -> pd.Series:
    """Return the names of the bounds that each session exceeds, joined by commas; missing where it keeps all.

    Parameters
    ----------
    sessions : DataFrame
        The columns of `BOUNDS`, as `analysis.timing.by_session` makes them.
    """
    require(sessions, [bound.column for bound in BOUNDS], "timing")
    names: list[list[str]] = [[] for _ in range(len(sessions))]
    shown = (sessions["pacing"] != "simulated").to_numpy(dtype=bool, na_value=True)
    for bound in BOUNDS:
        for row in np.flatnonzero(bound.exceeded(sessions[bound.column]) & (shown | bound.virtual)):
            names[row].append(bound.name)
    return pd.Series([",".join(own) or None for own in names], index=sessions.index, dtype="str")


def reasons(session: Mapping[Hashable, object]) -> list[str]:
    """Say, for a row of `analysis.timing.by_session`, each bound that it exceeds."""
    named = str(session["flags"]).split(",") if pd.notna(session["flags"]) else []  # type: ignore[call-overload]
    told = {str(name): value for name, value in session.items()}
    return [
        bound.said.format(**told, value=_shown(bound, told[bound.column]))
        for bound in BOUNDS
        if bound.name in named
    ]


def _shown(bound: Bound, value: object) -> object:
    """Return a value as it is said: a number without its sign, in the unit of the wording."""
    return abs(value) * bound.scale if isinstance(value, int | float) else value
