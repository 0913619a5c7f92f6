"""Findings on the display, its frames and the clocks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from experiment.machine.bounds import bound, judge
from experiment.machine.finding import PACING, WORSE, Finding
from experiment.machine.watching import Seen

TOLD = 3
"""How many late frames are told of; the file has all."""


def display(facts: Mapping[str, object], screens: int) -> Finding:
    """Return which display it is, and whether the window fills it."""
    size = facts["size_px"]
    sides = "x".join(str(side) for side in size) if isinstance(size, list | tuple) else "unknown size"
    which = f"screen {facts['screen']} ({screens} connected), {sides} px"
    if not facts["fullscreen"]:
        words = "Not the full screen: check as you will run sessions; without --size it fills the screen."
        return Finding("display", f"{which}, a window", "", "fair", words)
    words = "Sessions must use this screen at this size; check again when either changes."
    return Finding("display", which, "", "good", words)


def pacing(facts: Mapping[str, object]) -> Finding:
    """Return whether frames follow the display."""
    found = str(facts["pacing"])
    if found == "display":
        words = "Each frame waits for the display, so the time of a flip is the time of the picture."
        return Finding(PACING, found, "", "good", words, needed=True)
    words = (
        "The program paces the frames, no display does: good for trying out and teaching, never for timing. "
        "Use a real screen and the graphics driver of its maker, with vertical sync on."
    )
    return Finding(PACING, found, "", "fair", words, needed=True, details={"emulated": True})


def refresh(facts: Mapping[str, object], system_hz: float | None) -> Finding:
    """Return the refresh rate, measured against what the system says."""
    name, measured = "refresh rate", float(str(facts["refresh_hz"]))
    details = {"system_hz": system_hz}
    if facts["pacing"] != "display":
        words = "Set by the program, not measured: no display paces the frames."
        return Finding(name, measured, "Hz", "not known", words, needed=True, details=details)
    verdict = judge(name, measured)
    if system_hz is None:
        words = "Measured; the system's own number is not readable here."
    else:
        against = bound("refresh rate against the system")
        agreed = against.judge(abs(measured - system_hz))
        words = f"The system says {system_hz:.4g} Hz, and the frames agree."
        if agreed != "good":
            verdict = max(verdict, agreed, key=WORSE.index)
            words = (
                f"The system says {system_hz:.4g} Hz: set one rate for all screens, with vertical sync on."
            )
    if verdict == "bad" and judge(name, measured) == "bad":
        words += " Choose 60 Hz or more in the system's display settings."
    return Finding(name, measured, "Hz", verdict, words, needed=True, details=details)


def frames_in_words(seen: Seen) -> str:
    """Return how many frames were late, of how many, and the longest."""
    share = f"{len(seen.late):,} of {seen.shown:,} ({seen.share_percent:.2f} %)"
    return f"{share}, longest {1e3 * seen.longest_s:.1f} ms"


def late_frames(of: str, seen: Seen, beside: Seen | None = None, *, emulated: bool = False) -> Finding:
    """Return the finding on late frames; for the game, `beside` is what the empty window gave."""
    verdict = seen.verdict
    when = ", ".join(f"{at:.1f} s ({1e3 * interval:.0f} ms)" for at, interval in seen.late[:TOLD])
    when = f" Late at {when}{' and more' if len(seen.late) > TOLD else ''}." if when else ""
    if verdict == "good":
        words = (
            "Drawn in time; whether it was seen so, only a display can tell."
            if emulated
            else "Movement is smooth."
        )
    elif beside is None:
        words = "Late without any game: close other programs, and update the graphics driver."
    elif beside.verdict != "good":
        words = "The empty window was late as well: something else keeps this computer busy; close it."
    else:
        words = "Close other programs; if it stays so, use a smaller screen or a better graphics card."
    details = {
        "shown": seen.shown, "late": [[at, round(1e3 * s, 3)] for at, s in seen.late],
        "longest_ms": round(1e3 * seen.longest_s, 3), "share_percent": round(seen.share_percent, 4),
    }  # fmt: skip
    needed = beside is not None
    return Finding(
        f"late frames ({of})",
        frames_in_words(seen),
        "",
        verdict,
        words + when,
        needed=needed,
        details=details,
    )


def drift(pairs: Sequence[tuple[float, float]]) -> Finding:
    """Return how the two clocks went apart between the first and the last of these pairs (s)."""
    own, other = pairs[-1][0] - pairs[0][0], pairs[-1][1] - pairs[0][1]
    ppm = 1e6 * (other - own) / own
    verdict = judge("clocks", abs(ppm))
    words = f"The two clocks of this computer agree to {1e3 * abs(other - own):.3f} ms over {own:.0f} s."
    if verdict != "good":
        words += " Check again; if it stays, let the system finish setting its clock (network time)."
    return Finding("clocks", ppm, "ppm drift", verdict, words, needed=True, details={"pairs": list(pairs)})
