"""Nothing goes beyond what the laboratory has agreed to, and a stop always arrives."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from experiment.definitions.laboratory import Laboratory
from experiment.devices.simulated import Simulated
from experiment.limits import Limited, OverCeiling
from experiment.stimulator import Stimulator, StimulatorFault, Stimulus

AGREED = "vote 12/2026"
LONG_S = 20.0
"""How long something that happens at once may take on a machine that is busy."""

HEAT = Stimulus("heat", 46.0, "°C", 4.0, 20.0)
BRIEF = replace(HEAT, duration_s=0.02)
COLD = Stimulus("cold", 3.0, "°C", 120.0, 60.0)


def ceiling(level: float, unit: str, duration_s: float, number: int) -> dict[str, Any]:
    """Return a ceiling as a file has it."""
    return {"level": level, "unit": unit, "duration_s": duration_s, "number": number, "agreed": AGREED}


LAB = Laboratory.of_record(
    {
        "ceilings": {
            "heat": ceiling(48.0, "°C", 8.0, 3),
            "cold": ceiling(2.0, "°C", 180.0, 2),
            "pressure": ceiling(600.0, "kPa", 10.0, 5),
        },
        "stimulator": {"kind": "simulated", "modality": "heat"},
    }
)


class Hanging(Simulated):
    """A device whose start does not come back before it is let go."""

    def __init__(self) -> None:
        super().__init__()
        self.begun, self.go, self.stopped = threading.Event(), threading.Event(), threading.Event()

    def start(self, stimulus: Stimulus) -> None:
        """Begin once it is let go."""
        self.begun.set()
        assert self.go.wait(LONG_S)
        super().start(stimulus)

    def stop(self) -> None:
        """Stop, and let the test know."""
        super().stop()
        self.stopped.set()


class Failing(Simulated):
    """A device of which one method fails."""

    def __init__(self, method: str, message: str = "no power") -> None:
        super().__init__()
        self.method, self.message = method, message

    def fail(self, method: str) -> None:
        """Fail where it is this method's turn."""
        if method == self.method:
            raise OSError(self.message)

    def start(self, stimulus: Stimulus) -> None:
        """Do it, and fail then."""
        super().start(stimulus)
        self.fail("start")

    def stop(self) -> None:
        """Do it, and fail then."""
        super().stop()
        self.fail("stop")

    def check(self) -> None:
        """Fail."""
        self.fail("check")

    def close(self) -> None:
        """Do it, and fail then."""
        super().close()
        self.fail("close")


@pytest.mark.parametrize(
    ("stimulus", "line"),
    [
        (replace(HEAT, level=48.1), "heat of 48.1 °C is above the ceiling of 48 °C"),
        (replace(HEAT, level=math.nextafter(48.0, 49.0)), "heat of 48 °C is above the ceiling of 48 °C"),
        (replace(HEAT, level=-1.0), "heat of -1 °C is below 0 °C"),
        (replace(HEAT, level=math.nan), "heat: level = nan is no number"),
        (replace(HEAT, level=-math.inf), "heat: level = -inf is no number"),
        (replace(HEAT, unit="°F"), "heat of 46 °F: the ceiling is in °C"),
        (replace(HEAT, duration_s=8.1), "heat of 46 °C for 8.1 s is longer than the ceiling of 8 s"),
        (replace(HEAT, duration_s=math.inf), "heat: duration_s = inf is no number"),
        (replace(HEAT, duration_s=0.0), "heat: duration_s = 0 is not more than 0"),
        (replace(HEAT, rest_s=-1.0), "heat: rest_s = -1 is less than 0"),
        (replace(HEAT, rest_s=math.nan), "heat: rest_s = nan is no number"),
        (replace(COLD, level=1.9), "cold of 1.9 °C is below the lowest temperature of 2 °C"),
        (replace(COLD, level=55.0), "cold of 55 °C is above 40 °C, which is not cold"),
        (
            Stimulus("electrical", 1.0, "mA", 1.0, 0.0),
            "electrical has no ceiling: conditions/laboratory.toml has no [ceilings.electrical]",
        ),
        (replace(HEAT, modality="model_fields"), "model_fields has no ceiling: conditions/laboratory.toml "),
    ],
)
def test_what_is_over_a_ceiling_is_refused_in_one_line_and_reaches_no_device(
    stimulus: Stimulus, line: str
) -> None:
    """Whether it is asked beforehand or begun."""
    device = Simulated()
    limited = Limited(LAB, device)
    for attempt in (limited.permit, partial(limited.start, at=1.0)):
        with pytest.raises(OverCeiling) as refused:
            attempt(stimulus)
        assert str(refused.value).startswith(line)
        assert str(refused.value).isprintable()
    assert device.told == []
    assert limited.on is None
    assert limited.given == {}


def test_what_is_exactly_at_the_ceilings_is_allowed() -> None:
    """They are the highest that was agreed to, not the first that was not; for cold the lowest."""
    limited = Limited(LAB)
    limited.start(replace(HEAT, level=48.0, duration_s=8.0), 0.0)
    limited.end(8.0)
    limited.start(replace(COLD, level=2.0, duration_s=180.0), 100.0)
    assert limited.on is not None


def test_a_rest_cannot_be_shortened_and_holds_across_modalities() -> None:
    """It counts from the end of whatever came before, also where that was stopped early."""
    device = Simulated()
    limited = Limited(LAB, device)
    limited.start(HEAT, 10.0)
    assert limited.ready_at(20.0) == math.inf
    assert limited.stop(12.5) == HEAT
    assert limited.ready_at(20.0) == 32.5
    with pytest.raises(OverCeiling, match=r"^cold: 59.000 s since the last stimulus; it needs 60 s$"):
        limited.start(COLD, 71.5)
    with pytest.raises(OverCeiling, match=r"^heat: 19.999 s since the last"):
        limited.start(HEAT, 32.499)
    with pytest.raises(OverCeiling, match=r"^heat: -2.500 s since the last"):
        limited.start(replace(HEAT, rest_s=0.0), 10.0)
    with pytest.raises(OverCeiling, match="since the last"):
        limited.start(replace(HEAT, rest_s=0.0), math.nextafter(12.5, 0.0))
    limited.start(HEAT, 32.5)
    assert device.told == [HEAT, "stop", HEAT]


def test_the_rest_after_an_end_of_which_the_time_is_unknown_begins_when_time_is_known_again() -> None:
    """A stop at no time, or before the start, still stops; it shortens no rest."""
    for at in (math.nan, math.inf, 3.0):
        device = Simulated()
        limited = Limited(LAB, device)
        limited.start(HEAT, 10.0)
        assert limited.stop(at) == HEAT
        assert device.on is None
        with pytest.raises(OverCeiling, match=r"0\.000 s since the last stimulus"):
            limited.start(HEAT, 100.0)
        limited.start(HEAT, 120.0)


def test_one_stimulus_at_a_time() -> None:
    """A second one is refused and the first goes on."""
    device = Simulated()
    limited = Limited(LAB, device)
    limited.start(HEAT, 0.0)
    with pytest.raises(OverCeiling, match="heat is still on; one stimulus at a time"):
        limited.start(replace(COLD, rest_s=0.0), 1.0)
    assert device.on == HEAT


def test_the_number_counts_each_modality_over_all_segments() -> None:
    """What an earlier segment gave is given; a session that goes on has rested since its first moment."""
    limited = Limited(LAB, given={"heat": 2, "cold": 0})
    with pytest.raises(OverCeiling, match=r"^heat: 5.000 s since the last stimulus; it needs 20 s$"):
        limited.start(HEAT, 5.0)
    limited.start(HEAT, 20.0)
    limited.end(24.0)
    with pytest.raises(OverCeiling, match=r"^heat of 46 °C would be one more than the 3 of a session$"):
        limited.start(HEAT, 1000.0)
    limited.start(COLD, 1000.0)
    assert limited.given == {"heat": 3, "cold": 1}


def test_a_session_of_people_has_no_stimulus_without_a_ceiling() -> None:
    """A simulated one may: nobody is there. What has a ceiling keeps to it there too."""
    with pytest.raises(OverCeiling, match=r"heat has no ceiling: conditions/laboratory\.toml"):
        Limited(None).start(HEAT, 0.0)
    Limited(None, simulated=True).start(replace(HEAT, level=55.0), 0.0)
    with pytest.raises(OverCeiling, match="above the ceiling"):
        Limited(LAB, simulated=True).start(replace(HEAT, level=55.0), 0.0)


def test_a_level_that_the_device_can_only_be_told_rounded_is_refused() -> None:
    """Or the record would say another one than the skin felt."""
    record = LAB.as_record()
    record["stimulator"] = {
        "kind": "serial", "modality": "heat", "port": "COM3", "baud": 9600,
        "start": "T{level:.1f} {duration_ms:d}\n", "stop": "S\n",
    }  # fmt: skip
    limited = Limited(Laboratory.of_record(record), simulated=True)
    with pytest.raises(OverCeiling) as refused:
        limited.permit(replace(HEAT, level=46.25))
    assert str(refused.value) == (
        "heat of 46.25 °C cannot be told to the device: {level:.1f} would write 46.2 for 46.25"
    )
    limited.permit(replace(HEAT, level=46.2))


def test_a_device_gets_only_the_modality_that_it_drives() -> None:
    """A bath beside a thermode is by hand; the thermode hears of it only that it is to be off."""
    device = Simulated()
    felt: list[Stimulus] = []
    limited = Limited(LAB, device, felt=felt.append)
    limited.start(COLD, 0.0)
    limited.end(120.0)
    limited.start(HEAT, 200.0)
    assert [entry for entry in device.told if entry != "stop"] == [HEAT]
    assert felt == [COLD, HEAT]


def test_a_device_needs_a_laboratory_that_knows_it() -> None:
    """Nothing is driven without ceilings, not in a simulated session either."""
    by_hand = Laboratory.of_record({"ceilings": LAB.as_record()["ceilings"]})
    for laboratory in (None, by_hand):
        with pytest.raises(ValueError, match="a device needs a laboratory"):
            Limited(laboratory, Simulated(), simulated=True)
    with pytest.raises(ValueError, match="counts are 0 or more"):
        Limited(LAB, given={"heat": -1})


def test_a_stop_reaches_the_device_also_where_nothing_seems_to_be_on() -> None:
    """Whoever presses stop knows better; so does a device that went on by itself."""
    device = Simulated()
    limited = Limited(LAB, device)
    assert limited.stop(0.0) is None
    assert limited.end(0.0) is None
    assert device.told == ["stop", "stop"]
    limited.start(HEAT, 0.0)


def in_thread(work: Callable[[], object]) -> threading.Thread:
    """Do something in a thread that ends with the program."""
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    return thread


def faults(limited: Limited, stimulus: Stimulus, at: float) -> list[str]:
    """Begin a stimulus and return what the fault is, if there is one."""
    try:
        limited.start(stimulus, at)
    except StimulatorFault as fault:
        return [str(fault)]
    return []


def test_a_stop_reaches_the_device_while_a_start_hangs_and_what_begins_after_it_is_stopped() -> None:
    """From another thread; the start that comes back late is a fault."""
    device = Hanging()
    limited = Limited(LAB, device)
    told: list[str] = []
    thread = in_thread(lambda: told.extend(faults(limited, HEAT, 0.0)))
    assert device.begun.wait(LONG_S)
    assert limited.stop(1.0) == HEAT
    assert device.told == ["stop"]
    device.go.set()
    thread.join(LONG_S)
    assert device.told == ["stop", HEAT, "stop"]
    assert told == ["the device was stopped before it had taken the start"]


def test_the_watchdog_stops_a_device_whose_frame_loop_hangs() -> None:
    """And says, once, which stimulus it was."""
    device = Hanging()
    device.go.set()
    limited = Limited(LAB, device)
    limited.start(BRIEF, 0.0)
    assert device.on == BRIEF
    assert device.stopped.wait(LONG_S)
    assert device.told == [BRIEF, "stop"]
    assert limited.cut() == BRIEF
    assert limited.cut() is None
    assert limited.end(30.0) == BRIEF


def test_the_watchdog_stops_a_start_that_hangs() -> None:
    """It is there before the device hears anything."""
    device = Hanging()
    limited = Limited(LAB, device)
    told: list[str] = []
    thread = in_thread(lambda: told.extend(faults(limited, BRIEF, 0.0)))
    assert device.stopped.wait(LONG_S)
    device.go.set()
    thread.join(LONG_S)
    assert told == ["the device was stopped before it had taken the start"]
    assert device.told[-1] == "stop"


def test_the_watchdog_leaves_alone_what_has_ended() -> None:
    """No stop from an earlier stimulus comes into a later one."""
    before = set(threading.enumerate())
    device = Simulated()
    limited = Limited(LAB, device)
    limited.start(replace(BRIEF, duration_s=8.0), 0.0)
    (watchdog,) = set(threading.enumerate()) - before
    assert watchdog.daemon, "or the program could not end while one is on"
    limited.end(8.0)
    watchdog.join(LONG_S)
    assert not watchdog.is_alive()
    assert device.told == [replace(BRIEF, duration_s=8.0), "stop"]
    assert limited.cut() is None


def test_nothing_begins_where_there_can_be_no_watchdog(monkeypatch: pytest.MonkeyPatch) -> None:
    """A system that gives no more threads gives no stimulus."""

    def refuse(_timer: threading.Timer) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Timer, "start", refuse)
    device = Simulated()
    limited = Limited(LAB, device)
    with pytest.raises(StimulatorFault, match="nothing would stop the device if the screen hung"):
        limited.start(HEAT, 0.0)
    assert device.told == []
    assert limited.on is None


def test_a_fault_of_the_device_is_told_in_the_next_check_after_a_stop_was_tried() -> None:
    """And again in every one that follows; nothing begins any more."""
    device = Failing("check")
    limited = Limited(LAB, device)
    for _ in range(2):
        with pytest.raises(StimulatorFault, match=r"^no power$"):
            limited.check()
    assert device.told == ["stop"]
    with pytest.raises(StimulatorFault, match=r"^no power$"):
        limited.start(HEAT, 0.0)
    assert device.told == ["stop"]
    limited.close()
    assert device.closed


def test_a_start_that_fails_is_stopped_and_counted() -> None:
    """Nobody knows how far it came."""
    device = Failing("start")
    limited = Limited(LAB, device)
    with pytest.raises(StimulatorFault, match=r"^no power$"):
        limited.start(HEAT, 0.0)
    assert device.told == [HEAT, "stop"]
    assert limited.on is None
    assert limited.given == {"heat": 1}


def test_a_stop_that_fails_lets_its_caller_go_on_and_is_told_by_check() -> None:
    """The end of a session is not cut short by it."""
    limited = Limited(LAB, Failing("stop"))
    limited.start(HEAT, 0.0)
    assert limited.stop(1.0) == HEAT
    with pytest.raises(StimulatorFault, match=r"^no power$"):
        limited.check()
    with pytest.raises(StimulatorFault, match=r"^no power$"):
        limited.close()


@pytest.mark.parametrize("device", [Simulated(), None])
def test_closing_stops_and_nothing_begins_after_it(device: Simulated | None) -> None:
    """However often it is closed."""
    limited = Limited(LAB, device)
    limited.start(HEAT, 0.0)
    limited.close()
    limited.close()
    assert limited.on is None
    assert device is None or (device.closed and device.told == [HEAT, "stop", "stop"])
    with pytest.raises(OverCeiling, match="closed its stimulator"):
        limited.start(HEAT, 1000.0)


def test_closing_tells_what_nobody_was_told() -> None:
    """After the stop and the closing were tried."""
    device = Failing("close")
    with pytest.raises(StimulatorFault, match=r"^no power$"):
        Limited(LAB, device).close()
    assert device.closed


def test_what_gives_the_stimuli_is_described() -> None:
    """For the journal."""
    described: Mapping[str, object] = Limited(LAB).describe()
    assert described == {"kind": "by_hand"}
    device: Stimulator = Simulated()
    assert Limited(LAB, device).describe() == {"kind": "simulated", "simulated": True}
