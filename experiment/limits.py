"""What stands between a task and what hurts: nothing above a ceiling, before its rest or beyond the number.

All that tasks get is a `Limited`. Times are given to it (s, session clock), never read from a clock, so that
a recorded session can be gone through again. Its watchdog alone goes by real time, and only ever stops.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Mapping
from types import MappingProxyType

from experiment.definitions.command import below
from experiment.definitions.laboratory import Laboratory, SerialDevice
from experiment.permitting import OverCeiling, is_number, permit
from experiment.stimulator import Stimulator, StimulatorFault, Stimulus

__all__ = ["GRACE_S", "NONE_GIVEN", "Limited", "OverCeiling"]

GRACE_S = 0.25
"""How long after the end of a stimulus the watchdog stops the device, where the frame loop has not."""

_SAME_S = 1e-6
"""Times are kept to the microsecond; what floating point adds to a difference is less."""

NONE_GIVEN: Mapping[str, int] = MappingProxyType({})


class Limited:
    """A stimulator, or none where stimuli are given by hand, within what the laboratory has agreed to.

    Parameters
    ----------
    laboratory
        The ceilings. None is for simulated sessions alone, in which nothing is given to anybody.
    device
        What drives stimuli of the modality of the laboratory's stimulator; other modalities are by hand.
    given
        How many stimuli earlier segments of this session gave, by modality.
    felt
        Is told of each stimulus that has begun.
    simulated
        Whether nobody is there. What has a ceiling keeps to it; what has none needs none.

    Raises
    ------
    ValueError
        For a device without a laboratory that has one, and for counts below 0.
    """

    def __init__(
        self,
        laboratory: Laboratory | None,
        device: Stimulator | None = None,
        *,
        given: Mapping[str, int] = NONE_GIVEN,
        felt: Callable[[Stimulus], None] = lambda _stimulus: None,
        simulated: bool = False,
    ) -> None:
        stimulator = laboratory.stimulator if laboratory is not None else None
        if device is not None and stimulator is None:
            raise ValueError("a device needs a laboratory that says what it is and how far it may go")
        if any(count < 0 for count in given.values()):
            raise ValueError(f"given = {dict(given)}: counts are 0 or more")
        self._laboratory = laboratory
        self._device = device
        self._drives = stimulator.modality if device is not None and stimulator is not None else None
        self._given = dict(given)
        self._felt = felt
        self._simulated = simulated
        self._on: Stimulus | None = None
        self._began = 0.0
        # A session that goes on has rested since its first moment: nobody knows what was before.
        self._ended: float | None = 0.0 if any(given.values()) else -math.inf
        self._watchdog: _Watchdog | None = None
        self._cut: Stimulus | None = None
        self._stopped = object()
        self._fault = ""
        self._told = False
        self._closed = False

    @property
    def on(self) -> Stimulus | None:
        """Return the stimulus that is on."""
        return self._on

    @property
    def since(self) -> float | None:
        """Return when the stimulus that is on began (s), or None where none is on."""
        return None if self._on is None else self._began

    @property
    def ended(self) -> float | None:
        """Return when the last stimulus ended (s), or None where there was none or nobody knows."""
        return None if self._ended is None or math.isinf(self._ended) else self._ended

    @property
    def given(self) -> Mapping[str, int]:
        """Return how many stimuli of each modality this session has had, in all its segments."""
        return MappingProxyType(self._given)

    def is_driven(self, modality: str) -> bool:
        """Return whether a device gives the stimuli of a modality, or somebody by hand."""
        return self._drives == modality

    def cut(self) -> Stimulus | None:
        """Return, once, the stimulus that the watchdog had to stop, since the frame loop hung."""
        cut, self._cut = self._cut, None
        return cut

    def ready_at(self, rest_s: float) -> float:
        """Return from when on a stimulus with this rest may begin (s); -inf where there was none before."""
        return math.inf if self._on is not None or self._ended is None else self._ended + rest_s

    def rested(self, at: float) -> float | None:
        """Return how long ago the last stimulus ended (s), or None where there was none or nobody knows."""
        return None if self.ended is None else at - self.ended

    def left(self, modality: str) -> float:
        """Return how many more stimuli of a modality may be given in this session; inf without a ceiling."""
        ceiling = self._laboratory.ceiling(modality) if self._laboratory is not None else None
        return math.inf if ceiling is None else ceiling.number - self._given.get(modality, 0)

    def bounds(self, modality: str) -> tuple[float, float]:
        """Return the lowest and the highest level that is allowed; infinite where there is no ceiling."""
        ceiling = self._laboratory.ceiling(modality) if self._laboratory is not None else None
        return (-math.inf, math.inf) if ceiling is None else ceiling.range()

    def tellable(self, modality: str, level: float) -> float:
        """Return the highest level, up to this one, that the device of a modality can be told exactly."""
        device = self._laboratory.stimulator if self._laboratory is not None else None
        if isinstance(device, SerialDevice) and device.modality == modality:
            return below(device.start, level)
        return level

    def permit(self, stimulus: Stimulus) -> None:
        """Refuse what may at no time be given in this session; ask before anybody is told to give it.

        Raises
        ------
        OverCeiling
            Naming what is over which ceiling.
        """
        given = self._given.get(stimulus.modality, 0)
        permit(stimulus, self._laboratory, given, simulated=self._simulated)

    def allow(self, stimulus: Stimulus, at: float) -> None:
        """Refuse what may not begin now; nothing begins.

        Raises
        ------
        OverCeiling
            Where it is not allowed, or not yet.
        StimulatorFault
            Where the device has failed before.
        """
        self.check()
        self.permit(stimulus)
        self._rested(stimulus, at)

    def start(self, stimulus: Stimulus, at: float) -> None:
        """Begin a stimulus, on the device where it drives this modality.

        Raises
        ------
        OverCeiling
            Where it is not allowed, or not yet; nothing has reached the device.
        StimulatorFault
            Where the device has failed, now or before.
        """
        self.allow(stimulus, at)
        driven = self._device if stimulus.modality == self._drives else None
        # The watchdog comes first: where there can be none, nothing begins; and it stops a start that hangs.
        watchdog = _Watchdog(stimulus.duration_s + GRACE_S, self._overran) if driven is not None else None
        self._given[stimulus.modality] = self._given.get(stimulus.modality, 0) + 1
        self._on, self._began, self._watchdog = stimulus, at, watchdog
        if driven is not None:
            self._drive(driven, stimulus, at)
        self._felt(stimulus)

    def _drive(self, device: Stimulator, stimulus: Stimulus, at: float) -> None:
        """Have the device begin; what begins although it was stopped meanwhile, or raised, is stopped."""
        stopped = self._stopped
        try:
            device.start(stimulus)
        except Exception as error:  # noqa: BLE001 - whatever a driver raises is a fault of the device
            self._failed(_in_words(error))
            self._over(at)
            self._tell_fault()
        if self._stopped is not stopped:
            self._failed("the device was stopped before it had taken the start")
            self._over(at)
            self._tell_fault()

    def _rested(self, stimulus: Stimulus, at: float) -> None:
        """Refuse a start while another is on, or before its rest."""
        if self._closed:
            raise OverCeiling("the session has closed its stimulator")
        if not is_number(at):
            raise OverCeiling(f"at = {at} is no time")
        if self._on is not None:
            raise OverCeiling(f"{self._on.modality} is still on; one stimulus at a time")
        if self._ended is None:
            self._ended = at  # when it ended is not known, only that it was before now
        rested = at - self._ended
        if rested < stimulus.rest_s - _SAME_S or rested < 0:
            raise OverCeiling(
                f"{stimulus.modality}: {rested:.3f} s since the last stimulus; it needs {stimulus.rest_s:g} s"
            )

    def end(self, at: float) -> Stimulus | None:
        """End the stimulus that is on, its time being over; return it, or None where none was on.

        The device is told to stop, whether it keeps the time itself or not.
        """
        return self._finish(at)

    def stop(self, at: float) -> Stimulus | None:
        """Stop the stimulus that is on before its time; return it, or None where none was on.

        The device is told to stop in every case, from whichever thread, also while a start hangs. Where it
        fails to, `check` tells, so that whoever stops can go on.
        """
        return self._finish(at)

    def _finish(self, at: float) -> Stimulus | None:
        self._tell_stop()
        return self._over(at)

    def _over(self, at: float) -> Stimulus | None:
        """Keep that nothing is on any more, and since when, as far as that is known."""
        watchdog, self._watchdog = self._watchdog, None
        if watchdog is not None:
            watchdog.cancel()
        was, self._on = self._on, None
        if was is not None:
            self._ended = at if is_number(at) and at >= self._began else None
        return was

    def check(self) -> None:
        """Raise what has gone wrong with the device; to be asked in every frame in which it may be on.

        Raises
        ------
        StimulatorFault
            With what is wrong in one line; the device was told to stop.
        """
        if not self._fault and self._device is not None:
            try:
                self._device.check()
            except Exception as error:  # noqa: BLE001 - whatever a driver raises is a fault of the device
                self._failed(_in_words(error))
        self._tell_fault()

    def describe(self) -> Mapping[str, object]:
        """Return what gives the stimuli, for the journal."""
        return {"kind": "by_hand"} if self._device is None else dict(self._device.describe())

    def close(self) -> None:
        """Stop, and give the device back; nothing begins after that.

        Raises
        ------
        StimulatorFault
            Where the device could not be told to stop, or has failed and nobody was told.
        """
        if self._closed:
            return
        self._closed = True
        self._fault = "" if self._told else self._fault
        self._finish(math.nan)
        if self._device is not None:
            try:
                self._device.close()
            except Exception as error:  # noqa: BLE001 - whatever a driver raises is a fault of the device
                self._fault = self._fault or _in_words(error)
        self._tell_fault()

    def _overran(self) -> None:
        """Stop the device from the watchdog's thread."""
        self._cut = self._on
        self._tell_stop()

    def _tell_stop(self) -> None:
        self._stopped = object()
        if self._device is None:
            return
        try:
            self._device.stop()
        except Exception as error:  # noqa: BLE001 - told by `check`: nothing may keep a stop from going on
            self._fault = self._fault or _in_words(error)

    def _tell_fault(self) -> None:
        if self._fault:
            self._told = True
            raise StimulatorFault(self._fault)

    def _failed(self, problem: str) -> None:
        """Stop a device that has failed, and keep what was wrong first."""
        self._tell_stop()
        self._fault = problem


class _Watchdog:
    """Calls once, after a time, unless it is cancelled before; in a thread that ends with the program."""

    def __init__(self, after_s: float, call: Callable[[], None]) -> None:
        self._call = call
        self._cancelled = False
        self._timer = threading.Timer(after_s, self._bark)
        self._timer.daemon = True
        try:
            self._timer.start()
        except RuntimeError as error:
            raise StimulatorFault(f"nothing would stop the device if the screen hung ({error})") from error

    def cancel(self) -> None:
        self._cancelled = True
        self._timer.cancel()

    def _bark(self) -> None:
        if not self._cancelled:
            self._call()


def _in_words(error: Exception) -> str:
    return str(error) or type(error).__name__
