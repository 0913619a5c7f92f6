"""From where on something is good, fair or bad, each with its reason: the one table of them."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf

from experiment.machine.finding import Verdict, number


@dataclass(frozen=True, slots=True)
class Bound:
    """Good up to `good`, fair up to `fair`, bad beyond; where `least` is set, from there upwards.

    Attributes
    ----------
    name
        The finding that is judged.
    what
        What is measured, in words.
    unit
        Its unit.
    good, fair
        The last values that are so; `fair` is infinite (or 0 with `least`) where nothing is bad.
    why
        The reason.
    least
        Whether more is better.
    """

    name: str
    what: str
    unit: str
    good: float
    fair: float
    why: str
    least: bool = False

    def judge(self, value: float) -> Verdict:
        """Return the verdict on a value."""
        if self.least:
            return "good" if value >= self.good else "fair" if value >= self.fair else "bad"
        return "good" if value <= self.good else "fair" if value <= self.fair else "bad"


BOUNDS = (
    Bound("refresh rate", "frames per second, measured", "Hz", 59, 49, "a frame lasts 17 ms or less, so a "
          "ball in flight moves smoothly; below 49 Hz it is seen to jump", least=True),
    Bound("refresh rate against the system", "difference of the two", "Hz", 1, 3, "systems round (59 for "
          "59.94); more means another monitor, another setting, or frames that are held back"),
    Bound("late frames", "share of the frames of the game", "%", 0.2, 1, "0.2 % is a late frame in eight "
          "seconds, in about one flight of seven; with 1 % most flights jerk; a single one is chance and "
          "counts as none"),
    Bound("longest frame", "longest time between two frames of the game", "ms", 55, 120, "three frames are "
          "hardly seen; beyond a tenth of a second the ball visibly stops"),
    Bound("key presses", "how far the driver's time may be off", "ms", 2, 10, "response times of "
          "conditions differ by tens of milliseconds; 2 ms is lost in their scatter"),
    Bound("mouse clicks", "how far the time of a click may be off", "ms", 10, 20, "the mouse's "
          "driver gives 5 ms, the window a frame; the uncertainty stands beside every press in the journal"),
    Bound("time until a press is seen", "from the stamp to the frame that took it", "ms", 60, 200, "a press "
          "is looked at once a frame; longer means that the computer stalls, or that the stamp is of another "
          "clock"),
    Bound("clocks", "drift between the two clocks", "ppm", 100, 1000, "100 ppm is 0.1 ms in a second; more "
          "means that a clock is being set while the session runs"),
    Bound("session disk", "write and fsync, 99 of 100 events", "ms", 100, 1000, "written "
          "beside the frames and made durable four times a second: this is what a power cut can cost"),
    Bound("data disk", "write and fsync, 99 of 100 events", "ms", 500, 5000, "copied in the "
          "background; a folder slower than that lags behind by minutes at the end"),
    Bound("free space", "on the fuller of the two disks", "GB", 2, 0.5, "a session needs a few megabytes, "
          "the system much more: it fails without room", least=True),
    Bound("memory", "free for programs", "GB", 1.5, 0.7, "a session takes about half a gigabyte; beyond what "
          "is free the system swaps, and frames wait for the disk", least=True),
    Bound("other programs", "share of all processors", "%", 15, inf, "a free processor must be there for "
          "every frame; what it costs in truth is in the late frames"),
)  # fmt: skip


def bound(name: str) -> Bound:
    """Return the bound of a finding."""
    return next(each for each in BOUNDS if each.name == name)


def judge(name: str, value: float) -> Verdict:
    """Return the verdict on a value."""
    return bound(name).judge(value)


def table() -> str:
    """Return the bounds as the table of `docs/machine.md`."""
    lines = ["| what | measured | good | fair | bad | why |", "|---|---|---|---|---|---|"]
    for each in BOUNDS:
        good = f"{number(each.good)} {each.unit}"
        if each.fair == inf:
            lines.append(f"| {each.name} | {each.what} | up to {good} | above {good} | never | {each.why} |")
            continue
        fair = f"{number(each.fair)} {each.unit}"
        words = ("from {}", "from {}", "below {}") if each.least else ("up to {}", "up to {}", "above {}")
        cells = [word.format(value) for word, value in zip(words, (good, fair, fair), strict=True)]
        lines.append(f"| {each.name} | {each.what} | {' | '.join(cells)} | {each.why} |")
    return "\n".join(lines) + "\n"
