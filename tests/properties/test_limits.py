"""Whatever is tried, a device never sees what is over a ceiling, before its rest or beyond the number."""

from __future__ import annotations

import math
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from experiment.definitions.laboratory import Laboratory
from experiment.devices.simulated import Simulated
from experiment.limits import Limited, OverCeiling
from experiment.stimulator import StimulatorFault, Stimulus

HIGHEST = {"heat": 48.0, "pressure": 600.0}
LOWEST = {"heat": 0.0, "cold": 2.0, "pressure": 0.0}
LONGEST_S = {"heat": 8.0, "cold": 180.0, "pressure": 10.0}
NUMBER = {"heat": 3, "cold": 2, "pressure": 1}
UNIT = {"heat": "°C", "cold": "°C", "pressure": "kPa"}


def laboratory(drives: str) -> Laboratory:
    """Return a laboratory with three ceilings, of which a device drives one modality."""
    ceilings: dict[str, Any] = {
        modality: {
            "level": HIGHEST.get(modality, LOWEST[modality]), "unit": unit, "agreed": "vote 12/2026",
            "duration_s": LONGEST_S[modality], "number": NUMBER[modality],
        }
        for modality, unit in UNIT.items()
    }  # fmt: skip
    return Laboratory.of_record(
        {"ceilings": ceilings, "stimulator": {"kind": "simulated", "modality": drives}}
    )


LABORATORIES = {drives: laboratory(drives) for drives in UNIT}

ODD = [math.nan, math.inf, -math.inf, 1e308, -1e308, -1.0, -0.0, 0.0, 5e-324]


def numbers(*near: float) -> st.SearchStrategy[float]:
    """Return what is near these, exactly these, the next one after them, or odd."""
    beside = [math.nextafter(n, way) for n in near for way in (math.inf, -math.inf)]
    return st.sampled_from([*near, *near, *beside, *ODD]) | st.floats()


STIMULI = st.builds(
    Stimulus,
    modality=st.sampled_from([*UNIT, *UNIT, "electrical", "", "heat "]),
    level=numbers(2.0, 30.0, 40.0, 48.0, 600.0),
    unit=st.sampled_from(["°C", "°C", "kPa", "°F", ""]),
    duration_s=numbers(1.0, 8.0, 10.0, 180.0),
    rest_s=st.sampled_from([0.0, 0.0, 5.0, 20.0, math.nan, -1.0, math.inf]),
)
PLAIN = st.sampled_from([
    Stimulus("heat", 48.0, "°C", 8.0, 5.0),
    Stimulus("cold", 2.0, "°C", 180.0, 20.0),
    Stimulus("pressure", 600.0, "kPa", 10.0, 0.0),
])  # fmt: skip
STEPS = st.sampled_from([0.0, 1.0, 4.999999, 5.0, 8.0, 20.0, 200.0])
"""Time goes on by so much (s) from one thing to the next, where it is not odd."""

ATTEMPTS = st.lists(
    st.tuples(
        st.sampled_from(["start", "start", "start", "end", "stop", "check", "close", "segment"]),
        PLAIN | STIMULI,
        STEPS | st.sampled_from(ODD) | st.floats(),
    ),
    max_size=40,
)


@dataclass
class Witness(Simulated):
    """A device that looks at every start as it comes, knowing only what was tried and when."""

    now: float = math.nan
    ended: float | None = -math.inf
    """When the last one ended at the latest; None where nobody can know."""
    given: dict[str, int] = field(default_factory=dict)
    drives: str = "heat"

    def __post_init__(self) -> None:
        super().__init__()

    def start(self, stimulus: Stimulus) -> None:
        """Begin, if this is within everything that was agreed."""
        assert stimulus.modality == self.drives
        self.begins(stimulus)
        super().start(stimulus)

    def begins(self, stimulus: Stimulus) -> None:
        """Check what begins, on the device or by hand."""
        what = stimulus.modality
        assert stimulus.unit == UNIT[what]
        assert LOWEST[what] <= stimulus.level <= HIGHEST.get(what, 40.0)
        assert 0 < stimulus.duration_s <= LONGEST_S[what]
        assert math.isfinite(self.now)
        assert self.ended is not None
        assert self.now >= self.ended
        assert self.now - self.ended >= stimulus.rest_s - 2e-6
        assert 0 <= stimulus.rest_s < math.inf
        self.given[what] = self.given.get(what, 0) + 1
        assert self.given[what] <= NUMBER[what]


class Session:
    """A session in several segments, as somebody who tries everything would drive it."""

    def __init__(self, drives: str) -> None:
        self.drives = drives
        self.clock = 0.0
        self.begun = 0
        self.given: dict[str, int] = {}
        self.segment()

    def segment(self) -> None:
        """Begin a segment on what was given before, with a clock and a device of its own."""
        resumed = bool(self.given)
        self.clock, self.began = 0.0, 0.0
        self.device = Witness(drives=self.drives, ended=0.0 if resumed else -math.inf, given={})
        self.device.given = dict(self.given)
        self.limited = Limited(LABORATORIES[self.drives], self.device, given=self.given, felt=self.felt)

    def felt(self, stimulus: Stimulus) -> None:
        """Count what has begun; what was not driven is checked here."""
        self.begun += 1
        self.began = self.device.now
        if stimulus.modality != self.drives:
            self.device.begins(stimulus)
        assert self.limited.on is stimulus

    def tries(self, what: str, stimulus: Stimulus, step: float) -> None:
        """Try one thing; time goes on by `step`, or is `step` where that is odd."""
        odd = not 0 <= step <= 200
        at = step if odd else self.clock + step
        self.clock = self.clock if odd else at
        self.device.now = at
        if self.device.ended is None and math.isfinite(at) and what == "start":
            self.device.ended = None if self.refused_for_itself(stimulus) else at
        match what:
            case "start":
                with suppress(OverCeiling):
                    self.limited.start(stimulus, at)
            case "end" | "stop":
                self.ends(self.limited.end if what == "end" else self.limited.stop, at)
            case "check":
                self.limited.check()
            case "close":
                self.ends(lambda _at: self.limited.close(), math.nan)
            case _:
                self.given = dict(self.limited.given)
                self.ends(lambda _at: self.limited.close(), math.nan)
                self.segment()

    def refused_for_itself(self, stimulus: Stimulus) -> bool:
        """Return whether a stimulus is refused whenever it comes."""
        try:
            self.limited.permit(stimulus)
        except OverCeiling:
            return True
        return False

    def ends(self, end: Callable[[float], object], at: float) -> None:
        """End what is on; the device is off then, whatever the time is said to be."""
        was_on = self.limited.on is not None
        end(at)
        assert self.device.on is None
        assert self.limited.on is None
        if was_on:
            self.device.ended = at if math.isfinite(at) and at >= self.began else None


@settings(max_examples=600)
@given(attempts=ATTEMPTS, drives=st.sampled_from([*UNIT]))
def test_no_attempt_brings_a_device_what_was_not_agreed_to(
    attempts: list[tuple[str, Stimulus, float]], drives: str
) -> None:
    """Starts, ends, stops and new segments, at any time and in any order, times that are none included."""
    session = Session(drives)
    for what, stimulus, step in attempts:
        session.tries(what, stimulus, step)
    session.limited.close()
    assert session.device.on is None


@settings(max_examples=200)
@given(stimulus=STIMULI, at=numbers(0.0, 10.0))
def test_a_stimulus_begins_if_and_only_if_it_is_within_the_ceilings(stimulus: Stimulus, at: float) -> None:
    """Nothing is refused that was agreed to."""
    what = stimulus.modality
    allowed = (
        what in UNIT
        and stimulus.unit == UNIT[what]
        and LOWEST[what] <= stimulus.level <= HIGHEST.get(what, 40.0)
        and 0 < stimulus.duration_s <= LONGEST_S[what]
        and 0 <= stimulus.rest_s < math.inf
        and math.isfinite(at)
    )
    device = Simulated()
    limited = Limited(LABORATORIES["heat"], device)
    try:
        limited.start(stimulus, at)
    except OverCeiling:
        assert not allowed
        assert device.told == []
    else:
        assert allowed
        assert limited.on is stimulus
    limited.close()


@settings(max_examples=100)
@given(
    segments=st.lists(st.integers(0, 4), min_size=1, max_size=6),
    modality=st.sampled_from([*UNIT]),
)
def test_the_number_is_never_exceeded_however_a_session_is_cut_up(segments: list[int], modality: str) -> None:
    """And is reached, where enough is tried."""
    plain = {"heat": 40.0, "cold": 10.0, "pressure": 300.0}
    stimulus = Stimulus(modality, plain[modality], UNIT[modality], 1.0, 0.0)
    felt: list[Stimulus] = []
    given_before: dict[str, int] = {}
    for tries in segments:
        limited = Limited(LABORATORIES["heat"], None, given=given_before, felt=felt.append)
        for number in range(tries):
            with suppress(OverCeiling):
                limited.start(stimulus, 10.0 * number)
            limited.end(10.0 * number + 1.0)
        limited.close()
        given_before = dict(limited.given)
    assert len(felt) == min(sum(segments), NUMBER[modality])


class Broken(Simulated):
    """A device that fails when it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.failing = ""

    def fails(self, method: str) -> None:
        """Fail where it is this method's turn."""
        if method == self.failing:
            raise OSError("no power")

    def start(self, stimulus: Stimulus) -> None:
        """Begin, and fail then."""
        super().start(stimulus)
        self.fails("start")

    def check(self) -> None:
        """Fail."""
        self.fails("check")


@given(
    attempts=st.lists(
        st.tuples(st.sampled_from(["start", "stop", "check"]), st.sampled_from(["", "start", "check"])),
        max_size=12,
    )
)
def test_a_fault_leaves_nothing_on_and_lets_nothing_begin(attempts: list[tuple[str, str]]) -> None:
    """Whenever it comes."""
    device = Broken()
    limited = Limited(LABORATORIES["heat"], device)
    faulty = False
    for number, (what, device.failing) in enumerate(attempts):
        before = len(device.told)
        try:
            if what == "start":
                limited.start(Stimulus("heat", 40.0, "°C", 1.0, 0.0), float(number))
            elif what == "stop":
                limited.stop(float(number))
            else:
                limited.check()
        except StimulatorFault:
            faulty = True
        except OverCeiling:
            pass
        if faulty:
            assert device.on is None
            assert what == "stop" or all(not isinstance(told, Stimulus) for told in device.told[before + 1 :])
    device.failing = ""
    with suppress(StimulatorFault):
        limited.close()
    assert device.on is None
