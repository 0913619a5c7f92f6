"""A device behind the port: what it is told, byte for byte, and what becomes of one that fails."""

from __future__ import annotations

import os
import re
import select
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from serial.tools import list_ports

from experiment.definitions import DefinitionError
from experiment.definitions.laboratory import Laboratory, SerialDevice
from experiment.devices.opening import open_stimulator
from experiment.devices.serial_line import SerialLine
from experiment.devices.simulated import Simulated
from experiment.limits import Limited, OverCeiling
from experiment.stimulator import Stimulator, StimulatorFault, Stimulus

LONG_S = 20.0
"""How long something that happens at once may take on a machine that is busy."""

ANSWER_S = 10.0
"""The longest time that a file can give a device to answer (s)."""

HEAT = Stimulus("heat", 46.5, "°C", 4.25, 20.0)
START, STOP = b"START 46.5 4250\n", b"STOP\n"

pty = pytest.mark.skipif(
    sys.platform == "win32", reason="Windows has no pseudo-terminals that pyserial opens"
)


def laboratory(port: str, **changed: Any) -> Laboratory:
    """Return a laboratory with a device on a serial line."""
    device = {
        "kind": "serial", "modality": "heat", "port": port, "baud": 115200,
        "start": "START {level:.1f} {duration_ms:d}\n", "stop": "STOP\n", **changed,
    }  # fmt: skip
    heat = {"level": 48.0, "unit": "°C", "duration_s": 8.0, "number": 40, "agreed": "vote 12/2026"}
    return Laboratory.of_record({"ceilings": {"heat": heat}, "stimulator": device})


def serial_device(**changed: Any) -> SerialDevice:
    """Return what the file says of a device."""
    device = laboratory("COM3", **changed).stimulator
    assert isinstance(device, SerialDevice)
    return device


def fault_of(device: Stimulator) -> str:
    """Wait for the fault of a device, as the frame loop does, and return it."""
    pause = threading.Event()
    for _ in range(int(LONG_S / 0.01)):
        try:
            device.check()
        except StimulatorFault as fault:
            return str(fault)
        pause.wait(0.01)
    raise AssertionError("no fault was told")


class Terminal:
    """The device's end of a pseudo-terminal."""

    def __init__(self) -> None:
        self.end, self.line = os.openpty()  # type: ignore[attr-defined,unused-ignore]
        self.port = os.ttyname(self.line)  # type: ignore[attr-defined,unused-ignore]
        self.closed = False

    def read(self, count: int) -> bytes:
        """Return so many bytes that the device got, or those that came before an answer is overdue."""
        data = b""
        while len(data) < count and select.select([self.end], [], [], ANSWER_S / 2)[0]:
            data += os.read(self.end, count - len(data))
        return data

    def is_silent(self) -> bool:
        """Return whether nothing more has come."""
        return not select.select([self.end], [], [], 0.05)[0]

    def send(self, data: bytes) -> None:
        """Answer."""
        os.write(self.end, data)

    def unplug(self) -> None:
        """Disappear."""
        for descriptor in () if self.closed else (self.end, self.line):
            os.close(descriptor)
        self.closed = True


@pytest.fixture
def terminal() -> Iterator[Terminal]:
    """A pseudo-terminal in place of a cable."""
    terminal = Terminal()
    yield terminal
    terminal.unplug()


Opened = Callable[..., Stimulator]


@pytest.fixture
def opened(terminal: Terminal) -> Iterator[Opened]:
    """Open the device at the terminal; it has been told to stop, and heard it."""
    devices: list[Stimulator] = []

    def open_it(**changed: Any) -> Stimulator:
        device = open_stimulator(laboratory(terminal.port, **changed), simulated=False)
        assert device is not None
        devices.append(device)
        assert terminal.read(len(STOP)) == STOP
        return device

    yield open_it
    for device in devices:
        try:
            device.close()
        except StimulatorFault:
            assert terminal.closed


@pty
def test_a_device_is_told_exactly_what_the_templates_say(terminal: Terminal, opened: Opened) -> None:
    """A stop when it is opened, level and duration of each stimulus, and a stop when it is closed."""
    device = opened()
    device.start(HEAT)
    assert terminal.read(len(START)) == START
    device.stop()
    assert terminal.read(len(STOP)) == STOP
    device.close()
    assert terminal.read(len(STOP)) == STOP
    assert terminal.is_silent()
    device.check()


@pty
def test_a_device_behind_the_limits_hears_nothing_that_is_over_them(
    terminal: Terminal, opened: Opened
) -> None:
    """From the file to the wire."""
    limited = Limited(laboratory(terminal.port), opened())
    with pytest.raises(OverCeiling, match="above the ceiling"):
        limited.start(Stimulus("heat", 48.5, "°C", 4.0, 0.0), 0.0)
    limited.start(HEAT, 0.0)
    assert terminal.read(len(START)) == START
    limited.end(4.25)
    assert terminal.read(len(STOP)) == STOP
    limited.check()
    assert limited.describe()["port"] == terminal.port


@pty
@pytest.mark.parametrize("answer", [b"OK\r\n", b"\r\nOK\n", b"OK"])
def test_the_answer_that_is_asked_for_is_no_fault(terminal: Terminal, opened: Opened, answer: bytes) -> None:
    """With or without the end of its line. What is queued behind a start waits until it is answered."""
    device = opened(answer="OK", answer_s=ANSWER_S)
    device.start(HEAT)
    device.start(HEAT)
    assert terminal.read(len(START)) == START
    assert terminal.is_silent()
    terminal.send(answer)
    assert terminal.read(len(START)) == START
    device.check()


@pty
def test_a_wrong_answer_is_a_fault_and_the_device_is_stopped(terminal: Terminal, opened: Opened) -> None:
    """In one line that says what was heard; nothing begins after it."""
    device = opened(answer="OK", answer_s=ANSWER_S)
    device.start(HEAT)
    assert terminal.read(len(START)) == START
    terminal.send(b"ERR 7\x07\n")
    assert fault_of(device) == (
        f'the stimulator at {terminal.port} has answered the start with "ERR 7\\u0007", not "OK"'
    )
    assert terminal.read(len(STOP)) == STOP
    with pytest.raises(StimulatorFault, match="ERR 7"):
        device.start(HEAT)
    assert terminal.is_silent()


@pty
def test_an_answer_that_does_not_come_is_a_fault_and_the_device_is_stopped(
    terminal: Terminal, opened: Opened
) -> None:
    """Half an answer is none."""
    device = opened(answer="OK", answer_s=0.05)
    device.start(HEAT)
    terminal.send(b"O")
    assert fault_of(device) == (
        f'the stimulator at {terminal.port} has not answered the start within 0.05 s; "OK" was to come'
    )
    assert terminal.read(len(START + STOP)) == START + STOP


@pty
def test_a_stop_does_not_wait_for_an_answer(terminal: Terminal, opened: Opened) -> None:
    """A device that keeps silent is stopped at once, and what was queued behind it never begins."""
    device = opened(answer="OK", answer_s=ANSWER_S)
    device.start(HEAT)
    assert terminal.read(len(START)) == START
    device.start(HEAT)
    device.stop()
    assert terminal.read(len(STOP)) == STOP
    assert terminal.is_silent()
    device.check()


@pty
def test_a_device_that_disappears_is_a_fault(terminal: Terminal, opened: Opened) -> None:
    """Without any command: the reader notices. Closing says that it could not be told to stop."""
    device = opened()
    device.start(HEAT)
    assert terminal.read(len(START)) == START
    terminal.unplug()
    fault = fault_of(device)
    assert fault.startswith(f"the stimulator at {terminal.port} ")
    assert "Errno" in fault or "disconnected" in fault
    assert fault.isprintable()
    with pytest.raises(StimulatorFault, match=r"could not be told to stop at the end; switch it off$"):
        device.close()


class Line:
    """A port of which the writing can be held up, cut short or refused."""

    def __init__(self) -> None:
        self.written: list[bytes] = []
        self.came, self.free, self.held = threading.Condition(), threading.Event(), threading.Event()
        self.holds: Callable[[bytes], bool] = lambda _data: False
        self.fails: list[Exception | int] = []
        self.closed = threading.Event()

    def write(self, data: bytes, /) -> int:
        """Take what is written, or what this test makes of it."""
        if self.holds(data):
            self.held.set()
            assert self.free.wait(LONG_S)
        if self.fails and data.startswith(b"START"):
            failure = self.fails.pop(0)
            if isinstance(failure, Exception):
                raise failure
            data = data[:failure]
        with self.came:
            self.written.append(data)
            self.came.notify_all()
        return len(data)

    def read(self, _size: int = 1, /) -> bytes:
        """Hear nothing."""
        self.closed.wait(0.01)
        return b""

    def close(self) -> None:
        """Close."""
        self.closed.set()

    def has(self, *written: bytes) -> bool:
        """Wait until exactly this was written, and return whether it was."""
        with self.came:
            return self.came.wait_for(lambda: self.written == list(written), LONG_S)


@pytest.fixture
def line() -> Iterator[Line]:
    """A port that lets its threads go in the end."""
    line = Line()
    yield line
    line.free.set()
    line.closed.set()


def test_a_stop_overtakes_what_is_queued_and_neither_waits_for_a_line_that_hangs(line: Line) -> None:
    """The writer is held up in the first stop all the while in which a frame asks for more."""
    line.holds = lambda _data: not line.free.is_set()
    device = SerialLine(serial_device(), line)
    assert line.held.wait(LONG_S)
    for _ in range(3):
        device.start(HEAT)
    device.stop()
    assert line.written == [], "start and stop came back while nothing could be written"
    line.free.set()
    assert line.has(STOP, STOP)
    device.close()
    assert line.written == [STOP, STOP, STOP]


def test_a_start_that_was_asked_for_after_a_stop_is_written_after_it(line: Line) -> None:
    """Or the stop would end what it was not meant for."""
    line.holds = lambda _data: not line.free.is_set()
    device = SerialLine(serial_device(), line)
    assert line.held.wait(LONG_S)
    device.start(HEAT)
    device.stop()
    device.start(HEAT)
    line.free.set()
    assert line.has(STOP, STOP, START)
    device.close()


def test_a_line_that_cannot_be_read_is_a_fault_and_the_device_is_stopped(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where it still takes what is written."""

    def fail(_size: int = 1, /) -> bytes:
        raise OSError("no data")

    device = SerialLine(serial_device(), line)
    device.start(HEAT)
    assert line.has(STOP, START)
    monkeypatch.setattr(line, "read", fail)
    assert fault_of(device) == "the stimulator at COM3 is not there any more (no data)"
    assert line.has(STOP, START, STOP)
    device.close()


def test_a_start_that_hangs_on_the_line_is_a_fault_and_the_stop_goes_beside_it(line: Line) -> None:
    """From another thread, twice: half a command may be on the line and swallow the first."""
    device = SerialLine(serial_device(), line)
    assert line.has(STOP)
    line.holds = lambda data: data == START
    device.start(HEAT)
    assert line.held.wait(LONG_S)
    assert fault_of(device) == "the stimulator at COM3 has not taken what was written to it for 0.5 s"
    assert line.has(STOP, STOP + STOP)
    device.stop()
    line.free.set()
    assert line.has(STOP, STOP + STOP, START, STOP), "what begins late is stopped"
    device.close()


@pytest.mark.parametrize(
    ("failure", "words"),
    [
        (
            OSError(5, "Write timeout\nover"),
            "has not taken what was written to it ([Errno 5] Write timeout over)",
        ),
        (3, "has taken only 3 of 16 bytes"),
    ],
)
def test_a_start_that_the_line_does_not_take_whole_is_a_fault(
    line: Line, failure: Exception | int, words: str
) -> None:
    """Two stops follow: the first ends the broken command, the second is heard."""
    line.fails = [failure]
    device = SerialLine(serial_device(), line)
    assert line.has(STOP)
    device.start(HEAT)
    assert fault_of(device) == f"the stimulator at COM3 {words}"
    assert line.written[-1] == STOP + STOP
    device.close()


def test_a_stop_that_the_line_does_not_take_is_tried_until_it_does(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And the fault is told meanwhile."""
    refused: list[bytes] = []

    def refuse(data: bytes, /) -> int:
        refused.append(data)
        raise OSError("no carrier")

    take = line.write
    monkeypatch.setattr(line, "write", refuse)
    device = SerialLine(serial_device(), line)
    assert fault_of(device) == "the stimulator at COM3 has not taken what was written to it (no carrier)"
    monkeypatch.setattr(line, "write", take)
    assert line.has(STOP + STOP)
    assert refused[0] == STOP
    device.close()


def test_nothing_begins_on_a_line_that_is_closed(line: Line) -> None:
    """Nor does a second closing do anything."""
    device = SerialLine(serial_device(), line)
    device.close()
    device.close()
    with pytest.raises(StimulatorFault, match=r"^the stimulator at COM3 is closed$"):
        device.start(HEAT)
    assert line.written == [STOP, STOP]
    assert line.closed.is_set()


def test_a_level_that_the_template_cannot_write_is_never_written(line: Line) -> None:
    """Not rounded: refused."""
    device = SerialLine(serial_device(), line)
    with pytest.raises(StimulatorFault, match=r"COM3 \{level:.1f\} would write 46.2 for 46.25$"):
        device.start(Stimulus("heat", 46.25, "°C", 4.0, 0.0))
    device.close()
    assert set(line.written) == {STOP}


def test_a_simulated_session_opens_no_port() -> None:
    """Whatever the file says; by hand there is nothing to open."""
    device = open_stimulator(laboratory("/dev/nowhere"), simulated=True)
    assert isinstance(device, Simulated)
    rehearsal = Laboratory.of_record(
        {**laboratory("COM3").as_record(), "stimulator": {"kind": "simulated", "modality": "heat"}}
    )
    assert isinstance(open_stimulator(rehearsal, simulated=False), Simulated)
    by_hand = Laboratory.of_record({"ceilings": rehearsal.as_record()["ceilings"]})
    assert open_stimulator(by_hand, simulated=False) is None
    assert open_stimulator(None, simulated=False) is None


class Found:
    """A port of this computer."""

    def __init__(self, device: str) -> None:
        self.device = device


@pytest.mark.parametrize(
    ("there", "words"),
    [([], "there is none at all"), (["COM7"], "there is COM7"), (["COM7", "COM4"], "there are COM4, COM7")],
)
def test_a_port_that_is_not_there_is_named_with_those_that_are(
    monkeypatch: pytest.MonkeyPatch, there: list[str], words: str
) -> None:
    """In one line with file and key, before anybody sits down."""
    monkeypatch.setattr(list_ports, "comports", lambda: [Found(port) for port in there])
    with pytest.raises(DefinitionError) as refused:
        open_stimulator(laboratory("COM99"), simulated=False, file=Path("laboratory.toml"))
    assert str(refused.value) == (
        f'laboratory.toml: stimulator.port = "COM99": there is no such port; {words}'
    )


@pty
def test_a_port_that_another_program_has_open_is_refused(terminal: Terminal, opened: Opened) -> None:
    """Two programs that tell one device what to do know nothing of each other's ceilings."""
    opened()
    with pytest.raises(
        DefinitionError, match=r'stimulator\.port = "/dev/.*": cannot be opened \('
    ) as refused:
        open_stimulator(laboratory(terminal.port), simulated=False)
    assert str(refused.value).isprintable()


@pty
def test_a_file_that_is_no_port_is_refused(tmp_path: Path) -> None:
    """In one line, too."""
    file = tmp_path / "notes.txt"
    file.write_text("no port", encoding="utf-8")
    with pytest.raises(DefinitionError, match=r"notes.txt\": cannot be opened \("):
        open_stimulator(laboratory(str(file)), simulated=False)


def test_the_driver_in_the_documents_works(line: Line) -> None:
    """As it stands there, behind the limits."""
    text = (Path(__file__).resolve().parents[2] / "docs" / "pain.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    names: dict[str, Any] = {}
    exec(compile(block, "docs/pain.md", "exec"), names)
    limited = Limited(laboratory("COM3"), names["Trigger"](line))
    with pytest.raises(OverCeiling):
        limited.start(Stimulus("heat", 48.5, "°C", 4.0, 0.0), 0.0)
    limited.start(HEAT, 0.0)
    limited.end(4.25)
    limited.check()
    limited.close()
    assert line.written[:3] == [b"\x00", b"\x01", b"\x00"]
    assert set(line.written[3:]) == {b"\x00"}
    assert line.closed.is_set()
    assert limited.describe() == {"kind": "trigger"}
